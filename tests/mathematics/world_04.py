"""Chapter 04: losses and their gradients, each by nnlib's own value."""

import numpy as np

from nnlib import MSE, BinaryCrossEntropy, SoftmaxCrossEntropy, log_softmax, one_hot, sigmoid, softmax
from tests.mathematics.claims import Scene

PLACES = [-2.1, -0.6, 0.3, 1.7]
CLASSES = {"n": "N", "c": "C", "k": "C"}


def squares(rng):
    return Scene(
        rng,
        indices={"n": "N", "j": "n_out"},
        given={"N": 4, "n_out": 3, "Y_hat": "N n_out", "Y": "N n_out"},
        define={"L": MSE().value},
    )


def one_logit(rng):
    return Scene(
        rng,
        given={"z": "", "y": rng.uniform(0.1, 0.9), "sigma": sigmoid},
        define={"p": lambda z: float(sigmoid(z)), "ell": lambda p, y: MSE().value([[p]], [[y]])},
    )


def labels(rng):
    """Labels between 0 and 1 for more to go wrong: the formulas hold for them too."""
    return Scene(
        rng,
        indices={"n": "N", "j": "n_out", "z": PLACES},
        given={"N": 4, "n_out": 3, "Z": "N n_out", "Y": rng.uniform(0.1, 0.9, (4, 3)), "sigma": sigmoid,
               "y": rng.uniform(0.1, 0.9), "p": rng.uniform(0.2, 0.8)},
        define={
            "P": lambda Z: sigmoid(Z),
            "L": BinaryCrossEntropy().value,
            "likelihood": lambda p: np.where([True, True, False, True], p, 1 - p).prod(),
        },
        meant=[r"\text{likelihood}"],
    )  # fmt: skip


def classes(rng, Z="N C"):
    N, C = 5, 4
    label = rng.integers(C, size=N)
    return Scene(
        rng,
        indices=CLASSES,
        given={"N": N, "C": C, "Z": Z, "y": label + 1, "s": "N", "sigma": sigmoid,
               "Y": one_hot(label, C, dtype=float), "delta": np.eye(C)},
        define={
            "P": lambda Z: np.exp(log_softmax(Z)),
            "L": lambda Z, y: SoftmaxCrossEntropy().value(Z, y - 1),
            "m": lambda Z: Z.max(axis=1),
        },
    )  # fmt: skip


def through_probabilities(rng):
    """The loss of probabilities, whether or not they sum to 1, so that each can be moved by itself."""
    world = classes(rng)
    world.define["L"] = lambda P, y: (
        -np.mean([np.log(row[label - 1]) for row, label in zip(P, y, strict=True)])
    )
    return world


def equal_logits(rng):
    return classes(rng, Z=np.repeat(rng.standard_normal((5, 1)), 4, axis=1))


def one_row(rng):
    """One row of logits; c and k are two of its classes."""
    return Scene(
        rng,
        indices={"c": "C", "k": "C"},
        given={"C": 3, "z": "C", "sigma": sigmoid},
        define={
            "p": lambda z: softmax(z[None])[0],
            "S": lambda z: np.exp(np.logaddexp.reduce(z)),
            "J": lambda z: np.array([tangent(z, k) for k in range(3)]).T,
        },
        distinct="ck",
    )


def functions(rng):
    u, v = (lambda x: np.exp(2 * x)), (lambda x: x**2 + 1)
    return Scene(rng, given={"x": 0.7, "sigma": sigmoid, "u": u, "v": v})


def unit(rng):
    """A map to positive numbers of which only differences of logits count."""
    f0, a = rng.uniform(0.4, 2.5, 2)
    return Scene(rng, indices={"z": PLACES, "s": PLACES}, given={"a": a, "f": lambda z: f0 * np.exp(a * z)})


def tangent(z, k, step=1e-4):
    """How all probabilities move with logit k."""
    moved = step * np.eye(len(z))[k]
    return (softmax((z + moved)[None]) - softmax((z - moved)[None]))[0] / (2 * step)


WORLDS = {
    "One number for a whole batch": [squares],
    "Yes or no": [one_logit],
    "How likely were these labels?": [labels],
    "Why exp?": [unit],
    "The Jacobian disappears": [through_probabilities],
    "": [classes, one_row, equal_logits, functions],
}
