"""Starting values for the weights of a layer.

An initializer is a function `init(rng, n_in, n_out)` that returns an array of shape (n_in, n_out); `Dense`
takes any such function. Biases start at zero. See notebooks/10_initialisation_and_optimisers.ipynb.
"""

import math

from nnlib import _validation as check
from nnlib._types import Array, Generator

__all__ = ["he", "standard_normal", "uniform", "xavier"]


def uniform(rng: Generator, n_in: int, n_out: int) -> Array:
    """W ~ U[-0.5, 0.5), whatever the width: what many first tutorials use.

    See notebooks/10_initialisation_and_optimisers.ipynb.
    """
    shape = check.widths(rng, n_in, n_out)
    return rng.uniform(-0.5, 0.5, shape)


def standard_normal(rng: Generator, n_in: int, n_out: int) -> Array:
    """W ~ N(0, 1), whatever the width: saturates tanh and sigmoid in wide layers.

    See notebooks/10_initialisation_and_optimisers.ipynb.
    """
    shape = check.widths(rng, n_in, n_out)
    return rng.standard_normal(shape)


def xavier(rng: Generator, n_in: int, n_out: int) -> Array:
    """W ~ N(0, 2 / (n_in + n_out)), for tanh and sigmoid.

    Source: Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural
    networks, section 4.2.1. See notebooks/10_initialisation_and_optimisers.ipynb.
    """
    shape = check.widths(rng, n_in, n_out)
    return math.sqrt(2 / (n_in + n_out)) * rng.standard_normal(shape)


def he(rng: Generator, n_in: int, n_out: int) -> Array:
    """W ~ N(0, 2 / n_in), for ReLU.

    Source: He, Zhang, Ren and Sun (2015), Delving deep into rectifiers, section 2.2.
    See notebooks/10_initialisation_and_optimisers.ipynb.
    """
    shape = check.widths(rng, n_in, n_out)
    return math.sqrt(2 / n_in) * rng.standard_normal(shape)
