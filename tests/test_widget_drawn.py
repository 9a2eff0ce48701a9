"""All that a panel draws and says, as it is first and after each of its moves, against what is stored.

`drawn` holds a file for each panel. Who changes how one looks writes it anew, sees the difference, and looks
at it: `.venv/bin/python tests/test_widget_drawn.py kernel_explorer`, without a name for all of them.
"""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from test_widget_panels import MOVES, make, move
from test_widget_pictures import plain

from nnlib.teach import widgets

DRAWN = Path(__file__).with_name("drawn")
NUMBER = re.compile(r"[-−]?\d+(?:\.\d+)?(?:e[-−+]?\d+)?")
ROUNDING = {"step_size"}  # its errors are what is rounded: another processor has others


def parted(text):
    """Return a text without its numbers, and these: the last digit may be another on another processor."""
    values = [float(value.replace("−", "-")) for value in NUMBER.findall(text)]
    return NUMBER.sub("#", text), values


def numbers(*parts):
    """Return how many numbers there are, and two sums in which each of them weighs another amount."""
    values = np.concatenate([np.ravel(np.ma.filled(np.ma.asarray(part, float), -1.0)) for part in parts])
    values = np.nan_to_num(values, nan=-7.0, posinf=7.0, neginf=-9.0)
    places = np.arange(values.size)
    return [values.size, values @ np.cos(places), values @ np.sin(1 + places), float(np.linalg.norm(values))]


def colours(*names):
    return " ".join(to_hex(name, keep_alpha=True) for name in names)


def look(artist):
    """Return how an artist looks, in words, and what stands where, in numbers."""
    words = [type(artist).__name__, f"z {artist.get_zorder():g}", *(["clipped"] * artist.get_clip_on())]
    if isinstance(artist, Text):
        box = artist.get_bbox_patch()
        words += [artist.get_text(), f"{artist.get_fontsize():g}", str(artist.get_fontweight())]
        words += [artist.get_ha(), artist.get_va(), f"{artist.get_rotation():g}", colours(artist.get_color())]
        words += [str(artist._linespacing)]
        words += [colours(box.get_facecolor(), box.get_edgecolor())] if box else []
        return words, numbers(artist.get_position())
    if isinstance(artist, Line2D):
        words += [colours(artist.get_color(), artist.get_markerfacecolor()), str(artist.get_marker())]
        words += [artist.get_linestyle(), f"{artist.get_linewidth():g} {artist.get_markersize():g}"]
        return words, numbers(artist.get_xdata(), artist.get_ydata())
    if isinstance(artist, AxesImage):
        words += [artist.get_cmap().name, artist.get_interpolation()]
        return words, numbers(artist.get_array(), artist.get_clim(), artist.get_extent())
    if isinstance(artist, Patch):
        words += [colours(artist.get_facecolor(), artist.get_edgecolor()), f"{artist.get_linewidth():g}"]
        words += [str(artist.get_linestyle()), str(artist.get_hatch())]
        path = artist.get_patch_transform().transform_path(artist.get_path())
        codes = [] if path.codes is None else path.codes
        return words, numbers(path.vertices, codes)
    words += [colours(*artist.get_facecolor()[:3], *artist.get_edgecolor()[:3])]
    paths = [path.vertices for path in artist.get_paths()]
    return words, numbers(artist.get_offsets(), artist.get_linewidths(), *paths)


def axis(one):
    """Return how an axis looks: its label, ticks and limits."""
    ticks = [(label.get_text(), label.get_fontsize()) for label in one.get_ticklabels()]
    size = one.get_tick_params().get("length")
    words = [one.get_label_text(), f"{one.label.get_fontsize():g}", one.get_scale(), str(size), str(ticks)]
    return words, numbers(one.get_view_interval(), one.get_ticklocs())


def pictured(figure):
    """Return a list of [words, numbers] for all that a figure holds, Axes by Axes."""
    found = [look(text) for text in figure.texts]
    for ax in figure.axes:
        spines = [name for name, spine in ax.spines.items() if spine.get_visible()]
        title = [ax.get_title(), f"{ax.title.get_fontsize():g}", colours(ax.title.get_color())]
        found.append(([*title, f"axis {ax.axison}", *spines], numbers(ax.get_position().bounds)))
        found += [axis(one) for one in (ax.xaxis, ax.yaxis) if ax.axison]
        found += [look(artist) for artist in (*ax.texts, *ax.lines, *ax.patches, *ax.images, *ax.collections)]
        if legend := ax.get_legend():
            texts = [(text.get_text(), text.get_fontsize()) for text in legend.get_texts()]
            where = legend.get_bbox_to_anchor().transformed(ax.transAxes.inverted()).bounds
            found.append(([str(texts), str(legend._ncols), str(legend.get_frame_on())], numbers(where)))
    return [[" | ".join(map(str, words)), sums] for words, sums in found]


def state(panel):
    """Return the texts that a panel shows, and its picture."""
    said = plain(panel.text.value) if hasattr(panel, "text") else panel.status.value
    if panel.picture is None:
        return [said, panel.lines.value], []
    return [said, panel.picture.alt], pictured(panel.figure)


def states(name):
    """Return the states of a panel, by the move that led there."""
    panel = make(name)
    found = {"": state(panel)}
    for part, value in MOVES.get(name, {}).items():
        move(panel, part, value)
        found[part] = state(panel)
    return found


def stored(name):
    return DRAWN / f"{name}.json"


@pytest.mark.parametrize("name", [name for name in widgets.__all__ if name not in ROUNDING])
def test_all_is_as_it_was(name):
    expected = json.loads(stored(name).read_text("utf-8"))
    found = states(name)
    assert found.keys() == expected.keys()
    for part, (texts, drawn) in expected.items():
        assert len(found[part][0]) == len(texts) and len(found[part][1]) == len(drawn), part
        for now, before in zip(found[part][0], texts, strict=True):
            (words, values), (wanted, close) = parted(now), parted(before)
            assert words == wanted and values == pytest.approx(close, rel=0.02, abs=1e-9), (part, now)
        for (now, sums), (before, were) in zip(found[part][1], drawn, strict=True):
            (words, values), (wanted, close) = parted(now), parted(before)
            assert words == wanted and values == pytest.approx(close, rel=0.02, abs=1e-9), (part, now)
            assert sums == pytest.approx(were, rel=1e-5, abs=1e-5 * max(1e-3, were[-1])), (part, now)


def main(*names):
    """Write what panels show, with what is drawn line by line, so that a difference can be read."""
    for name in names or set(widgets.__all__) - ROUNDING:
        parts = []
        for part, (texts, drawn) in states(name).items():
            lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in drawn)
            parts.append(f"{json.dumps(part)}: [{json.dumps(texts, ensure_ascii=False)}, [\n{lines}\n]]")
        stored(name).write_text("{\n" + ",\n".join(parts) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
