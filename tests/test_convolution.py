"""Convolution and pooling against their definitions, entry by entry, and what a network makes of images."""

import itertools
import tracemalloc

import numpy as np
import pytest

from nnlib import MSE, SGD, Conv2D, Dense, Flatten, MaxPool2D, Network, ReLU, fit, initializers
from nnlib.gradcheck import check

# Depths that differ, kernels that are not square, strides that leave pixels over, padding.
SHAPES = [
    (1, 1, 1, 1, 0),
    (1, 3, 3, 1, 0),
    (3, 2, (2, 3), 1, 0),
    (2, 3, (3, 1), 2, 1),
    (3, 4, 5, 1, 2),
    (2, 1, (2, 4), 3, 2),
    (2, 3, 2, 3, 0),
]


@pytest.fixture(params=SHAPES, ids=str)
def layer(request, rng):
    n_in, n_out, kernel, stride, padding = request.param
    layer = Conv2D(n_in, n_out, kernel, stride=stride, padding=padding, rng=rng, dtype=np.float64)
    layer.b = rng.standard_normal(n_out)
    return layer


def definition(layer, X, dY):
    """Y, dX and dW by loops, each product of a weight and a pixel by itself."""
    N, height, width, n_in = X.shape
    k_h, k_w, _, n_out = layer.W.shape
    s, p = layer.stride, layer.padding
    Y = np.zeros((N, (height + 2 * p - k_h) // s + 1, (width + 2 * p - k_w) // s + 1, n_out)) + layer.b
    dX = np.zeros(X.shape)
    dW = np.zeros(layer.W.shape)
    for (n, i, j, o), (u, v, c) in itertools.product(np.ndindex(*Y.shape), np.ndindex(k_h, k_w, n_in)):
        r, q = s * i + u - p, s * j + v - p
        if 0 <= r < height and 0 <= q < width:
            Y[n, i, j, o] += X[n, r, q, c] * layer.W[u, v, c, o]
            dX[n, r, q, c] += dY[n, i, j, o] * layer.W[u, v, c, o]
            dW[u, v, c, o] += dY[n, i, j, o] * X[n, r, q, c]
    return Y, dX, dW


def test_convolution_entry_by_entry(layer, rng):
    X = rng.standard_normal((2, 6, 7, layer.n_in))
    Y = layer.forward(X)
    dY = rng.standard_normal(Y.shape)
    dX = layer.backward(dY)
    for found, expected in zip((Y, dX, layer.dW), definition(layer, X, dY), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(layer.db, [sum(dY[..., o].ravel()) for o in range(layer.n_out)], rtol=1e-12)


def test_back_is_the_adjoint_of_forth(layer, rng):
    layer.b = np.zeros(layer.n_out)
    X = rng.standard_normal((2, 6, 7, layer.n_in))
    dY = rng.standard_normal(layer.forward(X).shape)
    assert (layer.forward(X) * dY).sum() == pytest.approx((X * layer.backward(dY)).sum(), rel=1e-12)


def test_one_as_large_as_the_image_is_a_dense_layer(rng):
    conv, dense = Conv2D(2, 3, (4, 5), rng=rng), Dense(40, 3, rng=rng)
    dense.W = conv.W.reshape(40, 3)
    X = rng.standard_normal((6, 4, 5, 2)).astype(np.float32)
    np.testing.assert_allclose(
        conv.forward(X)[:, 0, 0], dense.forward(X.reshape(6, 40)), rtol=1e-4, atol=1e-6
    )


def test_the_smallest_sizes_are_taken(rng):
    X = rng.standard_normal((2, 3, 4, 1))
    assert Conv2D(1, 2, (1, 4), rng=rng).forward(X).shape == (2, 3, 1, 2)
    assert Conv2D(1, 2, (3, 1), rng=rng).forward(X).shape == (2, 1, 4, 2)
    assert np.array_equal(MaxPool2D(1).forward(X), X)


def test_init_is_told_how_many_numbers_make_one_output(rng):
    told = []

    def init(rng, n_in, n_out):
        told.append((n_in, n_out))
        return np.arange(n_in * n_out).reshape(n_in, n_out)

    layer = Conv2D(2, 3, (4, 5), rng=rng, init=init)
    assert told == [(40, 3)]
    assert layer.W[1, 2, 1, 0] == ((1 * 5 + 2) * 2 + 1) * 3 and layer.W.dtype == np.float32
    wide = Conv2D(16, 64, 5, rng=rng, init=initializers.he)
    assert wide.W.var() == pytest.approx(2 / 400, rel=0.05)


@pytest.mark.parametrize(
    "options, text",
    [
        ({}, "Conv2D(1, 6, 5)"),
        ({"stride": 2}, "Conv2D(1, 6, 5, stride=2)"),
        ({"padding": 2, "kernel": (3, 5)}, "Conv2D(1, 6, (3, 5), padding=2)"),
    ],
)
def test_it_prints_as_it_is_made(options, text, rng):
    assert repr(Conv2D(1, 6, **{"kernel": 5} | options, rng=rng)) == text
    assert repr(MaxPool2D(2)) == "MaxPool2D(2)"


# Pooling


def test_pooling_takes_the_largest_and_sends_back_to_the_first_of_them(rng):
    X = rng.integers(4, size=(3, 7, 9, 2)).astype(float)  # few values: many ties
    layer = MaxPool2D(3)
    Y = layer.forward(X)
    dY = rng.standard_normal(Y.shape)
    dX = np.zeros(X.shape)
    ties = 0
    for n, i, j, c in np.ndindex(*Y.shape):
        square = X[n, 3 * i : 3 * i + 3, 3 * j : 3 * j + 3, c]
        assert Y[n, i, j, c] == square.max()
        u, v = divmod(int(square.argmax()), 3)
        dX[n, 3 * i + u, 3 * j + v, c] = dY[n, i, j, c]
        ties += np.count_nonzero(square == square.max()) > 1
    assert Y.shape == (3, 2, 3, 2) and ties > 10
    assert (layer.backward(dY) == dX).all()


# In a network


def images_net(rng, dtype=np.float64):
    return Network(
        Conv2D(2, 3, 3, rng=rng, dtype=dtype),
        ReLU(),
        MaxPool2D(2),
        Conv2D(3, 4, (2, 1), stride=2, rng=rng, dtype=dtype),
        Flatten(),
        Dense(8, 2, rng=rng, dtype=dtype),
    )


def test_gradients_of_a_network_of_images_equal_differences(rng):
    net = images_net(rng)
    for p in net.params:
        p[...] = rng.standard_normal(p.shape)
    X = rng.standard_normal((3, 8, 8, 2))
    assert max(check(net, MSE(), X, rng.standard_normal((3, 2))).values()) < 1e-7


def test_a_network_of_images_learns_saves_and_predicts_alike(rng, tmp_path):
    net = images_net(rng, np.float32)
    X, Y = rng.standard_normal((40, 8, 8, 2)), rng.standard_normal((40, 2))
    losses = fit(net, MSE(), SGD(net.params, lr=0.02), X, Y, epochs=20, batch_size=8, rng=rng).loss
    assert losses[-1] < losses[0] / 2
    net.save(tmp_path / "net.npz")
    other = images_net(np.random.default_rng(7), np.float32)
    other.load(tmp_path / "net.npz")
    assert (other.predict(X, batch_size=7) == net.predict(X, batch_size=7)).all()


def test_predicting_many_images_takes_the_memory_of_a_batch(rng):
    net = images_net(rng, np.float32)
    X = rng.standard_normal((1000, 8, 8, 2)).astype(np.float32)

    def peak(n):
        tracemalloc.start()
        try:
            net.predict(X[:n], batch_size=50)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(1000) < 1.2 * peak(100)


def test_a_network_of_float32_stays_one(rng):
    net = Network(Conv2D(1, 2, (3, 3), rng=rng))
    assert net.forward(np.zeros((2, 5, 5, 1))).dtype == np.float32
