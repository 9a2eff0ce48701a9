"""What can be said of any result that is wrong: its shape, its sign, a factor, a number beside the right one.

Each function takes the name of a result and what was found in all trials; it returns words, or None.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["GENERAL", "Run", "alike", "factor", "near", "same", "tried_with"]

# float32 is near enough, no known mistake is. What an entry may be off by: a share of itself, so that a large
# one hides no other, and a much smaller share of the largest, which is what rounding leaves of a difference.
OF_ITSELF, OF_THE_LARGEST = 3e-5, 1e-6
OF_ZERO = 1e-13  # where all are zero
NEARLY = 0.02  # of the largest entry
NUMERIC = (np.ndarray, np.generic)


class Run(NamedTuple):
    """One result of one trial: what was found, what is right, and the sizes and words of the trial."""

    found: Any
    right: Any
    sizes: dict[str, Any]
    tried: str


def same(a: Any, b: Any) -> bool:
    """Whether two results are the same: arrays of numbers nearly, all else exactly."""
    if not (isinstance(a, NUMERIC) and isinstance(b, NUMERIC)):
        return type(a) is type(b) and bool(a == b)
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and bool(alike(a, b).all())


def alike(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return for each entry whether two arrays of one shape are nearly the same."""
    b = b.astype(np.result_type(b, 1.0))
    size, finite = np.abs(b), np.isfinite(b)
    with np.errstate(over="ignore", invalid="ignore"):
        near = np.abs(a - b) <= OF_ITSELF * size + (OF_THE_LARGEST * size[finite].max(initial=0) or OF_ZERO)
    return np.asarray((near & finite) | (a == b) | (np.isnan(a) & np.isnan(b)))


def near(a: Any, b: Any) -> float:
    """Return how near a result comes to another, up to 1: in value, but for a factor, in some entries."""
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):  # no numbers, on several trials
        return float(np.mean([same(x, y) for x, y in zip(a, b, strict=True)]))
    if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
        return float(same(a, b))
    if a.shape != b.shape:
        return 0.0
    right = alike(a, b)
    if right.all():
        return 1.0
    square = np.vdot(b, b)
    factor = np.vdot(b, a) / square if square > 0 and a.size > 1 else 0
    if factor and np.isfinite(factor) and alike(a, b * factor).all():
        return 0.7
    off = np.subtract(a, b, dtype=float)
    distance = np.sqrt(np.vdot(off, off) / square) if square > 0 else np.inf
    return 0.4 + 0.3 * float(right.mean()) + (0.1 / (1 + distance) if distance < np.inf else 0.0)


def tried_with(sizes: dict[str, Any], arguments: dict[str, Any]) -> str:
    """Return on what an answer was tried: its sizes or, where there are none, its single numbers."""
    single = (int, float, np.number)
    numbers = {name: f"{value:.3g}" for name, value in arguments.items() if isinstance(value, single)}
    said = ", ".join(f"{name} = {value}" for name, value in (sizes or numbers).items())
    return f"With {said}" if said else "On some trial"


def _always(runs: Sequence[Run], wrong: Callable[[Run], Any]) -> bool:
    return all(same(run.found, wrong(run)) for run in runs)


def shape(name: str, runs: Sequence[Run]) -> str | None:
    """A shape that is not that of the result."""
    if all(run.found.shape == run.right.shape for run in runs):
        return None
    run = next(run for run in runs if run.found.shape != run.right.shape)
    found, right = run.found.shape, run.right.shape
    if _always(runs, lambda run: run.right.T):
        return f"transposed: yours has shape {found}, {name} has {right}."
    said = f"{run.tried}, you return {'a single number' if found == () else f'shape {found}'};"
    said += f" {name} {'is a single number' if right == () else f'has shape {right}'}."
    if found[::-1] == right and len(right) == 2:
        return f"{said} Rows and columns are exchanged."
    if found and found[1:] == right and found[0] == run.sizes.get("N"):
        return f"{said} You have one row for each sample. Do the samples share what you are looking for?"
    if sorted(found) == sorted(right):
        return f"{said} The axes are right, in another order."
    if sorted(n for n in found if n != 1) == sorted(n for n in right if n != 1):
        return f"{said} There is an axis of length 1 {'too many' if len(found) > len(right) else 'missing'}."
    return said


def finite(name: str, runs: Sequence[Run]) -> str | None:
    """A number that is not finite where the right one is."""
    for run in runs:
        if np.isfinite(run.right).all() and not np.isfinite(run.found).all():
            kind = "nan" if np.isnan(run.found).any() else "inf"
            return f"{run.tried}, yours holds {kind}, where {name} is finite."
    return None


def factor(name: str, runs: Sequence[Run]) -> str | None:
    """A sign, a transpose or a factor that the numbers are off by, on every trial."""
    if _always(runs, lambda run: -run.right):
        return "right but for its sign: all of it is the wrong way round."
    if runs[0].right.ndim == 2 and _always(runs, lambda run: run.right.T):
        return "transposed."
    for size in [size for size in runs[0].sizes if all(_is_factor(run.sizes[size]) for run in runs)]:
        for sign in (1, -1):
            for text, power in ((size, 1), (f"1/{size}", -1)):
                if _always(
                    runs, lambda run, s=sign, k=power, n=size: s * run.sizes[n] ** float(k) * run.right
                ):
                    return f"right but for a factor {'-' * (sign < 0)}{text}{_seen(runs, size)}."
    if _always(runs, lambda run: 0 * run.right):
        return "yours is zero, on every trial."
    if len(runs) > 1 or runs[0].right.size > 1:
        scale = np.vdot(runs[0].right, runs[0].found) / np.vdot(runs[0].right, runs[0].right)
        if _always(runs, lambda run: scale * run.right):
            return f"right but for a factor: yours is {scale:.4g} times {name}, on every trial."
    return None


def _is_factor(size):
    return isinstance(size, int | float) and size != 0


def _seen(runs, size):
    return f" (tried with {' and '.join(f'{size} = {run.sizes[size]}' for run in runs[:2])})"


def whole(name: str, runs: Sequence[Run]) -> str | None:
    """Numbers that have lost what stands after the point."""
    if _always(runs, lambda run: np.trunc(run.right)):
        return (
            "right up to the point: an array of whole numbers cuts off what stands after the point."
            " (`np.vectorize` makes one where its first result is whole.)"
        )
    return None


def truth_values(name: str, runs: Sequence[Run]) -> str | None:
    """Zeros and ones where other numbers are right."""
    entries = np.concatenate([run.found.ravel() for run in runs])
    if set(entries.tolist()) != {0, 1} or runs[0].found.ndim == 0:
        return None
    return (
        "yours holds zeros and ones alone: where has what they multiply gone? A comparison gives such"
        " numbers; Python compares last, and reads `a * b > 0` as `(a * b) > 0`, not as `a * (b > 0)`."
    )


def nearly(name: str, runs: Sequence[Run]) -> str | None:
    """Numbers that are near on every trial and right on none, as those of an approximation are."""
    if not all(np.isfinite(run.right).all() for run in runs):
        return None
    off = [np.abs(run.found - run.right).max() / max(np.abs(run.right).max(), 1e-300) for run in runs]
    if max(off) < NEARLY and not all(float(number).is_integer() for run in runs for number in run.right.flat):
        return (
            f"{entry(name, runs)} It is near on every trial, off by {max(off):.1g} of it at most, and right"
            " on none: is something approximated, or rounded?"
        )
    return None


def entry(name: str, runs: Sequence[Run]) -> str:
    """The entry that is off by most, beside the right one."""
    run = next(run for run in runs if not same(run.found, run.right))
    place = np.unravel_index(np.abs(run.found - run.right).argmax(), run.right.shape)
    at = f"{name}[{', '.join(map(str, place))}]" if place else name
    return f"{run.tried}, {at} should be {run.right[place]:.4g}; yours is {run.found[place]:.4g}."


GENERAL = (shape, finite, factor, truth_values, whole, nearly, entry)
