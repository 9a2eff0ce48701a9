"""The checks of chapter 05."""

import math

import numpy as np

from nnlib.teach.checks.answers import Mistake, Wrong, check, compare

__all__ = ["backward_cost", "by_hand", "fork", "two_layer_backward"]

# Exercise 5.1: the net and the sample
x1, x2, y, lr = -1.0, 2.0, 1.0, 0.5
w11, w21, b1 = 0.2, 0.6, 0.1
w12, w22, b2 = 0.45, 0.1, -0.3
v1, v2, c = 0.5, -1.2, -0.4
a1, a2 = math.tanh(x1 * w11 + x2 * w21 + b1), math.tanh(x1 * w12 + x2 * w22 + b2)

ROUNDING = 0.012  # tanh may be taken as 0.5 and 0.8, results be rounded to two decimals

# Name, the line that gives it from the lines above, and the known ways to miss it.
STEPS = (
    (
        "y_hat",
        lambda g: a1 * v1 + a2 * v2 + c,
        (
            (lambda g: a1 * v1 + a2 * v2, "The bias c is missing."),
            (lambda g: math.tanh(a1 * v1 + a2 * v2 + c), "The output unit has no tanh in this net."),
            (
                lambda g: a1 * v1 + math.tanh(x1 * w12 + x2 * w22) * v2 + c,
                "The bias b2 is missing: it belongs into z2.",
            ),
            (
                lambda g: (x1 * w11 + x2 * w21 + b1) * v1 + (x1 * w12 + x2 * w22 + b2) * v2 + c,
                "You take z1 and z2 to the output; what goes there has passed through tanh.",
            ),
            (
                lambda g: (
                    math.tanh(x1 * w11 + x2 * w12 + b1) * v1 + math.tanh(x1 * w21 + x2 * w22 + b2) * v2 + c
                ),
                "w12 and w21 are exchanged: the first index is the input, the second the unit it leads to.",
            ),
            (
                lambda g: a1 * v1 - a2 * v2 + c,
                "A sign is lost: z2 is negative, so a2 is, and v2 is negative as well.",
            ),
        ),
    ),
    (
        "dy_hat",
        lambda g: 2 * (g["y_hat"] - y),
        (
            (lambda g: 2 * (y - g["y_hat"]), "The wrong way round: prediction first, target second."),
            (lambda g: g["y_hat"] - y, "The 2 is missing, which the square leaves when it is derived."),
            (lambda g: y - g["y_hat"], "The 2 is missing, and target and prediction are exchanged."),
            (lambda g: (g["y_hat"] - y) ** 2, "That is the loss itself, not its slope."),
        ),
    ),
    (
        "dv2",
        lambda g: g["dy_hat"] * a2,
        (
            (lambda g: g["dy_hat"] * a1, "You multiply by a1, but v2 stands before another unit."),
            (lambda g: g["dy_hat"] * v2, "You multiply by v2; its factor in the forward line is a2."),
            (
                lambda g: g["dy_hat"] * a2 * (1 - a2 * a2),
                "You send it through tanh, but v2 comes after tanh, on the way to the output.",
            ),
            (lambda g: -g["dy_hat"] * a2, "The sign is wrong: a2 is negative."),
        ),
    ),
    (
        "da2",
        lambda g: g["dy_hat"] * v2,
        (
            (
                lambda g: g["dy_hat"] * (v2 - lr * g["dv2"]),
                "You use the new v2. The loss was computed with the old one, so the blame goes back through"
                " that; the step comes last.",
            ),
            (lambda g: g["dy_hat"] * a2, "You multiply by a2; its factor in the forward line is v2."),
            (lambda g: g["dy_hat"] * v1, "You multiply by v1, the weight of the other unit."),
            (lambda g: g["dy_hat"] * (v1 + v2), "a2 reaches the output through v2 alone."),
            (lambda g: -g["dy_hat"] * v2, "The sign is wrong: v2 is negative."),
        ),
    ),
    (
        "dz2",
        lambda g: g["da2"] * (1 - a2 * a2),
        (
            (lambda g: g["da2"], "The slope of tanh is missing: a2 moves less than z2."),
            (
                lambda g: g["da2"] * (1 - math.tanh(a2) ** 2),
                "The slope of tanh is taken at a2; it belongs at z2. With a2 at hand it is 1 - a2².",
            ),
            (lambda g: g["da2"] * (1 - a1 * a1), "You take the slope of the other unit, 1 - a1²."),
            (
                lambda g: g["da2"] * (1 - (x1 * w12 + x2 * w22 + b2) ** 2),
                "You take 1 - z2² for the slope; by (3.3) it is 1 minus the square of tanh z2.",
            ),
            (lambda g: g["da2"] * (1 - a2), "You take 1 - a2 for the slope; (3.3) has a square."),
            (lambda g: g["da2"] * a2 * (1 - a2), "That is the slope of σ, not of tanh."),
            (lambda g: g["da2"] * a2, "You multiply by tanh itself; its slope is asked for."),
        ),
    ),
    (
        "dw22",
        lambda g: g["dz2"] * x2,
        (
            (lambda g: g["dz2"] * x1, "You multiply by x1, but w22 leads from the second input."),
            (lambda g: g["dz2"] * w22, "You multiply by w22; its factor in the forward line is x2."),
            (lambda g: g["dz2"], "The input x2 is missing: that is db2."),
            (lambda g: g["dz2"] * a2, "You multiply by a2; what w22 is multiplied by is x2."),
        ),
    ),
    (
        "new_w22",
        lambda g: w22 - lr * g["dw22"],
        (
            (lambda g: w22 + lr * g["dw22"], "You go up. The step is against the gradient."),
            (lambda g: w22 - g["dw22"], "The learning rate is missing."),
            *(
                (
                    lambda g, other=other: w22 - other * g["dw22"],
                    f"You take η = {other}; in this exercise it is {lr}.",
                )
                for other in (0.1, 0.01)
            ),
            (lambda g: -lr * g["dw22"], "That is the step; it is added to the old w22."),
            (lambda g: lr * g["dw22"], "That is η times the gradient; take it away from the old w22."),
        ),
    ),
)


@check
def by_hand(answer):
    """Check the dict of seven numbers of a 2-2-1 net. See notebooks/05_backpropagation.ipynb."""
    names = [name for name, _, _ in STEPS]
    if not isinstance(answer, dict):
        raise Wrong(f"expected the dict of the exercise, and got {answer!r}.")
    if odd := [name for name in answer if name not in names]:
        raise Wrong(f"{odd[0]!r} is none of the seven names: {', '.join(names)}.")
    given = {name: _number(name, answer[name]) for name in names if answer.get(name) not in (None, ...)}
    if not given:
        raise Wrong(
            "Not attempted yet. Hint: forward first. z1 is 1.1 and z2 is -0.55; which numbers do they become?"
        )
    right = {}
    for name, line, _ in STEPS:
        right[name] = line(right)
    wrong = [name for name in given if not _near(given[name], right[name])]
    missing = [name for name in names if name not in given]
    if not wrong and not missing:
        return "Right, all seven."
    fine = [name for name in given if name not in wrong]
    lines = [f"{len(fine)} of {len(names)} right{': ' if fine else ''}{', '.join(fine)}."]
    lines += [f"- `{name}`: {why}" for name, why in _reasons(right | given, wrong)]
    lines += [f"- not answered yet: {', '.join(missing)}"] if missing else []
    raise Wrong("\n".join([lines[0], "", *lines[1:]]))


def _number(name, value):
    number = np.asarray(value)
    if number.size != 1 or number.dtype.kind not in "fiu" or not np.isfinite(number).all():
        raise Wrong(f"`{name}` is {value!r}; expected one number.")
    return number.item()


def _near(a, b):
    return abs(a - b) <= ROUNDING


def _reasons(given, wrong):
    """Yield each wrong name with its reason; a line that carries on an earlier slip is none itself."""
    for name, line, mistakes in STEPS:
        if name in wrong:
            said = f"{given[name]:.4g}. "
            if _near(given[name], line(given)):
                yield name, f"{said}It follows from your lines above: mend those first."
                continue
            why = next((why for value, why in mistakes if _near(given[name], value(given))), None)
            yield name, said + (why or _hint(name, "y_hat" in wrong))


def _hint(name, forward_is_wrong):
    """Return what to look at, for a number that no known slip gives."""
    if name in ("dv2", "dz2") and forward_is_wrong:
        return "It takes a2, and your forward pass is off: mend that first."
    return {
        "y_hat": "Write down z1, z2, a1 and a2 one by one, and compare each with its line.",
        "dy_hat": "What is the derivative of (y_hat - y)² with respect to y_hat?",
        "new_w22": "A step takes η times the slope away from the old number.",
    }.get(name, "Write the forward line in which it appears. What stands beside it?")


# Exercise 5.2


def _forward(X, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)
    return A1, A1 @ W2 + b2


def _backward(X, Y, W1, b1, W2, b2, *, f_prime=None, back=None, dY_hat=None, forward=_forward):
    """Return the four gradients; an option replaces one step of the right way."""
    A1, Y_hat = forward(X, W1, b1, W2, b2)
    dY = 2 * (Y_hat - Y) / Y.size if dY_hat is None else dY_hat(Y_hat, Y)
    dW2 = A1.T @ dY
    dA1 = dY @ (W2.T if back is None else back(W2, dW2))
    dZ1 = dA1 * (1 - A1 * A1 if f_prime is None else f_prime(X @ W1 + b1))
    return X.T @ dZ1, dZ1.sum(axis=0), dW2, dY.sum(axis=0)


def _all_gradients(X, Y, W1, b1, W2, b2):
    return _backward(X, Y, W1, b1, W2, b2)


RESULTS = ("dW1", "db1", "dW2", "db2")


def _slips(why, results=RESULTS, **options):
    """Return the mistake of one replaced step, for each of the results that it spoils."""
    return [
        Mistake(lambda *a, k=k: _backward(*a, **options)[k], why, of=name)
        for k, name in enumerate(RESULTS)
        if name in results
    ]


def _instead(name, other, why):
    """Return the mistake of returning one gradient where another belongs."""
    return Mistake(lambda *a: _backward(*a)[RESULTS.index(other)], why, of=name)


HIDDEN = ("dW1", "db1")
TWO_LAYERS = [
    *_slips(
        "the slope of tanh is missing: what comes back through W2 is dA1, and the weights lie behind Z1.",
        HIDDEN,
        f_prime=np.ones_like,
    ),
    *_slips(
        "the slope of tanh is taken at A1; it belongs at Z1. (With A1 at hand it is 1 - A1².)",
        HIDDEN,
        f_prime=lambda Z: 1 - np.tanh(np.tanh(Z)) ** 2,
    ),
    *_slips(
        "you take 1 - Z1² for the slope of tanh; by (3.3) what is squared is tanh of Z1.",
        HIDDEN,
        f_prime=lambda Z: 1 - Z**2,
    ),
    *_slips(
        "you take 1 - A1 for the slope of tanh; (3.3) has a square.", HIDDEN, f_prime=lambda Z: 1 - np.tanh(Z)
    ),
    *_slips(
        "you multiply by tanh itself; the chain rule (3.2) wants its slope.",
        HIDDEN,
        f_prime=np.tanh,
    ),
    *_slips(
        "A1 (1 - A1) is the slope of σ, not of tanh.",
        HIDDEN,
        f_prime=lambda Z: np.tanh(Z) * (1 - np.tanh(Z)),
    ),
    *_slips(
        "W2 is not transposed on the way back. It fits by accident where there are as many hidden units as"
        " outputs; (2.9) sums over the outputs.",
        HIDDEN,
        back=lambda W2, dW2: W2 if W2.shape[0] == W2.shape[1] else np.full(W2.T.shape, np.nan),
    ),
    *(
        mistake
        for lr in (1, 0.5, 0.1, 0.01)
        for mistake in _slips(
            "the blame went back through a W2 that was already updated. The loss was computed with the old"
            " one.",
            HIDDEN,
            back=lambda W2, dW2, lr=lr: (W2 - lr * dW2).T,
        )
    ),
    *_slips(
        "half of it: the 2 of the square is missing in dY_hat (4.1).",
        dY_hat=lambda Y_hat, Y: (Y_hat - Y) / Y.size,
    ),
    *_slips(
        "the mean is missing: dY_hat is divided by the number of entries, N · n_out (4.1).",
        dY_hat=lambda Y_hat, Y: 2 * (Y_hat - Y),
    ),
    *_slips(
        "dY_hat is divided by N alone; the loss is the mean over all N · n_out entries (4.1).",
        dY_hat=lambda Y_hat, Y: 2 * (Y_hat - Y) / len(Y),
    ),
    *_slips(
        "the mean is taken twice: the loss has put 1/N into dY_hat, and you divide by N again.",
        dY_hat=lambda Y_hat, Y: 2 * (Y_hat - Y) / Y.size / len(Y),
    ),
    *_slips(
        "the sign is wrong, as if dY_hat were target minus prediction.",
        dY_hat=lambda Y_hat, Y: 2 * (Y - Y_hat) / Y.size,
    ),
    *_slips(
        "it looks as if the output had passed through tanh; only the hidden layer does.",
        forward=lambda X, W1, b1, W2, b2: (np.tanh(X @ W1 + b1), np.tanh(np.tanh(X @ W1 + b1) @ W2 + b2)),
    ),
    *_slips(
        "your forward pass leaves out b1.",
        forward=lambda X, W1, b1, W2, b2: _forward(X, W1, 0, W2, b2),
    ),
    *_slips(
        "your forward pass leaves out b2.",
        forward=lambda X, W1, b1, W2, b2: _forward(X, W1, b1, W2, 0),
    ),
    *_slips(
        "your forward pass has no tanh: A1 = tanh(Z1).",
        ("dW2",),
        forward=lambda X, W1, b1, W2, b2: (X @ W1 + b1, (X @ W1 + b1) @ W2 + b2),
    ),
    _instead("dW1", "dW2", "that is dW2. The order is dW1, db1, dW2, db2."),
    _instead("db1", "dW2", "that is dW2. The order is dW1, db1, dW2, db2."),
    Mistake(
        lambda X, Y, W1, b1, W2, b2: (X @ W1 + b1).T @ _dY(X, Y, W1, b1, W2, b2),
        "you multiply by Z1; what the second layer takes in is A1.",
        of="dW2",
    ),
    *_slips(
        "the blame passes through tanh at the output, where this net has none, and not at the hidden layer,"
        " where it has one.",
        HIDDEN,
        f_prime=np.ones_like,
        dY_hat=lambda Y_hat, Y: 2 * (Y_hat - Y) / Y.size * (1 - Y_hat**2),
    ),
    *(
        Mistake(
            lambda *a, k=k, row=row: _deltas(*a)[k][row],
            f"that is the {which} sample's share alone. All samples use the same bias.",
            of=name,
        )
        for k, name in enumerate(("db1", "db2"))
        for row, which in ((0, "first"), (-1, "last"))
    ),
    Mistake(
        lambda *a: _deltas(*a)[0].sum(axis=1),
        "one number for each sample: you add up the units. Each unit has its own bias, which all samples"
        " share.",
        of="db1",
    ),
    Mistake(
        lambda *a: _dY(*a).sum(axis=1),
        "one number for each sample: you add up the outputs. Each output has its own bias, which all"
        " samples share.",
        of="db2",
    ),
]


def _dY(X, Y, W1, b1, W2, b2):
    return 2 * (_forward(X, W1, b1, W2, b2)[1] - Y) / Y.size


def _deltas(X, Y, W1, b1, W2, b2):
    dY = _dY(X, Y, W1, b1, W2, b2)
    return dY @ W2.T * (1 - np.tanh(X @ W1 + b1) ** 2), dY


def _two_layer_trials(sizes):
    rng = np.random.default_rng(0)
    return [
        (
            tuple(
                rng.standard_normal(shape)
                for shape in ((N, n_in), (N, n_out), (n_in, n_hidden), n_hidden, (n_hidden, n_out), n_out)
            ),
            {"N": N, "n_in": n_in, "n_hidden": n_hidden, "n_out": n_out},
        )
        for N, n_in, n_hidden, n_out in sizes
    ]


@check
def two_layer_backward(answer):
    """Check backward(X, Y, W1, b1, W2, b2) -> dW1, db1, dW2, db2. See notebooks/05_backpropagation.ipynb."""
    # In the first trials a W2 that is not transposed fits too, and is seen instead of raising.
    square = [(6, 2, 4, 4), (3, 5, 2, 2)]
    others = [(5, 3, 4, 2), (8, 2, 6, 3), (1, 4, 3, 5), (2, 6, 5, 1)]
    for sizes in (square, others):
        compare(
            answer,
            _all_gradients,
            _two_layer_trials(sizes),
            results=RESULTS,
            hint="forward first, and keep A1. Then dY_hat from (4.1), and down, a line for each step.",
            mistakes=TWO_LAYERS,
        )
    return "Right, for six networks and batches from N = 1 to N = 8."


# Exercise 5.3


def _skip(dY, X, W):
    A = np.tanh(X @ W)
    return dY + dY * (1 - A * A) @ W.T


def _branch(dY, X, W):
    return _skip(dY, X, W) - dY


FORKS = [
    Mistake(lambda dY, X, W: dY, "that is the straight path alone. X also goes through tanh(X W)."),
    Mistake(_branch, "that is the path through tanh(X W) alone. X also goes straight to Y."),
    Mistake(lambda dY, X, W: dY * _branch(dY, X, W), "you multiply the two paths. Two paths add."),
    Mistake(
        lambda dY, X, W: dY * (1 + (1 - np.tanh(X @ W) ** 2) @ W.T),
        "you multiply by dY only after W. What has to pass back through W is dY ⊙ tanh′.",
    ),
    Mistake(
        lambda dY, X, W: _skip(dY, X, W) / 2, "you take the mean of the two paths; the blame of both adds up."
    ),
    Mistake(
        lambda dY, X, W: dY - _branch(dY, X, W),
        "one path has the wrong sign: Y is a sum.",
    ),
    Mistake(lambda dY, X, W: dY + dY @ W.T, "the slope of tanh is missing on its path."),
    Mistake(
        lambda dY, X, W: dY + dY * (1 - np.tanh(X @ W) ** 2), "on the path through tanh, W is missing (2.10)."
    ),
    Mistake(
        lambda dY, X, W: dY + dY * (1 - np.tanh(X @ W) ** 2) @ W,
        "W is not transposed on the way back. It fits, for W is square, and it is wrong (2.9).",
    ),
    Mistake(
        lambda dY, X, W: dY + dY * (1 - np.tanh(X) ** 2) @ W.T,
        "the slope of tanh is taken at X; tanh was given X W.",
    ),
    Mistake(
        lambda dY, X, W: dY + dY * (1 - np.tanh(np.tanh(X @ W)) ** 2) @ W.T,
        "the slope of tanh is taken at tanh(X W); it belongs at X W.",
    ),
    *(
        Mistake(
            lambda dY, X, W, slope=slope: dY + dY * (1 - slope(X, W) ** 2) @ W.T,
            f"you take {said} for the slope of tanh. (3.3) squares what comes out of tanh itself.",
        )
        for said, slope in (
            ("1 - X²", lambda X, W: X),
            ("1 - (X W)²", lambda X, W: X @ W),
            ("1 - Y²", lambda X, W: X + np.tanh(X @ W)),
        )
    ),
    Mistake(
        lambda dY, X, W: (dY + dY * (1 - np.tanh(X @ W) ** 2)) @ W.T,
        "you take both paths back through W. The straight one does not pass it.",
    ),
    Mistake(
        lambda dY, X, W: X + dY * (1 - np.tanh(X @ W) ** 2) @ W.T,
        "on the straight path you add X, the forward value. What comes back along it?",
    ),
    Mistake(
        lambda dY, X, W: 1 + dY * (1 - np.tanh(X @ W) ** 2) @ W.T,
        "on the straight path the slope is 1, and dY is missing: blame is dY times the slope.",
    ),
    Mistake(
        lambda dY, X, W: dY + dY @ W.T * (1 - np.tanh(X @ W) ** 2),
        "the steps are in the wrong order: on the way back, tanh comes before W.",
    ),
    Mistake(
        lambda dY, X, W: dY + dY * np.tanh(X @ W) @ W.T,
        "you multiply by tanh itself; the chain rule wants its slope.",
    ),
    Mistake(
        lambda dY, X, W: 1 + (1 - np.tanh(X @ W) ** 2) @ W.T,
        "dY is missing: those are slopes of Y, not of the loss.",
    ),
    Mistake(lambda dY, X, W: X + np.tanh(X @ W), "that is Y, the forward pass."),
]


@check
def fork(answer):
    """Check skip_backward(dY, X, W) -> dX of Y = X + tanh(X W). See notebooks/05_backpropagation.ipynb."""
    rng = np.random.default_rng(0)
    trials = [
        (tuple(rng.standard_normal(shape) for shape in ((N, n), (N, n), (n, n))), {"N": N, "n": n})
        for N, n in [(5, 3), (8, 4), (1, 2), (3, 6)]
    ]
    compare(
        answer,
        _skip,
        trials,
        results=["dX"],
        hint="name the two copies of X, one for each path. What is the gradient of each copy?",
        mistakes=FORKS,
    )
    return "Right, on four random batches, from N = 1 to N = 8."


# Exercise 5.4


def _products(widths):
    return [n_in * n_out for n_in, n_out in zip(widths, widths[1:], strict=False)]


def _backward_cost(widths, N):
    return N * (2 * sum(_products(widths)) - _products(widths)[0])


COSTS = [
    Mistake(
        lambda widths, N: 2 * N * sum(_products(widths)),
        "you let the first layer compute dX too. Which layer is below it to use it?",
    ),
    Mistake(
        lambda widths, N: N * sum(_products(widths)),
        "that is the forward pass. Going back, an inner layer makes two products: which?",
    ),
    Mistake(
        lambda widths, N: N * (sum(_products(widths)) - _products(widths)[0]),
        "you count dX alone; dW is a product as well.",
    ),
    Mistake(
        lambda widths, N: N * (3 * sum(_products(widths)) - _products(widths)[0]),
        "you count the forward pass too; only the way back is asked for.",
    ),
    Mistake(lambda widths, N: 3 * N * sum(_products(widths)), "you count three products in every layer."),
    Mistake(
        lambda widths, N: 2 * sum(_products(widths)) - _products(widths)[0],
        "that is for one sample; the batch has N.",
    ),
    Mistake(
        lambda widths, N: 2 * N * sum(_products(widths)) - _products(widths)[0],
        "what the first layer leaves out, it leaves out for every sample.",
    ),
    Mistake(
        lambda widths, N: N * (2 * sum(_products(widths)) - _products(widths)[-1]),
        "you leave out dX in the last layer. It is the first one that has nobody below it.",
    ),
    *(
        Mistake(
            lambda widths, N, biases=biases, spared=spared: (
                N * (2 * sum(_products(widths)) + biases * sum(widths[1:]) - (widths[0] + spared) * widths[1])
            ),
            "you count the biases: their gradient is a sum, without any multiplication.",
        )
        for biases, spared in ((2, 1), (2, 0), (1, 0))
    ),
    Mistake(
        lambda widths, N: 2 * N * sum(_products(widths)[1:]),
        "you leave out the first layer altogether. It hands nothing down, but it needs its own dW.",
    ),
    Mistake(
        lambda widths, N: N * (2 * sum(_products(widths)) - widths[0]),
        "too little is left out: dX of the first layer has n_0 entries for each sample, and each of them is a"
        " sum of products. How many?",
    ),
    Mistake(
        lambda widths, N: 2 * N * sum(_products(widths)[1:-1]),
        "you count the hidden layers alone. The first and the last have weights, too.",
    ),
    Mistake(
        lambda widths, N: 2 * N * sum(widths),
        "you add up the widths. A layer multiplies: each input meets each output.",
    ),
]


@check
def backward_cost(answer):
    """Check backward_cost(widths, N): the multiplications. See notebooks/05_backpropagation.ipynb."""
    shapes = [((3, 5, 2), 7), ((4, 6, 3, 8), 2), ((10, 20, 30, 40, 5), 3), ((5, 4), 11), ((784, 30, 10), 1)]
    compare(
        answer,
        _backward_cost,
        [((widths, N), {"N": N, "n_0": widths[0], "n_1": widths[1]}) for widths, N in shapes],
        results=["the count"],
        hint="go through the layers from the last to the first, with the shapes of each product.",
        mistakes=COSTS,
    )
    return "Right, for networks of one to four layers."
