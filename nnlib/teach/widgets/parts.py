"""What panels are built from: sliders, choices, buttons, pictures and tables.

    self.epochs = whole(200, 10, 1000, "epochs", step=10)
    self.x = real(1, -6, 6, "x", step=0.1)
    self.lr = learning_rate(0.05)
    self.function = dropdown(["tanh", "ReLU"], "function")
    self.true = choice(["cat", "dog", "bird"], "The picture shows a", value="dog")
    self.shuffle = box("shuffle")
    self.weights = grid([[1, 2], [3, -1]], "W", largest=100)
    self.answer = button("Answer", "check", "Say which bug it is", style="success")

Each has a `value` (a button has `on_click`) and a name, which stands beside it and which a screen reader
says. All can be moved with the keyboard alone. `nnlib.teach.widgets.panel` puts them together.
"""

import math
import numbers
from pathlib import Path

import anywidget
import ipywidgets
import traitlets

__all__ = [
    "Choice",
    "Grid",
    "Map",
    "Picture",
    "Places",
    "Slider",
    "box",
    "button",
    "choice",
    "dropdown",
    "grid",
    "judged",
    "learning_rate",
    "logarithmic",
    "minus",
    "real",
    "signed",
    "sum_of_products",
    "table",
    "whole",
]

NAMES = "7em"  # the width of the names before the controls, so that these stand in line


class Part(anywidget.AnyWidget):
    """A part that parts.js draws; `part` says which."""

    _esm = Path(__file__).with_suffix(".js").read_text("utf-8")
    _css = Path(__file__).with_suffix(".css").read_text("utf-8")


class Number(traitlets.TraitType):
    """A finite number. What the browser sends is looked at as closely as what a caller writes."""

    info_text = "a finite number"

    def validate(self, obj, value):
        if not isinstance(value, numbers.Real) or isinstance(value, bool) or not math.isfinite(value):
            self.error(obj, value)
        return value


class Slider(Part):
    """A slider with its name and its value, which can be typed over.

    It moves by whole steps from `min` on; what is typed, or set from Python, may lie between two of them.

    Attributes
    ----------
    value : int or float
        What is beyond `min` or `max` becomes the nearest value that is not.
    min, max, step : int or float
        Of a logarithmic slider the powers of ten, as those of `ipywidgets.FloatLogSlider` are.
    kind : "whole", "real" or "log"
    digits : int
        How many a logarithmic one writes a value with that lies between two steps; 0: two more than a step's.
    continuous_update : bool
        Whether the value follows while the slider is held, or once it is let go.
    disabled : bool

    Raises
    ------
    TraitError
        If the value is no finite number, or no whole one where it should be; if min is above max.

    See notebooks/00_start_here.ipynb.
    """

    part = traitlets.Unicode("slider").tag(sync=True)
    kind = traitlets.Enum(("whole", "real", "log")).tag(sync=True)
    description = traitlets.Unicode().tag(sync=True)
    name_width = traitlets.Unicode(NAMES).tag(sync=True)
    value = Number(0).tag(sync=True)
    min = Number(0).tag(sync=True)
    max = Number(1).tag(sync=True)
    step = Number(1).tag(sync=True)
    digits = traitlets.Int(0).tag(sync=True)
    continuous_update = traitlets.Bool(True).tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)

    @traitlets.validate("value")
    def _within(self, proposal):
        value = proposal.value
        if self.kind == "whole" and value != int(value):
            raise traitlets.TraitError(f"{self.description} is {value}; expected a whole number.")
        low, high = (10.0**self.min, 10.0**self.max) if self.kind == "log" else (self.min, self.max)
        return (int if self.kind == "whole" else float)(min(max(value, low), high))

    @traitlets.validate("min", "max")
    def _in_order(self, proposal):
        low = proposal.value if proposal.trait.name == "min" else self.min
        high = proposal.value if proposal.trait.name == "max" else self.max
        if low > high:
            raise traitlets.TraitError(f"{self.description} goes from {low} to {high}; expected min <= max.")
        return proposal.value

    @traitlets.validate("step")
    def _forwards(self, proposal):
        if proposal.value <= 0:
            raise traitlets.TraitError(f"{self.description} has a step of {proposal.value}; expected > 0.")
        return proposal.value

    @traitlets.observe("min", "max")
    def _keep_within(self, _):
        self.value = self.value


def whole(value, low, high, name, *, step=1, **options):
    """Return a `Slider` for whole numbers."""
    return Slider(kind="whole", value=value, min=low, max=high, step=step, description=name, **options)


def real(value, low, high, name, *, step, **options):
    """Return a `Slider` for numbers."""
    return Slider(kind="real", value=value, min=low, max=high, step=step, description=name, **options)


def logarithmic(value, low, high, name, *, step=0.05, **options):
    """Return a `Slider` from 10**low to 10**high; a step multiplies by 10**step."""
    return Slider(kind="log", value=value, min=low, max=high, step=step, description=name, **options)


def learning_rate(value, *, low=-4, high=1, name="learning rate", **options):
    """Return a logarithmic `Slider` for a learning rate."""
    return logarithmic(value, low, high, name, **options)


class Choice(Part):
    """One of a few options, all of them in sight.

    Attributes
    ----------
    options : list of str
    value : str
        One of them.
    disabled : bool

    See notebooks/04_losses.ipynb.
    """

    part = traitlets.Unicode("choice").tag(sync=True)
    description = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)

    @traitlets.validate("value")
    def _among_options(self, proposal):
        if proposal.value not in self.options:
            raise traitlets.TraitError(f"{proposal.value!r} is none of {', '.join(self.options)}.")
        return proposal.value


def choice(options, name, *, value):
    """Return a `Choice`."""
    return Choice(options=list(options), value=value, description=name)


class Grid(Part):
    """A matrix whose numbers can be typed over.

    Attributes
    ----------
    value : list of list of float
        The rows; there stay as many as there were. A number beyond `largest`, either way, becomes it.
    largest : float
    digits : int
        How many a number is written with at most; it keeps all that it has.
    digits : int
        How many a number is written with at most; it keeps all that it has.

    Raises
    ------
    TraitError
        If the value has another shape, or a number in it is not finite.

    See notebooks/02_dense_layer.ipynb.
    """

    part = traitlets.Unicode("grid").tag(sync=True)
    description = traitlets.Unicode().tag(sync=True)
    largest = Number(100).tag(sync=True)
    digits = traitlets.Int(15).tag(sync=True)
    value = traitlets.List(traitlets.List(Number())).tag(sync=True)

    def __init__(self, **traits):
        self._lengths = [len(row) for row in traits.get("value", [])]
        super().__init__(**traits)

    @traitlets.validate("value")
    def _as_many(self, proposal):
        if (lengths := [len(row) for row in proposal.value]) != self._lengths:
            raise traitlets.TraitError(
                f"{self.description} has rows of {lengths} numbers; expected {self._lengths}."
            )
        return [[float(min(max(one, -self.largest), self.largest)) for one in row] for row in proposal.value]

    def put(self, rows):
        """Lay other rows there, of any lengths."""
        self._lengths = [len(row) for row in rows]
        self.value = rows


def grid(rows, name, *, largest, **options):
    """Return a `Grid`."""
    return Grid(value=[list(row) for row in rows], largest=largest, description=name, **options)


def dropdown(options, name, *, value=None, width=None, name_width=NAMES):
    """Return a dropdown; the first option is chosen unless `value` says otherwise."""
    chosen = {} if value is None else {"value": value}
    style, layout = {"description_width": name_width}, {"width": width}
    return ipywidgets.Dropdown(options=options, description=name, style=style, layout=layout, **chosen)


def box(name):
    """Return a box, ticked."""
    return ipywidgets.Checkbox(True, description=name, indent=False)


def button(name, icon, does, *, style=""):
    """Return a button that says what it `does` when the mouse rests on it."""
    look = {"icon": icon, "button_style": style, "layout": {"width": "7em"}}
    return ipywidgets.Button(description=name, tooltip=does, **look)


class Picture(Part):
    """A picture that keeps its proportions in a narrow window, and that is told to those who do not see it.

    Its messages are "seen", now and then when a new value is shown somewhere, "gone" when no output shows it
    any more, and "damaged" when the value came as something else. None comes from a page that is closed.

    Attributes
    ----------
    value : bytes
        A PNG.
    alt : str
        What it shows.
    width, height : int
        In pixels, where there is room.

    See notebooks/00_start_here.ipynb.
    """

    part = traitlets.Unicode("picture").tag(sync=True)
    value = traitlets.Bytes().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    width = traitlets.Int().tag(sync=True)
    height = traitlets.Int().tag(sync=True)

    def __init__(self, **traits):
        super().__init__(**traits)
        self.on_msg(self._send_again)

    def _send_again(self, picture, message, buffers):
        # While several threads send, the bytes of one message can come with another.
        if message == "damaged":
            self.send_state("value")


class Map(Picture):
    """A picture with pixels in it that mouse and arrow keys can point at: one sheet, or several side by side.

    The message {"place": [sheet, row, column]} says where somebody points; the next one is sent when a new
    value has come.

    Attributes
    ----------
    box : list of float
        Where the sheets lie: left, top, width, height, as shares of the picture.
    shape : list of int
        How many sheets there are, and their rows and columns.
    across : int
        How many of them stand side by side; between two of them is the room of a pixel.
    place : list of int
        Sheet, row and column, from 0 on.
    description : str
        What is pointed at.
    spoken : str
        What is there, for those who do not see it.

    See notebooks/12_convolution.ipynb.
    """

    part = traitlets.Unicode("map").tag(sync=True)
    box = traitlets.List(Number(), [0, 0, 1, 1]).tag(sync=True)
    shape = traitlets.List(traitlets.Int(), [1, 1, 1]).tag(sync=True)
    across = traitlets.Int(1).tag(sync=True)
    place = traitlets.List(traitlets.Int(), [0, 0, 0]).tag(sync=True)
    description = traitlets.Unicode().tag(sync=True)
    spoken = traitlets.Unicode().tag(sync=True)


class Places(Picture):
    """A picture in which places can be clicked on; arrow keys go from one to the next, Enter chooses it.

    The message {"place": k} says which one somebody has chosen.

    Attributes
    ----------
    boxes : list of list of float
        Of each place left, top, width, height, as shares of the picture.
    names : list of str
        What is there, for those who do not see it.
    chosen : int
        The place that is chosen; -1 if none is.
    description : str
        What the places are.

    See notebooks/13_automatic_differentiation.ipynb.
    """

    part = traitlets.Unicode("places").tag(sync=True)
    boxes = traitlets.List(traitlets.List(Number())).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chosen = traitlets.Int(-1).tag(sync=True)
    description = traitlets.Unicode().tag(sync=True)


def signed(number):
    """Return three significant digits, with a real minus."""
    return minus(f"{number:z.3g}")


def minus(text):
    """Return the text of a number with a real minus."""
    return text.replace("-", "−")


def sum_of_products(*factors):
    """Return a sum of products with its numbers: 2 · 1 + (−3) · 2, a negative one in brackets."""
    products = zip(*([signed(number) for number in factor] for factor in factors), strict=True)
    bracketed = [[f"({text})" if text[0] == "−" else text for text in product] for product in products]
    return " + ".join(" · ".join(product) for product in bracketed)


def judged(text, right):
    """Return a text as HTML, in the colour of what is right or of what is wrong."""
    return f"<span class='nnlib-right'>{text}</span>" if right else f"<b class='nnlib-wrong'>{text}</b>"


def table(rows, *, head=()):
    """Return a table as HTML.

    Parameters
    ----------
    rows : dict from str to sequence of str
        The name of each row, and its cells, as HTML.
    head : sequence of str
        The names of the columns, that of the names of the rows included.
    """
    lines = ["".join(f"<th scope='col'>{name}</th>" for name in head)] if head else []
    for name, cells in rows.items():
        lines.append(f"<th scope='row'>{name}</th>" + "".join(f"<td>{cell}</td>" for cell in cells))
    return f"<table class='nnlib-table'>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"
