"""A panel that trains: how long training waits for pictures, and the event loop for training."""

import asyncio
import time

import ipywidgets
import numpy as np

from benchmarks.growth import network
from benchmarks.peers import WIDTHS
from nnlib import Adam, SoftmaxCrossEntropy, steps
from nnlib.teach import plots
from nnlib.teach.widgets.panel import TrainingPanel


class Panel(TrainingPanel):
    """MNIST's network at batch size 64 on noise, with its loss as a live curve."""

    def __init__(self, samples):
        rng = np.random.default_rng(0)
        self.X = rng.random((samples, WIDTHS[0]), np.float32)
        self.y = rng.integers(WIDTHS[-1], size=samples)
        self.drawing = []
        epochs = ipywidgets.IntSlider(3)
        super().__init__([epochs], epochs=epochs, size=(6, 3))

    def begin(self):
        self.net = network(WIDTHS)
        self.losses = []

    def run(self, epochs):
        loop = (SoftmaxCrossEntropy(), Adam(self.net.params), self.X, self.y)
        rng = np.random.default_rng(0)
        for step in steps(self.net, *loop, epochs=epochs, batch_size=64, rng=rng):
            self.losses.append(step.loss)
            yield

    def describe(self):
        return f"{len(self.losses)} batches"

    def draw(self, figure):
        ax = figure.subplots()
        ax.plot(self.losses, color=plots.LOSS)
        ax.set(xlabel="batch", ylabel="loss")

    def show(self, status):
        started = time.perf_counter()
        super().show(status)
        self.drawing.append(time.perf_counter() - started)


async def _run(panel):
    """Train, and return the seconds that took and the longest time between two turns of another task."""
    longest = 0.0

    async def tick():
        nonlocal longest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - before)

    panel.drawing.clear()
    ticker = asyncio.ensure_future(tick())
    started = time.perf_counter()
    panel.train.click()
    await panel.task
    seconds = time.perf_counter() - started
    ticker.cancel()
    return seconds, longest


def measure(quick):
    """Return the share of the time that went into pictures, their number and the longest wait.

    The last picture is drawn when the training is over, which therefore does not wait for it.
    """
    panel = Panel(20_000 if quick else 60_000)
    seconds, longest = asyncio.run(_run(panel))
    *meanwhile, last = panel.drawing
    return {
        "drawing_share": sum(meanwhile) / (seconds - last),
        "pictures": len(panel.drawing),
        "longest_wait_seconds": longest,
        "seconds": seconds,
    }
