"""The panels that train, of chapters 00, 07, 08 and 09: what holds for all, and what each one shows."""

import asyncio
import copy
import os
import re
import signal
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

from nnlib import MSE, SGD, Sigmoid, accuracy, fit
from nnlib.teach.widgets import first_network, live_training, mnist_panel, xor_panel
from nnlib.teach.widgets import panel as panel_module
from nnlib.teach.widgets.first_network import FirstNetwork
from nnlib.teach.widgets.panel import TrainingPanel

N = 800


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(TrainingPanel, "pause", 0)


def mnist(shown=range(12)):
    """Images of which any network can learn which half is inked, so that all it needs is a second."""
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=N + 200).astype(np.uint8)
    X = rng.random((N + 200, 784), np.float32) * (np.arange(784) // 392 == y[:, None])
    panel = mnist_panel(X[:N], y[:N], X[N:], y[N:], shown=shown)
    panel.lr.value = 0.1
    return panel


class Row(NamedTuple):
    """A panel, its parameters, what it counts while it trains, how much of that is an epoch, and a rate."""

    make: Callable
    params: Callable
    count: Callable
    epoch: int
    lr: Callable


ROWS = {
    "first_network": Row(first_network, lambda p: p.net.params, lambda p: len(p.losses), 1, lambda p: p.lr),
    "live_training": Row(live_training, lambda p: p.net.params, lambda p: len(p.batches), 6, lambda p: p.lr),
    "xor": Row(xor_panel, lambda p: p.a.net.params + p.b.net.params, lambda p: p.epoch, 1, lambda p: p.b.lr),
    "mnist": Row(mnist, lambda p: p.net.params, lambda p: p.seen, N, lambda p: p.lr),
}


@pytest.fixture(params=ROWS.values(), ids=ROWS)
def row(request):
    return request.param


@pytest.fixture
def panel(row):
    return row.make()


def interrupt(panel, row, click):
    """Click on Train, then on another button when it has begun; return what had been counted at the click."""

    async def run():
        panel.train.click()
        task = panel.task
        assert panel.train.disabled and not panel.stop.disabled
        while not row.count(panel):
            await asyncio.sleep(0)
        counted = row.count(panel)
        click()
        await task
        return counted

    return asyncio.run(run())


def test_stop_ends_early_and_train_goes_on(panel, row, train):
    panel.epochs.value = panel.epochs.max
    pictures = []

    def stop():
        panel.picture.observe(lambda _: pictures.append(row.count(panel)), "value")
        panel.stop.click()

    stopped = interrupt(panel, row, stop)
    assert 0 < stopped == row.count(panel) < panel.epochs.max * row.epoch
    assert len(pictures) <= 1
    assert not panel.train.disabled and panel.stop.disabled and panel.status.value != "Ready."
    panel.epochs.value = panel.epochs.min
    train(panel)
    assert row.count(panel) == stopped + panel.epochs.min * row.epoch


@pytest.mark.parametrize("running", [False, True])
def test_reset_gives_the_first_weights_back(panel, row, running, raw, train):
    few, many, trained = panel.epochs.min, panel.epochs.max, []
    panel.epochs.value = many
    panel.reset.click()
    first, picture = raw(row.params(panel)), panel.picture.value
    for _ in range(2):
        panel.epochs.value = few
        train(panel)
        trained.append(raw(row.params(panel)))
        assert trained[0] != first and panel.picture.value != picture
        panel.epochs.value = many
        interrupt(panel, row, panel.reset.click) if running else panel.reset.click()
        assert raw(row.params(panel)) == first and row.count(panel) == 0 and panel.picture.value == picture
        assert panel.status.value == "Ready." and not panel.train.disabled and panel.stop.disabled
    assert trained[0] == trained[1]


def test_the_learning_rate_is_followed_while_it_trains(panel, row):
    run, moves = panel.run(panel.epochs.min), []
    for row.lr(panel).value in (0.1, 0.001, 0.1):
        before = [p.copy() for p in row.params(panel)[-4:]]
        next(run)
        after = row.params(panel)[-4:]
        moves.append(max(np.abs(p - q).max() for p, q in zip(after, before, strict=True)))
    assert moves[1] < moves[0] / 10 and moves[1] < moves[2] / 10


def test_it_says_that_it_trains_and_the_first_picture_comes_soon(monkeypatch):
    """However long a picture takes, and however seldom it may come therefore."""
    monkeypatch.setattr(TrainingPanel, "pause", 0.001)
    monkeypatch.setattr(FirstNetwork, "drawing_share", 1e-3)
    panel, said = first_network(), []
    panel.epochs.value = panel.epochs.max
    panel.picture.observe(lambda _: said.append((len(panel.losses), panel.status.value)), "value")

    async def run():
        panel.train.click()
        assert panel.status.value == "Training …"
        while not said and not panel.task.done():
            await asyncio.sleep(0)
        panel.stop.click()
        await panel.task

    asyncio.run(run())
    epoch, status = said[0]
    assert 0 < epoch < panel.epochs.max
    assert status == "Training …"  # what is said of a picture comes after it


# Work ends with the output that controls it


def tell(panel, message):
    """Have the panel hear what its page sends."""
    panel.picture._handle_custom_msg(message, [])


def test_it_ends_with_its_output_and_train_goes_on(panel, row, train):
    panel.epochs.value = panel.epochs.max
    interrupt(panel, row, lambda: tell(panel, "gone"))
    stopped = row.count(panel)
    assert 0 < stopped < panel.epochs.max * row.epoch
    assert not panel.train.disabled and panel.stop.disabled
    panel.epochs.value = panel.epochs.min
    train(panel)
    assert row.count(panel) == stopped + panel.epochs.min * row.epoch


@pytest.mark.parametrize(
    ("first", "later", "ends"), [(None, None, False), ("seen", None, True), ("seen", "seen", False)]
)
def test_it_ends_when_the_page_gives_no_sign_any_more(monkeypatch, train, first, later, ends):
    monkeypatch.setattr(panel_module, "SHORTEST_WAIT", 0)
    monkeypatch.setattr(panel_module, "SLICE", 0)
    monkeypatch.setattr(panel_module, "LONGEST_UNSEEN", 0.2)
    monkeypatch.setattr(FirstNetwork, "drawing_share", np.inf)
    monkeypatch.setattr(FirstNetwork, "draw", lambda panel, figure: figure.text(0, 0, len(panel.losses)))
    panel = first_network()
    panel.epochs.value = 100
    tell(panel, first)
    panel.picture.observe(lambda _: tell(panel, later), "value")
    train(panel)
    assert (len(panel.losses) < 100) == ends and len(panel.losses) > panel_module.MOST_UNSEEN


@pytest.fixture
def interrupts_ignored():
    """As they are in a kernel while no cell runs."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
@pytest.mark.parametrize(
    "trains_in",
    [lambda work: work, lambda work: asyncio.to_thread(asyncio.run, work)],
    ids=["main thread", "subshell"],
)
def test_an_interrupt_of_an_idle_kernel_stops_it(row, trains_in, interrupts_ignored):
    async def click_and_wait(panel):
        panel.train.click()
        await panel.task

    async def kernel():
        panel = row.make()
        panel.epochs.value = panel.epochs.max
        training = asyncio.ensure_future(trains_in(click_and_wait(panel)))
        while not training.done() and (
            signal.getsignal(signal.SIGINT) is signal.SIG_IGN or not row.count(panel)
        ):
            await asyncio.sleep(0.001)
        os.kill(os.getpid(), signal.SIGINT)
        await training
        return panel

    panel = asyncio.run(kernel())
    assert 0 < row.count(panel) < panel.epochs.max * row.epoch
    assert not panel.train.disabled and panel.stop.disabled


def test_an_interrupt_that_is_not_ignored_stays_what_it_is():
    handlers = []

    async def script():
        handlers.append(signal.getsignal(signal.SIGINT))
        panel = first_network()
        panel.train.click()
        await panel.task
        handlers.append(signal.getsignal(signal.SIGINT))

    asyncio.run(script())
    assert handlers[0] is handlers[1]


def scale(array, factor):
    array *= factor


@pytest.mark.parametrize(
    ("make", "spoil", "said"),
    [
        (
            first_network,
            lambda panel: setattr(panel.lr, "value", 1),
            r"Stopped: the loss is inf in epoch \d+, batch 1, with SGD at .* try a smaller one",
        ),
        # An overflow on the way is no warning: warnings are errors here.
        (
            first_network,
            lambda panel: scale(panel.net.params[2], 1e38),
            r"Stopped: the loss is inf in epoch 1, batch 1: this run began with weights up to .*e\+3.* Reset",
        ),
        # Within float32, and the loss is not.
        (
            mnist,
            lambda panel: scale(panel.training[0], np.float32(1e30)),
            r"Stopped: the loss is .*: X holds numbers up to 1e\+30. Scale them",
        ),
    ],
)
def test_a_run_that_blows_up_says_so(make, spoil, said, train):
    panel = make()
    spoil(panel)
    train(panel)
    assert re.search(said, panel.status.value)
    assert not panel.train.disabled
    panel.reset.click()
    assert panel.status.value == "Ready."


def test_clicks_from_another_thread_wait_for_the_picture_and_the_epoch_in_hand(raw, train):
    """JupyterLab has each button handled in the kernel's main thread or in one of its subshells."""
    panel, problems = first_network(), []
    first, picture = raw(panel.net.params), panel.picture.value

    def train_in_this_thread():
        try:
            train(panel)
        except Exception as error:
            problems.append(error)

    for wait in np.linspace(0.05, 0.4, 8):
        thread = threading.Thread(target=train_in_this_thread)
        thread.start()
        time.sleep(wait)
        panel.reset.click()
        for wait_for in (lambda: None, thread.join):
            wait_for()
            assert raw(panel.net.params) == first and panel.losses == [] and panel.picture.value == picture
        assert panel.status.value == "Ready." and not panel.train.disabled
    assert problems == []


@pytest.mark.parametrize(
    ("name", "control", "value"),
    [("live_training", "seed", 3), ("xor", "seed", 5), ("mnist", "width", 16)],
)
def test_what_the_network_is_made_of_begins_anew(name, control, value, raw, train):
    panel = ROWS[name].make()
    panel.epochs.value = panel.epochs.min
    train(panel)
    trained = raw(ROWS[name].params(panel))
    getattr(panel, control).value = value
    assert panel.status.value == "Ready." and ROWS[name].count(panel) == 0
    assert raw(ROWS[name].params(panel)) != trained


# What each says at its end, and how many losses it has recorded
@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("first_network", {}, r"Epoch 500, loss \S+, 4 of 4 right\."),
        (
            "live_training",
            {"epochs": 20, "batch_size": 50},
            r"Epoch 20, 60 steps: loss 0\.\d{3}, \d+ of 120 right\.",
        ),
        ("xor", {}, r"Epoch 300\. A: loss 0\.4\d+, 3 of 4 right; B: loss 0\.0\d+, 4 of 4 right\."),
        ("mnist", {}, r"Epoch 5 · training loss 0\.0\d+ · validation accuracy \d+\.\d%"),
    ],
)
def test_what_it_says_at_the_end(name, settings, said, train):
    panel = ROWS[name].make()
    for control, value in settings.items():
        getattr(panel, control).value = value
    untrained = panel.picture.value
    train(panel)
    assert re.fullmatch(said, panel.status.value) and panel.status.value.rstrip(".") in panel.picture.alt
    assert panel.picture.value != untrained and not panel.train.disabled and panel.stop.disabled


# Chapter 00


def test_one_click_solves_xor(train):
    panel = first_network()
    assert accuracy(panel.net.predict(panel.X), panel.Y) < 1
    train(panel)
    assert np.abs(panel.net.predict(panel.X) - panel.Y).max() < 0.05
    assert len(panel.losses) == 500 and panel.losses[-1] < 1e-4 * panel.losses[0]


def test_the_first_epoch_with_four_right_is_marked(train):
    panel = first_network()
    net, data = copy.deepcopy(panel.net), (panel.X, panel.Y)
    settings = {"epochs": 100, "batch_size": 4, "rng": None, "progress": False}
    first = 1 + fit(net, MSE(), SGD(net.params, panel.lr.value), *data, **settings).accuracy.index(1)
    panel.epochs.value = 100
    train(panel)
    loss = panel.figure.axes[1]
    assert panel.solved == first and loss.get_title() == f"All four right first in epoch {first}"
    assert list(loss.lines[2].get_xdata()) == [first, first]
    panel.reset.click()
    curve, now = panel.figure.axes[1].lines
    assert panel.solved is None and not curve.get_xdata().size
    start = MSE().value(panel.net.predict(panel.X), panel.Y)
    assert now.get_xydata().tolist() == [[0, pytest.approx(start)]]


def test_another_click_goes_on_and_after_a_run_that_blew_up_a_smaller_rate_learns(train):
    panel, losses = first_network(), []
    for panel.epochs.value in (100, 100):
        train(panel)
        losses.append(panel.losses[-1])
        assert panel.status.value.startswith(f"Epoch {len(panel.losses)}, ")
    assert len(panel.losses) == 200 and losses[1] < losses[0]
    panel.reset.click()
    panel.lr.value = 1
    train(panel)
    assert 1 < len(panel.losses) < 100 and panel.losses[-1] > 1e6
    panel.reset.click()
    panel.lr.value = 0.05
    train(panel)
    assert panel.status.value.startswith("Epoch 100, ") and panel.status.value.endswith("4 of 4 right.")


# Chapter 07


@pytest.fixture
def live():
    panel = live_training()
    panel.epochs.value = 20
    return panel


def test_training_records_every_batch_and_the_mean_of_every_epoch(live, train):
    live.batch_size.value = 50
    train(live)
    assert len(live.batches) == 20 * 3 and len(live.means) == 20
    assert [epoch for epoch, _ in live.means] == list(range(1, 21))
    losses = np.reshape([loss for _, loss in live.batches], (20, 3))
    assert np.allclose(losses @ [50, 50, 20] / 120, [mean for _, mean in live.means])


@pytest.mark.parametrize(("shuffle", "low", "high"), [(True, 0, 0.4), (False, 0.5, 1)])
def test_shuffling_decides_whether_it_learns(live, shuffle, low, high, train):
    live.shuffle.value, live.epochs.value = shuffle, 200
    train(live)
    assert low < live.means[-1][1] < high


def test_without_shuffling_the_losses_repeat_from_epoch_to_epoch(live, train):
    live.shuffle.value = False
    train(live)
    by_place = np.reshape([loss for _, loss in live.batches], (20, 6))
    assert np.abs(by_place[-1] - by_place[-2]).max() < 0.02 < np.ptp(by_place[-1])


def test_batch_size_and_shuffling_are_taken_up_by_the_next_train(live, train):
    train(live)
    live.batch_size.value = 120
    assert len(live.batches) == 120
    train(live)
    assert len(live.batches) == 120 + 20 and len(live.means) == 40


def test_the_seed_decides_where_it_begins_and_what_comes(live, raw, train):
    seen = []
    for live.seed.value in (0, 4, 0):
        assert live.batches == [] and live.status.value == "Ready."
        first = raw(live.net.params)
        train(live)
        seen.append((first, live.batches))
    assert seen[0] == seen[2] and seen[0][0] != seen[1][0]


def test_a_picture_takes_less_than_three_tenths_of_a_second(live, in_plain_pictures, train):
    live.batch_size.value, live.lr.value, live.epochs.value = 1, 0.05, 50
    train(live)
    assert len(live.batches) == 6000
    assert in_plain_pictures(lambda _: live.show(live.describe()), range(5)) <= 4.5


def test_a_part_of_an_epoch_is_told_to_a_tenth(live):
    run = live.run(1)
    next(run)
    assert live.describe().startswith("Epoch 0.2, 1 step: ")
    next(run)
    assert live.describe().startswith("Epoch 0.3, 2 steps: ")


# Chapter 08


def test_equal_settings_give_equal_runs(raw, train):
    panel = xor_panel()
    panel.a.activation.value = "tanh"
    assert raw(panel.a.net.params) == raw(panel.b.net.params)
    train(panel)
    assert raw(panel.a.net.params) == raw(panel.b.net.params) and panel.a.losses == panel.b.losses


def test_seed_units_and_activation_begin_anew(raw, train):
    panel, params = xor_panel(), []
    for panel.seed.value in (3, 4, 3):
        params.append(raw(panel.a.net.params))
    assert params[0] == params[2] != params[1]
    train(panel)
    assert len(panel.a.losses) == len(panel.b.losses) == panel.epoch == 300
    panel.b.units.value, panel.b.activation.value = 5, "sigmoid"
    assert panel.b.net.layers[0].n_out == 5 and isinstance(panel.b.net.layers[1], Sigmoid)
    assert panel.epoch == 0 and panel.a.losses == [] and panel.status.value == "Ready."


def test_a_run_that_overflows_says_so_and_the_other_goes_on(train):
    panel = xor_panel()
    panel.a.units.value, panel.a.lr.value = 8, 100
    panel.a.net.params[0][...] = 1e30  # far enough that the first steps overflow
    train(panel)
    assert "A: " in panel.status.value and "stopped: the loss is" in panel.status.value
    assert len(panel.b.losses) == 300 > len(panel.a.losses)


# Chapter 09


def test_mnist_is_measured_ten_times_an_epoch(train):
    panel = mnist()
    train(panel)
    epochs, losses, rights = zip(*panel.curve, strict=True)
    assert epochs[0] == 0 and epochs[-1] == 5 and len(epochs) == 51
    assert losses[0] is None and losses[-1] < 0.1 < losses[1] and rights[-1] > 0.95


def test_learning_rate_batch_size_and_width_are_taken_up(train):
    panel, seen = mnist(), []
    panel.lr.value = 0.02
    panel.reset.click()
    assert panel.optimizer.lr == 0.02
    run = panel.run(1)
    for panel.batch_size.value in (64, 256):
        next(run)
        seen.append(panel.seen)
    next(panel.run(1))
    assert [*seen, panel.seen] == [64, 128, 128 + 256]
    panel.width.value = 16
    assert [p.shape for p in panel.net.params[::2]] == [(784, 16), (16, 16), (16, 10)]
    assert panel.seen == 0 and len(panel.curve) == 1


def test_the_axis_reaches_to_the_epoch_that_it_will_train_to(train):
    panel, ends = mnist(), []
    for panel.epochs.value in (1, 3, 3):
        train(panel)
        ends.append(panel.figure.axes[0].get_xlim())
    assert ends == [(0, 5), (0, 5), (0, 7)]


def test_the_chosen_digits_are_shown():
    shown = [3, 1, 7]
    images, labels = mnist(shown).shown
    _, y = mnist().part
    assert images.shape == (3, 784) and np.array_equal(labels, y[shown])
    assert np.array_equal(images, mnist().part[0][shown])


def test_pictures_take_little_of_the_time(monkeypatch, train):
    panel, pictures = mnist(), []
    show = panel.show

    def timed(status):
        started = time.perf_counter()
        show(status)
        pictures.append(time.perf_counter() - started)

    monkeypatch.setattr(panel, "show", timed)
    panel.epochs.value = 30
    started = time.perf_counter()
    train(panel)
    # The first and the last picture are drawn whatever they cost; between them a tenth is the rule.
    assert sum(pictures[1:-1]) < 0.2 * (time.perf_counter() - started)
