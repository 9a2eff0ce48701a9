"""The data of `docs/living/kernel_explorer.js`: images, kernels, and the layers of the chapter's net."""

from types import SimpleNamespace

import ipywidgets
import numpy as np

from nnlib import Conv2D, MaxPool2D
from nnlib.teach.widgets import kernel_explorer
from tools.book.living import rows
from tools.book.living.conv_net import DECIMALS, conv_net

KIND = "computed"
GREYS = 255


def data(call):
    """Return controls, images, kernels and layers, as the chapter shows them with the net that it trains."""
    panel = kernel_explorer(net=conv_net())
    controls = [
        ["layer", "image"],
        ["kernel", "stride", "padding"],
        ["W"],
        ["i", "j", "o"],
    ]
    by_name = {name: getattr(panel, name) for row in controls for name in row}
    boxes = [ipywidgets.HBox([by_name[name] for name in row]) for row in controls]
    return {
        "rows": rows(SimpleNamespace(**by_name, children=boxes)),
        "chosen": panel.kernel.value,
        "greys": GREYS,
        "images": {name: np.rint(GREYS * X).astype(int).tolist() for name, X in panel.images.items()},
        "kernels": {
            name: np.round(np.asarray(W, float), DECIMALS).tolist() for name, W in panel.kernels.items()
        },
        "layers": panel.layers,
        "net": [_block(layer) for layer in panel.net.layers if isinstance(layer, Conv2D | MaxPool2D)],
    }


def _block(layer):
    if isinstance(layer, MaxPool2D):
        return {"size": layer.size}
    numbers = {"W": layer.W, "b": layer.b}
    rounded = {name: np.round(values.astype(float), DECIMALS).tolist() for name, values in numbers.items()}
    return rounded | {"stride": layer.stride, "padding": layer.padding}
