"""The two kinds of panels: an `Explorer` follows its controls, a `TrainingPanel` trains a network.

    class Parabola(Explorer):
        def __init__(self):
            self.x = real(1, -3, 3, "x", step=0.1)
            super().__init__([self.x], size=(5, 3))

        def update(self):
            self.y = self.now.x**2
            return f"<p>y = <b>{self.y:.2f}</b></p>"

        def draw(self, figure):
            ax = figure.subplots()
            ax.plot(self.now.x, self.y, "o")
            ax.set_title(f"The square of {self.now.x} is {self.y:.2f}")

That is all: rows of controls, picture, text and lock are those of `Panel`, the controls come from `parts`. A
title says what there is to see; the titles together are what a screen reader says of the picture.
"""

import asyncio
import io
import math
import signal
import threading
import time
import weakref
from contextlib import ExitStack, contextmanager, suppress
from types import SimpleNamespace

import ipywidgets
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nnlib.teach.widgets.parts import Picture, button

__all__ = ["DPI", "EPOCH", "Explorer", "Panel", "TrainingPanel", "png"]

SLICE = 0.03  # seconds of training between two looks at the kernel's messages
BREATH = 0.001  # seconds in which the kernel reads the sliders and buttons
SHORTEST_WAIT = 0.1  # seconds between two pictures at least
FIRST_WAIT = 0.5  # seconds from Train to the first one, whatever it costs: one waits for it
EPOCH = object()
END = object()
DPI = 80
MOST_UNSEEN = 2  # pictures, and
LONGEST_UNSEEN = 10  # seconds without a sign of the page: then it is closed
training_panels = weakref.WeakSet()


class Panel(ipywidgets.VBox):
    """Rows of controls, and a picture: what explorers and training panels share.

    JupyterLab has the messages of controls handled in more threads than one. So everything that changes the
    panel goes through `on`, and is done under a lock.

    Parameters
    ----------
    *rows : sequence of widgets
        The controls, a row each; they are attributes too, so that a cell or a test can set
        `panel.lr.value = 0.5` and look at what follows.
    size : (width, height), optional
        Of the picture, in inches; without it there is none.
    layout : "constrained" (default) or None
        None where `draw` places everything itself, which takes half the time.

    Attributes
    ----------
    picture : Picture or None
    kind_of_picture : class
        `Picture`, or `Map` where somebody can point at what is drawn.
    """

    picture = None
    kind_of_picture = Picture

    def __init__(self, *rows, size=None, layout="constrained"):
        self._lock = threading.RLock()
        boxes = [ipywidgets.HBox(row, layout={"flex_flow": "row wrap"}) for row in rows]
        if size is not None:
            self.figure = Figure(figsize=size, dpi=DPI, layout=layout)
            width, height = (round(DPI * inches) for inches in size)
            self.picture = self.kind_of_picture(width=width, height=height)
            boxes.append(self.picture)
        super().__init__(boxes)
        self.add_class("nnlib-panel")

    def draw(self, figure):
        """Draw the present state on the empty `figure`."""
        raise NotImplementedError(f"{type(self).__name__} has no draw.")

    def titles(self):
        """Return what there is to see in the picture, a text for each of its parts."""
        return [ax.get_title() for ax in self.figure.axes]

    def on(self, control, work):
        """Have `work()` done whenever a control moves or a button is clicked."""

        def locked(_):
            with self._lock:
                work()

        if isinstance(control, ipywidgets.Button):
            control.on_click(locked)
        else:
            control.observe(locked, "value")

    def show_picture(self, finding=""):
        """Show a new picture; `finding` and its titles are what it says to those who do not see it."""
        self.figure.clear()
        self.draw(self.figure)
        sentences = [text.replace("\n", " ").rstrip(".") for text in (finding, *self.titles())]
        with self.picture.hold_sync():
            self.picture.value = png(self.figure)
            self.picture.alt = ". ".join(filter(None, sentences)) + "."


class Explorer(Panel):
    """Controls, a picture and a text; whenever a control moves, both are made anew.

    An explorer subclasses this and writes `update` and `draw`. Both read the controls from `now`, never from
    the controls themselves, which may have moved on meanwhile: so text and picture tell of the same moment.

    Attributes
    ----------
    now : SimpleNamespace
        The value of each control when `update` was last called, by the control's name; a list of values where
        the attribute is a list of controls.
    text : HTML
        Below the picture.
    texts : list of HTML and HTMLMath
        What is sent after the picture, so that no text stands for a moment over the picture before: `text`,
        and what a subclass adds.

    See notebooks/02_dense_layer.ipynb.
    """

    def __init__(self, *rows, **picture):
        super().__init__(*rows, **picture)
        self.text = ipywidgets.HTML()
        self.texts = [self.text]
        self.children = (*self.children, self.text)
        self._waits = False
        controls = list(_with_value(control for row in rows for control in row))
        self._followed = {id(control) for control in controls}
        for control in controls:
            self.on(control, self.show)
        self.show()

    def update(self):
        """Compute what follows from `now`, and return the text, as HTML."""
        raise NotImplementedError(f"{type(self).__name__} has no update.")

    def finding(self):
        """Return what the titles of the picture do not say, for those who do not see it."""
        return ""

    def show(self):
        """Make text and picture anew."""
        with self._lock:
            if not self._waits:
                self.now = SimpleNamespace(**self._values())
                with ExitStack() as after_the_picture:
                    for text in self.texts:
                        after_the_picture.enter_context(text.hold_sync())
                    with self.at_once():
                        self.text.value = self.update()
                    if self.picture is not None:
                        self.show_picture(self.finding())

    @contextmanager
    def at_once(self):
        """Hold back the pictures of the moves that are made meanwhile."""
        waits, self._waits = self._waits, True
        try:
            yield
        finally:
            self._waits = waits

    def _values(self):
        values = {}
        for name, part in vars(self).items():
            if id(part) in self._followed:
                values[name] = part.value
            elif isinstance(part, list) and part and id(part[0]) in self._followed:
                values[name] = [control.value for control in part]
        return values


class TrainingPanel(Panel):
    """Controls, a status line and a picture around a training run; the notebook stays usable meanwhile.

    A run ends, as Stop would end it, when the last output that shows the panel is gone, when its page gives
    no sign any more, and when the kernel is interrupted while no cell runs.

    A panel subclasses this and writes `begin`, `run`, `describe` and `draw`.

    Parameters
    ----------
    *rows : sequence of widgets
        The controls, a row each; `epochs` is among them.
    epochs : Slider
        How many epochs a click on Train adds.
    size, layout
        As for a `Panel`.
    restart : sequence of widgets
        Controls which shape the network: moving one of them begins anew, from the same seed.

    Attributes
    ----------
    train, stop, reset : Button
        Train goes on from the present weights, Reset goes back to the first ones.
    status : Label
    task : asyncio.Task or None
        The run in hand; `await panel.task` waits for its end.

    See notebooks/00_start_here.ipynb.
    """

    drawing_share = 0.1  # how much of the time may go into pictures
    pause = 0.004  # seconds after each `EPOCH`: a short run would be over before the eye has seen anything

    def __init__(self, *rows, epochs, restart=(), **picture):
        self.epochs = epochs
        self._main_loop = _running_loop()
        self._unseen = -math.inf  # pictures since somebody was there; where nobody ever was, none counts
        self.train = button(
            "Train", "play", "Train for that many epochs, from the present weights on", style="success"
        )
        self.stop = button("Stop", "stop", "Stop after the batch in hand", style="warning")
        self.reset = button("Reset", "undo", "Go back to the first weights")
        self.status = ipywidgets.Label()
        super().__init__(*rows, [self.train, self.stop, self.reset, self.status], **picture)
        self.on(self.train, self._start)
        self.stop.on_click(lambda _: self._ask_to_stop())
        self.picture.on_msg(self._hear)
        training_panels.add(self)
        for control in (self.reset, *restart):
            self.on(control, self._reset)
        self._reset()

    def begin(self):
        """Build the networks anew, from the seed and the controls."""
        raise NotImplementedError(f"{type(self).__name__} has no begin.")

    def run(self, epochs):
        """Train for `epochs` epochs: a generator that yields after every batch.

        Where an epoch takes less than a moment, it yields `EPOCH` at its end.
        """
        raise NotImplementedError(f"{type(self).__name__} has no run.")

    def describe(self):
        """Return one line on the present state: epoch, loss, what else matters."""
        raise NotImplementedError(f"{type(self).__name__} has no describe.")

    def show(self, status):
        """Show `status` and a new picture."""
        started = time.perf_counter()
        self.show_picture(status)
        self.status.value = status  # after the picture, so that it never stands beside the one before
        self._unseen += 1
        self._shown = time.perf_counter()
        self._pause = max(SHORTEST_WAIT, (self._shown - started) / self.drawing_share)

    def _reset(self):
        self.task = None
        self.train.disabled, self.stop.disabled = False, True
        self.begin()
        self.show("Ready.")

    def _start(self):
        if not self.train.disabled:
            self.train.disabled, self.stop.disabled = True, False
            self.status.value = "Training …"
            self._stopping = False
            self.task = asyncio.ensure_future(self._train())

    def _ask_to_stop(self):
        self._stopping = True  # without the lock, which is held while it trains

    def _hear(self, picture, message, buffers):
        if message == "seen":
            self._unseen, self._seen = 0, time.perf_counter()
        elif message == "gone":
            self._ask_to_stop()

    async def _train(self):
        task, run, more = asyncio.current_task(), self.run(self.epochs.value), True
        self._shown = time.perf_counter()  # what is shown is the start, which may have taken long to draw
        self._pause = min(self._pause, FIRST_WAIT)
        while more:
            if self._main_loop and _interrupts_are_ignored():
                self._main_loop.call_soon_threadsafe(_heed_interrupts)
            # A loss that is not finite raises: what overflows on the way there needs no warning.
            with self._lock, np.errstate(over="ignore", invalid="ignore"):
                more = self.task is task and self._train_slice(run)  # after a Reset the task is another
            await asyncio.sleep(BREATH)

    def _train_slice(self, run):
        """Train for a moment, show what came of it, and return whether there is more to do."""
        slice_end, more, problem = time.perf_counter() + SLICE, False, ""
        if self._unseen > MOST_UNSEEN and time.perf_counter() > self._seen + LONGEST_UNSEEN:
            self._ask_to_stop()
        try:
            while not more and not self._stopping and (done := next(run, END)) is not END:
                if done is EPOCH:
                    time.sleep(self.pause)
                more = time.perf_counter() >= slice_end
        except FloatingPointError as error:
            problem = f" Stopped: {error}"
        finally:
            if not more:
                self.train.disabled, self.stop.disabled = False, True
            if not more or time.perf_counter() >= self._shown + self._pause:
                self.show(self.describe() + problem)
        return more


def _running_loop():
    """Return the loop that runs a notebook's cells, in the only thread that can set signals; else None."""
    with suppress(RuntimeError):
        return asyncio.get_running_loop()


def _interrupts_are_ignored():
    """Return whether they are, as in a kernel that runs no cell."""
    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def _heed_interrupts():
    """Have them stop all panels instead."""
    if _interrupts_are_ignored():
        signal.signal(signal.SIGINT, lambda *_: [panel._ask_to_stop() for panel in tuple(training_panels)])


def png(figure):
    """Return the bytes of a picture of `figure`, for a `Picture`."""
    file = io.BytesIO()
    FigureCanvasAgg(figure).print_png(file, pil_kwargs={"compress_level": 1})  # savefig would draw it twice
    return file.getvalue()


def _with_value(parts):
    """Yield the controls that have a value, those in boxes too."""
    for part in parts:
        if hasattr(part, "value"):
            yield part
        else:
            yield from _with_value(getattr(part, "children", ()))
