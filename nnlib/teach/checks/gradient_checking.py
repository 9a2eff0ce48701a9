"""The checks of chapter 06."""

import functools
import operator

import numpy as np

from nnlib import MSE, Dense, Network, Tanh, gradcheck
from nnlib.layers import Layer
from nnlib.teach.checks.answers import Mistake, Wrong, array, call, check, compare

__all__ = ["best_step", "numerical_gradient", "relative_error", "wrong_layer", "wrong_layer_tables"]


@check
def best_step(answer):
    """Check best_step(c, p, r), where c h^p + r/h is smallest. See notebooks/06_gradient_checking.ipynb."""
    rng = np.random.default_rng(0)
    known = [(0.7, 1, 2e-16), (2.5, 2, 4e-16), (0.3, 4, 1e-7)]
    drawn = zip(rng.random(4).round(2) + 0.1, [3, 2, 5, 1], rng.random(4).round(2), strict=True)
    trials = [(arguments, dict(zip("cpr", arguments, strict=True))) for arguments in (*known, *drawn)]

    def right(c, p, r):
        return (r / (p * c)) ** (1 / (p + 1))

    def error(c, p, r, h):
        return c * h**p + r / h

    mistakes = [
        Mistake(
            lambda c, p, r: (r / c) ** (1 / (p + 1)),
            "That is where the two parts are equal. Their sum is smallest where its slope is zero:"
            " what does c h^p become when you differentiate it?",
        ),
        Mistake(
            lambda c, p, r: (p * r / c) ** (1 / (p + 1)),
            "p is on the wrong side: solve p c h^(p-1) = r / h² for h once more.",
        ),
        Mistake(
            lambda c, p, r: (p * c / r) ** (1 / (p + 1)),
            "Upside down: more rounding (a larger r) asks for a longer step, and yours becomes shorter.",
        ),
        Mistake(
            lambda c, p, r: (c / r) ** (1 / (p + 1)),
            "Upside down: more rounding (a larger r) asks for a longer step, and yours becomes shorter.",
        ),
        *[
            Mistake(
                lambda c, p, r, more=more: (r / (p * c)) ** (1 / (p + more)),
                "The root is not yet right. Which power of h stands alone after you multiply by h²?",
            )
            for more in (0, 2)
        ],
        Mistake(
            lambda c, p, r: (r / ((p + 1) * c)) ** (1 / (p + 1)),
            "Nearly: the derivative of h^p brings down p, and not p + 1.",
        ),
        Mistake(
            lambda c, p, r: (c * r / p) ** (1 / (p + 1)),
            "c is on the wrong side: solve p c h^(p-1) = r / h² for h once more.",
        ),
        Mistake(
            lambda c, p, r: r / (p * c) ** (1 / (p + 1)),
            "The root is taken of p c alone: Python reads `a / b ** k` as a / (b ** k). Put brackets round"
            " a / b.",
        ),
        Mistake(
            lambda c, p, r: r / (p * c),
            "That is h^(p+1), not h: a root is missing.",
        ),
        Mistake(
            lambda c, p, r: r / (p * c) / (p + 1),
            "Python reads `x ** 1 / (p + 1)` as (x ** 1) / (p + 1): put the exponent in brackets.",
        ),
        *[
            Mistake(
                wrong,
                f"That is {number} as it stands, with c for the derivative. Differentiate c h^p + r/h.",
            )
            for number, wrong in (
                ("(6.4)", lambda c, p, r: np.sqrt(2 * r / c)),
                ("(6.5)", lambda c, p, r: np.cbrt(3 * r / (2 * c))),
            )
        ],
        Mistake(
            lambda c, p, r: np.sqrt(r / (p * c)),
            "The square root fits p = 1 alone. Which power of h stands alone after you multiply by h²?",
        ),
        Mistake(
            lambda c, p, r: np.cbrt(r / (p * c)),
            "The cube root fits p = 2 alone. Which power of h stands alone after you multiply by h²?",
        ),
        Mistake(
            lambda c, p, r: error(c, p, r, right(c, p, r)),
            "You return how large the error is at its smallest; asked is the h at which it is so small.",
        ),
    ]
    hint = "at the lowest place of a curve its slope is zero. What is the derivative of c h^p + r/h?"
    compare(answer, right, trials, results=["h"], hint=hint, mistakes=mistakes)
    return "Right, for p from 1 to 5: forward differences are p = 1, central ones p = 2."


@check
def numerical_gradient(answer):
    """Check numerical_gradient(f, X), which returns dX. See notebooks/06_gradient_checking.ipynb."""
    rng = np.random.default_rng(0)
    for shape in [(3,), (2, 4), (1, 3), (2, 3, 2), (4, 1)]:
        X, C = rng.standard_normal(shape) + 2, rng.standard_normal(shape) + 3
        watch = _Watch(X, C)
        hint = "which two losses do you need for one entry, and what is put back?"
        with np.errstate(all="ignore"):
            tried = f"(Tried with X of shape {shape}.)"
            try:
                found = call(answer, watch, X, hint=hint)
            except Wrong as wrong:
                raise Wrong(f"{wrong} {tried}" if "stops with" in str(wrong) else str(wrong)) from None
        if isinstance(found, np.ndarray) and np.shares_memory(found, X):
            raise Wrong(
                "The dX that you return is X itself: `dX = X` gives the same array a second name. Make a new"
                f" one. {tried}"
            )
        watch.judge_moves(tried)
        dX = array(found, shape, "that of X")
        _judge_gradient(dX, watch, tried)
    return "Right, for five shapes of X, which came back as it was."


class _Watch:
    """f(X) = Σ C exp(X / 2); like a network's loss it looks at X itself. It notes how X was moved."""

    def __init__(self, X, C):
        self.X, self.before, self.C = X, X.copy(), C
        self.moves, self.foreign = [], False

    def __call__(self, X=None):
        self.foreign = self.foreign or (X is not None and not np.shares_memory(X, self.X))
        self.moves.append(self.X - self.before)
        return float((self.C * np.exp(self.X / 2)).sum())

    @property
    def gradient(self):
        return self.C * np.exp(self.before / 2) / 2

    def judge_moves(self, tried):
        """Raise `Wrong` unless every entry was moved by itself, both ways, and put back."""
        moved = [np.abs(move) > 1e-14 for move in self.moves]
        counts = [int(mask.sum()) for mask in moved]
        if not self.moves:
            raise Wrong(f"f was never called, so nothing is known about it. {tried}")
        if self.foreign and not any(counts):
            raise Wrong(
                "You move a copy of X. The loss of a network looks at the network's own array, not at what f"
                f" is handed: move the entry in X itself, and put it back. {tried}"
            )
        size = self.before.size
        first = next((mask for mask in moved if mask.any()), None)
        if first is None:
            raise Wrong(
                "Every call of f saw X unmoved, to 14 digits. Move the entry in X before you call f, by a"
                f" step that rounding does not swallow. {tried}"
            )
        if first.all() and size > 1:
            raise Wrong(
                f"You move all {size} entries at once, and learn one number for all of them together. Each"
                f" entry has a slope of its own. {tried}"
            )
        if first.sum() > 1:
            raise Wrong(
                f"You move {first.sum()} entries of X at once. With two axes X[i] is a whole row: which loop"
                f" visits every single entry, whatever the shape? {tried}"
            )
        if max(counts) > 1:
            raise Wrong(
                "When you come to the second entry, the first is still moved: put each one back before the"
                f" next. {tried}"
            )
        if np.abs(self.X - self.before).max() > 1e-14:
            raise Wrong(f"Afterwards X is not what it was: an entry has not been put back. {tried}")
        if not np.array_equal(self.X, self.before):
            raise Wrong(
                "Afterwards X differs in its last digits: adding and taking away h rounds. Keep the old value"
                f" in a variable, and put that back. {tried}"
            )

    def steps(self):
        """Return the moves of single entries as numbers, with their signs."""
        return np.array([move[np.abs(move) > 1e-14][0] for move in self.moves if np.abs(move).max() > 1e-14])


def _judge_gradient(dX, watch, tried):
    """Raise `Wrong` unless dX comes from central differences with a sensible step."""
    steps, right = watch.steps(), watch.gradient
    h = float(np.median(np.abs(steps)))

    def near(A, B, tolerance=1e-2):
        return gradcheck.relative_error(A, B) < tolerance

    one_sided = bool((steps > 0).all() or (steps < 0).all())
    if one_sided and near(dX, right / 2):
        raise Wrong(
            "You divide by 2h, but the two losses are only h apart: one of them is taken at X itself. Central"
            f" differences move the entry both ways. {tried}"
        )
    if one_sided and near(dX, right):
        way = "forward" if steps[0] > 0 else "backward"
        raise Wrong(
            f"Those are {way} differences: no entry was moved {'down' if steps[0] > 0 else 'up'}. Near"
            " enough at first sight, but by (6.1) the error shrinks like h only, by (6.2) it would like h²."
            f" {tried}"
        )
    if not np.isfinite(dX).all():
        raise Wrong(f"Your dX holds {'nan' if np.isnan(dX).any() else 'inf'}. {tried}")
    if near(dX, 2 * right):
        raise Wrong(f"Twice too large: how far apart are the two points where you ask for f? {tried}")
    if near(dX, -right):
        raise Wrong(f"The sign is the wrong way round: which of the two losses is taken from which? {tried}")
    if near(dX, 2 * h * right):
        raise Wrong(f"You return the difference of the losses; a slope is that divided by the way. {tried}")
    if near(dX, 4 * h * h * right) or near(dX, 2 * h * h * right) or near(dX, h * h * right):
        raise Wrong(
            "You multiply by the step instead of dividing by it. (Python reads `a / 2 * h` as a/2, times h.)"
            f" {tried}"
        )
    if not dX.any():
        raise Wrong(f"Your dX is zero throughout. {tried}")
    if np.array_equal(dX, np.trunc(right)):
        raise Wrong(f"All your slopes are whole numbers: is your dX an array of integers? {tried}")
    if 0 < np.count_nonzero(dX) < dX.size and near(dX[dX != 0], right[dX != 0]):
        raise Wrong(f"{np.count_nonzero(dX == 0)} of {dX.size} entries of dX are still zero. {tried}")
    error = gradcheck.relative_error(dX, right)
    if error >= 1e-7 and near(dX, right, 1) and (h < 1e-7 or h > 1e-4):
        small = f"h = {h:.0e} is so small that rounding (6.3) drowns the difference"
        large = f"h = {h:.0e} is so large that f bends on the way, (6.2)"
        raise Wrong(
            f"Relative error {error:.0e}: {small if h < 1e-7 else large}. Which h does (6.5) advise? {tried}"
        )
    if error >= 1e-7:
        place = np.unravel_index(np.abs(dX - right).argmax(), dX.shape)
        where = ", ".join(map(str, place))
        raise Wrong(f"dX[{where}] should be {right[place]:.6g}; yours is {dX[place]:.6g}. {tried}")


@check
def relative_error(answer):
    """Check relative_error(A, B), a number from 0 to 2. See notebooks/06_gradient_checking.ipynb."""
    rng = np.random.default_rng(0)
    trials = []
    for shape, scale, change in [
        ((4, 3), 1, 0.3),
        ((5,), 1e8, 0.02),
        ((2, 3, 2), 1e-9, 1),
        ((1, 6), 0.1, 0.1),
    ]:
        A = scale * rng.standard_normal(shape)
        B = A + scale * change * rng.standard_normal(shape)
        pairs = (A, B), (B, A), (A, -A), (-np.abs(A), -np.abs(B))
        trials += [(pair, {"entries": A.size}) for pair in (*pairs, (0 * A, B), (A, 0 * B))]
    zeros = np.zeros((3, 2))
    trials.append(((zeros, zeros.copy()), {"entries": zeros.size}))

    def largest(A):
        return np.abs(A).max()

    def size(A, B):
        return max(largest(A), largest(B))

    def entrywise(A, B):
        return np.abs(A - B) / np.maximum(np.abs(A), np.abs(B))

    nan_at_zero = (
        "Right, but for two gradients that are zero throughout: 0/0. They agree, so the answer is 0."
    )
    mistakes = [
        Mistake(lambda A, B: largest(A - B) / size(A, B), nan_at_zero),
        Mistake(
            lambda A, B: largest(A - B),
            "That is the largest difference. Whether it is much or little, only the size of the gradients"
            " can say: divide.",
        ),
        *_either(
            lambda A, B: (A - B).max() / size(A, B),
            "The largest difference without its absolute value: where A is below B it does not count.",
        ),
        *_either(
            lambda A, B: abs((A - B).sum()) / size(A, B),
            "You add up the differences with their signs, so one entry's error can cancel another's.",
        ),
        *_either(
            lambda A, B: abs(largest(A) - largest(B)) / size(A, B),
            "You compare the sizes of A and B: A and -A would be equal. Take the difference first.",
        ),
        *_either(
            lambda A, B: np.abs(np.abs(A) - np.abs(B)).max() / size(A, B),
            "You drop the signs before you take the difference: A and -A would be equal.",
        ),
        *_either(
            lambda A, B: np.abs(A - B).sum() / size(A, B),
            "You add up the differences; the more entries, the larger it gets. Which single one counts?",
        ),
        *_either(
            lambda A, B: np.abs(A - B).mean() / size(A, B),
            "The mean difference: one wrong entry among thousands would be lost in it.",
        ),
        *_either(
            lambda A, B: (A - B).max() / max(A.max(), B.max()),
            "Both maxima are taken with their signs: where A is below B the difference does not count, and a"
            " gradient of -5 is large. Take absolute values.",
        ),
        *_either(
            lambda A, B: largest(A - B) / max(A.max(), B.max()),
            "You divide by the largest entry with its sign. A gradient of -5 is large: take absolute values.",
        ),
        *_either(lambda A, B: largest(A - B) / largest(A), _one_sided("A", "B")),
        *_either(lambda A, B: largest(A - B) / largest(B), _one_sided("B", "A")),
        *_either(
            lambda A, B: largest(A - B) / (largest(A) + largest(B)),
            "You divide by the sum of both sizes; (6.6) divides by the larger. For A and -A it should be 2.",
        ),
        *_either(
            lambda A, B: largest(A - B) / largest(A + B),
            "You divide by A + B, which can cancel: for A and -A nothing remains to divide by.",
        ),
        *_either(
            lambda A, B: entrywise(A, B).max(),
            "You divide each entry by its own size. An entry that happens to be almost 0 then has a large"
            " relative error from rounding alone: take the largest entry of the whole array.",
        ),
        *[
            mistake
            for floor in (0, 1e-8)
            for mistake in _either(
                lambda A, B, floor=floor: (np.abs(A - B) / np.maximum(floor, np.abs(A) + np.abs(B))).max(),
                "You divide each entry by its own size, the sum of |A| and |B| there. An entry that happens"
                " to be almost 0 then has a large relative error from rounding alone: (6.6) takes the largest"
                " entry of the whole array.",
            )
        ],
        *_either(
            lambda A, B: np.linalg.norm(A - B) / max(np.linalg.norm(A), np.linalg.norm(B)),
            "That is a relative error too, with the root of the sum of squares as the size. (6.6) takes the"
            " largest entry, in which a single wrong one cannot hide.",
        ),
        *_either(
            lambda A, B: largest(A - B) / min(largest(A), largest(B)),
            "You divide by the smaller of the two sizes, which may be nearly zero; (6.6) takes the larger.",
        ),
        *_either(
            lambda A, B: (largest(A - B) / size(A, B)) ** 2,
            "That is the square of it: take absolute values, not squares.",
        ),
        *_either(
            lambda A, B: 0.0 if np.allclose(A, B) else largest(A - B) / size(A, B),
            "You call any two gradients of 1e-9 equal, as np.allclose does, too: there is an absolute limit"
            " in it. Treat only two that are zero throughout apart.",
        ),
        Mistake(
            lambda A, B: largest(A - B) / size(A, B) if A.any() and B.any() else 0.0,
            "Right, but for two of which one is zero throughout: you call them equal. They agree only where"
            " both are zero.",
        ),
        *[
            Mistake(
                lambda A, B, small=small, both=both: largest(A - B) / both(size(A, B), small),
                "The small number that you put below keeps 0/0 away, but beside gradients of 1e-9 it is not"
                " small: their error vanishes. Treat the one case apart.",
            )
            for small in (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12)
            for both in (operator.add, max)
        ],
    ]

    def right(A, B):
        return largest(A - B) / size(A, B) if size(A, B) else 0.0

    hint = "how far apart are the two arrays at most, and how large is their largest entry?"
    with np.errstate(all="ignore"):
        compare(answer, right, trials, results=["the error"], hint=hint, mistakes=mistakes)
    return "Right, from gradients of 1e-9 to 1e8, for A against -A, and for two that are zero throughout."


def _one_sided(taken, other):
    return (
        f"You divide by the size of {taken} alone. Where {taken} is nearly zero and {other} is not, any"
        " number can come out, and exchanging the two changes the answer."
    )


def _either(wrong, why):
    """Return the mistake as it is and with 0 instead of a division by zero, which is another matter."""

    def guarded(A, B):
        return wrong(A, B) if A.any() or B.any() else 0.0

    def finite(A, B):
        return np.nan_to_num(wrong(A, B), nan=0.0, posinf=0.0, neginf=0.0)

    return Mistake(wrong, why), Mistake(guarded, why), Mistake(finite, why)


# --- which layer is wrong? ---

LAYERS = "Dense 1", "Tanh 1", "Dense 2", "Tanh 2", "Dense 3"
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


@check
def wrong_layer(answer):
    """Check {"A": {names}, …}: who can be to blame. See notebooks/06_gradient_checking.ipynb."""
    tables = wrong_layer_tables()
    if not isinstance(answer, dict):
        raise Wrong(f"expected the dict of the exercise, and got {answer!r}.")
    if strange := [key for key in answer if key not in tables]:
        raise Wrong(f"{strange[0]!r} is none of the tables: {', '.join(tables)}.")
    given = {name: _names(answer.get(name, ...)) for name in tables}
    if all(names is None for names in given.values()):
        raise Wrong(
            "Not attempted yet. Hint: go from the bottom row of a table upwards. Up to which row has the"
            " blame come right, and who touches it next?"
        )
    lines, right = [], []
    for name, table in tables.items():
        truth = _suspects()[_wrong_rows(table)]
        if given[name] == truth:
            right.append(name)
        else:
            lines.append(f"- {name}: {_wrong_suspects(given[name], truth, _wrong_rows(table))}")
    if lines:
        head = f"{len(right)} of {len(tables)} right{': ' + ', '.join(right) if right else ''}."
        raise Wrong("\n".join([head, "", *lines]))
    return "Right, all four, the one with two suspects included."


def _names(answer):
    """Return the learner's names as a set; a single name stands for itself, `...` for no answer."""
    if answer is ... or answer is None:
        return None
    names = {answer} if isinstance(answer, str) else set(answer)
    known = {name.lower(): name for name in (*LAYERS, "loss")}
    if strange := [name for name in names if not isinstance(name, str) or name.lower().strip() not in known]:
        raise Wrong(f"{strange[0]!r} is none of the names: {', '.join(known.values())}.")
    return {known[name.lower().strip()] for name in names}


def _wrong_suspects(given, truth, wrong):
    """Return what is wrong with the suspects given, for a table with these wrong rows."""
    if not given:
        return "not answered yet."
    order = [*LAYERS, "loss"]
    if truth < given:
        extra = min(given - truth, key=order.index)
        if len(wrong) == 7:
            return f"too many: a fault in {extra} alone would leave some of the rows right."
        return f"too many: a fault in {extra} alone would spoil other rows than {_said(wrong)}."
    if given < truth:
        return (
            f"{' and '.join(sorted(given))} can be to blame, and so can another: who else touches the blame"
            " between the last right rows and the first wrong ones?"
        )
    if all(order.index(name) < min(map(order.index, truth)) for name in given):
        return (
            "the blame came to what you name wrong already. Blame travels from the loss to the first layer:"
            " look nearer to the loss."
        )
    return (
        f"one fault has to spoil {_said(wrong)} and no other row. Where does the blame pass on its way there?"
    )


def _said(rows):
    return f"just {', '.join(sorted(rows))}" if len(rows) < 7 else "all rows"
