"""Exercise 5.1: each known slip hears its own words, and no two of them look alike."""

import numpy as np
import pytest

from nnlib.teach import checks
from nnlib.teach.checks.backpropagation import ROUNDING, known_slips, lines, right_numbers


@pytest.mark.parametrize("name", lines.results)
def test_no_two_slips_look_alike(name):
    right = right_numbers()
    slips = dict(known_slips(name, right))
    assert np.diff(sorted([right[name], *slips])).min() > 2 * ROUNDING
    for value, why in slips.items():
        assert f"- `{name}`: {value:.4g}. {why}" in checks.by_hand(right | {name: value}).text
