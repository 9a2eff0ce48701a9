"""Bugs of layers of images, re-created as drop-in layers, and what each shows when it is tried.

`CHOICES` has them by name; their words stand in image_bugs.toml. `PATIENTS` are the three of exercise 12.6.
See notebooks/12_convolution.ipynb.
"""

import functools
from typing import NamedTuple

import numpy as np

from nnlib import SGD, Dense, Flatten, Network, ReLU, SoftmaxCrossEntropy, accuracy, datasets, fit
from nnlib.convolution import Conv2D, MaxPool2D, windows
from nnlib.gradcheck import numerical_gradient, relative_error
from nnlib.teach.bugs import digits
from nnlib.teach.patients import Ward

__all__ = ["CHOICES", "PATIENTS", "against", "symptoms", "trained"]

# --- layers ---


class BiasPerChannel(Conv2D):
    """Conv2D whose bias is added once for each channel in; its gradient counts the channels out instead."""

    def forward(self, X, training=False):
        return super().forward(X) + (self.n_in - 1) * self.b

    def parameter_gradients(self, dY):
        super().parameter_gradients(dY)
        self.db = self.n_out * dY.sum(axis=(0, 1, 2))


class BiasMean(Conv2D):
    """Conv2D whose db is averaged over the batch, as the loss has done already."""

    def parameter_gradients(self, dY):
        super().parameter_gradients(dY)
        self.db = dY.sum(axis=(1, 2)).mean(axis=0)


class Reversed(Conv2D):
    """Conv2D whose dW is turned by half a turn."""

    def parameter_gradients(self, dY):
        super().parameter_gradients(dY)
        self.dW = self.dW[::-1, ::-1].copy()


class NotTurned(Conv2D):
    """Conv2D whose dX goes through the kernel as it lies, where it has to be turned by half a turn."""

    def backward(self, dY):
        kept, self.W = self.W.copy(), self.W[::-1, ::-1].copy()
        dX = super().backward(dY)
        self.W = kept
        return dX


class Overwritten(Conv2D):
    """Conv2D in whose dX each patch writes over what came before it."""

    def backward(self, dY):
        self.parameter_gradients(dY)
        dX = np.zeros_like(self.X)
        dP = windows(dX, self.kernel, self.stride)
        for i, j in np.ndindex(dY.shape[1:3]):
            dP[:, i, j] = np.tensordot(dY[:, i, j], self.W, axes=(1, 3))
        return dX


class ToAll(MaxPool2D):
    """MaxPool2D that sends dY to each of the largest."""

    def backward(self, dY):
        dX = np.zeros_like(self.X)
        for X_uv, dX_uv in zip(self._placings(self.X), self._placings(dX), strict=True):
            dX_uv[...] = dY * (X_uv == self.Y)
        return dX


class Shared(ToAll):
    """MaxPool2D that divides dY among the largest."""

    def backward(self, dY):
        return super().backward(dY / sum(X_uv == self.Y for X_uv in self._placings(self.X)))


class Layers(NamedTuple):
    """The layers of a program for images; as it stands, the right ones."""

    convolution: type[Conv2D] = Conv2D
    pooling: type[MaxPool2D] = MaxPool2D


PROGRAMS = {
    "bias-mean": Layers(convolution=BiasMean),
    "bias-per-channel": Layers(convolution=BiasPerChannel),
    "dw-reversed": Layers(convolution=Reversed),
    "kernel-not-turned": Layers(convolution=NotTurned),
    "overwritten": Layers(convolution=Overwritten),
    "ties-shared": Layers(pooling=Shared),
    "ties-to-all": Layers(pooling=ToAll),
}
PATIENTS = {1: "kernel-not-turned", 2: "ties-to-all", 3: "bias-per-channel"}

# --- what is seen ---

# Channels in and out, stride, and whether the images are digits; else they are random numbers.
SETTINGS = {
    "1 channel in, 1 out": (1, 1, 1, False),
    "3 channels in, 3 out": (3, 3, 1, False),
    "2 channels in, 4 out": (2, 4, 1, False),
    "1 in, 1 out, stride 3": (1, 1, 3, False),
    "1 in, 1 out, digits": (1, 1, 1, True),
}
KERNEL = (3, 2)


def _errors(layers, n_in, n_out, stride, of_digits):
    """Return the relative error of each column."""
    rng = np.random.default_rng(12)
    options = {"stride": stride, "rng": rng, "dtype": np.float64}
    layer, right = (kind(n_in, n_out, KERNEL, **options) for kind in (layers.convolution, Conv2D))
    layer.b = rng.uniform(-1, 1, n_out)
    X = _digits() if of_digits else rng.standard_normal((2, 9, 8, n_in))
    Y = layer.forward(X)
    dY = rng.standard_normal(Y.shape)
    dX = layer.backward(dY)
    right.W, right.b = layer.W, layer.b
    found = {"Y": relative_error(Y, right.forward(X))}
    for name, gradient, array in (("dW", layer.dW, layer.W), ("db", layer.db, layer.b), ("dX", dX, X)):
        slopes = numerical_gradient(lambda _: float((dY * layer.forward(X)).sum()), array)
        found[name] = relative_error(gradient, slopes)
    pools = layers.pooling(2), MaxPool2D(2)
    blame = rng.standard_normal(pools[0].forward(Y).shape)
    pools[1].forward(Y)
    found["pool dX"] = relative_error(*(pool.backward(blame) for pool in pools))
    return found


@functools.cache
def _digits():
    """Return two digits of MNIST, (2, 14, 14, 1): each pixel the mean of 2 × 2."""
    images = datasets.mnist().X_train[:2].astype(float)
    return images.reshape(2, 14, 2, 14, 2).mean(axis=(2, 4))[..., None]


WARD = Ward(__file__, PROGRAMS, PATIENTS, "patient", SETTINGS, _errors)
CHOICES = WARD.bugs


def symptoms(patient):
    """Return the `Symptoms` of a patient of exercise 12.6, 1 to 3. Measured once.

    See notebooks/12_convolution.ipynb.
    """
    return WARD.symptoms(patient)


def against(key, patient):
    """Return what speaks against a bug in what a patient shows, as a sentence; None if nothing does.

    See notebooks/12_convolution.ipynb.
    """
    return WARD.against(key, patient)


def trained(patient):
    """Return the share of test digits that a small net reads with a patient's bug, and without it.

    Both nets are trained alike, on the digits of the bug lab: 1500, of 7 × 7 pixels. Trained once.
    See notebooks/12_convolution.ipynb.
    """
    return _trained(*PROGRAMS[WARD.key(patient)]), _trained(*Layers())


@functools.cache
def _trained(convolution, pooling):
    X, Y, X_test, Y_test = digits()
    X, X_test = (images.reshape(-1, 7, 7, 1) for images in (X, X_test))
    rng = np.random.default_rng(0)
    lower = convolution(1, 6, 2, rng=rng), ReLU(), pooling(2)
    upper = convolution(6, 12, 2, rng=rng), ReLU(), Flatten(), Dense(48, 10, rng=rng)
    net, loss = Network(*lower, *upper), SoftmaxCrossEntropy()
    optimizer = SGD(net.params, lr=0.1)
    fit(net, loss, optimizer, X, Y, epochs=10, batch_size=25, rng=rng, progress=False)
    return accuracy(net.predict(X_test), Y_test)
