"""Run the long experiments and record them: `python -m experiments`, or some of them by name.

Each is a module of this folder with a `run(quick)` that returns what it found, seeds and sources included,
and a docstring that says what it is. Its record, with the machine, the versions and the time it took, is
`nnlib/data/experiments/<name>.json`, where `nnlib.teach.recorded` reads it.
"""

import argparse
import importlib
import json
import pkgutil
import time
from pathlib import Path

import experiments
from benchmarks import machine
from nnlib.teach.recorded import FOLDER

NAMES = [module.name for module in pkgutil.iter_modules(experiments.__path__) if module.name != "__main__"]


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m experiments", description=__doc__.partition("\n")[0])
    parser.add_argument("name", nargs="*", help=f"of {', '.join(NAMES)}; default: all")
    parser.add_argument("--quick", action="store_true", help="small data and few seeds, nothing recorded")
    options = parser.parse_args(arguments)
    if unknown := set(options.name) - set(NAMES):
        parser.error(f"no experiment {', '.join(sorted(unknown))}; expected some of {', '.join(NAMES)}")
    for name in options.name or NAMES:
        record = measure(name, quick=options.quick)
        print(f"{name}: {record['seconds']:.0f} s", flush=True)
        if not options.quick:
            store(name, record)


def measure(name, *, quick):
    """Return the record of one experiment."""
    module = importlib.import_module(f"experiments.{name}")
    started = time.perf_counter()
    results = module.run(quick)
    head = {"what": module.__doc__.strip(), "seconds": round(time.perf_counter() - started, 1)}
    return head | {"machine": machine.describe(), "results": results}


def store(name, record, folder=FOLDER):
    """Write the record, whole or not at all."""
    part = Path(folder) / f"{name}.part"
    part.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    part.replace(part.with_suffix(".json"))


if __name__ == "__main__":
    main()
