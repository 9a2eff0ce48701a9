"""Interrupting training: a real SIGINT from within a batch, from a thread, to a process and to a kernel."""

import os
import random
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import tqdm
from jupyter_client.manager import start_new_kernel

from nnlib import MSE, SGD, Adam, Momentum, fit, steps, train
from nnlib.datasets import xor

BATCHES = 2  # in an epoch of XOR with batches of two
LOOPS = {
    "steps": lambda *args, **options: list(steps(*args, **options)),
    "train": lambda *args, **options: list(train(*args, **options)),
    "fit": lambda *args, **options: fit(*args, **options, progress=False),
}
EACH_LOOP = pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)


def interrupt():
    signal.raise_signal(signal.SIGINT)


class Interrupting(MSE):
    """Sends `signals` SIGINTs in the middle of the batch number `batch`."""

    def __init__(self, batch, signals=1):
        self.left, self.signals = batch, signals

    def gradient(self, Y_hat, Y):
        self.left -= 1
        if self.left == 0:
            for _ in range(self.signals):
                interrupt()
        return super().gradient(Y_hat, Y)


class ReachedTheCaller(Exception):
    """What the handler in place raises here. A KeyboardInterrupt that is not caught would end all tests."""


@pytest.fixture(autouse=True)
def handler():
    """The handler in place before training. Whatever happens, it has to be back afterwards."""

    def handler(signum, frame):
        raise ReachedTheCaller

    before = signal.signal(signal.SIGINT, handler)
    yield handler
    after = signal.signal(signal.SIGINT, before)
    assert after in (handler, signal.SIG_IGN)


@pytest.fixture
def trained(make_net):
    """A function (loop, loss, options) -> what the loop returned, the network and its optimiser."""

    def trained(loop, loss, **options):
        net = make_net(2, 3, 1)
        optimizer = Adam(net.params, 0.1)
        options = {"epochs": 4, "batch_size": 2, "rng": np.random.default_rng(0)} | options
        return loop(net, loss, optimizer, *xor(), **options), net, optimizer

    return trained


@pytest.fixture
def after_updates(trained, raw):
    """A function (n) -> the parameters after n updates that nothing disturbs."""

    def after_updates(n):
        loop, net, _ = trained(steps, MSE())
        for _ in range(n):
            next(loop)
        return raw(net.params)

    return after_updates


@EACH_LOOP
@pytest.mark.parametrize("batch", [1, 2, 3, 7])
def test_the_loop_ends_after_the_batch_in_hand(trained, after_updates, raw, handler, loop, batch):
    result, net, optimizer = trained(loop, Interrupting(batch))
    assert optimizer.t == batch and raw(net.params) == after_updates(batch)
    assert signal.getsignal(signal.SIGINT) is handler
    if loop is LOOPS["steps"]:
        assert len(result) == batch
    else:
        assert result[-1].updates == batch and len(result) == result[-1].epoch == -(-batch // BATCHES)


@pytest.mark.parametrize("batch", [1, 2, 3, 8])
def test_the_last_epoch_is_the_mean_over_the_batches_it_got_to(trained, batch):
    seen, _, _ = trained(LOOPS["steps"], Interrupting(batch))
    epochs, _, _ = trained(LOOPS["train"], Interrupting(batch))
    last = [step.loss for step in seen if step.epoch == seen[-1].epoch]
    assert epochs[-1].loss == pytest.approx(sum(last) / len(last), rel=1e-14)


@pytest.mark.parametrize("batch, interrupted", [(1, True), (4, True), (7, True), (8, False)])
def test_the_history_knows_whether_anything_is_missing(trained, batch, interrupted):
    history, _, _ = trained(LOOPS["fit"], Interrupting(batch))
    assert history.interrupted == interrupted
    assert (
        f"interrupted in epoch {-(-batch // BATCHES)}, after {batch} updates" in repr(history)
    ) == interrupted


@EACH_LOOP
def test_training_goes_on_afterwards(make_net, raw, loop):
    interrupted, whole = make_net(2, 3, 1), make_net(2, 3, 1)
    optimizers = [Momentum(net.params, 0.1) for net in (interrupted, whole)]
    options = {"batch_size": 2, "rng": None}
    loop(interrupted, Interrupting(2 * BATCHES), optimizers[0], *xor(), epochs=10, **options)
    loop(interrupted, MSE(), optimizers[0], *xor(), epochs=3, **options)
    loop(whole, MSE(), optimizers[1], *xor(), epochs=5, **options)
    assert raw(interrupted.params) == raw(whole.params)


@pytest.mark.parametrize("loop", [steps, train])
def test_the_handler_is_back_whenever_the_caller_has_his_turn(trained, handler, loop):
    generator, _, _ = trained(loop, MSE())
    assert signal.getsignal(signal.SIGINT) is handler
    for _ in generator:
        assert signal.getsignal(signal.SIGINT) is handler
    generator, _, _ = trained(loop, MSE())
    next(generator)
    generator.close()
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.mark.parametrize("loop", [steps, train])
def test_in_the_callers_turn_an_interrupt_is_his(trained, loop):
    generator, _, optimizer = trained(loop, MSE())
    with pytest.raises(ReachedTheCaller):
        for _ in generator:
            interrupt()
    assert optimizer.t == {steps: 1, train: BATCHES}[loop]


@EACH_LOOP
def test_a_second_interrupt_raises_at_once(make_net, raw, handler, loop):
    net = make_net(2, 3, 1)
    optimizer = Adam(net.params, 0.1)
    with pytest.raises(KeyboardInterrupt):
        loop(net, Interrupting(3, signals=2), optimizer, *xor(), epochs=4, batch_size=2, rng=None)
    assert optimizer.t == 2 and signal.getsignal(signal.SIGINT) is handler


@pytest.mark.parametrize("loop", [LOOPS["train"], LOOPS["fit"]], ids=["train", "fit"])
def test_an_interrupt_before_the_first_batch_of_an_epoch(trained, monkeypatch, loop):
    """The clock is read between the start of an epoch and its first batch: that one is still trained."""
    readings = iter([None, None, interrupt])

    def clock():
        (next(readings, None) or float)()
        return 0.0

    monkeypatch.setattr("time.perf_counter", clock)
    epochs, _, optimizer = trained(loop, MSE())
    assert [epoch.updates for epoch in epochs] == [2, 3] and optimizer.t == 3


@pytest.mark.parametrize("loop", [LOOPS["train"], LOOPS["fit"]], ids=["train", "fit"])
def test_an_interrupt_during_validation_ends_training_with_its_numbers(make_net, monkeypatch, loop):
    net = make_net(2, 3, 1)
    predict = net.predict
    monkeypatch.setattr(net, "predict", lambda X: (interrupt(), predict(X))[1])
    options = {"epochs": 4, "batch_size": 2, "rng": None, "validation": xor()}
    (epoch,) = loop(net, MSE(), Momentum(net.params, 0.1), *xor(), **options)
    assert epoch.updates == BATCHES and epoch.validation_loss == MSE().value(net.forward(xor()[0]), xor()[1])


def test_an_interrupt_between_two_epochs_of_fit(make_net, monkeypatch):
    net = make_net(2, 3, 1)
    optimizer = Momentum(net.params, 0.1)
    monkeypatch.setattr(tqdm.tqdm, "update", lambda bar: interrupt())
    history = fit(net, MSE(), optimizer, *xor(), epochs=4, batch_size=2, rng=None)
    assert len(history) == 1 and history.interrupted and optimizer.t == BATCHES


@EACH_LOOP
def test_an_interrupt_from_another_thread(trained, loop):
    class Waiting(MSE):
        def gradient(self, Y_hat, Y):
            timer = threading.Timer(0.01, interrupt)
            timer.start()
            timer.join()
            return super().gradient(Y_hat, Y)

    result, _, optimizer = trained(loop, Waiting())
    assert optimizer.t == len(result) == 1


@EACH_LOOP
def test_an_ignored_interrupt_stays_ignored(trained, after_updates, raw, loop):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    result, net, optimizer = trained(loop, Interrupting(3, signals=2))
    assert optimizer.t == 8 and raw(net.params) == after_updates(8)
    assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN


@EACH_LOOP
def test_in_another_thread_nothing_is_touched(trained, after_updates, raw, handler, loop):
    class Looking(MSE):
        handlers = set()

        def gradient(self, Y_hat, Y):
            self.handlers.add(signal.getsignal(signal.SIGINT))
            return super().gradient(Y_hat, Y)

    results = []
    thread = threading.Thread(target=lambda: results.append(trained(loop, Looking())))
    thread.start()
    thread.join()
    ((_, net, optimizer),) = results
    assert optimizer.t == 8 and raw(net.params) == after_updates(8) and Looking.handlers == {handler}


MOMENTS = 60  # for each loop and optimiser
KERNEL_MOMENTS, MORE_KERNEL_MOMENTS = 20, 250  # for each optimiser, with a progress bar and without
OPTIMIZERS = {
    "SGD": lambda params: SGD(params, 0.1),
    "Momentum": lambda params: Momentum(params, 0.1),
    "Adam": lambda params: Adam(params, 0.1),
}


# What threadpoolctl reads before the first batch may be cut off, and complains of its open file.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", OPTIMIZERS)
@EACH_LOOP
def test_wherever_a_sigint_lands_whole_updates_are_left(make_net, raw, loop, name):

    def begin():
        net = make_net(2, 3, 1)
        return net, OPTIMIZERS[name](net.params), np.random.default_rng(0)

    def state(net, optimizer, rng):
        return raw(net.params), raw(optimizer.slots), rng.bit_generator.state

    epochs = 100
    options = {"epochs": epochs, "batch_size": 2}
    net, optimizer, rng = begin()
    states = [state(net, optimizer, rng)]
    started = time.perf_counter()
    for _ in steps(net, MSE(), optimizer, *xor(), rng=rng, **options):
        states.append(state(net, optimizer, rng))
    seconds, moments, interrupted = time.perf_counter() - started, random.Random(0), 0
    for _ in range(MOMENTS):
        net, optimizer, rng = begin()
        timer = threading.Timer(moments.uniform(0, seconds), interrupt)
        result = None
        try:
            timer.start()
            result = loop(net, MSE(), optimizer, *xor(), rng=rng, **options)
            timer.join()
            for _ in range(10):
                pass  # Python looks for signals at the end of a loop's body
        except ReachedTheCaller:  # before the loop or after it, or in the caller's turn
            timer.join()
        interrupted += optimizer.t < epochs * BATCHES
        assert state(net, optimizer, rng) == states[optimizer.t]
        if result is not None:
            updates = len(result) if loop is LOOPS["steps"] else result[-1].updates
            assert updates == optimizer.t
    assert interrupted


TRAIN_FOR_EVER = """
import numpy as np
from nnlib import MSE, Adam, Dense, Network, fit
from nnlib.datasets import xor

class Announcing(MSE):
    def gradient(self, Y_hat, Y):
        if optimizer.t == 100:
            print("training", flush=True)
        return super().gradient(Y_hat, Y)

rng = np.random.default_rng(0)
net = Network(Dense(2, 3, rng=rng), Dense(3, 1, rng=rng))
optimizer = Adam(net.params)
history = fit(net, Announcing(), optimizer, *xor(), epochs=10**9, batch_size=4, rng=rng)
print(history.interrupted, optimizer.t == len(history) == history.updates[-1] > 100)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_a_script_is_interrupted_and_goes_on():
    with subprocess.Popen(
        [sys.executable, "-c", TRAIN_FOR_EVER], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "training\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, "True True\n")
    assert "Traceback" not in err and "loss" in err


@pytest.fixture
def kernel():
    """A function that runs code in a kernel: it returns the name of the error and what was printed.

    `when_printed` is called with each text that is printed; `kernel.interrupt` is JupyterLab's stop button.
    """
    manager, client = start_new_kernel(startup_timeout=60)

    def run(code, when_printed=lambda text: None):
        printed = []

        def hook(message):
            if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
                printed.append(message["content"]["text"])
                when_printed(printed[-1])

        reply = client.execute_interactive(code, timeout=60, output_hook=hook)
        return reply["content"].get("ename"), "".join(printed)

    run.interrupt = manager.interrupt_kernel
    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_a_kernel_is_interrupted_and_goes_on(kernel):
    def stop(text):
        if "training" in text:
            kernel.interrupt()

    assert kernel(TRAIN_FOR_EVER, stop) == (None, "training\nTrue True\n")
    more = "print(len(fit(net, MSE(), optimizer, *xor(), epochs=5, batch_size=4, rng=rng, progress=False)))"
    assert kernel(more) == (None, "5\n")


PREPARE = """
import time
from pathlib import Path
import numpy as np
from nnlib import MSE, SGD, Adam, Dense, Momentum, Network, Tanh, fit, steps
from nnlib.datasets import xor

EPOCHS, OPTIONS = 1000, {"batch_size": 2}

def begin(kind):
    rng = np.random.default_rng(0)
    net = Network(Dense(2, 3, rng=rng), Tanh(), Dense(3, 1, rng=rng))
    return net, kind(net.params, 0.1), rng

def state(net, optimizer, rng):
    arrays = [*net.params, *optimizer.slots]
    return b"".join(a.tobytes() for a in arrays), rng.bit_generator.state["state"]["state"]

states = {}
for kind in (SGD, Momentum, Adam):
    net, optimizer, rng = begin(kind)
    states[kind] = [state(net, optimizer, rng)]
    for _ in steps(net, MSE(), optimizer, *xor(), epochs=EPOCHS, rng=rng, **OPTIONS):
        states[kind].append(state(net, optimizer, rng))
"""
TRAIN = """
history = None
net, optimizer, rng = begin({kind})
print("training", flush=True)
history = fit(net, MSE(), optimizer, *xor(), epochs=EPOCHS, rng=rng, progress={progress}, **OPTIONS)
while not Path("{sent}").exists():  # a kernel without a running cell would take the interrupt for its own end
    time.sleep(0.001)
"""
COMPARE = """
t, end = optimizer.t, len(states[kind := type(optimizer)]) - 1
assert state(net, optimizer, rng) == states[kind][t], "a half-applied update"
assert history is None or history.interrupted == (t < end) and (t == 0 or history[-1].updates == t)
fit(net, MSE(), optimizer, *xor(), epochs=1, rng=rng, progress=False, **OPTIONS)
assert optimizer.t == t + 2 and (t % 2 or t == end or state(net, optimizer, rng) == states[kind][t + 2])
print(0 < t < end)
"""


@pytest.mark.parametrize(
    "moments", [KERNEL_MOMENTS, pytest.param(MORE_KERNEL_MOMENTS, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("progress", [False, True], ids=["silent", "with a bar"])
@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_wherever_a_kernel_is_interrupted_whole_updates_are_left(kernel, tmp_path, kind, progress, moments):
    sent = tmp_path / "sent"
    sent.touch()
    train = TRAIN.format(kind=kind, progress=progress, sent=sent.as_posix())
    assert kernel(PREPARE) == (None, "")
    started = time.perf_counter()
    assert kernel(train) == (None, "training\n")
    seconds, random_moment, during = time.perf_counter() - started, random.Random(0), 0

    def stop_at_random(text):
        time.sleep(random_moment.uniform(0, seconds))
        kernel.interrupt()
        sent.touch()

    for _ in range(moments):
        sent.unlink()
        error, _ = kernel(train, stop_at_random)
        assert error in (None, "KeyboardInterrupt")  # the latter before or after training
        error, printed = kernel(COMPARE)
        assert error is None
        during += printed == "True\n"
    assert during >= moments / 10  # how long training takes was measured once
