"""The formats of nnlib against those of PyTorch and JAX, bit by bit."""

import numpy as np
import pytest

from nnlib.teach.formats import BFLOAT16, FLOAT16


def values(rng):
    """Return numbers of float32 of every size, all finite ones of bfloat16, and what is halfway between."""
    x = rng.standard_normal(20_000) * 2.0 ** rng.integers(-140, 125, 20_000)
    halves = np.arange(2**17, dtype=np.uint32) << 15
    halves = halves.view(np.float32)
    return np.concatenate([x.astype(np.float32), halves[np.isfinite(halves)], np.float32([np.inf, -np.inf])])


def test_bfloat16_is_that_of_pytorch(rng):
    torch = pytest.importorskip("torch")
    x = values(rng)
    theirs = torch.from_numpy(x).to(torch.bfloat16).to(torch.float32).numpy()
    assert np.array_equal(BFLOAT16.round(x), theirs)


def test_bfloat16_is_that_of_jax(rng):
    jnp = pytest.importorskip("jax.numpy")
    x = values(rng)
    x = x[(np.abs(x) >= BFLOAT16.smallest_normal) | (x == 0)]  # JAX's compiler may take smaller ones for zero
    theirs = np.asarray(jnp.asarray(x).astype(jnp.bfloat16).astype(jnp.float32))
    assert np.array_equal(BFLOAT16.round(x), theirs)


def test_float16_is_that_of_pytorch(rng):
    torch = pytest.importorskip("torch")
    x = (rng.standard_normal(20_000) * 2.0 ** rng.integers(-30, 17, 20_000)).astype(np.float32)
    assert np.array_equal(FLOAT16.round(x), torch.from_numpy(x).to(torch.float16).to(torch.float32).numpy())
