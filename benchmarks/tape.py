"""A training step of the network of chapter 09 by hand-written layers, and the same step on the tape.

784-128-128-10, ReLU, SGD, float32, a batch of 64. On the tape the loss is one step back (fused), or is
written out, operation by operation (composed). All begin with the same weights, take turns, and have the same
gradients.
"""

import numpy as np

from benchmarks.peers import WIDTHS
from benchmarks.turns import median_seconds
from nnlib import SGD, Dense, Network, ReLU, SoftmaxCrossEntropy
from nnlib.autograd import Tensor, from_loss

N = 64
TOLERANCE = 1e-4


def network():
    rng = np.random.default_rng(0)
    n_0, n_1, n_2, n_3 = WIDTHS
    return Network(
        Dense(n_0, n_1, rng=rng), ReLU(), Dense(n_1, n_2, rng=rng), ReLU(), Dense(n_2, n_3, rng=rng)
    )


def by_hand(X, Y):
    """Return a function that makes a step, and returns the gradients."""
    net, loss = network(), SoftmaxCrossEntropy()
    optimizer = SGD(net.params, 0.01)

    def step():
        _, dZ = loss.value_and_gradient(net.forward(X, training=True), Y)
        net.backward(dZ, input_gradient=False)
        optimizer.step(net.grads)
        return net.grads

    return step


def on_the_tape(X, Y, loss):
    """Return the same, where `loss` makes a tensor of Z and Y."""
    params = [Tensor(p) for p in network().params]
    optimizer = SGD([p.data for p in params], 0.01)
    W1, b1, W2, b2, W3, b3 = params

    def step():
        for p in params:
            p.grad = None
        Z = ((X @ W1 + b1).relu() @ W2 + b2).relu() @ W3 + b3
        loss(Z, Y).backward()
        grads = [p.grad for p in params]
        optimizer.step(grads)
        return grads

    return step


def fused(Z, Y):
    return from_loss(SoftmaxCrossEntropy(), Z, Y)


def composed(Z, Y):
    Z = Z - Z.data.max(axis=1, keepdims=True)
    log_P = Z - Z.exp().sum(axis=1, keepdims=True).log()
    return -(log_P * Y).sum() / len(Y)


def measure(quick):
    """Return the median seconds of a step of each."""
    rng = np.random.default_rng(1)
    X = rng.random((N, WIDTHS[0]), np.float32)
    Y = np.eye(WIDTHS[-1], dtype=np.float32)[rng.integers(WIDTHS[-1], size=N)]
    teams = {
        "layers": by_hand(X, Y),
        "tape": on_the_tape(X, Y, fused),
        "composed": on_the_tape(X, Y, composed),
    }
    expected = teams["layers"]()
    for name in ("tape", "composed"):
        for found, wanted in zip(teams[name](), expected, strict=True):
            if not np.abs(found - wanted).max() < TOLERANCE * np.abs(wanted).max():
                raise SystemExit(f"The step called {name} computes something else than the layers.")
    return median_seconds(teams, 20 if quick else 2000)
