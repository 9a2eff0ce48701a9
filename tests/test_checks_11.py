"""The checks of chapter 11: wrong attempts as learners make them, and right ones in unusual style."""

import math

import numpy as np
import pytest

from nnlib import SoftmaxCrossEntropy, softmax
from nnlib.teach import checks


def wrong(table):
    """Parametrise over a table of pairs: what the learner wrote, what he has to hear."""
    return pytest.mark.parametrize(("answer", "said"), table, ids=range(len(table)))


def right(*answers):
    return pytest.mark.parametrize("answer", answers, ids=range(len(answers)))


# 11.1


def shrink_loop(W, b, dW, db, lr, decay):
    new = np.empty_like(W)
    for i, j in np.ndindex(W.shape):
        new[i, j] = W[i, j] - lr * (dW[i, j] + decay * W[i, j])
    return new, [b[j] - lr * db[j] for j in range(len(b))]


def shrink_read_only(W, b, dW, db, lr, decay):
    for A in (W, b, dW, db):
        A.flags.writeable = False
    return np.subtract(W, np.multiply(lr, dW + decay * W)), np.subtract(b, lr * db)


def shrink_float32(W, b, dW, db, lr, decay):
    W, b, dW, db = (A.astype(np.float32) for A in (W, b, dW, db))
    return (1 - lr * decay) * W - lr * dW, b - lr * db


@right(shrink_loop, shrink_read_only, shrink_float32)
def test_shrinking_step_is_right(answer):
    assert checks.shrinking_step(answer).text.startswith("Right, on four layers")


def shrink_in_place(W, b, dW, db, lr, decay):
    W *= 1 - lr * decay
    W -= lr * dW
    return W, b - lr * db


def weights(new):
    """Return an attempt that spoils W alone."""
    return lambda W, b, dW, db, lr, decay: (new(W, dW, lr, decay), b - lr * db)


def biases(new):
    """Return an attempt that spoils b alone."""
    return lambda W, b, dW, db, lr, decay: ((1 - lr * decay) * W - lr * dW, new(b, db, lr, decay))


@wrong(
    [
        (weights(lambda W, dW, lr, decay: (1 + lr * decay) * W - lr * dW), "The weights grow"),
        (weights(lambda W, dW, lr, decay: W - lr * (dW - decay * W)), "The weights grow"),
        (weights(lambda W, dW, lr, decay: (1 - lr * decay) * W + lr * dW), "goes along dW, uphill"),
        (weights(lambda W, dW, lr, decay: (1 - decay) * W - lr * dW), "whatever the learning rate is"),
        (weights(lambda W, dW, lr, decay: W - lr * dW - decay * W), "whatever the learning rate is"),
        (weights(lambda W, dW, lr, decay: (1 - lr) * W - lr * dW), "λ has no part in it"),
        (weights(lambda W, dW, lr, decay: lr * decay * W - lr * dW), "not what is kept"),
        (weights(lambda W, dW, lr, decay: (1 - lr * decay) * (W - lr * dW)), "the step itself is shrunk"),
        (weights(lambda W, dW, lr, decay: (1 - 2 * lr * decay) * W - lr * dW), "by 2 η λ"),
        (weights(lambda W, dW, lr, decay: W - lr * (dW + decay / 2 * W)), "the ½ is used up"),
        (weights(lambda W, dW, lr, decay: W - lr * dW), "The weights do not shrink"),
        (weights(lambda W, dW, lr, decay: (1 - lr * decay) * W), "it does not learn"),
        (weights(lambda W, dW, lr, decay: (1 - lr * decay) * W - dW), "without the learning rate"),
        (weights(lambda W, dW, lr, decay: W - lr * (1 - lr * decay) * dW), "You shrink the gradient"),
        (weights(lambda W, dW, lr, decay: W - lr * dW - lr * decay), "the same amount η λ from every weight"),
        (weights(lambda W, dW, lr, decay: W - lr * (dW + decay * np.sign(W))), "that is the penalty λ Σ|W|"),
        (weights(lambda W, dW, lr, decay: W - lr * (dW + decay / 2 * (W**2).sum())), "the penalty itself"),
        (weights(lambda W, dW, lr, decay: W - lr * (dW + decay / 2 * W**2)), "You add squares"),
        (weights(lambda W, dW, lr, decay: dW + decay * W), "the gradient of loss and penalty"),
        (weights(lambda W, dW, lr, decay: lr * (dW + decay * W)), "what the step takes away"),
        (biases(lambda b, db, lr, decay: (1 - lr * decay) * b - lr * db), "b: The bias shrinks too"),
        (biases(lambda b, db, lr, decay: (1 - lr * decay) * (b - lr * db)), "b: The bias shrinks too"),
        (biases(lambda b, db, lr, decay: b), "b: it stays where it was"),
        (biases(lambda b, db, lr, decay: b - db), "b: db is taken without the learning rate"),
        (lambda W, b, dW, db, lr, decay: (1 - lr * decay) * W - lr * dW, "Expected `return W, b`"),
        (shrink_in_place, "Your function changes W"),
    ]
)
def test_shrinking_step_is_wrong(answer, said):
    verdict = checks.shrinking_step(answer)
    assert not verdict and said in verdict.text


# 11.2


def dropout_loop(X, dY, p, training, rng):
    Y, dX = X.tolist(), dY.tolist()
    for n, row in enumerate(Y if training else []):
        for j in range(len(row)):
            factor = 0 if rng.random() < p else 1 / (1 - p)
            Y[n][j] *= factor
            dX[n][j] *= factor
    return Y, dX


def dropout_binomial(X, dY, p, training, rng):
    M = rng.binomial(1, 1 - p, X.shape) if training else np.full(X.shape, 1 - p)
    return X * M / (1 - p), np.einsum("nj,nj->nj", dY, M) / (1 - p)


def dropout_read_only(X, dY, p, training, rng):
    X.flags.writeable = dY.flags.writeable = False
    off = (rng.random(X.shape) < p) & training
    scale = np.float32(1 / (1 - p) if training else 1)
    return np.where(off, 0, X * scale), np.where(off, 0, dY * scale)


@right(dropout_loop, dropout_binomial, dropout_read_only)
def test_dropout_is_right(answer):
    assert checks.dropout(answer).text.startswith("Right: the mean is kept")


def masked(mask=lambda X, p, rng: rng.random(X.shape) >= p, forward=None, backward=None, outside=None):
    """Return an attempt of which parts are replaced; each gets what it changes, the mask M, and p."""

    def answer(X, dY, p, training, rng):
        if not training:
            return (outside or (lambda X, dY, p, rng: (X, dY)))(X, dY, p, rng)
        M = mask(X, p, rng)
        Y = forward(X, M, p) if forward else X * M / (1 - p)
        return Y, backward(dY, M, p, rng) if backward else dY * M / (1 - p)

    return answer


def still_masked(X, dY, p, rng):
    M = (rng.random(X.shape) >= p) / (1 - p)
    return X * M, dY * M


def global_mask(X, dY, p, training, rng):
    M = (np.random.random(X.shape) >= p) / (1 - p) if training else 1  # noqa: NPY002
    return X * M, dY * M


@wrong(
    [
        (masked(forward=lambda X, M, p: X * M), "is not divided by anything"),
        (masked(forward=lambda X, M, p: X * M / p), "divided by p, the share that is dropped"),
        (masked(forward=lambda X, M, p: X * M * (1 - p)), "multiplied by 1 - p, so the mean"),
        (masked(forward=lambda X, M, p: X * M * p), "What is kept is multiplied by p."),
        (masked(forward=lambda X, M, p: X * M * 3), "What is kept is multiplied by 3: the mean becomes"),
        (masked(mask=lambda X, p, rng: rng.random(X.shape) < p), "p is the share that is set to zero"),
        (masked(mask=lambda X, p, rng: rng.random(X.shape[1]) >= p), "expected (40, 50)|the same mask"),
        (masked(mask=lambda X, p, rng: rng.random((len(X), 1)) >= p), "Whole rows are zero"),
        (masked(mask=lambda X, p, rng: rng.random(X.shape)), "a mask holds zeros and ones"),
        (masked(mask=lambda X, p, rng: 1), "no entry of Y is zero"),
        (
            masked(mask=lambda X, p, rng: rng.random(X.shape) > 0.5),
            "of the entries is zero; expected about p",
        ),
        (masked(backward=lambda dY, M, p, rng: dY), "dX is not: it is dY"),
        (masked(backward=lambda dY, M, p, rng: dY / (1 - p)), "it is scaled, but not masked"),
        (masked(backward=lambda dY, M, p, rng: dY * M), "the mask is the right one, but dX is scaled by 1 "),
        (
            masked(backward=lambda dY, M, p, rng: dY * (rng.random(dY.shape) >= p) / (1 - p)),
            "A new mask blames entries",
        ),
        (masked(backward=lambda dY, M, p, rng: dY * ~M), "to the entries that were dropped"),
        (masked(outside=still_masked), "Outside of it (training=False) entries are still set to zero"),
        (masked(outside=lambda X, dY, p, rng: (X * (1 - p), dY * (1 - p))), "X is multiplied by 1 - p"),
        (masked(outside=lambda X, dY, p, rng: (X / (1 - p), dY)), "X is multiplied by 1/(1 - p)"),
        (masked(outside=lambda X, dY, p, rng: (X, 0 * dY)), "so dX = dY"),
        (global_mask, "draw from `rng`"),
        (lambda X, dY, p, training, rng: X, "Expected `return Y, dX`"),
    ]
)
def test_dropout_is_wrong(answer, said):
    verdict = checks.dropout(answer)
    assert not verdict and any(part in verdict.text for part in said.split("|")), verdict.text


# 11.3


def kept_by_slices(losses, patience):
    for stop in range(1, len(losses) + 1):
        best = int(np.argmin(losses[:stop]))
        if stop - 1 - best == patience:
            break
    return best + 1


def kept_by_counting(losses, patience):
    lowest, kept, left = losses[0], 1, patience
    for epoch in range(2, len(losses) + 1):
        left -= 1
        if losses[epoch - 1] < lowest:
            lowest, kept, left = losses[epoch - 1], epoch, patience
        if left == 0:
            return np.int64(kept)
    return kept


@right(kept_by_slices, kept_by_counting)
def test_kept_epoch_is_right(answer):
    assert checks.kept_epoch(answer).text.startswith("Right, on ten courses")


def stop_epoch(losses, patience):
    lowest, kept = math.inf, 0
    for epoch, loss in enumerate(losses, 1):
        if loss < lowest:
            lowest, kept = loss, epoch
        elif epoch - kept == patience:
            return epoch
    return len(losses)


def keep(better=lambda losses, e, kept: losses[e] < losses[kept], longer=0, reset=True):
    """Return an attempt with a rule of its own for what is better, how long to wait, and when anew."""

    def answer(losses, patience):
        kept, waited = 0, 0
        for e in range(1, len(losses)):
            if better(losses, e, kept):
                kept, waited = e, 0 if reset else waited
            else:
                waited += 1
            if waited == patience + longer:
                break
        return kept + 1

    return answer


@wrong(
    [
        (lambda losses, patience: kept_by_slices(losses, patience) - 1, "You count epochs from 0"),
        (stop_epoch, "the epoch after which training stops"),
        (lambda losses, patience: int(np.argmin(losses)) + 1, "You take the lowest of all losses; but"),
        (lambda losses, patience: losses.index(min(losses)), "lowest of all losses, counted from 0"),
        (lambda losses, patience: int(np.argmax(losses)) + 1, "That is the highest loss."),
        (lambda losses, patience: len(losses), "That is the last epoch."),
        (lambda losses, patience: kept_by_slices(losses, 1), "You stop at the first rise"),
        (keep(longer=1), "You wait one epoch too long"),
        (keep(longer=-1), "You stop one epoch too soon"),
        (keep(better=lambda losses, e, kept: losses[e] < losses[e - 1]), "You compare with the epoch before"),
        (keep(better=lambda losses, e, kept: losses[e] <= losses[kept]), "you keep the later epoch"),
        (keep(reset=False), "Your patience is never restored"),
        (lambda losses, patience: losses[kept_by_slices(losses, patience) - 1], "You return the loss, 0.45"),
        (lambda losses, patience: (kept_by_slices(losses, patience), 9), "You return several things"),
        (lambda losses, patience: "6", "You return '6'; expected an epoch"),
        (lambda losses, patience: 1, "The first epoch, whatever the losses are."),
        (lambda losses, patience: 2, "With the losses [0.9, 0.6, 0.5, 0.55, 0.52, 0.45"),
    ]
)
def test_kept_epoch_is_wrong(answer, said):
    verdict = checks.kept_epoch(answer)
    assert not verdict and said in verdict.text


# 11.4


def seeded(net, x, dY):
    net.forward(x[None])
    return net.backward(dY)[0]


def one_hot_row(digit):
    return np.eye(10)[[digit]]


def logit_layer_by_layer(net, x, digit):
    A = np.array([x])
    for layer in net.layers:
        A = layer.forward(A)
    dA = np.zeros_like(A)
    dA[:, digit] = 1
    for layer in net.layers[::-1]:
        dA = layer.backward(dA)
    return dA.ravel().tolist()


def logit_by_differences(net, x, digit, h=1e-6):
    X = np.concatenate([x + h * np.eye(len(x)), x - h * np.eye(len(x))])
    above, below = net.forward(X)[:, digit].reshape(2, -1)
    return ((above - below) / (2 * h)).astype(np.float32)


def logit_read_only(net, x, digit):
    x.flags.writeable = False
    return seeded(net, x, one_hot_row(digit))


@right(logit_layer_by_layer, logit_by_differences, logit_read_only)
def test_logit_gradient_is_right(answer):
    assert checks.logit_gradient(answer).text.startswith("Right, on four networks")


def no_input_gradient(net, x, digit):
    net.forward(x[None])
    return net.backward(one_hot_row(digit), input_gradient=False)


def no_forward(net, x, digit):
    return net.backward(one_hot_row(digit))[0]


def probability(net, x, digit):
    P = softmax(net.forward(x[None]))
    return net.backward(P[:, [digit]] * (one_hot_row(digit) - P))[0]


def of_loss(net, x, digit):
    return seeded(net, x, SoftmaxCrossEntropy().gradient(net.forward(x[None]), np.array([digit])))


def true_gradient(net, x, digit):
    return seeded(net, x, one_hot_row(digit))


@wrong(
    [
        (lambda net, x, digit: -true_gradient(net, x, digit), "right but for its sign"),
        (lambda net, x, digit: seeded(net, x, np.ones((1, 10))), "the gradient of their sum"),
        (lambda net, x, digit: seeded(net, x, 1 - one_hot_row(digit)), "every logit but the one"),
        (of_loss, "the gradient of the loss for the label"),
        (lambda net, x, digit: -of_loss(net, x, digit), "the gradient of the log-probability"),
        (probability, "the gradient of the probability"),
        (lambda net, x, digit: seeded(net, x, softmax(net.forward(x[None]))), "Your dY is the probabilities"),
        (lambda net, x, digit: seeded(net, x, net.forward(x[None])), "Your dY is the output of the network"),
        (
            lambda net, x, digit: seeded(net, x, one_hot_row(digit) * net.forward(x[None])),
            "Your dY holds the logit in place of a 1",
        ),
        (lambda net, x, digit: seeded(net, x, digit * one_hot_row(digit)), "the number of the digit"),
        (lambda net, x, digit: seeded(net, x, one_hot_row(digit - 1)), "one column too far to the left"),
        (lambda net, x, digit: seeded(net, x, one_hot_row((digit + 1) % 10)), "too far to the right"),
        (lambda net, x, digit: np.abs(true_gradient(net, x, digit)), "No entry is negative"),
        (lambda net, x, digit: np.sign(true_gradient(net, x, digit)), "You return signs"),
        (
            lambda net, x, digit: true_gradient(net, x, digit) / np.linalg.norm(true_gradient(net, x, digit)),
            "scaled to length 1",
        ),
        (lambda net, x, digit: x * true_gradient(net, x, digit), "You multiply by x"),
        (lambda net, x, digit: x + true_gradient(net, x, digit), "You return a changed image"),
        (lambda net, x, digit: true_gradient(net, x, digit)[None], "You return a batch of one row"),
        (no_input_gradient, "With `input_gradient=False` nothing comes back"),
        (lambda net, x, digit: no_input_gradient(net, x, digit)[0], "With `input_gradient=False`"),
        (no_forward, "That is the gradient at another image"),
        (lambda net, x, digit: net.forward(x[None])[0, digit], "That is the logit itself."),
        (lambda net, x, digit: net.forward(x[None]).max(), "you return a single number"),
        (lambda net, x, digit: seeded(net, x, np.eye(10)[digit]), "dY has shape (10,); expected (1, 10)"),
    ]
)
def test_logit_gradient_is_wrong(answer, said):
    verdict = checks.logit_gradient(answer)
    assert not verdict and said in verdict.text
