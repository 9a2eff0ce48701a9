"""The bug lab of chapter 06, driven through its handles."""

import html
import re

import pytest
from matplotlib.figure import Figure

from nnlib.teach import plots
from nnlib.teach.bugs import CHOICES, PATIENTS, evidence
from nnlib.teach.widgets import bug_lab
from nnlib.teach.widgets.bug_lab import draw_curve, draw_errors


@pytest.fixture
def lab():
    return bug_lab()


def words(lab):
    return html.unescape(re.sub("<[^>]*>", " ", lab.text.value))


def name(lab, number, key):
    lab.patient.value, lab.choice.value = number, key
    lab.answer.click()


def test_every_patient_and_every_name_can_be_chosen(lab):
    assert [number for _, number in lab.patient.options] == list(PATIENTS)
    assert {key for _, key in lab.choice.options} == {"", *CHOICES}
    assert all(label.startswith(f"{key}: ") for label, key in lab.choice.options if key)


def test_nothing_tells_the_name_before_the_answer(lab):
    for number, key in PATIENTS.items():
        lab.patient.value = number
        assert key not in words(lab) and "Score" not in words(lab)
        if CHOICES[key].wrong_line:
            assert CHOICES[key].wrong_line not in words(lab)


def test_a_right_answer_scores_and_shows_the_line(lab):
    name(lab, 3, "relu-mask")
    assert "✓ Right, relu-mask." in words(lab) and "return dY * (self.Y >= 0)" in words(lab)
    assert lab.score == 1 and "1 of 1 named rightly by the first answer" in words(lab)


def test_a_wrong_answer_gets_a_reason_and_no_point(lab):
    name(lab, 4, "bias-per-input")
    assert "✗ No, bias-per-input." in words(lab) and "The place is right, db of dense 2" in words(lab)
    assert "bias-one-sum" not in words(lab) and lab.score == 0
    name(lab, 4, "bias-one-sum")
    assert "✓ Right, bias-one-sum." in words(lab)
    assert lab.score == 0 and lab.answers == {4: ["bias-per-input", "bias-one-sum"]}


def test_the_healthy_patient_is_right_without_a_line(lab):
    name(lab, 2, "healthy")
    assert "✓ Right, healthy." in words(lab) and "The line is" not in words(lab)


def test_no_choice_is_no_answer(lab):
    lab.answer.click()
    assert lab.answers == {} and "Score" not in words(lab)


def test_the_verdict_stays_with_its_patient(lab):
    name(lab, 1, "healthy")
    lab.patient.value = 2
    assert "✗" not in words(lab) and "0 of 1 named rightly" in words(lab)
    lab.patient.value = 1
    assert "✗ No, healthy." in words(lab)


def test_all_ten_can_be_named(lab):
    for number, key in PATIENTS.items():
        name(lab, number, key)
        assert "✓" in words(lab)
    assert lab.score == 10 and "10 of 10" in words(lab)


def test_the_table_shows_the_numbers_of_both(lab):
    lab.patient.value = 1
    text = words(lab).replace("&numsp;", " ").replace("&ensp;", " ")
    found, expected = (
        g.ravel()[:3] for g in (lab.evidence.gradients[2].found, lab.evidence.gradients[2].expected)
    )
    for value in (*found, *expected):
        assert f"{value:.3f}" in text
    assert text.count("2.000") == 2 * len(lab.evidence.gradients)
    assert "dense, ReLU, dense" in text and "softmax cross-entropy" in text


def test_the_table_shows_a_second_pass(lab):
    lab.patient.value = 8
    assert words(lab).count("0.500") == 4  # dW and db of two layers, doubled


def test_the_loader_is_shown_at_work(lab):
    lab.patient.value = 7
    epochs = re.findall(r"epoch \d: ([\d |]+)", words(lab))
    batches = [sorted(batch.split()) for batch in epochs[0].split("|")]
    assert len(epochs) == 3 and sorted(batches) == sorted(sorted(b.split()) for b in epochs[2].split("|"))


def test_another_patient_has_another_picture(lab):
    pictures = set()
    for number in PATIENTS:
        lab.patient.value = number
        pictures.add(lab.picture.value)
    assert len(pictures) == len(PATIENTS)


def test_it_answers_at_once(lab, in_plain_pictures):
    assert in_plain_pictures(lambda value: setattr(lab.patient, "value", value), (2, 3, 4, 5, 6)) <= 4.5


def test_the_pictures_say_what_they_show():
    for key in CHOICES:
        seen = evidence(key)
        curve, errors = Figure().subplots(1, 2)
        draw_curve(curve, seen)
        draw_errors(errors, seen)
        assert f"{seen.run.accuracy:.0%} of the test images right" in curve.get_title()
        legend = " ".join(text.get_text() for text in curve.get_legend().get_texts())
        assert ("not finite" in legend) == (seen.run.stopped is not None)
        colours = [bar.get_facecolor() for bar in errors.patches]
        wrong = [g.error > 1e-7 for g in seen.gradients]
        assert len(colours) == len(wrong) and len({*zip(colours, wrong, strict=True)}) == len({*wrong})
        assert f"{sum(wrong)} of {len(wrong)} gradients" in errors.get_title()
    assert plots.WRONG != plots.RIGHT
