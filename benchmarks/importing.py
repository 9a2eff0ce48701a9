"""How long `import nnlib` takes, beside the import of NumPy that it contains."""

import statistics
import subprocess
import sys

CODE = """
from time import perf_counter
times = [perf_counter()]
import numpy
times.append(perf_counter())
import nnlib
times.append(perf_counter())
print(times[1] - times[0], times[2] - times[0])
"""


def measure(quick):
    """Return median seconds of the import of NumPy and of nnlib, NumPy included, in fresh interpreters."""
    runs = []
    for _ in range(3 if quick else 15):
        done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
        runs.append([float(seconds) for seconds in done.stdout.split()])
    numpy, nnlib = map(statistics.median, zip(*runs, strict=True))
    return {"numpy_seconds": numpy, "nnlib_seconds": nnlib}
