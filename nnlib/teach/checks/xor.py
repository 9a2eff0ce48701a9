"""The exercises of chapter 08."""

import numpy as np

from nnlib import BinaryCrossEntropy, Dense, datasets, sigmoid
from nnlib.teach.checks.engine import Remedies, Trial, Wrong, call, check, exercise, numbers, trained, why

__all__ = ["dead_units", "solves_xor", "stacked_backward", "xnor_weights"]

XOR_X, XOR_Y = datasets.xor()
EQUAL = XOR_Y.ravel() == 0
SHAPES = {"W1": (2, 2), "b1": (2,), "W2": (2, 1), "b2": (1,)}


@check
def xnor_weights(answer):
    """Check xnor_weights() -> W1, b1, W2, b2 of a 2-2-1 network with ReLU. See notebooks/08_xor.ipynb."""
    hint = "which single change turns the sign of z in (8.3) for all four points?"
    W1, b1, W2, b2 = _weights(call(answer, hint=hint))
    Z1 = XOR_X @ W1 + b1
    A1 = np.maximum(Z1, 0)
    z = (A1 @ W2 + b2).ravel()
    points = [f"({x1:.0f}, {x2:.0f})" for x1, x2 in XOR_X]
    said = ", ".join(f"{point}: {value:.3g}" for point, value in zip(points, z, strict=True))
    if np.array_equal(z > 0, ~EQUAL):
        raise Wrong(f"That is XOR, not its opposite. Your z are {said}.")
    if not np.isfinite(z).all():
        raise Wrong(f"Each weight has to be a finite number. Your z are {said}.")
    if (z == 0).any():
        raise Wrong(f"z = 0 is on the line and counts as a 0; keep away from it. Your z are {said}.")
    wrong = (z > 0) != EQUAL
    if wrong.any():
        k = int(wrong.argmax())
        side = "above" if EQUAL[k] else "below"
        known = _not_xnor(W1, b1, W2, b2)
        raise Wrong(f"The point {points[k]} should have z {side} 0. Your z are {said}.{known}")
    return f"Right. Your z are {said}."


def _weights(returned):
    """Return W1, b1, W2 and b2 as arrays of numbers."""
    if not isinstance(returned, (tuple, list)) or len(returned) != 4:
        raise Wrong("Expected `return W1, b1, W2, b2`, four arrays.")
    if [getattr(part, "shape", None) for part in returned] == [(2, 2), (2, 1), (2,), (1,)]:
        raise Wrong("The order is W1, b1, W2, b2, layer by layer; you return W1, W2, b1, b2.")
    weights = list(map(numbers, returned))
    for (name, shape), part, values in zip(SHAPES.items(), returned, weights, strict=True):
        if values is None:
            raise Wrong(f"You return {type(part).__name__}; expected an array, which is {name}.")
        if values.shape != shape:
            raise Wrong(f"You return shape {values.shape}; expected {shape}, which is {name}.")
    return weights


def _not_xnor(W1, b1, W2, b2):
    """Return what is known about weights with a z on the wrong side, as a further sentence; or nothing."""
    turn = "to turn the sign of z, all its terms have to turn."
    Z1 = XOR_X @ W1 + b1
    A1 = np.maximum(Z1, 0)
    units = "units these weights would do; the units here are ReLU, max(z, 0)."
    for z, words in (
        (A1 @ W2 - b2, f"W2 fits, and b2 does not: {turn}"),
        (b2 - A1 @ W2, f"b2 fits, and W2 does not: {turn}"),
        (sigmoid(Z1) @ W2 + b2, f"With sigmoid {units}"),
        (np.tanh(Z1) @ W2 + b2, f"With tanh {units}"),
    ):
        if np.array_equal(z.ravel() > 0, EQUAL):
            return f" {words}"
    silent = np.flatnonzero(~A1.any(axis=0))
    if silent.size:
        return (
            f" Hidden unit {silent[0] + 1} gives 0 at all four points, and one unit is too few. (ReLU lets"
            " nothing negative through: a minus in front of W1 does not turn an output, it switches it off.)"
        )
    for z, words in (
        (
            np.maximum(XOR_X @ W1 + b1[::-1], 0) @ W2 + b2,
            "With the two biases of b1 exchanged they would fit.",
        ),
        (A1 @ W2[::-1] + b2, "With the two weights of W2 exchanged they would fit."),
        (
            np.maximum(XOR_X @ W1.T + b1, 0) @ W2 + b2,
            "With W1 transposed they would fit: a column belongs to a unit, a row to an input.",
        ),
    ):
        if np.array_equal(z.ravel() > 0, EQUAL) and z.all():
            return f" {words}"
    if np.allclose(A1[:, 0], A1[:, 1]):
        return (
            " Both hidden units give the same at all four points, and one unit is too few: a column of W1"
            " belongs to a unit, a row to an input."
        )
    return ""


REVERSED = (
    "`.T` turns all axes round, the networks with them; here only the last two change places. `swapaxes`"
    " exchanges two axes and leaves the others alone."
)


def _stacks():
    sizes = [(4, 5, 2, 3), (2, 1, 3, 5), (6, 3, 4, 2), (1, 4, 5, 6)]
    cube = (3, 3, 3, 3)  # in which every product fits, and a wrong one is known by its numbers
    trials = []
    for S, N, n_in, n_out in [*sizes, cube]:
        rng = np.random.default_rng(S + N + n_in + n_out)
        shapes = (S, N, n_in), (S, n_in, n_out), (S, N, n_out)
        arrays = tuple(rng.standard_normal(shape) for shape in shapes)
        trials.append(Trial(arrays, {"S": S, "N": N, "n_in": n_in, "n_out": n_out}))
    return trials


@exercise(
    trials=_stacks,
    results=["dX", "dW", "db"],
    hint="write the three lines of chapter 02 for one network. Which axes does each of them turn, or sum"
    " over?",
    praise="Right, on 5 random stacks, one of a single network, one with a single sample.",
    wrong=f"""
    dX: {REVERSED}
        dZ @ W.T
    dX: the product sums over the inputs, the rows of W, and by (2.9) it is the outputs.
        dZ @ W
    dX: all networks go back through the weights of network 0. Each has its own.
        dZ @ W[0].T
    dX: all networks go back through the weights of network S - 1. Each has its own.
        dZ @ W[-1].T
    dW: {REVERSED}
        X.T @ dZ
    dW: the product sums over the columns of X, its inputs; by (2.6) it is the samples.
        X @ dZ
    dX: each network's dX is transposed. Its rows are samples, as those of X are.
        W @ dZ.swapaxes(1, 2)
    dW: each network's dW is transposed. Its rows are inputs and its columns outputs, as those of W are.
        dZ.swapaxes(1, 2) @ X
    dX: `reshape` cuts the same row of numbers elsewhere, and so mixes rows and columns. `swapaxes` exchanges
    them.
        dZ @ W.reshape(W.swapaxes(1, 2).shape)
    dW: `reshape` cuts the same row of numbers elsewhere, and so mixes rows and columns. `swapaxes` exchanges
    them.
        X.reshape(X.swapaxes(1, 2).shape) @ dZ
    db: the numbers are right, the shape is not: an axis of length 1 is missing. b has the shape
    (S, 1, n_out), and so has db.
        dZ.sum(axis=1)
    db: you add up over the outputs. It is the samples that share a bias.
        dZ.sum(axis=2, keepdims=True)
    db: the samples are not added up. They share one bias.
        dZ
    db: you add up over the networks too. They share no bias: each has a row of its own in db.
        dZ.sum(axis=(0, 1))⟨|[None]⟩
    that is network 0 alone.
        dX[0], dW[0], db[0]
    that is network S - 1 alone.
        dX[-1], dW[-1], db[-1]
    you add up over the networks. They share no weight, so they share no gradient.
        dX.sum(axis=0), dW.sum(axis=0), dZ.sum(axis=⟨0|(0, 1)⟩, keepdims=⟨False|True⟩)
    """,
)
def stacked_backward(X, W, dZ):
    """Check stacked_backward(X, W, dZ) -> dX, dW, db of S dense layers. See notebooks/08_xor.ipynb."""
    dX = dZ @ W.swapaxes(1, 2)
    dW = X.swapaxes(1, 2) @ dZ
    db = dZ.sum(axis=1, keepdims=True)
    return dX, dW, db


def _layers():
    rng, trials = np.random.default_rng(0), []
    for N, n_in, n_out in [(6, 2, 4), (4, 4, 4), (9, 3, 5), (1, 2, 3)]:
        X, W = rng.standard_normal((N, n_in)), rng.standard_normal((n_in, n_out))
        b = rng.standard_normal(n_out)
        b[:2] = -(X @ W[:, 0]).max() - 0.1, 0.1 - (X @ W[:, 1]).min()  # unit 0 is dead, unit 1 never silent
        W[:, 2] = b[2] = 0  # unit 2 gets exactly 0, where ReLU passes nothing either
        b[-1] = -(X @ W[:, -1]).max() - 0.1 if n_out > 4 else b[-1]  # the last is dead too, after one awake
        trials.append(Trial((X, W, b), {"N": N, "n_in": n_in, "n_out": n_out}))
    return trials


def _flags(answer):
    flags = numbers(answer)
    if flags is None:
        raise Wrong("Expected True or False for each unit; you return something else.")
    return flags


def _unlike_flags(name, runs):
    """What is no True or False for each unit."""
    for run in runs:
        N, n_in, n_out = run.sizes.values()
        shape, tried = run.found.shape, f"(Tried with X {N, n_in}, W {n_in, n_out}.)"
        if shape == (N, n_out):
            return f"You return {shape}, an entry for each sample; a unit is dead or not. {tried}"
        if shape != (n_out,):
            return f"You return shape {shape}; expected {(n_out,)}, an entry for each unit. {tried}"
        odd = run.found[(run.found != 0) & (run.found != 1)]
        if odd.size:
            return f"You return {odd[0]:.4g} for a unit; expected True or False. {tried}"
    return None


def _a_unit(name, runs):
    """A unit that is judged wrongly, with its inputs."""
    trial, run = next(
        (trial, run)
        for trial, run in zip(dead_units.trials(), runs, strict=True)
        if not np.array_equal(run.found, run.right)
    )
    X, W, b = trial.arguments
    j = int((run.found != run.right).argmax())
    never = not any(run.found.any() for run in runs)
    why = " (After ReLU nothing is below 0: silent is 0.)" if never else ""
    inputs = (X @ W + b)[:, j].round(2)
    return f"The unit in column {j} has the inputs {inputs}, and you say {bool(run.found[j])}.{why}"


@exercise(
    trials=_layers,
    results=["dead"],
    hint="what does a unit's column of X W + b look like if the unit is silent on every sample?",
    praise="Right, on four random layers, one with a single sample.",
    read=_flags,
    tell=[_unlike_flags, _a_unit],
    wrong="""
    The other way round: these units are alive.
        (Z > 0).any(axis=0)
    You mark units that are silent on some sample; it has to be all.
        (Z <= 0).any(axis=0)
    You look at the weights alone; X and b decide as well.
        (W <= 0).all(axis=0)
    You look at W and b alone; X decides as well. It can be negative.
        (W <= 0).all(axis=0) & (b <= 0)
    The bias is missing.
        Z = X @ W
    The bias is added, not taken away.
        Z = X @ W - b
    You judge by the sum or the mean of a unit's inputs. One above 0 is enough to be awake.
        Z.sum(axis=0) <= 0
    You look at the first sample alone; it has to be all.
        Z[0] <= 0
    You look at the last sample alone; it has to be all.
        Z[-1] <= 0
    Those are the numbers of the dead units. Asked is True or False for each unit.
        np.flatnonzero((Z <= 0).all(axis=0))
    That is how many units are dead. Asked is which: True or False for each unit.
        np.count_nonzero((Z <= 0).all(axis=0))
    From the first unit that is awake you call all awake. Does what you remember of a unit begin anew for the
    next?
        ~np.maximum.accumulate((Z > 0).any(axis=0))
    A unit whose input is exactly 0 is silent too: ReLU gives 0 there, and passes nothing back.
        (Z < 0).all(axis=0)
    """,
)
def dead_units(X, W, b):
    """Check dead_units(X, W, b), n_out times True or False. See notebooks/08_xor.ipynb."""
    Z = X @ W + b
    return (Z <= 0).all(axis=0)


NOT_FOR_XOR = [
    ("You ask for {run.epochs} epochs; allowed are 1 to 500.", lambda run: not 1 <= run.epochs <= 500),
    (
        "There is no activation, so all layers together draw one line, and (8.1) says no.",
        lambda run: run.is_linear,
    ),
    (
        "One hidden unit draws one line, and (8.1) says no.",
        lambda run: run.net.layers[0].n_out == 1 and _has_one_hidden_layer(run.net),
    ),
]


def _has_one_hidden_layer(net):
    return sum(isinstance(layer, Dense) for layer in net.layers) == 2


LEVELS = {np.log(2) / 2: "two", 0.75 * np.log(3) - 0.5 * np.log(2): "three", np.log(2): "all four"}
# What is known of a failure from its start and its end
UNSOLVED = [
    ("diverged: the loss is no number", lambda run: run.diverged),
    (
        "had at most one live unit from the start, which draws one line: no step wakes the others (8.9)",
        lambda run: run.before.alive <= 1 and _has_one_hidden_layer(run.net),
    ),
    (
        "have one live unit left at most, which draws one line: the steps killed the others (8.9)",
        lambda run: run.after.alive <= 1 and _has_one_hidden_layer(run.net),
    ),
    ("end with a larger loss than they began with", lambda run: run.is_blown_up),
    (
        "began with no weight above 0.1, so close to the zeros of (8.4), and end at 0.69 as there",
        lambda run: run.largest < 0.1 and abs(run.after.loss - np.log(2)) < 0.01,
    ),
    *(
        (
            f"end at {level:.2f}, the height of (8.8) for {many} points seen as one",
            lambda run, level=level: abs(run.after.loss - level) < 0.01,
        )
        for level, many in LEVELS.items()
    ),
    ("end at none of the heights of (8.8)", lambda run: True),
]


@check
def solves_xor(answer):
    """Train by setting(rng) -> net, optimizer, epochs, from 100 seeds. See notebooks/08_xor.ipynb."""
    failed, solved_before = [], 0
    for run in trained(
        answer,
        names=["net", "optimizer", "epochs"],
        seeds=100,
        hint="which column of the heat maps ends in a high count, whatever the starting weights?",
        if_zero=" They are all zero, and stay so by (8.4).",
        loss=BinaryCrossEntropy(),
        **{"X": XOR_X, "Y": XOR_Y, "batch_size": 4, "rng": None},
        refused=NOT_FOR_XOR,
    ):
        solved_before += run.before.right == 1
        if run.diverged or run.after.right < 1:
            failed.append(run)
    solved = 100 - len(failed)
    if solved_before > 50:  # by chance it is a few
        raise Wrong(
            f"{solved_before} of 100 networks solve XOR before their first step. Hand them over untrained:"
            " the check trains them, from starting weights that know nothing of XOR."
        )
    if solved >= 95:
        return f"Right: {solved} of 100 seeds solved."
    found = [why(UNSOLVED, run) for run in failed]
    counts = sorted(((found.count(reason), reason) for reason in set(found)), reverse=True)
    told = "; ".join(f"{n} {reason}" for n, reason in counts)
    starts = "Unlucky starts, then: more units" if solved >= 50 else "More units"
    more = Remedies(failed, lambda measured: measured.right == 1).tell(
        f"{starts} give each start more tries.",
        lambda found: f" ({sum(measured.right == 1 for measured in found)} solved)",
    )
    raise Wrong(f"{solved} of 100 seeds solved, 95 wanted. Of the others: {told}. {more}")
