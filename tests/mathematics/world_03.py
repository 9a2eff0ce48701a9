"""Chapter 03: two layers and what stands between them; activations, entry by entry."""

import numpy as np

from nnlib import LeakyReLU, ReLU, sigmoid
from tests.mathematics.claims import Scene
from tests.mathematics.common import any_loss, dense

PLACES = [-1.3, -0.4, 0.0, 0.7, 1.9]


def layers(rng):
    return Scene(
        rng,
        indices={"n": "N", "i": "n_in", "j": "n_hidden", "k": "n_out"},
        given={"N": 5, "n_in": 2, "n_hidden": 4, "n_out": 3, "X": "N n_in", "W_1": "n_in n_hidden",
               "b_1": "n_hidden", "W_2": "n_hidden n_out", "b_2": "n_out"},
        define={
            "Z_1": lambda X, W_1, b_1: dense(X, W_1, b_1),
            "Z_2": lambda Z_1, W_2, b_2: dense(Z_1, W_2, b_2),
        },
    )  # fmt: skip


def bent(rng):
    return Scene(
        rng,
        indices={"x": PLACES},
        given=dict(layers(rng).given, f=lambda X: ReLU().forward(X)),
        define={
            "A_1": lambda X, W_1, b_1, f: f(dense(X, W_1, b_1)),
            "Z_2": lambda A_1, W_2, b_2: dense(A_1, W_2, b_2),
        },
    )


def one_layer(rng):
    """The layer that answers the chapter's four samples as its two layers do."""
    x, z = np.array([[1.0, 0], [0, 1], [1, 1], [2, -1]]), np.array([5.0, 3, 6, 7])
    w_1, w_2, b = np.linalg.lstsq(np.column_stack([x, np.ones(4)]), z, rcond=None)[0]
    return Scene(rng, given={"w_1": w_1, "w_2": w_2, "b": b})


def three_units(rng):
    return Scene(
        rng,
        indices={"x": PLACES, "j": "units"},
        given={"units": 3, "w": "units", "b": "units", "v": "units"},
        define={
            "y": lambda w, b, v: lambda x: float(ReLU().forward(dense(np.array([[x]]), w[None], b))[0] @ v),
        },
    )


def activation(rng):
    return Scene(
        rng,
        indices={"n": "N", "m": "N", "j": "width", "k": "width", "x": PLACES},
        given={"N": 3, "width": 4, "X": "N width", "C": "N width", "f": lambda x: np.sin(x) + 0.3 * x**2},
        define={"Y": lambda X, f: f(X), "L": lambda Y, C: any_loss(Y, C)},
    )


def one_sample(rng):
    """One row through tanh, and all its slopes at once."""
    return Scene(
        rng,
        given={"width": 4, "x": "width", "C": "width"},
        define={
            "y": lambda x: np.tanh(x),
            "J": lambda x: np.diag(np.cosh(x) ** -2.0),
            "L": lambda y, C: any_loss(y, C),
        },
    )


def smooth(rng):
    return Scene(
        rng,
        indices={"x": PLACES, "y": PLACES, "z": PLACES},
        given={"sigma": lambda x: sigmoid(x), "s": np.sinh, "c": np.cosh},
    )


def corner(g):
    """A line of slope g through the corner of ReLU."""
    relu = ReLU()
    return lambda rng: Scene(
        rng, indices={"x": PLACES, "z": PLACES}, given={"g": g, "f": relu.forward, "f'": slope(relu)}
    )


def slope(layer):
    """What the layer's own backward says, also at 0."""

    def f_prime(x):
        layer.forward(np.atleast_2d(x))
        return layer.backward(np.ones_like(np.atleast_2d(x)))[0, 0]

    return f_prime


def leaky(rng):
    alpha = rng.uniform(0.1, 0.4)
    layer = LeakyReLU(alpha)
    return Scene(rng, indices={"x": PLACES}, given={"alpha": alpha, "f": layer.forward, "f'": slope(layer)})


WORLDS = {
    "Two layers, or one?": [layers, one_layer],
    "A bend": [bent, three_units],
    "How blame passes through an activation": [activation, one_sample],
    "tanh and the sigmoid": [smooth],
    "ReLU and its corner": [corner(g) for g in (-0.2, 0.0, 0.4, 1.0, 1.2)],
    "A leak": [leaky],
    "": [smooth, layers],
}
