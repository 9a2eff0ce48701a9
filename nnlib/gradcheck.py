"""Checking a gradient against differences. See notebooks/06_gradient_checking.ipynb."""

from collections.abc import Callable

import numpy as np

from nnlib import _validation as check_
from nnlib._run import in_float64, to_compare, warn_of_kinks
from nnlib._types import Array, ArrayLike
from nnlib.losses import Loss
from nnlib.network import Network

__all__ = ["check", "numerical_gradient", "relative_error"]


def numerical_gradient(f: Callable[[Array], float], X: Array, *, h: float = 1e-5) -> Array:
    """dX[i] ≈ (f(X + h e_i) - f(X - h e_i)) / 2h, for each entry i of X: central differences.

    Parameters
    ----------
    f : function of X that returns a float
    X : ndarray of float64, of any shape
        Moved in place, entry by entry, and put back.
    h : float, default 1e-5
        The step: smaller ones drown in rounding, larger ones see the curvature.

    Returns
    -------
    ndarray of X's shape

    Examples
    --------
    >>> numerical_gradient(lambda X: (X**2).sum(), np.array([1.0, 3.0])).round(6)
    array([2., 6.])

    See notebooks/06_gradient_checking.ipynb.
    """
    f = check_.Scalar(f, "f")
    check_.writable(X, "X", "d", "a float64 array: float32 is too coarse")
    h = check_.between(h, "h", 0, np.inf)
    dX = np.empty_like(X)
    for i in np.ndindex(X.shape):
        x = X[i]
        try:
            X[i] = x + h
            above = f(X)
            X[i] = x - h
            dX[i] = (above - f(X)) / (2 * h)
        finally:
            X[i] = x
    return dX


def relative_error(A: ArrayLike, B: ArrayLike) -> float:
    """max |A - B| / max(|A|, |B|), the maxima over all entries; 0 where both are zero throughout.

    Parameters
    ----------
    A, B : array_like of the same shape

    Returns
    -------
    float
        Below 1e-7 for a right gradient in float64; a wrong one is seldom below 1e-2.

    See notebooks/06_gradient_checking.ipynb.
    """
    A, B = check_.same_shape(check_.numbers(A, "A", np.float64), B, ("A", "B"))
    size = max(np.abs(A).max(), np.abs(B).max())
    return float(np.abs(A - B).max() / size) if size else 0.0


def check(net: Network, loss: Loss, X: ArrayLike, Y: ArrayLike, *, h: float = 1e-5) -> dict[str, float]:
    """The relative error of every gradient that `net.backward` gives: of the input and of each parameter.

    An input of whole numbers, as `Embedding` takes, has no gradient, and is left out.

    Parameters
    ----------
    net : Network, in float64
    loss : Loss
    X, Y : ndarray, a batch
    h : float, default 1e-5

    Returns
    -------
    dict from "X", "params[0]", "params[1]", … to the relative error against central differences

    Warns
    -----
    UserWarning
        Where a gradient differs at a kink, such as that of ReLU at 0, where there is no derivative.

    Notes
    -----
    The network goes forward as in training, with the same random draws each time: `Dropout` keeps its mask.
    Afterwards its generators stand where they stood.

    Examples
    --------
    >>> max(check(net, MSE(), X, Y).values()) < 1e-7
    True

    See notebooks/06_gradient_checking.ipynb.
    """
    h = check_.between(h, "h", 0, np.inf)
    X, Y, forward = in_float64(net, loss, X, Y)

    def L(*_: Array) -> float:
        return loss.value(forward(X), Y)

    dX = net.backward(loss.gradient(forward(X), Y))
    names, arrays, gradients = to_compare(net, X, dX)
    differences = [numerical_gradient(L, A, h=h) for A in arrays]
    warn_of_kinks(L, names, arrays, gradients, differences, h)
    return dict(zip(names, map(relative_error, gradients, differences), strict=True))
