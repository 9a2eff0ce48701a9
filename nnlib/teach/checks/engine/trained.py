"""An exercise whose answer is a setting: a function that returns a network and how to train it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from nnlib.teach.checks.engine.running import call
from nnlib.teach.checks.engine.verdict import Wrong

__all__ = ["settings"]


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
        if not isinstance(returned, tuple) or len(returned) != len(names):
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
