"""Figures of the notebooks. Every function draws on the `ax` it is given, labels it and returns nothing.

One colour language for all figures and widgets, from the palette of Okabe and Ito (2008), Color universal
design, which survives colour blindness; line styles and markers differ as well, so that it also survives
print in grey.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, is_color_like
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, NullLocator, PercentFormatter

from nnlib.history import Epoch
from nnlib.metrics import classes
from nnlib.scaling import Sweep
from nnlib.teach import _doors as door

__all__ = [
    "arrays",
    "confusion",
    "decision_boundary",
    "digits",
    "heat_map",
    "hidden_units",
    "learning_curves",
    "level",
    "loss_curve",
    "open_frame",
    "signed_digits",
    "sweep_map",
]

DATA = "#0072B2"  # data and activations: blue
PARAMETER = "#E69F00"  # weights and biases: orange
GRADIENT = "#CC79A7"  # gradients: purple
LOSS = "#4D4D4D"  # the loss: dark grey
RIGHT = "#009E73"  # right: green
WRONG = "#D55E00"  # wrong: vermilion

# The same for words on white paper, as dark as they must be to be read: 4.5 to 1, by WCAG 2.
INK = {
    DATA: DATA,
    PARAMETER: "#9C6C00",
    GRADIENT: "#A15F83",
    LOSS: LOSS,
    RIGHT: "#008460",
    WRONG: "#BF5400",
}

STYLES = ("-", "--", "-.", ":", "o-", "s--", ".-")

DATA_MAP = LinearSegmentedColormap.from_list("data", ["white", DATA])


def _axes(ax):
    """See that a figure can be drawn there; `plt.subplots(2)` returns an array of them, the usual slip."""
    if isinstance(ax, np.ndarray):
        raise TypeError("ax is an array of Axes; expected one of them, such as ax[0].")
    door.kind(ax, "ax", Axes, "Axes, as fig, ax = plt.subplots() makes them")


def _colour(colour):
    if not is_color_like(door.text(colour, "colour")):
        raise ValueError(f"colour is {door.told(colour)}; expected one, such as plots.PARAMETER.")
    return colour


def learning_curves(ax, history, *, quantity="loss"):
    """Draw a quantity of a `History` against the epoch: training solid, validation dashed.

    Parameters
    ----------
    ax : matplotlib Axes
    history : History or list of Epoch
    quantity : "loss" (default) or "accuracy"

    See notebooks/09_mnist.ipynb.
    """
    _axes(ax)
    history = door.items(history, "history", Epoch, "a History, as fit returns it")
    colour = {"loss": LOSS, "accuracy": RIGHT}[door.one_of(quantity, "quantity", ("loss", "accuracy"))]
    epochs = [epoch.epoch for epoch in history]
    for name, label, style in (
        (quantity, "training", "o-"),
        (f"validation_{quantity}", "validation", "s--"),
    ):
        values = [getattr(epoch, name) for epoch in history]
        if None not in values:
            ax.plot(
                epochs,
                values,
                style,
                color=colour,
                label=label,
                markersize=4,
                markerfacecolor="white",
            )
    ax.set_xlabel("epoch")
    ax.set_ylabel(quantity)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if quantity == "accuracy":
        ax.yaxis.set_major_formatter(PercentFormatter(1))
    ax.legend()
    open_frame(ax)


def loss_curve(ax, losses, *, xlabel="epoch", label=None, style="-"):
    """Draw a list of losses on a logarithmic axis.

    Parameters
    ----------
    ax : matplotlib Axes
    losses : sequence of float
        The first one belongs to epoch 1; what is not finite is left out.
    xlabel : str, default "epoch"
    label : str, optional
    style : "-" (default), "--" or another of `STYLES`
        Name and line style, where there are several curves.

    See notebooks/00_start_here.ipynb.
    """
    _axes(ax)
    losses = door.listing(losses, "losses")
    label = None if label is None else door.text(label, "label")
    xlabel, style = door.text(xlabel, "xlabel"), door.one_of(style, "style", STYLES)
    ax.plot(range(1, len(losses) + 1), losses, style, color=LOSS, label=label)
    ax.set(xlabel=xlabel, ylabel="loss", yscale="log", xlim=(0, max(10, len(losses))))
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    low, high = ax.get_ylim()
    if high < 10 * low:  # no power of ten or one: the numbers between are named
        ax.yaxis.set_minor_formatter("{x:.3g}")
    if not losses.size:
        ax.yaxis.set_major_locator(NullLocator())  # no height means anything yet
        ax.yaxis.set_minor_locator(NullLocator())
    open_frame(ax)


def decision_boundary(ax, predict, X, Y, *, margin=0.5, resolution=80):
    """Draw what a network of two inputs answers everywhere, the line where it changes its mind, and the data.

    Parameters
    ----------
    ax : matplotlib Axes
    predict : function from (N, 2) to (N, 1), values from 0 to 1
    X : array, (N, 2)
    Y : array, (N, 1) of zeros (circles) and ones (squares)
        A sample on the wrong side of the line is ringed.
    margin : float, default 0.5
        How far the plane goes on beyond the data.
    resolution : int, default 80
        Points of the grid along each axis.

    See notebooks/08_xor.ipynb.
    """
    _axes(ax)
    door.function(predict, "predict", "X, such as net.predict")
    X = door.samples(X, "X", 2)
    Y = door.shaped(Y, "Y", len(X), 1)
    margin, resolution = (
        door.number(margin, "margin", 0, door.LARGEST),
        door.whole(resolution, "resolution", 2, 1000),
    )
    low, high = X.min(axis=0) - margin, X.max(axis=0) + margin
    x1, x2 = (
        np.linspace(low[0], high[0], resolution),
        np.linspace(low[1], high[1], resolution),
    )
    grid = np.stack(np.meshgrid(x1, x2), axis=-1).reshape(-1, 2)
    surface = door.shaped(predict(grid), "what predict returns", len(grid), 1).reshape(resolution, -1)
    extent = (low[0], high[0], low[1], high[1])
    ax.imshow(
        surface,
        cmap=DATA_MAP,
        vmin=0,
        vmax=1,
        alpha=0.6,
        extent=extent,
        origin="lower",
        aspect="auto",
    )
    if surface.min() < 0.5 < surface.max():
        ax.contour(x1, x2, surface, [0.5], colors="black", linewidths=1.5)
    wrong = classes(predict(X)) != classes(Y)
    size = 70 if len(X) <= 20 else 14
    for target, marker, face in ((0, "o", "white"), (1, "s", DATA)):
        rows = classes(Y) == target
        ax.scatter(
            *X[rows].T,
            marker=marker,
            s=size,
            color=face,
            edgecolor="black",
            label=f"target {target}",
            zorder=3,
        )
    ax.scatter(
        *X[wrong].T,
        s=4 * size,
        facecolor="none",
        edgecolor=WRONG,
        linewidth=2.5,
        label="wrong",
        zorder=4,
    )
    ax.set(xlabel="$x_1$", ylabel="$x_2$", xlim=extent[:2], ylim=extent[2:])
    ax.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))  # more would touch


def level(ax, value, text, *, below=False):
    """Draw a dotted line at a height, its name at the right end.

    Parameters
    ----------
    ax : matplotlib Axes
    value : float
    text : str
    below : bool, default False
        Where the name stands; above the line a curve could cross it that comes down to the level.

    See notebooks/08_xor.ipynb.
    """
    _axes(ax)
    value, text = door.number(value, "value"), door.text(text, "text")
    offset, side = (-3, "top") if door.flag(below, "below") else (3, "baseline")
    ax.axhline(value, color="0.4", linewidth=1, linestyle=":", zorder=1)
    ax.annotate(
        text,
        (1, value),
        (-2, offset),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        ha="right",
        va=side,
    )


def hidden_units(ax, W, b):
    """Draw where each hidden unit changes sign, z = x W + b = 0, with an arrow to the side where z > 0.

    Parameters
    ----------
    ax : matplotlib Axes
        Of the plane of the two inputs, its limits already set.
    W : array, (2, n_hidden)
    b : array, (n_hidden,)

    See notebooks/08_xor.ipynb.
    """
    _axes(ax)
    W = door.shaped(W, "W", 2, "n_hidden")
    b = door.shaped(b, "b", W.shape[1])
    low, high = np.array([ax.get_xlim(), ax.get_ylim()]).T
    centre, size = (low + high) / 2, (high - low).max()
    for j, (w, bias) in enumerate(zip(W.T, b, strict=True), 1):
        if not w.any():  # z is the bias everywhere, and changes sign nowhere
            continue
        normal = w / np.linalg.norm(w)
        foot = centre - normal * (centre @ normal + bias / np.linalg.norm(w))  # the nearest point of the line
        along = size * np.array([normal[1], -normal[0]])
        ax.plot(*np.transpose([foot - along, foot + along]), color=PARAMETER, linewidth=2, zorder=2)
        start = foot + 0.2 * along  # beside the middle, where the data is
        arrow = {"arrowstyle": "-|>", "color": PARAMETER, "linewidth": 2, "shrinkA": 0}
        ax.annotate("", start + 0.12 * size * normal, start, arrowprops=arrow, annotation_clip=True)
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
        ax.annotate(
            f"unit {j}",
            start + 0.15 * size * normal,
            ha="center",
            va="center",
            bbox=box,
            annotation_clip=True,
        )
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))


def heat_map(ax, table, *, rows, columns, most):
    """Draw a table of counts, each with its number, darker the nearer it is to `most`.

    Parameters
    ----------
    ax : matplotlib Axes
    table : array of int, (R, C)
    rows, columns : sequence of R and of C names
    most : int
        The largest count there can be.

    See notebooks/08_xor.ipynb.
    """
    _axes(ax)
    table = door.counts(table, "table")
    rows, columns = door.names(rows, "rows", len(table)), door.names(columns, "columns", table.shape[1])
    most = door.number(most, "most", 0)
    greens = LinearSegmentedColormap.from_list("right", ["white", RIGHT])
    ax.imshow(table, cmap=greens, vmin=0, vmax=most, aspect="auto")
    for (i, j), n in np.ndenumerate(table):
        ax.text(j, i, n, ha="center", va="center")
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(length=0)


def sweep_map(ax, sweep, *, quantity=None):
    """Draw what a sweep has found so far, a row for each seed, a column for each learning rate.

    The axes are cleared first, so it can be drawn again and again while the sweep runs. A task that failed is
    crossed, one that is to come has a dot.

    Parameters
    ----------
    ax : matplotlib Axes
    sweep : Sweep
        As `scaling.sweep` returns it, and hands it to `progress`.
    quantity : str or None
        Which of its quantities; None: the first.

    See notebooks/15_scaling_out.ipynb.
    """
    _axes(ax)
    door.kind(sweep, "sweep", Sweep, "a Sweep, as scaling.sweep returns it")
    if quantity is not None:  # before the first result any name may be the right one
        door.one_of(quantity, "quantity", sweep.quantities or [door.text(quantity, "quantity")])
    table = sweep.table if quantity is None else sweep.values(quantity)
    names = sweep.quantities[:1] if quantity is None else [quantity]
    failed = sweep.errors | sweep.lost
    ax.clear()
    image = ax.imshow(np.ma.masked_invalid(table), cmap=DATA_MAP, aspect="auto")
    for (i, j), value in np.ndenumerate(table):
        task = sweep.seeds[i], sweep.rates[j]
        text = f"{value:.3g}" if np.isfinite(value) else "×" if task in failed else "·"
        dark = np.isfinite(value) and image.norm(value) > 0.6
        ax.text(j, i, text, ha="center", va="center", color="white" if dark else LOSS)
    ax.set_xticks(range(len(sweep.rates)), [f"{rate:g}" for rate in sweep.rates])
    ax.set_yticks(range(len(sweep.seeds)), sweep.seeds)
    ax.tick_params(length=0)
    of_these = f", {len(failed)} failed" if failed else ""
    title = " ".join([*names, f"({sweep.done} of {sweep.total} done{of_these})"])
    ax.set(xlabel="learning rate", ylabel="seed", title=title)


def confusion(ax, matrix):
    """Draw a confusion matrix: the right ones counted on the diagonal, the mistakes coloured by their number.

    Parameters
    ----------
    ax : matplotlib Axes
    matrix : array of int, (C, C)
        From `metrics.confusion_matrix`: rows are targets, columns predictions.

    See notebooks/09_mnist.ipynb.
    """
    _axes(ax)
    matrix = door.counts(matrix, "matrix")
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"matrix has shape {matrix.shape}; expected (C, C).")
    mistakes = matrix - np.diag(np.diag(matrix))
    reds = LinearSegmentedColormap.from_list("wrong", ["white", WRONG])
    ax.imshow(mistakes, cmap=reds)
    for (i, j), n in np.ndenumerate(matrix):
        if n:
            ax.text(
                j,
                i,
                n,
                ha="center",
                va="center",
                fontsize=8,
                color=INK[RIGHT] if i == j else "black",
            )
    ax.set(
        xlabel="predicted",
        ylabel="target",
        xticks=range(len(matrix)),
        yticks=range(len(matrix)),
    )
    ax.tick_params(length=0)


def digits(ax, images, captions, *, columns, wrong=None):
    """Draw images in rows of `columns`, each with its caption above it.

    Parameters
    ----------
    ax : matplotlib Axes
    images : array, (N, 784)
        Rows of 28 × 28 pixels from 0 (paper) to 1 (ink).
    captions : sequence of N strings
    columns : int
    wrong : sequence of N bool, optional
        Which captions tell of a mistake; the others then tell of a right answer.

    See notebooks/09_mnist.ipynb.
    """
    _axes(ax)
    images = door.samples(images, "images", 784)
    captions, columns = door.names(captions, "captions", len(images)), door.whole(columns, "columns")
    wrong = None if wrong is None else door.names(wrong, "wrong", len(images))
    colours = ["black"] * len(images) if wrong is None else [INK[WRONG if w else RIGHT] for w in wrong]
    _sheet(ax, images, captions, columns, colours, cmap="gray_r", vmin=0, vmax=1)


def signed_digits(ax, images, captions, *, columns, colour, largest=None):
    """Draw weights or gradients as images: above zero in `colour`, zero white, below zero black.

    Parameters
    ----------
    ax : matplotlib Axes
    images : array, (N, 784)
    captions : sequence of N strings
    columns : int
    colour : str
        PARAMETER or GRADIENT.
    largest : float, optional
        What is drawn in full colour; the largest absolute value, unless told otherwise.

    See notebooks/11_generalisation.ipynb.
    """
    _axes(ax)
    images = door.samples(images, "images", 784)
    captions, columns = door.names(captions, "captions", len(images)), door.whole(columns, "columns")
    largest = float(np.abs(images).max()) or 1.0 if largest is None else door.number(largest, "largest", 0)
    colour = _colour(colour)
    both = LinearSegmentedColormap.from_list("signed", ["black", "white", colour])
    _sheet(ax, images, captions, columns, ["black"] * len(images), cmap=both, vmin=-largest, vmax=largest)


def _sheet(ax, images, captions, columns, colours, **scale):
    """Draw images in rows of `columns`, each with its caption above it."""
    cell = 28 + 12
    rows = -(-len(images) // columns)
    sheet = np.zeros((rows * cell, columns * cell))
    for k, image in enumerate(images):
        top, left = k // columns * cell + 12, k % columns * cell + 6
        sheet[top : top + 28, left : left + 28] = image.reshape(28, 28)
        text = {"ha": "center", "va": "bottom", "fontsize": 8, "color": colours[k]}
        ax.text(left + 14, top - 1, captions[k], **text)
    ax.imshow(sheet, **scale)
    ax.set_axis_off()


def arrays(ax, shapes):
    """Draw Z1 = X W1 + b1 and Z2 = A1 W2 + b2 to scale: an entry has the same size in all arrays.

    An array of shape (n, m) is n entries high and m wide, one of shape (m,) is a row; name and shape stand
    above it. Behind it lies its gradient, which has the same shape, named below; not that of X, which is
    never needed in training.

    Parameters
    ----------
    ax : matplotlib Axes
        Without a frame afterwards.
    shapes : dict from name to shape
        Of X, W1, b1, Z1, A1, W2, b2 and Z2.

    See notebooks/00_start_here.ipynb.
    """
    _axes(ax)
    shapes = _of_two_layers(shapes)
    box = ax.get_position()
    width, height = 72 * ax.figure.get_size_inches() * (box.width, box.height)  # in points, as texts are
    ax.set(xlim=(0, width), ylim=(height, 0))
    ax.set_axis_off()
    slot, gap, above, below, head = 62, 30, 30, 28, 55  # of texts, signs, and the name of the line
    lines = ("X", "W1", "b1", "Z1"), ("A1", "W2", "b2", "Z2")
    sizes = [[(1, *shapes[name])[-2:] for name in line] for line in lines]
    room = height - len(lines) * (above + below)
    if (least := head + 4 * (slot + gap)) > width or room <= 0:
        raise ValueError(
            f"ax is {width:.0f} × {height:.0f} points; expected {least} × {height - room + 10:.0f} or more."
        )
    scale = min(20, room / sum(max(n for n, _ in line) for line in sizes))
    while max(sum(max(slot, scale * m) + gap for _, m in line) for line in sizes) > width - head:
        scale *= 0.98
    top = 0
    for number, (line, line_sizes) in enumerate(zip(lines, sizes, strict=True), 1):
        tallest = scale * max(n for n, _ in line_sizes)
        middle, left = top + above + tallest / 2, head
        ax.text(3, middle, f"layer {number}", va="center", color=LOSS)
        for sign, name, (n, m) in zip(("", "·", "+", "="), line, line_sizes, strict=True):
            w, h = max(2.5, scale * m), max(2.5, scale * n)  # thinner ones would not be seen
            ax.text(left - gap / 2 + 3, middle, sign, ha="center", va="center", fontsize=15)
            x = left + (max(slot, w) - w) / 2
            _array(ax, name, shapes[name], (x, middle - h / 2, w, h), cells=(n, m) if scale >= 4 else None)
            left += gap + max(slot, w)
        top += above + tallest + below


def _of_two_layers(shapes):
    """Return the shapes of `arrays`, if all eight are there, each a row's or a matrix's."""
    expected = "a dict from X, W1, b1, Z1, A1, W2, b2, Z2 to shapes"
    names = ("X", "W1", "b1", "Z1", "A1", "W2", "b2", "Z2")
    if type(shapes) is not dict:
        raise TypeError(f"shapes is {door.told(shapes)}; expected {expected}.")
    if missing := [name for name in names if name not in shapes]:
        raise ValueError(f"shapes has no {', '.join(missing)}; expected {expected}.")
    for name in names:
        if type(shapes[name]) is not tuple or not 1 <= len(shapes[name]) <= 2:
            raise TypeError(
                f"the shape of {name} is {door.told(shapes[name])}; expected a tuple of one or two."
            )
    return {
        name: tuple(door.whole(n, f"the shape of {name}", most=10**9) for n in shapes[name]) for name in names
    }


def _array(ax, name, shape, rectangle, *, cells):
    """Draw one array of `arrays`, its gradient behind it."""
    x, y, w, h = rectangle
    if name != "X":
        ax.add_patch(Rectangle((x + 5, y + 5), w, h, facecolor=GRADIENT, zorder=1))
        words = {"color": INK[GRADIENT], "fontsize": 10}
        ax.text(x + w / 2 + 5, y + h + 9, f"d{name}", ha="center", va="top", **words)
    colour = PARAMETER if name[0] in "Wb" else DATA
    ax.add_patch(Rectangle((x, y), w, h, facecolor=colour, zorder=2))
    if cells:
        lines = {"color": "white", "linewidth": 0.8, "zorder": 3}
        ax.hlines(np.linspace(y, y + h, cells[0] + 1), x, x + w, **lines)
        ax.vlines(np.linspace(x, x + w, cells[1] + 1), y, y + h, **lines)
    ax.text(x + w / 2, y - 15, name, ha="center", va="bottom", fontsize=10, fontweight="bold")
    ax.text(x + w / 2, y - 4, shape, ha="center", va="bottom", fontsize=9)


def open_frame(ax):
    """Leave the frame of an Axes open above and at the right, and draw faint lines to read heights by.

    See notebooks/00_start_here.ipynb.
    """
    _axes(ax)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color="0.9")
