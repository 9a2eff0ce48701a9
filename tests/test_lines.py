"""The lines of nnlib are those that the chapters derive: names aside, and without the doors."""

import ast
import inspect
import json
import re
import textwrap
from pathlib import Path

import pytest

import nnlib
from nnlib import activations, attention, convolution, layers, losses

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"

# Each line of mathematics, and where a chapter has it: a class or a function, by its name there.
LINES = {
    layers.Dense.forward: ("02", "Dense.forward"),
    layers.Dense.backward: ("02", "InTwoMethods.backward"),
    layers.Dense.parameter_gradients: ("02", "InTwoMethods.parameter_gradients"),
    layers.Dropout.forward: ("11", "MyDropout.forward"),
    layers.Dropout.backward: ("11", "MyDropout.backward"),
    layers.Flatten.forward: ("12", "Flatten.forward"),
    layers.Flatten.backward: ("12", "Flatten.backward"),
    convolution.Conv2D.forward: ("12", "Convolution.forward"),
    convolution.Conv2D.backward: ("12", "Conv2D.backward"),
    convolution.Conv2D.parameter_gradients: ("12", "Conv2D.parameter_gradients"),
    convolution.MaxPool2D.forward: ("12", "MaxPool2D.forward"),
    convolution.MaxPool2D.backward: ("12", "FirstLargest.backward"),
    convolution.windows: ("12", "windows"),
    activations._sigmoid: ("03", "stable_sigmoid_solution"),
    losses.MSE.value: ("04", "MSE.value"),
    losses.MSE.gradient: ("04", "MSE.gradient"),
    losses.BinaryCrossEntropy.value: ("04", "binary_cross_entropy"),
    losses.BinaryCrossEntropy.gradient: ("04", "BinaryCrossEntropy.gradient"),
    losses._log_softmax: ("04", "log_softmax"),
    losses._softmax: ("04", "softmax"),
    losses.SoftmaxCrossEntropy.value: ("04", "SoftmaxCrossEntropy.value"),
    losses.SoftmaxCrossEntropy.gradient: ("04", "SoftmaxCrossEntropy.gradient"),
    losses.SoftmaxCrossEntropy.value_and_gradient: ("04", "SoftmaxCrossEntropy.value_and_gradient"),
    attention.Attention.forward: ("16", "Attention.forward"),
    attention.Attention.backward: ("16", "AttentionBack.backward"),
    attention.MaskedCrossEntropy.value_and_gradient: ("16", "MaskedCrossEntropy.value_and_gradient"),
    attention.split: ("16", "split"),
    attention.joined: ("16", "joined"),
}
for name in ("Activation", "Tanh", "Sigmoid", "ReLU", "LeakyReLU"):
    for method in ("forward", "backward"):
        LINES[getattr(getattr(activations, name), method)] = ("03", f"{name}.{method}")
for name in ("LayerNorm", "Embedding", "Positions", "Residual"):
    for method in ("forward", "backward"):
        LINES[getattr(getattr(attention, name), method)] = ("16", f"{name}.{method}")


def functions(tree, prefix=""):
    """Yield 'Class.method' or 'function', and its node, for all in a module or a class."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from functions(node, f"{node.name}.")
        elif isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node


def of_chapter(number, name):
    """The last function of this name in a chapter."""
    (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
    cells = json.loads(path.read_text("utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    found = dict(pair for source in sources for pair in functions(ast.parse(source)))
    return found[name]


class Names(ast.NodeTransformer):
    """Number the arguments and names of a function, and drop the underscore of a bare one, and `bare`."""

    def __init__(self, function):
        self.numbers = {}
        for argument in function.args.args:
            if argument.arg not in ("self", "training"):
                self.number(argument.arg)

    def number(self, name):
        return self.numbers.setdefault(name, f"_{len(self.numbers)}")

    def visit_Name(self, node):
        if node.id in self.numbers or isinstance(node.ctx, ast.Store):
            return ast.Name(self.number(node.id), node.ctx)
        return ast.Name(node.id.lstrip("_").removeprefix("stable_"), node.ctx)

    def visit_Call(self, node):
        if isinstance(node.func, ast.Name) and node.func.id == "bare":  # past a door
            return self.visit(node.args[0])
        return self.generic_visit(node)


def lines(function):
    """The statements of a function, without its docstring, as comparable text."""
    body = function.body[ast.get_docstring(function) is not None :]
    names = Names(function)
    return [ast.unparse(names.visit(statement)) for statement in body]


def of_nnlib(function):
    return ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function)))).body[0]


@pytest.mark.parametrize("function, place", LINES.items(), ids=lambda x: getattr(x, "__qualname__", None))
def test_a_line_is_that_of_its_chapter(function, place):
    assert lines(of_nnlib(function)) == lines(of_chapter(*place))


EQUATIONS = {"forward", "backward", "parameter_gradients", "value", "gradient", "value_and_gradient"}


def test_every_equation_is_held():
    """What layers, activations and losses compute, but for what only raises or hands on."""
    written = {
        f"{module.__name__}.{name}"
        for module in (layers, activations, losses, convolution, attention)
        for name, _ in functions(ast.parse(inspect.getsource(module)))
        if name.rpartition(".")[2] in EQUATIONS or (name[0] == "_" and "." not in name)
    }
    held = {f"{function.__module__}.{function.__qualname__}" for function in LINES}
    apart = {
        f"nnlib.layers.{name}" for name in ("Layer.forward", "Layer.backward", "Layer.parameter_gradients")
    }
    apart |= {f"nnlib.losses.Loss.{name}" for name in ("value", "gradient", "value_and_gradient")}
    apart |= {f"nnlib.attention.MaskedCrossEntropy.{name}" for name in ("value", "gradient")}
    helpers = {"nnlib.convolution.windows", "nnlib.attention.split", "nnlib.attention.joined"}
    assert written | helpers == held | apart


def test_other_lines_would_be_seen():
    same = "def f(self, A):\n    B = A * 2\n    return bare(self.g)(B)"
    for other, equal in {
        "def h(self, X):\n    'Doc.'\n    Y = X * 2\n    return self.g(Y)": True,
        "def h(self, X):\n    Y = 2 * X\n    return self.g(Y)": False,
        "def h(self, X):\n    Y = X * 2\n    return self.g(X)": False,
        "def h(self, X):\n    Y = X * 2\n    Y = Y + 0\n    return self.g(Y)": False,
    }.items():
        one, two = (ast.parse(source).body[0] for source in (same, other))
        assert (lines(one) == lines(two)) == equal


def calls_of_the_table():
    """Yield each call in the middle column of 07's table of names, parsed."""
    cells = json.loads((NOTEBOOKS / "07_training_loop.ipynb").read_text("utf-8"))["cells"]
    (table,) = ("".join(cell["source"]) for cell in cells if "| there |" in "".join(cell["source"]))
    for row in re.findall(r"^\| .*", table, re.M)[1:]:
        for code in re.findall(r"`([^`]*\))`", row.split(" | ")[1]):
            yield ast.parse(code.replace("…", "..."), mode="eval").body


@pytest.mark.parametrize("call", [*calls_of_the_table()], ids=ast.unparse)
def test_what_stands_beside_the_names_of_other_tutorials_is_there(call):
    known = vars(nnlib) | {"layer": nnlib.Layer, "net": nnlib.Network, "optimizer": nnlib.SGD}
    owner, _, method = ast.unparse(call.func).partition(".")
    target = getattr(known[owner], method) if method else known[owner]
    names = [name for name in inspect.signature(target).parameters if name != "self"]
    for name, given in zip(names, call.args, strict=False):
        assert not isinstance(given, ast.Name) or name.startswith(given.id)
    assert {keyword.arg for keyword in call.keywords} <= set(names)
