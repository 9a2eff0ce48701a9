"""The scaling explorer in JupyterLab: by mouse, by keyboard, light, dark and narrow."""

import re

import pytest
from playwright.sync_api import expect

from tests.colours import contrast

CELL = """
from nnlib.teach import widgets
explorer = widgets.scaling_explorer()
explorer
"""
STATE = "print(explorer.p, explorer.B, explorer.best, round(explorer.speed_up, 3))"
# Of each cell of the table: the colour of its words, and that of the page behind it.
COLOURS = """root => [...root.querySelectorAll(".nnlib-table td, .nnlib-table th, p")].map(cell => {
    const parts = colour => colour.match(/[\\d.]+/g).map(Number);
    let behind = cell;
    while (parts(getComputedStyle(behind).backgroundColor)[3] === 0) {
        behind = behind.parentElement;
    }
    const colours = [getComputedStyle(cell).color, getComputedStyle(behind).backgroundColor];
    return colours.map(colour => parts(colour).slice(0, 3));
})"""


@pytest.fixture
def explorer(open_cell):
    return open_cell("explorer = ", CELL).says("Each of 8 workers computes 64 samples.").draws()


def test_sliders_follow_keys_mouse_and_numbers(explorer):
    page = explorer.root.page
    (
        explorer.move("workers", 3)
        .reads("workers", "64")
        .says("Communication is 98% of a step.", "64 workers take 13.8 ms", "0.56 times as fast")
        .draws("Two steps of 64 workers, 8 of them shown: all wait for worker 9, then worker 15.")
    )
    slider = explorer.part("slider", "workers")
    slider.press("Home")
    explorer.says("One worker computes all 512 samples, waits for nobody, and sends nothing.")
    slider.press("End")
    explorer.reads("workers", "1024").draws("Two steps of 1024 workers")
    explorer.enter("workers", 12).says("Each of 12 workers computes 42.67 samples.")
    explorer.enter("workers", "many").reads("workers", "12")
    slider = explorer.part("slider", "batch")
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    explorer.reads("batch", "65536").says("Each of 12 workers computes 5461.33 samples.")
    assert explorer.chapter.ask(STATE).startswith("12 65536 ")


def test_ways_and_networks_are_chosen_by_keyboard(explorer):
    explorer.enter("workers", 64)
    for name, press, says in (
        ("gradients by", 1, "64 workers take 7.15 ms"),
        ("gradients by", 1, "64 workers take 61 ms"),
        ("network", 1, "64 workers take 7.59 ms"),
    ):
        chosen = explorer.root.get_by_role("radiogroup", name=name).get_by_role("radio", checked=True)
        for _ in range(press):
            chosen.press("ArrowRight")
        explorer.says(says)
    explorer.move("spread", -5).reads("spread", "0.0").says("All take equally long, so nobody waits.")
    explorer.draws("all are done at once")
    explorer.enter("latency: µs", 10).enter("bandwidth: MB/s", 100).says("64 workers")
    assert re.search(r"64 512 \d+ ", explorer.chapter.ask(STATE))


def test_all_has_names_and_is_reached_by_keyboard(explorer):
    page = explorer.root.page
    explorer.root.get_by_role("radio", name="MLP 784-128-128-10").focus()
    page.keyboard.press("Tab")
    expect(explorer.root.get_by_role("radio", name="ring")).to_be_focused()
    for name in ("workers", "batch", "bandwidth: MB/s", "latency: µs", "spread"):
        page.keyboard.press("Tab")
        expect(explorer.part("slider", name)).to_be_focused()
        page.keyboard.press("Tab")
        expect(explorer.number(name)).to_be_focused()
    expect(explorer.picture).to_have_attribute("aria-label", re.compile("Two steps of 8 workers"))


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_it_is_read_in_each_theme_and_in_a_narrow_window(explorer, theme):
    page = explorer.root.page
    explorer.chapter.use_theme(theme)
    page.set_viewport_size({"width": 700, "height": 900})
    for workers in (1, 8, 1000):
        explorer.enter("workers", workers).draws(f"Two steps of {workers if workers > 1 else 'one'} worker")
        assert explorer.root.evaluate("root => root.scrollWidth <= root.clientWidth"), workers
        for pair in explorer.root.evaluate(COLOURS):
            assert contrast(*pair) >= 4.5, pair
    page.set_viewport_size({"width": 1200, "height": 1000})
    explorer.chapter.use_theme("Light")
