"""The exercises whose answer is trained, beside the attempts: what they may cost."""

import pytest

from nnlib import SGD, Dense, Network, ReLU, Tanh, datasets
from nnlib.teach import checks

MNIST = datasets.mnist()
FEW = MNIST.X_train[:1500], MNIST.y_train[:1500], MNIST.X_train[-1000:], MNIST.y_train[-1000:]


class Counted(SGD):
    steps = 0

    def step(self, grads):
        Counted.steps += 1
        super().step(grads)


def setting(*sizes, activation, lr, **chosen):
    n_in, hidden, n_out = sizes

    def setting(rng):
        net = Network(Dense(n_in, hidden, rng=rng), activation(), Dense(hidden, n_out, rng=rng))
        return net, Counted(net.params, lr), *chosen.values()

    return setting


@pytest.mark.parametrize(
    ("check", "answer", "data", "own"),
    [
        ("solves_xor", setting(2, 8, 1, activation=Tanh, lr=0.01, epochs=9), (), 100 * 9),
        (
            "solves_xor",
            setting(2, 8, 1, activation=Tanh, lr=lambda t: 0.01 if t < 10 else -1, epochs=9),
            (),
            100 * 9,
        ),
        (
            "overfits",
            setting(784, 8, 10, activation=ReLU, lr=1e-4, epochs=7, batch_size=6),
            (MNIST.X_train[:20], MNIST.y_train[:20]),
            3 * 7 * 4,
        ),
        (
            "mnist_recipe",
            setting(784, 16, 10, activation=ReLU, lr=0.01, epochs=1, batch_size=32),
            FEW,
            47,
        ),
    ],
)
def test_what_is_tried_takes_at_most_twice_the_readers_own_steps(check, answer, data, own):
    Counted.steps = 0
    verdict = getattr(checks, check)(answer, *data)
    assert not verdict and "Slow: the rate is too small." in verdict.text
    assert own < Counted.steps <= 3 * own
