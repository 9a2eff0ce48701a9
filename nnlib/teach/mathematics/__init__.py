"""Formulas as they stand on the page: read, evaluated, and put into numbers.

`read` makes a tree of LaTeX, `read_typed` of what a reader writes; a `World` says what its letters are worth;
`faults` tells whether what it claims is true. CONTRIBUTING.md says what a formula may contain.
"""

from nnlib.teach.mathematics.changes import Change, changes
from nnlib.teach.mathematics.claims import Fault, faults, links
from nnlib.teach.mathematics.evaluation import evaluate
from nnlib.teach.mathematics.numbers import with_indices, with_numbers
from nnlib.teach.mathematics.reading import expression, read, read_typed
from nnlib.teach.mathematics.words import NotReadable
from nnlib.teach.mathematics.world import Unknown, World
from nnlib.teach.mathematics.writing import latex

__all__ = [
    "Change",
    "Fault",
    "NotReadable",
    "Unknown",
    "World",
    "changes",
    "evaluate",
    "expression",
    "faults",
    "latex",
    "links",
    "read",
    "read_typed",
    "with_indices",
    "with_numbers",
]
