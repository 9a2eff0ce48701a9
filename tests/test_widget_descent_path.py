"""The descent path of chapter 01, driven through its handles."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from nnlib import MSE, SGD, Dense, Network, steps
from nnlib.teach.widgets import descent_path
from nnlib.teach.widgets.descent_path import ORIGIN, RAW, STANDARDISED, VALLEY, WALL

X = np.arange(1.0, 7.0)
Y = np.array([6.1, 7.9, 10.4, 12.1, 13.7, 16.2])


@pytest.fixture
def explorer():
    return descent_path(X, Y)


def titles(explorer):
    figure = Figure()
    explorer.draw(figure)
    return [ax.get_title() for ax in figure.axes]


@pytest.mark.parametrize("start", [ORIGIN, VALLEY, WALL])
@pytest.mark.parametrize("inputs", [RAW, STANDARDISED])
def test_the_path_is_that_of_nnlib(explorer, start, inputs):
    explorer.start.value, explorer.inputs.value = start, inputs
    net = Network(Dense(1, 1, rng=np.random.default_rng(0), dtype=np.float64))
    W, b = net.params
    W[...], b[...] = explorer.path[0]
    x = X if inputs == RAW else (X - X.mean()) / X.std()
    optimizer = SGD(net.params, lr=explorer.lr.value)
    data = {"X": x[:, None], "Y": Y[:, None], "epochs": 30, "batch_size": 6, "rng": None}
    for t, step in enumerate(steps(net, MSE(), optimizer, **data)):
        assert np.isclose(explorer.losses[t], step.loss, rtol=1e-12)
        assert np.allclose(explorer.path[t + 1], [W.item(), b.item()], rtol=1e-12)
    assert len(explorer.path) == 31


def test_the_bowl(explorer):
    assert np.allclose(explorer.bottom, np.polyfit(X, Y, 1))
    assert np.isclose(explorer.eigenvalues.sum(), 2 * np.mean(X**2) + 2)
    explorer.inputs.value = STANDARDISED
    assert np.allclose(explorer.eigenvalues, 2)


def test_the_starting_line_is_the_same_for_both_inputs(explorer):
    for start in (ORIGIN, VALLEY, WALL):
        explorer.inputs.value, explorer.start.value = RAW, start
        loss = explorer.losses[0]
        explorer.inputs.value = STANDARDISED
        assert np.isclose(explorer.losses[0], loss)


def test_the_starts_are_equally_far_and_two_lie_on_the_axes_of_the_bowl(explorer):
    starts, factors = [], []
    for start in (ORIGIN, VALLEY, WALL):
        explorer.start.value = start
        distances = np.linalg.norm(explorer.path - explorer.bottom, axis=1)
        starts.append(distances[0])
        factors.append(distances[1:4] / distances[:3])
    assert np.allclose(starts, starts[0])
    for found, eigenvalue in zip(factors[1:], explorer.eigenvalues, strict=True):
        assert np.allclose(found, abs(1 - explorer.lr.value * eigenvalue))


@pytest.mark.parametrize(
    ("lr", "said", "title"),
    [
        (0.03, "<b>converges</b>", "Converges"),
        (0.0625, "<b>converges, oscillating</b>", "Converges, oscillating"),
        (0.063, "<b>diverges</b>", "Diverges"),
        (0.07, "<b>diverges</b>", "Leaves the picture at step 3"),
    ],
)
def test_the_verdict(explorer, lr, said, title):
    explorer.lr.value = lr
    assert said in explorer.text.value and titles(explorer)[0] == title
    losses = np.diff(explorer.losses)
    assert (losses > 0).all() if "diverges" in said else (losses < 0).all()


def test_what_the_text_says(explorer):
    text = explorer.text.value
    for words in (
        "λ<sub>max</sub> = 32,",
        "2/λ<sub>max</sub> is 0.0626",
        "by <b>−0.602</b> in the steep direction (λ = 32)",
        "by <b>0.982</b> in the flat one (λ = 0.365)",
        "After step 30: w = 2.45, b = 2.12, L = 0.8068.",
        "The bottom: w = 1.99, b = 4.11, L = 0.04851.",
    ):
        assert words in text
    explorer.inputs.value = STANDARDISED
    assert "2/λ<sub>max</sub> is 1." in explorer.text.value


def test_rewinding_keeps_the_path(explorer):
    path, picture = explorer.path, explorer.picture.value
    explorer.n_steps.value = 3
    assert np.array_equal(explorer.path, path[:4]) and explorer.picture.value != picture
    explorer.n_steps.value = 0
    assert np.array_equal(explorer.path, [[0, 0]]) and "After step 0: w = 0, b = 0," in explorer.text.value
    explorer.n_steps.value = 30
    assert explorer.picture.value == picture


def test_the_blow_up_ends_where_numbers_do(explorer):
    explorer.lr.value, explorer.n_steps.value = 3, 200
    assert np.isfinite(explorer.losses).all() and 10 < len(explorer.losses) < 200
    made = len(explorer.losses) - 1
    assert f"After step {made}, the last whose loss this computer can hold" in explorer.text.value
    figure = Figure()
    explorer.draw(figure)
    surface, curve, line = figure.axes
    assert surface.get_title() == "Leaves the picture at step 1"
    assert line.get_title() == "The line has left the picture"
    for ax in figure.axes:  # the axes stay where they are, and what is drawn goes beyond them
        assert np.isfinite([*ax.get_xlim(), *ax.get_ylim()]).all()
    assert curve.get_ylim()[1] < max(curve.lines[0].get_ydata()) < np.inf
    assert max(surface.lines[0].get_xdata()) > surface.get_xlim()[1]


def test_the_axes_do_not_follow_the_learning_rate(explorer):
    limits = []
    for lr in (0.01, 0.05, 0.5):
        explorer.lr.value = lr
        figure = Figure()
        explorer.draw(figure)
        limits.append(figure.axes[0].get_xlim() + figure.axes[0].get_ylim())
    assert limits[0] == limits[1] == limits[2]


def test_a_perfect_line_has_a_bottom_without_loss():
    explorer = descent_path([0, 1, 2], [1, 3, 5])
    explorer.n_steps.value = 200
    assert explorer.losses[-1] < 1e-4 and explorer.picture.value


def test_an_answer_takes_less_than_a_third_of_a_second(explorer, in_plain_pictures):
    rates = (0.01, 0.02, 0.04, 0.06, 0.08)
    assert in_plain_pictures(lambda value: setattr(explorer.lr, "value", value), rates) <= 4.5


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ([1, 2], [1, 2, 3], r"shapes \(2,\) and \(3,\)"),
        ([[1, 2]], [[1, 2]], "shapes"),
        ([2, 2], [1, 3], "equal"),
    ],
)
def test_what_is_no_line(x, y, said):
    with pytest.raises(ValueError, match=said):
        descent_path(x, y)
