"""Chapter 10 in JupyterLab: the scale of the weights and the race, moved with keyboard and mouse."""

import pytest
from playwright.sync_api import expect

DEPTH, RACE = "widgets.depth_explorer()", "widgets.optimizer_race()"


@pytest.fixture
def chapter(open_chapter):
    chapter = open_chapter("10_initialisation_and_optimisers")
    # The cells between the two explorers train for seconds and are not needed here.
    chapter.run("import matplotlib.pyplot")
    return chapter


def run_alone(chapter, words):
    """Run the cell that holds `words` by shift and enter, and return what it shows."""
    cell = chapter.cell(words)
    cell.locator(".jp-InputArea-editor").click()
    chapter.page.keyboard.press("Shift+Enter")
    panel = chapter.panel(words)
    expect(panel.root).to_be_visible()
    return panel


def test_the_scale_of_the_weights(chapter):
    panel = run_alone(chapter, DEPTH)
    picture = panel.root.locator("img")
    drawn = picture.get_attribute("src")
    expect(panel.root).to_contain_text("n Var(w) = 256 · 0.0501² = 0.643.")
    expect(panel.root).to_contain_text("0.0006")
    panel.move("weights: σ", 2)
    expect(panel.readout("weights: σ")).to_have_text("0.0513")
    panel.enter("weights: σ", 0.0625)
    expect(panel.root).to_contain_text("In layer 30 the spread of Z is 0.12")
    expect(picture).not_to_have_attribute("src", drawn)
    panel.choose("activation", "ReLU")
    expect(panel.root).to_contain_text("Slope below 0.1: 50% of all units")
    panel.enter("weights: σ", 0.0884)
    expect(panel.root).to_contain_text("In layer 30 the spread of Z is 1.4 (predicted: 1.3)")
    panel.enter("depth", 50)
    expect(panel.root).to_contain_text("In layer 50 the spread of Z is")
    panel.choose("activation", "sigmoid")
    expect(panel.root).to_contain_text("Units of layer 50 that say the same to every input: 100%")


def test_the_race(chapter):
    panel = run_alone(chapter, RACE)
    picture = panel.root.locator("img")
    drawn = picture.get_attribute("src")
    expect(panel.root).to_contain_text("After step 40:")
    panel.move("step", -1)
    expect(panel.root).to_contain_text("After step 39:")
    expect(picture).not_to_have_attribute("src", drawn)
    track = panel.row("step").locator(".noUi-base")
    track.click(position={"x": 0, "y": track.bounding_box()["height"] / 2})
    expect(panel.root).to_contain_text("L = 28 at (−4, 1), 4.1 from the star")
    panel.enter("step", 100)
    panel.enter("η of SGD", 0.06)
    expect(panel.root).to_contain_text("it diverges")
    panel.enter("η of SGD", 0.01)
    expect(panel.root).not_to_contain_text("it diverges")
    panel.choose("surface", "saddle")
    expect(panel.root).to_contain_text("from the star")
    panel.enter("step", 30)
    panel.move("η of Adam", -5)
    expect(panel.readout("η of Adam")).to_have_text("0.056")
