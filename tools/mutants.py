"""Change nnlib in some five thousand small ways, and see that a test fails for each: `make mutants`.

mutmut makes the changes, called mutants, and runs the tests; this judges what it found. What stands between
the core and a learner has far more mutants: a random sample of each group is tried. `make mutants
ONLY=panels` tries one group, `SAMPLE=200` a larger sample. The exit status is 1 if fewer than 95 % of the
core's are killed or 90 % of a sample, if one survives without a reason in tests/survivors.toml, or if one
that is listed there is killed. The same file is a plugin of pytest, which runs the quickest tests of a mutant
first.
"""

import argparse
import hashlib
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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

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


def difference(old, new):
    """Return 'old → new', with the words that differ."""
    old, new = old.split(), new.split()
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return f"{' '.join(old)} → {' '.join(new)}"


def described(mutant, path):
    """Return 'module.function: old → new'."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    lines = get_diff_for_mutant(mutant, path=path).splitlines()[2:]
    old, new = (" ".join(line[1:].strip() for line in lines if line[0] == sign) for sign in ("-", "+"))
    function = re.sub(r"x_(?=\w+$)|xǁ", "", mutant.partition("__mutmut")[0].removeprefix("nnlib."))
    return f"{function.replace('ǁ', '.')}: {difference(old, new)}"


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


def judge(name, total, survivors, least):
    """Compare the survivors with those that are listed; return whether something is not as it should be."""
    with open(SURVIVORS, "rb") as file:
        record = tomllib.load(file)
    record = record.get(name, record)  # the core's is all that is in no table
    listed = Counter(mutant for group in record["survivors"] for mutant in group["mutants"])
    killed = total - survivors.total()
    print(f"{name}: {killed / total:.1%} of {total} mutants killed")
    for title, mutants in (
        ("survive without a reason", survivors - listed),
        ("are listed but killed", listed - survivors),
    ):
        if mutants:
            print(f"{mutants.total()} {title}:", *sorted(mutants.elements()), sep="\n  ")
    if total != record["total"]:
        print(f"{SURVIVORS.name} says {record['total']} mutants")
    return killed < least * total or survivors != listed or total != record["total"]


def environment():
    """Return the variables of the processes that run tests."""
    variables = os.environ | {
        "OPENBLAS_NUM_THREADS": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": "-p xdist.plugin",  # pyproject.toml has an option of it
    }
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    return variables


def core():
    """Have mutmut try all mutants of the core; return whether something is not as it should be."""
    shutil.rmtree("mutants", ignore_errors=True)  # it would keep what older tests have found
    mutmut = Path(sys.executable).with_name("mutmut")
    subprocess.run([mutmut, "run"], env=environment(), check=True)
    statuses, survivors = results()
    print(*(f"{count} {status}" for status, count in statuses.most_common()), sep=", ")
    return judge("core", statuses.total(), survivors, LEAST)


# The samples


class Group(NamedTuple):
    """Part of `nnlib.teach`: its files, how many mutants are tried, and the files of tests that belong to it.

    Of these only the tests whose name or file holds the module's are run, or those that `words` says, by the
    name of the module or of its folder, as pytest's option -k takes it.
    """

    files: tuple
    sample: int
    tests: tuple
    words: dict


GROUPS = {
    "panels": Group(
        ("widgets/*.py", "bugs.py"),
        60,
        ("test_widget_pictures.py", "test_widget_*.py", "test_derivations.py", "test_bugs.py"),
        {
            "bugs": "bugs or bug_lab",
            "layered": "graph_explorer",
            "panel": "pictures or panels or training",
            "paper": "paper or digit_pad",
            "parts": "parts or pictures",
            "sheets": "attention_explorer or kernel_explorer",
        },
    ),
    "checks": Group(
        ("checks/*.py", "checks/engine/*.py"),
        32,
        (
            "test_formulas.py",
            "test_repair.py",
            "test_chosen.py",
            "test_engine.py",
            "test_checks_*.py",
            "test_attempts.py",
        ),
        {
            "attention_sheets": "attention or test_checks",
            "bug_lab": "bug_museum or test_checks",
            "checks": "{} or test_checks",
            "digit_pad": "generalisation or test_checks",
            "framework_sheets": "frameworks or test_checks",
            "image_sheets": "convolution or test_checks",
            "own_check": "gradient_checking or test_checks",
            "scaling_rings": "scaling_out or test_checks",
            "scaling_sheets": "scaling_out or test_checks",
            "tape_orders": "automatic_differentiation or test_checks",
            "tape_sheets": "automatic_differentiation or test_checks",
            "formula": "formulas or in_mathematics",
            "in_mathematics": "formulas or in_mathematics",
            # The engine serves all exercises: those of three chapters are tried.
            "engine": "repair or chosen or engine or formulas or dense_layer or training_loop"
            " or automatic_differentiation",
        },
    ),
    "preprocessing": Group(
        ("preprocessing.py",),
        20,
        ("test_preprocessing.py", "test_widget_digit_pad.py"),
        {"preprocessing": "preprocessing or digit_pad"},
    ),
}
# Tests of how long something takes: the machine is busy.
TIMED = "at_once or of_the_time or tenths_of_a_second"
SEED = 0
LEAST_OF_SAMPLE = 0.9
LONGEST = 1800  # seconds of tests of a mutant: what takes longer has no end


class Mutant(NamedTuple):
    words: str  # 'module.function: old → new'
    path: Path
    module: Any  # the file as a tree
    nodes: tuple  # of the tree, and what comes in its place


def mutants(path):
    """Yield every `Mutant` that mutmut would make of a file."""
    from libcst import FunctionDef
    from mutmut.mutation.file_mutation import create_mutations

    module, mutations, *_ = create_mutations(str(path), path.read_text("utf-8"))
    place = ".".join(path.relative_to(ROOT / "nnlib").with_suffix("").parts)
    seen = Counter()
    for mutation in mutations:
        function = mutation.contained_by_top_level_function
        if isinstance(function, FunctionDef):
            nodes = mutation.original_node, mutation.mutated_node
            words = f"{place}.{function.name.value}: {difference(*map(module.code_for_node, nodes))}"
            seen[words] += 1
            number = f" ({seen[words]})" if seen[words] > 1 else ""
            yield Mutant(words + number, path, module, nodes)


def sample(group, size):
    """Return so many mutants of a group.

    They are chosen by their hash, so that a line that is written anew exchanges few of them.
    """
    paths = [path for pattern in group.files for path in sorted((ROOT / "nnlib" / "teach").glob(pattern))]
    everything = [mutant for path in paths for mutant in mutants(path)]
    print(f"{size} of {len(everything)} mutants, of {len(paths)} files")
    everything.sort(key=lambda mutant: hashlib.sha256(f"{SEED} {mutant.words}".encode()).digest())
    return everything[:size]


def copy_of_project(folder):
    """Make a folder with a link to each file, in which one can be exchanged, and return it."""
    for name in subprocess.check_output(["git", "ls-files"], text=True).splitlines():
        link = folder / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(ROOT / name)
    return folder


def survives(mutant, group, copies):
    """Return whether no test fails in one of the copies with the mutant in it."""
    copy = copies.get()
    file = copy / mutant.path.relative_to(ROOT)
    file.unlink()
    file.write_text(mutant.module.deep_replace(*mutant.nodes).code, "utf-8")
    files = dict.fromkeys(
        str(file) for pattern in group.tests for file in sorted((copy / "tests").glob(pattern))
    )
    words = group.words.get(mutant.path.stem) or group.words.get(mutant.path.parent.name, "{}")
    chosen = f"({words.format(mutant.path.stem)}) and not ({TIMED})"
    command = [sys.executable, "-m", "pytest", "-qxp", "no:cacheprovider", "-k", chosen, *files]
    try:
        ended = subprocess.run(command, cwd=copy, env=environment(), capture_output=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return False
    finally:
        file.unlink()
        file.symlink_to(mutant.path)
        copies.put(copy)
    if ended.returncode == 5 or b"file or directory not found" in ended.stderr:  # no test, or no file
        raise RuntimeError((ended.stdout + ended.stderr).decode())
    return ended.returncode == 0


def sampled(name, size):
    """Try a sample of a group; return whether something is not as it should be."""
    group = GROUPS[name]
    chosen = sample(group, size or group.sample)
    survivors, copies, workers = Counter(), SimpleQueue(), os.cpu_count()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as pool:
        for number in range(workers):
            copies.put(copy_of_project(Path(folder, str(number))))
        tried = pool.map(lambda mutant: survives(mutant, group, copies), chosen)
        for mutant, survived in zip(chosen, tried, strict=True):
            print("survives" if survived else "killed", mutant.words, flush=True)
            survivors[mutant.words] += survived
    return judge(name, len(chosen), +survivors, LEAST_OF_SAMPLE)


def main(arguments=None):
    everything = ["core", *GROUPS]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=everything, default=everything, help="default: all")
    parser.add_argument("--sample", type=int, help="how many mutants of each group but the core")
    options = parser.parse_args(arguments)
    os.chdir(ROOT)
    if not Path(sys.executable).with_name("mutmut").exists():
        sys.exit("mutmut is not installed: it needs Linux and a Python before 3.14.")
    wrong = [core() if name == "core" else sampled(name, options.sample) for name in options.only]
    return any(wrong)


if __name__ == "__main__":
    sys.exit(main())
