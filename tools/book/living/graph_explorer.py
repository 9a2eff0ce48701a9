"""The graph of an expression, and its steps back. See notebooks/13_automatic_differentiation.ipynb."""

from nnlib.autograd import Tensor
from nnlib.teach.widgets.graph_explorer import GraphExplorer
from tools.book.living.recorded import every, kept, page, walk

KIND = "grid"


class Graph(GraphExplorer):
    """The explorer of a page, whose nodes are chosen by their names alone."""

    def _hint(self):
        return super()._hint().partition(" A click")[0]


def record():
    x, w, b = Tensor(2.0), Tensor(-1.5), Tensor(3.5)
    z = x * w + b
    panel = Graph((z * x - 2) ** 2, x=x, w=w, b=b, z=z)
    plan = every(node=panel.node.options, step=range(panel.step.max + 1))
    return page(panel, walk(panel, plan), plays="step")


def data(call):
    return kept(__name__, call.folder, record)
