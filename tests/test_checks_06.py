"""The checks of chapter 06: each wrong answer earns its diagnosis, each right one passes, however written."""

import numpy as np
import pytest

from nnlib import gradcheck
from nnlib.teach import checks

# best_step


def by_search(c, p, r):
    low, high = -30.0, 30.0
    for _ in range(200):
        third = (high - low) / 3
        left, right = (c * np.exp(k * p) + r / np.exp(k) for k in (low + third, high - third))
        low, high = (low, high - third) if left < right else (low + third, high)
    return float(np.exp(low))


def by_logarithms(c, p, r):
    return np.float32(np.exp((np.log(r) - np.log(p) - np.log(c)) / (1 + p)))


@pytest.mark.parametrize("answer", [by_search, by_logarithms])
def test_best_step_right(answer):
    assert checks.best_step(answer).text.startswith("Right, for p from 1 to 5")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda c, p, r: (r / c) ** (1 / (p + 1)), "where the two parts are equal"),
        (lambda c, p, r: (p * r / c) ** (1 / (p + 1)), "p is on the wrong side"),
        (lambda c, p, r: (c * p / r) ** (1 / (p + 1)), "Upside down"),
        (lambda c, p, r: (r / (p * c)) ** (1 / p), "The root is not yet right"),
        (lambda c, p, r: r / (p * c), "a root is missing"),
        (lambda c, p, r: (r / (p * c)) ** 1 / (p + 1), "put the exponent in brackets"),
        (lambda c, p, r: (2 * r / c) ** 0.5, "That is (6.4) as it stands"),
        (lambda c, p, r: np.cbrt(3 * r / 2 / c), "That is (6.5) as it stands"),
        (lambda c, p, r: np.sqrt(r / (p * c)), "The square root fits p = 1 alone"),
        (lambda c, p, r: (r / (p * c)) ** (1 / 3), "The cube root fits p = 2 alone"),
        (lambda c, p, r: c * by_search(c, p, r) ** p + r / by_search(c, p, r), "how large the error is"),
        (lambda c, p, r: -((r / (p * c)) ** (1 / (p + 1))), "right but for its sign"),
        (lambda c, p, r: 1e-5, "With c = 0.7, p = 1, r = 2e-16, h should be 1.69e-08; yours is 1e-05."),
        (lambda c, p, r: (c, p), "you return shape (2,); h is a single number"),
    ],
    ids=range(14),
)
def test_best_step_wrong(answer, said):
    verdict = checks.best_step(answer)
    assert not verdict and said in verdict.text, verdict


# numerical_gradient


def differences(f, X, h=1e-5, up=1, down=1, over=2):
    dX = np.zeros_like(X)
    for i in np.ndindex(X.shape):
        x = X[i]
        X[i] = x + up * h
        above = f(X)
        X[i] = x - down * h
        below = f(X)
        X[i] = x
        dX[i] = (above - below) / (over * h)
    return dX


def by_flat_view(f, X):
    flat, slopes = X.reshape(-1), []
    for i, x in enumerate(flat.copy()):
        flat[i] = x - 2e-6
        below = f(X)
        flat[i] = x + 2e-6
        slopes.append((f(X) - below) / 4e-6)
        flat[i] = x
    return np.reshape(slopes, X.shape).tolist()


def by_nditer(f, X):
    dX = np.empty(X.shape, np.float32)
    for entry, slope in np.nditer([X, dX], op_flags=[["readwrite"], ["writeonly"]]):
        x = entry.copy()
        entry[...] = x + 1e-5
        above = f(X)
        entry[...] = x - 1e-5
        slope[...] = (above - f(X)) / 2e-5
        entry[...] = x
    return dX


@pytest.mark.parametrize("answer", [differences, by_flat_view, by_nditer, gradcheck.numerical_gradient])
def test_numerical_gradient_right(answer):
    assert checks.numerical_gradient(answer).text.startswith("Right, for five shapes")


def not_put_back(f, X):
    dX = np.zeros_like(X)
    for i in np.ndindex(X.shape):
        X[i] += 1e-5
        above = f(X)
        X[i] -= 2e-5
        dX[i] = (above - f(X)) / 2e-5
    return dX


def put_back_by_adding(f, X):
    dX = np.zeros_like(X)
    for i in np.ndindex(X.shape):
        X[i] += 1e-5
        above = f(X)
        X[i] -= 2e-5
        dX[i] = (above - f(X)) / 2e-5
        X[i] += 1e-5
    return dX


def only_the_last_not_put_back(f, X):
    dX = differences(f, X)
    X.flat[-1] += 1e-5
    return dX


def all_at_once(f, X):
    X += 1e-5
    above = f(X)
    X -= 2e-5
    below = f(X)
    X += 1e-5
    return np.full(X.shape, (above - below) / 2e-5)


def a_row_at_once(f, X):
    dX = np.zeros_like(X)
    for i in range(len(X)):
        x = X[i].copy()
        X[i] = x + 1e-5
        above = f(X)
        X[i] = x - 1e-5
        dX[i] = (above - f(X)) / 2e-5
        X[i] = x
    return dX


def a_copy(f, X):
    return differences(f, X.copy())


def a_vectorised_sum(f, X):
    return (f(X + 1e-5) - f(X - 1e-5)) / 2e-5


def into_x(f, X):
    dX = X
    for i in np.ndindex(X.shape):
        x = X[i]
        X[i] = x + 1e-5
        above = f(X)
        X[i] = x - 1e-5
        below = f(X)
        X[i] = x
        dX[i] = (above - below) / 2e-5
    return dX


def as_integers(f, X):
    return differences(f, X).astype(int)


def first_entry_only(f, X):
    dX = np.zeros_like(X)
    dX.flat[0] = differences(f, X).flat[0]
    return dX


def lost_brackets(f, X):
    return differences(f, X, over=1e5) / 2 * 1e-5


def first_axis_only(f, X):
    dX = np.zeros_like(X)
    for i in range(len(X)):
        place = (i,) + (0,) * (X.ndim - 1)
        x = X[place]
        X[place] = x + 1e-5
        above = f(X)
        X[place] = x - 1e-5
        dX[place] = (above - f(X)) / 2e-5
        X[place] = x
    return dX


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            lambda f, X: differences(f, X, down=0, over=1),
            "Those are forward differences: no entry was moved down",
        ),
        (
            lambda f, X: differences(f, X, up=0, over=1),
            "Those are backward differences: no entry was moved up",
        ),
        (lambda f, X: differences(f, X, down=0), "You divide by 2h, but the two losses are only h apart"),
        (lambda f, X: differences(f, X, over=1), "Twice too large"),
        (lambda f, X: differences(f, X, over=-2), "The sign is the wrong way round"),
        (lambda f, X: differences(f, X, over=1e5), "You return the difference of the losses"),
        (lambda f, X: differences(f, X, over=1 / (2 * 1e-10)), "You multiply by the step"),
        (lambda f, X: differences(f, X, h=1e-12), "h = 1e-12 is so small that rounding (6.3)"),
        (lambda f, X: differences(f, X, h=1e-2), "h = 1e-02 is so large that f bends"),
        (not_put_back, "put each one back before the next"),
        (put_back_by_adding, "Afterwards X differs in its last digits"),
        (only_the_last_not_put_back, "an entry has not been put back"),
        (all_at_once, "all 3 entries at once"),
        (a_row_at_once, "You move 4 entries of X at once. With two axes X[i] is a whole row"),
        (a_copy, "You move a copy of X."),
        (a_vectorised_sum, "You move a copy of X."),
        (first_axis_only, "of 8 entries of dX are still zero"),
        (first_entry_only, "2 of 3 entries of dX are still zero"),
        (into_x, "The dX that you return is X itself"),
        (as_integers, "is your dX an array of integers?"),
        (lost_brackets, "Python reads `a / 2 * h` as a/2, times h"),
        (lambda f, X: differences(f, X, h=1e-17), "by a step that rounding does not swallow"),
        (lambda f, X: differences(f, X).ravel(), "You return shape (8,); expected (2, 4), that of X"),
        (lambda f, X: 0 * X, "f was never called"),
        (lambda f, X: f(X) * X, "Every call of f saw X unmoved"),
        (lambda f, X: 0 * differences(f, X), "Your dX is zero throughout"),
        (lambda f, X: differences(f, X) + 1, "should be"),
        (lambda f, X: differences(f, X) * np.nan, "Your dX holds nan"),
    ],
    ids=range(28),
)
def test_numerical_gradient_wrong(answer, said):
    verdict = checks.numerical_gradient(answer)
    assert not verdict and said in verdict.text, verdict


# relative_error


def by_loops(A, B):
    pairs = list(zip(A.ravel().tolist(), B.ravel().tolist(), strict=True))
    size = max(max(abs(a), abs(b)) for a, b in pairs)
    return 0 if size == 0 else max(abs(a - b) for a, b in pairs) / size


def in_float32(A, B):
    both = np.abs(np.stack([A, B]).astype(np.float32)).max()
    return np.float32(np.abs(A - B).max()) / (both or np.float32(1))


@pytest.mark.parametrize("answer", [by_loops, in_float32, gradcheck.relative_error])
def test_relative_error_right(answer):
    assert checks.relative_error(answer).text.startswith("Right, from gradients of 1e-9 to 1e8")


def size(A, B):
    return max(np.abs(A).max(), np.abs(B).max())


def unless_zero(wrong):
    return lambda A, B: wrong(A, B) if A.any() or B.any() else 0.0


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda A, B: np.abs(A - B).max() / size(A, B), "two gradients that are zero throughout: 0/0"),
        (lambda A, B: np.abs(A - B).max(), "That is the largest difference."),
        (lambda A, B: (A - B).max() / size(A, B), "without its absolute value"),
        (unless_zero(lambda A, B: (A - B).max() / size(A, B)), "without its absolute value"),
        (lambda A, B: abs((A - B).sum()) / size(A, B), "one entry's error can cancel another's"),
        (lambda A, B: abs(np.abs(A).max() - np.abs(B).max()) / size(A, B), "Take the difference first"),
        (lambda A, B: np.abs(np.abs(A) - np.abs(B)).max() / size(A, B), "You drop the signs"),
        (lambda A, B: np.abs(A - B).sum() / size(A, B), "Which single one counts?"),
        (lambda A, B: np.abs(A - B).mean() / size(A, B), "would be lost in it"),
        (lambda A, B: np.abs(A - B).max() / max(A.max(), B.max()), "largest entry with its sign"),
        (lambda A, B: np.abs(A - B).max() / np.abs(A).max(), "by the size of A alone"),
        (unless_zero(lambda A, B: np.abs(A - B).max() / np.abs(B).max()), "by the size of B alone"),
        (lambda A, B: np.abs(A - B).max() / (np.abs(A).max() + np.abs(B).max()), "by the sum of both sizes"),
        (lambda A, B: np.abs(A - B).max() / np.abs(A + B).max(), "which can cancel"),
        (lambda A, B: (np.abs(A - B) / np.maximum(np.abs(A), np.abs(B))).max(), "each entry by its own size"),
        (
            lambda A, B: np.linalg.norm(A - B) / max(np.linalg.norm(A), np.linalg.norm(B)),
            "the root of the sum of squares",
        ),
        (lambda A, B: np.abs(A - B).max() / (size(A, B) + 1e-8), "The small number that you put below"),
        (lambda A, B: np.abs(A - B).max() / max(size(A, B), 1e-8), "The small number that you put below"),
        (
            lambda A, B: 0 if np.allclose(A, B) else np.abs(A - B).max() / size(A, B),
            "You call any two gradients of 1e-9 equal, as np.allclose does",
        ),
        (lambda A, B: ((A - B) ** 2).max() / size(A, B) ** 2, "That is the square of it"),
        (
            lambda A, B: np.abs(A - B).max() / min(np.abs(A).max(), np.abs(B).max()),
            "by the smaller of the two",
        ),
        (lambda A, B: np.abs(A - B).max() / size(A, B) if A.any() else 0, "should be 1; yours is 0"),
        (lambda A, B: np.abs(A - B) / (size(A, B) or 1), "you return shape (4, 3)"),
        (lambda A, B: np.allclose(A, B), "should be"),
    ],
    ids=range(24),
)
def test_relative_error_wrong(answer, said):
    verdict = checks.relative_error(answer)
    assert not verdict and said in verdict.text, verdict


def test_relative_error_leaves_its_arguments():
    def in_place(A, B):
        A -= B
        return np.abs(A).max()

    assert "changes A, which belongs to whoever called it" in checks.relative_error(in_place).text


# wrong_layer

SUSPECTS = {"A": {"Dense 2"}, "B": {"Tanh 1", "Dense 2"}, "C": {"loss"}, "D": {"Dense 1"}}


def test_wrong_layer_right():
    assert checks.wrong_layer(SUSPECTS).text.startswith("Right, all four")
    assert checks.wrong_layer({"A": "dense 2", "B": ["Dense 2", "Tanh 1"], "C": ("LOSS",), "D": "Dense 1"})


def test_each_table_has_rows_of_both_kinds_apart():
    for table in checks.wrong_layer_tables().values():
        assert list(table) == ["X", *(f"params[{i}]" for i in range(6))]
        assert all(error < 1e-8 or error > 0.1 for error in table.values())


@pytest.mark.parametrize("answer", [dict.fromkeys("ABCD", ...), {}, {"A": None}])
def test_wrong_layer_not_attempted(answer):
    verdict = checks.wrong_layer(answer)
    assert not verdict and verdict.text.startswith("Not attempted yet. Hint: ")


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("A", {"Dense 1"}, "look nearer to the loss"),
        ("A", {"Tanh 1"}, "look nearer to the loss"),
        (
            "A",
            {"Dense 2", "Tanh 2"},
            "too many: a fault in Tanh 2 alone would spoil other rows than just params[3]",
        ),
        ("A", {"loss"}, "one fault has to spoil just params[3] and no other row"),
        ("B", {"Dense 1"}, "look nearer to the loss"),
        ("B", {"Tanh 1"}, "Tanh 1 can be to blame, and so can another"),
        ("B", "Dense 2", "Dense 2 can be to blame, and so can another"),
        ("B", {"Dense 1", "Tanh 1", "Dense 2"}, "too many: a fault in Dense 1 alone"),
        ("C", {"Dense 3"}, "look nearer to the loss"),
        ("C", {"Dense 1", "Dense 2", "Dense 3"}, "look nearer to the loss"),
        ("C", {"Dense 3", "loss"}, "too many: a fault in Dense 3 alone would leave some of the rows right"),
        ("D", {"Tanh 1"}, "one fault has to spoil just X and no other row"),
        ("D", ..., "not answered yet"),
    ],
    ids=range(13),
)
def test_wrong_layer_wrong(name, given, said):
    verdict = checks.wrong_layer(SUSPECTS | {name: given})
    head, _, line = verdict.text.splitlines()
    assert not verdict and head.startswith("3 of 4 right: ") and line.startswith(f"- {name}: ")
    assert said in line, verdict


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"Dense 2"}, "expected the dict of the exercise"),
        (SUSPECTS | {"E": {"loss"}}, "'E' is none of the tables: A, B, C, D"),
        (SUSPECTS | {"A": {"params[3]"}}, "'params[3]' is none of the names: Dense 1, Tanh 1"),
        (SUSPECTS | {"A": [2]}, "2 is none of the names"),
    ],
    ids=range(4),
)
def test_wrong_layer_of_something_else(answer, said):
    verdict = checks.wrong_layer(answer)
    assert not verdict and said in verdict.text, verdict
