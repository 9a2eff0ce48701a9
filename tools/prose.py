"""The series' own prose, for the network of chapter 16 that writes characters: `python tools/prose.py`.

Of chapters 00 to 13 each paragraph and each point of a list of the text, a line for each: without tables,
displayed formulas, figures, code and the addresses of links. A line with TeX in it, or with a sign that is
rare, is left out.
What is stored is not made anew with each change of a chapter, for its numbers belong to this very text.
"""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "nnlib" / "data" / "prose.txt"
APART = re.compile(r"\s*(\||#|<|!\[|\$\$|\\|```|\[Previous|\[Next)")  # no prose begins so


def prose(markdown):
    """Return the paragraphs of a text in Markdown, a line for each."""
    markdown = re.sub(r"^```.*?^```|\$\$.*?\$\$", "", markdown, flags=re.M | re.S)
    lines = []
    for paragraph in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )", markdown):
        if paragraph.strip() and not APART.match(paragraph):
            text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(paragraph.split()))
            text = re.sub(r"\*\*|[*`$]|<[^>]*>|^(?:[-*]|\d+\.) ", "", text)
            lines.append(text.strip())
    return lines


def of_chapter(path):
    """Return the paragraphs of a notebook."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    return [line for text in texts for line in prose(text)]


def plain(lines):
    """Return the lines without TeX, of which each character is one of the common ones."""
    lines = [line for line in lines if "\\" not in line]
    text = "\n".join(lines)
    rare = {character for character in set(text) if text.count(character) < 20}
    return [line for line in lines if not rare & set(line)]


def made(folder=ROOT / "notebooks"):
    """Return the whole text, chapter after chapter."""
    chapters = [of_chapter(path) for path in sorted(folder.glob("[01]?_*.ipynb")) if path.name < "14"]
    return "\n".join(plain([line for lines in chapters for line in lines])) + "\n"


if __name__ == "__main__":
    PLACE.write_text(made(), "utf-8")
