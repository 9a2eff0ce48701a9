"""Automatic differentiation: operations on arrays write a tape as they run, and it is walked back once.

Each operation computes its result, and notes what it was made from and how a gradient comes back. `backward`
walks from the last result to the first: the chain rule, with gradients added up where paths meet.
"""

import contextlib
import itertools
import math
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

from nnlib import _tape
from nnlib import _validation as check
from nnlib._types import Array, ArrayLike, Function, Shape
from nnlib.losses import Loss

__all__ = ["Tensor", "from_loss", "no_grad"]

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
        self.op = ""
        self.number = next(_numbers)
        self.edges: list[Edge] = []

    # Back

    def backward(self, dY: ArrayLike | None = None) -> None:
        """Add ∂L/∂A to the `grad` of each A that this was made from; dY is ∂L/∂ this, 1 for a single number.

        What was made later goes first: then each has heard everything before it hands it on.
        """
        grads = {self.number: _tape.start(dY, self.data, bool(self.edges or not self.op))}
        tape = self.tape()
        for node in tape:
            dY = grads[node.number]
            for to, pull, read in node.edges:
                _tape.unchanged(node.op, read)
                grads[to.number] = _added(grads.get(to.number), _undo_broadcast(pull(dY), to, dY))
        for node in tape:
            node.grad = _added(node.grad, grads[node.number])

    def tape(self) -> "list[Tensor]":
        """Return this and all that it was made from, the latest first."""
        found = {self.number: self}
        left = [self]
        while left:
            for edge in left.pop().edges:
                if edge.to.number not in found:
                    found[edge.to.number] = edge.to
                    left.append(edge.to)
        return [found[number] for number in sorted(found, reverse=True)]

    # Operations: the result; then for each operand how a gradient comes back, and which arrays that reads

    def __add__(self, other: Any) -> "Tensor":
        A, B = _arrays(self, other)
        return _made("+", A + B, (self, lambda dY: dY), (other, lambda dY: dY))

    def __sub__(self, other: Any) -> "Tensor":
        A, B = _arrays(self, other)
        return _made("-", A - B, (self, lambda dY: dY), (other, lambda dY: -dY))

    def __mul__(self, other: Any) -> "Tensor":
        A, B = _arrays(self, other)
        return _made("*", A * B, (self, lambda dY: dY * B, B), (other, lambda dY: dY * A, A))

    def __truediv__(self, other: Any) -> "Tensor":
        A, B = _arrays(self, other)
        return _made("/", A / B, (self, lambda dY: dY / B, B), (other, lambda dY: -dY * A / B**2, A, B))

    def __matmul__(self, other: Any) -> "Tensor":
        A, B = map(_tape.matrix, _arrays(self, other))
        return _made("@", A @ B, (self, lambda dY: dY @ B.mT, B), (other, lambda dY: A.mT @ dY, A))

    __radd__ = _swapped(__add__)
    __rsub__ = _swapped(__sub__)
    __rmul__ = _swapped(__mul__)
    __rtruediv__ = _swapped(__truediv__)
    __rmatmul__ = _swapped(__matmul__)

    def __neg__(self) -> "Tensor":
        return _made("-", -self.data, (self, lambda dY: -dY))

    def __pow__(self, n: float) -> "Tensor":
        A = self.data
        n = check.between(n, "the exponent", -math.inf, math.inf)
        return _made("**", A**n, (self, lambda dY: dY * n * A ** (n - 1 if n else 0), A))

    def exp(self) -> "Tensor":
        """Y = exp(A), dA = dY ⊙ Y."""
        Y = np.exp(self.data)
        return _made("exp", Y, (self, lambda dY: dY * Y, Y))

    def log(self) -> "Tensor":
        """Y = log(A), dA = dY / A."""
        A = self.data
        return _made("log", np.log(A), (self, lambda dY: dY / A, A))

    def tanh(self) -> "Tensor":
        """Y = tanh(A), dA = dY ⊙ (1 - Y²)."""
        Y = np.tanh(self.data)
        return _made("tanh", Y, (self, lambda dY: dY * (1 - Y**2), Y))

    def relu(self) -> "Tensor":
        """Y = max(A, 0), dA = dY ⊙ [A > 0]."""
        is_positive = self.data > 0
        return _made("relu", np.maximum(self.data, 0), (self, lambda dY: dY * is_positive))

    def sum(self, axis: int | None = None, keepdims: bool = False) -> "Tensor":
        """Y = Σ A along an axis, or of all; each entry of A hears dY."""
        A = self.data
        Y = A.sum(axis=axis, keepdims=True)
        total = Y if keepdims else Y.squeeze(axis)
        return _made("sum", total, (self, lambda dY: np.broadcast_to(dY.reshape(Y.shape), A.shape)))

    def mean(self, axis: int | None = None, keepdims: bool = False) -> "Tensor":
        """Y = Σ A / n."""
        Y = self.sum(axis, keepdims)
        return Y / (self.data.size / Y.data.size)

    def max(self, axis: int | None = None, keepdims: bool = False) -> "Tensor":
        """Y = max A along an axis, or of all; the first of those that are as large hears dY."""
        A = self.data
        Y = A.max(axis=axis, keepdims=True)
        first = (A == Y) & (np.cumsum(A == Y, axis).reshape(A.shape) == 1)
        largest = Y if keepdims else Y.squeeze(axis)
        return _made("max", largest, (self, lambda dY: dY.reshape(Y.shape) * first))

    def reshape(self, *shape: int) -> "Tensor":
        """Return the same numbers in another shape."""
        A = self.data
        return _made("reshape", A.reshape(*shape), (self, lambda dY: dY.reshape(A.shape)))

    def __getitem__(self, index: Any) -> "Tensor":
        A = self.data

        def pull(dY: Array) -> Array:
            dA = np.zeros(A.shape, dY.dtype)
            np.add.at(dA, index, dY)  # an entry that is picked twice hears from both
            return dA

        return _made("[]", A[index], (self, pull, *(index if isinstance(index, tuple) else [index])))

    @property
    def T(self) -> "Tensor":
        return _made("T", self.data.T, (self, lambda dY: dY.T))

    @property
    def shape(self) -> Shape:
        return self.data.shape

    def __repr__(self) -> str:
        return f"Tensor({np.array2string(self.data, separator=', ', prefix='Tensor(')})"


def from_loss(loss: Loss, Y_hat: Tensor, Y: Any) -> Tensor:
    """Return L(Y_hat, Y) of one of nnlib's losses as a tensor; the way back is the loss's own gradient.

    Softmax and cross-entropy are one step back then, dZ = (P - Y) / N, as chapter 04 fused them.

    Parameters
    ----------
    loss : Loss
    Y_hat : Tensor
    Y : array_like
        The targets, which are constants.

    See notebooks/13_automatic_differentiation.ipynb.
    """
    check.instance(loss, "loss", Loss, "MSE()")
    check.instance(Y_hat, "Y_hat", Tensor, "Tensor(array)")
    value, dY_hat = loss.value_and_gradient(Y_hat.data, Y)
    return _made(type(loss).__name__, value, (Y_hat, lambda dY: dY * dY_hat))


@contextlib.contextmanager
def no_grad() -> Iterator[None]:
    """Note nothing inside a `with`: for predictions, from which nothing goes back.

    See notebooks/13_automatic_differentiation.ipynb.
    """
    before = _is_recording.set(False)
    try:
        yield
    finally:
        _is_recording.reset(before)


def _arrays(*operands: Any) -> list[Any]:
    return [_tape.operand(one.data if isinstance(one, Tensor) else one) for one in operands]


def _made(op: str, Y: Any, *ways: tuple[Any, ...]) -> Tensor:
    """Return the result of an operation, with an edge to each operand that is a tensor."""
    result = Tensor(Y)
    result.op = op
    if _is_recording.get():
        ours = (way for way in ways if isinstance(way[0], Tensor))
        result.edges = [Edge(to, pull, _tape.marked(read)) for to, pull, *read in ours]
    return result


def _added(A: Array | None, B: Array) -> Array:
    return B if A is None else np.asarray(A + B)


def _undo_broadcast(dX: Any, to: Tensor, dY: Array) -> Array:
    """Return dX in the shape it goes to: along an axis where that was repeated, what comes is added up."""
    dX = np.asarray(dX)
    if dX.shape != to.shape:
        more = dX.ndim - len(to.shape)
        rows = dX.reshape(-1, math.prod(dX.shape[more:]))
        dX = (np.ones(len(rows), dX.dtype) @ rows).reshape(dX.shape[more:])  # BLAS adds ten times as fast
        repeated = [axis for axis, n in enumerate(to.shape) if n < dX.shape[axis]]
        dX = dX.sum(axis=tuple(repeated), keepdims=True)
    # Where it ends, nobody else may change it.
    return dX.astype(to.data.dtype, copy=not to.edges and np.may_share_memory(dX, dY))
