"""Derivations that a reader steps through: each line with its reason, and small numbers to put in.

`nnlib.teach.widgets.derivation("2.6")` shows one. A line is the right side of an equality, in LaTeX; its
reason says what was done to the line before. tests/test_derivations.py evaluates every line, with many
numbers, and holds the last one to the formula of the chapter.
"""

# ruff: noqa: E741 (l is the letter of the formulas)
import itertools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nnlib import sigmoid, softmax
from nnlib.teach.mathematics import World

__all__ = ["DERIVATIONS", "Derivation"]


class Derivation(NamedTuple):
    """One quantity, written anew from line to line until it is what the chapter computes with."""

    title: str
    left: str  # what is derived
    lines: tuple[tuple[str, str], ...]  # what it equals, and why
    numbers: Mapping[str, Any]  # a reader may change them
    indices: Mapping[str, Any] = {}
    define: Mapping[str, Callable[..., Any]] = {}
    choose: Mapping[str, int] = {}  # for these letters a reader chooses a number
    fixed: Mapping[str, Any] = {}  # sizes and functions
    outcomes: Callable[..., Any] | None = None
    largest: float = 100  # number that a reader can put in
    written: Mapping[str, str] = {}  # how a name of `numbers` is called, where it is not so
    first: int = 1  # what indices count from

    def world(self, numbers: Mapping[str, Any] | None = None) -> World:
        """What the letters are worth, for these numbers or for those it comes with."""
        chosen = {name: _value(value) for name, value in (numbers or self.numbers).items()}
        return World(
            indices=dict(self.indices),
            given={**self.fixed, **chosen},
            define=dict(self.define),
            outcomes=self.outcomes,
            first=self.first,
        )


def _value(numbers):
    return np.array(numbers, float) if np.ndim(numbers) else float(numbers)  # a float is no index


# One neuron

_NEURON = {
    "numbers": {"x": [1, 2, -1], "y": [3, 1, 0], "w": 2, "b": -1},
    "indices": {"n": "N", "i": "N"},
    "fixed": {"N": 3},
    "define": {
        "y_hat": lambda x, w, b: w * x + b,
        "L": lambda y_hat, y: np.mean((y_hat - y) ** 2),
    },
}
_PREDICTION = Derivation(
    "How much is one prediction to blame?",
    r"\mathrm{d}\hat y_n",
    (
        (r"\frac{\partial}{\partial \hat y_n} \frac{1}{N} \sum_i (\hat y_i - y_i)^2",
         "what L is; the sum has a letter of its own"),
        (r"\frac{1}{N} \, \frac{\partial}{\partial \hat y_n} (\hat y_n - y_n)^2",
         "only the term i = n has this prediction in it"),
        (r"\frac{2}{N} (\hat y_n - y_n)", "the slope of a square is twice what is squared"),
    ),
    choose={"n": 1},
    **_NEURON,
)  # fmt: skip
_SLOPE = Derivation(
    "How much is the weight to blame?",
    r"\mathrm{d}w",
    (
        (r"\sum_n \frac{\partial L}{\partial \hat y_n} \, \frac{\partial \hat y_n}{\partial w}",
         "the chain rule: w reaches the loss through every prediction"),
        (r"\sum_n \mathrm{d}\hat y_n \, x_n", "ŷₙ = w xₙ + b grows by xₙ when w grows by 1"),
        (r"\sum_n \frac{2}{N} (\hat y_n - y_n) \, x_n", "(1.2) put in"),
    ),
    **_NEURON,
)  # fmt: skip
_BIAS = Derivation(
    "How much is the bias to blame?",
    r"\mathrm{d}b",
    (
        (r"\sum_n \frac{\partial L}{\partial \hat y_n} \, \frac{\partial \hat y_n}{\partial b}",
         "the chain rule: b reaches the loss through every prediction"),
        (r"\sum_n \mathrm{d}\hat y_n \cdot 1", "each prediction grows by 1 when b does"),
        (r"\sum_n \frac{2}{N} (\hat y_n - y_n)", "(1.2) put in"),
    ),
    **_NEURON,
)  # fmt: skip

# One column through a dense layer

_COLUMN = {
    "numbers": {"m": [[1, -1, 2], [0, 3, -2]], "x": [2, 1, -1], "dy": [3, -2]},
    "indices": {"i": "n_in", "j": "n_out", "k": "n_out"},
    "fixed": {"n_in": 3, "n_out": 2, "b": np.array([1.0, -2])},
    "define": {
        "M": lambda m: m,
        "y": lambda m, x, b: m @ x + b,
        "L": lambda y, dy: y @ dy,
    },
    "written": {"m": "M"},
}
_ENTRY = Derivation(
    "The weights, one sample",
    r"\mathrm{d}m_{ji}",
    (
        (r"\sum_k \frac{\partial L}{\partial y_k} \, \frac{\partial y_k}{\partial m_{ji}}",
         "the chain rule over every output"),
        (r"\frac{\partial L}{\partial y_j} \, \frac{\partial y_j}{\partial m_{ji}}",
         "only output j uses this weight: k = j is left"),
        (r"\mathrm{d}y_j \, x_i", "what the weight is multiplied by is its slope"),
        (r"(\mathrm{d}y \; x^{\mathsf T})_{ji}",
         "each entry of the column with each of the row: no sum is left"),
    ),
    choose={"j": 1, "i": 2},
    **_COLUMN,
)  # fmt: skip
_ENTRY_BIAS = Derivation(
    "The biases, one sample",
    r"\mathrm{d}b_j",
    (
        (r"\sum_k \frac{\partial L}{\partial y_k} \, \frac{\partial y_k}{\partial b_j}",
         "the chain rule over every output"),
        (r"\frac{\partial L}{\partial y_j} \, \frac{\partial y_j}{\partial b_j}",
         "only output j uses this bias"),
        (r"\mathrm{d}y_j", "an output grows by 1 when its bias does"),
    ),
    choose={"j": 1},
    **_COLUMN,
)  # fmt: skip
_ENTRY_INPUT = Derivation(
    "The inputs, one sample",
    r"\mathrm{d}x_i",
    (
        (r"\sum_j \frac{\partial L}{\partial y_j} \, \frac{\partial y_j}{\partial x_i}",
         "the chain rule: every output uses this input, and all terms stay"),
        (r"\sum_j \mathrm{d}y_j \, m_{ji}", "what the input is multiplied by is its slope"),
        (r"\sum_j (M^{\mathsf T})_{ij} \, \mathrm{d}y_j", "turned on its side, so that j is the inner index"),
        (r"(M^{\mathsf T} \mathrm{d}y)_i", "a sum over the inner index is a matrix product"),
    ),
    choose={"i": 1},
    **_COLUMN,
)  # fmt: skip

# A batch through a dense layer

_BATCH = {
    "numbers": {
        "X": [[1, 2, 0], [0, 1, -2], [-1, 1, 1], [2, -3, 1]],
        "W": [[1, -1], [2, 0], [-1, 3]],
        "dZ": [[1, 0], [3, -2], [-1, 1], [2, 2]],
    },
    "indices": {"n": "N", "r": "N", "i": "n_in", "j": "n_out", "k": "n_out"},
    "fixed": {"N": 4, "n_in": 3, "n_out": 2, "b": np.array([1.0, -2])},
    "define": {"Z": lambda X, W, b: X @ W + b, "L": lambda Z, dZ: np.vdot(Z, dZ)},
}
_WEIGHTS = Derivation(
    "The weights, a batch",
    r"\mathrm{d}W_{ij}",
    (
        (r"\sum_n \sum_k \frac{\partial L}{\partial Z_{nk}} \, \frac{\partial Z_{nk}}{\partial W_{ij}}",
         "the chain rule over every entry of Z"),
        (r"\sum_n \frac{\partial L}{\partial Z_{nj}} \, \frac{\partial Z_{nj}}{\partial W_{ij}}",
         "only output j uses this weight, in every sample: k = j is left"),
        (r"\sum_n \mathrm{d}Z_{nj} \, X_{ni}", "what the weight is multiplied by is its slope"),
        (r"\sum_n X_{ni} \, \mathrm{d}Z_{nj}", "numbers may change places"),
        (r"\sum_n (X^{\mathsf T})_{in} \, \mathrm{d}Z_{nj}",
         "n is added over: turned on its side, X has it as the inner index"),
        (r"(X^{\mathsf T} \mathrm{d}Z)_{ij}", "a sum over the inner index is a matrix product"),
    ),
    choose={"i": 2, "j": 1},
    **_BATCH,
)  # fmt: skip
_BIASES = Derivation(
    "The biases, a batch",
    r"\mathrm{d}b_j",
    (
        (r"\sum_n \sum_k \frac{\partial L}{\partial Z_{nk}} \, \frac{\partial Z_{nk}}{\partial b_j}",
         "the chain rule over every entry of Z"),
        (r"\sum_n \frac{\partial L}{\partial Z_{nj}} \, \frac{\partial Z_{nj}}{\partial b_j}",
         "only column j of Z has this bias in it"),
        (r"\sum_n \mathrm{d}Z_{nj}", "each of its entries grows by 1 when the bias does"),
    ),
    choose={"j": 1},
    **_BATCH,
)  # fmt: skip
_INPUTS = Derivation(
    "The inputs, a batch",
    r"\mathrm{d}X_{ni}",
    (
        (r"\sum_r \sum_j \frac{\partial L}{\partial Z_{rj}} \, \frac{\partial Z_{rj}}{\partial X_{ni}}",
         "the chain rule over every entry of Z"),
        (r"\sum_j \frac{\partial L}{\partial Z_{nj}} \, \frac{\partial Z_{nj}}{\partial X_{ni}}",
         "a sample uses its own inputs only: r = n is left"),
        (r"\sum_j \mathrm{d}Z_{nj} \, W_{ij}", "what the input is multiplied by is its slope"),
        (r"\sum_j \mathrm{d}Z_{nj} \, (W^{\mathsf T})_{ji}",
         "j is added over: turned on its side, W has it as the inner index"),
        (r"(\mathrm{d}Z \, W^{\mathsf T})_{ni}", "a sum over the inner index is a matrix product"),
    ),
    choose={"n": 1, "i": 2},
    **_BATCH,
)  # fmt: skip

# Activations

_ACTIVATION = Derivation(
    "Blame passes through an activation",
    r"\mathrm{d}X_{nj}",
    (
        (r"\sum_m \sum_k \frac{\partial L}{\partial Y_{mk}} \, \frac{\partial Y_{mk}}{\partial X_{nj}}",
         "the chain rule over every entry of Y"),
        (r"\frac{\partial L}{\partial Y_{nj}} \, \frac{\partial Y_{nj}}{\partial X_{nj}}",
         "each entry of Y looks at one entry of X: m = n and k = j are left"),
        (r"\mathrm{d}Y_{nj} \, f'(X_{nj})", "and its slope there is that of f"),
        (r"(\mathrm{d}Y \odot f'(X))_{nj}", "all entries at once, each by itself"),
    ),
    numbers={"X": [[0.5, -1], [0, 2], [1, -0.5]], "dY": [[1, 2], [-2, 1], [3, -1]]},
    indices={"n": "N", "m": "N", "j": "n_out", "k": "n_out"},
    fixed={"N": 3, "n_out": 2, "f": np.tanh},
    define={"Y": lambda X: np.tanh(X), "L": lambda Y, dY: np.vdot(Y, dY)},
    choose={"n": 1, "j": 2},
)  # fmt: skip
_SIGMOID = Derivation(
    "The slope of the sigmoid",
    r"\sigma'(x)",
    (
        (r"\frac{e^{-x}}{(1 + e^{-x})^2}", "σ(x) = 1/(1 + e⁻ˣ): minus the inner slope, over the square"),
        (r"\frac{1}{1 + e^{-x}} \cdot \frac{e^{-x}}{1 + e^{-x}}", "the square is two factors"),
        (r"\sigma(x) \, \frac{e^{-x}}{1 + e^{-x}}", "the first is σ(x) itself"),
        (r"\sigma(x) \, (1 - \sigma(x))", "the second is what σ(x) leaves of 1"),
    ),
    numbers={"x": 0.5},
    fixed={"sigma": sigmoid},
)  # fmt: skip

# Losses

_LOGIT = Derivation(
    "Binary cross-entropy: what a logit is to blame for",
    r"\mathrm{d}z",
    (
        (r"\frac{\partial}{\partial z} \bigl( y \log (1 + e^{-z}) + (1 - y) \log (1 + e^{z}) \bigr)",
         "(4.3), for one sample and one output"),
        (r"y \, \frac{-e^{-z}}{1 + e^{-z}} + (1 - y) \, \frac{e^{z}}{1 + e^{z}}",
         "the slope of log u is that of u, over u"),
        (r"y \, (\sigma(z) - 1) + (1 - y) \, \sigma(z)", "both fractions are sigmoids, by (3.5)"),
        (r"\sigma(z) - y", "y σ(z) and −y σ(z) cancel"),
    ),
    numbers={"z": -2, "y": 1},
    fixed={"sigma": sigmoid},
    define={"L": lambda z, y: y * np.log1p(np.exp(-z)) + (1 - y) * np.log1p(np.exp(z))},
)  # fmt: skip
_JACOBIAN = Derivation(
    "One logit moves all probabilities",
    r"\frac{\partial p_c}{\partial z_k}",
    (
        (r"\frac{\partial}{\partial z_k} \frac{e^{z_c}}{S}", "what p is; S is the sum of all exponentials"),
        (r"\frac{\delta_{ck} e^{z_c} S - e^{z_c} e^{z_k}}{S^2}",
         "the quotient rule: the numerator moves only if c = k, S always"),
        (r"\delta_{ck} \frac{e^{z_c}}{S} - \frac{e^{z_c}}{S} \, \frac{e^{z_k}}{S}", "divided term by term"),
        (r"\delta_{ck} \, p_c - p_c \, p_k", "each fraction is a probability"),
        (r"p_c \, (\delta_{ck} - p_k)", "both terms have p_c"),
    ),
    numbers={"z": [2, 1, 0]},
    indices={"c": "C", "k": "C"},
    fixed={"C": 3, "delta": np.eye(3), "softmax": softmax},
    define={"S": lambda z: np.exp(z).sum(), "p": lambda z, softmax: softmax(z[None])[0]},
    choose={"c": 1, "k": 2},
)  # fmt: skip
_CLASSES = Derivation(
    "The Jacobian disappears",
    r"\mathrm{d}Z_{nk}",
    (
        (r"\sum_c \frac{\partial L}{\partial P_{nc}} \, \frac{\partial P_{nc}}{\partial Z_{nk}}",
         "the chain rule: this logit moves all probabilities of its sample"),
        (r"\sum_c \Bigl( -\frac{1}{N} \, \frac{Y_{nc}}{P_{nc}} \Bigr) \,"
         r" \frac{\partial P_{nc}}{\partial Z_{nk}}",
         "the slope of −log P is −1/P, at the true class"),
        (r"\sum_c \Bigl( -\frac{1}{N} \, \frac{Y_{nc}}{P_{nc}} \Bigr) \, P_{nc} \, (\delta_{ck} - P_{nk})",
         "(4.7) put in"),
        (r"-\frac{1}{N} \sum_c Y_{nc} \, (\delta_{ck} - P_{nk})", "P over P is 1"),
        (r"-\frac{1}{N} \Bigl( Y_{nk} - P_{nk} \sum_c Y_{nc} \Bigr)",
         "δ picks the term c = k; P of class k has no c in it"),
        (r"-\frac{1}{N} (Y_{nk} - P_{nk})", "a row of Y sums to 1"),
        (r"\frac{P_{nk} - Y_{nk}}{N}", "the sign turned"),
    ),
    numbers={"Z": [[2, 1, 0], [0, 1, -1]]},
    indices={"n": "N", "c": "C", "k": "C"},
    fixed={"N": 2, "C": 3, "Y": np.eye(3)[[0, 2]], "delta": np.eye(3), "softmax": softmax},
    define={"P": lambda Z, softmax: softmax(Z), "L": lambda P, Y: -np.vdot(Y, np.log(P)) / len(P)},
    choose={"n": 1, "k": 2},
    largest=2,  # so that each P can be moved a little, for its slope
)  # fmt: skip

# Backpropagation


def _second_layer(l, Z, Z1, W):
    return Z1 if l == 1 else np.tanh(Z(1)) @ W


_RECURSION = Derivation(
    "Blame goes down one layer",
    r"\mathrm{d}Z^{(1)}_{ni}",
    (
        (r"\sum_j \frac{\partial L}{\partial Z^{(2)}_{nj}} \,"
         r" \frac{\partial Z^{(2)}_{nj}}{\partial Z^{(1)}_{ni}}",
         "a sum over all paths: unit i is used by every unit j above it"),
        (r"\sum_j \mathrm{d}Z^{(2)}_{nj} \, f'\bigl(Z^{(1)}_{ni}\bigr) \, W_{ij}",
         "on the way up it passes f, then its weight to j"),
        (r"\Bigl( \sum_j \mathrm{d}Z^{(2)}_{nj} \, W_{ij} \Bigr) \, f'\bigl(Z^{(1)}_{ni}\bigr)",
         "the slope of f has no j in it"),
        (r"\Bigl( \sum_j \mathrm{d}Z^{(2)}_{nj} \, (W^{\mathsf T})_{ji} \Bigr) \, f'\bigl(Z^{(1)}_{ni}\bigr)",
         "j becomes the inner index"),
        (r"\bigl( \mathrm{d}Z^{(2)} \, W^{\mathsf T} \bigr)_{ni} \, f'\bigl(Z^{(1)}_{ni}\bigr)",
         "down through the weights, then through the slope: (5.2) for all entries"),
    ),
    numbers={"Z1": [[0.5, -1], [0, 2]], "W": [[1, -2, 1], [2, 0, -1]], "dZ2": [[1, 2, -1], [3, -1, 2]]},
    indices={"n": "N", "i": "n_1", "j": "n_2", "l": [1, 2]},
    fixed={"N": 2, "n_1": 2, "n_2": 3, "f": np.tanh},
    define={
        "Z": _second_layer,
        "L": lambda Z, dZ2: np.vdot(Z(2), dZ2),
    },
    choose={"n": 1, "i": 2},
    written={"Z1": "Z⁽¹⁾", "dZ2": "dZ⁽²⁾"},
)  # fmt: skip
_FORK = Derivation(
    "Forks add",
    r"\mathrm{d}x",
    (
        (r"\frac{\partial L}{\partial s} \, \frac{\partial s}{\partial x}"
         r" + \frac{\partial L}{\partial t} \, \frac{\partial t}{\partial x}",
         "two paths from x to L: one through s = x², one through t = 3x"),
        (r"\mathrm{d}s \cdot 2 x + \mathrm{d}t \cdot 3", "the slopes of the square and of 3x"),
        (r"t \cdot 2 x + s \cdot 3", "L = s t: each factor is the other's slope"),
        (r"9 x^2", "3x · 2x + x² · 3, which is the slope of L = 3x³"),
    ),
    numbers={"x": 2},
    define={"s": lambda x: x**2, "t": lambda x: 3 * x, "L": lambda s, t: s * t},
)  # fmt: skip

# Mini-batches

_DRAWN = {
    "numbers": {"g": [4, -2, 1]},
    "indices": {"n": "N", "m": "N"},
    "fixed": {"N": 3, "B": 2},
    "define": {
        "g_n": lambda n, g: g[n - 1],
        "g_all": lambda g: g.mean(),
        "d": lambda g: g - g.mean(),
        "g_S": lambda g, S: np.mean([g[n - 1] for n in S]),
        "sigma": lambda g: np.std(g),
    },
    "outcomes": lambda N, B: [
        (1 / 3, {"S": frozenset(one)}) for one in itertools.combinations(range(1, N + 1), B)
    ],
    "written": {"g": "gₙ"},
}
_MEAN = Derivation(
    "The mean of a mini-batch's gradient",
    r"\operatorname{E}[g_S]",
    (
        (r"\frac{1}{B} \sum_n P(n \in S) \, g_n", "sample n is in the batch, or it is not"),
        (r"\frac{1}{B} \sum_n \frac{B}{N} \, g_n", "B of N places: each sample as likely as any other"),
        (r"\frac{1}{N} \sum_n g_n", "B cancels: on average it is the gradient of all"),
    ),
    **_DRAWN,
)  # fmt: skip
_SPREAD = Derivation(
    "The spread of a mini-batch's gradient",
    r"\operatorname{Var}(g_S)",
    (
        (r"\frac{1}{B^2} \Bigl( \sum_n P(n \in S) \, d_n^2"
         r" + \sum_n \sum_{m \ne n} P(n, m \in S) \, d_n d_m \Bigr)",
         "the square of a mean, multiplied out: dₙ is how far sample n is from the mean"),
        (r"\frac{1}{B^2} \Bigl( \frac{B}{N} \sum_n d_n^2"
         r" + \frac{B}{N} \cdot \frac{B - 1}{N - 1} \sum_n \sum_{m \ne n} d_n d_m \Bigr)",
         "the chance of one sample, and of two different ones"),
        (r"\frac{1}{B^2} \Bigl( \frac{B}{N} \sum_n d_n^2"
         r" - \frac{B}{N} \cdot \frac{B - 1}{N - 1} \sum_n d_n^2 \Bigr)",
         "all d together are 0, so the mixed products add up to minus the squares"),
        (r"\frac{1}{B^2} \Bigl( \frac{B}{N} - \frac{B}{N} \cdot \frac{B - 1}{N - 1} \Bigr) N \sigma^2",
         "σ² is the mean of the squares"),
        (r"\frac{\sigma^2}{B} \cdot \frac{N - B}{N - 1}", "1 − (B − 1)/(N − 1) is (N − B)/(N − 1)"),
    ),
    **_DRAWN,
)  # fmt: skip

# Initialisation: every outcome of small random weights

_COIN = ((0.5, -1.0), (0.5, 1.0))


def _tossed(laws, names):
    """All outcomes of independent draws, each from pairs (probability, value)."""
    return [
        (np.prod([p for p, _ in one]), dict(zip(names, (value for _, value in one), strict=True)))
        for one in itertools.product(*laws)
    ]


_SUM = Derivation(
    "How far a weighted sum scatters",
    r"\operatorname{Var}(Z)",
    (
        (r"\operatorname{E}\Bigl[ \sum_i A_i W_i \sum_k A_k W_k \Bigr]",
         "the mean of Z is 0, so its variance is the mean of its square"),
        (r"\sum_{i, k} A_i A_k \operatorname{E}[W_i W_k]", "multiplied out; the mean goes into the sum"),
        (r"\sum_i A_i^2 \operatorname{E}[W_i^2]",
         "two different weights are independent, of mean 0: i = k is left"),
        (r"\operatorname{Var}(w) \sum_i A_i^2", "all weights scatter alike"),
    ),
    numbers={"A": [2, -1, 3]},
    indices={"i": "n", "k": "n"},
    fixed={"n": 3},
    define={"Z": lambda A, W: A @ W},
    outcomes=lambda: [
        (p, {"W": np.array([one["a"], one["b"], one["c"]]), "w": one["a"]})
        for p, one in _tossed([_COIN] * 3, "abc")
    ],
)  # fmt: skip
_KEPT = Derivation(
    "Weights that keep the spread: Xavier",
    r"\operatorname{Var}(Z')",
    (
        (r"n_{\text{in}} \operatorname{Var}(w) \operatorname{E}[A^2]",
         "(10.1): so many terms, each with this spread"),
        (r"n_{\text{in}} \operatorname{Var}(w) \operatorname{Var}(Z)",
         "near 0 tanh changes nothing: A = Z, of mean 0"),
        (r"n_{\text{in}} \frac{1}{n_{\text{in}}} \operatorname{Var}(Z)", "for weights with the variance 1/n"),
        (r"\operatorname{Var}(Z)", "and the spread is kept"),
    ),
    numbers={"z": 0.5},
    fixed={"n_in": 2},
    outcomes=lambda z: [
        (p, {"Z": z * one["a"], "A": z * one["a"], "w": one["c"] / np.sqrt(2),
             "Z'": z * (one["a"] * one["c"] + one["b"] * one["d"]) / np.sqrt(2)})
        for p, one in _tossed([_COIN] * 4, "abcd")
    ],
)  # fmt: skip
_HALVED = Derivation(
    "What ReLU takes away: He",
    r"\operatorname{Var}(Z')",
    (
        (r"n_{\text{in}} \operatorname{Var}(w) \operatorname{E}[A^2]", "(10.1), whatever the activation"),
        (r"n_{\text{in}} \operatorname{Var}(w) \operatorname{E}[\max(Z, 0)^2]", "A is what ReLU leaves of Z"),
        (r"n_{\text{in}} \operatorname{Var}(w) \frac{1}{2} \operatorname{E}[Z^2]",
         "Z is as often negative as positive: half of the square is gone"),
        (r"n_{\text{in}} \frac{2}{n_{\text{in}}} \frac{1}{2} \operatorname{E}[Z^2]",
         "for weights with the variance 2/n"),
        (r"\operatorname{E}[Z^2]", "and what ReLU takes, the weights give back"),
    ),
    numbers={"z": 0.5},
    fixed={"n_in": 2},
    outcomes=lambda z: [
        (p, {"Z": z * one["a"], "A": np.maximum(z * one["a"], 0), "w": one["c"],
             "Z'": np.maximum(z * one["a"], 0) * one["c"] + np.maximum(z * one["b"], 0) * one["d"]})
        for p, one in _tossed([_COIN] * 4, "abcd")
    ],
)  # fmt: skip
_CORRECTION = Derivation(
    "Why Adam divides by 1 − βᵗ",
    r"\operatorname{E}[m_t]",
    (
        (r"(1 - \beta_1) \sum_{\tau=1}^{t} \beta_1^{t - \tau} \operatorname{E}[g_\tau]",
         "m, written out: each gradient fades by β in every step"),
        (r"(1 - \beta_1) \sum_{\tau=1}^{t} \beta_1^{t - \tau} \operatorname{E}[g]",
         "every gradient has the same mean"),
        (r"(1 - \beta_1) \, \frac{1 - \beta_1^t}{1 - \beta_1} \operatorname{E}[g]",
         "a geometric sum of t terms"),
        (r"(1 - \beta_1^t) \operatorname{E}[g]", "so m is too small by this factor, most at the beginning"),
    ),
    numbers={"beta_1": 0.5, "low": 1, "high": 3},
    indices={"t": [1, 2, 3], "tau": [1, 2, 3]},
    define={
        "m_t": lambda t, g_t, beta_1: (1 - beta_1) * g_t[:t] @ beta_1 ** np.arange(t - 1, -1, -1),
        "g_tau": lambda tau, g_t: g_t[tau - 1],
    },
    outcomes=lambda low, high: [
        (p, {"g_t": np.array([one["a"], one["b"], one["c"]]), "g": one["a"]})
        for p, one in _tossed([((0.5, low), (0.5, high))] * 3, "abc")
    ],
    choose={"t": 2},
    written={"beta_1": "β₁", "low": "g is", "high": "or"},
)  # fmt: skip

# Dropout

_DROPOUT = Derivation(
    "Dropout changes nothing on average",
    r"\operatorname{E}[Y_n]",
    (
        (r"\operatorname{E}\Bigl[ \frac{X_n M_n}{1 - p} \Bigr]",
         "what dropout does to one entry: M is 1, or 0 with probability p"),
        (r"\frac{1}{1 - p} \operatorname{E}[X_n M_n]", "a number may stand in front"),
        (r"\frac{1}{1 - p} \bigl( (1 - p) X_n + p \cdot 0 \bigr)", "both cases, each with its probability"),
        (r"X_n", "what is kept is made larger by just what is lost"),
    ),
    numbers={"X": [4, -2, 3], "p": 0.25},
    indices={"n": "N"},
    fixed={"N": 3},
    define={"Y": lambda X, M, p: X * M / (1 - p)},
    outcomes=lambda p: [
        (chance, {"M": np.array([one["a"], one["b"], one["c"]])})
        for chance, one in _tossed([((1 - p, 1.0), (p, 0.0))] * 3, "abc")
    ],
    choose={"n": 1},
)  # fmt: skip

# Convolution: one image, one channel, a kernel of 2 × 2; places count from 0

_IMAGE = {
    "indices": {"i": "rows", "j": "rows", "u": "size", "v": "size", "r": "height", "q": "height"},
    "define": {
        "Y": lambda X, W: np.einsum("ijuv,uv->ij", sliding_window_view(X, W.shape), W) + 1,
        "L": lambda Y, dY: np.vdot(Y, dY),
    },
    "first": 0,
}
_KERNEL = Derivation(
    "A weight of a kernel",
    r"\mathrm{d}W_{uv}",
    (
        (r"\sum_i \sum_j \frac{\partial L}{\partial Y_{ij}} \, \frac{\partial Y_{ij}}{\partial W_{uv}}",
         "the chain rule over every output: all of them use this weight"),
        (r"\sum_i \sum_j \mathrm{d}Y_{ij} \, X_{i+u,\,j+v}",
         "in each of them it meets the pixel at its own place in the patch"),
        (r"\sum_i \sum_j X_{i+u,\,j+v} \, \mathrm{d}Y_{ij}", "a convolution of X, with dY for a kernel"),
    ),
    numbers={
        "X": [[3, 2, 0, 1], [4, 5, 1, 2], [0, 2, 3, 1], [1, 0, 2, 4]],
        "dY": [[1, 0, 2], [-1, 3, 0], [0, 1, -2]],
    },
    fixed={"rows": 3, "size": 2, "height": 4, "W": np.array([[2.0, -1], [3, -2]])},
    choose={"u": 1, "v": 0},
    **_IMAGE,
)  # fmt: skip
_PIXEL = Derivation(
    "A pixel, and the kernel turned",
    r"\mathrm{d}X_{rq}",
    (
        (r"\sum_i \sum_j \frac{\partial L}{\partial Y_{ij}} \, \frac{\partial Y_{ij}}{\partial X_{rq}}",
         "the chain rule over every output"),
        (r"\sum_u \sum_v D_{r-u+1,\,q-v+1} \, W_{uv}",
         "output (r − u, q − v) sees it through W_uv; D is dY in a rim of zeros"),
        (r"\sum_u \sum_v D_{r+u,\,q+v} \, W_{1-u,\,1-v}",
         "u and v counted from the other end: the kernel is turned"),
    ),
    numbers={"W": [[2, -1], [3, -2]], "dY": [[1, 0, 2], [-1, 3, 0], [0, 1, -2]]},
    fixed={"rows": 3, "size": 2, "height": 4, "X": np.zeros((4, 4))},
    choose={"r": 1, "q": 2},
    **{**_IMAGE, "define": {**_IMAGE["define"], "D": lambda dY: np.pad(dY, 1)}},
)  # fmt: skip

# A tape

_SQUARE = Derivation(
    "Two edges to one number",
    r"\mathrm{d}x",
    (
        (r"\frac{\partial L}{\partial y} \, \frac{\partial y}{\partial a}"
         r" + \frac{\partial L}{\partial y} \, \frac{\partial y}{\partial b}",
         "y = a b, and both a and b are x: two edges lead to it"),
        (r"\mathrm{d}y \, b + \mathrm{d}y \, a", "the slope of a product is the other factor"),
        (r"\mathrm{d}y \, x + \mathrm{d}y \, x", "which is x, both times"),
        (r"2 x \, \mathrm{d}y", "the shares of both edges add up"),
    ),
    numbers={"x": 3, "dy": 0.5},
    define={"a": lambda x: x, "b": lambda x: x, "y": lambda a, b: a * b, "L": lambda y, dy: y * dy},
)  # fmt: skip
_FACTOR = Derivation(
    "An entry of a factor",
    r"\mathrm{d}A_{ik}",
    (
        (r"\sum_m \sum_j \frac{\partial L}{\partial Y_{mj}} \, \frac{\partial Y_{mj}}{\partial A_{ik}}",
         "the chain rule over every entry of Y"),
        (r"\sum_j \frac{\partial L}{\partial Y_{ij}} \, \frac{\partial Y_{ij}}{\partial A_{ik}}",
         "row i of A is used in row i of Y and nowhere else"),
        (r"\sum_j \mathrm{d}Y_{ij} \, B_{kj}", "in column j it meets B_kj"),
        (r"\sum_j \mathrm{d}Y_{ij} \, (B^{\mathsf T})_{jk}", "B on its side: j is a row there"),
        (r"(\mathrm{d}Y \, B^{\mathsf T})_{ik}", "row times column: a product of matrices"),
    ),
    numbers={"B": [[2, -1, 3], [1, 0, -2]], "dY": [[1, 2, -1], [0, 3, 1]]},
    indices={"i": "rows", "m": "rows", "k": "inner", "j": "columns"},
    fixed={"rows": 2, "inner": 2, "columns": 3, "A": np.array([[1.0, -1], [2, 3]])},
    define={"Y": lambda A, B: A @ B, "L": lambda Y, dY: np.sum(Y * dY)},
    choose={"i": 1, "k": 2},
)  # fmt: skip

# Adam's ε, where it stands in the form that computes faster

_EPSILON = Derivation(
    "The same step, another ε",
    r"\frac{\eta \sqrt{1 - \beta_2^t}}{1 - \beta_1^t} \, \frac{m}{\sqrt{v} + \varepsilon}",
    (
        (r"\eta \, \frac{m}{1 - \beta_1^t} \, \frac{\sqrt{1 - \beta_2^t}}{\sqrt{v} + \varepsilon}",
         "the same factors, in another order"),
        (r"\eta \, \hat m \, \frac{\sqrt{1 - \beta_2^t}}{\sqrt{v} + \varepsilon}",
         "m, corrected for its beginning at zero"),
        (r"\eta \, \frac{\hat m}{\sqrt{\frac{v}{1 - \beta_2^t}} + \frac{\varepsilon}{\sqrt{1 - \beta_2^t}}}",
         "the fraction divided by the root above it, above and below"),
        (r"\eta \, \frac{\hat m}{\sqrt{\hat v} + \varepsilon_t}",
         "v, corrected as well; and ε has been divided with it"),
    ),
    numbers={"m": 0.3, "v": 0.04, "eta": 0.1, "beta_1": 0.9, "beta_2": 0.96, "eps": 0.01},
    fixed={"t": 1},
    define={
        "m_hat": lambda m, beta_1, t: m / (1 - beta_1**t),
        "v_hat": lambda v, beta_2, t: v / (1 - beta_2**t),
        "eps_t": lambda eps, beta_2, t: eps / np.sqrt(1 - beta_2**t),
    },
)  # fmt: skip

# Shards


def _squares(n, x, y, w):
    """The loss of one sample, counted from 1, or the mean loss of a set of them."""
    rows = [one - 1 for one in sorted(n)] if isinstance(n, frozenset) else n - 1
    return np.mean((w * x[rows] - y[rows]) ** 2)


_SHARDS = (frozenset({1, 2, 3}), frozenset({4, 5}))
_UNION = Derivation(
    "One slope from two shards, samples 1 to 3 and 4 to 5",
    r"\mathrm{d}w",
    (
        (r"\frac{\partial}{\partial w} \frac{1}{N} \sum_n L_n", "what L is: the mean over all samples"),
        (r"\frac{1}{N} \sum_n \frac{\partial L_n}{\partial w}",
         "the slope of a sum is the sum of the slopes"),
        (r"\frac{1}{N} \sum_k \sum_{n \in D_k} \frac{\partial L_n}{\partial w}",
         "each sample lies in one shard: the sum is cut into shards"),
        (r"\sum_k \frac{N_k}{N} \cdot \frac{1}{N_k} \sum_{n \in D_k} \frac{\partial L_n}{\partial w}",
         "each shard is divided by its size and multiplied by it"),
        (r"\sum_k \frac{N_k}{N} \, \frac{\partial L_{D_k}}{\partial w}",
         "the mean of a shard's slopes is the slope of its mean loss"),
    ),
    numbers={"x": [1, 2, -1, 3, 1], "y": [2, 1, 0, 4, -1], "w": 2},
    indices={"n": "N", "k": "p"},
    fixed={"N": 5, "p": 2},
    define={
        "L": lambda x, y, w: np.mean((w * x - y) ** 2),
        "L_n": _squares,
        "D_k": lambda k: _SHARDS[k - 1],
        "N_k": lambda k: len(_SHARDS[k - 1]),
    },
)  # fmt: skip

# A look-up

_SCORE = Derivation(
    "How much is a score to blame?",
    r"\mathrm{d}S_{ts}",
    (
        (r"\sum_r \frac{\partial L}{\partial A_{tr}} \, \frac{\partial A_{tr}}{\partial S_{ts}}",
         "the chain rule: a score moves all weights of its row, and no other row"),
        (r"\sum_r \mathrm{d}A_{tr} \, A_{tr} \, ([r = s] - A_{ts})",
         "(4.7): its own weight grows, the others shrink"),
        (r"\sum_r \mathrm{d}A_{tr} \, A_{tr} \, [r = s] - \sum_r \mathrm{d}A_{tr} \, A_{tr} \, A_{ts}",
         "multiplied out"),
        (r"\mathrm{d}A_{ts} \, A_{ts} - \sum_r \mathrm{d}A_{tr} \, A_{tr} \, A_{ts}",
         "the bracket picks the term r = s"),
        (r"A_{ts} \Bigl( \mathrm{d}A_{ts} - \sum_r \mathrm{d}A_{tr} \, A_{tr} \Bigr)",
         "A_ts is in both: what is left is how much this weight is worse than the mean of its row"),
    ),
    numbers={"S": [[2, 1, 0], [0, 1, -1]], "dA": [[1, -2, 3], [0, 2, 1]]},
    indices={"t": "T", "s": "S_max", "r": "S_max"},
    fixed={"T": 2, "S_max": 3, "softmax": softmax},
    define={"A": lambda S, softmax: softmax(S), "L": lambda A, dA: np.sum(A * dA)},
    choose={"t": 1, "s": 2},
    largest=4,
)  # fmt: skip
_THREE_WAYS = Derivation(
    "A place asks, is found, and gives",
    r"\mathrm{d}X_{tm}",
    (
        (r"\sum_s \sum_i \frac{\partial L}{\partial Q_{si}} \, \frac{\partial Q_{si}}{\partial X_{tm}}"
         r" + \sum_s \sum_i \frac{\partial L}{\partial K_{si}} \, \frac{\partial K_{si}}{\partial X_{tm}}"
         r" + \sum_s \sum_j \frac{\partial L}{\partial V_{sj}} \, \frac{\partial V_{sj}}{\partial X_{tm}}",
         "three paths from X to L: through queries, keys and values, (5.5)"),
        (r"\sum_i \mathrm{d}Q_{ti} \, \frac{\partial Q_{ti}}{\partial X_{tm}}"
         r" + \sum_i \mathrm{d}K_{ti} \, \frac{\partial K_{ti}}{\partial X_{tm}}"
         r" + \sum_j \mathrm{d}V_{tj} \, \frac{\partial V_{tj}}{\partial X_{tm}}",
         "row t of X goes into row t of each, and into no other row"),
        (r"\sum_i \mathrm{d}Q_{ti} \, W_{Q,mi} + \sum_i \mathrm{d}K_{ti} \, W_{K,mi}"
         r" + \sum_j \mathrm{d}V_{tj} \, W_{V,mj}",
         "X_tm meets row m of each matrix"),
        (r"(\mathrm{d}Q \, W_Q^{\mathsf T} + \mathrm{d}K \, W_K^{\mathsf T}"
         r" + \mathrm{d}V \, W_V^{\mathsf T})_{tm}",
         "each sum is a row times a row: a product with the transpose"),
    ),
    numbers={"dQ": [[1, 2], [-1, 0]], "dK": [[0, 1], [2, -1]], "dV": [[3], [1]]},
    indices={"t": "T", "s": "T", "m": "n", "i": "k", "j": "v"},
    fixed={"T": 2, "n": 2, "k": 2, "v": 1, "X": np.array([[1.0, -1], [2, 3]]),
           "W_Q": np.array([[2.0, 0], [1, -1]]), "W_K": np.array([[1.0, 3], [-2, 1]]),
           "W_V": np.array([[2.0], [-1]])},
    define={
        "Q": lambda X, W_Q: X @ W_Q,
        "K": lambda X, W_K: X @ W_K,
        "V": lambda X, W_V: X @ W_V,
        "L": lambda Q, K, V, dQ, dK, dV: np.sum(Q * dQ) + np.sum(K * dK) + np.sum(V * dV),
    },
    choose={"t": 1, "m": 2},
)  # fmt: skip

DERIVATIONS = {
    "1.2": _PREDICTION,
    "1.3": _SLOPE,
    "1.4": _BIAS,
    "2.2": _ENTRY,
    "2.3": _ENTRY_BIAS,
    "2.4": _ENTRY_INPUT,
    "2.6": _WEIGHTS,
    "2.8": _BIASES,
    "2.9": _INPUTS,
    "3.2": _ACTIVATION,
    "3.4": _SIGMOID,
    "4.4": _LOGIT,
    "4.7": _JACOBIAN,
    "4.9": _CLASSES,
    "5.2": _RECURSION,
    "5.5": _FORK,
    "7.2": _MEAN,
    "7.3": _SPREAD,
    "10.1": _SUM,
    "10.2": _KEPT,
    "10.4": _HALVED,
    "10.7": _CORRECTION,
    "11.3": _DROPOUT,
    "12.6": _KERNEL,
    "12.10": _PIXEL,
    "13.3": _SQUARE,
    "13.4": _FACTOR,
    "14.6": _EPSILON,
    "15.2": _UNION,
    "16.10": _SCORE,
    "16.13": _THREE_WAYS,
}
