"""Exercises that are answered with a formula. See notebooks/02_dense_layer.ipynb."""

import itertools

import numpy as np

from nnlib import softmax
from nnlib.teach.checks.engine import Formula
from nnlib.teach.mathematics import World

__all__ = [
    "activation_formula",
    "batch_input_formula",
    "batch_weight_formula",
    "decay_formula",
    "dropout_formula",
    "first_mean_formula",
    "jacobian_formula",
    "prediction_formula",
    "recursion_formula",
    "slope_formula",
    "softmax_formula",
    "spread_formula",
]


def any_loss(Z, C):
    """A loss that depends on each entry of Z in its own way."""
    return float(np.sum(np.sin(Z) * C + 0.3 * Z**2 * C**2))


def _line(rng, second):
    return World(
        rng,
        indices={"n": "N", "m": "N"},
        given={"N": 5 if second else 4, "x": "N", "y": "N", "w": "", "b": ""},
        define={"y_hat": lambda x, w, b: w * x + b, "L": lambda y_hat, y: float(np.mean((y_hat - y) ** 2))},
    )


prediction_formula = Formula(
    r"\mathrm{d}\hat y_n",
    [r"\frac{2}{N} (\hat y_n - y_n)"],
    world=_line,
    names="y_hat y N",
    hint="only one term of the sum in L has this prediction in it. What is the slope of a square?",
    praise="Right, for 4 samples and for 5.",
    wrong={
        r"\frac{1}{N} (\hat y_n - y_n)^2": "that is the term of L; asked for is its slope.",
        r"\frac{2}{N} \sum_m (\hat y_m - y_m)": "all samples are added up; only sample n has it.",
    },
)
slope_formula = Formula(
    r"\mathrm{d}w",
    [r"\sum_n \mathrm{d}\hat y_n x_n", r"\frac{2}{N} \sum_n (\hat y_n - y_n) x_n"],
    world=_line,
    names="dy_hat x y_hat y N",
    hint="w reaches the loss through every prediction, and each one grows by how much when w grows by 1?",
    praise="Right, for 4 samples and for 5.",
    wrong={
        r"\frac{1}{N} \sum_n \mathrm{d}\hat y_n x_n": "1/N is in there twice: each `dy_hat` has it already."
    },
)


def _batch(rng, second):
    N, n_in, n_out = (3, 5, 4) if second else (4, 3, 2)
    return World(
        rng,
        indices={"n": "N", "m": "N", "i": "n_in", "j": "n_out", "k": "n_out"},
        given={"N": N, "n_in": n_in, "n_out": n_out, "X": "N n_in", "W": "n_in n_out", "b": "n_out",
               "C": "N n_out"},
        define={"Z": lambda X, W, b: X @ W + b, "L": any_loss},
    )  # fmt: skip


batch_weight_formula = Formula(
    r"\mathrm{d}W_{ij}",
    [r"\sum_n X_{ni} \mathrm{d}Z_{nj}", r"X^{\mathsf T} \mathrm{d}Z"],
    world=_batch,
    names="X W dZ N",
    hint="which entries of Z change when this weight does, and each by how much?",
    praise="Right, in two layers of other sizes.",
    wrong={r"\frac{1}{N} \sum_n X_{ni} \mathrm{d}Z_{nj}": "1/N is too much: of a mean, dZ has it already."},
)
batch_input_formula = Formula(
    r"\mathrm{d}X_{ni}",
    [r"\sum_j \mathrm{d}Z_{nj} W_{ij}", r"\mathrm{d}Z W^{\mathsf T}"],
    world=_batch,
    names="X W dZ",
    hint="which outputs of sample n does its input i reach, each through which weight?",
    praise="Right, in two layers of other sizes.",
)


def _entries(rng, second):
    return World(
        rng,
        indices={"n": "N", "m": "N", "j": "n_out", "k": "n_out"},
        given={
            "N": 2 if second else 3,
            "n_out": 4 if second else 2,
            "X": "N n_out",
            "C": "N n_out",
            "f": np.sin if second else np.tanh,
        },
        define={"Y": lambda X, f: f(X), "L": lambda Y, C: any_loss(Y, C)},
    )


activation_formula = Formula(
    r"\mathrm{d}X_{nj}",
    [r"\mathrm{d}Y_{nj} f'(X_{nj})", r"\mathrm{d}Y \odot f'(X)"],
    world=_entries,
    names="dY f f' X Y",
    hint="one entry of Y looks at one entry of X. What does the chain rule leave of its sum?",
    praise="Right, for tanh and for the sine.",
    wrong={
        r"\mathrm{d}Y_{nj} f'(Y_{nj})": "the slope is taken at the output; it belongs at the input.",
        r"\mathrm{d}Y_{nj} f(X_{nj})": "the function stands where its slope belongs.",
    },
)


def _logits(rng, second):
    N, C = (2, 4) if second else (4, 3)
    label = rng.integers(C, size=N)
    return World(
        rng,
        indices={"n": "N", "c": "C", "k": "C"},
        given={"N": N, "C": C, "Z": "N C", "Y": np.eye(C)[label], "delta": np.eye(C)},
        define={"P": lambda Z: softmax(Z), "L": lambda P, Y: float(-np.sum(Y * np.log(P)) / len(P))},
    )


softmax_formula = Formula(
    r"\mathrm{d}Z_{nk}",
    [r"\frac{P_{nk} - Y_{nk}}{N}", r"\frac{P - Y}{N}"],
    ways=[r"-\frac{1}{N} \sum_c \frac{Y_{nc}}{P_{nc}} P_{nc} (\delta_{ck} - P_{nk})"],
    world=_logits,
    names="P Y N",
    hint="begin with sum_c dP[n,c] times what (4.7) says, then see what δ picks and what a row of Y sums to.",
    praise="Right, for 3 classes and for 4.",
    wrong={
        r"P_{nk} - Y_{nk}": "1/N is missing: the loss is a mean over the samples.",
        r"-\frac{1}{N} \frac{Y_{nk}}{P_{nk}}": "that is dP; the way on to the logits is still to come.",
        r"-\frac{1}{N} Y_{nk} (1 - P_{nk})": "only c = k is in it; the logit moves the other classes, too.",
        r"\frac{P_{nk} - Y_{nk}}{N C}": "the loss is a mean over the samples, not over their classes too.",
    },
)


def _one_row(rng, second):
    C = 4 if second else 3
    return World(
        rng,
        indices={"c": "C", "k": "C"},
        given={"C": C, "z": "C", "delta": np.eye(C)},
        define={"p": lambda z: softmax(z[None])[0], "S": lambda z: float(np.exp(z).sum())},
    )


jacobian_formula = Formula(
    r"\frac{\partial p_c}{\partial z_k}",
    [r"p_c (\delta_{ck} - p_k)", r"\delta_{ck} p_c - p_c p_k"],
    world=_one_row,
    names="p delta",
    hint="the quotient rule for c = k, then for c ≠ k; with delta[c,k] both are one line.",
    praise="Right, for 3 classes and for 4.",
    wrong={
        r"p_c (1 - p_c)": "that is the case c = k alone.",
        r"\delta_{ck} p_c (1 - p_c)": "the case c ≠ k is left out.",
        r"p_c (1 - p_k)": "the 1 is right where c = k, and nowhere else.",
        r"- p_c p_k": "that is the case c ≠ k alone.",
    },
)


def _two_layers(rng, second):
    N, n_1, n_2 = (2, 4, 3) if second else (4, 2, 3)
    inputs, W, C = (
        rng.standard_normal((N, n_1)),
        rng.standard_normal((n_1, n_2)),
        rng.standard_normal((N, n_2)),
    )

    def layer(l, Z, f):  # noqa: E741
        return inputs if l == 1 else f(Z(1)) @ W

    return World(
        rng,
        indices={"n": "N", "i": "n_1", "j": "n_2", "l": [1, 2]},
        given={"N": N, "n_1": n_1, "n_2": n_2, "W": W, "C": C, "f": np.sin if second else np.tanh},
        define={"Z": layer, "L": lambda Z, C: any_loss(Z(2), C)},
    )


recursion_formula = Formula(
    r"\mathrm{d}Z^{(1)}_{ni}",
    [r"\Bigl( \sum_j \mathrm{d}Z^{(2)}_{nj} W_{ij} \Bigr) f'(Z^{(1)}_{ni})",
     r"(\mathrm{d}Z^{(2)} W^{\mathsf T}) \odot f'(Z^{(1)})"],
    world=_two_layers,
    names="dZ W f' f Z",
    hint="unit i is used by every unit j above it; on each path it passes f, then a weight.",
    praise="Right, in two nets of other sizes.",
)  # fmt: skip


def _tossed(values, count):
    return list(itertools.product(values, repeat=count))


def _weighted_sum(rng, second):
    """A is any of the n inputs, w any of their weights."""
    n = 3 if second else 2
    spread = rng.uniform(0.5, 1.5)
    inputs = [rng.uniform(0.3, 1.5, n) for _ in range(2)]
    return World(
        rng,
        indices={"i": "n", "k": "n"},
        given={"n": n},
        outcomes=lambda: [
            (
                0.5 / 2**n / n,
                {"A": A[i], "A_i": A, "W_i": np.array(W), "w": W[0], "Z": float(A @ np.array(W))},
            )
            for A in inputs
            for W in _tossed([-spread, spread], n)
            for i in range(n)
        ],
    )


spread_formula = Formula(
    r"\operatorname{Var}(Z)",
    [r"n \operatorname{Var}(w) \operatorname{E}[A^2]"],
    ways=[r"\operatorname{Var}(w) \sum_i \operatorname{E}[A_i^2]"],
    world=_weighted_sum,
    names="n Var E w A",
    hint="square the sum, and take the mean of each term: which vanish, since weights are independent?",
    praise="Right, for two inputs and for three.",
    wrong={
        r"n \operatorname{Var}(w) \operatorname{E}[A]^2": "the square stands outside of the mean.",
        r"n \operatorname{Var}(w) \operatorname{Var}(A)": "A need not have the mean 0.",
    },
)


def _decaying(rng, second):
    beta, t = (0.8, 4) if second else (0.6, 3)
    return World(
        rng,
        indices={"s": list(range(1, t + 1))},
        given={"beta": beta, "beta_1": beta, "t": t},
        define={"m": lambda g_s, beta: float((1 - beta) * g_s @ beta ** np.arange(t - 1, -1, -1))},
        outcomes=lambda: [(0.5**t, {"g_s": np.array(g), "g": g[0]}) for g in _tossed([0.4, 1.7], t)],
    )


first_mean_formula = Formula(
    r"\operatorname{E}[m]",
    [r"(1 - \beta^t) \operatorname{E}[g]", r"(1 - \beta) \sum_{s=1}^{t} \beta^{t-s} \operatorname{E}[g]"],
    world=_decaying,
    names="beta beta_1 t E g",
    hint="write m out as a sum over the gradients: all have one mean, and a geometric sum is left.",
    praise="Right, after 3 steps and after 4.",
    wrong={
        r"(1 - \beta)^t \operatorname{E}[g]": "the power is that of β, not of the bracket.",
        r"(1 - \beta) \operatorname{E}[g]": "that is its mean after one step: the power t is missing.",
        r"\operatorname{E}[g]": "so it is in the end; after t steps the zero of the start is still in it.",
    },
)


def _dropped(rng, second):
    p, shape = (0.3, (2, 3)) if second else (0.6, (3, 2))
    M = rng.permutation([0.0, 1, 1, 0, 1, 1]).reshape(shape)
    return World(
        rng,
        indices={"n": "N", "j": "n_out"},
        given={"N": shape[0], "n_out": shape[1], "X": "N n_out", "C": "N n_out", "M": M, "p": p},
        define={"Y": lambda X, M, p: X * M / (1 - p), "L": lambda Y, C: any_loss(Y, C)},
    )


dropout_formula = Formula(
    r"\mathrm{d}X_{nj}",
    [r"\frac{\mathrm{d}Y_{nj} M_{nj}}{1 - p}", r"\frac{\mathrm{d}Y \odot M}{1 - p}"],
    world=_dropped,
    names="dY X M p",
    hint="Y is X times something that does not depend on X.",
    praise="Right, for two masks.",
    wrong={
        r"\mathrm{d}Y_{nj}": "both are missing: the mask, and 1/(1 − p).",
        r"(1 - p) \mathrm{d}Y_{nj}": "the mask is missing, and what is kept is made larger, not smaller.",
        r"\frac{\mathrm{d}Y_{nj}}{1 - p}": "the mask is missing: what was silent is not to blame.",
        r"\mathrm{d}Y_{nj} M_{nj}": "1/(1 − p) is missing: scaled on the way up, scaled on the way down.",
    },
)


def _penalised(rng, second):
    return World(
        rng,
        indices={"i": "n_in", "j": "n_out"},
        given={"n_in": 2 if second else 4, "n_out": 3, "W": "n_in n_out", "lam": 0.7 if second else 1.3},
        define={"L": lambda W, lam: lam / 2 * np.vdot(W, W)},
    )


decay_formula = Formula(
    r"\mathrm{d}W_{ij}",
    [r"\lambda W_{ij}", r"\lambda W"],
    world=_penalised,
    names="lambda W",
    hint="of the sum of all squares, one has this weight in it. L is λ/2 times that sum.",
    praise="Right, for two sizes and two λ.",
)
