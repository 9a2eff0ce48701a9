"""Characters of this series' own prose: a small transformer, a window of 16 characters, and five-grams.

The text is nnlib/data/prose.txt. Every tenth paragraph is kept apart and only met at the end; the others are
trained on in rows of 64 characters from random places. "bits" is what a character of the kept paragraphs
costs, the mean of -log2 of the probability it was given, with 32 to 63 characters before it. The transformer:
two blocks of four heads and width 96. The window: an embedding of width 24, 16 of them side by side, two
dense layers of 256. Adam up to the rate that is given, with a warm-up of a tenth and a cosine, batches of 8
rows; three seeds; seconds are of the processor. "counted" has the bits of n-grams, for n from 1 to 7, with
the back-off of Witten and Bell: where t different characters have followed a context, n times in all, its
counts weigh n / (n + t), and the context that is one character shorter gets the rest.
"""

import collections
import math
import time

import numpy as np

from experiments.sequences import LOSS, blocks
from nnlib import Adam, Dense, Embedding, Layer, Network, ReLU, steps, warmup_cosine
from nnlib.teach import sequences

SEEDS = [0, 1, 2]
T, BATCH_SIZE, WINDOW, LONGEST = 64, 8, 16, 7


class Window(Layer):
    """Y[n, t] = the rows of X[n] at t and the 15 places before it, side by side; zeros before the first."""

    def forward(self, X, training=False):
        N, T, n = X.shape
        padded = np.concatenate([np.zeros((N, WINDOW - 1, n), X.dtype), X], axis=1)
        return np.concatenate([padded[:, i : i + T] for i in range(WINDOW)], axis=2)

    def backward(self, dY):
        N, T, n = dY.shape[0], dY.shape[1], dY.shape[2] // WINDOW
        dpadded = np.zeros((N, T + WINDOW - 1, n), dY.dtype)
        for i in range(WINDOW):
            dpadded[:, i : i + T] += dY[..., i * n : (i + 1) * n]
        return dpadded[:, WINDOW - 1 :]


def transformer(n_symbols, rng):
    return blocks(n_symbols, T, 96, 2, 4, rng)


def window(n_symbols, rng):
    first, second = Dense(WINDOW * 24, 256, rng=rng), Dense(256, 256, rng=rng)
    head = Dense(256, n_symbols, rng=rng)
    return Network(Embedding(n_symbols, 24, rng=rng), Window(), first, ReLU(), second, ReLU(), head)


ROWS = {
    "transformer": (transformer, 3500, 0.006),
    "transformer, four times as long": (transformer, 14_000, 0.006),
    "window": (window, 8000, 0.003),
}


def apart():
    """Return the text to learn from, the text that is kept apart, and the alphabet."""
    paragraphs = sequences.prose().split("\n")
    kept = "\n".join(paragraphs[9::10])
    rest = "\n".join(line for i, line in enumerate(paragraphs) if i % 10 != 9)
    return rest, kept, "".join(sorted({*rest, *kept}))


def bits(net, X, Y):
    """Return the mean of -log2 of the probability of what is asked, over the later half of each row."""
    asked = Y.copy()
    asked[:, : T // 2] = -1
    losses = [LOSS.value(net.predict(X[i : i + 64]), asked[i : i + 64]) for i in range(0, len(X), 64)]
    weights = [(asked[i : i + 64] >= 0).sum() for i in range(0, len(X), 64)]
    return float(np.average(losses, weights=weights) / math.log(2))


def learned(make, n_steps, rate, seed, text, kept, alphabet):
    """Train on rows from random places of the text; return how many parameters, the bits and the seconds."""
    rng = np.random.default_rng(seed)
    net = make(len(alphabet), rng)
    places = {character: place for place, character in enumerate(alphabet)}
    codes = np.array([places[character] for character in text])
    starts = rng.integers(len(codes) - T, size=BATCH_SIZE * n_steps)
    rows = codes[starts[:, None] + np.arange(T + 1)]
    rate = warmup_cosine(rate, warmup=max(n_steps // 10, 1), total=n_steps)
    started = time.process_time()
    how = {"epochs": 1, "batch_size": BATCH_SIZE, "rng": None}
    for _ in steps(net, LOSS, Adam(net.params, rate), rows[:, :-1], rows[:, 1:], **how):
        pass
    seconds = time.process_time() - started
    codes = np.array([places[character] for character in kept])
    rows = codes[np.arange(0, len(codes) - T, T // 2)[:, None] + np.arange(T + 1)]
    return sum(p.size for p in net.params), bits(net, rows[:, :-1], rows[:, 1:]), round(seconds, 1)


def counted(n, text, kept, alphabet):
    """Return the bits of n-grams: each character is told from the n - 1 before it."""
    followers = [collections.defaultdict(collections.Counter) for _ in range(n)]
    for place, character in enumerate(text):
        for length in range(min(n, place + 1)):
            followers[length][text[place - length : place]][character] += 1
    total = 0
    for place, character in enumerate(kept):
        p = 1 / len(alphabet)
        for length in range(min(n, place + 1)):
            counts = followers[length].get(kept[place - length : place])
            if counts:
                p = (counts[character] + len(counts) * p) / (counts.total() + len(counts))
        total -= math.log2(p)
    return total / len(kept)


def run(quick):
    text, kept, alphabet = apart()
    texts = (text[:5000], kept[:500], alphabet) if quick else (text, kept, alphabet)
    seeds = SEEDS[:1] if quick else SEEDS
    results = {"seeds": SEEDS, "source": "ours: nobody reports these runs"}
    results["characters"] = [len(text), len(kept), len(alphabet)]
    results["counted"] = [round(counted(n, *texts), 4) for n in range(1, LONGEST + 1)]
    for name, (make, n_steps, rate) in ROWS.items():
        n_steps = 3 if quick else n_steps
        runs = [learned(make, n_steps, rate, seed, *texts) for seed in seeds]
        recipe = {"parameters": runs[0][0], "steps": n_steps, "rate": rate}
        results[name] = recipe | {"bits": [run[1] for run in runs], "seconds": [run[2] for run in runs]}
    return results
