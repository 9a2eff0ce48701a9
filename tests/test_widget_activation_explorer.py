"""The activation explorer of chapter 03, driven through its handles."""

import math

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import StepPatch

from nnlib.teach import plots
from nnlib.teach.widgets import activation_explorer
from nnlib.teach.widgets.activation_explorer import BATCH, LAYERS, values_and_slopes


@pytest.fixture(scope="module")
def shared():
    return activation_explorer()


@pytest.fixture
def explorer(shared):
    shared.function.value, shared.x.value, shared.spread.value = "tanh", 1, 1
    return shared


def normal(x):
    """P(Z <= x) of a standard normal number."""
    return (1 + math.erf(x / math.sqrt(2))) / 2


def test_what_is_written_is_true(explorer):
    assert explorer.y == math.tanh(1) and explorer.slope == pytest.approx(1 / math.cosh(1) ** 2)
    edge = math.atanh(math.sqrt(0.9))  # 1 - tanh² is 0.1 there
    assert explorer.flat == pytest.approx(2 * normal(-edge), abs=0.01) and explorer.dead == 0
    assert explorer.survives == pytest.approx(np.mean(1 - np.tanh(BATCH) ** 2) ** 10)
    text = explorer.text.value
    for part in ("f(x) = <b>0.762</b>", "f′(x) = <b>0.420</b>", f"<b>{explorer.flat:.1%}</b> of the batch"):
        assert part in text
    assert text.endswith(f"<b>{explorer.survives:.2g}</b></p>") and "(exactly 0: 0.0%)" in text


@pytest.mark.parametrize("function", LAYERS)
def test_slopes_are_those_of_the_function(function):
    X = np.array([-6, -2.3, 0.7, 6])
    (above, below), slopes = values_and_slopes(function, np.array([X + 1e-5, X - 1e-5]))
    assert slopes.mean(axis=0) == pytest.approx((above - below) / 2e-5, abs=1e-8)


@pytest.mark.parametrize(
    ("function", "edge"), [("tanh", math.atanh(math.sqrt(0.9))), ("sigmoid", math.acosh(4))]
)
@pytest.mark.parametrize("spread", [0.1, 1, 10])
def test_a_wide_batch_lies_where_it_is_flat(explorer, function, edge, spread):
    explorer.function.value, explorer.spread.value = function, spread
    assert explorer.flat == pytest.approx(2 * normal(-edge / spread), abs=0.015)


@pytest.mark.parametrize("spread", [0.1, 10])
def test_half_of_relu_is_dead_whatever_the_spread(explorer, spread):
    explorer.spread.value = spread
    explorer.function.value = "ReLU"
    assert explorer.dead == explorer.flat == pytest.approx(0.5, abs=0.01)
    explorer.function.value = "leaky ReLU"
    assert explorer.dead == 0 and explorer.flat == pytest.approx(0.5, abs=0.01)


def test_a_share_of_zero_is_written(explorer):
    explorer.spread.value = 0.1
    assert explorer.flat == 0 and "<b>0.0%</b> of the batch" in explorer.text.value
    assert explorer.survives > 0.9


@pytest.mark.parametrize("control, value", [("function", "ReLU"), ("x", -2.0), ("spread", 3.0)])
def test_each_control_changes_text_and_picture(explorer, control, value):
    text, picture = explorer.text.value, explorer.picture.value
    getattr(explorer, control).value = value
    assert explorer.text.value != text and explorer.picture.value != picture


def test_it_answers_at_once(explorer, in_plain_pictures):
    assert in_plain_pictures(lambda value: setattr(explorer.x, "value", value), np.linspace(-3, 3, 7)) <= 4.5


def test_the_picture_marks_the_flat_part_of_the_batch(explorer):
    explorer.spread.value = 3
    function, slopes, batch = explorer.figure.axes
    assert "tanh" in function.get_title() and "below 0.1" in slopes.get_title()
    assert batch.get_title() == f"{explorer.flat:.0%} of the batch lies where it is flat"
    steep, flat = (patch for patch in batch.patches if isinstance(patch, StepPatch))
    assert to_hex(steep.get_facecolor()).upper() == plots.DATA
    assert to_hex(flat.get_facecolor()).upper() == plots.WRONG
    counts, _, baseline = flat.get_data()
    assert np.array_equal(baseline, steep.get_data()[0]) and counts.sum() == len(BATCH)
    assert (counts - baseline).sum() / len(BATCH) == pytest.approx(explorer.flat)
