"""Each letter of each formula stands in the table of symbols, for the chapter that uses it."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from nnlib.teach.mathematics import NotReadable, read
from nnlib.teach.mathematics.functions import KNOWN
from nnlib.teach.mathematics.tree import Name, walk
from nnlib.teach.mathematics.words import ACCENTS
from tests.mathematics.formulas import DISPLAYS, INLINE

TABLE = (Path(__file__).resolve().parents[1] / "tools" / "notation.md").read_text("utf-8")
CHAPTERS = sorted({formula.chapter for formula in DISPLAYS + INLINE})
ROWS = [re.split(r" ?\| ", line.strip(" |")) for line in TABLE.splitlines() if line.startswith("| $")]


def letters(latex):
    """The letters of a formula, without hats and stars; words are none, and functions neither."""
    try:
        names = {part.base for _, part in walk(read(latex)) if isinstance(part, Name)}
    except NotReadable:
        return set()
    bare = {re.sub(rf"_({'|'.join(ACCENTS)}|star)$", "", name) for name in names}
    return {
        name for name in bare if name not in KNOWN and (len(name) == 1 and name.isalpha() or name in GREEK)
    }


def said_of(cell):
    """The chapters that a cell of the table names: "all", or "00, 03 to 06, B"."""
    found = set()
    for part in cell.split(", "):
        first, last = re.fullmatch(r"(\w+?)(?: to (\w+))?", part).groups()
        found |= set(CHAPTERS) if first == "all" else {first}
        found |= {f"{number:02}" for number in range(int(first), int(last) + 1)} if last else set()
    return found


GREEK = set("alpha beta gamma delta eps eta theta lam mu xi rho sigma tau phi omega ell".split())
MEANT = defaultdict(set)
for row in ROWS:
    for chapter in said_of(row[-1]):
        MEANT[chapter].update(*(letters(latex) for latex in re.findall(r"\$([^$]+)\$", " ".join(row[:-1]))))


def test_the_table_is_read():
    assert len(ROWS) > 100 and {"W", "eta", "sigma"} <= MEANT["09"]
    assert {cell for row in ROWS for cell in said_of(row[-1])} <= {*CHAPTERS}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_letter_has_its_row(chapter):
    used = [(letter, formula) for formula in DISPLAYS + INLINE if formula.chapter == chapter
            for letter in letters(formula.latex)]  # fmt: skip
    assert {letter: str(formula) for letter, formula in used if letter not in MEANT[chapter]} == {}
