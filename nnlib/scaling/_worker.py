"""What the process of a worker begins with, on this machine: `cluster` lets Dask load it there.

The stop button of JupyterLab and ctrl-C interrupt all processes of a group. They are meant for the notebook
or the script; a worker that ended with it would take its shard along.
"""

import signal
from typing import Any


def dask_setup(worker: Any) -> None:
    """Ignore interrupts from here on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
