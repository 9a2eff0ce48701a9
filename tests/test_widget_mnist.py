"""The panel of chapter 09, driven through its handles."""

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


def test_it_trains(panel, train):
    train(panel)
    epochs, losses, rights = zip(*panel.curve, strict=True)
    assert epochs[0] == 0 and epochs[-1] == 5 and len(epochs) == 51
    assert losses[0] is None and losses[-1] < 0.1 < losses[1] and rights[-1] > 0.95
    assert panel.status.value.startswith("epoch 5.0 · training loss 0.0")


def test_the_learning_rate_holds_after_a_reset(panel):
    panel.lr.value = 0.02
    panel.reset.click()
    assert panel.optimizer.lr == 0.02


def test_the_batch_size_is_taken_up_by_the_next_run(panel):
    run, seen = panel.run(1), []
    for panel.batch_size.value in (64, 256):
        next(run)
        seen.append(panel.seen)
    next(panel.run(1))
    assert [*seen, panel.seen] == [64, 128, 128 + 256]


def test_the_width_begins_anew(panel, train):
    panel.epochs.value = 1
    train(panel)
    panel.width.value = 16
    assert [p.shape for p in panel.net.params[::2]] == [(784, 16), (16, 16), (16, 10)]
    assert panel.seen == 0 and len(panel.curve) == 1


def test_the_axis_reaches_to_the_epoch_that_it_will_train_to(panel, train):
    ends = []
    for panel.epochs.value in (1, 3):
        train(panel)
        ends.append(panel.figure.axes[0].get_xlim()[1])
    assert ends == [5, 5]
    train(panel)
    assert panel.figure.axes[0].get_xlim() == (0, 7)


def test_the_chosen_digits_are_shown(data):
    shown = [3, 1, 7]
    images, labels = mnist_panel(*data, shown=shown).shown
    assert np.array_equal(images, data[2][shown]) and np.array_equal(labels, data[3][shown])


def test_pictures_take_little_of_the_time(panel, monkeypatch, train):
    pictures, show = [], panel.show

    def timed(status):
        started = time.perf_counter()
        show(status)
        pictures.append(time.perf_counter() - started)

    monkeypatch.setattr(panel, "show", timed)
    panel.epochs.value = 30
    started = time.perf_counter()
    train(panel)
    # The first and the last picture are drawn whatever they cost; between them a tenth is the rule.
    assert sum(pictures[1:-1]) < 0.2 * (time.perf_counter() - started)
