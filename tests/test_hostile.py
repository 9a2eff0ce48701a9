"""Answers that nobody would give in good faith: a verdict every time, in bounded time, and never "Right"."""

import collections
import decimal
import fractions
import functools
import io
import itertools
import sys
import types

import numpy as np
import pytest

from nnlib import Dense, Network
from nnlib.teach import checks
from nnlib.teach.checks.engine import Exercise, Sheet, running
from nnlib.teach.checks.engine.verdict import UNREADABLE, Verdict


def raising(name, error=ZeroDivisionError):
    """Return an object one of whose methods raises."""

    def method(self, *arguments, **options):
        raise error

    return type("Raising", (), {name: method, "__hash__": None if name == "__eq__" else object.__hash__})()


def looping(name):
    """Return an object one of whose methods never ends."""

    def method(self, *arguments, **options):
        while True:
            pass

    return type("Looping", (), {name: method})()


def deep(n):
    nested = []
    for _ in range(n):
        nested = [nested]
    return nested


def itself():
    ring = []
    ring.append(ring)
    return ring


def forever():
    while True:
        pass


class Liar(list):
    def __len__(self):
        return 10**9

    def __iter__(self):
        return itertools.count()


METHODS = """
    __eq__ __ne__ __lt__ __bool__ __len__ __iter__ __getitem__ __array__ __float__ __int__ __index__
    __repr__ __str__ __format__ __getattr__ __add__ __mul__ __call__ __contains__ __abs__ __neg__
""".split()
huge = np.broadcast_to(0.0, (10**6, 10**6))
VALUES = {
    **{
        repr(v): v
        for v in (True, False, 0, 1, -1, 7, 2**70, 0.0, -0.0, 0.5, 1e308, 5e-324, 1j, "", "abc", b"", b"abc")
    },
    **{
        repr(v): v
        for v in ((), [], {}, set(), frozenset(), [1], (1,), [1, 2, 3], (1, 2), [[1]], [None], (None, None))
    },
    **{
        f"nan {k}": v
        for k, v in enumerate((np.nan, -np.inf, np.float32("nan"), [np.nan], np.full(3, np.nan)))
    },
    **{
        f"number {k}": v
        for k, v in enumerate((decimal.Decimal(1), fractions.Fraction(1, 3), np.int8(-128), 10**400))
    },
    **{f"range {n}": range(n) for n in (0, 3, 10**9)},
    **{
        f"array {a.dtype} {a.shape}": a
        for a in map(np.zeros, [(), 0, 1, 3, (0, 3), (3, 0), (1, 1), (2, 3, 4), (1,) * 32])
    },
    **{
        f"array {kind}": np.zeros(3, kind)
        for kind in ("O", "U3", "S3", "M8[s]", "m8[s]", "c16", "i1", "?", "f2", "i4,f8")
    },
    "a ragged list": [[1, 2], [3]],
    "an array of arrays": np.array([np.zeros(2), np.zeros(3), None], dtype=object),
    "a masked array": np.ma.masked_array([1.0, 2.0], [True, False]),
    "a matrix": np.ones((2, 2)).view(type("Sub", (np.ndarray,), {"__array_ufunc__": None})),
    "a terabyte": huge,
    "a terabyte of whole numbers": np.broadcast_to(0, (10**6, 10**6)),
    "a deep list": deep(500),
    "a list in itself": itself(),
    "a list that lies": Liar([1, 2]),
    "a long text": "x" * 10**6,
    "tags": "<script>alert(1)</script>",
    "a generator": (n for n in range(3)),
    "a generator without end": itertools.count(),
    "a map": map(str, range(3)),
    "a dict of arrays": {"W": np.zeros(3), 1: 2},
    "a dict without end": collections.defaultdict(int),
    "a counter": collections.Counter("abc"),
    "a deque": collections.deque([1, 2]),
    "a namespace": types.SimpleNamespace(shape=(3,), dtype="float64"),
    "a module": np,
    "a class": Network,
    "a generator of numbers": np.random.default_rng(0),
    "a layer": Dense(2, 3, rng=np.random.default_rng(0)),
    "a network": Network(Dense(2, 3, rng=np.random.default_rng(0))),
    "a verdict": Verdict(True, "Right."),
    "a file": io.BytesIO(b"x"),
    "a slice": slice(3),
    "an exception": ValueError("x"),
    "NotImplemented": NotImplemented,
    "a memoryview": memoryview(b"abc"),
    **{f"{name} raises": raising(name) for name in METHODS},
    **{f"{name} asks to leave": raising(name, SystemExit) for name in ("__array__", "__repr__", "__len__")},
    **{
        f"{name} never ends": looping(name)
        for name in ("__array__", "__repr__", "__iter__", "__eq__", "__len__", "__float__")
    },
}


def raises(error):
    def answer(*arguments):
        raise error

    return answer


def recursive(*arguments):
    return recursive(*arguments)


async def asynchronous(*arguments):
    return 1


def yields(*arguments):
    yield from itertools.count()


def spoils(*arguments):
    for a in arguments:
        if isinstance(a, np.ndarray) and a.flags.writeable:
            a.fill(np.nan)


def resizes(*arguments):
    for a in arguments:
        if isinstance(a, np.ndarray):
            a.resize(0, refcheck=False)


Mute = type("Mute", (Exception,), {"__str__": lambda self: 1 / 0, "__repr__": lambda self: 1 / 0})
FUNCTIONS = {
    **{
        f"raises {type(e).__name__}": raises(e)
        for e in (
            ValueError(""),
            KeyError("x"),
            StopIteration(),
            RecursionError(),
            MemoryError(),
            GeneratorExit(),
            SystemExit(1),
            OSError(2, "no"),
            UnicodeDecodeError("utf-8", b"x", 0, 1, "bad"),
            AssertionError(),
            SyntaxError("bad"),
            Mute(),
            ExceptionGroup("two", [ValueError(1), KeyError(2)]),
            TimeoutError(),
            Exception("y" * 10**6),
            Warning("w"),
        )
    },
    "recursive": recursive,
    "asynchronous": asynchronous,
    "yields": yields,
    "spoils": spoils,
    "resizes": resizes,
    "without end": lambda *a: forever(),
    "itself": lambda *a: recursive,
    "its arguments": lambda *a: a,
    "no argument": lambda: 1,
    "too many arguments": lambda a, b, c, d, e, f, g, h, i, j, k, m: 1,
    "len": len,
    "print": print,
    "type": type,
    "a partial": functools.partial(np.add, 1),
    "a ufunc": np.add,
    "a bound method": [].append,
    "an object": type("F", (), {"__call__": lambda self, *a: 1})(),
}
for name in ("len", "print", "type"):
    assert callable(FUNCTIONS[name])


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(running, "SECONDS", 0.2)
    limit = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(limit)


def more_of(name):
    """Return what a check takes besides the answer."""
    if name == "overfits":
        return np.zeros((4, 6)), np.array([0, 1, 0, 1])
    if name == "mnist_recipe":
        return (
            np.zeros((4, 6), np.float32),
            np.array([0, 1, 0, 1]),
            np.zeros((2, 6), np.float32),
            np.array([0, 1]),
        )
    return ()


NAMES = [name for name in checks.__all__ if name not in ("Verdict", "installation", "wrong_layer_tables")]


def hears(name, answer):
    verdict = getattr(checks, name)(answer, *more_of(name))
    assert isinstance(verdict, Verdict)
    assert not verdict, verdict.text[:200]
    assert 0 < len(verdict.text) < 3000 and str(verdict)
    return verdict.text


def test_there_are_two_hundred():
    assert len(VALUES) + len(FUNCTIONS) >= 160 and 2 * len(VALUES) + len(FUNCTIONS) >= 200


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_answer_gets_a_verdict(name):
    for value in [*VALUES.values(), *FUNCTIONS.values()]:
        hears(name, value)


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_result_gets_a_verdict(name):
    check, unread = getattr(checks, name), []
    for key, value in VALUES.items():
        if isinstance(check, Sheet):
            answer = dict.fromkeys(check.names, value)
        elif isinstance(check, Exercise) and check.returns:
            count = len(check.results)
            answer = (lambda *_, v=value: v) if count == 1 else (lambda *_, v=value, n=count: (v,) * n)
        else:
            answer = lambda *_, v=value: v  # noqa: E731
        if UNREADABLE in hears(name, answer):
            unread.append(key)
    assert not unread
