"""What Python computes with a few numbers, written down operation by operation, to be done again in the page.

A panel's own code is called with entries of a tape in place of numbers. Each operation on them makes a new
entry, as in chapter 13. `docs/living/tape.js` goes through the same operations, in the same order, with the
numbers that a reader has typed: so there is no formula that stands twice.

    >>> tape = Tape()
    >>> x, y = tape.inputs((2,))
    >>> tape.written([x * y + 1])
    {'inputs': 2, 'constants': [1.0], 'operations': [['*', 0, 1], ['+', 2, -1]], 'outputs': [3]}

An operand below zero is a constant: -1 the first. What depends on a comparison is no list of operations, and
an entry refuses to be compared.
"""

import numpy as np

__all__ = ["Entry", "Tape"]

_BINARY = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "^", "maximum": "max"}
_UNARY = ("negative", "exp", "log", "log1p", "sqrt", "tanh")
_OPERATIONS = _BINARY | {name: name for name in _UNARY}
_IDLE = {("+", 0.0), ("-", 0.0), ("*", 1.0), ("/", 1.0), ("^", 1.0)}  # with this on the right


def _is_idle(sign, operand):
    return not isinstance(operand, Entry) and (sign, float(operand)) in _IDLE


class Entry:
    """A number of a tape: it knows its place there, and no value."""

    __slots__ = ("place", "tape")

    def __init__(self, tape, place):
        self.tape, self.place = tape, place

    def __array_ufunc__(self, ufunc, method, *operands, **options):
        if method == "reduce":  # the sum of one number
            return self
        if method != "__call__" or options:
            return NotImplemented
        if any(
            np.ndim(one) for one in operands
        ):  # NumPy goes through the array, and comes back for each entry
            return ufunc(*[np.array(one, object) for one in operands])
        operands = [one.item() if isinstance(one, np.ndarray) else one for one in operands]
        return self.tape.append(ufunc.__name__, *operands)

    def __bool__(self):
        raise TypeError("An entry of a tape has no value; expected code that compares no numbers.")

    def __eq__(self, other):
        raise TypeError("An entry of a tape has no value; expected code that compares no numbers.")

    __hash__ = None
    __lt__ = __le__ = __gt__ = __ge__ = __eq__

    def conjugate(self):
        return self


def _operator(name, turned):
    def operate(self, other):
        if isinstance(other, np.ndarray):
            return NotImplemented  # NumPy goes through it
        return self.tape.append(name, *((other, self) if turned else (self, other)))

    return operate


for _name, _word in (("add", "add"), ("subtract", "sub"), ("multiply", "mul"), ("divide", "truediv"),
                     ("power", "pow")):  # fmt: skip
    setattr(Entry, f"__{_word}__", _operator(_name, False))
    setattr(Entry, f"__r{_word}__", _operator(_name, True))
for _name in _UNARY:  # NumPy asks the entries of an array of objects for a method of this name
    setattr(Entry, _name, lambda self, name=_name: self.tape.append(name, self))
Entry.__neg__ = Entry.negative


class Tape:
    """Operations in their order; one that was done before is not done again."""

    def __init__(self):
        self._length, self._inputs = 0, 0
        self._operations, self._constants, self._known = {}, {}, {}

    def inputs(self, shape=()):
        """Return new numbers to begin with: an Entry, or an array of them."""
        if self._operations:
            raise ValueError("The tape has operations already; expected all inputs before them.")
        made = [Entry(self, self._inputs + k) for k in range(int(np.prod(shape)))]
        self._inputs = self._length = self._inputs + len(made)
        return np.reshape(np.array(made, object), shape) if shape else made[0]

    def append(self, name, *operands):
        """Write an operation down, NumPy's word for it, and return its result.

        Raises
        ------
        TypeError
            If the page has no such operation.
        """
        if name not in _OPERATIONS:
            raise TypeError(f"The tape has no {name}; expected one of {', '.join(_OPERATIONS)}.")
        sign = _OPERATIONS[name]
        if len(operands) == 2:
            left, right = operands
            if _is_idle(sign, right):
                return left
            if sign in "+*" and _is_idle(sign, left):
                return right
        key = (sign, *map(self.place, operands))
        if key not in self._known:
            self._known[key] = Entry(self, self._length)
            self._operations[self._length] = key
            self._length += 1
        return self._known[key]

    def place(self, value):
        """Return where a value stands: an Entry, or a constant, which gets a place where it has none."""
        if isinstance(value, Entry):
            return value.place
        value = float(value)
        return self._constants.setdefault(repr(value), (-1 - len(self._constants), value))[0]

    def written(self, outputs):
        """Return what the page needs for these values: no operation that none of them rests on."""
        ends = [self.place(one) for one in outputs]
        needed, left = set(), [place for place in ends if place >= self._inputs]
        while left:
            place = left.pop()
            if place not in needed:
                needed.add(place)
                left += [one for one in self._operations[place][1:] if one >= self._inputs]
        new = {place: place for place in range(self._inputs)}
        new |= {place: self._inputs + k for k, place in enumerate(sorted(needed))}
        new |= {place: place for place, _ in self._constants.values()}
        operations = [self._operations[place] for place in sorted(needed)]
        return {
            "inputs": self._inputs,
            "constants": [value for _, value in self._constants.values()],
            "operations": [[name, *(new[one] for one in places)] for name, *places in operations],
            "outputs": [new[place] for place in ends],
        }
