"""The table in CONTRIBUTING says what the tests do: its figures are counted here."""

import re
import tomllib
from pathlib import Path

import pytest
import test_bad_input
import test_extremes
import test_files
import test_gradcheck
import test_interrupt
import test_messages
import test_repetition
import test_resume

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
SECTION = PAGE.partition("## What holds, and how it is known")[2].partition("\n## ")[0]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in SECTION.splitlines() if line[:2] == "| "
]


def mutants():
    with open(ROOT / "tests" / "survivors.toml", "rb") as file:
        record = tomllib.load(file)
    survivors = sum(len(reason["mutants"]) for reason in record["survivors"])
    total = record["total"]
    return f"{100 * (1 - survivors / total):.1f} % of {total} changes noticed"


def counts():
    """What the table says, in its order; None where it gives no number."""
    bad, files, stop, resume = test_bad_input, test_files, test_interrupt, test_resume
    cases = sum(len(bad.DOORS[door][name][1]) for door, name in bad.CASES)
    boundaries = (resume.EPOCHS + 1) * len(resume.OPTIMIZERS)
    scripts = stop.MOMENTS * len(stop.LOOPS) * len(stop.OPTIMIZERS)
    networks = test_gradcheck.NETWORKS * len(test_gradcheck.HIDDEN) * len(test_gradcheck.LOSS_FORMULAS)
    return [
        f"{cases} cases, {len(bad.CASES)} arguments",
        f"{len(bad.ARRAYS)} arrays in {len(bad.FORMS)} forms",
        f"{len(test_messages.ROWS)} messages",
        f"{len(test_extremes.PAIRS)} pairs",
        f"{scripts} moments in scripts, {2 * stop.KERNEL_MOMENTS * len(stop.OPTIMIZERS)} in a kernel",
        None,
        f"{boundaries} of {boundaries}",
        f"{resume.PROCESSES} of {resume.PROCESSES}; within {resume.AMONG_THREADS:g}".replace("e-0", "e-"),
        f"{files.KILLS} kills",
        f"{len(files.DAMAGES) * files.TIMES} files, {len(files.BOMBS)} bombs",
        None,
        f"{networks} networks, within {test_gradcheck.LARGEST_ERROR}",
        f"{len(test_repetition.ROUNDS)} rounds",
        mutants(),
        None,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize("number, figure", [*enumerate(counts(), 1)], ids=str)
def test_a_figure_is_what_the_tests_do(number, figure):
    assert ROWS[number][2] == (figure or "each in a test")


def test_every_row_has_a_figure_and_tests_that_exist():
    assert len(ROWS) == 1 + len(counts())
    for row in ROWS[1:]:
        assert len(row) == 4
        for name in re.findall(r"`(.+?)`", row[3]):
            assert (ROOT / "tests" / (name if "." in name else f"{name}.py")).exists(), name


def test_the_longer_variants_are_as_long_as_said():
    kernel = 2 * test_interrupt.MORE_KERNEL_MOMENTS * len(test_interrupt.OPTIMIZERS)
    assert f"{test_files.MORE_KILLS} kills, {kernel} interrupts of a kernel" in SECTION
    assert f"{len(test_files.DAMAGES)} kinds of damage" in SECTION
