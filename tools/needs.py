"""Measure what a learner needs of a server: `python -m tools.needs [NN …]`, every chapter without a number.

Each chapter is run once, as it is stored, in a fresh kernel. What is measured is the kernel with all that it
starts: the most memory that it has at a time, and the seconds of processor that it takes. The table in
teaching/servers/README.md is written anew; rows that were not measured stay.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import nbformat
import psutil
from nbclient import NotebookClient

from tools.notebooks import CHAPTERS, KERNEL_ENVIRONMENT

ROOT = CHAPTERS.parent
PAGE = ROOT / "teaching" / "servers" / "README.md"
BETWEEN = re.compile(r"(?<=<!-- needs -->\n).*?(?=<!-- /needs -->)", re.S)
HEAD = "| chapter | memory, MB | processor, s |\n|---|---:|---:|\n"
SERVER = "the server itself"
MEGABYTE = 1e6
PAUSE = 0.05  # seconds between two looks at the memory

# What the kernel has used, and what those that it started and saw end have.
TIMES = "import json, os\nprint(json.dumps(list(os.times()[:4])))"


class Needs(NamedTuple):
    """Memory in MB, and processor seconds."""

    memory: float
    processor: float

    def row(self, name):
        return f"| {name} | {self.memory:.0f} | {self.processor:.0f} |\n"


class Watch(threading.Thread):
    """The most memory that a process and all that it has started have together, until `done` is set."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.process, self.done, self.most = psutil.Process(pid), threading.Event(), 0

    def run(self):
        while not self.done.wait(PAUSE):
            self.most = max(self.most, resident(self.process))


def resident(process):
    """Return the bytes of memory of a process and of those that it has started, if they still run."""
    total = 0
    for one in (process, *_children(process)):
        try:
            total += one.memory_info().rss
        except psutil.Error:
            continue
    return total


def _children(process):
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def of_chapter(path):
    """Return the needs of a notebook; RuntimeError of nbclient where a cell fails."""
    nb = nbformat.read(path, as_version=4)
    nb.cells.append(nbformat.v4.new_code_cell(TIMES))
    client = NotebookClient(
        nb, kernel_name="python3", timeout=600, extra_arguments=["--IPKernelApp.log_level=ERROR"]
    )
    with client.setup_kernel(cwd=str(path.parent), env={**os.environ, **KERNEL_ENVIRONMENT}):
        watch = Watch(client.km.provisioner.pid)
        watch.start()
        for number, cell in enumerate(nb.cells):
            client.execute_cell(cell, number)
        watch.done.set()
        watch.join()
    return Needs(watch.most / MEGABYTE, sum(json.loads(nb.cells[-1].outputs[-1].text)))


def of_server():
    """Return the needs of one learner's JupyterLab without a kernel, once it listens."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0"]
        options = [
            f"--notebook-dir={folder}",
            "--LabApp.news_url=None",
            *(["--allow-root"] * (os.geteuid() == 0)),
        ]
        environment = {**os.environ, "JUPYTER_RUNTIME_DIR": folder}
        with subprocess.Popen(
            command + options, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as server:
            try:
                while server.poll() is None and not [*Path(folder).glob("jpserver-*.json")]:
                    time.sleep(PAUSE)
                time.sleep(2)  # extensions are loaded after it listens
                process = psutil.Process(server.pid)
                return Needs(resident(process) / MEGABYTE, sum(process.cpu_times()[:4]))
            finally:
                server.terminate()


def rows(page):
    """Return the rows of the table in a page, by the names of their chapters."""
    return {name: row for row, name in re.findall(r"^(\| ([^|]+?) \|.*\n)", BETWEEN.search(page)[0], re.M)}


def main(numbers):
    page = PAGE.read_text("utf-8")
    known = rows(page)
    if not numbers or "server" in numbers:
        known[SERVER] = of_server().row(SERVER)
    for path in sorted(CHAPTERS.glob("*.ipynb")):
        if not numbers or path.stem.partition("_")[0] in numbers:
            known[path.stem] = of_chapter(path).row(path.stem)
            print(known[path.stem], end="", flush=True)
    stems = [path.stem for path in sorted(CHAPTERS.glob("*.ipynb"))]
    table = HEAD + "".join(known[name] for name in [SERVER, *stems] if name in known)
    PAGE.write_text(BETWEEN.sub(lambda _: table, page), "utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
