"""Chapter 04 in JupyterLab: the logits explorer moved with mouse and keyboard."""

import pytest
from playwright.sync_api import expect

EXPLORER = "widgets.logits_explorer()"


@pytest.fixture
def explorer(open_chapter):
    chapter = open_chapter("04_losses")
    chapter.run(EXPLORER)
    return chapter.panel(EXPLORER)


def test_logits_move_probabilities_loss_and_gradient(explorer):
    picture = explorer.root.locator("img")
    expect(explorer.root).to_contain_text("loss = -log P[dog] = -log 0.2447 = 1.408")
    drawn = picture.get_attribute("src")
    explorer.move("logit dog", 2)
    expect(explorer.readout("logit dog")).to_have_text("2.00")
    expect(explorer.root).to_contain_text("loss = -log P[dog] = -log 0.4683 = 0.759")
    expect(picture).not_to_have_attribute("src", drawn)
    gradient = explorer.root.locator("tr", has_text="dZ = P - Y").locator("td")
    expect(gradient).to_have_text(["+0.468", "-0.532", "+0.063", "0.000"])
    explorer.button("bird").click()
    expect(explorer.root).to_contain_text("loss = -log P[bird] = -log 0.06338 = 2.759")
    expect(gradient).to_have_text(["+0.468", "+0.468", "-0.937", "0.000"])


def test_a_shift_of_all_logits_changes_nothing_but_them(explorer):
    logits = explorer.root.locator("tr", has_text="Z, the logits").locator("td")
    probabilities = explorer.root.locator("tr", has_text="P, the probabilities").locator("td")
    picture = explorer.root.locator("img")
    drawn = picture.get_attribute("src")
    explorer.enter("added to all", 1000)
    expect(logits).to_have_text(["1002.0", "1001.0", "1000.0", ""])
    expect(probabilities).to_have_text(["0.665", "0.245", "0.090", "1.000"])
    expect(explorer.root).to_contain_text("-log 0.2447 = 1.408")
    assert picture.get_attribute("src") == drawn
    explorer.move("logit cat", -1)
    expect(logits).to_have_text(["1001.5", "1001.0", "1000.0", ""])
    expect(probabilities).to_have_text(["0.547", "0.331", "0.122", "1.000"])
    expect(picture).not_to_have_attribute("src", drawn)
