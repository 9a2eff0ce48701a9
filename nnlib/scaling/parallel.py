"""Data-parallel training: each worker holds a shard of the data, and finds its part of a batch's gradient.

See notebooks/15_scaling_out.ipynb.
"""

import copy
import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnlib import _run, _threads
from nnlib import _validation as check
from nnlib._interrupts import Interrupt
from nnlib._types import Array, ArrayLike, Arrays
from nnlib.losses import Loss
from nnlib.network import Network
from nnlib.optimizers import Optimizer
from nnlib.scaling import _remote

__all__ = ["DataParallel"]


class Shard:
    """What stays with a worker: its part of the data, and a copy of network and loss."""

    def __init__(self, net: Network, loss: Loss, X: Array, Y: Array):
        self.net = copy.deepcopy(net)
        self.loss = loss
        self.X = X
        self.Y = Y

    def gradient(self, params: Arrays, rows: Array) -> tuple[float, list[Array]]:
        """Return the mean loss over some rows of this shard, and its gradient at these weights."""
        for p, sent in zip(self.net.params, params, strict=True):
            p[...] = sent
        Y = self.Y[rows]
        with _threads._blas().limit(limits=1), np.errstate(over="ignore", invalid="ignore"):
            value, dY = self.loss.value_and_gradient(self.net.forward(self.X[rows], training=True), Y)
            self.net.backward(dY, input_gradient=False)
        return value, self.net.grads

    def echo(self, message: Array) -> Array:
        """Return what came."""
        return message


class DataParallel:
    """dp = Σ_k N_k dp_k / Σ_k N_k: the gradient of a batch is the weighted mean of its parts' gradients.

    Each worker holds one shard or more, which is sent once and stays there. In a step every worker is sent
    the weights, finds the gradient of the mean loss over its N_k samples of the batch, and sends it back;
    here their weighted mean is taken, and the optimiser makes one update.

    Parameters
    ----------
    net : Network
        The network that learns. Each worker has a copy of it.
    loss : Loss
        A mean over samples, as those of nnlib are.
    optimizer : Optimizer
        Built on `net.params`.
    shards : sequence of (X, Y)
        The data in parts, of any sizes, each at least one sample. Both are cast to the network's dtype.
    client : dask.distributed.Client or None
        Whose workers hold the shards, as `cluster` gives one. None: this process holds them all, and takes
        one after the other. The results are the same, byte for byte on one kind of processor.

    Attributes
    ----------
    n_samples : int
        Of all shards together.
    sent, received : int
        Bytes of weights that went out, and of gradients that came back, in the steps so far.
    sent_once : int
        Bytes of the shards; more when one was sent again.
    restarts : int
        How often a shard was sent again, because its worker had ended.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is said above; then nothing has been sent.
    ConnectionError
        From a step, if the scheduler or all workers are gone. Network and optimiser are as after the last
        whole step, and training can go on with another `DataParallel`.

    Notes
    -----
    A worker that ends in the middle of a step costs time: its shard is sent to another one, which does its
    work again. The weights are the same.

    A `Dropout` layer draws its masks at each worker: then the weights are not those of one machine.

    Examples
    --------
    >>> parallel = DataParallel(net, loss, optimizer, [(X[:30], Y[:30]), (X[30:], Y[30:])])
    >>> for rows in np.split(rng.permutation(100), 10):
    ...     value = parallel.step(rows)
    >>> parallel.sent == 10 * 2 * sum(p.nbytes for p in net.params)
    True

    Source: Dean et al. (2012), Large scale distributed deep networks, has the server; that all wait for the
    slowest is Valiant (1990), A bridging model for parallel computation.
    See notebooks/15_scaling_out.ipynb.
    """

    def __init__(
        self,
        net: Network,
        loss: Loss,
        optimizer: Optimizer,
        shards: Sequence[tuple[ArrayLike, ArrayLike]],
        client: Any = None,
    ):
        data = _looked_at(net, loss, optimizer, shards)
        self.net = net
        self.loss = loss
        self.optimizer = optimizer
        self.starts = np.cumsum([0] + [len(X) for X, _ in data])
        self.n_samples = int(self.starts[-1])
        self.sent = 0
        self.received = 0
        made = [(net, loss, X, Y) for X, Y in data]
        self._sizes = [X.nbytes + Y.nbytes for X, Y in data]
        self._workers: list[Any] = (
            [_Here(*shard) for shard in made] if client is None else _remote.placed(client, Shard, made)
        )

    @property
    def restarts(self) -> int:
        return sum(worker.restarts for worker in self._workers)

    @property
    def sent_once(self) -> int:
        pairs = zip(self._workers, self._sizes, strict=True)
        return sum((1 + worker.restarts) * size for worker, size in pairs)

    def step(self, rows: ArrayLike | None = None) -> float:
        """Make one update with a batch, and return its mean loss before that.

        Parameters
        ----------
        rows : array_like of int, or None
            The samples of the batch, counted through all shards one after the other, from 0. None: all.

        Raises
        ------
        FloatingPointError
            If the loss is not finite; then there is no update.
        """
        parts = self._parts(rows)
        params = self.net.params
        asked = [(worker, part) for worker, part in zip(self._workers, parts, strict=True) if len(part)]
        for worker, part in asked:
            worker.start("gradient", params, part)
        answers = [worker.result() for worker, _ in asked]
        n_bytes = sum(p.nbytes for p in params) * len(asked)
        self.sent += n_bytes
        self.received += n_bytes

        N = [len(part) for _, part in asked]
        value = float(sum(n * L for n, (L, _) in zip(N, answers, strict=True)) / sum(N))
        gradients = zip(*(grads for _, grads in answers), strict=True)
        mean = [sum(n * g for n, g in zip(N, of_one, strict=True)) / sum(N) for of_one in gradients]
        if not math.isfinite(value):
            rate = f"{type(self.optimizer).__name__} at a learning rate of {self.optimizer.rate:g}"
            raise FloatingPointError(f"the loss is {value} in step {self.optimizer.t + 1}, with {rate}.")
        with Interrupt() as interrupt:  # an update is made as a whole
            self.optimizer.step(mean)
        if interrupt.requested:
            raise KeyboardInterrupt
        return value

    def round_trip(self, n_bytes: int) -> float:
        """Return the seconds in which an array of so many bytes goes to each worker and comes back."""
        message = np.zeros(check.whole(n_bytes, "n_bytes", 0), np.uint8)
        started = time.perf_counter()
        for worker in self._workers:
            worker.start("echo", message)
        for worker in self._workers:
            worker.result()
        return time.perf_counter() - started

    def _parts(self, rows: ArrayLike | None) -> list[Array]:
        """Return the rows of each shard, counted from its own beginning."""
        if rows is None:
            return [np.arange(n) for n in np.diff(self.starts)]
        numbers = check.labels(rows, "rows", self.n_samples)
        if not len(numbers):
            raise ValueError("rows is empty; expected the numbers of one sample or more.")
        pairs = zip(self.starts, self.starts[1:], strict=False)
        return [numbers[(start <= numbers) & (numbers < stop)] - start for start, stop in pairs]


class _Here:
    """A shard in this process, with the methods of one elsewhere."""

    restarts = 0

    def __init__(self, *arguments: Any):
        self.shard = Shard(*arguments)

    def start(self, method: str, *arguments: Any) -> None:
        self.answer = getattr(self.shard, method)(*arguments)

    def result(self) -> Any:
        return self.answer


def _looked_at(net: Any, loss: Any, optimizer: Any, shards: Any) -> list[tuple[Array, Array]]:
    """Return the shards as arrays of the network's dtype, or raise."""
    pairs = check.listed(shards, "shards", "a list of pairs (X, Y)")
    if not pairs:
        raise ValueError("shards is empty; expected at least one pair (X, Y).")
    data = []
    for k, pair in enumerate(pairs):
        X, Y = _run._pair(pair, f"shards[{k}]")
        try:
            run = _run.looked_at(net, loss, optimizer, X, Y, 0, 1, None)
        except (TypeError, ValueError) as error:
            if not str(error).startswith(("X", "Y", "labels")):
                raise
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"shards[{k}]: {error}") from error
        data.append((run.X, run.Y))
    return data
