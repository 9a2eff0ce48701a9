"""Processes that hold one peer each, with its own number of threads; only one of them works at a time."""

import multiprocessing
import os
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from benchmarks.peers import initial_weights, peer_class
from nnlib import accuracy, datasets

THREAD_SETTINGS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
TOLERANCE = 1e-4  # of a loss after 20 steps in float32
held = {}  # in the process of a worker: its peer, the data, and what was made ready for a measurement


class Worker:
    """A process; called with one of this package's functions and its arguments, it returns what that returns.

    Parameters
    ----------
    threads : int
        For BLAS and OpenMP by their environment variables; where the system can, the process also has this
        many cores only, which is what JAX goes by.
    name : str, optional
        A peer to load, on the data in `folder`.

    Attributes
    ----------
    traits : dict
        The peer's `learns`, `optimizer` and `only_batch_size`: the calling process does not load it.
    """

    def __init__(self, threads, name=None, folder=None):
        os.environ.update(dict.fromkeys(THREAD_SETTINGS, str(threads)), TF_CPP_MIN_LOG_LEVEL="2")
        context = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(1, context, _keep_cores, (threads,))
        self.traits = self(_load, name, folder)

    def __call__(self, function, *arguments):
        return self.pool.submit(function, *arguments).result()

    def close(self):
        self.pool.shutdown()


def write_data(folder):
    """Write MNIST to `folder`, once for all workers, so that none has the memory of reading it."""
    for name, array in datasets.mnist()._asdict().items():
        np.save(Path(folder, f"{name}.npy"), array)


def read_data(folder):
    """Return what `write_data` wrote."""
    return datasets.Mnist(*(np.load(Path(folder, f"{name}.npy")) for name in datasets.Mnist._fields))


def _keep_cores(threads):
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])


def _load(name, folder):
    if name:
        held["kind"] = peer_class(name)
        held["mnist"] = read_data(folder)
        held["peer"] = held["kind"](initial_weights(0))
        return {trait: getattr(held["kind"], trait) for trait in ("learns", "optimizer", "only_batch_size")}


# What a worker is asked


def loss_after_steps(batch_size, steps=20):
    """Return the loss of 1000 images after some steps in order, from the common weights."""
    X, y = held["mnist"].X_train, held["mnist"].y_train
    peer = held["kind"](initial_weights(0), eps=1e-12)
    peer.epoch(peer.data(X[: steps * batch_size], y[: steps * batch_size]), batch_size)
    return float(peer.loss(X[:1000], y[:1000]))


def epoch_seconds(batch_size, samples):
    """Return the seconds of one epoch on the first `samples` images, from the common weights.

    The first call for a batch size is preceded by an epoch that is not measured: compilation, caches.
    """
    peer, key = held["peer"], (batch_size, samples)
    if held.get("key") != key:
        X, y = held["mnist"].X_train[:samples], held["mnist"].y_train[:samples]
        held.update(data=peer.data(X, y), key=key)
    if key not in held.setdefault("warm", set()):
        peer.reset()
        peer.epoch(held["data"], batch_size, np.random.default_rng(0))
        held["warm"].add(key)
    peer.reset()
    started = time.perf_counter()
    peer.epoch(held["data"], batch_size, np.random.default_rng(0))
    return time.perf_counter() - started


def predict_seconds(samples, calls):
    """Return the median seconds of `calls` predictions for the first test images."""
    peer = held["peer"]
    X = peer.data(held["mnist"].X_test[:samples])
    peer.predict(X)
    seconds = []
    for _ in range(calls):
        started = time.perf_counter()
        peer.predict(X)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def seconds_to_accuracy(seed, lrs, batch_size, samples, goals):
    """Train with one learning rate after the other, an epoch each, and look at the test images after each.

    Returns
    -------
    dict
        For each goal the seconds of training until the first epoch that reached it, or None; the accuracy
        and the seconds of each epoch.
    """
    mnist, kind = held["mnist"], held["kind"]
    peer, rng = kind(initial_weights(seed)), np.random.default_rng(seed)
    data = peer.data(mnist.X_train[:samples], mnist.y_train[:samples])
    peer.epoch(data, batch_size, rng)  # compiles
    peer.reset()
    X_test = peer.data(mnist.X_test)
    accuracies, seconds = [], []
    for lr in lrs:
        peer.lr = lr
        started = time.perf_counter()
        peer.epoch(data, batch_size, rng)
        seconds.append(time.perf_counter() - started)
        accuracies.append(accuracy(peer.predict(X_test), mnist.y_test))
    reached = {
        str(goal): next((sum(seconds[: i + 1]) for i, a in enumerate(accuracies) if a >= goal), None)
        for goal in goals
    }
    return {"reached": reached, "accuracies": accuracies, "seconds": seconds}


def peak_megabytes():
    """Return the most memory that this process has had so far, or None where the system does not say."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
