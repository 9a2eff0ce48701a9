"""The checks of chapter 03, beside the attempts."""

import numpy as np

from nnlib.teach import checks


def test_a_switched_off_warning_is_heard_all_the_same():
    with np.errstate(all="ignore"):
        verdict = checks.stable_sigmoid(lambda X: 1 / (1 + np.exp(-X)))
    assert not verdict and "NumPy warns: overflow" in verdict.text
