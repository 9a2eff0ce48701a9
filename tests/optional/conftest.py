"""Tests of what chapters 14 and 15 can do without: `make optional` runs them, with all of it."""

from importlib.util import find_spec

PACKAGES = ("distributed", "jax", "keras", "onnx", "onnxruntime", "safetensors", "sklearn", "torch")

collect_ignore_glob = [] if all(map(find_spec, PACKAGES)) else ["test_*.py"]
