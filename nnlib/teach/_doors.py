"""What a reader hands to plots, stages, panels and formulas is looked at here, before anything is done.

As in `nnlib._validation`, each function returns what it was given, as the array or number that the caller
goes on with, or raises a TypeError or ValueError that says what was expected and what came. Nothing is called
that is not Python's, NumPy's or nnlib's own: so no answer takes long, and none is an error of other people's.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nnlib import _validation as check

__all__ = [
    "array",
    "counts",
    "flag",
    "function",
    "ink",
    "items",
    "kind",
    "labels",
    "listed",
    "listing",
    "names",
    "number",
    "one_of",
    "picture",
    "places",
    "samples",
    "scope",
    "shaped",
    "text",
    "told",
    "whole",
]

MOST = 10**8  # entries of an array: twice the pixels of MNIST
LARGEST = 1e100  # number in one: squares can still be added up
LONGEST = 10_000  # characters of a text
DEEPEST = 8  # lists in each other
SIDE = 10_000  # rows or columns of a picture, samples on a slider
PLAIN = (bool, int, float, str, type(None))


def told(value: Any) -> str:
    """Return how a value is called in a message: itself if it is short, else its kind."""
    is_short = type(value) in PLAIN and not (type(value) is int and abs(value) >= 10**20)
    text = repr(value) if is_short and not (type(value) is str and len(value) > 40) else ""
    return text or f"{'an' if type(value).__name__[0] in 'aeiouAEIOU' else 'a'} {type(value).__name__}"


def _is_number(value):
    """Whether it is a number of Python or NumPy; a span of time is an integer to NumPy, and none here."""
    return type(value) in (bool, int, float) or (
        isinstance(value, (np.bool_, np.number)) and not isinstance(value, np.timedelta64)
    )


def kind(value: Any, name: str, kinds: Any, expected: str) -> Any:
    """Return `value` if it is of one of these kinds."""
    if not isinstance(value, kinds):
        raise TypeError(f"{name} is {told(value)}; expected {expected}.")
    return value


def flag(value: Any, name: str) -> bool:
    """Return `value` as True or False."""
    return bool(kind(value, name, (bool, np.bool_), "True or False"))


def text(value: Any, name: str) -> str:
    """Return `value` if it is a text, and no book."""
    if type(kind(value, name, str, "a text")) is not str:
        raise TypeError(f"{name} is {told(value)}; expected a plain str.")
    if len(value) > LONGEST:
        raise ValueError(f"{name} has {len(value)} characters; expected at most {LONGEST}.")
    return value


def one_of(value: Any, name: str, options: Sequence[str]) -> str:
    """Return `value` if it is one of these texts."""
    if type(value) is not str or value not in options:
        expected = ", ".join(repr(option) for option in options)
        raise (ValueError if type(value) is str else TypeError)(
            f"{name} is {told(value)}; expected one of {expected}."
        )
    return value


def whole(value: Any, name: str, least: int = 1, most: int = SIDE) -> int:
    """Return `value` as an int from `least` to `most`."""
    if type(value) is not int and not (_is_number(value) and isinstance(value, np.integer)):
        raise TypeError(f"{name} is {told(value)}; expected a whole number.")
    if not least <= int(value) <= most:
        raise ValueError(f"{name} is {told(int(value))}; expected {least} to {most}.")
    return int(value)


def number(value: Any, name: str, low: float = -np.inf, high: float = np.inf) -> float:
    """Return `value` as a float with `low` < value < `high`."""
    if not _is_number(value):
        raise TypeError(f"{name} is {told(value)}; expected a number.")
    return check.between(value, name, low, high)


def function(value: Any, name: str, of: str) -> Callable[..., Any]:
    """Return `value` if it can be called. What it raises is its own."""
    if not callable(value):
        raise TypeError(f"{name} is {told(value)}; expected a function of {of}.")
    return value


def array(values: Any, name: str, expected: str = "an array of numbers") -> np.ndarray:
    """Return `values` as an array of real numbers, if they are one, or lists of numbers."""
    size, odd = _entries(values, 0)
    if odd is not None:
        what = "is" if odd is values else "holds"
        raise TypeError(f"{name} {what} {told(odd)}; expected {expected}.")
    if size > MOST:
        raise ValueError(f"{name} has {size} entries; expected at most {MOST}.")
    if not isinstance(values, np.ma.MaskedArray):
        values = values.view(np.ndarray) if isinstance(values, np.ndarray) else values
    return check.numbers(values, name)


def _entries(values, depth):
    """Return how many numbers there are in nested lists, and the first thing that is neither."""
    if isinstance(values, np.ndarray):
        return values.size, None
    if _is_number(values):
        return 1, None
    if type(values) not in (list, tuple) or depth == DEEPEST:
        return 0, values
    total = 0
    for value in values:
        size, odd = _entries(value, depth + 1)
        total += size
        if odd is not None or total > MOST:
            return total, odd
    return total, None


def shaped(values: Any, name: str, *shape: int | str) -> np.ndarray:
    """Return `values` as finite floats of this shape, in which a letter stands for any number from 1 on."""
    expected = f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
    A = array(values, name, f"an array of numbers, {expected}")
    fits = [n == m if isinstance(m, int) else n > 0 for n, m in zip(A.shape, shape, strict=False)]
    if A.ndim != len(shape) or not all(fits):
        raise ValueError(f"{name} has shape {A.shape}; expected {expected}.")
    A = check.floats(check.finite(A, name), name)
    if (most := float(np.abs(A).max())) > LARGEST:
        raise ValueError(f"{name} goes up to {most:g}; expected at most {LARGEST:g}.")
    return A


def picture(values: Any, name: str = "image") -> np.ndarray:
    """Return `values` as a picture: finite floats, (rows, columns)."""
    A = array(values, name, "a picture, (rows, columns)")
    if A.ndim == 3 and A.shape[-1] in (3, 4):
        grey = f"{name}[..., :3].mean(axis=2) makes it grey"
        raise ValueError(
            f"{name} has shape {A.shape}, as a photo in colours; expected (rows, columns): {grey}."
        )
    return shaped(A, name, "rows", "columns")


def ink(values: Any, name: str = "image") -> np.ndarray:
    """Return `values` as a picture from 0, paper, upwards."""
    A = picture(values, name)
    if A.min() < 0:
        raise ValueError(f"{name} goes down to {A.min():g}; expected 0 (paper) to 1 (ink).")
    return A


def counts(values: Any, name: str) -> np.ndarray:
    """Return `values` as a table of whole numbers, none negative."""
    A = array(values, name, "a table of whole numbers")
    if A.dtype.kind not in "ui":
        raise TypeError(f"{name} holds {A.dtype} values; expected whole numbers.")
    if A.ndim != 2 or 0 in A.shape or A.min() < 0 or max(A.shape) > SIDE:
        raise ValueError(f"{name} has shape {A.shape}; expected a table (rows, columns) of counts from 0 on.")
    return A


def listing(values: Any, name: str) -> np.ndarray:
    """Return `values` as floats, one after the other; they may be none, and need not be finite."""
    A = check.floats(array(values, name, "a list of numbers"), name)
    if A.ndim != 1:
        raise ValueError(f"{name} has shape {A.shape}; expected one number after the other.")
    return A


def samples(values: Any, name: str, n_in: int) -> np.ndarray:
    """Return `values` as finite floats, a row of `n_in` for each sample."""
    return shaped(values, name, "N", n_in)


def scope(values: Any, name: str) -> dict[str, Any]:
    """Return `values` if it is a dict from letters to numbers."""
    if type(values) is not dict:
        raise TypeError(f"{name} is {told(values)}; expected a dict, such as {{'i': 2}}.")
    for key, value in values.items():
        if type(key) is not str or not (_is_number(value) or type(value) is str):
            raise TypeError(f"{name} has {told(value)} for {told(key)}; expected a number for each letter.")
    return values


def places(values: Any, name: str, n: int) -> np.ndarray:
    """Return `values` as whole numbers below `n`, at least one."""
    values = list(values[: n + 1]) if type(values) is range else values
    found = check.labels(array(values, name, "a list of whole numbers"), name, n)
    if len(found) == 0 or len(found) > SIDE:
        raise ValueError(f"{name} has {len(found)} entries; expected 1 to {min(n, SIDE)}.")
    return found


def labels(values: Any, name: str, n: int, n_classes: int) -> np.ndarray:
    """Return `values` as `n` whole numbers, each below `n_classes`."""
    y = check.labels(array(values, name, "an array of whole numbers"), name, n_classes)
    if len(y) != n:
        raise ValueError(f"{name} has shape {y.shape}; expected ({n},), one for each.")
    return y


def items(values: Any, name: str, of: type, expected: str) -> list[Any]:
    """Return `values` as a list, at least one of this kind."""
    kind(values, name, (list, tuple), expected)
    found = list((list if isinstance(values, list) else tuple).__iter__(values))  # a class may have its own
    if odd := [one for one in found if not isinstance(one, of)]:
        raise TypeError(f"{name} holds {told(odd[0])}; expected {expected}.")
    if not found:
        raise ValueError(f"{name} is empty; expected {expected}.")
    return found


def listed(values: Any, name: str) -> list[Any]:
    """Return `values` as a list, if they are one, or an array of more axes."""
    if type(values) not in (list, tuple) and not (isinstance(values, np.ndarray) and values.ndim > 1):
        raise TypeError(f"{name} is {told(values)}; expected a list.")
    return list(values)


def names(values: Any, name: str, n: int) -> list[Any]:
    """Return `values` as a list of `n` texts or numbers."""
    if not (type(values) in (list, tuple, range) or (isinstance(values, np.ndarray) and values.ndim == 1)):
        raise TypeError(f"{name} is {told(values)}; expected a list of {n} texts.")
    if len(values) != n:
        raise ValueError(f"{name} has {len(values)} entries; expected {n}.")
    for value in values:
        if type(value) not in (str, np.str_) and not _is_number(value):
            raise TypeError(f"{name} holds {told(value)}; expected texts or numbers.")
    return list(values)
