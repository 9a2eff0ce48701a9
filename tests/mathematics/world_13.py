"""Chapter 13: what operations bring on the way back, by nnlib's tape, and what both ways cost."""

import numpy as np

from nnlib.autograd import Tensor
from nnlib.teach.mathematics.functions import difference
from tests.mathematics.claims import Scene
from tests.mathematics.common import any_loss
from tests.mathematics.world_05 import tallied


def later(y):
    """A loss that comes somewhere behind y, and is no line."""
    return np.sin(1.3 * y) + 0.4 * y**2


def operation(rng):
    return Scene(
        rng,
        given={"a": "", "b": ""},
        define={"y": lambda a, b: a**2 * b + np.cos(b), "L": lambda y: later(y)},
    )


def five_operations(rng):
    """Each with a letter for its result, by the tape."""
    return Scene(
        rng,
        given={"a": "", "b": ""},
        define={
            "s": lambda a, b: (Tensor(a) + Tensor(b)).data.item(),
            "p": lambda a, b: (Tensor(a) * Tensor(b)).data.item(),
            "q": lambda a, b: (Tensor(a) / Tensor(b)).data.item(),
            "t": lambda a: Tensor(a).tanh().data.item(),
            "u": lambda a: Tensor(a).exp().data.item(),
        },
    )


def square(rng):
    """Both operands of a product are x."""
    return Scene(
        rng,
        given={"x": ""},
        define={"a": lambda x: x, "b": lambda x: x, "y": lambda a, b: a * b, "L": lambda y: later(y)},
    )


def product(rng):
    return Scene(
        rng,
        indices={"i": "rows", "k": "inner", "j": "columns"},
        given={"rows": 2, "inner": 3, "columns": 4, "A": "rows inner", "B": "inner columns",
               "C": "rows columns"},
        define={"Y": lambda A, B: (Tensor(A) @ Tensor(B)).data, "L": lambda Y, C: any_loss(Y, C)},
    )  # fmt: skip


def summed(rng):
    return Scene(
        rng,
        indices={"n": "N", "j": "width"},
        given={"N": 3, "width": 4, "A": "N width", "c": "width"},
        define={"s": lambda A: Tensor(A).sum(axis=0).data, "L": lambda s, c: any_loss(s[None], c[None])},
    )


def repeated(rng):
    return Scene(
        rng,
        indices={"n": "N", "j": "width"},
        given={"N": 3, "width": 4, "X": "N width", "b": "width", "C": "N width"},
        define={"Y": lambda X, b: (Tensor(X) + Tensor(b)).data, "L": lambda Y, C: any_loss(Y, C)},
    )


def largest(rng):
    return Scene(
        rng,
        indices={"n": "N", "j": "width"},
        given={"N": 3, "width": 4, "A": rng.permutation(12).reshape(3, 4) / 10, "c": "N"},
        define={"m": lambda A: Tensor(A).max(axis=1).data, "L": lambda m, c: any_loss(m[None], c[None])},
    )


def doublings(rng):
    return Scene(
        rng,
        indices={"k": range(1, 5)},
        given={"K": 4, "start": ""},
        define={"x_k": lambda k, x_k, start: x_k(k - 1) + x_k(k - 1) if k > 0 else {0: start}[k]},
    )


def kept(g, t):
    """What stands in `grad` after t passes that nobody resets."""
    x = Tensor(0.7)
    for one in g[:t]:
        (x * one).backward()
    return 0.0 if x.grad is None else x.grad.item()


def diamond(rng):
    """The numbers of the text: x is used twice, and what is made of it too."""
    return Scene(
        rng,
        given={"x": 2.0},
        define={"a": lambda x: x * x, "L": lambda a: a * a + a},
    )


def pictured(rng):
    """The expression of the panel."""
    return Scene(
        rng,
        given={"x": 2.0, "w": -1.5, "b": 3.5},
        define={"z": lambda x, w, b: x * w + b, "L": lambda z, x: (z * x - 2) ** 2},
    )


def never_reset(rng):
    return Scene(
        rng,
        indices={"t": [1, 2, 3, 4]},
        given={"T": 4, "g_t": "T", "v": "", "g": "", "beta": 1.0},
        define={"v_t": lambda t, g_t: kept(g_t, t)},
        after={"v": lambda v, g: v + g},
    )


SIZES = {0: 5, 1: 2, 2: 4, 3: 3}


def layers(rng):
    """Three layers with tanh; each J by moving what goes into its own layer."""
    W = [rng.uniform(-0.9, 0.9, (SIZES[level], SIZES[level + 1])) for level in range(3)]

    def through(x, first, last):
        for level in range(first, last):
            x = np.tanh(x @ W[level])
        return x

    def jacobian(x, first, last):
        units = np.eye(len(x))
        columns = [difference(lambda step, one=one: through(x + step * one, first, last)) for one in units]
        return np.stack(columns, axis=1)

    return Scene(
        rng,
        indices={"i": "n_out", "j": "n_in", "k": "upper", "m": "lower"},
        given={"n_in": 5, "n_out": 3, "upper": 4, "lower": 2, "x": "n_in"},
        define={
            "y": lambda x: through(x, 0, 3),
            "J": lambda x: jacobian(x, 0, 3),
            "J_1": lambda x: jacobian(x, 0, 1),
            "J_2": lambda x: jacobian(through(x, 0, 1), 1, 2),
            "J_3": lambda x: jacobian(through(x, 0, 2), 2, 3),
        },
    )


def costs(rng):
    n0, n1, n2, n3 = SIZES.values()
    return Scene(
        rng,
        given={"n": SIZES},
        define={
            "C_forward": lambda: tallied((n2, n1, n0), (n3, n2, n0)),
            "C_reverse": lambda: tallied((n3, n2, n1), (n3, n1, n0)),
        },
    )


def along_x(of):
    return lambda x: difference(lambda step: of(x + step))


def carried(rng):
    """Two numbers that depend on x, and what is made of them; a prime is a slope along x."""

    def a(x):
        return np.sin(1.7 * x) + 0.3

    def b(x):
        return np.exp(0.4 * x) - 2

    of_x = {
        "a": a,
        "b": b,
        "s": lambda x: a(x) + b(x),
        "p": lambda x: a(x) * b(x),
        "t": lambda x: np.tanh(a(x)),
    }
    primes = {f"{name}'": along_x(of) for name, of in of_x.items()}
    return Scene(rng, given={"x": ""}, define={**of_x, **primes})


def checkpoints(rng, s=6):
    """M, counted: the checkpoints that are there, and the outputs of the piece at hand, at the worst."""

    def most(K, s):
        left = [*range(0, K, s)]
        return max(len(left[: piece + 1]) + len(range(first, min(first + s, K)))
                   for piece, first in enumerate(left))  # fmt: skip

    return Scene(rng, given={"K": 36, "s": s}, define={"M": lambda K, s: most(K, s)})


def few(rng):
    return checkpoints(rng, s=12)


def curved(rng):
    C = rng.uniform(0.5, 1.5, 3)

    def g(theta):
        return np.cos(C @ theta) * C + 3 * theta**2

    def hessian(theta):
        return np.stack([difference(lambda step, one=one: g(theta + step * one)) for one in np.eye(3)])

    return Scene(
        rng,
        given={"three": 3, "theta": "three", "v": "three", "h": 0.1, "g": g},
        define={"H": hessian},
        small="h",
    )


WORLDS = {
    "What the lines of chapter 05 had in common": [operation, five_operations],
    "Where paths meet": [square],
    "From numbers to arrays": [product, summed, repeated, largest],
    "Every path, one by one": [doublings],
    "Who goes first?": [diamond],
    "Gradients that stay": [never_reset],
    "The tape of `nnlib`": [square],
    "Look at it": [pictured],
    "From the other end": [layers, costs, carried],
    "Memory for time": [checkpoints, few],
    "The slope of a slope": [curved],
    "": [operation],
}
