"""The data of `docs/living/numeric_stepper.js`: what is computed, in which step, and where it is drawn."""

import re

from nnlib.teach.widgets.numeric_stepper import (
    BESIDE,
    EDGES,
    NODES,
    PARAMETERS,
    PLACES,
    RADIUS,
    STEPS,
    NumericStepper,
    numbers,
    symbol,
    written,
)
from tools.book.living import rows
from tools.book.living.tape import Tape

KIND = "computed"
INPUTS = ("x1", "x2", "y", "lr")
BELOW = (0, -0.27)  # where a gradient stands that has no other place


def data(call):
    """Return controls, steps, graph, and the tape of a step of gradient descent."""
    tape = Tape()
    values = numbers(*(tape.inputs() for _ in INPUTS))
    return {
        "rows": rows(NumericStepper()),
        "inputs": INPUTS,
        "names": list(values),
        "tape": tape.written(values.values()),
        "steps": [
            {"title": step.title, "lines": [_line(name, template) for name, template in step.lines.items()]}
            for step in STEPS
        ],
        "symbols": {name: written(name) for name in values},
        "known": ["x1", "x2", "y", *PARAMETERS],
        "nodes": [[name == "L", *place] for name, place in NODES.items()],
        "edges": [[*NODES[start], *NODES[end]] for start, end in EDGES],
        "radius": RADIUS,
        "labels": [
            {"name": name, "colour": _colour(name), "place": place, "beside": BESIDE.get(name, BELOW)}
            for name, place in PLACES.items()
        ],
    }


def _line(name, template):
    """Return a line in symbols, and in pieces, every second of which is a name that a number stands for."""
    symbols = re.sub(r"{(.*?)}", lambda found: symbol(found[1]), template.replace("*", r"\,"))
    pieces = re.split(r"{(.*?)}", template.replace("*", r"\cdot"))
    return {"name": name, "symbols": f"{symbol(name)} = {symbols}", "pieces": pieces}


def _colour(name):
    return "parameter" if name in PARAMETERS else "loss" if name == "L" else "data"
