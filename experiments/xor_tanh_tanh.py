"""XOR, 2-3-1, tanh and tanh, mean squared error: the right gradient against a classic's own, 500 seeds.

The tutorial: weights and biases standard normal, one sample at a time in order, 10 000 epochs at learning
rate 0.1. Its dense layer updates its weights and then computes the input gradient from the new ones. Both
ways start from the same weights; all networks of a kind are trained at once, as a stack, in float64.
"""

import functools

import numpy as np

from experiments.xor_relu_sigmoid import LR, X, Y, difference_to_nnlib, follow, paired
from nnlib import MSE, Dense, Network, Tanh, initializers
from nnlib.teach.bugs import UpdatedFirstDense
from nnlib.teach.stacked import StackedDense, stack

SOURCE = (
    "A classic tutorial with the update inside backward: the error and the epochs a second that it prints;"
    " its lines stand in the order of an early dense.py of TheIndependentCode/Neural-Network"
)
REPORTED = {"epoch": [10_000], "error": ["0.00000"]}


class UpdatedFirst(StackedDense):
    """A dense layer for each network; its dX is made of the weights as they will be after the step."""

    def backward(self, dY):
        self.parameter_gradients(dY)
        W = self.W - LR * self.dW
        return dY @ W.swapaxes(1, 2)


def new_network(seed, *, dense=Dense):
    rng = np.random.default_rng(seed)
    options = {"rng": rng, "init": initializers.standard_normal, "dtype": np.float64}
    first, last = Dense(2, 3, **options), dense(3, 1, **options)
    for layer in (first, last):
        layer.b = rng.standard_normal(layer.n_out)
    return Network(first, Tanh(), last, Tanh())


def stack_updated_first(nets):
    """Return a stack of all, its last dense layer an `UpdatedFirst`."""
    first, tanh, _, last_tanh = stack(nets).layers
    return Network(first, tanh, UpdatedFirst([net.layers[2] for net in nets]), last_tanh)


def run(quick):
    count, at, length = (5, [1, 2, 3], 2) if quick else (500, [1, 30, 100, 300, 1000, 3000, 10_000], 1000)
    nets, bug = [new_network(seed) for seed in range(count)], functools.partial(UpdatedFirstDense, lr=LR)
    right, wrong = stack(nets), stack_updated_first(nets)
    (right_errors, right_solved), (wrong_errors, wrong_solved) = (
        follow(net, MSE(), at) for net in (right, wrong)
    )
    squares = (right.forward(X) - Y) ** 2
    return {
        "seeds": {"first": 0, "last": count - 1},
        "source": SOURCE,
        "reported": REPORTED,
        "epochs": at,
        "solved": {"right": right_solved.sum(axis=1).tolist(), "bug": wrong_solved.sum(axis=1).tolist()},
        "paired": paired(right_solved[-1], wrong_solved[-1]),
        "error": {
            "median": float(np.median(right_errors[-1])),
            "smallest": float(right_errors[-1].min()),
            "smallest with the bug": float(wrong_errors[-1].min()),
            "last sample below 0.000005": int((squares[:, -1] < 5e-6).sum()),
        },
        "loss_at_rest": np.sort(squares.mean(axis=(1, 2))[~right_solved[-1]]).round(4).tolist(),
        "difference_to_nnlib": max(
            difference_to_nnlib(new_network(0), stack(nets[:1]), length),
            difference_to_nnlib(new_network(0, dense=bug), stack_updated_first(nets[:1]), length),
        ),
    }
