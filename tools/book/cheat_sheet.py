"""Two pages to keep beside you: letters and results of all chapters, taken from A_notation."""

import json
import re

# The results that are looked up most; what a column of print is too narrow for stays in A.
SHOWN = (
    *("0.2", "0.3", "1.1", "1.5", "1.9", "2.7", "2.10", "3.2", "3.3", "3.4", "3.7"),
    *("4.1", "4.4", "4.5", "4.7", "4.9", "4.10", "5.2", "5.3", "5.4", "5.5", "5.7", "5.8", "6.2"),
    *("6.5", "6.6", "7.1", "7.5", "9.4", "9.6", "10.1", "10.6", "10.8", "11.2", "11.3", "11.4"),
    *("12.1", "12.2", "12.4", "12.9", "12.12", "13.5", "13.12", "13.13", "13.14", "13.15", "14.11"),
    *("15.3", "15.5", "15.7", "15.9", "15.12", "16.5", "16.6", "16.9", "16.12", "16.14"),
    *("16.18", "16.19", "16.22"),
)
START = """# Cheat sheet

Rows are samples; $\\mathrm{d}A$ is $\\partial L / \\partial A$, in the shape of $A$. All results, with
the cells that check them, are in [A](notebooks/A_notation.ipynb). <a href="pdf/cheat_sheet.pdf">Two pages to
print</a>

"""
RESULT = re.compile(
    r"^\*\*\[(?P<title>.*?)\]\((?P<link>.*?)\)\*\*$"
    r"|^\$\$\n(?P<formula>.*?)\n\\qquad \\text\{\((?P<number>[\d.]+)\)\}\n\$\$$",
    re.MULTILINE | re.DOTALL,
)


def results(notebook):
    """Yield number, formula, title and link of each result in A_notation.

    Parameters
    ----------
    notebook : dict
        As it is stored.
    """
    title = link = ""
    for cell in notebook["cells"]:
        for found in RESULT.finditer("".join(cell["source"])):
            if found["title"]:
                title, link = found["title"], found["link"]
            else:
                yield found["number"], found["formula"], title, link


def cheat_sheet(text):
    """Return the page, in Markdown.

    Parameters
    ----------
    text : str
        A_notation.ipynb, as it is stored.

    Raises
    ------
    LookupError
        If a result that is to be shown is not there.
    """
    notebook = json.loads(text)
    found = {number: rest for number, *rest in results(notebook)}
    if missing := [number for number in SHOWN if number not in found]:
        raise LookupError(f"A_notation has no result {', '.join(missing)}.")
    letters = (
        "".join(notebook["cells"][0]["source"]).partition("## In most chapters\n")[2].partition("\n## ")[0]
    )
    page = [START, "## Letters\n", letters.strip(), "", "## Results\n"]
    for number in SHOWN:
        formula, title, link = found[number]
        formula = formula.replace(r"\qquad", r"\;\;")  # a column is narrow
        page += [
            f":::{{container}} result\n({number}) [{title}](notebooks/{link})\n\n$$\n{formula}\n$$\n:::\n"
        ]
    return "\n".join(page)
