"""The panel of chapter 08, driven through its handles."""

import asyncio
import re
import sys

import pytest

from nnlib import Sigmoid
from nnlib.teach.widgets import xor_panel


@pytest.fixture
def panel(monkeypatch):
    monkeypatch.setattr(sys.modules["nnlib.teach.widgets.xor"], "PAUSE", 0)
    panel = xor_panel()
    panel.epochs.value = 300
    return panel


def test_both_train_and_only_b_solves_it(panel, train):
    untrained = panel.picture.value
    train(panel)
    assert len(panel.a.losses) == len(panel.b.losses) == panel.epoch == 300
    told = r"Epoch 300\. A: loss 0\.4\d+, 3 of 4 right; B: loss 0\.0\d+, 4 of 4 right\."
    assert re.fullmatch(told, panel.status.value)
    assert panel.picture.value != untrained and not panel.train.disabled and panel.stop.disabled


def test_equal_settings_give_equal_runs(panel, raw, train):
    panel.a.activation.value = "tanh"
    assert raw(panel.a.net.params) == raw(panel.b.net.params)
    train(panel)
    assert raw(panel.a.net.params) == raw(panel.b.net.params) and panel.a.losses == panel.b.losses


def test_the_seed_decides_where_both_begin(panel, raw):
    first = raw(panel.a.net.params)
    panel.seed.value = 4
    assert raw(panel.a.net.params) != first
    panel.seed.value = 3
    assert raw(panel.a.net.params) == first


def test_units_and_activation_begin_anew(panel, train):
    train(panel)
    panel.b.units.value = 5
    panel.b.activation.value = "sigmoid"
    assert panel.b.net.layers[0].n_out == 5 and isinstance(panel.b.net.layers[1], Sigmoid)
    assert panel.epoch == 0 and panel.a.losses == [] and panel.status.value == "Ready."


def test_stop_ends_early_and_train_goes_on(panel, train):
    panel.epochs.value = 5000

    async def run():
        panel.train.click()
        while panel.epoch < 3:
            await asyncio.sleep(0)
        panel.stop.click()
        await panel.task

    asyncio.run(run())
    stopped = panel.epoch
    assert 3 <= stopped < 5000
    panel.epochs.value = 50
    train(panel)
    assert panel.epoch == stopped + 50


def test_reset_gives_the_first_weights_back(panel, raw):
    first = raw(panel.a.net.params + panel.b.net.params)

    async def run():
        panel.train.click()
        while panel.epoch < 3:
            await asyncio.sleep(0)
        running = panel.task
        panel.reset.click()
        await running

    asyncio.run(run())
    assert raw(panel.a.net.params + panel.b.net.params) == first
    assert panel.status.value == "Ready." and panel.epoch == 0 and not panel.train.disabled


def test_the_learning_rate_is_followed_while_it_trains(panel):
    panel.b.lr.value = 0.001
    run = panel.run(200)
    for _ in range(100):
        next(run)
    slow = panel.b.losses[0] - panel.b.losses[-1]
    panel.b.lr.value = 1.0
    for _ in run:
        pass
    assert 0 < 10 * slow < panel.b.losses[99] - panel.b.losses[-1]


def test_a_run_that_overflows_says_so_and_the_other_goes_on(panel, train):
    panel.a.units.value, panel.a.lr.value = 8, 100
    panel.a.net.params[0][...] = 1e30  # far enough that the first steps overflow
    train(panel)
    assert "A: " in panel.status.value and "stopped: the loss is" in panel.status.value
    assert len(panel.b.losses) == 300 > len(panel.a.losses)
