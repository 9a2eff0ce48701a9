"""The scaling explorer of chapter 15: its numbers are those of the model, and its picture shows them."""

import re

import numpy as np
import pytest
import traitlets

from nnlib import scaling
from nnlib.teach.widgets import scaling_explorer
from nnlib.teach.widgets.scaling_explorer import ALL_REDUCE, MOST, NETWORKS, SHOWN, STEPS, ScalingExplorer
from tests.panels import plain


@pytest.fixture
def undrawn(monkeypatch):
    """An explorer whose picture stays empty, for tests that move it often."""
    monkeypatch.setattr(ScalingExplorer, "draw", lambda self, figure: None)
    return scaling_explorer()


@pytest.mark.parametrize("way", ALL_REDUCE)
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("workers", [1, 2, 8, 100, MOST])
def test_without_stragglers_a_step_takes_what_the_model_says(undrawn, network, way, workers):
    undrawn.network.value, undrawn.way.value, undrawn.workers.value = network, way, workers
    undrawn.spread.value, undrawn.batch.value = 0, 384
    undrawn.bandwidth.value, undrawn.latency.value = 250, 40
    per_sample, n_bytes = NETWORKS[network]
    costs = scaling.Costs(per_sample, bandwidth=250e6, latency=40e-6)
    given = {"batch": 384, "n_bytes": n_bytes, "costs": costs, "all_reduce": ALL_REDUCE[way]}
    assert undrawn.parts.total == pytest.approx(scaling.step_time(workers, **given))
    assert undrawn.speed_up == pytest.approx(scaling.speed_up(workers, **given))
    times = scaling.step_time(np.arange(1, MOST + 1), **given)
    assert undrawn.best == 1 + times.argmin()
    assert undrawn.parts.wait == 0 and not undrawn.run.wait.any()
    assert undrawn.run.seconds == pytest.approx(STEPS * [undrawn.parts.total])


@pytest.mark.parametrize("spread", [0.3, 2])
@pytest.mark.parametrize("workers", [1, 3, 40])
def test_the_mean_parts_are_those_of_many_steps(undrawn, workers, spread):
    undrawn.workers.value, undrawn.spread.value = workers, spread
    network = NETWORKS[undrawn.network.value]
    rng = np.random.default_rng(1)
    run = scaling.simulate(workers, 512, network.n_bytes, undrawn.costs, steps=20_000, spread=spread, rng=rng)
    found = [run.compute.mean(), run.wait.mean(), run.communication]
    assert undrawn.parts == pytest.approx(found, rel=0.02, abs=1e-12)
    assert undrawn.parts.total == pytest.approx(run.seconds.mean(), rel=0.02)


@pytest.mark.parametrize("workers", [1, 2, 5, SHOWN, 9, 300, MOST])
def test_the_slowest_are_always_among_those_that_are_shown(undrawn, workers):
    undrawn.workers.value = workers
    assert len(undrawn.shown) == min(workers, SHOWN) and undrawn.shown == sorted(set(undrawn.shown))
    assert {*undrawn.slowest} <= {*undrawn.shown} <= {*range(workers)}
    for step, slow in enumerate(undrawn.slowest):
        assert undrawn.run.wait[step, slow] == 0
        assert undrawn.run.compute[step, slow] == undrawn.run.compute[step].max()


def test_the_timeline_has_what_each_worker_does():
    explorer = scaling_explorer()
    ax = explorer.figure.axes[0]
    collections = {c.get_hatch(): c for c in ax.collections}
    for what, hatch in (("compute", ""), ("wait", "////"), ("send", "....")):
        spans = [s for s in explorer.run.timeline(steps=2, workers=8) if s.what == what]
        drawn = [path.get_extents() for path in collections[hatch].get_paths()]
        assert len(drawn) == len(spans) == 16
        for box, span in zip(drawn, spans, strict=True):
            assert (box.x0, box.x1) == pytest.approx((1000 * span.start, 1000 * span.end))
            assert (box.y0 + box.y1) / 2 == pytest.approx(span.worker)
    words = {(round(text.get_position()[1]), text.get_text()) for text in ax.texts}
    assert words == {(5, "slowest"), (1, "slowest")}


def test_no_word_stands_in_a_bar_that_is_too_short_for_it():
    explorer = scaling_explorer()
    explorer.workers.value = 64
    assert not explorer.figure.axes[0].texts
    labels = [label.get_text() for label in explorer.figure.axes[0].get_yticklabels()]
    assert labels == [f"worker {k}" for k in (0, 1, 2, 3, 4, 5, 9, 15)]


def test_the_curves_are_those_of_the_model(monkeypatch):
    explorer = scaling_explorer()
    times, factors = (
        {line.get_label(): np.transpose(line.get_data()) for line in ax.lines}
        for ax in explorer.figure.axes[1:]
    )
    monkeypatch.setattr(explorer, "draw", lambda figure: None)
    for (p, seconds), (_, factor) in zip(times["a step"], factors["the model"], strict=True):
        explorer.workers.value = p
        assert 1000 * explorer.parts.total == pytest.approx(seconds)
        assert explorer.speed_up == pytest.approx(factor)
    assert times["least"] == pytest.approx(np.array([[6, 3.690]]), rel=1e-3)
    assert times["yours"] == pytest.approx(np.array([[8, 3.7377]]), rel=1e-3)
    assert factors["yours"] == pytest.approx(np.array([[8, 7.68 / 3.7377]]), rel=1e-3)
    assert (factors["ideal"][:, 0] == factors["ideal"][:, 1]).all()


def test_lines_and_bars_differ_in_more_than_colour():
    explorer = scaling_explorer()
    styles = [line.get_linestyle() for line in explorer.figure.axes[1].lines[:4]]
    assert len(set(styles)) == 4
    assert len({c.get_hatch() for c in explorer.figure.axes[0].collections}) == 3


@pytest.mark.parametrize("workers", [1, 2, MOST])
@pytest.mark.parametrize(("bandwidth", "latency"), [(1, 1e5), (1e5, 1)])
@pytest.mark.parametrize("spread", [0, 2])
def test_at_the_ends_of_its_ranges_it_is_drawn_and_read(workers, bandwidth, latency, spread):
    explorer = scaling_explorer()
    with explorer.at_once():
        explorer.workers.value, explorer.spread.value = workers, spread
        explorer.bandwidth.value, explorer.latency.value = bandwidth, latency
        explorer.batch.value, explorer.way.value = [16, 65_536][workers == 2], [*ALL_REDUCE][workers % 3]
    explorer.show()
    said = plain(explorer) + explorer.picture.alt
    assert not re.search(r"nan|inf|\d{6}|\de[+-]\d", said), said
    assert all(len(ax.get_yticks()) >= 2 for ax in explorer.figure.axes[1:])


def test_workers_and_batch_are_whole(undrawn):
    undrawn.workers.value, undrawn.batch.value = 6.6, 99.5
    assert (undrawn.p, undrawn.B) == (7, 100)
    assert "Each of 7 workers computes 14.29 samples." in plain(undrawn)
    for wrong in (float("nan"), "8", None):
        with pytest.raises(traitlets.TraitError):
            undrawn.workers.value = wrong
    undrawn.workers.value = 10**9
    assert undrawn.p == MOST
