"""A number in float32, float16 and bfloat16: its bits, and how it is rounded. See chapter 14."""

import math

import numpy as np
from matplotlib.patches import Rectangle

from nnlib.teach import plots
from nnlib.teach.formats import BFLOAT16, FLOAT16, FLOAT32
from nnlib.teach.widgets.panel import Explorer
from nnlib.teach.widgets.parts import choice, logarithmic, minus, real, table, whole

__all__ = ["NumberFormats", "number_formats"]

FORMATS = {form.name: form for form in (FLOAT32, BFLOAT16, FLOAT16)}
POSITIVE, NEGATIVE = "positive", "negative"
SIZE = (9.4, 4.3)  # of the picture, in inches
BITS, LINE = (0.02, 0.36, 0.96, 0.57), (0.08, 0.07, 0.84, 0.15)  # left, bottom, width, height
LABEL = 3.6  # where the bits begin, in widths of one
ROW = 2.7  # from one format to the next, in heights of a bit
# Of sign, exponent and fraction: yellow, sky blue and grey, which stand for nothing else.
COLOURS = {"sign": "#F0E442", "exponent": "#56B4E9", "fraction": "#DDDDDD"}
DIGITS = 10  # of a number that is shown: float32 has 9 at most
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class NumberFormats(Explorer):
    """A number, as it is stored in three formats; and between which of their numbers it lies.

    Attributes
    ----------
    x : Slider
        The size of the number, from 1e-12 to 1e8.
    sign : Choice
        "positive" or "negative".
    fine : Slider
        By how many gaps of the chosen format x is moved, from -2 to 2.
    scale : Slider
        k of the loss scale S = 2^k, 0 to 24: what is stored is S x.
    form : Choice
        Whose neighbours are drawn: "float32", "bfloat16" or "float16".
    number : float
        What is to be stored.
    stored, error : dict from names of formats to float
        What becomes of it, and by how much that is too large.
    bits : dict from names of formats to str
    restored : dict from names of formats to float
        What is stored, divided by S.
    below, above, halfway : float
        In the chosen format, the numbers between which it lies (itself and the next one, if it is one of
        them), and their middle.

    See notebooks/14_frameworks.ipynb.
    """

    def __init__(self):
        self.x = logarithmic(0.1, -12, 8, "x", digits=9)
        self.sign = choice([POSITIVE, NEGATIVE], "sign", value=POSITIVE)
        self.fine = real(0, -2, 2, "fine, in gaps", step=0.125)
        self.scale = whole(0, 0, 24, "S = 2 to the")
        self.form = choice(list(FORMATS), "neighbours in", value="float16")
        super().__init__([self.x, self.sign], [self.fine, self.scale], [self.form], size=SIZE, layout=None)

    def update(self):
        form = FORMATS[self.now.form]
        S = 2.0**self.now.scale
        size = self.now.x + self.now.fine * float(form.spacing(self.now.x))
        self._unscaled = math.copysign(1, -(self.now.sign == NEGATIVE)) * size
        self.number = S * self._unscaled
        self.stored = {name: float(one.round(self.number)) for name, one in FORMATS.items()}
        self.bits = {name: one.bits(self.number) for name, one in FORMATS.items()}
        self.error = {name: value - self.number for name, value in self.stored.items()}
        self.restored = {name: value / S for name, value in self.stored.items()}
        self.below, self.above = sorted(_around(form, self.number))
        self.halfway = (self.below + self.above) / 2
        lines = [self._as_a_product(), self._between()]
        if self.now.scale:
            lines.append(self._with_and_without_scale())
        return f"{self._table()}{''.join(f'<p>{line}</p>' for line in lines)}"

    # What is said

    @property
    def _name(self):
        return "S x" if self.now.scale else "x"

    def _table(self):
        x = self.number
        relative = {name: abs(error / x) if x else 0.0 for name, error in self.error.items()}
        gaps = {name: float(form.spacing(self.stored[name])) for name, form in FORMATS.items()}
        plus_1 = {name: float(form.round(self.stored[name] + 1)) for name, form in FORMATS.items()}
        rows = {
            f"{self._name} stored": [f"<b>{_plain(value, 9)}</b>" for value in self.stored.values()],
            "error": map(_plain_error, self.error.values()),
            f"error / {self._name}": map(_plain_error, relative.values()),
            "gap to the next": ["none" if math.isnan(gap) else f"{gap:.3g}" for gap in gaps.values()],
            "with 1 added": [_plain(value, 9) for value in plus_1.values()],
            "1 + 1 + … stops at": [f"{2 ** (form.fraction_bits + 1)}" for form in FORMATS.values()],
            "largest": [f"{form.largest:.6g}" for form in FORMATS.values()],
            "smallest above 0": [f"{form.smallest:.2g}" for form in FORMATS.values()],
        }
        rows = {name: [minus(cell) for cell in cells] for name, cells in rows.items()}
        return table(rows, head=["", *FORMATS])

    def _as_a_product(self):
        """Return sign, exponent and fraction as the product that they stand for."""
        name, form = self.now.form, FORMATS[self.now.form]
        sign, exponent, fraction = self.bits[name].split()
        is_normal = "1" in exponent
        power = max(int(exponent, 2), 1) - form.bias
        if "0" not in exponent:
            return (
                f"{name}: an exponent of ones with a fraction of zeros is <b>{_plain(self.stored[name])}</b>."
            )
        of = f"{int(exponent, 2)} − {form.bias}" if is_normal else f"1 − {form.bias}"
        why = "" if is_normal else " An exponent of zeros: a subnormal number, which begins with 0."
        return (
            f"{name}: {'−' * (sign == '1')}{int(is_normal)}.{fraction}₂ · 2<sup>{of}</sup> ="
            f" {'−' * (sign == '1')}{int(is_normal)}.{fraction}₂ · 2<sup>{minus(str(power))}</sup> ="
            f" <b>{_plain(self.stored[name])}</b>.{why}"
        )

    def _between(self):
        """Return between which numbers it lies, and which of them is taken."""
        stored, name = self.stored[self.now.form], self.now.form
        if stored == self.number:
            return f"{self._name} is a number of {name} itself: nothing is rounded."
        largest = FORMATS[name].largest
        if abs(self.number) > largest:
            edge = largest + float(FORMATS[name].spacing(largest)) / 2
            is_kept = math.isfinite(stored)
            return (
                f"{_plain(largest)} is the largest number of {name}; what is {_plain(edge)} or more, or as"
                f" far below zero, becomes inf. {self._name} is"
                f" {'nearer to it, and is rounded back' if is_kept else 'one of those'}."
            )
        lies = f"{self._name} lies between {_plain(self.below)} and {_plain(self.above)}; halfway is"
        if self.number == self.halfway:
            return f"{lies} {_plain(self.halfway)}, and there it is. The one whose last bit is 0 is taken."
        side = "below" if self.number < self.halfway else "above"
        return f"{lies} {_plain(self.halfway)}, and it is {side}: {_plain(stored)} is nearer."

    def _with_and_without_scale(self):
        name, S = self.now.form, 2**self.now.scale
        without = float(FORMATS[name].round(self._unscaled))
        return (
            f"S = 2<sup>{self.now.scale}</sup> = {S}. x = {_plain(self._unscaled)}; without S, {name} stores"
            f" <b>{_plain(without)}</b>. With it, S x is stored, and divided by S again that is"
            f" <b>{_plain(self.restored[name])}</b>."
        )

    def finding(self):
        """Return the bits, which a picture shows and no title says."""
        said = []
        for name, bits in self.bits.items():
            sign, exponent, fraction = bits.split()
            said.append(f"{name}: sign {sign}, exponent {exponent}, fraction {fraction}")
        return "; ".join(said)

    # What is drawn

    def draw(self, figure):
        self._draw_bits(figure.add_axes(BITS))
        self._draw_line(figure.add_axes(LINE))

    def _draw_bits(self, ax):
        places = {"0": [], "1": []}
        for row, (name, bits) in enumerate(self.bits.items()):
            top = ROW * row + 1
            ax.text(0, top + 0.5, name, va="center", fontsize=10, fontweight="bold")
            left = LABEL
            for (group, colour), digits in zip(COLOURS.items(), bits.split(), strict=True):
                box = (left, top), len(digits), 1
                ax.add_patch(Rectangle(*box, facecolor=colour, edgecolor="black", linewidth=1.2))
                ax.vlines(left + np.arange(1, len(digits)), top, top + 1, color="black", linewidth=0.4)
                for k, digit in enumerate(digits):
                    places[digit].append((left + k + 0.5, top + 0.5))
                where = left + len(digits) / 2
                ax.text(where, top - 0.12, group, ha="center", va="bottom", fontsize=8)
                left += len(digits) + 0.35
        for digit, of in places.items():  # as marks: as many texts would take three times as long
            x, y = np.reshape(of, (-1, 2)).T
            ax.plot(
                x, y, linestyle="none", marker=f"${digit}$", markersize=7, markeredgewidth=0, color="black"
            )
        ax.set(xlim=(0, LABEL + 32.8), ylim=(ROW * len(FORMATS), 0))
        ax.axis("off")
        ax.set_title(f"The bits of {_plain(self.number, 8)}, as each format stores it", fontsize=11)

    def _draw_line(self, ax):
        form, stored = FORMATS[self.now.form], self.stored[self.now.form]
        ticks = _ticks(form, self.number)
        origin, unit = self.below, self.above - self.below
        at = {value: (value - origin) / unit for value in ticks}
        beyond = form.largest + float(form.spacing(form.largest))
        first, last = min(at.values()), max(at.values())
        place = float(np.clip((self.number - origin) / unit, first, last))
        is_finite = math.isfinite(stored)
        end = at[stored] if is_finite else at[math.copysign(beyond, stored)]
        ax.axhline(0, color="black", linewidth=1)
        ax.vlines(list(at.values()), -0.5, 0.5, color="black", linewidth=1.5)
        ax.vlines(0.5, -0.4, 0.4, color="0.35", linewidth=1, linestyle=":")
        ax.text(0.5, 0.5, "halfway", ha="center", va="bottom", fontsize=8, color="0.3")
        if abs(place - end) > 0.03:  # else the dot hides it
            look = {"arrowstyle": "->", "color": plots.WRONG, "lw": 2}
            ax.annotate("", (end, 0), (place, 0), arrowprops=look)
        ax.plot(place, 0, "o", color=plots.DATA, markersize=8, clip_on=False)
        side = "left" if place == first else "right" if place == last else "center"
        off = ", further out" if place != (self.number - origin) / unit else ""
        ax.text(place, 1.15, f"{self._name} = {_plain(self.number)}{off}", ha=side, va="bottom", fontsize=9)
        names = [
            _plain(value if abs(value) <= form.largest else math.copysign(math.inf, value)) for value in at
        ]
        ax.set_xticks(list(at.values()), names, fontsize=8)
        for label, value in zip(ax.get_xticklabels(), at, strict=True):
            label.set_fontweight("bold" if at[value] == end else "normal")
        ax.set(xlim=(first - 0.05, last + 0.05), ylim=(-0.6, 1.1), yticks=[])
        ax.spines[["left", "right", "top", "bottom"]].set_visible(False)
        ax.tick_params(axis="x", length=0)
        ax.set_title(self._what_the_line_shows(), y=1.35, fontsize=11)

    def _what_the_line_shows(self):
        name, stored = self.now.form, self.stored[self.now.form]
        if stored == self.number:
            return f"{name} has {_plain(self.number, 8)} itself"
        if not math.isfinite(stored):
            return f"{name} has no number that large: inf"
        if stored == 0:
            return f"{name} has no number that small: 0"
        return f"{name}: the nearest number is {_plain(stored)}"


def _next_up(form, size):
    """Return the next number above one of a format that is not negative, as if there were no largest one."""
    return size + float(form.spacing(size))


def _next_down(form, size):
    """Return the next number below one of a format; of zero, the largest negative one."""
    if size == 0:
        return -form.smallest
    return size - float(form.spacing(np.nextafter(size, 0)))


def _around(form, number):
    """Return the numbers between which a number lies; those at the end, where it is beyond the largest."""
    size = min(abs(number), form.largest)
    u = float(form.spacing(size))
    below = math.floor(size / u) * u
    sign = math.copysign(1, number)
    return sign * below, sign * _next_up(form, below)


def _ticks(form, number):
    """Return the numbers between which a number lies, and the next one on each side."""
    inner = sorted(_around(form, abs(number)))
    outer = [_next_down(form, inner[0]), *inner]
    if inner[1] <= form.largest:
        outer.append(_next_up(form, inner[1]))
    return sorted(math.copysign(1, number) * value + 0.0 for value in outer)


def _plain(number, digits=DIGITS):
    """Return a number with the digits that it has, up to so many, and a real minus."""
    text = f"{number:z.{digits}g}" if number else "0"
    mantissa, e, power = text.partition("e")
    return minus(f"{mantissa}·10{str(int(power)).translate(SUPERSCRIPTS)}" if e else text)


def _plain_error(error):
    return "none" if math.isinf(error) else f"{error:z.2g}" if error else "0"


def number_formats():
    """Return the `NumberFormats`. See notebooks/14_frameworks.ipynb."""
    return NumberFormats()
