"""What is new in a line of a derivation, beside the line before it."""

from dataclasses import fields
from difflib import SequenceMatcher

from nnlib.teach import _doors as door
from nnlib.teach.mathematics import tree as t


def marked(old, new):
    r"""Return the tree `new` with each part that the tree `old` has not got in a `Marked`.

    Examples
    --------
    >>> from nnlib.teach.mathematics import expression, latex, read
    >>> old, new = (expression(read(text)) for text in (r"\sum_k a_k b_k", r"\sum_k a_k c_k"))
    >>> print(latex(marked(old, new)))
    \sum_k a_{k} \class{mjx-nnlib-new}{c_{k}}
    """
    for name, tree in (("old", old), ("new", new)):
        door.kind(tree, name, t.Node, "an expression, as read returns it")
    return _marked(old, new)


def _marked(old, new):
    if old == new:
        return new
    match old, new:
        case (t.Product(before), t.Product(after)):
            return t.Product(_aligned(before, after))
        case (t.Sum(before), t.Sum(after)):
            return t.Sum(_aligned(before, after))
        case (t.Big(of=inner), t.Big()) if _head(old) == _head(new):
            return t.Big(new.kind, new.letters, new.low, new.high, new.where, _marked(inner, new.of))
        case (t.Big(of=inner), _) if not isinstance(new, t.Big) or _is_inside(inner, new):  # a sum is gone
            return _marked(inner, new)
        case (t.Product(before), _) if new in [factor.of for factor in before]:  # other factors are gone
            return new
        case (t.Factor(), t.Factor(op)):
            return t.Factor(op, _marked(old.of, new.of))
        case (t.Term(before), t.Term(after)) if before == after:
            return t.Term(after, _marked(old.of, new.of))
        case (t.Group(before, kind), t.Group(after)) if kind == new.kind and len(before) == len(after) == 1:
            return t.Group((_marked(before[0], after[0]),), kind)
        case (t.Chain((one,)), t.Chain((other,))):
            return t.Chain((_marked(one, other),))
        case (t.Fraction(), t.Fraction()) | (t.Power(), t.Power()) | (t.Derivative(), t.Derivative()):
            pairs = [(getattr(old, one.name), getattr(new, one.name)) for one in fields(new)]
            if None not in pairs[0]:
                return type(new)(*[_marked(*pair) for pair in pairs])
    if isinstance(new, t.Factor | t.Term):
        return type(new)(new.op if isinstance(new, t.Factor) else new.sign, t.Marked(new.of))
    return t.Marked(new)


def _is_inside(old, new):
    return isinstance(old, t.Big) and _head(old) == _head(new)


def _head(big):
    return big.kind, big.letters, big.low, big.high, big.where


def _aligned(old, new):
    """The factors or terms; what has changed one for one is looked into."""
    parts = []
    for tag, i, j, k, m in SequenceMatcher(
        None, [one.of for one in old], [one.of for one in new]
    ).get_opcodes():
        if tag == "replace" and j - i == m - k:
            parts += [_marked(a, b) for a, b in zip(old[i:j], new[k:m], strict=True)]
        elif tag == "equal":
            parts += new[k:m]
        else:
            parts += [_marked(None, one) for one in new[k:m]]
    return tuple(_joined(parts))


def _joined(parts):
    """Yield the parts; new factors side by side have one mark, for f and its (x) are one."""
    left = list(parts)
    while left:
        part = left.pop(0)
        together = [part] if isinstance(part.of, t.Marked) and isinstance(part, t.Factor) else []
        while together and left and not left[0].op and isinstance(left[0].of, t.Marked):
            together.append(left.pop(0))
        if len(together) > 1:
            inner = t.product(tuple(t.Factor(one.op, one.of.of) for one in together))
            part = t.Factor(part.op, t.Marked(inner))
        yield part
