"""The exercises of chapter 13 that are answered with a function."""

import itertools
import math

import numpy as np

from nnlib.teach.checks.engine import Trial, catalogue, exercise

__all__ = ["dual_quotient", "matmul_pull", "max_pull", "undo_broadcast"]

# --- the product of two matrices ---

# n, k, m: A is (n, k), B is (k, m). Among equal sizes every shape fits, and a wrong transpose can be seen in
# the numbers alone.
SIZES = [(2, 3, 4), (5, 2, 3), (3, 3, 3), (4, 6, 2)]
AXES = {"A": "ik", "B": "kj", "dY": "ij"}


def _matrices():
    rng = np.random.default_rng(0)
    return [
        Trial(tuple(map(rng.standard_normal, [(n, k), (k, m), (n, m)])), {"n": n, "k": k, "m": m})
        for n, k, m in SIZES
    ]


def _turned(factor):
    """Return the name of a factor such as `B.T`, and the letters of its rows and columns."""
    name = factor.removesuffix(".T")
    return name, AXES[name] if factor == name else AXES[name][::-1]


def _products(right, other, own):
    """Return the catalogue of what may stand for a product: the wrong factors, or turned the wrong way.

    `other` is what is multiplied with the one whose gradient it is, `own`.
    """
    factors = ["A", "A.T", "B", "B.T", "dY", "dY.T"]
    rows, columns = AXES[own]
    shared = ({*AXES[other]} & {*AXES["dY"]}).pop()
    said = []
    for P, Q in itertools.product(factors, repeat=2):
        (p, (_, last)), (q, (first, _)) = _turned(P), _turned(Q)
        product = f"{P} @ {Q}"
        if product in ("dY @ B.T", "A.T @ dY", "A @ B") or p == q:
            continue
        if "dY" not in (p, q):
            why = f"dY is not in `{product}`. Without it nothing says how much each number of Y is to blame."
        elif own in (p, q):
            why = f"`{product}` has {own} itself in it. What {own} is multiplied by is {other}."
        elif last == first:
            why = (
                f"`{product}` comes out turned: its rows are counted by {columns}, and those of {own} by"
                f" {rows}."
            )
        else:
            why = (
                f"`{product}` pairs the {last} of {p} with the {first} of {q}, as if they were the same. What"
                f" dY and {other} share is {shared}."
            )
        said.append((why, product))
    for P, Q in itertools.product([other, f"{other}.T", own, f"{own}.T"], ["dY", "dY.T"]):
        why = f"`{Q} * {P}` multiplies entry by entry and adds nothing: a sum is missing."
        said.append((why, f"{Q} * {P}"))
    return "".join(f"\n    {why}\n        {right} → {line}\n" for why, line in said)


OF_A = """
    `reshape` cuts the same row of numbers elsewhere, and so mixes rows and columns. Rows become columns by a
    transpose, `.T`.
        dY @ B.reshape(B.T.shape)
    dY is not in it: those are the slopes of Y, and not how much of it is to blame.
        np.ones_like(dY) @ B.T
        B.T
        np.resize(B.T, A.shape)
        np.resize(B, A.shape)
        np.broadcast_to(B.sum(axis=1), A.shape)
        A * B.sum(axis=1)
        B
    B is not in it. A number of A moves Y by as much as the numbers of B that it is multiplied by.
        dY @ np.ones_like(B.T)
        dY
    only the first row is done. Is the `return` inside the loop?
        (dY @ B.T) * (np.arange(len(A)) == 0)[:, None]
    only the first number is done. Is the `return` inside the loop?
        (dY @ B.T) * (np.arange(A.size) == 0).reshape(A.shape)
    only the last column of Y is in it: each turn of your loop writes over the ones before. Add.
        np.outer(dY[:, -1], B[:, -1])
    only the first column of Y is in it. A number of A reaches a whole row of Y.
        np.outer(dY[:, 0], B[:, 0])
    you average over the columns of Y. What comes back from them adds up.
        dY @ B.T / dY.shape[1]
    right but for a factor 1/n. Where there is a mean over the rows, it is in dY already.
        dY @ B.T / len(dY)
        dY @ B.T / len(A)
    you average over all of Y. What comes back adds up, and the mean of a loss is in dY already.
        dY @ B.T / dY.size
    you add up the blames of a row, and the numbers of B, and then multiply. Multiply first, then add.
        np.outer(dY.sum(axis=1), B.sum(axis=1))
        dY * B.sum(axis=1)
        dY.sum(axis=1, keepdims=True) * B
    that adds over k, the columns of A, and leaves j. A[i, k] reaches every column j of Y: multiply dY[i, j]
    by B[k, j], and add over j.
        dY * B.sum(axis=0)
    every row gets the sum over all rows. A row of A reaches its own row of Y.
        np.broadcast_to(dY.sum(axis=0) @ B.T, A.shape)
    a sum too many: the product has added over the columns of Y already.
        (dY @ B.T).sum(axis=⟨0|1|None⟩)
    A is in it, too. What A is multiplied by is B, and A itself is not there.
        A * (dY @ B.T)
        A * dY.sum(axis=1, keepdims=True)
    B is inverted. A gradient undoes nothing: it asks how much each number is to blame.
        dY @ np.linalg.pinv(B)
    the signs of B are lost.
        dY @ np.abs(B.T)
    the signs of dY are lost.
        np.abs(dY) @ B.T
    that is Y, the forward pass.
        A @ B
    """ + _products("dY @ B.T", "B", "A")

OF_B = """
    `reshape` cuts the same row of numbers elsewhere, and so mixes rows and columns. Rows become columns by a
    transpose, `.T`.
        A.reshape(A.T.shape) @ dY
    dY is not in it: those are the slopes of Y, and not how much of it is to blame.
        A.T @ np.ones_like(dY)
        A.T
        np.resize(A.T, B.shape)
        np.resize(A, B.shape)
        np.broadcast_to(A.sum(axis=0)[:, None], B.shape)
        B * A.sum(axis=0)[:, None]
        A
    A is not in it. A number of B moves Y by as much as the numbers of A that it is multiplied by.
        np.ones_like(A.T) @ dY
        dY
    only the first row is done. Is the `return` inside the loop?
        (A.T @ dY) * (np.arange(len(B)) == 0)[:, None]
    only the first number is done. Is the `return` inside the loop?
        (A.T @ dY) * (np.arange(B.size) == 0).reshape(B.shape)
    only the last row of Y is in it: each turn of your loop writes over the ones before. Add.
        np.outer(A[-1], dY[-1])
    only the first row of Y is in it. A number of B reaches a whole column of Y.
        np.outer(A[0], dY[0])
    right but for a factor 1/n. Where there is a mean over the rows, it is in dY already.
        A.T @ dY / len(A)
        A.T @ dY / len(dY)
    you average over the columns of Y. What comes back adds up.
        A.T @ dY / dY.shape[1]
    you average over all of Y. What comes back adds up, and the mean of a loss is in dY already.
        A.T @ dY / dY.size
    you add up the columns of A, and the blames, and then multiply. Multiply first, then add.
        np.outer(A.sum(axis=0), dY.sum(axis=0))
        A.sum(axis=0) * dY
        A * dY.sum(axis=0)
    that adds over k, the rows of B, and leaves i. B[k, j] is reached from every row i: multiply A[i, k] by
    dY[i, j], and add over i.
        A.sum(axis=1)[:, None] * dY
        A.sum(axis=1) * dY
    every column gets the sum over all columns. A column of B reaches its own column of Y.
        np.broadcast_to(A.T @ dY.sum(axis=1, keepdims=True), B.shape)
    a sum too many: the product has added over the rows of Y already.
        (A.T @ dY).sum(axis=⟨0|1|None⟩)
    B is in it, too. What B is multiplied by is A, and B itself is not there.
        B * (A.T @ dY)
        B * dY.sum(axis=0)
    dA stands where A belongs: for dB the A that came forward is needed. (Behind a line `A = …` that name
    means something else.)
        (dY @ B.T).T @ dY
    A is inverted. A gradient undoes nothing: it asks how much each number is to blame.
        np.linalg.pinv(A) @ dY
    the signs of A are lost.
        np.abs(A.T) @ dY
    the signs of dY are lost.
        A.T @ np.abs(dY)
    that is Y, the forward pass.
        A @ B
    """ + _products("A.T @ dY", "A", "B")


@exercise(
    trials=_matrices,
    results=["dA", "dB"],
    hint="A[i, k] is multiplied by B[k, j], for every j, and goes into Y[i, j]. Which numbers of dY are"
    " those?",
    praise=f"Right, on {len(SIZES)} pairs of matrices, from two rows to five.",
    wrong=catalogue.only("dA", OF_A) + catalogue.only("dB", OF_B),
)
def matmul_pull(A, B, dY):
    """Check matmul_pull(A, B, dY), which returns dA, dB. See notebooks/13_automatic_differentiation.ipynb."""
    dA = dY @ B.T
    dB = A.T @ dY
    return dA, dB


# --- what was repeated ---

# Shape of X, and the shape that it was broadcast to
BROADCASTS = [
    ((4,), (3, 4)),
    ((3, 1), (3, 5)),
    ((2, 1, 4), (5, 2, 3, 4)),
    ((), (2, 3)),
    ((3, 4), (3, 4)),
    ((1, 1), (4, 3)),
    ((3,), (2, 4, 3)),
    ((1, 6), (5, 6)),
    ((1,), (7,)),
    ((1, 3), (1, 3)),
    ((4, 1, 1), (4, 2, 5)),
    ((1, 4), (1, 3, 4)),
    ((4,), (4, 4)),
    ((3, 1), (3, 3)),
]


def _from_the_left(dY, shape):
    """Return dX where places of dY are counted from the left."""
    dX = np.zeros(shape)
    for place in np.ndindex(dY.shape):
        dX[tuple(0 if n == 1 else i for i, n in zip(place, shape, strict=False))] += dY[place]
    return dX


def _broadcasts():
    rng = np.random.default_rng(0)
    return [
        Trial((rng.standard_normal(larger), shape), {"shape": shape, "dY": larger})
        for shape, larger in BROADCASTS
    ]


def _dropped(dY, shape):
    """Return dX where axes are dropped while a loop counts them."""
    dX = dY.sum(axis=tuple(range(dY.ndim - len(shape))))
    for a in range(dX.ndim):
        if shape[a] < dX.shape[a]:
            dX = dX.sum(axis=a)
    return dX


def _dropped_from_the_end(dY, shape):
    """Return dX where the last axes are added up, and then those of length 1 dropped while a loop counts."""
    dX = dY.sum(axis=tuple(range(len(shape), dY.ndim)))
    for axis, n in enumerate(shape):
        dX = dX.sum(axis) if n == 1 else dX
    return dX


def _padded_behind(dY, shape):
    """Return dX as means, where `shape` is filled up with ones behind, not in front."""
    filled = [*shape, *[1] * (dY.ndim - len(shape))]
    return dY.mean(axis=tuple(a for a, n in enumerate(filled) if n == 1), keepdims=True).reshape(shape)


def _along_what_was_kept(dY, shape):
    """Return dX where an axis is counted as if those before it were there, and n = 1 is turned round."""
    for axis in range(dY.ndim - len(shape)):
        dY = dY.sum(axis=axis)
    for axis, n in enumerate(shape):
        dY = dY.sum(axis=axis, keepdims=True) if n != 1 else dY
    return dY


def _first_times(dY, shape):
    """Return dX where the first blame of each number is multiplied by how often it was used."""
    first = dY[(0,) * (dY.ndim - len(shape))]
    for axis, n in enumerate(shape):
        first = np.take(first, [0], axis=axis) if n == 1 else first
    return first * (dY.size // math.prod(shape))


@exercise(
    trials=_broadcasts,
    results=["dX"],
    hint="a number of X that was used three times hears from three places. Begin with `(4,)` in `(3, 4)`:"
    " along which axis was it repeated?",
    praise=f"Right, on {len(BROADCASTS)} pairs of shapes: axes in front, axes of length 1, both, neither.",
    wrong="""
    you take the mean. A number that was used three times hears from three places, and what they say adds up.
        dX = dY.mean(axis=tuple(range(more))) ; dX.mean(axis=repeated, keepdims=True)
    you take what one place says, as many times as X was used. Each place says something of its own: add up.
        _first_times(dY, shape)
        np.resize(dY, shape) * (dY.size // math.prod(shape))
    along the axes that were put in front you take the mean. What comes back adds up.
        dX = dY.mean(axis=tuple(range(more)))
    along the axes of length 1 you take the mean. What comes back adds up.
        dX.mean(axis=repeated, keepdims=True)
    right where axes were put in front. An axis along which X has one number was repeated, too: add up along
    it, and keep it, `keepdims=True`.
        dX
    right where X has as many axes as dY. Axes that were put in front are not there in X: add up along them.
        dX = dY ; repeated = tuple(axis + more for axis, n in enumerate(shape) if n == 1)
    axes are counted from the end: X of shape (4,) lies along the last axis of dY. While the axes in front are
    still there, axis 0 of X is not axis 0 of dY.
        dX = dY
        dX = dY ; repeated = tuple(a for a, (n, m) in enumerate(zip(dY.shape, shape)) if n != m)
        dX = dY ; dX.sum(axis=tuple(a for a, n in enumerate(shape) if n != dY.shape[a]), keepdims=True)
        dY.sum(axis=tuple(a for a, (n, m) in enumerate(zip(dY.shape, shape)) if n != m))
        dY.sum(axis=tuple(a for a, (n, m) in enumerate(zip(dY.shape, shape)) if n != m)).reshape(shape)
        dY.sum(axis=tuple(a for a, (n, m) in enumerate(zip(dY.shape, shape)) if n != m), keepdims=True).sum(
            axis=tuple(range(more)))
        dX = dY ; dX.sum(axis=repeated, keepdims=True).sum(axis=tuple(range(more)))
        _from_the_left(dY, shape)
        dY.sum(axis=(*(a for a, (n, m) in enumerate(zip(dY.shape, shape)) if n != m),
            *range(len(shape), dY.ndim)), keepdims=True).reshape(shape)
        dY.sum(axis=(*range(more), *repeated), keepdims=True).reshape(shape)
        dY.sum(axis=(*range(more), *repeated)).reshape(shape)
        dY.sum(axis=(*range(more), *repeated))
    `[0]` takes an axis away, whether one was put in front or not: `.reshape(shape)` leaves those of X.
        dY.sum(axis=(*range(more), *(a + more for a in repeated)), keepdims=True)[0]
    lengths are compared without their places: that a length of dY is there in `shape` too does not say that
    it is the same axis. Count from the end.
        dY.sum(axis=tuple(a for a, n in enumerate(dY.shape) if n not in shape)).reshape(shape)
        dY.sum(axis=tuple(a for a, n in enumerate(dY.shape) if n not in shape), keepdims=True)
        dY.sum(axis=tuple(a for a, n in enumerate(dY.shape) if n not in shape))
    dY has more numbers than X, and they do not fit: those that belong to the same number of X have to be
    added up. (`reshape` puts the same numbers into another shape, and can leave none out.)
        dY.reshape(shape)
    `np.resize` takes the first numbers, and forgets the others. What was repeated has to be added up.
        np.resize(dY, shape)
        dY.ravel()[: int(np.prod(shape))].reshape(shape)
    you take the first of those that belong to one number of X, and forget the others. Add them up.
        dX = dY[(0,) * more] ; dX[tuple(slice(0, 1) if n == 1 else slice(None) for n in shape)]
    of the axes that were put in front, you take one place, and forget the others. Add them up.
        dX = dY[(0,) * more]
        dX = dY[(-1,) * more]
        dX = dY[tuple(range(more))]
        dX = dY[⟨(0,) * more|(-1,) * more|tuple(range(more))⟩] if shape else dY.sum()
        dX = dY[0] if more else dY
    along the axes of length 1 you take the first place, and forget the others. Add them up.
        dX[tuple(slice(0, 1) if n == 1 else slice(None) for n in shape)]
    you take the last of those that belong to one number of X: each writes over the ones before. Add them up.
        dX = dY[(-1,) * more] ; dX[tuple(slice(-1, None) if n == 1 else slice(None) for n in shape)]
    you take the largest of those that belong to one number of X. They add up.
        dX = dY.max(axis=tuple(range(more))) ; dX.max(axis=repeated, keepdims=True)
    you add up everything. A number of X hears only from the places where it was used.
        dY.sum()
        np.full(shape, dY.sum())
        dY if dY.shape == shape else np.full(shape, dY.sum())
        dY if dY.shape == shape else dY.sum()
        np.full(shape, dY.sum() / np.prod(shape))
        np.full(shape, dY.mean())
        dY.sum(keepdims=True)
        dY.sum().reshape(shape)
    the axes that were put in front are still there, with length 1. X does not have them: add up along them
    without `keepdims`.
        dX = dY.sum(axis=tuple(range(more)), keepdims=True) ; repeated = tuple(
            a + more for a, n in enumerate(shape) if n == 1)
        dX = dY.sum(axis=tuple(range(more)), keepdims=True) ; dX
        dX = dY.sum(axis=tuple(range(more)), keepdims=True)
    the axes of length 1 are gone. X has them: `keepdims=True` leaves them there.
        dX.sum(axis=repeated)
        _dropped(dY, shape)
    the axes that were put in front are gone already when you come to those of length 1: from then on axis k
    of X is axis k, without an offset.
        repeated = tuple(axis + more for axis, n in enumerate(shape) if n == 1)
    of several axes that were put in front, you add up along one.
        dX = dY.sum(axis=0) if more else dY
    you add up either axes that were put in front, or one of length 1. X may have both, and several of them.
        dX if more else dX.sum(axis=repeated, keepdims=True)
        dX if more else dX.sum(axis=repeated[:1], keepdims=True)
        dY.sum(axis=0) if more else dX.sum(axis=repeated, keepdims=True)
        dY.sum(axis=0) if more else dX.sum(axis=repeated[:1], keepdims=True)
    you always add up along axis 0. Where X has as many axes as dY, it may not have been repeated along it.
        dY.sum(axis=0)
        dY.sum(axis=0, keepdims=True)
        dY.sum(axis=0).reshape(shape)
        np.broadcast_to(dY.sum(axis=0), shape)
        np.broadcast_to(dY.sum(axis=0), shape) if shape else dY.sum()
        np.zeros(shape) + dY.sum(axis=0)
        dY if dY.shape == shape else dY.sum(axis=0)
        dY if dY.shape == shape else dY.sum(axis=0, keepdims=True)
        dY if dY.shape == shape else dY.sum(axis=0).reshape(shape)
        dY.sum() if not shape else dY if dY.shape == shape else dY.sum(axis=0)
        dY.sum() if not shape else dY if dY.shape == shape else dY.sum(axis=0, keepdims=True)
        dY.sum() if not shape else dY.sum(axis=0)
    you always add up along one axis, even where nothing was repeated. Where the shapes are equal, dX is dY.
        dX = dY.sum(axis=tuple(range(max(more, 1))))
    of several axes of length 1, you add up along the first alone.
        dX.sum(axis=repeated[:1], keepdims=True)
    of several axes of length 1, you add up along the last alone.
        dX.sum(axis=repeated[-1:], keepdims=True)
    you add up along one axis too many: of those in front there are `dY.ndim - len(shape)`.
        dX = dY.sum(axis=tuple(range(min(more + 1, dY.ndim))))
        dY.sum(axis=tuple(range(min(more + 1, dY.ndim)))).reshape(shape)
        dX = dY.sum(axis=tuple(range(more + 1)))
        dY.sum(axis=tuple(range(more + 1))).reshape(shape)
    `reshape` cuts the row of numbers into pieces of the size of X. So it is where X was repeated along axes
    in front; along an axis of length 1 the numbers of a piece belong together.
        dY.reshape(-1, *shape).sum(axis=0)
        dY.reshape(-1, *shape).sum(axis=0) if shape else dY.sum()
    axes that X does not have stand in front; you add up along the last ones.
        dX = dY.sum(axis=tuple(range(-more, 0)))
        _dropped_from_the_end(dY, shape)
        dX = dY.sum(axis=tuple(range(len(shape), dY.ndim)))
        dY.sum(axis=tuple(a + more for a in repeated), keepdims=True).sum(
            axis=tuple(range(len(shape), dY.ndim)))
    you always add up along the last axis.
        dY.sum(axis=-1)
        dY.sum(axis=-1, keepdims=True)
        dY.sum(axis=1, keepdims=True)
        dY.sum(axis=1)
    a single number, of shape `()`, has no axis at all: all of dY is added up for it.
        dY if shape == () else dX.sum(axis=repeated, keepdims=True)
        dX = dY.sum(axis=tuple(range(more))) if shape else dY
    a single number, of shape `()`, has no axis at all: yours is left in an array of another shape.
        dX.sum(axis=repeated, keepdims=True) if shape else dY.sum(keepdims=True)
        dX.sum(axis=repeated, keepdims=True) if shape else dY.sum().reshape(1)
    a single number, of shape `()`, gets the sum of what comes back, not its mean.
        dX.sum(axis=repeated, keepdims=True) if shape else dY.mean()
    you multiply by how often a number was repeated. Adding up has counted that already.
        dX.sum(axis=repeated, keepdims=True) * (dY.size / np.prod(shape))
    the ones that are missing are put behind `shape`, where they are missing in front: axes are counted from
    the end. And you take the mean, where what comes back adds up.
        _padded_behind(dY, shape)
    you add up along the axes whose length is not 1, and they are those that were not repeated.
        _along_what_was_kept(dY, shape)
    you add up along the axes that were not repeated, and keep those that were.
        dX = dY ; repeated = tuple(a + more for a, n in enumerate(shape) if n != 1)
    whether an axis of length 1 was repeated is looked up along another axis of dY. Axes are counted from the
    end: while the axes in front are there, axis 0 of X is not axis 0 of dY.
        repeated = tuple(axis for axis, n in enumerate(shape) if n == 1 and dY.shape[axis] > 1)
    an axis of length 1 counts where it stands first alone: X of shape (3, 1) was repeated along its last.
        repeated = tuple(a for a, n in enumerate(shape) if n == 1 and a == 0)
    an axis of length 1 counts where it stands last alone: X of shape (1, 4) was repeated along its first.
        repeated = tuple(a for a, n in enumerate(shape) if n == 1 and a == len(shape) - 1)
    dX has the shape of X, and yours that of dY: nothing has been added up.
        dY
        dY * (dY.size // math.prod(shape))
        dY / (dY.size // math.prod(shape))
    """,
)
def undo_broadcast(dY, shape):
    """Check undo_broadcast(dY, shape), which returns dX.

    See notebooks/13_automatic_differentiation.ipynb.
    """
    more = dY.ndim - len(shape)
    dX = dY.sum(axis=tuple(range(more)))
    repeated = tuple(axis for axis, n in enumerate(shape) if n == 1)
    return dX.sum(axis=repeated, keepdims=True)


# --- the largest along an axis ---


def _with_ties():
    rng = np.random.default_rng(0)
    trials = []
    for k, (shape, axis) in enumerate(
        [
            ((3, 5), 0),
            ((4, 3), 1),
            ((2, 5, 3), 1),
            ((3, 4, 2), -1),
            ((2, 3, 4), 0),
            ((4, 2, 3), -2),
            ((5, 2), -1),
        ]
    ):
        A = rng.integers(0, 3, shape).astype(float)  # several are the largest
        if k in (1, 4):
            A -= 4  # all below zero
        if k == 6:
            A = rng.standard_normal(shape)
        dY = rng.uniform(0.5, 2, A.max(axis).shape) * rng.choice([-1, 1], A.max(axis).shape)
        said = " × ".join(map(str, shape))
        trials.append(Trial((A, axis, dY), {"A": said, "axis": axis}))
    return trials


def _inserted(A, axis, dY):
    """Return dA where the place along the axis is put among the others by a list's `insert`."""
    dA, first = np.zeros(A.shape), A.argmax(axis)
    for place in np.ndindex(dY.shape):
        whole = list(place)
        whole.insert(axis, first[place])
        dA[tuple(whole)] = dY[place]
    return dA


def _in_rows(A, dY):
    """Return dA where the largest of each row of a matrix, all of them, get the row's number of dY."""
    if A.ndim > 2:
        raise ValueError("no matrix")
    return (A == A.max(axis=1, keepdims=True)) * np.resize(dY, len(A))[:, None]


def _of_each_row(A, axis, dY):
    """Return dA where the first largest of each row of a matrix gets the row's number of dY."""
    if dY.shape != A.shape[:1]:
        raise ValueError("not as many rows")
    return (np.arange(A.shape[1]) == A.argmax(axis=1)[:, None]) * dY[:, None]


def _swapped(A, axis, dY):
    """Return dA where the axis is exchanged with the last one."""
    dA = np.zeros(A.shape)
    lines, blames = A.swapaxes(axis, -1), dA.swapaxes(axis, -1)
    for place in np.ndindex(dY.shape):
        blames[place][lines[place].argmax()] = dY[place]
    return dA


def _lines_cut(A, axis, dY):
    """Return dA where A is cut into lines by `reshape`, as if the axis came first."""
    dA = np.zeros(A.shape)
    lines, blames = (B.reshape(A.shape[axis], -1) for B in (A, dA))
    blames[lines.argmax(axis=0), np.arange(lines.shape[1])] = np.ravel(dY)
    return dA


def _flat_places(A, axis, dY):
    """Return dA where places along the axis are taken for places in the flat array."""
    dA = np.zeros(A.size)
    dA[A.argmax(axis)] = dY
    return dA.reshape(A.shape)


@exercise(
    trials=_with_ties,
    results=["dA"],
    hint="begin with zeros. For each number of Y, which single entry of A did it come from?",
    praise="Right, on seven arrays of two and three axes, with several that are the largest.",
    wrong="""
    where several are the largest, all of them get dY. It goes to the first of them and to no other: what Y
    has passed on is one number.
        (A == A.max(axis, keepdims=True)) * np.expand_dims(dY, axis)
    where several are the largest, dY is divided among them. Here it goes to the first of them.
        (A == A.max(axis, keepdims=True)) * np.expand_dims(dY, axis) / (
            A == A.max(axis, keepdims=True)).sum(axis, keepdims=True)
    where several are the largest, the last of them gets dY. It goes to the first.
        first = A.shape[axis] - 1 - np.flip(A, axis).argmax(axis, keepdims=True)
    where several are the largest, none of them gets dY. It goes to the first.
        (A == A.max(axis, keepdims=True)) * np.expand_dims(dY, axis) * (
            (A == A.max(axis, keepdims=True)).sum(axis, keepdims=True) == 1)
    the count of the largest is 1 at the first of them, and stays 1 behind it, up to the next: what is counted
    has to be one of the largest itself.
        np.where(np.cumsum(A == A.max(axis, keepdims=True), axis) == 1, np.expand_dims(dY, axis), 0)
    `A.argmax(axis)` says where the largest stands along the axis, and not where in the flat array: there
    every line has its own start.
        _flat_places(A, axis, dY)
    the axis that the largest was taken along is put back at the end. It belongs where it was:
    `np.expand_dims(…, axis)`, or `keepdims=True`.
        first = A.argmax(axis)[..., None] ; np.put_along_axis(dA, first, np.expand_dims(dY, axis), axis) →
            np.put_along_axis(dA, first, dY[..., None], axis)
    you compare with the largest of all of A. Each line along the axis has a largest of its own.
        (A == A.max()) * np.expand_dims(dY, axis)
        np.where(A == A.max(), A.max(), 0) * np.expand_dims(dY, axis)
    a single entry gets all of dY: `argmax` without an axis counts through all of A. Each line along the axis
    has a largest of its own.
        (np.arange(A.size).reshape(A.shape) == A.argmax()) * dY.sum()
    dY is divided by the number of all that are the largest, in all of A. It goes undivided to the first of
    each line.
        (A == A.max(axis, keepdims=True)) * np.expand_dims(dY, axis) / (
            A == A.max(axis, keepdims=True)).sum()
    an array of places that stands alone as an index picks whole rows. The place along the axis belongs to one
    line each: `np.put_along_axis`, or an index for each of the other axes, too.
        np.put_along_axis(dA, first, np.expand_dims(dY, axis), axis) → dA[A.argmax(axis)] = dY
        np.put_along_axis(dA, first, np.expand_dims(dY, axis), axis) → dA[:, A.argmax(axis)] = dY
        np.put_along_axis(dA, first, np.expand_dims(dY, axis), axis) → dA[..., A.argmax(axis)] = dY
    the axis that the largest was taken along stands at the end of yours. It belongs where it was:
    `np.moveaxis(…, -1, axis)`.
        np.eye(A.shape[axis])[A.argmax(axis)] * dY[..., None]
        np.moveaxis(dA, axis, -1)
    the axis that the largest was taken along stands first in yours. It belongs where it was:
    `np.moveaxis(…, 0, axis)`.
        np.moveaxis(dA, axis, 0)
    right for axes that are counted from the front. Below 0 they are counted from the end: `axis % A.ndim`.
    (`insert(-1, …)` puts something before the last one, and a slice `[:-1]` ends before it.)
        _inserted(A, axis, dY)
    `reshape` cuts the row of numbers into lines as if the axis came first. It moves no axis: that is
    `np.moveaxis(A, axis, 0)`.
        _lines_cut(A, axis, dY)
    `swapaxes` exchanges two axes, so the others no longer stand in the order of dY.
    `np.moveaxis(A, axis, -1)` keeps it.
        _swapped(A, axis, dY)
    right for two axes. A may have more of them: go through all places of dY, `np.ndindex(dY.shape)`, or move
    `axis` to the end, `np.moveaxis(A, axis, -1)`.
        dA if A.ndim == 2 else dA[99]
    right for the axes 0 and 1 of a matrix. A may have more axes, and below 0 they are counted from the end:
    `axis % A.ndim`; or move `axis` to the end, `np.moveaxis(A, axis, -1)`.
        dA if A.ndim == 2 and axis in (0, 1) else dA[99]
    `cumsum` without an axis counts through all of A, so a single entry is the first. Each line along the axis
    has a first of its own: `np.cumsum(mask, axis)`.
        (A == A.max(axis, keepdims=True)) * np.expand_dims(dY, axis) * (
            np.cumsum(A == A.max(axis, keepdims=True)) == 1).reshape(A.shape)
    only the one entry gets something that is the largest of all: `argmax` without an axis counts through all
    of A. Each line along the axis has a largest of its own.
        (np.arange(A.size).reshape(A.shape) == A.argmax()) * np.expand_dims(dY, axis)
    `axis` is not in it: you look along the rows of a matrix. The largest is taken along `axis`, whichever it
    is, in arrays of three axes, too; and where several are the largest, dY goes to the first of them alone.
        _in_rows(A, dY)
    `axis` is not in it: you look along the rows of a matrix. The largest is taken along `axis`, whichever it
    is, in arrays of three axes, too. And dY is multiplied by the largest, whose slope is 1.
        _of_each_row(A, axis, A.max(axis=axis) * dY)
    `axis` is not in it: you look along the rows of a matrix. The largest is taken along `axis`, whichever it
    is, in arrays of three axes, too.
        _of_each_row(A, axis, dY)
        _in_rows(A, dY) * (np.cumsum(A == A.max(axis=1, keepdims=True), axis=1) == 1)
    right for one axis alone. `axis` may be any of them: the largest is taken along it, dY gets back the axis
    that is missing in it, `np.expand_dims(dY, axis)`, and is put where it belongs along it.
        np.put_along_axis(dA, first, np.expand_dims(dY, axis), axis) →
            np.put_along_axis(dA, first, np.expand_dims(dY, axis), ⟨0|1|-1⟩)
        np.expand_dims(dY, axis) → dY
        np.expand_dims(dY, axis) → np.expand_dims(dY, ⟨0|1|-1⟩)
        axis = ⟨0|1|-1⟩
    two mistakes meet: the axis that is missing in dY has to be put back, `np.expand_dims(dY, axis)`; and
    where several are the largest, dY goes to the first of them alone.
        (A == A.max(axis, keepdims=True)) * dY
        (A == A.max(axis, keepdims=True)) * np.expand_dims(dY, ⟨0|1|-1⟩)
        (A == np.expand_dims(A.max(axis), 0)) * np.expand_dims(dY, 0)
        (A == np.expand_dims(A.max(axis), 1)) * np.expand_dims(dY, 1)
        (A == np.expand_dims(A.max(axis), -1)) * np.expand_dims(dY, -1)
        (A == A.max(axis)) * dY
    dY is not in it: the mask alone says where, not how much.
        np.expand_dims(dY, axis) → 1
    dY is not in it: the mask alone says where, not how much. And where several are the largest, all have a 1.
        (A == A.max(axis, keepdims=True)) * 1.0
    every entry gets dY. Only the largest has been passed on; moving another one changes nothing.
        np.broadcast_to(np.expand_dims(dY, axis), A.shape)
    every entry gets the same share of dY, as of a mean. Here the largest alone has been passed on.
        np.broadcast_to(np.expand_dims(dY, axis), A.shape) / A.shape[axis]
    every entry gets a share, the larger ones more: that is a softmax. Of the largest alone, a nudge is seen
    in Y.
        np.exp(A) / np.exp(A).sum(axis, keepdims=True) * np.expand_dims(dY, axis)
    every entry gets a share, in proportion to its size. Of the largest alone, a nudge is seen in Y.
        A / A.sum(axis, keepdims=True) * np.expand_dims(dY, axis)
        A / A.max(axis, keepdims=True) * np.expand_dims(dY, axis)
    dY is multiplied by the largest number. The slope of a maximum is 1 for the largest, and 0 for the others.
        np.expand_dims(dY, axis) → np.expand_dims(dY, axis) * A.max(axis, keepdims=True)
        np.expand_dims(dY, axis) → np.expand_dims(dY * A.max(axis), axis)
    dY is multiplied by A. The slope of a maximum is 1 for the largest, and 0 for the others.
        A * np.expand_dims(dY, axis)
    dY is multiplied by the largest number, whose slope is 1; and where several are the largest, all of them
    get something.
        (A == A.max(axis, keepdims=True)) * A * np.expand_dims(dY, axis)
    dY is multiplied by the largest number, whose slope is 1; and a number of dY is repeated in the flat
    array, as if `axis` were the last one.
        (A == A.max(axis, keepdims=True)) * A * np.repeat(dY, A.shape[axis]).reshape(A.shape)
    `np.repeat` without an axis repeats each number in the flat array, as if `axis` were the last one.
        (A == A.max(axis, keepdims=True)) * np.repeat(dY, A.shape[axis]).reshape(A.shape)
    a line whose largest number is not above zero sends its dY to its first entry: your largest number begins
    at 0.
        first = np.where(A.max(axis, keepdims=True) > 0, A.argmax(axis, keepdims=True), 0)
    you put the largest number itself there: that is Y. What comes back to it is dY.
        np.expand_dims(dY, axis) → A.max(axis, keepdims=True)
    dY goes to the smallest.
        first = A.argmin(axis, keepdims=True)
    dY goes to the one that is furthest from zero. The largest is wanted, with its sign.
        first = np.abs(A).argmax(axis, keepdims=True)
    yours begins with A: what no dY comes back to still holds its own number. Begin with zeros.
        dA = A.copy()
    yours begins with ones: what no dY comes back to has to be zero.
        dA = np.ones(A.shape)
    dY goes to the first entry along the axis, wherever the largest is.
        first = np.zeros_like(A.argmax(axis, keepdims=True))
    dY goes to the last entry along the axis, wherever the largest is.
        first = np.full_like(A.argmax(axis, keepdims=True), A.shape[axis] - 1)
    yours knows the axes 0 and 1 alone. `axis` may be any of them, also counted from the end: -1 is the last.
        axis = 0 if axis == 0 else 1
        axis = axis % 2
        axis = abs(axis)
        dA if axis in (0, 1) else dA * 0
        dA if axis >= 0 else dA * 0
    every axis but 0 is taken for the last one.
        axis = 0 if axis == 0 else -1
    what is below zero gets nothing. A maximum is no ReLU: the largest gets its dY whatever its sign is.
        dA * (A > 0)
        dA * (A >= 0)
    only those above zero get something, all of them. That is a ReLU; the largest along the axis is asked for.
        (A > 0) * np.expand_dims(dY, axis)
    the signs of dY are lost.
        np.expand_dims(dY, axis) → np.abs(np.expand_dims(dY, axis))
    dY comes to the largest; what you subtract from the others is too much. They get zero.
        (A == A.max(axis, keepdims=True)) * np.expand_dims(dY, axis) - np.expand_dims(
            dY, axis) / A.shape[axis]
    you return dY with its axis put back; dA has the shape of A, with zeros where nothing comes back.
        np.expand_dims(dY, axis)
    """,
)
def max_pull(A, axis, dY):
    """Check max_pull(A, axis, dY), which returns dA. See notebooks/13_automatic_differentiation.ipynb."""
    dA = np.zeros(A.shape)
    first = A.argmax(axis, keepdims=True)
    np.put_along_axis(dA, first, np.expand_dims(dY, axis), axis)
    return dA


# --- the quotient of two dual numbers ---


def _duals():
    numbers = [
        (3.0, 0.7, 2.0, -1.5),
        (-1.2, 2.0, 0.5, 0.3),
        (0.0, 1.3, -4.0, 0.6),
        (2.5, 0.0, 1.6, 3.0),
        (0.9, -1.1, -3.0, 0.0),
        (2.0, 1.4, 0.002, -3.0),  # where a difference is too coarse
    ]
    return [Trial(given, dict(zip(("a", "da", "b", "db"), given, strict=True))) for given in numbers]


@exercise(
    trials=_duals,
    results=["value", "slope"],
    hint="times b - ε db, above and below. What is (b + ε db)(b - ε db), where ε² = 0?",
    praise="Right, on six pairs of dual numbers, one with a = 0.",
    wrong="""
    value: that is the product, or what stands above the line after the multiplication; below stands b².
        a * b
    value: above and below are exchanged.
        b / a
    value: the slopes are no part of the value: that is the quotient at ε = 1.
        (a + da) / (b + db)
    value: ε² is left out, above and below: neither da · db nor db² is any part of it.
        (a * b - da * db) / (b**2 - db**2)
        (a * b + da * db) / (b**2 + db**2)
        (a * b - da * db) / b**2
        a * b / (b**2 - db**2)
    value: that is the quotient of the slopes.
        da / db
    value: `//` cuts off what stands after the point.
        a // b
    value: above stands a b after the multiplication, and below b²: one b cancels.
        a / b**2
        a
    slope: the sign is that of a product. Where b grows, the quotient falls: the path through b is subtracted.
        (da * b + a * db) / b**2
    slope: that is the rule of the product. A quotient has a minus, and b² below.
        da * b + a * db
    slope: that is the quotient of the slopes. Multiply above and below by b - ε db, and see what has one ε.
        da / db
    slope: right but for b² below. (Python goes from left to right: `/ b * b` divides, and multiplies again.)
        da * b - a * db
    slope: b stands below, and (b + ε db)(b - ε db) is b².
        (da * b - a * db) / b
    slope: above and below are exchanged in what you subtract: the sign is the wrong way round.
        (a * db - da * b) / b**2
    slope: below stands the square of b, not of its slope.
        (da * b - a * db) / db**2
    slope: below stands the square of b, not of a.
        (da * b - a * db) / a**2
    slope: below stands b² alone: ε² is 0, so there is no db² in it.
        (da * b - a * db) / (b**2 + db**2)
        (da * b - a * db) / (b**2 - db**2)
    slope: below stands b². You divide by b + db, the dual number at ε = 1.
        (da * b - a * db) / (b + db)**2
        (da * b - a * db) / (b + db)
        (da * b - a * db) / (b * (b + db))
        (a + da) / (b + db) - a / b
    slope: what ε stands with is the slope, and ε itself no number: it is not put in as 1.
        (a + da) / (b + db)
        (a + da) * (b - db) / b**2
    slope: that is how far the logarithm of the quotient moves. The quotient itself moves a / b times as far,
    and does so where a is 0, too.
        da / a - db / b
    slope: the value is multiplied by the difference of the slopes. It moves in proportion: by da / a less
    db / b; times a / b, and without a division by a, that is da / b less a db / b².
        a / b * (da - db)
    slope: below stands b², b times itself; you have b times 2.
        (da * b - a * db) / (2 * b)
    slope: Python goes from left to right: `/ b * 2` divides, and then multiplies. b² is `b**2`.
        (da * b - a * db) / b * 2
    slope: `/` comes before `-`: only what stands right before it is divided. Put the difference in brackets.
        da * b - a * db / b**2
    slope: that is the path through a alone. Where b moves, the quotient moves, too.
        da / b
        da * b / b**2
    slope: that is the path through b alone. Where a moves, the quotient moves, too.
        -a * db / b**2
        a * db / b**2
    slope: on the path through b, b² stands below.
        da / b - a * db / b
        da / b - a * db
    slope: the path through b has the wrong sign, and b² below.
        da / b + a * db / b
    slope: a is missing on the path through b: how far 1/b moves is multiplied by a.
        da / b - db / b**2
        (da * b - db) / b**2
        (da - db) / b**2
    slope: on the path through a, b stands below once; over b², da has to be multiplied by b.
        (da - a * db) / b**2
    slope: each slope is multiplied by the other number: da by b, and db by a.
        (da * a - db * b) / b**2
        (a * da - b * db) / b**2
    slope: da times db has two ε, and ε² is 0.
        (da * b - a * db - da * db) / b**2
        (da * b - a * db + da * db) / b**2
        (da * db - a * b) / b**2
        da * db / b**2
    slope: you differentiate a times 1/b, and its two paths are mixed up: da belongs to 1/b, and a to the
    slope of 1/b, which is -db / b².
        da * db / b**2 + a / b
        a / b - da * db / b**2
    slope: the slopes are exchanged: da belongs to a.
        (db * b - a * da) / b**2
    slope: that is the value.
        a / b
    slope: the slopes are not in it.
        (b - a) / b**2
        1 / b
        -a / b**2
    slope: b is squared, and its slope as well: below stands b² alone, without 2 b db.
        (da * b - a * db) / (2 * b * db)
    slope: with a = 0, `da / a` divides by 0. Divide by b alone.
        a / b * (da / a - db / b)
    """,
)
def dual_quotient(a, da, b, db):
    """Check dual_quotient(a, da, b, db), which returns value, slope.

    See notebooks/13_automatic_differentiation.ipynb.
    """
    value = a / b
    slope = (da * b - a * db) / b**2
    return value, slope
