"""Chapter 00 in JupyterLab: its two panels moved with mouse and keyboard, its folded answers opened."""

import re

import pytest
from playwright.sync_api import expect

FIRST = "widgets.first_network()"
SHAPES = "widgets.shape_calculator()"


@pytest.fixture
def chapter(open_chapter):
    return open_chapter("00_start_here")


@pytest.fixture
def first(chapter):
    chapter.run(FIRST)
    panel = chapter.panel(FIRST)
    expect(panel.root).to_contain_text("Ready.")
    return panel


@pytest.fixture
def shapes(chapter):
    chapter.run(SHAPES)
    return chapter.panel(SHAPES)


def test_one_click_learns_xor(first):
    picture = first.root.locator("img")
    untrained = picture.get_attribute("src")
    first.button("Train").click()
    expect(first.root).to_contain_text(re.compile(r"Epoch 500, loss \S+, 4 of 4 right\."), timeout=20_000)
    expect(first.button("Train")).to_be_enabled()
    expect(picture).not_to_have_attribute("src", untrained)
    first.button("Reset").click()
    expect(first.root).to_contain_text("Ready.")


def test_stop_acts_while_it_trains(first):
    first.enter("epochs", 5000)
    first.button("Train").click()
    expect(first.root).to_contain_text(re.compile(r"Epoch \d+,"))
    expect(first.button("Train")).to_be_disabled()
    first.button("Stop").click()
    expect(first.button("Train")).to_be_enabled(timeout=2000)
    expect(first.root).not_to_contain_text("Epoch 5000,")


def test_the_kernel_hears_the_slider_while_it_trains(first):
    first.move("learning rate", -2)
    expect(first.readout("learning rate")).to_have_text("0.040")
    first.enter("epochs", 5000)
    first.button("Train").click()
    expect(first.root).to_contain_text(re.compile(r"Epoch \d+,"))
    first.drag("learning rate", 200)
    expect(first.readout("learning rate")).to_have_text("10")
    # Which of the rates on the way to 10 it dies of is a matter of chance; 0.04 would never do it.
    stopped = re.compile(r"Stopped: the loss is inf in epoch .* with SGD at a learning rate of \d")
    expect(first.root).to_contain_text(stopped)


def test_an_example_and_a_slider_change_the_shapes(shapes):
    picture = shapes.root.locator("img")
    expect(shapes.root).to_contain_text("33 parameters")
    drawn = picture.get_attribute("src")
    shapes.choose("example", "MNIST, a batch of 64")
    expect(shapes.root).to_contain_text("784 · 128 + 128 + 128 · 10 + 10 = 101,770 parameters")
    expect(shapes.root.locator("td", has_text="(64, 784)")).to_have_count(1)
    expect(picture).not_to_have_attribute("src", drawn)
    shapes.move("N", 1)
    expect(shapes.root.locator("td", has_text="(65, 784)")).to_have_count(1)
    expect(shapes.root).to_contain_text("101,770 parameters")
    expect(shapes.row("example").locator("select")).to_have_value("your own")
    shapes.drag("n_hidden", -200)
    expect(shapes.readout("n_hidden")).to_have_text("1")
    expect(shapes.root).to_contain_text("784 · 1 + 1 + 1 · 10 + 10 = 805 parameters")


def test_an_answer_of_the_recap_unfolds(chapter):
    recap = chapter.cell("## Recap").locator(".jp-RenderedMarkdown")
    answer = recap.get_by_text("It leads from input 3 to output 2.")
    expect(answer).to_be_hidden()
    recap.locator("summary").nth(1).click()
    expect(answer).to_be_visible()
