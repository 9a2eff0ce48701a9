"""Chapter 02: one column through a layer, then a batch of rows."""

from tests.mathematics.claims import Scene
from tests.mathematics.common import any_loss, dense


def column(rng):
    """One sample, standing: y = M x + b, with m for the entries of M."""
    return Scene(
        rng,
        indices={"i": "n_in", "j": "n_out", "k": "n_out"},
        given={
            "n_in": 3,
            "n_out": 2,
            "one": 1,
            "M": "n_out n_in",
            "x": "n_in one",
            "b": "n_out one",
            "C": "one n_out",
        },
        define={
            "m": lambda M: M,
            "W": lambda M: M.swapaxes(0, 1),
            "y": lambda m, x, b: dense(x.reshape(1, -1), m.swapaxes(0, 1), b.ravel()).reshape(-1, 1),
            "L": lambda y, C: any_loss(y.reshape(1, -1), C),
        },
    )


def batch(rng):
    """N samples as rows."""
    return Scene(
        rng,
        indices={"n": "N", "r": "N", "i": "n_in", "j": "n_out", "k": "n_out"},
        given={"N": 5, "n_in": 4, "n_out": 3, "X": "N n_in", "W": "n_in n_out", "b": "n_out", "C": "N n_out",
               "A": "n_in N", "B": "N n_out"},
        define={"Z": dense, "L": lambda Z, C: any_loss(Z, C)},
        meant=[r"(A B)_{ij}", r"\mathrm{d}W_{ij}"],
    )  # fmt: skip


WORLDS = {"": [column, batch]}
