"""The one way to run a reader's function: bounded in time, and what it returns or raises becomes a value."""

import copy
import ctypes
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib.teach.checks.engine.crash import told
from nnlib.teach.checks.engine.verdict import Wrong

__all__ = ["Crash", "attempt", "call", "fresh", "is_stub", "numbers"]

SECONDS = 5.0  # for one call of a reader's function; those of the exercises take milliseconds
AGAIN = 0.1  # seconds until a function that caught the first exception gets the next one


class Crash(Wrong):
    """A reader's function has raised; two crashes are the same observation, whatever they said."""


class _TimeIsUp(BaseException):
    """Raised inside a function that runs for too long. No `except Exception` of its own can catch it."""


def attempt(function: Callable, *arguments: Any) -> Any:
    """Return what a reader's function returns; raise `Crash` with his line and plain words where it raises.

    A loop without end is ended after `SECONDS`, in any thread and without signals, by an exception that
    another thread sets. A call that stays inside C for ever, such as `10**10**8`, cannot be ended in that
    way.
    """
    try:
        return _bounded(function, arguments)
    except _TimeIsUp:
        raise Wrong(
            f"Your function was still running after {SECONDS:g} seconds, and has been stopped. Does a loop in"
            " it never end?"
        ) from None
    except Exception as error:
        raise Crash(told(function, error)) from None


def _bounded(function, arguments):
    reader, lock, finished = threading.get_ident(), threading.Lock(), threading.Event()

    def set_exception(exception):
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(reader), exception)

    def watch():
        seconds = SECONDS
        while not finished.wait(seconds):
            with lock:
                if not finished.is_set():
                    set_exception(ctypes.py_object(_TimeIsUp))
            seconds = AGAIN

    threading.Thread(target=watch, daemon=True).start()
    returned, timed_out = None, False
    try:
        while not finished.is_set():
            try:  # the exception may also arrive when the function has just returned: anywhere in here
                returned = returned or [function(*arguments)]
                with lock:
                    finished.set()
            except _TimeIsUp:
                timed_out = timed_out or returned is None
                returned = returned or [None]
    finally:
        with lock:
            finished.set()
        set_exception(None)  # one that was set and has not arrived yet is taken back
    if timed_out:
        raise _TimeIsUp
    return returned[0]


def call(function: Any, *arguments: Any, hint: str, returns: bool = True) -> Any:
    """Return what the reader's function returns; a crash is his, with its line, and a stub gets the hint.

    Without `returns`, a function that returns nothing is no stub: whoever called it looks at what it did.
    """
    if function is ...:
        raise Wrong(f"Not attempted yet. Hint: {hint}")
    if not callable(function):
        raise Wrong(f"expected your function here, and got {function!r}.")
    answer = attempt(function, *arguments)
    if not returns:
        return answer
    if answer is None and not is_stub(function):
        raise Wrong(f"Your function gives None: is a `return` missing? Hint: {hint}")
    if answer is None or answer is ...:
        raise Wrong(f"Not attempted yet. Hint: {hint}")
    return answer


def is_stub(function: Any) -> bool:
    """Whether a function does nothing at all: its code is as short as that of `lambda: None`."""
    code = getattr(function, "__code__", None)
    return code is not None and len(code.co_code) == len((lambda: None).__code__.co_code)


def fresh(arguments: tuple) -> tuple:
    """Return copies that the reader's function may do with as it likes."""
    return copy.deepcopy(arguments)


def numbers(answer: Any) -> np.ndarray | None:
    """Return an answer as an array of floats; None if it holds text, or rows of different lengths."""
    try:
        values = np.asarray(answer)
    except ValueError:  # ragged
        return None
    return values.astype(float) if values.dtype.kind in "fiub" else None
