"""Gradient descent on the loss of a line, seen from above. See notebooks/01_one_neuron.ipynb."""

import numpy as np

from nnlib.teach import _doors as door
from nnlib.teach import plots
from nnlib.teach.widgets.panel import Explorer
from nnlib.teach.widgets.parts import dropdown, learning_rate, signed, whole

__all__ = ["DescentPath", "descent_path"]

MARGINS = {"left": 0.05, "right": 0.99, "bottom": 0.14, "top": 0.91, "wspace": 0.22}
LARGEST = 1e6  # of x and y
SEEN = 0.05  # of the distance from the bottom: a step that overshoots by less does not look as if it did
RAW, STANDARDISED = "as they are", "standardised"
ORIGIN, VALLEY, WALL = "w = 0, b = 0", "on the floor of the valley", "up the steep wall"


class DescentPath(Explorer):
    """The path of (w, b) on the contour lines of L = mean (w x + b - y)², the loss after each step, the line.

    Parameters
    ----------
    x, y : array_like, (N,)
        The samples; not all x are equal.

    Attributes
    ----------
    lr : Slider
    n_steps : Slider
        The steps made; going back is rewinding, the path is the same each time.
    start : Dropdown
        Three lines. Those that are not w = 0, b = 0 lie as far from the bottom as it, each on one axis of the
        bowl, for x as it is.
    inputs : Dropdown
        x as it is, or (x - mean) / standard deviation; the starting line stays the same.
    path : array, (steps made + 1, 2)
        w and b, up to the last step whose loss is finite.
    losses : array, (steps made + 1,)
    eigenvalues : array, (2,)
        Of the bowl, the smaller one first.

    Raises
    ------
    ValueError
        If x and y are not two lists of equal length, or if all x are equal.

    See notebooks/01_one_neuron.ipynb.
    """

    def __init__(self, x, y):
        self.x, self.y = (door.listing(A, name).astype(float) for A, name in ((x, "x"), (y, "y")))
        if self.x.shape != self.y.shape or self.x.size == 0:
            raise ValueError(
                f"x and y have shapes {self.x.shape} and {self.y.shape}; expected (N,) for both."
            )
        if not np.all(np.abs([self.x, self.y]) <= LARGEST):
            raise ValueError(
                f"x and y hold nan, inf or more than {LARGEST:g}; expected finite numbers up to it."
            )
        if not self.y.any():
            raise ValueError("all y are 0, so the descent begins at the bottom; expected others.")
        if np.ptp(self.x) == 0:
            raise ValueError("all x are equal; expected at least two different ones.")
        self.lr = learning_rate(10**-1.3, low=-3, high=0.5, step=0.01)  # the limit lies between two near ones
        self.n_steps = whole(30, 0, 200, "steps")
        self.start = dropdown([ORIGIN, VALLEY, WALL], "start")
        self.inputs = dropdown([RAW, STANDARDISED], "inputs x")
        super().__init__((self.lr, self.n_steps), (self.start, self.inputs), size=(11, 3.7), layout=None)

    def update(self):
        x = self.x
        starts = _starts(*_bowl(x, self.y))
        if self.now.inputs == STANDARDISED:
            mean, deviation = x.mean(), x.std()
            x = (x - mean) / deviation
            starts = {name: (w * deviation, b + w * mean) for name, (w, b) in starts.items()}
        self._inputs = x
        self.bottom, (self.eigenvalues, _) = _bowl(x, self.y)
        self.half_width = 1.15 * max(np.abs(start - self.bottom).max() for start in starts.values())
        self._descend(np.array(starts[self.now.start]))
        return self._describe()

    def _descend(self, theta):
        path = [theta]
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(self.now.n_steps):
                w, b = theta
                dy_hat = 2 / len(self.y) * (w * self._inputs + b - self.y)
                theta = theta - self.now.lr * np.array([dy_hat @ self._inputs, dy_hat.sum()])
                path.append(theta)
            losses = self._loss(*np.transpose(path)[:, :, None])
        finite = np.isfinite(losses).cumprod().sum()
        self.path, self.losses = np.array(path[:finite]), losses[:finite]

    def _loss(self, w, b):
        """Return L for arrays of w and b with a last axis of length 1."""
        return np.mean((w * self._inputs + b - self.y) ** 2, axis=-1)

    def _left_at(self):
        """Return the first step outside the picture, or None."""
        outside = np.abs(self.path - self.bottom).max(axis=1) > self.half_width
        return int(outside.argmax()) if outside.any() else None

    def _verdict(self):
        steep = 1 - self.now.lr * self.eigenvalues[1]
        if steep < -1:
            return "diverges"
        return "converges, oscillating" if steep < -SEEN else "converges"

    def _describe(self):
        flat, steep = self.eigenvalues
        lr, made = self.now.lr, len(self.path) - 1
        (w, b), lowest = self.path[-1], self._loss(*self.bottom)
        flat_factor, steep_factor = np.round(1 - lr * self.eigenvalues, 12)  # without what rounding left of 0
        overflow = ", the last whose loss this computer can hold" if made < self.now.n_steps else ""
        return (
            f"<p>η = {lr:.3g} <b>{self._verdict()}</b>: λ<sub>max</sub> = {steep:.4g}, so the limit"
            f" 2/λ<sub>max</sub> is {2 / steep:.3g}.</p>"
            "<p>Each step multiplies the distance from the bottom by 1 − ηλ: by"
            f" <b>{signed(steep_factor)}</b> in the steep direction (λ = {steep:.4g}), by"
            f" <b>{signed(flat_factor)}</b> in the flat one (λ = {flat:.3g}).</p>"
            f"<p>After step {made}{overflow}: w = {signed(w)}, b = {signed(b)}, L = {self.losses[-1]:.4g}."
            f" The bottom: w = {signed(self.bottom[0])}, b = {signed(self.bottom[1])},"
            f" L = {lowest:.4g}.</p>"
        )

    def draw(self, figure):
        surface, curve, line = figure.subplots(1, 3, gridspec_kw=MARGINS)
        self._draw_surface(surface)
        self._draw_losses(curve)
        self._draw_line(line)

    def _draw_surface(self, ax):
        axes = np.linspace(-1, 1, 61)[:, None] * self.half_width + self.bottom
        W, B = np.meshgrid(*axes.T)
        excess = self._loss(W[..., None], B[..., None]) - self._loss(*self.bottom)
        levels = excess.max() * np.geomspace(1e-4, 1, 9)[:-1]
        ax.contour(W, B, excess, levels, colors=plots.LOSS, linewidths=0.7, alpha=0.6)
        left_at = self._left_at()
        # What comes after the first step outside would be seen only as lines across the picture.
        seen = self.path if left_at is None else self.path[: left_at + 1]
        ax.plot(*seen.T, "o-", color=plots.PARAMETER, markersize=3, linewidth=0.8)
        ax.plot(*seen[0], "s", color=plots.PARAMETER, markeredgecolor="black", markersize=7)
        # Below the path, which ends there.
        star = {"markersize": 12, "zorder": 1.5}
        ax.plot(*self.bottom, "*", color=plots.RIGHT, markeredgecolor="black", **star)
        ax.set(xlabel="w", ylabel="b", xlim=axes[[0, -1], 0], ylim=axes[[0, -1], 1], aspect="equal")
        ax.set_title(
            self._verdict().capitalize() if left_at is None else f"Leaves the picture at step {left_at}"
        )

    def _draw_losses(self, ax):
        lowest, first = self._loss(*self.bottom), self.losses[0]
        low, high = max(lowest, 1e-9 * first) / 4, first * (1e4 if self._verdict() == "diverges" else 10)
        ax.plot(np.minimum(self.losses, 1e3 * high), ".-", color=plots.LOSS, markersize=4)
        ax.set(xlabel="step", ylabel="loss", yscale="log", ylim=(low, high))
        ax.minorticks_off()  # they would take a fifth of the time of a picture
        ax.set_xlim(0, max(10, self.now.n_steps))
        if lowest > low:
            plots.level(ax, lowest, "the lowest there is", below=True)
        ax.set_title(f"From {first:.3g} to {self.losses[-1]:.3g}")

    def _draw_line(self, ax):
        w, b = self.path[-1]
        ends = np.array([self._inputs.min(), self._inputs.max()])
        low, high = self.y.min() - np.ptp(self.y), self.y.max() + np.ptp(self.y)
        ax.plot(self._inputs, self.y, "o", color=plots.DATA)
        ax.plot(ends, w * ends + b, color=plots.PARAMETER)
        ax.set(xlabel="x", ylabel="y", ylim=(low, high))
        gone = (w * ends + b < low).all() or (w * ends + b > high).all()
        ax.set_title("The line has left the picture" if gone else f"The line after step {len(self.path) - 1}")


def _bowl(x, y):
    """Return the bottom (w, b) of the loss, and eigenvalues and eigenvectors of its H, the flat one first."""
    A = np.stack([x, np.ones_like(x)], axis=1)
    bottom, *_ = np.linalg.lstsq(A, y)
    return bottom, np.linalg.eigh(2 / len(x) * A.T @ A)


def _starts(bottom, axes):
    """Return three starting points, equally far from the bottom, by their names."""
    distance = np.linalg.norm(bottom)
    flat, steep = axes[1].T
    valley, wall = flat * np.sign(flat[1]), steep * np.sign(steep[0])
    return {ORIGIN: np.zeros(2), VALLEY: bottom + distance * valley, WALL: bottom + distance * wall}


def descent_path(x, y):
    """Return the `DescentPath` of a line through the samples. See notebooks/01_one_neuron.ipynb."""
    return DescentPath(x, y)
