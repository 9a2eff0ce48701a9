"""The core as a whole: what it loads, how large it is, and that its docstrings tell the truth."""

import ast
import doctest
import importlib
import inspect
import io
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import numpy as np
import pytest

import nnlib

FOLDER = Path(nnlib.__file__).parent
FILES = sorted(path for path in FOLDER.glob("*.py") if path.name != "__main__.py")  # a door to the command
MODULES = [importlib.import_module(f"nnlib.{path.stem}") for path in FILES if path.stem[0] != "_"]
EACH_MODULE = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
PUBLIC = {
    f"{module.__name__}.{name}": getattr(module, name, None) for module in MODULES for name in module.__all__
}
CHAPTER = re.compile(r"notebooks/(\d\d)_(\w+)\.ipynb")

# What is loaded

NEW_MODULES = "import sys; before = set(sys.modules); import nnlib; print(*(set(sys.modules) - before))"


@pytest.fixture(scope="module")
def loaded():
    """The modules that `import nnlib` loads in a fresh interpreter."""
    command = [sys.executable, "-c", NEW_MODULES]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_importing_loads_numpy_and_the_standard_library(loaded):
    packages = {name.partition(".")[0] for name in loaded}
    assert {"numpy", "nnlib"} == {name for name in packages - sys.stdlib_module_names if name[0] != "_"}


@pytest.mark.parametrize(
    "name", ["matplotlib", "ipywidgets", "IPython", "tqdm", "pytest", "nnlib.teach", "threadpoolctl"]
)
def test_importing_does_not_load(loaded, name):
    assert name not in loaded


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_function_loads_more_than_tqdm(path):
    imported = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(node.module)
    packages = {name.partition(".")[0] for name in imported}
    assert packages - sys.stdlib_module_names <= {"numpy", "nnlib", "tqdm", "threadpoolctl"}
    assert not any(name.startswith("nnlib.teach") for name in imported)


# What is offered


@EACH_MODULE
def test_all_names_exist(module):
    assert sorted(set(module.__all__)) == sorted(module.__all__)
    assert all(hasattr(module, name) for name in module.__all__)


def test_the_package_offers_what_its_modules_do():
    apart = {
        "nnlib.autograd",
        "nnlib.datasets",
        "nnlib.gradcheck",
        "nnlib.initializers",
    }  # taken from there: datasets.xor()
    offered = {name.rpartition(".")[2] for name in PUBLIC if name.rpartition(".")[0] not in apart}
    modules = {"autograd", "datasets", "gradcheck", "initializers", "metrics"}
    assert set(nnlib.__all__) == offered | modules and len(set(nnlib.__all__)) == len(nnlib.__all__)
    assert all(hasattr(nnlib, name) for name in nnlib.__all__)


# Docstrings


@pytest.mark.parametrize("name", PUBLIC)
def test_a_docstring_names_its_chapter(name):
    assert re.search(r"See notebooks/\d\d_\w+\.ipynb", inspect.getdoc(PUBLIC[name]) or "")


@pytest.mark.parametrize("name", [name for name in PUBLIC if inspect.isclass(PUBLIC[name])])
def test_every_public_method_has_a_docstring(name):
    methods = inspect.getmembers(PUBLIC[name], inspect.isfunction)
    assert [method for method, function in methods if method[0] != "_" and not inspect.getdoc(function)] == []


def test_a_chapter_has_one_name_everywhere():
    written = " ".join(path.read_text("utf-8") for path in FILES)
    there = " ".join(path.as_posix() for path in FOLDER.parent.glob("notebooks/*.ipynb"))
    names = set(CHAPTER.findall(written) + CHAPTER.findall(there))
    assert len({number for number, _ in names}) == len(names)


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_chapter_that_is_named_is_there_and_named_in_one_piece(path):
    """In docstrings and texts: `See notebooks/…`, whole, of a chapter that a reader has."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for name in re.findall(r"notebooks/(\w+\.ipynb)", node.value):
                assert (FOLDER.parent / "notebooks" / name).exists(), name
            assert not re.search(r"\bSee\s*\"", node.value), node.value


@pytest.fixture
def namespace(rng):
    """What the examples in the docstrings may use."""
    X, Y = rng.standard_normal((100, 4)), rng.standard_normal((100, 2))
    layers = (
        nnlib.Dense(4, 8, rng=rng, dtype=np.float64),
        nnlib.Tanh(),
        nnlib.Dense(8, 2, rng=rng, dtype=np.float64),
    )
    net = nnlib.Network(*layers)
    names = {name: getattr(nnlib, name) for name in nnlib.__all__}
    return (
        names
        | {"np": np, "rng": rng, "net": net, "X": X, "Y": Y, "loss": nnlib.MSE()}
        | {"optimizer": nnlib.SGD(net.params, lr=0.1)}
    )


EXAMPLES = [test for module in MODULES for test in doctest.DocTestFinder().find(module) if test.examples]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda test: test.name)
def test_an_example_gives_what_it_says(example, namespace):
    report = io.StringIO()
    example.globs = namespace | {name.rpartition(".")[2]: value for name, value in PUBLIC.items()}
    assert doctest.DocTestRunner().run(example, out=report.write).failed == 0, report.getvalue()


# Size


def lines_of_code(path):
    """Count the lines that hold more than a docstring, a comment or nothing."""
    source, docstrings = path.read_text("utf-8"), set()
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            and ast.get_docstring(node) is not None
        ):
            docstrings |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    layout = (
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    )
    tokens = [
        token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type not in layout
    ]
    return len({line for token in tokens for line in range(token.start[0], token.end[0] + 1)} - docstrings)


SOME_CODE = '''\
"""A docstring
of two lines."""

# Why.
x = [  # one
    1]  # two
def f():  # three
    """Another."""
    return """four
    and five"""
'''


def test_what_counts_as_a_line_of_code(tmp_path):
    path = tmp_path / "some.py"
    path.write_text(SOME_CODE)
    assert lines_of_code(path) == 5


MATHEMATICS = ("layers", "activations", "losses", "initializers", "optimizers", "gradcheck", "metrics")


def test_a_file_stays_on_a_few_screens_and_the_mathematics_small():
    lines = {path.stem: lines_of_code(path) for path in FILES}
    assert max(lines.values()) <= 250 and sum(lines[name] for name in MATHEMATICS) <= 350, lines
    assert max(lines["autograd"], lines["convolution"]) <= 150 and lines["attention"] <= 180, lines


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_line_assigns_one_thing(path):
    several = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Assign)
        and (
            len(node.targets) > 1
            or isinstance(node.targets[0], ast.Tuple)
            and isinstance(node.value, ast.Tuple)
        )
    ]
    assert several == []


# What may import what

PAGE = (FOLDER.parent / "CONTRIBUTING.md").read_text("utf-8")
PLACES = PAGE.partition("## What stands where")[2].partition("\n## ")[0]
CORE, TEACH = (
    re.findall(r"^\| (`.*?) \| .* \| ?(.*?) ?\|$" if teach else r"^\| (`.*?) \|", table, re.M)
    for teach, table in enumerate(PLACES.split("`nnlib/teach` may import"))
)
ORDER = re.findall(r"`(\w+)`", " ".join(CORE))
ROOMS = [(re.findall(r"`([\w/]+)`", names), set(filter(None, others.split(", ")))) for names, others in TEACH]


def imported(path):
    """The modules of nnlib that a file imports, at its top or in a function."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "nnlib":
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module.startswith("nnlib."):
            names.add(node.module.split(".")[1])
    return names


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.stem != "__init__"], ids=lambda path: path.name
)
def test_a_module_imports_what_stands_before_it(path):
    assert imported(path) <= set(ORDER[: ORDER.index(path.stem)])


def test_each_module_has_its_place_once():
    assert sorted(ORDER) == sorted([*(path.stem for path in FILES if path.stem != "__init__"), "scaling"])


@pytest.mark.parametrize("path", sorted(FOLDER.glob("scaling/*.py")), ids=lambda path: path.name)
def test_scaling_imports_the_core_and_loads_no_more_than_numpy(path):
    """Dask is asked for by name, where processes are: tests/test_scaling.py, tests/optional."""
    assert imported(path) <= set(ORDER)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = {alias.name.partition(".")[0] for alias in node.names}
            assert names <= sys.stdlib_module_names | {"numpy"}
        elif isinstance(node, ast.ImportFrom):
            assert node.module.partition(".")[0] in sys.stdlib_module_names | {"numpy", "nnlib"}


# The same of what teaches

LESSONS = sorted(path for path in FOLDER.glob("teach/**/*.py") if path != FOLDER / "teach" / "__init__.py")


def room(module):
    """The number of the row in which a module of nnlib.teach stands."""
    return next(
        number
        for number, (names, _) in sorted(enumerate(ROOMS), key=lambda row: "checks" in row[1][0])
        if any(f"{module}/".startswith(f"{name}/") for name in names)
    )


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_what_teaches_imports_what_stands_before_it(path):
    here = room(path.relative_to(FOLDER / "teach").with_suffix("").as_posix())
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [f".{alias.name}" for alias in node.names] if node.module == "nnlib.teach" else [""]
            modules = [f"{node.module}{name}" for name in names]
        else:
            continue
        for module in modules:
            package, _, inner = module.partition(".")
            if inner.startswith("teach."):
                there = room(inner.removeprefix("teach.").replace(".", "/"))
                assert there < here or (there == here and len(ROOMS[here][0]) == 1)
            elif package not in sys.stdlib_module_names | {"numpy", "nnlib"}:
                assert package in ROOMS[here][1]


def test_checking_loads_no_panel_and_no_figure():
    command = [sys.executable, "-c", NEW_MODULES.replace("import nnlib;", "import nnlib.teach.checks;")]
    loaded = set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert "nnlib.teach.checks" in loaded
    assert not loaded & {"matplotlib", "ipywidgets", "anywidget", "IPython", "lark"}


# Types


def signatures():
    """The public functions, methods and constructors that nnlib writes, by their names."""
    for name, public in PUBLIC.items():
        if not inspect.isclass(public):
            yield name, public
            continue
        for method, function in inspect.getmembers(public, inspect.isfunction):
            if (method == "__init__" or method[0] != "_") and function.__module__.startswith("nnlib."):
                yield f"{name}.{method}", function


@pytest.mark.parametrize("name, function", [*signatures()], ids=lambda x: x if isinstance(x, str) else "")
def test_a_public_signature_has_types(name, function):
    signature = inspect.signature(function)
    untyped = [p.name for p in signature.parameters.values() if p.annotation is p.empty and p.name != "self"]
    assert untyped == []
    assert name.endswith(".__init__") or signature.return_annotation is not signature.empty


def test_the_package_says_that_it_has_types():
    assert (FOLDER / "py.typed").exists()
