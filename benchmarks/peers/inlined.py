"""nnlib's arithmetic in one function: no classes, no checks, no record; every array is there beforehand.

What is left between this and the matrix products is NumPy; what is left between nnlib and this is the price
of layers that can be read one by one, of checks and of a history.
"""

import math

import numpy as np

from benchmarks.peers import Peer, drawn


class Inlined(Peer):
    def reset(self):
        self.params = [p.copy() for p in self.weights]
        self.grads, self.m, self.v, self.scratch = (
            [np.zeros_like(p) for p in self.weights] for _ in range(4)
        )
        self.t = 0

    def epoch(self, data, batch_size, rng=None):
        X, y = data
        N, rows = batch_size, np.arange(batch_size)
        W1, b1, W2, b2, W3, b3 = self.params
        dW1, db1, dW2, db2, dW3, db3 = self.grads
        X_batch = np.empty((N, len(W1)), np.float32)
        A1, A2, Z3 = (np.empty((N, len(b)), np.float32) for b in (b1, b2, b3))
        dA1, dA2 = np.empty_like(A1), np.empty_like(A2)
        for order in drawn(len(X), N, rng):
            if len(order) < N:
                N, rows = len(order), rows[: len(order)]
                X_batch, A1, A2, Z3, dA1, dA2 = (A[:N] for A in (X_batch, A1, A2, Z3, dA1, dA2))
            X.take(order, axis=0, out=X_batch, mode="clip")  # "raise" would copy it once more
            np.dot(X_batch, W1, out=A1)
            A1 += b1
            np.maximum(A1, 0, out=A1)
            np.dot(A1, W2, out=A2)
            A2 += b2
            np.maximum(A2, 0, out=A2)
            np.dot(A2, W3, out=Z3)
            Z3 += b3
            Z3 -= Z3.max(axis=1, keepdims=True)
            np.exp(Z3, out=Z3)
            Z3 /= Z3.sum(axis=1, keepdims=True)
            Z3[rows, y[order]] -= 1
            Z3 /= N
            np.dot(A2.T, Z3, out=dW3)
            Z3.sum(axis=0, out=db3)
            np.dot(Z3, W3.T, out=dA2)
            dA2 *= A2 > 0
            np.dot(A1.T, dA2, out=dW2)
            dA2.sum(axis=0, out=db2)
            np.dot(dA2, W2.T, out=dA1)
            dA1 *= A1 > 0
            np.dot(X_batch.T, dA1, out=dW1)
            dA1.sum(axis=0, out=db1)
            self.update()

    def update(self):
        self.t += 1
        beta1, beta2 = 0.9, 0.999
        v_scale = math.sqrt((1 - beta2) / (1 - beta2**self.t))
        rate = self.lr * (1 - beta1) / (1 - beta1**self.t) / v_scale
        for p, g, m, v, s in zip(self.params, self.grads, self.m, self.v, self.scratch, strict=True):
            m *= beta1
            m += g
            v *= beta2
            np.multiply(g, g, out=s)
            v += s
            np.sqrt(v, out=s)
            s += self.eps / v_scale
            np.divide(m, s, out=s)
            s *= rate
            p -= s
        if self.t % 100 == 0:
            for a in (*self.m, *self.v):
                a[np.abs(a) < 1e8 * np.finfo(a.dtype).tiny] = 0

    def predict(self, X):
        W1, b1, W2, b2, W3, b3 = self.params
        return np.maximum(np.maximum(X @ W1 + b1, 0) @ W2 + b2, 0) @ W3 + b3


class InlinedSGD(Inlined):
    optimizer = "sgd"

    def update(self):
        for p, g in zip(self.params, self.grads, strict=True):
            g *= self.lr
            p -= g
