"""Programs that are tried beside a reader's own function: they see copies, and leave the kernel as it was."""

import builtins
import contextlib
import copy
import gc
import importlib
import inspect
import random
import sys
import types
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

__all__ = ["Unknown", "quiet", "world_of"]

MODULES = {
    "builtins",
    "math",
    "cmath",
    "itertools",
    "functools",
    "operator",
    "collections",
    "random",
    "nnlib",
}
MODULES |= {"numpy", "statistics", "copy", "decimal", "fractions", "typing"}
OUTSIDE = set(
    "save savez savez_compressed savetxt tofile dump memmap open_memmap fromfile load loadtxt".split()
)
LARGE = 10**5  # bytes, from which on an array is not copied, but can only be read


class Unknown(Exception):
    """A function does what nobody can undo, or nobody knows."""


def world_of(function: types.FunctionType, more: Iterable[str] = ()) -> Callable[[], dict[str, Any]]:
    """Return what makes the names that a function reads: copies of them, anew each time it is called.

    `more` are names of modules and functions that the programs may use besides. Functions of the reader's own
    that it calls are made anew around these copies. `Unknown` where it reaches for more than numbers: files,
    other modules, classes of the reader's own.
    """
    found: dict[str, Any] = {}
    _collect(function, function, found)
    helpers = {name: value for name, value in found.items() if _is_own(value, function)}
    data = {name: value for name, value in found.items() if name not in helpers}
    still = {name for name, value in data.items() if _is_still(value)}
    moving = {name: value for name, value in data.items() if name not in still}
    base = {name: function.__globals__[name] for name in more}
    base |= {name: data[name] for name in still} | {"__builtins__": _builtins(), "__name__": "tried"}
    if not (moving or helpers):
        return lambda: base

    def world():
        memo = {id(value): _read_only(value) for value in moving.values() if _is_large(value)}
        space = base | copy.deepcopy(moving, memo)
        for name, helper in helpers.items():
            space[name] = types.FunctionType(
                helper.__code__, space, name, copy.deepcopy(helper.__defaults__, memo), None
            )
            space[name].__kwdefaults__ = copy.deepcopy(helper.__kwdefaults__, memo)
        return space

    return world


def _collect(function, first, found):
    """Note what the names in the code of a function stand for, and in that of those it calls."""
    outer = inspect.getclosurevars(function)
    if function is not first and function.__closure__:
        raise Unknown
    for name, value in {**outer.globals, **outer.nonlocals}.items():
        if name in found or value is first:
            continue
        if isinstance(value, types.ModuleType) and value.__name__.partition(".")[0] not in MODULES:
            raise Unknown
        if _of_the_readers(value, first):
            raise Unknown
        found[name] = value
        if _is_own(value, first):
            _collect(value, first, found)
    for code in _codes(function.__code__):
        if OUTSIDE & set(code.co_names):
            raise Unknown


def _codes(code):
    yield code
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _codes(inner)


def _is_own(value, first):
    return isinstance(value, types.FunctionType) and value.__globals__ is first.__globals__


def _of_the_readers(value, first):
    """Whether a value is a class of the reader's own module, or of such a class."""
    kind = value if isinstance(value, type) else type(value)
    return kind.__module__ == first.__globals__.get("__name__")


def _is_still(value):
    """Whether nobody can change a value: there is no need of a copy."""
    kinds = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type, np.ufunc)
    return isinstance(value, (*kinds, int, float, complex, str, bytes, bool, type(None), np.generic))


def _is_large(value):
    return isinstance(value, np.ndarray) and value.nbytes > LARGE


def _read_only(array):
    view = array.view()
    view.flags.writeable = False
    return view


def _builtins():
    def nothing(*arguments, **options):
        return None

    def refused(*arguments, **options):
        raise Unknown

    def imported(name, names=None, local=None, wanted=(), level=0):
        top = name.partition(".")[0]
        if level or top not in MODULES:
            raise Unknown
        module = importlib.import_module(name)
        return module if wanted else sys.modules[top]

    tame = {"print": nothing, "open": refused, "input": refused, "breakpoint": refused, "help": nothing}
    return (
        vars(builtins) | tame | {"__import__": imported, "eval": refused, "exec": refused, "compile": refused}
    )


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Put random numbers that everybody shares back to where they were; warn of nothing.

    The collector waits: a pass over thousands of trees takes as long as a candidate may.
    """
    numpys, pythons, collecting = np.random.get_state(), random.getstate(), gc.isenabled()  # noqa: NPY002
    gc.disable()
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        np.random.set_state(numpys)  # noqa: NPY002
        random.setstate(pythons)
        if collecting:
            gc.enable()
