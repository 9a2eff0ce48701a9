"""Tests with JupyterLite: `make lite` runs them, in an environment of its own."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("jupyterlite_pyodide_kernel") else ["test_*.py"]
