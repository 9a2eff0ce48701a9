"""The checks of chapter 10."""

import math

import numpy as np

from nnlib import warmup_cosine
from nnlib.teach.checks.answers import Mistake, check, compare

__all__ = ["adam_step", "init_scale", "momentum_step", "schedule"]


def _scale(n_in, n_out, slope):
    return math.sqrt(2 / (n_in * (1 + slope**2)))


SCALE_MISTAKES = [
    (
        "That is the variance of the weights. A random number is multiplied by its standard deviation.",
        [lambda n_in, n_out, slope: 2 / (n_in * (1 + slope**2))],
    ),
    (
        "That is the scale for tanh, (10.2): it takes E[A²] to be all of E[Z²]. How much does this activation"
        " leave of it?",
        [lambda n_in, n_out, slope: math.sqrt(1 / n_in)],
    ),
    (
        "That is Xavier's compromise, which takes E[A²] to be all of E[Z²], and thinks of the way back too.",
        [lambda n_in, n_out, slope: math.sqrt(2 / (n_in + n_out))],
    ),
    (
        "Right for ReLU, whose slope is 0 on the left. Here the negative half is not lost, only made smaller:"
        " what does it add to E[A²]?",
        [lambda n_in, n_out, slope: math.sqrt(2 / n_in)],
    ),
    (
        "You have counted the outputs. A unit's sum runs over what comes in.",
        [
            lambda n_in, n_out, slope: _scale(n_out, n_in, slope),
            lambda n_in, n_out, slope: math.sqrt(2 / n_out),
            lambda n_in, n_out, slope: math.sqrt(1 / n_out),
        ],
    ),
    (
        "You take the mean of inputs and outputs. To keep the spread of Z on the way forward, only those"
        " count that a sum runs over.",
        [lambda n_in, n_out, slope: math.sqrt(4 / ((n_in + n_out) * (1 + slope**2)))],
    ),
    (
        "The slope is not squared. E[A²] is a mean of squares: what becomes of (slope · z)²?",
        [lambda n_in, n_out, slope: math.sqrt(2 / (n_in * (1 + slope)))],
    ),
    (
        "1 + slope is squared as a whole. The two halves of E[A²] are squared each by itself.",
        [lambda n_in, n_out, slope: math.sqrt(2 / (n_in * (1 + slope) ** 2))],
    ),
    (
        "E[A²] is in the numerator. The less the activation leaves, the larger the weights have to be.",
        [lambda n_in, n_out, slope: math.sqrt((1 + slope**2) / (2 * n_in))],
    ),
    (
        "The half is missing: each half of the numbers, the positive and the negative one, has only half of"
        " E[Z²].",
        [lambda n_in, n_out, slope: math.sqrt(1 / (n_in * (1 + slope**2)))],
    ),
    (
        "You let the negative half take away from the positive one. Both are squares, so they add.",
        [lambda n_in, n_out, slope: math.sqrt(2 / (n_in * (1 - slope**2)))],
    ),
    (
        "That is the bound of a uniform law, whose standard deviation is √3 times smaller.",
        [lambda n_in, n_out, slope: math.sqrt(6 / (n_in * (1 + slope**2)))],
    ),
    (
        "Brackets are missing: `2 / a * b` divides by a alone, and multiplies by b.",
        [
            lambda n_in, n_out, slope: math.sqrt(2 / (1 + slope**2) * n_in),
            lambda n_in, n_out, slope: math.sqrt(2 / n_in * (1 + slope**2)),
            lambda n_in, n_out, slope: math.sqrt(2 / 1 + slope**2 * n_in),
        ],
    ),
    (
        "The root is taken of a part only: σ² is all of Var(w), 1/n_in and the factor before it.",
        [
            lambda n_in, n_out, slope: math.sqrt(2 / (1 + slope**2)) / n_in,
            lambda n_in, n_out, slope: 2 / (1 + slope**2) / math.sqrt(n_in),
        ],
    ),
    (
        "That is 1/σ.",
        [lambda n_in, n_out, slope: 1 / _scale(n_in, n_out, slope)],
    ),
]


@check
def init_scale(answer):
    """Check init_scale(n_in, n_out, slope) -> σ. See notebooks/10_initialisation_and_optimisers.ipynb."""
    cases = [(512, 300, 0.0), (784, 128, 0.01), (100, 700, 0.5), (60, 90, 0.2), (5, 1, 0.9)]
    compare(
        answer,
        _scale,
        [((n_in, n_out, slope), {"n_in": n_in, "n_out": n_out}) for n_in, n_out, slope in cases],
        results=["σ"],
        hint="half of the numbers z are negative. What is E[A²], as a share of E[Z²]? Then ask (10.1) for"
        " Var(Z) of one layer to be Var(Z) of the next.",
        mistakes=[Mistake(wrong, why) for why, attempts in SCALE_MISTAKES for wrong in attempts],
    )
    return "Right, for five layers, from slope 0, which is ReLU, to 0.9."


def _momentum(p, g, v, lr, beta):
    v = beta * v + g
    return p - lr * v, v


MOMENTUM_MISTAKES = [
    (
        lambda p, g, v, lr, beta: (p + lr * (beta * v + g), beta * v + g),
        "the parameters go up the slope: p moves against v.",
    ),
    (
        lambda p, g, v, lr, beta: (p - lr * v, beta * v + g),
        "p moves with the old v, as it was before this gradient came in.",
    ),
    (
        lambda p, g, v, lr, beta: (p - lr * g, beta * v + g),
        "p moves with g alone: v is kept, and never used.",
    ),
    (
        lambda p, g, v, lr, beta: (p - (beta * v + g), beta * v + g),
        "the learning rate is missing.",
    ),
    (
        lambda p, g, v, lr, beta: (p - lr * (beta * v + (1 - beta) * g), beta * v + (1 - beta) * g),
        "g comes in with the factor 1 − β. That is a moving mean, as Adam has it; in (10.5) v is a sum.",
    ),
    (
        lambda p, g, v, lr, beta: (p - beta * v - lr * g, beta * v + lr * g),
        "the learning rate is inside v. That is another common form, and the same as long as η stays; (10.5)"
        " keeps it out, so that a schedule acts at once.",
    ),
    (
        lambda p, g, v, lr, beta: (p + beta * v - lr * g, beta * v - lr * g),
        "v holds steps, sign and learning rate included. That is another common form; (10.5) sums gradients.",
    ),
    (
        lambda p, g, v, lr, beta: (p + lr * (beta * v - g), beta * v - g),
        "v points downhill, and p adds it. That is another common form; (10.5) sums gradients, and takes v"
        " away.",
    ),
    (
        lambda p, g, v, lr, beta: (p - lr * (beta * v + lr * g), beta * v + lr * g),
        "the learning rate counts twice, in v and in the step.",
    ),
    (
        lambda p, g, v, lr, beta: (p - lr * (0.9 * v + g), 0.9 * v + g),
        "β is always 0.9: take the `beta` that is handed in.",
    ),
    (
        lambda p, g, v, lr, beta: (p - lr * (v + g), v + g),
        "nothing is forgotten: β is missing, and v grows for ever.",
    ),
    (
        lambda p, g, v, lr, beta: (p - lr * (v + beta * g), v + beta * g),
        "β stands at the new gradient. It is the old v that fades.",
    ),
    (
        lambda p, g, v, lr, beta: (p - lr * beta * (v + g), beta * (v + g)),
        "the new gradient fades too: only the old v is multiplied by β.",
    ),
    (
        lambda p, g, v, lr, beta: (p - lr * ((1 - beta) * v + g), (1 - beta) * v + g),
        "v keeps the share 1 − β; it should keep β.",
    ),
    (
        lambda p, g, v, lr, beta: (p - lr * (beta * v - g), beta * v - g),
        "the gradient is taken away from v, where (10.5) adds it.",
    ),
    (
        lambda p, g, v, lr, beta: (p - lr * (g + beta * (beta * v + g)), beta * v + g),
        "p looks one step ahead: that is Nesterov's momentum. (10.5) moves with v itself.",
    ),
    (
        lambda p, g, v, lr, beta: (beta * v + g, p - lr * (beta * v + g)),
        "the two results are exchanged: first p, then v.",
    ),
    (
        lambda p, g, v, lr, beta: (-lr * (beta * v + g), beta * v + g),
        "that is the move. The new p is the old one plus its move.",
    ),
    (
        lambda p, g, v, lr, beta: (lr * (beta * v + g), beta * v + g),
        "that is what the step takes away; the old p is missing.",
    ),
    (lambda p, g, v, lr, beta: (p, v), "unchanged."),
]


def _each(mistakes, names):
    """Return a `Mistake` for every result of every wrong function."""
    return [
        Mistake(lambda *arguments, wrong=wrong, part=part: wrong(*arguments)[part], why, name)
        for wrong, why in mistakes
        for part, name in enumerate(names)
    ]


@check
def momentum_step(answer):
    """Check momentum_step(p, g, v, …) -> p, v. See notebooks/10_initialisation_and_optimisers.ipynb."""
    rng = np.random.default_rng(0)
    cases = [((4, 3), 0.1, 0.9), ((5,), 0.03, 0.5), ((1, 6), 0.5, 0.8), ((2, 7), 0.2, 0.99)]
    compare(
        answer,
        _momentum,
        [((*rng.standard_normal((3, *shape)), lr, beta), {"lr": lr, "β": beta}) for shape, lr, beta in cases],
        results=["p", "v"],
        hint="two lines, and the order matters: the velocity first, then the parameters.",
        mistakes=_each(MOMENTUM_MISTAKES, "pv"),
    )
    return "Right, on four arrays."


def _adam(
    p,
    g,
    m,
    v,
    t,
    lr,
    beta1,
    beta2,
    eps,
    *,
    mean=lambda m, g, beta1, beta2: beta1 * m + (1 - beta1) * g,
    square=lambda v, g, beta1, beta2: beta2 * v + (1 - beta2) * g**2,
    share1=lambda t, beta1, beta2: 1 - beta1**t,
    share2=lambda t, beta1, beta2: 1 - beta2**t,
    move=lambda g, m_hat, v_hat, lr, eps: lr * m_hat / (np.sqrt(v_hat) + eps),
):
    """The right way, each part of which a mistake may replace."""
    m, v = mean(m, g, beta1, beta2), square(v, g, beta1, beta2)
    m_hat, v_hat = m / share1(t, beta1, beta2), v / share2(t, beta1, beta2)
    return p - move(g, m_hat, v_hat, lr, eps), m, v


def _with(**parts):
    return lambda *arguments: _adam(*arguments, **parts)


def _one(t, beta1, beta2):
    return np.float64(1)


def _eps_before_the_correction(p, g, m, v, t, lr, beta1, beta2, eps):
    scale = np.sqrt(1 - beta2**t)
    return _adam(p, g, m, v, t, lr, beta1, beta2, eps / scale)


def _old(*parts):
    """Return a step that uses m or v, or both, from before this gradient."""

    def step(p, g, m, v, t, lr, beta1, beta2, eps):
        _, new_m, new_v = _adam(p, g, m, v, t, lr, beta1, beta2, eps)
        keep = dict.fromkeys(parts, lambda old, *_: old)
        return _adam(p, g, m, v, t, lr, beta1, beta2, eps, **keep)[0], new_m, new_v

    return step


def _returns_corrected(p, g, m, v, t, lr, beta1, beta2, eps):
    p, m, v = _adam(p, g, m, v, t, lr, beta1, beta2, eps)
    return p, m / (1 - beta1**t), v / (1 - beta2**t)


def _counted_from(shift):
    """Return a step whose count is off; at t = 0 the division by 1 − β⁰ gives what NumPy makes of it."""

    def step(p, g, m, v, t, *rates):
        return _adam(p, g, m, v, np.float64(t + shift), *rates)

    return step


WRONG_SHARES = [  # of E[g] in a mean after t steps
    (lambda t, beta: beta**t, "you divide by βᵗ, what is still missing. What is there is 1 − βᵗ."),
    (lambda t, beta: 1 - beta, "the correction has β for βᵗ: it never fades, though the bias does."),
    (
        lambda t, beta: 1 - beta * t,
        "the correction has β t. How much of the zero is left after t steps: a product of t factors.",
    ),
    (
        lambda t, beta: (1 - beta) ** t,
        "the power is taken of 1 − β. It is β that is multiplied in at each step: 1 − βᵗ, not (1 − β)ᵗ.",
    ),
    (
        lambda t, beta: 1 / (1 - beta**t),
        "you multiply by 1 − βᵗ. It is how much is there: to have all of it, divide.",
    ),
]


def _wrong_shares():
    """Yield the step with each wrong correction, of both means or of one, and its diagnosis."""
    for wrong, why in WRONG_SHARES:
        parts = {
            "share1": lambda t, beta1, beta2, wrong=wrong: wrong(t, beta1),
            "share2": lambda t, beta1, beta2, wrong=wrong: wrong(t, beta2),
        }
        yield _with(**parts), why
        yield _with(share1=parts["share1"]), why
        yield _with(share2=parts["share2"]), why


ADAM_MISTAKES = [
    (
        _with(share1=_one, share2=_one),
        "no bias correction. m and v begin at zero; (10.7) says how much of E[g] they hold after t steps.",
    ),
    (_with(share2=_one), "only m is corrected; v begins at zero too."),
    (_with(share1=_one), "only v is corrected; m begins at zero too."),
    (
        _counted_from(-1),
        "the correction has t − 1 for t. The first step is t = 1; at 0 it would divide by 1 − β⁰ = 0.",
    ),
    (
        _counted_from(1),
        "the correction has t + 1 for t. You are given the number of this step.",
    ),
    *_wrong_shares(),
    (
        _with(share1=lambda t, b1, b2: 1 - b2**t, share2=lambda t, b1, b2: 1 - b1**t),
        "the β's of the two corrections are exchanged.",
    ),
    (
        _with(share2=lambda t, b1, b2: 1 - b1**t),
        "v is corrected with β₁. It fades with β₂.",
    ),
    (
        _with(share1=lambda t, b1, b2: 1 - b2**t),
        "m is corrected with β₂. It fades with β₁.",
    ),
    (
        lambda p, g, m, v, t, lr, beta1, beta2, eps: _adam(p, g, m, v, t, lr, beta2, beta1, eps),
        "the β's are exchanged: β₁ belongs to m, β₂ to v.",
    ),
    (
        lambda p, g, m, v, t, lr, beta1, beta2, eps: _adam(p, g, m, v, t, lr, beta1, beta1, eps),
        "v fades with β₁, and is corrected with it. Both belong to m; v has β₂.",
    ),
    (
        lambda p, g, m, v, t, lr, beta1, beta2, eps: _adam(p, g, m, v, t, lr, beta2, beta2, eps),
        "m fades with β₂, and is corrected with it. Both belong to v; m has β₁.",
    ),
    (
        lambda p, g, m, v, t, lr, beta1, beta2, eps: _adam(p, g, m, v, t, lr, 0.9, 0.999, eps),
        "the β's are always 0.9 and 0.999: take those that are handed in.",
    ),
    (
        lambda p, g, m, v, t, lr, beta1, beta2, eps: _adam(p, g, m, v, t, lr, 0.9, 0.999, 1e-8),
        "the β's and ε are always 0.9, 0.999 and 1e-8: take those that are handed in.",
    ),
    (
        lambda p, g, m, v, t, lr, beta1, beta2, eps: _adam(p, g, m, v, t, lr, beta1, beta2, 1e-8),
        "ε is always 1e-8: take the `eps` that is handed in.",
    ),
    (
        _with(square=lambda v, g, b1, b2: b1 * v + (1 - b1) * g**2),
        "v fades with β₁. It has a β of its own.",
    ),
    (
        _with(mean=lambda m, g, b1, b2: b2 * m + (1 - b2) * g),
        "m fades with β₂. It has a β of its own.",
    ),
    (
        _with(
            mean=lambda m, g, b1, b2: (1 - b1) * m + b1 * g,
            square=lambda v, g, b1, b2: (1 - b2) * v + b2 * g**2,
        ),
        "β and 1 − β are exchanged: most of the old mean is kept.",
    ),
    (
        _with(mean=lambda m, g, b1, b2: (1 - b1) * m + b1 * g),
        "β₁ and 1 − β₁ are exchanged: most of the old mean is kept.",
    ),
    (
        _with(square=lambda v, g, b1, b2: (1 - b2) * v + b2 * g**2),
        "β₂ and 1 − β₂ are exchanged: most of the old mean is kept.",
    ),
    (
        _with(mean=lambda m, g, b1, b2: b1 * m + g, square=lambda v, g, b1, b2: b2 * v + g**2),
        "the factors 1 − β are missing: those are sums, and the correction (10.7) is for means.",
    ),
    (_with(mean=lambda m, g, b1, b2: b1 * m + g), "the factor 1 − β₁ is missing from m."),
    (_with(square=lambda v, g, b1, b2: b2 * v + g**2), "the factor 1 − β₂ is missing from v."),
    (
        _with(square=lambda v, g, b1, b2: b2 * v + (1 - b2) * g),
        "v is made of g, not of g²: it is a mean of squares.",
    ),
    (
        _with(square=lambda v, g, b1, b2: b2 * v + (1 - b2) * np.abs(g)),
        "v is made of the size of g, not of its square.",
    ),
    (
        _with(square=lambda v, g, b1, b2: b2 * v + ((1 - b2) * g) ** 2),
        "the factor 1 − β₂ is squared together with g.",
    ),
    (
        lambda p, g, m, v, t, lr, b1, b2, eps: _adam(
            *(p, g, m, v, t, lr, b1, b2, eps),
            square=lambda v, g, *_: b2 * v + (1 - b2) * (b1 * m + (1 - b1) * g) ** 2,
        ),
        "v is made of m², not of g²: it should see how much the gradients scatter, before they are averaged.",
    ),
    (
        _with(move=lambda g, m_hat, v_hat, lr, eps: lr * m_hat / np.sqrt(v_hat + eps)),
        "ε stands inside the root. (10.6) adds it after: √ε is ten thousand times 1e-8.",
    ),
    (
        _eps_before_the_correction,
        "ε is added before v is corrected. The step is the same but for an ε that changes with t.",
    ),
    (
        _with(move=lambda g, m_hat, v_hat, lr, eps: lr * m_hat / np.sqrt(v_hat)),
        "ε is missing. Where all gradients so far were zero, that divides by zero.",
    ),
    *(
        (
            _with(move=lambda g, m_hat, v_hat, lr, eps, sign=sign: lr * m_hat / np.sqrt(v_hat) + sign * eps),
            "ε is added to the step, not to √v: a pair of brackets is missing.",
        )
        for sign in (1, -1)
    ),
    (
        _with(move=lambda g, m_hat, v_hat, lr, eps: lr * m_hat / (v_hat + eps)),
        "the root is missing: v is a mean of squares, and a step is measured in g, not in g².",
    ),
    (
        _with(move=lambda g, m_hat, v_hat, lr, eps: lr * np.sqrt(m_hat) / (v_hat + eps)),
        "the root is taken of m, which can be negative. It belongs to v.",
    ),
    (
        _with(move=lambda g, m_hat, v_hat, lr, eps: lr * v_hat / (np.sqrt(m_hat) + eps)),
        "m and v are exchanged in the step: the mean goes on top, the root of the squares below.",
    ),
    (
        _with(move=lambda g, m_hat, v_hat, lr, eps: lr * g / (np.sqrt(v_hat) + eps)),
        "the step has g on top: that is RMS alone, (10.6). Adam puts the mean there.",
    ),
    (
        _with(move=lambda g, m_hat, v_hat, lr, eps: lr * m_hat),
        "v has no part in the step: that is a mean of gradients, with nothing to scale it.",
    ),
    (
        _with(move=lambda g, m_hat, v_hat, lr, eps: -lr * m_hat / (np.sqrt(v_hat) + eps)),
        "the parameters go up the slope: a minus is missing.",
    ),
    (
        _with(move=lambda g, m_hat, v_hat, lr, eps: m_hat / (np.sqrt(v_hat) + eps)),
        "the learning rate is missing.",
    ),
    (_old("mean", "square"), "the step uses the old m and v, from before this gradient."),
    (_old("mean"), "the step uses the old m, from before this gradient."),
    (_old("square"), "the step uses the old v, from before this gradient."),
    (
        _returns_corrected,
        "you return the corrected mean. The next step needs it as it was before the correction: else it is"
        " corrected twice.",
    ),
    (
        lambda *arguments: (lambda p, m, v: (p, v, m))(*_adam(*arguments)),
        "m and v are exchanged in what you return: first p, then m, then v.",
    ),
    (
        lambda *arguments: (lambda p, m, v: (m, v, p))(*_adam(*arguments)),
        "the order is p, m, v.",
    ),
    (
        lambda p, *others: (lambda new, m, v: (new - p, m, v))(*_adam(p, *others)),
        "that is the move. The new p is the old one plus its move.",
    ),
    (
        lambda p, *others: (lambda new, m, v: (p - new, m, v))(*_adam(p, *others)),
        "that is what the step takes away; the old p is missing.",
    ),
    (lambda p, g, m, v, *rates: (p, m, v), "unchanged."),
]


@check
def adam_step(answer):
    """Check adam_step(p, g, m, v, t, …) -> p, m, v. See notebooks/10_initialisation_and_optimisers.ipynb."""
    rng = np.random.default_rng(0)
    trials = []
    for shape, *rates in [
        ((4, 3), 1, 0.1, 0.9, 0.99, 0.05),
        ((5,), 2, 0.03, 0.6, 0.95, 0.2),
        ((1, 6), 7, 0.5, 0.8, 0.97, 0.01),
        ((2, 7), 30, 0.2, 0.95, 0.9, 0.1),
    ]:
        p, g, m = rng.standard_normal((3, *shape))
        v = rng.uniform(0.1, 2, shape)
        if rates[0] == 1:
            m, v = np.zeros(shape), np.zeros(shape)
            g[0] = 0  # nothing but ε keeps the quotient finite there
        trials.append(((p, g, m, v, *rates), {"t": rates[0], "lr": rates[1]}))
    with np.errstate(all="ignore"):  # a root of m is told in words
        compare(
            answer,
            lambda p, g, m, v, t, lr, beta1, beta2, eps: _adam(p, g, m, v, t, lr, beta1, beta2, eps),
            trials,
            results=["p", "m", "v"],
            hint="five lines: the two moving means, each of them divided by what (10.7) says, and the step.",
            mistakes=_each(ADAM_MISTAKES, "pmv"),
        )
    return "Right, on four arrays, from the first step to the 30th."


def _schedule(t, peak, warmup, total):
    return warmup_cosine(peak, warmup=warmup, total=total)(t)


def _cosine(t, peak, warmup, total):
    return peak * (1 + math.cos(math.pi * (t - warmup) / (total - warmup))) / 2


def _two(rise, fall):
    """Return a schedule that rises by one function and falls by the other."""
    return lambda t, peak, warmup, total: (rise if t <= warmup else fall)(t, peak, warmup, total)


def _rise(t, peak, warmup, total):
    return peak * t / warmup


def _falls(share):
    """Return a schedule that falls as `share` does, a function of the way that is done, from 0 to 1."""
    return _two(_rise, lambda t, peak, warmup, total: peak * share((t - warmup) / (total - warmup)))


SCHEDULE_MISTAKES = [
    (_cosine, "there is no warm-up: before the peak the rate should rise in a straight line."),
    (
        lambda t, peak, warmup, total: peak * (1 + math.cos(math.pi * t / total)) / 2,
        "there is no warm-up, only a cosine from the first step to the last.",
    ),
    (
        _two(_rise, lambda t, peak, warmup, total: peak * (1 + math.cos(math.pi * t / total)) / 2),
        "the cosine counts from step 0, so the rate jumps at the end of the warm-up. It should begin where"
        " the warm-up ends.",
    ),
    (
        _two(_rise, lambda t, peak, warmup, total: peak * (1 + math.cos(math.pi * t / (total - warmup))) / 2),
        "the cosine counts from step 0, not from the end of the warm-up: it begins too low.",
    ),
    (
        _two(
            _rise,
            lambda t, peak, warmup, total: peak * (1 + math.cos(180 * (t - warmup) / (total - warmup))) / 2,
        ),
        "half a wave is 180 degrees, but the cosine takes its angle in radians.",
    ),
    (
        _two(_rise, lambda t, peak, warmup, total: peak * (1 + math.cos(math.pi * (t - warmup) / total)) / 2),
        "the cosine is stretched over all steps: how many are left after the warm-up?",
    ),
    (
        _two(
            _rise,
            lambda t, peak, warmup, total: peak * (1 + math.cos((t - warmup) / (total - warmup))) / 2,
        ),
        "π is missing: the cosine reaches −1 at π, not at 1.",
    ),
    (
        _two(
            _rise,
            lambda t, peak, warmup, total: peak * math.cos(math.pi * (t - warmup) / (total - warmup)),
        ),
        "the cosine goes down to −1, and your rate with it. It has to end at 0.",
    ),
    (
        _two(
            _rise,
            lambda t, peak, warmup, total: peak * math.cos(math.pi / 2 * (t - warmup) / (total - warmup)),
        ),
        "that is a quarter of a wave: it ends steeply, where half a wave ends gently.",
    ),
    (
        _two(
            _rise,
            lambda t, peak, warmup, total: peak * (1 + math.cos(math.pi * (t - warmup) / (total - warmup))),
        ),
        "after the warm-up it begins at twice the peak: 1 + cos runs from 2 to 0.",
    ),
    (
        _two(
            _rise,
            lambda t, peak, warmup, total: (
                peak * (1 - math.cos(math.pi * (t - warmup) / (total - warmup))) / 2
            ),
        ),
        "after the warm-up it drops to 0 and rises. Which sign has the cosine?",
    ),
    (
        _two(_rise, lambda t, peak, warmup, total: peak * (total - t) / (total - warmup)),
        "after the peak it falls in a straight line. (10.9) falls with half a wave of the cosine.",
    ),
    (_two(_rise, lambda t, peak, warmup, total: peak), "after the warm-up it stays at the peak."),
    (
        _falls(lambda x: math.cos(math.pi * x) / 2),
        "the cosine goes down to −1, and your rate with it: 1 + is missing.",
    ),
    (
        _falls(lambda x: (1 + math.cos(math.pi) * x) / 2),
        "the way that is done stands outside of the cosine, which is −1 at every step.",
    ),
    (
        _falls(lambda x: (1 + math.cos(2 * math.pi * x)) / 2),
        "that is a whole wave: half way it is at 0, and at the end at the peak again.",
    ),
    (
        _falls(lambda x: (1 + math.sin(math.pi * x)) / 2),
        "the sine begins at 0 and ends there. Which function begins at 1 and is at −1 half a wave later?",
    ),
    (
        _two(
            _rise,
            lambda t, peak, warmup, total: peak / 2 * 1 + math.cos(math.pi * (t - warmup) / (total - warmup)),
        ),
        "a pair of brackets is missing: the peak has to multiply the whole sum 1 + cos.",
    ),
    *(
        (
            _two(_rise, lambda t, peak, *steps, angle=angle: peak * (1 + math.cos(angle(t, *steps))) / 2),
            "brackets are missing in the cosine: all of t − t_w is divided, and by all of T − t_w.",
        )
        for angle in (
            lambda t, warmup, total: math.pi * (t - warmup) / total - warmup,
            lambda t, warmup, total: math.pi * t - warmup / (total - warmup),
            lambda t, warmup, total: math.pi * t - warmup / total - warmup,
        )
    ),
    *(
        (
            _two(rise, _cosine),
            "in the warm-up the rate should rise in a straight line from step to step, and reach the peak at"
            " its end.",
        )
        for rise in (
            lambda t, peak, warmup, total: peak,
            lambda t, peak, warmup, total: peak * (t // warmup),
        )
    ),
    *(
        (
            _two(
                _rise,
                lambda t, peak, warmup, total, first=first, last=last: _cosine(
                    t, peak, warmup + first, total + last
                ),
            ),
            "the cosine is a step off. It leaves the peak at the end of the warm-up, t = t_w, and is at 0 at"
            " the last step, t = T.",
        )
        for first, last in [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1)]
    ),
    (
        _two(lambda t, peak, warmup, total: peak * (t - 1) / warmup, _cosine),
        "the first step, t = 1, has the rate 0: steps count from 1, so no step is made at t = 0.",
    ),
    (
        _two(lambda t, peak, warmup, total: peak * (t + 1) / warmup, _cosine),
        "the warm-up is a step ahead, and goes beyond the peak: steps count from 1.",
    ),
    (
        _two(lambda t, peak, warmup, total: peak * t / total, _cosine),
        "the warm-up rises over all steps, and jumps at its end.",
    ),
    (_two(lambda t, peak, warmup, total: t / warmup, _cosine), "the peak is missing from the warm-up."),
    (
        lambda t, peak, warmup, total: _schedule(t, 1, warmup, total),
        "the peak is missing: yours goes up to 1.",
    ),
    (
        lambda t, peak, warmup, total: _rise(t, peak, warmup, total) if warmup else peak,
        "it goes on rising after the warm-up.",
    ),
]


@check
def schedule(answer):
    """Check schedule(t, peak, …) -> η(t). See notebooks/10_initialisation_and_optimisers.ipynb."""
    cases = [
        *((t, 0.3, 10, 50) for t in (1, 5, 10, 11, 30, 47)),
        *((t, 0.02, 3, 100) for t in (1, 2, 3, 4, 99)),
        *((t, 0.5, 0, 20) for t in (1, 10, 19)),
    ]
    compare(
        answer,
        _schedule,
        [(case, dict(zip(("t", "peak", "warmup", "total"), case, strict=True))) for case in cases],
        results=["η"],
        hint="two cases: t up to warmup, and t after it. How much of the way down has been made at t?",
        mistakes=[Mistake(wrong, why) for wrong, why in SCHEDULE_MISTAKES],
    )
    return "Right, at 14 steps of three schedules, one of them without a warm-up."
