"""The same formula with numbers put in: dW_{21} = 2 · 1 + 1 · 3 + 1 · (-1) + (-3) · 2."""

from dataclasses import replace
from functools import singledispatch

import numpy as np

from nnlib.teach.mathematics import tree as t
from nnlib.teach.mathematics.dots import filled
from nnlib.teach.mathematics.evaluation import CHANCE, evaluate, ranges
from nnlib.teach.mathematics.functions import Function
from nnlib.teach.mathematics.writing import latex

DIGITS = 4


def with_numbers(tree, world, indices):
    """Return LaTeX: each side with sums written out and numbers for its letters, at these indices.

    Parameters
    ----------
    tree : Chain or expression
        Of a chain the first side stays as it is, but for its indices.
    world : World
    indices : dict
        Such as {"i": 2, "j": 1}.

    Examples
    --------
    >>> from nnlib.teach.mathematics import World, read
    >>> world = World(indices={"n": "N"}, given={"N": 2, "x": np.array([3.0, -1]), "y": np.array([2.0, 5])})
    >>> with_numbers(read(r"p = \\sum_n x_n y_n").sections[0].listings[0][0], world, {})
    'p = 3 \\\\cdot 2 + (-1) \\\\cdot 5'
    """
    if not isinstance(tree, t.Chain):
        return latex(numbers(tree, world, indices))
    first, *others = tree.sides
    sides = (with_indices(first, indices), *(numbers(side, world, indices) for side in others))
    return latex(t.Chain(sides, tree.relations))


def with_indices(tree, indices):
    """The tree with numbers for these index letters, and nothing else."""
    for path, node in t.walk(tree):
        if isinstance(node, t.Name | t.Entry) and node.subs:
            subs = tuple(t.Number(str(indices.get(getattr(one, "base", None), ""))) for one in node.subs)
            chosen = tuple(new if new.text else old for new, old in zip(subs, node.subs, strict=True))
            tree = t.put(tree, path, replace(node, subs=chosen))
    return tree


def as_number(value):
    """The tree of a number, or of a matrix of numbers."""
    if np.ndim(value):
        rows = np.atleast_2d(value)
        return t.Matrix(tuple(tuple(as_number(one) for one in row) for row in rows))
    text = f"{round(float(value), 9) + 0.0:.{DIGITS}g}"
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return t.Number(text)
    power = t.Power(t.Number("10"), t.Number(str(int(exponent))))
    return t.Product((t.Factor("", t.Number(mantissa)), t.Factor("·", power)))


@singledispatch
def numbers(tree, world, scope):
    """The tree with numbers for its letters."""
    return as_number(evaluate(tree, world, scope))


@numbers.register
def _(tree: t.Name, world, scope):
    if tree.base not in world and tree.base in ("e", "pi"):
        return tree
    value = evaluate(tree, world, scope)
    return tree if isinstance(value, Function) else as_number(value)


@numbers.register
def _(tree: t.Sum, world, scope):
    terms = filled(tree.terms, lambda part: evaluate(part, world, scope))
    return t.total([t.Term(term.sign, numbers(term.of, world, scope)) for term in terms])


@numbers.register
def _(tree: t.Big, world, scope):
    values = [numbers(tree.of, world, inner) for inner in ranges(tree, world, scope)]
    if tree.kind == "sum" and values:
        terms = [
            term
            for value in values
            for term in (value.terms if isinstance(value, t.Sum) else [t.Term("+", value)])
        ]
        return t.total(terms)
    return as_number(evaluate(tree, world, scope))


@numbers.register
def _(tree: t.Product, world, scope):
    if any(
        isinstance(one.of, t.Derivative) and one.of.of is None or _by_chance(one.of, world)
        for one in tree.factors
    ):
        return as_number(evaluate(tree, world, scope))
    factors = []
    for factor in tree.factors:
        number = numbers(factor.of, world, scope)
        apart = (
            factors and not isinstance(number, t.Group | t.Matrix) and not isinstance(factors[-1].of, t.Name)
        )
        factors.append(t.Factor(factor.op or ("·" if apart else ""), number))
    return t.Product(tuple(factors))


def _by_chance(node, world):
    """Whether the factor reaches for what follows it in a way of its own: E, L(w, b)."""
    named = isinstance(node, t.Name) and not node.subs
    return named and (node.base in CHANCE and node.base not in world or node.base in world.arguments)


@numbers.register
def _(tree: t.Fraction, world, scope):
    return replace(tree, top=numbers(tree.top, world, scope), bottom=numbers(tree.bottom, world, scope))


@numbers.register
def _(tree: t.Power, world, scope):
    return t.Power(numbers(tree.of, world, scope), numbers(tree.exponent, world, scope))


@numbers.register
def _(tree: t.Transpose, world, scope):
    return t.Transpose(numbers(tree.of, world, scope))


@numbers.register
def _(tree: t.Group, world, scope):
    return replace(tree, items=tuple(numbers(item, world, scope) for item in tree.items))


@numbers.register
def _(tree: t.Chain, world, scope):
    return replace(tree, sides=tuple(numbers(side, world, scope) for side in tree.sides))
