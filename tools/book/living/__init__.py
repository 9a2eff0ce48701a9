"""Panels that move in a page without a kernel: what becomes of the call of a panel in a chapter.

    figure("04_losses", "widgets.logits_explorer()", folder)

returns the HTML that goes below the cell, and leaves in `folder` the data of the panel, and its pictures if
it has any. To the same folder go the `files()`: a script finds beside itself what was made here.

A panel's module in this package is called like the panel. It has `KIND`, which is that of the table, and
`data(call)`, which returns what can be written as JSON; its "rows" are those of `rows(panel)`, so that the
controls are JupyterLab's. The script docs/living/<panel>.js has the rest; recorded.js is that of all which
are played and of all grids.
"""

import ast
import hashlib
import html
import importlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

from tools.book.living.controls import rows

__all__ = ["PANELS", "Call", "call_of", "figure", "files", "rows"]

ROOT = Path(__file__).resolve().parents[3]
# computed: small arithmetic, in JavaScript. played: a recorded run. grid: a picture for each setting.
PANELS = {
    "activation_explorer": "computed",
    "attention_explorer": "grid",
    "bug_lab": "grid",
    "depth_explorer": "grid",
    "derivation": "computed",
    "descent_path": "played",
    "digit_pad": "computed",
    "entry_tracer": "computed",
    "first_network": "played",
    "graph_explorer": "grid",
    "kernel_explorer": "computed",
    "live_training": "played",
    "logits_explorer": "computed",
    "mnist_panel": "played",
    "number_formats": "grid",
    "numeric_stepper": "computed",
    "optimizer_race": "played",
    "scaling_explorer": "grid",
    "shape_calculator": "computed",
    "step_size": "computed",
    "time_machine": "played",
    "xor_panel": "played",
}


@dataclass(frozen=True)
class Call:
    """The call of a panel, as it stands in a chapter.

    Attributes
    ----------
    panel : str
    chapter : str
        "04_losses".
    arguments : list of ast.expr
    keywords : dict from str to ast.expr
    folder : Path
        Where pictures go.
    """

    panel: str
    chapter: str
    arguments: list
    keywords: dict
    folder: Path

    def literal(self, name):
        """Return the numbers that the chapter gives to `name`: of `x = 3`, or of `X = np.array([[1, 2]])`.

        Raises
        ------
        LookupError
            If no cell gives it numbers that are written out.
        """
        notebook = nbformat.read(ROOT / "notebooks" / f"{self.chapter}.ipynb", as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code" and re.search(rf"\b{name} = ", cell.source):
                for node in ast.walk(ast.parse(cell.source)):
                    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
                        array = isinstance(node.value, ast.Call) and node.value.args
                        return ast.literal_eval(node.value.args[0] if array else node.value)
        raise LookupError(f"{self.chapter} gives no numbers to {name}.")


def call_of(chapter, source, folder):
    """Return the `Call` of the panel that a cell shows, None if it shows none.

    A cell shows what its last line calls, or what it has called under the name in that line.
    """
    if "widgets." not in source:
        return None
    *before, last = ast.parse(source).body
    shown = last.value if isinstance(last, ast.Expr) else None
    if isinstance(shown, ast.Name):
        given = [one.value for one in before if isinstance(one, ast.Assign) and _is(one.targets[0], shown.id)]
        shown = given[-1] if given else None
    match shown:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="widgets"), attr=panel)) if panel in PANELS:
            keywords = {one.arg: one.value for one in shown.keywords}
            return Call(panel, chapter, shown.args, keywords, Path(folder))
    return None


def _is(target, name):
    return isinstance(target, ast.Name) and target.id == name


def figure(chapter, source, folder):
    """Return the HTML of the panel that a cell shows, or None, and leave the panel's data in the folder.

    Parameters
    ----------
    chapter : str
        The name of the notebook, "04_losses".
    source : str
        Of the cell.
    folder : Path
        Of the built page, where the scripts of docs/living lie too.
    """
    call = call_of(chapter, source, folder)
    if call is None:
        return None
    call.folder.mkdir(parents=True, exist_ok=True)
    module = importlib.import_module(f"{__name__}.{call.panel}")
    text = json.dumps(module.data(call), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # The same data, in whichever chapter, is one file.
    name = f"{call.panel}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.json"
    (call.folder / name).write_text(text, "utf-8")
    script = call.panel if PANELS[call.panel] == "computed" else "recorded"
    sentence = f"Here a panel moves, {call.panel.replace('_', ' ')}, where JavaScript is on."
    return (
        f'<figure class="living" data-panel="{call.panel}" data-script="{script}"'
        f' data-source="{html.escape(name)}">'
        f"<noscript><p>{sentence}</p></noscript></figure>"
    )


def files():
    """Return the scripts and styles that a page with panels needs, all to be copied into one folder."""
    parts = ROOT / "nnlib" / "teach" / "widgets"
    own = sorted((ROOT / "docs" / "living").iterdir())
    return [*own, parts / "parts.js", parts / "parts.css", parts / "paper.js"]
