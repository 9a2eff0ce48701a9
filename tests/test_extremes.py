"""Logits from 0 to ±1e30: no warning, no inf, no clipping, and every value and slope right.

What is expected comes from 60 decimal digits.
"""

import itertools
from decimal import Context, Decimal, localcontext

import numpy as np
import pytest

from nnlib import (
    MSE,
    BinaryCrossEntropy,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
    log_softmax,
    sigmoid,
    softmax,
)

# exp overflows at 88.8 in float32 and at 710 in float64, and is 0 at -104 and -746; 1e30 swallows the rest.
LOGITS = [0, *(sign * z for z in (1, 50, 88.8, 104, 710, 746, 1e4, 1e30) for sign in (1, -1))]
PAIRS = list(itertools.product(LOGITS, repeat=2))
DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@pytest.fixture(autouse=True)
def digits():
    """60 digits for what is expected; an error for each warning, for what is found."""
    with localcontext(Context(prec=60, Emin=-(10**6), traps=[])), np.errstate(all="raise", under="ignore"):
        yield


def exact(array):
    return [[Decimal(float(x)) for x in row] for row in np.atleast_2d(array)]


def exact_sigmoid(z):
    return (-softplus(-z)).exp()


def softplus(z):
    """log(1 + exp(z)): -log σ(-z)."""
    return max(z, Decimal(0)) + ((-abs(z)).exp() + 1).ln()


def exact_log_softmax(row):
    largest = max(row)
    total = sum((z - largest).exp() for z in row)
    return [z - largest - total.ln() for z in row]


def assert_close(found, expected, dtype, scale=0, ulps=4):
    """Equal up to `ulps` rounding errors of the number, or of `scale` if that is larger, and to underflow."""
    expected = np.array(expected, dtype=float)
    eps, tiny = float(np.finfo(dtype).eps), float(np.finfo(dtype).tiny)
    found = np.asarray(found, dtype=float)
    assert found.shape == expected.shape and np.isfinite(found).all()
    allowed = ulps * eps * np.maximum(np.abs(expected), scale) + tiny
    wrong = np.abs(found - expected) > allowed
    assert not wrong.any(), list(zip(found[wrong], expected[wrong], strict=True))[:5]


@DTYPES
def test_sigmoid(dtype):
    Z = np.array([LOGITS], dtype)
    for found in (sigmoid(Z), Sigmoid().forward(Z)):
        assert found.dtype == dtype
        assert_close(found, [[exact_sigmoid(z) for z in exact(Z)[0]]], dtype)
        assert (found + sigmoid(-Z) == 1).all()


@DTYPES
def test_slopes_of_sigmoid_and_tanh(dtype):
    """The slopes are Y (1 - Y) and 1 - Y²: they lose what 1 - Y loses, and nothing more."""
    Z = np.array([LOGITS], dtype)
    sigmoids = [exact_sigmoid(z) for z in exact(Z)[0]]
    tanhs = [2 * exact_sigmoid(2 * z) - 1 for z in exact(Z)[0]]
    for layer, Y, slopes in (
        (Sigmoid(), sigmoids, [y * (1 - y) for y in sigmoids]),
        (Tanh(), tanhs, [1 - y * y for y in tanhs]),
    ):
        assert_close(layer.forward(Z), [Y], dtype)
        assert_close(layer.backward(np.ones_like(Z)), [slopes], dtype, scale=1)


@DTYPES
@pytest.mark.parametrize("layer", [ReLU(), LeakyReLU(0.25)], ids=repr)
def test_layers_that_bend_at_zero_are_exact(layer, dtype):
    Z, slope = np.array([LOGITS], dtype), getattr(layer, "slope", 0)
    assert (layer.forward(Z) == np.where(Z > 0, Z, slope * Z)).all()
    assert (layer.backward(Z) == np.where(Z > 0, Z, slope * Z)).all()


@DTYPES
def test_softmax_and_its_logarithm(dtype):
    Z = np.array(PAIRS, dtype)
    expected = [exact_log_softmax(row) for row in exact(Z)]
    log_P, P = log_softmax(Z), softmax(Z)
    assert log_P.dtype == P.dtype == dtype and (log_P <= 0).all() and (P >= 0).all()
    assert_close(log_P, expected, dtype, scale=1)
    # exp makes a relative error of a rounding of its argument: -700 ± ε 700 gives exp(-700) (1 ± 700 ε).
    assert_close(P, [[x.exp() for x in row] for row in expected], dtype, ulps=1000)
    assert_close(P, [[x.exp() for x in row] for row in expected], dtype, scale=1)


@DTYPES
@pytest.mark.parametrize("rows", [False, True], ids=["labels", "rows"])
@pytest.mark.parametrize("label", [0, 1])
def test_softmax_cross_entropy(label, rows, dtype):
    loss, Y = SoftmaxCrossEntropy(), np.eye(2)[[label]] if rows else [label]
    for pair in PAIRS:
        Z = np.array([pair], dtype)
        log_P = exact_log_softmax(exact(Z)[0])
        value, gradient = -log_P[label], [[x.exp() - (c == label) for c, x in enumerate(log_P)]]
        for found in ((loss.value(Z, Y), loss.gradient(Z, Y)), loss.value_and_gradient(Z, Y)):
            assert_close(found[0], value, dtype, scale=1)
            assert_close(found[1], gradient, dtype, scale=1)


@DTYPES
def test_softmax_cross_entropy_of_a_whole_batch(dtype):
    """The mean of what the rows give alone, which 1e30 in one of them may swallow."""
    Z, y = np.array(PAIRS, dtype), np.arange(len(PAIRS)) % 2
    log_P = [exact_log_softmax(row) for row in exact(Z)]
    value, gradient = SoftmaxCrossEntropy().value_and_gradient(Z, y)
    expected = -sum(row[c] for row, c in zip(log_P, y, strict=True)) / len(y)
    assert_close(value, expected, dtype, ulps=len(y))
    expected = [
        [(x.exp() - int(c == label)) / len(y) for c, x in enumerate(row)]
        for row, label in zip(log_P, y, strict=True)
    ]
    assert_close(gradient, expected, dtype, scale=1 / len(y))


@DTYPES
@pytest.mark.parametrize("targets", [(0, 0), (0, 1), (1, 1), (0.25, 1)], ids=str)
def test_binary_cross_entropy(targets, dtype):
    loss, Y = BinaryCrossEntropy(), np.array([targets], dtype)
    for pair in PAIRS:
        Z = np.array([pair], dtype)
        terms = list(zip(exact(Z)[0], exact(Y)[0], strict=True))
        value = sum(y * softplus(-z) + (1 - y) * softplus(z) for z, y in terms) / 2
        gradient = [[(exact_sigmoid(z) - y) / 2 for z, y in terms]]
        for found in ((loss.value(Z, Y), loss.gradient(Z, Y)), loss.value_and_gradient(Z, Y)):
            assert_close(found[0], value, dtype)
            assert_close(found[1], gradient, dtype, scale=1)


@DTYPES
def test_the_losses_are_not_clipped(dtype):
    """A prediction that is wrong by z costs z, and one that is right by z costs exp(-z), however little."""
    for z in (50, 88.8, 104, 710, 746, 1e4, 1e30):
        z = dtype(z)
        right, wrong = np.array([[z]]), np.array([[-z]])
        assert BinaryCrossEntropy().value(wrong, [[1]]) == float(z)
        assert SoftmaxCrossEntropy().value(np.hstack([wrong, 0 * z * wrong]), [0]) == float(z)
        assert_close(BinaryCrossEntropy().value(right, [[1]]), softplus(-Decimal(float(z))), dtype)


@DTYPES
def test_mean_squared_error(dtype):
    """Gradient and value are right for all, where the square of a float32 is beyond float32 too."""
    for y_hat, y in PAIRS:
        Y_hat, Y = np.array([[y_hat]], dtype), np.array([[y]], dtype)
        d = exact(Y_hat)[0][0] - exact(Y)[0][0]
        with np.errstate(over="ignore"):
            both = (MSE().value(Y_hat, Y), MSE().gradient(Y_hat, Y))
            at_once = MSE().value_and_gradient(Y_hat, Y)
        for value, gradient in (both, at_once):
            assert_close(gradient, [[2 * d]], dtype)
            assert_close(value, d * d, dtype)
