"""The exercise of the digit pad, in chapter 11."""

import numpy as np

from nnlib.teach.checks.engine import Trial, exercise

__all__ = ["centre_of_mass"]


def _pictures():
    rng = np.random.default_rng(0)
    for rows, columns in [(5, 8), (9, 4), (28, 28), (12, 3), (6, 13), (17, 10)]:
        image = rng.random((rows, columns)) * (rng.random((rows, columns)) < 0.5)
        image[:2] = 0  # so that the ink's box is not the picture
        image[:, -1] = 0
        yield Trial((image,), {"rows": rows, "columns": columns})


@exercise(
    trials=_pictures,
    results=["row", "column"],
    hint="how much ink does each row hold? Take the mean of the rows' numbers, with this ink as weights.",
    praise="Right, on six random pictures from 5 × 8 to 28 × 28 pixels.",
    wrong="""
    row: Row and column are exchanged: the row comes first, as in image[i, j].
        column
    column: That is the row once more. The column is the mean of j, with the ink of each column as weights.
        row
    Every pixel with ink counts the same, black or faint; weight each by how much ink it has.
        image = image > 0
    You divide by the number of pixels. A mean with weights is divided by the sum of the weights.
        mean = i @ ink / image.size
    You divide by the number of pixels with ink. A faint pixel weighs less than a black one: divide by the
    sum of the weights.
        mean = i @ ink / np.count_nonzero(image)
    That is the place of the darkest pixel; all the others count too.
        mean = np.unravel_index(image.argmax(), image.shape)[axis]
    You count from 1; NumPy counts rows and columns from 0.
        i = np.arange(len(ink)) + 1
    Half a pixel too far: here row i is at i, not at its lower edge or at i + 1/2.
        i = np.arange(len(ink)) + 0.5
    You count from the other end: row 0 is the upper one, column 0 the left one.
        i = np.arange(len(ink))[::-1]
    That is how far it is from the middle; the place itself is wanted, counted from 0.
        i = np.arange(len(ink)) - (len(ink) - 1) / 2
    That is how far it is from the middle, n/2; the place itself is wanted, counted from 0.
        i = np.arange(len(ink)) - len(ink) / 2
    That is the middle of the picture, whatever is drawn on it.
        mean = (len(ink) - 1) / 2
    That is half the size of the picture, whatever is drawn on it.
        mean = len(ink) / 2
    That is what each row or column adds to the mean: the sum of it is missing.
        mean = i * ink / ink.sum()
    That is the middle of the smallest box around the ink. A box does not know where most of the ink is.
        mean = np.flatnonzero(ink)[[0, -1]].mean()
    You weight rows and columns by nothing: each that has any ink counts the same.
        mean = np.flatnonzero(ink).mean()
    That is the row or column with the most ink; all the others count too.
        mean = ink.argmax()
    You round to whole pixels; the mean lies between them.
        mean = np.round(i @ ink / ink.sum())
    You cut off what is behind the point; the mean lies between two pixels.
        mean = i @ ink // ink.sum()
    The weighted sum is there, and is not yet divided: a mean is a sum divided by the weights' sum.
        mean = i @ ink
    You divide by the number of rows or columns. The weights are amounts of ink: by what sum of them?
        mean = i @ ink / len(ink)
    That is the mean ink of a row or column: the places have no part in it.
        mean = ink.mean()
    """,
)
def centre_of_mass(image):
    """Check centre_of_mass(image), which returns row, column. See notebooks/11_generalisation.ipynb."""
    centre = []
    for axis in (0, 1):
        ink = image.sum(axis=1 - axis)
        i = np.arange(len(ink))
        mean = i @ ink / ink.sum()
        centre.append(mean)
    row, column = centre
    return row, column
