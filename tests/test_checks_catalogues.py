"""Every entry of every catalogue, as an answer: it hears its own words, and none is dead."""

import inspect

import pytest

from nnlib.teach import checks
from nnlib.teach.checks.engine import Exercise

ENTRIES = [
    pytest.param(exercise, entry, id=f"{name}-{k}")
    for module in filter(inspect.ismodule, vars(checks).values())
    for name, exercise in vars(module).items()
    if isinstance(exercise, Exercise)
    and exercise.praise  # the lines behind a sheet have none: test_checks_05
    for k, entry in enumerate(exercise.entries)
]


@pytest.mark.parametrize(("exercise", "entry"), ENTRIES)
def test_an_entry_hears_its_own_words(exercise, entry):
    verdict = exercise(exercise.program(entry))
    words = [entry.words.replace("{result}", name) for name in exercise.results]
    assert not verdict and any(said in verdict.text for said in words), f"{entry.edit}: {verdict.text}"
