"""Chapter 11: weight decay, dropout, and the way back to the image."""

import itertools

import numpy as np

from nnlib import SGD
from nnlib.gradcheck import numerical_gradient
from tests.mathematics.claims import Scene
from tests.mathematics.common import any_loss, dense


def stepped(p, eta, slope):
    """One step of nnlib.SGD along this slope."""
    p = np.array(p, float)
    SGD([p], eta).step([slope])
    return p


def decay(rng):
    def penalised(W, C, lam):
        return any_loss(W, C) + float(lam * np.vdot(W, W) / 2)

    def slope(W, C, lam):
        return numerical_gradient(lambda W: penalised(W, C, lam), W.copy())

    return Scene(
        rng,
        indices={"i": "n_in", "j": "n_out"},
        given={"n_in": 4, "n_out": 3, "W": "n_in n_out", "C": "n_in n_out", "lam": rng.uniform(0.2, 2),
               "eta": 0.1},
        define={"L": lambda W, C: any_loss(W, C), "L_lam": penalised},
        after={"W": lambda W, C, lam, eta: stepped(W, eta, slope(W, C, lam))},
    )  # fmt: skip


def dropout(rng):
    """All masks of a small layer, each with its probability."""
    p, shape = rng.uniform(0.2, 0.8), (3, 2)
    masks = [np.reshape(one, shape) for one in itertools.product([0.0, 1.0], repeat=6)]
    return Scene(
        rng,
        indices={"n": "three", "j": "two"},
        given={"three": 3, "two": 2, "X": "three two", "C": "three two", "p": p},
        define={
            "Y": lambda X, M, p: np.where(M == 1, X / (1 - p), 0),
            "L": lambda Y, C: any_loss(Y, C),
        },
        outcomes=lambda: [((1 - p) ** M.sum() * p ** (1 - M).sum(), {"M": M}) for M in masks[9:] + masks[:9]],
    )


def image(rng):
    """One image through three layers; L is the logit k."""
    k = 2
    return Scene(
        rng,
        indices={"k": [k]},
        given={"n_0": 5, "n_1": 4, "n_2": 2, "n_3": 3, "X": "n_0", "W_1": "n_0 n_1", "W_2": "n_1 n_2",
               "W_3": "n_2 n_3", "b_1": "n_1", "b_2": "n_2", "b_3": "n_3", "f": np.tanh, "e": np.eye(3),
               "eta": 0.1, "lam": rng.uniform(0.2, 2)},
        define={
            "Z_1": lambda X, W_1, b_1: dense(X[None], W_1, b_1)[0],
            "Z_2": lambda Z_1, W_2, b_2: dense(np.tanh(Z_1)[None], W_2, b_2)[0],
            "z": lambda Z_2, W_3, b_3: dense(np.tanh(Z_2)[None], W_3, b_3)[0],
            "L": lambda z: z[k - 1],
        },
    )  # fmt: skip


def climbing(rng):
    """A step up the slope of some logit, where ink costs something."""
    return Scene(
        rng,
        given={"size": 3, "X": "size", "lam": rng.uniform(0.2, 2), "eta": 0.1},
        define={"L": lambda X: float(np.sin(X).sum() + X.prod())},
        after={
            "X": lambda X, lam, eta: stepped(
                X,
                eta,
                numerical_gradient(lambda X: float(lam / 2 * X @ X - np.sin(X).sum() - X.prod()), X.copy()),
            )
        },
    )


def ink(rng):
    S = rng.uniform(0.1, 1, (4, 6))
    return Scene(
        rng,
        indices={"i": range(1, 5), "j": range(1, 7)},
        given={"S": S, "r": balanced(S.sum(axis=1)), "c": balanced(S.sum(axis=0))},
    )


def balanced(weights):
    """Where a rod with these weights at 1, 2, … does not tip, by bisection."""
    low, high, places = 0.0, 10.0, np.arange(1, len(weights) + 1)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if weights @ (places - middle) > 0 else (low, middle)
    return low


WORLDS = {
    "Remedy one: weights that have to earn their size": [decay],
    "Remedy two: dropout": [dropout],
    "What does an answer depend on?": [image],
    "What does the network think a 3 looks like?": [climbing],
    "Why is my 7 misread?": [ink],
}
