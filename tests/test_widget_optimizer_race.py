"""The race of optimisers of chapter 10, driven through its handles."""

import re

import numpy as np
import pytest

from nnlib.gradcheck import numerical_gradient
from nnlib.teach import plots
from nnlib.teach.widgets import optimizer_race
from nnlib.teach.widgets.optimizer_race import RACERS, STEPS, SURFACES


@pytest.fixture(scope="module")
def shared():
    return optimizer_race()


@pytest.fixture
def race(shared):
    shared.surface.value, shared.step.value = "narrow bowl", 40
    shared.lr.value, shared.scaled_lr.value = 0.02, 0.1
    return shared


@pytest.mark.parametrize("name", SURFACES)
def test_the_gradient_is_that_of_the_loss(name):
    surface = SURFACES[name]
    for p in np.random.default_rng(0).uniform(-2, 2, (10, 2)):
        slopes = numerical_gradient(lambda p: surface.loss(*p), p)
        assert surface.gradient(p) == pytest.approx(slopes, abs=1e-6)


@pytest.mark.parametrize("name", SURFACES)
def test_the_star_is_the_bottom_and_the_start_is_in_the_picture(name):
    surface = SURFACES[name]
    assert surface.gradient(np.array(surface.lowest, float)) == pytest.approx(0)
    X, Y = np.meshgrid(np.linspace(*surface.x, 101), np.linspace(*surface.y, 101))
    assert surface.loss(X, Y).min() >= surface.loss(*surface.lowest)
    for x, y in (surface.start, surface.lowest):
        assert surface.x[0] < x < surface.x[1] and surface.y[0] < y < surface.y[1]


def test_paths_by_hand(race):
    """SGD on the bowl has a formula (1.7); the others are compared with their equations step by step."""
    start, eigenvalues = np.array(SURFACES["narrow bowl"].start), np.array([1, 40])
    t = np.arange(STEPS + 1)[:, None]
    assert race.paths["SGD"] == pytest.approx((1 - 0.02 * eigenvalues) ** t * start)
    v, m, s = np.zeros((3, 2))
    ball, rms, adam = (start.copy() for _ in range(3))
    s_rms = np.zeros(2)
    for t in range(1, 61):
        v = 0.9 * v + eigenvalues * ball
        ball = ball - 0.02 * v
        s_rms = 0.999 * s_rms + 0.001 * (eigenvalues * rms) ** 2
        rms = rms - 0.1 * eigenvalues * rms / (np.sqrt(s_rms / (1 - 0.999**t)) + 1e-8)
        m = 0.9 * m + 0.1 * eigenvalues * adam
        s = 0.999 * s + 0.001 * (eigenvalues * adam) ** 2
        adam = adam - 0.1 * m / (1 - 0.9**t) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
        for name, p in (("momentum", ball), ("RMS", rms), ("Adam", adam)):
            assert race.paths[name][t] == pytest.approx(p, abs=1e-9)


@pytest.mark.parametrize("name", ["RMS", "Adam"])
def test_the_first_step_of_adam_is_its_rate(race, name):
    assert np.abs(race.paths[name][1] - race.paths[name][0]) == pytest.approx(0.1, rel=1e-5)


def test_a_turned_bowl_is_the_same_for_two_of_them(race):
    losses = race.losses
    race.surface.value = "the same, turned"
    assert all(race.losses[name][:100] == pytest.approx(losses[name][:100]) for name in ("SGD", "momentum"))
    assert all(race.losses[name][60] > 10 * losses[name][60] for name in ("RMS", "Adam"))


def test_what_is_written_is_true(race):
    for name in RACERS:
        assert f"L = <b>{race.losses[name][40]:.3g}</b>".replace("-", "−") in race.text.value
        assert f"{np.hypot(*race.paths[name][40]):.2g} from the star" in race.text.value
    best = min(RACERS, key=lambda name: race.losses[name][40])
    assert race.titles()[0] == f"After step 40, {best} is lowest"


def test_the_steps_rewind(race):
    first = race.text.value
    for race.step.value in (41, 0, 40):
        assert f"After step {race.step.value}:" in race.text.value
    assert race.text.value == first


# SGD diverges beyond 2/40 = 0.05; momentum beyond 2 · 1.9/40 = 0.095.
@pytest.mark.parametrize(
    ("surface", "lr", "words", "count"),
    [
        ("narrow bowl", 0.045, "it diverges", 0),
        ("narrow bowl", 0.056, "it diverges", 1),
        ("narrow bowl", 0.1, "it diverges|overflowed", 2),
        ("curved valley", 1, "<b>overflowed</b> in step", 2),
    ],
)
def test_beyond_the_limit_it_diverges(race, surface, lr, words, count):
    race.surface.value, race.lr.value, race.step.value = surface, lr, STEPS
    assert len(re.findall(words, race.text.value)) == count


def test_the_ridge_holds_those_who_go_by_the_slope(race):
    race.surface.value, race.step.value = "saddle", 30
    y = {name: race.paths[name][30][1] for name in RACERS}
    assert max(y["SGD"], y["momentum"]) < 0.5 < 1.5 < min(y["RMS"], y["Adam"])


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("rate", [1e-4, 1])
def test_the_corners_can_be_drawn(race, surface, rate):
    race.surface.value, race.lr.value, race.scaled_lr.value, race.step.value = surface, rate, rate, STEPS
    for ax in race.figure.axes:
        assert np.isfinite([*ax.get_xlim(), *ax.get_ylim()]).all()


def test_paths_can_be_told_apart():
    for look in ("colour", "style", "marker"):
        assert len({getattr(racer, look) for racer in RACERS.values()}) == len(RACERS)
    assert RACERS["momentum"].colour == plots.PARAMETER
