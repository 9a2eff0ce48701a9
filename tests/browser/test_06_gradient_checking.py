"""Chapter 06 in JupyterLab: the step moved with keyboard and mouse along the V."""

import pytest


@pytest.fixture
def panel(open_panel):
    return open_panel("06_gradient_checking", "widgets.step_size()").says("truncation dominates")


def test_the_step_goes_along_the_v(panel):
    (
        panel.says("the best step would be about h = 2.1e-08", "2.71828182845905")
        .move("step h", -5)
        .reads("step h", "0.10")
        .says("2.85884195487388")  # (exp(1.1) - exp(1)) / 0.1
        .draws("magnified 10 times.")
        .drag("step h", -400)
        .reads("step h", "1.0e-16")
        .says("x + h is rounded to x itself: in float64 this step does not exist.")
        .move("step h", 30)
        .reads("step h", "1.0e-13")
        .says("rounding dominates")
    )


def test_function_difference_and_dtype_are_chosen(panel):
    (
        panel.choose("difference", "central")
        .says("the best step would be about h = 6.9e-06")
        .draws()
        .choose("dtype", "float32")
        .says("the best step would be about h = 5.6e-03")
        .draws("The V: central differences in float32.")
        .choose("function", "ReLU at 0, on its kink")
        .says("On the kink there is no derivative, and no h makes one.")
        .row("difference quotient", "0.5")
        .draws()
        .choose("function", "|x| at 0.001, near its kink")
        .says("The step crosses the kink")
    )
