"""What several test modules share: a row for each layer and each loss, and networks without a zero."""

import asyncio
import errno
import itertools
import os
import statistics
import time
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure

from nnlib import (
    MSE,
    Activation,
    Attention,
    BinaryCrossEntropy,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    LayerNorm,
    LeakyReLU,
    MaxPool2D,
    Network,
    Positions,
    ReLU,
    Residual,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
    softmax,
)
from nnlib.teach.checks.engine import formula, pairs, repair
from nnlib.teach.widgets.panel import DPI, png

# Layer: how to build it, and the shape of one sample.
LAYERS = {
    Dense: (lambda rng, dtype: Dense(5, 3, rng=rng, dtype=dtype), (5,)),
    Activation: (lambda rng, dtype: Activation(np.sin, np.cos), (5,)),
    Tanh: (lambda rng, dtype: Tanh(), (5,)),
    Sigmoid: (lambda rng, dtype: Sigmoid(), (5,)),
    ReLU: (lambda rng, dtype: ReLU(), (5,)),
    LeakyReLU: (lambda rng, dtype: LeakyReLU(0.1), (5,)),
    Dropout: (lambda rng, dtype: Dropout(0.4, rng=rng), (5,)),
    Flatten: (lambda rng, dtype: Flatten(), (2, 3)),
    Conv2D: (
        lambda rng, dtype: Conv2D(2, 3, (3, 2), stride=2, padding=1, rng=rng, dtype=dtype),
        (4, 5, 2),
    ),
    MaxPool2D: (lambda rng, dtype: MaxPool2D(2), (4, 5, 2)),
    Attention: (lambda rng, dtype: Attention(6, 2, causal=True, rng=rng, dtype=dtype), (4, 6)),
    LayerNorm: (lambda rng, dtype: LayerNorm(5, dtype=dtype), (3, 5)),
    Embedding: (lambda rng, dtype: Embedding(4, 5, rng=rng, dtype=dtype), (6,)),
    Positions: (lambda rng, dtype: Positions(7, 3, rng=rng, dtype=dtype), (5, 3)),
    Residual: (
        lambda rng, dtype: Residual(
            Dense(5, 4, rng=rng, dtype=dtype), Tanh(), Dense(4, 5, rng=rng, dtype=dtype)
        ),
        (2, 5),
    ),
}

# Loss and kind of target: the loss, and random targets for N rows of C outputs.
LOSSES = {
    "MSE": (MSE(), lambda rng, N, C: rng.standard_normal((N, C))),
    "BinaryCrossEntropy": (BinaryCrossEntropy(), lambda rng, N, C: rng.random((N, C))),
    "SoftmaxCrossEntropy-rows": (
        SoftmaxCrossEntropy(),
        lambda rng, N, C: softmax(rng.standard_normal((N, C))),
    ),
    "SoftmaxCrossEntropy-labels": (SoftmaxCrossEntropy(), lambda rng, N, C: rng.integers(C, size=N)),
}


# Coverage counts the core. These test something else, and take twice as long with a tracer.
BEYOND_THE_CORE = (
    *("test_attempts", "test_checks", "test_chosen", "test_command", "test_engine"),
    *("test_hostile", "test_marks", "test_mathematics", "test_notebooks", "test_preprocessing"),
    *("test_repair", "test_security", "test_student", "test_teaching", "test_widget"),
)


def pytest_collection_modifyitems(items):
    for item in items:
        if " at 0x" in item.nodeid.lower():
            raise pytest.UsageError(
                f"{item.nodeid}: an address differs from process to process; give it an id"
            )
        if item.path.name.startswith(BEYOND_THE_CORE):
            item.add_marker("no_cover")


@pytest.fixture(autouse=True)
def search(monkeypatch):
    """Tests that read words do not look for repairs; test_repair has a fixture of this name that does."""
    monkeypatch.setattr(repair, "repair", lambda answer, exercise: None)
    monkeypatch.setattr(pairs, "BUDGET", 0)  # two mistakes at once are looked for last, and for long
    monkeypatch.setattr(formula, "SECONDS", 60)  # however busy the machine is, the words are the same


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def fill_disk(monkeypatch):
    """A function after which a disk is full once some files have been written; it returns what empties it."""

    def fill_disk(after):
        fsync, left = os.fsync, itertools.count(after, -1)

        def full(file):
            if next(left) <= 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return fsync(file)

        monkeypatch.setattr(os, "fsync", full)
        return lambda: monkeypatch.setattr(os, "fsync", fsync)

    return fill_disk


@pytest.fixture
def layer_rows():
    return LAYERS


@pytest.fixture
def loss_rows():
    return LOSSES


@pytest.fixture(params=LAYERS, ids=lambda kind: kind.__name__)
def make_layer(request, rng):
    """A function (N, dtype) -> a layer without a zero among its parameters, and a batch for it."""
    make, shape = LAYERS[request.param]

    def make_layer(N, dtype):
        layer = make(rng, dtype)
        randomise(layer.params, rng)
        X = (
            rng.integers(4, size=(N, *shape))
            if request.param is Embedding
            else rng.standard_normal((N, *shape))
        )
        return layer, X.astype(dtype)

    return make_layer


@pytest.fixture(params=LOSSES)
def loss_and_targets(request):
    return LOSSES[request.param]


@pytest.fixture
def make_net():
    """A function (n_in, …, n_out) -> Dense layers with tanh between them, no parameter of them zero."""

    def make_net(*widths, dtype=np.float64, seed=0):
        rng = np.random.default_rng(seed)
        layers = []
        for n_in, n_out in pairwise(widths):
            layers += [Dense(n_in, n_out, rng=rng, dtype=dtype), Tanh()]
        net = Network(*layers[:-1])
        randomise(net.params, rng)
        return net

    return make_net


@pytest.fixture
def raw():
    """A function that returns the bytes of arrays, to compare exactly and to keep."""
    return lambda arrays: [a.tobytes() for a in arrays]


@pytest.fixture
def train():
    """A function that clicks on Train of a panel, and waits until it is done."""

    def train(panel):
        async def run():
            panel.train.click()
            await panel.task

        asyncio.run(run())

    return train


def plain_picture(_):
    figure = Figure(figsize=(11, 3.7), dpi=DPI)
    for ax in figure.subplots(1, 3):
        ax.plot(np.arange(100))
    png(figure)


@pytest.fixture
def in_plain_pictures():
    """A function (work, values) -> the median processor time of work(value), in pictures of three lines.

    One is drawn before each work(value): a machine that is slow at the moment is slow for both. Where one
    takes 65 ms, 4.5 of them are 0.3 s.
    """

    def seconds(work, value):
        started = time.process_time()
        work(value)
        return time.process_time() - started

    def in_plain_pictures(work, values):
        return statistics.median(1 / seconds(plain_picture, None) * seconds(work, value) for value in values)

    return in_plain_pictures


def randomise(params, rng):
    for p in params:
        p[...] = rng.standard_normal(p.shape)
