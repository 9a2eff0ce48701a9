"""The panel of chapter 09 in JupyterLab, moved with mouse and keyboard."""

import re
import time

import pytest
from playwright.sync_api import expect

PANEL = "panel = widgets.mnist_panel("


@pytest.fixture
def chapter(open_chapter):
    chapter = open_chapter("09_mnist")
    chapter.run(PANEL)
    return chapter


@pytest.fixture
def panel(chapter):
    panel = chapter.panel(PANEL)
    expect(panel.root).to_contain_text("Ready.")
    return panel


def test_choosing_training_stopping_and_resetting(chapter, panel):
    panel.choose("hidden units", "64")
    panel.choose("batch size", "32")
    assert chapter.ask("print(panel.net.layers[0].n_out, panel.batch_size.value)") == "64 32\n"
    picture = panel.root.locator("img")
    untrained = picture.get_attribute("src")
    panel.enter("epochs", 30)
    panel.button("Train").click()
    expect(panel.root).to_contain_text("validation accuracy 9", timeout=20_000)
    expect(panel.root).to_contain_text(re.compile(r"epoch [1-9]"), timeout=20_000)
    expect(panel.button("Train")).to_be_disabled()
    expect(picture).not_to_have_attribute("src", untrained)
    assert chapter.ask("print(not panel.task.done())") == "True\n"

    panel.button("Stop").click()
    expect(panel.button("Stop")).to_be_disabled(timeout=2000)
    status = panel.root.locator(".widget-label").last
    seen = status.inner_text()
    chapter.page.wait_for_timeout(500)
    assert status.inner_text() == seen and "epoch 30.0" not in seen

    panel.button("Reset").click()
    expect(panel.root).to_contain_text("Ready.")
    assert chapter.ask("print(panel.seen, len(panel.curve))") == "0 1\n"


def test_the_learning_rate_is_pulled_down_while_it_trains(chapter, panel):
    expect(panel.readout("learning rate")).to_have_text("0.40")
    panel.enter("epochs", 30)
    panel.button("Train").click()
    expect(panel.root).to_contain_text(re.compile(r"epoch [1-9]"), timeout=20_000)
    panel.drag("learning rate", -60)
    rate = float(panel.readout("learning rate").inner_text())
    assert 0.001 <= rate < 0.2
    panel.move("learning rate", -1)
    expect(panel.readout("learning rate")).not_to_have_text(f"{rate:.2g}")
    followed = "print(panel.optimizer.lr, panel.lr.value, panel.task.done())"
    deadline = time.monotonic() + 5  # the moves of a slider reach a busy kernel one after another
    while True:
        optimizer_lr, lr, done = chapter.ask(followed).split()
        if optimizer_lr == lr and float(lr) < rate:
            break
        assert time.monotonic() < deadline, f"the slider is at {lr}, the optimiser at {optimizer_lr}"
        chapter.page.wait_for_timeout(50)
    assert done == "False"
    panel.button("Stop").click()
    expect(panel.button("Train")).to_be_enabled(timeout=2000)
