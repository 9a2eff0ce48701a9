"""Copy what the learners of a JupyterHub have done into a new folder, in the form that `nnlib marks` reads.

    sudo python3 collect.py /home handout class

takes the notebooks in the folder `handout` of each home, and puts them into `class/<name of the home>`. No
symbolic link is followed: a learner could have made it, and it could lead to another's work.
"""

import os
import shutil
import stat
import sys
from pathlib import Path


def collect(homes, handout, collected):
    """Copy the notebooks; yield a line for each home, and for each notebook that is left out."""
    names = sorted(name for name in os.listdir(homes) if not name.startswith("."))
    collected.mkdir(mode=0o700)  # learners may have accounts on this machine
    for home in names:
        try:
            folder = opened(homes, home, *Path(handout).parts)
        except FileNotFoundError:
            yield f"{home!r} is left out: there is no folder {handout!r}."
        except OSError:
            yield f"{home!r} is left out: {handout!r} is a link, or no folder that can be read."
        else:
            try:
                yield from copied(folder, home, collected / home)
            finally:
                os.close(folder)


def opened(homes, *parts):
    """Return a descriptor of a folder, to which no link leads."""
    folder = os.open(homes, os.O_RDONLY | os.O_DIRECTORY)
    for part in parts:
        try:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    return folder


def copied(folder, home, to):
    """Copy the notebooks of a folder; yield lines about it."""
    to.mkdir()
    count = 0
    for name in sorted(os.listdir(folder)):
        if name.startswith(".") or not name.endswith(".ipynb"):
            continue
        try:
            notebook = plain_file(folder, name)
        except OSError:
            yield f"{home!r}: {name!r} is left out: it is a link, or no file that can be read."
            continue
        with notebook, open(to / name, "xb") as copy:
            shutil.copyfileobj(notebook, copy)
        count += 1
    yield f"{home!r}: {count} notebook{'' if count == 1 else 's'}."


def plain_file(folder, name):
    """Return a file of a folder, opened; `OSError` where it is a link, or no plain file."""

    def opener(name, flags):
        return os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)  # a pipe is not waited for

    file = open(name, "rb", opener=opener)
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError
    return file


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        for line in collect(sys.argv[1], sys.argv[2], Path(sys.argv[3])):
            print(line)
    except OSError as error:
        sys.exit(f"{error}: expected a folder of homes, and one that is not there yet.")
