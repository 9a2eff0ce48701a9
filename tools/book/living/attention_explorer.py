"""Who looks where in a net of attention. See notebooks/16_attention.ipynb."""

from nnlib.teach.phrase import HEADS, MOMENTS
from nnlib.teach.widgets.attention_explorer import NOBODY, AttentionExplorer
from tools.book.living.recorded import every, kept, page, walk

KIND = "grid"
LAST = f"{MOMENTS[-1]}"
PLAN = [
    *every(moment=[LAST], out=[NOBODY], positions=[True], head=["2.2"], query=[18]),  # as it comes
    *every(moment=[LAST], out=[NOBODY], positions=[True], head=["2.2"], query=[*range(18), 19]),
    *every(
        moment=[LAST],
        out=[NOBODY],
        positions=[True],
        head=["1.1", "1.2", "2.1"],
        query=[4, 8, 12, *range(15, 20)],
    ),
    *every(moment=[LAST], out=list(HEADS), positions=[True], head=["2.2"], query=[18]),
    *every(moment=[LAST], out=[NOBODY], positions=[False], head=["1.2", "2.2"], query=[18]),
    *every(
        moment=[f"{moment}" for moment in MOMENTS[:-1]],
        out=[NOBODY],
        positions=[True],
        head=["1.2", "2.2"],
        query=[18],
    ),
]


class Looking(AttentionExplorer):
    """The explorer of a page: the place that is looked at is the one that the query looks at most."""

    def update(self):
        super().update()
        self.now.place = int(self._row.argmax())
        return super().update()

    def _hint(self):
        return ""  # where nobody can point at a map


def record():
    panel = Looking()
    return page(panel, walk(panel, PLAN))


def data(call):
    return kept(__name__, call.folder, record)
