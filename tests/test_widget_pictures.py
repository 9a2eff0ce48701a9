"""What a panel shows, word for word and number for number: controls, text, axes, and what is drawn."""

import html
import re
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import ipywidgets
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from test_widget_panels import IMAGES, LABELS, inside, make

from nnlib import sigmoid
from nnlib.teach import plots, widgets
from nnlib.teach.bugs import PATIENTS, evidence
from nnlib.teach.widgets import parts
from nnlib.teach.widgets.bug_lab import _loader
from nnlib.teach.widgets.panel import TrainingPanel
from tests.colours import contrast


def plain(text):
    """Return what a reader sees of HTML, cells and lines apart from each other."""
    apart = re.sub(r"</t[dh]>|</caption>|</small>|</p>|</div>|<br>|<table.*?>", " ", text)
    return " ".join(html.unescape(re.sub("<.*?>", "", apart)).split())


# Controls: name, value, from, to, by; or name, value, options. A button: name, what it does.
RATE = ("learning rate", 0.05, -4, 1, 0.05)
BUTTONS = [
    ("Train", "Train for that many epochs, from the present weights on", "play", "success"),
    ("Stop", "Stop after the batch in hand", "stop", "warning"),
    ("Reset", "Go back to the first weights", "undo", ""),
]
FUNCTIONS = "tanh", "sigmoid", "ReLU", "leaky ReLU"
SIZES = 16, 32, 64, 128, 256
SHORT = "tanh", "ReLU", "sigmoid"
CONTROLS = {
    "activation_explorer": [
        ("function", "tanh", FUNCTIONS),
        ("x", 1, -6, 6, 0.1),
        ("spread", 1, -1, 1, 0.05),
    ],
    "attention_explorer": [
        ("sequence", 0, 0, 19, 1),
        ("Another", "Take another sequence", "arrow-right", ""),
        ("updates", "900", ("0", "200", "300", "350", "400", "450", "500", "600", "900")),
        ("head", "2.2", ("1.1", "1.2", "2.1", "2.2")),
        ("asks", 18, 0, 19, 1),
        ("looked at", 12, 0, 19, 1),
        ("knocked out", "none", ("none", "1.1", "1.2", "2.1", "2.2")),
        ("positions", True),
    ],
    "bug_lab": [
        ("patient", 1, tuple((f"patient {k}", k) for k in range(1, 11))),
        ("its bug", "", None),
        ("Answer", "Say that this is the patient's bug", "check", "success"),
    ],
    "depth_explorer": [
        ("depth", 30, 1, 50, 1),
        ("weights: σ", 10**-1.3, -2, 0, 0.005),
        ("activation", "tanh", FUNCTIONS),
    ],
    "derivation": [
        ("Back", "One line back", "arrow-left", ""),
        ("Next", "One line on", "arrow-right", ""),
        ("line", 1, 1, 6, 1),
        ("i", 2, 1, 3, 1),
        ("j", 1, 1, 2, 1),
    ],
    "descent_path": [
        ("learning rate", 10**-1.3, -3, 0.5, 0.01),
        ("steps", 30, 0, 200, 1),
        ("start", "w = 0, b = 0", ("w = 0, b = 0", "on the floor of the valley", "up the steep wall")),
        ("inputs x", "as they are", ("as they are", "standardised")),
    ],
    "digit_pad": [
        ("drawing", 7, ("your own", *range(10))),
        ("pen width", 0.07, 0.02, 0.2, 0.01),
        ("Undo", "Take the last stroke away", "undo", ""),
        ("Clear", "Take all strokes away", "trash", ""),
        ("crop to the ink", True),
        ("scale into 20 × 20, proportions kept", True),
        ("centre by the centre of mass", True),
    ],
    "entry_tracer": [
        ("gradient", "dW", ("dW", "db", "dX")),
        ("sample n", 1, 1, 4, 1),
        ("input i", 2, 1, 3, 1),
        ("output j", 1, 1, 2, 1),
    ],
    "first_network": [RATE, ("epochs", 500, 100, 5000, 100), *BUTTONS],
    "graph_explorer": [
        ("Back", "One step back", "arrow-left", ""),
        ("Next", "One step on", "arrow-right", ""),
        ("step", 0, 0, 3, 1),
        ("node", "none: the step alone", ("none: the step alone", "x", "w", "v₁", "v₂", "L")),
    ],
    "kernel_explorer": [
        ("layer", "one kernel", ("one kernel", "convolution 1", "pooling 1", "convolution 2", "pooling 2")),
        ("image", "digit 7", (*(f"digit {k}" for k in range(10)), "a square")),
        ("kernel", "edge upright", ("edge upright", "edge level", "blur", "sharpen", "your own")),
        ("stride", 1, 1, 2, 1),
        ("padding", 0, 0, 1, 1),
        ("row i", 16, 0, 25, 1),
        ("column j", 14, 0, 25, 1),
        ("map o", 0, 0, 0, 1),
    ],
    "live_training": [
        ("learning rate", 0.5, -3, 1, 0.05),
        ("batch size", 20, (1, 2, 5, 10, 20, 50, 120)),
        ("shuffle", True),
        ("seed", 0, 0, 99, 1),
        ("epochs", 200, 10, 1000, 10),
        *BUTTONS,
    ],
    "logits_explorer": [
        ("The picture shows a", "dog", ("cat", "dog", "bird")),
        ("logit cat", 2, -8, 8, 0.5),
        ("logit dog", 1, -8, 8, 0.5),
        ("logit bird", 0, -8, 8, 0.5),
        ("added to all", 0, -1000, 1000, 50),
    ],
    "mnist_panel": [
        ("learning rate", 0.4, -3, 1, 0.05),
        ("epochs", 5, 1, 30, 1),
        ("batch size", 64, SIZES),
        ("hidden units", 128, SIZES),
        *BUTTONS,
    ],
    "number_formats": [
        ("x", 0.1, -12, 8, 0.05),
        ("sign", "positive", ("positive", "negative")),
        ("fine, in gaps", 0, -2, 2, 0.125),
        ("S = 2 to the", 0, 0, 24, 1),
        ("neighbours in", "float16", ("float32", "bfloat16", "float16")),
    ],
    "numeric_stepper": [
        ("Back", "One step back", "arrow-left", ""),
        ("Next", "One step on", "arrow-right", ""),
        ("step", 1, 1, 11, 1),
        ("x1", 2, -3, 3, 0.1),
        ("x2", -1, -3, 3, 0.1),
        ("y", 1, -3, 3, 0.1),
        ("learning rate", 0.01, -3, 0, 0.05),
    ],
    "optimizer_race": [
        ("surface", "narrow bowl", ("narrow bowl", "the same, turned", "curved valley", "saddle")),
        ("step", 40, 0, 200, 1),
        ("η of SGD", 0.02, -4, 0, 0.05),
        ("η of Adam", 0.1, -4, 0, 0.05),
    ],
    "scaling_explorer": [
        ("network", "MLP 784-128-128-10", ("MLP 784-128-128-10", "convolutional net")),
        ("gradients by", "ring", ("ring", "tree", "one server")),
        ("workers", 8, 0, 10 * np.log10(2), np.log10(2)),
        ("batch", 512, 4 * np.log10(2), 16 * np.log10(2), np.log10(2)),
        ("bandwidth: MB/s", 1000, 0, 5, 0.1),
        ("latency: µs", 100, 0, 5, 0.1),
        ("spread", 0.5, 0, 2, 0.1),
    ],
    "shape_calculator": [
        (
            "example",
            "XOR, all four samples",
            ("XOR, all four samples", "XOR, one sample", "MNIST, a batch of 64", "your own"),
        ),
        ("N", 4, 1, 128, 1),
        ("n_in", 2, 1, 784, 1),
        ("n_hidden", 8, 1, 256, 1),
        ("n_out", 1, 1, 10, 1),
    ],
    "step_size": [
        (
            "function",
            "exp at 1",
            (
                "exp at 1",
                "sin at 1",
                "tanh at 0.5",
                "x² at 1",
                "|x| at 0.001, near its kink",
                "ReLU at 0, on its kink",
            ),
        ),
        ("step h", 10**-0.5, -16, 0, 0.1),
        ("difference", "forward", ("forward", "central")),
        ("dtype", "float64", ("float64", "float32")),
    ],
    "time_machine": [("epoch", 0, 0, 3, 1)],
    "xor_panel": [
        ("seed", 3, 0, 99, 1),
        ("epochs", 300, 50, 5000, 50),
        ("A: learning rate", 1, -3, 2, 0.05),
        ("A: hidden units", 3, 1, 8, 1),
        ("A: activation", "ReLU", SHORT),
        ("B: learning rate", 1, -3, 2, 0.05),
        ("B: hidden units", 3, 1, 8, 1),
        ("B: activation", "tanh", SHORT),
        *BUTTONS,
    ],
}
BEGIN_ANEW = {"seed", "A: hidden units", "B: hidden units"}  # so they wait until they are let go

# The text under the picture, of explorers; the status line of panels that train is "Ready."
TEXTS = {
    "activation_explorer": "x = 1.0 f(x) = 0.762 f′(x) = 0.420 slope below 0.1: 7.0% of the batch (exactly "
    "0: 0.0%) mean slope 0.604 left after 10 such layers: 0.60410 = 0.0065",
    "attention_explorer": "Head 2.2: place 18, a, looks most at place 12, h: 6 places back, with 100 % of"
    " its weight. It sees the places 0 to 18; the mask hides 1. symbol S eS − max A V0 V1 V2 place 1 s"
    " 8.38 7e−05 7e−05 1.01 −2.39 0.569 place 4 g 8.05 5e−05 5e−05 3.32 0.434 −3.18 place 11 a 11 0.001"
    " 0.001 −2.24 1.13 −2.57 place 12 h 17.9 1.000 0.999 0.381 −3.86 0.704 15 others 3e−05 3e−05 sum, of"
    " A V 1.001 1 0.379 −3.86 0.701 The net says h after place 18, with a probability of 100 %. Right: h"
    " follows. After 900 updates 4 of 4 answers in this sequence are right. Point at a map: its row"
    " asks, its column is looked at. Arrow keys move it too, page keys change the head.",
    "depth_explorer": "n Var(w) = 256 · 0.0501² = 0.643. In layer 30 the spread of Z is 0.0006 "
    "(predicted: 0.00065); of the gradient, sent back with a spread of 1, 0.0009 is "
    "left in layer 1. Slope below 0.1: 0% of all units and inputs. Units of layer 30 "
    "that say the same to every input: 0%.",
    "derivation": "✓ −2, and so is the left side, computed by itself.",
    "descent_path": "η = 0.0501 converges, oscillating: λmax = 31.97, so the limit 2/λmax is 0.0626. "
    "Each step multiplies the distance from the bottom by 1 − ηλ: by −0.602 in the "
    "steep direction (λ = 31.97), by 0.982 in the flat one (λ = 0.365). After step 30: w"
    " = 2.45, b = 2.12, L = 0.8068. The bottom: w = 1.99, b = 4.11, L = 0.04851.",
    "entry_tracer": "dW21 = Σn Xn2 dZn1 = 2 · 1 + 1 · 3 + 1 · (−1) + (−3) · 2 = −2 In code: dW[1, 0] "
    "= X[:, 1] @ dZ[:, 0]. All entries at once: dW = X.T @ dZ.",
    "graph_explorer": "Step 0 of 3: nothing is handed on yet. ∂L/∂L = 1: what L grows by, L grows by. Which"
    " node hands on first? dA is ∂L/∂A. Grey arrows: how it was computed. Purple ones, to the left: what has"
    " been handed back. A click on a node shows its formula with numbers, another one hides it.",
    "kernel_explorer": "Point at an output: a click holds it, another click on it lets go. Arrow keys move"
    " it too. patch of X 0 0.0353 0.804 0 0.494 0.996 0.294 0.984 0.941 ⊙ kernel W −1 0 1 −1 0 1 −1 0 1 ="
    " products 0 · (−1) 0 0.0353 · 0 0 0.804 · 1 0.804 0 · (−1) 0 0.494 · 0 0 0.996 · 1 0.996"
    " 0.294 · (−1) −0.294 0.984 · 0 0 0.941 · 1 0.941 Y16, 14 = Σu Σv X16+u, 14+v Wu, v ≈ 0 · (−1) +"
    " 0.0353 · 0 + 0.804 · 1 + 0 · (−1) + 0.494 · 0 + 0.996 · 1 + 0.294 · (−1) + 0.984 · 0 + 0.941 · 1 ="
    " 2.45 In code: Y[16, 14] = (X[16:19, 14:17] * W).sum(). Rows that come out:"
    " ⌈(28 + 2 · 0 − 3 + 1) / 1⌉ = 26. Of 676 outputs the largest is 2.94, first at [24, 9] and the"
    " smallest is −2.98, first at [22, 13].",
    "logits_explorer": "cat dog bird sum Z, the logits 2.0 1.0 0.0 P, the probabilities 0.665 0.245 "
    "0.090 1.000 Y, the target 0 1 0 1 dZ = P − Y +0.665 −0.755 +0.090 0.000 loss = "
    "−log P[dog] = −log 0.2447 = 1.408",
    "number_formats": "float32 bfloat16 float16 x stored 0.100000001 0.100097656 0.0999755859 error"
    " 1.5e−09 9.8e−05 −2.4e−05 error / x 1.5e−08 0.00098 0.00024 gap to the next 7.45e−09 0.000488"
    " 6.1e−05 with 1 added 1.10000002 1.1015625 1.09960938 1 + 1 + … stops at 16777216 256 2048 largest"
    " 3.40282e+38 3.38953e+38 65504 smallest above 0 1.4e−45 9.2e−41 6e−08 float16: 1.1001100110₂ ·"
    " 211 − 15 = 1.1001100110₂ · 2−4 = 0.0999755859. x lies between 0.0999755859 and 0.1000366211; halfway"
    " is 0.1000061035, and it is below: 0.0999755859 is nearer.",
    "numeric_stepper": "Step 1 of 11. Each hidden unit adds up its inputs.",
    "optimizer_race": "After step 40: SGD L = 1.59 at (−1.78, 0), 1.8 from the star momentum L = "
    "0.185 at (−0.199, 0.091), 0.22 from the star RMS L = 0.594 at (−1.09, 0),"
    " 1.1 from the star Adam L = 0.415 at (−0.651, 0.101), 0.66 from the star",
    "scaling_explorer": "of each worker computes waits sends a step on average 960 µs 550 µs 2.23 ms 3.74 ms"
    " share of a step 26% 15% 60% 100% in the first step shown 853 µs 308 µs 2.23 ms 3.39 ms Each of 8"
    " workers computes 64 samples. In the first step worker 5 is the slowest: the other 7 wait for it,"
    " worker 3 the longest, 521 µs. Communication is 60% of a step. 8 workers take 3.74 ms, one takes 7.68"
    " ms: 2.1 times as fast, where 8 are at work. A step takes least with 6 workers, 3.69 ms.",
    "shape_calculator": "array X W1 b1 Z1 A1 W2 b2 Z2 its gradient dW1 db1 dZ1 dA1 dW2 db2 dZ2 shape of "
    "both (4, 2) (2, 8) (8,) (4, 8) (4, 8) (8, 1) (1,) (4, 1) W1, b1, W2, b2: 2 · 8 +"
    " 8 + 8 · 1 + 1 = 33 parameters",
    "step_size": "difference quotient 3.1972052951 derivative 2.7182818284 error 4.8e-01 "
    "truncation, about 4.3e-01 rounding, about 1.9e-15 truncation dominates; the best"
    " step would be about h = 2.1e-08.",
    "time_machine": "After epoch 0: training loss 2.300 validation loss 2.400 misread: 45 of 50 "
    "(nothing learned yet)",
}
LAB = (
    "The net: dense, ReLU, dense. Its loss: softmax cross-entropy."
    " going back relative error second pass row found central differences"
    " dY_hat of loss 2.000 2.000 4 of 4 -0.045 -0.170 0.215 0.045 0.170 -0.215"
    " dW of dense 2 2.000 2.000 4 of 4 -0.144 -0.330 0.475 0.144 0.330 -0.475"
    " db of dense 2 2.000 2.000 0.010 -0.187 0.177 -0.010 0.187 -0.177"
    " dX of dense 2 2.000 2.000 4 of 4 -0.139 -0.268 -0.302 0.096 0.139 0.268 0.302 -0.096"
    " dX of ReLU 2.000 2.000 4 of 4 -0.139 -0.268 -0.302 0.096 0.139 0.268 0.302 -0.096"
    " dW of dense 1 2.000 2.000 1 of 5 0.083 0.300 0.351 -0.030 -0.083 -0.300 -0.351 0.030"
    " db of dense 1 2.000 2.000 -0.274 -0.183 -0.193 0.230 0.274 0.183 0.193 -0.230"
    " dX of dense 1 2.000 2.000 4 of 4 -0.109 -0.324 0.255 -0.075 0.109 0.324 -0.255 0.075"
    " Found and central differences: the first 4 numbers of the row in which they differ most;"
    " of the first row, where they agree."
    " Its loader, on 12 samples in batches of 4 (3→8: sample 3 comes with the label of 8):"
    " epoch 1: 9 2 7 4 | 5 11 0 3 | 6 10 8 1 epoch 2: 10 9 5 4 | 2 7 6 1 | 3 11 8 0"
    " epoch 3: 4 5 7 6 | 2 3 10 9 | 11 8 1 0"
)


class Ax(NamedTuple):
    """What an Axes looks like. A limit None is that of the data, a place None that of the layout; title and
    legend are None where training decides them."""

    title: str | None
    x: tuple  # label, from, to
    y: tuple
    place: tuple | None = None
    scales: str = "linear linear"
    legend: tuple | None = ()
    xticks: tuple | None = None
    yticks: tuple | None = None


X1, X2 = ("$x_1$", -0.5, 1.5), ("$x_2$", -0.5, 1.5)
LAYERS = ("layer", 0, 31)
DECADES = "1e-16", "1e-12", "1e-8", "1e-4", "1e0"
AXES = {
    "activation_explorer": [
        Ax("tanh, and its tangent at x = 1.0", ("x", -6, 6), ("", -1.3, 1.3), (0.06, 0.13, 0.4, 0.77)),
        Ax(
            "Its slope (shaded: below 0.1)",
            ("", -6, 6),
            ("", -0.05, 1.1),
            (0.54, 0.6, 0.44, 0.3),
            xticks=7 * ("",),
        ),
        Ax(
            "7% of the batch lies where it is flat",
            ("x", -6, 6),
            ("", 0, None),
            (0.54, 0.13, 0.44, 0.3),
            xticks=("≤ −6", "−4", "−2", "0", "2", "4", "≥ 6"),
            yticks=(),
        ),
    ],
    "attention_explorer": [
        Ax(
            "Maps A of 4 heads in 2 layers: black is 1",
            ("", -0.5, 40.5),
            ("", 40.5, -0.5),
            (0.0724, 0.05, 0.3852, 0.86),
            xticks=(),
            yticks=(),
        ),
        Ax(
            "Head 2.2: place 18, a, asks; 1 at place 12, h",
            ("", -0.5, 19.5),
            ("weight A", 0, 1.05),
            (0.56, 0.13, 0.425, 0.7),
            xticks=tuple(f"{letter}\n{s}" for s, letter in enumerate("tswigevlbpfahmuqpfah")),
        ),
    ],
    "bug_lab": [
        Ax(
            None,
            ("epoch", 0, 15),
            ("loss", None, None),
            (0.1, 0.16, 0.34, 0.74),
            "linear log",
            None,
        ),
        Ax(
            "8 of 8 gradients disagree with central differences",
            ("relative error", 1e-12, 10),
            ("", 7.79, -0.79),
            (0.59, 0.16, 0.4, 0.74),
            "log linear",
            yticks=(
                "dY_hat of loss",
                "dW of dense 2",
                "db of dense 2",
                "dX of dense 2",
                "dX of ReLU",
                "dW of dense 1",
                "db of dense 1",
                "dX of dense 1",
            ),
        ),
    ],
    "depth_explorer": [
        Ax(
            "Forward: it vanishes",
            LAYERS,
            ("spread of Z", 0.0006 / 3, 100),
            (0.08, 0.14, 0.4136, 0.77),
            "linear log",
            ("predicted", "measured"),
        ),
        Ax(
            "Back: it vanishes",
            LAYERS,
            ("spread of dZ", 0.0009 / 3, 100),
            (0.5764, 0.14, 0.4136, 0.77),
            "linear log",
        ),
    ],
    "descent_path": [
        Ax("Converges, oscillating", ("w", -3.12, 7.1), ("b", -1, 9.22)),
        Ax(
            "From 134 to 0.807",
            ("step", 0, 30),
            ("loss", 0.04851 / 4, 1340),
            (0.3833, 0.14, 0.2733, 0.77),
            "linear log",
        ),
        Ax("The line after step 30", ("x", 0.75, 6.25), ("y", -4, 26.3), (0.7167, 0.14, 0.2733, 0.77)),
    ],
    "entry_tracer": [
        Ax(
            r"$\mathrm{d}W_{21}$ = 2 · 1 + 1 · 3 + 1 · (−1) + (−3) · 2 = −2",
            (None, -0.8, 13.2),
            (None, 4.1, -1),
        )
    ],
    "first_network": [
        Ax("What the network answers", X1, X2, legend=("target 0", "target 1", "wrong")),
        Ax("How wrong it is", ("epoch", 0, 10), ("loss", None, None), scales="linear log", yticks=()),
    ],
    "graph_explorer": [Ax("Step 0: ∂L/∂L = 1", (None, 0, 603), (None, 116, 0), (0, 0, 1, 0.8056))],
    "kernel_explorer": [
        Ax(
            "X: rows 16 to 18, columns 14 to 16",
            ("", -0.5, 27.5),
            ("", 27.5, -0.5),
            (0.0522, 0.015, 0.3656, 0.9),
            xticks=(),
            yticks=(),
        ),
        Ax(
            "Y, 26 × 26: Y[16, 14] = 2.45",
            ("", -0.5, 25.5),
            ("", 25.5, -0.5),
            (0.5672, 0.015, 0.3656, 0.9),
            xticks=(),
            yticks=(),
        ),
    ],
    "live_training": [
        Ax(
            "Loss, each before its step",
            ("epoch", 0, 10),
            ("loss", 1e-3, 5),
            (0.08, 0.14, 0.47, 0.77),
            "linear log",
            ("each batch", "mean of the epoch"),
            yticks=("0.001", "0.01", "0.1", "1"),
        ),
        Ax(
            "What the network answers",
            ("$x_1$", -1.17, 1.12),
            ("$x_2$", -1.1, 1.07),
            (0.66, 0.14, 0.33, 0.77),
        ),
    ],
    "logits_explorer": [
        Ax(
            "It says: cat",
            ("", -0.43, 2.43),
            ("probability P", 0, 1.15),
            xticks=("cat", "dog\n(true)", "bird"),
        ),
        Ax(
            "Less wrong: dog up, the others down",
            ("", -0.43, 2.43),
            ("gradient dZ = P − Y", -1.3, 1.3),
            xticks=("cat", "dog\n(true)", "bird"),
        ),
    ],
    "mnist_panel": [
        Ax(
            "Training loss",
            ("epoch", 0, 5),
            ("", 0.01, 3),
            (0.05, 0.36, 0.42, 0.56),
            "linear log",
            xticks=tuple("012345"),
            yticks=("0.01", "0.03", "0.1", "0.3", "1", "3"),
        ),
        Ax(
            "Validation accuracy",
            ("epoch", 0, 5),
            ("", 1, 0.007),
            (0.55, 0.36, 0.42, 0.56),
            "linear log",
            xticks=tuple("012345"),
            yticks=("0%", "50%", "80%", "90%", "95%", "98%", "99%"),
        ),
        Ax("", (None, -0.5, 479.5), (None, 39.5, -0.5), (0.01, 0.0225, 0.98, 0.175)),
    ],
    "number_formats": [
        Ax(
            "The bits of 0.1, as each format stores it",
            (None, 0, 36.4),
            (None, 8.1, 0),
            (0.02, 0.36, 0.96, 0.57),
        ),
        Ax(
            "float16: the nearest number is 0.09997558594",
            ("", -1.05, 2.05),
            ("", -0.6, 1.1),
            (0.08, 0.07, 0.84, 0.15),
            xticks=("0.09991455078", "0.09997558594", "0.1000366211", "0.1000976562"),
            yticks=(),
        ),
    ],
    "numeric_stepper": [Ax("", (None, 0, 9.3), (None, 0, 4))],
    "optimizer_race": [
        Ax(
            "After step 40, momentum is lowest",
            (r"$\theta_1$", -5, 3),
            (r"$\theta_2$", -2.5, 2.5),
            (0.06, 0.13, 0.4521, 0.79),
        ),
        Ax(
            "",
            ("step", 0, 41.2),
            ("loss above the bottom", 28e-6, 2800),
            (0.5969, 0.13, 0.3931, 0.79),
            "linear log",
            ("SGD", "momentum", "RMS", "Adam"),
        ),
    ],
    "scaling_explorer": [
        Ax(
            "Two steps of 8 workers: all wait for worker 5, then worker 1",
            ("ms", 0, 8.196),
            ("", 7.5, -0.5),
            (0.1, 0.61, 0.885, 0.33),
            legend=("computes", "waits", "sends"),
            yticks=tuple(f"worker {k}" for k in range(8)),
        ),
        Ax(
            "A step takes 3.74 ms; least with 6 workers",
            ("workers", 0.9, 1126.4),
            ("ms", 0.008194, 308.35),
            (0.1, 0.19, 0.385, 0.28),
            "log log",
            ("a step", "computes", "waits", "sends", "least", "yours"),
            ("1", "4", "16", "64", "256", "1024"),
            ("0.01", "0.1", "1", "10", "100"),
        ),
        Ax(
            "2.1 times as fast; ideal would be 8",
            ("workers", 0.9, 1126.4),
            ("times as fast as one", 0.024906, 1500),
            (0.6, 0.19, 0.375, 0.28),
            "log log",
            ("ideal", "the model", "yours"),
            ("1", "4", "16", "64", "256", "1024"),
            ("0.1", "1", "10", "100", "1000"),
        ),
    ],
    "shape_calculator": [Ax("", (None, 0, 662.4), (None, 302.4, 0), (0, 0, 1, 1))],
    "step_size": [
        Ax(
            "x and its surroundings, magnified 3.16 times",
            ("(position − x) / h", -2.75, 2.75),
            ("(f − f(x)) / h", -3 * np.e, 3 * np.e),
            legend=("f", "true slope", "difference quotient"),
        ),
        Ax(
            "The V: forward differences in float64",
            ("step h", 1e-16, 1),
            ("error", 1e-17, 1e6),
            scales="log log",
            legend=("truncation", "rounding", "your h"),
            xticks=DECADES,
            yticks=(*DECADES, "1e4"),
        ),
    ],
    "time_machine": [
        Ax(
            "Loss",
            ("", -0.5, 3.5),
            ("", None, None),
            (0.06, 0.67, 0.4, 0.28),
            "linear log",
            ("training", "validation"),
        ),
        Ax(
            "Size of the update / size of the weights, per epoch",
            ("", -0.5, 3.5),
            ("", None, None),
            (0.56, 0.67, 0.42, 0.28),
            "linear log",
            ("layer 1", "layer 2"),
        ),
        Ax(
            "Weights of the first layer, and what has been added to them since epoch 0",
            (None, -0.5, 279.5),
            (None, 79.5, -0.5),
        ),
        Ax(
            "3 of these 10 are right at the lowest validation loss, after epoch 2, and wrong at the end",
            (None, -0.5, 399.5),
            (None, 39.5, -0.5),
        ),
    ],
    "xor_panel": [
        Ax("A: 3 ReLU", X1, X2),
        Ax("B: 3 tanh", X1, X2),
        Ax("Loss", ("epoch", 0, 10), ("loss", None, None), scales="linear log", legend=("A", "B")),
    ],
}
SIZE = {  # of the pictures, in inches
    "activation_explorer": (9.2, 3.8),
    "attention_explorer": (9.6, 4.3),
    "bug_lab": (9.2, 3.4),
    "depth_explorer": (11, 3.8),
    "descent_path": (11, 3.7),
    "digit_pad": (9.4, 2.4),
    "entry_tracer": (9.6, 3.4),
    "first_network": (9, 3.5),
    "graph_explorer": (7.5375, 1.8),
    "kernel_explorer": (9.6, 3.9),
    "live_training": (10, 4),
    "logits_explorer": (9.2, 3.2),
    "mnist_panel": (9, 4.2),
    "number_formats": (9.4, 4.3),
    "numeric_stepper": (9.2, 4),
    "optimizer_race": (11, 4.2),
    "scaling_explorer": (10.5, 6.4),
    "shape_calculator": (9.2, 4.2),
    "step_size": (10.5, 4),
    "time_machine": (10, 7),
    "xor_panel": (11, 3.6),
}


@pytest.fixture(scope="module", params=widgets.__all__)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def panel(name):
    return make(name)


def described(control):
    """Return a control as a row of `CONTROLS`."""
    if isinstance(control, ipywidgets.Button):
        return control.description, control.tooltip, control.icon, control.button_style
    if hasattr(control, "step"):
        return control.description, control.value, control.min, control.max, control.step
    if hasattr(control, "options"):
        return control.description, control.value, tuple(control.options)
    return control.description, control.value


def test_controls(name, panel):
    controls = [part for part in inside(panel) if hasattr(part, "disabled")]
    assert len(controls) == len(CONTROLS[name])
    for control, expected in zip(controls, CONTROLS[name], strict=True):
        found = described(control)
        assert found[:2] == pytest.approx(expected[:2]) if len(found) == 5 else found[:2] == expected[:2]
        assert expected[2:] in (found[2:], (None,))
        if hasattr(control, "continuous_update"):
            assert control.continuous_update == (control.description not in BEGIN_ANEW)


def test_text(name, panel):
    if isinstance(panel, TrainingPanel):
        assert panel.status.value == "Ready."
    elif name == "bug_lab":
        assert plain(panel.text.value) == LAB
    elif name != "digit_pad":  # its network is random here; see below
        assert re.sub(r"(\.\d{10})\d+", r"\1", plain(panel.text.value)) == TEXTS[name]


def test_picture(name, panel):
    if panel.picture is None:
        pytest.skip("it has formulas instead")
    width, height = SIZE[name]
    assert (panel.picture.width, panel.picture.height) == (round(80 * width), round(80 * height))
    assert panel.figure.get_size_inches() == pytest.approx((width, height))


def ticks(axis):
    return tuple(label.get_text() for label in axis.get_ticklabels())


def test_axes(name, panel):
    if name == "digit_pad" or panel.picture is None:
        pytest.skip("below, or none")
    axes = panel.figure.axes
    assert len(axes) == len(AXES[name])
    for ax, said in zip(axes, AXES[name], strict=True):
        assert said.title in (None, ax.get_title())
        assert ax.axison == (said.x[0] is not None)
        assert not ax.axison or (ax.get_xlabel(), ax.get_ylabel()) == (said.x[0], said.y[0])
        for limits, expected in ((ax.get_xlim(), said.x[1:]), (ax.get_ylim(), said.y[1:])):
            for found, limit in zip(limits, expected, strict=True):
                assert limit is None or found == pytest.approx(limit, rel=0.01)
        assert f"{ax.get_xscale()} {ax.get_yscale()}" == said.scales
        assert said.place is None or ax.get_position().bounds == pytest.approx(said.place, abs=1e-3)
        entries = ax.get_legend().get_texts() if ax.get_legend() else ()
        assert said.legend in (None, tuple(entry.get_text() for entry in entries))
        assert said.xticks is None or ticks(ax.xaxis) == said.xticks
        assert said.yticks is None or ticks(ax.yaxis) == said.yticks
    lefts = [ax.get_position().x0 for ax in axes]
    assert lefts == sorted(lefts) or name in ("mnist_panel", "time_machine")


# Which Axes of a panel has a legend, and where it stands in it
LEGENDS = {
    "bug_lab": {0: "upper left"},
    "depth_explorer": {0: "upper left"},
    "first_network": {0: "outside"},
    "live_training": {0: "lower left"},
    "optimizer_race": {1: "lower left"},
    "step_size": {0: "lower right", 1: "upper right"},
    "time_machine": {0: "lower left", 1: "upper right"},
}


@pytest.mark.parametrize(("name", "places"), LEGENDS.items())
def test_legends_are_out_of_the_way(name, places):
    panel = make(name)
    for number, place in places.items():
        ax = panel.figure.axes[number]
        box = ax.get_legend().get_window_extent().transformed(ax.transAxes.inverted())
        vertical = "upper" if box.y0 > 0.4 else "lower"
        horizontal = "right" if box.x0 > 0.4 else "left"
        assert place == ("outside" if box.x0 >= 1 else f"{vertical} {horizontal}")
        assert place == "outside" or 0 <= min(box.x0, box.y0) <= max(box.x1, box.y1) <= 1


@pytest.mark.parametrize("name", SIZE)
def test_no_word_is_cut_off(name):
    panel = make(name)
    for ax in panel.figure.axes:
        words = [text.get_window_extent() for text in (*ax.texts, ax.title) if text.get_text()]
        axes = [axis.get_tightbbox() for axis in (ax.xaxis, ax.yaxis) if ax.axison]
        for box in filter(None, words + axes):
            assert 0.5 <= min(box.x0, box.y0)
            assert box.x1 <= panel.picture.width and box.y1 <= panel.picture.height


# Colours


@pytest.mark.parametrize(
    ("colour", "expected"),
    [("black", 21), ("white", 1), ("#777777", 4.478), ([119, 119, 119, 1], 4.478)],
    ids=str,
)
def test_contrast_is_that_of_wcag(colour, expected):
    assert contrast(colour, "white") == contrast("white", colour) == pytest.approx(expected, abs=1e-3)


def test_words_in_colour_can_be_read():
    css = Path(parts.__file__).with_suffix(".css").read_text("utf-8").upper()
    for colour, ink in plots.INK.items():
        assert contrast("white", ink) >= 4.5  # on white paper
        assert np.dot(to_rgb(ink), to_rgb(colour)) > 0.99 * np.linalg.norm(to_rgb(ink)) * np.linalg.norm(
            to_rgb(colour)
        )  # the same hue
    for name, colour in (("RIGHT", plots.RIGHT), ("WRONG", plots.WRONG)):
        assert re.findall(rf"\.NNLIB-{name} {{\s+COLOR: (#\w+);", css) == [plots.INK[colour], colour]
        assert contrast(colour, "#111111") >= 4.5  # in the dark theme


# What is drawn


def curve(line):
    return np.transpose(line.get_data())


def colour(artist):
    return to_hex(artist.get_facecolor() if hasattr(artist, "get_facecolor") else artist.get_color()).upper()


def close(found, expected):
    return np.shape(found) == np.shape(expected) and np.allclose(found, expected)


def test_activation_explorer_its_tangent_and_its_slopes():
    panel = make("activation_explorer")
    function, slopes, batch = panel.figure.axes
    X = np.linspace(-6, 6, 481)
    assert close(curve(function.lines[0]), np.transpose([X, np.tanh(X)]))
    assert function.lines[1].get_slope() == pytest.approx(1 - np.tanh(1) ** 2)
    assert function.lines[1].get_xy1() == pytest.approx((1, np.tanh(1)))
    assert close(curve(function.lines[2]), [(1, np.tanh(1))])
    assert close(curve(slopes.lines[0]), np.transpose([X, 1 - np.tanh(X) ** 2]))
    assert close(curve(slopes.lines[1]), [(1, 1 - np.tanh(1) ** 2)])
    for ax in (slopes, batch):
        shaded = np.concatenate([path.vertices for path in ax.collections[0].get_paths()])
        inner = np.abs(shaded[:, 0]).min()
        assert np.abs(shaded[:, 0]).max() == 6 and inner == pytest.approx(np.arctanh(0.9**0.5), abs=0.03)
        assert set(shaded[:, 1]) == {0, 1} and ax.collections[0].get_transform() is not None
    counts, edges, _ = batch.patches[1].get_data()
    assert close(edges, np.linspace(-6, 6, 49)) and abs(counts @ (edges[1:] + edges[:-1]) / 20_000) < 0.05
    for name, limits in (("ReLU", (-0.5, 6)), ("leaky ReLU", (-0.5, 6)), ("sigmoid", (-1.3, 1.3))):
        panel.function.value = name
        assert panel.figure.axes[0].get_ylim() == limits
        assert panel.titles()[0] == f"{name}, and its tangent at x = 1.0"


@pytest.mark.parametrize(("patient", "key"), PATIENTS.items())
def test_bug_lab_shows_the_evidence(patient, key):
    lab, seen = make("bug_lab"), evidence(key)
    lab.patient.value = patient
    parts = {
        6: "dense, tanh, dense. Its loss: softmax cross-entropy.",
        9: "dense, tanh, dense, sigmoid. Its loss: mean squared error.",
        10: "dense, ReLU, dense, softmax. Its loss: softmax cross-entropy.",
    }
    ordinary = "dense, ReLU, dense. Its loss: softmax cross-entropy."
    text = plain(lab.text.value)
    assert text.startswith(f"The net: {parts.get(patient, ordinary)} going back relative error second pass")
    for g in seen.gradients:
        found, expected = (np.reshape(a, (-1, np.shape(a)[-1])) for a in (g.found, g.expected))
        row = np.abs(found - expected).max(axis=1).argmax() if g.error > 1e-7 else 0
        place = [f"{row + 1} of {len(found)}"] if np.ndim(g.found) == 2 else []
        numbers = [f"{x:z.3f}" for a in (found, expected) for x in a[row][:4]]
        errors = [f"{e:.3f}" if e > 1e-7 else f"{e:.0e}" for e in (g.error, g.error_again)]
        assert f" {g.name} of {g.layer} {' '.join(errors + place + numbers)}" in text
    losses, errors = lab.figure.axes
    for line, run in zip(losses.lines, (seen.run, seen.usual), strict=False):
        assert close(line.get_ydata(), run.losses) and list(line.get_xdata()) == list(
            range(1, len(run.losses) + 1)
        )
    assert [line.get_linestyle() for line in losses.lines[:2]] == ["-", "--"]
    assert (len(losses.lines) == 3) == (seen.run.stopped is not None)
    if seen.run.stopped:
        assert list(losses.lines[2].get_xdata()) == 2 * [seen.run.stopped]
        assert losses.get_legend().get_texts()[2].get_text() == f"not finite in epoch {seen.run.stopped}"
    accuracies = f"{seen.run.accuracy:.0%} of the test images right, {seen.usual.accuracy:.0%} without a bug"
    assert lab.titles()[0] == accuracies
    assert close([bar.get_width() for bar in errors.patches], [max(g.error, 2e-12) for g in seen.gradients])
    assert close(
        [bar.get_y() + bar.get_height() / 2 for bar in errors.patches], np.arange(len(errors.patches))
    )
    assert list(errors.lines[0].get_xdata()) == [1e-7, 1e-7]


def test_bug_lab_shows_the_loader():
    lab = make("bug_lab")
    batches = [[[(0, 0), (1, 5)], [(2, 2)]], [[(2, 2)], [(1, 0), (0, 5)]]]
    assert plain(_loader(lab.evidence._replace(batches=batches))).endswith(
        "epoch 1: 0 1→5 | 2 epoch 2: 2 | 1→0 0→5"
    )


def test_depth_explorer_spreads_and_predictions():
    panel = make("depth_explorer")
    layers = np.arange(1, 31)
    pairs = (panel.predicted, panel.spreads), (panel.predicted_gradients, panel.gradients)
    for ax, values, tone in zip(panel.figure.axes, pairs, (plots.DATA, plots.GRADIENT), strict=True):
        for line, value in zip(ax.lines, values, strict=True):
            assert close(curve(line), np.transpose([layers, value]))
        assert [line.get_marker() for line in ax.lines] == ["None", "o"]
        assert [to_hex(line.get_color()).upper() for line in ax.lines] == ["#000000", tone]
    panel.sigma.value, panel.function.value, panel.depth.value = 1, "ReLU", 50
    forward, back = panel.figure.axes
    assert forward.get_ylim() == pytest.approx((1e-2, 1e9)) and forward.lines[1].get_ydata().max() == 1e9
    assert panel.titles() == ["Forward: it explodes", "Back: it explodes"]


def test_descent_path_its_losses_and_its_line():
    panel = make("descent_path")
    surface, losses, line = panel.figure.axes
    assert close(curve(surface.lines[0]), panel.path) and close(curve(surface.lines[1]), panel.path[:1])
    x, y = np.arange(1.0, 7.0), np.array([6.1, 7.9, 10.4, 12.1, 13.7, 16.2])
    assert close(curve(surface.lines[2])[0], np.polyfit(x, y, 1))
    assert close(panel.path[0], (0, 0)) and surface.get_aspect() == 1
    assert close(losses.lines[0].get_ydata(), [np.mean((w * x + b - y) ** 2) for w, b in panel.path])
    w, b = np.polyfit(x, y, 1)
    assert losses.lines[1].get_ydata() == pytest.approx(2 * [np.mean((w * x + b - y) ** 2)])
    assert [text.get_text() for text in losses.texts] == ["the lowest there is"]
    assert close(curve(line.lines[0]), np.transpose([x, y]))
    w, b = panel.path[-1]
    assert close(curve(line.lines[1]), [(1, w + b), (6, 6 * w + b)])
    panel.lr.value, panel.inputs.value = 0.07, "standardised"
    x = (x - 3.5) / x.std()
    assert close(curve(panel.figure.axes[2].lines[0]), np.transpose([x, y]))
    panel.inputs.value = "as they are"  # it leaves the picture at step 3, and is drawn as far
    assert len(panel.figure.axes[0].lines[0].get_xdata()) == 4
    assert panel.figure.axes[1].get_ylim()[1] == pytest.approx(1e4 * panel.losses[0])
    assert panel.figure.axes[1].lines[0].get_ydata().max() <= 1e7 * panel.losses[0] * 1.01


def test_descent_path_lies_on_the_contour_lines_of_the_loss():
    panel = make("descent_path")
    x, y = np.arange(1.0, 7.0), np.array([6.1, 7.9, 10.4, 12.1, 13.7, 16.2])
    lowest = np.mean((np.polyval(np.polyfit(x, y, 1), x) - y) ** 2)
    contours = panel.figure.axes[0].collections[0]
    for level, path in zip(contours.levels, contours.get_paths(), strict=True):
        for w, b in path.vertices[path.codes == 2][::7]:
            assert np.mean((w * x + b - y) ** 2) - lowest == pytest.approx(
                level, rel=0.15, abs=0.25
            )  # they are drawn on a grid


def test_digit_pad_its_stages_and_its_probabilities():
    panel = make("digit_pad")
    *pictures, bars = panel.figure.axes
    for ax, image in zip(pictures, panel.images, strict=True):
        assert close(ax.images[0].get_array(), image) and ax.images[0].get_clim() == (0, 1)
        assert ax.get_xlabel() == " × ".join(map(str, image.shape)) and not len(ax.get_xticks())
        assert ax.get_ylim()[0] > ax.get_ylim()[1] and not len(ax.get_yticks())
        assert to_hex(ax.title.get_color()) == "#000000" and ax.images[0].get_cmap().name == "gray_r"
    centred = pictures[-1]
    assert close([centred.lines[0].get_ydata(), centred.lines[1].get_xdata()], np.full((2, 2), 14))
    assert bars.get_ylim() == (0, 1) and ticks(bars.xaxis) == tuple("0123456789")
    assert [bar.get_x() + 0.4 for bar in bars.patches] == pytest.approx(range(10))
    first, second = np.argsort(-panel.P)[:2]
    text = plain(panel.text.value)
    assert text.startswith(f"It says {first} ({panel.P[first]:.1%}), then {second} ({panel.P[second]:.1%}).")
    assert "Hardly any training image is like this: it is only 20 pixels long and its stroke is thick" in text
    assert text.endswith(
        "here 98 % in training off-centre 0.2 px 0.1 to 2.2 px longer side 20.0 px 28.0 to 28.0 px"
        " stroke width 2.2 px 0.6 to 0.8 px"
    )
    panel.cropped.value = False
    assert to_hex(panel.figure.axes[1].title.get_color()).upper() == plots.INK[plots.WRONG]
    panel.clear.click()
    assert plain(panel.text.value) == "The paper is empty: draw a digit on it, or choose a drawing."
    assert all(bar.get_height() == 0 for bar in panel.figure.axes[-1].patches)


@pytest.mark.parametrize(
    ("gradient", "tables"),
    [
        ("dW", ["X", "dZ", "products", "dW"]),
        ("db", ["dZ", "db"]),
        ("dX", ["dZ", "W", "products", "dX"]),
    ],
)
def test_entry_tracer_has_what_meets_side_by_side(gradient, tables):
    panel = make("entry_tracer")
    panel.gradient.value = gradient
    X = np.array([[1, 2, -1], [3, 1, 2], [-2, 1, 1], [1, -3, 2]])
    W, dZ = np.array([[2, 3], [-1, 1], [2, -3]]), np.array([[1, 2], [3, -1], [-1, 2], [2, 1]])
    products = (X[:, 1:2] * dZ[:, :1]) if gradient == "dW" else dZ[:1] * W[1:2]
    arrays = {"X": X, "W": W, "dZ": dZ, "products": products}
    arrays |= {"dW": X.T @ dZ, "db": dZ.sum(axis=0, keepdims=True), "dX": dZ @ W.T}
    (ax,) = panel.figure.axes
    texts = {(round(t.get_position()[0], 3), round(t.get_position()[1], 3)): t.get_text() for t in ax.texts}
    tallest, left = max(len(arrays[name]) for name in tables[:-1] if name != "products"), 0
    for name in tables:
        rows, columns = arrays[name].shape
        top = (tallest - rows) / 2
        assert texts[round(left + columns / 2, 3), round(top - 0.42, 3)] == name
        for (row, column), value in np.ndenumerate(arrays[name]):
            place = round(left + column + 0.5, 3), round(top + row + 0.5, 3)
            assert texts[place] == f"{value}".replace("-", "−")
        left += columns + 1.7
    assert texts[round(left - 1.7 - arrays[tables[-1]].shape[1] - 0.95, 3), tallest / 2] == "sum\n→"
    letters = {"dW": 4 * "n" + 3 * "i" + 4 * "n" + 2 * "j" + 4 * "n" + 3 * "i" + 2 * "j"}
    letters |= {
        "db": 4 * "n" + 2 * "j" + 2 * "j",
        "dX": 4 * "n" + 2 * "j" + 3 * "i" + 2 * "j" + 2 * "j" + 4 * "n" + 3 * "i",
    }
    assert "".join(text[0] for text in texts.values() if "=" in text) == letters[gradient]


def exhaust(panel, epochs):
    for _ in panel.run(epochs):
        pass
    panel.show(panel.describe())


def grid(ax, shape):
    """Return the points of a picture of the plane, row by row from below."""
    x, y = (np.linspace(*limits, shape) for limits in (ax.get_xlim(), ax.get_ylim()))
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def answers(ax, predict):
    """Return whether a picture of the plane shows what `predict` says everywhere, the right way up."""
    surface = ax.images[0].get_array()
    right = close(surface.ravel(), predict(grid(ax, len(surface))).ravel())
    return right and ax.images[0].get_clim() == (0, 1) and ax.images[0].origin == "lower"


def test_first_network_is_shown():
    panel = make("first_network")
    exhaust(panel, 100)
    plane, loss = panel.figure.axes
    assert answers(plane, panel.net.predict)
    assert close(curve(loss.lines[0]), np.transpose([range(1, 101), panel.losses])) and loss.get_xlim() == (
        0,
        100,
    )
    assert panel.status.value.startswith("Epoch 100, loss ")


def test_the_numbers_along_an_axis_stand_apart():
    plane, _ = make("first_network").figure.axes
    boxes = [label.get_window_extent() for label in plane.get_xticklabels()]
    assert len(boxes) > 3 and all(one.x1 < other.x0 for one, other in pairwise(boxes))


def test_a_loss_within_a_power_of_ten_is_read_in_plain_numbers():
    panel = make("first_network")
    panel.lr.value = 0.001
    exhaust(panel, 20)
    _, loss = panel.figure.axes
    labels = {text.get_text() for text in loss.get_yticklabels(minor=True)}
    assert labels and all(re.fullmatch(r"0\.\d+", label) for label in labels)


def test_a_curve_that_comes_down_to_a_level_does_not_cross_its_name():
    panel = make("descent_path")
    panel.lr.value, panel.n_steps.value = 0.0617, 200
    losses = panel.figure.axes[1]
    box = losses.texts[0].get_window_extent()
    heights = losses.transData.transform(curve(losses.lines[0]))[:, 1]
    assert losses.bbox.y0 < box.y0 and box.y1 < heights.min()


def test_the_height_of_guessing_is_read_over_the_band_of_single_samples():
    panel = make("live_training")
    panel.batch_size.value = 1
    exhaust(panel, 10)
    losses, plane = panel.figure.axes
    band, _, level = losses.lines
    assert level.get_zorder() > band.get_zorder() and list(level.get_ydata()) == 2 * [np.log(2)]
    (words,) = losses.texts
    box = words.get_window_extent()
    assert words.get_text() == "ln 2" and losses.bbox.x1 < box.x0 and box.x1 < plane.get_tightbbox().x0
    assert losses.transData.inverted().transform((0, (box.y0 + box.y1) / 2))[1] == pytest.approx(
        np.log(2), rel=0.02
    )


def test_live_training_is_shown():
    panel = make("live_training")
    exhaust(panel, 20)
    losses, plane = panel.figure.axes
    assert close(curve(losses.lines[0]), panel.batches) and close(curve(losses.lines[1]), panel.means)
    assert panel.batches[0][0] == 20 / 120 and panel.batches[-1][0] == 20
    assert losses.get_xlim() == (0, 20) and list(losses.lines[2].get_ydata()) == 2 * [np.log(2)]
    assert answers(plane, lambda P: sigmoid(panel.net.forward(P)))
    panel.batches = [(k, 1.0) for k in range(4001)]
    panel.show("")
    assert len(panel.figure.axes[0].lines[0].get_xdata()) == 1334  # every third: more are not told apart


def test_xor_shows_both_runs():
    panel = make("xor_panel")
    exhaust(panel, 50)
    *planes, losses = panel.figure.axes
    for ax, run, line, style in zip(planes, (panel.a, panel.b), losses.lines, ("-", "--"), strict=False):
        assert answers(ax, lambda P, run=run: sigmoid(run.net.forward(P)))
        assert close(line.get_ydata(), run.losses) and line.get_linestyle() == style
    assert len(panel.a.losses) == 50 and losses.get_xlim() == (0, 50)
    assert list(losses.lines[2].get_ydata()) == 2 * [np.log(2)] and losses.texts[0].get_text() == "ln 2"
    assert [layer.n_out for layer in panel.a.net.layers[::2]] == [3, 1]


def test_mnist_shows_curves_and_answers():
    panel = make("mnist_panel")
    exhaust(panel, 5)
    loss, right, digits = panel.figure.axes
    epochs, losses, rights = zip(*panel.curve, strict=True)
    assert close(curve(loss.lines[0]), np.transpose([epochs[1:], losses[1:]]))
    assert close(curve(right.lines[0]), np.transpose([epochs, np.maximum(1 - np.array(rights), 1e-4)]))
    found = panel.net.predict(IMAGES[:12].astype(np.float32)).argmax(axis=1)
    captions = [f"{a}" if a == y else f"{a}, not {y}" for a, y in zip(found, LABELS, strict=False)]
    assert [text.get_text() for text in digits.texts] == captions
    colours = [plots.INK[plots.RIGHT if a == y else plots.WRONG] for a, y in zip(found, LABELS, strict=False)]
    assert [to_hex(text.get_color()).upper() for text in digits.texts] == colours
    sheet = digits.images[0].get_array()
    assert sheet.shape == (40, 480) and close(sheet[12:40, 46:74].ravel(), IMAGES[1])
    exhaust(panel, 2)
    assert panel.figure.axes[0].get_xlim() == (0, 7)
    assert ticks(panel.figure.axes[0].xaxis) == ("0", "1", "3", "4", "6", "7")


def test_logits_explorer_carries_its_numbers():
    panel = make("logits_explorer")
    numbers = [[text.get_text() for text in ax.texts] for ax in panel.figure.axes]
    assert numbers == [["0.665", "0.245", "0.090"], ["+0.665", "−0.755", "+0.090"]]
    panel.true.value = "bird"
    assert ticks(panel.figure.axes[1].xaxis) == ("cat", "dog", "bird\n(true)")


def test_numeric_stepper_draws_the_net():
    panel = make("numeric_stepper")
    panel.step.value = 11
    (ax,) = panel.figure.axes
    nodes = {(0.6, 3.1), (0.6, 0.9), (4.2, 3.1), (4.2, 0.9), (6.9, 2), (8.6, 2)}
    assert {tuple(circle.center) for circle in ax.patches} == nodes
    assert all(circle.radius == 0.55 for circle in ax.patches) and ax.get_aspect() == 1
    assert {(tuple(a), tuple(b)) for a, b in map(curve, ax.lines)} == {
        *((x, unit) for x in ((0.6, 3.1), (0.6, 0.9)) for unit in ((4.2, 3.1), (4.2, 0.9))),
        *((unit, (6.9, 2)) for unit in ((4.2, 3.1), (4.2, 0.9))),
        ((6.9, 2), (8.6, 2)),
    }
    places = {text.get_text(): text.get_position() for text in ax.texts}
    n = panel.values
    assert places["x₁ = 2"] == (0.6, 3.1)
    assert places[f"dx₁ = {n['dx1']:.4g}".replace("-", "−")] == pytest.approx((0.6, 3.78))
    assert places[f"dc = {n['dc']:.4g}".replace("-", "−")] == pytest.approx((6.9, 1.05))
    assert places["L = 0.08953\n → 0.04332"] == (8.6, 2)
    assert len(places) == 18 + 16
    radius = 0.55 * (ax.transData.transform((1, 0)) - ax.transData.transform((0, 0)))[0]
    for text in ax.texts:
        box = text.get_bbox_patch().get_window_extent()
        if text.get_position() in nodes:
            assert box.width < 2 * radius, text.get_text()
    panel.lr.value = 0.001  # so small a step is seen too
    assert "v₁ = 2 → 2.0003" in [text.get_text() for text in panel.figure.axes[0].texts]
    panel.step.value = 1
    assert [text.get_text() for text in panel.figure.axes[0].texts if "=" not in text.get_text()] == [
        "a₁",
        "a₂",
        "ŷ",
        "L",
    ]


def test_optimizer_race_is_drawn_as_it_was_run():
    panel = make("optimizer_race")
    above, losses = panel.figure.axes
    star, *paths = above.lines
    assert close(curve(star), [(0, 0)]) and star.get_marker() == "*"
    for k, name in enumerate(("SGD", "momentum", "RMS", "Adam")):
        path, end = paths[2 * k : 2 * k + 2]
        assert close(curve(path), panel.paths[name][:41]) and close(curve(end), panel.paths[name][40:41])
        line, dot = losses.lines[2 * k : 2 * k + 2]
        assert close(line.get_ydata(), panel.losses[name][:41]) and close(
            curve(dot), [(40, panel.losses[name][40])]
        )
    panel.surface.value, panel.step.value = "saddle", 4
    above, losses = panel.figure.axes
    assert (*above.get_xlim(), *above.get_ylim()) == (-2.5, 2.5, -3, 3) and losses.get_xlim() == (0, 10.3)
    assert close(curve(above.lines[0]), [(0, 2)])
    assert close(losses.lines[0].get_ydata(), panel.losses["SGD"][:5] + 1)  # the bottom is at -1
    assert losses.get_ylim() == pytest.approx((5e-6, 500), rel=1e-3)


def test_step_size_the_glass_and_the_v():
    panel = make("step_size")
    h = 10**-0.5
    glass, v = panel.figure.axes
    t = np.linspace(-2.5, 2.5, 1001)
    assert close(curve(glass.lines[0]), np.transpose([t, (np.exp(1 + t * h) - np.e) / h]))
    assert close(curve(glass.lines[1]), np.transpose([t, np.e * t]))
    rise = (np.exp(1 + h) - np.e) / h
    assert close(curve(glass.lines[2]), [(0, 0), (1, rise)])
    error, truncation, rounding, mine, point = v.lines
    steps = 10 ** np.linspace(-16, 0, 161)
    assert close(truncation.get_ydata(), np.e * steps / 2)
    assert close(rounding.get_ydata(), 2.0**-52 * np.e / steps)
    assert list(mine.get_xdata()) == [h, h] and close(curve(point), [(h, rise - np.e)])
    assert close(error.get_ydata()[100:], ((np.exp(1 + steps) - np.e) / steps - np.e)[100:])
    panel.difference.value, panel.h.value = "central", 1e-6
    glass, v = panel.figure.axes
    assert glass.get_title() == "x and its surroundings, magnified 1e+06 times"
    assert close(curve(glass.lines[2])[:, 0], [-1, 1])
    assert close(v.lines[1].get_ydata(), np.e * steps**2 / 6)
    assert close(v.lines[2].get_ydata(), 2.0**-52 * np.e / (2 * steps))


def test_time_machine_shows_its_recording():
    panel = make("time_machine")
    panel.epoch.value = 2
    r = panel.recording
    losses, ratios, weights, digits = panel.figure.axes
    assert close(losses.lines[0].get_ydata(), [2.3, 1.0, 0.5, 0.123])
    assert close(losses.lines[1].get_ydata(), [2.4, 1.2, 0.9, 1.5])
    assert [line.get_linestyle() for line in losses.lines[:2]] == ["-", "--"]
    assert close(curve(ratios.lines[0]), [(1, 0.1), (2, 0.03), (3, 0.005)])
    assert close(curve(ratios.lines[1]), [(1, 0.2), (2, 0.04), (3, 0.006)])
    names = [f"unit {k}{what}" for what in ("", ": added") for k in range(1, 8)]
    assert [text.get_text() for text in weights.texts] == names
    low, high = weights.images[0].get_clim()
    assert -low == high == pytest.approx(np.quantile(np.abs(r["weights"]), 0.998))
    sheet = digits.images[0].get_array()
    assert close(sheet[12:40, 6:34].ravel(), IMAGES[panel.shown[0]]) and digits.images[0].get_clim() == (0, 1)
    assert panel.picture.alt.startswith("After epoch 2: training loss 0.500, validation loss 0.900, ")
    came = (panel.wrong[2] & ~panel.wrong[1]).sum()
    went = (panel.wrong[1] & ~panel.wrong[2]).sum()
    wrong = (r["answers"][2] != LABELS).sum()
    assert plain(panel.text.value) == (
        f"After epoch 2: training loss 0.500 validation loss 0.900 misread: {wrong} of 50;"
        f" since epoch 1 {came} came and {went} went"
        " Size of the update over size of the weights, layer by layer: 0.03, 0.04"
    )


def test_the_mnist_panel_tells_a_part_of_an_epoch_in_tenths():
    panel = make("mnist_panel")
    panel.seen = 17  # of 50
    assert panel.describe().startswith("Epoch 0.3 · ")
