"""A crash in a reader's function, with his line and in plain words."""

import ast
import contextlib
import dis
import inspect
import itertools
import linecache
import math
import operator
import re
import traceback
from collections.abc import Callable
from types import CodeType
from typing import Any

import numpy as np

__all__ = ["code_of", "from_outside", "told"]

OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
}

# What NumPy and Python say, and what it means
SAID = {
    "only integer scalar arrays can be converted to a scalar index": (
        "an array stands where a whole number was expected. `np.max`, `np.sum` and the like take an axis as"
        " their second argument; of two arrays, `np.maximum` takes the larger entry by entry."
    ),
    "ufunc 'bitwise_xor' not supported": "`^` is no power in Python: that is `**`.",
    "unsupported operand type(s) for ^": "`^` is no power in Python: that is `**`.",
    "ufunc 'bitwise_and' not supported": (
        "`&` joins truth values, and it comes before a comparison: put each comparison in brackets."
    ),
    "ufunc 'bitwise_or' not supported": (
        "`|` joins truth values, and it comes before a comparison: put each comparison in brackets."
    ),
    "ufunc 'invert' not supported": "`~` turns truth values round, and these are numbers: a sign is `-`.",
    "numpy boolean subtract": (
        "truth values are not subtracted from each other: `~mask` turns one round, `1 - mask` counts."
    ),
    "numpy boolean negative": "truth values have no sign: `~mask` turns them round.",
    "with casting rule 'same_kind'": (
        "an array of whole numbers, or of truth values, takes no fractions in place. Make a new array, or one"
        " of floats: `.astype(float)`."
    ),
    "can't multiply sequence by non-int": "a list is not multiplied entry by entry; `np.array` of it is.",
    "list indices must be integers or slices, not tuple": (
        "a list of lists has no two axes: `C[i][j]`, or an array, `np.zeros((rows, columns))`."
    ),
    "as a data type": "a shape is one argument, in brackets of its own: `np.zeros((rows, columns))`.",
    "arrays used as indices must be of integer": (
        "an index is a whole number or a truth value, and these are floats: `.astype(int)`, or a comparison."
    ),
    "of an empty sequence": "the array is empty: a slice that begins behind the end has nothing in it.",
    "negative dimensions are not allowed": "a length of the shape is below zero.",
    "shape-mismatch for sum": (
        "`tensordot` adds over axes in pairs, and two that make a pair are not equally long. Without a list"
        " it takes the last ones of the left array and the first ones of the right."
    ),
    "'float' object cannot be interpreted as an integer": (
        "a whole number was expected, and this one is a float: `/` always gives one, `//` does not."
    ),
    "'list' object cannot be interpreted as an integer": (
        "a whole number was expected, and this is a list. Several axes are given as a tuple, `axis=(0, 1)`;"
        " `tuple(axes)` makes one of a list."
    ),
    "unexpected keyword argument 'keepdim'": "NumPy's word is `keepdims`; without the s it is PyTorch's.",
    "unexpected keyword argument 'dim'": "NumPy's word for it is `axis`; `dim` is PyTorch's.",
}

DATA = (int, float, list, dict, set, np.ndarray, np.generic)
NO_DIVISION = "it divides by 0."
MOST_SAID = 500  # characters of what an exception says


def told(function: Callable, error: BaseException) -> str:
    """Return where the learner's own code raised `error`, and what went wrong, in plain words."""
    space = getattr(inspect.unwrap(function), "__globals__", None)  # one for all cells of a notebook
    walked = zip(
        traceback.walk_tb(error.__traceback__), traceback.extract_tb(error.__traceback__), strict=True
    )
    places = [(frame, summary) for (frame, _), summary in walked if frame.f_globals is space]
    line = f", in the line `{places[-1][1].line}`" if places and places[-1][1].line else ""
    if line and places[-1][1].filename != places[0][1].filename and places[-1][1].name.isidentifier():
        line += f" of `{places[-1][1].name}`"
    stops = f"Your code stops with {type(error).__name__}{line}:"
    if isinstance(error, ZeroDivisionError):
        return f"{stops} {_no_division(*places[-1]) if line else NO_DIVISION}"
    said = _plain(_said(error), _operands(*places[-1]) if line else ())
    if "do not fill the shape" in said and "bincount" in getattr(code_of(function), "co_names", ()):
        said += " `np.bincount` ends with the largest number that occurs; `minlength` asks for more."
    if isinstance(error, AttributeError) and line:
        said += _given_away(*places[-1])
    return f"{stops} {said}{from_outside(function)}"


def _given_away(frame, summary):
    """Return that an argument's name stands for something else by now, or nothing."""
    code = frame.f_code
    given = set(code.co_varnames[: code.co_argcount])
    stored = {step.argval for step in dis.get_instructions(code) if step.opname == "STORE_FAST"}
    for name in sorted(given & stored):
        if re.search(rf"\b{name}\.", summary.line):
            kind = type(frame.f_locals.get(name)).__name__
            return f": a line of yours gives the name `{name}`, which is an argument, to a {kind}."
    return ""


def from_outside(function: Any) -> str:
    """Return a sentence on the data that a reader's function takes from the notebook, or nothing."""
    code, space = code_of(function), getattr(inspect.unwrap(function), "__globals__", {})
    names = sorted(name for name in _globals_of(code) if isinstance(space.get(name), DATA)) if code else []
    if not names:
        return ""
    said = " and ".join(f"`{name}`" for name in names[:3])
    return f" (It reads {said} from the notebook, and not from its arguments.)"


def _globals_of(code):
    """Return the names that a function asks its module for."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    own = {step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL"}
    return own.union(*map(_globals_of, inner))


def _said(error):
    try:
        return str(error)[:MOST_SAID]
    except Exception:  # an exception of the reader's own may not be able to say anything
        return "it says nothing"


def code_of(function: Any) -> CodeType | None:
    """Return the code of a reader's function, through what wraps it; None where it has no code."""
    return getattr(inspect.unwrap(function), "__code__", None)


def _operation(frame, summary):
    """Return the expression with the operator that failed; None if it is not known, or on several lines."""
    if summary.colno is None or summary.lineno != summary.end_lineno:
        return None
    source = linecache.getline(summary.filename, summary.lineno, frame.f_globals).encode()
    try:
        operation = ast.parse(source[summary.colno : summary.end_colno].decode().strip(), mode="eval").body
    except SyntaxError:
        return None
    return operation if isinstance(operation, ast.BinOp) else None


def _no_division(frame, summary):
    operation = _operation(frame, summary)
    by = operation and ast.unparse(operation.right)
    return f"it divides by `{by}`, which is 0 here." if by and by != "0" else NO_DIVISION


def _operands(frame, summary):
    """Return the sides of the operator that failed, as arrays: those that are plain names."""
    product = _operation(frame, summary)
    if product is None:
        return ()
    names = frame.f_globals | frame.f_locals
    sides = []
    for side in (product.left, product.right):
        with contextlib.suppress(Exception):
            sides.append(np.asarray(_value(side, names)))
    return sides


def _value(node, names):
    """Return what an expression stands for. No call is made a second time that may change something."""
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
        case ast.Call(
            func=ast.Attribute(value=node, attr="swapaxes" | "transpose" as turn), args=axes, keywords=[]
        ):
            array = _value(node, names)
            if isinstance(array, np.ndarray):
                return getattr(array, turn)(*(_value(axis, names) for axis in axes))
        case ast.BinOp():
            return OPERATORS[type(node.op)](_value(node.left, names), _value(node.right, names))
    raise TypeError(f"a {type(node).__name__} is not worked out again.")


def _plain(said, sides):
    """Return NumPy's words, made plain where they are hard; `sides` are those of the operator."""
    if found := re.search(r"gufunc signature.*\(size (\d+) is different from (\d+)\)", said):
        shapes = [side.shape for side in sides] if len(sides) == 2 else []
        return _no_product(shapes, left=found[2], right=found[1])
    if found := re.match(r"shapes (\(.*?\)) and (\(.*?\)) not aligned: (\d+) .* != (\d+)", said):
        return _no_product([_sizes(found[1]), _sizes(found[2])], left=found[3], right=found[4])
    if "gufunc" in said and "not have enough dimensions" in said:
        return "`@` multiplies arrays, and here one of the two is a single number: that is what `*` is for."
    if found := re.match(r"operands could not be broadcast together with shapes ([(),\d ]+)$", said):
        labels = any(side.ndim == 1 and side.dtype.kind in "iu" for side in sides)
        return _no_broadcast([_sizes(shape) for shape in re.findall(r"\(.*?\)", found[1])], labels)
    if found := re.match(r"operands could not .* remapped shapes .*: (\(.*?\))->\S+ (\(.*?\))->", said):
        shapes = " and ".join(str(_sizes(shape)) for shape in found.groups())
        return (
            f"axes that have to be equally long are not, in arrays of shape {shapes}: those that a product of"
            " matrices pairs, or that have the same letter in `einsum`."
        )
    if found := re.match(
        r"operands could not .* remapped shapes .*: (\(.*?\)) +and requested shape (.*)", said
    ):
        return (
            f"an array of shape {_sizes(found[1])} cannot be repeated until it has shape {_sizes(found[2])}."
        )
    if found := re.match(r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)", said):
        index, axis, size = found.groups()
        return f"axis {axis} is {size} long, counted from 0: it has no place {index}."
    if found := re.match(r"cannot access (?:local|free) variable '(\w+)'", said):
        return (
            f"`{found[1]}` is asked for before it was given a value, on this way through the code. Give it"
            " one first, before the loop or the `if`."
        )
    if found := re.match(r"name '(\w+)' is not defined", said):
        return f"`{found[1]}` was never given a value. Is it spelt as where it is defined?"
    if said.startswith("math domain error"):
        return "a function of `math` has no value there, as the logarithm of 0 or the root of -1."
    if said in ("math range error", "(34, 'Numerical result out of range')"):
        return "a number becomes too large for a float. Is an exponent large there?"
    if said == "'int' object is not iterable":
        return "a loop over a single number. `range` counts up to it."
    if found := re.match(r"cannot reshape array of size (\d+) into shape (\([\d, ]+\))", said):
        return (
            f"{found[1]} numbers do not fill the shape {found[2]}, which takes {math.prod(_sizes(found[2]))}."
        )
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
    return next((words for known, words in SAID.items() if known in said), said)


def _sizes(shape):
    return tuple(map(int, re.findall(r"\d+", shape)))


def _no_product(shapes, left, right):
    head = f"shapes {shapes[0]} and {shapes[1]} do not fit: a" if shapes else "the shapes do not fit: a"
    first = {1: "only", 2: "first"}.get(len(shapes[1]) if shapes else 0, "last but one")
    return (
        f"{head} matrix product adds over the last axis of the left array, here {left} long, and over the"
        f" {first} axis of the right one, here {right}."
    )


def _no_broadcast(shapes, labels):
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
        column = f"What has one number for each row has to stand as a column, of shape ({flat[0]}, 1)."
        row = "These are whole numbers: if they are labels, each becomes a row, with a 1 in its column."
        said += f" {row if labels else column}"
    return said
