"""The memory that nnlib takes beyond the data, counted by tracemalloc, which NumPy tells of every array."""

import tracemalloc

import numpy as np

from benchmarks.peers import WIDTHS, initial_weights
from benchmarks.peers.nnlib_ import Nnlib

BATCH_SIZE = 64


def peak_bytes(samples):
    """Return the most that was held at once beyond the data, from building the network to the last batch."""
    rng = np.random.default_rng(0)
    data = rng.random((samples, WIDTHS[0]), np.float32), rng.integers(WIDTHS[-1], size=samples)
    weights = initial_weights(0)
    tracemalloc.start()
    try:
        Nnlib(weights).epoch(data, BATCH_SIZE, rng)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def measure(quick):
    """Return the peak, what the target allows, and what a further sample adds to the peak."""
    few, many = (600, 6_000) if quick else (6_000, 60_000)
    peak_bytes(BATCH_SIZE)  # what `fit` imports is no memory of the training
    few_peak, many_peak = peak_bytes(few), peak_bytes(many)
    parameters = sum(p.nbytes for p in initial_weights(0))
    # Each layer's output, dense layers and activations, and the batch itself.
    activations = 4 * BATCH_SIZE * (WIDTHS[0] + 2 * sum(WIDTHS[1:-1]) + WIDTHS[-1])
    return {
        "samples": many,
        "peak_bytes": many_peak,
        "parameter_bytes": parameters,
        "allowed_bytes": 6 * parameters + 2 * activations,
        "bytes_per_sample": (many_peak - few_peak) / (many - few),
    }
