"""A network: layers in order."""

import os
import threading

import numpy as np

from nnlib import _validation as check
from nnlib.layers import Layer

__all__ = ["Network"]


class Network:
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
        All parameters, from the first layer to the last.
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

    def __init__(self, *layers):
        if not layers:
            raise ValueError("Network() has no layers; expected at least one, as in Network(Dense(…), …).")
        width, before = None, None
        for i, layer in enumerate(layers, 1):
            check.instance(layer, f"layer {i}", Layer, "a Layer")
            if any(layer is other for other in layers[: i - 1]):
                raise ValueError(f"layer {i} is the same {layer} as one before; expected one object each.")
            if width is not None and (n := layer.n_in) not in (None, width):
                raise ValueError(f"layer {i}, {layer}, expects {n} features, but {before} gives {width}.")
            if layer.n_out is not None:
                width, before = layer.n_out, f"layer {i}, {layer},"
        self.layers = layers
        self.params = [p for layer in layers for p in layer.params]
        dtypes = {str(p.dtype) for p in self.params}
        if len(dtypes) > 1:
            raise ValueError(f"the parameters are {' and '.join(sorted(dtypes))}; expected one dtype.")
        self.dtype = self.params[0].dtype if self.params else None
        self._first = next((i for i, layer in enumerate(layers) if layer.params), 0)

    @property
    def grads(self):
        return [g for layer in self.layers for g in layer.grads]

    def forward(self, X, training=False):
        """Return the output, (N, n_out), for X, (N, n_in). `training` is True inside the training loop."""
        A = check.samples(X, "X", self.layers[0].n_in, self.dtype)
        for layer in self.layers:
            A = layer.forward(A, training)
        self._Y_hat = check.floats(A, "the output")
        return self._Y_hat

    def backward(self, dY, input_gradient=True):
        """Return dX, (N, n_in), for dY, (N, n_out), and let every layer assign its gradients.

        With `input_gradient=False` nothing is returned: training never uses the first layer's dX, which would
        cost a third of the work.
        """
        dY = check.gradient(dY, self, "_Y_hat", dtype=self.dtype)
        first = 0 if input_gradient else self._first
        for layer in reversed(self.layers[first + 1 :]):
            dY = layer.backward(dY)
        if input_gradient:
            return self.layers[0].backward(dY)
        self.layers[first].parameter_gradients(dY)

    def predict(self, X, *, batch_size=1000):
        """Return the output for X, computed `batch_size` rows at a time: a large X needs little memory."""
        X = check.finite(check.samples(X, "X", self.layers[0].n_in), "X", self.dtype)
        batch_size = check.whole(batch_size, "batch_size", 1)
        return np.concatenate([self.forward(X[i : i + batch_size]) for i in range(0, len(X), batch_size)])

    def save(self, path):
        """Write the parameters to `path`, a `.npz` file, without pickle.

        The file is written beside it under another name and renamed when it is whole, so that an interrupted
        save leaves the old file as it was.
        """
        path = check.path(path)
        part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
        try:
            with open(part, "wb") as file:
                np.savez(file, **{f"param{i}": p for i, p in enumerate(self.params)})
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)

    def load(self, path):
        """Copy the parameters in `path`, written by `save` of a network of the same shapes, into this one.

        Raises
        ------
        OSError, ValueError
            If there is no such file, or it is damaged, or of other shapes; this network is then unchanged.
        """
        with open(check.file(path), "rb") as file:
            try:
                with np.load(file, allow_pickle=False) as saved:
                    members, size = saved.zip.infolist(), os.fstat(file.fileno()).st_size
                    if any(m.compress_type for m in members) or sum(m.file_size for m in members) > size:
                        raise ValueError("its members are compressed, or larger than itself")
                    names = (f"param{i}" for i in range(len(members)))
                    arrays = [check.numbers(saved[name], name, self.dtype) for name in names]
            except Exception as error:  # a damaged file can raise a dozen kinds, from zipfile, zlib and NumPy
                raise ValueError(f"{path} is not a whole file written by Network.save ({error}).") from error
        found, expected = [a.shape for a in arrays], [p.shape for p in self.params]
        if found != expected:
            raise ValueError(f"{path} holds parameters of shapes {found}; this network expects {expected}.")
        for i, array in enumerate(arrays):
            check.finite(array, f"{path}: param{i}")
        for p, array in zip(self.params, arrays, strict=True):
            p[...] = array

    def __repr__(self):
        layers = ", ".join(map(repr, self.layers))
        return f"Network({layers})  # {sum(p.size for p in self.params):,} parameters, {self.dtype}"
