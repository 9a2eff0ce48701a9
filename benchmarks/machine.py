"""What the measurements were taken on: no name of the machine, no path."""

import os
import platform
import re
import sys
from importlib import metadata
from pathlib import Path

import threadpoolctl

PACKAGES = ("numpy", "torch", "scikit-learn", "jax", "jaxlib", "keras")


def describe():
    """Return processor, memory, system, Python, versions of what is installed, and NumPy's BLAS."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gigabytes": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version for name in PACKAGES if (version := _version(name))},
        "blas": [
            {key: library.get(key) for key in ("internal_api", "version", "architecture", "num_threads")}
            for library in threadpoolctl.threadpool_info()
            if library["user_api"] == "blas"
        ],
    }


def _processor():
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.+)$", cpuinfo.read_text(), re.M) if cpuinfo.exists() else None
    return found[1] if found else platform.processor() or platform.machine()


def _memory():
    if sys.platform == "win32":
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
