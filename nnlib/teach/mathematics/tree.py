"""A formula as a tree.

A product stays a flat list: which of its factors are functions, matrices or numbers is known only where it is
evaluated. Nothing here knows LaTeX, numbers or the parser.
"""

from dataclasses import field, fields, make_dataclass, replace


class Node:
    """A part of a formula. Two are equal if they are written alike, spaces aside."""

    __slots__ = ()


_HOME = {"__module__": __name__}


def node(name, required="", **optional):
    attributes = required.split() + [(key, object, field(default=value)) for key, value in optional.items()]
    return make_dataclass(name, attributes, bases=(Node,), frozen=True, slots=True, namespace=_HOME)


# What has a value
Number = node("Number", "text")  # as it is written: 0.69 has two decimals
Name = node("Name", "base", subs=(), level=None, primes=0)  # W_{1,ij}, A^{(l)}_{ni}, f'', n_{in}, words
Gradient = node("Gradient", "of")  # dV, which means ∂L/∂V everywhere
Derivative = node("Derivative", "of by")  # ∂of/∂by; where `of` is None, of what follows in the product
Entry = node("Entry", "of subs")  # (AB)_{ij}
Term = node("Term", "sign of")  # + - ±
Sum = node("Sum", "terms")
Factor = node("Factor", "op of")  # "" for side by side, · × ⊙ / and the * of Python
Product = node("Product", "factors")
Fraction = node("Fraction", "top bottom")
Binomial = node("Binomial", "top bottom")
Power = node("Power", "of exponent")
Transpose = node("Transpose", "of")
Prime = node("Prime", "of count")  # (u/v)'
Root = node("Root", "of degree")
Mean = node("Mean", "of")  # the mean over the samples, a line above
Group = node("Group", "items kind")  # ( [ | ‖ ⌈ and (, around a tuple of one
Big = node("Big", "kind letters low high where of")  # Σ, Π, max, min; `where` is a relation below it
Integral = node("Integral", "low high of by")
Matrix = node("Matrix", "rows")
Case = node("Case", "of conditions")  # none of them: otherwise
Cases = node("Cases", "rows")
Marked = node("Marked", "of")  # what is new in a line of a derivation
Dots = node("Dots")  # and so on, from the two before to the one behind

# What is claimed
Chain = node("Chain", "sides", relations=())  # a = b ≤ c
ForAll = node("ForAll", "of letter")
Section = node("Section", "listings", arrows=())  # lists of statements, with ⟹ or ⟺ between them
Display = node("Display", "sections")


def walk(tree, path=()):
    """Yield (path, node) for each node, the outer ones first; `put` takes such a path."""
    if isinstance(tree, Node):
        yield path, tree
        held = [(one.name, getattr(tree, one.name)) for one in fields(tree)]
    else:
        held = enumerate(tree)
    for key, part in held:
        if isinstance(part, Node | tuple):
            yield from walk(part, (*path, key))


def parts(tree):
    """The nodes and tuples that stand in a node or tuple, one level down."""
    held = tree if isinstance(tree, tuple) else [getattr(tree, one.name) for one in fields(tree)]
    return [part for part in held if isinstance(part, Node | tuple)]


def free(tree, letters, bound=()):
    """Those of these letters that are not bound by a sum, an integral or "for all", in order."""
    match tree:
        case Name(base, (), None, 0) if base in letters and base not in bound:
            return {base: None}
        case Big(letters=own):
            bound = (*bound, *(letter.base for letter in own))
        case ForAll(letter=letter) | Integral(by=letter):
            bound = (*bound, letter.base)
    return {letter: None for part in parts(tree) for letter in free(part, letters, bound)}


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
    return factors[0].of if len(factors) == 1 else Product((Factor("", factors[0].of), *factors[1:]))


def total(terms):
    """The sum of these terms; one alone with a plus is none."""
    return terms[0].of if len(terms) == 1 and terms[0].sign == "+" else Sum(tuple(terms))


def is_letter(tree):
    """Whether it is a single letter, as an index is."""
    return isinstance(tree, Name) and tree == Name(tree.base) and len(tree.base) == 1 and tree.base.isalpha()


def is_whole(tree):
    """Whether it is written like a whole matrix: X, W_1, dZ, A^{(l)}."""
    if isinstance(tree, Gradient | Transpose):
        return is_whole(tree.of)
    named = isinstance(tree, Name) and tree.base[:1].isupper() and not tree.primes
    return named and not any(is_letter(sub) for sub in tree.subs)
