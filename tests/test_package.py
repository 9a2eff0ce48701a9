"""What is published: what is in the wheel and the source archive, and that they work where nothing else is.

Most of it needs the package index, and runs with `make package`.
"""

import email
import json
import os
import re
import subprocess
import sys
import tarfile
import time
import tomllib
import urllib.error
import urllib.request
import zipfile
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import READY, Panel, browser  # noqa: F401
from tests.checkout import ROOT, files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
EXERCISES = {
    "00_start_here.ipynb": {
        "my_shapes": 'my_shapes = {"X": (32, 784), "W1": (784, 100), "b1": (100,), "A1": (32, 100)}\n'
        'my_shapes |= {"W2": (100, 10), "Z2": (32, 10), "dW1": (784, 100), "db2": (10,)}'
    },
    "01_one_neuron.ipynb": {
        "line_gradient": "def line_gradient(x, y, w, b):\n"
        "    dy_hat = 2 / len(x) * (w * x + b - y)\n    return np.sum(dy_hat * x), np.sum(dy_hat)",
        "line_step": "def line_step(x, y, w, b, lr):\n"
        "    dw, db = line_gradient(x, y, w, b)\n    return w + lr * dw, b + lr * db",
    },
}

# Of these no version is pinned; they go with the JupyterLab that is.
OTHERS = ["nbclassic", "notebook", "papermill"]


def run(*command, **options):
    """Run a command and return what it printed."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


# What is in them


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from this folder by the same program as everywhere, without its own environment."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def described(wheel):
    """The metadata of the wheel; its payload is the text that an index shows."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("dist-info/METADATA")]
        return email.message_from_string(archive.read(name).decode())


def test_the_wheel_carries_the_module_the_notebooks_and_the_licence(wheel):
    with zipfile.ZipFile(wheel) as archive:
        held = {info.filename: info.file_size for info in archive.infolist()}
    about = f"nnlib_notebooks-{PROJECT['version']}.dist-info"
    expected = {f"nnlib/notebooks/{name}": ROOT / "notebooks" / name for name in NOTEBOOKS}
    expected[f"{about}/licenses/LICENSE"] = ROOT / "LICENSE"
    expected |= {file.relative_to(ROOT).as_posix(): file for file in files(ROOT / "nnlib")}
    assert {"nnlib/py.typed", "nnlib/data/mnist/README.md", "nnlib/teach/digits.json"} <= set(expected)
    sizes = {name: path.stat().st_size for name, path in expected.items()}
    assert {
        name: size for name, size in held.items() if not name.startswith(about) or "LICENSE" in name
    } == sizes
    assert sum(sizes.values()) < 25e6


def test_the_wheel_describes_itself(described):
    assert described["Name"] == "nnlib-notebooks" and described["Author"] == "the nnlib authors"
    assert described["License-Expression"] == "MIT AND CC-BY-4.0 AND CC-BY-SA-3.0"
    assert described.get_all("License-File") == ["LICENSE"]
    assert described["Project-URL"] is None and described["Home-page"] is None  # there is none
    licence = (ROOT / "LICENSE").read_text("utf-8")
    assert all(name in licence for name in ("MIT License", "(CC BY 4.0)", "(CC BY-SA 3.0)"))


def test_the_readme_has_no_link_that_leads_nowhere_on_an_index(described):
    """Its words are all there; a path of the project is no link, and the picture a caption."""
    there, here = described.get_payload(), (ROOT / "README.md").read_text("utf-8")
    relative = re.compile(r"!?\[([^\]]*)\]\((?!https:)[^)]*\)")
    assert len(relative.findall(here)) > 10 and not relative.search(there) and "src=" not in there
    assert "*A panel of chapter 08: two networks learn XOR side by side, from the same seed.*" in there
    words = [re.findall(r"\w+", text) for text in (relative.sub(r"\1", here), there)]
    assert words[0] == words[1]


# Where nnlib is missing, or another one

BROKEN = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="nocolor")
for source in json.load(sys.stdin):
    for name in [name for name in sys.modules if name.partition(".")[0] == "nnlib"]:
        del sys.modules[name]
    print("CHAPTER")
    assert not shell.run_cell(source).success
"""
MISSING = """
import sys
class Missing:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] == "nnlib":
            raise ModuleNotFoundError(f"No module named {name!r}")
sys.meta_path.insert(0, Missing)
"""
SENTENCE = "# Missing, or another nnlib? Run %pip install nnlib-notebooks, then restart the kernel.\n"


@pytest.mark.parametrize("kind", ["missing", "another"])
def test_the_first_cell_of_each_chapter_says_what_to_install(kind, tmp_path):
    sources = []
    for name in NOTEBOOKS:
        cells = nbformat.read(ROOT / "notebooks" / name, as_version=4).cells
        first = next(cell.source for cell in cells if cell.cell_type == "code")
        if name != "A_notation.ipynb":  # imports nothing of ours
            assert f"\n\n{SENTENCE}" in first
            sources.append(first)
    (tmp_path / "nnlib").mkdir()
    (tmp_path / "nnlib/__init__.py").touch()  # as in the release of another project
    code = (MISSING if kind == "missing" else f"import sys; sys.path.insert(0, {str(tmp_path)!r})") + BROKEN
    said = run(sys.executable, "-c", code, input=json.dumps(sources), cwd=tmp_path).split("CHAPTER\n")[1:]
    assert len(said) == len(sources)
    error = (
        "No module named 'nnlib" if kind == "missing" else r"cannot import name '\w+' from 'nnlib'|No module"
    )
    for text in said:
        assert SENTENCE in text and re.search(error, text), text


# They work where nothing else is

package = pytest.mark.package


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with what is published: the source archive, and the wheel that is built from that."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    return folder


@package
def test_nothing_is_wrong_with_them(built, wheel):
    (made,), (archive,) = built.glob("*.whl"), built.glob("*.tar.gz")
    run(sys.executable, "-m", "twine", "check", "--strict", made, archive)
    run(sys.executable, "-m", "check_wheel_contents", made)
    with zipfile.ZipFile(made) as one, zipfile.ZipFile(wheel) as other:
        assert {info.filename: info.CRC for info in one.infolist()} == {
            info.filename: info.CRC for info in other.infolist()
        }
    with tarfile.open(archive) as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    assert {
        "README.md",
        "CHANGELOG.md",
        "CITATION.cff",
        "docs/xor_panel.png",
        "tests/test_package.py",
    } <= names


class Environment:
    """An environment that has what is given and what that requires, and nothing else."""

    def __init__(self, folder, *requirements):
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        run(sys.executable, "-m", "venv", folder / "venv")
        self.bin = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        self.variables = {
            name: value for name, value in os.environ.items() if not name.startswith("PYTHON")
        } | {name: str(self.home) for name in ("HOME", "USERPROFILE", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")}
        constraints = ROOT / "constraints.txt"
        self("python", "-m", "pip", "install", "-q", "--no-compile", "-c", constraints, *requirements)

    def __call__(self, command, *arguments):
        """Run one of its programs, in the reader's home, and return what it prints."""
        return run(self.bin / command, *arguments, cwd=self.home, env=self.variables)


@pytest.fixture(scope="module")
def bare(built, tmp_path_factory):
    """The source archive, with what it requires."""
    (archive,) = built.glob("*.tar.gz")
    return Environment(tmp_path_factory.mktemp("bare"), archive)


@pytest.fixture(scope="module")
def reader(built, tmp_path_factory):
    """The wheel with JupyterLab, and other programs that open notebooks; the notebooks are in `learning`."""
    (made,) = built.glob("*.whl")
    environment = Environment(tmp_path_factory.mktemp("reader"), f"{made}[lab]", *OTHERS)
    environment("nnlib", "copy", "learning")
    return environment


@package
def test_the_source_archive_alone(bare):
    installed = bare("python", "-m", "pip", "list", "--format=freeze").lower()
    assert "nnlib-notebooks==" in installed and "jupyterlab=" not in installed and "server" not in installed
    where = bare(
        "python", "-c", "import nnlib.teach.checks, nnlib.teach.widgets; print(nnlib.__file__)"
    ).strip()
    assert Path(where).is_relative_to(bare.folder / "venv")
    said = bare("nnlib", "copy", "my notebooks")
    assert f"{len(NOTEBOOKS)} notebooks are new" in said and 'nnlib lab "my notebooks"' in said
    assert sorted(path.name for path in (bare.home / "my notebooks").iterdir()) == NOTEBOOKS
    assert "Next: exercise 0.1 in" in bare("python", "-m", "nnlib", "progress", "my notebooks")
    failed = subprocess.run([bare.bin / "nnlib", "lab"], capture_output=True, text=True, env=bare.variables)
    assert failed.returncode == 1 and 'pip install "nnlib-notebooks[lab]"' in failed.stderr


@package
def test_three_exercises_and_the_progress(reader):
    """Answers are filled in, the chapters run by nbconvert; the command reads what was saved."""
    for name, answers in EXERCISES.items():
        path = reader.home / "learning" / name
        nb = nbformat.read(path, as_version=4)
        for cell in nb.cells:
            for answer, source in answers.items():
                if "exercise" in cell.metadata.get("tags", []) and re.search(rf"\b{answer}\b", cell.source):
                    cell.source = source
        nbformat.write(nb, path)
        reader("jupyter", "nbconvert", "--to", "notebook", "--execute", "--inplace", path)
    said = reader("nnlib", "progress", "learning")
    assert said.endswith("Next: exercise 1.a in 01_one_neuron.ipynb, untouched so far.\n")
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = re.search(r"\n\$ nnlib progress learning\n(.*?)```", readme, re.S)[1].splitlines()
    assert len(shown) == 7 and [line for line in shown if line not in said.splitlines()] == ["…"]


@package
def test_papermill(reader):
    path = reader.home / "learning" / "01_one_neuron.ipynb"
    reader("papermill", "--no-progress-bar", "--cwd", path.parent, path, reader.home / "run.ipynb")
    nb = nbformat.read(reader.home / "run.ipynb", as_version=4)
    assert all(cell.execution_count for cell in nb.cells if cell.cell_type == "code")


# In a browser


@contextmanager
def served(reader, folder, *command):
    """Start a server of Jupyter; yields its address and its token."""
    variables = reader.variables | {"JUPYTER_RUNTIME_DIR": str(folder), "JUPYTER_DATA_DIR": str(folder)}
    log = folder / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [reader.bin / command[0], *command[1:], "--no-browser", "--port=0"],
            cwd=reader.home / "learning",
            env=variables,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        for _ in range(600):
            for file in folder.glob("jpserver-*.json"):
                try:
                    said = json.loads(file.read_text())
                    urllib.request.urlopen(f"{said['url']}api", timeout=5).close()
                    break
                except (OSError, ValueError):
                    pass  # the file is half written, or the server not yet listening
            else:
                assert server.poll() is None, log.read_text()
                time.sleep(0.1)
                continue
            break
        else:
            pytest.fail(f"no server:\n{log.read_text()}")
        yield said["url"], said["token"]
    finally:
        server.terminate()
        server.wait(30)


ROOT_MAY = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
OPTIONS = ["--ip=127.0.0.1", *ROOT_MAY]
CLASSIC_READY = (
    "() => window.Jupyter?.notebook?.kernel?.info_reply?.status && Jupyter.notebook.kernel.widget_manager"
)
# It asks a new kernel for its widgets, waits for four seconds at most, asks once more in another way, and
# takes away those that are shown before the last answer.
CLASSIC_RUN_ALL = """() => new Promise(done => setTimeout(done, 5000))
    .then(() => new Promise(done => Jupyter.notebook.kernel.comm_info("jupyter.widget", done)))
    .then(() => { Jupyter.notebook.execute_all_cells(); })"""
RUN_ALL = "() => { jupyterapp.commands.execute('notebook:run-all-cells'); }"
FRONT_ENDS = {
    "nnlib lab": (["nnlib", "lab", "--expose-app-in-browser"], "lab/tree", READY, RUN_ALL),
    "Notebook 7": (
        ["jupyter", "notebook", "--expose-app-in-browser", *OPTIONS],
        "notebooks",
        READY,
        RUN_ALL,
    ),
    "nbclassic": (
        ["jupyter", "nbclassic", *OPTIONS],
        "nbclassic/notebooks",
        CLASSIC_READY,
        CLASSIC_RUN_ALL,
    ),
}


@package
@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_a_panel_by_mouse(front_end, reader, browser, tmp_path):  # noqa: F811
    command, path, is_ready, run_all = FRONT_ENDS[front_end]
    with served(reader, tmp_path, *command) as (url, token):
        assert url.startswith("http://127.0.0.1:") and len(token) >= 40
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{url}api/contents", timeout=5)
        page = browser.new_page()
        page.set_viewport_size({"width": 1200, "height": 3000})  # what is out of sight may not be in the page
        page.goto(f"{url}{path}/00_start_here.ipynb?token={token}")
        page.wait_for_function(is_ready, timeout=120_000)
        page.evaluate(run_all)

        panel = Panel(page.locator(".jp-Cell, .cell").filter(has_text="widgets.first_network()").first, None)
        expect(panel.number("learning rate")).to_have_value("0.05", timeout=120_000)
        for _ in range(20):  # the page moves under the mouse while other cells still show their outputs
            panel.drag("learning rate", -8)
            if panel.number("learning rate").input_value() != "0.05":
                break
            page.wait_for_timeout(1000)
        expect(panel.number("learning rate")).not_to_have_value("0.05")
        panel.part("button", "Train").click()
        finished = panel.root.get_by_text(re.compile(r"Epoch 500, loss \S+, \d of 4 right"))
        expect(finished).to_be_visible(timeout=120_000)
        page.close()
