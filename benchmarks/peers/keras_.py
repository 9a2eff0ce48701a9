"""Keras on the JAX backend: `fit` on NumPy arrays, as in its guides."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np

from benchmarks.peers import WIDTHS, Peer


class Keras(Peer):
    def __init__(self, weights, *, eps=1e-8):
        layers = [keras.layers.Dense(width, activation="relu") for width in WIDTHS[1:-1]]
        self.net = keras.Sequential([keras.Input(WIDTHS[:1]), *layers, keras.layers.Dense(WIDTHS[-1])])
        self.net.compile(
            keras.optimizers.Adam(epsilon=eps), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        )
        self.net.set_weights(weights)
        self.net.optimizer.build(self.net.trainable_variables)
        self.variables = [*self.net.variables, *self.net.optimizer.variables]
        self.first = [np.array(variable) for variable in self.variables]
        super().__init__(weights, eps=eps)

    def reset(self):
        for variable, value in zip(self.variables, self.first, strict=True):
            variable.assign(value)

    def epoch(self, data, batch_size, rng=None):
        self.net.optimizer.learning_rate = self.lr
        self.net.fit(*data, batch_size=batch_size, epochs=1, shuffle=rng is not None, verbose=0)

    def predict(self, X):
        # The guides advise against `predict` for a few samples: it is a loop around this.
        return np.concatenate([self.net.predict_on_batch(X[i : i + 1000]) for i in range(0, len(X), 1000)])
