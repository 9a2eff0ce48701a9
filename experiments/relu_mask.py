"""The ReLU mask that tests the output, in the setting of the tutorial that made it known, and the right one.

784-100-10 without biases, ReLU, half of the hidden units dropped, squared error, one sample at a time in
order: 1000 images of MNIST, 20 epochs at 0.005 times the plain difference, weights uniform in [-0.1, 0.1).
Recorded is the share of all 10 000 test images that is read right, for the same seeds with each mask.
"""

import numpy as np

from nnlib import MSE, SGD, Dense, Dropout, Network, ReLU, accuracy, datasets, one_hot, steps
from nnlib.teach.bugs import ReLUMaskedByOutput

SEEDS = [0, 1, 2, 3, 4]
LR = 0.005 * 10 / 2  # MSE has a factor 2, and a mean over ten outputs, that the tutorial leaves out


def small(rng, n_in, n_out):
    return rng.uniform(-0.1, 0.1, (n_in, n_out))


def test_accuracy(activation, seed, n, epochs):
    """Train, and return the accuracy on all test images."""
    X, y, X_test, y_test = datasets.mnist()
    rng = np.random.default_rng(seed)
    first, last = (Dense(*sizes, rng=rng, init=small) for sizes in [(784, 100), (100, 10)])
    net = Network(first, activation(), Dropout(0.5, rng=rng), last)
    optimizer, Y = SGD(net.params, lr=LR), one_hot(y[:n], 10)
    for _ in steps(net, MSE(), optimizer, X[:n], Y, epochs=epochs, batch_size=1, rng=None):
        first.b = np.zeros(100)  # the tutorial's layers have none
        last.b = np.zeros(10)
    return accuracy(net.predict(X_test), y_test)


def run(quick):
    seeds, n, epochs = (SEEDS[:1], 100, 1) if quick else (SEEDS, 1000, 20)
    return {
        "seeds": seeds,
        "source": "numpy/numpy-tutorials, Deep learning on MNIST; Trask (2019), Grokking Deep Learning",
        "wrong mask": [test_accuracy(ReLUMaskedByOutput, seed, n, epochs) for seed in seeds],
        "right mask": [test_accuracy(ReLU, seed, n, epochs) for seed in seeds],
    }
