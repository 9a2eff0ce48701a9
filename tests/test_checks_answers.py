"""What all checks share: `compare` names the mistake, explains every trial, and lets right answers pass."""

import inspect
import math

import numpy as np
import pytest

from nnlib.teach import checks
from nnlib.teach.checks.answers import Mistake, Wrong, call, check, compare

HINT = "how many paths?"


def right(X, dZ):
    return X.T @ dZ


def trials(sizes=((5, 3, 2), (8, 2, 4), (1, 3, 3))):
    rng = np.random.default_rng(0)
    return [
        ((rng.standard_normal((N, n_in)), rng.standard_normal((N, n_out))), {"N": N, "n_out": n_out})
        for N, n_in, n_out in sizes
    ]


@check
def dense(answer):
    compare(
        answer,
        right,
        trials(),
        results=["dW"],
        hint=HINT,
        mistakes=[Mistake(lambda X, dZ: X.T @ np.abs(dZ), "The signs of dZ are lost.")],
    )
    return "Right."


@pytest.mark.parametrize(
    "answer",
    [
        lambda X, dZ: X.T @ dZ,
        lambda X, dZ: np.einsum("ni,nj->ij", X, dZ),
        lambda X, dZ: X.T.astype(np.float32) @ dZ.astype(np.float32),
        lambda X, dZ: [[sum(X[:, i] * dZ[:, j]) for j in range(dZ.shape[1])] for i in range(X.shape[1])],
    ],
    ids=["product", "einsum", "float32", "lists"],
)
def test_right_answers_in_any_style(answer):
    assert dense(answer).text == "Right."


def in_place(X, dZ):
    X *= 2
    return X.T @ dZ


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda X, dZ: None, f"Not attempted yet. Hint: {HINT}"),
        (lambda X, dZ: X.T @ np.abs(dZ), "The signs of dZ are lost."),
        (lambda X, dZ: -X.T @ dZ, "right but for its sign"),
        (lambda X, dZ: dZ.T @ X, "transposed: yours has shape (2, 3), dW has (3, 2)."),
        (lambda X, dZ: X.T @ dZ / len(X), "a factor 1/N (tried with N = 5 and N = 8)"),
        (lambda X, dZ: X.T @ dZ * -len(X), "a factor -N (tried with N = 5"),
        (lambda X, dZ: X.T @ dZ / dZ.shape[1], "a factor 1/n_out (tried with n_out = 2 and n_out = 4)"),
        (lambda X, dZ: 0.5 * X.T @ dZ, "yours is 0.5 times dW, on every trial"),
        (lambda X, dZ: 0 * X.T @ dZ, "yours is zero, on every trial"),
        (lambda X, dZ: X.T @ (dZ + 1), "With N = 5, n_out = 2, dW["),
        (lambda X, dZ: X.T @ dZ * np.inf, "yours holds inf, where dW is finite"),
        (lambda X, dZ: np.full((X.shape[1], dZ.shape[1]), np.nan), "yours holds nan, where dW is finite"),
        (lambda X, dZ: (X.T @ dZ)[None], "There is an axis of length 1 too many."),
        (lambda X, dZ: X[:, :, None] * dZ[:, None], "You have one row for each sample."),
        (lambda X, dZ: 3.0, "you return a single number; dW has shape (3, 2)"),
        (lambda X, dZ: np.zeros((7, 7)), "you return shape (7, 7); dW has shape (3, 2)"),
        (lambda X, dZ: "dW", "you return a str; expected numbers"),
        (lambda X, dZ: np.array([None]), "you return an array of object; expected numbers"),
        (lambda X, dZ: [[1, 2], [3]], "you return a list; expected numbers"),
        (in_place, "Your function changes X, which belongs to whoever called it"),
    ],
    ids=range(20),
)
def test_mistakes(answer, said):
    verdict = dense(answer)
    assert not verdict and said in verdict.text


def test_a_mistake_explains_all_trials_or_is_not_named():
    def sometimes(X, dZ):
        return X.T @ dZ * (-1 if len(X) == 5 else 1)

    assert "sign" not in dense(sometimes).text


def test_square_and_transposed():
    with pytest.raises(Wrong, match=r"^transposed\.$"):
        compare(lambda X, dZ: dZ.T @ X, right, trials([(5, 3, 3), (2, 4, 4)]), results=["dW"], hint=HINT)


def two(X, Y):
    return X + Y, X - Y


def test_several_results():
    data = [((np.arange(3.0), np.ones(3)), {"N": 3})]
    compare(two, two, data, results=["A", "B"], hint=HINT)
    compare(lambda X, Y: np.array(two(X, Y)), two, data, results=["A", "B"], hint=HINT)
    backwards = [Mistake(lambda X, Y: Y - X, "Which minus which?", of="B")]
    for answer, said in (
        (lambda X, Y: X + Y, "Expected `return A, B`, 2 results in this order; you return one."),
        (lambda X, Y: (X + Y, Y - X), "B: Which minus which?"),
        (lambda X, Y: (-X - Y, Y - X), "A: right but for its sign"),
    ):
        with pytest.raises(Wrong) as wrong:
            compare(answer, two, data, results=["A", "B"], hint=HINT, mistakes=backwards)
        assert said in str(wrong.value)


def test_numbers_as_arguments():
    with pytest.raises(Wrong, match=r"With a = 2, b = 3, y should be 6; yours is 5\."):
        compare(lambda a, b: a + b, lambda a, b: a * b, [((2.0, 3.0), {})], results=["y"], hint=HINT)


def test_arrays_without_sizes():
    with pytest.raises(Wrong, match=r"^On some trial, y\[2\] should be 3; yours is 6\.$"):
        compare(lambda X: X * [1, 1, 3], lambda X: X + 1, [((np.arange(3.0),), {})], results=["y"], hint=HINT)


def test_arguments_that_are_no_numbers():
    with pytest.raises(Wrong, match=r"With c = 3, y should be 6; yours is 7\."):
        given = [((len, [1, 2], 3), {}), ((len, [1], 5), {})]
        compare(lambda f, x, c: c * f(x) + 1, lambda f, x, c: c * f(x), given, results=["y"], hint=HINT)


def product(A, B):
    return 2 * A @ B.T + 1


def product_of_calls(A, B):
    return np.tanh(A) @ B.T.copy()


def dot(A, B):
    return np.dot(A, B.T)


def flat(A, B):
    return A @ B[0]


def entries(A, B):
    return A - B


def column(A, B):
    return A / A.sum(axis=1)


def three_shapes(A, B):
    return np.where(True, A, B)


def number(A, B):
    return A @ 3.0


def choice(A, B):
    return A if A > 0 else B


def largest(A, B):
    return max(A, -A)


def place(A, B):
    return A[:, 7]


def one_exp(A, B):
    return math.exp(A)


def count(A, B):
    return [2 * n for n in len(A)]


def another(A, B):
    return A.reshape(99)


MATRIX_PRODUCT = (
    "a matrix product adds over the last axis of the left array, here 3 long, and over the first axis of the"
    " right one, here 2."
)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (product, f"shapes (5, 3) and (2, 4) do not fit: {MATRIX_PRODUCT}"),
        (product_of_calls, f"the shapes do not fit: {MATRIX_PRODUCT}"),  # nothing is called a second time
        (dot, f"shapes (5, 3) and (2, 4) do not fit: {MATRIX_PRODUCT}"),
        (flat, "the only axis of the right one, here 2."),
        (entries, "shapes (5, 3) and (4, 2) do not fit entry by entry: lined up from the right, 3 meets 2."),
        (column, "3 meets 5. What has one number for each row has to stand as a column, of shape (5, 1)."),
        (three_shapes, "shapes (5, 3) and (4, 2) do not fit entry by entry"),
        (number, "one of the two is a single number: that is what `*` is for."),
        (choice, "ask for one yes or no, and an array has one for each entry."),
        (largest, "ask for one yes or no, and an array has one for each entry."),
        (place, "axis 1 is 3 long, counted from 0: it has no place 7."),
        (one_exp, "`np.exp` instead of `math.exp`"),
        (count, "a loop over a single number. `range` counts up to it."),
        (another, "cannot reshape array of size 15 into shape (99,)"),  # clear as it is
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_a_crash_is_told_in_plain_words(answer, said):
    with pytest.raises(Wrong) as wrong:
        call(answer, np.ones((5, 3)), np.ones((4, 2)), hint=HINT)
    text = str(wrong.value)
    assert said in text and "gufunc" not in text
    assert "Error, in the line `return " in text


def test_a_crash_in_a_later_trial_says_where_it_runs():
    def first_five(X, dZ):
        return X.T @ dZ + X[4, 0]

    said = "it has no place 4. (With N = 1, n_out = 3; with N = 5, n_out = 2 it runs.)"
    assert said in dense(first_five).text


def test_a_crash_does_not_run_the_line_again():
    calls = []

    def once(A, B):
        calls.append(1)
        return B

    def answer(A, B):
        return A @ once(A, B)

    with pytest.raises(Wrong, match="the shapes do not fit"):
        call(answer, np.ones((5, 3)), np.ones((4, 2)), hint=HINT)
    assert len(calls) == 1


# Every check of a function answers a stub, a crash and what is no function

WITHOUT_FUNCTION = {  # what they look at is a number, a dict, or this machine
    "Verdict",
    "bug_names",
    "by_hand",
    "equal_logits",
    "installation",
    "last_activations",
    "shapes",
    "wrong_layer",
    "wrong_layer_tables",
}
each_check = pytest.mark.parametrize("name", sorted(set(checks.__all__) - WITHOUT_FUNCTION))


def ask(name, answer):
    """Return the verdict; what some checks take besides the answer is not looked at."""
    check = getattr(checks, name)
    return check(answer, *[None] * (len(inspect.signature(check).parameters) - 1))


def stub(*arguments):
    """Not written yet."""
    ...


def crash(*arguments):
    nothing = []
    return nothing[3]


@each_check
@pytest.mark.parametrize("answer", [..., stub, lambda *arguments: ...], ids=["...", "stub", "returns ..."])
def test_a_stub_gets_a_hint(name, answer):
    verdict = ask(name, answer)
    assert not verdict and verdict.text.startswith("Not attempted yet. Hint: ")


@each_check
def test_a_crash_is_shown_with_its_line(name):
    verdict = ask(name, crash)
    assert not verdict and "stops with IndexError, in the line `return nothing[3]`" in verdict.text


@each_check
def test_no_function_at_all(name):
    assert "expected your function here, and got 3" in ask(name, 3).text
