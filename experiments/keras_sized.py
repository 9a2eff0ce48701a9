"""A Keras model of 67 million parameters, scaled down to 34-64-64-64-64-64-7.

It stands at the end of a classic tutorial, with 4096 units a layer: dropout 0.5 after all hidden layers but
the first, Adam, and sigmoid outputs under a cross-entropy that wants the probabilities of one class in seven.
Here the same net learns seven clouds of points three times: with its logits given to softmax; with sigmoid
outputs divided by their sum, as Keras does; and with sigmoid outputs taken for logits.
"""

import warnings

import numpy as np

from nnlib import (
    Activation,
    Adam,
    Dense,
    Dropout,
    Network,
    ReLU,
    Sigmoid,
    SoftmaxCrossEntropy,
    accuracy,
    fit,
    sigmoid,
    softmax,
)

SOURCE = (
    "The model: a classic tutorial. Division by the sum: Keras 3.15,"
    " keras/src/backend/{numpy,jax,torch,tensorflow}/nn.py, sparse_categorical_crossentropy"
)
CLASSES, FEATURES, UNITS = 7, 34, 64


def log_sigmoid():
    """Return log σ(x), whose derivative is 1 - σ(x) = σ(-x): its softmax is σ divided by the sum."""
    return Activation(lambda X: -np.logaddexp(0, -X), lambda X: sigmoid(-X))


OUTPUTS = {"logits": None, "sigmoids over their sum": log_sigmoid, "sigmoids as logits": Sigmoid}


def run(quick):
    seeds, n, epochs = ([0], 200, 2) if quick else ([0, 1, 2, 3, 4], 2000, 30)
    return {
        "seeds": seeds,
        "source": SOURCE,
        "runs": {
            name: [train_network(seed, last, n, epochs) for seed in seeds] for name, last in OUTPUTS.items()
        },
    }


def clouds(n, rng):
    """Return n points to train and n to validate with, each near one of seven centres, and their labels."""
    centres = rng.standard_normal((CLASSES, FEATURES))
    labels = rng.integers(CLASSES, size=(2, n))
    return centres[labels] + 1.5 * rng.standard_normal((2, n, FEATURES)), labels


def new_network(rng, last=None):
    """Return the network; `last` makes the layer behind its seven logits."""
    layers = [Dense(FEATURES, UNITS, rng=rng), ReLU()]
    for _ in range(4):
        layers += [Dense(UNITS, UNITS, rng=rng), ReLU(), Dropout(0.5, rng=rng)]
    return Network(*layers, Dense(UNITS, CLASSES, rng=rng), *([last()] if last else []))


def train_network(seed, last, n, epochs):
    rng = np.random.default_rng(seed)
    (X, X_val), (y, y_val) = clouds(n, rng)
    net, loss = new_network(rng, last), SoftmaxCrossEntropy()
    settings = {"epochs": epochs, "batch_size": 50, "rng": rng, "progress": False}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        history = fit(net, loss, Adam(net.params, lr=0.003), X, y, **settings)
    assert len(said) == (last is Sigmoid)  # it takes probabilities for logits on purpose
    P = softmax(net.predict(X_val))
    return {
        "seed": seed,
        "loss": history.loss,
        "validation_loss": loss.value(net.predict(X_val), y_val),
        "validation_accuracy": accuracy(P, y_val),
        "largest_probability": float(P.max()),
    }
