"""Chapter 00: a layer of two inputs, and a network of two layers."""

import numpy as np

from nnlib import Dense
from tests.mathematics.claims import Scene
from tests.mathematics.common import any_loss, dense


def layer(rng):
    return Scene(
        rng,
        indices={"n": "N", "i": "n_in", "j": "n_out", "k": "rows", "l": "columns"},
        given={"N": 5, "n_in": 2, "n_out": 3, "X": "N n_in", "W": "n_in n_out", "b": "n_out",
               "rows": 4, "columns": 2, "A": "rows columns", "C": "rows columns"},
        define={
            "Z": dense,
            "L": lambda A, C: any_loss(A, C),
            "n_params": lambda n_in, n_out: sum(p.size for p in Dense(n_in, n_out, rng=rng).params),
        },
    )  # fmt: skip


def network(rng):
    return Scene(
        rng,
        given={"N": 5, "n_in": 3, "n_hidden": 4, "n_out": 2, "X": "N n_in", "W_1": "n_in n_hidden",
               "b_1": "n_hidden", "W_2": "n_hidden n_out", "b_2": "n_out", "f": np.tanh},
        define={
            "Z_1": lambda X, W_1, b_1: dense(X, W_1, b_1),
            "A_1": lambda Z_1: np.tanh(Z_1),
            "Z_2": lambda A_1, W_2, b_2: dense(A_1, W_2, b_2),
        },
    )  # fmt: skip


WORLDS = {"": [layer, network]}
