"""Derivations in JupyterLab: stepped through by mouse and keyboard, with other numbers, light and dark."""

import pytest
from nbformat.v4 import new_code_cell
from playwright.sync_api import expect

from nnlib.teach.derivations import DERIVATIONS
from tests.colours import contrast

STEPPERS = ("1.3", "2.6", "4.9", "7.3", "10.7")
NEW = ".mjx-nnlib-new"
COLOURS = """new_ => {
    const numbers = colour => colour.match(/[\\d.]+/g).map(Number).slice(0, 3);
    const row = new_.closest("td");
    return [getComputedStyle(new_).color, getComputedStyle(row).backgroundColor].map(numbers);
}"""

CUT = "all => all.some(one => one.scrollWidth > one.clientWidth)"


def words(number):
    return f'widgets.derivation("{number}")'


@pytest.fixture
def steppers(open_cells):
    cells = [new_code_cell(f"from nnlib.teach import widgets\n{words(number)}") for number in STEPPERS]
    chapter = open_cells(*cells)
    for number in STEPPERS:
        chapter.run(words(number))
    return {number: chapter.panel(words(number)) for number in STEPPERS}


def test_a_derivation_is_stepped_through(steppers):
    weights = steppers["2.6"]
    weights.says("the chain rule over every entry of Z", "✓ −2, and so is the left side, computed by itself.")
    weights.cannot("button", "Back").click("Next").says("only output j uses this weight").reads("line", "2")
    expect(weights.root.locator(NEW)).to_have_count(4)  # twice, for screen readers too
    weights.click("Next", key="Enter").reads("line", "3").move("line", 3).reads("line", "6").cannot(
        "button", "Next"
    )
    weights.says("a sum over the inner index is a matrix product", "✓ −2, and so is the line before.")
    weights.move("i", 1).says("for i = 3, j = 1:", "✓ −5").drag("j", 200).says("for i = 3, j = 2:", "✓ 7")
    entry = weights.part("textbox", "dZ, row 2, column 2")
    entry.fill("5")
    entry.press("Enter")
    weights.says("✓ −7, and so is the line before.")
    entry.fill("much")
    entry.press("Tab")
    expect(entry).to_have_value("5")
    weights.click("Back").does_not_say("a sum over the inner index")


def test_no_line_is_wider_than_the_page(steppers):
    for number, stepper in steppers.items():
        for line in range(1, 1 + len(DERIVATIONS[number].lines)):
            stepper.enter("line", line).says("With numbers")
            stepper.chapter.failed_formulas()  # waits for MathJax
            assert not stepper.root.locator(".widget-html-content").evaluate_all(CUT), (number, line)


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_what_is_new_can_be_seen(steppers, theme):
    chapter = steppers["2.6"].chapter
    chapter.use_theme(theme)
    for number, stepper in steppers.items():
        stepper.click("Next").says("✓")
        new = stepper.root.locator(NEW).first
        expect(new).to_be_visible()
        assert contrast(*new.evaluate(COLOURS)) >= 4.5, number
    assert chapter.failed_formulas() == []
    assert chapter.all_problems() == []
