"""The smallest change that makes a reader's function right: found, told, bounded, the kernel untouched."""

import ast
import itertools
import linecache
import math
import random
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from nnlib.teach import checks
from nnlib.teach.checks.engine import Exercise, Unnamed, Wrong, passed, repair, running, staged
from nnlib.teach.checks.engine.repair import BUDGET
from nnlib.teach.checks.engine.tell import near
from nnlib.teach.checks.engine.verdict import UNREADABLE, Repair
from tests.hostile import FUNCTIONS, VALUES
from tests.test_attempts import ATTEMPTS, FILES, answer_of, attempts
from tests.test_attempts import verdict_on as verdict_on_attempt


@pytest.fixture(autouse=True)
def search(monkeypatch):
    """Here the search is on, and finds what it finds however busy the machine is."""
    monkeypatch.setattr(repair, "LONGEST", 600)
    monkeypatch.setattr(repair, "BUDGET", 4 * BUDGET)


@pytest.fixture
def in_time(monkeypatch):
    """The time of a search is a reader's."""
    monkeypatch.setattr(repair, "BUDGET", BUDGET)


def cell(source, **names):
    """Return the function that a cell of a notebook would define, with its names: lines can be found."""
    file, space = f"<cell {len(linecache.cache)}>", {"np": np, "math": math, "__name__": "__main__", **names}
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    exec(compile(source, file, "exec"), space)
    last = ast.parse(source).body[-1]
    return space[last.name]


def verdict_on(name, source, **names):
    return getattr(checks, name)(cell(source, **names))


def written(name, body):
    """Return the reader's function of an exercise, with its own parameters."""
    parameters = ", ".join(ast.unparse(a) for a in repair.tree_of(getattr(checks, name).right).args.args)
    return f"def {name}({parameters}):\n    " + body.replace("\n", "\n    ")


FOUND = [  # exercise, what was typed, the place, what would make it right
    (
        "weight_gradient",
        "return X.reshape(X.shape[1], -1) @ dZ",
        "X.reshape(X.shape[1], -1)",
        "`X.T` instead",
    ),
    ("tanh_backward", "return dY * (1 - Y ^ 2)", "1 - Y ^ 2", "`1 - Y ** 2` instead"),
    ("weight_gradient", "dW = X.T @ dZ", "dW = X.T @ dZ", "a line that is missing: `return dW`"),
    (
        "dense_forward",
        "Z = X @ W\nfor n in range(len(Z)):\n    Z[n] = Z[n] + b\n    return Z",
        "return Z",
        "the line `return Z` one step to the left",
    ),
    (
        "leaky_relu",
        "return np.max(X, slope * X), np.where(X > 0, dY, slope * dY)",
        "np.max",
        "`np.maximum` instead of `np.max`",
    ),
    (
        "relu_backward",
        "dX = np.zeros(X.shape)\ndX[X >= 0] = dY[X >= 0]\nreturn dX",
        "X >= 0",
        "`X > 0` instead",
    ),
    (
        "line_gradient",
        "D = w * x + b - y\nreturn 2 * np.mean(D * x), 3 * np.mean(D)",
        "3",
        "`2` instead of `3`",
    ),
    (
        "weight_gradient",
        "dW = 0\nfor n in range(len(X) - 1):\n    dW = dW + np.outer(X[n], dZ[n])\nreturn dW",
        "len(X) - 1",
        "`len(X)` instead",
    ),
    (
        "stable_log_softmax",
        "shift = Z - Z.max(axis=1, keepdims=True)\nE = np.exp(shift)\n"
        "total = E.sum(axis=1, keepdims=True)\nreturn shift - total",
        "E.sum(axis=1, keepdims=True)",
        "`np.log(E.sum(axis=1, keepdims=True))` instead",
    ),
    (
        "sgd_step",
        "for p, g in zip(params, grads):\n    p = np.subtract(p, lr * g)",
        "p",
        "`p[...]` instead of `p`",
    ),
]


@pytest.mark.parametrize(("name", "body", "place", "change"), FOUND, ids=range(len(FOUND)))
def test_the_place_is_found_and_what_would_make_it_right(name, body, place, change):
    found = repair.repair(cell(written(name, body)), getattr(checks, name))  # what the catalogue knows, too
    verdict = checks.Verdict(False, "It is half.", found)
    assert verdict.place == place and change in verdict.change
    assert place in verdict.repair.line and verdict.repair.line in body


def test_a_check_looks_for_the_place_where_the_catalogue_knows_no_words():
    [body] = [body for name, body, *_ in FOUND if name == "line_gradient"]
    verdict = verdict_on("line_gradient", written("line_gradient", body))
    assert not verdict and verdict.place == "3" and "`2` instead of `3`" in verdict.change


@pytest.mark.parametrize(
    ("name", "body", "first", "second"),
    [
        (
            "momentum_step",
            "v = beta * (v + g)\nreturn p + lr * v, v",
            "up the slope",
            "the new gradient fades too",
        ),
        (
            "adam_step",
            "m = beta1 * m + g\nv = beta2 * v + (1 - beta2) * g**2\nm_hat = m / (1 - beta1**t)\n"
            "return p - lr * m_hat / (np.sqrt(v) + eps), m, v",
            "Only m is corrected",
            "1 − β₁ is missing from m",
        ),
        (
            "tanh_backward",
            "dX = dY * (Y**2 - 1)\nreturn dX.sum(axis=0)",
            "add the samples up",
            "sign is the wrong way round",
        ),
        (
            "backward_cost",
            "products = [a * b for a, b in zip(widths[frozen:], widths[frozen + 1 :])]\n"
            "cost = 2 * sum(products)\ncost -= widths[frozen]\nreturn cost",
            "Too little is left out",
            "all of it is N times too small.",
        ),
    ],
)
def test_two_mistakes_that_are_each_known_are_both_told(name, body, first, second):
    text = verdict_on(name, written(name, body)).text.lower()
    assert "two mistakes at once." in text and first.lower() in text and second.lower() in text


def test_one_mistake_is_not_told_as_two(monkeypatch):
    monkeypatch.setattr(repair, "repair", lambda answer, exercise: None)
    for body in ("return 2 * X.T @ dZ", "return X.T @ dZ / 7", "return X.T @ dZ + 1"):
        assert "Two mistakes" not in verdict_on("weight_gradient", written("weight_gradient", body)).text


def test_two_programs_differ_where_they_differ_beside_two_stars():
    old, new = (ast.parse(f"d = {{**a, 'b': {number}}}") for number in (1, 2))
    assert [(a.value, b.value) for a, b in repair._differences(old, new)] == [(1, 2)]


@pytest.mark.parametrize("dtype", [bool, np.int8, float])
def test_half_of_the_entries_are_near_in_any_type(dtype):
    found, right = np.array([1, 0], dtype), np.array([1, 1], dtype)
    assert 0.4 < near(found, right) < 0.7 < near(right, right) == 1


def test_what_is_near_on_every_trial_is_told():
    body = "return np.round(X.T @ dZ, 2)"
    assert (
        "is something approximated, or rounded?"
        in verdict_on("weight_gradient", written("weight_gradient", body)).text
    )


def test_the_words_of_the_catalogue_come_first():
    verdict = verdict_on("weight_gradient", written("weight_gradient", "return X.T @ dZ / len(X)"))
    assert not verdict and verdict.repair is None and verdict.change == ""


PLACED = [row for row in ATTEMPTS if row.values[0].place]


@pytest.mark.parametrize(
    "attempt",
    PLACED[::3]
    + [pytest.param(*row.values, id=row.id, marks=pytest.mark.slow) for k, row in enumerate(PLACED) if k % 3],
)
def test_an_attempt_hears_its_place(attempt):
    verdict = verdict_on_attempt(attempt)
    assert not verdict and verdict.place == attempt.place, verdict


def test_how_far_a_function_comes_guides_the_search():
    """Both changes are needed: the first one alone comes further, and is not right yet."""

    @staged(right=twofold, hint="?")
    def double_and_triple(ask, seed):
        """Check f(n) -> 2n, 3n."""
        for k in (5 + seed, 7, 8):
            two, three = ask(k)
            yield from passed([(Unnamed("not twice as much."), two != 2 * k)])
            yield from passed([(Unnamed("not three times as much."), three != 3 * k)])
        return "Right."

    verdict = double_and_triple(
        cell("def double_and_triple(n):\n    two = n + 2\n    return two, 2 * n + n - n")
    )
    assert verdict.text == "not twice as much." and verdict.repair.line == "two = n + 2"
    assert double_and_triple(twofold).text == "Right." and not double_and_triple(lambda n: 1 / 0)


def test_what_is_dear_is_looked_at_where_all_else_is_right_and_not_for_each_candidate():
    asked = []

    def dear(ask):
        asked.append(ask(100))
        if asked[-1] != 200:
            raise Wrong("not for large numbers.")

    @staged(right=lambda n: 2 * n, hint="?", dear=dear)
    def double(ask, seed):
        """Check f(n) -> 2n."""
        yield from passed([(Unnamed("not twice as much."), ask(n) != 2 * n) for n in (5 + seed, 7, 8)])
        return "Right."

    verdict = double(cell("def double(n):\n    return n + 2"))
    assert verdict.text == "not twice as much." and verdict.repair and set(asked) == {200} and len(asked) < 5
    asked.clear()
    assert double(cell("def double(n):\n    return min(2 * n, 50)")).text == "not for large numbers."
    assert double(cell("def double(n):\n    return n + n")) and asked == [50, 200]


def twofold(n):
    """Right, for the check above."""
    two = 2 * n
    return two, 3 * n


# What is told


HALF = Repair("return a + b", 7, 12, (("a + b", "a - b"),))


def test_a_verdict_says_what_then_where_and_folds_what_would_make_it_right():
    verdict = checks.Verdict(False, "It is **half**.", HALF)
    assert repr(verdict).splitlines()[:4] == [
        "✗ It is **half**.",
        "Look here:",
        "    return a + b",
        "           ^^^^^",
    ]
    assert "a - b" not in repr(verdict) and verdict.change == "`a - b` instead of `a + b`"
    page = verdict._repr_markdown_()
    what, where, fold = page.index("✗ It is **half**."), page.index("<mark "), page.index("<details>")
    assert what < where < fold < page.index("a - b") and ">a + b</mark>" in page


def test_where_two_changes_are_as_plain_only_the_place_is_told():
    verdict = checks.Verdict(False, "It is half.", HALF._replace(changes=()))
    assert verdict.place == "a + b" and verdict.change == ""
    assert "details" not in verdict._repr_markdown_() and ".change" not in repr(verdict)


def test_several_mistakes_are_counted_and_the_first_is_shown():
    wrong = "D = w * x + b - y\nreturn 3 * np.mean(D * x), 2 * np.mean(D + x)"
    verdict = checks.Verdict(
        False, "", repair.repair(cell(written("line_gradient", wrong)), checks.line_gradient)
    )
    assert verdict.repair.count == 2 and verdict.place == "3" and "There are 2 mistakes" in repr(verdict)
    assert verdict.change == "`2` instead of `3`; `D` instead of `D + x`"


def test_one_of_several_is_shown_where_the_others_are_not_found():
    verdict = verdict_on(
        "line_gradient",
        "def line_gradient(x, y, w, b):\n"
        "    D = w * x + b - y\n"
        "    return 3 * np.mean(D * x), np.cos(D) @ np.arange(len(x)) + w\n",
    )
    assert verdict.place == "3" and verdict.change == "`2` instead of `3`"
    assert "There is more than one mistake. One is here:" in repr(verdict)


def test_lines_that_are_put_in_are_told_by_what_they_give_a_value_to():
    verdict = verdict_on(
        "stacked_backward",
        "def stacked_backward(X, W, dZ):\n"
        '    dX = np.einsum("snj,sij->sni", dZ, W)\n'
        '    dW = np.einsum("ni,snj->sij", X[0], dZ)\n'
        "    db = dZ.mean(axis=1, keepdims=True)\n"
        "    return dX, dW, db\n",
    )
    assert "a line that is missing: `dW = X.swapaxes(1, 2) @ dZ`" in verdict.change
    assert "`dZ.sum` instead of `dZ.mean`" in verdict.change


def test_where_two_places_mend_as_much_none_is_shown():
    verdict = verdict_on(
        "descend",
        "def descend(x, y, w, b, lr, n_steps):\n"
        "    k, last = 0, np.inf\n"
        "    while k <= n_steps:\n"
        "        error = w * x + b - y\n"
        "        if np.mean(error**2) > last:\n"
        "            break\n"
        "        last = np.mean(error**2)\n"
        "        w, b = w - lr * 2 * np.mean(error * x), b - lr * 2 * np.mean(error)\n"
        "        k += 1\n"
        "    return w, b\n",
    )
    assert not verdict and verdict.place == ""


def test_what_mends_some_trials_is_shown_and_not_how():
    verdict = verdict_on(
        "backward_cost",
        "def backward_cost(widths, N, frozen):\n"
        "    total = 0\n"
        "    for l in range(frozen, len(widths)):\n"
        "        if l > 0:\n"
        "            total += 2 * widths[l - 1] * widths[l]\n"
        "    return N * total - widths[0] * widths[1]\n",
    )
    assert verdict.place == "N * total - widths[0] * widths[1]" and verdict.change == ""
    assert "There is more than one mistake. One is here:" in repr(verdict)


def test_a_search_that_takes_a_while_says_so(capsys, in_time):
    hopeless = cell(written("weight_gradient", "return np.sort(X.ravel()) + np.linalg.norm(dZ) ** 3"))
    assert repair.repair(hopeless, checks.weight_gradient) is None
    assert capsys.readouterr().out == "Looking for the place in your code …\n"


# What counts as a repair


def test_a_number_that_fits_the_trials_alone_is_no_repair(monkeypatch):
    """Right on the one trial by a number of its own; fresh trials have other sizes."""
    check = checks.weight_gradient
    trial = check.trials()[0]
    monkeypatch.setitem(vars(check), "trials", lambda: [trial])
    monkeypatch.setitem(vars(check), "truth", check.truth[:1])
    body = f"return X.T @ dZ * len(X) / {len(trial.arguments[0]) + 1}"
    verdict = repair.repair(cell(written("weight_gradient", body)), check)
    assert verdict is None or str(len(trial.arguments[0])) not in str(verdict.changes)


ENDLESS = [
    "a.append(a)",
    "b = a; a.append(b)",
    "b = [a, 0]; a.append(b)",
    "a.extend(a)",
    "a += a",
    "a[0] = a",
    "for x in a: a.append(x)",
    "a.append(0 if X else a)",
    "a.append(b); b.append(a)",
]


@pytest.mark.parametrize("source", ENDLESS)
def test_what_would_hold_itself_or_grow_without_end_is_not_tried(source):
    tree = ast.parse(source)
    assert repair._feeds_itself(tree) or repair._grows(tree)


@pytest.mark.parametrize(
    "source",
    [
        "a.append(a[0])",
        "b.append(a)",
        "for x in b: a.append(x)",
        "W += b",
        "for x in b[a.pop()]: a.append(x)",
    ],
)
def test_lists_that_end_are_tried(source):
    tree = ast.parse(source)
    assert not repair._feeds_itself(tree) and not repair._grows(tree)


def test_a_list_that_grows_while_it_is_walked_through_is_tried_where_the_readers_own_does():
    source = (
        "found, left = {last: 0}, [last]\nwhile left:\n    for one in made_from[left.pop()]:\n"
        "        if one not in found:\n            found[one] = 0\n            left.append(one)\n"
        "        found[one] += 1\norder = [last]\nfor name in order:\n    for one in made_from[name]:\n"
        "        found[one] -= 1\n        if found[one] == 1:\n            order.append(one)\nreturn order"
    )
    verdict = verdict_on("tape_order", written("tape_order", source))
    assert verdict.repair and verdict.place in ("found[one] == 1", "1", "0", "found[one] = 0")


@pytest.mark.parametrize(
    "source",
    """x - x; --x; Y / Y; Y.T.T; x / 1; 1 * x; x + 0; x ** 1; 1 ** x; x.copy() - x; X - X[0]
    if (a > b) / 2: pass
    while (a > b) ** 2: pass
    (x if (a > b) / 2 else y)""".replace(";", "\n").splitlines(),
)
def test_nonsense_is_never_shown(source):
    assert repair.nonsense(ast.parse(source.strip()))


@pytest.mark.parametrize(
    "source",
    "x - y; -x; Y / X; Y.T; x / 2; x + 1; x ** 2; 2 ** x; 0 - x; X[0] - X; (A == m) / n; E / E.sum()".split(
        "; "
    ),
)
def test_sense_is_none(source):
    assert not repair.nonsense(ast.parse(source))


# The kernel stays as it was

USES = """
def weight_gradient(X, dZ):
    noise = rng.standard_normal(X.shape) * 0 + np.random.rand(*X.shape) * 0 + random.random() * 0
    seen.append(len(X))
    table["calls"] = table.get("calls", 0) + 1
    weights[0] += 1
    print("called")
    return helper(X + noise) @ dZ
"""
HELPER = "def helper(X):\n    global count\n    count = count + 1\n    return X"


def test_the_kernel_is_left_as_it_was(capsys):
    names = {
        "rng": np.random.default_rng(1),
        "random": random,
        "seen": [],
        "table": {},
        "weights": np.zeros(2),
        "count": 0,
    }
    function = cell(HELPER + USES, **names)
    space = function.__globals__
    before = {name: (id(value), repr(value)) for name, value in space.items() if name != "__builtins__"}
    states = [rng_state(), repr(random.getstate()), repr(names["rng"].bit_generator.state)]
    found = repair.repair(function, checks.weight_gradient)
    assert found is not None and found.changes
    after = {name: (id(value), repr(value)) for name, value in space.items() if name != "__builtins__"}
    assert after == before
    assert [rng_state(), repr(random.getstate()), repr(names["rng"].bit_generator.state)] == states
    assert "called" not in capsys.readouterr().out


def rng_state():
    return repr(np.random.get_state())  # noqa: NPY002


@pytest.mark.parametrize(
    "line",
    [
        "open('made by a test', 'w').write('x')",
        "np.savetxt('made by a test', dZ)",
        "dZ.tofile('made by a test')",
        "import os; os.mkdir('made by a test')",
        "import pathlib; pathlib.Path('made by a test').touch()",
        "np.save('made by a test', dZ)",
    ],
)
def test_no_candidate_leaves_the_sandbox(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = f"def weight_gradient(X, dZ):\n    {line}\n    return X @ dZ"
    assert repair.repair(cell(source), checks.weight_gradient) is None
    assert list(tmp_path.iterdir()) == []


def test_without_a_source_it_is_silent():
    linecache.cache.pop("<nowhere>", None)
    space = {}
    exec(compile("def weight_gradient(X, dZ):\n    return X @ dZ", "<nowhere>", "exec"), space)
    for answer in (space["weight_gradient"], lambda X, dZ: X @ dZ, len, np.add, print, type("F", (), {})):
        verdict = checks.weight_gradient(answer)
        assert not verdict and verdict.repair is None and verdict.text


@pytest.mark.parametrize(
    "body",
    [
        "while True:\n    pass",
        "while len(X) > 0:\n    X = X[0:]\nreturn X",
        "return X.T @ dZ ** 10 ** 8",
        "raise SystemExit",
        "return weight_gradient(X, dZ)",
        "x = [0]\nfor i in x:\n    x.append(i)",
        "yield X",
        "class A:\n    pass\nreturn A",
        "global X1\nX1 = X\nreturn X1 @ dZ",
        "try:\n    return X @ dZ\nexcept BaseException:\n    return [X] * 100",
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_whatever_is_typed_the_search_ends(body, monkeypatch, in_time):
    monkeypatch.setattr(running, "SECONDS", 0.2)
    assert not verdict_on("weight_gradient", written("weight_gradient", body))


@pytest.mark.parametrize("clock", ["process_time", "monotonic"])
def test_the_search_ends_with_its_budget(clock, monkeypatch):
    """A clock that moves a tenth of it at each look: the search looks often, and ends when it is used up."""
    looks, budget = itertools.count(), {"process_time": repair.BUDGET, "monotonic": repair.LONGEST}[clock]
    clocks = {"process_time": lambda: 0, "monotonic": lambda: 0, clock: lambda: next(looks) * budget / 10}
    monkeypatch.setattr(repair, "time", SimpleNamespace(**clocks))
    answer = cell(written("weight_gradient", "return X.T @ X @ X.T @ dZ @ dZ.T @ dZ"))
    assert repair.repair(answer, checks.weight_gradient) is None
    assert 10 <= next(looks) <= 25  # on the processor's clock it looks twice: for a word, and for the end


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_hostile_answer_gets_a_verdict_with_the_search_on(monkeypatch, in_time):
    monkeypatch.setattr(running, "SECONDS", 0.2)
    for answer in [*VALUES.values(), *FUNCTIONS.values()]:
        verdict = checks.weight_gradient(answer)
        assert not verdict and UNREADABLE not in verdict.text


# Measured


def wrong_attempts(file, step):
    """Return every so many wrong attempts of a chapter at a function: attempt, exercise and function."""
    found = []
    for attempt in attempts(file):
        check = getattr(checks, attempt.exercise)
        if isinstance(check, Exercise) and not attempt.right:
            found.append((attempt, check))
    return found[::step]


def measured(file, step):
    """Return how many of these wrong attempts of a chapter there are, and how many are repaired."""
    tried = wrong_attempts(file, step)
    with warnings.catch_warnings(action="ignore"):
        repairs = [repair.repair(answer_of(attempt), check) for attempt, check in tried]
    return len(repairs), sum(found is not None for found in repairs)


CHAPTERS = [file for file in FILES if wrong_attempts(file, 1)]


@pytest.mark.parametrize(
    "step, least", [(160, 1 / 2), pytest.param(10, 2 / 3, marks=pytest.mark.slow)], ids=["few", "every tenth"]
)
def test_most_wrong_attempts_are_repaired(step, least, in_time):
    count, repaired = map(sum, zip(*(measured(file, step) for file in CHAPTERS), strict=True))
    assert repaired >= least * count
