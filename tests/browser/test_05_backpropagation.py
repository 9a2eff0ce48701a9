"""Chapter 05 in JupyterLab: the numeric stepper moved with mouse and keyboard, its formulas typeset."""

import pytest
from playwright.sync_api import expect

STEPPER = "widgets.numeric_stepper()"


@pytest.fixture
def chapter(open_chapter):
    return open_chapter("05_backpropagation")


def formulas(panel):
    """Return the locator of the formulas, three in a line: in symbols, with numbers, and the result."""
    return panel.root.locator(".widget-htmlmath mjx-container")


def test_step_by_step_forward_and_back(chapter):
    chapter.run(STEPPER)
    panel = chapter.panel(STEPPER)
    picture = panel.root.locator("img")
    expect(panel.root).to_contain_text("Step 1 of 11. Each hidden unit adds up its inputs.")
    expect(formulas(panel)).to_have_count(6)
    expect(panel.button("Back")).to_be_disabled()
    drawn = picture.get_attribute("src")
    panel.button("Next").click()
    expect(panel.root).to_contain_text("Step 2 of 11. It sends the sum through tanh.")
    expect(panel.readout("step")).to_have_text("2")
    expect(picture).not_to_have_attribute("src", drawn)
    expect(formulas(panel).nth(1)).to_contain_text("0.55")
    assert chapter.failed_formulas() == []
    panel.move("step", 6)
    expect(panel.root).to_contain_text("Step 8 of 11. It passes tanh by its slope.")
    assert chapter.failed_formulas() == []
    panel.button("Back").click()
    expect(panel.root).to_contain_text("Step 7 of 11.")
    panel.enter("step", 11)
    expect(panel.root).to_contain_text("The loss falls from 0.08953 to 0.04332.")
    expect(panel.button("Next")).to_be_disabled()
    assert chapter.failed_formulas() == []


def test_another_sample_and_learning_rate(chapter):
    chapter.run(STEPPER)
    panel = chapter.panel(STEPPER)
    picture = panel.root.locator("img")
    panel.enter("step", 9)
    expect(panel.root).to_contain_text("Step 9 of 11.")
    expect(formulas(panel)).to_have_count(16)  # two of the lines only hand a number on
    drawn = picture.get_attribute("src")
    panel.enter("x2", 0)
    expect(panel.readout("x2")).to_have_text("0.00")
    expect(picture).not_to_have_attribute("src", drawn)
    expect(formulas(panel).nth(5)).to_have_text("=0", use_inner_text=False)
    panel.move("y", 1)
    expect(panel.readout("y")).to_have_text("1.10")
    panel.enter("step", 11)
    expect(panel.root).to_contain_text("The loss falls from")
    panel.enter("learning rate", 1)
    expect(panel.root).to_contain_text("The loss rises from")
    assert chapter.failed_formulas() == []
