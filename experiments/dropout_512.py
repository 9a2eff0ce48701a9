"""MNIST with dropout: 784-512-256-10, the recipe that chapter 11 ends with, on validation and then on test.

ReLU, He, dropout after both hidden layers, batches of 128, Adam with warm-up and cosine. Each seed is trained
on 50 000 images, with dropout 0.25 and without it, and judged by the 10 000 validation images; then with
dropout on all 60 000, and these networks meet the test images together, once. Training runs on one thread.
"""

import math

import numpy as np

from nnlib import (
    Adam,
    Dense,
    Dropout,
    Network,
    ReLU,
    SoftmaxCrossEntropy,
    accuracy,
    datasets,
    fit,
    warmup_cosine,
)

SEEDS = [10, 11, 12]
P, PEAK = 0.25, 0.003
EPOCHS, BATCH_SIZE = 20, 128
VALIDATION = 10_000


def train_network(seed, p, X, y, epochs):
    """Return the network and the seconds that its training took."""
    rng = np.random.default_rng(seed)
    first, second, last = Dense(784, 512, rng=rng), Dense(512, 256, rng=rng), Dense(256, 10, rng=rng)
    net = Network(first, ReLU(), Dropout(p, rng=rng), second, ReLU(), Dropout(p, rng=rng), last)
    batches = math.ceil(len(X) / BATCH_SIZE)
    optimizer = Adam(net.params, lr=warmup_cosine(PEAK, warmup=batches // 2, total=epochs * batches))
    settings = {"epochs": epochs, "batch_size": BATCH_SIZE, "rng": rng, "progress": False}
    return net, fit(net, SoftmaxCrossEntropy(), optimizer, X, y, **settings).seconds[-1]


def run(quick):
    X, y, X_test, y_test = datasets.mnist()
    n, epochs = (256, 1) if quick else (len(X) - VALIDATION, EPOCHS)
    X_val, y_val = X[-VALIDATION:], y[-VALIDATION:]

    def validated(p):
        nets = [train_network(seed, p, X[:n], y[:n], epochs)[0] for seed in SEEDS]
        return [accuracy(net.predict(X_val), y_val) for net in nets]

    results = {
        "seeds": SEEDS,
        "source": "nobody reports this recipe; compare Simard, Steinkraus and Platt (2003), table 1: 98.4 %",
        "recipe": {"dropout": P, "peak": PEAK, "epochs": epochs, "batch_size": BATCH_SIZE},
        "validation": {"with dropout": validated(P), "without": validated(0)},
    }
    n = n if quick else len(X)
    runs = [train_network(seed, P, X[:n], y[:n], epochs) for seed in SEEDS]
    return results | {
        "test": [accuracy(net.predict(X_test), y_test) for net, _ in runs],
        "seconds": [round(seconds, 1) for _, seconds in runs],
    }
