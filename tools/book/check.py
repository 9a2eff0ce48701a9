"""Look at every page of the built site, as a reader would: python -m tools.book.check.

In Chromium, 1280 and 390 pixels wide, light and dark: every formula is set, nothing hangs over the edge,
nothing is asked from another host, every panel wakes, every fold is closed. Every link inside the site has
its page and its place there.
"""

import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urlsplit

from playwright.sync_api import TimeoutError

from tools.book import BUILT
from tools.book.browser import chromium, served

WIDTHS, THEMES = (1280, 390), ("light", "dark")

SET = "() => window.MathJax?.startup?.promise.then(() => true) ?? true"
FORMULAS = r"""() => {
  const failed = [...document.querySelectorAll(".math")]
    .filter(one => !one.querySelector("mjx-container") || one.querySelector("mjx-merror, [data-mjx-error]"))
    .map(one => `formula not set: ${one.textContent.trim().slice(0, 60)}`);
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { data, parentElement } = texts.currentNode;
    if (/\$|\\[(\[]/.test(data) && !parentElement.closest("pre, code, script, style, .math"))
      failed.push(`raw formula: ${data.trim().slice(0, 60)}`);
  }
  return failed;
}"""
OVER_THE_EDGE = """() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const scrolls = one => one && (getComputedStyle(one).overflowX !== "visible" || scrolls(one.parentElement));
  const first = [...document.body.querySelectorAll("*")].find(one =>
    one.getBoundingClientRect().right > clientWidth + 1 && !scrolls(one.parentElement));
  const name = first ? `${first.tagName.toLowerCase()} ${first.className}`.trim() : "something";
  return [`${scrollWidth - clientWidth} px over the edge: ${name}`];
}"""
FOLDS = """() => [...document.querySelectorAll("details[open]")].map(one =>
  `open fold: ${one.querySelector("summary").textContent.trim().slice(0, 60)}`)"""
PICTURES = """() => [...document.images].filter(one => one.complete && !one.naturalWidth)
  .map(one => `picture not shown: ${one.getAttribute("src")}`)"""


class Page(HTMLParser):
    """The places and the links of a page.

    Attributes
    ----------
    places : set of str
        What a link may name after `#`.
    links : list of str
    """

    def __init__(self, text):
        super().__init__()
        self.places, self.links = set(), []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.places |= {attributes[name] for name in ("id", "name") if attributes.get(name)}
        self.links += [attributes[name] for name in ("href", "src") if attributes.get(name)]


def pages(folder):
    """Return the pages of a built site; what the theme has in _static is no page."""
    return sorted(path for path in folder.rglob("*.html") if "_static" not in path.parts)


def complaints_about_links(folder):
    """Yield each link inside a built site that leads nowhere, with its page.

    Parameters
    ----------
    folder : Path
        The site.
    """
    read = {path: Page(path.read_text("utf-8")) for path in pages(folder)}
    for path, page in read.items():
        for link in sorted(set(page.links)):
            address, place = urldefrag(link)
            if urlsplit(link).scheme or link.startswith("//"):
                continue
            there = (path.parent / unquote(urlsplit(address).path)).resolve() if address else path
            if there.is_dir():
                there /= "index.html"
            if not there.is_file():
                yield f"{path.relative_to(folder)}: {link} leads nowhere"
            elif place and there in read and unquote(place) not in read[there].places:
                yield f"{path.relative_to(folder)}: {link} has its page, but no such place there"


def complaints_about_page(browser, address, *, patience=30_000):
    """Yield what a reader of one page would stumble over, at each width and in each theme.

    Parameters
    ----------
    browser : playwright.sync_api.Browser
    address : str
        Of the page, on 127.0.0.1.
    patience : int
        Milliseconds that a panel has to wake.
    """
    host, found = urlsplit(address).netloc, []
    page = browser.new_page(viewport={"width": WIDTHS[0], "height": 900}, color_scheme="light")

    def asked(request):
        if urlsplit(request.url).scheme not in ("data", "blob") and urlsplit(request.url).netloc != host:
            found.append(f"asked elsewhere: {request.url}")

    def answered(response):
        if response.status >= 400:
            found.append(f"{response.status}: {response.url}")

    page.on("request", asked)
    page.on("response", answered)
    page.on("pageerror", lambda error: found.append(f"JavaScript error: {error}"))
    page.goto(address)
    page.evaluate(SET)
    found += page.evaluate(FORMULAS) + page.evaluate(FOLDS)
    for figure in page.locator("figure.living").all():
        figure.scroll_into_view_if_needed()
        try:
            figure.locator("xpath=self::*[@data-awake]").wait_for(timeout=patience)
        except TimeoutError:
            found.append(f"panel does not wake: {figure.get_attribute('data-panel')}")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for theme in THEMES:
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            found += [f"{said}, {width} px, {theme}" for said in page.evaluate(OVER_THE_EDGE)]
    found += page.evaluate(PICTURES)
    page.close()
    yield from found


def main(folder=BUILT):
    """Look at all pages, and exit with what is wrong where anything is."""
    wrong = [*complaints_about_links(folder)]
    with served(folder) as address, chromium() as browser:
        for path in pages(folder):
            name = path.relative_to(folder).as_posix()
            wrong += [f"{name}: {said}" for said in complaints_about_page(browser, f"{address}/{name}")]
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
