"""The edition without solutions: nothing is given away, and it runs to its end."""

import ast
import builtins
import copy
import itertools
import json
import os
import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest

from nnlib.command import main
from nnlib.command.chapters import copy as copy_chapters
from nnlib.command.chapters import names
from nnlib.command.files import Problem
from nnlib.command.notebook import cells, exercises
from nnlib.command.slices import needed, parts
from nnlib.command.student import FOLDED, for_nbgrader, for_otter, solutions, student, without_solutions
from nnlib.teach import checks
from tests.checkout import ROOT
from tests.classroom import stored

CHAPTERS = [name.removesuffix(".ipynb") for name in names()]
WITH_EXERCISES = [name for name in CHAPTERS if stored(name)[1]]


def code(nb):
    return [cell for cell in cells(nb) if cell.is_code]


def given_by(cell):
    return {name for part in parts(cell.source) for name in part.gives}


def read_by(cell):
    return {name for part in parts(cell.source) for name in part.reads}


def sound(nb):
    """Return a notebook that is valid; its cells have names of their own."""
    nbformat.validate(nbformat.from_dict(nb))
    assert len({cell["id"] for cell in nb["cells"]}) == len(nb["cells"])
    return nb


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_without_solutions_lacks_nothing_else(chapter):
    nb, wanted = stored(chapter)
    new = sound(without_solutions(nb))
    assert not [cell.source for cell in cells(new) if "solution" in cell.tags or "# Solution" in cell.source]
    found = exercises(cells(new))
    assert [(one.number, one.asked, one.state) for one in found] == [
        (one.number, one.asked, "untouched") for one in wanted
    ]
    solved = [cell for cell in code(nb) if "solution" in cell.tags]
    assert len(solved) == len(wanted)
    gone = set().union(*map(given_by, solved)) - {"verdict"}
    there = set()
    for cell in code(new):  # what only solutions gave is given by a stand-in, before it is read
        assert read_by(cell) & gone <= there | given_by(cell), cell.source
        there |= given_by(cell)
    places = {cell.key for cell in solved}
    for cell in [cell for cell in code(new) if cell.key in places]:
        for line in cell.source.splitlines():
            assert re.match(
                r"our_\w+ = checks.chosen\(\w+, checks\.|\w+_solution = checks.\w+.right$|ours = ", line
            )


class Noting:
    """The checks, of which `chosen` notes what a chapter goes on with, and what that is given."""

    def __init__(self):
        self.found = {}

    def __getattr__(self, name):
        return getattr(checks, name)

    def chosen(self, yours, solution, *arguments):
        program = getattr(solution, "right", solution)
        self.found[yours.__name__] = program, copy.deepcopy(arguments)
        return program


def gone_on_with(nb):
    """Return the functions a chapter goes on with where nobody has filled in anything, and what they get."""
    groups = [parts(cell.source) for cell in code(nb)]
    ours = {name for group in groups for part in group for name in part.gives if name.startswith("our_")}
    noting, space = Noting(), {"__name__": "chapter"}
    for part in itertools.chain(*needed(groups, ours)):
        exec(compile(ast.Module([part.node], []), "<chapter>", "exec"), space)
        if "checks" in part.gives:
            space["checks"] = noting
    return noting.found


def same(found, right):
    if isinstance(right, (list, tuple)):
        return len(found) == len(right) and all(map(same, found, right))
    return np.allclose(found, right, rtol=1e-9, atol=1e-12)


# The others train before they have what they give it: that they run to their end says as much.
CHEAP = [name for name in WITH_EXERCISES if name[:2] not in ("07", "11", "12", "14")]


@pytest.mark.parametrize("chapter", CHEAP)
def test_what_stands_in_gives_the_numbers_of_the_solution(chapter):
    nb, _ = stored(chapter)
    solved, stand_ins = gone_on_with(nb), gone_on_with(without_solutions(nb))
    assert solved.keys() == stand_ins.keys()
    for name, (solution, arguments) in solved.items():
        program, own_arguments = stand_ins[name]
        assert program is not solution and same(program(*own_arguments), solution(*arguments)), name


def run(folder, chapter):
    """Run a chapter as nbval does, and return its process."""
    command = [sys.executable, "-m", "pytest", "-c", os.devnull, "-p", "no:cacheprovider", "-q"]
    options = ["--nbval-lax", "--nbval-cell-timeout=300", f"{chapter}.ipynb"]
    variables = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error::RuntimeWarning"}
    return subprocess.run([*command, *options], cwd=folder, env=variables, capture_output=True, text=True)


QUICK = ("01_one_neuron",)


@pytest.mark.parametrize(
    "chapter", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in CHAPTERS]
)
def test_a_chapter_without_solutions_runs_to_its_end(chapter, tmp_path):
    for name in CHAPTERS:  # A reads the others
        (tmp_path / f"{name}.ipynb").write_text(json.dumps(without_solutions(stored(name)[0])))
    done = run(tmp_path, chapter)
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_chapter_that_lacks_a_stand_in_does_not(tmp_path):
    nb = without_solutions(stored("03_activations")[0])
    nb["cells"] = [cell for cell in nb["cells"] if "checks.chosen(" not in "".join(cell["source"])]
    (tmp_path / "03_activations.ipynb").write_text(json.dumps(nb))
    assert "our_stable_sigmoid" in run(tmp_path, "03_activations").stdout


@pytest.mark.parametrize("chapter", WITH_EXERCISES)
def test_solutions_stand_under_the_names_of_the_exercises(chapter):
    nb, wanted = stored(chapter)
    found = solutions(nb)
    assert list(found) == [one.number for one in wanted]
    known = set(dir(builtins)).union(*map(given_by, code(without_solutions(nb))))
    for one in wanted:
        group = parts(found[one.number])
        gives = {name for part in group for name in part.gives}
        assert (
            one.name in gives and "_solution" not in found[one.number] and "checks" not in found[one.number]
        )
        assert {name for part in group for name in part.reads} <= known | gives


@pytest.mark.parametrize("chapter", WITH_EXERCISES)
def test_each_exercise_is_worth_a_point_in_nbgrader(chapter):
    new = sound(for_nbgrader(stored(chapter)[0]))
    marked = [(cell, cell["metadata"]["nbgrader"]) for cell in new["cells"] if "nbgrader" in cell["metadata"]]
    assert len({found["grade_id"] for _, found in marked}) == len(marked)
    answers = ["".join(cell["source"]) for cell, found in marked if found["solution"] and not found["locked"]]
    tests = ["".join(cell["source"]) for cell, found in marked if found["grade"] and found["points"] == 1]
    for one, answer, test in zip(stored(chapter)[1], answers, tests, strict=True):
        assert answer.startswith(one.answers[0].source) and answer.endswith("\n### END SOLUTION")
        assert f"### BEGIN SOLUTION\n{solutions(stored(chapter)[0])[one.number]}\n" in answer
        assert test.startswith(f"{one.check.source}\n\n### BEGIN HIDDEN TESTS\n")


@pytest.mark.parametrize("chapter", WITH_EXERCISES)
def test_each_exercise_is_a_question_of_otters(chapter):
    new = sound(for_otter(stored(chapter)[0], chapter))
    found = ["".join(cell["source"]) for cell in new["cells"] if cell["cell_type"] == "raw"]
    assert found.pop(0).startswith(f"# ASSIGNMENT CONFIG\nname: {chapter}\n")
    heads = [source.split("\n")[0].removeprefix("# ") for source in found]
    order = ["BEGIN QUESTION", "BEGIN SOLUTION", "END SOLUTION", "BEGIN TESTS", "END TESTS", "END QUESTION"]
    assert heads == order * len(stored(chapter)[1])


def test_the_page_that_speaks_of_solutions_says_that_there_are_none():
    texts = ["".join(cell["source"]) for name in CHAPTERS for cell in stored(name)[0]["cells"]]
    assert len(FOLDED.findall("\n".join(texts))) == 1
    new = without_solutions(stored("00_start_here")[0])
    assert any("the module's own stands in" in "".join(cell["source"]) for cell in new["cells"])


@pytest.mark.parametrize("system, count", [("", 19), ("nbgrader", 19), ("otter", 18)])
def test_the_editions_are_written_and_nothing_is_written_over(system, count, tmp_path, capsys):
    folder = tmp_path / "class"
    arguments = ["student", str(folder), *(["--for", system] if system else [])]
    assert main(arguments) == 0 and f"{count} files are new in {folder}.\nNext" in capsys.readouterr().out
    one = sorted(folder.rglob("*.ipynb"))[0]
    one.write_text("mine")
    one.with_name("02_dense_layer.ipynb").unlink(missing_ok=True)
    assert main(arguments) == 0 and one.read_text() == "mine"
    said = capsys.readouterr().out
    assert f"{one.relative_to(folder)} is there already, and stays as it is." in said
    assert f"{'0 files are' if system == 'nbgrader' else '1 file is'} new" in said


HOLDS = {
    "": "the chapters for a class, without solutions",
    "nbgrader": "the edition for nbgrader, which has the solutions",
    "otter": "the edition for Otter, which has the solutions",
}


@pytest.mark.parametrize("there, asked", list(itertools.permutations(HOLDS, 2)))
def test_no_edition_is_written_into_another(there, asked, tmp_path, capsys):
    """What is given out has no solutions beside it, and what has them is not taken for what is given out."""
    list(student(tmp_path, there))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert main(["student", str(tmp_path), *(["--for", asked] if asked else [])]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err == (
        f"nnlib: {tmp_path} holds {HOLDS[there]}. Expected a new folder, or one that holds {HOLDS[asked]}. "
        "Nothing was written.\n"
    )
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_no_edition_is_written_into_chapters_that_have_their_solutions(tmp_path):
    list(copy_chapters(tmp_path))
    for system in HOLDS:
        with pytest.raises(Problem, match="holds chapters with their solutions. Expected a new folder"):
            list(student(tmp_path, system))


@pytest.mark.parametrize(
    "system, out", [("nbgrader", "release/01_one_neuron"), ("otter", "01_one_neuron/student")]
)
def test_an_edition_with_solutions_says_that_it_has_them(system, out, tmp_path):
    said = list(student(tmp_path, system))[-1]
    assert said.endswith(f"This folder has all solutions and is yours alone: give out what is in {out} then.")
    assert "yours alone" not in list(student(tmp_path / "handout"))[-1]


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match="is no folder, or lies in a file"):
        list(student(tmp_path / "file" / "class"))
