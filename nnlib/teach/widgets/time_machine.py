"""Scrub through a training run that was recorded once. See notebooks/11_generalisation.ipynb."""

import numpy as np
from matplotlib.ticker import LogLocator, MaxNLocator

from nnlib import _validation as check
from nnlib.teach import _doors as door
from nnlib.teach import plots
from nnlib.teach.widgets.panel import Explorer
from nnlib.teach.widgets.parts import whole

__all__ = ["TimeMachine", "time_machine"]

UNITS = 7  # whose weights are drawn
SHOWN = 10  # images in the strip of answers
LAYER_STYLES = ("o-", "s--", "^:", "d-.")


class TimeMachine(Explorer):
    """A slider for the epoch; losses, update ratios, weights and answers as they were then.

    Attributes
    ----------
    epoch : Slider
        From 0, the untrained network, to the last epoch of the recording.
    wrong : ndarray of bool, (E + 1, n)
        Which images are misread after each epoch.
    lowest : int
        The epoch of the lowest validation loss.
    lost : ndarray of bool, (n,)
        Which images were right then, and are wrong at the end.
    shown : ndarray of int
        The images in the strip: first those that were right when the validation loss was lowest and are wrong
        at the end, and of these, as of all others, those first whose answer changes most often.

    See notebooks/11_generalisation.ipynb.
    """

    def __init__(self, recording):
        self.recording = r = _arrays(recording)
        epochs, n = _sizes(r)
        self.wrong = r["answers"] != r["labels"]
        self.lowest = int(np.argmin(r["validation_loss"]))
        self.lost = ~self.wrong[self.lowest] & self.wrong[-1]
        changes = (r["answers"][1:] != r["answers"][:-1]).sum(axis=0)
        self.shown = np.sort(np.lexsort((-changes, ~self.lost))[: min(SHOWN, n)])
        self.largest = np.quantile(np.abs(r["weights"]), 0.998)  # one scale for all epochs: fading is seen
        self.epoch = whole(0, 0, epochs, "epoch", layout={"width": "36em"})
        super().__init__([self.epoch], size=(10, 7), layout=None)

    def update(self):
        r, e = self.recording, self.now.epoch
        wrong = self.wrong[e]
        text = (
            f"<p>After epoch <b>{e}</b>: training loss {r['training_loss'][e]:.3f} &nbsp;"
            f" validation loss <b>{r['validation_loss'][e]:.3f}</b> &nbsp;"
            f" misread: <b>{wrong.sum()}</b> of {len(wrong)}"
        )
        if e == 0:
            return f"{text} &nbsp; (nothing learned yet)</p>"
        came, went = (wrong & ~self.wrong[e - 1]).sum(), (self.wrong[e - 1] & ~wrong).sum()
        ratios = ", ".join(f"{ratio:.2g}" for ratio in r["ratios"][e - 1])
        return (
            f"{text}; since epoch {e - 1} <b>{came}</b> came and <b>{went}</b> went</p>"
            f"<p>Size of the update over size of the weights, layer by layer: {ratios}</p>"
        )

    def finding(self):
        r, e = self.recording, self.now.epoch
        losses = f"training loss {r['training_loss'][e]:.3f}, validation loss {r['validation_loss'][e]:.3f}"
        return f"After epoch {e}: {losses}, {self.wrong[e].sum()} of {self.wrong.shape[1]} misread"

    def draw(self, figure):
        r, e = self.recording, self.now.epoch
        self._draw_losses(figure.add_axes((0.06, 0.67, 0.4, 0.28)))
        self._draw_ratios(figure.add_axes((0.56, 0.67, 0.42, 0.28)))
        W = r["weights"][:, :, :UNITS]
        n = W.shape[2]
        ax = figure.add_axes((0.01, 0.2, 0.98, 0.4))
        names = [f"unit {j}{what}" for what in ("", ": added") for j in range(1, n + 1)]
        both = np.concatenate([W[e].T, (W[e] - W[0]).T])
        plots.signed_digits(ax, both, names, columns=n, colour=plots.PARAMETER, largest=self.largest)
        ax.set_title("Weights of the first layer, and what has been added to them since epoch 0", fontsize=10)
        answers, labels = r["answers"][e][self.shown], r["labels"][self.shown]
        captions = [
            str(answer) if answer == label else f"{answer}, not {label}"
            for answer, label in zip(answers, labels, strict=True)
        ]
        ax = figure.add_axes((0.01, 0.01, 0.98, 0.14))
        images = r["images"][self.shown]
        plots.digits(ax, images, captions, columns=SHOWN, wrong=answers != labels)
        known = f"right at the lowest validation loss, after epoch {self.lowest}, and wrong at the end"
        ax.set_title(f"{self.lost[self.shown].sum()} of these {len(images)} are {known}", fontsize=10)

    def _draw_losses(self, ax):
        for name, style in (("training", "-"), ("validation", "--")):
            ax.plot(self.recording[f"{name}_loss"], style, color=plots.LOSS, label=name)
        ax.set(yscale="log", title="Loss")
        # Plain numbers, for there is no room for powers of ten.
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.minorticks_off()
        ax.legend(fontsize=8, loc="lower left")
        self._finish(ax)

    def _draw_ratios(self, ax):
        ratios = self.recording["ratios"]
        for layer, (values, style) in enumerate(zip(ratios.T, LAYER_STYLES, strict=False), 1):
            epochs = range(1, len(values) + 1)
            ax.plot(epochs, values, style, color=plots.PARAMETER, markersize=3, label=f"layer {layer}")
        ax.set(yscale="log", title="Size of the update / size of the weights, per epoch")
        ax.legend(fontsize=8, loc="upper right")
        self._finish(ax)

    def _finish(self, ax):
        ax.axvline(self.now.epoch, color=plots.WRONG, linewidth=1.5)
        ax.set_xlim(-0.5, len(self.wrong) - 0.5)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        plots.open_frame(ax)


def _arrays(recording):
    """Return a recording in finite arrays, none of them empty."""
    names = ["images", "labels", "training_loss", "validation_loss", "weights", "answers", "ratios"]
    if type(recording) is not dict:
        raise TypeError(f"recording is {door.told(recording)}; expected a dict of arrays.")
    if missing := [name for name in names if name not in recording]:
        raise ValueError(f"the recording has no {', '.join(missing)}; expected {', '.join(names)}.")
    found = {name: door.array(recording[name], name) for name in names}
    for name, values in found.items():
        if values.ndim == 0 or 0 in values.shape:
            raise ValueError(f"{name} has shape {values.shape}; expected an entry for each epoch or image.")
        check.finite(values, name)
    return found


def _sizes(recording):
    """Return the number of epochs and of images, or say what does not fit."""
    n, epochs = len(recording["labels"]), len(recording["answers"]) - 1
    if epochs < 1:
        raise ValueError("the recording holds no epoch; expected the untrained network and at least one.")
    units, layers = recording["weights"].shape[-1], recording["ratios"].shape[-1]
    expected = {
        "images": (n, 784),
        "training_loss": (epochs + 1,),
        "validation_loss": (epochs + 1,),
        "weights": (epochs + 1, 784, units),
        "answers": (epochs + 1, n),
        "ratios": (epochs, layers),
    }
    for name, shape in expected.items():
        if recording[name].shape != shape:
            raise ValueError(f"{name} has shape {recording[name].shape}; expected {shape}.")
    return epochs, n


def time_machine(recording):
    """Return the `TimeMachine` of a run of E epochs.

    Parameters
    ----------
    recording : dict of arrays, or of lists with an entry for each epoch
        "images" (n, 784) and "labels" (n,), what the network is asked; "training_loss" and "validation_loss",
        (E + 1,), before the first epoch and after each; "weights" (E + 1, 784, units), of some units of the
        first layer; "answers" (E + 1, n), the digit given for each image; "ratios" (E, layers), how far each
        epoch moved a layer's weights, as a share of their size.

    Raises
    ------
    ValueError
        If an array is missing or does not fit the others.

    See notebooks/11_generalisation.ipynb.
    """
    return TimeMachine(recording)
