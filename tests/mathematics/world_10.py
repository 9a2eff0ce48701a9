"""Chapter 10: how sums scatter, by going through all outcomes; and the optimisers of nnlib, step by step."""

# ruff: noqa: E741 (l is the letter of the formulas)
import itertools

import numpy as np

from nnlib import Adam, Momentum, SoftmaxCrossEntropy, sigmoid, softmax, warmup_cosine
from tests.mathematics.claims import Scene

COIN = [(0.6, -0.8), (0.4, 1.2)]  # of mean 0, and not symmetric


def outcomes(*laws):
    """Yield (probability, values) for independent draws, each from a list of (probability, value)."""
    for draws in itertools.product(*laws):
        yield np.prod([p for p, _ in draws]), [value for _, value in draws]


def inputs(rng):
    """Two inputs that depend on each other, and their squares differ."""
    return [(p, rng.uniform(0.3, 1.5, 2)) for p in (0.5, 0.2, 0.3)]


def weighted_sums(rng):
    law = inputs(rng)
    return Scene(
        rng,
        indices={"i": "n", "k": "n", "j": [1]},
        given={"n": 2},
        define={"Z": lambda A, W: A @ W},
        outcomes=lambda: [
            (p, {"A": A, "W": np.reshape(weights, (2, 1))}) for p, (A, *weights) in outcomes(law, COIN, COIN)
        ],
    )


def any_of_them(rng):
    """A is any of the n inputs, w one of their weights, Z the sum."""
    law = inputs(rng)
    drawn = [(p, A, np.array(w), i) for p, (A, *w, i) in outcomes(law, COIN, COIN, [(0.5, 0), (0.5, 1)])]
    return Scene(
        rng,
        given={"n": 2},
        outcomes=lambda: [(p, {"A": A[i], "w": w[0], "Z": A @ w}) for p, A, w, i in drawn],
    )


def spread(pairs):
    """The mean of the squares."""
    return sum(p * value**2 for p, value in pairs)


COINS = spread(COIN)


def forward(rng, kept=True, n_in=3):
    """Weights made larger or smaller until the next layer scatters as much as this one, or not quite."""
    drawn = [(p, np.array(values)) for p, values in outcomes(*[COIN] * (2 * n_in))]
    scale = np.sqrt(COINS / spread((p, v[:n_in] @ v[n_in:]) for p, v in drawn)) * (1 if kept else 1.1)
    return Scene(
        rng,
        indices={"l": [1]},
        given={"n_in": n_in, "Z": {1: None, 2: None}},
        outcomes=lambda: [
            (p, {("Z", 1): v[0], "w": scale * v[-1], ("Z", 2): v[:n_in] @ v[n_in:] * scale}) for p, v in drawn
        ],
    )


def not_kept(rng):
    return forward(rng, kept=False)


def back(rng, n_out=3):
    """One input, its weights, and the blame of its outputs, which are the slopes of L."""
    drawn = [(p, np.array(values)) for p, values in outcomes(*[COIN] * (2 * n_out))]
    scale = np.sqrt(COINS / spread((p, v[:n_out] @ v[n_out:]) for p, v in drawn))
    return Scene(
        rng,
        given={"n_out": n_out, "X": 0.7},
        define={"Z": lambda X, row: X * row, "L": lambda Z, blame: Z @ blame},
        outcomes=lambda: [
            (p, {"blame": v[:n_out], "row": scale * v[n_out:], "w": scale * v[-1]}) for p, v in drawn
        ],
    )


def through_relu(rng, n_in=3):
    """Z is as often negative as positive; the weights behind ReLU are such that the spread is kept."""
    even = [(0.2, -1.3), (0.3, -0.4), (0.3, 0.4), (0.2, 1.3)]
    drawn = [(p, np.array(values)) for p, values in outcomes(*[even] * n_in, *[COIN] * n_in)]
    before = spread((p, v[0]) for p, v in drawn)
    scale = np.sqrt(before / spread((p, np.maximum(v[:n_in], 0) @ v[n_in:]) for p, v in drawn))
    return Scene(
        rng,
        given={"n_in": n_in},
        outcomes=lambda: [(p, {"Z": v[0], "A": max(v[0], 0.0), "w": scale * v[-1]}) for p, v in drawn],
    )


def tanh_layers(rng):
    """A normal Z of spread s, through tanh and weights that keep the spread: the next s."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)

    def after(s, layers):
        for _ in range(layers):
            s = np.sqrt(weights @ np.tanh(s * nodes) ** 2 / weights.sum())
        return s

    return Scene(
        rng,
        indices={"l": [1, 2]},
        given={"start": 0.05},
        define={"s_l": lambda l, start: after(start, l - 1)},
        small="start",
    )


def near_zero(rng):
    """One number, small; Z is it or twice as large."""
    return Scene(
        rng,
        given={"z": 0.1},
        outcomes=lambda z: [(0.5, {"Z": z, "A": np.tanh(z)}), (0.5, {"Z": 2 * z, "A": np.tanh(2 * z)})],
        small="z",
    )


def pushed(theta, v, eta, beta, *gradients):
    """Momentum from this state: (θ, v) after these gradients."""
    theta, optimizer = np.array([theta]), None
    optimizer = Momentum([theta], eta, beta=beta)
    optimizer.v[0][:] = v
    for g in gradients:
        optimizer.step([np.array([g])])
    return theta[0], optimizer.v[0][0]


def momentum(rng, g_t=None, steady=False, alternating=False):
    T = 400
    return Scene(
        rng,
        indices={"t": [3, 4, 5]},
        given={"T": T, "g_t": "T" if g_t is None else g_t, "g": "" if g_t is None else g_t[0], "theta": "",
               "v": "", "eta": 0.1, "beta": rng.uniform(0.5, 0.9),
               "steady g": steady, "alternating g": alternating},
        define={
            "v_t": lambda t, g_t, beta: pushed(0.0, 0.0, 0.1, beta, *g_t[:t])[1],
            "theta_t": lambda t, g_t, eta, beta: pushed(0.0, 0.0, eta, beta, *g_t[:t-1])[0],
        },
        after={
            "v": lambda theta, v, eta, beta, g: pushed(theta, v, eta, beta, g)[1],
            "theta": lambda theta, v, eta, beta, g: pushed(theta, v, eta, beta, g)[0],
        },
        limit={"t": T},
    )  # fmt: skip


def steady(rng):
    return momentum(rng, np.full(400, rng.uniform(0.5, 2)), steady=True)


def alternating(rng):
    return momentum(rng, rng.uniform(0.5, 2) * (-1.0) ** np.arange(400), alternating=True)


def bowl(rng):
    """A step of momentum in a bowl is a matrix for (c, v); r is how much its states grow."""
    lam, eta, beta = rng.uniform(1, 2), 0.1, 0.05
    step = np.array([pushed(c, v, eta, beta, lam * c) for c, v in np.eye(2)]).T
    grows, states = np.linalg.eig(step)
    one = rng.integers(2)
    path = [np.array([0.8, 0.3])]
    for _ in range(6):
        path.append(step @ path[-1])
    return Scene(
        rng,
        indices={"t": [2, 3, 4]},
        given={"lam": lam, "eta": eta, "beta": beta, "r": grows[one], "c_t": np.array([c for c, _ in path])},
    )


def adapted(theta, eta, beta1, beta2, eps, gradients, m=0.0, v=0.0, t=0):
    """Adam from this state: (θ, m, v) after these gradients."""
    theta = np.array([theta])
    optimizer = Adam([theta], eta, beta1=beta1, beta2=beta2, eps=eps)
    optimizer.m[0][:], optimizer.v[0][:], optimizer.t = m / (1 - beta1), v / (1 - beta2), t
    for g in gradients:
        optimizer.step([np.array([g])])
    return theta[0], optimizer.m[0][0] * (1 - beta1), optimizer.v[0][0] * (1 - beta2)


def rms(rng):
    """Adam without its first mean, so late that nothing is left of its correction."""
    late = 10_000

    def after(theta, v, eta, beta, eps, g):
        return adapted(theta, eta, 0.0, beta, eps, [g], v=v, t=late)

    return Scene(
        rng,
        indices={"t": [1, 2, 4]},
        given={"T": 5, "g_t": "T", "g": "", "theta": "", "v": rng.uniform(0.5, 2), "eta": 0.1, "eps": 0.05,
               "beta": rng.uniform(0.5, 0.9)},
        define={"v_t": lambda t, g_t, beta: adapted(0.0, 0.1, 0.0, beta, 0.1, g_t[:t])[2]},
        after={
            "v": lambda theta, v, eta, beta, eps, g: after(theta, v, eta, beta, eps, g)[2],
            "theta": lambda theta, v, eta, beta, eps, g: after(theta, v, eta, beta, eps, g)[0],
        },
    )  # fmt: skip


def means(rng):
    return Scene(
        rng,
        given={"g": "", "m": "", "v": rng.uniform(0.5, 2), "beta_1": 0.9, "beta_2": 0.999},
        after={
            "m": lambda m, v, g, beta_1, beta_2: adapted(0.0, 0.1, beta_1, beta_2, 0.1, [g], m, v)[1],
            "v": lambda m, v, g, beta_1, beta_2: adapted(0.0, 0.1, beta_1, beta_2, 0.1, [g], m, v)[2],
        },
    )


def noisy(rng):
    """Three gradients that scatter around one mean; g is the first of them."""
    law = [(0.3, 0.2), (0.7, 1.4)]
    return Scene(
        rng,
        indices={"t": [1, 2, 3]},
        given={"beta_1": rng.uniform(0.5, 0.9)},
        define={"m_t": lambda t, g_t, beta_1: adapted(0.0, 0.1, beta_1, 0.9, 0.1, g_t[:t])[1]},
        outcomes=lambda: [(p, {"g_t": values, "g": values[0]}) for p, values in outcomes(law, law, law)],
    )


def corrected(rng):
    """After t steps of Adam: its state, and its weighted means divided by their weights."""
    t, past = 4, rng.uniform(0.5, 2, 4)

    def weighted(values, beta):
        return np.average(values, weights=beta ** np.arange(len(values))[::-1])

    return Scene(
        rng,
        given={"t": t, "theta_1": "", "eta": 0.1, "eps": 0.05, "beta_1": 0.8, "beta_2": 0.95},
        define={
            "states": lambda theta_1, eta, beta_1, beta_2, eps: [
                adapted(theta_1, eta, beta_1, beta_2, eps, past[:steps]) for steps in range(t + 1)
            ],
            "theta": lambda states: states[t - 1][0],
            "m": lambda states: states[t][1],
            "v": lambda states: states[t][2],
            "m_hat": lambda beta_1: weighted(past, beta_1),
            "v_hat": lambda beta_2: weighted(past**2, beta_2),
        },
        after={"theta": lambda states: states[t][0]},
    )


def first_step(rng):
    return Scene(
        rng,
        given={"g": "", "eta": rng.uniform(0.1, 0.5), "eps": 0.01, "beta_1": 0.9, "beta_2": 0.999, "t": 1},
        define={
            "m_hat": lambda g: adapted(0.0, 0.1, 0.9, 0.999, 0.1, [g])[1] / 0.1,
            "v_hat": lambda g: adapted(0.0, 0.1, 0.9, 0.999, 0.1, [g])[2] / 0.001,
            "theta_Delta": lambda g, eta, eps: np.array([adapted(0.0, eta, 0.9, 0.999, eps, [g])[0]]),
        },
        small="eps",
    )


def warm_up(rng):
    peak = rng.uniform(0.5, 2)
    return Scene(
        rng,
        indices={"t": [1, 4, 5, 6, 9]},
        given={"eta_max": peak, "t_w": 5, "T": 12, "eta": warmup_cosine(peak, warmup=5, total=12)},
    )


def seven(rng):
    """Sigmoids taken for logits, as sure as they can be."""
    z = np.where(np.arange(7) == rng.integers(7), 12.0, -12.0)
    return Scene(
        rng,
        given={
            "P_best": softmax(np.eye(7))[0, 0],
            "L": SoftmaxCrossEntropy().value(sigmoid(z)[None], [z.argmax()]),
        },
    )


def divided(rng):
    """Sigmoids divided by their sum."""
    label = int(rng.integers(4))
    return Scene(
        rng,
        indices={"j": "C", "k": "C"},
        given={"C": 4, "z": "C", "Y": np.eye(4)[label]},
        define={
            "q": lambda z: sigmoid(z),
            "P": lambda q: softmax(np.log(q)[None])[0],
            "L": lambda P: -np.log(P[label]),
        },
    )


WORLDS = {
    "How large is a weighted sum?": [weighted_sums, any_of_them],
    "What depth makes of it": [forward, not_kept, back, through_relu],
    "Layer by layer": [tanh_layers, near_zero],
    "Momentum": [momentum, steady, alternating, bowl],
    "RMS: a rate for each weight": [rms],
    "Adam: both, and a correction": [means, noisy, corrected, first_step],
    "Warm up, then cool down": [warm_up],
    "A model for a large machine": [seven, divided],
}
