"""Four optimisers on one surface, step by step. See notebooks/10_initialisation_and_optimisers.ipynb."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nnlib import SGD, Adam, Momentum
from nnlib.teach import plots
from nnlib.teach.widgets.panel import Explorer
from nnlib.teach.widgets.parts import dropdown, learning_rate, signed, table, whole

__all__ = ["RACERS", "STEPS", "SURFACES", "OptimizerRace", "optimizer_race"]

STEPS = 200
MARGINS = {"left": 0.06, "right": 0.99, "bottom": 0.13, "top": 0.92, "wspace": 0.2}


class Surface(NamedTuple):
    """A loss of two parameters, its gradient, where the race starts, and the frame of the picture."""

    loss: Callable
    gradient: Callable
    start: tuple
    x: tuple
    y: tuple
    lowest: tuple


def _bowl(angle):
    """Return the bowl with λ = 1 and 40, its axes turned by an angle."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    H = turn @ np.diag([1.0, 40.0]) @ turn.T
    return Surface(
        lambda x, y: (H[0, 0] * x * x + 2 * H[0, 1] * x * y + H[1, 1] * y * y) / 2,
        lambda p: H @ p,
        tuple(turn @ [-4.0, 1.0]),
        (-5, 3),
        (-4, 4) if angle else (-2.5, 2.5),
        (0, 0),
    )


SURFACES = {
    "narrow bowl": _bowl(0),
    "the same, turned": _bowl(np.pi / 4),
    "curved valley": Surface(
        lambda x, y: (1 - x) ** 2 + 3 * (y - x * x) ** 2,
        lambda p: np.array([2 * (p[0] - 1) - 12 * p[0] * (p[1] - p[0] ** 2), 6 * (p[1] - p[0] ** 2)]),
        (-1.5, 1.0),
        (-2.2, 2.2),
        (-1, 3),
        (1, 1),
    ),
    "saddle": Surface(
        lambda x, y: x * x - y * y / 2 + y**4 / 16,
        lambda p: np.array([2 * p[0], p[1] ** 3 / 4 - p[1]]),
        (-2.0, 0.001),
        (-2.5, 2.5),
        (-3, 3),
        (0, 2),
    ),
}


class Racer(NamedTuple):
    """An optimiser, its options, and how its path is drawn."""

    make: Callable
    options: dict
    colour: str
    style: str
    marker: str


# RMS is Adam that keeps the last gradient only. Black and sky blue have no other meaning in these chapters.
RACERS = {
    "SGD": Racer(SGD, {}, plots.GRADIENT, "-", "o"),
    "momentum": Racer(Momentum, {}, plots.PARAMETER, "--", "s"),
    "RMS": Racer(Adam, {"beta1": 0}, "#56B4E9", "-.", "^"),
    "Adam": Racer(Adam, {}, "black", ":", "D"),
}
SCALED = "RMS", "Adam"  # whose rate is a length, not a length for each unit of slope


class OptimizerRace(Explorer):
    """The paths of SGD, momentum, RMS and Adam from the same start, and their losses.

    Attributes
    ----------
    surface : Dropdown
        "narrow bowl", "the same, turned", "curved valley" or "saddle".
    lr : Slider
        Of SGD and momentum; its label names the first.
    scaled_lr : Slider
        Of RMS and Adam; its label names the second.
    step : Slider
        How far the race has got; going back is rewinding.
    paths : dict from name to array, (steps + 1, 2)
        As far as the loss is finite.
    losses : dict from name to array

    See notebooks/10_initialisation_and_optimisers.ipynb.
    """

    def __init__(self):
        self.surface = dropdown(list(SURFACES), "surface")
        self.lr = learning_rate(0.02, high=0, name="η of SGD")
        self.scaled_lr = learning_rate(0.1, high=0, name="η of Adam")
        self.step = whole(40, 0, STEPS, "step")
        super().__init__((self.surface, self.step), (self.lr, self.scaled_lr), size=(11, 4.2), layout=None)

    def update(self):
        surface = self._surface = SURFACES[self.now.surface]
        self.paths, self.losses = {}, {}
        for name in RACERS:
            path = _race(name, surface, self.now.scaled_lr if name in SCALED else self.now.lr)
            with np.errstate(over="ignore", invalid="ignore"):
                losses = surface.loss(*path.T)
            finite = np.isfinite(losses).cumprod().sum()
            self.paths[name], self.losses[name] = path[:finite], losses[:finite]
        return self._describe()

    def _describe(self):
        return f"<p>After step {self.now.step}:</p>{table({name: [self._standing(name)] for name in RACERS})}"

    def _standing(self, name):
        step, path, losses = self.now.step, self.paths[name], self.losses[name]
        if step >= len(path):
            return f"<b>overflowed</b> in step {len(path)}"
        x, y = np.where(np.abs(path[step]) < 1e-4, 0, path[step])  # so near is on the axis
        distance = np.hypot(*(path[step] - self._surface.lowest))
        text = f"L = <b>{signed(losses[step])}</b> at ({signed(x)}, {signed(y)})"
        if losses[step] > 100 * max(abs(losses[0]), 1):
            return f"{text}: <b>it diverges</b>"
        return f"{text}, {distance:.2g} from the star"

    def draw(self, figure):
        above, curves = figure.subplots(1, 2, gridspec_kw=MARGINS, width_ratios=[1.15, 1])
        surface, step = self._surface, self.now.step
        X, Y = np.meshgrid(np.linspace(*surface.x, 81), np.linspace(*surface.y, 81))
        loss = surface.loss(X, Y)
        lowest = surface.loss(*surface.lowest)
        levels = lowest + np.geomspace(0.02, np.ptp(loss), 12)
        above.contour(X, Y, loss, levels, colors=plots.LOSS, linewidths=0.6, linestyles="-", alpha=0.5)
        above.plot(*surface.lowest, "*", color=plots.RIGHT, markeredgecolor="black", markersize=12)
        above.set(xlim=surface.x, ylim=surface.y, xlabel="$\\theta_1$", ylabel="$\\theta_2$")
        best = {}
        for name, racer in RACERS.items():
            look = {"color": racer.colour, "linestyle": racer.style}
            path, losses = self.paths[name][: step + 1], self.losses[name][: step + 1]
            seen = np.clip(path, -50, 50)  # far outside a line would be drawn for a long time
            above.plot(*seen.T, **look, linewidth=1.6)
            above.plot(*seen[-1], racer.marker, color=racer.colour, markeredgecolor="white", markersize=8)
            excess = np.clip(losses - lowest, 1e-12, 1e12)
            curves.plot(excess, **look, label=name)
            curves.plot(
                len(excess) - 1, excess[-1], racer.marker, color=racer.colour, markeredgecolor="white"
            )
            if len(self.paths[name]) > step:
                best[name] = losses[-1]
        above.set_title(f"After step {step}, {min(best, key=best.get)} is lowest" if step else "The start")
        start = surface.loss(*surface.start) - lowest
        curves.set(xlabel="step", ylabel="loss above the bottom", yscale="log")
        curves.set(xlim=(0, 1.03 * max(10, step)), ylim=(1e-6 * start, 1e2 * start))
        curves.minorticks_off()
        curves.legend(loc="lower left")
        plots.open_frame(curves)


def _race(name, surface, lr):
    """Return the path of one optimiser, (steps + 1, 2), without what comes after an overflow."""
    p = np.array(surface.start, float)
    optimizer = RACERS[name].make([p], lr=lr, **RACERS[name].options)
    path = [p.copy()]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(STEPS):
            optimizer.step([surface.gradient(p)])
            path.append(p.copy())
    return np.array(path)


def optimizer_race():
    """Return the `OptimizerRace`. See notebooks/10_initialisation_and_optimisers.ipynb."""
    return OptimizerRace()
