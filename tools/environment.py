"""Make, mend or complete .venv, the environment of the project.

    python tools/environment.py                what the notebooks need, and JupyterLab
    python tools/environment.py test           what the tests need besides
    python tools/environment.py test site      what builds the site, besides
    python tools/environment.py test optional  in .optional, what chapters 14 and 15 can do without
    python tools/environment.py test kit       in .kit, the marking programs nbgrader and Otter
    python tools/environment.py test lite      in .lite, JupyterLite, whose kernel runs in the browser

`make lab`, `make test`, `make site` and `make optional` run it. It installs with uv where uv is on the PATH,
else with pip, and does nothing where the environment is already right. The file parses under any Python, 2.7
included, because it has to tell the owner of an old one what to do.
"""

from __future__ import print_function

import hashlib
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NAME = "nnlib-notebooks"
# What pip takes on Linux unless it is told otherwise is a build for graphics cards, of gigabytes.
TORCH = "torch==2.13.0"


def settle(folder):
    """Set where the environment is."""
    global VENV, PYTHON, STATE, LOG, SETTINGS
    VENV = os.path.join(ROOT, folder)
    PYTHON = os.path.join(VENV, "bin", "python")
    STATE = os.path.join(VENV, "nnlib-state.json")
    LOG = os.path.join(VENV, "install.log")
    SETTINGS = os.path.join(VENV, "share", "jupyter", "lab", "settings", "overrides.json")


settle(".venv")

# JupyterLab would ask whether to fetch news, and look for updates after a No. Beside the column "Modified"
# the names of the chapters would be cut after fourteen letters.
QUIET = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/filebrowser-extension:browser": {"showLastModifiedColumn": False},
}

# The lines of pip and uv that tell a reader how far they are or what went wrong.
SHOWN = ("Resolved", "Downloading", "Prepared", "Install", "WARNING: Retrying", "ERROR", "error", "cause")


def works(*command):
    """Whether a command can be started and exits with 0."""
    try:
        return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def read_state():
    try:
        with open(STATE) as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def write_state(state):
    with open(STATE, "w") as file:
        json.dump(state, file)


def wanted_state(extras):
    """What a finished installation is recorded by; ROOT, as an environment does not survive being moved."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return {"name": NAME, "root": ROOT, "files": digest.hexdigest(), "extras": extras}


def create(uv):
    if not uv and not works(sys.executable, "-c", "import ensurepip"):
        sys.exit(
            "{} (Python {}.{}) lacks ensurepip, which it needs to make an environment. On Debian and Ubuntu "
            "`sudo apt-get install python{}.{}-venv` brings it; then run the same command again.".format(
                sys.executable, *sys.version_info[:2] * 2
            )
        )
    command = [sys.executable, "-m", "venv", "--clear", VENV] + (["--without-pip"] if uv else [])
    made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode != 0:
        sys.exit(
            "{} could not be made:\n{}\nMend this, then run the same command again.".format(
                VENV, made.stdout.decode("utf-8", "replace").strip()
            )
        )


def install(uv, extras):
    """Install the project, editable, with the pinned versions; show the progress, keep all of it in LOG."""
    installer = ["uv", "pip", "install", "--python", PYTHON] if uv else [PYTHON, "-m", "pip", "install"]
    project = ".[{}]".format(",".join(extras))
    process = subprocess.Popen(
        installer
        + ["--constraint", "constraints.txt", "--editable", project]
        + ([TORCH] if "optional" in extras else []),
        cwd=ROOT,
        env=dict(os.environ, PYTHONUNBUFFERED="1", UV_TORCH_BACKEND="cpu"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with open(LOG, "wb") as log:
        for line in process.stdout:
            log.write(line)
            text = line.decode("utf-8", "replace").strip()
            if text.startswith(SHOWN):
                # pip names all it installs in one line.
                print(" ", text.split(": ")[0] if text.startswith("Install") else text, flush=True)
    if process.wait() != 0:
        sys.exit(
            "The packages could not be installed: the lines above and {} say why. Check the network (and the "
            "proxy, if there is one), then run the same command again.".format(LOG)
        )


def main(extras):
    if sys.version_info < (3, 11):
        sys.exit(
            "nnlib needs Python 3.11 or newer, and {} is Python {}.{}. Install a newer one from python.org "
            "or with your system's packages; where it has another name, give it, as in make "
            "PYTHON=/path/to/python lab.".format(sys.executable, *sys.version_info[:2])
        )
    state = read_state()
    extras = sorted({"lab"} | set(extras) | set(state.get("extras", ())))
    wanted = wanted_state(extras)
    sound = works(PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))")
    if sound and state == wanted:
        return

    uv = works("uv", "--version")
    sound = sound and (uv or works(PYTHON, "-c", "import pip"))
    unfinished = {"extras": extras, "unfinished": True}
    try:
        os.makedirs(VENV, exist_ok=True)
        write_state(unfinished)
        # One from before the distribution had its name would have it twice.
        elsewhere = state and (state.get("name"), state.get("root")) != (NAME, ROOT)
        if not sound or state.get("unfinished") or elsewhere:
            where = os.path.basename(VENV)
            print("Making {} with Python {}.{}".format(where, *sys.version_info[:2]), flush=True)
            create(uv)
            write_state(unfinished)
        print("Installing with {}, which may take minutes".format("uv" if uv else "pip"), flush=True)
        install(uv, extras)
        os.makedirs(os.path.dirname(SETTINGS), exist_ok=True)
        with open(SETTINGS, "w") as file:
            json.dump(QUIET, file)
        write_state(wanted)
    except OSError as error:
        sys.exit(
            "{} cannot be written ({}). Move the project to a folder of your own with {} GB to spare, "
            "then run the same command again.".format(VENV, error.strerror, 3 if "optional" in extras else 1)
        )
    except KeyboardInterrupt:
        sys.exit("Interrupted. Run the same command again to make {} anew.".format(os.path.basename(VENV)))


if __name__ == "__main__":
    for extra in ("optional", "kit", "lite"):
        if extra in sys.argv:
            settle("." + extra)
    main(sys.argv[1:])
