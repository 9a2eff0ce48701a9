"""What has to run of a notebook before one name of it can be looked at: the statements that make it.

A chapter runs for half a minute, and an exercise of it needs three of its lines. Which, their names say: a
statement is needed if it gives a name that is needed, and then the names that it reads are needed too.
"""

import ast
import functools
import symtable
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Part", "needed", "parts"]


@dataclass(frozen=True)
class Part:
    """One statement of a cell: its tree, the names that it gives or changes, and those that it reads."""

    node: ast.stmt
    gives: frozenset[str]
    reads: frozenset[str]


@functools.cache
def parts(source: str) -> tuple[Part, ...]:
    """Return the statements of a cell; `SyntaxError` or `ValueError` where it is no Python."""
    return tuple(
        Part(node, frozenset(_given(node)), frozenset(_read(node))) for node in ast.parse(source).body
    )


def needed(
    groups: Sequence[Sequence[Part]], names: Iterable[str], whole: Iterable[int] = ()
) -> list[list[Part]]:
    """Return, of each group, the statements without which `names` are not what they are.

    Of the groups in `whole`, the answers of a reader, nothing is left out.
    """
    wanted = set(names)
    kept = {(at, part) for at in whole for part in groups[at]}
    wanted.update(*(part.reads for _, part in kept))
    every = [(at, part) for at, group in enumerate(groups) for part in group]
    modules = {name for _, part in every if _imports(part.node) for name in part.gives}
    while True:
        more = {
            (at, part)
            for at, part in every
            if (at, part) not in kept
            if part.gives & (wanted if _binds(part.node) else wanted - modules)
        }
        if not more:
            break
        kept |= more
        wanted.update(*(part.reads for _, part in more))
    return [[part for part in group if (at, part) in kept] for at, group in enumerate(groups)]


def _given(node):
    """Yield the names that a statement binds, or may change: `x = 1`, `x[0] = 1`, `x.append(1)`."""
    for one in _outside_functions(node):
        match one:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((alias.asname or alias.name).partition(".")[0] for alias in names)
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                yield from _base(one)
            case ast.Expr(value=ast.Call(func=ast.Attribute() as method)):
                yield from _base(method)


def _outside_functions(node):
    """Yield a node and those in it, without what runs only when a function is called."""
    yield node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
        for child in ast.iter_child_nodes(node):
            yield from _outside_functions(child)


def _base(node):
    """Yield the name on which an attribute or an item is set."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _read(node):
    """Yield the names that a statement reads, also within its functions, but for their own."""
    for table in _tables(symtable.symtable(ast.unparse(node), "cell", "exec")):
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (table.get_type() == "module" or symbol.is_global()):
                yield symbol.get_name()
    # `x += 1` and `x[0] = 1` read what they change.
    yield from (name for name in _given(node) if not _binds(node) or isinstance(node, ast.AugAssign))


def _tables(table):
    yield table
    for child in table.get_children():
        yield from _tables(child)


def _imports(node):
    return isinstance(node, (ast.Import, ast.ImportFrom))


def _binds(node):
    """Whether a statement binds names itself: one that only changes a module is not needed for its name."""
    match node:
        case ast.Expr():
            return False
        case ast.Assign(targets=targets):
            return any(isinstance(one, (ast.Name, ast.Tuple, ast.List, ast.Starred)) for one in targets)
        case ast.AugAssign(target=target):
            return isinstance(target, ast.Name)
    return True
