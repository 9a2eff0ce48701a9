"""The exercises of chapter 11; that of the digit pad has a module of its own."""

import math
import operator

import numpy as np

from nnlib import Dense, Network, ReLU, Tanh, one_hot, softmax  # noqa: F401 (softmax: in a catalogue)
from nnlib.teach.checks.engine import (
    Trial,
    Unnamed,
    Wrong,
    exercise,
    numbers,
    passed,
    shown,
    staged,
    untouched,
)

__all__ = ["dropout", "kept_epoch", "logit_gradient", "shrinking_step"]


def _layers():
    rng = np.random.default_rng(0)
    for n_in, n_out, lr, decay in [(5, 3, 0.1, 0.5), (2, 4, 0.3, 0.2), (1, 6, 0.05, 1.5), (7, 2, 0.7, 0.9)]:
        arrays = (rng.standard_normal(shape) for shape in ((n_in, n_out), n_out) * 2)
        yield Trial((*arrays, lr, decay), {"n_in": n_in, "n_out": n_out, "lr": lr, "decay": decay})


@exercise(
    trials=_layers,
    results=["W", "b"],
    hint="the gradient of loss and penalty together is dW + λ W. Put it into the plain step, and sort by W.",
    praise="Right, on four layers, with four pairs of η and λ; the biases are spared.",
    wrong="""
    W: The weights grow with every step: the slope of (λ/2)‖W‖² points away from zero, and the step goes
    against it.
        (1 + lr * decay) * W - lr * dW
    W: The step goes along dW, uphill; only the shrinking has its right sign.
        (1 - lr * decay) * W + lr * dW
    W: You shrink by λ, whatever the learning rate is. λ W is a part of the gradient: which factor does every
    gradient get in the step?
        (1 - decay) * W - lr * dW
    W: You shrink by η alone; λ has no part in it.
        (1 - lr) * W - lr * dW
    W: You multiply by η λ: that is what is taken away, not what is kept.
        lr * decay * W - lr * dW
    W: You shrink after the step, so that the step itself is shrunk too. Both parts of the gradient are taken
    at the same W, the old one. (It is close: the difference is η²λ dW. In (11.2) it is not there.)
        (1 - lr * decay) * (W - lr * dW)
    W: You shrink by 2 η λ. The derivative of W² brings a 2; what stands before the sum in the penalty?
        (1 - 2 * lr * decay) * W - lr * dW
    W: You shrink by η λ/2: the ½ is used up by the derivative of the square.
        (1 - lr * decay / 2) * W - lr * dW
    W: The weights do not shrink: theirs is the plain step.
        W - lr * dW
    W: λ W is multiplied by the learning rate twice: once is enough, together with dW.
        (1 - lr**2 * decay) * W - lr * dW
    W: A pair of brackets is missing: all of 1 - η λ multiplies W.
        1 - lr * decay * W - lr * dW
    W: λ stands at dW. The slope of the penalty is λ W.
        W - lr * (1 + decay) * dW
    W: It shrinks, but it does not learn: dW has no part in it.
        (1 - lr * decay) * W
    W: dW is taken without the learning rate.
        (1 - lr * decay) * W - dW
    W: You shrink the gradient, not the weights.
        W - lr * (1 - lr * decay) * dW
    W: You take the same amount η λ from every weight. The slope of a square grows with the weight.
        W - lr * dW - lr * decay
    W: Every weight moves towards zero by the same amount: that is the penalty λ Σ|W|. The slope of a square
    grows with the weight.
        W - lr * (dW + decay * np.sign(W))
    W: You add the penalty itself to the gradient, one number for all weights. What is its derivative with
    respect to one of them?
        W - lr * (dW + decay / 2 * (W**2).sum())
    W: You add squares of the weights to the gradient; what is the derivative of a square?
        W - lr * (dW + decay / 2 * W**2)
    W: That is the gradient of loss and penalty, not the weights after the step.
        dW + decay * W
    W: That is the move. The new W is the old one plus its move.
        -lr * (dW + decay * W)
    W: That is what the step takes away, not what is left.
        lr * (dW + decay * W)
    b: The bias shrinks too. The penalty (11.1) sums over the weights: does b stand in it?
        (1 ⟨-|+⟩ lr * decay) * b - lr * db
        (1 - lr * decay) * (b - lr * db)
        (1 - decay) * b - lr * db
    b: it stays where it was; it is spared the shrinking only.
        b
    b: the step goes along db, uphill.
        b + lr * db
    b: db is taken without the learning rate.
        b - db
    """,
)
def shrinking_step(W, b, dW, db, lr, decay):
    """Check shrinking_step(W, b, dW, db, lr, decay) -> W, b. See notebooks/11_generalisation.ipynb."""
    return (1 - lr * decay) * W - lr * dW, b - lr * db


def _dropped(X, dY, p, training, rng):
    if not training:
        return X, dY
    M = (rng.random(X.shape) >= p) / (1 - p)
    return X * M, dY * M


@staged(
    right=_dropped,
    hint="draw one mask of X's shape, and use it twice. By what has a kept entry to be divided?",
)
def dropout(ask, seed):
    """Check dropout(X, dY, p, training, rng), which returns Y, dX. See notebooks/11_generalisation.ipynb."""
    by_number = []  # whether a call has dropped exactly as many entries as expected
    for N, n, p in [(40 + seed, 50, 0.25), (60, 30, 0.6), (1, 2000 + seed, 0.4)]:
        draw = np.random.default_rng(N)
        X, dY = (draw.uniform(0.5, 2, (N, n)) * draw.choice([-1, 1], (N, n)) for _ in range(2))
        tried = f" (Tried with X of shape ({N}, {n}) and p = {p}.)"

        def run(X, seed, training=True, dY=dY, p=p):
            given = X.copy(), dY.copy()
            found = ask(*given, p, training, np.random.default_rng(seed))
            untouched(("X", "dY"), (X, dY), given)
            return _two(found, X.shape)

        (Y, dX), (again, _), (other, _) = (run(X, seed) for seed in (1, 1, 2))
        yield from passed(_of_the_generator(Y, again, dX, X, dY))
        yield from passed(_of_the_mask(Y / X, other / X, p), tail=tried)
        yield from passed(_of_the_scale(Y / X, p), tail=tried)
        by_number += [np.count_nonzero(part == 0) == round(p * X.size) for part in (Y, other)]
        yield from passed(_of_the_way_back(dX, dY, Y, X, p), "Y is right; dX is not: ", tried)
        yield from passed(
            _of_zeros(dX, run(np.maximum(X, 0), seed=1)[1], X <= 0),
            "Right as long as X holds no zeros, as it does after a ReLU. With them ",
        )
        outside = "Right in training. Outside of it (training=False)"
        try:
            Y, dX = run(X, seed=1, training=False)
        except Wrong as wrong:
            raise type(wrong)(f"{outside}: {wrong}") from None
        yield from passed(_of_prediction(Y, X, dX, dY, p), f"{outside} ")
    if all(by_number):
        raise Wrong(
            "Every mask has the same number of zeros. In (11.3) each entry is drawn by itself, independently"
            " of all others, so their number scatters about p N."
        )
    return "Right: the mean is kept, backward has forward's mask, and nothing happens outside of training."


def _two(returned, shape):
    if not isinstance(returned, (tuple, list)) or len(returned) != 2:
        raise Wrong("Expected `return Y, dX`, two arrays in this order.")
    parts = [numbers(part) for part in returned]
    for name, found, part in zip(("Y", "dX"), returned, parts, strict=True):
        if part is None or part.shape != shape:
            yours = type(found).__name__ if part is None else f"shape {part.shape}"
            raise Unnamed(f"You return {yours}; expected {shape}, an entry for each entry of X.")
        if not np.isfinite(part).all():
            kind = "nan" if np.isnan(part).any() else "inf"
            raise Unnamed(f"{name}: yours holds {kind}, where X and dY are finite.")
    return parts


def _scale(factor):
    """Return the first entry that is not zero, nan if there is none."""
    return next(iter(factor[factor != 0]), np.nan)


def _one_scale(factor):
    """Whether all entries but the zeros are the same."""
    return np.allclose(factor[factor != 0], _scale(factor), rtol=1e-4) and factor.any()


def _of_the_generator(Y, again, dX, X, dY):
    return [
        (
            "Two calls with equal generators give different masks: draw from `rng`, which is handed in, so"
            " that a run can be repeated.",
            not np.array_equal(Y, again),
        ),
        ("The two results are exchanged: first Y, then dX.", _one_scale(Y / dY) and _one_scale(dX / X)),
    ]


def _of_the_mask(factor, other, p):
    """Return what can be wrong with the zeros of Y; `factor` and `other` are Y / X, and X has no zero."""
    kept = factor != 0
    share, batch = kept.mean(), len(kept) > 1
    spread = 5 * np.sqrt(p * (1 - p) / factor.size)
    return [
        (
            "In training no entry of Y is zero; a share p of them should be.",
            share == 1 and _one_scale(factor),
        ),
        ("The entries of X are scaled by random numbers; a mask holds zeros and ones.", share == 1),
        (Unnamed("In training Y is all zero."), share == 0),
        (
            "All samples have the same mask: the same columns are zero in every row. A mask of shape X.shape"
            " gives every sample a network of its own.",
            batch and (kept == kept[:1]).all(),
        ),
        (
            "Whole rows are zero: a sample loses all its entries or none.",
            batch and (kept == kept[:, :1]).all(),
        ),
        (
            f"A share of {share:.2f} is kept; p is the share that is set to zero.",
            abs(share - p) <= spread < abs(share - (1 - p)),
        ),
        (
            Unnamed(f"A share of {1 - share:.2f} of the entries is zero; expected about p."),
            abs(share - (1 - p)) > spread,
        ),
        (
            "Two generators give the same mask: draw from `rng`, which is handed in, so that every batch gets"
            " a mask of its own.",
            np.array_equal(factor, other),
        ),
    ]


def _of_the_scale(factor, p):
    """Return what can be wrong with the entries that are kept."""
    share, scale, right = (factor != 0).mean(), _scale(factor), 1 / (1 - p)

    def is_scaled(value):
        return np.isclose(scale, value, rtol=1e-4) and not np.isclose(value, right)

    return [
        (
            Unnamed("Kept entries are scaled by different factors; one and the same was expected."),
            not _one_scale(factor),
        ),
        (
            f"What is kept is divided by {share:.4g}, the share that this mask happens to keep. (11.3)"
            " divides by 1 - p, whatever the mask.",
            np.isclose(scale, 1 / share, rtol=1e-6) and not np.isclose(share, 1 - p, rtol=1e-6),
        ),
        ("What is kept is not divided by anything, so the mean shrinks to (1 - p) x.", is_scaled(1)),
        ("What is kept is divided by p, the share that is dropped. Which share is kept?", is_scaled(1 / p)),
        ("What is kept is multiplied by 1 - p, so the mean shrinks to (1 - p)² x.", is_scaled(1 - p)),
        ("What is kept is multiplied by p.", is_scaled(p)),
        ("What is kept changes its sign.", is_scaled(-right)),
        (
            Unnamed(
                f"What is kept is multiplied by {scale:.3g}: the mean becomes {scale * (1 - p):.3g} x, not x."
            ),
            not np.isclose(scale, right, rtol=1e-4),
        ),
    ]


def _of_the_way_back(dX, dY, Y, X, p):
    """Return what can be wrong with dX, where Y is right."""
    found, right = dX / dY, Y / X
    if np.allclose(found, right, rtol=1e-4):
        return []
    blamed = found != 0
    return [
        ("it is dY. Where an entry of X was dropped, can moving it change the loss?", np.allclose(found, 1)),
        ("it is scaled, but not masked.", np.allclose(found, 1 / (1 - p))),
        (
            "dY is multiplied by Y. The slope of Y = X M / (1 - p) has no X left.",
            np.allclose(found, Y, rtol=1e-4),
        ),
        (
            f"the mask is the right one, but dX is scaled by {_scale(found):.3g} and Y by"
            f" {_scale(right):.3g}. By how much does Y grow when an entry of X grows by 1?",
            np.array_equal(blamed, right != 0) and _one_scale(found),
        ),
        ("it is the slope of Y alone. The blame dY has no part in it.", np.allclose(dX, right, rtol=1e-4)),
        (
            "the blame goes where Y is positive. What is negative was kept as well.",
            np.array_equal(blamed, Y > 0),
        ),
        (
            "the blame goes to the entries that were dropped, and to no other.",
            np.array_equal(blamed, right == 0),
        ),
        (
            "its zeros lie elsewhere than those of Y. A new mask blames entries that had no part in the"
            " output.",
            blamed.any() and not blamed.all(),
        ),
        (Unnamed("expected dY with the mask and the factor that X has met."), True),
    ]


def _of_zeros(dX, found, zero):
    """Return what can be wrong with `found`, which should be dX, if X is zero in places, as after a ReLU."""
    wrong = not np.allclose(found, dX, rtol=1e-4)
    return [
        (
            "you take every zero of Y for one of the mask: keep the mask itself.",
            wrong and not found[zero].any(),
        ),
        (Unnamed("dX is another, though dY and the mask are the same."), wrong),
    ]


def _of_prediction(Y, X, dX, dY, p):
    factor = (Y / X).flat[0]
    said = {1 - p: "1 - p", 1 / (1 - p): "1/(1 - p)", p: "p"}
    by = next((name for value, name in said.items() if np.isclose(factor, value)), f"{factor:.3g}")
    return [
        ("entries are still set to zero: the same image would get another answer each time.", (Y == 0).any()),
        (
            f"X is multiplied by {by}. The mean has been kept already: what is left to mend?",
            not np.allclose(Y, X, rtol=1e-4),
        ),
        (
            Unnamed("Y = X, as it should be, so dX = dY; yours is another."),
            not np.allclose(dX, dY, rtol=1e-4),
        ),
    ]


LOSSES = [  # each is a story: of noise, of a late success, of ties
    ([0.9, 0.6, 0.5, 0.55, 0.52, 0.45, 0.5, 0.6, 0.7, 0.8, 0.2], 3),
    ([2.3, 1.8, 1.85, 1.7, 1.75, 1.6, 1.65, 1.66, 1.67], 2),
    ([0.5, 0.4, 0.4, 0.4, 0.3, 0.35, 0.36, 0.37, 0.1], 3),
    ([0.5, 0.4, 0.45, 0.4, 0.41, 0.42, 0.43, 0.2], 3),
    ([0.9, 0.8, 0.85, 0.7, 0.75, 0.65, 0.5, 0.55, 0.6, 0.65], 3),
    ([0.5, 0.6, 0.7, 0.1], 2),
    ([0.9, 0.8, 0.7, 0.6], 2),
    ([0.7, 0.9, 0.8, 0.75, 0.74, 0.5, 0.6], 4),
    ([0.7, 0.9, 0.8, 0.75, 0.74, 0.5, 0.6], 5),
    ([0.6, 0.5, 0.45, 0.8, 0.7, 0.6, 0.3], 3),
]


def _epoch(value):
    """Read an epoch, or say what stands in its place."""
    try:
        return operator.index(value)
    except Exception:
        if isinstance(value, (tuple, list)):
            raise Wrong("You return several things; expected the epoch that is kept alone.") from None
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, float) and any(value in losses for losses, _ in LOSSES):
            raise Wrong(f"You return the loss, {value}; expected its epoch.") from None
        raise Wrong(f"You return {shown(value)}; expected an epoch, a whole number.") from None


def _which_is_kept(name, runs):
    run = next(run for run in runs if run.found != run.right)
    return f"{run.tried}, you keep {name} {shown(run.found)}; expected {run.right}."


@exercise(
    trials=lambda: [
        Trial((losses, patience), {"losses": str(losses), "patience": patience})
        for losses, patience in LOSSES
    ],
    results=["epoch"],
    hint="go through the losses, and remember the lowest so far, its epoch, and how long ago that was.",
    praise="Right, on ten courses of the loss, with noise, ties and a success that comes too late.",
    read=_epoch,
    tell=[_which_is_kept],
    wrong="""
    You count epochs from 0; the first one is epoch 1.
        kept - 1
    You return the epoch after which training stops. The weights that are kept are older.
        epoch
        break → return epoch
    You take the patience off, whether it is out or not. A run can also end before.
        epoch - patience
        kept - patience ; break → return kept
    0, whatever the losses are. Was the lowest so far 0 from the beginning? Then no loss is below it: begin
    with `math.inf`.
        0
    The first epoch, whatever the losses are. Is a `return` inside the loop, or was the lowest so far 0 from
    the beginning?
        1
    Your lowest so far is 1 at the beginning, and a loss can be larger: begin with `math.inf`.
        math.inf, 0, 0 → 1, ⟨0|1⟩, 0
    You take the lowest of all losses; but training has stopped before it got there: patience was out.
        int(np.argmin(losses)) + 1
    You take the lowest of all losses, counted from 0. Training may have stopped before it got there.
        int(np.argmin(losses))
    That is the highest loss.
        int(np.argmax(losses)) + 1
    That is the last epoch.
        len(losses)
    You stop at the first rise, whatever the patience is.
        patience = 1
        patience = 1 ; loss < lowest → loss <= lowest
    You wait one epoch too long: patience 2 means that the second epoch in a row without a new lowest loss is
    the last.
        waited == patience → waited > patience
    You stop one epoch too soon: patience 2 means that the second epoch in a row without a new lowest loss is
    the last.
        patience = patience - 1
    You compare with the epoch before. A loss that falls again after a jump is not yet a new lowest one.
        loss < lowest → epoch == 1 or loss < losses[epoch - 2]
        loss < lowest → epoch == 1 or loss < losses[epoch - 2] ; kept if waited == patience else epoch
    Where the loss is equal to the lowest so far, you keep the later epoch and wait anew. Only a lower one is
    better.
        loss < lowest → loss <= lowest
    The first epoch counts as one without a new lowest loss. Either the lowest so far begins with it, and the
    loop with the second, or it begins with `math.inf`.
        math.inf, 0, 0 → losses[0], 1, 0
    Two mistakes meet: your patience is never restored, where after a new lowest loss the waiting begins anew;
    and the first epoch counts as one without a new lowest loss.
        math.inf, 0, 0 → losses[0], 1, 0 ; lowest, kept, waited = loss, epoch, 0 → lowest, kept = loss, epoch
    Your patience is never restored: after a new lowest loss the waiting begins anew.
        lowest, kept, waited = loss, epoch, 0 → lowest, kept = loss, epoch
    You wait the same number of epochs in every run: take the `patience` that is handed in.
        patience = ⟨2|3|4|5⟩
    Patience is never out here: the run ends with its last epoch, and the epoch that is kept is wanted then
    too.
        return kept → ; break → return kept
    """,
)
def kept_epoch(losses, patience):
    """Check kept_epoch(losses, patience): the epoch, from 1, whose weights are kept.

    See notebooks/11_generalisation.ipynb.
    """
    lowest, kept, waited = math.inf, 0, 0
    for epoch, loss in enumerate(losses, 1):
        if loss < lowest:
            lowest, kept, waited = loss, epoch, 0
        else:
            waited += 1
        if waited == patience:
            break
    return kept


class _Watched(Network):
    """A network that remembers whether it was asked for its input's gradient, and for a pass of training."""

    asked, trained = True, False

    def forward(self, X, training=False):
        self.trained = self.trained or training
        return super().forward(X, training)

    def backward(self, dY, input_gradient=True):
        self.asked = input_gradient
        return super().backward(dY, input_gradient)


_Watched.__name__ = "Network"  # as an error message calls it


def _networks():
    rng = np.random.default_rng(0)
    cases = (12, 7, ReLU, 3), (9, 8, Tanh, 0), (20, 6, ReLU, 9), (5, 11, Tanh, 7)
    for n_in, hidden, activation, digit in cases:
        first = Dense(n_in, hidden, rng=rng, dtype=np.float64)
        last = Dense(hidden, 10, rng=rng, dtype=np.float64)
        for layer in (first, last):
            layer.b[...] = rng.standard_normal(layer.n_out)
        net = _Watched(first, activation(), last)
        net.forward(np.zeros((1, n_in)))  # what it has seen before
        yield Trial((net, rng.random(n_in), digit), {"n_in": n_in, "digit": digit})


def _watched(ask, net, x, digit):
    try:
        return ask(net, x, digit)
    finally:  # whatever came of it
        if not net.asked:
            raise Wrong(
                "With `input_gradient=False` nothing comes back: that is how training saves the first layer's"
                " dX. Here it is all you want."
            )
        if net.trained:
            raise Wrong(
                "You ask for a forward pass of training: with dropout in the network, that is the answer of"
                " some of its units. Leave `training` out."
            )


@exercise(
    trials=_networks,
    results=["dx"],
    hint="which dY says that only this one logit counts? Then go forward, and back to the image.",
    praise="Right, on four networks of 5 to 20 pixels.",
    observe=_watched,
    wrong="""
    All ten logits count in your dY: that is the gradient of their sum.
        dY = np.ones((1, 10))
    Your dY counts every logit but the one that is asked for.
        dY = 1 - one_hot([digit], 10)
    That is the gradient of the loss for the label `digit`: dY = P - Y. The loss falls where this logit rises
    or the others fall; asked is the logit alone.
        dY = softmax(Z) - one_hot([digit], 10)
    That is the gradient of the log-probability, Y - P: it raises this logit and lowers the others. Asked is
    the logit alone.
        dY = one_hot([digit], 10) - softmax(Z)
    That is the gradient of the probability. Asked is the logit, before softmax.
        dY = softmax(Z)[0, digit] * (one_hot([digit], 10) - softmax(Z))
    Your dY is the probabilities of the network. Which logit was asked for has no part in it.
        dY = softmax(Z)
    Your dY is the output of the network itself: that is the gradient of half the sum of the squared logits.
        dY = Z
    Your dY holds the logit in place of a 1, so the gradient is multiplied by it.
        dY = Z * one_hot([digit], 10)
    Only the entry of `digit` is set in your dY; the other nine are still the logits. They have to be 0.
        dY = np.where(one_hot([digit], 10), 1, Z)
    Your dY holds the number of the digit in place of a 1, so the gradient is multiplied by it.
        dY = digit * one_hot([digit], 10)
    The 1 of your dY stands one column too far to the left: digit 0 has column 0.
        digit = (digit - 1) % 10
    The 1 of your dY stands one column too far to the right: digit 0 has column 0.
        digit = (digit + 1) % 10
    That is the gradient of the largest logit. Asked is that of `digit`, whatever the answer.
        dY = one_hot(Z.argmax(axis=1), 10)
    You go back through the weights alone. Where are the slopes of the activation between them?
        net.layers[0].W @ net.layers[2].W[:, digit]
    That is the gradient of the weights, summed over the units; `net.backward` returns that of the image.
        net.grads[0].sum(axis=1)
    That is the gradient of the weights; `net.backward` returns that of the image.
        net.grads[0]
    That is the logit itself. Asked is how it changes: go back to the image.
        Z[0, digit]
    That is dY, where the way back begins: go back to the image.
        dY[0]
    No entry is negative: whether more ink raises or lowers the logit has been lost.
        np.abs(dx)
    You return signs: how much a pixel matters has been lost.
        np.sign(dx)
    Right in direction, but scaled to length 1: how much a pixel matters has been lost.
        dx / np.linalg.norm(dx)
    Right in direction, but scaled by its largest entry: how much a pixel matters has been lost.
        dx / np.abs(dx).max()
    You multiply by x: that is how much each pixel contributes, and where the paper is white it is zero.
        dx * x
    You return a changed image. Asked is the gradient.
        x + dx
    You return a batch of one row; x is a single image, and so is its gradient.
        dx[None]
    That is the gradient at another image: the one the network has seen before this call. Backward goes back
    from the last forward.
        Z = net.forward(x[None]) →
    """,
)
def logit_gradient(net, x, digit):
    """Check logit_gradient(net, x, digit): how the logit of `digit` changes with each pixel of `x`, (n_in,).

    See notebooks/11_generalisation.ipynb.
    """
    Z = net.forward(x[None])  # noqa: F841 (the catalogue uses it)
    dY = one_hot([digit], 10)
    dx = net.backward(dY)[0]
    return dx
