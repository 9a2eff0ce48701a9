"""The checks at the doors of nnlib: what a user hands in is looked at here, so that the equations stay bare.

Each function returns what it was given, as the array or number that the caller goes on with, or raises a
TypeError or ValueError that says what was expected and what came.
"""

import math
import operator

import numpy as np


def numbers(values, name, dtype=None):
    """Return `values` as an array of real numbers, of `dtype` where one is given."""
    if isinstance(values, np.ma.MaskedArray):
        raise TypeError(
            f"{name} is a masked array; expected plain numbers: fill or drop the masked entries first."
        )
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(
            f"{name} is ragged: its rows differ in length; expected a rectangular array."
        ) from None
    if array.dtype.kind not in "buif":
        raise TypeError(
            f"{name} holds {array.dtype} values of {type(values).__name__}; expected real numbers."
        )
    return array if dtype is None else array.astype(dtype, copy=False)


def floats(values, name):
    """Return `values` as an array of floats: floats keep their dtype, other numbers become float64."""
    array = numbers(values, name)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def samples(values, name, n_in=None, dtype=None, owner="network"):
    """Return `values` as a batch of samples: one row for each, at least one, with `n_in` features."""
    array = numbers(values, name, dtype)
    if array.ndim < 2:
        raise ValueError(
            f"{name} has shape {array.shape}; expected one row for each sample, (N, {n_in or '…'})."
            f" A single sample is {name}.reshape(1, -1), a single column {name}.reshape(-1, 1)."
        )
    if n_in is not None and array.ndim > 2:
        raise ValueError(
            f"{name} has shape {array.shape}; expected (N, {n_in}). A Flatten() layer makes rows."
        )
    if 0 in array.shape:
        raise ValueError(
            f"{name} has shape {array.shape}: it is empty; expected at least one sample and one feature."
        )
    if n_in is not None and array.shape[1] != n_in:
        raise ValueError(f"{name} has {count(array.shape[1], 'feature')}, but this {owner} expects {n_in}.")
    return array


def finite(array, name):
    """Return `array` if it holds neither nan nor inf. It looks at pieces: no large temporary appears."""
    rows = max(1, 100_000 // max(1, array[:1].size))
    for start in range(0, len(array), rows):
        piece = np.isfinite(array[start : start + rows])
        if not piece.all():
            place = tuple(int(i) for i in np.argwhere(~piece)[0])
            place = (start + place[0], *place[1:])
            raise ValueError(
                f"{name}[{', '.join(map(str, place))}] is {array[place]}; expected finite numbers."
            )
    return array


def labels(values, name, n_classes=None):
    """Return `values` as an array of whole numbers, one for each sample, each below `n_classes`."""
    array = numbers(values, name)
    if array.ndim != 1:
        raise ValueError(f"{name} has shape {array.shape}; expected one label for each sample, (N,).")
    if array.dtype.kind not in "ui":
        raise TypeError(f"{name} holds {array.dtype} values; expected whole numbers as labels.")
    if n_classes is not None and (wrong := (array < 0) | (array >= n_classes)).any():
        n = int(wrong.argmax())
        raise ValueError(
            f"{name}[{n}] is {array[n]}; expected 0 to {n_classes - 1}, for {n_classes} classes."
        )
    return array


def probabilities(array, name):
    """Return `array` if each entry is from 0 to 1."""
    if array.min() < 0 or array.max() > 1:
        raise ValueError(
            f"{name} ranges from {array.min()} to {array.max()}; expected probabilities, 0 to 1."
        )
    return array


def same_shape(A, B, names=("Y_hat", "Y")):
    """Return both as floats of one shape and of A's dtype: (N,) against (N, 1) would broadcast to (N, N)."""
    A = floats(A, names[0])
    B = numbers(B, names[1], A.dtype)
    if A.shape != B.shape:
        raise ValueError(
            f"{names[0]} has shape {A.shape}, but {names[1]} has shape {B.shape}; expected the same shape."
        )
    if A.size == 0:
        raise ValueError(f"{names[0]} has shape {A.shape}: it is empty; expected at least one entry.")
    return A, B


def whole(value, name, least):
    """Return `value` as an int of at least `least`."""
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}; expected a whole number.") from None
    if number < least:
        raise ValueError(f"{name} is {value}; expected at least {least}.")
    return number


def between(value, name, low, high, *, low_allowed=False):
    """Return `value` as a float with `low` < value < `high` (or `low` <= value, where allowed)."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name} is {value!r}; expected a number.")
    value = float(value)
    if not (low < value < high or (low_allowed and value == low)):
        sign = "<=" if low_allowed else "<"
        limit = f"{low} {sign} {name}" + (f" < {high}" if math.isfinite(high) else ", and finite")
        raise ValueError(f"{name} is {value}; expected {limit}.")
    return value


def generator(rng, name="rng"):
    """Return `rng` if it is a numpy.random.Generator."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"{name} is {rng!r}; expected a generator: numpy.random.default_rng(0).")
    return rng


def instance(value, name, kind, example):
    """Return `value` if it is an instance of `kind`; a class in its place is the usual slip."""
    if isinstance(value, type) and issubclass(value, kind):
        raise TypeError(f"{name} is the class {value.__name__}; expected an instance: {value.__name__}(…).")
    if not isinstance(value, kind):
        raise TypeError(f"{name} is a {type(value).__name__}; expected {example}.")
    return value


def count(n, noun):
    """Return '1 feature' or '3 features'."""
    return f"{n} {noun}" + ("" if n == 1 else "s")
