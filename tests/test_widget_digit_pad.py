"""The digit pad of chapter 11, driven through its handles; drawing itself is tried in the browser."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from nnlib import Adam, Dense, Network, ReLU, SoftmaxCrossEntropy, datasets, fit, softmax, warmup_cosine
from nnlib.teach import plots
from nnlib.teach.preprocessing import bundled_digits, rasterise, stages
from nnlib.teach.widgets import digit_pad
from nnlib.teach.widgets.digit_pad import MEASURES

DIGITS = bundled_digits()
USUAL = "Place, size and stroke are as in the training images"
OFF = {"cropped": False, "scaled": False, "centred": False}
PART, EPOCHS = 10_000, 3


@pytest.fixture(scope="module")
def data():
    return datasets.mnist().X_train[:PART], datasets.mnist().y_train[:PART]


def trained(seed, X, y):
    """Return a network trained by the recipe of chapter 10, for a second or two."""
    rng = np.random.default_rng(seed)
    first, second, last = Dense(784, 128, rng=rng), Dense(128, 128, rng=rng), Dense(128, 10, rng=rng)
    net = Network(first, ReLU(), second, ReLU(), last)
    batches = -(-PART // 128)
    optimizer = Adam(net.params, lr=warmup_cosine(4e-3, warmup=batches // 2, total=EPOCHS * batches))
    settings = {"epochs": EPOCHS, "batch_size": 128, "rng": rng, "progress": False}
    fit(net, SoftmaxCrossEntropy(), optimizer, X, y, **settings)
    return net


@pytest.fixture(scope="module")
def nets(data):
    return [trained(seed, *data) for seed in range(3)]


@pytest.fixture
def pad(nets, data):
    return digit_pad(nets[0], data[0])


def moved(strokes, size, corner):
    """Return the drawing that much smaller, its upper left corner there."""
    low = np.concatenate(strokes).min(axis=0)
    return [(stroke - low) * size + corner for stroke in strokes]


def recognised(net, drawings, **options):
    """Return how many of the drawings of 0 to 9 the network reads."""
    X = np.array([stages(rasterise(strokes), **options)[-1].ravel() for strokes in drawings])
    return int((net.predict(X).argmax(axis=1) == np.arange(10)).sum())


def switch(pad, **options):
    for name, on in options.items():
        getattr(pad, name).value = on


# The bundled digits


def test_bundled_digits_are_read_with_the_stages_and_few_without(nets):
    drawings = [DIGITS[digit] for digit in range(10)]
    small = [moved(strokes, 0.5, (0.1, 0.1)) for strokes in drawings]
    for net in nets:
        assert recognised(net, drawings) >= 9 and recognised(net, small) >= 9
        assert recognised(net, drawings, **OFF) <= 6 and recognised(net, small, **OFF) <= 4


# The paper


@pytest.mark.parametrize("strokes", [[[[0.25, 0.5], [0.75, 0.5]], [[0.125, 1.0]]], []])
def test_strokes_travel_as_bytes(pad, strokes):
    pad.paper.strokes = strokes
    numbers = np.frombuffer(pad.paper.value, "<f4")
    assert numbers[:4].tolist() == ([0.25, 0.5, 0.75, 0.5] if strokes else [])
    assert len(numbers) == (10 if strokes else 0)
    assert [stroke.tolist() for stroke in pad.paper.strokes] == strokes


def test_what_javascript_sends_is_understood(pad):
    state = np.array([0.5, 0.25, 0.5, 0.75, np.nan, np.nan], "<f4").tobytes()
    pad.paper.set_state({"value": memoryview(state)})
    assert [stroke.tolist() for stroke in pad.paper.strokes] == [[[0.5, 0.25], [0.5, 0.75]]]
    assert pad.P.argmax() == 1 and pad.drawing.value == "your own"


# What follows from a drawing


@pytest.mark.parametrize("digit", range(10))
def test_probabilities_are_those_of_the_last_image(pad, digit):
    pad.drawing.value = digit
    seen = stages(rasterise(DIGITS[digit]))[-1]
    assert np.allclose(pad.images[-1], seen, atol=1e-5)
    assert np.allclose(pad.P, softmax(pad.net.predict(seen.reshape(1, -1)))[0], atol=1e-3)
    assert f"It says <b>{pad.P.argmax()}</b>" in pad.text.value


@pytest.mark.parametrize("name", OFF)
def test_a_stage_can_be_switched_off(pad, name):
    pad.drawing.value = 4
    before = pad.picture.value
    switch(pad, **{name: False})
    expected = stages(rasterise(pad.paper.strokes), **{name: False})
    for image, right in zip(pad.images, expected, strict=True):
        assert np.array_equal(image, right)
    assert pad.picture.value != before
    switch(pad, **{name: True})
    assert pad.picture.value == before


def test_an_empty_paper(pad):
    for empties in (pad.clear.click, lambda: switch(pad, **OFF), pad.undo.click):
        empties()
        assert pad.P is None and "The paper is empty: draw a digit" in pad.text.value
    assert pad.drawing.value == "your own"
    pad.drawing.value = 3
    assert pad.P is not None


def test_a_drawing_beside_the_paper_is_none(pad):
    pad.paper.strokes = [[[2.0, 2.0], [3.0, 3.0]]]
    assert pad.P is None and "The paper is empty" in pad.text.value


def test_undo_takes_the_last_stroke(pad):
    pad.drawing.value = 4
    pad.undo.click()
    (left,) = pad.paper.strokes
    assert np.allclose(left, DIGITS[4][0]) and pad.drawing.value == "your own"
    pad.undo.click()
    assert pad.paper.strokes == [] and pad.P is None


def test_the_pen(pad):
    before = pad.images[-1].sum()
    pad.pen.value = 0.15
    assert pad.paper.pen == 0.15 and pad.images[-1].sum() > 1.5 * before
    assert pad.drawing.value == 7


# Why it is misread


SMALL = moved(DIGITS[7], 0.5, (0.65, 0.6))


# What is drawn and how, whether it is read, how the reason begins, what else it holds, the measures marked.
@pytest.mark.parametrize(
    ("digit", "strokes", "pen", "off", "read", "begins", "holds", "marks"),
    [
        (7, DIGITS[7], 0.07, {}, True, f"{USUAL}. Most depends on", [], 0),
        (7, SMALL, 0.07, {}, True, "", [], None),
        (7, SMALL, 0.07, OFF, False, "With all stages it says 7 (", ["is off-centre by ", "pixels long"], 2),
        (7, DIGITS[7], 0.07, {"scaled": False}, False, "", ["; scaling alone mends it."], None),
        (8, DIGITS[8], 0.02, {}, None, "", ["its stroke is thin, 1."], 1),
        (8, DIGITS[8], 0.2, {}, None, "", ["its stroke is thick, "], 1),
    ],
)
def test_why_it_is_misread(pad, digit, strokes, pen, off, read, begins, holds, marks):
    pad.paper.strokes, pad.pen.value = strokes, pen
    switch(pad, **off)
    assert read is None or (pad.P.argmax() == digit) == read
    assert pad.reason.startswith(begins) and all(words in pad.reason for words in holds)
    assert marks is None or pad.text.value.count("nnlib-wrong") == marks


def test_stages_that_mend_by_luck_are_called_so(pad):
    pad.paper.strokes = DIGITS[2]
    switch(pad, **OFF)
    assert "; centring alone makes it say 2 too (" in pad.reason and "mends it" not in pad.reason
    assert "%), by luck, for the picture is still like hardly any training image" in pad.reason


def test_what_is_shown_as_within_is_not_marked(pad, monkeypatch):
    monkeypatch.setitem(MEASURES, "off-centre", (lambda image: 0.549, "", "{}"))
    pad._usual["off-centre"] = (0.0, 0.5)
    pad.drawing.value = 3
    assert "0.5 px" in pad.text.value and "nnlib-wrong" not in pad.text.value
    monkeypatch.setitem(MEASURES, "off-centre", (lambda image: 0.551, "", "{}"))
    pad.drawing.value = 2
    assert "0.6 px" in pad.text.value and "nnlib-wrong" in pad.text.value


def test_a_bar_is_green_only_where_the_answer_is_known_to_be_right(pad):
    def likeliest():
        return to_hex(pad.figure.axes[-1].patches[pad.P.argmax()].get_facecolor()).upper()

    switch(pad, **OFF)
    seen = set()
    for pad.drawing.value in range(10):
        right = pad.P.argmax() == pad.drawing.value
        seen.add(right)
        assert likeliest() == (plots.RIGHT if right else plots.WRONG)
        words = f"it says {pad.P.argmax()}" + ("" if right else f", not {pad.drawing.value}")
        assert pad.titles()[-1] == f"Probabilities: {words}"
    assert seen == {True, False}
    pad.paper.strokes = DIGITS[7][:1] + [stroke + 0.01 for stroke in DIGITS[7]]
    assert likeliest() == "#000000" and pad.titles()[-1] == f"Probabilities: it says {pad.P.argmax()}"


def test_a_shape_between_two(pad):
    pad.net = Network(Dense(784, 10, rng=np.random.default_rng(0)))
    pad.net.layers[0].W[...] = 0
    pad.net.layers[0].b[[4, 9]] = 5
    pad.drawing.value = 9
    assert pad.reason.endswith("so it is the shape: it wavers between 4 and 9.")


# The picture


def test_the_picture(pad):
    assert pad.titles() == [
        "1 your drawing",
        "2 cropped",
        "3 scaled",
        "4 centred",
        "Probabilities: it says 7",
    ]
    bars = pad.figure.axes[-1].patches
    assert np.allclose([bar.get_height() for bar in bars], pad.P)
    colours = [to_hex(bar.get_facecolor()).upper() for bar in bars]
    assert colours == [plots.RIGHT if digit == 7 else plots.DATA for digit in range(10)]
    switch(pad, centred=False)
    assert pad.titles()[3] == "4 not centred"
