"""The smallest change that makes a reader's function right, looked for in his own lines.

Each candidate is the tree of the reader's function with a small edit, and runs on the trials of the exercise.
Single edits come first, the plainest before the others; then second and third ones, on what came nearest.
"""

import ast
import builtins
import copy
import difflib
import inspect
import itertools
import re
import textwrap
import time
from collections import Counter
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from nnlib.teach.checks.engine import edits, sandbox
from nnlib.teach.checks.engine.program import function_of, nodes, tree_of
from nnlib.teach.checks.engine.running import Nothing, Runner
from nnlib.teach.checks.engine.tell import alike, near, same
from nnlib.teach.checks.engine.verdict import Repair

__all__ = ["repair"]

BUDGET = 1.3  # seconds of processor time for a search
LONGEST = 5  # seconds on the clock, where the machine does something else
ONE_RUN = 0.2  # seconds for one candidate on one trial
BEAM, ALIKE = 80, 2  # how many of the nearest are edited again, and of those that do the same
AS_PLAIN = 1.15  # times the cost of the plainest: up to there another repair is as plain
MOST = 3  # changes
SEVERAL = 4  # trials at a time of results that are single numbers
LARGEST = 100  # exponent of a whole number
PART = 6  # nodes of an expression of the right program that may be put in
FAMILIES = ["operator order sign comparison exchanged brackets", "factor term other around size power"]
AWHILE = 0.5  # seconds, after which a word is said


class Found(NamedTuple):
    """A program that is right in the results that were asked for, on all trials or on some."""

    cost: float
    kind: str
    tree: ast.FunctionDef
    trials: int = 0


def repair(answer: Any, exercise: Any) -> Repair | None:
    """Return the smallest repair of a reader's function; None where none is found, or nothing is known."""
    if not isinstance(answer, FunctionType):
        return None
    try:
        function = inspect.unwrap(answer)
        tree = tree_of(function)
        source = textwrap.dedent(inspect.getsource(function)).splitlines()
    except (OSError, TypeError, ValueError, SyntaxError):  # no source at hand, or no `def`
        return None
    with sandbox.quiet(), np.errstate(all="ignore"), Runner() as runner:
        try:
            found = _Search(function, tree, exercise, runner).run()
        except sandbox.Unknown:
            return None
    return found and _told(source, tree, *found)


class _Search:
    """The search for one reader's function."""

    def __init__(self, function, tree, exercise, runner):
        self.function, self.tree, self.exercise, self.runner = function, tree, exercise, runner
        self.right = tree_of(exercise.right)
        read = {node.id for node in ast.walk(self.right) if isinstance(node, ast.Name)}
        usable = {
            name for name in read if callable(value := function.__globals__.get(name)) or _is_module(value)
        }
        self.world = sandbox.world_of(function, usable)
        self.space = self.world()
        self.given, self.seen, self.told = None, set(), False
        self.partly: list[Found] = []
        self.until, self.latest = time.process_time() + BUDGET, time.monotonic() + LONGEST

    def run(self):
        """Return the repaired tree, whether no other is as plain, how many mistakes, and if all; or None."""
        self.cases = list(zip(self.exercise.trials(), self.exercise.truth, strict=True))
        code, parts = self._code(self.tree), range(len(self.exercise.results))
        found = [(self._results(code, case), case[1]) for case in self.cases]
        self.reach = self._reach()
        crashed = any(results is None for results, _ in found)
        wrong = [] if crashed else [p for p in parts if any(_nearness(*pair, [p]) < 1 for pair in found)]
        goal = [p for p in parts if p not in wrong] if wrong else []
        tree, sure, count = self.tree, True, 0
        for more in [[p] for p in wrong] or [list(parts)]:
            goal = [*goal, *more]
            if self._is_right(self._code(tree), goal):
                continue
            best = self._search(tree, goal)
            if best is None:
                return (tree, sure, count, False) if count else self._one_of_several()
            tree, alone = best
            sure, count = sure and alone, count + 1
        return (tree, sure, count, True) if count and self._holds(tree) else None

    def _one_of_several(self):
        """Return what makes most trials right, if no other place does: nothing makes all of them right."""
        most = max((one.trials for one in self.partly), default=0)
        found = sorted((one for one in self.partly if one.trials == most), key=lambda one: one.cost)
        plain = [one.tree for one in found if one.cost <= AS_PLAIN * found[0].cost]
        lines = {_first_place(self.tree, [*_differences(self.tree, tree)]).lineno for tree in plain}
        return (found[0].tree, False, 1, False) if len(lines) == 1 else None

    def _is_late(self):
        if not self.told and time.process_time() > self.until - BUDGET + AWHILE:
            self.told = True
            print("Looking for the place in your code …", flush=True)
        return time.process_time() > self.until or time.monotonic() > self.latest

    # Running

    def _results(self, code, case):
        """Return the results of a program on a trial, None where it crashes."""
        try:
            return self.runner.run(self._run, code, case[0], seconds=ONE_RUN)
        except KeyboardInterrupt:
            raise
        except BaseException:
            return None

    def _on(self, code, cases):
        """Return the results on several trials, stacked; None if the program crashes on one."""
        found = []
        for case in cases:
            found.append(self._results(code, case))
            if found[-1] is None:
                return None
        return _stacked(found)

    def _run(self, code, trial):
        function = FunctionType(code, self.world(), argdefs=copy.deepcopy(self.function.__defaults__))
        function.__kwdefaults__ = copy.deepcopy(self.function.__kwdefaults__)
        called = self.exercise.called(function)

        def ask(*arguments):
            if self.given is None:
                self.given = arguments
            answer = called(*arguments)
            if answer is None and self.exercise.returns:
                raise Nothing
            return answer

        return self.exercise.run(ask, trial)

    def _is_right(self, code, goal):
        return all(_nearness(self._results(code, case), case[1], goal) == len(goal) for case in self.cases)

    def _holds(self, tree):
        """Whether the whole check takes a program, and so it does on fresh trials of other sizes."""
        function = function_of(tree, self.world())
        try:
            self.exercise.judge(function)
        except Exception:
            return False
        goal = range(len(self.exercise.results))
        for trial in self.exercise.others():
            try:
                truth = self.exercise.run(self.exercise.program_of_names, trial)
            except Exception:
                continue  # sizes that do not grow
            if _nearness(self._results(function.__code__, (trial, truth)), truth, goal) < len(goal):
                return False
        return True

    # Searching

    def _search(self, start, goal):
        """Return the plainest repair for some results, and whether none of another kind is as plain."""
        code = self._code(start)
        first = next(c for c in self.cases if _nearness(self._results(code, c), c[1], goal) < len(goal))
        cases = [first]
        if not any(np.ndim(first[1][part]) for part in goal):  # one number, or one set, alone says little
            several = SEVERAL if all(_is_number(first[1][part]) for part in goal) else len(self.cases)
            cases = [first, *(case for case in self.cases if case is not first)][:several]
        truth, parts = _stacked([case[1] for case in cases]), range(len(self.exercise.results))
        nodes, order = [(0.0, start, self._on(code, cases))], itertools.count()
        # Single numbers may be right by chance.
        least = self._trials_right(code, nodes[0][2], cases, truth, goal) + len(cases) ** 0.5
        for depth in range(MOST):
            found: list[Found] = []
            queue: list = []
            for paid, tree, was in nodes:
                if self._is_late():
                    break
                limit = np.inf
                for edit in edits.edits(tree, self.reach):
                    if edit.cost > limit or self._is_late():
                        break
                    candidate = edits.put(tree, edit.path, edit.new)
                    code = self._new(candidate)
                    if code is None:
                        continue
                    results = self._on(code, cases)
                    nearness = _nearness(results, truth, goal)
                    if nearness == len(goal) and self._is_right(code, goal):
                        if nonsense(candidate) <= nonsense(self.tree):
                            found.append(Found(paid + edit.cost, edit.kind, candidate))
                            limit = min(limit, AS_PLAIN * edit.cost)
                        continue
                    if start is tree is self.tree and nonsense(candidate) <= nonsense(tree):
                        trials = self._trials_right(code, results, cases, truth, goal)
                        if trials >= least:
                            self.partly.append(Found(edit.cost, edit.kind, candidate, trials))
                    if depth + 1 < MOST and not _unchanged(results, was):
                        if isinstance(edit.new, ast.Tuple) and edit.kind == "order" and not depth:
                            nearness += len(goal)  # no result tells whether they stand in the right order
                        queue.append((-nearness, paid + edit.cost, next(order), candidate, results))
                if found:
                    break
            everything = len(goal) == len(self.exercise.results)
            whole = [one for one in found if everything or self._is_right(self._code(one.tree), parts)]
            found = whole or found  # what mends all results at once is one mistake
            for best in sorted(found, key=lambda one: one.cost):
                if not everything or self._holds(best.tree):
                    plain = (one for one in found if one.cost <= AS_PLAIN * best.cost)
                    return best.tree, all(_family(one.kind) == _family(best.kind) for one in plain)
            nodes = [(paid, tree, was) for _, paid, _, tree, was in _nearest(queue)]
        return None

    def _trials_right(self, code, results, cases, truth, goal):
        """Count the trials that a program gets right; none where it is wrong on those tried first."""
        if results is None:
            return 0
        if len(cases) > 1:
            both = [(results[p], truth[p]) for p in goal]
            if not all(isinstance(a, np.ndarray) and a.shape == (len(cases),) for one in both for a in one):
                return 0
            return np.all([alike(*one) for one in both], axis=0).sum()
        if _nearness(results, truth, goal) < len(goal):
            return 0
        return sum(_nearness(self._results(code, case), case[1], goal) == len(goal) for case in self.cases)

    def _code(self, tree):
        return function_of(tree, self.space).__code__

    def _new(self, tree):
        """Return the code of a program; None where another candidate was the same, or it is none."""
        if (self.growing and _feeds_itself(tree)) or _is_dear(tree, self.lists, self.whole):
            return None
        if self.growing and not self.grows and _grows(tree):
            return None
        try:
            code = self._code(tree)
        except (SyntaxError, ValueError, TypeError):
            return None
        key = _key(code)
        if key in self.seen:
            return None
        self.seen.add(key)
        return code

    # What may be written

    def _reach(self):
        tree, space = self.tree, self.world()
        arguments = [a.arg for a in (*tree.args.posonlyargs, *tree.args.args, *tree.args.kwonlyargs)]
        stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        data = {n for n, value in space.items() if n[0] != "_" and not (callable(value) or _is_module(value))}
        given = dict(zip(arguments, self.given or (), strict=False))
        self.lists = {word for word, value in given.items() if isinstance(value, list)}
        broken = {word for word, value in given.items() if not isinstance(value, (int, list))}
        # A name that is no argument may stand for a whole number where one has come in.
        self.whole = (set(given) | stored | data) - broken if broken < set(given) else set()
        plain = (int, float, np.ndarray, np.generic)
        seen = given and all(isinstance(value, plain) for value in (*given.values(), *map(space.get, data)))
        self.growing = not seen or _has_lists(tree) or _has_lists(self.right)
        self.grows = _grows(tree)
        names = [*arguments, *sorted((stored | data) - set(arguments))]
        modules = frozenset((set(space) | set(dir(builtins))) - set(names))
        sizes = [ast.Constant(2), *self._sizes(arguments)]
        parts, lines, functions = self._of_the_right(arguments, names, modules)
        counted = [[(edits.count(node), node) for node in nodes] for nodes in (sizes, parts, lines)]
        return edits.Reach(arguments, names, modules, *counted, functions)

    def _of_the_right(self, arguments, names, modules):
        """Return parts, lines and functions of the right program, in the reader's names."""
        to = dict(zip([a.arg for a in self.right.args.args], arguments, strict=False))
        right = tree_of(self.exercise.right)
        _call_alike(right, self.tree, to)
        right = _Rename(to).visit(right)
        answers = [node.value for node in ast.walk(right) if isinstance(node, ast.Return)]
        answers += [one for value in answers if isinstance(value, ast.Tuple) for one in value.elts]
        known = set(names) | modules
        parts: dict[str, ast.expr] = {ast.dump(one): one for one in map(edits.name, names)}
        lines: dict[str, ast.stmt] = {}
        functions: dict[str, ast.expr] = {}
        for node in ast.walk(right):
            used = used_in(node)
            if not used <= known:
                continue
            if isinstance(node, (ast.Assign, ast.AugAssign)):
                lines.setdefault(ast.dump(node), node)
            if isinstance(node, ast.Call) and used_in(node.func) <= modules:
                functions.setdefault(ast.dump(node.func), node.func)
            is_data = isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
            # The whole answer put in would be no repair.
            if is_data and used - modules and edits.count(node) <= PART and node not in answers:
                parts.setdefault(ast.dump(node), node)
        for node in nodes(self.tree):  # what the reader has picked out himself
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and edits.count(node) <= 4:
                parts.setdefault(ast.dump(node), node)
        return list(parts.values()), list(lines.values()), list(functions.values())

    def _sizes(self, arguments):
        """Yield the lengths of the arguments, those that are the same number only once."""
        known = set()
        for word, value in zip(arguments, self.given or (), strict=False):
            shape = (len(value),) if isinstance(value, list) else np.shape(value)
            for axis in (*range(len(shape)), None) if len(shape) > 1 else range(len(shape)):
                length = np.size(value) if axis is None else shape[axis]
                if length not in known:
                    known.add(length)
                    yield edits.size_of(edits.name(word), axis)


def _family(kind):
    """Return the kinds of slips that are one to a reader: what is the wrong way round, what is left out."""
    return next((family for family in FAMILIES if kind in family.split()), kind)


def used_in(node: ast.AST) -> set[str]:
    """Return the names that stand in a tree."""
    return {n.id for n in nodes(node) if isinstance(n, ast.Name)}


class _Rename(ast.NodeTransformer):
    def __init__(self, to):
        self.to = to

    def visit_Name(self, node):
        return ast.copy_location(ast.Name(self.to.get(node.id, node.id), node.ctx), node)


def _call_alike(right, tree, to):
    """Add to the names of the right program those that the reader gave to the same values and loops."""
    yours = {ast.dump(value): target for target, value in _bound(tree)}
    for target, value in _bound(right):
        same_value = yours.get(ast.dump(_Rename(to).visit(copy.deepcopy(value))))
        if same_value is not None and type(same_value) is type(target):
            names = [[n.id for n in ast.walk(one) if isinstance(n, ast.Name)] for one in (target, same_value)]
            to.update(zip(*names, strict=False))


def _bound(tree):
    """Yield what gets a value, and the value: in assignments and in loops, as they stand."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], (ast.Name, ast.Tuple)):
            yield node.targets[0], node.value
        elif isinstance(node, (ast.For, ast.comprehension)):
            yield node.target, node.iter


def _is_module(value):
    return isinstance(value, ModuleType)


def _key(code):
    consts = tuple(_key(c) if hasattr(c, "co_code") else (type(c), repr(c)) for c in code.co_consts)
    return code.co_code, consts, code.co_names, code.co_varnames


def _nearness(results, truth, goal):
    """Return how near results come, up to 1 for each: right in value, but for a factor, in some entries."""
    return -1.0 if results is None else sum(near(results[part], truth[part]) for part in goal)


def _is_number(result):
    return np.ndim(result) == 0 and isinstance(result, (int, float, np.number, np.ndarray))


def _stacked(found):
    """Return the results of several trials as those of one: single numbers as an array of them."""
    if len(found) == 1:
        return found[0]
    return tuple(_as_one(part) for part in zip(*found, strict=True))


def _as_one(part):
    if all(map(_is_number, part)):
        return np.array(part, float)
    return part[0] if isinstance(part[0], np.ndarray) else part


def _nearest(queue):
    """Return the nearest of a queue; of those that do the same only the plainest, and one more."""
    chosen, met = [], Counter()
    for one in sorted(queue):
        met[met_as := _signature(one[-1])] += 1
        if met[met_as] <= ALIKE:
            chosen.append(one)
            if len(chosen) == BEAM:
                break
    return chosen


def _signature(results):
    return results and tuple(
        (part.shape, np.round(part, 9).tobytes()) if isinstance(part, np.ndarray) else repr(part)
        for part in results
    )


def _unchanged(a, b):
    return (a is None and b is None) or (a is not None and b is not None and all(map(same, a, b)))


def _is_dear(tree, lists, whole):
    """Whether whole numbers may grow, or a list, until they hold the interpreter for minutes."""
    for node in nodes(tree):
        match node:
            case ast.BinOp(op=ast.Pow(), left=a, right=b) | ast.AugAssign(op=ast.Pow(), target=a, value=b):
                tame = isinstance(b, ast.Constant) and not (isinstance(b.value, int) and b.value > LARGEST)
                if not tame and _is_whole(a, whole) and _is_whole(b, whole):
                    return True
            case ast.BinOp(op=ast.Mult(), left=a, right=b) | ast.AugAssign(op=ast.Mult(), target=a, value=b):
                for side in (a, b) if whole else ():
                    sliced = isinstance(side, ast.Subscript) and isinstance(side.slice, ast.Slice)
                    if isinstance(side, (ast.List, ast.ListComp)) or sliced:
                        return True
                    if isinstance(side, ast.Name) and side.id in lists:
                        return True
    return False


def _is_whole(node, whole):
    """Whether an expression may be one whole number: numbers alone, a length, names of whole numbers."""
    numbers = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
    if any(isinstance(n, ast.Div) for n in ast.walk(node)) or any(isinstance(n, float) for n in numbers):
        return False
    sized = any(isinstance(n, ast.Attribute) and n.attr in ("shape", "size") for n in ast.walk(node))
    return sized or "len" in used_in(node) or used_in(node) <= whole


def _has_lists(tree):
    """Whether a program makes a list, as far as can be seen."""
    return any(
        isinstance(node, (ast.List, ast.ListComp))
        or (isinstance(node, ast.Name) and node.id in ("list", "sorted"))
        or (isinstance(node, ast.Attribute) and node.attr in ("tolist", *GROWTH))
        for node in nodes(tree)
    )


def _feeds_itself(tree):
    """Whether a list may come to hold itself: NumPy dies of it."""
    found = [n for n in nodes(tree) if isinstance(n, (ast.Assign, ast.AugAssign)) or _is_growth(n)]
    given: dict[str, set[str]] = {}  # the names that a name may stand for, or hold
    for node in found:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for name in used_in(target):
                    given.setdefault(name, set()).update(_held(node.value))
        elif isinstance(node, ast.Call) and isinstance(node.func.value, ast.Name):
            for argument in node.args:
                given.setdefault(node.func.value.id, set()).update(_held(argument))

    def reaches(names, word):
        seen: set[str] = set()
        while names := names - seen:
            seen |= names
            names = {other for name in names for other in given.get(name, ())}
        return word in seen

    for node in found:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=word))):
                if any(reaches(_held(argument), word) for argument in node.args):
                    return True
            case ast.AugAssign(target=ast.Name(id=word), value=value):
                if isinstance(value, ast.Name) and reaches({value.id}, word):
                    return True
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=word))], value=value):
                if reaches(_held(value), word):
                    return True
    return False


def _grows(tree):
    """Whether a list may grow while a loop goes through it."""
    for node in nodes(tree):
        if isinstance(node, ast.For):
            places = [one.slice for one in nodes(node.iter) if isinstance(one, ast.Subscript)]
            walked = used_in(node.iter) - set().union(*map(used_in, places))
            grown = [one.func.value for one in nodes(node) if _is_growth(one)]
            if any(isinstance(value, ast.Name) and value.id in walked for value in grown):
                return True
    return False


GROWTH = ("append", "extend", "insert")


def _is_growth(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in GROWTH


def _held(node):
    """Return the names that an expression is, or holds as they are, in brackets."""
    match node:
        case ast.Name(id=word):
            return {word}
        case ast.List(elts=elts) | ast.Tuple(elts=elts):
            return {word for one in elts for word in _held(one)}
        case ast.IfExp(body=a, orelse=b):
            return _held(a) | _held(b)
        case ast.Starred(value=value):
            return _held(value)
    return set()


def nonsense(tree: ast.AST) -> int:
    """Count what nobody would write: x - x, Y / Y, --x, X.T.T, x * 1, 1 ** x, x + 0, if (a > b) / 2."""
    found = 0
    for node in nodes(tree):
        match node:
            case ast.BinOp(
                op=ast.Pow() | ast.Mult() | ast.Div() | ast.FloorDiv(), right=ast.Constant(value=1 | 0)
            ):
                found += 1
            case ast.BinOp(op=ast.Add() | ast.Sub(), right=ast.Constant(value=0)):
                found += 1
            case ast.BinOp(left=ast.Constant(value=1), op=ast.Pow() | ast.Mult()):
                found += 1
            case (
                ast.If(test=ast.BinOp(left=ast.Compare()))
                | ast.While(test=ast.BinOp(left=ast.Compare()))
                | ast.IfExp(test=ast.BinOp(left=ast.Compare()))
            ):
                found += 1
            case ast.BinOp(left=a, op=ast.Sub() | ast.Div() | ast.FloorDiv() | ast.Mod(), right=b):
                whole = b.value if isinstance(b, ast.Subscript) else b
                found += _copied(a) in (_copied(b), _copied(whole))
            case ast.UnaryOp(op=ast.USub(), operand=ast.UnaryOp(op=ast.USub())):
                found += 1
            case ast.Attribute(attr="T", value=ast.Attribute(attr="T")):
                found += 1
    return found


def _copied(node):
    """Return an expression as text, without the copies that are made of it."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr="copy"), args=[]):
            return _copied(value)
    return ast.dump(node)


# What is told


def _told(source, old, new, sure, count, everything):
    """Return the repair as the reader sees it: the first place, by his own line, and all changes."""
    pairs = list(_differences(old, new))
    node = _first_place(old, pairs)
    line = source[node.lineno - 1]
    start = len(line.encode()[: node.col_offset].decode())
    stop = len(line.encode()[: node.end_col_offset].decode()) if node.end_lineno == node.lineno else len(line)
    indent = len(line) - len(line.lstrip())
    changes = tuple(_moved(pairs, new)) if sure else ()
    return Repair(line.strip(), start - indent, stop - indent, changes, count, everything)


def _first_place(old, pairs):
    return pairs[0][0] or _in_place(old, pairs[0][1]) or old.body[-1]


def _in_place(tree, copied):
    """Return the first statement that changes an argument in place, where the repair copies it."""
    copy_of = re.fullmatch(r"(\w+) = \1\.copy\(\)", ast.unparse(copied))
    written = (
        node
        for node in ast.walk(tree)
        if copy_of and isinstance(node, ast.stmt) and not hasattr(node, "body")
        if edits.is_written(node, copy_of[1])
    )
    return next(written, None)


def _moved(pairs, new):
    """Yield what stands there and what would make it right; a line that moves says where to."""
    for old, better in pairs:
        twin = next((o for o, b in pairs if better and o and not b and ast.dump(o) == ast.dump(better)), None)
        if twin is not None:
            continue
        if old and not better and any(not o and ast.dump(b) == ast.dump(old) for o, b in pairs):
            steps = _indent(new, ast.dump(old)) - old.col_offset // 4
            where = {-1: "one step to the left", 1: "one step to the right"}.get(steps, "in another order")
            if isinstance(old, ast.If) and not steps:
                yield f"elif {ast.unparse(old.test)}:", f"if {ast.unparse(old.test)}:"
            else:
                yield ast.unparse(old), f"→ {where}"
        else:
            yield tuple(ast.unparse(side) if side else "" for side in (old, better))


def _indent(node, line, depth=0):
    """Return how deep a line stands in a tree."""
    for field in ("body", "orelse"):
        for inner in getattr(node, field, []):
            found = depth + 1 if ast.dump(inner) == line else _indent(inner, line, depth + 1)
            if found:
                return found
    return 0


def _differences(old, new):
    """Yield the smallest nodes in which two trees differ: old and new, None where there is none."""
    if old is new or ast.dump(old) == ast.dump(new):
        return
    if type(old) is not type(new) or _holds_other(old, new) or _holds_other(new, old):
        yield old, new
        return
    pairs = []
    for field in old._fields:
        a, b = getattr(old, field, None), getattr(new, field, None)
        if isinstance(a, list) and isinstance(b, list):
            if len(a) == len(b):
                for x, y in zip(a, b, strict=True):
                    if not isinstance(x, ast.AST) or not isinstance(
                        x, (ast.expr, ast.stmt, ast.keyword, ast.comprehension)
                    ):
                        if (ast.dump(x) if isinstance(x, ast.AST) else x) != (
                            ast.dump(y) if isinstance(y, ast.AST) else y
                        ):
                            yield old, new
                            return
                    else:
                        pairs += _differences(x, y)
            elif field in ("body", "orelse"):
                pairs += _lines(a, b)
            else:
                yield old, new
                return
        elif isinstance(a, (ast.expr, ast.keyword)) and isinstance(b, ast.AST):
            pairs += _differences(a, b)
        elif isinstance(a, ast.arguments) or field in ("ctx",):
            continue
        elif isinstance(a, ast.AST) or isinstance(b, ast.AST):
            if a is None or b is None or ast.dump(a) != ast.dump(b):
                yield old, new
                return
        elif a != b:
            yield old, new
            return
    if len(pairs) > 1 and isinstance(old, ast.expr):
        exchanged = isinstance(old, ast.Tuple) and {*map(ast.dump, old.elts)} == {*map(ast.dump, new.elts)}
        if exchanged or not isinstance(old, ast.Tuple):
            pairs = [(old, new)]
    yield from pairs


def _holds_other(a, b):
    text = ast.dump(b)
    return any(ast.dump(node) == text for node in ast.walk(a) if isinstance(node, ast.expr) and node is not a)


def _lines(a, b):
    for x, y in _aligned(a, b, ast.dump):
        if not isinstance(x, list):
            yield from _differences(x, y)
            continue
        for one, two in [(x, y)] if len(x) == len(y) else _aligned(x, y, _target):
            if not isinstance(one, list):
                yield from _differences(one, two)
                continue
            both = min(len(one), len(two))
            for old, better in zip(one[:both], two[:both], strict=True):
                yield from _differences(old, better)
            yield from ((old, None) for old in one[both:])
            yield from ((None, better) for better in two[both:])


def _aligned(a, b, key):
    """Yield pairs of lines that have the same key, and pairs of lists of those between."""
    matcher = difflib.SequenceMatcher(None, [*map(key, a)], [*map(key, b)], autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(a[i:j], b[k:m], strict=True)
        else:
            yield a[i:j], b[k:m]


def _target(line):
    """Return what a line gives a value to or, where it gives none, the whole line."""
    return " ".join(map(ast.dump, line.targets)) if isinstance(line, ast.Assign) else ast.dump(line)
