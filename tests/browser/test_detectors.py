"""The browser tests notice what they are there to notice."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from playwright.sync_api import expect

BUTTON = """
import ipywidgets

button = ipywidgets.Button(description="Go", icon="check")
button.on_click(lambda _: {}["absent"])
button
"""
BROKEN_WIDGET = """
import traitlets

class Broken(ipywidgets.DOMWidget):
    _view_module = traitlets.Unicode("absent").tag(sync=True)
    _view_name = traitlets.Unicode("Absent").tag(sync=True)

Broken()
"""


def forget(chapter):
    """Leave nothing for the end of the test to find."""
    chapter.problems.clear()
    chapter.page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")


def test_formulas(open_cells):
    good = "$x^2$ and `$x$`\n\n$$\n\\frac{1}{2}\n\\tag{1.1}\n$$\n\n| $n_i$ |\n|---|\n| $a<b$ |"
    bad = ["$\\absent{x}$", "$\\frac{1}$", "$\\eqref{absent}$", "\\frac{1}{2}", "$$\nx\n\n- y\n$$"]
    failed = open_cells(*map(new_markdown_cell, [good, *bad])).failed_formulas()
    assert failed == ["\\frac{1}{2}", "$$\nx", "y\n$$", "\\absentx", "\\frac{1}", "(???)"]


def test_cell_that_fails(open_cells):
    chapter = open_cells(new_code_cell("1"), new_code_cell("1 / 0"), new_code_cell("after = 1"))
    chapter.run("1")
    with pytest.raises(pytest.fail.Exception, match="cell 2 did not run(.|\n)*ZeroDivisionError"):
        chapter.run()
    with pytest.raises(pytest.fail.Exception, match="cell 2 did not run"):
        chapter.run("after")
    forget(chapter)


def test_problems(open_cells):
    cells = ["import sys\nprint('aside', file=sys.stderr)", BUTTON, BROKEN_WIDGET]
    chapter = open_cells(*map(new_code_cell, cells))
    chapter.run()
    chapter.output("Button").get_by_text("Go").click()
    chapter.page.evaluate("setTimeout(() => { throw new Error('thrown') })")
    chapter.page.evaluate("fetch('https://example.com/page').catch(() => {})")
    chapter.page.evaluate("void new WebSocket('wss://example.com/socket')")
    expect(chapter.output("Broken")).to_contain_text("Click to show javascript error")
    assert set(chapter.all_problems()) == {
        "JavaScript error: thrown",
        "error: KeyError: 'absent'",
        "output: Click to show javascript error.",
        "output: aside",
        "request to another host: https://example.com/page",
        "request to another host: wss://example.com/socket",
        "stderr: aside",
    }
    forget(chapter)
