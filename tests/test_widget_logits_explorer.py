"""The logits explorer of chapter 04, driven through its handles."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from nnlib.gradcheck import numerical_gradient
from nnlib.teach import plots
from nnlib.teach.widgets import logits_explorer
from nnlib.teach.widgets.logits_explorer import CLASSES


@pytest.fixture
def explorer():
    return logits_explorer()


def row(explorer, name):
    """Return the cells of a row of the table."""
    line = explorer.text.value.partition(f">{name}</th>")[2].partition("</tr>")[0]
    return [cell.partition(">")[2] for cell in line.replace("</td>", "").split("<td")[1:]]


def set_logits(explorer, *logits):
    for slider, z in zip(explorer.logits, logits, strict=True):
        slider.value = z


def bars(explorer):
    """Return the heights of the bars, left and right, and the titles."""
    figure = Figure()
    explorer.draw(figure)
    return [[bar.get_height() for bar in ax.patches] for ax in figure.axes], [
        ax.get_title() for ax in figure.axes
    ]


def test_it_starts_with_the_numbers_of_the_chapter(explorer):
    assert row(explorer, "Z, the logits") == ["2.0", "1.0", "0.0", ""]
    assert row(explorer, "P, the probabilities") == ["0.665", "0.245", "0.090", "1.000"]
    assert row(explorer, "Y, the target") == ["0", "1", "0", "1"]
    assert row(explorer, "dZ = P - Y") == ["+0.665", "-0.755", "+0.090", "0.000"]
    assert "loss = -log P[dog] = -log 0.2447 = <b>1.408</b>" in explorer.text.value


@pytest.mark.parametrize("true", CLASSES)
def test_loss_and_gradient_are_those_of_the_definition(explorer, true):
    explorer.true.value = true
    set_logits(explorer, -1.5, 3.0, 0.5)
    y = CLASSES.index(true)

    def loss(Z):
        return -np.log(np.exp(Z[0, y]) / np.exp(Z).sum())

    Z = explorer.Z.copy()
    assert np.isclose(explorer.loss, loss(Z)) and f"<b>{loss(Z):.3f}</b>" in explorer.text.value
    assert np.allclose(explorer.dZ, numerical_gradient(loss, Z), atol=1e-9)


@pytest.mark.parametrize("shift", [-1000, 1000])
def test_a_shift_of_all_logits_changes_nothing_but_them(explorer, shift):
    before = explorer.text.value, explorer.picture.value
    explorer.shift.value = shift
    assert row(explorer, "Z, the logits")[0] == f"{2 + shift:.1f}"
    assert explorer.text.value.partition("P, the")[2] == before[0].partition("P, the")[2]
    assert explorer.picture.value == before[1]


def test_the_bars_are_probabilities_and_gradient_in_their_colours(explorer):
    (left, right), titles = bars(explorer)
    assert np.allclose(left, explorer.P[0]) and np.allclose(right, explorer.dZ[0])
    assert titles == ["It says: cat", "Less wrong: dog up, the others down"]
    figure = Figure()
    explorer.draw(figure)
    colours = [ax.patches[0].get_facecolor() for ax in figure.axes]
    assert [f"#{''.join(f'{round(255 * x):02X}' for x in c[:3])}" for c in colours] == [
        plots.DATA,
        plots.GRADIENT,
    ]


def test_equal_logits(explorer):
    set_logits(explorer, -3, -3, -3)
    assert np.isclose(explorer.loss, np.log(3))
    assert bars(explorer)[1][0] == "It says: cat or dog or bird"


def test_the_hardest_push_is_one(explorer):
    set_logits(explorer, 8, -8, -8)
    assert row(explorer, "dZ = P - Y") == ["+1.000", "-1.000", "+0.000", "0.000"]
    assert "-log 1.125e-07 = <b>16.000</b>" in explorer.text.value
    explorer.true.value = "cat"
    assert "-log 1 = <b>0.000</b>" in explorer.text.value and bars(explorer)[1][1].startswith(
        "Less wrong: cat"
    )


def test_it_answers_at_once(explorer, in_plain_pictures):
    slider = explorer.logits[2]
    assert in_plain_pictures(lambda value: setattr(slider, "value", value), (3.0, 2.5, 2.0, 1.5, 1.0)) <= 4.5
