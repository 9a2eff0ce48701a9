"""Formulas that a reader types: any equivalent form is right, a mistake is named, and nothing is run."""

import itertools
import re

import numpy as np
import pytest

from nnlib.teach import checks
from nnlib.teach.checks import in_mathematics
from nnlib.teach.checks.engine import Formula
from nnlib.teach.checks.engine.formula import MADE, MENDS
from nnlib.teach.mathematics import alike, latex

FORMULAS = {name: getattr(in_mathematics, name) for name in in_mathematics.__all__}
each = pytest.mark.parametrize("name", FORMULAS)


def test_there_are_at_least_ten():
    assert len(FORMULAS) >= 10
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
    check("1")  # so that it has its worlds
    known = [*MADE.values(), *MENDS.values(), *check.wrong.values(), "right but for", "stands for nothing"]
    known += ["turned on its side", "is chosen", "cannot be read", "of which layer", "outside of its sum"]
    heard = {}
    for change in itertools.islice(check._changes(check.right[0]), 0, None, 3):
        if not (verdict := check(latex(change.tree))):
            heard[str(change)] = any(words.lower() in verdict.text.lower() for words in known)
    unnamed = [change for change, named in heard.items() if not named]
    assert heard and len(unnamed) <= 0.1 * len(heard), unnamed


@each
def test_what_would_make_it_right_is_right(name):
    check = FORMULAS[name]
    check("1")
    for change in itertools.islice(check._changes(check.right[0]), 0, None, 7):
        verdict = check(latex(change.tree))
        if verdict.change:
            assert r"\text{instead of}" in verdict.change
            assert "<details>" in verdict._repr_markdown_() and ".change" in repr(verdict)


def test_both_worlds_have_other_sizes():
    for name, check in FORMULAS.items():
        first, second = (check.world(np.random.default_rng(seed), bool(seed)).given for seed in (0, 1))
        sizes = [size for size in first if isinstance(first[size], int | float)]
        assert any(first[size] != second[size] for size in sizes), name
        assert all(first[size] != second[size] for size in sizes if size in check.names), name


def test_a_number_in_place_of_a_size_is_wrong_in_the_other_world():
    verdict = checks.softmax_formula("(P[n,k] - Y[n,k]) / 4")
    assert not verdict and not alike(4, 2)


def test_nothing_typed_is_run(monkeypatch):
    def never(*_, **__):
        raise AssertionError("a text was run")

    for name in ("eval", "exec", "compile"):
        monkeypatch.setitem(
            __builtins__ if isinstance(__builtins__, dict) else vars(__builtins__), name, never
        )
    for text in ("__import__('os').system('true')", "exec('1')", "(lambda: 1)()", "X.__class__", "open('a')"):
        assert not checks.batch_weight_formula(text)


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
