"""What a check says."""

import functools
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib.teach.judged import judged

__all__ = ["UNREADABLE", "Verdict", "Wrong", "check", "verdict_of"]

# In one line of Markdown, a span of code (left as it is) or a character that could begin something else.
CODE_OR_MARK = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)|[`<&$\\]|\](?=[(\[:])|:(?=//)")


class Verdict:
    """What a check found: true if the answer is right; shown as a sentence.

    Attributes
    ----------
    right : bool
    text : str
        Markdown.
    """

    def __init__(self, right: bool, text: str):
        self.right, self.text = right, text

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        # The text quotes the learner's code and what it said: no tag and no link of theirs comes alive.
        text = CODE_OR_MARK.sub(lambda found: found[0] if found[1] else f"&#{ord(found[0])};", self.text)
        return f"{'✓' if self.right else '✗'} {text}"

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        return {}, judged() if self.right else {}


class Wrong(Exception):
    """A diagnosis, raised inside a check."""


UNREADABLE = "Your answer is of a kind that this check cannot read"


def verdict_of(judge: Callable[..., str], *arguments: Any) -> Verdict:
    """Return the verdict of a function that returns praise, or raises `Wrong`. An answer may do anything."""
    try:
        with np.errstate(all="ignore"):  # what overflows in the reader's code is told in words
            return Verdict(True, judge(*arguments))
    except Wrong as wrong:
        return Verdict(False, str(wrong))
    except Exception as error:
        return Verdict(False, f"{UNREADABLE}: looking at it ends with {type(error).__name__}.")


def check(judge: Callable[..., str]) -> Callable[..., Verdict]:
    """Turn a function that returns praise, or raises `Wrong`, into a check that returns a `Verdict`."""

    @functools.wraps(judge)
    def checked(*arguments):
        return verdict_of(judge, *arguments)

    return checked
