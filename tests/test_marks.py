"""The marks of a class: those of classes that are made up, of which the truth is known."""

import ast
import csv
import datetime
import html
import html.parser
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nnlib
from nnlib.command import main
from nnlib.command.answers import put_back, snapshot
from nnlib.command.files import Problem
from nnlib.command.handed import handed_in
from nnlib.command.mark import Mark
from nnlib.command.marks import file_names, marks
from nnlib.command.marks_page import feedback, page
from nnlib.command.slices import needed, parts
from nnlib.teach import checks
from tests.checkout import ROOT
from tests.classroom import (
    Student,
    all_right,
    drawn,
    dumped,
    filled,
    stored,
    student,
    with_marks_of_his_own,
    without_tags,
)

ONE, TWO = "01_one_neuron", "02_dense_layer"
NO_MEAN = "def bias_gradient(dZ):\n    return dZ.mean(axis=0)"
WRONG = ("tried", ["right but for a factor 1/N", "mean over the batch"])

# What a cell may redefine before it gives a wrong answer; none of it makes the answer right.
REDEFINED = {
    "a check": "checks.bias_gradient = lambda answer: checks.Verdict(True, 'Right.')",
    "the name of the checks": "class checks:\n    bias_gradient = staticmethod(lambda answer: True)",
    "a verdict": "checks.Verdict.right = property(lambda self: True, lambda self, value: None)",
    "what makes a verdict": (
        "import sys\n"
        "engine = sys.modules['nnlib.teach.checks.engine.exercise']\n"
        "engine.verdict_of = lambda *arguments: checks.Verdict(True, 'Right.')\n"
        "engine.same = lambda a, b: True"
    ),
    "the trials": "checks.bias_gradient.trials = lambda: []\nchecks.bias_gradient.__dict__['truth'] = []",
    "NumPy": "np.allclose = np.array_equal = np.isclose = lambda *arrays, **near: True",
    "what is built in": "import builtins\nbuiltins.all = builtins.any = lambda found: True",
    "a module": "import sys, types\nsys.modules['nnlib.teach.checks'] = types.ModuleType('checks')",
    "the module": "import nnlib\nnnlib.Dense = nnlib.layers.Dense = None",
}


def redefining(name, what):
    return student(name, TWO, {"2.3": f"{REDEFINED[what]}\n{NO_MEAN}"}, {"2.3": WRONG})


def stopping(name):
    """What an answer that stops has redefined does not reach the exercises after it."""
    answers = {"2.2": f"{REDEFINED['what is built in']}\n1 / 0", "2.3": NO_MEAN}
    return student(name, TWO, answers, {"2.2": ("tried", ["ZeroDivisionError"]), "2.3": WRONG})


def hoarding(name):
    """More memory, and a larger file, than a notebook may have; both would be there without a bound."""
    answers = {
        "2.3": NO_MEAN,
        "2.4": "hoard = np.empty(10**9)\ndef input_gradient(dZ, W):\n    return dW",
        "2.5": "open('large', 'wb').write(bytes(10**8))\ndef dense_backward(X, W, dZ):\n    return dW",
    }
    bounded = sys.platform == "linux"
    memory, file = (["MemoryError"], ["File too large"]) if bounded else ([], [])
    return student(name, TWO, answers, {"2.3": WRONG, "2.4": ("tried", memory), "2.5": ("tried", file)})


def leaving(name):
    """Its process is gone in the middle: what was marked before it stays."""
    answers = {
        "2.3": NO_MEAN,
        "2.4": "import os\nos._exit(0)\ndef input_gradient(dZ, W):\n    return dZ @ W.T",
    }
    given = student(name, TWO, answers, {"2.3": WRONG})
    late = ("stopped", ["The notebook ended the process in which it ran."])
    given.truth |= {"2.4": late, "2.5": late}
    return given


def without_python(name):
    answers = {"2.1": "def dense_forward(X, W, b)\n    return X @ W + b", "2.3": "1 / 0\n" + NO_MEAN}
    stops = ("tried", ["The cell stops with ZeroDivisionError: division by zero."])
    return student(name, TWO, answers, {"2.1": ("tried", ["SyntaxError in line 1"]), "2.3": stops})


def hanging(name, chapter, answer):
    """The whole process hangs, and cannot be asked to stop: the notebook's time is over."""
    given = student(name, chapter, {"2.3": NO_MEAN, "2.4": answer}, {"2.3": WRONG})
    late = ("stopped", ["The notebook was still running after"])
    given.truth |= {"2.4": late, "2.5": late}
    return given


def damaged(name, data):
    kind = "missing" if data is None else "unread"
    return Student(name, data, {one.number: (kind, []) for one in stored(TWO)[1]})


def eleven():
    return [
        drawn("ada", TWO, 1, share_right=0.3),
        drawn("blaise", TWO, 2, share_right=0.5, share_done=0.5),
        all_right("carl", TWO, with_marks_of_his_own),
        all_right("dora", TWO, without_tags),
        redefining("emmy", "what makes a verdict"),
        hoarding("felix"),
        leaving("grace"),
        without_python("henri"),
        stopping("hilda"),
        damaged("ida", dumped(filled(TWO, {}))[:-1000]),
        damaged("john", None),
    ]


def hand_in(folder, chapter, students):
    for one in students:
        (folder / one.name).mkdir(parents=True)
        name = f"{chapter}.ipynb" if one.data is not None else "essay.ipynb"
        (folder / one.name / name).write_bytes(one.data or b"")


def table(folder, name="marks.csv"):
    with open(folder / name, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def agree(folder, chapter, students):
    """Assert that the marks of a chapter are the truth about each student."""
    found = {(row["student"], row["exercise"]): row for row in table(folder) if row["chapter"] == chapter}
    assert len(found) == sum(len(one.truth) for one in students)
    for one in students:
        for number, (state, words) in one.truth.items():
            row = found[one.name, number]
            assert row["state"] == state, (one.name, number, row)
            assert all(word in row["diagnosis"] for word in words), (one.name, number, row, words)
    sums = [totals(one) for one in sorted(students, key=lambda one: one.name)]
    assert table(folder, "learners.csv") == sums


def totals(one):
    """The row of a student in the table of totals; all that he has handed in is one chapter."""
    states = [state for state, _ in one.truth.values()]
    counts = {state: str(states.count(state)) for state in ("right", "tried", "untouched")}
    return {"learner": one.name, **counts, "exercises": str(len(states))}


def told(lines, capsys):
    """Show the lines, which have the time for each notebook, in the test's output."""
    with capsys.disabled():
        print("", *lines, sep="\n  ")


def test_the_marks_of_eleven_students_are_the_truth(tmp_path, capsys):
    students = eleven()
    hand_in(tmp_path, TWO, students)
    lines = list(marks(tmp_path))
    told(lines, capsys)
    agree(tmp_path, TWO, students)
    again = list(marks(tmp_path))
    assert all(" s." not in line for line in again)  # nothing is run a second time
    agree(tmp_path, TWO, students)


@pytest.mark.slow
def test_the_marks_of_thirty_one_notebooks_are_the_truth(tmp_path, capsys):
    one = [
        *(drawn(f"ann {seed}", ONE, seed, share_right=seed / 8) for seed in range(9)),
        all_right("ben", ONE, without_tags),
    ]
    two = [
        *eleven(),
        *(redefining(what, what) for what in REDEFINED if what != "what makes a verdict"),
        hanging("kurt", TWO, "10**10**9\ndef input_gradient(dZ, W):\n    return dZ @ W.T"),
        hanging("lise", TWO, "def input_gradient(dZ, W):\n    return 10**10**9"),
    ]
    for chapter, students in ((ONE, one), (TWO, two)):
        hand_in(tmp_path / chapter, chapter, students)
        told(marks(tmp_path / chapter, seconds=60), capsys)
        agree(tmp_path / chapter, chapter, students)
    assert len(one) + len(two) == 31


def test_an_endless_loop_costs_one_notebook(tmp_path):
    endless = [
        hanging("kurt", TWO, "def input_gradient(dZ, W):\n    return 10**10**9"),
        redefining("lise", "NumPy"),
    ]
    hand_in(tmp_path, TWO, endless)
    lines = list(marks(tmp_path, seconds=6))
    assert lines[0].startswith(f"kurt, {TWO}: 0 of 7 right")
    agree(tmp_path, TWO, endless)


def test_a_loop_that_can_be_ended_costs_one_exercise(tmp_path):
    answers = {"2.3": "while True:\n    pass", "2.4": "def input_gradient(dZ, W):\n    return dZ @ W.T"}
    truth = {"2.3": ("tried", ["The cell was still running"]), "2.4": ("right", [])}
    one = student("kurt", TWO, answers, truth)
    hand_in(tmp_path, TWO, [one])
    list(marks(tmp_path))
    agree(tmp_path, TWO, [one])


@pytest.mark.parametrize("what", REDEFINED)
def test_what_is_redefined_counts_for_nothing_once_it_is_put_back(what):
    """In this process: what `put_back` leaves in place would be found by whoever runs next."""
    before = snapshot()
    kept = checks.bias_gradient, np.allclose, all
    space = {"checks": checks, "np": np}
    try:
        exec(f"{REDEFINED[what]}\n{NO_MEAN}", space)
    finally:
        put_back(before)
    assert (checks.bias_gradient, np.allclose, all) == kept and sys.modules["nnlib.teach.checks"] is checks
    verdict = checks.bias_gradient(space["bias_gradient"])
    assert verdict.right is False and all(words in verdict.text for words in WRONG[1])


def untouched(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(dumped(stored(TWO)[0]))


def test_notebooks_are_found_by_their_names(tmp_path):
    untouched(
        tmp_path,
        "ada/02_dense_layer.ipynb",
        "ada/02_dense_layer (1).ipynb",  # what a browser makes of a second download
        "ada/.ipynb_checkpoints/02_dense_layer-checkpoint.ipynb",
        "bob/02_dense_layer/02_dense_layer.ipynb",  # where nbgrader collects
        "02_dense_layer_carl.ipynb",
        "dora_123_02_dense_layer.ipynb",
        "emmy/essay.ipynb",
        "02_dense_layer.ipynb",
        "emmy/01_one_neuron_final.ipynb",
    )
    found, left_out = handed_in(tmp_path)
    there = {(one.student, one.chapter[:2]): one.path and one.path.name for one in found}
    assert [student for (student, chapter), name in there.items() if name and chapter == "02"] == [
        *("ada", "bob", "carl", "dora_123")
    ]
    assert there["emmy", "01"] == "01_one_neuron_final.ipynb" and there["emmy", "02"] is None
    assert there["ada", "02"] == "02_dense_layer.ipynb" and len(found) == 10
    assert sorted(left_out) == [
        "02_dense_layer.ipynb is left out: whose it is is not known.",
        "ada/02_dense_layer (1).ipynb is left out: 02_dense_layer.ipynb is ada's already.",
        "emmy/essay.ipynb is left out: its chapter is not known.",
    ]


def test_a_copy_in_one_folder_is_no_other_student(tmp_path):
    """A browser adds " (1)" to the name of a second download, JupyterLab "-Copy1" and Windows " - Copy"."""
    untouched(
        tmp_path,
        "02_dense_layer_ada.ipynb",
        "02_dense_layer_ada (1).ipynb",
        "02_dense_layer_ada(2).ipynb",
        "bob_02_dense_layer-Copy1.ipynb",
        "02_dense_layer (1)_carl.ipynb",
        "02_dense_layer_dora - Copy (2).ipynb",
        "02_dense_layer_emmy (BSc).ipynb",
        "02_dense_layer (felix).ipynb",
        "02_dense_layer-Copy1.ipynb",
        "02_dense_layer (1).ipynb",
    )
    found, left_out = handed_in(tmp_path)
    assert [one.student for one in found] == ["ada", "bob", "carl", "dora", "emmy (BSc)", "felix"]
    assert found[0].path.name == "02_dense_layer_ada.ipynb"
    assert sorted(left_out) == [
        "02_dense_layer (1).ipynb is left out: whose it is is not known.",
        "02_dense_layer-Copy1.ipynb is left out: whose it is is not known.",
        "02_dense_layer_ada (1).ipynb is left out: 02_dense_layer_ada.ipynb is ada's already.",
        "02_dense_layer_ada(2).ipynb is left out: 02_dense_layer_ada.ipynb is ada's already.",
    ]


def test_what_reset_keeps_belongs_to_no_student_called_my(tmp_path):
    alone = tmp_path / "alone"
    untouched(alone, "my_02_dense_layer.ipynb")
    kept = "`nnlib reset` keeps a learner's work so; it is handed in under the name of the chapter."
    said = f"my_02_dense_layer.ipynb is left out: whose it is is not known. {kept}"
    with pytest.raises(Problem, match=re.escape(said)):
        handed_in(alone)
    together = tmp_path / "together"
    untouched(
        together,
        "my_02_dense_layer.ipynb",
        "my_02_dense_layer_2.ipynb",
        "my_02_dense_layer_ada.ipynb",
        "my_02_dense_layer_2_bob.ipynb",
        "my_02_dense_layer_31415.ipynb",
        "my_group_02_dense_layer.ipynb",
        "carl/02_dense_layer.ipynb",
        "carl/my_02_dense_layer.ipynb",
        "dora/my_02_dense_layer.ipynb",
    )
    found, left_out = handed_in(together)
    there = {one.student: str(one.path.relative_to(together)) for one in found}
    assert there == {
        "31415": "my_02_dense_layer_31415.ipynb",
        "ada": "my_02_dense_layer_ada.ipynb",
        "bob": "my_02_dense_layer_2_bob.ipynb",
        "carl": str(Path("carl", "02_dense_layer.ipynb")),
        "dora": str(Path("dora", "my_02_dense_layer.ipynb")),
        "my_group": "my_group_02_dense_layer.ipynb",
    }
    assert sorted(left_out) == [
        f"{Path('carl', 'my_02_dense_layer.ipynb')} is left out: "
        f"02_dense_layer.ipynb is carl's already. {kept}",
        said,
        f"my_02_dense_layer_2.ipynb is left out: whose it is is not known. {kept}",
    ]


def test_what_is_no_notebook_is_named_and_is_no_student(tmp_path):
    untouched(tmp_path, "ada/02_dense_layer.ipynb", "bob/essay.ipynb")
    packed = ("zed.zip", "ada/more/01_one_neuron.7Z", "zoe/work.tar.gz")
    ours = ("marks.csv", "marks.html", "marks.jsonl", "learners.csv", "my_marks_2.csv")
    for name in (*packed, *ours, "ada/notes.txt", "names.xlsx", ".hidden"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "drafts" / "empty").mkdir(parents=True)
    found, left_out = handed_in(tmp_path)
    assert [(one.student, one.path is None) for one in found] == [("ada", False), ("bob", True)]
    why = "it is no notebook, and has to be unpacked to be marked"
    assert left_out == [
        "bob/essay.ipynb is left out: its chapter is not known.",
        f"ada/more/01_one_neuron.7Z is left out: {why}.",
        "drafts is left out: there is no notebook in that folder.",
        "names.xlsx is left out: it is no notebook.",
        f"zed.zip is left out: {why}.",
        "zoe is left out: there is no notebook in that folder.",
        f"zoe/work.tar.gz is left out: {why}.",
    ]


def test_a_chapter_without_exercises_is_not_asked_for(tmp_path):
    untouched(tmp_path, "ada/A_notation.ipynb")
    with pytest.raises(Problem, match="or none with exercises"):
        handed_in(tmp_path)
    untouched(tmp_path, "bob/02_dense_layer.ipynb")
    found, left_out = handed_in(tmp_path)
    assert [(one.student, one.chapter, one.path is None) for one in found] == [
        ("ada", TWO, True),
        ("bob", TWO, False),
    ]
    assert left_out == []


def test_where_there_is_no_class_it_is_said(tmp_path, capsys):
    with pytest.raises(Problem, match="there is no folder"):
        list(marks(tmp_path / "nowhere"))
    with pytest.raises(Problem, match="there is no notebook of a student"):
        list(marks(tmp_path))
    untouched(tmp_path, "ada/02_dense_layer.ipynb")
    for options in ({"seconds": 0}, {"megabytes": 1}):
        with pytest.raises(Problem, match="expected at least 1 and 1024"):
            list(marks(tmp_path, **options))
    assert main(["marks", str(tmp_path / "nowhere")]) == 1 and "no folder" in capsys.readouterr().err
    assert not (tmp_path / "marks.csv").exists()


def test_a_table_that_somebody_has_changed_is_kept(tmp_path):
    untouched(tmp_path, "ada/02_dense_layer.ipynb")
    list(marks(tmp_path))
    (tmp_path / "marks.csv").write_text("mine")
    lines = list(marks(tmp_path))
    assert "marks.csv was changed by somebody; that one is my_marks.csv now." in lines
    assert (tmp_path / "my_marks.csv").read_text() == "mine" and len(table(tmp_path)) == 7


def test_a_torn_line_of_what_is_known_is_marked_again(tmp_path):
    untouched(tmp_path, "ada/02_dense_layer.ipynb")
    list(marks(tmp_path))
    known = tmp_path / "marks.jsonl"
    first = known.read_text().splitlines()[1]
    known.write_text(f"\n{first[:100]}")
    assert "as marked before" not in next(marks(tmp_path))


def test_half_a_character_does_not_stop_the_run(tmp_path):
    """JSON can write one; UTF-8 cannot."""
    half = student("ada", TWO, {"2.3": "bias_gradient = '\ud83d'"}, {"2.3": ("tried", [])})
    hand_in(tmp_path, TWO, [half])
    list(marks(tmp_path))
    agree(tmp_path, TWO, [half])


def test_a_spreadsheet_reads_no_cell_as_a_formula(tmp_path):
    untouched(tmp_path, "=1+1/02_dense_layer.ipynb")
    list(marks(tmp_path))
    assert {row["student"] for row in table(tmp_path)} == {"'=1+1"}
    assert [row["learner"] for row in table(tmp_path, "learners.csv")] == ["'=1+1"]


DAY = datetime.date(2026, 11, 29)
HOSTILE = "<script>alert(1)</script>"
CLASS = [
    Mark("ada", TWO, "2.1", "right", "Right."),
    Mark("ada", TWO, "2.2", "tried", "you have 3 of `dZ[0]`."),
    Mark("bob", TWO, "2.1", "untouched"),
    Mark("bob", TWO, "2.2", "tried", "you have 12.5 of `X`."),
    Mark(HOSTILE, TWO, "2.1", "tried", f"`` {HOSTILE} `` & {HOSTILE}", HOSTILE),
    Mark(HOSTILE, TWO, "2.2", "missing", "There is no notebook."),
]


class Tags(html.parser.HTMLParser):
    """The tags of a page, and whether each that is opened is closed."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        self.open += [tag] if tag not in ("meta", "br") else []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_shows_what_is_heard_most_and_runs_nothing():
    text = page(CLASS, DAY)
    tags = Tags(text)
    assert not tags.open and "script" not in {tag for tag, _ in tags.found}
    assert not any(
        name.startswith("on") or name in ("src", "href") for _, found in tags.found for name in found
    )
    assert "url(" not in text and "@import" not in text and "prefers-color-scheme: dark" in text
    first = text.index("What the class gets wrong most")
    # One mistake, heard with other numbers and other code by two.
    assert text.index('width:100%">2</span></div><div><strong>2.2</strong> you have 3 of', first) > first
    assert [found["aria-label"] for tag, found in tags.found if "aria-label" in found] == [
        "1 right, 1 tried, 1 untouched",
        "2 tried, 1 missing",
    ]


def test_the_page_of_a_learner_has_each_exercise_and_runs_nothing():
    text = feedback([mark for mark in CLASS if mark.student == "ada"], DAY)
    tags = Tags(text)
    assert not tags.open and {tag for tag, _ in tags.found}.isdisjoint({"script", "link", "img", "a"})
    assert not any(name in ("src", "href") for _, found in tags.found for name in found)
    assert "url(" not in text and "@import" not in text and "prefers-color-scheme: dark" in text
    assert f"<h1>ada</h1>\n<p>1 chapter: 1 of 2 answers are right. Marked on {DAY} with nnlib" in text
    items = re.findall(r"<li>.*<span class=\"(\w+)\".*?</div><div>(.*)</div></li>", text)
    assert items == [
        ("right", "<strong>2.1</strong> right"),
        ("tried", "<strong>2.2</strong> tried, not right yet<br>you have 3 of <code>dZ[0]</code>."),
    ]


def test_the_page_of_a_learner_shows_what_is_hostile_as_text():
    text = feedback([mark for mark in CLASS if mark.student == HOSTILE], DAY)
    tags = Tags(text)
    assert not tags.open and "script" not in {tag for tag, _ in tags.found}
    assert text.count(html.escape(HOSTILE)) == 5  # title, heading, words twice, and the place


def pages(folder):
    return {path.name: path.read_text("utf-8") for path in (folder / "feedback").iterdir()}


def test_each_learner_gets_a_page_of_his_own(tmp_path):
    right = all_right("ada", TWO, with_marks_of_his_own)
    students = [right, redefining("blaise", "NumPy"), damaged("john", None)]
    hand_in(tmp_path, TWO, students)
    *_, last = marks(tmp_path)
    assert last.endswith("and feedback has a page to give back to each.")
    found = pages(tmp_path)
    assert sorted(found) == ["ada.html", "blaise.html", "john.html"]
    for one in students:
        text = found[f"{one.name}.html"]
        assert re.findall(r"<strong>(.*?)</strong>", text) == list(one.truth)
        assert re.findall(r'<span class="(\w+)"', text) == [state for state, _ in one.truth.values()]
        assert not any(other.name in text for other in students if other is not one)
    assert all(words in found["blaise.html"] for words in WRONG[1])
    assert found["john.html"].count("There is no notebook.") == len(right.truth)
    lines = list(marks(tmp_path))
    assert not any("feedback is left out" in line for line in lines) and pages(tmp_path) == found


def test_a_page_that_somebody_has_written_on_is_kept(tmp_path):
    untouched(tmp_path, "ada/02_dense_layer.ipynb")
    list(marks(tmp_path))
    path = tmp_path / "feedback" / "ada.html"
    path.write_text("well done")
    assert "feedback/ada.html was changed by somebody; that one is my_ada.html now." in list(marks(tmp_path))
    assert path.with_name("my_ada.html").read_text() == "well done" and "<h1>ada</h1>" in path.read_text(
        "utf-8"
    )


def test_a_file_in_the_place_of_the_feedback_is_told(tmp_path):
    untouched(tmp_path, "ada/02_dense_layer.ipynb")
    (tmp_path / "feedback").write_text("mine")
    with pytest.raises(Problem, match="feedback is no folder"):
        list(marks(tmp_path))
    assert (tmp_path / "feedback").read_text() == "mine"


def test_the_name_of_a_learner_is_no_path_and_no_other_learners():
    names = [
        "José Ñ. O-K_1",
        "<b>",
        "a/b",
        "a_b",
        "a:b",
        "../../x",
        ".x",
        "Ada",
        "ada",
        "n" * 200,
        "half \udc80",
    ]
    found = file_names(names)
    assert list(found) == names
    assert found["José Ñ. O-K_1"] == "José Ñ. O-K_1"
    plain = r"(?!\.)[\w .-]{1,60}"
    assert all(re.fullmatch(plain, name) for name in found.values())
    assert len({name.casefold() for name in found.values()}) == len(names)
    assert file_names(["a:b"])["a:b"] == found["a:b"]  # whoever else is in the class


@pytest.mark.skipif(sys.platform == "win32", reason="no file is called so there")
def test_a_learner_called_like_a_tag_has_a_page(tmp_path):
    untouched(tmp_path, "<b>/02_dense_layer.ipynb", "c\\d/02_dense_layer.ipynb")
    list(marks(tmp_path))
    shown = pages(tmp_path)
    assert len(shown) == 2 and all(re.fullmatch(r"[\w-]+\.html", name) for name in shown)
    (tag,) = [text for text in shown.values() if "<h1>&lt;b&gt;</h1>" in text]
    assert "<b>" not in tag and not Tags(tag).open


def test_a_page_of_a_class_that_is_right_says_so():
    text = page([Mark("ada", TWO, "2.1", "right", "Right.")], DAY)
    assert "Nothing: whoever has tried is right." in text
    assert f"Marked on 2026-11-29 with nnlib {nnlib.__version__}." in text


def test_what_is_heard_as_often_stands_in_the_order_of_the_chapter():
    order = ["1.a", "1.1", "1.2", "1.10"]
    wrong = {"ada": order, "bob": ["1.1", "1.2"], "carl": ["1.2"]}
    found = [
        Mark(name, ONE, number, "tried" if number in theirs else "right", f"words of {number}")
        for name, theirs in wrong.items()
        for number in order
    ]
    text = page(found, DAY)
    most = text.partition("What the class gets wrong most")[2].partition("</ul>")[0]
    assert re.findall("words of (.*?)<", most) == ["1.2", "1.1", "1.a", "1.10"]


CELLS = """
import numpy as np
rng = np.random.default_rng(0)
---
x = np.arange(3)
np.random.seed(0)
slow = [n for n in range(10**9)]
---
x[0] = 7
rows = []
rows.append(x)
print(slow)
---
def helper(a, slow=1):
    return a * scale

scale = 2
---
def answer(slow):
    return helper(x) + sum(rows)
"""


def test_a_slice_has_what_a_name_needs_and_no_more():
    groups = [parts(text) for text in CELLS.split("---")]
    found = needed(groups, ["answer"], [4])
    assert [[ast.unparse(part.node).partition("\n")[0] for part in group] for group in found] == [
        ["import numpy as np"],
        ["x = np.arange(3)"],
        ["x[0] = 7", "rows = []", "rows.append(x)"],
        ["def helper(a, slow=1):", "scale = 2"],
        ["def answer(slow):"],
    ]


def test_an_interrupted_run_leaves_a_whole_table_and_goes_on(tmp_path):
    students = [
        redefining("ada", "NumPy"),
        hanging("bob", TWO, "import time\ntime.sleep(3600)\ndef input_gradient(dZ, W):\n    return 1"),
    ]
    hand_in(tmp_path, TWO, students)
    command = [sys.executable, "-m", "nnlib", "marks", str(tmp_path), "--seconds", "8"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout.readline().startswith(f"ada, {TWO}: 0 of 7 right")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and "the same command goes on" in said
    assert {row["student"] for row in table(tmp_path)} == {"ada"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0 and "ada, 02_dense_layer: 0 of 7 right, as marked before." in done.stdout
    agree(tmp_path, TWO, students)
