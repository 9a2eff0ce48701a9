"""All notebooks ten times in a row, with one and two threads, on several processor cores: `make thorough`."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from nbval import kernel

ROOT = Path(__file__).resolve().parents[1]
CORES = ["", "Haswell", "Sandybridge"]  # the machine's own, and two that OpenBLAS can be told to compute for
ROUNDS = list(itertools.islice(itertools.cycle(itertools.product(CORES, ["1", "2"])), 10))


def environment(core, threads):
    settings = {"OPENBLAS_CORETYPE": core, "OPENBLAS_NUM_THREADS": threads}
    return os.environ | {name: value for name, value in settings.items() if value}


def kernels(mark):
    """The processes that have this mark in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("NNLIB_ROUND") == mark:
                found.append(process.cmdline())
        except psutil.Error:
            pass  # ended meanwhile, or another user's
    return found


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="which core OpenBLAS takes differs elsewhere")
@pytest.mark.parametrize("core", CORES[1:])
def test_openblas_computes_for_the_core_that_it_is_told(core):
    script = "import numpy, threadpoolctl; print(threadpoolctl.threadpool_info()[0]['architecture'])"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment(core, "1"), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == core


@pytest.mark.parametrize("silent, answers", [(0, True), (2, True), (3, False)])
def test_a_kernel_that_does_not_answer_is_started_again(silent, answers, monkeypatch):
    waited = []

    def start(startup_timeout, **options):
        waited.append(startup_timeout)
        if len(waited) <= silent:
            raise RuntimeError("Kernel didn't respond")
        return options

    monkeypatch.setitem(kernel.start_new_kernel.__globals__, "start", start)
    if answers:
        assert kernel.start_new_kernel(cwd="here") == {"cwd": "here"}
    else:
        with pytest.raises(RuntimeError, match="respond"):
            kernel.start_new_kernel()
    assert waited == [30, 30, 60][: silent + 1]


@pytest.mark.slow
def test_a_kernel_left_behind_would_be_found():
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(
        command, env=os.environ | {"NNLIB_ROUND": "left"}, stdin=subprocess.PIPE
    ) as process:
        assert kernels("left") == [command]
        process.communicate(b"\n")
    assert kernels("left") == []


@pytest.mark.slow
@pytest.mark.parametrize("number, core, threads", [(k, *round) for k, round in enumerate(ROUNDS, 1)])
def test_all_notebooks_run_again(number, core, threads):
    mark = f"{os.getpid()}-{number}"
    env = environment(core, threads) | {"NNLIB_ROUND": mark, "PYTHONWARNINGS": "error::RuntimeWarning"}
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-cell-timeout=120", "notebooks"]
    command += ["-n", "2", "--dist", "loadscope"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, f"core {core or 'of the machine'}, {threads} threads\n{done.stdout[-5000:]}"
    assert kernels(mark) == []
