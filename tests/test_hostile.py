"""Answers that nobody would give in good faith: a verdict every time, in bounded time, and never "Right"."""

import sys

import numpy as np
import pytest

from nnlib.teach import checks
from nnlib.teach.checks.engine import Exercise, Sheet, running
from nnlib.teach.checks.engine.verdict import UNREADABLE, Verdict
from tests.hostile import FUNCTIONS, VALUES

# What ends a loop may arrive in a callback of the collector, in the thread of the loop. Python drops it.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def eight_gigabytes():
    """Let nothing have more memory than a small machine has: what asks for more gets a MemoryError."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (8 * 2**30, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(running, "SECONDS", 0.2)
    limit = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(limit)


def more_of(name):
    """Return what a check takes besides the answer."""
    if name == "overfits":
        return np.zeros((4, 6)), np.array([0, 1, 0, 1])
    if name == "mnist_recipe":
        return (
            np.zeros((4, 6), np.float32),
            np.array([0, 1, 0, 1]),
            np.zeros((2, 6), np.float32),
            np.array([0, 1]),
        )
    return ()


NO_CHECKS = {"Verdict", "chosen", "installation", "wrong_layer_tables"}
NAMES = [name for name in checks.__all__ if name not in NO_CHECKS]


def hears(name, answer):
    verdict = getattr(checks, name)(answer, *more_of(name))
    assert isinstance(verdict, Verdict)
    assert not verdict, verdict.text[:200]
    assert 0 < len(verdict.text) < 6000 and str(verdict)
    return verdict.text


def test_there_are_two_hundred():
    assert len(VALUES) == 228 and len(FUNCTIONS) == 33


EACH_CHECK = pytest.mark.parametrize("name", NAMES)
HOW_MANY = pytest.mark.parametrize("share", [6, pytest.param(1, marks=pytest.mark.slow)])


def some(values, name, share):
    """Return each so many of the values, others for each check; `make thorough` has them all."""
    return dict(list(values.items())[NAMES.index(name) % share :: share])


@EACH_CHECK
@HOW_MANY
def test_a_hostile_answer_gets_a_verdict(name, share):
    for value in some(VALUES | FUNCTIONS, name, share).values():
        hears(name, value)


@EACH_CHECK
@HOW_MANY
def test_a_hostile_result_gets_a_verdict(name, share):
    check, unread = getattr(checks, name), []
    for key, value in some(VALUES, name, share).items():
        if isinstance(check, Sheet):
            answer = dict.fromkeys(check.names, value)
        elif isinstance(check, Exercise) and check.returns:
            count = len(check.results)
            answer = (lambda *_, v=value: v) if count == 1 else (lambda *_, v=value, n=count: (v,) * n)
        else:
            answer = lambda *_, v=value: v  # noqa: E731
        if UNREADABLE in hears(name, answer):
            unread.append(key)
    assert not unread
