"""The numeric stepper of chapter 05, driven through its handles."""

import math
import re

import numpy as np
import pytest
from matplotlib.colors import to_hex

from nnlib import MSE, Dense, Network, Tanh
from nnlib.teach import plots
from nnlib.teach.widgets import numeric_stepper
from nnlib.teach.widgets.numeric_stepper import PARAMETERS, STEPS, numbers

SAMPLES = [(2, -1, 1, 0.01), (-3, 3, -3, 1), (0, 0, 0, 0.001), (0.7, -1.3, 2.1, 0.1)]


@pytest.fixture
def stepper():
    return numeric_stepper()


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


def test_back_and_next_stay_within_the_steps(stepper):
    assert stepper.back.disabled and not stepper.next.disabled
    for _ in range(len(STEPS) + 3):
        stepper.next.click()
    assert stepper.step.value == len(STEPS) and stepper.next.disabled and not stepper.back.disabled
    stepper.back.click()
    assert stepper.step.value == len(STEPS) - 1 and not stepper.next.disabled


@pytest.mark.parametrize(
    ("moves", "lines"),
    [
        (
            {},
            [
                r"$z_{1} = x_{1} \, w_{11} + x_{2} \, w_{21} + b_{1}$",
                r"$= 2 \cdot 0.3 + (-1) \cdot 0.1 + 0.05$",
                "$= 0.55$",
            ],
        ),
        ({"x1": -0.5}, [r"$= (-0.5) \cdot 0.3 + (-1) \cdot 0.1 + 0.05$", "$= -0.2$"]),
        ({"step": len(STEPS)}, [r"$= 0.3 - 0.01 \cdot (-1.794)$"]),
    ],
)
def test_a_line_in_symbols_stands_beside_its_numbers(stepper, moves, lines):
    for name, value in moves.items():
        getattr(stepper, name).value = value
    assert all(line in stepper.lines.value for line in lines)


def test_a_target_that_is_too_low_is_blamed_upwards(stepper):
    stepper.y.value = stepper.y.min
    assert stepper.values["dy_hat"] > 0


def labels(stepper, number):
    """Return the labels of the picture of a step, by what they say."""
    stepper.step.value = number
    (ax,) = stepper.figure.axes
    return {text.get_text(): text.get_bbox_patch() for text in ax.texts}


def test_what_is_computed_lights_up(stepper):
    shown = {number: labels(stepper, number) for number in (1, 4, 9, 10, 11)}
    faces = {
        number: {text: box.get_facecolor() for text, box in found.items()} for number, found in shown.items()
    }
    assert not any(text.startswith("d") for text in shown[4])
    assert sum(text.startswith("d") for text in shown[10]) == 9 + 2 + 2 + 2 + 1  # parameters, z, a, x, output
    white = (1, 1, 1, 1)
    assert faces[9]["dw₁₁ = −1.794"] != white and faces[9]["dv₁ = −0.2995"] == white
    assert faces[9]["x₁ = 2"] != white and sum(faces[9]["x₁ = 2"]) > sum(faces[1]["z₁ = 0.55"])
    assert "w₁₁ = 0.3 → 0.3179" in shown[11]


@pytest.mark.parametrize("number", [4, 11])
@pytest.mark.parametrize("sample", SAMPLES)
def test_no_two_labels_overlap(stepper, sample, number):
    stepper.step.value = number
    stepper.values = numbers(*sample)
    stepper.show_picture()
    boxes = [text.get_window_extent() for text in stepper.figure.axes[0].texts]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(box.x0 >= 0 and box.x1 <= 736 and box.y0 >= 0 and box.y1 <= 320 for box in boxes)


def test_the_loss_and_its_new_value_stay_in_their_circle(stepper):
    stepper.step.value = len(STEPS)
    (ax,) = stepper.figure.axes
    (circle,) = (patch for patch in ax.patches if to_hex(patch.get_edgecolor()).upper() == plots.LOSS)
    (label,) = (text for text in ax.texts if text.get_text().startswith("L = "))
    assert label.get_text() == "L = 0.08953\n → 0.04332"
    inner, outer = label.get_window_extent(), circle.get_window_extent()
    assert outer.x0 < inner.x0 and inner.x1 < outer.x1 and outer.y0 < inner.y0 and inner.y1 < outer.y1


@pytest.mark.parametrize("rate", [1e-3, 0.01, 1])
@pytest.mark.parametrize("target", [1, 0.7, 0.7005])
def test_every_move_is_seen_however_short(stepper, rate, target):
    stepper.step.value, stepper.y.value, stepper.lr.value = len(STEPS), target, rate
    moved = [text.get_text() for text in stepper.figure.axes[0].texts if "→" in text.get_text()]
    assert len(moved) == len(PARAMETERS) + 1
    for text in moved:
        before, after = re.fullmatch(r".+ = (\S+)\s+→ (\S+)", text).groups()
        assert before != after and f" {after}".replace("−", "-") in stepper.picture.alt
        assert f"= {after}$".replace("−", "-") in stepper.lines.value
    start, end = re.search(r"from (\S+) to (\S+)\.$", stepper.text.value).groups()
    assert start != end


def test_a_parameter_that_stays_is_shown_so(stepper):
    stepper.x1.value, stepper.step.value = 0, len(STEPS)
    assert "w₁₁ = 0.3 → 0.3" in labels(stepper, len(STEPS))


def test_colours_tell_data_parameters_and_gradients(stepper):
    found = {text.split(" =")[0]: to_hex(box.get_edgecolor()) for text, box in labels(stepper, 10).items()}
    colours = {"x₁": plots.DATA, "v₁": plots.PARAMETER, "dv₁": plots.GRADIENT, "L": plots.LOSS}
    assert {label: found[label].upper() for label in colours} == colours
