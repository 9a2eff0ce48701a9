"""The one way to run a reader's function: bounded in time, and what it returns or raises becomes a value."""

import contextvars
import copy
import ctypes
import threading
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from nnlib.teach.checks.engine.crash import code_of, told
from nnlib.teach.checks.engine.verdict import Wrong

__all__ = ["Crash", "Nothing", "attempt", "call", "fresh", "is_stub", "numbers", "untouched"]

SECONDS = 5.0  # for one call of a reader's function; those of the exercises take milliseconds
AGAIN, TIMES = 0.1, 10  # seconds until a function that caught the exception gets the next one, and how many


class Crash(Wrong):
    """A reader's function has raised; two crashes are the same observation, whatever they said."""


class Nothing(Crash):
    """A reader's function has returned nothing, and should have: an observation like a crash."""


class _TimeIsUp(SystemExit):
    """Raised in the thread of a function that runs for too long: no `except Exception` of its own catches it.

    A thread that it ends says nothing.
    """


def attempt(function: Callable, *arguments: Any) -> Any:
    """Return what a reader's function returns; raise `Crash` with his line and plain words where it raises.

    It runs in a thread of its own, in which a loop without end is ended after `SECONDS`, without signals, by
    an exception that this thread sets there. A call that stays inside C is left behind: it meets the
    exception when it returns, and one that holds the interpreter, such as `10**10**8`, cannot be left.
    """
    outcome: list[Any] = []

    def run():
        try:
            outcome[:] = function(*arguments), None
        except BaseException as error:
            outcome[:] = None, error

    # What is set here, such as np.errstate, holds there too.
    reader = threading.Thread(target=contextvars.copy_context().run, args=[run], daemon=True)
    try:
        reader.start()
        reader.join(SECONDS)
    finally:  # also where the kernel is interrupted while it waits here
        timed_out = reader.is_alive()
        _end(reader)
    if timed_out:
        raise Wrong(
            f"Your function was still running after {SECONDS:g} seconds, and has been stopped. Does a loop in"
            " it never end?"
        )
    returned, error = outcome
    if error is not None:
        raise Crash(told(function, error))
    return returned


def _end(reader):
    for _ in range(TIMES):
        if not reader.is_alive():
            return
        exception = ctypes.py_object(_TimeIsUp)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(reader.ident), exception)
        reader.join(AGAIN)


def call(function: Any, *arguments: Any, hint: str, returns: bool = True) -> Any:
    """Return what the reader's function returns; a crash is his, with its line, and a stub gets the hint.

    Without `returns`, a function may return nothing: whoever called it looks at what it did.
    """
    if function is ...:
        raise Wrong(f"Not attempted yet. Hint: {hint}")
    if not callable(function):
        raise Wrong(f"expected your function here, and got {function!r}.")
    answer = attempt(function, *arguments)
    if answer is ... or (answer is None and is_stub(function)):
        raise Wrong(f"Not attempted yet. Hint: {hint}")
    if answer is None and returns:
        raise Nothing(f"Your function gives None: is a `return` missing? Hint: {hint}")
    return answer


def is_stub(function: Any) -> bool:
    """Whether a function does nothing at all: its code is as short as that of `lambda: None`."""
    code = code_of(function)
    return code is not None and len(code.co_code) == len((lambda: None).__code__.co_code)


def fresh(arguments: tuple) -> tuple:
    """Return copies that the reader's function may do with as it likes."""
    return copy.deepcopy(arguments)


def untouched(names: Iterable[str], before: Iterable[Any], after: Iterable[Any]) -> None:
    """Raise `Wrong` if an array, or a list of numbers, has been changed by the reader's function."""
    for name, old, new in zip(names, before, after, strict=False):
        if not _unchanged(old, new):
            how = f"array: `{name} = {name} - …` makes one, `{name} -= …` and `{name}[…] = …` do not."
            if isinstance(old, list):
                how = f"list: `list({name})` makes one."
            raise Wrong(
                f"Your function changes {name}, which belongs to whoever called it. Work on a new {how}"
            )


def _unchanged(old, new):
    if isinstance(old, np.ndarray):
        return np.array_equal(old, new, equal_nan=True)
    if isinstance(old, list):
        pairs = zip(old, new, strict=True)
        return len(old) == len(new) and all(a == b for a, b in pairs if isinstance(a, int | float))
    return True


def numbers(answer: Any) -> np.ndarray | None:
    """Return an answer as an array of floats; None if it holds text, or rows of different lengths."""
    try:
        values = np.asarray(answer)
    except ValueError:  # ragged
        return None
    return values.astype(float) if values.dtype.kind in "fiub" else None
