"""A sheet of paper to draw on. See notebooks/11_generalisation.ipynb."""

from pathlib import Path

import anywidget
import numpy as np
import traitlets

__all__ = ["Paper", "decoded", "encoded"]


class Paper(anywidget.AnyWidget):
    """A canvas to draw on with mouse, finger, pen or keys.

    Attributes
    ----------
    value : bytes
        The drawing: float32 pairs x, y from 0 to 1, y downwards; a pair of nan ends each stroke.
    strokes : list of arrays, (n, 2)
        The same, to read and to set.
    pen : float
        Width of the line, as a share of the paper.

    See notebooks/11_generalisation.ipynb.
    """

    _esm = Path(__file__).with_suffix(".js").read_text("utf-8")
    # JavaScript sends a memoryview, and needs no echo of what it has sent.
    value = traitlets.Bytes(b"").tag(sync=True, from_json=lambda value, _: bytes(value), echo_update=False)
    pen = traitlets.Float(0.07).tag(sync=True)

    @property
    def strokes(self):
        return decoded(self.value)

    @strokes.setter
    def strokes(self, strokes):
        self.value = encoded(strokes)


def decoded(numbers):
    """Return the strokes of a drawing that came as bytes."""
    points = np.frombuffer(numbers, "<f4").reshape(-1, 2)
    ends = np.flatnonzero(np.isnan(points[:, 0]))
    return [stroke[~np.isnan(stroke[:, 0])] for stroke in np.split(points, ends + 1)[:-1]]


def encoded(strokes):
    """Return a drawing as bytes: see `Paper.value`."""
    end = np.full((1, 2), np.nan)
    return b"".join(np.concatenate([stroke, end]).astype("<f4").tobytes() for stroke in strokes)
