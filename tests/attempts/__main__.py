"""How long a wrong attempt without a known mistake waits for its answer: the table in CONTRIBUTING.

`python -m tests.attempts` runs all wrong attempts, `python -m tests.attempts 5` every fifth. What counts are
those that no catalogue knows, so that a search looks for the place, and those at exercises that train.
"""

import contextlib
import io
import statistics
import sys
import time
from collections import defaultdict

from nnlib.teach.checks.engine import repair
from nnlib.teach.checks.engine.trained import Training
from tests.test_attempts import FILES, attempts, verdict_on


def watched(owner, name, met):
    """Note in `met` whenever a function is called."""
    function = getattr(owner, name)

    def noting(*arguments):
        met.add(name)
        return function(*arguments)

    setattr(owner, name, noting)


def measured(step):
    """Return the seconds of processor time by chapter: where a place was looked for, where it was trained."""
    met, seconds = set(), defaultdict(list)
    watched(repair, "repair", met)
    watched(Training, "finish", met)
    wrong = [attempt for file in FILES for attempt in attempts(file) if not attempt.right]
    for attempt in wrong[::step]:
        met.clear()
        started = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            verdict_on(attempt)
        took = time.process_time() - started
        for what in met:
            seconds[attempt.file.stem[:2], what].append(took)
    return seconds


def row(chapter, *groups):
    cells = [chapter]
    for found in groups:
        high = sorted(found)[int(0.95 * len(found))] if found else 0
        times = (statistics.median(found), high, max(found)) if found else ()
        cells += [str(len(found)), *(f"{took:.2f} s" for took in times)] if found else [""] * 4
    return f"| {' | '.join(cells)} |"


def main(step):
    seconds = measured(step)
    chapters = sorted({chapter for chapter, _ in seconds})
    for chapter in chapters:
        print(row(chapter, *(seconds[chapter, what] for what in ("repair", "finish"))))
    every = [sum((seconds[chapter, what] for chapter in chapters), []) for what in ("repair", "finish")]
    print(row("all", *every))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
