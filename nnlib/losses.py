"""Losses: how wrong the predictions are, and which way is less wrong.

A loss has no state. The mean over the batch lives here, so no layer knows how many samples there are.
"""

import numpy as np

from nnlib import _validation as check
from nnlib._doors import LossDoors, bare
from nnlib._types import Array, ArrayLike, DTypeLike
from nnlib.activations import _sigmoid
from nnlib.metrics import _one_hot

__all__ = ["MSE", "BinaryCrossEntropy", "Loss", "SoftmaxCrossEntropy", "log_softmax", "softmax"]


class Loss(LossDoors, abstract=True):
    """A number L(Y_hat, Y) for a batch, and its gradient ∂L/∂Y_hat. Prediction first, target second.

    Attributes
    ----------
    threshold : float
        Above which a single output column means class 1, for `metrics.accuracy`.

    See notebooks/04_losses.ipynb.
    """

    threshold: float = 0.5

    def value(self, Y_hat: Array, Y: Array) -> float:
        """Return L, a float."""
        raise NotImplementedError(f"{type(self).__name__} has no value.")

    def gradient(self, Y_hat: Array, Y: Array) -> Array:
        """Return ∂L/∂Y_hat, of Y_hat's shape."""
        raise NotImplementedError(f"{type(self).__name__} has no gradient.")

    def value_and_gradient(self, Y_hat: Array, Y: Array) -> tuple[float, Array]:
        """Return both; a loss whose two share work overrides this one."""
        return bare(self.value)(Y_hat, Y), bare(self.gradient)(Y_hat, Y)

    def targets(self, Y: ArrayLike, dtype: DTypeLike) -> Array:
        """Return Y as `value` and `gradient` take it, all finite, or raise. `fit` calls this once."""
        return check.finite_as(dtype, check.samples(Y, "Y"), "Y")


class MSE(Loss):
    """L = mean over all N · n_out entries of (Y_hat - Y)², dY_hat = 2 (Y_hat - Y) / (N · n_out).

    Shapes: Y_hat and Y (N, n_out). Raises ValueError if they differ.

    Examples
    --------
    >>> MSE().value([[1.0, 3.0]], [[1.0, 1.0]])
    2.0

    See notebooks/01_one_neuron.ipynb.
    """

    def value(self, Y_hat: Array, Y: Array) -> float:
        return np.mean((Y_hat - Y) ** 2)

    def gradient(self, Y_hat: Array, Y: Array) -> Array:
        return 2 * (Y_hat - Y) / Y.size


class BinaryCrossEntropy(Loss):
    """L = mean over all N · n_out entries of -(Y log σ(Z) + (1 - Y) log(1 - σ(Z))), from logits Z.

    dZ = (σ(Z) - Y) / (N · n_out). log σ(z) is taken as -log(1 + exp(-z)), which no z overflows.

    Shapes: Z and Y (N, n_out), with Y in [0, 1]. Raises ValueError if the shapes differ. A class is predicted
    1 where Z > 0.

    See notebooks/04_losses.ipynb.
    """

    threshold = 0.0

    def value(self, Z: Array, Y: Array) -> float:
        return np.mean(Y * np.logaddexp(0, -Z) + (1 - Y) * np.logaddexp(0, Z))

    def gradient(self, Z: Array, Y: Array) -> Array:
        return (_sigmoid(Z) - Y) / Y.size

    def targets(self, Y: ArrayLike, dtype: DTypeLike) -> Array:
        return check.probabilities(super().targets(Y, dtype), "Y")


def log_softmax(Z: ArrayLike) -> Array:
    """log P, where P = exp(Z) / Σ_c exp(Z_c) along the last axis.

    The largest logit is subtracted first, which changes nothing in P and keeps exp from overflowing.

    Parameters
    ----------
    Z : array_like, (N, C)

    Returns
    -------
    ndarray, (N, C), each entry <= 0

    See notebooks/04_losses.ipynb.
    """
    return _log_softmax(check.float_samples(Z, "Z"))


def _log_softmax(Z: Array) -> Array:
    Z = Z - Z.max(axis=-1, keepdims=True)
    return Z - np.log(np.exp(Z).sum(axis=-1, keepdims=True))


def softmax(Z: ArrayLike) -> Array:
    """P = exp(Z) / Σ_c exp(Z_c) along the last axis: each row is positive and sums to 1.

    Parameters
    ----------
    Z : array_like, (N, C)

    Returns
    -------
    ndarray, (N, C)

    See notebooks/04_losses.ipynb.
    """
    return _softmax(check.float_samples(Z, "Z"))


def _softmax(Z: Array) -> Array:
    E = np.exp(Z - Z.max(axis=-1, keepdims=True))
    return E / E.sum(axis=-1, keepdims=True)


class SoftmaxCrossEntropy(Loss):
    """L = -(1/N) Σ_n log P[n, y_n] from logits Z, where P = softmax(Z); dZ = (P - Y) / N.

    Shapes: Z (N, C), C at least 2; Y one-hot rows or other probabilities (N, C), or integer labels (N,).
    Raises ValueError or TypeError for other shapes, for rows that do not sum to 1, whose gradient would be
    another one, and for labels that are not whole numbers from 0 to C - 1.

    Examples
    --------
    With equal logits every class has probability 1/C, and the loss is log C:

    >>> print(f"{SoftmaxCrossEntropy().value(np.zeros((1, 10)), [3]):.6f} {np.log(10):.6f}")
    2.302585 2.302585

    See notebooks/04_losses.ipynb.
    """

    def value(self, Z: Array, Y: Array) -> float:
        return -(Y * _log_softmax(Z)).sum() / len(Y)

    def gradient(self, Z: Array, Y: Array) -> Array:
        return (_softmax(Z) - Y) / len(Y)

    def value_and_gradient(self, Z: Array, Y: Array) -> tuple[float, Array]:
        log_P = _log_softmax(Z)
        return -(Y * log_P).sum() / len(Y), (np.exp(log_P) - Y) / len(Y)

    def targets(self, Y: ArrayLike, dtype: DTypeLike) -> Array:
        Y = check.no_column(check.numbers(Y, "Y"), "Y")
        if Y.ndim == 1:
            return check.labels(Y, "labels")
        return check.distributions(super().targets(Y, dtype), "Y")

    def _takes(self, Z: ArrayLike, Y: ArrayLike) -> tuple[Array, Array]:
        Z = check.several_columns(check.float_samples(Z, "Z"), "Z")
        Y = check.no_column(check.numbers(Y, "Y"), "Y")
        if Y.ndim == 1:
            Y = check.labels(Y, "labels", Z.shape[1])
        Z, Y = check.same_shape(Z, self._rows(Z, Y))
        return Z, check.distributions(Y, "Y")

    def _rows(self, Z: Array, Y: Array) -> Array:
        return _one_hot(Y, Z.shape[1], Z.dtype) if Y.ndim == 1 else Y
