"""Doors: what a user hands in is looked at once, where he enters; inside stand bare equations.

    layer.forward(X)          through the door: X is looked at, then the equations run
    bare(layer.forward)(X)    past it: the equations alone, where X has been looked at already

Whoever writes a layer or a loss writes the equations, and the door is put before them when the class is made.
A subclass that calls `super().backward(dY)` is inside already. No way leads past the doors of a class that is
not nnlib's own: there the arrays are looked at on the way in and on the way out, in a network as well.
"""

import functools
import inspect
import math
import warnings
from collections.abc import Callable, Sequence
from types import MethodType
from typing import Any

import numpy as np

from nnlib import _validation as check
from nnlib._types import Array, ArrayLike, Arrays, Rate, Shape


def bare(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a bound method as its class wrote it, past its door; what has no door is returned as it is."""
    door = getattr(method, "__func__", None)
    return MethodType(door.bare, method.__self__) if _is_door(door) else method  # type: ignore[attr-defined, union-attr]


class Guarded:
    """A class with doors before the methods that its subclasses write.

    `_doors` names for each method the one that looks at its first arguments, and returns them as a tuple, and
    the one that looks at its result, and returns it. A class that is `abstract` writes none.
    """

    _doors: dict[str, tuple[str, str]] = {}

    def __init_subclass__(cls, abstract: bool = False, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name, (enter, leave) in cls._doors.items():
            if not abstract and not _is_door(getattr(cls, name)):
                setattr(cls, name, _behind_door(cls, name, enter, leave))

    def _leave(self, result: Any, *arguments: Array) -> Any:
        return result

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def _behind_door(cls: type, name: str, enter: str, leave: str) -> Callable[..., Any]:
    method = getattr(cls, name)
    signature = inspect.signature(method)
    n = len(inspect.signature(getattr(cls, enter)).parameters) - 1  # without self

    @functools.wraps(method)
    def door(self: Any, *arguments: Any, **options: Any) -> Any:
        if getattr(type(self), name) is not door:  # a subclass has called it, through super()
            return method(self, *arguments, **options)
        if len(arguments) < n:
            bound = signature.bind(self, *arguments, **options)
            arguments = bound.args[1:]
            options = bound.kwargs
        looked_at = getattr(self, enter)(*arguments[:n])
        if ours:
            result = method(self, *looked_at, *arguments[n:], **options)
        else:
            result = _lent(method, self, looked_at, arguments[n:], options)
        return getattr(self, leave)(result, *looked_at)

    ours = cls.__module__.partition(".")[0] == "nnlib"
    door.bare = method if ours else door  # type: ignore[attr-defined]
    door.door = door  # type: ignore[attr-defined]
    return door


def _lent(
    method: Callable[..., Any], owner: Any, arrays: tuple[Any, ...], others: tuple[Any, ...], options: Any
) -> Any:
    """Call a reader's method; the arrays that it is handed belong to others, and are there to read."""
    try:
        return method(owner, *map(_to_read, arrays), *others, **options)
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        where = f"{type(owner).__name__}.{method.__name__} writes into an array that it was handed"
        name = list(inspect.signature(method).parameters)[1]
        advice = f"Others need it as it is: work on a copy, such as {name}.copy()."
        raise ValueError(f"{where} ({error}). {advice}") from error


def _to_read(array: Any) -> Any:
    if type(array) is not np.ndarray:
        return array
    view = array.view()
    view.flags.writeable = False
    return view


def _is_door(method: Any) -> bool:
    return getattr(method, "door", None) is method and method is not None  # functools.wraps copies attributes


class LayerDoors(Guarded, abstract=True):
    """What each layer looks at: X is of floats and of the right width, dY is of the shape of Y.

    Of a class with `keeps_width` a network knows that as many features go out as come in, so that widths can
    be compared across it. It is said of one class: what a subclass does is unknown until it says so too.
    The equations of a class `of_rows` are those of rows, (N, n); they are given (N, …, n) as so many rows.
    """

    n_in: int | None
    backward: Callable[..., Any]
    _shapes: tuple[Shape, Shape] | None = None  # of the last X and Y
    _named: tuple[str, ...] = ()  # each `Parameter`
    _keeps_width = False
    _takes_symbols = False  # whole numbers, which nothing is differentiated by

    def __init_subclass__(
        cls, abstract: bool = False, keeps_width: bool = False, of_rows: bool = False
    ) -> None:
        for name in cls._doors if of_rows else ():
            setattr(cls, name, _folding(getattr(cls, name)))
        super().__init_subclass__(abstract)
        cls._keeps_width = keeps_width

    def _takes(self, X: ArrayLike) -> Array:
        """Return X as the equations take it; a layer that takes something else overrides this one."""
        if self.n_in is None:
            return check.floats(X, "X")
        return check.floats(self._samples(X), "X")

    def _samples(self, X: ArrayLike, dtype: Any = None, owner: str = "layer") -> Array:
        """Return X as a batch of what this layer takes; one that takes images overrides this one."""
        return check.samples(X, "X", self.n_in, dtype, owner)

    def _enter_forward(self, X: ArrayLike) -> tuple[Array]:
        return (self._takes(X),)

    def _leave_forward(self, Y: ArrayLike, X: Array) -> Array:
        Y = check.floats(Y, "the output")
        self._shapes = X.shape, Y.shape
        return Y

    def _enter_backward(self, dY: ArrayLike) -> tuple[Array]:
        return (check.shaped(dY, check.came_forward(self._shapes)[1], "dY"),)

    def _leave_backward(self, dX: Any, dY: Array) -> Array:
        if bare(self.backward) != self.backward:  # it is nnlib's own
            return dX
        return check.shaped(dX, check.came_forward(self._shapes)[0], "dX")

    _doors = {
        "forward": ("_enter_forward", "_leave_forward"),
        "backward": ("_enter_backward", "_leave_backward"),
        "parameter_gradients": ("_enter_backward", "_leave"),
    }


def _folding(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let a method of rows, (N, n), take (N, …, n): each vector along the last axis is a row then."""

    @functools.wraps(method)
    def folded(self: Any, A: Array, *others: Any, **options: Any) -> Any:
        if A.ndim == 2:
            return method(self, A, *others, **options)
        B = method(self, A.reshape(-1, A.shape[-1]), *others, **options)
        return B if B is None else B.reshape(*A.shape[:-1], -1)

    return folded


def through(layer: Any, X: Array, training: bool) -> Array:
    """Return Y of a layer inside a network: past its door, if its last X was of samples of the same shape."""
    if layer._shapes is None or layer._shapes[0][1:] != X.shape[1:]:
        return layer.forward(X, training)
    Y = bare(layer.forward)(X, training)
    layer._shapes = X.shape, Y.shape
    return Y


class Parameter:
    """An attribute whose array an optimiser may hold: assigning to it copies, later on into that array."""

    def __set_name__(self, owner: Any, name: str) -> None:
        self.name = name
        owner._named = (*owner._named, name)

    def __get__(self, layer: Any, owner: type | None = None) -> Any:
        return self if layer is None else layer.__dict__[self.name]

    def __set__(self, layer: Any, values: ArrayLike) -> None:
        A = check.floats(values, self.name)
        if self.name not in layer.__dict__:
            layer.__dict__[self.name] = A.copy()
            return
        array = layer.__dict__[self.name]
        if A.shape != array.shape:
            advice = f": {self.name}.T would fit." if A.shape == array.T.shape else "."
            raise ValueError(f"{self.name} has shape {A.shape}, but this layer's is {array.shape}{advice}")
        array[...] = A


class Named:
    """The arrays of each `Parameter` of a layer, or what stands under those names with a d before them.

    These are its params and grads, unless it says others: it may assign them, or have a property.
    """

    def __init__(self, d: str):
        self.d = d

    def __get__(self, layer: Any, owner: type | None = None) -> tuple[Any, ...]:
        names = [] if layer is None else [name for name in layer._named if name in vars(layer)]
        return tuple(getattr(layer, self.d + name, None) for name in names)


class LossDoors(Guarded, abstract=True):
    """What each loss looks at: Y_hat and Y are of floats and of one shape. A value leaves as a float."""

    value: Callable[..., Any]

    def _takes(self, Y_hat: ArrayLike, Y: ArrayLike) -> tuple[Array, Array]:
        """Return both as the equations take them; a loss with other targets overrides this one."""
        return check.same_shape(Y_hat, Y)

    def _takes_widely(self, Y_hat: ArrayLike, Y: ArrayLike) -> tuple[Array, Array]:
        """Return both as `_takes` does, in float64 where float32 could not hold their squares."""
        Y_hat, Y = self._takes(Y_hat, Y)
        if Y_hat.dtype == np.float32 and max(np.abs(Y_hat).max(), np.abs(Y).max()) > 1e15:
            return Y_hat.astype(np.float64), Y.astype(np.float64)
        return Y_hat, Y

    def _rows(self, Y_hat: Array, Y: Array) -> Array:
        """Return targets that were looked at before as the equations take them."""
        return Y

    def _leave_value(self, L: Any, *arrays: Array) -> Any:
        return L.item() if isinstance(L, (np.generic, np.ndarray)) and L.ndim == 0 else L

    def _leave_both(self, both: tuple[Any, Array], Y_hat: Array, Y: Array) -> tuple[Any, Array]:
        L = self._leave_value(both[0])
        return self.value(Y_hat, Y) if L == math.inf else L, both[1]

    _doors = {
        "value": ("_takes_widely", "_leave_value"),
        "gradient": ("_takes", "_leave"),
        "value_and_gradient": ("_takes", "_leave_both"),
    }


class NetworkDoors(Guarded, abstract=True):
    """What a network looks at: X is of samples of the right width, dY is of the shape of its output."""

    layers: tuple[Any, ...]
    dtype: Any

    def _enter_forward(self, X: ArrayLike) -> tuple[Array]:
        return (check.floats(self.layers[0]._samples(X, self.dtype, "network"), "X"),)

    def _enter_backward(self, dY: ArrayLike) -> tuple[Array]:
        shapes = check.came_forward(self.layers[-1]._shapes)
        return (check.shaped(dY, shapes[1], "dY", self.dtype),)

    def _enter_predict(self, X: ArrayLike) -> tuple[Array]:
        array = self.layers[0]._samples(X, owner="network")
        return (check.finite(array, "X", self.dtype),)

    _doors = {
        "forward": ("_enter_forward", "_leave"),
        "backward": ("_enter_backward", "_leave"),
        "predict": ("_enter_predict", "_leave"),
    }


def parameters(params: Any) -> list[Array]:
    """Return `params` as a list of arrays that an optimiser can change in place, at least one."""
    params = check.listed(params, "params", "the arrays to update, as in net.params")
    for i, p in enumerate(params):
        check.writable(p, f"params[{i}]", "fd", "an array of floats, as in net.params")
    if not params:
        raise ValueError("params is empty; expected the arrays to update, as in net.params.")
    return params


def gradients(grads: Any, params: Arrays) -> list[Array]:
    """Return `grads` as a list of floats: one array for each of `params`, of its shape."""
    grads = check.listed(grads, "grads", "one array for each parameter, as in net.grads")
    if len(grads) != len(params):
        found = f"grads has {check.count(len(grads), 'array')}"
        expected = f"this optimiser has {check.count(len(params), 'parameter')}"
        raise ValueError(f"{found}, but {expected}; expected one for each.")
    for i, (p, g) in enumerate(zip(params, grads, strict=True)):
        if g is None:
            raise ValueError(f"grads[{i}] is None; expected shape {p.shape}: call backward before step.")
        if type(g) is not np.ndarray or g.shape != p.shape or g.dtype != p.dtype:  # in a step none of these
            grads[i] = check.shaped(g, p.shape, f"grads[{i}]")
    return grads


class OptimizerDoors(Guarded, abstract=True):
    """What an optimiser looks at: its rate, and that each parameter has a gradient of its shape.

    A number is above 0, or nothing would ever be learned. A schedule may say 0, for it may end there.
    """

    params: list[Array]
    slots: list[Array]
    t: int

    @property
    def lr(self) -> Rate:
        return self._lr

    @lr.setter
    def lr(self, value: Rate) -> None:
        self._lr = value if callable(value) else check.between(value, "lr", 0, math.inf)

    @property
    def rate(self) -> float:
        if not callable(self.lr):
            return self.lr
        return check.between(self.lr(self.t + 1), "lr", 0, math.inf, low_allowed=True)

    def _enter_step(self, grads: Sequence[ArrayLike]) -> tuple[list[Array]]:
        return (gradients(grads, self.params),)

    _doors = {"step": ("_enter_step", "_leave")}

    def _flush(self) -> None:
        """Set to 0 what has decayed to nearly nothing: subnormal numbers take sixty times as long."""
        for a in self.slots:
            least = 1e8 * np.finfo(a.dtype).tiny
            a[(-least < a) & (a < least)] = 0


def until(t: int, total: int) -> int:
    """Return the step `t`, and `total` from there on; the first step after it is told."""
    if t == total + 1:
        found = f"this schedule was made for {total} steps, and this is one more"
        warnings.warn(f"{found}: from here on its rate is 0, and nothing is learned.", stacklevel=3)
    return min(t, total)
