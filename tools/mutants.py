"""Change the core in some three thousand small ways, and see that a test fails for each: `make mutants`.

mutmut makes the changes, called mutants, and runs the tests; this judges what it found. The exit status is
1 if fewer than 95 % of them are killed, if one survives without a reason in tests/survivors.toml, or if one
that is listed there is killed. The same file is a plugin of pytest, which runs the quickest tests of a
mutant first.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SURVIVORS = ROOT / "tests" / "survivors.toml"
STATS = "mutmut-stats.json"  # mutmut's own record of how long each test took
LEAST = 0.95

# The plugin


wanted = set()


def pytest_cmdline_main(config):
    """Run the tests of a mutant file by file: for most mutants the first file is enough."""
    wanted.update(test for test in config.args if "::" in test)
    if config.args[0] not in wanted:
        return None
    options = [option for option in config.invocation_params.args if option not in wanted]
    module = [name.strip("_") for name in os.environ["MUTANT_UNDER_TEST"].split(".")[1:2]]
    first = [f"tests/test_{name}.py" for name in (*module, "messages", "bad_input")]
    files = {test.partition("::")[0] for test in wanted}
    files = [file for file in first if file in files] + sorted(files.difference(first))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = folder  # two processes would tidy up the same one
        return next((status for file in files if (status := pytest.main([*options, file]))), 0)


def pytest_configure(config):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in mutmut's processes it is ignored


def pytest_collection_modifyitems(items):
    if wanted:
        with open(STATS) as file:
            seconds = json.load(file)["duration_by_test"]
        items[:] = sorted(
            (test for test in items if test.nodeid in wanted), key=lambda test: seconds[test.nodeid]
        )


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
            # pytest's internal errors, 3, and mutmut's own, 255, are for mutmut killed mutants and timeouts.
            status = "error" if exit_code in (3, 255) else status_by_exit_code[exit_code]
            statuses[status] += 1
            if status not in ("killed", "timeout"):
                survivors[described(mutant, path)] += 1
    return statuses, survivors


def judge():
    """Compare the survivors with those that are listed; return whether something is not as it should be."""
    statuses, survivors = results()
    with open(SURVIVORS, "rb") as file:
        record = tomllib.load(file)
    listed = Counter(mutant for group in record["survivors"] for mutant in group["mutants"])
    total, killed = statuses.total(), statuses["killed"] + statuses["timeout"]
    found = ", ".join(f"{count} {status}" for status, count in statuses.most_common())
    print(f"{killed / total:.1%} of {total} mutants killed ({found})")
    for title, mutants in (
        ("survive without a reason", survivors - listed),
        ("are listed but killed", listed - survivors),
    ):
        if mutants:
            print(f"{mutants.total()} {title}:", *sorted(mutants.elements()), sep="\n  ")
    if total != record["total"]:
        print(f"{SURVIVORS.name} says {record['total']} mutants")
    return killed < LEAST * total or survivors != listed or total != record["total"]


def main():
    os.chdir(ROOT)
    shutil.rmtree("mutants", ignore_errors=True)  # it would keep what older tests have found
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    mutmut = Path(sys.executable).with_name("mutmut")
    if not mutmut.exists():
        sys.exit("mutmut is not installed: it needs Linux and a Python before 3.14.")
    subprocess.run([mutmut, "run"], env=environment, check=True)
    return judge()


if __name__ == "__main__":
    sys.exit(main())
