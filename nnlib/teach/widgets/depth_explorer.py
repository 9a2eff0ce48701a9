"""Signals and gradients through many layers. See notebooks/10_initialisation_and_optimisers.ipynb."""

import numpy as np

from nnlib.teach import plots
from nnlib.teach.widgets.activation_explorer import FLAT, values_and_slopes
from nnlib.teach.widgets.panel import Explorer
from nnlib.teach.widgets.parts import dropdown, logarithmic, whole

__all__ = ["DEEPEST", "WIDTH", "DepthExplorer", "depth_explorer", "predicted_spreads"]

WIDTH, SAMPLES, DEEPEST = 256, 32, 50
LIMITS = 1e-9, 1e9  # of the spreads drawn; what lies outside is drawn at the edge
MARGINS = {"left": 0.08, "right": 0.99, "bottom": 0.14, "top": 0.91, "wspace": 0.2}


def predicted_spreads(function, sigma, depth, *, width=WIDTH):
    """Return what (10.1) and (10.3) say of the spreads of Z and of dZ in each layer: two arrays, (depth,).

    The inputs are standard normal, and so is the gradient sent back from the output. Every Z is taken to be
    normal: the means of f(Z)² and f'(Z)² are then integrals, done by Gauss and Hermite's rule.

    Parameters
    ----------
    function : str
        "tanh", "sigmoid", "ReLU" or "leaky ReLU".
    sigma : float
        The standard deviation of the weights.
    depth : int
    width : int, default 256
        Units in every layer.

    See notebooks/10_initialisation_and_optimisers.ipynb.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights /= weights.sum()
    mean_square, spreads, slopes = 1.0, [], []
    for _ in range(depth):
        spreads.append(sigma * np.sqrt(width * mean_square))
        A, slope = values_and_slopes(function, spreads[-1] * nodes)
        mean_square = weights @ A**2
        slopes.append(np.sqrt(weights @ slope**2))
    factors = np.array(slopes)
    factors[:-1] *= sigma * np.sqrt(width)
    return np.array(spreads), np.cumprod(factors[::-1])[::-1]


class DepthExplorer(Explorer):
    """The spread of Z in each layer of a deep network, measured and predicted, and that of its gradient.

    256 units in every layer, 32 standard normal inputs, no biases; at the output a standard normal gradient
    is sent back. The weights are the same random numbers each time, only their scale follows the slider.

    Attributes
    ----------
    depth : Slider
    sigma : Slider
        The standard deviation of the weights.
    function : Dropdown
        "tanh", "sigmoid", "ReLU" or "leaky ReLU".
    spreads, gradients : array, (depth,)
        The root of the mean square of Z, and of dZ, in each layer.
    predicted, predicted_gradients : array, (depth,)
        What (10.1) and (10.3) say.
    flat, dead : float
        The share of slopes below 0.1 among all units, layers and inputs; and of units in the last layer that
        give the same for all inputs, to six digits.

    See notebooks/10_initialisation_and_optimisers.ipynb.
    """

    def __init__(self):
        rng = np.random.default_rng(0)
        self._X = rng.standard_normal((SAMPLES, WIDTH))
        self._G = rng.standard_normal((DEEPEST, WIDTH, WIDTH), np.float32).astype(float)
        self._dA = rng.standard_normal((SAMPLES, WIDTH))
        self.depth = whole(30, 1, DEEPEST, "depth")
        self.sigma = logarithmic(10**-1.3, -2, 0, "weights: σ", step=0.005)
        self.function = dropdown(["tanh", "sigmoid", "ReLU", "leaky ReLU"], "activation")
        super().__init__((self.depth, self.sigma, self.function), size=(11, 3.8), layout=None)

    def update(self):
        depth, sigma, function = self.now.depth, self.now.sigma, self.now.function
        A, slopes, squares = self._X, [], []
        for G in self._G[:depth]:
            Z = sigma * (A @ G)
            squares.append(np.mean(Z**2))
            A, slope = values_and_slopes(function, Z)
            slopes.append(slope)
        self.spreads = np.sqrt(squares)
        self.predicted, self.predicted_gradients = predicted_spreads(function, sigma, depth)
        self.flat = np.mean([slope < FLAT for slope in slopes])
        self.dead = np.mean(np.ptp(A, axis=0) <= 1e-6 * np.abs(A).max(axis=0))
        self.gradients = self._go_back(slopes, sigma)
        return self._describe(depth, sigma)

    def _go_back(self, slopes, sigma):
        """Return the spread of dZ in each layer, from the first to the last."""
        dA, squares = self._dA, []
        for slope, G in zip(reversed(slopes), reversed(self._G[: len(slopes)]), strict=True):
            dZ = dA * slope
            squares.append(np.mean(dZ**2))
            dA = sigma * (dZ @ G.T)
        return np.sqrt(squares[::-1])

    def _describe(self, depth, sigma):
        return (
            f"<p>n Var(w) = {WIDTH} · {sigma:.3g}² = <b>{WIDTH * sigma**2:.3g}</b>. In layer {depth} the"
            f" spread of Z is <b>{self.spreads[-1]:.2g}</b> (predicted: {self.predicted[-1]:.2g}); of the"
            f" gradient, sent back with a spread of 1, <b>{self.gradients[0]:.2g}</b> is left in layer 1.</p>"
            f"<p>Slope below {FLAT}: <b>{self.flat:.0%}</b> of all units and inputs. Units of layer {depth}"
            f" that say the same to every input: <b>{self.dead:.0%}</b>.</p>"
        )

    def draw(self, figure):
        forward, backward = figure.subplots(1, 2, gridspec_kw=MARGINS)
        layers = np.arange(1, self.now.depth + 1)
        for ax, found, predicted, colour in (
            (forward, self.spreads, self.predicted, plots.DATA),
            (backward, self.gradients, self.predicted_gradients, plots.GRADIENT),
        ):
            ax.plot(layers, np.clip(predicted, *LIMITS), color="black", label="predicted")
            ax.plot(layers, np.clip(found, *LIMITS), "o", color=colour, label="measured")
            low, high = np.clip([found.min() / 3, 3 * found.max()], *LIMITS)
            ax.set(xlabel="layer", yscale="log", xlim=(0, layers[-1] + 1))
            ax.set_ylim(min(low, 1e-2), max(high, 1e2))
            ax.minorticks_off()  # they would take a third of the time of a picture
            plots.open_frame(ax)
        forward.set(ylabel="spread of Z", title=f"Forward: {_change(self.spreads)}")
        backward.set(ylabel="spread of dZ", title=f"Back: {_change(self.gradients[::-1])}")
        forward.legend(loc="upper left")


def _change(spreads):
    """Return in words what becomes of a spread on its way."""
    factor = spreads[-1] / spreads[0] if spreads[0] else 0
    if factor < 0.1:
        return "it vanishes"
    if factor > 10:
        return "it explodes"
    return "it gets through"


def depth_explorer():
    """Return the `DepthExplorer`. See notebooks/10_initialisation_and_optimisers.ipynb."""
    return DepthExplorer()
