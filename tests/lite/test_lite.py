"""JupyterLite with the chapters, in a headless Chromium: what of its kernel goes offline."""

import json
import tomllib

import pytest
from packaging.requirements import Requirement
from playwright.sync_api import expect

from tests.checkout import ROOT
from tools import lite
from tools.book.browser import chromium, served

READY = "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel"
LATE = "new Promise((_, reject) => setTimeout(() => reject(new Error('no answer in 120 seconds')), 120_000))"

# What a piece of code prints, or the error that it raises.
ASK = """async code => {
    const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
    const future = kernel.requestExecute({ code });
    let text = "";
    future.onIOPub = ({ content }) => { text += content.text ?? content.evalue ?? ""; };
    await future.done;
    return text;
}"""

# Runs a piece of code as the first cell of the notebook.
RUN = """async source => {
    const { content } = jupyterapp.shell.currentWidget;
    content.model.sharedModel.insertCell(0, { cell_type: "code", source });
    content.activeCellIndex = 0;
    await jupyterapp.commands.execute("notebook:run-cell");
}"""

COUNTER = '''
import anywidget, ipywidgets, traitlets

class Counter(anywidget.AnyWidget):
    count = traitlets.Int(0).tag(sync=True)
    _esm = """export default { render({ model, el }) {
        const button = el.appendChild(document.createElement("button"));
        button.textContent = "Count";
        button.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
    } }"""

counter, slider = Counter(), ipywidgets.IntSlider(description="counted")
counter.observe(lambda change: setattr(slider, "value", 10 * change.new), "count")
ipywidgets.VBox([counter, slider])
'''


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return lite.build(tmp_path_factory.mktemp("lite") / "site", local=True)


@pytest.fixture(scope="module")
def page(built):
    """The first chapter, open; at the end, nothing was asked of another host, and no JavaScript failed."""
    problems = []
    with served(built) as url, chromium() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        page.on("pageerror", lambda error: problems.append(f"JavaScript error: {error}"))
        here = (url, "blob:", "data:")
        page.context.on(  # the kernel's requests, too
            "request", lambda one: one.url.startswith(here) or problems.append(f"asked for {one.url}")
        )
        page.goto(f"{url}/lab/index.html?path=00_start_here.ipynb")
        page.wait_for_function(READY, timeout=60_000)
        yield page
    assert problems == []


@pytest.fixture
def ask(page):
    """Return a function that runs code in the kernel, and returns what it prints or the error's message."""
    return lambda code: page.evaluate(f"code => Promise.race([({ASK})(code), {LATE}])", code)


def test_the_list_shows_every_chapter(page):
    names = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    expect(page.locator(".jp-DirListing-itemName")).to_have_text(names)


def test_a_chapter_is_shown_with_a_cell_that_installs_nnlib(page):
    expect(page.locator(".jp-Notebook .jp-Cell").first).to_contain_text(lite.INSTALL)
    expect(page.locator(".jp-Notebook h1").first).to_be_visible()


def test_the_kernel_answers(ask):
    assert ask("print(6 * 7)") == "42\n"


def test_a_widget_is_shown_and_its_kernel_hears_it(page, ask):
    assert ask("%pip install -q anywidget") == ""
    page.evaluate(RUN, COUNTER)
    page.get_by_role("button", name="Count", exact=True).click(timeout=20_000)
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", "10")


def test_nnlib_is_found_and_only_numpy_is_missing(ask):
    """NumPy has no wheel for Pyodide on the package index; online it comes from Pyodide's own servers."""
    assert ask(lite.INSTALL) == ""
    assert ask("import importlib.metadata as m; m.version('nnlib-notebooks')") == ""
    assert "No module named 'numpy'" in ask("import nnlib")


def test_pyodide_has_what_nnlib_needs_and_the_build_does_not(built):
    lock = json.loads((built / "static" / "pyodide" / "pyodide-lock.json").read_bytes())["packages"]
    wheels = [path.name.split("-")[0] for path in (built / "pypi").glob("*.whl")]
    for line in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]:
        one = Requirement(line)
        assert one.name in wheels or one.specifier.contains(lock[one.name]["version"]), line
