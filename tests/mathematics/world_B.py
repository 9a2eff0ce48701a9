"""The museum: a layer of sigmoids."""

from nnlib import sigmoid
from tests.mathematics.claims import Scene
from tests.mathematics.common import any_loss


def sigmoids(rng):
    return Scene(
        rng,
        given={"N": 4, "n_out": 3, "Z": "N n_out", "C": "N n_out", "sigma": sigmoid},
        define={"Y": lambda Z: sigmoid(Z), "L": lambda Y, C: any_loss(Y, C)},
    )


WORLDS = {"Room 1: slopes": [sigmoids]}
