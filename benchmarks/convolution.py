"""Forward and backward of two blocks of convolution, ReLU and pooling, beside PyTorch: batches of 64 images.

28 × 28 × 1, 5 × 5 × 8, pooled, 5 × 5 × 16, pooled; the gradient of the images is not asked for. All begin
with the same weights, take turns, and give the same output and the same gradients.
"""

import importlib.util
import tracemalloc

import numpy as np

from benchmarks.turns import median_seconds
from nnlib import Conv2D, MaxPool2D, Network, ReLU

N = 64
TOLERANCE = 1e-3


def network():
    rng = np.random.default_rng(0)
    first, second = Conv2D(1, 8, 5, rng=rng), Conv2D(8, 16, 5, rng=rng)
    return Network(first, ReLU(), MaxPool2D(2), second, ReLU(), MaxPool2D(2))


def of_nnlib(X, dY):
    """Return a function that goes forth and back, and returns Y and both dW."""
    net = network()

    def forth_and_back():
        Y = net.forward(X, training=True)
        net.backward(dY, input_gradient=False)
        return Y, net.layers[0].dW, net.layers[3].dW

    return forth_and_back


def of_torch(X, dY, memory_format):
    """Return the same of PyTorch's eager layers; its images are (N, channels, height, width)."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    blocks = [nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 5), nn.ReLU(), nn.MaxPool2d(2)]
    layers = nn.Sequential(*blocks)
    with torch.no_grad():
        for theirs, ours in ((layers[0], network().layers[0]), (layers[3], network().layers[3])):
            theirs.weight.copy_(torch.from_numpy(ours.W.transpose(3, 2, 0, 1).copy()))
            theirs.bias.zero_()
    layers = layers.to(memory_format=memory_format)
    images, gradient = (
        torch.from_numpy(A.transpose(0, 3, 1, 2).copy()).to(memory_format=memory_format) for A in (X, dY)
    )

    def forth_and_back():
        layers.zero_grad()
        Y = layers(images)
        Y.backward(gradient)
        weights = (layers[i].weight.grad.numpy().transpose(2, 3, 1, 0) for i in (0, 3))
        return Y.detach().numpy().transpose(0, 2, 3, 1), *weights

    return forth_and_back


def contestants(X, dY):
    found = {"nnlib": of_nnlib(X, dY)}
    if importlib.util.find_spec("torch"):
        import torch

        found["PyTorch"] = of_torch(X, dY, torch.contiguous_format)
        found["PyTorch, channels last"] = of_torch(X, dY, torch.channels_last)
    return found


def measure(quick):
    """Return the median seconds of each, and the bytes that nnlib holds at most."""
    rng = np.random.default_rng(1)
    X = rng.standard_normal((N, 28, 28, 1)).astype(np.float32)
    dY = rng.standard_normal((N, 4, 4, 16)).astype(np.float32)
    teams = contestants(X, dY)
    expected = teams["nnlib"]()
    for name, forth_and_back in teams.items():
        for found, wanted in zip(forth_and_back(), expected, strict=True):
            if not np.abs(found - wanted).max() < TOLERANCE * np.abs(wanted).max():
                raise SystemExit(f"{name} computes something else than nnlib.")
    seconds = median_seconds(teams, 5 if quick else 300)
    tracemalloc.start()
    try:
        teams["nnlib"]()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return {"seconds": seconds, "peak_bytes": peak}
