"""Every entry of every catalogue, as an answer: it hears its own words, and none is dead."""

import pytest

from nnlib.teach import checks
from nnlib.teach.checks.engine import Exercise

ENTRIES = [
    pytest.param(exercise, entry, id=f"{name}-{k}")
    for name in checks.__all__
    if isinstance(exercise := getattr(checks, name), Exercise)
    for k, entry in enumerate(exercise.entries)
]


@pytest.mark.parametrize(("exercise", "entry"), ENTRIES)
def test_an_entry_hears_its_own_words(exercise, entry):
    verdict = exercise(exercise.program(entry))
    words = [entry.words.replace("{result}", name) for name in exercise.results]
    assert not verdict and any(said in verdict.text for said in words), f"{entry.edit}: {verdict.text}"
