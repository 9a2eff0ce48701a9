"""Each sentence that claims something is held: by a cell, by a formula, or for a reason that needs none."""

import json
import re
from collections import Counter

import pytest

from tests.checkout import ROOT
from tests.sentences import CHAPTERS, KINDS, claims, held, is_a_claim, sentences

each_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


def cells(chapter):
    return json.loads(CHAPTERS[chapter].read_text("utf-8"))["cells"]


@each_chapter
def test_each_claim_is_held(chapter):
    assert [one for one in claims(chapter) if one not in held(chapter)] == []


@each_chapter
def test_what_is_held_is_still_said(chapter):
    assert held(chapter).keys() - set(claims(chapter)) == set()


@each_chapter
def test_what_holds_a_claim_can_hold_it(chapter):
    asserting = {
        cell["id"]
        for cell in cells(chapter)
        if cell["cell_type"] == "code" and re.search(r"^\s*assert\b", "".join(cell["source"]), re.M)
    }
    tags = set(re.findall(r"\\tag\{(.*?)\}", "".join(path.read_text("utf-8") for path in CHAPTERS.values())))
    known = {"cells": asserting, "formulas": {tag.replace("\\", "") for tag in tags}, "other": set(KINDS)}
    wrong = [
        f"{one}: no {key} in {table}"
        for one, (table, key) in held(chapter).items()
        if key not in known[table]
    ]
    assert wrong == []


def test_a_claim_is_found_by_its_words():
    text = (
        "# 3 heads\n\nIt is so. Half of it\nholds: 5 of `10`. See (1.2).\n\n- $W_2$ moves. It never ends.\n"
    )
    assert list(sentences(text)) == [
        "It is so.",
        "Half of it holds: 5 of `10`.",
        "See (1.2).",
        "- $W_2$ moves.",
        "It never ends.",
    ]


def test_the_number_of_an_item_is_no_claim_and_an_inequality_no_tag():
    text = "1. Look.\n2. It moves twice.\n\nIf $z < 0$, it falls.\n\n$$\nx > 0\n$$\n\n<details>\n"
    assert [one for one in sentences(text) if is_a_claim(one)] == ["It moves twice."]
    assert "If $z < 0$, it falls." in sentences(text)


def test_the_table_counts_what_is_claimed():
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Claims")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| ([a-z].*?) \| (\d+) \|$", page, re.M))
    counted = Counter()
    for chapter in CHAPTERS:
        counted.update(key if table == "other" else table for table, key in held(chapter).values())
    names = {"cells": "by a cell that asserts it", "formulas": "by a formula that is executed"}
    expected = {"sentences that claim something": counted.total()}
    expected |= {names.get(key, key): count for key, count in counted.items()}
    assert rows == {key: str(count) for key, count in expected.items()}
