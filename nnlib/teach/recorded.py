"""What `make experiments` recorded, for the chapters that tell of it."""

import json
from pathlib import Path

from nnlib.teach import _doors as door

__all__ = ["recorded"]

FOLDER = Path(__file__).resolve().parents[1] / "data" / "experiments"


def recorded(name):
    """Return the record of a long experiment: what it is, what came out, on which machine, in how long.

    Parameters
    ----------
    name : str
        That of its module in `experiments/`.

    Returns
    -------
    dict with "what", "seconds", "machine" and "results"

    Raises
    ------
    ValueError
        If there is no such record.

    See notebooks/08_xor.ipynb.
    """
    names = sorted(path.stem for path in FOLDER.glob("*.json"))
    if door.text(name, "name") not in names:
        raise ValueError(f"there is no record {door.told(name)}; expected one of {', '.join(names)}.")
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
