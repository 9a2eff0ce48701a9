"""The training loop: where learning happens.

Everything here is a `for` loop around `steps` or `train`, so a progress bar, a live plot, a stop button and
early stopping are each a few lines of the caller's. See notebooks/07_training_loop.ipynb.
"""

import math
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlib import _validation as check
from nnlib._doors import bare
from nnlib._interrupts import held
from nnlib._run import Data, Run, Samples, diverged, looked_at, past_doors, see_that_finite
from nnlib._types import Array, ArrayLike, Generator
from nnlib.history import Epoch, History, Step
from nnlib.losses import Loss
from nnlib.metrics import _classes, accuracy
from nnlib.network import Network
from nnlib.optimizers import Optimizer

__all__ = ["fit", "minibatches", "steps", "train"]


def minibatches(
    X: ArrayLike, Y: ArrayLike, *, batch_size: int, rng: Generator | None
) -> Iterator[tuple[Array, Array]]:
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
    X = check.rows(X, "X")
    Y = check.rows(Y, "Y")
    check.as_many(X, Y)
    if rng is not None:
        check.generator(rng)
    return _minibatches(X, Y, batch_size, _order(len(X), rng))


def _order(n_samples: int, rng: Generator | None) -> Array | None:
    """Return the numbers of all samples, shuffled; None leaves them in order."""
    if rng is None:
        return None
    return rng.permutation(np.arange(n_samples, dtype=np.int32))  # half as large as the default


def _minibatches(X: Any, Y: Array, batch_size: int, order: Array | None) -> Iterator[tuple[Array, Array]]:
    for start in range(0, len(X), batch_size):
        rows = slice(start, start + batch_size)
        drawn = rows if order is None else order[rows]
        yield X[drawn], Y[drawn]


def steps(
    net: Network,
    loss: Loss,
    optimizer: Optimizer,
    X: ArrayLike,
    Y: ArrayLike,
    *,
    epochs: int,
    batch_size: int,
    rng: Generator | None,
) -> Iterator[Step]:
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
        If the loss of a batch is not finite; that batch makes no update. It says what is to blame: the rate,
        or what the run began with, weights or data.

    Warns
    -----
    UserWarning
        Once, if X holds whole numbers from 0 to between 100 and 255, as pixels do; or if the last layer gives
        probabilities where the loss takes logits.

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
    run = looked_at(net, loss, optimizer, X, Y, epochs, batch_size, rng)
    return held(_steps(run), run.interrupt, run.threads)


def _steps(run: Run) -> Iterator[Step]:
    net, loss, optimizer = past_doors(run)
    samples = Samples(run.X, run.batch_size)
    for epoch in range(1, run.epochs + 1):
        batches = _minibatches(samples, run.Y, run.batch_size, _order(len(run.X), run.rng))
        for batch, (X_batch, Y_batch) in enumerate(batches, 1):
            Y_hat = net.forward(X_batch, training=True)
            value, dY = loss.value_and_gradient(Y_hat, Y_batch)
            if not math.isfinite(value):
                raise diverged(run, value, epoch, batch, X_batch, Y_batch)
            net.backward(dY, input_gradient=False)
            optimizer.step(net.grads)
            yield Step(epoch, batch, value, Y_hat, Y_batch)


def train(
    net: Network,
    loss: Loss,
    optimizer: Optimizer,
    X: ArrayLike,
    Y: ArrayLike,
    *,
    epochs: int,
    batch_size: int,
    rng: Generator | None,
    validation: Data | None = None,
) -> Iterator[Epoch]:
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
    run = looked_at(net, loss, optimizer, X, Y, epochs, batch_size, rng, validation)
    return held(_epochs(run), run.interrupt, run.threads)


def _epochs(run: Run) -> Iterator[Epoch]:
    """The means over the steps of each epoch, and what the validation data gives after it."""
    loop = _steps(run)
    are_classes = _are_classes(run.Y)
    compare = are_classes and run.validation is not None and _are_classes(run.validation[1])
    updates = 0
    seconds = 0.0
    for epoch in range(1, run.epochs + 1):
        started = time.perf_counter()
        seen = 0
        right = 0
        loss_sum = 0.0
        for step in loop:
            updates += 1
            seen += len(step.Y)
            loss_sum += step.loss * len(step.Y)
            if are_classes:
                right += int(np.count_nonzero(_classes(step.Y_hat, run.loss.threshold) == _classes(step.Y)))
            if seen == len(run.X) or run.interrupt.requested:
                break
        seconds += time.perf_counter() - started
        see_that_finite(run, epoch)
        accuracy = right / seen if are_classes else None
        yield Epoch(epoch, loss_sum / seen, accuracy, *_validated(run, compare), updates, seconds)
        if run.interrupt.requested:
            run.interrupt.obeyed = seen < len(run.X) or epoch < run.epochs
            return


def _validated(run: Run, compare: bool) -> tuple[float | None, float | None]:
    if run.validation is None:
        return None, None
    X, Y = run.validation
    Y_hat = bare(run.net.predict)(X)
    share = accuracy(Y_hat, Y, threshold=run.loss.threshold) if compare else None
    return float(run.loss.value(Y_hat, Y)), share


def _are_classes(Y: Array) -> bool:
    """Whether Y holds labels, one-hot rows, or a column of zeros and ones."""
    if Y.ndim != 2 or Y.dtype.kind in "iu":  # labels of sequences are (N, T)
        return Y.ndim == 1
    return bool(np.isin(Y, (0, 1)).all() and (Y.shape[1] == 1 or (Y.sum(axis=1) == 1).all()))


def fit(
    net: Network,
    loss: Loss,
    optimizer: Optimizer,
    X: ArrayLike,
    Y: ArrayLike,
    *,
    epochs: int,
    batch_size: int,
    rng: Generator | None,
    validation: Data | None = None,
    progress: bool = True,
) -> History:
    """Train, and return the `History`. Called again with the same network, it goes on from there.

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

    run = looked_at(net, loss, optimizer, X, Y, epochs, batch_size, rng, validation)
    history = History()
    with run.interrupt, run.threads(), tqdm(total=run.epochs, unit="epoch", disable=not progress) as bar:
        for epoch in _epochs(run):
            history.append(epoch)
            bar.set_postfix_str(f"loss {epoch.loss:.4f}", refresh=False)
            bar.update()
    history.interrupted = run.interrupt.obeyed
    return history
