"""What holds of the programs with a bug of chapters 12, 13 and 16, and of the defaults of chapter 14."""

import itertools

import pytest

from nnlib.teach import attention_bugs, defaults, image_bugs, tape_bugs
from nnlib.teach.patients import Symptoms

WARDS = image_bugs, tape_bugs, attention_bugs


@pytest.mark.parametrize(
    ("module", "shown", "number", "kind", "place"),
    [
        *((ward, ward.PATIENTS, 3, "bug", "line") for ward in WARDS),
        (defaults, defaults.PAIRS, 6, "default", "row"),
    ],
)
def test_no_two_show_the_same(module, shown, number, kind, place):
    for one, key in itertools.product(shown, module.CHOICES):
        said = module.against(key, one)
        if shown[one] == key:
            assert said is None
        else:
            assert said.startswith(f"With that {kind} {module.CHOICES[key].sign}. In the {place} `")
    assert len(set(shown.values())) == len(shown) == number < len(module.CHOICES)


@pytest.mark.parametrize("ward", WARDS)
def test_no_two_tables_are_alike(ward):
    tables = [str(Symptoms("", ward.WARD.errors(key))) for key in ward.CHOICES]
    assert len(set(tables)) == len(tables)


@pytest.mark.parametrize("ward", [image_bugs, attention_bugs])
def test_each_patient_was_published(ward):
    assert all(ward.CHOICES[key].source for key in ward.PATIENTS.values())
