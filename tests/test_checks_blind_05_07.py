"""Wrong and right attempts by readers who knew the chapters and not the checks, and what each one hears.

The rows are those of tests/test_checks_blind.py, for chapter 07. Below them stands the exercise whose answer
is a setting.
"""

import linecache
import textwrap
import warnings

import numpy as np
import pytest

from nnlib import SGD, Adam, Dense, Network, ReLU, Sigmoid, Tanh, datasets
from nnlib.teach import checks

# fmt: off
CHAPTER_07 = [
    ("sgd_step", """
        for p, g in zip(params, grads):
            p = p - lr * g
        """, "No array has changed. If it says `p = p - …`: that makes a"),
    ("sgd_step", """
        for p, g in zip(params, grads):
            p += lr * g
        """, "the change of W: up the slope: the gradient says which way"),
    ("sgd_step", """
        for p, g in zip(params, grads):
            p -= g
        """, "the change of W: the whole gradient is subtracted. How far to"),
    ("sgd_step",
        "return [p - lr * g for p, g in zip(params, grads)]",
        "You return something, and the arrays in params are as they"),
    ("sgd_step", """
        for i in range(len(params)):
            params[i] = params[i] - lr * grads[i]
        """, "The list holds new arrays now, and the old ones are as they"),
    ("sgd_step", """
        for p, g in zip(params, grads):
            p -= lr * g
            return
        """, "the change of b: W moves and b does not. Does your loop end"),
    ("sgd_step", """
        for p, g in zip(params, grads):
            p -= lr * g / len(p)
        """, "the change of W: right but for a factor 1/n_in"),
    ("sgd_step", """
        for p, g in zip(params, grads):
            p *= 1 - lr * g
        """, "the change of W: each entry is multiplied by 1 - η times its"),
    ("sgd_step", """
        for p, g in zip(params, grads):
            p[...] = -lr * g
        """, "the change of W: W has become -η dW: what was in it before is"),
    ("sgd_step", """
        for p, g in zip(params, grads):
            g -= lr * p
        """, "The gradients have changed, and the parameters are as they"),
    ("sgd_step", """
        for p, g in zip(params, grads):
            p -= lr * g.mean()
        """, "the change of W: every entry moves equally far, by the mean"),
    ("sgd_step", """
        for p, g in zip(params, grads):
            p -= lr * np.sign(g)
        """, "the change of W: every entry moves equally far: only the sign"),
    ("sgd_step", """
        for p, g in zip(params, grads):
            g *= lr
            p -= g
        """, "Your function changes dW, which belongs to whoever called it."),
    ("sgd_step", """
        for p, g in zip(params, grads):
            p -= g / lr
        """, "the change of W: divided by the learning rate, not multiplied."),
    ("sgd_step", """
        for p, g in zip(params, grads):
            p -= lr
        """, "the change of W: every entry goes down by η, whatever its"),
    ("sgd_step", """
        for p, g in zip(params, grads):
            pass
        p -= lr * g
        """, "the change of W: b moves and W does not. Every array has its"),
    ("sgd_step", """
        for p, g in zip(params, grads):
            p[0] -= lr * g[0]
        """, "the change of W: only the first row moves. The operator on"),
    ("sgd_step", """
        for p, g in zip(params, grads):
            q = p.copy()
            q -= lr * g
        """, "No array has changed. If it says `p = p - …`: that makes a"),
    ("sgd_step", """
        for p, g in zip(params, grads):
            p -= lr * lr * g
        """, "the change of W: the learning rate is in it twice."),
    ("batches", """
        for s in range(0, len(X), batch_size):
            yield X[s : s + batch_size], Y[s : s + batch_size]
        """, "Nothing is shuffled: the samples come in the order in which"),
    ("batches", """
        for s in rng.permutation(range(0, len(X), batch_size)):
            yield X[s : s + batch_size], Y[s : s + batch_size]
        """, "The batches come in a new order, but each holds samples that"),
    ("batches", """
        order = rng.permutation(len(X))
        for s in range(0, len(X) - batch_size + 1, batch_size):
            rows = order[s : s + batch_size]
            yield X[rows], Y[rows]
        """, "The last batch is missing where it would not be full: with N"),
    ("batches", """
        X = X[rng.permutation(len(X))]
        Y = Y[rng.permutation(len(Y))]
        for s in range(0, len(X), batch_size):
            yield X[s : s + batch_size], Y[s : s + batch_size]
        """, "X and Y are shuffled differently: nearly every sample gets"),
    ("batches", """
        order = rng.permutation(len(X))
        X[:] = X[order]
        Y[:] = Y[order]
        for s in range(0, len(X), batch_size):
            yield X[s : s + batch_size], Y[s : s + batch_size]
        """, "Your function changes X itself, the data of whoever called"),
    ("batches", """
        order = rng.integers(len(X), size=len(X))
        for s in range(0, len(X), batch_size):
            rows = order[s : s + batch_size]
            yield X[rows], Y[rows]
        """, "A batch holds the same sample twice, and others never come,"),
    ("batches", """
        order = np.random.permutation(len(X))
        for s in range(0, len(X), batch_size):
            rows = order[s : s + batch_size]
            yield X[rows], Y[rows]
        """, "With the same seed the order is another one: it does not come"),
    ("batches", """
        order = np.random.default_rng(0).permutation(len(X))
        for s in range(0, len(X), batch_size):
            rows = order[s : s + batch_size]
            yield X[rows], Y[rows]
        """, "The second epoch has the same order as the first. Draw it"),
    ("batches", """
        order = rng.permutation(len(X))
        for s in range(0, len(X), batch_size):
            rows = order[s : s + batch_size]
            return X[rows], Y[rows]
        """, "You return one pair of arrays; wanted is one pair after"),
    ("batches", """
        order = rng.permutation(len(X))
        for s in range(0, len(X), batch_size):
            rows = order[s : s + batch_size - 1]
            yield X[rows], Y[rows]
        """, "3 of 12 samples never come in the epoch."),
    ("batches", """
        order = rng.permutation(len(X))
        for k in range(len(X) // batch_size):
            rows = order[k : k + batch_size]
            yield X[rows], Y[rows]
        """, "Each batch repeats the one before but for its first sample:"),
    ("batches", """
        order = rng.permutation(len(X))
        for rows in np.array_split(order, max(1, len(X) // batch_size)):
            yield X[rows], Y[rows]
        """, "Your batches have the sizes [6, 5]; expected [4, 4, 3]."),
    ("batches", """
        order = rng.permutation(batch_size)
        for s in range(0, len(X), batch_size):
            yield X[order], Y[order]
        """, "Your code stops with IndexError"),
    ("batches", """
        for s in range(0, len(X), batch_size):
            rows = s + rng.permutation(min(batch_size, len(X) - s))
            yield X[rows], Y[rows]
        """, "Every epoch has the same batches: samples that are together"),
    ("batches", """
        order = rng.permutation(len(X))
        for s in range(0, len(X), batch_size):
            rows = order[s : s + batch_size]
            yield Y[rows], X[rows]
        """, "X_batch and Y_batch are exchanged: each pair begins with rows"),
    ("batches", """
        order = rng.permutation(len(X))
        for s in range(0, len(X), batch_size):
            rows = order[s : s + batch_size]
            yield X[rows], Y[s : s + batch_size]
        """, "X is shuffled and Y is not: nearly every sample gets the"),
    ("batches", """
        for s in range(0, len(X), batch_size):
            rows = rng.permutation(len(X))[s : s + batch_size]
            yield X[rows], Y[rows]
        """, "Some samples come twice in an epoch, others never, as if each"),
    ("batches", """
        while True:
            order = rng.permutation(len(X))
            for s in range(0, len(X), batch_size):
                rows = order[s : s + batch_size]
                yield X[rows], Y[rows]
        """, "Your batches never end. An epoch is over when every sample"),
    ("batches", """
        order = rng.permutation(len(X))
        yield X[order], Y[order]
        """, "Your batches have the sizes [12]; expected [4, 4, 4]."),
    ("batches", """
        order = rng.permutation(len(X))
        for s in range(0, len(X), batch_size):
            rows = order[s : s + batch_size]
            yield rows, rows
        """, "A batch of X has shape (4,); expected rows of X, (B, 1). It"),
    ("batches", """
        order = rng.permutation(len(X))
        for k in range(len(X) // batch_size + 1):
            rows = order[k * batch_size : (k + 1) * batch_size]
            yield X[rows], Y[rows]
        """, "Every sample is there once, and then comes an empty batch."),
    ("batches", """
        order = rng.permutation(len(X))
        for s in range(0, len(X), batch_size):
            rows = np.take(order, range(s, s + batch_size), mode="wrap")
            yield X[rows], Y[rows]
        """, "Some samples come more than once in an epoch. The last batch"),
    ("epoch", """
        total = n = 0
        for X, Y in batches:
            Y_hat = net.forward(X)
            value = loss.value(Y_hat, Y)
            net.backward(loss.gradient(Y_hat, Y))
            optimizer.step(net.grads)
            total += value
            n += 1
        return total / n
        """, "the epoch's loss: the plain mean of the batch losses: the"),
    ("epoch", """
        total = n = 0
        for X, Y in batches:
            Y_hat = net.forward(X)
            net.backward(loss.gradient(Y_hat, Y))
            optimizer.step(net.grads)
            value = loss.value(net.forward(X), Y)
            total += len(X) * value
            n += len(X)
        return total / n
        """, "the epoch's loss: each batch is measured after its own"),
    ("epoch", """
        total = n = 0
        for X, Y in batches:
            Y_hat = net.forward(X)
            value = loss.value(Y_hat, Y)
            net.backward(loss.gradient(Y_hat, Y))
            optimizer.step(net.grads)
            total += len(X) * value
            n += len(X)
        return value
        """, "the epoch's loss: that is the loss of the last batch."),
    ("epoch", """
        total = n = 0
        for X, Y in batches:
            Y_hat = net.forward(X)
            value = loss.value(Y_hat, Y)
            net.backward(loss.gradient(Y_hat, Y))
            optimizer.step(net.grads)
            total += len(X) * value
            n += len(X)
        return total / len(batches)
        """, "Your code stops with TypeError"),
    ("epoch", """
        total = n = 0
        for X, Y in batches:
            Y_hat = net.forward(X)
            value = loss.value(Y_hat, Y)
            optimizer.step(net.grads)
            net.backward(loss.gradient(Y_hat, Y))
            total += len(X) * value
            n += len(X)
        return total / n
        """, "the change of the parameters: each step uses the gradients of"),
    ("epoch", """
        total = n = 0
        for X, Y in batches:
            Y_hat = net.forward(X)
            value = loss.value(Y_hat, Y)
            net.backward(loss.gradient(Y, Y_hat))
            optimizer.step(net.grads)
            total += len(X) * value
            n += len(X)
        return total / n
        """, "the change of the parameters: the gradient is taken with its"),
    ("epoch", """
        total = n = 0
        for X, Y in batches:
            Y_hat = net.forward(X)
            value = loss.value(Y_hat, Y)
            net.backward(loss.gradient(Y_hat, Y))
            total += len(X) * value
            n += len(X)
        optimizer.step(net.grads)
        return total / n
        """, "the change of the parameters: one step in the whole epoch,"),
    ("epoch", """
        total = n = 0
        for X, Y in batches:
            Y_hat = net.forward(X)
            value = loss.value(Y_hat, Y)
            net.backward(loss.gradient(Y_hat, Y))
            optimizer.step(net.grads)
            total += len(X) * value
            n += len(X)
            return total / n
        """, "the change of the parameters: only the first batch makes a"),
    ("epoch", """
        total = n = 0
        for X, Y in batches:
            Y_hat = net.forward(X)
            value = loss.value(Y_hat, Y)
            net.backward(loss.gradient(Y_hat, Y))
            optimizer.step(net.grads)
            total += value
            n += len(X)
        return total / n
        """, "the epoch's loss: the batch losses are added up unweighted,"),
    ("epoch", """
        total = n = 0
        for X, Y in batches:
            Y_hat = net.forward(X)
            value = loss.value(Y_hat, Y)
            net.backward(loss.gradient(Y_hat, Y))
            [p.__isub__(0.1 * g) for p, g in zip(net.params, net.grads)]
            total += len(X) * value
            n += len(X)
        return total / n
        """, "the change of the parameters: as if the step were made by"),
    ("epoch", """
        total = n = 0
        for X, Y in batches:
            Y_hat = net.forward(X)
            value = loss.value(Y_hat, Y)
            net.backward(loss.gradient(Y_hat, Y))
            optimizer.step(net.params)
            total += len(X) * value
            n += len(X)
        return total / n
        """, "the change of the parameters: the step is handed the"),
    ("epoch", """
        total = n = 0
        B = None
        for X, Y in batches:
            Y_hat = net.forward(X)
            value = loss.value(Y_hat, Y)
            net.backward(loss.gradient(Y_hat, Y))
            optimizer.step(net.grads)
            B = B or len(X)
            total += B * value
            n += B
        return total / n
        """, "the epoch's loss: the plain mean of the batch losses: the"),
]

RIGHT = [
    ("sgd_step", """
        for i in range(len(params)):
            np.subtract(params[i], lr * grads[i], out=params[i])
        """),
    ("sgd_step", """
        for p, g in zip(params, grads):
            p -= lr * g
        return params
        """),
    ("batches", """
        o = np.arange(len(X))
        rng.shuffle(o)
        return [(X[r], Y[r]) for r in np.split(o, range(batch_size, len(X), batch_size))]
        """),
    ("epoch", """
        total, n = 0.0, 0
        for X, Y in batches:
            Y_hat = net.forward(X)
            value = loss.value(Y_hat, Y)
            net.backward(loss.gradient(Y_hat, Y))
            optimizer.step(net.grads)
            total += len(X) * value
            n += len(X)
        return total / n
        """),
]
# fmt: on

PARAMETERS = {
    "sgd_step": "params, grads, lr",
    "batches": "X, Y, batch_size, rng",
    "epoch": "net, loss, optimizer, batches",
}


def judged(exercise, body):
    cell = f"def {exercise}({PARAMETERS[exercise]}):\n"
    cell += textwrap.indent(textwrap.dedent(body).strip(), "    ") + "\n"
    name = f"<attempt {hash(cell)}>"
    linecache.cache[name] = len(cell), None, cell.splitlines(keepends=True), name
    names = {"np": np}
    exec(compile(cell, name, "exec"), names)
    with warnings.catch_warnings(action="ignore"):
        return getattr(checks, exercise)(names[exercise])


def numbered(rows):
    return [f"{row[0]}-{k}" for k, row in enumerate(rows)]


@pytest.mark.parametrize(("exercise", "body", "said"), CHAPTER_07, ids=numbered(CHAPTER_07))
def test_a_wrong_attempt_hears_what_is_wrong(exercise, body, said):
    verdict = judged(exercise, body)
    assert not verdict, body
    assert said in verdict.text


@pytest.mark.parametrize(("exercise", "body"), RIGHT, ids=numbered(RIGHT))
def test_a_right_attempt_passes(exercise, body):
    verdict = judged(exercise, body)
    assert verdict, verdict.text


def test_each_exercise_has_three_wrong_attempts_and_a_right_one():
    for exercise in PARAMETERS:
        assert sum(row[0] == exercise for row in CHAPTER_07) >= 3 and any(row[0] == exercise for row in RIGHT)


def setting(*widths, lr=0.1, epochs=200, batch_size=5, optimizer=SGD, hidden=ReLU, last=None, own_seed=False):
    """Return a learner's setting: what `my_setting` would be with these numbers in it."""

    def my_setting(rng):
        rng = np.random.default_rng(0) if own_seed else rng
        layers = []
        for n_in, n_out in zip(widths, widths[1:], strict=False):
            layers += [Dense(n_in, n_out, rng=rng), hidden()]
        layers[-1:] = [last()] if last else []
        net = Network(*layers)
        return net, optimizer(net.params, lr=lr), epochs, batch_size

    return my_setting


def zeros(rng):
    net, *others = setting(784, 64, 10)(rng)
    for p in net.params:
        p[...] = 0
    return net, *others


def another_net(rng):
    return setting(784, 64, 10)(rng)[0], *setting(784, 64, 10)(rng)[1:]


def always_the_same(rng, made=[]):  # noqa: B006
    made[:] = made or setting(784, 64, 10)(rng)
    return tuple(made)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (setting(784, 64, 10, lr=0.001), "and was still falling"),
        (setting(784, 64, 10, epochs=5), "and was still falling"),
        (setting(784, 64, 1), "labels[0] is 5; expected 0 to 0"),
        (setting(784, 64, 9), "labels[4] is 9; expected 0 to 8"),
        (setting(784, 64, 10, lr=100), "The learning rate is too large."),
        (setting(784, 64, 10, batch_size=0), "batch_size is 0"),
        (setting(784, 64, 10, epochs=2e2), "epochs is 200.0"),
        (setting(784, 64, 10, epochs=100_000), "billion multiplications, and 2 billion are allowed"),
        (setting(28, 64, 10), "X has 784 features, but this network expects 28"),
        (setting(784, 64, 10, last=ReLU), "but the last layer is ReLU()"),
        (setting(784, 64, 10, last=Sigmoid), "but the last layer is Sigmoid()"),
        (setting(784, 1, 10), "a narrow layer has few to lose"),
        (setting(784, 64, 10, own_seed=True), "All runs begin with the same weights"),
        (lambda rng: setting(784, 64, 10)(rng)[:3], "`return net, optimizer, epochs, batch_size`"),
        (zeros, "a layer of weights is zero throughout"),
        (another_net, "optimizer holds other parameters"),
        (always_the_same, "The same network comes back each time"),
    ],
    ids=range(17),
)
def test_settings_that_do_not_learn_by_heart(answer, said):
    mnist = datasets.mnist()
    verdict = checks.overfits(answer, mnist.X_train[:20], mnist.y_train[:20])
    assert not verdict and said in verdict.text


def test_a_setting_of_another_kind_learns_by_heart():
    mnist = datasets.mnist()
    answer = setting(784, 64, 10, optimizer=Adam, lr=1e-3, hidden=Tanh, batch_size=10)
    assert checks.overfits(answer, mnist.X_train[:20], mnist.y_train[:20])
