"""What a tape looks at: operands, and whether an array that it still has to read has changed."""

import functools
from collections.abc import Iterable
from typing import Any

import numpy as np

from nnlib import _validation as check
from nnlib._types import Array

ROW = 512  # numbers that are added up for a mark


def operand(A: Any) -> Any:
    """Return an operand as an array; a plain number stays one, so that float32 stays float32."""
    return A if isinstance(A, (int, float)) else check.numbers(A, "an operand")


def matrix(A: Any) -> Array:
    """Return an operand of @, or raise where it has no rows and columns."""
    A = np.asarray(A)
    if A.ndim < 2:
        found = f"an operand of @ has shape {A.shape}; expected rows and columns"
        raise ValueError(f"{found}: A.reshape(1, -1) is a row, A.reshape(-1, 1) a column.")
    return A


def start(dY: Any, Y: Array, noted: bool) -> Array:
    """Return the dY that `backward` begins with, or raise where it has none, or nowhere to go."""
    if not noted:
        raise ValueError("this tensor was made inside no_grad; expected one whose operations were noted.")
    if dY is None and Y.size != 1:
        raise ValueError(f"dY is None, and the tensor has shape {Y.shape}; expected dY of that shape.")
    return np.ones_like(Y) if dY is None else check.shaped(dY, Y.shape, "dY").copy()


def marked(read: Iterable[Any]) -> list[tuple[Array, bytes]]:
    """Return the arrays among what an edge reads, each with its mark."""
    return [(A, _mark(A)) for A in read if isinstance(A, np.ndarray)]


def unchanged(op: str, read: Iterable[tuple[Array, bytes]]) -> None:
    """Raise where an array no longer has its mark."""
    for A, mark in read:
        if _mark(A) != mark:
            found = f"an array of shape {A.shape} has been changed in place since {op} read it"
            raise ValueError(
                f"{found}; expected it as it was: call backward before you change it, or change a copy."
            )


def _mark(A: Array) -> bytes:
    """Return what becomes another when an entry of A is changed, or two change places."""
    flat = A.reshape(-1)
    n = A.size // ROW * ROW
    factors = _factors(A.dtype.char if A.dtype.char in "fd" else "d")
    return (
        np.dot(flat[:n].reshape(-1, ROW), factors).tobytes()
        + np.dot(flat[n:], factors[: A.size - n]).tobytes()
    )


@functools.cache
def _factors(char: str) -> Array:
    return np.random.default_rng(0).random(ROW).astype(char)
