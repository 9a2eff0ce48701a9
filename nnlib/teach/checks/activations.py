"""The exercises of chapter 03."""

import warnings

import numpy as np

from nnlib import activations
from nnlib.teach.checks.engine import Trial, Unnamed, Wrong, check, exercise, passed, staged

__all__ = ["compose", "leaky_relu", "relu_backward", "stable_sigmoid", "tanh_backward"]


def _affine_maps():
    rng = np.random.default_rng(0)
    square = [(3, 3, 3), (5, 5, 5)]  # every order of the matrices fits
    others = [(4, 3, 2), (2, 6, 5), (1, 4, 3), (3, 1, 4), (7, 5, 1)]
    trials = []
    for n_in, n_hidden, n_out in square + others:
        shapes = (n_in, n_hidden), (n_hidden,), (n_hidden, n_out), (n_out,)
        sizes = {"n_in": n_in, "n_hidden": n_hidden, "n_out": n_out}
        trials.append(Trial(tuple(map(rng.standard_normal, shapes)), sizes))
    return trials


@exercise(
    trials=_affine_maps,
    results=["W", "b"],
    hint="multiply (X W1 + b1) W2 + b2 out. Which terms hold X, and which do not?",
    praise="Right, on seven pairs of maps, some through a single number.",
    wrong="""
    W: this is the bias; W comes first.
        b1 @ W2 + b2
    W: a bias has been added to it. It stays apart, for it is not multiplied by X.
        W1 @ W2 + ⟨b2|b1 @ W2|b1 @ W2 + b2⟩
    W: the two are in the other order. With rows as samples, which matrix does X meet first?
        W2 @ W1
    W: you multiply entry by entry. Each output of the first map reaches each output of the second.
        W1 * W2
    W: you add the matrices; one acts on what the other made.
        W1 + W2
    W: this is (W2 W1)ᵀ. Nothing has to be turned on its side here: X is multiplied from the right, twice.
        W1.T @ W2.T
    W: one of the two is turned on its side, which nothing asks for: X is multiplied from the right, twice.
        W1⟨.T @ W2| @ W2.T⟩
    b: b1 is lost. The second map multiplies all that comes out of the first, b1 included.
        b2
    b: b2 is lost: the second map adds it last.
        b1 @ W2
    b: right but for the sign of b2.
        b1 @ W2 - b2
    b: b2 is multiplied in. The second map adds it, at the end.
        b1 @ W2 * b2
    b: a matrix, with b1 multiplied into it. In the bracket of the bias there is a sum over j.
        b1⟨[:, None]|⟩ * W2 + b2
    b: b1 is added as it is. On its way out it meets the second map: what does that do to it?
        b1 + b2
    b: b1 stands on the wrong side of W2, so the sum runs over outputs. A row has its matrix on the right.
        W2 @ b1 + b2
    b: b1 is multiplied by W1 too. It is added after W1 has done its work.
        b1 @ W1 @ W2 + b2
    b: b1 and b2 have changed places, and b2 is multiplied by W1. Which of them meets another matrix on its
    way out?
        W1 @ b2 + b1
    b: b1 is multiplied by W1. It is added after W1 has done its work.
        b1 @ W1 + b2
    b: b2 is multiplied by W2 too. It is added after W2 has done its work.
        (b1 + b2) @ W2
    b: you multiply the biases. No product of the two appears when the brackets are multiplied out.
        b1 * b2
    """,
)
def compose(W1, b1, W2, b2):
    """Check compose(W1, b1, W2, b2) -> W, b of the one map that they are. See notebooks/03_activations.ipynb.

    W1 is (n_in, n_hidden), b1 (n_hidden,), W2 (n_hidden, n_out), b2 (n_out,).
    """
    return W1 @ W2, b1 @ W2 + b2


SQUARES = (3, 3), (5, 5)  # where a matrix product can stand in for ⊙ without a crash
BATCHES = (4, 3), (1, 4), (7, 5), (20, 6)


def _sizes(shape):
    return dict(zip(("N", "n"), shape, strict=True))


def _with_zeros(X):
    """Put 0, 1.3 and -0.7 into a batch."""
    X.flat[:3] = 0, 1.3, -0.7
    return X


SLOPES = """
    these are the slopes alone. What came from above, dY, is missing.
        slope
    That is a matrix product: it mixes the entries, and each entry of Y depends on one entry of X only.
        dY @ slope⟨|.T⟩
        dY.T @ slope
        slope @ dY
    you add the samples up. Only parameters are shared by samples; each has an X of its own.
        (dY * slope).sum(axis=0)
    """


def _tanh_batches():
    normal = np.random.default_rng(0).standard_normal
    return [Trial((normal(shape), np.tanh(normal(shape))), _sizes(shape)) for shape in SQUARES + BATCHES]


@exercise(
    trials=_tanh_batches,
    results=["dX"],
    hint="(3.2) says what to do with the slopes, and (3.3) gives the slopes from Y alone.",
    praise="Right, on six batches, one of a single sample.",
    wrong=SLOPES
    + """
    you take tanh of Y, which is tanh of X already: this is the slope at Y, not at X.
        slope = 1 - np.tanh(Y) ** 2
    1 - Y is not the slope: at X = 0 it would do, elsewhere (3.3) says.
        slope = 1 - Y
    you square 1 - Y; (3.3) squares less than that.
        slope = (1 - Y) ** 2
    1 - |Y| is not the slope: (3.3) has another even function.
        slope = 1 - np.abs(Y)
    you pass dY on as if every slope were 1.
        dY
    you multiply by the value of tanh where its slope belongs.
        dY * Y
    you multiply by the value of tanh as well as by its slope.
        dY * Y * slope
    this is the root of the slope.
        dY * np.sqrt(slope)
    this is the square of the slope: it is multiplied in twice.
        dY * slope**2
    2 Y is not Y squared.
        slope = 1 - 2 * Y
    you add the slope. The chain rule multiplies by it.
        dY + slope
    you take the slope at dY. It is a matter of the point where the layer was on its way forward.
        slope = 1 - np.tanh(dY) ** 2
        slope = 1 - dY**2
    this sends dY forward through tanh. The way back multiplies by slopes.
        np.tanh(dY)
    Y (1 - Y) is the slope of the sigmoid.
        slope = Y * (1 - Y)
    a slope above 1: tanh is nowhere that steep. Look at the sign.
        slope = 1 + Y * Y
    Y² is what the slope has lost, not what is left of it.
        slope = Y * Y
    the brackets are missing: dY multiplies both terms of the slope.
        dY - Y * Y
    -2 Y is the derivative of 1 - Y²; that is the slope already.
        slope = -2 * Y
    you divide by the slope. A flat place lets less through.
        dY / slope
    dY and Y have changed places.
        Y * (1 - dY * dY)
    this squares X. The formula wants tanh of X squared, and you were given that.
        slope = 1 - np.arctanh(Y) ** 2
    you add the columns up. Each entry of Y comes from one entry of X and from no other.
        (dY * slope).sum(axis=1, keepdims=True)
    That is a matrix product: it mixes the entries, and each entry of Y depends on one entry of X only.
        dY @ (1 - Y @ Y)
    Y @ Y is a matrix product: it mixes the entries, and each entry of Y depends on one entry of X only.
        slope = 1 - Y @ Y
    """,
)
def tanh_backward(dY, Y):
    """Check tanh_backward(dY, Y), which returns dX. See notebooks/03_activations.ipynb."""
    slope = 1 - Y * Y
    return dY * slope


def _relu_batches():
    normal, trials = np.random.default_rng(0).standard_normal, []
    for shape in SQUARES + BATCHES:
        X = _with_zeros(normal(shape))
        X.flat[-1] = 0
        trials.append(Trial((normal(shape), X, np.maximum(X, 0)), _sizes(shape)))
    return trials


@exercise(
    trials=_relu_batches,
    results=["dX"],
    hint="(3.7) says where dY passes. Both X and Y can tell you, if you ask for the right thing.",
    praise="Right, on six batches, with zeros in X.",
    wrong=SLOPES
    + """
    you return dY as it came: nothing is held back. If you compare, what values can that tensor have at all?
        dY
    where X is exactly 0 you let dY through. The slope chosen there is 0.
        slope = X >= 0
    where X is exactly 0 you let half of dY through. It is a subgradient, but the one chosen is 0.
        slope = np.heaviside(X, 0.5)
    the other way round: you let through what ReLU has cut off.
        slope = X ⟨<|<=⟩ 0
    the mask comes from the wrong tensor: you cut off what is negative in dY. Whether an entry passes was
    settled on the way forward.
        slope = dY > 0
    the mask on the way forward is right, but you also drop what is negative in dY. Blame has a sign.
        np.maximum(dY * slope, 0)
    the mask is right, but what is negative in dY has become positive. Blame has a sign.
        np.abs(dY * slope)
    that is the forward pass: dY is missing.
        Y
    dY and X have changed places: X says which entries of dY pass.
        X * (dY > 0)
    only where X is exactly 0 you hold dY back; what of the rest?
        slope = X != 0
    this is LeakyReLU: below 0 a little still passes.
        slope = np.where(X > 0, 1, 0.01)
    you multiply by the value of ReLU where its slope belongs: 1 where it is awake.
        dY * Y
    you multiply by X. The slope is 0 or 1, never anything else.
        dY * X
    you multiply by X, and cut off what is negative in the product. Blame has a sign, and the slope is 0 or 1.
        np.maximum(dY * X, 0)
    an index with a condition picks entries out and forgets where they stood. dX has an entry for each entry
    of X.
        dY[X ⟨>|>=⟩ 0]
    where X < 0 your slope is -1: that is |x|, not ReLU.
        slope = np.sign(X)
    Y / X is 1 where X is above 0, and nan where X is 0: 0 / 0 is no number. Ask for X > 0.
        dY * Y / X
    you judge whole columns: an entry passes if any sample of its unit is awake. Each has its own mask.
        dY * slope.any(axis=0)
    """,
)
def relu_backward(dY, X, Y):
    """Check relu_backward(dY, X, Y), which returns dX. See notebooks/03_activations.ipynb.

    X holds entries that are exactly 0.
    """
    slope = X > 0
    return dY * slope


def _leaky_batches():
    normal = np.random.default_rng(0).standard_normal
    return [
        Trial((_with_zeros(normal(shape)), normal(shape), slope), {**_sizes(shape), "slope": slope})
        for shape, slope in zip(BATCHES, (0.2, 0.05, 0.5, 0.3), strict=True)
    ]


@exercise(
    trials=_leaky_batches,
    results=["Y", "dX"],
    hint="np.where(condition, a, b) takes a where the condition holds and b elsewhere. Twice.",
    praise="Right, forward and backward, on four batches with four slopes, with zeros in X.",
    wrong="""
    the slope is on the wrong side: the leak is where X is negative.
        np.where(X > 0, slope * X, X), np.where(X ⟨>|>=⟩ 0, slope * dY, dY)
    every entry leaks, also those above 0.
        slope * X, slope * dY
    0.01 whatever `slope` is.
        slope = 0.01
    Y: this is dX. Y comes first.
        np.where(X > 0, dY, slope * dY)
    Y: the leak is missing: this is plain ReLU.
        np.maximum(X, 0)
    Y: the left side is flat, at the height `slope`. It should be a line through 0 with that slope.
        np.where(X > 0, X, slope)
        np.where(X < 0, slope, X)
    Y: you divide by the slope.
        np.where(X > 0, X, X / slope)
    Y: on the left your slope is 1 - slope.
        np.where(X > 0, X, (1 - slope) * X)
    Y: max(x, slope) is flat, at the height `slope`, for every x below it. A leak is a line through 0.
        np.maximum(X, slope)
    Y: the leak has the wrong sign: your line turns up again on the left.
        np.where(X > 0, X, -slope * X)
    Y: you subtract the slope.
        np.where(X > 0, X, X - slope)
    Y: on the right the leak is added to x as well, so the slope there is 1 + slope.
        np.maximum(X, 0) + slope * X
    dX: these are the slopes alone. What came from above, dY, is missing.
        np.where(X > 0, 1, slope)
    dX: the mask comes from the wrong tensor: you look at the sign of dY. Which side an entry is on was
    settled on the way forward.
        np.where(dY > 0, dY, slope * dY)
    dX: where X is exactly 0 you take the slope of the right side. The one chosen is that of the left.
        np.where(X >= 0, dY, slope * dY)
    dX: the leak is missing on the way back: what is negative in X passes nothing.
        dY * (X > 0)
    dX: where X is negative you return the slope itself. dY is missing there.
        np.where(X > 0, dY, slope)
        dY * (X > 0) + slope * (X < 0)
    dX: this is Y again. What came from above, dY, is missing.
        np.where(X > 0, X, slope * X)
    dX: the leak has the wrong sign: f rises on both sides.
        np.where(X > 0, dY, -slope * dY)
    dX: you multiply by the value of f as well as by its slope.
        np.where(X > 0, dY, slope * dY) * np.where(X > 0, X, slope * X)
    dX: you multiply by the value of f where its slope belongs.
        dY * np.where(X > 0, X, slope * X)
    dX: where X is negative you return slope · X, which is Y. What is multiplied by the slope on the way back?
        np.where(X > 0, dY, slope * X)
    dX: you pass dY on as if every slope were 1.
        dY
    """,
)
def leaky_relu(X, dY, slope):
    """Check leaky_relu(X, dY, slope) -> Y, dX, of LeakyReLU. See notebooks/03_activations.ipynb."""
    Y = np.where(X > 0, X, slope * X)
    dX = np.where(X > 0, dY, slope * dY)
    return Y, dX


def _moderate_batches():
    normal = np.random.default_rng(0).standard_normal
    return [Trial((_with_zeros(2 * normal(shape)),), _sizes(shape)) for shape in BATCHES]


@exercise(
    trials=_moderate_batches,
    results=["Y"],
    hint="(3.9) takes exp of one number only, and that is never above 0. Take it once, for all entries.",
    praise="Right, and silent, from -1000 to 1000.",
    wrong="""
    this is σ(-x): falling, where σ rises. Are two cases exchanged?
        X = -X
    right for x < 0. For x > 0 you give σ(-x).
        E / (1 + E)
    right for x > 0. For x < 0 you give σ(-x).
        1 / (1 + E)
    this is σ(2x): twice as steep. See (3.6) for what belongs inside.
        X = 2 * X
    this is σ(x/2): half as steep.
        X = X / 2
    this is tanh: from -1 to 1. σ goes from 0 to 1.
        np.tanh(X)
    a step from 0 to 1, without the curve between them.
        X ⟨>=|>⟩ 0
    this is the slope of σ.
        E / (1 + E) ** 2
    right for x < 0; for x >= 0 you give 1. Which part of the fraction does your condition choose?
        np.where(X >= 0, 1, E / (1 + E))
    right for x >= 0; for x < 0 you give exp(x) alone, without what it is divided by.
        np.where(X >= 0, 1 / (1 + E), E)
    this is exp(-|x|) alone; (3.9) makes a fraction of it.
        E
    this is what 1 is divided by.
        1 + np.exp(-X)
    this is the logarithm of σ.
        -np.logaddexp(0, -X)
    """,
)
def moderate_sigmoid(X):
    """Check stable_sigmoid(X) where no exp is too large."""
    E = np.exp(-np.abs(X))
    return np.where(X >= 0, 1, E) / (1 + E)


HIDES_WARNINGS = {"catch_warnings", "errstate", "filterwarnings", "seterr", "simplefilter"}
EXTREMES = 0, 1, -1, 20, -20, 40, -40, 100, -100, 600, -600, 1000, -1000
TOLERANCE = 1e-5  # relative to each entry, the tiny ones too


@check
def stable_sigmoid(answer):
    """Check stable_sigmoid(X): σ of any X, without a warning. See notebooks/03_activations.ipynb."""
    verdict = moderate_sigmoid(answer)
    if not verdict:
        return verdict
    if found := HIDES_WARNINGS.intersection(getattr(getattr(answer, "__code__", None), "co_names", ())):
        raise Wrong(
            f"You use `{found.pop()}`, which hides warnings; an overflow that nobody hears of is still one."
            " Take it out and run the check again."
        )
    return any_sigmoid(answer)


stable_sigmoid.right = moderate_sigmoid.right


@staged(right=moderate_sigmoid.right, hint=moderate_sigmoid.hint)
def any_sigmoid(ask, seed):
    """Check stable_sigmoid(X) where an exp may be too large."""
    X = np.array([EXTREMES]) * (1 + seed / 100)
    with (
        warnings.catch_warnings(record=True) as caught,
        np.errstate(over="warn", divide="warn", invalid="warn"),
    ):
        warnings.simplefilter("always")
        Y = np.asarray(ask(X.copy()))
    right = activations.sigmoid(X)
    smallest = np.finfo(Y.dtype if Y.dtype.kind == "f" else float).tiny
    # A number below all normal ones may be lost; where σ is 0, one that is there was put there.
    near = np.isclose(Y.astype(float), right, rtol=TOLERANCE, atol=smallest) & ((right != 0) | (Y == 0))
    for x, y, true, ok in zip(X[0], Y[0], right[0], near[0], strict=True):
        yield from passed([(_far(x, y, true), not ok)])
    if caught:
        raise Wrong(
            f"The values are right, also at ±1000, but NumPy warns: {caught[0].message}. Some entry still"
            " meets exp of a large positive number. (`np.where` chooses between two arrays after both have"
            " been computed, for all entries.)"
        )
    return moderate_sigmoid.praise


def _far(x, y, true):
    """Return what is wrong with σ at one x."""
    said = f"σ({x:g}) should be {true:.3g}; yours is {y:.3g}."
    if np.isnan(y):
        return (
            f"{said} inf / inf is nan, and so is 0 / 0: are both parts of a fraction too large, or too small?"
        )
    if y == 0 and x > 0:
        return f"{said} exp of a large number is inf, and what is made of inf / inf is no 1."
    if y == 0:
        return (
            f"{said} So small a number is lost in a sum with 1. Chapter 04 takes its logarithm, and that of 0"
            " is -inf."
        )
    if x < 0 and y > true:
        return f"{said} Is x clipped, or a small number added? For such x the answer should go on falling."
    return Unnamed(said)
