"""The formulas of the stored chapters, and the worlds in which they are evaluated."""

import importlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from nnlib.teach.mathematics.functions import KNOWN
from nnlib.teach.mathematics.reading import read
from nnlib.teach.mathematics.world import Unknown
from tests.mathematics.claims import faults

CHAPTERS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
SEEDS = 3
PIECES = re.compile(
    r"```.*?```|`[^`\n]*`"  # code
    r"|^\#\#[ ]+(?P<section>.+?)[ ]*$"
    r"|\$\$(?P<display>.+?)\$\$"
    r"|\$(?P<inline>[^$]+?)\$",
    re.M | re.S | re.X,
)
TAG = re.compile(r"\\tag\{(.*?)\}|\\text\{\((\w+\.\w+)\)\}")


@dataclass(frozen=True)
class Formula:
    chapter: str
    cell: int
    section: str
    latex: str
    inline: bool = False

    @property
    def number(self):
        found = TAG.search(self.latex)
        return found and (found[1] or found[2])

    def __str__(self):
        name = f" ({self.number})" if self.number else ""
        return f"chapter {self.chapter}, cell {self.cell}{name}"


def formulas(path):
    """Yield each formula of a stored notebook."""
    chapter, section = path.name[:2].strip("_"), ""
    for number, cell in enumerate(json.loads(path.read_text("utf-8"))["cells"]):
        for piece in PIECES.finditer("".join(cell["source"])) if cell["cell_type"] == "markdown" else ():
            section = piece["section"] or section
            if latex := piece["display"] or piece["inline"]:
                yield Formula(chapter, number, section, latex.strip(), not piece["display"])


EVERY = [formula for path in CHAPTERS for formula in formulas(path)]
DISPLAYS = [formula for formula in EVERY if not formula.inline]


@cache
def worlds(chapter, section):
    """The worlds of a section, for every seed; none if it has none of its own."""
    try:
        made = importlib.import_module(f"tests.mathematics.world_{chapter}").WORLDS.get(section, [])
    except ModuleNotFoundError:
        return []
    return [
        make(np.random.default_rng([seed, place])) for seed in range(SEEDS) for place, make in enumerate(made)
    ]


def functions(formula):
    """The names that are functions where this formula is evaluated."""
    known = worlds(formula.chapter, formula.section) + worlds(formula.chapter, "")
    given = {name for world in known for name, value in world._given.items() if callable(value)}
    return frozenset(KNOWN) | given | {name for world in known for name in world.arguments} | {"f", "y", "E"}


def found_in(formula, tree=None):
    """Yield the faults of a formula, or of another in its place: in the worlds of its section, or else of its chapter."""
    tree = tree or read(formula.latex)
    unknown = Unknown("a world")
    for section in (formula.section, ""):
        try:
            if known := worlds(formula.chapter, section):
                yield from faults(tree, known)
                return
        except Unknown as name:
            unknown = name
    raise unknown
