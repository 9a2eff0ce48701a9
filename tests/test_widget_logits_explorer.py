"""The logits explorer of chapter 04, driven through its handles."""

import re

import numpy as np
import pytest
from matplotlib.colors import to_hex

from nnlib.gradcheck import numerical_gradient
from nnlib.teach import plots
from nnlib.teach.widgets import logits_explorer
from nnlib.teach.widgets.logits_explorer import CLASSES
from nnlib.teach.widgets.parts import minus

ROWS = "Z, the logits", "P, the probabilities", "Y, the target", "dZ = P − Y"


@pytest.fixture
def explorer():
    return logits_explorer()


def rows(explorer):
    """Return the cells of each row of the table, by its name."""
    lines = re.findall(r"<tr>(.*?)</tr>", explorer.text.value)[1:]
    return {re.search(">(.*?)</th>", line)[1]: re.findall("<td>(.*?)</td>", line) for line in lines}


def set_logits(explorer, *logits):
    for slider, z in zip(explorer.logits, logits, strict=True):
        slider.value = z


@pytest.mark.parametrize(
    ("logits", "true", "cells", "loss"),
    [
        (
            (2, 1, 0),
            "dog",
            ["2.0 1.0 0.0 ", "0.665 0.245 0.090 1.000", "0 1 0 1", "+0.665 −0.755 +0.090 0.000"],
            "loss = −log P[dog] = −log 0.2447 = <b>1.408</b>",
        ),
        (
            (8, -8, -8),
            "dog",
            ["8.0 −8.0 −8.0 ", "1.000 0.000 0.000 1.000", "0 1 0 1", "+1.000 −1.000 0.000 0.000"],
            "−log 1.125e-07 = <b>16.000</b>",
        ),
        (
            (8, -8, -8),
            "cat",
            ["8.0 −8.0 −8.0 ", "1.000 0.000 0.000 1.000", "1 0 0 1", "0.000 0.000 0.000 0.000"],
            "−log 1 = <b>0.000</b>",
        ),
    ],
)
def test_the_table(explorer, logits, true, cells, loss):
    set_logits(explorer, *logits)
    explorer.true.value = true
    assert {name: " ".join(found) for name, found in rows(explorer).items()} == dict(
        zip(ROWS, cells, strict=True)
    )
    assert loss in explorer.text.value
    assert explorer.titles() == ["It says: cat", f"Less wrong: {true} up, the others down"]


@pytest.mark.parametrize("true", CLASSES)
@pytest.mark.parametrize("logits", [(-1.5, 3.0, 0.5), (-3, -3, -3)])
def test_loss_and_gradient_are_those_of_the_definition(explorer, true, logits):
    explorer.true.value = true
    set_logits(explorer, *logits)
    y = CLASSES.index(true)

    def loss(Z):
        return -np.log(np.exp(Z[0, y]) / np.exp(Z).sum())

    Z = explorer.Z.copy()
    assert np.isclose(explorer.loss, loss(Z)) and f"<b>{loss(Z):.3f}</b>" in explorer.text.value
    assert np.allclose(explorer.dZ, numerical_gradient(loss, Z), atol=1e-9)
    likeliest = "cat or dog or bird" if logits[0] == logits[1] else "dog"
    assert explorer.titles()[0] == f"It says: {likeliest}"


@pytest.mark.parametrize("shift", [-1000, 1000])
def test_a_shift_of_all_logits_changes_nothing_but_them(explorer, shift):
    before, picture, loss = rows(explorer), explorer.picture.value, f"<b>{explorer.loss:.3f}</b></p>"
    explorer.shift.value = shift
    shifted = [*(minus(f"{z + shift:.1f}") for z in (2, 1, 0)), ""]
    assert rows(explorer) == before | {ROWS[0]: shifted} and explorer.picture.value == picture
    assert explorer.text.value.endswith(loss)


def test_what_is_nearly_zero_has_no_sign_at_its_bar(explorer):
    explorer.true.value = "cat"
    set_logits(explorer, 8, -8, -8)
    assert [text.get_text() for text in explorer.figure.axes[1].texts] == ["0.000"] * 3


def test_the_bars_are_probabilities_and_gradient_in_their_colours(explorer):
    values = (explorer.P[0], explorer.dZ[0]), (plots.DATA, plots.GRADIENT)
    for ax, heights, colour in zip(explorer.figure.axes, *values, strict=True):
        assert np.allclose([bar.get_height() for bar in ax.patches], heights)
        assert to_hex(ax.patches[0].get_facecolor()).upper() == colour
