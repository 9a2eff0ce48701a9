"""A folder served on 127.0.0.1, and its pages in a headless Chromium.

A test fails at its end when a page asked another host for anything or for a file that is not there, and when
JavaScript raised an error.
"""

import contextlib
import shutil
from pathlib import Path

import pytest

from tools.book import living
from tools.book.browser import chromium, served


def pytest_ignore_collect(config):
    """Leave these tests out of `make test`; `make site` asks for this folder by its name."""
    return None if any("site" in Path(argument).parts for argument in config.args) else True


PAGE = """<!doctype html>
<html lang="en" data-theme="light">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Panels</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="living/parts.css"><link rel="stylesheet" href="living/living.css">
<style>
body {{ max-width: 880px; margin: auto; font-family: sans-serif; }}
body, h1 {{ background: var(--living-paper); color: var(--living-text); }}
</style>
</head>
<body><main><h1>Panels</h1>{panels}</main><script type="module" src="living/living.js"></script></body>
</html>
"""


@pytest.fixture(scope="package")
def serve():
    """Return a function that serves a folder and returns its address."""
    with contextlib.ExitStack() as servers:
        yield lambda folder: servers.enter_context(served(folder))


@pytest.fixture(scope="package")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(browser):
    """Return a function that opens an address, in a window of that width, and returns the page."""
    pages, problems = [], []

    def open_page(address, *, width=1280, height=900, **options):
        page = browser.new_page(viewport={"width": width, "height": height}, **options)
        pages.append(page)
        page.on("pageerror", lambda error: problems.append(f"JavaScript error: {error}"))
        page.on("request", lambda one: problems.extend(_elsewhere(one.url)))
        page.on(
            "response", lambda one: problems.extend([f"{one.status}: {one.url}"] if one.status >= 400 else [])
        )
        page.goto(address)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert problems == []


def _elsewhere(url):
    return [] if url.startswith(("http://127.0.0.1:", "data:", "blob:")) else [f"asked for {url}"]


@pytest.fixture
def open_panels(open_page, serve, tmp_path):
    """Return a function that opens a page with panels awake: `open_panels(("04_losses", "widgets.…"), …)`."""

    def open_panels(*calls, **options):
        folder = tmp_path / "living"
        panels = [living.figure(chapter, source, folder) for chapter, source in calls]
        assert None not in panels, "a call shows no panel"
        for file in living.files():
            shutil.copy(file, folder)
        (tmp_path / "index.html").write_text(PAGE.format(panels="".join(panels)), "utf-8")
        page = open_page(serve(tmp_path), **options)
        for figure in page.locator("figure.living").all():
            figure.scroll_into_view_if_needed()
            figure.locator("xpath=self::*[@data-awake]").wait_for()
        return page

    return open_panels
