"""Panels that are recorded: pictures of chosen settings, kept between builds, and what the page is told.

    every(surface=["saddle"], lr=[0.02, 0.1], step=[0, 40])     settings of an `Explorer`, one after another
    walk(optimizer_race(), settings)                            its picture and its words in each of them
    train(first_network(), runs)                                a `TrainingPanel` at moments of some runs

A page shows what was recorded and nothing between. So its controls lead one another: the first one offers all
values that were recorded of it, each other one those that were recorded under the values before it.

    python -m tools.book.living.recorded        makes the pictures of all panels, in two processes
"""

import ast
import functools
import hashlib
import importlib
import io
import itertools
import json
import math
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from html.parser import HTMLParser
from multiprocessing import get_context
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import matplotlib
import numpy as np
import PIL
from PIL import Image
from threadpoolctl import threadpool_limits

from tools.book.living.controls import rows

__all__ = [
    "MOST",
    "Leg",
    "Run",
    "Shot",
    "every",
    "fill",
    "kept",
    "page",
    "put",
    "run_and_epoch",
    "sources",
    "train",
    "tree",
    "walk",
]

ROOT = Path(__file__).resolve().parents[3]
CACHE = ROOT / ".site" / "cache" / "living"
RECORDED = (
    "mnist_panel",
    "attention_explorer",
    "bug_lab",
    "depth_explorer",
    "descent_path",
    "first_network",
    "graph_explorer",
    "live_training",
    "number_formats",
    "optimizer_race",
    "scaling_explorer",
    "time_machine",
    "xor_panel",
)
MOST = 115  # pictures of a panel
DPI = 100  # a quarter more than that of a panel
COLOURS = 64  # of a picture: with all of them it would be half as large again
DATA = (".json", ".npz", ".toml")  # of files beside a module, which it reads
TAGS = {"b", "br", "caption", "code", "div", "p", "q", "span", "sub", "sup", "table", "td", "th", "tr"}
ATTRIBUTES = {"class", "scope", "style"}


class Shot(NamedTuple):
    """A panel in one setting.

    `picture` is a WebP, `alt` what it shows, `said` what is spoken when it comes; `text` is a `tree`.
    """

    setting: dict
    picture: bytes
    alt: str
    said: str
    text: list


def _shot(panel, setting, said, text):
    return Shot(setting, webp(panel.picture.value), panel.picture.alt, said, tree(text))


class Leg(NamedTuple):
    """A part of a run: controls that are set, epochs to train at most, and after which of them it is seen."""

    controls: dict
    epochs: int
    seen: tuple


class Run(NamedTuple):
    """A training from the first weights on: what the controls of the page say of it, and its legs."""

    setting: dict
    legs: tuple


# Settings


def run_and_epoch(name, description, width, last, *, step=1):
    """Return the controls that only the page has of a training: which run, and a slider of its epochs."""
    epoch = {"name": "epoch", "part": "slider", "description": "epoch", "min": 0, "max": last, "step": step}
    return (
        {"name": name, "part": "dropdown", "description": description, "width": width},
        epoch | {"kind": "whole" if step == 1 else "real"},
    )


def every(**values):
    """Return all combinations of values of some controls, as dicts; the last control moves fastest."""
    return [dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())]


def put(panel, chosen):
    """Move controls of a panel to values.

    No step of a logarithmic slider is 0.0631, but one is written so: that one is taken.

    Raises
    ------
    ValueError
        If a control has no such value.
    """
    for name, wanted in chosen.items():
        control = attrgetter(name)(panel)
        value = _step(control, wanted) if getattr(control, "kind", "") == "log" else wanted
        control.value = value
        if control.value != value:
            raise ValueError(
                f"{name} was set to {wanted} and became {control.value}; expected a value that it has."
            )


def _step(slider, wanted):
    """Return the step of a logarithmic slider that is written like the number, else the number."""
    steps = round((math.log10(wanted) - slider.min) / slider.step)
    near = 10.0 ** round(slider.min + steps * slider.step, 10)
    return near if f"{near:.3g}" == f"{wanted:.3g}" else wanted


# Pictures


def walk(panel, settings):
    """Yield a `Shot` of an `Explorer` in each setting.

    Parameters
    ----------
    panel : Explorer
    settings : sequence of dict
        From the names of controls to values, all of the same controls in the same order.
    """
    panel.figure.dpi = DPI
    for chosen in settings:
        with panel.at_once():
            put(panel, chosen)
        panel.show()
        now = {name: getattr(panel, name).value for name in chosen}
        yield _shot(panel, now, ". ".join(panel.titles()), panel.text.value)


def train(panel, runs, *, pieces=lambda panel: 1):
    """Yield a `Shot` of a `TrainingPanel` at some moments of some runs; their settings have "epoch" besides.

    Parameters
    ----------
    panel : TrainingPanel
    runs : sequence of Run
    pieces : function
        Returns in how many pieces the panel trains an epoch.
    """
    panel.figure.dpi = DPI
    for run in runs:
        before = 0
        for leg in run.legs:
            put(panel, leg.controls)
            if leg is run.legs[0]:
                panel.reset.click()
            done, problem, loop = 0, "", panel.run(leg.epochs)
            for epoch in leg.seen:
                count = round(epoch * pieces(panel)) - done
                made, problem = _advance(loop, count)
                done += count
                panel.show(panel.describe() + problem)
                at = before + epoch - (count - made) / pieces(panel)
                at = round(at, 2) if at % 1 else int(at)
                said = panel.status.value
                yield _shot(panel, run.setting | {"epoch": at}, said, f"<p>{said}</p>")
                if problem:
                    break
            before += leg.seen[-1]
            if problem:
                break


def _advance(loop, count):
    """Train on by so many pieces; return how many were made, and what ended it early."""
    made = 0
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in itertools.islice(loop, count):
                made += 1
    except FloatingPointError as error:
        return made, f" Stopped: {error}"
    return made, ""


@functools.lru_cache(1)
def webp(png):
    """Return a picture as WebP: in few colours, and with no loss beyond that."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture = picture.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    file = io.BytesIO()
    picture.convert("RGB").save(file, "WEBP", lossless=True, method=4)
    return file.getvalue()


# What the page is told


def page(panel, shots, *, plays=None, own=()):
    """Return what the page is told, to be written as JSON, and the pictures by their names.

    Parameters
    ----------
    panel : Panel
    shots : iterable of Shot
        The page begins with the first one. The names in a setting stand in the order in which controls lead.
    plays : str, optional
        The last of these names, if a button moves that control on.
    own : sequence of dict
        Controls that only the page has, as `rows` returns those of a panel, without their values.

    Raises
    ------
    ValueError
        If two settings are of different controls or the same, or if there are more than `MOST` pictures.
    """
    shots = list(shots)
    names = list(shots[0].setting)
    if other := next((shot.setting for shot in shots if list(shot.setting) != names), None):
        raise ValueError(f"a setting is of {', '.join(other)}; expected {', '.join(names)}.")
    if plays not in (None, names[-1]):
        raise ValueError(f"{plays} plays; expected the last of the controls, {names[-1]}.")
    values = {name: _values([shot.setting[name] for shot in shots]) for name in names}
    places = [[values[name].index(shot.setting[name]) for name in names] for shot in shots]
    if twice := next((shot.setting for k, shot in enumerate(shots) if places[k] in places[:k]), None):
        raise ValueError(f"the setting {twice} comes twice; expected it once.")
    file_of = {shot.picture: f"{hashlib.sha256(shot.picture).hexdigest()[:16]}.webp" for shot in shots}
    if len(file_of) > MOST:
        raise ValueError(f"the panel has {len(file_of)} pictures; expected at most {MOST}.")
    told = {
        "width": panel.picture.width,
        "height": panel.picture.height,
        "plays": plays,
        "leading": names,
        "rows": [
            [_recorded(state, values[state["name"]], shots[0]) for state in row if state["name"] in names]
            for row in (*rows(panel), own)
        ],
        "shown": [
            {"at": at, "picture": file_of[shot.picture]}
            | {"alt": shot.alt, "said": shot.said, "text": shot.text}
            for at, shot in zip(places, shots, strict=True)
        ],
    }
    told["rows"] = [row for row in told["rows"] if row]
    return told, {name: picture for picture, name in file_of.items()}


def _values(found):
    """Return each value once: numbers by size, all else in the order in which it comes."""
    found = list(dict.fromkeys(found))
    is_number = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in found)
    return sorted(found) if is_number else found


def _recorded(state, values, first):
    """Return the state of a control, with the values that were recorded of it."""
    state = state | {"value": first.setting[state["name"]]}
    if state["part"] in ("dropdown", "choice"):
        options = [one if isinstance(one, tuple) else (one, one) for one in state.get("options", values)]
        labels = {value: str(label) for label, value in options if value in values}
        return state | {
            "options": [*labels.values()],
            "value": labels[state["value"]],
            "values": [labels[value] for value in values],
        }
    return state | {"values": values}


class _Reader(HTMLParser):
    """Reads HTML into lists: a tag, its attributes, and what is in it."""

    def __init__(self):
        super().__init__()
        self.open = [["", {}]]

    def handle_starttag(self, tag, attributes):
        if tag not in TAGS or not {name for name, _ in attributes} <= ATTRIBUTES:
            raise ValueError(
                f"a text has {self.get_starttag_text()}; expected the tags {', '.join(sorted(TAGS))} with"
                f" {', '.join(sorted(ATTRIBUTES))}."
            )
        node = [tag, dict(attributes)]
        self.open[-1].append(node)
        if tag != "br":
            self.open.append(node)

    def handle_endtag(self, tag):
        if self.open[-1][0] != tag:
            raise ValueError(f"a text ends {tag}; expected the end of {self.open[-1][0] or 'nothing'}.")
        self.open.pop()

    def handle_data(self, data):
        self.open[-1].append(data)


def tree(text):
    """Return HTML as the page builds it: strings, and lists of a tag, its attributes and what is in it.

    Raises
    ------
    ValueError
        If it has a tag or an attribute that no panel needs, or ends what is not open.
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.open[0][2:]


# What is kept


def sources(module):
    """Return the files of this project that a module is made from, and the data beside them.

    Parameters
    ----------
    module : str
        "tools.book.living.bug_lab".
    """
    found, left = set(), [module]
    while left:
        path = ROOT.joinpath(*left.pop().split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if path in found or not path.is_file():
            continue
        found |= {path, *filter(Path.is_file, (path.with_suffix(suffix) for suffix in DATA))}
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                left += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                left += [alias.name for alias in node.names]
    return sorted(found)


def _key(module):
    """Return a hash of what the pictures of a module are made with; comments draw nothing."""
    parts = [f"{one.__name__} {one.__version__}".encode() for one in (matplotlib, np, PIL)]
    for path in sources(module):
        source = path.read_bytes()
        parts.append(ast.dump(ast.parse(source)).encode() if path.suffix == ".py" else source)
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:16]


def kept(module, folder, record, *, cache=CACHE):
    """Return what the page is told of a panel, and leave its pictures in the folder.

    They are drawn once, and anew when something that they are made from has changed.

    Parameters
    ----------
    module : str
        That of the panel, "tools.book.living.bug_lab".
    folder : Path
    record : function
        Returns what `page` does.
    cache : Path, optional
    """
    panel = module.rpartition(".")[2]
    place = cache / f"{panel}-{_key(module)}"
    if not place.is_dir():
        with threadpool_limits(1):
            told, pictures = record()
        unfinished = cache / f"unfinished-{place.name}"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        for name, picture in pictures.items():
            (unfinished / name).write_bytes(picture)
        (unfinished / "told.json").write_text(json.dumps(told), "utf-8")
        for older in cache.glob(f"{panel}-*"):
            shutil.rmtree(older)
        unfinished.rename(place)
    for picture in place.glob("*.webp"):
        shutil.copyfile(picture, folder / picture.name)
    return json.loads((place / "told.json").read_text("utf-8"))


def fill(panels=RECORDED, *, processes=2):
    """Make the pictures that are not kept yet, and return of each panel: pictures, bytes, seconds of work."""
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        return dict(zip(panels, pool.map(_fill, panels), strict=True))


def _fill(panel):
    module = importlib.import_module(f"tools.book.living.{panel}")
    with TemporaryDirectory() as folder:
        start = time.process_time()
        kept(module.__name__, Path(folder), module.record)
        seconds = time.process_time() - start
        sizes = [path.stat().st_size for path in Path(folder).iterdir()]
    return len(sizes), sum(sizes), seconds


def main():
    for panel, (count, size, seconds) in fill().items():
        print(f"{panel:20} {count:4} pictures {size / 1e6:6.2f} MB {seconds:6.1f} s")


if __name__ == "__main__":
    main()
