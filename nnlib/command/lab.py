"""JupyterLab, opened on a reader's notebooks as `make lab` opens it on those of the project."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from nnlib.command import chapters
from nnlib.command.files import Problem

__all__ = ["options", "start"]


def start(folder: Path | None, others: Sequence[str]) -> int:
    """Run JupyterLab until the reader ends it; `others` are options of its own."""
    try:
        from jupyterlab.labapp import LabApp
    except ImportError as error:
        raise Problem(
            'JupyterLab is not installed here: pip install "nnlib-notebooks[lab]" brings it.'
        ) from error
    first = _first(folder)
    print(f"Your notebooks are in {first.parent}.", flush=True)
    os.environ.pop("MPLBACKEND", None)  # one set in the shell would leave the notebooks without figures
    LabApp.launch_instance([*options(first), *others])
    return 0


def _first(folder):
    """Return the first of the reader's notebooks: where he says, here, in a checkout, or made for him."""
    if folder is None:
        here = Path.cwd()
        if any((here / name).exists() for name in chapters.names()):
            folder = here
        elif not chapters.is_packaged():
            folder = chapters.series()
        else:
            folder = Path.home() / "nnlib-notebooks"
            for _ in chapters.bring(folder):
                pass
    return chapters.in_folder(folder)[0].absolute()


def options(first: Path) -> list[str]:
    """Return the options with which JupyterLab serves the folder of a notebook to this machine alone."""
    has_display = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    return [
        "--ip=127.0.0.1",
        f"--ServerApp.root_dir={first.parent}",
        f"--LabApp.default_url=/lab/tree/{first.name}",
        "--ServerApp.contents_manager_class=nnlib.command.serving.Chapters",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *([] if has_display else ["--no-browser"]),
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ]
