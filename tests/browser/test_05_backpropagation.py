"""Chapter 05 in JupyterLab: the numeric stepper moved with mouse and keyboard, its formulas typeset."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def stepper(open_panel):
    return open_panel("05_backpropagation", "widgets.numeric_stepper()")


@pytest.fixture
def formulas(stepper):
    """The formulas, three in a line: in symbols, with numbers, and the result."""
    return stepper.root.locator(".widget-htmlmath mjx-container")


def test_step_by_step_forward_and_back(stepper, formulas):
    stepper.says("Step 1 of 11. Each hidden unit adds up its inputs.").cannot("button", "Back")
    expect(formulas).to_have_count(6)
    (
        stepper.click("Next")
        .says("Step 2 of 11. It sends the sum through tanh.")
        .reads("step", "2")
        .draws("known after step 2: a₁ = ")
    )
    expect(formulas.nth(1)).to_contain_text("0.55")
    assert stepper.chapter.failed_formulas() == []
    stepper.move("step", 6).says("Step 8 of 11. It passes tanh by its slope.")
    assert stepper.chapter.failed_formulas() == []
    (
        stepper.click("Back")
        .says("Step 7 of 11.")
        .enter("step", 11)
        .says("The loss falls from 0.08953 to 0.04332.")
        .cannot("button", "Next")
    )
    assert stepper.chapter.failed_formulas() == []


def test_another_sample_and_learning_rate(stepper, formulas):
    stepper.enter("step", 9).says("Step 9 of 11.").draws()
    expect(formulas).to_have_count(16)  # two of the lines only hand a number on
    stepper.enter("x2", 0).reads("x2", "0.0").draws()
    expect(formulas.nth(5)).to_have_text("=0", use_inner_text=False)
    (
        stepper.move("y", 1)
        .reads("y", "1.1")
        .enter("step", 11)
        .says("The loss falls from")
        .enter("learning rate", 1)
        .says("The loss rises from")
    )
    assert stepper.chapter.failed_formulas() == []
