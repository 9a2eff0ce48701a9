"""The checks at the doors of nnlib: what a user hands in is looked at here, so that the equations stay bare.

Each function returns what it was given, as the array or number that the caller goes on with, or raises a
TypeError or ValueError that says what was expected and what came.
"""

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from nnlib._types import Array, Generator, Shape

T = TypeVar("T")


def numbers(values: Any, name: str, dtype: Any = None) -> Array:
    """Return `values` as an array of real numbers, of `dtype` where one is given."""
    if isinstance(values, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; expected plain numbers: fill or drop what is masked.")
    try:
        array = values if type(values) is np.ndarray else np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} is ragged: expected rows of one length.") from None
    if array.dtype.kind in "US":
        raise TypeError(_text(array, name))
    if array.dtype == object and array.ndim == 0:
        found = "None" if values is None else f"of type {type(values).__name__}"
        asked = " Is a `return` missing?" if values is None else ""
        raise TypeError(f"{name} is {found}; expected real numbers.{asked}")
    if array.dtype.kind not in "buif":
        kind = type(values).__name__
        raise TypeError(f"{name} holds {array.dtype} values of {kind}; expected real numbers.")
    if dtype is None or array.dtype == dtype:
        return array
    with np.errstate(over="ignore"):  # what is too large becomes inf, and `finite` refuses it
        return array.astype(dtype)


def _text(array: Array, name: str) -> str:
    """Return what is said of an array of text: what it holds, and how it becomes numbers."""
    first = array.flat[0].item() if array.size else ""
    try:
        float(first)
        advice = f", as of np.array({name}, float)"
    except ValueError:
        targets = name in ("Y", "labels")
        advice = f"; np.unique({name}, return_inverse=True)[1] numbers classes" if targets else ""
    return f"{name} holds text, such as {first!r}; expected real numbers{advice}."


def floats(values: Any, name: str) -> Array:
    """Return `values` as an array of floats: float32 and wider keep their dtype, others become float64."""
    if type(values) is np.ndarray and values.dtype.char in "fd":  # at once: every step comes by many times
        return values
    array = numbers(values, name)
    return array if array.dtype.char in "fdg" else array.astype(np.float64)


def writable(array: Any, name: str, chars: str, expected: str) -> Array:
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


def shaped(values: Any, shape: Shape, name: str, dtype: Any = None) -> Array:
    """Return `values` as floats of this shape: one that broadcasts to it would be wrong in silence."""
    array = floats(values, name)
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}; expected {shape}.")
    return array if dtype is None or array.dtype == dtype else array.astype(dtype)


def came_forward(shapes: tuple[Shape, Shape] | None) -> tuple[Shape, Shape]:
    """Return the shapes of a layer's last X and Y."""
    if shapes is None:
        raise ValueError("there is no output to go back from; call forward before backward.")
    return shapes


def widths(rng: Any, n_in: Any, n_out: Any) -> tuple[int, int]:
    """Return (n_in, n_out), the shape of weights that are to be drawn from `rng`."""
    generator(rng)
    return whole(n_in, "n_in", 1), whole(n_out, "n_out", 1)


def precision(dtype: Any) -> np.dtype:
    """Return the dtype of parameters, as NumPy's users write it: np.float32, "float32", float."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = None
    if dtype is None or found not in (np.float32, np.float64):
        raise ValueError(f"dtype is {dtype!r}; expected float32 or float64.")
    return found


def weights(init: Any, rng: Generator, shape: tuple[int, int], dtype: Any) -> Array:
    """Return what `init` draws: of this shape, finite, as `dtype`."""
    dtype = precision(dtype)
    draw = function(init, "init", "(rng, n_in, n_out)")
    W = shaped(draw(rng, *shape), shape, "what init returned")
    return finite_as(dtype, W, "what init returned").copy()


def rows(values: Any, name: str) -> Array:
    """Return `values` as an array of numbers with at least one axis."""
    array = numbers(values, name)
    if array.ndim == 0:
        raise ValueError(f"{name} is the number {array}; expected one row for each sample.")
    return array


def float_samples(values: Any, name: str) -> Array:
    """Return `values` as a batch of samples, in floats."""
    return floats(samples(values, name), name)


def as_many(X: Array, Y: Array, name: str = "X") -> None:
    """See that there are as many targets as samples."""
    if len(X) != len(Y):
        raise ValueError(f"{name} has {count(len(X), 'sample')}, but Y has {len(Y)}; expected as many.")


def samples(
    values: Any, name: str, n_in: int | None = None, dtype: Any = None, owner: str = "network"
) -> Array:
    """Return `values` as a batch of samples: one row for each, at least one, with `n_in` features.

    Where there are more axes, features are along the last one, as in sequences.
    """
    A = numbers(values, name, dtype)
    if A.ndim < 2:
        advice = f"A single sample is {name}.reshape(1, -1), a single column {name}.reshape(-1, 1)."
        expected = f"expected one row for each sample, (N, {n_in or '…'})"
        raise ValueError(f"{name} has shape {A.shape}; {expected}. {advice}")
    if n_in is not None and A.ndim > 2 and A.shape[-1] != n_in:
        raise ValueError(f"{name} has shape {A.shape}; expected (N, {n_in}). A Flatten() layer makes rows.")
    if 0 in A.shape:
        raise ValueError(f"{name} has shape {A.shape}: it is empty; expected a sample and a feature.")
    if n_in is not None and A.shape[-1] != n_in:
        found = f"{name} has {count(A.shape[1], 'feature')}, but this {owner} expects {n_in}."
        advice = f" Samples are rows: {name}.T has {count(n_in, 'feature')}." if len(A) == n_in else ""
        raise ValueError(f"{found}{advice}")
    return A


def finite(array: Array, name: str, dtype: Any = None) -> Array:
    """Return `array` if it holds neither nan nor inf, as `dtype`. It looks at pieces: no large copy."""
    if dtype in (None, array.dtype) and _times_zero(array):
        return array
    rows = max(1, 100_000 // max(1, array[:1].size))
    for start in range(0, len(array), rows):
        piece = np.isfinite(numbers(array[start : start + rows], name, dtype))
        if not piece.all():
            place = tuple(int(i) for i in np.argwhere(~piece)[0])
            place = (start + place[0], *place[1:])
            large = f", too large for {dtype}" if np.isfinite(array[place]) else ""
            raise ValueError(f"{name}{[*place]} is {array[place]}{large}; expected finite numbers.")
    return array


def finite_as(dtype: Any, array: Array, name: str) -> Array:
    """Return `array` as `dtype`, if none of its numbers is nan or inf there."""
    return numbers(finite(array, name, dtype), name, dtype)


def _times_zero(array: Array) -> bool:
    """Whether 0 · x = 0 for each x of an array of floats; for nan and inf it is nan. BLAS is the quickest."""
    if array.dtype.char not in "fd" or not array.flags.c_contiguous or array.size == 0:
        return False
    with np.errstate(invalid="ignore"):
        rows = array.reshape(len(array), -1)
        return not (rows @ np.zeros(rows.shape[1], array.dtype)).any()


def labels(values: Any, name: str, n_classes: int | None = None) -> Array:
    """Return `values` as an array of whole numbers, one for each sample, each below `n_classes`."""
    y = numbers(values, name)
    if y.ndim != 1:
        raise ValueError(f"{name} has shape {y.shape}; expected one label for each sample, (N,).")
    if y.dtype.kind not in "ui":
        are_whole = (np.isfinite(y) & (y == np.round(y))).all()
        advice = f": {name}.astype(int) makes them so" if are_whole else ""
        raise TypeError(f"{name} holds {y.dtype} values; expected whole numbers as labels{advice}.")
    if n_classes is not None and (wrong := (y < 0) | (y >= n_classes)).any():
        n = int(wrong.argmax())
        expected = f"expected 0 to {n_classes - 1}, for {n_classes} classes."
        from_one = (y.min(), y.max()) == (1, n_classes)
        advice = f" Classes count from 0: {name} - 1 would fit." if from_one else ""
        raise ValueError(f"{name}[{n}] is {y[n]}; {expected}{advice}")
    return y


def probabilities(Y: Array, name: str) -> Array:
    """Return `Y` if each entry is from 0 to 1."""
    if not (Y.min() >= 0 and Y.max() <= 1):
        advice = f" ({name} + 1) / 2 makes 0 and 1 of -1 and 1." if np.isin(Y, (-1, 1)).all() else ""
        found = f"{name} ranges from {Y.min()} to {Y.max()}"
        raise ValueError(f"{found}; expected probabilities, 0 to 1.{advice}")
    return Y


def distributions(Y: Array, name: str) -> Array:
    """Return `Y` if each row holds probabilities that sum to 1."""
    sums = probabilities(Y, name).sum(axis=-1).ravel()
    worst = sums[np.abs(sums - 1).argmax()]
    if abs(worst - 1) > 1e-3:
        raise ValueError(f"a row of {name} sums to {worst:g}; expected 1, as in one-hot rows.")
    return Y


def several_columns(Z: Array, name: str) -> Array:
    """Return `Z` if it has a column for each of two classes or more."""
    if Z.shape[-1] == 1:
        expected = "expected one for each class. A single output takes BinaryCrossEntropy."
        raise ValueError(f"{name} has 1 column, whose probability is always 1; {expected}")
    return Z


def no_column(Y: Array, name: str) -> Array:
    """Return `Y` if it is no single column, which would be labels that are not laid out in a row."""
    if Y.shape[1:] == (1,):
        expected = f"expected labels (N,), as of {name}.ravel(), or rows (N, C)"
        raise ValueError(f"{name} has shape {Y.shape}; {expected}. A column takes BinaryCrossEntropy.")
    return Y


def same_shape(A: Any, B: Any, names: tuple[str, str] = ("Y_hat", "Y")) -> tuple[Array, Array]:
    """Return both as floats of one shape and of A's dtype: (N,) against (N, 1) would broadcast to (N, N)."""
    A = floats(A, names[0])
    B = numbers(B, names[1], A.dtype)
    if A.shape != B.shape:
        a, b = names
        raise ValueError(f"{a} has shape {A.shape}, but {b} has shape {B.shape}; expected the same shape.")
    if A.size == 0:
        raise ValueError(f"{names[0]} has shape {A.shape}: it is empty; expected at least one entry.")
    return A, B


def classified(Y: Any, name: str) -> Array:
    """Return `Y` as labels, (N,), or as rows, (N, C): at least one."""
    Y = numbers(Y, name)
    if Y.ndim not in (1, 2) or 0 in Y.shape:
        raise ValueError(f"{name} has shape {Y.shape}; expected labels (N,) or rows (N, C).")
    return labels(Y, name) if Y.ndim == 1 else Y


def no_nan(Y: Array, name: str) -> Array:
    """Return `Y` if none of its rows holds nan."""
    if (wrong := np.isnan(Y)).any():
        n = int(np.argwhere(wrong)[0, 0])
        raise ValueError(f"{name}[{n}] holds nan; expected numbers: such a row is of no class.")
    return Y


def predictions(Y_hat: Any, Y: Any, threshold: Any) -> tuple[Array, Array]:
    """Return predictions and targets as labels or rows: as many, and rows of one shape."""
    between(threshold, "threshold", -math.inf, math.inf)
    Y_hat = classified(Y_hat, "Y_hat")
    Y = no_nan(classified(Y, "Y"), "Y")
    as_many(Y_hat, Y, "Y_hat")
    if Y_hat.ndim == Y.ndim == 2:
        same_shape(Y_hat, Y)
    if Y.shape[1:] == (1,) and not (Y.min() >= 0 and Y.max() <= 1):
        advice = "How near other numbers are, a loss tells."
        raise ValueError(f"Y ranges from {Y.min()} to {Y.max()}; expected classes, 0 and 1. {advice}")
    if Y_hat.ndim > Y.ndim:
        labels(Y, "Y", max(2, Y_hat.shape[1]))
    return Y_hat, Y


def whole(value: Any, name: str, least: int) -> int:
    """Return `value` as an int of at least `least`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} is {value!r}; expected a whole number.")
    if value < least:
        raise ValueError(f"{name} is {value}; expected at least {least}.")
    return int(value)


def between(value: Any, name: str, low: float, high: float, *, low_allowed: bool = False) -> float:
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


def generator(rng: Any, name: str = "rng") -> Generator:
    """Return `rng` if it is a numpy.random.Generator."""
    if not isinstance(rng, np.random.Generator):
        found = repr(rng) if isinstance(rng, (int, float, str)) else f"of type {type(rng).__name__}"
        raise TypeError(f"{name} is {found}; expected a generator: numpy.random.default_rng(0).")
    return rng


def instance(value: Any, name: str, kind: type[T], example: str) -> T:
    """Return `value` if it is an instance of `kind`; a class in its place is the usual slip."""
    if isinstance(value, type) and issubclass(value, kind):
        raise TypeError(f"{name} is the class {value.__name__}; expected an instance: {value.__name__}(…).")
    if not isinstance(value, kind):
        raise TypeError(f"{name} is a {type(value).__name__}; expected {example}.")
    return value


def function(value: Any, name: str, of: str) -> Callable[..., Any]:
    """Return `value` if it can be called."""
    if not callable(value):
        raise TypeError(f"{name} is {value!r}; expected a function of {of}.")
    return value


class EntryByEntry:
    """A user's function of an array: what it returns has to have the shape of X, and gets its dtype."""

    def __init__(self, f: Any, name: str):
        self.f = function(f, name, "an array")
        if isinstance(f, np.vectorize):  # without otypes NumPy rounds to whole numbers if the first one is
            self.f = np.vectorize(f.pyfunc, otypes=[float], excluded=f.excluded, signature=f.signature)
        self.name = name

    def __call__(self, X: Array) -> Array:
        return shaped(self.f(X), X.shape, f"{self.name}(X)", X.dtype)


class Scalar:
    """A user's function of an array: what it returns has to be a number."""

    def __init__(self, f: Any, name: str):
        self.f = function(f, name, "X")
        self.name = name

    def __call__(self, X: Array) -> Any:
        return shaped(self.f(X), (), f"{self.name}(X)")


def listed(values: Any, name: str, expected: str) -> list[Any]:
    """Return `values` as a list."""
    try:
        return list(values)
    except TypeError:
        raise TypeError(f"{name} is a {type(values).__name__}; expected {expected}.") from None


def count(n: int, noun: str) -> str:
    """Return '1 feature' or '3 features'."""
    return f"{n} {noun}" + ("" if n == 1 else "s")
