"""The checks of chapter 03: each wrong answer earns its diagnosis, each right one passes in any style."""

import math

import numpy as np
import pytest

from nnlib.teach import checks
from nnlib.teach.checks import activations

ALL = [checks.compose, checks.tanh_backward, checks.relu_backward, checks.leaky_relu, checks.stable_sigmoid]
each_check = pytest.mark.parametrize("check", ALL, ids=lambda check: check.__name__)


# Right answers in unusual style


def compose_by_two_points(W1, b1, W2, b2):
    """The bias is what 0 becomes, row i of W what e_i adds to it."""

    def both(X):
        return (X @ W1 + b1) @ W2 + b2

    b = both(np.zeros(len(W1)))
    return both(np.eye(len(W1))) - b, b


def tanh_in_loops(dY, Y):
    dX = []
    for dY_row, Y_row in zip(dY, Y, strict=True):
        dX.append([d * (1 - y) * (1 + y) for d, y in zip(dY_row, Y_row, strict=True)])
    return dX


def relu_by_assignment(dY, X, Y):
    dX = dY.copy()
    dX[X <= 0] = 0
    return dX


def leaky_in_loops(X, dY, slope):
    Y, dX = np.empty_like(X), np.empty_like(X)
    for i in np.ndindex(X.shape):
        factor = 1.0 if X[i] > 0 else slope
        Y[i], dX[i] = factor * X[i], factor * dY[i]
    return Y, dX


def leaky_by_masks(X, dY, slope):
    factor = (X > 0) + slope * (X <= 0)
    return [(factor * X).astype(np.float32), (factor * dY).astype(np.float32)]


def sigmoid_one_by_one(X):
    def one(x):
        e = math.exp(-abs(x))
        return 1 / (1 + e) if x >= 0 else e / (1 + e)

    return [[one(x) for x in row] for row in X]


def sigmoid_by_masks(X):
    Y = np.empty_like(X)
    right = X >= 0
    Y[right] = 1 / (1 + np.exp(-X[right]))
    Y[~right] = np.exp(X[~right]) / (1 + np.exp(X[~right]))
    return Y


RIGHT = [
    (checks.compose, compose_by_two_points),
    (checks.compose, lambda W1, b1, W2, b2: [np.einsum("ij,jk->ik", W1, W2), np.einsum("j,jk", b1, W2) + b2]),
    (checks.compose, lambda W1, b1, W2, b2: ((W2.T @ W1.T).T.astype(np.float32), (W2.T @ b1 + b2).tolist())),
    (checks.tanh_backward, tanh_in_loops),
    (checks.tanh_backward, lambda dY, Y: dY - dY * Y**2),
    (checks.tanh_backward, lambda dY, Y: np.einsum("nj,nj->nj", dY, 1 - Y**2).astype(np.float32)),
    (checks.tanh_backward, lambda dY, Y: dY / np.cosh(np.arctanh(Y)) ** 2),
    (checks.relu_backward, relu_by_assignment),
    (checks.relu_backward, lambda dY, X, Y: np.where(Y > 0, dY, 0)),
    (checks.relu_backward, lambda dY, X, Y: (dY * np.sign(Y)).astype(np.float32).tolist()),
    (checks.relu_backward, lambda dY, X, Y: dY * np.heaviside(X, 0)),
    (checks.leaky_relu, leaky_in_loops),
    (checks.leaky_relu, leaky_by_masks),
    (checks.leaky_relu, lambda X, dY, slope: (np.maximum(X, slope * X), np.where(X > 0, 1, slope) * dY)),
    (checks.stable_sigmoid, sigmoid_one_by_one),
    (checks.stable_sigmoid, sigmoid_by_masks),
    (checks.stable_sigmoid, lambda X: np.exp(-np.logaddexp(0, -X))),
    (checks.stable_sigmoid, lambda X: np.exp(np.minimum(X, 0)) / (1 + np.exp(-np.abs(X)))),
    (
        checks.stable_sigmoid,
        lambda X: np.exp(np.minimum(X, 0).astype(np.float32)) / (1 + np.exp(-np.abs(X).astype(np.float32))),
    ),
]


@pytest.mark.parametrize(("check", "answer"), RIGHT, ids=range(len(RIGHT)))
def test_right_answers_in_any_style(check, answer):
    verdict = check(answer)
    assert verdict, verdict.text
    assert verdict.text.startswith("Right")


@each_check
def test_a_read_only_input_is_enough(check):
    answers = dict(reversed(RIGHT))  # the first of each

    def careful(*arguments):
        for A in arguments:
            if isinstance(A, np.ndarray):
                A.flags.writeable = False
        return answers[check](*arguments)

    assert check(careful)


# Wrong answers


def in_place(dY, Y):
    dY *= 1 - Y**2
    return dY


def relu_in_place(dY, X, Y):
    X[X > 0] = 1
    X[X <= 0] = 0
    return dY * X


def only_y(X, dY, slope):
    return np.where(X > 0, X, slope * X)


def leaky(backward):
    """A right forward pass before a wrong backward one."""
    return lambda X, dY, slope: (np.maximum(X, slope * X), backward(X, dY, slope))


def leaky_forward(forward):
    """A wrong forward pass before a right backward one."""
    return lambda X, dY, slope: (forward(X, slope), np.where(X > 0, dY, slope * dY))


def hidden_sigmoid(X):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-X))


COMPOSE = [
    (lambda W1, b1, W2, b2: (W2 @ W1, b1 @ W2 + b2), "W: the two are in the other order"),
    (lambda W1, b1, W2, b2: (W2 @ W1, W2 @ b1 + b2), "W: the two are in the other order"),
    (lambda W1, b1, W2, b2: (W1 * W2, b1 @ W2 + b2), "W: you multiply entry by entry"),
    (lambda W1, b1, W2, b2: (W1 + W2, b1 + b2), "W: you add the matrices"),
    (lambda W1, b1, W2, b2: (W1.T @ W2.T, b1 @ W2 + b2), "W: this is (W2 W1)ᵀ"),
    (lambda W1, b1, W2, b2: ((W1 @ W2).T, b1 @ W2 + b2), "W: transposed"),
    (lambda W1, b1, W2, b2: (W1 @ W2, b2), "b: b1 is lost"),
    (lambda W1, b1, W2, b2: (W1 @ W2, b1 @ W2), "b: b2 is lost"),
    (lambda W1, b1, W2, b2: (W1 @ W2, b1 + b2), "b: b1 is added as it is"),
    (lambda W1, b1, W2, b2: (W1 @ W2, W2 @ b1 + b2), "b: b1 stands on the wrong side of W2"),
    (lambda W1, b1, W2, b2: (W1 @ W2, b1 @ W1 + b2), "b: b1 is multiplied by W1"),
    (lambda W1, b1, W2, b2: (W1 @ W2, (b1 + b2) @ W2), "b: b2 is multiplied by W2 too"),
    (lambda W1, b1, W2, b2: (W1 @ W2, b1 * b2), "b: you multiply the biases"),
    (lambda W1, b1, W2, b2: (W1 @ W2, b1 @ W2 - b2), "b: right but for the sign of b2"),
    (
        lambda W1, b1, W2, b2: (W1 @ W2, (b1 @ W2 + b2)[None]),
        "b: With n_in = 3, n_hidden = 3, n_out = 3, you",
    ),
    (lambda W1, b1, W2, b2: (b1 @ W2 + b2, W1 @ W2), "W: this is the bias; W comes first"),
    (lambda W1, b1, W2, b2: W1 @ W2 + b1 @ W2 + b2, "Expected `return W, b`, 2 results"),
    (lambda W1, b1, W2, b2: (W1 @ W2 + b2, b1 @ W2), "W: a bias has been added to it"),
    (lambda W1, b1, W2, b2: ((W1 + b1) @ W2, b2), "W: a bias has been added to it"),
    (lambda W1, b1, W2, b2: (W1 @ W2 + b1 @ W2 + b2, b2), "W: a bias has been added to it"),
    (lambda W1, b1, W2, b2: (W1 @ W2, b1 * W2 + b2), "b: a matrix, with b1 multiplied into it"),
    (lambda W1, b1, W2, b2: (W1 @ W2, b1[:, None] * W2 + b2), "b: a matrix, with b1 multiplied into it"),
    (lambda W1, b1, W2, b2: np.vstack([W1 @ W2, b1 @ W2 + b2]), "Expected `return W, b`, 2 results"),
    (lambda W1, b1, W2, b2: (W1.T @ W2, b1 @ W2 + b2), "should be"),
]
TANH = [
    (lambda dY, Y: dY * (1 - np.tanh(Y) ** 2), "this is the slope at Y, not at X"),
    (lambda dY, Y: dY * (1 - Y), "1 - Y is not the slope"),
    (lambda dY, Y: dY * (1 - Y) ** 2, "you square 1 - Y"),
    (lambda dY, Y: 1 - Y**2, "the slopes alone. What came from above, dY, is missing"),
    (lambda dY, Y: dY @ (1 - Y**2), "a matrix product (seen with N = n"),
    (lambda dY, Y: dY @ (1 - Y**2).T, "a matrix product (seen with N = n"),
    (lambda dY, Y: (1 - Y**2) @ dY, "a matrix product (seen with N = n"),
    (lambda dY, Y: dY * (1 - Y @ Y), "Y @ Y is a matrix product"),
    (lambda dY, Y: dY * Y * (1 - Y), "the slope of the sigmoid"),
    (lambda dY, Y: dY * (Y**2 - 1), "right but for its sign"),
    (lambda dY, Y: dY * (1 + Y**2), "a slope above 1"),
    (lambda dY, Y: dY * 1 - Y**2, "the brackets are missing"),
    (lambda dY, Y: dY * -2 * Y, "-2 Y is the derivative of 1 - Y²"),
    (lambda dY, Y: dY * Y**2, "Y² is what the slope has lost"),
    (lambda dY, Y: dY / (1 - Y**2), "you divide by the slope"),
    (lambda dY, Y: Y * (1 - dY**2), "dY and Y have changed places"),
    (lambda dY, Y: (dY * (1 - Y**2)).sum(axis=0), "you add the samples up"),
    (lambda dY, Y: dY * (1 - Y**2) / len(Y), "a factor 1/N (tried with N = 3 and N = 5)"),
    (in_place, "Your function changes dY"),
    (lambda dY, Y: dY.T @ (1 - Y**2), "a matrix product (seen with N = n"),
    (lambda dY, Y: np.dot(dY, 1 - np.dot(Y, Y)), "a matrix product (seen with N = n"),
    (lambda dY, Y: dY / np.cosh(Y) ** 2, "this is the slope at Y, not at X"),
    (lambda dY, Y: dY * Y * (1 - Y**2), "by the value of tanh as well as by its slope"),
    (lambda dY, Y: dY * np.sqrt(1 - Y**2), "the root of the slope"),
    (lambda dY, Y: dY * (1 - Y * 2), "2 Y is not Y squared"),
    (lambda dY, Y: dY + (1 - Y**2), "you add the slope"),
    (lambda dY, Y: dY * (1 - np.tanh(dY) ** 2), "you take the slope at dY"),
    (lambda dY, Y: np.tanh(dY), "this sends dY forward"),
    (lambda dY, Y: dY * Y, "by the value of tanh where its slope belongs"),
    (lambda dY, Y: dY * (1 - abs(Y)), "1 - |Y| is not the slope"),
    (lambda dY, Y: dY * (1 - np.arctanh(Y) ** 2), "this squares X"),
    (lambda dY, Y: (dY * (1 - Y**2)).T, "transposed"),
]
RELU = [
    (lambda dY, X, Y: dY * (Y >= 0), "nothing is held back"),
    (lambda dY, X, Y: dY, "nothing is held back"),
    (lambda dY, X, Y: dY * (X >= 0), "where X is exactly 0 you let dY through"),
    (lambda dY, X, Y: dY * np.heaviside(X, 0.5), "you let half of dY through"),
    (lambda dY, X, Y: dY * (dY > 0), "the mask comes from the wrong tensor"),
    (lambda dY, X, Y: np.maximum(dY, 0), "the mask comes from the wrong tensor"),
    (lambda dY, X, Y: dY * (X > 0) * (dY > 0), "you also drop what is negative in dY"),
    (lambda dY, X, Y: np.abs(dY * (X > 0)), "what is negative in dY has become positive"),
    (lambda dY, X, Y: dY * (X < 0), "the other way round"),
    (lambda dY, X, Y: dY * (Y == 0), "the other way round"),
    (lambda dY, X, Y: X > 0, "the slopes alone"),
    (lambda dY, X, Y: np.maximum(X, 0), "that is the forward pass"),
    (lambda dY, X, Y: dY * Y, "you multiply by the value of ReLU"),
    (lambda dY, X, Y: dY * X, "you multiply by X"),
    (lambda dY, X, Y: dY * np.sign(X), "that is |x|, not ReLU"),
    (lambda dY, X, Y: (dY * (X > 0)).sum(axis=0), "you add the samples up"),
    (lambda dY, X, Y: -dY * (X > 0), "right but for its sign"),
    (lambda dY, X, Y: (dY * (X > 0)).T, "transposed"),
    (lambda dY, X, Y: dY[X > 0], "picks entries out and forgets where they stood"),
    (relu_in_place, "Your function changes X"),
    (lambda dY, X, Y: dY @ (X > 0), "a matrix product (seen with N = n"),
    (lambda dY, X, Y: dY @ (Y > 0).T, "a matrix product (seen with N = n"),
    (lambda dY, X, Y: np.where(dY > 0, X, 0), "dY and X have changed places"),
    (lambda dY, X, Y: dY * (X != 0), "only where X is exactly 0"),
    (lambda dY, X, Y: np.where(X > 0, dY, 0.01 * dY), "this is LeakyReLU"),
    (lambda dY, X, Y: dY if X > 0 else 0, "Your code stops with ValueError"),
    (lambda dY, X, Y: dY * (X > 0).any(axis=0), "you judge whole columns"),
]
LEAKY = [
    (leaky_forward(lambda X, slope: np.where(X > 0, slope * X, X)), "Y: the slope is on the wrong side"),
    (leaky_forward(lambda X, slope: np.maximum(X, 0)), "Y: the leak is missing"),
    (leaky_forward(lambda X, slope: np.where(X > 0, X, slope)), "Y: the left side is flat"),
    (leaky_forward(lambda X, slope: np.maximum(X, slope)), "Y: max(x, slope) is flat"),
    (leaky_forward(lambda X, slope: np.minimum(X, slope * X)), "Y: the slope is on the wrong side"),
    (leaky_forward(lambda X, slope: np.where(X > 0, X, -slope * X)), "Y: the leak has the wrong sign"),
    (leaky_forward(lambda X, slope: np.where(X > 0, X, 0.01 * X)), "Y: 0.01 whatever `slope` is"),
    (leaky_forward(lambda X, slope: np.maximum(0, X) + slope * X), "Y: on the right the leak is added"),
    (leaky(lambda X, dY, slope: np.where(X > 0, 1, slope)), "dX: these are the slopes alone"),
    (
        leaky(lambda X, dY, slope: np.where(dY > 0, dY, slope * dY)),
        "dX: the mask comes from the wrong tensor",
    ),
    (leaky(lambda X, dY, slope: np.where(X >= 0, dY, slope * dY)), "dX: where X is exactly 0"),
    (leaky(lambda X, dY, slope: dY * (X > 0)), "dX: the leak is missing on the way back"),
    (leaky(lambda X, dY, slope: np.where(X < 0, dY, slope * dY)), "dX: the slope is on the wrong side"),
    (leaky(lambda X, dY, slope: np.where(X > 0, dY, slope)), "dX: where X is negative you return the slope"),
    (
        leaky(lambda X, dY, slope: np.where(X > 0, dY, slope * X)),
        "dX: where X is negative you return slope · X",
    ),
    (leaky(lambda X, dY, slope: np.where(X > 0, dY, -slope * dY)), "dX: the leak has the wrong sign"),
    (leaky(lambda X, dY, slope: dY * np.maximum(X, slope * X)), "dX: you multiply by the value of f"),
    (leaky(lambda X, dY, slope: np.where(X > 0, dY, 0.01 * dY)), "dX: 0.01 whatever `slope` is"),
    (leaky(lambda X, dY, slope: slope * dY), "dX: every entry leaks"),
    (lambda X, dY, slope: leaky_in_loops(X, dY, slope)[::-1], "Y: this is dX. Y comes first"),
    (only_y, "Expected `return Y, dX`, 2 results"),
    (leaky_forward(lambda X, slope: X * (X > 0) + slope * (X < 0)), "Y: the left side is flat"),
    (leaky_forward(lambda X, slope: np.where(X > 0, X, X / slope)), "Y: you divide by the slope"),
    (
        leaky_forward(lambda X, slope: np.where(X > 0, X, X - slope * X)),
        "Y: on the left your slope is 1 - slope",
    ),
    (leaky_forward(lambda X, slope: np.where(X > 0, X, X - slope)), "Y: you subtract the slope"),
    (
        leaky(lambda X, dY, slope: dY * (X > 0) + slope * (X < 0)),
        "dX: where X is negative you return the slope",
    ),
    (leaky(lambda X, dY, slope: np.maximum(X, slope * X)), "dX: this is Y again"),
    (leaky(lambda X, dY, slope: dY), "dX: you pass dY on as if every slope were 1"),
    (leaky(lambda X, dY, slope: (np.where(X > 0, 1, slope) * dY) / len(X)), "dX: right but for a factor 1/N"),
]
SIGMOID = [
    (lambda X: 1 / (1 + np.exp(-X)), "NumPy warns: overflow encountered in exp"),
    (
        lambda X: np.where(X >= 0, 1 / (1 + np.exp(-X)), np.exp(X) / (1 + np.exp(X))),
        "`np.where` chooses between two arrays after both have been computed",
    ),
    (lambda X: np.exp(X) / (1 + np.exp(X)), "inf / inf is nan"),
    (lambda X: 0.5 * (1 + np.tanh(X / 2)), "σ(-40) should be 4.25e-18; yours is 0."),
    (
        lambda X: np.where(X >= 0, 1 / (1 + np.exp(-np.abs(X))), 1 - 1 / (1 + np.exp(-np.abs(X)))),
        "So small a number is lost in a sum with 1.",
    ),
    (lambda X: 1 / (1 + np.exp(-np.clip(X, -500, 500))), "Is x clipped"),
    (lambda X: 1 / (1 + np.exp(-np.clip(X, -30, 30))), "Is x clipped"),
    (lambda X: np.exp(np.minimum(X, 0)) / (1 + np.exp(-np.abs(X))) + 1e-7, "or a small number added"),
    (hidden_sigmoid, "You use `errstate`, which hides warnings"),
    (lambda X: 1 / (1 + np.exp(X)), "this is σ(-x)"),
    (lambda X: np.exp(-np.abs(X)) / (1 + np.exp(-np.abs(X))), "right for x < 0"),
    (lambda X: 1 / (1 + np.exp(-np.abs(X))), "right for x > 0"),
    (lambda X: 0.5 * (1 + np.tanh(X)), "twice as steep"),
    (lambda X: np.tanh(X), "this is tanh"),
    (lambda X: X > 0, "a step from 0 to 1"),
    (lambda X: np.exp(-np.abs(X)), "this is exp(-|x|) alone"),
    (
        lambda X: np.where(X >= 0, 1, np.exp(-np.abs(X)) / (1 + np.exp(-np.abs(X)))),
        "for x >= 0 you give 1",
    ),
    (lambda X: np.where(X >= 0, 1 / (1 + np.exp(-np.abs(X))), np.exp(-np.abs(X))), "you give exp(x) alone"),
    (lambda X: np.where(X >= 0, np.exp(-np.abs(X)), 1) / (1 + np.exp(-np.abs(X))), "this is σ(-x)"),
    (lambda X: 1 + np.exp(-X), "this is what 1 is divided by"),
    (lambda X: 1 / (1 + np.exp(-X / 2)), "half as steep"),
    (lambda X: 1 / (1 + np.exp(-X[0])), "you return shape"),
    (lambda X: 1 / (1 + np.exp(-X)) if X >= 0 else 0, "Your code stops with ValueError"),
    (lambda X: [[math.exp(x) / (1 + math.exp(x)) for x in row] for row in X], "OverflowError"),
]
WRONG = [
    (check, answer, said)
    for check, table in zip(ALL, [COMPOSE, TANH, RELU, LEAKY, SIGMOID], strict=True)
    for answer, said in table
]


@pytest.mark.parametrize(
    ("check", "answer", "said"), WRONG, ids=[f"{check.__name__}-{i}" for i, (check, _, _) in enumerate(WRONG)]
)
def test_mistakes(check, answer, said):
    verdict = check(answer)
    assert not verdict and said in verdict.text, verdict.text


@each_check
def test_a_mistake_on_one_trial_is_not_named(check):
    """What explains only some trials is no diagnosis: then the numbers are told."""
    answers, calls = dict(reversed(RIGHT)), []

    def sometimes(*arguments):
        calls.append(arguments)
        found = answers[check](*arguments)
        parts = found if isinstance(found, tuple) else (found,)
        parts = tuple(np.array(part) * (-1 if len(calls) == 2 else 1) for part in parts)
        return parts if isinstance(found, tuple) else parts[0]

    text = check(sometimes).text
    assert "should be" in text and "sign" not in text


KNOWN = [
    (checks.compose, activations.COMPOSE_MISTAKES, ["W", "b"]),
    (checks.compose, activations.COMPOSE_SQUARE_MISTAKES, ["W", "b"]),
    (checks.tanh_backward, activations.TANH_MISTAKES, [None]),
    (checks.tanh_backward, activations.TANH_PRODUCTS, [None]),
    (checks.relu_backward, activations.RELU_MISTAKES, [None]),
    (checks.relu_backward, activations.RELU_PRODUCTS, [None]),
    (checks.leaky_relu, activations.LEAKY_MISTAKES, ["Y", "dX"]),
    (checks.stable_sigmoid, activations.SIGMOID_MISTAKES, [None]),
]


@pytest.mark.parametrize(
    ("check", "mistake", "results"),
    [(check, mistake, results) for check, mistakes, results in KNOWN for mistake in mistakes],
)
def test_known_mistakes_are_told_apart(check, mistake, results):
    def answer(*arguments):
        found = list(dict(reversed(RIGHT))[check](*arguments))
        found[results.index(mistake.of)] = mistake.wrong(*arguments)
        return found if mistake.of else found[0]

    assert mistake.why in check(answer).text


def test_a_switched_off_warning_is_heard_all_the_same():
    with np.errstate(all="ignore"):
        verdict = checks.stable_sigmoid(lambda X: 1 / (1 + np.exp(-X)))
    assert not verdict and "NumPy warns: overflow" in verdict.text
