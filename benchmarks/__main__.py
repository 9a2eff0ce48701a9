"""Measure side by side, in one run: `python -m benchmarks`, with `--quick` a minute of it.

Peers that are not installed are left out by name. A whole run writes results.json and epoch.png in this
folder and the tables in its README.md and in the project's; a quick one only prints its tables.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time

from benchmarks import convolution, growth, importing, machine, memory, report, smoothness, tape, worker, xor
from benchmarks.peers import PEERS, missing
from benchmarks.recipe import BATCH_SIZE, LEARNING_RATES

GOALS = (0.97, 0.98)
ALONE = {
    "growth": growth,
    "memory": memory,
    "xor": xor,
    "panel": smoothness,
    "import": importing,
    "tape": tape,
    "convolution": convolution,  # the last one: it brings PyTorch into the process
}

# Images of an epoch: at small batches a part of them, and the time is scaled up to 60 000.
FULL = {
    "samples": {1: 2_000, 16: 20_000, 64: 60_000, 256: 60_000, 1024: 60_000},
    "repeats": 5,
    "seeds": 3,
    "race_samples": 60_000,
    "loaded_samples": 60_000,
    "calls": {1: 300, 10_000: 10},
}
QUICK = {
    "samples": {1: 200, 64: 3_000, 1024: 3_000},
    "repeats": 2,
    "seeds": 1,
    "race_samples": 3_000,
    "loaded_samples": 640,
    "calls": {1: 20, 10_000: 2},
}
COMPARED = ("matrix products alone", "nnlib", "PyTorch", "scikit-learn")  # with a core that is busy


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small data, two repeats, nothing stored")
    quick = parser.parse_args(arguments).quick
    results = measure(QUICK if quick else FULL, quick)
    if quick:
        print(report.details(results))
    else:
        report.store(results)


def measure(settings, quick):
    """Return all results, as results.json holds them."""
    started = time.perf_counter()
    left_out = {name: lacking for name in PEERS if (lacking := missing(name))}
    for name, lacking in left_out.items():
        say(f"left out: {name} (not installed: {', '.join(lacking)})")
    names = [name for name in PEERS if name not in left_out]
    results = {"quick": quick, "left_out": sorted(left_out), "settings": settings}
    results |= {"epoch": {}, "predict": {}, "memory_of_process": {}}
    with tempfile.TemporaryDirectory() as folder:
        worker.write_data(folder)
        for threads in (1, 2):
            say(f"{threads} BLAS thread{'s'[: threads - 1]}: starting {len(names)} processes")
            with workers(names, threads, folder) as team:
                if threads == 1:
                    results["agreement"] = agreement(team)
                    results["memory_of_process"] = peaks(team, settings)
                results["epoch"][threads] = epochs(team, settings)
                results["predict"][threads] = predictions(team, settings)
                if threads == 1:
                    results["race"] = race(team, settings)
                else:
                    results["busy"] = with_a_busy_core(team, settings)
    results["wide"] = {}
    for threads in (1, 2):
        with contextlib.closing(worker.Worker(threads)) as alone:
            results["wide"][threads] = alone(growth.wide_step_seconds, quick)
    with contextlib.closing(worker.Worker(1)) as alone:
        results["machine"] = alone(machine.describe)
        for name, module in ALONE.items():
            say(f"nnlib: {name}")
            results[name] = alone(module.measure, quick)
    results["minutes"] = (time.perf_counter() - started) / 60
    return json.loads(json.dumps(results))  # keys as text, as they will be read again


@contextlib.contextmanager
def workers(names, threads, folder):
    """Give a process to each peer, and end them all."""
    with contextlib.ExitStack() as stack:
        yield {
            name: stack.enter_context(contextlib.closing(worker.Worker(threads, name, folder)))
            for name in names
        }


def agreement(team):
    """Return how far the loss of each peer after 20 steps is from nnlib's; stop where it is too far."""
    found = {}
    for name, ask in team.items():
        if ask.traits["learns"]:
            batch_size = ask.traits["only_batch_size"] or 64
            reference = team["nnlib" if ask.traits["optimizer"] == "adam" else "nnlib, SGD"]
            expected = reference(worker.loss_after_steps, batch_size)
            found[name] = abs(ask(worker.loss_after_steps, batch_size) / expected - 1)
            if not found[name] < worker.TOLERANCE:
                raise SystemExit(f"{name} computes something else: its loss is {found[name]:.1e} off.")
    say(f"  losses after 20 steps agree with nnlib's, but for {max(found.values()):.0e} at most")
    return found


def peaks(team, settings):
    """Return the peak memory of each process after its first two epochs of batch size 64, in megabytes."""
    found = {}
    for name, ask in team.items():
        if ask.traits["optimizer"] == "adam":
            ask(worker.epoch_seconds, 64, settings["samples"][64])
            found[name] = ask(worker.peak_megabytes)
    return found


def epochs(team, settings):
    """Return seconds of an epoch of 60 000, for each peer and batch size those of all repeats."""
    seconds = {name: {} for name in team}
    for repeat in range(settings["repeats"]):
        for batch_size, samples in settings["samples"].items():
            for name, ask in team.items():
                if ask.traits["only_batch_size"] in (None, batch_size):
                    measured = ask(worker.epoch_seconds, batch_size, samples) * 60_000 / samples
                    seconds[name].setdefault(batch_size, []).append(measured)
        say(f"  epochs: repeat {repeat + 1} of {settings['repeats']}")
    return seconds


def predictions(team, settings):
    """Return seconds to predict one image and 10 000."""
    return {
        name: {n: ask(worker.predict_seconds, n, calls) for n, calls in settings["calls"].items()}
        for name, ask in team.items()
        if ask.traits["optimizer"] == "adam"
    }


def race(team, settings):
    """Return for each peer its runs to 97 % and 98 %, one a seed."""
    runs = {}
    for seed in range(settings["seeds"]):
        for name, ask in team.items():
            if ask.traits["learns"] and ask.traits["optimizer"] == "adam":
                recipe = (LEARNING_RATES, BATCH_SIZE, settings["race_samples"], GOALS)
                runs.setdefault(name, []).append(ask(worker.seconds_to_accuracy, seed, *recipe))
        say(f"  time to 97 % and 98 %: seed {seed + 1} of {settings['seeds']}")
    return runs


def with_a_busy_core(team, settings):
    """Return seconds of an epoch of 60 000 at batch 64 while another program keeps one core busy."""
    samples = settings["loaded_samples"]
    seconds = {}
    spinner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(spinner.pid, [max(os.sched_getaffinity(0))])
        for _ in range(min(3, settings["repeats"])):
            for name in [name for name in COMPARED if name in team]:
                measured = team[name](worker.epoch_seconds, 64, samples) * 60_000 / samples
                seconds.setdefault(name, []).append(measured)
    finally:
        spinner.kill()
        spinner.wait()
    return seconds


def say(line):
    print(line, flush=True)


if __name__ == "__main__":
    main()
