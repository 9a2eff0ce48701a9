"""nnlib as a learner calls it: `fit`, with its checks, its shuffling and its record of loss and accuracy."""

import numpy as np

from benchmarks.peers import Peer
from nnlib import SGD, Adam, Dense, Network, ReLU, SoftmaxCrossEntropy, fit


class Nnlib(Peer):
    dtype = np.float32

    def make_optimizer(self, params):
        return Adam(params, self.lr, eps=self.eps)

    def reset(self):
        rng = np.random.default_rng(0)
        layers = []
        for W, b in zip(self.weights[::2], self.weights[1::2], strict=True):
            dense = Dense(*W.shape, rng=rng, dtype=self.dtype)
            dense.W, dense.b = W, b
            layers += [dense, ReLU()]
        self.net = Network(*layers[:-1])
        self.updater = self.make_optimizer(self.net.params)

    def data(self, X, y=None):
        X = X.astype(self.dtype, copy=False)
        return X if y is None else (X, y)

    def epoch(self, data, batch_size, rng=None):
        self.updater.lr = self.lr
        loss = SoftmaxCrossEntropy()
        fit(self.net, loss, self.updater, *data, epochs=1, batch_size=batch_size, rng=rng, progress=False)

    def predict(self, X):
        return self.net.predict(X)


class NnlibSGD(Nnlib):
    optimizer = "sgd"

    def make_optimizer(self, params):
        return SGD(params, self.lr)


class NnlibSGD64(NnlibSGD):
    dtype = np.float64
