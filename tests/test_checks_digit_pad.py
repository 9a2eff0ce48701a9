"""The check of the digit pad: wrong attempts as learners make them, and right ones in unusual style."""

import numpy as np
import pytest

from nnlib.teach import checks


def both(function):
    """Return an answer that does the same for rows and columns, given the ink of each."""
    return lambda image: (function(image.sum(axis=1)), function(image.sum(axis=0)))


def mean(ink):
    return np.arange(len(ink)) @ ink / ink.sum()


# Right


def loops(image):
    row = column = ink = 0
    for i in range(len(image)):
        for j in range(len(image[0])):
            row += i * image[i][j]
            column += j * image[i][j]
            ink += image[i][j]
    return row / ink, column / ink


def read_only(image):
    image.flags.writeable = False
    i, j = np.indices(image.shape)
    return [np.average(i, weights=image), np.average(j, weights=image)]


def einsum(image):
    share = image / image.sum()
    return np.array(
        [np.einsum("ij,i->", share, np.r_[: len(image)]), np.einsum("ij,j->", share, np.r_[: image.shape[1]])]
    )


@pytest.mark.parametrize(
    "answer",
    [
        loops,
        read_only,
        einsum,
        lambda image: both(mean)(image.astype(np.float32)),
        lambda image: np.argwhere(image).T @ image[image > 0] / image.sum(),
        lambda image: (np.indices(image.shape) * image).sum(axis=(1, 2)) / image.sum(),
    ],
    ids=range(6),
)
def test_right_answers(answer):
    assert checks.centre_of_mass(answer).text == "Right, on six random pictures from 5 × 8 to 28 × 28 pixels."


# Wrong


def normalised_in_place(image):
    image /= image.sum()
    return both(mean)(image)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda image: both(mean)(image)[::-1], "Row and column are exchanged"),
        (lambda image: np.argwhere(image > 0).mean(axis=0), "Every pixel with ink counts the same"),
        (lambda image: np.argwhere(image > -1).mean(axis=0), "the middle of the picture, whatever is drawn"),
        (both(lambda ink: mean(ink) + 1), "You count from 1"),
        (both(lambda ink: mean(ink) + 0.5), "Half a pixel too far"),
        (both(lambda ink: mean(ink[::-1])), "You count from the other end"),
        (
            lambda image: both(lambda ink: mean(ink) * ink.sum() / image.size)(image),
            "divide by the number of pixels.",
        ),
        (
            lambda image: both(lambda ink: mean(ink) * ink.sum() / (image > 0).sum())(image),
            "divide by the number of pixels with ink",
        ),
        (both(lambda ink: np.mean(np.arange(len(ink)) * ink)), "divide by the number of rows or columns"),
        (both(lambda ink: np.arange(len(ink)) @ ink), "not yet divided"),
        (both(lambda ink: mean(ink) - (len(ink) - 1) / 2), "how far it is from the middle"),
        (both(lambda ink: mean(ink) - len(ink) / 2), "how far it is from the middle, n/2"),
        (
            both(lambda ink: (np.flatnonzero(ink)[0] + np.flatnonzero(ink)[-1]) / 2),
            "the smallest box around the ink",
        ),
        (both(lambda ink: np.flatnonzero(ink).mean()), "each that has any ink counts the same"),
        (both(np.argmax), "the row or column with the most ink"),
        (lambda image: np.unravel_index(image.argmax(), image.shape), "the darkest pixel"),
        (both(lambda ink: round(mean(ink))), "You round to whole pixels"),
        (both(lambda ink: int(mean(ink))), "You cut off what is behind the point"),
        (both(np.mean), "the places have no part in it"),
        (both(lambda ink: -mean(ink)), "right but for its sign"),
        (lambda image: mean(image.sum(axis=1)), "Expected `return row, column`"),
        (
            lambda image: (mean(image.sum(axis=1)), mean(image.sum(axis=1))),
            "column: That is the row once more.",
        ),
        (lambda image: (image.mean(axis=1), image.mean(axis=0)), "row: With rows = 5"),
        (
            lambda image: (mean(image.sum(axis=0)), mean(image.sum(axis=0))),
            "row: Row and column are exchanged",
        ),
        (lambda image: both(mean)(image / 0), "nan"),
        (normalised_in_place, "Your function changes image"),
        (lambda image: (np.arange(28) @ image.sum(axis=1) / image.sum(), 14.0), "ValueError"),
    ],
    ids=range(27),
)
@pytest.mark.filterwarnings("ignore:.*encountered:RuntimeWarning")
def test_mistakes(answer, said):
    verdict = checks.centre_of_mass(answer)
    assert not verdict and said in verdict.text, verdict.text
