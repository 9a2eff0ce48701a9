"""How far a reader has come, read from his notebooks as they are saved."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from nnlib.command.chapters import in_folder
from nnlib.command.files import Problem, read
from nnlib.command.notebook import Exercise, cells, exercises, load

__all__ = ["Progress", "progress"]

STATES = ("right", "tried", "untouched")


@dataclass
class Progress:
    """The exercises of each chapter of a folder, shown as a table, and the chapters that cannot be read."""

    chapters: dict[str, list[Exercise]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def rows(self) -> list[list[str]]:
        """Return a row for each chapter with exercises, and their sums."""
        rows = [[name, *_counted(found)] for name, found in self.chapters.items() if found]
        return [*rows, ["all", *_counted([one for found in self.chapters.values() for one in found])]]

    def notes(self) -> list[str]:
        """Return what is to be said below the table."""
        found = [(name, one) for name, several in self.chapters.items() for one in several]
        old = [one.number for _, one in found if one.outdated]
        notes = [f"{number} has a ✓ that is older than its code: run both cells again." for number in old]
        left = [(name, one) for name, one in found if one.state != "right"]
        if left:
            name, one = left[0]
            notes.append(f"Next: exercise {one.number} in {name}.ipynb, {one.state} so far.")
        elif found:
            notes.append("All of them are right.")
        return notes + self.unread

    def __str__(self) -> str:
        rows = [["chapter", *STATES], *self.rows()]
        width = max(len(row[0]) for row in rows)
        table = [f"{name:{width}}  {right:>5}  {tried:>5}  {rest:>9}" for name, right, tried, rest in rows]
        return "\n".join([*table, "", *self.notes()])

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        head = [f"| chapter | {' | '.join(STATES)} |", "| --- | ---: | ---: | ---: |"]
        rows = [f"| {' | '.join(row)} |" for row in self.rows()]
        return "\n".join([*head, *rows, "", *(f"{note}  " for note in self.notes())])


def _counted(found):
    """Return how many exercises are in each state; none is a dash, which the eye skips."""
    counts = Counter(one.state for one in found)
    return [str(counts[state] or "–") for state in STATES]


def progress(folder: Path | str = ".") -> Progress:
    """Return how far the reader has come in the notebooks of a folder, as they are saved."""
    found = Progress()
    for path in in_folder(Path(folder)):
        try:
            found.chapters[path.stem] = exercises(cells(load(read(path), path)))
        except Problem as problem:
            found.unread.append(str(problem))
    return found
