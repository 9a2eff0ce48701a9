"""The panel of chapter 07 in JupyterLab, moved with mouse and keyboard."""

import re

import pytest
from playwright.sync_api import expect

PANEL = "widgets.live_training()"


@pytest.fixture
def panel(open_chapter):
    chapter = open_chapter("07_training_loop")
    chapter.run(PANEL)
    panel = chapter.panel(PANEL)
    expect(panel.root).to_contain_text("Ready.", timeout=20_000)
    return panel


def test_shuffling_decides_whether_it_learns(panel):
    picture = panel.root.locator("img")
    untrained = picture.get_attribute("src")
    panel.button("Train").click()
    expect(panel.root).to_contain_text(
        re.compile(r"Epoch 200\.0, 1200 steps: .* 1[01]\d of 120"), timeout=60_000
    )
    expect(picture).not_to_have_attribute("src", untrained)

    panel.row("shuffle").locator("input").uncheck()
    panel.button("Reset").click()
    expect(panel.root).to_contain_text("Ready.")
    panel.button("Train").click()
    expect(panel.root).to_contain_text(
        re.compile(r"Epoch 200\.0, 1200 steps: .* [5-8]\d of 120"), timeout=60_000
    )


def test_controls_by_keyboard_and_stop(panel):
    panel.move("learning rate", 2)
    expect(panel.readout("learning rate")).to_have_text("0.63")
    panel.choose("batch size", "1")
    panel.enter("epochs", 1000)
    panel.button("Train").click()
    expect(panel.root).to_contain_text(re.compile(r"Epoch \d+\.\d, \d+ steps: loss"))
    panel.button("Stop").click()
    expect(panel.button("Train")).to_be_enabled(timeout=2000)
    expect(panel.root).not_to_contain_text("Epoch 1000.0")
    panel.move("seed", 3)
    expect(panel.readout("seed")).to_have_text("3")
    expect(panel.root).to_contain_text("Ready.")
