"""An activation, its slope, and a batch of inputs on it. See notebooks/03_activations.ipynb."""

import numpy as np

from nnlib import LeakyReLU, ReLU, Sigmoid, Tanh
from nnlib.teach import plots
from nnlib.teach.widgets.panel import Explorer
from nnlib.teach.widgets.parts import dropdown, logarithmic, minus, real

__all__ = ["FLAT", "ActivationExplorer", "activation_explorer"]

FLAT = 0.1  # a slope below it counts as flat
DEPTH = 10  # layers that a gradient goes back through
EDGE = 6  # of the x axes
LAYERS = {"tanh": Tanh, "sigmoid": Sigmoid, "ReLU": ReLU, "leaky ReLU": LeakyReLU}
BATCH = np.random.default_rng(0).standard_normal(10_000)


def values_and_slopes(function, X):
    """Return f(X) and f'(X) of the function of that name."""
    layer = LAYERS[function]()
    return layer.forward(X), layer.backward(np.ones_like(X))


class ActivationExplorer(Explorer):
    """A function with its tangent at x, its slopes, and how many inputs of a batch lie where it is flat.

    Attributes
    ----------
    function : Dropdown
        "tanh", "sigmoid", "ReLU" or "leaky ReLU".
    x : Slider
    spread : Slider
        The standard deviation of the batch, 10 000 normal numbers around 0.
    y, slope : float
        f(x) and f'(x).
    flat, dead : float
        The share of the batch with a slope below 0.1, and that with a slope of 0.
    mean_slope : float
    survives : float
        mean_slope to the power of ten: what ten such layers leave of a gradient, on average.

    See notebooks/03_activations.ipynb.
    """

    def __init__(self):
        self.function = dropdown(list(LAYERS), "function")
        self.x = real(1, -EDGE, EDGE, "x", step=0.1)
        self.spread = logarithmic(1, -1, 1, "spread")
        super().__init__([self.function], [self.x, self.spread], size=(9.2, 3.8), layout=None)

    def update(self):
        name, x = self.now.function, self.now.x
        (self.y,), (self.slope,) = values_and_slopes(name, np.array([x]))
        self.X = self.now.spread * BATCH
        self.slopes = values_and_slopes(name, self.X)[1]
        self.flat, self.dead = np.mean(self.slopes < FLAT), np.mean(self.slopes == 0)
        self.mean_slope = self.slopes.mean()
        self.survives = self.mean_slope**DEPTH
        return (
            minus(f"<p>x = {x:.1f} &nbsp; f(x) = <b>{self.y:.3f}</b>")
            + f" &nbsp; f′(x) = <b>{self.slope:.3f}</b></p>"
            f"<p>slope below {FLAT}: <b>{self.flat:.1%}</b> of the batch (exactly 0: {self.dead:.1%})"
            f" &nbsp; mean slope {self.mean_slope:.3f} &nbsp; left after {DEPTH} such layers:"
            f" {self.mean_slope:.3f}<sup>{DEPTH}</sup> = <b>{self.survives:.2g}</b></p>"
        )

    def draw(self, figure):
        X = np.linspace(-EDGE, EDGE, 481)
        Y, slopes = values_and_slopes(self.now.function, X)
        self._draw_function(figure.add_axes((0.06, 0.13, 0.4, 0.77)), X, Y)
        upper, lower = figure.add_axes((0.54, 0.6, 0.44, 0.3)), figure.add_axes((0.54, 0.13, 0.44, 0.3))
        for ax in (upper, lower):
            height = ax.get_xaxis_transform()
            ax.fill_between(X, 0, 1, where=slopes < FLAT, transform=height, color=plots.WRONG, alpha=0.15)
            ax.set(xlim=(-EDGE, EDGE), xticks=range(-EDGE, EDGE + 1, 2))
            ax.spines[["top", "right"]].set_visible(False)
        upper.plot(X, slopes, color=plots.GRADIENT, linewidth=2)
        upper.plot(self.now.x, self.slope, "o", color="black", clip_on=False)
        upper.set(title=f"Its slope (shaded: below {FLAT})", ylim=(-0.05, 1.1), xticklabels=[])
        self._draw_batch(lower)

    def _draw_function(self, ax, X, Y):
        ax.plot(X, Y, color=plots.DATA, linewidth=2)
        ax.axline((self.now.x, self.y), slope=self.slope, color=plots.GRADIENT, linestyle="--")
        ax.plot(self.now.x, self.y, "o", color="black", zorder=3, clip_on=False)
        limits = (-0.5, EDGE) if Y[-1] > 2 else (-1.3, 1.3)
        ax.set(xlim=(-EDGE, EDGE), ylim=limits, xlabel="x")
        ax.set_title(minus(f"{self.now.function}, and its tangent at x = {self.now.x:.1f}"))
        ax.grid(color="0.9")
        ax.spines[["top", "right"]].set_visible(False)

    def _draw_batch(self, ax):
        inside, edges = np.clip(self.X, -EDGE, EDGE), np.linspace(-EDGE, EDGE, 49)
        all_of_it = np.histogram(inside, edges)[0]
        steep = np.histogram(inside[self.slopes >= FLAT], edges)[0]
        ax.stairs(steep, edges, fill=True, color=plots.DATA)
        ax.stairs(all_of_it, edges, baseline=steep, fill=True, color=plots.WRONG)
        ax.set(
            title=f"{self.flat:.0%} of the batch lies where it is flat", xlabel="x", yticks=[], ylim=(0, None)
        )
        ax.set_xticks(ax.get_xticks(), [f"≤ −{EDGE}", "−4", "−2", "0", "2", "4", f"≥ {EDGE}"])


def activation_explorer():
    """Return the `ActivationExplorer`. See notebooks/03_activations.ipynb."""
    return ActivationExplorer()
