"""What holds for every panel that trains; what each of them shows besides is tested in its own file."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

from nnlib.teach.widgets import first_network, live_training, mnist_panel, xor_panel

N = 800


def mnist():
    """Images of which any network can learn which half is inked, so that all it needs is a second."""
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=N + 200).astype(np.uint8)
    X = rng.random((N + 200, 784), np.float32) * (np.arange(784) // 392 == y[:, None])
    return mnist_panel(X[:N], y[:N], X[N:], y[N:])


class Row(NamedTuple):
    """A panel, its parameters, what it counts while it trains, how much of that is an epoch, and its rate."""

    make: Callable
    params: Callable
    count: Callable
    epoch: int
    lr: Callable


def of_one(panel):
    return panel.net.params


def own_lr(panel):
    return panel.lr


ROWS = {
    "first": Row(first_network, of_one, lambda panel: len(panel.losses), 1, own_lr),
    "live": Row(live_training, of_one, lambda panel: len(panel.batches), 6, own_lr),
    "xor": Row(xor_panel, lambda p: p.a.net.params + p.b.net.params, lambda p: p.epoch, 1, lambda p: p.b.lr),
    "mnist": Row(mnist, of_one, lambda panel: panel.seen, N, own_lr),
}


@pytest.fixture(params=ROWS.values(), ids=ROWS)
def row(request):
    return request.param


@pytest.fixture
def panel(row):
    panel = row.make()
    panel.pause = 0
    return panel


def interrupt(panel, row, click):
    """Click on Train, then on another button when it has begun; return the seconds that this one took."""

    async def run():
        panel.train.click()
        task = panel.task
        assert panel.train.disabled and not panel.stop.disabled
        while not row.count(panel):
            await asyncio.sleep(0)
        started = time.perf_counter()
        click()
        await task
        return time.perf_counter() - started

    return asyncio.run(run())


def test_stop_ends_early_and_train_goes_on(panel, row, train):
    panel.epochs.value = panel.epochs.max
    # It is 0.03 s of training and a picture; the bound leaves room for a machine that does other work.
    assert interrupt(panel, row, panel.stop.click) < 1
    stopped = row.count(panel)
    assert 0 < stopped < panel.epochs.max * row.epoch
    assert not panel.train.disabled and panel.stop.disabled and panel.status.value != "Ready."
    panel.epochs.value = panel.epochs.min
    train(panel)
    assert row.count(panel) == stopped + panel.epochs.min * row.epoch


@pytest.mark.parametrize("running", [False, True])
def test_reset_gives_the_first_weights_back(panel, row, running, raw, train):
    few, many, trained = panel.epochs.min, panel.epochs.max, []
    panel.epochs.value = many
    panel.reset.click()
    first, picture = raw(row.params(panel)), panel.picture.value
    for _ in range(2):
        panel.epochs.value = few
        train(panel)
        trained.append(raw(row.params(panel)))
        assert trained[0] != first and panel.picture.value != picture
        panel.epochs.value = many
        interrupt(panel, row, panel.reset.click) if running else panel.reset.click()
        assert raw(row.params(panel)) == first and row.count(panel) == 0 and panel.picture.value == picture
        assert panel.status.value == "Ready." and not panel.train.disabled and panel.stop.disabled
    assert trained[0] == trained[1]


def test_the_learning_rate_is_followed_while_it_trains(panel, row):
    run, moves = panel.run(panel.epochs.min), []
    for row.lr(panel).value in (0.1, 0.001, 0.1):
        before = [p.copy() for p in row.params(panel)]
        next(run)
        moves.append(
            max(np.abs(p - q).max() for p, q in zip(row.params(panel)[-4:], before[-4:], strict=True))
        )
    assert moves[1] < moves[0] / 10 and moves[1] < moves[2] / 10


def scale(arrays, factor):
    for array in arrays:
        array *= factor


@pytest.mark.parametrize(
    ("make", "spoil", "said"),
    [
        (first_network, lambda panel: setattr(panel.lr, "value", 1), "Stopped: the loss is inf in epoch "),
        # An overflow on the way is no warning: warnings are errors here.
        (
            first_network,
            lambda panel: scale(panel.net.params[::2], 1e38),
            "Stopped: the loss is inf in epoch 1",
        ),
        # Within float32, and the loss is not.
        (mnist, lambda panel: scale(panel.training[:1], np.float32(1e30)), "Stopped: the loss is "),
    ],
)
def test_a_run_that_blows_up_says_so(make, spoil, said, train):
    panel = make()
    spoil(panel)
    train(panel)
    assert said in panel.status.value and not panel.train.disabled
    panel.reset.click()
    assert panel.status.value == "Ready."


def test_clicks_from_another_thread_wait_for_the_picture_and_the_epoch_in_hand(raw, train):
    """JupyterLab has each button handled in the kernel's main thread or in one of its subshells."""
    panel, problems = first_network(), []
    first, picture = raw(panel.net.params), panel.picture.value

    def train_in_this_thread():
        try:
            train(panel)
        except Exception as error:
            problems.append(error)

    for wait in np.linspace(0.05, 0.4, 8):
        thread = threading.Thread(target=train_in_this_thread)
        thread.start()
        time.sleep(wait)
        panel.reset.click()
        for wait_for in (lambda: None, thread.join):
            wait_for()
            assert raw(panel.net.params) == first and panel.losses == [] and panel.picture.value == picture
        assert panel.status.value == "Ready." and not panel.train.disabled
    assert problems == []
