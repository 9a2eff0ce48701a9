"""Whose function a chapter goes on with."""

import time
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from nnlib.teach.checks.engine.running import Crash, attempt, fresh
from nnlib.teach.checks.engine.verdict import Wrong, is_found_right

__all__ = ["chosen"]

TIMES = 3  # as slow as the solution, at most
FELT = 0.005  # seconds a call, below which nobody minds how many times as long it is
ROUNDS = 3


def chosen(yours: Any, solution: Callable, *arguments: Any) -> Callable:
    """Return the reader's function where it is right and quick, else the solution; print which, and why.

    Right is a function that a check has found right; one that was edited is another one until it is checked
    again. On `arguments`, which are such as the chapter gives it, it has to return the solution's numbers to
    nine digits, and not to take more than three times as long, where that can be felt. Both see copies. In an
    edition without solutions the check stands in their place: its own right program is what goes on.
    """
    own = getattr(solution, "right", None) if callable(solution) else None
    stand_in = solution if own is None else own
    if not isinstance(stand_in, FunctionType):
        raise TypeError(
            f"solution is a {type(solution).__name__}; expected the solution's function, or its check."
        )
    why = _why_not(yours, stand_in, arguments)
    name, whose = f"our_{stand_in.__name__.removesuffix('_solution')}", "the solution"
    if own is not None:
        name, whose = f"our_{getattr(yours, '__name__', solution.__name__)}", "the module's own"
    print(f"{name} is {whose}: yours {why}." if why else f"{name} is yours.")
    return stand_in if why else yours


def _why_not(yours, solution, arguments):
    """Return why the reader's function is not taken, or nothing."""
    if not is_found_right(yours):
        return "has no ✓ yet"
    try:
        theirs, seconds = zip(*(_run(solution, arguments) for _ in range(ROUNDS)), strict=True)
        found, own_seconds = zip(*(_run(yours, arguments) for _ in range(ROUNDS)), strict=True)
    except (Crash, Wrong):
        return "is right on what its check tried, but stops on the chapter's numbers"
    if not _same(found[0], theirs[0]):
        return "is right to the digits that its check asks for, and the chapter needs nine"
    own, solutions = min(own_seconds), min(seconds)
    slow = own > TIMES * solutions and own - solutions > FELT
    return f"is right, and takes {own / solutions:.0f} times as long" if slow else ""


def _run(function, arguments):
    """Return what a function returns for copies of the arguments, and the seconds that it takes."""
    given = fresh(arguments)
    start = time.perf_counter()
    return attempt(function, *given), time.perf_counter() - start


def _same(found, right):
    if isinstance(right, (list, tuple)):  # of arrays that need not be of one shape
        return len(found) == len(right) and all(map(_same, found, right))
    return np.shape(found) == np.shape(right) and np.allclose(found, right, rtol=1e-9, atol=1e-12)
