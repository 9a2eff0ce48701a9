"""Every array of a network of two layers, to scale."""

from nnlib.teach.widgets import shape_calculator
from nnlib.teach.widgets.shape_calculator import EXAMPLES, OWN
from tools.book.living import rows

KIND = "computed"


def data(call):
    """Return the controls, the sizes of each example, and the name of what is none."""
    return {"rows": rows(shape_calculator()), "examples": EXAMPLES, "own": OWN}
