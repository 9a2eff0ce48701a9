"""Every chapter runs from top to bottom in JupyterLab, and its formulas are formulas."""

import pytest

from .conftest import NOTEBOOKS


@pytest.mark.parametrize("name", sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")))
def test_chapter(open_chapter, name):
    chapter = open_chapter(name)
    chapter.run()
    assert chapter.failed_formulas() == []
