"""Chapter 06: difference quotients, their two errors, and kinks."""

import itertools

import numpy as np

from nnlib.gradcheck import numerical_gradient, relative_error
from tests.mathematics.claims import Scene


def any_loss(theta):
    return float(np.sum(np.sin(theta) + 0.3 * theta**2) + np.prod(theta))


def descent(rng):
    """A step along a wrong gradient."""
    return Scene(
        rng,
        indices={"i": "size"},
        given={"size": 3, "theta": "size", "g_tilde": "size", "eta": 0.01},
        define={"L": any_loss, "g": lambda theta: numerical_gradient(any_loss, theta)},
        arguments={"L": [("theta",)]},
        small="eta",
    )


def smooth(rng):
    return Scene(
        rng,
        given={"x": rng.uniform(0.2, 0.6), "h": 0.05, "f": lambda x: np.exp(0.8 * x) + 0.4 * np.sin(2 * x)},
        define={"chord": lambda f, x, h: np.polyfit([x, x + h], [f(x), f(x + h)], 1)[0]},
        between={
            "xi": lambda x, h: (x - h, x + h),
            "xi_+": lambda x, h: (x, x + h),
            "xi_-": lambda x, h: (x - h, x),
        },
        meant=[r"\text{chord}"],
    )


def rounded(rng):
    """The worst that rounding to the nearest number can do, found by trying all four ways."""
    world = smooth(rng).where({"h": 1e-3, "eps": 1e-6})
    world.define |= {
        "rounding error, forward": lambda f, x, h, eps: worst(f(x + h), f(x), h, eps),
        "central": lambda f, x, h, eps: worst(f(x + h), f(x - h), 2 * h, eps),
    }
    return world


def worst(right, left, distance, eps):
    off = [1 + eps / 2, 1 - eps / 2]
    return max(
        abs((right * p - left * q) - (right - left)) / distance for p, q in itertools.product(off, off)
    )


def best_step(error):
    """Where the error is smallest: it is as large a little to the left as to the right."""
    low, high = 1e-6, 1.0
    for _ in range(60):
        h = np.sqrt(low * high)
        low, high = (low, h) if error(h * 1.0001) > error(h / 1.0001) else (h, high)
    return h


def forward(rng):
    """A parabola of this curvature: the error of its forward difference, and of rounding."""
    return Scene(
        rng,
        indices={"h": [0.003, 0.02, 0.5]},
        given={"eps": 1e-5, "f": rng.uniform(0.5, 2), "curvature": -rng.uniform(0.5, 2)},
        define={
            "f''": lambda curvature: curvature,
            "E": lambda f, eps, curvature: lambda h: abs(curvature / 2 * h**2) / h + worst(f, f, h, eps),
            "h_star": lambda E: best_step(E),
        },
    )


def central(rng):
    """The same for a cubic and its central difference."""
    return Scene(
        rng,
        indices={"h": [0.003, 0.02, 0.5]},
        given={"eps": 1e-5, "f": rng.uniform(0.5, 2), "bend": -rng.uniform(0.5, 2)},
        define={
            "f'''": lambda bend: bend,
            "E": lambda f, eps, bend: (
                lambda h: abs(bend / 6 * h**3 - bend / 6 * (-h) ** 3) / (2 * h) + worst(f, f, 2 * h, eps)
            ),
            "h_star": lambda E: best_step(E),
        },
    )


def network(rng):
    return Scene(
        rng,
        indices={"i": "size"},
        given={"size": 3, "X": "size", "h": 0.02, "U": np.eye(3)},
        define={"L": lambda X: any_loss(X)},
        arguments={"L": [("X",)]},
        small="h",
    )


def compared(rng):
    return Scene(
        rng,
        indices={"i": "size"},
        given={"eps": 2.0**-52, "size": 4, "A": "size", "B": "size", "relative error": relative_error},
    )


def kink(rng):
    """Two smooth pieces, both curved, that meet at x."""
    left, right, x = *rng.uniform(0.5, 2, 2), rng.standard_normal()
    return Scene(
        rng,
        given={"x": x, "h": 0.02, "s_-": -left, "s_+": right,
               "f": lambda at: 1.5 + np.where(at < x, -left, right) * np.sin(at - x) + (at - x) ** 2},
        small="h",
    )  # fmt: skip


def weighted(rng):
    """A loss that is a weighted sum of a layer's outputs."""
    return Scene(
        rng,
        indices={"n": "N", "j": "width"},
        given={"N": 4, "width": 3, "Y": "N width", "C": "N width"},
        define={"L": lambda C, Y: float(np.vdot(C, Y))},
    )


WORLDS = {
    "The loss falls, so it must be right?": [descent],
    "The definition of a slope": [smooth],
    "Why not take the smallest step there is?": [rounded],
    "The best step": [forward, central],
    "From one number to a network": [network],
    "How near is near enough?": [compared],
    "Kinks": [kink],
    "An instrument of your own": [weighted],
}
