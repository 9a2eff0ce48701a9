"""A network: layers in order."""

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlib import _files
from nnlib import _validation as check
from nnlib._doors import NetworkDoors, bare, through
from nnlib._types import Array
from nnlib.layers import Layer

__all__ = ["Network"]


class Network(NetworkDoors):
    """Y_hat = f_k(… f_2(f_1(X))): each layer's output is the next one's input.

    Parameters
    ----------
    *layers : Layer
        At least one. Widths have to fit, all parameters share one dtype, and no layer may appear twice: it
        keeps what its backward needs.

    Attributes
    ----------
    layers : tuple of Layer
    params : list of ndarray
        All parameters, from the first layer to the last: the arrays that learn. To keep their values, copy.
    grads : list of ndarray
        What the last `backward` found for each of them.
    dtype : dtype or None
        That of the parameters; inputs are cast to it.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> Network(Dense(2, 8, rng=rng), Tanh(), Dense(8, 1, rng=rng))
    Network(Dense(2, 8), Tanh(), Dense(8, 1))  # 33 parameters, float32

    See notebooks/05_backpropagation.ipynb.
    """

    def __init__(self, *layers: Layer):
        _check_layers(layers)
        self.layers = layers
        self.params = [p for layer in layers for p in layer.params]
        dtypes = {str(p.dtype) for p in self.params}
        if len(dtypes) > 1:
            raise ValueError(f"the parameters are {' and '.join(sorted(dtypes))}; expected one dtype.")
        self.dtype = self.params[0].dtype if self.params else None
        self._first = next((i for i, layer in enumerate(layers) if layer.params), 0)

    @property
    def grads(self) -> list[Array]:
        return [g for layer in self.layers for g in layer.grads]

    def forward(self, X: Array, training: bool = False) -> Array:
        """Return the output, (N, n_out), for X, (N, n_in). `training` is True inside the training loop."""
        for layer in self.layers:
            X = through(layer, X, training)
        return X

    def backward(self, dY: Array, input_gradient: bool = True) -> Any:
        """Return dX, (N, n_in), for dY, (N, n_out), and let every layer assign its gradients.

        With `input_gradient=False` nothing is returned: training never uses the first layer's dX, which would
        cost a third of the work.
        """
        first = 0 if input_gradient else self._first
        for layer in reversed(self.layers[first + 1 :]):
            dY = bare(layer.backward)(dY)
        if input_gradient:
            return bare(self.layers[0].backward)(dY)
        return bare(self.layers[first].parameter_gradients)(dY)

    def predict(self, X: Array, *, batch_size: int = 1000) -> Array:
        """Return the output for X, computed `batch_size` rows at a time: a large X needs little memory.

        Under a loss that takes logits the output is logits: `softmax` or `sigmoid` makes probabilities of it.
        """
        batch_size = check.whole(batch_size, "batch_size", 1)
        return np.concatenate([self.forward(X[i : i + batch_size]) for i in range(0, len(X), batch_size)])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the parameters to `path`, a `.npz` file, without pickle.

        The file is written beside it under another name and renamed when it is whole, so that an interrupted
        save leaves the old file as it was.
        """
        _files.save(self.params, path)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Copy the parameters in `path`, written by `save` of a network of the same shapes, into this one.

        Raises
        ------
        OSError, ValueError
            If there is no such file, or it is damaged, or of other shapes; this network is then unchanged.
        """
        arrays = _files.load(path, self.params, self.dtype)
        for p, array in zip(self.params, arrays, strict=True):
            p[...] = array

    def __repr__(self) -> str:
        layers = ", ".join(map(repr, self.layers))
        return f"Network({layers})  # {sum(p.size for p in self.params):,} parameters, {self.dtype}"


def _check_layers(layers: tuple[Layer, ...]) -> None:
    if not layers:
        raise ValueError("Network() has no layers; expected at least one, as in Network(Dense(…), …).")
    width = None
    before = ""
    for i, layer in enumerate(layers, 1):
        star = ". A star takes them out of a list: Network(*layers)" if isinstance(layer, list) else ""
        check.instance(layer, f"layer {i}", Layer, f"a Layer{star}")
        seen = [part for other in layers[: i - 1] for part in _parts(other)]
        for part in _parts(layer):
            if any(part is other for other in seen):
                found = f"is the same {layer}" if part is layer else f"{layer}, holds the same {part}"
                comma = "" if part is layer else ","
                raise ValueError(f"layer {i}{comma} {found} as one before; expected one object each.")
            seen.append(part)
        if width is not None and (n := layer.n_in) not in (None, width):
            raise ValueError(f"layer {i}, {layer}, expects {n} features, but {before} gives {width}.")
        if layer.n_out is not None:
            width = layer.n_out
            before = f"layer {i}, {layer},"
        elif not layer._keeps_width:
            width = None


def _parts(layer: Layer) -> Iterator[Layer]:
    """Yield a layer, and those that it is made of."""
    yield layer
    for part in getattr(layer, "layers", ()):
        yield from _parts(part)
