"""The panel of chapter 08 in JupyterLab, moved with mouse and keyboard."""

import re

import pytest


@pytest.fixture
def panel(open_panel):
    return open_panel("08_xor", "widgets.xor_panel()").says("Ready.")


def test_training_shows_which_of_the_two_solves_it(panel):
    told = re.compile(r"Epoch 300\. A: loss 0\.4\d+, 3 of 4 right; B: loss 0\.0\d+, 4 of 4 right")
    panel.click("Train").says(told, seconds=20).draws().click("Reset").says("Ready.").draws()


def test_stop_acts_while_it_trains(panel):
    (
        panel.enter("epochs", 5000)
        .click("Train")
        .says(re.compile(r"Epoch \d+\."))
        .click("Stop")
        .can("button", "Train", seconds=2)
        .does_not_say("Epoch 5000.")
    )


def test_sliders_move_by_keyboard_and_begin_anew(panel):
    (
        panel.move("A: learning rate", 2)
        .reads("A: learning rate", "1.3")
        .move("B: hidden units", 1)
        .reads("B: hidden units", "4")
        .draws("B: 4 tanh.")
        .choose("A: activation", "tanh")
        .draws("A: 3 tanh.")
        .move("seed", -2)
        .reads("seed", "1")
        .says("Ready.")
    )
