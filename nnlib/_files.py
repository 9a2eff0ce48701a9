"""Files of weights: written whole or not at all, and read without running or believing anything in them."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nnlib import _validation as check
from nnlib._types import Array

NO_PICKLE = "it is no archive of arrays; pickled objects are not read, for that would run what they hold"


def save(params: Sequence[Array], path: Any) -> None:
    """Write the arrays to `path`, under another name beside it first, which is renamed when it is whole."""
    path = check.path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        with open(part, "wb") as file:
            np.savez(file, **{f"param{i}": p for i, p in enumerate(params)})  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def load(path: Any, params: Sequence[Array], dtype: Any) -> list[Array]:
    """Return the arrays in `path`, of the shapes of `params`, as `dtype`."""
    arrays = _read(check.file(path), dtype)
    found = [a.shape for a in arrays]
    expected = [p.shape for p in params]
    if found != expected:
        raise ValueError(f"{path} holds parameters of shapes {found}; this network expects {expected}.")
    for i, array in enumerate(arrays):
        check.finite(array, f"{path}: param{i}")
    return arrays


def _read(path: Path, dtype: Any) -> list[Array]:
    with open(path, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as saved:
                size = os.fstat(file.fileno()).st_size
                members = saved.zip.infolist()
                unpacked = sum(member.file_size for member in members)
                if any(member.compress_type for member in members) or unpacked > size:
                    raise ValueError("its members are compressed, or larger than itself")
                names = [f"param{i}" for i in range(len(members))]
                return [check.numbers(saved[name], name, dtype) for name in names]
        except Exception as error:  # a damaged file can raise a dozen kinds, from zipfile, zlib and NumPy
            why = NO_PICKLE if "pickle" in str(error) else error
            raise ValueError(f"{path} is not a whole file written by Network.save ({why}).") from error
