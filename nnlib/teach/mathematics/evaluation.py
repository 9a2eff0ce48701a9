"""What a tree is worth in a world: a number, an array, a function or a truth.

`scope` holds what is bound on the way: index letters, the sign for ±, and names that ← has just changed.
"""

import math
from functools import reduce, singledispatch

import numpy as np

from nnlib.teach.mathematics import tree as t
from nnlib.teach.mathematics.dots import filled
from nnlib.teach.mathematics.functions import KNOWN, Function, difference, lifted
from nnlib.teach.mathematics.world import Unknown

CHANCE = ("mean", "E", "Var", "P")


class Misfit(ValueError):
    """Values that do not go together, or an index that is outside."""


@singledispatch
def evaluate(tree, world, scope):
    """Return the value of an expression."""
    raise Misfit(f"{type(tree).__name__} has no value of its own.")


# Names


def label(sub, scope):
    """How a subscript is called within a name: 1, max, +; None where it has to be computed."""
    match sub:
        case t.Number(text):
            return text
        case t.Name("±"):
            return scope.get("±", "±")
        case t.Name(base, ()):
            return base
    return None


def resolve(name, world, scope):
    """Return (name in the world, index into a family, entry of the array)."""
    base, subs = name.base + "'" * name.primes, name.subs
    labels = [label(sub, scope) for sub in subs]
    taken = 0
    for count in range(len(subs), 0, -1):
        if None not in labels[:count] and f"{base}_{''.join(labels[:count])}" in world:
            key, taken = f"{base}_{''.join(labels[:count])}", count
            break
    else:
        key = world.family(base) if subs else base
    if taken and key == world.family(base):
        taken = 0  # the letter in g_t is no word but an index
    index = () if name.level is None else (whole(evaluate(name.level, world, scope)),)
    rest = [position(evaluate(sub, world, scope)) for sub in subs[taken:]]
    missing = len(world.letters(key)) - len(index)
    return key, (*index, *rest[:missing]), tuple(rest[max(missing, 0) :])


def whole(value):
    if np.ndim(value) or isinstance(value, Function) or value != round(value):
        raise Misfit(f"{value} is no index.")
    return int(round(value))


def position(value):
    return value if isinstance(value, frozenset) else whole(value)


def entry(value, at, name):
    """The entry of an array; formulas count from 1, and the entries of a column have one index."""
    if len(at) == 1 and np.ndim(value) == 2 and np.shape(value)[1] == 1:
        at = (*at, 1)
    for axis, one in enumerate(at):
        if axis >= np.ndim(value):
            raise Misfit(f"{name} has {np.ndim(value)} indices, not {len(at)}.")
        if not 1 <= one <= np.shape(value)[axis]:
            raise Misfit(f"index {one} of {name} is outside 1 to {np.shape(value)[axis]}.")
    return value[tuple(one - 1 for one in at)] if at else value


@evaluate.register
def _(tree: t.Name, world, scope):
    if not tree.subs and not tree.primes and tree.level is None:
        if tree.base in scope:
            return _number(scope[tree.base])
        if tree.base not in world and tree.base in KNOWN:
            return KNOWN[tree.base]
    key, index, at = resolve(tree, world, scope)
    if tree.primes and key not in world:
        function = evaluate(t.Name(tree.base), world, scope)
        if not isinstance(function, Function):
            raise Unknown(key)
        return function.prime(tree.primes)
    if len(index) < len(world.letters(key)):
        index = tuple(scope[letter] for letter in world.letters(key) if letter in scope)
    value = entry(world.value(key, *index), at, key)
    if callable(value) and not isinstance(value, Function):
        return Function(value)
    if scope.get("samples") and np.ndim(value) == 1:
        return value[scope["n"] - 1]
    return _number(value)


def _number(value):
    return np.float64(value) if isinstance(value, int) and not isinstance(value, bool) else value


@evaluate.register
def _(tree: t.Number, world, scope):
    return np.float64(tree.text)


# Slopes


@evaluate.register
def _(tree: t.Gradient, world, scope):
    return _slope(t.Name("L"), tree.of, world, scope)


@evaluate.register
def _(tree: t.Derivative, world, scope):
    return _slope(tree.of, tree.by, world, scope)


def _slope(of, by, world, scope):
    """∂of/∂by by differences: each entry is moved, and all that is computed from it follows."""
    if by.base in scope and not by.subs:
        centre = scope[by.base]
        return difference(lambda step: evaluate(of, world, {**scope, by.base: centre + step}))
    key, index, at = resolve(by, world, scope)
    value = world.value(key, *index)
    entry(value, at, key)
    first = tuple(one - 1 for one in at) + (0,) * (len(at) == 1 and np.shape(value)[1:] == (1,))
    places = [first + rest for rest in np.ndindex(np.shape(value)[len(first) :])]
    if isinstance(of, t.Name):
        of_key, of_index, of_at = resolve(of, world, scope)
        moved = [world.slope((of_key, *of_index), (key, *index), place) for place in places]
        slopes = [entry(one, of_at, of_key) for one in moved]
    else:
        slopes = [
            difference(lambda step, at=place: evaluate(of, world.moved((key, *index), at, step), scope))
            for place in places
        ]
    return np.reshape(slopes, np.shape(value)[len(first) :])[()]


# Arithmetic


def _shapes(a, b, verb):
    return Misfit(f"shapes {np.shape(a)} and {np.shape(b)} cannot be {verb}.")


@lifted
def plus(a, b):
    row = np.ndim(a) == 2 and np.ndim(b) == 1 and np.shape(a)[1:] == np.shape(b)  # a bias: to every row
    if 0 not in (np.ndim(a), np.ndim(b)) and np.shape(a) != np.shape(b) and not row:
        raise _shapes(a, b, "added")
    return a + b


@lifted
def times(a, b):
    if 0 in (np.ndim(a), np.ndim(b)):
        return a * b
    if np.ndim(a) == 1 and np.shape(b)[0] == 1:
        a = a[:, None]
    if np.shape(a)[-1] != np.shape(b)[0]:
        raise _shapes(a, b, "multiplied")
    product = a @ b
    return product if np.size(product) > 1 else product.reshape(())[()]


@lifted
def entrywise(a, b):
    if 0 not in (np.ndim(a), np.ndim(b)) and np.shape(a) != np.shape(b):
        raise _shapes(a, b, "multiplied entry by entry")
    return a * b


@lifted
def over(a, b):
    if np.ndim(b):
        raise Misfit("a matrix cannot be divided by.")
    return a / b


OPERATIONS = {"": times, "·": times, "×": times, "/": over}


@evaluate.register
def _(tree: t.Sum, world, scope):
    signs = {"+": 1.0, "-": -1.0, "±": {"+": 1.0, "-": -1.0}.get(scope.get("±"))}
    terms = filled(tree.terms, lambda part: evaluate(part, world, scope))
    return reduce(plus, [times(signs[term.sign], evaluate(term.of, world, scope)) for term in terms])


@evaluate.register
def _(tree: t.Product, world, scope):
    words = " ".join(factor.of.base if isinstance(factor.of, t.Name) else "?" for factor in tree.factors)
    if words in world:
        return evaluate(t.Name(words), world, scope)
    products, left = [], list(tree.factors)
    while left:
        op = left[0].op
        value = _applied(left, world, scope)
        if op in ("⊙", "*") or not products:
            products.append(value)
        else:
            products[-1] = OPERATIONS[op](products[-1], value)
    return reduce(entrywise, products)


def _applied(left, world, scope):
    """Take a factor from `left`, and with it what it is applied to; return the value."""
    head = left.pop(0).of
    following = left[0].of if left and left[0].op == "" else None
    if isinstance(head, t.Name) and not head.subs and head.base in CHANCE:
        if head.base not in world or isinstance(following, t.Group) and following.items[-1].relations:
            return _chance(head.base, _argument(left), world, scope)
    if isinstance(head, t.Derivative) and head.of is None:
        return _slope(_rest(left), head.by, world, scope)
    group = following.of if isinstance(following, t.Power) else following
    if not isinstance(group, t.Group) or group.kind not in "([":
        value = evaluate(head, world, scope)
        if isinstance(value, Function) and value.prefix and following:
            return lifted(value)(evaluate(_rest(left), world, scope))
        return value
    result = _called(head, group, world, scope)
    if result is None:
        return evaluate(head, world, scope)
    left.pop(0)
    return result if group is following else result ** evaluate(following.exponent, world, scope)


def _called(head, group, world, scope):
    """f(x) if f is a function there; None if the bracket is only another factor."""
    named = isinstance(head, t.Name) and not head.subs
    for names in world.arguments.get(head.base, ()) if named else ():
        if len(names) == len(group.items):
            values = [evaluate(item, world, scope) for item in group.items]
            return world.where(dict(zip(names, values, strict=True))).value(head.base)
    function = evaluate(head, world, scope)
    if not isinstance(function, Function):
        return None
    values = [evaluate(item, world, scope) for item in group.items]
    return None if any(isinstance(value, Function) for value in values) else function(*values)


def _argument(left):
    if left and isinstance(left[0].of, t.Group) and left[0].of.kind in "([":
        return left.pop(0).of
    return t.Group((t.Chain((_rest(left),)),), "[")


def _rest(left):
    """Take the factors that stand side by side from here on."""
    taken = [left.pop(0)] if left else []
    while left and left[0].op == "":
        taken.append(left.pop(0))
    if not taken:
        raise Misfit("a function without an argument.")
    return t.product(tuple(taken))


def _chance(kind, group, world, scope):
    """E, Var or P: through all outcomes."""
    if kind == "P":
        return sum(weight * _event(group.items, one, scope) for weight, one in world.worlds())
    (item,) = group.items
    pairs = [(weight, evaluate(item, one, scope)) for weight, one in world.worlds()]
    centre = sum(weight * value for weight, value in pairs)
    if kind != "Var":
        return centre
    return sum(weight * np.sum((value - centre) ** 2) for weight, value in pairs)


def _event(items, world, scope):
    """Whether all of it happens; in P(n, m ∈ S) the last relation is that of both."""
    last = items[-1]
    if not last.relations:
        return bool(evaluate(last, world, scope))
    sides = [t.Chain((*item.sides, last.sides[-1]), last.relations) for item in items[:-1]]
    return all(holds(one, world, scope) for one in (*sides, last))


@evaluate.register
def _(tree: t.Fraction, world, scope):
    return over(evaluate(tree.top, world, scope), evaluate(tree.bottom, world, scope))


@evaluate.register
def _(tree: t.Binomial, world, scope):
    return _number(math.comb(*(whole(evaluate(one, world, scope)) for one in (tree.top, tree.bottom))))


power = lifted(lambda of, exponent: of**exponent)


@evaluate.register
def _(tree: t.Power, world, scope):
    return power(evaluate(tree.of, world, scope), evaluate(tree.exponent, world, scope))


@evaluate.register
def _(tree: t.Transpose, world, scope):
    value = evaluate(tree.of, world, scope)
    if not np.ndim(value):
        raise Misfit("a number has no transpose.")
    return np.atleast_2d(value) if np.ndim(value) == 1 else value.T


@evaluate.register
def _(tree: t.Prime, world, scope):
    value = evaluate(tree.of, world, scope)
    if not isinstance(value, Function):
        raise Misfit("only a function has a derivative.")
    return value.prime(tree.count)


@evaluate.register
def _(tree: t.Root, world, scope):
    return power(evaluate(tree.of, world, scope), 1 / evaluate(tree.degree, world, scope))


@evaluate.register
def _(tree: t.Mean, world, scope):
    return np.mean([evaluate(tree.of, world, {**scope, "n": n, "samples": True}) for n in world.values("n")])


@evaluate.register
def _(tree: t.Entry, world, scope):
    at = tuple(whole(evaluate(sub, world, scope)) for sub in tree.subs)
    return entry(evaluate(tree.of, world, scope), at, "the product")


_INSIDE = {"|": lifted(np.abs), "‖": lifted(np.linalg.norm), "⌈": lifted(np.ceil)}


@evaluate.register
def _(tree: t.Group, world, scope):
    values = [evaluate(item, world, scope) for item in tree.items]
    if len(values) > 1 or tree.kind == "(,":
        return np.array(values)
    return _INSIDE.get(tree.kind, lambda value: value)(values[0])


@evaluate.register
def _(tree: t.Chain, world, scope):
    """A bracket around a relation is 1 where it holds, else 0."""
    if tree.relations:
        return np.float64(holds(tree, world, scope))
    return evaluate(tree.sides[0], world, scope)


_TOGETHER = {"sum": lambda values: reduce(plus, values), "prod": math.prod, "max": max, "min": min}


def ranges(tree, world, scope):
    """Yield the scope of each term of Σ, Π, max or min."""
    letters = [letter.base for letter in tree.letters]
    if tree.high is not None:
        first, last = (whole(evaluate(one, world, scope)) for one in (tree.low, tree.high))
        chosen = ({letters[0]: value} for value in range(first, last + 1))
    else:
        chosen = world.assignments(letters)
    for one in chosen:
        inner = {**scope, **one}
        if tree.where is None or holds(tree.where, world, inner):
            yield inner


@evaluate.register
def _(tree: t.Big, world, scope):
    values = [evaluate(tree.of, world, inner) for inner in ranges(tree, world, scope)]
    if not values:
        return np.float64(tree.kind == "prod")
    return _TOGETHER[tree.kind](values)


@evaluate.register
def _(tree: t.Integral, world, scope):
    low, high = (evaluate(one, world, scope) for one in (tree.low, tree.high))
    nodes, weights = np.polynomial.legendre.leggauss(12)
    places = (low + high) / 2 + (high - low) / 2 * nodes
    values = [evaluate(tree.of, world, {**scope, tree.by.base: place}) for place in places]
    return (high - low) / 2 * np.dot(weights, values)


@evaluate.register
def _(tree: t.Matrix, world, scope):
    rows = filled(tree.rows, lambda part: evaluate(part, world, scope))
    return np.array([[evaluate(one, world, scope) for one in row] for row in rows])


@evaluate.register
def _(tree: t.Cases, world, scope):
    truths = [all(holds(one, world, scope) for one in row.conditions) for row in tree.rows if row.conditions]
    if sum(truths) > 1 or not any(truths) and len(truths) == len(tree.rows):
        raise Misfit("of the cases, not exactly one holds.")
    return evaluate(tree.rows[truths.index(True) if any(truths) else -1].of, world, scope)


# Truth


def alike(a, b):
    """Whether two values are equal, up to rounding; their shapes are too, unless one is a number.

    (w, b) may be a column.
    """
    if np.ndim(a) == 1 and np.shape(b)[1:] == (1,) or np.ndim(b) == 1 and np.shape(a)[1:] == (1,):
        a, b = np.ravel(a), np.ravel(b)
    if 0 not in (np.ndim(a), np.ndim(b)) and np.shape(a) != np.shape(b):
        return False
    return bool(np.allclose(a, b, rtol=1e-6, atol=1e-8))


RELATIONS = {
    "=": alike,
    "≠": lambda a, b: not alike(a, b),
    "<": lambda a, b: bool(np.all(a < b)),
    "≤": lambda a, b: bool(np.all(a <= b)),
    ">": lambda a, b: bool(np.all(a > b)),
    "≥": lambda a, b: bool(np.all(a >= b)),
    "∈": lambda a, b: int(a) in b,
}


def holds(chain, world, scope):
    """Whether each relation in a chain holds for these indices."""
    values = [evaluate(one, world, scope) for one in chain.sides]
    return all(
        RELATIONS[relation](a, b) for relation, a, b in zip(chain.relations, values, values[1:], strict=False)
    )
