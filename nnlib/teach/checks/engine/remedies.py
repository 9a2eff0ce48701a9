"""What helps a training that falls short: it is not guessed from how it ended, it is tried."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib.teach.checks.engine.trained import Measured, Training

__all__ = ["Remedies"]


def _helps(before, after, tried):
    """Whether what was tried again has a loss that is a tenth lower, or falls half as far again."""
    fell, falls = before.loss - after.loss, before.loss - tried.loss
    return tried.loss < 0.9 * np.fmin(before.loss, after.loss) or falls > 1.5 * fell > 0


class Remedies:
    """What helps trainings that fall short: some are gone on with, and tried at other rates.

    Parameters
    ----------
    failed : list of Training
        Up to ten of them are tried.
    solved : function
        Whether what is measured would do.
    share : float
        Of the reader's steps, that each try has; going on has twice as many.

    Attributes
    ----------
    runs : list of Training
        Those that were tried.
    tries : dict of lists of Measured
        What became of each by going on ("longer"), going on after that at a tenth of the rate ("calmer"), and
        from the same start at ten times the rate ("larger") and a tenth of it ("smaller").
    """

    def __init__(self, failed: list[Training], solved: Callable[[Measured], Any], share: float = 1):
        chosen = [failed[len(failed) * k // 10] for k in range(10)] if len(failed) > 10 else failed
        self.runs = [run for run in chosen if run.start is not None]
        self._solved, self._share = solved, share
        self.tries = {
            "longer": [run.go_on(1, 2 * share) for run in self.runs],
            "calmer": [run.go_on(0.1, share) for run in self.runs],
            "larger": [run.again(10, share) for run in self.runs],
            "smaller": [run.again(0.1, share) for run in self.runs],
        }

    def tell(self, otherwise: str, also: Callable[[list[Measured]], str] = lambda _: "") -> str:
        """Return what is missing, or `otherwise`, and the losses that show it, each with what `also` adds."""
        if not self.runs:
            return "What more epochs or another rate would do is not known: this network cannot be copied."
        before, after = [run.before for run in self.runs], [run.after for run in self.runs]

        def shown(found):
            loss = _loss(found)
            return (f"{loss:.3g}" if np.isfinite(loss) else "no number") + also(found)

        epochs, many = self._share * self.runs[0].epochs, len(self.runs) > 1
        longer, calmer, larger, smaller = map(shown, self.tries.values())
        of = f" on {len(self.runs)} of them, the median" if many else ", the"
        return (
            f"{self._missing(before, after, otherwise)} Tried{of} loss: {shown(before)} at the start,"
            f" {shown(after)} in the end; {longer} after {2 * epochs:g} epochs more, {calmer} after another"
            f" {epochs:g} at a tenth of the rate. From the start again (epochs: {epochs:g}): {larger} at ten"
            f" times the rate, {smaller} at a tenth of it."
        )

    def _missing(self, before, after, otherwise):
        """Return the words for what helps at least half of them: to the end, or at all."""
        ends = after, self.tries["longer"], after, after  # what each try is compared with
        solved, helped = (
            [
                2 * sum(map(helps, before, compared, found)) >= len(found)
                for compared, found in zip(ends, self.tries.values(), strict=True)
            ]
            for helps in (lambda _, end, tried: self._solved(tried) and not self._solved(end), _helps)
        )
        loss = {name: _loss(found) for name, found in self.tries.items()}
        for longer, calmer, larger, smaller in (solved, helped):
            if larger and smaller:
                return "Unlucky: with other steps, larger or smaller, the same starts do better."
            if longer and larger and (any(solved) or loss["longer"] < loss["larger"]):
                return "Too few epochs, or too small a rate."
            if larger:
                return "Slow: the rate is too small."
            if calmer and loss["calmer"] < 0.9 * loss["smaller"]:
                return "No schedule, or one that ends too high: steps that shrink at the end settle."
            if smaller:
                return "The rate is too large."
            if longer:
                return "Too few epochs."
        if 2 * sum(run.is_blown_up for run in self.runs) > len(self.runs):
            return "Blown up, and a tenth of the rate does not mend it: is it too large by far?"
        if np.allclose(_loss(before), [_loss(after), loss["larger"]], rtol=0.01):
            return "Nothing has moved, nor does it at ten times the rate: a tiny rate, or dead units?"
        if np.isclose(_loss(after), _loss(before), rtol=0.01):
            return "Nothing has moved: it ends where it began, and more epochs or another rate do not help."
        if np.isclose(_loss(after), loss["longer"], rtol=0.02):
            return f"At rest: more epochs hardly move it, and another rate is not enough. {otherwise}"
        return f"Neither more epochs nor another rate is enough. {otherwise}"


def _loss(found):
    """Return the median loss; one that is no number counts as infinite."""
    return np.median([np.inf if np.isnan(measured.loss) else measured.loss for measured in found])
