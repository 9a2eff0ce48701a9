"""Tasks for networks that read sequences, drawn anew at each call, and a text to learn letters from.

A task is a pair (X, Y) of whole numbers, (N, T) each: X[n, t] is a symbol, by its place in an alphabet, and
Y[n, t] the symbol that stands one place further on, or -1 where that is not asked. So a network that sees no
place behind its own (`Attention(…, causal=True)`) answers all places at once, each after the right symbols
before it; it is right throughout exactly if it would be so writing its answer symbol by symbol.
See notebooks/16_attention.ipynb.
"""

from pathlib import Path

import numpy as np

from nnlib.teach import _doors as door

__all__ = [
    "DIGITS",
    "LETTERS",
    "SUMS",
    "add",
    "characters",
    "exact",
    "prose",
    "repeat_phrase",
    "reverse",
    "sort_letters",
    "spelled",
]

DIGITS = "0123456789>"
LETTERS = "abcdefghijklmnopqrstuvwxyz>"
SUMS = "0123456789+="
N_LETTERS = 26
MOST = 10**6  # sequences at a time


def reverse(N, T=10, *, rng):
    """Return sequences such as 3141>1413: T random digits, a sign, and the digits from behind.

    Parameters
    ----------
    N, T : int
        How many sequences, and how many digits in each.
    rng : numpy.random.Generator

    Returns
    -------
    X, Y : arrays of int, (N, 2 T)
        The symbols of `DIGITS`, and what follows each after the sign; -1 before it.

    See notebooks/16_attention.ipynb.
    """
    N, T = _sizes(N, T, 1000)
    digits = _generator(rng).integers(10, size=(N, T))
    return _asked(digits, DIGITS.index(">"), digits[:, ::-1])


def sort_letters(N, T=8, *, rng):
    """Return sequences such as dbca>abcd: T different letters, a sign, and the letters in their order.

    Parameters
    ----------
    N, T : int
        How many sequences, and how many letters in each, at most 26.
    rng : numpy.random.Generator

    Returns
    -------
    X, Y : arrays of int, (N, 2 T)
        The symbols of `LETTERS`, and what follows each from the sign on; -1 before it.

    See notebooks/16_attention.ipynb.
    """
    N, T = _sizes(N, T, N_LETTERS)
    letters = _different(N, T, rng)
    return _asked(letters, LETTERS.index(">"), np.sort(letters, axis=1))


def repeat_phrase(N, T=16, length=5, *, rng):
    """Return sequences such as qwertyuiopert: T different letters, then `length` consecutive ones again.

    The first of these is given, at a random place of the T; the others are asked.

    Parameters
    ----------
    N, T : int
        How many sequences, and how many letters in each, at most 26.
    length : int
        How many letters are there twice, from 2 to T.
    rng : numpy.random.Generator

    Returns
    -------
    X, Y : arrays of int, (N, T + length - 1)
        The symbols of `LETTERS`, and what follows each from the first of the phrase on; -1 before it.

    See notebooks/16_attention.ipynb.
    """
    N, T = _sizes(N, T, N_LETTERS, least=2)
    length = door.whole(length, "length", 2, T)
    letters = _different(N, T, rng)
    starts = rng.integers(T - length + 1, size=(N, 1))
    phrase = np.take_along_axis(letters, starts + np.arange(length), axis=1)
    return _asked(letters, phrase[:, :1], phrase[:, 1:])


def add(N, digits=3, *, backwards=True, rng):
    """Return sequences such as 123+989=2111, the sum from its last digit on, or from its first.

    Parameters
    ----------
    N : int
        How many sequences.
    digits : int
        Of each of the two numbers, with zeros in front; the sum has one more.
    backwards : bool, default True
        Whether the last digit of the sum is asked first, as it is added on paper.
    rng : numpy.random.Generator

    Returns
    -------
    X, Y : arrays of int, (N, 3 digits + 2)
        The symbols of `SUMS`, and what follows each from the = on; -1 before it.

    See notebooks/16_attention.ipynb.
    """
    N, digits = _sizes(N, digits, 15, name="digits")
    backwards = door.flag(backwards, "backwards")
    numbers = _generator(rng).integers(10**digits, size=(2, N, 1))
    powers = 10 ** np.arange(digits + 1)[::-1]
    a, b, total = (number // powers % 10 for number in (*numbers, numbers.sum(axis=0)))
    plus = np.full((N, 1), SUMS.index("+"))
    answer = total[:, ::-1] if backwards else total
    return _asked(np.hstack([a[:, 1:], plus, b[:, 1:]]), SUMS.index("="), answer)


def characters(text, T=64, *, step=None):
    """Return pieces of a text, and for each character the next one.

    Parameters
    ----------
    text : str
        Of at least T + 1 characters.
    T : int
        How many characters a piece has.
    step : int or None
        How far apart neighbouring pieces begin; None for T, so that each character is asked once.

    Returns
    -------
    X, Y : arrays of int, (N, T)
        Y is X, one character further on. None is -1.
    alphabet : str
        The characters of the text, in their order: X[n, t] is the place of one in it.

    See notebooks/16_attention.ipynb.
    """
    if type(text) is not str:
        raise TypeError(f"text is {door.told(text)}; expected a text.")
    T = door.whole(T, "T")
    step = T if step is None else door.whole(step, "step")
    if len(text) <= T:
        raise ValueError(f"text has {len(text)} characters; expected at least {T + 1}, one more than T.")
    alphabet = "".join(sorted(set(text)))
    places = {character: place for place, character in enumerate(alphabet)}
    symbols = np.array([places[character] for character in text])
    pieces = np.lib.stride_tricks.sliding_window_view(symbols, T + 1)[::step]
    return pieces[:, :-1].copy(), pieces[:, 1:].copy(), alphabet


def prose():
    """Return the text of chapters 00 to 13 as one str, a line for each paragraph, without formulas.

    It was taken from the notebooks by `tools/prose.py`, and stays what it was then.

    See notebooks/16_attention.ipynb.
    """
    return (Path(__file__).resolve().parents[1] / "data" / "prose.txt").read_text("utf-8")


def exact(Z, Y):
    """Return the share of sequences in which the largest logit is the right one wherever it counts.

    Parameters
    ----------
    Z : array_like, (N, T, C)
        Logits or probabilities.
    Y : array_like, (N, T)
        Labels, -1 where nothing is asked.

    See notebooks/16_attention.ipynb.
    """
    Z = door.shaped(Z, "Z", "N", "T", "C")
    Y = door.shaped(Y, "Y", *Z.shape[:2])
    return float(((Z.argmax(axis=2) == Y) | (Y < 0)).all(axis=1).mean())


def spelled(X, alphabet=LETTERS):
    """Return each row of X as a text, with a dot where there is -1.

    Parameters
    ----------
    X : array_like of whole numbers, (N, T)
    alphabet : str
        What each number stands for.

    Returns
    -------
    list of str

    See notebooks/16_attention.ipynb.
    """
    signs = door.text(alphabet, "alphabet")
    X = door.shaped(X, "X", "N", "T")
    if not (np.isin(X, np.arange(-1, len(signs)))).all():
        raise ValueError(
            f"X ranges from {X.min():g} to {X.max():g}; expected whole numbers from -1 to {len(signs) - 1}."
        )
    return ["".join((signs + "·")[int(x)] for x in row) for row in X]


def _sizes(N, T, most, *, least=1, name="T"):
    return door.whole(N, "N", 1, MOST), door.whole(T, name, least, most)


def _generator(rng):
    expected = "a generator: numpy.random.default_rng(0)"
    return door.kind(rng, "rng", np.random.Generator, expected)


def _different(N, T, rng):
    """Return N rows of T different letters in random order."""
    letters = np.tile(np.arange(N_LETTERS, dtype=np.int32), (N, 1))
    return _generator(rng).permuted(letters, axis=1)[:, :T]


def _asked(given, sign, answer):
    """Return X and Y of a sequence: what is given, a sign, and an answer of which each symbol is asked."""
    N = len(given)
    sign = np.broadcast_to(sign, (N, 1))
    X = np.hstack([given, sign, answer[:, :-1]])
    Y = np.hstack([np.full(given.shape, -1), answer])
    return X, Y
