"""The loop of the first tutorials: column vectors in float64, one sample at a time, updates in `backward`."""

import numpy as np

from benchmarks.peers import Peer


class Dense:
    def __init__(self, W, b):
        self.W, self.b = W.T.astype(float), b.reshape(-1, 1).astype(float)

    def forward(self, x):
        self.x = x
        return np.dot(self.W, x) + self.b

    def backward(self, dy, lr):
        dx = np.dot(self.W.T, dy)
        self.W -= lr * np.dot(dy, self.x.T)
        self.b -= lr * dy
        return dx


class Activation:
    def __init__(self, f, f_prime):
        self.f, self.f_prime = f, f_prime

    def forward(self, x):
        self.x = x
        return self.f(x)

    def backward(self, dy, lr):
        return dy * self.f_prime(self.x)


def relu():
    return Activation(lambda x: np.maximum(0, x), lambda x: x > 0)


def tanh():
    return Activation(np.tanh, lambda x: 1 - np.tanh(x) ** 2)


def mse(y_hat, y):
    return np.mean((y_hat - y) ** 2)


def mse_prime(y_hat, y):
    return 2 * (y_hat - y) / np.size(y)


def softmax(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


def cross_entropy(z, y):
    return -np.log(np.sum(softmax(z) * y))


def cross_entropy_prime(z, y):
    return softmax(z) - y


def forward(layers, x):
    for layer in layers:
        x = layer.forward(x)
    return x


def train_epoch(layers, X, Y, lr, loss, loss_prime):
    """Train on each column vector of X and Y in turn; return the mean loss."""
    total = 0
    for x, y in zip(X, Y, strict=True):
        y_hat = forward(layers, x)
        total += loss(y_hat, y)
        dy = loss_prime(y_hat, y)
        for layer in reversed(layers):
            dy = layer.backward(dy, lr)
    return total / len(X)


class Classic(Peer):
    only_batch_size = 1
    optimizer = "sgd"

    def reset(self):
        (W1, b1), (W2, b2), (W3, b3) = zip(self.weights[::2], self.weights[1::2], strict=True)
        self.layers = [Dense(W1, b1), relu(), Dense(W2, b2), relu(), Dense(W3, b3)]

    def data(self, X, y=None):
        X = X.astype(float)[:, :, None]
        return X if y is None else (X, np.eye(10)[y][:, :, None])

    def epoch(self, data, batch_size, rng=None):
        X, Y = data
        if rng is not None:
            order = rng.permutation(len(X))
            X, Y = X[order], Y[order]
        train_epoch(self.layers, X, Y, self.lr, cross_entropy, cross_entropy_prime)

    def predict(self, X):
        return np.array([forward(self.layers, x).ravel() for x in X])
