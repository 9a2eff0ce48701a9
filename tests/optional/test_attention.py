"""Attention and what belongs to it beside PyTorch's, with the same weights: outputs and gradients."""

import importlib

import numpy as np
import pytest

from nnlib import Attention, Dense, Embedding, LayerNorm, MaskedCrossEntropy, Network, Residual

torch = importlib.import_module("torch")

N, T, n = 3, 5, 6
FLOAT64 = {"dtype": np.float64}
CLOSE = {"rtol": 1e-12, "atol": 1e-12}


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def leaf(A):
    return torch.tensor(A, requires_grad=True)


def theirs(layer):
    """PyTorch's layer with the weights of ours: (n_out, n_in) there, those of Q, K and V in one array."""
    attention = torch.nn.MultiheadAttention(n, layer.heads, bias=False, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        attention.in_proj_weight[...] = torch.tensor(np.hstack([layer.W_Q, layer.W_K, layer.W_V]).T)
        attention.out_proj.weight[...] = torch.tensor(layer.W_O.T)
    return attention


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("heads", [1, 2, 3])
def test_attention_is_theirs(rng, heads, causal):
    layer = Attention(n, heads, causal=causal, rng=rng, **FLOAT64)
    attention, X, dY = theirs(layer), rng.standard_normal((N, T, n)), rng.standard_normal((N, T, n))
    mask = torch.triu(torch.ones(T, T, dtype=torch.bool), 1) if causal else None
    x = leaf(X)
    y, a = attention(x, x, x, attn_mask=mask, average_attn_weights=False)
    y.backward(torch.tensor(dY))
    np.testing.assert_allclose(layer.forward(X), y.detach(), **CLOSE)
    np.testing.assert_allclose(layer.A, a.detach(), **CLOSE)
    np.testing.assert_allclose(layer.backward(dY), x.grad, **CLOSE)
    of_three = np.hstack([layer.dW_Q, layer.dW_K, layer.dW_V]).T
    np.testing.assert_allclose(of_three, attention.in_proj_weight.grad, **CLOSE)
    np.testing.assert_allclose(layer.dW_O.T, attention.out_proj.weight.grad, **CLOSE)


def test_layer_norm_is_theirs(rng):
    layer, norm = LayerNorm(n, **FLOAT64), torch.nn.LayerNorm(n, dtype=torch.float64)
    layer.g, layer.b = rng.standard_normal((2, n))
    with torch.no_grad():
        norm.weight[...], norm.bias[...] = torch.tensor(layer.g), torch.tensor(layer.b)
    X, dY = rng.standard_normal((N, T, n)), rng.standard_normal((N, T, n))
    x = leaf(X)
    y = norm(x)
    y.backward(torch.tensor(dY))
    assert layer.eps == norm.eps
    for found, expected in (
        (layer.forward(X), y.detach()),
        (layer.backward(dY), x.grad),
        (layer.dg, norm.weight.grad),
        (layer.db, norm.bias.grad),
    ):
        np.testing.assert_allclose(found, expected, **CLOSE)


def test_embedding_is_theirs(rng):
    layer = Embedding(7, n, rng=rng, **FLOAT64)
    w, X, dY = leaf(layer.W), rng.integers(7, size=(N, T)), rng.standard_normal((N, T, n))
    y = torch.nn.functional.embedding(torch.tensor(X), w)
    y.backward(torch.tensor(dY))
    np.testing.assert_allclose(layer.forward(X), y.detach(), **CLOSE)
    layer.backward(dY)
    np.testing.assert_allclose(layer.dW, w.grad, **CLOSE)


def test_the_masked_loss_is_theirs(rng):
    Z, Y = rng.standard_normal((N, T, 7)), rng.integers(-1, 7, size=(N, T))
    Y[:, 0] = 1
    z = leaf(Z)
    loss = torch.nn.functional.cross_entropy(z.reshape(-1, 7), torch.tensor(Y.ravel()), ignore_index=-1)
    loss.backward()
    L, dZ = MaskedCrossEntropy().value_and_gradient(Z, Y)
    assert L == pytest.approx(loss.item(), rel=1e-12)
    np.testing.assert_allclose(dZ, z.grad, **CLOSE)


def test_a_block_is_theirs(rng):
    """Embedding, norm, attention, residual, dense and loss together: each gradient, to the embedding's."""
    embedding, norm = Embedding(7, n, rng=rng, **FLOAT64), LayerNorm(n, **FLOAT64)
    layer, dense = Attention(n, 2, causal=True, rng=rng, **FLOAT64), Dense(n, 7, rng=rng, **FLOAT64)
    net = Network(embedding, Residual(norm, layer), dense)
    X, Y = rng.integers(7, size=(N, T)), rng.integers(7, size=(N, T))
    attention, w, u, c = theirs(layer), leaf(embedding.W), leaf(dense.W), leaf(dense.b)
    e = w[torch.tensor(X)]
    z = torch.nn.functional.layer_norm(e, (n,))
    mask = torch.triu(torch.ones(T, T, dtype=torch.bool), 1)
    logits = (e + attention(z, z, z, attn_mask=mask, need_weights=False)[0]) @ u + c
    loss = torch.nn.functional.cross_entropy(logits.reshape(-1, 7), torch.tensor(Y.ravel()))
    loss.backward()
    L, dZ = MaskedCrossEntropy().value_and_gradient(net.forward(X), Y)
    net.backward(dZ)
    assert L == pytest.approx(loss.item(), rel=1e-12)
    for found, expected in (
        (embedding.dW, w.grad),
        (dense.dW, u.grad),
        (dense.db, c.grad),
        (np.hstack([layer.dW_Q, layer.dW_K, layer.dW_V]).T, attention.in_proj_weight.grad),
        (layer.dW_O.T, attention.out_proj.weight.grad),
    ):
        np.testing.assert_allclose(found, expected, **CLOSE)
