"""The checks of chapter 09."""

import math

import numpy as np

from nnlib import Dense, SoftmaxCrossEntropy, metrics
from nnlib.teach.checks import engine
from nnlib.teach.checks.answers import Wrong, array, call, check, numbers, untouched

__all__ = ["confusion", "last_activations", "mnist_recipe", "multiplications", "one_hot"]


@check
def one_hot(answer):
    """Check one_hot(labels, n_classes), which returns Y, (N, n_classes). See notebooks/09_mnist.ipynb."""
    rng = np.random.default_rng(0)
    hint = "start from zeros of shape (N, n_classes). Which entry of row n becomes 1?"
    for N, n_classes in [(3, 4), (7, 10), (1, 2), (12, 3), (200, 10)]:
        # Labels are bytes, as in the chapter; but for the first, where a byte below 0 would be 255.
        labels = rng.integers(n_classes, size=N).astype(np.int64 if N == 3 else np.uint8)
        labels[labels == n_classes - 1] = 0  # the largest class has no sample here
        right = metrics.one_hot(labels, n_classes)
        given = labels.copy()
        returned = call(answer, given, n_classes, hint=hint)
        untouched(["labels"], [labels], [given])
        tried = f"(Tried with labels {labels[:8]}{' …' if N > 8 else ''} and {n_classes} classes.)"
        shape = np.shape(numbers(returned))
        if shape == (n_classes, N):
            raise Wrong(
                f"You return shape {shape}: a column for each sample. Rows are samples here: {right.shape}."
                f" {tried}"
            )
        if len(shape) == 2 and shape[0] == N and shape[1] in (labels.max() + 1, len(set(labels))):
            raise Wrong(
                f"You return {shape[1]} columns; expected {n_classes}. The labels of a batch need not"
                f" hold every class: only `n_classes` says how many there are. {tried}"
            )
        Y = array(returned, right.shape, "a row for each sample, a column for each class")
        for shift, side in ((1, "right"), (-1, "left")):
            if np.array_equal(Y, np.roll(right, shift, axis=1)):
                raise Wrong(
                    f"Each 1 stands one column too far to the {side}. Columns count from 0: label 0 has"
                    f" column 0. {tried}"
                )
        if np.array_equal(Y, 1 - right):
            raise Wrong(f"Zeros and ones are exchanged. {tried}")
        if (odd := np.argwhere((Y != 0) & (Y != 1))).size:
            n, c = odd[0]
            raise Wrong(f"Y[{n}, {c}] is {Y[n, c]:g}; expected zeros and ones. {tried}")
        if not np.array_equal(Y, right) and (why := _one_hot_rows(Y, right, labels)):
            raise Wrong(f"{why} {tried}")
        if (Y.sum(axis=1) != 1).any():
            n = int((Y.sum(axis=1) != 1).argmax())
            raise Wrong(f"Row {n} sums to {Y[n].sum():g}; expected a single 1. {tried}")
        if not np.array_equal(Y, right):
            n = int((Y != right).any(axis=1).argmax())
            raise Wrong(f"Row {n} has its 1 in column {Y[n].argmax()}; its label is {labels[n]}. {tried}")
    return "Right, on 5 batches from N = 1 to N = 200, with classes that no sample has."


def _one_hot_rows(Y, right, labels):
    """Return the known mistake that puts zeros and ones into wrong places of Y, or None."""
    N, n_classes = Y.shape
    ones = Y.sum(axis=1)
    if N > 1 and ones[0] > 1 and (Y == Y[0]).all() and not Y.all():
        return (
            "Every row holds the ones of all samples. `Y[:, labels] = 1` sets whole columns, and `[row] * N`"
            " is one row, N times; each sample needs its own."
        )
    if set(ones) <= {0, n_classes} and n_classes in ones:
        return "Whole rows are set to 1, as by `Y[labels] = 1`: say which row, and which column of it."
    if N > 1 and np.array_equal(Y[0], right[0]) and not Y[1:].any():
        return "The first row is right, and the others are empty. Is the `return` inside the loop?"
    swapped = np.zeros(max(Y.shape) * np.ones(2, int))
    swapped[labels, np.arange(N)] = 1
    if np.array_equal(Y, swapped[:N, :n_classes]):
        return "Row and column are exchanged: sample n has row n, and its label is the column."
    return None


def _products(widths):
    return [n_in * n_out for n_in, n_out in zip(widths, widths[1:], strict=False)]


def _multiplications(widths, N, forward=1, backward=2, spared=1, biases=0):
    """Return what an epoch costs, or what somebody counts who takes another number of products."""
    first, *_ = _products(widths)
    return N * ((forward + backward) * (sum(_products(widths)) + biases * sum(widths[1:])) - spared * first)


COSTS = (
    (
        lambda w, N: _multiplications(w, N, backward=0, spared=0),
        "That is the forward pass alone. Going back costs more: which two products?",
    ),
    (
        lambda w, N: _multiplications(w, N, backward=1, spared=0),
        "One kind of product is missing: how does the blame get to the layer below?",
    ),
    (
        lambda w, N: _multiplications(w, N, spared=0),
        "You let the first layer compute dX too. Who would use it?",
    ),
    (
        lambda w, N: _multiplications(w, N, forward=0),
        "That is the way back alone. The forward pass is one product more for each layer.",
    ),
    (
        lambda w, N: _multiplications(w, N, spared=2),
        "The first layer is spared one product, its dX; two are left, the forward one and that for dW.",
    ),
    (
        lambda w, N: _multiplications(w, N, spared=-1),
        "You add n_0 n_1; it is what the first layer is spared.",
    ),
    (lambda w, N: _multiplications(w, 1), "That is for one sample. An epoch has more."),
    (
        lambda w, N: _multiplications(w, N, spared=0) - w[0] * w[1],
        "What the first layer leaves out, it leaves out for every sample.",
    ),
    (
        lambda w, N: N * (3 * sum(_products(w)) - _products(w)[-1]),
        "You spare the last layer its dX. It is the first layer that has nobody below it.",
    ),
    (
        lambda w, N: N * (3 * sum(_products(w)[:-1]) - w[0] * w[1]),
        "You leave out the last layer: L + 1 widths have L layers between them.",
    ),
    *(
        (
            lambda w, N, spared=spared: N * (3 * sum(_products(w)[1:]) - spared * w[0] * w[1]),
            "You leave out the first layer. It is spared its dX, and nothing else.",
        )
        for spared in (0, 1)
    ),
    (
        lambda w, N: N * _products(w)[-1] * (2 if len(w) == 2 else 3),
        "That is the last layer alone. Does your sum begin anew in each turn of the loop?",
    ),
    (
        lambda w, N: 2 * N * _products(w)[0],
        "That is the first layer alone. Is the `return` inside the loop?",
    ),
    *(
        (
            lambda w, N, minus=minus: N * (3 * sum(w) - minus(w)),
            "You add up the widths. A layer multiplies: each input meets each output.",
        )
        for minus in (lambda w: w[0] * w[1], lambda w: w[0], lambda w: 0)
    ),
    (
        lambda w, N: N * math.prod(w),
        "You multiply all widths with each other. Each layer has its own products, and they add up.",
    ),
    *(
        (
            lambda w, N, spared=spared: _multiplications(w, N, biases=1) - spared * N * w[1],
            "You count the biases: they are only added.",
        )
        for spared in (0, 1)
    ),
)


@check
def multiplications(answer):
    """Check multiplications(widths, n_samples): those of one epoch. See notebooks/09_mnist.ipynb."""
    hint = "which three products does a layer make, and which of them does the first layer leave out?"
    trials = [([3, 5, 2], 7), ([5, 4], 11), ([784, 30, 10], 60_000), ([10, 20, 30, 40, 5], 3)]
    counts = []
    for widths, N in trials:
        given = list(widths)
        found = call(answer, given, N, hint=hint)
        if not isinstance(found, (int, float, np.number)):
            raise Wrong(f"You return {type(found).__name__}; expected one number.")
        if given != widths:
            raise Wrong("Your function changes the list `widths`, which belongs to whoever called it.")
        counts.append(float(found))
    rights = [_multiplications(*trial) for trial in trials]
    if counts == rights:
        return "Right, for networks of one to four layers."
    tried = "(Tried with widths {} and {} samples: you count {:.10g}.)"
    for wrong, why in COSTS:
        if all(found == wrong(*trial) for found, trial in zip(counts, trials, strict=True)):
            raise Wrong(f"{why} {tried.format(*trials[0], counts[0])}")
    k = next(k for k, found in enumerate(counts) if found != rights[k])
    tried = tried.format(*trials[k], counts[k])
    if all((found - right) % 2**32 == 0 for found, right in zip(counts, rights, strict=True)):
        raise Wrong(f"The number is too large for 32 bits, and starts anew from below. {tried}")
    samples = {found / _multiplications(widths, 1) for found, (widths, _) in zip(counts, trials, strict=True)}
    if len(samples) == 1:
        raise Wrong(
            f"You count {samples.pop():.6g} samples, however many `n_samples` says there are. {tried}"
        )
    shares = {found / right for found, right in zip(counts, rights, strict=True)}
    if len(shares) == 1:
        raise Wrong(
            f"Right but for a factor {shares.pop():.4g}, and (9.4) has none: nor is the batch size in it."
            f" {tried}"
        )
    raise Wrong(
        f"{'Too many' if counts[k] > rights[k] else 'Too few'}. Write down both shapes of every product for"
        f" widths [3, 5, 2] and 7 samples, five in all, and count again. {tried}"
    )


@check
def confusion(answer):
    """Check confusion(predicted, target, n_classes). See notebooks/09_mnist.ipynb."""
    rng = np.random.default_rng(0)
    hint = "start from zeros of shape (n_classes, n_classes). Which entry does a sample add 1 to?"
    for N, n_classes in [(40, 3), (5000, 10), (6, 4)]:  # in the second, counts that no byte can hold
        target = rng.integers(n_classes - 1, size=N)  # the largest class has no sample here
        predicted = np.where(rng.random(N) < 0.6, target, rng.integers(n_classes - 1, size=N))
        right = metrics.confusion_matrix(predicted, target, n_classes=n_classes)
        returned = call(answer, predicted.copy(), target.copy(), n_classes, hint=hint)
        tried = f"(Tried with {N} samples of {n_classes} classes.)"
        if np.shape(numbers(returned)) == (n_classes - 1, n_classes - 1):
            raise Wrong(
                f"You return shape {(n_classes - 1, n_classes - 1)}; expected {right.shape}. Class"
                f" {n_classes - 1} has no sample here, and still a row and a column. {tried}"
            )
        C = array(returned, right.shape, "a row for each target, a column for each prediction")
        rows, columns = right.sum(axis=1, keepdims=True), right.sum(axis=0, keepdims=True)
        shares = [right / N, 100 * right / N, right / np.maximum(rows, 1), right / np.maximum(columns, 1)]
        for wrong, why in (
            (right.T, "Transposed: rows are targets, columns are predictions. Your rows are predictions."),
            (
                right > 0,
                "No entry is above 1: each place is set to 1, not counted up. In a loop, add. (Without a"
                " loop, `C[target, predicted] += 1` adds once to a place named five times; `np.add.at`"
                " adds each time.)",
            ),
            (right - np.diag(np.diag(right)), "You count the mistakes alone: the diagonal is empty."),
            (
                np.diag(np.diag(right)),
                "You count the right answers alone; mistakes stand beside the diagonal.",
            ),
            (
                right + right.T,
                "You count each sample twice, once in either direction. Rows are targets alone.",
            ),
            (right + 1, "Every entry is 1 too high. Begin with zeros."),
            (
                rows * columns,
                "Each target meets every prediction. Take them in pairs: `zip` does, or one index.",
            ),
            (
                np.broadcast_to(columns, right.shape),
                "All rows are the same: `[[0] * n] * n` is one row, n times. Each class needs its own.",
            ),
            *(
                (np.roll(right, shift, axis=(0, 1)), "Off by one: class 0 has row 0 and column 0.")
                for shift in (-1, 1)
            ),
            (right % 256, "A count above 255 starts anew from 0: a byte (uint8) is too small to count in."),
            (-right, "Right but for the sign: you count downwards."),
            *((share, "Those are shares; expected counts.") for share in shares),
        ):
            if np.allclose(np.nan_to_num(C), wrong) and not np.array_equal(C, right):
                raise Wrong(f"{why} {tried}")
        if C.sum() == 1:
            raise Wrong(f"You count a single sample. Is the `return` inside the loop? {tried}")
        if C.sum() != N:
            raise Wrong(f"Your entries sum to {C.sum():g}; expected {N}, one for each sample. {tried}")
        if not np.array_equal(C, right):
            i, j = np.argwhere(C != right)[0]
            raise Wrong(
                f"C[{i}, {j}] is {C[i, j]:g}, but class {i} was taken for {j} {right[i, j]} times. {tried}"
            )
    return "Right, on three sets of labels, with a class that no sample has."


def _possible(outputs, *, closed=False, above_zero=False, signed=False):
    """Return the activations whose range holds all outputs, or what a known mistake takes for them."""
    low, high = outputs.min(), outputs.max()
    names = set()
    if (0 <= low and high <= 1) if closed else (0 < low and high < 1):
        names.add("sigmoid")
    if -1 < low and high < 1 and (low < 0 or not signed):
        names.add("tanh")
    if 0 < low or (low == 0 and not above_zero):
        names.add("relu")
    return names


_RANGE_MISTAKES = (
    (
        lambda Y: _possible(Y, closed=True),
        "You let a sigmoid give exactly 0. Which z has 1/(1 + exp(-z)) = 0?",
    ),
    (
        lambda Y: _possible(Y, above_zero=True),
        "You let no ReLU give exactly 0. What does max(z, 0) do to z < 0?",
    ),
    (
        lambda Y: _possible(Y, signed=True),
        "You rule out tanh where no output is negative. It may give negative ones; it need not.",
    ),
    (
        lambda Y: _possible(Y) - ({"relu"} if Y.min() > 0 else set()),
        "You rule out relu where no output is 0. It may give 0; it need not.",
    ),
    (
        lambda Y: _possible(Y) - ({"relu"} if Y.max() < 1 else set()),
        "You rule out relu where all outputs are below 1. It may go beyond; it need not.",
    ),
    (
        lambda Y: _possible(Y) - ({"tanh"} if Y.min() <= 0 else set()),
        "You let tanh give nothing below 0. Where does its range begin?",
    ),
    (lambda Y: _possible(Y[:1]), "You look at the first row alone. One entry anywhere can rule out a range."),
    (
        lambda Y: _possible(Y[:, :1]),
        "You look at the first column alone. One entry anywhere can rule out a range.",
    ),
    (
        lambda Y: _possible(Y.mean(axis=1, keepdims=True)),
        "You judge by the mean of a row. One entry anywhere can rule out a range.",
    ),
    (
        lambda Y: _possible(Y.mean(axis=0, keepdims=True)),
        "You judge by the mean of a column. One entry anywhere can rule out a range.",
    ),
    (
        lambda Y: set().union(*(_possible(y.reshape(1, 1)) for y in Y.ravel())),
        "You ask whether **some** output lies in the range. All of them have to.",
    ),
    (lambda Y: set(), "You rule out everything."),
    (lambda Y: {"sigmoid", "tanh", "relu"}, "You rule out nothing."),
)


@check
def last_activations(answer):
    """Check last_activations(outputs), those of "sigmoid", "tanh", "relu". See notebooks/09_mnist.ipynb."""
    hint = "between which numbers do the outputs of each lie, and does the range contain its ends?"
    rng = np.random.default_rng(0)
    trials = []
    for low, high, zeros, above in (
        (0.05, 0.95, 0, 0),
        (0.05, 0.95, 2, 0),
        (-0.9, 0.9, 0, 0),
        (0.05, 0.9, 0, 3.0),
        (-0.9, 0.9, 1, 2.0),
        (0.05, 0.9, 1, 1.5),
        (-0.9, -0.1, 0, 0),
        (1.2, 3.0, 0, 0),
    ):
        for N in (1, 3, 5):
            outputs = rng.uniform(low, high, (N, 4))
            outputs[-1, :zeros] = 0
            if low < 0:
                outputs[-1, 2] = -0.5
            if above:
                outputs[-1, 3] = above
            trials.append(outputs)
    answers = []
    for outputs in trials:
        try:
            names = call(answer, outputs.copy(), hint=hint)
        except Wrong as wrong:
            if answers and not _possible(outputs) and str(wrong).startswith("Your function gives None"):
                raise Wrong(
                    "Where none of the three fits, your function gives None: an empty set is `set()`."
                ) from None
            raise
        if isinstance(names, str) or not isinstance(names, (set, frozenset, list, tuple)):
            raise Wrong(f"You return {names!r}; expected a set of names, such as {{'sigmoid', 'tanh'}}.")
        if unknown := [name for name in names if name not in ("sigmoid", "tanh", "relu")]:
            raise Wrong(f"You return {unknown[0]!r}; expected names out of 'sigmoid', 'tanh' and 'relu'.")
        answers.append(set(names))
    wrong = [k for k, outputs in enumerate(trials) if answers[k] != _possible(outputs)]
    if not wrong:
        return f"Right, for {len(trials)} printouts with one to five rows."
    right = [_possible(outputs) for outputs in trials]
    if all(len(a) == min(len(b), 1) and a <= b for a, b in zip(answers, right, strict=True)):
        raise Wrong("You stop at the first that fits (`elif`, or an early `return`). More than one can.")
    for mistake, why in _RANGE_MISTAKES:
        if all(answers[k] == mistake(outputs) for k, outputs in enumerate(trials)):
            raise Wrong(why)
    outputs, names = trials[wrong[0]], answers[wrong[0]]
    too_many, missing = sorted(names - _possible(outputs)), sorted(_possible(outputs) - names)
    said = f"You say that {too_many[0]} could" if too_many else f"You leave out {missing[0]}, which could"
    low, high = (f"{y:.2f}" if y else "0" for y in (outputs.min(), outputs.max()))
    raise Wrong(f"{said} have given outputs from {low} to {high}.")


TARGET = 0.975
BUDGET = 32  # billions of multiplications
REFUSED = [
    engine.too_dear(BUDGET, "Fewer epochs or a smaller network?"),
    engine.trained_already(
        "reads {run.before.right:.0%} of the validation images", lambda run: run.before.right > 0.5
    ),
]


@engine.check
def mnist_recipe(answer, X_train, y_train, X_val, y_val):
    """Train by recipe(rng) -> net, optimizer, epochs, batch_size. See notebooks/09_mnist.ipynb."""
    (run,) = engine.trained(
        answer,
        seeds=1,
        hint="begin with a smaller network than the chapter's, and count its multiplications.",
        loss=SoftmaxCrossEntropy(),
        X=X_train,
        Y=y_train,
        validation=(X_val, y_val),
        refused=REFUSED,
    )
    if run.diverged:
        raise engine.Wrong(engine.DIVERGED)
    return _judged(run.history, run.billions, run.net, run.optimizer)


def _peak(optimizer):
    return max(map(optimizer.lr, range(1, optimizer.t + 1)))


def _judged(history, cost, net, optimizer):
    """Return or raise what the epochs of a recipe tell, and what they have made of net and optimiser."""
    last, best = history[-1], max(history, key=lambda epoch: epoch.validation_accuracy)
    lowest = min(epoch.validation_loss for epoch in history)
    epochs = "1 epoch" if last.epoch == 1 else f"{last.epoch} epochs"
    saw = (
        f"{last.validation_accuracy:.2%} of the validation images right after {epochs} and"
        f" {cost:.1f} billion multiplications"
    )
    if last.validation_accuracy >= TARGET:
        return f"Right: {saw}."
    before = history[-2].loss if len(history) > 1 else None
    if best.validation_accuracy >= TARGET:
        why = (
            f"and it was {best.validation_accuracy:.2%} after epoch {best.epoch}. The last steps threw it"
            " away: let them shrink."
        )
    elif all(isinstance(layer, Dense) for layer in net.layers):
        why = (
            "and there is no activation: dense layers alone are together one, by (3.1), which sets a straight"
            " line between any two digits."
        )
    elif last.validation_accuracy < 0.2 and any(not p.any() for p in net.params if p.ndim == 2):
        why = (
            "no better than guessing: a layer of weights is zero throughout, and nothing goes back through"
            " zeros."
        )
    elif last.validation_accuracy < 0.2:
        why = "no better than guessing. Too large a rate kills the units, a tiny one moves nothing."
    elif last.accuracy - last.validation_accuracy > 0.015 and last.validation_loss > 1.05 * lowest:
        why = (
            f"but {last.accuracy:.2%} of the training images, and the validation loss has risen from"
            f" {lowest:.3f} to {last.validation_loss:.3f}. It learns by heart now: more epochs will not help."
        )
    elif before is None:
        affordable = int(BUDGET / cost)
        more = f"You can pay for {affordable}" if affordable > 1 else "A smaller network could afford more"
        why = f"and one epoch was all. {more}."
    elif callable(optimizer.lr) and 0.2 < optimizer.lr(optimizer.t) / (peak := _peak(optimizer)) < 1:
        why = (
            f"and the rate, {peak:.3g} at its peak, was still {optimizer.lr(optimizer.t):.3g} in the last of"
            f" {optimizer.t} steps. Let it fall further, or does the schedule count more steps than you make?"
        )
    elif last.loss < 0.95 * before:
        why = (
            f"and the training loss was still falling, from {before:.3f} to {last.loss:.3f} in the last"
            " epoch. More steps (smaller batches, more epochs) if you can pay for them, steps that shrink"
            " towards the end, or a wider network."
        )
    else:
        why = (
            f"and the training loss has come to rest at {last.loss:.3f}. Are the steps too large to settle,"
            " or too small by now, or is the network too small? Look at the curves."
        )
    raise engine.Wrong(f"{TARGET:.2%} wanted: {saw}, {why}")
