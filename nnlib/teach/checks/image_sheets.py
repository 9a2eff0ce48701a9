"""The exercises of chapter 12 that are answered with a sheet: shapes, patients, counts."""

import functools
import itertools
import math
import operator

import numpy as np

from nnlib.teach.checks.bug_lab import unlike
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
        (
            lambda n: n - kernel + 2,
            f"one too many: the last place to begin is {{n}} - {kernel}, the first 0.",
        ),
        (lambda n: n - kernel - 1, "two are missing: is the 1 taken away instead of added?"),
        (lambda n: n - other, "one is missing, and it is the other side of the kernel."),
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
    return unlike(filled[patient], PATIENTS[patient], CHOICES, lambda named: against(named, patient))


# --- counting ---

# Side of what comes in, channels in and out of the two convolutions, 5 × 5; then the dense layer.
CONVOLUTIONS = {"conv 1": (28, 1, 6), "conv 2": (12, 6, 12)}
DENSE = (4 * 4 * 12, 10)
LAYERS = (*CONVOLUTIONS, "dense")
INSTEAD = "parameters of dense for conv 1"


def _counts(what, layer):
    """Return the parameters or products of a layer, and pairs of what a slip makes of them and its words."""
    if layer == "dense":
        return _of_dense(bias=what == "parameters")
    return (_products if what == "products" else _parameters)(*CONVOLUTIONS[layer])


def _combined(factors, terms, join):
    """Return pairs of a count and its words, for each factor with each term; those of one slip first."""
    pairs = itertools.product(factors, terms)
    ranked = sorted(pairs, key=lambda pair: sum(bool(words) for _, words in pair))
    return [(join(n, m), f"{why} {more}".strip()) for (n, why), (m, more) in ranked]


def _parameters(side, n_in, n_out):
    area, places = 25, (side - 4) ** 2
    right, same = area * n_in * n_out, "A kernel is the same at every place: its weights are counted once."
    weights = [
        (right, ""),
        (area * n_out, f"A kernel has weights for each channel in; there are {n_in}."),
        (area * n_in, f"That is one kernel; there are {n_out}, one for each channel out."),
        (area, f"That is one kernel of one channel; there are {n_in} in and {n_out} out."),
        (5 * n_in * n_out, "The kernel is 5 × 5: it has 25 places, not 5."),
        (10 * n_in * n_out, "5 × 5 places are 25, not 10."),
        (places * right, same),
        (side**2 * right, same),
        (places * n_out, "So many numbers come out. Parameters are what is learned: kernels and biases."),
    ]
    biases = [
        (n_out, ""),
        (0, "The biases are missing: one for each channel out."),
        (1, "There is a bias for each channel out, not one for all."),
        (n_in, "A bias belongs to a channel out; you have one for each channel in."),
        (n_in * n_out, "A bias belongs to a channel out, however many channels come in."),
        (area, "A bias belongs to a channel out, not to a place of the kernel."),
        (area * n_out, "A bias belongs to a channel out, not to each place of a kernel."),
        (places * n_out, "The bias is the same at every place: one for each channel out."),
    ]
    return right + n_out, [
        (places * n_out, weights[-1][1]),
        (places * (right + n_out), same),
        *_combined(weights, biases, operator.add),
    ]


def _products(side, n_in, n_out):
    out, area = side - 4, 25
    fits = f"The kernel fits at {out} · {out} places"
    places = [
        (out**2, ""),
        (side**2, f"{fits}; you count {side} · {side}, those of what comes in."),
        ((side - 5) ** 2, f"{fits}: {side} - 5 leaves one out."),
        ((out // 2) ** 2, f"{fits}; you count those that the pooling leaves."),
        (out, f"{fits}; you count one row of them."),
        (1, f"{fits}; you count one of them."),
    ]
    if side == 12:
        comes = f"12 × 12 come in, after a convolution and a pooling. {fits}."
        places += [(n**2, comes) for n in (28, 24, 20, 14, 10)]
    right = area * n_in * n_out
    at_each = [
        (right, ""),
        (right + n_out, "A bias is added, not multiplied."),
        (area * n_out, f"A number out is a sum over all channels in: {n_in} times 25 products."),
        (
            area * n_out + n_out,
            f"A number out is a sum over all channels in, {n_in} times 25 products; a bias is added.",
        ),
        (area * n_in, f"That is for one channel out; there are {n_out}."),
        (area, f"That is for one kernel of one channel; there are {n_in} in and {n_out} out."),
        (5 * n_in * n_out, "The kernel is 5 × 5: it has 25 places, not 5."),
        (2 * right, "Only the multiplications are asked for, not the additions."),
        (n_out, "A number that comes out is a sum of products: how many?"),
        (side**2 * n_in * n_out, "A number out sees a patch of 5 × 5, not the whole image."),
    ]
    return out**2 * right, _combined(places, at_each, operator.mul)


def _of_dense(bias):
    n_in, n_out = DENSE
    left = "All that is left of an image comes in, 4 · 4 places of 12 channels"
    inputs = [
        (n_in, ""),
        (64 * 12, f"{left}: the second pooling is forgotten."),
        (49 * 12, f"{left}: follow its side, 28, 24, 12, 8, and then 4."),
        (25 * 12, f"{left}: follow its side, 28, 24, 12, 8, and then 4."),
        (144 * 12, f"{left}: the second convolution and its pooling are forgotten."),
        (16, f"{left}: the channels are forgotten."),
        (12, f"{left}: the places are forgotten."),
        (16 * 6, f"{left}, not of 6."),
        (784, f"{left}; the image itself does not."),
    ]
    biases = [
        (n_out, ""),
        (0, "The biases are missing: one for each output."),
        (1, "There is a bias for each output, not one for all."),
        (n_in, "A bias belongs to an output; you have one for each input."),
    ]
    if not bias:
        biases = [(0, ""), (n_out, "A bias is added, not multiplied.")]
    return (n_in + bias) * n_out, _combined(inputs, biases, lambda n, m: n * n_out + m)


def _instead():
    """Return the parameters of a dense layer in place of the first convolution, and the slips."""
    made = "The convolution makes 24 · 24 · 6 numbers of an image"
    numbers = [
        (24 * 24 * 6, ""),
        (24 * 24, f"{made}, 6 at each place."),
        (6, f"{made}, not 6."),
        (28 * 28 * 6, f"{made}: its kernel does not fit everywhere."),
        (28 * 28, f"{made}: its kernel does not fit everywhere, and there are 6 channels."),
        (23 * 23 * 6, f"{made}: 28 - 5 leaves one place out on each side."),
        (12 * 12 * 6, f"{made}; the pooling comes after it."),
        (10, f"{made}, not ten."),
    ]
    each = [
        (lambda n: 785 * n, ""),
        (lambda n: 784 * n, "The biases are missing: one for each number out."),
        (lambda n: 784 * n + 1, "There is a bias for each number out, not one for all."),
        (lambda n: 784 * n + 6, "A dense layer has a bias for each number out, not for each channel."),
        (lambda n: 784 * n + 784, "A bias belongs to a number out, not to one that comes in."),
        (lambda n: 26 * n, "A dense layer sees all 784 pixels, not 25."),
        (lambda n: 25 * n, "A dense layer sees all 784 pixels, not 25; and each number out has a bias."),
        (lambda n: 29 * n, "28 · 28 pixels come in, not 28."),
        (lambda n: 28 * n, "28 · 28 pixels come in, not 28; and each number out has a bias."),
    ]
    return 785 * 24 * 24 * 6, [
        (25 * 6 + 6, "Those are the convolution's own. In a dense layer a number out has 784 weights."),
        (24 * 24 * 6, "So many numbers come out. Each has a weight for each pixel, and a bias."),
        *_combined(numbers, each, lambda n, count: count(n)),
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
