"""Chapter 02 in JupyterLab: the entry tracer moved with mouse and keyboard, an exercise answered."""

import pytest
from playwright.sync_api import expect

STUB, CHECK = "def bias_gradient(dZ)", "checks.bias_gradient(bias_gradient)"


@pytest.fixture
def tracer(open_panel):
    tracer = open_panel("02_dense_layer", "widgets.entry_tracer(X_small, W_small, dZ_small)")
    return tracer.says("2 · 1 + 1 · 3 + 1 · (−1) + (−3) · 2 = −2")


def test_the_entry_that_cancels_is_found_by_keyboard(tracer):
    (
        tracer.move("input i", 1)
        .says("dW31 = Σn Xn3 dZn1")
        .draws("dW31 = ")
        .move("output j", 1)
        .says("(−1) · 2 + 2 · (−1) + 1 · 2 + 2 · 1 = 0", "dW[2, 1] = X[:, 2] @ dZ[:, 1]")
        .draws("dW32 = ")
        .enter("input i", 1)
        .says("1 · 2 + 3 · (−1) + (−2) · 2 + 1 · 1 = −4")
        .draws("dW12 = 1 · 2 + 3 · (−1) + (−2) · 2 + 1 · 1 = −4.")
    )


def test_the_other_gradients_by_mouse(tracer):
    (
        tracer.cannot("slider", "sample n")
        .choose("gradient", "dX")
        .says("dX12 = Σj dZ1j W2j = 1 · (−1) + 2 · 1 = 1")
        .can("slider", "sample n")
        .drag("sample n", 200)
        .drag("input i", -200)
        .says("dX41 = Σj dZ4j W1j = 2 · 2 + 1 · 3 = 7")
        .choose("gradient", "db")
        .says("db1 = Σn dZn1 = 1 + 3 + (−1) + 2 = 5")
        .cannot("slider", "sample n")
    )


def test_an_answer_is_diagnosed_in_the_chapter(open_chapter):
    chapter = open_chapter("02_dense_layer")
    chapter.cell(STUB).locator(".cm-content").click()
    for key in ("Control+a", "Delete"):
        chapter.page.keyboard.press(key)
    chapter.page.keyboard.insert_text("def bias_gradient(dZ):\n    return dZ.mean(axis=0)\n")
    chapter.run(CHECK)
    answer = chapter.output(CHECK)
    expect(answer).to_contain_text("right but for a factor 1/N (tried with N = 5 and N = 8)")
    expect(answer).to_contain_text("the loss put it there")
