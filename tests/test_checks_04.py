"""The checks of chapter 04: wrong attempts as learners make them, and right ones in unusual style."""

import math

import numpy as np
import pytest

from nnlib import log_softmax, one_hot, softmax
from nnlib.teach import checks


def wrong(table):
    """Parametrise over a table of pairs: what the learner wrote, what he has to hear."""
    return pytest.mark.parametrize(("answer", "said"), table, ids=range(len(table)))


def right(*answers):
    return pytest.mark.parametrize("answer", answers, ids=range(len(answers)))


# 4.1


def mse_loop(Y_hat, Y):
    N, n_out = Y.shape
    return [[2 / (N * n_out) * (Y_hat[n, j] - Y[n, j]) for j in range(n_out)] for n in range(N)]


def mse_read_only(Y_hat, Y):
    Y_hat.flags.writeable = Y.flags.writeable = False
    return np.subtract(Y_hat, Y) * (2 / np.prod(Y.shape))


@right(
    mse_loop,
    mse_read_only,
    lambda Y_hat, Y: 2 * (Y_hat.astype(np.float32) - Y.astype(np.float32)) / Y.size,
    lambda Y_hat, Y: -2 * (Y - Y_hat) / len(Y) / Y.shape[1],
)
def test_mse_gradient_is_right(answer):
    assert checks.mse_gradient(answer).text.startswith("Right, on four random batches")


def mse_in_place(Y_hat, Y):
    Y_hat -= Y
    return 2 * Y_hat / Y.size


FACTOR_2, OVER_N, BACKWARDS = "The factor 2", "You divide by N alone.", "the sign is the wrong way round"


@wrong(
    [
        (lambda Y_hat, Y: 2 * (Y - Y_hat) / Y.size, "Right but for its sign"),
        (lambda Y_hat, Y: (Y_hat - Y) / Y.size, FACTOR_2),
        (
            lambda Y_hat, Y: (Y - Y_hat) / Y.size,
            f"{FACTOR_2} that the derivative of a square leaves is missing. And",
        ),
        (lambda Y_hat, Y: 2 * (Y_hat - Y) / len(Y), OVER_N),
        (lambda Y_hat, Y: 2 * (Y - Y_hat) / len(Y), BACKWARDS),
        (lambda Y_hat, Y: (Y_hat - Y) / len(Y), f"n_out of them? {FACTOR_2}"),
        (lambda Y_hat, Y: 2 * (Y_hat - Y) / Y.shape[1], "You divide by n_out alone"),
        (lambda Y_hat, Y: 2 * (Y_hat - Y), "the sum of all squares. L is their mean."),
        (lambda Y_hat, Y: Y_hat - Y, "That is the difference alone"),
        (lambda Y_hat, Y: Y - Y_hat, BACKWARDS),
        (lambda Y_hat, Y: np.mean((Y_hat - Y) ** 2), "That is L itself"),
        (lambda Y_hat, Y: (Y_hat - Y) ** 2 / Y.size, "Your entries are squares"),
        (lambda Y_hat, Y: 2 * (Y_hat - Y) ** 2 / Y.size, "Your entries are squares"),
        (lambda Y_hat, Y: (Y_hat - Y) / Y.shape[1], f"a mean over the samples too. {FACTOR_2}"),
        (lambda Y_hat, Y: 2 * np.abs(Y_hat - Y) / Y.size, "No entry is negative"),
        (lambda Y_hat, Y: np.sign(Y_hat - Y) / Y.size, "All entries have the same size"),
        (lambda Y_hat, Y: (Y_hat - Y) / Y.size / np.sqrt(np.mean((Y_hat - Y) ** 2)), "the root of L"),
        (lambda Y_hat, Y: 2 * np.mean(Y_hat - Y, axis=0), "the samples have been put together"),
        (lambda Y_hat, Y: 2 * np.sum(Y_hat - Y, axis=0) / Y.size, "the samples have been put together"),
        (lambda Y_hat, Y: 2 * np.mean(Y_hat - Y), "all entries have been put together"),
        (lambda Y_hat, Y: (2 * (Y_hat - Y) / Y.size).T, "transposed"),
        (lambda Y_hat, Y: 4 * (Y_hat - Y) / Y.size, "yours is 2 times dY_hat, on every trial"),
        (lambda Y_hat, Y: 2 * (Y_hat + Y) / Y.size, "With N = 5, n_out = 3, dY_hat["),
        (mse_in_place, "Your function changes Y_hat"),
    ]
)
def test_mse_gradient_is_wrong(answer, said):
    verdict = checks.mse_gradient(answer)
    assert not verdict and said in verdict.text


# 4.2


def jacobian_loop(p):
    C = len(p)
    return [[p[c] * (1 - p[c]) if c == k else -p[c] * p[k] for k in range(C)] for c in range(C)]


def jacobian_read_only(p):
    p.flags.writeable = False
    return np.einsum("c,ck->ck", p, np.eye(len(p)) - p)


@right(
    jacobian_loop,
    jacobian_read_only,
    lambda p: p[:, None] * (np.eye(len(p)) - p),
    lambda p: np.diag(p.astype(np.float32)) - p[:, None] @ p[None, :],
)
def test_softmax_jacobian_is_right(answer):
    assert checks.softmax_jacobian(answer).text == "Right, for 2, 3, 5 and 7 classes."


def jacobian_in_place(p):
    J = -np.outer(p, p)
    p += np.diag(J)
    np.fill_diagonal(J, p)
    return J


def jacobian_plus_beside(p):
    J = np.outer(p, p)
    np.fill_diagonal(J, p * (1 - p))
    return J


def jacobian_bare_diagonal(p):
    J = -np.outer(p, p)
    np.fill_diagonal(J, p)
    return J


@wrong(
    [
        (lambda p: np.outer(p, p) - np.diag(p), "Right but for its sign"),
        (lambda p: -np.outer(p, p), "The diagonal is like the rest"),
        (lambda p: p[:, None] * p[None, :], "The diagonal is like the rest"),
        (lambda p: np.diag(p * (1 - p)), "The diagonal is right, and all else is zero."),
        (lambda p: p * (1 - p), "You return C numbers"),
        (jacobian_plus_beside, "The diagonal is right, the rest has the wrong sign"),
        (jacobian_bare_diagonal, "Right but for the diagonal"),
        (lambda p: np.diag(p), "Only the diagonal is filled, and with p itself"),
        (lambda p: np.outer(p, 1 - p), "Where is δ zero?"),
        (lambda p: np.outer(1 - p, p), "Where is δ zero?"),
        (lambda p: np.eye(len(p)) - np.outer(p, p), "on it you have 1 - p_c²"),
        (lambda p: p * (np.eye(len(p)) - p), "Beside the diagonal you have squares"),
        (lambda p: p[:, None] * (np.eye(len(p)) - p[:, None]), "Beside the diagonal you have squares"),
        (lambda p: np.diag(p) - p @ p.T, "`p @ p.T` as well"),
        (lambda p: np.diag(p) - p * p, "`p * p` multiplies entry by entry"),
        (lambda p: np.diag(softmax(p[None])[0]) - np.outer(*2 * [softmax(p[None])[0]]), "the softmax of p"),
        (lambda p: np.eye(len(p)) - p, "The factor p_c in front"),
        (lambda p: np.diag(p) + np.outer(p, p), "The products p_c p_k are added"),
        (lambda p: 1 - p, "With C = 3, you return shape (3,); J has shape (3, 3)."),
        (lambda p: (np.diag(p) - np.outer(p, p)) / len(p), "a factor 1/C (tried with C = 3 and C = 5)"),
        (jacobian_in_place, "Your function changes p"),
    ]
)
def test_softmax_jacobian_is_wrong(answer, said):
    verdict = checks.softmax_jacobian(answer)
    assert not verdict and said in verdict.text


# 4.3


def log_softmax_loop(Z):
    rows = []
    for row in Z.tolist():
        m = max(row)
        total = math.log(sum(math.exp(z - m) for z in row))
        rows.append([z - m - total for z in row])
    return rows


def log_softmax_read_only(Z):
    Z.flags.writeable = False
    return (Z.T - Z.max(1) - np.log(np.exp(Z.T - Z.max(1)).sum(0))).T


@right(
    log_softmax_loop,
    log_softmax_read_only,
    lambda Z: Z - np.logaddexp.reduce(Z, axis=1, keepdims=True),
    lambda Z: log_softmax(Z.astype(np.float32)),
)
def test_stable_log_softmax_is_right(answer):
    assert checks.stable_log_softmax(answer).text.startswith("Right, on six batches")


def shift(Z):
    return Z - Z.max(axis=1, keepdims=True)


def log_softmax_in_place(Z):
    Z -= Z.max(axis=1, keepdims=True)
    return Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))


def of_batch(Z):
    Z = Z - Z.max()
    return Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))


def of_absolutes(Z):
    Z = Z - np.abs(Z).max(axis=1, keepdims=True)
    return Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))


def of_classes(Z):
    Z = Z - Z.max(axis=0)
    return Z - np.log(np.exp(Z).sum(axis=0))


def shifted_outside_only(Z):
    return shift(Z) - np.log(np.exp(Z).sum(axis=1, keepdims=True))


def shifted_inside_only(Z):
    return Z - np.log(np.exp(shift(Z)).sum(axis=1, keepdims=True))


@wrong(
    [
        (
            lambda Z: np.log(np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)),
            "nan or infinite for large ones",
        ),
        (lambda Z: Z - np.log(np.exp(Z).sum(axis=1, keepdims=True)), "nan or infinite for large ones"),
        (of_batch, "you subtract the largest logit of the whole batch"),
        (
            lambda Z: Z - Z.max(axis=0) - np.log(np.exp(Z - Z.max(axis=0)).sum(1, keepdims=True)),
            "of each class",
        ),
        (of_classes, "You sum over the samples, axis 0"),
        (lambda Z: Z - np.log(np.exp(Z).sum(axis=0)), "You sum over the samples, axis 0"),
        (lambda Z: shift(Z) - np.log(np.exp(shift(Z)).sum()), "You sum over the whole batch"),
        (lambda Z: np.log(softmax(Z)), "it became 0 before its logarithm was taken"),
        (lambda Z: np.log(softmax(Z) + 1e-7), "No entry falls below the logarithm of the small number"),
        (lambda Z: np.log(np.clip(softmax(Z), 1e-12, 1)), "No entry falls below the logarithm"),
        (lambda Z: np.log(np.clip(softmax(Z), 1e-15, 1 - 1e-15)), "No entry falls below the logarithm"),
        (softmax, "Those are the probabilities."),
        (shifted_inside_only, "You shift the logits inside exp"),
        (shifted_outside_only, "You shift the logits outside exp"),
        (shift, "That is the shift alone"),
        (
            lambda Z: shift(Z) - np.exp(shift(Z)).sum(axis=1, keepdims=True),
            "the sum of the exponentials itself",
        ),
        (lambda Z: shift(Z) + np.log(np.exp(shift(Z)).sum(axis=1, keepdims=True)), "You add the logarithm"),
        (lambda Z: shift(Z) - np.log1p(np.exp(shift(Z)).sum(axis=1, keepdims=True)), "`log1p` adds a 1"),
        (lambda Z: shift(Z) - np.log10(np.exp(shift(Z)).sum(axis=1, keepdims=True)), "another base than e"),
        (lambda Z: np.logaddexp.reduce(Z, axis=1), "That is the logarithm of the sum"),
        (lambda Z: -log_softmax(Z), "right but for its sign"),
        (of_absolutes, "With N = 3, C = 5, yours holds inf"),
        (lambda Z: Z - Z.max(axis=1), "ValueError, in the line"),
        (log_softmax_in_place, "Your function changes Z"),
    ]
)
def test_stable_log_softmax_is_wrong(answer, said):
    verdict = checks.stable_log_softmax(answer)
    assert not verdict and said in verdict.text


# 4.4


def gradient_loop(Z, labels):
    dZ = []
    for row, label in zip(Z.tolist(), labels.tolist(), strict=True):
        E = [math.exp(z - max(row)) for z in row]
        dZ.append([(e / sum(E) - (c == label)) / len(Z) for c, e in enumerate(E)])
    return dZ


def gradient_of_labels(Z, labels):
    Z.flags.writeable = labels.flags.writeable = False
    P = softmax(Z)
    P[np.arange(len(Z)), labels] -= 1
    return P / len(Z)


def long_way(Z, labels):
    P, Y = softmax(Z), one_hot(labels, Z.shape[1])
    J = np.einsum("nc,ck->nck", P, np.eye(Z.shape[1])) - np.einsum("nc,nk->nck", P, P)
    return (
        np.einsum("nc,nck->nk", -Y / np.maximum(P, 1e-300), J) / len(Z) if P.min() > 0 else fused(Z, labels)
    )


def fused(Z, labels):
    return (softmax(Z) - one_hot(labels, Z.shape[1])) / len(Z)


@right(
    gradient_loop,
    gradient_of_labels,
    long_way,
    lambda Z, labels: fused(Z.astype(np.float32), labels),
    lambda Z, labels: (np.exp(log_softmax(Z)) - (labels[:, None] == np.arange(Z.shape[1]))) / len(labels),
)
def test_cross_entropy_gradient_is_right(answer):
    assert checks.cross_entropy_gradient(answer).text.startswith("Right, on six batches")


def eye(Z, labels):
    return np.eye(Z.shape[1])[labels]


def naive(Z, axis=1):
    E = np.exp(Z)
    return E / E.sum(axis=axis, keepdims=True)


def columns(Z, labels):
    P = softmax(Z)
    P[:, labels] -= 1
    return P / len(Z)


def in_place(Z, labels):
    Z -= Z.max(axis=1, keepdims=True)
    return (naive(Z) - eye(Z, labels)) / len(Z)


def true_class_only(Z, labels):
    dZ, n = np.zeros_like(Z), np.arange(len(Z))
    dZ[n, labels] = (softmax(Z)[n, labels] - 1) / len(Z)
    return dZ


@wrong(
    [
        (lambda Z, labels: softmax(Z) - eye(Z, labels), "Right for each sample by itself."),
        (lambda Z, labels: eye(Z, labels) - softmax(Z), BACKWARDS),
        (lambda Z, labels: (eye(Z, labels) - softmax(Z)) / len(Z), "Right but for its sign"),
        (
            lambda Z, labels: (softmax(Z) - eye(Z, labels)) / Z.size,
            "You divide by the number of classes too.",
        ),
        (
            lambda Z, labels: (softmax(Z) - eye(Z, labels)) / Z.shape[1],
            "You divide by the number of classes. L",
        ),
        (lambda Z, labels: (naive(Z) - eye(Z, labels)) / len(Z), "nan or infinite for large ones"),
        (
            lambda Z, labels: (naive(Z - Z.max()) - eye(Z, labels)) / len(Z),
            "the largest logit of the whole batch",
        ),
        (
            lambda Z, labels: (naive(Z - Z.max(axis=0)) - eye(Z, labels)) / len(Z),
            "of each class, along axis 0",
        ),
        (lambda Z, labels: (naive(Z, axis=0) - eye(Z, labels)) / len(Z), "You sum over the samples, axis 0"),
        (
            lambda Z, labels: (naive(Z - Z.max(), None) - eye(Z, labels)) / len(Z),
            "You sum over the whole batch",
        ),
        (lambda Z, labels: (softmax(Z) - labels[:, None]) / len(Z), "You subtract the label's number"),
        (columns, "You subtract the 1 in whole columns"),
        (lambda Z, labels: (softmax(Z) - eye(Z, labels - 1)) / len(Z), "one column too far to the left"),
        (lambda Z, labels: (softmax(Z) - 1) / len(Z), "You subtract 1 in every column."),
        (lambda Z, labels: -eye(Z, labels) / len(Z), "Those are the targets, over -N"),
        (lambda Z, labels: (softmax(Z) - eye(Z, (labels + 1) % Z.shape[1])) / len(Z), "too far to the right"),
        (lambda Z, labels: softmax(Z) / len(Z), "The labels have no part in yours"),
        (lambda Z, labels: -eye(Z, labels) / softmax(Z) / len(Z), "-Y/P leads to dP"),
        (
            lambda Z, labels: fused(Z, labels) * softmax(Z) * (1 - softmax(Z)),
            "You multiply by P (1 - P) too.",
        ),
        (lambda Z, labels: softmax(Z) - eye(Z, labels) / len(Z), "Only one of P and Y is divided by N"),
        (true_class_only, "Only the column of the true class is filled."),
        (
            lambda Z, labels: fused(Z, labels)[np.arange(len(Z)), labels],
            "You return one entry for each sample",
        ),
        (lambda Z, labels: (Z - eye(Z, labels)) / len(Z), "from the logits themselves"),
        (
            lambda Z, labels: (1 / (1 + np.exp(-Z)) - eye(Z, labels)) / len(Z),
            "Your probabilities come from σ",
        ),
        (
            lambda Z, labels: (log_softmax(Z) - eye(Z, labels)) / len(Z),
            "You subtract the targets from log P.",
        ),
        (
            lambda Z, labels: -np.mean(log_softmax(Z)[np.arange(len(Z)), labels]),
            "That is the loss, one number.",
        ),
        (lambda Z, labels: fused(Z, labels).sum(axis=0), "the samples have been put together"),
        (lambda Z, labels: fused(Z, labels).T, "transposed: yours has shape (4, 5), dZ has (5, 4)."),
        (
            lambda Z, labels: (softmax(Z) - np.eye(labels.max() + 1)[labels]) / len(Z),
            "do not fit entry by entry",
        ),
        (lambda Z, labels: (softmax(Z) - labels) / len(Z), "do not fit entry by entry"),
        (lambda Z, labels: fused(Z, labels) / 2, "yours is 0.5 times dZ"),
        (in_place, "Your function changes Z"),
    ]
)
def test_cross_entropy_gradient_is_wrong(answer, said):
    verdict = checks.cross_entropy_gradient(answer)
    assert not verdict and said in verdict.text


# 4.5

PREDICTED = {
    "2 classes": 0.69,
    "10 classes": np.float64(2.30),
    "10 classes, 64 samples": math.log(10),
    "yes or no": "0.693",
    "10 times yes or no": np.log(2),
}


def test_equal_logits_are_right():
    assert checks.equal_logits(PREDICTED).text == "Right, all five."


def test_equal_logits_not_attempted():
    for predicted in ({}, dict.fromkeys(PREDICTED, ...), dict.fromkeys(PREDICTED)):
        assert checks.equal_logits(predicted).text.startswith("Not attempted yet. Hint: ")


def test_equal_logits_partly():
    text = checks.equal_logits({"2 classes": np.log(2), "10 classes": 2.5, "yes or no": ...}).text
    assert text.startswith("1 of 5 right: 2 classes.\n\n- 10 classes: 2.5 is too high.\n")
    assert text.endswith("- not answered yet: 10 classes, 64 samples; yes or no; 10 times yes or no")


@pytest.mark.parametrize(
    ("predicted", "said"),
    [
        (3.0, "expected the dict of the exercise, and got 3.0."),
        ({"three classes": 1.1}, "'three classes' is none of the five names"),
        (PREDICTED | {"2 classes": "ln 2"}, "2 classes: 'ln 2' is no number."),
        (PREDICTED | {"2 classes": 0.5}, "2 classes: that is the probability of each class"),
        (PREDICTED | {"2 classes": 1.0}, "2 classes: the logarithm has the base 2"),
        (PREDICTED | {"2 classes": 0.0}, "2 classes: a loss of 0 needs probability 1"),
        (PREDICTED | {"10 classes": 1.0}, "10 classes: the logarithm has the base 10"),
        (PREDICTED | {"10 classes": np.log(0.1)}, "10 classes: right but for its sign"),
        (PREDICTED | {"10 classes": 0.1}, "10 classes: that is the probability of each class"),
        (PREDICTED | {"10 classes": -0.1}, "10 classes: that is minus the probability"),
        (PREDICTED | {"10 classes": 10}, "10 classes: that is 1 over the probability"),
        (PREDICTED | {"10 classes": 0.9}, "10 classes: that is the share of wrong guesses"),
        (PREDICTED | {"10 classes": 0.23}, "10 classes: you divide by the number of classes."),
        (PREDICTED | {"10 classes, 64 samples": 64 * np.log(10)}, "so N = 64 has no part in it"),
        (PREDICTED | {"10 classes, 64 samples": np.log(10) / 64}, "you divide by N = 64"),
        (PREDICTED | {"10 classes, 64 samples": np.log(640)}, "the probabilities do not depend on N"),
        (PREDICTED | {"10 times yes or no": 10 * np.log(2)}, "so n_out = 10 has no part in it"),
        (PREDICTED | {"10 times yes or no": np.log(10)}, "that is ln 10; the probabilities do not depend"),
        (PREDICTED | {"10 times yes or no": np.log(2) / 10}, "you divide by n_out = 10"),
        (PREDICTED | {"yes or no": 0.3}, "yes or no: the logarithm has the base 10"),
        (PREDICTED | {"yes or no": 0.4}, "yes or no: 0.4 is too low."),
    ],
)
def test_equal_logits_are_wrong(predicted, said):
    verdict = checks.equal_logits(predicted)
    assert not verdict and said in verdict.text
