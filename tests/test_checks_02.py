"""The checks of chapter 02: each wrong answer earns its diagnosis, each right one passes in any style."""

import numpy as np
import pytest

from nnlib.teach import checks

NAMES = ["dense_forward", "weight_gradient", "bias_gradient", "input_gradient", "dense_backward"]
RIGHT = "Right, on 8 random batches from N = 1 to N = 64, some of them square"


# Right answers in unusual styles


def forward_by_loops(X, W, b):
    Z = []
    for x in X.tolist():
        row = list(b)
        for i, w in enumerate(W):
            for j in range(len(row)):
                row[j] += x[i] * w[j]
        Z.append(row)
    return Z


def forward_in_columns(X, W, b):
    return (W.T @ X.T + b[:, None]).T


def forward_with_a_feature_of_ones(X, W, b):
    return np.hstack([X, np.ones((len(X), 1))]) @ np.vstack([W, b])


def weights_by_loops(X, dZ):
    dW = np.zeros((X.shape[1], dZ.shape[1]), np.float32)
    for x, dz in zip(X, dZ, strict=True):
        dW += np.outer(x, dz)
    return dW


def weights_of_read_only(X, dZ):
    X.flags.writeable = dZ.flags.writeable = False
    return (dZ.T @ X).T


def backward_as_list(X, W, dZ):
    dX = np.zeros_like(X)
    for n, i in np.ndindex(X.shape):
        dX[n, i] = np.dot(dZ[n], W[i])
    return [dX, np.einsum("ni,nj->ij", X, dZ), [float(sum(column)) for column in dZ.T]]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("dense_forward", forward_by_loops),
        ("dense_forward", forward_in_columns),
        ("dense_forward", forward_with_a_feature_of_ones),
        ("dense_forward", lambda X, W, b: np.einsum("ni,ij->nj", X.astype(np.float32), W) + b),
        ("weight_gradient", weights_by_loops),
        ("weight_gradient", weights_of_read_only),
        ("weight_gradient", lambda X, dZ: (X[:, :, None] * dZ[:, None, :]).sum(axis=0)),
        ("weight_gradient", lambda X, dZ: np.tensordot(X, dZ, axes=(0, 0))),
        ("bias_gradient", lambda dZ: np.ones(len(dZ)) @ dZ),
        ("bias_gradient", lambda dZ: [sum(row[j] for row in dZ) for j in range(len(dZ[0]))]),
        ("bias_gradient", lambda dZ: np.add.reduce(dZ.astype(np.float32))),
        ("input_gradient", lambda dZ, W: (W @ dZ.T).T),
        ("input_gradient", lambda dZ, W: [[float(dz @ w) for w in W] for dz in dZ]),
        ("input_gradient", lambda dZ, W: np.inner(dZ, W.astype(np.float32))),
        ("dense_backward", lambda X, W, dZ: (dZ @ W.T, X.T @ dZ, dZ.sum(axis=0))),
        ("dense_backward", backward_as_list),
    ],
    ids=range(16),
)
def test_right_in_any_style(name, answer):
    verdict = getattr(checks, name)(answer)
    assert verdict and verdict.text.startswith(RIGHT)


# Wrong answers as learners write them


def writes_over(X, dZ):
    for x, dz in zip(X, dZ, strict=True):
        dW = np.outer(x, dz)
    return dW


def counts_from_one(X, dZ):
    dW = np.zeros((X.shape[1], dZ.shape[1]))
    for n in range(1, len(X)):
        dW += np.outer(X[n], dZ[n])
    return dW


def stops_too_early(X, dZ):
    dW = np.zeros((X.shape[1], dZ.shape[1]))
    for n in range(len(X) - 1):
        dW += np.outer(X[n], dZ[n])
    return dW


def bias_inside_the_loop(X, W, b):
    Z = np.zeros((len(X), len(b)))
    for n, i, j in np.ndindex(*X.shape, len(b)):
        Z[n, j] += X[n, i] * W[i, j] + b[j]
    return Z


def writes_over_outputs(dZ, W):
    dX = np.zeros((len(dZ), len(W)))
    for n, i, j in np.ndindex(*dX.shape, dZ.shape[1]):
        dX[n, i] = dZ[n, j] * W[i, j]
    return dX


def scales_dz(dZ):
    dZ /= len(dZ)
    return dZ.sum(axis=0)


AVERAGED = "a factor 1/N (tried with N = 5 and N = 8). The mean over the batch is already in dZ"
SQUARE = "With N = n_in = n_out = 4 every shape fits, it runs, and is wrong all the same."

FORWARD = [
    (lambda X, W, b: X @ W, "right but for the bias: it is missing"),
    (lambda X, W, b: X @ W - b, "the bias is subtracted"),
    (lambda X, W, b: W.T @ X.T + b[:, None], "transposed: yours has shape (2, 5), Z has (5, 2)"),
    (lambda X, W, b: X @ (W + b), "the bias is added to the weights"),
    (lambda X, W, b: X @ W + b.sum(), "each output gets the sum of all biases"),
    (lambda X, W, b: X @ W + b[0], "every output gets the first bias"),
    (bias_inside_the_loop, "the bias is counted once for each input"),
    (lambda X, W, b: sum(x @ W + b for x in X), "you add up the samples"),
    (lambda X, W, b: X[0] @ W + b, "With N = 5, n_in = 3, n_out = 2, you return shape (2,)"),
    (lambda X, W, b: X @ W + b[:, None], f"{SQUARE} b is added by sample"),
    (lambda X, W, b: X @ W.T + b, f"{SQUARE} `X @ W.T` pairs the inputs of X with the outputs of W"),
    (lambda X, W, b: W @ X + b, f"{SQUARE} `W @ X` pairs the outputs of W with the samples of X"),
    (lambda X, W, b: X * W + b, f"{SQUARE} `X * W` multiplies entry by entry"),
    (lambda X, W, b: np.maximum(X @ W + b, 0), "an activation is applied to it"),
    (lambda X, W, b: np.tanh(X @ W + b), "an activation is applied to it"),
    (lambda X, W, b: X @ W + 1, "With N = 5, n_in = 3, n_out = 2, Z["),
]
WEIGHTS = [
    (lambda X, dZ: dZ.T @ X, "transposed: yours has shape (2, 3), dW has (3, 2)"),
    (lambda X, dZ: X.T @ dZ / len(X), AVERAGED),
    (lambda X, dZ: -X.T @ dZ, "right but for its sign"),
    (lambda X, dZ: X @ dZ, f"{SQUARE} `X @ dZ` pairs the inputs of X with the samples of dZ"),
    (lambda X, dZ: X @ dZ.T, f"{SQUARE} `X @ dZ.T` pairs the inputs of X with the outputs of dZ"),
    (lambda X, dZ: dZ @ X, f"{SQUARE} `dZ @ X` pairs the outputs of dZ with the samples of X"),
    (lambda X, dZ: X.T * dZ, f"{SQUARE} `X.T * dZ` multiplies entry by entry"),
    (lambda X, dZ: X.T @ dZ / dZ.size, "a factor 1/(N n_out). The mean over all entries"),
    (lambda X, dZ: 2 / len(X) * X.T @ dZ, "a factor 2/N (tried with N = 5 and N = 8). That is the slope of"),
    (lambda X, dZ: np.outer(X.sum(axis=0), dZ.sum(axis=0)), "the sum of the inputs by the sum of the blames"),
    (lambda X, dZ: np.outer(X.mean(axis=0), dZ.mean(axis=0)), "the mean of the inputs by the mean of"),
    (lambda X, dZ: X[:, :, None] * dZ[:, None, :], "You have one row for each sample."),
    (writes_over, "only the last sample is in it"),
    (counts_from_one, "the first sample is missing"),
    (stops_too_early, "the last sample is missing"),
    (lambda X, dZ: np.outer(X[0], dZ[0]), "only the first sample is in it"),
    (lambda X, dZ: 2 * X.T @ dZ, "yours is 2 times dW, on every trial"),
    (lambda X, dZ: (X.T @ dZ).sum(), "a sum too many: X.T @ dZ has added over the samples already"),
    (lambda X, dZ: X.T @ dZ / dZ.size * len(dZ), "right but for a factor 1/n_out"),
    (lambda X, dZ: X.T @ np.ones_like(dZ), "only X is in it"),
]
BIAS = [
    (lambda dZ: dZ, "you return dZ, a row for each sample"),
    (lambda dZ: dZ.mean(axis=0), AVERAGED),
    (lambda dZ: dZ.sum(axis=1), "you add up the outputs of each sample, and have an entry for each sample"),
    (lambda dZ: np.resize(dZ.sum(axis=1), dZ.shape[1]), "it runs over the outputs of a sample"),
    (lambda dZ: dZ.sum(), "you add up everything"),
    (lambda dZ: dZ.mean(), "you average everything"),
    (lambda dZ: dZ.sum(axis=0, keepdims=True), "There is an axis of length 1 too many"),
    (lambda dZ: -dZ.sum(axis=0), "right but for its sign"),
    (lambda dZ: dZ[0], "only the first sample is in it"),
    (lambda dZ: dZ.sum(axis=0) / dZ.size, "a factor 1/(N n_out)"),
    (lambda dZ: 2 * dZ.mean(axis=0), "a factor 2/N"),
    (lambda dZ: np.ones(dZ.shape[1]), "yours is 1 everywhere"),
    (lambda dZ: np.full(dZ.shape[1], len(dZ)), "you count the samples"),
    (lambda dZ: np.zeros(dZ.shape[1]), "yours is zero, on every trial"),
    (scales_dz, "Your function changes dZ"),
]
INPUT = [
    (lambda dZ, W: dZ @ W, f"{SQUARE} `dZ @ W` pairs the outputs of dZ with the inputs of W"),
    (lambda dZ, W: dZ.T @ W, f"{SQUARE} `dZ.T @ W` pairs the samples of dZ with the inputs of W"),
    (lambda dZ, W: W @ dZ.T, "transposed: yours has shape (3, 5), dX has (5, 3)"),
    (lambda dZ, W: dZ @ W.T / len(dZ), AVERAGED),
    (lambda dZ, W: (dZ @ W.T).sum(axis=0), "you add up the samples"),
    (lambda dZ, W: dZ @ np.linalg.pinv(W), "you run the layer backwards"),
    (lambda dZ, W: -dZ @ W.T, "right but for its sign"),
    (lambda dZ, W: dZ[:, None, :] * W[None], "you have a number for each sample, input and output"),
    (lambda dZ, W: dZ * W, f"{SQUARE} `dZ * W` multiplies entry by entry"),
    (writes_over_outputs, "only the last output is in it"),
    (lambda dZ, W: dZ[:, [0]] * W[:, 0], "only the first output is in it"),
    (lambda dZ, W: np.outer(dZ.sum(axis=1), W.sum(axis=1)), "you multiply two sums"),
    (lambda dZ, W: np.ones_like(dZ) @ W.T, "dZ is not in it"),
    (lambda dZ, W: dZ @ np.ones_like(W).T, "W is not in it"),
]


def backward(dX=None, dW=None, db=None):
    """Return a right `dense_backward` in which the parts given are wrong."""
    dX, dW = dX or (lambda X, W, dZ: dZ @ W.T), dW or (lambda X, W, dZ: X.T @ dZ)
    db = db or (lambda X, W, dZ: dZ.sum(axis=0))
    return lambda X, W, dZ: (dX(X, W, dZ), dW(X, W, dZ), db(X, W, dZ))


def accumulating():
    """Return a `dense_backward` that adds to what it found before."""
    totals = {}

    def answer(X, W, dZ):
        totals.setdefault(W.shape, np.zeros(W.shape))
        totals[W.shape] += X.T @ dZ
        return dZ @ W.T, totals[W.shape], dZ.sum(axis=0)

    return answer


def updates_a_copy_first(X, W, dZ):
    dW = X.T @ dZ
    W = W - 0.1 * dW
    return dZ @ W.T, dW, dZ.sum(axis=0)


def updates_first(X, W, dZ):
    dW = X.T @ dZ
    W -= 0.1 * dW
    return dZ @ W.T, dW, dZ.sum(axis=0)


BACKWARD = [
    (backward(dX=lambda X, W, dZ: dZ @ W), f"{SQUARE} dX: `dZ @ W` pairs the outputs"),
    (backward(dW=lambda X, W, dZ: X.T @ dZ / len(X)), f"dW: right but for {AVERAGED}"),
    (backward(dW=lambda X, W, dZ: dZ.T @ X), "dW: transposed"),
    (backward(db=lambda X, W, dZ: dZ), "db: you return dZ"),
    (backward(db=lambda X, W, dZ: dZ.mean(axis=0)), f"db: right but for {AVERAGED}"),
    (backward(db=lambda X, W, dZ: dZ.sum(axis=1)), "db: you add up the outputs of each sample"),
    (lambda X, W, dZ: (X.T @ dZ, dZ.sum(axis=0), dZ @ W.T), "in another order: you return dW, db, dX."),
    (
        lambda X, W, dZ: (dZ @ W.T, X.T @ dZ),
        "Expected `return dX, dW, db`, 3 results in this order; you return 2.",
    ),
    (lambda X, W, dZ: X.T @ dZ, "Expected `return dX, dW, db`"),
    (
        accumulating(),
        "It is twice as much: what the first call found is still in it",
    ),
    (updates_a_copy_first, "dX: it comes from weights that have taken a step already"),
    (lambda X, W, dZ: (dZ @ W.T, X.T @ dZ, None), "db: you return a NoneType; expected numbers"),
    (
        lambda X, W, dZ: (dZ @ W.T, X.T @ dZ * np.nan, dZ.sum(axis=0)),
        "dW: With N = 5, n_in = 3, n_out = 2, yours holds nan",
    ),
    (updates_first, "W, which belongs to whoever called it"),
    (backward(dW=lambda X, W, dZ: X @ dZ), f"{SQUARE} dW: `X @ dZ` pairs the inputs"),
]

ATTEMPTS = [
    (name, *attempt)
    for name, attempts in zip(NAMES, [FORWARD, WEIGHTS, BIAS, INPUT, BACKWARD], strict=True)
    for attempt in attempts
]


@pytest.mark.parametrize(
    ("name", "answer", "said"), ATTEMPTS, ids=[f"{name}-{k}" for k, (name, *_) in enumerate(ATTEMPTS, 1)]
)
def test_wrong_answers_are_diagnosed(name, answer, said):
    verdict = getattr(checks, name)(answer)
    assert not verdict and said in verdict.text


def test_a_mistake_that_does_not_explain_all_trials_is_not_named():
    def only_with_five_samples(X, dZ):
        return X.T @ dZ / (len(X) if len(X) == 5 else 1)

    text = checks.weight_gradient(only_with_five_samples).text
    assert "1/N" not in text and "With N = 5, n_in = 3, n_out = 2, dW[" in text


def test_a_crash_in_every_shape_is_not_explained_by_shapes():
    def answer(dZ, W):
        raise ValueError("no")

    assert checks.input_gradient(answer).text == (
        'Your code stops with ValueError, in the line `raise ValueError("no")`: no'
    )
