"""The patients of chapter 16: each bug is what its words say."""

import numpy as np
import pytest

from nnlib.attention import Attention
from nnlib.teach import attention_bugs
from nnlib.teach.attention_bugs import CHOICES, SETTINGS, Program
from nnlib.teach.patients import RIGHT

ONE, TWO, ONE_MASKED, TWO_MASKED, PLACE = SETTINGS
# In which settings Y is wrong; all others a bug spares.
SEEN = {
    "heads-cut": {TWO, TWO_MASKED},
    "heads-pasted": {TWO, TWO_MASKED},
    "mask-late": {ONE_MASKED, TWO_MASKED},
    "mask-turned": {ONE_MASKED, TWO_MASKED},
    "mask-zero": {ONE_MASKED, TWO_MASKED},
    "no-root": {ONE, TWO, ONE_MASKED, TWO_MASKED},
    "root-of-width": {TWO, TWO_MASKED},
    "softmax-askers": {ONE, TWO, ONE_MASKED, TWO_MASKED},
}


def columns(key, setting):
    """Return the columns in which a bug is seen."""
    return {c for c, e in attention_bugs.WARD.errors(key)[setting].items() if e is not None and e > RIGHT}


@pytest.mark.parametrize("key", CHOICES)
def test_a_bug_is_seen_where_it_should_be(key):
    errors = attention_bugs.WARD.errors(key)
    assert {setting for setting in SETTINGS if errors[setting]["Y"] > RIGHT} == SEEN[key]
    found = [e for row in errors.values() for e in row.values() if e is not None]
    assert all(e < RIGHT / 10 or e > 0.01 for e in found)


def test_what_gives_the_patients_away():
    assert columns("heads-cut", TWO) == {"Y", "map", "order"} and columns("heads-pasted", TWO) == {
        "Y",
        "order",
    }
    assert columns("mask-late", ONE_MASKED) == {"Y", "map", "rows", "future"}
    assert columns("mask-zero", ONE_MASKED) == columns("mask-turned", ONE_MASKED) == {"Y", "map", "future"}
    assert columns("softmax-askers", ONE) == {"Y", "map", "rows"}
    assert columns("no-root", ONE) == columns("root-of-width", TWO) == {"Y", "map"}


def test_a_table_has_a_row_for_each_setting():
    rows = str(attention_bugs.symptoms(2)).splitlines()
    assert rows[0].split() == ["patient", "2", "Y", "map", "rows", "future", "order"]
    assert [row[:17].strip() for row in rows[1:]] == list(SETTINGS)
    assert rows[1].split()[2:] == ["0", "0", "0", "-", "0"] and rows[5].split()[-2:] == ["-", "-"]


@pytest.mark.parametrize("heads", [1, 2, 3])
@pytest.mark.parametrize("causal", [False, True])
def test_without_a_bug_it_is_the_layer_of_nnlib(rng, heads, causal):
    layer = Attention(6, heads, causal=causal, rng=rng, dtype=np.float64)
    layer.W_O = np.eye(6)
    X = rng.standard_normal((5, 6))
    Y, A = Program()(X, layer.W_Q, layer.W_K, layer.W_V, heads, causal)
    assert np.allclose(Y, layer.forward(X[np.newaxis])[0], rtol=1e-12) and np.allclose(A, layer.A[0])


def test_cut_heads_hold_a_piece_of_the_places(rng):
    X = rng.standard_normal((4, 6))
    right, cut = attention_bugs._columns(X, 2), attention_bugs._cut(X, 2)
    assert np.array_equal(right[1], X[:, 3:]) and np.array_equal(cut[0], X[:2].reshape(4, 3))
