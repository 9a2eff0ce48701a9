"""What every check does with a learner's answer: call it, compare it with the truth, and name the mistake."""

import functools
import inspect
import traceback
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nnlib.gradcheck import relative_error

__all__ = ["Mistake", "Verdict", "Wrong", "array", "call", "check", "compare"]

TOLERANCE = 1e-4  # relative to the largest entry: float32 is near enough, no known mistake is


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


class Wrong(Exception):
    """A diagnosis, raised inside a check."""


def check(function):
    """Turn a function that returns praise, or raises `Wrong`, into a check that returns a `Verdict`."""

    @functools.wraps(function)
    def checked(*arguments):
        try:
            return Verdict(True, function(*arguments))
        except Wrong as wrong:
            return Verdict(False, str(wrong))

    return checked


def call(function, *arguments, hint):
    """Return what the learner's function returns; a crash is his, with its line, and a stub gets the hint."""
    if function is ...:
        raise Wrong(f"Not attempted yet. Hint: {hint}")
    if not callable(function):
        raise Wrong(f"expected your function here, and got {function!r}.")
    try:
        answer = function(*arguments)
    except Exception as error:
        raise Wrong(_crash(function, error)) from None
    if answer is None and not _is_stub(function):
        raise Wrong(f"Your function gives None: is a `return` missing? Hint: {hint}")
    if answer is None or answer is ...:
        raise Wrong(f"Not attempted yet. Hint: {hint}")
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


def array(answer, shape, axes):
    """Return the learner's array as floats; he hears what its axes are where it has not this shape."""
    try:
        values = np.asarray(answer, float)
    except (TypeError, ValueError):
        raise Wrong(f"You return {type(answer).__name__}; expected an array, {axes}.") from None
    if values.shape != shape:
        raise Wrong(f"You return shape {values.shape}; expected {shape}, {axes}.")
    return values


class Mistake(NamedTuple):
    """A known way to be wrong: `wrong` takes what the answer takes, and returns what it then returns.

    Where the answer has several results, `of` names the one that the mistake spoils.
    """

    wrong: Callable
    why: str
    of: str | None = None


class _Run(NamedTuple):
    arguments: tuple
    found: np.ndarray
    right: np.ndarray
    sizes: dict


def compare(answer, right, trials, *, results, hint, mistakes=()):
    """Call `answer` as `right` on every trial; raise `Wrong` with the diagnosis unless they agree on all.

    A diagnosis has to explain every trial. The mistakes given are tried first; those that any result can have
    (sign, a factor, transposed, not summed over the batch, shape, a number that is not finite) come after.

    Parameters
    ----------
    answer : function
        The learner's.
    right : function
        The truth; the names of its parameters are used in messages.
    trials : sequence of (arguments, sizes)
        `sizes` is a dict from names to numbers by which an answer may be off, such as {"N": 5, "n_out": 3}.
        Trials differ in all of them. A batch has its samples as rows.
    results : sequence of str
        The names of what is returned, such as ["dX", "dW", "db"].
    hint : str
        For an untouched stub.
    mistakes : sequence of Mistake
    """
    names = list(inspect.signature(right).parameters)
    runs = {name: [] for name in results}
    for arguments, sizes in trials:
        given = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        found = call(answer, *given, hint=hint)
        for name, before, after in zip(names, arguments, given, strict=False):
            if isinstance(before, np.ndarray) and not np.array_equal(before, after, equal_nan=True):
                raise Wrong(
                    f"Your function changes {name}, which belongs to whoever called it. Work on a new array:"
                    f" `{name} = {name} - …` makes one, `{name} -= …` and `{name}[…] = …` do not."
                )
        truth = right(*arguments)
        if len(results) == 1:
            found, truth = (found,), (truth,)
        elif not isinstance(found, (tuple, list, np.ndarray)) or len(found) != len(results):
            raise Wrong(f"Expected `return {', '.join(results)}`, {len(results)} results in this order.")
        for name, part, true in zip(results, found, truth, strict=True):
            runs[name].append(_Run(arguments, _numbers(part, name), np.asarray(true), sizes))
    for name in results:
        head = f"{name}: " if len(results) > 1 else ""
        _judge(name, runs[name], head, [m for m in mistakes if m.of in (None, name)])


def _numbers(part, name):
    try:
        values = np.asarray(part)
    except ValueError:  # ragged
        values = np.asarray(None)
    if values.dtype.kind not in "fiub":
        kind = f"an array of {values.dtype}" if isinstance(part, np.ndarray) else f"a {type(part).__name__}"
        raise Wrong(f"{name}: you return {kind}; expected numbers.")
    return values.astype(float)


def _same(a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape or not np.array_equal(np.isfinite(a), np.isfinite(b)):
        return False
    finite = np.isfinite(a)
    return not finite.any() or relative_error(a[finite], b[finite]) < TOLERANCE


def _judge(name, runs, head, mistakes):
    """Raise the diagnosis of one result, unless it is right in all runs."""
    if all(_same(run.found, run.right) for run in runs):
        return

    def always(wrong):
        return all(_same(run.found, wrong(run)) for run in runs)

    with np.errstate(all="ignore"):
        for mistake in mistakes:
            if always(lambda run, wrong=mistake.wrong: wrong(*run.arguments)):
                raise Wrong(f"{head}{mistake.why}")
    for found in (_shape, _finite, _factor):
        if why := found(name, runs, always):
            raise Wrong(f"{head}{why}")
    run = next(run for run in runs if not _same(run.found, run.right))
    place = np.unravel_index(np.abs(run.found - run.right).argmax(), run.right.shape)
    entry = f"{name}[{', '.join(map(str, place))}]" if place else name
    raise Wrong(
        f"{head}{_tried(run)}, {entry} should be {run.right[place]:.4g}; yours is {run.found[place]:.4g}."
    )


def _tried(run):
    sizes = ", ".join(f"{size} = {n}" for size, n in run.sizes.items())
    numbers = ", ".join(f"{a:.3g}" for a in run.arguments if np.ndim(a) == 0)
    return f"With {sizes or numbers}" if sizes or numbers else "On some trial"


def _shape(name, runs, always):
    if all(run.found.shape == run.right.shape for run in runs):
        return None
    if always(lambda run: run.right.T):
        return f"transposed: yours has shape {runs[0].found.shape}, {name} has {runs[0].right.shape}."
    run = next(run for run in runs if run.found.shape != run.right.shape)
    found, right = run.found.shape, run.right.shape
    said = f"{_tried(run)}, you return {'a single number' if found == () else f'shape {found}'};"
    said += f" {name} {'is a single number' if right == () else f'has shape {right}'}."
    if found[::-1] == right and len(right) == 2:
        return f"{said} Rows and columns are exchanged."
    if found and found[1:] == right and found[0] == run.sizes.get("N"):
        return f"{said} You have one row for each sample. Do the samples share what you are looking for?"
    if sorted(n for n in found if n != 1) == sorted(n for n in right if n != 1):
        return f"{said} There is an axis of length 1 {'too many' if len(found) > len(right) else 'missing'}."
    return said


def _finite(name, runs, always):
    run = next(
        (run for run in runs if np.isfinite(run.right).all() and not np.isfinite(run.found).all()), None
    )
    return run and (
        f"{_tried(run)}, yours holds {'nan' if np.isnan(run.found).any() else 'inf'}, where {name} is finite."
    )


def _factor(name, runs, always):
    if always(lambda run: -run.right):
        return "right but for its sign: all of it is the wrong way round."
    if len(runs[0].right.shape) == 2 and always(lambda run: run.right.T):
        return "transposed."
    for size in {size: None for run in runs for size in run.sizes}:
        for text, factor in (
            (size, lambda run, size=size: run.sizes[size]),
            (f"1/{size}", lambda run, size=size: 1 / run.sizes[size]),
        ):
            for sign, minus in (("", 1), ("-", -1)):
                if always(lambda run, factor=factor, minus=minus: minus * factor(run) * run.right):
                    return f"right but for a factor {sign}{text}{_seen(runs, size)}."
    if always(lambda run: 0 * run.right):
        return "yours is zero, on every trial."
    if len(runs) > 1 or runs[0].right.size > 1:
        scale = np.vdot(runs[0].right, runs[0].found) / np.vdot(runs[0].right, runs[0].right)
        if always(lambda run: scale * run.right):
            return f"right but for a factor: yours is {scale:.4g} times {name}, on every trial."
    return None


def _seen(runs, size):
    return f" (tried with {' and '.join(f'{size} = {run.sizes[size]}' for run in runs[:2])})"
