"""nnlib: a neural network from nothing but NumPy, one equation a line.

The notebooks beside this package derive every line of it; each docstring names its chapter.

Everything here loads with NumPy and the standard library alone; what draws and talks to a learner is in
`nnlib.teach`, which is imported by itself.
"""

from nnlib import datasets, gradcheck, initializers, metrics
from nnlib.activations import Activation, LeakyReLU, ReLU, Sigmoid, Tanh, sigmoid
from nnlib.layers import Dense, Dropout, Flatten, Layer
from nnlib.losses import MSE, BinaryCrossEntropy, Loss, SoftmaxCrossEntropy, log_softmax, softmax
from nnlib.metrics import accuracy, confusion_matrix, one_hot
from nnlib.network import Network
from nnlib.optimizers import SGD, Adam, Momentum, Optimizer, warmup_cosine
from nnlib.training import Epoch, History, Step, fit, minibatches, steps, train

__version__ = "0.1.0"

__all__ = [
    "MSE",
    "SGD",
    "Activation",
    "Adam",
    "BinaryCrossEntropy",
    "Dense",
    "Dropout",
    "Epoch",
    "Flatten",
    "History",
    "Layer",
    "LeakyReLU",
    "Loss",
    "Momentum",
    "Network",
    "Optimizer",
    "ReLU",
    "Sigmoid",
    "SoftmaxCrossEntropy",
    "Step",
    "Tanh",
    "accuracy",
    "confusion_matrix",
    "datasets",
    "fit",
    "gradcheck",
    "initializers",
    "log_softmax",
    "metrics",
    "minibatches",
    "one_hot",
    "sigmoid",
    "softmax",
    "steps",
    "train",
    "warmup_cosine",
]
