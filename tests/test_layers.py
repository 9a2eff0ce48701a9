import inspect
import re

import numpy as np
import pytest

from nnlib import MSE, Dense, Dropout, Flatten, Layer, Network
from nnlib.gradcheck import check
from nnlib.layers import Parameter


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
    assert raw((X, dY, *layer.params)) == kept


def test_parameter_gradients_are_those_of_backward(make_layer, raw):
    layer, X = make_layer(4, np.float64)
    dY = np.cos(layer.forward(X, training=True))
    layer.backward(dY)
    expected = raw(layer.grads)
    for gradient in layer.grads:
        gradient[...] = np.nan
    assert layer.parameter_gradients(dY) is None
    assert raw(layer.grads) == expected


def test_layers_share_one_signature(make_layer):
    layer, _ = make_layer(1, np.float64)
    assert inspect.signature(layer.forward) == inspect.signature(Layer().forward)
    assert inspect.signature(layer.backward) == inspect.signature(Layer().backward)


@pytest.mark.parametrize("method", ["forward", "backward"])
def test_a_layer_without_equations_says_so(method):
    with pytest.raises(NotImplementedError, match=f"Layer has no {method}"):
        getattr(Layer(), method)(np.ones((1, 1)))


class Scale(Layer):
    """Y = s ⊙ X: a layer with a parameter that writes forward and backward only."""

    def __init__(self, s):
        self.s = s
        self.params = (s,)

    def forward(self, X, training=False):
        self.X = X
        return X * self.s

    def backward(self, dY):
        self.grads = ((dY * self.X).sum(axis=0),)
        return dY * self.s


def test_a_new_layer_needs_forward_and_backward_only(rng):
    X, s = rng.standard_normal((4, 3)), rng.standard_normal(3)
    net = Network(Scale(s), Dense(3, 2, rng=rng, dtype=np.float64))
    assert max(check(net, MSE(), X, np.ones((4, 2))).values()) < 1e-7
    expected = [gradient.copy() for gradient in net.grads]
    net.layers[0].grads = ()
    net.backward(MSE().gradient(net.forward(X), np.ones((4, 2))), input_gradient=False)
    assert all(np.array_equal(a, b) for a, b in zip(net.grads, expected, strict=True))


# Dense


def test_dense_entry_by_entry(dense, rng):
    X, dY = rng.standard_normal((4, 3)), rng.standard_normal((4, 2))
    Y, dX = dense.forward(X), dense.backward(dY)
    for n, j in np.ndindex(4, 2):
        assert Y[n, j] == pytest.approx(
            sum(X[n, i] * dense.W[i, j] for i in range(3)) + dense.b[j], rel=1e-14
        )
    for i, j in np.ndindex(3, 2):
        assert dense.dW[i, j] == pytest.approx(sum(X[n, i] * dY[n, j] for n in range(4)), rel=1e-14)
    for j in range(2):
        assert dense.db[j] == pytest.approx(sum(dY[n, j] for n in range(4)), rel=1e-14)
    for n, i in np.ndindex(4, 3):
        assert dX[n, i] == pytest.approx(sum(dY[n, j] * dense.W[i, j] for j in range(2)), rel=1e-14)


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
    before = raw(dense.params)
    with pytest.raises(
        ValueError, match=rf"{name} has shape .*, but this layer's is \({'3, 2' if name == 'W' else '2,'}\)"
    ):
        setattr(dense, name, values)
    assert raw(dense.params) == before


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"n_in": 0}, ValueError, "n_in is 0; expected at least 1"),
        ({"n_out": 2.0}, TypeError, "n_out is 2.0; expected a whole number"),
        ({"n_out": True}, TypeError, "n_out is True; expected a whole number"),
        ({"rng": 0}, TypeError, r"rng is 0; expected a generator: numpy.random.default_rng\(0\)"),
        ({"dtype": np.float16}, ValueError, "float16.*expected float32 or float64"),
        ({"dtype": int}, ValueError, "int.*expected float32 or float64"),
        (
            {"init": lambda rng, n_in, n_out: np.ones((n_out, n_in))},
            ValueError,
            r"\(2, 3\); expected \(3, 2\)",
        ),
    ],
)
def test_dense_is_built_from_what_makes_sense(rng, arguments, error, message):
    with pytest.raises(error, match=message):
        Dense(**{"n_in": 3, "n_out": 2, "rng": rng} | arguments)


@pytest.mark.parametrize(
    "X, error, message",
    [
        (np.ones((4, 2)), ValueError, "X has 2 features, but this layer expects 3"),
        (np.ones((4, 1)), ValueError, "X has 1 feature, but this layer expects 3"),
        (np.ones(3), ValueError, r"X has shape \(3,\); expected one row for each sample, \(N, 3\)"),
        (np.ones((0, 3)), ValueError, r"X has shape \(0, 3\): it is empty"),
        (np.ones((4, 3, 1)), ValueError, r"X has shape \(4, 3, 1\); expected \(N, 3\). A Flatten"),
        ([[1, 2, 3], [4, 5]], ValueError, "X is ragged"),
        ([["a", "b", "c"]], TypeError, "X holds <U1 values of list; expected real numbers"),
        ([[1j, 2, 3]], TypeError, "X holds complex128 values"),
        (None, TypeError, "X holds object values of NoneType"),
        (np.ma.masked_array(np.ones((4, 3))), TypeError, "X is a masked array"),
    ],
)
def test_dense_says_what_is_wrong_with_its_input(dense, X, error, message):
    with pytest.raises(error, match=message):
        dense.forward(X)


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


def test_dropout_sends_back_through_the_mask_of_its_forward(rng):
    layer = Dropout(0.5, rng=rng)
    Y = layer.forward(np.ones((20, 20)), training=True)
    assert (layer.backward(np.ones((20, 20))) == Y).all() and 0 < (Y == 0).sum() < Y.size


def test_dropout_draws_a_new_mask_each_time(rng):
    layer, X = Dropout(0.5, rng=rng), np.ones((20, 20))
    assert (layer.forward(X, training=True) != layer.forward(X, training=True)).any()


@pytest.mark.parametrize(
    "p, error",
    [(-0.1, ValueError), (1, ValueError), (np.nan, ValueError), ("0.5", TypeError), (True, TypeError)],
)
def test_dropout_takes_a_probability_below_one(rng, p, error):
    with pytest.raises(error, match="p is .*; expected (0 <= p < 1|a number)"):
        Dropout(p, rng=rng)


def test_dropout_needs_a_generator():
    with pytest.raises(TypeError, match="rng is None; expected a generator"):
        Dropout(0.5, rng=None)


# Flatten


@pytest.mark.parametrize("shape, flat", [((4, 2, 3), (4, 6)), ((1, 2, 3, 5), (1, 30)), ((4, 3), (4, 3))])
def test_flatten_and_back(shape, flat):
    layer, X = Flatten(), np.arange(np.prod(shape)).reshape(shape)
    Y = layer.forward(X)
    assert Y.shape == flat and Y.ravel().tolist() == X.ravel().tolist()
    assert (layer.backward(Y) == X).all()


@pytest.mark.parametrize(
    "kind, text", [(Dense, "Dense(3, 2)"), (Dropout, "Dropout(0.2)"), (Flatten, "Flatten()")]
)
def test_repr(rng, kind, text):
    arguments = {Dense: (3, 2), Dropout: (0.2,), Flatten: ()}[kind]
    assert repr(kind(*arguments, **{} if kind is Flatten else {"rng": rng})) == text


def test_a_new_layer_with_one_parameter_trains(rng):
    class Shift(Layer):
        """Y = X + c, with a parameter that is assigned to as those of Dense."""

        c = Parameter()
        params = property(lambda self: (self.c,))
        grads = property(lambda self: (self.dc,))

        def __init__(self, c):
            self.c = c

        def forward(self, X, training=False):
            return X + self.c

        def backward(self, dY):
            self.dc = dY.sum(axis=0)
            return dY

    net = Network(Shift(np.zeros(2)))
    (c,) = net.params
    net.layers[0].c = [1.0, 2.0]
    assert (
        c.tolist() == [1, 2]
        and Shift.c.name == "c"
        and net.dtype == np.float64
        and repr(net.layers[0]) == "Shift()"
    )
    assert max(check(net, MSE(), rng.standard_normal((4, 2)), np.ones((4, 2))).values()) < 1e-7
    with pytest.raises(ValueError, match=r"c has shape \(3,\), but this layer's is \(2,\)"):
        net.layers[0].c = np.ones(3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_mask_is_drawn_in_float32_and_a_draw_of_p_keeps(rng, dtype):
    X, p = np.ones((50, 50), dtype), 0.3
    Y = Dropout(p, rng=np.random.default_rng(1)).forward(X, training=True)
    assert ((Y > 0) == (np.random.default_rng(1).random(X.shape, np.float32) >= p)).all()

    class Zeros(np.random.Generator):
        def random(self, shape, dtype):
            return np.zeros(shape, dtype)

    assert (Dropout(0, rng=Zeros(np.random.PCG64())).forward(X, training=True) == X).all()
