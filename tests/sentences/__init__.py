"""The sentences of a chapter that claim something, and what holds each of them.

`python -m tests.sentences 07` lists what chapter 07 claims and its file does not hold yet, ready to be put
there, and what the file holds and the chapter does not say any more.
"""

import json
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
CHAPTERS = {
    path.name.partition("_")[0]: path
    for path in sorted((FOLDER.parents[1] / "notebooks").glob("*.ipynb"))
    if not path.name.startswith("A_")  # it repeats what the chapters hold
}
# What needs no cell, and why; a formula is executed by test_mathematics.
KINDS = (
    "a setting",  # what the code beside it chooses: 60 epochs, batches of 20
    "a question",  # to the reader, answered elsewhere
    "a definition",  # a name is given, a rule is made
    "in the text",  # counted or computed where it stands: of these three, 2 + 2 is 4
    "a source",  # from elsewhere, with its source
)
CLAIMING = re.compile(
    r"\d|\b(always|never|the same|hardly|most|mostly|twice|half|none)\b"
    r"|\b(two|three|four|five|ten|many) times\b",
    re.I,
)
_LEFT_OUT = re.compile(
    r"^(```|~~~).*?^\1|\$\$.*?\$\$|</?[a-z][^>]*>|^#.*?$|^\*\*(?:Next|Before)\b.*?$", re.M | re.S
)
_BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*|]|\d+\.)\s)")
_END = re.compile(r"(?<=[.:?;!])[*_\"”)]*\s+(?=[A-Z(`$*\"“\[])")
# Numbers that claim nothing: in names, links, formulas of letters, and what is referred to.
_NAMED = re.compile(
    r"\$(?![\d.,%\\ {}]+\$)[^$]*\$|`[^`]*`|\[[^\]]*\]\([^)]*\)|\((?:\d+|[AB])\.\d+\)"
    r"|\bchapters? \d\d(?:(?:,| and| to) \d\d)*|\b\d\d(?= (?:shows|derives|has))|\bexercises? \w+\.\d+"
    r"|\b(?:18|19|20)\d\d\b|^[\s*]*\d+\.(?:\s|$)",
    re.I,
)


def sentences(source):
    """Yield each sentence of a markdown cell, on one line."""
    for block in _BLOCK.split(_LEFT_OUT.sub("\n\n", source)):
        yield from filter(None, _END.split(" ".join(block.split())))


def claims(chapter):
    """The sentences of a chapter that claim something, in order, up to its references."""
    found = {}
    for cell in json.loads(CHAPTERS[chapter].read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and "## References" not in source:
            found |= {one: None for one in sentences(source) if is_a_claim(one)}
    return list(found)


def is_a_claim(sentence):
    return CLAIMING.search(_NAMED.sub(" ", sentence)) is not None


@cache
def held(chapter):
    """{sentence: (table, key)} as the chapter's file has it; a sentence that stands twice is an error."""
    path = FOLDER / f"{chapter}.toml"
    tables = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    rows = [
        (one, (table, key)) for table, keys in tables.items() for key, all_ in keys.items() for one in all_
    ]
    twice = [one for one, count in Counter(one for one, _ in rows).items() if count > 1]
    if twice:
        raise ValueError(f"{path.name} holds twice: {twice}")
    return dict(rows)
