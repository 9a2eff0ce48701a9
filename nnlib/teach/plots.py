"""Figures of the notebooks. Every function draws on the `ax` it is given, labels it and returns nothing.

One colour language for all figures and widgets, from the palette of Okabe and Ito (2008), Color universal
design, which survives colour blindness; line styles and markers differ as well, so that it also survives
print in grey.
"""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator, PercentFormatter

from nnlib.metrics import classes

__all__ = ["confusion", "decision_boundary", "digits", "learning_curves"]

DATA = "#0072B2"  # data and activations: blue
PARAMETER = "#E69F00"  # weights and biases: orange
GRADIENT = "#CC79A7"  # gradients: purple
LOSS = "#4D4D4D"  # the loss: dark grey
RIGHT = "#009E73"  # right: green
WRONG = "#D55E00"  # wrong: vermilion

DATA_MAP = LinearSegmentedColormap.from_list("data", ["white", DATA])


def learning_curves(ax, history, *, quantity="loss"):
    """Draw a quantity of a `History` against the epoch: training solid, validation dashed.

    Parameters
    ----------
    ax : matplotlib Axes
    history : History or list of Epoch
    quantity : "loss" (default) or "accuracy"

    See notebooks/09_mnist.ipynb.
    """
    colour = {"loss": LOSS, "accuracy": RIGHT}[quantity]
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
    _open_frame(ax)


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
    low, high = X.min(axis=0) - margin, X.max(axis=0) + margin
    x1, x2 = (
        np.linspace(low[0], high[0], resolution),
        np.linspace(low[1], high[1], resolution),
    )
    grid = np.stack(np.meshgrid(x1, x2), axis=-1).reshape(-1, 2)
    surface = predict(grid).reshape(resolution, resolution)
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


def confusion(ax, matrix):
    """Draw a confusion matrix: the right ones counted on the diagonal, the mistakes coloured by their number.

    Parameters
    ----------
    ax : matplotlib Axes
    matrix : array of int, (C, C)
        From `metrics.confusion_matrix`: rows are targets, columns predictions.

    See notebooks/09_mnist.ipynb.
    """
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
                color=RIGHT if i == j else "black",
            )
    ax.set(
        xlabel="predicted",
        ylabel="target",
        xticks=range(len(matrix)),
        yticks=range(len(matrix)),
    )
    ax.tick_params(length=0)


def digits(ax, images, captions, *, columns):
    """Draw images in rows of `columns`, each with its caption above it.

    Parameters
    ----------
    ax : matplotlib Axes
    images : array, (N, 784)
        Rows of 28 × 28 pixels from 0 (paper) to 1 (ink).
    captions : sequence of N strings
    columns : int

    See notebooks/09_mnist.ipynb.
    """
    cell = 28 + 12
    rows = -(-len(images) // columns)
    sheet = np.zeros((rows * cell, columns * cell))
    for k, image in enumerate(images):
        top, left = k // columns * cell + 12, k % columns * cell + 6
        sheet[top : top + 28, left : left + 28] = image.reshape(28, 28)
        ax.text(left + 14, top - 1, captions[k], ha="center", va="bottom", fontsize=8)
    ax.imshow(sheet, cmap="gray_r", vmin=0, vmax=1)
    ax.set_axis_off()


def _open_frame(ax):
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color="0.9")
