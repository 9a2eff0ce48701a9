"""Chapter 04 in JupyterLab: the logits explorer moved with mouse and keyboard."""

import pytest


@pytest.fixture
def explorer(open_panel):
    return open_panel("04_losses", "widgets.logits_explorer()")


def test_logits_move_probabilities_loss_and_gradient(explorer):
    (
        explorer.says("loss = −log P[dog] = −log 0.2447 = 1.408")
        .move("logit dog", 2)
        .reads("logit dog", "2.0")
        .says("loss = −log P[dog] = −log 0.4683 = 0.759")
        .draws("It says: cat or dog.")
        .row("dZ = P − Y", "+0.468", "−0.532", "+0.063", "0.000")
        .tick("bird", role="radio")
        .says("loss = −log P[bird] = −log 0.06338 = 2.759")
        .row("dZ = P − Y", "+0.468", "+0.468", "−0.937", "0.000")
    )


def test_the_true_class_is_chosen_with_the_arrow_keys(explorer):
    explorer.part("radio", "dog").press("ArrowRight")
    explorer.says("loss = −log P[bird]").part("radio", "bird").press("ArrowRight")
    explorer.says("loss = −log P[cat]").draws("Less wrong: cat up, the others down.")


def test_a_shift_of_all_logits_changes_nothing_but_them(explorer):
    (
        explorer.enter("added to all", 1000)
        .row("Z, the logits", "1002.0", "1001.0", "1000.0", "")
        .row("P, the probabilities", "0.665", "0.245", "0.090", "1.000")
        .says("−log 0.2447 = 1.408")
        .stays()
        .move("logit cat", -1)
        .row("Z, the logits", "1001.5", "1001.0", "1000.0", "")
        .row("P, the probabilities", "0.547", "0.331", "0.122", "1.000")
        .draws()
    )
