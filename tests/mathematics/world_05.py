"""Chapter 05: a net for a pencil, any stack of layers, and what they cost."""

# ruff: noqa: E741 (l is the letter of the formulas)
import numpy as np

from nnlib import MSE, Dense, Tanh
from nnlib.gradcheck import numerical_gradient
from tests.mathematics.claims import Scene
from tests.mathematics.common import any_loss, dense

WIDTHS = {0: 3, 1: 5, 2: 2, 3: 6}
N = 4


def pencil(rng, **numbers):
    """Two inputs, two hidden units, one output, one sample."""
    sizes = {"two": 2, "x": "two", "w": "two two", "b": "two", "v": "two", "c": "", "y": "", "eta": ""}
    return Scene(
        rng,
        given=sizes | numbers,
        define={
            "z": lambda x, w, b: dense(x[None], w, b)[0],
            "a": lambda z: Tanh().forward(z),
            "y_hat": lambda a, v, c: dense(a[None], v[:, None], np.atleast_1d(c))[0, 0],
            "L": lambda y_hat, y: MSE().value([[y_hat]], [[y]]),
        },
    )


def exercise(rng):
    """The numbers of exercise 5.1; a test holds them to those of its check."""
    w, b, v = np.array([[0.2, 0.45], [0.6, 0.1]]), np.array([0.1, -0.3]), np.array([0.5, -1.2])
    return pencil(rng, x=np.array([-1.0, 2]), y=1.0, eta=0.5, w=w, b=b, v=v, c=-0.4)


def stack(rng, layer, i, j):
    """K layers of any widths, each with tanh; δ is what nnlib hands down."""
    W = {level: rng.uniform(-0.9, 0.9, (WIDTHS[level - 1], WIDTHS[level])) for level in (1, 2, 3)}
    b = {level: rng.standard_normal(WIDTHS[level]) for level in (1, 2, 3)}
    return Scene(
        rng,
        indices={"n": "N", "m": "N", "l": [layer], "i": "below", "j": "above"},
        given={"N": N, "K": 3, "n": WIDTHS, "below": WIDTHS[i], "above": WIDTHS[j], "W": W, "b": b,
               "f": np.tanh, "inputs": rng.standard_normal((N, WIDTHS[0])),
               "C": rng.standard_normal((N, WIDTHS[3]))},
        define={
            "A": lambda l, Y, inputs: Y(l) if l else inputs,
            "X": lambda l, A: A(l - 1),
            "Z": lambda l, X, W, b: dense(W=W(l), b=b(l), X=X(l)),
            "Y": lambda l, Z: np.tanh(Z(l)),
            "L": lambda Z, C: any_loss(Z(3), C),
            "delta": handed_down,
        },
    )  # fmt: skip


def handed_down(l, W, b, inputs, C):
    """∂L/∂Z of layer l: forward, then back through nnlib's own layers."""
    layers = []
    for level in (1, 2, 3):
        layer = Dense(*W(level).shape, rng=np.random.default_rng(0), dtype=np.float64)
        layer.W[...], layer.b[...] = W(level), b(level)
        layers += [layer, Tanh()]
    X = inputs
    for layer in layers[:-1]:
        X = layer.forward(X)
    blame = numerical_gradient(lambda Z: any_loss(Z, C), X)
    for layer in reversed(layers[2 * [1, 2, 3].index(l) + 1 : -1]):
        blame = layer.backward(blame)
    return blame


def rule(rng):
    return stack(rng, 2, i=1, j=2)


def recursion(rng):
    return stack(rng, 2, i=2, j=3)


def fork(rng):
    return Scene(
        rng,
        given={"x": ""},
        define={
            "s": lambda x: np.sin(2 * x),
            "t": lambda x: x**2 + x,
            "L": lambda s, t: s**2 * t + np.exp(0.3 * t),
        },
    )


class Tally:
    """A number that counts how often it is multiplied."""

    count = 0

    def __mul__(self, other):
        Tally.count += 1
        return self

    def __add__(self, other):
        return self


def tallied(*shapes):
    """How many multiplications these matrix products take, each of three sizes."""
    Tally.count = 0
    for n, m, k in shapes:
        np.full((n, m), Tally()) @ np.full((m, k), Tally())
    return Tally.count


def forward_products(widths):
    return [(N, widths[level - 1], widths[level]) for level in (1, 2, 3)]


def backward_products(widths):
    """dW of each layer, and dA of each but the first."""
    weights = [(widths[level - 1], N, widths[level]) for level in (1, 2, 3)]
    return weights + [(N, widths[level], widths[level - 1]) for level in (2, 3)]


def costs(rng):
    return Scene(
        rng,
        indices={"l": "K"},
        given={"N": N, "K": 3, "n": WIDTHS},
        define={
            "C_forward": lambda: tallied(*forward_products(WIDTHS)),
            "C_backward": lambda: tallied(*backward_products(WIDTHS)),
        },
    )


def samples(rng):
    """A loss that is the mean over the samples; its gradient, and that of each sample."""
    return Scene(
        rng,
        indices={"n": "N"},
        given={"N": 5, "two": 2, "X": "N two", "y": "N", "theta": "two"},
        define={
            "L_n": lambda n, theta, X, y: (np.tanh(X[n - 1] @ theta) - y[n - 1]) ** 2,
            "L": lambda theta, X, y: MSE().value(np.tanh(X @ theta)[:, None], y[:, None]),
            "g_n": lambda n, theta, X, y: slope(theta, X[n - 1 : n], y[n - 1 : n]),
            "g": lambda theta, X, y: slope(theta, X, y),
        },
    )


def slope(theta, X, y):
    return numerical_gradient(lambda theta: MSE().value(np.tanh(X @ theta)[:, None], y[:, None]), theta)


def rows(rng):
    """Rows that are divided by their length."""
    return Scene(
        rng,
        indices={"n": "N", "i": "width"},
        given={"N": 4, "width": 3, "X": "N width", "C": "N width"},
        define={
            "r": lambda X: np.linalg.norm(X, axis=1),
            "Y": lambda X: np.stack([x / np.linalg.norm(x) for x in X]),
            "L": lambda Y, C: any_loss(Y, C),
        },
    )


WORLDS = {
    "A net for a pencil": [pencil],
    "Step by step": [exercise],
    "One rule for any stack": [rule],
    "The recursion": [recursion],
    "Forks add": [fork, pencil],
    "What does it cost?": [costs],
    "A batch, or one sample at a time": [samples],
    "Once more, with something new": [rows],
    "": [pencil],
}
