"""What `nnlib` understands, and what it says when something is in the way."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import nnlib
from nnlib.command import chapters, lab
from nnlib.command.files import Problem
from nnlib.command.marks import marks
from nnlib.command.progress import progress
from nnlib.command.student import EDITIONS, student

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 141, as of one that SIGPIPE ends, where nobody reads on."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console of Windows may not know ✓, or letters of a path
    parser = _parser()
    asked, others = parser.parse_known_args(arguments)
    if others and asked.run not in (None, _lab):
        parser.error(f"unknown: {' '.join(others)}")
    try:
        if asked.run is None:
            parser.print_help()
            status = 0
        else:
            status = asked.run(asked, others)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # `| head` has seen enough; what is flushed at the end goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Problem as problem:
        print(f"nnlib: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("nnlib: interrupted; what was done is whole, and the same command goes on.", file=sys.stderr)
        return 130


def _parser():
    parser = argparse.ArgumentParser(
        prog="nnlib",
        description="The notebooks in which a neural network is derived, written in NumPy and trained.",
        epilog="FOLDER is this one where it is left out. Nothing of yours is overwritten.",
    )
    parser.add_argument("--version", action="version", version=f"nnlib {nnlib.__version__}")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(metavar="")

    def command(run, name, *arguments, help):
        one = commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
        one.set_defaults(run=run)
        for argument, options in arguments:
            one.add_argument(argument, **options)

    needed = ("folder", {"metavar": "FOLDER", "type": Path})
    here = ("folder", {"metavar": "FOLDER", "type": Path, "nargs": "?", "default": Path()})
    any_folder = ("folder", {"metavar": "FOLDER", "type": Path, "nargs": "?"})
    chapter = ("chapter", {"metavar": "CHAPTER", "help": "its number or letter: 05, A"})
    command(_lab, "lab", any_folder, help="open JupyterLab on the notebooks; it gets all other options")
    command(_copy, "copy", needed, help="put the notebooks into a folder, never over a file that is there")
    command(_progress, "progress", here, help="say which exercises are right, tried, untouched, and the next")
    command(_reset, "reset", chapter, here, help="put a chapter back, and keep yours under another name")
    command(_upgrade, "upgrade", here, help="bring your answers into the chapters of this version")
    system = ("--for", {"dest": "system", "choices": [name for name in EDITIONS if name], "default": ""})
    command(_student, "student", needed, system, help="write the chapters for a class, without solutions")
    seconds = ("--seconds", {"type": float, "default": 120, "help": "that one notebook may take (120)"})
    memory = ("--megabytes", {"type": int, "default": 4096, "help": "that one notebook may use (4096)"})
    command(
        _marks, "marks", needed, seconds, memory, help="mark the notebooks of a class, as a table and a page"
    )
    return parser


def _lab(asked, others):
    return lab.start(asked.folder, others)


def _copy(asked, _):
    return _say(chapters.copy(asked.folder))


def _progress(asked, _):
    table = progress(asked.folder)
    print(table)
    return 1 if table.unread else 0


def _reset(asked, _):
    return _say(chapters.reset(asked.chapter, asked.folder))


def _upgrade(asked, _):
    return _say(chapters.upgrade(asked.folder))


def _student(asked, _):
    return _say(student(asked.folder, asked.system))


def _marks(asked, _):
    return _say(marks(asked.folder, asked.seconds, asked.megabytes))


def _say(lines):
    for line in lines:
        print(line, flush=True)
    return 0
