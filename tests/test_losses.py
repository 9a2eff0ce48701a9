import math
import re

import numpy as np
import pytest

from nnlib import MSE, BinaryCrossEntropy, Loss, SoftmaxCrossEntropy, log_softmax, sigmoid, softmax

DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def test_every_loss_has_a_row(loss_rows):
    core = {kind for kind in Loss.__subclasses__() if re.fullmatch(r"nnlib\.[a-z]+", kind.__module__)}
    assert core == {type(loss) for loss, _ in loss_rows.values()}


# Any loss


@DTYPES
@pytest.mark.parametrize("kind", ["same", "float64", "int", "list", "big-endian"])
def test_gradient_has_the_dtype_of_the_predictions(loss_and_targets, rng, dtype, kind):
    loss, targets = loss_and_targets
    Y = targets(rng, 4, 3)
    Y = Y if Y.ndim == 1 else np.eye(3)[Y.argmax(axis=1)]
    Y = {
        "same": Y.astype(dtype) if Y.ndim == 2 else Y,
        "float64": Y.astype(np.float64) if Y.ndim == 2 else Y,
        "int": Y.astype(int),
        "list": Y.tolist(),
        "big-endian": Y.astype(Y.dtype.newbyteorder(">")),
    }[kind]
    Y_hat = rng.standard_normal((4, 3)).astype(dtype)
    assert loss.gradient(Y_hat, Y).dtype == dtype
    assert type(loss.value(Y_hat, Y)) is float


def test_neither_argument_is_changed(loss_and_targets, rng, raw):
    loss, targets = loss_and_targets
    Y_hat, Y = rng.standard_normal((4, 3)), targets(rng, 4, 3)
    before = raw((Y_hat, Y))
    loss.value(Y_hat, Y), loss.gradient(Y_hat, Y), loss.value_and_gradient(Y_hat, Y)
    assert raw((Y_hat, Y)) == before


@DTYPES
def test_value_and_gradient_are_the_two(loss_and_targets, rng, dtype):
    loss, targets = loss_and_targets
    Y_hat, Y = 10 * rng.standard_normal((4, 3)).astype(dtype), targets(rng, 4, 3)
    value, gradient = loss.value_and_gradient(Y_hat, Y)
    assert value == pytest.approx(loss.value(Y_hat, Y), rel=1e-15)
    assert gradient == pytest.approx(loss.gradient(Y_hat, Y), rel=1e-15, abs=4 * float(np.finfo(dtype).eps))
    assert gradient.dtype == dtype


def test_the_mean_over_the_batch_lives_in_the_loss(loss_and_targets, rng):
    loss, targets = loss_and_targets
    Y_hat, Y = rng.standard_normal((4, 3)), targets(rng, 4, 3)
    twice, Y_twice = np.concatenate([Y_hat, Y_hat]), np.concatenate([Y, Y])
    assert loss.value(twice, Y_twice) == pytest.approx(loss.value(Y_hat, Y), rel=1e-14)
    assert loss.gradient(twice, Y_twice)[:4] == pytest.approx(loss.gradient(Y_hat, Y) / 2, rel=1e-14)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, bool])
def test_small_integers_do_not_wrap_around(loss_and_targets, dtype):
    loss, _ = loss_and_targets
    Y_hat, Y = np.array([[0, 1], [1, 0]], dtype), np.array([[1, 0], [1, 0]], dtype)
    assert loss.value(Y_hat, Y) == loss.value(Y_hat.astype(float), Y.astype(float))
    assert np.array_equal(loss.gradient(Y_hat, Y), loss.gradient(Y_hat.astype(float), Y.astype(float)))


@pytest.mark.parametrize(
    "last, total", [([1, 1], "2"), ([0, 0.5], "0.5"), ([0.5, 0.5015], "1.0015"), ([0.5, 0.5005], None)]
)
def test_a_row_of_probabilities_sums_to_one_but_for_rounding(last, total):
    targets = SoftmaxCrossEntropy().targets
    if total is None:
        assert targets([[1, 0], last], np.float64).shape == (2, 2)
    else:
        with pytest.raises(ValueError, match=f"a row of Y sums to {total}; expected 1, as in one-hot rows"):
            targets([[1, 0], last], np.float64)


def test_targets_of_each_loss_pass_and_get_the_dtype(loss_and_targets, rng):
    loss, targets = loss_and_targets
    Y = targets(rng, 1000, 3)
    checked = loss.targets(Y, np.float32)
    assert checked.dtype == (np.float32 if Y.ndim == 2 else Y.dtype)
    assert np.array_equal(checked, Y.astype(checked.dtype))


@pytest.mark.parametrize(
    "loss, threshold", [(MSE(), 0.5), (BinaryCrossEntropy(), 0), (SoftmaxCrossEntropy(), 0.5)], ids=repr
)
def test_threshold(loss, threshold):
    assert loss.threshold == threshold


# Mean squared error


def test_mse_of_known_numbers():
    Y_hat, Y = [[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [0.0, 0.0]]
    assert MSE().value(Y_hat, Y) == (0 + 4 + 9 + 16) / 4
    assert MSE().gradient(Y_hat, Y).tolist() == [[0, 1], [1.5, 2]]


# Binary cross-entropy


def test_binary_cross_entropy_is_a_mean_over_all_entries():
    Z, Y = np.zeros((3, 2)), np.ones((3, 2))
    assert BinaryCrossEntropy().value(Z, Y) == pytest.approx(math.log(2), rel=1e-15)
    assert (BinaryCrossEntropy().gradient(Z, Y) == -0.5 / 6).all()


# Softmax cross-entropy


def test_softmax_cross_entropy_of_equal_logits_is_log_c():
    for C in (2, 10, 1000):
        assert SoftmaxCrossEntropy().value(np.full((5, C), 7.0), [0, 1, 0, 1, 1]) == pytest.approx(
            math.log(C), rel=1e-14
        )


def test_labels_and_one_hot_rows_are_the_same(rng):
    Z, labels = rng.standard_normal((6, 4)), rng.integers(4, size=6)
    loss, rows = SoftmaxCrossEntropy(), np.eye(4)[labels]
    assert loss.value(Z, labels) == loss.value(Z, rows) == loss.value(Z, labels.astype(np.uint8))
    assert np.array_equal(loss.gradient(Z, labels), loss.gradient(Z, rows))


# softmax and log_softmax


def test_softmax_of_two_is_sigmoid_of_the_difference(rng):
    Z = rng.standard_normal((50, 2)) * 5
    assert softmax(Z)[:, 0] == pytest.approx(sigmoid(Z[:, 0] - Z[:, 1]), rel=1e-14)


@pytest.mark.parametrize("f", [softmax, log_softmax])
def test_it_is_the_last_axis_that_sums_to_one(f, rng):
    Z = rng.standard_normal((2, 3, 4))
    assert np.array_equal(f(Z), np.stack([f(Z[0]), f(Z[1])]))


@pytest.mark.parametrize("f", [softmax, log_softmax])
def test_a_constant_added_to_a_row_changes_nothing(f, rng):
    Z = rng.integers(-20, 20, (5, 4)).astype(float)
    assert np.array_equal(f(Z + 1024.0), f(Z))


@pytest.mark.parametrize("f", [softmax, log_softmax])
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, bool, ">f4"])
def test_other_numbers_are_taken_as_floats(f, dtype):
    Z = np.array([[0, 1, 1], [1, 0, 1]], dtype)
    assert f(Z) == pytest.approx(f(Z.astype(float)), rel=1e-6)
    assert f(Z.tolist()).dtype == np.float64


@pytest.mark.parametrize("loss, text", [(MSE(), "MSE()"), (Loss(), "Loss()")], ids=["MSE", "Loss"])
def test_repr(loss, text):
    assert repr(loss) == text


@pytest.mark.parametrize("method", ["value", "gradient", "value_and_gradient"])
@pytest.mark.parametrize(
    "Y", [[[0.5, 0.2, 0.1]], [[1.0, 1.0, 0.0]], [[0.0, 0.0, 0.0]], [[0.5, 0.7, -0.2]]], ids=str
)
def test_softmax_cross_entropy_refuses_rows_for_which_its_gradient_is_another(method, Y):
    with pytest.raises(ValueError, match=r"Y (sums to .*; expected 1|ranges from -0.2 .* expected prob)"):
        getattr(SoftmaxCrossEntropy(), method)(np.ones((1, 3)), Y)


@pytest.mark.parametrize("Y", [[0], [[1.0]]], ids=str)
@pytest.mark.parametrize("method", ["value", "gradient", "value_and_gradient"])
def test_softmax_cross_entropy_refuses_a_single_output(method, Y):
    with pytest.raises(ValueError, match="Z has 1 column.* BinaryCrossEntropy"):
        getattr(SoftmaxCrossEntropy(), method)(np.ones((1, 1)), Y)


def test_labels_as_a_column_are_told_by_their_shape():
    loss = SoftmaxCrossEntropy()
    y = np.array([[0], [9]])
    for call in (lambda: loss.targets(y, np.float32), lambda: loss.value(np.ones((2, 10)), y)):
        with pytest.raises(
            ValueError, match=r"Y has shape \(2, 1\); expected labels \(N,\), as of Y.ravel\(\)"
        ):
            call()
    assert loss.targets(y.ravel(), np.float32).tolist() == [0, 9]


@pytest.mark.parametrize("sizes", [(1e30, 0), (0, -1e30), (1e16, 1), (3e38, -3e38)], ids=str)
def test_mean_squared_error_holds_where_squares_are_beyond_float32(sizes):
    Y_hat, Y = (np.full((4, 1), size, np.float32) for size in sizes)
    value = MSE().value(Y_hat, Y)
    assert (
        value == pytest.approx((float(Y_hat[0, 0]) - float(Y[0, 0])) ** 2, rel=1e-6) and type(value) is float
    )
    assert MSE().gradient(Y_hat[:, :1] / 10, Y / 10).dtype == np.float32


class ZeroDimensional(MSE):
    def value(self, Y_hat, Y):
        return np.array(super().value(Y_hat, Y))


def test_a_value_is_a_float_even_as_an_array_without_axes():
    assert type(ZeroDimensional().value(np.ones((1, 1)), np.zeros((1, 1)))) is float
