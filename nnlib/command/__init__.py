"""The command `nnlib`: it opens the notebooks, copies them, and reads how far a reader has come.

It changes no file of a reader's before a copy of it stands beside, and keeps nothing anywhere else: all that
it knows about a reader is in his notebooks.
"""

from nnlib.command.main import main
from nnlib.command.progress import progress

__all__ = ["main", "progress"]
