"""Chapter 08: XOR. What is claimed of a network at rest is tested there, all else away from it as well."""

import numpy as np

from nnlib import MSE, BinaryCrossEntropy, ReLU
from nnlib.datasets import xor
from tests.mathematics.claims import Scene
from tests.mathematics.common import dense

X, Y = (one.astype(float) for one in xor())


def line(rng, **changed):
    """One layer on four points, wherever they are."""
    return Scene(
        rng,
        indices={"n": range(1, 5), "i": [1, 2]},
        given={"two": 2, "w": "two", "b": "", "X": rng.standard_normal((4, 2)), "Y": Y[:, 0]} | changed,
        define={
            "f": lambda w, b: lambda *x: dense(np.reshape(x, (1, 2)), w[:, None], np.array([b]))[0, 0],
            "f_n": lambda w, b, X: dense(X, w[:, None], np.array([b]))[:, 0],
            "L": lambda f_n, Y: MSE().value(f_n[:, None], Y[:, None]),
        },
        at_rest=bool(changed),
    )


def best_line(rng):
    w_1, w_2, b = np.linalg.lstsq(np.column_stack([X, np.ones(4)]), Y[:, 0], rcond=None)[0]
    return line(rng, X=X, w=np.array([w_1, w_2]), b=b)


def by_hand(rng):
    """The network of the chapter's two units, as layers of nnlib; both are awake."""
    return Scene(
        rng,
        given={"x": rng.uniform(0.6, 1.4, 2)},
        define={
            "h": lambda x: ReLU().forward(dense(x[None], np.ones((2, 2)), np.array([0.0, -1])))[0],
            "z": lambda h: dense(h[None], np.array([[1.0], [-2]]), np.array([-0.5]))[0, 0],
        },
    )


def by_hand_anywhere(rng):
    return by_hand(rng).where({"x": rng.standard_normal(2)})


def network(rng, activation=np.tanh, at_rest=False, granted=False, units=(1, 2, 3, 4, 5), **changed):
    """Two layers on any four points of three inputs; j and k are any two of these units."""
    world = Scene(
        rng,
        indices={"n": range(1, 5), "i": [1, 2, 3], "j": units, "k": units},
        given={"three": 3, "units": 5, "one": 1, "X": rng.standard_normal((4, 3)), "Y": Y,
               "W_1": "three units", "b_1": "units", "W_2": "units one", "b_2": "one"} | changed,
        define={
            "Z_1": lambda X, W_1, b_1: dense(X, W_1, b_1),
            "A": lambda Z_1: activation(Z_1),
            "Z": lambda A, W_2, b_2: dense(A, W_2, b_2),
            "L": lambda Z, Y: BinaryCrossEntropy().value(Z, Y),
        },
        distinct="jk",
        at_rest=at_rest,
        granted=granted,
    )  # fmt: skip
    if np.abs(world.value("Z_1")).min() < 0.01:  # too near to the corner of ReLU: other weights
        return network(rng, activation, at_rest, granted, units, **changed)
    return world


def at_zero(rng):
    """All weights and biases are zero, so nothing comes out of the hidden layer."""
    return Scene(
        rng,
        indices={"n": range(1, 5)},
        given={"Y": Y, "W_2": np.zeros((3, 1)), "b_2": np.zeros(1), "A": np.tanh(np.zeros((4, 3)))},
        define={
            "Z": lambda A, W_2, b_2: dense(A, W_2, b_2),
            "L": lambda Z, Y: BinaryCrossEntropy().value(Z, Y),
        },
    )


def twins(rng):
    """Units 1 and 2 have the same weights, the others have not."""
    world = network(rng, units=(1, 2))
    twin = np.array([0, 0, 2, 3, 4])
    W_1, b_1, W_2 = (world.value(name) for name in ("W_1", "b_1", "W_2"))
    return world.where({"W_1": W_1[:, twin], "b_1": b_1[twin], "W_2": W_2[twin]})


def four_logits(rng, Z, points=(1, 2, 3, 4)):
    return Scene(
        rng,
        indices={"n": points},
        given={"Z": Z[:, None], "Y": Y},
        define={
            "L": lambda Z, Y: BinaryCrossEntropy().value(Z, Y),
            "right": lambda Z, Y: (Z > 0) == (Y == 1),
            "a point n is on the wrong side": lambda n, right: bool(not right[n - 1, 0]),
            "all four are right": lambda right: bool(right.all()),
        },
    )


def hardly_wrong(rng):
    """One point is a little on the wrong side, the others are as right as can be."""
    point = rng.integers(4)
    return four_logits(rng, (2 * Y[:, 0] - 1) * np.where(np.arange(4) == point, -0.01, 12), [point + 1])


def right(rng):
    return four_logits(rng, (2 * Y[:, 0] - 1) * rng.uniform(2, 4, 4))


def stack(rng):
    """S networks at once."""
    return Scene(
        rng,
        indices={"s": "S", "n": range(1, 5), "j": "units"},
        given={
            "S": 3,
            "units": 5,
            "two": 2,
            "X": rng.standard_normal((4, 2)),
            "W": "S two units",
            "b": "S units",
        },
        define={"Z": lambda X, W, b: np.stack([dense(X, *one) for one in zip(W, b, strict=True)])},
    )


def alike(rng):
    """m points with one logit, the best for the q ones among them, found by bisection."""
    m, q, low, high = 5, int(rng.integers(2, 4)), -20.0, 20.0
    labels = (np.arange(m) < q).astype(float)[:, None]
    for _ in range(80):
        z = (low + high) / 2
        high, low = (
            (z, low) if BinaryCrossEntropy().gradient(np.full((m, 1), z), labels).sum() > 0 else (high, z)
        )
    return Scene(rng, given={"m": m, "q": q, "z": z, "sigma": lambda z: 0.5 + 0.5 * np.tanh(z / 2)})


def dead_unit(rng, units=(2,)):
    """Unit 2 is silent on all points."""
    world = network(rng, ReLU().forward, at_rest=True, units=units)
    return world.where({"b_1": world.value("b_1") - [0, 20, 0, 0, 0]})


def among_others(rng):
    return dead_unit(rng, units=(1, 2, 3, 4, 5))


def hardly_awake(rng):
    world = network(rng, ReLU().forward, at_rest=True)
    return world.where({"W_1": 0.1 * world.value("W_1"), "b_1": np.full(5, 0.6)})


def awake(rng):
    return network(rng, ReLU().forward, granted=True)


def silent(w_1, w_2, b=0.0):
    return bool((dense(X, np.array([[w_1], [w_2]]), np.array([b])) <= 0).all())


def coins(rng):
    """Two weights, each as often positive as negative."""
    signs = [(a, b) for a in (-0.7, 0.4) for b in (-0.2, 0.9)]
    return Scene(
        rng,
        define={"a unit is dead at the start": lambda w_1, w_2: silent(w_1, w_2)},
        outcomes=lambda: [(1 / 4, {"w_1": a, "w_2": b}) for a, b in signs],
    )


def box(rng):
    """Weights and bias anywhere from -1/2 to 1/2; the share of silent units is a volume, piece by piece."""
    nodes, weights = np.polynomial.legendre.leggauss(4)

    def integral(f, low, high):
        middle, half = (low + high) / 2, (high - low) / 2
        return half * np.dot(weights, [f(middle + half * node) for node in nodes])

    def room(w_1, b):
        """How far w_2 may go: it, and its sum with w_1, stay below -b."""
        return min(-b, -b - w_1) + 0.5

    share = integral(
        lambda b: integral(lambda w: room(w, b), -0.5, 0) + integral(lambda w: room(w, b), 0, -b), -0.5, 0
    )
    outcomes = [(share, True), (1 - share, False)]
    return Scene(rng, outcomes=lambda: [(p, {"a unit is dead at the start": dead}) for p, dead in outcomes])


WORLDS = {
    "Can one line do it?": [line, best_line],
    "By hand": [by_hand, by_hand_anywhere],
    "Why not start at zero?": [network, at_zero, twins],
    "How often does it work?": [hardly_wrong, right, stack],
    "What goes wrong in the others?": [alike],
    "Dead units": [awake, dead_unit, among_others, hardly_awake, coins],
    "A classic that gets stuck": [box],
}
