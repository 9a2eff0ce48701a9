"""Guards on the stored chapters: what nbval does not look at.

Each guard returns a list of complaints; the last tests of this file doctor a small chapter to see every
one of them complain.
"""

import ast
import copy
import re
import statistics
import urllib.parse
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.checkout import ROOT, files
from tools import notation
from tools.notebooks import WIDGET_VIEW, normalise, serialise

CHAPTERS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MODULES = sorted(path for path in files(ROOT / "nnlib") if path.suffix == ".py")
TAGS = {"exercise", "nbval-check-output", "solution", "volatile"}
CODE = re.compile(r"^(```|~~~).*?^\1|(`+).+?\2", re.M | re.S)
DISPLAY = re.compile(r"\$\$(.*?)\$\$", re.S)
# Macros and labels live on in MathJax beyond their cell; \bm is no macro of it.
FORBIDDEN_TEX = re.compile(r"\\(newcommand|renewcommand|def|DeclareMathOperator|bm|label|ref|eqref)\b")
TABLE = re.compile(r"^[ |:-]*-[ |:-]*\|[ |:-]*$", re.M)
CHAPTER_NAME = r"\b(?:\d\d|[A-Z])_[a-z]\w*"


def read(path):
    return nbformat.read(path, as_version=4)


def tags(cell):
    return cell.metadata.get("tags", [])


def code_cells(nb):
    return [(number, cell) for number, cell in enumerate(nb.cells, 1) if cell.cell_type == "code"]


def texts(nb):
    """Return number and text of every markdown cell, without the code in it."""
    return [
        (number, CODE.sub("``", cell.source))
        for number, cell in enumerate(nb.cells, 1)
        if cell.cell_type == "markdown"
    ]


def paragraphs(text):
    """Return the paragraphs between displayed formulas, each split at `$`: words, formula, words, …"""
    words = DISPLAY.sub("\n\n", text).replace(r"\$", "")
    return [paragraph.split("$") for paragraph in re.split(r"\n\s*\n", words)]


def headings(nb):
    return [heading for _, text in texts(nb) for heading in re.findall(r"^#+ +(.+?) *$", text, re.M)]


def names(source):
    """Return the names that a cell defines."""
    found = set()
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            found.add(statement.name)
        else:
            nodes = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
            found |= {node.id for node in nodes if isinstance(node.ctx, ast.Store)}
    return found


def called_checks(cell):
    return set(re.findall(r"\bchecks\.(\w+)", cell.source))


# --- the guards ---


def stored(text):
    """The file is what `make notebooks` writes."""
    nb = nbformat.reads(text, as_version=4)
    complaints = []
    try:
        if serialise(normalise(nb)) != text:
            complaints.append("is not as `make notebooks` stores it: run it")
    except (ValueError, nbformat.ValidationError) as error:
        complaints.append(f"is no notebook to store: {error}")
    counts = [cell.get("execution_count") for _, cell in code_cells(nb)]
    if counts != list(range(1, len(counts) + 1)):
        complaints.append(f"execution counts are {counts}, not 1 to {len(counts)}: nbval skips what has none")
    return complaints


def outputs(nb):
    """Outputs hold no errors, and nbval has something to compare."""
    complaints = []
    checked = [(number, cell) for number, cell in code_cells(nb) if "nbval-check-output" in tags(cell)]
    if not checked:
        complaints.append("no cell has the tag nbval-check-output")
    for number, cell in checked:
        if not cell.outputs:
            complaints.append(f"cell {number} has the tag nbval-check-output and no output")
        if any("image/png" in output.get("data", {}) for output in cell.outputs):
            complaints.append(f"cell {number} shows a figure: nbval-check-output is for text")
    for number, cell in code_cells(nb):
        for output in cell.outputs:
            if output.output_type == "error" or output.get("name") == "stderr":
                complaints.append(f"cell {number} stores an error: {output.get('text', output.get('ename'))}")
        for tag in tags(cell):
            if tag not in TAGS and not re.fullmatch(r"verifies-\w+\.\d+", tag):
                complaints.append(f"cell {number} has the unknown tag {tag}")
    return complaints


def figures(nb):
    """Each stored figure has an alternative text of its own, with numbers that the page has."""
    complaints, known = [], []
    page = "\n".join(
        [cell.source for cell in nb.cells]
        + [output.get("text", "") for _, cell in code_cells(nb) for output in cell.outputs]
    ).replace(r"\,", "")
    for number, cell in code_cells(nb):
        shown = any("image/png" in output.get("data", {}) for output in cell.outputs)
        if not shown:
            complaints += [f"cell {number} has an alternative text and no figure"] * ("alt" in cell.metadata)
            continue
        alt = cell.metadata.get("alt", "")
        if not 60 <= len(alt) <= 500:
            complaints.append(f"cell {number}: its alternative text has {len(alt)} letters, not 60 to 500")
        if alt in known or alt.strip(".") in page:
            complaints.append(f"cell {number}: its alternative text stands elsewhere: {alt}")
        for figure in set(re.findall(r"\d+(?:[.,]\d+)*", alt)):
            if not re.search(rf"(?<![\d.]){re.escape(figure)}(?!\d)", page):
                complaints.append(
                    f"cell {number}: {figure} of its alternative text stands nowhere on the page"
                )
        known.append(alt)
    return complaints


def equations(nb, chapter):
    r"""Each `\tag{8.3}` has a cell that verifies it, and the other way round."""
    shown = [tag for _, text in texts(nb) for tag in re.findall(r"\\tag\{(.*?)\}", text)]
    complaints = [f"({tag}) is there more than once" for tag in sorted(set(shown)) if shown.count(tag) > 1]
    for tag in shown:
        if not re.fullmatch(rf"{chapter}\.[1-9]\d*", tag):
            complaints.append(rf"\tag{{{tag}}} is not of the form {chapter}.n")
    if shown != (expected := [f"{chapter}.{n}" for n in range(1, len(shown) + 1)]):
        complaints.append(f"numbered {', '.join(shown)}; expected {', '.join(expected)}")
    verified = set()
    for number, cell in code_cells(nb):
        here = {tag.removeprefix("verifies-") for tag in tags(cell) if tag.startswith("verifies-")}
        if here and not re.search(r"^\s*assert\b", cell.source, re.M):
            complaints.append(f"cell {number} verifies ({', '.join(sorted(here))}) without an assert")
        verified |= here
    complaints += [f"no cell verifies ({tag})" for tag in sorted(set(shown) - verified)]
    complaints += [rf"verifies-{tag} has no \tag{{{tag}}}" for tag in sorted(verified - set(shown))]
    return complaints


def references(nb, known):
    """Each (8.3) in the text is an equation of some chapter; a mere number in brackets needs dollars."""
    return [
        f"cell {number} refers to ({tag}), which no chapter has"
        for number, text in texts(nb)
        for pieces in paragraphs(text)
        for tag in re.findall(r"\(((?:\d+|[A-Z])\.\d+)\)", " ".join(pieces[::2]))
        if tag not in known
    ]


def displayed_formulas(nb):
    """`$$` stands on its own line between blank lines; nothing inside reads as markdown."""
    complaints = []
    for number, text in texts(nb):
        lines = ["", *text.split("\n"), ""]
        inside = False
        for before, line, after in zip(lines, lines[1:], lines[2:], strict=False):
            if "$$" in line:
                outer = after if inside else before
                if line != "$$" or outer.strip():
                    complaints.append(f"cell {number}: $$ needs its own line and a blank one around: {line}")
                inside ^= line.count("$$") % 2
            elif inside and (not line.strip() or line.lstrip()[0] in "-+#"):
                complaints.append(f"cell {number}: a line in $$ is blank or reads as markdown: {line!r}")
        if inside:
            complaints.append(f"cell {number}: $$ is not closed")
    return complaints


def inline_formulas(nb):
    """`$` comes in pairs that JupyterLab, GitHub and nbconvert read alike."""
    complaints = []
    for number, text in texts(nb):
        for pieces in paragraphs(text):
            here = "cell {}: {}".format(number, "$".join(pieces).strip()[:60])
            if len(pieces) % 2 == 0:
                complaints.append(f"{here} … has an odd number of $")
                continue
            for words, formula, more in zip(pieces[::2], pieces[1::2], pieces[2::2], strict=False):
                if formula != formula.strip() or re.search(r"[\w-]$", words) or re.match(r"\w", more):
                    complaints.append(f"{here} … ${formula}$ has a space inside or a letter beside it")
                if "|" in formula and TABLE.search("$".join(pieces)):
                    complaints.append(rf"{here} … | in ${formula}$ splits the table: \lvert, \rvert or \mid")
            if stray := re.search(r"\\[A-Za-z]{2,}", " ".join(pieces[::2])):
                complaints.append(f"{here} … {stray[0]} stands outside $")
    return complaints


def tex(nb):
    """No macro, label or bare underscore."""
    complaints = []
    for number, text in texts(nb):
        if found := FORBIDDEN_TEX.search(text):
            complaints.append(f"cell {number} uses {found[0]}")
        if found := re.search(r"\\text\w*\{[^{}]*(?<!\\)_", text):
            complaints.append(rf"cell {number}: write \_ in {found[0]}")
    return complaints


def code(nb):
    """Cells are short; the first imports and makes `rng`."""
    cells = code_cells(nb)
    lengths = [sum(bool(line.strip()) for line in cell.source.split("\n")) for _, cell in cells]
    complaints = [
        f"cell {number} has {length} lines, over 20"
        for (number, _), length in zip(cells, lengths, strict=True)
        if length > 20
    ]
    if lengths and (median := statistics.median(lengths)) > 6:
        complaints.append(f"the median code cell has {median} lines, over 6")
    first = cells[0][1].source if cells else ""
    if not re.search(r"^(import|from) ", first) or "rng = np.random.default_rng(0)" not in first.split("\n"):
        complaints.append("the first code cell does not import and set rng = np.random.default_rng(0)")
    return complaints


def exercises(nb):
    """Stub, check, solution: the solution has another name and passes the same check."""
    complaints = []
    cells = [*code_cells(nb), (0, new_code_cell()), (0, new_code_cell())]
    solutions = {number for number, cell in cells if "solution" in tags(cell)}
    for (number, stub), (_, check), (last, solution) in zip(cells, cells[1:], cells[2:], strict=False):
        if "exercise" not in tags(stub):
            continue
        if not any(isinstance(n, ast.Constant) and n.value is ... for n in ast.walk(ast.parse(stub.source))):
            complaints.append(f"cell {number}: the stub has no ... to fill in")
        asked = called_checks(check)
        if not asked or "solution" in tags(check):
            complaints.append(f"cell {number}: the next code cell does not call checks")
        if last not in solutions:
            complaints.append(f"cell {number}: the code cell after its check has not the tag solution")
            continue
        solutions.remove(last)
        if not solution.source.startswith("# Solution (click to show)\n"):
            complaints.append(f"cell {last} does not begin with # Solution (click to show)")
        if not solution.metadata.get("jupyter", {}).get("source_hidden"):
            complaints.append(f"cell {last} does not hide its source")
        if both := names(stub.source) & names(solution.source):
            complaints.append(f"cell {last} overwrites {', '.join(sorted(both))} of the exercise")
        if "assert" not in solution.source:
            complaints.append(f"cell {last} does not assert that its check is content")
        if any(output.get("data", {}).get("text/plain", "").startswith("✓") for output in solution.outputs):
            complaints.append(f"cell {last} shows a ✓, which reads as a verdict on the reader")
        if missing := asked - called_checks(solution):
            complaints.append(f"cell {last} does not pass checks.{', checks.'.join(sorted(missing))}")
    complaints += [f"cell {number} is a solution without exercise and check" for number in sorted(solutions)]
    return complaints


def structure(nb, path, chapters):
    """It opens and ends as every chapter does."""
    complaints = []
    first_code = next((number for number, _ in code_cells(nb)), len(nb.cells) + 1)
    opening = "\n".join(text for number, text in texts(nb) if number < first_code)
    if not opening.startswith("# "):
        complaints.append("does not start with a title")
    for wanted in ("what you will do", "learn", "need", "minutes"):
        if wanted not in opening.lower():
            complaints.append(f"the opening does not say {wanted}")
    position = chapters.index(path)
    before, after = chapters[:position][-1:], chapters[position + 1 :][:1]
    ending = texts(nb)[-1][1] if texts(nb) else ""
    for where, text, neighbours in [("opening", opening, before + after), ("last text", ending, after)]:
        for other in neighbours:
            if f"({other.name}" not in text:
                complaints.append(f"the {where} does not link to {other.name}")
    found = headings(nb)
    last = [heading.split()[0].rstrip(":") for heading in found[-2:]]
    wanted = ["Recap", "References"]
    if last != wanted and not (path.name.startswith("00") and last[-1:] == wanted[:1]):
        complaints.append(f"the last two headings are {found[-2:]}, not Recap and References")
    whole = "\n".join(text for _, text in texts(nb))
    if (answers := whole.partition("# Recap")[2].count("<details>")) != 3:
        complaints.append(f"the recap has {answers} folded answers, not three")
    return complaints


def links(nb, folder):
    """Each relative link leads to a file that is there, each anchor to a heading."""
    complaints = []
    for number, text in texts(nb):
        for target in re.findall(r"\]\(<?([^)>\s]*)|(?:href|src)=\"(.*?)\"", text):
            address = urllib.parse.urlsplit("".join(target))
            if address.scheme:
                continue
            file = folder / urllib.parse.unquote(address.path)
            if address.path and not file.exists():
                complaints.append(f"cell {number} links to {address.path}, which is not there")
            elif address.fragment:
                other = nb if not address.path else read(file) if file.suffix == ".ipynb" else new_notebook()
                anchors = [re.sub(r"[*`]", "", heading).replace(" ", "-") for heading in headings(other)]
                if urllib.parse.unquote(address.fragment) not in anchors:
                    complaints.append(f"cell {number} links to {''.join(target)}, no heading there")
    return complaints


def docstrings(source, known):
    """Each chapter that the module names is there or planned."""
    named = set(re.findall(rf"({CHAPTER_NAME})\.ipynb", source))
    return [f"names {name}.ipynb, which is no chapter" for name in sorted(named - known)]


def chapter_number(path):
    return path.name.split("_")[0].lstrip("0") or "0"


# --- the chapters ---

each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@each_notebook
@pytest.mark.parametrize(
    "guard", [outputs, figures, displayed_formulas, inline_formulas, tex, exercises], ids=lambda g: g.__name__
)
def test_notebook(guard, path):
    assert guard(read(path)) == []


@pytest.mark.parametrize(
    "path", [path for path in NOTEBOOKS if path != notation.PATH], ids=lambda path: path.stem
)
def test_code(path):
    assert code(read(path)) == []


def test_notation_is_made_of_the_chapters():
    made, kept = ([cell.source for cell in nb.cells] for nb in (notation.notation(), read(notation.PATH)))
    assert made == kept, "run `make notebooks`"


@each_notebook
def test_stored(path):
    assert stored(path.read_bytes().decode()) == []


@each_chapter
def test_equations(path):
    assert equations(read(path), chapter_number(path)) == []


@each_notebook
def test_references(path):
    text = "\n".join(text for chapter in CHAPTERS for _, text in texts(read(chapter)))
    assert references(read(path), set(re.findall(r"\\tag\{(.*?)\}", text))) == []


@each_chapter
def test_structure(path):
    assert structure(read(path), path, CHAPTERS) == []


@each_notebook
def test_links(path):
    assert links(read(path), path.parent) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_chapters_named_in_docstrings(module):
    readme = ROOT / "README.md"
    if not readme.exists():
        pytest.skip("there is no README.md with the table of chapters yet")
    table = "\n".join(line for line in readme.read_text(encoding="utf-8").split("\n") if line.startswith("|"))
    known = {path.stem for path in NOTEBOOKS} | set(re.findall(CHAPTER_NAME, table))
    assert docstrings(module.read_text(encoding="utf-8"), known) == []


def minutes_of(path):
    """How many minutes a chapter says that it takes to read; – for what is for looking things up."""
    said = re.search(r"\b(\d+) minutes", read(path).cells[0].source)
    return said[1] if said else "–"


def test_the_maps_say_what_each_chapter_says():
    said = {path.stem: minutes_of(path) for path in NOTEBOOKS}
    readme = (ROOT / "README.md").read_text("utf-8")
    assert dict(re.findall(r"\(notebooks/(\w+)\.ipynb\) \|.*\| (\d+|–) \|$", readme, re.M)) == said
    start = "\n".join(cell.source for cell in read(CHAPTERS[0]).cells)
    here = {CHAPTERS[0].stem: re.search(r"\(you are here\) \|.*\| (\d+) \| – \|", start)[1]}
    there = re.findall(r"^\| \w+ \| \[.*\]\((\w+)\.ipynb\) \|.*\| (\d+|–) \| [^|]+ \|$", start, re.M)
    assert here | dict(there) == said


# --- each guard complains ---


def text_cell(source):
    return new_markdown_cell(source)


def code_cell(source, *cell_tags, output="", hidden=False):
    cell = new_code_cell(source, outputs=[new_output("stream", text=output)] if output else [])
    if cell_tags:
        cell.metadata["tags"] = list(cell_tags)
    if hidden:
        cell.metadata["jupyter"] = {"source_hidden": True}
    return cell


def good_chapter():
    """Return a chapter without fault; cells are counted from 0 here."""
    return normalise(
        new_notebook(
            cells=[
                text_cell("# Slopes\n\n**What you will do · learn · need** 5 minutes.\n\n[Next](02_b.ipynb)"),
                code_cell("import numpy as np\n\nrng = np.random.default_rng(0)"),
                text_cell(
                    "## The slope\n\n$x^2$, `$`:\n\n$$\ny' = 2x\n\\tag{1.1}\n$$\n\nSee (1.1), $f(0.5)$."
                ),
                code_cell("assert 2 * 3 == 6\nprint(6)", "verifies-1.1", "nbval-check-output", output="6\n"),
                code_cell("def slope(x):\n    ...", "exercise"),
                code_cell("checks.slope(slope)", output="Not attempted yet.\n"),
                code_cell(
                    "# Solution (click to show)\ndef slope_solution(x):\n    return 2 * x\n\n"
                    "assert checks.slope(slope_solution)",
                    "solution",
                    hidden=True,
                ),
                text_cell("| a | b |\n|---|---|\n| $\\lvert x \\rvert$ | [up](#The-slope) |"),
                text_cell("## Recap\n\n" + "<details><summary>Why?</summary>\n\nSo.\n\n</details>\n\n" * 3),
                text_cell("## References\n\nSomebody (1900), section 2.\n\n[Next](02_b.ipynb)"),
            ]
        )
    )


CHECKED_BY = {
    "stored": lambda nb: stored(nbformat.v4.writes(nb) + "\n"),
    "equations": lambda nb: equations(nb, "1"),
    "references": lambda nb: references(nb, {"1.1"}),
    "structure": lambda nb: structure(nb, Path("01_a.ipynb"), [Path("01_a.ipynb"), Path("02_b.ipynb")]),
    # Two neighbours that need not be there to be linked to.
    "links": lambda nb: [complaint for complaint in links(nb, ROOT) if "02_b.ipynb, which" not in complaint],
    **{g.__name__: g for g in (outputs, figures, displayed_formulas, inline_formulas, tex, code, exercises)},
}


@pytest.mark.parametrize("guard", CHECKED_BY)
def test_guard_is_content_with_a_good_chapter(guard):
    assert CHECKED_BY[guard](good_chapter()) == []


def edit(cell, old, new):
    """Return a doctor who replaces `old` by `new` in a cell."""

    def doctor(nb):
        assert old in nb.cells[cell].source
        nb.cells[cell].source = nb.cells[cell].source.replace(old, new)

    return doctor


def output(cell, *args, **kwargs):
    return lambda nb: nb.cells[cell].outputs.append(new_output(*args, **kwargs))


def figure(cell, alt):
    """Return a doctor who lets a cell show a figure with this alternative text."""

    def doctor(nb):
        nb.cells[cell].outputs.append(new_output("display_data", {"image/png": ""}))
        nb.cells[cell].metadata["alt"] = alt

    return doctor


def retag(cell, *new):
    return lambda nb: nb.cells[cell].metadata.update(tags=list(new))


DOCTORED = [
    ("stored", lambda nb: nb.cells[1].update(execution_count=None), "execution counts are [None, 2"),
    ("stored", lambda nb: nb.cells[3].update(execution_count=7), "execution counts are [1, 7"),
    ("stored", lambda nb: nb.update(nbformat_minor=4), "make notebooks"),
    ("stored", lambda nb: nb.cells[1].update(id=nb.cells[0].id), "make notebooks"),
    ("stored", lambda nb: nb.cells[0].update(cell_type="text"), "no notebook"),
    ("stored", lambda nb: nb.metadata.update(widgets={}), "make notebooks"),
    ("stored", output(1, "display_data", {WIDGET_VIEW: {}, "text/plain": "Box()"}), "make notebooks"),
    ("stored", output(1, "display_data", {"text/plain": "<A at 0x7f0123456789>"}), "memory address"),
    ("stored", output(3, "stream", text="more\n"), "make notebooks"),
    ("stored", lambda nb: nb.cells[3].metadata.tags.append("volatile"), "make notebooks"),
    ("stored", lambda nb: nb.cells[3].metadata.update(collapsed=True), "make notebooks"),
    ("outputs", retag(3, "verifies-1.1"), "no cell has the tag"),
    ("outputs", lambda nb: nb.cells[3].update(outputs=[]), "no output"),
    ("outputs", output(3, "display_data", {"image/png": ""}), "shows a figure"),
    ("outputs", output(1, "stream", name="stderr", text="oh"), "stores an error: oh"),
    ("outputs", output(1, "error", ename="ValueError", evalue="", traceback=[]), "an error: ValueError"),
    ("outputs", retag(1, "hide-input"), "unknown tag hide-input"),
    ("outputs", retag(1, "verifies-1"), "unknown tag verifies-1"),
    ("figures", output(1, "display_data", {"image/png": ""}), "has 0 letters"),
    ("figures", lambda nb: nb.cells[1].metadata.update(alt="A line."), "no figure"),
    (
        "figures",
        figure(1, "A line that falls from 7 and stays where it is for the rest of the way."),
        "7 of its",
    ),
    ("figures", figure(1, ("def slope_solution(x):" + " " * 60)[:22] + "." * 50), "stands elsewhere"),
    ("equations", edit(2, "tag{1.1}", "tag{2.1}"), "is not of the form 1.n"),
    ("equations", edit(2, "tag{1.1}", "tag*{1.1}"), r"verifies-1.1 has no \tag{1.1}"),
    ("equations", edit(2, "\\tag{1.1}\n", ""), r"verifies-1.1 has no \tag{1.1}"),
    ("equations", edit(2, "\\tag{1.1}", "\\tag{1.1}\n\\tag{1.1}"), "more than once"),
    ("equations", edit(2, "\\tag{1.1}", "\\tag{1.2}"), "numbered 1.2; expected 1.1"),
    ("equations", retag(3), "no cell verifies (1.1)"),
    ("equations", edit(3, "assert", "# assert"), "without an assert"),
    ("references", edit(2, "See (1.1)", "See (1.2)"), "refers to (1.2)"),
    ("references", edit(2, "$f(0.5)$", "rate (0.5)"), "refers to (0.5)"),
    ("displayed_formulas", edit(2, "$$\ny'", "$$ y'"), "its own line"),
    ("displayed_formulas", edit(2, "\n\n$$\n", "\n$$\n"), "a blank one around"),
    ("displayed_formulas", edit(2, "$$\n\nSee", "$$\nSee"), "a blank one around"),
    ("displayed_formulas", edit(2, "\n$$\n\nSee", "\n\nSee"), "not closed"),
    ("displayed_formulas", edit(2, "2x\n", "2x\n\n"), "blank or reads as markdown: ''"),
    ("displayed_formulas", edit(2, "= 2x", "=\n+ 2x"), "reads as markdown: '+ 2x'"),
    ("displayed_formulas", edit(2, "= 2x", "=\n - 2x"), "reads as markdown: ' - 2x'"),
    ("inline_formulas", edit(2, "$x^2$", "$x^2"), "odd number"),
    ("inline_formulas", edit(2, "$x^2$", "$5 and $10"), "has a space inside or a letter beside"),
    ("inline_formulas", edit(2, "$x^2$", "$x$s"), "has a space inside or a letter beside"),
    ("inline_formulas", edit(2, "$x^2$", "2$x$"), "has a space inside or a letter beside"),
    ("inline_formulas", edit(2, "$x^2$", r"\frac"), r"\frac stands outside"),
    ("inline_formulas", edit(7, r"\lvert x \rvert", "|x|"), "splits the table"),
    ("tex", edit(2, "2x", r"\boldsymbol{2}\bm{x}"), r"\bm"),
    ("tex", edit(2, "2x", r"\newcommand{\two}{2}"), r"\newcommand"),
    ("tex", edit(2, r"\tag{1.1}", r"\label{a}"), r"\label"),
    ("tex", edit(2, "(1.1)", r"$\eqref{a}$"), r"\eqref"),
    ("tex", edit(2, "2x", r"\text{n_in}"), r"write \_"),
    ("code", edit(3, "print(6)", "\n".join(["print(6)"] * 20)), "has 21 lines"),
    ("code", lambda nb: nb.cells.extend([code_cell("1\n" * 7)] * 9), "median code cell has 7"),
    ("code", edit(1, "import numpy as np\n\n", ""), "does not import"),
    ("code", edit(1, "default_rng(0)", "default_rng()"), "does not import"),
    ("exercises", edit(4, "...", "return 0"), "no ... to fill in"),
    ("exercises", edit(5, "checks.slope(slope)", "slope(1)"), "does not call checks"),
    ("exercises", lambda nb: nb.cells.pop(5), "does not call checks"),
    ("exercises", lambda nb: nb.cells.pop(6), "has not the tag solution"),
    ("exercises", lambda nb: nb.cells.pop(4), "a solution without exercise"),
    ("exercises", edit(6, "(click to show)", ""), "does not begin with"),
    ("exercises", lambda nb: nb.cells[6].metadata.pop("jupyter"), "does not hide"),
    ("exercises", edit(6, "slope_solution", "slope"), "overwrites slope"),
    ("exercises", output(6, "display_data", {"text/plain": "✓ Right."}), "a verdict on the reader"),
    ("exercises", edit(6, "checks.slope", "print"), "does not pass checks.slope"),
    ("exercises", edit(6, "assert ", ""), "does not assert that its check is content"),
    ("structure", edit(0, "# Slopes", "Slopes"), "title"),
    ("structure", edit(0, "do ·", ""), "what you will do"),
    ("structure", edit(0, "learn", ""), "learn"),
    ("structure", edit(0, "need", ""), "need"),
    ("structure", edit(0, "5 minutes", "5 hours"), "minutes"),
    ("structure", edit(0, "02_b", "03_c"), "the opening does not link to 02_b.ipynb"),
    ("structure", edit(9, "02_b", "03_c"), "the last text does not link to 02_b.ipynb"),
    ("structure", edit(9, "## References", "## Sources"), "not Recap and References"),
    ("structure", lambda nb: nb.cells.insert(9, text_cell("## More")), "not Recap and References"),
    ("structure", edit(8, "<details>", "<b>"), "0 folded answers"),
    ("links", edit(7, "#The-slope", "#the-slope"), "no heading there"),
    ("links", edit(7, "#The-slope", "README.txt"), "README.txt, which is not there"),
    ("links", edit(7, "#The-slope", "tests#The-slope"), "no heading there"),
    ("links", edit(8, "So.", '<img src="a.png">'), "a.png, which is not there"),
]


@pytest.mark.filterwarnings("ignore::nbformat.warnings.DuplicateCellId")
@pytest.mark.parametrize(
    ("guard", "doctor", "complaint"),
    DOCTORED,
    ids=[f"{guard}-{number}" for number, (guard, _, _) in enumerate(DOCTORED)],
)
def test_guard_complains(guard, doctor, complaint):
    nb = copy.deepcopy(good_chapter())
    doctor(nb)
    complaints = CHECKED_BY[guard](nb)
    assert complaints
    assert complaint in "\n".join(complaints)


def test_structure_of_neighbours():
    chapters = [Path("00_start_here.ipynb"), Path("01_a.ipynb"), Path("02_b.ipynb")]
    complaints = structure(good_chapter(), chapters[1], chapters)
    assert complaints == ["the opening does not link to 00_start_here.ipynb"]


def test_the_start_page_needs_no_references():
    nb = good_chapter()
    nb.cells[8].source += "[Next](02_b.ipynb)"
    del nb.cells[9]
    start, other, after = Path("00_start_here.ipynb"), Path("01_a.ipynb"), Path("02_b.ipynb")
    assert structure(nb, start, [start, after]) == []
    assert "not Recap and References" in structure(nb, other, [other, after])[0]


def test_docstrings_complain():
    assert docstrings("See notebooks/02_dense_layer.ipynb.", {"02_dense_layer"}) == []
    assert docstrings("See notebooks/02_dense.ipynb.", {"02_dense_layer"}) == [
        "names 02_dense.ipynb, which is no chapter"
    ]
