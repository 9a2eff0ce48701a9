"""Numbers for the letters of a formula: some given, the others computed from them, as a chapter defines."""

import copy
import inspect
from functools import cache
from itertools import product

import numpy as np

from nnlib.teach import _doors as door
from nnlib.teach.mathematics.functions import difference


class Unknown(LookupError):
    """The world has no such name."""


@cache
def _parameters(function):
    return tuple(inspect.signature(function).parameters)


class World:
    """What each name means, so that a formula can be evaluated.

    Parameters
    ----------
    indices : dict
        For each letter that counts, how many values it has, by name, or the values themselves.
    given : dict
        For each name its value: a number, an array, a function, a dict {level: array}, or a string: names of
        sizes, for a random array of this shape ("N n_in"; "" for a number).
    define : dict
        For each name a function whose parameters are called like the names that it needs. A parameter that
        is a letter of `indices` makes it a family: A^{(l)}, v_t.
    arguments : dict
        Quantities that are also written as functions: {"L": [("w", "b"), ("theta",)]} for L(w, b) and L(θ).
    outcomes : function
        Like those in `define`; it returns all outcomes of chance, pairs (probability, {name: value}), through
        which E, Var and P go.
    first : int, default 1
        What letters and the places in arrays count from; 0 where a chapter counts as code does.
    rng : numpy.random.Generator
        Where random arrays come from: no entry is near zero or near another one's size.
    """

    def __init__(self, rng=None, *, indices=(), given=(), define=(), arguments=(), outcomes=None, first=1):
        if rng is not None:
            door.kind(rng, "rng", np.random.Generator, "a generator: numpy.random.default_rng(0)")
        told = {"indices": indices, "given": given, "define": define, "arguments": arguments}
        for name, value in told.items():
            if type(value) is not dict and not (type(value) is tuple and not value):
                raise TypeError(f"{name} is {door.told(value)}; expected a dict.")
        functions = {**dict(define), **({} if outcomes is None else {"outcomes": outcomes})}
        for name, value in functions.items():
            door.function(value, door.told(name), "what it needs")
        self.rng, self.indices, self.define = rng, dict(indices), dict(define)
        self.arguments, self.outcomes = dict(arguments), outcomes
        self.first = door.whole(first, "first", 0, 1)
        self._fresh()
        self.given = {}
        for name, value in dict(given).items():
            self.given[name] = self._drawn(value) if isinstance(value, str) else value

    def _fresh(self):
        self._known, self._moved = {}, {}

    def _drawn(self, sizes):
        if self.rng is None:
            raise TypeError("rng is None; expected a generator, for the random arrays of given.")
        known = [name for name, value in self.given.items() if isinstance(value, (int, np.integer))]
        if unknown := [size for size in sizes.split() if size not in known]:
            raise ValueError(f"given has no size {door.told(unknown[0])}; expected it before what has it.")
        shape = [self.given[size] for size in sizes.split()]
        return self.rng.uniform(0.4, 1.6, shape) * self.rng.choice([-1.0, 1.0], shape)

    def __contains__(self, name):
        return name in self.given or name in self.define

    def letters(self, name):
        """The indices that a family takes; none if it is no family."""
        if isinstance(self.given.get(name), dict):
            return ("level",)
        if name in self.given or name not in self.define:
            return ()
        return tuple(one for one in _parameters(self.define[name]) if one in self.indices)

    def family(self, base):
        """The name under which base_{letter} is known, if it is: "g_t" for "g"."""
        return next((f"{base}_{letter}" for letter in self.indices if f"{base}_{letter}" in self), base)

    def values(self, letter):
        """What the letter counts through."""
        if letter not in self.indices:
            raise Unknown(letter)
        counted = self.indices[letter]
        if not isinstance(counted, str):
            return counted
        return range(self.first, self.first + int(self.value(counted)))

    def value(self, name, *index):
        """The value of a name, or of the member of a family at this index."""
        key = (name, *index)
        if key not in self._known:
            self._known[key] = self._computed(name, index)
        return self._known[key]

    def _computed(self, name, index):
        if name in self.given:
            value = self.given[name]
            if isinstance(value, dict):
                return value[index[0]] if index else lambda level: self.value(name, level)
            return value
        if name in self.define:
            letters = self.letters(name)
            if letters and not index:
                return lambda *index: self.value(name, *index)
            return self.call(self.define[name], dict(zip(letters, index, strict=True)))
        if self.outcomes and name in (one := self.worlds()[0][1]).given:
            return one.value(name)
        raise Unknown(name)

    def call(self, function, known=()):
        """The function of the values that its parameters are called by."""
        known = dict(known)
        return function(*[known[one] if one in known else self.value(one) for one in _parameters(function)])

    def where(self, changes):
        """The world in which some names, or (name, level), have other values, and all else follows."""
        other = copy.copy(self)
        other._fresh()
        other.given = dict(self.given)
        for name, value in changes.items():
            (other.given if isinstance(name, str) else other._known)[name] = value
        return other

    def moved(self, name, entry, step):
        """The world in which one entry of a name, (name, *index), is larger by `step`."""
        key = (name, entry, step)
        if key not in self._moved:
            value = np.array(self.value(*name), float)
            value[entry] += step
            value = value if value.ndim else float(value)
            self._moved[key] = self.where({name if len(name) > 1 else name[0]: value})
        return self._moved[key]

    def slope(self, of, name, entry):
        """∂of/∂name for one entry of `name`: it is moved, and all that is computed from it follows.

        Both are (name, *index); the result has the shape of `of`.
        """
        key = ("slope", of, name, entry)
        if key not in self._moved:
            self._moved[key] = difference(lambda step: self.moved(name, entry, step).value(*of))
        return self._moved[key]

    def worlds(self):
        """All outcomes of chance: pairs (probability, world)."""
        if self.outcomes is None:
            raise Unknown("chance")
        if "outcomes" not in self._moved:
            pairs = self.call(self.outcomes)
            self._moved["outcomes"] = [(weight, self.where(values)) for weight, values in pairs]
        return self._moved["outcomes"]

    def assignments(self, letters, distinct=""):
        """Yield {letter: value} for all values of these letters; those in `distinct` differ."""
        for values in product(*map(self.values, letters)):
            chosen = dict(zip(letters, values, strict=True))
            apart = [chosen[letter] for letter in distinct if letter in chosen]
            if len(set(apart)) == len(apart):
                yield chosen
