"""Whether what a formula claims is true: every link of every chain, in every world that knows its letters."""

import itertools
from dataclasses import dataclass
from functools import cache

import numpy as np

from nnlib.teach.mathematics import tree as t
from nnlib.teach.mathematics.dots import filled
from nnlib.teach.mathematics.evaluation import RELATIONS, alike, evaluate
from nnlib.teach.mathematics.functions import Function, Misfit
from nnlib.teach.mathematics.names import resolve
from nnlib.teach.mathematics.reading import expression, read
from nnlib.teach.mathematics.world import Unknown, World
from nnlib.teach.mathematics.writing import latex

SMALLER = 4  # by this factor what ≈ takes to be small is made smaller
IMPOSSIBLE = (Misfit, Unknown, ArithmeticError, IndexError, KeyError, TypeError, ValueError)


class Scene(World):
    """A world, and what is agreed on for the formulas that are claimed in it.

    Parameters
    ----------
    after : dict
        For each name a function like those in `define`, for its value after an update, ←.
    small : str
        The name that ≈ takes to be small.
    between : dict
        For each name of which only is said that it exists between two numbers, a function that returns both.
    limit : dict
        For each letter that → lets grow, a value that is large enough.
    meant : sequence of str
        Formulas; an expression without a relation is one of them.
    distinct : str
        Letters that never have the same value, where no sum runs over them.
    at_rest : bool
        False where slopes are not zero: then no "= 0" is asked for.
    granted : bool
        True to ask for conclusions even where their premise is false.
    """

    def __init__(self, rng, *, after=(), small=None, between=(), limit=(), meant=(), distinct="",
                 at_rest=True, granted=False, **world):  # fmt: skip
        super().__init__(rng, **world)
        self.after, self.small, self.between, self.limit = dict(after), small, dict(between), dict(limit)
        self.meant, self.distinct, self.at_rest, self.granted = meant, distinct, at_rest, granted

    def __contains__(self, name):
        return super().__contains__(name) or name in self.between

    def updated(self):
        """The world after the update."""
        return self.where({name: self.call(function) for name, function in self.after.items()})


@dataclass
class Fault:
    """A link that does not hold: which, for which indices, and the two values."""

    link: str
    why: str

    def __str__(self):
        return f"{self.link}\n    {self.why}"


def faults(display, worlds):
    """Yield each fault that is found; nothing if the formula holds in all worlds that know its letters.

    Raises Unknown if none of them does. In one of the worlds a premise must be true, for all indices; what is
    said to be equivalent must be false in another.
    """
    met, missing, known = [set() for _ in display.sections], Unknown("a world"), False
    for world in worlds:
        found = []
        try:
            with np.errstate(all="ignore"):
                for section, truths in zip(display.sections, met, strict=True):
                    found += _section(section, world, truths)
        except Unknown as name:
            missing = name
        else:
            known = True
            yield from found
    if not known:
        raise missing
    for section, truths in zip(display.sections, met, strict=True):
        needed = {True, False} if "⟺" in section.arrows else {True} if section.arrows else set()
        if missed := needed - truths:
            yield Fault(latex(section), f"in no world its left side is {str(missed.pop()).lower()}.")


def links(display):
    """How many pairs of sides the formula compares."""
    statements = (one for section in display.sections for listing in section.listings for one in listing)
    return sum(len(one.of.relations if isinstance(one, t.ForAll) else one.relations) for one in statements)


@cache
def _has_both_signs(tree):
    return any(isinstance(part, t.Term) and part.sign == "±" for _, part in t.walk(tree))


def _scopes(tree, world, known):
    signs = ["+", "-"] if _has_both_signs(tree) else [None]
    for sign, chosen in itertools.product(
        signs, world.assignments(t.free(tree, world.indices), world.distinct)
    ):
        yield {**known, **chosen, "±": sign}


def _section(section, world, met):
    """Yield the faults of a section; note in `met` whether its premise was true."""
    if not section.arrows:
        changed = {}
        for statement in section.listings[0]:
            for scope in _scopes(statement, world, changed):
                yield from _statement(statement, world, scope)
            changed |= _changed(statement, world)
        return
    premises = []
    for scope in _scopes(section, world, {}):
        wrong = [
            [f for one in listing for f in _statement(one, world, scope)] for listing in section.listings
        ]
        premises.append(not wrong[0])
        if "⟺" in section.arrows and bool(wrong[0]) != bool(wrong[1]):
            yield Fault(latex(section), _told("only one of its sides is true", scope))
        elif not wrong[0] or world.granted:
            yield from itertools.chain(*wrong[1:])
    met.add(all(premises))


def _changed(statement, world):
    """What ← has given a new value, for the statements that follow."""
    match statement:
        case t.Chain((t.Name(base, ()), *_), ("←", *_)) if base in world.after:
            return {base: world.updated().value(base)}
    return {}


def _statement(statement, world, scope):
    if isinstance(statement, t.ForAll):
        for chosen in world.assignments([statement.letter.base]):
            yield from _statement(statement.of, world, {**scope, **chosen})
        return
    try:
        sides = filled(list(statement.sides), lambda part: evaluate(part, world, scope))
    except IMPOSSIBLE as problem:
        if isinstance(problem, Unknown):
            raise
        yield Fault(latex(statement), _told(problem, scope))
        return
    relations = [*statement.relations, *statement.relations[-1:] * len(sides)][: len(sides) - 1] or [None]
    for left, relation, right in zip(sides, relations, [*sides[1:], None], strict=False):
        if relation == "=" and right == t.Number("0") and not world.at_rest:
            continue
        try:
            why = _LINKS.get(relation, _compared)(left, right, world, scope, relation)
        except Unknown:
            raise
        except IMPOSSIBLE as problem:
            why = str(problem) or type(problem).__name__
        if why:
            link = t.Chain((left, right), (relation,)) if relation else t.Chain((left,))
            yield Fault(latex(link), _told(why, scope))


def _told(why, scope):
    """What is wrong, and for which indices."""
    chosen = [f"{name} = {value:g}" for name, value in scope.items() if isinstance(value, int | float)]
    return f"{str(why).rstrip('.')}{' for ' if chosen else ''}{', '.join(chosen)}."


def _said(left, right):
    return f"the left side is {_shown(left)}, the right side {_shown(right)}"


def _shown(value):
    return np.array2string(np.asarray(value, float), precision=6, separator=", ").replace("\n", "")


def _value(tree, world, scope):
    """The value; a function that stands alone is taken at x."""
    value = evaluate(tree, world, scope)
    if isinstance(value, Function):
        if "x" not in scope and "x" in world.indices:
            return np.array([value(x) for x in world.values("x")])
        return value(scope["x"] if "x" in scope else world.value("x"))
    return value


# Each of these compares two sides; it returns what is wrong, or None


def _compared(left, right, world, scope, relation):
    for _, part in t.walk((left, right)) if world.between else ():
        if isinstance(part, t.Name) and (key := _key(part, world, scope)) in world.between:
            return _between(left, right, world, scope, key)
    a, b = _value(left, world, scope), _value(right, world, scope)
    return None if RELATIONS[relation](a, b) else _said(a, b)


def _key(name, world, scope):
    return resolve(name, world, scope, lambda sub: evaluate(sub, world, scope))[0]


def _between(left, right, world, scope, key):
    """Somewhere between the two ends both sides are equal."""
    places = np.linspace(*world.call(world.between[key]), 9)
    worlds = [world.where({key: place}) for place in places]
    gaps = [evaluate(left, one, scope) - evaluate(right, one, scope) for one in worlds]
    if min(gaps) <= 1e-9 and max(gaps) >= -1e-9:
        return None
    return f"the two sides differ by {min(gaps):.3g} to {max(gaps):.3g}, whatever {key} is"


def _nearly(left, right, world, scope, relation):
    """Equal to the digits that are written; or the gap vanishes faster than any term, as `small` does."""
    unit = _unit(right, world)
    if unit:
        a, b = _value(left, world, scope), evaluate(right, world, scope)
        return None if abs(a - b) <= 0.5 * unit * (1 + 1e-9) else _said(a, b)
    if world.small is None:
        raise Unknown("≈")
    smaller = world.where({world.small: world.value(world.small) / SMALLER})
    terms = [*_terms(left), *_terms(right)]
    sizes = [[np.max(np.abs(evaluate(one, w, scope))) for one in terms] for w in (world, smaller)]
    gaps = [np.max(np.abs(evaluate(left, w, scope) - evaluate(right, w, scope))) for w in (world, smaller)]
    order = np.log(np.array([*sizes[0], gaps[0]]) / np.array([*sizes[1], gaps[1]])) / np.log(SMALLER)
    if order[-1] > max(order[:-1]) + 0.5:
        return None
    return (
        f"the gap shrinks like {world.small} to the power {order[-1]:.2g}, a term like {max(order[:-1]):.2g}"
    )


def _terms(tree):
    """The terms of a sum, those of a bracket multiplied out."""
    match tree:
        case t.Sum(terms):
            return [one for term in terms for one in _terms(term.of)]
        case t.Product(factors):
            for i, factor in enumerate(factors):
                match factor:
                    case t.Factor("" | "·", t.Group((t.Chain((t.Sum(terms),)),), "(")):
                        parts = (t.Factor(factor.op, t.Group((t.Chain((term.of,)),), "(")) for term in terms)
                        return [t.Product((*factors[:i], part, *factors[i + 1 :])) for part in parts]
    return [tree]


def _unit(tree, world):
    """One unit of the last digit written: 0.01 for 0.69, 1e-11 for 4 · 10^{-11}; None if it is no decimal."""
    numbers = [part for _, part in t.walk(tree) if isinstance(part, t.Number)]
    if any(isinstance(part, t.Name | t.Fraction | t.Group) for _, part in t.walk(tree)) or not numbers:
        return None
    decimals = len(numbers[0].text.partition(".")[2])
    return abs(evaluate(tree, world, {})) / float(numbers[0].text) * 10.0**-decimals


def _updated(left, right, world, scope, relation):
    if not isinstance(left, t.Name) or left.base not in world.after:
        raise Unknown("←")
    a = evaluate(left, world.updated(), {k: v for k, v in scope.items() if k != left.base})
    b = evaluate(right, world, scope)
    return None if alike(a, b) else _said(a, b)


def _tends(left, right, world, scope, relation):
    if isinstance(right, t.Group):
        a, b = _shape(left, world, scope), _shape(right, world, scope)
        return None if b in (a, a[1:]) else f"the shapes are {a} and {b}"
    if not world.limit:
        raise Unknown("→")
    return _compared(left, right, world, {**scope, **world.limit}, "=")


def _shape(tree, world, scope):
    """(a, b) · (b, c) is (a, c)."""
    if isinstance(tree, t.Product):
        first, second = (_shape(factor.of, world, scope) for factor in tree.factors)
        if first[-1] != second[0]:
            raise Misfit(f"shapes {first} and {second} cannot be multiplied.")
        return (*first[:-1], *second[1:])
    return tuple(int(one) for one in evaluate(tree, world, scope))


def _shaped(left, right, world, scope, relation):
    a, b = np.shape(evaluate(left, world, scope)), _shape(right, world, scope)
    return None if a == b else f"the shape is {a}, not {b}"


def _bounded(left, right, world, scope, relation):
    """A bound is never passed, and nearly reached."""
    a, b = evaluate(left, world, scope), evaluate(right, world, scope)
    return None if np.all(a <= 1.1 * b) and np.all(a >= 0.9 * b) else _said(a, b)


def _claimed(left, _, world, scope, relation):
    """Without a relation: a truth, or one of the expressions that are meant."""
    value = _value(left, world, scope)
    if isinstance(value, bool | np.bool_):
        return None if value else "this is false"
    if not world.meant:
        raise Unknown("what is meant")
    meant = [evaluate(expression(read(one)), world, scope) for one in world.meant]
    return None if any(alike(value, one) for one in meant) else f"{_shown(value)} is none of what is meant"


_LINKS = {
    "≈": _nearly,
    "←": _updated,
    "→": _tends,
    "of shape": _shaped,
    "≲": _bounded,
    None: _claimed,
}
