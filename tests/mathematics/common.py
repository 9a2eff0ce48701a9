"""What the worlds of several chapters share: nnlib's own forward passes, and a loss that sees every entry."""

import numpy as np

from nnlib import Dense
from nnlib.teach.checks.in_mathematics import any_loss

__all__ = ["any_loss", "dense"]


def dense(X, W, b):
    """X W + b, as nnlib computes it."""
    layer = Dense(*W.shape, rng=np.random.default_rng(0), dtype=np.float64)
    layer.W[...], layer.b[...] = W, b
    return layer.forward(X)
