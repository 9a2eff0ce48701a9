"""The long experiments: each is recorded with seeds, sources and machine, and gives the same again."""

import json

import numpy as np
import pytest

from experiments import __main__ as experiments
from experiments.convolution_long import DEGREES, PIXELS, SHARE, varied, warped
from nnlib.teach.recorded import FOLDER, recorded

each_experiment = pytest.mark.parametrize("name", experiments.NAMES)


def shape(value):
    """Return the keys of nested dicts, and of a list the shape of its first entry; numbers are all alike."""
    if isinstance(value, dict):
        return {key: shape(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return float if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value)


@each_experiment
def test_a_record_says_where_it_comes_from(name):
    record = recorded(name)
    assert list(record) == ["what", "seconds", "machine", "results"]
    assert record["seconds"] > 0 and len(record["what"]) > 40
    assert {"processor", "cores", "python", "versions", "blas"} <= set(record["machine"])
    assert record["results"]["seeds"] and record["results"]["source"]


@each_experiment
def test_an_experiment_gives_what_its_record_holds(name):
    record = json.loads(json.dumps(experiments.measure(name, quick=True)))
    assert shape(record["results"]) == shape(recorded(name)["results"])


def test_every_record_has_its_experiment():
    assert sorted(path.stem for path in FOLDER.glob("*")) == sorted(experiments.NAMES)


def test_storing(tmp_path):
    experiments.store("some", {"results": [1.5]}, tmp_path)
    assert json.loads((tmp_path / "some.json").read_text()) == {"results": [1.5]}
    assert [path.name for path in tmp_path.iterdir()] == ["some.json"]


def test_names(capsys):
    with pytest.raises(SystemExit):
        experiments.main(["nothing"])
    assert "no experiment nothing; expected some of" in capsys.readouterr().err
    with pytest.raises(ValueError, match="there is no record 'nothing'; expected one of"):
        recorded("nothing")


def one_warped(X, turn=0, size=1, shift=(0, 0)):
    return warped(X, np.array([turn]), np.array([size]), np.array(shift)[:, None])[0]


@pytest.fixture
def image(rng):
    return rng.random((1, 28, 28))


def test_an_image_that_is_not_warped_stays():
    X = np.random.default_rng(0).random((3, 784))
    still = np.zeros(3), np.ones(3), np.zeros((2, 3))
    assert np.array_equal(warped(X, *still), X.reshape(3, 28, 28))


def test_an_image_is_moved_down_and_to_the_side(image):
    moved = one_warped(image, shift=(2, -1))
    assert (
        np.array_equal(moved[2:, :-1], image[0, :-2, 1:]) and not moved[:2].any() and not moved[:, -1].any()
    )


def test_an_image_is_turned_about_its_middle(image):
    assert np.allclose(one_warped(image, turn=np.pi / 2), np.rot90(image[0]))


def test_an_image_is_made_twice_as_large(image):
    # Places 13 and 14 come from a quarter of a pixel on both sides of the middle.
    a, b, c, d = image[0, 13:15, 13:15].ravel()
    larger = one_warped(image, size=2)[13:15, 13:15].ravel()
    assert np.allclose(larger[0], (9 * a + 3 * b + 3 * c + d) / 16)
    assert np.allclose(larger[3], (a + 3 * b + 3 * c + 9 * d) / 16)


def test_it_is_moved_after_it_was_turned(image):
    both = one_warped(image, turn=np.pi / 2, shift=(3, 0))
    assert np.allclose(both[3:], np.rot90(image[0])[:-3])


def test_images_vary_within_their_bounds(monkeypatch):
    asked = []

    def kept(X, *ways):
        asked.append(ways)
        return X.reshape(-1, 28, 28)

    monkeypatch.setattr("experiments.convolution_long.warped", kept)
    assert varied(np.zeros((5000, 784), np.float32), PIXELS, np.random.default_rng(0)).shape == (5000, 28, 28)
    turn, size, shift = (np.concatenate(way, axis=-1) for way in zip(*asked, strict=True))
    assert DEGREES - 0.1 < np.rad2deg(np.abs(turn)).max() <= DEGREES
    assert 1 - SHARE <= size.min() < 0.901 and 1.099 < size.max() <= 1 + SHARE + 1e-6
    assert set(shift.ravel()) == {*range(-PIXELS, PIXELS + 1)} and len(turn) == shift.shape[1] == 5000
