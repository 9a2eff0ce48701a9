"""The process in which the answers of one notebook are run and marked: `python -m nnlib.command.answers`.

It reads a request, as JSON, from its standard input, and writes a line of JSON for each exercise as soon as
that is marked. Whoever starts it bounds it in time; memory and files it bounds itself, where the system can.

The marks come from checks that this process has imported before a line of the student's has run, called on
what the student's cells define. What they print, and what the notebook has stored, is not looked at. Whatever
a cell has changed in `nnlib`, in NumPy or in the modules that the checks build on, is put back before each
check. That stands against redefinition and accident, not against malice with time to spare: a student's
function runs in the same process as its check, as it does in a kernel.

This is the one file of the command that runs what came as data; that is what it is for.
"""

import ast
import builtins
import json
import linecache
import os
import re
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

from nnlib.command.notebook import Cell, Exercise, blank, exercises
from nnlib.command.slices import needed, parts
from nnlib.teach import checks
from nnlib.teach.checks.engine import Verdict, Wrong
from nnlib.teach.checks.engine.running import Overtime, Runner, attempt

__all__ = ["bound", "main", "marked", "put_back", "snapshot"]

SECONDS = 5.0  # for one cell; those that define an answer take milliseconds
FILE = 64 * 2**20  # bytes, of the largest file that an answer may write
FILES = 256  # open at once
GUARDED = {"ast", "builtins", "inspect", "lark", "math", "nnlib", "numpy", "re", "time"}
NOT_YET = "Not attempted yet."


def main() -> None:
    """Mark the notebook that is asked for on standard input, and end this process."""
    asked = json.loads(sys.stdin.buffer.read())
    told = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="backslashreplace")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):  # what is printed, also by C, is no mark; what asks for input hears the end
        os.dup2(nowhere, stream)
    bound(asked["seconds"], asked["bytes"])
    chapter, mine = ([Cell(**cell) for cell in asked[name]] for name in ("chapter", "mine"))
    for mark in marked(chapter, mine):
        print(json.dumps(mark), file=told, flush=True)
    # No function that a student has registered runs at the end, and no thread that hangs is waited for.
    os._exit(0)


def bound(seconds: float, n_bytes: int) -> None:
    """Bound this process in processor time, memory and files, for good, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = {
        resource.RLIMIT_AS: n_bytes,
        resource.RLIMIT_CPU: int(seconds) + 1,
        resource.RLIMIT_FSIZE: FILE,
        resource.RLIMIT_NOFILE: FILES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in limits.items():
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(kind, (most, most))
        except (OSError, ValueError):  # macOS knows no bound of memory
            pass


def marked(chapter: list[Cell], mine: list[Cell]) -> Iterator[dict[str, str]]:
    """Yield the mark of each exercise of a chapter: `exercise`, `state`, `words`, `place`.

    Parameters
    ----------
    chapter, mine : list of Cell
        The chapter as this version has it, and a student's notebook.
    """
    wanted = exercises(chapter)
    ours, found = _Cells(chapter), _Cells(mine, chapter)
    states = {one.number: found.state(one) for one in wanted}
    given = {one.number: ours.values(one) for one in wanted if states[one.number] == "tried"}
    before = snapshot()
    for one in wanted:
        put_back(before)
        words, place, state = "", "", states[one.number]
        if state == "missing":
            words = f"The notebook has no `{one.name}` any more."
        elif state == "tried":
            try:
                answer = found.answer(one)
                put_back(before)
                verdict = _verdict(one, answer, given[one.number])
            except _Stopped as why:
                words = str(why)
            else:
                words, place = verdict.text, verdict.place
                state = "right" if verdict.right else "untouched" if words.startswith(NOT_YET) else "tried"
        yield {"exercise": one.number, "state": state, "words": words, "place": place}


def _verdict(one: Exercise, answer: Any, given: list[Any]) -> Verdict:
    """Return what the check of an exercise, as the chapter calls it, says of an answer."""
    try:
        if isinstance(_arguments(one)[0], ast.Call):  # of a class, one of which is looked at
            answer = attempt(answer)
    except Wrong as wrong:
        return wrong.verdict()
    return getattr(checks, one.asked)(answer, *given)


def _arguments(one):
    """Return what the check of an exercise is called with: the answer, then data of the chapter."""
    (statement,) = ast.parse(one.check.source).body
    return statement.value.args


class _Stopped(Exception):
    """There is no answer to look at: why, as a sentence."""


class _Cells:
    """The code cells of a notebook, run as far as an exercise needs them.

    `chapter` are the cells that came with the notebook: those that are no exercise are not the student's.
    """

    def __init__(self, cells: list[Cell], chapter: Sequence[Cell] = ()):
        theirs = {cell.source.strip() for cell in chapter if "exercise" not in cell.tags}
        code = [cell for cell in cells if cell.is_code and "solution" not in cell.tags]
        self._keys = [cell.key for cell in code]
        self._sources = [cell.source for cell in code]
        self._own = [source.strip() not in theirs for source in self._sources]
        self._unread: dict[int, str] = {}
        self._groups = [self._parts(at) for at in range(len(code))]

    def _parts(self, at):
        try:
            return parts(self._sources[at])
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            text = _without_magics(self._sources[at])
            if text != self._sources[at]:
                self._sources[at] = text
                return self._parts(at)
            line = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
            what = error.msg if isinstance(error, SyntaxError) else error
            self._unread[at] = f"The cell does not run: {type(error).__name__}{line}, {what}."
            return ()

    def _answers(self, one):
        """Return the places of the student's cells that answer an exercise, by the name or by the cell."""
        keys = {cell.key for cell in one.answers if cell.key}
        return [
            at
            for at, own in enumerate(self._own)
            if own and (self._keys[at] in keys or self._gives(at, one.name))
        ]

    def _gives(self, at, name):
        if at in self._unread:
            return re.search(rf"^(def|class) {name}\b|^{name} *=", self._sources[at], re.M) is not None
        return any(name in part.gives for part in self._groups[at])

    def state(self, one: Exercise) -> str:
        """Return "tried", "untouched" or "missing"."""
        places = self._answers(one)
        if not places:
            return "missing"
        return "untouched" if all(blank(self._sources[at]) for at in places) else "tried"

    def answer(self, one: Exercise) -> Any:
        """Return what a student's cells make of a name; `_Stopped` where they make nothing."""
        places = self._answers(one)
        if places[-1] in self._unread:
            raise _Stopped(self._unread[places[-1]])
        space, stops = self._run([one.name], places, self._end(one, places[-1]))
        if one.name not in space:
            raise _Stopped(stops.get(places[-1]) or f"The cell gives no `{one.name}`.")
        return space[one.name]

    def values(self, one: Exercise) -> list[Any]:
        """Return what the chapter gives a check besides the answer."""
        names = [argument.id for argument in _arguments(one)[1:]]
        if not names:
            return []
        space, _ = self._run(names, [], self._end(one, 0))
        return [space[name] for name in names]

    def _end(self, one, start):
        """Return the place of the check of an exercise; the end of the notebook where it is gone."""
        calls = (at for at, source in enumerate(self._sources) if f"checks.{one.asked}(" in source)
        return next((at for at in calls if at > start), len(self._sources))

    def _run(self, names, whole, end):
        """Run what names need of the cells before `end`; return all names, and why which cell stopped."""
        space: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
        stops = {}
        for at, group in enumerate(needed(self._groups[:end], names, whole)):
            if group and (why := self._run_statements(at, [part.node for part in group], space)):
                stops[at] = why
        return space, stops

    def _run_statements(self, at, nodes, space):
        name, source = f"<cell {at + 1}>", self._sources[at]
        linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
        try:
            code = compile(ast.Module(nodes, type_ignores=[]), name, "exec")
            with Runner() as runner:
                runner.run(exec, code, space, seconds=SECONDS)
        except Overtime:
            return f"The cell was still running after {SECONDS:g} seconds, and has been stopped."
        except BaseException as error:
            return f"The cell stops with {type(error).__name__}{f': {error}' if str(error) else ''}."
        return ""


def _without_magics(source):
    """Return a cell in which the lines that are for Jupyter, not for Python, do nothing."""
    lines = source.splitlines()
    return "\n".join("pass" if line.startswith(("%", "!", "?")) else line for line in lines)


Snapshot = list[tuple[Any, dict[str, Any]]]


def snapshot() -> Snapshot:
    """Return what the modules of `GUARDED`, their classes and their checks are made of now."""
    modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] in GUARDED]
    holders = {id(module): module for module in modules}
    for module in modules:
        for value in list(vars(module).values()):
            home = value.__module__ if isinstance(value, type) else type(value).__module__
            if str(home).partition(".")[0] == "nnlib" and hasattr(value, "__dict__"):
                holders[id(value)] = value
    return [(holder, dict(vars(holder))) for holder in holders.values()]


def put_back(before: Snapshot) -> None:
    """Make all that a snapshot knows as it was then."""
    for holder, old in before:
        now = dict(vars(holder))
        for name in now.keys() - old.keys():
            if not isinstance(now[name], ModuleType):  # a part of a package, imported since then, stays
                _change(delattr, holder, name)
        for name, value in old.items():
            if now.get(name, before) is not value:
                _change(setattr, holder, name, value)
        if isinstance(holder, ModuleType):
            sys.modules[holder.__name__] = holder


def _change(how, holder, *arguments):
    try:
        how(holder, *arguments)
    except (AttributeError, TypeError):  # what cannot be set was not set by a cell either
        pass


if __name__ == "__main__":
    main()
