"""The tables of names in chapters 14 and 16 leave no name of nnlib out."""

import re

import nbformat

import nnlib
from tests.checkout import ROOT


def test_each_public_name_has_its_row():
    cells = nbformat.read(ROOT / "notebooks" / "14_frameworks.ipynb", 4).cells
    (table,) = [cell.source for cell in cells if "| `nnlib` | elsewhere |" in cell.source]
    rows = re.findall(r"^\| (`.*?) \|", table.partition("| line of")[0], re.M)
    cells = nbformat.read(ROOT / "notebooks" / "16_attention.ipynb", 4).cells
    (table,) = [cell.source for cell in cells if "| here | in PyTorch |" in cell.source]
    rows += re.findall(r"^\| (`.*?)[(`].*? \|", table, re.M)
    named = {name for row in rows for name in re.findall(r"`(\w+)", row)}
    assert {*nnlib.__all__, "Tensor", "he", "xavier"} <= named
