"""The exercises of chapter 02."""

import numpy as np

from nnlib import sigmoid  # noqa: F401 (a catalogue uses it)
from nnlib.teach.checks.engine import Trial, catalogue, exercise

__all__ = ["bias_gradient", "dense_backward", "dense_forward", "input_gradient", "weight_gradient"]

# N, n_in, n_out. Among equal sizes every shape fits, and a wrong transpose can be seen in the numbers alone;
# they come before N = 1, where a product that adds nothing may be right.
SIZES = [(5, 3, 2), (8, 2, 4), (4, 4, 4), (1, 4, 3), (6, 3, 3), (3, 5, 3), (1, 1, 1), (64, 10, 7)]
RIGHT = f"Right, on {len(SIZES)} random batches from N = 1 to N = 64, some of them square"

AXES = {"X": ("N", "n_in"), "W": ("n_in", "n_out"), "b": ("n_out",), "dZ": ("N", "n_out")}
COUNTED = {"N": "samples", "n_in": "inputs", "n_out": "outputs"}


COLUMNS = "That is the order of books in which samples are columns; here they are rows."


def _batches(*arrays):
    """Return a trial of random arrays for each of SIZES."""
    rng = np.random.default_rng(0)
    used = [size for size in COUNTED if any(size in AXES[array] for array in arrays)]
    trials = []
    for sizes in SIZES:
        length = dict(zip(COUNTED, sizes, strict=True))
        arguments = tuple(rng.standard_normal([length[size] for size in AXES[array]]) for array in arrays)
        trials.append(Trial(arguments, {size: length[size] for size in used}))
    return trials


def _mismatched(product):
    """Return the catalogue of what may stand for a product: one that adds over two indices, or over none."""
    factors = product.split(" @ ")
    left, right = product.replace(".T", "").split(" @ ")
    pairs = [(A, B) for A in (left, f"{left}.T") for B in (right, f"{right}.T")]
    text = ""
    for A, B in pairs:
        text += f"""
    `{A} * {B}` multiplies entry by entry and adds nothing: a sum is missing.
        {product} → {A} * {B}
    """
    for A, B in pairs + [(B, A) for A, B in pairs]:
        (a, _, last), (b, first, _) = _read(A), _read(B)
        if last != first:
            text += f"""
    `{A} @ {B}` pairs the {last} of {a} with the {first} of {b}, as if they were the same.{
                f" {COLUMNS}" if [B, A] == factors else ""
            }
        {product} → {A} @ {B}
    """
    return text


def _read(A):
    """Return the name of an array, and what its rows and columns are; `X.T` has those of X exchanged."""
    name = A.removesuffix(".T")
    rows, columns = (COUNTED[size] for size in AXES[name])
    return (name, rows, columns) if A == name else (name, columns, rows)


@exercise(
    trials=lambda: _batches("X", "W", "b"),
    results=["Z"],
    hint="which index do X and W share? Add over it; then b, to every row.",
    praise=f"{RIGHT}.",
    wrong="""
    right but for the bias: it is missing.
        X @ W
    the bias is subtracted. It has to be added.
        X @ W - b
    the bias is counted once for each input. It stands outside the sum over i.
        X @ W + len(W) * b
    the bias is added to the weights, so it is multiplied by the inputs. It is added once, to their weighted
    sum.
        X @ (W + b)
    each output gets the sum of all biases. Output j has a bias of its own.
        X @ W + b.sum()
    only the last input is in it: each input of your loop writes over the ones before.
        X[:, -1:] * W[-1]⟨ + b|⟩
    every output gets the first bias. Output j has its own.
        X @ W + b[0]
    an activation is applied to it, as in chapter 03. Z is what stands before that.
        ⟨np.tanh(|sigmoid(|np.maximum(0, ⟩X @ W + b)
    you add up the samples. Each of them has its own row in Z.
        (X @ W + b).sum(axis=0)
        (X @ W).sum(axis=0) + b
    b is added by sample instead of by output.
        X @ W + b[:⟨| len(X)⟩, None]
    """
    + _mismatched("X @ W"),
)
def dense_forward(X, W, b):
    """Check dense_forward(X, W, b), which returns Z, (N, n_out). See notebooks/02_dense_layer.ipynb."""
    return X @ W + b


AVERAGED = """
    right but for a factor 1/N (tried with N = 5 and N = 8). The mean over the batch is already in dZ: the
    loss put it there.
        dZ = dZ / len(dZ)
    right but for a factor 1/(N n_out). The mean over all entries is already in dZ: the loss put it there.
        dZ = dZ / dZ.size
    right but for a factor 2/N (tried with N = 5 and N = 8). That is the slope of a squared error, and it is
    already in dZ: the loss put it there.
        dZ = 2 * dZ / len(dZ)
    """

WEIGHTS = """
    you multiply the sum of the inputs by the sum of the blames. Each sample's input belongs to its own blame:
    multiply first, then add.
        np.outer(X.sum(axis=0), dZ.sum(axis=0))
    you multiply the mean of the inputs by the mean of the blames. Each sample's input belongs to its own
    blame: multiply first, then add, and do not average: the loss has done so.
        np.outer(X.mean(axis=0), dZ.mean(axis=0))
    you multiply a sum by a mean. Each sample's input belongs to its own blame: multiply first, then add.
        np.outer(X.sum(axis=0), dZ.mean(axis=0))
    the first sample is missing. Code counts from 0.
        X[1:].T @ dZ[1:]
    the last sample is missing: your sum ends too early.
        X[:-1].T @ dZ[:-1]
    only the last sample is in it: each sample of your loop writes over the ones before.
        np.outer(X[-1], dZ[-1])
    only the first sample is in it. A batch has N of them.
        np.outer(X[0], dZ[0])
    only X is in it. A nudge of a weight costs as much as the output that it moves is to blame.
        X.T @ np.ones_like(dZ)
    only dZ is in it. A nudge of a weight moves its output by as much as the input that it is multiplied by.
        np.ones_like(X).T @ dZ
    the signs of X are lost.
        np.abs(X).T @ dZ
    the signs of dZ are lost.
        X.T @ np.abs(dZ)
    `np.outer` makes one long row of each array: every entry of X meets every entry of dZ, also those of other
    samples.
        np.outer(X, dZ)
    a sum too many: X.T @ dZ has added over the samples already, and dW keeps inputs and outputs.
        (X.T @ dZ).sum(axis=⟨0|1|None⟩)
    X is inverted. dW undoes nothing: it asks how much each weight is to blame.
        np.linalg.pinv(X) @ dZ
    `reshape` cuts the same row of numbers elsewhere, and so mixes rows and columns. Rows become columns by a
    transpose, `.T`.
        X.reshape(X.T.shape) @ dZ
    """ + _mismatched("X.T @ dZ")


@exercise(
    trials=lambda: _batches("X", "dZ"),
    results=["dW"],
    hint="begin with the loops of (2.6). Which of their three indices does dW not have?",
    praise=f"{RIGHT}.",
    wrong=AVERAGED + WEIGHTS,
)
def weight_gradient(X, dZ):
    """Check weight_gradient(X, dZ), which returns dW, (n_in, n_out). See notebooks/02_dense_layer.ipynb."""
    return X.T @ dZ


BIASES = """
    you return dZ, a row for each sample; db has one entry for each output. Every sample uses the same bias,
    so what they contribute has to be added.
        dZ
    you add up the outputs of each sample, and have an entry for each sample; db has one for each output.
        dZ.sum(axis=1)
    you add along axis 1, as in books in which samples are columns; here they are rows. Along which axis do
    they lie?
        dZ.sum(axis=1, keepdims=True)⟨| / dZ.shape[1]⟩
    the shape is right, the sum is not: it runs over the outputs of a sample. Which index does db_j not have?
        np.resize(dZ.sum(axis=1), dZ.shape[1])
    you add up the outputs of each sample, and cut off what is too much. Which index does db_j not have?
        dZ.sum(axis=1)[: dZ.shape[1]]
    you add up everything, samples and outputs. Each output has a bias of its own.
        dZ.sum()
    each entry is the sum over all outputs.
        np.full(dZ.shape[1], dZ.sum())
    you average the outputs of each sample; db has an entry for each output.
        dZ.mean(axis=1)
    you average everything. Each output has a bias of its own.
        dZ.mean()
    you count the samples. Each contributes as much as its output is to blame.
        np.full(dZ.shape[1], len(dZ))
    yours is 1 everywhere: dZ is not in it.
        ⟨np.ones(dZ.shape[1])|1⟩
    the first sample is missing. Code counts from 0.
        dZ[1:].sum(axis=0)
    the last sample is missing: your sum ends too early.
        dZ[:-1].sum(axis=0)
    only the last sample is in it: each sample of your loop writes over the ones before.
        dZ[-1]
    only the first sample is in it. A batch has N of them.
        dZ[0]
    the signs of dZ are lost.
        np.abs(dZ).sum(axis=0)
    """


@exercise(
    trials=lambda: _batches("dZ"),
    results=["db"],
    hint="how many paths lead from b_j to the loss in a batch of N samples?",
    praise=f"{RIGHT}.",
    wrong=AVERAGED + BIASES,
)
def bias_gradient(dZ):
    """Check bias_gradient(dZ), which returns db, (n_out,). See notebooks/02_dense_layer.ipynb."""
    return dZ.sum(axis=0)


INPUTS = """
    you add up the samples. A nudge of one sample's input moves no other sample: each has its own row.
        (dZ @ W.T).sum(axis=0)
    you average over the samples. Each sample's input has its own row.
        (dZ @ W.T).mean(axis=0)
    you run the layer backwards, from outputs to inputs. dX asks something else: how much of the outputs'
    blame comes back to each input.
        dZ @ np.linalg.pinv(W)
    only the first output is in it. Input i reaches all of them.
        dZ[:, :1] * W[:, 0]
    of all outputs, only the one with the largest share is in it. All of them add up.
        np.take_along_axis(A := dZ[:, None] * W, np.abs(A).argmax(axis=2)[..., None], axis=2)[..., 0]
    only the last output is in it: each output of your loop writes over the ones before.
        dZ[:, -1:] * W[:, -1]
    you add over the inputs, and keep the outputs. Which index does dX not have?
        dZ * W.sum(axis=0)
    you multiply two sums. Each output's blame belongs to its own weight: multiply first, then add.
        np.outer(dZ.sum(axis=1), W.sum(axis=1))
    W is not in it. A nudge of input i moves output j by as much as the weight between them.
        dZ @ np.ones_like(W).T
    dZ is not in it. That is how far the outputs move, not how much of it is to blame.
        np.ones_like(dZ) @ W.T
    you have a number for each sample, input and output. What comes back from the outputs has to be added.
        dZ[:, None, :] * W
    `reshape` cuts the same row of numbers elsewhere, and so mixes rows and columns. Rows become columns by a
    transpose, `.T`.
        dZ @ W.reshape(W.T.shape)
    """ + _mismatched("dZ @ W.T")


@exercise(
    trials=lambda: _batches("dZ", "W"),
    results=["dX"],
    hint="which index does (2.9) add over, and where does it stand in dZ and in W?",
    praise=f"{RIGHT}.",
    wrong=AVERAGED + INPUTS,
)
def input_gradient(dZ, W):
    """Check input_gradient(dZ, W), which returns dX, (N, n_in). See notebooks/02_dense_layer.ipynb."""
    return dZ @ W.T


@exercise(
    trials=lambda: _batches("X", "W", "dZ"),
    results=["dX", "dW", "db"],
    hint="you have written all three already. For each: which index does the result not have?",
    praise=f"{RIGHT}, and a second call finds nothing left over from the first.",
    wrong=AVERAGED
    + catalogue.only("dX", INPUTS)
    + catalogue.only("dW", WEIGHTS)
    + catalogue.only("db", BIASES)
    + """
    dX: it comes from weights that have taken a step already. Ask those that made Z.
        dZ @ (W - ⟨1|0.5|0.1|0.01|0.001⟩ * X.T @ dZ).T
    dW: dX stands where X belongs.
        (dZ @ W.T).T @ dZ
    db: you add up dW. The bias takes over the blame of its output, whatever the inputs are.
        (X.T @ dZ).sum(axis=0)
    """,
)
def dense_backward(X, W, dZ):
    """Check dense_backward(X, W, dZ), which returns dX, dW, db. See notebooks/02_dense_layer.ipynb."""
    dX = dZ @ W.T
    dW = X.T @ dZ
    db = dZ.sum(axis=0)
    return dX, dW, db
