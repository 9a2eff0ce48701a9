"""From text to tree: `read` for LaTeX, `read_typed` for what a reader writes himself."""

from functools import cache
from pathlib import Path

from nnlib.teach.mathematics import tree as t
from nnlib.teach.mathematics.words import NotReadable, cut

_CLOSING = {"_RPAR": ")", "_RBRACE": "}", "_RBRACK": "]", "_RABS": r"\rvert", "_RNORM": r"\rVert"}


@cache
def read(text):
    """Return the tree of a formula in LaTeX, a `Display`, or raise NotReadable."""
    return _tree(text, cut(text))


@cache
def read_typed(text):
    """Return the tree of what a reader typed: Python, LaTeX or both."""
    return _with_fractions(_tree(text, cut(text, typed=True)))


def expression(text):
    """Return the tree of a formula that is one side and nothing else."""
    return side(read(text))


def side(display):
    """The expression in a display that holds nothing else, or raise ValueError."""
    match display:
        case t.Display((t.Section(((t.Chain((one,)),),)),)):
            return one
    raise ValueError("one expression was expected, without a relation.")


@cache
def _parser():
    from lark import Lark  # here, so that lark is loaded with the first formula and not with the package

    grammar = Path(__file__).with_name("grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="basic")


def _tree(text, words):
    from lark import Token, UnexpectedToken

    parser = _parser().parse_interactive()
    try:
        for word in words:
            place = word
            parser.feed_token(Token(word.kind, word.value))
        place = None
        parsed = parser.feed_eof()
    except UnexpectedToken:
        position = place.start if place else len(text)
        raise NotReadable(text, position, _expected(parser.accepts())) from None
    try:
        return _build(parsed)
    except _Misplaced as problem:
        raise NotReadable(text, 0, str(problem)) from None


def _with_fractions(tree):
    """The tree with 1/N at the beginning of a product as a fraction, which can be typeset."""
    for path, node in t.walk(tree):
        match node:
            case t.Product((top, t.Factor("/"), *_) as factors):
                last = next((i for i, one in enumerate(factors[1:], 1) if one.op != "/"), len(factors))
                bottom = t.product(tuple(t.Factor("", one.of) for one in factors[1:last]))
                fraction = t.Factor("", t.Fraction(_bare(top.of), _bare(bottom)))
                return _with_fractions(t.put(tree, path, t.product((fraction, *factors[last:]))))
    return tree


def _bare(tree):
    match tree:
        case t.Group((t.Chain((one,)),), "("):
            return one
    return tree


def _expected(accepted):
    if "NUMBER" in accepted and "SUP" not in accepted:
        return "a term: a number, a name or an opening bracket"
    closing = [bracket for kind, bracket in _CLOSING.items() if kind in accepted]
    ending = " or ".join(f"`{bracket}`" for bracket in closing) or "a relation or its end"
    return f"another term, {ending}" if "SUP" in accepted else ending


class _Misplaced(Exception):
    """What the grammar lets through, and no formula means."""


def _build(parsed):
    if not hasattr(parsed, "data"):
        return parsed
    return getattr(_Builder, parsed.data)(*[_build(child) for child in parsed.children])


@t.node
class _Partial(t.Node):
    """∂X, until its other half is found."""

    of: t.Name


class _Builder:
    """For each rule of the grammar, the node it stands for."""

    def start(*parts):
        return t.Display(tuple(part for part in parts if isinstance(part, t.Section)))

    def section(*parts):
        return t.Section(parts[::2], tuple(str(arrow) for arrow in parts[1::2]))

    def listing(*parts):
        return parts[::2]

    def chain(*parts):
        return t.Chain(parts[::2], tuple(str(relation) for relation in parts[1::2]))

    def for_all(chain, _, letter):
        return t.ForAll(chain, letter)

    def expr(*parts):
        parts = parts if isinstance(parts[0], str) else ("+", *parts)
        pairs = zip(parts[::2], parts[1::2], strict=True)
        terms = [t.Term(str(sign), _Builder._one(factors)) for sign, factors in pairs]
        return t.total(terms)

    def product(*parts):
        match parts:
            case (factor,):
                return [t.Factor("", factor)]
            case (factor, rest):
                return [t.Factor("", factor), *rest]
            case (factor, operator, rest):
                op = "/" if operator.type == "OVER" else str(operator)
                return [t.Factor("", factor), t.Factor(op, rest[0].of), *rest[1:]]
            case (factor, _, coefficient, rest):
                divisors = [t.Factor("/", t.Number(str(coefficient))), t.Factor("/", rest[0].of)]
                return [t.Factor("", factor), *divisors, *rest[1:]]

    def _one(factors):
        """A product; ∂L / ∂A within it is a derivative."""
        for i in range(1, len(factors)):
            match factors[i - 1 : i + 1]:
                case [t.Factor(op, _Partial(of)), t.Factor("/", _Partial(by))]:
                    return _Builder._one(
                        [*factors[: i - 1], t.Factor(op, t.Derivative(of, by)), *factors[i + 1 :]]
                    )
        if any(isinstance(factor.of, _Partial) for factor in factors) and len(factors) > 1:
            raise _Misplaced(r"\partial above and below a fraction")
        return t.product(tuple(factors))

    def big(kind, *parts):
        *limits, factors = parts
        limits = dict(limits)
        if kind == "int":
            return _Builder._integral(limits, factors)
        of = _Builder._one(factors)
        high = _Builder._expression(limits["^"]) if "^" in limits else None
        letters, low, where = [], None, None
        for statement in limits.get("_", ()):
            match statement:
                case t.Chain((one,)):
                    letters += _Builder._flat(one)
                case t.Chain((t.Name() as letter, first), ("=",)):
                    letters, low = [letter], first
                case t.Chain((t.Name() as letter, _), _):
                    letters, where = [letter], statement
                case _:
                    raise _Misplaced("a letter below the sign")
        return t.Big(str(kind), tuple(letters), low, high, where, of)

    def _integral(limits, factors):
        if not isinstance(factors[-1].of, t.Gradient):
            raise _Misplaced("a letter to integrate over, at the end")
        of = t.product(tuple(factors[:-1]))
        low, high = (_Builder._expression(limits[key]) for key in "_^")
        return t.Integral(low, high, of, factors[-1].of.of)

    def limit(which, script):
        return str(which), _Builder._script(script)

    # Scripts

    def _script(script):
        return script if isinstance(script, tuple) else (t.Chain((script,)),)

    def _expression(statements):
        match statements:
            case (t.Chain((one,)),):
                return one
        raise _Misplaced("one expression in a superscript")

    def _flat(one):
        """The indices that a subscript holds: ni are two, 11 are two, l-1 is one."""
        match one:
            case t.Product(factors):
                return [index for factor in factors for index in _Builder._flat(factor.of)]
            case t.Number(text) if text.isdigit():
                return [t.Number(digit) for digit in text]
        return [one]

    def sub(of, _, script):
        indices = []
        for statement in _Builder._script(script):
            indices += _Builder._flat(_Builder._expression((statement,)))
        match of:
            case t.Name(base, subs, level, primes):
                return t.Name(base, (*subs, *indices), level, primes)
            case t.Gradient(name) | _Partial(name):
                return type(of)(_Builder.sub(name, _, script))
            case t.Group():
                return t.Entry(of, tuple(indices))
        raise _Misplaced("a name or a bracket in front of a subscript")

    def sup(of, _, script):
        exponent = _Builder._expression(_Builder._script(script))
        match exponent:
            case t.Name("transposed"):
                return t.Transpose(of)
            case t.Name("*"):
                return t.Name(f"{of.base}_star", of.subs, of.level)
            case t.Product(
                (t.Factor("", t.Group((t.Chain((level,)),), "(")), t.Factor("", t.Name("transposed")))
            ):
                return t.Transpose(_Builder._at(of, level))
            case t.Group((t.Chain((level,)),), "(") if _Builder._may_have_level(of):
                return _Builder._at(of, level)
        return t.Power(of, exponent)

    def _may_have_level(of):
        return isinstance(of, t.Gradient | _Partial) or isinstance(of, t.Name) and of.base != "e"

    def _at(of, level):
        if isinstance(of, t.Gradient | _Partial):
            return type(of)(_Builder._at(of.of, level))
        return t.Name(of.base, of.subs, level, of.primes)

    def prime(of, primes):
        if isinstance(of, t.Name):
            return t.Name(of.base, of.subs, of.level, len(primes))
        return t.Prime(of, len(primes))

    # Atoms

    def number(text):
        return t.Number(str(text))

    def name(base):
        return t.Name(str(base))

    words = sign = name

    def dots(_):
        return t.Dots()

    def transposed(_):
        return t.Name("transposed")

    def gradient(_, base):
        return t.Gradient(t.Name(str(base)))

    def partial(_, base):
        return _Partial(t.Name(str(base)))

    def fraction(top, bottom):
        match top, bottom:
            case (t.Gradient(of) | _Partial(of), t.Gradient(by) | _Partial(by)):
                return t.Derivative(of, by)
        return t.Fraction(top, bottom)

    def operator(_, bottom):
        if not isinstance(bottom, t.Gradient | _Partial):
            raise _Misplaced("a letter to differentiate by")
        return t.Derivative(None, bottom.of)

    binomial = t.Binomial

    def root(*parts):
        of = parts[-1]
        if isinstance(of, str):
            of = (t.Number if of.type == "NUMBER" else t.Name)(str(of))
        return t.Root(of, parts[0] if len(parts) == 2 else t.Number("2"))

    mean = t.Mean

    def underbrace(of, *parts):
        return _Builder._at(of, parts[0]) if len(parts) == 3 else of

    def group(_, items, *comma):
        return t.Group(items, "(," if comma else "(")

    def bracket(items):
        return t.Group(items, "[")

    def absolute(of):
        return t.Group((t.Chain((of,)),), "|")

    def norm(of):
        return t.Group((t.Chain((of,)),), "‖")

    def ceiling(of):
        return t.Group((t.Chain((of,)),), "⌈")

    def matrix(*rows):
        return t.Matrix(rows)

    def row(*entries):
        return entries

    def cases(*rows):
        return t.Cases(rows)

    def case(of, *conditions):
        return t.Case(of, conditions[::2])
