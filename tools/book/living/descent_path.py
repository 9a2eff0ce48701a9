"""The descent on the loss of a line. See notebooks/01_one_neuron.ipynb."""

import numpy as np

from nnlib.teach.widgets.descent_path import ORIGIN, RAW, STANDARDISED, VALLEY, WALL, descent_path
from tools.book.living.recorded import every, kept, page, walk

KIND = "played"
PLAN = [
    *every(inputs=[RAW], start=[ORIGIN], lr=[10**-1.3], n_steps=[30, 0, 1, 2, 5, 10, 60, 200]),
    *every(inputs=[RAW], start=[ORIGIN], lr=[0.01, 0.0617, 0.0631], n_steps=[0, 1, 5, 30, 200]),
    *every(inputs=[RAW], start=[WALL], lr=[0.01, 0.0316, 10**-1.3], n_steps=[0, 1, 2, 30]),
    *every(inputs=[RAW], start=[VALLEY], lr=[0.0316], n_steps=[0, 1, 30, 60, 200]),
    *every(
        inputs=[STANDARDISED], start=[ORIGIN, VALLEY, WALL], lr=[10**-1.3, 0.5, 10**-0.3], n_steps=[0, 1, 30]
    ),
]


def data_of_the_chapter():
    """Return the masses and the lengths of the spring that chapter 01 measures."""
    rng = np.random.default_rng(0)
    x = np.arange(1.0, 7.0)
    return x, np.round(4 + 2 * x + 0.6 * rng.standard_normal(6), 1)


def record():
    panel = descent_path(*data_of_the_chapter())
    return page(panel, walk(panel, PLAN), plays="n_steps")


def data(call):
    return kept(__name__, call.folder, record)
