"""Formulas as they stand on the page: read, evaluated, and put into numbers.

`read` makes a tree of LaTeX, `read_typed` of what a reader writes; a `World` says what its letters are worth;
`evaluate` computes them. CONTRIBUTING.md says what a formula may contain.
"""

from nnlib.teach.mathematics.changes import Change, changes
from nnlib.teach.mathematics.evaluation import alike, evaluate
from nnlib.teach.mathematics.marking import marked
from nnlib.teach.mathematics.numbers import with_indices, with_numbers
from nnlib.teach.mathematics.reading import chains, expression, read, read_typed
from nnlib.teach.mathematics.words import NotReadable, mended
from nnlib.teach.mathematics.world import Unknown, World
from nnlib.teach.mathematics.writing import latex

__all__ = [
    "Change",
    "NotReadable",
    "Unknown",
    "World",
    "alike",
    "chains",
    "changes",
    "evaluate",
    "expression",
    "latex",
]
__all__ += ["marked", "mended", "read", "read_typed", "with_indices", "with_numbers"]
