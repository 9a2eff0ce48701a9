"""The same formula with numbers put in: dW_{21} = 2 · 1 + 1 · 3 + 1 · (-1) + (-3) · 2."""

from dataclasses import replace

import numpy as np

from nnlib.teach import _doors as door
from nnlib.teach.mathematics import tree as t
from nnlib.teach.mathematics.dots import filled
from nnlib.teach.mathematics.evaluation import applied, evaluate, is_chance, ranges
from nnlib.teach.mathematics.functions import Function
from nnlib.teach.mathematics.world import World
from nnlib.teach.mathematics.writing import latex

DIGITS = 4


def with_numbers(tree, world, indices):
    r"""Return LaTeX: each side with sums written out and numbers for its letters, at these indices.

    Parameters
    ----------
    tree : Chain or expression
        Of a chain the first side stays as it is, but for its indices.
    world : World
    indices : dict
        Such as {"i": 2, "j": 1}.

    Examples
    --------
    >>> from nnlib.teach.mathematics import World, chains, read
    >>> world = World(indices={"n": "N"}, given={"N": 2, "x": np.array([3.0, -1]), "y": np.array([2.0, 5])})
    >>> (chain,) = chains(read(r"p = \sum_n x_n y_n"))
    >>> print(with_numbers(chain, world, {}))
    p = 3 \cdot 2 + (-1) \cdot 5
    """
    door.kind(world, "world", World, "a World")
    door.scope(indices, "indices")
    if not isinstance(door.kind(tree, "tree", t.Node, "a part of what read returns"), t.Chain):
        return latex(numbers(tree, world, indices))
    first, *others = tree.sides
    sides = (with_indices(first, indices), *(numbers(side, world, indices) for side in others))
    return latex(t.Chain(sides, tree.relations))


def with_indices(tree, indices):
    """The tree with numbers for these index letters in its subscripts, and nothing else."""
    door.kind(tree, "tree", t.Node, "a part of what read returns")
    door.scope(indices, "indices")
    chosen = {t.Name(letter): t.Number(str(value)) for letter, value in indices.items()}
    for path, node in t.walk(tree):
        if isinstance(node, t.Name | t.Entry) and not chosen.keys().isdisjoint(node.subs):
            tree = t.put(tree, path, replace(node, subs=tuple(chosen.get(one, one) for one in node.subs)))
    return tree


def as_number(value):
    """The tree of a number, or of a matrix of numbers."""
    if np.ndim(value):
        return t.Matrix(tuple(tuple(map(as_number, row)) for row in np.atleast_2d(value)))
    mantissa, _, exponent = f"{round(float(value), 9) + 0.0:.{DIGITS}g}".partition("e")
    if not exponent:
        return t.Number(mantissa)
    power = t.Power(t.Number("10"), t.Number(str(int(exponent))))
    return t.Product((t.Factor("", t.Number(mantissa)), t.Factor("·", power)))


def numbers(tree, world, scope, written=as_number):
    """The tree with numbers for its letters; `written` makes the tree of a value."""

    def put(part):
        return numbers(part, world, scope, written)

    match tree:
        case t.Name("e" | "pi") if tree.base not in world:
            return tree
        case t.Sum(terms):
            full = filled(terms, lambda part: evaluate(part, world, scope))
            return t.total([t.Term(term.sign, put(term.of)) for term in full])
        case t.Big("sum", of=of):
            values = [numbers(of, world, inner, written) for inner in ranges(tree, world, scope)]
            terms = [one.terms if isinstance(one, t.Sum) else (t.Term("+", one),) for one in values]
            return t.total(sum(terms, ())) if terms else t.Number("0")
        case t.Product(factors):
            return t.product(tuple(_factors(_settled(factors, world, scope, written))))
        case t.Fraction(top, bottom):
            return t.Fraction(put(top), put(bottom))
        case t.Power(of, exponent):
            return t.Power(put(of), put(exponent))
        case t.Transpose(of):
            return t.Transpose(put(of))
        case t.Group(items, kind):
            return t.Group(tuple(map(put, items)), kind)
        case t.Chain(sides, relations):
            return t.Chain(tuple(map(put, sides)), relations)
    value = evaluate(tree, world, scope)
    return tree if isinstance(value, Function) else written(value)


def _factors(factors):
    """Yield the factors, and a dot where two numbers would run together."""
    before = None
    for factor in factors:
        number = factor.of
        apart = before and not isinstance(number, t.Group | t.Matrix) and not isinstance(before, t.Name)
        yield t.Factor(factor.op or ("·" if apart else ""), number)
        before = number


def _settled(factors, world, scope, written):
    """The factors with numbers; E, L(w, b), ∂/∂W and what they are applied to are one."""
    left = list(factors)
    while left:
        first = left[0]
        if _reaches(first.of, world):
            yield t.Factor(first.op, written(applied(left, world, scope)))
        else:
            yield t.Factor(first.op, numbers(left.pop(0).of, world, scope, written))


def _reaches(node, world):
    """Whether it takes what follows it in a way of its own: E, L(w, b), ∂/∂W."""
    quantity = isinstance(node, t.Name) and node.base in world.arguments
    return quantity or is_chance(node, None, world) or isinstance(node, t.Derivative) and node.of is None
