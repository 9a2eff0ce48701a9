"""A net small enough for a pencil, step by step. See notebooks/05_backpropagation.ipynb."""

from typing import NamedTuple

import ipywidgets
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Circle

from nnlib.teach import plots
from nnlib.teach.widgets.panel import Explorer
from nnlib.teach.widgets.parts import button, learning_rate, minus, real, whole

__all__ = ["PARAMETERS", "NumericStepper", "numbers", "numeric_stepper"]

PARAMETERS = {
    "w11": 0.3,
    "w21": 0.1,
    "b1": 0.05,
    "w12": -0.4,
    "w22": 0.6,
    "b2": 0.3,
    "v1": 2.0,
    "v2": 0.5,
    "c": 0.1,
}


def numbers(x1, x2, y, lr):
    """Return every number of one step of gradient descent on the net with `PARAMETERS`, by name.

    Forward: z = x W + b for both hidden units, a = tanh z, y_hat = a1 v1 + a2 v2 + c, L = (y_hat - y)².
    Backward: "dA" is ∂L/∂A. Then "new A" is A - lr dA for each parameter; "new y_hat" and "new L" follow.

    See notebooks/05_backpropagation.ipynb.
    """
    n = {"x1": x1, "x2": x2, "y": y, "lr": lr, **PARAMETERS}
    n |= _forward(n)
    n["dy_hat"] = 2 * (n["y_hat"] - y)
    n |= {"dv1": n["dy_hat"] * n["a1"], "dv2": n["dy_hat"] * n["a2"], "dc": n["dy_hat"]}
    for j in "12":
        n[f"da{j}"] = n["dy_hat"] * n[f"v{j}"]
        n[f"dz{j}"] = n[f"da{j}"] * (1 - n[f"a{j}"] ** 2)
        n |= {f"dw1{j}": x1 * n[f"dz{j}"], f"dw2{j}": x2 * n[f"dz{j}"], f"db{j}": n[f"dz{j}"]}
    for i in "12":
        n[f"dx{i}"] = n["dz1"] * n[f"w{i}1"] + n["dz2"] * n[f"w{i}2"]
    new = {name: n[name] - lr * n[f"d{name}"] for name in PARAMETERS}
    n |= {f"new {name}": value for name, value in new.items()}
    after = _forward(n | new)
    n |= {"new y_hat": after["y_hat"], "new L": after["L"]}
    return n


def _forward(n):
    z1 = n["x1"] * n["w11"] + n["x2"] * n["w21"] + n["b1"]
    z2 = n["x1"] * n["w12"] + n["x2"] * n["w22"] + n["b2"]
    a1, a2 = np.tanh(z1), np.tanh(z2)
    y_hat = a1 * n["v1"] + a2 * n["v2"] + n["c"]
    return {"z1": z1, "z2": z2, "a1": a1, "a2": a2, "y_hat": y_hat, "L": (y_hat - n["y"]) ** 2}


class Step(NamedTuple):
    """What is computed, in the order of the lines; in a line `*` is a product, `{A}` the symbol or number."""

    title: str
    lines: dict


STEPS = (
    Step(
        "Each hidden unit adds up its inputs.",
        {"z1": "{x1} * {w11} + {x2} * {w21} + {b1}", "z2": "{x1} * {w12} + {x2} * {w22} + {b2}"},
    ),
    Step("It sends the sum through tanh.", {"a1": r"\tanh {z1}", "a2": r"\tanh {z2}"}),
    Step("The output adds up what it gets.", {"y_hat": "{a1} * {v1} + {a2} * {v2} + {c}"}),
    Step("The loss is the square of what is wrong.", {"L": "({y_hat} - {y})^2"}),
    Step("Backward: what does the output do to the loss?", {"dy_hat": "2 * ({y_hat} - {y})"}),
    Step(
        "Its parameters: blame from above, times what each was multiplied by.",
        {"dv1": "{dy_hat} * {a1}", "dv2": "{dy_hat} * {a2}", "dc": "{dy_hat}"},
    ),
    Step(
        "The blame goes down through the same weights.",
        {"da1": "{dy_hat} * {v1}", "da2": "{dy_hat} * {v2}"},
    ),
    Step(
        "It passes tanh by its slope.",
        {"dz1": "{da1} * (1 - {a1}^2)", "dz2": "{da2} * (1 - {a2}^2)"},
    ),
    Step(
        "The hidden parameters: blame from above, times the input.",
        {
            "dw11": "{dz1} * {x1}",
            "dw21": "{dz1} * {x2}",
            "db1": "{dz1}",
            "dw12": "{dz2} * {x1}",
            "dw22": "{dz2} * {x2}",
            "db2": "{dz2}",
        },
    ),
    Step(
        "An input feeds both units: its two shares of blame add.",
        {"dx1": "{dz1} * {w11} + {dz2} * {w12}", "dx2": "{dz1} * {w21} + {dz2} * {w22}"},
    ),
    Step(
        "All gradients are known. Only now does every parameter take its step.",
        {f"new {name}": f"{{{name}}} - {{lr}} * {{d{name}}}" for name in PARAMETERS}
        | {"new L": "({new y_hat} - {y})^2"},
    ),
)


class NumericStepper(Explorer):
    """A 2-2-1 net with tanh, forward and back in steps: each line in symbols, and with its numbers.

    Attributes
    ----------
    step : Slider
        From 1 to `len(STEPS)`; `back` and `next` move it by one.
    x1, x2, y : Slider
        The sample.
    lr : Slider
        The learning rate η of the last step.
    values : dict of float
        From `numbers`, for the present sample.
    lines : HTMLMath
        The lines of the present step.

    See notebooks/05_backpropagation.ipynb.
    """

    def __init__(self):
        self.step = whole(1, 1, len(STEPS), "step")
        self.back = button("Back", "arrow-left", "One step back")
        self.next = button("Next", "arrow-right", "One step on")
        sample = {"x1": 2, "x2": -1, "y": 1}
        self.x1, self.x2, self.y = (real(value, -3, 3, name, step=0.1) for name, value in sample.items())
        self.lr = learning_rate(0.01, low=-3, high=0)
        self.lines = ipywidgets.HTMLMath()
        rows = [self.back, self.next, self.step], [self.x1, self.x2], [self.y, self.lr]
        super().__init__(*rows, size=(9.2, 4))
        self.texts.append(self.lines)
        self.on(self.back, lambda: self._move(-1))
        self.on(self.next, lambda: self._move(1))
        *controls, picture, text = self.children
        self.children = [*controls, text, picture, self.lines]  # a picture that stays where it is

    def _move(self, steps):
        self.step.value += steps  # the slider keeps it within its range

    def update(self):
        self.values = numbers(self.now.x1, self.now.x2, self.now.y, self.now.lr)
        number = self.now.step
        self.back.disabled, self.next.disabled = number == 1, number == len(STEPS)
        step = STEPS[number - 1]
        self.lines.value = _table(step.lines, self.values)
        return f"<b>Step {number} of {len(STEPS)}. {step.title}</b>{self._verdict(number)}"

    def _verdict(self, number):
        if number < len(STEPS):
            return ""
        before, after = self.values["L"], self.values["new L"]
        direction = "falls" if after < before else "rises" if after > before else "stays"
        return f" The loss {direction} from {_plain(before)} to {_moved(after, before)}."

    def finding(self):
        found = STEPS[self.now.step - 1].lines
        numbers = ", ".join(f"{written(name)} = {_found(name, self.values)}" for name in found)
        return f"The net, with what is known after step {self.now.step}: {numbers}"

    def draw(self, figure):
        _graph(figure.subplots(), self.values, self.now.step)


# The lines


def _plain(value, digits=4):
    """Return four significant digits, never in powers of ten."""
    rounded = np.format_float_positional(value, digits, fractional=False, trim="-")
    return rounded if float(rounded) else "0"


def _moved(value, old):
    """Return a number with as many digits, four at least, as it takes to tell it from the old one."""
    digits = 4
    while digits < 17 and value != old and _plain(value, digits) == _plain(old, digits):
        digits += 1
    return _plain(value, digits)


def _found(name, values):
    """Return a number as it is shown where it is found."""
    if not name.startswith("new "):
        return _plain(values[name])
    return _moved(values[name], values[name.removeprefix("new ")])


def symbol(name):
    """Return the LaTeX of a name: "dw11" is dw with the index 11."""
    if name.startswith("new "):
        return rf"{symbol(name[4:])}^{{\text{{new}}}}"
    if name == "lr":
        return r"\eta"
    d, letter = (r"\mathrm{d}", name[1:]) if name[0] == "d" else ("", name)
    if letter == "y_hat":
        return rf"{d}\hat y"
    return d + letter[0] + (f"_{{{letter[1:]}}}" if letter[1:] else "")


def _line(template, values):
    """Return a line in symbols, and with its numbers in place of them."""
    symbols = {name: symbol(name) for name in values}
    in_brackets = {name: f"({_plain(v)})" if v < 0 else _plain(v) for name, v in values.items()}
    return (
        template.format(**symbols).replace("*", r"\,"),
        template.format(**in_brackets).replace("*", r"\cdot"),
    )


def _table(lines, values):
    """Return the lines as a table of formulas: symbols, numbers, result."""
    rows = []
    for name, template in lines.items():
        symbols, with_numbers = _line(template, values)
        cells = [rf"{symbol(name)} = {symbols}", f"= {with_numbers}", f"= {_found(name, values)}"]
        if template.startswith("{") and template.endswith("}") and template.count("{") == 1:
            del cells[1]  # a line that only hands a number on
        style = 'style="padding: 0 1.5em 0.3em 0"'
        rows.append("<tr>" + "".join(f"<td {style}>${cell}$</td>" for cell in cells) + "</tr>")
    return f"<table>{''.join(rows)}</table>"


# The graph

NODES = {
    "x1": (0.6, 3.1),
    "x2": (0.6, 0.9),
    "unit 1": (4.2, 3.1),
    "unit 2": (4.2, 0.9),
    "y_hat": (6.9, 2),
    "L": (8.6, 2),
}
EDGES = (
    *((x, unit) for x in ("x1", "x2") for unit in ("unit 1", "unit 2")),
    *((unit, "y_hat") for unit in ("unit 1", "unit 2")),
    ("y_hat", "L"),
)
RADIUS = 0.55
SUBSCRIPTS = str.maketrans("12", "₁₂")
PLACES = {  # of the labels; a gradient's is beside that of its number
    "x1": (0.6, 3.1),
    "x2": (0.6, 0.9),
    "z1": (4.2, 3.26),
    "a1": (4.2, 2.94),
    "z2": (4.2, 1.06),
    "a2": (4.2, 0.74),
    "y_hat": (6.9, 2),
    "L": (8.6, 2),
    "y": (8.6, 1.3),
    "w11": (2.35, 3.22),
    "w21": (1.8, 1.73),
    "b1": (4.2, 2.42),
    "w12": (1.8, 2.51),
    "w22": (2.35, 1.02),
    "b2": (4.2, 1.84),
    "v1": (5.65, 2.66),
    "v2": (5.65, 1.58),
    "c": (6.9, 1.32),
}
BESIDE = {
    "x1": (0, 0.68),
    "x2": (0, -0.68),
    "z1": (-0.62, 0.52),
    "a1": (0.62, 0.84),
    "z2": (-0.62, -0.84),
    "a2": (0.62, -0.52),
    "y_hat": (0, 0.68),
}
LINE_BREAKS = {"L": "\n"}  # before the new number, which would be wider than the circle


def _graph(ax, values, number):
    """Draw the net with what is known at step `number`: what it finds is dark, what it uses is light."""
    ax.set(xlim=(0, 9.3), ylim=(0, 4), aspect="equal")
    ax.set_axis_off()
    lines = STEPS[number - 1].lines
    known = {"x1", "x2", "y", *PARAMETERS, *(name for step in STEPS[:number] for name in step.lines)}
    used = {name for name in values for line in lines.values() if f"{{{name}}}" in line}
    shades = dict.fromkeys(used, 0.15) | {name.removeprefix("new "): 0.45 for name in lines}
    for start, end in EDGES:
        ax.plot(*zip(NODES[start], NODES[end], strict=True), color="0.75", zorder=1)
    for node, centre in NODES.items():
        colour = plots.LOSS if node == "L" else plots.DATA
        ax.add_patch(Circle(centre, RADIUS, facecolor="white", edgecolor=colour, linewidth=1.5, zorder=2))
    for name, (x, y) in PLACES.items():
        text = f"{written(name)} = {_plain(values[name])}" if name in known else written(name)
        if f"new {name}" in lines:
            text += f"{LINE_BREAKS.get(name, '')} → {_found(f'new {name}', values)}"
        _label(ax, (x, y), text, _colour(name), shades.get(name, 0))
        if (gradient := f"d{name}") in known:
            dx, dy = BESIDE.get(name, (0, -0.27))
            text = f"{written(gradient)} = {_plain(values[gradient])}"
            _label(ax, (x + dx, y + dy), text, plots.GRADIENT, shades.get(gradient, 0))


def written(name):
    """Return a name as plain text: LaTeX would take matplotlib several times as long."""
    return name.replace("y_hat", "ŷ").translate(SUBSCRIPTS)


def _colour(name):
    return plots.PARAMETER if name in PARAMETERS else plots.LOSS if name == "L" else plots.DATA


def _label(ax, place, text, colour, shade):
    face = 1 - shade * (1 - np.array(to_rgb(colour)))  # mixed with white, for the edges pass behind
    box = {"boxstyle": "round,pad=0.2", "facecolor": face, "edgecolor": colour}
    ax.text(*place, minus(text), ha="center", va="center", fontsize=9, bbox=box, zorder=3)


def numeric_stepper():
    """Return the `NumericStepper`. See notebooks/05_backpropagation.ipynb."""
    return NumericStepper()
