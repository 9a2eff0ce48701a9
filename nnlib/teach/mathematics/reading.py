"""From text to tree: `read` for LaTeX, `read_typed` for what a reader writes himself."""

from functools import cache
from pathlib import Path

from nnlib.teach import _doors as door
from nnlib.teach.mathematics import tree as t
from nnlib.teach.mathematics.words import NotReadable, as_typed, cut

_CLOSING = {"_RPAR": ")", "_RBRACE": "}", "_RBRACK": "]", "_RABS": r"\rvert", "_RNORM": r"\rVert"}


def read(text):
    """Return the tree of a formula in LaTeX, a `Display`, or raise NotReadable."""
    return _read(door.text(text, "text"), typed=False)


def read_typed(text):
    """Return the tree of what a reader typed: Python, LaTeX or both."""
    return _read(as_typed(door.text(text, "text")), typed=True)


@cache
def _read(text, *, typed):
    return _tree(text, cut(text, typed))


def expression(display):
    """The one side of a display that has no other, or ValueError."""
    match display:
        case t.Display((t.Section(((t.Chain((one,)),),)),)):
            return one
    raise ValueError("one expression was expected, without a relation.")


def chains(display):
    """The chains of a display, in order: a = b = c."""
    door.kind(display, "display", t.Node, "what read returns")
    return [part for _, part in t.walk(display) if isinstance(part, t.Chain) and part.relations]


@cache
def _parser():
    from lark import Lark  # here, so that lark is loaded with the first formula and not with the package

    grammar = Path(__file__).with_name("grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="basic")


def _tree(text, words):
    from lark import Token, UnexpectedToken

    parser, position = _parser().parse_interactive(), 0
    try:
        for word in words:
            position = word.start
            parser.feed_token(Token(word.kind, word.value))
        position = len(text)
        parsed = parser.feed_eof()
    except UnexpectedToken:
        raise NotReadable(text, position, _expected(parser.accepts())) from None
    try:
        tree = _build(parsed)
        if any(isinstance(part, _Partial) for _, part in t.walk(tree)):
            raise _Misplaced(r"\partial above and below a fraction")
        return tree
    except _Misplaced as problem:
        raise NotReadable(text, 0, str(problem)) from None
    except RecursionError:
        raise NotReadable(text, 0, "fewer brackets inside each other") from None


def _expected(accepted):
    if "NUMBER" in accepted and "REL" not in accepted:
        return "a term: a number, a name or an opening bracket"
    closing = [bracket for kind, bracket in _CLOSING.items() if kind in accepted]
    ending = " or ".join(f"`{bracket}`" for bracket in closing) or "a relation or its end"
    return f"another term, {ending}" if "NUMBER" in accepted else ending


class _Misplaced(Exception):
    """What the grammar lets through, and no formula means."""


_Partial = t.node("_Partial", "of")  # ∂X, until its other half is found


def _build(parsed):
    """Return the node that a rule of the grammar stands for."""
    if not hasattr(parsed, "data"):
        return parsed
    parts = [_build(child) for child in parsed.children]
    return _BUILD[parsed.data](*parts)


def _sum(*parts):
    parts = parts if isinstance(parts[0], str) else ("+", *parts)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return t.total([t.Term(str(sign), _one(factors)) for sign, factors in pairs])


def _factors(first, *rest):
    """The factors of a product, as a list; _one makes a node of it."""
    match rest:
        case ():
            return [t.Factor("", first)]
        case (others,):
            return [t.Factor("", first), *others]
        case (operator, others):
            op = "/" if operator.type == "OVER" else str(operator)
            return [t.Factor("", first), t.Factor(op, others[0].of), *others[1:]]
        case (_, coefficient, others):
            below = [t.Factor("/", t.Number(str(coefficient))), t.Factor("/", others[0].of)]
            return [t.Factor("", first), *below, *others[1:]]


def _one(factors):
    """A product; what begins with a / b begins with a fraction, and ∂L / ∂A is a derivative."""
    while len(factors) > 1 and factors[1].op == "/":
        last = next((i for i, one in enumerate(factors[1:], 1) if one.op != "/"), len(factors))
        below = [t.Factor("", one.of) for one in factors[1:last]]
        factors = [t.Factor("", _fraction(_bare(factors[0].of), _bare(_one(below)))), *factors[last:]]
    return t.product(tuple(factors))


def _bare(tree):
    match tree:
        case t.Group((t.Chain((one,)),), "("):
            return one
    return tree


def _big(kind, *parts):
    *limits, factors = parts
    below, above = (dict(limits).get(key) for key in "_^")
    high = _alone(above) if above else None
    if kind == "int":
        if not isinstance(factors[-1].of, t.Gradient):
            raise _Misplaced("a letter to integrate over, at the end")
        return t.Integral(_alone(below), high, t.product(tuple(factors[:-1])), factors[-1].of.of)
    letters, low, where = [], None, None
    for statement in below or ():
        match statement:
            case t.Chain((one,)):
                letters += _indices(one)
            case t.Chain((t.Name() as letter, first), ("=",)):
                letters, low = [letter], first
            case t.Chain((t.Name() as letter, _)):
                letters, where = [letter], statement
    return t.Big(str(kind), tuple(letters), low, high, where, _one(factors))


def _statements(script):
    return script if isinstance(script, tuple) else (t.Chain((script,)),)


def _alone(statements):
    match statements:
        case (t.Chain((one,)),):
            return one
    raise _Misplaced("one expression in a superscript")


def _indices(one):
    """The indices that a subscript holds: ni are two, 11 are two, l-1 is one."""
    match one:
        case t.Product(factors):
            return [index for factor in factors for index in _indices(factor.of)]
        case t.Number(text) if text.isdigit():
            return [t.Number(digit) for digit in text]
    return [one]


def _sub(of, _, script):
    subs = tuple(index for statement in _statements(script) for index in _indices(_alone((statement,))))
    match of:
        case t.Name(base, before, level, primes):
            return t.Name(base, (*before, *subs), level, primes)
        case t.Gradient(name) | _Partial(name):
            return type(of)(_sub(name, _, script))
        case t.Group():
            return t.Entry(of, subs)
    raise _Misplaced("a name or a bracket in front of a subscript")


def _sup(of, _, script):
    exponent = _alone(_statements(script))
    match exponent:
        case t.Name("transposed"):
            return t.Transpose(of)
        case t.Name("*"):
            return t.Name(f"{of.base}_star", of.subs, of.level)
        case t.Product((t.Factor("", level), t.Factor("", t.Name("transposed")))):
            return t.Transpose(_sup(of, _, level))
        case t.Group((t.Chain((level,)),), "(") if of != t.Name("e"):
            return _at(of, level)
    return t.Power(of, exponent)


def _at(of, level):
    match of:
        case t.Name(base, subs, _, primes):
            return t.Name(base, subs, level, primes)
        case t.Gradient(name) | _Partial(name):
            return type(of)(_at(name, level))
    raise _Misplaced("a name in front of a layer")


def _prime(of, primes):
    if isinstance(of, t.Name):
        return t.Name(of.base, of.subs, of.level, len(primes))
    return t.Prime(of, len(primes))


def _fraction(top, bottom):
    match top, bottom:
        case (t.Gradient(of) | _Partial(of), t.Gradient(by) | _Partial(by)):
            return t.Derivative(of, by)
    return t.Fraction(top, bottom)


_BUILD = {
    "start": lambda *parts: t.Display(tuple(part for part in parts if isinstance(part, t.Section))),
    "section": lambda *parts: t.Section(parts[::2], tuple(map(str, parts[1::2]))),
    "listing": lambda *parts: parts[::2],
    "chain": lambda *parts: t.Chain(parts[::2], tuple(map(str, parts[1::2]))),
    "for_all": lambda chain, _, letter: t.ForAll(chain, letter),
    "expr": _sum,
    "product": _factors,
    "big": _big,
    "limit": lambda which, script: (str(which), _statements(script)),
    "sub": _sub,
    "sup": _sup,
    "prime": _prime,
    "number": lambda text: t.Number(str(text)),
    "name": lambda base: t.Name(str(base)),
    "dots": lambda _: t.Dots(),
    "transposed": lambda _: t.Name("transposed"),
    "gradient": lambda _, base: t.Gradient(t.Name(str(base))),
    "partial": lambda _, base: _Partial(t.Name(str(base))),
    "fraction": _fraction,
    "operator": lambda _, below: t.Derivative(None, below.of),
    "binomial": t.Binomial,
    "root": lambda *parts: t.Root(parts[-1], parts[0] if len(parts) == 2 else t.Number("2")),
    "mean": t.Mean,
    "underbrace": lambda of, *parts: _at(of, parts[0]) if len(parts) == 3 else of,
    "group": lambda _, items, *comma: t.Group(items, "(," if comma else "("),
    "bracket": lambda items: t.Group(items, "["),
    "absolute": lambda items: t.Group(items, "|"),
    "norm": lambda items: t.Group(items, "‖"),
    "ceiling": lambda items: t.Group(items, "⌈"),
    "matrix": lambda *rows: t.Matrix(rows),
    "row": lambda *entries: entries,
    "cases": lambda *rows: t.Cases(rows),
    "case": lambda of, *conditions: t.Case(of, conditions[::2]),
}
