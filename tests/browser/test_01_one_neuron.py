"""Chapter 01 in JupyterLab: the path of gradient descent followed with keyboard and mouse."""

import re

import pytest


@pytest.fixture
def panel(open_panel):
    return open_panel("01_one_neuron", "widgets.descent_path(x, y)").says("η = 0.0501 converges, oscillating")


def test_the_learning_rate_crosses_the_limit(panel):
    (
        panel.says("λmax = 31.97, so the limit 2/λmax is 0.0626.")
        .move("learning rate", 9)
        .reads("learning rate", "0.0617")
        .says("η = 0.0617 converges, oscillating", "by −0.971 in the steep direction")
        .move("learning rate", 1)
        .says("η = 0.0631 diverges")
        .draws()
        .enter("steps", 200)
        .enter("learning rate", 3)
        .says("the last whose loss this computer can hold")
        .enter("learning rate", 0.01)
        .says("η = 0.01 converges:", "After step 200:")
    )


def test_the_steps_rewind(panel):
    (
        panel.says("After step 30: w = 2.45, b = 2.12,")
        .move("steps", -1)
        .says("After step 29:")
        .draws("The line after step 29.")
        .drag("steps", -300)
        .reads("steps", "0")
        .says("After step 0: w = 0, b = 0,")
        .enter("steps", 30)
        .says("After step 30: w = 2.45, b = 2.12,")
    )


def test_standardised_inputs_make_the_bowl_round(panel):
    (
        panel.enter("steps", 1)
        .choose("start", "up the steep wall")
        .enter("learning rate", 0.0316)
        .says("by −0.0102 in the steep direction", "After step 1: w = 1.94, b = 4.1,")
        .choose("inputs x", "standardised")
        .says("so the limit 2/λmax is 1.")
        .enter("learning rate", 0.5)
        .says("by 0 in the steep direction", "by 0 in the flat one")
    )
    for start in ("up the steep wall", "on the floor of the valley", "w = 0, b = 0"):
        panel.choose("start", start).says(re.compile(r"After step 1: w = 3.\d+, b = 11\S*, L = 0.0[45]"))
