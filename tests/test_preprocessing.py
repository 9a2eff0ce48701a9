"""Each stage of the preprocessing, and that the images of MNIST went through them."""

import numpy as np
import pytest

from nnlib import datasets
from nnlib.teach.preprocessing import (
    bundled_digits,
    centre,
    centre_of_mass,
    crop,
    fit_box,
    pad,
    rasterise,
    resize,
    stages,
    stroke_width,
)

PAPER = 112
CORNERS = [(6, 6), (78, 7), (7, 60), (56, 50)]  # whole pixels of the raw picture


def drawing(size, corner):
    """Return a slanted 7 of that height, its upper left corner there."""
    stroke = np.array([[0, 0], [0.6, 0.05], [0.25, 1]])
    return [stroke * size + np.divide(corner, PAPER)]


# Strokes


def test_a_line_has_the_ink_of_its_area():
    image = rasterise([[(0.25, 0.5), (0.75, 0.5)]], pen=0.1, size=200)
    assert np.isclose(image.sum(), 100 * 20 + np.pi * 10**2, rtol=0.005)  # a bar with two round ends
    assert image.min() == 0 and image.max() == 1 and ((image > 0) & (image < 1)).any()
    assert np.allclose(centre_of_mass(image), 99.5)


def test_x_goes_right_and_y_down():
    row, column = centre_of_mass(rasterise([[(0.9, 0.2)]], size=100))
    assert np.isclose(row, 19.5) and np.isclose(column, 89.5)


def test_a_dot_is_a_disc():
    assert np.isclose(rasterise([[(0.5, 0.5)]], pen=0.2, size=100).sum(), np.pi * 10**2, rtol=0.01)


def test_crossing_strokes_are_not_darker():
    once = rasterise([[(0.1, 0.5), (0.9, 0.5)]])
    assert np.array_equal(rasterise([[(0.1, 0.5), (0.9, 0.5)], [(0.9, 0.5), (0.1, 0.5)]]), once)


@pytest.mark.parametrize("stroke", ["ab", [{}], [object()]], ids=["text", "a dict", "an object"])
def test_what_a_stroke_is_is_said(stroke):
    with pytest.raises(
        (TypeError, ValueError), match=r"^strokes\[0\].* an array \(n, 2\) of points \(x, y\)"
    ):
        rasterise([stroke])


def test_points_in_between_change_nothing():
    fine = np.linspace((0.1, 0.2), (0.8, 0.9), 40)
    assert np.allclose(rasterise([fine]), rasterise([fine[[0, -1]]]))


@pytest.mark.parametrize("stroke", [[(-3, 0.5), (4, 0.5)], [(0.5, -1), (0.5, 2)], [(0, 0), (1, 1)]])
def test_what_is_beside_the_paper_is_cut_off(stroke):
    image = rasterise([stroke])
    assert image.shape == (PAPER, PAPER) and image.max() == 1
    assert not rasterise([np.add(stroke, 9)]).any()


def test_no_strokes_no_ink():
    assert rasterise([]).shape == (PAPER, PAPER) and not rasterise([]).any()


# Crop


def test_crop_leaves_the_ink():
    image = np.zeros((9, 7))
    image[2:5, 3:6] = np.arange(9).reshape(3, 3) + 1
    assert np.array_equal(crop(image), image[2:5, 3:6])
    assert np.array_equal(crop(image[2:5, 3:6]), image[2:5, 3:6])


# Resize


def test_resize_by_a_whole_number_is_the_mean_of_blocks():
    image = np.random.default_rng(0).random((12, 20))
    assert np.allclose(resize(image, (3, 5)), image.reshape(3, 4, 5, 4).mean(axis=(1, 3)))


@pytest.mark.parametrize("shape", [(3, 5), (7, 2), (11, 13), (1, 1), (20, 30)])
def test_resize_keeps_the_mean(shape):
    image = np.random.default_rng(1).random((11, 13))
    small = resize(image, shape)
    assert small.shape == shape and np.isclose(small.mean(), image.mean())
    assert image.min() - 1e-12 <= small.min() and small.max() <= image.max() + 1e-12


def test_resize_weighs_parts_of_pixels():
    assert np.allclose(resize(np.array([[3.0, 6.0, 9.0]]), (1, 2)), [[4, 8]])  # 3 and half of 6, and so on
    assert np.allclose(resize(np.array([[3.0, 6.0]]), (1, 3)), [[3, 4.5, 6]])


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((40, 20), (20, 10)), ((10, 50), (4, 20)), ((5, 5), (20, 20)), ((100, 1), (20, 1))],
)
def test_the_longer_side_fills_the_box(shape, expected):
    assert fit_box(np.ones(shape)).shape == expected


# The middle


def test_pad_puts_the_box_in_the_middle():
    picture = pad(np.ones((20, 10)))
    assert picture.shape == (28, 28) and np.array_equal(crop(picture), np.ones((20, 10)))
    assert np.allclose(centre_of_mass(picture), 13.5)
    with pytest.raises(ValueError, match=r"image has shape \(30, 10\); expected at most 28"):
        pad(np.ones((30, 10)))


def test_centre_of_mass_is_weighted():
    image = np.zeros((4, 6))
    image[1, 2], image[3, 5] = 3, 1
    assert centre_of_mass(image) == (1.5, 2.75)
    with pytest.raises(ValueError, match="no ink"):
        centre_of_mass(np.zeros((4, 6)))


def test_centre_moves_whole_pixels_and_loses_none():
    image = np.zeros((28, 28))
    image[3:9, 1:4] = np.random.default_rng(0).random((6, 3)) + 0.1
    moved = centre(image)
    assert np.allclose(centre_of_mass(moved), 14, atol=0.5)
    assert np.array_equal(crop(moved), crop(image))


def test_ink_stops_at_the_edge():
    image = np.zeros((28, 28))
    image[0:20, 4:24] = 0.01  # faint, and a heavy corner
    image[0:3, 4:7] = 1
    moved = centre(image)
    assert np.isclose(moved.sum(), image.sum()) and np.array_equal(crop(moved), crop(image))
    assert moved[-1].any() and moved[:, -1].any()
    assert centre_of_mass(moved)[0] < 13


# All of them


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("size", [0.2, 0.35])
def test_wherever_it_is_drawn_it_ends_in_the_middle(size, corner):
    raw, cropped, scaled, seen = stages(rasterise(drawing(size, corner)))
    assert raw.shape == (PAPER, PAPER) and max(cropped.shape) < 60
    assert scaled.shape[0] == 20 and scaled.shape[1] < 20
    assert seen.shape == (28, 28) and np.allclose(centre_of_mass(seen), 14, atol=0.5)
    first = stages(rasterise(drawing(size, CORNERS[0])))[-1]
    assert np.allclose(seen, first)


def test_stages_can_be_switched_off():
    raw = rasterise(drawing(0.3, (67, 11)))
    none = stages(raw, cropped=False, scaled=False, centred=False)
    assert np.array_equal(none[1], raw) and np.allclose(none[-1], raw.reshape(28, 4, 28, 4).mean(axis=(1, 3)))
    assert np.array_equal(stages(raw, centred=False)[-1], pad(fit_box(crop(raw))))
    assert crop(stages(raw, scaled=False)[2]).shape == (28, 28)
    assert np.array_equal(stages(raw, cropped=False)[2], resize(raw, (20, 20)))


@pytest.mark.parametrize("options", [{}, {"cropped": False}, {"scaled": False}, {"centred": False}])
def test_an_empty_paper_stays_empty(options):
    seen = stages(rasterise([]), **options)[-1]
    assert seen.shape == (28, 28) and not seen.any()


# A ruler for strokes


@pytest.mark.parametrize("width", [2, 4, 7])
def test_stroke_width_of_a_bar(width):
    image = np.zeros((200, 40))
    image[5:195, 10 : 10 + width] = 1
    assert width * 0.95 < stroke_width(image) <= width
    assert np.isclose(stroke_width(image / 2), stroke_width(image))


# MNIST


def test_mnist_went_through_these_stages():
    images = datasets.mnist().X_train[:5000].reshape(-1, 28, 28)
    middles = np.array([centre_of_mass(image) for image in images])
    assert (np.abs(middles - 14).max(axis=1) <= 0.51).mean() > 0.995
    assert np.mean([max(crop(image).shape) == 20 for image in images]) > 0.999


def test_the_bundled_digits():
    digits = bundled_digits()
    assert list(digits) == list(range(10))
    for strokes in digits.values():
        assert all(stroke.shape == (len(stroke), 2) and len(stroke) > 1 for stroke in strokes)
        assert all(stroke.min() >= 0 and stroke.max() <= 1 for stroke in strokes)


# Doors: a photo is no picture yet


SEVEN = rasterise(bundled_digits()[7])


@pytest.mark.parametrize(
    ("photo", "said"),
    [
        (
            255 * (1 - SEVEN),
            "image goes up to 255; expected 0 (paper) to 1 (ink): of a photo with dark ink, where",
        ),
        ((255 * SEVEN).astype(np.uint8), "image goes up to 255; expected 0 (paper) to 1 (ink)"),
        (
            1 - SEVEN,
            "half of the image's edge is 1 or more; expected paper there, which is 0. Of dark ink on white",
        ),
        (0.3 + 0.7 * SEVEN, "half of the image's edge is 0.3 or more; expected paper there"),
        (
            np.stack([SEVEN] * 3, axis=-1),
            "image has shape (112, 112, 3), as a photo in colours; expected (rows",
        ),
        (np.stack([SEVEN] * 4, axis=-1), "image[..., :3].mean(axis=2) makes it grey."),
        (SEVEN.ravel(), "image has shape (12544,); expected (rows, columns)."),
        (np.where(SEVEN > 0.5, np.nan, SEVEN), "is nan; expected finite numbers."),
        (-SEVEN, "image goes down to -1; expected 0 (paper) to 1 (ink)."),
        ("seven.png", "image is 'seven.png'; expected a picture, (rows, columns)."),
    ],
)
def test_a_photo_is_told_and_not_read(photo, said):
    with pytest.raises((TypeError, ValueError)) as caught:
        stages(photo)
    assert said in str(caught.value)


def test_what_the_messages_advise_makes_a_picture_of_a_photo():
    photo = np.stack([255 - 255 * SEVEN] * 3, axis=-1).astype(np.uint8)
    image = 1 - photo[..., :3].mean(axis=2) / 255
    assert np.allclose(stages(image)[-1], stages(SEVEN)[-1], atol=0.01)
    grey = 0.3 + 0.7 * SEVEN
    assert np.allclose(crop(np.clip(grey - 0.3, 0, 1)), 0.7 * crop(SEVEN))


def test_whole_numbers_and_lists_are_pictures_too():
    image = np.pad(np.ones((6, 3), int), 4)
    for same in (image.tolist(), image.astype(np.uint8), image.astype(bool), image.astype(np.float32)):
        assert all(map(np.array_equal, stages(same), stages(image)))
        assert np.isclose(stroke_width(same), stroke_width(image.astype(float)))


def test_a_single_stroke_is_told():
    with pytest.raises(
        ValueError, match=r"strokes\[0\] is one point; expected a list of strokes: \[stroke\]"
    ):
        rasterise([(0.1, 0.2), (0.3, 0.4)])
