"""The exercises of chapter 04."""

import math

import numpy as np

from nnlib import log_softmax, one_hot, sigmoid, softmax  # noqa: F401 (the catalogues use them)
from nnlib.teach.checks.engine import Trial, exercise, number, sheet

__all__ = [
    "binary_cross_entropy_gradient",
    "cross_entropy_gradient",
    "equal_logits",
    "mse_gradient",
    "softmax_jacobian",
    "stable_log_softmax",
]

BACKWARDS = "And the sign is the wrong way round: a gradient points to where the loss rises."


def _predictions():
    rng = np.random.default_rng(0)
    return [
        Trial((rng.standard_normal((N, n_out)), rng.standard_normal((N, n_out))), {"N": N, "n_out": n_out})
        for N, n_out in [(5, 3), (8, 2), (1, 4), (6, 1)]
    ]


@exercise(
    trials=_predictions,
    results=["dY_hat"],
    hint="in how many of the squares does one entry of Y_hat stand, and what is the derivative of that one?",
    praise="Right, on four random batches, from N = 1 to N = 8, with one to four outputs.",
    backwards=BACKWARDS,
    wrong="""
    The factor 2 that the derivative of a square leaves is missing.
        ± D / D.size
    You divide by N alone. L is a mean over all squares: how many are there, when each of N samples has n_out
    of them?
        ± 2 * D / len(D)
    You divide by N alone. L is a mean over all squares: how many are there, when each of N samples has n_out
    of them? The factor 2 that the derivative of a square leaves is missing.
        ± D / len(D)
    You divide by n_out alone: that is a mean over the outputs of a sample, summed over the samples. L is a
    mean over both.
        ± 2 * D / D.shape[1]
    You divide by n_out alone; L is a mean over the samples too. The factor 2 that the derivative of a square
    leaves is missing.
        ± D / D.shape[1]
    You multiply by n_out, where L divides by it. (`2 / N * n_out` is read from the left.)
        ± 2 / len(D) * D.shape[1] * D
    That is the derivative of the sum of all squares. L is their mean.
        ± 2 * D
    That is the difference alone: the derivative of a square brings one factor, the mean another.
        ± D
    Right but for its sign: yours points to where the loss falls, a gradient points to where it rises. A
    prediction that is too high has a positive blame.
        D = Y - Y_hat
    That is L itself, one number. dY_hat has an entry for each entry of Y_hat.
        np.mean(D**2)
    That is one number, made of the squares as L is. dY_hat has an entry for each entry of Y_hat.
        ⟨2 * np.mean|np.sum⟩(D**2)
    The targets have no part in yours.
        D = Y_hat
        2 * Y_hat⟨ / len(D)|⟩
    You return one number for each sample: its outputs have been put together. dY_hat has the shape of Y_hat,
    for each entry of Y_hat has a blame of its own.
        (2 * D⟨ / D.size| / D.shape[1]|⟩).sum(axis=1, keepdims=⟨True|False⟩)
    Your entries are squares, as in L itself, and never negative. The derivative of a square is none.
        ⟨2 * |⟩D**2⟨ / D.size|⟩
    No entry is negative: on which side a prediction is wrong has been lost.
        D = np.abs(Y_hat - Y)
    All entries have the same size: that is the derivative of the mean of |Y_hat - Y|. The slope of a square
    grows with the difference.
        np.sign(D) / D.size
    That is the derivative of the root of L.
        D / D.size / np.sqrt(np.mean(D**2))
    The slope of an activation is in it. Y_hat is what the loss is given: which layer made it, and how, is for
    that layer's own `backward`.
        2 * D / D.size * ⟨Y_hat * (1 - Y_hat)|(1 - Y_hat**2)|(1 - np.tanh(Y_hat) ** 2)⟩
    You return a single number: all entries have been put together. dY_hat has the shape of Y_hat, for each
    entry of Y_hat has a blame of its own.
        ⟨2 * |⟩np.⟨mean|sum⟩(D)
    You return one number for each output: the samples have been put together. dY_hat has the shape of Y_hat,
    for each entry of Y_hat has a blame of its own.
        2 * D.sum(axis=0)⟨ / D.size| / len(D)|⟩
        2 * D.mean(axis=0) / D.size
    """,
)
def mse_gradient(Y_hat, Y):
    """Check mse_gradient(Y_hat, Y), which returns dY_hat, (N, n_out). See notebooks/04_losses.ipynb."""
    D = Y_hat - Y
    return 2 * D / D.size


def _logits_and_answers():
    rng = np.random.default_rng(0)
    sizes = [(5, 3), (8, 2), (1, 4), (6, 1), (3, 5)]
    batches = [(2 * rng.standard_normal(size), rng.integers(2, size=size).astype(float)) for size in sizes]
    batches[-1][0].flat[:] = 1000 * np.sign(batches[-1][0].flat[:])  # sure, right and wrong
    return [Trial(batch, {"N": N, "n_out": n_out}) for batch, (N, n_out) in zip(batches, sizes, strict=True)]


@exercise(
    trials=_logits_and_answers,
    results=["dZ"],
    hint="what is the derivative of log(1 + e^z), and how is it written with σ? And of log(1 + e^-z)?",
    praise="Right, on five batches, from N = 1 to N = 8, with one to five outputs and logits of ±1000.",
    backwards=BACKWARDS,
    wrong="""
    Right for each label by itself. L is a mean over N · n_out labels: what becomes of the blame of one?
        ± D
    You divide by N alone. L is a mean over all labels: how many are there, when each of N samples has n_out
    of them?
        ± D / len(D)
    You divide by n_out alone: that is a mean over the outputs of a sample, summed over the samples. L is a
    mean over both.
        ± D / D.shape[1]
    You multiply by n_out, where L divides by it. (`1 / N * n_out` is read from the left.)
        ± D / len(D) * D.shape[1]
    Right but for its sign: yours points to where the loss falls, a gradient points to where it rises. A
    logit that is too high has a positive blame.
        D = Y - P
    You multiply by σ (1 - σ) too. That slope has cancelled: it is in σ(z) - y already.
        ± D * P * (1 - P)⟨ / D.size| / len(D)|⟩
    That is the slope of the squared error of σ(z). This loss has logarithms, and no square.
        ± 2 * D * P * (1 - P)⟨ / D.size| / len(D)|⟩
    The 2 belongs to the derivative of a square. This loss has logarithms, and no square.
        ± 2 * D⟨ / D.size| / len(D)|⟩
    You subtract the labels from the logits themselves. Which function does the derivative of log(1 + e^z)
    leave?
        P = Z
    The labels have no part in yours: that is the slope where every answer is no.
        D = P
    The labels have no part in yours: that is the slope where every answer is yes.
        D = P - 1
    The logits have no part in yours.
        D = -Y
    That is the blame of the probabilities, dP. Between P and Z stands σ: its slope is missing.
        (P - Y) / (P * (1 - P))⟨ / D.size| / len(D)|⟩
        (-Y / P + (1 - Y) / (1 - P))⟨ / D.size| / len(D)|⟩
    Right for small logits, but nan for large ones (tried with ±1000): there you take 0 / 0, or inf / inf.
    Multiply your fractions out on paper, until none is left but σ.
        (-Y / P + (1 - Y) / (1 - P)) * P * (1 - P) / D.size
        (P - Y) / (P * (1 - P)) * P * (1 - P) / D.size
        D = -Y * np.exp(-Z) / (1 + np.exp(-Z)) + (1 - Y) * np.exp(Z) / (1 + np.exp(Z))
    Right for small logits, but nan for large ones (tried with ±1000): e^1000 is inf, and inf / inf is nan.
    Which form of σ takes no exp of a large number?
        P = np.exp(Z) / (1 + np.exp(Z))
        D = np.where(Y == 1, -np.exp(-Z) / (1 + np.exp(-Z)), np.exp(Z) / (1 + np.exp(Z)))
    Only one of σ(z) and y is divided: the factor in front of the sum belongs to both.
        P⟨ / D.size - Y| - Y / D.size| / len(D) - Y| - Y / len(D)⟩
    Only one of the two terms is divided: the factor in front of the sum belongs to both.
        Y * (P - 1)⟨ / D.size + (1 - Y) * P| + (1 - Y) * P / D.size⟩
    All entries are the same: their mean has been taken. Each logit has a blame of its own.
        np.full(D.shape, np.mean(D))⟨| / D.size⟩
    Where the label is 0 you have 0. log(1 + e^z) has a slope as well.
        D = Y * (P - 1)
    Where the label is 1 you have 0. log(1 + e^-z) has a slope as well.
        D = (1 - Y) * P
    No entry is negative: where the label is 1 the sign is wrong. In log(1 + e^-z) there is a minus in the
    exponent, and the chain rule brings it out.
        D = Y * (1 - P) + (1 - Y) * P
        D = np.abs(P - Y)
    No entry is positive: where the label is 0 the sign is wrong. log(1 + e^z) rises with z.
        D = Y * (P - 1) - (1 - Y) * P
    The labels are exchanged: you push each logit to the other answer. Which of the two logarithms is counted
    where y = 1?
        D = Y * P + (1 - Y) * (P - 1)
    Where the label is 1 you have -σ(z). The fraction that log(1 + e^-z) leaves is σ of another number.
        D = (1 - Y) * P - Y * P
    You take σ of σ(Z). Z holds the logits, and P = σ(Z) is all that is wanted of them.
        P = sigmoid(sigmoid(Z))
    You take σ(-Z), which is 1 - σ(Z): the probability of a no.
        P = sigmoid(-Z)
    Your probabilities come from softmax: the outputs of a row share one sum. Here each answers a question of
    its own.
        P = softmax(Z)
    Your P is tanh, from -1 to 1. A probability comes from σ.
        P = np.tanh(Z)
    You round the probabilities to yes and no: then only wrong answers are pushed, and all of them alike.
        P = Z ⟨>|>=⟩ 0
        P = np.round(sigmoid(Z))
    You subtract the labels from log σ. The derivative of the logarithm is no logarithm.
        P = -np.logaddexp(0, -Z)
    That is L itself, one number. dZ has an entry for each logit.
        np.mean(Y * np.logaddexp(0, -Z) + (1 - Y) * np.logaddexp(0, Z))
    Those are the costs of the labels, not their slopes.
        (Y * np.logaddexp(0, -Z) + (1 - Y) * np.logaddexp(0, Z))⟨ / D.size|⟩
    Your entries are squares, and never negative. This loss has no square.
        D**2⟨ / D.size|⟩
    You return a single number: all entries have been put together. dZ has the shape of Z, for each logit has
    a blame of its own.
        np.⟨mean|sum⟩(D)
    You return one number for each output: the samples have been put together. dZ has the shape of Z, for
    each logit has a blame of its own.
        D.⟨sum|mean⟩(axis=0)⟨ / D.size| / len(D)| / D.shape[1]|⟩
    You return one number for each sample: its outputs have been put together. dZ has the shape of Z, for
    each logit has a blame of its own.
        D.⟨sum|mean⟩(axis=1, keepdims=⟨True|False⟩)⟨ / D.size| / len(D)|⟩
    """,
)
def binary_cross_entropy_gradient(Z, Y):
    """Check binary_cross_entropy_gradient(Z, Y), which returns dZ. See notebooks/04_losses.ipynb."""
    P = sigmoid(Z)
    D = P - Y
    return D / D.size


def _probabilities():
    rng = np.random.default_rng(0)
    return [Trial((softmax(rng.standard_normal((1, C)))[0],), {"C": C}) for C in (3, 5, 2, 7)]


def _beside_the_diagonal(A):
    return A - np.diag(np.diag(A))


@exercise(
    trials=_probabilities,
    results=["J"],
    hint="fill C · C entries one after the other. Which of the two cases holds on the diagonal, which beside"
    " it?",
    praise="Right, for 2, 3, 5 and 7 classes.",
    wrong="""
    All entries are zero. (Python reads `c == k - p[k]` as `c == (k - p[k])`: a comparison needs brackets
    around it.)
        0 * (np.diag(p) - pp)
    Right but for its sign: yours says that a class becomes less likely when its own logit rises.
        pp - np.diag(p)
    The diagonal is like the rest, a product of two probabilities. What is different when the logit that moves
    is the class's own?
        ⟨-|⟩pp
    The diagonal is right, and all else is zero. But p_c changes too when the logit of another class moves:
    the numerator stays, the sum below it does not.
        np.diag(p * (1 - p))
    You return C numbers, each p_c by its own logit. There are C · C of them: each probability answers to each
    logit.
        p * (1 - p)
    The diagonal is right, the rest has the wrong sign: when another class becomes more likely, does this one
    become more likely as well?
        np.diag(p * (1 - p)) + _beside_the_diagonal(pp)
    Right but for the diagonal: there the numerator moves, and so does the sum below it.
        np.diag(⟨p|np.ones(len(p))⟩) - _beside_the_diagonal(pp)
    Only the diagonal is filled, and with p itself: that is the numerator's part. The sum below it moves as
    well, in every entry.
        np.diag(p)
    The diagonal is empty, and the rest has the wrong sign: when another class becomes more likely, does this
    one become more likely as well?
        _beside_the_diagonal(pp)
    The diagonal is empty: what happens to a class when its own logit moves?
        -_beside_the_diagonal(pp)
    1 - p stands where another probability belongs, p_k: beside the diagonal the numerator does not move, only
    the sum below it.
        pp = np.outer(⟨p, 1 - p|1 - p, p⟩)
    Every entry is one p times one 1 - p, as on the diagonal. Beside it the numerator does not move: what is
    left of the quotient rule?
        np.outer(⟨p, 1 - p|1 - p, p⟩)
    Right beside the diagonal; on it you have 1 - p_c², where p_c (1 - p_c) was derived.
        np.eye(len(p)) - pp
    The factor p_c is missing, in every entry: the numerator brings it, on the diagonal and beside it.
        np.eye(len(p)) - ⟨p|p[:, None]⟩
    The products p_c p_k are added, but the sum in the denominator stands below: when it grows, p_c falls.
        np.diag(p) + pp
    Beside the diagonal you have squares, -p², where two different probabilities should meet, p_c and p_k.
    (`p * p` multiplies entry by entry, and gives C numbers; the products p_c p_k are C · C.)
        pp = ⟨p * p|(p * p)[:, None]⟩
    You subtract one and the same number everywhere, Σ p²: that is `p @ p`, and `p @ p.T` as well, for p has
    one axis, and no rows and columns to exchange. The products p_c p_k are C · C.
        np.diag(p) - p @ p
        np.diag(p - p @ p)
    You take the softmax of p; but p holds the probabilities already.
        p = softmax(p[None])[0]
    """,
)
def softmax_jacobian(p):
    """Check softmax_jacobian(p), which returns J, (C, C). See notebooks/04_losses.ipynb."""
    pp = np.outer(p, p)
    return np.diag(p) - pp


def _logits(rng, sizes):
    """Return logits of each size; the last two have rows far apart, and then entries far apart."""
    *batches, rows, entries = (rng.standard_normal(size) for size in sizes)
    rows[0] += 1000
    rows[1] -= 1000
    return [*batches, rows, 1000 * entries]


def _wrong_axes(then=""):
    """Return the catalogue of shifts and sums along a wrong axis; `then` is a further edit of each line."""
    return f"""
    You sum over the samples, axis 0, so that each class sums to 1 over the batch. Which probabilities have to
    sum to 1, and along which axis do they lie?
        shift = Z⟨| - Z.max()| - Z.max(axis=0)| - Z.max(axis=1, keepdims=True)⟩ ; total = E.sum(axis=0){then}
    You sum over the whole batch; each sample has a sum of its own.
        shift = Z⟨| - Z.max()| - Z.max(axis=0)| - Z.max(axis=1, keepdims=True)⟩ ; total = E.sum(){then}
    Right for small logits, but nan or infinite for large ones (tried with some of ±1000). What may be taken
    from a row without changing its probabilities?
        shift = Z{then}
    Right as long as the rows are alike, but nan or infinite where one row lies a thousand above another: you
    subtract the largest logit of the whole batch. Whose largest belongs to a row?
        shift = Z - Z.max(){then}
    You subtract the largest logit of each class, along axis 0. By (4.6) a row may be shifted as a whole; this
    shifts each of its entries by another number, and changes its probabilities.
        shift = Z - Z.max(axis=0){then}
    """


def _batches_of_logits():
    sizes = [(5, 3), (1, 4), (6, 2), (7, 8), (3, 5), (4, 6)]
    return [Trial((Z,), {"N": len(Z), "C": Z.shape[1]}) for Z in _logits(np.random.default_rng(0), sizes)]


LARGE = "10|20|30|50|80|88|100|500|600|700|709"
LIMITS = "|".join(f"-{limit}, {limit}" for limit in LARGE.split("|"))
SMALL = "|".join([*(f"1e-{n}" for n in range(3, 21)), "1e-30", "1e-100", "1e-300", "2.0**-23", "2.0**-52"])


@exercise(
    trials=_batches_of_logits,
    results=["log_P"],
    hint="what is the logarithm of a fraction, and that of e to a power? Along which axis do you take the"
    " maximum and the sum, and which shape must they keep so that they can be subtracted from the rows of Z?",
    praise="Right, on six batches from N = 1 to N = 7, with logits beyond ±1000.",
    wrong=_wrong_axes("⟨ ; np.log(E / total)|⟩")
    + f"""
    No entry falls below the logarithm of the small number that you add, or clip at. So log 0 is avoided, but
    where logits are far apart yours stays the same whatever they are.
        np.log(np.⟨add|maximum⟩(E / total, ⟨{SMALL}⟩))
        np.log(np.clip(E / total, ⟨{SMALL}⟩, 1))
    Right for small logits, but -inf where a probability is too small for a float64 (tried with some of
    ±1000): it became 0 before its logarithm was taken. What is the logarithm of a fraction?
        np.log(E / total)
    Those are the probabilities. Their logarithms are wanted.
        E / total
    You shift the logits inside exp, but not the ones outside it: what is subtracted there has to be
    subtracted here.
        Z - np.log(total)
    You shift the logits outside exp, but not the ones inside it: small logits come out wrong, large ones
    overflow.
        E = np.exp(Z)
    You subtract the largest inside exp, and add it outside. What is subtracted there has to be subtracted
    here.
        2 * Z - shift - np.log(total)
    You subtract the mean of a row. What lies far above the mean still overflows.
        shift = Z - Z.mean(axis=1, keepdims=True)
    You take the logarithm of each term, and add after that. The logarithm of a sum is wanted.
        shift - ⟨np.log(E)|shift⟩.sum(axis=1, keepdims=True)
    That is the shift alone: e to the power of your rows does not sum to 1.
        shift
    You subtract the sum of the exponentials itself. Which function turns a quotient into a difference?
        shift - total
    You add the logarithm of what the exponentials are divided by.
        shift + np.log(total)
    `log1p` adds a 1 to the sum, which holds all its terms already.
        np.log → np.log1p
    You clip the logits. Small ones come out right, and of those beyond the limit nobody knows any more which
    was larger. What may be taken from a row without changing its probabilities?
        Z = np.clip(Z, ⟨{LIMITS}⟩)
        Z = np.minimum(Z, ⟨{LARGE}⟩)
        shift = np.maximum(Z - Z.max(axis=1, keepdims=True), -⟨{LARGE}⟩)
    The logarithm has another base than e.
        np.log → np.⟨log2|log10⟩
        (shift - np.log(total)) / np.log(⟨2|10⟩)
    That is the logarithm of the sum, one number for each row. Each class has a log-probability.
        ⟨Z - shift + |⟩np.log(total)
        (⟨Z - shift + |⟩np.log(total))[:, 0]
    """,
)
def stable_log_softmax(Z):
    """Check stable_log_softmax(Z), which returns log P, (N, C). See notebooks/04_losses.ipynb."""
    shift = Z - Z.max(axis=1, keepdims=True)
    E = np.exp(shift)
    total = E.sum(axis=1, keepdims=True)
    return shift - np.log(total)


def _logits_and_labels():
    rng = np.random.default_rng(0)
    sizes = [(5, 4), (8, 3), (1, 6), (7, 2), (3, 5), (6, 7)]
    return [  # the last of many classes has no sample
        Trial((Z, rng.integers(max(2, C - 1), size=N)), {"N": N, "C": C})
        for Z, (N, C) in zip(_logits(rng, sizes), sizes, strict=True)
    ]


@exercise(
    trials=_logits_and_labels,
    results=["dZ"],
    hint="which probabilities does the network give, which should it have given, and for how many samples is"
    " the mean taken?",
    praise="Right, on six batches from N = 1 to N = 8, with logits beyond ±1000 and a class that no sample"
    " has.",
    backwards=BACKWARDS,
    wrong=_wrong_axes()
    + f"""
    Right for each sample by itself. L is the mean over N samples: what becomes of the blame of one?
        ± P - Y
    You divide by the number of classes too. A sample has C logits, but one answer: L is a mean over N.
        ± (P - Y) / P.size
    You divide by the number of classes. L is a mean over the samples.
        ± (P - Y) / P.shape[1]
    Right but for its sign: yours raises the logit of the true class, a gradient points to where the loss
    rises.
        (Y - P) / len(Z)
    You subtract the label's number from every entry of a row. A label says which column the 1 is in.
        Y = labels[:, None]
    You subtract the 1 in whole columns, for every sample: each row has one label, and one place for it.
        Y = np.isin(np.arange(Z.shape[1]), labels)
    The 1 is one column too far to the left: columns count from 0, and so do labels.
        Y = np.eye(Z.shape[1])[labels - 1]
    The 1 is one column too far to the right: columns count from 0, and so do labels.
        Y = np.eye(Z.shape[1])[(labels + 1) % Z.shape[1]]
    You subtract 1 in every column. The target of a row has a single 1, where its label says.
        Y = 1
    Those are the targets, over -N: what the network says has no part in yours.
        -Y / len(Z)
    The labels have no part in yours: those are the probabilities, over N.
        P / len(Z)
    -Y/P leads to dP, the blame of the probabilities. The way from P back to Z is still missing.
        -Y / P⟨ / len(Z)|⟩
    You multiply by P (1 - P) too. The slope of softmax is in P - Y already: it has cancelled.
        (P - Y) * P * (1 - P)⟨ / len(Z)| / P.size|⟩
    P (1 - P) is the slope of each probability by its own logit alone, as it is for σ: only the column of the
    true class is filled, and where P is exactly 0 you divide by it. The other logits stand in the sum of
    softmax.
        -Y / P * P * (1 - P)⟨ / len(Z)|⟩
    Right until a probability is exactly 0 or 1: there you divide 0 by 0. Multiply the fractions out on paper:
    they cancel, and P - Y remains.
        (-Y / P + (1 - Y) / (1 - P)) * P * (1 - P) / len(Z)
    You multiply by P (1 - P) too, and by the 2 of a square. The slope of softmax is in P - Y already, where
    it has cancelled; and this loss has a logarithm, and no square.
        2 * (P - Y) * P * (1 - P)⟨ / len(Z)| / P.size|⟩
    The 2 belongs to the derivative of a square. This loss has a logarithm, and no square.
        2 * (P - Y)⟨ / len(Z)| / P.size|⟩
    You clip the logits. Small ones come out right, and of those beyond the limit nobody knows any more which
    was larger. What may be taken from a row without changing its probabilities?
        Z = np.clip(Z, ⟨{LIMITS}⟩)
        Z = np.minimum(Z, ⟨{LARGE}⟩)
    You subtract the labels themselves, as if they were rows. A label is a column's number: the row of a
    target has a 1 in that column and zeros elsewhere, as `one_hot` makes it.
        Y = labels
    Only one of P and Y is divided by N: the mean is over their difference.
        P⟨ / len(Z) - Y| - Y / len(Z)⟩
    Only the column of the true class is filled. The other logits stand in the sum of softmax: raise one of
    them, and the true class becomes less likely.
        (P - Y) * Y / len(Z)
    You return one entry for each sample, that of its true class. Each logit has a blame.
        ((P - Y) * Y).sum(axis=1, keepdims=⟨True|False⟩)⟨ / len(Z)|⟩
    You subtract the targets from the logits themselves. What turns logits into probabilities?
        P = Z
    Your probabilities come from σ, each logit by itself: they do not sum to 1.
        P = sigmoid(Z)
    That is what each logit of the true class costs, not how the cost moves with a logit.
        -Y * log_softmax(Z) / ⟨len(Z)|Z.size⟩
    You subtract the targets from log P. In (4.9) it is P.
        P = log_softmax(Z)
    That is the loss, one number. dZ has an entry for each logit.
        -np.mean((log_softmax(Z) * Y).sum(axis=1))
        -np.mean(np.log((P * Y).sum(axis=1)))
    You return one number for each class: the samples have been put together. dZ has the shape of Z.
        (P - Y).⟨sum|mean⟩(axis=0) / len(Z)
    """,
)
def cross_entropy_gradient(Z, labels):
    """Check cross_entropy_gradient(Z, labels), which returns dZ, (N, C). See notebooks/04_losses.ipynb."""
    shift = Z - Z.max(axis=1, keepdims=True)
    E = np.exp(shift)
    total = E.sum(axis=1, keepdims=True)
    P = E / total
    Y = one_hot(labels, Z.shape[1], dtype=float)
    return (P - Y) / len(Z)


# The number of classes, and what else has a number in it
CASES: dict[str, tuple[int, dict[str, int]]] = {
    "2 classes": (2, {}),
    "10 classes": (10, {}),
    "10 classes, 64 samples": (10, {"N": 64}),
    "yes or no": (2, {}),
    "10 times yes or no": (2, {"n_out": 10}),
}


@sheet(
    names=list(CASES),
    hint="what probability has each class if all logits of a row are equal, and what does the loss take of"
    " the probability of the true one?",
    praise="Right, all five.",
    line="{}",
    read=number,
)
def equal_logits(name, filled):
    """Check the dict of five losses at equal logits. See notebooks/04_losses.ipynb."""
    C, sizes = CASES[name]
    found = filled[name]
    right = math.log(C)
    if _near(found, right):
        return None
    value, why = min(_known_losses(C, sizes), key=lambda known: abs(found - known[0]))
    if _near(found, value):
        return why
    if abs(found - right) <= 0.06 * right:
        return f"{found:.4g} is near, but to two digits it is another number."
    return f"{found:.4g} is too {'high' if found > right else 'low'}."


def _near(a, b):
    return abs(a - b) <= 0.006 * max(1, abs(b))


def _known_losses(C, sizes):
    """Yield what a loss at equal logits is taken for, with the words for it."""
    right = math.log(C)
    yield -right, "right but for its sign: the logarithm of a probability is negative, minus it is not."
    yield 1 / C, "that is the probability of each class, not the loss."
    yield -1 / C, "that is minus the probability of each class; the loss takes its logarithm."
    yield C, "that is 1 over the probability of each class; the loss takes a logarithm."
    yield math.log10(C), "the logarithm has the base 10; expected the natural one, `np.log`."
    yield math.log2(C), "the logarithm has the base 2; expected the natural one, `np.log`."
    yield 0.0, "a loss of 0 needs probability 1 for the true class. Which has it here?"
    for sign in (-1, 1):
        words = f"that is exp({'-' * (sign < 0)}1/{C}); the loss takes the logarithm of a probability."
        yield math.exp(sign / C), words
    yield 1 - 1 / C, "that is the share of wrong guesses, not the loss."
    yield (
        right / C,
        "you divide by the number of classes. A sample has one true class, and costs minus the logarithm of"
        " its probability.",
    )
    for size, n in sizes.items():
        yield right * n, f"that is the sum; the loss is a mean, so {size} = {n} has no part in it."
        yield (
            right / n,
            f"you divide by {size} = {n}, but every one of the {n} costs the same: what is their mean?",
        )
        yield math.log(n), f"that is log {n}; the probabilities do not depend on {size}."
        yield math.log(n * C), f"that is log {n * C}; the probabilities do not depend on {size}."
