"""Wrong and right attempts at the exercises of chapter 08 by readers who did not know the checks.

A row holds the exercise, the attempt, and the words that the diagnosis must hold. One exercise trains; its
attempts stand below.
"""

import warnings

import numpy as np
import pytest

from nnlib import SGD, BinaryCrossEntropy, Dense, Network, Sigmoid, Tanh, datasets, fit
from nnlib.teach import checks
from tests.test_checks import stacked, xnor, xor_setting
from tests.test_checks_blind import numbered

ONES = np.ones((2, 2))


def sums(X, W, b):
    return X @ W + b


def dead(X, W, b):
    return (sums(X, W, b) <= 0).all(axis=0)


WRONG = [
    ("xnor_weights", xnor(W2=((1,), (-2,)), b2=(-0.5,)), "That is XOR, not its opposite"),
    ("xnor_weights", xnor(W2=((1,), (-2,))), "b2 fits, and W2 does not"),
    ("xnor_weights", xnor(b2=(-0.5,)), "W2 fits, and b2 does not"),
    ("xnor_weights", xnor(-ONES, W2=((1,), (-2,)), b2=(-0.5,)), "Hidden unit 1 gives 0 at all four points"),
    ("xnor_weights", xnor(-ONES, (0, 1)), "Hidden unit 1 gives 0 at all four points"),
    ("xnor_weights", lambda: (ONES, ONES[:, :1], np.zeros(2), np.ones(1)), "The order is W1, b1, W2, b2"),
    ("xnor_weights", xnor(20 * ONES, (-10, -30), ((-20,), (20,)), (10,)), "With sigmoid units these weights"),
    ("xnor_weights", xnor(3 * ONES, (-1.5, -4.5), ((-2,), (2,)), (2,)), "With tanh units these weights"),
    ("xnor_weights", xnor(W2=((np.nan,), (2,))), "Each weight has to be a finite number"),
    ("xnor_weights", xnor(W2=((0,), (1,)), b2=(-0.5,)), "The point (0, 0) should have z above 0"),
    ("xnor_weights", xnor(b2=(1,)), "z = 0 is on the line"),
    ("xnor_weights", xnor(W1=((1,), (1, 1))), "You return tuple; expected an array, which is W1"),
    ("xnor_weights", xnor(W1=(("1", "1"), ("1", "1"))), "You return tuple; expected an array, which is W1"),
    (
        "xnor_weights",
        lambda: (ONES, [0, -1], ..., [0.5]),
        "You return ellipsis; expected an array, which is W2",
    ),
    ("stacked_backward", lambda X, W, dZ: stacked()(X, W, dZ)[::-1], "you return db, dW, dX, each of them"),
    ("stacked_backward", lambda X, W, dZ: stacked()(X, W, dZ)[:2], "3 results in this order; you return 2"),
    ("stacked_backward", stacked(dX="dZ[0] @ W[0].T"), "dX: that is network 0 alone"),
    ("stacked_backward", stacked(dW="X[-1].T @ dZ[-1]"), "dW: that is network S - 1 alone"),
    ("stacked_backward", stacked(dX="dZ @ W[0].T"), "the weights of network 0. Each has its own"),
    ("stacked_backward", stacked(dX="dZ @ W[-1].T"), "the weights of network S - 1. Each has its own"),
    ("stacked_backward", stacked(dX="dZ @ W.swapaxes(0, 1)"), "over the last axis but one of the right one"),
    ("stacked_backward", stacked(dW="..."), "dW is still `...`"),
    ("stacked_backward", stacked(dX="[[1], [0, 1]]"), "dX: you return a list; expected numbers"),
    ("stacked_backward", stacked(db="dZ.mean(axis=1, keepdims=True)"), "db: right but for a factor 1/N"),
    ("stacked_backward", stacked(dX="dZ @ W.swapaxes(1, 2) + X"), "dX[0, 1, 1] should be"),
    ("dead_units", lambda X, W, b: (sums(X, W, b) <= 0).any(axis=0), "silent on some sample"),
    ("dead_units", lambda X, W, b: sums(X, W, b).min(axis=0) <= 0, "silent on some sample"),
    ("dead_units", lambda X, W, b: sums(X, W, b).max(axis=0) < 0, "exactly 0 is silent too"),
    ("dead_units", lambda X, W, b: sums(X, W, b).mean(axis=0) <= 0, "by the sum or the mean"),
    ("dead_units", lambda X, W, b: sums(X, W, b)[0] <= 0, "the first sample alone"),
    ("dead_units", lambda X, W, b: sums(X, W, b)[-1] <= 0, "the last sample alone"),
    ("dead_units", lambda X, W, b: (sums(X, W, -b) <= 0).all(axis=0), "The bias is added"),
    ("dead_units", lambda X, W, b: (W <= 0).all(axis=0) & (b <= 0), "W and b alone"),
    ("dead_units", lambda X, W, b: np.flatnonzero(dead(X, W, b)), "the numbers of the dead units"),
    ("dead_units", lambda X, W, b: dead(X, W, b).sum(), "That is how many units are dead"),
    (
        "dead_units",
        lambda X, W, b: (sums(X, W, b) <= 0).sum(axis=0),
        "You return 6 for a unit; expected True",
    ),
    ("dead_units", lambda X, W, b: [str(one) for one in dead(X, W, b)], "Expected True or False for each"),
    ("dead_units", lambda X, W, b: [[True], [True, False]], "Expected True or False for each"),
    ("dead_units", lambda X, W, b: np.maximum(sums(X, W, b), 0).max(axis=0) < 0, "nothing is below 0"),
    ("dead_units", lambda X, W, b: (sums(X, W, b) <= 0).all(axis=1), "You return shape (6,); expected (4,)"),
]

RIGHT = [
    ("xnor_weights", xnor(((1, -1), (-1, 1)), (0, 0), ((-1,), (-1,)))),
    ("xnor_weights", xnor(ONES.astype(int), [0, -1], np.array([[-2], [4]]), [1])),
    ("stacked_backward", lambda X, W, dZ: list(stacked(dX="np.einsum('sno,sio->sni', dZ, W)")(X, W, dZ))),
    ("stacked_backward", stacked(dW="X.transpose(0, 2, 1) @ dZ", db="dZ.sum(1)[:, None]")),
    ("dead_units", lambda X, W, b: np.maximum(sums(X, W, b), 0).max(axis=0) == 0),
    ("dead_units", lambda X, W, b: (~(sums(X, W, b) > 0).any(0)).astype(int)),
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


# Exercise 8.4


def always_the_same(answer):
    made = []

    def setting(rng):
        made[:] = made or answer(rng)
        return tuple(made)

    return setting


def trained_inside(rng):
    net, optimizer, epochs = xor_setting(8, Tanh, 60, 1.0)(rng)
    X, Y = datasets.xor()
    loss = BinaryCrossEntropy()
    fit(net, loss, optimizer, X, Y, epochs=epochs, batch_size=4, rng=None, progress=False)
    return net, optimizer, 1


def of_another(rng):
    return xor_setting(8, Tanh, 9, 1.0)(rng)[0], *xor_setting(8, Tanh, 9, 1.0)(rng)[1:]


def with_sigmoid(rng):
    net = Network(Dense(2, 8, rng=rng), Tanh(), Dense(8, 1, rng=rng), Sigmoid())
    return net, SGD(net.params, lr=1.0), 9


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (always_the_same(xor_setting(8, Tanh, 9, 1.0)), "The same network comes back each time"),
        (trained_inside, "of 100 networks solve XOR before their first step"),
        (of_another, "optimizer holds other parameters than this network's"),
        (with_sigmoid, "The last layer is Sigmoid()"),
        (xor_setting(8, Tanh, 20, 100.0), "ended worse than guessing (the learning rate is too large)"),
        (lambda rng: xor_setting(8, Tanh, 9, 1.0)(np.random.default_rng(0)), "begin with the same weights"),
        (lambda rng: xor_setting(8, Tanh, 9, 1.0)(rng)[0], "three things"),
        (lambda rng: xor_setting(8, Tanh, 9, 1.0)(rng)[::2] + (SGD,), "optimizer is a int"),
        (lambda rng: (*xor_setting(8, Tanh, 9, 1.0)(rng)[:2], 9.0), "epochs is 9.0; expected a whole number"),
    ],
    ids=range(9),
)
def test_settings_that_do_not_solve_xor(answer, said):
    verdict = judged("solves_xor", answer)
    assert not verdict and said in verdict.text, verdict
