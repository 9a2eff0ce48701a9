"""What training leaves behind: a record of each step, of each epoch, and of all of them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from nnlib import _validation as check
from nnlib._types import Array

__all__ = ["Epoch", "History", "Step"]


class Step(NamedTuple):
    """What `steps` yields: where the loop is, and what it just learned from.

    `loss` and `Y_hat` are those of the batch before its update; both counts start at 1.

    See notebooks/07_training_loop.ipynb.
    """

    epoch: int
    batch: int
    loss: float
    Y_hat: Array
    Y: Array


class Epoch(NamedTuple):
    """What `train` yields after each epoch.

    `loss` and `accuracy` are means over the epoch's batches, weighted by their size, each taken before its
    update and with dropout: the validation loss, taken afterwards and without, may be the lower one.
    `accuracy` is None where the targets are not classes, the validation fields where no validation
    data was given. `updates` counts the batches and `seconds` the time in the training loop since the start,
    validation not included.

    See notebooks/07_training_loop.ipynb.
    """

    epoch: int
    loss: float
    accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    updates: int
    seconds: float


class History(list[Epoch]):
    """The epochs of one call of `fit`: a list of `Epoch`, whose columns are attributes, `history.loss`.

    Attributes
    ----------
    interrupted : bool
        Whether the kernel was interrupted; the last epoch is then the mean over the batches it got to.

    See notebooks/07_training_loop.ipynb.
    """

    interrupted: bool = False

    def __init__(self, epochs: Iterable[Epoch] = ()):
        super().__init__(check.listed(epochs, "epochs", "a list of what train yields"))
        for epoch in self:
            check.instance(epoch, "an entry of epochs", Epoch, "an Epoch, as train yields it")

    def __getattr__(self, name: str) -> list[Any]:
        if name not in Epoch._fields:
            raise AttributeError(f"a History has no {name!r}; expected one of {', '.join(Epoch._fields)}.")
        return [getattr(epoch, name) for epoch in self]

    def __repr__(self) -> str:
        if not self:
            return "History of 0 epochs"
        rows = list(self) if len(self) <= 10 else [*self[:4], None, *self[-4:]]
        names = [name for name in Epoch._fields if name != "updates" and getattr(self[0], name) is not None]
        table = [[name.replace("validation", "val.").replace("_", " ") for name in names]]
        table += [[_cell(name, row and getattr(row, name)) for name in names] for row in rows]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ["  ".join(map(str.rjust, row, widths)) for row in table]
        if self.interrupted:
            lines.append(f"interrupted in epoch {self[-1].epoch}, after {self[-1].updates} updates")
        return "\n".join(lines)


def _cell(name: str, value: float | None) -> str:
    digits = {"epoch": 0, "seconds": 1}.get(name, 4)
    return "…" if value is None else f"{value:.{digits}f}"
