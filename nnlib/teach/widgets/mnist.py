"""Train a reader of handwriting and watch it. See notebooks/09_mnist.ipynb."""

import numpy as np

from nnlib import SGD, Dense, Network, ReLU, SoftmaxCrossEntropy, accuracy, steps
from nnlib.teach import _doors as door
from nnlib.teach import plots
from nnlib.teach.widgets.panel import TrainingPanel
from nnlib.teach.widgets.parts import dropdown, learning_rate, whole

__all__ = ["MnistPanel", "mnist_panel"]

LOSS = SoftmaxCrossEntropy()
PART = 2000  # validation images that the live accuracy is measured on
POINTS = 10  # of the curves, in each epoch
ERROR_TICKS = (1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
LOSS_TICKS = (0.01, 0.03, 0.1, 0.3, 1, 3)


class MnistPanel(TrainingPanel):
    """Two hidden ReLU layers under plain gradient descent: their loss, their accuracy, some of their answers.

    Attributes
    ----------
    lr : Slider
        Followed while it trains.
    epochs : Slider
    batch_size : Dropdown
        Taken up at the next click on Train.
    width : Dropdown
        Units in each hidden layer; moving it begins anew.
    net : Network
    curve : list of (epoch, loss, accuracy)
        A row for each tenth of an epoch: the mean training loss since the row before, and the accuracy on the
        first 2000 validation images. The row of the untrained network has no loss.

    See notebooks/09_mnist.ipynb.
    """

    def __init__(self, X_train, y_train, X_val, y_val, *, shown=range(12)):
        X_train, X_val = door.samples(X_train, "X_train", 784), door.samples(X_val, "X_val", 784)
        y_train = door.labels(y_train, "y_train", len(X_train), 10)
        y_val = door.labels(y_val, "y_val", len(X_val), 10)
        shown = door.places(shown, "shown", len(X_val))
        self.training = X_train, y_train
        self.part = X_val[:PART], y_val[:PART]
        self.shown = X_val[list(shown)], y_val[list(shown)]
        self.lr = learning_rate(0.4, low=-3)
        self.batch_size = dropdown((16, 32, 64, 128, 256), "batch size", value=64, width="14em")
        self.width = dropdown((16, 32, 64, 128, 256), "hidden units", value=128, width="14em")
        epochs = whole(5, 1, 30, "epochs")
        rows = (self.lr, epochs), (self.batch_size, self.width)
        super().__init__(*rows, epochs=epochs, size=(9, 4.2), layout=None, restart=[self.width])
        self.on(self.lr, self._follow)

    def begin(self):
        self.rng = np.random.default_rng(0)
        widths = self.training[0].shape[1], self.width.value, self.width.value, 10
        first, second, last = (Dense(a, b, rng=self.rng) for a, b in zip(widths, widths[1:], strict=False))
        self.net = Network(first, ReLU(), second, ReLU(), last)
        self.optimizer = SGD(self.net.params, self.lr.value)
        self.seen, self.losses, self.end = 0, [], self.epochs.value
        self.curve = [(0.0, None, self._accuracy())]

    def run(self, epochs):
        X, y = self.training
        size = self.batch_size.value
        self.end = max(self.end, self.seen / len(X) + epochs)
        for step in steps(self.net, LOSS, self.optimizer, X, y, epochs=epochs, batch_size=size, rng=self.rng):
            self.losses.append(step.loss)
            points_before = POINTS * self.seen // len(X)
            self.seen += len(step.Y)
            if POINTS * self.seen // len(X) > points_before:
                self.curve.append((self.seen / len(X), float(np.mean(self.losses)), self._accuracy()))
                self.losses.clear()
            yield

    def describe(self):
        _, loss, right = self.curve[-1]
        loss = "" if loss is None else f" · training loss {loss:{'.3f' if loss < 1000 else '.0e'}}"
        epoch = round(self.seen / len(self.training[0]), 1)
        return f"Epoch {epoch:g}{loss} · validation accuracy {right:.1%}"

    def draw(self, figure):
        left, right, strip = (0.05, 0.36, 0.42, 0.56), (0.55, 0.36, 0.42, 0.56), (0.01, 0.01, 0.98, 0.2)
        epochs, losses, rights = zip(*self.curve, strict=True)

        ax = figure.add_axes(left)
        ax.plot(epochs[1:], losses[1:], color=plots.LOSS)
        ax.set(title="Training loss", ylim=(LOSS_TICKS[0], LOSS_TICKS[-1]))
        _log_axes(ax, self.end, LOSS_TICKS, [f"{tick:g}" for tick in LOSS_TICKS])

        ax = figure.add_axes(right)
        # The axis halves the mistakes in equal steps: from 10 % right to 90 % is no further than to 99 %.
        ax.plot(epochs, np.maximum(1 - np.array(rights), 1e-4), color=plots.RIGHT)
        ax.set(title="Validation accuracy", ylim=(1, 0.007))
        _log_axes(ax, self.end, ERROR_TICKS, [f"{1 - tick:.0%}" for tick in ERROR_TICKS])

        images, labels = self.shown
        answers = self.net.predict(images).argmax(axis=1)
        plots.digits(
            figure.add_axes(strip),
            images,
            [
                str(answer) if answer == label else f"{answer}, not {label}"
                for answer, label in zip(answers, labels, strict=True)
            ],
            columns=len(images),
            wrong=answers != labels,
        )

    def _follow(self):
        self.optimizer.lr = self.lr.value

    def _accuracy(self):
        X, y = self.part
        return accuracy(self.net.forward(X), y)


def mnist_panel(X_train, y_train, X_val, y_val, *, shown=range(12)):
    """Return a panel that trains 784-128-128-10 and shows how well it reads.

    Parameters
    ----------
    X_train, X_val : ndarray, (N, 784)
    y_train, y_val : ndarray of labels, (N,)
    shown : sequence of int
        The validation images whose present reading is shown, about a dozen.

    See notebooks/09_mnist.ipynb.
    """
    return MnistPanel(X_train, y_train, X_val, y_val, shown=shown)


def _log_axes(ax, end, ticks, labels):
    ax.set(yscale="log", xlim=(0, end), xlabel="epoch")
    ax.set_xticks(np.unique(np.linspace(0, end, 6).round().astype(int)))
    ax.set_yticks(ticks, labels)
    ax.minorticks_off()
    plots.open_frame(ax)
