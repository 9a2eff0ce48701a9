import operator
import os
import warnings
from itertools import pairwise

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from nnlib import (
    MSE,
    Activation,
    BinaryCrossEntropy,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Layer,
    LeakyReLU,
    Network,
    ReLU,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
    softmax,
)
from nnlib.gradcheck import check, numerical_gradient, relative_error

# Every layer and loss against differences

# Whether a warning points here has no meaning while mutmut's trampolines stand between.
BETWEEN = "MUTANT_UNDER_TEST" in os.environ


@pytest.mark.parametrize("N", [1, 4])
def test_gradients_equal_differences(make_layer, loss_and_targets, N, rng):
    layer, X = make_layer(N, np.float64)
    loss, targets = loss_and_targets

    def forward():
        layer.rng = np.random.default_rng(8)  # the same mask in every Dropout
        return layer.forward(X, training=True).reshape(N, -1)

    shape = layer.forward(X).shape
    Y_hat = forward()
    Y = targets(rng, *Y_hat.shape)
    dX = layer.backward(loss.gradient(Y_hat, Y).reshape(shape))
    pairs = [*zip(layer.params, layer.grads, strict=True)]
    if isinstance(layer, Embedding):  # of whole numbers there are no differences
        assert dX.shape == X.shape and not dX.any()
    else:
        pairs.append((X, dX))
    for array, gradient in pairs:
        differences = numerical_gradient(lambda _: loss.value(forward(), Y), array)
        assert array.all() and differences.any() and gradient.shape == array.shape
        assert relative_error(gradient, differences) < 1e-7


# Whole networks against two programs that differentiate by themselves


LARGEST_ERROR = 1e-12
NETWORKS = 80  # for each loss and each first hidden layer
# A hidden layer: how to build it, its formula for autograd, and its name in PyTorch.
HIDDEN = {
    "Tanh": (Tanh, anp.tanh, "tanh"),
    "Sigmoid": (Sigmoid, lambda Z: 1 / (1 + anp.exp(-Z)), "sigmoid"),
    "ReLU": (ReLU, lambda Z: anp.maximum(Z, 0), "relu"),
    "LeakyReLU": (LeakyReLU, lambda Z: anp.where(Z > 0, Z, 0.01 * Z), "nn.functional.leaky_relu"),
    "Activation": (lambda: Activation(np.sin, np.cos), anp.sin, "sin"),
}
LOSS_FORMULAS = {
    MSE: (lambda Y_hat, Y: anp.mean((Y_hat - Y) ** 2), "mse_loss"),
    BinaryCrossEntropy: (
        lambda Z, Y: anp.mean(Y * anp.log(1 + anp.exp(-Z)) + (1 - Y) * anp.log(1 + anp.exp(Z))),
        "binary_cross_entropy_with_logits",
    ),
    SoftmaxCrossEntropy: (
        lambda Z, Y: (
            -anp.mean(anp.sum(Y * anp.log(anp.exp(Z) / anp.sum(anp.exp(Z), axis=1, keepdims=True)), axis=1))
        ),
        "cross_entropy",
    ),
}


def output(params, X, functions, M):
    """Dense layers with a function after each but the last, and with the scaled mask M after the first."""
    A = X.reshape(len(X), -1)
    for i, f in enumerate([*functions, lambda Z: Z]):
        A = f(A @ params[2 * i] + params[2 * i + 1])
        A = A * M if i == 0 else A
    return A


def with_autograd(params, X, hidden, M, Loss, Y):
    functions = [HIDDEN[name][1] for name in hidden]

    def loss(params, X):
        return LOSS_FORMULAS[Loss][0](output(params, X, functions, M), Y)

    value, (grads, dX) = autograd.value_and_grad(loss, argnum=(0, 1))(params, X)
    return value, [*grads, dX]


def with_torch(params, X, hidden, M, Loss, Y):
    torch = pytest.importorskip("torch")
    functions = [operator.attrgetter(HIDDEN[name][2])(torch) for name in hidden]
    leaves = [torch.tensor(A, requires_grad=True) for A in (*params, X)]
    Y_hat = output(leaves[:-1], leaves[-1], functions, torch.tensor(M))
    loss = getattr(torch.nn.functional, LOSS_FORMULAS[Loss][1])(Y_hat, torch.tensor(Y))
    loss.backward()
    return loss.item(), [leaf.grad.numpy() for leaf in leaves]


@pytest.mark.parametrize("oracle", [with_autograd, with_torch], ids=["autograd", "torch"])
@pytest.mark.parametrize("Loss", LOSS_FORMULAS)
@pytest.mark.parametrize("first", HIDDEN)
def test_networks_agree_with_others(first, Loss, oracle, rng):
    """Networks of random widths, depths and batches for each pair, no parameter zero."""
    silent = 0
    for _ in range(NETWORKS):
        N, height, n_out = rng.integers(1, 8), rng.integers(1, 4), rng.integers(2, 5)
        widths = [2 * height, *rng.integers(1, 9, size=rng.integers(1, 4)), n_out]
        dense = [Dense(int(n_in), int(n_out), rng=rng, dtype=np.float64) for n_in, n_out in pairwise(widths)]
        for layer in dense:
            layer.b = rng.standard_normal(layer.n_out)
        hidden = [first, *rng.permutation([*HIDDEN])][: len(dense) - 1]
        dropout = Dropout(rng.uniform(0, 0.6), rng=rng)
        layers = [Flatten(), dense[0], HIDDEN[first][0](), dropout]
        for name, layer in zip(hidden[1:], dense[1:], strict=False):
            layers += [layer, HIDDEN[name][0]()]
        net = Network(*layers, dense[-1])
        X, Y = rng.standard_normal((N, height, 2)), softmax(rng.standard_normal((N, n_out)))

        Y_hat = net.forward(X, training=True)
        dX = net.backward(Loss().gradient(Y_hat, Y))
        value, expected = oracle(net.params, X, hidden, (dropout.M > 0) / (1 - dropout.p), Loss, Y)
        assert all(param.all() for param in net.params)
        assert Loss().value(Y_hat, Y) == pytest.approx(value, rel=1e-12)
        both = [np.concatenate([*map(np.ravel, grads)]) for grads in ([*net.grads, dX], expected)]
        assert relative_error(*both) <= LARGEST_ERROR
        silent += not expected[-1].any()  # every unit dead or dropped: nothing is compared below it
    assert silent < NETWORKS / 2


# numerical_gradient


def test_numerical_gradient_of_a_known_function():
    X = np.array([[1.0, -2.0, 0.5], [3.0, 0.0, 4.0]])
    assert numerical_gradient(lambda X: (X**3).sum(), X) == pytest.approx(3 * X**2, abs=1e-9)
    assert numerical_gradient(lambda X: X[0, 0] * X[1, 2], X) == pytest.approx(
        np.array([[4, 0, 0], [0, 0, 1]]), abs=1e-9
    )


@pytest.mark.parametrize("h", [0.5, 0.25])
def test_differences_are_central_with_step_h(h):
    """(x + h)³ - (x - h)³ is 2h (3x² + h²), without any rounding for these numbers."""
    assert numerical_gradient(lambda X: X[0] ** 3, np.array([2.0]), h=h) == 12 + h**2


@pytest.mark.parametrize("calls_until_failure", range(6))
def test_numerical_gradient_puts_every_entry_back(calls_until_failure):
    X = np.array([0.1, 0.2, 0.3])
    before, calls = X.tobytes(), iter(range(calls_until_failure))

    def f(X):
        if next(calls, None) is None:
            raise OverflowError
        return X.sum()

    with pytest.raises(OverflowError):
        numerical_gradient(f, X)
    assert X.tobytes() == before


def test_numerical_gradient_leaves_X_as_it_was(rng):
    X = rng.standard_normal((4, 3))
    before = X.tobytes()
    numerical_gradient(lambda X: (X**2).sum(), X)
    assert X.tobytes() == before


# relative_error


@pytest.mark.parametrize(
    "A, B, expected",
    [
        ([1.0, 2.0], [1.0, 2.0], 0),
        ([0.0, 0.0], [0.0, 0.0], 0),
        ([0.0, 0.0], [0.0, 3.0], 1),
        ([1.0, 2.0], [1.0, -2.0], 2),
        ([1e-200], [2e-200], 0.5),
        ([[1.0, 4.0]], [[2.0, 4.0]], 0.25),
        (np.array([1], np.uint8), np.array([4], np.uint8), 0.75),
    ],
)
def test_relative_error_of_known_numbers(A, B, expected):
    assert relative_error(A, B) == expected == relative_error(B, A)


def test_relative_error_sees_what_float32_has_rounded_away():
    A, B = np.ones(1, np.float32), np.array([1 + 1e-9])
    assert relative_error(A, B) == relative_error(B, A) == pytest.approx(1e-9, rel=1e-6)


def test_a_gradient_that_is_nan_does_not_pass():
    assert not relative_error([np.nan, 1.0], [1.0, 1.0]) < 1e-7


# check


class MeanForSum(Dense):
    def parameter_gradients(self, dY):
        super().parameter_gradients(dY)
        self.db = dY.mean(axis=0)


class Unlearned(Dense):
    def backward(self, dY):
        super().backward(dY)
        return dY @ np.ones_like(self.W.T)


class SlopeAtOutput(Tanh):
    def backward(self, dY):
        return dY * (1 - np.tanh(self.Y) ** 2)


@pytest.mark.parametrize(
    "first, activation, wrong",
    [
        (Dense, Tanh, set()),
        (MeanForSum, Tanh, {"params[1]"}),
        (Unlearned, Tanh, {"X"}),
        (Dense, SlopeAtOutput, {"X", "params[0]", "params[1]"}),
    ],
)
def test_check_names_what_is_wrong(first, activation, wrong, rng):
    net = Network(
        first(4, 3, rng=rng, dtype=np.float64), activation(), Dense(3, 2, rng=rng, dtype=np.float64)
    )
    X, Y = rng.standard_normal((5, 4)), rng.standard_normal((5, 2))
    kept = [a.tobytes() for a in (X, *net.params)]
    errors = check(net, MSE(), X, Y)
    assert list(errors) == ["X", "params[0]", "params[1]", "params[2]", "params[3]"]
    assert {name for name, error in errors.items() if not error < 1e-7} == wrong
    assert all(errors[name] > 1e-2 for name in wrong)
    assert [a.tobytes() for a in (X, *net.params)] == kept


def test_check_passes_on_its_step(rng):
    net = Network(Dense(2, 2, rng=rng, dtype=np.float64), Tanh())
    X, Y = rng.standard_normal((5, 2)), rng.standard_normal((5, 2))
    assert max(check(net, MSE(), X, Y, h=0.1).values()) > 1e-5 > max(check(net, MSE(), X, Y).values())


def test_check_takes_a_network_without_parameters(rng):
    assert check(Network(Tanh()), MSE(), rng.standard_normal((3, 2)), np.zeros((3, 2)))["X"] < 1e-7


class ForgetsItsMask(Dropout):
    def backward(self, dY):
        return dY / (1 - self.p)


class ForgetsItsFactor(Dropout):
    def backward(self, dY):
        return dY * (self.M > 0)


class Both(Layer):
    """Two layers in one, of a reader's own."""

    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, X, training=False):
        for layer in self.layers:
            X = layer.forward(X, training)
        return X

    def backward(self, dY):
        for layer in reversed(self.layers):
            dY = layer.backward(dY)
        return dY


@pytest.mark.parametrize(
    "within", [lambda *layers: layers, lambda *layers: [Both(*layers)]], ids=["net", "a layer"]
)
@pytest.mark.parametrize("kind", [Dropout, ForgetsItsMask, ForgetsItsFactor])
def test_check_goes_forward_as_in_training_with_one_mask(kind, within, rng):
    masks = np.random.default_rng(8)
    net = Network(Dense(4, 6, rng=rng, dtype=np.float64), *within(Tanh(), kind(0.4, rng=masks)))
    before = masks.bit_generator.state
    errors = check(net, MSE(), rng.standard_normal((5, 4)), rng.standard_normal((5, 6)))
    right = [error < 1e-7 for error in errors.values()]
    assert right == 3 * [kind is Dropout]
    assert masks.bit_generator.state == before


def kinked(rng, X, first=Dense):
    """A network on data of which one sample puts every unit of ReLU at 0."""
    layers = first(2, 4, rng=rng, dtype=np.float64), ReLU(), Dense(4, 1, rng=rng, dtype=np.float64)
    return Network(*layers), MSE(), np.array(X, float), np.ones((len(X), 1))


@pytest.mark.parametrize("size, h", [(1, 1e-5), (1, 1e-6), (1, 1e-4), (-1, 1e-5), (1000, 1e-5)])
def test_check_names_a_kink(rng, size, h):
    net, loss, X, Y = kinked(rng, [[0, 0], [1, 2]])
    kept = [a.tobytes() for a in net.params]
    with pytest.warns(UserWarning, match=r"^X\[0, \d\] and params\[1\]\[\d\]: at a kink of the loss") as said:
        errors = check(net, loss, X, size * Y, h=h)
    assert len(said) == 1 and (BETWEEN or said[0].filename == __file__)
    assert str(said[0].message).endswith(
        ", such as that of ReLU at 0, its slopes on both sides differ, and backward gives one. "
        "Move X or the parameters a little, and check again."
    )
    assert errors["X"] > 0.01 < errors["params[1]"] and errors["params[0]"] < 1e-7
    assert [a.tobytes() for a in net.params] == kept


def test_the_mean_of_both_slopes_is_what_differences_find_at_a_kink():
    """Nothing is said where nothing differs: warnings are errors here."""
    net = Network(Activation(lambda X: X + np.abs(X), lambda X: 1 + np.sign(X)))
    assert check(net, MSE(), np.zeros((1, 2)), np.ones((1, 2)), h=1e-6)["X"] < 1e-5


@pytest.mark.parametrize("h", [1e-5, 0.1])
@pytest.mark.parametrize("X", [[[0, 0], [1, 2]], [[1, -2], [1, 2]]], ids=["at a kink", "away from it"])
def test_what_is_wrong_is_no_kink(rng, X, h):
    """A gradient outside of both slopes, or where there is only one: no excuse is made for it."""
    net, *batch = kinked(rng, X, MeanForSum)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert check(net, *batch, h=h)["params[1]"] > 0.01
    assert not any("params[1]" in str(w.message) for w in said)
    assert bool(said) == (X[0] == [0, 0])


def test_features_that_do_not_fit_are_told_as_by_the_network(rng):
    net = Network(Dense(4, 2, rng=rng, dtype=np.float64))
    with pytest.raises(ValueError, match="X has 5 features, but this network expects 4"):
        check(net, MSE(), np.zeros((3, 5)), np.zeros((3, 2)))
