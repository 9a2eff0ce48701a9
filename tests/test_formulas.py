"""Formulas that a reader types: any equivalent form is right, a mistake is named, and nothing is run."""

import builtins
import itertools
import re

import numpy as np
import pytest

from nnlib.teach import checks
from nnlib.teach.checks import in_mathematics
from nnlib.teach.checks.engine import Formula
from nnlib.teach.checks.engine.formula import _Judge
from nnlib.teach.checks.engine.slips import MADE, MENDS
from nnlib.teach.mathematics import expression, latex, read, tree

FORMULAS = {name: getattr(in_mathematics, name) for name in in_mathematics.__all__}
each = pytest.mark.parametrize("name", FORMULAS)


def test_there_are_twelve():
    assert len(FORMULAS) == 12
    assert all(isinstance(one, Formula) and getattr(checks, name) is one for name, one in FORMULAS.items())


@each
def test_the_forms_of_the_chapter_are_right(name):
    check = FORMULAS[name]
    for form in check.right:
        verdict = check(latex(form))
        assert verdict and f"= {latex(form)}$" in verdict._repr_markdown_()
    lines = check([latex(form) for form in check.right])
    assert lines and lines.text == check.praise


@each
def test_the_words_of_a_known_mistake_are_heard(name):
    check = FORMULAS[name]
    for form, words in check.wrong.items():
        verdict = check(latex(form))
        assert not verdict and verdict.text.lower().startswith(words.lower())


@each
def test_each_small_mistake_is_named(name):
    """Of the small changes of the right formula, nine in ten hear their kind, or one like it."""
    check = FORMULAS[name]
    known = [*MADE.values(), *MENDS.values(), *check.wrong.values(), "right but for", "stands for nothing"]
    known += ["turned on its side", "is chosen", "cannot be read", "of which layer", "outside of its sum"]
    heard = {}
    for change in itertools.islice(_Judge(check).slips(check.right[0]), 0, None, 3):
        if not (verdict := check(latex(change.tree))):
            heard[str(change)] = any(words.lower() in verdict.text.lower() for words in known)
    unnamed = [change for change, named in heard.items() if not named]
    assert heard and len(unnamed) <= 0.1 * len(heard), unnamed


INSTEAD = r" \quad\text{instead of}\quad "


@each
def test_what_would_make_it_right_makes_it_right(name):
    """Put into the place of what is wrong, it does."""
    check, tried = FORMULAS[name], 0
    for change in itertools.islice(_Judge(check).slips(check.right[0]), 0, None, 4):
        verdict = check(latex(change.tree))
        if verdict.change:
            tried += 1
            right, wrong = verdict.change.split(INSTEAD)
            line = expression(read(latex(change.tree)))  # as it was typed
            places = [path for path, part in tree.walk(line) if latex_of(part) == wrong]
            mended = [tree.put(line, path, expression(read(right))) for path in places]
            assert any(check(latex(one)) for one in mended), verdict.change
            assert "<details>" in verdict._repr_markdown_() and ".change" in repr(verdict)
    assert tried


@pytest.mark.parametrize(
    ("name", "typed", "words", "right"),
    [
        (
            "batch_weight_formula",
            r"\left(\sum_{n} X_{ni}\right) \left(\sum_{n} \mathrm{d}Z_{nj}\right)",
            "A product of sums stands where a sum of products belongs.",
            r"\sum_{n} X_{ni} \, \mathrm{d}Z_{nj}",
        ),
        (
            "batch_weight_formula",
            r"X \mathrm{d}Z^{\mathsf T}",
            "Another factor has to be transposed.",
            r"X^{\mathsf T} \, \mathrm{d}Z",
        ),
        (
            "batch_input_formula",
            r"\mathrm{d}Z^{\mathsf T} W",
            "Another factor has to be transposed.",
            r"\mathrm{d}Z \, W^{\mathsf T}",
        ),
    ],
)
def test_a_slip_in_a_product_is_mended(name, typed, words, right):
    verdict = FORMULAS[name](typed)
    assert verdict.text.startswith(words) and verdict.change == f"{right}{INSTEAD}{typed}"


def latex_of(part):
    """What stands in a tree, as text; of a factor or a row there is none of its own."""
    try:
        return latex(part)
    except TypeError:
        return ""


def test_both_worlds_have_other_sizes():
    for name, check in FORMULAS.items():
        first, second = (check.world(np.random.default_rng(seed), bool(seed)).given for seed in (0, 1))
        sizes = [size for size in first if isinstance(first[size], int | float)]
        assert any(first[size] != second[size] for size in sizes), name
        assert all(first[size] != second[size] for size in sizes if size in check.names), name


def test_a_number_in_place_of_a_size_is_wrong_in_the_other_world():
    for size in (4, 2):  # N in the first world, and in the second
        assert not checks.softmax_formula(f"(P[n,k] - Y[n,k]) / {size}")


def test_nothing_typed_is_run(monkeypatch):
    ran = []
    for name in ("eval", "exec", "compile", "open"):
        monkeypatch.setattr(builtins, name, lambda *arguments, name=name: ran.append(name))
    for text in ("__import__('os').system('true')", "exec('1')", "(lambda: 1)()", "X.__class__", "open('a')"):
        assert not checks.batch_weight_formula(text)
    assert ran == []


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "$x$ <b>", "\\text{<img src=x>}", "`a` [b](ftp:c)"]
)
def test_what_is_typed_is_harmless_where_it_is_shown(text):
    shown = re.sub(
        r"`[^`]*`", "", checks.batch_weight_formula(text)._repr_markdown_()
    )  # code is shown as it is
    assert not re.search(r"<(script|img|b)\b|\]\(ftp", shown)


def test_it_comes_to_an_end():
    for text in (
        "sum_{n=1}^{9999} " * 20 + "1",
        "9^9^9^9^9^9",
        "(" * 200 + "1",
        "sum_n " * 60 + "1",
        "x" * 401,
    ):
        assert not checks.batch_weight_formula(text)


def test_a_backslash_that_python_took_is_told():
    verdict = checks.softmax_formula("\frac{P_{nk} - Y_{nk}}{N}")
    assert verdict and 'r"\\frac' in verdict.text
    assert 'r"' not in checks.softmax_formula(r"\frac{P_{nk} - Y_{nk}}{N}").text
