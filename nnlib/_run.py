"""What a training is made of: looked at once, before anything is changed, and handed on from loop to loop."""

import functools
import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from nnlib import _threads
from nnlib import _validation as check
from nnlib._doors import bare, gradients, through
from nnlib._interrupts import Interrupt
from nnlib._types import Array, ArrayLike, Generator
from nnlib.activations import sigmoid
from nnlib.layers import Layer
from nnlib.losses import BinaryCrossEntropy, Loss, SoftmaxCrossEntropy, softmax
from nnlib.network import Network
from nnlib.optimizers import Optimizer

Data = tuple[ArrayLike, ArrayLike]
UNSEEN = np.errstate(over="ignore", invalid="ignore")  # what overflows in a trial is told when it is trained


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
    largest_weight: float
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
    threads = functools.partial(_computing, _threads.limited(net, min(batch_size, len(X))))
    _warn(net, loss, X, None if validation is None else validation[0])
    largest = _largest(*net.params)
    return Run(net, loss, optimizer, X, Y, epochs, batch_size, rng, validation, largest, Interrupt(), threads)


@contextmanager
def _computing(threads: Callable[[], AbstractContextManager[Any]]) -> Iterator[None]:
    """Hold BLAS to its threads, and NumPy from warnings: a loss that overflows is told in an error."""
    with threads(), np.errstate(over="ignore", invalid="ignore"):
        yield


def _warn(net: Network, loss: Loss, X: Array, X_validation: Array | None) -> None:
    """Say once, in the line that called the loop, what may be meant but is mostly a slip."""
    for name, A in (("X", X), ("validation: X", X_validation)):
        if A is not None and not net.layers[0]._takes_symbols and _like_pixels(A):
            found = f"{name} holds whole numbers from 0 to {A.max():g}, as pixels are stored"
            warnings.warn(
                f"{found}; the usual weights and rates expect about 1: divide by 255.", stacklevel=4
            )
    if isinstance(loss, (BinaryCrossEntropy, SoftmaxCrossEntropy)) and _gives_probabilities(net, X[:10]):
        found = f"the last layer, {net.layers[-1]}, gives probabilities"
        takes = f"{type(loss).__name__} takes logits, and makes probabilities of them itself"
        warnings.warn(f"{found}, but {takes}: leave that layer out.", stacklevel=4)


def _like_pixels(X: Array) -> bool:
    some = X[:1000]
    whole = some.min() >= 0 and some.max() >= 100 and (some == np.rint(some)).all()
    return bool(whole and X.min() >= 0 and X.max() <= 255)


@UNSEEN
def _gives_probabilities(net: Network, X: Array) -> bool:
    """Whether the output is what sigmoid or softmax makes of the last layer's input, or sums to 1."""
    *layers, last = net.layers
    for layer in layers:
        X = through(layer, X, training=False)
    Y = through(last, X, training=False)
    if Y.shape[-1] > 1 and Y.min() > 0 and np.allclose(Y.sum(axis=-1), 1, atol=1e-3):
        return True
    return Y.shape == X.shape and any(np.allclose(Y, f(X), atol=1e-3) for f in (sigmoid, softmax))


@UNSEEN
def _data(net: Network, loss: Loss, X: ArrayLike, Y: ArrayLike) -> tuple[Array, Array]:
    X = check.finite_as(net.dtype, net.layers[0]._samples(X, owner="network"), "X")
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


def diverged(run: Run, value: float, epoch: int, batch: int, X: Array, Y: Array) -> FloatingPointError:
    """Return the error for a loss that is not finite, with what is to blame for it."""
    where = f"the loss is {value} in epoch {epoch}, batch {batch}"
    untouched = epoch == batch == 1  # no step was made yet, so it is not the rate
    sizes = {"weights": run.largest_weight, "X": _largest(X), "Y": _largest(Y)}
    name = max(sizes, key=sizes.__getitem__)  # weights may be nan; they come first, and nothing is above nan
    if sizes[name] < (1e3 if untouched else 1e6):
        rate = f"with {type(run.optimizer).__name__} at a learning rate of {run.optimizer.rate:g}"
        sound = "before any step, and neither weights nor data are large: look at the layers and the loss"
        return FloatingPointError(f"{where}, {sound if untouched else f'{rate}: try a smaller one'}.")
    if name == "weights":
        found = f"this run began with weights up to {sizes[name]:.3g}, as a run that diverged leaves them"
        return FloatingPointError(f"{where}: {found}. Make a new network; in a panel, Reset.")
    return FloatingPointError(
        f"{where}: {name} holds numbers up to {sizes[name]:.3g}. Scale them, to about 1."
    )


def see_that_finite(run: Run, epoch: int) -> None:
    """Raise if the last step of an epoch has lost the weights; one before it is seen by the next loss."""
    if not math.isfinite(largest := _largest(*run.net.params)):
        where = f"after epoch {epoch}, with {type(run.optimizer).__name__}"
        raise FloatingPointError(f"a weight is {largest} {where}: try a smaller learning rate.")


def _largest(*arrays: Array) -> float:
    return max(float(np.abs(A).max()) for A in arrays)


def in_float64(
    net: Network, loss: Loss, X: ArrayLike, Y: ArrayLike
) -> tuple[Array, Array, Callable[[Array], Array]]:
    """Return the batch of `gradcheck.check` as a copy in float64, and how it goes forward, or raise."""
    check.instance(net, "net", Network, "a Network")
    check.instance(loss, "loss", Loss, "a loss such as MSE()")
    if net.dtype not in (None, np.float64):
        raise TypeError(f"the network is {net.dtype}; expected float64, as in Dense(…, dtype=np.float64).")
    X = check.finite_as(np.float64, net.layers[0]._samples(X, owner="network"), "X")
    return X.copy(), loss.targets(Y, np.float64), drawing_the_same(net)


def drawing_the_same(net: Network) -> Callable[[Array], Array]:
    """Return the forward of training with the same draws at each call; its generators stay where they are."""
    generators = [*_generators(net.layers)]
    states = [generator.bit_generator.state for generator in generators]

    def forward(X: Array) -> Array:
        try:
            return net.forward(X, training=True)
        finally:
            for generator, state in zip(generators, states, strict=True):
                generator.bit_generator.state = state

    return forward


def _generators(owner: Any) -> Iterator[Generator]:
    """Yield the generators of layers, of those that they are made of as well."""
    if isinstance(owner, np.random.Generator):
        yield owner
    elif isinstance(owner, (Layer, list, tuple)):
        for part in vars(owner).values() if isinstance(owner, Layer) else owner:
            yield from _generators(part)


def to_compare(net: Network, X: Array, dX: Array) -> tuple[list[str], list[Array], list[Array]]:
    """Return the names of what is moved, the arrays, and a copy of what backward says of each.

    X is none of them where it holds symbols.
    """
    names = [f"params[{i}]" for i in range(len(net.params))]
    gradients = [g.copy() for g in net.grads]
    if net.layers[0]._takes_symbols:
        return names, net.params, gradients
    return ["X", *names], [X, *net.params], [dX, *gradients]


def warn_of_kinks(
    L: Callable[[], float],
    names: list[str],
    arrays: list[Array],
    gradients: list[Array],
    differences: list[Array],
    h: float,
) -> None:
    """Warn where a gradient differs from central differences, but lies between the slopes on both sides."""
    kinks = []
    h = min(h, 1e-5)  # a larger step sees curvature as well
    for name, A, dA, central in zip(names, arrays, gradients, differences, strict=True):
        i = np.unravel_index(np.abs(dA - central).argmax(), A.shape)
        near = 1e-5 * max(np.abs(dA).max(), np.abs(central).max())
        if not abs(dA[i] - central[i]) > near:
            continue
        here = L()
        entry = A[i]
        A[i] = entry + h
        above = (L() - here) / h
        A[i] = entry - h
        below = (here - L()) / h
        A[i] = entry
        if abs(above - below) > 100 * near and min(above, below) - near < dA[i] < max(above, below) + near:
            kinks.append(f"{name}{[int(n) for n in i]}")
    if kinks:
        found = f"{' and '.join(kinks)}: at a kink of the loss, such as that of ReLU at 0"
        advice = "Move X or the parameters a little, and check again."
        warnings.warn(
            f"{found}, its slopes on both sides differ, and backward gives one. {advice}", stacklevel=3
        )


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
        self.backwards: list[Callable[..., Array]]

    @property
    def grads(self) -> list[Array]:
        return self.net.grads

    def forward(self, X: Array, training: bool) -> Array:
        self.known = bool(self.forwards) and self.net.layers[0]._shapes[0] == X.shape
        Y = self._forward(X) if self.known else bare(self.net.forward)(X, training)
        return Y.copy() if Y.base is X.base else Y  # the next batch takes that place

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
