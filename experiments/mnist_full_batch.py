"""MNIST as one batch of 60 000 images, 784-128-128-10, tanh, tanh, softmax, cross-entropy, 1999 steps.

A classic first tutorial: learning rate 0.1, weights standard normal without scaling, biases zero. Recorded
every 100 steps beside what it reports: loss and accuracy, how many hidden units are saturated, and how far a
step moves the weights. Then what mends it, alone and together: Xavier's scale, and mini-batches of 64 at the
same learning rate.
"""

import time

import numpy as np

from nnlib import SGD, Dense, Network, SoftmaxCrossEntropy, Tanh, accuracy, datasets, initializers, steps

SOURCE = (
    "A classic tutorial on MNIST in plain NumPy: the log that it prints, and the test accuracy at its end"
)
REPORTED = {
    "step": [100, 1000, 1900],
    "loss": [3.466, 0.944, 0.618],
    "accuracy": [0.551, 0.814, 0.857],
    "test_accuracy": 0.8061,
}
LR = 0.1
BINS = np.linspace(-1, 1, 41)


def run(quick):
    mnist = datasets.mnist()
    n, long, every, short, seeds = (640, 20, 10, 10, [0]) if quick else (60_000, 1999, 100, 200, [0, 1, 2])
    data = mnist.X_train[:n], mnist.y_train[:n], mnist.X_test[:n], mnist.y_test[:n]
    return {
        "seeds": seeds,
        "source": SOURCE,
        "reported": REPORTED,
        "classic": in_one_batch(initializers.standard_normal, 0, data, n_steps=long, every=every),
        "other_seeds": [
            in_one_batch(initializers.standard_normal, seed, data, n_steps=every, every=every)
            for seed in seeds[1:] or seeds
        ],
        "xavier_in_one_batch": in_one_batch(initializers.xavier, 0, data, n_steps=short, every=short // 10),
        "mini_batches": {
            init.__name__: [in_mini_batches(init, seed, data, epochs=1 if quick else 8) for seed in seeds]
            for init in (initializers.standard_normal, initializers.xavier)
        },
    }


def new_network(init, seed):
    options = {"rng": np.random.default_rng(seed), "init": init}
    return Network(
        Dense(784, 128, **options), Tanh(), Dense(128, 128, **options), Tanh(), Dense(128, 10, **options)
    )


def in_one_batch(init, seed, data, *, n_steps, every):
    """Train on all images at once; return a column of each quantity, at step 1 and every `every` steps."""
    X, y, X_test, y_test = data
    net, columns, hidden = new_network(init, seed), {}, {}
    started = time.process_time()
    options = {"epochs": n_steps, "batch_size": len(X), "rng": None}
    for step in steps(net, SoftmaxCrossEntropy(), SGD(net.params, lr=LR), X, y, **options):
        if step.epoch == 1 or step.epoch % every == 0 or step.epoch == n_steps:
            now = measure(net, step)
            now["test_accuracy"] = accuracy(net.predict(X_test), y_test)
            now["test_accuracy_in_bytes"] = accuracy(net.predict(255 * X_test), y_test)
            for name, value in now.items():
                columns.setdefault(name, []).append(value)
            hidden.setdefault("first", histograms(net, X))
    hidden["last"] = histograms(net, X)
    used = time.process_time() - started
    return {"seed": seed, **columns, "hidden": hidden, "processor_seconds_a_step": round(used / n_steps, 3)}


def measure(net, step):
    """Return what is known after a step: of its batch before the update, and of the update itself."""
    outputs = [layer.Y for layer in net.layers if isinstance(layer, Tanh)]
    dense = [layer for layer in net.layers if isinstance(layer, Dense)]
    return {
        "step": step.epoch,
        "loss": step.loss,
        "accuracy": accuracy(step.Y_hat, step.Y),
        "saturated": [float(np.mean(np.abs(A) > 0.99)) for A in outputs],
        "slope": [float(np.mean(1 - A * A)) for A in outputs],
        "update_to_weight": [float(LR * np.linalg.norm(f.dW) / np.linalg.norm(f.W)) for f in dense],
    }


def histograms(net, X):
    """Return, for each hidden layer, the share of its outputs in each of 40 bins from -1 to 1."""
    shares = []
    for layer in net.layers:
        X = layer.forward(X)
        if isinstance(layer, Tanh):
            shares.append((np.histogram(X, BINS)[0] / X.size).round(5).tolist())
    return shares


def in_mini_batches(init, seed, data, *, epochs):
    """Train on mini-batches of 64; return the test accuracy after every 100 steps and each epoch."""
    X, y, X_test, y_test = data
    net, at, scores, used = new_network(init, seed), [], [], 0.0
    last = -(-len(X) // 64)
    options = {"epochs": epochs, "batch_size": 64, "rng": np.random.default_rng(seed)}
    started = time.process_time()
    for step in steps(net, SoftmaxCrossEntropy(), SGD(net.params, lr=LR), X, y, **options):
        if step.batch % 100 == 0 or step.batch == last:
            used += time.process_time() - started
            at.append(round(step.epoch - 1 + min(step.batch * 64 / len(X), 1), 4))
            scores.append(accuracy(net.predict(X_test), y_test))
            started = time.process_time()
    return {
        "seed": seed,
        "epochs": at,
        "test_accuracy": scores,
        "processor_seconds_an_epoch": round(used / epochs, 3),
    }
