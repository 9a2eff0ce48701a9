"""Chapter 01 in JupyterLab: the path of gradient descent followed with keyboard and mouse."""

import re

import pytest
from playwright.sync_api import expect

PATH = "widgets.descent_path(x, y)"


@pytest.fixture
def panel(open_chapter):
    chapter = open_chapter("01_one_neuron")
    chapter.run(PATH)
    panel = chapter.panel(PATH)
    expect(panel.root).to_contain_text("η = 0.0501 converges, oscillating")
    return panel


def test_the_learning_rate_crosses_the_limit(panel):
    picture = panel.root.locator("img")
    drawn = picture.get_attribute("src")
    expect(panel.root).to_contain_text("λmax = 32, so the limit 2/λmax is 0.0626.")
    panel.move("learning rate", 9)
    expect(panel.readout("learning rate")).to_have_text("0.0617")
    expect(panel.root).to_contain_text("η = 0.0617 converges, oscillating")
    expect(panel.root).to_contain_text("by −0.971 in the steep direction")
    panel.move("learning rate", 1)
    expect(panel.root).to_contain_text("η = 0.0631 diverges")
    expect(picture).not_to_have_attribute("src", drawn)
    panel.enter("steps", 200)
    panel.enter("learning rate", 3)
    expect(panel.root).to_contain_text("the last whose loss this computer can hold")
    panel.enter("learning rate", 0.01)
    expect(panel.root).to_contain_text("η = 0.01 converges:")
    expect(panel.root).to_contain_text("After step 200:")


def test_the_steps_rewind(panel):
    picture = panel.root.locator("img")
    drawn = picture.get_attribute("src")
    expect(panel.root).to_contain_text("After step 30: w = 2.45, b = 2.12,")
    panel.move("steps", -1)
    expect(panel.root).to_contain_text("After step 29:")
    expect(picture).not_to_have_attribute("src", drawn)
    track = panel.row("steps").locator(".noUi-base")
    track.click(position={"x": 0, "y": track.bounding_box()["height"] / 2})
    expect(panel.readout("steps")).to_have_text("0")
    expect(panel.root).to_contain_text("After step 0: w = 0, b = 0,")
    panel.enter("steps", 30)
    expect(panel.root).to_contain_text("After step 30: w = 2.45, b = 2.12,")


def test_standardised_inputs_make_the_bowl_round(panel):
    panel.enter("steps", 1)
    panel.choose("start", "up the steep wall")
    panel.enter("learning rate", 0.0316)
    expect(panel.root).to_contain_text("by −0.0109 in the steep direction")
    expect(panel.root).to_contain_text("After step 1: w = 1.94, b = 4.1,")
    panel.choose("inputs x", "standardised")
    expect(panel.root).to_contain_text("so the limit 2/λmax is 1.")
    panel.enter("learning rate", 0.5)
    expect(panel.root).to_contain_text("by −0.00237 in the steep direction")
    for start in ("up the steep wall", "on the floor of the valley", "w = 0, b = 0"):
        panel.choose("start", start)
        expect(panel.root).to_contain_text(re.compile(r"After step 1: w = 3.\d+, b = 11\S*, L = 0.0[45]"))
