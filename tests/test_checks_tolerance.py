"""A right answer may be rounded; an entry that is off by more is wrong, however large the others are."""

import math

import numpy as np
import pytest

from nnlib import log_softmax
from nnlib.teach import checks
from nnlib.teach.checks.engine import Exercise
from nnlib.teach.checks.engine.tell import same


def of(change, kind):
    """The right program of an exercise, with `change` applied to each array of numbers that it returns."""

    def answer(*arguments):
        results = kind.right(*arguments)
        several = isinstance(results, tuple | list)
        parts = [change(part) if is_numbers(part) else part for part in (results if several else [results])]
        return type(results)(parts) if several else parts[0]

    return answer


def is_numbers(part):
    return isinstance(part, np.ndarray) and part.dtype.kind in "fiub" and part.size > 1


def returns_arrays(name):
    kind = getattr(checks, name)
    if not isinstance(kind, Exercise) or not kind.returns or name == "epoch":
        return False
    with np.errstate(all="ignore"):
        return any(is_numbers(part) for part in kind.truth[0])


EXERCISES = [name for name in checks.__all__ if returns_arrays(name)]
EACH = pytest.mark.parametrize("name", EXERCISES)


def off(share, of_size):
    """A change of one entry, the smallest that is not zero or the largest, by a share of itself."""

    def change(A):
        A = np.array(A, float)
        sizes = np.where((A == 0) | ~np.isfinite(A), np.nan, np.abs(A))
        if not np.isnan(sizes).all():
            place = np.unravel_index(getattr(np, f"nanarg{of_size}")(sizes), A.shape)
            A[place] *= 1 + share
        return A

    return change


def test_there_are_exercises():
    assert len(EXERCISES) >= 20


@EACH
def test_the_right_program_is_right_in_float32_too(name):
    kind = getattr(checks, name)
    assert kind(of(lambda A: A, kind)) and kind(of(np.float32, kind))


@EACH
@pytest.mark.parametrize("of_size, share", [("max", 1e-4), ("min", 0.5)])
def test_one_entry_that_is_off_is_wrong(name, of_size, share):
    kind = getattr(checks, name)
    assert not kind(of(off(share, of_size), kind))


@EACH
def test_nan_is_named(name):
    kind = getattr(checks, name)
    verdict = kind(of(lambda A: A * np.nan, kind))
    assert not verdict and "nan" in verdict.text


@pytest.mark.parametrize("share", [0.05, 0.02, -0.05])
def test_a_large_entry_hides_no_other(share):
    def answer(Z):
        log_P = log_softmax(Z)
        return log_P + np.where(np.abs(log_P) > 500, share, 0)

    verdict = checks.stable_log_softmax(answer)
    assert not verdict and "should be" in verdict.text


@pytest.mark.parametrize(
    "a, b, expected",
    [
        ([1e6, 1.0], [1e6, 1.0 + 1e-3], True),
        ([1e3, 1.0], [1e3, 1.1], False),
        ([1.0, 0.0], [1.0, 1e-7], True),
        ([np.inf, 1.0], [np.inf, 1.0], True),
        ([np.inf, 1.0], [-np.inf, 1.0], False),
        ([np.nan, 1.0], [np.inf, 1.0], False),
        ([np.nan, 1.0], [np.nan, 1.0], True),
        ([np.nan], [0.0], False),
        ([1e308], [-1e308], False),
        (np.array([3], np.uint8), np.array([5], np.uint8), False),
    ],
)
def test_what_is_the_same(a, b, expected):
    assert same(np.asarray(a), np.asarray(b)) is expected


@pytest.mark.parametrize("value, kind", [(np.nan, "nan"), (np.inf, "inf")])
def test_dropout_hears_what_it_holds_that_is_no_number(value, kind):
    wrong_Y = checks.dropout(lambda X, dY, p, training, rng: (X * value, dY))
    wrong_dX = checks.dropout(lambda X, dY, p, training, rng: (X, dY * value))
    assert not wrong_Y and wrong_Y.text == f"Y: yours holds {kind}, where X and dY are finite."
    assert not wrong_dX and wrong_dX.text == f"dX: yours holds {kind}, where X and dY are finite."


@pytest.mark.parametrize(
    "function, plain",
    [
        (lambda t, peak, warmup, total: 1 / (warmup - 10), "it divides by `warmup - 10`, which is 0 here."),
        (lambda t, peak, warmup, total: peak // 0, "it divides by 0."),
        (lambda t, peak, warmup, total: peak % (t - t), "it divides by `t - t`, which is 0 here."),
        (lambda t, peak, warmup, total: math.log(-t), "a function of `math` has no value there"),
        (lambda t, peak, warmup, total: math.exp(1000 * t), "a number becomes too large for a float."),
        (lambda t, peak, warmup, total: 10.0 ** (1000 * t), "a number becomes too large for a float."),
        (lambda t, peak, warmup, total: peek, "`peek` was never given a value."),  # noqa: F821
    ],
    ids=["divisor", "0", "rest", "logarithm", "exponential", "power", "name"],
)
def test_words_of_python_become_plain(function, plain):
    verdict = checks.schedule(function)
    assert not verdict and plain in verdict.text
