"""Which code a ✓ is about: a fingerprint of it, kept with the ✓ in the notebook and nowhere else.

Jupyter keeps the ✓ of a check when the code above it is changed. `nnlib progress` compares the fingerprint
with the code as it stands, and counts a ✓ that is older as tried.
"""

import ast
import hashlib
import sys
from typing import Any

__all__ = ["fingerprint", "judged", "stamp"]


def fingerprint(source: str) -> str:
    """Return 16 hexadecimal digits for the text of a cell; blank lines around it do not count."""
    if not isinstance(source, str):
        raise TypeError(f"source is a {type(source).__name__}; expected the text of a cell.")
    return hashlib.sha256(source.replace("\r\n", "\n").strip().encode("utf-8", "replace")).hexdigest()[:16]


def stamp(metadata: Any) -> str | None:
    """Return the fingerprint in the metadata of an output; None where there is none."""
    ours = dict.get(metadata, "nnlib") if isinstance(metadata, dict) else None
    mark = dict.get(ours, "judged") if isinstance(ours, dict) else None
    return mark if isinstance(mark, str) else None


def judged() -> dict[str, dict[str, str]]:
    """Return the metadata for the ✓ that the running cell shows: which cell defined what its check was given.

    It is empty outside of a notebook, and where the check was given no name.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    history = shell.history_manager.input_hist_raw if shell else []
    for name in _answers(history[-1]) if history else []:
        for source in reversed(history):
            if name in source and name in _bound(source):
                return {"nnlib": {"judged": fingerprint(source)}}
    return {}


def _answers(source):
    """Return the names that a cell hands to checks, first arguments only."""
    return [
        node.args[0].id
        for node in ast.walk(_tree(source))
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Name)
        if isinstance(node.func, ast.Attribute)
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "checks"
    ]


def _bound(source):
    """Return the names that a cell defines."""
    found = set()
    for node in _tree(source).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def _tree(source):
    try:
        return ast.parse(source)
    except SyntaxError:  # a magic, or a cell that did not run
        return ast.Module([], [])
