"""A reader of handwriting. See notebooks/09_mnist.ipynb."""

import math

import numpy as np

from nnlib import SGD, Dense, Network, ReLU, SoftmaxCrossEntropy, datasets, fit
from nnlib.teach.widgets.mnist import mnist_panel
from tools.book.living.recorded import Leg, Run, kept, page, run_and_epoch, train

KIND = "played"


def one(name, epochs, seen, *, lr=0.4, width=128, batch_size=64):
    """Return a run of one leg."""
    return Run({"run": name}, (Leg({"lr": lr, "width": width, "batch_size": batch_size}, epochs, seen),))


EPOCH = (0, 0.1, 0.2, 0.4, 0.6, 0.8, 1)
RUNS = [
    one("the rate 0.4", 3, (*EPOCH, 1.5, 2, 2.5, 3)),
    Run(
        {"run": "the rate 0.4, after one epoch and a half 0.01"},
        (
            Leg({"lr": 0.4, "width": 128, "batch_size": 64}, 3, (0, 0.5, 1, 1.2, 1.5)),
            Leg({"lr": 0.01}, 2, (0.1, 0.2, 0.3, 0.5, 1, 1.5)),
        ),
    ),
    one("the rate 0.001", 1, EPOCH, lr=0.001),
    one("the rate 2", 1, EPOCH, lr=2.0),
    one("the rate 0.4, 16 hidden units", 2, (*EPOCH, 1.5, 2), width=16),
    one("the rate 0.4, batches of 256", 2, (*EPOCH, 1.5, 2), batch_size=256),
]
OWN = run_and_epoch("run", "run", "30em", 3, step=0.1)


def wrong_in_the_chapter(X_train, y_train, X_val, y_val):
    """Return the validation images that the network of chapter 09 misreads when its panel comes."""
    rng = np.random.default_rng(0)
    net = Network(Dense(784, 128, rng=rng), ReLU(), Dense(128, 128, rng=rng), ReLU(), Dense(128, 10, rng=rng))
    loss = SoftmaxCrossEntropy()
    optimizer = SGD(net.params, lr=0.4)
    fit(net, loss, optimizer, X_train, y_train, epochs=4, batch_size=64, rng=rng, progress=False)
    rng.standard_normal((3, 300, 10_000))  # the dances that it draws before it goes on
    optimizer = SGD(net.params, lr=lambda t: 0.4 * (1 - (t - 1) / 782))
    fit(net, loss, optimizer, X_train, y_train, epochs=1, batch_size=64, rng=rng, progress=False)
    return np.flatnonzero(net.predict(X_val).argmax(axis=1) != y_val)


def record():
    mnist = datasets.mnist()
    parts = mnist.X_train[:50_000], mnist.y_train[:50_000], mnist.X_train[50_000:], mnist.y_train[50_000:]
    panel = mnist_panel(*parts, shown=[*range(6), *wrong_in_the_chapter(*parts)[:6]])
    shots = train(panel, RUNS, pieces=lambda panel: math.ceil(50_000 / panel.batch_size.value))
    return page(panel, shots, plays="epoch", own=OWN)


def data(call):
    return kept(__name__, call.folder, record)
