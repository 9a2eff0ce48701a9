"""Chapter 12: convolution and pooling, by nnlib's own layers; places count from 0, as in the code."""

import functools

import numpy as np

from nnlib import Conv2D, MaxPool2D
from tests.mathematics.claims import Scene
from tests.mathematics.common import any_loss, dense

from_zero = functools.partial(Scene, first=0)


def convolved(X, W, b, s):
    """Y, as nnlib computes it."""
    k_h, k_w, n_in, n_out = W.shape
    layer = Conv2D(n_in, n_out, (k_h, k_w), stride=s, rng=np.random.default_rng(0), dtype=np.float64)
    layer.W[...], layer.b[...] = W, b
    return layer.forward(X)


def patches(X, W, s):
    """P, a place in a kernel at a time: each is the output of a kernel that is 1 there and 0 elsewhere."""
    k_h, k_w, n_in, _ = W.shape
    unit = np.eye(k_h * k_w * n_in).reshape(k_h, k_w, n_in, -1)
    P = convolved(X, unit, np.zeros(unit.shape[3]), s)
    return P.reshape(*P.shape[:3], k_h, k_w, n_in)


def of_patches(P, W, b):
    return dense(P.reshape(-1, W[..., 0].size), W.reshape(-1, len(b)), b).reshape(*P.shape[:3], len(b))


def images(rng, s, height, width):
    """A small layer: depths that differ, a kernel that is not square, patches that overlap or do not."""
    return from_zero(
        rng,
        indices={"n": "N", "i": "rows", "j": "columns", "u": "k_h", "v": "k_w", "c": "n_in", "o": "n_out",
                 "r": "height", "q": "width"},
        given={"N": 2, "height": height, "width": width, "rows": 2, "columns": 2, "k_h": 2, "k_w": 3,
               "n_in": 2, "n_out": 3, "s": s, "X": "N height width n_in", "W": "k_h k_w n_in n_out",
               "b": "n_out", "C": "N rows columns n_out"},
        define={
            "P": patches,
            "Y": of_patches,
            "L": lambda Y, C: any_loss(Y, C),
        },
    )  # fmt: skip


def close(rng):
    return images(rng, 1, 3, 4)


def apart(rng):
    return images(rng, 2, 4, 5)


WORLDS = {
    "": [close, apart],
}
