"""Each line of each derivation equals the one before, and the last one is the formula of its chapter."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from nnlib.teach.derivations import DERIVATIONS, Derivation
from nnlib.teach.mathematics import alike, evaluate, expression, latex, marked, read, tree
from nnlib.teach.widgets import derivation
from tests.mathematics.formulas import DISPLAYS

TAGGED = {formula.number: formula for formula in DISPLAYS if formula.number}
each = pytest.mark.parametrize("number", DERIVATIONS)
# The chapter writes these for any layer, for many gradients at once, or as what follows from two of them.
WRITTEN_OTHERWISE = {
    "5.2": "two layers have names here, and one entry stands for all",
    "5.5": "the fork is one with numbers",
    "4.9": "one entry of it",
    "10.1": "the inputs are given",
    "10.2": "the next layer has a prime",
    "10.4": "the next layer has a prime",
    "4.4": "one sample, one output",
    "4.7": "one sample",
    "11.3": "one row",
    "12.6": "one image, one channel",
    "12.10": "one image, one channel, a kernel of 2 × 2",
}


def values(found, numbers=None):
    """For each choice of indices, what each side is worth."""
    world = found.world(numbers)
    sides = [expression(read(text)) for text in (found.left, *(line for line, _ in found.lines))]
    for chosen in itertools.product(*(world.values(letter) for letter in found.choose)):
        scope = dict(zip(found.choose, chosen, strict=True))
        yield [evaluate(side, world, scope) for side in sides]


def drawn(value, rng, largest):
    """Other numbers, as many; one between 0 and 1 stays there."""
    if not np.ndim(value) and 0 < value < 1:
        return rng.uniform(0.1, 0.9)
    return rng.uniform(-1, 1, np.shape(value)) * min(3, largest / 2)


def test_there_are_as_many_as_the_readme_says():
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    assert len(DERIVATIONS) == 31 and "Thirty-one derivations can be stepped through" in " ".join(
        readme.split()
    )


@each
def test_each_line_equals_the_one_before(number):
    found, rng = DERIVATIONS[number], np.random.default_rng(0)
    for _ in range(5):
        numbers = {name: drawn(value, rng, found.largest) for name, value in found.numbers.items()}
        for sides in [*values(found), *values(found, numbers)]:
            assert all(itertools.starmap(alike, itertools.pairwise(sides))), sides


@each
def test_no_line_is_zero_for_all_numbers(number):
    assert any(abs(sides[0]) > 1e-6 for sides in values(DERIVATIONS[number]))


def plain(side):
    """An expression without the bounds of its sums, brackets around all of it, and the indices of such."""
    for path, part in tree.walk(side):
        if isinstance(part, tree.Big) and part.high is not None:
            return plain(tree.put(side, path, tree.Big(part.kind, part.letters, None, None, None, part.of)))
    match side:
        case tree.Entry(tree.Group((tree.Chain((of,)),))):
            return of
    return side


@each
def test_a_line_is_the_formula_of_the_chapter(number):
    found = DERIVATIONS[number]
    assert number in TAGGED, "no formula of a chapter has this number"
    chains = [part for _, part in tree.walk(read(TAGGED[number].latex)) if isinstance(part, tree.Chain)]
    page = [plain(side) for chain in chains for side in chain.sides]
    derived = [plain(expression(read(line))) for line, _ in found.lines]
    assert (number in WRITTEN_OTHERWISE) != any(line in page for line in derived)


@each
def test_each_line_has_a_short_reason_of_its_own(number):
    reasons = [reason for _, reason in DERIVATIONS[number].lines]
    assert len(set(reasons)) == len(reasons) and all(5 < len(reason) <= 90 for reason in reasons)


def test_what_is_new_is_marked():
    old, new = (expression(read(text)) for text in (r"\sum_k a_k (b_k + 1)", r"\sum_k a_k (c_k + 1)"))
    assert latex(marked(old, new)) == r"\sum_{k} a_{k}(\class{mjx-nnlib-new}{c_{k}} + 1)"
    assert marked(old, old) == old
    gone = expression(read(r"a_k (b_k + 1)"))
    assert marked(old, gone) == gone
    above, below = (expression(read(text)) for text in (r"\frac{a}{b}", r"\frac{a}{c}"))
    assert latex(marked(above, below)) == r"\frac{a}{\class{mjx-nnlib-new}{c}}"
    nothing_alike = expression(read("u v"))
    assert latex(marked(old, nothing_alike)) == r"\class{mjx-nnlib-new}{u v}"


# The stepper


def test_a_stepper_goes_line_by_line():
    stepper = derivation("2.6")
    assert stepper.back.disabled and not stepper.next.disabled
    assert stepper.lines.value.count("<tr") == 2 and stepper.text.value.startswith(
        "<p>✓ −2, and so is the left side"
    )
    for _ in range(10):
        stepper.next.click()
    assert stepper.step.value == 6 and stepper.next.disabled
    assert stepper.lines.value.count("<tr") == 7 and "the line before" in stepper.text.value
    stepper.back.click()
    assert r"\class{mjx-nnlib-new}{(X^{\mathsf T})_{in}}" in stepper.lines.value
    assert r"\mathrm{d}W_{21} = 2 \cdot 1 + 1 \cdot 3 + 1 \cdot (-1) + (-3) \cdot 2 = -2$" in _in_one(stepper)


def _in_one(stepper):
    """The line with numbers, before it was cut where a narrow page may break it."""
    return stepper.lines.value.rpartition("<p>")[2].replace(r"$<wbr>$\displaystyle {}", "")


@pytest.mark.parametrize("number", DERIVATIONS)
def test_a_line_with_numbers_is_cut_outside_all_brackets(number):
    stepper = derivation(number)
    for step in range(1, 1 + stepper.step.max):
        stepper.step.value = step
        _, _, numbers = stepper.lines.value.rpartition("<p>")
        for part in numbers.removesuffix("</p>").split("<wbr>"):
            assert part.startswith("$") and part.endswith("$") and part.count("$") == 2
            for opens, closes in (("{", "}"), (r"\left", r"\right"), (r"\begin", r"\end")):
                assert part.count(opens) == part.count(closes), part
        assert _in_one(stepper).count("$") == 2


def test_numbers_and_indices_are_followed():
    stepper = derivation("2.6")
    stepper.step.value = 4
    X, _, dZ = stepper.numbers
    X.value = [[1, 2, 0], [0, 1, -2], [-1, 1, 1], [2, -3, 7]]
    stepper.indices[0].value = 3
    expected = np.array(X.value).T @ np.array(dZ.value)
    assert alike(stepper.values[-1], expected[2, 0]) and stepper.holds
    assert "for i = 3, j = 1" in stepper.lines.value


@each
def test_what_can_be_chosen_has_a_name_and_round_ends(number):
    found, stepper = DERIVATIONS[number], derivation(number)
    for control, (name, value) in zip(stepper.numbers, found.numbers.items(), strict=True):
        if not np.ndim(value):
            assert control.description == found.written.get(name, name)
            assert (control.min, control.max) == ((0, 1) if 0 < value < 1 else (-5, 5))
            assert control.value == value
    world = found.world()
    for control, (letter, first) in zip(stepper.indices, found.choose.items(), strict=True):
        ends = min(world.values(letter)), max(world.values(letter))
        assert (control.description, control.value, control.min, control.max) == (letter, first, *ends)


def test_back_and_next_say_what_they_do():
    stepper = derivation("2.6")
    assert (stepper.back.tooltip, stepper.next.tooltip) == ("One line back", "One line on")
    stepper.next.click()
    assert stepper.step.value == 2
    stepper.back.click()
    assert stepper.step.value == 1


def test_a_line_that_is_wrong_is_told(monkeypatch):
    right = DERIVATIONS["2.8"]
    wrong = right._replace(lines=(*right.lines[:-1], (r"\sum_n \mathrm{d}Z_{nj} + 1", "a slip")))
    assert isinstance(wrong, Derivation)
    monkeypatch.setitem(DERIVATIONS, "2.8", wrong)
    stepper = derivation("2.8")
    stepper.step.value = 3
    assert not stepper.holds and stepper.text.value == "<p>✗ 6, but the line before is 5.</p>"


def test_a_division_by_zero_is_told():
    stepper = derivation("11.3")
    stepper.numbers[1].value = 1.0
    assert not stepper.holds and "divided by 0" in stepper.text.value


def test_an_unknown_number_is_told():
    with pytest.raises(ValueError, match=r"number is '2\.99'; expected one of '1\.2'"):
        derivation("2.99")
