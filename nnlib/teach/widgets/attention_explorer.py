"""One query of an attention head: its scores, its weights, and what it finds.

See notebooks/16_attention.ipynb.
"""

import copy
import html
import math

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from nnlib import Network
from nnlib import _validation as check
from nnlib.attention import Attention, Embedding, Positions, Residual
from nnlib.teach import _doors as door
from nnlib.teach import phrase, plots
from nnlib.teach.widgets.panel import Explorer
from nnlib.teach.widgets.parts import Map, box, button, dropdown, minus, signed, table, whole
from nnlib.teach.widgets.sheets import LIT, fitted, frame

__all__ = ["AttentionExplorer", "attention_explorer"]

MOST_PLACES, MOST_MAPS, MOST_SEQUENCES = 24, 8, 100
LISTED = 4  # places of which the numbers are told
DIGITS = 3  # numbers of a value that are told
SIZE = (9.6, 4.3)  # of the picture, in inches
MAPS, BARS = (0.045, 0.05, 0.44, 0.86), (0.56, 0.13, 0.425, 0.7)  # left, bottom, width, height
NOBODY = "none"


class AttentionExplorer(Explorer):
    """Who looks where in a net of attention: the maps of all heads, and one query with its numbers.

    Point at a map: its row is the place that asks, its column the one that is looked at.

    Parameters
    ----------
    net : Network, optional
        An `Embedding`, and `Attention` somewhere behind it, in a `Residual` or not. Without it: the recorded
        net that repeats a phrase, as it was at some moments of its training.
    X : array of shape (N, T), optional
        Sequences of symbols to choose from, with a net of one's own; at most 24 places.
    symbols : str or sequence of str, optional
        What the symbols are called, one for each. Default: letters where these suffice, else numbers.

    Attributes
    ----------
    sequence, moment, head, query, place : Slider and Dropdown
        Which of the sequences, after how many updates, which map, which place asks, which is looked at.
    out : Dropdown
        The head that is knocked out: what it finds is not handed on.
    positions : Checkbox
        Whether the net is told where each symbol stands.
    A : array of shape (maps, T, T)
        The maps of all heads, those of the first layer first.
    S : array of shape (maps, T, T)
        The scores that they are the softmax of, without the mask.
    found : array
        What the head that is looked at finds for the place that asks, the values weighted by its row.
    says : tuple of str and float
        The symbol that the net says at the place that asks, and its probability.

    Raises
    ------
    TypeError, ValueError
        If the net has no embedding or no attention, or the sequences do not fit it or the picture.

    See notebooks/16_attention.ipynb.
    """

    kind_of_picture = Map

    def __init__(self, net=None, X=None, *, symbols=None):
        if net is None and X is None:
            self._nets = {f"{moment}": phrase.network(moment) for moment in phrase.MOMENTS}
            self._X, self._Y = phrase.phrases(np.random.default_rng(16), phrase.SHOWN)
            symbols = phrase.LETTERS if symbols is None else symbols
        else:
            net, self._X = _checked(net, X)
            self._nets, self._Y = {"": net}, None
        first = next(iter(self._nets.values()))
        self._symbols = _names(symbols, first.layers[0].n_symbols)
        self._N, self._T = self._X.shape
        self._heads = [
            (f"{layer}.{h}", layer - 1, h - 1)
            for layer, one in enumerate(_attentions(first), 1)
            for h in range(1, one.heads + 1)
        ]
        names = [name for name, _, _ in self._heads]
        self.sequence = whole(0, 0, self._N - 1, "sequence")
        self.another = button("Another", "arrow-right", "Take another sequence")
        self.moment = dropdown(list(self._nets), "updates", value=list(self._nets)[-1])
        self.head = dropdown(names, "head", value=names[-1])
        self.query = whole(self._T - 2, 0, self._T - 1, "asks")
        self.place = whole(0, 0, self._T - 1, "looked at")
        self.out = dropdown([NOBODY, *names], "knocked out")
        self.positions = box("positions")
        if len(self._nets) == 1:
            self.moment.layout.display = "none"
        if not any(isinstance(layer, Positions) for layer in first.layers):
            self.positions.layout.display = "none"
        super().__init__(
            [self.sequence, self.another],
            [self.moment, self.head],
            [self.query, self.place],
            [self.out, self.positions],
            size=SIZE,
            layout=None,
        )
        self.place.value = int(self._row.argmax())
        self.on(self.another, self._take_another)
        self.picture.on_msg(self._hear)

    def _take_another(self):
        self.sequence.value = (self.sequence.value + 1) % self._N

    def _hear(self, picture, message, buffers):
        """Follow where somebody points."""
        place = message.get("place") if isinstance(message, dict) else None
        if type(place) is list and [type(k) for k in place] == [int, int, int] and max(place) < door.SIDE:
            h, t, s = (max(k, 0) for k in place)
            with self._lock:
                with self.at_once():
                    self.head.value = self._heads[min(h, len(self._heads) - 1)][0]
                    self.query.value, self.place.value = t, s
                self.show()

    # What is computed

    def update(self):
        now = self.now
        self._h = next(k for k, (name, _, _) in enumerate(self._heads) if name == now.head)
        _, layer, head = self._heads[self._h]
        net = _changed(self._nets[now.moment], self._head_out(), now.positions)
        x = self._X[now.sequence : now.sequence + 1]
        Z = net.predict(x)[0]
        attentions = _attentions(net)
        self.A = np.concatenate([one.A[0] for one in attentions])
        self.S = np.concatenate(
            [one.Q[0] @ one.K[0].swapaxes(1, 2) / math.sqrt(one.Q.shape[-1]) for one in attentions]
        )
        self.values = attentions[layer].V[0, head]
        self.found = self.A[self._h, now.query] @ self.values
        E = np.exp(Z[now.query] - Z[now.query].max())
        P = E / E.sum()
        self.says = self._symbol(P.argmax()), float(P.max())
        self._Z = Z
        self._row = self.A[self._h, now.query]
        return "".join(
            part if part.startswith("<table") else f"<p>{part}</p>"
            for part in (self._about_query(), self._numbers(), self._about_answer())
        )

    def _head_out(self):
        return next(((a, h) for name, a, h in self._heads if name == self.now.out), None)

    def _symbol(self, k):
        return self._symbols[k] if k < len(self._symbols) else str(k)

    def _at(self, s):
        """Return the symbol at a place of the sequence."""
        return self._symbol(self._X[self.now.sequence, s])

    def _seen(self):
        """Return how many places the query sees: all, or those up to its own where there is a mask."""
        _, layer, _ = self._heads[self._h]
        causal = _attentions(next(iter(self._nets.values())))[layer].causal
        return self.now.query + 1 if causal else self._T

    # What is said

    def _about_query(self):
        t, seen = self.now.query, self._seen()
        most = int(self._row.argmax())
        away = t - most
        where = {0: "its own place", 1: "one place back", -1: "one place ahead"}.get(
            away, f"{abs(away)} places {'back' if away > 0 else 'ahead'}"
        )
        hidden = f" It sees the places 0 to {t}; the mask hides {self._T - seen}." if seen < self._T else ""
        knocked = (
            " This head is knocked out: nobody hears what it finds." if self.now.out == self.now.head else ""
        )
        return (
            f"<b>Head {self.now.head}: place {t}, {_quoted(self._at(t))}, looks most at place {most},"
            f" {_quoted(self._at(most))}: {where}, with {_percent(self._row[most])} of its weight.</b>"
            f"{hidden}{knocked}"
        )

    def _numbers(self):
        """Return a table: score, exponential, weight and value of some places, and the sum of A V."""
        t, seen = self.now.query, self._seen()
        order = [s for s in np.argsort(-self._row, kind="stable").tolist() if s < seen][:LISTED]
        if self.now.place < seen and self.now.place not in order:
            order = [*order[: LISTED - 1], self.now.place]
        S = self.S[self._h, t]
        largest = S[:seen].max()
        E = np.exp(S[:seen] - largest)
        n = min(DIGITS, self.values.shape[1])
        rows = {}
        for s in sorted(order):
            lit = s == self.now.place
            cells = [
                _quoted(self._at(s)),
                signed(float(S[s])),
                _small(E[s]),
                _small(self._row[s]),
                *(signed(float(v)) for v in self.values[s, :n]),
            ]
            rows[f"place {s}"] = [f"<b>{cell}</b>" for cell in cells] if lit else cells
        left = [s for s in range(seen) if s not in order]
        if left:
            rest = self._row[left]
            rows[f"{len(left)} others"] = ["", "", _small(E[left].sum()), _small(rest.sum()), *[""] * n]
        total = [*(signed(float(v)) for v in self.found[:n])]
        rows["sum, of A V"] = ["", "", _small(E.sum()), "1", *(f"<b>{v}</b>" for v in total)]
        head = ["", "symbol", "S", "e<sup>S − max</sup>", "A", *(f"V<sub>{i}</sub>" for i in range(n))]
        return table(rows, head=head)

    def _about_answer(self):
        t = self.now.query
        symbol, share = self.says
        said = f"The net says {_quoted(symbol)} after place {t}, with a probability of {_percent(share)}."
        if self._Y is None:
            return f"{said} {self._hint()}"
        y = self._Y[self.now.sequence]
        asked = np.nonzero(y >= 0)[0]
        right = int((self._Z[asked].argmax(axis=1) == y[asked]).sum())
        if y[t] >= 0:
            wanted = self._symbol(y[t])
            said += (
                f" Right: {_quoted(wanted)} follows."
                if wanted == symbol
                else f" Wrong: {_quoted(wanted)} follows."
            )
        else:
            said += " Here nobody asks it."
        what = [f"head {self.now.out} knocked out"] * (self.now.out != NOBODY)
        what += ["no positions"] * (not self.now.positions)
        with_what = f" with {' and '.join(what)}" if what else ""
        return (
            f"{said} After {self.now.moment} updates{with_what} <b>{right} of {len(asked)}</b> answers in"
            f" this sequence are right. {self._hint()}"
        )

    def _hint(self):
        return (
            "Point at a map: its row asks, its column is looked at. Arrow keys move it too, page keys change"
            " the head."
        )

    def finding(self):
        return f"{self._text_of_sequence()}. The net says {self.says[0]} after place {self.now.query}"

    def _text_of_sequence(self):
        joint = "" if all(len(name) == 1 for name in self._symbols) else " "
        return "Sequence " + joint.join(self._at(s) for s in range(self._T))

    # What is drawn

    def draw(self, figure):
        self._draw_maps(figure)
        self._draw_row(figure)

    def _draw_maps(self, figure):
        """Draw the maps of all heads, one layer a row where it fits; what is looked at lights up."""
        n, T = len(self._heads), self._T
        across = self._across()
        down = math.ceil(n / across)
        sheet = np.full((down * (T + 1) - 1, across * (T + 1) - 1), np.nan)
        corners = [(k // across * (T + 1), k % across * (T + 1)) for k in range(n)]
        for A, (top, left) in zip(self.A, corners, strict=True):
            sheet[top : top + T, left : left + T] = A
        ax = figure.add_axes(fitted(MAPS, SIZE, sheet.shape))
        ax.imshow(sheet, cmap="gray_r", vmin=0, vmax=1, aspect="auto")
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        for k, (top, left) in enumerate(corners):
            name, a, h = self._heads[k]
            chosen = k == self._h
            edge = {"facecolor": "none", "edgecolor": "black" if chosen else "#8A8A8A", "clip_on": False}
            ax.add_patch(Rectangle((left - 0.5, top - 0.5), T, T, linewidth=2 if chosen else 0.6, **edge))
            note = f"{name}, out" if self.now.out == name else name
            ax.text(left + T - 0.8, top + 0.2, note, ha="right", va="top", fontsize=11,
                    weight="bold" if chosen else "normal")  # fmt: skip
            if self.now.out == name:
                ax.plot([left - 0.5, left + T - 0.5], [top + T - 0.5, top - 0.5], color="black", linewidth=1)
        top, left = corners[self._h]
        frame(ax, top + self.now.query, left, 1, T)
        frame(ax, top + self.now.query, left + self.now.place, 1, 1)
        layers = check.count(max(a for _, a, _ in self._heads) + 1, "layer")
        ax.set_title(f"Maps A of {check.count(n, 'head')} in {layers}: black is 1", fontsize=11)
        place = ax.get_position()
        self.picture.box = [place.x0, 1 - place.y1, place.width, place.height]
        self.picture.across = across

    def _across(self):
        """Return how many maps stand side by side: the heads of a layer, where all have as many."""
        heads = [one.heads for one in _attentions(next(iter(self._nets.values())))]
        if len(set(heads)) == 1 and heads[0] > 1:
            return heads[0]
        return min(len(self._heads), 2)

    def _draw_row(self, figure):
        """Draw the weights of the row that is looked at, a bar for each place."""
        now, T, seen = self.now, self._T, self._seen()
        ax = figure.add_axes(BARS)
        bars = ax.bar(range(T), self._row, color=plots.DATA, width=0.8)
        bars[now.place].set(edgecolor="black", linewidth=2, hatch="//")
        ax.axvspan(
            now.query - 0.5, now.query + 0.5, facecolor=(*to_rgb(LIT), 0.5), edgecolor="none", zorder=0
        )
        if seen < T:
            ax.axvspan(
                seen - 0.5,
                T - 0.5,
                facecolor="#E8E8E8",
                edgecolor="#8A8A8A",
                hatch="////",
                linewidth=0,
                zorder=0,
            )
        ax.set(ylim=(0, 1.05), xlim=(-0.5, T - 0.5), ylabel="weight A")
        size = 10 if T <= 20 else 8
        ax.set_xticks(range(T), [f"{self._at(s)}\n{s}" for s in range(T)], fontsize=size)
        ax.tick_params(axis="x", length=0)
        ax.spines[["top", "right"]].set_visible(False)
        s = now.place
        looked = f"{_share(self._row[s])} at place {s}, {self._at(s)}"
        if s >= seen:
            looked = f"place {s} is hidden"
        ax.set_title(
            f"Head {now.head}: place {now.query}, {self._at(now.query)}, asks; {looked}", fontsize=11
        )

    def show_picture(self, finding=""):
        now, T = self.now, self._T
        with self.picture.hold_sync():
            super().show_picture(finding)
            self.picture.shape = [len(self._heads), T, T]
            self.picture.place = [self._h, now.query, now.place]
            self.picture.description = f"maps of {check.count(len(self._heads), 'head')}, {T} × {T}"
            self.picture.spoken = (
                f"head {now.head}, place {now.query}, {self._at(now.query)}, looks at place {now.place},"
                f" {self._at(now.place)}: {_share(self._row[now.place])}"
            )


# Nets


def _attentions(net):
    """Return the attention layers of a net, those inside a `Residual` too, in order."""
    found = []
    for layer in net.layers:
        if isinstance(layer, Attention):
            found.append(layer)
        elif isinstance(layer, Residual):
            found += _attentions(layer.inside)
    return found


def _changed(net, out, positions):
    """Return the net as it is, or a copy without what is knocked out."""
    if out is None and positions:
        return net
    net = copy.deepcopy(net)
    if out is not None:
        layer = _attentions(net)[out[0]]
        k = layer.n_in // layer.heads
        layer.W_O[out[1] * k : (out[1] + 1) * k] = 0
    if not positions:
        for layer in net.layers:
            if isinstance(layer, Positions):
                layer.P[...] = 0
    return net


def _checked(net, X):
    door.kind(net, "net", Network, "a Network that begins with an Embedding")
    if not isinstance(net.layers[0], Embedding):
        raise ValueError(f"net begins with {door.told(net.layers[0])}; expected an Embedding.")
    maps = sum(layer.heads for layer in _attentions(net))
    if not 1 <= maps <= MOST_MAPS:
        raise ValueError(f"net has {maps} heads of attention; expected 1 to {MOST_MAPS}.")
    if X is None:
        raise ValueError("X is missing; expected sequences of symbols, (N, T), for this net.")
    X = door.shaped(X, "X", "N", "T")
    if not 2 <= X.shape[1] <= MOST_PLACES or not 1 <= len(X) <= MOST_SEQUENCES:
        raise ValueError(
            f"X has shape {X.shape}; expected 1 to {MOST_SEQUENCES} sequences of 2 to {MOST_PLACES} places."
        )
    n = net.layers[0].n_symbols
    if not np.isin(X, np.arange(n)).all():
        raise ValueError(f"X goes from {X.min():g} to {X.max():g}; expected whole numbers from 0 to {n - 1}.")
    net = copy.deepcopy(net)  # what the panel runs leaves the reader's layers as they are
    net.predict(X[:1].astype(int))
    return net, X.astype(int)


def _names(symbols, n):
    if symbols is None:
        letters = phrase.LETTERS + "|"  # a separator comes behind the letters
        return list(letters[:n]) if 10 < n <= len(letters) else [str(k) for k in range(n)]
    if not isinstance(symbols, (str, list, tuple)) or not all(isinstance(one, str) for one in symbols):
        raise TypeError(f"symbols is {door.told(symbols)}; expected a name for each symbol, such as 'abc'.")
    if len(symbols) < n or max(map(len, symbols)) > 3:
        raise ValueError(
            f"symbols has {len(symbols)} names; expected {n}, one for each symbol, of at most 3 characters."
        )
    return list(symbols)


# Words and pictures


def _quoted(symbol):
    return f"<q>{html.escape(symbol)}</q>"


def _share(weight):
    return "0" if weight == 0 else f"{weight:.2g}" if weight >= 0.0005 else "below 0.0005"


def _percent(share):
    return f"{100 * share:.0f} %" if share >= 0.005 else "less than 1 %"


def _small(number):
    """Return a number from 0 on with three decimals, or what is smaller as a power."""
    number = float(number)
    return f"{number:.3f}" if number >= 0.0005 or number == 0 else minus(f"{number:.0e}")


def attention_explorer(net=None, X=None, *, symbols=None):
    """Return the `AttentionExplorer`. See notebooks/16_attention.ipynb."""
    return AttentionExplorer(net, X, symbols=symbols)
