"""Layers of images, (N, height, width, channels): a small dense layer at every place, and pooling."""

import functools
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nnlib import _images
from nnlib import _validation as check
from nnlib._doors import Parameter, bare
from nnlib._types import Array, ArrayLike, DTypeLike, Generator, Initializer
from nnlib.initializers import he
from nnlib.layers import Layer

__all__ = ["Conv2D", "MaxPool2D"]


class Conv2D(Layer):
    """Y[n, i, j, o] = Σ_u Σ_v Σ_c X[n, s i + u, s j + v, c] W[u, v, c, o] + b[o]: one dense layer everywhere.

    With the patch of each output laid out as a row of P, this is a product of matrices, Y = P W + b.

    Parameters
    ----------
    n_in, n_out : int
        The depth of what comes in and of what goes out: channels.
    kernel : int or pair of int
        Height and width of the patch that an output sees; one number for both.
    stride : int, default 1
        s: how far apart the patches of neighbouring outputs are, in pixels.
    padding : int, default 0
        p: how many rows and columns of zeros are put around each image.
    rng : numpy.random.Generator
        Where the weights are drawn from.
    init : function of (rng, n_in, n_out), default `initializers.he`
        The law of the weights. It is told k·k·n_in for n_in: as many numbers make one output.
    dtype : float32 (default) or float64

    Attributes
    ----------
    W, dW : ndarray of shape (kernel height, kernel width, n_in, n_out)
    b, db : ndarray of shape (n_out,)

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number in its range, X is not (N, height, width, n_in), or the kernel is
        larger than an image with its padding.

    Notes
    -----
    Of height H come ⌊(H + 2p - k) / s⌋ + 1 rows; what is left over at the bottom and on the right is not
    read.
    The kernel is not turned: mathematics calls this a correlation, and every framework a convolution.

    Examples
    --------
    >>> layer = Conv2D(1, 6, 5, rng=np.random.default_rng(0))
    >>> layer.forward(np.ones((2, 28, 28, 1), np.float32)).shape
    (2, 24, 24, 6)

    Source: LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document recognition,
    section II. See notebooks/12_convolution.ipynb.
    """

    n_in: int
    n_out: int
    W = Parameter()
    b = Parameter()
    dW: Array | None = None
    db: Array | None = None

    def __init__(
        self,
        n_in: int,
        n_out: int,
        kernel: int | tuple[int, int],
        *,
        stride: int = 1,
        padding: int = 0,
        rng: Generator,
        init: Initializer = he,
        dtype: DTypeLike = np.float32,
    ):
        self.n_in = check.whole(n_in, "n_in", 1)
        self.n_out = check.whole(n_out, "n_out", 1)
        self.kernel = _images.height_and_width(kernel)
        self.stride = check.whole(stride, "stride", 1)
        self.padding = check.whole(padding, "padding", 0)
        k_h, k_w = self.kernel
        W = check.weights(init, check.generator(rng), (k_h * k_w * n_in, n_out), dtype)
        self.W = W.reshape(k_h, k_w, n_in, n_out)
        self.b = np.zeros(n_out, dtype)

    @property
    def params(self) -> tuple[Array, Array]:  # type: ignore[override]
        return self.W, self.b

    @property
    def grads(self) -> tuple[Array | None, Array | None]:  # type: ignore[override]
        return self.dW, self.db

    def _samples(self, X: ArrayLike, dtype: Any = None, owner: str = "layer") -> Array:
        return _images.looked_at(X, self.n_in, self.kernel, self.padding, dtype, owner)

    def forward(self, X: Array, training: bool = False) -> Array:
        p = self.padding
        self.X = np.pad(X, ((0, 0), (p, p), (p, p), (0, 0))) if p else X
        P = windows(self.X, self.kernel, self.stride)
        self.P = P.reshape(-1, self.W[..., 0].size)
        Y = self.P @ self.W.reshape(-1, self.n_out) + self.b
        return Y.reshape(*P.shape[:3], self.n_out)

    def backward(self, dY: Array) -> Array:
        bare(self.parameter_gradients)(dY)
        rows = dY.reshape(-1, self.n_out)
        dX = np.zeros_like(self.X)
        places = windows(dX, self.kernel, self.stride)  # a view: what is added to it is added to dX
        for u, v in np.ndindex(self.kernel):
            places[:, :, :, u, v] += (rows @ self.W[u, v].T).reshape(*dY.shape[:3], self.n_in)
        p = self.padding
        return dX[:, p : dX.shape[1] - p, p : dX.shape[2] - p]

    def parameter_gradients(self, dY: Array) -> None:
        rows = dY.reshape(-1, self.n_out)
        self.dW = np.dot(self.P.T, rows).reshape(self.W.shape)
        self.db = np.ones(len(rows), dY.dtype) @ rows  # dY.sum(axis=0); BLAS adds ten times as fast

    def __repr__(self) -> str:
        k_h, k_w = self.kernel
        kernel = k_h if k_h == k_w else self.kernel
        stride = f", stride={self.stride}" if self.stride > 1 else ""
        padding = f", padding={self.padding}" if self.padding else ""
        return f"Conv2D({self.n_in}, {self.n_out}, {kernel}{stride}{padding})"


class MaxPool2D(Layer, keeps_width=True):
    """Y[n, i, j, c] = max of X[n, s i + u, s j + v, c] over 0 <= u, v < s: the largest of each square.

    dY goes back to the *first* largest of its square, row by row, and to no other.

    Parameters
    ----------
    size : int
        s: the side of a square, and how far apart neighbouring squares are. What is left over at the bottom
        and on the right is not read.

    Raises
    ------
    TypeError, ValueError
        If `size` is not a whole number of at least 1, X is not (N, height, width, channels), or a square is
        larger than an image.

    Examples
    --------
    >>> MaxPool2D(2).forward(np.arange(16.0).reshape(1, 4, 4, 1))[0, :, :, 0]
    array([[ 5.,  7.],
           [13., 15.]])

    See notebooks/12_convolution.ipynb.
    """

    def __init__(self, size: int):
        self.size = check.whole(size, "size", 1)

    def _takes(self, X: ArrayLike) -> Array:
        return check.floats(_images.looked_at(X, None, (self.size, self.size)), "X")

    def forward(self, X: Array, training: bool = False) -> Array:
        self.X = X
        self.Y = functools.reduce(np.maximum, self._placings(X))
        return self.Y

    def backward(self, dY: Array) -> Array:
        dX = np.zeros_like(self.X)
        left = np.ones(self.Y.shape, bool)
        for X_uv, dX_uv in zip(self._placings(self.X), self._placings(dX), strict=True):
            first = left & (X_uv == self.Y)
            dX_uv[...] = dY * first
            left &= ~first
        return dX

    def _placings(self, A: Array) -> list[Array]:
        """Return views of A, one for each place (u, v) in a square, each of the shape of Y."""
        P = windows(A, (self.size, self.size), self.size)
        return [P[:, :, :, u, v] for u, v in np.ndindex(P.shape[3:5])]

    def __repr__(self) -> str:
        return f"MaxPool2D({self.size})"


def windows(A: Array, kernel: tuple[int, int], stride: int) -> Array:
    """Return P[n, i, j, u, v, c] = A[n, s i + u, s j + v, c], (N, H', W', k_h, k_w, C): a view into A."""
    P = sliding_window_view(A, kernel, axis=(1, 2), writeable=True)
    return np.moveaxis(P[:, ::stride, ::stride], 3, 5)
