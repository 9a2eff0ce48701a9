"""Change the core in some three thousand small ways, and see that a test fails for each: `make mutants`.

mutmut makes the changes and runs the tests; this judges what it found. The exit status is 1 if fewer than 95 %
of the mutants are killed, if one survives without a reason in tests/survivors.toml, or if one that is listed
there is killed by now. The same file is the plugin by which pytest runs the quickest tests of a mutant first.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SURVIVORS = ROOT / "tests" / "survivors.toml"
STATS = "mutmut-stats.json"  # mutmut's own record of how long each test took
LEAST = 0.95

# The plugin


def pytest_configure(config):
    """Collect whole files: to look up a thousand tests by their names takes longer than to run them."""
    config.wanted = {test for test in config.args if "::" in test}
    config.args = sorted({test.partition("::")[0] for test in config.args})
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which mutmut ignores in the processes it starts


def pytest_collection_modifyitems(config, items):
    if config.wanted:
        items[:] = [item for item in items if item.nodeid in config.wanted]
    if os.path.exists(STATS):
        with open(STATS) as file:
            seconds = json.load(file)["duration_by_test"]
        items.sort(key=lambda item: seconds.get(item.nodeid, 0))


# The judgement


def described(mutant, path):
    """Return 'module.function: old → new', with the words of the line that differ."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    lines = get_diff_for_mutant(mutant, path=path).splitlines()[2:]
    old, new = (
        " ".join(line[1:].strip() for line in lines if line[0] == sign).split(" ") for sign in ("-", "+")
    )
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    function = re.sub(r"x_(?=\w+$)|xǁ", "", mutant.partition("__mutmut")[0].removeprefix("nnlib."))
    return f"{function.replace('ǁ', '.')}: {' '.join(old)} → {' '.join(new)}"


def results():
    """Return how many mutants ended how, and the survivors, described."""
    from mutmut.mutation.data import SourceFileMutationData
    from mutmut.stats import status_by_exit_code
    from mutmut.utils.file_utils import walk_mutatable_files

    statuses, survivors = Counter(), Counter()
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for mutant, exit_code in data.exit_code_by_key.items():
            # 255 is what mutmut has for an error of its own, and counts as a timeout.
            status = "error" if exit_code == 255 else status_by_exit_code[exit_code]
            statuses[status] += 1
            if status not in ("killed", "timeout"):
                survivors[described(mutant, path)] += 1
    return statuses, survivors


def main():
    os.chdir(ROOT)
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run([Path(sys.executable).with_name("mutmut"), "run"], env=environment, check=True)
    statuses, survivors = results()
    with open(SURVIVORS, "rb") as file:
        reasons = tomllib.load(file)["survivors"]
    listed = Counter(mutant for reason in reasons for mutant in reason["mutants"])
    total = statuses.total()
    killed = statuses["killed"] + statuses["timeout"]
    found = ", ".join(f"{count} {status}" for status, count in statuses.most_common())
    print(f"{killed / total:.1%} of {total} mutants killed ({found})")
    for title, mutants in (
        ("survive without a reason", survivors - listed),
        ("are listed but killed", listed - survivors),
    ):
        if mutants:
            print(f"{mutants.total()} {title}:", *sorted(mutants.elements()), sep="\n  ")
    return killed < LEAST * total or survivors != listed


if __name__ == "__main__":
    sys.exit(main())
