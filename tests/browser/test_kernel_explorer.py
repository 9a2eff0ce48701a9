"""The kernel explorer in JupyterLab: pointed at with the mouse, moved by keyboard, light, dark and narrow."""

import re

import pytest
from playwright.sync_api import expect

from tests.colours import contrast

CELL = """
import numpy as np
from nnlib.teach import widgets
learned = np.linspace(-0.6, 0.6, 25).reshape(5, 5)
explorer = widgets.kernel_explorer(learned=learned)
explorer
"""
STATE = "print(explorer.o.value, explorer.i.value, explorer.j.value, round(explorer.value, 6))"
OUTLINE = """pointer => {
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(pointer);
    return [outlineStyle, outlineWidth, outlineColor];
}"""
# Of each cell with a number: the colour of its words and of its ground.
COLOURS = """root => [...root.querySelectorAll(".nnlib-side-by-side td")].map(cell => {
    const { color, backgroundColor } = getComputedStyle(cell);
    return [color, backgroundColor].map(colour => colour.match(/[\\d.]+/g).map(Number).slice(0, 3));
})"""


@pytest.fixture
def explorer(open_cell):
    return open_cell("explorer = ", CELL).says("X16+u, 14+v").draws("Y[16, 14] = 2.45.")


def outputs(explorer):
    """Return what is pointed at."""
    return explorer.root.get_by_role("slider", name=re.compile("^outputs, "))


def at(explorer, row, column, rows=26, columns=26, sheet=(0, 0), sheets=(1, 1)):
    """Return where an output is seen in the page: a map of several lies in `sheet`, row and column."""
    pointer = outputs(explorer)
    pointer.scroll_into_view_if_needed()
    box = pointer.bounding_box()
    gap = int(sheets != (1, 1))
    y, x = sheet[0] * (rows + gap) + row + 0.5, sheet[1] * (columns + gap) + column + 0.5
    down, across = sheets[0] * (rows + gap) - gap, sheets[1] * (columns + gap) - gap
    return box["x"] + box["width"] * x / across, box["y"] + box["height"] * y / down


def state(explorer):
    return explorer.chapter.ask(STATE).split()


def test_the_mouse_points_at_outputs(explorer):
    mouse = explorer.root.page.mouse
    for row, column in ((24, 9), (0, 0), (25, 25), (22, 13)):
        mouse.move(*at(explorer, row, column))
        explorer.says(f"Y{row}, {column} = ").draws(f"Y[{row}, {column}] = ")
        expect(outputs(explorer)).to_have_attribute(
            "aria-valuetext", re.compile(f"^row {row}, column {column}: ")
        )
    explorer.says("= −2.98", "Y[22, 13] = (X[22:25, 13:16] * W).sum()").reads("row i", "22")

    # A click holds it, another one on it lets go
    mouse.down()
    mouse.up()
    mouse.move(*at(explorer, 5, 5))
    explorer.root.page.wait_for_timeout(500)
    explorer.reads("row i", "22").reads("column j", "13")
    mouse.move(*at(explorer, 8, 4))
    mouse.down()
    mouse.up()
    explorer.says("Y8, 4 = ").reads("row i", "8")
    mouse.down()
    mouse.up()
    mouse.move(*at(explorer, 9, 20))
    explorer.says("Y9, 20 = ").reads("column j", "20")

    # It keeps up with a mouse that crosses the map, and ends where that ends
    mouse.move(*at(explorer, 20, 22), steps=40)
    explorer.says("Y20, 22 = ")
    assert state(explorer)[:3] == ["0", "20", "22"]


def test_arrow_keys_move_it_and_nothing_else(explorer):
    pointer, cell = outputs(explorer), explorer.chapter.cell("explorer = ")
    pointer.focus()
    for key, row, column in (
        ("ArrowUp", 15, 14),
        ("ArrowLeft", 15, 13),
        ("ArrowDown", 16, 13),
        ("ArrowRight", 16, 14),
        ("End", 16, 25),
        ("ArrowRight", 16, 25),
        ("Home", 16, 0),
        ("PageDown", 16, 0),
    ):
        pointer.press(key)
        explorer.says(f"Y{row}, {column} = ").reads("row i", str(row)).reads("column j", str(column))
    expect(cell).to_have_class(re.compile("jp-mod-selected"))
    for _ in range(16):  # quicker than pictures are drawn
        pointer.press("ArrowUp")
    explorer.says("Y0, 0 = ").draws("Y[0, 0] = 0.")
    # The sliders do the same, and the map shows it
    explorer.enter("row i", 16).move("column j", 14).says("Y16, 14 = ", "0.804 · 1 + 0 · (−1)", "= 2.45")
    expect(pointer).to_have_attribute("aria-valuetext", "row 16, column 14: 2.45")
    expect(pointer).to_have_attribute("aria-valuenow", str(16 * 26 + 14))
    expect(pointer).to_have_attribute("aria-label", "outputs, 26 × 26")


def test_kernels_are_chosen_and_typed(explorer):
    explorer.choose("image", "a square").draws("6 × 6")
    explorer.enter("row i", 2).enter("column j", 1).says(
        "= 0 · (−1) + 1 · 0 + 1 · 1 + 0 · (−1) + 1 · 0 + 1 · 1 + 0 · (−1) + 1 · 0 + 1 · 1 = 3"
    )
    corner = explorer.part("textbox", "W, row 1, column 3")
    corner.fill("4")
    corner.press("Enter")
    explorer.says("1 · 4 +", "= 6").chosen("kernel", "your own")
    corner.fill("__import__('os')")
    corner.press("Enter")
    expect(corner).to_have_value("4")
    explorer.choose("kernel", "learned").says("Y2, 1 = ").enter("padding", 1)
    expect(explorer.part("textbox", "W, row 5, column 5")).to_have_value("0.6")
    explorer.choose("kernel", "blur").move("stride", 1).says("⌈(8 + 2 · 1 − 3 + 1) / 2⌉ = 4")
    explorer.enter("row i", 0).says("of these 9 pixels are zeros of the padding")
    expect(explorer.part("textbox", "W, row 5, column 5")).to_have_count(0)


def test_from_an_output_back_to_what_it_has_seen(explorer):
    page = explorer.root.page
    explorer.choose("layer", "pooling 1").draws("12 × 12 × 6")
    expect(explorer.part("combobox", "kernel")).to_be_hidden()
    pointer = outputs(explorer)
    across = int(explorer.chapter.ask("print(explorer.picture.across)"))
    down = -(-6 // across)
    for o, row, column in ((4, 3, 2), (1, 11, 0), (5, 0, 11)):
        sheet = divmod(o, across)
        page.mouse.move(*at(explorer, row, column, 12, 12, sheet, (down, across)))
        explorer.says(f"Y{row}, {column}, {o} = max").reads("map o", str(o))
        expect(pointer).to_have_attribute(
            "aria-valuetext", re.compile(f"^map {o}, row {row}, column {column}: ")
        )
    explorer.says("It has seen rows 0 to 5 and columns 22 to 27 of the image: 6 × 6 pixels.")
    pointer.focus()
    pointer.press("PageUp")
    explorer.reads("map o", "4").says("Y0, 11, 4 = max")
    explorer.choose("layer", "pooling 2").says("16 × 16 pixels").draws("4 × 4 × 12")
    explorer.choose("layer", "convolution 2").says("what map c adds", "14 × 14 pixels")
    explorer.choose("layer", "one kernel").says("patch of X")
    expect(explorer.part("combobox", "kernel")).to_be_visible()


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_it_is_read_in_each_theme_and_in_a_narrow_window(explorer, theme):
    page, pointer = explorer.root.page, outputs(explorer)
    explorer.chapter.use_theme(theme)
    pointer.focus()
    pointer.press("ArrowUp")
    explorer.says("Y15, 14 = ")
    page.wait_for_timeout(300)
    style, width, _ = pointer.evaluate(OUTLINE)
    assert (style, width) == ("solid", "2px")
    page.set_viewport_size({"width": 700, "height": 900})
    for layer in ("one kernel", "convolution 1", "pooling 1", "convolution 2", "pooling 2"):
        explorer.choose("layer", layer).says("patch of X" if layer in ("one kernel", "convolution 1") else "")
        for kernel in ("edge upright", "learned") if layer == "one kernel" else ():
            explorer.choose("kernel", kernel)
            expect(explorer.part("textbox", "W, row 3, column 3")).to_be_visible()
            assert explorer.root.evaluate("root => root.scrollWidth <= root.clientWidth"), kernel
        explorer.draws()
        assert explorer.root.evaluate("root => root.scrollWidth <= root.clientWidth"), layer
        for pair in explorer.root.evaluate(COLOURS):
            assert contrast(*pair) >= 4.5, (layer, pair)
        box, picture = pointer.bounding_box(), explorer.picture.bounding_box()
        assert picture["x"] <= box["x"] and box["x"] + box["width"] <= picture["x"] + picture["width"] + 1
    page.set_viewport_size({"width": 1200, "height": 1000})
    explorer.chapter.use_theme("Light")
