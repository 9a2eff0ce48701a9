"""What a learner reads when something is wrong, word for word: a row for every `raise` of the core."""

import ast
import errno
import gzip
import hashlib
import os
import traceback
from pathlib import Path

import numpy as np
import pytest

import nnlib
from nnlib import (
    MSE,
    SGD,
    Activation,
    Adam,
    Attention,
    BinaryCrossEntropy,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    History,
    Layer,
    LeakyReLU,
    Loss,
    MaskedCrossEntropy,
    MaxPool2D,
    Momentum,
    Network,
    Optimizer,
    Positions,
    Residual,
    SoftmaxCrossEntropy,
    Tanh,
    accuracy,
    confusion_matrix,
    datasets,
    gradcheck,
    log_softmax,
    minibatches,
    one_hot,
    sigmoid,
    softmax,
    steps,
    train,
    warmup_cosine,
)
from nnlib.autograd import Tensor, from_loss, no_grad
from nnlib.datasets import mnist, read_idx, spirals
from nnlib.gradcheck import numerical_gradient, relative_error


class Wordy(Layer):
    def forward(self, X, training=False):
        return np.array([["a"]])


class InPlace(Layer):
    def forward(self, X, training=False):
        X *= 2
        return X


class Choosy(Layer):
    def forward(self, X, training=False):
        raise ValueError("a message of a reader's own.")


class Endless(MSE):
    def value(self, Y_hat, Y):
        return np.inf


class Listing(MSE):
    def value(self, Y_hat, Y):
        return [1.0, 2.0]


def schedule(t):
    return 1 / t


def called(layer, X):
    layer.forward(X)
    return layer


def quietly(make):
    with no_grad():
        return make()


def changed(tensor):
    """Return the sum of squares of a tensor, whose array has been changed by then."""
    total = (tensor**2).sum()
    tensor.data[0] += 1
    return total


def idx(values):
    values = np.asarray(values, np.uint8)
    return bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes() + values.tobytes()


IMAGES, LABELS = np.zeros((2, 2, 2)), [1, 2]
NO_CHECKSUM = 64 * "0"
CHECKSUM = hashlib.sha256(idx(IMAGES)).hexdigest()


def data_set(folder, images=IMAGES, labels=LABELS, test_images=IMAGES):
    """Write the four files of a data set with two images in each half; return the folder."""
    files = {"train-images-idx3": images, "train-labels-idx1": labels}
    files |= {"t10k-images-idx3": test_images, "t10k-labels-idx1": LABELS}
    for name, values in files.items():
        (folder / f"{name}-ubyte").write_bytes(idx(values))
    return folder


class World:
    """A small network, data that fits it, and files in a folder."""

    def __init__(self, folder, monkeypatch):
        self.folder, self.monkeypatch = folder, monkeypatch
        self.rng = np.random.default_rng(0)
        self.net = Network(Dense(2, 1, rng=self.rng))
        self.X, self.Y = datasets.xor()
        self.settings = {
            "net": self.net,
            "loss": MSE(),
            "optimizer": SGD(self.net.params, 0.1),
            "X": self.X,
            "Y": self.Y,
            "epochs": 1,
            "batch_size": 2,
            "rng": self.rng,
        }

    def spoiled(self, factor):
        self.net.params[0][...] = factor
        return self.net

    def weights(self, *params, save=np.savez):
        with open(self.folder / "weights", "wb") as file:
            save(file, **{f"param{i}": p for i, p in enumerate(params)})
        return self.folder / "weights"

    def file(self, contents):
        (self.folder / "file").write_bytes(contents)
        return self.folder / "file"

    def unreadable(self):
        def read_bytes(path):
            raise OSError(errno.EIO, "Input/output error")

        self.monkeypatch.setattr(Path, "read_bytes", read_bytes)
        return self.file(idx([1]))

    def bundle(self, checksum, fill=lambda folder: None):
        """Let nnlib take the folder for that of its own data, with this checksum of the first file."""
        self.monkeypatch.setattr(datasets, "_BUNDLED", self.folder)
        (self.folder / "SHA256SUMS").write_text(f"{checksum}  train-images-idx3-ubyte\n")
        fill(self.folder)


ROWS = [
    (lambda w: sigmoid("abc"), "TypeError: X holds text, such as 'abc'; expected real numbers."),
    (
        lambda w: sigmoid(["1", "2"]),
        "TypeError: X holds text, such as '1'; expected real numbers, as of np.array(X, float).",
    ),
    (
        lambda w: sigmoid(np.ones(2, complex)),
        "TypeError: X holds complex128 values of ndarray; expected real numbers.",
    ),
    (
        lambda w: SoftmaxCrossEntropy().targets(["cat", "dog"], None),
        "TypeError: Y holds text, such as 'cat'; expected real numbers; np.unique(Y, return_inverse=True)[1] "
        "numbers classes.",
    ),
    (lambda w: sigmoid([[1.0], [1.0, 2.0]]), "ValueError: X is ragged: expected rows of one length."),
    (
        lambda w: sigmoid(np.ma.ones(2)),
        "TypeError: X is a masked array; expected plain numbers: fill or drop what is masked.",
    ),
    (
        lambda w: log_softmax([1.0, 2.0]),
        "ValueError: Z has shape (2,); expected one row for each sample, (N, …). A single sample is "
        "Z.reshape(1, -1), a single column Z.reshape(-1, 1).",
    ),
    (
        lambda w: softmax(np.ones((0, 3))),
        "ValueError: Z has shape (0, 3): it is empty; expected a sample and a feature.",
    ),
    (lambda w: Activation(np.tanh, 1.0), "TypeError: f_prime is 1.0; expected a function of an array."),
    (lambda w: Activation(None, np.cos), "TypeError: f is None; expected a function of an array."),
    (lambda w: Activation(np.sum, np.cos).forward(w.X), "ValueError: f(X) has shape (); expected (4, 2)."),
    (
        lambda w: called(Activation(np.sin, np.sum), w.X).backward(w.X),
        "ValueError: f_prime(X) has shape (); expected (4, 2).",
    ),
    (lambda w: LeakyReLU(1), "ValueError: slope is 1.0; expected 0 <= slope < 1."),
    (lambda w: Dense(2.0, 3, rng=w.rng), "TypeError: n_in is 2.0; expected a whole number."),
    (lambda w: Dense(2, 0, rng=w.rng), "ValueError: n_out is 0; expected at least 1."),
    (lambda w: Dense(2, 3, rng=0), "TypeError: rng is 0; expected a generator: numpy.random.default_rng(0)."),
    (
        lambda w: Dense(2, 3, rng=w.rng, dtype=int),
        "ValueError: dtype is <class 'int'>; expected float32 or float64.",
    ),
    (
        lambda w: Dense(2, 3, rng=w.rng, init="he"),
        "TypeError: init is 'he'; expected a function of (rng, n_in, n_out).",
    ),
    (
        lambda w: Dense(2, 3, rng=w.rng, init=lambda rng, n_in, n_out: np.ones((3, 2))),
        "ValueError: what init returned has shape (3, 2); expected (2, 3).",
    ),
    (
        lambda w: Dense(2, 3, rng=w.rng, init=lambda rng, n_in, n_out: np.full((2, 3), 1e300)),
        "ValueError: what init returned[0, 0] is 1e+300, too large for float32; expected finite numbers.",
    ),
    (
        lambda w: Dense(2, 3, rng=w.rng).forward([1.0, 2.0]),
        "ValueError: X has shape (2,); expected one row for each sample, (N, 2). A single sample is "
        "X.reshape(1, -1), a single column X.reshape(-1, 1).",
    ),
    (
        lambda w: Dense(2, 3, rng=w.rng).forward(np.ones((4, 2, 1))),
        "ValueError: X has shape (4, 2, 1); expected (N, 2). A Flatten() layer makes rows.",
    ),
    (
        lambda w: Dense(2, 3, rng=w.rng).forward(np.ones((4, 1))),
        "ValueError: X has 1 feature, but this layer expects 2.",
    ),
    (
        lambda w: setattr(Dense(2, 3, rng=w.rng), "W", np.ones((3, 2))),
        "ValueError: W has shape (3, 2), but this layer's is (2, 3): W.T would fit.",
    ),
    (
        lambda w: setattr(Dense(2, 3, rng=w.rng), "b", np.ones(2)),
        "ValueError: b has shape (2,), but this layer's is (3,).",
    ),
    (
        lambda w: setattr(Dense(2, 3, rng=w.rng), "b", None),
        "TypeError: b is None; expected real numbers. Is a `return` missing?",
    ),
    (
        lambda w: Dense(2, 3, rng=w.rng).backward(np.ones((1, 3))),
        "ValueError: there is no output to go back from; call forward before backward.",
    ),
    (
        lambda w: called(Dense(2, 3, rng=w.rng), w.X).backward(np.ones((4, 2))),
        "ValueError: dY has shape (4, 2); expected (4, 3).",
    ),
    (
        lambda w: Conv2D(1, 2, (3, 4, 5), rng=w.rng),
        "ValueError: kernel is (3, 4, 5); expected one whole number, or a pair: height and width.",
    ),
    (lambda w: Conv2D(1, 2, (3, 0), rng=w.rng), "ValueError: kernel[1] is 0; expected at least 1."),
    (lambda w: Conv2D(1, 2, (0, 3), rng=w.rng), "ValueError: kernel[0] is 0; expected at least 1."),
    (lambda w: Conv2D(1, 2, 0, rng=w.rng), "ValueError: kernel is 0; expected at least 1."),
    (lambda w: Conv2D(1, 2, 3, padding=-1, rng=w.rng), "ValueError: padding is -1; expected at least 0."),
    (
        lambda w: Conv2D(1, 2, 3, rng=w.rng).forward(np.ones((4, 784))),
        "ValueError: X has shape (4, 784); expected images, (N, height, width, 1). "
        "X.reshape(4, height, width, 1) makes images of it.",
    ),
    (
        lambda w: Network(Conv2D(1, 2, 3, rng=w.rng)).predict(np.ones((4, 28, 28))),
        "ValueError: X has shape (4, 28, 28); expected images, (N, height, width, 1). "
        "X.reshape(4, 28, 28, 1) makes images of it.",
    ),
    (
        lambda w: MaxPool2D(2).forward(np.ones((4, 784))),
        "ValueError: X has shape (4, 784); expected images, (N, height, width, channels). "
        "X.reshape(4, height, width, 1) makes images of it.",
    ),
    (
        lambda w: Conv2D(2, 2, 3, rng=w.rng).forward(np.ones((4, 784))),
        "ValueError: X has shape (4, 784); expected images, (N, height, width, 2). "
        "X.reshape(4, height, width, 2) makes images of it.",
    ),
    (
        lambda w: Conv2D(1, 2, 3, rng=w.rng).forward(np.ones(4)),
        "ValueError: X has shape (4,); expected images, (N, height, width, 1).",
    ),
    (
        lambda w: Conv2D(3, 2, 3, rng=w.rng).forward(np.ones((4, 28, 28, 1))),
        "ValueError: X has 1 channel, but this layer expects 3.",
    ),
    (
        lambda w: MaxPool2D(2).forward(np.ones((4, 0, 28, 1))),
        "ValueError: X has shape (4, 0, 28, 1): it is empty; expected an image and a pixel.",
    ),
    (
        lambda w: Network(Conv2D(3, 2, 3, rng=w.rng)).forward(np.ones((4, 3, 28, 28))),
        "ValueError: X has 28 channels, but this network expects 3. "
        "Channels stand last: np.moveaxis(X, 1, 3).",
    ),
    (
        lambda w: Conv2D(1, 2, (3, 5), padding=1, rng=w.rng).forward(np.ones((4, 8, 2, 1))),
        "ValueError: X has images of 8 × 2 pixels, 10 × 4 with the padding; expected at least 3 × 5, "
        "the size of the kernel.",
    ),
    (
        lambda w: MaxPool2D(3).forward(np.ones((4, 2, 8, 1))),
        "ValueError: X has images of 2 × 8 pixels; expected at least 3 × 3, the size of the kernel.",
    ),
    (
        lambda w: Network(Conv2D(1, 2, 3, rng=w.rng), MaxPool2D(2), Conv2D(1, 2, 3, rng=w.rng)),
        "ValueError: layer 3, Conv2D(1, 2, 3), expects 1 features, but layer 1, Conv2D(1, 2, 3), gives 2.",
    ),
    (
        lambda w: Attention(6, 4, rng=w.rng),
        "ValueError: n is 6, with 4 heads; expected a multiple of heads: each has n / heads.",
    ),
    (
        lambda w: Attention(6, rng=w.rng).forward(np.ones((5, 6))),
        "ValueError: X has shape (5, 6); expected sequences, (N, T, 6). One sequence is X.reshape(1, 5, 6).",
    ),
    (
        lambda w: Network(Attention(6, rng=w.rng)).predict(np.ones((5, 4))),
        "ValueError: X has shape (5, 4); expected sequences, (N, T, 6).",
    ),
    (
        lambda w: Attention(6, rng=w.rng).forward(np.ones((5, 0, 6))),
        "ValueError: X has shape (5, 0, 6): it is empty; expected a sequence and a place in it.",
    ),
    (
        lambda w: Network(Attention(6, rng=w.rng)).predict(np.ones((5, 6, 1))),
        "ValueError: X has 1 feature at each place, but this network expects 6. "
        "Places come second: np.swapaxes(X, 1, 2).",
    ),
    (
        lambda w: Positions(3, 6, rng=w.rng).forward(np.ones((5, 4, 6))),
        "ValueError: X has sequences of 4; expected at most 3, as this layer has places.",
    ),
    (
        lambda w: Embedding(3, 6, rng=w.rng).forward([0, 2]),
        "ValueError: X has shape (2,); expected sequences of whole numbers, (N, T). "
        "One sequence is X.reshape(1, -1).",
    ),
    (
        lambda w: Embedding(3, 6, rng=w.rng).forward(np.ones((2, 5, 3))),
        "ValueError: X has shape (2, 5, 3); expected sequences of whole numbers, (N, T). "
        "X.argmax(axis=2) makes them of one-hot rows.",
    ),
    (
        lambda w: Embedding(3, 6, rng=w.rng).forward(np.ones((0, 5))),
        "ValueError: X has shape (0, 5): it is empty; expected a sequence and a place in it.",
    ),
    (
        lambda w: Network(Embedding(3, 6, rng=w.rng)).predict([[0, 1], [2, 3]]),
        "ValueError: X[1, 1] is 3; expected whole numbers from 0 to 2, for 3 symbols.",
    ),
    (
        lambda w: MaskedCrossEntropy().targets([[0, 1], [0.5, -1]], float),
        "ValueError: Y[1, 0] is 0.5; expected whole numbers from -1 on.",
    ),
    (
        lambda w: MaskedCrossEntropy().targets([1, 2], float),
        "ValueError: Y has shape (2,); expected labels of sequences, (N, T).",
    ),
    (
        lambda w: MaskedCrossEntropy().targets([[1, -1], [-1, -1]], float),
        "ValueError: Y[1] is -1 throughout; expected a label that counts in each sequence.",
    ),
    (
        lambda w: MaskedCrossEntropy().value(np.ones((2, 3)), [[1, 2]]),
        "ValueError: Z has shape (2, 3); expected logits at each place of sequences, (N, T, C).",
    ),
    (
        lambda w: MaskedCrossEntropy().value(np.ones((2, 3, 4)), [[1, 2]]),
        "ValueError: Z has shape (2, 3, 4), but Y has shape (1, 2); expected (2, 3).",
    ),
    (
        lambda w: Residual(),
        "ValueError: Residual() has no layers; expected at least one, as in Residual(Attention(…)).",
    ),
    (
        lambda w: Residual(Flatten()).forward(np.ones((2, 3, 4))),
        "ValueError: what the layers of this Residual return has shape (2, 12); expected (2, 3, 4).",
    ),
    (
        lambda w: Network(tanh := Tanh(), Residual(tanh)),
        "ValueError: layer 2, Residual(Tanh()), holds the same Tanh() as one before; "
        "expected one object each.",
    ),
    (
        lambda w: Tensor("1"),
        "TypeError: array holds text, such as '1'; expected real numbers, as of np.array(array, float).",
    ),
    (
        lambda w: Tensor(1) + None,
        "TypeError: an operand is None; expected real numbers. Is a `return` missing?",
    ),
    (
        lambda w: Tensor(np.ones((2, 3))) @ np.ones(3),
        "ValueError: an operand of @ has shape (3,); expected rows and columns: A.reshape(1, -1) is a row, "
        "A.reshape(-1, 1) a column.",
    ),
    (
        lambda w: Tensor(2) ** Tensor(2),
        "TypeError: the exponent is Tensor(2.); expected a number.",
    ),
    (
        lambda w: Tensor(np.ones((2, 3))).backward(),
        "ValueError: dY is None, and the tensor has shape (2, 3); expected dY of that shape.",
    ),
    (
        lambda w: Tensor(np.ones((2, 3))).backward(1),
        "ValueError: dY has shape (); expected (2, 3).",
    ),
    (
        lambda w: quietly(lambda: Tensor(2) * 3).backward(),
        "ValueError: this tensor was made inside no_grad; expected one whose operations were noted.",
    ),
    (
        lambda w: changed(Tensor(w.X)).backward(),
        "ValueError: an array of shape (4, 2) has been changed in place since ** read it; "
        "expected it as it was: call backward before you change it, or change a copy.",
    ),
    (
        lambda w: from_loss("MSE", Tensor(w.X), w.X),
        "TypeError: loss is a str; expected MSE().",
    ),
    (
        lambda w: from_loss(MSE(), w.X, w.X),
        "TypeError: Y_hat is a ndarray; expected Tensor(array).",
    ),
    (
        lambda w: Flatten().forward(3),
        "ValueError: X has shape (); expected one row for each sample, (N, …). A single sample is "
        "X.reshape(1, -1), a single column X.reshape(-1, 1).",
    ),
    (
        lambda w: MSE().value(w.X, w.X[:, 0]),
        "ValueError: Y_hat has shape (4, 2), but Y has shape (4,); expected the same shape.",
    ),
    (
        lambda w: MSE().value(np.ones((0, 1)), np.ones((0, 1))),
        "ValueError: Y_hat has shape (0, 1): it is empty; expected at least one entry.",
    ),
    (
        lambda w: MSE().targets([[1.0], [np.nan]], None),
        "ValueError: Y[1, 0] is nan; expected finite numbers.",
    ),
    (
        lambda w: BinaryCrossEntropy().targets([[0.0], [1.5]], None),
        "ValueError: Y ranges from 0.0 to 1.5; expected probabilities, 0 to 1.",
    ),
    (
        lambda w: SoftmaxCrossEntropy().targets([[0.5, 0.6]], None),
        "ValueError: a row of Y sums to 1.1; expected 1, as in one-hot rows.",
    ),
    (
        lambda w: SoftmaxCrossEntropy().value(np.ones((2, 3)), [0, 3]),
        "ValueError: labels[1] is 3; expected 0 to 2, for 3 classes.",
    ),
    (
        lambda w: SoftmaxCrossEntropy().value(np.ones((2, 3)), [0.0, 1.0]),
        "TypeError: labels holds float64 values; expected whole numbers as labels: labels.astype(int) makes "
        "them so.",
    ),
    (
        lambda w: Network(),
        "ValueError: Network() has no layers; expected at least one, as in Network(Dense(…), …).",
    ),
    (lambda w: Network(Tanh), "TypeError: layer 1 is the class Tanh; expected an instance: Tanh(…)."),
    (lambda w: Network(np.tanh), "TypeError: layer 1 is a ufunc; expected a Layer."),
    (
        lambda w: Network(*2 * (Tanh(),)),
        "ValueError: layer 2 is the same Tanh() as one before; expected one object each.",
    ),
    (
        lambda w: Network(Dense(2, 3, rng=w.rng), Tanh(), Dense(4, 1, rng=w.rng)),
        "ValueError: layer 3, Dense(4, 1), expects 4 features, but layer 1, Dense(2, 3), gives 3.",
    ),
    (
        lambda w: Network(Dense(2, 3, rng=w.rng), Dense(3, 1, rng=w.rng, dtype=np.float64)),
        "ValueError: the parameters are float32 and float64; expected one dtype.",
    ),
    (
        lambda w: Network(Wordy()).forward(w.X),
        "TypeError: the output holds text, such as 'a'; expected real numbers.",
    ),
    (
        lambda w: InPlace().forward(w.X),
        "ValueError: InPlace.forward writes into an array that it was handed (output array is read-only). "
        "Others need it as it is: work on a copy, such as X.copy().",
    ),
    (lambda w: Choosy().forward(w.X), "ValueError: a message of a reader's own."),
    (lambda w: w.net.forward(np.ones((4, 3))), "ValueError: X has 3 features, but this network expects 2."),
    (
        lambda w: w.net.predict([1.0, 2.0]),
        "ValueError: X has shape (2,); expected one row for each sample, (N, 2). A single sample is "
        "X.reshape(1, -1), a single column X.reshape(-1, 1).",
    ),
    (lambda w: w.net.predict([[1.0, np.inf]]), "ValueError: X[0, 1] is inf; expected finite numbers."),
    (
        lambda w: w.net.predict([[1.0, 1e300]]),
        "ValueError: X[0, 1] is 1e+300, too large for float32; expected finite numbers.",
    ),
    (
        lambda w: train(**w.settings | {"X": 1e300 * w.X}),
        "ValueError: X[1, 1] is 1e+300, too large for float32; expected finite numbers.",
    ),
    (
        lambda w: train(**w.settings | {"Y": -1e300 * w.Y}),
        "ValueError: Y[1, 0] is -1e+300, too large for float32; expected finite numbers.",
    ),
    (
        lambda w: w.net.load(w.weights(np.array([[0.0], [1e300]]), np.zeros(1))),
        "ValueError: weights: param0[1, 0] is 1e+300, too large for float32; expected finite numbers.",
    ),
    (
        lambda w: w.net.predict(w.X, batch_size=True),
        "TypeError: batch_size is True; expected a whole number.",
    ),
    (lambda w: w.net.save(0), "TypeError: path is 0; expected a str or a Path."),
    (
        lambda w: w.net.load(w.weights(np.zeros((2, 1)), np.zeros(1), save=np.savez_compressed)),
        "ValueError: weights is not a whole file written by Network.save (its members are compressed, or "
        "larger than itself).",
    ),
    (
        lambda w: w.net.load(w.weights(np.array(["ab"]))),
        "ValueError: weights is not a whole file written by Network.save (param0 holds text, such as 'ab'; "
        "expected real numbers.).",
    ),
    (
        lambda w: w.net.load(w.weights(np.zeros((3, 1)), np.zeros(1))),
        "ValueError: weights holds parameters of shapes [(3, 1), (1,)]; this network expects [(2, 1), (1,)].",
    ),
    (
        lambda w: w.net.load(w.weights(np.array([[0.0], [np.inf]]), np.zeros(1))),
        "ValueError: weights: param0[1, 0] is inf; expected finite numbers.",
    ),
    (
        lambda w: one_hot([[0]], 3),
        "ValueError: labels has shape (1, 1); expected one label for each sample, (N,).",
    ),
    (
        lambda w: one_hot(["cat"], 3),
        "TypeError: labels holds text, such as 'cat'; expected real numbers; "
        "np.unique(labels, return_inverse=True)[1] numbers classes.",
    ),
    (
        lambda w: one_hot([0], 3, dtype=str),
        "TypeError: dtype holds text, such as ''; expected real numbers.",
    ),
    (lambda w: accuracy([1, 2], [1]), "ValueError: Y_hat has 2 samples, but Y has 1; expected as many."),
    (
        lambda w: accuracy(np.ones((2, 2, 2)), [0, 1]),
        "ValueError: Y_hat has shape (2, 2, 2); expected labels (N,) or rows (N, C).",
    ),
    (
        lambda w: accuracy(np.ones((2, 2)), np.ones((2, 3))),
        "ValueError: Y_hat has shape (2, 2), but Y has shape (2, 3); expected the same shape.",
    ),
    (
        lambda w: accuracy(np.ones((2, 1)), [[0], [2]]),
        "ValueError: Y ranges from 0 to 2; expected classes, 0 and 1. How near other numbers are, a loss "
        "tells.",
    ),
    (lambda w: accuracy(np.ones((2, 1)), [0, 2]), "ValueError: Y[1] is 2; expected 0 to 1, for 2 classes."),
    (lambda w: accuracy([1], [1], threshold=None), "TypeError: threshold is None; expected a number."),
    (
        lambda w: accuracy([1], [1], threshold=np.nan),
        "ValueError: threshold is nan; expected a number, and finite.",
    ),
    (
        lambda w: confusion_matrix([[np.nan, 1.0]], [0], n_classes=2),
        "ValueError: Y_hat[0] holds nan; expected numbers: such a row is of no class.",
    ),
    (
        lambda w: confusion_matrix([2], [1], n_classes=2),
        "ValueError: Y_hat[0] is 2; expected 0 to 1, for 2 classes.",
    ),
    (
        lambda w: confusion_matrix([1], [2], n_classes=2),
        "ValueError: Y[0] is 2; expected 0 to 1, for 2 classes.",
    ),
    (
        lambda w: Optimizer(1.0, 0.1),
        "TypeError: params is a float; expected the arrays to update, as in net.params.",
    ),
    (
        lambda w: Optimizer([], 0.1),
        "ValueError: params is empty; expected the arrays to update, as in net.params.",
    ),
    (
        lambda w: Optimizer([[1.0]], 0.1),
        "TypeError: params[0] is list; expected an array of floats, as in net.params.",
    ),
    (
        lambda w: Optimizer([np.ones(2, int)], 0.1),
        "TypeError: params[0] is int64; expected an array of floats, as in net.params.",
    ),
    (
        lambda w: Optimizer([np.broadcast_to(1.0, 2)], 0.1),
        "TypeError: params[0] is read-only; expected an array of floats, as in net.params.",
    ),
    (lambda w: SGD([np.ones(2)], 0), "ValueError: lr is 0.0; expected 0 < lr, and finite."),
    (lambda w: SGD([np.ones(2)], "0.1"), "TypeError: lr is '0.1'; expected a number."),
    (lambda w: SGD([np.ones(2)], 10**400), "ValueError: lr is inf; expected 0 < lr, and finite."),
    (
        lambda w: SGD([np.ones(2)], lambda t: -0.1).step([np.ones(2)]),
        "ValueError: lr is -0.1; expected 0 <= lr, and finite.",
    ),
    (
        lambda w: SGD([np.ones(2)], 0.1).step(1.0),
        "TypeError: grads is a float; expected one array for each parameter, as in net.grads.",
    ),
    (
        lambda w: SGD([np.ones(2)], 0.1).step([]),
        "ValueError: grads has 0 arrays, but this optimiser has 1 parameter; expected one for each.",
    ),
    (
        lambda w: SGD([np.ones(2)], 0.1).step([None]),
        "ValueError: grads[0] is None; expected shape (2,): call backward before step.",
    ),
    (
        lambda w: SGD([np.ones(2)], 0.1).step([np.ones(3)]),
        "ValueError: grads[0] has shape (3,); expected (2,).",
    ),
    (lambda w: Momentum([np.ones(2)], 0.1, beta=1), "ValueError: beta is 1.0; expected 0 <= beta < 1."),
    (lambda w: Adam([np.ones(2)], 0.1, beta2=-0.1), "ValueError: beta2 is -0.1; expected 0 <= beta2 < 1."),
    (lambda w: Adam([np.ones(2)], 0.1, eps=0), "ValueError: eps is 0.0; expected 0 < eps, and finite."),
    (lambda w: warmup_cosine(0.1, warmup=5, total=5), "ValueError: total is 5; expected at least 6."),
    (lambda w: History(3), "TypeError: epochs is a int; expected a list of what train yields."),
    (
        lambda w: History([1.0]),
        "TypeError: an entry of epochs is a float; expected an Epoch, as train yields it.",
    ),
    (
        lambda w: History().speed,
        "AttributeError: a History has no 'speed'; expected one of epoch, loss, accuracy, "
        "validation_loss, validation_accuracy, updates, seconds.",
    ),
    (
        lambda w: minibatches(w.X, w.X[1:], batch_size=2, rng=None),
        "ValueError: X has 4 samples, but Y has 3; expected as many.",
    ),
    (
        lambda w: minibatches(1.0, w.X, batch_size=2, rng=None),
        "ValueError: X is the number 1.0; expected one row for each sample.",
    ),
    (lambda w: train(**w.settings | {"net": None}), "TypeError: net is a NoneType; expected a Network."),
    (
        lambda w: train(**w.settings | {"loss": MSE}),
        "TypeError: loss is the class MSE; expected an instance: MSE(…).",
    ),
    (
        lambda w: train(**w.settings | {"loss": "mse"}),
        "TypeError: loss is a str; expected a loss such as MSE().",
    ),
    (
        lambda w: train(**w.settings | {"optimizer": "sgd"}),
        "TypeError: optimizer is a str; expected an optimiser such as SGD(net.params, lr=0.1).",
    ),
    (
        lambda w: train(**w.settings | {"optimizer": SGD([np.ones(2)], 0.1)}),
        "ValueError: optimizer holds other parameters than this network's; expected net.params.",
    ),
    (
        lambda w: train(**w.settings | {"X": w.X[:0], "Y": w.Y[:0]}),
        "ValueError: X has shape (0, 2): it is empty; expected a sample and a feature.",
    ),
    (
        lambda w: train(**w.settings | {"Y": w.Y[1:]}),
        "ValueError: X has 4 samples, but Y has 3; expected as many.",
    ),
    (
        lambda w: train(**w.settings | {"Y": np.ones((4, 2))}),
        "ValueError: Y_hat has shape (4, 1), but Y has shape (4, 2); expected the same shape.",
    ),
    (lambda w: train(**w.settings | {"epochs": -1}), "ValueError: epochs is -1; expected at least 0."),
    (lambda w: train(**w.settings | {"batch_size": 0}), "ValueError: batch_size is 0; expected at least 1."),
    (
        lambda w: train(**w.settings | {"rng": 0}),
        "TypeError: rng is 0; expected a generator: numpy.random.default_rng(0).",
    ),
    (
        lambda w: train(**w.settings | {"validation": w.X}),
        "TypeError: validation is a ndarray; expected a pair (X, Y).",
    ),
    (
        lambda w: train(**w.settings | {"validation": "XY"}),
        "TypeError: validation is a str; expected a pair (X, Y).",
    ),
    (
        lambda w: train(**w.settings | {"validation": (w.X, None)}),
        "TypeError: validation: Y is None; expected real numbers. Is a `return` missing?",
    ),
    (
        lambda w: train(**w.settings | {"validation": (np.ones((4, 3)), w.Y)}),
        "ValueError: validation: X has 3 features, but this network expects 2.",
    ),
    (
        lambda w: train(**w.settings | {"validation": (w.X, [[0.0], [np.nan], [1.0], [0.0]])}),
        "ValueError: validation: Y[1, 0] is nan; expected finite numbers.",
    ),
    (
        lambda w: train(**w.settings | {"validation": (w.X, w.Y[1:])}),
        "ValueError: validation: X has 4 samples, but Y has 3; expected as many.",
    ),
    (
        lambda w: train(**w.settings | {"loss": Listing()}),
        "ValueError: what loss.value returned has shape (2,); expected ().",
    ),
    (
        lambda w: train(**w.settings | {"loss": SoftmaxCrossEntropy(), "Y": [0, 0, 0, 1]}),
        "ValueError: Z has 1 column, whose probability is always 1; expected one for each class. A single "
        "output takes BinaryCrossEntropy.",
    ),
    (
        lambda w: train(**w.settings | {"loss": SoftmaxCrossEntropy()}),
        "ValueError: Y has shape (4, 1); expected labels (N,), as of Y.ravel(), or rows (N, C). A column "
        "takes BinaryCrossEntropy.",
    ),
    (
        lambda w: SoftmaxCrossEntropy().gradient(np.ones((1, 2)), [[0.3, 0.2]]),
        "ValueError: a row of Y sums to 0.5; expected 1, as in one-hot rows.",
    ),
    *(
        (
            lambda w, y=y: SoftmaxCrossEntropy().targets([y, 1.0], None),
            "TypeError: labels holds float64 values; expected whole numbers as labels.",
        )
        for y in (1.5, np.nan, np.inf)
    ),
    (
        lambda w: list(train(**w.settings | {"optimizer": SGD(w.net.params, 1e30), "epochs": 9})),
        "FloatingPointError: the loss is inf in epoch 1, batch 2, with SGD at a learning rate of 1e+30: "
        "try a smaller one.",
    ),
    (
        lambda w: list(
            steps(**w.settings | {"optimizer": Adam(w.net.params, schedule), "X": 1e30 * w.X, "epochs": 1})
        ),
        "FloatingPointError: the loss is inf in epoch 1, batch 1: X holds numbers up to 1e+30. Scale them, "
        "to about 1.",
    ),
    (
        lambda w: list(train(**w.settings | {"net": w.spoiled(1e30)})),
        "FloatingPointError: the loss is inf in epoch 1, batch 1: this run began with weights up to 1e+30, "
        "as a run that diverged leaves them. Make a new network; in a panel, Reset.",
    ),
    (
        lambda w: list(train(**w.settings | {"loss": Endless()})),
        "FloatingPointError: the loss is inf in epoch 1, batch 1, before any step, and neither weights nor "
        "data are large: look at the layers and the loss.",
    ),
    (
        lambda w: list(train(**w.settings | {"batch_size": 4, "optimizer": SGD(w.net.params, 1e300)})),
        "FloatingPointError: a weight is inf after epoch 1, with SGD: try a smaller learning rate.",
    ),
    (lambda w: mnist(3), "TypeError: folder is 3; expected a str or a Path."),
    (
        lambda w: mnist(w.folder / "nowhere"),
        "FileNotFoundError: nowhere does not exist; expected a folder with the four IDX files of MNIST.",
    ),
    (
        lambda w: mnist(w.file(b"")),
        "FileNotFoundError: file is a file: read_idx reads a single one; expected a folder with the four IDX "
        "files of MNIST.",
    ),
    (
        lambda w: mnist(w.folder),
        "FileNotFoundError: folder holds neither train-images-idx3-ubyte.gz nor train-images-idx3-ubyte, but "
        "nothing. Rename files, or read each by read_idx.",
    ),
    (
        lambda w: read_idx(w.file(gzip.compress(bytes(2**22)))),
        "ValueError: file unpacks to more than 50 times its size; expected data that packs less well. "
        "If it is right, unpack it first.",
    ),
    (
        lambda w: w.net.save(w.folder / "nowhere" / "weights"),
        "FileNotFoundError: nowhere does not exist; expected a folder, to save weights in it.",
    ),
    (lambda w: w.net.save(w.folder), "OSError: folder cannot be written: it is no file."),
    (
        lambda w: mnist(data_set(w.folder, images=np.zeros((2, 4)))),
        "ValueError: train-images-idx3-ubyte holds uint8 values of shape (2, 4); expected uint8 values "
        "with 3 axes. Are two files in each other's place?",
    ),
    (
        lambda w: mnist(data_set(w.folder, labels=[1, 2, 3])),
        "ValueError: train-images-idx3-ubyte holds 2 images, but train-labels-idx1-ubyte 3 labels: not "
        "as many.",
    ),
    (
        lambda w: mnist(data_set(w.folder, labels=[1, 10])),
        "ValueError: train-labels-idx1-ubyte holds the label 10; expected 0 to 9. read_idx takes others.",
    ),
    (
        lambda w: mnist(data_set(w.folder, test_images=np.zeros((2, 2, 3)))),
        "ValueError: folder: training images have 4 pixels, test images 6; expected as many.",
    ),
    (
        lambda w: mnist(w.bundle(NO_CHECKSUM, data_set)),
        f"ValueError: train-images-idx3-ubyte has been altered: its sha256 is {CHECKSUM}, "
        f"expected {NO_CHECKSUM}. Install nnlib again.",
    ),
    (
        lambda w: mnist(w.bundle(CHECKSUM)),
        "FileNotFoundError: folder holds neither train-images-idx3-ubyte.gz nor train-images-idx3-ubyte: "
        "install nnlib again.",
    ),
    (
        lambda w: read_idx(w.folder / "nowhere"),
        "FileNotFoundError: nowhere does not exist. If nnlib brought it, install nnlib again.",
    ),
    (lambda w: read_idx(w.folder), "OSError: folder cannot be read: it is no file."),
    (lambda w: w.net.load(w.folder), "OSError: folder cannot be read: it is no file."),
    (lambda w: read_idx(w.unreadable()), "OSError: file cannot be read: Input/output error."),
    (
        lambda w: read_idx(w.file(b"\0\0\x08\0")),
        "ValueError: file holds 4 bytes; expected 5, for shape (). It was cut, or written with another "
        "shape.",
    ),
    (
        lambda w: read_idx(w.file(b"<!DOCTYPE html>")),
        "ValueError: file begins with b'<!DO'; expected an IDX file: two zero bytes, a type, a count of "
        "axes.",
    ),
    (
        lambda w: read_idx(w.file(b"\0\0\x08\1\0")),
        "ValueError: file ends after 5 bytes; expected at least 8, for 1 axes.",
    ),
    (
        lambda w: read_idx(w.file(idx([1]) + b"x")),
        "ValueError: file holds 10 bytes; expected 9, for shape (1,). It was cut, or written with another "
        "shape.",
    ),
    (
        lambda w: read_idx(w.file(gzip.compress(idx([1]))[:-9])),
        "ValueError: file is a damaged gzip file (Compressed file ended before the end-of-stream marker "
        "was reached): fetch it again.",
    ),
    (lambda w: numerical_gradient(1, w.X), "TypeError: f is 1; expected a function of X."),
    (
        lambda w: numerical_gradient(np.sum, [1.0]),
        "TypeError: X is list; expected a float64 array: float32 is too coarse.",
    ),
    (
        lambda w: numerical_gradient(np.sum, np.ones(2, np.float32)),
        "TypeError: X is float32; expected a float64 array: float32 is too coarse.",
    ),
    (lambda w: numerical_gradient(np.square, np.ones(2)), "ValueError: f(X) has shape (2,); expected ()."),
    (
        lambda w: numerical_gradient(lambda X: X.sum() if X[0] > 1 else X, np.ones(2)),
        "ValueError: f(X) has shape (2,); expected ().",
    ),
    (
        lambda w: numerical_gradient(np.sum, np.ones(2), h=0),
        "ValueError: h is 0.0; expected 0 < h, and finite.",
    ),
    (
        lambda w: relative_error([1.0], [1.0, 2.0]),
        "ValueError: A has shape (1,), but B has shape (2,); expected the same shape.",
    ),
    (
        lambda w: relative_error([], []),
        "ValueError: A has shape (0,): it is empty; expected at least one entry.",
    ),
    (lambda w: gradcheck.check(Tanh(), MSE(), w.X, w.Y), "TypeError: net is a Tanh; expected a Network."),
    (
        lambda w: gradcheck.check(w.net, "mse", w.X, w.Y),
        "TypeError: loss is a str; expected a loss such as MSE().",
    ),
    (
        lambda w: gradcheck.check(Network(Dense(2, 1, rng=w.rng)), MSE(), w.X, w.Y),
        "TypeError: the network is float32; expected float64, as in Dense(…, dtype=np.float64).",
    ),
    (
        lambda w: gradcheck.check(Network(Dense(2, 1, rng=w.rng, dtype=np.float64)), MSE(), [1.0, 2.0], w.Y),
        "ValueError: X has shape (2,); expected one row for each sample, (N, 2). A single sample is "
        "X.reshape(1, -1), a single column X.reshape(-1, 1).",
    ),
    (lambda w: Layer().forward(w.X), "NotImplementedError: Layer has no forward."),
    (lambda w: Layer().backward(w.X), "NotImplementedError: Layer has no backward."),
    (lambda w: Loss().value(w.X, w.X), "NotImplementedError: Loss has no value."),
    (lambda w: Loss().gradient(w.X, w.X), "NotImplementedError: Loss has no gradient."),
    (
        lambda w: Optimizer([np.ones(2)], 0.1).step([np.ones(2)]),
        "NotImplementedError: Optimizer has no update.",
    ),
    (
        lambda w: spirals(3, rng=w.rng, noise=-1),
        "ValueError: noise is -1.0; expected 0 <= noise, and finite.",
    ),
]


@pytest.fixture
def world(tmp_path, monkeypatch):
    return World(tmp_path, monkeypatch)


def message(world, row):
    """Return the error of a row as 'Kind: text', without its folder, and the lines it came through."""
    with pytest.raises(Exception) as caught, np.errstate(all="ignore"):
        row(world)
    lines, error = set(), caught.value
    text = f"{type(error).__name__}: {error}"
    while error is not None:
        lines |= {(Path(f.filename), f.lineno) for f in traceback.extract_tb(error.__traceback__)}
        error = error.__context__
    return text.replace(f"{world.folder}{os.sep}", "").replace(str(world.folder), "folder"), lines


@pytest.mark.parametrize("row, text", ROWS, ids=range(len(ROWS)))
def test_word_for_word(world, row, text):
    assert message(world, row)[0] == text


def test_every_raise_of_the_core_has_a_row(tmp_path_factory, monkeypatch):
    seen, missed = set(), []
    for row, _ in ROWS:
        seen |= message(World(tmp_path_factory.mktemp("world"), monkeypatch), row)[1]
        monkeypatch.undo()
    for path in Path(nnlib.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            has_words = isinstance(node, ast.Raise) and node.exc  # a `raise` alone passes on those of another
            if has_words and not any(
                (path, line) in seen for line in range(node.lineno, node.end_lineno + 1)
            ):
                missed.append(ast.unparse(node))
    assert missed == ["raise KeyboardInterrupt"]  # the second interrupt: tests/test_interrupt.py
