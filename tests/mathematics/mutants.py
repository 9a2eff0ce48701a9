"""Every formula changed in one place at a time: would anyone notice?"""

import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

from nnlib.teach.mathematics import Unknown, changes, read
from nnlib.teach.mathematics.functions import KNOWN
from tests.mathematics.formulas import DISPLAYS, found_in, worlds

SURVIVORS = tomllib.loads(Path(__file__).with_name("survivors.toml").read_text("utf-8"))["survivors"]
LISTED = Counter(name for reason in SURVIVORS for name in reason["mutants"])


@cache
def mutants():
    """Return (formula, change) for all displayed formulas of the chapters."""
    made = ((formula, changes(read(formula.latex), functions(formula))) for formula in DISPLAYS)
    return [(formula, change) for formula, each in made for change in each]


def functions(formula):
    """The names that are functions where this formula is evaluated: what stands behind them is no factor."""
    own = worlds(formula.chapter, formula.section) + worlds(formula.chapter, "")
    names = {name for world in own for name in [*world.arguments, *world.given, *world.define]}
    return frozenset(KNOWN) | {name for name in names if any(_is_function(name, world) for world in own)}


def _is_function(name, world):
    if name in world.arguments:
        return True
    try:
        return callable(world.value(name)) and not world.letters(name)
    except (LookupError, TypeError):
        return False


def called(formula, change):
    """How the list of survivors calls it."""
    place = f"({formula.number})" if formula.number else f"{formula.chapter} {formula.section}"
    return f"{place} {change}"


def is_noticed(formula, change):
    try:
        return any(True for _ in found_in(formula, change.tree))
    except Unknown:
        return True
