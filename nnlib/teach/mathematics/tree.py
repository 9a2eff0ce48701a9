"""A formula as a tree.

A product stays a flat list: which of its factors are functions, matrices or numbers is known only where it is
evaluated. Nothing here knows LaTeX, numbers or the parser.
"""

from dataclasses import dataclass, fields, replace


class Node:
    """A part of a formula. Two are equal if they are written alike, spaces aside."""

    __slots__ = ()


def node(cls):
    return dataclass(frozen=True, slots=True)(cls)


# What has a value


@node
class Number(Node):
    text: str  # as it is written: 0.69 has two decimals


@node
class Name(Node):
    """W, W_{1,ij}, A^{(l)}_{ni}, f'', n_{in}, or words such as "relative error"."""

    base: str
    subs: tuple = ()
    level: Node | None = None
    primes: int = 0


@node
class Gradient(Node):
    """dV, which means ∂L/∂V everywhere."""

    of: Name


@node
class Derivative(Node):
    """∂of/∂by; without `of` it takes what follows it in the product."""

    of: Node | None
    by: Name


@node
class Entry(Node):
    """(AB)_{ij}"""

    of: Node
    subs: tuple


@node
class Term(Node):
    sign: str  # + - ±
    of: Node


@node
class Sum(Node):
    terms: tuple


@node
class Factor(Node):
    op: str  # "" side by side, · ⊙ /
    of: Node


@node
class Product(Node):
    factors: tuple


@node
class Fraction(Node):
    top: Node
    bottom: Node


@node
class Binomial(Node):
    top: Node
    bottom: Node


@node
class Power(Node):
    of: Node
    exponent: Node


@node
class Transpose(Node):
    of: Node


@node
class Prime(Node):
    """(u/v)'"""

    of: Node
    count: int


@node
class Root(Node):
    of: Node
    degree: Node


@node
class Mean(Node):
    """x̄: the mean over the samples."""

    of: Node


@node
class Group(Node):
    items: tuple
    kind: str  # ( [ | ‖ ⌈, and (, for a tuple of one


@node
class Big(Node):
    """Σ, Π, max or min over letters, from `low` to `high`, or over their whole range where `where` holds."""

    kind: str
    letters: tuple
    low: Node | None
    high: Node | None
    where: Node | None
    of: Node


@node
class Integral(Node):
    low: Node
    high: Node
    of: Node
    by: Name


@node
class Matrix(Node):
    rows: tuple


@node
class Case(Node):
    of: Node
    conditions: tuple  # none of them: otherwise


@node
class Cases(Node):
    rows: tuple


@node
class Dots(Node):
    """And so on, from the two before to the one behind."""


# What is claimed


@node
class Chain(Node):
    """a = b ≤ c: sides, and the relations between them."""

    sides: tuple
    relations: tuple = ()


@node
class ForAll(Node):
    of: Chain
    letter: Name


@node
class Section(Node):
    """Lists of statements with ⟹ or ⟺ between them."""

    listings: tuple
    arrows: tuple = ()


@node
class Display(Node):
    sections: tuple


# Walking through it


def parts(tree):
    """What a node holds: nodes, and tuples of them."""
    held = (getattr(tree, field.name) for field in fields(tree)) if isinstance(tree, Node) else ()
    return [part for part in held if isinstance(part, Node | tuple)]


def walk(tree, path=()):
    """Yield (path, node) for each node, the outer ones first; `put` takes such a path."""
    if isinstance(tree, Node):
        yield path, tree
        held = [(field.name, getattr(tree, field.name)) for field in fields(tree)]
    else:
        held = enumerate(tree)
    for key, part in held:
        if isinstance(part, Node | tuple):
            yield from walk(part, (*path, key))


def put(tree, path, new):
    """The tree with another node at this place."""
    if not path:
        return new
    key, *rest = path
    if isinstance(tree, tuple):
        return (*tree[:key], put(tree[key], rest, new), *tree[key + 1 :])
    return replace(tree, **{key: put(getattr(tree, key), rest, new)})


def product(factors):
    """The product of these factors; one alone is none."""
    factors = (Factor("", factors[0].of), *factors[1:])
    return factors[0].of if len(factors) == 1 else Product(factors)


def total(terms):
    """The sum of these terms; one alone with a plus is none."""
    return terms[0].of if len(terms) == 1 and terms[0].sign == "+" else Sum(tuple(terms))


def is_letter(tree):
    """Whether it is a single letter, as an index is."""
    return isinstance(tree, Name) and tree == Name(tree.base) and len(tree.base) == 1 and tree.base.isalpha()


def is_whole(tree):
    """Whether it is written like a whole matrix: X, W_1, dZ, A^{(l)}, a function of one."""
    if isinstance(tree, Gradient | Transpose):
        return is_whole(tree.of)
    named = isinstance(tree, Name) and tree.base[:1].isupper() and not tree.primes
    return named and not any(is_letter(sub) for sub in tree.subs)


def names(tree):
    """Yield each name in it, with those in subscripts."""
    return (part for _, part in walk(tree) if isinstance(part, Name))
