"""The checks of chapter 08."""

import numpy as np

from nnlib import BinaryCrossEntropy, Dense, ReLU, datasets, metrics, sigmoid, train
from nnlib.teach.checks.answers import Mistake, Wrong, array, call, check, compare, numbers, settings

__all__ = ["dead_units", "solves_xor", "stacked_backward", "xnor_weights"]

XOR_X, XOR_Y = datasets.xor()


@check
def xnor_weights(answer):
    """Check xnor_weights() -> W1, b1, W2, b2 of a 2-2-1 network with ReLU. See notebooks/08_xor.ipynb."""
    hint = "which single change turns the sign of z in (8.3) for all four points?"
    returned = call(answer, hint=hint)
    if not isinstance(returned, tuple) or len(returned) != 4:
        raise Wrong("Expected `return W1, b1, W2, b2`, four arrays.")
    shapes = {"W1": (2, 2), "b1": (2,), "W2": (2, 1), "b2": (1,)}
    if [getattr(part, "shape", None) for part in returned] == [(2, 2), (2, 1), (2,), (1,)]:
        raise Wrong("The order is W1, b1, W2, b2, layer by layer; you return W1, W2, b1, b2.")
    parts = zip(shapes.items(), returned, strict=True)
    W1, b1, W2, b2 = (array(part, shape, f"which is {name}") for (name, shape), part in parts)
    Z1 = XOR_X @ W1 + b1
    A1 = np.maximum(Z1, 0)
    z = (A1 @ W2 + b2).ravel()
    said = ", ".join(f"({x1:.0f}, {x2:.0f}): {value:.3g}" for (x1, x2), value in zip(XOR_X, z, strict=True))
    wanted = XOR_Y.ravel() == 0
    if np.array_equal(z > 0, ~wanted):
        raise Wrong(f"That is XOR, not its opposite. Your z are {said}.")
    if not np.isfinite(z).all():
        raise Wrong(f"Each weight has to be a finite number. Your z are {said}.")
    if (z == 0).any():
        raise Wrong(f"z = 0 is on the line and counts as a 0; keep away from it. Your z are {said}.")
    if not np.array_equal(z > 0, wanted):
        x1, x2 = XOR_X[int(((z > 0) != wanted).argmax())]
        side = "above" if x1 == x2 else "below"
        why = _not_xnor(Z1, A1, W2, b2, wanted)
        raise Wrong(f"The point ({x1:.0f}, {x2:.0f}) should have z {side} 0. Your z are {said}.{why}")
    return f"Right. Your z are {said}."


def _not_xnor(Z1, A1, W2, b2, wanted):
    """Return what is known about weights with a z on the wrong side, as a further sentence; or nothing."""

    def solved(A1, W2, b2):
        return np.array_equal((A1 @ W2 + b2).ravel() > 0, wanted)

    if solved(A1, W2, -b2):
        return " W2 fits, and b2 does not: to turn the sign of z, all its terms have to turn."
    if solved(A1, -W2, b2):
        return " b2 fits, and W2 does not: to turn the sign of z, all its terms have to turn."
    for name, f in (("sigmoid", sigmoid), ("tanh", np.tanh)):
        if solved(f(Z1), W2, b2):
            return f" With {name} units these weights would do; the units here are ReLU, max(z, 0)."
    if (silent := np.flatnonzero(~A1.any(axis=0))).size:
        return (
            f" Hidden unit {silent[0] + 1} gives 0 at all four points, and one unit is too few. (ReLU lets"
            " nothing negative through: a minus in front of W1 does not turn an output, it switches it off.)"
        )
    return ""


# S, N, n_in, n_out. In a cube every product fits, and a wrong one is known by its numbers.
CUBE = (3, 3, 3, 3)
STACKS = [(4, 5, 2, 3), (2, 1, 3, 5), (6, 3, 4, 2), (1, 4, 5, 6)]
REVERSED = (
    "`.T` turns all axes round, the networks with them; here only the last two change places."
    " `swapaxes` exchanges two axes and leaves the others alone."
)
MISSED_TURN = {
    "dX": [
        (lambda X, W, dZ: dZ @ W.T, REVERSED),
        (
            lambda X, W, dZ: dZ @ W,
            "the product sums over the inputs, the rows of W, and by (2.9) it is the outputs.",
        ),
    ],
    "dW": [
        (lambda X, W, dZ: X.T @ dZ, REVERSED),
        (
            lambda X, W, dZ: X @ dZ,
            "the product sums over the columns of X, its inputs; by (2.6) it is the samples.",
        ),
    ],
}


def _stacked_backward(X, W, dZ):
    return dZ @ W.swapaxes(1, 2), X.swapaxes(1, 2) @ dZ, dZ.sum(axis=1, keepdims=True)


RESULTS = ["dX", "dW", "db"]
ONE_NETWORK = [
    Mistake(lambda *given, k=k, s=s: _stacked_backward(*given)[k][s], f"that is network {which} alone.", name)
    for k, name in enumerate(RESULTS)
    for s, which in ((0, "0"), (-1, "S - 1"))
]
ONE_WEIGHT = [
    Mistake(
        lambda X, W, dZ, s=s: dZ @ W[s].T,
        f"all networks go back through the weights of network {which}. Each has its own.",
        "dX",
    )
    for s, which in ((0, "0"), (-1, "S - 1"))
]


def _stacked_trial(sizes):
    S, N, n_in, n_out = sizes
    rng = np.random.default_rng(sum(sizes))
    arrays = tuple(rng.standard_normal(shape) for shape in ((S, N, n_in), (S, n_in, n_out), (S, N, n_out)))
    return arrays, {"S": S, "N": N, "n_in": n_in, "n_out": n_out}


@check
def stacked_backward(answer):
    """Check stacked_backward(X, W, dZ) -> dX, dW, db of S dense layers. See notebooks/08_xor.ipynb."""
    hint = (
        "write the three lines of chapter 02 for one network. Which axes does each of them turn, or sum over?"
    )
    cube, _ = _stacked_trial(CUBE)
    returned = call(answer, *(a.copy() for a in cube), hint=hint)
    if isinstance(returned, (tuple, list)) and len(returned) == 3:

        def same(part, array):
            part = numbers(part)
            return part is not None and part.shape == array.shape and np.allclose(part, array)

        truth = dict(zip(RESULTS, _stacked_backward(*cube), strict=True))
        order = [name for part in returned for name, array in truth.items() if same(part, array)]
        if sorted(order) == sorted(RESULTS) and order != RESULTS:
            raise Wrong(f"The order is dX, dW, db; you return {', '.join(order)}, each of them right.")
        for (name, wrongs), part in zip(MISSED_TURN.items(), returned, strict=False):
            for wrong, why in wrongs:
                if same(part, wrong(*cube)):
                    raise Wrong(f"{name}: {why}")
    try:
        compare(
            answer,
            _stacked_backward,
            [_stacked_trial(sizes) for sizes in STACKS],
            results=RESULTS,
            hint=hint,
            mistakes=[
                *ONE_NETWORK,
                *ONE_WEIGHT,
                *(
                    Mistake(
                        wrong,
                        "you add up over the networks. They share no weight, so they share no gradient.",
                        name,
                    )
                    for name, wrong in (
                        ("dX", lambda X, W, dZ: np.einsum("snj,sij->ni", dZ, W)),
                        ("dW", lambda X, W, dZ: np.einsum("sni,snj->ij", X, dZ)),
                        ("db", lambda X, W, dZ: dZ.sum(axis=0)),
                        ("db", lambda X, W, dZ: dZ.sum(axis=0, keepdims=True)),
                        ("db", lambda X, W, dZ: dZ.sum(axis=(0, 1))),
                        ("db", lambda X, W, dZ: dZ.sum(axis=(0, 1), keepdims=True)),
                    )
                ),
                Mistake(
                    lambda X, W, dZ: dZ.sum(axis=1),
                    "the numbers are right, the shape is not: an axis of length 1 is missing. b has the shape"
                    " (S, 1, n_out), and so has db.",
                    "db",
                ),
                Mistake(
                    lambda X, W, dZ: dZ.sum(axis=2, keepdims=True),
                    "you add up over the outputs. It is the samples that share a bias.",
                    "db",
                ),
                Mistake(lambda X, W, dZ: dZ, "the samples are not added up. They share one bias.", "db"),
            ],
        )
    except Wrong as wrong:  # of three axes the first is the networks'
        raise Wrong(str(wrong).replace("over the first axis of", "over the last axis but one of")) from None
    return f"Right, on {len(STACKS) + 1} random stacks, one of a single network, one with a single sample."


@check
def dead_units(answer):
    """Check dead_units(X, W, b), n_out times True or False. See notebooks/08_xor.ipynb."""
    rng = np.random.default_rng(0)
    hint = "what does a unit's column of X W + b look like if the unit is silent on every sample?"
    trials = []
    for N, n_in, n_out in [(6, 2, 4), (4, 4, 4), (9, 3, 5), (1, 2, 3)]:
        X, W = rng.standard_normal((N, n_in)), rng.standard_normal((n_in, n_out))
        b = rng.standard_normal(n_out)
        b[:2] = -(X @ W[:, 0]).max() - 0.1, 0.1 - (X @ W[:, 1]).min()  # unit 0 is dead, unit 1 never silent
        W[:, 2] = b[2] = 0  # unit 2 gets exactly 0, where ReLU passes nothing either
        found = numbers(call(answer, X.copy(), W.copy(), b.copy(), hint=hint))
        if found is None:
            raise Wrong("Expected True or False for each unit; you return something else.")
        trials.append((X, W, b, found))

    def always(rule):
        return all(np.array_equal(found, rule(X, W, b)) for X, W, b, found in trials)

    for rule, why in (
        (lambda X, W, b: (X @ W + b > 0).any(axis=0), "The other way round: these units are alive."),
        (
            lambda X, W, b: (X @ W + b <= 0).any(axis=0),
            "You mark units that are silent on some sample; it has to be all.",
        ),
        (lambda X, W, b: (W <= 0).all(axis=0), "You look at the weights alone; X and b decide as well."),
        (
            lambda X, W, b: (W <= 0).all(axis=0) & (b <= 0),
            "You look at W and b alone; X decides as well. It can be negative.",
        ),
        (lambda X, W, b: (X @ W <= 0).all(axis=0), "The bias is missing."),
        (lambda X, W, b: (X @ W - b <= 0).all(axis=0), "The bias is added, not taken away."),
        (
            lambda X, W, b: (X @ W + b).sum(axis=0) <= 0,
            "You judge by the sum or the mean of a unit's inputs. One above 0 is enough to be awake.",
        ),
        (lambda X, W, b: X[0] @ W + b <= 0, "You look at the first sample alone; it has to be all."),
        (lambda X, W, b: X[-1] @ W + b <= 0, "You look at the last sample alone; it has to be all."),
        (
            lambda X, W, b: np.flatnonzero((X @ W + b <= 0).all(axis=0)),
            "Those are the numbers of the dead units. Asked is True or False for each unit.",
        ),
        (
            lambda X, W, b: np.count_nonzero((X @ W + b <= 0).all(axis=0)),
            "That is how many units are dead. Asked is which: True or False for each unit.",
        ),
        (
            lambda X, W, b: (X @ W + b < 0).all(axis=0),
            "A unit whose input is exactly 0 is silent too: ReLU gives 0 there, and passes nothing back.",
        ),
    ):
        if always(rule):
            raise Wrong(why)
    for X, W, b, found in trials:
        shape, n_out, tried = found.shape, len(b), f"(Tried with X {X.shape}, W {W.shape}.)"
        if shape == (len(X), n_out):
            raise Wrong(f"You return {shape}, an entry for each sample; a unit is dead or not. {tried}")
        if shape != (n_out,):
            raise Wrong(f"You return shape {shape}; expected {(n_out,)}, an entry for each unit. {tried}")
        if (odd := found[(found != 0) & (found != 1)]).size:
            raise Wrong(f"You return {odd[0]:.4g} for a unit; expected True or False. {tried}")
        right = (X @ W + b <= 0).all(axis=0)
        if not np.array_equal(found, right):
            j = int((found != right).argmax())
            Z, never = (X @ W + b)[:, j].round(2), not any(found.any() for *_, found in trials)
            why = " (After ReLU nothing is below 0: silent is 0.)" if never else ""
            raise Wrong(f"The unit in column {j} has the inputs {Z}, and you say {bool(found[j])}.{why}")
    return "Right, on four random layers, one with a single sample."


@check
def solves_xor(answer):
    """Train by setting(rng) -> net, optimizer, epochs, from 100 seeds. See notebooks/08_xor.ipynb."""
    hint = "which column of the heat maps ends in a high count, whatever the starting weights?"
    failures, solved_before = [], 0
    names, zero = ("net", "optimizer", "epochs"), " They are all zero, and stay so by (8.4)."
    for _, net, optimizer, epochs in settings(answer, names, 100, hint=hint, if_zero=zero):
        records = _xor_training(net, optimizer, epochs)
        solved_before += _solves(net)
        if failure := _xor_failure(net, records):
            failures.append(failure)
    solved = 100 - len(failures)
    if solved_before > 50:  # by chance it is a few
        raise Wrong(
            f"{solved_before} of 100 networks solve XOR before their first step. Hand them over untrained:"
            " the check trains them, from starting weights that know nothing of XOR."
        )
    if solved >= 95:
        return f"Right: {solved} of 100 seeds solved."
    counts = {reason: failures.count(reason) for reason in failures}
    told = "; ".join(f"{n} {reason}" for reason, n in sorted(counts.items(), key=lambda pair: -pair[1]))
    raise Wrong(f"{solved} of 100 seeds solved, 95 wanted. Of the others: {told}.")


def _solves(net):
    with np.errstate(over="ignore", invalid="ignore"):
        return metrics.accuracy(net.predict(XOR_X), XOR_Y, threshold=0) == 1


def _xor_training(net, optimizer, epochs):
    """Return the training on XOR, not yet begun; raise `Wrong` if it cannot begin, or cannot succeed."""
    try:
        data = {"X": XOR_X, "Y": XOR_Y, "epochs": epochs, "batch_size": 4, "rng": None}
        records = train(net, BinaryCrossEntropy(), optimizer, **data)
    except (TypeError, ValueError) as error:
        raise Wrong(f"This cannot be trained: {error}") from None
    if not 1 <= epochs <= 500:
        raise Wrong(f"You ask for {epochs} epochs; allowed are 1 to 500.")
    if not isinstance(net.layers[-1], Dense):
        raise Wrong(f"The last layer is {net.layers[-1]}. The loss takes logits: end with Dense(…, 1).")
    if all(isinstance(layer, Dense) for layer in net.layers):
        raise Wrong("There is no activation, so all layers together draw one line, and (8.1) says no.")
    if net.layers[0].n_out == 1:
        raise Wrong("One hidden unit draws one line, whatever follows, and (8.1) says no.")
    return records


def _xor_failure(net, records):
    """Train once on XOR; return why it was not solved, or None if it was."""
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            history = list(records)
            if _solves(net):
                return None
        except FloatingPointError:
            return "diverged (the learning rate is too large)"
        A = XOR_X.astype(net.dtype)
        for layer in net.layers:
            A = layer.forward(A)
            if isinstance(layer, ReLU) and (A <= 0).all(axis=0).any():
                return "ended with a dead unit (8.8: more units, smaller steps, or another activation)"
    if BinaryCrossEntropy().value(net.predict(XOR_X), XOR_Y) > 1:
        return "ended worse than guessing (the learning rate is too large)"
    if history[-1].loss < 0.99 * history[len(history) // 2].loss:
        return "were still improving (more epochs, or a larger learning rate)"
    return "had come to rest with points that the network sees as one (8.8), as too few units or steps do"
