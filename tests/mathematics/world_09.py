"""Chapter 09: labels as rows, what an epoch costs, why the loss dances, what of an accuracy is chance."""

import numpy as np

from nnlib import SGD
from nnlib.gradcheck import numerical_gradient
from tests.mathematics.claims import Scene
from tests.mathematics.world_04 import classes
from tests.mathematics.world_05 import WIDTHS, N, backward_products, forward_products, tallied
from tests.mathematics.world_10 import outcomes


def epoch(rng):
    products = forward_products(WIDTHS) + backward_products(WIDTHS)
    return Scene(rng, given={"N": N, "K": 3, "n": WIDTHS}, define={"M": lambda: tallied(*products)})


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
    return Scene(
        rng,
        given={"N": N, "a": a},
        outcomes=lambda: [(p, {"a_hat": np.mean(one)}) for p, one in outcomes(*[[(a, 1), (1 - a, 0)]] * N)],
    )


def read_by_one(rng):
    """Two networks, equally good; q is 1 where only the first is right, -1 where only the second is."""
    N, share = 3, rng.uniform(0.1, 0.4)
    law = [(share, 1), (share, -1), (1 - 2 * share, 0)]
    return Scene(
        rng,
        indices={"n": "N"},
        given={"N": N, "q_n": np.array([1, 0, 1])},
        define={"u": lambda q_n: np.sum(q_n == 1), "v": lambda q_n: np.sum(q_n == -1)},
        outcomes=lambda: [(p, {"q_n": np.array(q)}) for p, q in outcomes(*[law] * N)],
    )


def stretched(rng):
    return Scene(rng, indices={"z": [-1.3, 0.0, 0.4]})


WORLDS = {
    "Why divide by 255?": [stretched],
    "What does an epoch cost?": [epoch],
    "Why does it dance?": [valley],
    "The envelope": [throws, read_by_one],
    "": [classes],
}
