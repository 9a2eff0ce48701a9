"""What goes wrong among processes: workers, schedulers and lines that end, and what is left of the work then.

Everything runs on this machine. Nothing waits for seconds: a test waits for what is to happen.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

pytest.importorskip("dask.distributed")

from nnlib import MSE, SGD, Adam, Dense, Layer, Momentum, Network, Tanh, scaling  # noqa: E402
from nnlib.scaling import DataParallel, clusters, sweep  # noqa: E402

HERE = {"127.0.0.1"}
GRID = {"seeds": [0, 1, 2], "rates": [0.1, 1, 10.0]}


def until(condition):
    """Wait for what is to happen; pytest ends what never does."""
    while not (found := condition()):
        time.sleep(0.01)
    return found


@pytest.fixture(scope="module")
def shared():
    with scaling.cluster(workers=2) as client:
        yield client


@pytest.fixture
def client(shared):
    """A client with two workers; one that a test before has killed is there again."""
    shared.wait_for_workers(2)
    return shared


def train_for(folder):
    """Return a function to be swept. It notes each call, and its first one goes on when `on` is there.

    Workers get a function of a function whole, and need no module of these tests.
    """

    def train(seed, rate):
        import os
        import time
        from pathlib import Path

        import numpy as np

        place = Path(folder)
        (place / f"called-{seed}-{rate}-{os.getpid()}").touch()
        while (seed, rate) == (0, 0.1) and not (place / "on").exists():
            time.sleep(0.01)
        if rate > 5:
            raise ValueError("a rate above 5.")
        A = np.random.default_rng(seed).standard_normal((100, 100))
        return {"norm": float(np.linalg.norm(A @ A)), "rate": rate}

    return train


@pytest.fixture
def notes(tmp_path):
    (tmp_path / "notes").mkdir()
    return tmp_path / "notes"


@pytest.fixture
def train(notes):
    (notes / "on").touch()
    return train_for(str(notes))


def calls(notes):
    return [path.name.split("-")[1:] for path in notes.glob("called-*")]


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def whole(train, tmp_path, notes):
    """The files of the sweep in this process."""
    sweep(train, **GRID, folder=tmp_path / "whole")
    for path in notes.glob("called-*"):
        path.unlink()
    return contents(tmp_path / "whole")


# The cluster


def listening(process):
    return {c.laddr.ip for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN}


def test_nobody_else_is_listened_to(client):
    """Scheduler, dashboard and workers: no socket of theirs is open to another machine."""
    me = psutil.Process()
    pids = client.run(os.getpid).values()
    assert set(pids) <= {child.pid for child in me.children(recursive=True)} and len(pids) == 2
    for process in (me, *map(psutil.Process, pids)):
        assert listening(process) == HERE
    for process in me.children(recursive=True):
        assert listening(process) <= HERE
    assert client.dashboard_link.startswith("http://127.0.0.1:")
    for address in (client.scheduler.address, *client.nthreads()):
        assert address.startswith("tcp://127.0.0.1:")


def test_a_worker_has_one_thread(client):
    def blas():
        import numpy as np
        from threadpoolctl import threadpool_info

        np.ones((2, 2)) @ np.ones((2, 2))
        return {library["num_threads"] for library in threadpool_info()}

    assert set(client.nthreads().values()) == {1}
    assert all(found == {1} for found in client.run(blas).values())


def test_an_interrupt_of_all_processes_ends_no_worker(client):
    """It is meant for the notebook; JupyterLab sends it to the workers, too."""
    before = client.run(os.getpid)
    for pid in before.values():
        os.kill(pid, signal.SIGINT)
    ignored = client.run(lambda: signal.getsignal(signal.SIGINT) == signal.SIG_IGN)
    assert ignored == dict.fromkeys(before, True)
    assert client.run(os.getpid) == before


def test_all_ends_with_the_block():
    before = dict(os.environ)
    known = set(psutil.Process().children(recursive=True))
    with pytest.raises(ValueError, match="mine"), scaling.cluster(workers=1) as client:
        started = set(psutil.Process().children(recursive=True)) - known
        (worker,) = client.run(os.getpid).values()
        assert worker in {process.pid for process in started}
        raise ValueError("mine")
    assert not psutil.pid_exists(worker) and client.status == "closed"
    left = {process for process in started if process.is_running()}
    assert all("resource_tracker" in " ".join(process.cmdline()) for process in left)  # Python's own
    assert dict(os.environ) == before


SCRIPT = """
import os, time
from nnlib import scaling

{guard}
    with scaling.cluster(workers=1) as client:
        print(*client.run(os.getpid).values(), flush=True)
        client.submit(time.sleep, 1000).result()
"""
PYTHON_PATH = {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}


def script(folder, guard):
    path = folder / "script.py"
    path.write_text(SCRIPT.format(guard=guard))
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    return subprocess.Popen([sys.executable, str(path)], env=os.environ | PYTHON_PATH, **options)


@pytest.mark.parametrize("whom", ["the script", "all its processes"])
def test_an_interrupt_leaves_nothing_running(whom, tmp_path):
    """Stop in JupyterLab and ctrl-C in a terminal interrupt the workers, too."""
    with script(tmp_path, 'if __name__ == "__main__":') as process:
        worker = psutil.Process(int(process.stdout.readline()))
        (os.kill if whom == "the script" else os.killpg)(process.pid, signal.SIGINT)
        assert process.communicate()[1].rstrip().endswith("KeyboardInterrupt")
        assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE


def test_a_script_without_its_guard_is_told(tmp_path):
    with script(tmp_path, "if True:") as process:
        said = process.communicate()[1]
    assert process.returncode == 1
    assert 'In a script a cluster is started under `if __name__ == "__main__":`' in said.splitlines()[-1]


def test_what_is_no_client_is_told(tmp_path):
    with pytest.raises(TypeError, match="client is a str; expected one of Dask's"):
        sweep(pow, seeds=[1], rates=[0.1], folder=tmp_path / "sweep", client="tcp://127.0.0.1:8786")
    assert list(tmp_path.iterdir()) == []


# A sweep


def test_one_process_and_the_cluster_give_the_same_bytes(client, train, whole, notes, tmp_path):
    """Of the tasks that fail as well."""
    result = sweep(train, **GRID, folder=tmp_path / "many", client=client)
    assert contents(tmp_path / "many") == whole and len(calls(notes)) == 9
    assert result.errors == {(seed, 10.0): "ValueError: a rate above 5." for seed in range(3)}
    assert len({pid for *_, pid in calls(notes)}) == 2 and str(os.getpid()) not in {
        p for *_, p in calls(notes)
    }


def killing(notes):
    """Kill the process that waits in its first task, then let that go on wherever it is begun again."""

    def kill():
        (path,) = until(lambda: list(notes.glob("called-0-0.1-*")))
        os.kill(int(path.name.rpartition("-")[2]), signal.SIGKILL)
        (notes / "on").touch()

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def test_a_killed_worker_costs_time(client, train, whole, notes, tmp_path):
    (notes / "on").unlink()
    thread = killing(notes)
    result = sweep(train, **GRID, folder=tmp_path / "killed", client=client)
    thread.join()
    assert contents(tmp_path / "killed") == whole and result.lost == {}
    assert len({pid for seed, rate, pid in calls(notes) if (seed, rate) == ("0", "0.1")}) == 2


def test_a_task_that_ends_every_worker_is_told(client, monkeypatch, tmp_path):
    monkeypatch.setattr(client.cluster.scheduler, "allowed_failures", 0)  # 3: Dask's own, four processes

    def fatal(seed, rate):
        import os

        return os._exit(1) if seed else rate

    result = sweep(fatal, seeds=[0, 1], rates=[0.5], folder=tmp_path, client=client)
    assert list(result.lost) == [(1, 0.5)] and "the worker's process ended under it" in result.lost[1, 0.5]
    assert result.values("value")[0].tolist() == [0.5] and result.errors == {}
    assert sorted(contents(tmp_path)) == ["seed-0-rate-0.5.json", "sweep.json"]


def test_a_stopped_sweep_goes_on_from_what_is_done(client, train, whole, notes, tmp_path):
    def stop(result):
        if result.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(train, **GRID, folder=tmp_path / "stopped", client=client, progress=stop)
    kept = contents(tmp_path / "stopped")
    assert len(kept) == 4
    until(lambda: not client.cluster.scheduler.tasks)  # what had not begun never will
    for path in notes.glob("called-*"):
        path.unlink()
    done = []
    sweep(
        train,
        **GRID,
        folder=tmp_path / "stopped",
        client=client,
        progress=lambda result: done.append(result.done),
    )
    assert done == [3, 4, 5, 6, 7, 8, 9]
    assert not {f"seed-{seed}-rate-{rate}.json" for seed, rate, _ in calls(notes)} & set(kept)
    assert contents(tmp_path / "stopped") == whole


def test_a_full_disk_ends_it_with_whole_files(client, train, whole, tmp_path, fill_disk):
    empty_it = fill_disk(after=3)
    with pytest.raises(OSError, match=r"cannot be written \(No space left on device\)"):
        sweep(train, **GRID, folder=tmp_path / "full", client=client)
    kept = contents(tmp_path / "full")
    assert len(kept) == 3 and kept.items() <= whole.items()
    empty_it()
    sweep(train, **GRID, folder=tmp_path / "full", client=client)
    assert contents(tmp_path / "full") == whole


def test_what_cannot_be_sent_is_told(client, tmp_path):
    lock = threading.Lock()

    def train(seed, rate):
        with lock:
            return seed

    with pytest.raises(TypeError, match="train cannot be sent to another process .*lock.*; expected"):
        sweep(train, seeds=[0], rates=[0.1], folder=tmp_path, client=client)


# Shards

OPTIMIZERS = {"SGD": lambda p: SGD(p, 0.1), "Momentum": lambda p: Momentum(p, 0.05), "Adam": Adam}


def network(*layers):
    rng = np.random.default_rng(1)
    options = {"rng": rng, "dtype": np.float64}
    return Network(Dense(5, 8, **options), Tanh(), *layers, Dense(8, 3, **options))


def shards(n=40):
    rng = np.random.default_rng(2)
    X, Y = rng.standard_normal((n, 5)), rng.standard_normal((n, 3))
    return [(X[:9], Y[:9]), (X[9:12], Y[9:12]), (X[12:], Y[12:])]


def batches():
    return [np.random.default_rng(k).permutation(40)[:17] for k in range(10)]


def one_machine(make):
    """Return the weights after ten steps of a single network."""
    net = network()
    optimizer = make(net.params)
    X, Y = (np.concatenate(arrays) for arrays in zip(*shards(), strict=True))
    for rows in batches():
        net.backward(MSE().gradient(net.forward(X[rows]), Y[rows]))
        optimizer.step(net.grads)
    return net.params


def differences(params, others):
    return max(np.abs(p - q).max() for p, q in zip(params, others, strict=True))


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_the_cluster_gives_the_weights_of_one_machine(client, make):
    nets = [network(), network()]
    for net, where in zip(nets, (None, client), strict=True):
        parallel = DataParallel(net, MSE(), make(net.params), shards(), where)
        values = [parallel.step(rows) for rows in batches()]
        n_bytes = sum(p.nbytes for p in net.params)
        asked = sum(len({np.digitize(row, [9, 12]).item() for row in rows}) for rows in batches())
        assert parallel.sent == parallel.received == asked * n_bytes
        assert parallel.sent_once == 40 * (5 + 3) * 8 and parallel.restarts == 0
        assert parallel.round_trip(1000) > 0 and all(np.isfinite(values))
    assert differences(nets[0].params, nets[1].params) == 0
    assert differences(nets[1].params, one_machine(make)) < 1e-10


def meeting(folder):
    """Return a layer that hands on what comes; in the process whose number is in `wanted` it stays."""

    class Meeting(Layer):
        def forward(self, X, training=False):
            import os
            import time
            from pathlib import Path

            place = Path(folder)
            wanted = place / "wanted"
            while wanted.exists() and wanted.read_text() == str(os.getpid()):
                (place / "there").touch()
                time.sleep(0.01)
            return X

        def backward(self, dY):
            return dY

    return Meeting()


@pytest.mark.parametrize("when", ["in the middle of a step", "between two steps"])
def test_a_killed_worker_costs_no_result(client, when, tmp_path):
    net = network(meeting(str(tmp_path)))
    parallel = DataParallel(net, MSE(), Adam(net.params), shards(), client)
    pids = list(client.run(os.getpid).values())

    def kill():
        if when == "in the middle of a step":
            until(lambda: (tmp_path / "there").exists())
        os.kill(pids[0], signal.SIGKILL)

    for step, rows in enumerate(batches()):
        thread = threading.Thread(target=kill)
        if step == 4:
            (tmp_path / "new").write_text(str(pids[0]))
            if when == "in the middle of a step":
                os.replace(tmp_path / "new", tmp_path / "wanted")  # whole at once
            thread.start()
            if when == "between two steps":
                thread.join()
                until(lambda: pids[0] not in client.run(os.getpid, on_error="ignore").values())
        parallel.step(rows)
        if step == 4:
            thread.join()
    assert differences(net.params, one_machine(Adam)) < 1e-10
    assert parallel.restarts in (1, 2) and parallel.sent_once > 40 * (5 + 3) * 8
    again = network()
    parallel = DataParallel(again, MSE(), Adam(again.params), shards())
    for rows in batches():
        parallel.step(rows)
    assert differences(net.params, again.params) == 0


def test_an_error_of_a_layer_is_told_as_it_is(client):
    class Choosy(Layer):
        def forward(self, X, training=False):
            if training:
                raise OSError("a message of a reader's own.")
            return X

    net = network(Choosy())
    parallel = DataParallel(net, MSE(), SGD(net.params, 0.1), shards(), client)
    with pytest.raises(OSError, match="a message of a reader's own"):
        parallel.step()
    assert parallel.restarts == 0


# A scheduler elsewhere


class Line:
    """A line to a port of this machine, which can be cut."""

    def __init__(self, port):
        self.port_behind = port
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        self.ends = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                one, _ = self.door.accept()
            except OSError:
                return
            other = socket.create_connection(("127.0.0.1", self.port_behind))
            self.ends += [one, other]
            for pair in ((one, other), (other, one)):
                threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, one, other):
        with contextlib.suppress(OSError):
            while some := one.recv(2**16):
                other.sendall(some)
            other.shutdown(socket.SHUT_WR)

    def cut(self):
        for end in [self.door, *self.ends]:
            with contextlib.suppress(OSError):  # the other end was quicker
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


class Elsewhere:
    """A scheduler and workers as a reader starts them in a terminal."""

    def __init__(self):
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.processes = []
        self.scheduler = self.run("scheduler", "--port", str(self.port))
        until(lambda: answers(self.port))

    def run(self, program, *options):
        # Without the second one a worker opens its pages to all machines; --no-dashboard does not help.
        here = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
        command = [sys.executable, "-m", f"distributed.cli.dask_{program}", *here, *options]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, env=os.environ | PYTHON_PATH, **quiet)
        self.processes.append(process)
        return process

    def add_worker(self):
        self.run("worker", self.address, "--nthreads", "1", "--no-nanny")

    def cut(self):
        self.scheduler.kill()

    def stop(self):
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()


@pytest.fixture
def elsewhere():
    there = Elsewhere()
    yield there
    there.stop()


def test_an_address_where_nobody_answers_is_told(monkeypatch):
    monkeypatch.setattr(clusters, "PATIENCE", "1s")
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(ConnectionError, match=f"nobody answers at {address} .*expected a scheduler"):
        with scaling.cluster(address=address):
            pass


@pytest.mark.parametrize("address", ["", "tcp://127.0.0.1:99999"])
def test_what_is_no_address_is_told(address, monkeypatch):
    monkeypatch.setattr(clusters, "PATIENCE", "1s")
    with pytest.raises(ConnectionError, match="nobody answers at"):
        with scaling.cluster(address=address):
            pass


@pytest.mark.parametrize("fault", ["a killed scheduler", "a line that is cut"])
def test_without_a_scheduler_it_ends_and_all_is_kept(fault, elsewhere, train, whole, tmp_path, monkeypatch):
    with monkeypatch.context() as quickly:
        quickly.setattr(clusters, "PATIENCE", "1s")
        with pytest.raises(ConnectionError, match="has no workers; start one there"):
            with scaling.cluster(address=elsewhere.address):
                pass
    for _ in range(2):
        elsewhere.add_worker()
    line = Line(elsewhere.port) if fault == "a line that is cut" else elsewhere

    def end(result):
        if result.done == 2:
            line.cut()

    net, other = network(), network()
    with scaling.cluster(address=f"tcp://127.0.0.1:{line.port}") as client:
        client.wait_for_workers(2)
        for process in elsewhere.processes:
            assert listening(psutil.Process(process.pid)) == HERE
        parallel = DataParallel(net, MSE(), Adam(net.params), shards(), client)
        for rows in batches()[:3]:
            parallel.step(rows)
        with pytest.raises(ConnectionError, match="the scheduler at tcp://.* does not answer any more"):
            sweep(train, **GRID, folder=tmp_path / "sweep", client=client, progress=end)
        before = [p.copy() for p in net.params]
        with pytest.raises(ConnectionError, match="does not answer any more"):
            parallel.step(batches()[3])
        with pytest.raises(ConnectionError, match="does not answer any more"):
            sweep(train, **GRID, folder=tmp_path / "sweep", client=client)
    assert differences(net.params, before) == 0 and parallel.optimizer.t == 3
    kept = contents(tmp_path / "sweep")
    assert len(kept) >= 3 and kept.items() <= whole.items()

    sweep(train, **GRID, folder=tmp_path / "sweep")
    assert contents(tmp_path / "sweep") == whole
    parallel = DataParallel(net, MSE(), parallel.optimizer, shards())
    for rows in batches()[3:]:
        parallel.step(rows)
    parallel = DataParallel(other, MSE(), Adam(other.params), shards())
    for rows in batches():
        parallel.step(rows)
    assert differences(net.params, other.params) == 0
