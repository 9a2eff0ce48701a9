"""What chapter 14 says of frameworks, on other nets than its own: sizes, seeds, activations, losses."""

import importlib
import os
import pkgutil
import re

import nbformat
import numpy as np
import pytest

from nnlib import (
    SGD,
    Adam,
    BinaryCrossEntropy,
    Conv2D,
    Dense,
    MaxPool2D,
    Momentum,
    Network,
    ReLU,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
)
from tests.checkout import ROOT

os.environ.setdefault("KERAS_BACKEND", "jax")  # Keras reads it when it is imported
jax, keras, torch = map(importlib.import_module, ("jax", "keras", "torch"))
neural_network = importlib.import_module("sklearn.neural_network")
CLOSE = 1e-12
ACTIVATIONS = {"tanh": (Tanh, torch.tanh), "relu": (ReLU, torch.relu), "logistic": (Sigmoid, torch.sigmoid)}
seeds = pytest.mark.parametrize("seed", range(4))
each_activation = pytest.mark.parametrize("activation", ACTIVATIONS)


@pytest.fixture(autouse=True)
def float64():
    """float64 in JAX and in Keras, as long as a test runs."""
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    with jax.enable_x64(True):
        yield
    keras.config.set_floatx(before)


def small_net(seed, activation):
    """Return a net with one hidden layer, data for it, and labels."""
    rng = np.random.default_rng(seed)
    n_in, hidden, classes, N = rng.permutation([3, 4, 5, 7])
    first, last = (
        Dense(int(a), int(b), rng=rng, dtype=np.float64) for a, b in ((n_in, hidden), (hidden, classes))
    )
    for layer in (first, last):
        layer.b[...] = rng.standard_normal(layer.n_out)
    y = np.concatenate([np.arange(classes), rng.integers(classes, size=N)])
    return Network(first, ACTIVATIONS[activation][0](), last), rng.standard_normal((len(y), n_in)), y


def stepped(net, optimizer, X, y, loss=None):
    loss = loss or SoftmaxCrossEntropy()
    for _ in range(10):
        net.backward(loss.gradient(net.forward(X), y))
        optimizer.step(net.grads)
    return net.params


def gap(ours, theirs):
    return max(np.abs(a - np.asarray(b)).max() for a, b in zip(ours, theirs, strict=True))


OPTIMISERS = {
    "SGD": (lambda p: SGD(p, lr=0.2), lambda p: torch.optim.SGD(p, lr=0.2)),
    "Momentum": (lambda p: Momentum(p, lr=0.1), lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
    "Adam": (lambda p: Adam(p, lr=0.02), lambda p: torch.optim.Adam(p, lr=0.02)),
}


@seeds
@each_activation
@pytest.mark.parametrize("kind", OPTIMISERS)
def test_pytorch_goes_the_same_ten_steps(kind, activation, seed):
    net, X, y = small_net(seed, activation)
    A1, b1, A2, b2 = theirs = [torch.tensor(p.T.copy(), requires_grad=True) for p in net.params]
    optimizer = OPTIMISERS[kind][1](theirs)
    for _ in range(10):
        optimizer.zero_grad()
        A = ACTIVATIONS[activation][1](torch.nn.functional.linear(torch.tensor(X), A1, b1))
        Z = torch.nn.functional.linear(A, A2, b2)
        torch.nn.functional.cross_entropy(Z, torch.tensor(y)).backward()
        optimizer.step()
    ours = stepped(net, OPTIMISERS[kind][0](net.params), X, y)
    assert gap(ours, [p.detach().numpy().T for p in theirs]) <= CLOSE


@seeds
@each_activation
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_scikit_learn_goes_the_same_ten_steps(solver, activation, seed):
    net, X, y = small_net(seed, activation)
    made = neural_network.MLPClassifier(
        (net.layers[0].n_out,), activation=activation, solver=solver, alpha=0, momentum=0, shuffle=False,
        learning_rate_init=0.02,
    )  # fmt: skip
    made.partial_fit(X, y, classes=np.unique(y))
    made.coefs_[:] = [p.copy() for p in net.params[::2]]
    made.intercepts_[:] = [p.copy() for p in net.params[1::2]]
    del made._optimizer
    for _ in range(10):
        made.partial_fit(X, y)
    optimizer = SGD(net.params, lr=0.02) if solver == "sgd" else beside_sqrt_v(net.params, 1e-8)
    stepped(net, optimizer, X, y)
    assert gap(net.params[::2], made.coefs_) <= CLOSE and gap(net.params[1::2], made.intercepts_) <= CLOSE


def beside_sqrt_v(params, eps):
    """Adam with its ε beside √v, (14.5): by (14.6) an ε for each step."""

    class Beside(Adam):
        def update(self, grads, lr):
            self.eps = eps / np.sqrt(1 - self.beta2**self.t)
            super().update(grads, lr)

    return Beside(params, lr=0.02)


@seeds
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras under NumPy 2
@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_keras_goes_the_same_ten_steps(kind, seed):
    net, X, y = small_net(seed, "relu")
    k = keras.layers
    made = keras.Sequential(
        [keras.Input((X.shape[1],)), k.Dense(net.layers[0].n_out, "relu"), k.Dense(net.layers[2].n_out)]
    )
    made.set_weights(net.params)
    made.compile(
        getattr(keras.optimizers, kind)(learning_rate=0.02),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    for _ in range(10):
        made.train_on_batch(X, y)
    optimizer = SGD(net.params, lr=0.02) if kind == "SGD" else beside_sqrt_v(net.params, 1e-7)
    assert gap(stepped(net, optimizer, X, y), made.get_weights()) <= CLOSE


@seeds
def test_binary_cross_entropy_is_that_of_pytorch(seed):
    rng = np.random.default_rng(seed)
    Z, Y = 3 * rng.standard_normal((5, 3)), rng.random((5, 3))
    theirs = torch.tensor(Z, requires_grad=True)
    value = torch.nn.functional.binary_cross_entropy_with_logits(theirs, torch.tensor(Y))
    value.backward()
    loss = BinaryCrossEntropy()
    assert abs(loss.value(Z, Y) - value.item()) <= CLOSE
    assert gap([loss.gradient(Z, Y)], [theirs.grad]) <= CLOSE


@seeds
def test_a_convolution_with_stride_and_padding_is_theirs(seed):
    rng = np.random.default_rng(seed)
    layer = Conv2D(2, 3, (3, 4), stride=2, padding=1, rng=rng, dtype=np.float64)
    X = rng.standard_normal((2, 10, 11, 2))
    Y = layer.forward(X)
    V = torch.tensor(layer.W.transpose(3, 2, 0, 1).copy())
    theirs = torch.nn.functional.conv2d(torch.tensor(X.transpose(0, 3, 1, 2).copy()), V, stride=2, padding=1)
    assert gap([Y], [theirs.numpy().transpose(0, 2, 3, 1)]) <= CLOSE
    pooled = torch.nn.functional.max_pool2d(theirs, 2).numpy().transpose(0, 2, 3, 1)
    assert gap([MaxPool2D(2).forward(Y)], [pooled]) <= CLOSE


@seeds
def test_files_are_read_by_others(seed, tmp_path):
    onnx, runtime = map(importlib.import_module, ("onnx", "onnxruntime"))
    safetensors = importlib.import_module("safetensors.numpy")
    net, X, _ = small_net(seed, "relu")
    Z = net.forward(X)
    h, kind = onnx.helper, onnx.TensorProto.DOUBLE
    graph = h.make_graph(
        [
            h.make_node("Gemm", ["X", "p0", "p1"], ["Z1"]),
            h.make_node("Relu", ["Z1"], ["A1"]),
            h.make_node("Gemm", ["A1", "p2", "p3"], ["Z"]),
        ],
        "net",
        [h.make_tensor_value_info("X", kind, ["N", X.shape[1]])],
        [h.make_tensor_value_info("Z", kind, ["N", Z.shape[1]])],
        [onnx.numpy_helper.from_array(p, f"p{i}") for i, p in enumerate(net.params)],
    )
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    assert gap([Z], session.run(None, {"X": X})) <= CLOSE
    safetensors.save_file({f"p{i}": p for i, p in enumerate(net.params)}, tmp_path / "net.safetensors")
    read = importlib.import_module("safetensors.torch").load_file(tmp_path / "net.safetensors")
    A = torch.relu(torch.tensor(X) @ read["p0"] + read["p1"])
    assert gap([Z], [(A @ read["p2"] + read["p3"]).numpy()]) <= CLOSE


def test_each_name_of_the_tables_is_there():
    text = "\n".join(
        cell.source for cell in nbformat.read(ROOT / "notebooks" / "14_frameworks.ipynb", 4).cells
    )
    named = set(re.findall(r"`((?:torch|keras|jax|sklearn)(?:\.\w+)+)`", text))
    for module in ("torch.autograd.gradcheck", "jax.test_util", "jax.example_libraries.stax",
                   "jax.example_libraries.optimizers", "sklearn.datasets", "sklearn.metrics",
                   "sklearn.preprocessing", "sklearn.utils.extmath"):  # fmt: skip
        importlib.import_module(module)
    missing = []
    for name in sorted(named):
        try:
            pkgutil.resolve_name(name)
        except (AttributeError, ImportError):
            missing.append(name)
    assert len(named) > 100 and missing == []
