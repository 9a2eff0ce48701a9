"""The last two exercises of chapter 06: a gradient check of the reader's own, and a layer of his own."""

import copy

import numpy as np

from nnlib import gradcheck
from nnlib.layers import Layer
from nnlib.teach.checks.engine import Crash, Trial, Wrong, call, check, exercise, numbers, shown
from nnlib.teach.checks.engine.running import is_stub

__all__ = ["gradient_check", "own_layer"]

LIMIT = 1e-7

# --- layers that are right, and layers that are not ---


class _Right(Layer):
    """Y = s · tanh(X W + b), as it should be; b is zero, as in every new layer."""

    scale = 1.0

    def __init__(self):
        rng = np.random.default_rng(0)
        self.n_in, self.n_out = 3, 2
        self.W, self.b = rng.standard_normal((3, 2)), np.zeros(2)

    params = property(lambda self: (self.W, self.b))
    grads = property(lambda self: (self.dW, self.db))

    def forward(self, X, training=False):
        self.X, self.A = X, np.tanh(X @ self.W + self.b)
        return self.scale * self.A

    def backward(self, dY):
        dZ = self.scale * dY * (1 - self.A * self.A)
        self.dW, self.db = self.X.T @ dZ, dZ.sum(axis=0)
        return dZ @ self.W.T


class _Large(_Right):
    scale = 1e6


class _Rows(Layer):
    """Each row divided by its length: exercise 5.5."""

    n_in = n_out = 3

    def forward(self, X, training=False):
        self.r = np.sqrt((X * X).sum(axis=1, keepdims=True))
        self.Y = X / self.r
        return self.Y

    def backward(self, dY):
        return (dY - self.Y * (dY * self.Y).sum(axis=1, keepdims=True)) / self.r


class _StraightRows(_Rows):
    def backward(self, dY):
        return dY / self.r


class _NoSlope(_Right):
    def backward(self, dY):
        super().backward(dY)
        return self.scale * dY @ self.W.T


class _Sign(_Right):
    def backward(self, dY):
        dX = super().backward(dY)
        self.dW = -self.dW
        return dX


class _MeanBias(_Right):
    def backward(self, dY):
        dX = super().backward(dY)
        self.db /= len(dY)
        return dX


class _OneEntry(_Right):
    def backward(self, dY):
        dX = super().backward(dY)
        self.dW[2, 1] *= 2
        return dX


class _LateBias(_Right):
    def backward(self, dY):
        self.A = np.tanh(self.X @ self.W)
        return super().backward(dY)


class _NoBlame(_Right):
    def backward(self, dY):
        return super().backward(np.ones_like(dY))


class _Small(_Right):
    scale = 1e-9

    def backward(self, dY):
        return 3 * super().backward(dY)


class _Slightly(_Right):
    def backward(self, dY):
        dX = super().backward(dY)
        self.dW *= 1.0001
        return dX


RIGHT = {
    "tanh(X W + b)": _Right,
    "each row divided by its length, a layer without parameters": _Rows,
    "a million times tanh(X W + b)": _Large,
}
BROKEN = {
    "whose dX lacks the slope of tanh": _NoSlope,
    "whose dW has the wrong sign": _Sign,
    "whose db is a mean, not a sum": _MeanBias,
    "of whose dW one entry is twice what it should be": _OneEntry,
    "that keeps Z before the bias is added": _LateBias,
    "that takes 1 for dY, whatever comes": _NoBlame,
    "of 1e-9 times tanh(X W + b) whose dX is three times what it should be": _Small,
    "whose dW is off by one part in ten thousand": _Slightly,
    "that divides rows by their length and forgets that x is in it": _StraightRows,
}


def _layers():
    return [Trial((kind(),), {"layer": name}) for name, kind in (RIGHT | BROKEN).items()]


class _Spy(_Right):
    """A right layer that notes how it is asked."""

    def __init__(self):
        super().__init__()
        self.forwards, self.backwards = [], []

    def forward(self, X, training=False):
        self.forwards.append([A.copy() for A in (X, *self.params)])
        return super().forward(X)

    def backward(self, dY):
        self.backwards.append((list(self.forwards), dY.copy()))
        return super().backward(dY)


def _blind_spots(ask, trials):
    """Where a check tests its layers at a point at which a wrong formula has an excuse: which."""
    spy = _Spy()
    try:
        found = ask(spy)
    except Crash:  # told where the trials are run
        return None
    if not isinstance(found, (bool, np.bool_)):
        return f"You return {shown(found)}; expected True or False: is `backward` right?"
    if not spy.backwards:
        return "You never call `backward`: what is there to be compared?" if spy.forwards else None
    *before, last = spy.backwards[0][0]
    (X, _, b), dY = last, spy.backwards[0][1]
    if len(X) == 1:
        return (
            "You hand the layer a single sample. There a sum over the batch, its mean and no sum at all are"
            " the same: take some more."
        )
    if not b.any():
        return (
            "The biases are zero, as in every new layer, when you go back. Zeros hide errors: draw the"
            " parameters at random first, in their place, `p[...] = …`."
        )
    if np.ptp(dY) == 0:
        return (
            "Your dY is the same number throughout. A layer that has forgotten its dY, or mixes up its"
            " entries, is not seen then: draw it at random."
        )
    if np.abs(X).max() < 1e-2:
        return "Your X is tiny. Near 0 tanh has the slope 1, and a slope that was forgotten is not seen."
    if any(_nearly(last, earlier) for earlier in before):
        return (
            "When you go back, the layer has last seen an array with an entry moved: `backward` uses what"
            " that forward pass has kept. Go forward and back first, and measure afterwards."
        )
    return None


def _nearly(last, earlier):
    pairs = list(zip(last, earlier, strict=True))
    if any(A.shape != B.shape for A, B in pairs):
        return False
    return 0 < max(np.abs(A - B).max() for A, B in pairs) < 1e-2


# --- the reader's check ---


def _truth(answer):
    return bool(answer) if isinstance(answer, (bool, np.bool_)) else None


def _which(name, runs):
    """Say which layers are misjudged."""
    passed = [run.sizes["layer"] for run in runs if run.found and not run.right]
    refused = [run.sizes["layer"] for run in runs if run.right and not run.found]
    if refused:
        return f"Your check finds fault with a layer that is right: {refused[0]}."
    return f"Your check passes a broken layer: one {passed[0]}."


@exercise(
    trials=_layers,
    results=["the verdict"],
    hint="forward, backward, then a comparison with differences, for X and for each array of parameters. The"
    " loss whose gradient is a given dY is the sum of dY ⊙ Y.",
    praise="Right: your check passes three layers that are right, and finds nine that are broken.",
    read=_truth,
    looks=[_blind_spots],
    tell=[_which],
    wrong="""
    Your check passes every layer, the nine broken ones too. Is the verdict taken from the comparison?
        True
    Your check refuses every layer, the right ones too. Print both gradients of a right one: do they differ in
    the first digits, or in the last? A limit that is too narrow refuses all, a loss whose gradient is not
    your dY does, and so do forward differences.
        False
        max(errors) < ⟨1e-14|1e-20⟩
    The wrong way round: a small error means that the layer is right.
        max(errors) >= 1e-7
    You never compare dX: a layer without the slope of tanh on the way down passes.
        pairs = list(zip(layer.params, layer.grads, strict=True))
        pairs = list(zip(layer.params, layer.grads, strict=True)) ; max(errors, default=0) < 1e-7
    You compare dX alone: layers with a wrong dW or db pass. (Does a `return` end your loop in its first
    turn?)
        pairs = [(X, dX)]
    Only the last of your comparisons counts: a loop that assigns its verdict writes over the one before.
        max(errors[-1:]) < 1e-7
    You compare dX and the first array of parameters; the others pass unseen. A layer may have any number.
        pairs = [(X, dX), *zip(layer.params, layer.grads, strict=True)][:2]
    You compare dX and the last array of parameters; the others pass unseen. A layer may have any number.
        pairs = [(X, dX), *zip(layer.params[-1:], layer.grads[-1:], strict=True)]
    Your limit is wide: a layer passes whose dW is off by one part in ten thousand. Central differences in
    float64 are good to many more digits.
        max(errors) < ⟨1e-2|1e-3|2e-4⟩
    One right gradient is enough for your check. All of them have to be right: which error counts?
        min(errors) < 1e-7
    You compare without signs: a dW of the wrong sign passes.
        errors = [gradcheck.relative_error(abs(dA), abs(measured)) for dA, measured in compared]
    You look at one entry of each array, and a wrong one among the others passes.
        errors = [gradcheck.relative_error(dA.flat[0], measured.flat[0]) for dA, measured in compared]
    Your limit has units. It refuses a right layer whose gradients are large, and passes a broken one whose
    gradients are small: divide by their size, (6.6).
        errors = [np.abs(dA - measured).max() for dA, measured in compared]
        errors = [np.linalg.norm(dA - measured) for dA, measured in compared]
    A broken layer with gradients of 1e-9 passes: there is an absolute limit in your comparison, as in
    np.allclose, where everything below 1e-8 is equal.
        errors = [0 if np.allclose(dA, measured⟨|, rtol=1e-7⟩) else 1 for dA, measured in compared]
    """,
)
def gradient_check(layer):
    """Check is_right(layer), which returns True or False. See notebooks/06_gradient_checking.ipynb."""
    rng = np.random.default_rng(1)
    for p in layer.params:
        p[...] = rng.standard_normal(p.shape)
    X = rng.standard_normal((5, layer.n_in))
    dY = rng.standard_normal(layer.forward(X).shape)
    dX = layer.backward(dY)
    pairs = [(X, dX), *zip(layer.params, layer.grads, strict=True)]
    compared = [
        (dA, gradcheck.numerical_gradient(lambda _: float((dY * layer.forward(X)).sum()), A))
        for A, dA in pairs
    ]
    errors = [gradcheck.relative_error(dA, measured) for dA, measured in compared]
    return max(errors) < 1e-7


# --- the reader's layer ---

LAYER_HINT = "begin with a formula for Y. Which numbers of the forward pass does backward need?"


@check
def own_layer(layer):
    """Check a layer of the reader's own, forward and back. See notebooks/06_gradient_checking.ipynb."""
    if isinstance(layer, type):
        raise Wrong(f"That is the class; a layer is made by calling it: `{layer.__name__}()`.")
    for name in ("forward", "backward"):
        method = getattr(layer, name, None)
        if not callable(method):
            raise Wrong(f"{shown(layer)} has no {name}: expected a layer.")
        if is_stub(method):
            raise Wrong(f"Not attempted yet: {name}. Hint: {LAYER_HINT}")
    layer = copy.deepcopy(layer)  # its parameters are drawn anew: ones and zeros hide mistakes
    for p in layer.params:
        p[...] = np.random.default_rng(p.size).uniform(0.5, 1.5, p.shape)
    rng = np.random.default_rng(0)
    X = rng.standard_normal((5, layer.n_in or 3))
    Y = _array("forward", call(layer.forward, X, hint=LAYER_HINT))
    if len(Y) != len(X):
        raise Wrong(f"Y has shape {Y.shape} for an X of shape {X.shape}; expected a row for each sample.")
    if np.array_equal(X, Y):
        raise Wrong("Your layer hands X on as it is. Invent one that does something to it.")
    dY = rng.standard_normal(Y.shape)
    said = [f"{name} {how}" for name, dA, measured in _compared(layer, X, dY) if (how := _off(dA, measured))]
    if said:
        raise Wrong(" ".join(said))
    return "Right: dX, and the gradient of each of its parameters, are those of central differences."


def _array(name, answer):
    values = numbers(answer)
    if values is None or not values.ndim:
        raise Wrong(f"{name} returns {shown(answer)}; expected an array.")
    if not np.isfinite(values).all():
        raise Wrong(f"{name} returns nan or inf.")
    return values


def _compared(layer, X, dY):
    """Yield the name of each gradient, what `backward` finds, and what differences find."""

    def L(_):
        return float((dY * layer.forward(X)).sum())

    call(layer.forward, X, hint=LAYER_HINT)
    dX = _array("backward", call(layer.backward, dY, hint=LAYER_HINT))
    grads = list(layer.grads)
    if len(grads) != len(layer.params):
        raise Wrong(f"Your layer has {len(layer.params)} params and {len(grads)} grads; expected as many.")
    names = ["dX", *(f"grads[{i}]" for i in range(len(grads)))]
    for name, A, found in zip(names, [X, *layer.params], [dX, *grads], strict=True):
        dA = _array(name, found)
        if dA.shape != A.shape:
            raise Wrong(f"{name} has shape {dA.shape}; expected {A.shape}, that of what it belongs to.")
        yield name, dA, call(gradcheck.numerical_gradient, L, A, hint=LAYER_HINT)


def _off(dA, measured):
    """Return by what a gradient is off; nothing where it is right."""
    error = gradcheck.relative_error(dA, measured)
    if error < LIMIT:
        return None
    factor = np.vdot(dA, measured) / max(np.vdot(measured, measured), 1e-300)
    if gradcheck.relative_error(dA, factor * measured) < LIMIT:
        return f"is {factor:.4g} times what central differences find (relative error {error:.2g})."
    place = np.unravel_index(np.abs(dA - measured).argmax(), dA.shape)
    beside = f"{dA[place]:.4g} for {measured[place]:.4g}"
    return f"has the relative error {error:.2g}: {beside} at [{', '.join(map(str, place))}]."
