"""The floor: the eight matrix products of a training step into buffers that are there, and nothing else."""

import numpy as np

from benchmarks.peers import Peer


class MatrixProducts(Peer):
    learns = False

    def reset(self):
        self.W = self.weights[::2]
        self.dW = [np.empty_like(W) for W in self.W]
        self.buffers = []

    def epoch(self, data, batch_size, rng=None):
        X, _ = data
        if not self.buffers or len(self.buffers[0]) != batch_size:
            self.buffers = [np.empty((batch_size, W.shape[1]), np.float32) for W in self.W]
            self.gradients = [np.empty((batch_size, W.shape[1]), np.float32) for W in self.W[:-1]]
        for start in range(0, len(X), batch_size):
            self.step(X[start : start + batch_size])

    def step(self, X):
        """Do the products of a network without activations, whose dZ of the last layer is its output."""
        N = len(X)
        (W1, W2, W3), (dW1, dW2, dW3) = self.W, self.dW
        Z1, Z2, Z3 = (Z[:N] for Z in self.buffers)
        dZ1, dZ2 = (dZ[:N] for dZ in self.gradients)
        np.matmul(X, W1, out=Z1)
        np.matmul(Z1, W2, out=Z2)
        np.matmul(Z2, W3, out=Z3)
        np.matmul(Z2.T, Z3, out=dW3)
        np.matmul(Z3, W3.T, out=dZ2)
        np.matmul(Z1.T, dZ2, out=dW2)
        np.matmul(dZ2, W2.T, out=dZ1)
        np.matmul(X.T, dZ1, out=dW1)

    def predict(self, X):
        for W in self.W:
            X = X @ W
        return X
