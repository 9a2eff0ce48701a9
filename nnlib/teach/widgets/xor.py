"""XOR, twice at once: two networks from one seed, to see what one change does. See notebooks/08_xor.ipynb."""

from itertools import zip_longest

import ipywidgets
import numpy as np

from nnlib import SGD, BinaryCrossEntropy, Dense, Network, accuracy, datasets, sigmoid, steps
from nnlib.teach import plots
from nnlib.teach.widgets.activation_explorer import LAYERS
from nnlib.teach.widgets.panel import EPOCH, TrainingPanel
from nnlib.teach.widgets.parts import dropdown, learning_rate, whole

__all__ = ["XorPanel", "XorRun", "xor_panel"]

LOSS = BinaryCrossEntropy()


class XorRun:
    """One of the two runs: its controls, its network and what became of it.

    Attributes
    ----------
    lr : Slider
        May be moved while the network trains.
    units : Slider
    activation : Dropdown
    title : str
        What the picture shows, also while a slider is already elsewhere.
    net : Network
    losses : list of float
        One for each epoch, before its update.
    problem : str
        Why it ended early, if it did.
    """

    def __init__(self, name, *, units, activation):
        self.name = name
        wide = {"name_width": "9em"}
        self.lr = learning_rate(1.0, low=-3, high=2, name=f"{name}: learning rate", **wide)
        self.units = whole(units, 1, 8, f"{name}: hidden units", continuous_update=False, **wide)
        self.activation = dropdown(
            ["tanh", "ReLU", "sigmoid"], f"{name}: activation", value=activation, **wide
        )

    @property
    def controls(self):
        return ipywidgets.VBox([self.lr, self.units, self.activation])

    def begin(self, seed):
        rng = np.random.default_rng(seed)
        units, activation = self.units.value, LAYERS[self.activation.value]
        self.title = f"{self.name}: {units} {self.activation.value}"
        self.net = Network(Dense(2, units, rng=rng), activation(), Dense(units, 1, rng=rng))
        self.losses, self.problem = [], ""

    def train(self, X, Y, epochs):
        """Train for `epochs` epochs: a generator that yields after each, and ends where the loss is lost."""
        optimizer = SGD(self.net.params, lr=self.lr.value)
        loop = steps(self.net, LOSS, optimizer, X, Y, epochs=epochs, batch_size=len(X), rng=None)
        try:
            for step in loop:
                self.losses.append(step.loss)
                yield
                optimizer.lr = self.lr.value
        except FloatingPointError as error:
            self.problem = str(error)

    def describe(self, X, Y):
        Z = self.net.forward(X)
        right = round(4 * accuracy(Z, Y, threshold=LOSS.threshold))
        loss = LOSS.value(Z, Y)
        worse = ", worse than at the start" if self.losses and loss > self.losses[0] else ""
        ended = f", stopped: {self.problem}" if self.problem else ""
        return f"{self.name}: loss {loss:.3g}, {right} of 4 right{worse}{ended}"


class XorPanel(TrainingPanel):
    """Two networks that learn XOR side by side, A and B, from the same seed, each with its own settings.

    With the same number of units both begin with the same weights.

    Attributes
    ----------
    seed : Slider
    a, b : XorRun
        The controls, networks and losses of the two.

    See notebooks/08_xor.ipynb.
    """

    drawing_share = 0.5

    def __init__(self):
        self.X, self.Y = datasets.xor()
        self.seed = whole(3, 0, 99, "seed", continuous_update=False)
        epochs = whole(300, 50, 5000, "epochs", step=50)
        self.a, self.b = XorRun("A", units=3, activation="ReLU"), XorRun("B", units=3, activation="tanh")
        restart = [self.seed, self.a.units, self.a.activation, self.b.units, self.b.activation]
        rows = [self.seed, epochs], [self.a.controls, self.b.controls]
        super().__init__(*rows, epochs=epochs, size=(11, 3.6), restart=restart)

    def begin(self):
        self.epoch = 0
        for run in (self.a, self.b):
            run.begin(self.seed.value)

    def run(self, epochs):
        runs = [run.train(self.X, self.Y, epochs) for run in (self.a, self.b)]
        for _ in zip_longest(*runs):  # where one has ended, the other goes on
            self.epoch += 1
            yield EPOCH

    def describe(self):
        return (
            f"Epoch {self.epoch}. "
            + "; ".join(run.describe(self.X, self.Y) for run in (self.a, self.b))
            + "."
        )

    def draw(self, figure):
        axes = figure.subplots(1, 3)
        for ax, run in zip(axes, (self.a, self.b), strict=False):
            plots.decision_boundary(
                ax, lambda X, net=run.net: sigmoid(net.forward(X)), self.X, self.Y, resolution=50
            )
            ax.set_title(run.title)
        for run, style in ((self.a, "-"), (self.b, "--")):
            plots.loss_curve(axes[2], run.losses, label=run.name, style=style)
        plots.level(axes[2], np.log(2), "ln 2")
        axes[2].set_title("Loss")
        axes[2].legend()


def xor_panel():
    """Return the `XorPanel`. See notebooks/08_xor.ipynb."""
    return XorPanel()
