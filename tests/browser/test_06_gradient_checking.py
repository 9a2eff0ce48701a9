"""Chapter 06 in JupyterLab: the step moved with keyboard and mouse along the V."""

import pytest
from playwright.sync_api import expect

STEP = "widgets.step_size()"


@pytest.fixture
def panel(open_chapter):
    chapter = open_chapter("06_gradient_checking")
    chapter.run(STEP)
    panel = chapter.panel(STEP)
    expect(panel.root).to_contain_text("truncation dominates")
    return panel


def test_the_step_goes_along_the_v(panel):
    picture = panel.root.locator("img")
    expect(panel.root).to_contain_text("the best step would be about h = 2.1e-08")
    expect(panel.root).to_contain_text("2.71828182845905")
    drawn = picture.get_attribute("src")
    panel.move("step h", -5)
    expect(panel.readout("step h")).to_have_text("1.0e-1")
    expect(panel.root).to_contain_text("2.85884195487388")  # (exp(1.1) - exp(1)) / 0.1
    expect(picture).not_to_have_attribute("src", drawn)
    panel.drag("step h", -400)
    expect(panel.readout("step h")).to_have_text("1.0e-16")
    expect(panel.root).to_contain_text("x + h is rounded to x itself: in float64 this step does not exist.")
    panel.move("step h", 30)
    expect(panel.readout("step h")).to_have_text("1.0e-13")
    expect(panel.root).to_contain_text("rounding dominates")


def test_function_difference_and_dtype_are_chosen(panel):
    picture = panel.root.locator("img")
    panel.choose("difference", "central")
    expect(panel.root).to_contain_text("the best step would be about h = 6.9e-06")
    panel.choose("dtype", "float32")
    expect(panel.root).to_contain_text("the best step would be about h = 5.6e-03")
    drawn = picture.get_attribute("src")
    panel.choose("function", "ReLU at 0, on its kink")
    expect(panel.root).to_contain_text("On the kink there is no derivative, and no h makes one.")
    expect(panel.root.locator("tr", has_text="difference quotient")).to_contain_text("0.5")
    expect(picture).not_to_have_attribute("src", drawn)
    panel.choose("function", "|x| at 0.001, near its kink")
    expect(panel.root).to_contain_text("The step crosses the kink")
