"""The panel of chapter 00 that learns XOR, driven through its handles."""

import numpy as np
import pytest

from nnlib import accuracy
from nnlib.teach.widgets import first_network


@pytest.fixture
def panel():
    panel = first_network()
    panel.pause = 0
    return panel


def test_one_click_solves_xor(panel, train):
    untrained = panel.picture.value
    assert accuracy(panel.net.predict(panel.X), panel.Y) < 1
    train(panel)
    assert np.abs(panel.net.predict(panel.X) - panel.Y).max() < 0.05
    assert len(panel.losses) == 500 and panel.losses[-1] < 1e-4 * panel.losses[0]
    assert panel.status.value.startswith("Epoch 500, loss ") and "4 of 4 right." in panel.status.value
    assert panel.picture.value != untrained and not panel.train.disabled and panel.stop.disabled


def test_another_click_goes_on(panel, train):
    losses = []
    for panel.epochs.value in (100, 100):
        train(panel)
        losses.append(panel.losses[-1])
        assert panel.status.value.startswith(f"Epoch {len(panel.losses)}, ")
    assert len(panel.losses) == 200 and losses[1] < losses[0]


def test_after_a_run_that_blew_up_a_smaller_rate_learns(panel, train):
    panel.lr.value = 1
    train(panel)
    assert (
        1 < len(panel.losses) < 100 and panel.losses[-1] > 1e6 and "try a smaller one" in panel.status.value
    )
    panel.reset.click()
    panel.lr.value, panel.epochs.value = 0.05, 100
    train(panel)
    assert panel.status.value.startswith("Epoch 100, ") and panel.status.value.endswith("4 of 4 right.")
