"""What a class has handed in: whose each notebook is, and of which chapter."""

import re
from dataclasses import dataclass
from pathlib import Path

from nnlib.command import chapters
from nnlib.command.files import Problem, read
from nnlib.command.notebook import Cell, cells, exercises, load

__all__ = ["FEEDBACK", "Handed", "handed_in", "stored"]

WRITTEN = re.compile(r"(my_)?(marks|learners)(_\d+)?\.(csv|html|jsonl)")  # by `nnlib marks`, or set aside
FEEDBACK = "feedback"  # the folder with a page for each student, by `nnlib marks`
ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz")
KEPT = "my_"  # before the name of what `nnlib reset` keeps
COPY = r"(?:\s*\(\d+\)|\s?-\s?Copy\d*)*"  # what a browser, JupyterLab or Windows adds to the name of a copy


@dataclass(frozen=True)
class Handed:
    """A notebook that a student has handed in; None for `path` where it is missing."""

    student: str
    chapter: str
    path: Path | None


def stored(chapter: str) -> tuple[bytes, list[Cell]]:
    """Return a chapter of this version: the bytes of its file, and its cells."""
    path = chapters.series() / f"{chapter}.ipynb"
    data = read(path)
    return data, cells(load(data, path))


def handed_in(folder: Path) -> tuple[list[Handed], list[str]]:
    """Return the notebooks of a class, also those that are missing, and lines about what is left out.

    A notebook belongs to a chapter by its name, `01_one_neuron.ipynb`, and to the student in whose folder it
    lies: the first below `folder`, however deep. One that lies in `folder` itself belongs to who else is in
    its name, `<chapter>_ada.ipynb` or `ada_<chapter>.ipynb`; a `my_` at the beginning is nobody's name, but
    what `nnlib reset` puts there. Of two for one student and chapter the one with the shorter name counts.
    Every student is expected to have every chapter with exercises that some student has.
    """
    if not folder.is_dir():
        raise Problem(f"there is no folder {folder}.")
    known = [name.removesuffix(".ipynb") for name in chapters.names()]
    students: set[str] = set()
    found: dict[tuple[str, str], Path] = {}
    left_out = []
    for path in sorted(_seen(folder, "*.ipynb"), key=lambda path: (len(path.name), str(path))):
        parts = path.relative_to(folder).parts
        chapter, rest = _chapter(path.stem, known)
        student = parts[0] if len(parts) > 1 else rest
        if len(parts) > 1:
            students.add(student)
        if chapter and student and (student, chapter) not in found:
            found[student, chapter] = path
            continue
        if not chapter:
            why = "its chapter is not known."
        elif not student:
            why = "whose it is is not known."
        else:
            why = f"{found[student, chapter].name} is {student}'s already."
        if chapter and path.name.startswith(KEPT + chapter):
            why += " `nnlib reset` keeps a learner's work so; it is handed in under the name of the chapter."
        left_out.append(f"{Path(*parts)} is left out: {why}")
    asked = sorted(chapter for chapter in {chapter for _, chapter in found} if exercises(stored(chapter)[1]))
    if not asked:
        expected = (
            f"there is no notebook of a student in {folder.resolve()}, or none with exercises. Expected a "
            "folder for each, with 01_one_neuron.ipynb in it, or files such as ada_01_one_neuron.ipynb."
        )
        raise Problem("\n".join([expected, *left_out]))
    everyone = sorted(students | {student for student, _ in found})
    handed = [Handed(who, what, found.get((who, what))) for who in everyone for what in asked]
    return handed, [*left_out, *_no_notebooks(folder, students)]


def _seen(folder, pattern):
    """Yield what is below a folder and not hidden, as `.ipynb_checkpoints` is."""
    for path in folder.rglob(pattern):
        if not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def _no_notebooks(folder, students):
    """Yield lines about folders without a notebook, and about files that may have been meant as one."""
    for path in sorted(_seen(folder, "*")):
        where = path.relative_to(folder)
        if path.is_dir():
            if len(where.parts) == 1 and path.name not in {*students, FEEDBACK}:
                yield f"{where} is left out: there is no notebook in that folder."
        elif path.suffix.lower() in ARCHIVES:
            yield f"{where} is left out: it is no notebook, and has to be unpacked to be marked."
        elif len(where.parts) == 1 and path.suffix != ".ipynb" and not WRITTEN.fullmatch(path.name):
            yield f"{where} is left out: it is no notebook."


def _chapter(stem, known):
    """Return the chapter in the name of a file, and what else is in that name, but that it is a copy."""
    for name in known:
        again = r"(?(kept)(?:_\d{1,3})?)"  # the number of a second copy that is kept
        form = rf"(?:(?P<kept>{KEPT})|(?P<before>.*)[\W_])?{name}{again}{COPY}(?:[\W_]+(?P<after>.*?))?{COPY}"
        if match := re.fullmatch(form, stem, re.S):
            after = match["after"] or ""
            return name, match["before"] or after.strip(" _-" if "(" in after else " _-()")
    return "", ""
