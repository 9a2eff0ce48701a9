import inspect
import math
import os
import re
import signal
import time
import warnings

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import nnlib
from nnlib import (
    MSE,
    SGD,
    Adam,
    BinaryCrossEntropy,
    Dense,
    Dropout,
    Epoch,
    Flatten,
    History,
    Layer,
    Momentum,
    Network,
    ReLU,
    SoftmaxCrossEntropy,
    Step,
    _threads,
    accuracy,
    fit,
    metrics,
    minibatches,
    steps,
    train,
)

ONE_EPOCH = {"epochs": 1, "batch_size": 4, "rng": None}
EACH_LOOP = pytest.mark.parametrize("loop", [steps, train, fit], ids=lambda loop: loop.__name__)

# Whether a warning points here has no meaning while mutmut's trampolines stand between.
BETWEEN = "MUTANT_UNDER_TEST" in os.environ


@pytest.fixture
def data(rng):
    """Ten samples of three features, with two outputs between 0 and 1."""
    return rng.standard_normal((10, 3)), rng.random((10, 2))


@pytest.fixture
def net(make_net):
    return make_net(3, 4, 2)


def run(loop, *args, **options):
    """Exhaust `steps`, `train` or `fit` and return what it gave, as a list."""
    return list(loop(*args, **options | ({"progress": False} if loop is fit else {})))


# minibatches


@pytest.mark.parametrize("seed", [None, 0])
@pytest.mark.parametrize(
    "N, batch_size, sizes", [(10, 4, [4, 4, 2]), (10, 5, [5, 5]), (3, 1, [1, 1, 1]), (3, 3, [3]), (3, 9, [3])]
)
def test_every_sample_comes_once_with_its_target(N, batch_size, sizes, seed):
    X, Y = np.arange(2 * N).reshape(N, 2), np.arange(0, 2 * N, 2)
    rng = None if seed is None else np.random.default_rng(seed)
    batches = list(minibatches(X, Y, batch_size=batch_size, rng=rng))
    assert [len(X_batch) for X_batch, _ in batches] == [len(Y_batch) for _, Y_batch in batches] == sizes
    X_seen, Y_seen = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    assert np.array_equal(X_seen, np.column_stack([Y_seen, Y_seen + 1]))
    assert sorted(Y_seen) == Y.tolist()
    assert (Y_seen.tolist() == Y.tolist()) == (seed is None or N == 1)


def test_samples_are_shuffled_anew_each_time(rng):
    X = np.arange(100)
    first, second = (
        np.concatenate([x for x, _ in minibatches(X, X, batch_size=10, rng=rng)]) for _ in range(2)
    )
    assert (first != second).any() and (first != X).any()


def test_every_order_is_equally_likely(rng):
    """Of 6000 shuffles of three samples each of the six orders comes 1000 ± 29 times."""
    X = np.arange(3)
    orders = [tuple(next(minibatches(X, X, batch_size=3, rng=rng))[0]) for _ in range(6000)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6 and all(abs(n - 1000) <= 4 * math.sqrt(6000 * 1 / 6 * 5 / 6) for n in counts)


# The loop


def classic(net, loss, optimizer, X, Y, epochs, batch_size):
    """The step that every chapter repeats, in order, and the losses and outputs it saw."""
    for _ in range(epochs):
        for n in range(0, len(X), batch_size):
            X_batch, Y_batch = X[n : n + batch_size], Y[n : n + batch_size]
            Y_hat = net.forward(X_batch)
            yield loss.value(Y_hat, Y_batch), Y_hat, Y_batch
            net.backward(loss.gradient(Y_hat, Y_batch))
            optimizer.step(net.grads)


@EACH_LOOP
@pytest.mark.parametrize("Optimizer", [SGD, Momentum, Adam])
@pytest.mark.parametrize("batch_size", [1, 4, 10, 20])
def test_without_rng_it_is_exactly_the_classic_loop(make_net, data, raw, loop, Optimizer, batch_size):
    net, by_hand = make_net(3, 4, 2), make_net(3, 4, 2)
    run(loop, net, MSE(), Optimizer(net.params, 0.1), *data, epochs=3, batch_size=batch_size, rng=None)
    list(classic(by_hand, MSE(), Optimizer(by_hand.params, 0.1), *data, 3, batch_size))
    assert raw(net.params) == raw(by_hand.params)


def test_each_step_says_where_it_is_and_what_it_saw(make_net, data):
    net, by_hand = make_net(3, 4, 2), make_net(3, 4, 2)
    found = list(steps(net, MSE(), SGD(net.params, 0.1), *data, epochs=2, batch_size=4, rng=None))
    seen = list(classic(by_hand, MSE(), SGD(by_hand.params, 0.1), *data, 2, 4))
    assert [(step.epoch, step.batch) for step in found] == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)]
    for step, (value, Y_hat, Y) in zip(found, seen, strict=True):
        assert isinstance(step, Step) and step.loss == value and type(step.loss) is float
        assert np.array_equal(step.Y_hat, Y_hat) and np.array_equal(step.Y, Y)


class Passing(Layer):
    """Hands its input on as it is, with a parameter that does nothing."""

    params = (np.ones(1),)
    grads = (np.zeros(1),)

    def forward(self, X, training=False):
        return X

    def backward(self, dY):
        return dY


@pytest.mark.parametrize("layers", [[Passing()], [Flatten(), Passing()]], ids=["itself", "a view of it"])
def test_what_a_step_has_seen_stays_although_batches_share_their_place(layers, rng, data):
    net, X = Network(*layers), data[0]
    found = list(steps(net, MSE(), SGD(net.params, 0.1), X, X, epochs=1, batch_size=4, rng=rng))
    assert all(np.array_equal(step.Y_hat, step.Y) and step.loss == 0 for step in found)
    assert sorted(row[0] for step in found for row in step.Y_hat) == sorted(X[:, 0])


def test_an_epoch_is_the_mean_over_its_batches_weighted_by_their_size(make_net, data):
    net, by_hand = make_net(3, 4, 2), make_net(3, 4, 2)
    X, labels, rows = data[0], np.arange(10) % 2, np.eye(2)[np.arange(10) % 2]
    validation = (X[:3] + 1, labels[:3])
    options = {"epochs": 2, "batch_size": 4, "rng": None}
    loop = train(
        net, SoftmaxCrossEntropy(), SGD(net.params, 0.5), X, labels, **options, validation=validation
    )
    seen = classic(by_hand, SoftmaxCrossEntropy(), SGD(by_hand.params, 0.5), X, rows, 2, 4)
    for number, epoch in enumerate(loop, 1):
        batches = [next(seen) for _ in range(3)]
        right = sum((Y_hat.argmax(axis=1) == Y.argmax(axis=1)).sum() for _, Y_hat, Y in batches)
        assert isinstance(epoch, Epoch) and epoch.epoch == number and epoch.updates == 3 * number
        assert epoch.loss == pytest.approx(sum(value * len(Y) for value, _, Y in batches) / 10, rel=1e-14)
        assert epoch.accuracy == pytest.approx(right / 10, rel=1e-14)
        Y_hat = net.predict(validation[0])
        assert epoch.validation_loss == SoftmaxCrossEntropy().value(Y_hat, validation[1])
        assert epoch.validation_accuracy == (Y_hat.argmax(axis=1) == validation[1]).mean()


def unlearned(net, loss, X, Y, validation=None):
    """The record of an epoch in which next to nothing is learned."""
    (epoch,) = train(net, loss, SGD(net.params, 1e-9), X, Y, **ONE_EPOCH, validation=validation)
    return epoch


def test_accuracy_is_weighted_too(make_net):
    """One right answer in a last batch of one counts as one in five."""
    net = make_net(2, 2)
    net.layers[0].W, net.layers[0].b = np.eye(2), np.zeros(2)
    epoch = unlearned(net, SoftmaxCrossEntropy(), np.eye(2)[[0, 0, 0, 0, 1]], np.ones(5, int))
    assert epoch.accuracy == pytest.approx(0.2, rel=1e-14)
    assert epoch.validation_loss is None is epoch.validation_accuracy


ROWS, SHARES = [[0, 1], [1, 0], [1, 0], [0, 1]], [[0.1, 0.9], [1, 0], [1, 0], [0, 1]]


@pytest.mark.parametrize(
    "loss, Y, validation, measured",
    [
        (SoftmaxCrossEntropy(), [0, 1, 1, 0], [0, 1, 1, 0], (True, True)),
        (SoftmaxCrossEntropy(), ROWS, ROWS, (True, True)),
        (SoftmaxCrossEntropy(), SHARES, SHARES, (False, False)),
        (SoftmaxCrossEntropy(), ROWS, SHARES, (True, False)),
        (SoftmaxCrossEntropy(), SHARES, ROWS, (False, False)),
        (MSE(), ROWS, ROWS, (True, True)),
        (MSE(), [*ROWS[:3], [0, 2]], ROWS, (False, False)),
        (BinaryCrossEntropy(), [[0, 1], [1, 1], [0, 0], [0, 1]], ROWS, (False, False)),
    ],
)
def test_accuracy_is_measured_where_targets_are_classes(make_net, rng, loss, Y, validation, measured):
    net, X = make_net(3, 2), rng.standard_normal((4, 3))
    epoch = unlearned(net, loss, X, Y, (X, validation))
    found = epoch.accuracy, epoch.validation_accuracy
    assert tuple(share is not None for share in found) == measured
    assert all(share in (None, accuracy(net.predict(X), Y)) for share in found)


@pytest.mark.parametrize("loss, expected", [(BinaryCrossEntropy(), 1), (MSE(), 0.5)], ids=repr)
def test_accuracy_takes_the_threshold_of_the_loss(make_net, loss, expected):
    """An output of 0.25 is class 1 as a logit, and class 0 as a number between 0 and 1."""
    net = make_net(1, 1)
    net.layers[0].W, net.layers[0].b = [[1.0]], [0.0]
    X, Y = np.array([[0.25], [0.25], [-0.25], [0.75]]), np.array([[1], [1], [0], [1]])
    epoch = unlearned(net, loss, X, Y, (X, Y))
    assert epoch.accuracy == epoch.validation_accuracy == expected


def test_the_input_gradient_is_not_computed(rng, data):
    class First(Dense):
        def backward(self, dY):
            raise AssertionError

    net = Network(First(3, 2, rng=rng))
    fit(net, MSE(), SGD(net.params, 0.1), *data, **ONE_EPOCH, progress=False)


def test_seconds_are_those_in_the_loop_without_validation(net, data, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    class Slow(MSE):
        def gradient(self, Y_hat, Y):
            now[0] += 1
            return super().gradient(Y_hat, Y)

    def predict(X):
        now[0] += 100
        return net.forward(X)

    monkeypatch.setattr(net, "predict", predict)
    options = {"epochs": 3, "batch_size": 4, "rng": None, "validation": data}
    seconds = []
    for epoch in train(net, Slow(), SGD(net.params, 0.1), *data, **options):
        seconds.append(epoch.seconds)
        now[0] += 1000
    assert seconds == [3, 6, 9]


def test_dropout_is_active_in_training_and_not_in_validation(rng, data):
    net = Network(
        Dense(3, 50, rng=rng, dtype=np.float64),
        Dropout(0.5, rng=rng),
        Dense(50, 2, rng=rng, dtype=np.float64),
    )
    dropout, masks = net.layers[1], []

    class Watching(MSE):
        def value(self, Y_hat, Y):
            masks.append(np.array(dropout.M))
            return super().value(Y_hat, Y)

    list(
        train(
            net, Watching(), SGD(net.params, 0.01), *data, epochs=1, batch_size=5, rng=None, validation=data
        )
    )
    assert [mask.ndim for mask in masks if (mask == 0).any()] == [2, 2]  # the two batches
    assert (masks[-1] == 1).all()


@EACH_LOOP
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [list, ">f4", ">f8", "i8", "u1", "?"], ids=str)
@pytest.mark.parametrize("loss", [MSE(), BinaryCrossEntropy(), SoftmaxCrossEntropy()], ids=repr)
def test_numbers_of_any_kind_train_the_same_network(make_net, raw, loop, loss, kind, dtype):
    X, Y = np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]]), np.array([[1, 0], [0, 1], [1, 0]])
    convert = (lambda a: a.tolist()) if kind is list else (lambda a: a.astype(kind))
    nets = [make_net(3, 4, 2, dtype=dtype) for _ in range(2)]
    for net, data in zip(nets, [(X.astype(dtype), Y.astype(dtype)), (convert(X), convert(Y))], strict=True):
        kept = [np.array(a) for a in data]
        optimizer = Adam(net.params, 0.1)
        options = {} if loop is steps else {"validation": data}
        run(
            loop, net, loss, optimizer, *data, epochs=2, batch_size=2, rng=np.random.default_rng(0), **options
        )
        assert {a.dtype for a in (*net.params, *net.grads, *optimizer.m, *optimizer.v)} == {np.dtype(dtype)}
        assert all(np.array_equal(a, b) for a, b in zip(data, kept, strict=True))
    assert raw(nets[0].params) == raw(nets[1].params)


@pytest.mark.parametrize("kind", [list, "i8", "u1", ">i4"], ids=str)
@pytest.mark.parametrize("C", [2, metrics.FEW_CLASSES + 1])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_labels_of_any_kind_train_like_one_hot_rows(make_net, rng, raw, kind, C, dtype):
    X, labels = rng.standard_normal((6, 3)), np.array([0, 1, 1, 0, 1, 0])
    nets = [make_net(3, 4, C, dtype=dtype) for _ in range(2)]
    for net, Y in zip(
        nets, (np.eye(C)[labels], labels.tolist() if kind is list else labels.astype(kind)), strict=True
    ):
        run(fit, net, SoftmaxCrossEntropy(), SGD(net.params, 0.1), X, Y, epochs=2, batch_size=2, rng=None)
        assert {g.dtype for g in net.grads} == {np.dtype(dtype)}
    assert raw(nets[0].params) == raw(nets[1].params)


@EACH_LOOP
def test_one_seed_one_result_and_no_global_state(raw, loop):
    def trained(seed):
        rng = np.random.default_rng(seed)
        net = Network(Dense(3, 8, rng=rng), ReLU(), Dropout(0.5, rng=rng), Dense(8, 2, rng=rng))
        X, Y = rng.standard_normal((20, 3)), rng.standard_normal((20, 2))
        run(loop, net, MSE(), Adam(net.params, 0.1), X, Y, epochs=3, batch_size=6, rng=rng)
        return raw(net.params)

    def global_state():
        return [np.asarray(part).tolist() for part in np.random.get_state()]  # noqa: NPY002

    before = global_state()
    assert trained(0) == trained(0) != trained(1)
    assert global_state() == before


@EACH_LOOP
def test_no_epochs_change_nothing(net, data, raw, loop):
    before, optimizer = raw(net.params), SGD(net.params, 0.1)
    assert run(loop, net, MSE(), optimizer, *data, epochs=0, batch_size=4, rng=None) == []
    assert raw(net.params) == before and optimizer.t == 0


@pytest.mark.parametrize("loop", [steps, train])
def test_loops_are_generators_that_learn_only_when_asked(net, data, raw, loop):
    before, optimizer = raw(net.params), SGD(net.params, 0.1)
    generator = loop(net, MSE(), optimizer, *data, epochs=2, batch_size=4, rng=None)
    assert inspect.isgenerator(generator) and raw(net.params) == before and optimizer.t == 0
    next(generator)
    assert optimizer.t == {steps: 1, train: 3}[loop]


# What is refused at the call: tests/test_bad_input.py has the rest


@EACH_LOOP
def test_targets_that_are_no_probabilities_are_refused_for_a_loss_that_wants_them(net, data, raw, loop):
    optimizer, before = SGD(net.params, 0.1), raw(net.params)
    with pytest.raises(ValueError, match="Y ranges from 2.0 to 2.0; expected probabilities"):
        loop(net, BinaryCrossEntropy(), optimizer, data[0], np.full((10, 2), 2), **ONE_EPOCH)
    assert raw(net.params) == before and optimizer.t == 0


def test_a_number_too_large_for_the_networks_dtype_is_refused_at_the_call(make_net):
    X, Y = np.ones((4, 3)), np.ones((4, 2))
    X[3, 1] = 1e300
    for dtype in (np.float64, np.float32):
        net = make_net(3, 2, dtype=dtype)
        options = {"epochs": 1, "batch_size": 4, "rng": None}
        if dtype == np.float64:
            steps(net, MSE(), SGD(net.params, 0.1), X, Y, **options)
        else:
            with pytest.raises(
                ValueError, match=r"X\[3, 1\] is 1e\+300, too large for float32; expected finite"
            ):
                steps(net, MSE(), SGD(net.params, 0.1), X, Y, **options)


def test_a_wrong_label_is_named_by_its_place_among_all(make_net):
    net, X, labels = make_net(1, 2), np.ones((3000, 1)), [0] * 2999 + [2]
    optimizer = SGD(net.params, 0.1)
    with pytest.raises(ValueError, match=r"labels\[2999\] is 2; expected 0 to 1"):
        train(net, SoftmaxCrossEntropy(), optimizer, X, labels, **ONE_EPOCH)


@EACH_LOOP
def test_an_optimizer_of_another_network_is_refused(make_net, data, loop):
    optimizer = SGD(make_net(3, 4, 2).params, 0.1)
    with pytest.raises(ValueError, match="optimizer holds other parameters than this network's"):
        loop(make_net(3, 4, 2), MSE(), optimizer, *data, **ONE_EPOCH)


# A loss that is not finite


class Diverging(MSE):
    """nan instead of the loss of the batch that comes after `after` others."""

    def __init__(self, after, value=math.nan):
        self.left, self.instead = after, value

    def value(self, Y_hat, Y):
        return self.instead if self.left == 0 else super().value(Y_hat, Y)

    def gradient(self, Y_hat, Y):
        self.left -= 1
        return super().gradient(Y_hat, Y)


@EACH_LOOP
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_not_finite_ends_training_before_the_update(make_net, data, raw, loop, value):
    net, other = make_net(3, 4, 2), make_net(3, 4, 2)
    optimizer = Momentum(net.params, 0.125)
    handler = signal.getsignal(signal.SIGINT)
    message = rf"^the loss is {value} in epoch 2, batch 3, with Momentum at a learning rate of 0.125: try a"
    with pytest.raises(FloatingPointError, match=message):
        run(loop, net, Diverging(5, value), optimizer, *data, epochs=4, batch_size=4, rng=None)
    undisturbed = steps(other, MSE(), Momentum(other.params, 0.125), *data, epochs=4, batch_size=4, rng=None)
    for _ in range(5):
        next(undisturbed)
    assert raw(net.params) == raw(other.params) and optimizer.t == 5
    assert signal.getsignal(signal.SIGINT) is handler


def test_the_rate_of_a_schedule_is_told_as_it_is_then(make_net, data):
    net = make_net(3, 4, 2)
    optimizer = Momentum(net.params, lambda t: 0.5 / t)
    message = "in epoch 2, batch 3, with Momentum at a learning rate of 0.0833333: try a smaller"
    with pytest.raises(FloatingPointError, match=message):
        list(steps(net, Diverging(5, math.nan), optimizer, *data, epochs=4, batch_size=4, rng=None))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_too_large_a_rate_is_told(make_net, data, dtype):
    net = make_net(3, 2, dtype=dtype)
    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"SGD at a learning rate of 1e\+06"),
    ):
        fit(net, MSE(), SGD(net.params, 1e6), *data, epochs=100, batch_size=4, rng=None, progress=False)
    assert all(np.isfinite(p).all() for p in net.params)


def test_a_loss_that_is_lost_prints_its_error_and_no_warning(make_net, data):
    """Warnings are errors here: those of NumPy, with their paths, would come before what is to be read."""
    net = make_net(3, 4, 2, dtype=np.float32)
    validation = (data[0], data[1])
    with pytest.raises(FloatingPointError, match=r"at a learning rate of 1e\+30: try a smaller one"):
        options = {"epochs": 9, "batch_size": 4, "rng": None, "validation": validation, "progress": False}
        fit(net, MSE(), SGD(net.params, 1e30), *data, **options)


def test_the_next_run_does_not_blame_the_rate_for_the_weights_it_began_with(make_net, data):
    net = make_net(3, 4, 2, dtype=np.float32)
    options = {"epochs": 9, "batch_size": 4, "rng": None, "progress": False}
    with pytest.raises(FloatingPointError, match="try a smaller one"):
        fit(net, MSE(), SGD(net.params, 1e20), *data, **options)
    for rate in (0.05, 1e-9, 1e-30):
        with pytest.raises(FloatingPointError, match=r"this run began with weights .* Make a new network"):
            fit(net, MSE(), SGD(net.params, rate), *data, **options)


@pytest.mark.parametrize("batch_size, batch", [(10, 1), (4, 2), (1, 5)])
def test_data_that_is_too_large_is_blamed_in_whatever_batch_it_comes(make_net, data, batch_size, batch):
    net, (X, Y) = make_net(3, 2, dtype=np.float32), data
    X[4, 1] = -3e25
    message = (
        rf"^the loss is inf in epoch 1, batch {batch}: X holds numbers up to 3e\+25. Scale them, to about"
    )
    with pytest.raises(FloatingPointError, match=message):
        run(fit, net, MSE(), SGD(net.params, 1e-30), X, Y, epochs=2, batch_size=batch_size, rng=None)


@pytest.mark.parametrize("after, least", [(0, 1e3), (1, 1e6)])
def test_from_which_size_on_numbers_are_blamed(net, data, after, least):
    for size, said in ((least, "X holds numbers up to 1e"), (0.999 * least, "look at|try a smaller")):
        X = np.full((10, 3), size)
        with pytest.raises(FloatingPointError, match=said):
            run(steps, net, Diverging(after), SGD(net.params, 1e-30), X, data[1], **ONE_EPOCH)


def test_targets_that_are_too_large_are_blamed_too(make_net, data):
    net = make_net(3, 4, 2, dtype=np.float32)
    with pytest.raises(FloatingPointError, match=r"Y holds numbers up to .*e\+2\d. Scale them"):
        run(fit, net, MSE(), SGD(net.params, 0.1), data[0], 1e25 * data[1], epochs=1, batch_size=4, rng=None)


@pytest.mark.parametrize("loop", [train, fit], ids=lambda loop: loop.__name__)
def test_weights_that_the_last_step_has_lost_are_told(make_net, data, loop):
    net = make_net(3, 2, dtype=np.float32)
    with pytest.raises(
        FloatingPointError, match="a weight is (inf|nan) after epoch 1, with SGD: try a smaller"
    ):
        run(loop, net, MSE(), SGD(net.params, 1e300), *data, epochs=1, batch_size=10, rng=None)


class InFloat64(MSE):
    """A loss of a reader's own, whose value is no plain float."""

    def __init__(self, kind):
        self.kind = kind

    def value(self, Y_hat, Y):
        return self.kind(super().value(Y_hat, Y))


@pytest.mark.parametrize("kind", [float, np.float64, np.float32, np.array], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_epoch_holds_plain_numbers(make_net, data, kind, dtype):
    net, Y = make_net(3, 2, dtype=dtype), np.eye(2)[np.arange(10) % 2]
    options = {"epochs": 1, "batch_size": 4, "rng": None, "validation": (data[0], Y), "progress": False}
    (epoch,) = fit(net, InFloat64(kind), SGD(net.params, 0.1), data[0], Y, **options)
    assert [type(value) for value in epoch] == [int, float, float, float, float, int, float]


# What is said once


class Last(Layer):
    """A reader's own last layer."""

    def __init__(self, f):
        self.f = f

    def forward(self, X, training=False):
        return self.f(X)

    def backward(self, dY):
        return dY


PROBABILITIES = {
    "nnlib's sigmoid": lambda: nnlib.Sigmoid(),
    "an activation": lambda: nnlib.Activation(nnlib.sigmoid, np.cos),
    "a sigmoid of one's own": lambda: Last(lambda X: 1 / (1 + np.exp(-X))),
    "a softmax of one's own": lambda: Last(lambda X: np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)),
}
LOGITS = {
    "nothing": lambda: Last(lambda X: X),
    "tanh": lambda: nnlib.Tanh(),
    "ReLU": lambda: ReLU(),
    "log of sigmoid": lambda: Last(lambda X: -np.logaddexp(0, -X)),
}


def warned(net, loss, X, Y, **options):
    """What a run of two epochs says, as text."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        settings = {"epochs": 2, "batch_size": 4, "rng": None} | options
        for loop in (train, fit) if "validation" in options else (steps, train, fit):
            run(loop, net, loss, SGD(net.params, 1e-6), X, Y, **settings)
    assert all(w.category is UserWarning and (BETWEEN or w.filename == __file__) for w in said)
    return [str(w.message) for w in said]


@pytest.mark.parametrize("last", PROBABILITIES.values(), ids=PROBABILITIES)
@pytest.mark.parametrize("loss", [SoftmaxCrossEntropy(), BinaryCrossEntropy()], ids=repr)
def test_probabilities_under_a_loss_from_logits_are_warned_of_once(make_net, data, last, loss):
    net = Network(*make_net(3, 4).layers, last())
    said = warned(net, loss, data[0], np.eye(4)[np.arange(10) % 4])
    assert len(said) == 3  # once in each of three runs
    found = f"the last layer, {net.layers[-1]}, gives probabilities, but {type(loss).__name__} takes logits"
    assert set(said) == {f"{found}, and makes probabilities of them itself: leave that layer out."}


@pytest.mark.parametrize("last", LOGITS.values(), ids=LOGITS)
def test_nothing_is_said_of_logits_and_of_probabilities_where_they_belong(make_net, data, last):
    Y = np.eye(4)[np.arange(10) % 4]
    net = Network(*make_net(3, 4).layers, last())
    assert warned(net, SoftmaxCrossEntropy(), data[0], Y) == []
    net = Network(*make_net(3, 4).layers, nnlib.Sigmoid())
    assert warned(net, MSE(), data[0], Y) == []


@pytest.mark.parametrize("most, says", [(99, False), (100, True), (255, True), (256, False)])
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float64])
def test_pixels_as_they_are_stored_are_warned_of_once(make_net, rng, most, says, dtype):
    if most > 255 and dtype == np.uint8:
        return
    X, Y = rng.integers(most + 1, size=(1200, 3)), rng.random((1200, 2))
    X[0] = most
    net = make_net(3, 2)
    said = warned(net, MSE(), X.astype(dtype), Y, batch_size=600)
    found = (
        f"X holds whole numbers from 0 to {most}, as pixels are stored; the usual weights and rates expect "
    )
    assert said == says * 3 * [f"{found}about 1: divide by 255."]


@pytest.mark.parametrize("factor, more", [(1 / 255, 0), (1, 0.5), (1, -1), (2, 0)])
def test_other_numbers_than_pixels_are_taken_as_they_are(make_net, rng, factor, more):
    X = rng.integers(256, size=(1200, 3))
    X[:2] = [[0], [255]]
    assert warned(make_net(3, 2), MSE(), factor * X + more, rng.random((1200, 2)), batch_size=600) == []
    X[1100] = 1000  # behind those that are looked at first
    assert warned(make_net(3, 2), MSE(), X, rng.random((1200, 2)), batch_size=600) == []


def test_pixels_to_validate_with_are_told_by_their_name(make_net, data, rng):
    validation = (rng.integers(256, size=(100, 3)), rng.random((100, 2)))
    said = warned(make_net(3, 2), MSE(), *data, validation=validation)
    assert [text.partition(" holds")[0] for text in said] == ["validation: X", "validation: X"]


# fit: the bar and the history


def test_the_bar_shows_progress_on_stderr_only(net, data, capsys):
    history = fit(net, MSE(), SGD(net.params, 0.1), *data, epochs=3, batch_size=4, rng=None)
    out, err = capsys.readouterr()
    assert out == ""
    last = err.split("\r")[-1]
    assert re.search(
        r"3/3 \[\d\d:\d\d<\d\d:\d\d, +[\d.]+(epoch/s|s/epoch), loss " + f"{history.loss[-1]:.4f}", last
    ), last


def test_without_progress_nothing_is_written(net, data, capfd):
    fit(net, MSE(), SGD(net.params, 0.1), *data, epochs=3, batch_size=4, rng=None, progress=False)
    assert capfd.readouterr() == ("", "")


def test_the_history_holds_what_train_yields(make_net, data, raw):
    nets = [make_net(3, 4, 2) for _ in range(2)]
    options = {"epochs": 3, "batch_size": 4, "rng": None, "validation": data}
    history = fit(nets[0], MSE(), SGD(nets[0].params, 0.1), *data, **options, progress=False)
    epochs = list(train(nets[1], MSE(), SGD(nets[1].params, 0.1), *data, **options))
    assert isinstance(history, History) and raw(nets[0].params) == raw(nets[1].params)
    assert [epoch._replace(seconds=0) for epoch in history] == [epoch._replace(seconds=0) for epoch in epochs]
    assert not history.interrupted


EPOCHS = [
    Epoch(1, 0.69314, 0.5, 0.7, 0.4875, 10, 0.04),
    Epoch(2, 0.25, 0.91666, 12.3456, 0.9, 20, 11.96),
]


def test_columns_are_attributes():
    history = History(EPOCHS)
    assert {name: getattr(history, name) for name in Epoch._fields} == {
        name: [getattr(epoch, name) for epoch in EPOCHS] for name in Epoch._fields
    }
    with pytest.raises(AttributeError, match="a History has no 'los'; expected one of epoch, loss, accuracy"):
        history.los  # noqa: B018


FULL = """\
epoch    loss  accuracy  val. loss  val. accuracy  seconds
    1  0.6931    0.5000     0.7000         0.4875      0.0
    2  0.2500    0.9167    12.3456         0.9000     12.0"""

LOSS_ONLY = """\
epoch    loss  seconds
    1  0.5000      1.0
    2  0.2500      2.0
interrupted in epoch 2, after 4 updates"""

LONG = """\
epoch    loss  seconds
    1  1.0000      1.0
    2  0.5000      2.0
    3  0.3333      3.0
    4  0.2500      4.0
    …       …        …
    8  0.1250      8.0
    9  0.1111      9.0
   10  0.1000     10.0
   11  0.0909     11.0"""


def loss_only(n):
    return History(Epoch(k, 1 / k, None, None, None, 2 * k, k) for k in range(1, n + 1))


def test_a_history_prints_as_a_table():
    assert repr(History(EPOCHS)) == FULL
    assert repr(loss_only(11)) == LONG
    assert len(repr(loss_only(10)).splitlines()) == 11
    assert repr(History()) == "History of 0 epochs"


def test_an_interrupted_history_says_so():
    history = History(
        epoch._replace(loss=epoch.loss / 2**i * 0.5 * (i + 1)) for i, epoch in enumerate(loss_only(2))
    )
    history.interrupted = True
    assert repr(history) == LOSS_ONLY


# BLAS threads


def blas_threads():
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


@pytest.mark.parametrize("loop", [steps, train])
@pytest.mark.parametrize("large, inside", [(False, 1), (True, 2)])
@pytest.mark.parametrize("batch_size, rows", [(5, 5), (1000, 10)])
def test_small_products_run_on_one_thread_and_nothing_leaks(
    loop, large, inside, batch_size, rows, net, data, monkeypatch
):
    seen = []

    class Watched(MSE):
        def value(self, Y_hat, Y):
            seen.extend(blas_threads())
            return super().value(Y_hat, Y)

    monkeypatch.setattr(_threads, "LARGE_PRODUCT", 3 * 4 * rows if large else 3 * 4 * rows + 1)
    with threadpool_limits(2, user_api="blas"):
        available = blas_threads()
        if not available:
            pytest.skip("this NumPy has a BLAS whose threads cannot be counted")
        for _ in loop(
            net, Watched(), SGD(net.params, lr=0.1), *data, epochs=2, batch_size=batch_size, rng=None
        ):
            assert blas_threads() == available
            assert set(seen[-len(available) :]) == {min(inside, *available)}
    assert seen
