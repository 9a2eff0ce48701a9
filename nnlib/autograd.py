"""Automatic differentiation: operations on arrays write a tape as they run, and it is walked back once.

Each operation computes its result, and notes what it was made from and how a gradient comes back. `backward`
walks from the last result to the first: the chain rule, with gradients added up where paths meet.
"""

import contextlib
import functools
import itertools
import math
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

from nnlib import _validation as check
from nnlib._types import Array, ArrayLike, Function, Shape
from nnlib.losses import Loss

__all__ = ["Tensor", "from_loss", "no_grad"]

Axes = int | tuple[int, ...] | None

_is_recording = ContextVar("_is_recording", default=True)
_numbers = itertools.count()


class Edge(NamedTuple):
    """How a gradient goes from a result to one of those it was made from.

    `pull` takes dY and returns what this edge adds to ∂L/∂ that one. `read` has the arrays that it looks at,
    each with its mark.
    """

    to: "Tensor"
    pull: Function
    read: list[tuple[Array, bytes]]


def _swapped(operation: Callable[[Any, Any], "Tensor"]) -> Callable[["Tensor", Any], "Tensor"]:
    return lambda self, other: operation(other, self)


class Tensor:
    """An array that is differentiated through: each operation on it is noted, and `backward` returns by it.

    + - * / ** @ and indexing are those of arrays, between tensors, or between a tensor and an array or a
    number, which is a constant then.

    Parameters
    ----------
    array : array_like
        An array of floats is kept as it is, so that an optimiser may hold the same one; whole numbers become
        float64.

    Attributes
    ----------
    data : ndarray
    grad : ndarray of the same shape, or None
        The sum of what each `backward` has brought; set it to None to begin anew.
    op, edges : str and list of Edge
        The operation that made it, and the ways back to what it was made from.

    Raises
    ------
    TypeError, ValueError
        If it is not of numbers, shapes do not fit an operation, or an array that `backward` has to read has
        been changed since (a change that vanishes in the rounding of a sum over the array is not seen).

    Examples
    --------
    >>> x = Tensor(3.0)
    >>> y = x * x + 2 * x
    >>> y.backward()
    >>> x.grad
    array(8.)

    Source: Linnainmaa (1976), Taylor expansion of the accumulated rounding error; Griewank and Walther
    (2008), Evaluating Derivatives, chapter 3. See notebooks/13_automatic_differentiation.ipynb.
    """

    __slots__ = ("data", "edges", "grad", "number", "op")
    __array_ufunc__ = None  # array * tensor is for the tensor to compute

    def __init__(self, array: ArrayLike):
        self.data = check.floats(array, "array")
        self.grad: Array | None = None
        self.op, self.number = "", next(_numbers)
        self.edges: list[Edge] = []

    # Back

    def backward(self, dY: ArrayLike | None = None) -> None:
        """Add ∂L/∂A to the `grad` of each A that this was made from; dY is ∂L/∂ this, 1 for a single number.

        What was made later goes first: then each has heard everything before it hands it on.
        """
        if self.op and not self.edges:
            raise ValueError(
                "this tensor was made inside no_grad: nothing was noted, so nothing can go back."
            )
        if dY is None and self.data.size != 1:
            raise ValueError(f"a tensor of shape {self.shape} needs dY; only that of a single number is 1.")
        dY = np.ones_like(self.data) if dY is None else check.shaped(dY, self.shape, "dY").copy()
        grads, tape = {self.number: dY}, self.tape()
        for node in tape:
            dY = grads[node.number]
            for to, pull, read in node.edges:
                _unchanged(node, read)
                grads[to.number] = _added(grads.get(to.number), _undo_broadcast(pull(dY), to.data, dY))
        for node in tape:
            node.grad = _added(node.grad, grads[node.number])

    def tape(self) -> "list[Tensor]":
        """Return this and all that it was made from, the latest first."""
        found, left = {self.number: self}, [self]
        while left:
            for edge in left.pop().edges:
                if edge.to.number not in found:
                    found[edge.to.number] = edge.to
                    left.append(edge.to)
        return [found[number] for number in sorted(found, reverse=True)]

    # Operations: the result; then for each operand how a gradient comes back, and which arrays that reads

    def __add__(self, other: Any) -> "Tensor":
        A, B = _data(self), _data(other)
        return _made("+", A + B, (self, lambda dY: dY), (other, lambda dY: dY))

    def __sub__(self, other: Any) -> "Tensor":
        A, B = _data(self), _data(other)
        return _made("-", A - B, (self, lambda dY: dY), (other, lambda dY: -dY))

    def __mul__(self, other: Any) -> "Tensor":
        A, B = _data(self), _data(other)
        return _made("*", A * B, (self, lambda dY: dY * B, B), (other, lambda dY: dY * A, A))

    def __truediv__(self, other: Any) -> "Tensor":
        A, B = _data(self), _data(other)
        return _made("/", A / B, (self, lambda dY: dY / B, B), (other, lambda dY: -dY * A / B**2, A, B))

    def __matmul__(self, other: Any) -> "Tensor":
        A, B = _matrix(self), _matrix(other)
        return _made("@", A @ B, (self, lambda dY: dY @ B.mT, B), (other, lambda dY: A.mT @ dY, A))

    __radd__, __rsub__, __rmul__ = _swapped(__add__), _swapped(__sub__), _swapped(__mul__)
    __rtruediv__, __rmatmul__ = _swapped(__truediv__), _swapped(__matmul__)

    def __neg__(self) -> "Tensor":
        return _made("-", -self.data, (self, lambda dY: -dY))

    def __pow__(self, n: float) -> "Tensor":
        A, n = self.data, check.between(n, "the exponent", -math.inf, math.inf)
        return _made("**", A**n, (self, lambda dY: dY * n * A ** (n - 1 if n else 0), A))

    def exp(self) -> "Tensor":
        Y = np.exp(self.data)
        return _made("exp", Y, (self, lambda dY: dY * Y, Y))

    def log(self) -> "Tensor":
        A = self.data
        return _made("log", np.log(A), (self, lambda dY: dY / A, A))

    def tanh(self) -> "Tensor":
        Y = np.tanh(self.data)
        return _made("tanh", Y, (self, lambda dY: dY * (1 - Y**2), Y))

    def relu(self) -> "Tensor":
        A = self.data
        return _made("relu", np.maximum(A, 0), (self, lambda dY: dY * (A > 0), A))

    def sum(self, axis: Axes = None, keepdims: bool = False) -> "Tensor":
        A = self.data
        kept = A.sum(axis=axis, keepdims=True).shape  # a sum of 1 entry for what was added up
        Y = A.sum(axis=axis, keepdims=keepdims)
        return _made("sum", Y, (self, lambda dY: np.broadcast_to(dY.reshape(kept), A.shape)))

    def mean(self, axis: Axes = None, keepdims: bool = False) -> "Tensor":
        Y = self.sum(axis, keepdims)
        return Y / (self.data.size / Y.data.size)

    def max(self, axis: int, keepdims: bool = False) -> "Tensor":
        """Return the largest along an axis; dY goes to the first of those that are as large."""
        A = self.data
        first = A.argmax(axis=axis, keepdims=True)

        def pull(dY: Array) -> Array:
            dX = np.zeros(A.shape, dY.dtype)
            np.put_along_axis(dX, first, dY.reshape(first.shape), axis)
            return dX

        return _made("max", A.max(axis=axis, keepdims=keepdims), (self, pull))

    def reshape(self, *shape: int) -> "Tensor":
        A = self.data
        return _made("reshape", A.reshape(*shape), (self, lambda dY: dY.reshape(A.shape)))

    def __getitem__(self, index: Any) -> "Tensor":
        A = self.data

        def pull(dY: Array) -> Array:
            dX = np.zeros(A.shape, dY.dtype)
            np.add.at(dX, index, dY)  # an entry that is picked twice hears from both
            return dX

        arrays = [
            one for one in (index if isinstance(index, tuple) else (index,)) if isinstance(one, np.ndarray)
        ]
        return _made("[]", A[index], (self, pull, *arrays))

    @property
    def T(self) -> "Tensor":
        return _made("T", self.data.T, (self, lambda dY: dY.T))

    @property
    def shape(self) -> Shape:
        return self.data.shape

    def __repr__(self) -> str:
        return f"Tensor({np.array2string(self.data, prefix='Tensor(')})"


def from_loss(loss: Loss, Y_hat: Tensor, Y: Any) -> Tensor:
    """Return L(Y_hat, Y) of one of nnlib's losses as a tensor; its own gradient is the way back.

    Softmax and cross-entropy are one step back then, dZ = (P - Y) / N, as chapter 04 fused them.

    Parameters
    ----------
    loss : Loss
    Y_hat : Tensor
    Y : array_like
        The targets, a constant.
    """
    value, dY_hat = loss.value_and_gradient(Y_hat.data, Y)
    return _made(type(loss).__name__, value, (Y_hat, lambda dY: dY * dY_hat))


@contextlib.contextmanager
def no_grad() -> Iterator[None]:
    """Note nothing inside a `with`: for predictions, from which nothing goes back."""
    before = _is_recording.set(False)
    try:
        yield
    finally:
        _is_recording.reset(before)


def _made(op: str, Y: Any, *ways: Any) -> Tensor:
    """Return the result of an operation, with an edge for each operand that is a tensor."""
    result = Tensor(Y)
    result.op = op
    if _is_recording.get():
        marked = [
            (to, pull, [(A, _mark(A)) for A in read if isinstance(A, np.ndarray)])
            for to, pull, *read in ways
            if isinstance(to, Tensor)
        ]
        result.edges = [Edge(*way) for way in marked]
    return result


def _data(operand: Any) -> Any:
    """Return an operand's array; a plain number stays one, so that float32 stays float32."""
    if isinstance(operand, Tensor):
        return operand.data
    return operand if isinstance(operand, (int, float)) else check.numbers(operand, "an operand")


def _matrix(operand: Any) -> Array:
    A = np.asarray(_data(operand))
    if A.ndim < 2:
        raise ValueError(f"an operand of @ has shape {A.shape}; expected rows and columns: reshape it first.")
    return A


def _added(A: Array | None, B: Array) -> Array:
    return B if A is None else np.asarray(A + B)


def _undo_broadcast(dX: Any, X: Array, dY: Array) -> Array:
    """Return dX of X's shape: where X was repeated along an axis, what comes back is added up along it."""
    dX, more = np.asarray(dX), np.ndim(dX) - X.ndim
    if more:
        rows = dX.reshape(-1, math.prod(dX.shape[more:]))
        dX = (np.ones(len(rows), dX.dtype) @ rows).reshape(dX.shape[more:])  # BLAS adds ten times as fast
    repeated = [axis for axis, n in enumerate(X.shape) if n < dX.shape[axis]]
    dX = dX.sum(axis=tuple(repeated), keepdims=True) if repeated else dX
    return dX.astype(X.dtype, copy=np.may_share_memory(dX, dY))  # no two gradients are one array


def _mark(A: Array) -> bytes:
    """Return what becomes another when an entry of A is changed, or two change places."""
    return np.dot(A.reshape(-1), _factors(A.size, A.dtype.char if A.dtype.char in "fd" else "d")).tobytes()


@functools.lru_cache(maxsize=32)
def _factors(size: int, char: str) -> Array:
    return np.random.default_rng(0).random(size).astype(char)


def _unchanged(node: Tensor, read: list[tuple[Array, bytes]]) -> None:
    for A, mark in read:
        if _mark(A) != mark:
            found = f"an array of shape {A.shape} has been changed in place since {node.op} read it"
            raise ValueError(
                f"{found}; expected it as it was: call backward first, or write A = A + … for a new array."
            )
