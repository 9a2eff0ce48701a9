"""The checks of chapter 09."""

import math

import numpy as np

from nnlib import Dense, SoftmaxCrossEntropy, metrics, train
from nnlib.teach.checks.answers import Wrong, array, call, check

__all__ = ["confusion", "last_activations", "mnist_recipe", "multiplications", "one_hot"]


@check
def one_hot(answer):
    """Check one_hot(labels, n_classes), which returns Y, (N, n_classes). See notebooks/09_mnist.ipynb."""
    rng = np.random.default_rng(0)
    hint = "start from zeros of shape (N, n_classes). Which entry of row n becomes 1?"
    for N, n_classes in [(3, 4), (7, 10), (1, 2), (12, 3), (200, 10)]:
        labels = rng.integers(n_classes, size=N).astype(np.uint8)
        labels[labels == n_classes - 1] = 0  # the largest class has no sample here
        right = metrics.one_hot(labels, n_classes)
        returned = call(answer, labels.copy(), n_classes, hint=hint)
        tried = f"(Tried with labels {labels[:8]}{' …' if N > 8 else ''} and {n_classes} classes.)"
        shape = np.shape(returned)
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
        if (Y.sum(axis=1) != 1).any():
            n = int((Y.sum(axis=1) != 1).argmax())
            raise Wrong(f"Row {n} sums to {Y[n].sum():g}; expected a single 1. {tried}")
        if not np.array_equal(Y, right):
            n = int((Y != right).any(axis=1).argmax())
            raise Wrong(f"Row {n} has its 1 in column {Y[n].argmax()}; its label is {labels[n]}. {tried}")
    return "Right, on 5 batches from N = 1 to N = 200, with classes that no sample has."


@check
def multiplications(answer):
    """Check multiplications(widths, n_samples): those of one epoch. See notebooks/09_mnist.ipynb."""
    hint = "which three products does a layer make, and which of them does the first layer leave out?"
    for widths, N in [([3, 5, 2], 7), ([5, 4], 7), ([784, 30, 10], 60_000), ([10, 20, 30, 40, 5], 3)]:
        sizes = [n_in * n_out for n_in, n_out in zip(widths, widths[1:], strict=False)]
        weights, first = sum(sizes), sizes[0]
        right = N * (3 * weights - first)
        found = call(answer, list(widths), N, hint=hint)
        tried = f"(Tried with widths {widths} and {N} samples: you count {found}.)"
        if not isinstance(found, (int, float, np.number)):
            raise Wrong(f"You return {type(found).__name__}; expected one number.")
        biased = sum((n_in + 1) * n_out for n_in, n_out in zip(widths, widths[1:], strict=False))
        for wrong, why in (
            (N * weights, "That is the forward pass alone. Going back costs more: which two products?"),
            (2 * N * weights, "One kind of product is missing: how does the blame get to the layer below?"),
            (3 * N * weights, "You let the first layer compute dX too. Who would use it?"),
            (3 * weights - first, "That is for one sample. An epoch has more."),
            (3 * N * weights - first, "What the first layer leaves out, it leaves out for every sample."),
            (N * (3 * biased - (widths[0] + 1) * widths[1]), "You count the biases: they are only added."),
        ):
            if found == wrong != right:
                raise Wrong(f"{why} {tried}")
        if found != right:
            raise Wrong(
                f"{'Too many' if found > right else 'Too few'}. Write down both shapes of every product for"
                f" widths [3, 5, 2] and 7 samples, five in all, and count again. {tried}"
            )
    return "Right, for networks of one to four layers."


@check
def confusion(answer):
    """Check confusion(predicted, target, n_classes). See notebooks/09_mnist.ipynb."""
    rng = np.random.default_rng(0)
    hint = "start from zeros of shape (n_classes, n_classes). Which entry does a sample add 1 to?"
    for N, n_classes in [(40, 3), (500, 10), (6, 4)]:
        target = rng.integers(n_classes - 1, size=N)  # the largest class has no sample here
        predicted = np.where(rng.random(N) < 0.6, target, rng.integers(n_classes - 1, size=N))
        right = metrics.confusion_matrix(predicted, target, n_classes=n_classes)
        returned = call(answer, predicted.copy(), target.copy(), n_classes, hint=hint)
        tried = f"(Tried with {N} samples of {n_classes} classes.)"
        if np.shape(returned) == (n_classes - 1, n_classes - 1):
            raise Wrong(
                f"You return shape {np.shape(returned)}; expected {right.shape}. Class {n_classes - 1} has"
                f" no sample here, and still a row and a column. {tried}"
            )
        C = array(returned, right.shape, "a row for each target, a column for each prediction")
        rows, columns = right.sum(axis=1, keepdims=True), right.sum(axis=0, keepdims=True)
        shares = [right / N, right / np.maximum(rows, 1), right / np.maximum(columns, 1)]
        for wrong, why in (
            (right.T, "Transposed: rows are targets, columns are predictions. Your rows are predictions."),
            (
                right > 0,
                "No entry is above 1: each place is set to 1, not counted up. In a loop, add. (Without a"
                " loop, `C[target, predicted] += 1` adds once to a place named five times; `np.add.at`"
                " adds each time.)",
            ),
            (right - np.diag(np.diag(right)), "You count the mistakes alone: the diagonal is empty."),
            *((share, "Those are shares; expected counts.") for share in shares),
        ):
            if np.allclose(C, wrong) and not np.array_equal(C, right):
                raise Wrong(f"{why} {tried}")
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
    (lambda Y: _possible(Y[:1]), "You look at the first row alone. One entry anywhere can rule out a range."),
    (
        lambda Y: _possible(Y.mean(axis=1, keepdims=True)),
        "You judge by the mean of a row. One entry anywhere can rule out a range.",
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
        names = call(answer, outputs.copy(), hint=hint)
        if isinstance(names, str) or not isinstance(names, (set, frozenset, list, tuple)):
            raise Wrong(f"You return {names!r}; expected a set of names, such as {{'sigmoid', 'tanh'}}.")
        if unknown := [name for name in names if name not in ("sigmoid", "tanh", "relu")]:
            raise Wrong(f"You return {unknown[0]!r}; expected names out of 'sigmoid', 'tanh' and 'relu'.")
        answers.append(set(names))
    wrong = [k for k, outputs in enumerate(trials) if answers[k] != _possible(outputs)]
    if not wrong:
        return f"Right, for {len(trials)} printouts with one to five rows."
    for mistake, why in _RANGE_MISTAKES:
        if all(answers[k] == mistake(outputs) for k, outputs in enumerate(trials)):
            raise Wrong(why)
    outputs, names = trials[wrong[0]], answers[wrong[0]]
    too_many, missing = sorted(names - _possible(outputs)), sorted(_possible(outputs) - names)
    said = f"You say that {too_many[0]} could" if too_many else f"You leave out {missing[0]}, which could"
    raise Wrong(f"{said} have given outputs from {outputs.min():.2f} to {outputs.max():.2f}.")


TARGET = 0.975
BUDGET = 32e9  # multiplications


@check
def mnist_recipe(answer, X_train, y_train, X_val, y_val):
    """Train by recipe(rng) -> net, optimizer, epochs, batch_size. See notebooks/09_mnist.ipynb."""
    rng = np.random.default_rng(0)
    hint = "begin with a smaller network than the chapter's, and count its multiplications."
    returned = call(answer, rng, hint=hint)
    if not isinstance(returned, tuple) or len(returned) != 4:
        raise Wrong("Expected `return net, optimizer, epochs, batch_size`, four things.")
    net, optimizer, epochs, batch_size = returned
    try:
        records = train(
            *(net, SoftmaxCrossEntropy(), optimizer, X_train, y_train),
            **{"epochs": epochs, "batch_size": batch_size, "rng": rng, "validation": (X_val, y_val)},
        )
    except (TypeError, ValueError) as error:
        raise Wrong(f"This cannot be trained: {error}") from None
    if not isinstance(net.layers[-1], Dense):
        raise Wrong(f"The last layer is {net.layers[-1]}. The loss takes logits: end with Dense(…, 10).")
    if epochs == 0:
        raise Wrong("No epoch, so nothing has been trained.")
    sizes = [layer.n_in * layer.n_out for layer in net.layers if isinstance(layer, Dense)]
    cost = epochs * len(X_train) * (3 * sum(sizes) - sizes[0])
    if cost > BUDGET:
        raise Wrong(
            f"Not trained: it would cost {cost / 1e9:.1f} billion multiplications, and"
            f" {BUDGET / 1e9:.0f} billion are allowed. Fewer epochs or a smaller network?"
        )
    history = []
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            history.extend(records)
    except ValueError as error:
        if str(error).startswith("lr is"):
            raise Wrong(
                f"During epoch {len(history) + 1} the schedule gave a wrong rate: {error}"
                " Does its total count the steps of all epochs?"
            ) from None
        history = []  # the outputs for the validation images are not finite
    except FloatingPointError:
        history = []
    if not history or not math.isfinite(history[-1].validation_loss):
        raise Wrong("It diverged: the loss is no number any more. The learning rate is too large.")
    return _judged(history, cost)


def _judged(history, cost):
    """Return or raise what the epochs of a recipe tell."""
    last, best = history[-1], max(history, key=lambda epoch: epoch.validation_accuracy)
    lowest = min(epoch.validation_loss for epoch in history)
    epochs = "1 epoch" if last.epoch == 1 else f"{last.epoch} epochs"
    saw = (
        f"{last.validation_accuracy:.2%} of the validation images right after {epochs} and"
        f" {cost / 1e9:.1f} billion multiplications"
    )
    if last.validation_accuracy >= TARGET:
        return f"Right: {saw}."
    before = history[-2].loss if len(history) > 1 else None
    if best.validation_accuracy >= TARGET:
        why = (
            f"and it was {best.validation_accuracy:.2%} after epoch {best.epoch}. The last steps threw it"
            " away: let them shrink."
        )
    elif last.validation_accuracy < 0.2:
        why = "no better than guessing. Too large a rate kills the units, a tiny one moves nothing."
    elif last.accuracy - last.validation_accuracy > 0.015 and last.validation_loss > 1.05 * lowest:
        why = (
            f"but {last.accuracy:.2%} of the training images, and the validation loss has risen from"
            f" {lowest:.3f} to {last.validation_loss:.3f}. It learns by heart now: more epochs will not help."
        )
    elif before is None:
        why = "and one epoch was all. A smaller network could afford more."
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
    raise Wrong(f"{TARGET:.2%} wanted: {saw}, {why}")
