"""The teacher's kit: notes that count what the attempts do, places that exist, numbers that are executed."""

import ast
import importlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from urllib.parse import unquote

import nbformat
import numpy as np
import pytest
import yaml
from matplotlib.image import imread
from packaging.requirements import Requirement
from traitlets.config import PyFileConfigLoader

import nnlib
from nnlib.autograd import Tensor
from nnlib.command.handed import handed_in
from nnlib.command.student import student
from nnlib.teach import phrase
from nnlib.teach.recorded import recorded
from tests.checkout import ROOT
from tools import figures, needs, notes
from tools.notebooks import CHAPTERS

KIT = ROOT / "teaching"
NOTES = sorted((KIT / "notes").glob("*.md"))
TEXTS = sorted(KIT.rglob("*.md"))
TAG = re.compile(r"\\tag\{(.*?)\}")
each_note = pytest.mark.parametrize("note", NOTES, ids=lambda path: path.stem)
each_text = pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(KIT).as_posix())


def prose(path):
    """The text of a page, without what a script has written into it and without code."""
    apart = re.compile(r"<!-- (\w+) -->.*?<!-- /\1 -->|^```.*?^```", re.M | re.S)
    return re.sub(r"\s+", " ", apart.sub("", path.read_text("utf-8")))


@pytest.fixture(scope="module")
def chapters():
    """The text of each chapter, by its number."""
    found = {}
    for path in sorted(CHAPTERS.glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        found[path.stem.partition("_")[0]] = "\n".join(
            cell.source for cell in cells if cell.cell_type == "markdown"
        )
    return found


# Notes


def test_each_chapter_has_its_note():
    numbers = [path.stem[:2] for path in sorted(CHAPTERS.glob("[0-9]*.ipynb"))]
    assert [note.stem for note in NOTES] == numbers


@pytest.mark.parametrize(
    "note",
    [
        pytest.param(note, id=note.stem, marks=[] if k % 4 == 1 else pytest.mark.slow)
        for k, note in enumerate(NOTES)
    ],
)
def test_a_note_counts_what_the_attempts_do(note):
    (written,) = notes.BETWEEN.findall(note.read_text("utf-8"))
    assert written == notes.table(note.stem), "out of date: python -m tools.notes"


@each_note
def test_a_note_has_its_parts_on_one_page(note):
    text = note.read_text("utf-8")
    assert re.findall(r"^#+ (.*)", text, re.M)[1:] == [
        "What they will ask",
        "Which mistakes to expect",
        "On the board",
        "Where the time goes",
    ]
    assert len(prose(note).split()) <= 450 and text.count('?"**') == 0
    assert 3 <= len(re.findall(r"^\*\*[^*]+\*\* \w", text, re.M)) <= 5


@each_note
def test_a_section_that_a_note_names_is_in_its_chapter(note, chapters):
    heads = re.findall(r"^#+ +(.+?) *$", chapters[note.stem], re.M)
    named = re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", prose(note))
    assert named and [name for name in named if name not in heads] == []


@each_text
def test_an_equation_that_is_named_is_there(path, chapters):
    tags = {tag for text in chapters.values() for tag in TAG.findall(text)}
    assert [one for one in re.findall(r"\((\d+\.\d+)\)", prose(path)) if one not in tags] == []


@each_text
def test_an_exercise_that_is_named_is_there(path, chapters):
    known = {number for text in chapters.values() for number in notes.EXERCISE.findall(text)}
    groups = re.findall(r"[Ee]xercises? ((?:\w+\.\w+(?:, | and | to )?)+)", prose(path))
    named = re.findall(r"\w+\.\w+", " ".join(groups))
    assert [one for one in named if one not in known] == []


def test_what_is_heard_first():
    assert notes.heard("Not attempted yet. Hint: begin with X.") == []
    assert notes.heard("dw: half of it. What is the slope? (Tried with N = 5 (and 8).)") == [
        "dw: half of it. What is the slope?"
    ]
    sheet = "1 of 3 right: X.\n\n- `b1`: 100 is a number; a shape is a tuple, even with one entry. So.\n"
    assert notes.heard(f"{sheet}- not answered yet: W1") == [
        "`b1`: 100 is a number; a shape is a tuple, even with one entry."
    ]
    assert notes.heard("Two indices are exchanged. For n = 1, with random numbers, it is 2, not 3.") == [
        "Two indices are exchanged."
    ]


def test_a_search_is_back_where_it_was():
    before = notes.repair.repair, notes.pairs.BUDGET, notes.formula.SECONDS
    with notes.without_search():
        assert (notes.repair.repair, notes.pairs.BUDGET) != before[:2] or before[1] == 0
    assert (notes.repair.repair, notes.pairs.BUDGET, notes.formula.SECONDS) == before


# The test at the end: what the answers say, from what the questions give


def one_step(x, y, w, b, lr):
    """One step of (1.3), (1.4), by nnlib's own layer, loss and optimiser."""
    layer = nnlib.Dense(1, 1, rng=np.random.default_rng(0), dtype=float)
    layer.W[...], layer.b[...] = w, b
    net, loss, X, Y = nnlib.Network(layer), nnlib.MSE(), np.array([x]).T, np.array([y]).T
    before = loss.value(net.forward(X), Y)
    gaps = (net.forward(X) - Y)[:, 0]
    net.backward(loss.gradient(net.forward(X), Y))
    dw, db = layer.dW.item(), layer.db.item()
    nnlib.SGD(net.params, lr).step(net.grads)
    after = loss.value(net.forward(X), Y)
    new = {"new w": layer.W.item(), "new b": layer.b.item(), "new loss": after}
    return {"gaps": gaps, "loss": before, "dw": dw, "db": db, **new}


def longest_step(x):
    """The Hessian by differences of the gradient of a line at the bottom; it is the same for all targets."""
    x = np.array(x, float)
    columns = np.stack([x, np.ones_like(x)], axis=1)

    def gradient(theta):
        return columns.T @ nnlib.MSE().gradient((columns @ theta)[:, None], np.zeros((len(x), 1)))[:, 0]

    H = np.stack([gradient(unit) - gradient(np.zeros(2)) for unit in np.eye(2)])
    return {"H": H, "limit": 2 / np.linalg.eigvalsh(H).max(), "rate": 1 / H[0, 0]}


def shapes(N, n_in, n_hidden, n_out):
    rng = np.random.default_rng(0)

    def found(N):
        layers = nnlib.Dense(n_in, n_hidden, rng=rng), nnlib.ReLU(), nnlib.Dense(n_hidden, n_out, rng=rng)
        net = nnlib.Network(*layers)
        Y = net.forward(rng.standard_normal((N, n_in)).astype(np.float32))
        net.backward(np.ones_like(Y))
        first, relu, last = layers
        dZ1 = relu.backward(last.backward(np.ones_like(Y)))
        return first.dW.shape, last.db.shape, dZ1.shape, sum(p.size for p in net.params)

    names = "shape of dW1", "shape of db2", "shape of dZ1", "parameters"
    *_, dZ1, count = found(2 * N)
    return {**dict(zip(names, found(N), strict=True)), "shape of dZ1 then": dZ1, "parameters then": count}


def through_a_layer(X, W, dZ):
    layer = nnlib.Dense(*np.shape(W), rng=np.random.default_rng(0), dtype=float)
    layer.W[...] = W
    layer.forward(np.array(X, float))
    dX = layer.backward(np.array(dZ, float))
    return {"dW": layer.dW, "db": layer.db, "dX": dX}


def folded(W1, b1, W2, b2, x):
    def two(x):
        return (np.array(x) @ W1 + b1) @ W2 + b2

    b = two([0, 0])
    W = np.stack([two(unit) - b for unit in np.eye(2)])
    bent = np.maximum(np.array(x) @ W1 + b1, 0) @ W2 + b2
    return {"W": W, "b": b, "with ReLU": bent, "without": two(x)}


def softmax_by_hand(E, N):
    loss, Z = nnlib.SoftmaxCrossEntropy(), np.log([E])
    batch, y = np.repeat(Z, N, axis=0), np.array([2])
    found = {"P": nnlib.softmax(Z)[0], "exp of the loss": np.exp(loss.value(Z, y))}
    dZ = {"dZ": loss.gradient(Z, y)[0], "dZ in the batch": loss.gradient(batch, np.repeat(y, N))[0]}
    return found | dZ


def differences(x, h):
    def errors(h):
        forward, central = ((x + h) ** 3 - x**3) / h, ((x + h) ** 3 - (x - h) ** 3) / (2 * h)
        return forward, central, forward - 3 * x**2, central - 3 * x**2

    forward, central, *off = errors(h)
    factors = [round(a / b) for a, b in zip(off, errors(h / 10)[2:], strict=True)]
    found = {"forward": forward, "central": central, "slope": 3 * x**2}
    found |= {"error of forward": off[0], "error of central": off[1]}
    return found | {"factor of forward": factors[0], "factor of central": factors[1]}


def xor_by_hand(X):
    assert np.array_equal(nnlib.datasets.xor()[0], X)
    h1, h2 = np.maximum(np.sum(X, axis=1), 0), np.maximum(np.sum(X, axis=1) - 1, 0)
    z = h1 - 2 * h2 - 1 / 2
    assert np.array_equal(z > 0, nnlib.datasets.xor()[1][:, 0])
    return {"h1": h1, "h2": h2, "z": z}


def convolved(X, W, b):
    """A convolution and its output; every entry of its gradient is 1."""
    layer = nnlib.Conv2D(1, 1, np.shape(W), rng=np.random.default_rng(0), dtype=float)
    layer.W[...], layer.b[...] = np.array(W)[..., None, None], b
    Y = layer.forward(np.array(X, float)[None, ..., None])
    layer.backward(np.ones_like(Y))
    return layer, Y


def convolution(X, W, b):
    layer, Y = convolved(X, W, b)
    parameters = sum(p.size for p in layer.params)
    return {
        "Y": Y[0, ..., 0],
        "parameters": parameters,
        "of a dense layer": np.size(X) * Y.size + Y.size,
    }


def convolution_back(X, W, b):
    layer, _ = convolved(X, W, b)
    return {"dW": layer.dW[..., 0, 0], "db": layer.db.item()}


def optimisers(g, beta, lr):
    p, trace = np.zeros(1), []
    momentum = nnlib.Momentum([p], lr, beta=beta)
    before = 0.0
    for _ in range(3):
        momentum.step([np.array([float(g)])])
        trace.append((before - p.item()) / lr)
        before = p.item()
    steps = set()
    for gradient in (g, g / 1000):
        q = np.zeros(1)
        nnlib.Adam([q], lr, eps=1e-300).step([np.array([float(gradient)])])
        steps.add(round(-q.item(), 12))
    (first,) = steps
    return {"v": trace, "moved": -p.item(), "first step of Adam": first}


def fork(x):
    leaf = Tensor(float(x))
    u = leaf * leaf
    y = 5 * u + leaf
    y.backward()
    edges = [5 * x, 5 * x, 1]
    assert sum(edges) == leaf.grad
    return {"edges": edges, "dx": leaf.grad.item()}


QUESTIONS = [
    *(one_step, longest_step, shapes, through_a_layer, folded),
    *(softmax_by_hand, differences, xor_by_hand, convolution, optimisers),
    *(convolution_back, fork),
]
SPAN = re.compile(r"`([^`=]+) = ([^`]+)`")


def spans(text):
    return {name: ast.literal_eval(value) for name, value in SPAN.findall(text)}


def numbered(name):
    """The parts of a page of the test, by their headings, which are numbered."""
    page = re.split(r"^# .*$", (KIT / name).read_text("utf-8"), flags=re.M)
    parts = re.split(r"^## (\d+\. .*)$", "".join(page), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def asked():
    """Each question, and its answer: those of the sheet, and two more that stand with the answers."""
    sheet, answers = numbered("test.md"), numbered("test_answers.md")
    assert list(answers)[: len(sheet)] == list(sheet) and len(sheet) == 10
    more = [answers[name].partition("**Answer.**")[::2] for name in list(answers)[len(sheet) :]]
    return [*((sheet[name], answers[name]) for name in sheet), *more]


@pytest.mark.parametrize("number", range(12), ids=lambda number: str(number + 1))
def test_an_answer_is_what_comes_out_of_its_question(number):
    question, answer = asked()[number]
    found, said = QUESTIONS[number](**spans(question)), spans(answer)
    assert said.keys() == found.keys()
    for name, value in said.items():
        assert np.shape(value) == np.shape(found[name]), name
        assert np.allclose(value, found[name], rtol=1e-9, atol=1e-9), (name, found[name])


def test_an_answer_has_no_number_that_is_not_executed():
    assert len(asked()) == len(QUESTIONS) == 12
    for _, answer in asked():
        rest = re.sub(r"\(\d+\.\d+\)|\$[^$]*\$", "", SPAN.sub("", answer))
        assert not re.search(r"\d", rest), rest


def test_a_question_says_how_its_five_points_are_shared():
    for question, _ in asked():
        parts = re.findall(r"^- \((\w)\) .* \((\d) points?\)$", question, re.M)
        assert "".join(letter for letter, _ in parts) == "abcd"[: len(parts)]
        assert sum(int(points) for _, points in parts) == 5


def test_the_sheet_has_no_answers():
    sheet = (KIT / "test.md").read_text("utf-8")
    assert "<details>" not in sheet and "**Answer" not in sheet and "test_answers" not in sheet
    for question, answer in asked()[:10]:
        assert not spans(question).keys() & spans(answer).keys() - {"W", "b"}


def test_what_is_asked_for_has_been_in_the_two_weeks():
    """The equations that the answers name are of the plan's chapters; of 12 it has one section."""
    in_class = " ".join(day[3] for day in rows_of(KIT / "README.md", "Two weeks"))
    weeks = {one for day in rows_of(KIT / "README.md", "Two weeks") for one in day[1].split(", ")}
    assert "*One output, by hand*" in in_class and in_class.endswith("the test")
    for _, answer in asked()[:10]:
        named = {chapter.zfill(2) for chapter in re.findall(r"\((\d+)\.\d+\)", answer)}
        assert named <= weeks - {"12"}


# The plans


def rows_of(page, heading):
    """The cells of the table under a heading, without its first two lines."""
    text = page.read_text("utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_two_weeks_have_each_exercise_once(chapters):
    numbers = [f"{number:02}" for number in range(12)]
    known = {one for number in numbers for one in notes.EXERCISE.findall(chapters[number])}
    days = rows_of(KIT / "README.md", "Two weeks")
    assert [day[0] for day in days] == [str(number) for number in range(1, 11)]
    named = [one for day in days for one in re.findall(r"\b\d+\.(?:\d|[ab])", f"{day[3]} {day[5]}")]
    assert len(set(named)) == len(named) and known - set(named) == set()
    assert all(day[2] == "150" and int(day[4]) <= 75 for day in days)


def test_an_exercise_of_two_weeks_belongs_to_a_chapter_of_its_day_or_of_one_before():
    met = set()
    for _, which, _, in_class, _, at_home in rows_of(KIT / "README.md", "Two weeks"):
        met |= set(which.split(", "))
        for one in re.findall(r"\b(\d+)\.(?:\d|[ab])", f"{in_class} {at_home}"):
            assert one.zfill(2) in met


def test_an_evening_is_two_hours_and_a_half():
    evening = rows_of(KIT / "README.md", "One evening")
    assert sum(int(minutes) for minutes, *_ in evening) == 150


def test_a_section_that_the_kit_names_is_in_some_chapter(chapters):
    heads = {head for text in chapters.values() for head in re.findall(r"^#+ +(.+?) *$", text, re.M)}
    named = re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", prose(KIT / "README.md"))
    assert named and [name for name in named if name not in heads] == []


@each_text
def test_a_file_that_a_page_of_the_kit_names_is_there(path):
    for name in re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text("utf-8")):
        assert (path.parent / name).exists(), name


@pytest.mark.parametrize("system, heading", [("nbgrader", "With nbgrader"), ("otter", "With Otter")])
def test_the_kit_tells_the_commands_that_are_tried(system, heading):
    """In the order in which tests/kit runs them; and whose the folder is, first of all."""
    section = (KIT / "README.md").read_text("utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    tried = re.findall(rf'"{system}", "(\w+)"', (ROOT / "tests/kit/test_kit.py").read_text("utf-8"))
    typed = "".join(re.findall(r"^```\n(.*?)^```", section, re.M | re.S))
    assert tried and re.findall(rf"^{system} (\w+)", typed, re.M) == tried
    assert re.match(r"\s*\*\*The folder that this makes has every solution.*for you alone", section)
    assert typed.startswith(f"nnlib student masters --for {system}\n") and "**Give out `" in section


# Servers

SERVERS = KIT / "servers"


def measured():
    """Memory in MB and processor seconds, by the name of the chapter."""
    table = needs.rows((SERVERS / "README.md").read_text("utf-8"))
    cells = {
        name: re.findall(r"\d+(?= \|)", row.partition("|")[2].partition("|")[2])
        for name, row in table.items()
    }
    return {name: tuple(map(int, found)) for name, found in cells.items() if found}


def gigabytes(text):
    assert re.fullmatch(r"\d+G", text)
    return int(text[:-1])


def test_each_chapter_has_been_measured():
    stems = [path.stem for path in sorted(CHAPTERS.glob("*.ipynb"))]
    assert list(measured()) == [needs.SERVER, *stems]


def test_what_is_said_of_memory_and_cores_follows_from_the_table():
    found = measured()
    (alone, _), chapters = found.pop(needs.SERVER), list(found.values())
    memory = [most for most, _ in chapters]
    largest, server = memory.index(max(memory)), 170  # under JupyterHub, as the page says
    assert alone < server and max(memory) + server < 1200
    assert memory[largest] + memory[largest - 1] + server < 2000
    assert max(memory[:9]) < 500 and memory[largest - 1] == found["11_generalisation"][0]
    slowest = max(seconds for _, seconds in chapters)
    assert slowest < 60 and 100 * slowest / 12 <= 6 * 60


def test_the_files_for_servers_can_be_read_and_leave_room_for_a_learner():
    found = measured()
    found.pop(needs.SERVER)
    memory = sorted(most for most, _ in found.values())
    needed = (memory[-1] + memory[-2] + 170) / 1000  # two chapters and a server under JupyterHub
    little = yaml.safe_load((SERVERS / "tljh.yaml").read_text("utf-8"))
    many = yaml.safe_load((SERVERS / "kubernetes.yaml").read_text("utf-8"))["singleuser"]
    config = PyFileConfigLoader("jupyterhub_config.py", str(SERVERS)).load_config()
    limits = little["limits"]["memory"], many["memory"]["limit"], config.Spawner.mem_limit
    assert len(set(limits)) == 1 and gigabytes(limits[0]) >= needed
    assert little["limits"]["cpu"] == many["cpu"]["limit"] == config.Spawner.cpu_limit
    assert many["memory"]["guarantee"] == config.Spawner.mem_guarantee
    threads = many["extraEnv"], config.Spawner.environment
    assert all(one == {"OPENBLAS_NUM_THREADS": "1", "NBGITPULLER_APP": "lab"} for one in threads)
    (argument,) = config.Spawner.args
    module, _, name = argument.partition("=")[2].rpartition(".")
    assert hasattr(importlib.import_module(module), name)
    assert many["defaultUrl"] == config.Spawner.default_url == "/lab"


def test_links_to_servers_open_a_chapter_that_is_there_and_name_no_copy():
    page = (SERVERS / "README.md").read_text("utf-8")
    links = re.findall(r"^https://.*$", page, re.M)
    opened = [re.search(r"(\w+\.ipynb)$", unquote(link))[1] for link in links]
    assert len(links) == 4 and all((CHAPTERS / name).exists() for name in opened)
    assert all(re.search(r"<owner>/<(?:copy|handout)>|<address of your hub>", link) for link in links)


@pytest.fixture
def homes(tmp_path):
    """The homes of a server; in each of them something else is in the way."""
    homes, notebook = tmp_path / "homes", (CHAPTERS / "01_one_neuron.ipynb").read_bytes()

    def put(home, *names):
        folder = homes / home / "handout"
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).write_bytes(notebook)
        return folder

    ada = put("ada", "01_one_neuron.ipynb", ".hidden.ipynb", "notes.txt")
    (ada / ".ipynb_checkpoints").mkdir()
    put("-rf $(x) 'o' <b>", "01_one_neuron.ipynb", "01_one_neuron-Copy1.ipynb")
    put("café \n", "01_one_neuron.ipynb")
    put("reset", "01_one_neuron.ipynb", "my_01_one_neuron.ipynb")
    put("only_mine", "my_01_one_neuron.ipynb")
    put(".skeleton", "01_one_neuron.ipynb")
    (homes / "nothing").mkdir()
    (homes / "linked").mkdir()
    (homes / "linked" / "handout").symlink_to(ada)
    (homes / "link").symlink_to(homes / "ada")
    (put("file_linked") / "01_one_neuron.ipynb").symlink_to(ada / "01_one_neuron.ipynb")
    (put("folder") / "01_one_neuron.ipynb").mkdir()
    os.mkfifo(put("pipe") / "01_one_neuron.ipynb")
    (homes / "quota").touch()
    return homes


def collected(homes, to):
    """What the script says, as it is run by hand, and its exit status."""
    command = [sys.executable, str(SERVERS / "collect.py"), str(homes), "handout", str(to)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60)
    return done.stdout.splitlines(), done.stderr, done.returncode


@pytest.mark.skipif(os.name == "nt", reason="JupyterHub runs on Linux and macOS")
def test_what_is_collected_on_a_server_is_what_marks_reads(homes, tmp_path):
    to = tmp_path / "class"
    lines, _, status = collected(homes, to)
    left = "is left out: it is a link, or no file that can be read."
    assert status == 0 and sorted(lines) == sorted(
        [
            "'ada': 1 notebook.",
            "\"-rf $(x) 'o' <b>\": 2 notebooks.",
            r"'café \n': 1 notebook.",
            "'reset': 2 notebooks.",
            "'only_mine': 1 notebook.",
            "'nothing' is left out: there is no folder 'handout'.",
            "'linked' is left out: 'handout' is a link, or no folder that can be read.",
            "'link' is left out: 'handout' is a link, or no folder that can be read.",
            "'quota' is left out: 'handout' is a link, or no folder that can be read.",
            *(f"'{name}': '01_one_neuron.ipynb' {left}" for name in ("file_linked", "folder", "pipe")),
            *(f"'{name}': 0 notebooks." for name in ("file_linked", "folder", "pipe")),
        ]
    )
    assert to.stat().st_mode & 0o777 == 0o700
    found, left_out = handed_in(to)
    assert {one.student: one.path and one.path.name for one in found} == {
        "ada": "01_one_neuron.ipynb",
        "-rf $(x) 'o' <b>": "01_one_neuron.ipynb",
        "café \n": "01_one_neuron.ipynb",
        "reset": "01_one_neuron.ipynb",
        "only_mine": "my_01_one_neuron.ipynb",
    }
    (kept,) = [line for line in left_out if "my_" in line]
    assert kept.startswith("reset") and "handed in under the name of the chapter" in kept


@pytest.mark.skipif(os.name == "nt", reason="JupyterHub runs on Linux and macOS")
def test_what_was_collected_before_stays_as_it_is(homes, tmp_path):
    (tmp_path / "class").mkdir()
    lines, said, status = collected(homes, tmp_path / "class")
    assert status == 1 and lines == [] and "File exists" in said and "not there yet" in said
    assert list((tmp_path / "class").iterdir()) == []
    assert "Traceback" not in said and "No such file" in collected(tmp_path / "nowhere", tmp_path / "b")[1]


def test_the_kit_tells_how_the_script_is_run():
    text = (KIT / "README.md").read_text("utf-8")
    assert "sudo python3 collect.py /home handout class\n" in text
    assert "sudo python3 collect.py /home handout class\n" in (SERVERS / "collect.py").read_text("utf-8")


def test_the_environment_of_a_handout_installs_the_module_from_a_copy():
    text = (SERVERS / "binder" / "environment.yml").read_text("utf-8")
    mine, theirs = (yaml.safe_load(one) for one in ((ROOT / "environment.yml").read_text("utf-8"), text))
    assert theirs["channels"] == mine["channels"]
    first, *rest, last = theirs["dependencies"]
    assert first == mine["dependencies"][0] == "python=3.12" and rest == ["pip"]
    (line,) = last["pip"]
    assert line.count("<address of your copy>") == 1  # no repository that does not exist
    wanted = Requirement(line.replace("<address of your copy>", "https://example.org/copy.git"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert wanted.name == project["name"] and wanted.url == "git+https://example.org/copy.git"
    assert wanted.extras == {"lab"} <= set(project["optional-dependencies"])


@pytest.mark.skipif(os.name == "nt", reason="repo2docker runs on Linux and macOS")
def test_binder_finds_the_environment_of_a_handout(tmp_path):
    """The folder is made by the commands that the kit tells."""
    text = (KIT / "README.md").read_text("utf-8")
    assert "nnlib student handout\ncp teaching/servers/binder/environment.yml handout\n" in text
    list(student(tmp_path))
    shutil.copy(SERVERS / "binder" / "environment.yml", tmp_path)
    said = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", str(tmp_path)], capture_output=True, text=True
    )
    assert said.returncode == 0, said.stderr
    assert "Building conda environment for python=3.12" in said.stdout + said.stderr


# Figures


def test_each_figure_is_there_twice_and_all_are_small():
    files = sorted((KIT / "figures").iterdir())
    assert [path.name for path in files] == sorted(
        f"{n}.{k}" for n in figures.FIGURES for k in figures.WITHOUT
    )
    assert sum(path.stat().st_size for path in files) < 1.5e6
    listed = [row[0] for row in rows_of(KIT / "README.md", "The figures")]
    assert sorted(listed) == sorted(f"[{name}](figures/{name}.svg)" for name in figures.FIGURES)


NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
ID = re.compile(r"(?<=[#\"])[a-z]\w{10}(?=[\")])")  # made from what is drawn, to its last digit
IMAGE = re.compile(r"data:image/png;base64,[^\"]+")


def drawn(path):
    """What a picture in SVG is made of: its text without numbers, and the numbers."""
    text = IMAGE.sub("", ID.sub("id", path.read_text("utf-8")))
    return NUMBER.sub("#", text), np.array(NUMBER.findall(text), float)


@pytest.mark.parametrize("name", figures.FIGURES)
def test_a_figure_comes_out_again_as_it_is_stored(name, tmp_path):
    figures.write(name, tmp_path)
    (words, numbers), (stored_words, stored) = (
        drawn(tmp_path / f"{name}.svg"),
        drawn(KIT / f"figures/{name}.svg"),
    )
    assert words == stored_words
    assert np.allclose(numbers, stored, rtol=0, atol=0.5)  # points
    shown, kept = (imread(folder / f"{name}.png") for folder in (tmp_path, KIT / "figures"))
    assert shown.shape == kept.shape and np.abs(shown - kept).mean() < 0.01


def test_a_figure_has_neither_a_date_nor_the_name_of_a_program():
    for path in (KIT / "figures").glob("*.svg"):
        text = path.read_text("utf-8")
        assert "dc:date" not in text and "dc:creator" not in text
    for path in (KIT / "figures").glob("*.png"):
        assert b"tEXt" not in path.read_bytes()[:1000]


def test_what_the_titles_say_is_so():
    curves = recorded("remedies")["results"]["dropout"]
    losses = {p: np.array(curves[p]["validation"]) for p in ("0", "0.5")}
    assert losses["0.5"].argmin() > losses["0"].argmin() > 0
    rise = {p: one[-1] - one.min() for p, one in losses.items()}
    assert 0 < rise["0.5"] < rise["0"]
    assert [min(curves[p]["training"]) < 0.1 for p in ("0", "0.5")] == [True, True]
    place = phrase.FIRST  # where the phrase begins anew
    X = phrase.phrases(np.random.default_rng(16), phrase.SHOWN)[0][:1]
    net = phrase.network()
    net.predict(X)
    looks = net.layers[3].layers[0].A[0, 1, place:].argmax(axis=1)
    first = [X[0, :place].tolist().index(letter) for letter in X[0, place:]]
    assert looks.tolist() == [where + 1 for where in first]
