"""What the worlds of several chapters share: nnlib's own forward passes, and a loss that sees every entry."""

import numpy as np

from nnlib import Dense


def dense(X, W, b):
    """X W + b, as nnlib computes it."""
    layer = Dense(*W.shape, rng=np.random.default_rng(0), dtype=np.float64)
    layer.W[...], layer.b[...] = W, b
    return layer.forward(X)


def any_loss(Z, C):
    """A loss that depends on each entry of Z in its own way."""
    return float(np.sum(np.sin(Z) * C + 0.3 * Z**2 * C**2))
