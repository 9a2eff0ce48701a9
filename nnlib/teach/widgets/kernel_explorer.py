"""One output of a convolution, traced to the patch that it sees. See notebooks/12_convolution.ipynb."""

import functools
import math
from pathlib import Path

import ipywidgets
import matplotlib
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.patches import Rectangle

from nnlib import Conv2D, MaxPool2D, Network, ReLU, datasets
from nnlib import _validation as check
from nnlib.teach import _doors as door
from nnlib.teach import plots
from nnlib.teach.widgets.panel import DPI, Explorer
from nnlib.teach.widgets.parts import Map, dropdown, grid, signed, sum_of_products, whole
from nnlib.teach.widgets.sheets import fitted, frame

__all__ = ["KERNELS", "KernelExplorer", "default_net", "kernel_explorer", "receptive_field"]

OWN = "your own"
KERNELS = {
    "edge upright": [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
    "edge level": [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
    "blur": [[0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
}
ONE, GIVEN, SQUARE = "one kernel", "the one given", "a square"
FIRST = [3, 2, 1, 18, 4, 8, 11, 0, 61, 7]  # the first test image of each digit
SIDE = 28  # of an image in a net: a smaller one is laid in the middle of as many zeros
LARGEST_IMAGE, LARGEST_KERNEL, LARGEST = 64, 7, 100
SMALLEST = 1e-6  # what is below it is taken for what rounding has left of 0
MOST_MAPS = 64

SIZE = (9.6, 3.9)  # of the picture, in inches
BOTTOM, HEIGHT = 0.015, 0.9
# Left end and width of the image, what comes in, and what comes out; the image comes into a first layer.
FIRST_LAYER = {"image": (0.02, 0.43), "out": (0.52, 0.46)}
DEEPER = {"image": (0.01, 0.31), "in": (0.36, 0.28), "out": (0.68, 0.31)}
ROOM_FOR_MINUS = 7  # pixels of the picture that a pixel of a map has at least, where it gets a minus
INK = matplotlib.colormaps["gray_r"]
SIGNED_DATA = LinearSegmentedColormap.from_list("signed data", ["black", "white", plots.DATA])
SIGNED_PARAMETER = LinearSegmentedColormap.from_list("signed", ["black", "white", plots.PARAMETER])
SIGNS = "what is above zero is blue, what is below is black"


def receptive_field(layers, i, j):
    """Return which rows and columns of the image can change output [i, j] of layers: two ranges.

    From the last layer back to the first: outputs i₀ to i₁ of a layer of stride s, padding p and kernel k see
    its inputs s i₀ - p to s i₁ - p + k - 1. What lies before 0, or behind the last pixel, is padding.

    Parameters
    ----------
    layers : sequence of Layer
        Conv2D, MaxPool2D, and such as take each number by itself.
    i, j : int
        Row and column, from 0 on.

    See notebooks/12_convolution.ipynb.
    """
    layers = door.items(layers, "layers", object, "a list of layers")
    first = last = np.array([door.whole(i, "i", 0), door.whole(j, "j", 0)])
    for layer in reversed(layers):
        if isinstance(layer, Conv2D):
            first = layer.stride * first - layer.padding
            last = layer.stride * last - layer.padding + np.array(layer.kernel) - 1
        elif isinstance(layer, MaxPool2D):
            first, last = layer.size * first, layer.size * last + layer.size - 1
    return tuple(range(a, b + 1) for a, b in zip(first.tolist(), last.tolist(), strict=True))


@functools.cache
def default_net():
    """Return the chapter's small net up to its dense layer, untrained. See notebooks/12_convolution.ipynb."""
    rng = np.random.default_rng(49)  # so that no map is 0 all over for one of the digits
    first, second = Conv2D(1, 6, 5, rng=rng), Conv2D(6, 12, 5, rng=rng)
    return Network(first, ReLU(), MaxPool2D(2), second, ReLU(), MaxPool2D(2))


@functools.cache
def _digits():
    """The first image of each digit among the test images of MNIST: ten arrays, (28, 28)."""
    file = Path(datasets.__file__).parent / "data" / "mnist" / "t10k-images-idx3-ubyte.gz"
    return datasets.read_idx(file)[FIRST] / 255.0


class KernelExplorer(Explorer):
    """An image, a kernel, the map that comes out; and one output, as the sum of products that it is.

    With another `layer`: the maps of each layer of a small net, and what one output has seen of the image.

    Parameters
    ----------
    image : array, (rows, columns), optional
        One to begin with, besides ten digits of MNIST and a small square. A drawn one may be small: 3 × 3.
    learned : array, (k_h, k_w) or (k_h, k_w, 1, n_out), optional
        Learned kernels, to be chosen besides those with a name; without it those of the first layer of `net`.
    net : Network, optional
        Begins with Conv2D and MaxPool2D, takes images of depth 1. Without it one that has learned nothing.

    Attributes
    ----------
    images, kernels : dict
        The arrays that can be chosen, by their names.
    layers : list of str
        Those of the net: "convolution 1", "pooling 1" and so on.
    layer : Dropdown
        "one kernel", or one of them.
    image, kernel : Dropdown
    W : Grid
        The numbers of the kernel, which can be typed over.
    stride, padding : Slider
    o, i, j : Slider
        The output that is looked at: its map, row and column, from 0 on. The mouse sets them too.
    X : array, (rows, columns)
        The image, as it is shown.
    Y : array, (rows, columns, maps)
        What comes out.
    patch, terms : array, (k_h, k_w, depth)
        What the output sees, zeros of the padding included; and the products, where there are any, else None.
    value : float
        The output.
    field : pair of range
        Rows and columns of the image that it has seen, through all layers.

    Raises
    ------
    TypeError, ValueError
        If an image or a kernel is too small or too large to be read, or the net takes no grey image.

    See notebooks/12_convolution.ipynb.
    """

    kind_of_picture = Map

    def __init__(self, image=None, *, learned=None, net=None):
        self.net = default_net() if net is None else _checked_net(net)
        self._blocks = _blocks(self.net)
        first = self._blocks[0][0]
        if learned is None and net is not None and max(getattr(first, "kernel", (99,))) <= LARGEST_KERNEL:
            learned = first.W
        self.kernels = KERNELS | ({} if learned is None else _learned(learned))
        self.images = {f"digit {k}": digit for k, digit in enumerate(_digits())}
        self.images[SQUARE] = np.pad(np.ones((4, 4)), 2)
        first = "digit 7"
        if image is not None:
            first, self.images[GIVEN] = GIVEN, _checked_image(image, self.kernels)
        _maps(self._blocks, self._in_net(first))  # raises where they do not fit
        self._chosen = "edge upright"

        names = {Conv2D: "convolution", MaxPool2D: "pooling"}
        kinds = [names[type(block[0])] for block in self._blocks]
        self.layers = [f"{kind} {kinds[: k + 1].count(kind)}" for k, kind in enumerate(kinds)]
        self.layer = dropdown([ONE, *self.layers], "layer")
        self.image = dropdown(list(self.images), "image", value=first)
        self.kernel = dropdown([*self.kernels, OWN], "kernel")
        self.W = grid(KERNELS[self._chosen], "W", largest=LARGEST, digits=3)
        self.stride = whole(1, 1, 2, "stride")
        self.padding = whole(0, 0, 1, "padding")
        self.o = whole(0, 0, 0, "map o")
        self.i = whole(16, 0, 25, "row i")
        self.j = whole(14, 0, 25, "column j")
        settings = ipywidgets.VBox([self.kernel, self.stride, self.padding])
        rows = [self.layer, self.image], [settings, self.W], [self.i, self.j, self.o]
        super().__init__(*rows, size=SIZE, layout=None)
        self.picture.on_msg(self._hear)

    def _hear(self, picture, message, buffers):
        """Follow where somebody points."""
        place = message.get("place") if isinstance(message, dict) else None
        if type(place) is list and [type(k) for k in place] == [int, int, int] and max(place) < door.SIDE:
            with self._lock:
                with self.at_once():
                    for control, k in zip((self.o, self.i, self.j), place, strict=True):
                        control.value = max(k, 0)
                self.show()

    def _in_net(self, name):
        """Return the image as the net takes it, as large as those that it has learned from."""
        X = self.images[name]
        missing = [max(0, SIDE - side) for side in X.shape]
        return np.pad(X, [(m // 2, m - m // 2) for m in missing])

    def _weights(self):
        """Return the kernel: one that is chosen goes into the grid, a changed one is your own."""
        name, typed = self.now.kernel, self.now.W
        if name not in (self._chosen, OWN):
            typed = np.asarray(self.kernels[name], float).tolist()
            self.W.put(typed)
        elif name != OWN and typed != np.asarray(self.kernels[name], float).tolist():
            self.kernel.value = name = OWN
        self._chosen = name
        return np.array(typed)

    def update(self):
        self._is_one = self.now.layer == ONE
        W = self._weights()
        if self._is_one:
            self.X = self.images[self.now.image]
            settings = {"stride": self.now.stride, "padding": self.now.padding}
            layer = Conv2D(1, 1, W.shape, **settings, rng=np.random.default_rng(0), dtype=np.float64)
            layer.W = W.reshape(layer.W.shape)
            blocks = [[layer]]
        else:
            self.X = self._in_net(self.now.image)
            blocks = self._blocks[: self.layers.index(self.now.layer) + 1]
        maps = [self.X[..., np.newaxis], *_maps(blocks, self.X)]
        self._block, self._before, self.Y = blocks[-1], maps[-2], maps[-1]
        self._is_first = len(blocks) == 1
        self._set_controls()
        rows, columns, n_maps = self.Y.shape
        self._place = min(self.now.o, n_maps - 1), min(self.now.i, rows - 1), min(self.now.j, columns - 1)
        o, i, j = self._place
        self.value = float(self.Y[i, j, o])
        layers = [layer for block in blocks for layer in block]
        self.field = receptive_field(layers, i, j)
        corner = receptive_field(layers, rows - 1, columns - 1), receptive_field(layers, 0, 0)
        beyond = [max(a.stop - side, -b.start) for a, b, side in zip(*corner, self.X.shape, strict=True)]
        self._margin = max(0, *beyond)
        self._see_patch()
        hint = "Point at an output: a click holds it, another click on it lets go. Arrow keys move it too."
        return f"<p>{hint}</p>{self._detail()}{''.join(f'<p>{line}</p>' for line in self._lines())}"

    def _set_controls(self):
        """Have the sliders end where the map ends, and hide what belongs to the other view."""
        for control, size in zip((self.i, self.j, self.o), self.Y.shape, strict=True):
            control.max = size - 1
        for control in (self.kernel, self.W, self.stride, self.padding):
            control.layout.display = None if self._is_one else "none"
        self.o.layout.display = "none" if self._is_one else None

    def _see_patch(self):
        """Set `patch` and `terms`, and what rows and columns they are of the input with its padding."""
        layer, (o, i, j) = self._block[0], self._place
        is_pooled = isinstance(layer, MaxPool2D)
        step, size = (layer.size, 2 * (layer.size,)) if is_pooled else (layer.stride, layer.kernel)
        self._p = p = 0 if is_pooled else layer.padding
        X = np.pad(self._before, ((p, p), (p, p), (0, 0)))
        inside = np.pad(np.ones(self._before.shape[:2], bool), p)
        self._sees = rows, columns = tuple(
            slice(step * k, step * k + side) for k, side in zip((i, j), size, strict=True)
        )
        self._is_padding = ~inside[rows, columns]
        self.patch = X[rows, columns, o : o + 1] if is_pooled else X[rows, columns]
        self.terms = None if is_pooled else self.patch * layer.W[..., o]

    # What is said

    def _detail(self):
        """Return small tables: patch, kernel, and products in its places; of pooling, what is compared."""
        layer, o, largest = self._block[0], self._place[0], _largest(self._before)
        if isinstance(layer, MaxPool2D):
            first = np.unravel_index(self.patch.argmax(), self.patch.shape)[:2]
            return _side_by_side(
                _cells("the square", self.patch[..., 0], SIGNED_DATA, largest, first),
                "→",
                _cells("the largest", np.array([[self.patch.max()]]), SIGNED_DATA, largest),
            )
        if layer.n_in > 1:
            sums = self.terms.sum(axis=(0, 1))[np.newaxis]
            name = f"what map c adds: {layer.W[..., 0, 0].size} products"
            return _side_by_side(_cells(name, sums, SIGNED_DATA, _largest(sums), head=True))
        patch, W, terms = self.patch[..., 0], layer.W[:, :, 0, o], self.terms[..., 0]
        is_wide = W.shape[1] > 3  # then the factors of the products stand in the sum alone
        factors = [f"{_plain(x)} · {_bracketed(w)}" for x, w in zip(patch.flat, W.flat, strict=True)]
        padding = self._is_padding
        return _side_by_side(
            _cells("patch of X", patch, INK, largest, padding=padding),
            "⊙",
            _cells("kernel W", W, SIGNED_PARAMETER, _largest(W)),
            "=",
            _cells(
                "products",
                terms,
                SIGNED_DATA,
                _largest(terms),
                padding=padding,
                above=None if is_wide else factors,
            ),
            wide=is_wide,
        )

    def _lines(self):
        """Yield what is said, line by line."""
        o, i, j = self._place
        formula, found = self._formula()
        yield f"{formula} = <b>{_plain(found)}</b>"
        if names := [type(one).__name__ for one in self._block[1:]]:
            yield f"Then {', '.join(names)}: Y<sub>{i}, {j}, {o}</sub> = <b>{_plain(self.value)}</b>"
        yield self._about_sizes() if self._is_one else self._about_field()
        yield self._range()

    def _formula(self):
        """Return the first layer's formula with its numbers, and what it comes to."""
        layer, (o, i, j) = self._block[0], self._place
        r, q = (f"{part.start}+" if part.start else "" for part in self._sees)
        if isinstance(layer, MaxPool2D):
            numbers = ", ".join(_plain(x) for x in self.patch.flat)
            formula = f"max<sub>u, v</sub> X<sub>{r}u, {q}v, {o}</sub> = max({numbers})"
            return f"Y<sub>{i}, {j}, {o}</sub> = {formula}", float(self.patch.max())
        W = layer.W[..., o]
        numbers = sum_of_products(self.patch.flat, W.flat)
        equals = "=" if all(float(f"{x:.3g}") == x for x in (*self.patch.flat, *W.flat)) else "≈"
        if self._is_one:
            formula = f"Σ<sub>u</sub> Σ<sub>v</sub> X<sub>{r}u, {q}v</sub> W<sub>u, v</sub>"
            return f"Y<sub>{i}, {j}</sub> = {formula} {equals} {numbers}", float(self.terms.sum())
        if layer.n_in > 1:
            equals, numbers = "≈", sum_of_products(self.terms.sum(axis=(0, 1)))
        formula = (
            f"Z<sub>{i}, {j}, {o}</sub> = Σ<sub>u</sub> Σ<sub>v</sub> Σ<sub>c</sub>"
            f" X<sub>{r}u, {q}v, c</sub> W<sub>u, v, c, {o}</sub> + b<sub>{o}</sub>"
        )
        b = float(layer.b[o])
        return f"{formula} {equals} {numbers} + {_bracketed(b)}", float(self.terms.sum()) + b

    def _about_sizes(self):
        layer, p, s = self._block[0], self.now.padding, self.now.stride
        rows, columns = (f"{part.start}:{part.stop}" for part in self._sees)
        o, i, j = self._place
        code = f"<code>Y[{i}, {j}] = (X[{rows}, {columns}] * W).sum()</code>"
        bordered = "In code, with zeros around it by <code>X = np.pad(X, 1)</code>" if p else "In code"
        zeros, size = int(self._is_padding.sum()), self._is_padding.size
        overlaps = f" {zeros} of these {size} pixels are zeros of the padding." if zeros else ""
        height, k = len(self.X), layer.kernel[0]
        return (
            f"{bordered}: {code}.{overlaps}"
            f" Rows that come out: ⌈({height} + 2 · {p} − {k} + 1) / {s}⌉ = {len(self.Y)}."
        )

    def _about_field(self):
        rows, columns = self.field
        pixels = [
            sum(0 <= k < side for k in part) for part, side in zip(self.field, self.X.shape, strict=True)
        ]
        outside = len(rows) * len(columns) - math.prod(pixels)
        zeros = f", {outside} of them zeros of padding" if outside else ""
        return (
            f"It has seen rows {_span(rows)} and columns {_span(columns)} of the image:"
            f" {len(rows)} × {len(columns)} pixels{zeros}."
        )

    def _range(self):
        """Return where the map that is looked at is largest and smallest."""
        o = self._place[0]
        Y = self.Y[..., o]
        ends = []
        for name, k in (("largest", Y.argmax()), ("smallest", Y.argmin())):
            i, j = np.unravel_index(k, Y.shape)
            ends.append(f"the {name} is {_plain(Y[i, j])}, first at [{i}, {j}]")
        sheet = f" of map {o}" if self.Y.shape[2] > 1 else ""
        return f"Of {Y.size} outputs{sheet} {' and '.join(ends)}."

    def finding(self):
        return f"{self._range()} In the maps, {SIGNS}"

    # What is drawn

    def draw(self, figure):
        """Draw the image, what comes in, and what comes out; what is looked at lights up."""
        places = FIRST_LAYER if self._is_first else DEEPER
        areas = {name: (left, BOTTOM, width, HEIGHT) for name, (left, width) in places.items()}
        self._draw_image(figure, areas["image"])
        if not self._is_first:
            self._draw_input(figure, areas["in"])
        self._draw_output(figure, areas["out"])

    def _draw_image(self, figure, area):
        m, (rows, columns) = self._margin, self.field
        X = np.pad(self.X, m)
        ax = figure.add_axes(fitted(area, SIZE, X.shape))
        low = min(0.0, float(X.min()))
        ax.imshow(X, cmap="gray_r", vmin=low, vmax=float(X.max()) or 1.0, aspect="auto")
        height, width = X.shape
        if m:
            look = {"facecolor": "#E8E8E8", "edgecolor": "#8A8A8A", "hatch": "////", "linewidth": 0}
            for x, y, w, h in (
                (0, 0, width, m),
                (0, height - m, width, m),
                (0, m, m, height - 2 * m),
                (width - m, m, m, height - 2 * m),
            ):
                ax.add_patch(Rectangle((x - 0.5, y - 0.5), w, h, **look))
        frame(ax, rows.start + m, columns.start + m, len(rows), len(columns))
        ax.set(xticks=[], yticks=[])
        if self._is_one:  # of the image with its padding, as in the code
            rows, columns = (range(part.start, part.stop) for part in self._sees)
        ax.set_title(f"X: rows {_span(rows)}, columns {_span(columns)}", fontsize=11)

    def _draw_input(self, figure, area):
        """Draw the maps that come in; those that the output sees have a frame."""
        layer, o, p = self._block[0], self._place[0], self._p
        height, width, n = self._before.shape
        across = _across(area, height, width, n)
        ax, corners = _draw_sheets(figure, area, self._before, across)
        rows, columns = self._sees
        for c, (top, left) in enumerate(corners):
            if isinstance(layer, Conv2D) or c == o:
                sides = rows.stop - rows.start, columns.stop - columns.start
                frame(ax, top + rows.start - p, left + columns.start - p, *sides)
        ax.set_title(f"in: {check.count(n, 'map')} of {height} × {width}", fontsize=11)

    def _draw_output(self, figure, area):
        height, width, n = self.Y.shape
        o, i, j = self._place
        across = _across(area, height, width, n)
        ax, corners = _draw_sheets(figure, area, self.Y, across)
        top, left = corners[o]
        if n > 1:
            around = (left - 0.5, top - 0.5), width, height
            ax.add_patch(
                Rectangle(*around, facecolor="none", edgecolor="black", linewidth=1.5, clip_on=False)
            )
        frame(ax, top + i, left + j, 1, 1)
        index = f"[{i}, {j}]" if self._is_one else f"[{i}, {j}, {o}]"
        ax.set_title(f"Y, {_sizes(height, width, n)}: Y{index} = {_plain(self.value)}", fontsize=11)
        box = ax.get_position()
        self.picture.box = [box.x0, 1 - box.y1, box.width, box.height]
        self.picture.across = across

    def show_picture(self, finding=""):
        height, width, n = self.Y.shape
        o, i, j = self._place
        sheet = f"map {o}, " if n > 1 else ""
        with self.picture.hold_sync():
            super().show_picture(finding)
            self.picture.shape, self.picture.place = [n, height, width], [o, i, j]
            self.picture.description = f"outputs, {_sizes(height, width, n)}"
            self.picture.spoken = f"{sheet}row {i}, column {j}: {_plain(self.value)}"


# Doors


def _checked_image(image, kernels):
    X = door.picture(image)
    least = max(3, *(side for kernel in kernels.values() for side in np.shape(kernel)))
    if not all(least <= side <= LARGEST_IMAGE for side in X.shape):
        raise ValueError(f"image has shape {X.shape}; expected {least} to {LARGEST_IMAGE} rows and columns.")
    if np.abs(X).max() > LARGEST:
        raise ValueError(f"image goes up to {np.abs(X).max():g}; expected numbers that can be read.")
    return X.astype(float)


def _learned(W):
    """Return learned kernels by their names."""
    W = door.array(W, "learned", "a kernel, (k_h, k_w), or weights (k_h, k_w, 1, n_out)")
    W = (
        door.shaped(W, "learned", "k_h", "k_w")
        if W.ndim == 2
        else door.shaped(W, "learned", "k_h", "k_w", 1, "n_out")
    )
    if max(W.shape[:2]) > LARGEST_KERNEL or W[0, 0].size > MOST_MAPS or np.abs(W).max() > LARGEST:
        raise ValueError(
            f"learned has shape {W.shape} and goes up to {np.abs(W).max():.3g}; expected at most"
            f" {LARGEST_KERNEL} rows and columns, {MOST_MAPS} kernels, and numbers up to {LARGEST}."
        )
    if W.ndim == 2:
        return {"learned": W.astype(float).tolist()}
    return {f"learned {o}": W[:, :, 0, o].astype(float).tolist() for o in range(W.shape[3])}


def _checked_net(net):
    door.kind(net, "net", Network, "a Network that begins with a Conv2D")
    blocks = _blocks(net)
    if not blocks:
        raise ValueError(f"net begins with {door.told(net.layers[0])}; expected Conv2D or MaxPool2D.")
    first = next((block[0] for block in blocks if isinstance(block[0], Conv2D)), None)
    if first is not None and first.n_in != 1:
        raise ValueError(f"net begins with {first}; expected a depth of 1, for the images here are grey.")
    depths = [block[0].n_out for block in blocks if isinstance(block[0], Conv2D)]
    if max(depths, default=1) > MOST_MAPS:
        raise ValueError(f"net has {max(depths)} maps in a layer; expected at most {MOST_MAPS}.")
    return net


def _blocks(net):
    """Return a list for each Conv2D and MaxPool2D: it, and what follows that takes each number by itself."""
    blocks = []
    for layer in net.layers:
        if type(layer) in (Conv2D, MaxPool2D):
            blocks.append([layer])
        elif blocks and type(layer)._keeps_width:
            blocks[-1].append(layer)
        else:
            break
    return blocks


def _maps(blocks, X):
    """Return what comes out of each block for an image: arrays (rows, columns, maps)."""
    maps = []
    dtype = next((p.dtype for block in blocks for layer in block for p in layer.params), np.dtype(float))
    A = X[np.newaxis, ..., np.newaxis].astype(dtype)
    for block in blocks:
        for layer in block:
            A = layer.forward(A)
        maps.append(A[0])
    return maps


# Words


def _plain(number):
    """Return three digits, and 0 for what rounding has left of it."""
    return signed(float(number) if abs(number) >= SMALLEST else 0.0)


def _bracketed(number):
    text = _plain(number)
    return f"({text})" if text[0] == "−" else text


def _span(part):
    return f"{part.start} to {part.stop - 1}".replace("-", "−")


def _sizes(height, width, n):
    return f"{height} × {width}" + (f" × {n}" if n > 1 else "")


def _largest(values):
    """Return the largest absolute value, to be drawn in full colour."""
    values = np.abs(values)
    return float(values[np.isfinite(values)].max(initial=0)) or 1.0


def _side_by_side(*parts, wide=False):
    """Return tables, and signs between them, side by side where there is room."""
    inner = "".join(part if "<" in part else f"<span>{part}</span>" for part in parts)
    return f"<div class='nnlib-side-by-side{' nnlib-wide' * wide}'>{inner}</div>"


def _cells(name, values, colours, largest, lit=None, *, padding=None, above=None, head=False):
    """Return a small table in the colours of the picture, `largest` in the full one.

    `lit` is the place of a cell that has a frame, `padding` says which cells are no pixel of the image, and
    `above` has a text for each cell; with `head` the columns are numbered.
    """
    numbers = "".join(f"<th scope='col'>{c}</th>" for c in range(values.shape[1])) if head else ""
    lines = [numbers] if head else []
    for i, row in enumerate(values):
        cells = []
        for j, value in enumerate(row):
            look = " nnlib-padding" * (padding is not None and bool(padding[i, j]))
            look += " nnlib-largest" * ((i, j) == lit)
            small = f"<small>{above[i * len(row) + j]}</small>" if above else ""
            style = _shade(colours, value / largest)
            cells.append(f"<td class='{look.strip()}' style='{style}'>{small}{_plain(value)}</td>")
        lines.append("".join(cells))
    rows = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><caption>{name}</caption>{rows}</table>"


def _shade(colours, share):
    """Return the style of a cell: its colour, and black or white words, whichever can be read on it."""
    share = min(max(float(np.nan_to_num(share)), -1.0), 1.0)
    r, g, b, _ = colours(max(share, 0.0) if colours is INK else (share + 1) / 2)
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (r, g, b)]
    words = "white" if np.dot(linear, [0.2126, 0.7152, 0.0722]) < 0.18 else "black"
    return f"background: {to_hex((r, g, b))}; color: {words}"


# Pictures


def _across(area, height, width, n):
    """Return how many of n maps stand side by side, so that they are as large as can be."""

    def scale(across):
        down = math.ceil(n / across)
        return min(
            area[2] * SIZE[0] / (across * (width + 1) - 1), area[3] * SIZE[1] / (down * (height + 1) - 1)
        )

    return max(range(1, n + 1), key=scale)


def _draw_sheets(figure, area, maps, across):
    """Draw maps (rows, columns, n), the room of a pixel between them; return the Axes, and their corners."""
    height, width, n = maps.shape
    corners = [(k // across * (height + 1), k % across * (width + 1)) for k in range(n)]
    sheet = np.full((math.ceil(n / across) * (height + 1) - 1, across * (width + 1) - 1), np.nan)
    for k, (top, left) in enumerate(corners):
        sheet[top : top + height, left : left + width] = maps[..., k]
    place = fitted(area, SIZE, sheet.shape)
    ax = figure.add_axes(place)
    largest = _largest(maps)
    ax.imshow(sheet, cmap=SIGNED_DATA, vmin=-largest, vmax=largest, aspect="auto")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(n == 1)
    for top, left in corners if n > 1 else ():
        edge = {"facecolor": "none", "edgecolor": "#8A8A8A", "linewidth": 0.6, "clip_on": False}
        ax.add_patch(Rectangle((left - 0.5, top - 0.5), width, height, **edge))
    if place[2] * SIZE[0] * DPI / sheet.shape[1] >= ROOM_FOR_MINUS:
        y, x = np.nonzero(sheet < -largest / 50)
        colours = np.where(sheet[y, x] < -largest / 2, "white", "black")
        ax.scatter(x, y, marker="_", s=9, c=colours, linewidths=0.8)
    return ax, corners


def kernel_explorer(image=None, *, learned=None, net=None):
    """Return the `KernelExplorer`. See notebooks/12_convolution.ipynb."""
    return KernelExplorer(image, learned=learned, net=net)
