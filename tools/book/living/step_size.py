"""The step size of chapter 06."""

import numpy as np

from nnlib.teach.widgets import step_size
from nnlib.teach.widgets.step_size import FUNCTIONS
from tools.book.living import rows

KIND = "computed"
NAMES = {np.exp: "exp", np.sin: "sin", np.tanh: "tanh", np.square: "square", np.abs: "absolute"}


def data(call):
    """Return the controls, and of each function its name in JavaScript, point, derivatives and kink."""
    functions = {
        name: {
            "f": NAMES.get(one.f, "maximum"),
            "x": one.x,
            "derivatives": [float(value) for value in one.derivatives],
            "kink": one.kink,
        }
        for name, one in FUNCTIONS.items()
    }
    return {"rows": rows(step_size()), "functions": functions}
