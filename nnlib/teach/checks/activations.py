"""The checks of chapter 03."""

import warnings

import numpy as np

from nnlib import activations
from nnlib.teach.checks.answers import Mistake, Wrong, call, check, compare

__all__ = ["compose", "leaky_relu", "relu_backward", "stable_sigmoid", "tanh_backward"]

SQUARES = (3, 3), (5, 5)  # where a matrix product can stand in for ⊙ without a crash
BATCHES = (4, 3), (1, 4), (7, 5), (20, 6)
EXTREMES = 0, 1, -1, 20, -20, 40, -40, 100, -100, 600, -600, 1000, -1000


@check
def compose(answer):
    """Check compose(W1, b1, W2, b2) -> W, b of the one map that they are. See notebooks/03_activations.ipynb.

    W1 is (n_in, n_hidden), b1 (n_hidden,), W2 (n_hidden, n_out), b2 (n_out,).
    """
    options = {
        "results": ["W", "b"],
        "hint": "multiply (X W1 + b1) W2 + b2 out. Which terms hold X, and which do not?",
    }
    rng = np.random.default_rng(0)
    trials = [_affine(rng, *sizes) for sizes in [(3, 3, 3), (5, 5, 5)]]
    compare(answer, _composed, trials, **options, mistakes=[*COMPOSE_MISTAKES, *COMPOSE_SQUARE_MISTAKES])
    trials = [_affine(rng, *sizes) for sizes in [(4, 3, 2), (2, 6, 5), (1, 4, 3), (3, 1, 4), (7, 5, 1)]]
    compare(answer, _composed, trials, **options, mistakes=COMPOSE_MISTAKES)
    return "Right, on seven pairs of maps, some through a single number."


def _affine(rng, n_in, n_hidden, n_out):
    shapes = (n_in, n_hidden), (n_hidden,), (n_hidden, n_out), (n_out,)
    arguments = tuple(rng.standard_normal(shape) for shape in shapes)
    return arguments, {"n_in": n_in, "n_hidden": n_hidden, "n_out": n_out}


def _composed(W1, b1, W2, b2):
    return W1 @ W2, b1 @ W2 + b2


BIAS_IN_W = "a bias has been added to it. It stays apart, for it is not multiplied by X."
NOT_SUMMED = "a matrix, with b1 multiplied into it. In the bracket of the bias there is a sum over j."
COMPOSE_MISTAKES = [
    Mistake(lambda W1, b1, W2, b2: b1 @ W2 + b2, "this is the bias; W comes first.", of="W"),
    Mistake(lambda W1, b1, W2, b2: W1 @ W2 + b2, BIAS_IN_W, of="W"),
    Mistake(lambda W1, b1, W2, b2: W1 @ W2 + b1 @ W2, BIAS_IN_W, of="W"),
    Mistake(lambda W1, b1, W2, b2: W1 @ W2 + b1 @ W2 + b2, BIAS_IN_W, of="W"),
    Mistake(
        lambda W1, b1, W2, b2: b2,
        "b1 is lost. The second map multiplies all that comes out of the first, b1 included.",
        of="b",
    ),
    Mistake(lambda W1, b1, W2, b2: b1 @ W2, "b2 is lost: the second map adds it last.", of="b"),
    Mistake(lambda W1, b1, W2, b2: b1 @ W2 - b2, "right but for the sign of b2.", of="b"),
    Mistake(
        lambda W1, b1, W2, b2: b1 @ W2 * b2,
        "b2 is multiplied in. The second map adds it, at the end.",
        of="b",
    ),
    Mistake(lambda W1, b1, W2, b2: b1[:, None] * W2 + b2, NOT_SUMMED, of="b"),
]
# These need square matrices: with other shapes they stop with an error of their own.
COMPOSE_SQUARE_MISTAKES = [
    Mistake(
        lambda W1, b1, W2, b2: W2 @ W1,
        "the two are in the other order (seen with square matrices, where both orders are possible)."
        " With rows as samples, which matrix does X meet first?",
        of="W",
    ),
    Mistake(lambda W1, b1, W2, b2: b1 * W2 + b2, NOT_SUMMED, of="b"),
    Mistake(
        lambda W1, b1, W2, b2: W1 * W2,
        "you multiply entry by entry. Each output of the first map reaches each output of the second.",
        of="W",
    ),
    Mistake(lambda W1, b1, W2, b2: W1 + W2, "you add the matrices; one acts on what the other made.", of="W"),
    Mistake(
        lambda W1, b1, W2, b2: (W2 @ W1).T,
        "this is (W2 W1)ᵀ. Nothing has to be turned on its side here: X is multiplied from the right, twice.",
        of="W",
    ),
    Mistake(
        lambda W1, b1, W2, b2: b1 + b2,
        "b1 is added as it is. On its way out it meets the second map: what does that do to it?",
        of="b",
    ),
    Mistake(
        lambda W1, b1, W2, b2: W2 @ b1 + b2,
        "b1 stands on the wrong side of W2, so the sum runs over outputs. A row has its matrix on the right.",
        of="b",
    ),
    Mistake(
        lambda W1, b1, W2, b2: b1 @ W1 @ W2 + b2,
        "b1 is multiplied by W1 too. It is added after W1 has done its work.",
        of="b",
    ),
    Mistake(
        lambda W1, b1, W2, b2: W1 @ b2 + b1,
        "b1 and b2 have changed places, and b2 is multiplied by W1. Which of them meets another matrix on its"
        " way out?",
        of="b",
    ),
    Mistake(
        lambda W1, b1, W2, b2: b1 @ W1 + b2,
        "b1 is multiplied by W1. It is added after W1 has done its work.",
        of="b",
    ),
    Mistake(
        lambda W1, b1, W2, b2: (b1 + b2) @ W2,
        "b2 is multiplied by W2 too. It is added after W2 has done its work.",
        of="b",
    ),
    Mistake(
        lambda W1, b1, W2, b2: b1 * b2,
        "you multiply the biases. No product of the two appears when the brackets are multiplied out.",
        of="b",
    ),
]


@check
def tanh_backward(answer):
    """Check tanh_backward(dY, Y), which returns dX. See notebooks/03_activations.ipynb."""
    hint = "(3.2) says what to do with the slopes, and (3.3) gives the slopes from Y alone."
    rng = np.random.default_rng(0)
    for shapes, mistakes in ((SQUARES, [*TANH_MISTAKES, *TANH_PRODUCTS]), (BATCHES, TANH_MISTAKES)):
        trials = [
            ((rng.standard_normal(shape), np.tanh(rng.standard_normal(shape))), _sizes(shape))
            for shape in shapes
        ]
        compare(answer, _tanh_backward, trials, results=["dX"], hint=hint, mistakes=mistakes)
    return "Right, on six batches, one of a single sample."


PRODUCT = (
    "a matrix product (seen with N = n, where it is possible). It mixes the entries, and each entry of Y"
    " depends on one entry of X only."
)


def _matrix_products(slopes):
    """Return the mistakes of a matrix product with the slopes, a function of what the answer takes."""
    return [
        Mistake(lambda dY, *kept: dY @ slopes(dY, *kept), PRODUCT),
        Mistake(lambda dY, *kept: dY @ slopes(dY, *kept).T, PRODUCT),
        Mistake(lambda dY, *kept: dY.T @ slopes(dY, *kept), PRODUCT),
        Mistake(lambda dY, *kept: slopes(dY, *kept) @ dY, PRODUCT),
    ]


def _sizes(shape):
    return dict(zip(("N", "n"), shape, strict=True))


def _tanh_backward(dY, Y):
    return dY * (1 - Y * Y)


AT_DY = "you take the slope at dY. It is a matter of the point where the layer was on its way forward."
TANH_MISTAKES = [
    Mistake(
        lambda dY, Y: dY * (1 - np.tanh(Y) ** 2),
        "you take tanh of Y, which is tanh of X already: this is the slope at Y, not at X.",
    ),
    Mistake(
        lambda dY, Y: dY * (1 - Y), "1 - Y is not the slope: at X = 0 it would do, elsewhere (3.3) says."
    ),
    Mistake(lambda dY, Y: dY * (1 - Y) ** 2, "you square 1 - Y; (3.3) squares less than that."),
    Mistake(lambda dY, Y: dY * (1 - np.abs(Y)), "1 - |Y| is not the slope: (3.3) has another even function."),
    Mistake(lambda dY, Y: 1 - Y * Y, "these are the slopes alone. What came from above, dY, is missing."),
    Mistake(lambda dY, Y: dY, "you pass dY on as if every slope were 1."),
    Mistake(lambda dY, Y: dY * Y, "you multiply by the value of tanh where its slope belongs."),
    Mistake(lambda dY, Y: dY * Y * (1 - Y * Y), "you multiply by the value of tanh as well as by its slope."),
    Mistake(lambda dY, Y: dY * np.sqrt(1 - Y * Y), "this is the root of the slope."),
    Mistake(
        lambda dY, Y: dY * (1 - Y * Y) ** 2, "this is the square of the slope: it is multiplied in twice."
    ),
    Mistake(lambda dY, Y: dY * (1 - 2 * Y), "2 Y is not Y squared."),
    Mistake(lambda dY, Y: dY + 1 - Y * Y, "you add the slope. The chain rule multiplies by it."),
    Mistake(lambda dY, Y: dY * (1 - np.tanh(dY) ** 2), AT_DY),
    Mistake(lambda dY, Y: dY * (1 - dY**2), AT_DY),
    Mistake(
        lambda dY, Y: np.tanh(dY), "this sends dY forward through tanh. The way back multiplies by slopes."
    ),
    Mistake(lambda dY, Y: dY * Y * (1 - Y), "Y (1 - Y) is the slope of the sigmoid."),
    Mistake(lambda dY, Y: dY * (1 + Y * Y), "a slope above 1: tanh is nowhere that steep. Look at the sign."),
    Mistake(lambda dY, Y: dY * Y * Y, "Y² is what the slope has lost, not what is left of it."),
    Mistake(lambda dY, Y: dY - Y * Y, "the brackets are missing: dY multiplies both terms of the slope."),
    Mistake(lambda dY, Y: dY * -2 * Y, "-2 Y is the derivative of 1 - Y²; that is the slope already."),
    Mistake(lambda dY, Y: dY / (1 - Y * Y), "you divide by the slope. A flat place lets less through."),
    Mistake(lambda dY, Y: Y * (1 - dY * dY), "dY and Y have changed places."),
    Mistake(
        lambda dY, Y: dY * (1 - np.arctanh(Y) ** 2),
        "this squares X. The formula wants tanh of X squared, and you were given that.",
    ),
    Mistake(
        lambda dY, Y: (dY * (1 - Y * Y)).sum(axis=0),
        "you add the samples up. Only parameters are shared by samples; each has an X of its own.",
    ),
    Mistake(
        lambda dY, Y: (dY * (1 - Y * Y)).sum(axis=1, keepdims=True),
        "you add the columns up. Each entry of Y comes from one entry of X and from no other.",
    ),
]


TANH_PRODUCTS = [
    *_matrix_products(lambda dY, Y: 1 - Y * Y),
    Mistake(lambda dY, Y: dY @ (1 - Y @ Y), PRODUCT),
    Mistake(lambda dY, Y: dY * (1 - Y @ Y), f"Y @ Y is {PRODUCT}"),
]


@check
def relu_backward(answer):
    """Check relu_backward(dY, X, Y), which returns dX. See notebooks/03_activations.ipynb.

    X holds entries that are exactly 0.
    """
    hint = "(3.7) says where dY passes. Both X and Y can tell you, if you ask for the right thing."
    rng = np.random.default_rng(0)
    for shapes, mistakes in ((SQUARES, [*RELU_MISTAKES, *RELU_PRODUCTS]), (BATCHES, RELU_MISTAKES)):
        trials = []
        for shape in shapes:
            X = rng.standard_normal(shape)
            X.flat[:3], X.flat[-1] = (0, 1.3, -0.7), 0
            trials.append(((rng.standard_normal(shape), X, np.maximum(X, 0)), _sizes(shape)))
        compare(answer, _relu_backward, trials, results=["dX"], hint=hint, mistakes=mistakes)
    return "Right, on six batches, with zeros in X."


def _relu_backward(dY, X, Y):
    return dY * (X > 0)


UPSIDE_DOWN = "the other way round: you let through what ReLU has cut off."
RELU_MISTAKES = [
    Mistake(
        lambda dY, X, Y: dY,
        "you return dY as it came: nothing is held back. If you compare, what values can that tensor have"
        " at all?",
    ),
    Mistake(
        lambda dY, X, Y: dY * (X >= 0),
        "where X is exactly 0 you let dY through. The slope chosen there is 0.",
    ),
    Mistake(
        lambda dY, X, Y: dY * np.heaviside(X, 0.5),
        "where X is exactly 0 you let half of dY through. It is a subgradient, but the one chosen is 0.",
    ),
    Mistake(lambda dY, X, Y: dY * (X <= 0), UPSIDE_DOWN),
    Mistake(lambda dY, X, Y: dY * (X < 0), UPSIDE_DOWN),
    Mistake(
        lambda dY, X, Y: np.maximum(dY, 0),
        "the mask comes from the wrong tensor: you cut off what is negative in dY. Whether an entry passes"
        " was settled on the way forward.",
    ),
    Mistake(
        lambda dY, X, Y: dY * (X > 0) * (dY > 0),
        "the mask on the way forward is right, but you also drop what is negative in dY. Blame has a sign.",
    ),
    Mistake(
        lambda dY, X, Y: np.abs(dY) * (X > 0),
        "the mask is right, but what is negative in dY has become positive. Blame has a sign.",
    ),
    Mistake(lambda dY, X, Y: X > 0, "these are the slopes alone. What came from above, dY, is missing."),
    Mistake(lambda dY, X, Y: Y, "that is the forward pass: dY is missing."),
    Mistake(lambda dY, X, Y: X * (dY > 0), "dY and X have changed places: X says which entries of dY pass."),
    Mistake(lambda dY, X, Y: dY * (X != 0), "only where X is exactly 0 you hold dY back; what of the rest?"),
    Mistake(
        lambda dY, X, Y: np.where(X > 0, dY, 0.01 * dY), "this is LeakyReLU: below 0 a little still passes."
    ),
    Mistake(
        lambda dY, X, Y: dY * Y,
        "you multiply by the value of ReLU where its slope belongs: 1 where it is awake.",
    ),
    Mistake(lambda dY, X, Y: dY * X, "you multiply by X. The slope is 0 or 1, never anything else."),
    Mistake(
        lambda dY, X, Y: np.maximum(dY * X, 0),
        "you multiply by X, and cut off what is negative in the product. Blame has a sign, and the slope is 0"
        " or 1.",
    ),
    *(
        Mistake(
            lambda dY, X, Y, mask=mask: dY[mask(X)],
            "an index with a condition picks entries out and forgets where they stood. dX has an entry for"
            " each entry of X.",
        )
        for mask in (lambda X: X > 0, lambda X: X >= 0)
    ),
    Mistake(lambda dY, X, Y: dY * np.sign(X), "where X < 0 your slope is -1: that is |x|, not ReLU."),
    Mistake(
        lambda dY, X, Y: dY * (X > 0).any(axis=0),
        "you judge whole columns: an entry passes if any sample of its unit is awake. Each has its own mask.",
    ),
    Mistake(
        lambda dY, X, Y: (dY * (X > 0)).sum(axis=0),
        "you add the samples up. Only parameters are shared by samples; each has an X of its own.",
    ),
]


RELU_PRODUCTS = _matrix_products(lambda dY, X, Y: X > 0)


@check
def leaky_relu(answer):
    """Check leaky_relu(X, dY, slope) -> Y, dX, of LeakyReLU. See notebooks/03_activations.ipynb."""
    hint = "np.where(condition, a, b) takes a where the condition holds and b elsewhere. Twice."
    rng = np.random.default_rng(0)
    trials = []
    for shape, slope in zip(BATCHES, (0.2, 0.05, 0.5, 0.3), strict=True):
        X = rng.standard_normal(shape)
        X.flat[:3] = 0, 1.3, -0.7
        trials.append(((X, rng.standard_normal(shape), slope), {**_sizes(shape), "slope": slope}))
    compare(answer, _leaky_relu, trials, results=["Y", "dX"], hint=hint, mistakes=LEAKY_MISTAKES)
    return "Right, forward and backward, on four batches with four slopes, with zeros in X."


def _leaky_relu(X, dY, slope):
    return np.where(X > 0, X, slope * X), np.where(X > 0, dY, slope * dY)


WRONG_SIDE = "the slope is on the wrong side: the leak is where X is negative."
FLAT_LEFT = "the left side is flat, at the height `slope`. It should be a line through 0 with that slope."
BARE_SLOPE = "where X is negative you return the slope itself. dY is missing there."
LEAKY_MISTAKES = [
    Mistake(
        lambda X, dY, slope: np.where(X > 0, dY, slope * dY),
        "this is dX. Y comes first.",
        of="Y",
    ),
    Mistake(lambda X, dY, slope: np.where(X > 0, slope * X, X), WRONG_SIDE, of="Y"),
    Mistake(lambda X, dY, slope: slope * X, "every entry leaks, also those above 0.", of="Y"),
    Mistake(lambda X, dY, slope: np.maximum(X, 0), "the leak is missing: this is plain ReLU.", of="Y"),
    Mistake(lambda X, dY, slope: np.where(X > 0, X, slope), FLAT_LEFT, of="Y"),
    Mistake(lambda X, dY, slope: np.where(X < 0, slope, X), FLAT_LEFT, of="Y"),
    Mistake(lambda X, dY, slope: np.where(X > 0, X, X / slope), "you divide by the slope.", of="Y"),
    Mistake(
        lambda X, dY, slope: np.where(X > 0, X, (1 - slope) * X),
        "on the left your slope is 1 - slope.",
        of="Y",
    ),
    Mistake(
        lambda X, dY, slope: np.maximum(X, slope),
        "max(x, slope) is flat, at the height `slope`, for every x below it. A leak is a line through 0.",
        of="Y",
    ),
    Mistake(
        lambda X, dY, slope: np.where(X > 0, X, -slope * X),
        "the leak has the wrong sign: your line turns up again on the left.",
        of="Y",
    ),
    Mistake(lambda X, dY, slope: np.where(X > 0, X, 0.01 * X), "0.01 whatever `slope` is.", of="Y"),
    Mistake(lambda X, dY, slope: np.where(X > 0, X, X - slope), "you subtract the slope.", of="Y"),
    Mistake(
        lambda X, dY, slope: np.maximum(X, 0) + slope * X,
        "on the right the leak is added to x as well, so the slope there is 1 + slope.",
        of="Y",
    ),
    Mistake(
        lambda X, dY, slope: np.where(X > 0, 1, slope),
        "these are the slopes alone. What came from above, dY, is missing.",
        of="dX",
    ),
    Mistake(
        lambda X, dY, slope: np.where(dY > 0, dY, slope * dY),
        "the mask comes from the wrong tensor: you look at the sign of dY. Which side an entry is on was"
        " settled on the way forward.",
        of="dX",
    ),
    Mistake(
        lambda X, dY, slope: np.where(X >= 0, dY, slope * dY),
        "where X is exactly 0 you take the slope of the right side. The one chosen is that of the left.",
        of="dX",
    ),
    Mistake(
        lambda X, dY, slope: dY * (X > 0),
        "the leak is missing on the way back: what is negative in X passes nothing.",
        of="dX",
    ),
    Mistake(lambda X, dY, slope: np.where(X > 0, slope * dY, dY), WRONG_SIDE, of="dX"),
    Mistake(lambda X, dY, slope: np.where(X >= 0, slope * dY, dY), WRONG_SIDE, of="dX"),
    Mistake(lambda X, dY, slope: slope * dY, "every entry leaks, also those above 0.", of="dX"),
    Mistake(lambda X, dY, slope: np.where(X > 0, dY, slope), BARE_SLOPE, of="dX"),
    Mistake(lambda X, dY, slope: dY * (X > 0) + slope * (X < 0), BARE_SLOPE, of="dX"),
    Mistake(
        lambda X, dY, slope: np.where(X > 0, X, slope * X),
        "this is Y again. What came from above, dY, is missing.",
        of="dX",
    ),
    Mistake(
        lambda X, dY, slope: np.where(X > 0, dY, -slope * dY),
        "the leak has the wrong sign: f rises on both sides.",
        of="dX",
    ),
    Mistake(
        lambda X, dY, slope: np.where(X > 0, dY, slope * dY) * np.where(X > 0, X, slope * X),
        "you multiply by the value of f as well as by its slope.",
        of="dX",
    ),
    Mistake(
        lambda X, dY, slope: dY * np.where(X > 0, X, slope * X),
        "you multiply by the value of f where its slope belongs.",
        of="dX",
    ),
    Mistake(
        lambda X, dY, slope: np.where(X > 0, dY, slope * X),
        "where X is negative you return slope · X, which is Y. What is multiplied by the slope on the way"
        " back?",
        of="dX",
    ),
    Mistake(lambda X, dY, slope: np.where(X > 0, dY, 0.01 * dY), "0.01 whatever `slope` is.", of="dX"),
    Mistake(lambda X, dY, slope: dY, "you pass dY on as if every slope were 1.", of="dX"),
]


@check
def stable_sigmoid(answer):
    """Check stable_sigmoid(X): σ of any X, without a warning. See notebooks/03_activations.ipynb."""
    hint = "(3.9) takes exp of one number only, and that is never above 0. Take it once, for all entries."
    rng = np.random.default_rng(0)
    trials = []
    for shape in BATCHES:
        X = 2 * rng.standard_normal(shape)
        X.flat[:3] = 0, 1.3, -0.7
        trials.append(((X,), _sizes(shape)))
    compare(answer, _sigmoid, trials, results=["Y"], hint=hint, mistakes=SIGMOID_MISTAKES)
    hides = {"catch_warnings", "errstate", "filterwarnings", "seterr", "simplefilter"}
    if found := hides.intersection(getattr(getattr(answer, "__code__", None), "co_names", ())):
        raise Wrong(
            f"You use `{found.pop()}`, which hides warnings; an overflow that nobody hears of is still one."
            " Take it out and run the check again."
        )
    X = np.array([EXTREMES], float)
    with (
        warnings.catch_warnings(record=True) as caught,
        np.errstate(over="warn", divide="warn", invalid="warn"),
    ):
        warnings.simplefilter("always")
        Y = np.asarray(call(answer, X.copy(), hint=hint))
    right = activations.sigmoid(X)
    smallest = np.finfo(Y.dtype if Y.dtype.kind == "f" else float).tiny
    near = np.isclose(Y.astype(float), right, rtol=TOLERANCE, atol=smallest)
    if not near.all():
        raise Wrong(_far(X[0], Y[0], right[0], near[0]))
    if caught:
        raise Wrong(
            f"The values are right, also at ±1000, but NumPy warns: {caught[0].message}. Some entry still"
            " meets exp of a large positive number. (`np.where` chooses between two arrays after both have"
            " been computed, for all entries.)"
        )
    return "Right, and silent, from -1000 to 1000."


TOLERANCE = 1e-5  # relative to each entry, the tiny ones too


def _far(X, Y, right, near):
    """Return what is wrong with σ at the first x where it is."""
    x, y, true = next((x, y, true) for x, y, true, ok in zip(X, Y, right, near, strict=True) if not ok)
    said = f"σ({x:g}) should be {true:.3g}; yours is {y:.3g}."
    if np.isnan(y):
        return (
            f"{said} inf / inf is nan, and so is 0 / 0: are both parts of a fraction too large, or too small?"
        )
    if y == 0:
        return (
            f"{said} So small a number is lost in a sum with 1. Chapter 04 takes its logarithm, and that of 0"
            " is -inf."
        )
    if x < 0 and y > true:
        return f"{said} Is x clipped, or a small number added? For such x the answer should go on falling."
    return said


def _sigmoid(X):
    return activations.sigmoid(X)


STEP = "a step from 0 to 1, without the curve between them."
SIGMOID_MISTAKES = [
    Mistake(lambda X: _sigmoid(-X), "this is σ(-x): falling, where σ rises. Are two cases exchanged?"),
    Mistake(lambda X: _sigmoid(-np.abs(X)), "right for x < 0. For x > 0 you give σ(-x)."),
    Mistake(lambda X: _sigmoid(np.abs(X)), "right for x > 0. For x < 0 you give σ(-x)."),
    Mistake(lambda X: _sigmoid(2 * X), "this is σ(2x): twice as steep. See (3.6) for what belongs inside."),
    Mistake(lambda X: _sigmoid(X / 2), "this is σ(x/2): half as steep."),
    Mistake(lambda X: np.tanh(X), "this is tanh: from -1 to 1. σ goes from 0 to 1."),
    Mistake(lambda X: X >= 0, STEP),
    Mistake(lambda X: X > 0, STEP),
    Mistake(lambda X: _sigmoid(X) * (1 - _sigmoid(X)), "this is the slope of σ."),
    Mistake(
        lambda X: np.where(X >= 0, 1, _sigmoid(X)),
        "right for x < 0; for x >= 0 you give 1. Which part of the fraction does your condition choose?",
    ),
    Mistake(
        lambda X: np.where(X >= 0, _sigmoid(X), np.exp(np.minimum(X, 0))),
        "right for x >= 0; for x < 0 you give exp(x) alone, without what it is divided by.",
    ),
    Mistake(lambda X: np.exp(-np.abs(X)), "this is exp(-|x|) alone; (3.9) makes a fraction of it."),
    Mistake(lambda X: 1 + np.exp(-X), "this is what 1 is divided by."),
    Mistake(lambda X: np.log(_sigmoid(X)), "this is the logarithm of σ."),
]
