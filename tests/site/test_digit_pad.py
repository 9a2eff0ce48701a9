"""The digit pad of the book: drawn on with mouse, pen and keys, and held to nnlib on a hundred drawings."""

import base64
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from nnlib import accuracy, datasets, softmax
from nnlib.teach.preprocessing import bundled_digits, rasterise, stages
from tests.mouse import draw
from tools.book.living.digit_pad import CONVOLUTION, DENSE, PEN

FIRST_PAGE = "index", "widgets.digit_pad()"
CHAPTER = "11_generalisation", "widgets.digit_pad(net, mnist.X_train)"
STAGES = {
    "cropped": "crop to the ink",
    "scaled": "scale into 20 × 20, proportions kept",
    "centred": "centre by the centre of mass",
}
DIGITS = bundled_digits()
DRAWINGS = 100
# The numbers are float64 on both sides; only the order of their sums differs.
TOLERANCE = 1e-11

# Lay a drawing on the paper by the events of a pen, as a browser sends them, and return what came of it.
DRAW = """async ([strokes, switched]) => {
    if (!window.drawn) {
        const [old] = document.querySelectorAll("figure.living");
        const figure = document.body.appendChild(document.createElement("figure"));
        const at = name => new URL(`living/${name}`, location);
        const { default: mount } = await import(at("digit_pad.js"));
        window.drawn = mount(figure, await (await fetch(at(old.dataset.source))).json());
        window.paper = figure.querySelector("canvas[role=application]");
        window.clear = [...figure.querySelectorAll("button")].find(one => one.textContent === "Clear");
        window.boxes = [...figure.querySelectorAll("input[type=checkbox]")];
        window.paper.setPointerCapture = () => {}; // there is no pointer that it could capture
    }
    window.clear.click();
    switched.forEach(k => boxes[k].click());
    const box = paper.getBoundingClientRect();
    const send = (kind, [x, y], buttons) => paper.dispatchEvent(new PointerEvent(kind, {
        clientX: box.left + x * box.width, clientY: box.top + y * box.height, buttons, cancelable: true,
        pointerId: 1, isPrimary: true, pointerType: "pen", bubbles: true,
    }));
    for (const stroke of strokes) {
        send("pointerdown", stroke[0], 1);
        stroke.slice(1).forEach(point => send("pointermove", point, 1));
        send("pointerup", stroke.at(-1), 0);
    }
    const bytes = values => {
        let text = "";
        new Uint8Array(values.slice().buffer).forEach(one => { text += String.fromCharCode(one); });
        return btoa(text);
    };
    const images = drawn.images.map(({ rows, columns, ink }) => [rows, columns, bytes(ink)]);
    return { strokes: drawn.strokes, images, passed: drawn.passed.map(one => bytes(one.values)) };
}"""
TIMES = """async strokes => {
    const at = name => new URL(`living/${name}`, location);
    const [{ rasterise, stages }, { forward, network }] = await Promise.all(
        ["preprocessing.js", "layers.js"].map(name => import(at(name))));
    const [figure] = document.querySelectorAll("figure.living");
    const data = await (await fetch(at(figure.dataset.source))).json();
    const layers = network(data);
    const on = { cropped: true, scaled: true, centred: true };
    const median = run => {
        const times = Array.from({ length: 101 }, () => {
            const started = performance.now();
            run();
            return performance.now() - started;
        });
        return times.sort((a, b) => a - b)[50];
    };
    const image = stages(rasterise(strokes, data.pen), on).at(-1);
    return [median(() => stages(rasterise(strokes, data.pen), on)), median(() => forward(layers, image))];
}"""


def numbers(text):
    return np.frombuffer(base64.b64decode(text), "<f8")


def drawings():
    """Return digits that are turned, stretched, moved and wobble, scribbles and dots: lists of strokes."""
    rng = np.random.default_rng(20)
    made = []
    for k in range(DRAWINGS - 10):
        turn, stretch = rng.normal(0, 0.2), np.exp(rng.normal(0, 0.25, 2)) * rng.uniform(0.3, 1)
        A = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * stretch
        moved = rng.normal(0.5, 0.08, 2)
        strokes = [(stroke - 0.5) @ A.T + moved for stroke in DIGITS[k % 10]]
        made.append([np.clip(one + rng.normal(0, 0.004, one.shape), -0.05, 1.05) for one in strokes])
    made += [[rng.uniform(0, 1, (n, 2)) for n in rng.integers(1, 9, 3)] for _ in range(8)]
    return [*made, [rng.uniform(0, 1, (1, 2))], [rng.uniform(0, 0.03, (3, 2))]]


@pytest.fixture
def page(open_panels):
    return open_panels(FIRST_PAGE)


@pytest.fixture
def pad(page):
    return page.locator("figure.living")


def farthest(page, net, drawing, switched=(), **on):
    """Draw, and return how far what the page computes is from what nnlib does with the same strokes."""
    found = page.evaluate(DRAW, [[stroke.tolist() for stroke in drawing], [*switched]])
    assert [len(stroke) for stroke in found["strokes"]] == [len(stroke) for stroke in drawing]
    far = []
    images = stages(rasterise(found["strokes"], pen=PEN), **on)
    for image, (rows, columns, ink) in zip(images, found["images"], strict=True):
        assert image.shape == (rows, columns)
        far.append(np.abs(image.ravel() - numbers(ink)).max())
    A = images[-1].reshape(1, 28, 28, 1)
    *passed, P = found["passed"]
    for layer, values in zip(net.layers, passed, strict=True):
        A = layer.forward(A)
        far.append(np.abs(A.ravel() - numbers(values)).max() / max(1, np.abs(A).max()))
    return max(far + [np.abs(softmax(A)[0] - numbers(P)).max()])


def test_a_hundred_drawings_are_read_as_nnlib_reads_them(page):
    net = CONVOLUTION.network()
    assert max(farthest(page, net, drawing) for drawing in drawings()) < TOLERANCE


def test_with_stages_on_and_off_too(open_panels):
    page, net, on = open_panels(CHAPTER), DENSE.network(), dict.fromkeys(STAGES, True)
    rng = np.random.default_rng(0)
    for drawing in drawings()[::5]:
        switched = np.flatnonzero(rng.random(3) < 0.5).tolist()
        for k in switched:
            on[[*STAGES][k]] ^= True
        assert farthest(page, net, drawing, switched, **on) < TOLERANCE


@pytest.mark.parametrize("reader", [CONVOLUTION, DENSE], ids=lambda reader: reader.name)
def test_the_weights_read_as_many_of_the_test_images_as_the_page_says(reader):
    X, y = datasets.mnist()[2:]
    assert accuracy(reader.network().predict(X.reshape(-1, 28, 28, 1)), y) == reader.right
    assert sum(parameter.nbytes for parameter in reader.weights()) < 300_000


def test_one_stroke_over_what_lies_there_is_read(pad):
    expect(pad.get_by_role("status")).to_contain_text("It says 7")
    draw(pad.get_by_role("application"), DIGITS[3])
    expect(pad.get_by_role("status")).to_contain_text("It says 3")
    expect(pad.get_by_role("combobox")).to_have_value("your own")
    expect(pad.locator(".pad-bars")).to_have_accessible_name(re.compile("Probabilities: .*3: (9|100)"))


def test_every_digit_that_is_drawn_is_read(pad):
    read = []
    for digit, strokes in DIGITS.items():
        pad.get_by_role("button", name="Clear").click()
        expect(pad.get_by_role("status")).to_contain_text("The paper is empty")
        draw(pad.get_by_role("application"), strokes)
        read.append(pad.locator("output strong").text_content() == str(digit))
    assert sum(read) >= 9


def test_nothing_drawn_is_told(pad):
    pad.get_by_role("button", name="Clear").press("Enter")
    expect(pad.get_by_role("status")).to_have_text(
        "The paper is empty: draw a digit on it, or choose a drawing."
    )
    expect(pad.get_by_role("img", name="Probabilities: nothing to read")).to_be_visible()
    expect(pad.get_by_role("img", name="Cropped to its ink: nothing")).to_be_visible()


def test_by_keys_alone(page, pad):
    pad.get_by_role("combobox").select_option("4")
    expect(pad.get_by_role("status")).to_contain_text("It says 4")
    page.mouse.click(5, 5)
    page.keyboard.press("Tab")
    paper = pad.get_by_role("application")
    while not paper.evaluate("paper => paper === document.activeElement"):
        page.keyboard.press("Tab")
    for key in ["ArrowUp", "Space", *30 * ["ArrowDown"], "Space"]:
        page.keyboard.press(key)
    expect(pad.get_by_role("status")).to_contain_text("It says 1")
    for key in (*15 * ["Shift+Tab"],):  # out of the paper again: no trap
        page.keyboard.press(key)
    assert not paper.evaluate("paper => paper === document.activeElement")


def test_a_chosen_drawing_can_be_gone_on_with_as_ones_own(pad):
    pad.get_by_role("combobox").select_option("5")
    pad.get_by_role("button", name="Undo").click()
    expect(pad.get_by_role("combobox")).to_have_value("your own")
    pad.get_by_role("combobox").select_option("1")
    pad.get_by_role("combobox").select_option("your own")
    expect(pad.get_by_role("status")).to_contain_text("It says 1")


def test_how_long_it_takes(page, record_property):
    """No bound: it is told, with `pytest -s`."""
    before, through = page.evaluate(TIMES, [stroke.tolist() for stroke in DIGITS[8]])
    record_property("milliseconds", (before, through))
    print(f"\nfrom strokes to the picture {before:.2f} ms, through the network {through:.2f} ms")


def test_what_chapter_11_says_of_its_pad_is_true_of_this_one(open_panels):
    pad = open_panels(CHAPTER).locator("figure.living")
    says = pad.locator("output strong")

    def read_without(digit):
        """Return what it says of a drawing with each stage off, one by one."""
        pad.get_by_role("combobox").select_option(digit)
        found = []
        for name in STAGES.values():
            pad.get_by_role("checkbox", name=name).uncheck()
            found.append(says.text_content())
            pad.get_by_role("checkbox", name=name).check()
        return found

    assert [one == "4" for one in read_without("4")] == [True, False, True]
    assert read_without("1")[1] != "1"
    sure = []
    pad.get_by_role("combobox").select_option("8")
    for width in ("0.20", "0.07", "0.02"):
        pad.get_by_role("textbox").fill(width)
        pad.get_by_role("textbox").press("Enter")
        assert says.text_content() == "8"
        sure.append(float(re.search(r"8 \((.*?) %", pad.get_by_role("status").text_content())[1]))
    assert max(sure[0], sure[2]) < sure[1]

    seven = [0.05 + 0.5 * stroke for stroke in DIGITS[7]]
    pad.get_by_role("button", name="Clear").click()
    pad.get_by_role("textbox").fill("0.07")
    pad.get_by_role("textbox").press("Enter")
    draw(pad.get_by_role("application"), seven)
    assert says.text_content() == "7"
    for name in STAGES.values():
        pad.get_by_role("checkbox", name=name).uncheck()
    assert says.text_content() != "7"
    for name in STAGES.values():
        pad.get_by_role("checkbox", name=name).check()
        assert says.text_content() != "7"
        pad.get_by_role("checkbox", name=name).uncheck()
