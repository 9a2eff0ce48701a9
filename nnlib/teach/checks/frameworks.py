"""The exercises of chapter 14 that are answered with a function."""

import itertools
import math

import numpy as np

from nnlib.teach.checks.engine import Crash, Trial, Unnamed, Wrong, catalogue, exercise, numbers, shown, tell
from nnlib.teach.formats import FLOAT16

__all__ = ["after_flatten", "loss_scale", "rounded", "to_torch"]

# --- a network's arrays, carried across ---

# Shapes of net.params. In the fourth every shape fits in every order, and in no other is anything square.
NETWORKS = [
    [(3, 2, 1, 4), (4,), (20, 6), (6,)],
    [(4, 3), (3,)],
    [(5, 4), (4,), (4, 2), (2,)],
    [(3, 3, 3, 3), (3,), (3, 3), (3,)],
    [(2, 3, 3, 5), (5,), (3, 2, 5, 4), (4,), (7, 3), (3,)],
]
KINDS = {"W of Dense": 2, "W of Conv2D": 4, "b": 1}
AXES = ("rows of the kernel", "columns of the kernel", "channels in", "channels out")
THEIRS = (3, 2, 0, 1)


def _networks():
    rng = np.random.default_rng(0)
    return [
        Trial(([rng.standard_normal(shape) for shape in shapes],), {"shapes": ", ".join(map(str, shapes))})
        for shapes in NETWORKS
    ]


def _packed(arrays):
    """Return arrays as one row of numbers: of each its axes, its shape and what it holds."""
    rows = [np.concatenate([[A.ndim], A.shape, A.ravel()]) for A in arrays]
    return np.concatenate([np.zeros(0), *rows])


def _unpacked(row):
    arrays, k = [], 0
    while k < len(row):
        ndim = int(row[k])
        shape = tuple(row[k + 1 : k + 1 + ndim].astype(int))
        k += 1 + ndim
        arrays.append(row[k : k + math.prod(shape)].reshape(shape))
        k += math.prod(shape)
    return arrays


def _carried(ask, arrays):
    """Return what became of the arrays: those of each kind, packed."""
    shapes = [A.shape for A in arrays]
    found = ask(arrays)
    if isinstance(found, np.ndarray) and found.dtype == object:
        found = list(found)
    if not isinstance(found, (list, tuple)):
        is_array, kind = isinstance(found, np.ndarray), type(found).__name__
        what = f"an array of shape {found.shape}" if is_array else f"a {kind}"
        raise Unnamed(f"expected a list of {len(shapes)} arrays; you return {what}.")
    found = list(found)
    if len(found) != len(shapes):
        raise _another_count(found, arrays)
    read = [numbers(A) for A in found]
    for k, A in enumerate(read):
        if A is None:
            raise Unnamed(f"entry {k} of your list is {shown(found[k])}; expected an array of numbers.")
    return tuple(_packed(A for A, s in zip(read, shapes, strict=True) if len(s) == n) for n in KINDS.values())


def _nothing_moved(ask, trials):
    """Tell of arrays that are all as they came, of a dense layer and of a convolution."""
    (given,) = trials[0].arguments
    try:
        found = ask([A.copy() for A in given])
    except Crash:
        return None
    if isinstance(found, (list, tuple)) and len(found) == len(given):
        read = [numbers(A) for A in found]
        if all(A is not None and tell.same(A, old) for A, old in zip(read, given, strict=True)):
            return (
                "nothing is carried across: those are the arrays as they came. (In a loop, `A = A.T` gives"
                " the name A to another array, and leaves the list as it is.)"
            )
    return None


def _another_count(found, arrays):
    """Return what is wrong with a list of another length."""
    given = f"net.params has {len(arrays)} arrays here"
    if not found:
        return Wrong(f"you return an empty list; {given}, and each has its place in yours.")
    if isinstance(found[0], (tuple, list)) and len(found) == len(arrays) // 2:
        return Unnamed(
            f"{given}, and your list has {len(found)} pairs. All arrays stand in one list, W, b, W, b."
        )
    rows = [_sorted(one) for one in found]
    times = [sum(tell.same(row, _sorted(A)) for row in rows) for A in arrays]
    why = _missing(arrays, times) if sum(times) == len(found) else ""
    why = why or "Each has its place in yours, in the same order."
    count = "one" if len(found) == 1 else len(found)
    return Unnamed(f"{given}, and your list has {count}. {why}")


def _sorted(A):
    """Return the numbers of an array in ascending order, wherever they stand in it."""
    A = numbers(A)
    return None if A is None else np.sort(A, axis=None)


def _missing(arrays, times):
    """Return which arrays a list has too few or too many times."""
    places = range(len(arrays))
    missing = [k for k in places if not times[k]]
    twice = [k for k in places if times[k] > 1]
    if twice:
        return f"{_entries(twice)} stand{'s' * (len(twice) == 1)} in it more than once."
    known = {
        "Is the `return` inside the loop?": [*places[1:]],
        "The biases are missing.": [k for k in places if arrays[k].ndim == 1],
        "The weights are missing.": [k for k in places if arrays[k].ndim > 1],
        "The first layer is missing, W and b.": [*places[:2]],
        "The last layer is missing, W and b.": [*places[-2:]],
    }
    said = [words for words, those in known.items() if those == missing]
    return said[0] if said else f"{_entries(missing)} {'is' if len(missing) == 1 else 'are'} missing."


def _entries(places):
    return " and ".join(f"net.params[{k}]" for k in places)


def _orders():
    """Return the catalogue of wrong orders of a convolution's axes."""
    theirs = ", ".join(AXES[k] for k in THEIRS)
    known = {
        (
            0,
            1,
            2,
            3,
        ): "it is left as it is. A convolution has four axes, and PyTorch has them in another order.",
        (
            3,
            2,
            1,
            0,
        ): "`.T` turns all axes round, so the rows of the kernel become its columns: it lies on its"
        " side. Rows and columns stay in their order.",
        (
            2,
            3,
            1,
            0,
        ): "that is the way back, from PyTorch's order to this one. `transpose` is told, for each axis"
        " of the result, which axis it comes from.",
        (2, 3, 0, 1): "channels in and channels out are exchanged: V[o, c, u, v] begins with channels out.",
        (3, 0, 1, 2): "channels out come first, and that is right; channels in stand behind them, before rows"
        " and columns.",
        (2, 0, 1, 3): "channels in come first, as in an image. A kernel has channels out before them.",
        (
            1,
            0,
            2,
            3,
        ): "its first two axes are exchanged, those of rows and columns, as of a matrix. V[o, c, u, v]"
        " needs all four moved.",
        (
            0,
            1,
            3,
            2,
        ): "channels in and out are exchanged, and left at the end. V[o, c, u, v] has them in front.",
        (3, 1, 2, 0): "the first axis and the last one are exchanged, and the two between are left.",
    }
    said = []
    for order in itertools.permutations(range(4)):
        if order == THEIRS:
            continue
        yours = ", ".join(AXES[k] for k in order)
        why = known.get(order, f"your axes are {yours}, in this order. PyTorch's are {theirs}.")
        said.append(f"\n    {why}\n        A.transpose(3, 2, 0, 1) → A.transpose{order}\n")
    return "".join(said)


def _reshaped_orders():
    """Return the catalogue of shapes that are right while nothing was moved."""
    why = (
        "the shape is right, and nothing is where it belongs: `reshape` cuts the same row of numbers"
        " elsewhere. Axes are moved by `transpose`."
    )
    shapes = [f"({', '.join(f'A.shape[{k}]' for k in order)})" for order in (THEIRS, (2, 3, 0, 1))]
    lines = "".join(f"        A.transpose(3, 2, 0, 1) → A.reshape{shape}\n" for shape in shapes)
    return f"\n    {why}\n{lines}"


OF_DENSE = """
    it is left as it is. PyTorch's has a row for each output: (n_out, n_in).
        A.T → A
    the shape is right, and nothing is where it belongs: `reshape` cuts the same row of numbers elsewhere.
    Rows become columns by a transpose, `.T`.
        A.T → A.reshape(A.shape[::-1])
    it is turned upside down and mirrored, `[::-1]`. Rows become columns by a transpose, `.T`.
        A.T → A[::-1, ::-1]
        A.T → A[::-1]
        A.T → A[:, ::-1]
        A.T → A[::-1].T
        A.T → A[::-1, ::-1].T
    it is inverted. A transpose is asked for: nothing is undone.
        A.T → np.linalg.pinv(A)
    it is one row of numbers. PyTorch's has a row for each output: (n_out, n_in).
        A.T → A.ravel()
        A.T → A.T.ravel()
"""
OF_CONVOLUTION = (
    """
    the axes are right, and the kernel is turned by half a turn. Both libraries lay it on the image as it is.
        A.transpose(3, 2, 0, 1) → A[::-1, ::-1].transpose(3, 2, 0, 1)
    the axes are right, and the kernel is upside down. Both libraries lay it on the image as it is.
        A.transpose(3, 2, 0, 1) → A[::-1].transpose(3, 2, 0, 1)
    the axes are right, and the kernel is mirrored. Both libraries lay it on the image as it is.
        A.transpose(3, 2, 0, 1) → A[:, ::-1].transpose(3, 2, 0, 1)
    it is made a matrix. PyTorch's has four axes, as V[o, c, u, v] says.
        A.transpose(3, 2, 0, 1) → A.reshape(-1, A.shape[3]).T
        A.transpose(3, 2, 0, 1) → A.transpose(3, 2, 0, 1).reshape(A.shape[3], -1)
        A.transpose(3, 2, 0, 1) → A.reshape(-1, A.shape[3])
    """
    + _orders()
    + _reshaped_orders()
)
OF_BIAS = """
    yours has two axes. A bias is the same in both libraries: a plain list of numbers, (n_out,).
        carried.append(A) → carried.append(⟨A[:, None]|A[None]⟩ if A.ndim == 1 else A)
    it is turned round. `A[::-1]` reverses; an array of one axis has nothing to transpose.
        carried.append(A) → carried.append(A[::-1] if A.ndim == 1 else A)
    it is zeros. A bias has been learned, and is carried across as it is.
        carried.append(A) → carried.append(A * (A.ndim > 1))
"""


def _arrays(name, runs):
    """Tell of the first array that is not as it should be: its shape, else where it is off."""
    for run in runs:
        for found, right in zip(_unpacked(run.found), _unpacked(run.right), strict=True):
            if tell.same(found, right):
                continue
            if found.shape != right.shape:
                return f"{run.tried}, yours has shape {found.shape}; PyTorch's has {right.shape}."
            if tell.same(np.sort(found, axis=None), np.sort(right, axis=None)):
                return f"{run.tried}, its shape is right, and its numbers are, but not where they stand."
            place = tuple(map(int, np.argwhere(~tell.alike(found, right))[0]))
            return f"{run.tried}, at {place} it should be {right[place]:.4g}; yours is {found[place]:.4g}."
    return None


@exercise(
    trials=_networks,
    results=list(KINDS),
    observe=_carried,
    looks=[_nothing_moved],
    hint="a bias stays, and a dense W is turned. For a convolution, look which letter of V[o, c, u, v] stands"
    " at which place of W[u, v, c, o].",
    praise="Right, on five networks, dense and with convolutions; but for one kernel, nothing is square.",
    tell=[_arrays],
    wrong=catalogue.only("W of Dense", OF_DENSE)
    + catalogue.only("W of Conv2D", OF_CONVOLUTION)
    + catalogue.only("b", OF_BIAS)
    + """
    weights and biases have changed places. Each array has the place that it has in net.params.
        [A for W, b in zip(carried[::2], carried[1::2]) for A in (b, W)]
    the arrays come in the opposite order: the last layer first. Each has the place that it has in net.params.
        carried[::-1]
    all weights come first, then all biases. Each array has the place that it has in net.params.
        carried[::2] + carried[1::2]
    all biases come first, then all weights. Each array has the place that it has in net.params.
        carried[1::2] + carried[::2]
    the layers come in the opposite order. Each array has the place that it has in net.params.
        [A for k in reversed(range(0, len(carried), 2)) for A in carried[k : k + 2]]
    only the first layer is done.
        carried[:2] + arrays[2:]
    all but the last layer is done.
        carried[:-2] + arrays[-2:]
    only the last layer is done.
        arrays[:-2] + carried[-2:]
    every array is the last one: the same array was put into the list again and again.
        [A for _ in carried]
    """,
)
def to_torch(arrays):
    """Check to_torch(arrays), which returns the list in PyTorch's layout.

    See notebooks/14_frameworks.ipynb.
    """
    carried = []
    for A in arrays:
        if A.ndim == 2:
            A = A.T
        elif A.ndim == 4:
            A = A.transpose(3, 2, 0, 1)
        carried.append(A)
    return carried


# --- rows behind a Flatten ---

# height, width, channels, n_out. In the last but one every order fits; in the last nothing has to move.
FLATTENED = [(2, 3, 4, 5), (3, 5, 2, 4), (4, 2, 3, 6), (5, 3, 4, 1), (2, 2, 2, 2), (3, 4, 1, 2)]


def _flattened():
    rng = np.random.default_rng(0)
    return [
        Trial(
            (rng.standard_normal((h * w * c, n_out)), h, w, c),
            {"height": h, "width": w, "channels": c, "n_out": n_out, "n_in": h * w * c},
        )
        for h, w, c, n_out in FLATTENED
    ]


def _place(row, sizes):
    """Return in words what stands at a place of a flattened (channels, height, width)."""
    c, i, j = np.unravel_index(row, (sizes["channels"], sizes["height"], sizes["width"]))
    return f"row {i}, column {j} of channel {c}"


def _rows(name, runs):
    """Tell of rows that are those of W, in another order."""
    if any(run.found.shape != run.right.shape for run in runs):
        return None
    for run in runs:
        order = [_same_row(row, run.right) for row in run.found]
        if None in order or len({*order}) < len(order):
            return None
    run = next(run for run in runs if not tell.same(run.found, run.right))
    order = [_same_row(row, run.right) for row in run.found]
    k = next(k for k, row in enumerate(order) if row != k)
    return (
        f"the rows are those of W, in another order. {run.tried}, your row {k} belongs to"
        f" {_place(order[k], run.sizes)}. In an image that is flattened as (channels, height, width), place"
        f" {k} is {_place(k, run.sizes)}."
    )


def _same_row(row, rows):
    found = [k for k, one in enumerate(rows) if tell.same(row, one)]
    return found[0] if found else None


@exercise(
    trials=_flattened,
    results=["W"],
    hint="at which place is row i, column j of channel c where channels come last? And where they come first?"
    " `reshape` gives the rows of W these three indices.",
    praise="Right, on images of six shapes.",
    tell=(_rows, *tell.GENERAL),
    wrong="""
    it is W as it came: no row has moved. `reshape` cuts a row of numbers elsewhere, and moves nothing; a
    `transpose` between two of them does.
        W
    that is the way back: W came in the order (channels, height, width), you say, and leaves as (height,
    width, channels). It comes in the order of `nnlib`, channels last.
        rows = W.reshape(channels, height, width, -1) ; rows.transpose(1, 2, 0, 3).reshape(W.shape)
        rows = W.reshape(channels, width, height, -1) ; rows.transpose(1, 2, 0, 3).reshape(W.shape)
        W[np.arange(len(W)).reshape(channels, height, width).transpose(1, 2, 0).ravel()]
    the order is (channels, width, height): columns before rows. In PyTorch's images rows come before columns.
        rows.transpose(2, 1, 0, 3).reshape(W.shape)
    the order is (width, height, channels). Channels have to come first, and rows before columns.
        rows.transpose(1, 0, 2, 3).reshape(W.shape)
    the order is (height, channels, width). Channels have to come first.
        rows.transpose(0, 2, 1, 3).reshape(W.shape)
    the order is (width, channels, height). Channels have to come first: `transpose` is told, for each axis of
    the result, which axis it comes from.
        rows.transpose(1, 2, 0, 3).reshape(W.shape)
    height and width have changed places: the rows of W come as (height, width, channels), height first.
        rows = W.reshape(width, height, channels, -1) ; rows.transpose(2, 1, 0, 3).reshape(W.shape)
    W is cut as if its rows came with channels first. They come as (height, width, channels).
        rows = W.reshape(channels, height, width, -1)
        rows = W.reshape(channels, height, width, -1) ; rows.transpose(2, 1, 0, 3).reshape(W.shape)
        rows = W.reshape(channels, height, width, -1) ; rows.transpose(0, 2, 1, 3).reshape(W.shape)
        rows = W.reshape(channels, width, height, -1)
        rows = W.reshape(channels, width, height, -1) ; rows.transpose(2, 1, 0, 3).reshape(W.shape)
    W is cut as if its rows came as (channels, width, height). They come as (height, width, channels), and the
    channel changes fastest. (With `order="F"` it is the first index that does: leave it out.)
        W.reshape((height, width, channels, -1), order="F").transpose(2, 0, 1, 3).reshape(W.shape)
    the outputs are put in front when W is cut, so numbers of different outputs are mixed. Outputs are the
    last axis of W, and stay it: `reshape(height, width, channels, -1)`.
        W.reshape(-1, height, width, channels).transpose(0, 3, 1, 2).reshape(W.shape)
        W.reshape(-1, height, width, channels).transpose(3, 1, 2, 0).reshape(W.shape)
    the rows are in the right order, and then the outputs stand in front when you cut to (n_in, n_out):
    `reshape` does not transpose. Move them back to the end: `.reshape(n_out, n_in).T`.
        rows.transpose(3, 2, 0, 1).reshape(W.shape)
    the outputs stand in front when you cut to (n_in, n_out): `reshape` does not transpose, so they have to be
    moved back to the end first. And channels do not stand before rows and columns of the image.
        rows.transpose(3, ⟨0, 1, 2|0, 2, 1|1, 0, 2|1, 2, 0⟩).reshape(W.shape)
    the columns of W have moved along with its rows. The outputs keep their order: they are the last axis
    before and after.
        rows.transpose(2, 0, 3, 1).reshape(W.shape)
        rows.transpose(2, 3, 0, 1).reshape(W.shape)
    the channels stand side by side. They come below each other: `np.concatenate`, or `np.vstack`.
        np.hstack([rows[:, :, c].reshape(height * width, -1) for c in range(channels)])
    `.T` turns all axes round, and the outputs come first. They are the last axis before and after.
        rows.T.reshape(W.shape)
    the rows are in the right order, and in a shape of four axes. W has two: `reshape` back.
        rows.transpose(2, 0, 1, 3)
    the rows are in the right order, with an axis for the channels of their own. W has two axes.
        rows.transpose(2, 0, 1, 3).reshape(channels, height * width, -1)
    the rows are in the right order, in one row of numbers. W has two axes.
        rows.transpose(2, 0, 1, 3).ravel()
    the rows are in the right order, and then W is transposed. That step is still to follow: (n_in, n_out)
    here.
        rows.transpose(2, 0, 1, 3).reshape(W.shape).T
    W is transposed, and its rows, the columns of yours, are as they came. Put them into another order; the
    transpose is still to follow.
        W.T
    the axes stand as they should, and are cut by a `reshape` to (n_out, n_in), which does not transpose.
        rows.transpose(2, 0, 1, 3).reshape(W.shape[::-1])
    the rows come in the opposite order.
        W[::-1]
    a kernel is turned here: rows and columns of the image come in the opposite order.
        rows[::-1, ::-1].transpose(2, 0, 1, 3).reshape(W.shape)
    """,
)
def after_flatten(W, height, width, channels):
    """Check after_flatten(W, height, width, channels), which returns W in the order of the other library.

    See notebooks/14_frameworks.ipynb.
    """
    rows = W.reshape(height, width, channels, -1)
    return rows.transpose(2, 0, 1, 3).reshape(W.shape)


# --- so many binary digits ---


def _to_be_rounded():
    """Return trials: in each, numbers are within a factor of 256, so that none hides another."""
    rng = np.random.default_rng(0)
    ties = np.array([[129.5, 130.5, -131.5, 255.5], [200.25, 0.0, -129.5, 128]]) * 2.0**-60
    drawn = rng.uniform(1, 200, (3, 5)) * rng.choice([-1, 1], (3, 5)) * 2.0**17
    drawn[0, 0], drawn[2, 1], drawn[1, 3] = 2.0**20, 0, -(2.0**22)
    arrays = [
        (3, np.array([9, 11, 13, -9, -11, 10, 0, 1, 2, 4, 5, 7, -0.3, 15.2347])),
        (11, drawn),
        (8, ties),
        (2, np.array([1, 1.2, 1.25, 3, 5, 7, 6.54321, 2.6, 0.8])),
        (5, np.array([31.9, 63.4, 63.6, -31.99, 16, 8, 33, -35, 0.7, -0.3217])),
    ]
    return [
        Trial((x, digits), {"digits": digits, "x": f"{' × '.join(map(str, x.shape))} numbers"})
        for digits, x in arrays
    ]


def _of_which(name, runs):
    """Tell of one kind of numbers that alone is wrong, or of all wrong ones that they are halfway."""
    if any(run.found.shape != run.right.shape for run in runs):
        return None
    given = [trial.arguments for trial in rounded.trials()]
    wrong = [~tell.alike(run.found, run.right) for run in runs]
    units = [np.ldexp(1.0, np.frexp(x)[1] - digits) for x, digits in given]
    kinds = {
        "zero. It has no first digit, and stays zero.": [x == 0 for x, _ in given],
        "what lies halfway between two neighbours: it goes to the one whose last digit is 0.": [
            np.abs(x / u - np.floor(x / u)) == 0.5 for (x, _), u in zip(given, units, strict=True)
        ],
        "negative numbers. They are rounded as the positive ones, and keep their sign.": [
            x < 0 for x, _ in given
        ],
        "powers of two. 8 = 1000₂ has four digits before the point, as 9 has.": [
            np.abs(np.frexp(x)[0]) == 0.5 for x, _ in given
        ],
        "numbers of digits that are rounded up to a power of two: nothing is to be done for them.": [
            np.abs(np.frexp(run.right)[0]) == 0.5 for run in runs
        ],
        "numbers below 1. Their first digit that is not 0 stands behind the point.": [
            (np.abs(x) < 1) & (x != 0) for x, _ in given
        ],
    }
    for words, masks in kinds.items():
        if all((bad <= mask).all() for bad, mask in zip(wrong, masks, strict=True)):
            return f"right but for {words} {_number(name, runs)}"
    return None


def _number(name, runs):
    """Tell of the first number that is wrong, with what it was."""
    for run, trial in zip(runs, rounded.trials(), strict=True):
        x, digits = trial.arguments
        for at in np.argwhere(~tell.alike(run.found, run.right)):
            place = tuple(map(int, at))
            return (
                f"With digits = {digits}, {x[place]:.12g} becomes {run.right[place]:.12g}; yours is"
                f" {run.found[place]:.12g}."
            )
    return None


LOG = "np.log2(np.abs(np.where(x == 0, 1, x)))"
WITH_LOG = "np.ldexp(np.rint(np.ldexp(x, digits - place)), place - digits)"
LOOP = """x may have several axes: a loop over x gives its rows. `np.ndenumerate(x)` goes through all numbers,
    and NumPy's functions take them all at once."""
FIRST_DIGITS = {
    "np.floor": "",
    "np.trunc": """the logarithm is cut at the point instead of rounded down: of numbers below 1 it is
    negative, and cutting rounds it up. `floor` finds the first digit.""",
    "np.rint": """the logarithm is rounded to the nearest whole number, so numbers above 1.41 times a power of
    two keep a digit less than the others. `floor` finds the first digit.""",
}
ROUNDINGS = {
    "np.rint(whole)": "",
    "np.trunc(whole + 0.5)": "0.5 is added to all, so that negative numbers are cut the wrong way.",
    "np.floor(whole + 0.5)": """what lies halfway always goes up. It goes to the neighbour whose last digit is
    0: `np.rint` and `np.round` do that.""",
    "np.trunc(whole)": """you cut behind the last digit instead of rounding: what is cut off may be more
    than half.""",
    "np.floor(whole)": """you always round down. The nearer neighbour may be above; negative numbers are
    rounded away from zero so.""",
}


def _several_slips():
    """Return the catalogue of programs with a logarithm that have two slips or three."""
    said = []
    for (first, of_first), (rounding, of_rounding) in itertools.product(
        FIRST_DIGITS.items(), ROUNDINGS.items()
    ):
        edits = f"place = {first}({LOG}).astype(int) + 1 ; whole = np.ldexp(x, digits - place)"
        back = f"np.ldexp({rounding}, place - digits)"
        looped = f"np.array([n if v != 0 else 0.0 for v, n in zip(x, {back})])"
        for value, of_loop in ((back, ""), (looped, LOOP)):
            slips = [words for words in (of_loop, of_first, of_rounding) if words]
            if len(slips) > 1:
                said.append(f"\n    {' And: '.join(slips)}\n        {edits} ; {value}\n")
    return "".join(said)


@exercise(
    trials=_to_be_rounded,
    results=["x"],
    hint="where does the first digit of x stand? Move the point so that `digits` digits stand before it,"
    " round to a whole number, and move it back.",
    praise="Right, on five arrays, from 2 to 11 digits, with what lies halfway, zeros, and powers of two.",
    tell=(*tell.GENERAL[:2], _of_which, *tell.GENERAL[2:3], _number),
    wrong=f"""
    you round to a whole number; `digits` is not in it.
        np.rint(x)
    nothing is rounded, or only far behind the last of the digits: float32 has 24 of them.
        x
        x.astype(np.float32).astype(float)
    the digits are those of a decimal number, behind the point. Binary digits are asked for, from the
    first one that is not 0.
        np.round(x, digits)
        np.round(x, digits - 1)
    the digits are those of a decimal number. Binary ones are asked for.
        np.array([float(f"{{n:.{{digits - 1}}e}}") for n in x.ravel()]).reshape(x.shape)
        np.array([float(f"{{n:.{{digits}}e}}") for n in x.ravel()]).reshape(x.shape)
    you keep so many digits behind the point. How many stand before it is another matter for each number: they
    are counted from the first one that is not 0.
        np.rint(x * 2.0**digits) / 2.0**digits
        np.rint(x * 2.0 ** (digits - 1)) / 2.0 ** (digits - 1)
    {ROUNDINGS["np.trunc(whole)"]}
        whole = np.trunc(m * 2.0**digits)
        whole = (m * 2.0**digits).astype(int)
    {ROUNDINGS["np.floor(whole)"]}
        whole = np.floor(m * 2.0**digits)
    you always round up. The nearer neighbour may be below.
        whole = np.ceil(m * 2.0**digits)
    what lies halfway goes away from zero, as at school. It goes to the neighbour whose last digit is 0:
    `np.rint` and `np.round` do that.
        whole = np.sign(m) * np.floor(np.abs(m) * 2.0**digits + 0.5)
        whole = np.trunc(m * 2.0**digits + np.copysign(0.5, m))
    {ROUNDINGS["np.floor(whole + 0.5)"]}
        whole = np.floor(m * 2.0**digits + 0.5)
    what lies halfway always goes down. It goes to the neighbour whose last digit is 0.
        whole = np.ceil(m * 2.0**digits - 0.5)
    {ROUNDINGS["np.trunc(whole + 0.5)"]}
        whole = np.trunc(m * 2.0**digits + 0.5)
    one digit too many is kept. The first digit that is not 0 counts as one of them (a format's bits of the
    fraction do not have it): with 8 ≤ |x| < 16 the logarithm, rounded down, is 3, and four digits stand
    before the point.
        whole = np.rint(m * 2.0 ** (digits + 1)) ; np.ldexp(whole, exponent - digits - 1)
    one digit too few is kept. The m of `np.frexp` is from 1/2 to 1, so its first digit stands right
    behind the point, and `digits` is what it has to be moved by.
        whole = np.rint(m * 2.0 ** (digits - 1)) ; np.ldexp(whole, exponent - digits + 1)
    it is rounded right, and moved back by one place too few.
        np.ldexp(whole, exponent - digits + 1)
    it is rounded right, and moved back by one place too many. The m of `np.frexp` is from 1/2 to 1.
        np.ldexp(whole, exponent - digits - 1)
    the point is not moved back: those are the whole numbers.
        whole
    the point is moved once more by `digits` in the same direction, where it should be moved back.
        np.ldexp(whole, exponent + digits)
    the point is moved back by `digits`, and the exponent is lost.
        whole / 2.0**digits
    the point is not moved back: it was moved by `digits`, and what was rounded has to be divided by 2 to the
    power of that.
        whole * 2.0**exponent
    {LOOP}
        np.array([n if v != 0 else 0.0 for v, n in zip(x, np.ldexp(whole, exponent - digits))])
    m is rounded to decimal digits. Binary digits before the point are asked for: times 2 to the power of
    `digits`, to a whole number, and back.
        whole = np.round(m, digits) ; np.ldexp(whole, exponent)
    m is rounded to 0, 1/2 or 1: `digits` is not in it.
        whole = np.rint(m) ; np.ldexp(whole, exponent)
    all numbers are rounded at the place that suits the largest. Each has a first digit of its own.
        place = np.frexp(np.abs(x).max())[1] ; {WITH_LOG}
    all numbers are rounded at the place that suits the smallest. Each has a first digit of its own.
        place = np.frexp(np.abs(x[x != 0]).min())[1] ; {WITH_LOG}
    {FIRST_DIGITS["np.rint"]}
        place = np.rint(np.log2(np.abs(np.where(x == 0, 1, x)))).astype(int) + 1 ; {WITH_LOG}
        place = np.rint(np.log2(np.abs(np.where(x == 0, 1, x)))).astype(int) ; {WITH_LOG}
    {FIRST_DIGITS["np.trunc"]}
        place = np.trunc(np.log2(np.abs(np.where(x == 0, 1, x)))).astype(int) + 1 ; {WITH_LOG}
    one digit too many is kept: with 8 ≤ |x| < 16 the logarithm, rounded down, is 3, and four digits stand
    before the point. And zero, which has no logarithm, becomes nan; it stays zero.
        np.rint(x / 2.0 ** (np.floor(np.log2(np.abs(x))) - digits)) * 2.0 ** (
            np.floor(np.log2(np.abs(x))) - digits)
    the logarithm has another base than 2.
        place = np.floor(np.⟨log|log10⟩(np.abs(np.where(x == 0, 1, x)))).astype(int) + 1 ; {WITH_LOG}
        place = np.floor(np.⟨log|log10⟩(np.abs(np.where(x == 0, 1, x)))).astype(int) ; {WITH_LOG}
    right but for zero, which becomes nan: it has no logarithm. It stays zero.
        np.where(x == 0, np.nan, np.ldexp(whole, exponent - digits))
    zero becomes something else. It stays zero.
        np.where(x == 0, 1.0, np.ldexp(whole, exponent - digits))
    negative numbers become nan: they have no logarithm. That of their size says where the first digit stands.
        np.where(x < 0, np.nan, np.ldexp(whole, exponent - digits))
    negative numbers become nan, and zero does: they have no logarithm. That of their size says where the
    first digit stands, and zero stays zero.
        np.where(x <= 0, np.nan, np.ldexp(whole, exponent - digits))
    negative numbers lose their sign.
        np.abs(np.ldexp(whole, exponent - digits))
    negative numbers become zero.
        np.where(x < 0, 0, np.ldexp(whole, exponent - digits))
    negative numbers are left as they are.
        np.where(x < 0, x, np.ldexp(whole, exponent - digits))
    that is float16, always with its 11 digits and its bounds. `digits` says how many.
        x.astype(np.float16).astype(float)
    numbers that are too small for float16 become zero. The exponent has no bounds here.
        np.where(np.abs(x) < 2.0**-25, 0, np.ldexp(whole, exponent - digits))
    you return what is lost by rounding. What is left is asked for.
        x - np.ldexp(whole, exponent - digits)
        np.ldexp(whole, exponent - digits) - x
    you return the exponent.
        exponent
    """
    + _several_slips(),
)
def rounded(x, digits):
    """Check rounded(x, digits), which returns x with so many binary digits.

    See notebooks/14_frameworks.ipynb.
    """
    m, exponent = np.frexp(x)
    whole = np.rint(m * 2.0**digits)
    return np.ldexp(whole, exponent - digits)


# --- how large gradients may be made ---


def _gradients():
    rng = np.random.default_rng(0)
    trials = []
    for shape, largest in [
        ((3, 4), -0.9),  # the largest is negative
        ((5, 2), 65510 * 2.0**-20),  # rounded down to 65504
        ((2, 3), 2.0**-9),  # a power of two
        ((4, 3), -3e6),  # S is below 1
        ((6,), 65504 * 2.0**-13),
        ((2, 6), 65520 * 2.0**-8),  # halfway, and rounded up
        ((7,), 1.3e-9),
        ((3, 5), -65530 * 2.0**-17),  # rounded up
        ((4,), -0.0131),
        ((3, 2), 65519.7 * 2.0**-11),  # rounded down
        ((3, 6), 5e5),
        ((2, 4), -65520 * 2.0**-30),
        ((5, 3), 65520 * 2.0**-3),
    ]:
        G = rng.uniform(-0.4, 0.4, shape) * abs(largest)
        G.flat[1] *= 1e-3
        if shape == (4,):
            G = -np.abs(G)  # none is positive, and none is zero
        else:
            G.flat[2] = 0
        G.flat[G.size // 2 + 1] = largest
        said = f"{' × '.join(map(str, shape))} numbers"
        trials.append(Trial((G,), {"G": said, "the largest of them": f"{largest:.8g}"}))
    return trials


def _another_power(name, runs):
    """Tell of a scale that is no power of two, or is one, but another."""
    if any(run.found.size != 1 for run in runs):
        run = next(run for run in runs if run.found.size != 1)
        return f"{run.tried}, you return shape {run.found.shape}; S is one number for all of G."
    runs = [run._replace(found=np.ravel(run.found)[0], right=float(run.right)) for run in runs]
    if not all(run.found > 0 and math.isfinite(run.found) for run in runs):
        run = next(run for run in runs if not (run.found > 0 and math.isfinite(run.found)))
        return f"{run.tried}, you return {run.found:.6g}; S is above zero, and finite."
    off = [run for run in runs if run.found != run.right]
    run = off[0]
    if math.frexp(run.found)[0] != 0.5:
        return f"{run.tried}, you return {run.found:.8g}, which is no power of two."
    is_one = len({run.found for run in off}) == 1 and len(off) > 1
    same = " You return the same for other gradients, too." if is_one else ""
    largest = next(
        _largest(trial) for one, trial in zip(runs, loss_scale.trials(), strict=True) if one is run
    )
    if run.found > run.right:
        signs = len(off) > 1 and all(run.sizes["the largest of them"][0] == "-" for run in off)
        sign = " Only where the largest is negative it is wrong: its size counts." if signs else ""
        return (
            f"{run.tried}, you return {_power(run.found)}: times that, the largest is"
            f" {_in_float16(run.found * largest)}.{same}{sign}"
        )
    return (
        f"{run.tried}, you return {_power(run.found)}. {_power(2 * run.found)} would still do: times that,"
        f" the largest is {_in_float16(2 * run.found * largest)}.{same}"
    )


def _an_exponent(name, runs):
    """Tell of what is the exponent of S, or as good as that."""
    if any(run.found.size != 1 for run in runs):
        return None
    found = np.array([run.found.item() for run in runs])
    right = np.log2([float(run.right) for run in runs])
    if np.abs(found - right).max() <= 1:
        words = "that is the exponent. S is 2 to its power."
    elif np.abs(found + right).max() <= 1:
        words = (
            "that is an exponent, with its sign the wrong way round: the larger the gradients are, the"
            " smaller S has to be. And S is 2 to its power."
        )
    else:
        return None
    if (found % 1).any():
        return f"{words} For a power of two it has to be a whole number: round it down."
    return words


def _within_bounds(name, runs):
    """Tell of a scale that is right but where it would have to be beyond a bound."""
    if any(run.found.size != 1 for run in runs):
        return None
    pairs = [(run.found.item(), float(run.right)) for run in runs]
    low = {found for found, right in pairs if found > right}
    high = {found for found, right in pairs if found < right}
    if not all(0 < found < math.inf and math.frexp(found)[0] == 0.5 for found, _ in pairs):
        return None
    lowest, highest = max(low, default=0), min(high, default=math.inf)
    if lowest > highest or any(found != min(max(right, lowest), highest) for found, right in pairs):
        return None
    too_large = "Where gradients are too large, they have to be made smaller."
    too_small = "Where gradients are tiny it may be much larger."
    said = [f"S is never below {_power(S)} in yours. {too_large}" for S in low]
    said += [f"S is never above {_power(S)} in yours. {too_small}" for S in high]
    in_float16 = (
        " (In float16 itself no S is above 2^15, as 2^16 is inf there, and tiny gradients are zero before"
        " they are multiplied. Multiply first, in float64; S G is what is rounded.)"
    )
    return " And: ".join(said) + in_float16 * (high == {2.0**15})


def _largest(trial):
    return float(np.abs(trial.arguments[0]).max())


def _in_float16(x):
    return f"{x:.8g}, which float16 makes {FLOAT16.round(x):g}"


def _power(S):
    return f"2^{math.frexp(S)[1] - 1}" if S != 1 else "1"


@exercise(
    trials=_gradients,
    results=["S"],
    hint="only one entry of G counts. Which, and from where on is S times it inf?",
    praise="Right, on thirteen arrays of gradients, from 1.3e-9 to 3e6: below, at, above what becomes inf.",
    tell=(_an_exponent, _within_bounds, _another_power),
    wrong="""
    the largest is taken with its sign, and a large negative one is overlooked. Its size counts: `np.abs`.
        largest = G.max()
        2.0 ** np.floor(np.log2(65504 / G.max()))
        2.0 ** int(np.log2(⟨65504|65520⟩ / G.max()))
    the size of the largest is taken, not the largest of the sizes: a large negative one is overlooked. First
    `np.abs`, then `max`.
        largest = abs(G.max())
        2.0 ** np.floor(np.log2(65504 / abs(G.max())))
    the most negative one is taken. The largest of all sizes counts: `np.abs(G).max()`.
        largest = abs(G.min())
        largest = np.abs(G.min())
    that is the mean of the sizes. A single entry that becomes inf is one too many: the largest counts.
        largest = np.abs(G).mean()
    that is the median of the sizes. A single entry that becomes inf is one too many: the largest counts.
        largest = np.median(np.abs(G))
    the entries are added up. Each is multiplied by S alone, and the largest is the first to become inf.
        largest = np.abs(G).sum()
    that is the length of G. Each entry is multiplied by S alone, and the largest is the first to become inf.
        largest = np.linalg.norm(G)
    that is the spread of G. Each entry is multiplied by S alone, and the largest is the first to become inf.
        largest = G.std()
    the smallest entry counts for what is saved; which entry is the first to become inf?
        largest = np.abs(G[G != 0]).min()
    it is not a power of two. The largest one that is not above it is asked for.
        65504 / largest
        65520 / largest
        65519 / largest
        65536 / largest
        np.floor(65504 / largest)
    S is one power of two too large: the largest entry becomes inf. A logarithm that is rounded up does that,
    and so does a loop that returns the first S which is too large.
        2.0 ** np.ceil(np.log2(⟨65504|65520|65536⟩ / largest))
        S * 2
        max(1.0, 2 * S)
    the logarithm is rounded to the nearest whole number. Where that is above, the largest entry becomes inf.
        2.0 ** np.round(np.log2(⟨65504|65520|65536⟩ / largest))
    the logarithm is cut at the point. Where S is below 1 it is negative, and cutting rounds it up: `floor`.
        2.0 ** np.trunc(np.log2(⟨65504|65520⟩ / largest))
        2.0 ** int(np.log2(⟨65504|65520⟩ / largest))
    you hold S G itself to 65504. What is above it by less than half of the way to 65536 is rounded back
    to 65504, and is not inf: up to where?
        2.0 ** np.floor(np.log2(65504 / largest))
    you hold S G itself below 65504. That is in float16, and what is above it by less than half of the way to
    65536 is rounded back to it.
        2.0 ** np.floor(np.log2(65503 / largest))
    you hold S G itself to 65519. All that is below 65520 is rounded back to 65504.
        2.0 ** np.floor(np.log2(65519 / largest))
    65536 itself is not in float16, and what is nearer to it than to 65504 becomes inf.
        2.0 ** np.floor(np.log2(65536 / largest))
        2.0 ** (16 - np.ceil(np.log2(largest)))
    right but where S times the largest is from 65520 to 65536: that is rounded to 65536, which is inf.
        2.0 ** (16 - np.frexp(largest)[1])
    right but where S times the largest is 65520: that is halfway from 65504 to 65536, and is rounded to
    the one that is even, 65536, which is inf.
        2.0 ** np.floor(np.log2(65520 / largest))
    gradients are rounded to float16 before they are multiplied, and the small ones are lost by then. S is
    found for the gradients as they are; S G is what is rounded.
        2.0 ** np.floor(np.log2(65504 / np.abs(G.astype(np.float16)).max()))
        2.0 ** np.floor(np.log2(⟨65504|65520⟩ / np.float64(np.abs(G.astype(np.float16)).max())))
        largest = float(np.abs(G).max().astype(np.float16))
    that is the exponent. S is 2 to its power.
        np.floor(np.log2(⟨65504|65520⟩ / largest))
    it is the other way round: the larger the gradients are, the smaller S has to be.
        2.0 ** np.floor(np.log2(largest / 65504))
        2.0 ** np.floor(np.log2(largest))
    the largest entry is brought to 1 at most. It may come up to 65504.
        2.0 ** np.floor(np.log2(1 / largest))
        2.0 ** -np.ceil(np.log2(largest))
        2.0 ** -np.floor(np.log2(largest))
    that is one power of two too small: twice as much would do.
        S / 2
        2.0 ** (15 - np.ceil(np.log2(largest)))
        2.0 ** (15 - np.frexp(largest)[1])
        2.0 ** np.floor(np.log2(32768 / largest))
    S is never below 1 in yours. Where gradients are too large, they have to be made smaller.
        max(1.0, S)
    your S begins at 1 and can only grow: where gradients are too large, it ends at 1/2 at the least.
        max(0.5, S)
    S is never above 1 in yours.
        min(1.0, S)
    S is never above 65536 in yours. Where gradients are tiny it may be much larger.
        min(65536.0, S)
    S is never above 32768 in yours. Where gradients are tiny it may be much larger.
        min(32768.0, S)
    that is the same for all gradients, a usual one to begin with. Here the largest that does no harm is
    asked for.
        65536.0
        32768.0
        1024.0
        128.0
    the logarithm has another base than 2.
        2.0 ** np.floor(np.⟨log|log10⟩(⟨65504|65520⟩ / largest))
    powers of ten are asked for nowhere: S is a power of two.
        10.0 ** np.floor(np.log10(⟨65504|65520⟩ / largest))
    there is one S for each column, and one for all of G is asked for.
        2.0 ** np.floor(np.log2(⟨65504|65520⟩ / np.abs(G).max(axis=0)))
    there is one S for each row, and one for all of G is asked for.
        2.0 ** np.floor(np.log2(⟨65504|65520⟩ / np.abs(G).max(axis=-1)))
    there is one S for each entry, and one for all of G is asked for. (Some entries are zero, too.)
        2.0 ** np.floor(np.log2(⟨65504|65520⟩ / np.abs(G)))
    that is the S of the smallest entry: with it, all larger ones may become inf. Of all powers the smallest
    counts.
        2.0 ** np.floor(np.log2(⟨65504|65520⟩ / np.abs(G))).max()
    that is a mean over the entries. A single entry that becomes inf is one too many: the largest counts.
        2.0 ** np.floor(np.log2(⟨65504|65520⟩ / np.abs(G[G != 0]))).mean()
    you return G times S. S alone is asked for.
        S * G
    with 65504 in float32 or float64 nothing is inf: the limit is that of float16.
        2.0 ** np.floor(np.log2(3.4e38 / largest))
    that saves the smallest entry, and not more: S is as small as it may be then. As large as possible is
    asked for.
        2.0 ** np.ceil(np.log2(2.0**⟨-24|-25|-14⟩ / np.abs(G[G != 0]).min()))
    """,
)
def loss_scale(G):
    """Check loss_scale(G), which returns S. See notebooks/14_frameworks.ipynb."""
    largest = np.abs(G).max()
    highest = 2.0 ** np.floor(np.log2(65520 / largest))
    S = highest / 2 if highest * largest == 65520 else highest
    return S
