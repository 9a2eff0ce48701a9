"""Layers: forward keeps what backward needs, backward assigns its gradients and updates nothing."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnlib import _validation as check
from nnlib._doors import LayerDoors, Named, Parameter, bare
from nnlib._types import Array, ArrayLike, DTypeLike, Generator, Initializer
from nnlib.initializers import he

__all__ = ["Dense", "Dropout", "Flatten", "Layer"]


class Layer(LayerDoors, abstract=True):
    """A function Y = f(X) of a batch that knows how to send a gradient back: dX from dY.

    A new layer subclasses this and writes `forward` and `backward`; one with parameters also returns them and
    their gradients, in the same order, from `params` and `grads`, where each `Parameter` W and its dW are
    found by themselves. `dA` always means ∂L/∂A and has A's shape.
    What a user hands in is looked at before the equations see it: X is an array of floats, and has `n_in`
    features if that is set; dY has the shape of Y.

    Attributes
    ----------
    params, grads : sequence of ndarray
        The parameters, and what the last `backward` found for each.
    n_in, n_out : int or None
        The widths that the layer fixes; None where they are not known beforehand.

    See notebooks/05_backpropagation.ipynb.
    """

    params: Sequence[Array] = Named("")  # type: ignore[assignment]
    grads: Sequence[Any] = Named("d")  # type: ignore[assignment]
    n_in: int | None = None
    n_out: int | None = None

    def forward(self, X: Array, training: bool = False) -> Array:
        """Return Y, (N, n_out), for X, (N, n_in). `training` is True inside the training loop."""
        raise NotImplementedError(f"{type(self).__name__} has no forward.")

    def backward(self, dY: Array) -> Array:
        """Return dX, (N, n_in), for dY, (N, n_out), and assign the gradients of the parameters."""
        raise NotImplementedError(f"{type(self).__name__} has no backward.")

    def parameter_gradients(self, dY: Array) -> None:
        """Assign the gradients of the parameters only: all that the first layer of a network needs.

        A layer in which dX costs much overrides this one; see `Dense`.
        """
        bare(self.backward)(dY)


class Dense(Layer, of_rows=True):
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

    n_in: int
    n_out: int
    W = Parameter()
    b = Parameter()
    dW: Array | None = None
    db: Array | None = None

    def __init__(
        self, n_in: int, n_out: int, *, rng: Generator, init: Initializer = he, dtype: DTypeLike = np.float32
    ):
        self.n_in = check.whole(n_in, "n_in", 1)
        self.n_out = check.whole(n_out, "n_out", 1)
        self.W = check.weights(init, check.generator(rng), (self.n_in, self.n_out), dtype)
        self.b = np.zeros(self.n_out, dtype)

    @property
    def params(self) -> tuple[Array, Array]:  # type: ignore[override]
        return self.W, self.b

    @property
    def grads(self) -> tuple[Array | None, Array | None]:  # type: ignore[override]
        return self.dW, self.db

    def forward(self, X: Array, training: bool = False) -> Array:
        self.X = X
        return X @ self.W + self.b

    def backward(self, dY: Array) -> Array:
        bare(self.parameter_gradients)(dY)
        return dY @ self.W.T

    def parameter_gradients(self, dY: Array) -> None:
        self.dW = np.dot(self.X.T, dY)  # X.T @ dY; dot is faster, most of all for one sample
        self.db = dY.sum(axis=0)

    def __repr__(self) -> str:
        return f"Dense({self.n_in}, {self.n_out})"


class Dropout(Layer, keeps_width=True):
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

    def __init__(self, p: float, *, rng: Generator):
        self.p = check.between(p, "p", 0, 1, low_allowed=True)
        self.rng = check.generator(rng)

    def forward(self, X: Array, training: bool = False) -> Array:
        self.M = np.ones_like(X)
        if training:
            keep = self.rng.random(X.shape, np.float32) >= self.p
            self.M = keep.astype(X.dtype) / (1 - self.p)
        return X * self.M

    def backward(self, dY: Array) -> Array:
        return dY * self.M

    def __repr__(self) -> str:
        return f"Dropout({self.p})"


class Flatten(Layer):
    """Y = X with all but the first axis laid out in one row: (N, 28, 28) becomes (N, 784).

    An image becomes the row of pixels that a Dense layer takes. See notebooks/09_mnist.ipynb.
    """

    def _takes(self, X: ArrayLike) -> Array:
        return check.float_samples(X, "X")

    def forward(self, X: Array, training: bool = False) -> Array:
        self.X = X
        return X.reshape(len(X), -1)

    def backward(self, dY: Array) -> Array:
        return dY.reshape(self.X.shape)
