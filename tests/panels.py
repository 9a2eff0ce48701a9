"""What the tests of several panels do with them."""

import html
import re
from concurrent.futures import ThreadPoolExecutor


def plain(panel):
    """Return the text without its tags."""
    return html.unescape(re.sub(r"<.*?>", " ", panel.text.value))


def at_once(works, times):
    """Do each work(k), for k below `times`, in a thread of its own; raise what one of them raises."""

    def repeated(work):
        for k in range(times):
            work(k)

    with ThreadPoolExecutor(len(works)) as threads:
        list(threads.map(repeated, works))
