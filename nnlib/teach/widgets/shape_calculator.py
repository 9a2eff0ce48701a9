"""Every array of a network of two layers, to scale. See notebooks/00_start_here.ipynb."""

import math
import threading

import ipywidgets
from matplotlib.figure import Figure

from nnlib.teach import plots
from nnlib.teach.shapes import two_layer_shapes
from nnlib.teach.widgets.panel import DPI, WIDE, picture, png

__all__ = ["ShapeCalculator", "shape_calculator"]

SIZE = (9.2, 4.2)  # of the picture, in inches
OWN = "your own"
EXAMPLES = {
    "XOR, all four samples": (4, 2, 8, 1),
    "XOR, one sample": (1, 2, 8, 1),
    "MNIST, a batch of 64": (64, 784, 128, 10),
}


class ShapeCalculator(ipywidgets.VBox):
    """Sliders for the four sizes of a network; the shapes of its arrays and gradients, drawn and written.

    Attributes
    ----------
    example : Dropdown
        Sets all four sliders.
    N, n_in, n_hidden, n_out : IntSlider
    shapes : dict of tuple
        From `two_layer_shapes`, for the present sizes.
    n_params : int
        How many numbers W1, b1, W2 and b2 hold together.
    picture : Image
    table : HTML

    See notebooks/00_start_here.ipynb.
    """

    def __init__(self):
        self._lock = threading.RLock()  # JupyterLab has the sliders handled in more threads than one
        self.example = ipywidgets.Dropdown(options=[*EXAMPLES, OWN], description="example", style=WIDE)
        largest = {"N": 128, "n_in": 784, "n_hidden": 256, "n_out": 10}
        self.N, self.n_in, self.n_hidden, self.n_out = self._sizes = [
            ipywidgets.IntSlider(1, min=1, max=size, description=name, style=WIDE)
            for name, size in largest.items()
        ]
        self.picture = picture(SIZE)
        self.table = ipywidgets.HTML()
        rows = [self.example], [self.N, self.n_in], [self.n_hidden, self.n_out]
        controls = [ipywidgets.HBox(row, layout={"flex_flow": "row wrap"}) for row in rows]
        super().__init__([*controls, self.picture, self.table])
        self.example.observe(lambda _: self._choose(), "value")
        for slider in self._sizes:
            slider.observe(lambda _: self._move(), "value")
        self._choose()

    def _choose(self):
        if self.example.value != OWN:
            with self._lock:
                self._choosing = True  # four sliders move, one picture is drawn
                for slider, size in zip(self._sizes, EXAMPLES[self.example.value], strict=True):
                    slider.value = size
                self._choosing = False
                self._show()

    def _move(self):
        with self._lock:
            if not self._choosing:
                self.example.value = OWN
                self._show()

    def _show(self):
        self.shapes = two_layer_shapes(*(slider.value for slider in self._sizes))
        sizes = [self.shapes[name] for name in ("W1", "b1", "W2", "b2")]
        self.n_params = sum(map(math.prod, sizes))
        figure = Figure(figsize=SIZE, dpi=DPI)
        plots.arrays(figure.add_axes((0, 0, 1, 1)), self.shapes)
        self.picture.value = png(figure)
        rows = {
            "array": self.shapes,
            "its gradient": ["" if name == "X" else f"d{name}" for name in self.shapes],
            "shape of both": self.shapes.values(),
        }
        terms = " + ".join(" · ".join(map(str, shape)) for shape in sizes)
        self.table.value = (
            f"{_table(rows)}<p>W1, b1, W2, b2: {terms} = <b>{self.n_params:,}</b> parameters</p>"
        )


def _table(rows):
    style = 'style="padding: 0 0.7em; text-align: center"'
    lines = (
        f"<tr><th {style}>{head}</th>{''.join(f'<td {style}>{cell}</td>' for cell in cells)}</tr>"
        for head, cells in rows.items()
    )
    return f"<table>{''.join(lines)}</table>"


def shape_calculator():
    """Return the `ShapeCalculator`. See notebooks/00_start_here.ipynb."""
    return ShapeCalculator()
