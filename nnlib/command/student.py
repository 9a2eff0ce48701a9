"""The chapters for a class: without solutions, and still running to their end.

Where a chapter goes on with the reader's function, the solution stands in until that is right; here the right
program of its check does. For nbgrader and Otter the same chapters are written with the solutions, in the
marks from which each of them makes its own edition without.
"""

import ast
import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nnlib.command import chapters
from nnlib.command.chapters import dumped
from nnlib.command.files import Problem, create, make_folder, read
from nnlib.command.notebook import Cell, Exercise, cells, exercises, load
from nnlib.command.slices import needed, parts

__all__ = ["EDITIONS", "for_nbgrader", "for_otter", "solutions", "student", "without_solutions"]

FOLDED = re.compile(r"^- \*\*Solutions\*\* are folded.*$", re.M)
UNFOLDED = (
    "- **Solutions** are not in this edition. Where a chapter needs a function of yours that is not right "
    "yet, the module's own stands in, and a line says so."
)


def student(folder: Path, system: str = "") -> Iterator[str]:
    """Write the chapters into `folder`, without solutions; what is there stays as it is.

    Parameters
    ----------
    folder : Path
        Is made where it is missing. One that holds another edition is refused, before anything is written:
        the solutions of a master would lie beside what is handed out.
    system : str
        "nbgrader" for the source of its assignments, with the solutions in its marks, and its settings;
        "otter" for the masters of Otter Assign.

    Yields
    ------
    str
        Lines for the teacher.
    """
    held = _held(folder)
    if held not in (None, system):
        raise Problem(
            f"{folder.resolve()} holds {HELD[held]}. Expected a new folder, or one that holds "
            f"{HELD[system]}. Nothing was written."
        )
    new = 0
    for path, data in EDITIONS[system](folder):
        make_folder(path.parent)
        is_new = create(path, data)
        new += is_new
        if not is_new:
            yield f"{path.relative_to(folder)} is there already, and stays as it is."
    yield f"{new} file{'s are' if new != 1 else ' is'} new in {folder.resolve()}."
    yield NEXT[system]


def _plain(folder):
    for name, nb in _series():
        yield folder / name, dumped(without_solutions(nb))


def _nbgrader(folder):
    yield folder / "nbgrader_config.py", SETTINGS.encode()
    for name, nb in _series():
        stem = name.removesuffix(".ipynb")
        if exercises(cells(nb)):
            yield folder / "source" / stem / name, dumped(for_nbgrader(nb))


def _otter(folder):
    for name, nb in _series():
        if exercises(cells(nb)):
            yield folder / name, dumped(for_otter(nb, name.removesuffix(".ipynb")))


def _held(folder):
    """Return which edition a folder holds, the one with the most to hide; None where there is no chapter."""
    if (folder / "nbgrader_config.py").exists() or any(folder.glob("source/*/*.ipynb")):
        return "nbgrader"
    found = [read(folder / name) for name in chapters.names() if (folder / name).exists()]
    return next((edition for mark, edition in MARKS.items() if any(mark in data for data in found)), None)


EDITIONS = {"": _plain, "nbgrader": _nbgrader, "otter": _otter}
MARKS = {b"# ASSIGNMENT CONFIG": "otter", b'"solution"': "solved", b"": ""}  # what its notebooks have
HELD = {
    "": "the chapters for a class, without solutions",
    "nbgrader": "the edition for nbgrader, which has the solutions",
    "otter": "the edition for Otter, which has the solutions",
    "solved": "chapters with their solutions",
}
NEXT = {
    "": "Next: hand them out; `nnlib marks` marks what comes back.",
    "nbgrader": (
        "Next, there: nbgrader generate_assignment 01_one_neuron\n"
        "This folder has all solutions and is yours alone: give out what is in release/01_one_neuron then."
    ),
    "otter": (
        "Next, there: otter assign 01_one_neuron.ipynb 01_one_neuron\n"
        "This folder has all solutions and is yours alone: give out what is in 01_one_neuron/student then."
    ),
}

SETTINGS = r"""c = get_config()
# The stub of an exercise stays above its solution: nothing has to stand where that was.
c.ClearSolutions.code_stub = {"python": ""}
# A cell that trains takes longer than most: seconds, for each.
c.ExecutePreprocessor.timeout = 300
# What zip_collect finds in downloaded/: ada_02_dense_layer.ipynb
c.FileNameCollectorPlugin.named_regexp = (
    r".*/(?P<student_id>[^/]+)_(?P<file_id>(\d\d|[A-Z])_[^/]+)\.ipynb"
)
"""


def _series():
    for name in chapters.names():
        path = chapters.series() / name
        yield name, load(read(path), path)


def without_solutions(nb: dict[str, Any]) -> dict[str, Any]:
    """Return a chapter without its solutions: the module's own functions stand in for them."""
    nb = copy.deepcopy(nb)
    found = cells(nb)
    stand_ins = {cell.at: _stand_in(found, cell, one) for one, cell in _solved(found)}
    kept = []
    for at, cell in enumerate(nb["cells"]):
        if at in stand_ins:
            if stand_ins[at]:
                kept.append(_code(cell["id"], stand_ins[at]))
        else:
            cell["source"] = FOLDED.sub(UNFOLDED, "".join(cell["source"])).splitlines(keepends=True)
            kept.append(cell)
    nb["cells"] = kept
    return nb


def _code(key, source):
    """Return a code cell that has not run yet."""
    new = {"execution_count": None, "id": key, "metadata": {}, "outputs": []}
    return {"cell_type": "code", "source": source.splitlines(keepends=True)} | new


def _raw(key, *lines):
    return {
        "cell_type": "raw",
        "id": key,
        "metadata": {},
        "source": "\n".join(lines).splitlines(keepends=True),
    }


def _solved(found: list[Cell]) -> Iterator[tuple[Exercise, Cell]]:
    """Yield each exercise that has a solution, and the cell of that."""
    wanted = exercises(found)
    ends = [*(one.answers[0].at for one in wanted), len(found)][1:]
    for one, end in zip(wanted, ends, strict=True):
        for cell in found[one.answers[0].at : end]:
            if "solution" in cell.tags:
                yield one, cell


def _stand_in(found, solution, one):
    """Return what is left of a solution: which function the chapter goes on with, and what it says later."""
    later = [cell for cell in found[solution.at + 1 :] if cell.is_code and "solution" not in cell.tags]
    read_later = set().union(*(part.reads for cell in later for part in parts(cell.source)))
    program = [_with_check(part.node, one) for part in parts(solution.source)]
    lines = [
        f"{name} = checks.{one.asked}.right"
        for name in _names(solution)
        if name.endswith("_solution") and name in read_later
    ]
    group = parts("\n".join(map(ast.unparse, program)))
    ours = {name for part in group for name in part.gives if name.startswith("our_")}
    (kept,) = needed([group], ours)
    return "\n".join([*lines, *(ast.unparse(part.node) for part in kept)])


def _with_check(node, one):
    """Return a statement in which `checks.chosen` falls back on the check in place of the solution."""
    node = copy.deepcopy(node)
    match node:
        case ast.Assign(value=ast.Call(func=ast.Attribute(attr="chosen")) as call):
            call.args[1] = ast.parse(f"checks.{one.asked}", mode="eval").body
    return node


def _names(solution):
    return [name for part in parts(solution.source) for name in part.gives]


def solutions(nb: dict[str, Any]) -> dict[str, str]:
    """Return the solution of each exercise of a chapter, by its number, under the name of the exercise."""
    found = cells(nb)
    code, names = {}, {}
    for one, cell in _solved(found):
        program = parts(cell.source)
        end, first = next((part.node.lineno, part.node) for part in program if "checks" in part.reads)
        code[one.number] = "\n".join(cell.source.splitlines()[1 : end - 1]).strip()
        names[_answer(first, one)] = one.name
    known = re.compile(rf"\b({'|'.join(names)})\b")
    return {number: known.sub(lambda name: names[name[0]], text) for number, text in code.items()}


def _answer(statement, one):
    """Return the name that a solution hands to the check of its exercise."""
    for node in ast.walk(statement):
        match node:
            case ast.Call(func=ast.Attribute(attr=one.asked), args=[ast.Name(id=name), *_]):
                return name
            case ast.Call(func=ast.Attribute(attr=one.asked), args=[ast.Call(func=ast.Name(id=name)), *_]):
                return name
    raise ValueError(f"the solution of {one.number} is not handed to checks.{one.asked}")


def for_nbgrader(nb: dict[str, Any]) -> dict[str, Any]:
    """Return a chapter as the source of an nbgrader assignment: each exercise is worth one point."""
    new, code = without_solutions(nb), solutions(nb)
    for one in exercises(cells(new)):
        answer, check = new["cells"][one.answers[0].at], new["cells"][_check(one).at]
        _fill(answer, "### BEGIN SOLUTION", code[one.number], "### END SOLUTION")
        _fill(check, "### BEGIN HIDDEN TESTS", _test(one), "### END HIDDEN TESTS")
        flags = {"schema_version": 3, "task": False}
        answer["metadata"]["nbgrader"] = flags | {
            "grade_id": f"{one.asked}_answer",
            **{"grade": False, "locked": False, "solution": True},
        }
        check["metadata"]["nbgrader"] = flags | {
            "grade_id": one.asked,
            **{"grade": True, "locked": True, "points": 1, "solution": False},
        }
    return new


def for_otter(nb: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a chapter as a master of Otter Assign: each exercise is a question, worth one point.

    What a student gets does not import Otter: the chapter's own checks answer.
    """
    new, code = without_solutions(nb), solutions(nb)
    settings = ("init_cell", "check_all_cell", "export_cell")
    config = [
        "# ASSIGNMENT CONFIG",
        f"name: {name}",
        *(f"{one}: false" for one in settings),
        "generate: true",
    ]
    around: dict[int, tuple[list, list]] = {}
    for one in exercises(cells(new)):
        answer = new["cells"][one.answers[0].at]
        _fill(answer, "# BEGIN SOLUTION NO PROMPT", code[one.number], "# END SOLUTION")
        begin = ["# BEGIN QUESTION", f"name: {one.asked}", "points: 1", "check_cell: false"]
        around[one.answers[0].at] = (
            [_raw(f"{one.asked}-question", *begin), _raw(f"{one.asked}-answer", "# BEGIN SOLUTION")],
            [
                _raw(f"{one.asked}-answered", "# END SOLUTION"),
                _raw(f"{one.asked}-tests", "# BEGIN TESTS"),
                _code(f"{one.asked}-test", f"# HIDDEN\n{_test(one)}"),
                _raw(f"{one.asked}-tested", "# END TESTS"),
                _raw(f"{one.asked}-end", "# END QUESTION"),
            ],
        )
    found = [_raw("assignment-config", *config)]
    for at, cell in enumerate(new["cells"]):
        before, after = around.get(at, ([], []))
        found += [*before, cell, *after]
    new["cells"] = found
    return new


def _check(one: Exercise) -> Cell:
    """Return the cell that checks an exercise: all of this version have one."""
    assert one.check is not None
    return one.check


def _fill(cell, begin, code, end):
    """Put code behind what stands in a cell of an exercise, between the marks of a system."""
    source = "\n".join(["".join(cell["source"]).rstrip(), "", begin, code, end])
    cell |= {"source": source.splitlines(keepends=True), "outputs": [], "execution_count": None}


def _test(one):
    """Return what fails, in the words of its check, where an answer is not right."""
    call = _check(one).source.strip()  # of the checks as they are imported there
    return f"from nnlib.teach import checks\nverdict = {call}\nassert verdict, verdict.text"
