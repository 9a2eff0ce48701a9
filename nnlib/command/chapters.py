"""The notebooks of this version, and what is done to a reader's: copied, put back, brought up to date."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nnlib.command.files import Problem, create, make_folder, read, replace, set_aside
from nnlib.command.notebook import Cell, Exercise, blank, cells, exercises, load, misfit

__all__ = ["bring", "copy", "dumped", "in_folder", "is_packaged", "names", "reset", "series", "upgrade"]

FIRST = "00_start_here.ipynb"
NAME = re.compile(r"(\d\d|[A-Z])_\w+\.ipynb")
PACKAGE = Path(__file__).resolve().parents[1]


def series() -> Path:
    """Return the folder of this version's notebooks: in the package, or beside it in a checkout."""
    for folder in (PACKAGE / "notebooks", PACKAGE.parent / "notebooks"):
        if (folder / FIRST).is_file():
            return folder
    raise Problem("the notebooks of nnlib are not where they belong: install nnlib-notebooks again.")


def is_packaged() -> bool:
    """Return whether the notebooks came with the package; in a checkout they are the reader's own."""
    return series().parent == PACKAGE


def names() -> list[str]:
    """Return the file names of the chapters, in their order."""
    return sorted(path.name for path in series().glob("*.ipynb") if NAME.fullmatch(path.name))


def in_folder(folder: Path) -> list[Path]:
    """Return the chapters that are in a reader's folder; `Problem` where there is none."""
    if not folder.is_dir():
        raise Problem(f"there is no folder {folder}.")
    found = [folder / name for name in names() if (folder / name).exists()]
    if not found:
        raise Problem(
            f"there is no chapter in {folder.resolve()}. Name the folder that has them, or put them into one "
            "with `nnlib copy FOLDER`."
        )
    return found


def bring(folder: Path) -> Iterator[tuple[str, bool]]:
    """Put the chapters into `folder`, which is made where it is missing; what is there stays as it is.

    Yields the name of each chapter, and whether it is new there.
    """
    make_folder(folder)
    for name in names():
        yield name, create(folder / name, read(series() / name))


def copy(folder: Path) -> Iterator[str]:
    """Do what `bring` does; yields lines for the reader."""
    new = 0
    for name, is_new in bring(folder):
        new += is_new
        if not is_new:
            yield f"{name} is there already, and stays as it is."
    yield f"{new} notebook{'s are' if new != 1 else ' is'} new in {folder.resolve()}."
    yield f"Next: {_command('lab', folder)}"


def reset(chapter: str, folder: Path) -> Iterator[str]:
    """Put a chapter of `folder` back as this version has it, and keep the reader's under another name."""
    name = _name(chapter)
    path = folder / name
    if not path.exists():
        raise Problem(f"there is no {name} in {folder.resolve()}: `nnlib copy` puts it there.")
    if path.samefile(series() / name):
        raise Problem(f"{path} is the one that nnlib copies from: `git restore {name}` puts it back.")
    mine, fresh = read(path), read(series() / name)
    if mine == fresh:
        yield f"{name} is unchanged: there is nothing to put back."
        return
    kept = set_aside(path, mine)
    replace(path, fresh)
    yield f"{name} is back; yours is {kept.name} now."


def upgrade(folder: Path) -> Iterator[str]:
    """Bring the reader's answers into the chapters of this version; keep his under other names.

    Yields a line for each chapter that changes, and one for each answer that no longer fits. Chapters that
    cannot be read stay as they are; a `Problem` at the end names them.
    """
    problems, current = [], 0
    for path in in_folder(folder):
        try:
            lines = list(_upgraded(path))
        except Problem as problem:
            problems.append(str(problem))
        else:
            current += not lines
            yield from lines
    yield f"{current} notebook{'s were' if current != 1 else ' was'} of this version already."
    if problems:
        raise Problem(" ".join(problems))


def _upgraded(path):
    mine, fresh = read(path), read(series() / path.name)
    nb = load(fresh, series() / path.name)
    theirs, ours = cells(load(mine, path)), cells(nb)
    if _is_current(theirs, ours):
        return
    wanted = exercises(ours)
    by_check = {one.asked: one for one in wanted}
    by_cell = {one.answers[0].key: one for one in wanted}
    brought, left = 0, []
    for one in exercises(theirs):
        answer = "\n\n\n".join(cell.source for cell in one.answers if not blank(cell.source))
        if not answer:
            continue
        place = by_check.get(one.asked) or by_cell.get(one.answers[0].key)
        if place is None:
            left.append(f"  {one.number} no longer fits: this version does not have it.")
        elif why := misfit(answer, place.answers[0].source, place.name):
            left.append(f"  {one.number} no longer fits: {why}.")
        else:
            _fill_in(nb, place, answer)
            brought += 1
    kept = set_aside(path, mine)
    replace(path, dumped(nb))
    yield f"{path.name} is of this version now, with {brought} of your answers; yours is {kept.name} now."
    yield from left


def _is_current(theirs: list[Cell], ours: list[Cell]) -> bool:
    """Return whether a reader's cells are those of this version, with his own between them."""
    names = {one.answers[0].at: one.name for one in exercises(ours)}
    rest = iter(theirs)
    return all(any(_is_same(cell, wanted, names.get(wanted.at)) for cell in rest) for wanted in ours)


def _is_same(cell, wanted, name):
    if name and "exercise" in cell.tags and not blank(cell.source):
        return not misfit(cell.source, wanted.source, name)
    return cell.is_code == wanted.is_code and cell.source.strip() == wanted.source.strip()


def _fill_in(nb: dict[str, Any], place: Exercise, answer: str) -> None:
    """Put an answer into a chapter; what its check said about the empty one goes."""
    for cell in (place.answers[0], place.check):
        if cell:
            nb["cells"][cell.at] |= {"outputs": [], "execution_count": None}
    nb["cells"][place.answers[0].at]["source"] = answer.splitlines(keepends=True)


def dumped(nb: dict[str, Any]) -> bytes:
    """Return the bytes of a notebook as Jupyter writes them."""
    text = json.dumps(nb, ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": "))
    return (text + "\n").encode("utf-8", "backslashreplace")  # which is how JSON writes half a character


def _name(chapter):
    """Return the file name of the chapter that is meant by 5, 05, a, 05_backpropagation or its file."""
    wanted = Path(chapter).name.removesuffix(".ipynb")
    number = wanted.zfill(2) if wanted.isdigit() else wanted.upper()
    for name in names():
        if number == name.partition("_")[0] or wanted == name.removesuffix(".ipynb"):
            return name
    numbers = ", ".join(name.partition("_")[0] for name in names())
    raise Problem(f"there is no chapter {chapter}; there are {numbers}.")


def _command(what, folder):
    path = f'"{folder}"' if " " in str(folder) else folder
    return f"nnlib {what} {path}"
