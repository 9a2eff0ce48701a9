"""The bug lab of chapter 06, driven through its handles."""

import re

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from nnlib.teach import plots
from nnlib.teach.bugs import CHOICES, PATIENTS, TOLERANCE, evidence
from nnlib.teach.widgets import bug_lab
from nnlib.teach.widgets.bug_lab import draw_curve, draw_errors
from tests.panels import plain


@pytest.fixture
def lab():
    return bug_lab()


def test_every_patient_and_every_name_can_be_chosen(lab):
    assert [number for _, number in lab.patient.options] == list(PATIENTS)
    assert {key for _, key in lab.choice.options} == {"", *CHOICES}
    assert all(label.startswith(f"{key}: ") for label, key in lab.choice.options if key)


def test_nothing_tells_the_name_before_the_answer(lab):
    for lab.patient.value, key in PATIENTS.items():
        line = CHOICES[key].wrong_line or "The line is"
        assert not any(word in plain(lab) for word in (key, "Score", line))


# Pairs of a patient and the name that he is given; then what is said, what is not, and the score.
@pytest.mark.parametrize(
    ("answers", "said", "unsaid", "score"),
    [
        ([(1, "")], [], ["Score"], 0),
        (
            [(3, "relu-mask")],
            ["✓ Right, relu-mask.", "return dY * (self.Y >= 0)", "1 of 1 named rightly by the first answer"],
            ["✗"],
            1,
        ),
        (
            [(4, "bias-per-input")],
            ["✗ No, bias-per-input.", "The place is right, db of dense 2"],
            ["bias-one-sum"],
            0,
        ),
        ([(4, "bias-per-input"), (4, "bias-one-sum")], ["✓ Right, bias-one-sum."], [], 0),
        ([(2, "healthy")], ["✓ Right, healthy."], ["The line is"], 1),
        ([(1, "healthy"), (2, "")], ["0 of 1 named rightly"], ["✗"], 0),
        ([(1, "healthy"), (2, ""), (1, "")], ["✗ No, healthy."], [], 0),
        (list(PATIENTS.items()), ["✓", "10 of 10"], ["✗"], 10),
    ],
)
def test_answers_and_the_score(lab, answers, said, unsaid, score):
    for lab.patient.value, lab.choice.value in answers:
        lab.answer.click()
    assert all(word in plain(lab) for word in said) and not any(word in plain(lab) for word in unsaid)
    given = [key for _, key in answers if key]
    assert lab.score == score and [key for keys in lab.answers.values() for key in keys] == given


def test_the_table_shows_the_numbers_of_both(lab):
    gradient, text = lab.evidence.gradients[2], plain(lab).replace("\u2007", " ").replace("\u2002", " ")
    for value in (*gradient.found.ravel()[:3], *gradient.expected.ravel()[:3]):
        assert f"{value:.3f}" in text
    assert text.count("2.000") == 2 * len(lab.evidence.gradients)


def test_the_table_says_which_row_it_shows(lab):
    for lab.patient.value in PATIENTS:
        rows = re.findall(r"<th scope='row'>(.*?)</th>(.*?)</tr>", lab.text.value)
        for g, (name, cells) in zip(lab.evidence.gradients, rows, strict=True):
            _, _, place, found, expected = re.findall("<td>(.*?)</td>", cells)
            assert name == f"{g.name} of {g.layer}" and (place == "") == (g.found.ndim == 1)
            row = int(place.split(" of ")[0]) - 1 if place else ...
            for shown, numbers in ((found, g.found[row]), (expected, g.expected[row])):
                assert shown.replace("&numsp;", "").split("&ensp;") == [f"{x:z.3f}" for x in numbers[:4]]
            if place:
                differences = np.abs(g.found - g.expected).max(axis=1)
                assert place.endswith(f" of {len(g.found)}")
                assert row == (differences.argmax() if g.error > TOLERANCE else 0)


def test_the_legend_lies_over_no_curve(lab):
    for lab.patient.value in PATIENTS:
        ax = lab.figure.axes[0]
        box = ax.get_legend().get_window_extent()
        for line in ax.lines[:2]:
            points = ax.transData.transform(np.transpose(line.get_data()))
            assert not any(box.contains(*point) for point in points), lab.patient.value


def test_no_name_is_cut_off(lab):
    """A letter takes half an em on average; beside them stand the words before and the arrow behind."""
    longest = max(len(label) for label, _ in lab.choice.options)
    assert float(lab.choice.layout.width.removesuffix("em")) >= 7 + 3 + longest / 2


def test_the_table_shows_a_second_pass(lab):
    lab.patient.value = 8
    assert plain(lab).count("0.500") == 4  # dW and db of two layers, doubled


def test_the_loader_is_shown_at_work(lab):
    lab.patient.value = 7
    epochs = re.findall(r"epoch \d: ([\d |]+)", plain(lab))
    first, _, third = (sorted(sorted(batch.split()) for batch in epoch.split("|")) for epoch in epochs)
    assert first == third


def test_another_patient_has_another_picture(lab):
    pictures = set()
    for lab.patient.value in PATIENTS:
        pictures.add(lab.picture.value)
    assert len(pictures) == len(PATIENTS)


@pytest.mark.parametrize("key", CHOICES)
def test_the_pictures_say_what_they_show(key):
    seen = evidence(key)
    curve, errors = Figure().subplots(1, 2)
    draw_curve(curve, seen)
    draw_errors(errors, seen)
    assert f"{seen.run.accuracy:.0%} of the test images right" in curve.get_title()
    legend = " ".join(text.get_text() for text in curve.get_legend().get_texts())
    assert ("not finite" in legend) == (seen.run.stopped is not None)
    wrong = [g.error > 1e-7 for g in seen.gradients]
    colours = [plots.WRONG if error else plots.RIGHT for error in wrong]
    assert [
        to_hex(bar.get_facecolor()).upper() for bar in errors.patches
    ] == colours and plots.WRONG != plots.RIGHT
    disagree = "disagrees" if sum(wrong) == 1 else "disagree"
    assert f"{sum(wrong)} of {len(wrong)} gradients {disagree} with" in errors.get_title()
