"""Which value a name means: W_{1,ij} is an entry of W_1, v_t a member of a family, n_{in} a word."""

import numpy as np

from nnlib.teach.mathematics import tree as t
from nnlib.teach.mathematics.functions import Function, Misfit
from nnlib.teach.mathematics.world import Unknown


def resolve(name, world, scope, worth):
    """Return (name in the world, index into a family, entry of the array); `worth` evaluates a subscript.

    An entry counts from 1, whatever the world counts from.
    """
    base, subs = name.base + "'" * name.primes, name.subs
    labels = [scope.get("±") if sub == t.Name("±") else _label(sub) for sub in subs]
    other = base in world and subs and t.is_letter(subs[0]) and subs[0].base in world.indices
    key, taken = world.family(base) if subs and not other else base, 0
    for count in range(len(subs), 0, -1):
        longer = f"{base}_{''.join(labels[:count])}" if None not in labels[:count] else None
        if longer in world:
            # The letter in g_t is no word but an index.
            key, taken = longer, 0 if longer == world.family(base) else count
            break
    index = () if name.level is None else (whole(worth(name.level)),)
    rest = [_position(worth(sub)) for sub in subs[taken:]]
    missing = max(len(world.letters(key)) - len(index), 0)
    at = rest[missing:]
    return key, (*index, *rest[:missing]), tuple(at) if world.first else tuple(one + 1 for one in at)


def _label(sub):
    """How a subscript is called within a name: 1, max, +; None where it has to be computed."""
    match sub:
        case t.Number(text) | t.Name(text, ()):
            return text


def whole(value):
    """The value as an index."""
    if np.ndim(value) or isinstance(value, Function) or not np.isfinite(value) or value != int(value):
        raise Misfit(f"{value} is no index.")
    return int(value)


def _position(value):
    return value if isinstance(value, frozenset) else whole(value)


def entry(value, at, name):
    """The entry of an array; formulas count from 1, and the entries of a column have one index."""
    return value[places(value, at, name)] if at else value


def places(value, at, name):
    """The indices as Python counts them, or Misfit."""
    shape = np.shape(value)
    if at and not shape:
        raise Unknown(f"{name} with an index")
    if len(at) == 1 and shape[1:] == (1,):
        at = (*at, 1)
    if len(at) > len(shape):
        raise Misfit(f"{name} has {len(shape)} indices, not {len(at)}.")
    for one, size in zip(at, shape, strict=False):
        if not 1 <= one <= size:
            raise Misfit(f"index {one} of {name} is outside 1 to {size}.")
    return tuple(one - 1 for one in at)
