"""The same training for many seeds and learning rates, in one process or on a cluster, task by task.

See notebooks/15_scaling_out.ipynb.
"""

import ast
import inspect
import json
import math
import os
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nnlib import _files, _threads
from nnlib import _validation as check
from nnlib._types import Array
from nnlib.scaling import _remote

__all__ = ["Sweep", "sweep"]

Task = tuple[int, float]
RECORD = "sweep.json"  # what the folder is of


class Sweep:
    """What is known of a sweep so far: it fills up while it runs.

    Attributes
    ----------
    seeds, rates : list
        What was asked for, in this order.
    errors : dict
        For each (seed, rate) that failed, what was wrong: "ValueError: …".
    lost : dict
        For each (seed, rate) whose process ended under it, or that could not be sent, what is known of it.
        Nothing of these is in the folder: the next call tries them again.

    See notebooks/15_scaling_out.ipynb.
    """

    def __init__(self, seeds: list[int], rates: list[float]):
        self.seeds = seeds
        self.rates = rates
        self.errors: dict[Task, str] = {}
        self.lost: dict[Task, str] = {}
        self._values: dict[Task, dict[str, float]] = {}

    @property
    def total(self) -> int:
        """How many tasks there are."""
        return len(self.seeds) * len(self.rates)

    @property
    def done(self) -> int:
        """How many are over, the failed ones among them."""
        return len(self._values) + len(self.errors) + len(self.lost)

    @property
    def quantities(self) -> list[str]:
        """The names of what `train` returned; "value" where it returned a number."""
        return list(dict.fromkeys(name for values in self._values.values() for name in values))

    @property
    def table(self) -> Array:
        """The first quantity, (seeds, rates); nan where a task failed or is not done yet."""
        return self.values(self.quantities[0] if self._values else "")

    def values(self, quantity: str) -> Array:
        """Return a quantity by its name, (seeds, rates); nan where a task failed or is not done yet."""
        if self._values and quantity not in self.quantities:
            raise ValueError(f"quantity is {quantity!r}; expected one of {', '.join(self.quantities)}.")
        tasks = [(seed, rate) for seed in self.seeds for rate in self.rates]
        numbers = [self._values.get(task, {}).get(quantity, math.nan) for task in tasks]
        return np.array(numbers).reshape(len(self.seeds), len(self.rates))

    def __repr__(self) -> str:
        failed = f", {len(self.errors) + len(self.lost)} of them failed" if self.errors or self.lost else ""
        return f"<Sweep: {self.done} of {self.total} tasks done{failed}>"


def sweep(
    train: Callable[..., Any],
    *,
    seeds: Sequence[int],
    rates: Sequence[float],
    folder: str | os.PathLike[str],
    client: Any = None,
    settings: dict[str, Any] | None = None,
    progress: Callable[[Sweep], Any] | None = None,
) -> Sweep:
    """Call train(seed, rate) for each seed and each learning rate, and keep what it returns in a folder.

    Every finished task is a file, written whole or not at all. A sweep that was stopped, by whatever, is
    called again, and goes on from what is there.

    Parameters
    ----------
    train : function of (seed, rate)
        Returns a number, or a dict of numbers by name. It draws from `numpy.random.default_rng(seed)`: then
        the same seed gives the same bytes in one process and in many.
    seeds : sequence of int, 0 or more
    rates : sequence of float, above 0
    folder : str or Path
        Where the results are kept; made if it is not there. It records the function's source and the
        settings, and belongs to these alone. More seeds or rates may come later.
    client : dask.distributed.Client or None
        On whose workers the tasks run, as `cluster` gives one; None: in this process, one after the other.
    settings : dict or None
        What else `train` is to be told, by keyword, such as {"epochs": 5}: numbers, texts, lists. What
        `train` reads from outside it and its settings is not recorded.
    progress : function or None
        Called with the `Sweep` at the beginning, and after each task.

    Returns
    -------
    Sweep

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is said above, the folder is of another sweep, or a file in it is damaged.
    OSError
        If a result cannot be written, as on a full disk; what was written before is whole.
    ConnectionError
        If the scheduler is gone. What is done is in the folder.

    Notes
    -----
    A task that raises is kept with its error, and not tried again: remove its file for that. A task whose
    worker ends is begun anew by another one; one under which four workers ended is in `lost`. Where a sweep
    on a cluster is stopped, tasks that have begun go on at their workers to their end, and nobody hears of
    them.

    Examples
    --------
    >>> def train(seed, rate):
    ...     rng = np.random.default_rng(seed)
    ...     return {"loss": rng.random() / rate}
    >>> result = sweep(train, seeds=[0, 1], rates=[0.1, 1.0, 10.0], folder=folder)
    >>> result
    <Sweep: 6 of 6 tasks done>
    >>> result.table.round(3)
    array([[6.37 , 0.637, 0.064],
           [5.118, 0.512, 0.051]])

    See notebooks/15_scaling_out.ipynb.
    """
    check.function(train, "train", "(seed, rate)")
    result = Sweep(_seeds(seeds), _rates(rates))
    place = _files.path_of(folder, "folder")
    settings = {} if settings is None else settings
    record = _record(train, settings)
    if progress is not None:
        check.function(progress, "progress", "a Sweep")
    if client is not None:
        _remote.see_client(client)

    _claim(place, record)
    tasks = [(seed, rate) for seed in result.seeds for rate in result.rates]
    todo = [task for task in tasks if not _is_known(result, task, _file_of(place, task))]
    if progress is not None:
        progress(result)
    work = train, settings, todo
    for task, outcome in _here(*work) if client is None else _remote.each(client, outcome_of, *work):
        if "lost" in outcome:
            result.lost[task] = outcome["lost"]
        else:
            seed, rate = task
            _write(_file_of(place, task), {"seed": seed, "rate": rate} | outcome)
            _take(result, task, outcome)
        if progress is not None:
            progress(result)
    return result


def _here(train: Callable[..., Any], settings: dict[str, Any], tasks: list[Task]) -> Iterator[Any]:
    for task in tasks:
        yield task, outcome_of(train, settings, task)


def outcome_of(train: Callable[..., Any], settings: dict[str, Any], task: Task) -> dict[str, Any]:
    """Return the numbers that `train` gives, by name, or the error that it raises. BLAS has one thread."""
    try:
        with _threads._blas().limit(limits=1):
            returned = train(*task, **settings)
        values = returned if isinstance(returned, dict) else {"value": returned}
        return {"values": {str(name): _number(value, name) for name, value in values.items()}}
    except (Exception, SystemExit) as error:
        return {"error": f"{type(error).__name__}: {error}"}


def _number(value: Any, name: str) -> float:
    """Return a number that `train` gave as a float; nan and inf may be what a run that diverged ends with."""
    if np.ndim(value) or np.asarray(value).dtype.kind not in "buif":
        raise TypeError(f"train returned {value!r} as {name}; expected a number, or a dict of numbers.")
    return float(value)


# The folder


def _record(train: Callable[..., Any], settings: dict[str, Any]) -> dict[str, Any]:
    """Return what a folder is of: the function, by its source without comments, and the settings."""
    if not isinstance(settings, dict):
        raise TypeError(f"settings is a {type(settings).__name__}; expected a dict, such as {{'epochs': 5}}.")
    try:
        plain = json.loads(json.dumps(settings))
    except (TypeError, ValueError) as error:
        raise TypeError(f"settings cannot be recorded ({error}); expected numbers, texts, lists.") from None
    try:
        source = ast.unparse(ast.parse(textwrap.dedent(inspect.getsource(train))))
    except (OSError, TypeError, SyntaxError):  # typed at a prompt, a method of an object, part of a line
        source = getattr(train, "__qualname__", type(train).__qualname__)
    return {"train": source, "settings": plain}


def _claim(folder: Path, record: dict[str, Any]) -> None:
    """Make the folder this sweep's, or raise if it is another's."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise ValueError(f"folder is {folder}, which is a file; expected a folder, or a new name.") from None
    path = folder / RECORD
    if path.exists():
        found = _read(path, {"train", "settings"})
        if found != record:
            raise ValueError(
                f"{folder} is of another sweep: {_difference(found, record)}; expected a new folder."
            )
    elif any(entry.name[0] != "." for entry in folder.iterdir()):
        raise ValueError(f"folder is {folder}, which holds other files; expected a new one.")
    else:
        _write(path, record)


def _difference(old: dict[str, Any], new: dict[str, Any]) -> str:
    if old["train"] != new["train"]:
        return "train was another function"
    before = old["settings"]
    name = next(n for n in (before | new["settings"]) if before.get(n) != new["settings"].get(n))
    return f"{name} was {before.get(name)!r} and is {new['settings'].get(name)!r}"


def _file_of(folder: Path, task: Task) -> Path:
    seed, rate = task
    return folder / f"seed-{seed}-rate-{rate!r}.json"


def _is_known(result: Sweep, task: Task, path: Path) -> bool:
    """Take what a file holds of a task into the result, if there is one."""
    if not path.exists():
        return False
    _take(result, task, _read(path, {"values"}, {"error"}))
    return True


def _take(result: Sweep, task: Task, outcome: dict[str, Any]) -> None:
    if "error" in outcome:
        result.errors[task] = outcome["error"]
    else:
        result._values[task] = outcome["values"]


def _write(path: Path, contents: dict[str, Any]) -> None:
    try:
        with _files.written(path) as file:
            file.write(json.dumps(contents, indent=1).encode() + b"\n")
    except OSError as error:
        kept = "what was written before is whole, and a new call goes on from it"
        raise OSError(error.errno, f"{path} cannot be written ({error.strerror}); {kept}.") from error


def _read(path: Path, *choices: set[str]) -> dict[str, Any]:
    """Return what a file of the folder holds; it has all the names of one of these choices."""
    try:
        contents = json.loads(_files.file_of(path).read_text("utf-8"))
        if not isinstance(contents, dict) or not any(names <= contents.keys() for names in choices):
            raise ValueError("names are missing in it")
    except ValueError as error:
        raise ValueError(
            f"{path} is damaged ({error}); expected what a sweep has written: remove it."
        ) from error
    return contents


# Doors


def _seeds(values: Any) -> list[int]:
    seeds = [check.whole(s, "seeds", 0) for s in check.listed(values, "seeds", "a list such as [0, 1, 2]")]
    return _distinct(seeds, "seeds")


def _rates(values: Any) -> list[float]:
    listed = check.listed(values, "rates", "a list such as [0.01, 0.1]")
    return _distinct([check.between(rate, "rates", 0, math.inf) for rate in listed], "rates")


def _distinct(values: list[Any], name: str) -> list[Any]:
    if not values or len(set(values)) < len(values):
        raise ValueError(f"{name} is {values}; expected one or more, each once.")
    return values
