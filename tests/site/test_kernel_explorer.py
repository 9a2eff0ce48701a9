"""The kernel explorer in the page: maps, tables and sentences are those of JupyterLab."""

import re

import numpy as np
import pytest

from nnlib.teach.widgets import kernel_explorer
from nnlib.teach.widgets.kernel_explorer import KernelExplorer
from tools.book.living.conv_net import conv_net

CALL = ("12_convolution", "widgets.kernel_explorer(net=conv_net)")
CONTROLS = ("layer", "image", "kernel", "W", "stride", "padding", "o", "i", "j")
FOUND = """async ([source, all]) => {
    const { found, lines, detail } = await import("./living/kernel_explorer.js");
    const data = await (await fetch(`living/${source}`)).json();
    return all.map((now) => {
        const seen = found(now, data);
        const cells = [...detail(seen).querySelectorAll("td")].map((cell) => cell.innerHTML);
        return { Y: [...seen.Y.values], shape: seen.Y.shape, lines: lines(seen), cells };
    });
}"""


@pytest.fixture
def panel(monkeypatch):
    monkeypatch.setattr(KernelExplorer, "show_picture", lambda *_: None)
    return kernel_explorer(net=conv_net())


def drawn(panel, rng):
    """Move all controls; return where they are, as the page knows them."""
    with panel.at_once():
        panel.layer.value = "one kernel" if rng.random() < 0.5 else str(rng.choice(panel.layers))
        panel.image.value = str(rng.choice(panel.image.options))
        panel.stride.value, panel.padding.value = (int(k) for k in (rng.integers(1, 3), rng.integers(0, 2)))
        panel.kernel.value = str(rng.choice([*panel.kernels]))
    panel.show()
    if rng.random() < 0.3:
        panel.W.value = np.round(rng.uniform(-2, 2, np.shape(panel.W.value)), 1).tolist()
    with panel.at_once():
        for one in (panel.o, panel.i, panel.j):
            one.value = int(rng.integers(0, one.max, endpoint=True))
    panel.show()
    return {name: getattr(panel, name).value for name in CONTROLS}


def test_a_hundred_settings_are_as_in_jupyterlab(open_panels, panel):
    page, rng = open_panels(CALL), np.random.default_rng(0)
    settings, expected = [], []
    for _ in range(120):
        settings.append(drawn(panel, rng))
        _, *lines = re.findall("<p>(.*?)</p>", panel.text.value)
        cells = re.findall("<td .*?>(.*?)</td>", panel.text.value)
        expected.append((panel.Y, lines, cells))
    assert len({one["layer"] for one in settings}) == 5
    source = page.locator("figure.living").get_attribute("data-source")
    for seen, (Y, lines, cells) in zip(page.evaluate(FOUND, [source, settings]), expected, strict=True):
        assert np.allclose(np.reshape(seen["Y"], seen["shape"]), Y, rtol=1e-4, atol=1e-5)
        assert seen["lines"] == lines and seen["cells"] == cells


def test_an_output_is_pointed_at(open_panels):
    page = open_panels(CALL)
    pointer, said = page.locator(".nnlib-pointer"), page.locator(".living-text p").first
    assert pointer.get_attribute("aria-label") == "outputs, 26 × 26"
    pointer.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    assert said.text_content().startswith("Y15, 15 = ")
    assert pointer.get_attribute("aria-valuetext").startswith("row 15, column 15: ")
    assert page.get_by_role("textbox", name="row i, as a number").input_value() == "15"
    box = pointer.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 52, box["y"] + box["height"] * 51 / 52)
    assert said.text_content().startswith("Y25, 0 = ")
    page.get_by_role("slider", name="stride").press("End")
    assert pointer.get_attribute("aria-label") == "outputs, 13 × 13"
    assert said.text_content().startswith("Y12, 0 = ")


def test_a_kernel_is_chosen_and_typed(open_panels):
    page = open_panels(CALL, width=390)
    kernel = page.get_by_role("combobox", name="kernel")
    kernel.select_option("learned 0")
    assert page.locator(".nnlib-grid input").count() == 25
    kernel.select_option("blur")
    field = page.get_by_role("textbox", name="W, row 1, column 1")
    assert field.input_value() == "0.0625"
    field.fill("3")
    field.press("Enter")
    assert kernel.input_value() == "your own" and "3" in page.locator("caption + tr").nth(1).text_content()
    page.get_by_role("combobox", name="layer").select_option("pooling 2")
    assert "6 × 6 pixels" not in page.locator(".living-text").text_content()
    assert "16 × 16 pixels" in page.locator(".living-text").text_content() and not kernel.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
