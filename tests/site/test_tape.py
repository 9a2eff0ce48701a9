"""What Python has written down of a computation, and what it refuses."""

import doctest

import numpy as np
import pytest

from tools.book.living import tape as module
from tools.book.living.tape import Tape


def test_the_example():
    assert doctest.testmod(module) == (0, 3)


def replayed(written, numbers):
    words = {
        "+": np.add,
        "-": np.subtract,
        "*": np.multiply,
        "/": np.divide,
        "^": np.power,
        "max": np.maximum,
    }
    worth = list(numbers)

    def at(place):
        return written["constants"][-1 - place] if place < 0 else worth[place]

    for name, *places in written["operations"]:
        worth.append(words.get(name, getattr(np, name, None))(*map(at, places)))
    return [at(place) for place in written["outputs"]]


def computed(X, w):
    Z = X @ np.array([w, 2.0])
    return [
        *np.tanh(Z),
        np.exp(-w) / (1 + w),
        np.maximum(w, 1),
        w**2 - Z.mean(),
        np.std(Z),
        3.0,
        X[0, 0] * 1 + 0,
    ]


def test_operations_on_entries_are_those_on_numbers():
    tape, rng = Tape(), np.random.default_rng(0)
    written = tape.written(computed(tape.inputs((3, 2)), tape.inputs()))
    for _ in range(5):
        X, w = rng.normal(size=(3, 2)), rng.normal()
        assert np.allclose(replayed(written, [*X.flat, w]), computed(X, w), rtol=1e-12)


def test_nothing_is_written_twice_or_without_need():
    tape = Tape()
    x, y = tape.inputs((2,))
    assert (x * y).place == (x * y).place
    z = x / y
    assert len(tape.written([x * y])["operations"]) == 1
    assert tape.written([z])["outputs"] == [2] and tape.written([x])["operations"] == []


def test_what_a_list_of_operations_cannot_be_is_refused():
    tape = Tape()
    x = tape.inputs()
    for compare in (lambda: x < 1, lambda: x == x, lambda: bool(x), lambda: max(x, 0)):
        with pytest.raises(TypeError, match="no value; expected code that compares no numbers"):
            compare()
    with pytest.raises(TypeError, match="The tape has no arctan; expected one of add, "):
        np.arctan(x)
    assert (x + 1).place == 1
    with pytest.raises(ValueError, match="expected all inputs before them"):
        tape.inputs()
