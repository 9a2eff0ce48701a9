"""Small changes of a program: each one a slip that people make, taken back.

An `Edit` replaces one node of the tree of a function, or one statement by several or by none. Its cost says
how far from plain it is. A tree is never changed: an edited one shares with it what stayed as it was.
"""

import ast
import builtins
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from nnlib.teach.checks.engine.program import nodes

__all__ = ["Edit", "Reach", "count", "edits", "is_written", "name", "put", "size_of"]

Path = tuple[tuple[str, int | None], ...]


class Edit(NamedTuple):
    """One change: the node at `path` becomes `new`; `kind` is what sort of slip it takes back."""

    cost: float
    kind: str
    path: Path
    new: Any


class Reach(NamedTuple):
    """What may be written into a reader's function.

    `names` stand for data, `modules` for modules and functions; `sizes` are the lengths of its arguments;
    `parts`, `lines` and `functions` stand in the right program. What is counted are nodes.
    """

    parameters: Sequence[str]
    names: Sequence[str]
    modules: frozenset[str]
    sizes: Sequence[tuple[int, ast.expr]]
    parts: Sequence[tuple[int, ast.expr]]
    lines: Sequence[tuple[int, ast.stmt]]
    functions: Sequence[ast.expr]


def put(node: Any, path: Path, new: Any) -> Any:
    """Return the tree with `new` at `path`: a node or, in a list of statements, several."""
    if not path:
        for one in new if isinstance(new, list) else [new]:
            _locate(one, node)
        return new
    (field, k), *rest = path
    old = getattr(node, field)
    if k is None:
        value = put(old, tuple(rest), new)
    else:
        changed = put(old[k], tuple(rest), new)
        value = [*old[:k], *(changed if isinstance(changed, list) else [changed]), *old[k + 1 :]]
        if not value and field == "body":
            value = [ast.Pass()]
    return _with(node, **{field: value})


def _locate(new, old):
    """Say of what is new that it stands where the old node stood."""
    if "lineno" in new._attributes and not hasattr(new, "lineno"):
        ast.copy_location(new, old)
    for field in new._fields:
        inner = getattr(new, field, None)
        for child in inner if isinstance(inner, list) else [inner]:
            if isinstance(child, ast.AST):
                _locate(child, old)


def _with(node, **changes):
    made = type(node)()
    made.__dict__ = node.__dict__ | changes
    return made


def edits(tree: ast.FunctionDef, reach: Reach) -> list[Edit]:
    """Return every small change of a function, the plainest first."""
    found = [
        Edit(cost, kind, path + more, new)
        for path, node, role in _walk(tree, reach)
        for rule in RULES[role]
        for cost, kind, more, new in rule(node, reach)
    ]
    return sorted(
        [*found, *_everywhere(tree, reach), *_twins(tree, reach), *_places(tree, reach)],
        key=lambda edit: edit.cost,
    )


# Where things stand


def _walk(node, reach, path=(), role="body") -> Iterator[tuple[Path, Any, str]]:
    """Yield each node with its path and its role: body, value, factor, index, option, called or target."""
    yield path, node, role
    for field in node._fields:
        inner = getattr(node, field, None)
        for k, child in enumerate(inner) if isinstance(inner, list) else [(None, inner)]:
            if isinstance(child, ast.AST) and (at := _role(node, field, child, role, reach)):
                yield from _walk(child, reach, (*path, (field, k)), at)


PRODUCTS = (ast.Mult, ast.Div, ast.MatMult)


def _role(parent, field, child, role, reach):
    if isinstance(child, ast.stmt):
        return "body"
    if isinstance(child, (ast.keyword, ast.comprehension)):
        return "option" if isinstance(child, ast.keyword) else "body"
    if not isinstance(child, ast.expr) or field in ("decorator_list", "returns"):
        return None
    if isinstance(getattr(child, "ctx", None), ast.Store) or field == "value" and role == "target":
        return "target"
    if isinstance(parent, ast.Call) and field == "func":
        return "called"
    if isinstance(child, ast.Name) and child.id in reach.modules:
        return None
    if role == "option" or field == "slice" or (role == "index" and not isinstance(parent, ast.Call)):
        return "option" if role == "option" else "index"
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id == "range":
        return "index"
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, PRODUCTS) and role in ("value", "factor"):
        return "factor"
    return "value"


def _number(node, *kinds):
    kinds = kinds or (int, float)
    return isinstance(node, ast.Constant) and type(node.value) in kinds


def count(node: ast.AST) -> int:
    """Return how many expressions and statements a tree has."""
    return sum(isinstance(part, (ast.expr, ast.stmt)) for part in nodes(node))


def name(word: str) -> ast.Name:
    """Return the expression that is this name."""
    return ast.Name(word, ast.Load())


def size_of(value: ast.expr, axis: int | None = 0) -> ast.expr:
    """Return the length of an axis: `len(X)`, `X.shape[1]`; without axis `X.size`."""
    if axis == 0:
        return ast.Call(name("len"), [value], [])
    if axis is None:
        return ast.Attribute(value, "size", ast.Load())
    return ast.Subscript(ast.Attribute(value, "shape", ast.Load()), ast.Constant(axis), ast.Load())


# Expressions: each rule yields cost, kind, the rest of the path, and what is to stand there

OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.MatMult, ast.FloorDiv, ast.Mod)
COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
TYPED = {ast.BitXor: [ast.Pow], ast.BitAnd: [ast.Mult], ast.BitOr: [ast.Add]}
NEIGHBOURS = [
    "sum mean max min std var prod cumsum median",
    "max maximum argmax amax min minimum argmin amin clip where",
    "dot outer matmul multiply inner",
    "log log2 log10 log1p exp expm1 exp2",
    "sqrt abs square cbrt absolute",
    "zeros ones empty zeros_like ones_like eye",
    "floor ceil round rint",
    "append extend insert",
    "any all",
    "range len enumerate reversed sorted",
    "cos sin tan tanh arctan",
    "T flat",
]


def _operations(node, reach):
    """An operator, the order of its sides, the brackets around them, a side too many."""
    match node:
        case ast.BinOp(left=a, op=op, right=b):
            for other in OPERATORS:
                if not isinstance(op, other):
                    cost = 0.9 if other in TYPED.get(type(op), ()) else 1 if other in OPERATORS[:5] else 1.4
                    yield cost, "operator", (), _with(node, op=other())
            if not isinstance(op, (ast.Add, ast.Mult)):
                yield 1, "order", (), _with(node, left=b, right=a)
                if isinstance(op, ast.MatMult):
                    for x, y in ((a, b), (b, a)):
                        for u, v in ((_turned(x), y), (x, _turned(y)), (_turned(x), _turned(y))):
                            yield 1.4, "order", (), _with(node, left=u, right=v)
            yield 1.3, "too much", (), a
            yield 1.3, "too much", (), b
            if isinstance(a, ast.BinOp):
                yield 1, "brackets", (), _with(a, right=_with(node, left=a.right))
            if isinstance(b, ast.BinOp):
                yield 1, "brackets", (), _with(b, left=_with(node, right=b.left))
            for new in (*_bracketed(node, a, b), *_multiplied_out(node)):
                yield 1.1, "brackets", (), new
            if isinstance(a, ast.BinOp) and isinstance(op, ast.BitXor):  # 1 - Y ^ 2 is (1 - Y) ^ 2
                yield 0.9, "operator", (), _with(a, right=ast.BinOp(a.right, ast.Pow(), b))
            if isinstance(a, ast.UnaryOp):
                yield 1, "brackets", (), _with(a, operand=_with(node, left=a.operand))
        case ast.UnaryOp(op=op, operand=a):
            yield 1, "sign", (), a
            if isinstance(a, ast.BinOp):
                yield 1, "brackets", (), _with(a, left=_with(node, operand=a.left))
        case ast.Compare(left=a, ops=[op], comparators=[b]):
            for other in COMPARISONS:
                if not isinstance(op, other):
                    yield 1, "comparison", (), _with(node, ops=[other()])
            if isinstance(b, ast.BinOp):  # c == k - p[k]
                yield 1.1, "brackets", (), _with(b, left=_with(node, comparators=[b.left]))
            if isinstance(a, ast.BinOp):
                yield 1.1, "brackets", (), _with(a, right=_with(node, left=a.right))
        case ast.BoolOp(op=op, values=values):
            other = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield 1, "operator", (), _with(node, op=other)
            for value in values:
                yield 1.3, "too much", (), value
        case ast.IfExp(body=a, orelse=b):
            yield 1, "exchanged", (), _with(node, body=b, orelse=a)
            yield 1.4, "too much", (), a
            yield 1.4, "too much", (), b


SUMS, FACTORS = (ast.Add, ast.Sub), (ast.Mult, ast.Div, ast.MatMult)


def _bracketed(node, a, b):
    """Yield f(a + b) for f(a) + b, and for a + f(b)."""
    for side, other in (("left", a), ("right", b)):
        if isinstance(other, ast.Call) and len(other.args) == 1 and not _is_builtin(other.func):
            yield _with(other, args=[_with(node, **{side: other.args[0]})])


def _is_builtin(called):
    return isinstance(called, ast.Name) and hasattr(builtins, called.id)


def _multiplied_out(node):
    """Yield a * (b + c) for a * b + c, and (a + b) * c * d for a + b * c * d, wherever the factor may end."""
    if not isinstance(node.op, SUMS):
        return
    ends, leaf = [], node
    while isinstance(leaf, ast.BinOp) and isinstance(leaf.op, SUMS):
        ends.append(leaf)
        leaf = leaf.left
    factors = []
    while isinstance(leaf, ast.BinOp) and isinstance(leaf.op, FACTORS):
        factors.append(leaf)
        leaf = leaf.left
    for k, outer in enumerate(factors):
        if isinstance(outer.op, ast.Mult):
            inner = outer.right
            for more in [*factors[:k][::-1], *ends[::-1]]:
                inner = _with(more, left=inner)
            yield _with(outer, right=inner)
    factors, leaf = [], node.right
    while isinstance(leaf, ast.BinOp) and isinstance(leaf.op, FACTORS):
        factors.append(leaf)
        leaf = leaf.left
    if len(factors) > 1:
        inner = _with(node, right=leaf)
        for more in factors[::-1]:
            inner = _with(more, left=inner)
        yield inner


def _turned(node):
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    return ast.Attribute(node, "T", ast.Load())


def _numbers(node, reach):
    """A number, an index or a bound by one."""
    if _number(node):
        n = node.value
        for cost, m in [(1, n + 1), (1, n - 1), (1.2, -n), (1.2, 0), (1.1, 1), (1.2, 2), (1.3, 0.5)]:
            if m != n and (type(n) is float or m != 0.5) and (m >= 0 or n > 0):
                yield cost, "number", (), ast.Constant(m)
        if n > 1:
            yield 1.3, "number", (), ast.Constant(1 / n)
    elif isinstance(node, ast.Subscript) or getattr(getattr(node, "func", None), "id", "") == "len":
        yield 1.3, "number", (), ast.Constant(1)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield 1, "number", (), ast.Constant(not node.value)


def _names(node, reach):
    """A name for another in reach."""
    if isinstance(node, ast.Name):
        for word in reach.names:
            if word != node.id:
                yield 1.15, "name", (), _with(node, id=word)


def _calls(node, reach):
    """A function for its neighbour; arguments, `axis` and `keepdims`; a call too many."""
    if not isinstance(node, ast.Call):
        return
    called = node.func
    word = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    for group in NEIGHBOURS:
        for other in group.split() if word in group.split() else ():
            if other != word:
                swapped = (
                    _with(called, attr=other)
                    if isinstance(called, ast.Attribute)
                    else _with(called, id=other)
                )
                yield 1.1, "function", (), _with(node, func=swapped)
    for other in reach.functions:
        yield 1.3, "function", (), _with(node, func=other)
    module = isinstance(called, ast.Attribute) and getattr(called.value, "id", "") in reach.modules
    if isinstance(called, ast.Attribute) and getattr(called.value, "id", "") == "math":
        yield 0.9, "function", (), _with(node, func=_with(called, value=name("np")))
    if isinstance(called, ast.Attribute) and not module:
        yield 1.3, "too much", (), called.value
        if word in ("reshape", "transpose", "swapaxes", "ravel", "flatten"):
            yield 1.1, "transpose", (), _turned(called.value)
    args, options = node.args, node.keywords
    if len(args) == 1 and isinstance(args[0], ast.BinOp) and not _is_builtin(called):
        for side in ("left", "right"):
            inside = _with(node, args=[getattr(args[0], side)])
            yield 1.1, "brackets", (), _with(args[0], **{side: inside})
    if word == "einsum" and args and isinstance(args[0], ast.Constant):
        for text in _subscripts(str(args[0].value)):
            yield 1.1, "option", (("args", 0),), ast.Constant(text)
    for arg in args:
        yield 1.35, "too much", (), arg
    for k in range(len(args)):
        if len(args) > 1:
            yield 1.3, "argument", (), _with(node, args=args[:k] + args[k + 1 :])
    for i, j in itertools.combinations(range(len(args)), 2):
        order = list(args)
        order[i], order[j] = order[j], order[i]
        yield 1, "order", (), _with(node, args=order)
    for k in range(len(options)):
        yield 1.1, "option", (), _with(node, keywords=options[:k] + options[k + 1 :])
    given = {option.arg for option in options}
    if word in ("sum", "mean", "max", "min", "argmax", "argmin", "prod", "any", "all", "std", "cumsum"):
        if "axis" not in given and len(args) == module:
            for axis in (0, 1, -1):
                with_axis = [*options, ast.keyword("axis", ast.Constant(axis))]
                yield 1 + 0.05 * (axis == -1), "option", (), _with(node, keywords=with_axis)
                kept = ast.keyword("keepdims", ast.Constant(True))
                yield 1.2, "option", (), _with(node, keywords=[*with_axis, kept])
        elif "keepdims" not in given:
            yield (
                1,
                "option",
                (),
                _with(node, keywords=[*options, ast.keyword("keepdims", ast.Constant(True))]),
            )
    if word == "enumerate" and len(args) == 1:
        yield 1, "bound", (), _with(node, args=[*args, ast.Constant(1)])
    if word == "range" and len(args) == 1:
        yield 1, "bound", (), _with(node, args=[ast.Constant(1), *args])
        backwards = [*args, ast.Constant(0), ast.UnaryOp(ast.USub(), ast.Constant(1))]
        yield 1.4, "bound", (), _with(node, args=backwards)


def _subscripts(text):
    """Yield the subscripts of an `einsum` with a letter more, one less, or two exchanged in one place."""
    sides = re.split("(,|->)", text.replace(" ", ""))
    letters = sorted({letter for letter in text if letter.isalpha()})
    for k, side in enumerate(sides):
        others = [side[:i] + side[i + 1 :] for i in range(len(side)) if k == len(sides) - 1]
        others += [side[:j] + x + side[j:] for x in letters if x not in side for j in (0, len(side))]
        others += [
            side[:i] + side[j] + side[i + 1 : j] + side[i] + side[j + 1 :]
            for i, j in itertools.combinations(range(len(side)), 2)
        ]
        others += [side[:i] + x + side[i + 1 :] for i in range(len(side)) for x in letters if x not in side]
        for other in others if k % 2 == 0 else ():
            yield "".join([*sides[:k], other, *sides[k + 1 :]])


def _parts(node, reach):
    """A transpose, an index, an attribute."""
    match node:
        case ast.Attribute(value=value, attr=attr, ctx=ast.Load()):
            yield 1 if attr == "T" else 1.3, "transpose" if attr == "T" else "too much", (), value
            if attr == "size":
                yield 1.05, "size", (), size_of(value)
        case ast.Call(func=ast.Name(id="len"), args=[value]):
            for axis in (None, 1, 2):
                yield 1.05, "size", (), size_of(value, axis)
        case ast.Subscript(value=value, slice=index, ctx=ast.Load()):
            yield 1.3, "too much", (), value
            if isinstance(index, ast.Tuple) and len(index.elts) == 2:
                yield 1, "order", (), _with(node, slice=_with(index, elts=index.elts[::-1]))
                for elt in index.elts:
                    yield 1.3, "index", (), _with(node, slice=elt)
        case ast.Tuple(elts=elts, ctx=ast.Load()) | ast.List(elts=elts, ctx=ast.Load()):
            for i, j in itertools.combinations(range(len(elts)), 2):
                order = list(elts)
                order[i], order[j] = order[j], order[i]
                yield 1, "order", (), _with(node, elts=order)
            for k in range(len(elts)):
                if len(elts) > 1:
                    yield 1.4, "too much", (), _with(node, elts=elts[:k] + elts[k + 1 :])


def _letters(node, reach):
    """Two letters of an `einsum` that stand in each other's place, or one for another."""
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str) and "->" in node.value):
        return
    text = node.value
    places = [k for k, letter in enumerate(text) if letter.isalpha()]
    for i, j in itertools.combinations(places, 2):
        if text[i] != text[j] and not re.search("[^A-Za-z]", text[i:j]):
            swapped = f"{text[:i]}{text[j]}{text[i + 1 : j]}{text[i]}{text[j + 1 :]}"
            yield 0.95, "order", (), ast.Constant(swapped)
    for k in places:
        yield 1.3, "too much", (), ast.Constant(text[:k] + text[k + 1 :])
        for letter in sorted(set(filter(str.isalpha, text)) - {text[k]}):
            yield 1.2, "name", (), ast.Constant(text[:k] + letter + text[k + 1 :])


def _bounds(node, reach):
    """An index or a bound by one; a slice's ends."""
    if isinstance(node, ast.Slice):
        for field in ("lower", "upper", "step"):
            if getattr(node, field) is not None:
                yield 1.1, "bound", (), _with(node, **{field: None})
        if node.lower is None:
            yield 1.1, "bound", (), _with(node, lower=ast.Constant(1))
        if node.upper is None:
            yield 1.1, "bound", (), _with(node, upper=ast.UnaryOp(ast.USub(), ast.Constant(1)))
        if node.step is None:
            yield 1.2, "bound", (), _with(node, step=ast.UnaryOp(ast.USub(), ast.Constant(1)))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)) and _number(node.right):
        yield 1.05, "bound", (), node.left  # `n - 1 + 1` is n; another number is tried by itself
    elif not _number(node) and isinstance(node, ast.expr) and not isinstance(node, (ast.Tuple, ast.Constant)):
        yield 1.05, "bound", (), ast.BinOp(node, ast.Add(), ast.Constant(1))
        yield 1.05, "bound", (), ast.BinOp(node, ast.Sub(), ast.Constant(1))
        yield 1.3, "bound", (), ast.BinOp(node, ast.FloorDiv(), ast.Constant(2))


def _additions(node, reach):
    """What is left out around an expression: a sign, a transpose, a power, an axis, a copy, a call."""
    if isinstance(node, (ast.Constant, ast.Slice, ast.Tuple, ast.List, ast.Starred, ast.Lambda)):
        return
    if not isinstance(node, ast.UnaryOp):
        yield 1.1, "sign", (), ast.UnaryOp(ast.USub(), node)
        yield 1.3, "one minus", (), ast.BinOp(ast.Constant(1), ast.Sub(), node)
    if not isinstance(node, (ast.Compare, ast.GeneratorExp, ast.ListComp)):
        if not (isinstance(node, ast.Attribute) and node.attr == "T"):
            yield 1.2, "transpose", (), _turned(node)
        yield 1.25, "power", (), ast.BinOp(node, ast.Pow(), ast.Constant(2))
    for cost, wrap in AROUND:
        yield cost, "around", (), wrap(node)
    for function in reach.functions:
        yield 1.4, "around", (), ast.Call(function, [node], [])


def _method(name, **options):
    keywords = [ast.keyword(option, ast.Constant(value)) for option, value in options.items()]
    return lambda node: ast.Call(ast.Attribute(node, name, ast.Load()), [], keywords)


def _at(*index):
    index = [ast.Slice() if k is ... else ast.Constant(k) for k in index]
    return lambda node: ast.Subscript(
        node, ast.Tuple(index, ast.Load()) if len(index) > 1 else index[0], ast.Load()
    )


AROUND = [
    *((1.35, _at(*index)) for index in ((..., None), (None,), (0,), (..., 0), (-1,))),
    *((1.35, _method(name)) for name in ("copy", "sum", "mean")),
    *((1.4, _method("sum", axis=axis)) for axis in (0, 1)),
    *((1.45, _method("sum", axis=axis, keepdims=True)) for axis in (0, 1)),
]


def _factors(node, reach):
    """A factor, a divisor or a term that is left out; a part of the right program in its place."""
    if isinstance(node, (ast.Tuple, ast.List, ast.Starred, ast.Lambda, ast.Slice)):
        return
    for many, size in reach.sizes:
        cost = 1.35 + 0.05 * many
        yield cost, "factor", (), ast.BinOp(node, ast.Div(), size)
        yield cost, "factor", (), ast.BinOp(size, ast.Mult(), node)
    for many, part in reach.parts:
        cost = 1.45 + 0.1 * many
        yield cost, "factor", (), ast.BinOp(node, ast.Mult(), part)
        yield cost, "factor", (), ast.BinOp(node, ast.Div(), part)
        yield cost, "term", (), ast.BinOp(node, ast.Add(), part)
        yield cost, "term", (), ast.BinOp(node, ast.Sub(), part)
        yield cost + 0.1, "term", (), ast.BinOp(part, ast.Sub(), node)


def _others(node, reach):
    """A part of the right program, or a size, for what stands there."""
    old = count(node)
    if isinstance(node, (ast.Slice, ast.Starred)) or (isinstance(node, ast.Tuple) and old > 4):
        return
    for many, part in (*reach.parts, *reach.sizes):
        yield 1.1 + 0.12 * (many + old), "other", (), part
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
            turned = ast.Div() if isinstance(node.op, ast.Mult) else ast.Mult()
            yield 1.2 + 0.12 * (many + count(node.right)), "factor", (), _with(node, op=turned, right=part)


# Statements


def _statements(node, reach):
    """A statement left out or put in, moved, assigned or returned; exchanged branches."""
    for field in ("body", "orelse"):
        body = getattr(node, field, None)
        for k, line in enumerate(body) if isinstance(body, list) else ():
            here = ((field, k),)
            if not isinstance(line, (ast.Return, ast.Pass)):
                yield 1.4 + 0.03 * min(count(line), 20), "line too many", here, []
            yield from _one(line, here, reach)
            if k + 1 < len(body):
                pair = [body[k + 1], line]
                yield 1.3, "order of lines", (), _with(node, **{field: [*body[:k], *pair, *body[k + 2 :]]})
                if isinstance(line, (ast.For, ast.While, ast.If)) and not line.orelse:
                    into = _with(line, body=[*line.body, body[k + 1]])
                    yield 1.3, "indent", (), _with(node, **{field: [*body[:k], into, *body[k + 2 :]]})
            if isinstance(line, (ast.For, ast.While, ast.If)) and len(line.body) > 1:
                yield 1.2, "indent", here, [_with(line, body=line.body[:-1]), line.body[-1]]
                yield 1.2, "indent", here, [line.body[0], _with(line, body=line.body[1:])]
    if isinstance(node, (ast.FunctionDef, ast.For, ast.While)):
        for many, line in (*reach.lines, *(_again(node) if not isinstance(node, ast.FunctionDef) else ())):
            for k in range(len(node.body) + (not isinstance(node, ast.FunctionDef))):
                body = [*node.body[:k], line, *node.body[k:]]
                yield 1.9 + 0.06 * many, "line missing", (), _with(node, body=body)
    if isinstance(node, ast.FunctionDef):
        for word in reach.parameters:
            yield 1.5, "copy", (), _with(node, body=[_copied(word), *node.body])
        copies = [_copied(word) for word in reach.parameters if is_written(node, word)]
        if len(copies) > 1:
            yield 1.5, "copy", (), _with(node, body=[*copies, *node.body])
        last = node.body[-1]
        if not isinstance(last, ast.Return):
            for word in reach.names:
                given = ast.Return(name(word))
                cost = (
                    1 if isinstance(last, ast.Assign) and getattr(last.targets[0], "id", 0) == word else 1.2
                )
                yield cost, "return", (), _with(node, body=[*node.body, given])


def _copied(word):
    return ast.Assign([ast.Name(word, ast.Store())], _method("copy")(name(word)))


def _again(loop):
    """Yield lines of a loop that write into an array: one may be missing once more, or without a term."""
    for line in loop.body:
        if isinstance(line, (ast.Assign, ast.AugAssign)):
            target = line.target if isinstance(line, ast.AugAssign) else line.targets[0]
            if isinstance(target, ast.Subscript):
                yield count(line), line
                if isinstance(line, ast.Assign) and isinstance(line.value, ast.BinOp):
                    yield count(line), _with(line, value=line.value.left)


def is_written(tree: ast.AST, word: str) -> bool:
    """Whether a line changes in place what a name stands for."""
    for node in nodes(tree):
        match node:
            case ast.AugAssign(target=ast.Name(id=found)) if found == word:
                return True
            case ast.Subscript(value=ast.Name(id=found), ctx=ast.Store()) if found == word:
                return True
            case ast.Call(func=ast.Attribute(attr=attr, value=value), args=args):
                there = args[:1] if attr == "shuffle" else [value] if attr in IN_PLACE else []
                if any(isinstance(one, ast.Name) and one.id == word for one in there):
                    return True
    return False


def _one(line, here, reach):
    match line:
        case ast.Expr(value=value):
            yield 1, "return", here, ast.copy_location(ast.Return(value), line)
        case ast.Return(value=value) if value is not None:
            for word in reach.names:
                yield 1.4, "return", here, _with(line, value=ast.Tuple([value, name(word)], ast.Load()))
                yield 1.4, "return", here, _with(line, value=ast.Tuple([name(word), value], ast.Load()))
        case ast.AugAssign(target=target, op=op, value=value):
            yield 1, "assignment", here, ast.copy_location(ast.Assign([target], value), line)
            for other in (ast.Add, ast.Sub, ast.Mult, ast.Div):
                if not isinstance(op, other):
                    yield 1, "operator", here, _with(line, op=other())
            if isinstance(target, ast.Name):
                anew = ast.BinOp(name(target.id), op, value)
                yield 1.2, "in place", here, ast.copy_location(ast.Assign([target], anew), line)
        case ast.Assign(targets=[target], value=value):
            if isinstance(target, (ast.Name, ast.Subscript)):
                yield 1, "assignment", here, _aug(line, target, ast.Add(), value)
                yield 1.2, "assignment", here, _aug(line, target, ast.Sub(), value)
            if isinstance(target, ast.Name):
                inside = ast.Subscript(name(target.id), ast.Constant(...), ast.Store())
                yield 1.2, "in place", here, _with(line, targets=[inside])
                if isinstance(value, ast.BinOp) and getattr(value.left, "id", "") == target.id:
                    yield 1, "in place", here, _aug(line, target, value.op, value.right)
            for elts in _orders(target.elts) if isinstance(target, ast.Tuple) else ():
                yield 1.1, "order", (*here, ("targets", 0)), _with(target, elts=elts)
        case ast.If(test=test, body=body, orelse=orelse):
            yield 1.1, "exchanged", (*here, ("test", None)), ast.UnaryOp(ast.Not(), test)
            yield 1.4, "too much", here, body
            yield 1.4, "too much", here, orelse
            if orelse:  # `elif` for `if`
                yield 1.1, "exchanged", here, [_with(line, orelse=[]), *orelse]
        case ast.For(target=target, iter=each):
            for text in ("range", "len", "enumerate", "reversed"):
                yield 1.3, "loop", (*here, ("iter", None)), ast.Call(name(text), [each], [])
            counted = ast.Call(name("range"), [ast.Call(name("len"), [each], [])], [])
            yield 1.3, "loop", (*here, ("iter", None)), counted
            if isinstance(target, ast.Tuple):
                yield 1.1, "order", (*here, ("target", None)), _with(target, elts=target.elts[::-1])


def _orders(elts):
    """Yield the orders in which several names may have been meant: two exchanged, or the last ones moved."""
    for i, j in itertools.combinations(range(len(elts)), 2):
        order = list(elts)
        order[i], order[j] = order[j], order[i]
        yield order
    for first in range(len(elts) - 2) if len(elts) <= 5 else ():
        head, tail = elts[:first], elts[first:]
        yield [*head, *tail[1:], tail[0]]
        yield [*head, tail[-1], *tail[:-1]]


def _aug(line, target, op, value):
    return ast.copy_location(ast.AugAssign(target, op, value), line)


def _everywhere(tree, reach):
    """One name, one number, or one comparison, wherever it stands."""
    uses: dict[str, list] = {}
    for path, node, role in _walk(tree, reach):
        if role != "target" and (isinstance(node, (ast.Name, ast.Compare)) or _number(node)):
            uses.setdefault(ast.dump(node), []).append((path, node))
    for places in uses.values():
        if len(places) < 2:
            continue
        old = places[0][1]
        if isinstance(old, ast.Name):
            others = [_with(old, id=word) for word in reach.names if word != old.id]
        elif isinstance(old, ast.Compare):
            others = [_with(old, ops=[other()]) for other in COMPARISONS if len(old.ops) == 1]
        else:
            others = [ast.Constant(m) for m in (old.value + 1, old.value - 1, 2 * old.value, -old.value)]
        for other in others:
            changed = tree
            for path, _ in places:
                changed = put(changed, path, other)
            yield Edit(1.5, "everywhere", (), changed)
    for path, line, _ in _walk(tree, reach):
        if isinstance(line, (ast.Assign, ast.Return)):
            for old, other in itertools.permutations((ast.Add, ast.Sub, ast.Mult, ast.Div), 2):
                places = [
                    at for at, node, _ in _walk(line, reach) if isinstance(getattr(node, "op", None), old)
                ]
                changed = line
                for at in places if len(places) > 1 else ():
                    changed = put(changed, (*at, ("op", None)), other())
                if changed is not line:
                    yield Edit(1.5, "everywhere", path, changed)


TWIN = range(3, 13)  # expressions of a twin
TWINS = 6  # of one form


def _twins(tree, reach):
    """Two expressions of one form exchange a name or a number: `H - k_w + 1` and `V - k_h + 1`."""
    forms: dict[str, list] = {}
    for path, node, role in _walk(tree, reach):
        if role != "target" and isinstance(node, ast.expr) and count(node) in TWIN:
            leaves: list = []
            forms.setdefault(_form(node, path, leaves), []).append((path, leaves))
    for twins in forms.values():
        for (one, a), (other, b) in itertools.combinations(twins, 2) if len(twins) <= TWINS else ():
            differ = [pair for pair in zip(a, b, strict=True) if _leaf(pair[0][1]) != _leaf(pair[1][1])]
            for (at, x), (there, y) in differ if other[: len(one)] != one else ():
                yield Edit(1.12, "order", (), put(put(tree, at, y), there, x))


def _places(tree, reach):
    """A line that changes a whole array, where another one changes a place of it."""
    lines = [
        (path, node) for path, node, _ in _walk(tree, reach) if isinstance(node, ast.Assign | ast.AugAssign)
    ]
    targets = [line.target if isinstance(line, ast.AugAssign) else line.targets[0] for _, line in lines]
    inside = {
        t.value.id: t for t in targets if isinstance(t, ast.Subscript) and isinstance(t.value, ast.Name)
    }
    for (path, line), target in zip(lines, targets, strict=True):
        if isinstance(line, ast.AugAssign) and isinstance(target, ast.Name) and target.id in inside:
            yield Edit(1.1, "index", (*path, ("target", None)), inside[target.id])


def _form(node, path, leaves):
    """Return how an expression is built, with its names and whole numbers left open; note those."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) or _number(node, int):
        leaves.append((path, node))
        return "_"
    parts = [type(node).__name__]
    for field in node._fields:
        inner = getattr(node, field, None)
        for k, child in enumerate(inner) if isinstance(inner, list) else [(None, inner)]:
            is_node = isinstance(child, ast.AST)
            parts.append(_form(child, (*path, (field, k)), leaves) if is_node else str(child))
    return f"({' '.join(parts)})"


def _leaf(node):
    return node.id if isinstance(node, ast.Name) else node.value


IN_PLACE = ("append", "clear", "extend", "fill", "insert", "itemset", "pop", "remove", "reverse", "sort")
COMMON = [_operations, _numbers, _names, _calls, _parts, _letters]
RULES = {
    "body": [_statements],
    "value": [*COMMON, _additions, _factors, _others],
    "factor": [*COMMON, _additions, _others],
    "index": [_operations, _numbers, _names, _calls, _parts, _bounds, _others],
    "option": [_numbers],
    "called": [],
    "target": [_names],
}
