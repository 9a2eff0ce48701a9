"""The explorer: controls above a picture that follows them."""

import threading

import ipywidgets
from matplotlib.figure import Figure

from nnlib.teach.widgets.panel import DPI, picture, png

__all__ = ["Explorer"]


class Explorer(ipywidgets.VBox):
    """Controls, a picture and a text; whenever a control moves, both are made anew.

    An explorer subclasses this and writes `update` and `draw`. Its controls are attributes, so that a cell or
    a test can set `explorer.h.value = 0.1` and look at what follows.

    Parameters
    ----------
    *rows : sequence of widgets
        The controls, a row each. Those with a value are followed.
    size : (width, height)
        Of the picture, in inches.

    Attributes
    ----------
    picture : Image
    text : HTML
        Below the picture.

    See notebooks/02_dense_layer.ipynb.
    """

    def __init__(self, *rows, size):
        self._lock = threading.RLock()  # JupyterLab has the controls handled in more threads than one
        self.figure = Figure(figsize=size, dpi=DPI, layout="constrained")
        self.picture = picture(size)
        self.text = ipywidgets.HTML()
        controls = [ipywidgets.HBox(row, layout={"flex_flow": "row wrap"}) for row in rows]
        super().__init__([*controls, self.picture, self.text])
        for control in (control for row in rows for control in row if hasattr(control, "value")):
            control.observe(lambda _: self.show(), "value")
        self.show()

    def update(self):
        """Compute what follows from the controls; return the text below the picture, as HTML."""
        raise NotImplementedError(f"{type(self).__name__} has no update.")

    def draw(self, figure):
        """Draw it on the empty `figure`."""
        raise NotImplementedError(f"{type(self).__name__} has no draw.")

    def show(self):
        """Make text and picture anew."""
        with self._lock:
            self.text.value = self.update()
            self.figure.clear()
            self.draw(self.figure)
            self.picture.value = png(self.figure)
