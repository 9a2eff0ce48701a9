"""The picture of the README that moves."""

from PIL import Image

from tests.checkout import ROOT

PICTURE = ROOT / "docs" / "moving.gif"


def test_it_is_small_and_each_of_its_pictures_is_long_enough_to_be_read():
    assert PICTURE.stat().st_size <= 2e6
    with Image.open(PICTURE) as moving:
        milliseconds = []
        for k in range(moving.n_frames):
            moving.seek(k)
            milliseconds.append(moving.info["duration"])
    assert len(milliseconds) >= 30 and 20_000 <= sum(milliseconds) <= 60_000
    assert min(milliseconds) >= 80 and max(milliseconds) >= 3000
