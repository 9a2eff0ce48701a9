"""The panel that trains: what all of them share."""

import asyncio
import io
import threading
import time

import ipywidgets
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ["DPI", "WIDE", "TrainingPanel", "learning_rate", "picture", "png"]

SLICE = 0.03  # seconds of training between two looks at the kernel's messages
BREATH = 0.001  # seconds in which the kernel reads the sliders and buttons
SHORTEST_WAIT = 0.1  # seconds between two pictures at least
END = object()
DPI = 80
WIDE = {"description_width": "7em"}


def learning_rate(value, *, low=-4, high=1, description="learning rate"):
    """Return a logarithmic slider for a learning rate, from 10**low to 10**high."""
    return ipywidgets.FloatLogSlider(
        value,
        min=low,
        max=high,
        step=0.05,
        description=description,
        readout_format=".2g",
        style=WIDE,
    )


class TrainingPanel(ipywidgets.VBox):
    """Controls, a status line and a picture around a training run; the notebook stays usable meanwhile.

    A panel subclasses this and writes `begin`, `run`, `describe` and `draw`. Its controls are attributes, so
    that a cell or a test can set `panel.epochs.value = 5` and call `panel.train.click()`.

    Parameters
    ----------
    *rows : sequence of widgets
        The controls, a row each; `epochs` is among them.
    epochs : IntSlider
        How many epochs a click on Train adds.
    size : (width, height)
        Of the picture, in inches.
    restart : sequence of widgets
        Controls which shape the network: moving one of them begins anew, from the same seed.

    Attributes
    ----------
    train, stop, reset : Button
        Train goes on from the present weights, Reset goes back to the first ones.
    status : Label
    picture : Image
    task : asyncio.Task or None
        The run in hand; `await panel.task` waits for its end.

    See notebooks/00_start_here.ipynb.
    """

    drawing_share = 0.1  # how much of the time may go into pictures

    def __init__(self, *rows, epochs, size, restart=()):
        self.epochs = epochs
        self._lock = threading.RLock()  # JupyterLab has the clicks handled in more threads than one
        self.train = _button(
            "Train",
            "play",
            "success",
            "Train for that many epochs, from the present weights on",
        )
        self.stop = _button("Stop", "stop", "warning", "Stop after the batch in hand")
        self.reset = _button("Reset", "undo", "", "Go back to the first weights")
        self.status = ipywidgets.Label()
        self.figure = Figure(figsize=size, dpi=DPI, layout="constrained")
        self.picture = picture(size)
        buttons = [self.train, self.stop, self.reset, self.status]
        controls = [ipywidgets.HBox(row, layout={"flex_flow": "row wrap"}) for row in (*rows, buttons)]
        super().__init__([*controls, self.picture])
        self.train.on_click(lambda _: self._start())
        self.stop.on_click(lambda _: self._ask_to_stop())
        self.reset.on_click(lambda _: self._reset())
        for control in restart:
            control.observe(lambda _: self._reset(), "value")
        self._reset()

    def begin(self):
        """Build the networks anew, from the seed and the controls."""
        raise NotImplementedError(f"{type(self).__name__} has no begin.")

    def run(self, epochs):
        """Train for `epochs` epochs: a generator that yields after every batch."""
        raise NotImplementedError(f"{type(self).__name__} has no run.")

    def describe(self):
        """Return one line on the present state: epoch, loss, what else matters."""
        raise NotImplementedError(f"{type(self).__name__} has no describe.")

    def draw(self, figure):
        """Draw the present state on the empty `figure`."""
        raise NotImplementedError(f"{type(self).__name__} has no draw.")

    def show(self, status):
        """Show `status` and a new picture."""
        started = time.perf_counter()
        self.status.value = status
        self.figure.clear()
        self.draw(self.figure)
        self.picture.value = png(self.figure)
        self._shown = time.perf_counter()
        self._pause = max(SHORTEST_WAIT, (self._shown - started) / self.drawing_share)

    def _reset(self):
        with self._lock:
            self.task = None
            self.train.disabled, self.stop.disabled = False, True
            self.begin()
            self.show("Ready.")

    def _start(self):
        with self._lock:
            if not self.train.disabled:
                self.train.disabled, self.stop.disabled = True, False
                self._stopping = False
                self.task = asyncio.ensure_future(self._train())

    def _ask_to_stop(self):
        self._stopping = True

    async def _train(self):
        task, run, more = asyncio.current_task(), self.run(self.epochs.value), True
        self._shown = time.perf_counter()  # what is shown is the start
        while more:
            # A loss that is not finite raises: what overflows on the way there needs no warning.
            with self._lock, np.errstate(over="ignore", invalid="ignore"):
                more = self.task is task and self._train_slice(run)  # after a Reset the task is another
            await asyncio.sleep(BREATH)

    def _train_slice(self, run):
        """Train for a moment, show what came of it, and return whether there is more to do."""
        slice_end, more, problem = time.perf_counter() + SLICE, False, ""
        try:
            while not more and not self._stopping and next(run, END) is not END:
                more = time.perf_counter() >= slice_end
        except FloatingPointError as error:
            problem = f" Stopped: {error}"
        finally:
            if not more:
                self.train.disabled, self.stop.disabled = False, True
            if not more or time.perf_counter() >= self._shown + self._pause:
                self.show(self.describe() + problem)
        return more


def picture(size):
    """Return an `Image` for figures of `size` in inches; its height is fixed, so that it does not flicker."""
    width, height = (f"{round(DPI * inches)}px" for inches in size)
    return ipywidgets.Image(format="png", layout={"width": width, "height": height})


def png(figure):
    """Return the bytes of a picture of `figure`, for an `Image`."""
    file = io.BytesIO()
    FigureCanvasAgg(figure).print_png(file, pil_kwargs={"compress_level": 1})  # savefig would draw it twice
    return file.getvalue()


def _button(description, icon, style, tooltip):
    layout = {"width": "7em"}
    return ipywidgets.Button(
        description=description,
        icon=icon,
        button_style=style,
        tooltip=tooltip,
        layout=layout,
    )
