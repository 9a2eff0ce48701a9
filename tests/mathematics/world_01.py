"""Chapter 01: one neuron, ŷ = w x + b, with the mean squared error, and descent by nnlib.SGD."""

import numpy as np

from nnlib import MSE, SGD
from nnlib.gradcheck import numerical_gradient
from tests.mathematics.claims import Scene


def value(y_hat, y):
    return MSE().value(y_hat[:, None], y[:, None])


def loss(theta, x, y):
    return value(np.polyval(theta.ravel(), x), y)


def slopes(theta, x, y):
    return numerical_gradient(lambda theta: loss(theta, x, y), theta)


def hessian(x, y):
    """The second differences of a square are exact."""
    e, f = np.eye(2), lambda *steps: loss(sum(steps, np.zeros(2)), x, y)
    return np.array([[f(e[i], e[j]) - f(e[i]) - f(e[j]) + f() for j in (0, 1)] for i in (0, 1)])


def descended(theta, eta, x, y, steps=1):
    theta = theta.copy()
    for _ in range(steps):
        SGD([theta], eta).step([slopes(theta, x, y)])
    return theta


def largest_rate(H):
    """Found by trying: whether the distance from the bottom has grown after many steps."""
    low, high = 0.0, 4 / np.trace(H)
    for _ in range(30):
        eta = (low + high) / 2
        far = np.abs(np.linalg.matrix_power(np.eye(2) - eta * H, 300)).max() > 1
        low, high = (low, eta) if far else (eta, high)
    return low


def line(rng):
    """θ is a column."""
    return Scene(
        rng,
        indices={"n": "N", "k": [1, 2], "t": [1, 2, 5]},
        given={"N": 6, "two": 2, "one": 1, "x": "N", "y": "N", "theta": "two one", "eta": 0.02},
        define={
            "w": lambda theta: theta[0, 0],
            "b": lambda theta: theta[1, 0],
            "y_hat": lambda w, b, x: np.polyval([w, b], x),
            "L": value,
            "g": slopes,
            "h_w": lambda eta, g: -eta * g[0, 0],
            "h_b": lambda eta, g: -eta * g[1, 0],
            "theta_star": lambda x, y: np.polyfit(x, y, 1)[:, None],
            "w_star": lambda theta_star: theta_star[0, 0],
            "b_star": lambda theta_star: theta_star[1, 0],
            "L_star": lambda theta_star, x, y: loss(theta_star, x, y),
            "u": lambda theta, theta_star: (theta - theta_star)[0, 0],
            "v": lambda theta, theta_star: (theta - theta_star)[1, 0],
            "r": lambda theta_star, x, y: np.polyval(theta_star.ravel(), x) - y,
            "H": hessian,
            "H_ww": lambda H: H[0, 0],
            "H_wb": lambda H: H[0, 1],
            "H_bw": lambda H: H[1, 0],
            "H_bb": lambda H: H[1, 1],
            "lam": lambda H: np.linalg.eigh(H)[0],
            "lam_max": lambda H: np.linalg.norm(H, 2),
            "q": lambda H: np.linalg.eigh(H)[1].T,
            "c": lambda t, q, theta, theta_star, eta, x, y: q @ (descended(theta, eta, x, y, t) - theta_star),
            "gradient descent converges from every start": lambda eta, H: bool(eta < largest_rate(H)),
        },
        arguments={"L": [("w", "b"), ("theta",)]},
        after={
            "w": lambda theta, eta, x, y: descended(theta, eta, x, y)[0, 0],
            "b": lambda theta, eta, x, y: descended(theta, eta, x, y)[1, 0],
        },
        small="eta",
    )


def from_any_line(rng):
    """u and v count from another line than the best: the rests are no longer balanced."""
    names = ("N", "x", "y", "w", "b", "y_hat", "L")
    world, other = line(rng), rng.standard_normal(2)
    return Scene(
        rng,
        indices={"n": "N"},
        given={name: world.value(name) for name in names},
        define={
            "u": lambda w: w - other[0],
            "v": lambda b: b - other[1],
            "r": lambda x, y: np.polyval(other, x) - y,
        },
    )


def just_short_enough(rng):
    world = line(rng)
    return world.where({"eta": 0.99 * largest_rate(world.value("H"))})


def just_too_long(rng):
    world = line(rng)
    return world.where({"eta": 1.01 * largest_rate(world.value("H"))})


def at_the_bottom(rng):
    world = line(rng)
    return world.where({"theta": world.value("theta_star")})


def by_hand(rng):
    """The chapter's two samples."""
    x, y = np.array([1.0, 3]), np.array([4.0, 6])
    return line(rng).where({"N": 2, "x": x, "y": y, "theta": np.array([[1.0], [0]]), "eta": 0.05})


def turned(rng):
    """An arrow q of length 1 in any direction, p at right angles to it, and a column of both."""
    return Scene(
        rng,
        given={"N": 6, "phi": "", "x": "N", "y": "N", "c_q": "", "c_p": ""},
        define={
            "q": lambda phi: np.array([[np.exp(1j * phi).real], [np.exp(1j * phi).imag]]),
            "p": lambda q: np.array([[0, -1], [1, 0]]) @ q,
            "a": lambda q, p, c_q, c_p: c_q * q + c_p * p,
            "H": hessian,
        },
    )


def nudge(rng):
    return Scene(rng, given={"z": "", "h": ""})


def standardised(rng):
    return Scene(
        rng,
        indices={"n": "N"},
        given={"N": 6, "x": "N", "y": "N"},
        define={
            "m": lambda x: x.mean(),
            "s": lambda x: x.std(),
            "centred": lambda x: x - np.polyval(np.polyfit(x, x, 0), 0.0),
            "standard": lambda centred, N: centred * np.sqrt(N) / np.linalg.norm(centred),
            "x'": lambda standard: standard,
            "H": lambda standard, y: hessian(standard, y),
        },
    )


WORLDS = {
    "": [line, standardised],
    "The slopes, by the chain rule": [line, nudge],
    "One step, by hand": [by_hand],
    "The bottom, with a pencil": [at_the_bottom],
    "The shape of the loss": [line, from_any_line],
    "Two directions": [line, turned],
    "How large may the learning rate be?": [just_short_enough, just_too_long],
}
