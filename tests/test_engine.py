"""The engine of the checks: it names the mistake, explains every trial, and lets right answers pass."""

import _thread
import importlib
import inspect
import linecache
import math
import signal
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from nnlib.teach import checks
from nnlib.teach.checks.engine import (
    Exercise,
    Formula,
    Trial,
    Wrong,
    call,
    catalogue,
    exercise,
    program,
    running,
    sheet,
)

HINT = "how many paths?"


def batches(*sizes):
    rng = np.random.default_rng(0)
    for N, n_in, n_out in sizes:
        yield Trial(
            (rng.standard_normal((N, n_in)), rng.standard_normal((N, n_out))), {"N": N, "n_out": n_out}
        )


@exercise(
    trials=lambda: batches((5, 3, 2), (8, 2, 4), (1, 3, 3)),
    results=["dW"],
    hint=HINT,
    praise="Right.",
    wrong="""
    The signs of dZ are lost.
        dZ = np.abs(dZ)
    """,
)
def dense(X, dZ):
    """Check X.T @ dZ."""
    return X.T @ dZ


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
    square = Exercise(
        dense.right, trials=lambda: batches((5, 3, 3), (2, 4, 4)), results=["dW"], hint=HINT, praise="Right."
    )
    assert square(lambda X, dZ: dZ.T @ X).text == "transposed."


def test_transposed_is_shown_where_it_changes_the_shape():
    mixed = Exercise(
        dense.right, trials=lambda: batches((5, 3, 3), (4, 3, 2)), results=["dW"], hint=HINT, praise="Right."
    )
    verdict = mixed(lambda X, dZ: dZ.T @ X)
    assert verdict.text == "transposed: yours has shape (2, 3), dW has (3, 2)."


def test_the_name_of_an_exercise_is_its_right_program_in_another():
    def doubled(X, dZ):
        return 2 * dense(X, dZ)

    double = Exercise(
        doubled,
        trials=lambda: batches((5, 3, 2)),
        results=["dW"],
        hint=HINT,
        praise="Right.",
        wrong="""
        The 2 is missing.
            dense(X, dZ)
        """,
    )
    assert double(lambda X, dZ: 2 * X.T @ dZ)
    assert double(dense.right).text == "The 2 is missing."


@exercise(
    trials=lambda: [Trial((np.arange(3.0), np.ones(3)), {"N": 3})],
    results=["A", "B"],
    hint=HINT,
    praise="Right.",
    wrong="""
    B: Which minus which, in {result}?
        Y - X
    """,
)
def two(X, Y):
    """Check X + Y, X - Y."""
    return X + Y, X - Y


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (two.right, "Right."),
        (lambda X, Y: np.array(two.right(X, Y)), "Right."),
        (lambda X, Y: X + Y, "Expected `return A, B`, 2 results in this order; you return one."),
        (lambda X, Y: (X + Y, Y - X), "B: Which minus which, in B?"),
        (lambda X, Y: (-X - Y, Y - X), "A: right but for its sign"),
        (lambda X, Y: (X - Y, X + Y), "Both are right, in another order: you return B, A. Expected A, B."),
        (lambda X, Y: (X + Y, ...), "B is still `...`; expected numbers."),
    ],
)
def test_several_results(answer, said):
    assert said in two(answer).text


def page(right, *arguments):
    return Exercise(
        right, trials=lambda: [Trial(a, {}) for a in arguments], results=["y"], hint=HINT, praise="Right."
    )


def test_numbers_as_arguments():
    verdict = page(lambda a, b: a * b, (2.0, 3.0))(lambda a, b: a + b)
    assert verdict.text == "With a = 2, b = 3, y should be 6; yours is 5."


def test_arrays_without_sizes():
    verdict = page(lambda X: X + 1, (np.arange(3.0),))(lambda X: X * [1, 1, 3])
    assert verdict.text == "On some trial, y[2] should be 3; yours is 6."


def test_arguments_that_are_no_numbers():
    check = page(lambda f, x, c: c * f(x), (len, [1, 2], 3), (len, [1], 5))
    assert check(lambda f, x, c: c * f(x) + 1).text == "With c = 3, y should be 6; yours is 7."


def test_what_is_left_over_from_a_call_is_told():
    total = {}

    def piled_up(X, dZ):
        total[X.shape] = total.get(X.shape, 0) + X.T @ dZ
        return total[X.shape]

    verdict = dense(piled_up)
    assert "It is twice as much: what the first call found is still in it." in verdict.text


def counted(stop):
    """Look at what a function does to a list instead of at what it returns."""

    def observe(ask, n):
        made = []
        ask(made, n)
        return float(len(made))

    def right(made, n):
        made.extend(range(n))

    return Exercise(
        right,
        trials=lambda: [Trial((n,), {"n": n}) for n in (3, 5)],
        results=["the count"],
        hint=HINT,
        praise="Right.",
        observe=observe,
        returns=False,
        looks=[stop],
    )


def test_what_a_function_changes_is_observed():
    check = counted(lambda ask, trials: None)
    assert check(lambda made, n: made.extend([0] * n)).text == "Right."
    assert check(lambda made, n: ...).text == f"Not attempted yet. Hint: {HINT}"
    assert check(lambda made, n: made.extend([0] * 2 * n)).text.startswith(
        "right but for a factor: yours is 2"
    )


def test_a_look_comes_before_the_trials():
    assert counted(lambda ask, trials: "Look here.")(lambda made, n: None).text == "Look here."


# The catalogue

CATALOGUE = """
    Two words,
    on two lines.
        X.T @ dZ / ⟨len(X)|X.size⟩
        ± dZ = 2 * dZ
    db: What {result} is.
        for n in range(3):
            total += n
"""


def test_a_catalogue_is_read():
    words = "Two words, on two lines."
    assert catalogue.read(CATALOGUE, ["dW", "db"], "Backwards.") == [
        (words, "X.T @ dZ / len(X)", None),
        (words, "X.T @ dZ / X.size", None),
        (words, "dZ = 2 * dZ", None),
        (f"{words} Backwards.", "dZ = -(2 * dZ)", None),
        ("What {result} is.", "for n in range(3):\n    total += n", "db"),
    ]


def test_a_catalogue_of_one_result():
    of_all, results = catalogue.read(CATALOGUE), ["dW", "db"]
    first, second = (catalogue.only(result, CATALOGUE) for result in results)
    both = catalogue.read(first + second, results)
    assert both == [(*entry[:2], result) for result in results for entry in of_all]


def two_steps(x):
    """Return 3 x + 1."""
    y = 3 * x
    print(y)
    return y + 1, y


@pytest.mark.parametrize(
    ("edit", "result"),
    [
        ("y + 2, 0", (8, 0)),
        ("y = 5 * x", (11, 10)),
        ("x = 1", (4, 3)),
        ("y + 1 → y - 1", (5, 6)),
        ("print(y) → y = 0", (1, 0)),
        ("print(y) →", (7, 6)),
        ("print(y) → y += 1; return y, 0", (7, 0)),
        ("y = 3 * x → x += 1; y = 5 * x ; print(y) → return y", 15),
        ("y = x ; y + 1 → 9", (9, 2)),
        ("y = x ;\n    y + 1 → 9 ; print(y) →", (9, 2)),
    ],
)
def test_a_program_is_edited(edit, result, capsys):
    tree = program.tree_of(two_steps)
    assert program.function_of(program.edited(tree, edit), {})(2) == result
    assert program.function_of(program.edited(tree, "0", part=1), {})(2) == (7, 0)
    assert program.function_of(tree, {})(2) == (7, 6)  # it was left as it was


def test_an_edit_of_what_is_not_there_is_refused():
    with pytest.raises(ValueError, match="`z` stands nowhere in two_steps"):
        program.edited(program.tree_of(two_steps), "z → y")
    with pytest.raises(ValueError, match="expected a `return`"):
        program.edited(program.tree_of(lambda_less), "1")


def lambda_less(x):
    x.append(1)


# A sheet


@sheet(names=["a", "b"], hint=HINT, praise="Right, both.")
def pair(name, filled):
    """Check a dict of a and b."""
    return None if isinstance(filled[name], int) else f"{filled[name]!r} is no whole number."


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"a": 1, "b": 1}, "Right, both."),
        ({"a": 1, "b": ...}, "1 of 2 right: a.\n\n- not answered yet: b"),
        ({"a": np.array([2, 3]), "b": 1}, "1 of 2 right: b.\n\n- `a`: "),
        ({"a": None, "b": ...}, f"Not attempted yet. Hint: {HINT}"),
        ({"c": 1}, "'c' is none of the two names: a, b."),
        (1, "expected the dict of the exercise, and got 1."),
    ],
)
def test_a_sheet(answer, said):
    assert pair(answer).text.startswith(said)


# Crashes


def product(A, B):
    return 2 * A @ B.T + 1


def product_of_calls(A, B):
    return np.tanh(A) @ B.T.copy()


def stacked(A, B):
    return A[None] @ B[None].swapaxes(1, 2)


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


def too_few_counts(A, B):
    return np.bincount([0, 1]).reshape(3, 3)


def given_away(A, B):
    A = 3
    return A.sum()


ROWS = 4


def of_the_notebook(A, B):
    return A @ np.ones((ROWS, 2))


def labels(A, B):
    y = np.arange(5)
    return A - y


def two_maxima(A, B):
    return np.max(A, 2 * A)


def caret(A, B):
    return 1 - A ^ 2


def number_caret(A, B):
    return A * 2.0 ^ 2


def without_brackets(A, B):
    return A > 0 & A < 1


def without_brackets_or(A, B):
    return A > 0 | A < 1


def turned_round(A, B):
    return ~A


def flags_apart(A, B):
    return (A > 0) - (A < 0)


def negative_flags(A, B):
    return -(A > 0)


def whole_in_place(A, B):
    return np.subtract(A, 0.5, out=np.zeros((5, 3), int))


def list_times(A, B):
    return A.tolist() * 0.5


def two_axes_of_a_list(A, B):
    return A.tolist()[0, 1]


def shape_in_two(A, B):
    return np.zeros(3, 4)


def float_index(A, B):
    return A[np.array([0.0, 1.0])]


def float_range(A, B):
    return list(range(len(A) / 2))


MATRIX_PRODUCT = (
    "a matrix product adds over the last axis of the left array, here 3 long, and over the {} axis of the"
    " right one, here 2."
)
FIRST, LAST_BUT_ONE = MATRIX_PRODUCT.format("first"), MATRIX_PRODUCT.format("last but one")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (product, f"shapes (5, 3) and (2, 4) do not fit: {FIRST}"),
        (product_of_calls, f"the shapes do not fit: {LAST_BUT_ONE}"),  # nothing is called a second time
        (stacked, f"shapes (1, 5, 3) and (1, 2, 4) do not fit: {LAST_BUT_ONE}"),
        (dot, f"shapes (5, 3) and (2, 4) do not fit: {FIRST}"),
        (flat, "the only axis of the right one, here 2."),
        (entries, "shapes (5, 3) and (4, 2) do not fit entry by entry: lined up from the right, 3 meets 2."),
        (column, "3 meets 5. What has one number for each row has to stand as a column, of shape (5, 1)."),
        (
            labels,
            "3 meets 5. These are whole numbers: if they are labels, each becomes a row, with a 1 in its",
        ),
        (two_maxima, "an array stands where a whole number was expected."),
        (caret, "`^` is no power in Python: that is `**`."),
        (number_caret, "`^` is no power in Python: that is `**`."),
        (without_brackets, "put each comparison in brackets."),
        (without_brackets_or, "put each comparison in brackets."),
        (turned_round, "`~` turns truth values round, and these are numbers"),
        (flags_apart, "truth values are not subtracted from each other"),
        (negative_flags, "truth values have no sign"),
        (whole_in_place, "takes no fractions in place."),
        (list_times, "a list is not multiplied entry by entry"),
        (two_axes_of_a_list, "a list of lists has no two axes"),
        (shape_in_two, "a shape is one argument, in brackets of its own"),
        (float_index, "an index is a whole number or a truth value, and these are floats"),
        (float_range, "`/` always gives one, `//` does not."),
        (three_shapes, "shapes (5, 3) and (4, 2) do not fit entry by entry"),
        (number, "one of the two is a single number: that is what `*` is for."),
        (choice, "ask for one yes or no, and an array has one for each entry."),
        (largest, "ask for one yes or no, and an array has one for each entry."),
        (place, "axis 1 is 3 long, counted from 0: it has no place 7."),
        (one_exp, "`np.exp` instead of `math.exp`"),
        (count, "a loop over a single number. `range` counts up to it."),
        (another, "15 numbers do not fill the shape (99,), which takes 99."),
        (
            too_few_counts,
            "`np.bincount` ends with the largest number that occurs; `minlength` asks for more.",
        ),
        (given_away, "a line of yours gives the name `A`, which is an argument, to a int."),
        (of_the_notebook, "(It reads `ROWS` from the notebook, and not from its arguments.)"),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_a_crash_is_told_in_plain_words(answer, said):
    with pytest.raises(Wrong) as wrong:
        call(answer, np.ones((5, 3)), np.ones((4, 2)), hint=HINT)
    text = str(wrong.value)
    assert said in text and "gufunc" not in text
    assert "Error, in the line `return " in text


def test_a_crash_in_another_cell_is_told_with_its_line():
    cells = {
        "<cell 1>": "def beyond(A):\n    return A[len(A)]\n",
        "<cell 2>": "def answer(A, B):\n    return beyond(A)\n",
    }
    names = {}
    for file, cell in cells.items():
        linecache.cache[file] = len(cell), None, cell.splitlines(keepends=True), file
        exec(compile(cell, file, "exec"), names)
    with pytest.raises(Wrong, match=r"in the line `return A\[len\(A\)\]` of `beyond`: axis 0 is 5 long"):
        call(names["answer"], np.ones((5, 3)), np.ones((4, 2)), hint="")


def test_a_crash_in_a_later_trial_says_where_it_runs():
    def first_five(X, dZ):
        return X.T @ dZ + X[4, 0]

    said = "it has no place 4. (With N = 1, n_out = 3; with N = 5, n_out = 2 it runs.)"
    assert said in dense(first_five).text


@exercise(
    trials=lambda: batches((5, 3, 2), (4, 4, 4)),
    results=["dW"],
    hint=HINT,
    praise="Right.",
    wrong="""
    Samples are paired with outputs.
        X @ dZ
    """,
)
def with_a_square(X, dZ):
    """Check X.T @ dZ, also where every product fits."""
    return X.T @ dZ


def test_a_crash_is_explained_where_the_shapes_fit():
    said = (
        "here 5 (tried with N = 5, n_out = 2). With N = n_out = 4 every shape fits, it runs, and is wrong all"
        " the same. Samples are paired with outputs."
    )
    assert said in with_a_square(lambda X, dZ: X @ dZ).text


@exercise(
    trials=lambda: [Trial((numbers,), {"numbers": str(numbers)}) for numbers in ([3, 4], [5, -1, 2], [6, 9])],
    results=["place"],
    hint=HINT,
    praise="Right.",
    wrong="""
    Where there is none, return the length.
        return len(numbers) →
        numbers.index(-1)
    """,
)
def first_negative(numbers):
    """Check the place of the first negative number."""
    for place, number in enumerate(numbers):
        if number < 0:
            return place
    return len(numbers)


def only_where_there_is_one(numbers):
    for place, number in enumerate(numbers):
        if number < 0:
            return place


def pops(numbers):
    numbers.pop()
    return first_negative.right(numbers)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            only_where_there_is_one,
            f"Your function gives None: is a `return` missing? Hint: {HINT} (With numbers = [3, 4]; with"
            " numbers = [5, -1, 2] it runs.) Where there is none, return the length.",
        ),
        (
            lambda numbers: min(k for k, number in enumerate(numbers) if number < 0),
            "(With numbers = [3, 4]; with numbers = [5, -1, 2] it runs.) Where there is none, return",
        ),
        (lambda numbers: numbers[9] if 5 in numbers else 2, "; with numbers = [3, 4] it runs.)"),
        (lambda numbers: print(end=""), f"Your function gives None: is a `return` missing? Hint: {HINT}"),
        (pops, "changes numbers, which belongs to whoever called it. Work on a new list"),
    ],
    ids=range(5),
)
def test_what_returns_nothing_or_crashes_on_some_trials_is_explained(answer, said):
    assert said in first_negative(answer).text


def test_a_crash_is_the_readers_through_what_wraps_his_function():
    with pytest.raises(Wrong, match="in the line `return A @ B"):
        call(np.errstate(over="ignore")(flat), np.ones((5, 3)), np.ones((4, 2)), hint=HINT)


def test_a_crash_on_every_trial_is_told_alone():
    said = "Your code stops with IndexError, in the line `return nothing[3]`: list index out of range"
    assert with_a_square(crash).text == said


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


# Loops without end


def forever(*arguments):
    while True:
        pass


def stubborn(*arguments):
    while True:
        try:
            forever()
        except:  # noqa: E722 (as a reader may type it)
            if stubborn.calls > 2:
                raise
            stubborn.calls += 1


@pytest.mark.parametrize("answer", [forever, stubborn])
@pytest.mark.parametrize("in_thread", [False, True])
def test_a_loop_without_end_is_ended(answer, in_thread, monkeypatch):
    monkeypatch.setattr(running, "SECONDS", 0.2)
    stubborn.calls, verdicts = 0, []

    def ask():
        verdicts.append(dense(answer))

    if in_thread:
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    else:
        ask()
    assert "still running after 0.2 seconds, and has been stopped." in verdicts[0].text


def test_nothing_arrives_after_a_function_has_returned(monkeypatch):
    monkeypatch.setattr(running, "SECONDS", 0.001)
    for k in range(300):
        try:
            running.attempt(time.sleep, 0.00099 + k * 1e-7)
        except Wrong as wrong:
            assert "still running" in str(wrong)
    assert sum(range(10**5)) == 4999950000


def test_where_no_thread_starts_a_function_runs_all_the_same(monkeypatch):
    """In a browser, whose Python has none: there a loop without end has to be stopped with the kernel."""
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setattr(threading.Thread, "start", lambda _: pytest.fail("a thread starts"))
    assert dense(lambda X, dZ: X.T @ dZ)
    assert "stops with ZeroDivisionError" in dense(lambda X, dZ: 1 / 0).text


def test_a_call_that_stays_in_c_is_left_behind(monkeypatch):
    monkeypatch.setattr(running, "SECONDS", 0.1)
    ended = []
    with pytest.raises(Wrong, match="still running after 0.1 seconds"):
        running.attempt(lambda: ended.append(time.sleep(30)))
    assert not ended


def test_a_call_that_stays_in_c_is_left_behind_under_a_debugger(monkeypatch):
    def ask():
        sys.settrace(lambda *_: None)
        verdicts.append(dense(lambda X, dZ: ended.append(time.sleep(20))))
        verdicts.append(dense(forever))

    monkeypatch.setattr(running, "SECONDS", 0.1)
    ended, verdicts = [], []
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert len(verdicts) == 2 and not ended
    assert all("still running after 0.1 seconds" in verdict.text for verdict in verdicts)


def test_an_interrupt_of_the_kernel_ends_the_function(monkeypatch):
    def interrupted():
        threads.append(threading.current_thread())
        _thread.interrupt_main()
        forever()

    monkeypatch.setattr(running, "SECONDS", 0.5)
    before, threads = signal.signal(signal.SIGINT, signal.default_int_handler), []
    try:
        with pytest.raises(KeyboardInterrupt):
            running.attempt(interrupted)
    finally:
        signal.signal(signal.SIGINT, before)
    threads[0].join(10)
    assert not threads[0].is_alive()


def test_what_overflows_is_no_warning():
    verdict = dense(lambda X, dZ: X.T @ dZ - np.log(0 * X.T @ dZ))
    assert verdict.text == "With N = 5, n_out = 2, yours holds inf, where dW is finite."


def test_leaving_python_is_a_crash():
    assert "stops with SystemExit, in the line `sys.exit(1)`" in dense(lambda X, dZ: sys.exit(1)).text


# Every check of a function answers a stub, a crash and what is no function

WITHOUT_FUNCTION = {  # what they look at is a number, a dict, a layer, or this machine
    "Verdict",
    "broken_attention",
    "broken_tapes",
    "bug_names",
    "by_hand",
    "chosen",
    "convolution_bugs",
    "convolution_counts",
    "equal_logits",
    "exchanged",
    "image_shapes",
    "installation",
    "keras_counts",
    "looks_back",
    "own_layer",
    "shapes",
    "six_pairs",
    "traffic",
    "wrong_layer",
    "wrong_layer_tables",
    "x_times_x",
}
WITHOUT_FUNCTION |= {name for name in checks.__all__ if isinstance(getattr(checks, name), Formula)}
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


# What a reader sees


def forgotten(*arguments):
    answer = np.asarray(arguments[0])  # noqa: F841


@pytest.mark.parametrize("name", ["batches", "dead_units", "one_hot", "overfits"])
def test_a_forgotten_return_is_no_stub(name):
    assert ask(name, forgotten).text.startswith("Your function gives None: is a `return` missing?")


def test_a_call_with_the_wrong_arguments_has_no_line():
    assert "TypeError: " in dense(lambda: 1).text


def test_a_verdict_shows_its_sign():
    for verdict, start in ((dense(dense.right), "✓ Right"), (dense(stub), "✗ Not")):
        assert f"\n\n{start}" in verdict._repr_markdown_() and repr(verdict).startswith(start)


# A page of one's own: that of CONTRIBUTING

ADDED = (Path(__file__).resolve().parents[1] / "CONTRIBUTING.md").read_text("utf-8")
ADDED = textwrap.dedent(
    ADDED.partition("## Add an exercise")[2].partition("```python\n")[2].partition("   ```")[0]
)


def test_the_exercise_of_contributing_is_short_and_answers(tmp_path, monkeypatch):
    (tmp_path / "a_page.py").write_text(ADDED, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    ask = importlib.import_module("a_page").column_means
    assert len([line for line in ADDED.splitlines() if line and "import" not in line]) < 20
    assert ask(lambda X: sum(X) / len(X)).text == "Right, on three batches."
    assert "do not divide by N" in ask(lambda X: X.sum(axis=0)).text
    assert "each feature has one" in ask(lambda X: X.mean(axis=1)).text
    assert "sign is the wrong way round" in ask(lambda X: -X.mean(axis=1)).text
    assert "which axis counts the samples?" in ask(lambda X: ...).text
