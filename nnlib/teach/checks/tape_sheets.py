"""The exercises of chapter 13 that are answered with a sheet: a fork by hand, three broken tapes."""

import math

from nnlib.teach.checks.bug_lab import unlike
from nnlib.teach.checks.engine import number, sheet
from nnlib.teach.tape_bugs import CHOICES, PATIENTS, against

__all__ = ["broken_tapes", "x_times_x"]

# --- u = x · x, y = 5 u + x, at x = 3 ---

EDGES = ("first edge of u", "second edge of u", "edge of the sum")
ONCE, TWICE, OF_U = "x.grad", "x.grad, second call", "u.grad, second call"
ANEW, EMPTIED = "x.grad, made anew", "x.grad, after None"
RIGHT = dict(zip((*EDGES, ONCE, TWICE, OF_U, ANEW, EMPTIED), (15, 15, 1, 31, 62, 10, 93, 31), strict=True))

LOCAL = "it is multiplied by what has come to u, ∂y/∂u = 5"
OF_A_FACTOR = {
    3: f"that is how far u moves with this one factor; {LOCAL}.",
    5: "that is what has come to u. The edge multiplies it by its own slope: by how much does u move with"
    " this one factor, if the other stays?",
    6: f"that is the slope of x², so both edges at once; and {LOCAL}.",
    30: "that is what both edges bring together. Each stands for one of the two places of x in x · x.",
    9: "that is u itself, or x twice. u moves with one factor by the other, 3; and what has come to u is 5.",
    45: "that is 5 u. The slope of x · x with respect to one factor is the other factor.",
    31: "that is all three edges together.",
    1: f"the slope of a product with respect to one factor is the other factor; {LOCAL}.",
    0: "x stands in x · x twice, and each place has an edge of its own, which brings its own share.",
    10: "the slope of x · x with respect to one factor is the other factor, 3; 2 stands in neither.",
    7.5: "nothing is shared out. Each edge brings all that its own place is to blame for.",
}
SLIPS = {
    EDGES[0]: OF_A_FACTOR,
    EDGES[1]: OF_A_FACTOR,
    EDGES[2]: {
        5: "the 5 stands before u. A sum hands on what has come to it, to both sides alike.",
        3: "that is x itself. What does y move by, when this x moves a little and u does not?",
        0: "y moves with x there, too: a sum hands on what has come to it.",
        15: "that is an edge of u. A sum hands on what has come to it, to both sides alike.",
        16: "that adds an edge of u. This edge brings its own share alone.",
        31: "that is all three edges together.",
        6: "the 5 stands before u, and here it is not added either: a sum hands on what has come to it.",
    },
    ONCE: {
        16: "an edge of u is missing: x stands in x · x twice, and all that comes is added up.",
        15: "that is one edge alone, as if what comes later wrote over what was there. All that comes is"
        " added up.",
        1: "that is one edge alone, as if what comes later wrote over what was there. All that comes is"
        " added up.",
        30: "the edge of the sum is missing: y = 5 u + x has an x of its own.",
        7: "the 5 is missing: what has come to u goes on through both of its edges.",
        6: "that is the slope of x² alone: where are the 5, and the x of the sum?",
        4: "an edge of u is missing, and the 5 that has come to u.",
        48: "that is y itself.",
        46: "that is 5 u + 1: the slope of u is not u.",
        11: "x is missing in the slope of u: with respect to one factor it is the other factor, 3.",
        225: "edges are added, not multiplied.",
        35: "the 5 stands before u alone. From the sum x gets 1.",
        31 / 3: "that is the mean of the three. They are added up.",
    },
    TWICE: {
        31: "nothing was reset: the second call adds to what is there.",
        92: "u does not hand on what it got in the first call once more: each call hands on what has come in"
        " this call, and adds it to `grad` only then.",
        123: "neither y nor u hands on what it got in the first call once more: each call hands on what has"
        " come in this call.",
        61: "nothing was reset; and each call hands on what has come in this call alone.",
        93: "that is three calls.",
        961: "the second call adds the same once more; it does not multiply.",
        32: "the second call goes through the whole graph again, not only from y to its x.",
        0: "nothing resets `grad`; the second call adds to it.",
        124: "that is four calls.",
    },
    OF_U: {
        5: "u keeps its gradient like x, and the second call adds to it.",
        15: "what y got in the first call is not handed on once more: each call begins with 1.",
        6: "what comes to u in a call is the 5 that stands before it, not x.",
        2: "what comes to u in a call is the 5 that stands before it.",
        1: "what comes to u is the 5 that stands before it, once in each call.",
        30: "that is what u hands on to x in a call. What has come to u itself?",
        62: "that is x.grad. What has come to u itself?",
        60: "that is what u has handed on. What has come to u itself?",
        0: "every tensor of the graph keeps its gradient, not only the leaves.",
        25: "the second call adds the same once more; it does not multiply.",
        20: "u stands in y once: in each call 5 comes to it.",
        12: "what comes to u is the 5 that stands before it, once in each call.",
        18: "that is twice u. What comes to u is its blame, not its value.",
    },
    ANEW: {
        31: "u and y are new, and x is the same tensor: it still holds what the first two calls brought.",
        62: "u and y are new, and x is the same tensor. This call adds to what the first two brought.",
        124: "that is four calls.",
        0: "u and y are new, and x is the same tensor: it holds what the first two calls brought, and"
        " this one adds to it.",
        123: "this call hands on what has come in this call alone; and the u of before is gone.",
        154: "that is five calls.",
    },
    EMPTIED: {
        0: "`x.grad = None` comes first, and the call after it brings something again.",
        62: "None empties what was there; one call follows.",
        93: "None empties what was there; one call follows.",
        124: "None empties what was there, so nothing of the earlier calls is left.",
        61: "u still holds what has come to it, but hands on only what comes in this call.",
        46: "u still holds what has come to it, but hands on only what comes in this call.",
        91: "u still holds what has come to it, but hands on only what comes in this call.",
    },
}
# What to look at, for a number that no known slip gives
HINTS = {
    EDGES[
        0
    ]: "By how much does u move with one factor of x · x, if the other stays? Then times what came to u.",
    EDGES[
        1
    ]: "By how much does u move with one factor of x · x, if the other stays? Then times what came to u.",
    EDGES[2]: "A sum hands on what has come to it, to both sides alike.",
    ONCE: "Add up what the three edges bring. By hand: what is the slope of 5x² + x at x = 3?",
    TWICE: "The same pass once more, and nothing is reset.",
    OF_U: "What comes to u in one call, and how often has it come?",
    ANEW: "x is the same tensor: what does it hold before this call, and what does the call add?",
    EMPTIED: "What is left after None, and what does one call bring?",
}


@sheet(
    names=list(RIGHT),
    hint="begin with the first edge of u. ∂y/∂u is 5; by how much does u move with one factor of x · x?",
    praise="Right, all eight.",
    read=number,
)
def x_times_x(name, filled):
    """Check the dict of eight numbers of y = 5 x x + x. See notebooks/13_automatic_differentiation.ipynb."""
    found = filled[name]
    if _near(found, RIGHT[name]):
        return None
    if before := _follows(name, filled):
        return f"{found:.6g}: it follows from your {before}: begin there."
    for slip, why in SLIPS[name].items():
        if _near(found, slip) or _near(_of_right_edges(name, filled), slip):
            return f"{found:.6g}: {why}"
    if _near(found, -RIGHT[name]):
        return f"{found:.6g}: the sign is the wrong way round. Nothing here is negative."
    return f"{found:.6g}. {HINTS[name]}"


def _near(found, value):
    return math.isclose(found, value, rel_tol=1e-6, abs_tol=1e-9)


def _of_right_edges(name, filled):
    """Return what a number would be if what one call brings to x were right, and the slip the same."""
    once = filled.get(ONCE) or RIGHT[ONCE]
    return filled[name] * RIGHT[ONCE] / once if name in (TWICE, ANEW, EMPTIED) else filled[name]


def _follows(name, filled):
    """Return what a number follows from that is wrong itself; None where it follows from nothing that is."""
    edges = [filled.get(edge) for edge in EDGES]
    if name == ONCE and None not in edges and not _near(sum(edges), RIGHT[ONCE]):
        return "edges" if _near(filled[name], sum(edges)) else None
    for before, times in {
        TWICE: [(ONCE, 2)],
        ANEW: [(ONCE, 3), (TWICE, 1.5)],
        EMPTIED: [(ONCE, 1)],
    }.get(name, []):
        given = filled.get(before)
        if given is not None and not _near(given, RIGHT[before]) and _near(filled[name], given * times):
            return before
    return None


# --- three broken tapes ---


@sheet(
    names=list(PATIENTS),
    hint="begin with tape 1. In which lines is something wrong, and what do these expressions have that the"
    " others have not?",
    praise="Right, all three.",
    what="tapes",
    line="tape {}",
)
def broken_tapes(patient, filled):
    """Check the dict from tapes, 1 to 3, to the keys of their bugs.

    See notebooks/13_automatic_differentiation.ipynb.
    """
    return unlike(filled[patient], PATIENTS[patient], CHOICES, lambda named: against(named, patient))
