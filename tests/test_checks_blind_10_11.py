"""Wrong and right attempts by readers who knew chapters 10 and 11, not the checks; what each one hears.

Where it can be, an attempt is a right answer with one expression replaced.
"""

import math
import warnings

import numpy as np
import pytest

from nnlib.gradcheck import numerical_gradient
from nnlib.teach import checks
from tests.test_checks_10 import adam, edited, momentum, rate
from tests.test_checks_11 import kept_by_slices, masked, weights
from tests.test_checks_blind import numbered


def scale(n_in, n_out, slope):
    return math.sqrt(2 / ((1 + slope**2) * n_in))


def shrink(W, b, dW, db, lr, decay):
    return (1 - lr * decay) * W - lr * dW, b - lr * db


def kept(losses, patience):
    best, lowest = 1, math.inf
    for epoch, loss in enumerate(losses, 1):
        if loss < lowest:
            lowest, best = loss, epoch
        elif epoch - best == patience:
            break
    return best


def logit(net, x, digit):
    out = net.forward(x[None])
    dY = np.zeros_like(out)
    dY[0, digit] = 1
    dX = net.backward(dY)[0]
    return dX


def centre(image):
    i, j = np.indices(image.shape)
    return (i * image).sum() / image.sum(), (j * image).sum() / image.sum()


# Attempts that no single replacement makes


def momentum_in_place(p, g, v, lr, beta):
    v *= beta
    v += g
    return p - lr * v, v


def rises_only(t, peak, warmup, total):
    if t <= warmup:
        return peak * t / warmup
    return None


def dropout_in_place(X, dY, p, training, rng):
    if training:
        off = rng.random(X.shape) < p
        X[off], dY[off] = 0, 0
        X /= 1 - p
        dY /= 1 - p
    return X, dY


def mask_of_its_own(generator):
    """Return an attempt that draws from a generator made by `generator` instead of `rng`."""
    return masked(mask=lambda X, p, rng: generator().random(X.shape) >= p)


def drops_a_number(X, p, rng):
    M = np.ones(X.size)
    M[rng.permutation(X.size)[: round(p * X.size)]] = 0
    return M.reshape(X.shape)


def mask_from_the_output(test):
    """Return an attempt that keeps no mask, and asks Y on the way back."""

    def answer(X, dY, p, training, rng):
        if not training:
            return X, dY
        Y = X * (rng.random(X.shape) >= p) / (1 - p)
        return Y, dY * test(Y) / (1 - p)

    return answer


def only_in_training(X, dY, p, training, rng):
    if training:
        M = (rng.random(X.shape) >= p) / (1 - p)
        return X * M, dY * M
    return None


def exchanged(X, dY, p, training, rng):
    return masked()(dY, X, p, training, rng)


def first_epoch_waits(losses, patience):
    lowest, kept, waited = losses[0], 1, 0
    for epoch, loss in enumerate(losses, 1):
        waited += 1
        if loss < lowest:
            lowest, kept, waited = loss, epoch, 0
        if waited == patience:
            break
    return kept


def compared_with_the_epoch_before(losses, patience):
    worse = 0
    for epoch in range(1, len(losses)):
        worse = 0 if losses[epoch] < losses[epoch - 1] else worse + 1
        if worse == patience:
            return epoch + 1 - patience
    return len(losses)


def until_the_first_rise(losses, patience):
    for epoch in range(1, len(losses)):
        if losses[epoch] > losses[epoch - 1]:
            return epoch
    return len(losses)


def by_records(losses, patience):
    """Go from each lowest loss to the next one, as long as it comes in time."""
    kept = 1
    while True:
        ahead = np.flatnonzero(np.array(losses[kept : kept + patience]) < losses[kept - 1])
        if not ahead.size:
            return kept
        kept += int(ahead[0]) + 1


def by_looking_ahead(losses, patience):
    """Return the first epoch that none of the next `patience` is below."""
    return next(n for n in range(1, len(losses) + 1) if losses[n - 1] <= min(losses[n - 1 : n + patience]))


def from_one(image):
    r = c = 0
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            r += (i + 1) * image[i, j]
            c += (j + 1) * image[i, j]
    return r / image.sum(), c / image.sum()


# fmt: off
WRONG = [
    # 10.1
    ("init_scale", edited(scale, "math.sqrt(2 / ((1 + slope**2) * n_in))", "2 / ((1 + slope**2) * n_in)"),
     "That is the variance of the weights"),
    ("init_scale", edited(scale, "(1 + slope**2) * ", ""), "Right for ReLU, whose slope is 0"),
    ("init_scale", edited(scale, "* n_in", "* n_out"), "You have counted the outputs"),
    ("init_scale", edited(scale, "slope**2", "slope"), "The slope is not squared"),
    ("init_scale", edited(scale, "2 /", "1 /"), "The half is missing"),
    ("init_scale", edited(scale, "((1 + slope**2) * n_in)", "(1 + slope**2) * n_in"), "Brackets are missing"),
    ("init_scale", edited(scale, "((1 + slope**2) * n_in)", "1 + slope**2 * n_in"), "Brackets are missing"),
    ("init_scale", edited(scale, "((1 + slope**2) * n_in)", "n_in * (1 + slope**2)"), "Brackets are missing"),
    ("init_scale", edited(scale, " * n_in))", ")) / n_in"), "The root is taken of a part only"),
    ("init_scale", lambda n_in, n_out, slope: 2 / (1 + slope**2) / math.sqrt(n_in),
     "The root is taken of a part only"),
    ("init_scale", lambda n_in, n_out, slope: np.full((n_in, n_out), scale(n_in, n_out, slope)),
     "you return shape (512, 300); σ is a single number"),
    # 10.2
    ("momentum_step", edited(momentum, "lr * v", "lr * g"), "p moves with g alone"),
    ("momentum_step", edited(momentum, "+ g", "+ (1 - beta) * g"), "That is a moving mean, as Adam has it"),
    ("momentum_step", edited(momentum, "p - lr", "p + lr"), "the parameters go up the slope"),
    ("momentum_step", edited(momentum, "+ g", "+ lr * g"), "the learning rate counts twice"),
    ("momentum_step", edited(momentum, "beta * v", "0.9 * v"), "β is always 0.9"),
    ("momentum_step", edited(momentum, "+ g\n    return p -", "- g\n    return p +"),
     "v points downhill, and p adds it"),
    ("momentum_step", edited(momentum, "p - lr * v", "lr * v"), "that is what the step takes away"),
    ("momentum_step", edited(momentum, ", v\n", "\n"), "2 results in this order; you return one"),
    ("momentum_step", edited(momentum, "p - lr * v, v", "p - lr * v, ..."), "v is still `...`"),
    ("momentum_step", momentum_in_place, "Your function changes v"),
    # 10.3
    ("adam_step", edited(adam, "(m / (1 - beta1**t))", "m"), "only v is corrected"),
    ("adam_step", edited(adam, "m = beta1 * m + (1 - beta1) * g", "m = (1 - beta1) * m + beta1 * g"),
     "β₁ and 1 − β₁ are exchanged"),
    ("adam_step", edited(adam, "v = beta2 * v + (1 - beta2)", "v = (1 - beta2) * v + beta2"),
     "β₂ and 1 − β₂ are exchanged"),
    ("adam_step", lambda p, g, m, v, t, lr, beta1, beta2, eps: adam(p, g, m, v, t, lr, beta1, beta1, eps),
     "v fades with β₁, and is corrected with it"),
    ("adam_step", lambda p, g, m, v, t, lr, beta1, beta2, eps: adam(p, g, m, v, t, lr, beta2, beta2, eps),
     "m fades with β₂, and is corrected with it"),
    ("adam_step", lambda p, g, m, v, t, lr, beta1, beta2, eps: adam(p, g, m, v, t, lr, 0.9, 0.999, eps),
     "the β's are always 0.9 and 0.999"),
    ("adam_step", lambda p, g, m, v, t, lr, beta1, beta2, eps: adam(p, g, m, v, t, lr, 0.9, 0.999, 1e-8),
     "the β's and ε are always"),
    ("adam_step", edited(adam, "+ eps", "+ 1e-8"), "ε is always 1e-8"),
    ("adam_step", edited(adam, " + eps", ""), "ε is missing"),
    ("adam_step", edited(adam, "p - lr *", "lr *"), "that is what the step takes away"),
    ("adam_step", lambda p, g, m, v, t, lr, beta1, beta2, eps: (
        p - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps),
        *adam(p, g, m, v, t, lr, beta1, beta2, eps)[1:]), "the step uses the old m and v"),
    ("adam_step", edited(adam, ", m, v\n", ", m, ...\n"), "v is still `...`"),
    # 10.4
    ("schedule", edited(rate, "1 + math", "math"), "1 + is missing"),
    ("schedule", edited(rate, "math.pi * (t - warmup) / (total - warmup))",
                        "math.pi) * (t - warmup) / (total - warmup)"),
     "stands outside of the cosine"),
    ("schedule", edited(rate, "math.pi *", "2 * math.pi *"), "that is a whole wave"),
    ("schedule", edited(rate, "math.cos", "math.sin"), "the sine begins at 0 and ends there"),
    ("schedule", edited(rate, "peak * (1 + math.cos(math.pi * (t - warmup) / (total - warmup))) / 2",
                        "peak / 2 * 1 + math.cos(math.pi * (t - warmup) / (total - warmup))"),
     "the peak has to multiply the whole sum"),
    ("schedule", edited(rate, "(t - warmup) / (total - warmup)", "t - warmup / total - warmup"),
     "brackets are missing in the cosine"),
    ("schedule", edited(rate, "/ (total - warmup)", "/ total - warmup"),
     "brackets are missing in the cosine"),
    ("schedule", edited(rate, "peak * t / warmup", "peak"), "in the warm-up the rate should rise"),
    ("schedule", edited(rate, "peak * t / warmup", "peak * (t // warmup)"),
     "in the warm-up the rate should rise"),
    ("schedule", edited(rate, "(total - warmup)", "(total - warmup + 1)"), "the cosine is a step off"),
    ("schedule", edited(rate, "(t - warmup)", "(t - warmup - 1)"), "the cosine is a step off"),
    ("schedule", edited(rate, "(total - warmup)", "(total - warmup - 1)"), "the cosine is a step off"),
    ("schedule", rises_only, "Your function gives None"),
    ("schedule", lambda t, peak, warmup, total: min(peak * t / warmup, rate(t, peak, warmup, total)),
     "ZeroDivisionError"),
    ("schedule", lambda t, *others: [rate(k, *others) for k in range(1, 51)], "η is a single number"),
    # 11.1
    ("shrinking_step", weights(lambda W, dW, lr, decay: W - lr * (dW + lr * decay * W)),
     "W: λ W is multiplied by the learning rate twice"),
    ("shrinking_step", weights(lambda W, dW, lr, decay: 1 - lr * decay * W - lr * dW),
     "W: A pair of brackets is missing"),
    ("shrinking_step", weights(lambda W, dW, lr, decay: W - lr * (dW + decay * dW)), "W: λ stands at dW."),
    ("shrinking_step", weights(lambda W, dW, lr, decay: -lr * (dW + decay * W)), "W: That is the move."),
    ("shrinking_step", weights(lambda W, dW, lr, decay: W - lr * (dW + decay * np.sign(W))),
     "W: Every weight moves towards zero by the same amount"),
    ("shrinking_step", lambda *arguments: shrink(*arguments)[::-1], "W: The two results are exchanged"),
    ("shrinking_step", lambda W, b, dW, db, lr, decay: (W - lr * dW, (1 - lr * decay) * b - lr * db),
     "W: The weights do not shrink"),
    ("shrinking_step", edited(shrink, "b - lr * db", "..."), "b is still `...`"),
    # 11.2
    ("dropout", exchanged, "The two results are exchanged: first Y, then dX."),
    ("dropout", dropout_in_place, "Your function changes X"),
    ("dropout", mask_of_its_own(lambda: np.random.default_rng(0)), "Two generators give the same mask"),
    ("dropout", mask_of_its_own(np.random.default_rng),
     "Two calls with equal generators give different masks"),
    ("dropout", masked(mask=drops_a_number), "Every mask has the same number of zeros"),
    ("dropout", masked(forward=lambda X, M, p: X * M / M.mean()), "the share that this mask happens to keep"),
    ("dropout", mask_from_the_output(lambda Y: Y != 0), "you take every zero of Y for one of the mask"),
    ("dropout", mask_from_the_output(lambda Y: Y > 0), "the blame goes where Y is positive"),
    ("dropout", mask_from_the_output(lambda Y: Y * 0.75), "dY is multiplied by Y"),
    ("dropout", masked(backward=lambda dY, M, p, rng: dY * M), "but dX is scaled by 1 and Y by 1.33"),
    ("dropout", masked(backward=lambda dY, M, p, rng: M / (1 - p)), "The blame dY has no part in it"),
    ("dropout", only_in_training, "Outside of it (training=False): Your function gives None"),
    ("dropout", masked(mask=lambda X, p, rng: np.round(rng.random(X.shape))), "A share of 0.50"),
    # 11.3
    ("kept_epoch", lambda losses, patience: kept(losses, 5),
     "You wait the same number of epochs in every run"),
    ("kept_epoch", edited(kept, "            break", "            return epoch"),
     "You return the epoch after which training stops"),
    ("kept_epoch", edited(kept, "            break\n    return best", "            return best"),
     "and patience 2, which is never out here.)"),
    ("kept_epoch", edited(kept, "    return best", "        return best"), "The first epoch, whatever"),
    ("kept_epoch", edited(kept, "1, math.inf", "0, 0"), "0, whatever the losses are."),
    ("kept_epoch", edited(kept, "1, math.inf", "0, 1"), "Your lowest so far is 1 at the beginning"),
    ("kept_epoch", edited(kept, "1, math.inf", "1, 1"), "Your lowest so far is 1 at the beginning"),
    ("kept_epoch", edited(kept, "    return best", "    return epoch - patience"),
     "whether it is out or not"),
    ("kept_epoch", first_epoch_waits, "The first epoch counts as one without a new lowest loss"),
    ("kept_epoch", compared_with_the_epoch_before, "You compare with the epoch before"),
    ("kept_epoch", until_the_first_rise, "You stop at the first rise"),
    ("kept_epoch", edited(kept, "loss < lowest", "loss <= lowest"), "you keep the later epoch"),
    # 11.4
    ("logit_gradient", edited(logit, "dX = net.backward(dY)[0]", "net.backward(dY)\n    dX = net.grads[0]"),
     "That is the gradient of the weights;"),
    ("logit_gradient", edited(logit, "return dX", "return net.grads[0].sum(axis=1)"),
     "That is the gradient of the weights, summed over the units"),
    ("logit_gradient", edited(logit, "[0, digit]", "[0, out.argmax()]"),
     "That is the gradient of the largest logit."),
    ("logit_gradient", edited(logit, "return dX", "return out[0, digit]"), "That is the logit itself."),
    ("logit_gradient", edited(logit, "return dX", "return dY[0]"), "That is dY, where the way back begins"),
    ("logit_gradient", edited(logit, "x[None]", "x[None], training=True"), "a forward pass of training"),
    ("logit_gradient", edited(logit, "= 1", "= out[0, digit]"), "Your dY holds the logit in place of a 1"),
    ("logit_gradient", edited(logit, "np.zeros_like(out)", "out.copy()"),
     "the other nine are still the logits"),
    ("logit_gradient", edited(logit, "net.forward(x[None])", "net(x[None])"),
     "'Network' object is not callable"),
    ("logit_gradient", edited(logit, "(dY)[0]", "(dY)"), "You return a batch of one row"),
    ("logit_gradient", edited(logit, "x[None]", "x"), "A single sample is X.reshape(1, -1)"),
    # 11.5
    ("centre_of_mass", from_one, "row: You count from 1"),
    ("centre_of_mass", lambda image: (centre(image)[0],) * 2, "column: That is the row once more."),
    ("centre_of_mass", lambda image: np.array(image.shape) / 2, "row: That is half the size of the picture"),
    ("centre_of_mass", lambda image: tuple(
        np.arange(n) * image.sum(axis=1 - axis) / image.sum() for axis, n in enumerate(image.shape)),
     "row: That is what each row or column adds to the mean"),
    ("centre_of_mass", edited(centre, "(j * image).sum() / image.sum()", "..."), "column is still `...`"),
    ("centre_of_mass", edited(centre, "i, j =", "j, i ="), "row: Row and column are exchanged"),
    ("centre_of_mass", edited(centre, "/ image.sum()", "// image.sum()"), "row: You cut off"),
    ("centre_of_mass", lambda image: np.argwhere(image).mean(axis=0),
     "row: Every pixel with ink counts the same"),
]
RIGHT = [
    ("init_scale", lambda n_in, n_out, slope: np.power(n_in * (1 + slope * slope) / 2, -0.5)),
    ("init_scale", lambda n_in, n_out, slope: math.sqrt(2 / (1 + slope**2)) / math.sqrt(n_in)),
    ("momentum_step", lambda p, g, v, lr, beta: np.array([p - lr * (beta * v + g), beta * v + g])),
    ("momentum_step", lambda p, g, v, lr, beta: [
        (p - lr * beta * v - lr * g).tolist(), v - (1 - beta) * v + g]),
    ("adam_step", edited(adam, "beta1 * m + (1 - beta1) * g", "m + (1 - beta1) * (g - m)")),
    ("adam_step", edited(adam, "np.sqrt(v / (1 - beta2**t)) + eps",
                         "np.sqrt(v) / np.sqrt(1 - beta2**t) + eps")),
    ("schedule", lambda t, peak, warmup, total: float(
        np.where(t <= warmup, peak * t / max(warmup, 1),
                 peak * np.cos(np.pi / 2 * (t - warmup) / (total - warmup)) ** 2))),
    ("schedule", edited(rate, "t <= warmup", "t < warmup")),
    ("shrinking_step", lambda W, b, dW, db, lr, decay: [
        p - lr * (g + share * p) for p, g, share in ((W, dW, decay), (b, db, 0))]),
    ("shrinking_step", weights(lambda W, dW, lr, decay: np.subtract(W - lr * decay * W, lr * dW))),
    ("dropout", masked(mask=lambda X, p, rng: rng.choice([0, 1], X.shape, p=[p, 1 - p]))),
    ("dropout", masked(mask=lambda X, p, rng: rng.random(X.shape[::-1]).T < 1 - p)),
    ("dropout", masked(forward=lambda X, M, p: np.where(M, X, 0) / (1 - p),
                       outside=lambda X, dY, p, rng: [X.tolist(), dY.tolist()])),
    ("kept_epoch", kept),
    ("kept_epoch", by_records),
    ("kept_epoch", by_looking_ahead),
    ("kept_epoch", lambda losses, patience: losses.index(losses[kept_by_slices(losses, patience) - 1]) + 1),
    ("logit_gradient", logit),
    ("logit_gradient", lambda net, x, digit: numerical_gradient(lambda x: net.predict(x[None])[0, digit], x)),
    ("logit_gradient", lambda net, x, digit: (
        net.forward(np.array([x, x])), net.backward(np.eye(10)[[digit, digit]]))[1][1]),
    ("centre_of_mass", lambda image: np.einsum("aij,ij->a", np.indices(image.shape), image / image.sum())),
    ("centre_of_mass", lambda image: [
        np.average(np.arange(n), weights=image.sum(axis=1 - axis)) for axis, n in enumerate(image.shape)]),
]
# fmt: on


@pytest.mark.parametrize(("exercise", "answer", "said"), WRONG, ids=numbered(WRONG))
def test_a_wrong_attempt_hears_what_is_wrong(exercise, answer, said):
    with warnings.catch_warnings(action="ignore"):  # of NumPy, on dividing by zero
        verdict = getattr(checks, exercise)(answer)
    assert not verdict and said in verdict.text, verdict.text


@pytest.mark.parametrize(("exercise", "answer"), RIGHT, ids=numbered(RIGHT))
def test_a_right_attempt_passes(exercise, answer):
    verdict = getattr(checks, exercise)(answer)
    assert verdict, verdict.text
