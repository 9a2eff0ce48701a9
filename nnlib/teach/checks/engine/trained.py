"""An exercise whose answer is a setting: a function that returns a network and how to train it.

`trained` trains what a reader sets up, from each seed, or says why it cannot be. What came of it is a
`Training`, which is measured. A page holds rules, each with its words, which are asked in order: what it
refuses to train, and what it says of a training that falls short.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from nnlib import Dense, Network, ReLU, accuracy, train
from nnlib.losses import Loss
from nnlib.teach.checks.engine.running import call
from nnlib.teach.checks.engine.verdict import Wrong

__all__ = ["DIVERGED", "Training", "settings", "too_dear", "trained", "trained_already", "why"]

DIVERGED = "It diverged: the loss is no number any more. The learning rate is too large."


class Measured(NamedTuple):
    """How good a network is: its loss, and the share of samples that it gets right."""

    loss: float
    right: float


class Training:
    """A training that a reader has set up, and what is measured of it.

    The samples that it is measured by are those of its validation, where it has one, else all.

    Attributes
    ----------
    net, optimizer, epochs :
        As the reader chose them.
    n_samples : int
        That it learns from.
    before, after : Measured
        Before the first step, and after the last one.
    history : list of Epoch
        The epochs that it came to.
    diverged : bool
        Whether a loss, or an output in the end, was no number.
    """

    def __init__(
        self, net: Network, loss: Loss, optimizer: Any, X: np.ndarray, Y: np.ndarray, **options: Any
    ):
        self.net, self.optimizer, self.epochs = net, optimizer, options["epochs"]
        self.n_samples, self._loss = len(X), loss
        self._X, self._Y = options.get("validation") or (X, Y)
        self.history: list = []
        try:
            self._records = train(net, loss, optimizer, X, Y, **options)
            self.before = self._measured()
        except Exception as error:  # from the doors of nnlib, or from a layer that the reader wrote
            raise Wrong(f"This cannot be trained: {error}") from None

    def finish(self) -> None:
        """Train, to the end or until it diverges."""
        self.diverged = False
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                self.history.extend(self._records)
        except FloatingPointError:
            self.diverged = True
        except Exception as error:  # in what the reader wrote himself: a schedule, or a layer
            epoch = f"During epoch {len(self.history) + 1}"
            if not callable(self.optimizer.lr):
                raise Wrong(f"{epoch} the training stops with {type(error).__name__}: {error}") from None
            total = "Does its total count the steps of all epochs?"
            raise Wrong(f"{epoch} the schedule gave a wrong rate: {error} {total}") from None
        self.after = self._measured()
        self.diverged |= not np.isfinite(self.after.loss)

    def _measured(self):
        with np.errstate(over="ignore", invalid="ignore"):
            Y_hat = self.net.predict(self._X)
            right = accuracy(Y_hat, self._Y, threshold=self._loss.threshold)
            return Measured(self._loss.value(Y_hat, self._Y), right)

    # The network

    @property
    def last(self) -> Any:
        """Its last layer."""
        return self.net.layers[-1]

    @property
    def n_out(self) -> int:
        """How many outputs it has."""
        return self.net.predict(self._X[:1]).shape[1]

    @property
    def is_linear(self) -> bool:
        """Whether it has no activation, so that all its layers are together one."""
        return all(isinstance(layer, Dense) for layer in self.net.layers)

    @property
    def has_zero_layer(self) -> bool:
        """Whether a layer of weights is zero throughout, so that nothing goes back through it."""
        return any(not p.any() for p in self.net.params if p.ndim == 2)

    @property
    def billions(self) -> float:
        """The multiplications of all epochs: three products for each layer, two for the first."""
        sizes = [p.size for p in self.net.params if p.ndim == 2]
        return self.epochs * self.n_samples * (3 * sum(sizes) - sum(sizes[:1])) / 1e9

    # How it went

    @property
    def curve(self) -> list[float]:
        """The loss of each epoch."""
        return [epoch.loss for epoch in self.history]

    @property
    def rises(self) -> float:
        """The share of epochs in which the loss rose."""
        return sum(later > earlier for earlier, later in pairwise(self.curve)) / len(self.curve)

    @property
    def silent(self) -> int:
        """For how many samples some ReLU layer gives nothing but zeros: their outputs are all the same."""
        return np.count_nonzero(np.any([~A.any(axis=1) for A in self._relu_outputs()], axis=0))

    @property
    def has_dead_unit(self) -> bool:
        """Whether some ReLU unit gives zero for every sample."""
        return any(not A.any(axis=0).all() for A in self._relu_outputs())

    def _relu_outputs(self):
        A = self._X.astype(self.net.dtype)
        for layer in self.net.layers:
            A = layer.forward(A)
            if isinstance(layer, ReLU):
                yield A


# The words, in which `{run.…}` names what is measured, and whether they hold of a training
Rule = tuple[str, Callable[[Training], Any]]

REFUSED: list[Rule] = [
    ("No epoch, so nothing is trained.", lambda run: run.epochs == 0),
    (
        "The last layer is {run.last}. The loss takes logits: end with Dense(…, {run.n_out}).",
        lambda run: not isinstance(run.last, Dense),
    ),
]


def too_dear(budget: int, advice: str) -> Rule:
    """Return the rule that refuses a training of more multiplications, in billions, than the budget."""
    cost = "{run.billions:.1f} billion multiplications for {run.epochs} epochs"
    words = f"Not trained: it would cost {cost}, and {budget} billion are allowed. {advice}"
    return words, lambda run: run.billions > budget


def trained_already(knows: str, rule: Callable[[Training], Any]) -> Rule:
    """Return the rule that refuses a network which `knows` from the start what it is to learn."""
    words = f"This network {knows} before its first step: it has been trained already. Make a new one inside."
    return words, rule


def why(rules: Iterable[Rule], run: Training) -> str | None:
    """Return the words of the first rule that holds, or None."""
    return next((words.format(run=run) for words, holds in rules if holds(run)), None)


def trained(
    answer: Callable,
    seeds: int,
    *,
    loss: Loss,
    X: np.ndarray,
    Y: np.ndarray,
    hint: str,
    names: Sequence[str] = ("net", "optimizer", "epochs", "batch_size"),
    refused: Sequence[Rule] = (),
    if_zero: str = "",
    **options: Any,
) -> Iterator[Training]:
    """Train by what the reader's answer(rng) returns, `names`, from each seed; yield each when it is over.

    Parameters
    ----------
    names : sequence of str
        What it returns; the first two are always these.
    refused : list of rules
        What is not trained, besides what never is.
    if_zero : str
        Added to what is said where all starting weights are zero.
    options :
        Of `train`, where the reader does not choose them: batch_size, rng, validation.
    """
    for rng, net, optimizer, *chosen in settings(answer, names, seeds, hint=hint, if_zero=if_zero):
        setting = {"rng": rng, **dict(zip(names[2:], chosen, strict=True)), **options}
        run = Training(net, loss, optimizer, X, Y, **setting)
        if words := why([*refused, *REFUSED], run):
            raise Wrong(words)
        run.finish()
        yield run


def settings(
    answer: Callable, names: Sequence[str], seeds: int, *, hint: str, if_zero: str = ""
) -> Iterator[tuple[Any, ...]]:
    """Yield rng and what the reader's answer(rng) returns, `names`, from each seed; a network each.

    `if_zero` is added to what is said where all starting weights are zero.
    """
    nets, first = [], None
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        returned = call(answer, rng, hint=hint)
        if not isinstance(returned, (tuple, list)) or len(returned) != len(names):
            many = {3: "three", 4: "four"}[len(names)]
            raise Wrong(f"Expected `return {', '.join(names)}`, {many} things.")
        if any(returned[0] is net for net in nets):
            raise Wrong("The same network comes back each time, and goes on learning. Make a new one inside.")
        nets.append(returned[0])
        start = [p.copy() for p in getattr(returned[0], "params", [])]
        first = first or start
        if seed == 1 and all(map(np.array_equal, first, start)):
            zero = "" if any(map(np.any, start)) else if_zero
            raise Wrong(f"All runs begin with the same weights: draw them from `rng`.{zero}")
        yield rng, *returned
