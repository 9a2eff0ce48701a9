"""Stacked networks: each of them is nnlib's network, forward, backward and after training."""

import functools

import numpy as np
import pytest

from nnlib import (
    MSE,
    SGD,
    BinaryCrossEntropy,
    Dense,
    LeakyReLU,
    Network,
    ReLU,
    Sigmoid,
    Tanh,
    initializers,
    steps,
)
from nnlib.datasets import xor
from nnlib.gradcheck import numerical_gradient, relative_error
from nnlib.teach import bugs
from nnlib.teach.stacked import StackedDense, stack, stacked_steps

SETTINGS = [
    pytest.param(Tanh, (), BinaryCrossEntropy(), 4, 1.0, id="tanh, all four at once"),
    pytest.param(ReLU, (Sigmoid,), MSE(), 1, 0.1, id="ReLU and sigmoid, one at a time"),
    pytest.param(LeakyReLU, (Tanh,), MSE(), 3, 0.1, id="LeakyReLU and tanh, the last batch smaller"),
]


def network(seed, activation, output=(), units=3):
    options = {"rng": np.random.default_rng(seed), "init": initializers.uniform, "dtype": np.float64}
    first, last = Dense(2, units, **options), Dense(units, 1, **options)
    for layer in (first, last):
        layer.b = options["rng"].uniform(-0.5, 0.5, layer.n_out)
    return Network(first, activation(), last, *(layer() for layer in output))


@pytest.mark.parametrize("activation, output, loss, batch_size, lr", SETTINGS)
def test_every_network_of_a_stack_trains_as_it_would_alone(activation, output, loss, batch_size, lr):
    nets = [network(seed, activation, output) for seed in (0, 3, 6)]
    stacked = stack(nets)
    data = {"X": xor()[0], "Y": xor()[1], "epochs": 300, "batch_size": batch_size}
    loops = [steps(net, loss, SGD(net.params, lr=lr), rng=None, **data) for net in nets]
    for Y_hat in stacked_steps(stacked, loss, SGD(stacked.params, lr=lr), **data):
        for s, loop in enumerate(loops):
            assert np.abs(Y_hat[s] - next(loop).Y_hat).max() <= 1e-12
    assert all(next(loop, None) is None for loop in loops)
    for s, net in enumerate(nets):
        for p, one in zip(stacked.params, net.params, strict=True):
            assert np.abs(p[s].reshape(one.shape) - one).max() <= 1e-12


@pytest.mark.parametrize("shape", [(5, 2), (4, 5, 2), (4, 1, 2)], ids=str)
def test_gradients_of_the_layer(shape, rng):
    layer = StackedDense([Dense(2, 3, rng=rng, dtype=np.float64) for _ in range(4)])
    layer.b[...] = rng.standard_normal(layer.b.shape)
    X = rng.standard_normal(shape)
    G = rng.standard_normal((4, shape[-2], 3))
    layer.forward(X)
    dX = layer.backward(G)
    found = [dX.sum(axis=0) if X.ndim == 2 else dX, *layer.grads]
    for array, gradient in zip((X, *layer.params), found, strict=True):
        slopes = numerical_gradient(lambda _: float((G * layer.forward(X)).sum()), array)
        assert gradient.shape == array.shape and relative_error(gradient, slopes) < 1e-7


def test_a_stack_leaves_its_networks_alone(raw):
    nets = [network(seed, Tanh) for seed in range(3)]
    before = raw([p for net in nets for p in net.params])
    X, Y = xor()
    stacked = stack(nets)
    for _ in stacked_steps(stacked, MSE(), SGD(stacked.params, lr=0.1), X, Y, epochs=2, batch_size=4):
        pass
    assert raw([p for net in nets for p in net.params]) == before
    assert not hasattr(nets[0].layers[1], "Y")


def test_networks_of_two_kinds_are_refused():
    with pytest.raises(ValueError, match="nets are of 2 kinds; expected one: .*Dense.2, 3.*Dense.2, 4"):
        stack([network(0, Tanh), network(0, Tanh, units=4)])
    with pytest.raises(ValueError, match="nets is empty; expected a list of Network"):
        stack([])


def test_a_layer_that_is_almost_dense_is_refused(rng):
    wrong = functools.partial(bugs.UpdatedFirstDense, lr=0.1)
    with pytest.raises(TypeError, match="UpdatedFirstDense cannot be stacked"):
        stack([Network(wrong(2, 3, rng=rng), Tanh())])
