"""The doors: looked at where a user enters, bare inside, for nnlib's own classes and for a reader's."""

import copy
import functools
import inspect
import pickle
import textwrap
from pathlib import Path

import numpy as np
import pytest

from nnlib import (
    MSE,
    SGD,
    Activation,
    Adam,
    Dense,
    Dropout,
    Flatten,
    Layer,
    LeakyReLU,
    Loss,
    Network,
    Optimizer,
    ReLU,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
    _validation,
    fit,
    steps,
)
from nnlib._doors import bare
from nnlib.gradcheck import check
from nnlib.layers import Parameter


@pytest.fixture
def looked(monkeypatch):
    """The names of the validation functions that were called, one after the other."""
    names = []

    def counted(function):
        @functools.wraps(function)
        def count(*arguments, **options):
            names.append(function.__name__)
            return function(*arguments, **options)

        return count

    for name, function in inspect.getmembers(_validation, inspect.isfunction):
        if function.__module__ == _validation.__name__:
            monkeypatch.setattr(_validation, name, counted(function))
    return names


NETWORKS = {
    "784-128-128-10": lambda rng: [
        Dense(784, 128, rng=rng),
        ReLU(),
        Dense(128, 128, rng=rng),
        ReLU(),
        Dense(128, 10, rng=rng),
    ],
    "every other layer": lambda rng: [
        Flatten(),
        Dense(784, 16, rng=rng),
        Sigmoid(),
        Dropout(0.5, rng=rng),
        Dense(16, 10, rng=rng),
        Tanh(),
    ],
}


@pytest.mark.parametrize("kind", [SGD, Adam])
@pytest.mark.parametrize("loss", [SoftmaxCrossEntropy(), MSE()], ids=repr)
@pytest.mark.parametrize("layers", NETWORKS.values(), ids=NETWORKS)
def test_a_step_makes_at_most_five_validation_calls(looked, rng, layers, loss, kind):
    """The gradients of the first batch of a shape are looked at; the third batch of 150 has another."""
    net = Network(*layers(rng))
    X, y = rng.random((150, 784), np.float32), rng.integers(10, size=150)
    Y = y if isinstance(loss, SoftmaxCrossEntropy) else np.eye(10)[y]
    calls, before = [], 0
    loop = steps(net, loss, kind(net.params, 0.01), X, Y, epochs=3, batch_size=64, rng=rng)
    looked.clear()
    for _ in loop:
        calls.append(len(looked) - before)
        before = len(looked)
    assert len(calls) == 9 and max(calls) <= 5
    assert calls[1] == 0


def test_an_epoch_looks_at_nothing_between_its_steps(looked, rng):
    X, y = rng.random((256, 784), np.float32), rng.integers(10, size=256)
    counts = []
    for epochs in (1, 2):
        net = Network(*NETWORKS["784-128-128-10"](rng))
        looked.clear()
        options = {"epochs": epochs, "batch_size": 64, "rng": rng, "progress": False}
        fit(net, SoftmaxCrossEntropy(), SGD(net.params, 0.01), X, y, **options)
        counts.append(len(looked))
    assert counts[1] == counts[0]


def test_inside_a_network_nothing_is_looked_at_again(looked, rng):
    net, X = Network(*NETWORKS["every other layer"](rng)), rng.random((5, 784), np.float32)
    dY = np.ones((5, 10), np.float32)
    net.backward(net.forward(X)[:, :1] * dY)
    looked.clear()
    net.backward(net.forward(X, training=True) * dY)
    at_the_door = ["samples", "numbers", "floats"]
    assert looked == [*at_the_door, "came_forward", "shaped", "floats"]


# A reader's own layer: that of CONTRIBUTING

RNG = np.random.default_rng(0)
PAGE = (Path(__file__).resolve().parents[1] / "CONTRIBUTING.md").read_text("utf-8")
EXAMPLE = textwrap.dedent(
    PAGE.partition("## Add a layer")[2].partition("```python\n")[2].partition("   ```")[0]
)
NAMES = {"np": np, "Layer": Layer, "Parameter": Parameter, "__name__": __name__}
exec(EXAMPLE, NAMES)
Scale = NAMES["Scale"]


def test_the_layer_of_contributing_is_short_and_right(rng):
    assert len([line for line in EXAMPLE.splitlines() if line]) < 20
    layer = Scale(3)
    layer.s = rng.standard_normal(3)
    net = Network(Dense(2, 3, rng=rng, dtype=np.float64), layer, Dense(3, 2, rng=rng, dtype=np.float64))
    X, Y = rng.standard_normal((5, 2)), rng.standard_normal((5, 2))
    assert max(check(net, MSE(), X, Y).values()) < 1e-7
    history = fit(net, MSE(), Adam(net.params), X, Y, epochs=50, batch_size=2, rng=rng, progress=False)
    assert history.loss[-1] < history.loss[0] and layer.s is net.params[2]


def test_a_first_assignment_copies_too():
    """A parameter is the layer's own: what it was made from stays as it was, and may be read-only."""
    s = np.ones(3)
    fresh = Scale.__new__(Scale)
    fresh.s = s
    fresh.s[...] = 2
    assert (s == 1).all()
    fresh = Scale.__new__(Scale)
    fresh.s = np.broadcast_to(1.0, 3)
    fresh.s *= 2


class Pool(Layer):
    """Every other feature: what goes out is not said beforehand."""

    def forward(self, X, training=False):
        return X[:, ::2]

    def backward(self, dY):
        return np.repeat(dY, 2, axis=1) * [[1, 0]]


class HalfTanh(Tanh):
    """A subclass of a layer that keeps the width, and does not."""

    def forward(self, X, training=False):
        return super().forward(X)[:, ::2]


@pytest.mark.parametrize("layer", [Pool(), HalfTanh()], ids=repr)
def test_a_width_that_a_layer_does_not_say_is_unknown(rng, layer):
    net = Network(Dense(3, 4, rng=rng), layer, Tanh(), Dense(2, 1, rng=rng))
    assert net.predict(np.ones((5, 3))).shape == (5, 1)
    wrong = Network(Dense(3, 4, rng=rng), layer, Dense(3, 1, rng=rng))
    with pytest.raises(ValueError, match="has 2 features, but this layer expects 3"):
        wrong.predict(np.ones((5, 3)))


@pytest.mark.parametrize(
    "layer",
    [Tanh(), Sigmoid(), ReLU(), LeakyReLU(), Activation(np.sin, np.cos), Dropout(0.5, rng=RNG)],
    ids=repr,
)
def test_widths_are_compared_across_what_works_entry_by_entry(rng, layer):
    with pytest.raises(ValueError, match=r"layer 3, Dense\(4, 1\), expects 4 features, but layer 1"):
        Network(Dense(2, 3, rng=rng), layer, Dense(4, 1, rng=rng))


class Bias(Scale):
    """A subclass of a subclass, which adds 1."""

    def forward(self, X, training=False):
        return super().forward(X) + 1


@pytest.mark.parametrize("kind", [Scale, Bias])
@pytest.mark.parametrize(
    "wrong, message",
    [
        ("abc", "X holds text, such as .abc.; expected real numbers"),
        ([[1.0], [1.0, 2.0]], "X is ragged"),
        (None, "X is None"),
    ],
)
def test_a_readers_layer_has_doors(kind, wrong, message):
    with pytest.raises((TypeError, ValueError), match=message):
        kind(2).forward(wrong)


@pytest.mark.parametrize("kind", [Scale, Bias])
def test_a_readers_layer_takes_lists_and_keywords(kind):
    layer = kind(2)
    layer.s = [2, 3]
    Y = layer.forward(X=[[1, 2]], training=True)
    assert (Y - (kind is Bias)).tolist() == [[2, 6]]
    assert layer.backward(dY=[[1, 1]]).tolist() == [[2, 3]] and layer.ds.tolist() == [1, 2]
    with pytest.raises(ValueError, match=r"dY has shape \(2,\); expected \(1, 2\)"):
        layer.backward(np.ones(2))
    with pytest.raises(TypeError, match="missing a required argument: 'X'"):
        layer.forward()


def test_backward_of_a_readers_layer_comes_after_forward():
    with pytest.raises(ValueError, match="no output to go back from; call forward before backward"):
        Scale(2).backward(np.ones((1, 2)))


def test_a_width_that_a_reader_sets_is_looked_at():
    layer = Scale(2)
    layer.n_in = 3
    with pytest.raises(ValueError, match="X has 2 features, but this layer expects 3"):
        layer.forward(np.ones((4, 2)))


class Wrong(Scale):
    """Returns what `change` makes of the right output, or of the right gradient."""

    def __init__(self, method, change):
        super().__init__(3)
        self.method, self.change = method, change

    def forward(self, X, training=False):
        Y = super().forward(X)
        return self.change(Y) if self.method == "forward" else Y

    def backward(self, dY):
        dX = super().backward(dY)
        return self.change(dX) if self.method == "backward" else dX


@pytest.mark.parametrize(
    "method, change, message",
    [
        ("forward", lambda A: None, "the output is None; expected real numbers"),
        ("backward", lambda A: None, "dX is None; expected real numbers"),
        ("backward", lambda A: A[:, :1], r"dX has shape \(5, 1\); expected \(5, 3\)"),
        ("forward", lambda A: A[:, :1], "X has 1 feature, but this layer expects 3"),
    ],
)
@pytest.mark.parametrize("batches", [1, 3])
def test_what_a_readers_layer_returns_is_looked_at_in_every_batch(rng, method, change, message, batches):
    right = iter(range(batches - 1))
    layer = Wrong(method, lambda A: A if next(right, None) is not None else change(A))
    net = Network(Tanh(), layer, Dense(3, 2, rng=rng, dtype=np.float64))
    X = rng.standard_normal((5, 3))
    with pytest.raises((TypeError, ValueError), match=message):
        for _ in range(batches):
            net.backward(net.forward(X))
    assert next(right, None) is None


def test_a_layer_from_elsewhere_and_its_copies_are_behind_doors(rng):
    class Loud:
        """No Layer: it stands before one in the order of the bases."""

        def forward(self, X, training=False):
            return 2 * super().forward(X, training)

    class LoudDense(Loud, Dense):
        pass

    class Wrapped(Dense):
        @functools.wraps(Dense.forward)
        def forward(self, X, training=False):
            return 3 * super().forward(X, training)

    for kind, factor in ((LoudDense, 2), (Wrapped, 3)):
        layer = kind(3, 2, rng=rng)
        net, X = Network(layer), np.ones((4, 3), np.float32)
        for _ in range(2):
            assert np.allclose(net.forward(X), factor * (X @ layer.W))
        with pytest.raises(ValueError, match="X has 2 features, but this layer expects 3"):
            layer.forward(np.ones((4, 2)))


def test_a_subclass_that_widens_what_its_parent_gives(rng):
    """It is inside when it calls the parent: what passes between the two is not for the doors."""

    class Squared(Dense):
        def forward(self, X, training=False):
            self.Y = super().forward(X)
            return (self.Y**2).sum(axis=1, keepdims=True)

        def backward(self, dY):
            return super().backward(2 * dY * self.Y)

    layer = Squared(3, 2, rng=rng, dtype=np.float64)
    assert layer.forward(np.ones((4, 3))).shape == (4, 1)
    assert layer.backward(np.ones((4, 1))).shape == (4, 3)
    with pytest.raises(ValueError, match=r"dY has shape \(4, 2\); expected \(4, 1\)"):
        layer.backward(np.ones((4, 2)))


@pytest.mark.parametrize(
    "change", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))], ids=["copy", "pickle"]
)
def test_copies_of_a_network_are_networks_of_their_own(rng, change):
    layers = NETWORKS["every other layer"](rng)
    net, X = Network(*layers), rng.random((5, 784), np.float32)
    expected = net.forward(X)
    other = change(net)
    assert np.array_equal(other.forward(X), expected)
    assert all(
        p is q for p, q in zip(other.params, (p for layer in other.layers for p in layer.params), strict=True)
    )
    other.params[0][...] = 0
    assert np.array_equal(net.forward(X), expected)
    with pytest.raises(ValueError, match="X has 3 features"):
        other.layers[1].forward(np.ones((4, 3)))


def test_a_layer_by_hand_after_a_network_has_gone_past_its_door(rng):
    """Its door knows the shape of the last batch, whoever brought it."""
    net = Network(*NETWORKS["784-128-128-10"](rng))
    for N in (5, 5, 7):
        net.forward(rng.random((N, 784), np.float32))
        assert net.layers[2].backward(np.ones((N, 128), np.float32)).shape == (N, 128)
        with pytest.raises(ValueError, match=rf"dY has shape \(6, 128\); expected \({N}, 128\)"):
            net.layers[2].backward(np.ones((6, 128), np.float32))


# Classes that are made while the tests run


def same(module, **options):
    class Same(Layer, **options):
        __module__ = module
        s = Parameter()

        def forward(self, X, training=False):
            self.training = training
            return X

        def backward(self, dY):
            return dY

    return Same()


@pytest.mark.parametrize("module, ours", [("nnlib.layers.more", True), ("nnlibrary", False), ("a", False)])
def test_no_way_leads_past_the_doors_of_what_is_not_nnlibs_own(module, ours):
    layer = same(module)
    assert (bare(layer.forward) != layer.forward) == (bare(layer.backward) != layer.backward) == ours
    assert layer.forward([[1, 2]], training=True).tolist() == [[1, 2]] and layer.training
    assert layer.forward(X=[[1, 2]]).tolist() == [[1, 2]] and not layer.training
    assert layer.backward(dY=[[1, 2]]).tolist() == [[1, 2]]
    assert type(layer).s.name == "s"


def test_a_class_that_is_abstract_has_no_doors():
    class Half(Layer, abstract=True):
        def forward(self, X, training=False):
            return X

    assert Half().forward("anything") == "anything"


@pytest.mark.parametrize("options", [{}, {"keeps_width": False}, {"keeps_width": True}], ids=str)
def test_a_width_is_known_across_a_layer_that_says_it_keeps_it(rng, options):
    layers = Dense(2, 3, rng=rng), same("__main__", **options), Dense(4, 1, rng=rng)
    if options.get("keeps_width"):
        with pytest.raises(ValueError, match="layer 3, .* expects 4 features, but layer 1, .* gives 3"):
            Network(*layers)
    else:
        Network(*layers)


def test_a_loss_and_an_optimiser_get_their_doors_too():
    class Mine(MSE):
        def value(self, Y_hat, Y):
            return super().value(Y_hat, Y)

    class Step(SGD):
        def step(self, grads):
            super().step(grads)

    with pytest.raises(ValueError, match=r"Y_hat has shape \(2, 1\), but Y has shape \(2,\)"):
        Mine().value(np.ones((2, 1)), np.ones(2))
    with pytest.raises(ValueError, match=r"grads\[0\] has shape \(3,\); expected \(2,\)"):
        Step([np.ones(2)], 0.1).step([np.ones(3)])


# A reader's own loss


class Distance(Loss):
    """A loss that writes its equations and nothing else."""

    def value(self, Y_hat, Y):
        return np.mean(np.abs(Y_hat - Y))

    def gradient(self, Y_hat, Y):
        return np.sign(Y_hat - Y) / Y.size


def test_a_readers_loss_has_doors():
    loss = Distance()
    L, dY_hat = loss.value_and_gradient([[3.0], [1.0]], [[0.0], [1.0]])
    assert (L, type(L), dY_hat.tolist()) == (1.5, float, [[0.5], [0.0]])
    assert loss.value(Y_hat=[[3.0]], Y=[[0.0]]) == 3
    with pytest.raises(ValueError, match=r"Y_hat has shape \(2, 1\), but Y has shape \(2,\)"):
        loss.value(np.ones((2, 1)), np.ones(2))


class Plain(Optimizer):
    """An optimiser with a step of its own."""

    def step(self, grads):
        for p, g in zip(self.params, grads, strict=True):
            p -= 0.5 * g


def test_a_readers_step_has_doors():
    p = np.ones((2, 3))
    optimizer = Plain([p], 0.5)
    optimizer.step([[[2.0, 0.0, 0.0], [0.0, 0.0, 4.0]]])
    assert p.tolist() == [[0.0, 1.0, 1.0], [1.0, 1.0, -1.0]]
    with pytest.raises(ValueError, match=r"\(3, 2\)"):
        optimizer.step([np.ones((3, 2))])
    assert p[0, 1] == 1


# The way past


def test_bare_leads_past_the_doors_of_nnlib_and_of_nobody_else():
    theirs, own, X = Scale(2), Tanh(), np.ones((2, 3))
    assert bare(theirs.forward) == theirs.forward and bare(np.tanh) is np.tanh
    assert np.array_equal(bare(own.forward)(X), own.forward(X))
    with pytest.raises(AttributeError, match="has no attribute 'Y'"):
        bare(Tanh().backward)(X)


class Affine(Layer):
    """Two parameters that say nothing of themselves."""

    s = Parameter()
    b = Parameter()
    never_set = Parameter()

    def __init__(self):
        self.s, self.b = [2.0, 3.0], [0.0, 1.0]

    def forward(self, X, training=False):
        self.X = X
        return self.s * X + self.b

    def backward(self, dY):
        self.ds, self.db = (dY * self.X).sum(axis=0), dY.sum(axis=0)
        return self.s * dY


def test_parameters_are_found_by_themselves(rng):
    layer = Affine()
    assert layer.params[0] is layer.s and layer.params[1] is layer.b and len(layer.params) == 2
    assert layer.grads == (None, None) and Affine.params == Layer.grads == Tanh().params == ()
    net = Network(layer, Dense(2, 1, rng=rng, dtype=np.float64))
    X, Y = rng.standard_normal((5, 2)), rng.standard_normal((5, 1))
    assert len(net.params) == 4 and max(check(net, MSE(), X, Y).values()) < 1e-7
    assert layer.grads[0] is layer.ds and layer.grads[1] is layer.db
