"""What is done with the processes of a Dask cluster, and what is said when they are gone."""

import concurrent.futures
import functools
import importlib
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

MISSING = 'Dask is not installed here; pip install "dask[distributed]" brings it.'
T = TypeVar("T")
PATIENCE = 30  # seconds until the first worker has come, or come again
TRIES = 3  # how many workers in a row may end under the same work
LOST = OSError, RuntimeError, concurrent.futures.CancelledError  # what Dask raises where one has ended


def distributed() -> Any:
    """Return the package, or raise an error that says how to get it."""
    try:
        return importlib.import_module("dask.distributed")
    except ImportError as error:
        raise ModuleNotFoundError(MISSING, name="distributed") from error


def see_client(client: Any) -> None:
    """See that this is a client whose scheduler answers."""
    if not isinstance(client, distributed().Client):
        found = f"client is a {type(client).__name__}"
        raise TypeError(f"{found}; expected one of Dask's, as `with scaling.cluster() as client` gives.")
    if client.status != "running":
        raise gone(client)


def gone(client: Any) -> ConnectionError:
    """Return the error for a scheduler that does not answer any more."""
    address = getattr(client.scheduler, "address", "its address")
    return ConnectionError(f"the scheduler at {address} does not answer any more: is it stopped?")


def patiently(client: Any, get: Callable[[], T]) -> T:
    """Return what `get` returns, for as long as the scheduler is there.

    It is asked in a thread: of Dask's own timeouts some begin the work anew, and others are not kept to.
    """
    answer: concurrent.futures.Future[T] = concurrent.futures.Future()
    threading.Thread(target=_answered, args=(answer, get), daemon=True).start()
    while not concurrent.futures.wait([answer], timeout=0.5).done:
        if client.status != "running":
            raise gone(client)
    return answer.result()


def _answered(answer: "concurrent.futures.Future[T]", get: Callable[[], T]) -> None:
    try:
        answer.set_result(get())
    except BaseException as error:
        answer.set_exception(error)


def addresses(client: Any) -> list[str]:
    """Return the addresses of the workers, at least one."""
    try:
        patiently(client, functools.partial(client.wait_for_workers, 1, timeout=PATIENCE))
        return list(patiently(client, client.nthreads))
    except TimeoutError:
        where = f"the scheduler at {client.scheduler.address}"
        raise ConnectionError(f"{where} has had no worker for {PATIENCE} s; start one there.") from None
    except (OSError, concurrent.futures.CancelledError) as error:
        raise gone(client) from error


class Remote:
    """An object in the process of a worker; where that has ended it is made anew in another one.

    Each call of `start` has a `result`. What an object answers depends on the arguments alone, so work that
    was lost is done again.
    """

    def __init__(self, client: Any, worker: str, kind: Callable[..., Any], arguments: tuple[Any, ...]):
        self.client = client
        self.kind = kind
        self.arguments = arguments
        self.restarts = 0
        self._place(worker)

    def start(self, method: str, *arguments: Any) -> None:
        """Begin a call."""
        if self.client.status != "running":
            raise gone(self.client)
        self.call = method, *arguments
        self.answer = None
        try:
            self.answer = getattr(self.actor, method)(*arguments)
        except RuntimeError:  # its worker has ended since the last call; `result` makes a new one
            if not self._is_lost():
                raise

    def result(self) -> Any:
        """Return what the call returned."""
        for tried in range(TRIES):
            if tried:
                self.restarts += 1
                self._place()
                self.start(*self.call)
            if self.answer is None:
                continue
            try:
                return patiently(self.client, self.answer.result)
            except LOST as error:
                if isinstance(error, ConnectionError) or not self._is_lost(error):
                    raise
        raise RuntimeError(
            f"worker after worker ended under the same work, {TRIES} of them: is there memory enough?"
        )

    def _place(self, worker: str | None = None) -> None:
        """Send what the object is made of to a worker, and let it be made there."""
        for _ in range(TRIES):
            worker = worker or addresses(self.client)[0]
            try:
                sent = self.client.scatter([self.arguments], workers=[worker], hash=False)
                options = {"workers": [worker], "allow_other_workers": True, "pure": False, "actor": True}
                self.future = self.client.submit(_made, self.kind, sent[0], **options)
                self.actor = patiently(self.client, self.future.result)
                return
            except (*LOST, distributed().KilledWorker) as error:
                if self.client.status != "running":
                    raise gone(self.client) from error
                why = error
                worker = None
        raise ConnectionError(f"no worker took its part of the work in {TRIES} tries ({why}).")

    def _is_lost(self, error: Exception | None = None) -> bool:
        """Whether the worker has ended, rather than raised an error of its own."""
        return self.future.status != "finished" or "Unable to contact Actor's worker" in str(error)


def placed(client: Any, kind: Callable[..., Any], objects: list[Any]) -> list[Remote]:
    """Return an object of `kind` for each of these tuples of arguments, spread over the workers."""
    see_client(client)
    workers = addresses(client)
    return [Remote(client, workers[k % len(workers)], kind, made_of) for k, made_of in enumerate(objects)]


def _made(kind: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    return kind(*arguments)


def each(
    client: Any,
    outcome_of: Callable[..., dict[str, Any]],
    train: Callable[..., Any],
    settings: dict[str, Any],
    tasks: list[Any],
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield each task with its outcome, in the order in which the workers are done with them."""
    if not tasks:
        return
    addresses(client)
    try:
        futures = {client.submit(outcome_of, train, settings, task, pure=False): task for task in tasks}
    except TypeError as error:
        found = f"train cannot be sent to another process ({error.__cause__ or error})"
        raise TypeError(f"{found}; expected a function that holds no files, locks or generators.") from error
    wait = functools.partial(distributed().wait, return_when="FIRST_COMPLETED")
    try:
        while futures:
            for future in _told(client, functools.partial(wait, list(futures))).done:
                yield futures.pop(future), _outcome(client, future)
    finally:
        if client.status == "running":
            client.cancel(list(futures))


def _told(client: Any, get: Callable[..., Any]) -> Any:
    """Return get(), or raise that the scheduler is gone: its futures are unknown then."""
    try:
        return patiently(client, get)
    except (OSError, concurrent.futures.CancelledError) as error:
        raise gone(client) from error


def _outcome(client: Any, future: Any) -> dict[str, Any]:
    """Return what a task has come to, or what befell the processes that it was given to."""
    if future.status == "error":
        error = future.exception()
        if isinstance(error, distributed().KilledWorker):
            return {"lost": "the worker's process ended under it, four times: has it memory enough?"}
        return {"lost": f"{type(error).__name__}: {error}"}
    return _told(client, future.result)
