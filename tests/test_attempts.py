"""Attempts at the exercises, wrong and right, and what each must hear: data, see attempts/README.md."""

import ast
import linecache
import re
import textwrap
import warnings
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from nnlib.teach import checks
from nnlib.teach.checks.engine import pairs

FILES = sorted((Path(__file__).parent / "attempts").glob("*.txt"))
HEADER = re.compile(r"== (?P<name>\w+)(?:\((?P<parameters>.*?)\))?(?: \| (?P<more>.*))?")


class Attempt(NamedTuple):
    """What a reader typed for an exercise, and the verdict: its sign, words that stand in it, its place."""

    file: Path
    line: int
    exercise: str
    parameters: str | None
    more: str
    code: str
    right: bool
    words: list[str]
    place: str


def attempts(file):
    """Yield the attempts of a file."""
    header, code = None, []
    rows = file.read_text(encoding="utf-8").splitlines()
    for line, (row, following) in enumerate(pairwise([*rows, ""]), 1):
        if found := HEADER.fullmatch(row):
            header, code = found, []
        elif header is None or header["name"] == "names":
            continue
        elif row[:1] in ("✓", "✗"):
            typed, words = textwrap.dedent("\n".join(code)).strip(), row[1:].strip().split(" … ")
            yield Attempt(
                file,
                line,
                header["name"],
                header["parameters"],
                header["more"] or "",
                typed,
                row[0] == "✓",
                words,
                following[2:] if following[:1] == "↳" else "",
            )
            code = []
        elif row[:1] != "↳":
            code.append(row)


@cache
def names_of(file):
    """Return what stands under `== names`, run."""
    text = file.read_text(encoding="utf-8")
    _, _, code = text.partition("== names\n")
    names = {}
    exec(compile(code.partition("\n== ")[0], file.name, "exec"), names)
    return names


def is_expression(code):
    try:
        ast.parse(code, mode="eval")
    except SyntaxError:
        return False
    return True


def answer_of(attempt):
    """Return what the reader would have after running his cell; its lines can be quoted."""
    names = dict(names_of(attempt.file))
    if attempt.parameters is None:
        return eval(attempt.code, names)
    body = f"return {attempt.code}" if is_expression(attempt.code) else attempt.code
    cell = f"def {attempt.exercise}({attempt.parameters}):\n{textwrap.indent(body, '    ')}\n"
    name = f"<{attempt.file.name}, line {attempt.line}>"
    linecache.cache[name] = len(cell), None, cell.splitlines(keepends=True), name
    exec(compile(cell, name, "exec"), names)
    return names[attempt.exercise]


def verdict_on(attempt):
    """Return the verdict of the check on an attempt."""
    more = eval(f"({attempt.more},)", names_of(attempt.file)) if attempt.more else ()
    with warnings.catch_warnings(action="ignore"):
        return getattr(checks, attempt.exercise)(answer_of(attempt), *more)


ATTEMPTS = [
    pytest.param(attempt, id=f"{file.stem}-{attempt.exercise}-{attempt.line}")
    for file in FILES
    for attempt in attempts(file)
]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_an_attempt_hears_its_words(attempt, monkeypatch):
    if any("Two mistakes" in words for words in attempt.words):
        monkeypatch.setattr(pairs, "BUDGET", 20)
    verdict = verdict_on(attempt)
    assert bool(verdict) == attempt.right, f"{attempt.code}\n{verdict.text}"
    assert "NameError" not in verdict.text or "NameError" in str(attempt.words), verdict.text
    for words in attempt.words:
        assert words in verdict.text, attempt.code


def test_each_exercise_has_wrong_attempts_and_a_right_one():
    found = [(attempt.values[0].exercise, attempt.values[0].right) for attempt in ATTEMPTS]
    for exercise in {exercise for exercise, _ in found}:
        assert found.count((exercise, False)) >= 3 and (exercise, True) in found, exercise
