"""Patients: programs with one bug each, what they show, and what speaks against another bug."""

import functools
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nnlib.teach import _doors as door

__all__ = ["RIGHT", "Bug", "Symptoms", "Ward"]

RIGHT = 1e-7  # errors below are those of rounding, or of differences


class Bug(NamedTuple):
    """One bug: its key, what is wrong, where it was published, its lines, and what gives it away.

    `source` is empty where it is a common slip, or here only to be told from the others. `program` is one
    that has it.
    """

    key: str
    name: str
    source: str
    wrong_line: str
    right_line: str
    sign: str
    program: Any


class Symptoms(NamedTuple):
    """What a program with a bug shows: `errors[setting][column]`. Printed, it is a table.

    An error is a relative one; None where it is not asked, nan for another shape.
    """

    title: str
    errors: dict

    def __str__(self):
        columns = list(next(iter(self.errors.values())))
        rows = [(self.title, columns)]
        rows += [(setting, [_said(errors[c]) for c in columns]) for setting, errors in self.errors.items()]
        first, others = max(map(len, self.errors)) + 1, max(8, *(len(c) + 2 for c in columns))
        return "\n".join(
            f"{head:{first}}" + "".join(f"{cell:>{others}}" for cell in cells) for head, cells in rows
        )


def _said(error):
    if error is None:
        return "-"
    if np.isnan(error):
        return "shape"
    return "0" if error < RIGHT else f"{error:.2g}"


class Ward:
    """The bugs of a chapter, and its patients.

    Parameters
    ----------
    file : str
        The module of the bugs; their words stand beside it, in a file of the same name, .toml.
    programs : dict
        For each key what has the bug.
    patients : dict
        From the number of a patient to the key of its bug.
    called : str
        What a patient is called.
    settings : dict
        For each name what a program is tried on.
    errors : function (program, *setting) -> dict
        What a program shows in a setting, column by column.
    """

    def __init__(self, file, programs, patients, called, settings, errors):
        words = tomllib.loads(Path(file).with_suffix(".toml").read_text("utf-8"))
        self.bugs = {key: Bug(key, **told, program=programs[key]) for key, told in words.items()}
        self.patients, self.called, self.settings, self._errors = patients, called, settings, errors
        self.errors = functools.cache(self.errors)

    def errors(self, key):
        """Return what a bug shows in each setting. Measured once."""
        return {name: self._errors(self.bugs[key].program, *of) for name, of in self.settings.items()}

    def key(self, patient):
        """Return the key of a patient's bug."""
        return self.patients[door.whole(patient, "patient", 1, len(self.patients))]

    def symptoms(self, patient):
        """Return the `Symptoms` of a patient."""
        key = self.key(patient)
        return Symptoms(f"{self.called} {patient}", self.errors(key))

    def against(self, key, patient):
        """Return what speaks against a bug in what a patient shows, as a sentence; None if nothing does."""
        bug, seen = self.bugs[door.one_of(key, "key", tuple(self.bugs))], self.symptoms(patient).errors
        for setting, errors in self.errors(bug.key).items():
            for column, error in errors.items():
                expected, found = _said(error), _said(seen[setting][column])
                if expected != found:
                    return (
                        f"With that bug {bug.sign}. In the line `{setting}` it would say {expected} for"
                        f" {column}; here it says {found}."
                    )
        return None
