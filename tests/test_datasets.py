import gzip
import hashlib
import math
import re
import socket
import struct

import numpy as np
import pytest

from nnlib import datasets
from nnlib.datasets import mnist, read_idx, spirals, xor

NAMES = {
    "train images": "train-images-idx3-ubyte",
    "train labels": "train-labels-idx1-ubyte",
    "test images": "t10k-images-idx3-ubyte",
    "test labels": "t10k-labels-idx1-ubyte",
}
CODES = {"u1": 0x08, "i1": 0x09, ">i2": 0x0B, ">i4": 0x0C, ">f4": 0x0D, ">f8": 0x0E}
EACH_FILE = pytest.mark.parametrize("file", NAMES)


def idx(array, dtype="u1"):
    """The bytes of an IDX file."""
    array = np.asarray(array)
    return (
        struct.pack(f">HBB{array.ndim}I", 0, CODES[dtype], array.ndim, *array.shape)
        + array.astype(dtype).tobytes()
    )


# The bundled MNIST


@pytest.fixture(scope="module")
def bundled():
    return mnist()


def test_shapes_types_and_ranges(bundled):
    X_train, y_train, X_test, y_test = bundled
    assert X_train.shape == (60_000, 784) and X_test.shape == (10_000, 784)
    assert y_train.shape == (60_000,) and y_test.shape == (10_000,)
    assert X_train.dtype == X_test.dtype == np.float32 and y_train.dtype == y_test.dtype == np.uint8
    for X in (X_train, X_test):
        assert X.min() == 0 and X.max() == 1
        assert np.array_equal(np.unique(X[:1000]), np.arange(256, dtype=np.float32) / 255)
        assert X.flags.c_contiguous and X.dtype.isnative


def test_how_often_each_digit_occurs(bundled):
    train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(bundled.y_train).tolist() == train and np.bincount(bundled.y_test).tolist() == test


def test_images_and_labels_belong_together(bundled):
    """The first ten labels of each part, and the mean ink of a class: a 0 has more than twice that of a 1."""
    assert bundled.y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert bundled.y_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    for X, y in (bundled[:2], bundled[2:]):
        ink = [float(X[y == digit].mean()) for digit in range(10)]
        assert np.argmax(ink) == 0 and np.argmin(ink) == 1 and ink[0] > 2 * ink[1]


def test_pixels_run_along_the_rows_of_an_image(bundled):
    """Digits are taller than wide, and there is paper on all four sides."""
    image = bundled.X_train.mean(axis=0).reshape(28, 28)
    assert (image.sum(axis=1) > 0.5).sum() > (image.sum(axis=0) > 0.5).sum()
    assert max(image[0].max(), image[-1].max(), image[:, 0].max(), image[:, -1].max()) < 0.01 < image[14, 14]


def test_a_record_with_names(bundled):
    assert bundled._fields == ("X_train", "y_train", "X_test", "y_test")
    assert repr(bundled) == (
        "Mnist(X_train (60000, 784) float32, y_train (60000,) uint8,"
        " X_test (10000, 784) float32, y_test (10000,) uint8)"
    )


def test_nothing_is_downloaded(monkeypatch):
    def refuse(*args, **options):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    assert len(mnist().y_test) == 10_000


def test_checksums_are_those_of_the_files_and_of_what_they_hold():
    folder = datasets._BUNDLED
    for name in NAMES.values():
        data = (folder / f"{name}.gz").read_bytes()
        for found, sums in ((data, "SHA256SUMS"), (gzip.decompress(data), "SHA256SUMS.uncompressed")):
            assert hashlib.sha256(found).hexdigest() in (folder / sums).read_text()


# A folder of one's own


SMALL = {
    "train images": np.arange(6 * 4 * 5).reshape(6, 4, 5),
    "train labels": [5, 0, 4, 1, 9, 2],
    "test images": 255 - np.arange(3 * 4 * 5).reshape(3, 4, 5),
    "test labels": [7, 2, 1],
}


@pytest.fixture(params=[bytes, gzip.compress], ids=["plain", "gzipped"])
def pack(request):
    return request.param


@pytest.fixture
def paths(tmp_path, pack):
    """The four files of a small data set, by what they hold."""
    paths = {file: tmp_path / (name + ".gz" * (pack is gzip.compress)) for file, name in NAMES.items()}
    for file, path in paths.items():
        path.write_bytes(pack(idx(SMALL[file])))
    return paths


@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["str", "Path"])
def test_a_folder_of_ones_own(paths, kind):
    data = mnist(kind(paths["test labels"].parent))
    assert data.y_train.tolist() == SMALL["train labels"] and data.y_test.tolist() == SMALL["test labels"]
    for X, file in ((data.X_train, "train images"), (data.X_test, "test images")):
        assert X.dtype == np.float32 and np.array_equal(
            X, SMALL[file].reshape(-1, 20).astype(np.float32) / 255
        )


def test_gzipped_and_plain_files_may_be_mixed(paths):
    path = paths["train images"]
    path.unlink()
    path.with_name(NAMES["train images"]).write_bytes(idx(SMALL["train images"]))
    assert len(mnist(path.parent).X_train) == 6


def test_what_is_gzipped_is_seen_from_the_contents(paths):
    """A gzipped file may have lost its suffix on the way, and a browser may have unpacked one and left it."""
    for path in paths.values():
        path.rename(path.with_suffix("" if path.suffix else ".gz"))
    assert len(mnist(path.parent).X_train) == 6


@pytest.mark.parametrize("file", [None, *NAMES])
def test_a_dot_may_stand_before_idx(paths, file):
    for path in paths.values() if file is None else [paths[file]]:
        path.rename(path.with_name(path.name.replace("-idx", ".idx")))
    data = mnist(paths["test labels"].parent)
    assert data.y_train.tolist() == SMALL["train labels"] and len(data.X_test) == 3


def test_files_of_other_names_are_named(paths):
    folder = paths["test labels"].parent
    for path in paths.values():
        path.rename(path.with_name(f"emnist-digits-{path.name.replace('t10k', 'test')}"))
    said = r"but emnist-digits-test-images-idx3-ubyte.*, emnist.*\. Rename files, or read each by read_idx\."
    with pytest.raises(FileNotFoundError, match=said) as raised:
        mnist(folder)
    assert "…" not in str(raised.value)
    (folder / "a").touch()
    with pytest.raises(FileNotFoundError, match=r"but a(, emnist-[^,]+){3}, …\. Rename"):
        mnist(folder)


CONTENTS = {
    "empty": (b"", r"begins with b''; expected an IDX file"),
    "web page": (b"<!doctype html>", "begins with b'<!do'; expected an IDX file: two zero bytes, a type"),
    "wrong magic": (b"\0\1\x08\1" + bytes(5), "expected an IDX file"),
    "unknown type": (b"\0\0\x0a\1" + bytes(5), "expected an IDX file"),
    "three bytes": (b"\0\0\x08", "expected an IDX file"),
    "half a header": (b"\0\0\x08\3" + bytes(8), "ends after 12 bytes; expected at least 16, for 3 axes"),
    "trailing bytes": (idx([7, 2, 1]) + b"\0", r"holds 12 bytes; expected 11, for shape \(3,\)"),
    "one too few": (idx([7, 2, 1])[:-1], r"holds 10 bytes; expected 11, for shape \(3,\)"),
    "bytes in the other order": (
        struct.pack("<HBBI", 0, 8, 1, 3) + b"abc",
        r"expected 50331656, for shape \(50331648,\)",
    ),
    "floats": (idx([7, 2, 1], ">f4"), r"holds >f4 values of shape \(3,\); expected uint8 values with \d ax"),
    "two axes": (idx([[7, 2, 1]]), r"holds uint8 values of shape \(1, 3\); expected uint8 values with \d ax"),
    "no samples": (idx(np.zeros((0, 4, 5))), "expected uint8 values with .*"),
}


@EACH_FILE
@pytest.mark.parametrize("contents, message", CONTENTS.values(), ids=CONTENTS)
def test_contents_that_are_not_mnist(paths, pack, file, contents, message):
    paths[file].write_bytes(pack(contents))
    with pytest.raises(ValueError, match=re.escape(str(paths[file])) + ".*" + message):
        mnist(paths[file].parent)


def replaced(path, contents):
    path.unlink()
    path.mkdir() if contents is None else path.write_bytes(contents)


@EACH_FILE
@pytest.mark.parametrize(
    "change, error, message",
    [
        (
            lambda path: path.unlink(),
            FileNotFoundError,
            "holds neither {name}.gz nor {name}, but t.*-ubyte",
        ),
        (lambda path: replaced(path, None), OSError, "{path} cannot be read"),
        (
            lambda path: replaced(path, gzip.compress(idx([7, 2, 1])) + b"more"),
            ValueError,
            "{path} is a damaged gzip file .*: fetch it again",
        ),
    ],
    ids=["missing", "a folder", "bytes after the end"],
)
def test_a_file_that_is_not_what_it_should_be(paths, file, change, error, message):
    change(paths[file])
    message = message.format(name=NAMES[file], path=re.escape(str(paths[file])))
    with pytest.raises(error, match=message):
        mnist(paths[file].parent)


@EACH_FILE
def test_no_end_that_is_missing_goes_unseen(paths, file):
    whole = paths[file].read_bytes()
    for length in range(len(whole)):
        paths[file].write_bytes(whole[:length])
        with pytest.raises(ValueError, match=re.escape(str(paths[file]))):
            read_idx(paths[file])


def test_no_flipped_bit_in_a_gzipped_file_goes_unseen(tmp_path):
    """One in the time stamp or in unused bits changes nothing; any other is refused."""
    path, whole, refused = tmp_path / "labels.gz", gzip.compress(idx([7, 2, 1])), 0
    for place, bit in np.ndindex(len(whole), 8):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
        try:
            found = read_idx(path)
        except ValueError as error:
            assert str(path) in str(error)
            refused += 1
        else:
            assert found.tolist() == [7, 2, 1]
    assert refused > 8 * len(idx([7, 2, 1]))


def swap(one, other):
    data = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(data)


def write(file, values):
    return lambda paths, pack: paths[file].write_bytes(pack(idx(values)))


def swapped(one, other):
    return lambda paths, pack: swap(paths[one], paths[other])


PLACES = "holds uint8 values of shape .{},.; expected .* 3 axes. Are two files in each other's"


@pytest.mark.parametrize(
    "change, message",
    [
        (swapped("train images", "train labels"), PLACES.format(6)),
        (swapped("test images", "test labels"), PLACES.format(3)),
        (swapped("train images", "test images"), "images-.* holds 3 images, but .*labels-.* 6 labels"),
        (swapped("train labels", "test labels"), "images-.* holds 6 images, but .*labels-.* 3 labels"),
        (write("train labels", [5, 0, 4, 1, 9, 10]), "train-labels-.* holds the label 10; expected 0 to 9"),
        (write("test labels", [7, 2, 10]), "t10k-labels-.* holds the label 10; expected 0 to 9"),
        (write("test images", np.zeros((3, 5, 5))), "training images have 20 pixels, test images 25"),
    ],
)
def test_files_that_do_not_belong_together(paths, pack, change, message):
    change(paths, pack)
    with pytest.raises(ValueError, match=message):
        mnist(paths["test labels"].parent)


# The check of the bundled files, on a small set in their place


@pytest.fixture
def bundle(paths, monkeypatch):
    folder = paths["test labels"].parent
    sums = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in paths.values())
    (folder / "SHA256SUMS").write_text("".join(sums))
    monkeypatch.setattr(datasets, "_BUNDLED", folder)
    return paths


def test_the_bundle_is_whole(bundle):
    assert mnist().y_test.tolist() == SMALL["test labels"]


def alter_a_bit(path):
    data = bytearray(path.read_bytes())
    data[4] ^= 1  # within the time stamp, if gzipped
    path.write_bytes(data)


@EACH_FILE
@pytest.mark.parametrize(
    "change, error, message",
    [
        (alter_a_bit, ValueError, r"{path} has been altered: its sha256 is \w+, expected \w+\. Inst"),
        (lambda path: path.unlink(), FileNotFoundError, "neither {name}.gz nor {name}: install nnlib again"),
        (
            lambda path: path.with_name("SHA256SUMS").unlink(),
            FileNotFoundError,
            "SHA256SUMS does not exist.*install nnlib again",
        ),
    ],
    ids=["altered", "missing", "no checksums"],
)
def test_a_bundle_that_is_not_whole(bundle, file, change, error, message):
    change(bundle[file])
    with pytest.raises(error, match=message.format(name=NAMES[file], path=re.escape(str(bundle[file])))):
        mnist()


def test_bundled_training_and_test_data_in_each_others_place(bundle):
    for kind in ("images", "labels"):
        swap(bundle[f"train {kind}"], bundle[f"test {kind}"])
    with pytest.raises(ValueError, match="train-images.* has been altered"):
        mnist()


# read_idx


@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 3, 4), (0, 3), (1, 1, 2, 1, 2)], ids=str)
@pytest.mark.parametrize("dtype", CODES)
def test_read_idx_reads_each_type(tmp_path, pack, dtype, shape):
    values = (
        np.arange(math.prod(shape)).reshape(shape)
        - (0 if dtype == "u1" else 7)
        + (0.5 if "f" in dtype else 0)
    )
    path = tmp_path / "some.idx"
    path.write_bytes(pack(idx(values, dtype)))
    array = read_idx(path)
    assert array.dtype == dtype and array.shape == shape and array.tolist() == values.tolist()
    assert not array.flags.writeable


@pytest.mark.parametrize("ndim", [64, 65])
def test_an_array_of_numpy_has_64_axes_at_most(tmp_path, ndim):
    path = tmp_path / "some.idx"
    path.write_bytes(bytes([0, 0, 8, ndim]) + ndim * struct.pack(">I", 1) + b"7")
    if ndim == 64:
        assert read_idx(path).shape == 64 * (1,)
    else:
        with pytest.raises(ValueError, match="expected an IDX file"):
            read_idx(path)


def test_idx_types_are_those_of_the_format():
    assert datasets._IDX_TYPES == {code: dtype for dtype, code in CODES.items()}


def test_read_idx_names_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="some.idx does not exist"):
        read_idx(tmp_path / "some.idx")


def test_a_gzipped_file_may_unpack_to_a_megabyte_and_fifty_times_its_size(tmp_path):
    path, most = tmp_path / "zeros.gz", 2**20 + 50 * 2000
    for size in (most, most + 1):
        packed = gzip.compress(idx(np.zeros(size - 8)))
        path.write_bytes(packed.ljust(2000, b"\0"))  # gzip lets zeros stand behind the end
        if size == most:
            assert len(read_idx(path)) == most - 8
        else:
            with pytest.raises(ValueError, match="unpacks to more than 50 times its size"):
                read_idx(path)


# XOR and spirals


def test_xor():
    X, Y = xor()
    assert X.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]] and Y.tolist() == [[0], [1], [1], [0]]
    assert X.dtype == Y.dtype == np.float64


@pytest.mark.parametrize("options, sigma", [({}, 0.03), ({"noise": 0.1}, 0.1)], ids=["default", "0.1"])
def test_noise_has_the_standard_deviation_that_is_asked_for(options, sigma):
    n = 50_000
    clean, noisy = (spirals(n, rng=np.random.default_rng(0), **some)[0] for some in ({"noise": 0}, options))
    # The mean square of m = 4n normal numbers has variance 2σ⁴/m.
    assert abs(((noisy - clean) ** 2).mean() - sigma**2) <= 4 * sigma**2 * math.sqrt(2 / (4 * n))


def test_spirals_come_from_the_seed():
    first, same, other = (spirals(5, rng=np.random.default_rng(seed))[0] for seed in (1, 1, 2))
    assert np.array_equal(first, same) and not np.array_equal(first, other)


def test_spirals_are_what_they_say():
    n, noise = 5, 0.1
    X, Y = spirals(n, rng=np.random.default_rng(0), noise=noise)
    arm = [(k / n * np.cos(3 * np.pi * k / n), k / n * np.sin(3 * np.pi * k / n)) for k in range(1, n + 1)]
    noise = noise * np.random.default_rng(0).standard_normal((2 * n, 2))
    assert X == pytest.approx(np.vstack([arm, -np.array(arm)]) + noise)
    assert Y.tolist() == n * [[0]] + n * [[1]]
    assert spirals(1, rng=np.random.default_rng(0))[1].tolist() == [[0], [1]]
