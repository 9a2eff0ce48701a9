"""The book as a site: docs/ and the stored notebooks, read in any browser.

`python -m tools.book` builds it in .site/html and looks at every page of it; `make site` runs that.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / ".site"
SOURCE, BUILT, CACHE = SITE / "source", SITE / "html", SITE / "cache"
