"""Bugs of attention, re-created as programs, and what each shows when it is tried on random numbers.

`CHOICES` has them by name; their words stand in attention_bugs.toml. `PATIENTS` are the three of exercise
16.7. See notebooks/16_attention.ipynb.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from nnlib.gradcheck import relative_error
from nnlib.teach.patients import Ward

__all__ = ["CHOICES", "PATIENTS", "against", "symptoms"]

WIDTH = 6

# --- programs: how heads are made, what is masked and when, along which axis weights sum to 1 ---


def _softmax(S, axis=-1):
    E = np.exp(S - S.max(axis=axis, keepdims=True))
    return E / E.sum(axis=axis, keepdims=True)


def _before(S, seen):
    return _softmax(np.where(seen, S, -np.inf))


def _late(S, seen):
    return _softmax(S) * seen


def _zeros(S, seen):
    return _softmax(np.where(seen, S, 0))


def _over_askers(S, seen):
    return _softmax(np.where(seen, S, -np.inf), axis=-2)


def _other_triangle(S, seen):
    return _before(S, seen.T)


def _columns(X, heads):
    """Return (heads, T, k): head h has the columns h k to (h + 1) k."""
    return X.reshape(len(X), heads, -1).swapaxes(0, 1)


def _cut(X, heads):
    """Return (heads, T, k) by a reshape alone: head h has a piece of the places, and all their columns."""
    return X.reshape(heads, len(X), -1)


def _joined(H):
    return H.swapaxes(0, 1).reshape(H.shape[1], -1)


def _pasted(H):
    return H.reshape(H.shape[1], -1)


class Program(NamedTuple):
    """Attention over one sequence; as it stands, the right way."""

    split: Any = _columns
    weights: Any = _before
    joined: Any = _joined
    root: Any = lambda k, n: math.sqrt(k)

    def __call__(self, X, W_Q, W_K, W_V, heads, causal):
        """Return Y and the maps A, (heads, T, T)."""
        T, n = X.shape
        Q, K, V = (self.split(X @ W, heads) for W in (W_Q, W_K, W_V))
        S = Q @ K.swapaxes(1, 2) / self.root(n // heads, n)
        seen = np.tri(T, dtype=bool) if causal else np.ones((T, T), dtype=bool)
        A = self.weights(S, seen)
        return self.joined(A @ V), A


PROGRAMS = {
    "heads-cut": Program(split=_cut, joined=_pasted),
    "heads-pasted": Program(joined=_pasted),
    "mask-late": Program(weights=_late),
    "mask-turned": Program(weights=_other_triangle),
    "mask-zero": Program(weights=_zeros),
    "no-root": Program(root=lambda k, n: 1.0),
    "root-of-width": Program(root=lambda k, n: math.sqrt(n)),
    "softmax-askers": Program(weights=_over_askers),
}

PATIENTS = {1: "heads-cut", 2: "mask-late", 3: "softmax-askers"}

# --- what is seen ---

# Heads, whether there is a mask, and how many places
SETTINGS = {
    "1 head": (1, False, 4),
    "2 heads": (2, False, 4),
    "1 head, mask": (1, True, 4),
    "2 heads, mask": (2, True, 4),
    "2 heads, 1 place": (2, True, 1),
}


def _errors(program, heads, causal, T):
    """Return each column of one setting.

    `Y` and `map`: how far its output and its maps are from the right ones. `rows`: by how much the row of a
    map misses the sum 1, at most. `future`: how far row 0 of the output moves if the last row of X is
    changed. `order`: how far the output is from the exchanged one if two rows of X are exchanged.
    """
    rng = np.random.default_rng(16)
    X, other = rng.standard_normal((2, T, WIDTH))
    weights = rng.standard_normal((3, WIDTH, WIDTH))
    Y, A = program(X, *weights, heads, causal)
    right, right_A = Program()(X, *weights, heads, causal)
    errors = {"Y": relative_error(Y, right), "map": relative_error(A, right_A)}
    errors |= {"rows": float(np.abs(A.sum(axis=-1) - 1).max()), "future": None, "order": None}
    if causal and T > 1:
        changed = np.vstack([X[:-1], other[-1:]])
        errors["future"] = relative_error(program(changed, *weights, heads, causal)[0][0], Y[0])
    if not causal:
        order = [0, 2, 1, *range(3, T)]
        errors["order"] = relative_error(program(X[order], *weights, heads, causal)[0], Y[order])
    return errors


WARD = Ward(__file__, PROGRAMS, PATIENTS, "patient", SETTINGS, _errors)
CHOICES = WARD.bugs


def symptoms(patient):
    """Return the `Symptoms` of a patient of exercise 16.7, 1 to 3. Measured once.

    See notebooks/16_attention.ipynb.
    """
    return WARD.symptoms(patient)


def against(key, patient):
    """Return what speaks against a bug in what a patient shows, as a sentence; None if nothing does.

    See notebooks/16_attention.ipynb.
    """
    return WARD.against(key, patient)
