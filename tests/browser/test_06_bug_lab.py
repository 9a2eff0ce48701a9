"""The bug lab of chapter 06 in JupyterLab: patients chosen, bugs named, answers scored."""

from playwright.sync_api import expect

FIXED = "fixed-batches: the loader shuffles where batches start, not the samples"


def test_patients_are_named_and_scored(open_panel):
    lab = open_panel("06_gradient_checking", "widgets.bug_lab()")
    (
        lab.says("dense, ReLU, dense")
        .does_not_say("Score")
        .choose("its bug", "healthy: nothing: it is healthy")
        .click("Answer")
        .says("✗ No, healthy. In a healthy net nothing would be amiss; here, on the way")
        .says("dY_hat of loss, with a relative error of 2.")
        .says("Score: 0 of 1 named rightly by the first answer.")
        .choose("patient", "patient 7")
        .draws("0 of 8 gradients disagree")
        .does_not_say("✗")
    )
    # The keyboard chooses as well: up and down do not go to another cell, x does not cut this one.
    choice = lab.part("combobox", "its bug")
    for keys, option in [
        (["f"], FIXED),
        (["ArrowUp"], "divided-by-n: the loss is a mean over N·C entries, its gradient one over N samples"),
        (["x", "ArrowDown"], FIXED),
    ]:
        for key in keys:
            choice.press(key)
        lab.chosen("its bug", option)
    (
        lab.click("Answer", key="Enter")
        .says("✓ Right, fixed-batches. The line is for start in rng.permutation(")
        .says("Score: 1 of 2 named rightly by the first answer.")
        .choose("patient", "patient 9")
        .says("dense, tanh, dense, sigmoid")
    )
    expect(lab.root.get_by_role("row")).to_have_count(10)  # nine gradients and the head
    lab.chapter.run("diagnoses_solution")
    assert "✓ Right, all 10." in lab.chapter.ask("print(checks.bug_names(diagnoses_solution))")
