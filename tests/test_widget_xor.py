"""The panel of chapter 08, driven through its handles."""

import re

import pytest

from nnlib import Sigmoid
from nnlib.teach.widgets import xor_panel


@pytest.fixture
def panel():
    panel = xor_panel()
    panel.pause, panel.epochs.value = 0, 300
    return panel


def test_both_train_and_only_b_solves_it(panel, train):
    train(panel)
    assert len(panel.a.losses) == len(panel.b.losses) == panel.epoch == 300
    told = r"Epoch 300\. A: loss 0\.4\d+, 3 of 4 right; B: loss 0\.0\d+, 4 of 4 right\."
    assert re.fullmatch(told, panel.status.value)


def test_equal_settings_give_equal_runs(panel, raw, train):
    panel.a.activation.value = "tanh"
    assert raw(panel.a.net.params) == raw(panel.b.net.params)
    train(panel)
    assert raw(panel.a.net.params) == raw(panel.b.net.params) and panel.a.losses == panel.b.losses


def test_the_seed_decides_where_both_begin(panel, raw):
    params = [raw(panel.a.net.params)]
    for panel.seed.value in (4, 3):
        params.append(raw(panel.a.net.params))
    assert params[0] == params[2] != params[1]


def test_units_and_activation_begin_anew(panel, train):
    train(panel)
    panel.b.units.value, panel.b.activation.value = 5, "sigmoid"
    assert panel.b.net.layers[0].n_out == 5 and isinstance(panel.b.net.layers[1], Sigmoid)
    assert panel.epoch == 0 and panel.a.losses == [] and panel.status.value == "Ready."


def test_a_run_that_overflows_says_so_and_the_other_goes_on(panel, train):
    panel.a.units.value, panel.a.lr.value = 8, 100
    panel.a.net.params[0][...] = 1e30  # far enough that the first steps overflow
    train(panel)
    assert "A: " in panel.status.value and "stopped: the loss is" in panel.status.value
    assert len(panel.b.losses) == 300 > len(panel.a.losses)
