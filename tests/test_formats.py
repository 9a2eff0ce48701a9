"""Rounding and bits of smaller formats, against NumPy's own float16 and float32."""

import numpy as np
import pytest

from nnlib.teach.formats import BFLOAT16, FLOAT16, FLOAT32, Format

FORMATS = [FLOAT32, FLOAT16, BFLOAT16]
ids = [one.name for one in FORMATS]
EDGES = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, 65504, 65519.99, 65520, 65536, 2.0**-24, 2.0**-25, 3e-8]
EDGES += [np.nextafter(2.0**-25, 1), 5e-324, 1e308, np.finfo(float).max, 3.4028235677973366e38, 1 + 2.0**-11]


def same(a, b):
    """Whether two arrays are equal, with nan at the same places, and zeros of the same sign."""
    return np.array_equal(a, b, equal_nan=True) and np.array_equal(np.signbit(a), np.signbit(b))


@pytest.mark.parametrize(("form", "dtype"), [(FLOAT16, np.float16), (FLOAT32, np.float32)])
def test_numbers_are_rounded_as_numpy_rounds_them(form, dtype, rng):
    x = rng.standard_normal(20_000) * 2.0 ** rng.integers(-170, 140, 20_000)
    x = np.concatenate([x, rng.standard_normal(20_000) * 2.0 ** rng.integers(-30, 20, 20_000), EDGES])
    with np.errstate(over="ignore"):
        assert same(form.round(x), x.astype(dtype).astype(float))


def test_every_number_of_float16_and_every_middle_is_as_numpy_has_it():
    all_of_them = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = np.sort(all_of_them[np.isfinite(all_of_them)].astype(float))
    numbers = all_of_them[~np.isnan(all_of_them)].astype(float)
    assert same(FLOAT16.round(numbers), numbers)
    middles = (finite[1:] + finite[:-1]) / 2
    near = np.concatenate([middles, np.nextafter(middles, np.inf), np.nextafter(middles, -np.inf)])
    assert np.array_equal(FLOAT16.round(near), near.astype(np.float16).astype(float))


@pytest.mark.parametrize("form", FORMATS, ids=ids)
def test_rounding_goes_to_the_nearer_neighbour_and_errs_by_half_a_unit_at_most(form, rng):
    x = rng.standard_normal(2000) * 2.0 ** rng.integers(-14, 15, 2000)
    u, stored = form.spacing(x), form.round(x)
    below = np.floor(x / u) * u
    assert (np.abs(stored - x) <= u / 2).all()
    assert np.array_equal(stored, np.where(x - below < u / 2, below, below + u))
    normal = np.abs(x) >= form.smallest_normal
    assert (np.abs(stored - x) <= 2.0 ** -(form.fraction_bits + 1) * np.abs(x))[normal].all()
    assert np.array_equal(form.round(stored), stored)


def test_a_tie_goes_to_the_even_neighbour():
    assert FLOAT16.round([2049, 2051, -2049, 2049.01]).tolist() == [2048, 2052, -2048, 2050]
    assert BFLOAT16.round([257, 259, 261]).tolist() == [256, 260, 260]
    assert FLOAT16.round([2.0**-25, 3 * 2.0**-25]).tolist() == [0, 2.0**-23]


def test_bfloat16_is_float32_cut_to_seven_bits(rng):
    x = (rng.standard_normal(5000) * 2.0 ** rng.integers(-130, 120, 5000)).astype(np.float32)
    bits = x.view(np.uint32).astype(np.uint64)
    rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16 << 16).astype(np.uint32).view(np.float32)
    assert same(BFLOAT16.round(x), rounded)


@pytest.mark.parametrize("form", FORMATS, ids=ids)
def test_the_ends_of_each_format(form):
    half = form.largest * 2.0 ** -(form.fraction_bits + 2)
    assert form.round([form.largest, form.smallest, -form.smallest_normal]).tolist() == [
        form.largest,
        form.smallest,
        -form.smallest_normal,
    ]
    assert form.round(form.largest + half) == form.largest
    assert form.round([2.0 ** (form.bias + 1), -1e300]).tolist() == [np.inf, -np.inf]
    assert form.round(form.smallest / 2) == 0 and form.round(form.smallest * 0.51) == form.smallest
    assert form.spacing(0) == form.spacing(form.smallest_normal) == form.smallest
    assert np.isnan(form.spacing([np.inf, np.nan])).all()


def test_the_ends_are_those_that_are_known():
    assert (FLOAT16.largest, FLOAT16.smallest_normal, FLOAT16.smallest) == (65504, 2.0**-14, 2.0**-24)
    for form, dtype in [(FLOAT16, np.float16), (FLOAT32, np.float32)]:
        known = np.finfo(dtype)
        found = form.largest, form.smallest_normal, form.smallest
        assert found == (known.max, known.smallest_normal, known.smallest_subnormal)
    assert f"{BFLOAT16.largest:.5e}" == "3.38953e+38" and BFLOAT16.bias == FLOAT32.bias == 127


@pytest.mark.parametrize(("form", "dtype", "size"), [(FLOAT16, "f2", 16), (FLOAT32, "f4", 32)])
def test_bits_are_those_in_memory(form, dtype, size, rng):
    values = np.concatenate([rng.standard_normal(300) * 2.0 ** rng.integers(-30, 16, 300), EDGES])
    with np.errstate(over="ignore"):
        memory = values.astype(dtype).view(f"u{size // 8}")
    for x, bits in zip(values, memory, strict=True):
        sign, exponent, fraction = form.bits(x).split()
        if np.isnan(x):
            assert "0" not in exponent and "1" in fraction
        else:
            assert sign + exponent + fraction == f"{bits:0{size}b}"
        assert (len(exponent), len(fraction)) == (form.exponent_bits, form.fraction_bits)


def test_bits_that_are_known():
    assert FLOAT16.bits(1) == "0 01111 0000000000"
    assert FLOAT16.bits(-2.5) == "1 10000 0100000000"
    assert FLOAT16.bits(np.nan) == "0 11111 1000000000"
    assert FLOAT16.bits(-np.inf) == "1 11111 0000000000"
    assert BFLOAT16.bits(0.1) == "0 01111011 1001101"
    assert FLOAT32.bits(0.1) == "0 01111011 10011001100110011001101"


def test_precision_and_shape_stay():
    assert FLOAT16.round(np.ones((2, 3), np.float32)).dtype == np.float32
    for x in (np.ones((2, 3)), [[1, 2, 3]] * 2, np.ones((2, 3), np.float16)):
        assert FLOAT16.round(x).dtype == np.float64 and FLOAT16.round(x).shape == (2, 3)
    assert FLOAT16.round(np.zeros(0)).shape == (0,) and FLOAT16.round(0.1).shape == ()
    x = np.array([0.1, 70000.0])
    FLOAT16.round(x)
    assert x.tolist() == [0.1, 70000]


def test_a_format_of_ones_own():
    tiny = Format("tiny", 4, 3)
    assert (tiny.bias, tiny.largest, tiny.smallest_normal, tiny.smallest) == (7, 240, 2.0**-6, 2.0**-9)
    assert tiny.bits(17) == "0 1011 000" and tiny.round(17) == 16
    double = Format("float64", 11, 52)
    x = np.array([0.1, 5e-324, np.finfo(float).max, -1e-310])
    assert np.array_equal(double.round(x), x)


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: FLOAT16.round("1"), TypeError, "x is '1'; expected an array of numbers."),
        (lambda: FLOAT16.spacing({}), TypeError, "x is a dict; expected an array of numbers."),
        (lambda: FLOAT16.bits([1, 2]), ValueError, "x has shape (2,); expected one number."),
        (lambda: Format("wide", 12, 3), ValueError, "exponent_bits is 12; expected 2 to 11."),
        (lambda: Format("fine", 5, 0), ValueError, "fraction_bits is 0; expected 1 to 52."),
        (lambda: Format(16, 5, 10), TypeError, "name is 16; expected a text."),
    ],
)
def test_what_does_not_fit_is_told(call, kind, said):
    with pytest.raises(kind) as error:
        call()
    assert str(error.value) == said
