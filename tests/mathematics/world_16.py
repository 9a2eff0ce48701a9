"""Chapter 16: attention and layer norm, by nnlib's own layers; one sequence, places count from 1."""

import itertools
import math

import numpy as np

from nnlib import Attention, LayerNorm, Residual, Tanh, softmax
from tests.mathematics.claims import Scene
from tests.mathematics.common import any_loss, dense
from tests.mathematics.world_05 import tallied


def product(A, B):
    """A B, as a dense layer computes it."""
    return dense(A, B, np.zeros(B.shape[1]))


def looked_up(rng):
    """One query, and a table of words."""
    return Scene(
        rng,
        indices={"s": "words", "r": "words", "i": "two", "j": "values"},
        given={"words": 4, "two": 2, "values": 3, "q": "two", "K": "words two", "V": "words values"},
        define={
            "S": lambda q, K: product(q[None], K.T)[0],
            "a": lambda S: softmax(S[None])[0],
            "y": lambda a, V: product(a[None], V)[0],
        },
    )


def projected(X, W_Q, W_K, W_V):
    """What one head of nnlib's layer makes of X, (T, n), with (n, k), filled up with zeros to (n, n)."""
    n, k = W_Q.shape
    layer = Attention(n, rng=np.random.default_rng(0), dtype=np.float64)
    for name, W in (("W_Q", W_Q), ("W_K", W_K), ("W_V", W_V)):
        setattr(layer, name, np.pad(W, [(0, 0), (0, n - W.shape[1])]))
    layer.W_Q *= math.sqrt(n / k)  # it divides by the root of n
    layer.forward(X[None])
    return layer


SIZES = {"T": 4, "n": 6, "k": 3, "v": 2}
COUNTED = {"t": "T", "s": "T", "r": "T", "i": "k", "j": "v", "m": "n"}


def head(rng):
    """One head; T, n, k and v differ."""

    def of_layer(name, columns):
        return lambda X, W_Q, W_K, W_V: getattr(projected(X, W_Q, W_K, W_V), name)[0, 0][:, :columns]

    return Scene(
        rng,
        indices=COUNTED,
        given=SIZES | {"X": "T n", "W_Q": "n k", "W_K": "n k", "W_V": "n v", "C": "T v"},
        define={
            "Q": lambda X, W_Q: product(X, W_Q),
            "K": of_layer("K", SIZES["k"]),
            "V": of_layer("V", SIZES["v"]),
            "S": lambda Q, K: product(Q, K.T) / math.sqrt(Q.shape[1]),
            "A": lambda S: softmax(S),
            "Y": lambda A, V: product(A, V),
            "L": lambda Y, C: any_loss(Y, C),
        },
    )


def by_the_layer(rng):
    """The same, with the map and the output of nnlib's layer."""
    scene = head(rng)
    scene.define["A"] = lambda X, W_Q, W_K, W_V: projected(X, W_Q, W_K, W_V).A[0, 0]
    return scene


def free_head(rng):
    """Q, K and V as they come: T places ask, all of them look."""
    return Scene(
        rng,
        indices=COUNTED,
        given=SIZES | {"Q": "T k", "K": "T k", "V": "T v", "C": "T v"},
        define={
            "S": lambda Q, K: product(Q, K.T) / math.sqrt(Q.shape[1]),
            "A": lambda S: softmax(S),
            "Y": lambda A, V: product(A, V),
            "L": lambda Y, C: any_loss(Y, C),
            "softmax": lambda: softmax,
        },
    )


def chance(rng):
    """Numbers of Q and K by chance, of mean 0 and variance 1; rows that ask and rows that are looked at."""
    wide = math.sqrt(1.5)
    drawn = [np.array(one) for one in itertools.product((-wide, 0.0, wide), repeat=4)]
    return Scene(
        rng,
        indices={"t": "T", "s": "M", "i": "k"},
        given={"T": 2, "M": 3, "k": 2},
        outcomes=lambda: [
            (1 / 81, {"Q": np.array([[a, b], [b, -a]]), "K": np.array([[c, d], [d, c], [-c, d]])})
            for a, b, c, d in drawn
        ],
    )


def masked(rng):
    """A by nnlib's causal layer, whose scores are those of Q and K."""

    def causal(X):
        layer = Attention(4, causal=True, rng=np.random.default_rng(3), dtype=np.float64)
        layer.forward(X[None])
        return layer

    return Scene(
        rng,
        indices={"t": "T", "s": "T"} | {"r": "T"},
        given={"T": 5, "n": 4, "X": "T n"},
        define={
            "A": lambda X: causal(X).A[0, 0],
            "S": lambda X: causal(X).Q[0, 0] @ causal(X).K[0, 0].T / 2,
        },
    )


def several(rng):
    """Two heads of three numbers."""
    layer = Attention(6, heads=2, rng=np.random.default_rng(5), dtype=np.float64)

    def after(X):
        return layer.forward(X[None])[0]

    def of_head(name):
        return lambda h, X: (after(X), getattr(layer, name)[0, h - 1])[1]

    return Scene(
        rng,
        indices={"t": "T", "h": "heads", "m": "k", "j": "n"},
        given={"T": 4, "heads": 2, "k": 3, "n": 6, "X": "T n",
               "W_O": {1: layer.W_O[:3].copy(), 2: layer.W_O[3:].copy()}},
        define={
            "A": of_head("A"),
            "V": of_head("V"),
            "H": lambda h, X: (after(X), layer.H[:, 3 * h - 3 : 3 * h])[1],
            "Y": after,
        },
    )  # fmt: skip


def order(rng):
    """Two rows exchanged."""
    layer = Attention(6, rng=np.random.default_rng(5), dtype=np.float64)

    def mapped(X):
        layer.forward(X[None])
        return layer.A[0, 0]

    E = np.eye(4)[[2, 0, 3, 1]]
    X = rng.standard_normal((4, 6))
    return Scene(
        rng,
        given={"X": X, "X'": E @ X, "E": E},
        define={
            "A": lambda X: mapped(X),
            "Y": lambda X: layer.forward(X[None])[0],
            "A'": lambda: mapped(E @ X),
            "Y'": lambda: layer.forward((E @ X)[None])[0],
        },
    )


class OverPlaces(Tanh):
    """F = tanh(D X): a layer that mixes places, so that each F depends on several rows."""

    def forward(self, X, training=False):
        D = np.cos(np.arange(X.shape[1] ** 2)).reshape(X.shape[1], -1)
        return super().forward(D @ X, training)


def around(rng):
    return Scene(
        rng,
        indices={"t": "T", "r": "T", "m": "n", "l": "n"},
        given={"T": 3, "n": 2, "X": "T n", "C": "T n"},
        define={
            "F": lambda X: OverPlaces().forward(X[None])[0],
            "Y": lambda X, F: X + F,
            "L": lambda Y, C: any_loss(Y, C),
        },
    )


def passed(rng):
    """Y as nnlib's Residual gives it, for the left side alone."""
    scene = around(rng)
    scene.define["Y"] = lambda X: Residual(OverPlaces()).forward(X[None])[0]
    scene.define["F"] = lambda X, Y: Y - X
    return scene


def letters(rng):
    """A table of letters, of which some stand in a row."""
    n_letters, n, k = 5, 4, 4
    W = {name: rng.standard_normal((n, k)) for name in ("W_Q", "W_K", "W_V")}
    W_E = rng.standard_normal((n_letters, n))
    x = np.array([3, 1, 5, 1])
    layer = projected(W_E[x - 1], *W.values())
    return Scene(
        rng,
        indices={"t": "T", "s": "T"},
        given={"T": 4, "k": k, "x": x, "W_E": W_E, **W},
        define={
            "S": lambda: layer.Q[0, 0] @ layer.K[0, 0].T / 2,
            "B": lambda: scores_of_pairs(W_E, W),
        },
    )


def scores_of_pairs(W_E, W):
    """Score by score: the two letters of a pair as a sequence of their own."""
    B = np.zeros((len(W_E), len(W_E)))
    for a, b in np.ndindex(B.shape):
        layer = projected(W_E[[a, b]], *W.values())
        B[a, b] = layer.Q[0, 0, 0] @ layer.K[0, 0, 1] / 2
    return B


def normed(rng):
    """Layer norm as nnlib computes it, with a gain and a bias for each number."""

    def layer(X, g, b):
        norm = LayerNorm(len(g), dtype=np.float64)
        norm.g[...], norm.b[...] = g, b
        return norm, norm.forward(X)

    unit = np.ones(5)
    return Scene(
        rng,
        indices={"t": "T", "m": "n", "l": "n"},
        given={"T": 3, "n": 5, "X": "T n", "g": "n", "b": "n", "C": "T n", "eps": 1e-5},
        define={
            "mu": lambda X: np.stack([x.mean() for x in X]),
            "sigma": lambda X: layer(X, unit, unit)[0].sigma[:, 0],
            "Z": lambda X: layer(X, unit, 0 * unit)[1],
            "Y": lambda Z, g, b: Z * g + b,
            "L": lambda Y, C: any_loss(Y, C),
        },
    )


def flat(rng):
    """Rows that hardly differ, where ε counts."""
    scene = normed(rng)
    scene.given["X"] = 2 + 0.05 * rng.standard_normal((3, 5))
    return scene


def costs(rng):
    """One head, counted product by product."""
    T, n = 5, 3
    products = [(T, n, n)] * 4 + [(T, n, T), (T, T, n)]
    return Scene(rng, given={"T": T, "n": n}, define={"C": lambda: tallied(*products)})


WORLDS = {
    "A look-up that is not sure": [looked_up],
    "Who asks, who is found, what is given": [head, by_the_layer, free_head, chance],
    "Not to look ahead": [masked],
    "Several at once": [several],
    "The way back": [free_head, head],
    "It does not know who stands where": [order],
    "Ten digits from behind": [around, passed],
    "Sort eight letters": [letters],
    "A block": [normed, flat],
    "What it costs": [costs],
    "": [head],
}
