import math
from decimal import Decimal, localcontext

import numpy as np
import pytest

from nnlib import Activation, LeakyReLU, ReLU, Sigmoid, Tanh, sigmoid


def exact_sigmoid(x):
    """σ(x) from 60 decimal digits."""
    with localcontext() as context:
        context.prec = 60
        return float(1 / (1 + (-Decimal(x)).exp()))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("x", [0, 1e-9, 0.1, 1, 5, 17, 40, 87])
def test_sigmoid_is_exact_to_the_last_bits_on_both_sides(x, dtype):
    for z in (dtype(x), -dtype(x)):
        assert sigmoid(z) == pytest.approx(exact_sigmoid(float(z)), rel=4 * float(np.finfo(dtype).eps), abs=0)


@pytest.mark.parametrize(
    "X", [5, [5], [[True]], np.array([5, -128], np.int8), np.array([200], np.uint8), np.array([-5.0], ">f8")]
)
def test_sigmoid_of_other_numbers_is_that_of_the_same_floats(X):
    expected = sigmoid(np.asarray(X, np.float64))
    assert np.array_equal(sigmoid(X), expected) and sigmoid(X).shape == np.shape(X)


@pytest.mark.parametrize(
    "layer, x, y, slope",
    [
        (Tanh(), 0.5, math.tanh(0.5), 1 / math.cosh(0.5) ** 2),
        (Sigmoid(), 0.0, 0.5, 0.25),
        (Sigmoid(), 2.0, 1 / (1 + math.exp(-2)), math.exp(-2) / (1 + math.exp(-2)) ** 2),
        (ReLU(), 2.0, 2.0, 1.0),
        (ReLU(), -2.0, 0.0, 0.0),
        (ReLU(), 0.0, 0.0, 0.0),
        (LeakyReLU(), 2.0, 2.0, 1.0),
        (LeakyReLU(), -2.0, -0.02, 0.01),
        (LeakyReLU(), 0.0, 0.0, 0.01),
        (LeakyReLU(0.3), -2.0, -0.6, 0.3),
        (LeakyReLU(0), -2.0, 0.0, 0.0),
        (Activation(np.exp, np.exp), 2.0, math.exp(2), math.exp(2)),
    ],
)
def test_known_values_and_slopes(layer, x, y, slope):
    assert layer.forward(np.array([[x]])) == pytest.approx(y, rel=1e-15)
    assert layer.backward(np.array([[10.0]])) == pytest.approx(10 * slope, rel=1e-14)


def test_slope_comes_from_the_last_forward():
    layer = ReLU()
    layer.forward(np.array([[1.0, -1.0]]))
    layer.forward(np.array([[-1.0, 1.0]]))
    assert layer.backward(np.ones((1, 2))).tolist() == [[0, 1]]


@pytest.mark.parametrize("layer, text", [(Tanh(), "Tanh()"), (LeakyReLU(0.2), "LeakyReLU(0.2)")])
def test_repr(layer, text):
    assert repr(layer) == text


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_functions_in_another_precision_do_not_change_the_networks(dtype):
    layer = Activation(lambda X: np.sin(X, dtype=np.float64), lambda X: np.cos(X, dtype=np.float64))
    X = np.ones((2, 3), dtype)
    assert layer.forward(X).dtype == dtype and layer.backward(X).dtype == dtype


@pytest.mark.parametrize("options", [{"signature": "(n)->(n)"}, {"excluded": {0}}], ids=str)
def test_a_function_that_numpy_vectorizes_stays_what_it_is(options):
    f = np.vectorize(lambda X: X.cumsum(axis=-1), **options)
    assert Activation(f, np.cos).forward([[1, 2], [3, 4]]).tolist() == [[1, 3], [3, 7]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_floats_keep_their_precision_and_all_else_gets_64_bits(dtype):
    for X in (np.ones(3, dtype), dtype(1)):
        assert sigmoid(X).dtype == dtype
    assert sigmoid([1, 2]).dtype == sigmoid(np.ones(2, np.float16)).dtype == sigmoid(True).dtype == np.float64
