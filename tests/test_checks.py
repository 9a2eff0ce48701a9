"""The checks of chapter 09: each wrong answer earns its diagnosis, each right one passes, however written."""

import numpy as np
import pytest

from nnlib import SGD, Adam, Dense, Network, ReLU, Sigmoid, datasets
from nnlib.teach import checks


def stub(*arguments):
    """Not written yet."""
    ...


def crash(*arguments):
    nothing = []
    return nothing[3]


def rows(labels, n_classes):
    return [[1 if c == label else 0 for c in range(n_classes)] for label in labels]


def largest_label_decides(labels, n_classes):
    return np.eye(labels.max() + 1)[labels]


@pytest.mark.parametrize(
    "answer, said",
    [
        (lambda y, C: np.eye(C)[y].T, "a column for each sample"),
        (largest_label_decides, "only `n_classes` says"),
        (lambda y, C: np.eye(C)[(y + 1) % C], "one column too far to the right"),
        (lambda y, C: np.eye(C)[(y.astype(int) - 1) % C], "one column too far to the left"),
        (lambda y, C: 1 - np.eye(C)[y], "exchanged"),
        (lambda y, C: np.zeros((len(y), C)), "Row 0 sums to 0"),
        (lambda y, C: np.full((len(y), C), 1 / C), "Y[0, 0] is 0.25; expected zeros and ones"),
        (lambda y, C: np.eye(C)[y][::-1], "Row 0 has its 1 in column 2; its label is 0"),
        (lambda y, C: y, "You return shape (3,)"),
        (lambda y, C: "one", "You return str"),
        (lambda y, C: np.eye(C)[y + C], "Your code stops with IndexError"),
    ],
)
def test_one_hot_wrong(answer, said):
    verdict = checks.one_hot(answer)
    assert not verdict and said in verdict.text, verdict


@pytest.mark.parametrize("answer", [rows, lambda y, C: y[:, None] == np.arange(C)], ids=["loop", "bool"])
def test_one_hot_right(answer):
    assert checks.one_hot(answer)


def parts(widths):
    sizes = [a * b for a, b in zip(widths, widths[1:], strict=False)]
    return sum(sizes), sizes[0]


def with_biases(widths, N):
    sizes = [(a + 1) * b for a, b in zip(widths, widths[1:], strict=False)]
    return N * (3 * sum(sizes) - sizes[0])


@pytest.mark.parametrize(
    "answer, said",
    [
        (lambda w, N: N * parts(w)[0], "forward pass alone"),
        (lambda w, N: 2 * N * parts(w)[0], "how does the blame get"),
        (lambda w, N: 3 * N * parts(w)[0], "Who would use it?"),
        (lambda w, N: 3 * parts(w)[0] - parts(w)[1], "for one sample"),
        (lambda w, N: 3 * N * parts(w)[0] - parts(w)[1], "for every sample"),
        (with_biases, "You count the biases"),
        (lambda w, N: 10**15, "Too many."),
        (lambda w, N: 1, "Too few."),
        (lambda w, N: [1, 2], "expected one number"),
    ],
)
def test_multiplications_wrong(answer, said):
    verdict = checks.multiplications(answer)
    assert not verdict and said in verdict.text, verdict


def test_multiplications_right():
    def answer(widths, n_samples):
        widths, total = list(widths), 0.0
        while len(widths) > 1:
            n_in = widths.pop(0)
            total += n_samples * n_in * widths[0] * (3 if total else 2)
        return total

    assert checks.multiplications(answer)


def count(predicted, target, n_classes):
    classes = range(n_classes)
    return [[int(((target == i) & (predicted == j)).sum()) for j in classes] for i in classes]


def shares_of_rows(predicted, target, n_classes):
    C = np.array(count(predicted, target, n_classes))
    return C / np.maximum(C.sum(axis=1, keepdims=True), 1)


def buffered(predicted, target, n_classes):
    C = np.zeros((n_classes, n_classes), int)
    C[target, predicted] += 1
    return C


def of_those_seen(predicted, target, n_classes):
    return np.array(count(predicted, target, target.max() + 1))


@pytest.mark.parametrize(
    "answer, said",
    [
        (lambda p, t, C: np.array(count(p, t, C)).T, "Transposed"),
        (buffered, "No entry is above 1"),
        (of_those_seen, "still a row and a column"),
        (lambda p, t, C: np.array(count(p, t, C)) * (1 - np.eye(C)), "the diagonal is empty"),
        (lambda p, t, C: np.array(count(p, t, C)) / len(p), "Those are shares"),
        (shares_of_rows, "Those are shares; expected counts"),
        (lambda p, t, C: 2 * np.array(count(p, t, C)), "sum to 80; expected 40"),
        (lambda p, t, C: np.roll(count(p, t, C), 1, axis=0), "times"),
        (lambda p, t, C: p == t, "You return shape (40,)"),
    ],
)
def test_confusion_wrong(answer, said):
    verdict = checks.confusion(answer)
    assert not verdict and said in verdict.text, verdict


def added_at(predicted, target, n_classes):
    C = np.zeros((n_classes, n_classes))
    np.add.at(C, (target, predicted), 1)
    return C


@pytest.mark.parametrize("answer", [count, added_at])
def test_confusion_right(answer):
    assert checks.confusion(answer)


@pytest.mark.parametrize(
    "answer, said",
    [
        (stub, "Not attempted yet"),
        (crash, "Your code stops with IndexError"),
        (lambda Y: "tanh", "You return 'tanh'; expected a set"),
        (lambda Y: {"Tanh"}, "You return 'Tanh'; expected names out of"),
        (
            lambda Y: could_end_in(Y, sigmoid=lambda Y: (Y >= 0).all() and (Y <= 1).all()),
            "let a sigmoid give exactly 0",
        ),
        (lambda Y: could_end_in(Y, relu=lambda Y: (Y > 0).all()), "let no ReLU give exactly 0"),
        (lambda Y: could_end_in(Y, tanh=lambda Y: abs(Y).max() < 1 and Y.min() < 0), "rule out tanh where"),
        (lambda Y: could_end_in(Y[:1]), "the first row alone"),
        (lambda Y: could_end_in(Y.mean(axis=1)), "the mean of a row"),
        (lambda Y: set().union(*map(could_end_in, Y.ravel())), "whether **some** output"),
        (lambda Y: set(), "You rule out everything"),
        (lambda Y: {"sigmoid", "tanh", "relu"}, "You rule out nothing"),
        (
            lambda Y: could_end_in(Y, relu=lambda Y: True),
            "You say that relu could have given outputs from -0.",
        ),
        (lambda Y: could_end_in(Y, tanh=lambda Y: False), "You leave out tanh, which could have"),
    ],
)
def test_last_activations_wrong(answer, said):
    verdict = checks.last_activations(answer)
    assert not verdict and said in verdict.text, verdict


def could_end_in(Y, **others):
    ranges = {
        "sigmoid": lambda Y: 0 < Y.min() and Y.max() < 1,
        "tanh": lambda Y: -1 < Y.min() and Y.max() < 1,
        "relu": lambda Y: Y.min() >= 0,
    }
    return {name for name, holds in (ranges | others).items() if holds(Y)}


def test_last_activations_right():
    def with_loops(outputs):
        names = ["sigmoid", "tanh", "relu"]
        for row in outputs.tolist():
            for y in row:
                for name, holds in (("sigmoid", 0 < y < 1), ("tanh", abs(y) < 1), ("relu", y >= 0)):
                    if name in names and not holds:
                        names.remove(name)
        return names

    assert checks.last_activations(could_end_in) and checks.last_activations(with_loops)


@pytest.fixture(scope="module")
def few_digits():
    """1500 digits to train on and 1000 to validate."""
    mnist = datasets.mnist()
    return mnist.X_train[:1500], mnist.y_train[:1500], mnist.X_train[-1000:], mnist.y_train[-1000:]


def recipe(*, width=64, lr=0.2, epochs=4, batch_size=32, end=None, optimizer=SGD):
    def recipe(rng):
        layers = [Dense(784, width, rng=rng), ReLU(), Dense(width, 10, rng=rng), *([end] if end else [])]
        net = Network(*layers)
        return net, optimizer(net.params, lr), epochs, batch_size

    return recipe


@pytest.mark.parametrize(
    "answer, said",
    [
        (stub, "Not attempted yet"),
        (crash, "Your code stops with IndexError"),
        (lambda rng: 3, "four things"),
        (lambda rng: (3, 4, 5, 6), "This cannot be trained: net is a int"),
        (recipe(epochs=0.5), "This cannot be trained: epochs is 0.5"),
        (recipe(epochs=0), "No epoch"),
        (recipe(end=Sigmoid()), "The last layer is Sigmoid()"),
        (recipe(width=512, epochs=60), "Not trained: it would cost"),
        (recipe(lr=1e30), "It diverged"),
        (recipe(lr=lambda t: 0.2 - 0.01 * t), "Does its total count the steps of all epochs?"),
        (recipe(lr=0.1, epochs=1), "after 1 epoch and"),
        (recipe(lr=20), "no better than guessing"),
        (recipe(lr=1e-9), "a tiny one moves nothing"),
        (recipe(lr=0.01, epochs=2), "still falling"),
        (recipe(lr=0.4, epochs=80, batch_size=8), "learns by heart"),
        (recipe(lr=1e-2, epochs=30), "come to rest"),
    ],
)
def test_recipe_wrong(answer, said, few_digits):
    verdict = checks.mnist_recipe(answer, *few_digits)
    assert not verdict and said in verdict.text, verdict


def test_recipe_right(few_digits):
    X, y, _, _ = few_digits
    verdict = checks.mnist_recipe(recipe(epochs=20, optimizer=Adam, lr=0.003), X, y, X, y)
    assert verdict and "after 20 epochs and 3.1 billion" in verdict.text


def test_recipe_that_loses_what_it_had(few_digits):
    X, y, _, _ = few_digits
    total = 20 * -(-len(X) // 32)
    verdict = checks.mnist_recipe(recipe(epochs=20, lr=lambda t: 0.2 if t < 0.95 * total else 3), X, y, X, y)
    assert not verdict and "The last steps threw it away" in verdict.text, verdict
