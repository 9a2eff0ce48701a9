"""What version 1.0 promises until 2.0, as CONTRIBUTING says it, against the files in `promised`.

`names.txt` has each public name with its parameters, a line for each: what is new since is added, what stands
there stays. `images.npz` and `symbols.npz` are what `Network.save` wrote then. They are not made anew.
"""

import hashlib
import importlib
import inspect
from pathlib import Path

import numpy as np
import pytest

import nnlib
from nnlib import (
    SGD,
    Adam,
    Attention,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    LayerNorm,
    MaxPool2D,
    Momentum,
    Network,
    Positions,
    ReLU,
    Residual,
)

PROMISED = Path(__file__).with_name("promised")
MODULES = ("autograd", "datasets", "gradcheck", "initializers", "metrics", "scaling")


class Written:
    """A default value, by its name where it has one."""

    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return getattr(self.value, "__name__", repr(self.value))


def parameters(function):
    """Return '(X, *, h=1e-05)'."""
    signature = inspect.signature(function)
    plain = [
        p.replace(annotation=p.empty, default=p.default if p.default is p.empty else Written(p.default))
        for p in signature.parameters.values()
    ]
    return str(signature.replace(parameters=plain, return_annotation=signature.empty))


def offered():
    """Yield 'nnlib.Dense(n_in, …)' and 'nnlib.Dense.forward(self, X, …)' for each public name."""
    for module in (nnlib, *(importlib.import_module(f"nnlib.{name}") for name in MODULES)):
        for name in module.__all__:
            public = getattr(module, name)
            if inspect.ismodule(public):
                continue
            yield f"{module.__name__}.{name}{parameters(public)}"
            if inspect.isclass(public):
                for method, function in inspect.getmembers(public, inspect.isfunction):
                    if method[0] != "_" and function.__module__.startswith("nnlib."):
                        yield f"{module.__name__}.{name}.{method}{parameters(function)}"


def test_every_name_and_its_parameters_stay():
    assert [*offered()] == (PROMISED / "names.txt").read_text("utf-8").splitlines()


def images(rng):
    return Network(Conv2D(1, 2, 3, rng=rng), ReLU(), MaxPool2D(2), Flatten(), Dense(18, 3, rng=rng))


def symbols(rng):
    attention = Residual(LayerNorm(4), Attention(4, 2, rng=rng))
    return Network(Embedding(5, 4, rng=rng), Positions(3, 4, rng=rng), attention, Dense(4, 5, rng=rng))


@pytest.mark.parametrize(
    "make, digest",
    [
        (images, "8a6cec3f9375c15101f7d8f8b32061fb35d670e18275409f7a61b9629af9a156"),
        (symbols, "b93cbf494e4df971abc19226a89745a9c57c67f00035e73459d5672da762f87e"),
    ],
)
def test_weights_are_read_to_the_same_bytes(make, digest):
    net = make(np.random.default_rng(1))
    net.load(PROMISED / f"{make.__name__}.npz")
    assert hashlib.sha256(b"".join(p.tobytes() for p in net.params)).hexdigest() == digest


@pytest.mark.parametrize(
    "make, slots, after",
    [
        (SGD, [], [0.4, -0.04999999999999999]),
        (Momentum, [[1.7800000000000002, 3.64]], [0.23979999999999996, -0.37760000000000005]),
        (
            Adam,
            [[1.7800000000000002, 3.64], [10.043509, 17.247751]],
            [0.4544777844386848, -0.2660932070922392],
        ),
    ],
)
def test_an_optimiser_goes_on_from_its_state(make, slots, after):
    p = np.array([0.5, -0.25])
    optimizer = make([p], lr=0.1)
    optimizer.t = 3
    for slot, kept in zip(optimizer.slots, slots, strict=True):
        slot[...] = kept
    optimizer.step([np.array([1.0, -2.0])])
    assert optimizer.t == 4
    np.testing.assert_allclose(p, after, rtol=1e-12)
