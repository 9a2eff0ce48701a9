"""The panel of chapter 07, driven through its handles."""

import re

import numpy as np
import pytest

from nnlib.teach.widgets import live_training


@pytest.fixture
def panel():
    panel = live_training()
    panel.pause, panel.epochs.value = 0, 20
    return panel


def test_training_records_every_batch_and_the_mean_of_every_epoch(panel, train):
    panel.batch_size.value = 50
    train(panel)
    assert len(panel.batches) == 20 * 3 and len(panel.means) == 20
    assert [epoch for epoch, _ in panel.means] == list(range(1, 21))
    losses = np.reshape([loss for _, loss in panel.batches], (20, 3))
    assert np.allclose(losses @ [50, 50, 20] / 120, [mean for _, mean in panel.means])
    assert re.fullmatch(r"Epoch 20\.0, 60 steps: loss 0\.\d{3}, \d+ of 120 right\.", panel.status.value)


@pytest.mark.parametrize(("shuffle", "low", "high"), [(True, 0, 0.4), (False, 0.5, 1)])
def test_shuffling_decides_whether_it_learns(panel, shuffle, low, high, train):
    panel.shuffle.value, panel.epochs.value = shuffle, 200
    train(panel)
    assert low < panel.means[-1][1] < high


def test_without_shuffling_the_losses_repeat_from_epoch_to_epoch(panel, train):
    panel.shuffle.value = False
    train(panel)
    by_place = np.reshape([loss for _, loss in panel.batches], (20, 6))
    assert np.abs(by_place[-1] - by_place[-2]).max() < 0.02 < np.ptp(by_place[-1])


def test_batch_size_and_shuffling_are_taken_up_by_the_next_train(panel, train):
    train(panel)
    panel.batch_size.value = 120
    assert len(panel.batches) == 120
    train(panel)
    assert len(panel.batches) == 120 + 20 and len(panel.means) == 40


def test_the_seed_decides_where_it_begins_and_what_comes(panel, raw, train):
    first = raw(panel.net.params)
    train(panel)
    batches = panel.batches
    panel.seed.value = 4
    assert raw(panel.net.params) != first and panel.batches == [] and panel.status.value == "Ready."
    panel.seed.value = 0
    assert raw(panel.net.params) == first
    train(panel)
    assert panel.batches == batches


def test_a_picture_takes_less_than_three_tenths_of_a_second(panel, in_plain_pictures, train):
    panel.batch_size.value, panel.lr.value, panel.epochs.value = 1, 0.05, 50
    train(panel)
    assert len(panel.batches) == 6000
    assert in_plain_pictures(lambda _: panel.show(panel.describe()), range(5)) <= 4.5
