"""The look at every page notices what it is there to notice."""

import pytest

from tools.book.__main__ import MATHJAX, copy, packages
from tools.book.check import complaints_about_links, complaints_about_page

START = """<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>A page</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width">
<style>html[data-theme=dark] .night { width: 2000px }
@media (max-width: 400px) { .phone { width: 2000px } }</style>
<script defer src="mathjax/tex-chtml.js"></script></head><body><main>"""
SOUND = r"""<p>A <span class="math">\(\frac{1}{2}\)</span> and <code>$x$</code>.</p>
<div class="math">\[\begin{aligned} a &= b \\ c &= d \end{aligned} \tag{1.1}\]</div>
<div style="overflow-x: auto"><div style="width: 2000px">wide</div></div>
<details><summary>Solution</summary>hidden</details><a href="other.html#place">there</a>"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A site of two pages, with the MathJax of the book."""
    folder = tmp_path_factory.mktemp("pages")
    copy(MATHJAX, packages() / "mathjax" / "es5", folder / "mathjax")
    (folder / "other.html").write_text(START + '<p id="place">here</p>', "utf-8")
    return folder


@pytest.fixture
def complaints(browser, serve, folder):
    """Return a function that says what is wrong with a page of this body."""
    address = serve(folder)

    def complaints(body):
        (folder / "index.html").write_text(START + body, "utf-8")
        return [
            *complaints_about_links(folder),
            *complaints_about_page(browser, f"{address}/index.html", patience=500),
        ]

    return complaints


def test_a_sound_page_has_no_complaint(complaints):
    assert complaints(SOUND) == []


@pytest.mark.parametrize(
    "body, said",
    [
        (r'<span class="math">\(\frac{1}\)</span>', ["formula not set: "]),
        (r'<div class="math">\[\begin{split} a \\ b \tag{1} \end{split}\]</div>', ["formula not set: "]),
        ("<p>costs $x$ here</p>", ["raw formula: costs $x$ here"]),
        (r"<p>\(x\) <b>\[</b></p>", [r"raw formula: \["]),
        (
            '<div class="wide" style="width: 2000px">wide</div>',
            [
                f" px over the edge: div wide, {width} px, {theme}"
                for width in (1280, 390)
                for theme in ("light", "dark")
            ],
        ),
        ('<div class="night">wide</div>', [", 1280 px, dark", ", 390 px, dark"]),
        ('<div class="phone">wide</div>', [", 390 px, light", ", 390 px, dark"]),
        (
            '<img src="https://example.com/a.png">',
            ["asked elsewhere: https://example.com/a.png", "not shown"],
        ),
        ('<img src="absent.png">', ["absent.png leads nowhere", "404: ", "picture not shown: absent.png"]),
        ("<details open><summary>Solution</summary>x</details>", ["open fold: Solution"]),
        ("<script>absent()</script>", ["JavaScript error: absent is not defined"]),
        ('<figure class="living" data-panel="p">x</figure>', ["panel does not wake: p"]),
        ('<a href="absent.html">x</a>', ["index.html: absent.html leads nowhere"]),
        ('<a href="other.html#absent">x</a>', ["other.html#absent has its page, but no such place there"]),
        ('<a href="#absent">x</a>', ["#absent has its page, but no such place there"]),
    ],
)
def test_each_complaint_is_made(complaints, body, said):
    found = complaints(body)
    assert len(found) == len(said), found
    assert all(words in one for words, one in zip(said, found, strict=True)), found
