"""MNIST, the first 1000 images one at a time in order: 784-100-50-10, ReLU, tanh, sigmoid, MSE, 35 epochs.

A classic first tutorial: learning rate 0.1, weights and biases uniform in [-0.5, 0.5). Recorded are the error
of each epoch beside the reported one, the outputs for the first three test images, and what it never
measures, the accuracy on all 10 000 test images; the second run that it reports, 30 epochs at 0.4, with the
net that it lists and with two others that could have made it; and what mends it, each with 35 000 steps.
"""

import numpy as np

from nnlib import (
    MSE,
    SGD,
    Dense,
    Network,
    ReLU,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
    accuracy,
    datasets,
    initializers,
    one_hot,
    train,
)

SOURCE = (
    "A classic tutorial on neural networks in plain NumPy: the errors and outputs printed in its notebook"
)
REPORTED = {
    "epoch": [1, 10, 20, 34],
    "error": [0.0921, 0.0147, 0.0067, 0.0034],
    "outputs": {"7 for the 7": 0.946, "0 for the 2": 0.64, "2 for the 2": 0.35, "1 for the 1": 0.969},
    "at 0.4": {"highest": 0.39, "last": 0.22},
}
ACTIVATIONS = {
    "as listed": (ReLU, Tanh, Sigmoid),
    "tanh at the end": (ReLU, Tanh, Tanh),
    "tanh everywhere": (Tanh, Tanh, Tanh),
}
CHANGES = {
    "nothing": {},
    "shuffled": {"shuffle": True},
    "He": {"init": initializers.he},
    "He, cross-entropy at 0.02": {"init": initializers.he, "cross_entropy": True, "lr": 0.02},
    "35 000 images, once": {"fresh": True},
    "all of these": {
        "init": initializers.he,
        "cross_entropy": True,
        "lr": 0.02,
        "fresh": True,
        "shuffle": True,
    },
}


def run(quick):
    mnist = datasets.mnist()
    seeds, n, epochs, more = ([0], 20, 2, 2) if quick else ([0, 1, 2, 3, 4], 1000, 35, 30)
    return {
        "seeds": seeds,
        "source": SOURCE,
        "reported": REPORTED,
        "changes": {
            name: [changed(seed, mnist, n, epochs, **change) for seed in seeds]
            for name, change in CHANGES.items()
        },
        "at 0.4": {
            name: [faster(seed, mnist, n, epochs, more, activations) for seed in seeds[:3]]
            for name, activations in ACTIVATIONS.items()
        },
    }


def new_network(rng, activations, init=initializers.uniform):
    """Return 784-100-50-10; with the law of the classics the biases are drawn from it too."""
    layers = []
    for n_in, n_out, activation in zip((784, 100, 50), (100, 50, 10), activations, strict=True):
        dense = Dense(n_in, n_out, rng=rng, init=init, dtype=np.float64)
        if init is initializers.uniform:
            dense.b = rng.uniform(-0.5, 0.5, n_out)
        layers += [dense, activation()]
    return Network(*layers)


def one_at_a_time(net, loss, X, y, *, lr, epochs, rng=None):
    """Train, and return the error of each epoch."""
    options = {"epochs": epochs, "batch_size": 1, "rng": rng}
    return [epoch.loss for epoch in train(net, loss, SGD(net.params, lr=lr), X, one_hot(y, 10), **options)]


def changed(
    seed,
    mnist,
    n,
    epochs,
    *,
    init=initializers.uniform,
    cross_entropy=False,
    lr=0.1,
    fresh=False,
    shuffle=False,
):
    """Train the listed net with some changes; `fresh` shows other images in each epoch."""
    rng = np.random.default_rng(seed)
    net, loss = new_network(rng, ACTIVATIONS["as listed"], init), MSE()
    if cross_entropy:
        net, loss = Network(*net.layers[:-1]), SoftmaxCrossEntropy()  # logits: the softmax is in the loss
    if fresh:
        n, epochs = n * epochs, 1
    X, y = mnist.X_train[:n], mnist.y_train[:n]
    saturated = [share_saturated(net, X)]
    errors = one_at_a_time(net, loss, X, y, lr=lr, epochs=epochs, rng=rng if shuffle else None)
    saturated.append(share_saturated(net, X))
    outputs = net.predict(mnist.X_test)
    return {
        "seed": seed,
        "error": errors,
        "accuracy": accuracy(net.predict(X), y),
        "test_accuracy": accuracy(outputs, mnist.y_test),
        "saturated": saturated,
        "first_outputs": outputs[:3].round(3).tolist(),
        "smallest_output": float(outputs.min()),
    }


def share_saturated(net, X):
    """Return the share of the outputs of the tanh layer beyond 0.99."""
    return float(np.mean(np.abs(Network(*net.layers[:4]).predict(X)) > 0.99))


def faster(seed, mnist, n, epochs, more, activations):
    """Train at 0.4, after the first run and from the beginning; return the errors of all three."""
    X, y = mnist.X_train[:n], mnist.y_train[:n]
    net = new_network(np.random.default_rng(seed), activations)
    first = one_at_a_time(net, MSE(), X, y, lr=0.1, epochs=epochs)
    continued = one_at_a_time(net, MSE(), X, y, lr=0.4, epochs=more)
    net = new_network(np.random.default_rng(seed), activations)
    from_the_start = one_at_a_time(net, MSE(), X, y, lr=0.4, epochs=more)
    return {"seed": seed, "first": first, "continued": continued, "from_the_start": from_the_start}
