"""The panel of number formats of chapter 14, driven through its handles."""

import re

import numpy as np
import pytest

from nnlib.teach import plots
from nnlib.teach.formats import BFLOAT16, FLOAT16, FLOAT32
from nnlib.teach.widgets import number_formats
from nnlib.teach.widgets.number_formats import FORMATS
from tests.panels import plain

NEIGHBOURS = "float16", "bfloat16", "float32"


@pytest.fixture
def panel():
    return number_formats()


def said(panel):
    return " ".join(plain(panel).split())


def cells(panel, row):
    """Return the cells of a row of the table, in the order of the formats."""
    (found,) = re.findall(rf"<th scope='row'>{re.escape(row)}</th>(.*?)</tr>", panel.text.value)
    return re.sub("</?b>", "", found).removeprefix("<td>").removesuffix("</td>").split("</td><td>")


def line(panel):
    return panel.figure.axes[1]


def set_all(panel, **values):
    for name, value in values.items():
        getattr(panel, name).value = value


def test_it_stores_what_the_formats_store(panel, rng):
    assert list(FORMATS.values()) == [FLOAT32, BFLOAT16, FLOAT16]
    for x in 10 ** rng.uniform(-12, 8, 12):
        set_all(panel, x=x, sign="negative" if x < 1 else "positive")
        assert panel.number == (-x if x < 1 else x)
        for name, form in FORMATS.items():
            assert panel.stored[name] == form.round(panel.number)
            assert panel.bits[name] == form.bits(panel.number)
            assert panel.error[name] == panel.stored[name] - panel.number
            sign, exponent, fraction = panel.bits[name].split()
            assert f"{name}: sign {sign}, exponent {exponent}, fraction {fraction}" in panel.picture.alt


@pytest.mark.parametrize("form", NEIGHBOURS)
def test_neighbours_are_the_next_numbers_of_the_format(panel, form):
    panel.form.value = form
    kind = FORMATS[form]
    for x in (0.1, 3e-8, 5e-6, 1.0, 2049, 1023.7, 65503.9):
        for sign in ("positive", "negative"):
            set_all(panel, x=x, sign=sign)
            assert panel.below <= panel.number <= panel.above
            assert kind.round([panel.below, panel.above]).tolist() == [panel.below, panel.above]
            between = np.linspace(panel.below, panel.above, 9)[1:-1]
            assert set(kind.round(between)) <= {panel.below, panel.above}
            assert panel.halfway == (panel.below + panel.above) / 2
            if panel.stored[form] == panel.number:
                assert panel.number in (panel.below, panel.above)


def test_the_line_shows_what_is_near(panel):
    assert line(panel).get_title() == "float16: the nearest number is 0.09997558594"
    labels = [label.get_text() for label in line(panel).get_xticklabels()]
    assert labels == ["0.09991455078", "0.09997558594", "0.1000366211", "0.1000976562"]
    bold = [label.get_fontweight() == "bold" for label in line(panel).get_xticklabels()]
    assert bold == [False, True, False, False]
    words = {text.get_text(): text.get_position()[0] for text in line(panel).texts}
    assert words["halfway"] == 0.5 and words["x = 0.1"] == pytest.approx((0.1 - panel.below) / 2.0**-14)
    (dot,) = [one for one in line(panel).lines if one.get_marker() == "o"]
    assert dot.get_color() == plots.DATA and dot.get_xdata()[0] == words["x = 0.1"]


def test_below_a_power_of_two_numbers_lie_closer_together(panel):
    panel.x.value = 1
    labels = [float(label.get_text()) for label in line(panel).get_xticklabels()]
    assert labels == pytest.approx([1 - 2.0**-11, 1, 1 + 2.0**-10, 1 + 2.0**-9])
    assert line(panel).get_title() == "float16 has 1 itself"
    assert "x is a number of float16 itself: nothing is rounded." in said(panel)


def test_halfway_goes_to_the_even_one(panel):
    panel.x.value = 2049
    assert (panel.below, panel.halfway, panel.above) == (2048, 2049, 2050)
    assert panel.stored["float16"] == 2048
    assert "halfway is 2049, and there it is. The one whose last bit is 0 is taken." in said(panel)
    panel.sign.value = "negative"
    assert (panel.below, panel.above, panel.stored["float16"]) == (-2050, -2048, -2048)


@pytest.mark.parametrize(
    ("x", "stored", "title", "words"),
    [
        (65519, 65504, "float16: the nearest number is 65504", "nearer to it, and is rounded back"),
        (65520, np.inf, "float16 has no number that large: inf", "x is one of those"),
        (
            1e6,
            np.inf,
            "float16 has no number that large: inf",
            "65504 is the largest number of float16; what is",
        ),
    ],
)
def test_beyond_the_largest(panel, x, stored, title, words):
    panel.x.value = x
    assert panel.stored["float16"] == stored and line(panel).get_title() == title
    assert words in said(panel)
    assert [label.get_text() for label in line(panel).get_xticklabels()] == ["65472", "65504", "inf"]
    assert any("further out" in text.get_text() for text in line(panel).texts) == (x == 1e6)
    if stored == np.inf:
        assert "an exponent of ones with a fraction of zeros is inf" in said(panel)
        assert cells(panel, "error")[2] == cells(panel, "gap to the next")[2] == "none"
    panel.sign.value = "negative"
    assert [label.get_text() for label in line(panel).get_xticklabels()] == ["−inf", "−65504", "−65472"]


def test_near_zero(panel):
    panel.x.value = 2.0**-25
    assert panel.stored["float16"] == 0 and panel.number == panel.halfway
    assert line(panel).get_title() == "float16 has no number that small: 0"
    panel.x.value = 2.0**-25 * 1.001
    assert panel.stored["float16"] == FLOAT16.smallest
    assert "An exponent of zeros: a subnormal number, which begins with 0." in said(panel)
    assert "float16: 0.0000000001₂ · 2 1 − 15 = 0.0000000001₂ · 2 −14" in said(panel)


def test_fine_steps_are_gaps_of_the_chosen_format(panel):
    set_all(panel, x=1000, form="bfloat16", fine=0.125)
    assert panel.number == 1000 + 4 / 8
    panel.form.value = "float16"
    assert panel.number == 1000 + 0.5 / 8
    panel.fine.value = -2
    assert panel.number == 999 and panel.stored["float16"] == 999
    set_all(panel, x=FLOAT16.smallest, fine=-1)  # zero itself
    assert panel.number == 0 and panel.bits["float32"] == f"0 {'0' * 8} {'0' * 23}"
    assert cells(panel, "error / x") == ["0", "0", "0"]


def test_a_scale_saves_a_small_gradient(panel):
    panel.x.value = 1e-8
    assert panel.stored["float16"] == 0 and "S = 2" not in said(panel)
    for k, restored in ((1, 0), (2, 2.0**-26), (10, 1.0012e-8), (14, 1e-8)):
        panel.scale.value = k
        assert panel.number == 2**k * 1e-8
        assert panel.restored["float16"] == pytest.approx(restored, rel=5e-4)
    assert "S = 2 14 = 16384. x = 1·10⁻⁸; without S, float16 stores 0 ." in said(panel)
    assert "S x stored" in said(panel) and "S x = 0.00016384" in panel.figure.axes[1].texts[-1].get_text()


def test_the_table_says_where_a_sum_stops(panel):
    for name, stop in zip(FORMATS, cells(panel, "1 + 1 + … stops at"), strict=True):
        form, n = FORMATS[name], float(stop)
        assert form.round(n + 1) == n and form.round(n - 1) == n - 1
        assert form.round(form.round(n - 1) + 1) == n
    panel.x.value = 2048
    assert cells(panel, "with 1 added") == ["2049", "2048", "2048"]
    assert cells(panel, "gap to the next") == ["0.000244", "16", "2"]
    assert cells(panel, "largest")[2] == "65504" and cells(panel, "smallest above 0")[2] == "6e−08"


def test_every_bit_is_drawn_in_its_group(panel):
    ax = panel.figure.axes[0]
    groups = [
        (patch.get_x(), patch.get_y(), patch.get_width(), patch.get_facecolor()) for patch in ax.patches
    ]
    widths = [width for *_, width, _ in groups]
    assert widths == [1, 8, 23, 1, 8, 7, 1, 5, 10]
    assert len({colour for *_, colour in groups}) == 3
    labels = [text.get_text() for text in ax.texts]
    assert labels == [
        word for name in FORMATS for word in (name, "sign", "exponent", "fraction")
    ]  # never by colour alone
    drawn = {}
    for marks in ax.lines:
        drawn |= {(x, y): marks.get_marker().strip("$") for x, y in zip(*marks.get_data(), strict=True)}
    for name, row in zip(FORMATS, range(3), strict=True):
        y = sorted({y for _, y in drawn})[row]
        assert "".join(drawn[place] for place in sorted(drawn) if place[1] == y) == panel.bits[name].replace(
            " ", ""
        )
    left, top, width, _ = groups[0]
    assert all(any(x < px < x + w and y < py < y + 1 for x, y, w, _ in groups) for px, py in drawn)
