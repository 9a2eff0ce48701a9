"""XOR, 2-3-1, ReLU then sigmoid, mean squared error: a classic first tutorial, from 500 seeds.

Weights and biases uniform in [-0.5, 0.5), one sample at a time in order, learning rate 0.1. The tutorial
trains once, for 1000 epochs; here every seed goes on to 10 000. Recorded: how many solve XOR, how many hidden
units are dead, silent on all four points, and what four single changes do from the same seeds. All networks
of a kind are trained at once, as a stack, in float64; three of them also by nnlib's own loop, and agree.
"""

import numpy as np

from nnlib import (
    MSE,
    SGD,
    BinaryCrossEntropy,
    Dense,
    LeakyReLU,
    Network,
    ReLU,
    Sigmoid,
    Tanh,
    datasets,
    initializers,
    steps,
)
from nnlib.teach.stacked import stack, stacked_steps

X, Y = datasets.xor()
LR = 0.1
SOURCE = "A classic tutorial on a first network in plain NumPy: its printed log, which ends after 32 epochs"
REPORTED = {"epoch": [1, 32], "error": [0.2648, 0.2558]}
CHANGES = {
    "LeakyReLU": {"activation": LeakyReLU},
    "tanh": {"activation": Tanh},
    "6 units": {"units": 6},
    "cross-entropy": {"output": (), "loss": BinaryCrossEntropy()},
}


def run(quick):
    count, at, length = (5, [1, 32], 32) if quick else (500, [1, 32, 100, 300, 1000, 3000, 10_000], 1000)
    seeds = range(count)
    net = stack([new_network(seed) for seed in seeds])
    dead = [count_dead(net)]
    errors, solved = follow(net, MSE(), at)
    dead.append(count_dead(net))
    in_tutorial = solved[at.index(length)]
    near = abs(errors[at.index(32)] - 0.2558) < 0.001
    return {
        "seeds": {"first": 0, "last": count - 1},
        "source": SOURCE,
        "reported": REPORTED,
        "epochs": at,
        "length": length,
        "error": {f"{q} %": np.percentile(errors, q, axis=1).round(4).tolist() for q in (5, 50, 95)},
        "error_above_reported": [
            int((errors[at.index(epoch)] >= error).sum())
            for epoch, error in zip(REPORTED["epoch"], REPORTED["error"], strict=True)
        ],
        "near_reported": {"runs": int(near.sum()), "solved": solved[:, near].sum(axis=1).tolist()},
        "solved": solved.sum(axis=1).tolist(),
        "solved_by_seed": "".join("01"[s] for s in in_tutorial.tolist()),
        "dead_units": {
            "at the start": np.bincount(dead[0], minlength=4).tolist(),
            "at the end": np.bincount(dead[1], minlength=4).tolist(),
            "at the end, solved": np.bincount(dead[1][solved[-1]], minlength=4).tolist(),
        },
        "changes": {name: change(seeds, at, in_tutorial, length, **new) for name, new in CHANGES.items()},
        "difference_to_nnlib": max(
            difference_to_nnlib(net, stack([net]), length) for net in map(new_network, (0, 3, 6))
        ),
    }


def new_network(seed, *, activation=ReLU, units=3, output=(Sigmoid,)):
    rng = np.random.default_rng(seed)
    options = {"rng": rng, "init": initializers.uniform, "dtype": np.float64}
    first, last = Dense(2, units, **options), Dense(units, 1, **options)
    for layer in (first, last):
        layer.b = rng.uniform(-0.5, 0.5, layer.n_out)
    return Network(first, activation(), last, *(kind() for kind in output))


def follow(net, loss, at):
    """Train a stack one sample at a time; return, at each epoch of `at`, every network's error and success.

    The error is the mean square over the epoch, each sample's taken before its update, as tutorials print it.
    """
    loop = stacked_steps(net, loss, SGD(net.params, lr=LR), X, Y, epochs=at[-1], batch_size=1)
    errors, solved = [], []
    for epoch in range(1, at[-1] + 1):
        Y_hat = [next(loop) for _ in X]
        if epoch in at:
            errors.append(((np.concatenate(Y_hat, axis=1) - Y) ** 2).mean(axis=(1, 2)))
            solved.append(((net.forward(X) > loss.threshold) == (Y == 1)).all(axis=(1, 2)))
    return np.array(errors), np.array(solved)


def count_dead(net):
    """Return how many hidden ReLU units of each network are silent on all four points."""
    W, b = net.layers[0].params
    return (X @ W + b <= 0).all(axis=1).sum(axis=1)


def change(seeds, at, before, length, *, loss=None, **new):
    """Return how a change fares: success after each epoch of `at`, and against `before` after `length`."""
    _, solved = follow(stack([new_network(seed, **new) for seed in seeds]), loss or MSE(), at)
    after = solved[at.index(length)]
    return {"solved": solved.sum(axis=1).tolist(), "paired": paired(before, after)}


def paired(before, after):
    """Return for how many seeds both succeeded, the first alone, the second alone, and neither."""
    cases = {"both": before & after, "first": before & ~after, "second": ~before & after}
    return {name: int(case.sum()) for name, case in cases.items()} | {
        "neither": int((~before & ~after).sum())
    }


def difference_to_nnlib(net, stacked, epochs):
    """Train a network by nnlib's own loop, and its stack; return the largest difference of a parameter."""
    settings = {"epochs": epochs, "batch_size": 1}
    for _ in stacked_steps(stacked, MSE(), SGD(stacked.params, lr=LR), X, Y, **settings):
        pass
    for _ in steps(net, MSE(), SGD(net.params, lr=LR), X, Y, rng=None, **settings):
        pass
    pairs = zip(stacked.params, net.params, strict=True)
    return max(float(np.abs(p.reshape(q.shape) - q).max()) for p, q in pairs)
