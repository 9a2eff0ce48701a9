"""How the time of an nnlib training step grows with the width, the depth and the samples."""

import statistics
import time
from itertools import pairwise

import numpy as np

from nnlib import Adam, Dense, Network, ReLU, SoftmaxCrossEntropy, steps

BATCH_SIZE = 64


def network(widths):
    rng = np.random.default_rng(0)
    layers = []
    for n_in, n_out in pairwise(widths):
        layers += [Dense(n_in, n_out, rng=rng), ReLU()]
    return Network(*layers[:-1])


def training(widths, samples, batch_size=BATCH_SIZE):
    """Return one epoch on noise, as the generator of `steps`."""
    rng = np.random.default_rng(0)
    X = rng.random((samples, widths[0]), np.float32)
    y = rng.integers(widths[-1], size=samples)
    net = network(widths)
    loop = (SoftmaxCrossEntropy(), Adam(net.params), X, y)
    return steps(net, *loop, epochs=1, batch_size=batch_size, rng=rng)


def step_seconds(widths, count, batch_size=BATCH_SIZE):
    """Return the median seconds of a step, the first few not counted."""
    times = [time.perf_counter() for _ in training(widths, (count + 3) * batch_size, batch_size)]
    return statistics.median(np.diff(times[2:]).tolist())


def epoch_seconds(widths, samples, repeats):
    seconds = []
    for _ in range(repeats):
        loop = training(widths, samples)
        started = time.perf_counter()
        for _ in loop:
            pass
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def wide_step_seconds(quick):
    """Return the seconds of a step whose matrices are large enough for a second core."""
    return step_seconds([1024] * 4, 5 if quick else 40, batch_size=256)


def measure(quick):
    """Return for each quantity its sizes, the seconds, the fitted exponent and the expected one."""
    count, repeats = (5, 1) if quick else (40, 5)
    widths = (128, 256, 512) if quick else (256, 512, 1024, 2048)
    depths = (2, 4, 8) if quick else (2, 4, 8, 16, 32)
    samples = (1000, 2000) if quick else (7_500, 15_000, 30_000, 60_000)
    by = {
        "width": (widths, [step_seconds([w] * 4, count) for w in widths], 2),
        "depth": (depths, [step_seconds([256] * (d + 1), count) for d in depths], 1),
        "samples": (samples, [epoch_seconds((784, 128, 128, 10), n, repeats) for n in samples], 1),
    }
    return {
        name: {
            "sizes": sizes,
            "seconds": seconds,
            "exponent": float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0]),
            "expected": expected,
        }
        for name, (sizes, seconds, expected) in by.items()
    }
