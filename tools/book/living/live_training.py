"""The training loop on two spirals. See notebooks/07_training_loop.ipynb."""

import math

from nnlib.teach.widgets.live_training import live_training
from tools.book.living.recorded import Leg, Run, kept, page, run_and_epoch, train

KIND = "played"
SHUFFLED, UNSHUFFLED = "shuffled", "not shuffled"


def one(lr, batch_size, epochs, seen, *, shuffle=True):
    """Return a run of one leg."""
    order = SHUFFLED if shuffle else UNSHUFFLED
    controls = {"batch_size": batch_size, "lr": lr, "shuffle": shuffle}
    return Run({"batch_size": batch_size, "lr": lr, "order": order}, (Leg(controls, epochs, seen),))


def two(name, first, second):
    """Return a run of two legs that go on from each other."""
    controls = first.controls
    return Run({"batch_size": controls["batch_size"], "lr": controls["lr"], "order": name}, (first, second))


ROUND = (0, 1, 5, 10, 20, 40, 60, 100, 150, 200)
RUNS = [
    one(0.5, 20, 200, ROUND),
    one(0.5, 20, 100, (0, 1, 2, 5, 10, 40, 100), shuffle=False),
    two(
        "shuffled, after 200 epochs not",
        Leg({"batch_size": 20, "lr": 0.5, "shuffle": True}, 200, (0, 50, 100, 200)),
        Leg({"shuffle": False}, 220, (1, 5, 10, 20, 60, 220)),
    ),
    one(0.5, 1, 100, (0, 1, 5, 10, 30, 50, 100)),
    two(
        "shuffled, after 30 epochs at the rate 0.02",
        Leg({"batch_size": 1, "lr": 0.5, "shuffle": True}, 30, (0, 5, 10, 20, 30)),
        Leg({"lr": 0.02}, 60, (1, 5, 10, 30, 60)),
    ),
    two(
        "shuffled, after 100 epochs at the rate 0.02",
        Leg({"batch_size": 1, "lr": 0.5, "shuffle": True}, 100, (0, 50, 100)),
        Leg({"lr": 0.02}, 60, (1, 5, 10, 30, 60)),
    ),
    one(0.5, 120, 200, (0, 10, 50, 100, 200)),
    one(1.0, 120, 700, (0, 10, 50, 100, 200, 300, 500, 700)),
    one(3.16, 120, 700, (0, 10, 50, 100, 200, 300, 500, 700)),
]
OWN = run_and_epoch("order", "order", "28em", 700)


def record():
    panel = live_training()
    shots = train(panel, RUNS, pieces=lambda panel: math.ceil(len(panel.X) / panel.batch_size.value))
    return page(panel, shots, plays="epoch", own=OWN)


def data(call):
    return kept(__name__, call.folder, record)
