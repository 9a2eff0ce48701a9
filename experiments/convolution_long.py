"""A convolutional network for MNIST, trained for long: 48 epochs of images that are turned, sized and moved.

The network "16-32-64" of the experiment `convolution`, with its mean over all places: He, Adam with a warm-up
of a tenth and a cosine from 0.004, batches of 64, all 60 000 training images. In each epoch each image is
turned by up to 10°, made up to 10 % larger or smaller and moved by up to two pixels down or up and to the
side, anew; what falls between pixels is read off linearly, and what comes from outside is 0. Seconds are of
the processor, the warping included. The test images are met once, by the trained network.
"""

import time

import numpy as np

from experiments.convolution import BATCH_SIZE, LOSS, SEEDS, network
from nnlib import Adam, accuracy, datasets, steps, warmup_cosine

EPOCHS, PEAK = 48, 0.004
DEGREES, SHARE, PIXELS = 10, 0.1, 2
CHUNK = 2000  # images that are warped together


def warped(X, turn, size, shift):
    """Return images (N, 28, 28), each turned about its middle, sized, and then moved.

    Y[n, i, j] is what X[n] has at the place from which (i, j) comes: at R(-turn) ((i, j) - shift) / size,
    counted from the middle.
    """
    framed = np.pad(X.reshape(-1, 28, 28), [(0, 0), (1, 1), (1, 1)])
    i, j = np.mgrid[:28, :28].astype(X.dtype) - X.dtype.type(13.5)
    di, dj = (i - shift[0][:, None, None]), (j - shift[1][:, None, None])
    cos, sin = ((f(turn) / size)[:, None, None] for f in (np.cos, np.sin))
    down = np.clip(cos * di + sin * dj + X.dtype.type(14.5), 0, 29)
    right = np.clip(cos * dj - sin * di + X.dtype.type(14.5), 0, 29)
    i, j = (np.minimum(place.astype(np.intp), 28) for place in (down, right))
    v, u = down - i.astype(X.dtype), right - j.astype(X.dtype)
    first = np.arange(len(framed))[:, None, None] * 900 + i * 30 + j
    at = framed.reshape(-1).take
    upper = at(first) * (1 - u) + at(first + 1) * u
    lower = at(first + 30) * (1 - u) + at(first + 31) * u
    return upper * (1 - v) + lower * v


def varied(X, rng):
    """Return the images (N, 28, 28, 1), each turned, sized and moved by chance."""
    N = len(X)
    turn = np.deg2rad(rng.uniform(-DEGREES, DEGREES, N)).astype(X.dtype)
    size = rng.uniform(1 - SHARE, 1 + SHARE, N).astype(X.dtype)
    shift = rng.integers(-PIXELS, PIXELS + 1, (2, N)).astype(X.dtype)
    chunks = [slice(k, k + CHUNK) for k in range(0, N, CHUNK)]
    return np.concatenate([warped(X[k], turn[k], size[k], shift[:, k]) for k in chunks])[..., None]


def trained(seed, X, y, epochs):
    """Return the network and the seconds of processor time that its training took."""
    started = time.process_time()
    rng = np.random.default_rng(seed)
    net = network("16-32-64", rng)
    total = epochs * -(-len(X) // BATCH_SIZE)
    optimizer = Adam(net.params, lr=warmup_cosine(PEAK, warmup=total // 10, total=total))
    for _ in range(epochs):
        images = varied(X, rng)
        for _ in steps(net, LOSS, optimizer, images, y, epochs=1, batch_size=BATCH_SIZE, rng=rng):
            pass
    return net, time.process_time() - started


def run(quick):
    X, y, X_test, y_test = datasets.mnist()
    if quick:
        X, y, X_test, y_test = X[:200], y[:200], X_test[:100], y_test[:100]
    epochs, runs = 1 if quick else EPOCHS, {"right": [], "seconds": []}
    for seed in SEEDS:
        net, seconds = trained(seed, X, y, epochs)
        runs["right"].append(accuracy(net.predict(X_test.reshape(-1, 28, 28, 1)), y_test))
        runs["seconds"].append(round(seconds, 1))
        print(f"seed {seed}: {runs['right'][-1]:.2%}, {seconds:.0f} s", flush=True)
    parameters = sum(p.size for p in net.params)
    settings = {"epochs": epochs, "peak": PEAK, "pixels": PIXELS, "degrees": DEGREES, "share": SHARE}
    source = "ours: nobody reports these runs"
    return {"seeds": SEEDS, "source": source, "parameters": parameters, **settings, **runs}
