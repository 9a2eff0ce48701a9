"""Run the chapters and store them with their outputs.

    python tools/notebooks.py                      every chapter in notebooks/
    python tools/notebooks.py notebooks/08_*.ipynb these only

Each runs in a fresh kernel and is written back without anything that a second run on the same machine
would change. A chapter that fails stays as it was, and the exit status is 1.
"""

import argparse
import copy
import hashlib
import os
import re
import sys
import time
import uuid
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError

from nnlib.command.serving import DIGESTS

CHAPTERS = Path(__file__).resolve().parents[1] / "notebooks"
# What JupyterLab writes, but for the version of Python, which is the reader's.
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}
KERNEL_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONWARNINGS": "error::RuntimeWarning",
    # Another backend, set in the shell, would store chapters without a single figure.
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# At least nine digits: 0x00000803, the magic number of an IDX file, is no address.
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{9,16}\b")


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("chapter", nargs="*", type=Path, help="default: every chapter in notebooks/")
    failed = 0
    for path in parser.parse_args(arguments).chapter or sorted(CHAPTERS.glob("*.ipynb")):
        start = time.perf_counter()
        try:
            changed = store(path, execute(nbformat.read(path, as_version=4), path.resolve().parent))
        except (OSError, RuntimeError, ValueError, nbformat.ValidationError) as error:
            failed += 1
            print(f"{path.name}: FAILED, the file stays as it was. {error}", file=sys.stderr)
        else:
            seconds = time.perf_counter() - start
            print(f"{path.name}: {seconds:.1f} s, {'written' if changed else 'unchanged'}", flush=True)
    record()
    return 1 if failed else 0


def execute(nb, folder):
    """Return `nb` normalised, with the outputs of a fresh kernel whose working directory is `folder`."""
    nb = normalise(nb)
    client = NotebookClient(
        nb, kernel_name="python3", timeout=120, extra_arguments=["--IPKernelApp.log_level=ERROR"]
    )
    try:
        client.execute(cwd=str(folder), env={**os.environ, **KERNEL_ENVIRONMENT})
    except (CellControlSignal, DeadKernelError) as error:
        message = re.sub(r"\x1b\[[\d;]*m", "", str(error))
        raise RuntimeError(f"In [{client.code_cells_executed}]: {message}") from None
    return normalise(nb)


def normalise(nb):
    """Return a copy of `nb` as it is stored; ValueError where an output would change from run to run."""
    cells, ids, count = [], set(), 0
    for cell in copy.deepcopy(nb.cells):
        cell.source = cell.source.replace("\r\n", "\n").lstrip("\n").rstrip()
        if not cell.source:
            continue
        if cell.get("id") is None or cell.id in ids:
            cell.id = uuid.uuid4().hex[:8]
        ids.add(cell.id)
        cell.metadata = _cell_metadata(cell.metadata)
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            volatile = "volatile" in cell.metadata.get("tags", [])
            cell.outputs = [] if volatile else _outputs(cell.outputs, count)
        cells.append(cell)
    return nbformat.from_dict({"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5})


def _cell_metadata(metadata):
    tags = metadata.get("tags", [])
    kept = {"tags": tags} if tags else {}
    if "alt" in metadata:  # what nbconvert writes beside the figure for those who do not see it
        kept["alt"] = metadata["alt"]
    if "solution" in tags or metadata.get("jupyter", {}).get("source_hidden"):
        kept["jupyter"] = {"source_hidden": True}
    return nbformat.from_dict(kept)


def _outputs(outputs, count):
    kept = []
    for output in outputs:
        data = output.get("data", {})
        if WIDGET_VIEW in data:
            continue
        if "image/png" in data and data.get("text/plain", "").startswith("<Figure size "):
            del data["text/plain"]
        if output.output_type == "execute_result":
            output.execution_count = count
        if "metadata" in output:
            output.metadata.pop("nnlib", None)  # which code a ✓ is about: for a reader's own
        texts = [output.get("text", ""), *(data[kind] for kind in data if kind.startswith("text/"))]
        if address := ADDRESS.search("\n".join(texts)):
            raise ValueError(f"In [{count}] shows a memory address, {address[0]}, another one in every run.")
        if kept and output.output_type == "stream" == kept[-1].output_type and output.name == kept[-1].name:
            kept[-1].text += output.text
        else:
            kept.append(output)
    return kept


def serialise(nb):
    """Return the text of the file that holds `nb`."""
    nbformat.validate(nb)
    return nbformat.writes(nb) + "\n"


def store(path, nb):
    """Write `nb` to `path`, whole or not at all; return whether the file changed."""
    new = serialise(nb).encode()
    if new == path.read_bytes():
        return False
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(new)
    temporary.replace(path)
    return True


def record():
    """Write down the digest of each notebook, by which `nnlib.command.serving` knows it as it is stored."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(CHAPTERS.glob("*.ipynb"))
    ]
    DIGESTS.write_text("".join(lines), "utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
