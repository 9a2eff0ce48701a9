"""What nobody would hand over in good faith, for whoever has to answer it: checks, plots, panels.

`VALUES` and `FUNCTIONS` have a name for each. No test may change them.
"""

import array
import collections
import datetime
import decimal
import enum
import fractions
import functools
import io
import itertools
import math
import pathlib
import re
import types

import numpy as np

from nnlib import Dense, Network
from nnlib.teach.checks.engine.verdict import Verdict


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
    **{
        f"text {k}": v
        for k, v in enumerate(("1", "nan", "1e400", " ", "\\0", "é", "\ud800", "$x$", "[1, 2]", "None", "\n"))
    },
    **{f"none of a kind {k}": v for k, v in enumerate((None, ..., type(None), object(), object))},
    **{f"float {v!r}": v for v in (math.pi, -1e-300, 1e400, -1e308, 3.0, 1e15)},
    **{f"int {k}": v for k, v in enumerate((-1, 28, 10**6, -(2**63), 2**63, 10**5000))},
    **{
        f"NumPy's {v.dtype}": v
        for v in (
            np.float16(1),
            np.float64("inf"),
            np.uint64(2**64 - 1),
            np.bool_(True),
            np.complex64(1j),
            np.str_("a"),
            np.bytes_(b"a"),
            np.datetime64("2000"),
            np.timedelta64(1, "s"),
            np.void(b"abc"),
        )
    },
    **{
        f"array of {v!r}": np.full((2, 2), v)
        for v in (np.nan, np.inf, -np.inf, -1.0, 255, 1e308, -1e308, 5e-324, 1j, None, "a", 2**70)
    },
    **{
        f"shape {shape}": np.ones(shape)
        for shape in [
            (1, 784),
            (784,),
            (28, 28),
            (28, 28, 3),
            (28, 28, 4),
            (2, 1),
            (5, 1, 1),
            (0, 784),
            (3, 3),
        ]
    },
    **{
        f"lists {k}": v
        for k, v in enumerate(
            (
                [[]],
                [[], []],
                [True, None],
                [1, "a"],
                ["a", "b"],
                [{}],
                [[1, 2], 3],
                [np.nan, "x"],
                [10**400],
                [[[1]]],
                [np.zeros(2), np.zeros(3)],
                (np.zeros((2, 3)),) * 3,
                [1j],
                [b"a"],
            )
        )
    },
    **{f"dict {k}": v for k, v in enumerate(({"X": 1}, {1: 1}, {"a": None}, {(): ()}, {"images": []}))},
    "big-endian": np.ones((2, 2), ">f8"),
    "read-only": np.broadcast_to(0.5, (4, 784)),
    "with holes": np.ones((6, 6))[::2, ::3],
    "long doubles": np.ones((2, 2), np.longdouble),
    "a record": np.zeros(2, [("x", float), ("y", int)]).view(np.recarray),
    "a masked picture": np.ma.masked_less(np.eye(28), 0.5),
    "an Ellipsis in a list": [...],
    "a path": pathlib.Path("x"),
    "a date": datetime.date(2000, 1, 1),
    "a pattern": re.compile("x"),
    "an enum": enum.Enum("Colour", "red").red,
    "a decimal that is none": decimal.Decimal("NaN"),
    "an iterator at its end": iter(()),
    "a zip": zip([1], [2], strict=True),
    "an enumeration": enumerate([1]),
    "keys": {"a": 1}.keys(),
    "an array of Python": array.array("d", [1, 2]),
    "a bytearray": bytearray(b"abc"),
    "a property": property(len),
    "a proxy": types.MappingProxyType({"a": 1}),
    "a text of his own": type("Text", (str,), {"__eq__": raising("__eq__").__eq__, "__hash__": str.__hash__})(
        "x"
    ),
    "a number of his own": type(
        "Int", (int,), {"__index__": lambda self: 1 / 0, "__float__": lambda self: 1 / 0}
    )(3),
    "a dict of his own": type("Dict", (dict,), {"get": lambda *_: 1 / 0, "__getitem__": lambda *_: 1 / 0})(
        a=1
    ),
    "a list of what raises": [raising("__float__"), raising("__array__")],
    "a list of what never ends": [looping("__float__")],
    "a list of a list that lies": [Liar([1, 2])],
    "arrays within each other": np.array([[np.zeros(2), None]], dtype=object),
    "a terabyte in a list": [huge],
    "a long list": [0.0] * 10**5,
    "whole pages of nan": np.full((3, 784), np.nan),
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
