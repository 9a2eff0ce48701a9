"""The bug lab of chapter 06 in JupyterLab: patients chosen, bugs named, answers scored."""

from playwright.sync_api import expect

LAB = "widgets.bug_lab()"


def test_patients_are_named_and_scored(open_chapter):
    chapter = open_chapter("06_gradient_checking")
    chapter.run(LAB)
    lab = chapter.panel(LAB)
    picture = lab.root.locator("img")
    expect(lab.root).to_contain_text("dense, ReLU, dense")
    expect(lab.root).not_to_contain_text("Score")
    drawn = picture.get_attribute("src")

    lab.choose("its bug", "healthy: nothing: it is healthy")
    lab.button("Answer").click()
    expect(lab.root).to_contain_text(
        "✗ No, healthy. In a healthy net nothing would be amiss; here, on the way"
    )
    expect(lab.root).to_contain_text("dY_hat of loss, with a relative error of 2.")
    expect(lab.root).to_contain_text("Score: 0 of 1 named rightly by the first answer.")

    lab.choose("patient", "patient 7")
    expect(picture).not_to_have_attribute("src", drawn)
    expect(lab.root).not_to_contain_text("✗")
    lab.row("its bug").locator("select").focus()
    chapter.page.keyboard.type("fixed")  # the keyboard chooses as well
    lab.button("Answer").press("Enter")
    expect(lab.root).to_contain_text("✓ Right, fixed-batches. The line is for start in rng.permutation(")
    expect(lab.root).to_contain_text("Score: 1 of 2 named rightly by the first answer.")

    lab.choose("patient", "patient 9")
    expect(lab.root).to_contain_text("dense, tanh, dense, sigmoid")
    expect(lab.root.locator("tr")).to_have_count(10)  # nine gradients and the head
    chapter.run("diagnoses_solution")
    expect(chapter.output("diagnoses_solution")).to_contain_text("✓ Right, all 10.")
