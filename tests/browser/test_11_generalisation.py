"""The time machine of chapter 11 in JupyterLab, moved with keyboard and mouse."""

import re


def misread(machine):
    return int(re.search(r"misread: (\d+) of 1000", machine.root.inner_text())[1])


def test_scrubbing_there_and_back(open_panel):
    machine = open_panel("11_generalisation", "machine = widgets.time_machine(").says("nothing learned yet")
    assert misread(machine) > 700
    (
        machine.move("epoch", 5)
        .says("After epoch 5:", re.compile(r"since epoch 4 \d+ came and \d+ went"))
        .draws()
    )
    after_five = machine.root.inner_text()
    assert misread(machine) < 400
    (
        machine.enter("epoch", 40)
        .says("After epoch 40:", "Size of the update over size of the weights, layer by layer: 0.0")
        .enter("epoch", 5)
        .says("After epoch 5:")
    )
    assert machine.root.inner_text() == after_five  # the same run, not another one
    machine.drag("epoch", -300).reads("epoch", "0").says("nothing learned yet").draws()
