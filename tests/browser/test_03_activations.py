"""The explorer of chapter 03 in JupyterLab, moved with mouse and keyboard."""

import re

import pytest
from playwright.sync_api import expect

EXPLORER = "widgets.activation_explorer()"


@pytest.fixture
def explorer(open_chapter):
    chapter = open_chapter("03_activations")
    chapter.run(EXPLORER)
    return chapter.panel(EXPLORER)


def share(explorer):
    """Return the share of the batch with a slope below 0.1, as the page says it."""
    return float(re.search(r"below 0\.1: ([\d.]+)%", explorer.root.inner_text())[1])


def test_the_point_slides_along_the_curve(explorer):
    picture = explorer.root.locator("img")
    expect(explorer.root).to_contain_text("f(x) = 0.762 f′(x) = 0.420")
    drawn = picture.get_attribute("src")
    explorer.move("x", -10)
    expect(explorer.readout("x")).to_have_text("0.0")
    expect(explorer.root).to_contain_text("f(x) = 0.000 f′(x) = 1.000")
    expect(picture).not_to_have_attribute("src", drawn)
    explorer.choose("function", "sigmoid")
    expect(explorer.root).to_contain_text("f(x) = 0.500 f′(x) = 0.250")
    explorer.choose("function", "ReLU")
    expect(explorer.root).to_contain_text("f(x) = 0.000 f′(x) = 0.000")


def test_a_wider_batch_is_flatter_for_tanh_and_not_for_relu(explorer):
    expect(explorer.root).to_contain_text(re.compile(r"slope below 0\.1: 7\.\d% of the batch"))
    picture = explorer.root.locator("img")
    drawn = picture.get_attribute("src")
    explorer.drag("spread", 300)
    expect(explorer.readout("spread")).to_have_text("10")
    expect(explorer.root).to_contain_text(re.compile(r"slope below 0\.1: 8\d\.\d% of the batch"))
    expect(picture).not_to_have_attribute("src", drawn)
    explorer.choose("function", "ReLU")
    expect(explorer.root).to_contain_text(re.compile(r"\(exactly 0: (49|50)\.\d%\)"))
    before = share(explorer)
    drawn = picture.get_attribute("src")
    explorer.move("spread", -5)
    expect(explorer.readout("spread")).to_have_text("5.6")
    expect(picture).not_to_have_attribute("src", drawn)
    assert share(explorer) == before
    explorer.choose("function", "leaky ReLU")
    expect(explorer.root).to_contain_text("(exactly 0: 0.0%)")
