"""Chapter 12: convolution and pooling, by nnlib's own layers; places count from 0, as in the code."""

import functools

import numpy as np

from nnlib import Conv2D, MaxPool2D
from nnlib.teach.mathematics.functions import difference
from tests.mathematics.claims import Scene
from tests.mathematics.common import any_loss, dense

from_zero = functools.partial(Scene, first=0)


def convolved(X, W, b, s, p=0):
    """Y, as nnlib computes it."""
    k_h, k_w, n_in, n_out = W.shape
    rng = np.random.default_rng(0)
    layer = Conv2D(n_in, n_out, (k_h, k_w), stride=s, padding=p, rng=rng, dtype=np.float64)
    layer.W[...], layer.b[...] = W, b
    return layer.forward(X)


def patches(X, W, s):
    """P: each of its numbers is the output of a kernel that is 1 there and 0 elsewhere."""
    k_h, k_w, n_in, _ = W.shape
    unit = np.eye(k_h * k_w * n_in).reshape(k_h, k_w, n_in, -1)
    P = convolved(X, unit, np.zeros(unit.shape[3]), s)
    return P.reshape(*P.shape[:3], k_h, k_w, n_in)


def of_patches(P, W, b):
    return dense(P.reshape(-1, W[..., 0].size), W.reshape(-1, len(b)), b).reshape(*P.shape[:3], len(b))


def images(rng, s, X, Y, **more):
    """Images (N, height, width), and the rows and columns of Y: depths differ, the kernel is not square."""
    (N, height, width), (rows, columns) = X, Y
    given = {"N": N, "height": height, "width": width, "rows": rows, "columns": columns, "k_h": 2, "k_w": 3,
             "n_in": 2, "n_out": 3, "s": s, "X": "N height width n_in", "W": "k_h k_w n_in n_out",
             "b": "n_out", "C": "N rows columns n_out"}  # fmt: skip
    define = {"P": patches, "Y": of_patches, "L": lambda Y, C: any_loss(Y, C)}
    return from_zero(
        rng,
        indices={"n": "N", "i": "rows", "j": "columns", "u": "k_h", "v": "k_w", "c": "n_in", "o": "n_out",
                 "r": "height", "q": "width"} | more.get("indices", {}),
        given=given | more.get("given", {}),
        define=define | more.get("define", {}),
    )  # fmt: skip


def overlapping(rng):
    return images(rng, 1, (2, 3, 4), (2, 2))


def striding(rng):
    """A row is left over, and patches overlap only along the columns; each axis has a length of its own."""
    return images(rng, 2, (1, 5, 7), (2, 3))


def by_hand(rng):
    X = np.array([[3.0, 2, 0, 1], [4, 5, 1, 2], [0, 2, 3, 1], [1, 0, 2, 4]])
    return from_zero(
        rng,
        indices={"i": "rows", "j": "rows"},
        given={"rows": 3, "X": X, "W": np.array([[2.0, -1], [3, -2]]), "b": 2.0},
        define={"Y": lambda X, W, b: convolved(X[None, ..., None], W[..., None, None], [b], 1)[0, :, :, 0]},
    )


def sizes(rng):
    """Heights that leave rows over, and that do not."""
    H, k, s, p = (int(rng.integers(*ends)) for ends in ((9, 14), (2, 6), (2, 5), (1, 4)))
    height = convolved(np.zeros((1, H, 9, 1)), np.zeros((k, 1, 1, 1)), [0.0], s, p).shape[1]
    return from_zero(rng, given={"H": H, "k": k, "s": s, "p": p, "H'": height})


def rows(rng):
    """Patches as rows: what they are rows of does not matter any more."""
    return Scene(
        rng,
        given={"m": 6, "size": 4, "n_out": 3, "P": "m size", "W": "size n_out", "b": "n_out", "C": "m n_out"},
        define={"Y": lambda P, W, b: dense(P, W, b), "L": lambda Y, C: any_loss(Y, C)},
    )


def one_image(rng):
    """What stands in M: the outputs of images in which one pixel is 1 and all others are 0."""

    def matrix(W, s, height, width, n_in):
        units = np.eye(height * width * n_in).reshape(-1, height, width, n_in)
        Y = convolved(units, W, np.zeros(W.shape[3]), s)
        return np.moveaxis(Y, 0, -1).reshape(*Y.shape[1:], height, width, n_in)

    return images(rng, 2, (1, 5, 7), (2, 3), define={"M": matrix})


def without_bias(rng):
    """As the adjoint wants it; D is dY in zeros, its slopes of L taken by differences."""

    def framed(Y, C, k_h, k_w):
        places = np.eye(Y.size).reshape(-1, *Y.shape)
        slope = [difference(lambda step, at=at: any_loss(Y + step * at, C)) for at in places]
        slope = np.reshape(slope, Y.shape)
        return np.pad(slope, ((0, 0), (k_h - 1, k_h - 1), (k_w - 1, k_w - 1), (0, 0)))

    return images(rng, 1, (2, 3, 4), (2, 2), given={"b": np.zeros(3)}, define={"D": framed})


def pooled(rng):
    """Squares in which no two numbers are equal, and a row and a column that no square reads."""
    s = 2
    return from_zero(
        rng,
        indices={"n": "N", "i": "rows", "j": "columns", "c": "n_in", "u": "s", "v": "s"},
        given={"N": 2, "rows": 2, "columns": 3, "n_in": 4, "s": s, "C": "N rows columns n_in",
               "X": rng.permutation(2 * 5 * 7 * 4).reshape(2, 5, 7, 4) / 100},
        define={"Y": lambda X: MaxPool2D(s).forward(X), "L": lambda Y, C: any_loss(Y, C)},
    )  # fmt: skip


def moving(rng):
    """X', moved down; whatever comes in above is new."""
    s, a, above = 2, 2, rng.uniform(1, 2, (1, 4, 7, 2))
    return images(
        rng,
        s,
        (1, 8, 7),
        (4, 3),
        indices={"r": range(s * a, 8), "i": range(a, 4)},
        given={"a": a},
        define={
            "moved": lambda X: np.concatenate([above, X[:, : -s * a]], axis=1),
            "X'": lambda moved: moved,
            "Y": lambda X, W, b: convolved(X, W, b, s),
            "Y'": lambda moved, W, b: convolved(moved, W, b, s),
        },
    )


WORLDS = {
    "One output, by hand": [by_hand],
    "Depth, stride, rim": [sizes],
    "One product of matrices": [rows],
    "A dense layer with most weights missing": [one_image],
    "The gradients as products": [rows],
    "The kernel, turned": [without_bias],
    "Only the largest": [pooled],
    "Equivariant is not invariant": [moving],
    "": [overlapping, striding],
}
