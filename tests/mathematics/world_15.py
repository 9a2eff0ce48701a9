"""Chapter 15: gradients of shards, and what messages take when each line carries one of them at a time."""

import numpy as np

from nnlib.gradcheck import numerical_gradient
from nnlib.teach.mathematics.functions import Function
from tests.mathematics.claims import Scene
from tests.mathematics.world_07 import loss, rows

SHARDS = (frozenset({1, 4, 5}), frozenset({2}), frozenset({3, 6}))


def piles(rng):
    """The mean of all papers, from the papers."""
    papers = [rng.uniform(10, 90, size) for size in (3, 5)]
    return Scene(
        rng,
        indices={"k": [1, 2]},
        define={
            "N_k": lambda k: len(papers[k - 1]),
            "m_k": lambda k: np.mean(papers[k - 1]),
            "m": lambda: np.mean(np.concatenate(papers)),
        },
    )


def one_weight(rng):
    """Samples on which one weight acts, in three shards of different sizes."""
    X, y = rng.standard_normal((6, 1)), rng.standard_normal(6)

    def mean_loss(w, chosen):
        return loss(np.array([w]), X[rows(chosen)], y[rows(chosen)])

    return Scene(
        rng,
        indices={"n": "N", "k": "p"},
        given={"N": 6, "p": 3, "w": ""},
        define={
            "L": lambda w: mean_loss(w, frozenset(range(1, 7))),
            "L_n": lambda n, w: mean_loss(w, n),
            "D_k": lambda k: SHARDS[k - 1],
            "N_k": lambda k: len(SHARDS[k - 1]),
        },
    )


def all_weights(rng):
    """Gradients by differences: of all samples, and of each shard."""

    def gradient(chosen, theta, X, y):
        return numerical_gradient(lambda one: loss(one, X[rows(chosen)], y[rows(chosen)]), theta)

    return Scene(
        rng,
        indices={"k": "p"},
        given={"N": 6, "p": 3, "size": 4, "X": "N size", "y": "N", "theta": "size"},
        define={
            "N_k": lambda k: len(SHARDS[k - 1]),
            "g_k": lambda k, theta, X, y: gradient(SHARDS[k - 1], theta, X, y),
            "g": lambda theta, X, y: gradient(frozenset(range(1, 7)), theta, X, y),
        },
    )


def by_server(p, V, alpha, beta):
    """Weights to p workers through one line, then gradients from them."""
    if p == 1:
        return 0.0
    out = [alpha + V / beta * turn for turn in range(1, p + 1)]
    back = [max(out) + alpha + V / beta * turn for turn in range(1, p + 1)]
    return max(back)


def by_ring(p, V, alpha, beta):
    """Each worker begins a round when it has sent its chunk and got its neighbour's."""
    ready = [0.0] * p
    for _ in range(2 * (p - 1)):
        gone = [one + V / p / beta for one in ready]
        ready = [max(gone[k], gone[k - 1] + alpha) for k in range(p)]
    return max(ready)


def by_tree(p, V, alpha, beta):
    """Who has to send is left out of the next round, until one is left; then the same way back."""
    left, rounds = list(range(p)), 0
    while len(left) > 1:
        left, rounds = left[::2], rounds + 1
    return sum([V / beta + alpha] * rounds) + sum([alpha + V / beta] * rounds)


def steps(all_reduce, B=12, workers=(1, 2, 3, 4), fast=1.0):
    """Steps of a batch whose samples are computed one by one, by workers that may be fast."""

    def world(rng):
        return Scene(
            rng,
            indices={"p": list(workers)},
            given={
                "B": B,
                "t": rng.uniform(0.5, 1.5) / fast,
                "V": rng.uniform(2, 5),
                "alpha": rng.uniform(0.1, 0.4),
                "beta": rng.uniform(1, 3),
                "log_2": Function(np.log2, prefix=True),
            },
            define={
                "C_p": lambda p, V, alpha, beta: all_reduce(p, V, alpha, beta),
                "T_p": lambda p, B, t, C_p: sum([t] * (B // p)) + C_p(p),
                "S_p": lambda p, T_p: T_p(1) / T_p(p),
                "V_ring": lambda p, V: sum(len(chunk) for chunk in sent_by_one(p, 12)) * V / 12,
            },
        )

    return world


def nearly(share):
    """Three workers on lines so slow that what is saved is nearly what the messages take."""

    def world(rng):
        scene = steps(by_ring, workers=(3,))(rng)
        saved = scene.value("t") * 12 * (1 - 1 / 3)
        scene.given["beta"] = 4 / 3 * scene.value("V") / (share * saved - 4 * scene.given["alpha"])
        return scene.where({})

    return world


def sent_by_one(p, numbers):
    """The chunks that the first of p workers sends around a ring."""
    chunks = np.array_split(np.arange(numbers), p)
    return [chunks[-turn % p] for turn in range(2 * (p - 1))]


def last_of_many(rng):
    """The mean of the largest of p exponential times: the integral of the chance that not all are there."""
    x = np.linspace(0, 60, 60_001)

    def last(p):
        not_yet = 1 - (1 - np.exp(-x)) ** p
        return np.sum(not_yet[1:] + not_yet[:-1]) / 2 * (x[1] - x[0])

    return Scene(rng, indices={"p": [1, 2, 3, 4, 7]}, define={"M_p": lambda p: last(p) if p else 0.0})


def not_all_is_shared(rng):
    """A job of 60 equal tasks after some seconds that nobody can share."""
    share = rng.uniform(0.1, 0.4)
    tasks = [(1 - share) / 60] * 60

    def seconds(p):
        return share + max(sum(tasks[first::p]) for first in range(p))

    return Scene(
        rng,
        indices={"p": [2, 3, 5, 6]},
        given={"s": share},
        define={"S_p": lambda p: (share + sum(tasks)) / seconds(p)},
    )


several = (2, 3, 4)
WORLDS = {
    "Two piles of exam papers": [piles],
    "A gradient is a mean, too": [one_weight, all_weights],
    "What a step costs": [steps(by_server, workers=several)],
    "Around a ring": [steps(by_ring, workers=several)],
    "Up a tree": [steps(by_tree, workers=(1, 2, 3, 4, 5, 8, 9))],
    "When does it pay?": [
        steps(by_ring, workers=several),
        steps(by_ring, workers=several, fast=100),
        nearly(0.97),
        nearly(1.03),
    ],
    "The slowest one": [last_of_many],
    "Ten thousand workers": [not_all_is_shared],
    "": [steps(by_ring, workers=several)],
}
