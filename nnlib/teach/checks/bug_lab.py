"""The bug lab of chapter 06."""

from nnlib.teach.bugs import CHOICES, PATIENTS, against, evidence
from nnlib.teach.checks.engine import sheet, shown

__all__ = ["bug_names"]


@sheet(
    names=list(PATIENTS),
    hint="begin with patient 1. Going back from the loss, which is the first gradient that disagrees, and"
    " what has been done to its numbers?",
    praise=f"Right, all {len(PATIENTS)}.",
    what="patients",
    line="patient {}",
)
def bug_names(patient, filled):
    """Check the dict from patients, 1 to 10, to the keys of their bugs.

    See notebooks/06_gradient_checking.ipynb.
    """
    return unlike(
        filled[patient],
        PATIENTS[patient],
        CHOICES,
        lambda named: against(CHOICES[named], evidence(PATIENTS[patient])),
    )


def unlike(named, right, choices, against):
    """Return what speaks against the name that was given to a bug; None where it is the right one."""
    if not isinstance(named, str) or named not in choices:
        return f"{shown(named)} is none of the names: {', '.join(choices)}."
    return None if named == right else f"not {named}. {against(named)}"
