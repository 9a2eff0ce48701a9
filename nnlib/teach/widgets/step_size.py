"""The step size of chapter 06: what a difference quotient sees through the magnifying glass, and the V."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import NullLocator

from nnlib.teach import plots
from nnlib.teach.widgets.panel import Explorer
from nnlib.teach.widgets.parts import dropdown, logarithmic, table

__all__ = ["step_size"]


class Function(NamedTuple):
    """A function, the point, and there its first, second and third derivatives and the place of its kink."""

    f: Callable
    x: float
    derivatives: tuple
    kink: float | None = None


def _tanh_derivatives(x):
    Y = np.tanh(x)
    slope = 1 - Y * Y
    return slope, -2 * Y * slope, (6 * Y * Y - 2) * slope


FUNCTIONS = {
    "exp at 1": Function(np.exp, 1.0, (np.e, np.e, np.e)),
    "sin at 1": Function(np.sin, 1.0, (np.cos(1), -np.sin(1), -np.cos(1))),
    "tanh at 0.5": Function(np.tanh, 0.5, _tanh_derivatives(0.5)),
    "x² at 1": Function(np.square, 1.0, (2.0, 2.0, 0.0)),
    "|x| at 0.001, near its kink": Function(np.abs, 0.001, (1.0, 0.0, 0.0), kink=0.0),
    "ReLU at 0, on its kink": Function(lambda x: np.maximum(x, 0), 0.0, (0.0, 0.0, 0.0), kink=0.0),
}
STEPS = 10 ** np.linspace(-16, 0, 161)
LOWEST = 1e-17  # of the axis of errors
NO_ZERO = " A logarithmic axis has no place for an error of 0: it is marked at the lower edge."


class Estimate(NamedTuple):
    """A difference quotient and what (6.1) to (6.5) say about it."""

    quotient: float
    error: float
    truncation: float
    rounding: float
    best: float


def estimate(function, h, *, central, dtype):
    """Return the `Estimate` for a `Function`, computed in `dtype`; `h` may be an array."""
    f, x = function.f, dtype(function.x)
    first, second, third = function.derivatives
    size, epsilon = abs(float(f(x))), float(np.finfo(dtype).eps)
    h = np.asarray(h, dtype)
    if central:
        quotient = (f(x + h) - f(x - h)) / (2 * h)
        truncation, rounding = h**2 / 6 * abs(third), epsilon * size / (2 * h)
        best = np.cbrt(1.5 * epsilon * size / abs(third)) if third else np.inf
    else:
        quotient = (f(x + h) - f(x)) / h
        truncation, rounding = h / 2 * abs(second), epsilon * size / h
        best = np.sqrt(2 * epsilon * size / abs(second)) if second else np.inf
    return Estimate(quotient, np.abs(quotient.astype(float) - first), truncation, rounding, best)


class StepSize(Explorer):
    """The step h on a slider: the function under a glass that grows as h shrinks, and the V of the errors.

    Attributes
    ----------
    function : Dropdown
        A function and a point.
    h : Slider
    difference : Dropdown
        "forward" or "central".
    dtype : Dropdown
        "float64" or "float32".
    estimate : Estimate
        Of the present choice.

    See notebooks/06_gradient_checking.ipynb.
    """

    def __init__(self):
        self.function = dropdown(list(FUNCTIONS), "function")
        self.h = logarithmic(10**-0.5, -16, 0, "step h", step=0.1)
        self.difference = dropdown(["forward", "central"], "difference")
        self.dtype = dropdown(["float64", "float32"], "dtype")
        super().__init__([self.function, self.h], [self.difference, self.dtype], size=(10.5, 4))

    @property
    def _choice(self):
        return {"central": self.now.difference == "central", "dtype": getattr(np, self.now.dtype)}

    def update(self):
        function, h = FUNCTIONS[self.now.function], self.now.h
        self.estimate = found = estimate(function, h, **self._choice)
        on_kink, digits = function.x == function.kink, 15 if self.now.dtype == "float64" else 8
        slope = f"{function.derivatives[0]:.{digits}g}"
        rows = {
            "difference quotient": f"{found.quotient:.{digits}g}",
            "derivative": f"{slope}, says backward; left of the kink 0, right of it 1" if on_kink else slope,
            "error": f"<b>{found.error:.1e}</b>" if found.error else "<b>0</b>, exactly",
            "truncation, about": f"{found.truncation:.1e}",
            "rounding, about": f"{found.rounding:.1e}",
        }
        rows = {name: [said] for name, said in rows.items()}
        marked = "" if found.error else NO_ZERO
        return f"{table(rows)}<p>{self._verdict(function, h, found)}{marked}</p>"

    def _verdict(self, function, h, found):
        dtype = self._choice["dtype"]
        if function.x == function.kink:
            return "On the kink there is no derivative, and no h makes one."
        if function.kink is not None and h > abs(function.x - function.kink):
            return "The step crosses the kink: part of it is made on the other slope."
        if dtype(function.x) + dtype(h) == dtype(function.x):
            return f"x + h is rounded to x itself: in {self.now.dtype} this step does not exist."
        who = "truncation" if found.truncation > found.rounding else "rounding"
        if not np.isfinite(found.best):
            end = "" if function.kink is None else ", as long as it stays away from the kink"
            return f"<b>{who}</b> dominates; there is no truncation, so the longer the step the better{end}."
        return f"<b>{who}</b> dominates; the best step would be about h = <b>{found.best:.1e}</b>."

    def draw(self, figure):
        glass, v = figure.subplots(1, 2)
        self._draw_glass(glass)
        self._draw_v(v)

    def _draw_glass(self, ax):
        function, h = FUNCTIONS[self.now.function], self.now.h
        dtype = self._choice["dtype"]
        t = np.linspace(-2.5, 2.5, 1001)
        values = function.f(dtype(function.x) + (t * h).astype(dtype))
        ax.plot(
            t, (values.astype(float) - float(function.f(dtype(function.x)))) / h, color=plots.LOSS, label="f"
        )
        ax.plot(t, function.derivatives[0] * t, ":", color=plots.RIGHT, linewidth=2, label="true slope")
        ends = np.array([-1, 1] if self._choice["central"] else [0, 1])
        rises = function.f(dtype(function.x) + (ends * h).astype(dtype)).astype(float)
        rises = (rises - float(function.f(dtype(function.x)))) / h
        ax.plot(ends, rises, "o-", color=plots.GRADIENT, linewidth=2, label="difference quotient")
        limit = 3 * max(1, abs(function.derivatives[0]))
        ax.set(xlabel="(position − x) / h", ylabel="(f − f(x)) / h", ylim=(-limit, limit))
        ax.set_title(f"x and its surroundings, {_times(1 / h)}", y=1.0)
        ax.legend(loc="lower right", fontsize=8)

    def _draw_v(self, ax):
        function = FUNCTIONS[self.now.function]
        curve = estimate(function, STEPS, **self._choice)
        ax.loglog(STEPS, np.maximum(curve.error, LOWEST), color=plots.GRADIENT)
        for part, style, name in (
            (curve.truncation, "--", "truncation"),
            (curve.rounding, "-.", "rounding"),
        ):
            if part.any():
                ax.loglog(STEPS, part, style, color="0.5", linewidth=1, label=name)
        ax.axvline(self.now.h, color=plots.PARAMETER, label="your h")
        ax.plot(self.now.h, max(self.estimate.error, LOWEST), "o", color=plots.PARAMETER, clip_on=False)
        if (exact := STEPS[curve.error == 0]).size:
            marks = {"markersize": 4, "color": plots.GRADIENT, "clip_on": False}
            ax.plot(exact, np.full(exact.size, LOWEST), "v", label="error exactly 0", **marks)
        ax.set(xlabel="step h", ylabel="error", xlim=(1e-16, 1), ylim=(LOWEST, 1e6))
        for axis, ticks in ((ax.xaxis, range(-16, 1, 4)), (ax.yaxis, range(-16, 8, 4))):
            axis.set_ticks([10.0**k for k in ticks], [f"1e{k}" for k in ticks])
            axis.set_minor_locator(NullLocator())
        ax.set_title(f"The V: {self.now.difference} differences in {self.now.dtype}", y=1.0)
        ax.legend(loc="upper right", fontsize=8, ncols=2)  # above the V, where no curve goes


def _times(factor):
    return f"magnified {factor:.3g} times" if factor < 1e5 else f"magnified {factor:.0e} times"


def step_size():
    """Return the `StepSize`. See notebooks/06_gradient_checking.ipynb."""
    return StepSize()
