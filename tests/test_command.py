"""The command `nnlib`: what it says, what it reads out of saved notebooks, and that it loses nothing."""

import asyncio
import ctypes
import errno
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbconvert
import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from nnlib.command import chapters, lab, main, progress
from nnlib.command.chapters import names, series
from nnlib.command.notebook import blank, cells, exercises, misfit
from nnlib.command.serving import DIGESTS, Chapters, digest
from nnlib.teach.judged import fingerprint, judged

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = ["lab", "copy", "progress", "reset", "upgrade", "student", "marks"]
DENSE = "02_dense_layer.ipynb"
STUB = 'def double(x):\n    """Return 2 x."""\n    ...'
ANSWER = "def double(x):\n    return 2 * x"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A reader's folder, with all notebooks; it is the working directory."""
    folder = tmp_path / "mine"
    list(chapters.bring(folder))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def say(capsys):
    """A function that runs the command; it returns the exit status, what was printed, and to stderr."""

    def say(*arguments):
        status = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return say


@pytest.fixture
def fails(say):
    """A function that runs the command and returns the one sentence with which it fails."""

    def fails(*arguments):
        status, _, err = say(*arguments)
        assert status == 1 and err.startswith("nnlib: ") and err.endswith(".\n") and err.count("\n") == 1, err
        return err.removeprefix("nnlib: ").strip()

    return fails


def edit(path, change):
    """Change the cells of a saved notebook as `change` does with the list of them, and save it."""
    nb = nbformat.read(path, as_version=4)
    change(nb.cells)
    nbformat.write(nb, path)


def answers(**given):
    """A change for `edit`: fill in exercises; `check="source"`."""

    def change(found):
        for answer, check in zip(found, found[1:], strict=False):
            for name, source in given.items():
                if check.source.startswith(f"checks.{name}(") and "exercise" in answer.metadata.get(
                    "tags", []
                ):
                    answer.source = source

    return change


def exercise(source=STUB, *, verdict=None, about=None, counts=(1, 2), kind="text/markdown"):
    """The cells of an exercise, as they are saved: heading, answer, check."""
    output = []
    if verdict:
        metadata = {"nnlib": {"judged": fingerprint(about)}} if about else {}
        output = [new_output("execute_result", {kind: verdict}, execution_count=counts[1], metadata=metadata)]
    return [
        new_markdown_cell("### Exercise 1.1\nDouble it."),
        new_code_cell(source, metadata={"tags": ["exercise"]}, execution_count=counts[0]),
        new_code_cell("checks.double(double)", outputs=output, execution_count=counts[1]),
        new_code_cell("# Solution\nchecks.double(double_solution)", metadata={"tags": ["solution"]}),
    ]


def states(found):
    """Return the number and the state of each exercise among cells, as the command reads them."""
    nb = json.loads(nbformat.writes(new_notebook(cells=found)))
    old = ["", ", with an old ✓"]
    return [f"{one.number} {one.state}{old[one.outdated]}" for one in exercises(cells(nb))]


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".ipynb_checkpoints"}


# What it prints


def test_without_a_command_it_lists_them(say):
    status, out, _ = say()
    assert status == 0
    assert [
        name for name in ("lab", "copy", "progress", "reset", "upgrade") if f"\n    {name} " not in out
    ] == []


@pytest.mark.parametrize("command", [["nnlib"], [sys.executable, "-m", "nnlib"]], ids=["nnlib", "-m"])
def test_it_can_be_started_in_two_ways(command, tmp_path):
    if command == ["nnlib"]:
        command = [str(Path(sys.executable).with_name("nnlib"))]
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0 and re.fullmatch(r"nnlib \d+\.\d+\.\d+\n", done.stdout)


def test_the_core_does_not_load_it():
    code = "import sys, nnlib; print(*[name for name in sys.modules if name.startswith('nnlib.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not [name for name in done.stdout.split() if name.startswith(("nnlib.command", "nnlib.teach"))]


def test_an_option_that_it_does_not_know(capsys):
    with pytest.raises(SystemExit) as raised:
        main(["progress", "--all"])
    assert raised.value.code == 2 and "unknown: --all" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal, and another error")
@pytest.mark.parametrize("arguments", [[], ["copy", "there"], ["progress", "."]])
def test_it_ends_without_a_word_where_nobody_reads_on(arguments, folder):
    """As in `nnlib progress | head`; what nobody reads is written when the end of the pipe is closed."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "nnlib", *arguments]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, cwd=folder, env=buffered)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_its_words_in_the_readme():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in COMMANDS if not re.search(rf"\bnnlib {name}\b", readme)] == []


# copy


def test_copy_makes_the_folder_and_says_what_comes_next(say, tmp_path):
    there = tmp_path / "a" / "b c"
    status, out, err = say("copy", there)
    assert (status, err) == (0, "")
    assert out == f'{len(names())} notebooks are new in {there}.\nNext: nnlib lab "{there}"\n'
    assert contents(there) == {name: (series() / name).read_bytes() for name in names()}


def test_copy_never_writes_over_a_file(say, tmp_path):
    (tmp_path / DENSE).write_text("mine")
    (tmp_path / "05_backpropagation.ipynb").symlink_to(tmp_path / "nowhere")
    status, out, _ = say("copy", tmp_path)
    assert status == 0 and (tmp_path / DENSE).read_text() == "mine" and not (tmp_path / "nowhere").exists()
    assert f"{DENSE} is there already, and stays as it is.\n05_" in out
    assert f"{len(names()) - 2} notebooks are new" in out


def test_copy_into_what_is_no_folder(fails, tmp_path):
    (tmp_path / "file").touch()
    for where in (tmp_path / "file", tmp_path / "file" / "in it"):
        assert fails("copy", where) == f"{where} is no folder, or lies in a file."


def test_copy_where_links_cannot_be_made(say, tmp_path, monkeypatch):
    def no_links(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    (tmp_path / DENSE).write_text("mine")
    assert say("copy", tmp_path)[0] == 0
    assert sorted(contents(tmp_path)) == names() and (tmp_path / DENSE).read_text() == "mine"


# Nothing is lost

WRITING = pytest.mark.parametrize("command", ["copy .", "reset 02", "upgrade"])


@pytest.fixture
def changed(folder):
    """The reader's folder, where every command that writes has something to do."""
    edit(folder / DENSE, answers(bias_gradient="def bias_gradient(dZ):\n    return 1"))
    edit(folder / DENSE, lambda found: found.pop(5))
    (folder / names()[0]).unlink()
    return folder


def without_roots_rights():
    """Run in a child before its program: the mode of a folder then counts for root, too."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE


@pytest.mark.skipif(os.name == "nt", reason="the mode of a folder does not close it on Windows")
@WRITING
def test_a_folder_that_cannot_be_written(command, changed):
    before = contents(changed)
    changed.chmod(0o555)
    run = [sys.executable, "-m", "nnlib", *command.split()]
    done = subprocess.run(
        run, cwd=changed, capture_output=True, text=True, preexec_fn=without_roots_rights, check=False
    )
    changed.chmod(0o755)
    assert done.returncode == 1
    assert re.fullmatch(r"nnlib: .+ cannot be written \(Permission denied\)\.\n", done.stderr), done.stderr
    assert contents(changed) == before


@WRITING
def test_a_disk_that_is_full(command, changed, fails, fill_disk):
    before = contents(changed)
    fill_disk(after=0)
    assert fails(*command.split()).endswith("cannot be written (No space left on device).")
    assert contents(changed) == before


KILLED = """
import os, sys
from nnlib.command import main

def killed_in_time(call):
    def counted(*arguments, **options):
        global left
        if left == 0:
            os._exit(9)
        left -= 1
        return call(*arguments, **options)
    return counted

left = int(sys.argv[1])
for name in ("fsync", "link", "replace", "unlink"):
    setattr(os, name, killed_in_time(getattr(os, name)))
sys.exit(main(sys.argv[2:]))
"""


@WRITING
def test_killed_after_each_step(command, changed):
    """Nothing of the reader's is gone and nothing half written; the same command goes on from there."""
    mine, fresh = (changed / DENSE).read_bytes(), (series() / DENSE).read_bytes()
    for steps in range(20):
        killed = [sys.executable, "-c", KILLED, str(steps), *command.split()]
        done = subprocess.run(killed, cwd=changed, capture_output=True, text=True)
        whole = {name: data for name, data in contents(changed).items() if not name.endswith(".part")}
        assert mine in whole.values() and all(json.loads(data) for data in whole.values())
        if done.returncode == 0:
            break
        assert done.returncode == 9, done.stderr
    assert 2 < steps < 19
    if command == "copy .":
        assert sorted(whole) == names() and whole[DENSE] == mine
    elif command == "reset 02":
        assert whole[DENSE] == fresh
    else:
        assert whole[DENSE] not in (mine, fresh) and b"return 1" in whole[DENSE]


def test_interrupted_by_the_reader(changed, say, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    before = contents(changed)
    monkeypatch.setattr(os, "replace", interrupted)
    status, _, err = say("reset", "02")
    assert status == 130 and err == (
        "nnlib: interrupted; what was done is whole, and the same command goes on.\n"
    )
    assert contents(changed) == before | {f"my_{DENSE}": before[DENSE]}


# reset


@pytest.mark.parametrize("chapter", ["2", "02", "02_dense_layer", DENSE, f"somewhere/{DENSE}"])
def test_reset_puts_a_chapter_back_and_keeps_the_readers(folder, say, chapter):
    (folder / DENSE).write_text("mine")
    assert say("reset", chapter)[:2] == (0, f"{DENSE} is back; yours is my_{DENSE} now.\n")
    (folder / DENSE).write_text("mine again")
    assert say("reset", chapter)[:2] == (
        0,
        f"{DENSE} is back; yours is my_02_dense_layer_2.ipynb now.\n",
    )
    assert (folder / DENSE).read_bytes() == (series() / DENSE).read_bytes()
    kept = [(folder / name).read_text() for name in (f"my_{DENSE}", "my_02_dense_layer_2.ipynb")]
    assert kept == ["mine", "mine again"]


def test_reset_of_an_appendix_in_another_folder(tmp_path, say):
    list(chapters.bring(tmp_path))
    (tmp_path / "A_notation.ipynb").write_text("mine")
    assert say("reset", "a", tmp_path)[1] == "A_notation.ipynb is back; yours is my_A_notation.ipynb now.\n"


def test_reset_of_what_nobody_changed(folder, say):
    before = contents(folder)
    assert say("reset", "02")[:2] == (0, f"{DENSE} is unchanged: there is nothing to put back.\n")
    assert contents(folder) == before


def test_reset_of_what_is_not_there(folder, fails):
    assert fails("reset", "77").startswith("there is no chapter 77; there are 00, 01, 02, ")
    assert fails("reset", "").startswith("there is no chapter ; there are 00, ")
    (folder / DENSE).unlink()
    assert fails("reset", "02") == f"there is no {DENSE} in {folder}: `nnlib copy` puts it there."


def test_reset_of_a_folder_with_that_name(folder, fails):
    (folder / DENSE).unlink()
    (folder / DENSE).mkdir()
    assert fails("reset", "02") == f"{DENSE} is in the way: it is no plain file."


def test_reset_in_the_checkout(fails, monkeypatch):
    monkeypatch.chdir(series())
    assert fails("reset", "02").startswith(f"{DENSE} is the one that nnlib copies from: `git restore")


# progress


def test_progress_of_a_reader_who_has_not_begun(folder, say):
    status, out, err = say("progress")
    lines = out.splitlines()
    assert (status, err) == (0, "") and lines[0].split() == ["chapter", "right", "tried", "untouched"]
    assert lines[3].split() == ["02_dense_layer", "–", "–", "7"] and "A_notation" not in out
    assert lines[-1] == "Next: exercise 0.1 in 00_start_here.ipynb, untouched so far."
    total = sum(text.count("### Exercise ") for text in map(Path.read_text, folder.glob("*.ipynb")))
    assert lines[-3].split() == ["all", "–", "–", str(total)]


RIGHT, WRONG, UNTRIED = "✓ Right.", "✗ It is half.", "✗ Not attempted yet. Hint: …"


HTML = "<style>p { color: red }</style>\n<p><b>{}</b></p>"
STATES = {
    "untouched": (exercise(verdict=UNTRIED), "untouched"),
    "untouched, never run": (exercise(counts=(None, None)), "untouched"),
    "a table untouched": (exercise('double = {\n    "two": ...,  # 2\n    "three": ...,\n}'), "untouched"),
    "a table half filled": (exercise('double = {"two": 4, "three": ...}'), "tried"),
    "tried": (exercise(ANSWER, verdict=WRONG), "tried"),
    "tried, never checked": (exercise(ANSWER), "tried"),
    "tried, no Python": (exercise("def double(x:"), "tried"),
    "right": (exercise(ANSWER, verdict=RIGHT, about=ANSWER), "right"),
    "right, in HTML": (
        exercise(ANSWER, verdict=HTML.replace("{}", RIGHT), about=ANSWER, kind="text/html"),
        "right",
    ),
    "wrong, in HTML": (exercise(ANSWER, verdict=HTML.replace("{}", WRONG), kind="text/html"), "tried"),
    "changed since": (exercise(f"{ANSWER}  # so", verdict=RIGHT, about=ANSWER), "tried, with an old ✓"),
    "emptied since": (exercise(verdict=RIGHT, about=ANSWER), "untouched, with an old ✓"),
    "run since, not changed": (exercise(ANSWER, verdict=RIGHT, about=ANSWER, counts=(9, 2)), "right"),
    "a blank line": (exercise(f"\n{ANSWER}\n", verdict=RIGHT, about=ANSWER), "right"),
    # Where a ✓ has no fingerprint, the numbers of the runs are all there is.
    "no fingerprint, in order": (exercise(ANSWER, verdict=RIGHT, counts=(5, 9)), "right"),
    "no fingerprint, run since": (exercise(ANSWER, verdict=RIGHT, counts=(9, 5)), "tried, with an old ✓"),
    "no fingerprint, no numbers": (exercise(ANSWER, verdict=RIGHT, counts=(None, 5)), "tried, with an old ✓"),
}


@pytest.mark.parametrize("case", STATES)
def test_the_state_of_an_exercise(case):
    found, expected = STATES[case]
    assert states(found) == [f"1.1 {expected}"]


def test_an_answer_in_a_cell_of_the_readers_own():
    found = exercise(verdict=RIGHT, about=ANSWER)
    found.insert(2, new_code_cell(ANSWER))
    assert states(found) == ["1.1 right"]


def test_an_attempt_that_was_kept():
    """A cell that is copied or split is tagged as the exercise, too."""
    heading, answer, check, solution = exercise(ANSWER, verdict=RIGHT, about=ANSWER)
    before = new_code_cell("def double(x):\n    return x", metadata={"tags": ["exercise"]})
    asked = new_code_cell(
        "checks.double(double)", outputs=[new_output("display_data", {"text/markdown": WRONG})]
    )
    assert states([heading, before, answer, check, solution]) == ["1.1 right"]
    assert states([heading, before, asked, answer, check, solution]) == ["1.1 right"]
    assert states([heading, answer, check, before, asked, solution]) == ["1.1 tried"]


def test_a_check_that_is_gone():
    first, second = exercise(ANSWER), exercise(ANSWER, verdict=RIGHT, about=ANSWER)
    second[0].source = "### Exercise 1.2"
    del first[2]
    assert states([*first, *second]) == ["1.1 tried", "1.2 right"]


def test_every_exercise_of_the_series_is_found_with_its_check():
    for name in names():
        nb = json.loads((series() / name).read_bytes())
        found = exercises(cells(nb))
        text = "\n".join("".join(cell["source"]) for cell in nb["cells"])
        assert [one.number for one in found] == re.findall(r"^### Exercise (\w+\.\w+)", text, re.M)
        assert all(one.state == "untouched" and one.asked and one.name for one in found)
        assert all(re.search(rf"\b{one.name}\b", one.answers[0].source) for one in found)


def test_progress_counts_and_names_the_next(folder, say):
    right = "def dense_forward(X, W, b):\n    return X @ W + b"
    wrong = "def weight_gradient(X, dZ):\n    return X @ dZ"
    edit(folder / DENSE, answers(dense_forward=right, weight_gradient=wrong, bias_gradient="db = 1"))

    def checked(found):
        for cell in found:
            if cell.source.startswith(("checks.dense_forward", "checks.bias_gradient")):
                about = {"nnlib": {"judged": fingerprint(right)}}
                cell.outputs = [new_output("execute_result", {"text/markdown": RIGHT}, metadata=about)]

    edit(folder / DENSE, checked)
    for name in names()[:2]:
        (folder / name).unlink()
    lines = say("progress")[1].splitlines()
    assert lines[1].split() == ["02_dense_layer", "1", "2", "4"]
    assert lines[-2:] == [
        "2.3 has a ✓ that is older than its code: run both cells again.",
        "Next: exercise 2.a in 02_dense_layer.ipynb, untouched so far.",
    ]


def test_progress_of_a_reader_who_is_done(folder, say):
    for name in names()[1:]:
        (folder / name).unlink()
    nb = new_notebook(cells=exercise(ANSWER, verdict=RIGHT, about=ANSWER))
    nbformat.write(nb, folder / names()[0])
    assert say("progress")[1].endswith("\nAll of them are right.\n")


def test_progress_in_a_cell(folder):
    shown = progress()._repr_markdown_().splitlines()
    assert shown[0] == "| chapter | right | tried | untouched |"
    assert shown[2] == "| 00_start_here | – | – | 1 |" and shown[-1].startswith("Next: exercise 0.1 in ")
    assert repr(progress(folder)) == str(progress("."))


def test_progress_where_no_chapter_is(fails, tmp_path):
    assert fails("progress", tmp_path / "no") == f"there is no folder {tmp_path / 'no'}."
    assert fails("progress", tmp_path).startswith(f"there is no chapter in {tmp_path}. Name the folder that ")


DAMAGED = {
    "empty": b"",
    "cut": b'{"cells": [{"cell_type": "code", "sou',
    "binary": bytes(range(256)),
    "a number": b"7",
    "no cells": b"{}",
    "cells of an old format": b'{"nbformat": 3, "worksheets": [{"cells": []}]}',
    "cells that are none": b'{"cells": [1, null, "x"]}',
    "deep": b"[" * 100_000,
    "a long number": b'{"cells": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.parametrize("command", ["progress", "upgrade"])
def test_a_damaged_notebook_is_named_and_the_others_are_read(command, damage, folder, say):
    (folder / DENSE).write_bytes(DAMAGED[damage])
    edit(folder / "05_backpropagation.ipynb", lambda found: found.pop(5))
    before = contents(folder)
    status, out, err = say(command)
    assert status == 1
    words = out if command == "progress" else err
    assert re.search(
        rf"{DENSE} is (damaged: it is no JSON \(.*\)|no notebook of today's format: .*)\.\n$", words
    )
    assert "05_backpropagation" in out
    assert contents(folder)[DENSE] == before[DENSE]


def test_a_notebook_that_holds_odd_things(folder, say):
    odd = [
        {},
        {"cell_type": "code", "source": 7, "metadata": [], "outputs": {}, "execution_count": "x", "id": 5},
        {"cell_type": "code", "source": [1, "...", None], "metadata": {"tags": ["exercise", {}]}},
        {
            "cell_type": "code",
            "source": "checks.f(f)",
            "outputs": [1, {"data": []}, {"data": {"text/html": 1}}],
        },
        {"cell_type": "code", "source": "checks.f(f)", "outputs": [{"metadata": {"nnlib": {"judged": {}}}}]},
        {"cell_type": "code", "source": "x = " + "(" * 10_000, "metadata": {"tags": ["exercise"]}},
        {"cell_type": "code", "source": "x = '\ud800\0'", "metadata": {"tags": ["exercise"]}},
    ]
    (folder / DENSE).write_text(json.dumps({"cells": odd}))
    assert say("progress")[0] == 0
    status, out, _ = say("upgrade")
    assert status == 0 and f"yours is my_{DENSE} now" in out
    nbformat.validate(nbformat.read(folder / DENSE, as_version=4))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_nothing_is_waited_for(folder, say):
    (folder / DENSE).unlink()
    os.mkfifo(folder / DENSE)
    status, out, _ = say("progress")
    assert status == 1 and out.endswith(f"{DENSE} is in the way: it is no plain file.\n")


# Which code a ✓ is about


def run(path):
    nb = nbformat.read(path, as_version=4)
    NotebookClient(nb, kernel_name="python3", timeout=60).execute(cwd=str(path.parent))
    nbformat.write(nb, path)


def test_a_check_in_jupyter_says_which_code_it_is_about(tmp_path):
    path = tmp_path / DENSE
    nb = nbformat.read(series() / DENSE, as_version=4)
    heading = next(i for i, cell in enumerate(nb.cells) if "### Exercise 2.1" in cell.source)
    nb.cells = [nb.cells[1], *nb.cells[heading : heading + 4]]
    nb.cells[0] = new_code_cell("from nnlib.teach import checks")
    nbformat.write(nb, path)

    run(path)
    assert (counted := progress(tmp_path).rows()[0]) == ["02_dense_layer", "–", "–", "1"], counted
    right = "def dense_forward(X, W, b):\n    return X @ W + b"
    edit(path, answers(dense_forward=right))
    assert progress(tmp_path).rows()[0] == ["02_dense_layer", "–", "1", "–"]
    run(path)
    assert progress(tmp_path).rows()[0] == ["02_dense_layer", "1", "–", "–"]
    edit(path, answers(dense_forward=right + " - 0 * b"))
    assert progress(tmp_path).rows()[0] == ["02_dense_layer", "–", "1", "–"]
    assert "2.1 has a ✓ that is older than its code" in str(progress(tmp_path))


def test_outside_of_a_notebook_there_is_nothing_to_say():
    assert judged() == {}


# upgrade


def test_upgrade_brings_the_answers_and_keeps_the_old_notebook(folder, say):
    right = "def dense_forward(X, W, b):\n    return X @ W + b"
    mine = "def weight_gradient(inputs, dZ):\n    return inputs.T @ dZ"  # a name of the reader's own
    unfinished = "def dense_backward(X, W, dZ):\n    return ("
    edit(
        folder / DENSE,
        answers(
            dense_forward=right,
            weight_gradient=mine,
            bias_gradient="def bias_gradient(dZ, N):\n    return dZ.sum(0)",
            input_gradient="def input_gradient(W, dZ):\n    return dZ @ W.T",
            dense_backward=unfinished,
        ),
    )
    edit(folder / DENSE, lambda found: found[0].update(source="# Another version"))
    before = contents(folder)
    status, out, err = say("upgrade")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        f"{DENSE} is of this version now, with 3 of your answers; yours is my_{DENSE} now.",
        "  2.3 no longer fits: it is bias_gradient(dZ) now.",
        "  2.4 no longer fits: it is input_gradient(dZ, W) now.",
        f"{len(names()) - 1} notebooks were of this version already.",
    ]
    after = contents(folder)
    assert after.pop(f"my_{DENSE}") == before[DENSE]
    assert {name for name in after if after[name] != before[name]} == {DENSE}

    new, fresh = (nbformat.read(path / DENSE, as_version=4) for path in (folder, series()))
    differing = [
        (ours, theirs) for ours, theirs in zip(new.cells, fresh.cells, strict=True) if ours != theirs
    ]
    assert [ours.source for ours, _ in differing[::2]] == [right, mine, unfinished]
    assert all(ours.execution_count is None and not ours.outputs for ours, _ in differing)
    assert progress(folder).rows()[2][1:] == ["–", "3", "4"]


def test_upgrade_does_nothing_the_second_time(changed, say):
    say("upgrade")
    before = contents(changed)
    assert say("upgrade") == (0, f"{len(names()) - 1} notebooks were of this version already.\n", "")
    assert contents(changed) == before


def test_upgrade_leaves_a_notebook_of_this_version_to_its_reader(folder, say):
    """Answers, outputs and cells of his own between are no reason to replace it."""
    edit(folder / DENSE, answers(dense_forward="def dense_forward(X, W, b):\n    return X @ W + b"))
    edit(folder / DENSE, lambda found: found.insert(7, new_markdown_cell("mine")))
    edit(folder / DENSE, lambda found: [cell.update(outputs=[]) for cell in found if "outputs" in cell])
    before = contents(folder)
    assert say("upgrade") == (0, f"{len(names())} notebooks were of this version already.\n", "")
    assert contents(folder) == before


def test_upgrade_of_an_exercise_that_this_version_does_not_have(folder, say):
    def older(found):
        found[5:5] = exercise(ANSWER)
        found[5].source = "### Exercise 2.0"

    edit(folder / DENSE, older)
    edit(folder / DENSE, lambda found: found[0].update(source="# Another version"))
    assert "\n  2.0 no longer fits: this version does not have it.\n" in say("upgrade")[1]


def test_upgrade_where_the_reader_took_the_check_away(folder, say):
    answer = "def dense_forward(X, W, b):\n    return X @ W + b"
    edit(folder / DENSE, answers(dense_forward=answer))

    def without(found):
        found.remove(next(cell for cell in found if cell.source.startswith("checks.dense_forward(")))

    edit(folder / DENSE, without)
    assert f"{DENSE} is of this version now, with 1 of your answers" in say("upgrade")[1]
    assert json.dumps(answer)[1:20] in (folder / DENSE).read_text()


@pytest.mark.parametrize(
    "answer, stub, why",
    [
        (ANSWER, STUB, None),
        ("def double(number):\n    return 2 * number", STUB, None),
        ("double = lambda x: 2 * x", STUB, None),
        ("def double(x:", STUB, None),
        ("def helper(x):\n    return x\n\n\n" + ANSWER, STUB, None),
        ("def twice(x):\n    return 2 * x", STUB, "it defines no double, which is asked for now"),
        ("def double(x, y):\n    return 2 * x", STUB, "it is double(x) now"),
        ("def double(y, x):\n    ...", "def double(x, y):\n    ...", "it is double(x, y) now"),
        ("double = {1: 2}", "double = {1: ...}", None),
        ("double = {1: 2}", "double = {1: ..., 2: ...}", "double has other rows now"),
        ("double = {1: 2}", STUB, "double is a function now"),
        (ANSWER, "double = {1: ...}", "double is a table now"),
    ],
)
def test_what_no_longer_fits(answer, stub, why):
    assert misfit(answer, stub, "double") == why


def test_what_is_blank():
    empty = ["", "# a thought", STUB, "x = ...", "x = {}", "x = {1: ...}", "..."]
    filled = [ANSWER, "x = 1", "x = {1: ..., 2: 3}", "def f(x:", "for x in y: ...", "f(...)"]
    assert all(map(blank, empty)) and not any(map(blank, filled))


# lab


@pytest.fixture
def started(monkeypatch, tmp_path):
    """The options with which JupyterLab would have been started; the reader's home is a folder of its own."""
    labapp = pytest.importorskip("jupyterlab.labapp")
    found = []
    monkeypatch.setattr(labapp.LabApp, "launch_instance", found.extend)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("MPLBACKEND", "Agg")
    return found


def test_lab_opens_the_folder_it_is_given(started, say, tmp_path):
    list(chapters.bring(tmp_path / "mine"))
    (tmp_path / "mine" / names()[0]).unlink()
    status, out, _ = say("lab", tmp_path / "mine", "--port=8899", "--no-browser")
    assert status == 0 and out == f"Your notebooks are in {tmp_path / 'mine'}.\n"
    assert f"--ServerApp.root_dir={tmp_path / 'mine'}" in started
    assert f"--LabApp.default_url=/lab/tree/{names()[1]}" in started
    assert started[-2:] == ["--port=8899", "--no-browser"] and "MPLBACKEND" not in os.environ


def test_lab_opens_the_folder_it_is_in(started, say, folder):
    assert say("lab")[:2] == (0, f"Your notebooks are in {folder}.\n")


def test_lab_opens_the_checkout_from_anywhere(started, say, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert say("lab")[:2] == (0, f"Your notebooks are in {series()}.\n") and not (tmp_path / "home").exists()


def test_lab_makes_a_folder_where_the_notebooks_are_in_the_package(started, say, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(chapters, "is_packaged", lambda: True)
    home = tmp_path / "home" / "nnlib-notebooks"
    for _ in range(2):
        assert say("lab")[:2] == (0, f"Your notebooks are in {home}.\n")
        assert sorted(contents(home)) == names()
        (home / DENSE).write_text("mine")
    assert (home / DENSE).read_text() == "mine"


def test_lab_of_a_folder_without_chapters(started, fails, tmp_path):
    assert fails("lab", tmp_path).startswith(f"there is no chapter in {tmp_path}.") and started == []


def test_lab_without_jupyterlab(fails, monkeypatch):
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", None)
    assert fails("lab") == 'JupyterLab is not installed here: pip install "nnlib-notebooks[lab]" brings it.'


def test_lab_is_started_as_make_lab_does(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    makefile = (ROOT / "Makefile").read_text().partition("LAB_OPTIONS = ")[2].partition("\n\n")[0]
    wanted = set(re.findall(r"--[\w.-]+(?:=[^\s$]+)?", makefile))
    made = {one.replace("/lab/tree/", "/lab/tree/notebooks/") for one in lab.options(series() / names()[0])}
    root = f"--ServerApp.root_dir={series()}"
    # Those two depend on the machine, and the port is the reader's.
    assert wanted | {root} == made | {"--no-browser", "--allow-root", "--port"}


# What JupyterLab is served


@pytest.fixture
def served(folder, tmp_path):
    """What JupyterLab reads and writes the files of the reader's folder with; a key of its own signs them."""
    manager = Chapters(root_dir=str(folder))
    manager.notary.data_dir = str(tmp_path / "data")
    (tmp_path / "data").mkdir()
    return manager


def opened(manager, name):
    return asyncio.run(manager.get(name, type="notebook"))["content"]


def are_trusted(nb):
    return {cell.metadata["trusted"] for cell in nb.cells if cell.cell_type == "code"}


def test_a_chapter_that_is_saved_unchanged_stays_as_it_is(served, folder):
    """Of what JupyterLab puts into it when it is opened, all is there already."""
    kernels, client = start_new_kernel()
    try:
        said = client.kernel_info(reply=True, timeout=60)["content"]["language_info"]
    finally:
        client.stop_channels()
        kernels.shutdown_kernel(now=True)
    before = contents(folder)
    for name in names():
        nb = opened(served, name)
        assert nb.metadata.language_info == said and digest(nb) not in DIGESTS.read_text("utf-8")
        asyncio.run(served.save({"type": "notebook", "format": "json", "content": nb}, name))
    assert contents(folder) == before


def test_a_notebook_that_is_no_chapter_is_served_as_it_is(served, folder):
    nb = new_notebook(metadata={"language_info": {"name": "python", "version": "3.0"}})
    nbformat.write(nb, folder / "mine.ipynb")
    before = contents(folder)
    nb = opened(served, "mine.ipynb")
    assert nb.metadata.language_info == {"name": "python", "version": "3.0"}
    asyncio.run(served.save({"type": "notebook", "format": "json", "content": nb}, "mine.ipynb"))
    assert contents(folder) == before


def test_a_chapter_as_it_is_stored_is_trusted_and_no_other(served, folder):
    """Where one is not, the pictures of its other cells keep a panel from being shown again."""
    assert are_trusted(opened(served, DENSE)) == {True}
    (folder / "renamed.ipynb").write_bytes((folder / DENSE).read_bytes().replace(b"\n", b"\r\n"))
    assert are_trusted(opened(served, "renamed.ipynb")) == {True}
    edit(folder / "03_activations.ipynb", lambda found: found[0].update(source="# Mine"))
    assert are_trusted(opened(served, "03_activations.ipynb")) == {False}
    nbformat.write(new_notebook(cells=[new_code_cell("1")]), folder / "mine.ipynb")
    assert are_trusted(opened(served, "mine.ipynb")) == {False}


def test_a_chapter_that_was_run_and_saved_is_trusted(served, folder):
    nb = opened(served, DENSE)
    data = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "Panel(children=())"}
    nb.cells[-2].outputs = []
    code = next(cell for cell in nb.cells if cell.cell_type == "code")
    code.outputs = [new_output("display_data", data)]
    asyncio.run(served.save({"type": "notebook", "format": "json", "content": nb}, DENSE))
    assert (folder / DENSE).read_bytes() != (series() / DENSE).read_bytes()
    assert are_trusted(opened(served, DENSE)) == {True}


def test_the_digests_are_those_of_the_notebooks():
    """`make notebooks` writes them; `sha256sum -c` would check them."""
    found = dict(reversed(line.split("  ")) for line in DIGESTS.read_text("utf-8").splitlines())
    assert sorted(found) == names()
    for name, kept in found.items():
        data = (series() / name).read_bytes().replace(b"\r\n", b"\n")
        assert kept == hashlib.sha256(data).hexdigest() == digest(nbformat.reads(data, as_version=4)), name


def test_a_chapter_becomes_a_script_of_python(folder):
    source, resources = nbconvert.ScriptExporter().from_filename(folder / DENSE)
    assert resources["output_extension"] == ".py"
    compile(source, DENSE, "exec")
