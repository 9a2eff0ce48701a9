"""Activations: functions applied to each entry, Y = f(X), with the elementwise chain rule dX = dY ⊙ f'(X)."""

import numpy as np

from nnlib import _validation as check
from nnlib.layers import Layer

__all__ = ["Activation", "LeakyReLU", "ReLU", "Sigmoid", "Tanh", "sigmoid"]


def sigmoid(X):
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
    X = check.floats(X, "X")
    E = np.exp(-np.abs(X))
    return np.where(X >= 0, 1, E) / (1 + E)


class Activation(Layer):
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

    def __init__(self, f, f_prime):
        self.f = check.function(f, "f", "an array")
        self.f_prime = check.function(f_prime, "f_prime", "an array")

    def forward(self, X, training=False):
        self.X = check.floats(X, "X")
        return check.shaped(self.f(self.X), self.X.shape, "f(X)", self.X.dtype)

    def backward(self, dY):
        dY = check.gradient(dY, self, "X")
        return dY * check.shaped(self.f_prime(self.X), self.X.shape, "f_prime(X)", self.X.dtype)


class Tanh(Layer):
    """Y = tanh(X), dX = dY ⊙ (1 - Y²). See notebooks/03_activations.ipynb."""

    def forward(self, X, training=False):
        self.Y = np.tanh(check.floats(X, "X"))
        return self.Y

    def backward(self, dY):
        dY = check.gradient(dY, self, "Y")
        return dY * (1 - self.Y * self.Y)


class Sigmoid(Layer):
    """Y = σ(X), dX = dY ⊙ Y ⊙ (1 - Y). See notebooks/03_activations.ipynb."""

    def forward(self, X, training=False):
        self.Y = sigmoid(X)
        return self.Y

    def backward(self, dY):
        dY = check.gradient(dY, self, "Y")
        return dY * self.Y * (1 - self.Y)


class ReLU(Layer):
    """Y = max(X, 0), dX = dY where X > 0, else 0 (the subgradient 0 is chosen at X = 0).

    See notebooks/03_activations.ipynb.
    """

    def forward(self, X, training=False):
        self.X = check.floats(X, "X")
        return np.maximum(self.X, 0)

    def backward(self, dY):
        dY = check.gradient(dY, self, "X")
        return dY * (self.X > 0)


class LeakyReLU(Layer):
    """Y = X where X > 0, else slope · X; dX = dY where X > 0, else slope · dY.

    Parameters
    ----------
    slope : float, default 0.01
        0 <= slope < 1. With a slope above 0 no unit is dead for good.

    Source: Maas, Hannun and Ng (2013), Rectifier nonlinearities improve neural network acoustic models,
    section 2. See notebooks/03_activations.ipynb.
    """

    def __init__(self, slope=0.01):
        self.slope = check.between(slope, "slope", 0, 1, low_allowed=True)

    def forward(self, X, training=False):
        self.X = X = check.floats(X, "X")
        return np.where(X > 0, X, self.slope * X)

    def backward(self, dY):
        dY = check.gradient(dY, self, "X")
        return np.where(self.X > 0, dY, self.slope * dY)

    def __repr__(self):
        return f"LeakyReLU({self.slope})"
