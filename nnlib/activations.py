"""Activations: functions applied to each entry, Y = f(X), with the elementwise chain rule dX = dY ⊙ f'(X)."""

import numpy as np

from nnlib import _validation as check
from nnlib._types import Array, ArrayLike, Function
from nnlib.layers import Layer

__all__ = ["Activation", "LeakyReLU", "ReLU", "Sigmoid", "Tanh", "sigmoid"]


def sigmoid(X: ArrayLike) -> Array:
    """σ(x) = 1 / (1 + exp(-x)), to full precision for any x and without overflow.

    exp is taken of -|x| only; for negative x the fraction is multiplied through by exp(x).

    Parameters
    ----------
    X : array_like of any shape

    Returns
    -------
    ndarray of the same shape, in [0, 1]

    See notebooks/03_activations.ipynb.
    """
    return _sigmoid(check.floats(X, "X"))


def _sigmoid(X: Array) -> Array:
    E = np.exp(-np.abs(X))
    return np.where(X >= 0, 1, E) / (1 + E)


class Activation(Layer, keeps_width=True):
    """Y = f(X), dX = dY ⊙ f'(X), for a pair of functions that work on arrays entry by entry.

    Parameters
    ----------
    f, f_prime : functions of an array
        The activation and its derivative, both taken at the layer's input X.

    Examples
    --------
    >>> square = Activation(np.square, lambda X: 2 * X)
    >>> square.forward(np.array([[3.0]])), square.backward(np.array([[1.0]]))
    (array([[9.]]), array([[6.]]))

    See notebooks/03_activations.ipynb.
    """

    def __init__(self, f: Function, f_prime: Function):
        self.f = check.EntryByEntry(f, "f")
        self.f_prime = check.EntryByEntry(f_prime, "f_prime")

    def forward(self, X: Array, training: bool = False) -> Array:
        self.X = X
        return self.f(X)

    def backward(self, dY: Array) -> Array:
        return dY * self.f_prime(self.X)


class Tanh(Layer, keeps_width=True):
    """Y = tanh(X), dX = dY ⊙ (1 - Y²). See notebooks/03_activations.ipynb."""

    def forward(self, X: Array, training: bool = False) -> Array:
        self.Y = np.tanh(X)
        return self.Y

    def backward(self, dY: Array) -> Array:
        return dY * (1 - self.Y**2)


class Sigmoid(Layer, keeps_width=True):
    """Y = σ(X), dX = dY ⊙ Y ⊙ (1 - Y). See notebooks/03_activations.ipynb."""

    def forward(self, X: Array, training: bool = False) -> Array:
        self.Y = _sigmoid(X)
        return self.Y

    def backward(self, dY: Array) -> Array:
        return dY * self.Y * (1 - self.Y)


class ReLU(Layer, keeps_width=True):
    """Y = max(X, 0), dX = dY where X > 0, else 0 (the subgradient 0 is chosen at X = 0).

    See notebooks/03_activations.ipynb.
    """

    def forward(self, X: Array, training: bool = False) -> Array:
        self.X = X
        return np.maximum(X, 0)

    def backward(self, dY: Array) -> Array:
        return dY * (self.X > 0)


class LeakyReLU(Layer, keeps_width=True):
    """Y = X where X > 0, else slope · X; dX = dY where X > 0, else slope · dY.

    Parameters
    ----------
    slope : float, default 0.01
        0 <= slope < 1. With a slope above 0 no unit is dead for good.

    Source: Maas, Hannun and Ng (2013), Rectifier nonlinearities improve neural network acoustic models,
    section 2. See notebooks/03_activations.ipynb.
    """

    def __init__(self, slope: float = 0.01):
        self.slope = check.between(slope, "slope", 0, 1, low_allowed=True)

    def forward(self, X: Array, training: bool = False) -> Array:
        self.X = X
        return np.where(X > 0, X, self.slope * X)

    def backward(self, dY: Array) -> Array:
        return np.where(self.X > 0, dY, self.slope * dY)

    def __repr__(self) -> str:
        return f"LeakyReLU({self.slope})"
