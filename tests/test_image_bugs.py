"""The patients of chapter 12: each bug is what its words say."""

import numpy as np
import pytest

from nnlib.convolution import Conv2D, MaxPool2D
from nnlib.gradcheck import numerical_gradient
from nnlib.teach import image_bugs
from nnlib.teach.image_bugs import CHOICES, PATIENTS, SETTINGS
from nnlib.teach.patients import RIGHT

# Which columns a bug spoils, and in which settings it spoils none.
SPOILS = {
    "bias-mean": ({"db"}, set()),
    "bias-per-channel": (
        {"Y", "db"},
        {"1 channel in, 1 out", "1 in, 1 out, stride 3", "1 in, 1 out, digits"},
    ),
    "dw-reversed": ({"dW"}, set()),
    "kernel-not-turned": ({"dX"}, set()),
    "overwritten": ({"dX"}, {"1 in, 1 out, stride 3"}),
    "ties-shared": ({"pool dX"}, set(SETTINGS) - {"1 in, 1 out, digits"}),
    "ties-to-all": ({"pool dX"}, set(SETTINGS) - {"1 in, 1 out, digits"}),
}


@pytest.mark.parametrize("key", CHOICES)
def test_a_bug_spoils_what_it_should(key):
    columns, spared = SPOILS[key]
    errors = image_bugs.WARD.errors(key)
    wrong = {setting: {c for c, e in errors[setting].items() if e > RIGHT} for setting in SETTINGS}
    assert set().union(*wrong.values()) == columns
    assert {setting for setting in SETTINGS if not wrong[setting]} == spared
    assert all(error < RIGHT / 10 or error > 0.01 for row in errors.values() for error in row.values())


def test_a_table_has_a_row_for_each_setting():
    rows = str(image_bugs.symptoms(2)).splitlines()
    assert len(rows) == 1 + len(SETTINGS) and rows[0].startswith("patient 2")
    assert [row[:22].strip() for row in rows[1:]] == list(SETTINGS)
    assert rows[1].split()[-5:] == ["0"] * 5 and float(rows[-1].split()[-1]) == 1


def test_an_unturned_kernel_is_the_turned_one_of_a_kernel_that_is_turned(rng):
    wrong = CHOICES["kernel-not-turned"].program.convolution(2, 3, (3, 2), rng=rng, dtype=np.float64)
    right = Conv2D(2, 3, (3, 2), rng=rng, dtype=np.float64)
    X = rng.standard_normal((2, 5, 6, 2))
    dY = rng.standard_normal(wrong.forward(X).shape)
    right.forward(X)
    right.W = wrong.W[::-1, ::-1]
    before = wrong.W.copy()
    assert np.allclose(wrong.backward(dY), right.backward(dY)) and (wrong.W == before).all()


def test_the_bias_of_the_tutorial_is_right_by_luck_where_depths_are_equal(rng):
    for n_in, n_out in [(3, 3), (2, 4)]:
        layer = CHOICES["bias-per-channel"].program.convolution(n_in, n_out, 2, rng=rng, dtype=np.float64)
        X = rng.standard_normal((2, 4, 5, n_in))
        dY = rng.standard_normal(layer.forward(X).shape)
        layer.backward(dY)
        slopes = numerical_gradient(
            lambda _, layer=layer, X=X, dY=dY: float((dY * layer.forward(X)).sum()), layer.b
        )
        assert np.allclose(layer.db, slopes) == (n_in == n_out)
        assert np.allclose(layer.db, n_out / n_in * slopes)


def test_ties_get_several_times_what_came(rng):
    X, dY = np.zeros((1, 4, 4, 1)), rng.uniform(1, 2, (1, 2, 2, 1))
    for key, times in [("ties-to-all", 4), ("ties-shared", 1)]:
        layer = CHOICES[key].program.pooling(2)
        layer.forward(X)
        assert np.isclose(layer.backward(dY).sum(), times * dY.sum())
    right = MaxPool2D(2)
    right.forward(X)
    assert np.isclose(right.backward(dY).sum(), dY.sum())


def test_what_the_patients_cost():
    turned, ties, bias = (image_bugs.trained(patient) for patient in PATIENTS)
    assert turned[0] < turned[1] - 0.1 and bias[0] < bias[1] - 0.05 and abs(ties[0] - ties[1]) < 0.05
    assert turned[1] == ties[1] == bias[1] > 0.65
