"""Small changes of a formula, one at a time: the mistakes that are made in writing one down."""

from dataclasses import dataclass, replace

from nnlib.teach import _doors as door
from nnlib.teach.mathematics import tree as t
from nnlib.teach.mathematics.functions import KNOWN
from nnlib.teach.mathematics.writing import latex

# Each kind, as a verdict would name it.
KINDS = (
    "indices exchanged", "another index", "sign", "term dropped", "factor dropped", "power dropped",
    "prime dropped", "sum dropped", "transpose dropped", "transpose added", "order of a product", "bound",
    "number", "fraction turned", "d dropped", "relation turned",
)  # fmt: skip
_DROPPED = {t.Gradient: "d dropped", t.Prime: "prime dropped", t.Power: "power dropped",
            t.Root: "power dropped", t.Transpose: "transpose dropped"}  # fmt: skip
_TURNED = {"<": ">", ">": "<", "≤": "≥", "≥": "≤"}
_FLIPPED = {"+": "-", "-": "+"}


@dataclass(frozen=True)
class Change:
    """One node has been put in the place of another; `tree` is the whole that it makes."""

    kind: str
    old: t.Node
    new: t.Node
    tree: t.Node

    def __str__(self):
        return f"{self.kind}: {latex(self.old)} → {latex(self.new)}"


def changes(tree, functions=frozenset(KNOWN)):
    """Yield a Change for each tree that one change makes of this one, each tree once.

    What stands behind the name of a function is its argument and no factor.
    """
    door.kind(tree, "tree", t.Node, "what read returns")
    if type(functions) not in (frozenset, set):
        raise TypeError(f"functions is {door.told(functions)}; expected a set of names.")
    letters, seen = index_letters(tree), {tree}
    for path, node in t.walk(tree):
        for kind, new in _local(node, letters, functions):
            changed = t.put(tree, path, new)
            if changed not in seen:
                seen.add(changed)
                yield Change(kind, node, new, changed)


def index_letters(tree):
    """The letters that stand in subscripts or are summed over, in order of appearance."""
    found = {}
    for _, node in t.walk(tree):
        if isinstance(node, t.Name | t.Entry):
            found |= {sub: None for sub in node.subs if t.is_letter(sub)}
        elif isinstance(node, t.Big):
            found |= dict.fromkeys(node.letters)
    return list(found)


def _is_function(node, functions):
    if isinstance(node, t.Power):
        return _is_function(node.of, functions)
    return isinstance(node, t.Name) and node.base in functions


def _local(node, letters, functions):
    """Yield (kind, node) for each change of this node itself."""
    match node:
        case t.Name(subs=subs) | t.Entry(subs=subs) if subs:
            for i, sub in enumerate(subs):
                if i and sub != subs[i - 1]:
                    exchanged = (*subs[: i - 1], sub, subs[i - 1], *subs[i + 1 :])
                    yield "indices exchanged", replace(node, subs=exchanged)
                if other := _other(sub, letters):
                    yield "another index", replace(node, subs=(*subs[:i], other, *subs[i + 1 :]))
    match node:
        case t.Name(primes=primes) if primes:
            yield "prime dropped", replace(node, primes=primes - 1)
        case t.Gradient(of) | t.Prime(of) | t.Power(of) | t.Root(of) | t.Transpose(of):
            yield _DROPPED[type(node)], of
        case t.Sum(terms):
            for i, term in enumerate(terms):
                rest = (*terms[:i], *terms[i + 1 :])
                if term.sign in _FLIPPED:
                    flipped = t.Term(_FLIPPED[term.sign], term.of)
                    yield "sign", t.Sum((*terms[:i], flipped, *terms[i + 1 :]))
                if rest:
                    yield "term dropped", t.total(rest)
        case t.Product(factors):
            yield from _of_product(factors, functions)
        case t.Fraction(top, bottom):
            yield "fraction turned", t.Fraction(bottom, top)
        case t.Number(text):
            yield "number", t.Number(_next(text))
        case t.Big(low=low, high=high, of=of):
            yield "sum dropped", of
            if isinstance(low, t.Number):
                yield "bound", replace(node, low=t.Number(_next(low.text)))
            if high is not None:
                yield "bound", replace(node, high=t.Sum((t.Term("+", high), t.Term("-", t.Number("1")))))
        case t.Chain(relations=relations):
            for i, relation in enumerate(relations):
                if relation in _TURNED:
                    turned = (*relations[:i], _TURNED[relation], *relations[i + 1 :])
                    yield "relation turned", replace(node, relations=turned)


def _of_product(factors, functions):
    arrays = [t.is_whole(factor.of) for factor in factors]
    for i, factor in enumerate(factors):
        before, after = factors[:i], factors[i + 1 :]
        argument = bool(before) and not factor.op and _is_function(before[-1].of, functions)
        if not argument and (before or after[0].op != "/"):
            yield "factor dropped", t.product(before + after)
        if factor.op == "/":
            yield "fraction turned", t.Product((*before, t.Factor("·", factor.of), *after))
        if arrays[i] and sum(arrays) > 1 and not isinstance(factor.of, t.Transpose):
            turned = t.Factor(factor.op, t.Transpose(factor.of))
            yield "transpose added", t.Product((*before, turned, *after))
        if i and arrays[i] and arrays[i - 1] and factor.op != "⊙":
            first, second = factors[i - 1], factor
            pair = (t.Factor(first.op, second.of), t.Factor(second.op, first.of))
            yield "order of a product", t.Product((*factors[: i - 1], *pair, *after))


def _other(sub, letters):
    """The next letter of the formula; for a number the next one."""
    if isinstance(sub, t.Number) and sub.text.isdigit():
        return t.Number(_next(sub.text))
    return letters[(letters.index(sub) + 1) % len(letters)] if sub in letters and len(letters) > 1 else None


def _next(text):
    """One more, in the last digit that is written."""
    decimals = len(text.partition(".")[2])
    return f"{float(text) + 10.0**-decimals:.{decimals}f}"
