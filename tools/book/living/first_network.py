"""The first network, which learns XOR. See notebooks/00_start_here.ipynb."""

from nnlib.teach.widgets.first_network import first_network
from tools.book.living.recorded import Leg, Run, kept, page, run_and_epoch, train

KIND = "played"
STAYS, MOVES = "nothing", "after 1500 epochs it moves to 0.05"
SHORT = (0, 5, 10, 20, 30, 50, 100, 200, 300, 500)
LONG = (0, 100, 500, 1000, 2000, 2500, 3000, 5000)
RUNS = [
    *(Run({"lr": lr, "then": STAYS}, (Leg({"lr": lr}, 500, SHORT),)) for lr in (0.05, 0.02, 0.2)),
    Run({"lr": 0.001, "then": STAYS}, (Leg({"lr": 0.001}, 5000, LONG),)),
    Run(
        {"lr": 0.001, "then": MOVES},
        (
            Leg({"lr": 0.001}, 1500, (0, 500, 1000, 1500)),
            Leg({"lr": 0.05}, 3500, (1, 10, 50, 100, 200, 500, 1000, 2000, 3500)),
        ),
    ),
    Run({"lr": 1.0, "then": STAYS}, (Leg({"lr": 1.0}, 500, (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 500)),)),
]
OWN = run_and_epoch("then", "on the way", "28em", 5000)


def record():
    panel = first_network()
    return page(panel, train(panel, RUNS), plays="epoch", own=OWN)


def data(call):
    return kept(__name__, call.folder, record)
