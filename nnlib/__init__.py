"""nnlib: a neural network from nothing but NumPy, one equation a line.

The notebooks beside this package derive every line of it; each docstring names its chapter.

Everything here loads with NumPy and the standard library alone; what draws and talks to a learner is in
`nnlib.teach`, which is imported by itself.
"""

# ruff: noqa: F401, I001 (each name is listed once, in the `__all__` of its module)
from nnlib import (
    activations,
    attention,
    autograd,
    convolution,
    datasets,
    gradcheck,
    history,
    initializers,
    layers,
    losses,
    metrics,
    network,
)
from nnlib import optimizers, training
from nnlib.activations import Activation, LeakyReLU, ReLU, Sigmoid, Tanh, sigmoid
from nnlib.attention import Attention, Embedding, LayerNorm, MaskedCrossEntropy, Positions, Residual
from nnlib.convolution import Conv2D, MaxPool2D
from nnlib.history import Epoch, History, Step
from nnlib.layers import Dense, Dropout, Flatten, Layer
from nnlib.losses import MSE, BinaryCrossEntropy, Loss, SoftmaxCrossEntropy, log_softmax, softmax
from nnlib.metrics import accuracy, confusion_matrix, one_hot
from nnlib.network import Network
from nnlib.optimizers import SGD, Adam, Momentum, Optimizer, warmup_cosine
from nnlib.training import fit, minibatches, steps, train

__version__ = "1.0.0"

__all__ = ["autograd", "datasets", "gradcheck", "initializers", "metrics"]
__all__ += (
    activations.__all__
    + attention.__all__
    + convolution.__all__
    + history.__all__
    + layers.__all__
    + losses.__all__
    + metrics.__all__
)
__all__ += network.__all__ + optimizers.__all__ + training.__all__
