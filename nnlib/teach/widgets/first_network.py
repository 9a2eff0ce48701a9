"""The first network: it learns XOR with one click. See notebooks/00_start_here.ipynb."""

import numpy as np

from nnlib import MSE, SGD, Dense, Network, Tanh, accuracy, datasets, steps
from nnlib.teach import plots
from nnlib.teach.widgets.panel import EPOCH, TrainingPanel
from nnlib.teach.widgets.parts import learning_rate, whole

__all__ = ["FirstNetwork", "first_network"]


class FirstNetwork(TrainingPanel):
    """A 2-8-1 network with tanh that learns XOR, its decision boundary and its loss side by side.

    Attributes
    ----------
    lr : Slider
        May be moved while the network trains.
    net : Network
    losses : list of float
        One for each epoch, before its update.
    solved : int or None
        The first epoch that found all four answers right.

    See notebooks/00_start_here.ipynb.
    """

    drawing_share = 0.5

    def __init__(self):
        self.lr = learning_rate(0.05)
        epochs = whole(500, 100, 5000, "epochs", step=100)
        super().__init__([self.lr, epochs], epochs=epochs, size=(9, 3.5))

    def begin(self):
        rng = np.random.default_rng(0)
        self.X, self.Y = datasets.xor()
        self.net = Network(Dense(2, 8, rng=rng), Tanh(), Dense(8, 1, rng=rng))
        self.losses, self.solved = [], None

    def run(self, epochs):
        optimizer = SGD(self.net.params, lr=self.lr.value)
        data = {"X": self.X, "Y": self.Y, "batch_size": len(self.X), "rng": None}
        for step in steps(self.net, MSE(), optimizer, epochs=epochs, **data):
            self.losses.append(step.loss)
            if self.solved is None and accuracy(step.Y_hat, step.Y) == 1:
                self.solved = len(self.losses)
            yield EPOCH
            optimizer.lr = self.lr.value

    def describe(self):
        Y_hat = self.net.predict(self.X)
        right = round(4 * accuracy(Y_hat, self.Y))
        return f"Epoch {len(self.losses)}, loss {MSE().value(Y_hat, self.Y):.3g}, {right} of 4 right."

    def draw(self, figure):
        left, right = figure.subplots(1, 2)
        plots.decision_boundary(left, self.net.predict, self.X, self.Y)
        left.set_title("What the network answers")
        left.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
        plots.loss_curve(right, self.losses)
        now = MSE().value(self.net.predict(self.X), self.Y)
        right.plot(len(self.losses), now, "o", color=plots.LOSS, clip_on=False)
        right.set_title("How wrong it is")
        if self.solved:
            right.axvline(self.solved, color=plots.RIGHT, linewidth=2, zorder=1)
            right.set_title(f"All four right first in epoch {self.solved}")


def first_network():
    """Return the `FirstNetwork` panel. See notebooks/00_start_here.ipynb."""
    return FirstNetwork()
