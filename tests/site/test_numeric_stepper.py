"""The numeric stepper in the page: each number, each line and each sentence is that of JupyterLab."""

import re

import numpy as np

from nnlib.teach.widgets import numeric_stepper
from nnlib.teach.widgets.numeric_stepper import PARAMETERS, STEPS, NumericStepper

CALL = ("05_backpropagation", "widgets.numeric_stepper()")
FOUND = """async ([source, all]) => {
    const { found, lines, verdict, view } = await import("./living/numeric_stepper.js");
    const data = await (await fetch(`living/${source}`)).json();
    return all.map((now) => {
        const values = found(now, data);
        const { picture, alt } = view(now, data, document.createElement("div"));
        const labels = [...picture[0].querySelectorAll("g")].map((one) => one.textContent);
        const seen = { lines: lines(data.steps[now.step - 1], values), verdict: verdict(now, data, values) };
        return { values, alt, labels, ...seen };
    });
}"""


def drawn(panel, rng, step):
    with panel.at_once():
        panel.step.value = step
        for one in (panel.x1, panel.x2, panel.y):
            one.value = round(0.1 * int(rng.integers(-30, 31)), 1)
        panel.lr.value = 10.0 ** rng.uniform(-3, 0)
    panel.show()
    return {name: getattr(panel, name).value for name in ("step", "x1", "x2", "y", "lr")}


def seen_in(page, settings):
    source = page.locator("figure.living").get_attribute("data-source")
    return page.evaluate(FOUND, [source, settings])


def test_a_hundred_settings_are_as_in_jupyterlab(open_panels, monkeypatch):
    monkeypatch.setattr(NumericStepper, "show_picture", lambda *_: None)
    page, panel, rng = open_panels(CALL), numeric_stepper(), np.random.default_rng(0)
    settings, expected = [], []
    for k in range(110):
        settings.append(drawn(panel, rng, 1 + k % len(STEPS)))
        rows = re.findall("<tr>(.*?)</tr>", panel.lines.value)
        verdict = panel.text.value.partition("</b>")[2]
        expected.append((panel.values, [re.findall(r"\$(.*?)\$", row) for row in rows], verdict))
    for seen, (values, lines, verdict) in zip(seen_in(page, settings), expected, strict=True):
        assert seen["values"].keys() == values.keys()
        assert np.allclose([seen["values"][name] for name in values], list(values.values()), rtol=1e-12)
        assert seen["lines"] == lines and seen["verdict"] == verdict


def test_each_step_is_drawn_as_in_jupyterlab(open_panels):
    page, panel, rng = open_panels(CALL), numeric_stepper(), np.random.default_rng(1)
    settings, expected = [], []
    for k in range(len(STEPS)):
        settings.append(drawn(panel, rng, 1 + k))
        labels = ["".join(text.get_text().split()) for ax in panel.figure.axes for text in ax.texts]
        expected.append((panel.picture.alt, sorted(labels)))
    for seen, (alt, labels) in zip(seen_in(page, settings), expected, strict=True):
        assert seen["alt"] == alt
        assert sorted("".join(label.split()) for label in seen["labels"]) == labels


def test_steps_are_taken_with_the_keyboard(open_panels):
    page = open_panels(CALL, width=390)
    said = page.locator(".living-said")
    page.get_by_role("button", name="Next").press("Enter")
    assert said.text_content() == "Step 2 of 11. It sends the sum through tanh."
    page.get_by_role("slider", name="step").press("End")
    assert page.locator(".living-formulas tr").count() == len(PARAMETERS) + 1
    page.get_by_role("slider", name="learning rate").press("End")
    assert "The loss rises" in said.text_content()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
