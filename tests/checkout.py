"""The files of the checkout, as the scans of them walk it: without what programs leave there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OTHERS = re.compile(r"\.git|\.site|\.venv|\.coverage.*|.*_cache|__pycache__|.*\.egg-info|\.ipynb_.*|mutants")


def files(folder=ROOT):
    """Yield the files in a folder; a virtual environment, whatever its name, and caches are left out."""
    for path in sorted(folder.iterdir()):
        if OTHERS.fullmatch(path.name):
            continue
        if path.is_file():
            yield path
        elif path.is_dir() and not (path / "pyvenv.cfg").exists():
            yield from files(path)
