"""The checks of chapter 05: each wrong answer earns its diagnosis, each right one passes."""

import numpy as np
import pytest

from nnlib.teach import checks
from nnlib.teach.checks.backpropagation import ROUNDING, STEPS

# Exercise 5.1

BY_HAND = {
    "y_hat": 0.6,
    "dy_hat": -0.8,
    "dv2": 0.4,
    "da2": 0.96,
    "dz2": 0.72,
    "dw22": 1.44,
    "new_w22": -0.62,
}


@pytest.mark.parametrize(
    "answer",
    [
        BY_HAND,
        {name: np.float32(value) for name, value in reversed(BY_HAND.items())},
        {
            "y_hat": 0.600933,
            "dy_hat": np.array([-0.798134]),
            "dv2": 0.39948,
            "da2": 0.95776,
            "dz2": 0.71783,
            "dw22": 1.43566,
            "new_w22": -0.61783,
        },
    ],
    ids=["pencil", "float32", "exact"],
)
def test_by_hand_right(answer):
    assert checks.by_hand(answer).text == "Right, all seven."


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("y_hat", 1.0, "The bias c is missing"),
        ("y_hat", 0.54, "no tanh in this net"),
        ("y_hat", 0.81, "You take z1 and z2 to the output"),
        ("y_hat", 0.657, "w12 and w21 are exchanged"),
        ("y_hat", -0.6, "A sign is lost"),
        ("dy_hat", 0.8, "prediction first, target second"),
        ("dy_hat", -0.4, "The 2 is missing, which"),
        ("dy_hat", 0.4, "The 2 is missing, and"),
        ("dy_hat", 0.16, "That is the loss itself"),
        ("dv2", -0.64, "You multiply by a1"),
        ("dv2", 0.96, "You multiply by v2"),
        ("dv2", 0.3, "v2 comes after tanh"),
        ("dv2", -0.4, "a2 is negative"),
        ("da2", 1.12, "You use the new v2"),
        ("da2", 0.4, "You multiply by a2"),
        ("da2", -0.4, "You multiply by v1"),
        ("da2", -0.96, "v2 is negative"),
        ("dz2", 0.96, "The slope of tanh is missing"),
        ("dz2", 0.755, "The slope of tanh is taken at a2"),
        ("dz2", 0.3456, "the slope of the other unit"),
        ("dz2", 0.67, "You take 1 - z2²"),
        ("dz2", 1.44, "(3.3) has a square"),
        ("dz2", -0.72, "the slope of σ, not of tanh"),
        ("dz2", -0.48, "You multiply by tanh itself"),
        ("dw22", -0.72, "You multiply by x1"),
        ("dw22", 0.72, "that is db2"),
        ("dw22", 0.072, "You multiply by w22"),
        ("new_w22", 0.82, "You go up"),
        ("new_w22", -1.34, "The learning rate is missing"),
        ("new_w22", -0.72, "That is the step"),
        ("dw22", 17, "Write the forward line in which it appears"),
    ],
)
def test_by_hand_wrong(name, value, said):
    verdict = checks.by_hand(BY_HAND | {name: value})
    wrong = [line for line in verdict.text.splitlines() if line.startswith("- ")]
    assert not verdict and wrong[0].startswith(f"- `{name}`: ") and said in wrong[0], verdict


def test_by_hand_carries_a_slip_on():
    """Everything after a wrong dy_hat is right for that dy_hat: one mistake, not six."""
    slip = BY_HAND | {"dy_hat": -0.4, "dv2": 0.2, "da2": 0.48, "dz2": 0.36, "dw22": 0.72, "new_w22": -0.26}
    text = checks.by_hand(slip).text
    assert text.startswith("1 of 7 right: y_hat.")
    assert text.count("It follows from your lines above") == 5 and text.count("The 2 is missing") == 1


def test_by_hand_half_done_and_not_begun():
    text = checks.by_hand({"y_hat": 0.6, "dy_hat": ...}).text
    assert text.startswith("1 of 7 right: y_hat.") and text.endswith(
        "not answered yet: dy_hat, dv2, da2, dz2, dw22, new_w22"
    )
    for begun in ({}, dict.fromkeys(BY_HAND, ...)):
        assert checks.by_hand(begun).text.startswith("Not attempted yet. Hint: ")


def test_by_hand_of_something_else():
    assert "expected the dict" in checks.by_hand(0.6).text
    assert "'dw33' is none of the seven names" in checks.by_hand({"dw33": 1}).text
    assert "expected one number" in checks.by_hand(BY_HAND | {"dv2": "0.4"}).text
    assert "expected one number" in checks.by_hand(BY_HAND | {"dv2": [1, 2]}).text


@pytest.mark.parametrize(("name", "line", "mistakes"), STEPS, ids=[name for name, *_ in STEPS])
def test_no_two_mistakes_by_hand_look_alike(name, line, mistakes):
    given = {}
    for earlier, value, _ in STEPS:
        given[earlier] = value(given)
    values = sorted([given[name], *(value(given) for value, _ in mistakes)])
    assert np.diff(values).min() > 2 * ROUNDING


# Exercise 5.2


def two_layers(
    X,
    Y,
    W1,
    b1,
    W2,
    b2,
    *,
    dY=lambda Y_hat, Y: 2 * (Y_hat - Y) / Y.size,
    slope=lambda Z1, A1: 1 - A1**2,
    back=lambda W2: W2.T,
    bias=lambda d: d.sum(axis=0),
):
    """The right way, each step of which a wrong attempt may replace."""
    Z1 = X @ W1 + b1
    A1 = np.tanh(Z1)
    d2 = dY(A1 @ W2 + b2, Y)
    d1 = d2 @ back(W2) * slope(Z1, A1)
    return X.T @ d1, bias(d1), A1.T @ d2, bias(d2)


def attempt(**steps):
    return lambda *arguments: two_layers(*arguments, **steps)


def loops(X, Y, W1, b1, W2, b2):
    dW1, db1, dW2, db2 = (np.zeros(p.shape).tolist() for p in (W1, b1, W2, b2))
    for n, x in enumerate(X):
        a = [np.tanh(x @ W1[:, j] + b1[j]) for j in range(len(b1))]
        for k in range(len(b2)):
            d = 2 * (np.dot(a, W2[:, k]) + b2[k] - Y[n, k]) / Y.size
            db2[k] += d
            for j in range(len(b1)):
                dW2[j][k] += a[j] * d
                e = d * W2[j, k] * (1 - a[j] ** 2)
                db1[j] += e
                for i in range(len(x)):
                    dW1[i][j] += x[i] * e
    return [dW1, db1, dW2, db2]


def with_einsum(X, Y, W1, b1, W2, b2):
    A1 = np.tanh(np.einsum("ni,ij->nj", X, W1) + b1)
    d2 = (A1 @ W2 + b2 - Y) * (2 / Y.size)
    d1 = np.einsum("nk,jk,nj->nj", d2, W2, 1 / np.cosh(np.arctanh(A1)) ** 2)
    return np.einsum("ni,nj->ij", X, d1), d1.sum(0), np.einsum("nj,nk->jk", A1, d2), d2.sum(0)


def in_float32(*arguments):
    return two_layers(*(a.astype(np.float32) for a in arguments))


def read_only(*arguments):
    for a in arguments:
        a.flags.writeable = False
    return two_layers(*arguments)


@pytest.mark.parametrize("answer", [two_layers, loops, with_einsum, in_float32, read_only])
def test_two_layers_right(answer):
    assert checks.two_layer_backward(answer).text.startswith("Right, for six networks")


def updates_in_place(X, Y, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)
    d2 = 2 * (A1 @ W2 + b2 - Y) / Y.size
    dW2 = A1.T @ d2
    W2 -= 0.1 * dW2
    d1 = d2 @ W2.T * (1 - A1**2)
    return X.T @ d1, d1.sum(axis=0), dW2, d2.sum(axis=0)


def updates_first(X, Y, W1, b1, W2, b2):
    W2_new = W2 - 0.1 * two_layers(X, Y, W1, b1, W2, b2)[2]
    A1 = np.tanh(X @ W1 + b1)
    d2 = 2 * (A1 @ W2 + b2 - Y) / Y.size
    d1 = d2 @ W2_new.T * (1 - A1**2)
    return X.T @ d1, d1.sum(axis=0), A1.T @ d2, d2.sum(axis=0)


def tanh_at_the_output(X, Y, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)
    d2 = 2 * (np.tanh(A1 @ W2 + b2) - Y) / Y.size
    d1 = d2 @ W2.T * (1 - A1**2)
    return X.T @ d1, d1.sum(axis=0), A1.T @ d2, d2.sum(axis=0)


def slope_forgotten_in_the_bias(X, Y, W1, b1, W2, b2):
    dW1, _, dW2, db2 = two_layers(X, Y, W1, b1, W2, b2)
    return dW1, two_layers(X, Y, W1, b1, W2, b2, slope=lambda Z1, A1: 1)[1], dW2, db2


def before_the_activation(X, Y, W1, b1, W2, b2):
    dW1, db1, _, db2 = two_layers(X, Y, W1, b1, W2, b2)
    d2 = 2 * (np.tanh(X @ W1 + b1) @ W2 + b2 - Y) / Y.size
    return dW1, db1, (X @ W1 + b1).T @ d2, db2


def spoil(k, change):
    """The right answer, its result number k changed."""

    def answer(*arguments):
        results = list(two_layers(*arguments))
        results[k] = change(results[k])
        return results

    return answer


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (attempt(slope=lambda Z1, A1: 1), "dW1: the slope of tanh is missing"),
        (attempt(slope=lambda Z1, A1: 1 - np.tanh(A1) ** 2), "dW1: the slope of tanh is taken at A1"),
        (attempt(slope=lambda Z1, A1: 1 - Z1**2), "dW1: you take 1 - Z1²"),
        (attempt(slope=lambda Z1, A1: 1 - A1), "dW1: you take 1 - A1"),
        (attempt(slope=lambda Z1, A1: A1), "dW1: you multiply by tanh itself"),
        (attempt(slope=lambda Z1, A1: A1 * (1 - A1)), "is the slope of σ"),
        (attempt(back=lambda W2: W2), "dW1: W2 is not transposed on the way back"),
        (attempt(dY=lambda Y_hat, Y: (Y_hat - Y) / Y.size), "dW1: half of it: the 2 of the square"),
        (attempt(dY=lambda Y_hat, Y: 2 * (Y_hat - Y)), "dW1: the mean is missing"),
        (attempt(dY=lambda Y_hat, Y: 2 * (Y_hat - Y) / len(Y)), "dW1: dY_hat is divided by N alone"),
        (attempt(dY=lambda Y_hat, Y: 2 * (Y_hat - Y) / Y.size / len(Y)), "dW1: the mean is taken twice"),
        (attempt(dY=lambda Y_hat, Y: 2 * (Y - Y_hat) / Y.size), "dW1: the sign is wrong"),
        (attempt(bias=lambda d: d.mean(axis=0)), "db1: the mean is taken twice"),
        (attempt(bias=lambda d: d), "You have one row for each sample"),
        (attempt(bias=lambda d: d.sum(axis=0, keepdims=True)), "There is an axis of length 1 too many"),
        (spoil(3, lambda db2: 0 * db2), "db2: yours is zero"),
        (spoil(2, lambda dW2: dW2.T), "dW2: transposed"),
        (spoil(0, lambda dW1: dW1.T), "dW1: transposed"),
        (lambda *a: two_layers(*a)[2:] + two_layers(*a)[:2], "dW1: that is dW2. The order is"),
        (lambda *a: (lambda dW1, db1, dW2, db2: (dW1, dW2, db1, db2))(*two_layers(*a)), "db1: that is dW2."),
        (lambda *a: two_layers(*a)[0], "Expected `return dW1, db1, dW2, db2`"),
        (lambda X, Y, W1, b1, W2, b2: two_layers(X, Y, W1, 0, W2, b2), "forward pass leaves out b1"),
        (lambda X, Y, W1, b1, W2, b2: two_layers(X, Y, W1, b1, W2, 0), "forward pass leaves out b2"),
        (updates_in_place, "Your function changes W2"),
        (updates_first, "dW1: the blame went back through a W2 that was already updated"),
        (tanh_at_the_output, "as if the output had passed through tanh"),
        (slope_forgotten_in_the_bias, "db1: the slope of tanh is missing"),
        (before_the_activation, "dW2: you multiply by Z1"),
        (lambda *a: print(), "is a `return` missing?"),
    ],
)
def test_two_layers_wrong(answer, said):
    verdict = checks.two_layer_backward(answer)
    assert not verdict and said in verdict.text, verdict


# Exercise 5.3


def skip(dY, X, W):
    return dY + dY * (1 - np.tanh(X @ W) ** 2) @ W.T


def skip_in_loops(dY, X, W):
    N, n = X.shape
    dX = [[dY[m, i] for i in range(n)] for m in range(N)]
    for m in range(N):
        for j in range(n):
            slope = 1 - np.tanh(sum(X[m, i] * W[i, j] for i in range(n))) ** 2
            for i in range(n):
                dX[m][i] += dY[m, j] * slope * W[i, j]
    return dX


@pytest.mark.parametrize(
    "answer",
    [
        skip,
        skip_in_loops,
        lambda dY, X, W: dY + np.einsum("nj,nj,ij->ni", dY, np.cosh(X @ W) ** -2.0, W),
        lambda dY, X, W: skip(*(a.astype(np.float32) for a in (dY, X, W))),
    ],
    ids=["product", "loops", "einsum", "float32"],
)
def test_fork_right(answer):
    assert checks.fork(answer).text.startswith("Right")


def written_over(dY, X, W):
    dX = dY
    dX = dY * (1 - np.tanh(X @ W) ** 2) @ W.T
    return dX


def accumulated_in_place(dY, X, W):
    A = np.tanh(X @ W)
    dY += dY * (1 - A * A) @ W.T
    return dY


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda dY, X, W: dY, "that is the straight path alone"),
        (written_over, "that is the path through tanh(X W) alone"),
        (lambda dY, X, W: dY * (skip(dY, X, W) - dY), "Two paths add"),
        (lambda dY, X, W: dY * (1 + (1 - np.tanh(X @ W) ** 2) @ W.T), "you multiply by dY only after W"),
        (lambda dY, X, W: skip(dY, X, W) / 2, "you take the mean of the two paths"),
        (lambda dY, X, W: 2 * dY - skip(dY, X, W), "one path has the wrong sign"),
        (lambda dY, X, W: dY + dY @ W.T, "the slope of tanh is missing"),
        (lambda dY, X, W: dY + dY * (1 - np.tanh(X @ W) ** 2), "W is missing (2.10)"),
        (lambda dY, X, W: dY + dY * (1 - np.tanh(X @ W) ** 2) @ W, "W is not transposed"),
        (lambda dY, X, W: dY + dY * (1 - np.tanh(X) ** 2) @ W.T, "tanh was given X W"),
        (lambda dY, X, W: dY + dY * (1 - np.tanh(np.tanh(X @ W)) ** 2) @ W.T, "taken at tanh(X W)"),
        (lambda dY, X, W: dY + dY @ W.T * (1 - np.tanh(X @ W) ** 2), "in the wrong order"),
        (lambda dY, X, W: 1 + (1 - np.tanh(X @ W) ** 2) @ W.T, "dY is missing"),
        (lambda dY, X, W: X + np.tanh(X @ W), "that is Y, the forward pass"),
        (lambda dY, X, W: -skip(dY, X, W), "right but for its sign"),
        (lambda dY, X, W: skip(dY, X, W).sum(axis=0), "you return shape (3,)"),
        (accumulated_in_place, "Your function changes dY"),
    ],
)
def test_fork_wrong(answer, said):
    verdict = checks.fork(answer)
    assert not verdict and said in verdict.text, verdict


# Exercise 5.4


def products(widths):
    return [n_in * n_out for n_in, n_out in zip(widths, widths[1:], strict=False)]


def cost_in_a_loop(widths, N):
    total = 0
    for k in range(len(widths) - 1, 0, -1):
        total += N * widths[k - 1] * widths[k]
        if k > 1:
            total += N * widths[k - 1] * widths[k]
    return total


@pytest.mark.parametrize(
    "answer",
    [
        cost_in_a_loop,
        lambda widths, N: np.dot(products(widths), [1] + [2] * (len(widths) - 2)) * float(N),
        lambda widths, N: 2 * N * np.dot(widths[:-1], widths[1:]) - N * widths[0] * widths[1],
    ],
    ids=["loop", "dot", "minus"],
)
def test_cost_right(answer):
    assert checks.backward_cost(answer).text.startswith("Right")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda w, N: 2 * N * sum(products(w)), "the first layer compute dX too"),
        (lambda w, N: N * sum(products(w)), "that is the forward pass"),
        (lambda w, N: N * sum(products(w)[1:]), "you count dX alone"),
        (lambda w, N: N * (3 * sum(products(w)) - products(w)[0]), "you count the forward pass too"),
        (lambda w, N: 3 * N * sum(products(w)), "three products in every layer"),
        (lambda w, N: 2 * sum(products(w)) - products(w)[0], "that is for one sample"),
        (lambda w, N: 2 * N * sum(products(w)) - products(w)[0], "it leaves out for every sample"),
        (lambda w, N: N * (2 * sum(products(w)) - products(w)[-1]), "you leave out dX in the last layer"),
        (
            lambda w, N: N * (2 * sum(products((w[0], *w[1:]))) - products(w)[0] + 2 * sum(w[1:]) - w[1]),
            "you count the biases",
        ),
        (lambda w, N: N * (2 * sum(products(w)) - products(w)[0]) + 1, "the count should be"),
        (lambda w, N: N * N * (2 * sum(products(w)) - products(w)[0]), "right but for a factor N"),
        (lambda w, N: "many", "you return a str; expected numbers"),
        (lambda w, N: N * np.array(products(w)), "the count is a single number"),
    ],
)
def test_cost_wrong(answer, said):
    verdict = checks.backward_cost(answer)
    assert not verdict and said in verdict.text, verdict
