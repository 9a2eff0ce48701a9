"""The time machine of chapter 11: a recording of three epochs, moved through."""

import numpy as np
import pytest

from nnlib.teach.widgets import time_machine

EPOCHS, IMAGES, UNITS = 3, 30, 12


@pytest.fixture
def recording():
    rng = np.random.default_rng(0)
    labels = np.zeros(IMAGES, int)
    answers = np.zeros((EPOCHS + 1, IMAGES), int)
    answers[0] = 7  # nothing is right
    answers[1, :10] = 1  # ten are wrong
    answers[2, 8:11] = 2  # two of these still are, one is new
    answers[3, 5:20] = 3
    return {
        "images": rng.random((IMAGES, 784)),
        "labels": labels,
        "training_loss": [2.3, 1.0, 0.5, 0.123],
        "validation_loss": [2.4, 1.2, 0.9, 1.5],
        "weights": list(rng.standard_normal((EPOCHS + 1, 784, UNITS))),
        "answers": list(answers),
        "ratios": [[0.1, 0.2], [0.03, 0.04], [0.005, 0.006]],
    }


@pytest.fixture
def machine(recording):
    return time_machine(recording)


@pytest.mark.parametrize(
    ("epoch", "said"),
    [
        (0, ["misread: <b>30</b> of 30", "nothing learned yet"]),
        (1, ["since epoch 0 <b>0</b> came and <b>20</b> went"]),
        (
            2,
            [
                "After epoch <b>2</b>: training loss 0.500",
                "validation loss <b>0.900</b>",
                "misread: <b>3</b> of 30; since epoch 1 <b>1</b> came and <b>8</b> went",
                "layer by layer: 0.03, 0.04",
            ],
        ),
    ],
)
def test_errors_come_and_go(machine, epoch, said):
    assert machine.epoch.value == 0 and machine.epoch.max == EPOCHS
    machine.epoch.value = epoch
    assert all(words in machine.text.value for words in said)


def test_going_back_shows_the_same(machine):
    seen = []
    for machine.epoch.value in (2, 3, 2):
        seen.append((machine.text.value, machine.picture.value))
    assert seen[0] == seen[2] and not {*seen[0]} & {*seen[1]}


def test_the_strip_holds_what_was_known_and_is_given_up(machine):
    assert machine.lowest == 2
    assert list(np.flatnonzero(machine.lost)) == [5, 6, 7, *range(11, 20)]
    assert list(machine.shown) == [5, 6, 7, *range(11, 18)]  # of 18 and 19 the answer changes as often
    machine.epoch.value = 3
    strip = machine.figure.axes[3]
    assert {text.get_text() for text in strip.texts} == {"3, not 0"}
    assert strip.get_title().startswith("10 of these 10 are right at the lowest")


def test_where_little_is_given_up_the_strip_holds_the_answers_that_change_most(recording):
    recording["answers"][3][:] = recording["answers"][2]
    recording["answers"][3][12] = 4
    machine = time_machine(recording)
    assert list(machine.shown) == [*range(9), 12]  # 12 is lost, 0 to 9 change twice
    machine.epoch.value = 2
    captions = [text.get_text() for text in machine.figure.axes[3].texts]
    assert captions == ["2, not 0" if image == 8 else "0" for image in machine.shown]
    assert machine.figure.axes[3].get_title().startswith("1 of these 10 are right")


def test_the_picture_marks_the_epoch_and_draws_the_weights(machine, recording):
    machine.epoch.value = 3
    losses, ratios, weights, _ = machine.figure.axes
    assert [list(ax.lines[-1].get_xdata()) for ax in (losses, ratios)] == [[3, 3]] * 2
    assert list(losses.lines[1].get_ydata()) == recording["validation_loss"]
    assert [list(line.get_ydata()) for line in ratios.lines[:2]] == np.transpose(recording["ratios"]).tolist()
    sheet, W = weights.images[0].get_array(), recording["weights"]
    assert np.array_equal(sheet[12:40, 6:34].ravel(), W[3][:, 0])
    assert np.array_equal(sheet[52:80, 46:74].ravel(), (W[3] - W[0])[:, 1])


def test_weights_have_one_scale_in_all_epochs(machine):
    scales = set()
    for machine.epoch.value in range(EPOCHS + 1):
        scales.add(machine.figure.axes[2].images[0].get_clim())
    assert len(scales) == 1


@pytest.mark.parametrize(
    "change, said",
    [
        ({"answers": None}, "the recording has no answers; expected images, labels, "),
        ({"ratios": [[0.1, 0.2]]}, r"ratios has shape \(1, 2\); expected \(3, 2\)\."),
        ({"training_loss": [1.0]}, r"training_loss has shape \(1,\); expected \(4,\)\."),
        ({"images": np.zeros((30, 28, 28))}, r"images has shape \(30, 28, 28\); expected \(30, 784\)\."),
        ({"answers": [np.zeros(30)]}, "the recording holds no epoch"),
    ],
)
def test_what_does_not_fit_is_named(recording, change, said):
    changed = {name: values for name, values in (recording | change).items() if values is not None}
    with pytest.raises(ValueError, match=said):
        time_machine(changed)
