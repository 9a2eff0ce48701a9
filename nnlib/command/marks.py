"""The marks of a class: each notebook of a folder, run and checked in a process of its own.

What has been marked is kept in a file beside the table, a line for each notebook, by what is in it: a run
that was stopped goes on, and a notebook that has not changed is not run again.
"""

import csv
import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

import nnlib
from nnlib.command import chapters
from nnlib.command.files import Problem, create, make_folder, read, replace, set_aside
from nnlib.command.handed import FEEDBACK, handed_in, stored
from nnlib.command.mark import Mark
from nnlib.command.marks_page import feedback, page
from nnlib.command.notebook import Cell, cells, exercises, load

__all__ = ["file_names", "marks"]

TABLE, LEARNERS, PAGE, STATE = "marks.csv", "learners.csv", "marks.html", "marks.jsonl"
WAIT = 5  # seconds, until a process that was ended is gone


def marks(folder: Path, seconds: float = 120, megabytes: int = 4096) -> Iterator[str]:
    """Mark all notebooks of a folder, and write two tables and a page into it.

    `marks.csv` has a row for each exercise of each student, `learners.csv` one for each student, with totals
    over all chapters; `marks.html` shows what the class gets wrong. `feedback` has a page for each student.

    Parameters
    ----------
    folder : Path
        With a folder for each student, or with notebooks that have the student's name in theirs.
    seconds : float
        For one notebook. One that takes longer keeps the marks that it has until then.
    megabytes : int
        For one notebook, where the system can bound them.

    Yields
    ------
    str
        Lines for the teacher: one for each notebook, what was left out, where the result is.
    """
    if seconds < 1 or megabytes < 1024:
        raise Problem(
            f"no notebook is marked in {seconds:g} seconds and {megabytes} MB: expected at least 1 and 1024."
        )
    handed, left_out = handed_in(folder)
    yield from left_out
    state = _State(folder / STATE)
    found: list[Mark] = []
    try:
        with tempfile.TemporaryDirectory(prefix="nnlib-marks-") as scratch:
            for one in handed:
                new, line = _marked(one, state, Path(scratch), seconds, megabytes)
                found += new
                yield line
    finally:  # interrupted, the table has what is known
        aside = _write(folder, found, state)
    yield from aside
    yield (
        f"{folder / TABLE} has {len(found)} marks. Beside it, {LEARNERS} has a row for each learner, "
        f"{PAGE} shows what the class gets wrong, and {FEEDBACK} has a page to give back to each."
    )


def _marked(one, state, scratch, seconds, megabytes):
    """Return the marks of one notebook, and a line about it."""
    ours, chapter = stored(one.chapter)
    numbers = [exercise.number for exercise in exercises(chapter)]

    def all_of_them(kind, why):
        return [Mark(one.student, one.chapter, number, kind, why) for number in numbers]

    where = f"{one.student}, {one.chapter}"
    if one.path is None:
        return all_of_them("missing", "There is no notebook."), f"{where}: there is no notebook."
    try:
        data = read(one.path)
        mine = cells(load(data, one.path))
    except Problem as problem:
        return all_of_them("unread", "The notebook is damaged."), f"{where}: {problem}"
    key = _digest(data, ours, nnlib.__version__.encode(), f"{seconds} {megabytes}".encode())
    took = ""
    if (rows := state.known.get(key)) is None:
        begun = time.perf_counter()
        rows, why = _run(chapter, mine, scratch, seconds, megabytes)
        took = f", {time.perf_counter() - begun:.1f} s"
        rows += [
            {"exercise": number, "state": "stopped", "words": why, "place": ""}
            for number in numbers[len(rows) :]
        ]
        state.add(key, rows)
    found = [
        Mark(one.student, one.chapter, row["exercise"], row["state"], row["words"], row["place"])
        for row in rows
    ]
    right = sum(mark.state == "right" for mark in found)
    return found, f"{where}: {right} of {len(found)} right{took or ', as marked before'}."


def _run(chapter, mine, scratch, seconds, megabytes):
    """Return the marks that a process of its own finds in a notebook, and why there are no more of them."""
    home = Path(tempfile.mkdtemp(dir=scratch))
    asked = {
        "chapter": [asdict(cell) for cell in _bare(chapter)],
        "mine": [asdict(cell) for cell in _bare(mine)],
        "seconds": seconds,
        "bytes": megabytes * 2**20,
    }
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "nnlib.command.answers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=home,
        env=_environment(home, scratch),
        start_new_session=True,
    )
    why = "The notebook ended the process in which it ran."
    try:
        said, _ = process.communicate(json.dumps(asked).encode(), timeout=seconds)
    except subprocess.TimeoutExpired:
        why = f"The notebook was still running after {seconds:g} seconds, and has been stopped."
        _end(process)
        said, _ = process.communicate(timeout=WAIT)
    finally:
        _end(process)
    return [json.loads(line) for line in said.splitlines(keepends=True) if line.endswith(b"\n")], why


def _bare(found):
    """Return cells without their outputs, which no mark depends on."""
    return [Cell(one.source, one.is_code, one.tags, None, [], one.key, one.at) for one in found]


def _environment(home, scratch):
    """Return what a notebook's process knows of its surroundings: nothing that it does not need."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return (
        kept
        | threads
        | {
            "HOME": str(home),
            "USERPROFILE": str(home),
            "TMPDIR": str(home),
            "TEMP": str(home),
            "MPLBACKEND": "Agg",
            "MPLCONFIGDIR": str(scratch / "matplotlib"),
            "PYTHONPATH": str(chapters.PACKAGE.parent),
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
    )


def _end(process):
    """End a process and what it has started."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (ProcessLookupError, PermissionError):
        pass
    process.wait(WAIT)


class _State:
    """What has been marked, by the digest of what it was marked from; a line of a file for each."""

    def __init__(self, path: Path):
        self._path = path
        self.known: dict[str, list[dict[str, str]]] = {}
        self.written: dict[str, str] = {}
        for line in read(path).splitlines() if path.exists() else []:
            try:
                entry = json.loads(line)
            except ValueError:  # the last one, of a run that was killed
                continue
            self.written |= entry.get("written", {})
            if "key" in entry:
                self.known[entry["key"]] = entry["rows"]

    def add(self, key, rows):
        self.known[key] = rows
        self._append({"key": key, "rows": rows})

    def wrote(self, name, data):
        self.written[name] = _digest(data)
        self._append({"written": {name: _digest(data)}})

    def _append(self, entry):
        try:
            with open(self._path, "a", encoding="utf-8") as file:
                file.write(f"\n{json.dumps(entry)}")
        except OSError as error:
            raise Problem(f"{self._path} cannot be written ({error.strerror}).") from error


def _digest(*pieces: bytes) -> str:
    digests = b"".join(hashlib.sha256(piece).digest() for piece in pieces)
    return hashlib.sha256(digests).hexdigest()


def _write(folder, found, state):
    """Write tables and pages; return lines about files that were set aside, since somebody changed them."""
    today = date.today()
    by_student: dict[str, list[Mark]] = {}
    for mark in found:
        by_student.setdefault(mark.student, []).append(mark)
    files = [(TABLE, _marks(found)), (LEARNERS, _learners(by_student)), (PAGE, _encoded(page(found, today)))]
    for student, name in file_names(by_student).items():
        files.append((f"{FEEDBACK}/{name}.html", _encoded(feedback(by_student[student], today))))
    make_folder(folder / FEEDBACK)
    lines = []
    for name, data in files:
        path = folder / name
        if not create(path, data):
            there = read(path)
            if there == data:
                continue
            if _digest(there) != state.written.get(name):
                lines.append(
                    f"{name} was changed by somebody; that one is {set_aside(path, there).name} now."
                )
            replace(path, data)
        state.wrote(name, data)
    return lines


def _encoded(text):
    return text.encode("utf-8", "backslashreplace")


def file_names(students):
    """Return a name for each student's page, which every file system takes and no other student's page has.

    A name with other characters, a long one, and two that differ in case only get a digest of the whole.
    """
    plain = {student: re.sub(r"^\.|[^\w .-]", "_", student)[:50] for student in students}
    taken = Counter(name.casefold() for name in plain.values())
    return {
        student: name
        if name == student and taken[name.casefold()] == 1
        else f"{name}-{_digest(_encoded(student))[:8]}"
        for student, name in plain.items()
    }


def _marks(found):
    """Return the table of all marks."""
    rows = [(mark.student, mark.chapter, mark.exercise, mark.state, mark.diagnosis) for mark in found]
    return _table(("student", "chapter", "exercise", "state", "diagnosis"), rows)


def _learners(by_student):
    """Return the table of totals; a mark that is none of the three states counts as an exercise only."""
    states = ("right", "tried", "untouched")
    rows = []
    for student, marks in by_student.items():
        counts = Counter(mark.state for mark in marks)
        rows.append((student, *(str(counts[state]) for state in states), str(counts.total())))
    return _table(("learner", *states, "exercises"), rows)


def _table(columns, rows):
    """Return a table as bytes, for a spreadsheet: it reads no cell as a formula, and all letters."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(columns)
    for row in rows:
        table.writerow([f"'{cell}" if cell.startswith(tuple("=+-@\t\r")) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig", "backslashreplace")
