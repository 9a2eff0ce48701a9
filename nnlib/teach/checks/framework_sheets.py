"""The exercises of chapter 14 that are answered with a sheet: six pairs, and a large model counted."""

from nnlib.teach.checks.bug_lab import unlike
from nnlib.teach.checks.engine import number, sheet
from nnlib.teach.defaults import CHOICES, PAIRS, against

__all__ = ["keras_counts", "six_pairs"]

# --- six pairs ---


@sheet(
    names=list(PAIRS),
    hint="begin with a pair for which only one row says that something differs. Which of the names can touch"
    " that row and no other?",
    praise="Right, all six.",
    what="pairs",
    line="pair {}",
)
def six_pairs(pair, filled):
    """Check the dict from pairs, 1 to 6, to the keys of their defaults.

    See notebooks/14_frameworks.ipynb.
    """
    return unlike(filled[pair], PAIRS[pair], CHOICES, lambda named: against(named, pair))


# --- a large model, counted ---

N_IN, WIDTH, DEPTH, N_OUT = 34, 4096, 5, 7
FIRST, SECOND = "parameters, first hidden layer", "parameters, second hidden layer"
DROPOUT, LAST = "parameters, a dropout", "parameters, output layer"
ALL, BYTES, ADAM = "parameters in all", "bytes", "bytes, with Adam's"
PRODUCTS, HALF = "multiplications", "parameters in all, of 2048"


def _layer(n_in, n_out, biases=1):
    return (n_in + biases) * n_out


def _all(width=WIDTH, depth=DEPTH, biases=1):
    between = (depth - 1) * _layer(width, width, biases)
    return _layer(N_IN, width, biases) + between + _layer(width, N_OUT, biases)


RIGHT = {
    FIRST: _layer(N_IN, WIDTH),
    SECOND: _layer(WIDTH, WIDTH),
    DROPOUT: 0,
    LAST: _layer(WIDTH, N_OUT),
    ALL: _all(),
    BYTES: 4 * _all(),
    ADAM: 12 * _all(),
    PRODUCTS: _all(biases=0),
    HALF: _all(WIDTH // 2),
}
NO_BIASES = "the biases are missing: one for each unit."
OF_INPUTS = "a bias belongs to a unit; you have one for each input."
ONE_BIAS = "there is a bias for each unit, not one for all."


def _of_layer(n_in, n_out):
    """Return what a slip makes of the parameters of a layer, and its words."""
    return [
        (n_in * n_out, NO_BIASES),
        (n_in * n_out + n_in, OF_INPUTS),
        (n_in * n_out + 1, ONE_BIAS),
        ((n_in + 1) * (n_out + 1), "the bias counts as one input more, not as one unit more."),
        (n_in * n_out + n_in + n_out, "inputs have no biases, units have."),
        (n_in + n_out, "each unit has a weight for each input: multiply."),
        (n_out, "that is one number for each unit, its bias. Each has a weight for each input, too."),
        (n_in, "that is one number for each input. Each unit has a weight for each of them, and a bias."),
    ]


def _of_all(width):
    """Return what a slip makes of the parameters in all, and its words."""
    hidden, first, last = _layer(width, width), _layer(N_IN, width), _layer(width, N_OUT)
    four = (
        "five hidden layers have four matrices between them: the first of the five stands behind the inputs."
    )
    return [
        (_all(width, biases=0), NO_BIASES),
        (_all(width, DEPTH + 1), four),
        (_all(width, DEPTH + 1, biases=0), f"{four} And {NO_BIASES}"),
        (_all(width, DEPTH - 1), "one hidden layer is missing."),
        (first + hidden + last, "you count one of the four matrices between hidden layers."),
        (first + (DEPTH - 1) * hidden, "the output layer is missing."),
        (first + DEPTH * hidden, f"the output layer is missing; and {four}"),
        ((DEPTH - 1) * hidden + last, "the first hidden layer is missing, the one behind the inputs."),
        ((DEPTH - 1) * hidden, "the first hidden layer and the output layer are missing."),
        (DEPTH * hidden, f"the output layer is missing; and {four}"),
        (DEPTH * hidden + last, four),
        (DEPTH * first + last, "behind the first hidden layer come its units, not the inputs."),
        (_all(width) + DEPTH * width, "a dropout has no parameters: it draws, and learns nothing."),
        (_all(width) + N_IN, "inputs have no biases, units have."),
        (
            _all(width, biases=0) + DEPTH * width,
            "the biases of the output layer are missing: one for each output.",
        ),
        (_all(width, biases=0) + DEPTH + 1, ONE_BIAS),
        (_all(width, biases=0) + 1, ONE_BIAS),
    ]


HALVED = "it is not half: a matrix between two layers has half as many rows, and half as many columns."
QUARTERED = "that is a quarter, and nearly right; but not all matrices have both sides halved."
KEPT = "Adam keeps two numbers for each parameter, beside the parameter itself: three in all"
SLIPS = {
    FIRST: [
        (RIGHT[SECOND], "so many has a layer behind a hidden one. Behind the inputs come 34 numbers."),
        *_of_layer(N_IN, WIDTH),
    ],
    SECOND: [
        (RIGHT[FIRST], "that is the first. Into the second come the 4096 units of the first."),
        (4 * RIGHT[SECOND], "that is four of them."),
        *_of_layer(WIDTH, WIDTH),
    ],
    DROPOUT: [
        (WIDTH, "it draws a mask anew each time, and learns nothing."),
        (2 * WIDTH, "it draws a mask anew each time, and learns nothing."),
        (1, "its rate is given, not learned."),
        (RIGHT[SECOND], "that is the layer before it. The dropout itself learns nothing."),
        (RIGHT[FIRST], "that is the layer before it. The dropout itself learns nothing."),
    ],
    LAST: [
        (RIGHT[SECOND], "that is a hidden layer; here 7 units come out."),
        (_layer(N_IN, N_OUT), "what comes in are the 4096 units of the last hidden layer, not the inputs."),
        *_of_layer(WIDTH, N_OUT),
    ],
    ALL: _of_all(WIDTH),
    BYTES: [
        (RIGHT[ALL], "that is the number of parameters. Each has 4 bytes."),
        (8 * RIGHT[ALL], "that is float64; here each has 4 bytes."),
        (2 * RIGHT[ALL], "that is float16; here each has 4 bytes."),
        (32 * RIGHT[ALL], "a number of float32 has 32 bits, and 8 bits are a byte."),
        (RIGHT[ALL] / 4, "each parameter has 4 bytes: multiply."),
        (12 * RIGHT[ALL], "that is with what Adam keeps."),
        *[(4 * n, why) for n, why in _of_all(WIDTH)],
    ],
    ADAM: [
        (8 * RIGHT[ALL], f"{KEPT}. You have two of the three."),
        (4 * RIGHT[ALL], f"{KEPT}. You have one of the three."),
        (16 * RIGHT[ALL], f"{KEPT}. You have four: gradients are not asked for."),
        (4 * RIGHT[ALL] + 8, f"{KEPT}."),
        (3 * RIGHT[ALL], "that is the number of numbers. Each has 4 bytes."),
        (
            2 * RIGHT[ALL],
            "that is the number of numbers that Adam keeps. The parameters, too; and 4 bytes each.",
        ),
        (24 * RIGHT[ALL], "that is float64; here each number has 4 bytes."),
        (6 * RIGHT[ALL], "that is float16; here each number has 4 bytes."),
        *[(12 * n, why) for n, why in _of_all(WIDTH)],
    ],
    PRODUCTS: [
        (RIGHT[ALL], "a bias is added, not multiplied."),
        (32 * RIGHT[PRODUCTS], "that is for 32 rows; one is asked for."),
        (
            N_IN * WIDTH + WIDTH**2 + WIDTH * N_OUT,
            "you count one of the four matrices between hidden layers.",
        ),
        (
            N_IN * WIDTH * WIDTH**4 * N_OUT,
            "the layers come one after the other: their multiplications are added.",
        ),
        (2 * RIGHT[PRODUCTS], "only the multiplications are asked for, not the additions."),
        (3 * RIGHT[PRODUCTS], "that is with the backward pass. Forward is asked for."),
        (
            RIGHT[PRODUCTS] + DEPTH * WIDTH,
            "those of a dropout do not count: of weights with what comes in.",
        ),
        (
            _all(depth=DEPTH + 1, biases=0),
            "five hidden layers have four matrices between them: the first of the five stands behind the"
            " inputs.",
        ),
        (_all(biases=0) - WIDTH * N_OUT, "the output layer is missing."),
        (_all(biases=0) - WIDTH * N_IN, "the first hidden layer is missing, the one behind the inputs."),
        (4 * WIDTH**2, "the first hidden layer and the output layer are missing."),
    ],
    HALF: [
        *[(n, HALVED) for n in (RIGHT[ALL] / 2, RIGHT[ALL] // 2)],
        *[(n, QUARTERED) for n in (RIGHT[ALL] / 4, RIGHT[ALL] // 4)],
        (RIGHT[ALL], "that is with 4096."),
        (_all(WIDTH // 4), "that is with 1024 units."),
        *_of_all(WIDTH // 2),
    ],
}
HINTS = {
    FIRST: "34 numbers come in, and each of the 4096 units has a weight for each, and a bias.",
    SECOND: "what comes in, and what does each unit have for it?",
    DROPOUT: "what of it is learned?",
    LAST: "what comes in, and what does each of the 7 have for it?",
    ALL: "the first hidden layer, four more behind hidden ones, and the output layer.",
    BYTES: "4 for each parameter.",
    ADAM: f"{KEPT}, 4 bytes each.",
    PRODUCTS: "how often is each weight multiplied, for one row? And a bias?",
    HALF: "the same sum as above, with 2048 in the place of 4096.",
}
FOLLOWS = {
    ALL: [((FIRST, SECOND, LAST), lambda first, second, last: first + (DEPTH - 1) * second + last)],
    BYTES: [((ALL,), lambda whole: 4 * whole)],
    ADAM: [((ALL,), lambda whole: 12 * whole), ((BYTES,), lambda size: 3 * size)],
}


@sheet(
    names=list(RIGHT),
    hint="begin with the first hidden layer. How many numbers does each of its units learn?",
    praise="Right, all nine.",
    read=number,
)
def keras_counts(name, filled):
    """Check the dict of nine counts of a large model. See notebooks/14_frameworks.ipynb."""
    found = filled[name]
    if found == RIGHT[name]:
        return None
    said = f"{found:.12g}: "
    for before, then in FOLLOWS.get(name, []):
        given = [filled.get(one) for one in before]
        wrong = [one for one, value in zip(before, given, strict=True) if value != RIGHT[one]]
        if wrong and None not in given and found == then(*given):
            return f"{said}it follows from your {wrong[0]}: mend that first."
    for slip, why in SLIPS[name]:
        if found == slip:
            return said + why
    for other, value in RIGHT.items():
        if found == value and value:
            return f"{said}that is {other}."
    if found < 0 or not float(found).is_integer():
        return f"{said}a count is a whole number, and not negative."
    return said + HINTS[name]
