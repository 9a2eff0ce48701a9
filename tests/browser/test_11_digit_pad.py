"""The digit pad of chapter 11: by keyboard, and every digit drawn with the mouse."""

import time

from playwright.sync_api import expect

from nnlib.teach.preprocessing import bundled_digits

PAD = "pad = widgets.digit_pad("
DIGITS = bundled_digits()
# How many strokes have arrived, where the last one ends, whether the verdict is about them, and the verdict.
STATE = """
from nnlib.teach.preprocessing import rasterise
with pad._lock:
    strokes = pad.paper.strokes
    print(len(strokes), *strokes[-1][-1], (pad.images[0] == rasterise(strokes)).all() + 0, pad.P.argmax())
"""


def draw(panel, strokes):
    """Draw with the mouse, point by point."""
    canvas, mouse = panel.root.locator("canvas"), panel.root.page.mouse
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for stroke in strokes:
        (x, y), *points = (stroke * (box["width"], box["height"]) + (box["x"], box["y"])).tolist()
        mouse.move(x, y)
        mouse.down()
        for x, y in [*points[1:-1:2], points[-1]]:
            mouse.move(x, y)
        mouse.up()


def read(chapter, panel, digit):
    """Draw a bundled digit on empty paper; return what the pad says once it has seen the last point."""
    panel.button("Clear").click()
    expect(panel.root).to_contain_text("The paper is empty")
    strokes = DIGITS[digit]
    draw(panel, strokes)
    expect(panel.root).to_contain_text("It says")
    deadline = time.monotonic() + 10
    while True:
        count, x, y, seen, says = map(float, chapter.ask(STATE).split())
        if seen and count == len(strokes) and abs(strokes[-1][-1] - (x, y)).max() < 0.01:
            break
        assert time.monotonic() < deadline, f"{count:.0f} strokes arrived, the last point is {x}, {y}"
    expect(panel.root).to_contain_text(f"It says {says:.0f}")
    return says == digit


def test_the_digit_pad(open_chapter):
    chapter = open_chapter("11_generalisation")
    chapter.run(PAD)
    panel = chapter.panel(PAD)
    expect(panel.root).to_contain_text("It says 7")

    # By keyboard
    picture = panel.root.locator("img")
    drawn = picture.get_attribute("src")
    panel.choose("drawing", "4")
    expect(panel.root).to_contain_text("It says 4")
    expect(picture).not_to_have_attribute("src", drawn)
    panel.button("Undo").press("Enter")
    expect(panel.row("drawing").locator("select")).to_have_value("your own")
    assert chapter.ask("print(len(pad.paper.strokes))") == "1\n"
    panel.button("Clear").press("Enter")
    expect(panel.root).to_contain_text("The paper is empty: draw a digit on it")
    panel.choose("drawing", "8")
    panel.enter("pen width", 0.2)
    expect(panel.root).to_contain_text("its stroke is thick")
    panel.enter("pen width", 0.07)
    scaling = panel.root.get_by_label("scale into 20 × 20, proportions kept")
    scaling.press("Space")
    expect(panel.root).to_contain_text("it is 28 pixels long")
    scaling.press("Space")

    # Every digit with the mouse, with the stages and without
    assert sum(read(chapter, panel, digit) for digit in DIGITS) >= 9
    for label in ("crop to the ink", "scale into 20 × 20, proportions kept", "centre by the centre of mass"):
        panel.root.get_by_label(label).uncheck()
    assert sum(read(chapter, panel, digit) for digit in DIGITS) <= 6
