"""What dots stand for: the step from one item to the next is read off, and repeated up to the last."""

from nnlib.teach.mathematics import tree as t

LONGEST = 50


def filled(items, value):
    """Return the items without dots among them; `value` evaluates what stands in indices and exponents.

    Items are expressions, terms of a sum, or rows of a matrix, which are tuples of expressions.
    """
    if isinstance(items[0], tuple):
        if not any(isinstance(one, t.Dots) for row in items for one in row):
            return items
        rows = [row if isinstance(row[0], t.Dots) else filled(row, value) for row in items]
        columns = [[row[min(i, len(row) - 1)] for row in rows] for i in range(len(rows[0]))]
        return list(zip(*(filled(column, value) for column in columns), strict=True))
    if isinstance(items[0], t.Term):
        inner = [term.of for term in items]
        full = filled(inner, value)
        if full is inner:
            return items
        if len({term.sign for term in items}) > 1:
            raise ValueError("the signs beside the dots are not all the same.")
        return [t.Term(items[0].sign, of) for of in full]
    gap = next((i for i, item in enumerate(items) if isinstance(item, t.Dots)), None)
    if gap is None:
        return items
    *before, current = [_pinned(item, value) for item in items[:gap]]
    value(items[gap + 1])  # raises Unknown where its indices are
    last = _pinned(items[gap + 1], value)
    steps = _steps(before[-1], current)
    while current != last:
        before.append(current)
        current = _stepped(current, steps)
        if len(before) > LONGEST:
            raise ValueError("the dots never reach the last item.")
    return [*before, last]


def _pinned(tree, value):
    """The tree with numbers for all indices and exponents, so that two items differ in numbers only."""
    match tree:
        case t.Sum(terms):
            pinned = [t.Term(term.sign, _pinned(term.of, value)) for term in terms]
            return t.Sum(tuple(filled(pinned, value)))
        case t.Product(factors):
            return t.Product(tuple(t.Factor(one.op, _raised(_pinned(one.of, value))) for one in factors))
        case t.Power(of, exponent):
            return t.Power(_pinned(of, value), _worth(exponent, value))
        case t.Gradient(of):
            return t.Gradient(_pinned(of, value))
        case t.Name(base, subs, level, primes):
            return t.Name(base, tuple(_worth(sub, value) for sub in subs), level, primes)
    return tree


def _raised(tree):
    return tree if isinstance(tree, t.Power | t.Number) else t.Power(tree, t.Number("1"))


def _worth(tree, value):
    try:
        return t.Number(str(int(value(tree))))
    except (LookupError, ValueError):
        return tree  # a word, as in n_in


def _steps(a, b):
    """Return [(path, by how much the number there grows)] from one item to the next."""
    steps = []
    for (path, one), (_, two) in zip(t.walk(a), t.walk(b), strict=True):
        if isinstance(one, t.Number) and isinstance(two, t.Number):
            steps.append((path, int(two.text) - int(one.text)))
        elif type(one) is not type(two):
            raise ValueError("the items beside the dots are not alike.")
    return [(path, step) for path, step in steps if step]


def _stepped(tree, steps):
    for path, step in steps:
        place = tree
        for key in path:
            place = place[key] if isinstance(key, int) else getattr(place, key)
        tree = t.put(tree, path, t.Number(str(int(place.text) + step)))
    return tree
