"""The tape: its gradients are those of HIPS autograd, of nnlib's layers and losses, and of differences."""

import gc
import tracemalloc

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from nnlib import (
    MSE,
    SGD,
    BinaryCrossEntropy,
    Conv2D,
    Dense,
    Network,
    ReLU,
    SoftmaxCrossEntropy,
    Tanh,
    one_hot,
)
from nnlib.autograd import Tensor, from_loss, no_grad
from nnlib.gradcheck import numerical_gradient

LARGEST_ERROR = 1e-12

# Each operation on a tensor, and in autograd's own words; what could leave its domain is kept inside.
ONE = {
    "neg": (lambda a: -a, lambda a: -a),
    "minus": (lambda a: 2.0 - a, lambda a: 2.0 - a),
    "inverse": (lambda a: 3 / (a * a + 1), lambda a: 3 / (a * a + 1)),
    "square": (lambda a: a**2, lambda a: a**2),
    "root": (lambda a: (a * a + 1) ** 0.5, lambda a: (a * a + 1) ** 0.5),
    "exp": (lambda a: a.tanh().exp(), lambda a: anp.exp(anp.tanh(a))),
    "log": (lambda a: (a * a + 0.5).log(), lambda a: anp.log(a * a + 0.5)),
    "relu": (lambda a: a.relu(), lambda a: anp.maximum(a, 0)),
    "sum": (lambda a: a.sum(), anp.sum),
    "mean": (lambda a: a.mean(), anp.mean),
    "sum of rows": (lambda a: a.sum(axis=-1), lambda a: anp.sum(a, axis=-1)),
    "mean, kept": (lambda a: a.mean(axis=0, keepdims=True), lambda a: anp.mean(a, axis=0, keepdims=True)),
    "max": (lambda a: a.max(axis=-1), lambda a: anp.max(a, axis=-1)),
    "max, kept": (lambda a: a.max(axis=0, keepdims=True), lambda a: anp.max(a, axis=0, keepdims=True)),
    "reshape": (lambda a: a.reshape(-1, 1), lambda a: anp.reshape(a, (-1, 1))),
    "T": (lambda a: a.T, lambda a: a.T),
    "one": (lambda a: a[0], lambda a: a[0]),
    "picked": (lambda a: a[np.array([0, -1, 0])], lambda a: a[np.array([0, -1, 0])]),
}
TWO = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / (b * b + 1),
    "@": lambda a, b: a @ b,
}
WITH_AXES = {"sum of rows", "mean, kept", "max", "max, kept", "one", "picked"}


def fits(name, a, b):
    if name == "@":
        return a.ndim > 1 and b.ndim > 1 and a.shape[-1] == b.shape[-2] and a.shape[:-2] == b.shape[:-2]
    try:
        return np.broadcast_shapes(a.shape, b.shape) is not None
    except ValueError:
        return False


def random_program(rng, leaves):
    """Return steps (name, operands), as many as eight, each on what is there by then."""
    values, steps = list(leaves), []
    while len(steps) < 8:
        name = str(rng.choice([*ONE, *TWO]))
        i, j = (int(k) for k in rng.integers(len(values), size=2))
        if name in TWO and fits(name, values[i], values[j]):
            value, operands = TWO[name](values[i], values[j]), (i, j)
        elif name in ONE and (values[i].ndim or name not in WITH_AXES):
            value, operands = ONE[name][1](values[i]), (i,)
        else:
            continue
        values.append(np.asarray(value))
        steps.append((name, operands))
    return steps


def run(steps, leaves, which):
    """Return the sum of the means of all that the steps make from the leaves, in the words of `which`."""
    values = list(leaves)
    for name, operands in steps:
        function = TWO[name] if name in TWO else ONE[name][which]
        values.append(function(*(values[i] for i in operands)))
    means = [value.mean() if which == 0 else anp.mean(value) for value in values[len(leaves) :]]
    return sum(means)


SHAPES = [(), (3,), (2, 3), (3, 2), (2, 1), (1, 3), (4, 2, 3), (4, 3, 2), (1, 1), (2, 3)]


@pytest.mark.parametrize("seed", range(12))
def test_random_graphs_agree_with_autograd(seed):
    rng, used = np.random.default_rng(seed), set()
    for _ in range(100):
        leaves = [rng.standard_normal(SHAPES[i]) for i in rng.choice(len(SHAPES), size=4, replace=False)]
        steps = random_program(rng, leaves)
        tensors = [Tensor(A) for A in leaves]
        result = run(steps, tensors, 0)
        result.backward()
        value, grads = autograd.value_and_grad(lambda leaves, steps=steps: run(steps, leaves, 1))(leaves)
        assert abs(result.data - value) <= LARGEST_ERROR * max(1, abs(value))
        for tensor, expected in zip(tensors, grads, strict=True):
            found = np.zeros_like(expected) if tensor.grad is None else tensor.grad
            assert found.shape == tensor.shape
            assert np.abs(found - expected).max() <= LARGEST_ERROR * max(1, np.abs(expected).max())
        used |= {name for name, _ in steps}
    assert used == {*ONE, *TWO}


LOSSES = {
    MSE: lambda Z, Y: ((Z - Y) ** 2).mean(),
    BinaryCrossEntropy: lambda Z, Y: (((-Z).exp() + 1).log() * Y + (Z.exp() + 1).log() * (1 - Y)).mean(),
    SoftmaxCrossEntropy: lambda Z, Y: -((Z - Z.exp().sum(axis=1, keepdims=True).log()) * Y).sum() / len(Y),
}


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("Loss", LOSSES)
def test_a_network_on_the_tape_has_the_gradients_of_nnlib(Loss, fused, rng):
    net = Network(
        Dense(4, 5, rng=rng, dtype=float),
        Tanh(),
        Dense(5, 6, rng=rng, dtype=float),
        ReLU(),
        Dense(6, 3, rng=rng, dtype=float),
    )
    X, Y = rng.standard_normal((7, 4)), one_hot(rng.integers(3, size=7), 3).astype(float)
    value, dY = Loss().value_and_gradient(net.forward(X, training=True), Y)
    dX = net.backward(dY)
    x, params = Tensor(X), [Tensor(p) for p in net.params]
    W1, b1, W2, b2, W3, b3 = params
    Z = ((x @ W1 + b1).tanh() @ W2 + b2).relu() @ W3 + b3
    loss = from_loss(Loss(), Z, Y) if fused else LOSSES[Loss](Z, Y)
    loss.backward()
    assert loss.data == pytest.approx(value, rel=1e-12)
    for tensor, expected in zip([x, *params], [dX, *net.grads], strict=True):
        assert np.abs(tensor.grad - expected).max() < LARGEST_ERROR


def test_a_convolution_on_the_tape_has_the_gradients_of_nnlib(rng):
    layer = Conv2D(2, 3, (2, 3), rng=rng, dtype=float)
    X, dY = rng.standard_normal((2, 5, 6, 2)), rng.standard_normal((2, 4, 4, 3))
    layer.forward(X)
    dX = layer.backward(dY)
    x, W, b = Tensor(X), Tensor(layer.W), Tensor(layer.b)
    Y = b
    for u, v in np.ndindex(2, 3):
        Y = x[:, u : u + 4, v : v + 4] @ W[u, v].reshape(1, 1, 2, 3) + Y
    Y.backward(dY)
    for tensor, expected in ((x, dX), (W, layer.dW), (b, layer.db)):
        assert np.abs(tensor.grad - expected).max() < LARGEST_ERROR


def test_the_first_of_a_tie_is_heard_as_in_pooling():
    a = Tensor([[1.0, 5.0, 5.0], [2.0, 2.0, 2.0]])
    a.max(axis=1).backward([10.0, 20.0])
    assert a.grad.tolist() == [[0, 10, 0], [20, 0, 0]]


OPERATIONS = {
    "": lambda a, b: a,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "@": lambda a, b: a @ b,
    "**": lambda a, b: a**2,
    "exp": lambda a, b: a.exp(),
    "log": lambda a, b: a.log(),
    "tanh": lambda a, b: a.tanh(),
    "relu": lambda a, b: a.relu(),
    "sum": lambda a, b: a.sum(),
    "max": lambda a, b: a.max(),
    "reshape": lambda a, b: a.reshape(4),
    "T": lambda a, b: a.T,
    "[]": lambda a, b: a[0],
    "MSE": lambda a, b: from_loss(MSE(), a, b.data),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_tensor_knows_what_it_was_made_by(name, rng):
    assert OPERATIONS[name](Tensor(rng.random((2, 2))), Tensor(rng.random((2, 2)))).op == name


def test_a_minus_in_front_has_a_name():
    assert (-Tensor(1.0)).op == "-"


def test_the_slope_of_relu_at_zero_is_zero():
    x = Tensor([-1.0, 0.0, 2.0])
    x.relu().sum().backward()
    assert x.grad.tolist() == [0, 0, 1]


def test_the_largest_of_all_and_the_mean_of_all_lose_their_axes(rng):
    x = Tensor(rng.permutation(12).reshape(3, 4))
    for y in (x.max(), x.mean(), x.sum()):
        assert y.shape == ()
    assert x.mean(axis=0).shape == x.max(axis=0).shape == (4,)
    x.max().backward()
    assert np.array_equal(x.grad, x.data == 11)


def test_each_backward_adds_and_the_same_graph_can_be_walked_twice():
    x = Tensor(3.0)
    y = x * x
    L = y + x
    L.backward()
    assert x.grad == 7 and y.grad == 1
    L.backward()
    assert x.grad == 14 and y.grad == 2
    x.grad = None
    (x * x).backward()
    assert x.grad == 6


def test_a_fork_waits_for_all_that_use_it():
    x = Tensor(2.0)
    a = x * 3
    b = a * a
    L = a * b + a  # a³ + a, of a = 3x
    L.backward()
    assert x.grad == 3 * (3 * 36 + 1)


def test_a_chain_of_a_hundred_thousand_goes_and_comes_and_is_freed():
    x = Tensor(1.0)
    y = x
    for _ in range(100_000):
        y = y * 1.00001 + x
    y.backward()
    assert x.grad == pytest.approx(y.data, rel=1e-9)  # it is linear in x
    del y
    gc.collect()


def test_a_graph_is_freed_without_the_collector():
    x = Tensor(np.ones((100, 100)))
    gc.disable()
    tracemalloc.start()
    try:
        for _ in range(20):
            loss = (x @ x).tanh().exp().relu().sum(axis=0, keepdims=True).max(axis=1).mean()
            loss.backward()
        del loss
        assert tracemalloc.get_traced_memory()[0] < 10 * x.data.nbytes
    finally:
        tracemalloc.stop()
        gc.enable()


def test_the_gradient_of_a_leaf_is_an_array_of_its_own():
    a, b, c = Tensor(np.ones((2, 3))), Tensor(np.ones((2, 3))), Tensor(np.ones((2, 3)))
    dY = np.ones((3, 2))
    result = (a + b + (c.reshape(6).reshape(2, 3))).T
    result.backward(dY)
    arrays = [dY, a.grad, b.grad, c.grad]
    for i, A in enumerate(arrays):
        assert not any(np.may_share_memory(A, node.grad) for node in result.tape() if node.grad is not A)
        assert not any(np.may_share_memory(A, B) for B in arrays[:i])


def test_float32_stays_float32(rng):
    x = Tensor(rng.random((3, 2), np.float32))
    y = (2 * x - 1) / 3 + x.mean(axis=0) ** 2 + 1.0 / (x + np.int64(1).item())
    y.sum().backward()
    assert y.data.dtype == x.grad.dtype == np.float32
    z = (x * np.ones(2)).sum()
    assert z.data.dtype == np.float64
    z.backward()
    assert x.grad.dtype == np.float32


@pytest.mark.parametrize("left", [2, 2.0, np.float64(2), np.ones(3), [1.0, 2.0, 3.0]], ids=repr)
@pytest.mark.parametrize("name", ["+", "-", "*", "/"])
def test_numbers_and_arrays_may_stand_on_the_left(name, left):
    x = Tensor([1.0, -2.0, 4.0])
    TWO[name](left, x).sum().backward()
    expected = numerical_gradient(lambda A: TWO[name](np.asarray(left), A).sum(), np.array([1.0, -2.0, 4.0]))
    assert np.allclose(x.grad, expected, atol=1e-8)


def test_whole_numbers_become_floats_and_an_array_of_floats_is_kept():
    A = np.ones(3, np.float32)
    assert Tensor(A).data is A and Tensor([1, 2]).data.dtype == np.float64
    assert repr(Tensor([[1.0, 2.0], [3.0, 4.0]])) == "Tensor([[1., 2.],\n        [3., 4.]])"


# No grad


def test_nothing_is_noted_inside_no_grad():
    x = Tensor(2.0)
    with no_grad():
        y = x * x
        with no_grad():
            pass
        z = x + 1
    assert y.data == 4 and not y.edges and not z.edges
    assert (x * x).edges
    with pytest.raises(ZeroDivisionError), no_grad():
        raise ZeroDivisionError
    assert (x * x).edges


# Changed in place


def training_step(rng):
    X, W, b = rng.random((5, 4)), Tensor(rng.random((4, 3))), Tensor(rng.random(3))
    return X, W, b, ((X @ W + b).tanh() ** 2).mean()


CHANGES = {
    "one entry": lambda X: X.__setitem__((0, 0), 9.0),
    "turned": lambda X: X.__setitem__(slice(None), X[::-1].copy()),  # the same numbers elsewhere
    "shuffled": np.random.default_rng(1).shuffle,
    "scaled": lambda X: X.__imul__(1.01),
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_array_that_is_changed_in_between_is_told_and_nothing_is_half_done(name, rng):
    X, W, b, loss = training_step(rng)
    before = X.copy()
    CHANGES[name](X)
    with pytest.raises(
        ValueError, match=r"an array of shape \(5, 4\) has been changed in place since @ read it"
    ):
        loss.backward()
    assert W.grad is b.grad is loss.grad is None
    X[:] = before
    loss.backward()


def test_what_nobody_reads_any_more_may_change(rng):
    X, W, b, loss = training_step(rng)
    b.data -= 1  # + reads neither of its operands
    loss.backward()
    optimizer = SGD([W.data, b.data], lr=0.1)
    for _ in range(3):  # what an optimiser does after backward is no change in between
        W.grad = b.grad = None
        loss = ((X @ W + b).tanh() ** 2).mean()
        loss.backward()
        optimizer.step([W.grad, b.grad])


def test_an_index_that_is_changed_is_told():
    x, index = Tensor([1.0, 2.0, 3.0]), np.array([0, 1])
    y = x[index].sum()
    index[0] = 2
    with pytest.raises(ValueError, match="since \\[\\] read it"):
        y.backward()
    table, column = Tensor(np.eye(3)), np.array([0, 1])
    y = table[np.array([1, 2]), column].sum()
    column[0] = 2
    with pytest.raises(ValueError, match="since \\[\\] read it"):
        y.backward()


def test_a_power_of_zero_moves_nothing_at_zero():
    A = Tensor(np.array([0.0, 2.0]))
    (A**0).sum().backward()
    assert np.array_equal(A.grad, [0, 0])
