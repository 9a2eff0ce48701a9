"""Chapter 00 in JupyterLab: its two panels moved with mouse and keyboard, its folded answers opened."""

import re

import pytest
from playwright.sync_api import expect

FIRST, SHAPES = "widgets.first_network()", "widgets.shape_calculator()"


@pytest.fixture
def first(open_panel):
    return open_panel("00_start_here", FIRST).says("Ready.")


def test_one_click_learns_xor(first):
    (
        first.click("Train")
        .says(re.compile(r"Epoch 500, loss \S+, 4 of 4 right\."), seconds=20)
        .can("button", "Train")
        .draws("4 of 4 right. What the network answers.")
        .click("Reset")
        .says("Ready.")
    )


def test_stop_acts_while_it_trains(first):
    (
        first.enter("epochs", 5000)
        .click("Train")
        .says(re.compile(r"Epoch \d+,"))
        .cannot("button", "Train")
        .click("Stop")
        .can("button", "Train", seconds=2)
        .does_not_say("Epoch 5000,")
    )


def test_the_kernel_hears_the_slider_while_it_trains(first):
    # Which of the rates on the way to 10 it dies of is a matter of chance; 0.04 would never do it.
    stopped = re.compile(r"Stopped: the loss is inf in epoch .* with SGD at a learning rate of \d")
    (
        first.move("learning rate", -2)
        .reads("learning rate", "0.040")
        .enter("epochs", 5000)
        .click("Train")
        .says(re.compile(r"Epoch \d+,"))
        .drag("learning rate", 200)
        .reads("learning rate", "10")
        .says(stopped)
    )


def test_an_example_and_a_slider_change_the_shapes(open_panel):
    shapes = [(65, 784), (784, 128), (128,), (65, 128), (65, 128), (128, 10), (10,), (65, 10)]
    (
        open_panel("00_start_here", SHAPES)
        .says("33 parameters")
        .choose("example", "MNIST, a batch of 64")
        .says("784 · 128 + 128 + 128 · 10 + 10 = 101,770 parameters")
        .draws("X (64, 784), W1 (784, 128), b1 (128,)")
        .move("N", 1)
        .row("shape of both", *map(str, shapes))
        .says("101,770 parameters")
        .chosen("example", "your own")
        .drag("n_hidden", -200)
        .reads("n_hidden", "1")
        .says("784 · 1 + 1 + 1 · 10 + 10 = 805 parameters")
    )


def test_an_answer_of_the_recap_unfolds(open_chapter):
    recap = open_chapter("00_start_here").cell("## Recap").locator(".jp-RenderedMarkdown")
    answer = recap.get_by_text("It leads from input 3 to output 2.")
    expect(answer).to_be_hidden()
    recap.locator("summary").nth(1).click()
    expect(answer).to_be_visible()
