"""What a tree is worth in a world: a number, an array, a function or a truth.

`scope` holds what is bound on the way: index letters, the sign for ±, and names that ← has just changed.
"""

import math
from functools import reduce

import numpy as np

from nnlib.teach import _doors as door
from nnlib.teach.mathematics import functions as fn
from nnlib.teach.mathematics import tree as t
from nnlib.teach.mathematics.dots import filled
from nnlib.teach.mathematics.functions import Function, Misfit
from nnlib.teach.mathematics.names import entry, places, resolve, whole
from nnlib.teach.mathematics.world import Unknown, World

LONGEST = 10_000  # terms of a sum: what a reader types must come to an end
CHANCE = ("mean", "E", "Var", "P")
SIGNS = {"+": 1.0, "-": -1.0}
INSIDE = {"|": fn.lifted(np.abs), "‖": fn.lifted(np.linalg.norm), "⌈": fn.lifted(np.ceil)}
TOGETHER = {"sum": lambda values: reduce(fn.plus, values), "prod": math.prod, "max": max, "min": min}


def evaluate(tree, world, scope):
    """Return the value of an expression."""
    if not isinstance(world, World) or type(scope) is not dict:
        door.kind(world, "world", World, "a World")
        door.scope(scope, "scope")

    def worth(part):
        return evaluate(part, world, scope)

    def true(chain):
        return holds(chain, world, scope)

    match tree:
        case t.Name():
            return _name(tree, world, scope)
        case t.Number(text):
            return np.float64(text)
        case t.Product():
            return _product(tree, world, scope)
        case t.Sum(terms):
            signs = {**SIGNS, "±": SIGNS.get(scope.get("±"))}
            return reduce(fn.plus, [fn.times(signs[one.sign], worth(one.of)) for one in filled(terms, worth)])
        case t.Group(items, kind):
            values = [worth(item) for item in items]
            if len(values) > 1 or kind == "(,":
                return np.array(values)
            return INSIDE[kind](values[0]) if kind in INSIDE else values[0]
        case t.Chain(sides, relations):  # a bracket around a relation is 1 where it holds, else 0
            return np.float64(true(tree)) if relations else worth(sides[0])
        case t.Power(of, exponent):
            return fn.power(worth(of), worth(exponent))
        case t.Fraction(top, bottom):
            return fn.over(worth(top), worth(bottom))
        case t.Gradient(of):
            return _slope(t.Name("L"), of, world, scope)
        case t.Derivative(of, by):
            return _slope(of, by, world, scope)
        case t.Big(kind, of=of):
            values = [evaluate(of, world, inner) for inner in ranges(tree, world, scope)]
            return TOGETHER[kind](values) if values else np.float64(kind == "prod")
        case t.Transpose(of):
            value = worth(of)
            if not np.ndim(value):
                raise Misfit("a number has no transpose.")
            return np.atleast_2d(value) if np.ndim(value) == 1 else value.T
        case t.Entry(of, subs):
            at = tuple(whole(worth(sub)) + 1 - world.first for sub in subs)
            return entry(worth(of), at, "the product")
        case t.Cases(rows):
            chosen = [row for row in rows if row.conditions and all(map(true, row.conditions))]
            chosen = chosen or [row for row in rows if not row.conditions]
            if len(chosen) != 1:
                raise Misfit("of the cases, not exactly one holds.")
            return worth(chosen[0].of)
        case t.Matrix(rows):
            return np.array([[worth(one) for one in row] for row in filled(rows, worth)])
        case t.Mean(of):
            scopes = [{**scope, "n": n, "samples": True} for n in world.values("n")]
            return np.mean([evaluate(of, world, inner) for inner in scopes])
        case t.Root(of, degree):
            return fn.power(worth(of), 1 / worth(degree))
        case t.Binomial(top, bottom):
            return np.float64(math.comb(whole(worth(top)), whole(worth(bottom))))
        case t.Prime(of, count):
            return _primed(worth(of), count, Misfit("only a function has a derivative."))
        case t.Integral(low, high, of, by):
            nodes, weights = np.polynomial.legendre.leggauss(12)
            middle, half = (worth(low) + worth(high)) / 2, (worth(high) - worth(low)) / 2
            return half * sum(
                weight * evaluate(of, world, {**scope, by.base: middle + half * node})
                for node, weight in zip(nodes, weights, strict=True)
            )
    door.kind(tree, "tree", t.Node, "an expression, as read returns it")
    raise Misfit(f"{type(tree).__name__} has no value of its own.")


# Names and slopes


def _name(tree, world, scope):
    plain = not tree.subs and not tree.primes and tree.level is None
    if plain and tree.base in scope:
        return _number(scope[tree.base])
    if plain and tree.base not in world and tree.base in fn.KNOWN:
        return fn.KNOWN[tree.base]
    key, index, at = resolve(tree, world, scope, lambda sub: evaluate(sub, world, scope))
    if tree.primes and key not in world:
        return _primed(evaluate(t.Name(tree.base), world, scope), tree.primes, Unknown(key))
    if len(index) < len(world.letters(key)):
        index = tuple(scope[letter] for letter in world.letters(key) if letter in scope)
    value = entry(world.value(key, *index), at, key)
    if callable(value) and not isinstance(value, Function):
        return Function(value)
    if scope.get("samples") and np.ndim(value) == 1:
        return value[scope["n"] - 1]
    return _number(value)


def _primed(value, count, problem):
    if not isinstance(value, Function):
        raise problem
    return value.prime(count)


def _number(value):
    return np.float64(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _slope(of, by, world, scope):
    """∂of/∂by by differences: each entry is moved, and all that is computed from it follows."""

    def worth(part):
        return evaluate(part, world, scope)

    if by.base in scope and not by.subs:
        centre = scope[by.base]
        return fn.difference(lambda step: evaluate(of, world, {**scope, by.base: centre + step}))
    key, index, at = resolve(by, world, scope, worth)
    value = world.value(key, *index)
    first = places(value, at, key)
    slopes = []
    for rest in np.ndindex(np.shape(value)[len(first) :]):
        if isinstance(of, t.Name):
            name, member, of_at = resolve(of, world, scope, worth)
            slopes.append(entry(world.slope((name, *member), (key, *index), first + rest), of_at, name))
        else:
            moved = [(key, *index), first + rest]
            slopes.append(fn.difference(lambda step, m=moved: evaluate(of, world.moved(*m, step), scope)))
    return np.reshape(slopes, np.shape(value)[len(first) :])[()]


# Products


def _product(tree, world, scope):
    words = " ".join(factor.of.base if isinstance(factor.of, t.Name) else "?" for factor in tree.factors)
    if words in world:
        return evaluate(t.Name(words), world, scope)
    products, left = [], list(tree.factors)
    while left:
        op, head = left[0].op, left[0].of
        value = applied(left, world, scope)
        if op != "/" and _is_truth(head) and not value:  # times anything
            return np.float64(0)
        if not products or op in ("⊙", "*"):
            products.append(value)
        else:
            products[-1] = (fn.over if op == "/" else fn.times)(products[-1], value)
    return reduce(fn.entrywise, products)


def _is_truth(tree):
    """Whether it is a bracket around a relation: [x > 0]."""
    return isinstance(tree, t.Group) and tree.kind == "[" and bool(getattr(tree.items[0], "relations", ()))


def applied(left, world, scope):
    """Take a factor from `left`, and with it what it is applied to; return the value."""
    head = left.pop(0).of
    following = left[0].of if left and left[0].op == "" else None
    group = following.of if isinstance(following, t.Power) else following
    bracket = isinstance(group, t.Group) and group.kind in "(["
    if is_chance(head, following, world):
        value = _chance(head.base, group if bracket else _rest(left), world, scope)
        if not bracket:
            return value
        left.pop(0)
        return value if group is following else fn.power(value, evaluate(following.exponent, world, scope))
    if isinstance(head, t.Derivative) and head.of is None:
        return _slope(_rest(left), head.by, world, scope)
    result = _called(head, group, world, scope) if bracket else None
    if result is not None:
        left.pop(0)
        return result if group is following else fn.power(result, evaluate(following.exponent, world, scope))
    value = evaluate(head, world, scope)
    if isinstance(value, Function) and value.prefix and following and not bracket:
        return fn.lifted(value)(evaluate(_rest(left), world, scope))
    return value


def is_chance(head, following, world):
    """Whether it is E, Var or P, and not a name of the world."""
    event = isinstance(following, t.Group) and bool(getattr(following.items[-1], "relations", ()))
    named = isinstance(head, t.Name) and not head.subs and head.base in CHANCE
    return named and (head.base not in world or event)


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


def _rest(left):
    """Take the factors that stand side by side from here on."""
    taken = [left.pop(0)] if left else []
    while left and left[0].op == "":
        taken.append(left.pop(0))
    if not taken:
        raise Misfit("a function without an argument.")
    return t.product(tuple(taken))


def _chance(kind, of, world, scope):
    """E, Var or P: through all outcomes."""
    outcomes = world.worlds()
    if kind == "P":
        if not isinstance(of, t.Group):
            raise Misfit("P without brackets.")
        return sum(weight * _event(of.items, one, scope) for weight, one in outcomes)
    pairs = [(weight, evaluate(of, one, scope)) for weight, one in outcomes]
    centre = sum(weight * value for weight, value in pairs)
    return centre if kind != "Var" else sum(weight * np.sum((value - centre) ** 2) for weight, value in pairs)


def _event(items, world, scope):
    """Whether all of it happens; in P(n, m ∈ S) the last relation is that of both."""
    *others, last = items
    if not last.relations:
        return bool(evaluate(last, world, scope))
    sides = [t.Chain((*one.sides, last.sides[-1]), last.relations) for one in others]
    return all(holds(one, world, scope) for one in (*sides, last))


def ranges(tree, world, scope):
    """Yield the scope of each term of Σ, Π, max or min."""
    letters = [letter.base for letter in tree.letters]
    if tree.high is None:
        chosen = world.assignments(letters)
    else:
        first, last = (whole(evaluate(one, world, scope)) for one in (tree.low, tree.high))
        if last - first > LONGEST:
            raise Misfit(f"{last - first + 1} terms are too many.")
        chosen = ({letters[0]: value} for value in range(first, last + 1))
    for one in chosen:
        inner = {**scope, **one}
        if tree.where is None or holds(tree.where, world, inner):
            yield inner


# Truth


def alike(a, b):
    """Whether two values are equal, up to rounding; their shapes are too, unless one is a number.

    (w, b) may be a column.
    """
    a, b = door.array(a, "a"), door.array(b, "b")
    if np.ndim(a) == 1 and np.shape(b)[1:] == (1,) or np.ndim(b) == 1 and np.shape(a)[1:] == (1,):
        a, b = np.ravel(a), np.ravel(b)
    if 0 not in (np.ndim(a), np.ndim(b)) and np.shape(a) != np.shape(b):
        return False
    with np.errstate(over="ignore"):  # of numbers that are as large as they can be
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
    return all(RELATIONS[one](a, b) for one, a, b in zip(chain.relations, values, values[1:], strict=False))
