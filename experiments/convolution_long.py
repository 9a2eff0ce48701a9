"""A convolutional network for MNIST, trained for long: 48 epochs of images that are turned, sized and moved.

The network "16-32-64" of the experiment `convolution`, with its mean over all places: He, Adam with a warm-up
of a tenth and a cosine from 0.004, batches of 64, all 60 000 training images. In each epoch each image is
turned by up to 10°, made up to 10 % larger or smaller and moved by up to two pixels down or up and to the
side, anew; what falls between pixels is read off linearly, and what comes from outside is 0. Seconds are of
the processor, the warping included. The test images are met once, by the trained network.
"""

import numpy as np

from experiments.convolution import SEEDS, images_and_labels, recipe

EPOCHS, PEAK, PIXELS = 48, 0.004, 2
DEGREES, SHARE = 10, 0.1
CHUNK = 2000  # images that are warped together


def warped(X, turn, size, shift):
    """Return images (N, 28, 28), each turned about its middle, sized, and then moved.

    Y[n, i, j] is what X[n] has at the place from which (i, j) comes: at R(-turn) ((i, j) - shift) / size,
    counted from the middle.
    """
    n = np.arange(len(X))[:, None, None]
    framed = np.pad(X.reshape(-1, 28, 28), [(0, 0), (1, 1), (1, 1)])
    i, j = np.mgrid[:28, :28].astype(X.dtype) - 13.5
    di, dj = i - shift[0, n], j - shift[1, n]
    cos, sin = np.cos(turn[n]) / size[n], np.sin(turn[n]) / size[n]
    down = np.clip(cos * di + sin * dj + 14.5, 0, 29)  # in the framed image, whose middle is there
    right = np.clip(cos * dj - sin * di + 14.5, 0, 29)
    i, j = (np.minimum(place.astype(np.intp), 28) for place in (down, right))
    v, u = down - i.astype(X.dtype), right - j.astype(X.dtype)
    upper = framed[n, i, j] * (1 - u) + framed[n, i, j + 1] * u
    lower = framed[n, i + 1, j] * (1 - u) + framed[n, i + 1, j + 1] * u
    return upper * (1 - v) + lower * v


def varied(X, pixels, rng):
    """Return the images (N, 28, 28), each turned, sized and moved by chance."""
    N = len(X)
    turn = np.deg2rad(rng.uniform(-DEGREES, DEGREES, N)).astype(X.dtype)
    size = rng.uniform(1 - SHARE, 1 + SHARE, N).astype(X.dtype)
    shift = rng.integers(-pixels, pixels + 1, (2, N)).astype(X.dtype)
    chunks = [slice(k, k + CHUNK) for k in range(0, N, CHUNK)]
    return np.concatenate([warped(X[k], turn[k], size[k], shift[:, k]) for k in chunks])


def run(quick):
    settings = {"epochs": 1 if quick else EPOCHS, "peak": PEAK, "pixels": PIXELS}
    found = recipe("16-32-64", settings, *images_and_labels(quick), varied=varied)
    source = "ours: nobody reports these runs"
    return {"seeds": SEEDS, "source": source, "degrees": DEGREES, "share": SHARE, **found}
