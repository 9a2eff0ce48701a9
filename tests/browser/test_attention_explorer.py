"""The attention explorer in JupyterLab: mouse, keyboard, light, dark and narrow."""

import re

import pytest
from playwright.sync_api import expect

CELL = """
from nnlib.teach import widgets
explorer = widgets.attention_explorer()
explorer
"""
STATE = "print(explorer.head.value, explorer.query.value, explorer.place.value)"
T = 20


@pytest.fixture
def explorer(open_cell):
    return open_cell("explorer = ", CELL).says("Head 2.2: place 18").draws("1 at place 12, h.")


def maps(explorer):
    """Return what is pointed at."""
    return explorer.root.get_by_role("slider", name=re.compile("^maps of "))


def at(explorer, sheet, row, column):
    """Return where an entry of a map is seen in the page; four maps stand in two rows."""
    pointer = maps(explorer)
    pointer.scroll_into_view_if_needed()
    box = pointer.bounding_box()
    side = 2 * (T + 1) - 1
    y, x = sheet // 2 * (T + 1) + row + 0.5, sheet % 2 * (T + 1) + column + 0.5
    return box["x"] + box["width"] * x / side, box["y"] + box["height"] * y / side


def test_the_mouse_points_at_maps(explorer):
    mouse = explorer.root.page.mouse
    for sheet, head, t, s in ((1, "1.2", 9, 8), (0, "1.1", 3, 3), (2, "2.1", 17, 11), (3, "2.2", 16, 10)):
        mouse.move(*at(explorer, sheet, t, s))
        explorer.says(f"Head {head}: place {t}, ").draws(f"Head {head}: place {t}, ")
        spoken = re.compile(f"^head {re.escape(head)}, place {t}, ., looks at place {s}, .: ")
        expect(maps(explorer)).to_have_attribute("aria-valuetext", spoken)
    explorer.reads("asks", "16").reads("looked at", "10").chosen("head", "2.2")
    assert explorer.chapter.ask(STATE).split() == ["2.2", "16", "10"]


def test_arrow_keys_move_it(explorer):
    pointer = maps(explorer)
    pointer.focus()
    for key, t, s in (
        ("ArrowUp", 17, 12),
        ("ArrowLeft", 17, 11),
        ("ArrowDown", 18, 11),
        ("End", 18, 19),
        ("Home", 18, 0),
    ):
        pointer.press(key)
        explorer.says(f"Head 2.2: place {t}, ").reads("asks", str(t)).reads("looked at", str(s))
    pointer.press("PageUp")
    explorer.says("Head 2.1: place 18").chosen("head", "2.1")


def test_heads_are_knocked_out_and_time_goes_back(explorer):
    explorer.choose("knocked out", "1.2").says("Wrong: h follows", "head 1.2 knocked out 0 of 4")
    explorer.draws("The net says w")
    explorer.choose("knocked out", "none").says("4 of 4")
    explorer.choose("updates", "450").says("After 450 updates 0 of 4").choose("updates", "500").says("3 of 4")
    explorer.choose("updates", "900").says("4 of 4")
    positions = explorer.part("checkbox", "positions")
    positions.uncheck()
    explorer.says("no positions 0 of 4")
    positions.check()
    explorer.click("Another").reads("sequence", "1").draws("Sequence ")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_it_is_read_in_each_theme_and_in_a_narrow_window(explorer, theme):
    page, pointer = explorer.root.page, maps(explorer)
    explorer.chapter.use_theme(theme)
    for width in (1200, 700):
        page.set_viewport_size({"width": width, "height": 1000})
        for head in ("1.2", "2.2"):
            explorer.choose("head", head).draws(f"Head {head}: place 18").says(f"Head {head}")
        assert explorer.root.evaluate("root => root.scrollWidth <= root.clientWidth"), width
        box, picture = pointer.bounding_box(), explorer.picture.bounding_box()
        assert picture["x"] <= box["x"] and box["x"] + box["width"] <= picture["x"] + picture["width"] + 1
    page.set_viewport_size({"width": 1200, "height": 1000})
    explorer.chapter.use_theme("Light")
