"""The exercises of chapter 00."""

import math
import platform
import time
from importlib import metadata

import numpy as np
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from nnlib import SGD, Dense, Network, ReLU, SoftmaxCrossEntropy, datasets, steps
from nnlib.teach.checks.engine import Verdict, sheet, shown
from nnlib.teach.shapes import two_layer_shapes

__all__ = ["installation", "shapes"]

BATCH = 32  # of exercise 0.1; no other of its sizes is the same


@sheet(
    names="X W1 b1 A1 W2 Z2 dW1 db2".split(),
    hint="begin with X. How many samples are in the batch, and how many numbers has each? Write it as a"
    " tuple, (rows, columns).",
    praise="Right, all eight.",
)
def shapes(name, filled):
    """Check the dict of eight shapes: a batch of 32 in 784-100-10. See notebooks/00_start_here.ipynb."""
    found, shape = filled[name], two_layer_shapes(BATCH, 784, 100, 10)[name.removeprefix("d")]
    if type(found) is list:
        found = tuple(found)
    return None if _is_shape(found) and found == shape else _wrong_shape(name, found, shape)


def _is_shape(found):
    return isinstance(found, tuple) and all(isinstance(n, (int, np.integer)) for n in found)


def _wrong_shape(name, found, shape):
    """Return what was probably mixed up where `found` is not `shape`."""
    if isinstance(found, (int, np.integer)):
        number = found.item() if isinstance(found, np.integer) else found
        return (
            f"{shown(number)} is a number; a shape is a tuple, even with one entry. Python takes `(7)` for"
            " the number 7: what makes it a tuple is the comma, `(7,)`."
        )
    if isinstance(found, np.ndarray):
        return f"that is an array, of shape {found.shape}; write down the shape alone."
    if not _is_shape(found):
        return f"{shown(found)} is no shape; expected a tuple of whole numbers, such as `(5, 7)`."
    parameter = name.lstrip("d")[0] in "Wb"
    of = f" {name} has the shape of {name[1:]}." if name[0] == "d" else ""
    if len(shape) == 2 and found == shape[::-1]:
        rows = "a row for each input, a column for each output" if parameter else "a row for each sample"
        return f"{found} is transposed: expected {rows}.{of}"
    if len(shape) == 1 and sorted(found) == sorted((1, *shape)):
        return f"{found} has two axes; a bias is a plain list of numbers, neither a row nor a column.{of}"
    if parameter and BATCH in found:
        return (
            f"{found} has N = {BATCH} in it. The same parameters serve every sample: they do not know how"
            f" many there are.{of}"
        )
    if len(found) != len(shape):
        axes = ["no axis", "one axis", "two axes", "three axes"]
        return f"{found} has {axes[min(len(found), 3)]}; expected {axes[len(shape)]}.{of}"
    if not parameter and BATCH not in found:
        return f"{found} has no N = {BATCH} in it: expected a row for each sample."
    if not parameter and found[-1] == BATCH:
        return f"{found} has N = {BATCH} where the features belong: the columns are what one sample has."
    if not parameter:
        return f"the rows of {found} are right. The columns are not: how many numbers has one sample there?"
    ends = "inputs and outputs" if len(shape) == 2 else "outputs"
    return f"{found} does not fit: how many {ends} has this layer?{of}"


SLOW = 5  # seconds for an epoch of MNIST, from which on chapter 09 takes minutes
AGAIN = 'run `make lab` again, or `pip install --upgrade "nnlib-notebooks[lab]"`'


def installation():
    """Check versions and data, and measure how fast this machine trains; each finding has its line.

    See notebooks/00_start_here.ipynb.
    """
    lines = [*_versions(), _data(), _speed()]
    failed = sum(not fine for fine, _ in lines)
    head = f"{failed} of {len(lines)} need your attention." if failed else "Everything is as it should be."
    return Verdict(
        not failed, "\n".join([head, "", *(f"- {'✓' if fine else '✗'} {text}" for fine, text in lines)])
    )


def _versions():
    try:
        version, declared = metadata.version("nnlib-notebooks"), metadata.metadata("nnlib-notebooks")
    except metadata.PackageNotFoundError:
        return [(False, f"nnlib is not installed: {AGAIN}")]
    requirements = map(Requirement, declared.get_all("Requires-Dist"))
    wanted = {requirement.name: requirement.specifier for requirement in requirements}
    lines = [(True, f"nnlib {version}")]
    python, specifier = platform.python_version(), SpecifierSet(declared["Requires-Python"])
    advice = (
        "" if python in specifier else f"; expected {specifier}: install it from python.org, then {AGAIN}"
    )
    lines.append((not advice, f"Python {python}{advice}"))
    for name in ("numpy", "matplotlib", "jupyterlab", "ipywidgets"):
        try:
            found = metadata.version(name)
            advice = "" if found in wanted[name] else f"; expected {wanted[name]}: {AGAIN}"
            lines.append((not advice, f"{name} {found}{advice}"))
        except metadata.PackageNotFoundError:
            if name != "jupyterlab":  # other programs open notebooks, too
                lines.append((False, f"{name} is not installed: {AGAIN}"))
    return lines


def _data():
    try:
        mnist = datasets.mnist()
    except (OSError, ValueError) as error:
        return False, f"MNIST: {error}"
    return (
        True,
        f"MNIST is whole: {len(mnist.X_train):,} digits to train on, {len(mnist.X_test):,} to test with",
    )


def _speed():
    """Time a hundred steps of the network of chapter 09, after twenty to warm up."""
    rng = np.random.default_rng(0)
    X, y = rng.random((120 * 64, 784), np.float32), rng.integers(10, size=120 * 64)
    net = Network(Dense(784, 128, rng=rng), ReLU(), Dense(128, 128, rng=rng), ReLU(), Dense(128, 10, rng=rng))
    run = steps(net, SoftmaxCrossEntropy(), SGD(net.params, lr=0.01), X, y, epochs=1, batch_size=64, rng=None)
    for _ in range(20):
        next(run)
    start = time.perf_counter()
    n = sum(1 for _ in run)
    rate = n / (time.perf_counter() - start)
    epoch = math.ceil(60_000 / 64) / rate
    text = f"{rate:,.0f} training steps a second: about {epoch:.1f} s for an epoch of MNIST in chapter 09"
    advice = ". That is slow: close other programs, then run this cell again" if epoch > SLOW else ""
    return not advice, text + advice
