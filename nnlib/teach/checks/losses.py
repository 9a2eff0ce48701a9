"""The checks of chapter 04."""

import math

import numpy as np

from nnlib import MSE, SoftmaxCrossEntropy, log_softmax, one_hot, sigmoid, softmax
from nnlib.teach.checks.answers import Mistake, Wrong, check, compare

__all__ = [
    "cross_entropy_gradient",
    "equal_logits",
    "mse_gradient",
    "softmax_jacobian",
    "stable_log_softmax",
]

BACKWARDS = " And the sign is the wrong way round: a gradient points to where the loss rises."


def _either_sign(wrong, why):
    """Return the mistake, and the same one with the opposite sign."""
    return Mistake(wrong, why), Mistake(lambda *arguments: -wrong(*arguments), why + BACKWARDS)


def _mistakes(attempts):
    """Return the mistakes of a dict from diagnosis to the functions that earn it."""
    return [Mistake(wrong, why) for why, functions in attempts.items() for wrong in functions]


@check
def mse_gradient(answer):
    """Check mse_gradient(Y_hat, Y), which returns dY_hat, (N, n_out). See notebooks/04_losses.ipynb."""
    rng = np.random.default_rng(0)
    trials = [
        ((rng.standard_normal((N, n_out)), rng.standard_normal((N, n_out))), {"N": N, "n_out": n_out})
        for N, n_out in [(5, 3), (8, 2), (1, 4), (6, 1)]
    ]

    def gradient(Y_hat, Y):
        return MSE().gradient(Y_hat, Y)

    over_N = (
        "You divide by N alone. L is a mean over all squares: how many are there, when each of N samples has"
        " n_out of them?"
    )
    no_2 = "The factor 2 that the derivative of a square leaves is missing."
    mistakes = [
        *_either_sign(lambda Y_hat, Y: (Y_hat - Y) / Y.size, no_2),
        *_either_sign(lambda Y_hat, Y: 2 * (Y_hat - Y) / len(Y), over_N),
        *_either_sign(lambda Y_hat, Y: (Y_hat - Y) / len(Y), f"{over_N} {no_2}"),
        *_either_sign(
            lambda Y_hat, Y: 2 * (Y_hat - Y) / Y.shape[1],
            "You divide by n_out alone: that is a mean over the outputs of a sample, summed over the samples."
            " L is a mean over both.",
        ),
        *_either_sign(
            lambda Y_hat, Y: (Y_hat - Y) / Y.shape[1],
            f"You divide by n_out alone; L is a mean over the samples too. {no_2}",
        ),
        *_either_sign(
            lambda Y_hat, Y: 2 / len(Y) * Y.shape[1] * (Y_hat - Y),
            "You multiply by n_out, where L divides by it. (`2 / N * n_out` is read from the left.)",
        ),
        *_either_sign(
            lambda Y_hat, Y: 2 * (Y_hat - Y),
            "That is the derivative of the sum of all squares. L is their mean.",
        ),
        *_either_sign(
            lambda Y_hat, Y: Y_hat - Y,
            "That is the difference alone: the derivative of a square brings one factor, the mean another.",
        ),
    ]
    mistakes += _mistakes(
        {
            "Right but for its sign: yours points to where the loss falls, a gradient points to where it"
            " rises. A prediction that is too high has a positive blame.": [
                lambda Y_hat, Y: gradient(Y, Y_hat)
            ],
            "That is L itself, one number. dY_hat has an entry for each entry of Y_hat.": [
                lambda Y_hat, Y: MSE().value(Y_hat, Y)
            ],
            "That is one number, made of the squares as L is. dY_hat has an entry for each entry of Y_hat.": [
                lambda Y_hat, Y: 2 * MSE().value(Y_hat, Y),
                lambda Y_hat, Y: np.sum((Y_hat - Y) ** 2),
            ],
            "The targets have no part in yours.": [
                lambda Y_hat, Y: 2 * Y_hat / Y.size,
                lambda Y_hat, Y: 2 * Y_hat / len(Y),
                lambda Y_hat, Y: 2 * Y_hat,
            ],
            "You return one number for each sample: its outputs have been put together. dY_hat has the shape"
            " of Y_hat, for each entry of Y_hat has a blame of its own.": [
                lambda Y_hat, Y, keepdims=keepdims, size=size: (
                    gradient(Y_hat, Y).sum(axis=1, keepdims=keepdims) * size(Y)
                )
                for keepdims in (True, False)
                for size in (lambda Y: 1, len, lambda Y: Y.size)
            ],
            "Your entries are squares, as in L itself, and never negative. The derivative of a square is"
            " none.": [
                lambda Y_hat, Y: (Y_hat - Y) ** 2,
                lambda Y_hat, Y: 2 * (Y_hat - Y) ** 2,
                lambda Y_hat, Y: (Y_hat - Y) ** 2 / Y.size,
                lambda Y_hat, Y: 2 * (Y_hat - Y) ** 2 / Y.size,
            ],
            "No entry is negative: on which side a prediction is wrong has been lost.": [
                lambda Y_hat, Y: np.abs(gradient(Y_hat, Y))
            ],
            "All entries have the same size: that is the derivative of the mean of |Y_hat - Y|. The slope of"
            " a square grows with the difference.": [lambda Y_hat, Y: np.sign(Y_hat - Y) / Y.size],
            "That is the derivative of the root of L.": [
                lambda Y_hat, Y: gradient(Y_hat, Y) / (2 * math.sqrt(MSE().value(Y_hat, Y)))
            ],
            "You return a single number: all entries have been put together. dY_hat has the shape of Y_hat,"
            " for each entry of Y_hat has a blame of its own.": [
                lambda Y_hat, Y, factor=factor, total=total: factor * total(Y_hat - Y)
                for factor in (2, 1)
                for total in (np.mean, np.sum)
            ],
            "You return one number for each output: the samples have been put together. dY_hat has the shape"
            " of Y_hat, for each entry of Y_hat has a blame of its own.": [
                lambda Y_hat, Y: gradient(Y_hat, Y).sum(axis=0),
                lambda Y_hat, Y: gradient(Y_hat, Y).mean(axis=0),
                lambda Y_hat, Y: gradient(Y_hat, Y).sum(axis=0) * Y.shape[1],
                lambda Y_hat, Y: gradient(Y_hat, Y).sum(axis=0) * Y.size,
            ],
        }
    )
    compare(
        answer,
        gradient,
        trials,
        results=["dY_hat"],
        hint="in how many of the squares does one entry of Y_hat stand, and what is the derivative of that"
        " one?",
        mistakes=mistakes,
    )
    return "Right, on four random batches, from N = 1 to N = 8, with one to four outputs."


@check
def softmax_jacobian(answer):
    """Check softmax_jacobian(p), which returns J, (C, C). See notebooks/04_losses.ipynb."""
    rng = np.random.default_rng(0)
    trials = [((softmax(rng.standard_normal((1, C)))[0],), {"C": C}) for C in (3, 5, 2, 7)]

    def jacobian(p):
        return np.diag(p) - np.outer(p, p)

    def beside(A):
        return A - np.diag(np.diag(A))

    attempts = {
        "All entries are zero. (Python reads `c == k - p[k]` as `c == (k - p[k])`: a comparison needs"
        " brackets around it.)": [lambda p: 0 * jacobian(p)],
        "Right but for its sign: yours says that a class becomes less likely when its own logit rises.": [
            lambda p: -jacobian(p)
        ],
        "The diagonal is like the rest, a product of two probabilities. What is different when the logit that"
        " moves is the class's own?": [lambda p: -np.outer(p, p), lambda p: np.outer(p, p)],
        "The diagonal is right, and all else is zero. But p_c changes too when the logit of another class"
        " moves: the numerator stays, the sum below it does not.": [lambda p: np.diag(p * (1 - p))],
        "You return C numbers, each p_c by its own logit. There are C · C of them: each probability answers"
        " to each logit.": [lambda p: p * (1 - p)],
        "The diagonal is right, the rest has the wrong sign: when another class becomes more likely, does"
        " this one become more likely as well?": [lambda p: np.diag(p * (1 - p)) + beside(np.outer(p, p))],
        "Right but for the diagonal: there the numerator moves, and so does the sum below it.": [
            lambda p: np.diag(p) - beside(np.outer(p, p)),
            lambda p: np.eye(len(p)) - beside(np.outer(p, p)),
        ],
        "Only the diagonal is filled, and with p itself: that is the numerator's part. The sum below it"
        " moves as well, in every entry.": [np.diag],
        "The diagonal is empty, and the rest has the wrong sign: when another class becomes more likely,"
        " does this one become more likely as well?": [lambda p: beside(np.outer(p, p))],
        "The diagonal is empty: what happens to a class when its own logit moves?": [
            lambda p: -beside(np.outer(p, p))
        ],
        "1 - p stands where another probability belongs, p_k: multiply out p_c (δ - p_k).": [
            lambda p: np.diag(p) - np.outer(p, 1 - p),
            lambda p: np.diag(p) - np.outer(1 - p, p),
        ],
        "Every entry is one p times one 1 - p, as on the diagonal. Where is δ zero?": [
            lambda p: np.outer(p, 1 - p),
            lambda p: np.outer(1 - p, p),
        ],
        "Right beside the diagonal; on it you have 1 - p_c². In p_c (δ - p_k) the factor p_c stands before δ"
        " too.": [lambda p: np.eye(len(p)) - np.outer(p, p)],
        "The factor p_c in front of (δ - p_k) is missing.": [
            lambda p: np.eye(len(p)) - p,
            lambda p: np.eye(len(p)) - p[:, None],
        ],
        "The products p_c p_k are added, but the sum in the denominator stands below: when it grows, p_c"
        " falls.": [lambda p: np.diag(p) + np.outer(p, p)],
        "Beside the diagonal you have squares, -p², where two different probabilities should meet, p_c and"
        " p_k. (`p * p` multiplies entry by entry, and gives C numbers; the products p_c p_k are C · C.)": [
            lambda p: np.diag(p) - p * p,
            lambda p: np.diag(p) - (p * p)[:, None],
        ],
        "You subtract one and the same number everywhere, Σ p²: that is `p @ p`, and `p @ p.T` as well, for"
        " p has one axis, and no rows and columns to exchange. The products p_c p_k are C · C.": [
            lambda p: np.diag(p) - p @ p,
            lambda p: np.diag(p - p @ p),
        ],
        "You take the softmax of p; but p holds the probabilities already.": [
            lambda p: jacobian(softmax(p[None])[0])
        ],
    }
    compare(
        answer,
        jacobian,
        trials,
        results=["J"],
        hint="fill C · C entries one after the other. Which of the two cases holds on the diagonal, which"
        " beside it?",
        mistakes=_mistakes(attempts),
    )
    return "Right, for 2, 3, 5 and 7 classes."


SHIFTS = {
    "none": lambda Z: Z,
    "row": lambda Z: Z - Z.max(axis=1, keepdims=True),
    "column": lambda Z: Z - Z.max(axis=0),
    "batch": lambda Z: Z - Z.max(),
}
SUMS = {
    "row": lambda E: E.sum(axis=1, keepdims=True),
    "column": lambda E: E.sum(axis=0),
    "batch": lambda E: E.sum(),
}
WRONG_SHIFT = {
    "none": "Right for small logits, but nan or infinite for large ones (tried with some of ±1000). What may"
    " be taken from a row without changing its probabilities?",
    "batch": "Right as long as the rows are alike, but nan or infinite where one row lies a thousand above"
    " another: you subtract the largest logit of the whole batch. Whose largest belongs to a row?",
    "column": "You subtract the largest logit of each class, along axis 0. By (4.6) a row may be shifted as a"
    " whole; this shifts each of its entries by another number, and changes its probabilities.",
}
WRONG_SUM = {
    "column": "You sum over the samples, axis 0, so that each class sums to 1 over the batch. Which"
    " probabilities have to sum to 1, and along which axis do they lie?",
    "batch": "You sum over the whole batch; each sample has a sum of its own.",
}


def _wrong_axes():
    """Yield shift, sum and diagnosis, for each way to take one of them along a wrong axis, or not at all."""
    for summed, total in SUMS.items():
        for shifted, shift in SHIFTS.items():
            if why := WRONG_SUM.get(summed) or WRONG_SHIFT.get(shifted):
                yield shift, total, why


def _fraction(Z, shift=SHIFTS["row"], total=SUMS["row"]):
    E = np.exp(shift(Z))
    return E / total(E)


def _log_of_fraction(Z, *axes):
    return np.log(_fraction(Z, *axes))


def _difference_of_logs(Z, shift, total):
    return shift(Z) - np.log(total(np.exp(shift(Z))))


def _batches(rng, sizes):
    """Return logits of each size; the last two have rows far apart, and then entries far apart."""
    *batches, rows, entries = (rng.standard_normal(size) for size in sizes)
    rows[0] += 1000
    rows[1] -= 1000
    return [*batches, rows, 1000 * entries]


@check
def stable_log_softmax(answer):
    """Check stable_log_softmax(Z), which returns log P, (N, C). See notebooks/04_losses.ipynb."""
    sizes = [(5, 3), (1, 4), (6, 2), (7, 8), (3, 5), (4, 6)]
    batches = _batches(np.random.default_rng(0), sizes)
    trials = [((Z,), {"N": N, "C": C}) for Z, (N, C) in zip(batches, sizes, strict=True)]
    shift = SHIFTS["row"]

    def log_sum(Z, log=np.log):
        return log(SUMS["row"](np.exp(shift(Z))))

    mistakes = [
        Mistake(lambda Z, form=form, axes=axes: form(Z, *axes), why)
        for *axes, why in _wrong_axes()
        for form in (_log_of_fraction, _difference_of_logs)
    ]
    epsilons = [10.0**-n for n in range(3, 21)] + [1e-30, 1e-100, 1e-300, 2.0**-23, 2.0**-52]
    lost = (
        "No entry falls below the logarithm of the small number that you add, or clip at. So log 0 is"
        " avoided, but where logits are far apart yours stays the same whatever they are."
    )
    mistakes += [
        Mistake(lambda Z, e=e, spoil=spoil: np.log(spoil(softmax(Z), e)), lost)
        for e in epsilons
        for spoil in (np.add, np.maximum, lambda P, e: np.clip(P, e, 1 - e))
    ]
    attempts = {
        "Right for small logits, but -inf where a probability is too small for a float64 (tried with some of"
        " ±1000): it became 0 before its logarithm was taken. What is the logarithm of a fraction?": [
            _log_of_fraction
        ],
        "Those are the probabilities. Their logarithms are wanted.": [softmax],
        "You shift the logits inside exp, but not the ones outside it: what is subtracted there has to be"
        " subtracted here.": [lambda Z: Z - log_sum(Z)],
        "You shift the logits outside exp, but not the ones inside it: small logits come out wrong, large"
        " ones overflow.": [lambda Z: shift(Z) - np.log(SUMS["row"](np.exp(Z)))],
        "You subtract the largest inside exp, and add it outside. What is subtracted there has to be"
        " subtracted here.": [lambda Z: Z + Z.max(axis=1, keepdims=True) - log_sum(Z)],
        "You subtract the mean of a row. What lies far above the mean still overflows.": [
            lambda Z: _difference_of_logs(Z, lambda Z: Z - Z.mean(axis=1, keepdims=True), SUMS["row"])
        ],
        "You take the logarithm of each term, and add after that. (4.10) has the logarithm of the sum.": [
            lambda Z: shift(Z) - SUMS["row"](np.log(np.exp(shift(Z)))),
            lambda Z: shift(Z) - SUMS["row"](shift(Z)),
        ],
        "That is the shift alone: e to the power of your rows does not sum to 1.": [shift],
        "You subtract the sum of the exponentials itself. Which function turns a quotient into a"
        " difference?": [lambda Z: shift(Z) - np.exp(log_sum(Z))],
        "You add the logarithm of what the exponentials are divided by.": [lambda Z: shift(Z) + log_sum(Z)],
        "`log1p` adds a 1 to the sum, which holds all its terms already.": [
            lambda Z: shift(Z) - log_sum(Z, np.log1p)
        ],
        "The logarithm has another base than e.": [
            lambda Z: shift(Z) - log_sum(Z, np.log2),
            lambda Z: shift(Z) - log_sum(Z, np.log10),
            lambda Z: log_softmax(Z) / math.log(2),
            lambda Z: log_softmax(Z) / math.log(10),
        ],
        "That is the logarithm of the sum, one number for each row. Each class has a log-probability.": [
            lambda Z: Z.max(axis=1, keepdims=True) + log_sum(Z),
            lambda Z: Z.max(axis=1) + log_sum(Z)[:, 0],
            lambda Z: log_sum(Z),
            lambda Z: log_sum(Z)[:, 0],
        ],
    }
    mistakes += _mistakes(attempts)
    with np.errstate(all="ignore"):  # what overflows in the learner's code is told in words
        compare(
            answer,
            lambda Z: log_softmax(Z),
            trials,
            results=["log_P"],
            hint="write (4.10) for all rows at once. Along which axis do you take the maximum and the sum,"
            " and which shape must they keep so that they can be subtracted from the rows of Z?",
            mistakes=mistakes,
        )
    return "Right, on six batches from N = 1 to N = 7, with logits beyond ±1000."


@check
def cross_entropy_gradient(answer):
    """Check cross_entropy_gradient(Z, labels), which returns dZ, (N, C). See notebooks/04_losses.ipynb."""
    rng = np.random.default_rng(0)
    sizes = [(5, 4), (8, 3), (1, 6), (7, 2), (3, 5), (6, 7)]
    trials = [
        ((Z, rng.integers(max(2, C - 1), size=N)), {"N": N, "C": C})  # the last of many classes has no sample
        for Z, (N, C) in zip(_batches(rng, sizes), sizes, strict=True)
    ]

    def gradient(Z, labels):
        return SoftmaxCrossEntropy().gradient(Z, labels)

    def mean_difference(predict, target=lambda labels, C: one_hot(labels, C)):
        return lambda Z, labels: (predict(Z) - target(labels, Z.shape[1])) / len(Z)

    def at_labels(A, labels):
        return np.take_along_axis(A, labels[:, None], axis=1)

    def whole_columns(labels, C):
        return np.tile(np.isin(np.arange(C), labels), (len(labels), 1))

    mistakes = [
        Mistake(mean_difference(lambda Z, axes=axes: _fraction(Z, *axes)), why)
        for *axes, why in _wrong_axes()
    ]
    mistakes += _either_sign(
        lambda Z, labels: gradient(Z, labels) * len(Z),
        "Right for each sample by itself. L is the mean over N samples: what becomes of the blame of one?",
    )
    mistakes += _either_sign(
        lambda Z, labels: gradient(Z, labels) / Z.shape[1],
        "You divide by the number of classes too. A sample has C logits, but one answer: L is a mean over N.",
    )
    mistakes += _either_sign(
        lambda Z, labels: gradient(Z, labels) * len(Z) / Z.shape[1],
        "You divide by the number of classes. L is a mean over the samples.",
    )
    attempts = {
        "Right but for its sign: yours raises the logit of the true class, a gradient points to where the"
        " loss rises.": [lambda Z, labels: -gradient(Z, labels)],
        "You subtract the label's number from every entry of a row. A label says which column the 1 is in.": [
            mean_difference(softmax, lambda labels, C: labels[:, None])
        ],
        "You subtract the 1 in whole columns, for every sample: each row has one label, and one place for"
        " it.": [mean_difference(softmax, whole_columns)],
        "The 1 is one column too far to the left: columns count from 0, and so do labels.": [
            mean_difference(softmax, lambda labels, C: np.eye(C)[labels - 1])
        ],
        "The 1 is one column too far to the right: columns count from 0, and so do labels.": [
            mean_difference(softmax, lambda labels, C: np.eye(C)[(labels + 1) % C])
        ],
        "You subtract 1 in every column. The target of a row has a single 1, where its label says.": [
            mean_difference(softmax, lambda labels, C: 1)
        ],
        "Those are the targets, over -N: what the network says has no part in yours.": [
            mean_difference(lambda Z: 0)
        ],
        "The labels have no part in yours: those are the probabilities, over N.": [
            lambda Z, labels: softmax(Z) / len(Z)
        ],
        "-Y/P leads to dP, the blame of the probabilities. The way from P back to Z is still missing.": [
            lambda Z, labels: -one_hot(labels, Z.shape[1]) / softmax(Z) / len(Z),
            lambda Z, labels: -one_hot(labels, Z.shape[1]) / softmax(Z),
        ],
        "You multiply by P (1 - P) too. The slope of softmax is in P - Y already: it has cancelled.": [
            lambda Z, labels: gradient(Z, labels) * softmax(Z) * (1 - softmax(Z))
        ],
        "Only one of P and Y is divided by N: the mean is over their difference.": [
            lambda Z, labels: softmax(Z) / len(Z) - one_hot(labels, Z.shape[1]),
            lambda Z, labels: softmax(Z) - one_hot(labels, Z.shape[1]) / len(Z),
        ],
        "Only the column of the true class is filled. The other logits stand in the sum of softmax: raise"
        " one of them, and the true class becomes less likely.": [
            lambda Z, labels: gradient(Z, labels) * one_hot(labels, Z.shape[1])
        ],
        "You return one entry for each sample, that of its true class. Each logit has a blame.": [
            lambda Z, labels: at_labels(gradient(Z, labels), labels),
            lambda Z, labels: at_labels(gradient(Z, labels), labels)[:, 0],
            lambda Z, labels: at_labels(gradient(Z, labels), labels)[:, 0] * len(Z),
        ],
        "You subtract the targets from the logits themselves. What turns logits into probabilities?": [
            mean_difference(lambda Z: Z)
        ],
        "Your probabilities come from σ, each logit by itself: they do not sum to 1.": [
            mean_difference(sigmoid)
        ],
        "You subtract the targets from log P. In (4.9) it is P.": [mean_difference(log_softmax)],
        "That is the loss, one number. dZ has an entry for each logit.": [
            lambda Z, labels: SoftmaxCrossEntropy().value(Z, labels),
            lambda Z, labels: -np.log(at_labels(softmax(Z), labels)).mean(),
        ],
        "You return one number for each class: the samples have been put together. dZ has the shape of Z.": [
            lambda Z, labels: gradient(Z, labels).sum(axis=0),
            lambda Z, labels: gradient(Z, labels).mean(axis=0),
        ],
    }
    mistakes += _mistakes(attempts)
    with np.errstate(all="ignore"):
        compare(
            answer,
            gradient,
            trials,
            results=["dZ"],
            hint="which probabilities does the network give, which should it have given, and for how many"
            " samples is the mean taken?",
            mistakes=mistakes,
        )
    return (
        "Right, on six batches from N = 1 to N = 8, with logits beyond ±1000 and a class that no sample has."
    )


CASES = {  # the number of classes, and what else has a number in it
    "2 classes": (2, {}),
    "10 classes": (10, {}),
    "10 classes, 64 samples": (10, {"N": 64}),
    "yes or no": (2, {}),
    "10 times yes or no": (2, {"n_out": 10}),
}


@check
def equal_logits(answer):
    """Check the dict of five losses at equal logits. See notebooks/04_losses.ipynb."""
    if not isinstance(answer, dict):
        raise Wrong(f"expected the dict of the exercise, and got {answer!r}.")
    if odd := [name for name in answer if name not in CASES]:
        raise Wrong(f"{odd[0]!r} is none of the five names: {', '.join(CASES)}.")
    missing = [name for name in CASES if answer.get(name) is None or answer[name] is ...]
    if len(missing) == len(CASES):
        raise Wrong(
            "Not attempted yet. Hint: what probability has each class if all logits of a row are equal, and"
            " what does the loss take of the probability of the true one?"
        )
    wrong = {
        name: why
        for name in CASES
        if name not in missing and (why := _wrong_loss(answer[name], *CASES[name]))
    }
    right = [name for name in CASES if name not in wrong and name not in missing]
    if len(right) == len(CASES):
        return "Right, all five."
    lines = [f"{len(right)} of {len(CASES)} right{': ' if right else ''}{'; '.join(right)}."]
    lines += [f"- {name}: {why}" for name, why in wrong.items()]
    lines += [f"- not answered yet: {'; '.join(missing)}"] if missing else []
    raise Wrong("\n".join([lines[0], "", *lines[1:]]))


def _wrong_loss(found, C, sizes):
    """Return what is wrong with a loss at equal logits, or None."""
    try:
        found = float(found)
    except (TypeError, ValueError):
        return f"{found!r} is no number."
    right = math.log(C)
    known = [
        (right, None),
        (-right, "right but for its sign: the logarithm of a probability is negative, minus it is not."),
        (1 / C, "that is the probability of each class, not the loss."),
        (-1 / C, "that is minus the probability of each class; the loss takes its logarithm."),
        (C, "that is 1 over the probability of each class; the loss takes a logarithm."),
        (math.log10(C), "the logarithm has the base 10; expected the natural one, `np.log`."),
        (math.log2(C), "the logarithm has the base 2; expected the natural one, `np.log`."),
        (0.0, "a loss of 0 needs probability 1 for the true class. Which has it here?"),
        (1 - 1 / C, "that is the share of wrong guesses, not the loss."),
        (
            right / C,
            "you divide by the number of classes. A sample has one true class, and costs minus the"
            " logarithm of its probability.",
        ),
    ]
    for size, n in sizes.items():
        known += [
            (right * n, f"that is the sum; the loss is a mean, so {size} = {n} has no part in it."),
            (
                right / n,
                f"you divide by {size} = {n}, but every one of the {n} costs the same: what is their mean?",
            ),
            (math.log(n), f"that is ln {n}; the probabilities do not depend on {size}."),
            (math.log(n * C), f"that is ln {n * C}; the probabilities do not depend on {size}."),
        ]
    for value, why in known:
        if abs(found - value) <= 0.006 * max(1, abs(value)):
            return why
    if abs(found - right) <= 0.06 * right:
        return f"{found:.4g} is near, but to two digits it is another number."
    return f"{found:.4g} is too {'high' if found > right else 'low'}."
