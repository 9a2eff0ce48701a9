"""Wrong and right attempts at the exercises of chapter 09 by readers who did not know the checks.

A row holds the exercise, the attempt, and the words that the diagnosis must hold. One exercise trains; its
attempts stand below, the few that train at all on few digits.
"""

import itertools
import math
import warnings

import numpy as np
import pytest

from nnlib import SGD, Dense, Network
from nnlib.teach import checks
from tests.test_checks import (
    buffered,
    could_end_in,
    count,
    few_digits,  # noqa: F401
    of_those_seen,
    parts,
    recipe,
    shares_of_rows,
)
from tests.test_checks_blind import numbered


def one_hot_of(labels, n_classes):
    return np.eye(n_classes)[labels]


def filled(index, value=1):
    """Return a one_hot that writes `value` where `index` says."""

    def one_hot(labels, n_classes):
        Y = np.zeros((len(labels), n_classes))
        Y[index(labels)] = value
        return Y

    return one_hot


def exchanged(labels, n_classes):
    Y = np.zeros((len(labels), n_classes))
    for n, c in enumerate(labels):
        Y[c, n] = 1
    return Y


def one_row_many_times(labels, n_classes):
    Y = [[0] * n_classes] * len(labels)
    for n, c in enumerate(labels):
        Y[n][c] = 1
    return Y


def returns_in_the_loop(labels, n_classes):
    Y = np.zeros((len(labels), n_classes))
    for n, c in enumerate(labels):
        Y[n, c] = 1
        return Y


def sorts(labels, n_classes):
    labels.sort()
    return one_hot_of(labels, n_classes)


def put(labels, n_classes):
    Y = np.zeros((len(labels), n_classes), np.uint8)
    np.put(Y, np.arange(len(labels)) * n_classes + labels, 1)
    return Y


def epoch_cost(widths, N):
    weights, first = parts(widths)
    return N * (3 * weights - first)


def last_layer_alone(widths, N):
    for k, (n_in, n_out) in enumerate(itertools.pairwise(widths)):
        total = (3 if k else 2) * n_in * n_out
    return N * total


def without_the_last_layer(widths, N):
    sizes = [widths[k] * widths[k + 1] for k in range(len(widths) - 2)]
    return N * (3 * sum(sizes) - widths[0] * widths[1])


def pops(widths, N):
    right = epoch_cost(widths, N)
    widths.pop(0)
    return right


def layer_by_layer(widths, N):
    return sum(N * a * b * (3 if k else 2) for k, (a, b) in enumerate(itertools.pairwise(widths)))


def counted(change):
    """Return a confusion matrix that is `change` of the right one."""
    return lambda p, t, n: change(np.array(count(p, t, n)))


def counted_in_bytes(predicted, target, n_classes):
    C = np.zeros((n_classes, n_classes), np.uint8)
    for i, j in zip(target, predicted, strict=True):
        C[i, j] += 1
    return C


def every_pair(predicted, target, n_classes):
    C = np.zeros((n_classes, n_classes))
    for i in target:
        for j in predicted:
            C[i, j] += 1
    return C


def rows_that_are_one(predicted, target, n_classes):
    C = [[0] * n_classes] * n_classes
    for i, j in zip(target, predicted, strict=True):
        C[i][j] += 1
    return C


def the_first_sample(predicted, target, n_classes):
    return count(predicted[:1], target[:1], n_classes)


def by_numbers(predicted, target, n_classes):
    return np.bincount(n_classes * target + predicted, minlength=n_classes**2).reshape(n_classes, n_classes)


def the_first_that_fits(outputs):
    names = could_end_in(outputs)
    return {next(name for name in ("sigmoid", "tanh", "relu") if name in names)} if names else set()


def without(name, rule):
    """Return last_activations that leaves out `name` where `rule` holds."""
    return lambda Y: could_end_in(Y) - ({name} if rule(Y) else set())


WRONG = [
    ("one_hot", filled(lambda y: (slice(None), y)), "Every row holds the ones of all samples"),
    ("one_hot", one_row_many_times, "Every row holds the ones of all samples"),
    ("one_hot", filled(lambda y: y), "Whole rows are set to 1"),
    ("one_hot", exchanged, "Row and column are exchanged"),
    ("one_hot", returns_in_the_loop, "Is the `return` inside the loop?"),
    ("one_hot", filled(lambda y: (range(len(y)), y - 1)), "one column too far to the left"),
    ("one_hot", lambda y, C: 2 * one_hot_of(y, C) - 1, "Y[0, 1] is -1; expected zeros and ones"),
    ("one_hot", lambda y, C: np.unique(y) == y[:, None], "only `n_classes` says how many"),
    ("one_hot", sorts, "Your function changes labels"),
    (
        "one_hot",
        lambda y, C: one_hot_of(y, C).astype(int).astype(str),
        "You return ndarray; expected an array",
    ),
    ("one_hot", lambda y, C: [[1], [0, 1], [1]], "You return list; expected an array"),
    ("one_hot", lambda y, C: one_hot_of(y, 10), "You return shape (3, 10); expected (3, 4)"),
    ("multiplications", lambda w, N: N * (2 * parts(w)[0] - parts(w)[1]), "the way back alone"),
    ("multiplications", lambda w, N: N * (3 * parts(w)[0] - 2 * parts(w)[1]), "spared one product, its dX"),
    ("multiplications", lambda w, N: N * (3 * parts(w)[0] + parts(w)[1]), "You add n_0 n_1"),
    ("multiplications", lambda w, N: N * (3 * parts(w)[0] - w[-1] * w[-2]), "You spare the last layer"),
    ("multiplications", without_the_last_layer, "You leave out the last layer"),
    ("multiplications", lambda w, N: N * 3 * (parts(w)[0] - parts(w)[1]), "You leave out the first layer"),
    ("multiplications", last_layer_alone, "begin anew in each turn of the loop"),
    ("multiplications", lambda w, N: 2 * N * parts(w)[1], "the first layer alone. Is the `return` inside"),
    ("multiplications", lambda w, N: N * (3 * sum(w) - w[0] * w[1]), "You add up the widths"),
    ("multiplications", lambda w, N: N * math.prod(w), "You multiply all widths with each other"),
    ("multiplications", lambda w, N: epoch_cost(w, N) + 3 * N * sum(w[1:]), "You count the biases"),
    ("multiplications", lambda w, N: epoch_cost(w, 50_000), "You count 50000 samples, however many"),
    ("multiplications", lambda w, N: epoch_cost(w, N) / 64, "Right but for a factor 0.01562"),
    ("multiplications", lambda w, N: np.int32(N) * np.int32(epoch_cost(w, 1)), "too large for 32 bits"),
    ("multiplications", lambda w, N: str(epoch_cost(w, N)), "You return str; expected one number"),
    ("multiplications", pops, "Your function changes the list `widths`"),
    ("confusion", counted(lambda C: C.T), "Transposed"),
    ("confusion", buffered, "No entry is above 1"),
    ("confusion", counted(lambda C: np.diag(np.diag(C))), "You count the right answers alone"),
    ("confusion", counted(lambda C: C + C.T), "You count each sample twice"),
    ("confusion", counted(lambda C: C + 1), "Every entry is 1 too high. Begin with zeros"),
    ("confusion", counted(lambda C: np.roll(C, -1, axis=(0, 1))), "Off by one"),
    ("confusion", counted(lambda C: C / C.sum(axis=1, keepdims=True)), "Those are shares"),
    ("confusion", counted(lambda C: 100 * C / C.sum()), "Those are shares"),
    ("confusion", counted(lambda C: -C), "Right but for the sign"),
    ("confusion", counted_in_bytes, "A count above 255 starts anew from 0"),
    ("confusion", every_pair, "Each target meets every prediction"),
    ("confusion", rows_that_are_one, "All rows are the same"),
    ("confusion", the_first_sample, "You count a single sample"),
    ("confusion", of_those_seen, "still a row and a column"),
    ("confusion", counted(lambda C: C.astype(str)), "You return ndarray; expected an array"),
    ("confusion", lambda p, t, n: [[1], [0, 1], [1]], "You return list; expected an array"),
    ("confusion", shares_of_rows, "Those are shares"),
    ("last_activations", the_first_that_fits, "You stop at the first that fits"),
    ("last_activations", lambda Y: could_end_in(Y) or None, "an empty set is `set()`"),
    ("last_activations", without("relu", lambda Y: Y.min() > 0), "You rule out relu where no output is 0"),
    ("last_activations", without("relu", lambda Y: Y.max() < 1), "You rule out relu where all outputs are"),
    ("last_activations", without("tanh", lambda Y: Y.min() <= 0), "You let tanh give nothing below 0"),
    ("last_activations", without("relu", lambda Y: Y.max() > 1), "leave out relu, which could have given"),
    ("last_activations", without("tanh", lambda Y: 0 in Y), "could have given outputs from 0 to 0."),
    ("last_activations", lambda Y: could_end_in(Y[:, :1]), "the first column alone"),
    ("last_activations", lambda Y: could_end_in(Y.mean(axis=0)), "the mean of a column"),
    ("last_activations", lambda Y: {"sigmoid": 0 < Y.min()}, "expected a set of names"),
    ("last_activations", lambda Y: {"sigmoid"} if 0 < Y < 1 else set(), "ask for one yes or no"),
]

RIGHT = [
    ("one_hot", put),
    ("one_hot", filled(lambda y: (np.arange(len(y)), y), True)),
    ("multiplications", layer_by_layer),
    ("multiplications", lambda w, N: float(N) * (3 * np.dot(w[:-1], w[1:]) - w[0] * w[1])),
    ("confusion", by_numbers),
    ("confusion", lambda p, t, n: one_hot_of(t, n).T @ one_hot_of(p, n)),
    ("last_activations", lambda Y: frozenset(could_end_in(Y))),
    ("last_activations", lambda Y: tuple(sorted(could_end_in(Y)))),
]


def judged(exercise, attempt):
    with warnings.catch_warnings(action="ignore"):
        return getattr(checks, exercise)(attempt)


@pytest.mark.parametrize(("exercise", "attempt", "said"), WRONG, ids=numbered(WRONG))
def test_a_wrong_attempt_hears_what_is_wrong(exercise, attempt, said):
    verdict = judged(exercise, attempt)
    assert not verdict and said in verdict.text, verdict


@pytest.mark.parametrize(("exercise", "attempt"), RIGHT, ids=numbered(RIGHT))
def test_a_right_attempt_passes(exercise, attempt):
    verdict = judged(exercise, attempt)
    assert verdict, verdict


def always_the_same(answer):
    made = []

    def setting(rng):
        made[:] = made or answer(rng)
        return tuple(made)

    return setting


# Exercise 9.4


def dense_alone(rng):
    net = Network(Dense(784, 32, rng=rng), Dense(32, 10, rng=rng))
    return net, SGD(net.params, lr=0.1), 2, 64


def all_zero(rng):
    net, *others = recipe()(rng)
    for p in net.params:
        p[...] = 0
    return net, *others


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (recipe(epochs=640, width=512), "billion multiplications for 640 epochs"),
        (dense_alone, "and there is no activation: dense layers alone are together one"),
        (all_zero, "a layer of weights is zero throughout"),
        (recipe(lr=0.01, epochs=1), "and one epoch was all. You can pay for "),
        (recipe(lr=lambda t: 0.2 * (1 - t / 400)), "was still 0.106 in the last of 188 steps"),
        (lambda rng: recipe()(rng)[:3], "four things"),
    ],
    ids=range(6),
)
def test_recipes_that_fall_short(answer, said, few_digits):  # noqa: F811
    with warnings.catch_warnings(action="ignore"):
        verdict = checks.mnist_recipe(answer, *few_digits)
    assert not verdict and said in verdict.text, verdict


def test_a_recipe_that_hands_over_a_trained_network(few_digits):  # noqa: F811
    answer = always_the_same(recipe())
    assert not checks.mnist_recipe(answer, *few_digits)
    verdict = checks.mnist_recipe(answer, *few_digits)
    assert not verdict and "before its first step: it has been trained already" in verdict.text
