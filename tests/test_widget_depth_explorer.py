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
    A, layers, spreads, gradients = explorer._X, [], [], []
    for G in explorer._G[:4]:
        dense = Dense(WIDTH, WIDTH, rng=np.random.default_rng(0), dtype=np.float64)
        dense.W, activation = explorer.sigma.value * G, LAYERS[function]()
        layers.append((dense, activation))
        spreads.append(np.sqrt(np.mean(dense.forward(A) ** 2)))
        A = activation.forward(dense.forward(A))
    dA = explorer._dA
    for dense, activation in reversed(layers):
        dZ = activation.backward(dA)
        gradients.insert(0, np.sqrt(np.mean(dZ**2)))
        dA = dense.backward(dZ)
    assert explorer.spreads == pytest.approx(spreads) and explorer.gradients == pytest.approx(gradients)


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
    assert (spreads[-1], gradients[0]) == pytest.approx((np.sqrt(8) * 2**49, np.sqrt(1 / 2) * 2**49))
    assert predicted_spreads("tanh", XAVIER, 50)[0][-1] == pytest.approx(0.1, rel=0.05)  # 1/√(2 · 50)
    assert predicted_spreads("tanh", 1, 2, width=100)[0][0] == pytest.approx(10)


# The shares of flat slopes and of dead units.
@pytest.mark.parametrize(
    ("function", "sigma", "flat", "dead"),
    [("tanh", 0.01, 0, 0), ("sigmoid", 0.01, None, 1), ("ReLU", HE, 0.5, None), ("tanh", 1, 1, None)],
)
def test_saturated_and_dead(explorer, function, sigma, flat, dead):
    explorer.function.value, explorer.sigma.value = function, sigma
    assert flat is None or explorer.flat == pytest.approx(flat, abs=0.1 * flat)
    assert dead is None or explorer.dead == dead


VANISHES, THROUGH, EXPLODES = "it vanishes", "it gets through", "it explodes"


@pytest.mark.parametrize(
    ("function", "sigma", "forward", "back"),
    [
        ("tanh", 0.05, VANISHES, VANISHES),
        ("ReLU", HE, THROUGH, THROUGH),
        ("ReLU", 0.2, EXPLODES, EXPLODES),
        ("tanh", 0.2, THROUGH, EXPLODES),
    ],
)
def test_the_titles_tell_what_happens(explorer, function, sigma, forward, back):
    explorer.function.value, explorer.sigma.value = function, sigma
    assert explorer.titles() == [f"Forward: {forward}", f"Back: {back}"]


@pytest.mark.parametrize("function", LAYERS)
@pytest.mark.parametrize(("sigma", "depth"), [(0.01, DEEPEST), (1, DEEPEST), (1, 1)])
def test_the_corners_can_be_drawn(explorer, function, sigma, depth):
    explorer.function.value, explorer.sigma.value, explorer.depth.value = function, sigma, depth
    assert len(explorer.spreads) == len(explorer.predicted) == len(explorer.gradients) == depth
    assert np.isfinite([explorer.spreads, explorer.gradients]).all()
    for ax in explorer.figure.axes:
        assert np.isfinite(ax.get_ylim()).all() and all(len(line.get_xdata()) == depth for line in ax.lines)
