"""The six pairs of chapter 14: each default is what its words say."""

import numpy as np
import pytest

from nnlib import Adam, Momentum
from nnlib.gradcheck import numerical_gradient
from nnlib.initializers import he
from nnlib.teach import defaults
from nnlib.teach.defaults import APART, CHOICES, NOTHING, PAIRS, ROWS, TIMES, Program

START, LOSS_5, LOSS_20, GRADIENT = TIMES
MOMENTUM, FALLS, ADAM, TINY, SGD_DECAY, ADAM_DECAY = APART
# In which rows a default is seen; all others it spares.
SEEN = {
    "decoupled-decay": {ADAM_DECAY},
    "epsilon": {ADAM, TINY, ADAM_DECAY},
    "initial-weights": {START},
    "loss-entries": {LOSS_5, LOSS_20, GRADIENT, *APART},
    "loss-sum": {LOSS_5, LOSS_20, GRADIENT, *APART},
    "momentum-rate": {FALLS},
    "no-correction": {ADAM, TINY, ADAM_DECAY},
    "softmax-twice": {LOSS_5, LOSS_20, GRADIENT, *APART},
}


@pytest.mark.parametrize("key", CHOICES)
def test_a_default_is_seen_where_it_should_be(key):
    found = defaults._measured(key)
    assert tuple(found) == ROWS
    assert {row for row in TIMES if abs(found[row] - 1) > NOTHING} == SEEN[key] & set(TIMES)
    assert {row for row in APART if found[row] > NOTHING} == SEEN[key] & set(APART)
    assert all(found[row] < NOTHING / 1000 or found[row] > 1000 * NOTHING for row in APART)


@pytest.mark.parametrize("key", CHOICES)
def test_what_is_printed_is_not_at_the_edge_of_rounding(key):
    for row, value in defaults._measured(key).items():
        assert all(defaults._said(row, value * (1 + d)) == defaults._said(row, value) for d in (1e-4, -1e-4))


def test_the_table_has_a_row_for_each_measurement():
    lines = str(defaults.symptoms()).splitlines()
    assert len(lines) == 3 + len(ROWS) and lines[0].split()[::2] == ["pair"] * 6
    assert [line[2:28].strip() for line in lines if line.startswith("  ") and "pair" not in line] == list(
        ROWS
    )
    assert lines[2].split()[-1] == "0.336" and lines[3].split()[-5] == "5" and lines[4].split()[-5] == "20"
    assert list(defaults.symptoms().found) == list(PAIRS)


def test_gradients_of_the_losses_are_right(rng):
    y = rng.integers(3, size=6)
    for loss in (defaults._mean, defaults._sum, defaults._mean_of_entries, defaults._of_probabilities):
        Z = rng.standard_normal((6, 3))
        slopes = numerical_gradient(lambda Z, loss=loss: float(loss(Z, y)[0]), Z)
        assert np.allclose(loss(Z, y)[1], slopes, atol=1e-9)


def test_the_optimisers_are_those_of_their_formulas(rng):
    g = rng.standard_normal((7, 4))
    rates = [0.1] * 4 + [0.02] * 3
    beta, p, v = 0.9, np.zeros(4), np.zeros(4)
    inside = defaults.MomentumInside([np.zeros(4)], lambda t: rates[t - 1])
    outside = Momentum([np.zeros(4)], 0.1)
    for t in range(7):
        v = beta * v + rates[t] * g[t]
        p = p - v
        inside.step([g[t]])
        outside.step([g[t]])
        assert np.allclose(inside.params[0], p)
        assert np.allclose(inside.params[0], outside.params[0]) == (t < 4)
    uncorrected, right = (kind([np.zeros(4)], 0.1) for kind in (defaults.Uncorrected, Adam))
    for optimizer in (uncorrected, right):
        optimizer.step([g[0]])
    assert np.allclose(right.params[0], -0.1 * np.sign(g[0]))
    assert np.allclose(uncorrected.params[0], -0.1 * 0.1 * g[0] / (np.sqrt(0.001) * np.abs(g[0]) + 1e-8))


def test_the_start_of_each_is_as_wide_as_it_says():
    W = defaults._small_uniform(np.random.default_rng(0), 25, 4000)
    assert 0.199 < np.abs(W).max() <= 1 / 5 and np.isclose(W.var(), 1 / 75, rtol=0.02)
    assert Program().init is he and Program().adam is Adam
