"""An exercise whose answer is compared with no other: its check looks at one thing after the other."""

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from nnlib.teach.checks.engine import repair
from nnlib.teach.checks.engine.exercise import Trial
from nnlib.teach.checks.engine.running import call
from nnlib.teach.checks.engine.verdict import Unnamed, Verdict, Wrong, verdict_of

__all__ = ["Staged", "passed", "staged"]


class Staged:
    """A check of one exercise: called with the reader's function, it returns the `Verdict`.

    How far a function comes is how near it is to a right one: by that the smallest change of it is looked for
    where its mistake has no name.

    Parameters
    ----------
    judge : generator function (ask, seed)
        `ask(…)` calls the reader's function. It yields each time that something more has been found right,
        and returns the praise; it raises `Wrong`, or `Unnamed` where it cannot say which mistake it is. Other
        seeds give other data, of other sizes.
    right : function
        A right program, with the parameters of the reader's function.
    hint : str
        For an untouched stub.
    called : function, optional
        Makes of the reader's function what is called in its place.
    dear : function (ask), optional
        Looks, in the end, at what takes too long for a search, which tries hundreds; raises `Wrong`.
    """

    results, returns = ("the answer",), True

    def __init__(
        self,
        judge: Callable[[Callable, int], Iterator],
        *,
        right: Callable,
        hint: str,
        called: Callable[[Any], Any] = lambda answer: answer,
        dear: Callable[[Callable], None] = lambda ask: None,
    ):
        self.__name__, self.__module__, self.__doc__ = judge.__name__, judge.__module__, judge.__doc__
        self._judge, self.right, self.hint, self.called = judge, right, hint, called
        self._dear = dear

    def __call__(self, answer: Any) -> Verdict:
        return verdict_of(self._placed, answer)

    def _placed(self, answer):
        try:
            return self.judge(answer)
        except Unnamed as wrong:
            wrong.repair = repair.repair(answer, self)
            raise

    def judge(self, answer: Any) -> str:
        """Return praise if the reader's function is right; raise `Wrong` if not."""
        ask = functools.partial(call, self.called(answer), hint=self.hint)
        looks = self._judge(ask, 0)
        while True:
            try:
                next(looks)
            except StopIteration as over:
                self._dear(ask)
                return over.value

    # What the search for a repair asks of an exercise

    def trials(self) -> list[Trial]:
        """Return the one trial, all of the check."""
        return [Trial((0,), {})]

    def others(self) -> list[Trial]:
        """Return another one, with other data."""
        return [Trial((1,), {})]

    @functools.cached_property
    def program_of_names(self) -> Callable:
        """The right program."""
        return self.called(self.right)

    @functools.cached_property
    def truth(self) -> list[tuple]:
        """How far the right program comes."""
        return [self.run(self.program_of_names, trial) for trial in self.trials()]

    def run(self, ask: Callable, trial: Trial) -> tuple[np.ndarray]:
        """Return how far a program comes: how often the judge yields, and one more where it has praise."""
        looks, far = self._judge(ask, *trial.arguments), 0
        with contextlib.suppress(Exception):
            for _ in looks:
                far += 1
            far += 1
        return (np.array([far], float),)


def staged(**page: Any) -> Callable[[Callable], Staged]:
    """Make a generator that judges an answer the `Staged` whose page says what else there is to it."""
    return lambda judge: Staged(judge, **page)


def passed(rules: Iterable[tuple[str | Unnamed, Any]], head: str = "", tail: str = "") -> Iterator[None]:
    """Yield for each rule that does not hold; raise the words of the first that does.

    A rule is a pair, words and whether it holds. Words that do not say which mistake it is are an `Unnamed`.
    """
    for why, holds in rules:
        if holds:
            raise (Unnamed if isinstance(why, Unnamed) else Wrong)(f"{head}{why}{tail}")
        yield
