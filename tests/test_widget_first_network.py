"""The panel of chapter 00 that learns XOR, driven through its handles."""

import asyncio
import sys
import threading
import time

import numpy as np
import pytest

from nnlib import accuracy
from nnlib.teach.widgets import first_network


@pytest.fixture
def panel(monkeypatch):
    monkeypatch.setattr(sys.modules["nnlib.teach.widgets.first_network"], "PAUSE", 0)
    return first_network()


def train(panel, *, until=None, then=None):
    """Click on Train; once it has seen `until` epochs, call `then`. Wait for the end."""

    async def run():
        panel.train.click()
        task = panel.task
        assert panel.train.disabled and not panel.stop.disabled
        if then is not None:
            while len(panel.losses) < until:
                await asyncio.sleep(0)
            then()
        await task

    asyncio.run(run())


def test_one_click_solves_xor(panel):
    untrained = panel.picture.value
    assert accuracy(panel.net.predict(panel.X), panel.Y) < 1
    train(panel)
    assert np.abs(panel.net.predict(panel.X) - panel.Y).max() < 0.05
    assert len(panel.losses) == 500 and panel.losses[-1] < 1e-4 * panel.losses[0]
    assert panel.status.value.startswith("Epoch 500, loss ") and "4 of 4 right." in panel.status.value
    assert panel.picture.value != untrained and not panel.train.disabled and panel.stop.disabled


def test_another_click_goes_on(panel):
    panel.epochs.value = 100
    train(panel)
    after_100 = panel.losses[-1]
    train(panel)
    assert len(panel.losses) == 200 and panel.losses[-1] < after_100
    assert panel.status.value.startswith("Epoch 200, ")


def test_stop_ends_early(panel):
    panel.epochs.value = 5000
    train(panel, until=50, then=panel.stop.click)
    assert 50 <= len(panel.losses) < 5000
    assert panel.status.value.startswith(f"Epoch {len(panel.losses)}, ") and not panel.train.disabled


def test_reset_gives_the_first_weights_back(panel, raw):
    first, picture = raw(panel.net.params), panel.picture.value
    panel.epochs.value = 5000
    train(panel, until=50, then=panel.reset.click)
    assert raw(panel.net.params) == first and panel.losses == [] and panel.picture.value == picture
    assert panel.status.value == "Ready." and not panel.train.disabled and panel.stop.disabled


def test_the_learning_rate_is_followed_while_it_trains(panel):
    panel.lr.value = 0.001
    run = panel.run(200)
    for _ in range(100):
        next(run)
    slow = panel.losses[0] - panel.losses[-1]
    panel.lr.value = 0.1
    for _ in run:
        pass
    assert 0 < 3 * slow < panel.losses[99] - panel.losses[-1]


def test_a_run_that_blows_up_says_so(panel):
    panel.lr.value = 1
    train(panel)
    assert 1 < len(panel.losses) < 100 and panel.losses[-1] > 1e6
    assert "Stopped: the loss is inf in epoch" in panel.status.value
    assert "try a smaller one" in panel.status.value and not panel.train.disabled
    panel.reset.click()
    panel.lr.value, panel.epochs.value = 0.05, 100
    train(panel)
    assert panel.status.value.startswith("Epoch 100, ") and panel.status.value.endswith("4 of 4 right.")


def test_an_overflow_on_the_way_is_no_warning(panel):
    panel.net.params[0][...] = 1e38  # warnings are errors here
    panel.net.params[2][...] = 1e38
    train(panel)
    assert "Stopped: the loss is inf in epoch 1" in panel.status.value


def test_clicks_from_another_thread_wait_for_the_picture_and_the_epoch_in_hand(panel, raw):
    """JupyterLab has each button handled in the kernel's main thread or in one of its subshells."""
    first, picture, problems = raw(panel.net.params), panel.picture.value, []

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
        assert raw(panel.net.params) == first and panel.losses == [] and panel.picture.value == picture
        thread.join()
        assert raw(panel.net.params) == first and panel.losses == [] and panel.picture.value == picture
        assert panel.status.value == "Ready." and not panel.train.disabled
    assert problems == []
