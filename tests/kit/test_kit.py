"""A chapter released, collected and graded by nbgrader and by Otter; and `nnlib marks` of the same class."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nnlib.command.marks import marks
from nnlib.command.notebook import cells, exercises
from nnlib.command.student import solutions, student
from tests.checkout import ROOT
from tests.classroom import dumped, stored

CHAPTER = "02_dense_layer"
SOLVED = solutions(stored(CHAPTER)[0])
NO_MEAN = "def bias_gradient(dZ):\n    return dZ.mean(axis=0)"
CLASS = {"ada": SOLVED, "bob": {"2.1": SOLVED["2.1"], "2.3": NO_MEAN}, "carl": {}}
POINTS = {"ada": 7, "bob": 1, "carl": 0}
SAID = "right but for a factor 1/N"


def run(folder, program, *arguments):
    """Run a command of this environment in a folder; return what it printed."""
    command = [str(Path(sys.executable).with_name(program)), *map(str, arguments)]
    variables = os.environ | {
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(command[0]).parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def fill_in(released, answers, path):
    """Write what a student hands in: the released notebook, with these answers."""
    nb = json.loads(released.read_bytes())
    for one in exercises(cells(nb)):
        if one.number in answers:
            nb["cells"][one.answers[0].at]["source"] = answers[one.number]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(dumped(nb))


def assert_nothing_is_given_away(released):
    text = released.read_text("utf-8")
    assert "return X.T @ dZ" in SOLVED["2.2"] and "return X.T @ dZ" not in text
    assert "verdict" not in text and "BEGIN" not in text
    assert {one.state for one in exercises(cells(json.loads(text)))} == {"untouched"}


def assert_the_marks_are_the_points(folder):
    list(marks(folder))
    with open(folder / "marks.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    right = [row["student"] for row in rows if row["state"] == "right"]
    assert {name: right.count(name) for name in CLASS} == POINTS
    assert [row["student"] for row in rows if SAID in row["diagnosis"]] == ["bob"]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of nbgrader's, in which a chapter was released, handed in and collected."""
    folder = tmp_path_factory.mktemp("course")
    list(student(folder, "nbgrader"))
    run(folder, "nbgrader", "generate_assignment", CHAPTER)
    for name, answers in CLASS.items():
        handed_in = folder / "downloaded" / CHAPTER / "archive" / f"{name}_{CHAPTER}.ipynb"
        fill_in(folder / "release" / CHAPTER / f"{CHAPTER}.ipynb", answers, handed_in)
    run(folder, "nbgrader", "zip_collect", CHAPTER)
    return folder


def test_nbgrader_releases_a_chapter_without_its_solutions(course):
    assert_nothing_is_given_away(course / "release" / CHAPTER / f"{CHAPTER}.ipynb")


def test_nbgrader_grades_what_it_has_collected(course):
    run(course, "nbgrader", "autograde", CHAPTER)
    run(course, "nbgrader", "export")
    with open(course / "grades.csv", newline="") as file:
        assert {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)} == POINTS
    graded = (course / "autograded" / "bob" / CHAPTER / f"{CHAPTER}.ipynb").read_text("utf-8")
    assert f'"evalue": "{SAID}' in graded  # in the words of the check
    run(course, "nbgrader", "generate_feedback", CHAPTER)
    assert (course / "feedback" / "bob" / CHAPTER / f"{CHAPTER}.html").stat().st_size > 0


def test_what_nbgrader_has_collected_is_marked(course):
    assert_the_marks_are_the_points(course / "submitted")


def test_otter_assigns_and_grades_a_chapter(tmp_path):
    list(student(tmp_path, "otter"))
    run(tmp_path, "otter", "assign", f"{CHAPTER}.ipynb", "dist")  # it runs the solutions, too
    released = tmp_path / "dist" / "student" / f"{CHAPTER}.ipynb"
    assert_nothing_is_given_away(released)
    assert "import otter" not in released.read_text("utf-8")
    (grader,) = (tmp_path / "dist" / "autograder").glob("*.zip")
    for name, answers in CLASS.items():
        handed_in = tmp_path / "submitted" / name / f"{CHAPTER}.ipynb"
        fill_in(released, answers, handed_in)
        run(tmp_path, "otter", "run", "-a", grader, "-o", handed_in.parent, "--no-logo", handed_in)
        results = json.loads((handed_in.parent / "results.json").read_text())
        assert sum(test.get("score", 0) for test in results["tests"]) == POINTS[name]
        assert (SAID in json.dumps(results)) == (name == "bob")
    assert_the_marks_are_the_points(tmp_path / "submitted")
