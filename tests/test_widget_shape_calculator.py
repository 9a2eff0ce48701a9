"""The shape calculator of chapter 00, driven through its handles."""

import math

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from nnlib import MSE, Dense, Network, Tanh
from nnlib.teach import plots
from nnlib.teach.shapes import two_layer_shapes
from nnlib.teach.widgets import shape_calculator
from nnlib.teach.widgets.shape_calculator import EXAMPLES, OWN

SIZES = [*EXAMPLES.values(), (1, 1, 1, 1), (5, 3, 4, 2), (1, 1, 5, 10), (128, 784, 256, 10)]


def arrays(N, n_in, n_hidden, n_out):
    """Return the arrays of a real network, and its gradients, by name."""
    rng = np.random.default_rng(0)
    first, tanh, last = Dense(n_in, n_hidden, rng=rng), Tanh(), Dense(n_hidden, n_out, rng=rng)
    net, X = Network(first, tanh, last), rng.random((N, n_in))
    Z2 = net.forward(X)
    dZ2 = MSE().gradient(Z2, np.zeros_like(Z2))
    net.backward(dZ2)
    Z1, dA1 = first.forward(X), last.backward(dZ2)
    values = [X, first.W, first.b, Z1, tanh.Y, last.W, last.b, Z2]
    gradients = [None, first.dW, first.db, tanh.backward(dA1), dA1, last.dW, last.db, dZ2]
    return {
        name: pair for name, *pair in zip("X W1 b1 Z1 A1 W2 b2 Z2".split(), values, gradients, strict=True)
    }


@pytest.mark.parametrize("sizes", SIZES)
def test_the_shapes_are_those_of_a_real_network(sizes):
    found = arrays(*sizes)
    assert two_layer_shapes(*sizes) == {name: A.shape for name, (A, _) in found.items()}
    assert all(dA.shape == A.shape for A, dA in found.values() if dA is not None)


@pytest.fixture
def calculator():
    return shape_calculator()


@pytest.mark.parametrize(("example", "n_params"), list(zip(EXAMPLES, (33, 33, 101_770), strict=True)))
def test_an_example_sets_all_sliders(calculator, example, n_params):
    calculator.example.value = example
    sizes = calculator.N, calculator.n_in, calculator.n_hidden, calculator.n_out
    assert tuple(slider.value for slider in sizes) == EXAMPLES[example]
    assert calculator.n_params == n_params and f"<b>{n_params:,}</b> parameters" in calculator.text.value
    assert calculator.shapes == two_layer_shapes(*EXAMPLES[example]) and calculator.example.value == example


def test_an_example_is_drawn_once(calculator):
    pictures = []
    calculator.picture.observe(lambda change: pictures.append(change.new), "value")
    calculator.example.value = list(EXAMPLES)[2]
    assert len(pictures) == 1


def test_a_slider_makes_it_your_own(calculator):
    calculator.n_hidden.value = 5
    assert calculator.example.value == OWN
    assert calculator.shapes["W1"] == (2, 5) and calculator.n_params == 2 * 5 + 5 + 5 * 1 + 1
    row = calculator.text.value.partition("shape of both")[2]
    assert row.count("(2, 5)") == 1 and "2 · 5 + 5 + 5 · 1 + 1" in row


@pytest.mark.parametrize("name", ["X", "W1", "b1", "Z1", "A1", "W2", "b2", "Z2"])
def test_the_table_names_every_gradient_but_that_of_x(calculator, name):
    assert (f">d{name}<" in calculator.text.value) == (name != "X")


def test_your_own_keeps_the_sizes(calculator):
    calculator.example.value = OWN
    assert calculator.N.value == 4 and calculator.shapes["X"] == (4, 2)


# The picture


@pytest.mark.parametrize("sizes", SIZES)
def test_everything_is_drawn_to_scale_inside_the_picture(sizes):
    figure = Figure(figsize=(9.2, 4.2), dpi=80)
    renderer = FigureCanvasAgg(figure).get_renderer()
    ax = figure.add_axes((0, 0, 1, 1))
    shapes = two_layer_shapes(*sizes)
    plots.arrays(ax, shapes)
    boxes = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    front = [box for box in boxes if box.get_zorder() == 2]
    behind = [box for box in boxes if box.get_zorder() == 1]
    assert len(front) == 8 and len(behind) == 7
    assert all(math.isclose(a.get_width(), b.get_width()) for a, b in zip(front[1:], behind, strict=True))
    drawn = dict(zip(("X", "W1", "b1", "Z1", "A1", "W2", "b2", "Z2"), front, strict=True))
    scale = max(box.get_height() for box in front) / max((1, *shape)[-2] for shape in shapes.values())
    for name, shape in shapes.items():
        n, m = (1, *shape)[-2:]
        assert math.isclose(drawn[name].get_height(), max(2.5, scale * n))
        assert math.isclose(drawn[name].get_width(), max(2.5, scale * m))
    for artist in [*ax.texts, *boxes]:
        box = artist.get_window_extent(renderer)
        assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= 737 and box.y1 <= 337
    texts = [text.get_window_extent(renderer) for text in ax.texts if text.get_text()]
    assert not any(a.overlaps(b) for i, a in enumerate(texts) for b in texts[:i])
