import functools

import numpy as np
import pytest

from nnlib import accuracy, confusion_matrix, one_hot
from nnlib.metrics import classes

LABELS = [2, 0, 1, 2]
ROWS = [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
SCORES = [[0.1, 0.2, 0.7], [0.1, 0.2, 0.7], [-5, 3, 2], [-3, -2, -1]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "labels", [LABELS, np.array(LABELS, np.uint8), np.array(LABELS, ">i4")], ids=["list", "uint8", ">i4"]
)
def test_one_hot(labels, dtype):
    Y = one_hot(labels, 3, dtype=dtype)
    assert Y.tolist() == ROWS and Y.dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("C", [256, 257, 1000])
def test_rows_of_many_classes(C, dtype):
    Y = one_hot([C - 1, 0], C, dtype=dtype)
    assert Y.dtype == dtype and np.argwhere(Y == 1).tolist() == [[0, C - 1], [1, 0]] and Y.sum() == 2


def test_one_hot_keeps_a_column_for_a_class_that_does_not_occur():
    assert one_hot([0, 1], 4).tolist() == [[1, 0, 0, 0], [0, 1, 0, 0]]


@pytest.mark.parametrize("Y", [LABELS, ROWS, np.array(LABELS, np.uint8)], ids=str)
@pytest.mark.parametrize("Y_hat, expected", [(SCORES, 0.75), (ROWS, 1), (LABELS, 1), ([0, 1, 2, 1], 0)])
def test_accuracy_counts_the_right_ones(Y_hat, Y, expected):
    assert accuracy(Y_hat, Y) == expected and type(accuracy(Y_hat, Y)) is float


@pytest.mark.parametrize("Y", [[[0], [1], [1]], [0, 1, 1], [[False], [True], [True]]], ids=str)
@pytest.mark.parametrize("threshold, expected", [(0.5, 2 / 3), (0, 1 / 3), (0.1, 1)])
def test_a_single_column_is_compared_with_the_threshold(Y, threshold, expected):
    Y_hat = [[0.1], [0.4], [0.9]] if threshold else [[0.1], [-0.4], [0.9]]
    assert accuracy(Y_hat, Y, threshold=threshold) == pytest.approx(expected)


def test_an_entry_at_the_threshold_is_class_zero():
    assert accuracy([[0.5], [0.51]], [[0], [1]]) == 1 and accuracy([[0.0]], [0], threshold=0) == 1


@pytest.mark.parametrize("Y", [LABELS, ROWS], ids=str)
@pytest.mark.parametrize("Y_hat", [[2, 2, 1, 2], SCORES], ids=str)
def test_confusion_matrix_counts_true_rows_and_predicted_columns(Y_hat, Y):
    C = confusion_matrix(Y_hat, Y, n_classes=3)
    assert C.tolist() == [[0, 0, 1], [0, 1, 0], [0, 0, 2]] and C.dtype.kind == "i"


def test_confusion_matrix_agrees_with_counting(rng):
    predicted, target = rng.integers(5, size=1000), rng.integers(5, size=1000)
    C = confusion_matrix(predicted, target, n_classes=6)
    for i, j in np.ndindex(6, 6):
        assert C[i, j] == sum((t, p) == (i, j) for t, p in zip(target, predicted, strict=True))
    assert C.sum(axis=1).tolist() == np.bincount(target, minlength=6).tolist()
    assert C.trace() / 1000 == accuracy(predicted, target)


@pytest.mark.parametrize("label", [0, 1])
def test_a_row_with_nan_is_wrong_and_no_other(label):
    Y_hat = [[np.nan, 1.0], [1.0, np.nan], [0.0, 1.0]]
    assert accuracy(Y_hat, [label, label, 1]) == pytest.approx(1 / 3)


def test_a_single_column_is_counted_by_the_class_it_passes_for():
    C = confusion_matrix([[0.9], [0.6], [0.4], [0.1]], [[1], [0], [0], [0]], n_classes=2)
    assert C.tolist() == [[2, 1], [0, 1]]


@pytest.mark.parametrize("threshold", [0.5, 0, -1.5])
def test_both_count_a_column_of_logits_alike(rng, threshold):
    Z, Y = 2 * rng.standard_normal((50, 1)), rng.integers(2, size=(50, 1))
    C = confusion_matrix(Z, Y, n_classes=2, threshold=threshold)
    assert C.trace() / 50 == accuracy(Z, Y, threshold=threshold)
    assert C[:, 1].sum() == np.count_nonzero(Z > threshold)


@pytest.mark.parametrize("Y_hat", [[[np.nan]], [[0.2, np.nan]]], ids=str)
def test_a_row_with_nan_is_in_no_column_of_the_confusion_matrix(Y_hat):
    with pytest.raises(ValueError, match=r"^Y_hat\[0\] holds nan"):
        confusion_matrix(Y_hat, [1], n_classes=2)


@pytest.mark.parametrize("function", [accuracy, functools.partial(confusion_matrix, n_classes=2)])
def test_a_target_with_nan_is_no_class(function):
    with pytest.raises(ValueError, match=r"^Y\[1\] holds nan"):
        function([[0.1, 0.9], [0.1, 0.9]], [[0, 1], [np.nan, 1]])


@pytest.mark.parametrize("function", [accuracy, functools.partial(confusion_matrix, n_classes=2)])
def test_probabilities_are_no_labels(function):
    with pytest.raises(TypeError, match="Y_hat holds float64 values; expected whole numbers as labels"):
        function([0.2, 0.9], [0, 1])


def test_one_class_is_a_column_of_ones():
    assert one_hot([0, 0], 1).tolist() == [[1], [1]]
    assert confusion_matrix([0, 0], [0, 0], n_classes=1).tolist() == [[2]]


@pytest.mark.parametrize("Y, expected", [(LABELS, LABELS), (SCORES, [2, 2, 1, 2]), ([[0.5], [0.6]], [0, 1])])
def test_classes_of_labels_of_rows_and_of_a_column(Y, expected):
    assert classes(Y).tolist() == expected
    with pytest.raises(ValueError, match=r"^Y has shape \(1, .*; expected labels \(N,\) or rows \(N, C\)"):
        classes([[Y]])
