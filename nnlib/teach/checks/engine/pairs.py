"""Two mistakes at once, each of them known alone."""

import itertools
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nnlib.teach.checks.engine.catalogue import Entry
from nnlib.teach.checks.engine.program import ARROW
from nnlib.teach.checks.engine.running import Crash
from nnlib.teach.checks.engine.tell import Run, factor, near, same
from nnlib.teach.checks.engine.verdict import Wrong, sentence

__all__ = ["words_for"]

BUDGET = 0.5  # seconds of processor time
CONSTANT = {
    "the sign is the wrong way round.": -1.0,
    "all of it is doubled.": 2.0,
    "all of it is halved.": 0.5,
}


def words_for(exercise: Any, part: int, name: str, found: Sequence, runs: Sequence[Run]) -> str | None:
    """Return the words for two mistakes that together explain one result on every trial, or None.

    The second is a sign or a factor on top of a known mistake, or another known one.
    """
    arrays = all(isinstance(run.right, (np.ndarray, np.floating)) for run in runs)
    if not arrays or any(run.right.dtype.kind != "f" for run in runs):
        return None
    fits = all(run.found.shape == run.right.shape for run in runs)
    if all(np.isin(run.right, (0, 1)).all() for run in runs) or (fits and factor(name, runs)):
        return None  # what is yes or no agrees by chance; a plain factor is one mistake
    until = time.process_time() + BUDGET
    entries = [entry for entry in exercise.entries if entry.result in (None, name)]
    entries.sort(key=lambda entry: -_nearness(exercise, entry, part, runs))
    for entry in entries:
        if time.process_time() > until:
            return None
        if off := _factor(exercise, entry, part, runs):
            return _both(name, exercise, entry.words, off)
    for first, second in _pairs(entries):
        if time.process_time() > until:
            return None
        both = Entry("", f"{first.edit} ; {second.edit}", name)
        try:
            explained = exercise.explains(both, found, [part])
        except (Wrong, ValueError, SyntaxError, AttributeError, IndexError):
            continue  # the second finds nothing to edit where the first has been
        if explained:
            return _both(name, exercise, first.words, second.words)
    return None


def _nearness(exercise, entry, part, runs):
    """Return how near what an entry gives comes to what was found."""
    given = [exercise.mistaken(entry, k) for k in range(len(runs))]
    pairs = zip(given, runs, strict=True)
    return sum(near(results[part], run.found) for results, run in pairs if not isinstance(results, Crash))


def _both(name, exercise, first, second):
    head = f"{name}: " if len(exercise.results) > 1 else ""
    words = f"Two mistakes at once. {sentence(first)} And: {second}"
    return head + words.replace("{result}", name)


def _pairs(entries) -> Iterator[tuple[Entry, Entry]]:
    """Yield the pairs of which the second edits what the first has written, those with other words."""
    seconds = [entry for entry in entries if ARROW in entry.edit or " = " in entry.edit]
    for first, second in itertools.product(entries, seconds):
        if first.words != second.words:
            yield first, second


def _factor(exercise, entry, part, runs):
    """Return the words for a factor between what an entry gives and what was found, the same everywhere."""
    factors = {words: [value] * len(runs) for words, value in CONSTANT.items()}
    for size in runs[0].sizes:
        values = [run.sizes[size] for run in runs]
        if all(isinstance(value, int) and value > 0 for value in values):
            factors[f"all of it is {size} times too large."] = values
            factors[f"all of it is {size} times too small."] = [1 / value for value in values]
    for k, run in enumerate(runs):
        results = exercise.mistaken(entry, k)
        if isinstance(results, Crash) or not np.any(results[part]):
            return None
        factors = {
            words: values for words, values in factors.items() if same(run.found, values[k] * results[part])
        }
        if not factors:
            return None
    return next(iter(factors))
