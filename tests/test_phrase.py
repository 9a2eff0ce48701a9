"""The recorded net that repeats a phrase: what is said of it, and that its recipe still makes such a net."""

import numpy as np
import pytest

from nnlib.teach import checks, phrase
from nnlib.teach.phrase import ASKED, HEADS, MOMENTS, PLACES


@pytest.fixture(scope="module")
def maps():
    """Return letters, and the maps of the four heads, (500, 20, 20) each."""
    X, _ = phrase.phrases(np.random.default_rng(3), 500)
    net = phrase.network()
    net.predict(X)
    A = [net.layers[k].layers[0].A for k in (2, 3)]
    return X, {name: A[int(name[0]) - 1][:, int(name[2]) - 1] for name in HEADS}


def test_a_phrase_comes_again():
    X, Y = phrase.phrases(np.random.default_rng(0), 200)
    assert X.shape == Y.shape == (200, PLACES) and list(ASKED) == [16, 17, 18, 19]
    starts = set()
    for x, y in zip(X, Y, strict=True):
        assert len(set(x[:16])) == 16 and (y[:16] == -1).all() and np.array_equal(x[17:], y[16:19])
        start = int((x[:16] == x[16]).argmax())
        assert np.array_equal([*x[16:], y[19]], x[start : start + 5])
        starts.add(start)
    assert starts == set(range(12))


def test_each_head_does_what_the_exercise_says(maps):
    X, A = maps
    t = np.arange(1, 16)
    back = {name: A[name][:, t, t - 1].mean() for name in HEADS}
    itself = {name: A[name][:, t, t].mean() for name in HEADS}
    n = np.arange(500)[:, np.newaxis]
    first = (X[:, np.newaxis, :16] == X[:, 16:, np.newaxis]).argmax(axis=2)
    followed = {name: A[name][n, np.arange(16, 20), first + 1].mean() for name in HEADS}
    same = {name: A[name][n, np.arange(16, 20), first].mean() for name in HEADS}
    assert back["1.2"] > 0.98 and itself["1.1"] > 0.6 and followed["2.1"] > 0.85 and followed["2.2"] > 0.98
    assert max(back["1.1"], back["2.1"], back["2.2"], *(itself[name] for name in HEADS[1:])) < 0.25
    assert max(followed["1.1"], followed["1.2"], same["2.1"], same["2.2"]) < 0.1


def test_what_is_lost_without_a_head():
    assert phrase.right_without() > 0.99 and phrase.right_without("1.2") < 0.01
    assert phrase.right_without("1.1") > 0.95 and phrase.right_without("2.1") > 0.95
    assert 0.05 < phrase.right_without("2.2") < 0.2 and phrase.right_without("2.1", "2.2") < 0.01


def test_the_answers_of_the_exercise_follow_from_the_net():
    typed = "qdmxbakzfwehtlcpkzfw"
    X = np.array([[phrase.LETTERS.index(letter) for letter in typed]])
    net = phrase.network()
    said = phrase.LETTERS[net.predict(X)[0, 18].argmax()]
    place = int(net.layers[3].layers[0].A[0, 1, 18].argmax())
    letter = typed[net.layers[2].layers[0].A[0, 1, place].argmax()]
    assert (said, place, letter) == ("w", 9, "f")
    answers = {"1.1": "itself", "1.2": "one back", "2.1": "what followed", "2.2": "what followed"}
    assert checks.looks_back(answers | {"place": place, "letter": letter, "needed": "1.2"})


def test_what_moves_is_what_the_exercise_says(rng):
    n, p = 3, [0, 2, 1, 3]
    X, dY, P = rng.standard_normal((3, 4, n))
    W_Q, W_K, W_V = rng.standard_normal((3, n, n))
    q = rng.standard_normal((1, n))

    def quantities(X, dY, P):
        def head(X, Q, causal=False):
            S = Q @ (X @ W_K).T / np.sqrt(n)
            M = np.where(np.tri(4), S, -np.inf) if causal else S
            A = np.exp(M - M.max(axis=1, keepdims=True))
            A /= A.sum(axis=1, keepdims=True)
            return S, A, A @ (X @ W_V)

        S, A, Y = head(X, X @ W_Q)
        _, a, y = head(X, q)
        dA = dY @ (X @ W_V).T
        dS = A * (dA - (A * dA).sum(axis=1, keepdims=True)) / np.sqrt(n)
        with_P = X + P
        return {
            "Q": X @ W_Q,
            "S": S,
            "A": A,
            "Y": Y,
            "A of one q": a,
            "y of one q": y,
            "dW_Q": X.T @ (dS @ (X @ W_K)),
            "Y, causal": head(X, X @ W_Q, causal=True)[2],
            "Y, with P": head(with_P, with_P @ W_Q)[2],
            "Y, P too": head(with_P, with_P @ W_Q)[2],
        }

    before, after = quantities(X, dY, P), quantities(X[p], dY[p], P)
    after["Y, P too"] = quantities(X[p], dY[p], P[p])["Y, P too"]
    moved = {}
    for name, old in before.items():
        square = old.shape == (4, 4)
        moves = {"same": old}
        if old.shape[0] == 4:
            moves["rows"] = old[p]
        if old.shape[1] == 4:
            moves["columns"] = old[:, p]
        if square:
            moves["both"] = old[p][:, p]
        moved[name] = next((m for m, new in moves.items() if np.allclose(new, after[name])), "other")
    assert checks.exchanged(moved)


def test_moments_are_in_order_and_others_refused():
    X, Y = phrase.phrases(np.random.default_rng(4), 300)
    right = [(phrase.network(m).predict(X).argmax(axis=-1) == Y)[:, 16:].mean() for m in MOMENTS]
    assert max(right[:4]) < 0.1 and 0.3 < right[6] < 0.7 and min(right[7:]) > 0.97
    with pytest.raises(ValueError, match="moment is 1; expected one of 0, 200"):
        phrase.network(1)


def test_looks_is_a_table():
    lines = phrase.looks("1.2").splitlines()
    assert len(lines) == 5 and lines[0].split()[:2] == ["head", "1.2"] and len(lines[0].split()) == 22
    assert lines[2].split()[2:] == ["0", *map(str, range(15)), *lines[2].split()[-4:]]
    with pytest.raises(ValueError, match="expected whole numbers from 0 to 25"):
        phrase.looks("1.2", np.full(20, 26))


@pytest.mark.slow
def test_the_recipe_makes_what_is_recorded():
    assert np.abs(phrase._trained() - phrase._recorded()).max() < 0.1
