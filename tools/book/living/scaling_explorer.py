"""Workers who share a batch. See notebooks/15_scaling_out.ipynb."""

from nnlib.teach.widgets.scaling_explorer import NETWORKS, scaling_explorer
from tools.book.living.recorded import every, kept, page, walk

KIND = "grid"
MLP, CNN = NETWORKS
ALONE = {"batch": [512], "bandwidth": [1000], "latency": [100], "spread": [0.5]}


def plan():
    """Return the settings: how many workers, by each way; then each other control by itself."""
    found = [
        *every(network=[MLP], way=["ring"], workers=[8], **ALONE),
        *every(network=[MLP], way=["ring"], workers=[1, 4, 6, 16, 64, 256, 1024], **ALONE),
        *every(network=[MLP], way=["tree", "one server"], workers=[1, 4, 8, 16, 64, 256, 1024], **ALONE),
        *every(network=[CNN], way=["ring", "tree"], workers=[1, 8, 32, 64, 256, 1024], **ALONE),
        *every(network=[CNN], way=["one server"], workers=[1, 8, 64, 1024], **ALONE),
    ]
    for network, workers in ((MLP, 8), (MLP, 64), (CNN, 64)):
        here = {"network": [network], "way": ["ring"], "workers": [workers]}
        for name, values in {
            "batch": [64, 4096],
            "bandwidth": [100, 10_000],
            "latency": [10, 1000],
            "spread": [0.0, 2.0],
        }.items():
            found += every(**here, **(ALONE | {name: values}))
    return found


PLAN = plan()


def record():
    panel = scaling_explorer()
    return page(panel, walk(panel, PLAN))


def data(call):
    return kept(__name__, call.folder, record)
