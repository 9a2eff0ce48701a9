"""Signals and gradients through many layers. See notebooks/10_initialisation_and_optimisers.ipynb."""

from nnlib.teach.widgets.depth_explorer import depth_explorer
from tools.book.living.recorded import every, kept, page, walk

KIND = "grid"
FIRST = 10**-1.3
TANH = [0.0398, 0.0562, 0.0603, 0.0625, 0.0708, 0.0794, 0.0891, 0.102, 0.105, 0.126, 0.2, 0.316]
RELU = [FIRST, 0.0625, 0.0708, 0.0794, 0.0841, 0.0884, 0.0933, 0.0972, 0.112, 0.141]
PLAN = [
    *every(function=["tanh"], depth=[30], sigma=[FIRST, *TANH]),
    *every(function=["sigmoid"], depth=[30], sigma=[FIRST, 0.0625, 0.1, 0.141, 0.2, 0.251, 0.316, 0.501]),
    *every(function=["ReLU"], depth=[30], sigma=RELU),
    *every(function=["leaky ReLU"], depth=[30], sigma=[FIRST, 0.0794, 0.0884, 0.0972, 0.141]),
    *every(function=["tanh"], depth=[5, 10, 50], sigma=[FIRST, 0.0625, 0.102, 0.2]),
    *every(function=["ReLU"], depth=[5, 10, 50], sigma=[0.0794, 0.0884, 0.0972]),
]


def record():
    panel = depth_explorer()
    return page(panel, walk(panel, PLAN))


def data(call):
    return kept(__name__, call.folder, record)
