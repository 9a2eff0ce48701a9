"""Nothing runs that a learner did not ask for: neither from a file, nor from a page, nor from the network."""

import ast
import html
import linecache
import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import ipywidgets
import nbconvert.filters
import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from nnlib.teach import checks, widgets
from nnlib.teach.bugs import CHOICES, PATIENTS
from nnlib.teach.checks.engine import verdict
from nnlib.teach.checks.engine.verdict import CARD, MARK, Repair
from tests.checkout import ROOT, files

CODE = ("nnlib", "tools", "benchmarks", "experiments", "docs")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FILES = [path for folder in CODE for path in files(ROOT / folder)]
SCRIPTS = sorted(path for path in FILES if path.suffix == ".py")
PAGES = sorted(path for path in FILES if path.suffix in (".js", ".mjs", ".css", ".html", ".svg"))
KINDS = ("", ".py", ".js", ".css", ".md", ".toml", ".yml", ".yaml", ".txt", ".json", ".ipynb")
TEXTS = [path for path in files() if path.suffix in KINDS and path != Path(__file__)]


def test_what_is_scanned_has_no_environment_in_it_whatever_its_name(tmp_path):
    for name in ("env/pyvenv.cfg", "env/lib/a.py", "deep/er/pyvenv.cfg", "deep/er/b.py", ".venv/c.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "deep" / "ours.py").touch()
    (tmp_path / "__pycache__").mkdir()
    assert [path.name for path in files(tmp_path)] == ["ours.py"]


# Code

UNPICKLERS = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
RUNNERS = {"eval", "exec", "compile", "__import__", "execfile"}
SHELLS = {"system", "popen", "getoutput", "getstatusoutput"}


def complaints_about_code(source):
    """Yield what a Python source must not hold: whatever could run what came as data."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (f"imports {a.name}" for a in names if a.name.partition(".")[0] in UNPICKLERS)
            case ast.ImportFrom(module=module, names=names):
                found = [(module or "").partition(".")[0], *(a.name for a in names)]
                yield from (f"imports {name}" for name in found if name in UNPICKLERS | RUNNERS | SHELLS)
            case ast.Name(id=name) if name in RUNNERS:
                yield f"uses {name}"
            case ast.Attribute(value=ast.Name(id="builtins"), attr=name) if name in RUNNERS:
                yield f"uses {name}"
            case ast.Attribute(value=ast.Name(id="os" | "subprocess"), attr=name) if name in SHELLS:
                yield f"uses {name}"
            case ast.Attribute(attr="run_cell" | "run_line_magic" | "run_cell_magic"):
                yield f"uses {node.attr}"
            case ast.keyword(arg="allow_pickle" | "shell" as name, value=value):
                if not (isinstance(value, ast.Constant) and value.value is False):
                    yield f"{name} is not False"
            case ast.Name(id="Javascript" | "IFrame" | "HTML" as name):
                yield f"uses {name}"


# The one file that compiles: the tree of a function, edited by a catalogue or by the search for a repair.
PROGRAM = ROOT / "nnlib/teach/checks/engine/program.py"
# The one file that runs what came as data, the cells of a student's notebook, in a process of its own that is
# bounded in time, memory and files: `nnlib marks` is there for it, and no other command starts it.
ANSWERS = ROOT / "nnlib/command/answers.py"


def test_no_script_runs_what_came_as_data():
    said = {path: list(complaints_about_code(path.read_text("utf-8"))) for path in SCRIPTS}
    assert said.pop(PROGRAM) == ["uses exec", "uses compile"]
    assert sorted(said.pop(ANSWERS)) == ["uses compile", "uses exec"]
    assert {path: found for path, found in said.items() if found} == {} and len(SCRIPTS) > 60


def uses_of(names, path):
    """Return the functions of a script in which one of these names stands."""
    tree = ast.parse(path.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {
        function.name
        for function in functions
        for node in ast.walk(function)
        if (isinstance(node, ast.Name) and node.id in names)
        or (isinstance(node, ast.Attribute) and node.attr in names)
    }


def test_what_a_student_wrote_runs_in_a_process_of_its_own():
    assert uses_of({"compile", "exec"}, ANSWERS) == {"_run_statements"}
    names = {path.name for path in SCRIPTS if "command.answers" in path.read_text("utf-8")}
    assert names == {"answers.py", "marks.py"}  # its own words, and who starts it
    assert "import answers" not in (ANSWERS.parent / "marks.py").read_text("utf-8")


def test_what_is_compiled_is_a_tree_made_from_a_function():
    assert uses_of({"compile", "exec"}, PROGRAM) == {"function_of"}
    (line,) = [row.strip() for row in PROGRAM.read_text("utf-8").splitlines() if "exec(" in row]
    assert line.startswith("exec(compile(module, ") and "ast.Module([tree]" in PROGRAM.read_text("utf-8")
    entries = {"tree_of", "edited", "function_of"}
    found = {path.name: uses for path in SCRIPTS if path != PROGRAM and (uses := uses_of(entries, path))}
    assert found == {
        "exercise.py": {"_tree", "program"},  # the right program, and an entry of its catalogue
        "repair.py": {"repair", "__init__", "_of_the_right", "_code", "_holds"},  # the reader's own, edited
    }
    # The search makes nodes: it has no text that could become a program.
    for name in ("edits.py", "repair.py", "sandbox.py"):
        assert "ast.parse" not in (PROGRAM.parent / name).read_text("utf-8")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_notebook_runs_what_came_as_data(path):
    """A magic or a `!command` is no Python, and fails to parse."""
    cells = nbformat.read(path, as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    assert [said for source in sources for said in complaints_about_code(source)] == []


@pytest.mark.parametrize(
    "source, complaint",
    [
        ("import pickle", "imports pickle"),
        ("import numpy, pickle as p", "imports pickle"),
        ("from pickle import loads", "imports pickle"),
        ("from joblib import load", "imports joblib"),
        ("from os import system", "imports system"),
        ("np.load(path, allow_pickle=True)", "allow_pickle is not False"),
        ("np.load(path, allow_pickle=1)", "allow_pickle is not False"),
        ("np.load(path, allow_pickle=trusted)", "allow_pickle is not False"),
        ("eval('1 + 1')", "uses eval"),
        ("exec(source)", "uses exec"),
        ("run = eval", "uses eval"),
        ("import builtins\nbuiltins.exec('x = 1')", "uses exec"),
        ("subprocess.run('ls', shell=True)", "shell is not False"),
        ("os.system('ls')", "uses system"),
        ("display(HTML('<b>'))", "uses HTML"),
    ],
)
def test_each_rule_about_code_can_fail(source, complaint):
    assert complaint in list(complaints_about_code(source))


def test_what_only_looks_like_it_is_allowed():
    source = "model.eval()\nnp.load(path, allow_pickle=False)  # no pickle\nx = 'eval(1)'\nipywidgets.HTML()"
    assert list(complaints_about_code(source)) == []


def test_magics_do_not_parse():
    for source in ("!pip install numpy", "%run script.py", "%%bash\nls"):
        with pytest.raises(SyntaxError):
            list(complaints_about_code(source))


# Addresses, and the server

PLAIN_HTTP = re.compile(r"http://(?!127\.0\.0\.1[:/]|www\.w3\.org/)[^\s\"'`]*")
SERVER = [
    r"\b0\.0\.0\.0\b",
    r"--(?:\w+\.)?(?:ip|host)[= ]+['\"]?(?!127\.0\.0\.1)[\w*:.'\"-]*",
    r"\b(?:ServerApp|NotebookApp|LabApp)\.ip\s*=\s*['\"]?(?!127\.0\.0\.1)",
    r"(?i)\b(?:token|\w*password)(?:_required)?['\"]?\s*[=:]\s*(?:''|\"\"|None\b|False\b)",
    r"(?i)\b(?:token|password)=(?=[\s,;)\\]|$)",
    r"(?i)JUPYTER_TOKEN['\"]?\s*[=:]\s*(?!\s*self\.token\b)\S*",
    r"disable_check_xsrf|allow_unauthenticated_access|allow_remote_access|allow_origin|allow_root=",
    r"AllowAllAuthorizer|trust_xheaders|jupyter[ -]trust",
]


def complaints_about_text(text):
    """Yield the addresses that are not safe, and what would open the server to others."""
    yield from PLAIN_HTTP.findall(text)
    for pattern in SERVER:
        yield from (found[0] for found in re.finditer(pattern, text, re.MULTILINE))


def test_no_text_opens_the_server_or_names_an_unsafe_address():
    said = {
        str(path.relative_to(ROOT)): list(complaints_about_text(path.read_text("utf-8"))) for path in TEXTS
    }
    # There the address of a socket is rewritten, to be looked at.
    assert said.pop(str(Path("tests", "browser", "conftest.py"))) == ["http://"]
    assert {name: found for name, found in said.items() if found} == {} and len(said) > 150
    needed = {"Makefile", "README.md", ".ci/run", ".github/workflows/ci.yml", "notebooks/08_xor.ipynb"}
    assert needed <= set(said)


def test_the_server_listens_to_this_machine_only():
    assert "LAB_OPTIONS = --ip=127.0.0.1 " in (ROOT / "Makefile").read_text("utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "see http://example.com/page",
        '"http://localhost:8888"',
        "http://127.0.0.1.example.com/",
        "jupyter lab --ip=0.0.0.0",
        "jupyter lab --ip=*",
        "jupyter lab --ip ''",
        "jupyter lab --ServerApp.ip=10.0.0.1",
        "c.ServerApp.ip = '*'",
        "jupyter lab --ServerApp.token=",
        "jupyter lab --ServerApp.token='' --no-browser",
        '--NotebookApp.token=""',
        "--IdentityProvider.token= \\",
        "c.IdentityProvider.token = ''",
        "--ServerApp.password=''",
        "c.PasswordIdentityProvider.password_required = False",
        "JUPYTER_TOKEN= make lab",
        "JUPYTER_TOKEN=secret make lab",
        "--ServerApp.disable_check_xsrf=True",
        "--ServerApp.allow_origin='*'",
        "--ServerApp.allow_remote_access=True",
        "jupyter trust notebooks/08_xor.ipynb",
    ],
)
def test_each_rule_about_text_can_fail(text):
    assert list(complaints_about_text(text))


def test_what_is_safe_is_allowed():
    text = "--ip=127.0.0.1 --port=0, http://127.0.0.1:9/, https://example.com, a token; ?token={server.token}"
    assert (
        list(complaints_about_text(f'{text}\nxmlns="http://www.w3.org/2000/svg"\nself.token = secret()'))
        == []
    )


# Pages: JavaScript, Markdown, stored outputs

SCRIPT = re.compile(
    r"https?://|//cdn|\bimport\s*\(|\bimport\s[^;]*['\"]|\bfetch\s*\(|XMLHttpRequest|WebSocket|EventSource"
    r"|importScripts|\beval\s*\(|\bFunction\s*\(|(?:inner|outer)HTML|insertAdjacentHTML|document\.write"
    r"|createElement\(\s*['\"](?:script|iframe|link|img|object|embed)|\bsrcdoc\b|\.src\s*=|\.href\s*="
)
# What lies beside a script of the built page is this project's: its modules and styles, and the data of a
# panel. The namespace of SVG is a name, and nothing is fetched from there.
LOADING = (
    '@import url("digit_pad.css");',
    "import(`./${script}.js`)",
    "fetch(beside(source))",
    'document.createElementNS("http://www.w3.org/2000/svg", tag)',
)
ALLOWED_IN_MARKDOWN = {"details", "summary"}
ALLOWED_OUTPUTS = {"text/plain", "text/markdown", "image/png"}


class Tags(HTMLParser):
    """The tags and attributes of a piece of HTML."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [f"{name}={value}" for name, value in attributes]


def complaints_about_script(source):
    """Yield what a script could fetch, or write into the page as HTML."""
    source = re.sub(r"^\s*//.*$|^import [^;'\"]*? from \"\./\w+\.js\";$", "", source, flags=re.MULTILINE)
    for line in LOADING:
        source = source.replace(line, "")
    yield from SCRIPT.findall(source)


def complaints_about_markdown(source):
    """Yield the tags beside `details`, the attributes, and the pictures from elsewhere, code left out."""
    prose = re.sub(
        r"```.*?```|(`+)(?!`).+?(?<!`)\1(?!`)|\$\$.*?\$\$|\$[^$\n]*\$", "", source, flags=re.DOTALL
    )
    for frame in (*CARD.values(), MARK):  # of a verdict, word for word
        prose = prose.replace(frame, "")
    found = Tags(prose)
    yield from (tag for tag in found.tags if tag not in ALLOWED_IN_MARKDOWN)
    yield from found.attributes
    yield from re.findall(
        r"!\[[^\]]*\]\(\s*<?(?:https?:)?//[^)]*\)|\]\(\s*<?(?:javascript|data|vbscript):", prose
    )


def complaints_about_stored(nb):
    """Yield the state of widgets, and outputs that are more than text, Markdown and pictures."""
    if "widgets" in nb.metadata:
        yield "state of widgets"
    for cell in nb.cells:
        yield from (f"attachment {name}" for name in cell.get("attachments", {}))
        for output in cell.get("outputs", []):
            yield from sorted(set(output.get("data", {})) - ALLOWED_OUTPUTS)
            yield from complaints_about_markdown(output.get("data", {}).get("text/markdown", ""))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_script_fetches_anything(path):
    assert list(complaints_about_script(path.read_text("utf-8"))) == []


def test_every_script_of_a_widget_is_one_of_these():
    """What anywidget is given is read from the file beside it."""
    found = []
    for path in SCRIPTS:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Name) and node.id in ("_esm", "_css"):
                found.append(path.with_suffix(".js" if node.id == "_esm" else ".css"))
                line = f'{node.id} = Path(__file__).with_suffix("{found[-1].suffix}").read_text("utf-8")'
                assert line in path.read_text("utf-8")
    assert found and set(found) <= set(PAGES)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_notebook_brings_more_than_text_and_pictures(path):
    nb = nbformat.read(path, as_version=4)
    said = [list(complaints_about_markdown(cell.source)) for cell in nb.cells if cell.cell_type == "markdown"]
    assert [*sum(said, []), *complaints_about_stored(nb)] == []


@pytest.mark.parametrize(
    "source",
    [
        "import * as d3 from 'https://esm.sh/d3';",
        'import d3 from "d3";',
        "const d3 = await import(name);",
        'import d3 from "../d3.js";',
        'import d3 from "https://esm.sh/d3"\nimport more from "./more.js";',
        'import d3 from "./d3.js"; import more from "https://esm.sh/d3";',
        "fetch(name)",
        "el.innerHTML = model.get('value');",
        "el.insertAdjacentHTML('beforeend', text);",
        "new Function(text)()",
        "const s = document.createElement('script');",
        "image.src = model.get('value');",
    ],
)
def test_each_rule_about_scripts_can_fail(source):
    assert list(complaints_about_script(source))


@pytest.mark.parametrize(
    "source",
    [
        "<script src='x.js'></script>",
        "text <img src=x onerror=alert(1)>",
        "<details open onclick='x()'>",
        "<a href='https://example.com'>x</a>",
        "<iframe></iframe>",
        "<svg/onload=alert(1)>",
        "<style>@import 'x'</style>",
        "![picture](https://example.com/x.png)",
        "![picture](//example.com/x.png)",
        "[x](javascript:alert(1))",
    ],
)
def test_each_rule_about_markdown_can_fail(source):
    assert list(complaints_about_markdown(source))


def test_markdown_that_only_looks_like_it_is_allowed():
    source = "`<script>` ```\n<img src=x>\n``` $a<b$ 1 < 2 [x](02_dense_layer.ipynb) [y](https://example.com)"
    assert list(complaints_about_markdown(source + " <details><summary>x</summary></details>")) == []


@pytest.mark.parametrize(
    "mime",
    ["text/html", "application/javascript", "application/vnd.jupyter.widget-view+json", "image/svg+xml"],
)
def test_each_rule_about_stored_outputs_can_fail(mime):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x")])
    assert list(complaints_about_stored(nb)) == []
    nb.cells[0].outputs = [nbformat.v4.new_output("display_data", {mime: "x"})]
    assert list(complaints_about_stored(nb)) == [mime]
    nb.cells[0].outputs = []
    nb.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}
    assert list(complaints_about_stored(nb)) == ["state of widgets"]


# Versions: each older one has a published way to run code from what a notebook stores

SAFE = {"jupyterlab": "4.5.7", "jupyter-server": "2.20.0", "nbconvert": "7.17.1"}


def bounds(lines):
    """Return the least version that each of these lines, as pip or conda write them, admits of a package."""
    found = {}
    for line in lines:
        requirement = Requirement(re.sub(r"^([\w-]+)=(?=[\d])", r"\1==", line))
        least = [one.version for one in requirement.specifier if one.operator in (">=", "==", "~=")]
        name = requirement.name.lower().replace("_", "-")
        found.setdefault(name, []).append(max(map(Version, least), default=Version("0")))
    return {name: min(versions) for name, versions in found.items()}


def stated_bounds(name):
    text = (ROOT / name).read_text("utf-8")
    if name == "pyproject.toml":
        project = tomllib.loads(text)["project"]
        return bounds([*project["dependencies"], *sum(project["optional-dependencies"].values(), [])])
    if name == "environment.yml":
        return bounds(line for line in yaml.safe_load(text)["dependencies"] if isinstance(line, str))
    return bounds(text.splitlines())


def unsafe(found):
    return [name for name, least in SAFE.items() if found.get(name, Version("0")) < Version(least)]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt", "environment.yml"])
def test_no_version_that_runs_what_a_notebook_stores(name):
    found = stated_bounds(name)
    assert unsafe(found) == []
    # JupyterLab serves the chapters; in the pins it stands for nbgrader, in an environment of its own.
    assert "notebook" not in found or name == "constraints.txt"


@pytest.mark.parametrize(
    "lines",
    [
        ["jupyterlab>=4.5.6", "jupyter_server>=2.20.0", "nbconvert>=7.17.1"],
        ["jupyterlab>=4.5.7", "nbconvert>=7.17.1"],
        ["jupyterlab==4.6.0", "jupyter-server==2.19.1", "nbconvert==7.17.2"],
        ["jupyterlab>=4.5.7", "jupyter_server", "nbconvert>=7.17.1"],
        [
            "jupyterlab==4.6.0",
            "jupyterlab==4.4.0 ; python_version < '3.12'",
            "jupyter-server==3",
            "nbconvert==8",
        ],
    ],
)
def test_each_rule_about_versions_can_fail(lines):
    assert unsafe(bounds(lines))


# What a learner typed, in what he is shown

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "`<script>alert(1)</script>",
    "``<script>alert(1)</script>`",
    "\\`<img src=x onerror=alert(1)>`",
    "`\n\n<script>alert(1)</script>\n\n`",
    "`\n- <img src=x onerror=alert(1)>`",
    "\n\n<div onclick=alert(1)>\n",
    "```\n<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![x](https://example.com/x.png)",
    "[x]\n\n[x]: javascript:alert(1)",
    "$``$<script>alert(1)</script>``",  # nbconvert looks for mathematics first
    "&lt;script&gt;",
    "<https://example.com>",
]
STYLE = re.compile('style="(.*?)"')
HARMLESS = {
    "p",
    "code",
    "strong",
    "em",
    "ul",
    "ol",
    "li",
    "pre",
    "br",
    "hr",
    "blockquote",
    "h1",
    "h2",
    "div",
    "span",
    "mark",
    "details",
    "summary",
}
STYLES = {f"style={STYLE.search(tag)[1]}" for tag in (*CARD.values(), MARK)}


class Odd:
    """An answer whose repr is the payload."""

    def __init__(self, payload):
        self.payload = payload

    def __repr__(self):
        return self.payload


def verdicts(payload):
    """Yield what checks say to answers that carry `payload` in a repr, an error, a line, a key and a name."""

    def crash(y, C):
        raise ValueError(payload)

    yield checks.one_hot(Odd(payload))
    yield checks.one_hot(crash)
    yield checks.one_hot(lambda y, C: type(payload, (), {})())
    yield checks.one_hot(lambda y, C: {}[payload])
    for check in (checks.shapes, checks.by_hand, checks.bug_names):
        yield check({payload: payload})
        yield check(Odd(payload))
    line = f"def answer(y, C): raise ValueError({payload!r})"
    yield checks.one_hot(defined(line))


def defined(line):
    """Return the function that a cell of a notebook with this line would define; tracebacks find the line."""
    names, file = {}, f"<cell {len(linecache.cache)}>"
    linecache.cache[file] = (len(line), None, [line + "\n"], file)
    exec(compile(line, file, "exec"), names)
    return names["answer"]


def rendered(one):
    return Tags(nbconvert.filters.markdown2html(one._repr_markdown_()))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_a_learner_typed_comes_alive(payload):
    quoted = 0
    for said in verdicts(payload):
        assert not said
        quoted += payload[:9] in said.text
        found = rendered(said)
        assert set(found.tags) <= HARMLESS, said.text
        assert all(one in STYLES or one.startswith("class=") for one in found.attributes), said.text
    assert quoted >= 2


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_in_a_line_or_a_change_comes_alive(payload):
    repair = Repair(f"return {payload}", 7, 7 + len(payload), ((payload, payload), ("", payload)))
    found = rendered(checks.Verdict(False, "It is half.", repair))
    assert set(found.tags) <= HARMLESS and {"mark", "details", "summary"} <= set(found.tags)
    assert all(one in STYLES or one.startswith("class=") for one in found.attributes)


def test_the_tests_above_can_fail(monkeypatch):
    repair = Repair("return <img src=x>", 7, 18, (("<b>", "<i>"),))
    with monkeypatch.context() as patch:
        patch.setattr(verdict, "_plain", lambda text: text)
        assert {"img", "b", "i"} <= set(rendered(checks.Verdict(False, "", repair)).tags)
    monkeypatch.setattr(checks.Verdict, "_repr_markdown_", lambda self: self.text)
    alive = [any(set(rendered(v).tags) - HARMLESS for v in verdicts(payload)) for payload in PAYLOADS]
    assert sum(alive) >= len(PAYLOADS) - 2, alive


def test_what_is_quoted_is_still_read_as_it_was_typed():
    text = "`a < b` and 1 < 2 & 3, E[A²], W[0](1): **some** \\n"
    shown = nbconvert.filters.markdown2html(checks.Verdict(True, text)._repr_markdown_())
    assert "<code>a &lt; b</code> and 1 &lt; 2 &amp; 3, E[A²], W[0](1): <strong>some</strong> \\n" in shown


def test_no_panel_takes_a_text():
    """Sliders, boxes and choices only: what is typed into a field would need `html.escape` on its way out."""
    words = re.compile("Text|Combobox|Tags|Upload|Password")
    typed = {name for name in vars(ipywidgets) if words.search(name)}
    assert {"Text", "Textarea", "Combobox", "FileUpload", "TagsInput", "FloatText"} <= typed
    for path in (path for path in SCRIPTS if path.is_relative_to(ROOT / "nnlib" / "teach")):
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        assert not typed & {node.attr for node in nodes if isinstance(node, ast.Attribute)}, path


def test_a_line_of_code_is_escaped_in_the_bug_lab():
    lab, shown = widgets.bug_lab(), 0
    for number, key in PATIENTS.items():
        line = CHOICES[key].wrong_line
        if html.escape(line) != line:
            lab.patient.value, lab.choice.value = number, key
            lab.answer.click()
            assert f"<code>{html.escape(line)}</code>" in lab.text.value
            shown += 1
    assert shown
