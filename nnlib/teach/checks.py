"""Checks of the exercises: each runs the learner's answer, says whether it is right, and if not, what it did.

A check never raises for a wrong or missing answer; it returns a `Verdict`, which JupyterLab shows as text.
"""

import functools
import math
import platform
import time
import traceback
from importlib import metadata

import numpy as np
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from nnlib import (
    SGD,
    BinaryCrossEntropy,
    Dense,
    Network,
    ReLU,
    SoftmaxCrossEntropy,
    datasets,
    metrics,
    steps,
    train,
)
from nnlib.teach.widgets.shape_calculator import two_layer_shapes

__all__ = [
    "Verdict",
    "confusion",
    "dead_units",
    "installation",
    "mnist_recipe",
    "multiplications",
    "one_hot",
    "shapes",
    "solves_xor",
    "xnor_weights",
]


class Verdict:
    """What a check found: true if the answer is right; shown as a sentence.

    Attributes
    ----------
    right : bool
    text : str
        Markdown.
    """

    def __init__(self, right, text):
        self.right, self.text = right, text

    def __bool__(self):
        return self.right

    def __repr__(self):
        return self.text

    def _repr_markdown_(self):
        return f"{'✓' if self.right else '✗'} {self.text}"


class _Wrong(Exception):
    """A diagnosis, raised inside a check."""


def _check(function):
    """Turn a function that returns praise, or raises `_Wrong`, into a check that returns a `Verdict`."""

    @functools.wraps(function)
    def check(*arguments):
        try:
            return Verdict(True, function(*arguments))
        except _Wrong as wrong:
            return Verdict(False, str(wrong))

    return check


def _answer(function, *arguments, hint):
    """Return what the learner's function returns; a crash is his, with its line, and a stub gets the hint."""
    if function is ...:
        raise _Wrong(f"Not attempted yet. Hint: {hint}")
    if not callable(function):
        raise _Wrong(f"expected your function here, and got {function!r}.")
    try:
        answer = function(*arguments)
    except Exception as error:
        raise _Wrong(_crash(function, error)) from None
    if answer is None and not _is_stub(function):
        raise _Wrong(f"Your function gives None: is a `return` missing? Hint: {hint}")
    if answer is None or answer is ...:
        raise _Wrong(f"Not attempted yet. Hint: {hint}")
    return answer


def _is_stub(function):
    """Whether a function does nothing at all: its code is as short as that of `lambda: None`."""
    code = getattr(function, "__code__", None)
    return code is not None and len(code.co_code) == len((lambda: None).__code__.co_code)


def _crash(function, error):
    """Return where the learner's own code raised `error`."""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    line = f", in the line `{frames[-1].line}`" if frames and frames[-1].line else ""
    return f"Your code stops with {type(error).__name__}{line}: {error}"


def _array(answer, shape, axes):
    """Return the learner's array as floats; he hears what its axes are where it has not this shape."""
    try:
        array = np.asarray(answer, float)
    except (TypeError, ValueError):
        raise _Wrong(f"You return {type(answer).__name__}; expected an array, {axes}.") from None
    if array.shape != shape:
        raise _Wrong(f"You return shape {array.shape}; expected {shape}, {axes}.")
    return array


@_check
def one_hot(answer):
    """Check one_hot(labels, n_classes), which returns Y, (N, n_classes). See notebooks/09_mnist.ipynb."""
    rng = np.random.default_rng(0)
    hint = "start from zeros of shape (N, n_classes). Which entry of row n becomes 1?"
    for N, n_classes in [(3, 4), (7, 10), (1, 2), (12, 3), (200, 10)]:
        labels = rng.integers(n_classes, size=N).astype(np.uint8)
        labels[labels == n_classes - 1] = 0  # the largest class has no sample here
        right = metrics.one_hot(labels, n_classes)
        returned = _answer(answer, labels.copy(), n_classes, hint=hint)
        tried = f"(Tried with labels {labels[:8]}{' …' if N > 8 else ''} and {n_classes} classes.)"
        shape = np.shape(returned)
        if shape == (n_classes, N):
            raise _Wrong(
                f"You return shape {shape}: a column for each sample. Rows are samples here: {right.shape}."
                f" {tried}"
            )
        if len(shape) == 2 and shape[0] == N and shape[1] in (labels.max() + 1, len(set(labels))):
            raise _Wrong(
                f"You return {shape[1]} columns; expected {n_classes}. The labels of a batch need not"
                f" hold every class: only `n_classes` says how many there are. {tried}"
            )
        Y = _array(returned, right.shape, "a row for each sample, a column for each class")
        for shift, side in ((1, "right"), (-1, "left")):
            if np.array_equal(Y, np.roll(right, shift, axis=1)):
                raise _Wrong(
                    f"Each 1 stands one column too far to the {side}. Columns count from 0: label 0 has"
                    f" column 0. {tried}"
                )
        if np.array_equal(Y, 1 - right):
            raise _Wrong(f"Zeros and ones are exchanged. {tried}")
        if (odd := np.argwhere((Y != 0) & (Y != 1))).size:
            n, c = odd[0]
            raise _Wrong(f"Y[{n}, {c}] is {Y[n, c]:g}; expected zeros and ones. {tried}")
        if (Y.sum(axis=1) != 1).any():
            n = int((Y.sum(axis=1) != 1).argmax())
            raise _Wrong(f"Row {n} sums to {Y[n].sum():g}; expected a single 1. {tried}")
        if not np.array_equal(Y, right):
            n = int((Y != right).any(axis=1).argmax())
            raise _Wrong(f"Row {n} has its 1 in column {Y[n].argmax()}; its label is {labels[n]}. {tried}")
    return "Right, on 5 batches from N = 1 to N = 200, with classes that no sample has."


@_check
def multiplications(answer):
    """Check multiplications(widths, n_samples): those of one epoch. See notebooks/09_mnist.ipynb."""
    hint = "which three products does a layer make, and which of them does the first layer leave out?"
    for widths, N in [([3, 5, 2], 7), ([5, 4], 7), ([784, 30, 10], 60_000), ([10, 20, 30, 40, 5], 3)]:
        sizes = [n_in * n_out for n_in, n_out in zip(widths, widths[1:], strict=False)]
        weights, first = sum(sizes), sizes[0]
        right = N * (3 * weights - first)
        found = _answer(answer, list(widths), N, hint=hint)
        tried = f"(Tried with widths {widths} and {N} samples: you count {found}.)"
        if not isinstance(found, (int, float, np.number)):
            raise _Wrong(f"You return {type(found).__name__}; expected one number.")
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
                raise _Wrong(f"{why} {tried}")
        if found != right:
            raise _Wrong(
                f"{'Too many' if found > right else 'Too few'}. Write down both shapes of every product for"
                f" widths [3, 5, 2] and 7 samples, five in all, and count again. {tried}"
            )
    return "Right, for networks of one to four layers."


@_check
def confusion(answer):
    """Check confusion(predicted, target, n_classes). See notebooks/09_mnist.ipynb."""
    rng = np.random.default_rng(0)
    hint = "start from zeros of shape (n_classes, n_classes). Which entry does a sample add 1 to?"
    for N, n_classes in [(40, 3), (500, 10), (6, 4)]:
        target = rng.integers(n_classes - 1, size=N)  # the largest class has no sample here
        predicted = np.where(rng.random(N) < 0.6, target, rng.integers(n_classes - 1, size=N))
        right = metrics.confusion_matrix(predicted, target, n_classes=n_classes)
        returned = _answer(answer, predicted.copy(), target.copy(), n_classes, hint=hint)
        tried = f"(Tried with {N} samples of {n_classes} classes.)"
        if np.shape(returned) == (n_classes - 1, n_classes - 1):
            raise _Wrong(
                f"You return shape {np.shape(returned)}; expected {right.shape}. Class {n_classes - 1} has"
                f" no sample here, and still a row and a column. {tried}"
            )
        C = _array(returned, right.shape, "a row for each target, a column for each prediction")
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
                raise _Wrong(f"{why} {tried}")
        if C.sum() != N:
            raise _Wrong(f"Your entries sum to {C.sum():g}; expected {N}, one for each sample. {tried}")
        if not np.array_equal(C, right):
            i, j = np.argwhere(C != right)[0]
            raise _Wrong(
                f"C[{i}, {j}] is {C[i, j]:g}, but class {i} was taken for {j} {right[i, j]} times. {tried}"
            )
    return "Right, on three sets of labels, with a class that no sample has."


TARGET = 0.975
BUDGET = 32e9  # multiplications


@_check
def mnist_recipe(answer, X_train, y_train, X_val, y_val):
    """Train by recipe(rng) -> net, optimizer, epochs, batch_size. See notebooks/09_mnist.ipynb."""
    rng = np.random.default_rng(0)
    hint = "begin with a smaller network than the chapter's, and count its multiplications."
    returned = _answer(answer, rng, hint=hint)
    if not isinstance(returned, tuple) or len(returned) != 4:
        raise _Wrong("Expected `return net, optimizer, epochs, batch_size`, four things.")
    net, optimizer, epochs, batch_size = returned
    try:
        records = train(
            *(net, SoftmaxCrossEntropy(), optimizer, X_train, y_train),
            **{"epochs": epochs, "batch_size": batch_size, "rng": rng, "validation": (X_val, y_val)},
        )
    except (TypeError, ValueError) as error:
        raise _Wrong(f"This cannot be trained: {error}") from None
    if not isinstance(net.layers[-1], Dense):
        raise _Wrong(f"The last layer is {net.layers[-1]}. The loss takes logits: end with Dense(…, 10).")
    if epochs == 0:
        raise _Wrong("No epoch, so nothing has been trained.")
    sizes = [layer.n_in * layer.n_out for layer in net.layers if isinstance(layer, Dense)]
    cost = epochs * len(X_train) * (3 * sum(sizes) - sizes[0])
    if cost > BUDGET:
        raise _Wrong(
            f"Not trained: it would cost {cost / 1e9:.1f} billion multiplications, and"
            f" {BUDGET / 1e9:.0f} billion are allowed. Fewer epochs or a smaller network?"
        )
    history = []
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            history.extend(records)
    except ValueError as error:
        if str(error).startswith("lr is"):
            raise _Wrong(
                f"During epoch {len(history) + 1} the schedule gave a wrong rate: {error}"
                " Does its total count the steps of all epochs?"
            ) from None
        history = []  # the outputs for the validation images are not finite
    except FloatingPointError:
        history = []
    if not history or not math.isfinite(history[-1].validation_loss):
        raise _Wrong("It diverged: the loss is no number any more. The learning rate is too large.")
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
    raise _Wrong(f"{TARGET:.2%} wanted: {saw}, {why}")


BATCH = 32  # of exercise 0.1; no other of its sizes is the same


@_check
def shapes(answer):
    """Check the dict of eight shapes: a batch of 32 in 784-100-10. See notebooks/00_start_here.ipynb."""
    sizes = two_layer_shapes(BATCH, 784, 100, 10)
    wanted = {name: sizes[name.removeprefix("d")] for name in "X W1 b1 A1 W2 Z2 dW1 db2".split()}
    if not isinstance(answer, dict):
        raise _Wrong(f"expected the dict of the exercise, and got {answer!r}.")
    if odd := [name for name in answer if name not in wanted]:
        raise _Wrong(f"{odd[0]!r} is none of the eight names: {', '.join(wanted)}.")
    missing = [name for name in wanted if answer.get(name) is None or answer[name] is ...]
    if len(missing) == len(wanted):
        raise _Wrong(
            "Not attempted yet. Hint: begin with X. How many samples are in the batch, and how many numbers"
            " has each? Write it as a tuple, (rows, columns)."
        )
    wrong = {
        name: _wrong_shape(name, answer[name], shape)
        for name, shape in wanted.items()
        if name not in missing and not (_is_shape(answer[name]) and answer[name] == shape)
    }
    right = [name for name in wanted if name not in wrong and name not in missing]
    if len(right) == len(wanted):
        return "Right, all eight."
    lines = [f"{len(right)} of {len(wanted)} right{': ' if right else ''}{', '.join(right)}."]
    lines += [f"- `{name}`: {why}" for name, why in wrong.items()]
    lines += [f"- not answered yet: {', '.join(missing)}"] if missing else []
    raise _Wrong("\n".join([lines[0], "", *lines[1:]]))


def _is_shape(found):
    return isinstance(found, tuple) and all(isinstance(n, (int, np.integer)) for n in found)


def _wrong_shape(name, found, shape):
    """Return what was probably mixed up where `found` is not `shape`."""
    if isinstance(found, list):
        return f"{found} is a list; a shape is a tuple, in round brackets."
    if isinstance(found, (int, np.integer)):
        return (
            f"{found} is a number; a shape is a tuple, even with one entry. Python takes `(7)` for the number"
            " 7: what makes it a tuple is the comma, `(7,)`."
        )
    if isinstance(found, np.ndarray):
        return f"that is an array, of shape {found.shape}; write down the shape alone."
    if not _is_shape(found):
        return f"{found!r} is no shape; expected a tuple of whole numbers, such as `(5, 7)`."
    parameter = name.lstrip("d")[0] in "Wb"
    of = f" {name} has the shape of {name[1:]}." if name[0] == "d" else ""
    if len(shape) == 2 and found == shape[::-1]:
        rows = "a row for each input, a column for each output" if parameter else "a row for each sample"
        return f"{found} is transposed: expected {rows}.{of}"
    if len(shape) == 1 and sorted(found) == sorted((1, *shape)):
        return f"{found} has two axes; a bias is a plain list of numbers, neither a row nor a column.{of}"
    if parameter and BATCH in found:
        return (
            f"{found} has N = {BATCH} in it. The same parameters serve every sample: they do not know how"
            f" many there are.{of}"
        )
    if len(found) != len(shape):
        axes = ["no axis", "one axis", "two axes", "three axes"]
        return f"{found} has {axes[min(len(found), 3)]}; expected {axes[len(shape)]}.{of}"
    if not parameter and BATCH not in found:
        return f"{found} has no N = {BATCH} in it: expected a row for each sample."
    if not parameter and found[-1] == BATCH:
        return f"{found} has N = {BATCH} where the features belong: the columns are what one sample has."
    if not parameter:
        return f"the rows of {found} are right. The columns are not: how many numbers has one sample there?"
    ends = "inputs and outputs" if len(shape) == 2 else "outputs"
    return f"{found} does not fit: how many {ends} has this layer?{of}"


SLOW = 5  # seconds for an epoch of MNIST, from which on chapter 09 takes minutes
AGAIN = "run `make lab` again, or `pip install -e .` in the folder of this project"


def installation():
    """Check versions and data, and measure how fast this machine trains; each finding has its line.

    See notebooks/00_start_here.ipynb.
    """
    lines = [*_versions(), _data(), _speed()]
    failed = sum(not fine for fine, _ in lines)
    head = f"{failed} of {len(lines)} need your attention." if failed else "Everything is as it should be."
    return Verdict(
        not failed, "\n".join([head, "", *(f"- {'✓' if fine else '✗'} {text}" for fine, text in lines)])
    )


def _versions():
    try:
        version, declared = metadata.version("nnlib"), metadata.metadata("nnlib")
    except metadata.PackageNotFoundError:
        return [(False, f"nnlib is not installed: {AGAIN}")]
    requirements = map(Requirement, declared.get_all("Requires-Dist"))
    wanted = {requirement.name: requirement.specifier for requirement in requirements}
    lines = [(True, f"nnlib {version}")]
    python, specifier = platform.python_version(), SpecifierSet(declared["Requires-Python"])
    advice = (
        "" if python in specifier else f"; expected {specifier}: install it from python.org, then {AGAIN}"
    )
    lines.append((not advice, f"Python {python}{advice}"))
    for name in ("numpy", "matplotlib", "jupyterlab", "ipywidgets"):
        try:
            found = metadata.version(name)
            advice = "" if found in wanted[name] else f"; expected {wanted[name]}: {AGAIN}"
            lines.append((not advice, f"{name} {found}{advice}"))
        except metadata.PackageNotFoundError:
            lines.append((False, f"{name} is not installed: {AGAIN}"))
    return lines


def _data():
    try:
        mnist = datasets.mnist()
    except (OSError, ValueError) as error:
        return False, f"MNIST: {error}"
    return (
        True,
        f"MNIST is whole: {len(mnist.X_train):,} digits to train on, {len(mnist.X_test):,} to test with",
    )


def _speed():
    """Time a hundred steps of the network of chapter 09, after twenty to warm up."""
    rng = np.random.default_rng(0)
    X, y = rng.random((120 * 64, 784), np.float32), rng.integers(10, size=120 * 64)
    net = Network(Dense(784, 128, rng=rng), ReLU(), Dense(128, 128, rng=rng), ReLU(), Dense(128, 10, rng=rng))
    run = steps(net, SoftmaxCrossEntropy(), SGD(net.params, lr=0.01), X, y, epochs=1, batch_size=64, rng=None)
    for _ in range(20):
        next(run)
    start = time.perf_counter()
    n = sum(1 for _ in run)
    rate = n / (time.perf_counter() - start)
    epoch = math.ceil(60_000 / 64) / rate
    text = f"{rate:,.0f} training steps a second: about {epoch:.1f} s for an epoch of MNIST in chapter 09"
    advice = ". That is slow: close other programs, then run this cell again" if epoch > SLOW else ""
    return not advice, text + advice


XOR_X, XOR_Y = datasets.xor()


@_check
def xnor_weights(answer):
    """Check xnor_weights() -> W1, b1, W2, b2 of a 2-2-1 network with ReLU. See notebooks/08_xor.ipynb."""
    hint = "which single change turns the sign of z in (8.3) for all four points?"
    returned = _answer(answer, hint=hint)
    if not isinstance(returned, tuple) or len(returned) != 4:
        raise _Wrong("Expected `return W1, b1, W2, b2`, four arrays.")
    shapes = {"W1": (2, 2), "b1": (2,), "W2": (2, 1), "b2": (1,)}
    parts = zip(shapes.items(), returned, strict=True)
    W1, b1, W2, b2 = (_array(part, shape, f"which is {name}") for (name, shape), part in parts)
    z = (np.maximum(XOR_X @ W1 + b1, 0) @ W2 + b2).ravel()
    said = ", ".join(f"({x1:.0f}, {x2:.0f}): {value:.3g}" for (x1, x2), value in zip(XOR_X, z, strict=True))
    wanted = XOR_Y.ravel() == 0
    if np.array_equal(z > 0, ~wanted):
        raise _Wrong(f"That is XOR, not its opposite. Your z are {said}.")
    if (z == 0).any():
        raise _Wrong(f"z = 0 is on the line and counts as a 0; keep away from it. Your z are {said}.")
    if not np.array_equal(z > 0, wanted):
        x1, x2 = XOR_X[int(((z > 0) != wanted).argmax())]
        side = "above" if x1 == x2 else "below"
        raise _Wrong(f"The point ({x1:.0f}, {x2:.0f}) should have z {side} 0. Your z are {said}.")
    return f"Right. Your z are {said}."


@_check
def dead_units(answer):
    """Check dead_units(X, W, b), n_out times True or False. See notebooks/08_xor.ipynb."""
    rng = np.random.default_rng(0)
    hint = "what does a unit's column of X W + b look like if the unit is silent on every sample?"
    trials = []
    for N, n_in, n_out in [(6, 2, 4), (4, 4, 4), (9, 3, 5), (1, 2, 3)]:
        X, W = rng.standard_normal((N, n_in)), rng.standard_normal((n_in, n_out))
        b = rng.standard_normal(n_out)
        b[:2] = -(X @ W[:, 0]).max() - 0.1, 0.1 - (X @ W[:, 1]).min()  # unit 0 is dead, unit 1 never silent
        W[:, 2] = b[2] = 0  # unit 2 gets exactly 0, where ReLU passes nothing either
        returned = _answer(answer, X.copy(), W.copy(), b.copy(), hint=hint)
        shape, tried = np.shape(returned), f"(Tried with X {X.shape}, W {W.shape}.)"
        if shape == (N, n_out):
            raise _Wrong(f"You return {shape}, an entry for each sample; a unit is dead or not. {tried}")
        if shape != (n_out,):
            raise _Wrong(f"You return shape {shape}; expected {(n_out,)}, an entry for each unit. {tried}")
        trials.append((X, W, b, np.asarray(returned).astype(bool)))

    def always(rule):
        return all(np.array_equal(found, rule(X, W, b)) for X, W, b, found in trials)

    for rule, why in (
        (lambda X, W, b: (X @ W + b > 0).any(axis=0), "The other way round: these units are alive."),
        (
            lambda X, W, b: (X @ W + b <= 0).any(axis=0),
            "You mark units that are silent on some sample; it has to be all.",
        ),
        (lambda X, W, b: (W <= 0).all(axis=0), "You look at the weights alone; X and b decide as well."),
        (lambda X, W, b: (X @ W <= 0).all(axis=0), "The bias is missing."),
        (
            lambda X, W, b: (X @ W + b < 0).all(axis=0),
            "A unit whose input is exactly 0 is silent too: ReLU gives 0 there, and passes nothing back.",
        ),
    ):
        if always(rule):
            raise _Wrong(why)
    for X, W, b, found in trials:
        right = (X @ W + b <= 0).all(axis=0)
        if not np.array_equal(found, right):
            j = int((found != right).argmax())
            Z = (X @ W + b)[:, j].round(2)
            raise _Wrong(f"The unit in column {j} has the inputs {Z}, and you say {found[j]}.")
    return "Right, on four random layers, one with a single sample."


@_check
def solves_xor(answer):
    """Train by setting(rng) -> net, optimizer, epochs, from 100 seeds. See notebooks/08_xor.ipynb."""
    hint = "which row of the heat map has nothing but high counts?"
    failures, first = [], None
    for seed in range(100):
        returned = _answer(answer, np.random.default_rng(seed), hint=hint)
        if not isinstance(returned, tuple) or len(returned) != 3:
            raise _Wrong("Expected `return net, optimizer, epochs`, three things.")
        net, optimizer, epochs = returned
        start = [p.copy() for p in getattr(net, "params", [])]
        if seed == 0:
            first = start
        elif seed == 1 and all(map(np.array_equal, first, start)):
            zero = "" if any(map(np.any, start)) else " They are all zero, and stay so by (8.4)."
            raise _Wrong(f"All runs begin with the same weights: draw them from `rng`.{zero}")
        if failure := _xor_failure(net, optimizer, epochs):
            failures.append(failure)
    solved = 100 - len(failures)
    if solved >= 95:
        return f"Right: {solved} of 100 seeds solved."
    counts = {reason: failures.count(reason) for reason in failures}
    told = "; ".join(f"{n} {reason}" for reason, n in sorted(counts.items(), key=lambda pair: -pair[1]))
    raise _Wrong(f"{solved} of 100 seeds solved, 95 wanted. Of the others: {told}.")


def _xor_failure(net, optimizer, epochs):
    """Train once on XOR; return why it was not solved, or None if it was."""
    loss = BinaryCrossEntropy()
    try:
        data = {"X": XOR_X, "Y": XOR_Y, "epochs": epochs, "batch_size": 4, "rng": None}
        records = train(net, loss, optimizer, **data)
    except (TypeError, ValueError) as error:
        raise _Wrong(f"This cannot be trained: {error}") from None
    if not 1 <= epochs <= 500:
        raise _Wrong(f"You ask for {epochs} epochs; allowed are 1 to 500.")
    if not isinstance(net.layers[-1], Dense):
        raise _Wrong(f"The last layer is {net.layers[-1]}. The loss takes logits: end with Dense(…, 1).")
    if all(isinstance(layer, Dense) for layer in net.layers):
        raise _Wrong("There is no activation, so all layers together draw one line, and (8.1) says no.")
    if net.layers[0].n_out == 1:
        raise _Wrong("One hidden unit draws one line, whatever follows, and (8.1) says no.")
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            history = list(records)
            Z = net.predict(XOR_X)
        except FloatingPointError:
            return "diverged (the learning rate is too large)"
        if metrics.accuracy(Z, XOR_Y, threshold=0) == 1:
            return None
        A = XOR_X.astype(net.dtype)
        for layer in net.layers:
            A = layer.forward(A)
            if isinstance(layer, ReLU) and (A <= 0).all(axis=0).any():
                return "ended with a dead unit (8.8: more units, smaller steps, or another activation)"
    if loss.value(Z, XOR_Y) > 1:
        return "ended worse than guessing (the learning rate is too large)"
    if history[-1].loss < 0.99 * history[len(history) // 2].loss:
        return "were still improving (more epochs, or a larger learning rate)"
    return "had come to rest with points that the network sees as one (8.7), as too few units or steps do"
