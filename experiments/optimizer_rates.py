"""SGD, momentum, RMS and Adam on MNIST, each with its learning rate tuned: the comparison of chapter 10.

784-128-128-10, ReLU, He, batches of 128, two epochs over 50 000 images, three seeds. Every optimiser has
six rates, a factor of about three apart, and each rate is held constant once, and once used as the peak of a
warm-up and a cosine. Judged by the 10 000 validation images; the test images are not opened.
"""

import math
import statistics

import numpy as np

from nnlib import (
    SGD,
    Adam,
    Dense,
    Momentum,
    Network,
    ReLU,
    SoftmaxCrossEntropy,
    accuracy,
    datasets,
    fit,
    warmup_cosine,
)

SEEDS = [0, 1, 2]
EPOCHS, BATCH_SIZE = 2, 128
VALIDATION = 10_000
OPTIMIZERS = {  # RMS is Adam without the mean of the gradients: β₁ = 0 keeps the last one only
    "SGD": (SGD, {}, [0.01, 0.03, 0.1, 0.3, 1, 3]),
    "momentum": (Momentum, {}, [0.001, 0.003, 0.01, 0.03, 0.1, 0.3]),
    "RMS": (Adam, {"beta1": 0}, [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03]),
    "Adam": (Adam, {}, [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03]),
}


def validation_accuracy(seed, make, options, lr, X, y, X_val, y_val):
    """Train, and return the share of validation images read right; a run that overflows has 0."""
    rng = np.random.default_rng(seed)
    first, second, last = Dense(784, 128, rng=rng), Dense(128, 128, rng=rng), Dense(128, 10, rng=rng)
    net = Network(first, ReLU(), second, ReLU(), last)
    settings = {"epochs": EPOCHS, "batch_size": BATCH_SIZE, "rng": rng, "progress": False}
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            fit(net, SoftmaxCrossEntropy(), make(net.params, lr=lr, **options), X, y, **settings)
            return accuracy(net.predict(X_val), y_val)
    except FloatingPointError:
        return 0.0


def run(quick):
    X, y, _, _ = datasets.mnist()
    X_val, y_val = X[-VALIDATION:], y[-VALIDATION:]
    X, y = X[:-VALIDATION], y[:-VALIDATION]
    seeds = SEEDS
    if quick:
        X, y, X_val, y_val, seeds = X[:256], y[:256], X_val[:100], y_val[:100], SEEDS[:1]
    batches = math.ceil(len(X) / BATCH_SIZE)

    def median(make, options, lr):
        runs = [validation_accuracy(seed, make, options, lr, X, y, X_val, y_val) for seed in seeds]
        return statistics.median(runs)

    def scheduled(peak):
        return warmup_cosine(peak, warmup=batches // 2, total=EPOCHS * batches)

    return {
        "seeds": seeds,
        "source": "our own comparison; that every method has to be tuned is the point of Choi et al. (2019)",
        "validation": {
            name: {
                "rates": rates,
                "constant": [median(make, options, rate) for rate in rates],
                "scheduled": [median(make, options, scheduled(rate)) for rate in rates],
            }
            for name, (make, options, rates) in OPTIMIZERS.items()
        },
    }
