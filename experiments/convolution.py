"""Convolutional networks for MNIST: three recipes, and what images that are moved do to networks.

Each recipe: blocks of convolution, ReLU and, but for the third, pooling by 2; then a dense layer, under
softmax cross-entropy; He, Adam with a warm-up of a tenth and a cosine, batches of 64, all 60 000 training
images. "16-32-64" takes the mean over all places before its dense layer. Images are moved by up to so many
pixels each way, anew in each epoch. Seconds are of the processor, the moving of images included. The test
images are met once, by the trained network.

"moved" has four networks, each trained for five epochs with images as they are or moved by up to two pixels:
784-128-128-10 at 0.002 and the convolutional "16-32" at 0.004. It tells how many test images each reads right
when all are moved by 0 to 4 pixels, the mean over up, down, left and right; the median of the seeds.
"""

import statistics
import time

import numpy as np

from experiments.remedies import moved
from nnlib import (
    Adam,
    Conv2D,
    Dense,
    Flatten,
    Layer,
    MaxPool2D,
    Network,
    ReLU,
    SoftmaxCrossEntropy,
    accuracy,
    datasets,
    steps,
    warmup_cosine,
)

SEEDS = [0, 1, 2]
RECIPES = {
    "6-12": {"epochs": 10, "peak": 0.008, "pixels": 1},
    "16-32": {"epochs": 3, "peak": 0.008},
    "16-32-64": {"epochs": 10, "peak": 0.004, "pixels": 2},
}
OTHERS = {"dense": 0.002, "16-32": 0.004}
SHIFTS, EPOCHS, BATCH_SIZE = [0, 1, 2, 3, 4], 5, 64
LOSS = SoftmaxCrossEntropy()


class MeanOverPlaces(Layer):
    """Y[n, c] = the mean of X[n, i, j, c] over all places (i, j)."""

    def forward(self, X, training=False):
        self.shape = X.shape
        return X.mean(axis=(1, 2))

    def backward(self, dY):
        _, H, W, _ = self.shape
        return np.broadcast_to(dY[:, None, None] / (H * W), self.shape)


def network(name, rng):
    if name == "dense":
        first, second, last = Dense(784, 128, rng=rng), Dense(128, 128, rng=rng), Dense(128, 10, rng=rng)
        return Network(Flatten(), first, ReLU(), second, ReLU(), last)
    a, b, *c = map(int, name.split("-"))
    blocks = [Conv2D(1, a, 5, rng=rng), ReLU(), MaxPool2D(2), Conv2D(a, b, 5, rng=rng), ReLU(), MaxPool2D(2)]
    if not c:
        return Network(*blocks, Flatten(), Dense(16 * b, 10, rng=rng))
    return Network(*blocks, Conv2D(b, *c, 3, rng=rng), ReLU(), MeanOverPlaces(), Dense(*c, 10, rng=rng))


def trained(name, seed, X, y, *, epochs, peak, pixels=0, varied=moved):
    """Return the network and the seconds of processor time that its training took.

    Where `pixels` is not 0, each epoch has images of its own, `varied(X, pixels, rng)`.
    """
    started = time.process_time()
    rng = np.random.default_rng(seed)
    net = network(name, rng)
    total = epochs * -(-len(X) // BATCH_SIZE)
    optimizer = Adam(net.params, lr=warmup_cosine(peak, warmup=total // 10, total=total))
    for _ in range(epochs):
        images = varied(X, pixels, rng) if pixels else X
        images = images.reshape(-1, 28, 28, 1)
        for _ in steps(net, LOSS, optimizer, images, y, epochs=1, batch_size=BATCH_SIZE, rng=rng):
            pass
    return net, time.process_time() - started


def recipe(name, settings, X, y, X_test, y_test, varied=moved):
    """Return the settings, and of each seed the share of test images read right and the seconds."""
    runs = {"right": [], "seconds": []}
    for seed in SEEDS:
        net, seconds = trained(name, seed, X, y, **settings, varied=varied)
        runs["right"].append(accuracy(net.predict(X_test), y_test))
        runs["seconds"].append(round(seconds, 1))
    parameters = sum(p.size for p in net.params)
    return {"parameters": parameters, **settings, **runs}


def when_moved(name, peak, pixels, epochs, X, y, X_test, y_test):
    """Return the median share of test images that is read right when all are moved by 0 to 4 pixels."""
    rows = []
    framed = np.pad(X_test, [(0, 0), (4, 4), (4, 4), (0, 0)])
    for seed in SEEDS:
        net, _ = trained(name, seed, X, y, epochs=epochs, peak=peak, pixels=pixels)
        rows.append(
            [
                statistics.fmean(
                    accuracy(net.predict(framed[:, 4 + i : 32 + i, 4 + j : 32 + j]), y_test)
                    for i, j in ((-shift, 0), (shift, 0), (0, -shift), (0, shift))
                )
                for shift in SHIFTS
            ]
        )
    return np.median(rows, axis=0).tolist()


def images_and_labels(quick):
    """Return training images and labels, test images (N, 28, 28, 1) and labels; a few of them, if quick."""
    X, y, X_test, y_test = datasets.mnist()
    if quick:
        X, y, X_test, y_test = X[:200], y[:200], X_test[:100], y_test[:100]
    return X, y, X_test.reshape(-1, 28, 28, 1), y_test


def run(quick):
    data = images_and_labels(quick)
    few = {"epochs": 1} if quick else {}
    return {
        "seeds": SEEDS,
        "source": "ours: nobody reports these runs",
        "recipes": {name: recipe(name, settings | few, *data) for name, settings in RECIPES.items()},
        "shifts": SHIFTS,
        "moved": {
            f"{name}, {'moved' if pixels else 'as they are'}": when_moved(
                name, peak, pixels, 1 if quick else EPOCHS, *data
            )
            for name, peak in OTHERS.items()
            for pixels in (0, 2)
        },
    }
