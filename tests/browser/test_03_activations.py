"""The explorer of chapter 03 in JupyterLab, moved with mouse and keyboard."""

import re

import pytest


@pytest.fixture
def explorer(open_panel):
    return open_panel("03_activations", "widgets.activation_explorer()")


def share(explorer):
    """Return the share of the batch with a slope below 0.1, as the page says it."""
    return float(re.search(r"below 0\.1: ([\d.]+)%", explorer.root.inner_text())[1])


def test_the_point_slides_along_the_curve(explorer):
    (
        explorer.says("f(x) = 0.762 f′(x) = 0.420")
        .move("x", -10)
        .reads("x", "0.0")
        .says("f(x) = 0.000 f′(x) = 1.000")
        .draws("tanh, and its tangent at x = 0.0.")
        .choose("function", "sigmoid")
        .says("f(x) = 0.500 f′(x) = 0.250")
        .choose("function", "ReLU")
        .says("f(x) = 0.000 f′(x) = 0.000")
    )


def test_a_wider_batch_is_flatter_for_tanh_and_not_for_relu(explorer):
    (
        explorer.says(re.compile(r"slope below 0\.1: 7\.\d% of the batch"))
        .drag("spread", 300)
        .reads("spread", "10")
        .says(re.compile(r"slope below 0\.1: 8\d\.\d% of the batch"))
        .draws()
        .choose("function", "ReLU")
        .says(re.compile(r"\(exactly 0: (49|50)\.\d%\)"))
        .draws("ReLU, and its tangent")
    )
    before = share(explorer)
    explorer.move("spread", -5).reads("spread", "5.6").draws()
    assert share(explorer) == before
    explorer.choose("function", "leaky ReLU").says("(exactly 0: 0.0%)")
