"""Classes of students who never were: notebooks filled in with the attempts of tests/attempts."""

import json
import random
import re
import textwrap
from dataclasses import dataclass, field

from nnlib.command import notebook
from nnlib.command.slices import parts
from nnlib.command.student import solutions
from tests.checkout import ROOT
from tests.test_attempts import FILES, attempts, is_expression

NAMES = {
    "abs",
    "enumerate",
    "float",
    "int",
    "len",
    "list",
    "max",
    "min",
    "range",
    "sum",
    "tuple",
    "zip",
    "np",
}


def stored(chapter):
    """Return a chapter as it is stored, and its exercises."""
    nb = json.loads((ROOT / "notebooks" / f"{chapter}.ipynb").read_bytes())
    return nb, notebook.exercises(notebook.cells(nb))


def dumped(nb):
    return json.dumps(nb, indent=1).encode()


def filled(chapter, answers):
    """Return a chapter in whose exercises stand these answers, by their number."""
    nb, exercises = stored(chapter)
    for one in exercises:
        if one.number in answers:
            nb["cells"][one.answers[0].at]["source"] = answers[one.number]
    return nb


def typed(chapter):
    """Return what could be typed into each exercise, by its number: code, whether it is right, and words."""
    _, exercises = stored(chapter)
    by_check = {one.asked: one for one in exercises}
    found = {one.number: [] for one in exercises}
    for file in FILES:
        for attempt in attempts(file):
            one = by_check.get(attempt.exercise)
            if one is None or attempt.more or any("Two mistakes" in words for words in attempt.words):
                continue
            code = _cell(one, attempt)
            if _stands_alone(code) and "Not attempted" not in str(attempt.words):
                found[one.number].append((code, attempt.right, attempt.words))
    return found


def _cell(one, attempt):
    if attempt.parameters is None:
        return f"{one.name} = {attempt.code}"
    body = f"return {attempt.code}" if is_expression(attempt.code) else attempt.code
    return f"def {one.name}({attempt.parameters}):\n{textwrap.indent(body, '    ')}"


def _stands_alone(code):
    try:
        return all(part.reads <= NAMES for part in parts(code))
    except SyntaxError:
        return False


@dataclass
class Student:
    """What somebody hands in, and the truth about it: by exercise, a state and words that are heard."""

    name: str
    data: bytes | None
    truth: dict = field(default_factory=dict)


def student(name, chapter, answers, truth, change=lambda nb: None):
    """Return a student with these answers; an exercise without a truth is untouched."""
    nb, exercises = filled(chapter, answers), stored(chapter)[1]
    change(nb)
    return Student(
        name, dumped(nb), {one.number: truth.get(one.number, ("untouched", [])) for one in exercises}
    )


def drawn(name, chapter, seed, share_right, share_done=1.0):
    """Return a student whose answers are attempts, so many of them right, and so many exercises done."""
    rng = random.Random(seed)
    answers, truth = {}, {}
    for number, choices in typed(chapter).items():
        right = rng.random() < share_right
        choices = [choice for choice in choices if choice[1] == right]
        if choices and rng.random() < share_done:
            answers[number], _, words = rng.choice(choices)
            truth[number] = ("right", []) if right else ("tried", words)
    return student(name, chapter, answers, truth)


def all_right(name, chapter, change=lambda nb: None):
    answers = solutions(stored(chapter)[0])
    return student(name, chapter, answers, dict.fromkeys(answers, ("right", [])), change)


def without_tags(nb):
    """What some editors make of a notebook: no tags, no names of cells, in another format."""
    for cell in nb["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)


def with_marks_of_his_own(nb):
    """A notebook that shows a ✓ everywhere, and says so in words as well."""
    for cell in nb["cells"]:
        if cell["cell_type"] == "code" and re.match(r"checks\.", "".join(cell["source"])):
            cell["outputs"] = [
                {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": "✓ Right"}}
            ]
            cell["source"] = "print('✓ Right')"
