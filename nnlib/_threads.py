"""How many threads BLAS takes."""

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from nnlib.network import Network

# Multiplications in one matrix product. Below this a second thread gains little, and where another program
# keeps a core busy, threads that wait for each other take several times as long; `make bench` measures it.
LARGE_PRODUCT = 2**27


def limited(net: Network, n_samples: int) -> Callable[[], AbstractContextManager[Any]]:
    """Return a function that makes a context: one thread, unless a product of the net is a large one."""
    largest = n_samples * max(p.size for p in net.params)
    limits = 1 if largest < LARGE_PRODUCT else None
    return lambda: _blas().limit(limits=limits)


@functools.cache
def _blas() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")  # to look for it takes a millisecond
