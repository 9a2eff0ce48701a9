"""Every entry of every catalogue, as an answer: it hears its own words, and none is dead; and every trial."""

import inspect
from pathlib import Path

import numpy as np
import pytest

from nnlib.teach import checks
from nnlib.teach.checks.engine import Exercise

EXERCISES = {
    name: exercise
    for module in filter(inspect.ismodule, vars(checks).values())
    for name, exercise in vars(module).items()
    if isinstance(exercise, Exercise)
    and exercise.praise  # the lines behind a sheet have none: test_checks_05
}
ENTRIES = [
    pytest.param(exercise, entry, id=f"{name}-{k}")
    for name, exercise in EXERCISES.items()
    for k, entry in enumerate(exercise.entries)
]
DATA = {"line_gradient", "line_step", "descend"}  # whose w and b are drawn, as x and y are


def test_no_module_is_hidden_by_a_check_of_its_name():
    names = {path.stem for path in Path(checks.__file__).parent.glob("[a-z]*.py")}
    assert {name for name in names if not inspect.ismodule(vars(checks)[name])} == set()


@pytest.mark.parametrize(("exercise", "entry"), ENTRIES)
def test_an_entry_hears_its_own_words(exercise, entry):
    verdict = exercise(exercise.program(entry))
    words = [entry.words.replace("{result}", name) for name in exercise.results]
    assert not verdict and any(said in verdict.text for said in words), f"{entry.edit}: {verdict.text}"


@pytest.mark.parametrize("name", EXERCISES)
def test_a_verdict_names_all_sizes_that_a_trial_has(name):
    exercise = EXERCISES[name]
    for trial in exercise.trials():
        said = exercise._tried(trial)
        for parameter, value in zip(exercise._parameters, trial.arguments, strict=True):
            if isinstance(value, int | float) and not (name in DATA and parameter in ("w", "b")):
                assert f" = {value:.3g}" in said or f" = {value}" in said, (parameter, said)
            if isinstance(value, list | tuple) and not any(isinstance(one, np.ndarray) for one in value):
                assert str(value) in said, (parameter, said)
            if isinstance(value, np.ndarray) and not named_otherwise(name):
                sizes = [str(n) for n in value.shape] if str(value.size) not in said else []
                assert all(n in said for n in sizes), (parameter, said)


def named_otherwise(name):
    """Whether what a trial shows of its arrays are their numbers: labels, or the lowest and the highest."""
    return name in {"confusion", "last_activations", "one_hot"}
