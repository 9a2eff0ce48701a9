"""The panel of chapter 07 in JupyterLab, moved with mouse and keyboard."""

import re

import pytest


@pytest.fixture
def panel(open_panel):
    return open_panel("07_training_loop", "widgets.live_training()").says("Ready.", seconds=20)


def test_shuffling_decides_whether_it_learns(panel):
    (
        panel.click("Train")
        .says(re.compile(r"Epoch 200, 1200 steps: .* 1[01]\d of 120"), seconds=60)
        .draws()
        .tick("shuffle", on=False)
        .click("Reset")
        .says("Ready.")
        .click("Train")
        .says(re.compile(r"Epoch 200, 1200 steps: .* [5-8]\d of 120"), seconds=60)
    )


def test_controls_by_keyboard_and_stop(panel):
    (
        panel.move("learning rate", 2)
        .reads("learning rate", "0.63")
        .choose("batch size", "1")
        .enter("epochs", 1000)
        .click("Train")
        .says(re.compile(r"Epoch \d+(\.\d)?, \d+ steps: loss"))
        .click("Stop")
        .can("button", "Train", seconds=2)
        .does_not_say("Epoch 1000,")
        .move("seed", 3)
        .reads("seed", "3")
        .says("Ready.")
    )
