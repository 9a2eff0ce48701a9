"""A run that goes on from a saved state, and a run that is repeated, give the same bytes."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from nnlib import (
    SGD,
    Adam,
    Dense,
    Dropout,
    Momentum,
    Network,
    ReLU,
    SoftmaxCrossEntropy,
    steps,
    train,
    warmup_cosine,
)
from nnlib.gradcheck import relative_error

EPOCHS, BATCH_SIZE, N = 5, 8, 20  # the third batch of an epoch is a partial one
PROCESSES, AMONG_THREADS = 10, 1e-9
OPTIMIZERS = {
    "SGD": lambda params: SGD(params, 0.1),
    "Momentum": lambda params: Momentum(params, 0.05),
    "Adam with a schedule": lambda params: Adam(params, warmup_cosine(0.01, warmup=4, total=15)),
}


class Run:
    """A network with dropout, its optimiser, and the generators of the order and of the masks."""

    def __init__(self, name, seed):
        self.rng, self.masks = np.random.default_rng(seed), np.random.default_rng(seed + 1)
        layers = Dense(4, 6, rng=self.rng), ReLU(), Dropout(0.5, rng=self.masks), Dense(6, 3, rng=self.rng)
        self.net = Network(*layers)
        self.optimizer = OPTIMIZERS[name](self.net.params)

    def train(self, epochs):
        rng = np.random.default_rng(7)
        X, y = rng.standard_normal((N, 4)), rng.integers(3, size=N)
        options = {"epochs": epochs, "batch_size": BATCH_SIZE, "rng": self.rng}
        return list(train(self.net, SoftmaxCrossEntropy(), self.optimizer, X, y, **options))

    def save(self, path):
        """Write the weights to `path`, and return the rest of the state."""
        self.net.save(path)
        generators = [rng.bit_generator.state for rng in (self.rng, self.masks)]
        return self.optimizer.t, [slot.copy() for slot in self.optimizer.slots], generators

    def load(self, path, state):
        self.net.load(path)
        self.optimizer.t, slots, (self.rng.bit_generator.state, self.masks.bit_generator.state) = state
        for slot, saved in zip(self.optimizer.slots, slots, strict=True):
            slot[...] = saved


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("boundary", range(EPOCHS + 1))
def test_from_every_epoch_boundary_the_rest_is_the_same(tmp_path, raw, name, boundary):
    whole, first, second = Run(name, 0), Run(name, 0), Run(name, 100)
    records = whole.train(EPOCHS)
    first.train(boundary)
    second.load(tmp_path / "net.npz", first.save(tmp_path / "net.npz"))
    rest = second.train(EPOCHS - boundary)
    assert raw(second.net.params) == raw(whole.net.params)
    assert raw(second.optimizer.slots) == raw(whole.optimizer.slots)
    assert [epoch.loss for epoch in rest] == [epoch.loss for epoch in records[boundary:]]


@pytest.mark.parametrize("part", ["masks", "order", "slots", "t"])
def test_without_a_part_of_the_state_the_rest_is_another(tmp_path, raw, part):
    name = "Adam with a schedule"
    whole, first, second = Run(name, 0), Run(name, 0), Run(name, 100)
    whole.train(EPOCHS)
    first.train(2)
    t, slots, (order, masks) = first.save(tmp_path / "net.npz")
    other = np.random.default_rng(9).bit_generator.state
    second.load(
        tmp_path / "net.npz",
        (
            0 if part == "t" else t,
            [0 * slot for slot in slots] if part == "slots" else slots,
            (other if part == "order" else order, other if part == "masks" else masks),
        ),
    )
    second.train(EPOCHS - 2)
    assert raw(second.net.params) != raw(whole.net.params)


TRAIN = """
import hashlib
import numpy as np
from nnlib import Adam, Dense, Dropout, Network, ReLU, SoftmaxCrossEntropy, fit
rng = np.random.default_rng(0)
net = Network(Dense(50, 40, rng=rng), ReLU(), Dropout(0.2, rng=rng), Dense(40, 5, rng=rng))
X, y = rng.standard_normal((300, 50)), rng.integers(5, size=300)
options = {"epochs": 3, "batch_size": 32, "rng": rng, "progress": False}
history = fit(net, SoftmaxCrossEntropy(), Adam(net.params, 0.01), X, y, **options)
print(hashlib.sha256(b"".join(p.tobytes() for p in net.params)).hexdigest(), history.loss)
"""


def test_ten_processes_of_ten_give_the_same_bytes():
    command = [sys.executable, "-c", TRAIN]
    printed = {
        subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(PROCESSES)
    }
    assert len(printed) == 1 and len(printed.pop().split()[0]) == 2 * hashlib.sha256().digest_size


def test_threads_change_no_more_than_rounding():
    """The products are large enough for nnlib to leave BLAS its threads."""
    params = []
    for threads in (1, 2):
        rng = np.random.default_rng(0)
        layers = (
            Dense(512, 512, rng=rng, dtype=np.float64),
            ReLU(),
            Dense(512, 9, rng=rng, dtype=np.float64),
        )
        net = Network(*layers)
        X, y = rng.standard_normal((600, 512)), rng.integers(9, size=600)
        options = {"epochs": 5, "batch_size": 600, "rng": rng}
        with threadpool_limits(threads, user_api="blas"):
            for _ in steps(net, SoftmaxCrossEntropy(), SGD(net.params, 0.1), X, y, **options):
                pass
        params.append(net.params)
    assert max(map(relative_error, *params)) <= AMONG_THREADS
