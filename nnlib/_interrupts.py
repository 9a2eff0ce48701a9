"""Interrupting a loop between two of its steps: what is in hand is finished first."""

import signal
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from typing import Any, TypeVar

T = TypeVar("T")


class Interrupt:
    """While this is held, a first SIGINT is only noted, in `requested`; a second raises KeyboardInterrupt.

    Only the main thread can hold it, and only where an interrupt has a Python handler; elsewhere nothing
    changes. Whoever ends early because of it says so in `obeyed`.
    """

    requested = False
    obeyed = False

    def __enter__(self) -> "Interrupt":
        main = threading.current_thread() is threading.main_thread()
        self.previous = signal.getsignal(signal.SIGINT) if main else None
        if callable(self.previous):
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *exception: object) -> None:
        if callable(self.previous):
            signal.signal(signal.SIGINT, self.previous)

    def _note(self, signum: int, frame: Any) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True


def held(
    loop: Iterator[T], interrupt: Interrupt, threads: Callable[[], AbstractContextManager[Any]]
) -> Generator[T, None, None]:
    """Yield what `loop` yields, until it is interrupted: then it ends with what is in hand.

    While it works it holds the interrupt and its threads, at a yield neither.
    """
    while True:
        with interrupt, threads():
            item = next(loop, None)
        if item is None:
            return
        yield item
        if interrupt.requested:
            return
