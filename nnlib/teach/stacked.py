"""Many networks of one shape, trained at once: every array gains a leading axis, an entry for each network.

A loop over hundreds of small networks spends its time between NumPy's calls; here each call serves them all.
The activations, the losses, `Network` and `SGD` are those of nnlib, which take the longer arrays as they are.
"""

import copy

import numpy as np

from nnlib import MSE, BinaryCrossEntropy, Dense, Layer, Network, Optimizer, minibatches
from nnlib import _validation as check
from nnlib.teach import _doors as door

__all__ = ["StackedDense", "stack", "stacked_steps"]


class StackedDense(Layer):
    """Y[s] = X[s] W[s] + b[s]: a dense layer for each of S networks.

    Parameters
    ----------
    layers : sequence of S Dense
        All of one shape and dtype; their parameters are copied.

    Attributes
    ----------
    W, dW : ndarray of shape (S, n_in, n_out)
    b, db : ndarray of shape (S, 1, n_out)

    See notebooks/08_xor.ipynb.
    """

    def __init__(self, layers):
        layers = door.items(layers, "layers", Dense, "a list of Dense")
        if len(kinds := {(layer.W.shape, layer.W.dtype) for layer in layers}) != 1:
            raise ValueError(f"layers have {len(kinds)} shapes or dtypes; expected one.")
        self.W = np.stack([layer.W for layer in layers])
        self.b = np.stack([layer.b for layer in layers])[:, np.newaxis]
        self.dW = self.db = None

    @property
    def params(self):
        return self.W, self.b

    @property
    def grads(self):
        return self.dW, self.db

    def forward(self, X, training=False):
        """Return Y, (S, N, n_out), for X, (S, N, n_in), or (N, n_in), the same for all networks."""
        self.X = X
        return X @ self.W + self.b

    def backward(self, dY):
        self.parameter_gradients(dY)
        return dY @ self.W.swapaxes(1, 2)

    def parameter_gradients(self, dY):
        self.dW = self.X.swapaxes(-2, -1) @ dY
        self.db = dY.sum(axis=1, keepdims=True)


def stack(nets):
    """Return one Network that computes, and learns, what all of `nets` would, each with its own parameters.

    Parameters
    ----------
    nets : sequence of S Network
        Of the same layers, Dense and activations; they are left as they are.

    Raises
    ------
    ValueError
        If the networks differ in their layers.
    TypeError
        If a layer has parameters and is no plain Dense.

    Returns
    -------
    Network
        From X, (N, n_in), to Y_hat, (S, N, n_out).

    Examples
    --------
    >>> from nnlib import Tanh
    >>> rng = np.random.default_rng(0)
    >>> nets = [Network(Dense(2, 3, rng=rng), Tanh(), Dense(3, 1, rng=rng)) for _ in range(100)]
    >>> stack(nets).forward(np.ones((4, 2))).shape
    (100, 4, 1)

    See notebooks/08_xor.ipynb.
    """
    nets = door.items(nets, "nets", Network, "a list of Network")
    kinds = {repr(net) for net in nets}
    if len(kinds) != 1:
        raise ValueError(f"nets are of {len(kinds)} kinds; expected one: {', '.join(sorted(kinds))}.")
    return Network(*(_stacked(layers) for layers in zip(*(net.layers for net in nets), strict=True)))


def _stacked(layers):
    if type(layers[0]) is Dense:
        return StackedDense(layers)
    if layers[0].params:
        raise TypeError(f"{type(layers[0]).__name__} cannot be stacked; expected Dense and activations.")
    return copy.copy(layers[0])


def stacked_steps(net, loss, optimizer, X, Y, *, epochs, batch_size):
    """Train all networks of a `stack` on the same batches in the same order; a generator, as `steps` is.

    Parameters
    ----------
    net : Network
        From `stack`.
    loss : MSE or BinaryCrossEntropy
    optimizer : Optimizer
        Built on `net.params`.
    X, Y : ndarray, (N, n_in) and (N, n_out)
    epochs, batch_size : int

    Yields
    ------
    ndarray, (S, batch_size, n_out)
        The outputs for each batch, before its update.

    See notebooks/08_xor.ipynb.
    """
    door.kind(net, "net", Network, "a Network from stack")
    dense = [layer for layer in net.layers if layer.params]
    if not dense or not all(isinstance(layer, StackedDense) for layer in dense):
        raise ValueError("net has layers of one network only; expected one from stack.")
    _, n_in, _ = dense[0].W.shape
    _, _, n_out = dense[-1].W.shape
    door.kind(optimizer, "optimizer", Optimizer, "an optimiser: SGD(net.params, lr=…)")
    if not isinstance(loss, (MSE, BinaryCrossEntropy)):
        raise TypeError(f"loss is {door.told(loss)}; expected MSE() or BinaryCrossEntropy().")
    X = door.samples(X, "X", n_in)
    Y = door.shaped(Y, "Y", len(X), n_out)
    for array, name in ((X, "X"), (Y, "Y")):
        check.finite(array, name, dense[0].W.dtype)
    epochs = door.whole(epochs, "epochs", most=10**6)
    batch_size = door.whole(batch_size, "batch_size", most=10**9)
    for _ in range(epochs):
        for X_batch, Y_batch in minibatches(X, Y, batch_size=batch_size, rng=None):
            Y_hat = net.forward(X_batch, training=True)
            dY = loss.gradient(Y_hat, np.broadcast_to(Y_batch, Y_hat.shape))
            # The loss takes the mean over all S networks as well; each wants that over its own samples.
            net.backward(len(Y_hat) * dY, input_gradient=False)
            optimizer.step(net.grads)
            yield Y_hat
