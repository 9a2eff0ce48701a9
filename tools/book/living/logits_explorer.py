"""Three logits, their probabilities, the loss and its gradient."""

from nnlib.teach.widgets import logits_explorer
from nnlib.teach.widgets.logits_explorer import CLASSES
from tools.book.living import rows

KIND = "computed"


def data(call):
    """Return the controls and the names of the classes."""
    return {"rows": rows(logits_explorer()), "classes": CLASSES}
