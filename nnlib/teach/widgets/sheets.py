"""Sheets of numbers in a figure: where their pixels are square, and what lights up."""

from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

LIT = "#F0E442"  # what lights up: the yellow of the same palette, which stands for nothing else


def fitted(area, size, shape):
    """Return the largest place in an area, at its top and in its middle, in which pixels are square.

    `area` is left, bottom, width and height in shares of a picture of `size` inches; `shape` counts rows and
    columns.
    """
    left, bottom, width, height = area
    scale = min(width * size[0] / shape[1], height * size[1] / shape[0])
    w, h = scale * shape[1] / size[0], scale * shape[0] / size[1]
    return left + (width - w) / 2, bottom + height - h, w, h


def frame(ax, top, left, height, width):
    """Have pixels light up: yellow, in a black frame with a white one around it."""
    around = (left - 0.5, top - 0.5), width, height
    for look in (
        {"facecolor": (*to_rgb(LIT), 0.35), "edgecolor": "white", "linewidth": 4},
        {"facecolor": "none", "edgecolor": "black", "linewidth": 1.5},
    ):
        ax.add_patch(Rectangle(*around, zorder=3, clip_on=False, **look))
