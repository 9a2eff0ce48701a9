"""The net that chapter 12 trains, up to its dense layer, for a panel that is made without running it.

    python -m tools.book.living.conv_net        trains it as the chapter does, and writes conv_net.json anew

The weights are rounded to four decimals: so they are the same in Python and in a page, and 15 kB.
"""

import json
import math
from pathlib import Path

import numpy as np

import nnlib
from nnlib import datasets
from nnlib.optimizers import warmup_cosine

__all__ = ["conv_net"]

FILE = Path(__file__).with_suffix(".json")
DECIMALS = 4


def conv_net():
    """Return the net: two convolutions, each with ReLU and pooling behind it."""
    net = nnlib.Network(*_blocks(np.random.default_rng(0)))
    for parameter, numbers in zip(net.params, json.loads(FILE.read_text("utf-8")), strict=True):
        parameter[...] = numbers
    return net


def _blocks(rng):
    convolutions = nnlib.Conv2D(1, 6, 5, rng=rng), nnlib.Conv2D(6, 12, 5, rng=rng)
    return [layer for one in convolutions for layer in (one, nnlib.ReLU(), nnlib.MaxPool2D(2))]


def _trained():
    """Return the weights before the dense layer, after the chapter's three epochs."""
    mnist, rng = datasets.mnist(), np.random.default_rng(0)
    X, y = mnist.X_train[:50_000].reshape(-1, 28, 28, 1), mnist.y_train[:50_000]
    net = nnlib.Network(*_blocks(rng), nnlib.Flatten(), nnlib.Dense(192, 10, rng=rng))
    total = 3 * math.ceil(len(X) / 64)
    adam = nnlib.Adam(net.params, lr=warmup_cosine(0.008, warmup=200, total=total))
    options = {"epochs": 3, "batch_size": 64, "rng": np.random.default_rng(0), "progress": False}
    nnlib.fit(net, nnlib.SoftmaxCrossEntropy(), adam, X, y, **options)
    return net.params[:4]


if __name__ == "__main__":
    numbers = [np.round(p.astype(float), DECIMALS).tolist() for p in _trained()]
    FILE.write_text(json.dumps(numbers, separators=(",", ":")) + "\n", "utf-8")
