"""Chapter 09: labels as rows, what an epoch costs, why the loss dances, what of an accuracy is chance."""

import itertools

import numpy as np

from nnlib import SGD
from nnlib.gradcheck import numerical_gradient
from tests.mathematics.claims import Scene
from tests.mathematics.world_04 import classes
from tests.mathematics.world_05 import WIDTHS, N, backward_products, forward_products, tallied


def epoch(rng):
    products = forward_products(WIDTHS) + backward_products(WIDTHS)
    return Scene(rng, given={"N": N, "k": 3, "n": WIDTHS}, define={"M": lambda: tallied(*products)})


def walk(start, errors, lam, eta):
    """Yield the weight before and after each step on L = λ w² / 2, whose slope is off by these errors."""
    w = np.array([start])
    yield w[0]
    for error in errors:
        SGD([w], eta).step([numerical_gradient(lambda w: float(lam / 2 * w[0] ** 2), w) + error])
        yield w[0]


def valley(rng):
    """What one error has become after any number of steps says how far all of them scatter the weight."""
    return Scene(
        rng,
        indices={"t": [1, 2, 3]},
        given={
            "T": 4,
            "eps": "T",
            "start": "",
            "lam": rng.uniform(1, 2),
            "s": rng.uniform(0.5, 2),
            "eta": 0.05,
        },
        define={
            "path": lambda start, eps, lam, eta: list(walk(start, eps, lam, eta)),
            "w_t": lambda t, path: path[t - 1],
            "echoes": lambda lam, eta, s: s * np.array(list(walk(0.0, np.arange(800) == 0, lam, eta))),
            "V_t": lambda t, echoes: np.sum(echoes[:t] ** 2),
            "V": lambda echoes: np.sum(echoes**2),
        },
        small="eta",
    )


def throws(rng):
    """All that can come out of N throws."""
    N, a = 6, rng.uniform(0.6, 0.9)
    shares = np.array([np.mean(one) for one in itertools.product([0, 1], repeat=N)])
    odds = a ** (N * shares) * (1 - a) ** (N - N * shares)
    return Scene(rng, given={"N": N, "a": a, "sigma": np.sqrt(odds @ (shares - odds @ shares) ** 2)})


def stretched(rng):
    return Scene(rng, indices={"z": [-1.3, 0.0, 0.4]}, given={"c": rng.uniform(0.5, 2)})


WORLDS = {
    "Why divide by 255?": [stretched],
    "What does an epoch cost?": [epoch],
    "Why does it dance?": [valley],
    "The envelope": [throws],
    "": [classes],
}
