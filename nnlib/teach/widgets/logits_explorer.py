"""Three logits, their probabilities, the loss and its gradient. See notebooks/04_losses.ipynb."""

import ipywidgets
import numpy as np

from nnlib import SoftmaxCrossEntropy, softmax
from nnlib.teach import plots
from nnlib.teach.widgets.explorer import Explorer
from nnlib.teach.widgets.panel import WIDE

__all__ = ["LogitsExplorer", "logits_explorer"]

CLASSES = ("cat", "dog", "bird")
START = (2.0, 1.0, 0.0)
CELL = 'style="padding: 0 0.9em; text-align: right"'


class LogitsExplorer(Explorer):
    """One sample of three classes: its logits as sliders, P = softmax(Z) and dZ = P - Y as bars.

    Attributes
    ----------
    logits : list of three FloatSlider
    true : ToggleButtons
        The class that the label names.
    shift : FloatSlider
        Added to all logits.
    Z, P, dZ : ndarray, (1, 3)
    loss : float

    See notebooks/04_losses.ipynb.
    """

    def __init__(self):
        self.logits = [
            ipywidgets.FloatSlider(z, min=-8, max=8, step=0.5, description=f"logit {name}", style=WIDE)
            for name, z in zip(CLASSES, START, strict=True)
        ]
        self.true = ipywidgets.ToggleButtons(options=CLASSES, value="dog", style={"button_width": "5em"})
        self.shift = ipywidgets.FloatSlider(
            0, min=-1000, max=1000, step=50, description="added to all", readout_format=".0f", style=WIDE
        )
        super().__init__(
            [ipywidgets.Label("The picture shows a"), self.true], self.logits, [self.shift], size=(9.2, 3.2)
        )

    def update(self):
        self.Z = np.array([[slider.value for slider in self.logits]]) + self.shift.value
        y = CLASSES.index(self.true.value)
        self.P = softmax(self.Z)
        self.loss, self.dZ = SoftmaxCrossEntropy().value_and_gradient(self.Z, np.array([y]))
        Y = np.arange(len(CLASSES)) == y
        rows = {
            "Z, the logits": [f"{z:.1f}" for z in self.Z[0]],
            "P, the probabilities": [f"{p:.3f}" for p in self.P[0]],
            "Y, the target": [f"{t:d}" for t in Y],
            "dZ = P - Y": [f"{d:+.3f}" for d in self.dZ[0]],
        }
        sums = ["", f"{self.P.sum():.3f}", "1", f"{abs(self.dZ.sum()):.3f}"]
        lines = [_row("", [*CLASSES, "sum"], "th")]
        lines += [_row(name, [*cells, s]) for (name, cells), s in zip(rows.items(), sums, strict=True)]
        return (
            f"<table>{''.join(lines)}</table>"
            f"<p>loss = -log P[{self.true.value}] = -log {self.P[0, y]:.4g} = <b>{self.loss:.3f}</b></p>"
        )

    def draw(self, figure):
        left, right = figure.subplots(1, 2)
        names = [f"{name}\n(true)" if name == self.true.value else name for name in CLASSES]
        likeliest = [name for name, p in zip(CLASSES, self.P[0], strict=True) if p == self.P.max()]
        for ax, values, colour, form in (
            (left, self.P[0], plots.DATA, ".3f"),
            (right, self.dZ[0], plots.GRADIENT, "+.3f"),
        ):
            bars = ax.bar(names, values, color=colour, width=0.6)
            ax.bar_label(bars, [format(v, form) for v in values], padding=2)
            ax.axhline(0, color="0.4", linewidth=1)
            ax.spines[["top", "right", "bottom"]].set_visible(False)
            ax.tick_params(axis="x", length=0)
        left.set(ylim=(0, 1.15), ylabel="probability P", title=f"It says: {' or '.join(likeliest)}")
        right.set(ylim=(-1.3, 1.3), ylabel="gradient dZ = P - Y")
        right.set_title(f"Less wrong: {self.true.value} up, the others down")


def _row(name, cells, tag="td"):
    return f"<tr><th {CELL}>{name}</th>{''.join(f'<{tag} {CELL}>{cell}</{tag}>' for cell in cells)}</tr>"


def logits_explorer():
    """Return the `LogitsExplorer`. See notebooks/04_losses.ipynb."""
    return LogitsExplorer()
