"""Checks of the exercises: each runs the learner's answer, says whether it is right, and if not, what it did.

A check never raises for a wrong or missing answer; it returns a `Verdict`, which JupyterLab shows as text.
"""

__all__ = ["Verdict"]


class Verdict:
    """What a check found: true if the answer is right; shown as a sentence.

    Attributes
    ----------
    right : bool
    text : str
        Markdown.
    """

    def __init__(self, right, text):
        self.right, self.text = right, text

    def __bool__(self):
        return self.right

    def __repr__(self):
        return self.text

    def _repr_markdown_(self):
        return f"{'✓' if self.right else '✗'} {self.text}"
