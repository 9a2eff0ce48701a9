"""The benchmarks measure the same computation everywhere, run from end to end, and tell what they found."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import __main__ as bench
from benchmarks import convolution, peers, report, turns, worker, xor
from benchmarks.peers.matrix_products import MatrixProducts
from nnlib import Dense, Network
from nnlib.datasets import Mnist

HERE = [name for name, (_, packages) in peers.PEERS.items() if not packages]
TINY = {
    "samples": {1: 10, 64: 200},
    "repeats": 2,
    "seeds": 2,
    "race_samples": 200,
    "loaded_samples": 128,
    "calls": {1: 2, 10_000: 2},
}


@pytest.fixture
def small_mnist(rng):
    """300 training and 50 test images of noise."""
    X, y = rng.random((350, 784), np.float32), rng.integers(10, size=350, dtype=np.uint8)
    return Mnist(X[:300], y[:300], X[300:], y[300:])


# Each peer computes the same thing


def loss_after_steps(name, mnist, batch_size):
    peer = peers.peer_class(name)(peers.initial_weights(1), eps=1e-12)
    rows = slice(4 * batch_size)
    peer.epoch(peer.data(mnist.X_train[rows], mnist.y_train[rows]), batch_size)
    return peer.loss(mnist.X_test, mnist.y_test)


@pytest.mark.filterwarnings("ignore")  # of the frameworks, which warn of each other
@pytest.mark.parametrize("name", peers.PEERS)
def test_a_peer_computes_what_nnlib_does(name, small_mnist):
    if lacking := peers.missing(name):
        pytest.skip(f"not installed: {', '.join(lacking)}")
    kind = peers.peer_class(name)
    if not kind.learns:
        pytest.skip("it has no loss; the test below compares its products")
    batch_size = kind.only_batch_size or 64
    reference = {"adam": "nnlib", "sgd": "nnlib, SGD"}[kind.optimizer]
    expected = loss_after_steps(reference, small_mnist, batch_size)
    start = peers.peer_class(reference)(peers.initial_weights(1)).loss(small_mnist.X_test, small_mnist.y_test)
    assert abs(expected / start - 1) > 100 * worker.TOLERANCE  # else nothing would be compared
    assert loss_after_steps(name, small_mnist, batch_size) == pytest.approx(expected, rel=worker.TOLERANCE)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", peers.PEERS)
def test_a_reset_peer_begins_anew(name, small_mnist):
    if lacking := peers.missing(name):
        pytest.skip(f"not installed: {', '.join(lacking)}")
    peer = peers.peer_class(name)(peers.initial_weights(1))
    data, outputs = peer.data(small_mnist.X_train, small_mnist.y_train), []
    for _ in range(2):
        peer.reset()
        peer.epoch(data, peer.only_batch_size or 64)
        outputs.append(np.array(peer.predict(peer.data(small_mnist.X_test))))
    assert np.array_equal(*outputs)


def test_the_floor_does_the_products_of_a_training_step(small_mnist, rng):
    floor = MatrixProducts(peers.initial_weights(1))
    floor.epoch((small_mnist.X_train[:100], None), 64)  # a batch of 64 and one of 36
    net = Network(*(Dense(*W.shape, rng=rng) for W in floor.W))
    for layer, W in zip(net.layers, floor.W, strict=True):
        layer.W = W
    net.backward(net.forward(small_mnist.X_train[64:100]))
    for layer, dW in zip(net.layers, floor.dW, strict=True):
        assert np.allclose(dW, layer.dW, rtol=1e-4, atol=1e-3)


def test_xor_is_the_same_in_the_classic_loop():
    assert xor.difference(200) < 1e-12


def test_convolutions_are_timed_where_they_agree(monkeypatch):
    found = convolution.measure(quick=True)
    assert found["seconds"]["nnlib"] > 0 and found["peak_bytes"] > 1e6
    other = {"nnlib": convolution.of_nnlib, "Zebra": lambda X, dY: convolution.of_nnlib(X, 2 * dY)}
    monkeypatch.setattr(
        convolution, "contestants", lambda *data: {name: make(*data) for name, make in other.items()}
    )
    with pytest.raises(SystemExit, match="Zebra computes something else"):
        convolution.measure(quick=True)


# From end to end


@pytest.fixture
def results(small_mnist, monkeypatch, capfd):
    """A run at the smallest size, with one peer that is not installed."""
    chosen = {name: peers.PEERS[name] for name in HERE} | {"Zebra": ("zebra.Zebra", ("zebra_nets",))}
    monkeypatch.setattr(bench, "PEERS", chosen)
    monkeypatch.setattr(peers, "PEERS", chosen)
    monkeypatch.setattr(worker.datasets, "mnist", lambda: small_mnist)
    monkeypatch.setattr(bench, "GOALS", (0.0, 0.97, 0.98))
    found = bench.measure(TINY, quick=True)
    assert "left out: Zebra (not installed: zebra_nets)" in capfd.readouterr().out
    return found


def test_a_whole_run(results, tmp_path):
    assert results["left_out"] == ["Zebra"]
    assert set(results["epoch"]["1"]) == set(results["epoch"]["2"]) == set(HERE)
    assert list(results["epoch"]["1"]["nnlib"]) == ["1", "64"]
    assert all(len(repeats) == 2 for repeats in results["epoch"]["1"]["nnlib"].values())
    assert list(results["epoch"]["1"]["classic loop, SGD, float64"]) == ["1"]
    assert report.reached(results, "nnlib", "0.0") > 0 and report.reached(results, "nnlib", "0.98") is None
    assert {one["num_threads"] for one in results["machine"]["blas"]} <= {1}
    assert results["memory"]["peak_bytes"] > 4 * results["memory"]["parameter_bytes"]
    by_name = {what: ratio for what, ratio, _, _ in report.targets(results)}
    assert by_name["scikit-learn / nnlib"] is None
    assert by_name["an epoch with Adam / the matrix products"] > 1

    folder = tmp_path / "benchmarks"
    folder.mkdir()
    for path in (folder / "README.md", tmp_path / "README.md"):
        path.write_text("before\n<!-- bench -->\nstale\n<!-- /bench -->\nafter\n")
    report.store(results, folder)
    stored = json.loads((folder / "results.json").read_text())
    assert stored == results
    assert (folder / "epoch.png").read_bytes().startswith(b"\x89PNG")
    short, long = (tmp_path / "README.md").read_text(), (folder / "README.md").read_text()
    assert short.startswith("before\n<!-- bench -->\n| ") and short.endswith("\n<!-- /bench -->\nafter\n")
    assert "**nnlib**" in short and "stale" not in short + long
    assert "Not installed, so left out: Zebra." in short
    assert all(f"| {what} |" in long for what in by_name)
    report.store(stored, folder)
    assert (tmp_path / "README.md").read_text() == short


def test_a_peer_that_computes_something_else_stops_the_run():
    def ask(loss):
        def answer(function, batch_size):
            return loss

        answer.traits = {"learns": True, "optimizer": "adam", "only_batch_size": None}
        return answer

    bench.agreement({"nnlib": ask(1.0), "close": ask(1.00005)})
    with pytest.raises(SystemExit, match="far computes something else"):
        bench.agreement({"nnlib": ask(1.0), "far": ask(1.001)})


# What is told


@pytest.mark.parametrize(
    "value, text",
    [
        (None, None),
        (1234.5, "1234 s"),
        (12.34, "12.3 s"),
        (0.6543, "654 ms"),
        (0.01, "10.0 ms"),
        (3.21e-5, "32.1 µs"),
    ],
)
def test_seconds_are_written_with_three_digits(value, text):
    assert report.seconds(value) == text


@pytest.mark.parametrize(
    "ratio, sign, text, verdict",
    [
        (1.1149, "≤", "1.11", "met"),
        (1.12, "≤", "1.12", "met"),
        (1.1241, "≤", "1.124", "not met"),
        (1.12004, "≤", "1.12004", "not met"),
        (1.1199, "≥", "1.1199", "not met"),
        (1.1201, "≥", "1.12", "met"),
    ],
)
def test_a_ratio_stands_on_its_side_of_the_target(monkeypatch, ratio, sign, text, verdict):
    monkeypatch.setattr(report, "targets", lambda results: [("a / b", ratio, sign, 1.12)])
    assert f"| a / b | {text} | {sign} 1.12 | {verdict} |" in report._targets({})


@pytest.mark.parametrize(
    "runs, median", [([3, 1, 2], 2), ([1, None, 2], 2), ([None, 1, None], None), ([], None)]
)
def test_a_goal_is_reached_where_most_runs_reach_it(runs, median):
    results = {"race": {"nnlib": [{"reached": {"0.98": seconds}} for seconds in runs]}}
    assert report.reached(results, "nnlib", "0.98") == median


def test_stored_tables_are_those_of_the_stored_results():
    if not (report.FOLDER / "results.json").exists():
        pytest.skip("no results are stored yet")
    results = json.loads((report.FOLDER / "results.json").read_text())
    assert not results["quick"]
    for path, text in report.documents(results).items():
        document = path.read_text("utf-8")
        assert report.MARKERS[0] in document and report.between_markers(document, text) == document, path


def test_what_is_compared_takes_turns_and_each_has_its_median(monkeypatch):
    clock, order = [0], []

    def works(name, seconds):
        def run():
            order.append(name)
            clock[0] += seconds.pop(0)

        return run

    monkeypatch.setattr(turns, "time", SimpleNamespace(perf_counter=lambda: clock[0]))
    teams = {"a": works("a", [1, 9, 2]), "b": works("b", [5, 5, 3])}
    assert turns.median_seconds(teams, 3) == {"a": 2, "b": 5}
    assert order == [*"ababab"]
