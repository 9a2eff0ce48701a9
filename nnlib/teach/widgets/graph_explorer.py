"""The graph of a small expression, and one backward step at a time.

See notebooks/13_automatic_differentiation.ipynb.
"""

import html
from typing import NamedTuple

import numpy as np
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path

from nnlib import _tape, autograd
from nnlib.autograd import Tensor
from nnlib.teach import _doors as door
from nnlib.teach import plots
from nnlib.teach.widgets.layered import layered
from nnlib.teach.widgets.panel import DPI, Explorer
from nnlib.teach.widgets.parts import Places, button, dropdown, minus, signed, whole
from nnlib.teach.widgets.sheets import LIT

__all__ = ["GraphExplorer", "graph_explorer"]

MOST_NODES, MOST_NUMBERS, LONGEST_NAME = 20, 36, 12
MOST_DRAWN = 3  # rows and columns of an array whose numbers stand in the picture
NONE = "none: the step alone"
TITLE = 28  # pixels above the graph
FONT, MONO = 9.5, 8
CHARACTER, LETTER = 6.6, 5.45  # pixels, the width of a letter in both fonts
ROW, ARRAY_ROW = 14, 12  # and the height of a line

# What an operation computes of A and B, and its slopes: Y is the result; a number below zero is bracketed in
# {A}, not in {a}.
BINARY = {
    "+": ("{A} + {B}", "1", "1"),
    "-": ("{A} − {B}", "1", "−1"),
    "*": ("{A} · {B}", "{B}", "{A}"),
    "/": ("{A} / {B}", "1 / {B}", "−{A} / {B}²"),
    "@": ("{A} @ {B}", "d{Y} @ {B}.T", "{A}.T @ d{Y}"),
}
UNARY = {
    "exp": ("exp({a})", "{Y}"),
    "log": ("log({a})", "1 / {A}"),
    "tanh": ("tanh({a})", "1 − {Y}²"),
    "relu": ("relu({a})", "[{a} > 0]"),
    "sum": ("sum({a})", "d{Y} for each number that was added"),
    "max": ("max({a})", "d{Y} for the first of the largest, 0 for the others"),
    "reshape": ("reshape({a})", "d{Y}, reshaped"),
    "[]": ("{A}[…]", "d{Y} where it was picked, 0 elsewhere"),
    "T": ("{A}.T", "d{Y}.T"),
}
WHOLE = {"@", "sum", "max", "reshape", "[]", "T"}  # their rule for arrays is no slope of each number
CONSTANT = "const"  # of an array that is no tensor
DIGITS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
RAISED = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class Way(NamedTuple):
    """What goes back from a node to one of those that it was made from."""

    made: int
    to: int
    slope: float | None  # of a single number
    shape: tuple  # of what came back, before what a broadcast had repeated was added up
    brought: np.ndarray


class GraphExplorer(Explorer):
    """The graph of an expression: values and gradients at its nodes, slopes at its edges, and steps back.

    In each step one node hands on what it has heard. The pass is the panel's own: `grad` of the tensors stays
    as it is.

    Parameters
    ----------
    result : Tensor, optional
        A single number, made in a few operations from tensors of a few numbers. Without it, a graph with a
        fork.
    **names : Tensor
        What tensors in the graph are called: x=x, w=w. Others are v₁, v₂ and so on, as they were made; the
        result is L.

    Attributes
    ----------
    step : Slider
        How many nodes have handed on; `back` and `next` move it by one.
    node : Dropdown
        The node of which the text tells. A click on a node sets it, another one on the same takes it back.
    values : dict from name to array
        By the names of nodes, "v1" for v₁.
    gradients : dict from name to array or None
        What has come so far; None as long as nothing has.
    waiting : dict from name to list of str
        The nodes that have yet to hand on to this one; where there are none, its gradient is complete.

    Raises
    ------
    TypeError, ValueError
        If something is no Tensor, the result is not made of any or not a single number, the graph is too
        large to be drawn, or an array has been changed since.

    See notebooks/13_automatic_differentiation.ipynb.
    """

    kind_of_picture = Places

    def __init__(self, result=None, /, **names):
        if result is None and not names:
            result, names = _default()
        self._nodes = _checked(result, names)
        self._names = _named(self._nodes, names)
        self._shown = [_shown(name, names) for name in self._names]
        self._ways, self._heard = _walked(self._nodes)
        self._arrays = [tensor.data.copy() for tensor in self._nodes]
        self.values = dict(zip(self._names, self._arrays, strict=True))
        self._operands = [_operands(tensor) for tensor in self._nodes]
        self._formulas = [self._formula(k) if ways else "" for k, ways in enumerate(self._ways)]
        self._order = [k for k in reversed(range(len(self._nodes))) if self._nodes[k].edges]
        self._blocks = [[self._block(k, step) for k in range(len(self._nodes))] for step in self._steps()]
        sizes = [_size(blocks) for blocks in zip(*self._blocks, strict=True)]
        self._edges = [(way.to, way.made) for way in self._all_ways()]
        labels = [
            max(_label_size(_label(way, carries))[0] for carries in (False, True)) for way in self._all_ways()
        ]
        self._layered = layered(sizes, self._edges, labels)
        self._boxes = [
            (x - w / 2, y - h / 2, w, h) for (x, y), (w, h) in zip(self._layered.centres, sizes, strict=True)
        ]

        self.step = whole(0, 0, len(self._order), "step")
        self.back = button("Back", "arrow-left", "One step back")
        self.next = button("Next", "arrow-right", "One step on")
        self.node = dropdown([NONE, *self._shown], "node")
        width, height = self._layered.size
        inches = round(width) / DPI, round(height + TITLE) / DPI
        super().__init__([self.back, self.next, self.step], [self.node], size=inches, layout=None)
        self.on(self.back, lambda: self._move(-1))
        self.on(self.next, lambda: self._move(1))
        self.picture.on_msg(self._hear)

    def _steps(self):
        return range(len(self._order) + 1)

    def _all_ways(self):
        return [way for ways in self._ways for way in ways]

    def _move(self, steps):
        self.step.value += steps  # the slider keeps it within its range

    def _hear(self, picture, message, buffers):
        """Choose the node that somebody has clicked on, or take it back."""
        place = message.get("place") if isinstance(message, dict) else None
        if type(place) is int and 0 <= place < len(self._shown):
            with self._lock:
                name = self._shown[place]
                self.node.value = NONE if self.node.value == name else name

    def update(self):
        step = self.now.step
        self.back.disabled, self.next.disabled = step == 0, step == len(self._order)
        self.gradients = dict(zip(self._names, self._heard[step], strict=True))
        waiting = [self._waiting(k, step) for k in range(len(self._nodes))]
        self.waiting = {
            name: [self._names[k] for k in ks] for name, ks in zip(self._names, waiting, strict=True)
        }
        self._chosen = None if self.now.node == NONE else self._shown.index(self.now.node)
        with np.errstate(all="ignore"):  # what is not finite is shown as it is
            parts = [*self._about_step(step), *self._about_node(self._chosen, step), self._hint()]
        return "".join(part if part.startswith("<div") else f"<p>{part}</p>" for part in parts)

    def _waiting(self, k, step):
        """Return which nodes have yet to hand on to node k after a step."""
        return [made for made in self._order[step:] if any(way.to == k for way in self._ways[made])]

    # What is said

    def _about_step(self, step):
        """Yield what is handed on in a step, way by way."""
        last, steps = len(self._nodes) - 1, len(self._order)
        if step == 0:
            name = self._shown[last]
            yield (
                f"<b>Step 0 of {steps}: nothing is handed on yet.</b> ∂{name}/∂{name} = 1:"
                f" what {name} grows by, {name} grows by. Which node hands on first?"
            )
            return
        k = self._order[step - 1]
        users = self._users(k)
        heard = f"It has heard from {self._list(users)}: " if users else ""
        dY = self._heard[step][k]
        arrow = self._d(k)
        value = f"{arrow} {_equals(dY)} {_number(dY)}" if dY.size == 1 else f"{arrow} has shape {_shape(dY)}"
        yield (
            f"<b>Step {step} of {steps}: {self._shown[k]} = {html.escape(self._formulas[k])} hands on.</b>"
            f" {heard}{value}."
        )
        before = list(self._heard[step - 1])
        for i, way in enumerate(self._ways[k]):
            there = before[way.to]
            total = before[way.to] = way.brought if there is None else there + way.brought
            more = [other for other in self._ways[k][i + 1 :] if other.to == way.to]
            yield from self._about_way(way, i, dY, there, total, step, more)
        if step == steps:
            yield "All gradients are known."

    def _about_way(self, way, i, dY, there, total, step, more):
        """Yield what one way brings, and what was there."""
        to, slope = self._shown[way.to], self._slope(way.made, i)
        left = self._waiting(way.to, step)
        if more:
            state = "not complete: it stands there twice, and the other one brings its share below"
        elif left:
            state = f"not complete: {self._list(left)} {'has' if len(left) == 1 else 'have'} yet to hand on"
        else:
            users = self._users(way.to)
            state = "complete" if len(users) == 1 else f"complete: {self._list(users)} have handed on"
        if way.slope is not None:
            local = f"∂{self._shown[way.made]}/∂{to} {_is(slope, way.slope)}"
            start = "" if there is None else f"{_number(there)} + "
            numbers = [one for one in (there, dY, way.slope, total) if one is not None]
            total = (
                f"{self._d(way.to)} {_equals(*numbers)} {start}{_bracketed(dY) if start else _number(dY)}"
                f" · {_bracketed(way.slope)} {_equals(*numbers)} <b>{_number(total)}</b>"
            )
            yield f"To {to}: {local}. {total}, {state}."
            return
        repeated = ""
        if way.shape != total.shape:
            repeated = (
                f" {to} of shape {_shape(total)} was repeated to {_shape(way)}: what comes back is added"
                " up where it was repeated."
            )
        yield f"To {to}: d{to} gets {html.escape(self._rule(way.made, i))}.{repeated} It is {state}."
        tables = [_table("brought", way.brought)]
        if there is not None:
            tables = [_table("there before", there), "+", *tables, "=", _table(f"d{to}", total)]
        yield _side_by_side(*tables)

    def _about_node(self, k, step):
        """Yield the formula of a node with its numbers, and its slopes."""
        if k is None:
            return
        name, value, made = self._shown[k], self._arrays[k], self._ways[k]
        formula = f" = {html.escape(self._formulas[k])}" if made else ""
        users = self._users(k)
        used = f" It is used by {self._list(users)}." if users else " It is the result."
        kind = (
            f"Made from {self._list([way.to for way in made])}." if made else "A leaf: no operation made it."
        )
        if value.size == 1:
            numbers = self._formula(k, with_numbers=True) if made else ""
            sign = _equals(value, *(self._arrays[way.to] for way in made))
            put_in = f" {sign} {html.escape(numbers)}" if numbers and numbers != self._formulas[k] else ""
            yield f"<b>{name}{formula}{put_in} {sign} {_number(value)}.</b> {kind}{used}"
        else:
            yield f"<b>{name}{formula}</b>, of shape {_shape(value)}. {kind}{used}"
        slopes = []
        for i, way in enumerate(made):
            if way.slope is not None:
                slopes.append(f"∂{name}/∂{self._shown[way.to]} {_is(self._slope(k, i), way.slope)}")
            else:
                slopes.append(f"d{self._shown[way.to]} gets {html.escape(self._rule(k, i))}")
        if value.size > 1:
            heard = self._heard[step][k]
            tables = [_table(name, value)] + ([] if heard is None else [_table(f"d{name}", heard)])
            yield _side_by_side(*tables)
        yield " ".join([f"{'; '.join(slopes)}."] * bool(slopes) + [f"{self._gradient(k, step)}."])

    def _hint(self):
        name = self._shown[-1]
        return (
            f"dA is ∂{name}/∂A. Grey arrows: how it was computed. Purple ones, to the left: what has been"
            " handed back. A click on a node shows its formula with numbers, another one hides it."
        )

    def _gradient(self, k, step):
        """Return what is known of the gradient of a node after a step."""
        heard, left = self._heard[step][k], self._waiting(k, step)
        if heard is None:
            return f"{self._d(k)}: nothing has come yet"
        found = f"{_equals(heard)} {_number(heard)}" if heard.size == 1 else f"has shape {_shape(heard)}"
        return f"{self._d(k)} {found}, {'not complete' if left else 'complete'}"

    def _d(self, k):
        return f"∂{self._shown[-1]}/∂{self._shown[k]}"

    def _users(self, k):
        return [made for made in self._order if any(way.to == k for way in self._ways[made])]

    def _list(self, ks):
        names = list(dict.fromkeys(self._shown[k] for k in ks))
        return " and ".join([", ".join(names[:-1])] * (len(names) > 1) + names[-1:])

    def _formula(self, k, *, with_numbers=False):
        """Return what was computed, in names or with numbers."""
        template, _ = self._templates(k)
        return self._put_in(k, template, with_numbers)

    def _slope(self, k, i):
        """Return the slope of a node by its operand i in names; nothing where no formula is known."""
        _, slopes = self._templates(k)
        return self._put_in(k, slopes[i], False) if slopes and self._nodes[k].op not in WHOLE else ""

    def _rule(self, k, i):
        """Return what the gradient of operand i gets, as a formula of arrays."""
        _, slopes = self._templates(k)
        if not slopes:
            return f"d{self._shown[k]} times its own gradient"
        rule = self._put_in(k, slopes[i], False)
        if self._nodes[k].op in WHOLE:
            return rule
        plain = {"1": "", "−1": "−"}.get(rule)
        inside = f"({rule})" if " " in rule else rule
        return f"d{self._shown[k]} * {inside}" if plain is None else f"{plain}d{self._shown[k]}"

    def _templates(self, k):
        """Return the formula of a node, and the slope by each of its edges."""
        op, ways = self._nodes[k].op, self._ways[k]
        operands, slot, n = self._operands[k]
        if op == "-" and len(operands) == 1:
            return "−{A}", ["−1"]
        if op in BINARY:
            formula, *slopes = BINARY[op]
            return formula, slopes if len(ways) == 2 else [slopes[slot]]
        if op == "**":
            return _power(n)
        formula, slope = UNARY.get(op, (f"{op}({{a}})", None))
        return formula, slope and [slope]

    def _put_in(self, k, template, with_numbers):
        words = {"Y": self._shown[k]}
        for letter, operand in zip("AB", self._operands[k][0], strict=False):
            word = plain = operand
            if isinstance(operand, Tensor):
                at = next(j for j, one in enumerate(self._nodes) if one is operand)
                word = plain = self._shown[at]
                if with_numbers and self._arrays[at].size == 1:
                    word, plain = _bracketed(self._arrays[at]), _number(self._arrays[at])
            words |= {letter: word, letter.lower(): plain}
        return template.format(**words)

    # What is drawn

    def _block(self, k, step):
        """Return the text in a node after a step: its lines, where its gradient begins, if it is an array."""
        name, value, heard = self._shown[k], self._arrays[k], self._heard[step][k]
        lines = [self._formulas[k]] if self._ways[k] else []
        dots = " + …" if heard is not None and self._waiting(k, step) else ""
        if value.size == 1:
            found = "?" if heard is None else _short(heard)
            return [*lines, f"{name} = {_short(value)}", f"d{name} = {found}{dots}"], len(lines) + 1, False
        lines.append(f"{name}: {_shape(value)}")
        rows = _rows(value) if _is_drawn(value) else []
        found = "= ?" if heard is None else f"is known{', so far' if dots else ''}"
        below = [f"d{name} {found}"]
        if rows and heard is not None:
            below = [f"d{name}{', so far' if dots else ''}:", *_rows(heard)]
        return [*lines, *rows, *below], len(lines) + len(rows), True

    def draw(self, figure):
        """Draw the graph; what hands on is lit, and the ways that carry have their arrows back."""
        step = self.now.step
        (width, height), total = self._layered.size, self._layered.size[1] + TITLE
        ax = figure.add_axes((0, 0, 1, height / total))
        ax.set(xlim=(0, width), ylim=(height, 0))
        ax.set_axis_off()
        hands_on = self._order[step - 1] if step else None
        gone = set(self._order[:step])
        taken = list(self._boxes)
        ways = zip(self._all_ways(), self._layered.ways, strict=True)
        for way, pieces in sorted(ways, key=lambda one: one[0].made == hands_on):
            self._draw_way(ax, way, pieces, way.made == hands_on, way.made in gone, taken)
        for k, box in enumerate(self._boxes):
            self._draw_node(ax, k, box, k == hands_on)
        ax.set_title(self._title(step), fontsize=11)

    def _title(self, step):
        if step == 0:
            return f"Step 0: {self._d(len(self._nodes) - 1)} = 1"
        k = self._order[step - 1]
        return f"Step {step}: {self._shown[k]} hands on to {self._list([way.to for way in self._ways[k]])}"

    def _draw_way(self, ax, way, pieces, carries, is_done, taken):
        points = [pieces[0][0]] + [point for piece in pieces for point in piece[1:]]
        codes = [Path.MOVETO] + [Path.CURVE4] * (len(points) - 1)
        colour = plots.INK[plots.GRADIENT] if is_done else "#8A8A8A"
        look = {"edgecolor": colour, "linewidth": 2.6 if carries else 1.2, "facecolor": "none"}
        ax.add_patch(PathPatch(Path(points, codes), zorder=3 if carries else 1, **look))
        (x, y), marker = (points[0], "<") if is_done else (points[-1], ">")
        x += 4 if is_done else -4
        ax.plot(x, y, marker, color=colour, markersize=9 if carries else 6, zorder=4, clip_on=False)
        lines = _label(way, carries)
        size = _label_size(lines)
        x, y = _free(pieces, size, taken)
        taken.append((x - size[0] / 2, y - size[1] / 2, *size))
        box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": colour if carries else "none"}
        weight = "bold" if carries else "normal"
        words = {"fontsize": FONT - 0.5, "color": "black" if carries else colour if is_done else "#595959"}
        middle = {"ha": "center", "va": "center", "linespacing": 1.05}
        ax.text(
            x, y, "\n".join(lines), weight=weight, bbox=box, zorder=5, parse_math=False, **words, **middle
        )

    def _draw_node(self, ax, k, box, is_lit):
        x, y, w, h = box
        is_leaf = not self._ways[k]
        style = "square,pad=0" if is_leaf else "round,pad=0,rounding_size=6"
        colour = plots.DATA if is_leaf else plots.LOSS
        look = {"facecolor": LIT if is_lit else "white", "edgecolor": "black" if is_lit else colour}
        look["linewidth"] = 2.5 if is_lit else 1.3
        ax.add_patch(FancyBboxPatch((x, y), w, h, boxstyle=style, zorder=6, **look))
        if k == self._chosen:
            around = {"facecolor": "none", "edgecolor": "#A33C00", "linewidth": 1.8, "linestyle": "--"}
            ax.add_patch(FancyBboxPatch((x - 4, y - 4), w + 8, h + 8, boxstyle=style, zorder=6, **around))
        lines, heard, is_array = self._blocks[self.now.step][k]
        for i, line in enumerate(lines):
            top = y + 5 + (ARRAY_ROW if is_array else ROW) * (i + 0.5)
            words = {"fontsize": FONT, "ha": "center", "va": "center", "zorder": 7, "parse_math": False}
            if is_array:
                words |= {"fontsize": MONO, "family": "monospace"}
            if self._ways[k] and i == 0:
                words["weight"] = "bold"
            if i >= heard:
                words["color"] = plots.INK[plots.GRADIENT] if not is_lit else "black"
            ax.text(x + w / 2, top, line, **words)

    def finding(self):
        return "; ".join(self._told())

    def _told(self):
        """Return a text for each node: what it is, and what is known of its gradient."""
        told = []
        for k, (name, value) in enumerate(zip(self._shown, self._arrays, strict=True)):
            heard, so_far = self._heard[self.now.step][k], " so far" * bool(self._waiting(k, self.now.step))
            is_single = value.size == 1
            made = f" = {self._formulas[k]}" if self._ways[k] else ""
            what = f"{name}{made}" + (f" = {_number(value)}" if is_single else f" of shape {_shape(value)}")
            if heard is None:
                told.append(f"{what}, no d{name} yet")
            else:
                told.append(f"{what}, d{name}{f' = {_number(heard)}' if is_single else ' is known'}{so_far}")
        return told

    def show_picture(self, finding=""):
        width, total = self._layered.size[0], self._layered.size[1] + TITLE
        with self.picture.hold_sync():
            super().show_picture(finding)
            self.picture.boxes = [
                [x / width, (y + TITLE) / total, w / width, h / total] for x, y, w, h in self._boxes
            ]
            self.picture.names = self._told()
            self.picture.chosen = -1 if self._chosen is None else self._chosen
            self.picture.description = "nodes of the graph"


# Doors


def _default():
    x, w = Tensor(2.0), Tensor(-3.0)
    return (x * w + x) ** 2, {"x": x, "w": w}


def _checked(result, names):
    """Return the nodes of a graph in the order in which they were made."""
    door.kind(result, "result", Tensor, "a Tensor, such as L = (x * w) ** 2")
    for name, tensor in names.items():
        if not name.isidentifier() or len(name) > LONGEST_NAME:
            raise ValueError(
                f"a tensor is called {door.told(name)}; expected a name of at most {LONGEST_NAME} letters,"
                " as Python has them."
            )
        door.kind(tensor, name, Tensor, "a Tensor, one that the result was made from")
    if not result.edges:
        how = "inside no_grad, where nothing is noted" if result.op else "by no operation"
        raise ValueError(f"the result was made {how}; expected an expression, such as L = (x * w) ** 2.")
    if result.data.size != 1:
        raise ValueError(
            f"the result has shape {_shape(result)}; expected a single number: take .sum() or .mean() of it."
        )
    nodes = result.tape()[::-1]
    if len(nodes) > MOST_NODES:
        raise ValueError(
            f"the graph has {len(nodes)} nodes; expected at most {MOST_NODES}, which can still be read:"
            " take a part of the expression."
        )
    largest = max(nodes, key=lambda tensor: tensor.data.size)
    if largest.data.size > MOST_NUMBERS:
        raise ValueError(
            f"a tensor in the graph has shape {_shape(largest)}; expected at most {MOST_NUMBERS} numbers,"
            " which can still be read."
        )
    found = {}
    for name, tensor in names.items():
        if not any(tensor is node for node in nodes):
            raise ValueError(f"{name} is not in the graph; expected a Tensor that the result was made from.")
        if other := found.get(tensor.number):
            raise ValueError(f"{other} and {name} are one and the same Tensor; expected one name for it.")
        found[tensor.number] = name
    return nodes


def _named(nodes, names):
    """Return a name for each node: that of the reader, or v1, v2 and so on, or L for the result."""
    given = {tensor.number: name for name, tensor in names.items()}
    letter = next(one for one in "vustpq" if not any(_is_numbered(name, one) for name in names))
    result = next(one for one in ("L", "J", "loss", "result", "the_result") if one not in names)
    found, count = [], 0
    for tensor in nodes:
        if tensor.number not in given and tensor is not nodes[-1]:
            count += 1
        found.append(given.get(tensor.number) or (result if tensor is nodes[-1] else f"{letter}{count}"))
    return found


def _is_numbered(name, letter):
    return name[0] == letter and name[1:].isdecimal()


def _shown(name, names):
    return name if name in names else name.translate(DIGITS)


# The pass


def _walked(nodes):
    """Return the ways of each node, and after each step what each has heard."""
    at = {tensor.number: k for k, tensor in enumerate(nodes)}
    heard = [[None] * len(nodes)]
    heard[0][-1] = np.ones_like(nodes[-1].data)
    ways = [[] for _ in nodes]
    with np.errstate(all="ignore"):
        for k in reversed(range(len(nodes))):
            if not nodes[k].edges:
                continue
            now = list(heard[-1])
            for to, pull, read in nodes[k].edges:
                _tape.unchanged(nodes[k].op, read)
                came = np.asarray(pull(now[k]))
                brought = np.array(autograd._undo_broadcast(came, to, now[k]))
                is_single = nodes[k].data.size == to.data.size == 1
                slope = np.asarray(pull(np.ones_like(nodes[k].data))).item() if is_single else None
                j = at[to.number]
                ways[k].append(Way(k, j, slope, came.shape, brought))
                now[j] = brought if now[j] is None else np.asarray(now[j] + brought)
            heard.append(now)
    return ways, heard


def _operands(tensor):
    """Return what an operation was made from, tensors and words; of one of two which; an exponent."""
    made = tuple(edge.to for edge in tensor.edges)
    if len(made) != 1 or tensor.op not in (*BINARY, "**"):
        return made, None, None
    with np.errstate(all="ignore"):
        if tensor.op == "**":
            return made, None, _exponent(tensor)
        slot, constant = _constant(tensor)
    if slot is None:
        return made, None, None
    word = CONSTANT if constant is None else _bracketed(constant)
    return ((*made, word) if slot == 0 else (word, *made)), slot, None


def _constant(tensor):
    """Return which operand the tensor is, and the other one: a number, or None if it is an array.

    Of a constant nothing is noted, so it is found from the result. Where there is no other operand the first
    is None.
    """
    ((to, pull, read),) = tensor.edges
    A, Y = to.data, tensor.data
    if tensor.op == "@":
        (B, _), *_ = read
        is_first = A.shape[-1] == B.shape[-2] and np.shape(A @ B) == Y.shape and np.allclose(A @ B, Y)
        return (0 if is_first else 1), None
    slopes = np.asarray(pull(np.ones_like(Y)))
    slot = 0
    if tensor.op == "+":
        found = Y - A
    elif tensor.op == "*":
        slot, found = 1, slopes
    elif tensor.op == "/":
        slot, found = (0, 1 / slopes) if np.allclose(A * slopes, Y) else (1, Y * A)
    elif slopes.flat[0] > 0:
        found = A - Y
    elif np.array_equal(Y, -A):
        return None, None
    else:
        slot, found = 1, Y + A
    found = np.asarray(found, float)
    if np.ptp(found) > 1e-9 * np.abs(found).max():
        return slot, None
    number = float(found.flat[0])
    rounding = 1e-12 * max(np.abs(A).max(), np.abs(Y).max())
    return slot, 0.0 if tensor.op in "+-" and abs(number) <= rounding else number


def _exponent(tensor):
    """Return n of Aⁿ from its slope n Aⁿ⁻¹; None where every entry is 0 and nothing shows it."""
    ((to, pull, _),) = tensor.edges
    A, Y = to.data.reshape(-1), tensor.data.reshape(-1)
    slopes = np.asarray(pull(np.ones_like(tensor.data))).reshape(-1)
    found = [n for n in (slopes * A / Y).tolist() if np.isfinite(n)]
    return round(found[0], 9) if found else None


def _power(n):
    """Return the formula of Aⁿ, and its slope."""
    if n is None:
        return "{A}ⁿ", ["n · {A}ⁿ⁻¹"]
    if n != int(n):
        return f"{{A}}^{_bracketed(n)}", [f"{_number(n)} · {{A}}^{_bracketed(n - 1)}"]
    raised = "" if n == 2 else _number(n - 1).translate(RAISED)
    slope = _number(n) if n in (0, 1) else f"{_number(n)} · {{A}}{raised}"
    return f"{{A}}{_number(n).translate(RAISED)}", [slope]


# Words


def _number(number):
    """Return four significant digits, with a real minus."""
    return minus(f"{float(np.asarray(number).item()):z.4g}")


def _short(number):
    """Return three digits, for the picture."""
    return signed(float(np.asarray(number).item()))


def _bracketed(number):
    text = _number(number)
    return f"({text})" if text[0] == "−" else text


def _equals(*numbers):
    """Return "=", or "≈" where one of the numbers is rounded when it is written."""
    exact = (np.asarray(number, float) for number in numbers)
    values = [value for array in exact for value in array.flat if np.isfinite(value)]
    return "=" if all(abs(float(f"{x:.4g}") - x) <= 1e-12 * abs(x) for x in values) else "≈"


def _is(formula, value):
    """Return "= w = 2", or "= 2" where no formula says more."""
    number = _number(value)
    between = f"= {html.escape(formula)} " if formula not in ("", number) else ""
    return f"{between}{_equals(value)} {number}"


def _shape(array):
    return f"({', '.join(map(str, array.shape))}{',' * (len(array.shape) == 1)})"


def _sheet(array):
    """Return an array as rows and columns; one of more axes has its rows below each other."""
    return np.atleast_2d(array) if array.ndim < 3 else array.reshape(-1, array.shape[-1])


def _is_drawn(array):
    rows, columns = _sheet(array).shape
    return rows <= MOST_DRAWN and columns <= MOST_DRAWN + (rows == 1)


def _rows(array):
    """Return the rows of an array as lines of text, one column below the other."""
    texts = [[_short(x) for x in row] for row in _sheet(array)]
    width = max(len(text) for row in texts for text in row)
    return [" ".join(text.rjust(width) for text in row) for row in texts]


def _table(name, array):
    """Return a small table on white paper, as pictures are."""
    look = "background: white; color: black"
    cells = [[f"<td style='{look}'>{_number(x)}</td>" for x in row] for row in _sheet(array)]
    rows = "".join(f"<tr>{''.join(row)}</tr>" for row in cells)
    return f"<table><caption>{name}</caption>{rows}</table>"


def _side_by_side(*parts):
    inner = "".join(part if "<" in part else f"<span>{part}</span>" for part in parts)
    return f"<div class='nnlib-side-by-side'>{inner}</div>"


# Pictures


def _size(blocks):
    """Return how wide and high a node is, so that its text has room in every step."""
    lines = max((lines for lines, _, _ in blocks), key=len)
    longest = max(len(line) for lines, _, _ in blocks for line in lines)
    is_array = blocks[0][2]
    return (LETTER if is_array else CHARACTER) * longest + 12, (ARRAY_ROW if is_array else ROW) * len(
        lines
    ) + 10


def _label(way, carries):
    """Return what is written on a way: its slope, or the shape of what comes back; and what it brings."""
    if way.slope is None:
        return [_shape(way.brought)]
    return [_short(way.slope), f"← {_short(way.brought)}"] if carries else [_short(way.slope)]


def _label_size(lines):
    return CHARACTER * max(map(len, lines)) + 6, ROW * len(lines) + 4


def _free(pieces, size, taken):
    """Return where a label stands on a way without covering anything: near its end, if there is room."""
    long = [piece for piece in pieces if abs(piece[3][0] - piece[0][0]) >= 40] or pieces
    places = [_at(piece, t) for piece in reversed(long) for t in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74)]
    return next((place for place in places if not _covers(place, size, taken)), places[0])


def _at(piece, t):
    weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3
    return tuple(sum(w * point[axis] for w, point in zip(weights, piece, strict=True)) for axis in (0, 1))


def _covers(place, size, taken):
    left, top = place[0] - size[0] / 2, place[1] - size[1] / 2
    return any(
        left < x + w and x < left + size[0] and top < y + h and y < top + size[1] for x, y, w, h in taken
    )


def graph_explorer(result=None, /, **names):
    """Return the `GraphExplorer`. See notebooks/13_automatic_differentiation.ipynb."""
    return GraphExplorer(result, **names)
