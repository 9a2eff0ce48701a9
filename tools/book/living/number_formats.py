"""A number in three formats. See notebooks/14_frameworks.ipynb."""

from nnlib.teach.widgets.number_formats import number_formats
from tools.book.living.recorded import every, kept, page, walk

KIND = "grid"
ALL = ["float16", "bfloat16", "float32"]
X = [
    *(2.0**-26, 2.0**-25, 1.001 * 2.0**-25, 2.0**-24, 1e-6, 2.0**-14, 0.001),
    *(0.1, 1.0, 3.16, 255.0, 256.0, 257.0, 2047.0, 2048.0, 2049.0, 2050.0, 10_000.0),
    *(65_504.0, 65_519.0, 65_520.0, 1e8),
]
PLAN = [
    *every(form=["float16"], x=[0.1], scale=[0], fine=[0.0]),
    *every(form=["float16"], x=[x for x in X if x != 0.1], scale=[0], fine=[0.0]),
    *every(form=["bfloat16"], x=[2.0**-24, 0.001, *X[7:15], 65_520.0, 1e8], scale=[0], fine=[0.0]),
    *every(form=["float32"], x=[2.0**-24, 0.1, 1.0, 2049.0, 65_520.0, 1e8], scale=[0], fine=[0.0]),
    *every(form=["float16"], x=[0.1, 2048.0], scale=[0], fine=[-1.0, -0.5, -0.25, 0.25, 0.5, 0.75, 1.0]),
    *every(form=["float16"], x=[1e-8], scale=[0, 4, 8, 12, 16, 20, 24], fine=[0.0]),
]


def record():
    panel = number_formats()
    return page(panel, walk(panel, PLAN))


def data(call):
    return kept(__name__, call.folder, record)
