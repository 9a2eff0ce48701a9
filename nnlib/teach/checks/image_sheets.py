"""The exercises of chapter 12 that are answered with a sheet: shapes, patients, counts."""

import functools
import math

import numpy as np

from nnlib.teach.checks.engine import number, sheet, shown
from nnlib.teach.image_bugs import CHOICES, PATIENTS, against

__all__ = ["convolution_bugs", "convolution_counts", "image_shapes"]

# --- sizes ---

N, HEIGHT, WIDTH = 16, 30, 23  # of exercise 12.1; what is computed from them differs, too


@functools.cache
def right_shapes():
    """Return the shapes of exercise 12.1."""
    Y1 = (N, HEIGHT - 5 + 1, WIDTH - 3 + 1, 6)
    Y2 = (N, Y1[1] // 2, Y1[2] // 2, 6)
    Y3 = (N, *((n + 2 * 1 - 3) // 2 + 1 for n in Y2[1:3]), 9)
    return {
        "Y1": Y1,
        "W1": (5, 3, 3, 6),
        "b1": (6,),
        "dX1": (N, HEIGHT, WIDTH, 3),
        "Y2": Y2,
        "Y3": Y3,
        "W3": (3, 3, 6, 9),
        "rows": (N, math.prod(Y3[1:])),
    }


@sheet(
    names=list(right_shapes()),
    hint="begin with Y1, with its height. In how many rows can the first row of a kernel lie that is 5 high?",
    praise="Right, all eight.",
)
def image_shapes(name, filled):
    """Check the dict of eight shapes of three layers. See notebooks/12_convolution.ipynb."""
    found, shape = filled[name], right_shapes()[name]
    if type(found) is list:
        found = tuple(found)
    if not _is_shape(found):
        if isinstance(found, (int, np.integer)) and not isinstance(found, bool):
            return (
                f"{shown(found)} is a number; a shape is a tuple, even with one entry: `(7,)`, with a comma."
            )
        return f"{shown(found)} is no shape; expected a tuple of whole numbers, such as `(5, 7)`."
    found = tuple(map(int, found))
    return None if found == shape else _wrong_shape(name, found, shape, filled)


def _is_shape(found):
    return isinstance(found, tuple) and all(type(n) is int or isinstance(n, np.integer) for n in found)


def _wrong_shape(name, found, shape, filled):
    """Return what was probably mixed up where `found` is not `shape`."""
    said = f"{shown(found)}: "
    if name in ("W1", "W3", "b1") and N in found:
        return f"{said}there are {N} images, and one kernel for all of them. Parameters know nothing of N."
    if name == "b1" and sorted(found) == [1, 6]:
        return f"{said}that has two axes; a bias is a plain list of numbers, neither a row nor a column."
    if name == "b1":
        return f"{said}a bias is added to each channel out, everywhere the same. How many channels are there?"
    if name == "rows":
        return said + _wrong_rows(found, filled)
    if len(found) != 4:
        axes = "height and width of the kernel, channels in, channels out"
        if name[0] != "W":
            axes = "images, height, width, channels"
        return f"{said}expected four numbers: {axes}."
    if name[0] == "W":
        return said + _wrong_kernel(found, shape)
    if name == "dX1":
        if found in (right_shapes()["Y1"], filled.get("Y1")):
            return f"{said}that is the shape of Y1. dX1 has a number for each number of X: X went in."
        return f"{said}dX1 has a number for each number of X, the images themselves."
    return said + _wrong_output(name, found, shape, filled)


def _wrong_rows(found, filled):
    whole = filled.get("Y3")
    whole = tuple(whole) if type(whole) in (tuple, list) else ()
    follows = len(whole) == 4 and whole != right_shapes()["Y3"] and _is_shape(whole)
    if follows and found == (whole[0], math.prod(whole[1:])):
        return "it follows from your Y3: mend that first."
    _, *sides = right_shapes()["Y3"]
    if len(found) != 2:
        return "expected two numbers: a row for each image, and in it all numbers that Y3 has of it."
    if found[0] != N:
        return f"there are {N} images, and each has a row of its own."
    if found[1] == sides[0] * sides[1]:
        return "you count the places of one channel. Y3 has several, and all of them go into the row."
    return "in its row an image has all that Y3 has of it: height times width times channels."


def _wrong_kernel(found, shape):
    k_h, k_w, n_in, n_out = shape
    if found == (k_h, k_w, n_out, n_in):
        return "channels in come before channels out."
    if found == (k_w, k_h, n_in, n_out):
        return "height comes before width."
    if found in ((n_out, n_in, k_h, k_w), (n_out, k_h, k_w, n_in)):
        return "that is the order of another library. Here it is height, width, channels in, channels out."
    if found[:2] != (k_h, k_w):
        return f"the kernel is {k_h} high and {k_w} wide, and these two numbers come first."
    if found[3] == n_out:
        return f"a kernel goes through the whole depth of what comes in, which is not {found[2]}."
    return "the last two numbers are channels in and channels out of this layer."


def _wrong_output(name, found, shape, filled):
    """Return what is wrong with an output, given those before it."""
    n, height, width, depth = found
    if n != N:
        return f"the first number is that of the images, {N}, and no layer changes it."
    if found == (shape[0], shape[2], shape[1], shape[3]):
        return "height comes before width."
    if found == (shape[0], shape[3], shape[1], shape[2]):
        return "that is the order of another library. Here the channels come last."
    before = {"Y1": None, "Y2": "Y1", "Y3": "Y2"}[name]
    given = (N, HEIGHT, WIDTH, 3) if before is None else right_shapes()[before]
    yours = filled.get(before) if before else None
    yours = tuple(yours) if type(yours) in (tuple, list) else given
    if _is_shape(yours) and len(yours) == 4 and yours != given and found == _output(name, yours):
        return f"it follows from your {before}: mend that first."
    if depth != shape[3]:
        if name == "Y2":
            return f"pooling takes each channel by itself, so their number stays; yours becomes {depth}."
        if depth == given[3]:
            return f"the depth of the output is the number of channels out; {depth} channels come in."
        if depth == given[3] * shape[3]:
            return "each channel out is one sum over all channels in, not a channel for each of them."
        return f"the last number is that of the channels out of this layer; yours is {depth}."
    wrong = [k for k in (1, 2) if found[k] != shape[k]]
    return " ".join(_wrong_side(name, k, found[k], given[k]) for k in wrong)


def _output(name, given):
    """Return what comes out of a layer where this comes in."""
    _, height, width, depth = given
    if name == "Y2":
        return given[0], height // 2, width // 2, depth
    return given[0], (height + 2 - 3) // 2 + 1, (width + 2 - 3) // 2 + 1, 9


def _wrong_side(name, k, found, n):
    """Return what is wrong with a height or a width that comes from n, by the slips that are known."""
    side = {1: "height", 2: "width"}[k]
    slips = {"Y1": _slips_of_kernel((5, 3)[k - 1], (3, 5)[k - 1]), "Y2": POOLING, "Y3": STRIDE}[name]
    for slip, why in slips:
        if slip(n) == found:
            return f"The {side}, {found}: {why.format(n=n, side=side)}"
    return f"The {side}, {found}: count the places. The first begins at 0; where does the last one?"


def _slips_of_kernel(kernel, other):
    """Return what one may take for n - kernel + 1, and the words for it."""
    return [
        (lambda n: n, f"it is as large as before, but a kernel of {kernel} does not fit everywhere."),
        (
            lambda n: n - other + 1,
            f"you take the other side of the kernel: {kernel} belongs to the {{side}}.",
        ),
        (
            lambda n: n - kernel,
            f"one is missing. A kernel of {kernel} can begin at 0, 1, … up to {{n}} - {kernel}, and the first"
            " counts, too.",
        ),
        (lambda n: n - other, "one is missing, and it is the other side of the kernel."),
        (
            lambda n: n - kernel + 2,
            f"one too many: the last place to begin is {{n}} - {kernel}, the first 0.",
        ),
        (lambda n: n - kernel - 1, "two are missing: is the 1 taken away instead of added?"),
        (lambda n: n + kernel - 1, "it grows. Without padding no patch hangs over the edge."),
        (lambda n: n // kernel, "so it would be with patches side by side. Here each begins one further."),
        (lambda n: n // 2, "a convolution does not halve it; the pooling after it does."),
    ]


POOLING = [
    (lambda n: n, "it is as large as before. One number remains of each square of 2 × 2."),
    (
        lambda n: -(-n // 2),
        "you round up. What is left over of {n} after whole pairs is not read.",
    ),
    (lambda n: n - 1, "so it would be with squares that overlap. Those of a pooling lie side by side."),
    (lambda n: n - 2, "you take 2 away. A pooling of 2 leaves one of each pair."),
    (lambda n: n // 4, "you divide by 4: of four numbers one remains, but of each side a half."),
    (lambda n: n // 2 - 1, "one is missing: {n} hold that many pairs and one more."),
]
STRIDE = [
    (lambda n: n, "it is as large as before: so it would be with stride 1."),
    (
        lambda n: n + 2 - 3,
        "the stride is forgotten: it takes every second place; and the first place counts.",
    ),
    (lambda n: n - 3 + 1, "stride and padding are forgotten."),
    (
        lambda n: (n + 2 - 3) // 2,  # as without the padding
        "one is missing. With zeros on either side there are {n} + 2; the kernel begins at 0, 2, 4, … up to"
        " {n} + 2 - 3, and the first counts, too.",
    ),
    (lambda n: (n + 1 - 3) // 2 + 1, "the padding is on both sides: it adds 2."),
    (
        lambda n: -(-(n + 2 - 3) // 2) + 1,
        "you round up. In steps of 2 from 0, the kernel must not begin beyond {n} + 2 - 3.",
    ),
    (lambda n: (n + 4 - 3) // 2 + 1, "the padding adds 1 on either side, 2 in all."),
    (lambda n: (n + 2 - 3 + 1) // 2 + 1, "one too many: the 1 is added once, after the division."),
    (lambda n: n // 2 + 1, "count the places of the kernel: it begins at 0, 2, 4, … up to {n} + 2 - 3."),
]


# --- three patients ---


@sheet(
    names=list(PATIENTS),
    hint="begin with patient 1. Which column is wrong, and in which of its lines? Which of the names spoils"
    " that column and no other?",
    praise="Right, all three.",
    what="patients",
    line="patient {}",
)
def convolution_bugs(patient, filled):
    """Check the dict from patients, 1 to 3, to the keys of their bugs. See notebooks/12_convolution.ipynb."""
    named = filled[patient]
    if not isinstance(named, str) or named not in CHOICES:
        return f"{shown(named)} is none of the names: {', '.join(CHOICES)}."
    if named == PATIENTS[patient]:
        return None
    return f"not {named}. {against(named, patient)}"


# --- counting ---

# Side of what comes in, channels in and out of the two convolutions, 5 × 5; then the dense layer.
CONVOLUTIONS = {"conv 1": (28, 1, 6), "conv 2": (12, 6, 12)}
DENSE = (4 * 4 * 12, 10)
LAYERS = (*CONVOLUTIONS, "dense")
INSTEAD = "parameters of dense for conv 1"


def _counts(what, layer):
    """Return the parameters or products of a layer, and what each slip makes of them, with its words."""
    if layer == "dense":
        n_in, n_out = DENSE
        if what == "products":
            return n_in * n_out, [((n_in + 1) * n_out, "a bias is added, not multiplied."), *_dense_slips(0)]
        return (n_in + 1) * n_out, [
            (n_in * n_out, "the biases are missing: one for each output."),
            (n_in * n_out + 1, "there is a bias for each output, not one for all."),
            (n_in * (n_out + 1), "a bias belongs to an output; you have one for each input."),
            *_dense_slips(1),
            *_dense_slips(0),
        ]
    return (_products if what == "products" else _parameters)(*CONVOLUTIONS[layer])


def _dense_slips(bias):
    """Return what another number of inputs makes of the dense layer."""
    inputs = {
        64 * 12: "the second pooling is forgotten: of 8 × 8 places 4 × 4 are left.",
        49 * 12: "follow the side of the image: 28, 24, 12, 8, and then 4.",
        16: "there are 4 · 4 places, and 12 channels at each.",
        12: "all that is left of an image comes in: 4 · 4 places of 12 channels.",
        784: "the image itself does not reach this layer: what is left of it does, 4 · 4 · 12 numbers.",
        144 * 12: "the second convolution and its pooling make 4 × 4 places of 12 × 12.",
    }
    return [((n + bias) * DENSE[1], why) for n, why in inputs.items()]


def _parameters(side, n_in, n_out):
    area, places = 25, (side - 4) ** 2
    weights = area * n_in * n_out
    return weights + n_out, [
        (weights, "the biases are missing: one for each channel out."),
        (weights + 1, "there is a bias for each channel out, not one for all."),
        (weights + n_in, "a bias belongs to a channel out; you have one for each channel in."),
        (weights + n_in * n_out, "a bias belongs to a channel out, however many channels come in."),
        (weights + area, "a bias belongs to a channel out, not to a place of the kernel."),
        (weights + area * n_out, "a bias belongs to a channel out, not to each place of a kernel."),
        (weights + places * n_out, "the bias is the same at every place: one for each channel out."),
        (area * n_out + n_out, f"a kernel has weights of its own for each of the {n_in} channels in."),
        (
            area * n_out,
            f"a kernel has weights for each of the {n_in} channels in, and the biases are missing.",
        ),
        (area * n_in + n_out, f"there are {n_out} kernels, one for each channel out."),
        (area * n_in + 1, f"that is one kernel and its bias; there are {n_out}, one for each channel out."),
        (area * n_in, f"that is one kernel; there are {n_out}, one for each channel out, and biases."),
        (area + 1, f"that is one kernel of one channel; {n_in} channels come in, {n_out} go out."),
        (area + n_out, f"there are {n_out} kernels, one for each channel out."),
        (5 * n_in * n_out + n_out, "the kernel is 5 × 5: it has 25 places, not 5."),
        (places * (weights + n_out), "a kernel is the same at every place: its weights are counted once."),
        (places * weights, "a kernel is the same at every place: its weights are counted once."),
        (places * n_out, "so many numbers come out. Parameters are what is learned: kernels and biases."),
    ]


def _products(side, n_in, n_out):
    out, area = side - 4, 25
    places, weights, before = out * out, area * n_in * n_out, {12: 24}.get(side, side)
    fits = f"The kernel fits at {out} · {out}."
    return places * weights, [
        (places * (weights + n_out), "a bias is added, not multiplied."),
        (side**2 * weights, f"you count {side} · {side} places, those of what comes in. {fits}"),
        (side**2 * (weights + n_out), f"you count {side} · {side} places, and the biases. {fits}"),
        ((side - 5) ** 2 * weights, f"{side} - 5 leaves one place out on each side. {fits}"),
        (before**2 * weights, f"the pooling before it is forgotten: what comes in is {side} × {side}."),
        (
            (before - 4) ** 2 * weights,
            f"the pooling before it is forgotten: what comes in is {side} × {side}.",
        ),
        ((out // 2) ** 2 * weights, f"you count the places that the pooling leaves. {fits}"),
        (weights, f"that is for one place. {fits}"),
        (weights + n_out, f"those are the parameters. A bias is not multiplied. {fits}"),
        (out * weights, f"that is for one row of places. {fits}"),
        (places * n_out, "so many numbers come out. Each of them is a sum of products: how many?"),
        (
            places * area * n_out,
            f"a number out is a sum over all {n_in} channels in: {area * n_in} products.",
        ),
        (places * area * n_in, f"that is for one channel out. There are {n_out}."),
        (places * area, f"that is for one kernel of one channel; {n_in} come in, {n_out} go out."),
        (places * 5 * n_in * n_out, "the kernel is 5 × 5: it has 25 places, not 5."),
        (side**2 * area, f"{n_in} channels come in, {n_out} go out. {fits}"),
        (side**2 * area * n_out, f"a number out is a sum over all {n_in} channels in. {fits}"),
        (2 * places * weights, "only the multiplications are asked for, not the additions."),
        (
            side**2 * n_in * n_out * places,
            "that is a dense layer. A number out sees a patch of 5 × 5, not all.",
        ),
    ]


def _instead():
    """Return the parameters of a dense layer in place of the first convolution, and the slips."""
    pixels, numbers = 28 * 28, 24 * 24 * 6
    made = "the convolution makes 24 · 24 · 6 numbers of an image"
    return (pixels + 1) * numbers, [
        (pixels * numbers, "the biases are missing: one for each number out."),
        (pixels * numbers + 6, f"a dense layer has a bias for each number out, and {made}."),
        (pixels * numbers + 1, f"a dense layer has a bias for each number out, and {made}."),
        (pixels * (numbers + 1), "a bias belongs to a number out, not to one that comes in."),
        *(((pixels + bias) * 24 * 24, f"{made}, 6 at each place.") for bias in (0, 1)),
        *(((pixels + bias) * 6, f"{made}, not 6.") for bias in (0, 1)),
        *(((pixels + bias) * 784 * 6, f"{made}: its kernel does not fit everywhere.") for bias in (0, 1)),
        *(((pixels + bias) * 144 * 6, f"{made}; the pooling comes after it.") for bias in (0, 1)),
        *(((pixels + bias) * 10, f"{made}, not ten.") for bias in (0, 1)),
        *(((25 + bias) * numbers, "a dense layer sees all 784 pixels, not 25 of them.") for bias in (0, 1)),
        (25 * 6 + 6, "those are the convolution's own. In a dense layer a number out has 784 weights."),
        (numbers, "so many numbers come out. Each has a weight for each pixel, and a bias."),
    ]


@sheet(
    names=[*(f"{what} of {layer}" for what in ("parameters", "products") for layer in LAYERS), INSTEAD],
    hint="begin with conv 1. How many weights has one of its six kernels? And a bias?",
    praise="Right, all seven.",
    read=number,
)
def convolution_counts(name, filled):
    """Check the dict of seven counts of a small net. See notebooks/12_convolution.ipynb."""
    what, _, layer = name.partition(" of ")
    right, slips = _instead() if name == INSTEAD else _counts(what, layer)
    found = filled[name]
    if found == right:
        return None
    return f"{found:.12g}: {_slip(what, layer, found, slips)}"


def _slip(what, layer, found, slips):
    """Return what is wrong with a count."""
    if not float(found).is_integer() or found <= 0:
        return "a count is a whole number above zero."
    for slip, why in slips:
        if found == slip:
            return why
    for other in LAYERS:
        for kind in ("parameters", "products"):
            if found == _counts(kind, other)[0]:
                return f"those are the {kind} of {other}."
    if layer not in LAYERS:
        return "784 pixels come in, 24 · 24 · 6 numbers go out; each of these has a weight for each pixel."
    if what == "parameters":
        return "how many weights make one number out, and how many different kernels are there?"
    return "how many numbers come out, and how many products is each of them a sum of?"
