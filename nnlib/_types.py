"""The words of the signatures."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NewType

import numpy as np
from numpy.typing import ArrayLike as ArrayLike
from numpy.typing import DTypeLike as DTypeLike

if TYPE_CHECKING:
    from numpy.random import Generator as Generator
else:  # NumPy loads this module when somebody asks for it
    Generator = NewType("Generator", object)

Array = np.ndarray
Arrays = Sequence[np.ndarray]
Shape = tuple[int, ...]
Function = Callable[[Array], Array]
Initializer = Callable[[Generator, int, int], ArrayLike]
Schedule = Callable[[int], float]
Rate = float | Schedule
