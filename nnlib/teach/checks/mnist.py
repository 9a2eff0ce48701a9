"""The exercises of chapter 09."""

import itertools
import math  # noqa: F401 (a catalogue uses it)

import numpy as np

from nnlib import SoftmaxCrossEntropy
from nnlib.teach.checks.engine import (
    Remedies,
    Trial,
    Wrong,
    check,
    exercise,
    number,
    shown,
    tell,
    too_dear,
    trained,
    trained_already,
)

__all__ = ["confusion", "last_activations", "mnist_recipe", "multiplications", "one_hot"]


def _labels():
    rng = np.random.default_rng(0)
    for N, n_classes in [(3, 4), (7, 10), (1, 2), (12, 3), (200, 10)]:
        # Labels are bytes, as in the chapter; but for the first, where a byte below 0 would be 255.
        labels = rng.integers(n_classes, size=N).astype(np.int64 if N == 3 else np.uint8)
        labels[labels == n_classes - 1] = 0  # the largest class has no sample here
        shown = f"{labels[:8]}{' …' if N > 8 else ''}"
        yield Trial((labels, n_classes), {"labels": shown, "n_classes": n_classes})


def _single_ones(name, runs):
    """Tell of an entry that is neither 0 nor 1, of a row with no single 1, or of a 1 in another column."""
    run = next(run for run in runs if not np.array_equal(run.found, run.right))
    n = int((run.found != run.right).any(axis=1).argmax())
    found, right = run.found[n], run.right[n]
    for c in np.flatnonzero((found != 0) & (found != 1)):
        return f"{run.tried}, {name}[{n}, {c}] is {found[c]:g}; expected zeros and ones."
    if found.sum() != 1:
        return f"{run.tried}, row {n} sums to {found.sum():g}; expected a single 1."
    return f"{run.tried}, row {n} has its 1 in column {found.argmax()}; its label is {right.argmax()}."


@exercise(
    trials=_labels,
    results=["Y"],
    hint="start from zeros of shape (N, n_classes). Which entry of row n becomes 1?",
    praise="Right, on 5 batches from N = 1 to N = 200, with classes that no sample has.",
    tell=[tell.shape, _single_ones],
    wrong="""
    You return a column for each sample. Rows are samples here.
        Y.T
    You return fewer columns than classes. The labels of a batch need not hold every class: only `n_classes`
    says how many there are.
        n_classes = ⟨labels.max() + 1|len(np.unique(labels))⟩
        np.equal(labels[:, None], np.unique(labels))
    There is a column too many. Labels count from 0, and the last of n_classes is n_classes - 1.
        n_classes = n_classes + 1
    Each 1 stands one column too far to the right. Columns count from 0: label 0 has column 0.
        labels = labels + 1
    Each 1 stands one column too far to the left. Columns count from 0: label 0 has column 0.
        labels = labels - 1
        np.roll(Y, -1, axis=1)
    Zeros and ones are exchanged.
        1 - Y
    Every row holds the ones of all samples. `Y[:, labels] = 1` sets whole columns, and `[row] * N` is one
    row, N times; each sample needs its own.
        Y[rows, labels] = 1 → Y[:, labels] = 1
    Whole rows are set to 1, as by `Y[labels] = 1`: say which row, and which column of it.
        Y[rows, labels] = 1 → Y[labels] = 1
    The first row is right, and the others are empty. Is the `return` inside the loop?
        Y[rows, labels] = 1 → Y[0, labels[0]] = 1
    `np.put` counts through all of Y, row after row: its ones stand in the first row. Say which row, too.
        Y[rows, labels] = 1 → np.put(Y, labels, 1)
    Row and column are exchanged: sample n has row n, and its label is the column.
        Y[rows, labels] = 1 → Y[labels, rows] = 1
    """,
)
def one_hot(labels, n_classes):
    """Check one_hot(labels, n_classes), which returns Y, (N, n_classes). See notebooks/09_mnist.ipynb."""
    rows = np.arange(len(labels))
    Y = np.zeros((len(labels), n_classes))
    Y[rows, labels] = 1
    return Y


def _count(value):
    """Read one number, or say what stands in its place."""
    count = number(value) if isinstance(value, (int, float, np.number, np.ndarray)) else None
    if count is None:
        raise Wrong(f"You return {type(value).__name__}; expected one number, and a finite one.")
    return count


def _too_many(name, runs):
    """Tell of a count that is that of some other number of samples, off by a factor, or just wrong."""
    run = next(run for run in runs if run.found != run.right)
    samples = {run.found / (run.right / run.sizes["n_samples"]) for run in runs}
    factors = {run.found / run.right for run in runs}
    yours = f"({run.tried}, you count {run.found:.10g}.)"
    if len(samples) == 1:
        return f"You count {samples.pop():.6g} samples, however many `n_samples` says there are. {yours}"
    if len(factors) == 1:
        return (
            f"Right but for a factor {factors.pop():.4g}, and (9.4) has none: nor is the batch size in it."
            f" {yours}"
        )
    return (
        f"{'Too many' if run.found > run.right else 'Too few'}. Write down both shapes of every product for"
        f" widths [3, 5, 2] and 7 samples, five in all, and count again. {yours}"
    )


@exercise(
    trials=lambda: [
        Trial((widths, N), {"widths": str(widths), "n_samples": N})
        for widths, N in [([3, 5, 2], 7), ([5, 4], 11), ([784, 30, 10], 60_000), ([10, 20, 30, 40, 5], 3)]
    ],
    results=["count"],
    hint="which three products does a layer make, and which of them does the first layer leave out?",
    praise="Right, for networks of one to four layers.",
    read=_count,
    tell=[_too_many],
    wrong="""
    That is the forward pass alone. Going back costs more: which two products?
        n_samples * sum(products)
    One kind of product is missing: how does the blame get to the layer below?
        n_samples * 2 * sum(products)
    You let the first layer compute dX too. Who would use it?
        n_samples * 3 * sum(products)
    That is the way back alone. The forward pass is one product more for each layer.
        n_samples * (2 * sum(products) - products[0])
    The first layer is spared one product, its dX; two are left, the forward one and that for dW.
        n_samples * (3 * sum(products) - 2 * products[0])
    You add n_0 n_1; it is what the first layer is spared.
        n_samples * (3 * sum(products) + products[0])
    That is for one sample. An epoch has more.
        3 * sum(products) - products[0]
    What the first layer leaves out, it leaves out for every sample.
        n_samples * 3 * sum(products) - products[0]
    Too little is left out: dX of the first layer has n_0 entries for each sample, and each of them is a sum
    of products. How many?
        n_samples * (3 * sum(products) - widths[0])
    You spare the last layer its dX. It is the first layer that has nobody below it.
        n_samples * (3 * sum(products) - products[-1])
    You leave out the last layer: L + 1 widths have L layers between them.
        sum(products) → sum(products[:-1])
    You leave out the first layer. It is spared its dX, and nothing else.
        n_samples * (3 * sum(products[1:])⟨| - products[0]⟩)
    That is the last layer alone. Does your sum begin anew in each turn of the loop?
        n_samples * products[-1] * (3 if len(products) > 1 else 2)
    That is the first layer alone. Is the `return` inside the loop?
        n_samples * 2 * products[0]
    You add up the widths. A layer multiplies: each input meets each output.
        n_samples * (3 * sum(widths)⟨| - widths[0]| - products[0]⟩)
    You multiply all widths with each other. Each layer has its own products, and they add up.
        n_samples * math.prod(widths)
    The batch size is in it. However an epoch is cut into batches, each sample is multiplied once with each
    weight, forward, and no batch costs anything of its own.
        n_samples = n_samples // ⟨16|32|50|64|100|120|128|256⟩
        n_samples = -(-n_samples // ⟨16|32|50|64|100|120|128|256⟩)
        n_samples = n_samples // ⟨64 * 64|32 * 32|128 * 128|100 * 100⟩
        n_samples = -(-n_samples // ⟨64) * 64|32) * 32|128) * 128|100) * 100⟩
    You count the biases: they are only added.
        products = [(n_in + 1) * n_out for n_in, n_out in itertools.pairwise(widths)]
        n_samples * (3 * (sum(products) + sum(widths[1:])) - products[0])
    The number is too large for 32 bits, and starts anew from below.
        (n_samples * (3 * sum(products) - products[0]) + 2**31) % 2**32 - 2**31
    """,
)
def multiplications(widths, n_samples):
    """Check multiplications(widths, n_samples): those of one epoch. See notebooks/09_mnist.ipynb."""
    products = [n_in * n_out for n_in, n_out in itertools.pairwise(widths)]
    return n_samples * (3 * sum(products) - products[0])


def _taken_for():
    rng = np.random.default_rng(0)
    for N, n_classes in [(40, 3), (1200, 4), (6, 5)]:  # in the second, counts that no byte can hold
        target = rng.integers(n_classes - 1, size=N)  # the largest class has no sample here
        predicted = np.where(rng.random(N) < 0.6, target, rng.integers(n_classes - 1, size=N))
        predicted[0] = target[0] = n_classes - 2  # and the second largest has one
        yield Trial((predicted, target, n_classes), {"N": N, "n_classes": n_classes})


def _counts(name, runs):
    """Tell of a sum that is not the number of samples, or of an entry that is wrong."""
    run = next(run for run in runs if not np.array_equal(run.found, run.right))
    if run.found.sum() != run.right.sum():
        return (
            f"{run.tried}, your entries sum to {run.found.sum():g}; expected {run.sizes['N']}, one for each"
            " sample."
        )
    i, j = np.argwhere(run.found != run.right)[0]
    return (
        f"{run.tried}, {name}[{i}, {j}] is {run.found[i, j]:g}, but class {i} was taken for {j}"
        f" {run.right[i, j]:g} times."
    )


@exercise(
    trials=_taken_for,
    results=["C"],
    hint="start from zeros of shape (n_classes, n_classes). Which entry does a sample add 1 to?",
    praise="Right, on three sets of labels, with a class that no sample has.",
    tell=[tell.shape, _counts],
    wrong="""
    Your table is too small: the largest class has no sample here, and still a row and a column.
        n_classes = target.max() + 1
    Transposed: rows are targets, columns are predictions. Your rows are predictions.
        target, predicted = predicted, target
    No entry is above 1: each place is set to 1, not counted up. In a loop, add. (Without a loop,
    `C[target, predicted] += 1` adds once to a place named five times; `np.add.at` adds each time.)
        C[i][j] += 1 → C[i][j] = 1
    You count the mistakes alone: the diagonal is empty.
        C - np.diag(np.diag(C))
    You count the right answers alone; mistakes stand beside the diagonal.
        np.diag(np.diag(C))
    You count each sample twice, once in either direction. Rows are targets alone.
        C + C.T
    Every entry is 1 too high. Begin with zeros.
        C = np.ones((n_classes, n_classes))
    Each target meets every prediction. Take them in pairs: `zip` does, or one index.
        np.outer(C.sum(axis=1), C.sum(axis=0))
    All rows are the same: `[[0] * n] * n` is one row, n times. Each class needs its own.
        C = [[0] * n_classes] * n_classes
    Off by one: class 0 has row 0 and column 0.
        np.roll(C, ⟨1|-1⟩, axis=(0, 1))
    A count above 255 starts anew from 0: a byte (uint8) is too small to count in.
        C = np.zeros((n_classes, n_classes), np.uint8)
    Right but for the sign: you count downwards.
        C[i][j] += 1 → C[i][j] -= 1
    Those are shares; expected counts.
        ⟨100 * |⟩C / len(target)
        C / C.sum(axis=⟨0|1⟩, keepdims=True)
        C / np.maximum(C.sum(axis=⟨0|1⟩, keepdims=True), 1)
    You count a single sample. Is the `return` inside the loop?
        C[i][j] += 1 → C[i][j] += 1; return C
    `np.histogram2d` makes its bins from the smallest label to the largest of those that it is handed, where a
    class may be missing: tell it, `range=[[0, n_classes]] * 2`.
        np.histogram2d(target, predicted, bins=n_classes)[0]
        np.histogram2d(predicted, target, bins=n_classes)[0]
    """,
)
def confusion(predicted, target, n_classes):
    """Check confusion(predicted, target, n_classes). See notebooks/09_mnist.ipynb."""
    C = np.zeros((n_classes, n_classes))
    for i, j in zip(target, predicted, strict=True):
        C[i][j] += 1
    return C


ACTIVATIONS = "sigmoid", "tanh", "relu"


def _printouts():
    rng = np.random.default_rng(0)
    for low, high, zeros, above in [
        (0.05, 0.95, 0, 0),
        (0.05, 0.95, 2, 0),
        (-0.9, 0.9, 0, 0),
        (0.05, 0.9, 0, 3.0),
        (-0.9, 0.9, 1, 2.0),
        (0.05, 0.9, 1, 1.5),
        (-0.9, -0.1, 0, 0),
        (1.2, 3.0, 0, 0),
    ]:
        for N in (1, 3, 5):
            outputs = rng.uniform(low, high, (N, 4))
            outputs[-1, :zeros] = 0
            if low < 0:
                outputs[-1, 2] = -0.5
            if above:
                outputs[-1, 3] = above
            yield _printout(outputs)
    for edge in (0.99, 1.4, -0.99, -1.4):  # near the ends: what stands at 1 itself may have been rounded
        outputs = np.sign(edge) * rng.uniform(0.05, 0.9, (2, 4))
        outputs[1, 1] = edge
        yield _printout(outputs)


def _printout(outputs):
    lowest, highest = (f"{y:.2f}" if y else "0" for y in (outputs.min(), outputs.max()))
    return Trial((outputs,), {"lowest": lowest, "highest": highest})


def _names(value):
    """Read a set of names, or say what stands in its place."""
    if not isinstance(value, (set, frozenset, list, tuple)):
        raise Wrong(f"You return {shown(value)}; expected a set of names, such as {{'sigmoid', 'tanh'}}.")
    for name in value:
        if not isinstance(name, str) or name not in ACTIVATIONS:
            raise Wrong(f"You return {shown(name)}; expected names out of 'sigmoid', 'tanh' and 'relu'.")
    return frozenset(value)


def _the_first_alone(_, runs):
    if all(run.found <= run.right and len(run.found) == min(len(run.right), 1) for run in runs):
        return "You stop at the first that fits (`elif`, or an early `return`). More than one can."
    return None


def _too_many_or_missing(_, runs):
    run = next(run for run in runs if run.found != run.right)
    too_many, missing = sorted(run.found - run.right), sorted(run.right - run.found)
    said = f"You say that {too_many[0]} could" if too_many else f"You leave out {missing[0]}, which could"
    return f"{said} have given outputs from {run.sizes['lowest']} to {run.sizes['highest']}."


@exercise(
    trials=_printouts,
    results=["names"],
    hint="between which numbers do the outputs of each lie, and does the range contain its ends?",
    praise="Right, for 28 printouts with one to five rows.",
    read=_names,
    tell=[_the_first_alone, _too_many_or_missing],
    wrong="""
    You let a sigmoid give exactly 0. Which z has 1/(1 + exp(-z)) = 0?
        0 < outputs → 0 <= outputs
    You let tanh give numbers below -1. Where does its range begin?
        -1 < outputs → outputs < 1
    You let no ReLU give exactly 0. What does max(z, 0) do to z < 0?
        outputs >= 0 → outputs > 0
    You rule out tanh where no output is negative. It may give negative ones; it need not.
        -1 < outputs → (-1 < outputs) & (outputs.min() < 0)
    You rule out relu where no output is 0. It may give 0; it need not.
        outputs >= 0 → (outputs >= 0) & (outputs.min() == 0)
    You rule out relu where all outputs are below 1. It may go beyond; it need not.
        outputs >= 0 → (outputs >= 0) & (outputs.max() >= 1)
    You let tanh give nothing below 0. Where does its range begin?
        -1 < outputs → 0 < outputs
    You look at the first row alone. One entry anywhere can rule out a range.
        outputs = outputs[:1]
    You look at the first column alone. One entry anywhere can rule out a range.
        outputs = outputs[:, :1]
    You judge by the mean of a row. One entry anywhere can rule out a range.
        outputs = outputs.mean(axis=1)
    You judge by the mean of a column. One entry anywhere can rule out a range.
        outputs = outputs.mean(axis=0)
    You ask whether **some** output lies in the range. All of them have to.
        inside.all() → inside.any()
    You rule out everything.
        set()
    You rule out nothing.
        {"sigmoid", "tanh", "relu"}
    Where none of the three fits, an empty set is `set()`.
        names or None
    """,
)
def last_activations(outputs):
    """Check last_activations(outputs), those of "sigmoid", "tanh", "relu". See notebooks/09_mnist.ipynb."""
    ranges = {
        "sigmoid": (0 < outputs) & (outputs < 1),
        "tanh": (-1 < outputs) & (outputs < 1),
        "relu": outputs >= 0,
    }
    names = {name for name, inside in ranges.items() if inside.all()}
    return names


TARGET = 0.975
BUDGET = 32  # billions of multiplications
REFUSED = [
    too_dear(BUDGET, "Fewer epochs or a smaller network?"),
    trained_already(
        "reads {run.before.right:.0%} of the validation images", lambda run: run.before.right > 0.5
    ),
]


@check
def mnist_recipe(answer, X_train, y_train, X_val, y_val):
    """Train by recipe(rng) -> net, optimizer, epochs, batch_size. See notebooks/09_mnist.ipynb."""
    (run,) = trained(
        answer,
        seeds=1,
        hint="begin with a smaller network than the chapter's, and count its multiplications.",
        loss=SoftmaxCrossEntropy(),
        X=X_train,
        Y=y_train,
        validation=(X_val, y_val),
        refused=REFUSED,
    )
    return _judged(run)


def _peak(optimizer, steps):
    return max(map(optimizer.lr, range(1, steps + 1)))


def _judged(run):
    """Return or raise what is known of a recipe from its epochs, and from what else was tried with it."""
    if not run.history or run.diverged:
        raise Wrong(f"{TARGET:.2%} wanted: it diverged, the loss is no number any more. {_tried(run)}")
    last, best = run.history[-1], max(run.history, key=lambda epoch: epoch.validation_accuracy)
    lowest = min(epoch.validation_loss for epoch in run.history)
    epochs = "1 epoch" if last.epoch == 1 else f"{last.epoch} epochs"
    saw = (
        f"{last.validation_accuracy:.2%} of the validation images right after {epochs} and"
        f" {run.billions:.1f} billion multiplications"
    )
    if last.validation_accuracy >= TARGET:
        return f"Right: {saw}."
    lr, steps = run.optimizer.lr, last.updates
    if best.validation_accuracy >= TARGET:
        why = (
            f", and it was {best.validation_accuracy:.2%} after epoch {best.epoch}. The last steps threw it"
            " away: let them shrink."
        )
    elif run.is_linear:
        why = (
            ", and there is no activation: dense layers alone are together one, by (3.1), which sets a"
            " straight line between any two digits."
        )
    elif last.validation_accuracy < 0.2 and run.has_zero_layer:
        why = (
            ", no better than guessing: a layer of weights is zero throughout, and nothing goes back through"
            " zeros."
        )
    elif run.after.silent > 0.5 * run.n_measured:
        before, after = (f"{at.silent / run.n_measured:.0%}" for at in (run.before, run.after))
        why = (
            f". For {after} of them a ReLU layer gives zeros alone, and nothing goes back; before the first"
            f" step it was {before}. {_tried(run)}"
        )
    elif last.accuracy - last.validation_accuracy > 0.015 and last.validation_loss > 1.05 * lowest:
        why = (
            f", but {last.accuracy:.2%} of the training images, and the validation loss has risen from"
            f" {lowest:.3f} to {last.validation_loss:.3f}. It learns by heart now: more epochs will not help."
        )
    elif callable(lr) and 0.2 < lr(steps) / (peak := _peak(run.optimizer, steps)) < 1:
        why = (
            f", and the rate, {peak:.3g} at its peak, was still {lr(steps):.3g} in the last of {steps} steps."
            f" Does the schedule count more steps than you make? {_tried(run)}"
        )
    else:
        why = f". You can pay for {int(BUDGET / run.billions * run.epochs)} epochs. {_tried(run)}"
    raise Wrong(f"{TARGET:.2%} wanted: {saw}{why}")


def _tried(run):
    """Return what would have helped, tried within twice the reader's own time."""
    remedies = Remedies([run], lambda measured: measured.right >= TARGET, share=0.4)
    return remedies.tell("A wider network?", lambda found: f" ({found[0].right:.1%})")
