"""What a check says."""

import functools
import html
import re
from collections.abc import Callable
from types import FunctionType
from typing import Any, NamedTuple
from weakref import WeakSet

import numpy as np

from nnlib.teach.judged import judged

__all__ = [
    "CARD",
    "MARK",
    "UNREADABLE",
    "Repair",
    "Unnamed",
    "Verdict",
    "Wrong",
    "check",
    "is_found_right",
    "sentence",
    "verdict_of",
]

# In one line of Markdown, a span of code (left as it is) or a character that could begin something else.
CODE_OR_MARK = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)|[`<&$\\]|\](?=[(\[:])|:(?=//)")


class Repair(NamedTuple):
    """The smallest change that makes a reader's function right: where, and what.

    `line` is the reader's own; from `start` to `stop` stands what is wrong. `changes` are pairs of what
    stands there and what would make it right, either of them empty where a line is too much or missing;
    there are none where two different changes are equally plain. `count` mistakes were found, and they are
    `all` of them, or one of several.
    """

    line: str
    start: int
    stop: int
    changes: tuple[tuple[str, str], ...]
    count: int = 1
    all: bool = True


class Verdict:
    """What a check found: true if the answer is right; shown as a card with its sign.

    Attributes
    ----------
    right : bool
    text : str
        Markdown.
    repair : Repair or None
        Where the mistake is, and what would make it right, where a search has found it.
    """

    def __init__(self, right: bool, text: str, repair: Repair | None = None):
        self.right, self.text, self.repair = right, text, repair

    def __bool__(self) -> bool:
        return self.right

    @property
    def place(self) -> str:
        """The expression that is wrong, or nothing."""
        return self.repair.line[self.repair.start : self.repair.stop] if self.repair else ""

    @property
    def change(self) -> str:
        """What would make it right, in plain words; nothing where that is not known for sure."""
        return "; ".join(_in_words(old, new, "`{}`".format) for old, new in self._changes)

    @property
    def _changes(self):
        return self.repair.changes if self.repair else ()

    def __repr__(self) -> str:
        lines = [f"{SIGN[self.right]} {self.text}"]
        if found := self.repair:
            under = " " * found.start + "^" * max(found.stop - found.start, 1)
            lines += [_where(found), f"    {found.line}", f"    {under}"]
        lines += ["What would make it right is in the verdict's `.change`."] if self.change else []
        return "\n".join(lines)

    def _repr_markdown_(self) -> str:
        # The text quotes the learner's code and what it said: no tag and no link of theirs comes alive.
        text = CODE_OR_MARK.sub(lambda found: found[0] if found[1] else f"&#{ord(found[0])};", self.text)
        parts = [CARD[self.right], f"{SIGN[self.right]} {text}", *self._hint(), "</div>"]
        return "\n\n".join(parts)

    def _hint(self):
        """Yield the place as HTML and, folded, the change."""
        if found := self.repair:
            before, place, after = (found.line[: found.start], self.place, found.line[found.stop :])
            line = f"<code>{_plain(before)}{MARK}{_plain(place)}</mark>{_plain(after)}</code>"
            yield f"<p>{_where(found)} {line}</p>"
        if self._changes:
            said = "<br>".join(_in_words(old, new, _code) for old, new in self._changes)
            yield f"<details><summary>What would make it right</summary><p>{said}</p></details>"

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        return {}, judged() if self.right else {}


SIGN = {True: "✓", False: "✗"}
CARD = {
    right: f'<div style="border-left: 4px solid {colour}; padding: 1px 12px">'
    for right, colour in ((True, "#009E73"), (False, "#D55E00"))
}
MARK = '<mark style="background-color: #FFE08A; color: #222222; text-decoration: underline">'


def _where(found):
    if not found.all:
        return "There is more than one mistake. One is here:"
    if found.count == 1:
        return "Look here:"
    return f"There are {found.count} mistakes that have nothing to do with each other. The first is here:"


def _in_words(old, new, code):
    if new.startswith("→ "):
        return f"the line {code(old)} {new[2:]}"
    if not old:
        return f"a line that is missing: {code(new)}"
    return f"{code(new)} instead of {code(old)}" if new else f"without {code(old)}"


def _code(text):
    return f"<code>{_plain(text)}</code>"


def _plain(text):
    """Return a piece of code for a page: nothing in it is a tag, or begins a formula."""
    return re.sub(
        r"[`$\\\[\]*_]", lambda found: f"&#{ord(found[0])};", html.escape(" ".join(text.split("\n")))
    )


class Wrong(Exception):
    """A diagnosis, raised inside a check; `repair` is where the mistake is."""

    def __init__(self, words: str = "", repair: Repair | None = None):
        super().__init__(words)
        self.repair = repair

    def verdict(self) -> Verdict:
        """What a reader is shown."""
        return Verdict(False, str(self), self.repair)


class Unnamed(Wrong):
    """What is wrong is said, but not which mistake it is; `runs` are what was found, for a closer look."""

    runs: tuple = ()


found_right: WeakSet[FunctionType] = WeakSet()  # by their checks, the last time

UNREADABLE = "Your answer is of a kind that this check cannot read"


def verdict_of(judge: Callable[..., str | Verdict], *arguments: Any) -> Verdict:
    """The verdict of a function that returns it, or praise, or raises `Wrong`; an answer may do anything."""
    verdict = _said(judge, *arguments)
    if arguments and isinstance(arguments[0], FunctionType):
        (found_right.add if verdict else found_right.discard)(arguments[0])
    return verdict


def is_found_right(answer: Any) -> bool:
    """Whether this very function was right when a check looked at it last."""
    return isinstance(answer, FunctionType) and answer in found_right


def _said(judge, *arguments):
    try:
        with np.errstate(all="ignore"):  # what overflows in the reader's code is told in words
            found = judge(*arguments)
        return found if isinstance(found, Verdict) else Verdict(True, found)
    except Wrong as wrong:
        return wrong.verdict()
    except Exception as error:
        return Verdict(False, f"{UNREADABLE}: looking at it ends with {type(error).__name__}.")


def sentence(words: str) -> str:
    """Return words with a capital, to begin with."""
    return words[:1].upper() + words[1:]


def check(judge: Callable[..., str]) -> Callable[..., Verdict]:
    """Turn a function that returns praise, or raises `Wrong`, into a check that returns a `Verdict`."""

    @functools.wraps(judge)
    def checked(*arguments):
        return verdict_of(judge, *arguments)

    return checked
