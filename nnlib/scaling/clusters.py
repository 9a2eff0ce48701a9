"""Processes that wait for work: on this machine, or wherever a scheduler runs.

See notebooks/15_scaling_out.ipynb.
"""

import contextlib
import importlib
import logging
import multiprocessing
import os
from collections.abc import Iterator
from typing import Any

from nnlib import _validation as check
from nnlib.scaling import _remote

__all__ = ["cluster"]

PATIENCE = "10s"  # for a connection to be made, or to be made again
SILENCE = "20s"  # after which the system calls a connection dead
HERE = "127.0.0.1"
GUARD = 'In a script a cluster is started under `if __name__ == "__main__":`; its workers import the script.'


@contextlib.contextmanager
def cluster(workers: int = 2, address: str | None = None) -> Iterator[Any]:
    """Give a client of a Dask cluster: new processes on this machine, or those of a scheduler that runs.

    On this machine there is a scheduler in this process, and for each worker a process of one thread, BLAS
    included. They listen on 127.0.0.1 alone: no other machine can reach them. When the block ends, in
    whatever way, they are stopped.

    Parameters
    ----------
    workers : int, default 2
        Processes to start. Not used with an address.
    address : str or None
        That of a scheduler, such as "tcp://127.0.0.1:8786"; None starts one. At the end its cluster goes on.

    Yields
    ------
    dask.distributed.Client

    Raises
    ------
    ModuleNotFoundError
        If Dask is not installed.
    ConnectionError
        If nobody answers at the address within ten seconds, or no worker has come to the scheduler.
    RuntimeError
        If a script starts it without `if __name__ == "__main__":`. Each worker is a new Python, which imports
        the script first, and would start workers of its own.

    Notes
    -----
    Whoever reaches a scheduler can run code on its workers: they belong on a network that is trusted, or
    behind a firewall.

    Examples
    --------
    >>> with cluster(workers=2) as client:                        # doctest: +SKIP
    ...     client.submit(pow, 2, 10).result()
    1024

    See notebooks/15_scaling_out.ipynb.
    """
    workers = check.whole(workers, "workers", 1)
    if address is not None and not isinstance(address, str):
        raise TypeError(f"address is {address!r}; expected a str such as 'tcp://{HERE}:8786'.")
    distributed = _remote.distributed()
    config = importlib.import_module("dask").config
    timeouts = {"connect": PATIENCE, "tcp": SILENCE}
    with config.set({"distributed.comm.timeouts": timeouts}), _quietly(), contextlib.ExitStack() as stack:
        if address is None:
            here = stack.enter_context(_processes(distributed, workers))
            yield stack.enter_context(distributed.Client(here, direct_to_workers=True))
        else:
            yield stack.enter_context(_elsewhere(distributed, address))


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keep Dask's log from the screen: what is wrong is told in an error."""
    handlers = [(handler, handler.level) for handler in logging.getLogger("distributed").handlers]
    for handler, _ in handlers:
        handler.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for handler, level in handlers:
            handler.setLevel(level)


@contextlib.contextmanager
def _processes(distributed: Any, workers: int) -> Iterator[Any]:
    """Give a LocalCluster. What Dask puts into the environment for its workers is taken out again."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise RuntimeError(f"a worker of a cluster starts another cluster. {GUARD}")
    options = {
        "host": HERE,
        "dashboard_address": f"{HERE}:0",
        "preload": ["nnlib.scaling._worker"],
        "silence_logs": logging.CRITICAL,
    }
    before = dict(os.environ)
    try:
        here = distributed.LocalCluster(n_workers=workers, threads_per_worker=1, **options)
    except RuntimeError as error:
        raise RuntimeError(f"the workers did not start: what they said stands above. {GUARD}") from error
    changed = {name: before.get(name) for name in os.environ if os.environ[name] != before.get(name)}
    try:
        with here:
            yield here
    finally:
        for name, value in changed.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _elsewhere(distributed: Any, address: str) -> Any:
    """Return a client of the scheduler at this address, which has a worker."""
    try:
        client = distributed.Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        found = f"nobody answers at {address} ({type(error).__name__})"
        raise ConnectionError(f"{found}; expected a scheduler: is it started, can it be reached?") from error
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        client.close()
        raise ConnectionError(f"the scheduler at {address} has no workers; start one there.") from error
    return client
