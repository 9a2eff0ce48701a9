"""The check of chapter 00 that looks at this machine."""

import platform
from importlib import metadata

import numpy as np

from nnlib import datasets
from nnlib.teach import checks
from nnlib.teach.checks import start_here


def failing(verdict):
    """Return the lines of an installation that fail."""
    return [line for line in verdict.text.splitlines() if line.startswith("- ✗")]


def test_installation_in_order(monkeypatch):
    monkeypatch.setattr(start_here, "SLOW", np.inf)  # the machine may be busy
    verdict = checks.installation()
    lines = verdict.text.splitlines()[2:]
    assert verdict and verdict.text.startswith("Everything is as it should be.") and failing(verdict) == []
    starts = ["nnlib", "Python 3.", "numpy 2.", "matplotlib 3.", "jupyterlab 4.", "ipywidgets 8."]
    assert all(line.startswith(f"- ✓ {start}") for line, start in zip(lines, starts, strict=False))
    assert lines[-2] == "- ✓ MNIST is whole: 60,000 digits to train on, 10,000 to test with"
    assert "training steps a second: about" in lines[-1] and len(lines) == 8


def test_installation_with_a_package_too_old_or_missing(monkeypatch):
    version = metadata.version

    def other(name):
        if name == "ipywidgets":
            raise metadata.PackageNotFoundError(name)
        return "1.26.4" if name == "numpy" else version(name)

    monkeypatch.setattr(start_here, "SLOW", np.inf)
    monkeypatch.setattr(metadata, "version", other)
    monkeypatch.setattr(platform, "python_version", lambda: "3.10.2")
    verdict = checks.installation()
    assert not verdict and verdict.text.startswith("3 of 8 need your attention.")
    old_python, old, missing = failing(verdict)
    assert old_python.startswith("- ✗ Python 3.10.2; expected >=3.11: install it from python.org, then run")
    assert old.startswith("- ✗ numpy 1.26.4; expected >=2.0: run `make lab` again")
    assert missing.startswith("- ✗ ipywidgets is not installed: run `make lab` again")


def test_installation_without_nnlib(monkeypatch):
    def nothing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", nothing)
    assert failing(checks.installation())[0].startswith("- ✗ nnlib is not installed: run `make lab` again")


def test_installation_with_damaged_data(monkeypatch, tmp_path):
    monkeypatch.setattr(datasets, "_BUNDLED", tmp_path)
    (tmp_path / "SHA256SUMS").write_text("")
    (line,) = failing(checks.installation())
    assert line.startswith("- ✗ MNIST: ") and "install nnlib again" in line


def test_installation_on_a_slow_machine(monkeypatch):
    monkeypatch.setattr(start_here, "SLOW", 1e-9)
    (line,) = failing(checks.installation())
    assert "training steps a second" in line and "That is slow: close other programs" in line
