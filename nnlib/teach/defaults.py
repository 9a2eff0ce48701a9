"""Pairs of networks that differ by one default of a library, and how far that takes them apart.

`CHOICES` has the defaults by name; their words stand in defaults.toml. `PAIRS` are the six of exercise 14.3.
See notebooks/14_frameworks.ipynb.
"""

import functools
import math
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nnlib import SGD, Adam, Dense, Momentum, Network, Optimizer, SoftmaxCrossEntropy, Tanh, softmax
from nnlib.initializers import he
from nnlib.teach import _doors as door

__all__ = ["CHOICES", "PAIRS", "Default", "Symptoms", "against", "symptoms"]

# --- what one library does, and another ---


def _small_uniform(rng, n_in, n_out):
    """Return W, uniform in ±1/√n_in."""
    return rng.uniform(-1, 1, (n_in, n_out)) / math.sqrt(n_in)


def _mean(Z, y):
    """Return the loss of logits, and dZ."""
    loss = SoftmaxCrossEntropy()
    return loss.value(Z, y), loss.gradient(Z, y)


def _sum(Z, y):
    value, dZ = _mean(Z, y)
    return len(y) * value, len(y) * dZ


def _mean_of_entries(Z, y):
    value, dZ = _mean(Z, y)
    return value / Z.shape[1], dZ / Z.shape[1]


def _of_probabilities(Z, y):
    P = softmax(Z)
    value, dP = _mean(P, y)
    return value, P * (dP - (dP * P).sum(axis=1, keepdims=True))


class MomentumInside(Momentum):
    """v ← β v + η g, p ← p - v: the rate of its step stays with each gradient."""

    def update(self, grads, lr):
        for p, g, v in zip(self.params, grads, self.v, strict=True):
            v *= self.beta
            v += lr * g
            p -= v


class Uncorrected(Adam):
    """m ← β₁ m + (1 - β₁) g, v ← β₂ v + (1 - β₂) g², p ← p - η m / (√v + ε)."""

    def update(self, grads, lr):
        for p, g, m, v in zip(self.params, grads, self.m, self.v, strict=True):
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * (g * g - v)
            p -= lr * m / (np.sqrt(v) + self.eps)


class Program(NamedTuple):
    """How a network is made and trained; as it stands, A of each pair."""

    init: Any = he
    loss: Any = _mean
    momentum: type[Optimizer] = Momentum
    adam: Any = Adam
    is_decoupled: bool = False


PROGRAMS = {
    "decoupled-decay": Program(is_decoupled=True),
    "epsilon": Program(adam=functools.partial(Adam, eps=1e-7)),
    "initial-weights": Program(init=_small_uniform),
    "loss-entries": Program(loss=_mean_of_entries),
    "loss-sum": Program(loss=_sum),
    "momentum-rate": Program(momentum=MomentumInside),
    "no-correction": Program(adam=Uncorrected),
    "softmax-twice": Program(loss=_of_probabilities),
}

# --- the register ---


class Default(NamedTuple):
    """One default: its key, what differs, what that would show, and the program that has it.

    See notebooks/14_frameworks.ipynb.
    """

    key: str
    name: str
    sign: str
    program: Program


CHOICES = {
    key: Default(key, **told, program=PROGRAMS[key])
    for key, told in tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8")).items()
}
PAIRS = {
    1: "decoupled-decay",
    2: "loss-sum",
    3: "epsilon",
    4: "softmax-twice",
    5: "momentum-rate",
    6: "initial-weights",
}

# --- what is measured ---

N_IN, N_HIDDEN, N_OUT, N = 5, 8, 3, 20
STEPS, FALLS_AFTER, DECAY, TINY = 10, 5, 0.1, 1e-6
NOTHING = 1e-11  # apart, or beside 1: what rounding leaves


@functools.cache
def _data():
    rng = np.random.default_rng(14)
    return rng.standard_normal((N, N_IN)), rng.integers(N_OUT, size=N)


def _network(init=he):
    rng = np.random.default_rng(3)
    shapes = (N_IN, N_HIDDEN), (N_HIDDEN, N_OUT)
    first, last = (Dense(*shape, rng=rng, init=init, dtype=np.float64) for shape in shapes)
    return Network(first, Tanh(), last)


def _size(A):
    return float(np.sqrt(np.mean(np.square(A))))


def _at_the_start(program):
    return _size(_network(program.init).params[0])


def _loss_of(n, program):
    X, y = (A[:n] for A in _data())
    return program.loss(_network().forward(X), y)[0]


def _gradient(program):
    X, y = _data()
    net = _network()
    net.backward(program.loss(net.forward(X), y)[1])
    return _size(net.grads[0])


def _falling(t):
    return 0.05 if t <= FALLS_AFTER else 0.005


def _trained(program, kind, lr, times=1.0, decay=0.0):
    """Return all weights and biases, in a row, after some steps on all samples from the weights of A."""
    X, y = _data()
    net = _network()
    optimizer = kind(net.params, lr)
    for _ in range(STEPS):
        net.backward(times * program.loss(net.forward(X), y)[1])
        for W, dW in zip(net.params[::2], net.grads[::2], strict=True):
            if program.is_decoupled:
                W *= 1 - optimizer.rate * decay
            else:
                dW += decay * W
        optimizer.step(net.grads)
    return np.concatenate([p.ravel() for p in net.params])


TIMES = {
    "size of W1 at the start": _at_the_start,
    "loss of 5 samples": functools.partial(_loss_of, 5),
    "loss of 20 samples": functools.partial(_loss_of, N),
    "size of dW1, 20 samples": _gradient,
}
APART = {
    "momentum": lambda program: _trained(program, program.momentum, 0.05),
    "momentum, the rate falls": lambda program: _trained(program, program.momentum, _falling),
    "Adam": lambda program: _trained(program, program.adam, 0.01),
    "Adam, the loss times 1e-6": lambda program: _trained(program, program.adam, 0.01, times=TINY),
    "SGD, weights decay": lambda program: _trained(program, SGD, 0.1, decay=DECAY),
    "Adam, weights decay": lambda program: _trained(program, program.adam, 0.01, decay=DECAY),
}
ROWS = (*TIMES, *APART)


@functools.cache
def _measured(key):
    """Return for each row what a default shows: how many times as large, or how far apart."""
    A, B = Program(), CHOICES[key].program
    found = {row: measure(B) / measure(A) for row, measure in TIMES.items()}
    for row, measure in APART.items():
        a, b = measure(A), measure(B)
        found[row] = float(np.linalg.norm(b - a) / np.linalg.norm(a))
    return found


def _said(row, value):
    if row in TIMES:
        return f"{value:.3g}"
    if value < NOTHING:
        return "0"
    return f"{value:.2g}" if value > 1e-3 else f"{value:.0e}".replace("e-0", "e-")


class Symptoms(NamedTuple):
    """What pairs of networks show: `found[pair][row]`. Printed, it is a table with a column for each pair.

    See notebooks/14_frameworks.ipynb.
    """

    found: dict

    def __str__(self):
        lines = [f"{'':28}" + "".join(f"{f'pair {pair}':>9}" for pair in self.found)]
        for title, rows in (("B / A", TIMES), (f"apart, after {STEPS} steps", APART)):
            lines += [title]
            for row in rows:
                cells = (_said(row, of[row]) for of in self.found.values())
                lines += [f"  {row:26}" + "".join(f"{cell:>9}" for cell in cells)]
        return "\n".join(lines)


def symptoms():
    """Return the `Symptoms` of the six pairs of exercise 14.3. Measured once.

    See notebooks/14_frameworks.ipynb.
    """
    return Symptoms({pair: dict(_measured(key)) for pair, key in PAIRS.items()})


def against(key, pair):
    """Return what speaks against a default in what a pair shows, as a sentence; None if nothing does.

    See notebooks/14_frameworks.ipynb.
    """
    default = CHOICES[door.one_of(key, "key", tuple(CHOICES))]
    seen = _measured(PAIRS[door.whole(pair, "pair", 1, len(PAIRS))])
    for row, value in _measured(default.key).items():
        expected, found = _said(row, value), _said(row, seen[row])
        if expected != found:
            return (
                f"With that default {default.sign}. In the row `{row}` it would say {expected}; here it says"
                f" {found}."
            )
    return None
