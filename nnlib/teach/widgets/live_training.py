"""The training loop at work: every batch's loss, and what the network makes of the plane.

See notebooks/07_training_loop.ipynb.
"""

import numpy as np

from nnlib import SGD, BinaryCrossEntropy, Dense, Network, Tanh, accuracy, datasets, sigmoid, steps
from nnlib.teach import plots
from nnlib.teach.widgets.panel import EPOCH, TrainingPanel
from nnlib.teach.widgets.parts import box, dropdown, learning_rate, whole

__all__ = ["LiveTraining", "live_training"]

LOSS = BinaryCrossEntropy()
TICKS = (0.001, 0.01, 0.1, 1)
POINTS = 2000  # of the curve of batches: more are not told apart, and take long to draw


class LiveTraining(TrainingPanel):
    """A 2-16-16-1 network with tanh that learns two spirals; in the data one arm lies before the other.

    Attributes
    ----------
    lr : Slider
        Followed while it trains.
    batch_size : Dropdown
    shuffle : Checkbox
        Both are taken up at the next click on Train.
    seed : Slider
        Of the first weights and of the shuffling; moving it begins anew.
    net : Network
    batches, means : list of (epoch, loss)
        A row for each batch, and one for each whole epoch: the mean weighted by batch size. The epoch is the
        number of samples seen, divided by N.

    See notebooks/07_training_loop.ipynb.
    """

    drawing_share = 0.5

    def __init__(self):
        self.X, self.Y = datasets.spirals(60, rng=np.random.default_rng(0))
        self.lr = learning_rate(0.5, low=-3)
        self.batch_size = dropdown((1, 2, 5, 10, 20, 50, 120), "batch size", value=20, width="14em")
        self.shuffle = box("shuffle")
        self.seed = whole(0, 0, 99, "seed", continuous_update=False)
        epochs = whole(200, 10, 1000, "epochs", step=10)
        rows = (self.lr, self.batch_size, self.shuffle), (self.seed, epochs)
        super().__init__(*rows, epochs=epochs, size=(10, 4), layout=None, restart=[self.seed])

    def begin(self):
        self.rng = np.random.default_rng(self.seed.value)
        first, second, last = (Dense(a, b, rng=self.rng) for a, b in ((2, 16), (16, 16), (16, 1)))
        self.net = Network(first, Tanh(), second, Tanh(), last)
        self.seen, self.batches, self.means = 0, [], []

    def run(self, epochs):
        optimizer = SGD(self.net.params, self.lr.value)
        rng = self.rng if self.shuffle.value else None
        settings = {"epochs": epochs, "batch_size": self.batch_size.value, "rng": rng}
        N, loss_sum, in_epoch = len(self.X), 0.0, 0
        for step in steps(self.net, LOSS, optimizer, self.X, self.Y, **settings):
            self.seen += len(step.Y)
            in_epoch += len(step.Y)
            loss_sum += step.loss * len(step.Y)
            self.batches.append((self.seen / N, step.loss))
            if in_epoch == N:
                self.means.append((self.seen / N, loss_sum / N))
                loss_sum, in_epoch = 0.0, 0
            yield None if in_epoch else EPOCH
            optimizer.lr = self.lr.value

    def describe(self):
        Z = self.net.forward(self.X)
        right = round(len(self.X) * accuracy(Z, self.Y, threshold=LOSS.threshold))
        steps_made = "1 step" if len(self.batches) == 1 else f"{len(self.batches)} steps"
        return (
            f"Epoch {round(self.seen / len(self.X), 1):g}, {steps_made}:"
            f" loss {LOSS.value(Z, self.Y):.3f}, {right} of {len(self.X)} right."
        )

    def draw(self, figure):
        left, right = figure.add_axes((0.08, 0.14, 0.47, 0.77)), figure.add_axes((0.66, 0.14, 0.33, 0.77))
        shown = self.batches[:: 1 + len(self.batches) // POINTS]
        left.plot(*np.reshape(shown, (-1, 2)).T, color="0.75", linewidth=0.8, label="each batch")
        left.plot(*np.reshape(self.means, (-1, 2)).T, color=plots.LOSS, label="mean of the epoch")
        left.set(xlabel="epoch", ylabel="loss", yscale="log", xlim=(0, max(10, self.seen / len(self.X))))
        left.set(ylim=(1e-3, 5), title="Loss, each before its step")
        left.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
        left.minorticks_off()
        # Over the band and beside it, for single samples would bury both.
        left.axhline(np.log(2), color="0.2", linewidth=1, linestyle=":", zorder=2.5)
        left.text(1.01, np.log(2), "ln 2", va="center", transform=left.get_yaxis_transform())
        left.spines[["top", "right"]].set_visible(False)
        left.legend(loc="lower left")
        plots.decision_boundary(
            right, lambda P: sigmoid(self.net.forward(P)), self.X, self.Y, margin=0.2, resolution=50
        )
        right.set_title("What the network answers")


def live_training():
    """Return the `LiveTraining` panel. See notebooks/07_training_loop.ipynb."""
    return LiveTraining()
