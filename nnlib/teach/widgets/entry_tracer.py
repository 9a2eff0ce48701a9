"""One entry of a layer's gradients, traced to the sum that it is. See notebooks/02_dense_layer.ipynb."""

from typing import NamedTuple

import numpy as np
from matplotlib.patches import Rectangle

from nnlib.teach import _doors as door
from nnlib.teach import plots
from nnlib.teach.widgets.panel import Explorer
from nnlib.teach.widgets.parts import dropdown, signed, sum_of_products, whole

__all__ = ["EntryTracer", "entry_tracer"]

SIZE = (9.6, 3.4)  # of the picture, in inches
LONGEST, LARGEST = 20, 1e6  # rows or columns, and entries, that can still be read
GAP = 1.7  # between two arrays, in entries
AXES = {"X": "ni", "W": "ij", "dZ": "nj", "dW": "ij", "db": "j", "dX": "ni"}
COLOURS = {"X": plots.DATA, "W": plots.PARAMETER}  # all others are gradients


class _Gradient(NamedTuple):
    factors: tuple
    over: str  # the index that it does not have
    formula: str
    entry: str
    whole: str


GRADIENTS = {
    "dW": _Gradient(
        ("X", "dZ"),
        "n",
        "dW<sub>{i}{j}</sub> = Σ<sub>n</sub> X<sub>n{i}</sub> dZ<sub>n{j}</sub>",
        "dW[{i}, {j}] = X[:, {i}] @ dZ[:, {j}]",
        "dW = X.T @ dZ",
    ),
    "db": _Gradient(
        ("dZ",),
        "n",
        "db<sub>{j}</sub> = Σ<sub>n</sub> dZ<sub>n{j}</sub>",
        "db[{j}] = dZ[:, {j}].sum()",
        "db = dZ.sum(axis=0)",
    ),
    "dX": _Gradient(
        ("dZ", "W"),
        "j",
        "dX<sub>{n}{i}</sub> = Σ<sub>j</sub> dZ<sub>{n}j</sub> W<sub>{i}j</sub>",
        "dX[{n}, {i}] = dZ[{n}] @ W[{i}]",
        "dX = dZ @ W.T",
    ),
}


class EntryTracer(Explorer):
    """dW = Xᵀ dZ, db = Σₙ dZₙ and dX = dZ Wᵀ, one entry at a time: which numbers meet, and their sum.

    Parameters
    ----------
    X : array, (N, n_in)
    W : array, (n_in, n_out)
    dZ : array, (N, n_out)
        Small ones: each entry is shown with its number.
    gradient : "dW" (default), "db" or "dX"
        The one to begin with.

    Attributes
    ----------
    gradient : Dropdown
    n, i, j : Slider
        Sample, input and output, counted from 1. Those that the entry does not have cannot be moved.
    terms : list of float
        What is added up.
    value : float
        The entry.

    Raises
    ------
    ValueError
        If the shapes are not those of one layer.

    See notebooks/02_dense_layer.ipynb.
    """

    def __init__(self, X, W, dZ, *, gradient="dW"):
        arrays = zip((X, W, dZ), ("X", "W", "dZ"), strict=True)
        X, W, dZ = (door.array(A, name).astype(float) for A, name in arrays)
        if not X.ndim == W.ndim == 2 or X.shape[1] != len(W) or dZ.shape != (len(X), W.shape[1]):
            raise ValueError(
                f"X, W, dZ have shapes {X.shape}, {W.shape}, {dZ.shape};"
                " expected (N, n_in), (n_in, n_out), (N, n_out)."
            )
        if max(*X.shape, *W.shape) > LONGEST or 0 in (*X.shape, *W.shape):
            raise ValueError(
                f"X and W have shapes {X.shape} and {W.shape}; expected 1 to {LONGEST} each way."
            )
        if not all(np.all(np.abs(A) <= LARGEST) for A in (X, W, dZ)):
            raise ValueError(
                f"an entry is nan, or larger than {LARGEST:g}; expected numbers that can be read."
            )
        door.one_of(gradient, "gradient", tuple(GRADIENTS))
        self._arrays = {"X": X, "W": W, "dZ": dZ, "dW": X.T @ dZ, "db": dZ.sum(axis=0), "dX": dZ @ W.T}
        self.gradient = dropdown(list(GRADIENTS), "gradient", value=gradient)
        self.n = whole(1, 1, len(X), "sample n")
        self.i = whole(2, 1, len(W), "input i")
        self.j = whole(1, 1, W.shape[1], "output j")
        super().__init__([self.gradient, self.n], [self.i, self.j], size=SIZE)

    def update(self):
        name = self.now.gradient
        gradient = GRADIENTS[name]
        index = {"n": self.now.n, "i": self.now.i, "j": self.now.j}
        for letter in index:
            getattr(self, letter).disabled = letter not in AXES[name]
        self._places = {
            array: tuple(slice(None) if k == gradient.over else index[k] - 1 for k in AXES[array])
            for array in (*gradient.factors, name)
        }
        factors = [self._arrays[factor][self._places[factor]] for factor in gradient.factors]
        self.terms = np.prod(factors, axis=0).tolist()
        self.value = float(self._arrays[name][self._places[name]])
        self._sum = f"{sum_of_products(*factors)} = {signed(self.value)}"
        self._entry = "".join(str(index[letter]) for letter in AXES[name])
        from_zero = {letter: k - 1 for letter, k in index.items()}
        lines = (
            f"{gradient.formula.format(**index)} = {self._sum}",
            f"In code: <code>{gradient.entry.format(**from_zero)}</code>."
            f" All entries at once: <code>{gradient.whole}</code>.",
        )
        return "".join(f'<p style="line-height: 1.6; margin: 0">{line}</p>' for line in lines)

    def titles(self):
        return [f"{self.now.gradient}{self._entry} = {self._sum}"]

    def draw(self, figure):
        """Draw the factors, their products and the gradient; what meets in the entry has a frame."""
        name = self.now.gradient
        gradient, ax, left = GRADIENTS[name], figure.subplots(), 0
        tallest = max(len(self._arrays[factor]) for factor in gradient.factors)
        for factor in gradient.factors:
            left = self._draw_array(ax, factor, left, tallest)
        if len(gradient.factors) == 2:
            column = gradient.over == "n"
            terms = np.reshape(self.terms, (-1, 1) if column else (1, -1))
            left = _table(ax, "products", terms, left, tallest, "n " if column else " j", plots.LOSS)
        ax.text(left - GAP / 2 - 0.1, tallest / 2, "sum\n→", ha="center", va="center", color=plots.LOSS)
        right = self._draw_array(ax, name, left, tallest) - GAP
        ax.set_title(rf"$\mathrm{{d}}{name[1]}_{{{self._entry}}}$ = {self._sum}", fontsize=11)
        ax.set(xlim=(-0.8, right + 0.1), ylim=(tallest + 0.1, -1), aspect="equal")
        ax.set_axis_off()

    def _draw_array(self, ax, name, left, tallest):
        values = self._arrays[name]
        lit = np.zeros(values.shape, bool)
        lit[self._places[name]] = True
        axes, colour = AXES[name].rjust(2), COLOURS.get(name, plots.GRADIENT)
        return _table(ax, name, np.atleast_2d(values), left, tallest, axes, colour, np.atleast_2d(lit))


def _table(ax, name, values, left, tallest, axes, colour, lit=None):
    """Draw an array of numbers, half-way down the tallest one; return where the next one begins."""
    top = (tallest - len(values)) / 2
    rows, columns = values.shape
    small = {"fontsize": 8, "color": plots.LOSS}
    for (row, column), value in np.ndenumerate(values):
        strong = lit is None or lit[row, column]
        look = {"alpha": 0.5 if strong else 0.12, "facecolor": colour, "edgecolor": "white"}
        ax.add_patch(Rectangle((left + column, top + row), 1, 1, **({"alpha": 0} if lit is None else look)))
        middle = left + column + 0.5, top + row + 0.5
        ax.text(*middle, signed(value), ha="center", va="center", weight="bold" if strong else "normal")
        if lit is not None and strong:
            box = (left + column + 0.04, top + row + 0.04), 0.92, 0.92
            ax.add_patch(Rectangle(*box, facecolor="none", edgecolor="black", linewidth=1.5, zorder=3))
    for row in range(rows if axes[0] != " " else 0):
        ax.text(left - 0.1, top + row + 0.5, f"{axes[0]}={row + 1}", ha="right", va="center", **small)
    for column in range(columns if axes[1] != " " else 0):
        ax.text(left + column + 0.5, top - 0.08, f"{axes[1]}={column + 1}", ha="center", va="bottom", **small)
    words = {"weight": "bold", "color": plots.INK[colour]}
    ax.text(left + columns / 2, top - 0.42, name, ha="center", va="bottom", **words)
    return left + columns + GAP


def entry_tracer(X, W, dZ, *, gradient="dW"):
    """Return the `EntryTracer`. See notebooks/02_dense_layer.ipynb."""
    return EntryTracer(X, W, dZ, gradient=gradient)
