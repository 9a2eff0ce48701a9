"""The catalogue of an exercise: text that names mistakes as a learner would type them.

    The factor 2 that the derivative of a square leaves is missing.
        ± (Y_hat - Y) / Y.size
    You take the logarithm with another base than e.
        np.log → np.⟨log2|log10⟩
    db: That is one number; every output has a bias.
        db = dZ.sum()

What stands at the margin are the words that are said; below them stand, a line each, the edits of the right
program that earn them (see `program.edited`); a line that is indented further goes on with the one before.

- ⟨a|b⟩ stands for a line with a and a line with b.
- ± stands for the line, and for the same with the opposite sign, which adds a sentence.
- Words that begin with the name of a result, `db: `, speak of this one of several results; an expression is
  then this result alone. `{result}` in the words is replaced by its name.
"""

import itertools
import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["Entry", "lines", "only", "read"]

CHOICE = re.compile(r"⟨(.*?)⟩")
EITHER_SIGN = "±"


class Entry(NamedTuple):
    """A known way to be wrong: an edit of the right program, and the words for it.

    Where the program has several results, `result` names the one that is spoken of.
    """

    words: str
    edit: str
    result: str | None = None


def lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield words and line for each line of a catalogue, without the marks being resolved."""
    words: list[str] = []
    line, spoken = "", False
    for row in [*textwrap.dedent(text).splitlines(), ""]:
        depth = len(row) - len(row.lstrip())
        if depth > 4 and line:
            line += "\n" + row[4:]
            continue
        if line:
            yield " ".join(words), line
            line, spoken = "", True
        if depth:
            line = row.strip()
        elif row.strip():
            words, spoken = ([] if spoken else words) + [row.strip()], False


def read(text: str, results: Sequence[str] = (), backwards: str = "") -> list[Entry]:
    """Return the entries of a catalogue; `backwards` is the sentence that ± adds."""
    entries = []
    for words, line in lines(text):
        result = next((name for name in results if words.startswith(f"{name}: ")), None)
        said = words.removeprefix(f"{result}: ")
        edit = line.removeprefix(EITHER_SIGN).lstrip()
        for choice in _choices(edit):
            entries.append(Entry(said, choice, result))
            if edit != line:
                entries.append(Entry(f"{said} {backwards}", _opposite(choice), result))
    return entries


def _opposite(edit):
    name, assigned, value = edit.rpartition(" = ")
    return f"{name}{assigned}-({value})"


def _choices(line):
    parts = CHOICE.split(line)
    options = [part.split("|") if k % 2 else [part] for k, part in enumerate(parts)]
    return map("".join, itertools.product(*options))


def only(result: str, text: str) -> str:
    """Return a catalogue whose words all speak of one result; another one can be added to it."""
    return "".join(
        f"\n    {result}: {words}\n{textwrap.indent(line, ' ' * 8)}\n" for words, line in lines(text)
    )
