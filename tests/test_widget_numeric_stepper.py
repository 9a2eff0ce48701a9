"""The numeric stepper of chapter 05, driven through its handles."""

import math
import re

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from nnlib import MSE, Dense, Network, Tanh
from nnlib.teach import plots
from nnlib.teach.widgets import numeric_stepper
from nnlib.teach.widgets.numeric_stepper import PARAMETERS, STEPS, numbers

SAMPLES = [(2, -1, 1, 0.01), (-3, 3, -3, 1), (0, 0, 0, 0.001), (0.7, -1.3, 2.1, 0.1)]


def network():
    """Return the net of the stepper, built from nnlib's parts."""
    p, rng = PARAMETERS, np.random.default_rng(0)
    net = Network(Dense(2, 2, rng=rng, dtype=np.float64), Tanh(), Dense(2, 1, rng=rng, dtype=np.float64))
    net.layers[0].W = [[p["w11"], p["w12"]], [p["w21"], p["w22"]]]
    net.layers[0].b = [p["b1"], p["b2"]]
    net.layers[2].W, net.layers[2].b = [[p["v1"]], [p["v2"]]], [p["c"]]
    return net


@pytest.mark.parametrize(("x1", "x2", "y", "lr"), SAMPLES)
def test_the_numbers_are_those_of_a_real_network(x1, x2, y, lr):
    n, net, loss = numbers(x1, x2, y, lr), network(), MSE()
    X, Y = np.array([[x1, x2]], float), np.array([[y]], float)
    Y_hat = net.forward(X)
    assert np.isclose(n["y_hat"], Y_hat.item()) and np.isclose(n["L"], loss.value(Y_hat, Y))
    dX = net.backward(loss.gradient(Y_hat, Y))
    names = [["w11", "w12"], ["w21", "w22"]], ["b1", "b2"], [["v1"], ["v2"]], ["c"]
    for name, p, dp in zip(names, net.params, net.grads, strict=True):
        assert np.allclose(np.vectorize(lambda a: n[f"d{a}"])(name), dp)
        p -= lr * dp
        assert np.allclose(np.vectorize(lambda a: n[f"new {a}"])(name), p)
    assert np.allclose([[n["dx1"], n["dx2"]]], dX)
    assert np.isclose(n["new L"], loss.value(net.forward(X), Y))


@pytest.mark.parametrize("sample", SAMPLES)
def test_each_line_gives_its_number(sample):
    """The formula that is shown and the number beside it are written in two places: they agree."""
    n = numbers(*sample)
    for name, template in (line for step in STEPS for line in step.lines.items()):
        expression = template.format(**{name: f"({value!r})" for name, value in n.items()})
        expression = expression.replace(r"\tanh", "math.tanh").replace("^", "**")
        assert math.isclose(eval(expression), n[name], abs_tol=1e-12), name


def test_every_line_uses_only_what_is_known():
    known = {"x1", "x2", "y", "lr", "new y_hat", *PARAMETERS}
    for step in STEPS:
        used = {name for line in step.lines.values() for name in re.findall(r"\{(.+?)\}", line)}
        assert used <= known
        known |= step.lines.keys()
    assert {f"d{name}" for name in PARAMETERS} <= known


def test_back_and_next_stay_within_the_steps():
    stepper = numeric_stepper()
    assert stepper.back.disabled and not stepper.next.disabled
    for _ in range(len(STEPS) + 3):
        stepper.next.click()
    assert stepper.step.value == len(STEPS) and stepper.next.disabled and not stepper.back.disabled
    stepper.back.click()
    assert stepper.step.value == len(STEPS) - 1 and not stepper.next.disabled


def test_a_line_in_symbols_stands_beside_its_numbers():
    stepper = numeric_stepper()
    assert r"$z_{1} = x_{1} \, w_{11} + x_{2} \, w_{21} + b_{1}$" in stepper.lines.value
    assert r"$= 2 \cdot 0.3 + (-1) \cdot 0.1 + 0.05$" in stepper.lines.value
    assert "$= 0.55$" in stepper.lines.value
    stepper.x1.value = -0.5
    assert r"$= (-0.5) \cdot 0.3 + (-1) \cdot 0.1 + 0.05$" in stepper.lines.value
    assert "$= -0.2$" in stepper.lines.value


def test_the_last_step_moves_the_weights_and_tells_the_loss():
    stepper = numeric_stepper()
    stepper.step.value = len(STEPS)
    assert r"$= 0.3 - 0.01 \cdot (-1.794)$" in stepper.lines.value
    assert "The loss falls from 0.08953 to 0.04332." in stepper.text.value
    stepper.lr.value = 1
    assert "The loss rises from 0.08953 to" in stepper.text.value
    stepper.y.value = stepper.y.min
    assert stepper.values["dy_hat"] > 0


def test_what_is_computed_lights_up():
    stepper = numeric_stepper()
    shown = {}
    for number in range(1, len(STEPS) + 1):
        stepper.step.value = number
        (ax,) = stepper.figure.axes
        shown[number] = {text.get_text(): text.get_bbox_patch().get_facecolor() for text in ax.texts}
    assert not any(text.startswith("d") for text in shown[4])
    gradients = [text for text in shown[10] if text.startswith("d")]
    assert len(gradients) == 9 + 2 + 2 + 2 + 1  # parameters, z, a, x and the output
    white, fresh = (1, 1, 1, 1), shown[9]["dw₁₁ = −1.794"]
    assert fresh != white and shown[9]["dv₁ = −0.2995"] == white
    used = shown[9]["x₁ = 2"]
    assert used != white and sum(used) > sum(shown[1]["z₁ = 0.55"])
    assert "w₁₁ = 0.3 → 0.3179" in shown[11]


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_two_labels_overlap(sample):
    stepper = numeric_stepper()
    for number in (4, 11):
        stepper.step.value = number
        stepper.values = numbers(*sample)
        figure = Figure(figsize=(9.2, 4), dpi=80, layout="constrained")
        stepper.draw(figure)
        FigureCanvasAgg(figure).draw()
        boxes = [text.get_window_extent() for text in figure.axes[0].texts]
        assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
        assert all(box.x0 >= 0 and box.x1 <= 736 and box.y0 >= 0 and box.y1 <= 320 for box in boxes)


def test_colours_tell_data_parameters_and_gradients():
    stepper = numeric_stepper()
    stepper.step.value = 10
    colours = {
        text.get_text().split(" =")[0]: text.get_bbox_patch().get_edgecolor()
        for text in stepper.figure.axes[0].texts
    }
    for label, colour in (
        ("x₁", plots.DATA),
        ("v₁", plots.PARAMETER),
        ("dv₁", plots.GRADIENT),
        ("L", plots.LOSS),
    ):
        assert np.allclose(colours[label], to_rgba(colour))


def test_it_answers_at_once(in_plain_pictures):
    stepper = numeric_stepper()

    def go_to(number):
        picture = stepper.picture.value
        stepper.step.value = number
        assert stepper.picture.value != picture

    assert in_plain_pictures(go_to, range(2, len(STEPS) + 1)) <= 4.5
