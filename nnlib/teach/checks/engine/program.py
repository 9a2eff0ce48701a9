"""A program as a tree: read from a function of this package, edited in one place, compiled.

This is the only file that compiles. What it compiles is the source of a function of this package, edited by a
line of a catalogue of this package; never what a reader typed.
"""

import ast
import copy
import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any, cast

__all__ = ["ARROW", "edited", "function_of", "nodes", "tree_of"]

ARROW = "→"


def tree_of(function: Callable) -> ast.FunctionDef:
    """Return the definition of a function, without its decorators and its docstring."""
    definition = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if not isinstance(definition, ast.FunctionDef):
        raise TypeError(f"{function!r} is no function with a source; expected a `def`.")
    definition.decorator_list = []
    if ast.get_docstring(definition) is not None:
        definition.body = definition.body[1:]
    return definition


def nodes(tree: ast.AST) -> list[ast.AST]:
    """Return all nodes of a tree, like `ast.walk`, in a third of its time."""
    found = [tree]
    for node in found:
        for value in vars(node).values():
            if isinstance(value, ast.AST):
                found.append(value)
            elif isinstance(value, list):
                found += [one for one in value if isinstance(one, ast.AST)]
    return found


def function_of(tree: ast.FunctionDef, names: dict[str, Any]) -> Callable:
    """Compile a definition, in which `names` can be used, and return the function."""
    module = ast.Module([tree], type_ignores=[])
    space = dict(names)
    exec(compile(module, f"<{tree.name}>", "exec"), space)  # noqa: S102
    return space[tree.name]


def edited(tree: ast.FunctionDef, edit: str, part: int | None = None) -> ast.FunctionDef:
    """Return the definition with one edit, as a line of a catalogue writes it.

    An edit is one of four, or several of them, separated by ` ; ` (the next may begin a line of its own):

    - `X.T @ dZ / len(X)`, an expression: this is returned instead; with `part`, in this place of the results;
    - `dY = Y_hat - Y`, an assignment: instead of the one that gives this name; where the program has none, it
      comes first;
    - `len(X) → X.size`: every place that reads like the left side reads like the right one, which may be
      several lines, `p -= g; return`;
    - `optimizer.step(net.grads) →`: every line that reads like the left side is left out.
    """
    tree = copy.deepcopy(tree)
    for step in re.split(r" ;\s+", edit):
        if ARROW in step:
            old, new = step.split(ARROW)
            tree = _rewritten(tree, old.strip(), new.strip())
        else:
            (statement,) = ast.parse(step.strip()).body
            if isinstance(statement, ast.Expr):
                tree = _returning(tree, statement.value, part)
            else:
                tree = _assigning(tree, statement)
    return ast.fix_missing_locations(tree)


def _returning(tree, value, part):
    returns = [node for node in ast.walk(tree) if isinstance(node, ast.Return)]
    if not returns:
        raise ValueError(
            f"{tree.name} returns nothing; expected a `return` to put `{ast.unparse(value)}` into."
        )
    for node in returns:
        if part is None:
            node.value = value
        else:
            cast(ast.Tuple, node.value).elts[part] = value
    return tree


def _assigning(tree, statement):
    name = _target(statement)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and _target(node) == name]
    if not found:
        tree.body.insert(0, statement)
        return tree
    return _Replace(lambda node: node in found, [statement]).visit(tree)


def _target(statement):
    match statement:
        case ast.Assign(targets=[target]) | ast.AugAssign(target=target):
            return ast.unparse(target)
    return None


def _rewritten(tree, old, new):
    (pattern,) = ast.parse(old).body
    # The same line may stand there as a statement, or its expression within one.
    patterns = [pattern, pattern.value] if isinstance(pattern, ast.Expr) and new else [pattern]
    dumps = [_dump(pattern) for pattern in patterns]
    replacement = ast.parse(new).body if new else [ast.Pass()]
    editor = _Replace(lambda node: _dump(node) in dumps, replacement)
    tree = editor.visit(tree)
    if not editor.places:
        raise ValueError(f"`{old}` stands nowhere in {tree.name}.")
    return tree


def _dump(node):
    return ast.dump(node).replace("ctx=Store()", "ctx=Load()")


class _Replace(ast.NodeTransformer):
    """Replaces each statement that `fits` by statements, each expression by an expression."""

    def __init__(self, fits, new):
        self.fits, self.new, self.places = fits, new, 0

    def visit(self, node):
        if not self.fits(node):
            return self.generic_visit(node)
        self.places += 1
        new = copy.deepcopy(self.new)
        if not isinstance(node, ast.expr):
            return new
        (expression,) = new
        return expression.value
