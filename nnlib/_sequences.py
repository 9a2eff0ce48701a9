"""What is looked at of sequences and of their labels, before the equations of attention see them."""

from typing import Any

import numpy as np

from nnlib import _validation as check
from nnlib._types import Array, ArrayLike


def vectors(X: ArrayLike, n: int, dtype: Any = None, owner: str = "layer", T_max: int | None = None) -> Array:
    """Return X as sequences of vectors, (N, T, n), none longer than `T_max`."""
    A = check.numbers(X, "X", dtype)
    if A.ndim != 3:
        advice = f" One sequence is X.reshape(1, {len(A)}, {n})." if A.shape[1:] == (n,) else ""
        raise ValueError(f"X has shape {A.shape}; expected sequences, (N, T, {n}).{advice}")
    if 0 in A.shape:
        raise ValueError(f"X has shape {A.shape}: it is empty; expected a sequence and a place in it.")
    if A.shape[2] != n:
        advice = " Places come second: np.swapaxes(X, 1, 2)." if A.shape[1] == n else ""
        found = f"X has {check.count(A.shape[2], 'feature')} at each place"
        raise ValueError(f"{found}, but this {owner} expects {n}.{advice}")
    if T_max is not None and A.shape[1] > T_max:
        raise ValueError(
            f"X has sequences of {A.shape[1]}; expected at most {T_max}, as this layer has places."
        )
    return A


def symbols(X: ArrayLike, n_symbols: int, dtype: Any = None) -> Array:
    """Return X as sequences of whole numbers, (N, T), each from 0 to n_symbols - 1."""
    A = check.numbers(X, "X")
    if A.ndim != 2:
        advice = ""
        if A.ndim == 1:
            advice = " One sequence is X.reshape(1, -1)."
        elif A.ndim == 3 and A.shape[2] == n_symbols:
            advice = " X.argmax(axis=2) makes them of one-hot rows."
        raise ValueError(f"X has shape {A.shape}; expected sequences of whole numbers, (N, T).{advice}")
    if 0 in A.shape:
        raise ValueError(f"X has shape {A.shape}: it is empty; expected a sequence and a place in it.")
    in_range(A, "X", 0, n_symbols, "symbols")
    return A if dtype is None else A.astype(dtype)


def in_range(A: Array, name: str, least: int, n: int | None, noun: str) -> None:
    """See that each entry of A is a whole number from `least` to n - 1, or on, where n is not known yet."""
    wrong = (A != np.rint(A)) | (A < least) | (A == np.inf)
    if n is not None:
        wrong |= n <= A
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        last = " on" if n is None else f" to {n - 1}, for {n} {noun}"
        raise ValueError(f"{name}{[*place]} is {A[place]}; expected whole numbers from {least}{last}.")


def labels(Y: ArrayLike) -> Array:
    """Return Y as labels of sequences, (N, T): -1 where nothing counts, and something in each sequence."""
    A = check.numbers(Y, "Y")
    if A.ndim != 2 or 0 in A.shape:
        raise ValueError(f"Y has shape {A.shape}; expected labels of sequences, (N, T).")
    in_range(A, "Y", -1, None, "classes")
    A = A.astype(int)
    if (empty := (A < 0).all(axis=1)).any():
        n = int(empty.argmax())
        raise ValueError(f"Y[{n}] is -1 throughout; expected a label that counts in each sequence.")
    return A


def logits_and_labels(Z: ArrayLike, Y: ArrayLike) -> tuple[Array, Array]:
    """Return Z as logits for each place of sequences, (N, T, C), and Y as labels of as many."""
    Y = labels(Y)
    A = check.float_samples(Z, "Z")
    if A.ndim != 3:
        raise ValueError(f"Z has shape {A.shape}; expected logits at each place of sequences, (N, T, C).")
    if A.shape[:2] != Y.shape:
        raise ValueError(f"Z has shape {A.shape}, but Y has shape {Y.shape}; expected {A.shape[:2]}.")
    in_range(Y, "Y", -1, check.several_columns(A, "Z").shape[2], "classes")
    return A, Y
