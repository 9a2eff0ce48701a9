"""The exercises of chapter 05."""

import functools

import numpy as np

from nnlib.teach.checks.engine import Trial, exercise, number, sheet

__all__ = ["backward_cost", "by_hand", "fork", "rows_backward", "two_layer_backward"]

# --- seven numbers by hand ---

ROUNDING = 0.012  # tanh may be taken as 0.5 and 0.8, results be rounded to two decimals


@exercise(
    trials=list,  # nobody answers with a function here
    results=["y_hat", "dy_hat", "dv2", "da2", "dz2", "dw22", "new_w22"],
    hint="",
    praise="",
    wrong="""
    y_hat: The bias c is missing.
        a1 * v1 + a2 * v2
    y_hat: The output unit has no tanh in this net.
        np.tanh(a1 * v1 + a2 * v2 + c)
    y_hat: The bias b2 is missing: it belongs into z2.
        z2 = x1 * w12 + x2 * w22
    y_hat: You take z1 and z2 to the output; what goes there has passed through tanh.
        z1 * v1 + z2 * v2 + c
    y_hat: w12 and w21 are exchanged: the first index is the input, the second the unit it leads to.
        z1 = x1 * w11 + x2 * w12 + b1 ; z2 = x1 * w21 + x2 * w22 + b2
    y_hat: A sign is lost: z2 is negative, so a2 is, and v2 is negative as well.
        a1 * v1 - a2 * v2 + c
    dy_hat: The wrong way round: prediction first, target second.
        2 * (y - y_hat)
    dy_hat: The 2 is missing, which the square leaves when it is derived.
        y_hat - y
    dy_hat: The 2 is missing, and target and prediction are exchanged.
        y - y_hat
    dy_hat: That is the loss itself, not its slope.
        (y_hat - y) ** 2
    dv2: You multiply by a1, but v2 stands before another unit.
        dy_hat * a1
    dv2: You multiply by v2; its factor in the forward line is a2.
        dy_hat * v2
    dv2: You send it through tanh, but v2 comes after tanh, on the way to the output.
        dy_hat * a2 * (1 - a2 * a2)
    dv2: The sign is wrong: a2 is negative.
        -dy_hat * a2
    da2: You use the new v2. The loss was computed with the old one, so the blame goes back through that; the
    step comes last.
        dy_hat * (v2 - lr * dv2)
    da2: You multiply by a2; its factor in the forward line is v2.
        dy_hat * a2
    da2: You multiply by v1, the weight of the other unit.
        dy_hat * v1
    da2: a2 reaches the output through v2 alone.
        dy_hat * (v1 + v2)
    da2: The sign is wrong: v2 is negative.
        -dy_hat * v2
    dz2: The slope of tanh is missing: a2 moves less than z2.
        da2
    dz2: The slope of tanh is taken at a2; it belongs at z2. With a2 at hand it is 1 - a2².
        da2 * (1 - np.tanh(a2) ** 2)
    dz2: You take the slope of the other unit, 1 - a1².
        da2 * (1 - a1 * a1)
    dz2: You take 1 - z2² for the slope; by (3.3) it is 1 minus the square of tanh z2.
        da2 * (1 - z2 * z2)
    dz2: You take 1 - a2 for the slope; (3.3) has a square.
        da2 * (1 - a2)
    dz2: That is the slope of σ, not of tanh.
        da2 * a2 * (1 - a2)
    dz2: You multiply by tanh itself; its slope is asked for.
        da2 * a2
    dw22: You multiply by x1, but w22 leads from the second input.
        dz2 * x1
    dw22: You multiply by w22; its factor in the forward line is x2.
        dz2 * w22
    dw22: The input x2 is missing: that is db2.
        dz2
    dw22: You multiply by a2; what w22 is multiplied by is x2.
        dz2 * a2
    new_w22: You go up. The step is against the gradient.
        w22 + lr * dw22
    new_w22: The learning rate is missing.
        w22 - dw22
    new_w22: You take η = 0.1; in this exercise it is 0.5.
        w22 - 0.1 * dw22
    new_w22: You take η = 0.01; in this exercise it is 0.5.
        w22 - 0.01 * dw22
    new_w22: That is the step; it is added to the old w22.
        -lr * dw22
    new_w22: That is η times the gradient; take it away from the old w22.
        lr * dw22
    """,
)
def lines(y_hat, dy_hat, dv2, da2, dz2, dw22, new_w22):
    """Return each of the seven numbers as its line gives it from the others, for the catalogue."""
    x1, x2, y, lr = -1.0, 2.0, 1.0, 0.5
    w11, w21, b1 = 0.2, 0.6, 0.1
    w12, w22, b2 = 0.45, 0.1, -0.3
    v1, v2, c = 0.5, -1.2, -0.4
    z1 = x1 * w11 + x2 * w21 + b1
    z2 = x1 * w12 + x2 * w22 + b2
    a1 = np.tanh(z1)
    a2 = np.tanh(z2)
    return (
        a1 * v1 + a2 * v2 + c,
        2 * (y_hat - y),
        dy_hat * a2,
        dy_hat * v2,
        da2 * (1 - a2 * a2),
        dz2 * x2,
        w22 - lr * dw22,
    )


# What to look at, for a number that no known slip gives
HINTS = {
    "y_hat": "Write down z1, z2, a1 and a2 one by one, and compare each with its line.",
    "dy_hat": "What is the derivative of (y_hat - y)² with respect to y_hat?",
    "new_w22": "A step takes η times the slope away from the old number.",
}


@sheet(
    names=lines.results,
    hint="forward first. z1 is 1.1 and z2 is −0.55; which numbers do they become?",
    praise="Right, all seven.",
    read=number,
)
def by_hand(name, filled):
    """Check the dict of seven numbers of a 2-2-1 net. See notebooks/05_backpropagation.ipynb."""
    right = right_numbers()
    if _near(filled[name], right[name]):
        return None
    return f"{filled[name]:.4g}. {_slip(name, filled, right)}"


def _slip(name, found, right):
    """Return what is wrong with a number, in words; what carries on an earlier slip is none itself."""
    given = right | found
    if _near(found[name], _line(name, given)):
        return "It follows from your lines above: mend those first."
    for value, why in known_slips(name, given):
        if _near(found[name], value):
            return why
    if name in ("dv2", "dz2") and not _near(given["y_hat"], right["y_hat"]):
        return "It takes a2, and your forward pass is off: mend that first."
    return HINTS.get(name, "Write the forward line in which it appears. What stands beside it?")


def known_slips(name, given):
    """Yield what each slip makes of a number, given the others, with the words for it."""
    for entry in lines.entries:
        if entry.result == name:
            yield _line(name, given, lines.program(entry)), entry.words


def _line(name, given, program=lines.right):
    with np.errstate(all="ignore"):
        return program(**given)[lines.results.index(name)]


@functools.cache
def right_numbers():
    """Return the seven numbers, unrounded."""
    right = dict.fromkeys(lines.results, 0.0)
    for name in right:
        right[name] = _line(name, right)
    return right


def _near(a, b):
    return abs(a - b) <= ROUNDING


# --- two layers ---


def _networks():
    # In the first two W2 is square: without its transpose every product fits there.
    sizes = [(6, 2, 4, 4), (3, 5, 2, 2), (5, 3, 4, 2), (8, 2, 6, 3), (1, 4, 3, 5), (2, 6, 5, 1)]
    rng = np.random.default_rng(0)
    return [
        Trial(
            tuple(
                rng.standard_normal(shape)
                for shape in ((N, n_in), (N, n_out), (n_in, n_hidden), n_hidden, (n_hidden, n_out), n_out)
            ),
            {"N": N, "n_in": n_in, "n_hidden": n_hidden, "n_out": n_out},
        )
        for N, n_in, n_hidden, n_out in sizes
    ]


@exercise(
    trials=_networks,
    results=["dW1", "db1", "dW2", "db2"],
    hint="forward first, and keep A1. Then dY_hat from (4.1), and down, a line for each step.",
    praise="Right, for six networks and batches from N = 1 to N = 8.",
    wrong="""
    the slope of tanh is missing: what comes back through W2 is dA1, and the weights lie behind Z1.
        dZ1 = dA1
    the slope of tanh is taken at A1; it belongs at Z1. (With A1 at hand it is 1 - A1².)
        dZ1 = dA1 * (1 - np.tanh(A1) ** 2)
    you take 1 - Z1² for the slope of tanh; by (3.3) what is squared is tanh of Z1.
        dZ1 = dA1 * (1 - Z1 * Z1)
    you take 1 - A1 for the slope of tanh; (3.3) has a square.
        dZ1 = dA1 * (1 - A1)
    you multiply by tanh itself; the chain rule (3.2) wants its slope.
        dZ1 = dA1 * A1
    A1 (1 - A1) is the slope of σ, not of tanh.
        dZ1 = dA1 * A1 * (1 - A1)
    the blame reaches the hidden layer without passing W2. Which product takes it from the outputs to A1?
        dA1 = dY_hat
    W2 is not transposed on the way back. It fits by accident where there are as many hidden units as outputs;
    (2.9) sums over the outputs.
        dA1 = dY_hat @ W2
    the blame went back through a W2 that was already updated. The loss was computed with the old one.
        dA1 = dY_hat @ (W2 - ⟨1|0.5|0.1|0.01⟩ * dW2).T
    a slope of the output is in your dY_hat. Only the hidden layer has an activation here: its slope stands
    behind W2, and dY_hat is the loss's slope alone (4.1).
        dY_hat = 2 * (Y_hat - Y) / Y.size * ⟨Y_hat * (1 - Y_hat)|(1 - Y_hat**2)|(1 - np.tanh(Y_hat)**2)⟩
    your output passes through an activation, on the way forward and back. Only the hidden layer has one here:
    Y_hat = Z2.
        Y_hat = np.tanh(A1 @ W2 + b2) ; dY_hat = 2 * (Y_hat - Y) / Y.size * (1 - Y_hat**2)
        Y_hat = 1 / (1 + np.exp(-(A1 @ W2 + b2))) ;
            dY_hat = 2 * (Y_hat - Y) / Y.size⟨| * Y_hat * (1 - Y_hat)⟩
    `reshape` cuts the same row of numbers elsewhere, and so mixes rows and columns. Rows become columns by a
    transpose, `.T`.
        dA1 = dY_hat @ W2.reshape(W2.T.shape)
        dW2 = A1.reshape(A1.T.shape) @ dY_hat⟨| ; dA1 = dY_hat @ W2.reshape(W2.T.shape)⟩
        dW1 = X.reshape(X.T.shape) @ dZ1⟨| ; dA1 = dY_hat @ W2.reshape(W2.T.shape)⟩
    half of it: the 2 of the square is missing in dY_hat (4.1).
        dY_hat = (Y_hat - Y) / Y.size
    the mean is missing: dY_hat is divided by the number of entries, N · n_out (4.1).
        dY_hat = 2 * (Y_hat - Y)
    dY_hat is divided by N alone, and the 2 of the square is missing: some books have half the squares, and
    the mean over samples. Here the loss is the mean over all N · n_out entries (4.1).
        dY_hat = (Y_hat - Y) / len(Y)
    dY_hat is divided by N alone; the loss is the mean over all N · n_out entries (4.1).
        dY_hat = 2 * (Y_hat - Y) / len(Y)
    the mean is taken twice: the loss has put 1/N into dY_hat, and you divide by N again.
        dY_hat = 2 * (Y_hat - Y) / Y.size / len(Y)
    the sign is wrong, as if dY_hat were target minus prediction.
        dY_hat = 2 * (Y - Y_hat) / Y.size
    it looks as if the output had passed through tanh; only the hidden layer does.
        Y_hat = np.tanh(A1 @ W2 + b2)
    your forward pass leaves out b1.
        Z1 = X @ W1
    your forward pass leaves out b2.
        Y_hat = A1 @ W2
    your forward pass has no tanh: A1 = tanh(Z1).
        A1 = Z1⟨| ; dZ1 = dA1⟩
    dW1: that is dW2. The order is dW1, db1, dW2, db2.
        dW2
    db1: that is dW2. The order is dW1, db1, dW2, db2.
        dW2
    you multiply by Z1; what the second layer takes in is A1.
        dW2 = Z1.T @ dY_hat
    the blame passes through tanh at the output, where this net has none, and not at the hidden layer, where
    it has one.
        dZ1 = dY_hat * (1 - Y_hat * Y_hat) @ W2.T
    that is the first sample's share alone. All samples use the same bias.
        db1 = dZ1[0] ; db2 = dY_hat[0]
    that is the last sample's share alone. All samples use the same bias.
        db1 = dZ1[-1] ; db2 = dY_hat[-1]
    db1: one number for each sample: you add up the units. Each unit has its own bias, which all samples
    share.
        dZ1.sum(axis=1)
    db2: one number for each sample: you add up the outputs. Each output has its own bias, which all samples
    share.
        dY_hat.sum(axis=1)
    """,
)
def two_layer_backward(X, Y, W1, b1, W2, b2):
    """Check backward(X, Y, W1, b1, W2, b2) -> dW1, db1, dW2, db2. See notebooks/05_backpropagation.ipynb."""
    Z1 = X @ W1 + b1
    A1 = np.tanh(Z1)
    Y_hat = A1 @ W2 + b2
    dY_hat = 2 * (Y_hat - Y) / Y.size
    dW2 = A1.T @ dY_hat
    db2 = dY_hat.sum(axis=0)
    dA1 = dY_hat @ W2.T
    dZ1 = dA1 * (1 - A1 * A1)
    dW1 = X.T @ dZ1
    db1 = dZ1.sum(axis=0)
    return dW1, db1, dW2, db2


# --- a path that forks ---


def _forks():
    rng = np.random.default_rng(0)
    return [
        Trial(tuple(rng.standard_normal(shape) for shape in ((N, n), (N, n), (n, n))), {"N": N, "n": n})
        for N, n in [(5, 3), (8, 4), (1, 2), (3, 6)]
    ]


@exercise(
    trials=_forks,
    results=["dX"],
    hint="name the two copies of X, one for each path. What is the gradient of each copy?",
    praise="Right, on four random batches, from N = 1 to N = 8.",
    wrong="""
    that is the straight path alone. X also goes through tanh(X W).
        dY
    that is the path through tanh(X W) alone. X also goes straight to Y.
        dY * slope @ W.T
    the straight path is counted twice. Does what has come along it stand in a sum that you send on again?
    Each path adds its own share, once.
        2 * dY + dY * slope @ W.T
    the path through tanh(X W) is counted twice. Each path adds its own share, once.
        dY + 2 * (dY * slope @ W.T)
    you multiply the two paths. Two paths add.
        dY * (dY * slope @ W.T)
    you multiply by dY only after W. What has to pass back through W is dY ⊙ tanh′.
        dY * (1 + slope @ W.T)
    you take the mean of the two paths; the blame of both adds up.
        (dY + dY * slope @ W.T) / 2
    one path has the wrong sign: Y is a sum.
        dY - dY * slope @ W.T
        dY * slope @ W.T - dY
    the slope of tanh is missing on its path.
        dY + dY @ W.T
    on the path through tanh, W is missing (2.10).
        dY + dY * slope
    W is not transposed on the way back. It fits, for W is square, and it is wrong (2.9).
        dY + dY * slope @ W
    the slope of tanh is taken at X; tanh was given X W.
        slope = 1 - np.tanh(X) ** 2
    the slope of tanh is taken at tanh(X W); it belongs at X W.
        slope = 1 - np.tanh(A) ** 2
    you take 1 - X² for the slope of tanh. (3.3) squares what comes out of tanh itself.
        slope = 1 - X * X
    you take 1 - (X W)² for the slope of tanh. (3.3) squares what comes out of tanh itself.
        slope = 1 - (X @ W) ** 2
    you take 1 - Y² for the slope of tanh. (3.3) squares what comes out of tanh itself.
        slope = 1 - (X + A) ** 2
    you take both paths back through W. The straight one does not pass it.
        (dY + dY * slope) @ W.T
    on the straight path you add X, the forward value. What comes back along it?
        X + dY * slope @ W.T
    on the straight path the slope is 1, and dY is missing: blame is dY times the slope.
        1 + dY * slope @ W.T
    the steps are in the wrong order: on the way back, tanh comes before W.
        dY + dY @ W.T * slope
    you multiply by tanh itself; the chain rule wants its slope.
        slope = A
    you take 1 - tanh for the slope of tanh. (3.3) squares what comes out of tanh.
        slope = 1 - A
    dY is missing: those are slopes of Y, not of the loss.
        1 + slope @ W.T
    that is Y, the forward pass.
        X + A
    """,
)
def fork(dY, X, W):
    """Check skip_backward(dY, X, W) -> dX of Y = X + tanh(X W). See notebooks/05_backpropagation.ipynb."""
    A = np.tanh(X @ W)
    slope = 1 - A * A
    return dY + dY * slope @ W.T


# --- what it costs ---


def layer_products(widths):
    """Return the multiplications of one product of matrices, for one sample, in each layer."""
    return [n_in * n_out for n_in, n_out in zip(widths, widths[1:], strict=False)]


def _frozen():
    """Return the trials of the count: widths, N, and how many layers do not learn."""
    sizes = [
        ((3, 5, 2), 7, 0),
        ((4, 6, 3, 8), 2, 1),
        ((10, 20, 30, 40, 5), 3, 2),
        ((5, 4), 11, 0),
        ((784, 30, 10), 60_000, 1),
        ((2, 9, 7, 3, 6), 5, 1),
    ]
    return [Trial(size, dict(zip(("widths", "N", "frozen"), size, strict=True))) for size in sizes]


@exercise(
    trials=_frozen,
    results=["the count"],
    hint="which layer is the lowest that learns? It needs its dW; who would want its dX?",
    praise="Right, for networks of one to four layers, with none, one and two of them frozen.",
    wrong="""
    You count as if nothing were frozen. What does a layer need that keeps its weights, and what do those
    below it need?
        products = layer_products(widths)
    You spare the frozen layers their dW, and let them hand the blame down all the same. Nobody below the
    lowest layer that learns is waiting for it.
        N * (each * sum(products) + sum(layer_products(widths[: frozen + 1])⟨|[1:]⟩))
        N * (each * sum(products) + sum(layer_products(widths[: frozen + 1])) - layer_products(widths)[0])
    The last layers are frozen in your count; it is the first ones.
        products = layer_products(widths[: len(widths) - frozen])
    One of the frozen layers still learns in your count: the first `frozen` layers have the widths up to
    widths[frozen].
        products = layer_products(widths[max(frozen - 1, 0) :])
    That is the forward pass. Going back, a layer that learns makes two products: which?
        N * sum(layer_products(widths))
    One product for each layer that learns. Such a layer makes two, but for the lowest: which?
        N * sum(products)
    You count dX alone; dW is a product as well.
        N * sum(products[1:])
    You count the forward pass too; only the way back is asked for.
        N * (3 * sum(products) - products[0])
        N * (sum(layer_products(widths)) + each * sum(products) - products[0])
    You count three products in every layer.
        3 * N * sum(products)
    You let the lowest layer that learns compute dX too. Which layer below it would use it?
        N * each * sum(products)
        N * each * sum(layer_products(widths))
    You spare dX in the first layer of all, and where that is frozen in none: the lowest layer that learns has
    nobody below it who would use its dX.
        N * (each * sum(products) - (0 if frozen else products[0]))
    That is for one sample, and there are N.
        each * sum(products) - products[0]
    What the lowest layer leaves out, it leaves out for every sample.
        N * each * sum(products) - products[0]
    You leave out dX in the last layer. It is the lowest that has nobody below it to learn.
        N * (each * sum(products) - products[-1])
    What is left out is the dX of the lowest layer that learns; you leave out that of the first layer of all.
        N * (each * sum(products) - layer_products(widths)[0])
    You count the biases: what is done with them is a sum, without any multiplication.
        N * (each * sum(products) + ⟨each|1⟩ * sum(widths[frozen + 1 :]) - products[0])
        N * (each * sum(products) + each * sum(widths[frozen + 1 :]) - products[0] - widths[frozen + 1])
    You leave out the lowest layer that learns altogether. It hands nothing down, but it needs its own dW.
        N * (each * sum(products[1:])⟨| - products[0]⟩)
    You leave out the last layer: four widths have three layers between them.
        N * (each * sum(products[:-1]) - products[0])
        N * (products[0] + each * sum(products[1:-1]))
    You count the hidden layers alone. The lowest that learns and the last have weights, too.
        N * each * sum(products[1:-1])
    That is the last layer alone. Does your sum begin anew in each turn of the loop?
        N * (each - (len(products) == 1)) * products[-1]
    That is the lowest layer alone. Is the `return` inside the loop?
        N * (each - 1) * products[0]
    You add the product that the lowest layer is spared.
        N * (each * sum(products) + products[0])
    Too little is left out: dX of the lowest layer that learns has an entry for each input and sample, and
    each of them is a sum of products. How many?
        N * (each * sum(products) - widths[frozen])
    You add up the widths. A layer multiplies: each input meets each output.
        N * (each * sum(widths[frozen:])⟨| - widths[frozen]| - products[0]⟩)
    You multiply all widths with each other. Each layer has its own products, and they add up.
        N * np.prod(widths⟨[frozen:]|⟩)
    """,
)
def backward_cost(widths, N, frozen):
    """Check backward_cost(widths, N, frozen): the multiplications. See notebooks/05_backpropagation.ipynb."""
    products = layer_products(widths[frozen:])
    each = 2  # for dW, and for dX
    return N * (each * sum(products) - products[0])


# --- rows of length 1 ---


def _rows():
    # In the second there are as many rows as columns: a length for each row fits along the columns too.
    rng = np.random.default_rng(0)
    return [
        Trial((rng.standard_normal((N, n)), rng.standard_normal((N, n))), {"N": N, "n": n})
        for N, n in [(5, 3), (4, 4), (1, 2), (3, 6)]
    ]


@exercise(
    trials=_rows,
    results=["dX"],
    hint="two paths: X stands above the line, and X is in r. What is the blame of r_n, which divides a whole"
    " row?",
    praise="Right, on four batches, from N = 1 to N = 5.",
    wrong="""
    that is the path above the line alone. Each x also makes its row longer, and all of the row is divided by
    that.
        above
    that is the path through r alone. X also stands above the line.
        through_r
    the path above the line is counted twice. Each path adds its own share, once.
        2 * above + through_r
    the path through r counts twice: you add it twice, or a 2 is left in the slope of r. There the 2 of the
    square and the ½ of the root cancel.
        above + 2 * through_r
    you take the mean of the two paths; the blame of both adds up.
        (above + through_r) / 2
    you add up the rows of the Jacobian, and multiply by dY entry by entry. By the chain rule each path has
    its own dY: multiply first, then add.
        dY * (1 - Y * Y.sum(axis=1, keepdims=True)) / r
    you multiply the two paths. Two paths add.
        above * through_r
    one path has the wrong sign: a longer row makes its entries smaller, so the slope of 1/r is -1/r².
        above - through_r
    you let r's blame come from each entry by itself. r_n divides every entry of its row, so the row's shares
    add up before they are handed on to each of its entries.
        dr = -(dY * X) / r**2
    you take the mean of a row's shares in r; they add up.
        dr = -(dY * X).mean(axis=1, keepdims=True) / r**2
    r has a number for each sample, and its blame is a sum over the entries of that row. You add up the
    samples.
        dr = -(dY * X).sum(axis=0, keepdims=True) / r**2
        dr = -(dY * X / r**2).sum(axis=0, keepdims=True)
    you add up the shares of all rows. Each row has its own length, and its own blame for it.
        dr = -(dY * X).sum() / r**2
    on the path through r a 1/r is missing: the slope of 1/r is -1/r², and that of r itself is X / r.
        dr = -(dY * X).sum(axis=1, keepdims=True) / r
    the slope of 1/r is missing in the blame of r: it is -1/r².
        dr = -(dY * X).sum(axis=1, keepdims=True)
    X is missing in the blame of r: when r moves, an entry X/r moves in proportion to X.
        dr = -dY.sum(axis=1, keepdims=True) / r**2
    dY is missing in the blame of r: those are slopes of Y, not of the loss.
        dr = -X.sum(axis=1, keepdims=True) / r**2
    the blame of r is missing on its path: you have the slope of r alone.
        through_r = ⟨|-⟩X / r
    r's blame is handed to all entries alike. A long entry moves r more than a short one: what is the slope of
    a root of a sum of squares?
        through_r = dr * np.ones(X.shape)
        through_r = dr / r
    the root is missing in the slope of r: x² has 2x, and the root of s has 1/(2 root of s).
        through_r = dr * 2 * X
    the 2 of the square is missing in the slope of r: it cancels the ½ of the root.
        through_r = dr * X / (2 * r)
    you multiply by r on the path above the line; it divides.
        above = dY * r
    on the path above the line 1/r is missing.
        above = dY
    right but for 1/r: what you have is what is left of dY without its part along Y, and all of it is still
    to be divided by the length of the row.
        dY - Y * (dY * Y).sum(axis=1, keepdims=True)
    r is the length of a row, not of a column: one number for each sample.
        r = np.sqrt((X * X).sum(axis=0, keepdims=True))
    you divide by one length for the whole batch. Each row has its own.
        r = np.sqrt((X * X).sum())
    the root is missing: the length of a row is the root of its sum of squares.
        r = (X * X).sum(axis=1, keepdims=True)
    Python reads `x ** 1/2` as (x ** 1) / 2: the root is `x ** 0.5`, or np.sqrt(x).
        r = (X * X).sum(axis=1, keepdims=True) ** 1 / 2
    you take the mean of the squares; the length of a row is the root of their sum.
        r = np.sqrt((X * X).mean(axis=1, keepdims=True))
    you take the sum of absolute values; the length of a row is the root of its sum of squares.
        r = np.abs(X).sum(axis=1, keepdims=True)
    r has shape (N,), and NumPy lays it along the columns. It needs an axis of length 1, `keepdims=True`: one
    number for each row.
        r = np.sqrt((X * X).sum(axis=1))
        r = np.sqrt((X * X).sum(axis=1)) ; dr = -(dY * X).sum(axis=1) / r**2
    the row's shares in r have shape (N,), and NumPy lays them along the columns. They need an axis of length
    1, `keepdims=True`: one number for each row.
        dr = -(dY * X).sum(axis=1) / r[:, 0]**2
        dY / r - Y * (dY * Y).sum(axis=1) / r
    dY is missing: those are slopes of Y, not of the loss.
        (1 - Y * Y) / r
    that is Y, the forward pass.
        Y
    """,
)
def rows_backward(dY, X):
    """Check rows_backward(dY, X) -> dX of rows of length 1. See notebooks/05_backpropagation.ipynb."""
    r = np.sqrt((X * X).sum(axis=1, keepdims=True))
    Y = X / r
    above = dY / r
    dr = -(dY * X).sum(axis=1, keepdims=True) / r**2
    through_r = dr * Y  # the slope of r is X / r
    return above + through_r
