"""The peers: one network, 784-128-128-10 with ReLU between, trained by each framework in its own way.

Each file holds subclasses of `Peer`, and imports its framework when it is imported itself.
"""

import importlib
import importlib.util
from itertools import pairwise

import numpy as np

from nnlib import SoftmaxCrossEntropy

WIDTHS = (784, 128, 128, 10)

# Name: the class, and the packages that have to be there.
PEERS = {
    "matrix products alone": ("matrix_products.MatrixProducts", ()),
    "one function of NumPy": ("inlined.Inlined", ()),
    "nnlib": ("nnlib_.Nnlib", ()),
    "JAX, jitted step": ("jax_.Jax", ("jax",)),
    "JAX, jitted epoch": ("jax_.JaxScan", ("jax",)),
    "PyTorch, fused Adam": ("torch_.TorchFused", ("torch",)),
    "PyTorch": ("torch_.Torch", ("torch",)),
    "scikit-learn": ("sklearn_.Sklearn", ("sklearn",)),
    "Keras on JAX": ("keras_.Keras", ("keras", "jax")),
    "one function of NumPy, SGD": ("inlined.InlinedSGD", ()),
    "nnlib, SGD": ("nnlib_.NnlibSGD", ()),
    "nnlib, SGD, float64": ("nnlib_.NnlibSGD64", ()),
    "classic loop, SGD, float64": ("classic.Classic", ()),
}


def missing(name):
    """Return the packages that this peer lacks here."""
    return [package for package in PEERS[name][1] if importlib.util.find_spec(package) is None]


def peer_class(name):
    """Import the class of a peer, and with it the framework."""
    module, _, kind = PEERS[name][0].partition(".")
    return getattr(importlib.import_module(f"benchmarks.peers.{module}"), kind)


def initial_weights(seed):
    """Return [W1, b1, …] in float32, the start of all peers: He's law, biases zero."""
    rng = np.random.default_rng(seed)
    weights = []
    for n_in, n_out in pairwise(WIDTHS):
        W = rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in)
        weights += [W.astype(np.float32), np.zeros(n_out, np.float32)]
    return weights


class Peer:
    """One framework's network.

    Parameters
    ----------
    weights : list of ndarray
        [W1, b1, …] as `initial_weights` returns them.
    eps : float, default 1e-8
        Adam's. Kingma and Ba (2015) add it to √v̂ in algorithm 1, and to √v in the faster form at the end of
        section 2, which scikit-learn and Keras follow; with a tiny one both are the same.

    Attributes
    ----------
    lr : float
        May be changed between epochs.
    learns : bool
        Whether this is a network, and not only its matrix products.
    only_batch_size : int or None
        The one batch size that this peer has, where it has only one.
    optimizer : "adam" or "sgd"
    """

    learns = True
    only_batch_size = None
    optimizer = "adam"

    def __init__(self, weights, *, eps=1e-8):
        self.weights, self.eps = weights, eps
        self.lr = {"adam": 0.001, "sgd": 0.01}[self.optimizer]
        self.reset()

    def reset(self):
        """Begin anew: the first weights, an optimiser without memory; what was compiled is kept."""
        raise NotImplementedError

    def data(self, X, y=None):
        """Return images (N, 784) and labels (N,) as this framework likes to have them in memory."""
        return X if y is None else (X, y)

    def epoch(self, data, batch_size, rng=None):
        """Train on every sample once, in an order drawn from `rng`; without it in the order given."""
        raise NotImplementedError

    def predict(self, X):
        """Return the logits of images, (N, 10), as a NumPy array."""
        raise NotImplementedError

    def loss(self, X, y):
        """Return the mean cross-entropy."""
        return SoftmaxCrossEntropy().value(self.predict(self.data(X)), y)


def drawn(n, batch_size, rng):
    """Yield the row numbers of each batch of an epoch, (batch_size,) or what is left at the end."""
    order = np.arange(n) if rng is None else rng.permutation(n)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]
