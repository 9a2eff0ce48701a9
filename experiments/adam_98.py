"""MNIST with Adam, warm-up and cosine: the recipe of chapter 10, chosen on validation, then tested.

784-128-128-10, ReLU, He, batches of 128, seven epochs. Each peak learning rate is tried on 50 000 images,
three seeds each, and judged by the 10 000 validation images. The best is trained on all 60 000, from nine
seeds of its own, and all nine networks meet the test images together, once. Training runs on one thread;
`processor_seconds` counts its work, `seconds` the time on the clock, other programs' work included.
"""

import math
import statistics
import time

import numpy as np

from nnlib import Adam, Dense, Network, ReLU, SoftmaxCrossEntropy, accuracy, datasets, fit, warmup_cosine

PEAKS = [0.001, 0.002, 0.004, 0.008, 0.016]
TRIAL_SEEDS = [0, 1, 2]
SEEDS = [10, 11, 12, 13, 14, 15, 16, 17, 18]
EPOCHS, BATCH_SIZE = 7, 128
VALIDATION = 10_000


def train_network(seed, peak, X, y):
    """Return the network, the seconds that its training took on the clock, and those of the processor."""
    rng = np.random.default_rng(seed)
    first, second, last = Dense(784, 128, rng=rng), Dense(128, 128, rng=rng), Dense(128, 10, rng=rng)
    net = Network(first, ReLU(), second, ReLU(), last)
    batches = math.ceil(len(X) / BATCH_SIZE)
    optimizer = Adam(net.params, lr=warmup_cosine(peak, warmup=batches // 2, total=EPOCHS * batches))
    settings = {"epochs": EPOCHS, "batch_size": BATCH_SIZE, "rng": rng, "progress": False}
    started = time.process_time()
    history = fit(net, SoftmaxCrossEntropy(), optimizer, X, y, **settings)
    return net, history.seconds[-1], time.process_time() - started


def run(quick):
    X, y, X_test, y_test = datasets.mnist()
    trial_seeds, seeds, n_val = TRIAL_SEEDS, SEEDS, VALIDATION
    if quick:
        X, y, X_test, y_test = X[:600], y[:600], X_test[:100], y_test[:100]
        trial_seeds, seeds, n_val = TRIAL_SEEDS[:1], SEEDS[:1], 100
    validation = {}
    for peak in PEAKS:
        nets = [train_network(seed, peak, X[:-n_val], y[:-n_val])[0] for seed in trial_seeds]
        shares = [accuracy(net.predict(X[-n_val:]), y[-n_val:]) for net in nets]
        validation[f"{peak:g}"] = statistics.median(shares)
    peak = max(PEAKS, key=lambda peak: validation[f"{peak:g}"])
    runs = [train_network(seed, peak, X, y) for seed in seeds]
    return {
        "seeds": seeds,
        "trial_seeds": trial_seeds,
        "source": "nobody reports this recipe; compare Simard, Steinkraus and Platt (2003), table 1: 98.4 %",
        "validation": validation,
        "peak": peak,
        "test": [accuracy(net.predict(X_test), y_test) for net, *_ in runs],
        "seconds": [round(seconds, 2) for _, seconds, _ in runs],
        "processor_seconds": [round(seconds, 2) for *_, seconds in runs],
    }
