"""The data of `docs/living/derivation.js`: the lines of a derivation, and how its numbers are computed.

Each line is evaluated once for each choice of indices, by `nnlib.teach.mathematics`, with entries of a tape
for the numbers that a reader may change. So slopes are the same differences in the page as in JupyterLab. In
a line with numbers each of them has a place in the tape, and says where it stands: after a sign, in a power.
"""

import ast
import itertools
import re

import numpy as np

from nnlib import sigmoid, softmax
from nnlib.teach.derivations import DERIVATIONS
from nnlib.teach.mathematics import World, evaluate, expression, latex, marked, read, with_indices
from nnlib.teach.mathematics import tree as t
from nnlib.teach.mathematics.numbers import as_number, numbers
from nnlib.teach.widgets.derivation import DIGITS, DerivationStepper, breakable
from tools.book.living import rows
from tools.book.living.tape import Entry, Tape

KIND = "computed"
FIRST_SIGN = 0xE000  # of those that Unicode leaves to private use: one stands for a number in LaTeX
SIGN = re.compile("([\ue000-\uf8ff])")
# What is written around a number in its place: as it is, with a minus, with a power of ten, with both.
POWER = r" \cdot 10^{1}"
AROUND = (
    (("", ""), ("-", ""), ("", POWER), ("-", POWER)),  # at the beginning of a sum
    (("", ""), ("(-", ")"), ("", POWER), ("(-", ")" + POWER)),  # a factor
    (("", ""), ("(-", ")"), ("(", POWER + ")"), ("(-", POWER + ")")),  # below an exponent
    (("", ""), ("(-", ")"), ("(", POWER + ")"), ("((-", ")" + POWER + ")")),  # after a slash
)


class RecordedWorld(World):
    """A world in which some numbers are entries of a tape."""

    def moved(self, name, entry, step):
        key = (name, entry, step)
        if key not in self._moved:
            value = np.array(self.value(*name), object)
            value[entry] += step
            self._moved[key] = self.where({name if len(name) > 1 else name[0]: value[()]})
        return self._moved[key]


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _softmax(Z):
    E = np.exp(Z)  # unshifted: a reader's numbers end at 100
    return E / E.sum(axis=-1, keepdims=True)


STAND_INS = {sigmoid: _sigmoid, softmax: _softmax}  # of functions that look at each number


def data(call):
    """Return lines, controls and tape of the derivation that is called for."""
    return recorded(ast.literal_eval(call.arguments[0]))


def recorded(number):
    """Return lines, controls and tape of a derivation."""
    found, tape = DERIVATIONS[number], Tape()
    world = RecordedWorld(
        indices=dict(found.indices),
        given={
            name: STAND_INS.get(value, value) if callable(value) else value
            for name, value in found.fixed.items()
        }
        | {name: tape.inputs(np.shape(value)) for name, value in found.numbers.items()},
        define=dict(found.define),
        outcomes=found.outcomes,
        first=found.first,
    )
    sides = [expression(read(text)) for text in (found.left, *(line for line, _ in found.lines))]
    settings, outputs = {}, []

    def place(value):
        outputs.append(value)
        return len(outputs) - 1

    for chosen in itertools.product(*(world.values(letter) for letter in found.choose)):
        scope = dict(zip(found.choose, chosen, strict=True))
        settings[",".join(map(str, chosen))] = {
            "values": [place(evaluate(side, world, scope)) for side in sides],
            "numbers": [_with_numbers(sides[0], side, world, scope, place) for side in sides[1:]],
        }
    return {
        "rows": rows(DerivationStepper(number)),
        "title": found.title,
        "left": latex(sides[0]),
        "lines": [
            {
                "formula": latex(side),
                "marked": latex(marked(sides[k], side) if k else side),
                "reason": reason,
            }
            for k, (side, (_, reason)) in enumerate(zip(sides[1:], found.lines, strict=True))
        ],
        "letters": list(found.choose),
        "settings": settings,
        "around": AROUND,
        "tolerance": 10.0**-DIGITS,
        "tape": tape.written(outputs),
    }


def _with_numbers(left, side, world, scope, place):
    """Return the line with numbers in parts, between which it may be broken; a number is [output, around]."""
    texts = []
    for form in range(len(AROUND[0])):
        entries = []

        def written(value, form=form, entries=entries):
            if np.ndim(value):
                return t.Matrix(tuple(tuple(map(written, row)) for row in np.atleast_2d(value)))
            if not isinstance(value, Entry):
                return as_number(value)
            entries.append(value)
            return _sign(len(entries) - 1, form)

        line = t.Chain((with_indices(left, scope), numbers(side, world, scope, written)), ("=",))
        texts.append(latex(line))
    around = _around([SIGN.split(text)[::2] for text in texts])
    parts = [SIGN.split(part) for part in breakable(texts[0])]
    known = iter(around)
    for part in parts:
        part[1::2] = [[place(entries[ord(sign) - FIRST_SIGN]), next(known)] for sign in part[1::2]]
    return parts


def _sign(k, form):
    """Return the tree of a number that is written as one sign, in one of the forms of AROUND."""
    number = t.Number(("-" if form % 2 else "") + chr(FIRST_SIGN + k))
    if form < 2:
        return number
    ten = t.Power(t.Number("10"), t.Number("1"))
    return t.Product((t.Factor("", number), t.Factor("·", ten)))


def _around(texts):
    """Return which row of AROUND each number has; the texts are what stands between them, form by form."""
    rows, closing = [], ("",) * len(texts)
    for k, plain in enumerate(texts[0][:-1]):
        opening = [text[k].removeprefix(end + plain) for text, end in zip(texts, closing, strict=True)]
        (row,) = [r for r, forms in enumerate(AROUND) if [before for before, _ in forms] == opening]
        rows.append(row)
        closing = [after for _, after in AROUND[row]]
    assert all(text[-1] == end + texts[0][-1] for text, end in zip(texts, closing, strict=True))
    return rows
