"""Optimisers: they own the parameters, are handed the gradients, and update in place.

Each can be used, and tested, without a network. See notebooks/10_initialisation_and_optimisers.ipynb.
"""

import math

import numpy as np

from nnlib import _validation as check
from nnlib._doors import OptimizerDoors, parameters
from nnlib._types import Array, Arrays, Rate, Schedule

__all__ = ["SGD", "Adam", "Momentum", "Optimizer", "warmup_cosine"]


class Optimizer(OptimizerDoors):
    """What all optimisers share: the parameters, the learning rate and the count of steps.

    Parameters
    ----------
    params : sequence of ndarray
        The arrays to update, such as `net.params`. They are changed in place and never replaced.
    lr : float or function
        The learning rate η, above 0; or a schedule, a function from the step (1, 2, …) to it, of which every
        batch makes one, and which may also say 0, as at its end. It may be changed between steps.

    Attributes
    ----------
    t : int
        Steps made so far.
    rate : float
        The learning rate of the next step: `lr`, or what the schedule says.
    slots : list of ndarray
        What the optimiser remembers from step to step.

    Raises
    ------
    TypeError, ValueError
        If lr is not a finite number above 0 or a function, if a schedule says something below 0, or if the
        gradients do not fit the parameters.

    See notebooks/07_training_loop.ipynb.
    """

    def __init__(self, params: Arrays, lr: Rate):
        self.params = parameters(params)
        self.lr = lr
        self.t = 0
        self.slots: list[Array] = []

    def step(self, grads: Arrays) -> None:
        """Update every parameter once with its gradient, an array of the same shape."""
        lr = self.rate
        self.t += 1
        self.update(grads, lr)
        if self.t % 100 == 0:
            self._flush()

    def update(self, grads: Arrays, lr: float) -> None:
        """Apply one step's equations; `step` has checked the gradients and counted."""
        raise NotImplementedError(f"{type(self).__name__} has no update.")

    def __repr__(self) -> str:
        lr = getattr(self.lr, "__name__", "schedule") if callable(self.lr) else f"{self.lr:g}"
        return f"{type(self).__name__}(lr={lr})"


class SGD(Optimizer):
    """p ← p - η g: gradient descent.

    Parameters
    ----------
    params, lr :
        As for `Optimizer`.

    Examples
    --------
    >>> p = np.array([1.0, 2.0])
    >>> SGD([p], lr=0.1).step([np.array([10.0, 0.0])])
    >>> p
    array([0., 2.])

    See notebooks/07_training_loop.ipynb.
    """

    def update(self, grads: Arrays, lr: float) -> None:
        for p, g in zip(self.params, grads, strict=True):
            p -= lr * g


class Momentum(Optimizer):
    """v ← β v + g, p ← p - η v: a moving sum of gradients damps what keeps changing its sign.

    Parameters
    ----------
    params, lr :
        As for `Optimizer`.
    beta : float, default 0.9
        How much of v is kept at each step, 0 <= β < 1. A steady gradient ends up 1/(1 - β) times as strong.

    Source: Polyak (1964), Some methods of speeding up the convergence of iteration methods, section 2.
    See notebooks/10_initialisation_and_optimisers.ipynb.
    """

    def __init__(self, params: Arrays, lr: Rate, *, beta: float = 0.9):
        super().__init__(params, lr)
        self.beta = check.between(beta, "beta", 0, 1, low_allowed=True)
        self.v = [np.zeros_like(p) for p in self.params]
        self.slots = self.v

    def update(self, grads: Arrays, lr: float) -> None:
        for p, g, v in zip(self.params, grads, self.v, strict=True):
            v *= self.beta
            v += g
            p -= lr * v


class Adam(Optimizer):
    """m ← β₁ m + (1 - β₁) g, v ← β₂ v + (1 - β₂) g², p ← p - η m̂ / (√v̂ + ε).

    Here m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ): both begin at zero, and the division takes that back.

    Parameters
    ----------
    params, lr :
        As for `Optimizer`.
    beta1, beta2 : float, default 0.9 and 0.999
        How much of each moving mean is kept at each step, 0 <= β < 1.
    eps : float, default 1e-8
        Keeps the step finite where all gradients so far were zero.

    Attributes
    ----------
    m, v : list of ndarray
        M = m / (1 - β₁) and V = v / (1 - β₂), an array for each parameter: see the notes.

    Notes
    -----
    Each operation is a pass over memory, so `update` takes the same step in a form that has fewer of them:
    M ← β₁ M + g, V ← β₂ V + g², p ← p - c M / (√V + ε/s), with two numbers that bring back what was divided
    out: s = √((1 - β₂) / (1 - β₂ᵗ)), so that √v̂ = s √V, and c = η (1 - β₁) / (1 - β₁ᵗ) / s.

    Source: Kingma and Ba (2015), Adam: a method for stochastic optimization, algorithm 1.
    See notebooks/10_initialisation_and_optimisers.ipynb.
    """

    def __init__(
        self, params: Arrays, lr: Rate = 0.001, *, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
    ):
        super().__init__(params, lr)
        self.beta1 = check.between(beta1, "beta1", 0, 1, low_allowed=True)
        self.beta2 = check.between(beta2, "beta2", 0, 1, low_allowed=True)
        self.eps = check.between(eps, "eps", 0, math.inf)
        self.m = [np.zeros_like(p) for p in self.params]
        self.v = [np.zeros_like(p) for p in self.params]
        self.slots = self.m + self.v
        self._scratch = [np.empty_like(p) for p in self.params]

    def update(self, grads: Arrays, lr: float) -> None:
        s = math.sqrt((1 - self.beta2) / (1 - self.beta2**self.t))
        c = lr * ((1 - self.beta1) / (1 - self.beta1**self.t)) / s
        for p, g, m, v, step in zip(self.params, grads, self.m, self.v, self._scratch, strict=True):
            m *= self.beta1
            m += g
            v *= self.beta2
            np.multiply(g, g, out=step)
            v += step
            np.sqrt(v, out=step)
            step += self.eps / s
            np.divide(m, step, out=step)
            step *= c
            p -= step


def warmup_cosine(peak: float, *, warmup: int, total: int) -> Schedule:
    """η(t) = peak · t/warmup up to t = warmup, then peak · (1 + cos(π (t - warmup)/(total - warmup)))/2.

    Parameters
    ----------
    peak : float
        The largest learning rate.
    warmup, total : int
        Steps until the peak, and all steps, 0 <= warmup < total. At the last one the rate is 0, and it stays
        there, which is warned of at the first step after it.

    Returns
    -------
    function of the step t = 1, 2, …, as `lr` of an optimiser

    Source: the cosine is that of Loshchilov and Hutter (2017), SGDR, equation 5.
    See notebooks/10_initialisation_and_optimisers.ipynb.
    """
    peak = check.between(peak, "peak", 0, math.inf)
    warmup = check.whole(warmup, "warmup", 0)
    total = check.whole(total, "total", warmup + 1)

    def schedule(t: int) -> float:
        if t < warmup:
            return peak * t / warmup
        t = check.until(t, total)
        return peak * (1 + math.cos(math.pi * (t - warmup) / (total - warmup))) / 2

    return schedule
