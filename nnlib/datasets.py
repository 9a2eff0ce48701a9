"""Data to learn from. Nothing is ever downloaded: MNIST travels with the package."""

import gzip
import hashlib
import io
import math
import os
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nnlib import _files
from nnlib import _validation as check
from nnlib._types import Array, Generator

__all__ = ["Mnist", "mnist", "read_idx", "spirals", "xor"]

PathLike = str | os.PathLike[str]
_BUNDLED = Path(__file__).parent / "data" / "mnist"
_MOST_PACKED = 50
_IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def xor() -> tuple[Array, Array]:
    """Return X, (4, 2), and Y, (4, 1): the output is 1 where exactly one of the two inputs is.

    Examples
    --------
    >>> X, Y = xor()
    >>> np.hstack([X, Y])
    array([[0., 0., 0.],
           [0., 1., 1.],
           [1., 0., 1.],
           [1., 1., 0.]])

    See notebooks/08_xor.ipynb.
    """
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return X, (X[:, :1] != X[:, 1:]).astype(float)


def spirals(n: int, *, rng: Generator, noise: float = 0.03) -> tuple[Array, Array]:
    """Return X, (2n, 2), and Y, (2n, 1): two spirals, each wound once and a half around the centre.

    Point k of a spiral lies at radius k/n and angle 3π k/n; the second spiral is the first one turned by π.

    Parameters
    ----------
    n : int
        Points on each spiral.
    rng : numpy.random.Generator
    noise : float, default 0.03
        Standard deviation of the normal noise on each coordinate.

    See notebooks/08_xor.ipynb.
    """
    radius = np.arange(1, check.whole(n, "n", 1) + 1) / n
    angle = 3 * np.pi * radius
    arm = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    noise = check.between(noise, "noise", 0, math.inf, low_allowed=True)
    X = np.concatenate([arm, -arm]) + noise * check.generator(rng).standard_normal((2 * n, 2))
    return X, np.repeat([[0.0], [1.0]], n, axis=0)


class Mnist(NamedTuple):
    """Images as float32 rows of 784 pixels from 0 (paper) to 1 (ink), and labels from 0 to 9.

    See notebooks/09_mnist.ipynb.
    """

    X_train: Array
    y_train: Array
    X_test: Array
    y_test: Array

    def __repr__(self) -> str:
        arrays = ", ".join(f"{name} {A.shape} {A.dtype}" for name, A in zip(self._fields, self, strict=True))
        return f"Mnist({arrays})"


def mnist(folder: PathLike | None = None) -> Mnist:
    """Return MNIST: 60 000 handwritten digits to train on and 10 000 to test with.

    Parameters
    ----------
    folder : path, optional
        Where four IDX files of the same names lie, gzipped or not, such as those of Fashion-MNIST; a dot may
        stand before idx. Without it the bundled files are read and checked against their sha256.

    Returns
    -------
    Mnist
        X_train (60000, 784) and X_test (10000, 784), float32 from 0 to 1; y_train (60000,) and
        y_test (10000,), uint8.

    Raises
    ------
    FileNotFoundError, ValueError
        If a file is missing, damaged, altered or in another's place, with its name and what was expected.

    Examples
    --------
    >>> X_train, y_train, X_test, y_test = mnist()

    Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits; the data is Yann LeCun's and
    Corinna Cortes's, CC BY-SA 3.0. See notebooks/09_mnist.ipynb.
    """
    folder = _BUNDLED if folder is None else _files.path_of(folder, "folder")
    checksums = _checksums() if folder == _BUNDLED else {}
    X_train, y_train = _part(folder, "train", checksums)
    X_test, y_test = _part(folder, "t10k", checksums)
    n_train = X_train.shape[1]
    n_test = X_test.shape[1]
    if n_train != n_test:
        found = f"training images have {n_train} pixels, test images {n_test}"
        raise ValueError(f"{folder}: {found}; expected as many.")
    return Mnist(X_train, y_train, X_test, y_test)


def _part(folder: Path, part: str, checksums: dict[str, str]) -> tuple[Array, Array]:
    images_path = _find(folder, f"{part}-images-idx3-ubyte")
    labels_path = _find(folder, f"{part}-labels-idx1-ubyte")
    images = _parse_idx(_verified(images_path, checksums), images_path)
    labels = _parse_idx(_verified(labels_path, checksums), labels_path)
    for path, array, ndim in ((images_path, images, 3), (labels_path, labels, 1)):
        if array.ndim != ndim or array.dtype != np.uint8 or array.size == 0:
            found = f"{path} holds {array.dtype} values of shape {array.shape}"
            expected = f"uint8 values with {ndim} axes. Are two files in each other's place?"
            raise ValueError(f"{found}; expected {expected}")
    if len(images) != len(labels):
        found = f"{images_path} holds {len(images)} images, but {labels_path} {len(labels)} labels"
        raise ValueError(f"{found}: not as many.")
    if labels.max() > 9:
        raise ValueError(
            f"{labels_path} holds the label {labels.max()}; expected 0 to 9. read_idx takes others."
        )
    return images.reshape(len(images), -1) / np.float32(255), labels


def read_idx(path: PathLike) -> Array:
    """Read an array from a file in IDX format, gzipped or not.

    The format: two zero bytes, one byte for the type, one for the number of axes, each axis's length in four
    bytes, most significant first, then the values.

    Parameters
    ----------
    path : path

    Returns
    -------
    ndarray, read-only
        Bytes wrap around, 3 - 5 is 254 among them: take `.astype(float)` before you subtract.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no such file, it is damaged, or it is not in this format.

    Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits, section "File formats".
    See notebooks/09_mnist.ipynb.
    """
    return _parse_idx(_read(path), path)


def _read(path: PathLike) -> bytes:
    path = _files.file_of(path)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} does not exist. If nnlib brought it, install nnlib again.") from None
    except OSError as error:
        raise OSError(f"{path} cannot be read: {error.strerror}.") from error


def _find(folder: Path, name: str) -> Path:
    for path in (folder / f"{name}.gz", folder / name):
        for found in (path, path.with_name(path.name.replace("-idx", ".idx"))):  # as some have unpacked it
            if found.exists():
                return found
    missing = f"neither {name}.gz nor {name}"
    if folder == _BUNDLED:
        raise FileNotFoundError(f"{folder} holds {missing}: install nnlib again.")
    if not folder.is_dir():
        what = "is a file: read_idx reads a single one" if folder.exists() else "does not exist"
        raise FileNotFoundError(f"{folder} {what}; expected a folder with the four IDX files of MNIST.")
    names = sorted(path.name for path in folder.iterdir())
    there = ", ".join(names[:4] + ["…"] * (len(names) > 4)) or "nothing"
    raise FileNotFoundError(f"{folder} holds {missing}, but {there}. Rename files, or read each by read_idx.")


def _checksums() -> dict[str, str]:
    """Return the sha256 of each bundled file, by its name."""
    lines = _read(_BUNDLED / "SHA256SUMS").decode().splitlines()
    return {name: checksum for checksum, name in map(str.split, lines)}


def _verified(path: Path, checksums: dict[str, str]) -> bytes:
    data = _read(path)
    if not checksums:
        return data
    expected = checksums.get(path.name)
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        advice = f"expected {expected}. Install nnlib again."
        raise ValueError(f"{path} has been altered: its sha256 is {found}, {advice}")
    return data


def _unpacked(data: bytes, path: PathLike) -> bytes:
    """Return what a gzip file holds; MNIST packs to a fifth, and a bomb to a thousandth of its size."""
    most = 2**20 + _MOST_PACKED * len(data)
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        unpacked = file.read(most + 1)
    if len(unpacked) > most:
        found = f"{path} unpacks to more than {_MOST_PACKED} times its size"
        raise ValueError(f"{found}; expected data that packs less well. If it is right, unpack it first.")
    return unpacked


def _parse_idx(data: bytes, path: PathLike) -> Array:
    if data[:2] == b"\x1f\x8b":
        try:
            data = _unpacked(data, path)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"{path} is a damaged gzip file ({error}): fetch it again.") from error
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in _IDX_TYPES or data[3] > 64:  # NumPy's most
        expected = "expected an IDX file: two zero bytes, a type, a count of axes"
        raise ValueError(f"{path} begins with {data[:4]!r}; {expected}.")
    dtype = np.dtype(_IDX_TYPES[data[2]])
    ndim = data[3]
    start = 4 + 4 * ndim
    if len(data) < start:
        raise ValueError(f"{path} ends after {len(data)} bytes; expected at least {start}, for {ndim} axes.")
    shape = tuple(int(n) for n in np.frombuffer(data, ">u4", ndim, offset=4))
    size = start + math.prod(shape) * dtype.itemsize
    if len(data) != size:
        found = f"{path} holds {len(data)} bytes"
        advice = "It was cut, or written with another shape."
        raise ValueError(f"{found}; expected {size}, for shape {shape}. {advice}")
    return np.frombuffer(data, dtype, offset=start).reshape(shape)
