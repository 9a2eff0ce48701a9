"""The formulas on the page are read and evaluated, and a wrong one is noticed.

`tests/mathematics` has the worlds of the chapters, what a claim is, and the changes that nobody notices.
"""

import ast
import doctest
import re
import subprocess
import sys
import tokenize
import tomllib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from nnlib.teach.checks import by_hand
from nnlib.teach.mathematics import (
    NotReadable,
    Unknown,
    World,
    alike,
    chains,
    evaluate,
    expression,
    latex,
    mended,
    numbers,
    read,
    read_typed,
    with_indices,
    with_numbers,
)
from nnlib.teach.mathematics.changes import KINDS
from nnlib.teach.mathematics.functions import Misfit
from tests.mathematics import formulas, mutants, world_05
from tests.mathematics.claims import Scene, faults, links
from tests.mathematics.formulas import DISPLAYS, EVERY, INLINE, found_in, kind

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "nnlib" / "teach" / "mathematics"
LEFT_OUT = tomllib.loads((ROOT / "tests" / "mathematics" / "left_out.toml").read_text("utf-8"))
KIND_OF = {formula: group["kind"] for group in LEFT_OUT["inline"] for formula in group["formulas"]}
WORDS = {one["formula"] for one in LEFT_OUT["displays"]}
EXECUTED = [formula for formula in DISPLAYS if formula.latex not in WORDS]


def is_link(formula):
    """Whether an inline formula says something: it has a relation outside of brackets."""
    try:
        first = read(formula.latex).sections[0].listings[0][0]
    except NotReadable:
        return False
    return bool(getattr(first, "relations", ()))


LINKS = [formula for formula in INLINE if is_link(formula)]
# No formulas: a sign that is named, and an interval that is open on one side
NO_FORMULAS = [r"\partial", r"\approx", r"\odot", r"\lesssim", r"\prod", r"\sum"]
NO_FORMULAS += [r"\lceil \cdot \rceil", "[-0.5, 0.5)"]


def names(formula):
    return f"{formula.chapter}-{formula.cell}-{formula.nth}{f'-{formula.number}' if formula.number else ''}"


def listed_as(formula):
    return f"{formula.chapter}: {formula.latex}"


# Every formula


@pytest.mark.parametrize("formula", EXECUTED, ids=names)
def test_a_displayed_formula_holds(formula):
    try:
        found = list(found_in(formula))
    except NotReadable as problem:
        pytest.fail(f"{formula}: {problem}")
    except Unknown as name:
        pytest.fail(f"{formula}: no world of this chapter knows {name}.")
    assert not found, f"{formula}: {found[0]}"


@pytest.mark.parametrize("formula", LINKS, ids=names)
def test_an_inline_formula_holds_or_is_left_out(formula):
    why = KIND_OF.get(listed_as(formula)) or kind(formula)
    assert why, f"{formula}: {formula.latex} neither holds nor is in left_out.toml."


def test_what_is_left_out_is_still_there():
    assert len(LEFT_OUT["displays"]) <= 5
    assert WORDS <= {formula.latex for formula in DISPLAYS}
    listed = {listed_as(formula): kind(formula) for formula in LINKS if listed_as(formula) in KIND_OF}
    assert listed.keys() == KIND_OF.keys() and "executed" not in listed.values()


def test_the_appendix_shows_the_formulas_of_the_chapters():
    shown = [formula for formula in EVERY if formula.chapter == "A" and not formula.inline]
    chapters = {formula.number: read(formula.latex) for formula in DISPLAYS if formula.number}
    assert {formula.number: read(formula.latex) for formula in shown} == chapters


def test_every_formula_is_read_and_written_again():
    for formula in EVERY:
        if formula.latex in NO_FORMULAS:
            pytest.raises(NotReadable, read, formula.latex)
        else:
            assert read(latex(read(formula.latex))) == read(formula.latex), formula


def test_each_list_of_worlds_is_for_a_section():
    known = {(formula.chapter, formula.section) for formula in EVERY}
    for path in sorted((ROOT / "tests" / "mathematics").glob("world_*.py")):
        chapter = path.stem.removeprefix("world_")
        strays = {(chapter, section) for section in formulas.sections(chapter) if section} - known
        assert not strays, f"no formula stands in {strays}."


def test_the_numbers_of_exercise_5_1_are_those_of_its_check():
    world = world_05.exercise(np.random.default_rng(0))
    asked = "y_hat dy_hat dv_2 da_2 dz_2 dw_22"
    found = {name.replace("_2", "2"): worth(name, world, read_typed) for name in asked.split()}
    found["new_w22"] = worth("w_22 - lr dw_22", world, read_typed)
    assert by_hand({name: float(value) for name, value in found.items()})


# Every formula, changed

ERRORS = [
    # The formula, what is written, what is put there, and what the message says
    ("1.3", r"\sum_{n=1}^{N} \mathrm{d}\hat y_n", r"\mathrm{d}\hat y_n", "for n = 1"),
    (
        "2.6",
        r"= \sum_{n=1}^{N} X_{ni}",
        r"= \sum_{n=1}^{N} X_{in}",
        "index 5 of X is outside 1 to 4 for i = 2, j = 1.",
    ),
    ("2.7", r"X^{\mathsf T} \, \mathrm{d}Z", r"\mathrm{d}Z^{\mathsf T} X", "the left side is"),
    ("3.3", r"1 - \tanh^2 x", r"1 + \tanh^2 x", "for x = -1.3"),
    ("4.1", r"\frac{2}{N \, n_\text{out}} \, (", r"\frac{N \, n_\text{out}}{2} \, (", "for n = 1, j = 1"),
    ("4.9", "P - Y", "Y - P", r"\mathrm{d}Z = \frac{Y - P}{N}"),
    ("5.2", r"W^{(l+1)\mathsf T}", r"W^{(l)\mathsf T}", "cannot be multiplied"),
    ("6.2", r"\frac{h^2}{6} f'''(\xi)", r"\frac{h^2}{6} f''(\xi)", "whatever xi is"),
    ("7.5", r"\sum_{k=1}^{K} B_k", r"\sum_{k=2}^{K} B_k", "the right side 5"),
    ("10.7", r"(1 - \beta_1^t)", r"(1 - \beta_1)", "for t = 2"),
]


@pytest.mark.parametrize("number, written, wrong, said", ERRORS, ids=[row[0] for row in ERRORS])
def test_an_error_put_in_by_hand_is_noticed(number, written, wrong, said):
    (formula,) = [one for one in DISPLAYS if one.number == number]
    assert formula.latex.count(written) >= 1
    found = list(found_in(formula, read(formula.latex.replace(written, wrong, 1))))
    assert said in "\n".join(map(str, found))


def test_the_ten_errors_are_of_ten_kinds():
    assert len(ERRORS) == len({row[0] for row in ERRORS}) == 10


def test_a_sample_of_all_changes_is_noticed():
    listed = Counter(mutants.LISTED)
    for formula, change in mutants.mutants()[::45]:
        name = mutants.called(formula, change)
        assert listed[name] or mutants.is_noticed(formula, change), f"nobody notices {name}"


def test_every_listed_change_is_made():
    assert not mutants.LISTED - Counter(mutants.called(*one) for one in mutants.mutants())


@pytest.mark.slow
@pytest.mark.parametrize("chapter", sorted({formula.chapter for formula in DISPLAYS}))
def test_every_change_is_noticed_or_listed(chapter):
    made = [one for one in mutants.mutants() if one[0].chapter == chapter]
    listed = {mutants.called(*one) for one in made} & mutants.LISTED.keys()
    found = Counter(mutants.called(*one) for one in made if not mutants.is_noticed(*one))
    assert found == {name: mutants.LISTED[name] for name in listed}


def noticed(made, survived):
    return f"{made}, {100 * (1 - survived / made):.1f} % noticed"


def figures():
    """The table of CONTRIBUTING, counted: {what: figure}."""
    made = Counter(change.kind for _, change in mutants.mutants())
    survived = Counter()
    for name, count in mutants.LISTED.items():
        survived[next(kind for kind in KINDS if f" {kind}: " in name)] += count
    inline = Counter(KIND_OF.get(listed_as(one)) or kind(one) for one in LINKS).most_common()
    rows = {
        "displayed formulas": len(DISPLAYS),
        "of these left out": len(LEFT_OUT["displays"]),
        "links in them": sum(links(read(formula.latex)) for formula in EXECUTED),
        "inline formulas with a relation": len(LINKS),
        **{f"of these {why}": count for why, count in inline},
        "changes of one place": noticed(made.total(), survived.total()),
    }
    return rows | {f"of these {one}": noticed(made[one], survived[one]) for one in KINDS}


def test_the_table_in_contributing_is_counted():
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Formulas")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    assert dict(rows[1:]) == {what: str(figure) for what, figure in figures().items()}


def test_the_examples_in_docstrings_are_true():
    assert doctest.testmod(numbers, extraglobs={"np": np}).attempted == 4


def test_at_least_98_percent_of_the_changes_are_noticed():
    assert mutants.LISTED.total() <= 0.02 * len(mutants.mutants())
    assert {next(kind for kind in KINDS if f" {kind}: " in name) for name in mutants.LISTED} <= set(KINDS)


# Reading


@pytest.mark.parametrize(
    "text, place, expected",
    [
        (r"X_{ni} + = 3", "= 3", "a term"),
        (r"\oint x = 3", r"\oint x = 3", "notation that the grammar knows"),
        (r"\frac{1}{N \sum_n x_n", "its end", "`}`"),
        (r"(a + b", "its end", "`)`"),
        (r"\sum_{n=1}^{N} = 2", "= 2", "a term"),
        (r"x = y z )", ")", "a relation or its end"),
        (r"\partial L = 2", r"\partial L = 2", "above and below a fraction"),
        ("(" * 300 + "x" + ")" * 300, "(" * 300 + "x" + ")" * 300, "fewer brackets"),
    ],
)
def test_notation_that_is_not_known_is_told_with_its_place(text, place, expected):
    with pytest.raises(NotReadable, match=re.escape(expected)) as problem:
        read(text)
    assert text[problem.value.position :] == ("" if place == "its end" else place)


@pytest.mark.parametrize(
    "typed, written",
    [
        ("sum_n X[n,i] dZ[n,j]", r"\sum_n X_{ni} \, \mathrm{d}Z_{nj}"),
        ("sum_n X_ni dZ_nj", r"\sum_n X_{ni} \mathrm{d}Z_{nj}"),
        ("X.T @ dZ", r"X^{\mathsf T} \, \mathrm{d}Z"),
        (r"\sum_n X_{ni} \, \mathrm{d}Z_{nj}", r"\sum_n X_{ni} \, \mathrm{d}Z_{nj}"),
        ("1/N sum_n x[n]**2", r"\frac{1}{N} \sum_n x_n^2"),
        ("2/N (y_hat[n] - y[n])", r"\frac{2}{N} (\hat y_n - y_n)"),
        ("sigma(z) (1 - sigma(z))", r"\sigma(z) \, (1 - \sigma(z))"),
        ("n_in n_out", r"n_{\text{in}} \, n_{\text{out}}"),
        ("dW_ij = sum_n X[n, i] dZ[n, j]", r"\mathrm{d}W_{ij} = \sum_n X_{ni} \, \mathrm{d}Z_{nj}"),
        ("(P - Y) / N", r"\frac{P - Y}{N}"),
        ("Var(w) E[A**2]", None),
    ],
)
def test_what_a_reader_types_is_read_as_the_same_formula(typed, written):
    assert read_typed(typed) == (read(written) if written else read_typed(latex(read_typed(typed))))


def test_what_is_typed_for_entries_is_typeset_so():
    assert latex(read_typed("dY * f'(X)")) == r"\mathrm{d}Y \odot f'(X)"
    assert latex(read_typed("lr * dw")) == r"\eta \cdot \mathrm{d}w"
    assert latex(read_typed("v / 2h")) == r"\frac{v}{2 h}"


def test_control_characters_of_python_are_mended():
    assert mended("\frac{1}{N} \beta \rho \theta \tanh \alpha \nu") == (
        r"\frac{1}{N} \beta \rho \theta \tanh \alpha \nu"
    )
    assert mended("x\ny") == "x\ny"


# Evaluation


def worth(text, world, read=read):
    return evaluate(expression(read(text)), world, {})


@pytest.fixture
def small():
    """The layer of chapter 02's tracer, with whole numbers."""
    X = np.array([[1.0, 2, 0], [0, 1, 3], [2, 1, -1], [1, -3, 2]])
    C = np.array([[1.0, 0], [3, 1], [-1, 2], [2, 1]])
    return World(
        indices={"n": "N", "i": "n_in", "j": "n_out", "k": "n_out"},
        given={"N": 4, "n_in": 3, "n_out": 2, "X": X, "W": np.ones((3, 2)), "b": np.zeros(2), "C": C},
        define={"Z": lambda X, W, b: X @ W + b, "L": lambda Z, C: float(np.sum(Z * C))},
    )


def test_numbers_are_put_in(small):
    (formula,) = [one for one in DISPLAYS if one.number == "2.6"]
    chain = chains(read(formula.latex))[0]
    text = with_numbers(chain, small, {"i": 2, "j": 1})
    start, paths, entry = text.split(" = ")
    assert start == r"\mathrm{d}W_{21}" and paths.count("+") == 7
    assert entry == r"2 \cdot 1 + 1 \cdot 3 + 1 \cdot (-1) + (-3) \cdot 2"
    assert alike(evaluate(chain.sides[-1], small, {"i": 2, "j": 1}), -2)
    assert latex(with_indices(chain.sides[-1], {"i": 2, "j": 1})) == (
        r"\sum_{n=1}^{N} X_{n2} \, \mathrm{d}Z_{n1}"
    )


@pytest.mark.parametrize(
    "text, written",
    [
        (r"\frac{1}{N} \sum_n (X_{n1} - 2)", r"\frac{1}{4} \cdot ((1 - 2) + (0 - 2) + (2 - 2) + (1 - 2))"),
        (r"\tanh X_{11} \log 2", r"\tanh 1 \cdot \log 2"),
        (r"e^{-X_{11}} - X_{33}", r"e^{-1} - (-1)"),
        (r"\frac{X_{12}}{3000000}", r"\frac{2}{3 \cdot 10^{6}}"),
        (r"\frac{-1000 X_{12}}{X_{12}}", r"\frac{-1000 \cdot 2}{2}"),
        (r"1000 X_{33} + X_{12}", r"1000 \cdot (-1) + 2"),
        (r"1 - \frac{X_{12}}{3} X_{23}", r"1 - \frac{2}{3} \cdot 3"),
        (r"W^{\mathsf T}", r"\begin{pmatrix} 1 & 1 \\ 1 & 1 \\ 1 & 1 \end{pmatrix}^{\mathsf T}"),
        (r"\mathrm{d}Z_{12} \, \frac{\partial Z_{12}}{\partial b_2}", r"0 \cdot 1"),
    ],
)
def test_numbers_are_put_into_other_formulas(small, text, written):
    assert with_numbers(expression(read(text)), small, {}) == written


def test_worlds_follow_what_is_changed(small):
    assert alike(worth(r"\mathrm{d}W", small), worth(r"X^{\mathsf T} \, \mathrm{d}Z", small))
    assert alike(worth(r"\frac{\partial L}{\partial Z_{21}}", small), 3)
    moved = small.where({"X": np.zeros((4, 3))})
    assert worth("L", moved) == 0 and worth("L", small) != 0
    with pytest.raises(Unknown, match="Q"):
        worth("Q + 1", small)


def test_a_world_may_count_from_0():
    X = np.arange(12.0).reshape(3, 4)
    world = World(
        indices={"i": "N"}, given={"N": 3, "X": X, "k": 2}, define={"L": lambda X: X[0, 3] * 7}, first=0
    )
    assert [*world.values("i")] == [0, 1, 2]
    assert (
        worth("X_{03}", world) == 3
        and worth("X_{k-1,\\,1}", world) == 5
        and worth("(X X^{\\mathsf T})_{00}", world) == 14
    )
    assert alike(worth(r"\mathrm{d}X_{03}", world), 7) and worth(r"\sum_i X_{i2}", world) == 18
    with pytest.raises(Misfit, match="outside"):
        worth("X_{33}", world)


def test_what_is_false_counts_for_nothing(small):
    """Even what is not there, as the entry of a row that no image has."""
    assert worth(r"\sum_n [n < 4] \, X_{n+1,\,1}", small) == 0 + 2 + 1
    assert worth(r"[2 < 1] \, X_{99} + 3", small) == 3
    with pytest.raises(Misfit):
        worth(r"[1 < 2] \, X_{99}", small)


@pytest.mark.parametrize(
    "text, said",
    [
        (r"X W^{\mathsf T}", "multiplied"),
        ("X + W", "added"),
        (r"X \odot W", "entry by entry"),
        ("X_{15}", "outside 1 to 3"),
        ("X_{111}", "2 indices, not 3"),
        (r"1 / W", "divided"),
        (r"N^{\mathsf T}", "no transpose"),
        (r"\begin{cases} 1 & \text{if } N > 1 \\ 2 & \text{if } N > 2 \end{cases}", "exactly one"),
        (r"X_{11} + X_{12} - \cdots + X_{13}", "signs"),
        (r"\sum_{n=1}^{99999999} n", "too many"),
    ],
)
def test_what_does_not_fit_is_told(small, text, said):
    with pytest.raises((Misfit, ValueError), match=said):
        worth(text, small)


def test_a_product_waits_for_the_world():
    text = "f(2) + g (2)"
    world = World(given={"f": lambda x: x**3, "g": 5.0})
    assert worth(text, world) == 8 + 10
    assert worth(text, World(given={"f": 5.0, "g": lambda x: x**3})) == 10 + 8


@pytest.mark.parametrize(
    "formula, holds",
    [
        (r"x < 2 \quad\Longrightarrow\quad x < 3", True),
        (r"x < 2 \quad\Longrightarrow\quad x < 1", False),
        (r"x > 3 \quad\Longrightarrow\quad x < 1", False),  # no world in which the premise is true
        (r"x \approx 1.6", True),
        (r"x \approx 1.63", False),
        (r"x^2 \ge 0 \ \text{for all } x", True),
        (r"x = y \quad\Longleftrightarrow\quad x^2 = y^2", False),
    ],
)
def test_what_a_claim_is(formula, holds):
    world = Scene(None, given={"x": 1.62, "y": -1.62}, indices={})
    if "for all" in formula:
        world = Scene(None, indices={"x": [-1.0, 2.0]})
    assert (not list(faults(read(formula), [world]))) == holds


def test_each_kind_of_change_is_made():
    assert {change.kind for _, change in mutants.mutants()} == set(KINDS)


# The package itself


def code_lines(path):
    """Lines of code, docstrings, comments and blanks not counted."""
    lines = set()
    with open(path, "rb") as file:
        for token in tokenize.tokenize(file.readline):
            skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
            if token.type not in (*skipped, tokenize.ENCODING, tokenize.ENDMARKER):
                lines |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            lines -= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return len(lines)


def test_no_file_is_long():
    assert max(code_lines(path) for path in PACKAGE.glob("*.py")) < 250


LOADED = "import sys; import nnlib.teach.checks, nnlib.teach.mathematics; print('lark' in sys.modules)"


def test_lark_is_loaded_with_the_first_formula():
    said = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "False"
