"""A derivation, one line at a time, with its reason and with numbers. See notebooks/02_dense_layer.ipynb."""

import html
import re

import ipywidgets
import numpy as np

from nnlib.teach import _doors as door
from nnlib.teach.derivations import DERIVATIONS
from nnlib.teach.mathematics import evaluate, expression, latex, marked, read, with_numbers
from nnlib.teach.mathematics.numbers import as_number
from nnlib.teach.mathematics.tree import Chain
from nnlib.teach.widgets.panel import Explorer
from nnlib.teach.widgets.parts import button, grid, real, signed, whole

__all__ = ["DerivationStepper", "derivation"]

DIGITS = 3  # to which two lines have to agree: slopes are found by differences
_PLACES = re.compile(r"(?P<opens>\\left|\\begin|\{)|(?P<closes>\\right|\\end|\})| (?=[-+=] )")


class DerivationStepper(Explorer):
    """One line of a derivation after the other: what is new in it, why, and the same line with numbers.

    Parameters
    ----------
    number : str
        Of the formula that is derived, such as "2.6".

    Attributes
    ----------
    step : Slider
        From 1 to the number of lines; `back` and `next` move it by one.
    indices : list of Slider
        The numbers chosen for index letters; none where the formula has none to choose.
    numbers : list of Grid or Slider
        The numbers that are put in.
    lines : HTMLMath
        The lines up to the present one, and below them the present one with numbers.
    values : list of float
        What each side is worth, the left one first.
    holds : bool
        Whether the present line equals the one before.

    Raises
    ------
    ValueError
        If there is no derivation of this number.

    See notebooks/02_dense_layer.ipynb.
    """

    def __init__(self, number):
        self.derivation = found = DERIVATIONS[door.one_of(number, "number", tuple(DERIVATIONS))]
        self._sides = [expression(read(text)) for text in (found.left, *(line for line, _ in found.lines))]
        self.step = whole(1, 1, len(found.lines), "line")
        self.back = button("Back", "arrow-left", "One line back")
        self.next = button("Next", "arrow-right", "One line on")
        world = found.world()
        self.indices = [
            whole(first, min(world.values(letter)), max(world.values(letter)), letter, name_width="3em")
            for letter, first in found.choose.items()
        ]
        self.numbers = [
            _control(value, found.written.get(name, name), found.largest)
            for name, value in found.numbers.items()
        ]
        self.lines = ipywidgets.HTMLMath()
        super().__init__([self.back, self.next, self.step], self.indices, self.numbers)
        self.on(self.back, lambda: self._move(-1))
        self.on(self.next, lambda: self._move(1))
        *controls, text = self.children
        self.children = [*controls, self.lines, text]  # the controls stay where they are

    def _move(self, steps):
        self.step.value += steps  # the slider keeps it within its range

    def update(self):
        found, last = self.derivation, self.now.step
        self.back.disabled, self.next.disabled = last == 1, last == len(found.lines)
        typed = zip(found.numbers.items(), self.now.numbers, strict=True)
        world = found.world({name: np.reshape(value, np.shape(first)) for (name, first), value in typed})
        scope = dict(zip(found.choose, vars(self.now).get("indices", ()), strict=True))
        with np.errstate(all="ignore"):  # 1/(1 - p) where p is 1
            self.values = [evaluate(side, world, scope) for side in self._sides]
            put_in = with_numbers(Chain((self._sides[0], self._sides[last]), ("=",)), world, scope)
        before, value = self.values[last - 1], self.values[last]
        self.holds = bool(np.isclose(before, value, rtol=10.0**-DIGITS, atol=1e-6))
        self.lines.value = self._table(last) + _with_numbers(put_in, value, scope)
        if not np.isfinite(value):
            return "<p>✗ With these numbers something is divided by 0.</p>"
        other = "the line before" if last > 1 else "the left side, computed by itself"
        if self.holds:
            return f"<p>✓ {_plain(value)}, and so is {other}.</p>"
        return f"<p>✗ {_plain(value)}, but {other} is {_plain(before)}.</p>"

    def _table(self, last):
        """The lines up to this one; in the last one, what is new has a colour and a line below."""
        rows = [_row(latex(self._sides[0]), self.derivation.title)]
        for k, (_, reason) in enumerate(self.derivation.lines[:last], 1):
            side = marked(self._sides[k - 1], self._sides[k]) if 1 < k == last else self._sides[k]
            rows.append(_row(f"= {latex(side)}", reason, now=k == last))
        return f"<table class='nnlib-lines'>{''.join(rows)}</table>"


def _row(formula, reason, now=False):
    look = " class='nnlib-now'" if now else ""
    return f"<tr{look}><td>$\\displaystyle {formula}$</td><td>{html.escape(reason)}</td></tr>"


def _control(value, written, largest):
    """A slider for a number; a grid for a matrix, or for a column, which lies here."""
    if not np.ndim(value):
        low, high = (0, 1) if 0 < value < 1 else (-5, 5)
        return real(value, low, high, written, step=0.05 if high == 1 else 0.5, name_width="7em")
    return grid(np.atleast_2d(value).tolist(), written, largest=largest)


def _with_numbers(put_in, value, scope):
    """The line with numbers, and what it is worth."""
    worth = latex(as_number(value))
    end = "" if put_in.endswith(f"= {worth}") else f" = {worth}"
    chosen = ", ".join(f"{letter} = {number}" for letter, number in scope.items())
    parts = [f"$\\displaystyle {'{}' if i else ''}{part}$" for i, part in enumerate(breakable(put_in + end))]
    return f"<p>With numbers{', for ' if chosen else ''}{chosen}:</p><p>{'<wbr>'.join(parts)}</p>"


def breakable(formula):
    """Its parts, so that a page that is too narrow has the next + or = in a new line."""
    parts, start, depth = [], 0, 0
    for place in _PLACES.finditer(formula):
        depth += (place["opens"] is not None) - (place["closes"] is not None)
        if depth == 0 and place[0] == " ":
            parts.append(formula[start : place.start()])
            start = place.start()
    return [*parts, formula[start:]]


def _plain(value):
    return signed(float(np.round(value, 9)))


def derivation(number):
    """Return the `DerivationStepper` of a formula. See notebooks/02_dense_layer.ipynb."""
    return DerivationStepper(number)
