"""What large batches cost in accuracy: MNIST, 784-128-128-10, batches of 64 to 8192, eight epochs each.

ReLU, He, softmax cross-entropy, momentum 0.9; the rate is warmed up over a quarter of the run, then a cosine
to 0. At a batch of 64 its peak is 0.02. At a batch of 64 k it is, by three rules, the same, √k times or k
times as large. All see each image equally often, so k times as large a batch makes a k-th of the updates.
Recorded are the updates, the accuracy on the test images after each epoch for each seed, and how many seeds
ended with a loss that is not finite: their accuracy is that of the weights that were left.
"""

import math

import numpy as np

from nnlib import (
    Dense,
    Momentum,
    Network,
    ReLU,
    SoftmaxCrossEntropy,
    accuracy,
    datasets,
    steps,
    warmup_cosine,
)

SEEDS = [0, 1, 2]
BATCHES = [64, 256, 1024, 4096, 8192]
RULES = {"same": lambda k: 1.0, "square root": math.sqrt, "linear": float}
PEAK, EPOCHS = 0.02, 8
SOURCE = (
    "ours: nobody reports these runs; the rules are those of Goyal et al. (2017), Accurate, large minibatch "
    "SGD, and Krizhevsky (2014), One weird trick for parallelizing convolutional neural networks"
)


def network(rng):
    first, second, last = Dense(784, 128, rng=rng), Dense(128, 128, rng=rng), Dense(128, 10, rng=rng)
    return Network(first, ReLU(), second, ReLU(), last)


def trained(batch, peak, seed, epochs, X, y, X_test, y_test):
    """Return the accuracy on the test images after each epoch, and whether the loss stayed finite."""
    rng = np.random.default_rng(seed)
    net = network(rng)
    per_epoch = -(-len(X) // batch)
    total = epochs * per_epoch
    schedule = warmup_cosine(peak, warmup=total // 4, total=total)
    optimizer = Momentum(net.params, lr=schedule)
    right = []
    for _ in range(epochs):
        try:
            for _ in steps(net, SoftmaxCrossEntropy(), optimizer, X, y, epochs=1, batch_size=batch, rng=rng):
                pass
        except FloatingPointError:
            return right + (epochs - len(right)) * [accuracy(net.predict(X_test), y_test)], False
        right.append(accuracy(net.predict(X_test), y_test))
    return right, True


def batch_by(rule, batch, epochs, data):
    peak = PEAK * RULES[rule](batch / BATCHES[0])
    runs = [trained(batch, peak, seed, epochs, *data) for seed in SEEDS]
    return {
        "peak": peak,
        "updates": epochs * -(-len(data[0]) // batch),
        "accuracy": [right for right, _ in runs],
        "not_finite": sum(not finite for _, finite in runs),
    }


def run(quick):
    X, y, X_test, y_test = datasets.mnist()
    data = (X[:200], y[:200], X_test[:100], y_test[:100]) if quick else (X, y, X_test, y_test)
    epochs = 2 if quick else EPOCHS
    return {
        "seeds": SEEDS,
        "source": SOURCE,
        "epochs": epochs,
        "batches": BATCHES,
        "rules": {
            rule: {str(batch): batch_by(rule, batch, epochs, data) for batch in BATCHES} for rule in RULES
        },
    }
