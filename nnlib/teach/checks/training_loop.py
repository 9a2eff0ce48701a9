"""The checks of chapter 07."""

from itertools import islice, pairwise

import numpy as np

from nnlib import (
    MSE,
    SGD,
    BinaryCrossEntropy,
    Dense,
    Network,
    ReLU,
    SoftmaxCrossEntropy,
    Tanh,
    accuracy,
    train,
)
from nnlib.teach.checks.answers import Mistake, Wrong, call, check, compare, is_stub, settings

__all__ = ["batches", "epoch", "overfits", "sgd_step"]


class _Adapted:
    """The learner's function as `adapt(function, *arguments)` calls it; a crash still shows his line."""

    def __init__(self, function, adapt):
        self.function, self.adapt = function, adapt
        self.__code__ = getattr(function, "__code__", None)

    def __call__(self, *arguments):
        return self.adapt(self.function, *arguments)


def _adapted(answer, adapt):
    return _Adapted(answer, adapt) if callable(answer) else answer


# The step

STEP_HINT = (
    "`zip(params, grads)` gives each array with its gradient. Which operator changes an array in place?"
)


@check
def sgd_step(answer):
    """Check sgd_step(params, grads, lr), which works in place. See notebooks/07_training_loop.ipynb."""
    rng = np.random.default_rng(0)
    trials = []
    for n_in, n_out, lr in [(3, 2, 0.1), (2, 5, 0.03), (4, 3, 0.5), (1, 1, 0.2)]:
        W, dW = rng.standard_normal((2, n_in, n_out))
        b, db = rng.standard_normal((2, n_out))
        trials.append(((W, b, dW, db, lr), {"lr": lr, "n_in": n_in, "n_out": n_out}))
    _look_for_what_changed(answer, *trials[0][0])
    compare(
        _adapted(answer, _moves),
        lambda W, b, dW, db, lr: (-lr * dW, -lr * db),
        trials,
        results=["the change of W", "the change of b"],
        hint=STEP_HINT,
        mistakes=STEP_MISTAKES,
    )
    return "Right, on four layers, each array changed in place."


def _moves(function, W, b, dW, db, lr):
    """Return by how much the learner's step moves each array."""
    params = [W.copy(), b.copy()]
    W_after, b_after = params  # the arrays themselves, whatever becomes of the list
    function(params, [dW, db], lr)
    return W_after - W, b_after - b


def _look_for_what_changed(answer, W, b, dW, db, lr):
    """Raise `Wrong` where a step leaves all arrays as they were, with what it changed instead."""
    arrays, grads = [W.copy(), b.copy()], [dW.copy(), db.copy()]
    params = list(arrays)
    step = _adapted(answer, lambda function, *arguments: (function(*arguments),))
    (returned,) = call(step, params, list(grads), lr, hint=STEP_HINT)
    if not all(map(np.array_equal, arrays, [W, b])):
        return
    if not all(map(np.array_equal, grads, [dW, db])):
        raise Wrong(
            "The gradients have changed, and the parameters are as they were. Which of the two are to be"
            " moved?"
        )
    if returned is ... or (returned is None and is_stub(answer)):
        raise Wrong(f"Not attempted yet. Hint: {STEP_HINT}")
    if any(p is not a for p, a in zip(params, arrays, strict=False)):
        raise Wrong(
            "The list holds new arrays now, and the old ones are as they were. The layers still hold the old"
            " ones: a network would not learn anything. The numbers have to change inside the array."
        )
    if returned is not None:
        raise Wrong(
            "You return something, and the arrays in params are as they were. The layers hold those arrays:"
            " the numbers have to change inside them, and nothing needs to be returned."
        )
    raise Wrong(
        "No array has changed. If it says `p = p - …`: that makes a new array and calls it p, the one in the"
        " list stays as it was, and the new one is gone at the end. The numbers have to change inside it."
    )


def _step_mistake(wrong, why, of="W"):
    return Mistake(
        lambda W, b, dW, db, lr: wrong(W, dW, lr) if of == "W" else wrong(b, db, lr),
        why,
        f"the change of {of}",
    )


STEP_MISTAKES = [
    *(
        _step_mistake(
            lambda p, g, lr: lr * g,
            "up the slope: the gradient says which way the loss rises, and it should fall.",
            of,
        )
        for of in ("W", "b")
    ),
    _step_mistake(
        lambda p, g, lr: -g,
        "the whole gradient is subtracted. How far to go is for the learning rate to say.",
    ),
    _step_mistake(lambda p, g, lr: -lr * lr * g, "the learning rate is in it twice."),
    _step_mistake(lambda p, g, lr: -g / lr, "divided by the learning rate, not multiplied."),
    _step_mistake(
        lambda p, g, lr: -lr * g - p,
        "W has become -η dW: what was in it before is lost. A step starts from where it is.",
    ),
    _step_mistake(
        lambda p, g, lr: g - p, "W has become a copy of its gradient. A step starts from where it is."
    ),
    _step_mistake(
        lambda p, g, lr: -lr * p, "W has shrunk by η W: η multiplies the parameter, not its gradient."
    ),
    _step_mistake(
        lambda p, g, lr: -lr * g * p,
        "each entry is multiplied by 1 - η times its slope. A step takes η times the slope away from it.",
    ),
    _step_mistake(
        lambda p, g, lr: np.full_like(p, -lr * g.mean()),
        "every entry moves equally far, by the mean of the gradient. Each has a slope of its own.",
    ),
    _step_mistake(
        lambda p, g, lr: np.full_like(p, -lr * g.sum()),
        "every entry moves equally far, by the sum of the gradient. Each has a slope of its own.",
    ),
    _step_mistake(
        lambda p, g, lr: np.full_like(p, -lr),
        "every entry goes down by η, whatever its slope is: the gradient is not in it.",
    ),
    _step_mistake(
        lambda p, g, lr: np.concatenate([-lr * g[:1], 0 * g[1:]]),
        "only the first row moves. The operator on the whole array changes all entries.",
    ),
    _step_mistake(
        lambda p, g, lr: -lr * np.sign(g),
        "every entry moves equally far: only the sign of the gradient is left.",
    ),
    _step_mistake(
        lambda p, g, lr: -lr * g / np.linalg.norm(g),
        "the gradient is divided by its length. Where the slope is small, the step should be small too.",
    ),
    _step_mistake(
        lambda p, g, lr: 0 * g,
        "W moves and b does not. Does your loop end after its first array, at a `return` inside it?",
        of="b",
    ),
    _step_mistake(lambda p, g, lr: 0 * g, "b moves and W does not. Every array has its step."),
]


# The batches

BATCHES_HINT = (
    "`rng.permutation(len(X))` is a new order of the row numbers. Which of them make the first batch?"
)


@check
def batches(answer):
    """Check minibatches(X, Y, batch_size, rng). See notebooks/07_training_loop.ipynb."""
    sizes = [(12, 4), (11, 4), (10, 3), (9, 1), (3, 8), (1, 1)]
    trials = [_BatchTrial(answer, k, N, batch_size) for k, (N, batch_size) in enumerate(sizes)]
    for look in (_pairing, _sizes, _order):
        look(trials)
    _chance(answer)
    return "Right, on six sets of data, from N = 1 to N = 12, each for two epochs."


class _BatchTrial:
    """Two epochs of the learner's batches, as the numbers of the rows that are in them.

    Attributes
    ----------
    X_rows, Y_rows : list of two epochs, each a list of batches, each an array of row numbers
    """

    def __init__(self, answer, k, N, batch_size):
        self.N, self.batch_size = N, batch_size
        self.tried = f"(Tried with N = {N} and batch_size = {batch_size}.)"
        data = np.random.default_rng(k)
        self.X = data.standard_normal((N, k + 1))
        self.Y = data.permutation(N) if k % 2 else data.standard_normal((N, k + 1))  # labels or rows
        rng = np.random.default_rng(0)
        self.epochs = [self._epoch(answer, rng) for _ in range(2)]
        flat = [batch for epoch in self.epochs for batch in epoch]
        if flat and all(map(self._exchanged, flat)):
            raise Wrong(f"X_batch and Y_batch are exchanged: each pair begins with rows of Y. {self.tried}")
        self.X_rows = [[self._rows(X, self.X, "X") for X, _ in epoch] for epoch in self.epochs]
        self.Y_rows = [[self._rows(Y, self.Y, "Y") for _, Y in epoch] for epoch in self.epochs]

    def _epoch(self, answer, rng):
        X, Y = self.X.copy(), self.Y.copy()
        try:
            listed = call(_adapted(answer, _listed), X, Y, self.batch_size, rng, hint=BATCHES_HINT)
        except Wrong as wrong:
            raise Wrong(f"{wrong} {self.tried}" if "stops with" in str(wrong) else str(wrong)) from None
        for name, before, after in (("X", self.X, X), ("Y", self.Y, Y)):
            if not np.array_equal(before, after):
                raise Wrong(
                    f"Your function changes {name} itself, the data of whoever called it: after it, the rows"
                    f" are others. Choose rows in a new order, and leave {name} as it is. {self.tried}"
                )
        if len(listed) == 2 and all(isinstance(part, np.ndarray) for part in listed):
            raise Wrong(
                "You return one pair of arrays; wanted is one pair after another, a pair for each batch. Is"
                f" it a `return` where a `yield` should be? {self.tried}"
            )
        for batch in listed:
            if not isinstance(batch, (tuple, list)) or len(batch) != 2:
                raise Wrong(f"Each batch should be a pair, X_batch and Y_batch. {self.tried}")
        return listed

    def _exchanged(self, batch):
        X, Y = batch
        return np.size(X) and np.isin(X, self.Y).all() and np.isin(Y, self.X).all()

    def _rows(self, batch, A, name):
        """Return which rows of A are in the batch."""
        batch = np.asarray(batch)
        if batch.shape[1:] != A.shape[1:] or batch.ndim != A.ndim:
            wanted = "(B,)" if A.ndim == 1 else f"(B, {A.shape[1]})"
            why = ""
            if batch.shape == A.shape[1:]:
                why = " A batch of one sample has one row, too."
            elif batch.dtype.kind == "i":
                why = " It looks like the numbers of the rows instead of the rows."
            raise Wrong(
                f"A batch of {name} has shape {batch.shape}; expected rows of {name}, {wanted}.{why}"
                f" {self.tried}"
            )
        same = np.isclose(batch[:, None], A[None]).all(axis=tuple(range(2, A.ndim + 1)))
        if not same.any(axis=1).all():
            raise Wrong(f"A batch of {name} holds a row that is in no row of {name}. {self.tried}")
        return same.argmax(axis=1)


def _listed(function, *arguments):
    made = function(*arguments)
    return made if made is None or made is ... else list(islice(made, 2 * len(arguments[0]) + 2))


def _flat(epoch):
    return np.concatenate([np.empty(0, int), *epoch])


def _pairing(trials):
    """Raise `Wrong` unless each row of X comes with its own row of Y."""
    pairs = [(t, x, y) for t in trials for x, y in zip(t.X_rows, t.Y_rows, strict=True)]
    for trial, xs, ys in pairs:
        for x, y in zip(xs, ys, strict=True):
            if len(x) != len(y):
                raise Wrong(f"A batch has {len(x)} rows of X and {len(y)} of Y. {trial.tried}")
    if all(np.array_equal(_flat(x), _flat(y)) for _, x, y in pairs):
        return
    for name, other, kept in (("X", "Y", 2), ("Y", "X", 1)):
        if all((np.diff(_flat(pair[kept])) > 0).all() for pair in pairs):
            raise Wrong(
                f"{name} is shuffled and {other} is not: nearly every sample gets the target of another one."
                " The same order has to choose from both."
            )
    raise Wrong("X and Y are shuffled differently: nearly every sample gets the target of another one.")


def _sizes(trials):
    """Raise `Wrong` unless every sample is there once, in full batches and a rest."""
    epochs = [(trial, epoch) for trial in trials for epoch in trial.X_rows]
    counts = [np.bincount(_flat(epoch), minlength=trial.N) for trial, epoch in epochs]
    twice, missing = any((c > 1).any() for c in counts), any((c == 0).any() for c in counts)
    followers = [pair for t, epoch in epochs if t.batch_size > 1 for pair in pairwise(epoch)]
    if followers and all(np.array_equal(a[1:], b[: len(a) - 1]) for a, b in followers):
        raise Wrong("Each batch repeats the one before but for its first sample: the window moves by one.")
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
        trial, epoch = next((t, e) for (t, e), c in zip(epochs, counts, strict=True) if (c > 1).any())
        if all(len(epoch) == 2 * t.N + 2 for t, epoch in epochs):
            raise Wrong("Your batches never end. An epoch is over when every sample was there once.")
        full = all(len(rows) == trial.batch_size for rows in epoch)
        why = (
            " The last batch is filled up; it may be smaller." if full and trial.N % trial.batch_size else ""
        )
        raise Wrong(f"Some samples come more than once in an epoch.{why} {trial.tried}")
    if missing:
        if all(sum(map(len, e)) == t.N - t.N % t.batch_size for t, e in epochs):
            raise Wrong(
                "The last batch is missing where it would not be full: with N = 11 and batch_size = 4, three"
                " samples are left out of the epoch."
            )
        trial, count = next((t, c) for (t, _), c in zip(epochs, counts, strict=True) if (c == 0).any())
        raise Wrong(f"{(count == 0).sum()} of {trial.N} samples never come in the epoch. {trial.tried}")
    for trial, epoch in epochs:
        found = [len(rows) for rows in epoch]
        full, rest = divmod(trial.N, trial.batch_size)
        expected = [trial.batch_size] * full + [rest] * (rest > 0)
        if 0 in found:
            raise Wrong(f"Every sample is there once, and then comes an empty batch. {trial.tried}")
        if sorted(found) != sorted(expected):
            raise Wrong(f"Your batches have the sizes {found}; expected {expected}. {trial.tried}")


def _order(trials):
    """Raise `Wrong` unless the order is another one in each epoch, and not of a known poor kind."""
    trials = [trial for trial in trials if trial.N > 8]  # in which no order comes twice by chance
    several = [trial for trial in trials if trial.batch_size > 1]
    flat = [[_flat(epoch) for epoch in trial.X_rows] for trial in trials]
    if all(np.array_equal(order, np.arange(len(order))) for pair in flat for order in pair):
        raise Wrong("Nothing is shuffled: the samples come in the order in which they lie.")
    if all(np.array_equal(first, second) for first, second in flat):
        raise Wrong(
            "The second epoch has the same order as the first. Draw it from the `rng` that you are given, at"
            " each call; a generator made inside the function begins again each time."
        )
    if all((np.diff(rows) == 1).all() for t in several for epoch in t.X_rows for rows in epoch):
        raise Wrong(
            "The batches come in a new order, but each holds samples that lie side by side, the same ones in"
            " every epoch: you shuffle where batches start, not the samples."
        )
    sets = [[{frozenset(rows.tolist()) for rows in epoch} for epoch in t.X_rows] for t in several]
    if all(first == second for first, second in sets):
        raise Wrong("Every epoch has the same batches: samples that are together once are together for ever.")
    if all((np.diff(np.append(order, order[0])) % len(order) == 1).all() for pair in flat for order in pair):
        raise Wrong("The order is only turned: it begins elsewhere, but neighbours stay neighbours.")


def _chance(answer):
    """Raise `Wrong` unless `rng` alone decides, and lets every batch come."""
    X, Y = np.arange(5.0)[:, None], np.arange(5)
    runs = []
    for _ in range(2):
        rng = np.random.default_rng(1)
        epochs = [call(_adapted(answer, _listed), X, Y, 2, rng, hint=BATCHES_HINT) for _ in range(500)]
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

EPOCH_HINT = "the four lines of the step, for each batch. What has to be added up for the mean over samples?"
CHANGE, LOSS = "the change of the parameters", "the epoch's loss"


@check
def epoch(answer):
    """Check train_epoch(net, loss, optimizer, batches) -> loss. See notebooks/07_training_loop.ipynb."""
    trials = [
        ((N, batch_size), {"N": N, "batches": -(-N // batch_size)})
        for N, batch_size in [(7, 3), (8, 5), (11, 2), (1, 1)]
    ]
    compare(
        _adapted(answer, _run_epoch),
        lambda N, batch_size: _run_epoch(_train_epoch(), N, batch_size),
        trials,
        results=[CHANGE, LOSS],
        hint=EPOCH_HINT,
        mistakes=EPOCH_MISTAKES,
    )
    return "Right, on four small networks, with a smaller last batch and with a single sample."


def _run_epoch(function, N, batch_size):
    """Return how the parameters changed, and the loss returned; the network has been used before."""
    rng = np.random.default_rng(N)
    net = Network(Dense(3, 4, rng=rng, dtype=np.float64), Tanh(), Dense(4, 2, rng=rng, dtype=np.float64))
    X, Y = rng.standard_normal((N + 2, 3)), rng.random((N + 2, 2))
    loss = MSE() if N % 2 else BinaryCrossEntropy()
    net.backward(loss.gradient(net.forward(X[N:]), Y[N:]))
    before = np.concatenate([p.ravel() for p in net.params])
    cuts = range(0, N, batch_size)
    made = ((X[i : min(i + batch_size, N)], Y[i : min(i + batch_size, N)]) for i in cuts)
    returned = function(net, loss, SGD(net.params, lr=0.2), made)
    if returned is None or returned is ...:
        return returned
    return np.concatenate([p.ravel() for p in net.params]) - before, returned


def _right_update(net, loss, optimizer, X, Y):
    net.backward(loss.gradient(net.forward(X), Y))
    optimizer.step(net.grads)


def _right_report(losses, sizes):
    return np.average(losses, weights=sizes)


def _train_epoch(
    update=_right_update, report=_right_report, value=lambda loss, Y_hat, Y: loss.value(Y_hat, Y)
):
    """Return a `train_epoch` whose update of a batch, whose loss, or whose mean is the one given."""

    def train_epoch(net, loss, optimizer, batches):
        losses, sizes = [], []
        for X, Y in batches:
            losses.append(value(loss, net.forward(X), Y))
            sizes.append(len(X))
            update(net, loss, optimizer, X, Y)
        return report(losses, sizes)

    return train_epoch


def _no_backward(net, loss, optimizer, X, Y):
    optimizer.step(net.grads)


def _step_first(net, loss, optimizer, X, Y):
    optimizer.step(net.grads)
    net.backward(loss.gradient(net.forward(X), Y))


def _step_between(net, loss, optimizer, X, Y):
    Y_hat = net.forward(X)
    optimizer.step(net.grads)
    net.backward(loss.gradient(Y_hat, Y))


def _exchanged(net, loss, optimizer, X, Y):
    net.backward(loss.gradient(Y, net.forward(X)))
    optimizer.step(net.grads)


def _twice(net, loss, optimizer, X, Y):
    net.backward(loss.gradient(net.forward(X), Y))
    optimizer.step(net.grads)
    optimizer.step(net.grads)


def _own_step(lr):
    def update(net, loss, optimizer, X, Y):
        net.backward(loss.gradient(net.forward(X), Y))
        SGD(net.params, lr=lr).step(net.grads)

    return update


def _rescaled(scale):
    def update(net, loss, optimizer, X, Y):
        net.backward(scale(len(X)) * loss.gradient(net.forward(X), Y))
        optimizer.step(net.grads)

    return update


def _first_only(net, loss, optimizer, batches):
    X, Y = next(batches)
    _right_update(net, loss, optimizer, X, Y)
    return 0.0


def _one_step(scale):
    """Return a `train_epoch` that adds up the gradients of all batches and makes one step at the end."""

    def train_epoch(net, loss, optimizer, batches):
        listed = list(batches)
        sums = [0] * len(net.params)
        for X, Y in listed:
            net.backward(loss.gradient(net.forward(X), Y))
            sums = [s + g for s, g in zip(sums, net.grads, strict=True)]
        optimizer.step([s * scale(len(listed)) for s in sums])
        return 0.0

    return train_epoch


def _accumulated(net, loss, optimizer, batches):
    sums = [0] * len(net.params)
    for X, Y in batches:
        net.backward(loss.gradient(net.forward(X), Y))
        sums = [s + g for s, g in zip(sums, net.grads, strict=True)]
        optimizer.step(sums)
    return 0.0


def _last_only(net, loss, optimizer, batches):
    for X, Y in batches:
        net.backward(loss.gradient(net.forward(X), Y))
    optimizer.step(net.grads)
    return 0.0


def _loss_afterwards(net, loss, optimizer, batches):
    losses, sizes = [], []
    for X, Y in batches:
        _right_update(net, loss, optimizer, X, Y)
        losses.append(loss.value(net.forward(X), Y))
        sizes.append(len(X))
    return _right_report(losses, sizes)


def _mistake(train_epoch, why, of):
    which = (CHANGE, LOSS).index(of)
    return Mistake(lambda N, batch_size: _run_epoch(train_epoch, N, batch_size)[which], why, of=of)


EPOCH_MISTAKES = [
    _mistake(_train_epoch(lambda *arguments: None), "nothing moves. Which line of the step updates?", CHANGE),
    _mistake(
        _train_epoch(_no_backward),
        "every batch makes the same step, with gradients that were there before the epoch began: nothing goes"
        " back through the network.",
        CHANGE,
    ),
    *(
        _mistake(
            _train_epoch(update),
            "each step uses the gradients of the batch before it: the update comes before the backward pass.",
            CHANGE,
        )
        for update in (_step_first, _step_between)
    ),
    _mistake(
        _train_epoch(_exchanged),
        "the gradient is taken with its arguments exchanged. Prediction first, target second.",
        CHANGE,
    ),
    _mistake(_train_epoch(_twice), "two steps for each batch.", CHANGE),
    _mistake(
        _train_epoch(lambda net, loss, optimizer, X, Y: optimizer.step(net.params)),
        "the step is handed the parameters themselves, as if they were their slopes.",
        CHANGE,
    ),
    *(
        _mistake(
            _train_epoch(_own_step(lr)),
            f"as if the step were made by hand, at the rate {lr}. The optimizer knows its rate: ask it for"
            " the step.",
            CHANGE,
        )
        for lr in (0.01, 0.1, 0.5, 1.0)
    ),
    _mistake(
        _train_epoch(_rescaled(lambda n: 1 / n)),
        "each gradient is divided by the size of its batch. The mean is in it already, from the loss.",
        CHANGE,
    ),
    _mistake(
        _train_epoch(_rescaled(lambda n: n)),
        "each gradient is multiplied by the size of its batch. Its size belongs to the mean of the losses.",
        CHANGE,
    ),
    _mistake(_first_only, "only the first batch makes a step. Is a `return` inside the loop?", CHANGE),
    _mistake(
        _last_only,
        "one step in the whole epoch, with the last batch's gradient: `backward` writes over those of the"
        " batch before. The update belongs into the loop.",
        CHANGE,
    ),
    *(
        _mistake(
            _one_step(scale),
            "one step at the end, with the gradients of all batches. Each mini-batch makes its own step.",
            CHANGE,
        )
        for scale in (lambda n: 1, lambda n: 1 / n)
    ),
    _mistake(
        _accumulated,
        "the gradients of earlier batches are added to each new one. A step takes those of its own batch.",
        CHANGE,
    ),
    _mistake(
        _train_epoch(report=lambda losses, sizes: np.mean(losses)),
        "the plain mean of the batch losses: the samples of a small last batch count for more than others.",
        LOSS,
    ),
    _mistake(
        _train_epoch(report=lambda losses, sizes: losses[-1]), "that is the loss of the last batch.", LOSS
    ),
    _mistake(
        _train_epoch(report=lambda losses, sizes: losses[0]), "that is the loss of the first batch.", LOSS
    ),
    _mistake(
        _train_epoch(report=lambda losses, sizes: np.sum(losses)),
        "the sum of the batch losses: it would grow with the number of batches.",
        LOSS,
    ),
    _mistake(
        _train_epoch(report=lambda losses, sizes: np.dot(losses, sizes)),
        "the sum over all samples. How many are there?",
        LOSS,
    ),
    _mistake(
        _train_epoch(report=lambda losses, sizes: np.dot(losses, sizes) / len(losses)),
        "a sum over samples, divided by the number of batches.",
        LOSS,
    ),
    _mistake(
        _train_epoch(report=lambda losses, sizes: np.sum(losses) / np.sum(sizes)),
        "the batch losses are added up unweighted, and divided by the number of samples. A batch loss is"
        " a mean already: how many samples does it stand for?",
        LOSS,
    ),
    _mistake(
        _train_epoch(report=lambda losses, sizes: losses),
        "that is the loss of every batch. One number is wanted.",
        LOSS,
    ),
    _mistake(
        _train_epoch(value=lambda loss, Y_hat, Y: loss.value(Y, Y_hat)),
        "the loss is taken with its arguments exchanged. Prediction first, target second.",
        LOSS,
    ),
    _mistake(
        _loss_afterwards,
        "each batch is measured after its own update, which makes it look better. Take the prediction that"
        " the step was made from.",
        LOSS,
    ),
]


# The first test of a new network

TARGET = 0.01
BUDGET = 2e9  # multiplications: about a second


@check
def overfits(answer, X, y):
    """Train by setting(rng) -> net, optimizer, epochs, batch_size, three times, on X, y.

    See notebooks/07_training_loop.ipynb.
    """
    hint = "one hidden layer is enough. Begin with the network, the rate and the batch of the cell above."
    losses, names = [], ("net", "optimizer", "epochs", "batch_size")
    for rng, net, optimizer, epochs, batch_size in settings(answer, names, 3, hint=hint):
        losses.append(_overfit(net, optimizer, epochs, batch_size, X, y, rng))
    worst = max(losses)
    return f"Right: all {len(X)} known by heart, from each of three seeds, the loss {worst:.2g} at most."


def _silent(net, X):
    """Return for how many samples some ReLU layer gives nothing but zeros: their outputs are all the same."""
    A, silent = X.astype(net.dtype), np.zeros(len(X), bool)
    for layer in net.layers:
        A = layer.forward(A)
        if isinstance(layer, ReLU):
            silent |= ~A.any(axis=1)
    return np.count_nonzero(silent)


def _overfit(net, optimizer, epochs, batch_size, X, y, rng):
    """Train once; return the last loss, or raise `Wrong` with what the run looked like."""
    loss, history = SoftmaxCrossEntropy(), []
    try:
        options = {"epochs": epochs, "batch_size": batch_size, "rng": rng}
        records = train(net, loss, optimizer, X, y, **options)
    except (TypeError, ValueError) as error:
        raise Wrong(f"This cannot be trained: {error}") from None
    if epochs == 0:
        raise Wrong("No epoch, so nothing is trained.")
    sizes = [layer.n_in * layer.n_out for layer in net.layers if isinstance(layer, Dense)]
    cost = epochs * len(X) * (3 * sum(sizes) - sizes[0])
    if cost > BUDGET:
        raise Wrong(
            f"Not trained: {cost / 1e9:.1f} billion multiplications, and {BUDGET / 1e9:.0f} billion are"
            f" allowed. {len(X)} samples need neither a large network nor many epochs."
        )
    before = loss.value(net.predict(X), y)
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            history.extend(records)
            after = loss.value(net.predict(X), y)
    except (FloatingPointError, ValueError):
        raise Wrong("It diverged: the loss is no number any more. The learning rate is too large.") from None
    if after < TARGET:
        return after
    right = round(len(X) * accuracy(net.predict(X), y))
    saw = f"{TARGET} wanted, and the loss ends at {after:.3g}, with {right} of {len(X)} right,"
    curve = [epoch.loss for epoch in history]
    if not isinstance(net.layers[-1], Dense):
        why = f"but the last layer is {net.layers[-1]}. The loss takes logits: end with Dense(…, 10)."
    elif any(not np.any(p) for p in net.params if p.ndim == 2):
        why = "and a layer of weights is zero throughout: nothing goes back through it."
    elif after > before:
        why = f"higher than it began, at {before:.3g}. The learning rate is too large."
    elif silent := _silent(net, X):
        why = (
            f"and for {silent} of them a ReLU layer gives zeros alone. Large steps kill units for good, and a"
            " narrow layer has few to lose."
        )
    elif sum(later > earlier for earlier, later in pairwise(curve)) > len(curve) / 4:
        why = "after going up and down. Smaller steps, larger batches, or a wider network?"
    elif curve[-1] < 0.98 * curve[-1 - len(curve) // 10] or len(curve) < 20:
        why = "and was still falling. More steps, or larger ones."
    else:
        why = "and hardly falls any more. Are the steps too small by now, or the network too narrow?"
    raise Wrong(f"{saw} {why}")
