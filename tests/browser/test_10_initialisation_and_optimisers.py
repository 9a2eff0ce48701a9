"""Chapter 10 in JupyterLab: the scale of the weights and the race, moved with keyboard and mouse."""

import pytest


@pytest.fixture
def open_alone(open_chapter):
    """A function that runs the cell that holds `words` by shift and enter, and returns what it shows."""

    def open_alone(words):
        chapter = open_chapter("10_initialisation_and_optimisers")
        # The cells between the two explorers train for seconds and are not needed here.
        chapter.run("import matplotlib.pyplot")
        chapter.cell(words).locator(".jp-InputArea-editor").click()
        chapter.page.keyboard.press("Shift+Enter")
        return chapter.panel(words).draws()

    return open_alone


def test_the_scale_of_the_weights(open_alone):
    (
        open_alone("widgets.depth_explorer()")
        .says("n Var(w) = 256 · 0.0501² = 0.643.", "0.0006")
        .move("weights: σ", 2)
        .reads("weights: σ", "0.0513")
        .enter("weights: σ", 0.0625)
        .says("In layer 30 the spread of Z is 0.12")
        .draws()
        .choose("activation", "ReLU")
        .says("Slope below 0.1: 50% of all units")
        .enter("weights: σ", 0.0884)
        .says("In layer 30 the spread of Z is 1.6 (predicted: 1.4)")
        .draws("Forward: it gets through. Back: it gets through.")
        .enter("depth", 50)
        .says("In layer 50 the spread of Z is")
        .choose("activation", "sigmoid")
        .says("Units of layer 50 that say the same to every input: 100%")
    )


def test_the_race(open_alone):
    (
        open_alone("widgets.optimizer_race()")
        .says("After step 40:")
        .move("step", -1)
        .says("After step 39:")
        .draws("After step 39, ")
        .drag("step", -300)
        .says("L = 28 at (−4, 1), 4.1 from the star")
        .enter("step", 100)
        .enter("η of SGD", 0.06)
        .says("it diverges")
        .enter("η of SGD", 0.01)
        .does_not_say("it diverges")
        .choose("surface", "saddle")
        .says("from the star")
        .enter("step", 30)
        .move("η of Adam", -5)
        .reads("η of Adam", "0.056")
    )
