"""Attention on the tasks of chapter 16, and dense networks beside it: three seeds each.

Each run draws its batches of 64 anew; "right" is the share of 2000 fresh sequences without a mistake, seconds
are of the processor. Adam at the rate that is given; a schedule has a warm-up of a tenth and a cosine.

"reverse" and "sort": one attention layer under a residual, width 32, without norm; sorting without positions,
trained on 8 letters and met with up to 24. "phrase": blocks of attention and of a dense layer of 4 · width,
each with a layer norm before and a residual around, for one layer and for two. "addition": two such blocks of
two heads, width 64, the sum from its last digit on and from its first. The dense networks see the whole
question as concatenated one-hot rows and give the whole answer at once; that for sorting is trained on 4 to
12 letters with blanks behind them.
"""

import time

import numpy as np

from nnlib import (
    Adam,
    Attention,
    Dense,
    Embedding,
    Layer,
    LayerNorm,
    MaskedCrossEntropy,
    Network,
    Positions,
    ReLU,
    Residual,
    one_hot,
    steps,
    warmup_cosine,
)
from nnlib.teach import sequences

SEEDS = [0, 1, 2]
BATCH_SIZE, FRESH = 64, 2000
LENGTHS = [8, 10, 12, 13, 16, 20, 24]
PLACES = 24  # of the dense network for sorting
LOSS = MaskedCrossEntropy()


class Places(Layer):
    """Y[n, t] = the t-th of T equal parts of X[n]."""

    def __init__(self, T):
        self.T = T

    def forward(self, X, training=False):
        return X.reshape(len(X), self.T, -1)

    def backward(self, dY):
        return dY.reshape(len(dY), -1)


def bare(n_symbols, n, rng, T_max=None):
    """One attention layer: a residual, and nothing else."""
    positions = [Positions(T_max, n, rng=rng)] if T_max else []
    attention = Residual(Attention(n, causal=True, rng=rng))
    return Network(Embedding(n_symbols, n, rng=rng), *positions, attention, Dense(n, n_symbols, rng=rng))


def blocks(n_symbols, T_max, n, layers, heads, rng):
    """Attention and a small dense network by turns, each after a norm and beside a residual."""
    parts = []
    for _ in range(layers):
        parts.append(Residual(LayerNorm(n), Attention(n, heads, causal=True, rng=rng)))
        parts.append(Residual(LayerNorm(n), Dense(n, 4 * n, rng=rng), ReLU(), Dense(4 * n, n, rng=rng)))
    head = LayerNorm(n), Dense(n, n_symbols, rng=rng)
    return Network(Embedding(n_symbols, n, rng=rng), Positions(T_max, n, rng=rng), *parts, *head)


def dense(n_in, width, T, n_symbols, rng):
    first, second = Dense(n_in, width, rng=rng), Dense(width, width, rng=rng)
    return Network(first, ReLU(), second, ReLU(), Dense(width, T * n_symbols, rng=rng), Places(T))


def in_one_row(pair, n_symbols):
    """Return the question of a task as one-hot rows side by side, and the labels of its answer."""
    X, Y = pair
    first = int((Y[0] >= 0).argmax())
    question = X[:, : first + 1]
    return one_hot(question.ravel(), n_symbols).reshape(len(X), -1), Y[:, first:]


def padded(N, lengths, rng):
    """Return sorting in one row, of random lengths, with blanks up to 24 letters."""
    X, Y = np.full((N, PLACES), 26), np.full((N, PLACES), -1)
    lengths = rng.choice(lengths, size=N)
    for T in set(lengths):
        rows = lengths == T
        question, answer = sequences.sort_letters(int(rows.sum()), int(T), rng=rng)
        X[rows, :T], Y[rows, :T] = question[:, :T], answer[:, T:]
    return one_hot(X.ravel(), 27).reshape(N, -1), Y


def learned(make, task, n_steps, rate, seed, tests, *, schedule=False, fresh=FRESH):
    """Train on batches of `task`; return how many parameters, what is right in each test, and the seconds."""
    rng = np.random.default_rng(seed)
    net = make(rng)
    X, Y = task(BATCH_SIZE * n_steps, rng)
    rate = warmup_cosine(rate, warmup=n_steps // 10, total=n_steps) if schedule else rate
    started = time.process_time()
    for _ in steps(net, LOSS, Adam(net.params, rate), X, Y, epochs=1, batch_size=BATCH_SIZE, rng=None):
        pass
    seconds = time.process_time() - started
    right = []
    for test in tests:
        X, Y = test(fresh, rng)
        right.append(sequences.exact(net.predict(X), Y))
    return sum(p.size for p in net.params), right, round(seconds, 2)


def row(make, task, n_steps, rate, tests=None, *, seeds=SEEDS, most_steps=None, **how):
    n_steps = min(n_steps, most_steps or n_steps)
    runs = [learned(make, task, n_steps, rate, seed, tests or [task], **how) for seed in seeds]
    right = [run[1] if tests else run[1][0] for run in runs]
    recipe = {"parameters": runs[0][0], "steps": n_steps, "rate": rate}
    return recipe | {"right": right, "seconds": [run[2] for run in runs]}


def reverse(N, rng):
    return sequences.reverse(N, rng=rng)


def sort(N, rng, T=8):
    return sequences.sort_letters(N, T, rng=rng)


def phrase(N, rng):
    return sequences.repeat_phrase(N, rng=rng)


def sums(backwards):
    return lambda N, rng: sequences.add(N, backwards=backwards, rng=rng)


def of_lengths(task):
    return [lambda N, rng, T=T: task(N, rng, T) for T in LENGTHS]


def dense_sums(n_steps, **how):
    """A dense network that adds, from the first digit on."""
    return row(
        lambda rng: dense(8 * 12, 512, 4, 12, rng),
        lambda N, rng: in_one_row(sums(False)(N, rng), 12),
        n_steps,
        0.001,
        schedule=True,
        **how,
    )


ROWS = {
    "reverse": lambda **how: row(lambda rng: bare(11, 32, rng, 20), reverse, 300, 0.01, **how),
    "sort": lambda **how: row(
        lambda rng: bare(27, 32, rng), sort, 1500, 0.005, of_lengths(sort), schedule=True, **how
    ),
    "sort, dense": lambda **how: row(
        lambda rng: dense(PLACES * 27, 512, PLACES, 27, rng),
        lambda N, rng: padded(N, range(4, 13), rng),
        3000,
        0.001,
        of_lengths(lambda N, rng, T: padded(N, [T], rng)),
        schedule=True,
        **how,
    ),
    "phrase, one layer": lambda **how: row(
        lambda rng: blocks(26, 20, 32, 1, 1, rng), phrase, 1500, 0.003, **how
    ),
    "phrase, two layers": lambda **how: row(
        lambda rng: blocks(26, 20, 32, 2, 1, rng), phrase, 1500, 0.003, **how
    ),
    "phrase, dense": lambda **how: row(
        lambda rng: dense(17 * 26, 512, 4, 26, rng),
        lambda N, rng: in_one_row(phrase(N, rng), 26),
        3000,
        0.001,
        schedule=True,
        **how,
    ),
    "addition": lambda **how: row(
        lambda rng: blocks(12, 11, 64, 2, 2, rng), sums(True), 3000, 0.003, schedule=True, **how
    ),
    "addition, first digit first": lambda **how: row(
        lambda rng: blocks(12, 11, 64, 2, 2, rng), sums(False), 3000, 0.003, schedule=True, **how
    ),
    "addition, dense": lambda **how: dense_sums(3000, **how),
    "addition, dense, longer": lambda **how: dense_sums(10_000, **how),
}


def run(quick):
    how = {"most_steps": 20, "seeds": SEEDS[:1], "fresh": 100} if quick else {}
    return {
        "seeds": SEEDS,
        "source": "ours: nobody reports these runs",
        "lengths": LENGTHS,
        **{name: measure(**how) for name, measure in ROWS.items()},
    }
