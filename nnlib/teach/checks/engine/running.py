"""The one way to run a reader's function: bounded in time, and what it returns or raises becomes a value."""

import contextvars
import copy
import ctypes
import inspect
import math
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from nnlib.teach.checks.engine.crash import code_of, told
from nnlib.teach.checks.engine.verdict import Unnamed, Wrong

__all__ = [
    "MOST",
    "Crash",
    "Nothing",
    "Overtime",
    "Runner",
    "attempt",
    "call",
    "fresh",
    "is_stub",
    "number",
    "numbers",
    "shown",
    "untouched",
]

SECONDS = 5.0  # for one call of a reader's function; those of the exercises take milliseconds
AGAIN, TIMES = 0.1, 10  # seconds until a function that caught the exception gets the next one, and how many
PATIENCE = 3  # times as long on the clock, where the machine does something else
LONGEST = 100  # characters of a value that is shown
MOST = 10**7  # numbers in an answer
DEEPEST = 8  # lists in each other that are looked into


class Crash(Unnamed):
    """A reader's function has raised; two crashes are the same observation, whatever they said."""


class Nothing(Crash):
    """A reader's function has returned nothing, and should have: an observation like a crash."""


class Overtime(Exception):
    """A function took longer than it may."""


class _TimeIsUp(BaseException):
    """Raised in the thread of a function that runs for too long: an `except Exception` there lets it pass."""


class Runner:
    """A thread in which functions run one after the other, each bounded in time, without signals.

    A loop without end is ended by an exception that the caller's thread sets there. A call that stays inside
    C is left behind: it meets the exception when it returns, and one that holds the interpreter, such as
    `10**10**8`, cannot be left.
    """

    def __enter__(self):
        self._thread, self._busy = None, False
        return self

    def __exit__(self, *exception):
        if self._busy:  # the kernel was interrupted while a function ran
            self._end()
        elif self._thread is not None:
            self._jobs.put(None)

    def run(self, function: Callable, *arguments: Any, seconds: float) -> Any:
        """Return what a function returns, or raise what it raises; raise `Overtime` where it takes longer."""
        if sys.platform == "emscripten":  # no thread starts in a browser: nothing ends a loop without end
            return contextvars.copy_context().run(function, *arguments)
        if self._thread is None:
            self._begin()
        # What is set here, such as np.errstate, holds there too.
        self._jobs.put((contextvars.copy_context(), function, arguments))
        self._busy = True
        returned, error = self._outcome(seconds)
        self._busy = False
        if error is not None:
            raise error
        return returned

    def _outcome(self, seconds):
        """Wait for as much processor time, where the machine is busy with something else for longer."""
        used = time.process_time()
        for _ in range(PATIENCE):
            try:
                return self._outcomes.get(timeout=seconds)
            except queue.Empty:
                if time.process_time() - used > seconds / 2:
                    break
        self._end()
        raise Overtime

    def _begin(self):
        self._jobs: queue.SimpleQueue = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue = queue.SimpleQueue()
        self._thread = threading.Thread(target=_work, args=[self._jobs, self._outcomes], daemon=True)
        self._thread.start()

    def _end(self):
        for _ in range(TIMES):
            if not self._thread.is_alive():
                break
            _raise_in(self._thread)
            self._thread.join(AGAIN)
        self._thread, self._busy = None, False


def _raise_in(thread):
    """Raise the exception in a thread; raise it here as well, and catch it.

    Until somebody has got one, CPython before 3.13 stops every thread at a flag, and 3.11 under a debugger or
    another tracer does not come past it into a function: one that stays in C, or has just ended, would hold
    them all. Whose own exception still waits raises the flag again as soon as it runs.
    """
    exception, interrupted = ctypes.py_object(_TimeIsUp), False
    there, here = ctypes.c_ulong(thread.ident), ctypes.c_ulong(threading.get_ident())
    try:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(there, exception)
        while True:
            try:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(here, exception)
                while True:
                    pass
            except KeyboardInterrupt:
                interrupted = True
    except _TimeIsUp:
        if interrupted:
            raise KeyboardInterrupt from None


def _work(jobs, outcomes):
    try:  # without a call behind it: there the exception could arrive once more
        while (job := jobs.get()) is not None:
            context, function, arguments = job
            try:
                outcome = context.run(function, *arguments), None
            except _TimeIsUp:
                break
            except BaseException as error:
                outcome = None, error
            outcomes.put(outcome)
    except _TimeIsUp:
        pass


def attempt(function: Callable, *arguments: Any) -> Any:
    """Return what a reader's function returns; raise `Crash`, his line in plain words, where it raises."""
    try:
        with Runner() as runner:
            return runner.run(function, *arguments, seconds=SECONDS)
    except Overtime:
        raise Wrong(
            f"Your function was still running after {SECONDS:g} seconds, and has been stopped. Does a loop in"
            " it never end?"
        ) from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise Crash(told(function, error)) from None


def call(function: Any, *arguments: Any, hint: str, returns: bool = True) -> Any:
    """Return what the reader's function returns; a crash is his, with its line, and a stub gets the hint.

    Without `returns`, a function may return nothing: whoever called it looks at what it did.
    """
    if function is ...:
        raise Wrong(f"Not attempted yet. Hint: {hint}")
    if not callable(function):
        raise Wrong(f"expected your function here, and got {shown(function)}.")
    answer = attempt(function, *arguments)
    if inspect.iscoroutine(answer):
        answer.close()
        raise Wrong(
            "Your function is `async`, and promises a result instead of giving it. Write a plain `def`."
        )
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
            raise Unnamed(
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
    if type(answer) in PLAIN or (type(answer) is np.ndarray and answer.dtype.kind in "fiub"):
        return _numbers(answer)
    return _read(_numbers, answer)


def number(answer: Any) -> np.float64 | None:
    """Return an answer that is one finite number, or its digits in quotes; None if it is not."""
    values = _read(float, answer) if type(answer) is str else numbers(answer)
    found = np.ravel(values)[0] if values is not None and np.size(values) == 1 else math.nan
    return np.float64(found) if math.isfinite(found) else None


def shown(value: Any) -> str:
    """Return how a value writes itself, cut short; its kind where it cannot."""
    text = _read(repr, value)
    if text is None:
        return f"a {type(value).__name__}"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


PLAIN = (float, int, bool, np.float64, np.float32)


def _numbers(answer):
    if _size(answer) > MOST:
        return None
    values = np.asarray(answer)
    return np.array(values, float) if values.dtype.kind in "fiub" and values.size <= MOST else None


def _size(answer, depth=0):
    """Return how many numbers an array of it would hold, or a larger number than may be."""
    if isinstance(answer, np.ndarray):
        return answer.size
    if not isinstance(answer, (list, tuple)) or depth > DEEPEST:
        return len(answer) if hasattr(answer, "__len__") else 1
    total = 0
    for one in answer:
        total += _size(one, depth + 1)
        if total > MOST:
            break
    return total


def _read(look, value):
    """Return what a function finds in a value, whose methods may do anything; None where it finds nothing."""
    try:
        with Runner() as runner:
            return runner.run(look, value, seconds=SECONDS)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None
