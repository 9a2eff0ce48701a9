"""XOR, 2-3-1 with tanh and MSE in float64, in order: epochs per second of the classic loop and of nnlib."""

import numpy as np

from benchmarks.peers import classic
from benchmarks.turns import median_seconds
from nnlib import MSE, SGD, Dense, Network, Tanh, datasets, steps
from nnlib.initializers import standard_normal

LR = 0.1


def network():
    rng = np.random.default_rng(0)
    dense = [Dense(*shape, rng=rng, init=standard_normal, dtype=np.float64) for shape in ((2, 3), (3, 1))]
    for layer in dense:
        layer.b = rng.standard_normal(layer.n_out)
    return Network(dense[0], Tanh(), dense[1], Tanh())


def classic_layers():
    """Return the same network with the same weights, as the tutorials write it."""
    (W1, b1), (W2, b2) = (layer.params for layer in network().layers[::2])
    return [classic.Dense(W1, b1), classic.tanh(), classic.Dense(W2, b2), classic.tanh()]


def train_classic(layers, epochs):
    X, Y = (A[:, :, None] for A in datasets.xor())
    for _ in range(epochs):
        classic.train_epoch(layers, X, Y, LR, classic.mse, classic.mse_prime)


def train_nnlib(net, epochs, batch_size):
    loop = (MSE(), SGD(net.params, LR), *datasets.xor())
    for _ in steps(net, *loop, epochs=epochs, batch_size=batch_size, rng=None):
        pass


def difference(epochs):
    """Return the largest difference of a weight between the classic loop and nnlib, one sample at a time."""
    layers, net = classic_layers(), network()
    train_classic(layers, epochs)
    train_nnlib(net, epochs, 1)
    return max(
        float(np.abs(ours - theirs).max())
        for dense, theirs_dense in zip(net.layers[::2], layers[::2], strict=True)
        for ours, theirs in ((dense.W.T, theirs_dense.W), (dense.b[:, None], theirs_dense.b))
    )


def measure(quick):
    """Return epochs per second, medians of interleaved repeats, and the difference after 1000 epochs."""
    epochs, repeats = (100, 1) if quick else (1000, 5)
    runs = {
        "classic loop, one sample at a time": lambda: train_classic(classic_layers(), epochs),
        "nnlib, one sample at a time": lambda: train_nnlib(network(), epochs, 1),
        "nnlib, batches of four": lambda: train_nnlib(network(), epochs, 4),
    }
    medians = {name: epochs / seconds for name, seconds in median_seconds(runs, repeats).items()}
    return {"epochs_per_second": medians, "difference": difference(100 if quick else 1000)}
