"""What becomes of the call of a panel: which cells show one, what is written, and the controls in it."""

import importlib
import json
import re

import ipywidgets
import nbformat
import pytest

from nnlib.teach import widgets
from nnlib.teach.widgets.panel import Panel
from tests.checkout import ROOT
from tools.book import living

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LOGITS = "widgets.logits_explorer()"


def test_the_table_has_every_panel_and_says_how_it_lives():
    assert sorted(living.PANELS) == sorted(widgets.__all__)
    assert set(living.PANELS.values()) == {"computed", "played", "grid"}


@pytest.mark.parametrize("panel", living.PANELS)
def test_a_module_says_what_the_table_says_and_has_its_script(panel):
    assert importlib.import_module(f"tools.book.living.{panel}").KIND == living.PANELS[panel]
    script = panel if living.PANELS[panel] == "computed" else "recorded"
    assert (ROOT / "docs" / "living" / f"{script}.js").exists()


@pytest.mark.parametrize(
    ("source", "panel"),
    [
        (LOGITS, "logits_explorer"),
        ("x = 3\nwidgets.entry_tracer(X, W, dZ)", "entry_tracer"),
        ("panel = widgets.mnist_panel(X, y)\npanel", "mnist_panel"),
        ("panel = widgets.xor_panel()\npanel = widgets.step_size()\npanel", "step_size"),
        ("panel = widgets.xor_panel()\nassert panel", None),
        ("panel = widgets.xor_panel()\nother", None),
        ("widgets.bug_lab().draw(plt.figure())", None),
        ("widgets.unknown()", None),
        ("import widgets.xor_panel", None),
        ("", None),
        ("print(1)", None),
    ],
)
def test_a_cell_shows_the_panel_of_its_last_line(source, panel, tmp_path):
    call = living.call_of("04_losses", source, tmp_path)
    assert (call and call.panel) == panel
    assert call or living.figure("04_losses", source, tmp_path) is None


def test_a_call_knows_what_it_is_called_with(tmp_path):
    call = living.call_of("02_dense_layer", 'widgets.entry_tracer(X, W, gradient="dX")', tmp_path)
    assert [name.id for name in call.arguments] == ["X", "W"] and call.keywords["gradient"].value == "dX"
    assert call.literal("dZ_small") == [[1, 2], [3, -1], [-1, 2], [2, 1]]
    with pytest.raises(LookupError, match="02_dense_layer gives no numbers to dY"):
        call.literal("dY")


def test_every_panel_of_a_chapter_is_found(tmp_path):
    """Those that a chapter shows, by what is written: a call that nothing else is done with."""
    shown = re.compile(r"^(?:(\w+) = )?widgets\.(\w+)\(.*\)(?:\n\1)?$", re.M)
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                call = living.call_of(path.stem, cell.source, tmp_path)
                last = "\n".join(cell.source.splitlines()[-2:])
                match = shown.search(last) if not cell.outputs else None
                alone = match and match.end() == len(last)
                assert (call.panel if call else None) == (match[2] if alone else None), cell.source


def test_the_same_data_is_one_file_and_other_data_another(tmp_path):
    first, second = (living.figure(chapter, LOGITS, tmp_path) for chapter in ("04_losses", "05"))
    assert first == second and len(list(tmp_path.iterdir())) == 1
    other = living.figure("06", "widgets.step_size()", tmp_path)
    assert 'data-panel="step_size"' in other and len(list(tmp_path.iterdir())) == 2
    name = re.search('data-source="(.*?)"', first)[1]
    assert json.loads((tmp_path / name).read_text("utf-8"))["classes"] == ["cat", "dog", "bird"]


def test_the_rows_are_those_of_the_panel():
    (true,), logits, (shift,) = living.rows(widgets.logits_explorer())
    assert true["part"] == "choice" and true["options"] == ["cat", "dog", "bird"] and true["value"] == "dog"
    assert [one["name"] for one in logits] == ["logits"] * 3 and all(one["many"] for one in logits)
    assert (shift["name"], shift["min"], shift["max"], shift["step"]) == ("shift", -1000, 1000, 50)
    ((function, h), (difference, _)) = living.rows(widgets.step_size())
    assert function["part"] == "dropdown" and len(function["options"]) == 6 and function["width"] is None
    assert h["kind"] == "log" and h["value"] == 10**-0.5 and difference["options"] == ["forward", "central"]
    *_, buttons, status = living.rows(widgets.first_network())
    assert [one["description"] for one in buttons] == ["Train", "Stop", "Reset"] and status == []
    text = json.dumps(living.rows(widgets.step_size()))
    assert "function" in text and "_esm" not in text and "layout" not in text


def test_a_control_that_no_page_has_is_told():
    class Odd(Panel):
        def __init__(self):
            self.odd = ipywidgets.Text(description="name")
            super().__init__([self.odd])

    with pytest.raises(TypeError, match="'name' is Text; expected a part, dropdown, box or button"):
        living.rows(Odd())
