"""Every chapter is opened without being changed, runs from top to bottom, and its formulas are formulas."""

import pytest
from playwright.sync_api import expect

from .conftest import NOTEBOOKS

PANEL = "widgets.first_network()"


@pytest.mark.parametrize("name", sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")))
def test_chapter(open_chapter, name):
    chapter = open_chapter(name)
    assert not chapter.is_changed() and chapter.saved() == (NOTEBOOKS / f"{name}.ipynb").read_bytes()
    chapter.run()
    assert chapter.failed_formulas() == []


# The cells below keep the pictures that they were stored with.
RUN_DOWN_TO = """async last => {
    const notebook = jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = last;
    await jupyterapp.commands.execute("notebook:run-all-above");
    notebook.activeCellIndex = last;
    await jupyterapp.commands.execute("notebook:run-cell");
}"""


def test_a_panel_is_there_again_when_its_chapter_is_opened_again(open_chapter, server):
    chapter = open_chapter("00_start_here")
    stored = chapter.saved()
    try:
        chapter.evaluate(RUN_DOWN_TO, chapter.index(PANEL))
        chapter.panel(PANEL).says("Ready.")
        assert chapter.saved() != stored
        chapter.open()
        panel = chapter.panel(PANEL).does_not_say("children=")
        panel.click("Train").says("Epoch 500,", seconds=20)
        server.shut_down_kernels()
        chapter.open()
        panel.says("model not found")
        # the chapter says what to do then
        expect(chapter.cell("Nothing there?")).to_contain_text(
            "Where you read model not found, run the cell again"
        )
        expect(chapter.cell("**Panels** with")).to_contain_text("run a panel's cell again")
        chapter.evaluate(RUN_DOWN_TO, chapter.index(PANEL))
        panel.does_not_say("model not found").says("Ready.")
    finally:
        chapter.path.write_bytes(stored)
