"""The panel of chapter 08 in JupyterLab, moved with mouse and keyboard."""

import re

import pytest
from playwright.sync_api import expect

PANEL = "widgets.xor_panel()"


@pytest.fixture
def panel(open_chapter):
    chapter = open_chapter("08_xor")
    chapter.run(PANEL)
    panel = chapter.panel(PANEL)
    expect(panel.root).to_contain_text("Ready.")
    return panel


def test_training_shows_which_of_the_two_solves_it(panel):
    picture = panel.root.locator("img")
    untrained = picture.get_attribute("src")
    panel.button("Train").click()
    told = re.compile(r"Epoch 300\. A: loss 0\.4\d+, 3 of 4 right; B: loss 0\.0\d+, 4 of 4 right")
    expect(panel.root).to_contain_text(told, timeout=20_000)
    expect(picture).not_to_have_attribute("src", untrained)
    panel.button("Reset").click()
    expect(panel.root).to_contain_text("Ready.")
    expect(picture).to_have_attribute("src", re.compile("^blob:"))


def test_stop_acts_while_it_trains(panel):
    panel.enter("epochs", 5000)
    panel.button("Train").click()
    expect(panel.root).to_contain_text(re.compile(r"Epoch \d+\."))
    panel.button("Stop").click()
    expect(panel.button("Train")).to_be_enabled(timeout=2000)
    expect(panel.root).not_to_contain_text("Epoch 5000.")


def test_sliders_move_by_keyboard_and_begin_anew(panel):
    panel.move("A: learning rate", 2)
    expect(panel.readout("A: learning rate")).to_have_text("1.3")
    panel.move("B: hidden units", 1)
    expect(panel.readout("B: hidden units")).to_have_text("4")
    panel.choose("A: activation", "tanh")
    panel.move("seed", -2)
    expect(panel.readout("seed")).to_have_text("1")
    expect(panel.root).to_contain_text("Ready.")
