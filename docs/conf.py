"""How Sphinx makes the book; `make site` runs it over a copy of docs/ and notebooks/.

Addresses are settings, from the environment. Without one, what would need it is absent from the pages:

    NNLIB_REPOSITORY   of the project: where to report, a link to a copy of one's own, buttons for Binder, and
                       for Colab where it is on GitHub
    NNLIB_BRANCH       of the repository, `main` unless it is set
"""

import json
import os
from importlib.metadata import version as version_of
from pathlib import Path

import nnlib
from tools.book import addresses

project = "nnlib"
author = "the nnlib authors"
copyright = "2026 the nnlib authors; text and figures CC BY 4.0"
version = release = nnlib.__version__
language = "en"

extensions = ["myst_nb", "tools.book.extension"]
# Code with … in it is no Python, and is coloured as far as it goes.
suppress_warnings = ["misc.highlighting_failure"]

# Stored notebooks are shown as they are.
nb_execution_mode = "off"
nb_render_markdown_format = "myst"

repository = os.environ.get("NNLIB_REPOSITORY", "")
branch = os.environ.get("NNLIB_BRANCH", "main")

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "substitution"]
myst_heading_anchors = 4
myst_heading_slug_func = "tools.book.extension.slug"
packages = json.loads(Path(__file__).with_name("package.json").read_text("utf-8"))["dependencies"]
carried = ("myst-nb", "pydata-sphinx-theme", "pygments", "sphinx", "sphinx-book-theme")
myst_substitutions = {
    "version": version,
    "report": addresses.report(repository),
    "elsewhere": addresses.elsewhere(repository, branch),
    "mathjax": packages["mathjax"],
    **{name.replace("-", "_"): version_of(name) for name in carried},
}

# Put there by tools.book from the package that docs/package.json names.
mathjax_path = "mathjax/tex-chtml.js"
mathjax3_config = {"options": {"enableMenu": False}}

html_theme = "sphinx_book_theme"
html_title = "nnlib"
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_js_files = ["scrolling.js"]
html_use_index = False
html_show_sphinx = False
html_theme_options = {
    "home_page_in_toc": True,
    "navbar_persistent": [],
    "show_navbar_depth": 1,
    "show_toc_level": 2,
    "use_fullscreen_button": False,
    **addresses.buttons(repository, branch),
}
