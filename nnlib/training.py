"""The training loop: where learning happens.

Everything here is a `for` loop around `steps` or `train`, so a progress bar, a live plot, a stop button and
early stopping are each a few lines of the caller's. See notebooks/07_training_loop.ipynb.
"""

import math
import signal
import threading
import time
from typing import NamedTuple

import numpy as np

from nnlib import _validation as check
from nnlib.losses import Loss
from nnlib.metrics import accuracy, classes
from nnlib.network import Network
from nnlib.optimizers import Optimizer

__all__ = ["Epoch", "History", "Step", "fit", "minibatches", "steps", "train"]

# Multiplications in one matrix product. Below this a second thread gains little, and where another program
# keeps a core busy, threads that wait for each other take several times as long; `make bench` measures it.
LARGE_PRODUCT = 2**27


class Step(NamedTuple):
    """What `steps` yields: where the loop is, and what it just learned from.

    `loss` and `Y_hat` are those of the batch before its update; both counts start at 1.

    See notebooks/07_training_loop.ipynb.
    """

    epoch: int
    batch: int
    loss: float
    Y_hat: np.ndarray
    Y: np.ndarray


class Epoch(NamedTuple):
    """What `train` yields after each epoch.

    `loss` and `accuracy` are means over the epoch's batches, weighted by their size, each taken before its
    update. `accuracy` is None where the targets are not classes, the validation fields where no validation
    data was given. `updates` counts the batches and `seconds` the time in the training loop since the start,
    validation not included.

    See notebooks/07_training_loop.ipynb.
    """

    epoch: int
    loss: float
    accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    updates: int
    seconds: float


class History(list):
    """The epochs of one call of `fit`: a list of `Epoch`, whose columns are attributes, `history.loss`.

    Attributes
    ----------
    interrupted : bool
        Whether the kernel was interrupted; the last epoch is then the mean over the batches it got to.

    See notebooks/07_training_loop.ipynb.
    """

    interrupted = False

    def __init__(self, epochs=()):
        super().__init__(check.listed(epochs, "epochs", "a list of what train yields"))
        for epoch in self:
            check.instance(epoch, "an entry of epochs", Epoch, "an Epoch, as train yields it")

    def __getattr__(self, name):
        if name not in Epoch._fields:
            raise AttributeError(f"a History has no {name!r}; expected one of {', '.join(Epoch._fields)}.")
        return [getattr(epoch, name) for epoch in self]

    def __repr__(self):
        if not self:
            return "History of 0 epochs"
        rows = list(self) if len(self) <= 10 else [*self[:4], None, *self[-4:]]
        names = [name for name in Epoch._fields if name != "updates" and getattr(self[0], name) is not None]
        table = [[name.replace("validation", "val.").replace("_", " ") for name in names]]
        table += [[_cell(name, row and getattr(row, name)) for name in names] for row in rows]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ["  ".join(map(str.rjust, row, widths)) for row in table]
        if self.interrupted:
            lines.append(f"interrupted in epoch {self[-1].epoch}, after {self[-1].updates} updates")
        return "\n".join(lines)


def _cell(name, value):
    digits = {"epoch": 0, "seconds": 1}.get(name, 4)
    return "…" if value is None else f"{value:.{digits}f}"


def minibatches(X, Y, *, batch_size, rng):
    """Yield (X_batch, Y_batch) until every sample was there once; the last batch may be smaller.

    Parameters
    ----------
    X, Y : ndarray
        Samples and targets, one row for each.
    batch_size : int
        1 for one sample at a time, len(X) for all at once.
    rng : numpy.random.Generator or None
        Shuffles the samples, anew at each call; None leaves them in order.

    See notebooks/07_training_loop.ipynb.
    """
    batch_size = check.whole(batch_size, "batch_size", 1)
    X, Y = check.rows(X, "X"), check.rows(Y, "Y")
    if len(X) != len(Y):
        raise ValueError(f"X has {check.count(len(X), 'sample')}, but Y has {len(Y)}; expected as many.")
    rows = np.arange(len(X), dtype=np.int32)  # half as large as the default
    order = None if rng is None else check.generator(rng).permutation(rows)
    return _minibatches(X, Y, batch_size, order)


def _minibatches(X, Y, batch_size, order):
    for start in range(0, len(X), batch_size):
        rows = slice(start, start + batch_size)
        rows = rows if order is None else order[rows]
        yield X[rows], Y[rows]


def steps(net, loss, optimizer, X, Y, *, epochs, batch_size, rng):
    """Train, and yield a `Step` after each mini-batch.

    Parameters
    ----------
    net : Network
    loss : Loss
    optimizer : Optimizer
        Built on `net.params`.
    X : array_like, (N, n_in)
    Y : array_like
        What the loss takes as targets, one for each sample. Both are cast to the network's dtype.
    epochs : int
        How often every sample is seen.
    batch_size : int
    rng : numpy.random.Generator or None
        Shuffles the samples in each epoch; None leaves them in order.

    Yields
    ------
    Step

    Raises
    ------
    TypeError, ValueError
        At the call, before anything is changed, if an argument is not what is said above.
    FloatingPointError
        If the loss of a batch is not finite; that batch makes no update.

    Notes
    -----
    An interrupt (the stop button of JupyterLab, ctrl-C) ends the loop after the batch in hand, so weights and
    optimiser are whole and training can go on from there. A second interrupt raises at once.

    While a batch is computed, BLAS is held to one thread, unless the largest matrix product of the network
    has 2**27 multiplications or more; between two batches it has what it had before.

    Examples
    --------
    >>> for step in steps(net, MSE(), SGD(net.params, lr=0.1), X, Y, epochs=5, batch_size=32, rng=rng):
    ...     if step.loss < 0.01:
    ...         break

    See notebooks/07_training_loop.ipynb.
    """
    data = _checked(net, loss, optimizer, X, Y, epochs, batch_size, rng)
    return _until_interrupted(_loop(net, loss, optimizer, *data), _threads(net, data))


def _until_interrupted(loop, threads):
    while True:
        with _DeferredInterrupt() as interrupt, threads():
            step = next(loop, None)
        if step is None:
            return
        yield step
        if interrupt.requested:
            return


def train(net, loss, optimizer, X, Y, *, epochs, batch_size, rng, validation=None):
    """Train, and yield an `Epoch` after each pass over the data.

    Parameters
    ----------
    net, loss, optimizer, X, Y, epochs, batch_size, rng :
        As for `steps`, with the same errors and the same answer to an interrupt.
    validation : (X, Y) or None
        Data that is not trained on; measured after each epoch.

    Yields
    ------
    Epoch

    Examples
    --------
    >>> for epoch in train(net, loss, optimizer, X, Y, epochs=2, batch_size=32, rng=rng):
    ...     print(f"{epoch.epoch}: {epoch.updates} updates")
    1: 4 updates
    2: 8 updates

    See notebooks/07_training_loop.ipynb.
    """
    data = _checked(net, loss, optimizer, X, Y, epochs, batch_size, rng)
    if validation is not None:
        if not isinstance(validation, (tuple, list)) or len(validation) != 2:
            raise TypeError(f"validation is a {type(validation).__name__}; expected a pair (X, Y).")
        validation = _checked_data(net, loss, *validation)
    return _train(net, loss, optimizer, data, validation)


def _train(net, loss, optimizer, data, validation):
    X, Y, epochs, *_ = data
    loop = _loop(net, loss, optimizer, *data)
    updates, seconds = 0, 0.0
    are_classes = _are_classes(Y)
    compare = are_classes and validation is not None and _are_classes(validation[1])
    threads = _threads(net, data)
    for epoch in range(1, epochs + 1):
        with _DeferredInterrupt() as interrupt, threads():
            started, seen, loss_sum, right = time.perf_counter(), 0, 0.0, 0.0
            while seen < len(X):
                step = next(loop)
                seen += len(step.Y)
                loss_sum += step.loss * len(step.Y)
                if are_classes:
                    right += np.count_nonzero(classes(step.Y_hat, loss.threshold) == classes(step.Y))
                updates += 1
                if interrupt.requested:
                    break
            seconds += time.perf_counter() - started
            validated = None, None
            if validation:
                Y_hat, Y = net.predict(validation[0]), validation[1]
                share = accuracy(Y_hat, Y, threshold=loss.threshold) if compare else None
                validated = loss.value(Y_hat, Y), share
        mean_accuracy = right / seen if are_classes else None
        yield Epoch(epoch, loss_sum / seen, mean_accuracy, *validated, updates, seconds)
        if interrupt.requested:
            return


def fit(net, loss, optimizer, X, Y, *, epochs, batch_size, rng, validation=None, progress=True):
    """Train, and return the `History`.

    Parameters
    ----------
    net, loss, optimizer, X, Y, epochs, batch_size, rng, validation :
        As for `train`.
    progress : bool, default True
        Show a bar with the time elapsed, the time remaining and the loss.

    Returns
    -------
    History
        Up to the batch in hand, if the kernel is interrupted.

    Examples
    --------
    >>> history = fit(net, loss, optimizer, X, Y, epochs=5, batch_size=32, rng=rng)
    >>> history.loss[-1] < history.loss[0]
    True

    See notebooks/07_training_loop.ipynb.
    """
    from tqdm import tqdm

    settings = {"epochs": epochs, "batch_size": batch_size, "rng": rng, "validation": validation}
    records = train(net, loss, optimizer, X, Y, **settings)

    history = History()
    with _DeferredInterrupt() as interrupt, tqdm(total=epochs, unit="epoch", disable=not progress) as bar:
        for epoch in records:
            history.append(epoch)
            bar.set_postfix_str(f"loss {epoch.loss:.4f}", refresh=False)
            bar.update()
            if interrupt.requested:
                break
    complete = epochs * math.ceil(len(X) / batch_size)
    history.interrupted = bool(history) and history[-1].updates < complete
    return history


def _loop(net, loss, optimizer, X, Y, epochs, batch_size, rng):
    for epoch in range(1, epochs + 1):
        for batch, (X_batch, Y_batch) in enumerate(minibatches(X, Y, batch_size=batch_size, rng=rng), 1):
            Y_hat = net.forward(X_batch, training=True)
            value, dY = loss.value_and_gradient(Y_hat, Y_batch)
            if not math.isfinite(value):
                raise FloatingPointError(
                    f"the loss is {value} in epoch {epoch}, batch {batch}, with {type(optimizer).__name__}"
                    f" at a learning rate of {optimizer.rate:g}: try a smaller one."
                )
            net.backward(dY, input_gradient=False)
            optimizer.step(net.grads)
            yield Step(epoch, batch, value, Y_hat, Y_batch)


def _checked(net, loss, optimizer, X, Y, epochs, batch_size, rng):
    check.instance(net, "net", Network, "a Network")
    check.instance(loss, "loss", Loss, "a loss such as MSE()")
    check.instance(optimizer, "optimizer", Optimizer, "an optimiser such as SGD(net.params, lr=0.1)")
    if [id(p) for p in optimizer.params] != [id(p) for p in net.params]:
        raise ValueError("optimizer holds other parameters than this network's; expected net.params.")
    if rng is not None:
        check.generator(rng)
    epochs, batch_size = check.whole(epochs, "epochs", 0), check.whole(batch_size, "batch_size", 1)
    return *_checked_data(net, loss, X, Y), epochs, batch_size, rng


def _checked_data(net, loss, X, Y):
    X = check.finite(check.samples(X, "X", net.layers[0].n_in, net.dtype), "X")
    Y = loss.targets(Y, net.dtype)
    Y_hat = net.forward(X[:1])
    if Y.ndim == 1:  # here, so that a wrong one is named by its place among all
        check.labels(Y, "labels", Y_hat.shape[-1])
    # One output against all targets, in pieces: counts and widths fit, or this says how they do not.
    for _, Y_some in minibatches(X, Y, batch_size=1000, rng=None):
        L = loss.value(np.broadcast_to(Y_hat, (len(Y_some), *Y_hat.shape[1:])), Y_some)
        check.shaped(L, (), "what loss.value returned")
    return X, Y


def _are_classes(Y):
    """Whether Y holds labels, one-hot rows, or a column of zeros and ones."""
    if Y.ndim != 2:
        return Y.ndim == 1
    return bool(np.isin(Y, (0, 1)).all() and (Y.shape[1] == 1 or (Y.sum(axis=1) == 1).all()))


def _threads(net, data):
    """Return a function that makes a context: one BLAS thread, unless a product of the net is a large one."""
    from threadpoolctl import ThreadpoolController

    X, _, _, batch_size, _ = data
    largest = min(batch_size, len(X)) * max(p.size for p in net.params)
    blas = ThreadpoolController().select(user_api="blas")
    return lambda: blas.limit(limits=1 if largest < LARGE_PRODUCT else None)


class _DeferredInterrupt:
    """While active, a first SIGINT is only noted, in `requested`; a second raises KeyboardInterrupt.

    Only the main thread can have it, and only where an interrupt has a Python handler; elsewhere nothing
    changes.
    """

    requested = False

    def __enter__(self):
        main = threading.current_thread() is threading.main_thread()
        self.previous = signal.getsignal(signal.SIGINT) if main else None
        if callable(self.previous):
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *exception):
        if callable(self.previous):
            signal.signal(signal.SIGINT, self.previous)

    def _note(self, signum, frame):
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
