"""Draw a digit, watch it become a picture like those of MNIST, and see why it is misread.

See notebooks/11_generalisation.ipynb.
"""

import ipywidgets
import numpy as np

from nnlib import Network, softmax
from nnlib.teach import _doors as door
from nnlib.teach import plots
from nnlib.teach.preprocessing import (
    MIDDLE,
    SIDE,
    bundled_digits,
    centre_of_mass,
    crop,
    rasterise,
    staged,
    stroke_width,
)
from nnlib.teach.widgets.panel import Explorer
from nnlib.teach.widgets.paper import Paper, decoded, encoded
from nnlib.teach.widgets.parts import box, button, dropdown, judged, real, table

__all__ = ["DigitPad", "digit_pad"]

OWN = "your own"
MEASURED = 2000  # training images that tell what is usual
STAGES = {"cropped": "cropping", "scaled": "scaling", "centred": "centring"}  # and what a text calls them


def off_centre(image):
    """Return how far the centre of mass is from the middle row or column, in pixels."""
    return float(np.abs(np.subtract(centre_of_mass(image), MIDDLE)).max())


def longer_side(image):
    """Return the longer side of the ink, in pixels."""
    return max(crop(image).shape)


# The name of a measure: how to take it, and what to say where it is too small or too large.
MEASURES = {
    "off-centre": (off_centre, "", "it is off-centre by {:.1f} pixels"),
    "longer side": (longer_side, "it is only {:.0f} pixels long", "it is {:.0f} pixels long"),
    "stroke width": (stroke_width, "its stroke is thin, {:.1f} pixels", "its stroke is thick, {:.1f} pixels"),
}


def measured(image):
    """Return each measure of an image as it is shown, to a tenth of a pixel."""
    return {name: round(measure(image), 1) for name, (measure, *_) in MEASURES.items()}


class DigitPad(Explorer):
    """A drawing, the stages of its preprocessing, and what a network says about it.

    Attributes
    ----------
    paper : Paper
    drawing : Dropdown
        Lays a bundled digit on the paper; "your own" where the drawing is the learner's.
    pen : Slider
    undo, clear : Button
    cropped, scaled, centred : Checkbox
        The stages of `preprocessing.stages`.
    images : list of four arrays
        The drawing after each stage.
    P : array, (10,), or None
        The probabilities; None while the paper is empty.
    reason : str
        Why this may be misread, in a sentence or two.

    See notebooks/11_generalisation.ipynb.
    """

    def __init__(self, net, X_train):
        door.kind(net, "net", Network, "a Network of 784 inputs and 10 logits")
        X_train = door.samples(X_train, "X_train", SIDE**2)
        if (logits := net.predict(X_train[:1]).shape) != (1, 10):
            raise ValueError(f"net answers an image with {logits}; expected (1, 10), a logit for each digit.")
        self.net = net
        sample = np.reshape(X_train[:MEASURED], (-1, SIDE, SIDE))
        self._usual = {name: _usual(measure, sample) for name, (measure, *_) in MEASURES.items()}
        self._digits = bundled_digits()
        self.paper = Paper()
        self._chosen = 7
        self.drawing = dropdown([OWN, *self._digits], "drawing", value=self._chosen)
        self.paper.strokes = self._digits[self._chosen]
        self.pen = real(self.paper.pen, 0.02, 0.2, "pen width", step=0.01)
        self.undo = button("Undo", "undo", "Take the last stroke away")
        self.clear = button("Clear", "trash", "Take all strokes away")
        self.cropped = box("crop to the ink")
        self.scaled = box("scale into 20 × 20, proportions kept")
        self.centred = box("centre by the centre of mass")
        boxes = [getattr(self, name) for name in STAGES]
        controls = [self.drawing, self.pen, ipywidgets.HBox([self.undo, self.clear]), *boxes]
        beside = ipywidgets.VBox(controls, layout={"margin": "0 1em"})
        super().__init__([self.paper, beside], size=(9.4, 2.4), layout=None)
        row, picture, text = self.children
        text.layout.width, text.layout.min_height = "26em", "240px"  # so that the picture stays in its place
        row.children = (*row.children, text)  # where there is room, and in sight while one draws
        self.children = row, picture
        self.on(self.undo, lambda: self._keep(-1))
        self.on(self.clear, lambda: self._keep(0))
        ipywidgets.dlink((self.pen, "value"), (self.paper, "pen"))

    def _keep(self, end):
        """Keep the strokes up to `end`."""
        self.paper.strokes = self.paper.strokes[:end]

    def _strokes(self):
        """Return what is on the paper: a digit that was chosen is laid there, a changed one is none."""
        drawing, lies = self.now.drawing, self.now.paper
        digit = encoded(self._digits[drawing]) if drawing != OWN else lies
        if drawing != self._chosen:
            self.paper.value = lies = digit
            self._chosen = drawing
        elif lies != digit:
            self.drawing.value = self._chosen = OWN
        return decoded(lies)

    def update(self):
        self._settings = settings = {name: getattr(self.now, name) for name in STAGES}
        raw = rasterise(self._strokes(), pen=self.now.pen)
        self.images = staged(raw, **settings)
        if not raw.any():
            self.P, self.reason = None, "The paper is empty: draw a digit on it, or choose a drawing."
            return f"<div>{self.reason}</div>"
        switched = [{**settings, name: not on} for name, on in settings.items()]
        images = [staged(raw, **variant)[-1] for variant in (settings, {}, *switched)]
        self.P, whole, *others = softmax(self.net.predict(np.reshape(images, (-1, SIDE**2))))
        measures = measured(self.images[-1])
        odd, odd_whole, *odd_others = (self._odd(measured(image)) for image in images)
        lucky = {name for name, words in zip(STAGES, odd_others, strict=True) if words.keys() - odd_whole}
        self.reason = self._reason(whole, dict(zip(STAGES, others, strict=True)), odd, lucky)
        first, second = _likeliest(self.P)
        return (
            f"<div>It says <b>{first}</b> ({self.P[first]:.1%}), then {second}"
            f" ({self.P[second]:.1%}). {self.reason}{self._table(measures, odd)}</div>"
        )

    def _odd(self, measures):
        """Return what to say about each measure that few training images have."""
        words = {}
        for name, (_, small, large) in MEASURES.items():
            low, high = self._usual[name]
            if not low <= measures[name] <= high:
                words[name] = (small if measures[name] < low else large).format(measures[name])
        return words

    def _reason(self, whole, others, odd, lucky):
        """Return why it may be misread: a stage that is off, something it has hardly seen, or the shape.

        `whole` are the probabilities with all stages, `others` those with one switched the other way; `lucky`
        are those whose picture is then still unlike the training images in what all stages would mend.
        """
        first, second = _likeliest(self.P)
        best = whole.argmax()
        off = {name: P for name, P in others.items() if not self._settings[name]}
        unseen = f"Hardly any training image is like this: {' and '.join(odd.values())}." if odd else ""
        if off and first != best:
            name, P = max(off.items(), key=lambda pair: pair[1][best])
            mends = "no stage alone mends it"
            if P.argmax() == best:
                mends = f"{STAGES[name]} alone mends it"
            if P.argmax() == best and name in lucky:
                mends = (
                    f"{STAGES[name]} alone makes it say {best} too ({P[best]:.1%}), by luck, for the picture"
                    " is still like hardly any training image"
                )
            return f"With all stages it says {best} ({whole[best]:.1%}); {mends}. {unseen}"
        if odd:
            return unseen
        usual = "Place, size and stroke are as in the training images"
        if self.P[first] < 0.9:
            return f"{usual}, so it is the shape: it wavers between {first} and {second}."
        name, P = min(others.items(), key=lambda pair: pair[1][first])
        still = "still " if P.argmax() == first else ""
        without = f"without it, it {still}says {P.argmax()} ({P.max():.1%})"
        return f"{usual}. Most depends on {STAGES[name]}: {without}."

    def _table(self, measures, odd):
        rows = {}
        for name, measure in measures.items():
            low, high = self._usual[name]
            found = f"{measure:.1f} px"
            rows[name] = judged(found, False) if name in odd else found, f"{low:.1f} to {high:.1f} px"
        return table(rows, head=("", "here", "98 % in training"))

    def draw(self, figure):
        frame = {"left": 0.01, "right": 0.99, "bottom": 0.13, "top": 0.87, "wspace": 0.35}
        *axes, bars = figure.subplots(1, 5, width_ratios=[1, 1, 1, 1, 1.8], gridspec_kw=frame)
        names = ["your drawing", *(name if on else f"not {name}" for name, on in self._settings.items())]
        for number, (ax, image, name) in enumerate(zip(axes, self.images, names, strict=True), 1):
            ax.imshow(image, cmap="gray_r", vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[], xlabel=" × ".join(map(str, image.shape)))
            colour = plots.INK[plots.WRONG] if name.startswith("not") else "black"
            ax.set_title(f"{number} {name}", fontsize=10, color=colour)
        for line in (axes[-1].axhline, axes[-1].axvline):
            line(MIDDLE, color=plots.DATA, linewidth=0.8, linestyle=":")
        P = np.zeros(10) if self.P is None else self.P
        colours, says = [plots.DATA] * 10, "nothing to read"
        if self.P is not None:
            colours[P.argmax()], says = self._judged(P.argmax())
        bars.bar(range(10), P, color=colours)
        bars.set(xticks=range(10), ylim=(0, 1))
        bars.set_title(f"Probabilities: {says}", fontsize=10)
        bars.spines[["top", "right"]].set_visible(False)

    def _judged(self, answer):
        """Return a colour for the answer, and the answer; of an own drawing nobody knows if it is right."""
        if self._chosen == OWN:
            return "black", f"it says {answer}"
        if answer == self._chosen:
            return plots.RIGHT, f"it says {answer}"
        return plots.WRONG, f"it says {answer}, not {self._chosen}"


def _likeliest(P):
    """Return the two likeliest digits."""
    return np.argsort(-P, kind="stable")[:2]


def _usual(measure, sample):
    """Return the limits between which 98 of 100 images are, rounded outwards to a tenth."""
    low, high = np.percentile([measure(image) for image in sample], [1, 99])
    return np.floor(10 * low) / 10, np.ceil(10 * high) / 10


def digit_pad(net, X_train):
    """Return a `DigitPad` for a network of 784 inputs and 10 logits; X_train tells what is usual.

    See notebooks/11_generalisation.ipynb.
    """
    return DigitPad(net, X_train)
