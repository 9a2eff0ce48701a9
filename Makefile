# The first Python that is new enough, else any: tools/environment.py then says what is missing.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python \
	"$$(uv python find --system '>=3.11' 2>/dev/null)"; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; exit; }; done; \
	command -v python3 || command -v python)
PORT ?= 8888
PY := .venv/bin/python

# A backend set in the shell would leave the notebooks without figures.
unexport MPLBACKEND

# Without a display there is no browser to open, and root may run JupyterLab only when it says so.
LAB_OPTIONS = --ip=127.0.0.1 --port=$(PORT) --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb \
	--ServerApp.contents_manager_class=nnlib.command.serving.Chapters \
	--LabApp.news_url=None --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate \
	$(if $(or $(DISPLAY),$(WAYLAND_DISPLAY),$(BROWSER),$(filter Darwin,$(shell uname))),,--no-browser) \
	$(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: help lab test package optional kit lite lowest thorough mutants notebooks site bench experiments lint pins \
	environment test-environment package-environment site-environment mutants-environment \
	optional-environment kit-environment lite-environment

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

lab: environment ## open the notebooks in JupyterLab (PORT=8899, JUPYTER_OPTIONS="...")
	$(PY) -m jupyterlab $(LAB_OPTIONS) $(JUPYTER_OPTIONS)

test: export OPENBLAS_NUM_THREADS = 1
test: test-environment ## run the unit tests, every notebook, and the browser tests
	$(PY) -m pytest tests --ignore=tests/browser --cov -n 2 --dist loadscope
	PYTHONWARNINGS=error::RuntimeWarning $(PY) -m pytest --nbval-lax --nbval-cell-timeout=120 notebooks -n 2 --dist loadscope
	$(PY) -m pytest tests/browser -n 2

package: package-environment ## build what is published, and try it in empty environments (needs the index)
	$(PY) -m pytest tests/test_package.py -m package

# Each runs without them in `make test`.
OPTIONAL = notebooks/14_frameworks.ipynb notebooks/15_scaling_out.ipynb

optional: export OPENBLAS_NUM_THREADS = 1
optional: optional-environment ## run chapters 14 and 15 with all that they can do without (3 GB, in .optional)
	.optional/bin/python -m pytest tests/optional
	PYTHONWARNINGS=error::RuntimeWarning .optional/bin/python -m pytest --nbval-lax --nbval-cell-timeout=120 $(OPTIONAL)

kit: export OPENBLAS_NUM_THREADS = 1
kit: kit-environment ## hand out, collect and grade a chapter with nbgrader and Otter (in .kit)
	.kit/bin/python -m pytest tests/kit

lite: lite-environment ## build JupyterLite with the chapters, an experiment, and try it (in .lite)
	.lite/bin/python -m tools.lite
	.lite/bin/python -m pytest tests/lite

lowest: export OPENBLAS_NUM_THREADS = 1
lowest: ## run the unit tests on the lowest versions that pyproject.toml allows (needs uv)
	uv venv --quiet --clear --python 3.12 .lowest
	uv pip install --quiet --python .lowest/bin/python --resolution lowest-direct --editable ".[lab,test]"
	.lowest/bin/python -m pytest tests --ignore=tests/browser -n 2 --dist loadscope

# A long test has the time that it takes; what hangs is ended all the same.
THOROUGH = -m slow -o faulthandler_timeout=1800

thorough: export OPENBLAS_NUM_THREADS = 1
thorough: test-environment ## run the long variants of the unit tests, which `make test` leaves out
	$(PY) -m pytest $(THOROUGH) tests --ignore=tests/browser --ignore=tests/test_repetition.py -n 2 --dist worksteal
	$(PY) -m pytest $(THOROUGH) tests/test_repetition.py

mutants: mutants-environment ## change nnlib in small ways, and see that the tests notice (ONLY=panels, SAMPLE=200)
	$(PY) -m tools.mutants $(if $(ONLY),--only $(ONLY)) $(if $(SAMPLE),--sample $(SAMPLE))

notebooks: export OPENBLAS_NUM_THREADS = 1
notebooks: test-environment optional-environment ## run every notebook and store its outputs
	$(PY) tools/notebooks.py $(filter-out $(OPTIONAL),$(wildcard notebooks/*.ipynb))
	.optional/bin/python tools/notebooks.py $(OPTIONAL)
	$(PY) -m tools.notation

site: site-environment ## build the book for any browser, and look at every page of it (QUICK=1: with axe-core at a few)
	$(PY) -m tools.book
	$(PY) -m tools.book.check
	$(PY) -m pytest tests/site -n 2 --dist worksteal -m "not package$(if $(QUICK), and not slow)"

bench: environment ## measure nnlib beside its peers (QUICK=1 for a minute of it, nothing stored)
	$(PY) -m benchmarks $(if $(QUICK),--quick)

experiments: environment ## run the long experiments and record them (NAME=... for one of them)
	$(PY) -m experiments $(NAME)

lint: test-environment ## check the style of code and notebooks, and the types of the core
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy

pins: ## renew constraints.txt, the exact versions (needs uv)
	uv pip compile --quiet pyproject.toml --all-extras --universal --upgrade --no-build --no-annotate --no-header \
		--output-file constraints.txt

environment test-environment package-environment site-environment mutants-environment optional-environment \
	kit-environment lite-environment:
	@python="$(PYTHON)"; test -n "$$python" || { echo "nnlib needs Python 3.11 or newer, and there is none here." \
		"Install it from python.org or with your system's packages, then run the same command again."; exit 1; }; \
	"$$python" tools/environment.py $(if $(filter-out environment,$@),test) \
		$(filter kit lite mutants optional package site,$(@:-environment=))
