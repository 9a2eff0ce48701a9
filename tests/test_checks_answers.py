"""What all checks share: `compare` names the mistake, explains every trial, and lets right answers pass."""

import numpy as np
import pytest

from nnlib.teach.checks.answers import Mistake, Wrong, check, compare

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
        (lambda X, Y: X + Y, "Expected `return A, B`, 2 results in this order."),
        (lambda X, Y: (X + Y, Y - X), "B: Which minus which?"),
        (lambda X, Y: (-X - Y, Y - X), "A: right but for its sign"),
    ):
        with pytest.raises(Wrong) as wrong:
            compare(answer, two, data, results=["A", "B"], hint=HINT, mistakes=backwards)
        assert said in str(wrong.value)


def test_numbers_as_arguments():
    with pytest.raises(Wrong, match=r"With 2, 3, y should be 6; yours is 5\."):
        compare(lambda a, b: a + b, lambda a, b: a * b, [((2.0, 3.0), {})], results=["y"], hint=HINT)


def test_arrays_without_sizes():
    with pytest.raises(Wrong, match=r"^On some trial, y\[2\] should be 3; yours is 6\.$"):
        compare(lambda X: X * [1, 1, 3], lambda X: X + 1, [((np.arange(3.0),), {})], results=["y"], hint=HINT)
