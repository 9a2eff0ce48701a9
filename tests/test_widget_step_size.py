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


@pytest.fixture
def explorer():
    return step_size()


# The verdict, the quotient where it is known, and the largest error.
@pytest.mark.parametrize(
    ("moves", "said", "quotient", "error"),
    [
        (
            {},
            "<b>truncation</b> dominates; the best step would be about h = <b>2.1e-08</b>",
            (np.exp(1 + 10**-0.5) - np.exp(1)) / 10**-0.5,
            0.5,
        ),
        ({"h": 1e-12}, "<b>rounding</b> dominates", None, 1e-3),
        ({"difference": "central"}, "the best step would be about h = <b>6.9e-06</b>", None, 0.5),
        (
            {"difference": "central", "dtype": "float32", "h": 1e-12},
            "x + h is rounded to x itself: in float32 this step does not exist",
            0,
            np.e,
        ),
        ({"difference": "central", "dtype": "float32", "h": 5.6e-3}, "<td>2.718", None, 1e-3),
        (
            {"function": "x² at 1", "difference": "central"},
            "there is no truncation, so the longer the step the better.",
            None,
            1e-9,
        ),
        ({"function": NEAR, "difference": "central", "h": 1e-2}, "The step crosses the kink", 0.1, 1),
        ({"function": NEAR, "difference": "central", "h": 1e-5}, "away from the kink", None, 1e-10),
    ],
)
def test_the_numbers_follow_the_controls(explorer, moves, said, quotient, error):
    for name, value in moves.items():
        getattr(explorer, name).value = value
    assert said in explorer.text.value and explorer.estimate.error <= error
    assert quotient is None or explorer.estimate.quotient == pytest.approx(quotient, rel=0, abs=1e-15)


@pytest.mark.parametrize("h", [1e-12, 1e-5, 1])
@pytest.mark.parametrize(("difference", "quotient"), [("central", 0.5), ("forward", 1)])
def test_no_step_makes_a_derivative_on_the_kink(explorer, h, difference, quotient):
    explorer.function.value, explorer.difference.value, explorer.h.value = ON, difference, h
    assert explorer.estimate.quotient == quotient == explorer.estimate.error
    assert "On the kink there is no derivative" in explorer.text.value
    assert "0, says backward" in explorer.text.value


def test_an_error_of_zero_is_marked_at_the_lower_edge(explorer):
    explorer.function.value, explorer.difference.value, explorer.h.value = NEAR, "central", 10**-3.5
    curve = estimate(FUNCTIONS[NEAR], STEPS, central=True, dtype=np.float64)
    exact = STEPS[curve.error == 0]
    assert exact[exact > 1e-4] == pytest.approx(10 ** np.array([-3.7, -3.5, -3.3, -3.2, -3]))
    _, v = explorer.figure.axes
    assert np.array_equal(v.lines[0].get_ydata(), np.maximum(curve.error, v.get_ylim()[0]))  # without a gap
    (marked,) = (line for line in v.lines if line.get_label() == "error exactly 0")
    assert np.array_equal(marked.get_xdata(), exact) and not marked.get_clip_on()
    assert set(marked.get_ydata()) == {v.get_ylim()[0]}
    assert "<b>0</b>, exactly<" in explorer.text.value and "at the lower edge.</p>" in explorer.text.value
    (mine,) = (line for line in v.lines if line.get_marker() == "o")
    assert (mine.get_xdata()[0], mine.get_ydata()[0]) == (explorer.h.value, v.get_ylim()[0])


@pytest.mark.parametrize("h", [1, 1e-2, 1e-5])
@pytest.mark.parametrize("difference", ["forward", "central"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_legend_lies_over_a_curve(explorer, name, difference, h):
    explorer.function.value, explorer.difference.value, explorer.h.value = name, difference, h
    for ax in explorer.figure.axes:
        box = ax.get_legend().get_window_extent()
        for line in ax.lines:
            if line.get_label() != "your h":  # it goes from top to bottom, wherever the step is
                points = ax.transData.transform(np.transpose(line.get_data()))
                assert not any(box.contains(*point) for point in points), line.get_label()


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    ("difference", "dtype", "h"), [("forward", "float32", 1e-16), ("central", "float64", 1)]
)
def test_every_choice_is_drawn(explorer, name, difference, dtype, h):
    explorer.function.value, explorer.h.value = name, h
    explorer.difference.value, explorer.dtype.value = difference, dtype
    glass, v = explorer.titles()
    assert (
        glass.endswith(f"magnified {1 / h:.3g} times") and v == f"The V: {difference} differences in {dtype}"
    )
