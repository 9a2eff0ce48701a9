"""Attention and what belongs to it against the definitions, entry by entry, and in networks."""

import math
import re

import numpy as np
import pytest

from nnlib import (
    SGD,
    Adam,
    Attention,
    Dense,
    Dropout,
    Embedding,
    LayerNorm,
    MaskedCrossEntropy,
    MaxPool2D,
    Network,
    Positions,
    ReLU,
    Residual,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
    fit,
    one_hot,
    softmax,
    steps,
)
from nnlib.attention import joined, split
from nnlib.gradcheck import check

FLOAT64 = {"dtype": np.float64}
MAPS = pytest.mark.parametrize("heads, causal", [(1, False), (1, True), (3, False), (2, True)])


def attention(rng, n=6, heads=1, causal=False):
    return Attention(n, heads, causal=causal, rng=rng, **FLOAT64)


# Attention


def definition(layer, X):
    """Y and A by loops: one place asks, all places answer."""
    N, T, n = X.shape
    k = n // layer.heads
    A, H = np.zeros((N, layer.heads, T, T)), np.zeros((N, T, n))
    for m, h, t in np.ndindex(N, layer.heads, T):
        columns = range(h * k, h * k + k)
        q = [sum(X[m, t, j] * layer.W_Q[j, i] for j in range(n)) for i in columns]
        seen = range(t + 1) if layer.causal else range(T)
        scores = []
        for s in seen:
            key = [sum(X[m, s, j] * layer.W_K[j, i] for j in range(n)) for i in columns]
            scores.append(sum(a * b for a, b in zip(q, key, strict=True)) / math.sqrt(k))
        total = sum(math.exp(score) for score in scores)
        for s in seen:
            A[m, h, t, s] = math.exp(scores[s]) / total
            for i in columns:
                H[m, t, i] += A[m, h, t, s] * sum(X[m, s, j] * layer.W_V[j, i] for j in range(n))
    Y = np.zeros(X.shape)
    for m, t, o in np.ndindex(*Y.shape):
        Y[m, t, o] = sum(H[m, t, i] * layer.W_O[i, o] for i in range(n))
    return Y, A


@MAPS
def test_attention_entry_by_entry(rng, heads, causal):
    layer, X = attention(rng, 6, heads, causal), rng.standard_normal((2, 5, 6))
    Y, A = definition(layer, X)
    np.testing.assert_allclose(layer.forward(X), Y, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(layer.A, A, rtol=1e-12, atol=1e-15)


@MAPS
def test_back_through_the_map_by_index(rng, heads, causal):
    """dV, dA and dS of one sequence and one head, by loops, seen in the gradients of the weights."""
    layer, X = attention(rng, 6, heads, causal), rng.standard_normal((1, 4, 6))
    dY = rng.standard_normal(layer.forward(X).shape)
    dX = layer.backward(dY)
    k, T = 6 // heads, 4
    dQ, dK, dV = (np.zeros((T, 6)) for _ in range(3))
    dH = dY[0] @ layer.W_O.T
    for h in range(heads):
        Q, K, V, A = (B[0, h] for B in (layer.Q, layer.K, layer.V, layer.A))
        columns = slice(h * k, h * k + k)
        dA = [[sum(dH[t, h * k + i] * V[s, i] for i in range(k)) for s in range(T)] for t in range(T)]
        for t in range(T):
            mean = sum(A[t, r] * dA[t][r] for r in range(T))
            for s in range(T):
                dS = A[t, s] * (dA[t][s] - mean) / math.sqrt(k)
                dV[s, columns] += A[t, s] * dH[t, columns]
                dQ[t, columns] += dS * K[s]
                dK[s, columns] += dS * Q[t]
    for name, dM in (("W_Q", dQ), ("W_K", dK), ("W_V", dV)):
        np.testing.assert_allclose(getattr(layer, f"d{name}"), X[0].T @ dM, rtol=1e-10, atol=1e-12)
    three = dQ @ layer.W_Q.T + dK @ layer.W_K.T + dV @ layer.W_V.T
    np.testing.assert_allclose(dX[0], three, rtol=1e-10, atol=1e-12)


@MAPS
def test_each_row_of_the_map_sums_to_one(rng, heads, causal):
    layer = attention(rng, 6, heads, causal)
    layer.forward(10 * rng.standard_normal((3, 5, 6)))
    assert layer.A.sum(axis=-1) == pytest.approx(np.ones((3, heads, 5)), rel=1e-14)
    assert layer.A.min() >= 0 and (layer.A[..., 0, 1:] == 0).all() == causal


def test_places_exchanged_are_outputs_exchanged(rng):
    layer, X, order = attention(rng, 6, 2), rng.standard_normal((2, 7, 6)), rng.permutation(7)
    np.testing.assert_allclose(layer.forward(X[:, order]), layer.forward(X)[:, order], rtol=1e-12)
    net = Network(Positions(7, 6, rng=rng, **FLOAT64), layer)
    assert np.abs(net.forward(X[:, order]) - net.forward(X)[:, order]).max() > 0.1


def test_what_is_behind_is_not_seen(rng):
    """What stands at t changes nothing before t, and a gradient at t goes to nothing behind it."""
    layer, X, t = attention(rng, 6, 3, causal=True), rng.standard_normal((2, 7, 6)), 4
    other = X.copy()
    other[:, t:] = rng.standard_normal(other[:, t:].shape)
    Y, Y_other = layer.forward(X), layer.forward(other)
    assert (Y[:, :t] == Y_other[:, :t]).all() and (Y[:, t:] != Y_other[:, t:]).any(axis=2).all()
    dY = np.zeros_like(Y)
    dY[:, t] = 1
    dX = layer.backward(dY)
    assert (dX[:, t + 1 :] == 0).all() and (dX[:, : t + 1] != 0).all()


def test_heads_are_slices(rng):
    """Two heads are two layers of one head, each with its columns of W_Q, W_K, W_V and its rows of W_O."""
    both, X = attention(rng, 6, 2), rng.standard_normal((2, 5, 6))
    total = 0
    for h, columns in enumerate((slice(0, 3), slice(3, 6))):
        one = attention(rng, 6)
        for name in ("W_Q", "W_K", "W_V", "W_O"):
            getattr(one, name)[...] = 0
        one.W_Q[:, columns] = both.W_Q[:, columns] * math.sqrt(6 / 3)  # it divides by √6, and not by √3
        one.W_K[:, columns], one.W_V[:, columns] = both.W_K[:, columns], both.W_V[:, columns]
        one.W_O[columns] = both.W_O[columns]
        total = total + one.forward(X)
        both.forward(X)
        np.testing.assert_allclose(one.A[:, 0], both.A[:, h], rtol=1e-12)
    np.testing.assert_allclose(both.forward(X), total, rtol=1e-12, atol=1e-14)


def test_columns_of_heads_apart_and_together(rng):
    A = np.arange(2 * 3 * 4).reshape(6, 4)
    H = split(A, 2, 2)
    assert H.shape == (2, 2, 3, 2)
    assert all(H[n, h, t, i] == A[3 * n + t, 2 * h + i] for n, h, t, i in np.ndindex(*H.shape))
    assert (joined(H) == A).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("causal", [False, True])
def test_scores_up_to_1e30(rng, dtype, causal):
    """The largest score takes all: no warning (they are errors here), no nan, and each map is right."""
    layer = Attention(2, causal=causal, rng=rng, dtype=dtype)
    layer.W_Q = layer.W_K = layer.W_V = layer.W_O = np.eye(2)
    X = np.array([[[1e15, 0], [-1e15, 0], [0, 1], [1e15, 1]]], dtype)  # scores to ±1e30 / √2
    Y = layer.forward(X)
    rows = [[0.5, 0, 0, 0.5], [0, 1, 0, 0], None, [0.5, 0, 0, 0.5]]
    if causal:
        rows[0] = [1, 0, 0, 0]
    for t, row in enumerate(rows):
        assert row is None or layer.A[0, 0, t].tolist() == row
    assert np.isfinite(Y).all() and np.isfinite(layer.backward(np.ones_like(Y))).all() and Y.dtype == dtype


def test_one_place_and_one_number(rng):
    layer, X = attention(rng, 1), rng.standard_normal((3, 1, 1))
    np.testing.assert_allclose(layer.forward(X), X @ layer.W_V @ layer.W_O)
    assert (layer.A == 1).all() and layer.backward(X).shape == (3, 1, 1)
    assert (layer.dW_Q == 0).all() and (layer.dW_K == 0).all()


def test_the_variance_of_a_score_is_one_at_the_start(rng):
    layer, X = attention(rng, 256), rng.standard_normal((4, 64, 256))
    layer.forward(X)
    assert (layer.Q @ layer.K.mT).var() == pytest.approx(256, rel=0.1)


def test_init_is_called_four_times(rng):
    told = []

    def init(rng, n_in, n_out):
        told.append((n_in, n_out))
        return np.full((n_in, n_out), len(told))

    layer = Attention(4, rng=rng, init=init)
    assert told == 4 * [(4, 4)] and [p[0, 0] for p in layer.params] == [1, 2, 3, 4]
    assert {p.dtype for p in layer.params} == {np.dtype("float32")}


# Layer norm


def test_layer_norm_entry_by_entry(rng):
    layer, X, dY = LayerNorm(4, **FLOAT64), rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
    layer.g, layer.b = rng.standard_normal(4), rng.standard_normal(4)
    Y, dX = layer.forward(X), layer.backward(dY)
    for n in range(3):
        mean = sum(X[n]) / 4
        sigma = math.sqrt(sum((x - mean) ** 2 for x in X[n]) / 4 + 1e-5)
        Z = [(x - mean) / sigma for x in X[n]]
        dZ = dY[n] * layer.g
        for i in range(4):
            assert Y[n, i] == pytest.approx(layer.g[i] * Z[i] + layer.b[i], rel=1e-12)
            slopes = [((i == j) - 1 / 4 - Z[i] * Z[j] / 4) / sigma for j in range(4)]
            assert dX[n, i] == pytest.approx(sum(s * d for s, d in zip(slopes, dZ, strict=True)), rel=1e-10)


def test_layer_norm_of_a_row_of_one_number_is_the_bias():
    layer = LayerNorm(3)
    layer.b = [1, 2, 3]
    assert layer.forward(np.full((2, 5, 3), 7, np.float32)).tolist() == [5 * [[1, 2, 3]]] * 2


def test_layer_norm_takes_size_and_mean_away(rng):
    X = rng.standard_normal((3, 5, 8))
    Y = LayerNorm(8, **FLOAT64).forward(1e6 * X + 1e7)
    np.testing.assert_allclose(Y, LayerNorm(8, **FLOAT64).forward(1e3 * X), rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(Y.mean(axis=-1), 0, atol=1e-12)
    np.testing.assert_allclose(Y.var(axis=-1), 1, rtol=1e-8)


# Embedding, positions, residual


def test_an_embedding_is_a_dense_layer_of_one_hot_rows(rng):
    layer, dense = Embedding(5, 3, rng=rng, **FLOAT64), Dense(5, 3, rng=rng, **FLOAT64)
    dense.W = layer.W
    X, dY = rng.integers(5, size=(4, 6)), rng.standard_normal((4, 6, 3))
    U = one_hot(X.ravel(), 5, dtype=float).reshape(4, 6, 5)
    assert (layer.forward(X) == dense.forward(U)).all()
    assert (layer.backward(dY) == 0).all() and dense.backward(dY).shape == (4, 6, 5)
    np.testing.assert_allclose(layer.dW, dense.dW, rtol=1e-12)


@pytest.mark.parametrize("n_symbols", [2, 300])
def test_a_symbol_that_is_there_twice_hears_from_both(rng, n_symbols):
    layer = Embedding(n_symbols, 2, rng=rng, **FLOAT64)
    layer.forward([[1, 0, 1]])
    layer.backward(np.array([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]]))
    assert layer.dW[:2].tolist() == [[3, 4], [6, 8]] and not layer.dW[2:].any()


def test_positions_are_added_and_hear_from_all_sequences(rng):
    layer, X = Positions(5, 2, rng=rng, **FLOAT64), rng.standard_normal((3, 4, 2))
    assert (layer.forward(X) == X + layer.P[:4]).all()
    dY = rng.standard_normal((3, 4, 2))
    assert (layer.backward(dY) == dY).all()
    np.testing.assert_allclose(layer.dP, [*dY.sum(axis=0), [0, 0]], rtol=1e-12)


def test_a_residual_is_a_fork(rng):
    inside = [Dense(3, 4, rng=rng, **FLOAT64), Tanh(), Dense(4, 3, rng=rng, **FLOAT64)]
    layer, net = Residual(*inside), Network(*inside)
    X, dY = rng.standard_normal((2, 5, 3)), rng.standard_normal((2, 5, 3))
    assert (layer.forward(X) == X + net.forward(X)).all()
    dX, grads = layer.backward(dY), [g.copy() for g in layer.grads]
    assert (dX == dY + net.backward(dY)).all()
    assert [p is q for p, q in zip(layer.params, net.params, strict=True)] == 4 * [True]
    assert all((g == h).all() for g, h in zip(grads, net.grads, strict=True))


def test_dropout_in_a_residual_is_told_that_it_trains(rng):
    layer, X = Residual(Dropout(0.5, rng=rng)), np.ones((20, 5))
    assert set(np.unique(layer.forward(X, training=True))) == {1, 3}
    assert (layer.forward(X) == 2).all()
    assert (
        check(Network(layer), MaskedCrossEntropy(), rng.standard_normal((2, 3, 4)), [[1, 0, -1]] * 2)["X"]
        < 1e-7
    )


def test_a_layer_is_there_once_however_deep(rng):
    tanh = Tanh()
    for layers in (
        [tanh, Residual(tanh)],
        [Residual(tanh), tanh],
        [Residual(ReLU(), Residual(tanh)), Residual(tanh)],
    ):
        with pytest.raises(ValueError, match=r"the same Tanh\(\) as one before; expected one object each"):
            Network(*layers)
    with pytest.raises(ValueError, match=re.escape("layer 2 is the same Tanh() as one before")):
        Residual(tanh, tanh)


def test_widths_are_compared_across_a_residual(rng):
    with pytest.raises(ValueError, match="layer 3, .* expects 4 features, but layer 1, .* gives 3"):
        Network(Dense(2, 3, rng=rng), Residual(Attention(3, rng=rng)), Dense(4, 1, rng=rng))
    with pytest.raises(ValueError, match="layer 2, .* expects 4 features, but layer 1, .* gives 3"):
        Network(Embedding(9, 3, rng=rng), Residual(LayerNorm(4)))


# Along the last axis


@pytest.mark.parametrize(
    "make",
    [lambda rng: Dense(4, 3, rng=rng, **FLOAT64), lambda rng: LayerNorm(4, **FLOAT64)],
    ids=["Dense", "LayerNorm"],
)
def test_a_sequence_is_so_many_rows(rng, make):
    layer, X = make(rng), rng.standard_normal((2, 5, 4))
    Y = layer.forward(X)
    dY = rng.standard_normal(Y.shape)
    found = [Y, layer.backward(dY), *layer.grads]
    rows = [layer.forward(X.reshape(10, 4)), layer.backward(dY.reshape(10, -1)), *layer.grads]
    assert all((a.ravel() == b.ravel()).all() for a, b in zip(found, rows, strict=True))
    assert found[1].shape == X.shape and Y.shape[:2] == (2, 5)
    layer.parameter_gradients(dY.reshape(10, -1))
    deep = layer.forward(X.reshape(2, 1, 5, 4))
    assert deep.shape == (2, 1, 5, Y.shape[2])


@pytest.mark.parametrize("layer", [Tanh(), Sigmoid(), ReLU()], ids=repr)
def test_activations_work_entry_by_entry(rng, layer):
    X = rng.standard_normal((2, 5, 4))
    assert (layer.forward(X).reshape(10, 4) == layer.forward(X.reshape(10, 4))).all()


def test_images_that_are_no_rows_are_still_told(rng):
    with pytest.raises(
        ValueError, match=re.escape("X has shape (3, 28, 28); expected (N, 784). A Flatten()")
    ):
        Network(Dense(784, 2, rng=rng)).predict(np.ones((3, 28, 28)))


# The loss


def masked(rng, N=3, T=4, C=5):
    Y = rng.integers(-1, C, size=(N, T))
    Y[:, 0] = 1
    return rng.standard_normal((N, T, C)), Y


def test_the_loss_is_a_mean_over_what_counts(rng):
    Z, Y = masked(rng)
    P, counted = softmax(Z), [place for place in np.ndindex(Y.shape) if Y[place] >= 0]
    L, dZ = MaskedCrossEntropy().value_and_gradient(Z, Y)
    assert 3 < len(counted) < 12
    assert L == pytest.approx(
        sum(-math.log(P[place][Y[place]]) for place in counted) / len(counted), rel=1e-12
    )
    for place in np.ndindex(Y.shape):
        row = (P[place] - np.eye(5)[Y[place]]) / len(counted) if Y[place] >= 0 else np.zeros(5)
        assert dZ[place] == pytest.approx(row, rel=1e-12)
    assert MaskedCrossEntropy().value(Z, Y) == L and (MaskedCrossEntropy().gradient(Z, Y) == dZ).all()


def test_where_all_counts_it_is_softmax_cross_entropy_of_so_many_rows(rng):
    Z, Y = rng.standard_normal((3, 4, 5)), rng.integers(5, size=(3, 4))
    L, dZ = MaskedCrossEntropy().value_and_gradient(Z, Y)
    value, gradient = SoftmaxCrossEntropy().value_and_gradient(Z.reshape(12, 5), Y.ravel())
    assert L == value and (dZ.reshape(12, 5) == gradient).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1, 1e4, 1e30])
def test_logits_of_any_size_and_dtype(rng, dtype, size):
    Z = np.array([[[size, -size, 0], [0, -size, size]]], dtype)
    L, dZ = MaskedCrossEntropy().value_and_gradient(Z, [[0, -1]])
    assert dZ.dtype == dtype and type(L) is float and np.isfinite(dZ).all()
    assert L == pytest.approx(math.log(1 + math.exp(-size) + math.exp(-2 * size)), rel=1e-6)
    assert MaskedCrossEntropy().value(Z, [[1, -1]]) == pytest.approx(L + 2 * size, rel=1e-6)


# In a network


def small_net(rng, dtype=np.float32, n_symbols=7, n=8):
    options = {"rng": rng, "dtype": dtype}
    return Network(
        Embedding(n_symbols, n, **options),
        Positions(9, n, **options),
        Residual(LayerNorm(n, dtype=dtype), Attention(n, 2, causal=True, **options)),
        Residual(LayerNorm(n, dtype=dtype), Dense(n, 2 * n, **options), ReLU(), Dense(2 * n, n, **options)),
        LayerNorm(n, dtype=dtype),
        Dense(n, n_symbols, **options),
    )


def test_gradients_of_a_whole_network_equal_differences(rng):
    net = small_net(rng, np.float64)
    for p in net.params:
        p[...] = rng.standard_normal(p.shape)
    X, Y = rng.integers(7, size=(3, 5)), masked(rng, 3, 5, 7)[1]
    errors = check(net, MaskedCrossEntropy(), X, Y)
    assert list(errors) == [f"params[{i}]" for i in range(len(net.params))] and max(errors.values()) < 1e-7


def test_a_network_learns_saves_and_predicts_alike(rng, tmp_path):
    """To say what stood one place before: from symbols, in float32, in batches that do not divide N."""
    net, X = small_net(rng), rng.integers(7, size=(300, 9))
    Y = np.hstack([np.full((300, 1), -1), X[:, :-1]])
    history = fit(
        net,
        MaskedCrossEntropy(),
        Adam(net.params, 0.01),
        X,
        Y,
        epochs=40,
        batch_size=64,
        rng=rng,
        progress=False,
    )
    assert history.loss[-1] < 0.1 < 1 < history.loss[0] and history.accuracy == 40 * [None]
    Z = net.predict(X, batch_size=70)
    assert Z.dtype == np.float32 and Z.shape == (300, 9, 7)
    assert (Z.argmax(axis=2) == Y)[:, 1:].mean() > 0.99
    net.save(tmp_path / "net.npz")
    other = small_net(np.random.default_rng(7))
    other.load(tmp_path / "net.npz")
    assert (other.predict(X, batch_size=70) == Z).all()
    shorter = net.predict(X[:, :4])
    np.testing.assert_allclose(shorter, Z[:, :4], rtol=1e-4, atol=1e-4)


def test_validation_of_sequences_has_a_loss(rng):
    net, X = small_net(rng), rng.integers(7, size=(20, 9))
    options = {"epochs": 2, "batch_size": 8, "rng": rng, "progress": False, "validation": (X, X)}
    history = fit(net, MaskedCrossEntropy(), SGD(net.params, 0.1), X, X, **options)
    assert history.validation_loss[1] < history.loss[0] and history.validation_accuracy == [None, None]


def test_labels_of_zeros_and_ones_are_no_one_hot_rows(rng):
    net = Network(Embedding(2, 4, rng=rng), Dense(4, 2, rng=rng))
    X = np.array([[0, 1], [1, 0], [0, 1]])
    options = {"epochs": 1, "batch_size": 2, "rng": rng, "progress": False, "validation": (X, X)}
    assert fit(net, MaskedCrossEntropy(), SGD(net.params, 0.1), X, X, **options).accuracy == [None]


def test_symbols_are_not_taken_for_pixels(rng):
    """Whole numbers up to 200: no warning, or it would be an error here."""
    net, X = Network(Embedding(256, 4, rng=rng), Dense(4, 256, rng=rng)), rng.integers(256, size=(5, 6))
    X[0, 0] = 200
    next(steps(net, MaskedCrossEntropy(), SGD(net.params, 0.1), X, X, epochs=1, batch_size=5, rng=rng))


def test_probabilities_before_the_loss_are_told(rng):
    net, X = Network(Embedding(3, 4, rng=rng), Dense(4, 3, rng=rng), Sigmoid()), rng.integers(3, size=(5, 6))
    with pytest.warns(UserWarning, match="Sigmoid.*gives probabilities, but MaskedCrossEntropy takes logits"):
        fit(
            net,
            MaskedCrossEntropy(),
            SGD(net.params, 0.1),
            X,
            X,
            epochs=0,
            batch_size=5,
            rng=rng,
            progress=False,
        )


@pytest.mark.parametrize("place", [(0, 0), (19, 8)])
def test_a_symbol_that_is_none_is_told_before_anything_is_changed(rng, raw, place):
    net, X = small_net(rng), rng.integers(7, size=(20, 9))
    wrong, before = X.copy(), raw(net.params)
    wrong[place] = 7
    for call in (
        lambda: net.predict(wrong),
        lambda: fit(net, MaskedCrossEntropy(), SGD(net.params, 1), wrong, X, epochs=1, batch_size=4, rng=rng),
        lambda: fit(net, MaskedCrossEntropy(), SGD(net.params, 1), X, wrong, epochs=1, batch_size=4, rng=rng),
    ):
        with pytest.raises(
            ValueError, match=rf"(X|Y)\[{place[0]}, {place[1]}\] is 7; expected whole numbers"
        ):
            call()
    assert raw(net.params) == before


def test_a_batch_of_another_length_goes_through_the_doors(rng):
    net = small_net(rng)
    assert net.predict(np.zeros((2, 3))).shape == (2, 3, 7) and net.predict(np.zeros((2, 9))).shape == (
        2,
        9,
        7,
    )
    with pytest.raises(ValueError, match="sequences of 10; expected at most 9"):
        net.predict(np.zeros((2, 10)))
    with pytest.raises(ValueError, match="what the layers of this Residual return has shape"):
        Network(Residual(MaxPool2D(2))).predict(np.zeros((2, 4, 4, 1)))


@pytest.mark.parametrize(
    "make, text",
    [
        (lambda rng: Attention(6, rng=rng), "Attention(6)"),
        (lambda rng: Attention(6, 2, causal=True, rng=rng), "Attention(6, heads=2, causal=True)"),
        (lambda rng: LayerNorm(6), "LayerNorm(6)"),
        (lambda rng: Embedding(27, 6, rng=rng), "Embedding(27, 6)"),
        (lambda rng: Positions(20, 6, rng=rng), "Positions(20, 6)"),
        (lambda rng: Residual(LayerNorm(6), Tanh()), "Residual(LayerNorm(6), Tanh())"),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_it_prints_as_it_is_made(make, text, rng):
    assert repr(make(rng)) == text


# In networks, and at the door

OF_SIX = {
    "attention": lambda rng: Attention(6, 2, rng=rng),
    "norm": lambda rng: LayerNorm(6),
    "positions": lambda rng: Positions(9, 6, rng=rng),
    "residual": lambda rng: Residual(Attention(6, 2, rng=rng)),
}
of_six = pytest.mark.parametrize("make", OF_SIX.values(), ids=OF_SIX)


@of_six
def test_a_network_of_float32_stays_one(make, rng):
    assert Network(make(rng)).forward(np.zeros((2, 3, 6))).dtype == np.float32


@of_six
def test_a_network_knows_how_wide_its_layers_are(make, rng):
    with pytest.raises(ValueError, match="expects 6 features, but layer 1, .* gives 5"):
        Network(Dense(3, 5, rng=rng), make(rng))
    with pytest.raises(ValueError, match="layer 3, .* expects 7 features, but layer ., .* gives 6"):
        Network(Dense(3, 6, rng=rng), make(rng), Dense(7, 2, rng=rng))


@pytest.mark.parametrize("name", ["attention", "positions", "residual"])
def test_who_expects_how_many_features_is_told(name, rng):
    layer, X = OF_SIX[name](rng), np.zeros((2, 3, 5))
    for forward, owner in ((layer.forward, "layer"), (Network(layer).predict, "network")):
        with pytest.raises(ValueError) as error:
            forward(X)
        assert str(error.value) == f"X has 5 features at each place, but this {owner} expects 6."
        with pytest.raises(ValueError) as error:
            forward(X[..., None])
        assert str(error.value) == "X has shape (2, 3, 5, 1); expected sequences, (N, T, 6)."


def test_one_symbol_and_one_number_are_enough(rng):
    net = Network(Embedding(1, 1, rng=rng), Positions(1, 1, rng=rng), LayerNorm(1), Attention(1, 1, rng=rng))
    assert net.forward([[0]]).shape == (1, 1, 1)


def test_a_layer_of_ones_own_that_holds_a_layer_twice_is_refused():
    class Pair(Tanh):
        def __init__(self, one):
            self.layers = (one, one)

    with pytest.raises(ValueError, match=re.escape("layer 1, Pair(), holds the same ReLU() as one before")):
        Network(Pair(ReLU()))


def test_a_label_that_is_no_class_is_told():
    with pytest.raises(ValueError) as error:
        MaskedCrossEntropy().value(np.zeros((1, 2, 3)), [[0, 3]])
    assert str(error.value) == "Y[0, 1] is 3; expected whole numbers from -1 to 2, for 3 classes."


def test_symbols_of_another_shape_are_told_and_nothing_is_guessed(rng):
    with pytest.raises(ValueError) as error:
        Embedding(5, 3, rng=rng).forward(np.zeros((2, 3, 4)))
    assert str(error.value) == "X has shape (2, 3, 4); expected sequences of whole numbers, (N, T)."
