"""Published bugs, re-created as drop-in layers, losses and loaders, and the evidence that they leave behind.

Each bug is one wrong line in a part that fits wherever the right one does. `BUGS` is the register that the
bug lab and the museum read; its words stand in bugs.toml. See notebooks/06_gradient_checking.ipynb and
notebooks/B_bug_museum.ipynb.
"""

import functools
import math
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nnlib import SGD, Loss, Network, accuracy, datasets, minibatches, one_hot
from nnlib.activations import ReLU, Sigmoid, Tanh, sigmoid
from nnlib.gradcheck import numerical_gradient, relative_error
from nnlib.layers import Dense, Layer
from nnlib.losses import MSE, BinaryCrossEntropy, SoftmaxCrossEntropy, softmax
from nnlib.teach import _doors as door

__all__ = [
    "BUGS",
    "CHOICES",
    "EFFECTS",
    "HEALTHY",
    "PATIENTS",
    "TOLERANCE",
    "Bug",
    "Effect",
    "Evidence",
    "Gradient",
    "Recipe",
    "Run",
    "against",
    "digits",
    "evidence",
    "examine",
    "gradients",
    "probe",
    "train",
]

LARGEST = 10_000  # entries of a batch whose gradients are compared with differences
TOLERANCE = 1e-7  # between a right gradient in float64 and its central differences
BATCH = 25

# --- layers ---


class ReLUMaskedByOutput(ReLU):
    """ReLU whose mask asks whether its output is at least 0, which it always is."""

    def forward(self, X, training=False):
        self.Y = super().forward(X)
        return self.Y

    def backward(self, dY):
        return dY * (self.Y >= 0)


class TanhSlopeAtOutput(Tanh):
    """Tanh whose derivative is taken at its output, as if that were the input."""

    def backward(self, dY):
        return dY * (1 - np.tanh(self.Y) ** 2)


class SigmoidWithoutSlope(Sigmoid):
    """Sigmoid that hands dY on as it comes."""

    def backward(self, dY):
        return dY


class Softmax(Layer):
    """P = softmax(X), dX = P ⊙ (dP - Σ_c dP_c P_c): right, and wrong before a loss that takes logits."""

    def forward(self, X, training=False):
        self.P = softmax(X)
        return self.P

    def backward(self, dP):
        return self.P * (dP - (dP * self.P).sum(axis=1, keepdims=True))


class UpdatedFirstDense(Dense):
    """Dense whose dX is made of the weights as they will be after a step of gradient descent at `lr`.

    The step itself is left to the optimiser, so that the layer fits in wherever a Dense does; with `SGD` at
    the same rate all weights become exactly those of a layer that updates itself before it computes dX.
    """

    def __init__(self, n_in, n_out, *, lr, **options):
        super().__init__(n_in, n_out, **options)
        self.lr = lr

    def backward(self, dY):
        self.parameter_gradients(dY)
        W = self.W - self.lr * self.dW
        return dY @ W.T


class AccumulatingDense(Dense):
    """Dense that adds each gradient to those of all calls before."""

    def parameter_gradients(self, dY):
        before = self.grads
        super().parameter_gradients(dY)
        if before[0] is not None:
            self.dW += before[0]
            self.db += before[1]


class OneSampleBiasDense(Dense):
    """Dense whose bias hears of the first sample of the batch alone."""

    def parameter_gradients(self, dY):
        super().parameter_gradients(dY)
        self.db = dY[0]


class OneSumBiasDense(Dense):
    """Dense whose biases all get the same gradient: the sum over samples and over outputs too."""

    def parameter_gradients(self, dY):
        super().parameter_gradients(dY)
        self.db = np.full_like(self.b, dY.sum())


class BiasPerInputDense(Dense):
    """Dense whose bias is added once for each input; its gradient counts the outputs instead."""

    def forward(self, X, training=False):
        return super().forward(X) + (self.n_in - 1) * self.b

    def parameter_gradients(self, dY):
        super().parameter_gradients(dY)
        self.db = self.n_out * dY.sum(axis=0)


# --- losses ---


class MSEDividedByN(MSE):
    """MSE whose value is a mean over N · n_out entries, and whose gradient is one over N samples."""

    def gradient(self, Y_hat, Y):
        return 2 * (Y_hat - Y) / len(Y)


class AscendingCrossEntropy(SoftmaxCrossEntropy):
    """Softmax cross-entropy with Y - P where P - Y belongs."""

    def gradient(self, Z, Y):
        return (Y - softmax(Z)) / len(Y)

    def value_and_gradient(self, Z, Y):
        return self.value(Z, Y), self.gradient(Z, Y)


class OverflowingCrossEntropy(SoftmaxCrossEntropy):
    """Softmax cross-entropy from exponentials of the logits as they come."""

    def value(self, Z, Y):
        return -float(np.vdot(Y, np.log(self._softmax(Z)))) / len(Y)

    def gradient(self, Z, Y):
        return (self._softmax(Z) - Y) / len(Y)

    def value_and_gradient(self, Z, Y):
        return self.value(Z, Y), self.gradient(Z, Y)

    def _softmax(self, Z):
        E = np.exp(Z)
        return E / E.sum(axis=1, keepdims=True)


class LogOfZeroCrossEntropy(BinaryCrossEntropy):
    """Binary cross-entropy from probabilities that may have been rounded to 0 or 1."""

    def value(self, Z, Y):
        P = sigmoid(Z)
        return float(-np.mean(Y * np.log(P) + (1 - Y) * np.log(1 - P)))

    def gradient(self, Z, Y):
        P = sigmoid(Z)
        dP = ((1 - Y) / (1 - P) - Y / P) / Y.size
        return dP * P * (1 - P)


# --- loaders ---


def fixed_batches(X, Y, *, batch_size, rng):
    """Yield mini-batches in random order, always of the same samples."""
    for start in rng.permutation(np.arange(0, len(X), batch_size)):
        yield X[start : start + batch_size], Y[start : start + batch_size]


def labels_apart(X, Y, *, batch_size, rng):
    """Yield mini-batches of shuffled samples, with targets that were shuffled by themselves."""
    return minibatches(X, rng.permutation(Y), batch_size=batch_size, rng=rng)


# --- the register ---


class Recipe(NamedTuple):
    """The parts of a network with one hidden layer, of its loss, and of what feeds it.

    See notebooks/B_bug_museum.ipynb.
    """

    dense: Callable = Dense
    hidden: type = ReLU
    output: type | None = None
    loss: type = SoftmaxCrossEntropy
    minibatches: Callable = minibatches

    def network(self, n_in, n_hidden, n_out, *, rng, dtype=np.float32):
        """Return a `Network` of these parts."""
        options = {"rng": rng, "dtype": dtype}
        layers = [self.dense(n_in, n_hidden, **options), self.hidden()]
        layers += [self.dense(n_hidden, n_out, **options)] + ([self.output()] if self.output else [])
        return Network(*layers)


class Bug(NamedTuple):
    """One published bug: what is wrong, and two recipes that differ in nothing else.

    Attributes
    ----------
    key : str
        Its name in code.
    name : str
        What is wrong, in a few words.
    source : str
        Where it was published.
    wrong_line, right_line : str
    right, wrong : Recipe
    lr : float
        A learning rate at which the right one learns; not always the best.
    sign : str
        What gives it away, as it would be seen.
    part : str
        What a net needs to have it; empty where every net could.
    place : (part, gradient) or None
        The first gradient on the way back that it spoils; None where it spoils none at the first call.
    fits : function of (found, expected, n_in, n_out) or None
        Whether a wrong gradient is wrong in just this way; the widths are those of its layer.
    effect : str
        The key of what else it shows, among `EFFECTS`.
    scale : float
        What the inputs are multiplied by.

    See notebooks/B_bug_museum.ipynb.
    """

    key: str
    name: str
    source: str
    wrong_line: str
    right_line: str
    right: Recipe
    wrong: Recipe
    lr: float
    sign: str
    part: str = ""
    place: tuple[str, str] | None = None
    fits: Callable | None = None
    effect: str = ""
    scale: float = 1.0


def _times(factor):
    def fits(found, expected, n_in, n_out):
        return np.allclose(found, factor(n_in, n_out) * expected)

    return fits


def _where_not_0(found, expected, n_in, n_out):
    return np.allclose(found[expected != 0], expected[expected != 0])


def _all_equal(found, expected, n_in, n_out):
    return np.allclose(found, found.flat[0])


def _others(found, expected, n_in, n_out):
    return not any(fits(found, expected, n_in, n_out) for fits in (_all_equal, _times(lambda i, j: j / i)))


_RELU = Recipe()
_TANH = Recipe(hidden=Tanh)
_SQUARES = Recipe(hidden=Tanh, output=Sigmoid, loss=MSE)
_BINARY = Recipe(loss=BinaryCrossEntropy)

HEALTHY = Bug(
    "healthy", "nothing: it is healthy", "", "", "", _RELU, _RELU, lr=0.3, sign="nothing would be amiss"
)

# The right recipe of each bug, and the one part that is another in the wrong one.
_RECIPES = {
    "relu-mask": (_RELU, {"hidden": ReLUMaskedByOutput}),
    "tanh-twice": (_TANH, {"hidden": TanhSlopeAtOutput}),
    "missing-slope": (_SQUARES, {"output": SigmoidWithoutSlope}),
    "updated-first": (_TANH, {"dense": functools.partial(UpdatedFirstDense, lr=1.0)}),
    "accumulated": (_RELU, {"dense": AccumulatingDense}),
    "bias-one-sample": (_RELU, {"dense": OneSampleBiasDense}),
    "bias-one-sum": (_RELU, {"dense": OneSumBiasDense}),
    "bias-per-input": (_RELU, {"dense": BiasPerInputDense}),
    "divided-by-n": (_SQUARES, {"loss": MSEDividedByN}),
    "minus-sign": (_RELU, {"loss": AscendingCrossEntropy}),
    "softmax-overflow": (_RELU, {"loss": OverflowingCrossEntropy}),
    "log-of-zero": (_BINARY, {"loss": LogOfZeroCrossEntropy}),
    "softmax-twice": (_RELU, {"output": Softmax}),
    "fixed-batches": (_RELU, {"minibatches": fixed_batches}),
    "labels-apart": (_RELU, {"minibatches": labels_apart}),
}
_FITS = {
    "relu-mask": _where_not_0,
    "bias-one-sample": _others,
    "bias-one-sum": _all_equal,
    "bias-per-input": _times(lambda n_in, n_out: n_out / n_in),
    "divided-by-n": _times(lambda n_in, n_out: n_out),
    "minus-sign": _times(lambda n_in, n_out: -1),
}


def _register():
    """Return each `Bug` by its key; what is told of it stands in bugs.toml."""
    bugs = {}
    for key, told in tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8")).items():
        right, other = _RECIPES[key]
        recipes = {"right": right, "wrong": right._replace(**other)}
        place = tuple(told.pop("place", ())) or None
        bugs[key] = Bug(key=key, place=place, fits=_FITS.get(key), **recipes, **told)
    return bugs


BUGS = _register()

# --- training ---


class Run(NamedTuple):
    """What training came to: the loss of each epoch, the accuracy on the test images, and where it broke.

    `stopped` is the epoch in which the loss was not finite any more, else None; the weights are then those
    of the batch before. See notebooks/B_bug_museum.ipynb.
    """

    losses: tuple
    accuracy: float
    stopped: int | None


@functools.cache
def digits():
    """Return 1500 digits of MNIST to train on and 2000 to test with, of 7 × 7 pixels: X, Y, X_test, Y_test.

    Each pixel is the mean of 4 × 4. The training digits lie sorted by their label, as files in folders do: a
    loader that shuffles does not mind. See notebooks/B_bug_museum.ipynb.
    """
    data = datasets.mnist()
    arrays = []
    for X, y, n in ((data.X_train, data.y_train, 1500), (data.X_test, data.y_test, 2000)):
        X = X[:n].reshape(n, 7, 4, 7, 4).mean(axis=(2, 4)).reshape(n, 49)
        order = np.argsort(y[:n], kind="stable")
        arrays += [X[order], one_hot(y[:n][order], 10)]
    return tuple(arrays)


def train(recipe, *, lr, seed=0, scale=1.0, epochs=15):
    """Train the network 49-24-10 of a recipe on `digits`, and return the `Run`. Trained once, kept for ever.

    See notebooks/B_bug_museum.ipynb.
    """
    _recipe(recipe)
    lr, scale = door.number(lr, "lr", 0), door.number(scale, "scale", 0, 1e30)
    seed, epochs = door.whole(seed, "seed", 0, 2**32), door.whole(epochs, "epochs", 1, 1000)
    return _trained(recipe, lr, seed, scale, epochs)


def _recipe(recipe):
    return door.kind(recipe, "recipe", Recipe, "a Recipe, such as BUGS['minus-sign'].wrong")


@functools.cache
def _trained(recipe, lr, seed, scale, epochs):
    X, Y, X_test, Y_test = digits()
    X, X_test = X * np.float32(scale), X_test * np.float32(scale)
    rng = np.random.default_rng(seed)
    net, loss = recipe.network(49, 24, 10, rng=rng), recipe.loss()
    optimizer, losses, stopped = SGD(net.params, lr=lr), [], None
    with np.errstate(all="ignore"):  # some of them overflow, which is what they are here for
        for epoch in range(1, epochs + 1):
            batch_losses = []
            for X_batch, Y_batch in recipe.minibatches(X, Y, batch_size=BATCH, rng=rng):
                value, dY = loss.value_and_gradient(net.forward(X_batch), Y_batch)
                if not math.isfinite(value):
                    stopped = epoch
                    break
                net.backward(dY, input_gradient=False)
                optimizer.step(net.grads)
                batch_losses.append(value)
            if stopped:
                break
            losses.append(float(np.mean(batch_losses)))
        return Run(tuple(losses), accuracy(net.forward(X_test), Y_test), stopped)


# --- evidence ---


class Gradient(NamedTuple):
    """One gradient of one layer, against central differences.

    Attributes
    ----------
    layer : str
        The name of the layer, such as "dense 2".
    part, name : str
        What kind of layer it is, and which of its gradients: "dX", "dW", "db", or "dY_hat" of the loss.
    found, again : ndarray
        From the first backward pass, and from a second one.
    expected : ndarray
        From central differences.
    n_in, n_out : int
        The widths of the layer.

    See notebooks/06_gradient_checking.ipynb.
    """

    layer: str
    part: str
    name: str
    found: np.ndarray
    again: np.ndarray
    expected: np.ndarray
    n_in: int
    n_out: int

    @property
    def error(self):
        return relative_error(self.found, self.expected)

    @property
    def error_again(self):
        return relative_error(self.again, self.expected)


PARTS = {Dense: "dense", ReLU: "ReLU", Tanh: "tanh", Sigmoid: "sigmoid", Softmax: "softmax"}
LOSSES = {
    MSE: "mean squared error",
    BinaryCrossEntropy: "binary cross-entropy",
    SoftmaxCrossEntropy: "softmax cross-entropy",
}


def _kind(part, names):
    for kind, name in names.items():
        if isinstance(part, kind):
            return name
    raise ValueError(f"{type(part).__name__} is unknown here; expected one of {', '.join(names.values())}.")


def gradients(net, loss, X, Y):
    """Return every `Gradient` on the way back from the loss to X, in the order in which they arise.

    The first wrong one names the guilty layer: all below it is made of wrong numbers.

    Parameters
    ----------
    net : Network, in float64
    loss : Loss
    X, Y : ndarray, a batch

    See notebooks/06_gradient_checking.ipynb.
    """
    door.kind(net, "net", Network, "a Network in float64")
    door.kind(loss, "loss", Loss, "a loss, such as SoftmaxCrossEntropy()")
    X = np.array(door.shaped(X, "X", "N", "n_in"))  # a copy: each entry will be moved
    if X.size > LARGEST:
        raise ValueError(f"X has {X.size} entries; expected at most {LARGEST}: each is moved twice.")
    Y = door.array(Y, "Y")
    A = [X]
    for layer in net.layers:
        A.append(layer.forward(A[-1]))
    passes = []
    for _ in range(2):
        arrays = [loss.gradient(A[-1], Y)]
        for layer in reversed(net.layers):
            dX = layer.backward(arrays[-1])
            arrays += [g.copy() for g in layer.grads] + [dX]
        passes.append(arrays)
    places = [("loss", "loss", "dY_hat", A[-1], len(net.layers))]
    for k, layer in reversed(list(enumerate(net.layers))):
        part = _kind(layer, PARTS)
        name = f"dense {1 + sum(isinstance(other, Dense) for other in net.layers[:k])}"
        name = name if part == "dense" else part
        arrays = [("dW", layer.W), ("db", layer.b)] if part == "dense" else []
        places += [(name, part, which, array, k) for which, array in [*arrays, ("dX", A[k])]]

    def rest(k):
        """Return the loss as a function of nothing: the layers from number k on, on what they are given."""

        def value(_):
            output = A[k]
            for layer in net.layers[k:]:
                output = layer.forward(output)
            return loss.value(output, Y)

        return value

    return [
        Gradient(name, part, which, found, again, numerical_gradient(rest(k), array), *_widths(A, k))
        for (name, part, which, array, k), found, again in zip(places, *passes, strict=True)
    ]


def _widths(A, k):
    return A[k].shape[1], A[min(k + 1, len(A) - 1)].shape[1]


def probe(loader):
    """Return what a loader makes of 12 samples in 3 epochs: for each a list of batches of (sample, label).

    Sample number n has the label n. See notebooks/B_bug_museum.ipynb.
    """
    door.function(loader, "loader", "(X, Y, *, batch_size, rng), such as minibatches")
    rng, numbers = np.random.default_rng(0), np.arange(12)
    return [
        [
            list(zip(X.tolist(), Y.tolist(), strict=True))
            for X, Y in loader(numbers, numbers, batch_size=4, rng=rng)
        ]
        for _ in range(3)
    ]


class Evidence(NamedTuple):
    """What a doctor sees of a net: its parts, the gradient check, the loader at work, and how it trains.

    `gradients` are those of a small copy, 5-4-3, in float64, on four samples; `usual` is the `Run` of the
    same net, data and start without a bug. See notebooks/06_gradient_checking.ipynb.
    """

    parts: tuple
    gradients: list
    batches: list
    run: Run
    usual: Run

    @property
    def culprits(self):
        """The wrong gradients of the first layer on the way back that has any."""
        wrong = [g for g in self.gradients if g.error > TOLERANCE]
        return [g for g in wrong if g.layer == wrong[0].layer]


def examine(recipe):
    """Return the `gradients` of a small copy of a recipe's network, with random parameters, none of them 0.

    See notebooks/06_gradient_checking.ipynb.
    """
    _recipe(recipe)
    rng = np.random.default_rng(59)
    net = recipe.network(5, 4, 3, rng=rng, dtype=np.float64)
    for layer in net.layers:
        for p in layer.params:
            p[...] = rng.uniform(-1, 1, p.shape)
    X, Y = rng.uniform(-1, 1, (4, 5)), np.eye(3)[[0, 2, 1, 2]]
    return gradients(net, recipe.loss(), X, Y)


def evidence(key):
    """Return the `Evidence` that the bug of that key leaves, or a healthy net. Computed once.

    See notebooks/06_gradient_checking.ipynb.
    """
    return _evidence(door.one_of(key, "key", tuple(CHOICES)))


@functools.cache
def _evidence(key):
    bug = CHOICES[key]
    net, loss = bug.wrong.network(5, 4, 3, rng=np.random.default_rng(0)), bug.wrong.loss()
    parts = *(_kind(layer, PARTS) for layer in net.layers), _kind(loss, LOSSES)
    usual, run = (train(recipe, lr=bug.lr, scale=bug.scale) for recipe in (bug.right, bug.wrong))
    return Evidence(parts, examine(bug.wrong), probe(bug.wrong.minibatches), run, usual)


CHOICES = {HEALTHY.key: HEALTHY} | BUGS

# Who lies in which bed of the bug lab.
PATIENTS = dict(
    enumerate(
        (
            "minus-sign",
            "healthy",
            "relu-mask",
            "bias-one-sum",
            "softmax-overflow",
            "updated-first",
            "fixed-batches",
            "accumulated",
            "missing-slope",
            "softmax-twice",
        ),
        1,
    )
)


def _accumulates(e):
    return any(not np.allclose(g.found, g.again) for g in e.gradients)


def _apart(e):
    return any(x != y for epoch in e.batches for batch in epoch for x, y in batch)


def _fixed(e):
    return len({frozenset(frozenset(x for x, _ in batch) for batch in epoch) for epoch in e.batches}) == 1


def _twice(e):
    return e.parts[-2:] == ("softmax", "softmax cross-entropy")


def _stops(e):
    return e.run.stopped is not None


class Effect(NamedTuple):
    """What a bug shows besides wrong gradients: `shows(evidence)`, and how to say that it does or does not.

    See notebooks/B_bug_museum.ipynb.
    """

    shows: Callable
    seen: str
    unseen: str


EFFECTS = {
    "accumulates": Effect(
        _accumulates,
        "a second backward pass gives other gradients than the first",
        "a second backward pass gives the same gradients as the first",
    ),
    "apart": Effect(
        _apart,
        "the loader hands out samples with labels that are not theirs",
        "the loader hands out every sample with its own label",
    ),
    "fixed": Effect(
        _fixed,
        "the loader puts the same samples together in every epoch",
        "the loader puts other samples together in every epoch",
    ),
    "twice": Effect(_twice, "a softmax layer stands before a loss that takes logits", "its loss gets logits"),
    "stops": Effect(_stops, "its loss became nan", "its loss was finite to the last epoch"),
}


def against(bug, evidence):
    """Return what in the evidence speaks against a bug, as a sentence; None if nothing does.

    See notebooks/06_gradient_checking.ipynb.
    """
    door.kind(bug, "bug", Bug, "a Bug, such as BUGS['minus-sign']")
    door.kind(evidence, "evidence", Evidence, "what evidence(key) returns")
    if bug.part and bug.part not in evidence.parts:
        loss = bug.part in LOSSES.values()
        return f"Its loss is {evidence.parts[-1]}." if loss else f"There is no {bug.part} in this net."
    case = "In a healthy net" if bug is HEALTHY else "With that bug"
    wrong, largest = evidence.culprits, max(g.error for g in evidence.gradients)
    if bug.place and not wrong:
        return f"{case} {bug.sign}, but every gradient is right: the largest error is {largest:.0e}."
    if wrong and {(g.part, g.name) for g in wrong} != {bug.place}:
        first = wrong[0]
        return (
            f"{case} {bug.sign}; here, on the way back from the loss, the first wrong gradient is"
            f" {first.name} of {first.layer}, with a relative error of {first.error:.2g}."
        )
    if bug.fits and not all(bug.fits(g.found, g.expected, g.n_in, g.n_out) for g in wrong):
        place = f"{wrong[0].name} of {wrong[0].layer}"
        return f"The place is right, {place}, but with that bug {bug.sign}: look at its numbers."
    if not bug.place:
        for name, effect in EFFECTS.items():
            if (shown := effect.shows(evidence)) != (bug.effect == name):
                return f"{case} {bug.sign}, but {effect.seen if shown else effect.unseen}."
    return None
