"""The race of four optimisers. See notebooks/10_initialisation_and_optimisers.ipynb."""

from nnlib.teach.widgets.optimizer_race import optimizer_race
from tools.book.living.recorded import every, kept, page, walk

KIND = "played"
PLAN = [
    *every(surface=["narrow bowl"], lr=[0.02], scaled_lr=[0.1], step=[40, 0, 5, 10, 20, 60, 100, 200]),
    *every(
        surface=["narrow bowl"],
        lr=[0.0251, 0.0282, 0.0501, 0.0891, 0.1],
        scaled_lr=[0.1],
        step=[0, 10, 40, 100, 200],
    ),
    *every(surface=["the same, turned"], lr=[0.02], scaled_lr=[0.1], step=[0, 10, 40, 60, 200]),
    *every(surface=["saddle"], lr=[0.02], scaled_lr=[0.1], step=[0, 3, 7, 11, 40, 72, 200]),
    *every(surface=["curved valley"], lr=[0.02], scaled_lr=[0.1], step=[0, 10, 40, 100, 200]),
    *every(surface=["curved valley"], lr=[0.0501, 0.0631, 0.0708], scaled_lr=[0.1], step=[10, 40, 200]),
    *every(surface=["curved valley"], lr=[0.02], scaled_lr=[0.112, 0.126, 0.2, 0.562], step=[10, 40, 200]),
]


def record():
    panel = optimizer_race()
    return page(panel, walk(panel, PLAN), plays="step")


def data(call):
    return kept(__name__, call.folder, record)
