"""From strokes of a pen to the picture that a network of MNIST expects, one function for each stage.

A drawing is a list of strokes; a stroke is a list of points (x, y) from 0 to 1, y downwards. A picture is an
array (rows, columns) from 0 (paper) to 1 (ink). The stages are those that the images of MNIST went through:
LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document recognition, section
III.A. See notebooks/11_generalisation.ipynb.
"""

import json
from pathlib import Path

import numpy as np

from nnlib.teach import _doors as door

__all__ = [
    "BOX",
    "SIDE",
    "bundled_digits",
    "centre",
    "centre_of_mass",
    "crop",
    "fit_box",
    "pad",
    "rasterise",
    "resize",
    "stages",
    "stroke_width",
]

SIDE = 28  # of the pictures that the network sees
BOX = 20  # the longest side of a digit in them
MIDDLE = SIDE // 2  # where their centre of mass is, rows and columns counted from 0
FARTHEST = 1000  # from the paper, in its sides
PAPER = 112  # pixels along each side of the raw picture, four for each one that the network sees


def bundled_digits():
    """Return ten drawings, one for each digit: a dict from 0 … 9 to a list of strokes, arrays (n, 2).

    See notebooks/11_generalisation.ipynb.
    """
    drawings = json.loads(Path(__file__).with_name("digits.json").read_text("utf-8"))
    return {int(digit): [np.array(stroke) for stroke in strokes] for digit, strokes in drawings.items()}


def rasterise(strokes, *, pen=0.07, size=PAPER):
    """Draw strokes with a round pen, its edge antialiased.

    Parameters
    ----------
    strokes : sequence of strokes
        Each an array_like (n, 2) of points (x, y), at least one; from 0 to 1 they are on the paper.
    pen : float, default 0.07
        Width of the line, as a share of the paper.
    size : int, default 112

    Returns
    -------
    array, (size, size), from 0 (paper) to 1 (ink)

    See notebooks/11_generalisation.ipynb.
    """
    size, pen = door.whole(size, "size"), door.number(pen, "pen", 0)
    strokes = [_stroke(stroke, f"strokes[{k}]") for k, stroke in enumerate(door.listed(strokes, "strokes"))]
    image = np.zeros((size, size))
    radius = pen * size / 2
    for stroke in strokes:
        points = stroke * size - 0.5  # the middle of pixel 0 is half a pixel from the edge
        for start, end in zip(points, points[1:] if len(points) > 1 else points, strict=False):
            low = np.clip(np.minimum(start, end) - radius - 1, 0, size).astype(int)
            high = np.clip(np.maximum(start, end) + radius + 2, 0, size).astype(int)
            part = image[low[1] : high[1], low[0] : high[0]]
            x, y = np.arange(low[0], high[0]), np.arange(low[1], high[1])[:, None]
            ink = radius + 0.5 - _distance(x, y, start, end)
            np.maximum(part, np.clip(ink, 0, 1), out=part)
    return image


def _stroke(points, name):
    """Return a stroke as an array (n, 2); a single one, handed over as all of them, is the usual slip."""
    points = door.array(points, name, "an array (n, 2) of points (x, y)")
    if points.shape == (2,):
        raise ValueError(f"{name} is one point; expected a list of strokes: [stroke] if there is one.")
    points = door.shaped(points, name, "n", 2)
    if np.abs(points).max() > FARTHEST:
        raise ValueError(f"{name} goes {np.abs(points).max():g} away; expected 0 to 1 on the paper.")
    return points


def _distance(x, y, start, end):
    """Return how far the points (x, y) are from the line between start and end."""
    along = end - start
    length = max(along @ along, 1e-12)  # of a dot, start and end are the same
    share = np.clip(((x - start[0]) * along[0] + (y - start[1]) * along[1]) / length, 0, 1)
    return np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1])


def crop(image):
    """Return the smallest part of the image that holds all of the ink; an image without ink as it is.

    See notebooks/11_generalisation.ipynb.
    """
    image = door.ink(image)
    top, bottom, left, right = _box(image)
    return image[top:bottom, left:right]


def _box(image):
    """Return top, bottom, left and right of the ink, the second of each pair one beyond it."""
    if not image.any():
        return 0, image.shape[0], 0, image.shape[1]
    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    return rows[0], rows[-1] + 1, columns[0], columns[-1] + 1


def resize(image, shape):
    """A X Bᵗ: each new pixel is the mean of the image over the area that it covers.

    Row i of A holds the share of each old row in new row i; so does B for the columns.

    Parameters
    ----------
    image : array, (rows, columns)
    shape : (int, int)

    Returns
    -------
    array of that shape

    See notebooks/11_generalisation.ipynb.
    """
    image = door.picture(image)
    if type(shape) not in (list, tuple) or len(shape) != 2:
        raise TypeError(f"shape is {door.told(shape)}; expected two whole numbers, (rows, columns).")
    shape = [door.whole(n, "an entry of shape") for n in shape]
    A, B = (_shares(n_old, n_new) for n_old, n_new in zip(image.shape, shape, strict=True))
    return A @ image @ B.T


def _shares(n_old, n_new):
    """Return (n_new, n_old): how much of new pixel i lies on old pixel j. Each row sums to 1."""
    edges = np.arange(n_new + 1) * n_old / n_new  # of the new pixels, measured in old ones
    old = np.arange(n_old)
    overlap = np.minimum(edges[1:, None], old + 1) - np.maximum(edges[:-1, None], old)
    return np.maximum(overlap, 0) * n_new / n_old


def fit_box(image, *, side=BOX):
    """Resize so that the longer side has `side` pixels; the shorter one keeps its proportion.

    See notebooks/11_generalisation.ipynb.
    """
    image, side = door.picture(image), door.whole(side, "side")
    longest = max(image.shape)
    return resize(image, [max(1, round(n * side / longest)) for n in image.shape])


def pad(image, *, side=SIDE):
    """Return a picture of side × side with the image in its middle, paper around it.

    See notebooks/11_generalisation.ipynb.
    """
    image, side = door.picture(image), door.whole(side, "side")
    rows, columns = image.shape
    if max(rows, columns) > side:
        raise ValueError(f"image has shape {image.shape}; expected at most {side} rows and columns.")
    picture = np.zeros((side, side))
    top, left = (side - rows) // 2, (side - columns) // 2
    picture[top : top + rows, left : left + columns] = image
    return picture


def centre_of_mass(image):
    """Σ i X_ij / Σ X_ij and Σ j X_ij / Σ X_ij: the mean row and column, weighted with the ink.

    Parameters
    ----------
    image : array, (rows, columns)
        With ink on it.

    Returns
    -------
    row, column : float
        Counted from 0.

    See notebooks/11_generalisation.ipynb.
    """
    image = door.ink(image)
    ink = image.sum()
    if not ink > 0:
        raise ValueError("image has no ink, and so no centre of mass.")
    i, j = (np.arange(n) for n in image.shape)
    return float(i @ image.sum(axis=1) / ink), float(j @ image.sum(axis=0) / ink)


def centre(image):
    """Shift by whole pixels until the centre of mass is in the middle, or the ink at the edge.

    An image without ink stays as it is.

    See notebooks/11_generalisation.ipynb.
    """
    image = door.ink(image)
    if not image.any():
        return image
    top, bottom, left, right = _box(image)
    limits = ((-top, len(image) - bottom), (-left, image.shape[1] - right))
    shift = [
        int(np.clip(round(n // 2 - mean), *limit))
        for n, mean, limit in zip(image.shape, centre_of_mass(image), limits, strict=True)
    ]
    return np.roll(image, shift, axis=(0, 1))  # no ink is rolled over an edge


def stages(image, *, cropped=True, scaled=True, centred=True):
    """Return the image after each stage: as it came, cropped, scaled, and 28 × 28 as the network sees it.

    Parameters
    ----------
    image : array, (rows, columns), from 0 (paper) to 1 (ink)
    cropped : bool, default True
        Cut the paper around the ink off.
    scaled : bool, default True
        Into 20 × 20, proportions kept; otherwise stretched to 28 × 28.
    centred : bool, default True
        By the centre of mass; otherwise the middle of the box is in the middle.

    Returns
    -------
    list of four arrays

    Raises
    ------
    TypeError, ValueError
        If the image is a photo as it comes from a camera: in colours, from 0 to 255, dark on white paper.

    See notebooks/11_generalisation.ipynb.
    """
    image = _on_paper(door.ink(image))
    cropped, scaled, centred = map(door.flag, (cropped, scaled, centred), ("cropped", "scaled", "centred"))
    return staged(image, cropped=cropped, scaled=scaled, centred=centred)


def _on_paper(image):
    """Return the image if its ink is 1 and the paper around it 0: of white paper all would be the digit."""
    if image.max() > 1:
        raise ValueError(
            f"image goes up to {image.max():g}; expected 0 (paper) to 1 (ink): of a photo with dark ink,"
            " where white is 255, that is 1 - image / 255."
        )
    edge = np.concatenate([image[0], image[-1], image[1:-1, 0], image[1:-1, -1]])
    if (grey := np.median(edge)) > 0:
        raise ValueError(
            f"half of the image's edge is {grey:.2g} or more; expected paper there, which is 0. Of dark ink"
            " on white paper take 1 - image; if its paper is grey, np.clip(image - grey, 0, 1)."
        )
    return image


def staged(image, *, cropped=True, scaled=True, centred=True):
    """Do what `stages` does with a picture that is one, wherever its ink is."""
    first = crop(image) if cropped else image
    second = fit_box(first) if scaled else resize(first, (SIDE, SIDE))
    third = pad(second)
    return [image, first, second, centre(third) if centred else third]


def stroke_width(image):
    """2 Σ X / Σ |∇X|: a line of length l and width w has the ink l w and an outline of 2 l.

    Parameters
    ----------
    image : array, (rows, columns), with ink on it

    Returns
    -------
    float
        In pixels. Ends, bends and blur make it smaller than a ruler's.

    See notebooks/11_generalisation.ipynb.
    """
    image = door.ink(image)
    if not image.any():
        raise ValueError("image has no ink, and so no stroke.")
    framed = np.pad(image, 1)
    down, right = np.diff(framed, axis=0)[:, :-1], np.diff(framed, axis=1)[:-1]
    return float(2 * image.sum() / np.hypot(down, right).sum())
