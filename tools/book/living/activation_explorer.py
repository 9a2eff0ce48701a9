"""An activation, its slope, and a batch of inputs on it."""

import base64

from nnlib.teach.widgets import activation_explorer
from nnlib.teach.widgets.activation_explorer import BATCH, DEPTH, EDGE, FLAT
from tools.book.living import rows

KIND = "computed"


def data(call):
    """Return the controls and the batch, as float64 in base64."""
    batch = base64.b64encode(BATCH.astype("<f8").tobytes()).decode()
    return {"rows": rows(activation_explorer()), "flat": FLAT, "depth": DEPTH, "edge": EDGE, "batch": batch}
