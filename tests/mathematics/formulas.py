"""The formulas of the stored chapters, and the worlds in which they are evaluated."""

import importlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from nnlib.teach.mathematics import tree as t
from nnlib.teach.mathematics.functions import KNOWN
from nnlib.teach.mathematics.reading import read
from nnlib.teach.mathematics.world import Unknown
from tests.mathematics.claims import Scene, faults

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
    nth: int  # in its cell
    section: str
    latex: str
    inline: bool

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
        found = PIECES.finditer("".join(cell["source"])) if cell["cell_type"] == "markdown" else ()
        for nth, piece in enumerate(found, 1):
            section = piece["section"] or section
            if latex := piece["display"] or piece["inline"]:
                yield Formula(chapter, number, nth, section, latex.strip(), not piece["display"])


EVERY = [formula for path in CHAPTERS for formula in formulas(path)]
# A_notation shows the chapters' formulas once more.
DISPLAYS = [formula for formula in EVERY if not formula.inline and formula.chapter != "A"]
INLINE = [formula for formula in EVERY if formula.inline and formula.chapter != "A"]


@cache
def sections(chapter):
    """What the chapter's file of worlds has: for each section the functions that make them."""
    try:
        return importlib.import_module(f"tests.mathematics.world_{chapter}").WORLDS
    except ModuleNotFoundError:
        return {}


@cache
def worlds(chapter, section):
    """The worlds of a section, for every seed; none if it has none of its own."""
    made = sections(chapter).get(section, [])
    return [
        make(np.random.default_rng([seed, place])) for seed in range(SEEDS) for place, make in enumerate(made)
    ]


# Where a formula of an earlier chapter is recalled, and where none has letters
RECALLED = [("02", ""), ("03", "tanh and the sigmoid"), ("01", "")]
ROUNDING = [Scene(None)]


def places(formula):
    """Yield lists of worlds: of its section, of its chapter; for what is recalled, of earlier ones."""
    yield worlds(formula.chapter, formula.section)
    yield worlds(formula.chapter, "")
    if formula.inline:
        yield from (worlds(*place) for place in RECALLED)
        yield ROUNDING


def found_in(formula, tree=None):
    """Yield the faults of a formula, or of another in its place, in the first worlds that know it."""
    tree, unknown = tree or read(formula.latex), Unknown("a world")
    for known in places(formula):
        try:
            if known:
                yield from faults(tree, known)
                return
        except Unknown as name:
            unknown = name
    raise unknown


def kind(formula):
    """What an inline formula with a relation is: "executed", or why it is not; None if nothing says so."""
    tree = read(formula.latex)
    chain = tree.sections[0].listings[0][0]
    *_, last = sides = chain.sides
    without_name = t.Display((t.Section(((t.Chain(sides[1:], chain.relations[1:]),),)),))
    for one in [tree, without_name] if len(sides) > 2 and isinstance(sides[0], t.Name) else [tree]:
        try:
            if not any(found_in(formula, one)):
                return "executed"
        except Unknown:
            pass
    plain = [isinstance(side, t.Name) or _is_literal(side) for side in sides]
    if set(chain.relations) <= set("<≤>≥≠∼→") and any(plain):
        return "a condition"
    if chain.relations == ("=",) and (all(plain) or _is_literal(last)) and not _is_literal(sides[0]):
        return "a setting"
    return "a name being given" if isinstance(sides[0], t.Name) and not _is_known(sides[0], formula) else None


def _is_literal(tree):
    names = (part for _, part in t.walk(tree) if isinstance(part, t.Name | t.Gradient))
    return all(isinstance(one, t.Name) and one.base in KNOWN for one in names)


def _is_known(name, formula):
    own = worlds(formula.chapter, formula.section) + worlds(formula.chapter, "")
    return any(name.base in world or world.family(name.base) in world for world in own)
