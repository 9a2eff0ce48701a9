"""What Sphinx has to know of the chapters: an extension, which docs/conf.py names."""

import json
import shutil
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from tools.book import living


def slug(title):
    """Return the anchor of a heading, as JupyterLab and the chapters write it: 'Why not?' is Why-not?."""
    return title.strip().replace(" ", "-")


def prepared(notebook, figure):
    """Return a stored notebook, changed in place, with what myst-nb has to know of each cell.

    A solution is folded, as in JupyterLab; a picture has the words that the chapter stores for it; the cell
    of a panel is folded above the panel that lives in the page.

    Parameters
    ----------
    notebook : dict
        As it is stored.
    figure : callable
        Returns the HTML of the panel that a cell with this source shows, or None.
    """
    for cell in notebook["cells"]:
        metadata = cell["metadata"]
        tags = metadata.setdefault("tags", [])
        if "alt" in metadata:
            metadata["mystnb"] = {"image": {"alt": metadata["alt"]}}
        if "solution" in tags:
            tags.append("hide-cell")
            metadata["mystnb"] = {"code_prompt_show": "Solution", "code_prompt_hide": "Solution"}
        if cell["cell_type"] == "code" and (panel := figure("".join(cell["source"]))):
            tags.append("hide-input")
            metadata.setdefault("mystnb", {}).update(code_prompt_show="Code", code_prompt_hide="Code")
            output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": panel}}
            cell["outputs"] = [*cell["outputs"], output]
    return notebook


def folder_of(app):
    """Return where the scripts and the data of the panels lie in the built site."""
    return Path(app.outdir, "_static", "living")


def copy_scripts(app):
    """Bring the scripts and styles of the panels into the site."""
    folder_of(app).mkdir(parents=True, exist_ok=True)
    for path in living.files():
        shutil.copy(path, folder_of(app))


def read(app, docname, source):
    """Prepare the text of a notebook before it is parsed."""
    path = app.env.doc2path(docname)
    if path.suffix == ".ipynb":
        notebook = prepared(
            json.loads(source[0]), lambda cell: living.figure(path.stem, cell, folder_of(app))
        )
        source[0] = json.dumps(notebook)


def load_panels(app, pagename, templatename, context, doctree):
    """Load the scripts and styles of panels on the pages that have one."""
    if 'class="living"' in context.get("body", ""):
        app.add_css_file("living/parts.css")
        app.add_css_file("living/living.css")
        app.add_js_file("living/living.js", type="module")


def name_folds(app, pagename, templatename, context, doctree):
    """Let a fold be called as it is written, "Solution", where myst-nb calls each "Toggle hidden content"."""
    context["body"] = context.get("body", "").replace(
        '<summary aria-label="Toggle hidden content">', "<summary>"
    )


class Living(SphinxDirective):
    """A panel on a page that is no chapter: `{living} widgets.digit_pad()`."""

    required_arguments = 1

    def run(self):
        panel = living.figure(self.env.docname, self.arguments[0], folder_of(self.env.app))
        if panel is None:
            raise self.error(f"{self.arguments[0]} is not the call of a panel that lives in a page.")
        return [nodes.raw("", panel, format="html")]


class DisplayedMath(SphinxPostTransform):
    r"""Leave a displayed formula as the chapter has it.

    Sphinx would put one with `\\` in it into `split`, where MathJax takes no `\tag`.
    """

    default_priority = 900

    def run(self, **kwargs):
        for node in self.document.findall(nodes.math_block):
            node["no-wrap"] = True
            node.children = [nodes.Text(rf"\[{node.astext()}\]")]


def setup(app):
    """Connect all this to Sphinx."""
    app.connect("builder-inited", copy_scripts)
    app.connect("source-read", read)
    app.connect("html-page-context", load_panels)
    app.connect("html-page-context", name_folds)
    app.add_directive("living", Living)
    app.add_post_transform(DisplayedMath)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
