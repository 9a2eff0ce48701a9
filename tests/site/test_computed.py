"""Panels that are computed in the page: the numbers, words and controls of JupyterLab, by keyboard alone."""

import html
import re
from types import SimpleNamespace

import numpy as np
import pytest

from nnlib.teach import widgets
from nnlib.teach.widgets import panel
from nnlib.teach.widgets.step_size import FUNCTIONS
from tools.book import living

X = np.array([[1, 2, -1], [3, 1, 2], [-2, 1, 1], [1, -3, 2]])
W = np.array([[2, 3], [-1, 1], [2, -3]])
dZ = np.array([[1, 2], [3, -1], [-1, 2], [2, 1]])
SHAPES = ("00_start_here", "widgets.shape_calculator()")
TRACER = ("02_dense_layer", "widgets.entry_tracer(X_small, W_small, dZ_small)")
TRACER_OF_DX = ("02_dense_layer", 'widgets.entry_tracer(X_small, W_small, dZ_small, gradient="dX")')
ACTIVATION = ("03_activations", "widgets.activation_explorer()")
LOGITS = ("04_losses", "widgets.logits_explorer()")
STEP = ("06_gradient_checking", "widgets.step_size()")
ALL = (SHAPES, TRACER, TRACER_OF_DX, ACTIVATION, LOGITS, STEP)
SETTINGS = 100

# Of each setting what a panel finds, writes below the picture, and says of it.
SEEN = """async ([name, source, settings]) => {
    const { found, view } = await import(`/living/${name}.js`);
    const data = await (await fetch(`/living/${source}`)).json();
    return settings.map((now) => {
        const { text, said, alt } = view(now, data);
        const words = (nodes) => nodes.map((node) => node.textContent).join("");
        const { gradient, lit, ...numbers } = found(now, data);
        return { numbers, text: words(text), said: words(said), alt };
    });
}"""


@pytest.fixture
def undrawn(monkeypatch):
    """Panels that know the titles of their pictures, and leave them empty."""
    monkeypatch.setattr(panel, "png", lambda figure: b"")


def moved(explorer, settings):
    """Yield for each setting a panel that all its controls were moved in, by what the page calls them."""
    for setting in settings:
        with explorer.at_once():
            for name, value in setting.items():
                control = getattr(explorer, name)
                for one, number in zip(control, value, strict=True) if isinstance(control, list) else ():
                    one.value = number
                if not isinstance(control, list):
                    control.value = value
        explorer.show()
        yield explorer


def settings_of(rows, rng):
    """Return random settings of the controls that stand in those rows, each at one of its steps."""

    def one(state):
        if "options" in state:
            return str(rng.choice(state["options"]))
        steps = round((state["max"] - state["min"]) / state["step"])
        value = state["min"] + int(rng.integers(steps + 1)) * state["step"]
        return {"whole": int, "real": lambda x: round(x, 10), "log": lambda x: 10.0 ** round(x, 10)}[
            state["kind"]
        ](value)

    made = []
    for _ in range(SETTINGS):
        setting = {}
        for state in (state for row in rows for state in row):
            value = one(state)
            setting[state["name"]] = [*setting.get(state["name"], []), value] if state.get("many") else value
        made.append(setting)
    return made


def written(text):
    """Return the words of a piece of HTML."""
    return html.unescape(re.sub(r"<[^>]*>", "", text))


@pytest.fixture
def both(open_panels, rng, undrawn):
    """A function that returns what the page and JupyterLab's panel have, in each of a hundred settings."""

    def both(call, explorer, change=lambda setting: setting):
        page = open_panels(call)
        figure = page.locator("figure.living")
        settings = [change(setting) for setting in settings_of(living.rows(explorer), rng)]
        name, source = figure.get_attribute("data-panel"), figure.get_attribute("data-source")
        here = page.evaluate(SEEN, [name, source, settings])
        return [
            SimpleNamespace(
                **one,
                setting=setting,
                python=dict(vars(there)),
                python_text=written(there.text.value),
                python_alt=there.picture.alt,
            )
            for one, there, setting in zip(here, moved(explorer, settings), settings, strict=True)
        ]

    return both


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def close(one, other):
    return np.allclose(one, other, rtol=1e-12, atol=1e-12)


def test_logits_are_those_of_python(both):
    for seen in both(LOGITS, widgets.logits_explorer()):
        for name in ("Z", "P", "dZ", "loss"):
            assert close(seen.numbers[name], np.squeeze(seen.python[name])), seen.setting
        assert seen.text + seen.said == seen.python_text and seen.alt == seen.python_alt


def test_activations_are_those_of_python(both):
    """Where tanh is 1 to the last digit differs from processor to processor: somewhere near x = 19."""
    names = {"y": "y", "slope": "slope", "flat": "flat", "dead": "dead", "meanSlope": "mean_slope"}
    dead = re.compile(r"exactly 0: [\d.]+%")
    for seen in both(ACTIVATION, widgets.activation_explorer()):
        numbers, python = seen.numbers, seen.python
        if seen.setting["function"] == "tanh":
            most, least = (np.mean(np.abs(python["X"]) > edge) for edge in (18.3, 19.8))
            assert least <= numbers["dead"] <= most and least <= python["dead"] <= most
            numbers["dead"] = python["dead"]
            seen.said, seen.python_text = (dead.sub("", text) for text in (seen.said, seen.python_text))
        for name, theirs in (names | {"survives": "survives"}).items():
            assert close(numbers[name], python[theirs]), (name, seen.setting)
        assert seen.said == seen.python_text and seen.alt == seen.python_alt


@pytest.mark.parametrize("call", [TRACER, TRACER_OF_DX], ids=["dW", "dX"])
def test_the_traced_entry_is_that_of_python(both, call):
    gradient = "dX" if "dX" in call[1] else "dW"
    for seen in both(call, widgets.entry_tracer(X, W, dZ, gradient=gradient)):
        assert seen.numbers["terms"] == seen.python["terms"]
        assert seen.numbers["value"] == seen.python["value"]
        assert seen.said == seen.python_text and seen.alt == seen.python_alt


def test_shapes_are_those_of_python(both):
    def own(setting):
        return setting | {"example": "your own"}

    for seen in both(SHAPES, widgets.shape_calculator(), own):
        assert {name: tuple(shape) for name, shape in seen.numbers["shapes"].items()} == seen.python["shapes"]
        assert seen.numbers["params"] == seen.python["n_params"]
        assert seen.text + seen.said == seen.python_text and seen.alt == seen.python_alt


def test_difference_quotients_are_those_of_python(both):
    """But for what the functions' last digit does, which differs from processor to processor in Python too.

    In float64 a browser's exp, sin and tanh may be one unit in the last place from NumPy's, in float32
    NumPy's may be two or three from the right one; x², |x| and ReLU are exact.
    """
    exact = 0
    for seen in both(STEP, widgets.step_size()):
        theirs, setting = seen.python["estimate"], seen.setting
        of, single = FUNCTIONS[setting["function"]], setting["dtype"] == "float32"
        digit = (4 * 2.0**-23 if single else 2 * 2.0**-52) * max(1, abs(of.f(of.x + setting["h"])))
        steps = 1e-6 if single else 1e-12  # NumPy computes these two in float32 as well
        numbers = seen.numbers
        for name in ("truncation", "rounding", "best"):
            assert np.isclose(numbers[name], float(getattr(theirs, name)), rtol=steps, atol=0), name
        assert seen.alt == seen.python_alt
        if seen.setting["function"] in ("x² at 1", *list(FUNCTIONS)[-2:]):
            exact += 1
            assert numbers["quotient"] == theirs.quotient and numbers["error"] == theirs.error
            assert seen.text + seen.said == seen.python_text
        else:
            assert abs(numbers["quotient"] - theirs.quotient) <= 1e-12 + digit / setting["h"], setting
            assert abs(numbers["error"] - theirs.error) <= 1e-12 + digit / setting["h"], setting
            assert re.sub(" A logarithmic.*", "", seen.said) in seen.python_text
    assert 20 < exact < 80


def test_numbers_are_written_as_python_writes_them(open_panels, rng):
    page = open_panels(LOGITS)
    numbers = [*(rng.standard_normal(300) * 10.0 ** rng.integers(-12, 12, 300)), *np.arange(-4, 4, 0.0625)]
    numbers += [0.0, -0.0, 0.5, 1.5, 2.5, 0.125, 1e20, 1e-5, 1e-4, 99999.5, 9.995, 5e-324, np.inf, -np.inf]
    numbers = [float(number) for number in numbers]
    ways = {"fixed": "f", "scientific": "e", "general": "g"}
    for name, letter in ways.items():
        for digits in (0, 1, 2, 3, 8, 15):
            if letter != "g" or digits > 0:
                found = page.evaluate(
                    "async ([name, digits, numbers]) => {"
                    " const all = await import('/living/numbers.js');"
                    " return numbers.map((one) => all[name](one, digits)); }",
                    [name, digits, numbers],
                )
                assert found == [f"{number:.{digits}{letter}}" for number in numbers]


# In the page


def shown(figure):
    """Return all that a panel shows beside its controls."""
    return figure.evaluate(
        "one => [...one.firstChild.children].slice(-3).map((part) => part.innerHTML).join()"
    )


def test_all_are_moved_by_keyboard_alone(open_panels):
    page = open_panels(*ALL)
    for figure in page.locator("figure.living").all():
        controls = figure.locator("input[type=range], select, input[type=radio]").all()
        assert sum(control.is_enabled() for control in controls) > 1
        for control in controls:
            if control.is_disabled():
                continue
            control.focus()
            assert control.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
            before = shown(figure)
            for key in ("ArrowRight", "ArrowLeft", "ArrowLeft"):  # one of them leads away from an end
                page.keyboard.press(key)
                if shown(figure) != before:
                    break
            assert shown(figure) != before
            assert control.evaluate("one => one.closest('.living-row').contains(document.activeElement)")


def test_a_number_is_typed_and_the_picture_is_told(open_panels):
    page = open_panels(LOGITS)
    figure = page.locator("figure.living")
    field = page.get_by_label("logit bird, as a number")
    field.fill("3.25")
    field.press("Enter")
    assert field.input_value() == "3.25"
    picture = figure.locator(".living-picture[role=img]")
    assert picture.get_attribute("aria-label") == "It says: bird. Less wrong: dog up, the others down."
    assert figure.locator("[aria-live=polite]").text_content().startswith("loss = −log P[dog]")
    field.fill("900")  # beyond the end of the slider
    field.press("Enter")
    assert field.input_value() == "8.0"


def test_an_example_sets_the_sliders_and_a_slider_leaves_it(open_panels):
    page = open_panels(SHAPES)
    example = page.locator("select")
    example.select_option("MNIST, a batch of 64")
    assert [one.input_value() for one in page.locator(".nnlib-number").all()] == ["64", "784", "128", "10"]
    assert page.locator(".living-said").text_content().endswith("= 101,770 parameters")
    page.get_by_label("n_out", exact=True).press("ArrowLeft")
    assert example.input_value() == "your own"
    assert page.locator(".living-said").text_content().endswith("= 101,641 parameters")


def test_an_index_that_the_entry_does_not_have_is_disabled(open_panels):
    page = open_panels(TRACER)
    n, j = (page.get_by_label(name, exact=True) for name in ("sample n", "output j"))
    assert n.is_disabled() and j.is_enabled()
    page.locator("select").select_option("dX")
    assert n.is_enabled() and j.is_disabled()


@pytest.mark.parametrize(("width", "scale"), [(1280, 1), (640, 2), (390, 2), (320, 4)])
def test_nothing_is_cut_at_any_width_and_zoom(open_panels, width, scale):
    page = open_panels(*ALL, width=width, device_scale_factor=scale)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = page.evaluate(
        "[...document.querySelectorAll('figure.living *:not(svg *)')].filter((one) => "
        "one.getBoundingClientRect().right > one.closest('figure').getBoundingClientRect().right)"
        ".map((one) => one.outerHTML.slice(0, 80))"
    )
    assert cut == []
