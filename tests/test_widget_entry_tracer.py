"""The entry tracer of chapter 02, driven through its handles."""

import re

import numpy as np
import pytest

from nnlib.teach.widgets import entry_tracer
from nnlib.teach.widgets.entry_tracer import EntryTracer

X = np.array([[1, 2, -1], [3, 1, 2], [-2, 1, 1], [1, -3, 2]])
W = np.array([[2, 3], [-1, 1], [2, -3]])
dZ = np.array([[1, 2], [3, -1], [-1, 2], [2, 1]])
RIGHT = {"dW": X.T @ dZ, "db": dZ.sum(axis=0), "dX": dZ @ W.T}
AXES = {"dW": "ij", "db": "j", "dX": "ni"}


@pytest.fixture
def tracer():
    return entry_tracer(X, W, dZ)


@pytest.fixture
def undrawn(monkeypatch):
    """A tracer whose picture stays empty, for tests that move it often."""
    monkeypatch.setattr(EntryTracer, "draw", lambda self, figure: None)
    return entry_tracer(X, W, dZ)


def plain(tracer):
    """Return the text without its tags."""
    return re.sub(r"<.*?>", "", tracer.text.value)


@pytest.mark.parametrize("gradient", RIGHT)
def test_every_entry_is_the_sum_of_its_terms(undrawn, gradient):
    undrawn.gradient.value = gradient
    for place, value in np.ndenumerate(RIGHT[gradient]):
        for letter, k in zip(AXES[gradient], place, strict=True):
            getattr(undrawn, letter).value = k + 1
        assert sum(undrawn.terms) == undrawn.value == value
        assert len(undrawn.terms) == (2 if gradient == "dX" else 4)
        assert f" = {value}".replace("-", "−") in plain(undrawn)


@pytest.mark.parametrize("gradient", RIGHT)
@pytest.mark.parametrize("place", [(1, 1, 1), (4, 3, 2), (2, 3, 1)])
def test_the_code_in_the_text_gives_the_entry(undrawn, gradient, place):
    undrawn.gradient.value = gradient
    undrawn.n.value, undrawn.i.value, undrawn.j.value = place
    entry, whole = re.findall(r"<code>(.*?)</code>", undrawn.text.value)
    names = {"X": X, "W": W, "dZ": dZ}
    exec(whole, names)
    assert eval(entry.partition(" = ")[2], names) == undrawn.value == eval(entry.partition(" = ")[0], names)


# The framed entries: a column or row of each factor, and the entry itself.
@pytest.mark.parametrize(("gradient", "framed"), [("dW", 4 + 4 + 1), ("db", 4 + 1), ("dX", 2 + 2 + 1)])
def test_the_index_that_is_summed_over_cannot_be_moved_and_what_meets_is_framed(tracer, gradient, framed):
    tracer.gradient.value = gradient
    disabled = {letter for letter in "nij" if getattr(tracer, letter).disabled}
    assert disabled == set("nij") - set(AXES[gradient])
    (ax,) = tracer.figure.axes
    assert sum(patch.get_linewidth() == 1.5 for patch in ax.patches) == framed


def test_it_begins_with_the_gradient_asked_for():
    tracer = entry_tracer([[1.5, 2]], [[0.25], [-1]], [[2]], gradient="dX")
    assert plain(tracer).startswith("dX12 = Σj dZ1j W2j = 2 · (−1) = −2")
    tracer.gradient.value, tracer.i.value = "dW", 1
    assert plain(tracer).startswith("dW11 = Σn Xn1 dZn1 = 1.5 · 2 = 3")


@pytest.mark.parametrize(
    "arrays", [(X.T, W, dZ), (X, W.T, dZ), (X, W, dZ[:3]), (X[0], W, dZ), (X, W[:, 0], dZ)]
)
def test_arrays_that_are_no_layer_are_refused(arrays):
    with pytest.raises(ValueError, match=r"X, W, dZ have shapes .*; expected \(N, n_in\), \(n_in, n_out\)"):
        entry_tracer(*arrays)
