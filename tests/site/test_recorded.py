"""Panels that are recorded: their plans, their pictures, and what a move shows."""

import importlib
import io
import json
import math
import random

import numpy as np
import pytest
from PIL import Image

from nnlib.teach import widgets
from nnlib.teach.widgets.optimizer_race import optimizer_race
from tests.checkout import ROOT
from tools.book import living
from tools.book.living import descent_path, recorded
from tools.book.living.controls import rows

# Where each panel is called, and settings that the chapter asks a reader to find.
ASKED = {
    "attention_explorer": (
        "16_attention",
        [{"out": head, "query": 18} for head in ("1.1", "1.2", "2.1")]
        + [{"moment": updates, "head": "1.2"} for updates in ("450", "500", "600")],
    ),
    "bug_lab": ("06_gradient_checking", [{"patient": "patient 5", "choice": "softmax-overflow"}]),
    "depth_explorer": (
        "10_initialisation_and_optimisers",
        [{"function": "tanh", "depth": 30, "sigma": sigma} for sigma in (0.0603, 0.0625, 0.102, 0.105, 0.2)]
        + [{"function": "sigmoid", "sigma": sigma} for sigma in (0.1, 0.2, 0.251)]
        + [{"function": "ReLU", "sigma": sigma} for sigma in (0.0794, 0.0884, 0.0972)],
    ),
    "descent_path": (
        "01_one_neuron",
        [{"inputs": "as they are", "lr": lr, "n_steps": 200} for lr in (0.0617, 0.0631)]
        + [{"start": "up the steep wall", "lr": 0.0316, "n_steps": 1}]
        + [{"start": "on the floor of the valley", "lr": 0.0316, "n_steps": 60}]
        + [
            {"inputs": "standardised", "start": start, "lr": 0.501, "n_steps": 1}
            for start in ("w = 0, b = 0", "up the steep wall", "on the floor of the valley")
        ],
    ),
    "first_network": (
        "00_start_here",
        [{"lr": 0.001, "epoch": 3000}, {"lr": 1, "then": "nothing"}]
        + [{"lr": 0.001, "then": "after 1500 epochs it moves to 0.05", "epoch": 1501}],
    ),
    "graph_explorer": ("13_automatic_differentiation", [{"node": "x", "step": step} for step in range(6)]),
    "live_training": (
        "07_training_loop",
        [{"batch_size": "1", "order": "shuffled, after 30 epochs at the rate 0.02", "epoch": 60}]
        + [{"batch_size": "20", "order": "not shuffled"}, {"batch_size": "120", "lr": 1, "epoch": 700}],
    ),
    "mnist_panel": ("09_mnist", [{"run": "the rate 0.001"}, {"run": "the rate 2"}]),
    "number_formats": (
        "14_frameworks",
        [
            {"form": "float16", "x": x}
            for x in (0.1, 2.0**-25, 1.001 * 2.0**-25, 2048, 2049, 2050, 65_519, 65_520)
        ]
        + [{"form": "bfloat16", "x": x} for x in (255, 256, 257)],
    ),
    "optimizer_race": (
        "10_initialisation_and_optimisers",
        [{"surface": "narrow bowl", "lr": lr} for lr in (0.0251, 0.0282, 0.0501, 0.0891, 0.1)]
        + [{"surface": "the same, turned", "step": 60}]
        + [{"surface": "saddle", "step": step} for step in (7, 11, 72, 200)]
        + [{"surface": "curved valley", "lr": lr, "step": 200} for lr in (0.0501, 0.0631, 0.0708)]
        + [{"surface": "curved valley", "scaled_lr": lr, "step": 200} for lr in (0.112, 0.126, 0.2, 0.562)],
    ),
    "scaling_explorer": (
        "15_scaling_out",
        [{"workers": 64, "bandwidth": 10_000}, {"workers": 64, "latency": 10}, {"workers": 64, "batch": 4096}]
        + [{"workers": 64, "way": way} for way in ("tree", "one server")]
        + [{"network": "convolutional net", "workers": 64, "spread": spread} for spread in (0, 0.5)]
        + [{"network": "convolutional net", "workers": 64, "way": "tree"}],
    ),
    "time_machine": ("11_generalisation", [{"epoch": epoch} for epoch in range(41)]),
    "xor_panel": ("08_xor", [{"run": "3 tanh, seed 3: A has solved it, then goes on at the rate 50"}]),
}
EACH = pytest.mark.parametrize("panel", ASKED)
# What a page shows now: each control's value by its name, the picture's file and words, and the text.
NOW = """figure => ({
  values: Object.fromEntries([...figure.querySelectorAll(".living-row > div")]
    .filter(one => one.model.get("name")).map(one => [one.model.get("name"), one.model.get("value")])),
  picture: figure.querySelector(".living-picture img").src.split("/").pop(),
  alt: figure.querySelector(".living-picture").getAttribute("aria-label"),
  text: figure.querySelector(".living-text").textContent + figure.querySelector(".living-said").textContent,
})"""

# Which of the controls has a name.
NUMBER = """(figure, name) => [...figure.querySelectorAll(".living-row > div")]
  .findIndex(one => one.model.get("name") === name)"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What the page is told of each panel, with the folder of its pictures."""
    found = {}

    def told(panel):
        if panel not in found:
            folder = tmp_path_factory.mktemp(panel)
            call = living.call_of(ASKED[panel][0], f"widgets.{panel}()", folder)
            found[panel] = importlib.import_module(f"tools.book.living.{panel}").data(call), folder
        return found[panel]

    return told


def settings_of(data):
    """Return the settings that were recorded, by the names of controls."""
    states = {state["name"]: state for row in data["rows"] for state in row}
    return [
        {name: states[name]["values"][k] for name, k in zip(data["leading"], one["at"], strict=True)}
        for one in data["shown"]
    ]


def words(tree):
    return tree if isinstance(tree, str) else "".join(words(one) for one in tree[2:])


# Plans


def test_every_panel_that_is_no_arithmetic_is_recorded():
    others = {panel for panel, kind in living.PANELS.items() if kind != "computed"}
    assert others == set(recorded.RECORDED) == set(ASKED)


@EACH
def test_a_chapter_shows_the_panel(panel):
    notebook = json.loads((ROOT / "notebooks" / f"{ASKED[panel][0]}.ipynb").read_text("utf-8"))
    sources = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    calls = [living.call_of(ASKED[panel][0], source, "") for source in sources]
    assert panel in [call.panel for call in calls if call]


@EACH
def test_each_value_is_one_that_its_control_has(panel, told):
    data, _ = told(panel)
    for state in (state for row in data["rows"] for state in row):
        if state["part"] == "slider":
            low, high = state["min"], state["max"]
            low, high = (10.0**low, 10.0**high) if state["kind"] == "log" else (low, high)
            assert all(low <= value <= high for value in state["values"])
            assert state["values"] == sorted(set(state["values"]))
        elif state["part"] != "box":
            assert set(state["values"]) == set(state["options"])
        assert state["value"] in state["values"]


# Not those whose words or graph are the page's own.
USUAL = ("attention_explorer", "depth_explorer", "number_formats", "optimizer_race", "scaling_explorer")


@pytest.mark.parametrize("panel", USUAL)
def test_the_page_begins_as_the_panel_does(panel, told):
    first = settings_of(told(panel)[0])[0]
    usual = {
        state["name"]: state["value"]
        for row in rows(getattr(widgets, panel)())
        for state in row
        if "value" in state
    }
    assert all(is_like(first[name], usual[name]) for name in first), (first, usual)


def is_like(value, wanted):
    if isinstance(wanted, (int, float)) and isinstance(value, (int, float)):
        same_digits = wanted % 1 and f"{value:.3g}" == f"{wanted:.3g}"
        return same_digits or math.isclose(value, wanted, rel_tol=1e-6)
    return value == wanted or str(value).startswith(f"{wanted}: ")


@EACH
def test_what_a_chapter_asks_a_reader_to_try_was_recorded(panel, told):
    there = settings_of(told(panel)[0])
    for wanted in ASKED[panel][1]:
        assert any(all(is_like(one[name], value) for name, value in wanted.items()) for one in there), wanted


def test_the_spring_is_that_of_the_chapter():
    notebook = json.loads((ROOT / "notebooks/01_one_neuron.ipynb").read_text("utf-8"))
    (output,) = notebook["cells"][3]["outputs"]
    _, y = descent_path.data_of_the_chapter()
    assert "".join(output["text"]).strip() == str(y)


# Pictures


@EACH
def test_each_picture_is_there(panel, told):
    data, folder = told(panel)
    files = {path.name: path for path in folder.glob("*.webp")}
    assert {one["picture"] for one in data["shown"]} == set(files)
    assert 10 <= len(files) <= recorded.MOST
    for path in list(files.values())[:3]:
        with Image.open(path) as picture:
            assert picture.format == "WEBP"
            assert abs(picture.width / picture.height - data["width"] / data["height"]) < 0.01
    assert all(len(one["alt"]) > 5 and one["said"] and one["text"] for one in data["shown"])


def test_all_pictures_together_are_small(told):
    sizes = [path.stat().st_size for panel in ASKED for path in told(panel)[1].glob("*.webp")]
    assert sum(sizes) < 40e6


def test_few_colours_and_no_other_loss():
    picture = Image.new("RGB", (40, 30), "white")
    picture.paste((0, 114, 178), (5, 5, 20, 20))
    file = io.BytesIO()
    picture.save(file, "PNG")
    seen = Image.open(io.BytesIO(recorded.webp(file.getvalue()))).convert("RGB")
    assert np.abs(np.asarray(seen, int) - np.asarray(picture, int)).max() <= 4


# Settings and what is written of them


def test_a_logarithmic_slider_goes_to_the_step_that_is_written_so():
    race = optimizer_race()
    recorded.put(race, {"lr": 0.0631})
    assert math.isclose(race.lr.value, 10**-1.2)
    recorded.put(race, {"lr": 0.07})
    assert race.lr.value == 0.07


def test_a_value_that_a_control_does_not_have_is_refused():
    with pytest.raises(ValueError, match="step was set to 500 and became 200; expected a value that it has"):
        recorded.put(optimizer_race(), {"step": 500})


def shot(picture=b"a", **setting):
    return recorded.Shot(setting, picture, "alt", "said", ["text"])


@pytest.mark.parametrize(
    ("shots", "plays", "message"),
    [
        ([shot(step=1), shot(lr=0.1)], None, "a setting is of lr; expected step"),
        ([shot(step=1), shot(step=2), shot(step=1)], None, "comes twice"),
        ([shot(step=1, lr=0.1)], "step", "step plays; expected the last of the controls, lr"),
        ([shot(str(k).encode(), step=k) for k in range(116)], None, "116 pictures; expected at most 115"),
    ],
)
def test_a_plan_that_a_page_could_not_show_is_refused(shots, plays, message):
    with pytest.raises(ValueError, match=message):
        recorded.page(optimizer_race(), shots, plays=plays)


def test_a_text_becomes_lists():
    assert recorded.tree("<p>a <b class='x'>b</b><br>&lt;</p>c") == [
        ["p", {}, "a ", ["b", {"class": "x"}, "b"], ["br", {}], "<"],
        "c",
    ]


@pytest.mark.parametrize("text", ["<script>x</script>", "<p onclick='x'>a</p>", "<img src='x'>", "<p>a</b>"])
def test_a_text_that_is_more_than_words_is_refused(text):
    with pytest.raises(ValueError, match="a text"):
        recorded.tree(text)


# What is kept


def test_what_a_panel_is_made_from():
    names = {path.relative_to(ROOT).as_posix() for path in recorded.sources("tools.book.living.bug_lab")}
    assert {"nnlib/teach/bugs.toml", "nnlib/teach/widgets/bug_lab.py", "nnlib/layers.py"} <= names
    assert "tools/book/living/recorded.py" in names and "nnlib/teach/widgets/xor.py" not in names


def test_pictures_are_made_once_and_anew_when_their_sources_change(tmp_path, monkeypatch):
    made = []

    def record():
        made.append(1)
        return {"shown": len(made)}, {f"{len(made)}.webp": b"x"}

    def kept():
        folder = tmp_path / f"folder{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        return recorded.kept("a.race", folder, record, cache=tmp_path / "cache"), {
            one.name for one in folder.iterdir()
        }

    monkeypatch.setattr(recorded, "_key", lambda module: "one")
    assert kept() == ({"shown": 1}, {"1.webp"}) == kept()
    monkeypatch.setattr(recorded, "_key", lambda module: "two")
    assert kept() == ({"shown": 2}, {"2.webp"}) == kept() and len(made) == 2
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["race-two"]


def test_what_is_broken_off_is_not_kept(tmp_path, monkeypatch):
    def record():
        raise KeyboardInterrupt

    monkeypatch.setattr(recorded, "_key", lambda module: "one")
    with pytest.raises(KeyboardInterrupt):
        recorded.kept("a.race", tmp_path, record, cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_comment_draws_nothing(tmp_path, monkeypatch):
    path = tmp_path / "a.py"
    monkeypatch.setattr(recorded, "sources", lambda module: [path])
    keys = []
    for source in ("x = 1", "x = 1  # why", "x = 2"):
        path.write_text(source)
        keys.append(recorded._key("a"))
    assert keys[0] == keys[1] != keys[2]


# In the page


def call(panel):
    arguments = {"descent_path": "x, y", "time_machine": "recording", "mnist_panel": "X, y, X_val, y_val"}
    return ASKED[panel][0], f"widgets.{panel}({arguments.get(panel, '')})"


@EACH
def test_each_control_is_moved_by_keys_and_shows_the_picture_of_its_setting(panel, told, open_panels):
    data, _ = told(panel)
    there = settings_of(data)
    page = open_panels(call(panel))
    figure = page.locator("figure.living")

    def values():
        """Return the values of the controls; what is shown belongs to them."""
        now = figure.evaluate(NOW)
        one = data["shown"][there.index(now["values"])]
        assert (now["picture"], now["alt"]) == (one["picture"], one["alt"])
        assert all(words(node) in now["text"] for node in one["text"])
        return now["values"]

    first = values()
    assert first == there[0]
    moved = set()
    for name in data["leading"]:
        part = figure.locator(".living-row > div").nth(figure.evaluate(NUMBER, name))
        for key in ("ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowDown", "ArrowUp"):
            control = part.locator("input[type=range], select, input:checked, input[type=checkbox]").first
            if control.is_enabled():
                control.press(key)
            now = values()
            moved |= {one for one in now if now[one] != first[one]}
    assert moved and data["plays"] in (None, *moved)
    figure.locator(".living-picture img").evaluate("one => one.decode()")


def test_a_slider_stands_at_recorded_values_alone(told, open_panels):
    page = open_panels(call("optimizer_race"))
    step = page.get_by_role("slider", name="step")
    number = page.get_by_label("step, as a number")
    step.press("Home")
    seen = [number.input_value()]
    for _ in range(8):
        step.press("ArrowRight")
        seen.append(number.input_value())
    assert seen == ["0", "5", "10", "20", "40", "60", "100", "200", "200"]
    number.fill("33")
    number.press("Enter")
    assert number.input_value() == "40"
    page.get_by_role("combobox", name="surface").select_option("saddle")
    step.press("Home")
    step.press("ArrowRight")
    assert number.input_value() == "3"


def test_the_nearest_setting_counts_the_first_controls_first(open_panels):
    page = open_panels(call("optimizer_race"))
    rng = random.Random(0)
    shown = [{"at": list(at)} for at in {tuple(rng.randrange(4) for _ in range(3)) for _ in range(25)}]
    wanted = [[rng.randrange(4) for _ in range(3)] for _ in range(100)]
    found = page.evaluate(
        """async ([shown, wanted]) => {
            const { nearest, offered } = await import("./living/recorded.js");
            return wanted.map(at => [nearest(shown, at), at.map((_, i) => offered(shown, at, i))]);
        }""",
        [shown, wanted],
    )
    for (k, offers), at in zip(found, wanted, strict=True):
        far = [[abs(a - b) for a, b in zip(one["at"], at, strict=True)] for one in shown]
        assert far[k] == min(far)
        for i, values in enumerate(offers):
            assert values == sorted({one["at"][i] for one in shown if one["at"][:i] == at[:i]})


def test_it_plays_and_can_be_held(open_panels):
    page = open_panels(call("optimizer_race"))
    number = page.get_by_label("step, as a number")
    page.get_by_role("slider", name="step").press("Home")
    page.get_by_role("button", name="Play").click()
    said = page.locator(".living-said")
    assert said.get_attribute("aria-live") == "off"
    page.wait_for_function("document.querySelector('input[aria-label^=\"step\"]').value >= 10")
    page.get_by_role("button", name="Pause").click()
    held = number.input_value()
    page.wait_for_timeout(1500)
    assert number.input_value() == held and said.get_attribute("aria-live") == "polite"
    page.get_by_role("slider", name="step").press("End")
    page.get_by_role("button", name="Play").click()
    assert number.input_value() == "0" or page.get_by_role("button", name="Pause").is_visible()


def test_who_wants_no_motion_moves_it_himself(open_panels):
    page = open_panels(call("optimizer_race"), reduced_motion="reduce")
    number = page.get_by_label("step, as a number")
    page.get_by_role("button", name="Next").click()
    page.wait_for_timeout(1500)
    assert number.input_value() == "60"


def test_a_phone_has_room(open_panels):
    page = open_panels(*map(call, ("optimizer_race", "scaling_explorer")), width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
