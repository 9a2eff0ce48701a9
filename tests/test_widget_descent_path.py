"""The descent path of chapter 01, driven through its handles."""

import numpy as np
import pytest

from nnlib import MSE, SGD, Dense, Network, steps
from nnlib.teach.widgets import descent_path
from nnlib.teach.widgets.descent_path import ORIGIN, RAW, STANDARDISED, VALLEY, WALL

X = np.arange(1.0, 7.0)
Y = np.array([6.1, 7.9, 10.4, 12.1, 13.7, 16.2])
STARTS = ORIGIN, VALLEY, WALL


@pytest.fixture
def explorer():
    return descent_path(X, Y)


@pytest.mark.parametrize("start", STARTS)
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


@pytest.mark.parametrize("start", STARTS)
def test_the_starting_line_is_the_same_for_both_inputs(explorer, start):
    explorer.start.value = start
    loss = explorer.losses[0]
    explorer.inputs.value = STANDARDISED
    assert np.isclose(explorer.losses[0], loss)


def test_the_starts_are_equally_far_and_two_lie_on_the_axes_of_the_bowl(explorer):
    distances = []
    for explorer.start.value in STARTS:
        distances.append(np.linalg.norm(explorer.path - explorer.bottom, axis=1)[:4])
    first, *others = np.transpose(distances)
    assert np.allclose(first, first[0])
    factors = np.divide(others, [first, *others[:-1]])[:, 1:]
    assert np.allclose(factors, abs(1 - explorer.lr.value * explorer.eigenvalues))


@pytest.mark.parametrize(
    ("lr", "said", "title"),
    [
        (0.03, "<b>converges</b>", "Converges"),
        (0.0316, "<b>converges</b>", "Converges"),  # it overshoots by one per cent
        (0.0625, "<b>converges, oscillating</b>", "Converges, oscillating"),
        (0.063, "<b>diverges</b>", "Diverges"),
        (0.07, "<b>diverges</b>", "Leaves the picture at step 3"),
    ],
)
def test_the_verdict(explorer, lr, said, title):
    explorer.lr.value = lr
    assert said in explorer.text.value and explorer.titles()[0] == title
    losses = np.diff(explorer.losses)
    assert (losses > 0).all() if "diverges" in said else (losses < 0).all()


def test_rewinding_keeps_the_path(explorer):
    path, picture = explorer.path, explorer.picture.value
    for explorer.n_steps.value in (3, 0):
        assert np.array_equal(explorer.path, path[: explorer.n_steps.value + 1])
        assert explorer.picture.value != picture
    explorer.n_steps.value = 30
    assert explorer.picture.value == picture


def test_the_blow_up_ends_where_numbers_do(explorer):
    explorer.lr.value, explorer.n_steps.value = 3, 200
    assert np.isfinite(explorer.losses).all() and 10 < len(explorer.losses) < 200
    made = len(explorer.losses) - 1
    assert f"After step {made}, the last whose loss this computer can hold" in explorer.text.value
    assert explorer.titles()[::2] == ["Leaves the picture at step 1", "The line has left the picture"]
    surface, curve, _ = explorer.figure.axes
    for ax in explorer.figure.axes:  # the axes stay where they are, and what is drawn goes beyond them
        assert np.isfinite([*ax.get_xlim(), *ax.get_ylim()]).all()
    assert curve.get_ylim()[1] < max(curve.lines[0].get_ydata()) < np.inf
    assert max(surface.lines[0].get_xdata()) > surface.get_xlim()[1]


def test_the_axes_do_not_follow_the_learning_rate(explorer):
    limits = set()
    for explorer.lr.value in (0.01, 0.05, 0.5):
        ax = explorer.figure.axes[0]
        limits.add(ax.get_xlim() + ax.get_ylim())
    assert len(limits) == 1


def test_a_perfect_line_has_a_bottom_without_loss():
    explorer = descent_path([0, 1, 2], [1, 3, 5])
    explorer.n_steps.value = 200
    assert explorer.losses[-1] < 1e-4 and explorer.picture.value


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ([1, 2], [1, 2, 3], r"shapes \(2,\) and \(3,\)"),
        ([[1, 2]], [[1, 2]], r"x has shape \(1, 2\); expected one number after the other"),
        ([2, 2], [1, 3], "equal"),
    ],
)
def test_what_is_no_line(x, y, said):
    with pytest.raises(ValueError, match=said):
        descent_path(x, y)
