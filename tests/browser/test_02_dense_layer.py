"""Chapter 02 in JupyterLab: the entry tracer moved with mouse and keyboard, an exercise answered."""

import pytest
from playwright.sync_api import expect

TRACER = "widgets.entry_tracer(X_small, W_small, dZ_small)"


@pytest.fixture
def chapter(open_chapter):
    return open_chapter("02_dense_layer")


@pytest.fixture
def tracer(chapter):
    chapter.run(TRACER)
    panel = chapter.panel(TRACER)
    expect(panel.root).to_contain_text("2 · 1 + 1 · 3 + 1 · (−1) + (−3) · 2 = −2")
    return panel


def test_the_entry_that_cancels_is_found_by_keyboard(tracer):
    picture = tracer.root.locator("img")
    drawn = picture.get_attribute("src")
    tracer.move("input i", 1)
    expect(tracer.root).to_contain_text("dW31 = Σn Xn3 dZn1")
    expect(picture).not_to_have_attribute("src", drawn)
    tracer.move("output j", 1)
    expect(tracer.root).to_contain_text("(−1) · 2 + 2 · (−1) + 1 · 2 + 2 · 1 = 0")
    expect(tracer.root).to_contain_text("dW[2, 1] = X[:, 2] @ dZ[:, 1]")
    drawn = picture.get_attribute("src")
    tracer.enter("input i", 1)
    expect(tracer.root).to_contain_text("1 · 2 + 3 · (−1) + (−2) · 2 + 1 · 1 = −4")
    expect(picture).not_to_have_attribute("src", drawn)


def test_the_other_gradients_by_mouse(tracer):
    sample = tracer.row("sample n").locator(".noUi-target")
    expect(sample).to_have_attribute("disabled", "true")
    tracer.choose("gradient", "dX")
    expect(tracer.root).to_contain_text("dX12 = Σj dZ1j W2j = 1 · (−1) + 2 · 1 = 1")
    expect(sample).not_to_have_attribute("disabled", "true")
    tracer.drag("sample n", 200)
    tracer.drag("input i", -200)
    expect(tracer.root).to_contain_text("dX41 = Σj dZ4j W1j = 2 · 2 + 1 · 3 = 7")
    tracer.choose("gradient", "db")
    expect(tracer.root).to_contain_text("db1 = Σn dZn1 = 1 + 3 + (−1) + 2 = 5")
    expect(sample).to_have_attribute("disabled", "true")


def test_an_answer_is_diagnosed_in_the_chapter(chapter):
    stub = "def bias_gradient(dZ)"
    cell = chapter.cell(stub)
    cell.locator(".cm-content").click()
    for key in ("Control+a", "Delete"):
        chapter.page.keyboard.press(key)
    chapter.page.keyboard.insert_text("def bias_gradient(dZ):\n    return dZ.mean(axis=0)\n")
    chapter.run("checks.bias_gradient(bias_gradient)")
    answer = chapter.output("checks.bias_gradient(bias_gradient)")
    expect(answer).to_contain_text("right but for a factor 1/N (tried with N = 5 and N = 8)")
    expect(answer).to_contain_text("the loss put it there")
