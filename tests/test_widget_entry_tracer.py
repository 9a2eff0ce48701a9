"""The entry tracer of chapter 02, driven through its handles."""

import re

import numpy as np
import pytest

from nnlib.teach.widgets import entry_tracer
from nnlib.teach.widgets.entry_tracer import EntryTracer

X = np.array([[1, 2, -1], [3, 1, 2], [-2, 1, 1], [1, -3, 2]])
W = np.array([[2, 3], [-1, 1], [2, -3]])
dZ = np.array([[1, 2], [3, -1], [-1, 2], [2, 1]])


@pytest.fixture
def tracer():
    return entry_tracer(X, W, dZ)


@pytest.fixture
def undrawn(monkeypatch):
    """Return a tracer whose picture stays empty, for tests that move it often."""
    monkeypatch.setattr(EntryTracer, "draw", lambda self, figure: None)
    return entry_tracer(X, W, dZ)


def plain(tracer):
    """Return the text without its tags."""
    return re.sub(r"<.*?>", "", tracer.text.value)


@pytest.mark.parametrize(
    ("gradient", "right", "axes"),
    [("dW", X.T @ dZ, "ij"), ("db", dZ.sum(axis=0), "j"), ("dX", dZ @ W.T, "ni")],
)
def test_every_entry_is_the_sum_of_its_terms(undrawn, gradient, right, axes):
    undrawn.gradient.value = gradient
    for place, value in np.ndenumerate(right):
        for letter, k in zip(axes, place, strict=True):
            getattr(undrawn, letter).value = k + 1
        assert sum(undrawn.terms) == undrawn.value == value
        assert len(undrawn.terms) == (2 if gradient == "dX" else 4)
        assert f" = {value}".replace("-", "−") in plain(undrawn)


def test_the_sum_is_written_with_its_numbers(tracer):
    assert plain(tracer).startswith("dW21 = Σn Xn2 dZn1 = 2 · 1 + 1 · 3 + 1 · (−1) + (−3) · 2 = −2")
    assert "dW[1, 0] = X[:, 1] @ dZ[:, 0]" in plain(tracer) and "dW = X.T @ dZ" in plain(tracer)
    tracer.gradient.value = "db"
    assert plain(tracer).startswith("db1 = Σn dZn1 = 1 + 3 + (−1) + 2 = 5")
    assert "db[0] = dZ[:, 0].sum()" in plain(tracer)
    tracer.gradient.value = "dX"
    assert plain(tracer).startswith("dX12 = Σj dZ1j W2j = 1 · (−1) + 2 · 1 = 1")
    assert "dX[0, 1] = dZ[0] @ W[1]" in plain(tracer)


@pytest.mark.parametrize("gradient", ["dW", "db", "dX"])
@pytest.mark.parametrize("place", [(1, 1, 1), (4, 3, 2), (2, 3, 1)])
def test_the_code_in_the_text_gives_the_entry(undrawn, gradient, place):
    undrawn.gradient.value = gradient
    undrawn.n.value, undrawn.i.value, undrawn.j.value = place
    entry, whole = re.findall(r"<code>(.*?)</code>", undrawn.text.value)
    names = {"X": X, "W": W, "dZ": dZ}
    exec(whole, names)
    assert eval(entry.partition(" = ")[2], names) == undrawn.value == eval(entry.partition(" = ")[0], names)


def test_the_index_that_is_summed_over_cannot_be_moved(tracer):
    for gradient, disabled in (
        ("dW", [True, False, False]),
        ("db", [True, True, False]),
        ("dX", [False, False, True]),
    ):
        tracer.gradient.value = gradient
        assert [slider.disabled for slider in (tracer.n, tracer.i, tracer.j)] == disabled


def test_the_picture_frames_what_meets(tracer):
    def framed():
        tracer.figure.clear()
        tracer.draw(tracer.figure)
        (ax,) = tracer.figure.axes
        return sum(patch.get_linewidth() == 1.5 for patch in ax.patches)

    assert framed() == 4 + 4 + 1  # a column of X, a column of dZ, the entry
    tracer.gradient.value = "db"
    assert framed() == 4 + 1
    tracer.gradient.value = "dX"
    assert framed() == 2 + 2 + 1


def test_a_slider_is_followed_within_a_third_of_a_second(tracer, in_plain_pictures):
    pictures = {tracer.picture.value}

    def move(entry):
        tracer.i.value, tracer.j.value = entry
        pictures.add(tracer.picture.value)

    assert in_plain_pictures(move, [(1, 1), (1, 2), (3, 2), (3, 1), (2, 2)]) <= 4.5 and len(pictures) == 6


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
