"""Everyone can use it: axe-core over every page of the built site, and over every panel in JupyterLab.

Asked for is WCAG 2.2, levels A and AA, light and dark. What is not this project's, and cannot be mended here,
stands in `THEIRS` with its reason. Panels are also looked at by keyboard alone, and at 200 % zoom.
"""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nnlib.teach import widgets
from tests.browser.conftest import NOTEBOOKS, Chapter, Server
from tests.checkout import ROOT
from tools.book import BUILT
from tools.book.__main__ import packages
from tools.book.check import pages
from tools.notebooks import normalise

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = pages(BUILT)
FEW = {"index", "search", "glossary", "00_start_here", "11_generalisation", "15_scaling_out"}
LIVING = [path for path in PAGES if 'class="living"' in path.read_text("utf-8")]
# (rule, a selector of the places, of which every one matches): why it stays.
THEIRS = {
    (
        "label-content-name-mismatch",
        ".search-button-field",
    ): "The theme's search button is called Search; the keys written on it, Ctrl + K, are no name.",
}
# The inside of a formula is MathJax's, with the words of its own for a screen reader.
AXE = """async ([root, tags, theirs]) => {
    const where = { include: [root], exclude: ["mjx-container > *"] };
    const found = await axe.run(where, { runOnly: { type: "tag", values: tags },
        resultTypes: ["violations"] });
    const own = (rule, node) => !theirs.some(([id, selector]) =>
        id === rule && document.querySelector(node.target[0])?.matches(selector));
    return found.violations.flatMap(({ id, nodes }) => nodes.filter(node => own(id, node))
        .map(node => `${id}: ${node.target} ${node.html.slice(0, 120)}`));
}"""
TYPESET = "() => window.MathJax?.startup?.promise.then(() => true) ?? true"
# What can be operated in a panel, and what of it no Tab reaches, or shows no focus.
CONTROLS = "button, input, select, [tabindex='0'], a[href]"
UNREACHED = f"""figure => [...figure.querySelectorAll("{CONTROLS}")].flatMap(one => {{
    if (one.disabled || one.getClientRects().length === 0) return [];
    one.focus({{ focusVisible: true }});
    const {{ outlineStyle, outlineWidth }} = getComputedStyle(one);
    const shown = outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
    const name = one.ariaLabel ?? one.closest("label")?.textContent ?? one.textContent;
    return document.activeElement === one && one.tabIndex >= 0 && shown ? [] : [`${{one.tagName}} ${{name}}`];
}})"""
# What reaches over the edge of the window, and cannot be scrolled to.
LOST = """() => {
    const scrolls = one => one !== null && one !== document.documentElement
        && (getComputedStyle(one).overflowX !== "visible" || scrolls(one.parentElement));
    return [...document.querySelectorAll("figure.living *")].filter(one => {
        const { left, right, width } = one.getBoundingClientRect();
        return width > 0 && (right > innerWidth + 1 || left < -1) && !scrolls(one.parentElement);
    }).map(one => `${one.tagName} ${one.className}`);
}"""


@pytest.fixture(scope="module")
def axe():
    return (packages() / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def site(serve):
    return serve(BUILT)


def opened(open_page, address, **options):
    """Open a page, every formula set and every panel awake."""
    page = open_page(address, **options)
    page.evaluate(TYPESET)
    for figure in page.locator("figure.living").all():
        figure.scroll_into_view_if_needed()
        figure.locator("xpath=self::*[@data-awake]").wait_for()
    return page


def test_there_are_pages():
    names = {str(path.relative_to(BUILT)) for path in PAGES}
    assert {"index.html", "search.html"} <= names, "no site here: make site builds it"
    assert {f"notebooks/{path.stem}.html" for path in NOTEBOOKS.glob("*.ipynb")} <= names
    assert len(LIVING) >= 10


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=path.stem, marks=[] if path.stem in FEW else pytest.mark.slow) for path in PAGES],
)
def test_no_page_violates_wcag(path, open_page, site, axe):
    page = opened(open_page, f"{site}/{path.relative_to(BUILT).as_posix()}")
    page.evaluate(axe)
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        page.wait_for_timeout(300)  # colours fade
        assert page.evaluate(AXE, ["body", TAGS, [*THEIRS]]) == [], theme


@pytest.mark.parametrize("path", LIVING, ids=lambda path: path.stem)
def test_panels_by_keyboard_and_at_twice_the_size(path, open_page, site):
    """1280 pixels at 200 % are 640."""
    page = opened(open_page, f"{site}/{path.relative_to(BUILT).as_posix()}", width=640, device_scale_factor=2)
    assert page.evaluate(LOST) == []
    for figure in page.locator("figure.living").all():
        assert figure.evaluate(UNREACHED) == []


def test_a_violation_is_found(open_page, site, axe):
    page = opened(open_page, f"{site}/search.html")
    page.evaluate(axe)
    page.evaluate("() => document.querySelector('main').append(document.createElement('button'))")
    (found,) = page.evaluate(AXE, ["main", TAGS, [*THEIRS]])
    assert found.startswith("button-name")


# In JupyterLab

CELL = f"""import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.test_widget_panels import make"""


@pytest.fixture
def chapter(browser, tmp_path):
    """A notebook with every panel, open in JupyterLab."""
    notebooks = tmp_path / "source"
    notebooks.mkdir()
    cells = [new_code_cell(CELL), *(new_code_cell(f'make("{name}")') for name in widgets.__all__)]
    nbformat.write(normalise(new_notebook(cells=cells)), notebooks / "panels.ipynb")
    server = Server(notebooks, tmp_path)
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    yield Chapter(page, server, "panels")
    page.close()
    server.stop()


def test_no_panel_in_jupyterlab_violates_wcag(chapter, axe):
    chapter.run()
    page = chapter.page
    page.evaluate(axe)
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
        page.wait_for_timeout(1000)
        assert page.evaluate(AXE, [".jp-Notebook .jp-Cell-outputArea", TAGS, []]) == [], theme
    assert chapter.all_problems() == []
