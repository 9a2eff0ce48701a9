"""A net that has learned to repeat a phrase, as it was at some moments of its training.

Sixteen different letters, then five that stand there side by side once more: at each place of the second time
the net is asked for the next letter. It has two layers of two heads each, and nothing else. `python -m
nnlib.teach.phrase` trains it again and records its weights. See notebooks/16_attention.ipynb.
"""

import functools
from pathlib import Path

import numpy as np

from nnlib import Adam, Network
from nnlib.attention import Attention, Embedding, MaskedCrossEntropy, Positions, Residual
from nnlib.layers import Dense
from nnlib.teach import _doors as door

__all__ = ["HEADS", "LETTERS", "MOMENTS", "looks", "network", "phrases", "right_without"]

LETTERS = "abcdefghijklmnopqrstuvwxyz"
FIRST, AGAIN = 16, 5  # letters, and how many of them come again
ASKED = range(FIRST, FIRST + AGAIN - 1)  # the places that are asked for the next letter
PLACES = FIRST + AGAIN - 1
WIDTH, N_HEADS = 32, 2
HEADS = ("1.1", "1.2", "2.1", "2.2")  # layer and head
MOMENTS = (0, 200, 300, 350, 400, 450, 500, 600, 900)  # updates before which it is recorded
SHOWN = 20  # sequences that are shown
SEED = 2
FILE = Path(__file__).with_name("phrase.npz")


def phrases(rng, N):
    """Return X, (N, 20), letters as numbers, and the labels, (N, 20): -1 where nothing is asked.

    See notebooks/16_attention.ipynb.
    """
    rng = door.kind(rng, "rng", np.random.Generator, "a generator, numpy.random.default_rng(0)")
    N = door.whole(N, "N")
    first = rng.permuted(np.tile(np.arange(len(LETTERS)), (N, 1)), axis=1)[:, :FIRST]
    start = rng.integers(0, FIRST - AGAIN + 1, N)
    again = first[np.arange(N)[:, None], start[:, None] + np.arange(AGAIN)]
    X = np.hstack([first, again])
    Y = np.full((N, PLACES), -1)
    Y[:, FIRST:] = X[:, FIRST + 1 :]
    return X[:, :PLACES], Y


def _new(rng):
    return Network(
        Embedding(len(LETTERS), WIDTH, rng=rng),
        Positions(PLACES, WIDTH, rng=rng),
        Residual(Attention(WIDTH, N_HEADS, causal=True, rng=rng)),
        Residual(Attention(WIDTH, N_HEADS, causal=True, rng=rng)),
        Dense(WIDTH, len(LETTERS), rng=rng),
    )


def network(moment=MOMENTS[-1]):
    """Return the `Network` as it was before that many updates, one of MOMENTS.

    See notebooks/16_attention.ipynb.
    """
    moment = door.whole(moment, "moment", 0)
    if moment not in MOMENTS:
        raise ValueError(f"moment is {moment}; expected one of {', '.join(map(str, MOMENTS))}.")
    net = _new(np.random.default_rng(0))
    numbers = _recorded()[MOMENTS.index(moment)]
    begin = 0
    for p in net.params:
        p[...] = numbers[begin : begin + p.size].reshape(p.shape)
        begin += p.size
    return net


@functools.cache
def _recorded():
    with np.load(FILE, allow_pickle=False) as file:
        return file["weights"]


def looks(head, X=None):
    """Return, as lines of text, at which place each place looks most, and how much it takes from there.

    For one of HEADS, and letters X as numbers, (20,); without them, for a sequence of its own.
    See notebooks/16_attention.ipynb.
    """
    layer, h = (int(n) - 1 for n in door.one_of(head, "head", HEADS).split("."))
    X = phrases(np.random.default_rng(16), SHOWN)[0][:1] if X is None else _sequence(X)
    net = network()
    net.predict(X)
    A = net.layers[2 + layer].layers[0].A[0, h]
    places = [(t, int(A[t].argmax()), A[t].max()) for t in range(PLACES)]
    rows = [f"head {head}     " + "".join(f"{LETTERS[X[0, t]]:>4}" for t in range(PLACES))]
    rows += ["place       " + "".join(f"{t:4}" for t, _, _ in places)]
    rows += ["looks at    " + "".join(f"{s:4}" for _, s, _ in places)]
    rows += ["which is    " + "".join(f"{LETTERS[X[0, s]]:>4}" for _, s, _ in places)]
    return "\n".join([*rows, "takes, in % " + "".join(f"{100 * a:4.0f}" for _, _, a in places)])


def _sequence(X):
    X = door.shaped(X, "X", PLACES)[np.newaxis]
    if not np.isin(X, np.arange(len(LETTERS))).all():
        raise ValueError(f"X goes from {X.min():g} to {X.max():g}; expected whole numbers from 0 to 25.")
    return X.astype(int)


def _without(net, heads):
    """Return the net with these of HEADS knocked out: what they find is not handed on."""
    for head in heads:
        layer, h = (int(n) - 1 for n in head.split("."))
        k = WIDTH // N_HEADS
        net.layers[2 + layer].layers[0].W_O[h * k : (h + 1) * k] = 0
    return net


def right_without(head=None, other=None):
    """Return the share of 500 new phrases that the net repeats right, with a head knocked out, or two.

    See notebooks/16_attention.ipynb.
    """
    return _right_without(
        frozenset(
            door.one_of(one, name, HEADS)
            for one, name in ((head, "head"), (other, "other"))
            if one is not None
        )
    )


@functools.cache
def _right_without(heads):
    X, Y = phrases(np.random.default_rng(1), 500)
    right = (_without(network(), heads).predict(X).argmax(axis=-1) == Y) | (Y < 0)
    return float(right.all(axis=1).mean())


def _trained():
    """Return the weights at MOMENTS, (moments, parameters), of a training that takes some four seconds."""
    rng = np.random.default_rng(SEED)
    net, loss = _new(rng), MaskedCrossEntropy()
    optimizer = Adam(net.params, lr=3e-3)
    numbers = []
    for step in range(MOMENTS[-1] + 1):
        if step in MOMENTS:
            numbers.append(np.concatenate([p.ravel() for p in net.params]))
        X, Y = phrases(rng, 64)
        _, dZ = loss.value_and_gradient(net.forward(X, training=True), Y)
        net.backward(dZ)
        optimizer.step(net.grads)
    return np.array(numbers)


if __name__ == "__main__":
    np.savez_compressed(FILE, weights=_trained().astype(np.float16))
