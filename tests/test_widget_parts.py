"""The parts of panels: what a slider takes, from Python and from the browser, and what it refuses."""

import math

import numpy as np
import pytest
from traitlets import TraitError

from nnlib.teach.widgets.parts import (
    Picture,
    choice,
    grid,
    learning_rate,
    logarithmic,
    real,
    signed,
    table,
    whole,
)

MAKERS = {
    "whole": lambda: whole(30, 0, 200, "steps"),
    "real": lambda: real(1, -6, 6, "x", step=0.1),
    "log": lambda: learning_rate(0.05),
}
HOSTILE = ["1", "__import__('os')", None, [1], {"value": 1}, True, b"1", 1j, math.nan, math.inf, -math.inf]


@pytest.fixture(params=MAKERS.values(), ids=MAKERS)
def slider(request):
    return request.param()


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("whole", 40, 40),
        ("whole", np.int64(40), 40),
        ("whole", 40.0, 40),
        ("whole", -1, 0),
        ("whole", 10**30, 200),
        ("real", 0.25, 0.25),
        ("real", np.float32(0.25), 0.25),
        ("real", 2, 2.0),
        ("real", 6.001, 6.0),
        ("real", -1e300, -6.0),
        ("log", 0.0123, 0.0123),
        ("log", 0, 1e-4),
        ("log", -1, 1e-4),
        ("log", 1e9, 10.0),
    ],
)
def test_what_is_beyond_the_ends_becomes_the_nearest_value(kind, given, kept):
    slider = MAKERS[kind]()
    for send in (lambda: setattr(slider, "value", given), lambda: slider.set_state({"value": given})):
        slider.value = slider.trait_defaults("value")
        send()
        assert slider.value == kept and type(slider.value) is type(kept)


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_what_is_no_number_is_refused(slider, value):
    before = slider.get_state()
    for name in ("value", "min", "max", "step"):
        with pytest.raises(TraitError, match="finite number"):
            setattr(slider, name, value)
        with pytest.raises(TraitError, match="finite number"):
            slider.set_state({name: value})
    assert slider.get_state() == before


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("value", 2.5, r"steps is 2\.5; expected a whole number\."),
        ("min", 201, "steps goes from 201 to 200; expected min <= max"),
        ("max", -1, "steps goes from 0 to -1; expected min <= max"),
        ("step", 0, "steps has a step of 0; expected > 0"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(name, value, said):
    slider = MAKERS["whole"]()
    with pytest.raises(TraitError, match=said):
        setattr(slider, name, value)
    assert (slider.min, slider.value, slider.max, slider.step) == (0, 30, 200, 1)


@pytest.mark.parametrize(("end", "value", "kept"), [("max", 20, 20), ("min", 40, 40), ("max", 50, 30)])
def test_the_value_stays_between_ends_that_move(end, value, kept):
    slider, seen = MAKERS["whole"](), []
    slider.observe(lambda change: seen.append(change.new), "value")
    setattr(slider, end, value)
    assert slider.value == kept and seen == ([] if kept == 30 else [kept])


def test_a_logarithmic_slider_counts_powers_of_ten():
    slider = logarithmic(0.05, -3, 0.5, "η", step=0.01)
    assert (slider.min, slider.max, slider.step, slider.value) == (-3, 0.5, 0.01, 0.05)
    slider.value = 100
    assert slider.value == 10**0.5


def test_a_choice_is_one_of_its_options():
    which = choice(["cat", "dog"], "The picture shows a", value="dog")
    for value in ("bird", "", None, 1):
        with pytest.raises(TraitError):
            which.set_state({"value": value})
    assert which.value == "dog"
    which.set_state({"value": "cat"})
    assert which.value == "cat"


def test_tables_and_numbers():
    head, row = "<th scope='col'></th><th scope='col'>x</th>", "<th scope='row'>a</th><td><b>2</b></td>"
    expected = f"<table class='nnlib-table'><tr>{head}</tr><tr>{row}</tr></table>"
    assert table({"a": ["<b>2</b>"]}, head=("", "x")) == expected
    assert [signed(number) for number in (-1.2345, 1e-30, -0.0, 1234)] == ["−1.23", "1e−30", "0", "1.23e+03"]


def test_a_picture_that_came_as_something_else_is_sent_again(monkeypatch):
    picture, sent = Picture(width=3, height=2, value=b"PNG"), []
    monkeypatch.setattr(picture, "send_state", sent.append)
    for message, expected in (("seen", []), ("gone", []), ("damaged", ["value"])):
        picture._handle_custom_msg(message, [])
        assert sent == expected


def test_a_grid_takes_rows_of_numbers_and_keeps_its_shape():
    weights = grid([[1, 2], [3, -1], [0, 4]], "W", largest=100)
    weights.set_state({"value": [[1, 2], [3, 1e9], [-1e9, 0.5]]})
    assert weights.value == [[1.0, 2.0], [3.0, 100.0], [-100.0, 0.5]]
    before = weights.get_state()
    for value in ([[1, 2], [3, 4]], [[1, 2], [3], [4, 5]], [], [1, 2, 3], "12", None, 3.0):
        with pytest.raises(TraitError):
            weights.set_state({"value": value})
    for one in HOSTILE:
        with pytest.raises(TraitError, match="finite number"):
            weights.set_state({"value": [[1, 2], [3, 4], [5, one]]})
    assert weights.get_state() == before
