"""The activation explorer of chapter 03, driven through its handles."""

import math

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import StepPatch

from nnlib.teach import plots
from nnlib.teach.widgets import activation_explorer
from nnlib.teach.widgets.activation_explorer import BATCH, LAYERS, values_and_slopes

EDGES = {"tanh": math.atanh(math.sqrt(0.9)), "sigmoid": math.acosh(4)}  # where the slope is 0.1


@pytest.fixture(scope="module")
def shared():
    return activation_explorer()


@pytest.fixture
def explorer(shared):
    shared.function.value, shared.x.value, shared.spread.value = "tanh", 1, 1
    return shared


def beyond(x):
    """P(Z < -x or Z > x) of a standard normal number."""
    return math.erfc(x / math.sqrt(2))


def test_point_and_batch(explorer):
    assert explorer.y == math.tanh(1) and explorer.slope == pytest.approx(1 / math.cosh(1) ** 2)
    assert explorer.flat == pytest.approx(beyond(EDGES["tanh"]), abs=0.01) and explorer.dead == 0
    assert explorer.survives == pytest.approx(np.mean(1 - np.tanh(BATCH) ** 2) ** 10)


@pytest.mark.parametrize("function", LAYERS)
def test_slopes_are_those_of_the_function(function):
    X = np.array([-6, -2.3, 0.7, 6])
    (above, below), slopes = values_and_slopes(function, np.array([X + 1e-5, X - 1e-5]))
    assert slopes.mean(axis=0) == pytest.approx((above - below) / 2e-5, abs=1e-8)


@pytest.mark.parametrize("function", EDGES)
@pytest.mark.parametrize("spread", [0.1, 1, 10])
def test_a_wide_batch_lies_where_it_is_flat(explorer, function, spread):
    explorer.function.value, explorer.spread.value = function, spread
    assert explorer.flat == pytest.approx(beyond(EDGES[function] / spread), abs=0.015)


def test_a_narrow_batch_keeps_its_gradient(explorer):
    explorer.spread.value = 0.1
    assert explorer.flat == 0 and explorer.survives > 0.9


@pytest.mark.parametrize("spread", [0.1, 10])
@pytest.mark.parametrize(("function", "dead"), [("ReLU", 0.5), ("leaky ReLU", 0)])
def test_half_of_relu_is_flat_whatever_the_spread(explorer, function, dead, spread):
    explorer.spread.value, explorer.function.value = spread, function
    assert explorer.flat == pytest.approx(0.5, abs=0.01)
    assert explorer.dead == (explorer.flat if dead else 0)


def test_the_picture_marks_the_flat_part_of_the_batch(explorer):
    explorer.spread.value = 3
    function, slopes, batch = explorer.figure.axes
    assert "tanh" in function.get_title() and "below 0.1" in slopes.get_title()
    assert batch.get_title() == f"{explorer.flat:.0%} of the batch lies where it is flat"
    steep, flat = (patch for patch in batch.patches if isinstance(patch, StepPatch))
    assert [to_hex(p.get_facecolor()).upper() for p in (steep, flat)] == [plots.DATA, plots.WRONG]
    counts, _, baseline = flat.get_data()
    assert np.array_equal(baseline, steep.get_data()[0]) and counts.sum() == len(BATCH)
    assert (counts - baseline).sum() / len(BATCH) == pytest.approx(explorer.flat)
