"""The checks of chapter 02."""

import functools
import itertools

import numpy as np

from nnlib.activations import sigmoid
from nnlib.teach.checks.answers import Mistake, Wrong, call, check, compare

__all__ = ["bias_gradient", "dense_backward", "dense_forward", "input_gradient", "weight_gradient"]

# N, n_in, n_out. Among equal sizes every shape fits, and a wrong transpose can be seen in the numbers alone.
SIZES = [(5, 3, 2), (8, 2, 4), (1, 4, 3), (4, 4, 4), (6, 3, 3), (3, 5, 3), (1, 1, 1), (64, 10, 7)]
RIGHT = f"Right, on {len(SIZES)} random batches from N = 1 to N = 64, some of them square."

AXES = {"X": "ni", "W": "ij", "b": "j", "dZ": "nj"}
COUNTED = {"n": "samples", "i": "inputs", "j": "outputs"}
LENGTHS = {"n": "N", "i": "n_in", "j": "n_out"}

AVERAGED = (
    "right but for a factor 1/N (tried with N = 5 and N = 8). The mean over the batch is already in dZ:"
    " the loss put it there."
)
AVERAGED_OVER_ALL = (
    "right but for a factor 1/(N n_out). The mean over all entries is already in dZ: the loss put it there."
)
TWICE_THE_LOSS = (
    "right but for a factor 2/N (tried with N = 5 and N = 8). That is the slope of a squared error, and it is"
    " already in dZ: the loss put it there."
)
FIRST_MISSING = "the first sample is missing. Code counts from 0."
LAST_MISSING = "the last sample is missing: your sum ends too early."
LAST_ONLY = "only the last sample is in it: each sample of your loop writes over the ones before."
FIRST_ONLY = "only the first sample is in it. A batch has N of them."


@check
def dense_forward(answer):
    """Check dense_forward(X, W, b), which returns Z, (N, n_out). See notebooks/02_dense_layer.ipynb."""
    _compare(
        answer,
        lambda X, W, b: X @ W + b,
        ["X", "W", "b"],
        results=["Z"],
        hint="which index do X and W share? Add over it; then b, to every row.",
        mistakes=[
            Mistake(lambda X, W, b: X @ W, "right but for the bias: it is missing."),
            Mistake(lambda X, W, b: X @ W - b, "the bias is subtracted. It has to be added."),
            Mistake(
                lambda X, W, b: X @ W + len(W) * b,
                "the bias is counted once for each input. It stands outside the sum over i.",
            ),
            Mistake(
                lambda X, W, b: X @ (W + b),
                "the bias is added to the weights, so it is multiplied by the inputs. It is added once, to"
                " their weighted sum.",
            ),
            Mistake(
                lambda X, W, b: X @ W + b.sum(),
                "each output gets the sum of all biases. Output j has a bias of its own.",
            ),
            *(
                Mistake(
                    lambda X, W, b, bias=bias: X[:, -1:] * W[-1] + bias(b),
                    "only the last input is in it: each input of your loop writes over the ones before.",
                )
                for bias in (lambda b: b, lambda b: 0)
            ),
            Mistake(lambda X, W, b: X @ W + b[0], "every output gets the first bias. Output j has its own."),
            *(
                Mistake(
                    lambda X, W, b, f=f: f(X @ W + b),
                    "an activation is applied to it, as in chapter 03. Z is what stands before that.",
                )
                for f in (np.tanh, sigmoid, lambda Z: np.maximum(Z, 0))
            ),
            *(
                Mistake(wrong, "you add up the samples. Each of them has its own row in Z.")
                for wrong in (
                    lambda X, W, b: (X @ W + b).sum(axis=0),
                    lambda X, W, b: (X @ W).sum(axis=0) + b,
                )
            ),
        ],
        products=[
            *_mismatched("X", "W"),
            (
                lambda given: given["X"] @ given["W"] + given["b"][:, None],
                "b is added by sample instead of by output.",
            ),
        ],
    )
    return RIGHT


WEIGHT_MISTAKES = [
    Mistake(lambda X, dZ: X.T @ dZ / len(X), AVERAGED),
    Mistake(lambda X, dZ: X.T @ dZ / dZ.size, AVERAGED_OVER_ALL),
    Mistake(lambda X, dZ: X.T @ dZ * 2 / len(X), TWICE_THE_LOSS),
    Mistake(
        lambda X, dZ: np.outer(X.sum(axis=0), dZ.sum(axis=0)),
        "you multiply the sum of the inputs by the sum of the blames. Each sample's input belongs to its own"
        " blame: multiply first, then add.",
    ),
    Mistake(
        lambda X, dZ: np.outer(X.mean(axis=0), dZ.mean(axis=0)),
        "you multiply the mean of the inputs by the mean of the blames. Each sample's input belongs to its"
        " own blame: multiply first, then add, and do not average: the loss has done so.",
    ),
    Mistake(
        lambda X, dZ: np.outer(X.sum(axis=0), dZ.mean(axis=0)),
        "you multiply a sum by a mean. Each sample's input belongs to its own blame: multiply first, then"
        " add.",
    ),
    Mistake(lambda X, dZ: X[1:].T @ dZ[1:], FIRST_MISSING),
    Mistake(lambda X, dZ: X[:-1].T @ dZ[:-1], LAST_MISSING),
    Mistake(lambda X, dZ: np.outer(X[-1], dZ[-1]), LAST_ONLY),
    Mistake(lambda X, dZ: np.outer(X[0], dZ[0]), FIRST_ONLY),
    Mistake(
        lambda X, dZ: np.tile(X.sum(axis=0)[:, None], dZ.shape[1]),
        "only X is in it. A nudge of a weight costs as much as the output that it moves is to blame.",
    ),
    Mistake(
        lambda X, dZ: np.tile(dZ.sum(axis=0), (X.shape[1], 1)),
        "only dZ is in it. A nudge of a weight moves its output by as much as the input that it is"
        " multiplied by.",
    ),
    Mistake(lambda X, dZ: np.abs(X).T @ dZ, "the signs of X are lost."),
    Mistake(
        lambda X, dZ: np.outer(X, dZ),
        "`np.outer` makes one long row of each array: every entry of X meets every entry of dZ, also those of"
        " other samples.",
    ),
    *(
        Mistake(
            lambda X, dZ, axis=axis: (X.T @ dZ).sum(axis=axis),
            "a sum too many: X.T @ dZ has added over the samples already, and dW keeps inputs and outputs.",
        )
        for axis in (0, 1, None)
    ),
    Mistake(
        lambda X, dZ: np.linalg.pinv(X) @ dZ,
        "X is inverted. dW undoes nothing: it asks how much each weight is to blame.",
    ),
    Mistake(lambda X, dZ: X.T @ np.abs(dZ), "the signs of dZ are lost."),
]


@check
def weight_gradient(answer):
    """Check weight_gradient(X, dZ), which returns dW, (n_in, n_out). See notebooks/02_dense_layer.ipynb."""
    _compare(
        answer,
        lambda X, dZ: X.T @ dZ,
        ["X", "dZ"],
        results=["dW"],
        hint="begin with the loops of (2.6). Which of their three indices does dW not have?",
        mistakes=WEIGHT_MISTAKES,
        products=_mismatched("X", "dZ"),
    )
    return RIGHT


BIAS_MISTAKES = [
    Mistake(lambda dZ: dZ.mean(axis=0), AVERAGED),
    Mistake(lambda dZ: dZ.sum(axis=0) / dZ.size, AVERAGED_OVER_ALL),
    Mistake(lambda dZ: dZ.sum(axis=0) * 2 / len(dZ), TWICE_THE_LOSS),
    Mistake(
        lambda dZ: dZ,
        "you return dZ, a row for each sample; db has one entry for each output. Every sample uses the same"
        " bias, so what they contribute has to be added.",
    ),
    Mistake(
        lambda dZ: dZ.sum(axis=1),
        "you add up the outputs of each sample, and have an entry for each sample; db has one for each"
        " output.",
    ),
    Mistake(
        lambda dZ: np.resize(dZ.sum(axis=1), dZ.shape[1]),
        "the shape is right, the sum is not: it runs over the outputs of a sample. Which index does db_j not"
        " have?",
    ),
    Mistake(
        lambda dZ: dZ.sum(axis=1)[: dZ.shape[1]],
        "you add up the outputs of each sample, and cut off what is too much. Which index does db_j not"
        " have?",
    ),
    Mistake(
        lambda dZ: dZ.sum(),
        "you add up everything, samples and outputs. Each output has a bias of its own.",
    ),
    Mistake(lambda dZ: np.full(dZ.shape[1], dZ.sum()), "each entry is the sum over all outputs."),
    Mistake(
        lambda dZ: dZ.mean(axis=1), "you average the outputs of each sample; db has an entry for each output."
    ),
    Mistake(lambda dZ: dZ.mean(), "you average everything. Each output has a bias of its own."),
    Mistake(
        lambda dZ: np.full(dZ.shape[1], len(dZ)),
        "you count the samples. Each contributes as much as its output is to blame.",
    ),
    *(
        Mistake(wrong, "yours is 1 everywhere: dZ is not in it.")
        for wrong in (lambda dZ: np.ones(dZ.shape[1]), lambda dZ: 1)
    ),
    Mistake(lambda dZ: dZ[1:].sum(axis=0), FIRST_MISSING),
    Mistake(lambda dZ: dZ[:-1].sum(axis=0), LAST_MISSING),
    Mistake(lambda dZ: dZ[-1], LAST_ONLY),
    Mistake(lambda dZ: dZ[0], FIRST_ONLY),
    Mistake(lambda dZ: np.abs(dZ).sum(axis=0), "the signs of dZ are lost."),
]


@check
def bias_gradient(answer):
    """Check bias_gradient(dZ), which returns db, (n_out,). See notebooks/02_dense_layer.ipynb."""
    _compare(
        answer,
        lambda dZ: dZ.sum(axis=0),
        ["dZ"],
        results=["db"],
        hint="how many paths lead from b_j to the loss in a batch of N samples?",
        mistakes=BIAS_MISTAKES,
    )
    return RIGHT


INPUT_MISTAKES = [
    Mistake(
        lambda dZ, W: (dZ @ W.T).sum(axis=0),
        "you add up the samples. A nudge of one sample's input moves no other sample: each has its own row.",
    ),
    Mistake(
        lambda dZ, W: (dZ @ W.T).mean(axis=0),
        "you average over the samples. Each sample's input has its own row.",
    ),
    Mistake(
        lambda dZ, W: dZ @ np.linalg.pinv(W),
        "you run the layer backwards, from outputs to inputs. dX asks something else: how much of the"
        " outputs' blame comes back to each input.",
    ),
    Mistake(
        lambda dZ, W: dZ[:, :1] * W[:, 0], "only the first output is in it. Input i reaches all of them."
    ),
    Mistake(
        lambda dZ, W: dZ[:, -1:] * W[:, -1],
        "only the last output is in it: each output of your loop writes over the ones before.",
    ),
    Mistake(
        lambda dZ, W: dZ * W.sum(axis=0),
        "you add over the inputs, and keep the outputs. Which index does dX not have?",
    ),
    Mistake(
        lambda dZ, W: np.outer(dZ.sum(axis=1), W.sum(axis=1)),
        "you multiply two sums. Each output's blame belongs to its own weight: multiply first, then add.",
    ),
    Mistake(
        lambda dZ, W: np.tile(dZ.sum(axis=1)[:, None], len(W)),
        "W is not in it. A nudge of input i moves output j by as much as the weight between them.",
    ),
    Mistake(
        lambda dZ, W: np.tile(W.sum(axis=1), (len(dZ), 1)),
        "dZ is not in it. That is how far the outputs move, not how much of it is to blame.",
    ),
    Mistake(
        lambda dZ, W: dZ[:, None, :] * W,
        "you have a number for each sample, input and output. What comes"
        " back from the outputs has to be added.",
    ),
    Mistake(lambda dZ, W: dZ @ W.T / len(dZ), AVERAGED),
    Mistake(lambda dZ, W: dZ @ W.T / dZ.size, AVERAGED_OVER_ALL),
    Mistake(lambda dZ, W: dZ @ W.T * 2 / len(dZ), TWICE_THE_LOSS),
]


@check
def input_gradient(answer):
    """Check input_gradient(dZ, W), which returns dX, (N, n_in). See notebooks/02_dense_layer.ipynb."""
    _compare(
        answer,
        lambda dZ, W: dZ @ W.T,
        ["dZ", "W"],
        results=["dX"],
        hint="which index does (2.9) add over, and where does it stand in dZ and in W?",
        mistakes=INPUT_MISTAKES,
        products=_mismatched("dZ", "W"),
    )
    return RIGHT


@check
def dense_backward(answer):
    """Check dense_backward(X, W, dZ), which returns dX, dW, db. See notebooks/02_dense_layer.ipynb."""
    hint = "you have written all three already. For each: which index does the result not have?"
    names = ["dX", "dW", "db"]
    arguments, _ = _batches(["X", "W", "dZ"])[0]
    _look_for_leftovers(answer, arguments, names, hint)
    _look_for_another_order(answer, names, hint)
    parts = [
        *(Mistake(lambda X, W, dZ, f=m.wrong: f(dZ, W), m.why, "dX") for m in INPUT_MISTAKES),
        *(Mistake(lambda X, W, dZ, f=m.wrong: f(X, dZ), m.why, "dW") for m in WEIGHT_MISTAKES),
        *(Mistake(lambda X, W, dZ, f=m.wrong: f(dZ), m.why, "db") for m in BIAS_MISTAKES),
        Mistake(lambda X, W, dZ: (dZ @ W.T).T @ dZ, "dX stands where X belongs.", "dW"),
        Mistake(
            lambda X, W, dZ: (X.T @ dZ).sum(axis=0),
            "you add up dW. The bias takes over the blame of its output, whatever the inputs are.",
            "db",
        ),
        *(
            Mistake(
                lambda X, W, dZ, lr=lr: dZ @ (W - lr * X.T @ dZ).T,
                "it comes from weights that have taken a step already. Ask those that made Z.",
                "dX",
            )
            for lr in (1, 0.5, 0.1, 0.01, 0.001)
        ),
    ]
    products = _mismatched("dZ", "W", "dX: ") + _mismatched("X", "dZ", "dW: ")
    _compare(
        answer,
        _backward,
        ["X", "W", "dZ"],
        results=names,
        hint=hint,
        mistakes=parts,
        products=products,
    )
    return f"{RIGHT[:-1]}, and a second call finds nothing left over from the first."


def _backward(X, W, dZ):
    return dZ @ W.T, X.T @ dZ, dZ.sum(axis=0)


def _look_for_leftovers(answer, arguments, names, hint):
    """Raise `Wrong` where a second call with the same arrays returns something else."""
    first, second = (_attempt(answer, arguments, hint) for _ in range(2))
    if not len(first) == len(second) == len(names):
        return
    for name, a, b in zip(names, first, second, strict=True):
        if a.shape == b.shape and a.any() and not np.allclose(a, b, equal_nan=True):
            why = "called twice with the same arrays, it returns something else the second time."
            if np.allclose(b, 2 * a):
                why += " It is twice as much: what the first call found is still in it. Begin anew each time."
            raise Wrong(f"{name}: {why}")


def _attempt(answer, arguments, hint):
    """Return what the answer returns as a list of float arrays, empty where it is nothing of the kind."""
    try:
        returned = call(answer, *(a.copy() for a in arguments), hint=hint)
        parts = returned if isinstance(returned, (tuple, list)) else [returned]
        return [np.array(part, float) for part in parts]
    except (TypeError, ValueError, Wrong):
        return []


def _look_for_another_order(answer, names, hint):
    """Raise `Wrong` where all results are right but do not stand in the order asked for."""
    orders = [order for order in itertools.permutations(range(3)) if order != (0, 1, 2)]
    for arguments, _ in _batches(["X", "W", "dZ"]):
        found = _attempt(answer, arguments, hint)
        if len(found) != 3:
            return
        right = _backward(*arguments)
        pairs = {order: [(found[k], right[part]) for k, part in enumerate(order)] for order in orders}
        orders = [
            order
            for order, pair in pairs.items()
            if all(a.shape == b.shape and np.allclose(a, b, rtol=1e-4) for a, b in pair)
        ]
    if orders:
        yours = ", ".join(names[part] for part in orders[0])
        raise Wrong(
            f"All three are right, in another order: you return {yours}. Expected {', '.join(names)}."
        )


def _compare(answer, right, arrays, *, results, hint, mistakes, products=()):
    """`compare` on random batches; where unequal sizes stop the answer, say what it does with equal ones."""
    try:
        compare(answer, right, _batches(arrays), results=results, hint=hint, mistakes=mistakes)
    except Wrong as wrong:
        if "stops with ValueError" not in str(wrong) and "stops with IndexError" not in str(wrong):
            raise
        seen = _seen_in_square(answer, arrays, hint, products)
        raise (Wrong(f"{str(wrong).rstrip(' .')} {seen}") if seen else wrong) from None


def _seen_in_square(answer, arrays, hint, products):
    """Return what a product that does not fit becomes where all sizes are equal: it runs, and is wrong."""
    square = next(arguments for arguments, sizes in _batches(arrays) if set(sizes.values()) == {4})
    found = _attempt(answer, square, hint)
    given = dict(zip(arrays, square, strict=True))
    for product, why in products:
        wrong = product(given)
        if any(part.shape == wrong.shape and np.allclose(part, wrong, rtol=1e-4) for part in found):
            return (
                "(tried with N = 5, n_in = 3, n_out = 2). With N = n_in = n_out = 4 every shape fits, it"
                f" runs, and is wrong all the same. {why}"
            )
    return None


def _mismatched(first, second, head=""):
    """Return the products of two arrays that add over two different indices, or none, each with what it does.

    They are functions of a dict of arrays.
    """
    found, flips = [], [False, True]
    for (a, b), flip_a, flip_b in itertools.product([(first, second), (second, first)], flips, flips):
        texts = a + ".T" * flip_a, b + ".T" * flip_b
        index_a, index_b = AXES[a][0 if flip_a else 1], AXES[b][1 if flip_b else 0]

        def multiply(given, operator, a=a, b=b, flip_a=flip_a, flip_b=flip_b):
            AB = operator(given[a].T if flip_a else given[a], given[b].T if flip_b else given[b])
            return AB + given.get("b", 0)

        if index_a != index_b:
            pairs = f"pairs the {COUNTED[index_a]} of {a} with the {COUNTED[index_b]} of {b}"
            why = f"{head}`{' @ '.join(texts)}` {pairs}, as if they were the same."
            found.append((functools.partial(multiply, operator=np.matmul), why))
        why = f"{head}`{' * '.join(texts)}` multiplies entry by entry and adds nothing: a sum is missing."
        found.append((functools.partial(multiply, operator=np.multiply), why))
    return found


def _batches(arrays):
    """Return a trial of random arrays for each of SIZES."""
    rng = np.random.default_rng(0)
    used = [axis for axis in "nij" if any(axis in AXES[name] for name in arrays)]
    trials = []
    for numbers in SIZES:
        length = dict(zip("nij", numbers, strict=True))
        arguments = tuple(rng.standard_normal([length[axis] for axis in AXES[name]]) for name in arrays)
        trials.append((arguments, {LENGTHS[axis]: length[axis] for axis in used}))
    return trials
