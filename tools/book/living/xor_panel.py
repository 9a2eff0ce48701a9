"""Two networks that learn XOR side by side. See notebooks/08_xor.ipynb."""

from nnlib.teach.widgets.xor import xor_panel
from tools.book.living.recorded import Leg, Run, kept, page, run_and_epoch, train

KIND = "played"
SEEN = (0, 10, 40, 100, 200, 300)


def settings(seed=3, a=("ReLU", 3, 1.0), b=("tanh", 3, 1.0)):
    """Return what is set: the seed, and of each network its activation, units and learning rate."""
    names = ("activation", "units", "lr")
    both = {"a": a, "b": b}
    return {"seed": seed} | {
        f"{run}.{name}": value for run in both for name, value in zip(names, both[run], strict=True)
    }


def one(name, **what):
    return Run({"run": name}, (Leg(settings(**what), 300, SEEN),))


def rate(lr):
    return one(f"3 tanh, seed 3: A at the rate 1, B at {lr:g}", a=("tanh", 3, 1.0), b=("tanh", 3, lr))


SOLVED = settings(a=("tanh", 3, 1.0))
RUNS = [
    one("seed 3: A has 3 ReLU, B has 3 tanh"),
    one("seed 4: A has 3 ReLU, B has 3 tanh", seed=4),
    one("seed 7: A has 3 ReLU, B has 3 tanh", seed=7),
    rate(3.0),
    rate(4.0),
    rate(10.0),
    Run(
        {"run": "3 tanh, seed 3: A has solved it, then goes on at the rate 50"},
        (Leg(SOLVED, 300, (0, 100, 200, 300)), Leg({"a.lr": 50.0}, 100, (1, 2, 10, 50, 100))),
    ),
    one("seed 3: A has 1 tanh, B has 1 ReLU", a=("tanh", 1, 1.0), b=("ReLU", 1, 1.0)),
    one("seed 1: A has 2 tanh, B has 3 tanh", seed=1, a=("tanh", 2, 1.0)),
    one("seed 0: A has 2 tanh, B has 3 tanh", seed=0, a=("tanh", 2, 1.0)),
]
OWN = run_and_epoch("run", "run", "34em", 400)


def record():
    panel = xor_panel()
    return page(panel, train(panel, RUNS), plays="epoch", own=OWN)


def data(call):
    return kept(__name__, call.folder, record)
