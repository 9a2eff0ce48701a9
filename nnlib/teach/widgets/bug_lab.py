"""The bug lab: nets with a published bug each, and what there is to see of them.

See notebooks/06_gradient_checking.ipynb.
"""

import html

import numpy as np

from nnlib.teach import plots
from nnlib.teach.bugs import CHOICES, PATIENTS, TOLERANCE, against, evidence
from nnlib.teach.widgets.panel import Explorer
from nnlib.teach.widgets.parts import button, dropdown, judged, table

__all__ = ["BugLab", "bug_lab"]

SHOWN = 4  # numbers of a gradient in the table
FLOOR = 1e-12  # where the axis of the errors begins


class BugLab(Explorer):
    """Choose a patient, look at the evidence, name its bug; the lab says what speaks against a wrong name.

    Attributes
    ----------
    patient : Dropdown
        A number from 1 to 10.
    choice : Dropdown
        The key of a bug, "healthy", or "" while nothing is chosen.
    answer : Button
    evidence : Evidence
        What there is to see of the patient.
    answers : dict from patient to list of str
        All answers given, in order.
    score : int
        How many patients were named rightly by the first answer.

    See notebooks/06_gradient_checking.ipynb.
    """

    def __init__(self):
        self.patient = dropdown([(f"patient {number}", number) for number in PATIENTS], "patient")
        names = [(f"{key}: {bug.name}", key) for key, bug in sorted(CHOICES.items())]
        self.choice = dropdown([("choose", ""), *names], "its bug", value="", width="60em")
        self.answer = button("Answer", "check", "Say that this is the patient's bug", style="success")
        self.answers = {}
        for key in PATIENTS.values():
            evidence(key)  # all of it now, a second's work, so that no move has to wait
        super().__init__([self.patient, self.choice, self.answer], size=(9.2, 3.4), layout=None)
        self.on(self.answer, self._answer)

    @property
    def score(self):
        return sum(given[0] == PATIENTS[number] for number, given in self.answers.items())

    def _answer(self):
        if self.now.choice:
            self.answers.setdefault(self.now.patient, []).append(self.now.choice)
            self.show()

    def update(self):
        self.evidence = seen = evidence(PATIENTS[self.now.patient])
        return "".join([self._verdict(), _parts(seen), _table(seen), _loader(seen)])

    def _verdict(self):
        score = f"<p>Score: {self.score} of {len(self.answers)} named rightly by the first answer.</p>"
        given = self.answers.get(self.now.patient)
        if not given:
            return score if self.answers else ""
        bug = CHOICES[given[-1]]
        reason = against(bug, self.evidence)
        line = f"The line is <code>{html.escape(bug.wrong_line)}</code>." if bug.wrong_line else ""
        verdict = judged(f"{'✗ No' if reason else '✓ Right'}, {bug.key}.", not reason)
        return f"<p><b>{verdict}</b> {reason or line}</p>{score}"

    def draw(self, figure):
        draw_curve(figure.add_axes((0.1, 0.16, 0.34, 0.74)), self.evidence)
        draw_errors(figure.add_axes((0.59, 0.16, 0.4, 0.74)), self.evidence)


def draw_curve(ax, evidence):
    """Draw the loss of a patient, and of the same net without a bug. See notebooks/B_bug_museum.ipynb."""
    run, usual = evidence.run, evidence.usual
    plots.loss_curve(ax, run.losses, label="the patient")
    plots.loss_curve(ax, usual.losses, label="without a bug", style="--")
    title = f"{run.accuracy:.0%} of the test images right, {usual.accuracy:.0%} without a bug"
    if run.stopped:
        ax.axvline(run.stopped, color=plots.WRONG, linewidth=2, label=f"not finite in epoch {run.stopped}")
    ax.set_title(title, fontsize=10)
    late = run.stopped and run.stopped > len(usual.losses) / 2  # its line stands on the right
    ax.legend(fontsize=7, loc="best" if not run.stopped else "upper left" if late else "upper right")


def draw_errors(ax, evidence):
    """Draw the relative error of each gradient, from the loss down. See notebooks/B_bug_museum.ipynb."""
    errors = np.array([g.error for g in evidence.gradients])
    colours = [plots.WRONG if error > TOLERANCE else plots.RIGHT for error in errors]
    rows = np.arange(len(errors))
    ax.barh(rows, np.maximum(errors, 2 * FLOOR), left=0, color=colours)
    ax.axvline(TOLERANCE, color="0.4", linewidth=1, linestyle=":")
    ax.set_yticks(rows, [f"{g.name} of {g.layer}" for g in evidence.gradients], fontsize=8)
    ax.invert_yaxis()
    wrong = int((errors > TOLERANCE).sum())
    ax.set(xscale="log", xlim=(FLOOR, 10), xlabel="relative error")
    disagree = "disagrees" if wrong == 1 else "disagree"
    ax.set_title(f"{wrong} of {len(errors)} gradients {disagree} with central differences", fontsize=10)
    ax.spines[["top", "right"]].set_visible(False)


def _parts(evidence):
    *layers, loss = evidence.parts
    return f"<p><b>The net:</b> {', '.join(layers)}. <b>Its loss:</b> {loss}.</p>"


def _table(evidence):
    rows = {}
    for g in evidence.gradients:
        found, expected = (a.reshape(-1, a.shape[-1]) for a in (g.found, g.expected))
        # Where they agree it is rounding that would choose the row, another on each processor.
        row = np.abs(found - expected).max(axis=1).argmax() if g.error > TOLERANCE else 0
        errors = [_coloured(error) for error in (g.error, g.error_again)]
        place = f"{row + 1} of {len(found)}" if g.found.ndim > 1 else ""
        rows[f"{g.name} of {g.layer}"] = [*errors, place, _numbers(found[row]), _numbers(expected[row])]
    head = "going back", "relative error", "second pass", "row", "found", "central differences"
    return (
        f"{table(rows, head=head)}<p>Found and central differences: the first {SHOWN} numbers of the row in"
        " which they differ most; of the first row, where they agree.</p>"
    )


def _coloured(error):
    return judged(f"{error:.3f}", False) if error > TOLERANCE else judged(f"{error:.0e}", True)


def _numbers(values):
    return "&ensp;".join(f"{value:z6.3f}" for value in values[:SHOWN]).replace(" ", "&numsp;")


def _loader(evidence):
    epochs = (
        " | ".join(" ".join(f"{x}" if x == y else f"{x}→{y}" for x, y in batch) for batch in epoch)
        for epoch in evidence.batches
    )
    lines = "".join(f"<br>epoch {number}: {epoch}" for number, epoch in enumerate(epochs, 1))
    return (
        "<p><b>Its loader</b>, on 12 samples in batches of 4 (3→8: sample 3 comes with the label of 8):"
        f"{lines}</p>"
    )


def bug_lab():
    """Return the `BugLab`. See notebooks/06_gradient_checking.ipynb."""
    return BugLab()
