"""The step-size explorer of chapter 06, driven through its handles."""

import numpy as np
import pytest

from nnlib.gradcheck import numerical_gradient
from nnlib.teach.widgets import step_size
from nnlib.teach.widgets.step_size import FUNCTIONS, STEPS, estimate

SMOOTH = [name for name, function in FUNCTIONS.items() if function.kink is None]
NEAR, ON = list(FUNCTIONS)[-2:]


def derivative(f, x):
    return numerical_gradient(lambda X: float(f(X)[0]), np.array([float(x)]))[0]


@pytest.mark.parametrize("name", SMOOTH)
def test_the_derivatives_are_right(name):
    f, x, (first, second, third), _ = FUNCTIONS[name]
    assert abs(derivative(f, x) - first) < 1e-8
    h = 1e-3
    values = [f(x + k * h) for k in (-2, -1, 0, 1, 2)]
    assert abs(np.dot([0, 1, -2, 1, 0], values) / h**2 - second) < 1e-5
    assert abs(np.dot([-1, 2, 0, -2, 1], values) / (2 * h**3) - third) < 1e-4


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("central", [False, True])
@pytest.mark.parametrize("name", SMOOTH)
def test_error_and_best_step_are_as_derived(name, central, dtype):
    curve = estimate(FUNCTIONS[name], STEPS, central=central, dtype=dtype)
    assert curve.quotient.dtype == dtype
    inside = (STEPS > 20 * np.finfo(dtype).eps) & (STEPS < 0.1)
    assert (curve.error[inside] < 1.5 * curve.truncation[inside] + 3 * curve.rounding[inside]).all()
    if np.isfinite(curve.best):
        total = curve.truncation.astype(float) + curve.rounding
        assert abs(np.log10(STEPS[total.argmin()] / curve.best)) < 0.06


def test_the_numbers_follow_the_controls():
    explorer = step_size()
    picture, text = explorer.picture.value, explorer.text.value
    assert "<b>truncation</b> dominates; the best step would be about h = <b>2.1e-08</b>" in text
    assert explorer.estimate.quotient == (np.exp(1 + 10**-0.5) - np.exp(1)) / 10**-0.5
    explorer.h.value = 1e-12
    assert "<b>rounding</b> dominates" in explorer.text.value and explorer.picture.value != picture
    explorer.difference.value = "central"
    assert "the best step would be about h = <b>6.9e-06</b>" in explorer.text.value
    explorer.dtype.value = "float32"
    assert "x + h is rounded to x itself: in float32 this step does not exist" in explorer.text.value
    assert explorer.estimate.quotient == 0
    explorer.h.value = explorer.estimate.best
    assert explorer.estimate.error < 1e-3 and "<td>2.718" in explorer.text.value
    explorer.function.value = "x² at 1"
    assert "there is no truncation, so the longer the step the better." in explorer.text.value


@pytest.mark.parametrize("h", [1e-12, 1e-5, 1])
@pytest.mark.parametrize(("difference", "quotient"), [("central", 0.5), ("forward", 1)])
def test_no_step_makes_a_derivative_on_the_kink(h, difference, quotient):
    explorer = step_size()
    explorer.function.value, explorer.difference.value, explorer.h.value = ON, difference, h
    assert explorer.estimate.quotient == quotient == explorer.estimate.error
    assert "On the kink there is no derivative" in explorer.text.value
    assert "0, says backward" in explorer.text.value


def test_near_the_kink_a_short_step_is_right():
    explorer = step_size()
    explorer.function.value, explorer.difference.value = NEAR, "central"
    explorer.h.value = 1e-2
    assert "The step crosses the kink" in explorer.text.value
    assert abs(explorer.estimate.quotient - 0.001 / 0.01) < 1e-12
    explorer.h.value = 1e-5
    assert explorer.estimate.error < 1e-10 and "away from the kink" in explorer.text.value


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_choice_is_drawn(name):
    explorer = step_size()
    explorer.function.value = name
    for difference, dtype, h in (("forward", "float32", 1e-16), ("central", "float64", 1)):
        explorer.difference.value, explorer.dtype.value, explorer.h.value = difference, dtype, h
        glass, v = explorer.figure.axes
        assert glass.get_title().endswith(f"magnified {1 / h:.3g} times")
        assert v.get_title() == f"The V: {difference} differences in {dtype}"


def test_it_answers_at_once(in_plain_pictures):
    explorer = step_size()
    assert (
        in_plain_pictures(lambda value: setattr(explorer.h, "value", value), np.logspace(-12, -1, 7)) <= 4.5
    )
