"""Every array of a network of two layers, to scale. See notebooks/00_start_here.ipynb."""

import math

from nnlib.teach import plots
from nnlib.teach.shapes import two_layer_shapes
from nnlib.teach.widgets.panel import Explorer
from nnlib.teach.widgets.parts import dropdown, table, whole

__all__ = ["ShapeCalculator", "shape_calculator"]

OWN = "your own"
EXAMPLES = {
    "XOR, all four samples": (4, 2, 8, 1),
    "XOR, one sample": (1, 2, 8, 1),
    "MNIST, a batch of 64": (64, 784, 128, 10),
}


class ShapeCalculator(Explorer):
    """Sliders for the four sizes of a network; the shapes of its arrays and gradients, drawn and written.

    Attributes
    ----------
    example : Dropdown
        Sets all four sliders.
    N, n_in, n_hidden, n_out : Slider
    shapes : dict of tuple
        From `two_layer_shapes`, for the present sizes.
    n_params : int
        How many numbers W1, b1, W2 and b2 hold together.

    See notebooks/00_start_here.ipynb.
    """

    def __init__(self):
        self.example = dropdown([*EXAMPLES, OWN], "example")
        self._chosen = self.example.value
        largest = {"N": 128, "n_in": 784, "n_hidden": 256, "n_out": 10}
        self.N, self.n_in, self.n_hidden, self.n_out = self._sizes = tuple(
            whole(size, 1, most, name)
            for size, (name, most) in zip(EXAMPLES[self._chosen], largest.items(), strict=True)
        )
        super().__init__([self.example], self._sizes[:2], self._sizes[2:], size=(9.2, 4.2), layout=None)

    def update(self):
        self.shapes = two_layer_shapes(*self._choose())
        sizes = [self.shapes[name] for name in ("W1", "b1", "W2", "b2")]
        self.n_params = sum(map(math.prod, sizes))
        rows = {
            "array": self.shapes,
            "its gradient": ["" if name == "X" else f"d{name}" for name in self.shapes],
            "shape of both": self.shapes.values(),
        }
        terms = " + ".join(" · ".join(map(str, shape)) for shape in sizes)
        return f"{table(rows)}<p>W1, b1, W2, b2: {terms} = <b>{self.n_params:,}</b> parameters</p>"

    def _choose(self):
        """Return the sizes; an example that was chosen sets the sliders, and one that was left is none."""
        example, sizes = self.now.example, (self.now.N, self.now.n_in, self.now.n_hidden, self.now.n_out)
        if example != self._chosen:
            sizes = EXAMPLES.get(example, sizes)
            for slider, size in zip(self._sizes, sizes, strict=True):
                slider.value = size
            self._chosen = example
        elif sizes != EXAMPLES.get(example):
            self.example.value = self._chosen = OWN
        return sizes

    def finding(self):
        shapes = ", ".join(f"{name} {shape}" for name, shape in self.shapes.items())
        return f"The arrays of both layers, to scale, and behind each but X its gradient: {shapes}"

    def draw(self, figure):
        plots.arrays(figure.add_axes((0, 0, 1, 1)), self.shapes)


def shape_calculator():
    """Return the `ShapeCalculator`. See notebooks/00_start_here.ipynb."""
    return ShapeCalculator()
