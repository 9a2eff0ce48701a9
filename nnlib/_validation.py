"""The checks at the doors of nnlib: what a user hands in is looked at here, so that the equations stay bare.

Each function returns what it was given, as the array or number that the caller goes on with, or raises a
TypeError or ValueError that says what was expected and what came.
"""

import math
import os
from pathlib import Path

import numpy as np


def numbers(values, name, dtype=None):
    """Return `values` as an array of real numbers, of `dtype` where one is given."""
    if isinstance(values, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; expected plain numbers: fill or drop what is masked.")
    try:
        array = values if type(values) is np.ndarray else np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} is ragged: expected rows of one length.") from None
    if array.dtype.kind not in "buif":
        kind = type(values).__name__
        raise TypeError(f"{name} holds {array.dtype} values of {kind}; expected real numbers.")
    if dtype is None or array.dtype == dtype:
        return array
    with np.errstate(over="ignore"):  # what is too large becomes inf, and `finite` refuses it
        return array.astype(dtype)


def floats(values, name):
    """Return `values` as an array of floats: float32 and wider keep their dtype, others become float64."""
    if type(values) is np.ndarray and values.dtype.char in "fd":  # at once: every step comes by many times
        return values
    array = numbers(values, name)
    return array if array.dtype.char in "fdg" else array.astype(np.float64)


def writable(array, name, chars, expected):
    """Return `array` if it is an array of floats that can be changed in place."""
    if type(array) is not np.ndarray:
        kind = type(array).__name__
    elif array.dtype.char not in chars:
        kind = array.dtype
    elif not array.flags.writeable:
        kind = "read-only"
    else:
        return array
    raise TypeError(f"{name} is {kind}; expected {expected}.")


def shaped(values, shape, name, dtype=None):
    """Return `values` as floats of this shape: one that broadcasts to it would be wrong in silence."""
    array = floats(values, name)
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}; expected {shape}.")
    return array if dtype is None or array.dtype == dtype else array.astype(dtype)


def gradient(dY, layer, kept, n_out=None, dtype=None):
    """Return dY as floats, of the shape of what `layer` kept in its forward, or (N, n_out)."""
    array = getattr(layer, kept, None)
    if array is None:
        raise ValueError("there is no output to go back from; call forward before backward.")
    return shaped(dY, array.shape if n_out is None else (len(array), n_out), "dY", dtype)


def rows(values, name):
    """Return `values` as an array of numbers with at least one axis."""
    array = numbers(values, name)
    if array.ndim == 0:
        raise ValueError(f"{name} is the number {array}; expected one row for each sample.")
    return array


def samples(values, name, n_in=None, dtype=None, owner="network"):
    """Return `values` as a batch of samples: one row for each, at least one, with `n_in` features."""
    A = numbers(values, name, dtype)
    if A.ndim < 2:
        advice = f"A single sample is {name}.reshape(1, -1), a single column {name}.reshape(-1, 1)."
        expected = f"expected one row for each sample, (N, {n_in or '…'})"
        raise ValueError(f"{name} has shape {A.shape}; {expected}. {advice}")
    if n_in is not None and A.ndim > 2:
        raise ValueError(f"{name} has shape {A.shape}; expected (N, {n_in}). A Flatten() layer makes rows.")
    if 0 in A.shape:
        raise ValueError(f"{name} has shape {A.shape}: it is empty; expected a sample and a feature.")
    if n_in is not None and A.shape[1] != n_in:
        raise ValueError(f"{name} has {count(A.shape[1], 'feature')}, but this {owner} expects {n_in}.")
    return A


def finite(array, name, dtype=None):
    """Return `array` if it holds neither nan nor inf, as `dtype`. It looks at pieces: no large copy."""
    rows = max(1, 100_000 // max(1, array[:1].size))
    for start in range(0, len(array), rows):
        piece = np.isfinite(numbers(array[start : start + rows], name, dtype))
        if not piece.all():
            place = tuple(int(i) for i in np.argwhere(~piece)[0])
            place = (start + place[0], *place[1:])
            raise ValueError(f"{name}{[*place]} is {array[place]}; expected finite numbers.")
    return array


def labels(values, name, n_classes=None):
    """Return `values` as an array of whole numbers, one for each sample, each below `n_classes`."""
    y = numbers(values, name)
    if y.ndim != 1:
        raise ValueError(f"{name} has shape {y.shape}; expected one label for each sample, (N,).")
    if y.dtype.kind not in "ui":
        raise TypeError(f"{name} holds {y.dtype} values; expected whole numbers as labels.")
    if n_classes is not None and (wrong := (y < 0) | (y >= n_classes)).any():
        n = int(wrong.argmax())
        raise ValueError(f"{name}[{n}] is {y[n]}; expected 0 to {n_classes - 1}, for {n_classes} classes.")
    return y


def probabilities(Y, name):
    """Return `Y` if each entry is from 0 to 1."""
    if not (Y.min() >= 0 and Y.max() <= 1):
        raise ValueError(f"{name} ranges from {Y.min()} to {Y.max()}; expected probabilities, 0 to 1.")
    return Y


def same_shape(A, B, names=("Y_hat", "Y")):
    """Return both as floats of one shape and of A's dtype: (N,) against (N, 1) would broadcast to (N, N)."""
    A = floats(A, names[0])
    B = numbers(B, names[1], A.dtype)
    if A.shape != B.shape:
        a, b = names
        raise ValueError(f"{a} has shape {A.shape}, but {b} has shape {B.shape}; expected the same shape.")
    if A.size == 0:
        raise ValueError(f"{names[0]} has shape {A.shape}: it is empty; expected at least one entry.")
    return A, B


def whole(value, name, least):
    """Return `value` as an int of at least `least`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} is {value!r}; expected a whole number.")
    if value < least:
        raise ValueError(f"{name} is {value}; expected at least {least}.")
    return int(value)


def between(value, name, low, high, *, low_allowed=False):
    """Return `value` as a float with `low` < value < `high` (or `low` <= value, where allowed)."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name} is {value!r}; expected a number.")
    try:
        value = float(value)
    except OverflowError:  # an int with more than 308 digits
        value = math.inf
    if not (low < value < high or (low_allowed and value == low)):
        above = f"{low} {'<=' if low_allowed else '<'} {name}" if math.isfinite(low) else "a number"
        below = f" < {high}" if math.isfinite(high) else ", and finite"
        raise ValueError(f"{name} is {value}; expected {above}{below}.")
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


def function(value, name, of):
    """Return `value` if it can be called."""
    if not callable(value):
        raise TypeError(f"{name} is {value!r}; expected a function of {of}.")
    return value


def listed(values, name, expected):
    """Return `values` as a list."""
    try:
        return list(values)
    except TypeError:
        raise TypeError(f"{name} is a {type(values).__name__}; expected {expected}.") from None


def path(value, name="path"):
    """Return `value` as a Path. A number would name an open file, such as the one behind standard input."""
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name} is {value!r}; expected a str or a Path.")
    return Path(value)


def file(value):
    """Return `value` as a Path. If something is there it is a file: a named pipe would be waited for."""
    value = path(value)
    if os.path.exists(value) and not os.path.isfile(value):
        raise OSError(f"{value} cannot be read: it is no file.")
    return value


def count(n, noun):
    """Return '1 feature' or '3 features'."""
    return f"{n} {noun}" + ("" if n == 1 else "s")
