"""Chapter 07: mini-batches drawn by chance, and an epoch that nnlib cuts into batches."""

import itertools

import numpy as np

from nnlib import MSE, SGD, minibatches
from nnlib.gradcheck import numerical_gradient
from tests.mathematics.claims import Scene


def loss(theta, X, y):
    return MSE().value(np.tanh(X @ theta)[:, None], y[:, None])


def rows(chosen):
    """The rows, counted from 0, of one sample or of a set."""
    return [one - 1 for one in sorted(chosen)] if isinstance(chosen, frozenset) else [chosen - 1]


def samples(rng):
    """A loss over N samples; S is one of all the batches of B that can be drawn."""
    return Scene(
        rng,
        indices={"n": "N", "m": "N", "i": "size"},
        given={"N": 5, "B": 3, "size": 2, "X": "N size", "y": "N", "theta": "size", "eta": 0.3},
        define={
            "L": loss,
            "g": lambda theta, X, y: numerical_gradient(lambda one: loss(one, X, y), theta),
            "g_n": lambda n, theta, X, y: numerical_gradient(
                lambda one: loss(one, X[rows(n)], y[rows(n)]), theta
            ),
            "d_n": lambda n, g_n, g: g_n(n) - g,
            "sigma": lambda N, g_n: np.sqrt(np.var([g_n(n) for n in range(1, N + 1)], axis=0).sum()),
        },
        outcomes=lambda N, B: equally([{"S": S} for S in subsets(N, B)]),
        after={"theta": lambda theta, g, eta: stepped(theta, g, eta)},
        distinct="nm",
    )


def subsets(N, B):
    return [frozenset(one) for one in itertools.combinations(range(1, N + 1), B)]


def equally(outcomes):
    return [(1 / len(outcomes), one) for one in outcomes]


def stepped(theta, g, eta):
    theta = theta.copy()
    SGD([theta], eta).step([g])
    return theta


def epoch(rng):
    """The batches S_k that nnlib makes of N samples; the last one is smaller."""
    world = samples(rng)
    world.outcomes, world.distinct = None, ""
    world.indices["k"] = "K"
    world.define |= {
        "S_k": lambda k, batches: batches[k - 1],
        "B_k": lambda k, batches: len(batches[k - 1]),
        "K": lambda batches: len(batches),
        "batches": lambda N, B: [
            frozenset(int(one) + 1 for one in numbers.ravel())
            for numbers, _ in minibatches(np.arange(N)[:, None], np.zeros((N, 1)), batch_size=B, rng=rng)
        ],
        "L_n": lambda n, theta, X, y: loss(theta, X[rows(n)], y[rows(n)]),
    }
    return world


WORLDS = {"An epoch": [epoch], "The loss of an epoch": [epoch], "": [samples]}
