"""Packages that a chapter can do without: where one is missing, it says in a line how to get it."""

import importlib

# What is imported, what it is called, and what pip installs.
PACKAGES = {
    "dask": ("Dask", '"dask[distributed]"'),
    "jax": ("JAX", "jax"),
    "keras": ("Keras", "keras jax"),
    "onnx": ("ONNX", "onnx onnxruntime"),
    "onnxruntime": ("ONNX Runtime", "onnxruntime"),
    "safetensors": ("safetensors", "safetensors"),
    "sklearn": ("scikit-learn", "scikit-learn"),
    "torch": ("PyTorch", "torch"),
}


def load(name):
    """Return the package, or None after a line that says what is missing and how it is installed.

    Parameters
    ----------
    name : str
        What is imported: one of the keys of `PACKAGES`, or a module in it, ``"sklearn.neural_network"``.

    Returns
    -------
    module or None

    Raises
    ------
    ValueError
        If the package is none of those that a chapter can do without.
    """
    package = name.partition(".")[0]
    if package not in PACKAGES:
        raise ValueError(f"name must be one of {', '.join(PACKAGES)}, got {name!r}")
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != package:
            raise
    title, wanted = PACKAGES[package]
    print(
        f"{title} is not installed here, and this section reads without it. To run it: pip install {wanted}"
    )
    return None
