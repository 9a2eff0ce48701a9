import math

import numpy as np
import pytest

from nnlib import initializers

# Law: its variance, and its fourth central moment over the variance squared.
LAWS = {
    initializers.uniform: (lambda n_in, n_out: 1 / 12, 9 / 5),
    initializers.standard_normal: (lambda n_in, n_out: 1, 3),
    initializers.xavier: (lambda n_in, n_out: 2 / (n_in + n_out), 3),
    initializers.he: (lambda n_in, n_out: 2 / n_in, 3),
}
EACH_LAW = pytest.mark.parametrize("init", LAWS, ids=lambda init: init.__name__)


def test_every_initializer_has_a_row():
    assert {init.__name__ for init in LAWS} == set(initializers.__all__)


@EACH_LAW
@pytest.mark.parametrize("n_in, n_out", [(400, 100), (100, 400)])
def test_mean_and_variance(init, n_in, n_out, rng):
    """The mean of n draws has variance σ²/n, their mean square (κ - 1) σ⁴/n: 4 deviations are allowed."""
    variance, kurtosis = LAWS[init][0](n_in, n_out), LAWS[init][1]
    W, n = init(rng, n_in, n_out), n_in * n_out
    assert abs(W.mean()) <= 4 * math.sqrt(variance / n)
    assert abs((W**2).mean() - variance) <= 4 * variance * math.sqrt((kurtosis - 1) / n)


@EACH_LAW
def test_fourth_moment_tells_normal_from_uniform(init, rng):
    """The mean of n values x⁴ has variance (E[x⁸] - E[x⁴]²)/n.

    That is (105 - 9) σ⁸/n for normal draws, and (9 - 81/25) σ⁸/n for uniform ones.
    """
    variance, kurtosis = LAWS[init][0](200, 200), LAWS[init][1]
    spread = {3: 105 - 9, 9 / 5: 9 - 81 / 25}[kurtosis]
    fourth = (init(rng, 200, 200) ** 4).mean() / variance**2
    assert abs(fourth - kurtosis) <= 4 * math.sqrt(spread / 200**2)


@EACH_LAW
def test_shape_and_seed(init):
    W = init(np.random.default_rng(3), 4, 2)
    assert W.shape == (4, 2)
    assert np.array_equal(W, init(np.random.default_rng(3), 4, 2))
    assert not np.array_equal(W, init(np.random.default_rng(4), 4, 2))


def test_uniform_stays_within_a_half(rng):
    W = initializers.uniform(rng, 300, 300)
    assert -0.5 <= W.min() < -0.49 and 0.49 < W.max() < 0.5
