"""More than one process, more than one machine: what it costs, and how it is done.

    costs       what a step takes on many workers, and a simulation of up to thousands of them
    clusters    a Dask cluster on this machine, or one elsewhere by its address
    sweeps      the same training for many seeds and learning rates
    parallel    one training, its batches shared among workers

Importing it loads NumPy alone; Dask is needed where processes are, and asked for there.
See notebooks/15_scaling_out.ipynb.
"""

# ruff: noqa: F401 (each name is listed once, in the `__all__` of its module)
from nnlib.scaling import clusters, costs, parallel, sweeps
from nnlib.scaling.clusters import cluster
from nnlib.scaling.costs import (
    Costs,
    Simulation,
    Span,
    expected_slowest,
    fit,
    ring,
    server,
    simulate,
    speed_up,
    step_time,
    tree,
)
from nnlib.scaling.parallel import DataParallel
from nnlib.scaling.sweeps import Sweep, sweep

__all__ = clusters.__all__ + costs.__all__ + parallel.__all__ + sweeps.__all__
