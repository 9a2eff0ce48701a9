"""Counting right and wrong."""

import math

import numpy as np

from nnlib import _validation as check

__all__ = ["accuracy", "confusion_matrix", "one_hot"]


def one_hot(labels, n_classes, *, dtype=np.float32):
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
    labels = check.labels(labels, "labels", check.whole(n_classes, "n_classes", 1))
    Y = check.numbers(np.zeros((len(labels), n_classes), dtype), "dtype")
    Y[np.arange(len(labels)), labels] = 1
    return Y


def classes(Y, threshold=0.5, name="Y"):
    """The class of each sample: its label, its largest column, or whether its only one passes `threshold`.

    Parameters
    ----------
    Y : array_like
        Labels (N,), scores or one-hot rows (N, C), or a single column (N, 1).

    Returns
    -------
    ndarray of int, (N,)
    """
    Y = check.numbers(Y, name)
    if Y.ndim not in (1, 2) or 0 in Y.shape:
        raise ValueError(f"{name} has shape {Y.shape}; expected labels (N,) or rows (N, C).")
    if Y.ndim == 1:
        return check.labels(Y, name)
    return Y.argmax(axis=1) if Y.shape[1] > 1 else (Y[:, 0] > threshold).astype(int)


def _both(Y_hat, Y, threshold=0.5):
    """Return the classes predicted and the right ones, as many, of the same kinds."""
    threshold = check.between(threshold, "threshold", -math.inf, math.inf)
    predicted, target = classes(Y_hat, threshold, "Y_hat"), classes(Y)
    if len(predicted) != len(target):
        found = f"Y_hat has {check.count(len(predicted), 'sample')}, but Y has {len(target)}"
        raise ValueError(f"{found}; expected as many.")
    given, wanted = np.shape(Y_hat)[1:], np.shape(Y)[1:]
    if given and wanted:
        check.same_shape(Y_hat, Y)
    if wanted == (1,):
        check.probabilities(np.asarray(Y), "Y")
    if given and not wanted:
        check.labels(target, "Y", max(2, *given))
    if given:
        predicted = np.where(np.isnan(Y_hat).any(axis=1), -1, predicted)  # nan is no class, and never right
    return predicted, target


def accuracy(Y_hat, Y, *, threshold=0.5):
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
    predicted, target = _both(Y_hat, Y, threshold)
    return int(np.count_nonzero(predicted == target)) / len(target)


def confusion_matrix(Y_hat, Y, *, n_classes):
    """C[i, j] counts the samples of class i that were taken for class j.

    Parameters
    ----------
    Y_hat, Y : array_like
        Predictions and targets, as labels (N,) or rows (N, C).
    n_classes : int

    Returns
    -------
    ndarray of int, (n_classes, n_classes)
        The sum of a row is the number of samples of that class; the diagonal counts the right ones.

    See notebooks/09_mnist.ipynb.
    """
    predicted, target = (one_hot(labels, n_classes) for labels in _both(Y_hat, Y))
    return (target.T @ predicted).astype(int)
