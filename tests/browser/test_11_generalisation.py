"""The time machine of chapter 11 in JupyterLab, moved with keyboard and mouse."""

import re

from playwright.sync_api import expect

MACHINE = "machine = widgets.time_machine("
MISREAD = re.compile(r"misread: (\d+) of 1000")


def misread(machine):
    return int(MISREAD.search(machine.root.inner_text())[1])


def test_scrubbing_there_and_back(open_chapter):
    chapter = open_chapter("11_generalisation")
    chapter.run(MACHINE)
    machine = chapter.panel(MACHINE)
    picture = machine.root.locator("img")
    expect(machine.root).to_contain_text("nothing learned yet")
    drawn = picture.get_attribute("src")
    assert misread(machine) > 700

    machine.move("epoch", 5)
    expect(machine.root).to_contain_text("after epoch 5:")
    expect(picture).not_to_have_attribute("src", drawn)
    expect(machine.root).to_contain_text(re.compile(r"since epoch 4 \d+ came and \d+ went"))
    after_five = machine.root.inner_text()
    assert misread(machine) < 400

    machine.enter("epoch", 40)
    expect(machine.root).to_contain_text("after epoch 40:")
    expect(machine.root).to_contain_text("size of the update over size of the weights, layer by layer: 0.0")
    machine.enter("epoch", 5)
    expect(machine.root).to_contain_text("after epoch 5:")
    assert machine.root.inner_text() == after_five  # the same run, not another one

    machine.drag("epoch", -300)
    expect(machine.readout("epoch")).to_have_text("0")
    expect(machine.root).to_contain_text("nothing learned yet")
    expect(picture).to_have_attribute("src", re.compile("^blob:"))
