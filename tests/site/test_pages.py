"""The built site: folds, panels, what is printed, and what needs an address."""

import json
import re
import shutil
import subprocess
import sys

import pytest

from tests.checkout import ROOT
from tools.book import BUILT, addresses, living
from tools.book.cheat_sheet import cheat_sheet
from tools.book.check import SET
from tools.book.extension import prepared, slug
from tools.book.pdf import pages_of

TABLE = (ROOT / "docs" / "panels.md").read_text("utf-8")
CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def cells(path):
    return [
        (cell, "".join(cell["source"]))
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_solutions_are_folded_and_panels_are_there(path):
    page = (BUILT / "notebooks" / f"{path.stem}.html").read_text("utf-8")
    solutions = sum("solution" in cell["metadata"].get("tags", []) for cell, _ in cells(path))
    folds = re.findall(r'<details class="[\w -]+">\s*<summary>\s*<p class="collapsed [\w-]+">Solution<', page)
    assert len(folds) == solutions
    panels = [call.panel for _, source in cells(path) if (call := living.call_of(path.stem, source, BUILT))]
    assert re.findall(r'<figure class="living" data-panel="(\w+)"', page) == panels


def test_what_myst_nb_is_told_of_a_cell():
    cell = {"cell_type": "code", "source": ["1"], "outputs": [], "metadata": {"tags": ["solution"]}}
    picture = {"cell_type": "code", "source": ["2"], "outputs": [], "metadata": {"alt": "A line."}}
    notebook = prepared({"cells": [cell, picture]}, {"2": "<figure>"}.get)
    folded, shown = notebook["cells"]
    assert folded["metadata"]["tags"] == ["solution", "hide-cell"] and folded["outputs"] == []
    assert shown["metadata"]["mystnb"]["image"] == {"alt": "A line."}
    assert shown["metadata"]["tags"] == ["hide-input"]
    assert shown["outputs"][0]["data"] == {"text/html": "<figure>"}


def test_the_table_of_panels_says_where_each_is_and_how_it_lives():
    rows = re.findall(r"^\| ([\w ]+) \| (.+?) \| .+? \| (\w+)(?:, (\d+) pictures)? \|$", TABLE, re.MULTILINE)
    told = {name.lower().replace(" ", "_"): (kind, int(count or 0)) for name, _, kind, count in rows[1:]}
    found, where = dict.fromkeys(living.PANELS, 0), {name: set() for name in living.PANELS}
    for path in CHAPTERS:
        for _, source in cells(path):
            if call := living.call_of(path.stem, source, BUILT):
                where[call.panel].add(path.stem[:2])
    for panel in found:
        (data, *_) = (BUILT / "_static" / "living").glob(f"{panel}-*.json")
        shown = json.loads(data.read_text("utf-8")).get("shown", [])
        found[panel] = len({one["picture"] for one in shown})
    assert told == {panel: (kind, found[panel]) for panel, kind in living.PANELS.items()}
    for name, places, *_ in rows[1:]:
        numbers = set(re.findall(r"\b(\d\d)\b", re.sub(r"\(.*?\)", "", places)))
        for first, last in re.findall(r"(\d\d) to (\d\d)", places):
            numbers |= {f"{number:02}" for number in range(int(first), int(last))}
        assert numbers == where[name.lower().replace(" ", "_")], name


def test_an_anchor_is_that_of_jupyterlab():
    assert slug("The sigmoid at −1000") == "The-sigmoid-at-−1000"


def test_the_site_is_not_too_large():
    assert sum(path.stat().st_size for path in BUILT.rglob("*") if path.is_file()) <= 60e6


# On paper


def test_the_cheat_sheet_has_two_pages_and_cuts_nothing(open_page, serve):
    assert pages_of((BUILT / "pdf" / "cheat_sheet.pdf").read_bytes()) == 2
    page = open_page(f"{serve(BUILT)}/cheat_sheet.html", width=700)  # as A4 has between its margins
    page.evaluate(SET)
    page.emulate_media(media="print")
    cut = """() => [...document.querySelectorAll(".result :is(div.math, mjx-container)")]
        .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.parentElement.textContent)"""
    assert page.evaluate(cut) == []


def test_a_chapter_can_be_printed():
    # In a process of its own: a browser is open in this one.
    subprocess.run([sys.executable, "-m", "tools.book.pdf", "00"], check=True, cwd=ROOT)
    path = BUILT / "pdf" / "00_start_here.pdf"
    assert pages_of(path.read_bytes()) > 5
    path.unlink()
    wrong = subprocess.run(
        [sys.executable, "-m", "tools.book.pdf", "99"], cwd=ROOT, capture_output=True, text=True
    )
    assert (
        "LookupError: 0 pages of" in wrong.stderr
        and "begin with '99'; expected one, like 05." in wrong.stderr
    )


def test_a_result_that_is_not_there_is_named():
    notebook = {"cells": [{"source": ["# A\n\n## In most chapters\n\n| symbol |\n\n## Others"]}]}
    with pytest.raises(LookupError, match=r"A_notation has no result 0\.2, 0\.3, "):
        cheat_sheet(json.dumps(notebook))


# With an address, and without


@pytest.fixture
def built(tmp_path, monkeypatch):
    """Return a function that builds a chapter and the pages with settings, and returns them by name."""

    def built(repository):
        monkeypatch.setenv("NNLIB_REPOSITORY", repository)
        source = tmp_path / "source"
        for name in ("conf.py", "package.json", "run.md", "report.md"):
            source.mkdir(exist_ok=True)
            shutil.copy(ROOT / "docs" / name, source)
        (source / "_static").mkdir(exist_ok=True)
        (source / "notebooks").mkdir(exist_ok=True)
        notebook = {
            "cells": [{"cell_type": "markdown", "metadata": {}, "source": ["# A chapter"]}],
            "metadata": {},
        }
        (source / "notebooks" / "a.ipynb").write_text(
            json.dumps(notebook | {"nbformat": 4, "nbformat_minor": 4})
        )
        (source / "index.md").write_text("# Book\n\n```{toctree}\nnotebooks/a\nrun\nreport\n```\n")
        (source / "errata.md").write_text("---\norphan: true\n---\n# Errata\n")
        html = tmp_path / "html"
        subprocess.run([sys.executable, "-m", "sphinx", "-q", "-E", source, html], check=True, cwd=ROOT)
        names = ("notebooks/a", "run", "report")
        return {name: (html / f"{name}.html").read_text("utf-8") for name in names}

    return built


def test_without_an_address_no_button_needs_one(built):
    pages = built("")
    for words in ("mybinder", "colab", "github.com", "/fork", "issues"):
        assert not any(words in page for page in pages.values()), words
    assert "was made without one" in pages["run"]
    assert "does not know an address" in pages["report"]


def test_with_an_address_each_button_is_there(built):
    pages = built("https://github.com/owner/name")
    binder = "https://mybinder.org/v2/gh/owner/name/main?urlpath=lab/tree/notebooks/a.ipynb"
    colab = "https://colab.research.google.com/github/owner/name/blob/main/notebooks/a.ipynb"
    assert binder in pages["notebooks/a"] and colab in pages["notebooks/a"]
    assert "https://github.com/owner/name/fork" in pages["run"]
    assert "https://github.com/owner/name/issues/new" in pages["report"]


def test_colab_opens_what_is_on_github_only():
    options = addresses.buttons("https://gitlab.com/owner/name.git", "main")
    assert "colab_url" not in options["launch_buttons"] and options["launch_buttons"]["binderhub_url"]


@pytest.mark.parametrize("address", ["owner/name", "git@github.com:owner/name", "https://github.com/owner"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(ValueError, match="expected an address like https://github.com/owner/name"):
        addresses.buttons(address, "main")
