"""Files of a reader: read with a sentence where that fails, written whole or not at all, none lost."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Problem", "create", "make_folder", "read", "replace", "set_aside"]


class Problem(Exception):
    """What is in the way, as a sentence for the reader."""


@contextmanager
def _told(path: Path, what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Problem(f"{path} cannot be {what} ({error.strerror}).") from error


def read(path: Path) -> bytes:
    """Return the bytes of a plain file; `Problem` where there is none."""
    with _told(path, "read"):
        # A pipe would be waited for.
        if path.exists() and not path.is_file():
            raise Problem(f"{path} is in the way: it is no plain file.")
        return path.read_bytes()


def make_folder(folder: Path) -> None:
    """Make a folder, and those that it lies in, where they are missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise Problem(f"{folder} is no folder, or lies in a file.") from error
    except OSError as error:
        raise Problem(f"the folder {folder} cannot be made ({error.strerror}).") from error


def create(path: Path, data: bytes) -> bool:
    """Write a new file; return False, and leave it, where there is something of that name."""
    if os.path.lexists(path):
        return False
    with _told(path, "written"), _beside(path, data) as part:
        try:
            os.link(part, path)
        except FileExistsError:
            return False
        except OSError:  # a file system without links, such as that of a memory stick
            try:
                open(path, "xb").close()
            except FileExistsError:
                return False
            os.replace(part, path)
    return True


def replace(path: Path, data: bytes) -> None:
    """Write over a file of which there is a copy."""
    with _told(path, "written"), _beside(path, data) as part:
        os.replace(part, path)


def set_aside(path: Path, data: bytes) -> Path:
    """Keep `data`, what `path` holds, under another name beside it, which is returned."""
    stems = [f"my_{path.stem}", *(f"my_{path.stem}_{n}" for n in range(2, 1000))]
    for stem in stems:
        kept = path.with_name(stem + path.suffix)
        if create(kept, data) or (kept.is_file() and read(kept) == data):
            return kept
    raise Problem(f"{path.parent} has a thousand copies of {path.name} already: remove some.")


@contextmanager
def _beside(path, data):
    """Write a file that is gone at the end, unless it was renamed."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(part, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield part
    finally:
        part.unlink(missing_ok=True)
