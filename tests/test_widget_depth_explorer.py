"""The depth explorer of chapter 10, driven through its handles."""

import numpy as np
import pytest

from nnlib import Dense, LeakyReLU, ReLU, Sigmoid, Tanh
from nnlib.teach.widgets import depth_explorer
from nnlib.teach.widgets.depth_explorer import DEEPEST, WIDTH, predicted_spreads

LAYERS = {"tanh": Tanh, "sigmoid": Sigmoid, "ReLU": ReLU, "leaky ReLU": LeakyReLU}
XAVIER, HE = WIDTH**-0.5, (2 / WIDTH) ** 0.5


@pytest.fixture(scope="module")
def shared():
    return depth_explorer()


@pytest.fixture
def explorer(shared):
    shared.depth.value, shared.sigma.value, shared.function.value = 30, 0.05, "tanh"
    return shared


@pytest.mark.parametrize("function", LAYERS)
def test_spreads_and_gradients_are_those_of_nnlib(explorer, function):
    explorer.depth.value, explorer.function.value = 4, function
    layers = []
    for G in explorer._G[:4]:
        dense = Dense(WIDTH, WIDTH, rng=np.random.default_rng(0), dtype=np.float64)
        dense.W = explorer.sigma.value * G
        layers += [dense, LAYERS[function]()]
    A, spreads = explorer._X, []
    for dense, activation in zip(layers[::2], layers[1::2], strict=True):
        spreads.append(np.sqrt(np.mean(dense.forward(A) ** 2)))
        A = activation.forward(dense.forward(A))
    assert explorer.spreads == pytest.approx(spreads)
    dA = explorer._dA
    for k in (3, 2, 1, 0):
        dZ = layers[2 * k + 1].backward(dA)
        assert explorer.gradients[k] == pytest.approx(np.sqrt(np.mean(dZ**2)))
        dA = layers[2 * k].backward(dZ)


@pytest.mark.parametrize("function", LAYERS)
@pytest.mark.parametrize("sigma", [0.05, HE, 0.2])
def test_the_prediction_is_near(explorer, function, sigma):
    explorer.function.value, explorer.sigma.value = function, sigma
    assert np.abs(np.log(explorer.spreads / explorer.predicted)).max() < 0.5
    assert np.abs(np.log(explorer.gradients / explorer.predicted_gradients)).max() < 1.5


def test_what_the_formulas_say():
    spreads, gradients = predicted_spreads("ReLU", HE, 50)
    assert spreads == pytest.approx(np.full(50, np.sqrt(2)))
    assert gradients == pytest.approx(np.full(50, np.sqrt(1 / 2)))
    spreads, gradients = predicted_spreads("ReLU", 2 * HE, 50)
    assert spreads[-1] == pytest.approx(np.sqrt(8) * 2**49)
    assert gradients[0] == pytest.approx(np.sqrt(1 / 2) * 2**49)
    assert predicted_spreads("tanh", XAVIER, 50)[0][-1] == pytest.approx(0.1, rel=0.05)  # 1/√(2 · 50)
    assert predicted_spreads("tanh", 1, 2, width=100)[0][0] == pytest.approx(10)


def test_what_is_written_is_true(explorer):
    text = explorer.text.value
    assert "256 · 0.05² = <b>0.64</b>" in text and "In layer 30 the spread" in text
    assert f"<b>{explorer.spreads[-1]:.2g}</b> (predicted: {explorer.predicted[-1]:.2g})" in text
    assert f"<b>{explorer.gradients[0]:.2g}</b> is left in layer 1" in text
    explorer.sigma.value = 1
    assert explorer.flat > 0.9 and f"<b>{explorer.flat:.0%}</b> of all units" in explorer.text.value


def test_saturated_and_dead(explorer):
    explorer.sigma.value = 0.01
    assert explorer.flat == 0 and explorer.dead == 0
    explorer.function.value = "sigmoid"
    assert explorer.dead == 1  # what it says has nothing to do with its input any more
    explorer.function.value, explorer.sigma.value = "ReLU", HE
    assert explorer.flat == pytest.approx(0.5, abs=0.05)


def test_the_titles_tell_what_happens(explorer):
    def titles():
        return [ax.get_title() for ax in explorer.figure.axes]

    assert titles() == ["Forward: it vanishes", "Back: it vanishes"]
    explorer.function.value, explorer.sigma.value = "ReLU", HE
    assert titles() == ["Forward: it gets through", "Back: it gets through"]
    explorer.sigma.value = 0.2
    assert titles() == ["Forward: it explodes", "Back: it explodes"]
    explorer.function.value, explorer.sigma.value = "tanh", 0.2
    assert titles() == ["Forward: it gets through", "Back: it explodes"]


@pytest.mark.parametrize("function", LAYERS)
@pytest.mark.parametrize(("sigma", "depth"), [(0.01, DEEPEST), (1, DEEPEST), (1, 1)])
def test_the_corners_can_be_drawn(explorer, function, sigma, depth):
    explorer.function.value, explorer.sigma.value, explorer.depth.value = function, sigma, depth
    assert len(explorer.spreads) == len(explorer.predicted) == len(explorer.gradients) == depth
    assert np.isfinite(explorer.spreads).all() and np.isfinite(explorer.gradients).all()
    for ax in explorer.figure.axes:
        assert np.isfinite(ax.get_ylim()).all() and all(len(line.get_xdata()) == depth for line in ax.lines)


@pytest.mark.parametrize("control, value", [("function", "ReLU"), ("depth", 12), ("sigma", 0.1)])
def test_each_control_changes_text_and_picture(explorer, control, value):
    text, picture = explorer.text.value, explorer.picture.value
    getattr(explorer, control).value = value
    assert explorer.text.value != text and explorer.picture.value != picture


def test_it_answers_at_once(explorer, in_plain_pictures):
    sigmas = np.geomspace(0.03, 0.3, 7)
    assert in_plain_pictures(lambda value: setattr(explorer.sigma, "value", value), sigmas) <= 4.5
