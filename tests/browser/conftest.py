"""A real JupyterLab, a headless Chromium, and `Chapter` to drive a chapter in them as a learner does.

    def test_training_can_be_stopped(open_panel):
        panel = open_panel("08_xor", "widgets.xor")  # every cell down to the first with these words is run
        (
            panel.move("A: learning rate", 3)        # three presses of the right arrow key
            .reads("A: learning rate", "1.4")
            .enter("epochs", 5000)                   # a number typed over the one beside the slider
            .choose("A: activation", "tanh")         # from a dropdown
            .click("Train")
            .says("Epoch 20.")
            .click("Stop")
            .can("button", "Train")
            .draws("A: 3 tanh")                      # another picture, and what it says of itself
        )

What is seen is waited for, five seconds unless told otherwise. A test fails at its end when the page asked
another host for anything, when JavaScript raised an error or a widget could not be shown, and when the kernel
raised an error or wrote to stderr, be it in a callback, where JupyterLab shows nothing.
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect, sync_playwright

from nnlib.command import lab
from tools.notebooks import normalise

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
    # Otherwise cells out of sight are not in the page.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}

# Asked again and again: JupyterLab's own promises are for ever pending where it had to connect twice.
READY = """() => {
    const { context, sessionContext } = window.jupyterapp?.shell.currentWidget ?? {};
    const kernel = sessionContext?.session?.kernel;
    return context?.isReady && sessionContext.isReady
        && kernel?.connectionStatus === "connected" && kernel.status === "idle";
}"""

# The kernel answers in the order in which it was asked.
SYNC = "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestKernelInfo()"

# JupyterLab says so with a dot, writes the file two minutes later, and asks before it closes it.
CHANGED = "() => jupyterapp.shell.currentWidget.context.model.dirty"
SAVE = "() => jupyterapp.commands.execute('docmanager:save')"

FIND = """words => [...jupyterapp.shell.currentWidget.content.model.cells]
    .findIndex(cell => cell.sharedModel.getSource().includes(words))"""

# JupyterLab's loading screen is taken away a fifth of a second after the theme has changed; shown again until
# then, it would be taken away twice, which raises an error.
USE_THEME = """async theme => {
    await jupyterapp.commands.execute("apputils:change-theme", { theme });
    while (document.getElementById("jupyterlab-splash")) {
        await new Promise(resolve => setTimeout(resolve, 20));
    }
}"""

# Returns the first cell that has not run or raised an error.
RUN = """async ([last, alone]) => {
    const notebook = jupyterapp.shell.currentWidget.content;
    const command = name => jupyterapp.commands.execute("notebook:" + name);
    if (!alone) {
        await command("clear-all-cell-outputs");
    }
    if (last === null) {
        await command("run-all-cells");
    } else {
        notebook.activeCellIndex = last;
        if (!alone) {
            await command("run-all-above");
        }
        notebook.activeCellIndex = last;
        await command("run-cell");
    }
    const failed = cell => cell.executionCount === null
        || cell.outputs.toJSON().some(output => output.output_type === "error");
    return [...notebook.model.cells].slice(0, last === null ? undefined : last + 1)
        .findIndex(cell => cell.type === "code" && cell.sharedModel.getSource().trim() && failed(cell));
}"""

# The text that MathJax is still to typeset, or never will.
RAW_FORMULAS = r"""() => {
    const areas = document.querySelectorAll(".jp-RenderedHTMLCommon, .widget-htmlmath");
    return [...areas].flatMap(area => {
        const found = [], walker = document.createTreeWalker(area, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const { data, parentElement } = walker.currentNode;
            const code = parentElement.closest("code, pre, mjx-container");
            if (!code && /\$\$|\$[^$]+\$|\\[a-z]{2}/i.test(data)) {
                found.push(data.trim());
            }
        }
        return found;
    });
}"""

# MathJax shows what it cannot parse as an error, unknown macros in red and unknown references as ???.
FAILED_FORMULAS = """() => [...document.querySelectorAll("mjx-container")]
    .filter(formula => formula.querySelector("mjx-merror, mtext[mathcolor='red']")
        || formula.textContent.includes("???"))
    .map(formula => formula.querySelector("math").textContent)"""

# The text that a piece of code prints.
ASK = """async code => {
    const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
    const future = kernel.requestExecute({ code, store_history: false });
    let text = "";
    future.onIOPub = ({ content }) => { text += content.text ?? ""; };
    await future.done;
    return text;
}"""

# Of a picture, which may be empty before its first pixels come.
PIXELS = "canvas => canvas.toDataURL()"
DRAWN = """([canvas, before]) => canvas.toDataURL() !== before
    && canvas.getContext("2d").getImageData(0, 0, 1, 1).data[3] > 0"""
THUMB = 16  # pixels, the width of the handle of a slider
FAILED_OUTPUTS = "[data-mime-type='application/vnd.jupyter.stderr'], .jupyter-widgets-error-widget"


class Chapter:
    """A chapter open in JupyterLab; the docstring of this module shows it at work.

    Attributes
    ----------
    page : playwright.sync_api.Page
    path : Path
        Its file.
    problems : list of str
        What went wrong so far, in the page or in the kernel; the test fails at its end unless it is empty.
    """

    def __init__(self, page, server, name):
        self.page = page
        self.problems = []
        self._origin = server.url
        self.path = server.notebooks / f"{name}.ipynb"
        page.on("pageerror", lambda error: self.problems.append(f"JavaScript error: {error}"))
        page.on("request", lambda request: self._see_request(request.url))
        page.on("websocket", self._see_websocket)
        self._url = f"{server.url}doc/tree/notebooks/{name}.ipynb?token={server.token}&reset"
        self.open()

    def open(self):
        """Open the chapter, for the first time or again."""
        self.page.goto(self._url)
        self.page.wait_for_function(READY)

    def run(self, words=None, *, alone=False):
        """Run all cells, or those down to the first with `words` in it, or that one `alone`; fail with it."""
        failed = self.evaluate(RUN, [None if words is None else self.index(words), alone])
        if failed >= 0:
            problems = "\n".join(self.problems)
            pytest.fail(f"cell {failed + 1} did not run to its end\n{problems}", pytrace=False)

    def cell(self, words):
        """Return the locator of the first cell whose source holds `words`."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(self.index(words))

    def output(self, words):
        """Return the locator of what the first cell whose source holds `words` shows."""
        return self.cell(words).locator(".jp-Cell-outputArea")

    def panel(self, words):
        """Return the `Panel` that the first cell whose source holds `words` shows."""
        return Panel(self.output(words), self)

    def use_theme(self, name):
        """Show JupyterLab "Light" or "Dark"."""
        self.evaluate(USE_THEME, f"JupyterLab {name}")

    def is_changed(self):
        """Return whether JupyterLab takes the chapter for changed, once the kernel has said who it is."""
        self.evaluate(SYNC)
        self.page.wait_for_timeout(200)
        return self.page.evaluate(CHANGED)

    def saved(self):
        """Save the chapter, changed or not, and return the bytes of its file."""
        self.evaluate(SAVE)
        return self.path.read_bytes()

    def ask(self, code):
        """Run `code` in the kernel, beside the cells, and return what it prints."""
        return self.evaluate(ASK, code)

    def failed_formulas(self):
        """Return what stands where a formula should, after waiting until MathJax has nothing left to do."""
        for _ in range(50):
            if not self.page.evaluate(RAW_FORMULAS):
                break
            self.page.wait_for_timeout(100)
        return self.page.evaluate(RAW_FORMULAS) + self.page.evaluate(FAILED_FORMULAS)

    def all_problems(self):
        """Return `problems` and the outputs that show an error, once the kernel has done what was asked."""
        self.evaluate(SYNC, seconds=30)
        texts = self.page.locator(FAILED_OUTPUTS).all_inner_texts()
        return [*self.problems, *(f"output: {text.strip()}" for text in texts)]

    def evaluate(self, script, argument=None, seconds=120):
        """Return what an asynchronous function of JavaScript returns; playwright would wait for ever."""
        error = f"new Error('not done within {seconds} seconds')"
        late = f"new Promise((_, reject) => setTimeout(() => reject({error}), {1000 * seconds}))"
        return self.page.evaluate(f"argument => Promise.race([({script})(argument), {late}])", argument)

    def index(self, words):
        """Return the place of the first cell whose source holds `words`."""
        index = self.page.evaluate(FIND, words)
        assert index >= 0, f"no cell holds {words!r}"
        return index

    def _see_request(self, url):
        if not url.startswith((self._origin, "blob:", "data:")):
            self.problems.append(f"request to another host: {url}")

    def _see_websocket(self, websocket):
        self._see_request(websocket.url.replace("ws://", "http://"))
        if "/channels" in websocket.url:
            websocket.on("framereceived", self._see_message)

    def _see_message(self, frame):
        _, parts = deserialize_msg_from_ws_v1(frame)
        kind, content = json.loads(parts[0])["msg_type"], json.loads(parts[3])
        if kind == "error":
            self.problems.append(f"error: {content['ename']}: {content['evalue']}")
        elif kind == "stream" and content["name"] == "stderr":
            # JupyterLab looks for widgets in every new kernel, before one has imported ipywidgets.
            lines = [line for line in content["text"].split("\n") if not line.startswith("No such comm")]
            self.problems += [f"stderr: {line}" for line in lines if line]


class Panel:
    """The widgets that a cell shows, each found by the name that a screen reader says of it.

    Every step returns the panel, so that a test reads as what is done and what is seen, one after the other.

    Attributes
    ----------
    root : playwright.sync_api.Locator
        All of it.
    chapter : Chapter
    """

    def __init__(self, root, chapter):
        self.root, self.chapter = root, chapter
        self.picture, self._drawn = root.locator("canvas.nnlib-picture"), ""

    def part(self, role, name):
        """Return the locator of a control."""
        return self.root.get_by_role(role, name=name, exact=True)

    def number(self, name):
        """Return the locator of the number beside a slider."""
        return self.part("textbox", f"{name}, as a number")

    # What is done

    def press(self, name, *keys):
        """Press keys on a slider."""
        for key in keys:
            self.part("slider", name).press(key)
        return self

    def move(self, name, steps):
        """Move a slider with the arrow keys, to the left where `steps` is negative."""
        return self.press(name, *abs(steps) * ["ArrowRight" if steps > 0 else "ArrowLeft"])

    def drag(self, name, pixels):
        """Move a slider with the mouse."""
        mouse, slider = self.root.page.mouse, self.part("slider", name)
        slider.scroll_into_view_if_needed()
        box, share = slider.bounding_box(), slider.evaluate("slider => slider.value / slider.max")
        x, y = box["x"] + THUMB / 2 + share * (box["width"] - THUMB), box["y"] + box["height"] / 2
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + pixels, y, steps=5)
        mouse.up()
        return self

    def enter(self, name, value):
        """Type `value` over the number beside a slider."""
        self.number(name).fill(str(value))
        self.number(name).press("Enter")
        return self

    def choose(self, name, option):
        """Choose from a dropdown."""
        self.part("combobox", name).select_option(option)
        return self

    def tick(self, name, *, role="checkbox", on=True):
        """Tick a box, or another `role`; with `on=False` untick it."""
        self.part(role, name).set_checked(on)
        return self

    def click(self, name, *, key=None):
        """Click on a button; or press a key on it."""
        button = self.part("button", name)
        button.press(key) if key else button.click()
        return self

    # What is seen

    def says(self, *texts, seconds=5):
        """Wait until each text is there, or what matches a pattern."""
        for text in texts:
            expect(self.root).to_contain_text(text, timeout=1000 * seconds)
        return self

    def does_not_say(self, text):
        expect(self.root).not_to_contain_text(text)
        return self

    def reads(self, name, text):
        """Wait until the number beside a slider is `text`, and spoken so too."""
        expect(self.number(name)).to_have_value(text)
        expect(self.part("slider", name)).to_have_attribute("aria-valuetext", text)
        return self

    def draws(self, text=""):
        """Wait for another picture than that of the last call, and for `text` in its alternative text."""
        expect(self.picture).to_have_attribute("aria-label", re.compile(re.escape(text) or "."))
        self.root.page.wait_for_function(
            DRAWN, arg=[self.picture.element_handle(), self._drawn], timeout=5000
        )
        self._drawn = self.picture.evaluate(PIXELS)
        return self

    def stays(self):
        """See that the picture is that of the last call of `draws`."""
        assert self.picture.evaluate(PIXELS) == self._drawn
        return self

    def chosen(self, name, option):
        """Wait until a dropdown shows the option."""
        expect(self.part("combobox", name)).to_have_value(option)
        return self

    def can(self, role, name, *, seconds=5):
        """Wait until a control can be used."""
        expect(self.part(role, name)).to_be_enabled(timeout=1000 * seconds)
        return self

    def cannot(self, role, name, *, seconds=5):
        """Wait until a control cannot be used."""
        expect(self.part(role, name)).to_be_disabled(timeout=1000 * seconds)
        return self

    def row(self, name, *cells):
        """Wait until the row of a table has these cells."""
        header = self.root.page.get_by_role("rowheader", name=name, exact=True)
        row = self.root.get_by_role("row").filter(has=header)
        expect(row.get_by_role("cell")).to_have_text(cells)
        return self


class Server:
    """A JupyterLab of its own on 127.0.0.1, with the copy of a folder as its `notebooks`."""

    def __init__(self, notebooks, folder):
        self.token = secrets.token_hex(16)
        self.notebooks = folder / "notebooks"
        shutil.copytree(notebooks, self.notebooks, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        for name, values in SETTINGS.items():
            file = folder / "settings" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values))
        environment = {
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "JUPYTER_TOKEN": self.token,
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
            "OPENBLAS_NUM_THREADS": "1",
        }
        options = ["--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root", "--expose-app-in-browser"]
        options += [one for one in lab.options(self.notebooks) if "contents_manager" in one]
        self._log = folder / "jupyterlab.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}", *options],
                env={**os.environ, **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self.url = self._wait_for_url(folder / "runtime")
        except BaseException:
            self.stop()
            raise

    def _wait_for_url(self, folder):
        """Return the address; with port 0 the server says which it took in a file of its own."""
        for _ in range(600):
            for file in folder.glob("jpserver-*.json"):
                try:
                    url = json.loads(file.read_text())["url"]
                    urllib.request.urlopen(f"{url}api", timeout=5).close()
                    return url
                except (OSError, ValueError):
                    pass  # the file is half written, or the server not yet listening
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        pytest.fail(f"JupyterLab did not start:\n{self._log.read_text()[-2000:]}", pytrace=False)

    def shut_down_kernels(self):
        for session in json.loads(self._request("GET", "api/sessions")):
            self._request("DELETE", f"api/sessions/{session['id']}")

    def _request(self, method, path):
        request = urllib.request.Request(
            self.url + path, method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


# Of the package, not of the session: playwright's event loop would be in the way of later tests that run one.
@pytest.fixture(scope="package")
def browser():
    """One browser window for all tests, so that JupyterLab comes from its cache from the second page on."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        path = next(filter(None, map(shutil.which, CHROMIUMS)), own if Path(own).exists() else None)
        if path is None:
            stop = pytest.fail if os.environ.get("CI") else pytest.skip
            stop("no Chromium here: install chromium or google-chrome, or `playwright install chromium`")
        # No name but this machine's own resolves: nothing that a page asks for leaves it.
        offline = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        browser = playwright.chromium.launch(executable_path=path, args=[offline])
        yield browser.new_context(viewport={"width": 1200, "height": 1000})
        browser.close()


@pytest.fixture(scope="package")
def server(browser, tmp_path_factory):
    server = Server(NOTEBOOKS, tmp_path_factory.mktemp("jupyterlab"))
    yield server
    server.stop()


def closed(chapters, server):
    """Close the chapters and end their kernels."""
    for chapter in chapters:
        chapter.page.close()
    server.shut_down_kernels()


def see(chapters):
    """Fail where something went wrong in one of the chapters."""
    problems = [problem for chapter in chapters for problem in chapter.all_problems()]
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


@pytest.fixture(scope="module")
def kept(server):
    """The chapter in which a module's panels are, by its name and by the words of the cell; at most one."""
    kept = {}
    yield kept
    closed(kept.values(), server)


@pytest.fixture
def open_chapter(browser, server, kept):
    """Return a function that opens a chapter by its name, "08_xor", and returns a `Chapter`."""
    chapters = []
    closed(kept.values(), server)  # two pages of one chapter would share a kernel
    kept.clear()

    def open_chapter(name):
        chapters.append(Chapter(browser.new_page(), server, name))
        return chapters[-1]

    yield open_chapter
    try:
        see([chapter for chapter in chapters if not chapter.page.is_closed()])
    finally:
        closed(chapters, server)


@pytest.fixture
def open_panel(browser, server, kept):
    """A function that runs a chapter down to the cell that holds `words`, and returns its panel.

    The next test of the module that asks for it runs this cell anew, which makes another panel.
    """

    def open_panel(name, words):
        if (name, words) in kept:
            kept[name, words].run(words, alone=True)
        else:
            closed(kept.values(), server)
            kept.clear()
            kept[name, words] = Chapter(browser.new_page(), server, name)
            kept[name, words].run(words)
        return kept[name, words].panel(words).draws()

    yield open_panel
    try:
        see(kept.values())
    except BaseException:
        closed(kept.values(), server)
        kept.clear()
        raise


@pytest.fixture
def open_cells(open_chapter, server):
    """Return a function that opens a chapter made of the given cells."""

    def open_cells(*cells):
        nbformat.write(normalise(new_notebook(cells=list(cells))), server.notebooks / "doctored.ipynb")
        return open_chapter("doctored")

    yield open_cells
    (server.notebooks / "doctored.ipynb").unlink()


@pytest.fixture
def open_cell(open_cells):
    """Return a function that runs the given sources as cells, and returns the `Panel` of one of them.

    It is the first that holds `words`, and the last to run; a cell stands behind them all.
    """

    def open_cell(words, *sources):
        chapter = open_cells(*map(new_code_cell, [*sources, "after = 1"]))
        chapter.run(words)
        return chapter.panel(words)

    return open_cell
