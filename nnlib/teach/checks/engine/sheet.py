"""An exercise whose answer is a sheet: a dict of names that the reader fills in."""

from collections.abc import Callable, Sequence
from typing import Any

from nnlib.teach.checks.engine.running import shown
from nnlib.teach.checks.engine.verdict import Verdict, Wrong, verdict_of

__all__ = ["Sheet", "sheet"]

NUMERALS = "no one two three four five six seven eight nine ten".split()


class Sheet:
    """A check of a sheet: called with the reader's dict, it returns a `Verdict`, a line for each wrong name.

    Parameters
    ----------
    judge : function (name, filled) -> words or None
        What is wrong with one value; `filled` is the dict of all values that are filled in.
    names : sequence
        The names on the sheet.
    hint : str
        Where nothing is filled in.
    praise : str
    what : str
        What the names are, in the plural.
    line : str
        How a name begins its line, such as "`{}`" or "patient {}".
    read : function, optional
        Where the values are numbers: `engine.number`. What it cannot read is told, and not judged.
    """

    def __init__(
        self,
        judge: Callable[[Any, dict], str | None],
        *,
        names: Sequence[Any],
        hint: str,
        praise: str,
        what: str = "names",
        line: str = "`{}`",
        read: Callable[[Any], Any] | None = None,
    ):
        self.__name__, self.__module__, self.__doc__ = judge.__name__, judge.__module__, judge.__doc__
        self.judge, self.names, self.hint, self.praise = judge, names, hint, praise
        self.what, self.line, self.read = what, line, read

    def __call__(self, answer: Any) -> Verdict:
        return verdict_of(self._judge, answer)

    def _judge(self, answer):
        """Return praise if the sheet is right; raise `Wrong` if not."""
        if not isinstance(answer, dict):
            raise Wrong(f"expected the dict of the exercise, and got {shown(answer)}.")
        for name in answer:
            if name not in self.names:
                known = f"the {NUMERALS[len(self.names)]} {self.what}: {_listed(self.names)}"
                raise Wrong(f"{shown(name)} is none of {known}.")
        filled = {name: answer[name] for name in self.names if not _is_empty(answer.get(name))}
        if not filled:
            raise Wrong(f"Not attempted yet. Hint: {self.hint}")
        unread = {}
        if self.read:
            values = {name: self.read(value) for name, value in filled.items()}
            unread = {name: value for name, value in filled.items() if values[name] is None}
            filled = {name: value for name, value in values.items() if name not in unread}
        wrong = {name: f"it is {shown(value)}; expected one number." for name, value in unread.items()}
        wrong |= {name: why for name in filled if (why := self.judge(name, filled))}
        right = [name for name in filled if name not in wrong]
        missing = [name for name in self.names if name not in filled and name not in unread]
        if not wrong and not missing:
            return self.praise
        lines = [f"{len(right)} of {len(self.names)} right{': ' if right else ''}{_listed(right)}.", ""]
        lines += [f"- {self.line.format(name)}: {why}" for name, why in wrong.items()]
        lines += [f"- not answered yet: {_listed(missing)}"] if missing else []
        raise Wrong("\n".join(lines))


def _is_empty(value):
    return value is None or value is ...


def _listed(names):
    names = list(map(str, names))
    return ("; " if any("," in name for name in names) else ", ").join(names)


def sheet(**page: Any) -> Callable[[Callable], Sheet]:
    """Make a function that judges one value the `Sheet` whose page says what else there is to it."""
    return lambda judge: Sheet(judge, **page)
