"""The graph explorer in JupyterLab: steps and clicks, by mouse and by keyboard, light, dark and narrow."""

import re

import pytest
from playwright.sync_api import expect

CELL = """
from nnlib.autograd import Tensor
from nnlib.teach import widgets
x, w, b = Tensor(2.0), Tensor(-1.5), Tensor(3.5)
z = x * w + b
L = (z * x - 2) ** 2
explorer = widgets.graph_explorer(L, x=x, w=w, b=b, z=z)
explorer
"""
ARRAYS = """
import numpy as np
W, c = Tensor(np.array([[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]])), Tensor(np.array([0.1, 0.2, 0.3]))
X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.0, 3.0]])
arrays = widgets.graph_explorer((((X @ W + c).tanh() - 1) ** 2).mean(), W=W, c=c)
arrays
"""
OUTLINE = """place => {
    const { outlineStyle, outlineWidth } = getComputedStyle(place);
    return [outlineStyle, outlineWidth];
}"""


@pytest.fixture
def explorer(open_cell):
    return open_cell("explorer = ", CELL, ARRAYS).says("Step 0 of 5").draws("Step 0: ∂L/∂L = 1.")


def node(explorer, name):
    """Return the place of a node in the picture."""
    return explorer.root.get_by_role("button", name=re.compile(f"^{name} = "))


def test_it_is_stepped_by_buttons_slider_and_arrow_keys(explorer):
    explorer.cannot("button", "Back").click("Next").says("Step 1 of 5: L = v₃² hands on.").reads("step", "1")
    explorer.draws("Step 1: L hands on to v₃.").can("button", "Back")
    explorer.move("step", 2).says("∂L/∂x = −2 · 0.5 = −1, not complete: v₁ has yet to hand on.")
    explorer.draws("dx = −1 so far")
    explorer.click("Next", key="Enter").says("Step 4 of 5: z = v₁ + b hands on.")
    explorer.click("Next", key="Space").says("∂L/∂x = −1 + (−4) · (−1.5) = 5, complete").draws("dx = 5;")
    explorer.says("All gradients are known.").cannot("button", "Next")
    explorer.move("step", -1).says("Step 4 of 5").press("step", "Home").says("Step 0 of 5").draws("Step 0")
    explorer.enter("step", 3).says("Step 3 of 5").click("Back").says("Step 2 of 5")
    explorer.drag("step", 400).says("Step 5 of 5")
    assert explorer.chapter.ask("print(explorer.gradients['x'], x.grad)").split() == ["5.0", "None"]


def test_a_click_on_a_node_shows_its_formula(explorer):
    node(explorer, "v₂").click()
    explorer.says("v₂ = z · x = 0.5 · 2 = 1.", "∂v₂/∂z = x = 2; ∂v₂/∂x = z = 0.5.").chosen(
        "node", "v₂"
    ).draws()
    expect(node(explorer, "v₂")).to_have_attribute("aria-pressed", "true")
    node(explorer, "x").click()
    explorer.says("x = 2. A leaf: no operation made it.").chosen("node", "x").draws()
    expect(node(explorer, "v₂")).to_have_attribute("aria-pressed", "false")
    node(explorer, "x").click()
    explorer.does_not_say("A leaf").chosen("node", "none: the step alone").draws()
    explorer.choose("node", "L").says("L = v₃² = (−1)² = 1.").draws()
    expect(node(explorer, "L")).to_have_attribute("aria-pressed", "true")
    # Each place lies on its node: what is chosen is drawn around it
    canvas = explorer.picture.bounding_box()
    for box in explorer.root.get_by_role("group", name="nodes of the graph").get_by_role("button").all():
        inner = box.bounding_box()
        assert canvas["x"] <= inner["x"] and inner["x"] + inner["width"] <= canvas["x"] + canvas["width"]


def test_arrow_keys_go_from_node_to_node(explorer):
    cell = explorer.chapter.cell("explorer = ")
    expect(node(explorer, "x")).to_have_attribute("tabindex", "0")
    expect(node(explorer, "w")).to_have_attribute("tabindex", "-1")
    node(explorer, "x").focus()
    focused = explorer.root.page.locator("button:focus")
    for key, name in (
        ("ArrowRight", "w"),
        ("ArrowDown", "b"),
        ("ArrowLeft", "w"),
        ("ArrowUp", "x"),
        ("ArrowUp", "x"),
        ("End", "L"),
        ("ArrowRight", "L"),
        ("Home", "x"),
    ):
        focused.press(key)
        expect(focused).to_have_attribute("aria-label", re.compile(f"^{name} = "))
    expect(cell).to_have_class(re.compile("jp-mod-selected"))
    focused.press("ArrowRight")
    focused.press("Enter")
    explorer.says("w = −1.5. A leaf").chosen("node", "w").draws()
    expect(focused).to_have_attribute("aria-label", "w = −1.5, no dw yet")
    focused.press("Space")
    explorer.does_not_say("A leaf").draws()
    # It stays there while the step moves, and says what has come
    explorer.move("step", 5).says("Step 5 of 5").draws("Step 5")
    expect(node(explorer, "w")).to_have_attribute("aria-label", "w = −1.5, dw = −8")
    expect(node(explorer, "w")).to_have_attribute("tabindex", "0")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_it_is_read_in_each_theme_and_in_a_narrow_window(explorer, theme):
    page, chapter = explorer.root.page, explorer.chapter
    chapter.use_theme(theme)
    node(explorer, "x").focus()
    page.keyboard.press("ArrowRight")
    assert node(explorer, "w").evaluate(OUTLINE) == ["solid", "2px"]
    chapter.run("arrays = ")
    arrays = chapter.panel("arrays = ").says("Step 0 of 7").draws()
    page.set_viewport_size({"width": 700, "height": 900})
    for panel, steps, chosen in ((chapter.panel("explorer = "), 5, "v₁"), (arrays, 7, "W")):
        panel.choose("node", chosen)
        for step in range(1, steps + 1):
            panel.enter("step", step).says(f"Step {step} of {steps}")
            assert panel.root.evaluate("root => root.scrollWidth <= root.clientWidth"), step
    box, picture = node(explorer, "L").bounding_box(), explorer.picture.bounding_box()
    assert picture["x"] <= box["x"] and box["x"] + box["width"] <= picture["x"] + picture["width"] + 1
    arrays.says("To W: dW gets const.T @ dv₁. It is complete.")
    page.set_viewport_size({"width": 1200, "height": 1000})
    chapter.use_theme("Light")
