"""Derivations in the page: each number, each line and each verdict is that of JupyterLab."""

import re

import numpy as np
import pytest

from nnlib.teach.derivations import DERIVATIONS
from nnlib.teach.widgets import derivation

SETTINGS = 4  # of each of the 31
FOUND = """async ([source, all]) => {
    const { found, verdict } = await import("./living/derivation.js");
    const data = await (await fetch(`living/${source}`)).json();
    return all.map((now) => {
        const seen = found(now, data);
        return { values: seen.values.map(String), line: seen.parts.join(""), verdict: verdict(now, seen) };
    });
}"""


def call(number):
    return "02_dense_layer", f'widgets.derivation("{number}")'


def drawn(panel, rng):
    """Move all controls of a stepper; return where they are, as the page knows them."""
    with panel.at_once():
        panel.step.value = int(rng.integers(1, panel.step.max, endpoint=True))
        for one in panel.indices:
            one.value = int(rng.integers(one.min, one.max, endpoint=True))
        for one in panel.numbers:
            if np.ndim(one.value):
                high = min(one.largest, rng.choice([3, 100, 1000]))
                size = rng.integers(0, 3)  # no more: a tie of a slope is none in its last bits
                one.value = (np.round(rng.uniform(-1, 1, np.shape(one.value)) * high, size)).tolist()
            else:
                steps = rng.integers(0, round((one.max - one.min) / one.step), endpoint=True)
                one.value = one.min + int(steps) * one.step
    panel.show()
    now = {name: [one.value for one in getattr(panel, name)] for name in ("indices", "numbers")}
    return {"step": panel.step.value} | now


def line(panel):
    """The line with numbers, as LaTeX."""
    _, _, numbers = panel.lines.value.rpartition("<p>")
    return "".join(re.findall(r"\$\\displaystyle (?:{})?(.*?)\$", numbers))


@pytest.fixture
def page(open_panels):
    return open_panels(*map(call, DERIVATIONS))


def test_a_hundred_settings_are_as_in_jupyterlab(page):
    rng = np.random.default_rng(0)
    figures = page.locator("figure.living")
    assert figures.count() == len(DERIVATIONS)
    wrong = []
    for k, number in enumerate(DERIVATIONS):
        panel, settings, expected = derivation(number), [], []
        for _ in range(SETTINGS):
            settings.append(drawn(panel, rng))
            text = panel.text.value.removeprefix("<p>").removesuffix("</p>")
            expected.append((panel.values, line(panel), text))
        source = figures.nth(k).get_attribute("data-source")
        for now, seen, (values, latex, text) in zip(
            settings, page.evaluate(FOUND, [source, settings]), expected, strict=True
        ):
            same = np.allclose(
                [float(x.replace("Infinity", "inf")) for x in seen["values"]],
                values,
                rtol=1e-6,
                atol=1e-6,
                equal_nan=True,
            )
            if not same or seen["line"] != latex or seen["verdict"] != text:
                wrong.append((number, now, seen, values, latex, text))
    assert wrong == []


def test_the_keyboard_alone_goes_through_a_derivation(open_panels):
    page = open_panels(call("2.6"))
    figure, said = page.locator("figure.living"), page.locator(".living-said")
    rows = figure.locator(".nnlib-lines tr:visible")
    assert rows.count() == 2 and "the left side" in said.text_content()
    figure.get_by_role("button", name="Next").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    assert rows.count() == 4 and "the line before" in said.text_content()
    assert "nnlib-new" in rows.nth(3).text_content() and "nnlib-new" not in rows.nth(2).text_content()
    figure.get_by_role("slider", name="line").press("End")
    assert rows.count() == 7 and figure.get_by_role("button", name="Next").is_disabled()
    figure.get_by_role("button", name="Back").press("Enter")
    assert rows.count() == 6
    field = figure.get_by_role("textbox", name="dZ, row 1, column 1")
    field.fill("5")
    field.press("Enter")
    assert said.text_content() == "✓ 6, and so is the line before."
    figure.get_by_role("slider", name="i", exact=True).press("Home")
    assert "for i = 1, j = 1" in figure.text_content()


@pytest.mark.parametrize("number", ["7.3", "14.6", "16.13"])
def test_a_phone_is_wide_enough(open_panels, number):
    page = open_panels(call(number), width=390)
    page.get_by_role("slider", name="line").press("End")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
