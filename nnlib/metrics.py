"""Counting right and wrong."""

import functools

import numpy as np

from nnlib import _validation as check
from nnlib._types import Array, ArrayLike, DTypeLike

__all__ = ["accuracy", "confusion_matrix", "one_hot"]

# Up to here the rows of the identity are kept, and taken from; of more classes they would take megabytes.
FEW_CLASSES = 256


def one_hot(labels: ArrayLike, n_classes: int, *, dtype: DTypeLike = np.float32) -> Array:
    """Y[n, c] = 1 where labels[n] = c, else 0.

    Parameters
    ----------
    labels : array_like of whole numbers, (N,), each in 0 … n_classes - 1
    n_classes : int

    Returns
    -------
    ndarray of shape (N, n_classes)

    Examples
    --------
    >>> one_hot([2, 0], 3)
    array([[0., 0., 1.],
           [1., 0., 0.]], dtype=float32)

    See notebooks/09_mnist.ipynb.
    """
    n_classes = check.whole(n_classes, "n_classes", 1)
    labels = check.labels(labels, "labels", n_classes)
    return _one_hot(labels, n_classes, check.numbers(np.zeros(0, dtype), "dtype").dtype)


def _one_hot(labels: Array, n_classes: int, dtype: np.dtype) -> Array:
    if n_classes <= FEW_CLASSES:
        return _identity(n_classes, dtype).take(labels, axis=0)
    Y = np.zeros((len(labels), n_classes), dtype)
    Y[np.arange(len(labels)), labels] = 1
    return Y


@functools.cache
def _identity(n_classes: int, dtype: np.dtype) -> Array:
    return np.eye(n_classes, dtype=dtype)


def classes(Y: ArrayLike) -> Array:
    """The class of each sample: its label, its largest column, or whether its only one is above a half.

    Parameters
    ----------
    Y : array_like
        Labels (N,), scores or one-hot rows (N, C), or a single column (N, 1).

    Returns
    -------
    ndarray of int, (N,)
    """
    return _classes(check.classified(Y, "Y"))


def _classes(Y: Array, threshold: float = 0.5) -> Array:
    if Y.ndim == 1:
        return Y
    if Y.shape[1] == 1:
        return (Y[:, 0] > threshold).astype(int)
    return Y.argmax(axis=1)


def _predicted(Y_hat: Array, threshold: float) -> Array:
    """The class of each sample, and -1 for a row with nan, which is of no class and never right."""
    if Y_hat.ndim == 1:
        return Y_hat
    return np.where(np.isnan(Y_hat).any(axis=1), -1, _classes(Y_hat, threshold))


def accuracy(Y_hat: ArrayLike, Y: ArrayLike, *, threshold: float = 0.5) -> float:
    """The share of samples for which the predicted class is the target's.

    Parameters
    ----------
    Y_hat : array_like, (N, C)
        Scores, logits or probabilities: the largest column is the prediction. With one column, (N, 1), an
        entry above `threshold` is class 1.
    Y : array_like
        One-hot rows (N, C), labels (N,), or zeros and ones (N, 1).
    threshold : float, default 0.5
        0 where Y_hat is a column of logits, as for BinaryCrossEntropy.

    Returns
    -------
    float between 0 and 1

    Examples
    --------
    >>> accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    0.5

    See notebooks/09_mnist.ipynb.
    """
    Y_hat, Y = check.predictions(Y_hat, Y, threshold)
    return float(np.mean(_predicted(Y_hat, threshold) == _classes(Y)))


def confusion_matrix(Y_hat: ArrayLike, Y: ArrayLike, *, n_classes: int, threshold: float = 0.5) -> Array:
    """C[i, j] counts the samples of class i that were taken for class j.

    Parameters
    ----------
    Y_hat, Y : array_like
        Predictions and targets, as labels (N,) or rows (N, C), as for `accuracy`; no prediction is nan.
    n_classes : int
    threshold : float, default 0.5
        As for `accuracy`: 0 where Y_hat is a column of logits.

    Returns
    -------
    ndarray of int, (n_classes, n_classes)
        The sum of a row is the number of samples of that class; the diagonal counts the right ones.

    See notebooks/09_mnist.ipynb.
    """
    n_classes = check.whole(n_classes, "n_classes", 1)
    Y_hat, Y = check.predictions(Y_hat, Y, threshold)
    predicted = check.labels(_classes(check.no_nan(Y_hat, "Y_hat"), threshold), "Y_hat", n_classes)
    target = check.labels(_classes(Y), "Y", n_classes)
    return (one_hot(target, n_classes).T @ one_hot(predicted, n_classes)).astype(int)
