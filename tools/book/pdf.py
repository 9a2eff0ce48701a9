"""Pages of the built site as PDF, printed by Chromium: python -m tools.book.pdf 05 cheat_sheet."""

import re
import sys

from tools.book import BUILT
from tools.book.browser import chromium, served
from tools.book.check import SET

MARGIN = {"top": "14mm", "bottom": "14mm", "left": "12mm", "right": "12mm"}


def pages_of(pdf):
    """Return how many pages a PDF has, from its bytes."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def main(names):
    """Print pages, by the beginning of their names, into the folder `pdf` of the site.

    Raises
    ------
    LookupError
        If the site has no such page.
    """
    (BUILT / "pdf").mkdir(exist_ok=True)
    with served(BUILT) as address, chromium() as browser:
        for name in names:
            found = [*BUILT.glob(f"{name}*.html"), *BUILT.glob(f"notebooks/{name}*.html")]
            if len(found) != 1:
                raise LookupError(
                    f"{len(found)} pages of the site begin with {name!r}; expected one, like 05."
                )
            page = browser.new_page(color_scheme="light")
            page.goto(f"{address}/{found[0].relative_to(BUILT).as_posix()}")
            page.evaluate(SET)
            path = BUILT / "pdf" / f"{found[0].stem}.pdf"
            page.pdf(path=path, format="A4", margin=MARGIN, tagged=True)
            page.close()


if __name__ == "__main__":
    main(sys.argv[1:])
