"""One entry of a layer's gradients, traced to the sum that it is, for the arrays of chapter 02."""

import ast

import numpy as np

from nnlib.teach.widgets import entry_tracer
from nnlib.teach.widgets.entry_tracer import AXES, GRADIENTS
from tools.book.living import rows

KIND = "computed"


def data(call):
    """Return the controls, the arrays as rows, and how each gradient is made of them."""
    X, W, dZ = (np.array(call.literal(name.id)) for name in call.arguments)
    options = {name: ast.literal_eval(value) for name, value in call.keywords.items()}
    arrays = {"X": X, "W": W, "dZ": dZ, "dW": X.T @ dZ, "db": dZ.sum(axis=0), "dX": dZ @ W.T}
    return {
        "rows": rows(entry_tracer(X, W, dZ, **options)),
        "arrays": {name: np.atleast_2d(A).tolist() for name, A in arrays.items()},
        "axes": AXES,
        "gradients": {name: gradient._asdict() for name, gradient in GRADIENTS.items()},
    }
