"""Layers: forward keeps what backward needs, backward assigns its gradients and updates nothing."""

import numpy as np

from nnlib import _validation as check
from nnlib.initializers import he

__all__ = ["Dense", "Dropout", "Flatten", "Layer"]


class Layer:
    """A function Y = f(X) of a batch that knows how to send a gradient back: dX from dY.

    A new layer subclasses this and writes `forward` and `backward`; one with parameters also returns them and
    their gradients, in the same order, from `params` and `grads`. `dA` always means ∂L/∂A and has A's shape.

    Attributes
    ----------
    params, grads : tuple of ndarray
        The parameters, and what the last `backward` found for each.
    n_in, n_out : int or None
        The widths that the layer fixes; None where it takes any.

    See notebooks/05_backpropagation.ipynb.
    """

    params = ()
    grads = ()
    n_in = None
    n_out = None

    def forward(self, X, training=False):
        """Return Y, (N, n_out), for X, (N, n_in). `training` is True inside the training loop."""
        raise NotImplementedError(f"{type(self).__name__} has no forward.")

    def backward(self, dY):
        """Return dX, (N, n_in), for dY, (N, n_out), and assign the gradients of the parameters."""
        raise NotImplementedError(f"{type(self).__name__} has no backward.")

    def parameter_gradients(self, dY):
        """Assign the gradients of the parameters only: all that the first layer of a network needs.

        A layer in which dX costs much overrides this one; see `Dense`.
        """
        self.backward(dY)

    def __repr__(self):
        return f"{type(self).__name__}()"


class Parameter:
    """An attribute whose array an optimiser may hold: assigning to it copies the values into that array."""

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, layer, owner=None):
        return self if layer is None else layer.__dict__[self.name]

    def __set__(self, layer, values):
        A = check.floats(values, self.name)
        array = layer.__dict__.setdefault(self.name, A)
        if A.shape != array.shape:
            raise ValueError(f"{self.name} has shape {A.shape}, but this layer's is {array.shape}.")
        array[...] = A


class Dense(Layer):
    """Y = X W + b: each output is a weighted sum of all inputs, plus a bias.

    Parameters
    ----------
    n_in, n_out : int
        How many numbers come in and go out, for each sample.
    rng : numpy.random.Generator
        Where the weights are drawn from.
    init : function of (rng, n_in, n_out), default `initializers.he`
        The law of the weights. The biases start at zero.
    dtype : float32 (default) or float64
        float32 to train, float64 to check gradients.

    Attributes
    ----------
    W, dW : ndarray of shape (n_in, n_out)
    b, db : ndarray of shape (n_out,)
        Set them in place, `layer.W[...] = W0`; `layer.W = W0` copies into the same array.

    Raises
    ------
    TypeError, ValueError
        If a width is not a whole number of at least 1, `rng` is not a Generator, `init` returns another
        shape, or X does not have n_in features.

    Examples
    --------
    >>> layer = Dense(2, 3, rng=np.random.default_rng(0))
    >>> layer.forward(np.ones((5, 2), np.float32)).shape
    (5, 3)

    See notebooks/02_dense_layer.ipynb.
    """

    W = Parameter()
    b = Parameter()

    def __init__(self, n_in, n_out, *, rng, init=he, dtype=np.float32):
        self.n_in = check.whole(n_in, "n_in", 1)
        self.n_out = check.whole(n_out, "n_out", 1)
        if dtype not in (np.float32, np.float64):
            raise ValueError(f"dtype is {dtype!r}; expected float32 or float64.")
        W = check.function(init, "init", "(rng, n_in, n_out)")(check.generator(rng), self.n_in, self.n_out)
        W = check.shaped(W, (self.n_in, self.n_out), "what init returned")
        self.W = np.array(check.finite(W, "what init returned", dtype), dtype)
        self.b = np.zeros(self.n_out, dtype)
        self.dW = self.db = None

    @property
    def params(self):
        return self.W, self.b

    @property
    def grads(self):
        return self.dW, self.db

    def forward(self, X, training=False):
        self.X = check.floats(check.samples(X, "X", self.n_in, owner="layer"), "X")
        return self.X @ self.W + self.b

    def backward(self, dY):
        dY = check.gradient(dY, self, "X", self.n_out)
        self.parameter_gradients(dY)
        return dY @ self.W.T

    def parameter_gradients(self, dY):
        dY = check.gradient(dY, self, "X", self.n_out)
        self.dW = np.dot(self.X.T, dY)  # X.T @ dY; for a single sample dot is five times as fast
        self.db = dY.sum(axis=0)

    def __repr__(self):
        return f"Dense({self.n_in}, {self.n_out})"


class Dropout(Layer):
    """Y = X ⊙ M / (1 - p), where each entry of the mask M is 0 with probability p and 1 otherwise.

    The division keeps the mean, E[Y] = X, so nothing has to be scaled afterwards: outside of training Y = X.

    Parameters
    ----------
    p : float
        The share of entries set to zero, 0 <= p < 1.
    rng : numpy.random.Generator
        Where the masks are drawn from.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), Dropout, section 10 (the form
    that scales in training). See notebooks/11_generalisation.ipynb.
    """

    def __init__(self, p, *, rng):
        self.p = check.between(p, "p", 0, 1, low_allowed=True)
        self.rng = check.generator(rng)

    def forward(self, X, training=False):
        X = check.floats(X, "X")
        self.M = np.ones_like(X)
        if training:
            keep = self.rng.random(X.shape, np.float32) >= self.p
            self.M = keep.astype(X.dtype) / (1 - self.p)
        return X * self.M

    def backward(self, dY):
        dY = check.gradient(dY, self, "M")
        return dY * self.M

    def __repr__(self):
        return f"Dropout({self.p})"


class Flatten(Layer):
    """Y = X with all but the first axis laid out in one row: (N, 28, 28) becomes (N, 784).

    See notebooks/12_convolution.ipynb.
    """

    def forward(self, X, training=False):
        self.X = check.samples(X, "X")
        self.Y = self.X.reshape(len(self.X), -1)
        return self.Y

    def backward(self, dY):
        return check.gradient(dY, self, "Y").reshape(self.X.shape)
