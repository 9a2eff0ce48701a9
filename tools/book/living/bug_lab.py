"""Ten nets, nine of them with a bug. See notebooks/06_gradient_checking.ipynb."""

from nnlib.teach.bugs import CHOICES, PATIENTS
from nnlib.teach.widgets.bug_lab import BugLab
from tools.book.living.recorded import every, kept, page, walk

KIND = "grid"
PLAN = every(patient=list(PATIENTS), choice=["", *sorted(CHOICES)])


class Lab(BugLab):
    """The lab where a name that is chosen is an answer, without a score, which a page does not keep."""

    drawn = None

    def update(self):
        self.answers = {self.now.patient: [self.now.choice]} if self.now.choice else {}
        return super().update()

    def _verdict(self):
        return super()._verdict().partition("<p>Score:")[0]

    def show_picture(self, finding=""):
        if self.now.patient != self.drawn:  # a name changes the text alone
            super().show_picture(finding)
            self.drawn = self.now.patient


def record():
    panel = Lab()
    return page(panel, walk(panel, PLAN))


def data(call):
    return kept(__name__, call.folder, record)
