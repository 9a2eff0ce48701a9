"""More than one worker: what it costs, and that shards and sweeps give what one machine gives."""

import doctest
import errno
import importlib
import io
import json
import math
import signal
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from nnlib import MSE, SGD, Adam, Dense, Momentum, Network, SoftmaxCrossEntropy, Tanh, scaling
from nnlib.scaling import Costs, DataParallel, Sweep, _remote, sweep
from nnlib.teach import plots

MODULES = [importlib.import_module(f"nnlib.scaling.{name}") for name in ("costs", "parallel", "sweeps")]
COSTS = Costs(per_sample=2e-5, bandwidth=1e9, latency=1e-4)
ALL_REDUCES = [scaling.ring, scaling.tree, scaling.server]
each_all_reduce = pytest.mark.parametrize("all_reduce", ALL_REDUCES, ids=lambda f: f.__name__)


def test_importing_loads_no_dask():
    command = "import sys; from nnlib import scaling; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert {"nnlib.scaling", "numpy"} <= set(done.stdout.split())
    assert not {"dask", "distributed", "matplotlib", "threadpoolctl"} & set(done.stdout.split())


def test_all_names_exist():
    names = [name for module in (*MODULES, scaling.clusters) for name in module.__all__]
    assert sorted(names) == sorted(scaling.__all__)
    for name in names:
        assert "See notebooks/15_scaling_out.ipynb" in getattr(scaling, name).__doc__


EXAMPLES = [test for module in MODULES for test in doctest.DocTestFinder().find(module) if test.examples]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda test: test.name)
def test_an_example_gives_what_it_says(example, rng, tmp_path):
    X, Y = rng.standard_normal((100, 4)), rng.standard_normal((100, 2))
    net = Network(Dense(4, 8, rng=rng), Tanh(), Dense(8, 2, rng=rng))
    optimizer = SGD(net.params, lr=0.1)
    names = {"np": np, "rng": rng, "net": net, "X": X, "Y": Y, "loss": MSE(), "optimizer": optimizer}
    example.globs = {name: getattr(scaling, name) for name in scaling.__all__} | names
    example.globs["folder"] = tmp_path / "sweep"
    report = io.StringIO()
    assert doctest.DocTestRunner().run(example, out=report.write).failed == 0, report.getvalue()


# Costs: the formulas against what really travels, counted message by message


def ring_by_hand(p, n):
    """Return the rounds of a ring with p chunks, and the bytes of each: reduce, then gather."""
    return 2 * (p - 1), n / p


def tree_by_hand(p, n):
    rounds = 0
    while p > 1:
        p = -(-p // 2)
        rounds += 1
    return 2 * rounds, n


@pytest.mark.parametrize("p", [1, 2, 3, 4, 5, 8, 9, 1000, 1024, 1025])
def test_rounds_are_counted(p):
    for all_reduce, by_hand in ((scaling.ring, ring_by_hand), (scaling.tree, tree_by_hand)):
        rounds, size = by_hand(p, 5e6)
        expected = rounds * (size / COSTS.bandwidth + COSTS.latency)
        assert all_reduce(p, 5e6, COSTS) == pytest.approx(expected, rel=1e-12)
    expected = 0 if p == 1 else 2 * (p * 5e6 / COSTS.bandwidth + COSTS.latency)
    assert scaling.server(p, 5e6, COSTS) == pytest.approx(expected, rel=1e-12)


@each_all_reduce
def test_one_worker_sends_nothing(all_reduce):
    assert all_reduce(1, 1e9, COSTS) == 0
    assert scaling.step_time(1, 50, 1e9, COSTS, all_reduce=all_reduce) == pytest.approx(50 * 2e-5)
    assert scaling.speed_up(1, 50, 1e9, COSTS, all_reduce=all_reduce) == 1


@each_all_reduce
def test_numbers_and_arrays(all_reduce):
    p = np.array([[1], [2], [8]])
    T = scaling.step_time(p, [64, 512], 4e5, COSTS, all_reduce=all_reduce)
    assert T.shape == (3, 2)
    for i, j in np.ndindex(T.shape):
        one = scaling.step_time(int(p[i, 0]), [64, 512][j], 4e5, COSTS, all_reduce=all_reduce)
        assert type(one) is float and one == T[i, j]
    speeds = scaling.speed_up(p, [64, 512], 4e5, COSTS, all_reduce=all_reduce)
    assert (speeds == T[0] / T).all()


def test_without_communication_the_speed_up_is_p():
    free = Costs(per_sample=1e-5, bandwidth=math.inf, latency=0)
    assert scaling.speed_up([1, 2, 7], 64, 4e5, free).tolist() == [1, 2, 7]
    assert math.isnan(scaling.speed_up(2, 0, 0, free))


@each_all_reduce
def test_costs_are_found_again(all_reduce, rng):
    rows = [(p, B, n) for p in (1, 2, 5) for B in (0, 64, 512) for n in (1e3, 4e5, 3e6) if p > 1 or B]
    times = [scaling.step_time(*row, COSTS, all_reduce=all_reduce) for row in rows]
    found = scaling.fit(np.column_stack([rows, times]), all_reduce=all_reduce)
    for name in ("per_sample", "bandwidth", "latency"):
        assert getattr(found, name) == pytest.approx(getattr(COSTS, name), rel=1e-9)
    noisy = times * rng.normal(1, 0.02, len(rows))
    found = scaling.fit(np.column_stack([rows, noisy]), all_reduce=all_reduce)
    for name in ("per_sample", "bandwidth", "latency"):
        assert getattr(found, name) == pytest.approx(getattr(COSTS, name), rel=0.1)


def test_no_cost_is_below_zero():
    """Larger messages that were quicker by chance cost nothing: the rest is fitted without them."""
    rows = [(1, 100, 0, 1e-3), (2, 0, 1e3, 2.2e-3), (2, 0, 1e6, 2e-3), (2, 100, 1e3, 2.6e-3)]
    found = scaling.fit(rows)
    assert found.bandwidth == math.inf and found.latency == pytest.approx(1e-3, rel=0.1)
    assert found.per_sample == pytest.approx(1e-5, rel=0.1)


# Stragglers


def test_all_wait_for_the_slowest(rng):
    run = scaling.simulate(5, 100, 4e5, COSTS, steps=7, spread=0.5, rng=rng)
    assert run.compute.shape == (7, 5) and run.compute.min() >= 100 * 2e-5 / 5
    assert run.communication == scaling.ring(5, 4e5, COSTS)
    assert (run.seconds == run.compute.max(axis=1) + run.communication).all()
    assert run.wait.min() == 0 and (run.wait.min(axis=1) == 0).all()
    assert np.allclose(run.compute + run.wait + run.communication, run.seconds[:, None])


def test_without_spread_it_is_the_model(rng):
    run = scaling.simulate(8, 512, 4e5, COSTS, steps=3, spread=0, rng=rng, all_reduce=scaling.tree)
    expected = scaling.step_time(8, 512, 4e5, COSTS, all_reduce=scaling.tree)
    assert run.seconds == pytest.approx([expected] * 3) and run.wait.max() == 0


@pytest.mark.parametrize("p", [1, 2, 30, 1000])
def test_the_mean_of_the_slowest(p, rng):
    run = scaling.simulate(p, p, 0, Costs(1.0, math.inf, 0), steps=4000, spread=0.3, rng=rng)
    assert run.seconds.mean() == pytest.approx(scaling.expected_slowest(p, 0.3), rel=0.02)


def test_the_slowest_of_a_few_by_hand():
    assert scaling.expected_slowest([1, 2, 3], 0.6) == pytest.approx([1.6, 1.9, 2.1])
    assert scaling.expected_slowest(4, 0) == 1 and type(scaling.expected_slowest(4, 0)) is float


def test_a_timeline_has_no_gap(rng):
    run = scaling.simulate(6, 100, 4e5, COSTS, steps=5, spread=0.5, rng=rng)
    spans = run.timeline(steps=2, workers=3)
    assert [(s.step, s.worker, s.what) for s in spans] == [
        (step, worker, what) for step in (0, 1) for worker in range(3) for what in ("compute", "wait", "send")
    ]
    for worker in range(3):
        mine = [span for span in spans if span.worker == worker]
        assert mine[0].start == 0
        assert [span.end for span in mine[:-1]] == pytest.approx([span.start for span in mine[1:]])
        assert mine[-1].end == pytest.approx(run.seconds[:2].sum())
        assert all(span.end >= span.start for span in mine)
    assert spans[0].end == pytest.approx(run.compute[0, 0])
    assert len(run.timeline(steps=99, workers=99)) == 5 * 6 * 3


def test_ten_thousand_workers(rng):
    run = scaling.simulate(10_000, 8192, 473_128, COSTS, steps=100, spread=0.5, rng=rng)
    assert run.compute.shape == (100, 10_000)


# Shards


def data(rng, kind, N=60):
    X = rng.standard_normal((N, 5))
    return X, rng.integers(3, size=N) if kind is SoftmaxCrossEntropy else rng.standard_normal((N, 3))


def network(dtype=np.float64):
    rng = np.random.default_rng(1)
    return Network(Dense(5, 8, rng=rng, dtype=dtype), Tanh(), Dense(8, 3, rng=rng, dtype=dtype))


SIZES = [(60,), (1, 59), (30, 30), (7, 20, 33), (1, 1, 1, 57)]
OPTIMIZERS = [lambda p: SGD(p, 0.1), lambda p: Momentum(p, 0.05), lambda p: Adam(p, 0.01)]


@pytest.mark.parametrize("kind", [MSE, SoftmaxCrossEntropy])
@pytest.mark.parametrize("make", OPTIMIZERS, ids=["SGD", "Momentum", "Adam"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_shards_give_the_weights_of_one_machine(sizes, make, kind, rng):
    X, Y = data(rng, kind)
    ends = np.cumsum(sizes)
    shards = [(X[end - n : end], Y[end - n : end]) for end, n in zip(ends, sizes, strict=True)]
    one, many = network(), network()
    optimizer = make(one.params)
    parallel = DataParallel(many, kind(), make(many.params), shards)
    assert parallel.n_samples == 60
    for _ in range(20):
        rows = rng.permutation(60)[:16]
        value, dY = kind().value_and_gradient(one.forward(X[rows]), Y[rows])
        one.backward(dY)
        optimizer.step(one.grads)
        assert parallel.step(rows) == pytest.approx(value, abs=1e-12)
    for p, q in zip(one.params, many.params, strict=True):
        assert np.abs(p - q).max() < 1e-10


def test_equal_weights_would_be_wrong(rng):
    """The test above notices it: parts of one batch are of different sizes."""
    X, Y = data(rng, MSE)
    parallel = DataParallel(net := network(), MSE(), SGD(net.params, 0.1), [(X[:7], Y[:7]), (X[7:], Y[7:])])
    grads = [worker.shard.gradient(net.params, np.arange(3))[1] for worker in parallel._workers]
    assert np.abs(grads[0][0] - grads[1][0]).max() > 1e-3


def test_what_travels_is_counted(rng):
    X, Y = data(rng, MSE)
    net = network(np.float32)
    parallel = DataParallel(net, MSE(), SGD(net.params, 0.1), [(X[:20], Y[:20]), (X[20:], Y[20:])])
    n_bytes = 4 * (5 * 8 + 8 + 8 * 3 + 3)
    assert (parallel.sent, parallel.received, parallel.restarts) == (0, 0, 0)
    assert parallel.sent_once == 4 * 60 * (5 + 3)
    parallel.step()
    assert parallel.sent == parallel.received == 2 * n_bytes
    parallel.step([0, 1, 2])  # of the first shard alone
    assert parallel.sent == parallel.received == 3 * n_bytes
    assert 0 <= parallel.round_trip(1000) < 1


def test_the_network_of_the_caller_is_no_workers(rng):
    X, Y = data(rng, MSE)
    net = network()
    parallel = DataParallel(net, MSE(), SGD(net.params, 0.1), [(X, Y)])
    net.params[0][...] = 0  # as a reader may between two steps: the workers are sent what is there
    value = parallel.step()
    other = network()
    other.params[0][...] = 0
    assert value == pytest.approx(MSE().value(other.forward(X), Y), abs=1e-12)
    Y_hat = net.forward(X[:2])
    parallel.step()
    assert net.backward(np.ones_like(Y_hat)).shape == (2, 5)  # a step leaves alone what it keeps


def test_a_loss_that_is_not_finite_makes_no_update(rng):
    X, Y = data(rng, MSE)
    net = network()
    net.params[0][...] = 1e200
    net.params[2][...] = 1e200
    before = [p.copy() for p in net.params]
    parallel = DataParallel(net, MSE(), SGD(net.params, 0.1), [(X, Y)])
    with pytest.raises(
        FloatingPointError, match=r"the loss is inf in step 1, with SGD at a learning rate of 0.1"
    ):
        parallel.step()
    assert all((p == q).all() for p, q in zip(net.params, before, strict=True)) and parallel.optimizer.t == 0


class Interrupting(SGD):
    """An optimiser in whose update the reader presses stop."""

    def update(self, grads, lr):
        signal.raise_signal(signal.SIGINT)
        super().update(grads, lr)


def test_an_interrupt_leaves_a_whole_update(rng):
    X, Y = data(rng, MSE)
    net, other = network(), network()
    DataParallel(other, MSE(), SGD(other.params, 0.1), [(X, Y)]).step()
    parallel = DataParallel(net, MSE(), Interrupting(net.params, 0.1), [(X, Y)])
    with pytest.raises(KeyboardInterrupt):
        parallel.step()
    assert all((p == q).all() for p, q in zip(net.params, other.params, strict=True))


# A sweep


def train(seed, rate, epochs=2):
    if rate > 5:
        raise ValueError("a rate above 5.")
    # what follows is drawn from the seed
    return {"loss": epochs * np.random.default_rng(seed).random() / rate, "epochs": epochs}


GRID = {"seeds": [0, 1, 2], "rates": [0.1, 1, 10.0]}


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_sweep(tmp_path):
    seen = []
    result = sweep(
        train,
        **GRID,
        folder=tmp_path / "a" / "b",
        settings={"epochs": 3},
        progress=lambda r: seen.append(r.done),
    )
    assert seen == list(range(10)) and result.total == result.done == 9
    assert result.seeds == [0, 1, 2] and result.rates == [0.1, 1.0, 10.0]
    assert result.quantities == ["loss", "epochs"]
    expected = [[3 * np.random.default_rng(seed).random() / rate for rate in (0.1, 1)] for seed in range(3)]
    assert result.table.shape == (3, 3) and (result.table[:, :2] == expected).all()
    assert np.isnan(result.table[:, 2]).all() and (result.values("epochs")[:, :2] == 3).all()
    assert result.errors == {(seed, 10.0): "ValueError: a rate above 5." for seed in range(3)}
    assert result.lost == {} and repr(result) == "<Sweep: 9 of 9 tasks done, 3 of them failed>"
    with pytest.raises(ValueError, match="quantity is 'accuracy'; expected one of loss, epochs"):
        result.values("accuracy")


def test_a_stopped_sweep_goes_on(tmp_path):
    whole = sweep(train, **GRID, folder=tmp_path / "whole")

    def stop(result):
        if result.done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(train, **GRID, folder=tmp_path / "stopped", progress=stop)
    assert len(contents(tmp_path / "stopped")) == 5
    first = []
    result = sweep(
        train,
        **GRID,
        folder=tmp_path / "stopped",
        progress=lambda result: first.append(result.done),
    )
    assert first == [4, 5, 6, 7, 8, 9]
    assert np.array_equal(result.table, whole.table, equal_nan=True) and result.errors == whole.errors
    assert contents(tmp_path / "stopped") == contents(tmp_path / "whole")


def test_nothing_is_done_twice(tmp_path):
    def never(seed, rate):
        return seed * rate

    sweep(never, seeds=[1], rates=[0.1], folder=tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    again = sweep(never, seeds=[1], rates=[0.1], folder=tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    assert again.table.tolist() == [[0.1]] and again.quantities == ["value"]
    more = sweep(never, seeds=[1, 2], rates=[0.5, 0.1], folder=tmp_path)
    assert more.table.tolist() == [[0.5, 0.1], [1.0, 0.2]]


def test_numbers_come_back_as_they_were(tmp_path):
    values = [0.1 + 0.2, 1e-320, math.inf, -math.inf, math.nan, np.float32(1) / 3, 7, True]

    def some(seed, rate):
        return values[seed]

    for _ in range(2):
        found = sweep(some, seeds=range(8), rates=[1.0], folder=tmp_path).table.ravel()
        assert found.tobytes() == np.array([float(value) for value in values]).tobytes()


def test_the_folder_says_what_it_is_of(tmp_path):
    sweep(train, seeds=[0], rates=[1.0], folder=tmp_path, settings={"epochs": 3})
    record = json.loads((tmp_path / "sweep.json").read_text())
    assert record["settings"] == {"epochs": 3} and record["train"].startswith(
        "def train(seed, rate, epochs=2):"
    )
    assert "# what" not in record["train"]
    assert json.loads((tmp_path / "seed-0-rate-1.0.json").read_text())["seed"] == 0


def test_a_function_without_a_source(tmp_path):
    found = {}
    exec("def typed(seed, rate): return seed", found)
    sweep(found["typed"], seeds=[0], rates=[1.0], folder=tmp_path)
    assert json.loads((tmp_path / "sweep.json").read_text())["train"] == "typed"


def other(seed, rate, epochs=2):
    return 0


@pytest.mark.parametrize(
    "function, settings, message",
    [
        (other, {"epochs": 3}, "train was another function"),
        (train, {"epochs": 4}, "epochs was 3 and is 4"),
        (train, {}, "epochs was 3 and is None"),
        (train, {"epochs": 3, "batch": 2}, "batch was None and is 2"),
    ],
)
def test_a_folder_of_another_sweep_is_refused(function, settings, message, tmp_path):
    sweep(train, seeds=[0], rates=[1.0], folder=tmp_path, settings={"epochs": 3})
    before = contents(tmp_path)
    with pytest.raises(ValueError, match=rf"is of another sweep: {message}; expected a new folder"):
        sweep(function, seeds=[0], rates=[2.0], folder=tmp_path, settings=settings)
    assert contents(tmp_path) == before


def test_a_folder_of_other_things_is_refused(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(ValueError, match="holds other files; expected a new one"):
        sweep(train, seeds=[0], rates=[1.0], folder=tmp_path)
    with pytest.raises(ValueError, match="which is a file; expected a folder"):
        sweep(train, seeds=[0], rates=[1.0], folder=tmp_path / "letter.txt")
    assert contents(tmp_path) == {"letter.txt": b"mine"}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"seed": 0}', "\x00"])
def test_a_damaged_file_is_told(text, tmp_path):
    sweep(train, seeds=[0], rates=[1.0], folder=tmp_path)
    path = tmp_path / "seed-0-rate-1.0.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"rate-1.0.json is damaged .*expected what a sweep has written"):
        sweep(train, seeds=[0], rates=[1.0], folder=tmp_path)
    path.unlink()
    assert sweep(train, seeds=[0], rates=[1.0], folder=tmp_path).done == 1


@pytest.mark.parametrize("returned", [None, "text", [1.0], {"loss": [1]}, {"loss": None}, 1j])
def test_what_is_no_number_is_an_error_of_the_task(returned, tmp_path):
    result = sweep(lambda seed, rate: returned, seeds=[0], rates=[1.0], folder=tmp_path)
    assert result.errors[0, 1.0].startswith("TypeError: train returned ")
    assert "expected a number, or a dict of numbers" in result.errors[0, 1.0]


def test_a_full_disk(tmp_path, fill_disk):
    empty_it = fill_disk(after=4)
    expected = r"rate-0.1.json cannot be written \(No space left on device\); what was written before is"
    with pytest.raises(OSError, match=expected) as told:
        sweep(train, **GRID, folder=tmp_path)
    assert told.value.errno == errno.ENOSPC
    kept = contents(tmp_path)
    assert len(kept) == 4 and all(json.loads(text) for text in kept.values())
    empty_it()
    assert sweep(train, **GRID, folder=tmp_path).done == 9
    assert contents(tmp_path).items() > kept.items()


def test_what_befell_a_process_is_told_and_tried_again(tmp_path, monkeypatch):
    """The cluster is in tests/optional; here is what a sweep makes of its answers."""

    def each(client, outcome_of, train, settings, tasks):
        yield tasks[1], {"lost": "KilledWorker: it ended four times"}
        yield tasks[0], outcome_of(train, settings, tasks[0])

    monkeypatch.setattr(_remote, "see_client", lambda client: None)
    monkeypatch.setattr(_remote, "each", each)
    result = sweep(train, seeds=[0], rates=[1.0, 2.0], folder=tmp_path, client=object())
    assert result.lost == {(0, 2.0): "KilledWorker: it ended four times"} and result.errors == {}
    assert result.done == 2 and np.isnan(result.table).tolist() == [[False, True]]
    assert sorted(contents(tmp_path)) == ["seed-0-rate-1.0.json", "sweep.json"]
    assert sweep(train, seeds=[0], rates=[1.0, 2.0], folder=tmp_path).lost == {}


# What does not fit

GOOD_COSTS = {"per_sample": 1e-5, "bandwidth": 1e9, "latency": 1e-4}
STEP = {"workers": 2, "batch": 64, "n_bytes": 4e5, "costs": COSTS}
SIMULATION = STEP | {"steps": 2, "spread": 0.5, "rng": np.random.default_rng(0)}
ROWS = [(1, 64, 4e5, 1.0), (2, 64, 4e5, 1.0), (2, 512, 4e5, 1.0), (2, 0, 1e4, 1.0)]
BAD = [None, "2", [[1], [1, 2]], -1, math.nan, math.inf, 2j]
REFUSED = [
    *((Costs, GOOD_COSTS, "per_sample", bad) for bad in (None, "1", -1, math.nan, math.inf, [1], True)),
    *((Costs, GOOD_COSTS, "bandwidth", bad) for bad in (None, "1", -1, 0, math.nan, [1])),
    *((Costs, GOOD_COSTS, "latency", bad) for bad in (None, "1", -1, math.nan, math.inf)),
    *((f, STEP, "workers", bad) for f in (scaling.step_time, scaling.speed_up) for bad in (*BAD, 0, 1.5)),
    *((scaling.step_time, STEP, name, bad) for name in ("batch", "n_bytes") for bad in BAD),
    *((scaling.step_time, STEP, "costs", bad) for bad in (None, Costs, (1, 2, 3))),
    *((scaling.step_time, STEP, "all_reduce", bad) for bad in (None, "ring")),
    *((scaling.simulate, SIMULATION, "workers", bad) for bad in (0, 1.0, None, [2])),
    *((scaling.simulate, SIMULATION, "batch", bad) for bad in (-1, 1.0, None)),
    *((scaling.simulate, SIMULATION, "steps", bad) for bad in (0, 1.0, None)),
    *((scaling.simulate, SIMULATION, "spread", bad) for bad in (-1, None, math.nan, math.inf)),
    *((scaling.simulate, SIMULATION, "rng", bad) for bad in (None, 0)),
    *((scaling.expected_slowest, {"workers": 2, "spread": 1}, "workers", bad) for bad in (0, 1.5, None)),
    *((scaling.expected_slowest, {"workers": 2, "spread": 1}, "spread", bad) for bad in (-1, None)),
    *((scaling.fit, {"measurements": ROWS}, "measurements", bad) for bad in (None, "a", [], ROWS[:2])),
    *((scaling.fit, {"measurements": ROWS}, "measurements", bad) for bad in (np.ones((4, 3)), np.ones(4))),
    (scaling.fit, {"measurements": ROWS}, "measurements", [*ROWS, (2, 64, 4e5, 0)]),
    (scaling.fit, {"measurements": ROWS}, "measurements", [*ROWS, (2, 64, 4e5, math.nan)]),
    (scaling.fit, {"measurements": ROWS}, "measurements", ROWS[:3]),
    (scaling.fit, {"measurements": ROWS}, "measurements", [ROWS[0]] * 4),
    (scaling.fit, {"measurements": ROWS}, "workers", [(0, 64, 4e5, 1.0), *ROWS]),
    (scaling.cluster, {}, "workers", 0),
    (scaling.cluster, {}, "address", 8786),
]


@pytest.mark.parametrize("function, good, name, bad", REFUSED)
def test_what_does_not_fit_is_told(function, good, name, bad):
    argument = "measurements" if function is scaling.fit else name
    with pytest.raises((TypeError, ValueError), match=rf"\b{name}\b.*expected"):
        call = function(**good | {argument: bad})
        call.__enter__()  # of `cluster`


SWEEP = {"train": train, "seeds": [0], "rates": [1.0]}
NO_SWEEP = [
    *(("train", bad) for bad in (None, "train")),
    *(("seeds", bad) for bad in (None, 3, [], [-1], [0.5], ["1"], [0, 0])),
    *(("rates", bad) for bad in (None, 3, [], [0], [-1.0], ["1"], [1, 1.0], [math.nan], [math.inf])),
    *(("folder", bad) for bad in (None, 3, b"a")),
    *(("settings", bad) for bad in ([], "epochs", {"epochs": object()}, {"rng": np.random.default_rng(0)})),
    ("progress", 3),
]


@pytest.mark.parametrize("name, bad", NO_SWEEP)
def test_what_is_no_sweep_is_told(name, bad, tmp_path):
    arguments = SWEEP | {"folder": tmp_path / "sweep"} | {name: bad}
    with pytest.raises((TypeError, ValueError), match=rf"\b{name}\b.*expected"):
        sweep(**arguments)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "change, message",
    [
        ({"net": None}, "net is a NoneType; expected a Network"),
        ({"loss": MSE}, "loss is the class MSE; expected an instance"),
        ({"optimizer": SGD([np.ones(3)], 0.1)}, "optimizer holds other parameters"),
        ({"shards": None}, r"shards is a NoneType; expected a list of pairs \(X, Y\)"),
        ({"shards": []}, "shards is empty; expected at least one pair"),
        ({"shards": [np.ones((3, 5))]}, r"shards\[0\] is a ndarray; expected a pair"),
        (
            {"shards": [(np.ones((2, 5)), np.ones((2, 3))), (np.ones((2, 4)), np.ones((2, 3)))]},
            r"shards\[1\]: X has 4",
        ),
        ({"shards": [(np.ones((2, 5)), np.ones((3, 3)))]}, r"shards\[0\]: X has 2 samples, but Y has 3"),
        ({"shards": [(np.ones((2, 5)), "text")]}, r"shards\[0\]: Y holds text"),
        ({"shards": [(np.ones((0, 5)), np.ones((0, 3)))]}, r"shards\[0\]: X has shape \(0, 5\): it is empty"),
    ],
)
def test_what_are_no_shards_is_told(change, message):
    net = network()
    good = {"net": net, "loss": MSE(), "optimizer": SGD(net.params, 0.1)}
    good["shards"] = [(np.ones((2, 5)), np.ones((2, 3)))]
    with pytest.raises((TypeError, ValueError), match=message):
        DataParallel(**good | change)


@pytest.mark.parametrize("rows", [np.arange(0), [60], [-1], [0.5], "all", [[0]], 3], ids=str)
def test_rows_that_are_not_there_are_told(rows, rng):
    X, Y = data(rng, MSE)
    net = network()
    before = net.params[0].copy()
    parallel = DataParallel(net, MSE(), SGD(net.params, 0.1), [(X, Y)])
    with pytest.raises((TypeError, ValueError), match=r"\brows\b.*expected"):
        parallel.step(rows)
    with pytest.raises(TypeError, match="n_bytes is 1.5; expected"):
        parallel.round_trip(1.5)
    assert (net.params[0] == before).all() and parallel.sent == 0


def test_where_dask_is_missing_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    monkeypatch.setitem(sys.modules, "dask", None)
    for ask in (
        scaling.cluster().__enter__,
        lambda: sweep(**SWEEP, folder=tmp_path / "sweep", client=object()),
        lambda: DataParallel(
            n := network(), MSE(), SGD(n.params, 1), [(np.ones((2, 5)), np.ones((2, 3)))], 1
        ),
    ):
        with pytest.raises(ModuleNotFoundError, match=r"Dask is not installed here; pip install") as told:
            ask()
        assert str(told.value) == _remote.MISSING
    assert list(tmp_path.iterdir()) == []


# The heat map


def test_a_heat_map_fills_up(tmp_path):
    ax = Figure().subplots()
    words = []

    def draw(result):
        plots.sweep_map(ax, result, quantity="loss")
        words.append([text.get_text() for text in ax.texts])

    result = sweep(train, seeds=[0], rates=[0.1, 1, 10], folder=tmp_path, progress=draw)
    assert (
        words[0] == ["·", "·", "·"] and words[1] == ["12.7", "·", "·"] and words[3] == ["12.7", "1.27", "×"]
    )
    assert ax.get_title() == "loss (3 of 3 done, 1 failed)"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0.1", "1", "10"]
    plots.sweep_map(ax, result)
    assert len(ax.images) == 1
    with pytest.raises(ValueError, match="quantity is 'accuracy'; expected one of 'loss', 'epochs'"):
        plots.sweep_map(ax, result, quantity="accuracy")
    plots.sweep_map(ax, Sweep([0], [1.0]))
    assert ax.get_title() == "(0 of 1 done)"
