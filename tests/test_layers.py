import inspect
import re

import numpy as np
import pytest

from nnlib import MSE, Dense, Dropout, Flatten, Layer, Network
from nnlib.gradcheck import check


@pytest.fixture
def dense(rng):
    layer = Dense(3, 2, rng=rng, dtype=np.float64)
    layer.b = rng.standard_normal(2)
    return layer


def test_every_layer_has_a_row(layer_rows):
    def subclasses(kind):
        return {kind}.union(*map(subclasses, kind.__subclasses__()))

    core = {kind for kind in subclasses(Layer) if re.fullmatch(r"nnlib\.[a-z]+", kind.__module__)}
    assert core - {Layer} == set(layer_rows)


# Any layer


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_stays_what_it_is(make_layer, dtype, training):
    layer, X = make_layer(4, dtype)
    Y = layer.forward(X, training=training)
    dX = layer.backward(np.ones_like(Y))
    assert {a.dtype for a in (Y, dX, *layer.params, *layer.grads)} == {np.dtype(dtype)}


def test_backward_assigns_and_changes_no_parameter(make_layer, raw):
    layer, X = make_layer(4, np.float64)
    dY = np.cos(layer.forward(X, training=True))
    kept = raw((X, dY, *layer.params))
    first = raw((layer.backward(dY), *layer.grads))
    assert raw((layer.backward(dY), *layer.grads)) == first
    for gradient in layer.grads:
        gradient[...] = np.nan
    assert layer.parameter_gradients(dY) is None
    assert raw(layer.grads) == first[1:] and raw((X, dY, *layer.params)) == kept


def test_layers_share_one_signature(make_layer):
    layer, _ = make_layer(1, np.float64)
    assert inspect.signature(layer.forward) == inspect.signature(Layer().forward)
    assert inspect.signature(layer.backward) == inspect.signature(Layer().backward)


class Plain(Layer):
    """Y = s ⊙ X: a layer whose parameters and gradients are plain attributes."""

    def __init__(self, s):
        self.params = (s,)

    def forward(self, X, training=False):
        self.X = X
        return X * self.params[0]

    def backward(self, dY):
        self.grads = ((dY * self.X).sum(axis=0),)
        return dY * self.params[0]


def test_a_new_layer_needs_forward_and_backward_only(rng, raw):
    X, Y = rng.standard_normal((4, 3)), np.ones((4, 2))
    net = Network(Plain(rng.standard_normal(3)), Dense(3, 2, rng=rng, dtype=np.float64))
    assert repr(net.layers[0]) == "Plain()" and net.dtype == np.float64
    assert max(check(net, MSE(), X, Y).values()) < 1e-7
    expected = raw(net.grads)
    net.layers[0].grads = ()
    net.backward(MSE().gradient(net.forward(X), Y), input_gradient=False)
    assert raw(net.grads) == expected


# Dense


def test_dense_entry_by_entry(dense, rng):
    X, dY = rng.standard_normal((4, 3)), rng.standard_normal((4, 2))
    found = [dense.forward(X), dense.backward(dY), dense.dW, dense.db]
    W, b = dense.W, dense.b
    sums = [
        [[sum(X[n, i] * W[i, j] for i in range(3)) + b[j] for j in range(2)] for n in range(4)],
        [[sum(dY[n, j] * W[i, j] for j in range(2)) for i in range(3)] for n in range(4)],
        [[sum(X[n, i] * dY[n, j] for n in range(4)) for j in range(2)] for i in range(3)],
        [sum(dY[n, j] for n in range(4)) for j in range(2)],
    ]
    for array, expected in zip(found, sums, strict=True):
        assert array == pytest.approx(np.array(expected), rel=1e-14)


def test_dense_starts_with_the_weights_of_init_and_zero_biases(rng):
    layer = Dense(3, 2, rng=rng, init=lambda rng, n_in, n_out: np.arange(6).reshape(n_in, n_out))
    assert layer.W.tolist() == [[0, 1], [2, 3], [4, 5]] and layer.b.tolist() == [0, 0]
    assert layer.W.dtype == layer.b.dtype == np.float32
    assert (layer.n_in, layer.n_out, layer.grads) == (3, 2, (None, None))


def test_a_parameter_looked_up_on_the_class_is_its_descriptor():
    assert Dense.W.name == "W" and Dense.b.name == "b"


@pytest.mark.parametrize("values", [np.ones((3, 2)), np.ones((3, 2), np.float32), [[1, 1]] * 3])
def test_assigning_copies_into_the_array_the_optimiser_holds(dense, values):
    held = dense.params[0]
    dense.W = values
    assert dense.W is held and held.dtype == np.float64 and (held == 1).all()
    assert dense.W is not values


@pytest.mark.parametrize(
    "name, values", [("W", np.ones((2, 3))), ("W", np.ones(2)), ("W", 0.0), ("b", [[1, 2]])]
)
def test_assigning_another_shape_raises_and_changes_nothing(dense, raw, name, values):
    before, shape = raw(dense.params), re.escape(str(getattr(dense, name).shape))
    with pytest.raises(ValueError, match=rf"{name} has shape .*, but this layer's is {shape}"):
        setattr(dense, name, values)
    assert raw(dense.params) == before


# Dropout


@pytest.mark.parametrize("p", [0, 0.25, 0.9])
def test_dropout_zeroes_a_share_p_and_keeps_the_mean(rng, p):
    N = 100_000
    Y = Dropout(p, rng=rng).forward(np.full((N, 1), 3.0), training=True)
    assert set(np.unique(Y)) <= {0.0, 3.0 / (1 - p)}
    # The share of zeros is binomial: its standard deviation is √(p(1-p)/N).
    assert abs((Y == 0).mean() - p) <= 4 * np.sqrt(p * (1 - p) / N)
    assert abs(Y.mean() - 3) <= 4 * 3 * np.sqrt(p / (1 - p) / N)


def test_dropout_does_nothing_outside_training(rng):
    layer, X = Dropout(0.5, rng=rng), rng.standard_normal((4, 5))
    layer.forward(X, training=True)
    state = layer.rng.bit_generator.state
    assert (layer.forward(X) == X).all() and (layer.backward(X) == X).all()
    assert layer.rng.bit_generator.state == state


def test_dropout_draws_a_new_mask_each_time_and_sends_back_through_it(rng):
    layer, X = Dropout(0.5, rng=rng), np.ones((20, 20))
    first, Y = layer.forward(X, training=True), layer.forward(X, training=True)
    assert (first != Y).any() and 0 < (Y == 0).sum() < Y.size
    assert (layer.backward(X) == Y).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_mask_is_drawn_in_float32_and_a_draw_of_p_keeps(dtype):
    X, p = np.ones((50, 50), dtype), 0.3
    Y = Dropout(p, rng=np.random.default_rng(1)).forward(X, training=True)
    assert ((Y > 0) == (np.random.default_rng(1).random(X.shape, np.float32) >= p)).all()

    class Zeros(np.random.Generator):
        def random(self, shape, dtype):
            return np.zeros(shape, dtype)

    assert (Dropout(0, rng=Zeros(np.random.PCG64())).forward(X, training=True) == X).all()


# Flatten


@pytest.mark.parametrize("shape, flat", [((4, 2, 3), (4, 6)), ((1, 2, 3, 5), (1, 30)), ((4, 3), (4, 3))])
def test_flatten_and_back(shape, flat):
    layer, X = Flatten(), np.arange(np.prod(shape)).reshape(shape)
    Y = layer.forward(X)
    assert Y.shape == flat and Y.ravel().tolist() == X.ravel().tolist()
    assert (layer.backward(Y) == X).all()


def test_repr(rng):
    layers = [Dense(3, 2, rng=rng), Dropout(0.2, rng=rng), Flatten()]
    assert [repr(layer) for layer in layers] == ["Dense(3, 2)", "Dropout(0.2)", "Flatten()"]


@pytest.mark.parametrize(
    "dtype", ["float32", "f4", np.dtype("float32"), "float64", float, np.float64], ids=repr
)
def test_a_dtype_is_taken_as_it_is_written_with_numpy(rng, dtype):
    layer = Dense(2, 3, rng=rng, dtype=dtype)
    assert {p.dtype for p in layer.params} == {np.dtype(dtype)}
