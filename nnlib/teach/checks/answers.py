"""What every check does with a learner's answer: call it, compare it with the truth, and name the mistake."""

import ast
import functools
import inspect
import itertools
import linecache
import operator
import re
import traceback
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nnlib.gradcheck import relative_error
from nnlib.teach.judged import judged

__all__ = [
    "Mistake",
    "Verdict",
    "Wrong",
    "array",
    "call",
    "check",
    "compare",
    "is_stub",
    "numbers",
    "settings",
    "untouched",
]

TOLERANCE = 1e-4  # relative to the largest entry: float32 is near enough, no known mistake is
OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
}
# In one line of Markdown, a span of code (left as it is) or a character that could begin something else.
CODE_OR_MARK = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)|[`<&$\\]|\](?=[(\[:])|:(?=//)")


class Verdict:
    """What a check found: true if the answer is right; shown as a sentence.

    Attributes
    ----------
    right : bool
    text : str
        Markdown.
    """

    def __init__(self, right, text):
        self.right, self.text = right, text

    def __bool__(self):
        return self.right

    def __repr__(self):
        return self.text

    def _repr_markdown_(self):
        # The text quotes the learner's code and what it said: no tag and no link of theirs comes alive.
        text = CODE_OR_MARK.sub(lambda found: found[0] if found[1] else f"&#{ord(found[0])};", self.text)
        return f"{'✓' if self.right else '✗'} {text}"

    def _repr_mimebundle_(self, **_):
        return {}, judged() if self.right else {}


class Wrong(Exception):
    """A diagnosis, raised inside a check."""


def check(function):
    """Turn a function that returns praise, or raises `Wrong`, into a check that returns a `Verdict`."""

    @functools.wraps(function)
    def checked(*arguments):
        try:
            return Verdict(True, function(*arguments))
        except Wrong as wrong:
            return Verdict(False, str(wrong))

    return checked


def call(function, *arguments, hint):
    """Return what the learner's function returns; a crash is his, with its line, and a stub gets the hint."""
    if function is ...:
        raise Wrong(f"Not attempted yet. Hint: {hint}")
    if not callable(function):
        raise Wrong(f"expected your function here, and got {function!r}.")
    try:
        answer = function(*arguments)
    except Exception as error:
        raise Wrong(_crash(function, error)) from None
    if answer is None and not is_stub(function):
        raise Wrong(f"Your function gives None: is a `return` missing? Hint: {hint}")
    if answer is None or answer is ...:
        raise Wrong(f"Not attempted yet. Hint: {hint}")
    return answer


def is_stub(function):
    """Whether a function does nothing at all: its code is as short as that of `lambda: None`."""
    code = getattr(function, "__code__", None)
    return code is not None and len(code.co_code) == len((lambda: None).__code__.co_code)


def _crash(function, error):
    """Return where the learner's own code raised `error`, and what went wrong, in plain words."""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    walked = zip(
        traceback.walk_tb(error.__traceback__), traceback.extract_tb(error.__traceback__), strict=True
    )
    places = [(frame, summary) for (frame, _), summary in walked if summary.filename == file]
    line = f", in the line `{places[-1][1].line}`" if places and places[-1][1].line else ""
    shapes = _operand_shapes(*places[-1]) if line else ()
    return f"Your code stops with {type(error).__name__}{line}: {_plain(str(error), shapes)}"


def _operand_shapes(frame, summary):
    """Return the shapes of both sides of the operator that failed; empty unless they are plain names."""
    if summary.colno is None or summary.lineno != summary.end_lineno:
        return ()
    source = linecache.getline(summary.filename, summary.lineno, frame.f_globals).encode()
    try:
        product = ast.parse(source[summary.colno : summary.end_colno].decode().strip(), mode="eval").body
    except SyntaxError:
        return ()
    if not isinstance(product, ast.BinOp):
        return ()
    names = frame.f_globals | frame.f_locals
    try:
        return tuple(np.shape(_value(side, names)) for side in (product.left, product.right))
    except Exception:
        return ()


def _value(node, names):
    """Return what an expression stands for. No call is made a second time: it may change something."""
    match node:
        case ast.Name():
            return names[node.id]
        case ast.Constant():
            return node.value
        case ast.Attribute():
            return getattr(_value(node.value, names), node.attr)
        case ast.Subscript():
            return _value(node.value, names)[_value(node.slice, names)]
        case ast.Slice():
            return slice(*(part and _value(part, names) for part in (node.lower, node.upper, node.step)))
        case ast.Tuple():
            return tuple(_value(part, names) for part in node.elts)
        case ast.UnaryOp(op=ast.USub()):
            return -_value(node.operand, names)
        case ast.BinOp():
            return OPERATORS[type(node.op)](_value(node.left, names), _value(node.right, names))
    raise TypeError(f"a {type(node).__name__} is not worked out again.")


def _plain(said, shapes):
    """Return NumPy's words, made plain where they are hard; `shapes` are those of the operator's sides."""
    if found := re.search(r"gufunc signature.*\(size (\d+) is different from (\d+)\)", said):
        return _no_product(shapes, left=found[2], right=found[1])
    if found := re.match(r"shapes (\(.*?\)) and (\(.*?\)) not aligned: (\d+) .* != (\d+)", said):
        return _no_product([_sizes(found[1]), _sizes(found[2])], left=found[3], right=found[4])
    if "gufunc" in said and "not have enough dimensions" in said:
        return "`@` multiplies arrays, and here one of the two is a single number: that is what `*` is for."
    if found := re.match(r"operands could not be broadcast together with shapes ([(),\d ]+)$", said):
        return _no_broadcast([_sizes(shape) for shape in re.findall(r"\(.*?\)", found[1])])
    if found := re.match(r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)", said):
        index, axis, size = found.groups()
        return f"axis {axis} is {size} long, counted from 0: it has no place {index}."
    if said == "'int' object is not iterable":
        return "a loop over a single number. `range` counts up to it."
    if "truth value of an array" in said:
        return (
            "`if`, `and`, `max` and the like ask for one yes or no, and an array has one for each entry."
            " `np.where` and `np.maximum` choose entry by entry."
        )
    if re.match(r"only (0-dimensional|length-1|size-1) arrays can be converted", said):
        return (
            "a function for single numbers was given an array. NumPy's own, such as `np.exp` instead of"
            " `math.exp`, take each entry."
        )
    return said


def _sizes(shape):
    return tuple(map(int, re.findall(r"\d+", shape)))


def _no_product(shapes, left, right):
    head = f"shapes {shapes[0]} and {shapes[1]} do not fit: a" if shapes else "the shapes do not fit: a"
    first = {1: "only", 2: "first"}.get(len(shapes[1]), "last but one") if shapes else "first"
    return (
        f"{head} matrix product adds over the last axis of the left array, here {left} long, and over the"
        f" {first} axis of the right one, here {right}."
    )


def _no_broadcast(shapes):
    clashes = (
        (a, b, i, j)
        for a, b in itertools.combinations(shapes, 2)
        for i, j in zip(a[::-1], b[::-1], strict=False)
        if i != j and 1 not in (i, j)
    )
    a, b, i, j = next(clashes)
    said = f"shapes {a} and {b} do not fit entry by entry: lined up from the right, {i} meets {j}."
    flat, other = sorted((a, b), key=len)
    if len(flat) == 1 and len(other) == 2 and flat[0] == other[0]:
        said += f" What has one number for each row has to stand as a column, of shape ({flat[0]}, 1)."
    return said


def array(answer, shape, axes):
    """Return the learner's array as floats; he hears what its axes are where it has not this shape."""
    values = numbers(answer)
    if values is None:
        raise Wrong(f"You return {type(answer).__name__}; expected an array, {axes}.")
    if values.shape != shape:
        raise Wrong(f"You return shape {values.shape}; expected {shape}, {axes}.")
    return values


def numbers(answer):
    """Return an answer as an array of floats; None if it holds text, or rows of different lengths."""
    try:
        values = np.asarray(answer)
    except ValueError:  # ragged
        return None
    return values.astype(float) if values.dtype.kind in "fiub" else None


def settings(answer, names, seeds, *, hint, if_zero=""):
    """Yield rng and what the learner's answer(rng) returns, `names`, from each seed; a network each."""
    nets, first = [], None
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        returned = call(answer, rng, hint=hint)
        if not isinstance(returned, tuple) or len(returned) != len(names):
            many = {3: "three", 4: "four"}[len(names)]
            raise Wrong(f"Expected `return {', '.join(names)}`, {many} things.")
        if any(returned[0] is net for net in nets):
            raise Wrong("The same network comes back each time, and goes on learning. Make a new one inside.")
        nets.append(returned[0])
        start = [p.copy() for p in getattr(returned[0], "params", [])]
        first = first or start
        if seed == 1 and all(map(np.array_equal, first, start)):
            zero = "" if any(map(np.any, start)) else if_zero
            raise Wrong(f"All runs begin with the same weights: draw them from `rng`.{zero}")
        yield rng, *returned


def untouched(names, before, after):
    """Raise `Wrong` if an array that the learner's function was given has been changed by it."""
    for name, old, new in zip(names, before, after, strict=False):
        if isinstance(old, np.ndarray) and not np.array_equal(old, new, equal_nan=True):
            raise Wrong(
                f"Your function changes {name}, which belongs to whoever called it. Work on a new array:"
                f" `{name} = {name} - …` makes one, `{name} -= …` and `{name}[…] = …` do not."
            )


class Mistake(NamedTuple):
    """A known way to be wrong: `wrong` takes what the answer takes, and returns what it then returns.

    Where the answer has several results, `of` names the one that the mistake spoils.
    """

    wrong: Callable
    why: str
    of: str | None = None


class _Run(NamedTuple):
    arguments: tuple
    found: np.ndarray
    right: np.ndarray
    sizes: dict
    tried: str


def compare(answer, right, trials, *, results, hint, mistakes=()):
    """Call `answer` as `right` on every trial; raise `Wrong` with the diagnosis unless they agree on all.

    A diagnosis has to explain every trial. The mistakes given are tried first; those that any result can have
    (sign, a factor, transposed, not summed over the batch, shape, a number that is not finite) come after.

    Parameters
    ----------
    answer : function
        The learner's.
    right : function
        The truth; the names of its parameters are used in messages.
    trials : sequence of (arguments, sizes)
        `sizes` is a dict from names to numbers by which an answer may be off, such as {"N": 5, "n_out": 3}.
        Trials differ in all of them. A batch has its samples as rows.
    results : sequence of str
        The names of what is returned, such as ["dX", "dW", "db"].
    hint : str
        For an untouched stub.
    mistakes : sequence of Mistake
    """
    names = list(inspect.signature(right).parameters)
    runs = {name: [] for name in results}
    for arguments, sizes in trials:
        given = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        tried = _tried(sizes, dict(zip(names, arguments, strict=False)))
        try:
            found = call(answer, *given, hint=hint)
        except Wrong as wrong:
            if sizes and (ran := runs[results[0]]) and " stops with " in str(wrong):
                raise Wrong(f"{wrong} ({tried}; w{ran[0].tried[1:]} it runs.)") from None
            raise
        untouched(names, arguments, given)
        truth = right(*arguments)
        if len(results) == 1:
            found, truth = (found,), (truth,)
        elif not isinstance(found, (tuple, list, np.ndarray)) or len(found) != len(results):
            count = len(found) if isinstance(found, (tuple, list)) else "one"
            raise Wrong(
                f"Expected `return {', '.join(results)}`, {len(results)} results in this order;"
                f" you return {count}."
            )
        for name, part, true in zip(results, found, truth, strict=True):
            runs[name].append(_Run(arguments, _numbers(part, name), np.asarray(true), sizes, tried))
    for name in results:
        head = f"{name}: " if len(results) > 1 else ""
        _judge(name, runs[name], head, [m for m in mistakes if m.of in (None, name)])


def _numbers(part, name):
    if part is ...:
        raise Wrong(f"{name} is still `...`; expected numbers.")
    values = numbers(part)
    if values is None:
        kind = f"an array of {part.dtype}" if isinstance(part, np.ndarray) else f"a {type(part).__name__}"
        raise Wrong(f"{name}: you return {kind}; expected numbers.")
    return values


def _same(a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape or not np.array_equal(np.isfinite(a), np.isfinite(b)):
        return False
    finite = np.isfinite(a)
    return not finite.any() or relative_error(a[finite], b[finite]) < TOLERANCE


def _judge(name, runs, head, mistakes):
    """Raise the diagnosis of one result, unless it is right in all runs."""
    if all(_same(run.found, run.right) for run in runs):
        return

    def always(wrong):
        return all(_same(run.found, wrong(run)) for run in runs)

    with np.errstate(all="ignore"):
        for mistake in mistakes:
            if always(lambda run, wrong=mistake.wrong: wrong(*run.arguments)):
                raise Wrong(f"{head}{mistake.why}")
    for found in (_shape, _finite, _factor):
        if why := found(name, runs, always):
            raise Wrong(f"{head}{why}")
    run = next(run for run in runs if not _same(run.found, run.right))
    place = np.unravel_index(np.abs(run.found - run.right).argmax(), run.right.shape)
    entry = f"{name}[{', '.join(map(str, place))}]" if place else name
    raise Wrong(
        f"{head}{run.tried}, {entry} should be {run.right[place]:.4g}; yours is {run.found[place]:.4g}."
    )


def _tried(sizes, arguments):
    """Return on what an answer was tried: its sizes or, where there are none, its single numbers."""
    single = (int, float, np.number)
    numbers = {name: f"{value:.3g}" for name, value in arguments.items() if isinstance(value, single)}
    said = ", ".join(f"{name} = {value}" for name, value in (sizes or numbers).items())
    return f"With {said}" if said else "On some trial"


def _shape(name, runs, always):
    if all(run.found.shape == run.right.shape for run in runs):
        return None
    if always(lambda run: run.right.T):
        return f"transposed: yours has shape {runs[0].found.shape}, {name} has {runs[0].right.shape}."
    run = next(run for run in runs if run.found.shape != run.right.shape)
    found, right = run.found.shape, run.right.shape
    said = f"{run.tried}, you return {'a single number' if found == () else f'shape {found}'};"
    said += f" {name} {'is a single number' if right == () else f'has shape {right}'}."
    if found[::-1] == right and len(right) == 2:
        return f"{said} Rows and columns are exchanged."
    if found and found[1:] == right and found[0] == run.sizes.get("N"):
        return f"{said} You have one row for each sample. Do the samples share what you are looking for?"
    if sorted(n for n in found if n != 1) == sorted(n for n in right if n != 1):
        return f"{said} There is an axis of length 1 {'too many' if len(found) > len(right) else 'missing'}."
    return said


def _finite(name, runs, always):
    run = next(
        (run for run in runs if np.isfinite(run.right).all() and not np.isfinite(run.found).all()), None
    )
    return run and (
        f"{run.tried}, yours holds {'nan' if np.isnan(run.found).any() else 'inf'}, where {name} is finite."
    )


def _factor(name, runs, always):
    if always(lambda run: -run.right):
        return "right but for its sign: all of it is the wrong way round."
    if len(runs[0].right.shape) == 2 and always(lambda run: run.right.T):
        return "transposed."
    for size in {size: None for run in runs for size in run.sizes}:
        for text, factor in (
            (size, lambda run, size=size: run.sizes[size]),
            (f"1/{size}", lambda run, size=size: 1 / run.sizes[size]),
        ):
            for sign, minus in (("", 1), ("-", -1)):
                if always(lambda run, factor=factor, minus=minus: minus * factor(run) * run.right):
                    return f"right but for a factor {sign}{text}{_seen(runs, size)}."
    if always(lambda run: 0 * run.right):
        return "yours is zero, on every trial."
    if len(runs) > 1 or runs[0].right.size > 1:
        scale = np.vdot(runs[0].right, runs[0].found) / np.vdot(runs[0].right, runs[0].right)
        if always(lambda run: scale * run.right):
            return f"right but for a factor: yours is {scale:.4g} times {name}, on every trial."
    return None


def _seen(runs, size):
    return f" (tried with {' and '.join(f'{size} = {run.sizes[size]}' for run in runs[:2])})"
