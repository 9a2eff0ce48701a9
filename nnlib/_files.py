"""Files of weights: written whole or not at all, and read without running or believing anything in them."""

import contextlib
import glob
import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from nnlib import _validation as check
from nnlib._types import Array

NO_PICKLE = "it is no archive of arrays; pickled objects are not read, for that would run what they hold"
LEFT_BEHIND = 600  # seconds without a write, after which a save is no longer under way


def path_of(value: Any, name: str = "path") -> Path:
    """Return `value` as a Path, ~ being the home folder. A number would name an open file: standard input."""
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name} is {value!r}; expected a str or a Path.")
    return Path(os.path.expanduser(value))


def file_of(value: Any, done: str = "read") -> Path:
    """Return `value` as a Path. If something is there it is a file: a named pipe would be waited for."""
    value = path_of(value)
    if os.path.exists(value) and not os.path.isfile(value):
        raise OSError(f"{value} cannot be {done}: it is no file.")
    return value


def save(params: Sequence[Array], path: Any) -> None:
    """Write the arrays to `path`, under another name beside it first, which is renamed when it is whole."""
    path = file_of(path, "written")
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"{path.parent} does not exist; expected a folder, to save {path.name} in it."
        )
    with written(path) as file:
        np.savez(file, **{f"param{i}": p for i, p in enumerate(params)})  # type: ignore[arg-type]


@contextlib.contextmanager
def written(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write in, which is renamed to `path` when the block has ended well, else removed."""
    _sweep(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        with open(part, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Remove the parts of saves to `path` that were killed: nobody has written to them for long."""
    for part in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        with contextlib.suppress(OSError):  # another process sweeps as well
            if time.time() - part.stat().st_mtime > LEFT_BEHIND:
                part.unlink()


def load(path: Any, params: Sequence[Array], dtype: Any) -> list[Array]:
    """Return the arrays in `path`, of the shapes of `params`, as `dtype`."""
    arrays = _read(file_of(path))
    found = [a.shape for a in arrays]
    expected = [p.shape for p in params]
    if found != expected:
        raise ValueError(f"{path} holds parameters of shapes {found}; this network expects {expected}.")
    return [check.finite_as(dtype, array, f"{path}: param{i}") for i, array in enumerate(arrays)]


def _read(path: Path) -> list[Array]:
    with open(path, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as saved:
                size = os.fstat(file.fileno()).st_size
                members = saved.zip.infolist()
                unpacked = sum(member.file_size for member in members)
                if any(member.compress_type for member in members) or unpacked > size:
                    raise ValueError("its members are compressed, or larger than itself")
                names = [f"param{i}" for i in range(len(members))]
                return [check.numbers(saved[name], name) for name in names]
        except Exception as error:  # a damaged file can raise a dozen kinds, from zipfile, zlib and NumPy
            why = NO_PICKLE if "pickle" in str(error) else error
            raise ValueError(f"{path} is not a whole file written by Network.save ({why}).") from error
