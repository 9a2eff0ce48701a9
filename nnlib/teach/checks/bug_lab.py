"""The check of the bug lab of chapter 06."""

from nnlib.teach.bugs import CHOICES, PATIENTS, against, evidence
from nnlib.teach.checks.answers import Wrong, check

__all__ = ["bug_names"]


@check
def bug_names(answer):
    """Check the dict from patients, 1 to 10, to the keys of their bugs.

    See notebooks/06_gradient_checking.ipynb.
    """
    if not isinstance(answer, dict):
        raise Wrong(f"expected the dict of the exercise, and got {answer!r}.")
    if odd := [number for number in answer if number not in PATIENTS]:
        raise Wrong(f"There is no patient {odd[0]!r}: they are numbered from 1 to {len(PATIENTS)}.")
    missing = [number for number in PATIENTS if answer.get(number) is None or answer[number] is ...]
    if len(missing) == len(PATIENTS):
        raise Wrong(
            "Not attempted yet. Hint: begin with patient 1. Going back from the loss, which is the first"
            " gradient that disagrees, and what has been done to its numbers?"
        )
    wrong = {
        number: _reason(number, answer[number])
        for number in PATIENTS
        if number not in missing and answer[number] != PATIENTS[number]
    }
    right = len(PATIENTS) - len(missing) - len(wrong)
    if right == len(PATIENTS):
        return f"Right, all {right}."
    lines = [f"- patient {number}: {why}" for number, why in wrong.items()]
    lines += [f"- not answered yet: {', '.join(map(str, missing))}"] if missing else []
    raise Wrong("\n".join([f"{right} of {len(PATIENTS)} right.", "", *lines]))


def _reason(number, key):
    """Return what in a patient's evidence speaks against a name that is not his bug's."""
    if not isinstance(key, str) or key not in CHOICES:
        return f"{key!r} is none of the names: {', '.join(CHOICES)}."
    return f"not {key}. {against(CHOICES[key], evidence(PATIENTS[number]))}"
