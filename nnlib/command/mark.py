"""What is known of one exercise of one student."""

import re
from dataclasses import dataclass

__all__ = ["STATES", "Mark"]

STATES = ("right", "tried", "untouched", "missing", "unread", "stopped")
ANY_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.S)
ANY_NUMBER = re.compile(r"[-+]?\d[\d.,e+-]*")


@dataclass(frozen=True)
class Mark:
    """One row of the table.

    `state` is "right", "tried" or "untouched"; "missing" where the notebook, or the exercise in it, is not
    there; "unread" where the notebook is damaged; "stopped" where its time or memory was over before it.
    `words` are what the check says, as the student hears it, and `place` the expression that it marks.
    """

    student: str
    chapter: str
    exercise: str
    state: str
    words: str = ""
    place: str = ""

    @property
    def diagnosis(self) -> str:
        """What a student hears who is not right, with the place in his code."""
        if self.state == "right":
            return ""
        return f"{self.words} Look here: `{self.place}`" if self.place else self.words

    @property
    def kind(self) -> str:
        """The words without what differs from student to student: quoted code, and numbers."""
        return ANY_NUMBER.sub("#", ANY_CODE.sub("`…`", self.words))
