"""Make A_notation.ipynb of the chapters: the symbols, and every numbered result with the code that checks it.

python -m tools.notation
"""

import re
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.notebooks import CHAPTERS, execute, normalise, record, serialise

PATH = CHAPTERS / "A_notation.ipynb"
OPENING = Path(__file__).with_suffix(".md")
FORMULA = re.compile(r"^\$\$\n(.*?)\n\$\$$", re.M | re.S)
TAG = re.compile(r"\\tag\{(.*?)\}")
HEADING = re.compile(r"^#+ +(.+?) *$", re.M)

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
                folded = f"<details><summary>Checked by</summary>\n\n```python\n{code}\n```\n\n</details>"
                # A tag belongs to the chapter that derives the result.
                formula = TAG.sub(r"\\qquad \\text{(\1)}", match[2])
                yield f"$$\n{formula}\n$$\n\n{folded}"


if __name__ == "__main__":
    PATH.write_text(serialise(execute(notation(), CHAPTERS)), "utf-8", newline="\n")
    record()
