"""What all checks share. An exercise is a page: the right program, some trials, and a catalogue of mistakes.

`exercise` runs a reader's function beside the right one and names the mistake, `staged` looks at one thing of
it after the other, `sheet` looks at numbers that are filled in, `trained` trains what a reader sets up. Below
them stand the catalogue (text, a mistake in one line), the one bounded way to run a reader's function, the
search for the smallest change that makes it right, and the plain words for a crash.
"""

from nnlib.teach.checks.engine.chosen import chosen
from nnlib.teach.checks.engine.exercise import Exercise, Trial, exercise
from nnlib.teach.checks.engine.formula import Formula
from nnlib.teach.checks.engine.remedies import Remedies
from nnlib.teach.checks.engine.running import Crash, call, number, numbers, shown, untouched
from nnlib.teach.checks.engine.sheet import Sheet, sheet
from nnlib.teach.checks.engine.staged import Staged, passed, staged
from nnlib.teach.checks.engine.trained import settings, too_dear, trained, trained_already, why
from nnlib.teach.checks.engine.verdict import Unnamed, Verdict, Wrong, check

__all__ = [
    "Crash",
    "Exercise",
    "Formula",
    "Remedies",
    "Sheet",
    "Staged",
    "Trial",
    "Unnamed",
    "Verdict",
    "Wrong",
    "call",
    "check",
    "chosen",
    "exercise",
    "number",
    "numbers",
    "passed",
    "settings",
    "sheet",
    "shown",
    "staged",
    "too_dear",
    "trained",
    "trained_already",
    "untouched",
    "why",
]
