"""The check of the digit pad, in chapter 11."""

import numpy as np

from nnlib.teach import preprocessing
from nnlib.teach.checks.answers import Mistake, check, compare

__all__ = ["centre_of_mass"]

# What can go wrong along one axis: a function of the ink in each row (or column), an array (n,).
ALONG_AN_AXIS = {
    "You count from 1; NumPy counts rows and columns from 0.": lambda ink: _mean(ink) + 1,
    "Half a pixel too far: here row i is at i, not at its lower edge or at i + 1/2.": lambda ink: (
        _mean(ink) + 0.5
    ),
    "You count from the other end: row 0 is the upper one, column 0 the left one.": lambda ink: (
        len(ink) - 1 - _mean(ink)
    ),
    "That is how far it is from the middle; the place itself is wanted, counted from 0.": lambda ink: (
        _mean(ink) - (len(ink) - 1) / 2
    ),
    "That is how far it is from the middle, n/2; the place itself is wanted, counted from 0.": lambda ink: (
        _mean(ink) - len(ink) / 2
    ),
    "That is the middle of the picture, whatever is drawn on it.": lambda ink: (len(ink) - 1) / 2,
    "That is half the size of the picture, whatever is drawn on it.": lambda ink: len(ink) / 2,
    "That is what each row or column adds to the mean: the sum of it is missing.": lambda ink: (
        np.arange(len(ink)) * ink / ink.sum()
    ),
    "That is the middle of the smallest box around the ink. A box does not know where most of the ink is.": (
        lambda ink: np.flatnonzero(ink)[[0, -1]].mean()
    ),
    "You weight rows and columns by nothing: each that has any ink counts the same.": lambda ink: (
        np.flatnonzero(ink).mean()
    ),
    "That is the row or column with the most ink; all the others count too.": lambda ink: ink.argmax(),
    "You round to whole pixels; the mean lies between them.": lambda ink: np.round(_mean(ink)),
    "You cut off what is behind the point; the mean lies between two pixels.": lambda ink: np.floor(
        _mean(ink)
    ),
    "The weighted sum is there, and is not yet divided: a mean is a sum divided by the weights' sum.": (
        lambda ink: np.arange(len(ink)) @ ink
    ),
    "You divide by the number of rows or columns. The weights are amounts of ink: by what sum of them?": (
        lambda ink: np.arange(len(ink)) @ ink / len(ink)
    ),
    "That is the mean ink of a row or column: the places have no part in it.": lambda ink: ink.mean(),
}

# And what takes the whole picture: why, and the function, for the axis 0 (row) or 1 (column).
OF_THE_PICTURE = {
    "Every pixel with ink counts the same, black or faint; weight each by how much ink it has.": (
        lambda image, axis: np.argwhere(image)[:, axis].mean()
    ),
    "You divide by the number of pixels. A mean with weights is divided by the sum of the weights.": (
        lambda image, axis: _ink(image, axis) @ np.arange(image.shape[axis]) / image.size
    ),
    "You divide by the number of pixels with ink. A faint pixel weighs less than a black one: divide by the"
    " sum of the weights.": lambda image, axis: (
        _ink(image, axis) @ np.arange(image.shape[axis]) / np.count_nonzero(image)
    ),
    "That is the place of the darkest pixel; all the others count too.": lambda image, axis: np.unravel_index(
        image.argmax(), image.shape
    )[axis],
}


def _mean(ink):
    return np.arange(len(ink)) @ ink / ink.sum()


def _ink(image, axis):
    """Return the ink of each row (axis 0) or column (axis 1)."""
    return image.sum(axis=1 - axis)


def _mistakes():
    exchanged = "Row and column are exchanged: the row comes first, as in X[i, j]."
    again = "That is the row once more. The column is the mean of j, with the ink of each column as weights."
    for axis, of, why in [(0, "row", exchanged), (1, "column", again)]:
        yield Mistake(lambda image, axis=axis: _mean(_ink(image, 1 - axis)), why, of)
        for why, wrong in OF_THE_PICTURE.items():
            yield Mistake(lambda image, wrong=wrong, axis=axis: wrong(image, axis), why, of)
        for why, wrong in ALONG_AN_AXIS.items():
            yield Mistake(lambda image, wrong=wrong, axis=axis: wrong(_ink(image, axis)), why, of)


@check
def centre_of_mass(answer):
    """Check centre_of_mass(image), which returns row, column. See notebooks/11_generalisation.ipynb."""
    rng = np.random.default_rng(0)
    trials = []
    for rows, columns in [(5, 8), (9, 4), (28, 28), (12, 3), (6, 13), (17, 10)]:
        image = rng.random((rows, columns)) * (rng.random((rows, columns)) < 0.5)
        image[:2] = 0  # so that the ink's box is not the picture
        image[:, -1] = 0
        trials.append(((image,), {"rows": rows, "columns": columns}))

    compare(
        answer,
        preprocessing.centre_of_mass,
        trials,
        results=["row", "column"],
        hint="how much ink does each row hold? Take the mean of the rows' numbers, with this ink as weights.",
        mistakes=list(_mistakes()),
    )
    return "Right, on six random pictures from 5 × 8 to 28 × 28 pixels."
