"""The checks of chapter 11."""

import contextlib
import operator

import numpy as np

from nnlib import Dense, Network, ReLU, SoftmaxCrossEntropy, Tanh, softmax
from nnlib.teach.checks.answers import Mistake, Wrong, array, call, check, compare, untouched

__all__ = ["dropout", "kept_epoch", "logit_gradient", "shrinking_step"]


@check
def shrinking_step(answer):
    """Check shrinking_step(W, b, dW, db, lr, decay), which returns W, b. See"
    " notebooks/11_generalisation.ipynb."""
    rng = np.random.default_rng(0)
    trials = [
        (
            (*(rng.standard_normal(shape) for shape in ((n_in, n_out), n_out) * 2), lr, decay),
            {"n_in": n_in, "n_out": n_out},
        )
        for n_in, n_out, lr, decay in [
            (5, 3, 0.1, 0.5),
            (2, 4, 0.3, 0.2),
            (1, 6, 0.05, 1.5),
            (7, 2, 0.7, 0.9),
        ]
    ]

    def step(W, b, dW, db, lr, decay):
        return (1 - lr * decay) * W - lr * dW, b - lr * db

    weights = {
        "The weights grow with every step: the slope of (λ/2)‖W‖² points away from zero, and the step goes"
        " against it.": lambda W, dW, lr, decay: (1 + lr * decay) * W - lr * dW,
        "The step goes along dW, uphill; only the shrinking has its right sign.": lambda W, dW, lr, decay: (
            (1 - lr * decay) * W + lr * dW
        ),
        "You shrink by λ, whatever the learning rate is. λ W is a part of the gradient: which factor does"
        " every"
        " gradient get in the step?": lambda W, dW, lr, decay: (1 - decay) * W - lr * dW,
        "You shrink by η alone; λ has no part in it.": lambda W, dW, lr, decay: (1 - lr) * W - lr * dW,
        "You multiply by η λ: that is what is taken away, not what is kept.": lambda W, dW, lr, decay: (
            lr * decay * W - lr * dW
        ),
        "You shrink after the step, so that the step itself is shrunk too. Both parts of the gradient are"
        " taken"
        " at the same W, the old one. (It is close: the difference is η²λ dW. In (11.2) it is not there.)": (
            lambda W, dW, lr, decay: (1 - lr * decay) * (W - lr * dW)
        ),
        "You shrink by 2 η λ. The derivative of W² brings a 2; what stands before the sum in the penalty?": (
            lambda W, dW, lr, decay: (1 - 2 * lr * decay) * W - lr * dW
        ),
        "You shrink by η λ/2: the ½ is used up by the derivative of the square.": lambda W, dW, lr, decay: (
            (1 - lr * decay / 2) * W - lr * dW
        ),
        "The weights do not shrink: theirs is the plain step.": lambda W, dW, lr, decay: W - lr * dW,
        "λ W is multiplied by the learning rate twice: once is enough, together with dW.": (
            lambda W, dW, lr, decay: (1 - lr**2 * decay) * W - lr * dW
        ),
        "A pair of brackets is missing: all of 1 - η λ multiplies W.": lambda W, dW, lr, decay: (
            1 - lr * decay * W - lr * dW
        ),
        "λ stands at dW. The slope of the penalty is λ W.": lambda W, dW, lr, decay: (
            W - lr * (1 + decay) * dW
        ),
        "It shrinks, but it does not learn: dW has no part in it.": lambda W, dW, lr, decay: (
            (1 - lr * decay) * W
        ),
        "dW is taken without the learning rate.": lambda W, dW, lr, decay: (1 - lr * decay) * W - dW,
        "You shrink the gradient, not the weights.": lambda W, dW, lr, decay: W - lr * (1 - lr * decay) * dW,
        "You take the same amount η λ from every weight. The slope of a square grows with the weight.": (
            lambda W, dW, lr, decay: W - lr * dW - lr * decay
        ),
        "Every weight moves towards zero by the same amount: that is the penalty λ Σ|W|. The slope of a"
        " square"
        " grows with the weight.": lambda W, dW, lr, decay: W - lr * (dW + decay * np.sign(W)),
        "You add the penalty itself to the gradient, one number for all weights. What is its derivative with"
        " respect to one of them?": lambda W, dW, lr, decay: W - lr * (dW + decay / 2 * (W**2).sum()),
        "You add squares of the weights to the gradient; what is the derivative of a square?": (
            lambda W, dW, lr, decay: W - lr * (dW + decay / 2 * W**2)
        ),
        "That is the gradient of loss and penalty, not the weights after the step.": (
            lambda W, dW, lr, decay: dW + decay * W
        ),
        "That is the move. The new W is the old one plus its move.": lambda W, dW, lr, decay: (
            -lr * (dW + decay * W)
        ),
        "That is what the step takes away, not what is left.": lambda W, dW, lr, decay: lr * (dW + decay * W),
    }
    mistakes = [
        Mistake(lambda W, b, dW, db, lr, decay, wrong=wrong: wrong(W, dW, lr, decay), why, "W")
        for why, wrong in weights.items()
    ]
    shrunk = "The bias shrinks too. The penalty (11.1) sums over the weights: does b stand in it?"
    exchanged = "The two results are exchanged: first W, then b."
    mistakes += [
        Mistake(lambda W, b, dW, db, lr, decay: b - lr * db, exchanged, "W"),
        Mistake(lambda W, b, dW, db, lr, decay: (1 - lr * decay) * b - lr * db, shrunk, "b"),
        Mistake(lambda W, b, dW, db, lr, decay: (1 - lr * decay) * (b - lr * db), shrunk, "b"),
        Mistake(lambda W, b, dW, db, lr, decay: (1 - decay) * b - lr * db, shrunk, "b"),
        Mistake(lambda W, b, dW, db, lr, decay: (1 + lr * decay) * b - lr * db, shrunk, "b"),
        Mistake(
            lambda W, b, dW, db, lr, decay: b, "it stays where it was; it is spared the shrinking only.", "b"
        ),
        Mistake(lambda W, b, dW, db, lr, decay: b + lr * db, "the step goes along db, uphill.", "b"),
        Mistake(lambda W, b, dW, db, lr, decay: b - db, "db is taken without the learning rate.", "b"),
    ]
    hint = "the gradient of loss and penalty together is dW + λ W. Put it into the plain step, and sort by W."
    compare(answer, step, trials, results=["W", "b"], hint=hint, mistakes=mistakes)
    return "Right, on four layers, with four pairs of η and λ; the biases are spared."


@check
def dropout(answer):
    """Check dropout(X, dY, p, training, rng), which returns Y, dX. See notebooks/11_generalisation.ipynb."""
    hint = "draw one mask of X's shape, and use it twice. By what has a kept entry to be divided?"
    by_number = []  # whether a call has dropped exactly as many entries as expected
    for N, n, p in [(40, 50, 0.25), (60, 30, 0.6), (1, 2000, 0.4)]:
        draw = np.random.default_rng(N)
        X, dY = (draw.uniform(0.5, 2, (N, n)) * draw.choice([-1, 1], (N, n)) for _ in range(2))
        tried = f"(Tried with X of shape ({N}, {n}) and p = {p}.)"

        def run(X, seed, training=True, dY=dY, p=p):
            given = X.copy(), dY.copy()
            found = _two(call(answer, *given, p, training, np.random.default_rng(seed), hint=hint), X.shape)
            untouched(("X", "dY"), (X, dY), given)
            return found

        Y, dX = run(X, seed=1)
        other = run(X, seed=2)[0]
        if not np.array_equal(Y, run(X, seed=1)[0]):
            raise Wrong(
                "Two calls with equal generators give different masks: draw from `rng`, which is handed in,"
                " so that a run can be repeated."
            )
        if _one_scale(Y / dY) and _one_scale(dX / X):
            raise Wrong("The two results are exchanged: first Y, then dX.")
        _judge_forward(Y / X, p, tried)
        if np.array_equal(Y, other):
            raise Wrong(
                "Two generators give the same mask: draw from `rng`, which is handed in, so that every batch"
                " gets a mask of its own."
            )
        by_number += [np.count_nonzero(part == 0) == round(p * X.size) for part in (Y, other)]
        _judge_backward(dX, dY, Y, X, p, tried)
        _judge_zeros(dX, run(np.maximum(X, 0), seed=1)[1], X <= 0)
        _judge_prediction(run, X, dY, p)
    if all(by_number):
        raise Wrong(
            "Every mask has the same number of zeros. In (11.3) each entry is drawn by itself, independently"
            " of all others, so their number scatters about p N."
        )
    return "Right: the mean is kept, backward has forward's mask, and nothing happens outside of training."


def _two(returned, shape):
    if not isinstance(returned, (tuple, list)) or len(returned) != 2:
        raise Wrong("Expected `return Y, dX`, two arrays in this order.")
    return [array(part, shape, "an entry for each entry of X") for part in returned]


def _one_scale(factor):
    """Whether all entries but the zeros are the same."""
    kept = factor[factor != 0]
    return kept.size > 0 and np.allclose(kept, kept[0], rtol=1e-4)


def _judge_forward(factor, p, tried):
    """Raise what is wrong with Y; `factor` is Y / X, and X has no zero."""
    kept = factor != 0
    share = kept.mean()
    if share == 1 and _one_scale(factor):
        raise Wrong(f"In training no entry of Y is zero; a share p of them should be. {tried}")
    if share == 1:
        raise Wrong(f"The entries of X are scaled by random numbers; a mask holds zeros and ones. {tried}")
    if share == 0:
        raise Wrong(f"In training Y is all zero. {tried}")
    if len(kept) > 1 and (kept == kept[:1]).all():
        raise Wrong(
            f"All samples have the same mask: the same columns are zero in every row. A mask of shape X.shape"
            f" gives every sample a network of its own. {tried}"
        )
    if len(kept) > 1 and (kept == kept[:, :1]).all():
        raise Wrong(f"Whole rows are zero: a sample loses all its entries or none. {tried}")
    spread = 5 * np.sqrt(p * (1 - p) / factor.size)
    if abs(share - (1 - p)) > spread:
        if abs(share - p) <= spread:
            raise Wrong(f"A share of {share:.2f} is kept; p is the share that is set to zero. {tried}")
        raise Wrong(f"A share of {1 - share:.2f} of the entries is zero; expected about p. {tried}")
    if not _one_scale(factor):
        raise Wrong(f"Kept entries are scaled by different factors; one and the same was expected. {tried}")
    scale = factor[kept][0]
    if np.isclose(scale, 1 / share, rtol=1e-6) and not np.isclose(share, 1 - p, rtol=1e-6):
        raise Wrong(
            f"What is kept is divided by {share:.4g}, the share that this mask happens to keep. (11.3)"
            f" divides by 1 - p, whatever the mask. {tried}"
        )
    for value, why in (
        (1, "What is kept is not divided by anything, so the mean shrinks to (1 - p) x."),
        (1 / p, "What is kept is divided by p, the share that is dropped. Which share is kept?"),
        (1 - p, "What is kept is multiplied by 1 - p, so the mean shrinks to (1 - p)² x."),
        (p, "What is kept is multiplied by p."),
        (-1 / (1 - p), "What is kept changes its sign."),
    ):
        if np.isclose(scale, value, rtol=1e-4) and not np.isclose(value, 1 / (1 - p)):
            raise Wrong(f"{why} {tried}")
    if not np.isclose(scale, 1 / (1 - p), rtol=1e-4):
        raise Wrong(
            f"What is kept is multiplied by {scale:.3g}: the mean becomes {scale * (1 - p):.3g} x, not x."
            f" {tried}"
        )


def _judge_backward(dX, dY, Y, X, p, tried):
    """Raise what is wrong with dX, where Y is right."""
    found, right = dX / dY, Y / X
    if np.allclose(found, right, rtol=1e-4):
        return
    head = "Y is right; dX is not: "
    if np.allclose(found, 1):
        raise Wrong(
            f"{head}it is dY. Where an entry of X was dropped, can moving it change the loss? {tried}"
        )
    if np.allclose(found, 1 / (1 - p)):
        raise Wrong(f"{head}it is scaled, but not masked. {tried}")
    if np.allclose(found, Y, rtol=1e-4):
        raise Wrong(f"{head}dY is multiplied by Y. The slope of Y = X M / (1 - p) has no X left. {tried}")
    if np.array_equal(found != 0, right != 0) and _one_scale(found):
        raise Wrong(
            f"{head}the mask is the right one, but dX is scaled by {found[found != 0][0]:.3g} and Y by"
            f" {right[right != 0][0]:.3g}. By how much does Y grow when an entry of X grows by 1? {tried}"
        )
    if np.allclose(dX, right, rtol=1e-4):
        raise Wrong(f"{head}it is the slope of Y alone. The blame dY has no part in it. {tried}")
    if np.array_equal(found != 0, Y > 0):
        raise Wrong(f"{head}the blame goes where Y is positive. What is negative was kept as well. {tried}")
    if np.array_equal(found == 0, right != 0):
        raise Wrong(f"{head}the blame goes to the entries that were dropped, and to no other. {tried}")
    if (found == 0).any() and (found != 0).any():
        raise Wrong(
            f"{head}its zeros lie elsewhere than those of Y. A new mask blames entries that had no part in"
            " the"
            f" output. {tried}"
        )
    raise Wrong(f"{head}expected dY with the mask and the factor that X has met. {tried}")


def _judge_zeros(dX, found, zero):
    """Raise what is wrong with `found`, which should be dX, if X is zero in some places, as after a ReLU."""
    if np.allclose(found, dX, rtol=1e-4):
        return
    head = "Right as long as X holds no zeros, as it does after a ReLU. With them "
    if not found[zero].any():
        raise Wrong(f"{head}you take every zero of Y for one of the mask: keep the mask itself.")
    raise Wrong(f"{head}dX is another, though dY and the mask are the same.")


def _judge_prediction(run, X, dY, p):
    head = "Right in training. Outside of it (training=False) "
    try:
        Y, dX = run(X, seed=1, training=False)
    except Wrong as wrong:
        raise Wrong(f"{head.strip()}: {wrong}") from None
    if (Y == 0).any():
        raise Wrong(
            f"{head}entries are still set to zero: the same image would get another answer each time."
        )
    factor = (Y / X).flat[0]
    if not np.allclose(Y, X, rtol=1e-4):
        said = {1 - p: "1 - p", 1 / (1 - p): "1/(1 - p)", p: "p"}
        by = next((name for value, name in said.items() if np.isclose(factor, value)), f"{factor:.3g}")
        raise Wrong(f"{head}X is multiplied by {by}. The mean has been kept already: what is left to mend?")
    if not np.allclose(dX, dY, rtol=1e-4):
        raise Wrong(f"{head}Y = X, as it should be, so dX = dY; yours is another.")


LOSSES = [  # each is a story: of noise, of a late success, of ties
    ([0.9, 0.6, 0.5, 0.55, 0.52, 0.45, 0.5, 0.6, 0.7, 0.8, 0.2], 3),
    ([2.3, 1.8, 1.85, 1.7, 1.75, 1.6, 1.65, 1.66, 1.67], 2),
    ([0.5, 0.4, 0.4, 0.4, 0.3, 0.35, 0.36, 0.37, 0.1], 3),
    ([0.5, 0.4, 0.45, 0.4, 0.41, 0.42, 0.43, 0.2], 3),
    ([0.9, 0.8, 0.85, 0.7, 0.75, 0.72, 0.5, 0.55, 0.6, 0.65], 3),
    ([0.5, 0.6, 0.7, 0.1], 2),
    ([0.9, 0.8, 0.7, 0.6], 2),
    ([0.7, 0.9, 0.8, 0.75, 0.74, 0.5, 0.6], 4),
    ([0.7, 0.9, 0.8, 0.75, 0.74, 0.5, 0.6], 5),
    ([0.6, 0.5, 0.45, 0.8, 0.7, 0.6, 0.3], 3),
]


def _stop(losses, patience, *, first=1, rise=False, ties=False, total=False, longer=0):
    """Return the epoch that is kept, the last one trained, and whether patience was out; or slips."""
    best, kept, waited = np.inf, first, 0
    for epoch, loss in enumerate(losses, first):
        better = loss < (losses[epoch - first - 1] if rise and epoch > first else best)
        if better or (ties and loss == best):
            kept = epoch
            waited = waited if total else 0
        else:
            waited += 1
        best = min(best, loss)
        if waited == patience + longer:
            return kept, epoch, True
    return kept, epoch, False


EPOCH_MISTAKES = {
    "You count epochs from 0; the first one is epoch 1.": [lambda *case: _stop(*case, first=0)[0]],
    "You return the epoch after which training stops. The weights that are kept are older.": [
        lambda *case: _stop(*case)[1],
        lambda *case: (lambda kept, last, out: last if out else kept)(*_stop(*case)),
    ],
    "You take the patience off, whether it is out or not. A run can also end before.": [
        lambda losses, patience: _stop(losses, patience)[1] - patience,
        lambda *case: (lambda kept, last, out: kept if out else kept - case[1])(*_stop(*case)),
    ],
    "0, whatever the losses are. Was the lowest so far 0 from the beginning? Then no loss is below it: begin"
    " with `math.inf`.": [lambda *_: 0],
    "The first epoch, whatever the losses are. Is a `return` inside the loop, or was the lowest so far 0 from"
    " the beginning?": [lambda *_: 1],
    "Your lowest so far is 1 at the beginning, and a loss can be larger: begin with `math.inf`.": [
        lambda losses, patience, kept=kept: kept if losses[0] > 1 else _stop(losses, patience)[0]
        for kept in (0, 1)
    ],
    "You take the lowest of all losses; but training has stopped before it got there: patience was out.": [
        lambda losses, _: int(np.argmin(losses)) + 1
    ],
    "You take the lowest of all losses, counted from 0. Training may have stopped before it got there.": [
        lambda losses, _: int(np.argmin(losses))
    ],
    "That is the highest loss.": [lambda losses, _: int(np.argmax(losses)) + 1],
    "That is the last epoch.": [lambda losses, _: len(losses)],
    "You stop at the first rise, whatever the patience is.": [
        lambda losses, _: _stop(losses, 1)[0],
        lambda losses, _: _stop(losses, 1, ties=True)[0],
    ],
    "You wait one epoch too long: patience 2 means that the second epoch in a row without a new lowest loss"
    " is the last.": [lambda *case: _stop(*case, longer=1)[0]],
    "You stop one epoch too soon: patience 2 means that the second epoch in a row without a new lowest loss"
    " is the last.": [lambda losses, patience: _stop(losses, patience, longer=-1)[0]],
    "You compare with the epoch before. A loss that falls again after a jump is not yet a new lowest one.": [
        lambda *case: _stop(*case, rise=True)[0],
        lambda *case: (lambda kept, last, out: kept if out else last)(*_stop(*case, rise=True)),
    ],
    "Where the loss is equal to the lowest so far, you keep the later epoch and wait anew. Only a lower one"
    " is better.": [lambda *case: _stop(*case, ties=True)[0]],
    "The first epoch counts as one without a new lowest loss. Either the lowest so far begins with it, and"
    " the loop with the second, or it begins with `math.inf`.": [
        lambda losses, patience: max(_stop([losses[0], *losses], patience)[0] - 1, 1)
    ],
    "Your patience is never restored: after a new lowest loss the waiting begins anew.": [
        lambda *case: _stop(*case, total=True)[0]
    ],
    "You wait the same number of epochs in every run: take the `patience` that is handed in.": [
        lambda losses, _, n=n: _stop(losses, n)[0] for n in range(2, 8)
    ],
}


@check
def kept_epoch(answer):
    """Check kept_epoch(losses, patience): the epoch, from 1, whose weights are kept.

    See notebooks/11_generalisation.ipynb.
    """
    hint = "go through the losses, and remember the lowest so far, its epoch, and how long ago that was."
    found = []
    for losses, patience in LOSSES:
        try:
            found.append(call(answer, list(losses), patience, hint=hint))
        except Wrong as wrong:
            if not found:
                raise
            never = "" if _stop(losses, patience)[2] else ", which is never out here"
            raise Wrong(f"{wrong} (With the losses {losses} and patience {patience}{never}.)") from None
    for value in found:
        try:
            operator.index(value)
        except TypeError:
            if isinstance(value, (tuple, list)):
                raise Wrong("You return several things; expected the epoch that is kept alone.") from None
            if isinstance(value, float) and any(value in losses for losses, _ in LOSSES):
                raise Wrong(f"You return the loss, {value}; expected its epoch.") from None
            raise Wrong(f"You return {value!r}; expected an epoch, a whole number.") from None
    right = [_stop(*case)[0] for case in LOSSES]
    if found == right:
        return "Right, on ten courses of the loss, with noise, ties and a success that comes too late."
    for why, slips in EPOCH_MISTAKES.items():
        if any(found == [slip(*case) for case in LOSSES] for slip in slips):
            raise Wrong(why)
    (losses, patience), value, true = next(
        case for case in zip(LOSSES, found, right, strict=True) if case[1] != case[2]
    )
    raise Wrong(f"With the losses {losses} and patience {patience} you keep epoch {value}; expected {true}.")


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


@check
def logit_gradient(answer):
    """Check logit_gradient(net, x, digit): how the logit of `digit` changes with each pixel of `x`, (n_in,).

    See notebooks/11_generalisation.ipynb.
    """
    rng = np.random.default_rng(0)
    hint = "which dY says that only this one logit counts? Then go forward, and back to the image."

    def trial(n_in, hidden, activation, digit):
        first = Dense(n_in, hidden, rng=rng, dtype=np.float64)
        last = Dense(hidden, 10, rng=rng, dtype=np.float64)
        for layer in (first, last):
            layer.b[...] = rng.standard_normal(layer.n_out)
        net = _Watched(first, activation, last)
        net.forward(np.zeros((1, n_in)))  # what it has seen before
        return (net, rng.random(n_in), digit), {"n_in": n_in}

    trials = [
        trial(12, 7, ReLU(), 3),
        trial(9, 8, Tanh(), 0),
        trial(20, 6, ReLU(), 9),
        trial(5, 11, Tanh(), 7),
    ]
    if callable(answer):
        (net, x, digit), _ = trial(6, 5, Tanh(), 2)
        with contextlib.suppress(Exception):  # compare tells of it
            answer(net, x, digit)
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

    def back(net, x, dY):
        net.forward(x[None])
        return net.backward(dY)[0]

    def gradient(net, x, digit):
        return back(net, x, np.eye(10)[[digit]])

    def of_weights(net, x, digit):
        gradient(net, x, digit)
        return net.grads[0]

    def probabilities(net, x):
        return softmax(net.forward(x[None]))

    attempts = {
        "All ten logits count in your dY: that is the gradient of their sum.": lambda net, x, digit: back(
            net, x, np.ones((1, 10))
        ),
        "Your dY counts every logit but the one that is asked for.": lambda net, x, digit: back(
            net, x, 1 - np.eye(10)[[digit]]
        ),
        "That is the gradient of the loss for the label `digit`: dY = P - Y. The loss falls where this logit"
        " rises or the others fall; asked is the logit alone.": lambda net, x, digit: back(
            net, x, SoftmaxCrossEntropy().gradient(net.forward(x[None]), np.array([digit]))
        ),
        "That is the gradient of the log-probability, Y - P: it raises this logit and lowers the others."
        " Asked"
        " is the logit alone.": lambda net, x, digit: (
            -back(net, x, SoftmaxCrossEntropy().gradient(net.forward(x[None]), np.array([digit])))
        ),
        "That is the gradient of the probability. Asked is the logit, before"
        " softmax.": lambda net, x, digit: back(
            net, x, probabilities(net, x)[:, [digit]] * (np.eye(10)[[digit]] - probabilities(net, x))
        ),
        "Your dY is the probabilities of the network. Which logit was asked for has no part in it.": (
            lambda net, x, digit: back(net, x, probabilities(net, x))
        ),
        "Your dY is the output of the network itself: that is the gradient of half the sum of the squared"
        " logits.": lambda net, x, digit: back(net, x, net.forward(x[None])),
        "Your dY holds the logit in place of a 1, so the gradient is multiplied by"
        " it.": lambda net, x, digit: gradient(net, x, digit) * net.forward(x[None])[0, digit],
        "Only the entry of `digit` is set in your dY; the other nine are still the logits. They have to be"
        " 0.": lambda net, x, digit: back(net, x, np.where(np.arange(10) == digit, 1, net.forward(x[None]))),
        "Your dY holds the number of the digit in place of a 1, so the gradient is multiplied by it.": (
            lambda net, x, digit: gradient(net, x, digit) * digit
        ),
        "The 1 of your dY stands one column too far to the left: digit 0 has column"
        " 0.": lambda net, x, digit: gradient(net, x, (digit - 1) % 10),
        "The 1 of your dY stands one column too far to the right: digit 0 has column 0.": (
            lambda net, x, digit: gradient(net, x, (digit + 1) % 10)
        ),
        "That is the gradient of the largest logit. Asked is that of `digit`, whatever the answer.": (
            lambda net, x, digit: gradient(net, x, int(net.forward(x[None]).argmax()))
        ),
        "That is the gradient of the weights, summed over the units; `net.backward` returns that of the"
        " image.": lambda net, x, digit: of_weights(net, x, digit).sum(axis=1),
        "That is the gradient of the weights; `net.backward` returns that of the image.": of_weights,
        "That is the logit itself. Asked is how it changes: go back to the image.": lambda net, x, digit: (
            net.forward(x[None])[0, digit]
        ),
        "That is dY, where the way back begins: go back to the image.": lambda net, x, digit: np.eye(10)[
            digit
        ],
        "No entry is negative: whether more ink raises or lowers the logit has been lost.": (
            lambda net, x, digit: np.abs(gradient(net, x, digit))
        ),
        "You return signs: how much a pixel matters has been lost.": lambda net, x, digit: np.sign(
            gradient(net, x, digit)
        ),
        "Right in direction, but scaled to length 1: how much a pixel matters has been lost.": (
            lambda net, x, digit: gradient(net, x, digit) / np.linalg.norm(gradient(net, x, digit))
        ),
        "Right in direction, but scaled by its largest entry: how much a pixel matters has been lost.": (
            lambda net, x, digit: gradient(net, x, digit) / np.abs(gradient(net, x, digit)).max()
        ),
        "You multiply by x: that is how much each pixel contributes, and where the paper is white it is"
        " zero.": (lambda net, x, digit: gradient(net, x, digit) * x),
        "You return a changed image. Asked is the gradient.": lambda net, x, digit: (
            x + gradient(net, x, digit)
        ),
        "You return a batch of one row; x is a single image, and so is its gradient.": lambda net, x, digit: (
            gradient(net, x, digit)[None]
        ),
        "That is the gradient at another image: the one the network has seen before this call. Backward goes"
        " back from the last forward.": lambda net, x, digit: gradient(net, np.zeros_like(x), digit),
    }
    mistakes = [Mistake(wrong, why) for why, wrong in attempts.items()]

    compare(answer, gradient, trials, results=["dx"], hint=hint, mistakes=mistakes)
    return "Right, on four networks of 5 to 20 pixels."
