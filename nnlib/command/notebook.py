"""What a saved notebook holds: cells, exercises, and what their checks said when they ran last.

A notebook keeps of each cell its text, its last outputs, and the number of its last run. It keeps no time,
and not which text was run. So a ✓ carries a fingerprint of the code it is about (`nnlib.teach.judged`), and
is as old as that. One without, from a check that could not find the code, is believed where the check ran
after the exercise, by their numbers; that the code was changed and not run again cannot be seen then.
"""

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnlib.command.files import Problem
from nnlib.teach.judged import fingerprint, stamp

__all__ = ["Cell", "Exercise", "blank", "cells", "exercises", "load", "misfit"]

CHECK = re.compile(r"\bchecks\.(\w+)\((\w+)")  # the check, and the name of the answer
HEADING = re.compile(r"^#+ Exercise (\w+\.\w+)", re.M)
HIDDEN = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>", re.S)


@dataclass(frozen=True)
class Cell:
    """One cell, of whatever notebook: what is missing or of another kind is empty."""

    source: str
    is_code: bool
    tags: list[str]
    count: int | None
    outputs: list[dict[str, Any]]
    key: str
    at: int  # its place in the file


def load(data: bytes, path: Path) -> dict[str, Any]:
    """Return the notebook in `data`, as JSON has it; `Problem` where it is none."""
    try:
        nb = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Problem(f"{path} is damaged: it is no JSON ({str(error)[:60]}).") from error
    found = nb.get("cells") if isinstance(nb, dict) else None
    if not isinstance(found, list) or not all(isinstance(cell, dict) for cell in found):
        raise Problem(f"{path} is no notebook of today's format: it has no list of cells.")
    return nb


def cells(nb: dict[str, Any]) -> list[Cell]:
    """Return the cells of what `load` gave."""
    return [_cell(cell, at) for at, cell in enumerate(nb["cells"])]


def _cell(cell, at):
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    count = cell.get("execution_count")
    return Cell(
        source=_text(cell.get("source")),
        is_code=cell.get("cell_type") == "code",
        tags=_of_kind(str, tags),
        count=count if isinstance(count, int) else None,
        outputs=_of_kind(dict, cell.get("outputs")),
        key=_text(cell.get("id")),
        at=at,
    )


def _text(lines):
    """Return a text that may be stored as a list of lines."""
    return lines if isinstance(lines, str) else "".join(_of_kind(str, lines))


def _of_kind(kind, found):
    return [one for one in found if isinstance(one, kind)] if isinstance(found, list) else []


@dataclass(frozen=True)
class Exercise:
    """An exercise of a notebook.

    Attributes
    ----------
    number : str
        As in its heading, "5.2".
    answers : list of Cell
        What the reader fills in; more than one where he split the cell, or kept an attempt.
    check : Cell or None
        What calls the check; None where the reader took it away.
    asked, name : str
        The name of the check, and the name that it is given.
    state : str
        "right", "tried" or "untouched".
    outdated : bool
        There is a ✓, and it is older than the code.
    """

    number: str
    answers: list[Cell]
    check: Cell | None
    asked: str
    name: str
    state: str
    outdated: bool


def exercises(found: list[Cell]) -> list[Exercise]:
    """Return the exercises among the cells of a notebook."""
    number = ""
    answers: dict[str, list[Cell]] = {}
    for cell in found:
        if not cell.is_code:
            number = (HEADING.findall(cell.source) or [number])[-1]
        elif "exercise" in cell.tags:
            answers.setdefault(number or f"in cell {cell.at + 1}", []).append(cell)
    ends = [*(group[0].at for group in answers.values()), len(found)][1:]
    return [
        _exercise(number, group, found[group[0].at : end])
        for (number, group), end in zip(answers.items(), ends, strict=True)
    ]


def _exercise(number, answers, found):
    """Return the exercise whose cells, and all up to the next one, are `found`."""
    code = [cell for cell in found if cell.is_code and "solution" not in cell.tags]
    calls = [(*call.groups(), cell) for cell in code if (call := CHECK.search(cell.source))]
    asked, name, check = calls[0] if calls else ("", "", None)
    for other, _, cell in calls:
        if other == asked and _verdict(cell):
            check = cell  # the last that has something to say
    untouched = all(blank(cell.source) for cell in answers)
    praised = check is not None and _verdict(check) == "✓"
    current = praised and _is_current(check, [cell for cell in code if cell.at <= check.at], answers)
    state = "right" if current else "untouched" if untouched else "tried"
    return Exercise(number, answers, check, asked, name, state, praised and not current)


def _verdict(cell):
    """Return the mark of the last verdict that a cell shows: Markdown or HTML that begins with ✓ or ✗."""
    marks = [
        text[0]
        for output in cell.outputs
        if isinstance(data := output.get("data"), dict)
        for kind in ("text/html", "text/markdown")
        if (text := HIDDEN.sub("", _text(data.get(kind))).lstrip()).startswith(("✓", "✗"))
    ]
    return marks[-1] if marks else ""


def _is_current(check, code, answers):
    """Return whether the ✓ of `check` is about the code as it stands."""
    stamps = [mark for output in check.outputs if (mark := stamp(output.get("metadata")))]
    if stamps:
        return stamps[-1] in [fingerprint(cell.source) for cell in code]
    filled = [cell for cell in answers if not blank(cell.source)]
    counts = [cell.count for cell in (*filled, check)]
    return bool(filled) and None not in counts and max(counts) == check.count > counts[0]


def blank(source: str) -> bool:
    """Return whether nothing is filled in: functions of a docstring and `...`, names and tables of `...`."""
    try:
        return all(map(_is_stub, ast.parse(source).body))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _is_stub(node):
    match node:
        case ast.FunctionDef(body=body):
            return all(map(_is_stub, body))
        case ast.ClassDef(body=body):  # its numbers are there already
            return all(_is_stub(part) or isinstance(part, ast.Assign) for part in body)
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(value=ast.Dict(values=values)):
            return all(_is_gap(value) for value in values)
        case ast.Assign(value=value):
            return _is_gap(value)
    return False


def _is_gap(node):
    return isinstance(node, ast.Constant) and node.value is ...


def misfit(answer: str, stub: str, name: str) -> str | None:
    """Return why an answer of another version cannot be called where `stub` stands now, None where it can."""
    try:
        given, wanted = _form(answer, name), _form(stub, name)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # unfinished: the reader's to mend
    if given is None:
        return f"it defines no {name}, which is asked for now"
    if wanted is None or "value" in (given[0], wanted[0]):
        return None
    kind, parts = wanted
    if given[0] != kind:
        return f"{name} is a {kind} now"
    if kind == "table":
        return f"{name} has other rows now" if given[1] != parts else None
    # Parameters may have names of the reader's own.
    swapped = given[1] != parts and set(given[1]) == set(parts)
    return f"it is {name}({', '.join(parts)}) now" if swapped or len(given[1]) != len(parts) else None


def _form(source, name):
    """Return what `name` is at the end of a cell: a function and its parameters, a table and its rows."""
    for node in reversed(ast.parse(source).body):
        match node:
            case ast.FunctionDef(name=found, args=args) if found == name:
                return "function", [one.arg for one in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
            case ast.ClassDef(name=found) if found == name:
                return "class", []
            case ast.Assign(targets=[ast.Name(id=found)], value=ast.Dict(keys=keys)) if found == name:
                return "table", sorted(ast.unparse(key) for key in keys if key)
            case ast.Assign(targets=[ast.Name(id=found)]) if found == name:
                return "value", []
    return None
