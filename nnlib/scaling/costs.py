"""What a step of training takes when p workers share a batch: compute/p + bytes/bandwidth + latency.

All workers begin together, each computes the gradient of its part of the batch, and waits until the gradients
of all are added up: a synchronous step. Times are in seconds, sizes in bytes.
See notebooks/15_scaling_out.ipynb.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nnlib import _validation as check
from nnlib._types import Array, ArrayLike, Generator

__all__ = [
    "Costs",
    "Simulation",
    "Span",
    "expected_slowest",
    "fit",
    "ring",
    "server",
    "simulate",
    "speed_up",
    "step_time",
    "tree",
]


@dataclass(frozen=True)
class Costs:
    """What a sample, a byte and a message take.

    Parameters
    ----------
    per_sample : float
        Seconds that one worker computes for one sample, forward and back; 0 or more.
    bandwidth : float
        Bytes a second that a worker sends; above 0, and inf where bytes cost nothing.
    latency : float
        Seconds that a message takes however short it is; 0 or more.

    Examples
    --------
    >>> Costs(per_sample=1e-5, bandwidth=1e9, latency=1e-4)
    Costs(per_sample=1e-05, bandwidth=1000000000.0, latency=0.0001)

    See notebooks/15_scaling_out.ipynb.
    """

    per_sample: float
    bandwidth: float
    latency: float

    def __post_init__(self) -> None:
        check.between(self.per_sample, "per_sample", 0, math.inf, low_allowed=True)
        if self.bandwidth != math.inf:
            check.between(self.bandwidth, "bandwidth", 0, math.inf)
        check.between(self.latency, "latency", 0, math.inf, low_allowed=True)


AllReduce = Callable[[Any, Any, Costs], Any]


def ring(workers: ArrayLike, n_bytes: ArrayLike, costs: Costs) -> Any:
    """2 (p - 1)/p · n / bandwidth + 2 (p - 1) · latency: an all-reduce around a ring.

    Each worker sends a p-th of the array to its next neighbour, p - 1 times until every p-th is added up
    somewhere, and p - 1 times until everybody has all of them.

    Parameters
    ----------
    workers : int or array_like of int
        p, at least 1.
    n_bytes : float or array_like
        n, the size of one gradient.
    costs : Costs

    Returns
    -------
    float or ndarray
        Seconds; 0 for one worker.

    Examples
    --------
    >>> print(f"{ring(4, 1_000_000, Costs(0, bandwidth=1e9, latency=1e-4)):.6f} s")
    0.002100 s

    Source: Patarasuk and Yuan (2009), Bandwidth optimal all-reduce algorithms for clusters of workstations.
    See notebooks/15_scaling_out.ipynb.
    """
    p, n = _travelling(workers, n_bytes, costs)
    return _plain(2 * (p - 1) / p * n / costs.bandwidth + 2 * (p - 1) * costs.latency)


def tree(workers: ArrayLike, n_bytes: ArrayLike, costs: Costs) -> Any:
    """2 ⌈log₂ p⌉ (n / bandwidth + latency): an all-reduce up a binary tree, and down again.

    In each round half of those that are left send all they have to the other half, until one has the sum;
    then it goes back the same way.

    Parameters
    ----------
    workers, n_bytes, costs :
        As for `ring`.

    Returns
    -------
    float or ndarray
        Seconds; 0 for one worker.

    Examples
    --------
    >>> print(f"{tree(4, 1_000_000, Costs(0, bandwidth=1e9, latency=1e-4)):.6f} s")
    0.004400 s

    See notebooks/15_scaling_out.ipynb.
    """
    p, n = _travelling(workers, n_bytes, costs)
    return _plain(2 * np.ceil(np.log2(p)) * (n / costs.bandwidth + costs.latency))


def server(workers: ArrayLike, n_bytes: ArrayLike, costs: Costs) -> Any:
    """2 p · n / bandwidth + 2 · latency for p > 1: one process sends the weights and receives the gradients.

    All p copies go through its one line, out and in. This is what `DataParallel` does. One worker alone needs
    no server, and nothing travels.

    Parameters
    ----------
    workers, n_bytes, costs :
        As for `ring`.

    Returns
    -------
    float or ndarray
        Seconds; 0 for one worker.

    Examples
    --------
    >>> print(f"{server(4, 1_000_000, Costs(0, bandwidth=1e9, latency=1e-4)):.6f} s")
    0.008200 s

    See notebooks/15_scaling_out.ipynb.
    """
    p, n = _travelling(workers, n_bytes, costs)
    return _plain((p > 1) * (2 * p * n / costs.bandwidth + 2 * costs.latency))


def step_time(
    workers: ArrayLike, batch: ArrayLike, n_bytes: ArrayLike, costs: Costs, *, all_reduce: AllReduce = ring
) -> Any:
    """T(p) = per_sample · B / p + all-reduce: the seconds of one step.

    Parameters
    ----------
    workers : int or array_like of int
        p, at least 1.
    batch : int or array_like of int
        B, the samples of the whole batch.
    n_bytes : float or array_like
        The size of one gradient.
    costs : Costs
    all_reduce : function, default ring
        `ring`, `tree`, `server`, or another function of (workers, n_bytes, costs).

    Returns
    -------
    float or ndarray
        Seconds, of the shape that workers, batch and n_bytes have together.

    Examples
    --------
    >>> costs = Costs(per_sample=2e-5, bandwidth=1e9, latency=1e-4)
    >>> print(f"{step_time(1, 512, 473_128, costs):.6f} {step_time(8, 512, 473_128, costs):.6f}")
    0.010240 0.003508

    See notebooks/15_scaling_out.ipynb.
    """
    p, n = _travelling(workers, n_bytes, costs)
    B = _amounts(batch, "batch")
    check.function(all_reduce, "all_reduce", "(workers, n_bytes, costs)")
    return _plain(costs.per_sample * B / p + all_reduce(p, n, costs))


def speed_up(
    workers: ArrayLike, batch: ArrayLike, n_bytes: ArrayLike, costs: Costs, *, all_reduce: AllReduce = ring
) -> Any:
    """T(1) / T(p): how many times as fast p workers are as one; p at best.

    Parameters
    ----------
    workers, batch, n_bytes, costs, all_reduce :
        As for `step_time`.

    Returns
    -------
    float or ndarray
        nan where a step takes no time at all.

    Examples
    --------
    >>> costs = Costs(per_sample=2e-5, bandwidth=1e9, latency=1e-4)
    >>> print(f"{speed_up(8, 64, 473_128, costs):.2f} {speed_up(8, 512, 473_128, costs):.2f}")
    0.54 2.92

    See notebooks/15_scaling_out.ipynb.
    """
    T = np.asarray(step_time(workers, batch, n_bytes, costs, all_reduce=all_reduce))
    T_1 = np.asarray(step_time(1, batch, n_bytes, costs, all_reduce=all_reduce))
    with np.errstate(divide="ignore", invalid="ignore"):
        return _plain(T_1 / T)


def fit(measurements: ArrayLike, *, all_reduce: AllReduce = server) -> Costs:
    """The costs with the least Σ (T - seconds)² / seconds² over what was measured, none below zero.

    T is linear in per_sample, 1/bandwidth and latency, so this is a least squares problem of three unknowns.
    Dividing by the seconds makes a hundredth of a short time count as much as one of a long time.

    Parameters
    ----------
    measurements : array_like, (N, 4)
        A row for each: workers, batch, n_bytes, seconds. A batch of 0 is a round of messages alone.
    all_reduce : function, default server
        How the gradients were added up: `ring`, `tree` or `server`.

    Returns
    -------
    Costs
        The bandwidth is inf where larger messages did not take longer.

    Raises
    ------
    TypeError, ValueError
        If they are no such rows, or do not tell the three apart: batches, workers and sizes have to differ.

    Examples
    --------
    >>> true = Costs(per_sample=2e-5, bandwidth=1e9, latency=1e-3)
    >>> rows = [(1, 64, 4e5), (2, 64, 4e5), (2, 512, 4e5), (2, 0, 1e4)]
    >>> found = fit([(*row, step_time(*row, true, all_reduce=server)) for row in rows])
    >>> print(f"{found.per_sample:.6f} {found.bandwidth:.3e} {found.latency:.6f}")
    0.000020 1.000e+09 0.001000

    See notebooks/15_scaling_out.ipynb.
    """
    table = check.finite(check.numbers(measurements, "measurements", float), "measurements")
    if table.ndim != 2 or table.shape[1:] != (4,) or len(table) < 3:
        found = f"measurements has shape {table.shape}"
        raise ValueError(f"{found}; expected (N, 4), at least 3 rows of workers, batch, n_bytes, seconds.")
    workers, batch, n_bytes, seconds = table.T
    if seconds.min() <= 0:
        raise ValueError(f"measurements has a time of {seconds.min():g} seconds; expected above 0.")
    A = _per_unit(workers, batch, n_bytes, all_reduce) / seconds[:, None]
    scale = np.linalg.norm(A, axis=0)
    if scale.min() == 0 or np.linalg.matrix_rank(A / scale, tol=1e-6) < 3:
        raise ValueError(
            "measurements do not tell time per sample, bandwidth and latency apart; "
            "expected rows whose batches, workers and n_bytes differ."
        )
    per_sample, per_byte, latency = _least_squares(A / scale, np.ones(len(A))) / scale
    return Costs(float(per_sample), float(1 / per_byte) if per_byte else math.inf, float(latency))


def _per_unit(workers: Array, batch: Array, n_bytes: Array, all_reduce: AllReduce) -> Array:
    """Return what each row takes where a sample, a byte or a message takes a second, the others nothing."""
    units = [Costs(1, math.inf, 0), Costs(0, 1, 0), Costs(0, math.inf, 1)]
    columns = [step_time(workers, batch, n_bytes, unit, all_reduce=all_reduce) for unit in units]
    return np.stack(columns, axis=1)


def _least_squares(A: Array, y: Array) -> Array:
    """Return the x, no entry below 0, with the least |A x - y|: the best of all choices of columns."""
    n = A.shape[1]
    best = np.zeros(n)
    for size in range(1, n + 1):
        for chosen in itertools.combinations(range(n), size):
            x = np.zeros(n)
            x[list(chosen)] = np.linalg.lstsq(A[:, chosen], y)[0]
            if x.min() >= 0 and np.linalg.norm(A @ x - y) < np.linalg.norm(A @ best - y):
                best = x
    return best


# Stragglers


class Span(NamedTuple):
    """What a worker does from `start` to `end`: "compute", "wait" for the slowest, or "send".

    See notebooks/15_scaling_out.ipynb.
    """

    step: int
    worker: int
    what: str
    start: float
    end: float


class Simulation(NamedTuple):
    """Steps in which all wait for the slowest, as `simulate` returns them.

    Attributes
    ----------
    compute : ndarray, (steps, workers)
        Seconds that each worker computes in each step.
    communication : float
        Seconds of the all-reduce, the same in each step.

    See notebooks/15_scaling_out.ipynb.
    """

    compute: Array
    communication: float

    @property
    def seconds(self) -> Array:
        """What each step takes, (steps,): the slowest worker, and the all-reduce."""
        return self.compute.max(axis=1) + self.communication

    @property
    def wait(self) -> Array:
        """What each worker waits for the slowest, (steps, workers)."""
        return self.compute.max(axis=1, keepdims=True) - self.compute

    def timeline(self, *, steps: int = 2, workers: int = 8) -> list[Span]:
        """Return who does what when: the spans of the first workers in the first steps."""
        steps = check.whole(steps, "steps", 1)
        workers = check.whole(workers, "workers", 1)
        ends = np.cumsum(self.seconds[:steps])
        spans = []
        for step, (computes, end) in enumerate(zip(self.compute, ends, strict=False)):
            start = end - self.seconds[step]
            for worker, compute in enumerate(computes[:workers]):
                times = [start, start + compute, end - self.communication, end]
                for what, (a, b) in zip(("compute", "wait", "send"), itertools.pairwise(times), strict=True):
                    spans.append(Span(step, worker, what, float(a), float(b)))
        return spans


def simulate(
    workers: int,
    batch: int,
    n_bytes: float,
    costs: Costs,
    *,
    steps: int,
    spread: float,
    rng: Generator,
    all_reduce: AllReduce = ring,
) -> Simulation:
    """Synchronous steps of p workers, each of which computes for c (1 + spread · E), c = per_sample · B / p.

    E is drawn for each worker in each step from the exponential distribution of mean 1: a worker is never
    faster than c, mostly a little slower, and now and then much. The step waits for the slowest.

    Parameters
    ----------
    workers, batch, n_bytes, costs, all_reduce :
        As for `step_time`, one number each.
    steps : int
        How many.
    spread : float
        How much slower a worker is on average, as a share of c; 0 or more. 0 leaves the times of `step_time`.
    rng : numpy.random.Generator

    Returns
    -------
    Simulation

    Examples
    --------
    >>> costs = Costs(per_sample=2e-5, bandwidth=1e9, latency=1e-4)
    >>> rng = np.random.default_rng(0)
    >>> run = simulate(8, 512, 473_128, costs, steps=1000, spread=0.5, rng=rng)
    >>> print(f"{run.seconds.mean() * 1000:.2f} ms, at best {step_time(8, 512, 473_128, costs) * 1000:.2f}")
    5.26 ms, at best 3.51

    See notebooks/15_scaling_out.ipynb.
    """
    p = check.whole(workers, "workers", 1)
    B = check.whole(batch, "batch", 0)
    steps = check.whole(steps, "steps", 1)
    spread = check.between(spread, "spread", 0, math.inf, low_allowed=True)
    check.generator(rng)
    c = step_time(p, B, 0, costs, all_reduce=_nothing)
    total = step_time(p, 0, n_bytes, costs, all_reduce=all_reduce)
    return Simulation(c * (1 + spread * rng.standard_exponential((steps, p))), float(total))


def _nothing(workers: Any, n_bytes: Any, costs: Costs) -> float:
    return 0.0


def expected_slowest(workers: ArrayLike, spread: float) -> Any:
    """1 + spread · (1 + 1/2 + … + 1/p): the mean of the slowest of p workers, as a multiple of c.

    Of p that are still at work the first is done after c · spread / p on average, the next one of the p - 1
    that are left after c · spread / (p - 1) more, and so on: `simulate` has such workers.

    Parameters
    ----------
    workers : int or array_like of int
        p, at least 1.
    spread : float
        0 or more.

    Returns
    -------
    float or ndarray

    Examples
    --------
    >>> print([round(float(m), 2) for m in expected_slowest([1, 10, 100, 1000], 0.5)])
    [1.5, 2.46, 3.59, 4.74]

    See notebooks/15_scaling_out.ipynb.
    """
    p = _workers(workers)
    spread = check.between(spread, "spread", 0, math.inf, low_allowed=True)
    sums = np.cumsum(1 / np.arange(1, int(p.max(initial=1)) + 1))
    return _plain(1 + spread * sums[p.astype(int) - 1])


# Doors


def _travelling(workers: ArrayLike, n_bytes: ArrayLike, costs: Costs) -> tuple[Array, Array]:
    check.instance(costs, "costs", Costs, "Costs(per_sample=…, bandwidth=…, latency=…)")
    return _workers(workers), _amounts(n_bytes, "n_bytes")


def _workers(values: ArrayLike) -> Array:
    p = _amounts(values, "workers")
    if p.size and (p.min() < 1 or (p != np.rint(p)).any()):
        wrong = p[(p < 1) | (p != np.rint(p))].flat[0]
        raise ValueError(f"workers is {wrong:g}; expected whole numbers from 1.")
    return p


def _amounts(values: ArrayLike, name: str) -> Array:
    """Return `values` as floats, none below zero."""
    array = check.numbers(values, name, float)
    if not (np.isfinite(array) & (array >= 0)).all():
        wrong = array[~(np.isfinite(array) & (array >= 0))].flat[0]
        raise ValueError(f"{name} is {wrong:g}; expected 0 or more, and finite.")
    return array


def _plain(seconds: Any) -> Any:
    """Return a single number as a float."""
    return float(seconds) if np.ndim(seconds) == 0 else seconds
