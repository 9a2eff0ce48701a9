"""Workers who share a batch: who waits for whom. See notebooks/15_scaling_out.ipynb."""

import math
from typing import NamedTuple

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator

from nnlib import scaling
from nnlib.teach import plots
from nnlib.teach.widgets.panel import Explorer
from nnlib.teach.widgets.parts import choice, logarithmic, real, table

__all__ = ["MOST", "NETWORKS", "ScalingExplorer", "scaling_explorer"]

MOST = 1024  # workers
SHOWN, STEPS = 8, 2  # of them, and of their steps, in the timeline
DOUBLE = math.log10(2)
LONG = "9em"  # of a name beside its control
WORKERS = np.unique(np.rint(2 ** np.arange(0, 10.01, 0.25)).astype(int))  # where the curves are drawn
ALL = np.arange(1, MOST + 1)
ALL_REDUCE = {"ring": scaling.ring, "tree": scaling.tree, "one server": scaling.server}
UNITS = [(1, "s"), (1e-3, "ms"), (1e-6, "µs")]
# Colour, hatching and line of what workers do
LOOKS = {
    "compute": (plots.DATA, "", "--"),
    "wait": ("white", "////", ":"),
    "send": (plots.GRADIENT, "....", "-."),
}
NAMES = {"compute": "computes", "wait": "waits", "send": "sends"}
GREY = "0.35"
TIMELINE, TIMES, FACTORS = (0.1, 0.61, 0.885, 0.33), (0.1, 0.19, 0.385, 0.28), (0.6, 0.19, 0.375, 0.28)
LONG_ENOUGH = 0.09  # of the timeline, for a word


class Shared(NamedTuple):
    """A network whose batches are shared: seconds for a sample, forward and back, and bytes of a gradient."""

    per_sample: float
    n_bytes: int


NETWORKS = {  # in float32, and about as quick as on one core of a laptop
    "MLP 784-128-128-10": Shared(1e-5, 473_128),
    "convolutional net": Shared(2e-4, 15_592),
}


class Parts(NamedTuple):
    """What a step takes on average, in seconds: computing, waiting for the slowest, communication."""

    compute: float
    wait: float
    send: float

    @property
    def total(self):
        """All three, one after the other."""
        return self.compute + self.wait + self.send


class ScalingExplorer(Explorer):
    """Synchronous steps of p workers: two of them as a timeline, and their mean time against the workers.

    A worker computes for c (1 + spread · E), where c = per_sample · B / p and E is exponential with mean 1;
    all wait for the slowest, and then they add up their gradients. The timeline is drawn from the same seed
    each time; the means are those of `nnlib.scaling`.

    Attributes
    ----------
    network : Choice
        One of `NETWORKS`.
    way : Choice
        How gradients are added up: "ring", "tree" or "one server".
    workers, batch : Slider
        Whole numbers, logarithmic; a value between two is rounded.
    bandwidth, latency : Slider
        In MB/s and µs, logarithmic.
    spread : Slider
        How much slower a worker is on average, as a share of c.
    p, B : int
        Workers and batch.
    costs : scaling.Costs
    parts : Parts
        Of p workers, on average.
    speed_up : float
        The time of one such worker by that of p.
    best : int
        With how many workers, from 1 to 1024, a step takes least.
    run : scaling.Simulation
        The two steps of the timeline.
    slowest : list of int
        The worker that all wait for, in each of these steps.
    shown : list of int
        The workers in the timeline.

    See notebooks/15_scaling_out.ipynb.
    """

    def __init__(self):
        self.network = choice(NETWORKS, "network", value=next(iter(NETWORKS)))
        self.way = choice(ALL_REDUCE, "gradients by", value="ring")
        self.workers = logarithmic(8, 0, math.log10(MOST), "workers", step=DOUBLE, name_width=LONG)
        self.batch = logarithmic(512, 4 * DOUBLE, 16 * DOUBLE, "batch", step=DOUBLE)
        self.bandwidth = logarithmic(1000, 0, 5, "bandwidth: MB/s", step=0.1, name_width=LONG)
        self.latency = logarithmic(100, 0, 5, "latency: µs", step=0.1)
        self.spread = real(0.5, 0, 2, "spread", step=0.1, name_width=LONG)
        super().__init__(
            [self.network, self.way],
            [self.workers, self.batch],
            [self.bandwidth, self.latency],
            [self.spread],
            size=(10.5, 6.4),
            layout=None,
        )

    def update(self):
        self.p, self.B = round(self.now.workers), round(self.now.batch)
        self._net, self._all_reduce = NETWORKS[self.now.network], ALL_REDUCE[self.now.way]
        self.costs = scaling.Costs(self._net.per_sample, 1e6 * self.now.bandwidth, 1e-6 * self.now.latency)
        self.parts = Parts(*map(float, self._parts(self.p)))
        times = self._parts(ALL).total
        self.best = int(ALL[times.argmin()])
        self._least, self._one = float(times.min()), float(times[0])
        self.speed_up = self._one / self.parts.total
        self.run = scaling.simulate(
            self.p,
            self.B,
            self._net.n_bytes,
            self.costs,
            steps=STEPS,
            spread=self.now.spread,
            rng=np.random.default_rng(0),
            all_reduce=self._all_reduce,
        )
        self.slowest = [int(k) for k in self.run.compute.argmax(axis=1)]
        self.shown = self._some()
        return self._describe()

    def _parts(self, p):
        """Return the mean parts of a step of p workers, a number or an array of them."""
        share = self._net.per_sample * self.B / p
        mean, slowest = 1 + self.now.spread, scaling.expected_slowest(p, self.now.spread)
        return Parts(
            share * mean, share * (slowest - mean), self._all_reduce(p, self._net.n_bytes, self.costs)
        )

    def _some(self):
        """Return as many workers as there is room for: the slowest of each step, and the first others."""
        others = [k for k in range(min(self.p, SHOWN)) if k not in self.slowest]
        return sorted([*{*self.slowest}, *others[: SHOWN - len({*self.slowest})]])

    # Words

    def _describe(self):
        parts = self.parts
        step = [parts.compute, parts.wait, parts.send, parts.total]
        first = self.run.compute[0].mean(), self.run.wait[0].mean(), self.run.communication
        rows = {
            "on average": [_time(seconds) for seconds in step],
            "share of a step": [_share(seconds / parts.total) for seconds in step],
            "in the first step shown": [_time(seconds) for seconds in (*first, self.run.seconds[0])],
        }
        head = ["of each worker", "computes", "waits", "sends", "a step"]
        return f"{table(rows, head=head)}<p>{self._who_waits()} {self._verdict()}</p>"

    def _who_waits(self):
        if self.p == 1:
            return f"One worker computes all {self.B} samples, waits for nobody, and sends nothing."
        share = f"Each of {self.p} workers computes {round(self.B / self.p, 2):g} samples."
        if self.B < self.p:
            share = (
                f"{self.p} workers share {self.B} samples: the model divides a sample, in truth some rest."
            )
        if not self.now.spread:
            return f"{share} All take equally long, so nobody waits."
        slow, wait = self.slowest[0], self.run.wait[0]
        others = f"the other {self.p - 1} wait" if self.p > 2 else f"worker {1 - slow} waits"
        most = f", worker {wait.argmax()} the longest, {_time(wait.max())}" if self.p > 2 else ""
        return f"{share} In the first step worker {slow} is the slowest: {others} for it{most}."

    def _verdict(self):
        p, parts = self.p, self.parts
        said = f"Communication is <b>{_share(parts.send / parts.total)}</b> of a step."
        if p > 1:
            said += (
                f" {p} workers take {_time(parts.total)}, one takes {_time(self._one)}:"
                f" <b>{_factor(self.speed_up)}</b> times as fast, where {p} are at work."
            )
        if self.best == 1:
            return f"{said} Here <b>one worker alone</b> is the fastest."
        end = " The model ends there." if self.best == MOST else ""
        return f"{said} A step takes least with <b>{self.best} workers</b>, {_time(self._least)}.{end}"

    # Pictures

    def draw(self, figure):
        self._draw_timeline(figure.add_axes(TIMELINE))
        self._draw_times(figure.add_axes(TIMES))
        self._draw_speed_up(figure.add_axes(FACTORS))

    def _draw_timeline(self, ax):
        whole = self.run.seconds.sum()
        unit, name = _unit(whole)
        spans = {what: [] for what in LOOKS}
        for span in self.run.timeline(steps=STEPS, workers=self.p):
            if span.worker in self.shown:
                row = self.shown.index(span.worker)
                left, right = span.start / unit, span.end / unit
                corners = [(left, row - 0.35), (right, row - 0.35), (right, row + 0.35), (left, row + 0.35)]
                spans[span.what].append(corners)
                slow = self.p > 1 and self.now.spread and span.worker == self.slowest[span.step]
                if slow and span.what == "compute" and right - left > LONG_ENOUGH * whole / unit:
                    style = {"ha": "center", "va": "center", "color": "white", "weight": "bold"}
                    ax.text((left + right) / 2, row, "slowest", fontsize=9, **style)
        for what, corners in spans.items():
            colour, hatch, _ = LOOKS[what]
            look = {"facecolor": colour, "hatch": hatch, "edgecolor": GREY, "linewidth": 0.5}
            ax.add_collection(PolyCollection(corners, **look), autolim=False)
        ax.set_yticks(range(len(self.shown)), [f"worker {k}" for k in self.shown])
        ax.set(xlim=(0, whole / unit), ylim=(len(self.shown) - 0.5, -0.5), xlabel=name)
        ax.set_title(self._title_of_timeline(), fontsize=11)
        ax.spines[["top", "right"]].set_visible(False)
        looks = [
            Patch(facecolor=colour, hatch=hatch, edgecolor=GREY, label=NAMES[what])
            for what, (colour, hatch, _) in LOOKS.items()
        ]
        ax.legend(
            handles=looks, loc="upper left", bbox_to_anchor=(0, -0.12), ncols=3, fontsize=9, frameon=False
        )

    def _title_of_timeline(self):
        if self.p == 1:
            return "Two steps of one worker: it waits for nobody"
        more = f", {len(self.shown)} of them shown" if self.p > SHOWN else ""
        if not self.now.spread:
            return f"Two steps of {self.p} workers{more}: all are done at once"
        first, second = self.slowest
        who = f"worker {first}, then worker {second}" if first != second else f"worker {first} both times"
        return f"Two steps of {self.p} workers{more}: all wait for {who}"

    def _draw_times(self, ax):
        parts = self._parts(WORKERS)
        unit, name = _unit(parts.total.max() ** 0.5 * self._least**0.5)
        ax.plot(WORKERS, parts.total / unit, color="black", linewidth=2, label="a step")
        for what, seconds in parts._asdict().items():
            colour, _, style = LOOKS[what]
            colour = GREY if what == "wait" else colour
            drawn = np.where(seconds > 1e-3 * self._least, seconds, np.nan) / unit
            ax.plot(WORKERS, drawn, style, color=colour, linewidth=1.8, label=NAMES[what])
        ax.plot(self.best, self._least / unit, "*", color=plots.RIGHT, markersize=13, label="least")
        ax.plot(self.p, self.parts.total / unit, "o", color=plots.PARAMETER, markersize=8, label="yours")
        ax.axvline(self.p, color=plots.PARAMETER, linewidth=1)
        lowest = max(float(np.nanmin(parts.compute)), self._least / 300)
        top = max(parts.total.max(), self._one) / unit
        _logarithmic(ax, (lowest / unit / 1.5, 1.5 * top), name)
        with_p = "1 worker" if self.best == 1 else f"{self.best} workers"
        ax.set_title(f"A step takes {_time(self.parts.total)}; least with {with_p}", fontsize=11)
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.27), ncols=3, fontsize=9, frameon=False)

    def _draw_speed_up(self, ax):
        curve = self._one / self._parts(WORKERS).total
        ax.plot(WORKERS, WORKERS, "--", color=GREY, label="ideal")
        ax.plot(WORKERS, curve, color="black", linewidth=2, label="the model")
        ax.plot(self.p, self.speed_up, "o", color=plots.PARAMETER, markersize=8, label="yours")
        ax.axvline(self.p, color=plots.PARAMETER, linewidth=1)
        _logarithmic(ax, (min(0.5, curve.min() / 1.5), 1500), "times as fast as one")
        said = f"{_factor(self.speed_up)} times as fast; ideal would be {self.p}"
        ax.set_title(said if self.p > 1 else "One worker has no speed-up", fontsize=11)
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.27), ncols=3, fontsize=9, frameon=False)


def _logarithmic(ax, limits, name):
    """Draw against the workers, both axes logarithmic."""
    ax.set(xscale="log", yscale="log", xlim=(0.9, 1.1 * MOST), ylim=limits, xlabel="workers", ylabel=name)
    ax.set_xticks([2**k for k in range(0, 11, 2)], [str(2**k) for k in range(0, 11, 2)])
    low, high = (math.log10(limit) for limit in limits)
    powers = range(math.ceil(low), math.floor(high) + 1)
    ax.set_yticks([10.0**k for k in powers], [f"{10.0**k:g}" for k in powers])
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_locator(NullLocator())
    plots.open_frame(ax)


def _unit(seconds):
    """Return the unit in which a time is read well, in seconds, and its name."""
    return next((unit for unit in UNITS if seconds >= unit[0]), UNITS[-1])


def _time(seconds):
    """Return a time with its unit."""
    unit, name = _unit(seconds)
    return f"{seconds / unit:.3g} {name}" if seconds else "0"


def _share(part):
    """Return a share in per cent; what is there, and is less than half a per cent, is not nothing."""
    return "below 1%" if 0 < part < 0.005 else f"{part:.0%}"


def _factor(number):
    """Return two digits or, from 10 on, a whole number."""
    if number < 0.01:
        return "below 0.01"
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"


def scaling_explorer():
    """Return the `ScalingExplorer`. See notebooks/15_scaling_out.ipynb."""
    return ScalingExplorer()
