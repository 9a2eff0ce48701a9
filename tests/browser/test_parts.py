"""Sliders, choices and pictures in JupyterLab: all can be reached, heard and seen, by keyboard and mouse."""

import re

import pytest
from playwright.sync_api import expect

from tests.colours import contrast

PARTS = """
from nnlib.teach.widgets.parts import box, button, choice, dropdown, learning_rate, real, whole
from nnlib.teach.widgets.panel import Explorer

class Parts(Explorer):
    def __init__(self):
        self.steps = whole(30, 0, 107, "steps", step=5)
        self.x = real(0.25, -0.3, 0.4, "x", step=0.1)
        self.lr = learning_rate(0.05, low=-2, high=0)
        self.seed = whole(0, 0, 99, "seed", continuous_update=False)
        self.still = real(2, 1, 3, "still", step=0.5, disabled=True)
        self.kind = dropdown(["a", "b"], "kind")
        self.true = choice(["cat", "dog"], "The picture shows a", value="dog")
        self.shuffle = box("shuffle")
        self.answer = button("Answer", "check", "Say which")
        rows = [self.steps, self.x], [self.lr, self.seed], [self.still, self.kind, self.true]
        super().__init__(*rows, [self.shuffle, self.answer], size=(9, 3))

    def update(self):
        values = vars(self.now).items()
        return "".join(f"{k} = {v:.6g}; " if isinstance(v, float) else f"{k} = {v}; " for k, v in values)

    def draw(self, figure):
        figure.subplots().set_title(f"{self.now.steps} steps")

parts = Parts()
parts
"""
FINE = """
from nnlib.teach.widgets.parts import learning_rate

lr = learning_rate(0.05, low=-3, high=0.5, step=0.01)
lr
"""
GRID = {
    "steps": [(str(n), f"steps = {n};") for n in (*range(0, 106, 5), 107)],
    "x": [(f"{n / 10:.1f}", f"x = {n / 10:g};") for n in range(-3, 5)],
    "learning rate": [
        (f"{rate:#.2g}", f"lr = {rate:.6g};") for rate in (10 ** (k / 20) for k in range(-40, 1))
    ],
}
# Of what has the focus: its type, its outline, and the colours of that and of the page.
FOCUSED = """() => {
    const focused = document.activeElement, page = focused.closest(".jp-WindowedPanel-outer");
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(focused);
    const colours = [outlineColor, getComputedStyle(page).backgroundColor];
    const numbers = colours.map(colour => colour.match(/[\\d.]+/g).map(Number));
    return [focused.type, outlineStyle, outlineWidth, ...numbers];
}"""
# The height of the picture whenever its box changes.
WATCH = """image => {
    window.heights = [];
    new ResizeObserver(([{ contentRect }]) => window.heights.push(contentRect.height)).observe(image);
}"""


@pytest.fixture
def parts(open_cell):
    return open_cell("parts = ", PARTS).draws()


@pytest.mark.parametrize("name", GRID)
def test_every_step_is_reached_and_read_and_heard(parts, name):
    parts.press(name, "Home")
    for text, said in GRID[name]:
        parts.reads(name, text).says(said, seconds=20).press(name, "ArrowRight")
    before_last, last = GRID[name][-2:]
    parts.reads(name, last[0]).press(name, "ArrowLeft").reads(name, before_last[0]).says(before_last[1])


def test_keys_move_the_slider_and_nothing_else(parts):
    cell = parts.chapter.cell("parts = ")
    for key, steps in (("End", 107), ("PageDown", 100), ("ArrowDown", 95), ("PageUp", 105), ("ArrowUp", 107)):
        parts.press("steps", key).reads("steps", str(steps)).says(f"steps = {steps};")
    expect(cell).to_have_class(re.compile("jp-mod-selected"))
    assert cell.locator(".jp-CodeMirrorEditor").count() == 1
    parts.part("radio", "dog").press("ArrowUp")
    parts.says("true = cat;")
    expect(cell).to_have_class(re.compile("jp-mod-selected"))


def test_what_is_typed_is_taken_or_put_right(parts):
    for name, typed, text, said in (
        ("steps", "42", "42", "steps = 42;"),
        ("steps", " 1e2 ", "100", "steps = 100;"),
        ("steps", "41.7", "42", "steps = 42;"),
        ("steps", "9999", "107", "steps = 107;"),
        ("steps", "many", "107", "steps = 107;"),
        ("steps", "", "107", "steps = 107;"),
        ("steps", "Infinity", "107", "steps = 107;"),
        ("x", "0.1234", "0.123", "x = 0.1234;"),
        ("x", "-7", "-0.3", "x = -0.3;"),
        ("learning rate", "0.0316", "0.0316", "lr = 0.0316;"),
        ("learning rate", "0", "0.010", "lr = 0.01;"),
    ):
        parts.enter(name, typed).reads(name, text).says(said)
    parts.number("steps").fill("3")
    parts.number("steps").press("Escape")
    parts.reads("steps", "107").says("steps = 107;")


def test_values_set_from_python_appear(parts):
    parts.reads("x", "0.25").reads("learning rate", "0.05").cannot("slider", "still").cannot(
        "textbox", NUMBER
    )
    ask = parts.chapter.ask
    ask("parts.steps.value, parts.x.value, parts.lr.value, parts.still.disabled = 55, 0.3, 0.2, False")
    parts.reads("steps", "55").reads("x", "0.3").reads("learning rate", "0.2").can("slider", "still")
    ask("parts.steps.max = 40")
    parts.reads("steps", "40").says("steps = 40;").press("steps", "Home", "End").reads("steps", "40")


NUMBER = "still, as a number"


def test_a_slider_that_begins_anew_waits_until_it_is_let_go(parts):
    mouse, slider = parts.root.page.mouse, parts.part("slider", "seed")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(box["x"] + box["width"], box["y"] + box["height"] / 2, steps=5)
    parts.reads("seed", "99")
    assert parts.chapter.ask("print(parts.seed.value)") == "0\n"
    mouse.up()
    parts.says("seed = 99;")


def test_the_mouse_reaches_every_step_of_a_fine_slider(open_cell):
    panel = open_cell("lr = ", FINE)
    mouse, slider = panel.root.page.mouse, panel.part("slider", "learning rate")
    slider.scroll_into_view_if_needed()
    box, number, seen = slider.bounding_box(), panel.number("learning rate"), set()
    mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    mouse.down()
    for pixel in range(round(box["width"])):
        mouse.move(box["x"] + pixel, box["y"] + box["height"] / 2)
        seen.add(number.input_value())
    mouse.up()
    assert len(seen) == 351


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_all_is_reached_with_tab_and_focus_is_seen(parts, theme):
    page, kinds = parts.root.page, []
    parts.chapter.use_theme(theme)
    parts.part("slider", "steps").focus()
    for _ in range(12):
        page.wait_for_timeout(300)  # some outlines come by and by
        kind, style, width, *colours = page.evaluate(FOCUSED)
        assert (style, width) == ("solid", "2px") and contrast(*colours) > 3
        kinds.append(kind)
        page.keyboard.press("Tab")
    parts.chapter.use_theme("Light")
    assert kinds == 4 * ["range", "text"] + ["select-one", "radio", "checkbox", "submit"]


def test_the_arrow_of_a_dropdown_is_seen_in_the_dark(parts):
    dropdown = parts.part("combobox", "kind")
    parts.chapter.use_theme("Dark")
    expect(dropdown).to_have_css("background-image", re.compile(r"^conic-gradient\(.*rgba?\(2\d\d"))
    parts.chapter.use_theme("Light")


def test_a_picture_keeps_its_proportions_and_its_place(parts):
    page = parts.root.page
    parts.picture.evaluate(WATCH)
    parts.move("steps", 5).draws("55 steps.")
    assert page.evaluate("window.heights") == [240]
    page.set_viewport_size({"width": 700, "height": 800})
    page.wait_for_function("window.heights.length > 1")
    box = parts.picture.bounding_box()
    assert box["width"] < 600 and box["width"] / box["height"] == pytest.approx(3, rel=0.01)
    assert parts.root.evaluate("root => root.scrollWidth <= root.clientWidth")
    page.set_viewport_size({"width": 1200, "height": 1000})
