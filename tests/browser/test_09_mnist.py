"""The panel of chapter 09 in JupyterLab, moved with mouse and keyboard."""

import re
import time

import pytest


@pytest.fixture
def panel(open_panel):
    return open_panel("09_mnist", "panel = widgets.mnist_panel(").says("Ready.")


def test_choosing_training_stopping_and_resetting(panel):
    ask = panel.choose("hidden units", "64").choose("batch size", "32").draws().chapter.ask
    assert ask("print(panel.net.layers[0].n_out, panel.batch_size.value)") == "64 32\n"
    (
        panel.enter("epochs", 30)
        .click("Train")
        .says("validation accuracy 9", re.compile(r"Epoch [1-9]"), seconds=20)
        .cannot("button", "Train")
        .draws("validation accuracy 9")
    )
    assert ask("print(not panel.task.done())") == "True\n"
    panel.click("Stop").cannot("button", "Stop", seconds=2)
    status = panel.root.locator(".widget-label").last
    panel.root.page.wait_for_timeout(1000)  # the last picture and its status come after the buttons
    seen = status.inner_text()
    panel.root.page.wait_for_timeout(500)
    assert status.inner_text() == seen and "Epoch 30 " not in seen
    panel.click("Reset").says("Ready.")
    assert ask("print(panel.seen, len(panel.curve))") == "0 1\n"


def test_the_learning_rate_is_pulled_down_while_it_trains(panel):
    (
        panel.reads("learning rate", "0.4")
        .enter("epochs", 30)
        .click("Train")
        .says(re.compile(r"Epoch [1-9]"), seconds=20)
        .drag("learning rate", -40)
    )
    text = panel.number("learning rate").input_value()
    assert 0.001 <= float(text) < 0.2
    panel.move("learning rate", -1)
    assert panel.number("learning rate").input_value() != text
    deadline = time.monotonic() + 5  # the moves of a slider reach a busy kernel one after another
    while True:
        followed = panel.chapter.ask("print(panel.optimizer.lr, panel.lr.value, panel.task.done())")
        optimizer_lr, lr, done = followed.split()
        if optimizer_lr == lr and float(lr) < float(text):
            break
        assert time.monotonic() < deadline, f"the slider is at {lr}, the optimiser at {optimizer_lr}"
        panel.root.page.wait_for_timeout(50)
    assert done == "False"
    panel.click("Stop").can("button", "Train", seconds=2)
