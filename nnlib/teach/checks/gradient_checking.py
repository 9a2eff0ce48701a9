"""The exercises of chapter 06."""

import functools
import itertools

import numpy as np

from nnlib import MSE, Dense, Network, Tanh, gradcheck
from nnlib.layers import Layer
from nnlib.teach.checks.engine import (
    Crash,
    Trial,
    Unnamed,
    Wrong,
    exercise,
    numbers,
    passed,
    sheet,
    shown,
    staged,
)

__all__ = ["best_step", "factors", "numerical_gradient", "wrong_layer", "wrong_layer_tables"]

# --- the best step ---


def _errors():
    """Return trials of c, p and r: those of differences, and some that are drawn."""
    rng = np.random.default_rng(0)
    known = [(0.7, 1, 2e-16), (2.5, 2, 4e-16), (0.3, 4, 1e-7)]
    drawn = zip(rng.random(4).round(2) + 0.1, [3, 2, 5, 1], rng.random(4).round(2), strict=True)
    return [Trial((c, p, r), {"c": c, "p": p, "r": r}) for c, p, r in (*known, *drawn)]


@exercise(
    trials=_errors,
    results=["h"],
    hint="at the lowest place of a curve its slope is zero. What is the derivative of c h^p + r/h?",
    praise="Right, for p from 1 to 5: forward differences are p = 1, central ones p = 2.",
    wrong="""
    That is where the two parts are equal. Their sum is smallest where its slope is zero: what does c h^p
    become when you differentiate it?
        (r / c) ** (1 / (p + 1))
    p is on the wrong side: solve p c h^(p-1) = r / h² for h once more.
        (p * r / c) ** (1 / (p + 1))
    Upside down: more rounding (a larger r) asks for a longer step, and yours becomes shorter.
        (⟨p * |⟩c / r) ** (1 / (p + 1))
    The root is not yet right. Which power of h stands alone after you multiply by h²?
        (r / (p * c)) ** (1 / ⟨p|(p + 2)⟩)
    Nearly: the derivative of h^p brings down p, and not p + 1.
        (r / ((p + 1) * c)) ** (1 / (p + 1))
    c is on the wrong side: solve p c h^(p-1) = r / h² for h once more.
        (c * r / p) ** (1 / (p + 1))
    The root is taken of p c alone: Python reads `a / b ** k` as a / (b ** k). Put brackets round a / b.
        r / (p * c) ** (1 / (p + 1))
    That is h^(p+1), not h: a root is missing.
        r / (p * c)
    Python reads `x ** 1 / (p + 1)` as (x ** 1) / (p + 1): put the exponent in brackets.
        (r / (p * c)) ** 1 / (p + 1)
    That is (6.4) as it stands, with c for the derivative. Differentiate c h^p + r/h.
        np.sqrt(2 * r / c)
    That is (6.5) as it stands, with c for the derivative. Differentiate c h^p + r/h.
        np.cbrt(3 * r / (2 * c))
    The square root fits p = 1 alone. Which power of h stands alone after you multiply by h²?
        np.sqrt(r / (p * c))
    The cube root fits p = 2 alone. Which power of h stands alone after you multiply by h²?
        np.cbrt(r / (p * c))
    You return how large the error is at its smallest; asked is the h at which it is so small.
        c * h**p + r / h
    """,
)
def best_step(c, p, r):
    """Check best_step(c, p, r), where c h^p + r/h is smallest. See notebooks/06_gradient_checking.ipynb."""
    h = (r / (p * c)) ** (1 / (p + 1))
    return h


# --- central differences ---

UNMOVED = 1e-14  # what rounding alone may do to an entry


def _central_differences(f, X):
    h, dX = 1e-5, np.zeros(X.shape)
    for i in np.ndindex(X.shape):
        old = X[i]
        X[i] = old + h
        up = f(X)
        X[i] = old - h
        down = f(X)
        X[i] = old
        dX[i] = (up - down) / (2 * h)
    return dX


@staged(right=_central_differences, hint="which two losses do you need for one entry, and what is put back?")
def numerical_gradient(ask, seed):
    """Check numerical_gradient(f, X), which returns dX. See notebooks/06_gradient_checking.ipynb."""
    rng = np.random.default_rng(seed)
    for shape in [(3 + seed,), (2, 4), (1, 3 + seed), (2 + seed, 3, 2), (4, 1)]:
        X = rng.standard_normal(shape) + 2
        X.flat[-1] *= seed  # 0: a step that is a share of the entry does not move it
        f = _Watch(X, rng.standard_normal(shape) + 3)
        tried = f" (Tried with X of shape {shape}.)"
        with np.errstate(all="ignore"):
            try:
                found = ask(f, f.X)
            except Crash as crash:
                raise Unnamed(f"{crash}{tried}") from None
        rules = itertools.chain(_wrong_moves(found, f), _wrong_slopes(found, f))
        yield from passed(((why, wrong) for wrong, why in rules), tail=tried)
        first, second = numbers(found), numbers(ask(f, f.X))
        if not np.array_equal(first, second):
            raise Wrong(
                "Called again on the same X, it returns another dX: what the first call found is still in it."
                f" Begin anew each time.{tried}"
            )
    return "Right, for five shapes of X, which came back as it was."


class _Watch:
    """f(X) = Σ C exp(X / 2); like a network's loss it looks at X itself. It notes how X was moved."""

    def __init__(self, X, C):
        self.X, self.before, self.C = X, X.copy(), C
        self.gradient = C * np.exp(X / 2) / 2
        self.moves, self.foreign, self.given = [], False, []

    def __call__(self, *given):
        X = given[0] if given else None
        self.given.append(np.shape(X) if len(given) == 1 else None)
        self.foreign = self.foreign or not np.shares_memory(X, self.X)
        self.moves.append(self.X - self.before)
        return float((self.C * np.exp(self.X / 2)).sum())


def _wrong_moves(found, f):
    """Yield, for each way in which X can be treated wrongly, whether it was, with the words for it."""
    yield (
        isinstance(found, np.ndarray) and np.shares_memory(found, f.X),
        "The dX that you return is X itself: `dX = X` gives the same array a second name. Make a new one.",
    )
    yield not f.moves, "f was never called, so nothing is known about it."
    odd = [shape for shape in f.given if shape != f.X.shape]
    yield None in odd, "You call f without X. It is a function of X: hand it all of X, `f(X)`."
    yield (
        odd,
        f"You hand f {'a single number' if odd and odd[0] == () else 'an array of another shape'}. It is a"
        " function of all of X, whichever entry you move: `f(X)`.",
    )
    moved = [np.abs(move) > UNMOVED for move in f.moves]
    first = next(filter(np.any, moved), moved[0])
    yield (
        f.foreign and not first.any(),
        "You move a copy of X. The loss of a network looks at the network's own array, not at what f is"
        " handed: move the entry in X itself, and put it back.",
    )
    yield (
        not first.any(),
        "Every call of f saw X unmoved, to 14 digits. Move the entry in X before you call f, by a step that"
        " rounding does not swallow.",
    )
    yield (
        first.all() and first.size > 1,
        f"You move all {first.size} entries at once, and learn one number for all of them together. Each"
        " entry has a slope of its own.",
    )
    yield (
        first.sum() > 1,
        f"You move {first.sum()} entries of X at once. With two axes X[i] is a whole row: which loop visits"
        " every single entry, whatever the shape?",
    )
    yield (
        max(map(np.sum, moved)) > 1,
        "When you come to the second entry, the first is still moved: put each one back before the next.",
    )
    yield (
        np.abs(f.X - f.before).max() > UNMOVED,
        Unnamed("Afterwards X is not what it was: an entry has not been put back."),
    )
    yield (
        not np.array_equal(f.X, f.before),
        "Afterwards X differs in its last digits: adding and taking away h rounds. Keep the old value in a"
        " variable, and put that back.",
    )


def _wrong_slopes(found, f):
    """Yield, for each way in which dX can be wrong, whether it is, with the words for it."""
    dX, right = numbers(found), f.gradient
    yield dX is None, f"You return {type(found).__name__}; expected an array, of the shape of X."
    yield (
        dX.shape != right.shape,
        Unnamed(f"You return shape {dX.shape}; expected {right.shape}, that of X."),
    )
    steps = np.array([move.flat[np.abs(move).argmax()] for move in f.moves if np.abs(move).max() > UNMOVED])
    h, up = float(np.median(np.abs(steps))), bool(steps[0] > 0)
    one_sided = (steps > 0).all() or (steps < 0).all()

    def near(A, B, tolerance=1e-2):
        return gradcheck.relative_error(A, B) < tolerance

    yield (
        one_sided and near(dX, right / 2),
        "You divide by 2h, but the two losses are only h apart: one of them is taken at X itself. Central"
        " differences move the entry both ways.",
    )
    yield (
        one_sided and near(dX, right),
        f"Those are {'forward' if up else 'backward'} differences: no entry was moved"
        f" {'down' if up else 'up'}. Near enough at first sight, but by (6.1) the error shrinks like h only,"
        " by (6.2) it would like h².",
    )
    yield (
        not np.isfinite(dX).all(),
        Unnamed(f"Your dX holds {'nan' if np.isnan(dX).any() else 'inf'}."),
    )
    yield near(dX, 2 * right), "Twice too large: how far apart are the two points where you ask for f?"
    yield near(dX, -right), "The sign is the wrong way round: which of the two losses is taken from which?"
    yield (
        near(dX, 2 * h * right),
        "You return the difference of the losses; a slope is that divided by the way.",
    )
    yield (
        any(near(dX, factor * h * h * right) for factor in (1, 2, 4)),
        "You multiply by the step instead of dividing by it. (Python reads `a / 2 * h` as a/2, times h.)",
    )
    yield not dX.any(), Unnamed("Your dX is zero throughout.")
    yield (
        np.array_equal(dX, np.trunc(right)),
        "All your slopes are whole numbers: is your dX an array of integers?",
    )
    yield (
        not dX.all() and near(dX[dX != 0], right[dX != 0]),
        f"{np.count_nonzero(dX == 0)} of {dX.size} entries of dX are still zero: does the loop come to them"
        " all, or does `return` stand inside it?",
    )
    error = gradcheck.relative_error(dX, right)
    place = np.unravel_index(np.abs(dX - right).argmax(), dX.shape)
    yield (
        error >= 1e-7 and near(dX, right, 1) and h < 1e-7,
        f"Relative error {error:.0e}: h = {h:.0e} is so small that rounding (6.3) drowns the difference."
        " Which h does (6.5) advise?",
    )
    yield (
        error >= 1e-7 and near(dX, right, 1) and h > 1e-4,
        f"Relative error {error:.0e}: h = {h:.0e} is so large that f bends on the way, (6.2). Which h does"
        " (6.5) advise?",
    )
    yield (
        error >= 1e-7,
        Unnamed(f"dX[{', '.join(map(str, place))}] should be {right[place]:.6g}; yours is {dX[place]:.6g}."),
    )


# --- what factor is it? ---


def _relative_errors():
    return [Trial((error,), {"error": error}) for error in (0.5, 0.9, 0.75, 2.0, 1.5, 0.01, 1.2)]


@exercise(
    trials=_relative_errors,
    results=["the small k", "the large k"],
    hint="let k be below 1 in size first: which of 1 and |k| is the larger then, and what is left of the"
    " formula?",
    praise="Right, for errors from 0.01 to 2: each has two factors, and they are 1/k of each other.",
    wrong="""
    the small k: That is the error of a factor, not the factor of an error: solve 1 - k = error for k.
        error
    the small k: The sign is lost: above 1 the error comes from a factor that is negative.
        abs(small)
    the small k: The wrong way round: solve 1 - k = error for k.
        error - 1
    the small k: You solve k - 1 = error. For a k below 1 in size, 1 - k is positive.
        1 + error
    the large k: You forget to divide: for a k above 1 in size the difference, k - 1, is divided by k.
        1 + error
    the large k: That is 1/error. What is turned over is the small k: A is k times B where B is 1/k times A.
        1 / error
    the large k: The sign is the wrong way round. Solve (k - 1) / k = error for k.
        1 / (error - 1)
    the large k: The sign is lost: above 1 the error comes from a factor that is negative.
        abs(large)
    the large k: (k - 1) / k = error, and not k / (k - 1): multiply by k, then collect what has k.
        error / (error - 1)
        error / (1 - error)
    the large k: That is the small one once more. Another, above 1 in size, gives the same error.
        small
    the small k: That is the large one, which comes second. The first is below 1 in size.
        large
    """,
)
def factors(error):
    """Check factors(error): the two k with a relative error. See notebooks/06_gradient_checking.ipynb."""
    small = 1 - error
    large = 1 / (1 - error)
    return small, large


# --- which layer is wrong? ---

LAYERS = "Dense 1", "Tanh 1", "Dense 2", "Tanh 2", "Dense 3"
SUSPECTS = *LAYERS, "loss"
PLACES = [*((name, "dX") for name in LAYERS), *((name, p) for name in LAYERS[::2] for p in ("dW", "db"))]


class _Spoilt(Layer):
    """A layer whose `place`, "dX", "dW" or "db", comes out of `backward` multiplied by `factor`."""

    def __init__(self, layer, place, factor):
        self.layer, self.place, self.factor = layer, place, factor
        self.params, self.n_in, self.n_out = layer.params, layer.n_in, layer.n_out

    @property
    def grads(self):
        names = ("dW", "db")[: len(self.params)]
        return tuple(self._spoil(g, name) for g, name in zip(self.layer.grads, names, strict=True))

    def forward(self, X, training=False):
        return self.layer.forward(X, training)

    def backward(self, dY):
        return self._spoil(self.layer.backward(dY), "dX")

    def _spoil(self, gradient, place):
        return self.factor * gradient if place == self.place else gradient


class _SpoiltLoss(MSE):
    def __init__(self, factor):
        self.factor = factor

    def gradient(self, Y_hat, Y):
        return self.factor * super().gradient(Y_hat, Y)


def _table(culprit, place, factor, seed=0):
    """Return `gradcheck.check` of a network of five layers in which one formula is off by a factor."""
    rng = np.random.default_rng(seed)
    widths = iter([(3, 5), (5, 4), (4, 2)])
    layers = []
    for name in LAYERS:
        layer = Tanh() if "Tanh" in name else Dense(*next(widths), rng=rng, dtype=np.float64)
        for p in layer.params:
            p[...] = rng.standard_normal(p.shape)
        layers.append(_Spoilt(layer, place, factor) if name == culprit else layer)
    loss = _SpoiltLoss(factor) if culprit == "loss" else MSE()
    X, Y = rng.standard_normal((6, 3)), rng.standard_normal((6, 2))
    return gradcheck.check(Network(*layers), loss, X, Y)


@functools.cache
def wrong_layer_tables():
    """Return four tables of `gradcheck.check`, each of a network in which one formula is wrong.

    Returns
    -------
    dict from "A", "B", "C", "D" to a dict from row to relative error

    See notebooks/06_gradient_checking.ipynb.
    """
    culprits = ("Dense 2", "db", 6), ("Tanh 1", "dX", 3), ("loss", "gradient", 2), ("Dense 1", "dX", 0.2)
    return {name: _table(*culprit) for name, culprit in zip("ABCD", culprits, strict=True)}


def _wrong_rows(table):
    return frozenset(row for row, error in table.items() if error > 1e-7)


@functools.cache
def _suspects():
    """Return, for each set of wrong rows, who causes just these: found by spoiling every place in turn."""
    found = {}
    for name, place in [*PLACES, ("loss", "gradient")]:
        found.setdefault(_wrong_rows(_table(name, place, 2)), set()).add(name)
    return found


@sheet(
    names=list("ABCD"),
    hint="go from the bottom row of a table upwards. Up to which row has the blame come right, and who"
    " touches it next?",
    praise="Right, all four, the one with two suspects included.",
    what="tables",
    line="{}",
)
def wrong_layer(table, filled):
    """Check {"A": {names}, …}: who can be to blame. See notebooks/06_gradient_checking.ipynb."""
    rows = _wrong_rows(wrong_layer_tables()[table])
    named = filled[table] if isinstance(filled[table], (set, frozenset, list, tuple)) else [filled[table]]
    known = {name.lower(): name for name in SUSPECTS}
    for name in named:
        if not isinstance(name, str) or name.lower().strip() not in known:
            return f"{shown(name)} is none of the names: {', '.join(SUSPECTS)}."
    return _wrong_suspects({known[name.lower().strip()] for name in named}, _suspects()[rows], rows)


def _wrong_suspects(given, truth, wrong):
    """Return what is wrong with the suspects given, for a table with these wrong rows."""
    if given == truth:
        return None
    if not given:
        return "not answered yet."
    if truth < given:
        extra = min(given - truth, key=SUSPECTS.index)
        if len(wrong) == 7:
            return f"too many: a fault in {extra} alone would leave some of the rows right."
        return f"too many: a fault in {extra} alone would spoil other rows than {_said(wrong)}."
    if given < truth:
        return (
            f"{' and '.join(sorted(given))} can be to blame, and so can another: who else touches the blame"
            " between the last right rows and the first wrong ones?"
        )
    if max(map(SUSPECTS.index, given)) < min(map(SUSPECTS.index, truth)):
        return (
            "the blame came to what you name wrong already. Blame travels from the loss to the first layer:"
            " look nearer to the loss."
        )
    return (
        f"one fault has to spoil {_said(wrong)} and no other row. Where does the blame pass on its way there?"
    )


def _said(rows):
    return f"just {', '.join(sorted(rows))}" if len(rows) < 7 else "all rows"
