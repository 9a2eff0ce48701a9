"""Work ends with the output that controls it, and the lab's interrupt stops a panel."""

from contextlib import contextmanager

import pytest
from jupyter_client import BlockingKernelClient
from nbformat.v4 import new_code_cell
from playwright.sync_api import expect

# A panel that trains for two minutes or more; as `first` it is still there when its cell has run again.
PANEL = """
from nnlib.teach import widgets

panel = widgets.xor_panel()
panel.epochs.value, panel.pause = 5000, 0.03
panel
"""
ENDED = """
import asyncio

for _ in range({seconds}):
    if first.task.done():
        break
    await asyncio.sleep(1)
print(first.task.done() and 0 < first.epoch < 5000 and not first.train.disabled)
"""


@pytest.fixture
def panel(open_cells):
    chapter = open_cells(new_code_cell(PANEL), new_code_cell("first = panel"))
    chapter.run("first =")
    panel = chapter.panel("panel = ").draws().click("Train").says("Epoch ", seconds=60)
    assert chapter.ask("print(first.task.done())") == "False\n"
    return panel


def command(name):
    return lambda chapter: chapter.page.evaluate("name => jupyterapp.commands.execute(name)", name)


def close_notebook(chapter):
    chapter.page.evaluate("void jupyterapp.shell.currentWidget.close()")
    chapter.page.get_by_role("button", name="Discard").click()
    expect(chapter.page.locator("canvas.nnlib-picture")).to_have_count(0)


@pytest.mark.parametrize(
    "end",
    [
        lambda chapter: chapter.run("panel = "),
        command("notebook:clear-all-cell-outputs"),
        command("notebook:interrupt-kernel"),
    ],
    ids=["cell run again", "output cleared", "kernel interrupted"],
)
def test_it_ends_at_once(panel, end):
    end(panel.chapter)
    assert panel.chapter.ask(ENDED.format(seconds=10)) == "True\n"


@pytest.mark.parametrize(
    "leave", [lambda chapter: chapter.page.close(), close_notebook], ids=["page closed", "notebook closed"]
)
def test_it_ends_by_and_by(panel, leave, server):
    """A slow machine needs a while for a few pictures; the kernel is asked without a page."""
    leave(panel.chapter)
    printed = []
    with kernel_client(server) as client:
        client.execute_interactive(
            ENDED.format(seconds=150),
            output_hook=lambda message: printed.append(message["content"].get("text")),
        )
    assert "True\n" in printed
    panel.chapter.page.close()


@contextmanager
def kernel_client(server):
    file = max(
        (server.notebooks.parent / "runtime").glob("kernel-*.json"), key=lambda file: file.stat().st_mtime
    )
    client = BlockingKernelClient(connection_file=str(file))
    client.load_connection_file()
    client.start_channels()
    yield client
    client.stop_channels()


def test_it_goes_on_in_a_hidden_page(panel):
    page = panel.chapter.page
    front = page.context.new_page()
    front.bring_to_front()
    front.wait_for_timeout(13_000)
    assert panel.chapter.ask("print(first.task.done())") == "False\n"
    page.bring_to_front()
    panel.click("Stop").can("button", "Train", seconds=20)
