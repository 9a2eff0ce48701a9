"""The exercise of the bug museum: a reader's test is tried on loaders, a right one and wrong ones."""

import inspect
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nnlib import minibatches
from nnlib.teach import bugs
from nnlib.teach.checks.engine import Crash, Unnamed, Wrong, shown, staged

__all__ = ["loader_test"]

HINT = (
    "what does a right loader do in an epoch, and what in the next? Call"
    " `loader(X, Y, batch_size=…, rng=rng)` on a few samples whose labels you know."
)
CALLED_LIKE = inspect.signature(minibatches)
RIGHT_RUNS, WRONG_RUNS = 20, 5  # with other random numbers each time


def _neighbours(X, Y, *, batch_size, rng):
    for X_batch, Y_batch in minibatches(X, Y, batch_size=batch_size, rng=rng):
        yield X_batch, np.roll(Y_batch, 1, axis=0)


def _whole_batches(X, Y, *, batch_size, rng):
    for X_batch, Y_batch in minibatches(X, Y, batch_size=batch_size, rng=rng):
        if len(X_batch) == batch_size:
            yield X_batch, Y_batch


def _drawn(X, Y, *, batch_size, rng):
    rows = rng.integers(len(X), size=len(X))
    return minibatches(np.asarray(X)[rows], np.asarray(Y)[rows], batch_size=batch_size, rng=None)


def _in_order(X, Y, *, batch_size, rng):
    return minibatches(X, Y, batch_size=batch_size, rng=None)


def _always_alike(X, Y, *, batch_size, rng):
    return minibatches(X, Y, batch_size=batch_size, rng=np.random.default_rng(0))


class Wanting(NamedTuple):
    """A wrong loader: what it does, in words."""

    loader: Callable
    does: str


LOADERS = (
    Wanting(bugs.labels_apart, "one that shuffles samples and labels apart"),
    Wanting(_neighbours, "one that hands out each sample with the label of its neighbour in the batch"),
    Wanting(_whole_batches, "one that leaves out the last batch where it is smaller than the others"),
    Wanting(
        _drawn,
        "one that draws each sample from all of them, so that in an epoch some come twice and others never",
    ),
    Wanting(_in_order, "one that never shuffles"),
    Wanting(_always_alike, "one that shuffles, into the same order in every epoch"),
    Wanting(
        bugs.fixed_batches,
        "one whose batches come in another order in every epoch, each of them made of the same samples",
    ),
)


class _Batches:
    """What a loader gives; notes whether somebody asks for more after its end."""

    def __init__(self, batches):
        self.batches, self.ended, self.asked_again = iter(batches), False, False

    def __iter__(self):
        return self

    def __next__(self):
        self.asked_again = self.asked_again or self.ended
        try:
            return next(self.batches)
        except StopIteration:
            self.ended = True
            raise


class _Watched:
    """A loader that notes how it is called: samples, batch size, and what it gave, for each epoch."""

    def __init__(self, loader):
        self.loader, self.calls = loader, []

    def __call__(self, *given, **named):
        X, Y, batch_size, rng = CALLED_LIKE.bind(*given, **named).arguments.values()
        if not isinstance(rng, np.random.Generator):
            raise TypeError(f"rng is {shown(rng)}; expected a Generator: hand on the one that you are given.")
        X, Y = np.asarray(X), np.asarray(Y)
        minibatches(X, Y, batch_size=batch_size, rng=None)  # which looks at what it is given
        batches = _Batches(self.loader(X, Y, batch_size=batch_size, rng=rng))
        self.calls.append((len(X), batch_size, batches))
        return batches


def _tested(loader, rng):
    X, Y = np.arange(11.0)[:, None], np.arange(11)
    epochs = []
    for _ in range(3):
        batches = list(loader(X, Y, batch_size=4, rng=rng))
        if any((X_batch[:, 0] != Y_batch).any() for X_batch, Y_batch in batches):
            return False
        if sorted(int(y) for _, labels in batches for y in labels) != list(Y):
            return False
        epochs.append({frozenset(labels.tolist()) for _, labels in batches})
    return epochs[0] != epochs[1] or epochs[1] != epochs[2]


@staged(right=_tested, hint=HINT)
def loader_test(ask, seed):
    """Check loader_test(loader, rng): True for a right loader, False for a wrong one.

    See notebooks/B_bug_museum.ipynb.
    """
    watched = _Watched(minibatches)
    refused = [_verdict(ask, watched, seed + k) for k in range(RIGHT_RUNS)].count(False)
    if not watched.calls:
        raise Wrong("Your test never calls the loader, so it knows nothing about it.")
    yield from [None] * (RIGHT_RUNS - refused)
    missed = {wanting.does: _missed(ask, wanting, seed) for wanting in LOADERS}
    caught = sum(not times for times in missed.values())
    if refused:
        raise Unnamed(_false_alarm(refused, caught, watched.calls))
    yield from [None] * caught
    if not caught:
        raise Wrong(
            "Your test says True to the right loader, and to each of the seven wrong ones: as it stands it"
            f" finds nothing. {_looked(watched)}".rstrip()
        )
    if caught < len(LOADERS):
        lines = [f"- {does}{_by_chance(times)}" for does, times in missed.items() if times]
        head = f"{caught} of {len(LOADERS)} wrong loaders are caught. These come through your test:"
        raise Unnamed("\n".join([head, "", *lines, "", _looked(watched)]).rstrip())
    return f"Right: it lets the right loader through in {RIGHT_RUNS} runs, and catches all seven wrong ones."


def _verdict(ask, loader, seed):
    """Return what the reader's test says of a loader, True or False."""
    said = ask(loader, np.random.default_rng(seed))
    if not isinstance(said, (bool, np.bool_)):
        raise Wrong(f"Your test returns {shown(said)}; expected True, if nothing is amiss, or False.")
    return bool(said)


def _missed(ask, wanting, seed):
    """Return in how many of its runs a wrong loader comes through."""
    try:
        said = [_verdict(ask, _Watched(wanting.loader), seed + k) for k in range(WRONG_RUNS)]
    except Crash as crash:
        raise Unnamed(f"{crash} That is with {wanting.does}: there your test should return False.") from None
    return said.count(True)


def _by_chance(times):
    return f" (in {times} of {WRONG_RUNS} runs: you catch it by chance)" if times < WRONG_RUNS else ""


def _false_alarm(refused, caught, calls):
    """Return why the right loader may have been refused."""
    samples, size, _ = calls[-1]
    if not caught and refused == RIGHT_RUNS:
        return "Your answers are turned round: True to each wrong loader, False to the right one."
    words = f"Your test refuses the right loader, `minibatches`, in {refused} of {RIGHT_RUNS} runs."
    if any(batches.asked_again for *_, batches in calls):
        return (
            f"{words} What a loader gives can be gone through once, and you go through it again, where"
            " nothing is left: keep the batches, `list(loader(…))`."
        )
    if size >= samples or size == 1:
        return (
            f"{words} With {samples} samples and a batch size of {size} the same samples meet in every epoch,"
            f" in whatever order they come: take {'larger' if size == 1 else 'smaller'} batches."
        )
    if refused < RIGHT_RUNS:
        return (
            f"{words} What you ask of it is so most of the time, and by chance it is not. Of few samples, two"
            " epochs are alike now and then; and a sample may well come where it came before."
        )
    sizes = [str(min(size, samples - start)) for start in range(0, samples, size)]
    return (
        f"{words} Which of the things you ask is not so? Of your {samples} samples it makes batches of"
        f" {', '.join(sizes[:6])}{', …' * (len(sizes) > 6)}, each sample once with its own label, and in"
        " another order in each epoch."
    )


def _looked(watched):
    """Return what the reader's test looks at, where that alone hides a wrong loader; else nothing."""
    epochs = len(watched.calls) // RIGHT_RUNS
    samples, size, _ = watched.calls[-1]
    said = []
    if epochs < 2:
        said.append("It looks at one epoch: what is the same in the next one, it cannot know.")
    if samples % size == 0:
        said.append(f"With {samples} samples in batches of {size}, no batch is smaller than the others.")
    if size == 1:
        said.append("In a batch of one sample, none has a neighbour.")
    return " ".join(said)
