"""What holds for every panel: it follows its controls, says what is true, names all, answers at once."""

import ipywidgets
import numpy as np
import pytest

from nnlib import Dense, Network
from nnlib.teach import widgets
from nnlib.teach.widgets.parts import Picture

rng = np.random.default_rng(0)
IMAGES, LABELS = (rng.random((50, 784)) < 0.2) * 1.0, np.arange(50) % 10
STROKE = np.array([[0.2, 0.2], [0.5, 0.8], [np.nan, np.nan]], "<f4").tobytes()
ARGUMENTS = {
    "derivation": ("2.6",),
    "descent_path": (np.arange(1.0, 7.0), [6.1, 7.9, 10.4, 12.1, 13.7, 16.2]),
    "digit_pad": (Network(Dense(784, 10, rng=rng)), IMAGES),
    "entry_tracer": (
        [[1, 2, -1], [3, 1, 2], [-2, 1, 1], [1, -3, 2]],
        [[2, 3], [-1, 1], [2, -3]],
        [[1, 2], [3, -1], [-1, 2], [2, 1]],
    ),
    "mnist_panel": (IMAGES, LABELS, IMAGES, LABELS),
    "time_machine": (
        {
            "images": IMAGES,
            "labels": LABELS,
            "training_loss": [2.3, 1.0, 0.5, 0.123],
            "validation_loss": [2.4, 1.2, 0.9, 1.5],
            "weights": rng.standard_normal((4, 784, 12)),
            "answers": rng.integers(10, size=(4, 50)),
            "ratios": [[0.1, 0.2], [0.03, 0.04], [0.005, 0.006]],
        },
    ),
}

# Every control of every explorer, and another value for it.
MOVES = {
    "activation_explorer": {"function": "ReLU", "x": -2.0, "spread": 3.0},
    "attention_explorer": {
        "sequence": 3,
        "moment": "450",
        "head": "1.2",
        "query": 17,
        "place": 4,
        "out": "1.2",
        "positions": False,
    },
    "bug_lab": {"patient": 3, "choice": "healthy"},
    "depth_explorer": {"function": "ReLU", "depth": 12, "sigma": 0.1},
    "derivation": {
        "step": 4,
        "indices": [3, 2],
        "numbers": [
            [[1.0, 2, 0], [0, 1, -2], [-1, 1, 1], [2, -5, 1]],
            [[1.0, -1], [3, 0], [-1, 3]],
            [[1.0, 0], [3, -2], [-1, 1], [4, 2]],
        ],
    },
    "descent_path": {"lr": 0.03, "n_steps": 7, "start": "up the steep wall", "inputs": "standardised"},
    "digit_pad": {
        "drawing": 4,
        "paper": STROKE,
        "pen": 0.12,
        "cropped": False,
        "scaled": False,
        "centred": False,
    },
    "entry_tracer": {"gradient": "dX", "n": 3, "i": 1, "j": 2},
    "graph_explorer": {"step": 2, "node": "x"},
    "kernel_explorer": {
        "kernel": "sharpen",
        "W": [[[0.0, 1, 0], [2, 0, -1], [0, 0.5, 0]]],
        "stride": 2,
        "padding": 1,
        "i": 9,
        "j": 8,
        "image": "digit 4",
        "layer": "pooling 1",
        "o": 3,
    },
    "logits_explorer": {"logits": [1.0, 2.0, 3.0], "true": "cat", "shift": 50.0},
    "number_formats": {"x": 3.7, "sign": "negative", "fine": 1.5, "scale": 3, "form": "bfloat16"},
    "numeric_stepper": {"step": 11, "x1": 1.0, "x2": 1.0, "y": 0.0, "lr": 0.1},
    "optimizer_race": {"surface": "saddle", "step": 12, "lr": 0.01, "scaled_lr": 0.5},
    "scaling_explorer": {
        "network": "convolutional net",
        "way": "tree",
        "workers": 64.0,
        "batch": 4096.0,
        "bandwidth": 10.0,
        "latency": 1000.0,
        "spread": 1.5,
    },
    "shape_calculator": {"example": "MNIST, a batch of 64", "N": 2, "n_in": 3, "n_hidden": 4, "n_out": 5},
    "step_size": {"function": "sin at 1", "h": 1e-3, "difference": "central", "dtype": "float32"},
    "time_machine": {"epoch": 2},
}
# What neither the text nor the picture shows at first: it is seen in another step, or with another gradient.
UNSEEN = {
    ("bug_lab", "choice"),
    ("entry_tracer", "n"),
    ("kernel_explorer", "o"),
    ("numeric_stepper", "lr"),
}
IN_TEXT_AND_PICTURE = {
    "activation_explorer",
    "attention_explorer",
    "depth_explorer",
    "graph_explorer",
    "number_formats",
    "optimizer_race",
    "scaling_explorer",
    "time_machine",
}


def make(name):
    return getattr(widgets, name)(*ARGUMENTS.get(name, ()))


def controls(panel, name):
    """Return the controls of an attribute, which is one of them or a list."""
    attribute = getattr(panel, name)
    return attribute if isinstance(attribute, list) else [attribute]


def move(panel, name, value):
    """Set a control, or a list of them, or click on a button as many times."""
    values = value if isinstance(value, list) else [value]
    for control, value in zip(controls(panel, name), values, strict=True):
        if isinstance(control, ipywidgets.Button):
            for _ in range(value):
                control.click()
        else:
            control.value = value


def inside(widget):
    """Yield all widgets of a panel."""
    for child in getattr(widget, "children", ()):
        yield child
        yield from inside(child)


def shown(panel):
    """The text, and the picture or the formulas."""
    return panel.text.value, panel.picture.value if panel.picture else panel.lines.value


@pytest.mark.parametrize(
    ("panel", "name"), [(panel, name) for panel, names in MOVES.items() for name in names]
)
def test_each_control_is_followed(panel, name):
    explorer = make(panel)
    before = shown(explorer)
    move(explorer, name, MOVES[panel][name])
    changed = [old != new for old, new in zip(before, shown(explorer), strict=True)]
    assert any(changed) == ((panel, name) not in UNSEEN) and (
        all(changed) or panel not in IN_TEXT_AND_PICTURE
    )


@pytest.mark.parametrize("panel", MOVES)
def test_a_picture_is_of_one_moment(panel):
    """A control that has moved on, and is not followed yet, changes neither text nor picture."""
    explorer = make(panel)
    assert vars(explorer.now).keys() == MOVES[panel].keys()
    before = shown(explorer)
    for name, value in MOVES[panel].items():
        for control in controls(explorer, name):
            control.unobserve_all("value")
        move(explorer, name, value)
    text = explorer.update()
    if explorer.picture:
        alt = explorer.picture.alt
        explorer.show_picture(explorer.finding())
        assert explorer.picture.alt == alt
    assert (text, shown(explorer)[1]) == before


@pytest.mark.parametrize("panel", MOVES)
def test_no_text_is_sent_before_its_picture(panel, monkeypatch):
    explorer, sent = make(panel), []
    for part in inside(explorer):
        if isinstance(part, Picture | ipywidgets.HTML | ipywidgets.HTMLMath):
            kind = "picture" if isinstance(part, Picture) else "text"
            monkeypatch.setattr(part, "send_state", lambda key=None, kind=kind: sent.append(kind))
    for name, value in MOVES[panel].items():
        sent.clear()
        move(explorer, name, value)
        assert not explorer.picture or sent[0] == "picture"
        assert set(sent) <= {"picture", "text"} and "text" in sent


# After which moves the text holds what, and the alternative text of the picture.
@pytest.mark.parametrize(
    ("panel", "moves", "said", "alt"),
    [
        (
            "activation_explorer",
            {},
            ["f(x) = <b>0.762</b>", "f′(x) = <b>0.420</b>", "<b>7.0%</b> of the batch", "(exactly 0: 0.0%)"],
            "tanh, and its tangent at x = 1.0. Its slope (shaded: below 0.1). 7% of the batch lies where",
        ),
        ("activation_explorer", {"spread": 0.1}, ["<b>0.0%</b> of the batch"], "0% of the batch"),
        (
            "attention_explorer",
            {},
            [
                "Head 2.2: place 18, <q>a</q>, looks most at place 12, <q>h</q>: 6 places back, with 100 %",
                "It sees the places 0 to 18; the mask hides 1.",
                "The net says <q>h</q> after place 18, with a probability of 100 %. Right: <q>h</q> follows.",
                "After 900 updates <b>4 of 4</b> answers",
            ],
            "Sequence tswigevlbpfahmuqpfah. The net says h after place 18. Maps A of 4 heads in 2 layers:"
            " black is 1. Head 2.2: place 18, a, asks; 1 at place 12, h.",
        ),
        (
            "attention_explorer",
            {"out": "1.2"},
            ["Wrong: <q>h</q> follows. After 900 updates with head 1.2 knocked out <b>0 of 4</b> answers"],
            "The net says w after place 18.",
        ),
        (
            "attention_explorer",
            {"head": "1.2", "query": 5, "place": 9, "positions": False},
            ["Here nobody asks it.", "with no positions <b>0 of 4</b>", "the mask hides 14."],
            "Head 1.2: place 5, e, asks; place 9 is hidden.",
        ),
        ("attention_explorer", {"moment": "500"}, ["After 500 updates <b>3 of 4</b>"], "The net says h"),
        ("attention_explorer", {"another": 2}, ["Head 2.2: place 18"], "Sequence "),
        ("bug_lab", {}, ["dense, ReLU, dense", "softmax cross-entropy"], "8 of 8 gradients disagree"),
        (
            "depth_explorer",
            {"sigma": 0.05},
            [
                "256 · 0.05² = <b>0.64</b>",
                "In layer 30 the spread of Z is <b>0.00056</b> (predicted: 0.00061)",
                "<b>0.00085</b> is left in layer 1",
            ],
            "Forward: it vanishes. Back: it vanishes.",
        ),
        ("depth_explorer", {"sigma": 1}, ["<b>91%</b> of all units"], "Back: it explodes."),
        (
            "descent_path",
            {},
            [
                "λ<sub>max</sub> = 31.97,",
                "2/λ<sub>max</sub> is 0.0626",
                "by <b>−0.602</b> in the steep direction (λ = 31.97)",
                "by <b>0.982</b> in the flat one (λ = 0.365)",
                "After step 30: w = 2.45, b = 2.12, L = 0.8068.",
                "The bottom: w = 1.99, b = 4.11, L = 0.04851.",
            ],
            "Converges, oscillating. From 134 to 0.807. The line after step 30.",
        ),
        ("descent_path", {"inputs": "standardised"}, ["2/λ<sub>max</sub> is 1."], "Converges."),
        ("descent_path", {"n_steps": 0}, ["After step 0: w = 0, b = 0,"], "The line after step 0."),
        (
            "digit_pad",
            {},
            ["It says <b>"],
            "1 your drawing. 2 cropped. 3 scaled. 4 centred. Probabilities: it says",
        ),
        ("digit_pad", {"clear": 1}, ["The paper is empty"], "Probabilities: nothing to read."),
        (
            "entry_tracer",
            {},
            [
                "dW<sub>21</sub> = Σ<sub>n</sub> X<sub>n2</sub> dZ<sub>n1</sub>"
                " = 2 · 1 + 1 · 3 + 1 · (−1) + (−3) · 2 = −2",
                "dW[1, 0] = X[:, 1] @ dZ[:, 0]",
                "dW = X.T @ dZ",
            ],
            "dW21 = 2 · 1 + 1 · 3 + 1 · (−1) + (−3) · 2 = −2.",
        ),
        (
            "entry_tracer",
            {"gradient": "db"},
            [
                "db<sub>1</sub> = Σ<sub>n</sub> dZ<sub>n1</sub> = 1 + 3 + (−1) + 2 = 5",
                "db[0] = dZ[:, 0].sum()",
            ],
            "db1 = 1 + 3 + (−1) + 2 = 5.",
        ),
        (
            "entry_tracer",
            {"gradient": "dX"},
            [
                "dX<sub>12</sub> = Σ<sub>j</sub> dZ<sub>1j</sub> W<sub>2j</sub> = 1 · (−1) + 2 · 1 = 1",
                "dX[0, 1] = dZ[0] @ W[1]",
            ],
            "dX12 = 1 · (−1) + 2 · 1 = 1.",
        ),
        (
            "graph_explorer",
            {"step": 2, "node": "v₁"},
            [
                "<b>Step 2 of 3: v₂ = v₁ + x hands on.</b> It has heard from L: ∂L/∂v₂ = −8.",
                "To x: ∂v₂/∂x = 1. ∂L/∂x = −8 · 1 = <b>−8</b>, not complete: v₁ has yet to hand on.",
                "<b>v₁ = x · w = 2 · (−3) = −6.</b> Made from x and w. It is used by v₂.",
                "∂v₁/∂x = w = −3; ∂v₁/∂w = x = 2.",
            ],
            "v₂ = v₁ + x = −4, dv₂ = −8; L = v₂² = 16, dL = 1. Step 2: v₂ hands on to v₁ and x.",
        ),
        (
            "graph_explorer",
            {"next": 3},
            ["∂L/∂x = −8 + (−8) · (−3) = <b>16</b>, complete: v₂ and v₁ have handed on.", "All gradients"],
            "x = 2, dx = 16; w = −3, dw = −16; ",
        ),
        (
            "kernel_explorer",
            {"image": "a square", "i": 0, "j": 0},
            [
                "Y<sub>0, 0</sub> = Σ<sub>u</sub> Σ<sub>v</sub> X<sub>u, v</sub> W<sub>u, v</sub> = 0 · (−1)"
                " + 0 · 0 + 0 · 1 + 0 · (−1) + 0 · 0 + 0 · 1 + 0 · (−1) + 0 · 0 + 1 · 1 = <b>1</b>",
                "Y[0, 0] = (X[0:3, 0:3] * W).sum()",
                "⌈(8 + 2 · 0 − 3 + 1) / 1⌉ = 6",
                "Of 36 outputs the largest is 3, first at [2, 0] and the smallest is −3, first at [2, 4].",
            ],
            "X: rows 0 to 2, columns 0 to 2. Y, 6 × 6: Y[0, 0] = 1.",
        ),
        (
            "kernel_explorer",
            {"image": "a square", "padding": 1, "stride": 2, "i": 0, "j": 1},
            ["Y[0, 1] = (X[0:3, 2:5] * W).sum()", "3 of these 9 pixels are zeros of the padding."],
            "X: rows 0 to 2, columns 2 to 4. Y, 4 × 4: Y[0, 1] = 0.",
        ),
        (
            "kernel_explorer",
            {"layer": "pooling 2", "o": 11, "i": 3, "j": 0},
            ["It has seen rows 12 to 27 and columns 0 to 15 of the image: 16 × 16 pixels."],
            "X: rows 12 to 27, columns 0 to 15. in: 12 maps of 8 × 8. Y, 4 × 4 × 12: Y[3, 0, 11] = ",
        ),
        ("logits_explorer", {}, ["<b>1.408</b>"], "It says: cat. Less wrong: dog up, the others down."),
        (
            "number_formats",
            {},
            [
                "<b>0.0999755859</b>",
                "x lies between 0.09997558594 and 0.1000366211; halfway is 0.1000061035, and it is below:",
            ],
            "float16: sign 0, exponent 01011, fraction 1001100110. The bits of 0.1, as each format stores it."
            " float16: the nearest number is 0.09997558594.",
        ),
        (
            "number_formats",
            {"x": 1e-8, "scale": 10},
            ["without S, float16 stores <b>0</b>", "divided by S again that is <b>1.001171768·10⁻⁸</b>"],
            "The bits of 1.024·10⁻⁵, as each format stores it.",
        ),
        (
            "numeric_stepper",
            {"next": 1},
            ["<b>Step 2 of 11. It sends the sum through tanh.</b>"],
            "The net, with what is known after step 2: a₁ = 0.5005, a₂ = -0.8005.",
        ),
        (
            "numeric_stepper",
            {"step": 11},
            ["The loss falls from 0.08953 to 0.04332."],
            "known after step 11: new w₁₁ = 0.3179, ",
        ),
        (
            "numeric_stepper",
            {"step": 11, "lr": 1},
            ["The loss rises from 0.08953 to"],
            "known after step 11: ",
        ),
        ("optimizer_race", {}, ["After step 40:"], "After step 40, momentum is lowest."),
        ("optimizer_race", {"step": 0}, 4 * ["L = <b>28</b> at (−4, 1), 4.1 from the star"], "The start."),
        (
            "scaling_explorer",
            {"workers": 64},
            [
                "Each of 64 workers computes 8 samples.",
                "In the first step worker 9 is the slowest: the other 63 wait for it, worker 11 the longest",
                "Communication is <b>98%</b> of a step.",
                "64 workers take 13.8 ms, one takes 7.68 ms: <b>0.56</b> times as fast",
                "A step takes least with <b>6 workers</b>, 3.69 ms.",
            ],
            "Two steps of 64 workers, 8 of them shown: all wait for worker 9, then worker 15. A step takes"
            " 13.8 ms; least with 6 workers. 0.56 times as fast; ideal would be 64.",
        ),
        (
            "scaling_explorer",
            {"workers": 1},
            ["One worker computes all 512 samples, waits for nobody, and sends nothing."],
            "Two steps of one worker: it waits for nobody. A step takes 7.68 ms; least with 6 workers. One",
        ),
        (
            "scaling_explorer",
            {"workers": 32, "spread": 0, "batch": 1},
            [
                "32 workers share 16 samples: the model divides a sample",
                "nobody waits",
                "<b>one worker alone</b>",
            ],
            "Two steps of 32 workers, 8 of them shown: all are done at once.",
        ),
        (
            "shape_calculator",
            {"n_hidden": 5},
            ["<td>(2, 5)</td>", "2 · 5 + 5 + 5 · 1 + 1 = <b>21</b> parameters"],
            "behind each but X its gradient: X (4, 2), W1 (2, 5), b1 (5,), Z1 (4, 5), A1 (4, 5), W2 (5, 1),",
        ),
        (
            "step_size",
            {"h": 0.1},
            ["<b>truncation</b> dominates"],
            "magnified 10 times. The V: forward differences",
        ),
        (
            "time_machine",
            {"epoch": 2},
            ["After epoch <b>2</b>"],
            "After epoch 2: training loss 0.500, validation loss 0.900, ",
        ),
    ],
)
def test_text_and_picture_say_what_is_true(panel, moves, said, alt):
    explorer = make(panel)
    for name, value in moves.items():
        move(explorer, name, value)
    assert all(explorer.text.value.count(words) >= said.count(words) for words in said)
    assert alt in explorer.picture.alt


@pytest.mark.parametrize("panel", widgets.__all__)
def test_everything_has_a_name(panel):
    parts = list(inside(make(panel)))
    names = [part.description for part in parts if hasattr(part, "disabled")]
    assert all(names) and len(set(names)) == len(names) >= 1
    assert all(part.tooltip for part in parts if isinstance(part, ipywidgets.Button))
    alts = [part.alt for part in parts if hasattr(part, "alt")]
    assert len(alts) == (panel != "derivation")  # it has formulas, which MathJax tells
    assert all(alt.endswith(".") and not set("$<>\n") & set(alt) for alt in alts)


# What is moved again and again; a third of a second is 4.5 plain pictures.
@pytest.mark.parametrize(
    ("panel", "name", "values"),
    [
        ("activation_explorer", "x", np.linspace(-3, 3, 7)),
        ("attention_explorer", "query", (15, 16, 17, 18, 19)),
        ("bug_lab", "patient", (2, 3, 4, 5, 6)),
        ("depth_explorer", "sigma", np.geomspace(0.03, 0.3, 7)),
        ("derivation", "step", (2, 3, 4, 5, 6)),
        ("descent_path", "lr", (0.01, 0.02, 0.04, 0.06, 0.08)),
        ("digit_pad", "drawing", (0, 1, 2, 3, 4, 5)),
        ("entry_tracer", "i", (1, 3, 2, 1, 3)),
        ("graph_explorer", "step", (1, 2, 3, 2, 1, 0)),
        ("kernel_explorer", "i", (14, 15, 17, 18, 19)),
        ("logits_explorer", "logits", [[2, 1, z] for z in (3.0, 2.5, 2.0, 1.5, 1.0)]),
        ("number_formats", "x", np.logspace(-6, 0, 7)),
        ("numeric_stepper", "step", range(2, 12)),
        ("optimizer_race", "step", range(41, 48)),
        ("scaling_explorer", "workers", (16, 32, 64, 32, 16)),
        ("shape_calculator", "n_hidden", (7, 6, 5)),
        ("step_size", "h", np.logspace(-12, -1, 7)),
        ("time_machine", "epoch", (1, 2, 3, 2, 1)),
    ],
)
def test_it_answers_at_once(panel, name, values, in_plain_pictures):
    explorer = make(panel)
    pictures = [shown(explorer)[1]]

    def follow(value):
        move(explorer, name, value)
        pictures.append(shown(explorer)[1])

    assert in_plain_pictures(follow, values) <= 4.5
    assert all(before != after for before, after in zip(pictures, pictures[1:], strict=False))
