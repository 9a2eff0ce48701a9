"""A training on labels of which a fifth is wrong, epoch by epoch. See notebooks/11_generalisation.ipynb."""

import numpy as np

from nnlib import Adam, Dense, Dropout, Network, ReLU, SoftmaxCrossEntropy, datasets
from nnlib import train as training
from nnlib.teach.widgets.time_machine import time_machine
from tools.book.living.recorded import every, kept, page, walk

KIND = "played"
EPOCHS = 40
PLAN = every(epoch=range(EPOCHS + 1))


def recording():
    """Return the recording that chapter 11 makes."""
    mnist, loss, rng = datasets.mnist(), SoftmaxCrossEntropy(), np.random.default_rng(0)
    X, y = mnist.X_train[:1000], mnist.y_train[:1000].copy()
    X_val, y_val = mnist.X_train[50_000:51_000], mnist.y_train[50_000:51_000]
    y[::5] = (y[::5] + rng.integers(1, 10, 200)) % 10
    rng = np.random.default_rng(0)
    dense = [Dense(a, b, rng=rng) for a, b in ((784, 128), (128, 128), (128, 10))]
    rest = [Dropout(0.0, rng=rng) for _ in range(2)]
    net = Network(dense[0], ReLU(), rest[0], dense[1], ReLU(), rest[1], dense[2])
    found = {name: [] for name in ("training_loss", "validation_loss", "weights", "answers", "ratios")}

    def measure():
        Z = net.predict(X_val)
        found["training_loss"].append(loss.value(net.predict(X), y))
        found["validation_loss"].append(loss.value(Z, y_val))
        found["weights"].append(net.params[0][:, :7].copy())
        found["answers"].append(Z.argmax(axis=1))

    measure()
    weights = [W.copy() for W in net.params[::2]]
    optimizer = Adam(net.params, lr=0.002)
    for _ in training(net, loss, optimizer, X, y, epochs=EPOCHS, batch_size=100, rng=rng):
        measure()
        before, weights = weights, [W.copy() for W in net.params[::2]]
        found["ratios"].append(
            [np.linalg.norm(W - V) / np.linalg.norm(V) for V, W in zip(before, weights, strict=True)]
        )
    return found | {"images": X_val, "labels": y_val}


def record():
    panel = time_machine(recording())
    return page(panel, walk(panel, PLAN), plays="epoch")


def data(call):
    return kept(__name__, call.folder, record)
