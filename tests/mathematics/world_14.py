"""Chapter 14: conventions of frameworks, by nnlib's layers and optimisers, and numbers of sixteen bits."""

import itertools
import math

import numpy as np

from nnlib import MSE, SGD, Momentum, SoftmaxCrossEntropy, sigmoid, softmax
from nnlib.teach.formats import BFLOAT16, FLOAT16, FLOAT32
from tests.mathematics.claims import Scene
from tests.mathematics.common import any_loss, dense
from tests.mathematics.world_10 import adapted


def on_their_side(rng):
    return Scene(
        rng,
        given={"N": 5, "n_in": 3, "n_out": 4, "X": "N n_in", "A": "n_out n_in", "b": "n_out", "C": "N n_out"},
        define={
            "W": lambda A: A.T.copy(),
            "Y": lambda X, W, b: dense(X, W, b),
            "L": lambda Y, C: any_loss(Y, C),
        },
    )


def turned(rng):
    """One layer holds W, and another one beside it A, the same weights on their side."""
    return Scene(
        rng,
        given={
            "N": 5,
            "n_in": 3,
            "n_out": 4,
            "X": "N n_in",
            "V": "n_in n_out",
            "one": "n_out",
            "C": "N n_out",
        },
        define={
            "W": lambda V: V,
            "A": lambda V: V.T.copy(),
            "Y": lambda X, W, A, one: dense(X, W, one) + dense(X, A.T.copy(), one),
            "L": lambda Y, C: any_loss(Y, C),
        },
    )


def from_a_step(rng):
    def stepped(theta, g, eta):
        theta = theta.copy()
        SGD([theta], lr=eta).step([g])
        return theta

    return Scene(
        rng,
        given={"size": 4, "theta_0": "size", "g": "size", "eta": 0.3},
        define={"theta_1": lambda theta_0, g, eta: stepped(theta_0, g, eta)},
    )


def penalised(rng):
    return Scene(
        rng,
        indices={"i": "n_in", "j": "n_out"},
        given={"N": 5, "n_in": 3, "n_out": 4, "W": "n_in n_out", "C": "n_in n_out", "alpha": 0.7},
        define={
            "L": lambda W, C: any_loss(W, C),
            "L_alpha": lambda L, W, alpha, N: L + alpha * np.linalg.norm(W) ** 2 / (2 * N),
        },
    )


def beside(m, v, t, eta, eps, beta_1, beta_2):
    """How far the algorithm of the paper goes from these moments in step t, with this ε."""
    theta, _, _ = adapted(0.0, eta, beta_1, beta_2, eps, [0.0], m / beta_1, v / beta_2, t - 1)
    return -theta


def adam(rng):
    """What has been measured of scikit-learn and Keras: the paper's step, with an ε that shrinks."""
    return Scene(
        rng,
        given={"t": 4, "theta": "", "m": "", "v": rng.uniform(0.5, 2), "eta": 0.1, "eps": 0.05,
               "beta_1": 0.8, "beta_2": 0.9},
        define={
            "m_hat": lambda m, beta_1, t: m / (1 - beta_1**t),
            "v_hat": lambda v, beta_2, t: v / (1 - beta_2**t),
            "eps_t": lambda eps, beta_2, t: eps / math.sqrt(1 - beta_2**t),
        },
        after={
            "theta": lambda theta, m, v, t, eta, eps_t, beta_1, beta_2: theta
            - beside(m, v, t, eta, eps_t, beta_1, beta_2),
        },
    )  # fmt: skip


def uniform(rng):
    """All weights of a uniform law, by the nodes at which a square is integrated without an error."""
    n_in = int(rng.integers(3, 9))
    a = 1 / math.sqrt(n_in)
    nodes, weights = np.polynomial.legendre.leggauss(5)
    return Scene(
        rng,
        given={"n_in": n_in, "a": a, "n_out": n_in + 2},
        outcomes=lambda: [(p / 2, {"W": a * node}) for p, node in zip(weights, nodes, strict=True)],
    )


def velocity(t, beta, g):
    """What nnlib's Momentum has summed up after these gradients."""
    optimizer = Momentum([np.zeros(1)], lr=1.0, beta=beta)
    for one in g[:t]:
        optimizer.step([np.array([one])])
    return optimizer.v[0][0]


def momenta(rng, **define):
    """Five steps, each with a rate of its own; the rate may stand in the gradients."""
    return Scene(
        rng,
        indices={"t": range(1, 6), "tau": range(1, 6)},
        given={"T": 5, "g_t": "T", "eta_t": rng.uniform(0.4, 1.6, 5), "beta": 0.7},
        define=define,
    )


def v_t(t, beta, g_t):
    return velocity(t, beta, g_t)


def u_t(t, beta, eta_t, g_t):
    return velocity(t, beta, eta_t * g_t)


def outside(rng):
    def theta_t(t, beta, eta_t, g_t):
        theta = np.zeros(1)
        optimizer = Momentum([theta], lr=lambda t: eta_t[t - 1], beta=beta)
        for g in g_t[:t]:
            optimizer.step([np.array([g])])
        return theta[0]

    return momenta(rng, v_t=v_t, theta_t=theta_t)


def inside(rng):
    def theta_t(t, beta, eta_t, g_t):
        theta = np.zeros(1)
        optimizer = Momentum([theta], lr=1.0, beta=beta)
        for g in (eta_t * g_t)[:t]:
            optimizer.step([np.array([g])])
        return theta[0]

    return momenta(rng, u_t=u_t, theta_t=theta_t)


def both(rng):
    return momenta(rng, v_t=v_t, u_t=u_t)


def decays(rng):
    """One step of Adam, with the penalty in its gradient, and with the weight shrunk beside it."""

    def beside(theta_0, g, eta, lam, eps):
        theta = np.array([theta_0])
        SGD([theta], lr=eta).step([lam * theta])
        return theta[0] + adapted(0.0, eta, 0.9, 0.999, eps, [g])[0]

    return Scene(
        rng,
        given={"theta_0": "", "g": "", "eta": 0.1, "lam": 0.3, "eps": 0.05},
        define={
            "theta_in": lambda theta_0, g, eta, lam, eps: adapted(
                theta_0, eta, 0.9, 0.999, eps, [g + lam * theta_0]
            )[0],
            "theta_beside": beside,
        },
    )


def twice(rng):
    """Probabilities, as sure as they can be, taken for logits."""
    C = int(rng.integers(3, 11))
    P = np.eye(C)[rng.integers(C)]
    return Scene(rng, given={"C": C, "L": SoftmaxCrossEntropy().value(P[None], [P.argmax()])})


def twice_and_unsure(rng):
    P = softmax(rng.standard_normal((1, 5)))
    return Scene(rng, given={"C": 5, "L": SoftmaxCrossEntropy().value(P, [int(rng.integers(5))])})


def stored(rng):
    """A number of some size, and what it is in one of three formats."""
    kind, p = [(FLOAT32, 24), (FLOAT16, 11), (BFLOAT16, 8)][rng.integers(3)]
    size = int(rng.integers(-9, 9))
    return Scene(
        rng,
        given={"p": p, "k": size, "x": rng.choice([-1, 1]) * rng.uniform(1, 2) * 2.0**size},
        define={"x_hat": lambda x: float(kind.round(x))},
    )


def halfway(rng):
    """Just above a power of two and nearly halfway to the next number: no bound could be smaller."""
    kind, p = [(FLOAT16, 11), (BFLOAT16, 8)][rng.integers(2)]
    return Scene(
        rng,
        given={"p": p, "k": 0, "x": 1 + 0.999 * 2.0**-p},
        define={"x_hat": lambda x: float(kind.round(x))},
    )


def sums(rng):
    kind, p = [(FLOAT16, 11), (BFLOAT16, 8)][rng.integers(2)]
    s = float(kind.round(rng.uniform(1, 2) * 2.0 ** int(rng.integers(-3, 9))))
    return Scene(
        rng,
        given={"p": p, "s": s, "c": s * 2.0 ** (-p - 1)},
        define={"r": lambda s, c: float(kind.round(s + c))},
    )


def grown(rng, s, share):
    """More than half a unit in the last place of s has been added, this share of 2^-p."""
    kind, p = [(FLOAT16, 11), (BFLOAT16, 8)][rng.integers(2)]
    s = float(kind.round(s))
    return Scene(
        rng,
        given={"p": p, "s": s, "c": share * 2.0**-p},
        define={"r": lambda s, c: float(kind.round(s + c))},
    )


def grown_small(rng):
    return grown(rng, 0.25, 0.45)


def grown_before_a_power_of_two(rng):
    return grown(rng, 1.9, 1.8)


def small(rng, size=None):
    g = rng.choice([-1, 1]) * (rng.uniform(0.1, 1) * 2.0**-25 if size is None else size)
    return Scene(rng, given={"g": g}, define={"g_hat": lambda g: float(FLOAT16.round(g))})


def at_the_edge(rng):
    return small(rng, 2.0**-25)


def above_the_edge(rng):
    return small(rng, 1.01 * 2.0**-25)


def scaled(rng):
    return Scene(
        rng,
        given={"size": 3, "theta": "size", "S": 2.0 ** int(rng.integers(2, 9)), "target": "size"},
        define={"L": lambda theta, target: MSE().value(np.tanh(theta)[None], target[None])},
    )


def first_gradient(rng):
    return Scene(
        rng,
        indices={"n": "N", "j": "C"},
        given={"N": 5, "C": 3, "Z": "N C", "Y": np.eye(3)[rng.integers(3, size=5)]},
        define={
            "P": lambda Z: softmax(Z),
            "L": lambda Z, Y: SoftmaxCrossEntropy().value(Z, Y),
        },
    )


def model(rng):
    widths = [34, *5 * [4096], 7]
    return Scene(
        rng,
        indices={"l": range(1, 7)},
        given={"n": dict(enumerate(widths))},
        define={"K": lambda: sum(a * b + b for a, b in itertools.pairwise(widths))},
    )


def divided(rng):
    """Sigmoids under a loss that divides by their sum: a softmax of logarithms."""
    y = int(rng.integers(4))
    return Scene(
        rng,
        indices={"j": "C"},
        given={"C": 4, "z": "C", "y": y + 1, "h": rng.uniform(0.2, 3)},
        define={
            "q": lambda z: sigmoid(z),
            "L": lambda q: SoftmaxCrossEntropy().value(np.log(q)[None], [y]),
        },
    )


WORLDS = {
    "PyTorch: the weights lie on their side": [on_their_side, turned],
    "scikit-learn: a penalty that nobody asked for": [from_a_step, penalised],
    "Ten steps": [adam],
    "Defaults, by the difference that they make": [
        uniform, outside, inside, both, decays, twice, twice_and_unsure,
    ],
    "Numbers of sixteen bits": [stored, halfway, sums, grown_small, grown_before_a_power_of_two],
    "A net that cannot learn without a loss scale": [
        small, at_the_edge, above_the_edge, scaled, first_gradient,
    ],
    "The large model of the classic tutorial": [model, divided],
    "": [on_their_side],
}  # fmt: skip
