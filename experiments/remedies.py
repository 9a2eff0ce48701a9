"""The remedies of chapter 11, each alone and all together, on few images and on many; and dropout by epochs.

784-128-128-10, ReLU, He, Adam with 0.002, batches of 100, 2400 steps whatever the number of images; every
fifth label is wrong. Decay takes 0.6 % of the weights in each step, dropout is 0.5 after both hidden layers,
images are moved by up to two pixels each way, anew in each epoch, all as in the chapter; "all four, half"
has half of each. "stopped in time" takes the weights with which the loss of the 1000 validation images was
lowest, looked at every 50 steps. Each network is judged by 9000 other images. The curves of dropout are those
of 1000 images in 100 epochs, means of the seeds: both losses are measured after each epoch, without masks.
"""

import itertools
import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nnlib import Adam, Dense, Dropout, Network, ReLU, SoftmaxCrossEntropy, accuracy, datasets, steps

SEEDS = [0, 1, 2]
SIZES = [1000, 5000, 20_000]
DECAY, DROPOUT, SHIFTS, IN_TIME = {"decay": 0.006}, {"p": 0.5}, {"pixels": 2}, {"keep_best": True}
REMEDIES = {
    "nothing": {},
    "decay": DECAY,
    "dropout": DROPOUT,
    "stopped in time": IN_TIME,
    "shifts": SHIFTS,
    "all four": DECAY | DROPOUT | IN_TIME | SHIFTS,
    "all four, half": {"decay": 0.003, "p": 0.25, "pixels": 1} | IN_TIME,
}
RATES = [0, 0.25, 0.5, 0.75]  # of dropout, for the curves
STEPS, EPOCHS, BATCH_SIZE, LOOK = 2400, 100, 100, 50
LOSS = SoftmaxCrossEntropy()


def spoiled(y):
    """Return the labels with every fifth replaced by a wrong one."""
    y, rng = y.copy(), np.random.default_rng(0)
    y[::5] = (y[::5] + rng.integers(1, 10, len(y[::5]))) % 10
    return y


def moved(X, pixels, rng):
    """Return the images, each moved by up to so many pixels down or up and to the side."""
    framed = np.pad(X.reshape(-1, 28, 28), [(0, 0), (pixels, pixels), (pixels, pixels)])
    down, right = rng.integers(0, 2 * pixels + 1, (2, len(X)))
    return sliding_window_view(framed, (28, 28), axis=(1, 2))[np.arange(len(X)), down, right].reshape(-1, 784)


def training(seed, X, y, *, p=0, decay=0, pixels=0):
    """Yield the network, first as it begins and then after each step, without end."""
    rng = np.random.default_rng(seed)
    first, second, last = Dense(784, 128, rng=rng), Dense(128, 128, rng=rng), Dense(128, 10, rng=rng)
    net = Network(first, ReLU(), Dropout(p, rng=rng), second, ReLU(), Dropout(p, rng=rng), last)
    optimizer = Adam(net.params, lr=0.002)
    yield net
    while True:
        images = moved(X, pixels, rng) if pixels else X
        for _ in steps(net, LOSS, optimizer, images, y, epochs=1, batch_size=BATCH_SIZE, rng=rng):
            for W in net.params[::2]:
                W *= 1 - decay
            yield net


def trained(seed, X, y, X_val, y_val, n_steps, keep_best=False, **remedies):
    """Return the network as it is at the end, or as it was when its validation loss was lowest."""
    lowest, best = math.inf, []
    for net in itertools.islice(training(seed, X, y, **remedies), 0, n_steps + 1, LOOK):
        if keep_best and (value := LOSS.value(net.predict(X_val), y_val)) < lowest:
            lowest, best = value, [array.copy() for array in net.params]
    for array, kept in zip(net.params, best, strict=keep_best):
        array[...] = kept
    return net


def curves(p, X, y, X_val, y_val, epochs):
    """Return both losses before the first epoch and after each, the means of the seeds."""
    losses = np.zeros((2, epochs + 1))
    batches = len(X) // BATCH_SIZE
    for seed in SEEDS:
        nets = itertools.islice(training(seed, X, y, p=p), 0, epochs * batches + 1, batches)
        for epoch, net in enumerate(nets):
            losses[:, epoch] += LOSS.value(net.predict(X), y), LOSS.value(net.predict(X_val), y_val)
    at_training, at_validation = (losses / len(SEEDS)).round(4).tolist()
    return {"training": at_training, "validation": at_validation}


def run(quick):
    X, y, *_ = datasets.mnist()
    X_val, y_val, X_new, y_new = X[50_000:51_000], y[50_000:51_000], X[51_000:], y[51_000:]
    sizes, n_steps, epochs = ([100], LOOK, 1) if quick else (SIZES, STEPS, EPOCHS)

    def judged(n, seed, remedies):
        net = trained(seed, X[:n], spoiled(y[:n]), X_val, y_val, n_steps, **remedies)
        return accuracy(net.predict(X_new), y_new)

    few = X[: sizes[0]], spoiled(y[: sizes[0]]), X_val, y_val
    return {
        "seeds": SEEDS,
        "source": "ours: nobody reports these runs",
        "sizes": sizes,
        "steps": n_steps,
        "right": {
            name: [[judged(n, seed, remedies) for seed in SEEDS] for n in sizes]
            for name, remedies in REMEDIES.items()
        },
        "dropout": {f"{p:g}": curves(p, *few, epochs) for p in RATES},
    }
