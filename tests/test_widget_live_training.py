"""The panel of chapter 07, driven through its handles."""

import asyncio
import re
import sys

import numpy as np
import pytest

from nnlib.teach.widgets import live_training


@pytest.fixture
def panel(monkeypatch):
    monkeypatch.setattr(sys.modules["nnlib.teach.widgets.live_training"], "PAUSE", 0)
    panel = live_training()
    panel.epochs.value = 20
    return panel


def test_training_records_every_batch_and_the_mean_of_every_epoch(panel, train):
    untrained = panel.picture.value
    panel.batch_size.value = 50
    train(panel)
    assert len(panel.batches) == 20 * 3 and len(panel.means) == 20
    assert [epoch for epoch, _ in panel.means] == list(range(1, 21))
    losses = np.reshape([loss for _, loss in panel.batches], (20, 3))
    assert np.allclose(losses @ [50, 50, 20] / 120, [mean for _, mean in panel.means])
    assert re.fullmatch(r"Epoch 20\.0, 60 steps: loss 0\.\d{3}, \d+ of 120 right\.", panel.status.value)
    assert panel.picture.value != untrained and not panel.train.disabled and panel.stop.disabled


def test_shuffling_decides_whether_it_learns(panel, train):
    panel.epochs.value = 200
    train(panel)
    shuffled = panel.means[-1][1]
    panel.reset.click()
    panel.shuffle.value = False
    train(panel)
    assert shuffled < 0.4 and panel.means[-1][1] > 0.5


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


def test_stop_ends_early_and_train_goes_on(panel, train):
    panel.epochs.value = 1000

    async def run():
        panel.train.click()
        while len(panel.batches) < 3:
            await asyncio.sleep(0)
        panel.stop.click()
        await panel.task

    asyncio.run(run())
    stopped, epochs = len(panel.batches), len(panel.means)
    assert 3 <= stopped < 6000
    panel.epochs.value = 10
    train(panel)
    assert len(panel.batches) == stopped + 60 and len(panel.means) == epochs + 10


def test_reset_gives_the_first_weights_back(panel, raw, train):
    first = raw(panel.net.params)
    train(panel)
    assert raw(panel.net.params) != first
    panel.reset.click()
    assert raw(panel.net.params) == first and panel.means == panel.batches == []
    assert panel.status.value == "Ready."


def test_the_learning_rate_is_followed_while_it_trains(panel, raw):
    panel.lr.value = 0.001
    run = panel.run(20)
    for _ in range(60):
        next(run)
    slow, before = raw(panel.net.params), [p.copy() for p in panel.net.params]
    panel.lr.value = 10
    next(run)
    next(run)
    assert raw(panel.net.params) != slow
    assert max(np.abs(p - q).max() for p, q in zip(panel.net.params, before, strict=True)) > 0.01


def test_a_picture_takes_less_than_three_tenths_of_a_second(panel, in_plain_pictures, train):
    panel.batch_size.value, panel.lr.value = 1, 0.05
    panel.epochs.value = 50
    train(panel)
    assert len(panel.batches) == 6000
    assert in_plain_pictures(lambda _: panel.show(panel.describe()), range(5)) <= 4.5
