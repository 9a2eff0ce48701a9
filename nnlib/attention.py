"""Layers of sequences, (N, T, n): each place looks at the others, and takes what it finds there."""

import math
from typing import Any

import numpy as np

from nnlib import _sequences
from nnlib import _validation as check
from nnlib._doors import Parameter, bare
from nnlib._types import Array, ArrayLike, DTypeLike, Generator, Initializer
from nnlib.initializers import standard_normal, xavier
from nnlib.layers import Layer
from nnlib.losses import SoftmaxCrossEntropy, _softmax
from nnlib.metrics import _one_hot
from nnlib.network import Network

__all__ = ["Attention", "Embedding", "LayerNorm", "MaskedCrossEntropy", "Positions", "Residual"]


class Attention(Layer):
    """Y = A V W_O with A = softmax(Q Kᵀ / √k), where Q = X W_Q, K = X W_K, V = X W_V: a soft look-up.

    Each place asks with its row of Q, is found by its row of K, and gives its row of V. A[t, s] is how much
    place t takes from place s; each row of A sums to 1.

    Parameters
    ----------
    n : int
        How many numbers stand at each place, of what comes in and of what goes out.
    heads : int, default 1
        How many look-ups are made side by side, each with its own k = n / heads columns of Q, K and V.
    causal : bool, default False
        Whether a place is kept from looking at those behind it.
    rng : numpy.random.Generator
        Where the weights are drawn from.
    init : function of (rng, n_in, n_out), default `initializers.xavier`
        The law of the weights.
    dtype : float32 (default) or float64

    Attributes
    ----------
    W_Q, W_K, W_V, W_O, dW_Q, dW_K, dW_V, dW_O : ndarray of shape (n, n)
    Q, K, V : ndarray of shape (N, heads, T, k)
        Of the last `forward`.
    A : ndarray of shape (N, heads, T, T)
        The map of the last `forward`: who takes how much from whom.

    Raises
    ------
    TypeError, ValueError
        If n is no multiple of `heads`, or X is not (N, T, n). T may be another one in each batch.

    Notes
    -----
    Without positions a layer does not know an order: exchange two rows of X, and those of Y are exchanged.
    A place that is not to be seen has the score -∞, whose exponential is 0.

    Examples
    --------
    >>> layer = Attention(8, heads=2, causal=True, rng=np.random.default_rng(0))
    >>> layer.forward(np.ones((5, 3, 8), np.float32)).shape
    (5, 3, 8)
    >>> layer.A[0, 0].round(2)
    array([[1.  , 0.  , 0.  ],
           [0.5 , 0.5 , 0.  ],
           [0.33, 0.33, 0.33]], dtype=float32)

    Source: Vaswani et al. (2017), Attention is all you need, section 3.2.
    See notebooks/16_attention.ipynb.
    """

    n_in: int
    W_Q = Parameter()
    W_K = Parameter()
    W_V = Parameter()
    W_O = Parameter()

    def __init__(
        self,
        n: int,
        heads: int = 1,
        *,
        causal: bool = False,
        rng: Generator,
        init: Initializer = xavier,
        dtype: DTypeLike = np.float32,
    ):
        self.n_in = check.whole(n, "n", 1)
        self.n_out = self.n_in
        self.heads = check.whole(heads, "heads", 1)
        if n % heads:
            raise ValueError(
                f"n is {n}, with {heads} heads; expected a multiple of heads: each has n / heads."
            )
        self.causal = causal
        check.generator(rng)
        for name in ("W_Q", "W_K", "W_V", "W_O"):
            setattr(self, name, check.weights(init, rng, (n, n), dtype))

    def _samples(self, X: ArrayLike, dtype: Any = None, owner: str = "layer") -> Array:
        return _sequences.vectors(X, self.n_in, dtype, owner)

    def forward(self, X: Array, training: bool = False) -> Array:
        N, T, n = X.shape
        self.X = X.reshape(-1, n)
        self.Q = split(self.X @ self.W_Q, N, self.heads)
        self.K = split(self.X @ self.W_K, N, self.heads)
        self.V = split(self.X @ self.W_V, N, self.heads)
        S = self.Q @ self.K.mT / math.sqrt(n // self.heads)
        if self.causal:
            S[..., np.arange(T) > np.arange(T)[:, None]] = -np.inf
        self.A = _softmax(S)
        self.H = joined(self.A @ self.V)
        Y = self.H @ self.W_O
        return Y.reshape(N, T, n)

    def backward(self, dY: Array) -> Array:
        N, T, n = dY.shape
        rows = dY.reshape(-1, n)
        dH = split(rows @ self.W_O.T, N, self.heads)
        dA = dH @ self.V.mT
        dS = self.A * (dA - (dA * self.A).sum(axis=-1, keepdims=True))
        dS /= math.sqrt(n // self.heads)
        dQ = joined(dS @ self.K)
        dK = joined(dS.mT @ self.Q)
        dV = joined(self.A.mT @ dH)
        self.dW_Q = self.X.T @ dQ
        self.dW_K = self.X.T @ dK
        self.dW_V = self.X.T @ dV
        self.dW_O = self.H.T @ rows
        dX = dQ @ self.W_Q.T + dK @ self.W_K.T + dV @ self.W_V.T
        return dX.reshape(N, T, n)

    def __repr__(self) -> str:
        heads = f", heads={self.heads}" if self.heads > 1 else ""
        causal = ", causal=True" if self.causal else ""
        return f"Attention({self.n_in}{heads}{causal})"


class LayerNorm(Layer, of_rows=True):
    """Y = g ⊙ Z + b with Z = (X - μ) / σ, where μ and σ² + ε are mean and variance of each row of X.

    Parameters
    ----------
    n : int
        How many numbers stand in a row. Any axes may stand before the last one.
    dtype : float32 (default) or float64

    Attributes
    ----------
    g, dg, b, db : ndarray of shape (n,)
        Gain and bias, 1 and 0 to begin with.
    eps : float
        ε = 1e-5: a row whose numbers are all the same becomes 0, and not 0 / 0.

    Raises
    ------
    TypeError, ValueError
        If n is not a whole number of at least 1, or X does not have n features.

    Examples
    --------
    >>> LayerNorm(4).forward(np.array([[1.0, 2.0, 3.0, 4.0]])).round(3)
    array([[-1.342, -0.447,  0.447,  1.342]])

    Source: Ba, Kiros and Hinton (2016), Layer normalization, section 3. See notebooks/16_attention.ipynb.
    """

    g = Parameter()
    b = Parameter()
    eps = 1e-5

    def __init__(self, n: int, *, dtype: DTypeLike = np.float32):
        self.n_in = check.whole(n, "n", 1)
        self.n_out = self.n_in
        dtype = check.precision(dtype)
        self.g = np.ones(n, dtype)
        self.b = np.zeros(n, dtype)

    def forward(self, X: Array, training: bool = False) -> Array:
        D = X - X.mean(axis=1, keepdims=True)
        self.sigma = np.sqrt((D**2).mean(axis=1, keepdims=True) + self.eps)
        self.Z = D / self.sigma
        return self.g * self.Z + self.b

    def backward(self, dY: Array) -> Array:
        self.dg = (dY * self.Z).sum(axis=0)
        self.db = dY.sum(axis=0)
        dZ = dY * self.g
        dD = dZ - self.Z * (dZ * self.Z).mean(axis=1, keepdims=True)
        return (dD - dD.mean(axis=1, keepdims=True)) / self.sigma

    def __repr__(self) -> str:
        return f"LayerNorm({self.n_in})"


class Embedding(Layer):
    """Y[n, t] = W[X[n, t]]: each symbol has a row of W, which is learned.

    It is a dense layer without biases over one-hot rows, Y = U W, of which only the product is left out.

    Parameters
    ----------
    n_symbols : int
        How many symbols there are: X holds whole numbers from 0 to n_symbols - 1.
    n : int
        How many numbers stand for each.
    rng : numpy.random.Generator
        Where W is drawn from, N(0, 1).
    dtype : float32 (default) or float64

    Attributes
    ----------
    W, dW : ndarray of shape (n_symbols, n)

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1, or X is not (N, T), of such symbols.

    Notes
    -----
    Nothing is differentiated by a whole number: dX is 0.

    Examples
    --------
    >>> Embedding(10, 4, rng=np.random.default_rng(0)).forward([[3, 1, 4], [1, 5, 9]]).shape
    (2, 3, 4)

    See notebooks/16_attention.ipynb.
    """

    W = Parameter()
    _takes_symbols = True

    def __init__(self, n_symbols: int, n: int, *, rng: Generator, dtype: DTypeLike = np.float32):
        self.n_symbols = check.whole(n_symbols, "n_symbols", 1)
        self.n_out = check.whole(n, "n", 1)
        self.W = check.weights(standard_normal, check.generator(rng), (n_symbols, n), dtype)

    def _samples(self, X: ArrayLike, dtype: Any = None, owner: str = "layer") -> Array:
        return _sequences.symbols(X, self.n_symbols, dtype)

    def _takes(self, X: ArrayLike) -> Array:
        return self._samples(X, self.W.dtype)

    def forward(self, X: Array, training: bool = False) -> Array:
        self.X = X.astype(int)  # a network hands on floats
        return self.W[self.X]

    def backward(self, dY: Array) -> Array:
        U = _one_hot(self.X.ravel(), self.n_symbols, dY.dtype)
        self.dW = U.T @ dY.reshape(-1, dY.shape[2])
        return np.zeros(self.X.shape, dY.dtype)

    def __repr__(self) -> str:
        return f"Embedding({self.n_symbols}, {self.n_out})"


class Positions(Layer):
    """Y[n, t] = X[n, t] + P[t]: each place has a row of P, which is learned.

    Parameters
    ----------
    T_max : int
        How many places are known. A shorter sequence takes the first of them.
    n : int
        How many numbers stand at each place.
    rng : numpy.random.Generator
        Where P is drawn from, N(0, 1).
    dtype : float32 (default) or float64

    Attributes
    ----------
    P, dP : ndarray of shape (T_max, n)

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1, X is not (N, T, n), or T is larger than T_max.

    Source: Gehring, Auli, Grangier, Yarats and Dauphin (2017), Convolutional sequence to sequence learning,
    section 3.1. See notebooks/16_attention.ipynb.
    """

    n_in: int
    P = Parameter()

    def __init__(self, T_max: int, n: int, *, rng: Generator, dtype: DTypeLike = np.float32):
        self.T_max = check.whole(T_max, "T_max", 1)
        self.n_in = check.whole(n, "n", 1)
        self.n_out = self.n_in
        self.P = check.weights(standard_normal, check.generator(rng), (T_max, n), dtype)

    def _samples(self, X: ArrayLike, dtype: Any = None, owner: str = "layer") -> Array:
        return _sequences.vectors(X, self.n_in, dtype, owner, self.T_max)

    def forward(self, X: Array, training: bool = False) -> Array:
        return X + self.P[: X.shape[1]]

    def backward(self, dY: Array) -> Array:
        self.dP = np.zeros_like(self.P)
        self.dP[: dY.shape[1]] = dY.sum(axis=0)
        return dY

    def __repr__(self) -> str:
        return f"Positions({self.T_max}, {self.n_in})"


class Residual(Layer, keeps_width=True):
    """Y = X + f(X), where f is what the layers make of X in order; dX = dY + ∂L/∂X through them: a fork.

    Parameters
    ----------
    *layers : Layer
        At least one. What goes out of the last has the shape of what comes into the first.

    Attributes
    ----------
    layers : tuple of Layer
    inside : Network
        The same layers, as they hand on.

    Raises
    ------
    TypeError, ValueError
        As of a `Network`, or if f(X) does not have the shape of X.

    Source: He, Zhang, Ren and Sun (2016), Deep residual learning for image recognition, section 3.1.
    See notebooks/16_attention.ipynb.
    """

    def __init__(self, *layers: Layer):
        if not layers:
            raise ValueError("Residual() has no layers; expected at least one, as in Residual(Attention(…)).")
        self.inside = Network(*layers)
        self.layers = layers
        self.n_in = layers[0].n_in
        self.params = self.inside.params

    @property
    def grads(self) -> list[Array]:  # type: ignore[override]
        return self.inside.grads

    def _samples(self, X: ArrayLike, dtype: Any = None, owner: str = "layer") -> Array:
        return self.layers[0]._samples(X, dtype, owner)

    def _takes(self, X: ArrayLike) -> Array:
        X = self.layers[0]._takes(X)
        check.shaped(self.inside.forward(X), X.shape, "what the layers of this Residual return")
        return X

    def forward(self, X: Array, training: bool = False) -> Array:
        return X + bare(self.inside.forward)(X, training)

    def backward(self, dY: Array) -> Array:
        return dY + bare(self.inside.backward)(dY)

    def __repr__(self) -> str:
        return f"Residual({', '.join(map(repr, self.layers))})"


class MaskedCrossEntropy(SoftmaxCrossEntropy):
    """L = -(1/M) Σ log P[n, t, y_nt] over the M places of sequences whose label y_nt is not -1.

    It is SoftmaxCrossEntropy of the rows that count; dZ is 0 at all others.

    Shapes: logits Z (N, T, C), C at least 2; labels Y (N, T), whole numbers from 0 to C - 1, or -1 where
    nothing is asked. Raises ValueError or TypeError for other shapes and labels, and for a sequence in which
    nothing counts.

    Examples
    --------
    >>> loss = MaskedCrossEntropy()
    >>> print(f"{loss.value(np.zeros((1, 3, 10)), [[7, -1, 2]]):.6f} {np.log(10):.6f}")
    2.302585 2.302585

    See notebooks/16_attention.ipynb.
    """

    def value(self, Z: Array, Y: Array) -> float:
        return bare(self.value_and_gradient)(Z, Y)[0]

    def gradient(self, Z: Array, Y: Array) -> Array:
        return bare(self.value_and_gradient)(Z, Y)[1]

    def value_and_gradient(self, Z: Array, Y: Array) -> tuple[float, Array]:
        counts = Y >= 0
        dZ = np.zeros_like(Z)
        rows = _one_hot(Y[counts].astype(int), Z.shape[2], Z.dtype)
        L, dZ[counts] = super().value_and_gradient(Z[counts], rows)
        return L, dZ

    def targets(self, Y: ArrayLike, dtype: DTypeLike) -> Array:
        return _sequences.labels(Y)

    def _takes(self, Z: ArrayLike, Y: ArrayLike) -> tuple[Array, Array]:
        return _sequences.logits_and_labels(Z, Y)


def split(A: Array, N: int, heads: int) -> Array:
    """Return H[n, h, t, i] = A[n T + t, h k + i], (N, heads, T, k): each head apart."""
    return A.reshape(N, len(A) // N, heads, -1).swapaxes(1, 2)


def joined(H: Array) -> Array:
    """Return A[n T + t, h k + i] = H[n, h, t, i], (N T, n): the heads side by side again."""
    N, heads, T, k = H.shape
    return H.swapaxes(1, 2).reshape(N * T, heads * k)
