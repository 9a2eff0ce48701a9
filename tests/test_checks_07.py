"""The checks of chapter 07: wrong answers earn their diagnosis, right ones pass, however they are written."""

from itertools import pairwise

import numpy as np
import pytest

from nnlib import (
    SGD,
    Adam,
    Dense,
    Network,
    ReLU,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
    datasets,
    minibatches,
    steps,
)
from nnlib.teach import checks


def stub(*arguments):
    """Not written yet."""
    ...


@pytest.fixture(scope="module")
def digits():
    mnist = datasets.mnist()
    return mnist.X_train[:20], mnist.y_train[:20]


# The step


def step_by_index(params, grads, lr):
    for i in range(len(params)):
        params[i] -= lr * grads[i]


def step_by_entry(params, grads, lr):
    for p, g in zip(params, grads, strict=True):
        for index in np.ndindex(p.shape):
            p[index] = p[index] - lr * g[index]


def step_with_subtract(params, grads, lr):
    for p, g in zip(params, grads, strict=True):
        np.subtract(p, lr * g, out=p)
    return params


def step_whole(params, grads, lr):
    for p, g in zip(params, grads, strict=True):
        p[...] = p - np.float32(lr) * g.astype(np.float32)


@pytest.mark.parametrize("answer", [step_by_index, step_by_entry, step_with_subtract, step_whole])
def test_right_steps(answer):
    assert checks.sgd_step(answer).text == "Right, on four layers, each array changed in place."


def step(change):
    """Return a step that does p += change(p, g, lr) for every array."""

    def wrong(params, grads, lr):
        for p, g in zip(params, grads, strict=True):
            p += change(p, g, lr)

    return wrong


def rebinds(params, grads, lr):
    for p, g in zip(params, grads, strict=True):
        p = p - lr * g


def replaces(params, grads, lr):
    for i in range(len(params)):
        params[i] = params[i] - lr * grads[i]


def returns_new_ones(params, grads, lr):
    return [p - lr * g for p, g in zip(params, grads, strict=True)]


def computes_only(params, grads, lr):
    return None if [p - lr * g for p, g in zip(params, grads, strict=True)] else params


def first_only(params, grads, lr):
    for p, g in zip(params, grads, strict=True):
        p -= lr * g
        return


def changes_gradients(params, grads, lr):
    for p, g in zip(params, grads, strict=True):
        g *= lr
        p -= g


def weights_only(params, grads, lr):
    params[1] -= lr * grads[1]


def every_pair(params, grads, lr):
    for p in params:
        for g in grads:
            p -= lr * g


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (rebinds, "No array has changed. If it says `p = p - …`: that makes a new array"),
        (computes_only, "No array has changed."),
        (replaces, "The list holds new arrays now, and the old ones are as they were."),
        (returns_new_ones, "You return something, and the arrays in params are as they were."),
        (step(lambda p, g, lr: lr * g), "change of W: up the slope"),
        (step(lambda p, g, lr: -g), "change of W: the whole gradient is subtracted."),
        (step(lambda p, g, lr: -(lr**2) * g), "change of W: the learning rate is in it twice."),
        (step(lambda p, g, lr: -g / lr), "change of W: divided by the learning rate"),
        (step(lambda p, g, lr: -lr * g - p), "W has become -η dW: what was in it before is lost."),
        (step(lambda p, g, lr: g - p), "W has become a copy of its gradient."),
        (step(lambda p, g, lr: -lr * p), "η multiplies the parameter, not its gradient."),
        (step(lambda p, g, lr: -lr * np.sign(g)), "only the sign of the gradient is left."),
        (step(lambda p, g, lr: -lr * g / np.linalg.norm(g)), "the gradient is divided by its length."),
        (step(lambda p, g, lr: -lr * g / len(g)), "right but for a factor 1/n_in (tried with n_in = 3"),
        (step(lambda p, g, lr: -2 * lr * g), "right but for a factor: yours is 2 times the change of W"),
        (step(lambda p, g, lr: -lr * g.mean(axis=0)), "With lr = 0.1, n_in = 3, n_out = 2, the change of W["),
        (first_only, "change of b: W moves and b does not. Does your loop end after its first array"),
        (weights_only, "change of W: b moves and W does not."),
        (changes_gradients, "Your function changes dW, which belongs to whoever called it."),
        (every_pair, "Your code stops with ValueError, in the line `p -= lr * g`"),
    ],
    ids=range(20),
)
def test_wrong_steps(answer, said):
    verdict = checks.sgd_step(answer)
    assert not verdict and said in verdict.text


# The batches


def batches_as_a_list(X, Y, batch_size, rng):
    order = list(range(len(X)))
    rng.shuffle(order)
    cuts = [*range(0, len(X), batch_size), len(X)]
    return [[X[order[a:b]].astype(np.float32), Y[order[a:b]]] for a, b in pairwise(cuts)]


def batches_by_sorting(X, Y, batch_size, rng):
    order = rng.random(len(X)).argsort()
    X, Y = X[order], Y[order]
    while len(X):
        yield X[:batch_size], Y[:batch_size]
        X, Y = X[batch_size:], Y[batch_size:]


def batches_one_by_one(X, Y, batch_size, rng):
    rows = []
    for n in rng.permutation(len(X)):
        rows.append(n)
        if len(rows) == batch_size:
            yield np.array([X[n] for n in rows]), np.array([Y[n] for n in rows])
            rows = []
    if rows:
        yield np.array([X[n] for n in rows]), np.array([Y[n] for n in rows])


def batches_in_a_copy(X, Y, batch_size, rng):
    X, state = X.copy(), rng.bit_generator.state
    rng.shuffle(X)
    Y, rng.bit_generator.state = Y.copy(), state
    rng.shuffle(Y)
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], Y[start : start + batch_size]


def batches_each_sorted(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = np.sort(order[start : start + batch_size])
        yield X[rows], Y[rows]


@pytest.mark.parametrize(
    "answer",
    [
        lambda X, Y, batch_size, rng: minibatches(X, Y, batch_size=batch_size, rng=rng),
        batches_as_a_list,
        batches_by_sorting,
        batches_one_by_one,
        batches_in_a_copy,
        batches_each_sorted,
    ],
    ids=["nnlib", "list", "sorting", "one by one", "a copy", "each sorted"],
)
def test_right_batches(answer):
    assert checks.batches(answer).text.startswith("Right, on six sets of data")


def cut(order_X, order_Y=None, *, cuts=lambda N, B: range(0, N, B)):
    """Return batches that take X in one order, and Y in the same or in another."""

    def wrong(X, Y, batch_size, rng):
        X_order = order_X(len(X), rng)
        Y_order = order_Y(len(X), rng) if order_Y else X_order
        for start in cuts(len(X), batch_size):
            rows = slice(start, start + batch_size)
            yield X[X_order[rows]], Y[Y_order[rows]]

    return wrong


def shuffled(N, rng):
    return rng.permutation(N)


def in_order(N, rng):
    return np.arange(N)


def starts_only(X, Y, batch_size, rng):
    starts = np.arange(0, len(X), batch_size)
    rng.shuffle(starts)
    for start in starts:
        yield X[start : start + batch_size], Y[start : start + batch_size]


def within_batches(X, Y, batch_size, rng):
    for start in range(0, len(X), batch_size):
        rows = rng.permutation(np.arange(len(X))[start : start + batch_size])
        yield X[rows], Y[rows]


def with_replacement(X, Y, batch_size, rng):
    for start in range(0, len(X), batch_size):
        rows = rng.integers(len(X), size=min(batch_size, len(X) - start))
        yield X[rows], Y[rows]


def drawn_anew(X, Y, batch_size, rng):
    for start in range(0, len(X), batch_size):
        rows = rng.choice(len(X), min(batch_size, len(X) - start), replace=False)
        yield X[rows], Y[rows]


def one_further(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    for k in range(-(-len(X) // batch_size)):
        yield X[order[k : k + batch_size]], Y[order[k : k + batch_size]]


def in_place(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    X[:], Y[:] = X[order], Y[order]
    yield from minibatches(X, Y, batch_size=batch_size, rng=None)


def filled_up(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = np.take(order, range(start, start + batch_size), mode="wrap")
        yield X[rows], Y[rows]


def for_ever(X, Y, batch_size, rng):
    while True:
        yield from minibatches(X, Y, batch_size=batch_size, rng=rng)


def even_parts(X, Y, batch_size, rng):
    parts = np.array_split(rng.permutation(len(X)), -(-len(X) // batch_size))
    return [(X[rows], Y[rows]) for rows in parts]


def single_rows(X, Y, batch_size, rng):
    for n in rng.permutation(len(X)):
        yield X[n], Y[n]


def global_state(X, Y, batch_size, rng):
    return minibatches(X, Y, batch_size=batch_size, rng=np.random.default_rng())


def own_generator(X, Y, batch_size, rng):
    return minibatches(X, Y, batch_size=batch_size, rng=np.random.default_rng(0))


def first_batch_returned(X, Y, batch_size, rng):
    rows = rng.permutation(len(X))[:batch_size]
    return X[rows], Y[rows]


def batches_without_targets(X, Y, batch_size, rng):
    return [X_batch for X_batch, _ in minibatches(X, Y, batch_size=batch_size, rng=rng)]


def one_list_each(X, Y, batch_size, rng):
    pairs = list(minibatches(X, Y, batch_size=batch_size, rng=rng))
    return [x for x, _ in pairs], [y for _, y in pairs]


def features_shuffled(X, Y, batch_size, rng):
    order = rng.permutation(X.shape[1])
    return minibatches(X[:, order], Y, batch_size=batch_size, rng=rng)


def turned(N, rng):
    return np.roll(np.arange(N), rng.integers(N))


def first_stays_first(N, rng):
    return np.append(0, 1 + rng.permutation(N - 1))


def number(X, Y, batch_size, rng):
    return 3


def no_return(X, Y, batch_size, rng):
    batches = list(minibatches(X, Y, batch_size=batch_size, rng=rng))  # noqa: F841


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            cut(shuffled, in_order),
            "X is shuffled and Y is not: nearly every sample gets the target of another",
        ),
        (cut(in_order, shuffled), "Y is shuffled and X is not"),
        (cut(shuffled, shuffled), "X and Y are shuffled differently"),
        (
            cut(shuffled, cuts=lambda N, B: range(0, N - B + 1, B)),
            "The last batch is missing where it would not",
        ),
        (cut(shuffled, cuts=lambda N, B: range(0, N + 1, B)), "and then comes an empty batch"),
        (cut(shuffled, cuts=lambda N, B: range(0, min(N, B), B)), "8 of 12 samples never come in the epoch."),
        (cut(in_order), "Nothing is shuffled"),
        (cut(lambda N, rng: np.random.default_rng(0).permutation(N)), "The second epoch has the same order"),
        (own_generator, "The second epoch has the same order as the first."),
        (starts_only, "you shuffle where batches start, not the samples."),
        (within_batches, "Every epoch has the same batches"),
        (
            with_replacement,
            "A batch holds the same sample twice, and others never come, as if you drew with",
        ),
        (drawn_anew, "as if each batch were drawn anew from all."),
        (one_further, "Each batch repeats the one before but for its first sample: the window moves by"),
        (lambda X, Y, B, rng: [(x, Y) for x, _ in minibatches(X, Y, batch_size=B, rng=rng)], "and 12 of Y."),
        (in_place, "Your function changes X itself"),
        (filled_up, "The last batch is filled up; it may be smaller. (Tried with N = 11"),
        (for_ever, "Your batches never end."),
        (even_parts, "Your batches have the sizes [3, 3, 2, 2]; expected [3, 3, 3, 1]."),
        (single_rows, "A batch of X has shape (1,); expected rows of X, (B, 1)."),
        (global_state, "it does not come from the `rng` that you are given."),
        (cut(turned), "The order is only turned"),
        (cut(first_stays_first), "as the first batch of 500 epochs yours gives 4 of them."),
        (batches_without_targets, "Each batch should be a pair, X_batch and Y_batch."),
        (one_list_each, "Each batch should be a pair"),
        (features_shuffled, "A batch of X holds a row that is in no row of X."),
        (number, "Your code stops with TypeError: a loop over a single number"),
        (no_return, "Your function gives None: is a `return` missing?"),
    ],
    ids=range(28),
)
def test_wrong_batches(answer, said):
    verdict = checks.batches(answer)
    assert not verdict and said in verdict.text


# The epoch


def epoch_with_lists(net, loss, optimizer, batches):
    losses, sizes = [], []
    for X, Y in batches:
        Y_hat = net.forward(X, training=True)
        losses.append(loss.value(Y_hat, Y))
        sizes.append(len(Y))
        net.backward(loss.gradient(Y_hat, Y), input_gradient=False)
        optimizer.step(net.grads)
    return np.average(losses, weights=sizes)


def epoch_with_value_and_gradient(net, loss, optimizer, batches):
    total = n = 0
    for batch in batches:
        value, dY = loss.value_and_gradient(net.forward(batch[0]), batch[1])
        net.backward(dY)
        for p, g in zip(net.params, net.grads, strict=True):
            p -= optimizer.lr * g
        n += batch[0].shape[0]
        total += np.float32(value) * batch[0].shape[0]
    return total / n


def epoch_with_steps(net, loss, optimizer, batches):
    batches = list(batches)
    total = 0
    for X, Y in batches:
        for step in steps(net, loss, optimizer, X, Y, epochs=1, batch_size=len(X), rng=None):
            total += step.loss * len(X)
    return np.array(total / sum(len(X) for X, _ in batches))


@pytest.mark.parametrize("answer", [epoch_with_lists, epoch_with_value_and_gradient, epoch_with_steps])
def test_right_epochs(answer):
    assert checks.epoch(answer).text.startswith("Right, on four small networks")


def epoch(*, update="forward backward step", report=lambda losses, sizes: np.dot(losses, sizes) / sum(sizes)):
    """Return a `train_epoch` that does what `update` lists for each batch, and returns what `report` says."""

    def wrong(net, loss, optimizer, batches):
        losses, sizes, Y_hat = [], [], None
        for X, Y in batches:
            for word in update.split():
                if word == "forward":
                    Y_hat = net.forward(X)
                    losses.append(loss.value(Y_hat, Y))
                elif word == "exchanged":
                    losses.append(loss.value(Y, net.forward(X)))
                elif word == "backward":
                    net.backward(loss.gradient(Y_hat, Y))
                elif word == "backwards":
                    net.backward(loss.gradient(Y, Y_hat))
                elif word == "divided":
                    net.backward(loss.gradient(Y_hat, Y) / len(X))
                elif word == "multiplied":
                    net.backward(loss.gradient(Y_hat, Y) * len(X))
                elif word == "step":
                    optimizer.step(net.grads)
            losses, sizes = losses[: len(sizes) + 1], [*sizes, len(X)]
        return report(losses, sizes)

    return wrong


def returns_in_the_loop(net, loss, optimizer, batches):
    for X, Y in batches:
        Y_hat = net.forward(X)
        net.backward(loss.gradient(Y_hat, Y))
        optimizer.step(net.grads)
        return loss.value(Y_hat, Y)


def step_outside_the_loop(net, loss, optimizer, batches):
    total = n = 0
    for X, Y in batches:
        Y_hat = net.forward(X)
        total, n = total + loss.value(Y_hat, Y) * len(X), n + len(X)
        net.backward(loss.gradient(Y_hat, Y))
    optimizer.step(net.grads)
    return total / n


def one_step_at_the_end(net, loss, optimizer, batches):
    sums = None
    for X, Y in batches:
        net.backward(loss.gradient(net.forward(X), Y))
        sums = net.grads if sums is None else [s + g for s, g in zip(sums, net.grads, strict=True)]
    optimizer.step(sums)
    return 1.0


def accumulates(net, loss, optimizer, batches):
    sums = [np.zeros_like(p) for p in net.params]
    for X, Y in batches:
        net.backward(loss.gradient(net.forward(X), Y))
        for s, g in zip(sums, net.grads, strict=True):
            s += g
        optimizer.step(sums)
    return 1.0


def afterwards(net, loss, optimizer, batches):
    total = n = 0
    for X, Y in batches:
        net.backward(loss.gradient(net.forward(X), Y))
        optimizer.step(net.grads)
        total, n = total + loss.value(net.forward(X), Y) * len(X), n + len(X)
    return total / n


def counts_the_batches(net, loss, optimizer, batches):
    return sum(loss.value(net.forward(X), Y) for X, Y in batches) / len(batches)


def backward_of_the_loss(net, loss, optimizer, batches):
    for X, Y in batches:
        net.backward(loss.value(net.forward(X), Y))
        optimizer.step(net.grads)


def nothing_returned(net, loss, optimizer, batches):
    for X, Y in batches:
        net.backward(loss.gradient(net.forward(X), Y))
        optimizer.step(net.grads)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (epoch(update="forward step"), "nothing goes back through the network."),
        (epoch(update="step forward backward"), "the update comes before the backward pass."),
        (epoch(update="forward step backward"), "the update comes before the backward pass."),
        (epoch(update="forward backwards step"), "the gradient is taken with its arguments exchanged."),
        (epoch(update="forward backward"), "nothing moves. Which line of the step updates?"),
        (epoch(update="forward"), "nothing moves. Which line of the step updates?"),
        (epoch(update="forward backward step step"), "two steps for each batch."),
        (epoch(update="forward divided step"), "each gradient is divided by the size of its batch."),
        (epoch(update="forward multiplied step"), "each gradient is multiplied by the size of its batch."),
        (returns_in_the_loop, "only the first batch makes a step. Is a `return` inside the loop?"),
        (step_outside_the_loop, "one step in the whole epoch, with the last batch's gradient"),
        (one_step_at_the_end, "one step at the end, with the gradients of all batches."),
        (accumulates, "the gradients of earlier batches are added to each new one."),
        (epoch(report=lambda losses, sizes: np.mean(losses)), "the plain mean of the batch losses"),
        (epoch(report=lambda losses, sizes: losses[-1]), "that is the loss of the last batch."),
        (epoch(report=lambda losses, sizes: losses[0]), "that is the loss of the first batch."),
        (epoch(report=lambda losses, sizes: sum(losses)), "the sum of the batch losses"),
        (epoch(report=lambda losses, sizes: np.dot(losses, sizes)), "the sum over all samples."),
        (
            epoch(report=lambda losses, sizes: np.dot(losses, sizes) / len(sizes)),
            "a sum over samples, divided by the number of batches.",
        ),
        (
            epoch(report=lambda losses, sizes: sum(losses) / sum(sizes)),
            "A batch loss is a mean already: how many samples does it stand for?",
        ),
        (
            epoch(report=lambda losses, sizes: losses),
            "that is the loss of every batch. One number is wanted.",
        ),
        (epoch(update="exchanged forward backward step"), "the loss is taken with its arguments exchanged."),
        (afterwards, "each batch is measured after its own update"),
        (counts_the_batches, "Your code stops with TypeError, in the line `return sum("),
        (
            backward_of_the_loss,
            "ValueError, in the line `net.backward(loss.value(net.forward(X), Y))`: dY has",
        ),
        (nothing_returned, "Your function gives None: is a `return` missing?"),
    ],
    ids=range(26),
)
def test_wrong_epochs(answer, said):
    verdict = checks.epoch(answer)
    assert not verdict and said in verdict.text


# Twenty images by heart


def setting(*layers, lr=0.1, epochs=150, batch_size=5, optimizer=SGD):
    """Return a setting: `layers` are widths and activations."""

    def choice(rng):
        made, width = [], 784
        for layer in layers:
            made.append(Dense(width, layer, rng=rng) if isinstance(layer, int) else layer())
            width = layer if isinstance(layer, int) else width
        net = Network(*made)
        return net, optimizer(net.params, lr=lr), epochs, batch_size

    return choice


@pytest.mark.parametrize(
    "answer",
    [
        setting(32, ReLU, 10),
        setting(10),
        setting(64, Tanh, 32, Tanh, 10),
        setting(16, ReLU, 10, lr=0.01, optimizer=Adam),
        setting(64, ReLU, 10, lr=0.5, batch_size=20),
    ],
    ids=["as in the chapter", "no hidden layer", "two hidden layers", "Adam", "full batch"],
)
def test_right_settings(answer, digits):
    assert checks.overfits(answer, *digits).text.startswith(
        "Right: all 20 known by heart, from each of three"
    )


def zeros(rng):
    net = Network(Dense(784, 32, rng=rng), ReLU(), Dense(32, 10, rng=rng))
    for p in net.params:
        p[...] = 0
    return net, SGD(net.params, lr=0.1), 100, 5


def last_layer_zero(rng):
    net, optimizer, epochs, batch_size = setting(32, ReLU, 10, epochs=1)(rng)
    net.params[0][...] = 0
    return net, optimizer, epochs, batch_size


def other_parameters(rng):
    net, *_ = setting(32, ReLU, 10)(rng)
    other, *_ = setting(32, ReLU, 10)(rng)
    return net, SGD(other.params, lr=0.1), 100, 5


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (stub, "Not attempted yet. Hint: "),
        (lambda rng: setting(32, ReLU, 10)(rng)[:3], "Expected `return net, optimizer, epochs, batch_size`"),
        (
            lambda rng: setting(32, ReLU, 10)(np.random.default_rng(0)),
            "All runs begin with the same wei",
        ),
        (zeros, "a layer of weights is zero throughout: nothing goes back through it."),
        (last_layer_zero, "a layer of weights is zero throughout"),
        (other_parameters, "This cannot be trained: optimizer holds other parameters than this network's"),
        (setting(32, ReLU, 5), "This cannot be trained: "),
        (setting(32, ReLU, 10, epochs=0), "No epoch, so nothing is trained."),
        (setting(32, ReLU, 10, epochs=5), "and was still falling. More steps, or larger ones."),
        (setting(32, ReLU, 10, lr=0.001), "and was still falling. More steps, or larger ones."),
        (setting(1024, ReLU, 1024, ReLU, 10, epochs=300), "Not trained: "),
        (setting(32, ReLU, 10, lr=1e6), "The learning rate is too large."),
        (setting(32, ReLU, 10, lr=5.0, batch_size=1), "The learning rate is too large."),
        (setting(32, ReLU, 10, lr=3.0, batch_size=20), "a ReLU layer gives zeros alone."),
        (setting(2, Tanh, 10, lr=1.0), "after going up and down. Smaller steps, larger batches, or a wider"),
        (setting(32, ReLU, 10, Sigmoid), "but the last layer is Sigmoid(). The loss takes logits"),
    ],
    ids=range(16),
)
def test_wrong_settings(answer, said, digits):
    verdict = checks.overfits(answer, *digits)
    assert not verdict and said in verdict.text


def test_the_loss_that_settings_are_judged_by(digits):
    X, y = digits
    net, optimizer, epochs, batch_size = setting(32, ReLU, 10)(np.random.default_rng(0))
    for _ in steps(
        net, SoftmaxCrossEntropy(), optimizer, X, y, epochs=epochs, batch_size=batch_size, rng=None
    ):
        pass
    assert SoftmaxCrossEntropy().value(net.predict(X), y) < 0.01
