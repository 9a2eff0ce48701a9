"""The digit pad of chapter 11: by keyboard, and every digit drawn with the mouse."""

import time

import numpy as np

from nnlib.teach.preprocessing import bundled_digits
from tests.mouse import draw

DIGITS = bundled_digits()
STAGES = "crop to the ink", "scale into 20 × 20, proportions kept", "centre by the centre of mass"
# How many strokes have arrived, where the last one ends, whether the verdict is about them, and the verdict.
STATE = """
from nnlib.teach.preprocessing import rasterise
with pad._lock:
    strokes = pad.paper.strokes
    print(len(strokes), *strokes[-1][-1], (pad.images[0] == rasterise(strokes)).all() + 0, pad.P.argmax())
"""


def reads(pad, digit):
    """Draw a bundled digit on empty paper; return whether the pad, once it has seen all of it, reads it."""
    pad.click("Clear").says("The paper is empty")
    strokes = DIGITS[digit]
    every_second = [np.vstack([stroke[:-1:2], stroke[-1:]]) for stroke in strokes]
    draw(pad.root.get_by_role("application", name="Paper"), every_second)
    pad.says("It says")
    deadline = time.monotonic() + 10
    while True:
        count, x, y, seen, says = map(float, pad.chapter.ask(STATE).split())
        if seen and count == len(strokes) and abs(strokes[-1][-1] - (x, y)).max() < 0.01:
            break
        assert time.monotonic() < deadline, f"{count:.0f} strokes arrived, the last point is {x}, {y}"
    pad.says(f"It says {says:.0f}")
    return says == digit


def test_the_digit_pad(open_panel):
    pad = open_panel("11_generalisation", "pad = widgets.digit_pad(").says("It says 7")

    # By keyboard
    (
        pad.choose("drawing", "4")
        .says("It says 4")
        .draws("it says 4.")
        .click("Undo", key="Enter")
        .chosen("drawing", "your own")
    )
    assert pad.chapter.ask("print(len(pad.paper.strokes))") == "1\n"
    (
        pad.click("Clear", key="Enter")
        .says("The paper is empty: draw a digit on it")
        .choose("drawing", "8")
        .enter("pen width", 0.2)
        .says("its stroke is thick")
        .enter("pen width", 0.07)
        .click("Clear", key="Enter")
        .says("The paper is empty")
    )
    paper = pad.root.get_by_role("application", name="Paper")
    for key in ("Space", *20 * ["ArrowDown"], "Space", *5 * ["ArrowRight"], "Space", "ArrowUp", "Space"):
        paper.press(key)
    deadline = time.monotonic() + 10
    while pad.chapter.ask("print(*map(len, pad.paper.strokes))") != "21 2\n":
        assert time.monotonic() < deadline, "not all that the keys have drawn has arrived"
    pad.part("checkbox", STAGES[1]).press("Space")
    pad.says("it is 28 pixels long").part("checkbox", STAGES[1]).press("Space")

    # Every digit with the mouse, with the stages and without
    assert sum(reads(pad, digit) for digit in DIGITS) >= 9
    for stage in STAGES:
        pad.tick(stage, on=False)
    assert sum(reads(pad, digit) for digit in DIGITS) <= 6
