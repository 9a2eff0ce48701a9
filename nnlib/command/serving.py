"""The chapters as JupyterLab is served them: what is opened, looked at and closed stays as it is stored.

JupyterLab writes the version of Python into a notebook as soon as it is opened, which then counts as changed.
And it shows no panel of a notebook that it does not trust: after the first run of all cells, or where the
notebook is signed.
"""

import hashlib
import sys
from pathlib import Path
from typing import Any

import nbformat
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from nnlib.command import chapters

__all__ = ["DIGESTS", "Chapters", "digest"]

DIGESTS = chapters.PACKAGE / "data" / "notebooks.sha256"  # of the chapters as they are stored


class Chapters(AsyncLargeFileManager):
    """What JupyterLab reads and writes files with; chapters keep the version of Python to themselves."""

    def mark_trusted_cells(self, nb: Any, path: str = "") -> None:
        """Trust a notebook that is read if it is signed; one of this version, unchanged, is signed here."""
        if digest(nb) in DIGESTS.read_text("utf-8"):
            self.notary.sign(nb)
        super().mark_trusted_cells(nb, path)
        if info := _info(nb, path):
            info["version"] = sys.version.split()[0]

    def check_and_sign(self, nb: Any, path: str = "", **options: Any) -> None:
        """Make a notebook ready to be written, as it was read."""
        _info(nb, path).pop("version", None)
        super().check_and_sign(nb, path, **options)


def digest(nb: Any) -> str:
    """Return the sha256 of the file that holds a notebook, whatever the ends of its lines."""
    return hashlib.sha256(f"{nbformat.writes(nb)}\n".encode("utf-8", "backslashreplace")).hexdigest()


def _info(nb, path):
    """Return what a chapter says of its language; nothing for any other notebook, or language."""
    info = nb.metadata.get("language_info", {})
    return info if Path(path).name in chapters.names() and info.get("name") == "python" else {}
