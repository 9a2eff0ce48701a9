"""What all checks share. An exercise is a page: the right program, some trials, and a catalogue of mistakes.

`exercise` runs a reader's function beside the right one and names the mistake, `sheet` looks at numbers that
are filled in, `trained` trains what a reader sets up. Below them stand the catalogue (text, a mistake in one
line), the one bounded way to run a reader's function, and the plain words for a crash.
"""

from nnlib.teach.checks.engine.chosen import chosen
from nnlib.teach.checks.engine.exercise import Exercise, Trial, exercise
from nnlib.teach.checks.engine.formula import Formula
from nnlib.teach.checks.engine.remedies import Remedies
from nnlib.teach.checks.engine.running import Crash, call, number, numbers, shown, untouched
from nnlib.teach.checks.engine.sheet import Sheet, sheet
from nnlib.teach.checks.engine.trained import settings, too_dear, trained, trained_already, why
from nnlib.teach.checks.engine.verdict import Verdict, Wrong, check

__all__ = [
    "Crash",
    "Exercise",
    "Formula",
    "Remedies",
    "Sheet",
    "Trial",
    "Verdict",
    "Wrong",
    "call",
    "check",
    "chosen",
    "exercise",
    "number",
    "numbers",
    "settings",
    "sheet",
    "shown",
    "too_dear",
    "trained",
    "trained_already",
    "untouched",
    "why",
]
