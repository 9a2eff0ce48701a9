"""The panel of chapter 09, driven through its handles."""

import asyncio
import time

import numpy as np
import pytest

from nnlib.teach.widgets import mnist_panel

N = 1000


@pytest.fixture
def data():
    """Images of which any network can learn which half is inked, so that all it needs is a second."""
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=N).astype(np.uint8)
    X = rng.random((N, 784), np.float32) * (np.arange(784) // 392 == y[:, None])
    return X[:800], y[:800], X[800:], y[800:]


@pytest.fixture
def panel(data):
    panel = mnist_panel(*data)
    panel.lr.value = 0.1
    return panel


def drive(*steps):
    """Call each step; after a step that returns a task, wait for it."""

    async def run():
        for step in steps:
            result = step()
            if isinstance(result, asyncio.Task):
                await result

    asyncio.run(run())


def train(panel):
    panel.train.click()
    return panel.task


def test_it_trains(panel):
    drive(lambda: train(panel))
    epochs, losses, rights = zip(*panel.curve, strict=True)
    assert epochs[0] == 0 and epochs[-1] == 5 and len(epochs) == 51
    assert losses[0] is None and losses[-1] < 0.1 < losses[1] and rights[-1] > 0.95
    assert panel.status.value.startswith("epoch 5.0 · training loss 0.0")
    assert not panel.train.disabled and panel.stop.disabled


def test_train_goes_on_from_where_it_was(panel, raw):
    panel.epochs.value = 1
    drive(lambda: train(panel))
    after_one = raw(panel.net.params)
    drive(lambda: train(panel))
    assert panel.curve[-1][0] == 2 and raw(panel.net.params) != after_one


def test_stop_acts_at_once(panel):
    panel.width.value, panel.batch_size.value, panel.epochs.value = 256, 16, 30

    async def run():
        task = train(panel)
        while not panel.seen:
            await asyncio.sleep(0)
        assert panel.train.disabled and not panel.stop.disabled
        panel.stop.click()
        clicked = time.perf_counter()
        await task
        return time.perf_counter() - clicked

    # It is 0.03 s of training and a picture; the bound leaves room for a machine that does other work.
    assert asyncio.run(run()) < 1
    assert 0 < panel.seen < 5 * 800


def test_reset_goes_back_to_the_first_weights(panel, raw):
    first, picture = raw(panel.net.params), panel.picture.value
    panel.epochs.value = 1
    drive(lambda: train(panel))
    trained = raw(panel.net.params)
    assert trained != first and panel.picture.value != picture
    panel.reset.click()
    assert raw(panel.net.params) == first and len(panel.curve) == 1 and panel.status.value == "Ready."
    drive(lambda: train(panel))
    assert raw(panel.net.params) == trained


def test_the_learning_rate_is_followed_while_it_trains(panel):
    moves = []
    run = panel.run(1)
    for lr in (0.1, 0.001, 0.1):
        panel.lr.value = lr
        before = panel.net.params[0].copy()
        next(run)
        moves.append(np.abs(panel.net.params[0] - before).max())
    assert moves[1] < moves[0] / 10 and moves[1] < moves[2] / 10


def test_the_learning_rate_holds_after_a_reset(panel):
    panel.lr.value = 0.02
    panel.reset.click()
    assert panel.optimizer.lr == 0.02


def test_the_batch_size_is_taken_up_by_the_next_run(panel):
    run = panel.run(1)
    next(run)
    assert panel.seen == 64
    panel.batch_size.value = 256
    next(run)
    assert panel.seen == 128
    next(panel.run(1))
    assert panel.seen == 128 + 256


def test_the_width_begins_anew(panel):
    panel.epochs.value = 1
    drive(lambda: train(panel))
    panel.width.value = 16
    assert [p.shape for p in panel.net.params[::2]] == [(784, 16), (16, 16), (16, 10)]
    assert panel.seen == 0 and len(panel.curve) == 1


def test_a_run_that_diverges_says_so(panel, data):
    panel.training = 1e30 * data[0], data[1]  # within float32, and the loss is not
    drive(lambda: train(panel))
    assert "Stopped: the loss is" in panel.status.value and not panel.train.disabled
    panel.reset.click()
    assert panel.status.value == "Ready."


def test_the_chosen_digits_are_shown(data):
    shown = [3, 1, 7]
    images, labels = mnist_panel(*data, shown=shown).shown
    assert np.array_equal(images, data[2][shown]) and np.array_equal(labels, data[3][shown])


def test_pictures_take_little_of_the_time(panel, monkeypatch):
    pictures = []
    show = panel.show

    def timed(status):
        started = time.perf_counter()
        show(status)
        pictures.append(time.perf_counter() - started)

    monkeypatch.setattr(panel, "show", timed)
    panel.epochs.value = 30
    started = time.perf_counter()
    drive(lambda: train(panel))
    # The first and the last picture are drawn whatever they cost; between them a tenth is the rule.
    assert sum(pictures[1:-1]) < 0.2 * (time.perf_counter() - started)
