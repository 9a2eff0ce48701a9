"""Three logits, their probabilities, the loss and its gradient. See notebooks/04_losses.ipynb."""

import numpy as np

from nnlib import SoftmaxCrossEntropy, softmax
from nnlib.teach import plots
from nnlib.teach.widgets.panel import Explorer
from nnlib.teach.widgets.parts import choice, minus, real, table

__all__ = ["LogitsExplorer", "logits_explorer"]

CLASSES = ("cat", "dog", "bird")
START = (2.0, 1.0, 0.0)


class LogitsExplorer(Explorer):
    """One sample of three classes: its logits as sliders, P = softmax(Z) and dZ = P - Y as bars.

    Attributes
    ----------
    logits : list of three Slider
    true : Choice
        The class that the label names.
    shift : Slider
        Added to all logits.
    Z, P, dZ : ndarray, (1, 3)
    loss : float

    See notebooks/04_losses.ipynb.
    """

    def __init__(self):
        self.true = choice(CLASSES, "The picture shows a", value="dog")
        self.logits = [
            real(z, -8, 8, f"logit {name}", step=0.5) for name, z in zip(CLASSES, START, strict=True)
        ]
        self.shift = real(0, -1000, 1000, "added to all", step=50)
        super().__init__([self.true], self.logits, [self.shift], size=(9.2, 3.2))

    def update(self):
        self.Z = np.array([self.now.logits]) + self.now.shift
        y = CLASSES.index(self.now.true)
        self.P = softmax(self.Z)
        self.loss, self.dZ = SoftmaxCrossEntropy().value_and_gradient(self.Z, np.array([y]))
        Y = np.arange(len(CLASSES)) == y
        rows = {
            "Z, the logits": [*(minus(f"{z:.1f}") for z in self.Z[0]), ""],
            "P, the probabilities": [f"{p:.3f}" for p in (*self.P[0], self.P.sum())],
            "Y, the target": [f"{t:d}" for t in (*Y, Y.sum())],
            "dZ = P − Y": [*map(_signed, self.dZ[0]), f"{abs(self.dZ.sum()):.3f}"],
        }
        return (
            f"{table(rows, head=['', *CLASSES, 'sum'])}"
            f"<p>loss = −log P[{self.now.true}] = −log {self.P[0, y]:.4g} = <b>{self.loss:.3f}</b></p>"
        )

    def draw(self, figure):
        left, right = figure.subplots(1, 2)
        names = [f"{name}\n(true)" if name == self.now.true else name for name in CLASSES]
        likeliest = [name for name, p in zip(CLASSES, self.P[0], strict=True) if p == self.P.max()]
        for ax, values, colour, form in (
            (left, self.P[0], plots.DATA, "{:.3f}".format),
            (right, self.dZ[0], plots.GRADIENT, _signed),
        ):
            bars = ax.bar(names, values, color=colour, width=0.6)
            ax.bar_label(bars, [form(v) for v in values], padding=2)
            ax.axhline(0, color="0.4", linewidth=1)
            ax.spines[["top", "right", "bottom"]].set_visible(False)
            ax.tick_params(axis="x", length=0)
        left.set(ylim=(0, 1.15), ylabel="probability P", title=f"It says: {' or '.join(likeliest)}")
        right.set(ylim=(-1.3, 1.3), ylabel="gradient dZ = P − Y")
        right.set_title(f"Less wrong: {self.now.true} up, the others down")


def _signed(number):
    """Return three decimals with their sign; what is 0 to three decimals has none."""
    return minus(f"{number:+.3f}") if abs(number) >= 0.0005 else "0.000"


def logits_explorer():
    """Return the `LogitsExplorer`. See notebooks/04_losses.ipynb."""
    return LogitsExplorer()
