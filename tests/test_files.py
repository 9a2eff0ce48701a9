"""Files that are cut, altered, half written or not what they say are told in a sentence, or read whole."""

import gzip
import io
import json
import os
import pickle
import re
import struct
import subprocess
import sys
import tempfile
import threading
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from nnlib import Network, Tanh
from nnlib.datasets import mnist, read_idx

POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals, links and open files")
ROOT = Path(__file__).resolve().parents[1]


def run(script, *arguments, **options):
    """Run a Python script in a process of its own, from the project's folder; return what it prints."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    options = {"cwd": ROOT, "capture_output": True, "text": True, "timeout": 240, **options}
    done = subprocess.run(command, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


# Saving

KILLS, MORE_KILLS = 100, 2000
# A child saves one of two networks after the other until it is killed, at a moment up to two saves away.
KILL = """
import json, os, random, signal, sys, time
from pathlib import Path
import numpy as np
from nnlib import Dense, Network

folder, kills = Path(sys.argv[1]), int(sys.argv[2])
path = folder / "weights.npz"
nets = [Network(Dense(500, 400, rng=np.random.default_rng(seed))) for seed in (0, 1, 2)]
old, new, read = nets
started = time.perf_counter()
for net in (new, old):
    net.save(path)
one_save = (time.perf_counter() - started) / 2
kept, unfinished = [], 0
moment = random.Random(0)
for _ in range(kills):
    before = set(folder.iterdir())
    child = os.fork()
    if child == 0:
        while True:
            new.save(path)
            old.save(path)
    time.sleep(moment.uniform(0, 2 * one_save))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    unfinished += set(folder.iterdir()) != before
    for p in read.params:
        p[...] = np.nan
    read.load(path)
    kept.append([all(map(np.array_equal, read.params, net.params)) for net in (old, new)])
new.save(path)
read.load(path)
assert all(map(np.array_equal, read.params, new.params))
names = sorted(p.name for p in folder.iterdir())
print(json.dumps({"kept": kept, "unfinished": unfinished, "names": names}))
"""


@POSIX
@pytest.mark.parametrize("kills", [KILLS, pytest.param(MORE_KILLS, marks=pytest.mark.slow)])
def test_a_save_that_is_killed_leaves_the_old_or_the_new_file(tmp_path, kills):
    said = json.loads(run(KILL, tmp_path, kills, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}))
    assert len(said["kept"]) == kills and all(old != new for old, new in said["kept"])
    assert said["unfinished"] >= kills / 10  # else the kills came at other moments than those of a save
    litter = [name for name in said["names"] if re.fullmatch(r"\.weights\.npz\.\d+\.\d+\.part", name)]
    assert sorted(["weights.npz", *litter]) == said["names"] and len(litter) == said["unfinished"]


@POSIX
def test_threads_that_save_at_the_same_time_leave_a_whole_file(make_net, tmp_path):
    path, wrong = tmp_path / "weights.npz", []
    nets = [make_net(60, 50, 40, seed=seed) for seed in range(4)]

    def save(net):
        try:
            for _ in range(20):
                net.save(path)
        except Exception as error:
            wrong.append(error)

    nets[0].save(path)
    threads = [threading.Thread(target=save, args=[net]) for net in nets]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        net = make_net(60, 50, 40, seed=5)
        net.load(path)
        assert any(all(map(np.array_equal, net.params, other.params)) for other in nets)
    assert wrong == [] and os.listdir(tmp_path) == ["weights.npz"]


# Damaged files of weights


class Marks:
    """Unpickled, it would leave a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def npy(array, **header):
    """Return the bytes of an array as NumPy stores it, with another `header` if one is given."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(array) | header)
    return file.getvalue() + array.tobytes()


def archive(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, data in members:
            file.writestr(name, data)


def flip_bits(rng, path, members, mark):
    data = bytearray(path.read_bytes())
    for place in rng.integers(len(data), size=rng.integers(1, 20)):
        data[place] ^= 1 << int(rng.integers(8))
    path.write_bytes(data)


def flip_bits_of_the_directory(rng, path, members, mark):
    data = bytearray(path.read_bytes())
    start = data.index(b"PK\x01\x02")
    data[int(rng.integers(start, len(data)))] ^= 1 << int(rng.integers(8))
    path.write_bytes(data)


def flip_bits_of_an_array(rng, path, members, mark):
    """In NumPy's own header; the checksum is made anew, and does not see it."""
    name, data = members.pop(int(rng.integers(len(members))))
    data = bytearray(data)
    data[int(rng.integers(128))] ^= 1 << int(rng.integers(8))
    archive(path, [*members, (name, bytes(data))])


def truncate(rng, path, members, mark):
    path.write_bytes(path.read_bytes()[: rng.integers(path.stat().st_size)])


def cut_out_a_piece(rng, path, members, mark):
    data = path.read_bytes()
    start, end = sorted(int(place) for place in rng.integers(len(data), size=2))
    path.write_bytes(data[:start] + data[end + 1 :])


def repeat_a_piece(rng, path, members, mark):
    data = path.read_bytes()
    start, end = sorted(int(place) for place in rng.integers(len(data), size=2))
    path.write_bytes(data[: end + 1] + data[start:])


def overwrite_a_piece(rng, path, members, mark):
    data = bytearray(path.read_bytes())
    start = int(rng.integers(len(data)))
    data[start : start + 64] = rng.bytes(64)
    path.write_bytes(data)


def order_the_members_anew(rng, path, members, mark):
    archive(path, [members[i] for i in rng.permutation(len(members))])


def swap_two_members(rng, path, members, mark):
    (a, one), (b, other) = members[0], members[int(rng.integers(1, len(members)))]
    archive(path, [*(pair for pair in members if pair[0] not in (a, b)), (a, other), (b, one)])


def rename_a_member(rng, path, members, mark):
    name, data = members.pop(int(rng.integers(len(members))))
    names = ["param9.npy", "../param0.npy", "/param0.npy", name.upper(), name[:-4], "weights.npy"]
    archive(path, [*members, (str(rng.choice(names)), data)])


def leave_a_member_out(rng, path, members, mark):
    del members[int(rng.integers(len(members)))]
    archive(path, members)


def add_members(rng, path, members, mark):
    extra = [(f"param{len(members) + i}.npy", npy(np.ones(3))) for i in range(rng.integers(1, 500))]
    archive(path, [*members, *extra] if rng.integers(2) else [*members, ("note.txt", b"by hand")])


def claim_a_huge_shape(rng, path, members, mark):
    i = int(rng.integers(len(members)))
    shapes = [(10**10 // 8,), (10**15,), (2**62, 2**62), (-1,), (10**6, 0), (), (True,), ("a",), (2**70,)]
    shape = shapes[int(rng.integers(len(shapes)))]
    members[i] = members[i][0], npy(np.ones(12), shape=shape)
    archive(path, members)


def claim_another_type(rng, path, members, mark):
    i = int(rng.integers(len(members)))
    descr = [
        "|O",
        "<U9999",
        "V8",
        "<M8[s]",
        "<c8",
        "|S0",
        "<f99",
        [("a", "<f8")],
        [("a", "|O")],
        "|S999999999",
    ]
    members[i] = members[i][0], npy(np.ones(12), descr=descr[int(rng.integers(len(descr)))])
    archive(path, members)


def compress_to_a_bomb(rng, path, members, mark):
    i = int(rng.integers(len(members)))
    members[i] = members[i][0], npy(np.zeros(100_000))
    archive(path, members, int(rng.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])))


def pickle_an_object(rng, path, members, mark):
    bomb = pickle.dumps(np.array([Marks(mark)]))
    i = int(rng.integers(len(members)))
    whole = [
        lambda: path.write_bytes(bomb),
        lambda: path.write_bytes(npy(np.ones(1), descr="|O") + bomb),
        lambda: archive(path, [*members[:i], (members[i][0], npy(np.ones(1), descr="|O")[:128] + bomb)]),
        lambda: archive(path, [*members[:i], (members[i][0], bomb), *members[i + 1 :]]),
        lambda: archive(path, [*members[:i], (members[i][0][:-4], bomb), *members[i + 1 :]]),
        lambda: np.savez(path, **{"param0": np.array([Marks(mark)])}),
    ]
    whole[int(rng.integers(len(whole)))]()


def write_something_else(rng, path, members, mark):
    others = [b"", b"PK", b"PK\x05\x06" + bytes(18), b"<!doctype html>", npy(np.ones(12)), rng.bytes(500)]
    others.append(npy(np.ones(1), shape=(10**10 // 8,)))
    path.write_bytes(others[int(rng.integers(len(others)))])


DAMAGES = [
    flip_bits,
    flip_bits_of_the_directory,
    flip_bits_of_an_array,
    truncate,
    cut_out_a_piece,
    repeat_a_piece,
    overwrite_a_piece,
    order_the_members_anew,
    swap_two_members,
    rename_a_member,
    leave_a_member_out,
    add_members,
    claim_a_huge_shape,
    claim_another_type,
    compress_to_a_bomb,
    pickle_an_object,
    write_something_else,
]
TIMES = 20  # each


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::SyntaxWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_file_is_told_or_read_as_it_was(make_net, tmp_path, raw, damage):
    saved, net = make_net(5, 4, 3, seed=1), make_net(5, 4, 3)
    path, mark = tmp_path / "weights.npz", tmp_path / "mark"
    first = [p.copy() for p in net.params]
    before, after, refused = raw(net.params), raw(saved.params), 0
    for seed in range(TIMES):
        saved.save(path)
        with zipfile.ZipFile(path) as file:
            members = [(name, file.read(name)) for name in file.namelist()]
        damage(np.random.default_rng(seed), path, members, mark)
        try:
            net.load(path)
        except ValueError as error:
            assert str(path) in str(error) and raw(net.params) == before
            refused += 1
        else:
            if damage is flip_bits_of_an_array:  # one bit makes >f8 of <f8: a sound file of other weights
                assert all(np.isfinite(p).all() for p in net.params)
            else:
                assert raw(net.params) == after
        assert not mark.exists()
        for p, array in zip(net.params, first, strict=True):
            p[...] = array
    assert refused == 0 if damage is order_the_members_anew else refused >= TIMES / 4


# Memory

# The most that the process has taken, in kilobytes, over what it had taken before it read anything wrong.
LOAD = """
import re, sys
from pathlib import Path
import numpy as np
from nnlib import Dense, Network

def most():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])

net = Network(Dense(3, 4, rng=np.random.default_rng(0)))
net.save(sys.argv[1])
net.load(sys.argv[1])
before = most()
for path in sys.argv[2:]:
    try:
        net.load(path)
    except ValueError as error:
        pass
    else:
        sys.exit(f"{path} was loaded")
    print(most() - before)
"""


def lying_sizes(path):
    """One small member whose directory says that it unpacks to four gigabytes."""
    archive(path, [("param0.npy", npy(np.ones((3, 4)))), ("param1.npy", npy(np.ones(4)))])
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    struct.pack_into("<II", data, entry + 20, 0xFFFFFFFE, 0xFFFFFFFE)
    path.write_bytes(data)


def overlapping_members(path):
    """A directory in which a thousand names mean the same megabyte."""
    data = npy(np.ones(125_000))
    archive(path, [("param0.npy", data)])
    whole = path.read_bytes()
    start = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    directory = b"".join(
        whole[start:end].replace(b"param0.npy", f"param{i}.npy".encode(), 1)[:28]
        + struct.pack("<H", len(f"param{i}.npy"))
        + whole[start + 30 : start + 46]
        + f"param{i}.npy".encode()
        for i in range(1000)
    )
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1000, 1000, len(directory), start, 0)
    path.write_bytes(whole[:start] + directory + tail)


BOMBS = {
    "compressed": lambda path: archive(
        path, [("param0.npy", npy(np.zeros(8_000_000)))], zipfile.ZIP_DEFLATED
    ),
    "compressed beside the weights": lambda path: archive(
        path, [("param0.npy", npy(np.zeros((3, 4)))), ("x", bytes(64_000_000))], zipfile.ZIP_BZIP2
    ),
    "long header": lambda path: archive(
        path, [("param0.npy", b"\x93NUMPY\2\0\0\0\0\4" + bytes(2**26))], zipfile.ZIP_DEFLATED
    ),
    "ten gigabytes": lambda path: archive(path, [("param0.npy", npy(np.ones(12), shape=(10**10 // 8,)))]),
    "ten gigabytes, no archive": lambda path: path.write_bytes(npy(np.ones(12), shape=(10**10 // 8,))),
    "sizes that lie": lying_sizes,
    "overlapping members": overlapping_members,
}


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux tells it")
def test_a_file_takes_no_more_memory_than_its_size_justifies(tmp_path):
    paths = []
    for name, make in BOMBS.items():
        paths.append(tmp_path / f"{name}.npz")
        make(paths[-1])
        assert paths[-1].stat().st_size < 2_000_000
    printed = run(LOAD, tmp_path / "good.npz", *paths).split()
    taken = dict(zip(BOMBS, map(int, printed), strict=True))
    assert max(taken.values()) < 20_000, taken


def test_a_good_file_takes_a_few_times_its_size(make_net, tmp_path):
    net = make_net(1000, 500)
    net.save(tmp_path / "weights.npz")
    tracemalloc.start()
    net.load(tmp_path / "weights.npz")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 3 * (tmp_path / "weights.npz").stat().st_size


# Data files: what tests/test_datasets.py leaves out

LABELS = bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1])


@pytest.fixture
def labels(tmp_path):
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress(LABELS))
    return path


def test_two_gzip_members_are_one_file(labels):
    """So says the format; what follows the whole is refused, as in a plain file."""
    labels.write_bytes(gzip.compress(LABELS[:9]) + gzip.compress(LABELS[9:]))
    assert read_idx(labels).tolist() == [7, 2, 1]
    labels.write_bytes(2 * gzip.compress(LABELS))
    with pytest.raises(ValueError, match=r"labels.gz holds 22 bytes; expected 11, for shape \(3,\)"):
        read_idx(labels)


@pytest.mark.parametrize("place, name", [(-8, "checksum"), (-4, "length")])
def test_a_wrong_checksum_or_length_at_the_end_of_a_gzipped_file(labels, place, name):
    data = bytearray(labels.read_bytes())
    data[place] ^= 1
    labels.write_bytes(data)
    with pytest.raises(ValueError, match="labels.gz is a damaged gzip file"):
        read_idx(labels)


@pytest.mark.parametrize(
    "contents",
    [
        b"\0\0\x08\x41" + 65 * b"\0\0\0\1" + b"\7",  # more axes than an array of NumPy has
        b"\0\0\x08\2" + 2 * b"\xff\xff\xff\xff",
        gzip.compress(gzip.compress(LABELS)),
        b"PK\3\4" + bytes(30),
    ],
    ids=["65 axes", "2**64 values", "gzipped twice", "zip"],
)
def test_headers_that_no_data_has(labels, contents):
    labels.write_bytes(contents)
    with pytest.raises(ValueError, match=re.escape(str(labels))):
        read_idx(labels)


def test_as_many_axes_as_an_array_can_have(labels):
    labels.write_bytes(b"\0\0\x08\x40" + 64 * b"\0\0\0\1" + b"\7")
    assert read_idx(labels).shape == (1,) * 64 and read_idx(labels).item() == 7


@POSIX
def test_a_link_to_a_good_file_is_read_and_one_to_nothing_is_told(labels, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(labels)
    assert read_idx(link).tolist() == [7, 2, 1]
    labels.unlink()
    with pytest.raises(FileNotFoundError, match="link does not exist"):
        read_idx(link)
    names = [f"{part}-idx{n}-ubyte" for part, n in (("train-images", 3), ("train-labels", 1))]
    for name in names:
        (tmp_path / name).symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match=f"holds neither {names[0]}.gz nor {names[0]}"):
        mnist(tmp_path)
    link.unlink()
    link.symlink_to(link)
    with pytest.raises(OSError, match=re.escape(str(link))):
        read_idx(link)


@POSIX
@pytest.mark.parametrize("read", [read_idx, Network(Tanh()).load], ids=["read_idx", "load"])
def test_a_pipe_is_not_waited_for(tmp_path, read):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="pipe cannot be read: it is no file"):
        read(tmp_path / "pipe")


def test_a_file_in_place_of_the_folder(labels):
    with pytest.raises(FileNotFoundError, match="labels.gz is a file: read_idx reads a single one"):
        mnist(labels)


@pytest.mark.parametrize("packed", ["idx", "no idx"])
def test_a_gzip_bomb_among_data_files_is_not_unpacked(labels, packed):
    """64 MB of zeros in 64 kB, with a header that says so or without: 50 times its size is read at most."""
    header = b"\0\0\x08\1" + (2**26).to_bytes(4, "big") if packed == "idx" else b""
    labels.write_bytes(gzip.compress(header + bytes(2**26)))
    tracemalloc.start()
    with pytest.raises(ValueError, match="labels.gz unpacks to more than 50 times its size; expected"):
        read_idx(labels)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2**24


def test_what_killed_saves_left_behind_is_swept_and_nothing_else(make_net, tmp_path):
    net, path = make_net(3, 2), tmp_path / "weights[1].npz"
    old = [f".{path.name}.{process}.{process}.part" for process in (1, 2)]
    kept = [f".{path.name}.3.3.part", ".weights1.npz.1.1.part", f".{path.name}.copy", f"{path.name}.1.1.part"]
    for name in [*old, *kept]:
        (tmp_path / name).write_bytes(b"half")
    for name in [*old, *kept[1:]]:
        os.utime(tmp_path / name, (0, 0))
    net.save(path)
    assert sorted(os.listdir(tmp_path)) == sorted([path.name, *kept])


def test_a_tilde_is_the_home_folder(make_net, tmp_path, monkeypatch):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    net = make_net(3, 2)
    net.save("~/weights.npz")
    net.load(Path("~/weights.npz"))
    assert os.listdir(tmp_path) == ["weights.npz"]
    (tmp_path / "labels").write_bytes(LABELS)
    assert read_idx("~/labels").tolist() == [7, 2, 1]
    with pytest.raises(FileNotFoundError, match=re.escape(f"{tmp_path} holds neither")):
        mnist("~")


@POSIX
def test_a_file_that_may_not_be_read():
    """Root may read everything, so it gives that up for a moment."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path = Path(folder, "labels")
        path.write_bytes(LABELS)
        path.chmod(0)
        user = os.geteuid()
        try:
            if user == 0:
                os.seteuid(65534)
            with pytest.raises(OSError, match="labels cannot be read: Permission denied"):
                read_idx(path)
        finally:
            os.seteuid(user)


def test_four_processes_read_at_the_same_time():
    script = "from nnlib.datasets import mnist; print(mnist())"
    command = [sys.executable, "-c", script]
    several = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [process.communicate(timeout=240)[0].strip() for process in several]
    assert said == 4 * [repr(mnist())]
