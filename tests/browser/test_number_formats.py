"""The panel of number formats in JupyterLab: by mouse, by keyboard, typed, light, dark and narrow."""

import pytest

from tests.colours import contrast

CELL = """
from nnlib.teach import widgets
panel = widgets.number_formats()
panel
"""
STATE = "print(panel.number, panel.stored['float16'])"
# Whether nothing reaches beyond the panel; a table might be cut off where nothing can be scrolled.
INSIDE = """root => root.scrollWidth <= root.clientWidth && [...root.querySelectorAll("td, canvas, input")]
    .every(part => part.getBoundingClientRect().right <= root.getBoundingClientRect().right)"""
# Of what is said: the colour of the words, and of the page behind them.
COLOURS = """root => {
    const rgb = (element, name) => getComputedStyle(element)[name].match(/[\\d.]+/g).map(Number);
    let behind = root;
    while (rgb(behind, "backgroundColor")[3] === 0) {
        behind = behind.parentElement;
    }
    const words = [...root.querySelectorAll("p, td, th, label")];
    return words.map(word => [rgb(word, "color"), rgb(behind, "backgroundColor")]);
}"""


@pytest.fixture
def panel(open_cell):
    panel = open_cell("panel = ", CELL)
    return panel.says("0.09997558594").draws("The bits of 0.1, as each format stores it.")


def test_numbers_are_typed(panel):
    panel.enter("x", 65519).reads("x", "65519").draws("the nearest number is 65504")
    panel.enter("x", "1.02345678e-10").reads("x", "1.02345678e-10")
    assert panel.number("x").evaluate("field => field.scrollWidth <= field.clientWidth")
    panel.enter("x", 2049).reads("x", "2049").says("halfway is 2049, and there it is").draws(
        "the nearest number is 2048"
    )
    panel.enter("x", "1e-8").says("smallest above 0").draws("float16 has no number that small: 0")
    assert panel.chapter.ask(STATE).split() == ["1e-08", "0.0"]
    panel.enter("S = 2 to the", 10).says("without S, float16 stores 0", "divided by S again")
    panel.enter("x", "1e99").reads("x", "1.0e+8").says("S x is one of those").draws(
        "no number that large: inf"
    )
    panel.enter("x", "__import__('os')").reads("x", "1.0e+8")


def test_arrow_keys_move_each_slider(panel):
    panel.move("x", 1).draws("The bits of 0.11220185").move("x", -1).draws("The bits of 0.1,")
    panel.enter("x", 2048).move("fine, in gaps", 4).says("halfway is 2049, and there it is")
    panel.move("fine, in gaps", 1).draws("the nearest number is 2050")
    panel.press("fine, in gaps", "Home").draws("float16 has 2044 itself")
    panel.press("fine, in gaps", "End").draws("float16 has 2052 itself")
    panel.move("S = 2 to the", 3).says("S = 23 = 8")
    panel.press("x", "End").reads("x", "1.0e+8").press("x", "Home").reads("x", "1.0e-12")


def test_the_mouse_moves_it_and_chooses(panel):
    panel.drag("x", 60).says("x stored")
    assert float(panel.chapter.ask(STATE).split()[0]) > 0.2
    panel.enter("x", 300.7)
    panel.part("radio", "bfloat16").click()
    panel.says("halfway is 301, and it is below: 300 is nearer").draws("bfloat16: the nearest number is 300")
    panel.part("radio", "negative").click()
    panel.says("x lies between −302 and −300").draws("The bits of −300.7")
    panel.part("radio", "negative").press("ArrowLeft")
    panel.says("x lies between 300 and 302")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_it_is_read_in_each_theme_and_in_a_narrow_window(panel, theme):
    page = panel.root.page
    panel.chapter.use_theme(theme)
    page.set_viewport_size({"width": 700, "height": 1000})
    for x in ("1.02345678e-5", 65519, "1e7"):
        panel.enter("x", x).draws()
        for form in ("float32", "bfloat16", "float16"):
            panel.part("radio", form).click()
            panel.says(f"{form}: ")
            assert panel.root.evaluate(INSIDE), (x, form)
    for pair in panel.root.evaluate(COLOURS):
        assert contrast(*pair) >= 4.5, pair
    page.set_viewport_size({"width": 1200, "height": 1000})
    panel.chapter.use_theme("Light")
