"""Checks of the exercises: each runs the learner's answer, says whether it is right, and if not, what it did.

A check never raises for a wrong or missing answer; it returns a `Verdict`, which JupyterLab shows as text.
There is a module for each chapter; `answers` holds what they share.
"""

from nnlib.teach.checks.answers import Verdict
from nnlib.teach.checks.mnist import confusion, mnist_recipe, multiplications, one_hot
from nnlib.teach.checks.start_here import installation, shapes
from nnlib.teach.checks.xor import dead_units, solves_xor, xnor_weights

__all__ = [
    "Verdict",
    "confusion",
    "dead_units",
    "installation",
    "mnist_recipe",
    "multiplications",
    "one_hot",
    "shapes",
    "solves_xor",
    "xnor_weights",
]
