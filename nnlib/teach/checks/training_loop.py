"""The exercises of chapter 07."""

import functools
from itertools import chain, islice, pairwise

import numpy as np

from nnlib import MSE, SGD, BinaryCrossEntropy, Dense, Momentum, Network, SoftmaxCrossEntropy, Tanh
from nnlib.teach.checks.engine import (
    Crash,
    Remedies,
    Trial,
    Unnamed,
    Wrong,
    check,
    exercise,
    numbers,
    passed,
    staged,
    too_dear,
    trained,
    trained_already,
    why,
)

__all__ = ["batches", "epoch", "overfits", "sgd_step"]


# The step


def _layers():
    """Return stacks of layers, whose arrays have the same shapes."""
    rng = np.random.default_rng(0)
    for layers, n_in, n_out, lr in [(1, 3, 2, 0.1), (2, 2, 5, 0.03), (3, 4, 4, 0.5), (1, 1, 1, 0.2)]:
        W, dW = rng.standard_normal((2, layers, n_in, n_out))
        b, db = rng.standard_normal((2, layers, n_out))
        yield Trial((W, b, dW, db, lr), {"layers": layers, "n_in": n_in, "n_out": n_out, "lr": lr})


def _layer_by_layer(W, b):
    """Return the arrays of a stack as a list."""
    return [array for layer in zip(W, b, strict=True) for array in layer]


def _moves(ask, W, b, dW, db, lr):
    """Return by how much a step moves each array, whatever becomes of the list."""
    W_after, b_after = W.copy(), b.copy()
    ask(_layer_by_layer(W_after, b_after), _layer_by_layer(dW, db), lr)
    return W_after - W, b_after - b


def _nothing_moved(ask, trials):
    """Where a step leaves all arrays as they were: what it changed instead."""
    W, b, dW, db, lr = trials[0].arguments
    arrays, grads = [W[0].copy(), b[0].copy()], [dW[0].copy(), db[0].copy()]
    params = list(arrays)
    returned = ask(params, list(grads), lr)
    if not all(map(np.array_equal, arrays, [W[0], b[0]])):
        return None
    if not all(map(np.array_equal, grads, [dW[0], db[0]])):
        return (
            "The gradients have changed, and the parameters are as they were. Which of the two are to be"
            " moved?"
        )
    if any(p is not a for p, a in zip(params, arrays, strict=False)):
        return (
            "The list holds new arrays now, and the old ones are as they were. The layers still hold the old"
            " ones: a network would not learn anything. The numbers have to change inside the array."
        )
    if returned is not None:
        return (
            "You return something, and the arrays in params are as they were. The layers hold those arrays:"
            " the numbers have to change inside them, and nothing needs to be returned."
        )
    return (
        "No array has changed. If it says `p = p - …`: that makes a new array and calls it p, the one in the"
        " list stays as it was, and the new one is gone at the end. The numbers have to change inside it. (A"
        " `zip` can be gone through once only.)"
    )


# Which of W1, b1, W2 and b2 a step may leave as they are, and the words for it
LEFT = {
    (1, 0, 0, 0): "Only the first array moves. Does your loop end after it, at a `return` inside it?",
    (0, 0, 0, 1): "Only the last array moves. Does the step stand below the loop?",
    (
        1,
        1,
        0,
        0,
    ): "Only the first layer moves. A network has any number of arrays: the loop takes all.",
    (0, 1, 0, 0): "Only one array moves. Every array has its step.",
    (0, 1, 1, 1): "The first array stays where it was. Code counts from 0.",
    (1, 1, 1, 0): "The last array stays where it was: your loop ends too early.",
    (1, 0, 1, 0): "W moves and b does not. Every array has its step.",
    (0, 1, 0, 1): "b moves and W does not. Every array has its step.",
}


def _some_left(ask, trials):
    """Where a step leaves some of the arrays of two layers as they were: which."""
    W, b, dW, db, lr = trials[1].arguments
    before, arrays = _layer_by_layer(W, b), _layer_by_layer(W.copy(), b.copy())
    try:
        ask(list(arrays), _layer_by_layer(dW.copy(), db.copy()), lr)
    except Crash:  # told where the trials are run
        return None
    return LEFT.get(tuple(int(not np.array_equal(p, a)) for p, a in zip(before, arrays, strict=True)))


@exercise(
    trials=_layers,
    results=["the change of W", "the change of b"],
    hint="`zip(params, grads)` gives each array with its gradient. Which operator changes an array in place?",
    praise="Right, on one to three layers, each array changed in place.",
    observe=_moves,
    returns=False,
    looks=[_nothing_moved, _some_left],
    wrong="""
    up the slope: the gradient says which way the loss rises, and it should fall.
        p += lr * g
    the whole gradient is subtracted. How far to go is for the learning rate to say.
        p -= g
    the learning rate is in it twice.
        p -= lr * lr * g
    divided by the learning rate, not multiplied.
        p -= g / lr
    the change of W: W has become -η dW: what was in it before is lost. A step starts from where it is.
        p -= lr * g → p[...] = -lr * g
    the change of W: W has become a copy of its gradient. A step starts from where it is.
        p -= lr * g → p[...] = g
    the change of W: W has shrunk by η W: η multiplies the parameter, not its gradient.
        p -= lr * p
    each entry is multiplied by 1 - η times its slope. A step takes η times the slope away from it.
        p -= lr * g * p
    every entry moves equally far, by the mean of the gradient. Each has a slope of its own.
        p -= lr * g.mean()
    every entry moves equally far, by the sum of the gradient. Each has a slope of its own.
        p -= lr * g.sum()
    every entry goes down by η, whatever its slope is: the gradient is not in it.
        p -= lr
    each array moves by the gradients of all arrays of its shape. The k-th array has the k-th gradient:
    `zip` pairs them.
        p -= lr * g → p -= lr * sum(d for d in grads if d.shape == p.shape)
    each array moves by the first gradient of its shape. The k-th array has the k-th gradient: `zip` pairs
    them.
        p -= lr * g → p -= lr * next(d for d in grads if d.shape == p.shape)
    only the first row moves. The operator on the whole array changes all entries.
        p -= lr * g → p[0] -= lr * g[0]
    every entry moves equally far: only the sign of the gradient is left.
        p -= lr * np.sign(g)
    the gradient is divided by its length. Where the slope is small, the step should be small too.
        p -= lr * g / np.linalg.norm(g)
    """,
)
def sgd_step(params, grads, lr):
    """Check sgd_step(params, grads, lr), which works in place. See notebooks/07_training_loop.ipynb."""
    for p, g in zip(params, grads, strict=True):
        p -= lr * g


# The batches


def _listed(answer):
    """Return the reader's function with its batches in a list: a generator runs, and crashes, when listed."""
    if not callable(answer):
        return answer

    @functools.wraps(answer)
    def listed(X, *others):
        made = answer(X, *others)
        return made if made is None or made is ... else list(islice(made, 2 * len(X) + 2))

    return listed


def _minibatches(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        yield X[rows], Y[rows]


@staged(
    right=_minibatches,
    called=_listed,
    hint="`rng.permutation(len(X))` is a new order of the row numbers. Which of them make the first batch?",
)
def batches(ask, seed):
    """Check minibatches(X, Y, batch_size, rng). See notebooks/07_training_loop.ipynb."""
    trials = []
    for k, (N, batch_size) in enumerate([(12, 4), (11, 4), (10, 3), (9, 1), (3, 8), (1, 1)]):
        trials.append(_TwoEpochs(ask, k, N + seed, batch_size))
        yield
    _look_at_pairs(trials)
    yield
    _look_at_sizes(trials)
    yield from passed((words, all(map(holds, trials))) for words, holds in POOR_ORDERS)
    _look_at_chance(ask)
    return "Right, on six sets of data, from N = 1 to N = 12, each for two epochs."


class _TwoEpochs:
    """Two epochs of the reader's batches, as the numbers of the rows that are in them.

    Attributes
    ----------
    epochs : list of two lists of batches, each an array of row numbers of X
    X_orders, Y_orders : list of two arrays
        The row numbers of each epoch, one after the other.
    """

    def __init__(self, ask, k, N, batch_size):
        self.N, self.batch_size = N, batch_size
        self.tried = f"(Tried with N = {N} and batch_size = {batch_size}.)"
        data = np.random.default_rng(k)
        self.X = data.standard_normal((N, k + 1))
        self.Y = data.permutation(N) if k % 2 else data.standard_normal((N, k + 1))  # labels or rows
        rng = np.random.default_rng(0)
        pairs = [self._pairs(ask, rng) for _ in range(2)]
        if any(pairs) and all(map(self._is_exchanged, chain(*pairs))):
            raise Wrong(f"X_batch and Y_batch are exchanged: each pair begins with rows of Y. {self.tried}")
        self.epochs = [[self._rows(X, self.X, "X") for X, _ in epoch] for epoch in pairs]
        Y_epochs = [[self._rows(Y, self.Y, "Y") for _, Y in epoch] for epoch in pairs]
        for X_rows, Y_rows in zip(chain(*self.epochs), chain(*Y_epochs), strict=True):
            if len(X_rows) != len(Y_rows):
                raise Unnamed(f"A batch has {len(X_rows)} rows of X and {len(Y_rows)} of Y. {self.tried}")
        self.X_orders, self.Y_orders = (
            [np.concatenate([np.empty(0, int), *epoch]) for epoch in epochs]
            for epochs in (self.epochs, Y_epochs)
        )

    def _pairs(self, ask, rng):
        X, Y = self.X.copy(), self.Y.copy()
        try:
            batches = ask(X, Y, self.batch_size, rng)
        except Crash as crash:
            raise Unnamed(f"{crash} {self.tried}") from None
        for name, before, after in (("X", self.X, X), ("Y", self.Y, Y)):
            if not np.array_equal(before, after):
                raise Wrong(
                    f"Your function changes {name} itself, the data of whoever called it: after it, the rows"
                    f" are others. Choose rows in a new order, and leave {name} as it is. {self.tried}"
                )
        if len(batches) == 2 and all(isinstance(part, np.ndarray) for part in batches):
            raise Wrong(
                "You return one pair of arrays; wanted is one pair after another, a pair for each batch. Is"
                f" it a `return` where a `yield` should be? {self.tried}"
            )
        for batch in batches:
            if not isinstance(batch, (tuple, list)) or len(batch) != 2:
                raise Unnamed(f"Each batch should be a pair, X_batch and Y_batch. {self.tried}")
        return [(self._array(X, "X"), self._array(Y, "Y")) for X, Y in batches]

    def _array(self, batch, name):
        values = numbers(batch)
        if values is None:
            raise Unnamed(f"A batch of {name} is no array of numbers; expected rows of {name}. {self.tried}")
        return values

    def _is_exchanged(self, pair):
        X, Y = pair
        return X.size and np.isin(X, self.Y).all() and np.isin(Y, self.X).all()

    def _rows(self, batch, A, name):
        """Return which rows of A are in the batch."""
        if batch.shape[1:] != A.shape[1:] or batch.ndim != A.ndim:
            wanted = "(B,)" if A.ndim == 1 else f"(B, {A.shape[1]})"
            why = ""
            if batch.shape == A.shape[1:]:
                why = " A batch of one sample has one row, too."
            elif batch.size and not (batch % 1).any():
                why = " It looks like the numbers of the rows instead of the rows."
            raise Unnamed(
                f"A batch of {name} has shape {batch.shape}; expected rows of {name}, {wanted}.{why}"
                f" {self.tried}"
            )
        same = np.isclose(batch[:, None], A[None]).all(axis=tuple(range(2, A.ndim + 1)))
        if not same.any(axis=1).all():
            raise Unnamed(f"A batch of {name} holds a row that is in no row of {name}. {self.tried}")
        return same.argmax(axis=1)


def _look_at_pairs(trials):
    """Raise `Wrong` unless each row of X comes with its own row of Y."""
    pairs = [pair for t in trials for pair in zip(t.X_orders, t.Y_orders, strict=True)]
    if all(np.array_equal(x, y) for x, y in pairs):
        return
    for name, other, kept in (("X", "Y", 1), ("Y", "X", 0)):
        if all((np.diff(pair[kept]) > 0).all() for pair in pairs):
            raise Wrong(
                f"{name} is shuffled and {other} is not: nearly every sample gets the target of another one."
                " The same order has to choose from both."
            )
    raise Wrong("X and Y are shuffled differently: nearly every sample gets the target of another one.")


def _look_at_sizes(trials):
    """Raise `Wrong` unless every sample is there once, in full batches and a rest."""
    epochs = [(t, epoch) for t in trials for epoch in t.epochs]
    followers = [pair for t, epoch in epochs if t.batch_size > 1 for pair in pairwise(epoch)]
    if followers and all(np.array_equal(a[1:], b[: len(a) - 1]) for a, b in followers):
        raise Wrong("Each batch repeats the one before but for its first sample: the window moves by one.")
    counts = [(t, np.bincount(order, minlength=t.N)) for t in trials for order in t.X_orders]
    twice = [t for t, count in counts if (count > 1).any()]
    missing = [(t, (count == 0).sum()) for t, count in counts if (count == 0).any()]
    if twice and missing:
        if any(len(set(rows)) < len(rows) for _, epoch in epochs for rows in epoch):
            raise Wrong(
                "A batch holds the same sample twice, and others never come, as if you drew with replacement."
                " In an epoch every sample comes once."
            )
        raise Wrong(
            "Some samples come twice in an epoch, others never, as if each batch were drawn anew from all."
            " One order for the whole epoch, cut into pieces, has every sample once."
        )
    if twice:
        if all(len(epoch) == 2 * t.N + 2 for t, epoch in epochs):
            raise Wrong("Your batches never end. An epoch is over when every sample was there once.")
        trial = twice[0]
        full = all(len(rows) == trial.batch_size for rows in trial.epochs[0]) and trial.N % trial.batch_size
        filled = " The last batch is filled up; it may be smaller." if full else ""
        raise (Wrong if filled else Unnamed)(
            f"Some samples come more than once in an epoch.{filled} {trial.tried}"
        )
    if missing:
        if all(len(order) == t.N - t.N % t.batch_size for t in trials for order in t.X_orders):
            raise Wrong(
                "The last batch is missing where it would not be full: with N = 11 and batch_size = 4, three"
                " samples are left out of the epoch."
            )
        if all(0 in map(len, epoch) for t, epoch in epochs if t.batch_size < t.N):
            raise Wrong(
                "Only the first batch has rows in it; those after it are empty. A slice `order[a:b]` ends"
                " before b: where b stays what it is while a moves on, nothing is left between them."
            )
        trial, count = missing[0]
        raise Unnamed(f"{count} of {trial.N} samples never come in the epoch. {trial.tried}")
    for trial, epoch in epochs:
        found = [len(rows) for rows in epoch]
        full, rest = divmod(trial.N, trial.batch_size)
        expected = [trial.batch_size] * full + [rest] * (rest > 0)
        if 0 in found:
            raise Wrong(f"Every sample is there once, and then comes an empty batch. {trial.tried}")
        if len(found) == trial.batch_size != len(expected):
            raise Wrong(
                f"You make {len(found)} batches; {trial.batch_size} is how many samples one has, and not how"
                f" many batches there are. {trial.tried}"
            )
        if sorted(found) != sorted(expected):
            raise Unnamed(f"Your batches have the sizes {found}; expected {expected}. {trial.tried}")


def _sets(epoch):
    return {frozenset(rows.tolist()) for rows in epoch}


# Words, and what holds of the two epochs of every trial
POOR_ORDERS = [
    (
        "Nothing is shuffled: the samples come in the order in which they lie.",
        lambda t: all((np.diff(order) == 1).all() for order in t.X_orders),
    ),
    (
        "The second epoch has the same order as the first. Draw it from the `rng` that you are given, at each"
        " call; a generator made inside the function begins again each time.",
        lambda t: np.array_equal(*t.X_orders),
    ),
    (
        "The batches come in a new order, but each holds samples that lie side by side, the same ones in"
        " every epoch: you shuffle where batches start, not the samples.",
        lambda t: all((np.diff(rows) == 1).all() for epoch in t.epochs for rows in epoch),
    ),
    (
        "Every epoch has the same batches: samples that are together once are together for ever.",
        lambda t: _sets(t.epochs[0]) == _sets(t.epochs[1]),
    ),
    (
        "The order is only turned: it begins elsewhere, but neighbours stay neighbours.",
        lambda t: all(((np.diff(order, append=order[0]) - 1) % t.N == 0).all() for order in t.X_orders),
    ),
]


def _look_at_chance(ask):
    """Raise `Wrong` unless `rng` alone decides, and lets every batch come."""
    X, Y = np.arange(5.0)[:, None], np.arange(5)
    runs = []
    for _ in range(2):
        rng = np.random.default_rng(1)
        epochs = [ask(X, Y, 2, rng) for _ in range(500)]
        runs.append([tuple(sorted(int(y) for y in epoch[0][1])) for epoch in epochs])
    if runs[0] != runs[1]:
        raise Wrong(
            "With the same seed the order is another one: it does not come from the `rng` that you are given."
        )
    if len(set(runs[0])) < 10:
        raise Wrong(
            "Two of five samples can be chosen in 10 ways, each as likely as any other; as the first batch of"
            f" 500 epochs yours gives {len(set(runs[0]))} of them."
        )


# The epoch


def _sizes_of_data():
    return [
        Trial((N, batch_size), {"N": N, "batch_size": batch_size, "batches": -(-N // batch_size)})
        for N, batch_size in [(7, 3), (8, 5), (11, 2), (1, 1)]
    ]


class _Walked:
    """A generator that remembers whether it was walked again after its end."""

    def __init__(self, batches):
        self._batches, self._over, self.again = batches, False, False

    def __iter__(self):
        self.again = self.again or self._over
        return self

    def __next__(self):
        try:
            return next(self._batches)
        except StopIteration:
            self._over = True
            raise


_Walked.__name__ = "generator"  # as an error message calls it


def _run_epoch(ask, N, batch_size):
    """Return how the parameters changed, and the loss returned; the network has been used before."""
    rng = np.random.default_rng(N)
    net = Network(Dense(3, 4, rng=rng, dtype=np.float64), Tanh(), Dense(4, 2, rng=rng, dtype=np.float64))
    X, Y = rng.standard_normal((N + 2, 3)), rng.random((N + 2, 2))
    loss = MSE() if N % 2 else BinaryCrossEntropy()
    net.backward(loss.gradient(net.forward(X[N:]), Y[N:]))
    before = np.concatenate([p.ravel() for p in net.params])
    cuts = range(0, N, batch_size)
    made = _Walked((X[i : min(i + batch_size, N)], Y[i : min(i + batch_size, N)]) for i in cuts)
    optimizer = (SGD if N % 2 else Momentum)(net.params, lr=0.2)
    try:
        returned = ask(net, loss, optimizer, made)
    finally:  # whatever came of it
        if made.again:
            raise Wrong(
                "`batches` is a generator, which gives each batch once: a first walk has used it up, and a"
                " second one finds nothing in it. Take what you need in one loop, or keep the batches:"
                " `list(batches)`."
            )
    return np.concatenate([p.ravel() for p in net.params]) - before, returned


BY_HAND = "".join(
    f"""
    as if the step were made by hand, at the rate {lr}. The optimizer knows its rate: ask it for the step.
        optimizer = SGD(net.params, lr={lr})
    """
    for lr in (0.01, 0.1, 0.5, 1.0)
)


@exercise(
    trials=_sizes_of_data,
    results=["the change of the parameters", "the epoch's loss"],
    hint="the four lines of the step, for each batch. What has to be added up for the mean over samples?",
    praise="Right, on four small networks, with a smaller last batch and with a single sample.",
    observe=_run_epoch,
    wrong=f"""
    nothing moves. Which line of the step updates?
        optimizer.step(net.grads) →
    every batch makes the same step, with gradients that were there before the epoch began: nothing goes back
    through the network.
        net.backward(dY) →
    each step uses the gradients of the batch before it: the update comes before the backward pass.
        optimizer.step(net.grads) → ;
            Y_hat = net.forward(X) → optimizer.step(net.grads); Y_hat = net.forward(X)
        optimizer.step(net.grads) → ; net.backward(dY) → optimizer.step(net.grads); net.backward(dY)
    the gradient is taken with its arguments exchanged. Prediction first, target second.
        dY = loss.gradient(Y, Y_hat)
    the difference of prediction and target goes back. Which gradient a loss has is for the loss to say:
    `loss.gradient`.
        dY = Y_hat - Y
        dY = (Y_hat - Y) / ⟨len(X)|Y.size⟩
    two steps for each batch.
        optimizer.step(net.grads) → optimizer.step(net.grads); optimizer.step(net.grads)
    the step is handed the parameters themselves, as if they were their slopes.
        net.grads → net.params
    {BY_HAND}
    as if the step were made by hand. What `p -= lr * g` does is SGD's step; another optimizer makes another
    one: ask it for it.
        optimizer = SGD(net.params, lr=optimizer.lr)
    each gradient is divided by the size of its batch. The mean is in it already, from the loss.
        dY = loss.gradient(Y_hat, Y) / len(X)
    each gradient is multiplied by the size of its batch. Its size belongs to the mean of the losses.
        dY = loss.gradient(Y_hat, Y) * len(X)
    the change of the parameters: only the first batch makes a step. Is a `return` inside the loop?
        optimizer.step(net.grads) → optimizer.step(net.grads); return losses[0]
    one step in the whole epoch, with the last batch's gradient: `backward` writes over those of the batch
    before. The update belongs into the loop.
        optimizer.step(net.grads) → ; return L → optimizer.step(net.grads); return L
    one step at the end, with the gradients of all batches. Each mini-batch makes its own step.
        sums = [0] * 4 ; optimizer.step(net.grads) → sums = [s + g for s, g in zip(sums, net.grads)] ;
            return L → optimizer.step([s⟨| / len(sizes)⟩ for s in sums]); return L
    the gradients of earlier batches are added to each new one. A step takes those of its own batch.
        sums = [0] * 4 ;
            optimizer.step(net.grads) → sums = [s + g for s, g in zip(sums, net.grads)]; optimizer.step(sums)
    the plain mean of the batch losses: the samples of a small last batch count for more than others.
        np.mean(losses)
    that is the loss of the last batch.
        losses[-1]
    that is the loss of the first batch.
        losses[0]
    the sum of the batch losses: it would grow with the number of batches.
        sum(losses)
    the sum over all samples. How many are there?
        np.dot(losses, sizes)
    a sum over samples, divided by the number of batches.
        np.dot(losses, sizes) / len(losses)
    the batch losses are added up unweighted, and divided by the number of samples. A batch loss is a mean
    already: how many samples does it stand for?
        sum(losses) / sum(sizes)
    each loss counts as it should, and what you divide by does not: every batch is taken for as large as the
    last one, or as the first. How many samples were there in all?
        np.dot(losses, sizes) / (len(losses) * sizes[⟨-1|0⟩])
    that is the loss of every batch. One number is wanted.
        losses
    the loss is taken with its arguments exchanged. Prediction first, target second.
        loss.value(Y_hat, Y) → loss.value(Y, Y_hat)
    that is the loss that the network has after the epoch. Take the predictions that the steps were made from.
        losses, sizes = [], [] → losses, sizes = [], []; batches = list(batches) ;
            L = np.average([loss.value(net.forward(X), Y) for X, Y in batches], weights=sizes)
    each batch is measured after its own update, which makes it look better. Take the prediction that the step
    was made from.
        optimizer.step(net.grads) → optimizer.step(net.grads); losses[-1] = loss.value(net.forward(X), Y)
    """,
)
def epoch(net, loss, optimizer, batches):
    """Check train_epoch(net, loss, optimizer, batches) -> loss. See notebooks/07_training_loop.ipynb."""
    losses, sizes = [], []
    for X, Y in batches:
        Y_hat = net.forward(X)
        losses.append(loss.value(Y_hat, Y))
        sizes.append(len(X))
        dY = loss.gradient(Y_hat, Y)
        net.backward(dY)
        optimizer.step(net.grads)
    L = np.average(losses, weights=sizes)
    return L


# The first test of a new network

TARGET = 0.01
REFUSED = [
    too_dear(2, "{run.n_samples} samples need neither a large network nor many epochs."),
    trained_already("knows all {run.n_samples} by heart", lambda run: run.before.loss < TARGET),
]
# What is known of a failure from its start and its end
NOT_BY_HEART = [
    ("It diverged: the loss is no number any more.", lambda run: run.diverged),
    (
        "For {run.after.silent} of them a ReLU layer gives zeros alone, and for {run.before.silent} it did so"
        " before the first step.",
        lambda run: run.after.silent,
    ),
]
OVERFITS_HINT = (
    "one hidden layer is enough. Begin with the network, the rate and the batch of the cell above."
)


@check
def overfits(answer, X, y):
    """Train by setting(rng) -> net, optimizer, epochs, batch_size, three times, on X, y.

    See notebooks/07_training_loop.ipynb.
    """
    setting = {"loss": SoftmaxCrossEntropy(), "X": X, "Y": y, "refused": REFUSED, "hint": OVERFITS_HINT}
    zero = " They are all zero, and nothing goes back through zeros."
    runs = list(trained(answer, seeds=3, if_zero=zero, **setting))
    failed = [run for run in runs if run.diverged or run.after.loss >= TARGET]
    if not failed:
        highest = f"{max(run.after.loss for run in runs):.2g}"
        return f"Right: all {len(X)} known by heart, from each of three seeds, the loss {highest} at most."
    run = failed[0]
    saw = (
        f"{TARGET} wanted from each of three seeds, and missed by {len(failed)}. The first of these ends at"
        f" the loss {run.after.loss:.3g}, with {run.after.right * len(X):.0f} of {len(X)} right."
    )
    if run.has_zero_layer:
        raise Wrong(f"{saw} A layer of weights is zero throughout: nothing goes back through it.")
    more = Remedies([run], lambda measured: measured.loss < TARGET).tell("A wider network?")
    raise Wrong(" ".join(filter(None, [saw, why(NOT_BY_HEART, run), more])))
