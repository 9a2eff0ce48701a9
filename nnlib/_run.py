"""What a training is made of: looked at once, before anything is changed, and handed on from loop to loop."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from nnlib import _threads
from nnlib import _validation as check
from nnlib._doors import bare, gradients
from nnlib._interrupts import Interrupt
from nnlib._types import Array, ArrayLike, Generator
from nnlib.losses import Loss
from nnlib.network import Network
from nnlib.optimizers import Optimizer

Data = tuple[ArrayLike, ArrayLike]


class Run(NamedTuple):
    net: Network
    loss: Loss
    optimizer: Optimizer
    X: Array
    Y: Array
    epochs: int
    batch_size: int
    rng: Generator | None
    validation: tuple[Array, Array] | None
    interrupt: Interrupt
    threads: Callable[[], AbstractContextManager[Any]]


def looked_at(
    net: Network,
    loss: Loss,
    optimizer: Optimizer,
    X: ArrayLike,
    Y: ArrayLike,
    epochs: int,
    batch_size: int,
    rng: Generator | None,
    validation: Data | None = None,
) -> Run:
    """Return the arguments of `fit` as its loops take them, or raise."""
    check.instance(net, "net", Network, "a Network")
    check.instance(loss, "loss", Loss, "a loss such as MSE()")
    check.instance(optimizer, "optimizer", Optimizer, "an optimiser such as SGD(net.params, lr=0.1)")
    if [id(p) for p in optimizer.params] != [id(p) for p in net.params]:
        raise ValueError("optimizer holds other parameters than this network's; expected net.params.")
    if rng is not None:
        check.generator(rng)
    epochs = check.whole(epochs, "epochs", 0)
    batch_size = check.whole(batch_size, "batch_size", 1)
    X, Y = _data(net, loss, X, Y)
    if validation is not None:
        pair = _pair(validation, "validation")
        try:
            validation = _data(net, loss, *pair)
        except (TypeError, ValueError) as error:  # told as of X and Y, which are others
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"validation: {error}") from error
    threads = _threads.limited(net, min(batch_size, len(X)))
    return Run(net, loss, optimizer, X, Y, epochs, batch_size, rng, validation, Interrupt(), threads)


def _data(net: Network, loss: Loss, X: ArrayLike, Y: ArrayLike) -> tuple[Array, Array]:
    X = check.finite_as(net.dtype, check.samples(X, "X", net.layers[0].n_in), "X")
    Y = loss.targets(Y, net.dtype)
    check.as_many(X, Y)
    Y_hat = net.forward(X[:1])
    if Y.ndim == 1:
        loss._takes(Y_hat, Y[:1])
        check.labels(Y, "labels", Y_hat.shape[-1])
    else:
        loss._takes(np.broadcast_to(Y_hat, (len(Y), *Y_hat.shape[1:])), Y)
    check.shaped(loss.value(Y_hat, Y[:1]), (), "what loss.value returned")
    return X, Y


def _pair(values: Any, name: str) -> tuple[Any, Any]:
    """Return `values` if they are a pair, of X and Y."""
    if not isinstance(values, (tuple, list)) or len(values) != 2:
        raise TypeError(f"{name} is a {type(values).__name__}; expected a pair (X, Y).")
    return values[0], values[1]


def diverged(loss: float, epoch: int, batch: int, optimizer: Any) -> FloatingPointError:
    """Return the error for a loss that is not finite."""
    where = f"epoch {epoch}, batch {batch}, with {type(optimizer).__name__}"
    return FloatingPointError(
        f"the loss is {loss} in {where} at a learning rate of {optimizer.rate:g}: try a smaller one."
    )


def in_float64(net: Network, loss: Loss, X: ArrayLike, Y: ArrayLike) -> tuple[Array, Array]:
    """Return the batch of `gradcheck.check` as a copy in float64, or raise."""
    check.instance(net, "net", Network, "a Network")
    check.instance(loss, "loss", Loss, "a loss such as MSE()")
    if net.dtype not in (None, np.float64):
        raise TypeError(f"the network is {net.dtype}; expected float64, as in Dense(…, dtype=np.float64).")
    X = check.finite_as(np.float64, check.samples(X, "X", net.layers[0].n_in), "X")
    return X.copy(), loss.targets(Y, np.float64)


# What the loop works with


class Samples:
    """The samples of X, drawn batch after batch into one place: a new array for each would cost time."""

    def __init__(self, X: Array, batch_size: int):
        self.X = X
        self.place = np.empty((min(batch_size, len(X)), *X.shape[1:]), X.dtype)

    def __len__(self) -> int:
        return len(self.X)

    def __getitem__(self, rows: Any) -> Array:
        if isinstance(rows, slice):
            return self.X[rows]
        return self.X.take(
            rows, axis=0, out=self.place[: len(rows)], mode="clip"
        )  # "raise" would copy it again


class PastDoors:
    """A network: the first batch of a shape goes through its doors, and those that follow it go past them.

    What the doors look at are the gradients. X and Y are known, but a loss or a layer of a reader's own may
    return anything.
    """

    def __init__(self, net: Network):
        self.net = net
        self.forwards: list[Callable[..., Array]] = []
        self.backwards: list[Callable[..., Array]] = []

    @property
    def grads(self) -> list[Array]:
        return self.net.grads

    def forward(self, X: Array, training: bool) -> Array:
        self.known = bool(self.forwards) and self.net.layers[0]._shapes[0] == X.shape
        Y = self._forward(X) if self.known else bare(self.net.forward)(X, training)
        return Y.copy() if Y.base is not None and Y.base is X.base else Y  # the next batch takes that place

    def _forward(self, X: Array) -> Array:
        for forward in self.forwards:
            X = forward(X, True)
        return X

    def backward(self, dY: Array, input_gradient: bool) -> None:
        if self.known:
            for backward in self.backwards:
                dY = backward(dY)
            return
        self.net.backward(dY, input_gradient)
        gradients(self.net.grads, self.net.params)
        first, *others = self.net.layers[self.net._first :]
        self.forwards = [bare(layer.forward) for layer in self.net.layers]
        self.backwards = [bare(layer.backward) for layer in reversed(others)]
        self.backwards.append(bare(first.parameter_gradients))


def past_doors(run: Run) -> tuple[PastDoors, Any, Any]:
    """Return net, loss and optimizer with the methods that the loop calls, past their doors."""
    value_and_gradient = bare(run.loss.value_and_gradient)

    def of_rows(Y_hat: Array, Y: Array) -> tuple[float, Array]:
        L, dY_hat = value_and_gradient(Y_hat, run.loss._rows(Y_hat, Y))
        return float(L), dY_hat

    loss = SimpleNamespace(value_and_gradient=of_rows)
    return PastDoors(run.net), loss, SimpleNamespace(step=bare(run.optimizer.step))
