"""Slips of those who write down a formula, and the words for them.

`nnlib.teach.mathematics.changes` has those that change one sign, factor or index; here are more: another
letter, brackets, layers, what stands above the line and not below it.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from nnlib.teach.mathematics import Change, World, changes
from nnlib.teach.mathematics import tree as t
from nnlib.teach.mathematics.evaluation import CHANCE
from nnlib.teach.mathematics.functions import KNOWN

__all__ = ["MADE", "MENDS", "ROUGH", "TOO_MUCH", "Letters", "called", "slips"]

# What is wrong where a change of the right formula makes the reader's; where one of the reader's mends it.
MADE = {
    "indices exchanged": "two indices are exchanged",
    "another index": "an index is another one than it should be",
    "sign": "a sign is wrong",
    "term dropped": "a term is missing",
    "factor dropped": "a factor is missing",
    "power dropped": "a power is missing",
    "prime dropped": "a function stands where its slope belongs",
    "sum dropped": "a sum is missing",
    "transpose dropped": "a transpose is missing",
    "transpose added": "a transpose is too much",
    "order of a product": "the factors of a matrix product stand in the other order",
    "bound": "a sum begins or ends elsewhere",
    "number": "a number is another one than it should be",
    "fraction turned": "a fraction is upside down",
    "d dropped": "a quantity stands where its gradient belongs",
    "another letter": "a letter is another one than it should be",
    "function dropped": "a function is missing around its argument",
    "complement": "something stands where 1 minus it belongs, or the other way round",
    "bracket": "brackets stand elsewhere than they should",
    "above or below": "a factor stands above the line that belongs below it, or the other way round",
    "another layer": "a layer is another one than it should be",
    "transpose moved": "another factor has to be transposed",
    "sums": "a product of sums stands where a sum of products belongs",
}
TOO_MUCH = {"sum dropped", "power dropped", "factor dropped"}
# Pairs of these explain too much: others are said first.
ROUGH = {"term dropped", "factor dropped", "function dropped", "another letter", "fraction turned", "bound",
         "above or below"}  # fmt: skip
MENDS = MADE | {
    "term dropped": "a term is too much",
    "factor dropped": "a factor is too much",
    "power dropped": "a power is too much",
    "prime dropped": "the slope of a function stands where the function belongs",
    "sum dropped": "a sum is too much",
    "transpose dropped": "a transpose is too much",
    "transpose added": "a transpose is missing",
    "d dropped": "a gradient stands where the quantity itself belongs",
    "function dropped": "a function is too much",
}


class Letters(NamedTuple):
    """What may stand for what: indices, functions, the layers, and the letters that a reader may write."""

    indices: list[t.Node]
    functions: set[str]
    layers: list[int]
    plain: list[str]

    @classmethod
    def of(cls, world: World, names: set[str]) -> "Letters":
        """Return the letters of a world, of which a reader may write these `names`."""
        given = {name for name, value in world.given.items() if callable(value)}
        functions = {*KNOWN, *CHANCE, *given}
        single = (name for name in names - functions if "'" not in name)
        return cls(
            indices=[t.Name(letter) for letter in world.indices],
            functions=functions,
            layers=list(world.indices.get("l", ())),
            plain=sorted(name for name in single if len(name.removeprefix("d")) == 1),
        )


def slips(tree: t.Node, letters: Letters) -> Iterator[Change]:
    """Yield a change for each slip: those of one place first, each letter for each other, then all others."""
    inside = {(*path, "of") for path, part in t.walk(tree) if isinstance(part, t.Gradient)}
    for path, part in t.walk(tree):
        if path not in inside:
            for kind, old, new in _here(part, letters):
                whole = replace(part, of=new) if isinstance(part, t.Factor) else new
                yield Change(kind, old, new, t.put(tree, path, whole))
    for change in changes(tree, letters.functions):
        if change.kind == "factor dropped" and _is_bared(change, letters.functions):
            yield replace(change, kind="function dropped")
        elif change.kind in MADE:
            yield change


def called(part: t.Node) -> str:
    """How a reader calls it: X, dZ, f'."""
    if isinstance(part, t.Gradient):
        return f"d{part.of.base}"
    return part.base + "'" * part.primes


def _here(part, letters):
    """Yield (kind, old, new) for each slip in this very place."""
    match part:
        case t.Product():
            for rule in (_without_an_application, _transpose_moved, _one_sum, _above_or_below):
                yield from ((kind, part, new) for kind, new in rule(part, letters.functions))
        case t.Fraction(top, bottom):
            below = _in_brackets(*bottom.terms) if isinstance(bottom, t.Sum) else bottom
            yield "above or below", part, t.Product((t.Factor("", top), t.Factor("·", below)))
        case t.Factor(_, of) if t.is_whole(of) or _is_entry(of):
            yield "complement", of, _in_brackets(t.Term("+", t.Number("1")), t.Term("-", of))
        case t.Big(letters=(_, _, *_)):
            for letter in part.letters:
                left = tuple(one for one in part.letters if one != letter)
                yield "sum dropped", part, replace(part, letters=left)
        case t.Sum(terms):
            match terms:
                case (t.Term("+", t.Number("1")), t.Term("-", rest)):
                    yield "complement", part, rest
            yield from (("bracket", part, new) for new in _bracketed(terms))
        case t.Name() | t.Gradient():
            yield from ((kind, part, new) for kind, new in _written_otherwise(part, letters))


def _written_otherwise(part, letters):
    """Yield (kind, new) for a name: of another layer, with another index, or another letter."""
    of = part.of if isinstance(part, t.Gradient) else part
    again = t.Gradient if isinstance(part, t.Gradient) else lambda name: name
    for layer in letters.layers if of.level is not None else ():
        if t.Number(str(layer)) != of.level:
            yield "another layer", again(replace(of, level=t.Number(str(layer))))
    for i, sub in enumerate(of.subs):
        for other in letters.indices if sub in letters.indices else ():
            if other != sub:
                yield "another index", again(replace(of, subs=(*of.subs[:i], other, *of.subs[i + 1 :])))
    for name in letters.plain if called(part) in letters.plain else ():
        if name != called(part):
            new = t.Name(name[-1], of.subs, of.level)
            yield "another letter", t.Gradient(new) if len(name) > 1 else new


def _is_bared(change, functions):
    """Whether it was a function that has gone, and left its argument behind."""

    def used(tree):
        return {part.base for _, part in t.walk(tree) if isinstance(part, t.Name)} & functions

    return used(change.old) > used(change.new)


def _is_entry(tree):
    name = tree.of if isinstance(tree, t.Gradient) else tree
    return isinstance(name, t.Name) and bool(name.subs)


# Products: each rule yields (kind, new)


def _without_an_application(part, functions):
    """f(x) is left out, the function and its argument."""
    for i, (factor, following) in enumerate(itertools.pairwise(part.factors)):
        group = following.of.of if isinstance(following.of, t.Power) else following.of
        if getattr(factor.of, "base", None) in functions and isinstance(group, t.Group):
            left = (*part.factors[:i], *part.factors[i + 2 :])
            if left and left[0].op != "/":
                yield "factor dropped", t.product(left)


def _transpose_moved(part, _):
    """Of two matrices one is transposed: then the other one is."""
    for i, (one, other) in enumerate(itertools.pairwise(part.factors)):
        pair = ()
        if isinstance(one.of, t.Transpose) and t.is_whole(other.of):
            pair = t.Factor(one.op, one.of.of), t.Factor(other.op, t.Transpose(other.of))
        elif isinstance(other.of, t.Transpose) and t.is_whole(one.of):
            pair = t.Factor(one.op, t.Transpose(one.of)), t.Factor(other.op, other.of.of)
        if pair:
            yield "transpose moved", t.Product((*part.factors[:i], *pair, *part.factors[i + 2 :]))


def _one_sum(part, _):
    """Two sums over one letter are multiplied: then it is one sum, of products."""
    bare = [_of_group(factor.of) for factor in part.factors]
    for i, (one, other) in enumerate(itertools.pairwise(bare)):
        if isinstance(one, t.Big) and isinstance(other, t.Big) and one.letters == other.letters:
            inner = t.Product((t.Factor("", one.of), t.Factor("", other.of)))
            whole = t.Factor(part.factors[i].op, replace(one, of=inner))
            yield "sums", t.product((*part.factors[:i], whole, *part.factors[i + 2 :]))


def _above_or_below(part, functions):
    """A factor of a product stands below the line."""
    for i, factor in enumerate(part.factors[1:], 1):
        pair = [getattr(one.of, "base", None) for one in part.factors[i - 1 : i + 1]]
        if functions.isdisjoint(pair) and factor.op in ("", "·", "*"):
            below = t.Factor("/", factor.of)
            yield "above or below", t.Product((*part.factors[:i], below, *part.factors[i + 1 :]))


def _of_group(tree):
    match tree:
        case t.Group((t.Chain((one,)),), "("):
            return one
    return tree


# Brackets


def _bracketed(terms):
    """Yield a (b − c) for a b − c, and (a − b) c for a − b c, for each of the factors."""
    first, *others = terms
    *before, last = terms
    for put_back, taken in _taken(first.of) if first.sign == "+" else ():
        yield put_back(_in_brackets(t.Term("+", taken), *others))
    for put_back, taken in _taken(last.of):
        yield put_back(_in_brackets(*before, t.Term(last.sign, taken)))


def _taken(tree):
    """Yield what puts something else into the place of some factors, and these factors."""
    match tree:
        case t.Product(factors):
            for i, j in itertools.combinations(range(len(factors) + 1), 2):
                if j - i < len(factors):
                    taken = (t.Factor("", factors[i].of), *factors[i + 1 : j])
                    yield partial(_put_back, factors, i, j), t.product(taken)
        case t.Fraction(top, bottom):
            yield lambda new: t.Fraction(top, new), bottom
            yield lambda new: t.Fraction(new, bottom), top


def _put_back(factors, i, j, new):
    return t.Product((*factors[:i], t.Factor(factors[i].op, new), *factors[j:]))


def _in_brackets(*terms):
    return t.Group((t.Chain((t.Sum(terms),)),), "(")
