"""Make A_notation.ipynb of the chapters: the symbols, and every numbered result with the code that checks it.

With a result stand its stepper, if it has one, and the lines of `nnlib` that compute it, if any do.

python -m tools.notation
"""

import ast
import inspect
import re
import textwrap
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nnlib import (
    activations,
    autograd,
    convolution,
    gradcheck,
    initializers,
    layers,
    losses,
    network,
    optimizers,
    scaling,
)
from nnlib.teach.derivations import DERIVATIONS
from tools.notebooks import CHAPTERS, execute, normalise, record, serialise

PATH = CHAPTERS / "A_notation.ipynb"
OPENING = Path(__file__).with_suffix(".md")
FORMULA = re.compile(r"^\$\$\n(.*?)\n\$\$$", re.M | re.S)
TAG = re.compile(r"\\tag\{(.*?)\}")
HEADING = re.compile(r"^#+ +(.+?) *$", re.M)

# The lines of nnlib that compute a result. tests/test_lines.py holds most of them to the chapters.
IN_NNLIB = {
    "2.5": layers.Dense.forward,
    "2.7": layers.Dense.parameter_gradients,
    "2.8": layers.Dense.parameter_gradients,
    "2.10": layers.Dense.backward,
    "3.2": activations.Activation.backward,
    "3.3": activations.Tanh.backward,
    "3.4": activations.Sigmoid.backward,
    "3.7": activations.ReLU.forward,
    "3.8": activations.LeakyReLU.forward,
    "3.9": activations._sigmoid,
    "4.1": losses.MSE.gradient,
    "4.3": losses.BinaryCrossEntropy.value,
    "4.4": losses.BinaryCrossEntropy.gradient,
    "4.5": losses._softmax,
    "4.8": losses.SoftmaxCrossEntropy.value,
    "4.9": losses.SoftmaxCrossEntropy.gradient,
    "4.10": losses._log_softmax,
    "5.1": network.Network.backward,
    "7.1": optimizers.SGD.update,
    "10.4": initializers.he,
    "10.5": optimizers.Momentum.update,
    "10.7": optimizers.Adam.update,
    "11.3": layers.Dropout.forward,
    "11.4": layers.Dropout.backward,
    "12.3": convolution.windows,
    "12.4": convolution.Conv2D.forward,
    "12.7": convolution.Conv2D.parameter_gradients,
    "12.9": convolution.Conv2D.backward,
    "12.12": convolution.MaxPool2D.forward,
    "12.13": convolution.MaxPool2D.backward,
    "13.5": autograd.Tensor.__matmul__,
    "13.6": autograd.Tensor.sum,
    "13.7": autograd._undo_broadcast,
    "13.8": autograd.Tensor.max,
    "15.4": scaling.step_time,
    "15.5": scaling.speed_up,
    "15.6": scaling.server,
    "15.8": scaling.ring,
    "15.9": scaling.tree,
    "15.11": scaling.expected_slowest,
    "6.2": gradcheck.numerical_gradient,
    "6.6": gradcheck.relative_error,
}

CENSUS = r"""import json
import re
from pathlib import Path

for path in sorted(Path().glob("[0-9]*.ipynb")):
    shown, asserted = set(), set()
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            shown.update(re.findall(r"\\tag\{(.*?)\}", source))
        elif "assert " in source:
            asserted.update(tag.removeprefix("verifies-") for tag in cell["metadata"].get("tags", []))
    assert shown <= asserted
    print(f"{path.stem}: {len(shown)} results, and a cell that asserts each of them")"""


def notation():
    """Return the notebook that the stored chapters make."""
    cells = [new_markdown_cell(OPENING.read_text("utf-8"), id="opening")]
    for path in sorted(CHAPTERS.glob("[0-9]*.ipynb")):
        name, nb = path.name, nbformat.read(path, as_version=4)
        if results := [*_results(name, nb)]:
            title = HEADING.search(nb.cells[0].source)[1]
            text = "\n\n".join([f"## {title}", f"[{name.removesuffix('.ipynb')}]({name})", *results])
            cells.append(new_markdown_cell(text, id=name[:2]))
    cells.append(new_markdown_cell("## Is there a check for each of them?", id="question"))
    cells.append(new_code_cell(CENSUS, id="census", metadata={"tags": ["nbval-check-output"]}))
    return normalise(new_notebook(cells=cells))


def _results(name, nb):
    """Yield as Markdown each section's link and its displayed formulas with a number, in order."""
    checks = {}
    for cell in nb.cells:
        for tag in cell.metadata.get("tags", []):
            checks.setdefault(tag.removeprefix("verifies-"), []).append(cell.source)
    section = linked = None
    for cell in (cell for cell in nb.cells if cell.cell_type == "markdown"):
        for match in re.finditer(f"{HEADING.pattern}|{FORMULA.pattern}", cell.source, re.M | re.S):
            if match[1] and not match[1].startswith(("Derive it first", "Exercise")):
                section = match[1]
            if tags := TAG.findall(match[2] or ""):
                if section != linked:
                    linked = section
                    # A formula in an address would be typeset.
                    anchor = "" if "$" in section else f"#{re.sub('[*`]', '', section).replace(' ', '-')}"
                    yield f"**[{section}]({name}{anchor})**"
                code = "\n\n".join(dict.fromkeys(source for tag in tags for source in checks.get(tag, [])))
                folded = [_folded("Checked by", code)]
                folded += [_folded(*_in_nnlib(IN_NNLIB[tag])) for tag in tags if tag in IN_NNLIB]
                stepped = [
                    f'`widgets.derivation("{tag}")` goes there line by line.'
                    for tag in tags
                    if tag in DERIVATIONS
                ]
                # A tag belongs to the chapter that derives the result.
                formula = TAG.sub(r"\\qquad \\text{(\1)}", match[2])
                yield "\n\n".join([f"$$\n{formula}\n$$", *stepped, *folded])


def _folded(title, code):
    return f"<details><summary>{title}</summary>\n\n```python\n{code}\n```\n\n</details>"


def _in_nnlib(function):
    """Return where a function of nnlib stands, and its lines without signature and docstring."""
    source = textwrap.dedent(inspect.getsource(function))
    (node,) = ast.parse(source).body
    body = node.body[1:] if ast.get_docstring(node) else node.body
    lines = source.splitlines()[body[0].lineno - 1 :]
    module = function.__module__.removeprefix("nnlib.")
    return f"In nnlib: {module}.{function.__qualname__}", textwrap.dedent("\n".join(lines))


if __name__ == "__main__":
    PATH.write_text(serialise(execute(notation(), CHAPTERS)), "utf-8", newline="\n")
    record()
