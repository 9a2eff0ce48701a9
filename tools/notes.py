"""Count in the teacher's notes which mistakes the attempts make: `python -m tools.notes`.

Each wrong attempt of tests/attempts is handed to its check, and what it hears first is counted. The most
frequent of a chapter stand in teaching/notes/NN.md, between two marks; all else in a note is written by hand.
"""

import contextlib
import functools
import re
from collections import Counter

import nbformat

from nnlib.teach.checks.engine import formula, pairs, repair
from tests.test_attempts import FILES, attempts, verdict_on
from tools.notebooks import CHAPTERS

NOTES = CHAPTERS.parent / "teaching" / "notes"
BETWEEN = re.compile(r"(?<=<!-- mistakes -->\n).*?(?=<!-- /mistakes -->)", re.S)
MOST, OF_ONE = 8, 2  # rows of a table, and of them those of one exercise
TRAINED = {"overfits", "solves_xor", "mnist_recipe"}  # what they hear hangs on how a training goes

EXERCISE = re.compile(r"^### Exercise (\w+\.\w+)", re.M)
CHECK = re.compile(r"\bchecks\.(\w+)\(")
TRIED = re.compile(r"\s*\([Tt]ried with (?:[^()]|\([^()]*\))*\)")
NUMBERS = re.compile(r"\s*For [^.]*, with random numbers, it is .*")
SHEET = re.compile(r"\d+ of \d+ right")
ENOUGH = 40  # characters; a sentence that is shorter says too little by itself


@functools.cache
def exercises():
    """Return for each check the number of its chapter, as its note is named, and that of its exercise."""
    found = {}
    for path in sorted(CHAPTERS.glob("[0-9]*.ipynb")):
        number = None
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                number = (EXERCISE.findall(cell.source) or [number])[-1]
            elif number and "solution" not in cell.metadata.get("tags", []):
                for name in CHECK.findall(cell.source):
                    found.setdefault(name, (path.stem[:2], number))
    return found


@contextlib.contextmanager
def without_search():
    """Let checks say what they know at once, without a search for the place or for a second mistake."""
    kept = repair.repair, pairs.BUDGET, formula.SECONDS
    repair.repair, pairs.BUDGET, formula.SECONDS = (lambda answer, exercise: None), 0, 60
    try:
        yield
    finally:
        repair.repair, pairs.BUDGET, formula.SECONDS = kept


def heard(text):
    """Return what a verdict says first, as a list: of a sheet, what it says of each wrong entry.

    Nothing of an answer that was not tried; what the check was tried with is left out.
    """
    if text.startswith("Not attempted yet"):
        return []
    entries = re.findall(r"^- (?!not answered yet)(.*)", text, re.M) if SHEET.match(text) else []
    return [_opening(one) for one in entries or [text]]


def _opening(text):
    """Return the first sentence, and those after it until they say enough."""
    said = ""
    for sentence in re.split(r"(?<=[.?])\s+|\s*\n", NUMBERS.sub("", TRIED.sub("", text))):
        if len(said) < ENOUGH:
            said = f"{said} {sentence}".strip()
    return said


def counts(chapter):
    """Return for a chapter, "02", how often each (check, words) was heard, and of how many wrong attempts."""
    numbers = exercises()
    mistakes, tried = Counter(), Counter()
    with without_search():
        for file in FILES:
            for attempt in attempts(file):
                name = attempt.exercise
                if attempt.right or name in TRAINED or numbers.get(name, ("", ""))[0] != chapter:
                    continue
                if words := heard(verdict_on(attempt).text):
                    tried[name] += 1
                    mistakes.update((name, one) for one in words)
    return mistakes, tried


def table(chapter):
    """Return the table of a chapter's note: the most frequent mistakes, in the words of the check."""
    mistakes, tried = counts(chapter)
    numbers, shown, rows = exercises(), Counter(), []
    for (name, words), count in mistakes.most_common():
        shown[name] += 1
        if shown[name] <= OF_ONE and len(rows) < MOST:
            said = words.replace("|", "\\|")
            rows.append(f"| {numbers[name][1]} `{name}` | {said} | {count} of {tried[name]} |")
    at = f"{len(tried)} exercises" if len(tried) > 1 else "one exercise"
    head = f"Wrong attempts counted: {tried.total()}, at {at}."
    return "\n".join([head, "", "| exercise | the check says | attempts |", "|---|---|---:|", *rows, ""])


def main():
    for path in sorted(NOTES.glob("[0-9]*.md")):
        note = path.read_text("utf-8")
        new = BETWEEN.sub(lambda _, path=path: table(path.stem), note)
        if new != note:
            path.write_text(new, "utf-8", newline="\n")
            print(f"{path.name}: counted anew")


if __name__ == "__main__":
    main()
