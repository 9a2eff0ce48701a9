"""The patients of chapter 13: each bug is what its words say."""

import numpy as np
import pytest

from nnlib.autograd import Tensor
from nnlib.teach import tape_bugs
from nnlib.teach.patients import RIGHT
from nnlib.teach.tape_bugs import CHOICES, SETTINGS, Program

SCALARS = list(SETTINGS)[:5]
ROW, COLUMN, BOTH, TWICE = list(SETTINGS)[5:]
# In which settings a bug is seen; all others it spares.
SEEN = {
    "assigned": set(SCALARS[1:]),
    "breadth-first": {SCALARS[4]},
    "depth-first": {SCALARS[2], SCALARS[4]},
    "grads-kept": {TWICE},
    "leading-axes": {COLUMN, BOTH},
    "mean": {ROW, COLUMN, BOTH},
    "never-added": {ROW, COLUMN, BOTH},
    "sent-again": set(SCALARS[2:]),
}


@pytest.mark.parametrize("key", CHOICES)
def test_a_bug_is_seen_where_it_should_be(key):
    errors = tape_bugs.WARD.errors(key)
    wrong = {setting for setting in SETTINGS if any(not e < RIGHT for e in errors[setting].values())}
    assert wrong == SEEN[key]
    assert all(np.isnan(e) or e < RIGHT / 10 or e > 0.01 for row in errors.values() for e in row.values())


def test_a_table_has_a_row_for_each_setting():
    rows = str(tape_bugs.symptoms(2)).splitlines()
    assert len(rows) == 1 + len(SETTINGS) and rows[0].startswith("tape 2")
    assert [row[:24].strip() for row in rows[1:]] == list(SETTINGS)
    assert rows[1].split()[-2:] == ["0", "0"] and rows[-2].split()[-2:] == ["0", "shape"]
    assert list(tape_bugs.symptoms(1).errors) == list(SETTINGS)


@pytest.mark.parametrize("setting", SETTINGS)
def test_without_a_bug_it_is_the_tape_of_nnlib(setting):
    x_shape, w_shape, expression, calls = SETTINGS[setting]
    rng = np.random.default_rng(1)
    leaves = [Tensor(rng.uniform(0.4, 1.2, shape)) for shape in (x_shape, w_shape)]
    result = expression(*leaves)
    grads = tape_bugs._walked(result, Program(), calls)
    assert all(leaf.grad is None for leaf in leaves)
    for _ in range(calls):
        result.backward()
    assert all(np.allclose(grads[leaf.number], leaf.grad, rtol=1e-12) for leaf in leaves)
    assert all(error < RIGHT for error in tape_bugs._errors(Program(), *SETTINGS[setting]).values())


def test_what_was_published_is_what_these_programs_do():
    a = Tensor(1.0)  # micrograd, pull request 64: 4 is right, and each path gives 8
    b = a + a
    c = b + b
    again, right = (tape_bugs._walked(c, p, 1) for p in (CHOICES["sent-again"].program, Program()))
    assert (float(again[a.number]), float(right[a.number])) == (8, 4)
    a, b, d = Tensor(3.0), Tensor(2.0), Tensor(1.0)  # micrograd, issue 53: 1 after one call, 3 after two
    e = (a + b) * d
    kept = CHOICES["grads-kept"].program
    assert [float(tape_bugs._walked(e, kept, calls)[a.number]) for calls in (1, 2)] == [1, 3]
    a = Tensor(3.0)  # the lecture on micrograd: a + a has the slope 1
    assert float(tape_bugs._walked(a + a, CHOICES["assigned"].program, 1)[a.number]) == 1
    row, rows = Tensor(np.ones((1, 4))), Tensor(np.ones((3, 4)))  # nd4j, issue 2424
    result = (rows + row).sum()
    assert tape_bugs._walked(result, CHOICES["never-added"].program, 1)[row.number].shape == (3, 4)
