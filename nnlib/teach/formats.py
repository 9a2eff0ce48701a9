"""Number formats of fewer bits, in plain NumPy: what a number becomes in them, and its bits.

A floating-point number is a sign, an exponent and a fraction: (−1)^s · 1.f · 2^(e − bias) where the bits e of
the exponent are neither all zero nor all one; (−1)^s · 0.f · 2^(1 − bias), a subnormal number, where they are
all zero; inf and nan where they are all one. Source: IEEE Std 754-2019, section 3.4; bfloat16 cuts the
fraction of float32 to 7 bits. See notebooks/14_frameworks.ipynb.
"""

import dataclasses
import math

import numpy as np

from nnlib import _validation as check
from nnlib.teach import _doors as door

__all__ = ["BFLOAT16", "FLOAT16", "FLOAT32", "Format"]


@dataclasses.dataclass(frozen=True)
class Format:
    """(−1)^s · 1.f · 2^(e − bias): a binary format with one bit of sign.

    Parameters
    ----------
    name : str
    exponent_bits : int, 2 to 11
        How far it reaches: from 2^(2 − 2^(exponent_bits − 1)) to 2^(2^(exponent_bits − 1)), about.
    fraction_bits : int, 1 to 52
        How fine it is: 2^fraction_bits numbers from each power of two to the next.

    Raises
    ------
    TypeError, ValueError
        If there are more bits than float64 has, in which all of this is computed.

    See notebooks/14_frameworks.ipynb.
    """

    name: str
    exponent_bits: int
    fraction_bits: int

    def __post_init__(self):
        door.text(self.name, "name")
        door.whole(self.exponent_bits, "exponent_bits", 2, 11)
        door.whole(self.fraction_bits, "fraction_bits", 1, 52)

    @property
    def bias(self):
        """2^(exponent_bits − 1) − 1: what the exponent's bits count too many, and the largest exponent."""
        return 2 ** (self.exponent_bits - 1) - 1

    @property
    def largest(self):
        """(2 − 2^−fraction_bits) 2^bias: the largest finite number."""
        return (2 - 2.0**-self.fraction_bits) * 2.0**self.bias

    @property
    def smallest_normal(self):
        """2^(1 − bias): below it, numbers lie no closer together, and have fewer digits."""
        return 2.0 ** (1 - self.bias)

    @property
    def smallest(self):
        """2^(1 − bias − fraction_bits): the smallest number above zero."""
        return 2.0 ** (1 - self.bias - self.fraction_bits)

    def spacing(self, x):
        """2^(⌊log₂|x|⌋ − fraction_bits): how far apart numbers lie around x, the unit in the last place.

        Parameters
        ----------
        x : array_like of real numbers

        Returns
        -------
        float64 array of x's shape
            At a power of two it is the spacing above; `smallest` around zero; nan for what is not finite.

        Raises
        ------
        TypeError, ValueError
            If x holds no real numbers.
        """
        x = _numbers(x)
        finite = np.isfinite(x)
        _, exponent = np.frexp(np.where(finite, x, 0))  # |x| = m · 2^exponent with ½ ≤ m < 1
        exponent = np.where(x == 0, 1 - self.bias, exponent - 1)
        exponent = np.clip(exponent, 1 - self.bias, self.bias)
        return np.where(finite, np.ldexp(1.0, exponent - self.fraction_bits), np.nan)

    def round(self, x):
        """u · rint(x / u), with u = spacing(x): each number as it is stored in this format.

        Parameters
        ----------
        x : array_like of real numbers

        Returns
        -------
        array of x's shape
            float32 where x is float32, otherwise float64. Of two neighbours that are as near, the one whose
            last bit is 0. What would be rounded beyond `largest` is ±inf; inf and nan stay.

        Raises
        ------
        TypeError, ValueError
            If x holds no real numbers.
        """
        dtype = np.float32 if getattr(x, "dtype", None) == np.float32 else np.float64
        x = _numbers(x)
        finite = np.isfinite(x)
        u = np.where(finite, self.spacing(x), 1)
        with np.errstate(over="ignore"):  # rounded up to 2^1024, which float64 does not have either
            stored = np.rint(x / u) * u
        beyond = finite & (np.abs(stored) > self.largest)
        return np.where(beyond, np.copysign(np.inf, x), stored).astype(dtype)

    def bits(self, x):
        """Return the bits of x in this format: sign, exponent and fraction, with a space between them.

        Parameters
        ----------
        x : float

        Returns
        -------
        str
            ``FLOAT16.bits(1)`` is ``"0 01111 0000000000"``; nan has its first bit of the fraction set.

        Raises
        ------
        TypeError, ValueError
            If x is not one real number.
        """
        x = _numbers(x)
        if x.ndim:
            raise ValueError(f"x has shape {x.shape}; expected one number.")
        stored = float(self.round(x))
        size = abs(stored)
        if not math.isfinite(size):
            exponent, fraction = 2 * self.bias + 1, 0.0 if size == math.inf else 0.5
        elif size < self.smallest_normal:
            exponent, fraction = 0, size / self.smallest_normal
        else:
            mantissa, power = math.frexp(size)
            exponent, fraction = power - 1 + self.bias, 2 * mantissa - 1
        sign = math.copysign(1, stored) < 0 and not math.isnan(stored)
        digits = int(fraction * 2**self.fraction_bits)
        return f"{sign:d} {exponent:0{self.exponent_bits}b} {digits:0{self.fraction_bits}b}"


def _numbers(x):
    """Return x as a float64 array, in which every number of a smaller format is itself."""
    return check.numbers(door.array(x, "x"), "x", np.float64)


FLOAT32 = Format("float32", 8, 23)
FLOAT16 = Format("float16", 5, 10)
BFLOAT16 = Format("bfloat16", 8, 7)
