"""The checks of chapter 01."""

import numpy as np

from nnlib.teach.checks.answers import Mistake, check, compare

__all__ = ["descend", "largest_rate", "line_gradient", "line_step", "raw_line"]


def _mistakes(names, known):
    """Return a `Mistake` for each result of each wrong function; {0} in its text becomes the name."""
    return [
        Mistake(lambda *arguments, wrong=wrong, part=part: wrong(*arguments)[part], why.format(name), name)
        for wrong, why in known
        for part, name in enumerate(names)
    ]


def _data(rng, N):
    """Return N inputs and targets, and a line that is far from them."""
    return rng.uniform(-3, 3, N), rng.uniform(-5, 5, N), rng.uniform(1, 3), rng.uniform(-3, -1)


def _slopes(x, difference, N=None):
    dy_hat = 2 / (N or len(x)) * difference
    return (dy_hat * x).sum(), dy_hat.sum()


def _gradient(x, y, w, b):
    return _slopes(x, w * x + b - y)


def _scaled_gradient(factor):
    """Return a gradient that is off by a factor, a function of N."""
    return lambda x, y, w, b: factor(len(x)) * np.array(_gradient(x, y, w, b))


SQUARED = "ŷ − y is still squared. That is the loss; its slope has lost one power."
GRADIENT_MISTAKES = _mistakes(
    ("dw", "db"),
    [
        (
            _scaled_gradient(lambda N: -1),
            "the opposite sign. Take a single sample with x = 1, and a line that is too high there: raising w"
            " or b makes it worse, so both slopes have to be positive.",
        ),
        (_scaled_gradient(lambda N: 1 / 2), "half of it. What is the slope of a square, u²?"),
        (_scaled_gradient(lambda N: -1 / 2), "half of it, and with the opposite sign."),
        (_scaled_gradient(lambda N: N), "N times too large: L is a mean over the samples, not a sum."),
        (_scaled_gradient(lambda N: N / 2), "N/2 times what it should be: the mean is missing, and a 2."),
        (_scaled_gradient(lambda N: 1 / N), "N times too small: the mean over the samples is taken twice."),
        (
            _scaled_gradient(lambda N: 1 / (2 * N)),
            "2N times too small: the mean is taken twice, a 2 missing.",
        ),
        (
            _scaled_gradient(lambda N: N / 6),
            "right for six samples only. Take their number from x, `len(x)`.",
        ),
        (lambda x, y, w, b: _slopes(x, w * x - y), "the bias is missing from the prediction."),
        (lambda x, y, w, b: _slopes(x, x + b - y), "w is missing from the prediction."),
        (lambda x, y, w, b: _slopes(x, (w * x + b - y) ** 2), SQUARED),
        (lambda x, y, w, b: _slopes(x, (w * x + b - y) ** 2 / 2), SQUARED),
        (
            lambda x, y, w, b: _slopes(x, np.sign(w * x + b - y) / 2),
            "only the sign of ŷ − y is left: that is the slope of the absolute value, not of the square.",
        ),
        (
            lambda x, y, w, b: _slopes(x, np.abs(w * x + b - y)),
            "the signs of ŷ − y are lost: samples above and below the line pull the same way.",
        ),
        (
            lambda x, y, w, b: _slopes(x[:1], (w * x + b - y)[:1], len(x)),
            "only the first sample is in it. Does a `return` stand inside the loop?",
        ),
        (
            lambda x, y, w, b: _slopes(x[-1:], (w * x + b - y)[-1:], len(x)),
            "only the last sample is in it. A loop has to add, `+=`, not write over.",
        ),
    ],
) + [
    Mistake(
        lambda x, y, w, b: _gradient(x, y, w, b)[1],
        "this is db. Either the two results are exchanged, or x is missing: how far does ŷ move when w is"
        " moved by 1?",
        of="dw",
    ),
    Mistake(
        lambda x, y, w, b: w * _gradient(x, y, w, b)[1],
        "multiplied by w. In ŷ = w x + b, how far does ŷ move when w is moved by 1?",
        of="dw",
    ),
    Mistake(
        lambda x, y, w, b: x.mean() * _gradient(x, y, w, b)[1],
        "a product of two means. Multiply sample by sample first, then take the mean of the products.",
        of="dw",
    ),
    Mistake(
        lambda x, y, w, b: x.sum() * _gradient(x, y, w, b)[1],
        "a product of two sums. Multiply sample by sample first, then add the products.",
        of="dw",
    ),
    Mistake(lambda x, y, w, b: _slopes(x**2, w * x + b - y)[0], "x is multiplied in twice.", of="dw"),
    Mistake(
        lambda x, y, w, b: _gradient(x, y, w, b)[0],
        "this is dw. How far does ŷ move when b is moved by 1? Not by x.",
        of="db",
    ),
    Mistake(
        lambda x, y, w, b: b * _gradient(x, y, w, b)[1],
        "multiplied by b. In ŷ = w x + b, how far does ŷ move when b is moved by 1?",
        of="db",
    ),
]


@check
def line_gradient(answer):
    """Check line_gradient(x, y, w, b) -> dw, db of (1.3) and (1.4). See notebooks/01_one_neuron.ipynb."""
    rng = np.random.default_rng(0)
    compare(
        answer,
        _gradient,
        [(_data(rng, N), {"N": N}) for N in (5, 8, 1, 12)],
        results=["dw", "db"],
        hint="what does sample n contribute to dw, by the chain rule? Then add over the samples.",
        mistakes=GRADIENT_MISTAKES,
    )
    return "Right, on four sets of samples, from N = 1 to N = 12."


def _step(x, y, w, b, lr):
    dw, db = _gradient(x, y, w, b)
    return w - lr * dw, b - lr * db


def _scaled_step(factor):
    """Return a step whose gradient is off by a factor, a function of N and the learning rate."""
    return lambda x, y, w, b, lr: _step(x, y, w, b, lr * factor(len(x), lr))


def _w_first(x, y, w, b, lr):
    w, _ = _step(x, y, w, b, lr)
    return w, _step(x, y, w, b, lr)[1]


def _b_first(x, y, w, b, lr):
    _, b = _step(x, y, w, b, lr)
    return _step(x, y, w, b, lr)[0], b


MIXED = (
    "a slope was taken where the other parameter had already moved. Both slopes of a step belong to the same"
    " point: work out dw and db before either of w and b changes."
)
STEPS = [
    (
        _scaled_step(lambda N, lr: -1),
        "you go uphill. Where the slope is positive, the loss rises as {0} is raised, so {0} has to go down."
        " (Two signs count: that of the step, and that of ŷ − y.)",
    ),
    (_scaled_step(lambda N, lr: N), "the step is N times too long: L is a mean over the samples."),
    (
        _scaled_step(lambda N, lr: N / 2),
        "the step is N/2 times as long as it should be: the mean is missing.",
    ),
    (_scaled_step(lambda N, lr: 1 / N), "the step is N times too short: the mean is taken twice."),
    (_scaled_step(lambda N, lr: 1 / 2), "the step has half its length: what is the slope of a square, u²?"),
    (_scaled_step(lambda N, lr: 1 / lr), "the learning rate is missing: the step is the whole slope."),
    (_scaled_step(lambda N, lr: -1 / lr), "the learning rate is missing, and the step goes uphill."),
    (_scaled_step(lambda N, lr: lr), "the learning rate is multiplied in twice."),
    (_scaled_step(lambda N, lr: 0.05 / lr), "the learning rate is 0.05, whatever `lr` is."),
    (_w_first, MIXED),
    (_b_first, MIXED),
]
STEP_MISTAKES = _mistakes(
    "wb",
    [
        (lambda x, y, w, b, lr: (w, b), "{0} has not moved."),
        (lambda x, y, w, b, lr: _gradient(x, y, w, b), "you return the slope d{0}, not the new {0}."),
        (
            lambda x, y, w, b, lr: _step(x, y, w, b, lr) - np.array([w, b]),
            "you return the move alone. The new {0} is the old one plus its move.",
        ),
        (
            lambda x, y, w, b, lr: np.array([w, b]) - _step(x, y, w, b, lr),
            "you return η d{0}. What has to happen to {0} with it?",
        ),
        (
            lambda x, y, w, b, lr: lr * np.array([w, b]) - _gradient(x, y, w, b),
            "the learning rate multiplies the old {0}. It belongs to the slope: it says how far to go.",
        ),
        (
            lambda x, y, w, b, lr: np.array([w, b]) - lr * np.sign(_gradient(x, y, w, b)),
            "only the sign of the slope is left. Where it is steep, the step has to be longer.",
        ),
        *(
            (
                lambda x, y, w, b, lr, step=step: (
                    np.array([w, b]) - step(np.array(_gradient(x, y, w, b)), lr)
                ),
                why,
            )
            for step, why in (
                (
                    lambda g, lr: lr / g,
                    "you divide by the slope. Where it is steep, the step has to be longer.",
                ),
                (
                    lambda g, lr: g / lr,
                    "you divide by the learning rate. A smaller one makes a shorter step.",
                ),
                (lambda g, lr: lr * g[::-1], "dw and db have changed places."),
                (lambda g, lr: lr - g, "you add where the learning rate has to be multiplied by the slope."),
                (lambda g, lr: lr + g, "you add where the learning rate has to be multiplied by the slope."),
            )
        ),
        (
            lambda x, y, w, b, lr: np.array([w, b]) * (1 - lr * np.array(_gradient(x, y, w, b))),
            "the old {0} is multiplied into its move. How far to go depends on the slope alone.",
        ),
        (
            lambda x, y, w, b, lr: _step(x, y, w, b, lr)[::-1],
            "the two results are exchanged: w comes first, then b.",
        ),
        *STEPS,
    ],
)


@check
def line_step(answer):
    """Check line_step(x, y, w, b, lr) -> w, b after one step. See notebooks/01_one_neuron.ipynb."""
    rng = np.random.default_rng(1)
    compare(
        answer,
        _step,
        [((*_data(rng, N), lr), {"N": N, "lr": lr}) for N, lr in ((5, 0.1), (8, 0.03), (1, 0.2))],
        results=["w", "b"],
        hint="if dw is positive, which way does the loss fall? Work out both slopes first, then move both.",
        mistakes=STEP_MISTAKES,
    )
    return "Right, on three sets of samples, each with its own learning rate."


def _repeated(step, more=0):
    """Return the function that makes `n_steps + more` steps."""

    def descend(x, y, w, b, lr, n_steps):
        for _ in range(n_steps + more):
            w, b = step(x, y, w, b, lr)
        return w, b

    return descend


DESCENT_MISTAKES = _mistakes(
    "wb",
    [
        (lambda x, y, w, b, lr, n_steps: (w, b), "{0} has not moved."),
        (
            lambda x, y, w, b, lr, n_steps: _step(x, y, w, b, lr),
            "that is a single step. Does `return` stand inside the loop, or do all steps begin at the start?",
        ),
        (_repeated(_step, more=1), "one step too many."),
        (_repeated(_step, more=-1), "one step too few."),
        (
            lambda x, y, w, b, lr, n_steps: _step(x, y, w, b, n_steps * lr),
            "every step has the slope of the start. The slope changes as you move.",
        ),
        (
            lambda x, y, w, b, lr, n_steps: _repeated(_step)(x, y, 0, 0, lr, n_steps),
            "the descent starts at w = 0, b = 0, not at the w and b that it is given.",
        ),
        (_repeated(lambda x, y, w, b, lr: (_step(x, y, w, b, lr)[0], b)), "b never moves."),
        *((_repeated(step), why) for step, why in STEPS),
    ],
)


@check
def descend(answer):
    """Check descend(x, y, w, b, lr, n_steps) -> w, b after all steps. See notebooks/01_one_neuron.ipynb."""
    rng = np.random.default_rng(2)
    compare(
        answer,
        _repeated(_step),
        [  # few and short steps: near the bottom, one more or less would not be seen
            ((*_data(rng, N), lr, n_steps), {"N": N, "n_steps": n_steps})
            for N, lr, n_steps in ((5, 0.03, 4), (8, 0.02, 7), (1, 0.01, 3))
        ],
        results=["w", "b"],
        hint="what is the same in every step? Put it into a loop, and begin at the w and b that are given.",
        mistakes=DESCENT_MISTAKES,
    )
    return "Right, on three sets of samples, from 3 to 7 steps."


def _hessian(x):
    return 2 * np.array([[np.mean(x * x), np.mean(x)], [np.mean(x), 1]])


def _largest_rate(x):
    return 2 / np.linalg.eigvalsh(_hessian(x))[-1]


RATE_MISTAKES = [
    Mistake(
        lambda x: _largest_rate(x) / 2,
        "half the largest. With this one the steepest direction is at its bottom after one step. May a step"
        " go beyond the bottom?",
    ),
    Mistake(lambda x: 2 / _largest_rate(x), "that is λ_max itself, not a rate."),
    Mistake(lambda x: 1 / (2 / _largest_rate(x)) ** 2, "that is 1/λ_max². Which factor must stay above −1?"),
    Mistake(
        lambda x: 2 / np.linalg.eigvalsh(_hessian(x))[0],
        "that is 2/λ_min, the limit of the flattest direction. Which direction breaks out first?",
    ),
    Mistake(
        lambda x: 2 / np.trace(_hessian(x)),
        "that is 2/(λ_min + λ_max). It converges, and so do larger ones.",
    ),
    Mistake(lambda x: 2 * _largest_rate(x), "twice the largest. Is the 2 in the entries of H?"),
    Mistake(lambda x: _largest_rate(x) / len(x), "N times too small: the entries of H are means, not sums."),
    Mistake(
        lambda x: 2 * _largest_rate(x) / len(x),
        "2/N times what it should be: the entries of H are means, not sums, and they have a factor 2.",
    ),
    Mistake(
        lambda x: 2 / np.linalg.norm(_hessian(x)),
        "`np.linalg.norm` is no eigenvalue: it is the root of the sum of their squares.",
    ),
    Mistake(
        lambda x: 2 / np.linalg.det(_hessian(x)),
        "the determinant is the product of both eigenvalues. Which of the two sets the limit?",
    ),
    Mistake(
        lambda x: 1 / np.linalg.eigvalsh([[np.sum(x * x), np.sum(x)], [np.sum(x), 1]])[-1],
        "sums stand in H where means belong.",
    ),
    Mistake(
        lambda x: 1 / np.mean(x * x),
        "that is the limit if b stood still. The bowl has a direction that is steeper than that of w.",
    ),
    Mistake(
        lambda x: 1 / max(np.var(x), 1),
        "you take the mean of x away first. That is another bowl, one whose axes are those of w and b.",
    ),
    Mistake(
        lambda x: 2 / np.linalg.eigvalsh(2 * np.array([[x.mean() ** 2, x.mean()], [x.mean(), 1]]))[-1],
        "the square of the mean stands where the mean of the squares belongs.",
    ),
]


@check
def largest_rate(answer):
    """Check largest_rate(x) -> 2/λ_max of (1.8). See notebooks/01_one_neuron.ipynb."""
    rng = np.random.default_rng(3)
    name, hint = (
        "the largest rate",
        "H has four entries and two eigenvalues. Which of the two sets the limit?",
    )
    trials = [((rng.uniform(-1, 4, N),), {"N": N}) for N in (5, 8, 12)]
    compare(answer, _largest_rate, trials, results=[name], hint=hint, mistakes=RATE_MISTAKES)
    trials = [((np.array([x]),), {"N": 1}) for x in (2.0, -0.5)]  # λ_min is 0: no mistake divides by it
    compare(answer, _largest_rate, trials, results=[name], hint=hint)
    return "Right, on five sets of inputs, two of them with a single sample."


def _raw_line(w, b, m, s):
    return w / s, b - w * m / s


RAW_MISTAKES = [
    Mistake(lambda w, b, m, s: w, "unchanged. How far does the line rise over one kilogram?", of="w"),
    Mistake(lambda w, b, m, s: w * s, "multiplied by s. How many kilograms are one s?", of="w"),
    Mistake(lambda w, b, m, s: (w - m) / s, "a slope has no mean to take away.", of="w"),
    *(
        Mistake(wrong, "m has no part in a slope: to shift a line to the side does not tilt it.", of="w")
        for wrong in (
            lambda w, b, m, s: w * s + m,
            lambda w, b, m, s: w / s + m,
            lambda w, b, m, s: w / s - m,
            lambda w, b, m, s: w - m,
        )
    ),
    Mistake(
        lambda w, b, m, s: b,
        "unchanged. b is the height of the line where its input is 0. Which x was that, and which is it now?",
        of="b",
    ),
    Mistake(
        lambda w, b, m, s: b + w * m / s,
        "the wrong sign. Put x = m into your line: b has to come out.",
        of="b",
    ),
    Mistake(
        lambda w, b, m, s: b - w * m,
        "the old slope times m. The line for x has another slope, the one that you return.",
        of="b",
    ),
    Mistake(
        lambda w, b, m, s: b + w * m,
        "the old slope times m, and the wrong sign. Put x = m into your line: b has to come out.",
        of="b",
    ),
    Mistake(
        lambda w, b, m, s: b - w * m / s**2,
        "divided by s once too often. Had w already changed when you used it?",
        of="b",
    ),
    Mistake(
        lambda w, b, m, s: b - m / s, "what a shift by m/s does to the line depends on its slope.", of="b"
    ),
    *(
        Mistake(wrong, "m is an x, and b a height: one cannot be taken from the other.", of="b")
        for wrong in (lambda w, b, m, s: b - m, lambda w, b, m, s: (b - m) / s)
    ),
    Mistake(lambda w, b, m, s: b - w / s, "m is not in it. Where was x when x' was 0?", of="b"),
    Mistake(lambda w, b, m, s: m - b * w / s, "b and m have changed places.", of="b"),
    Mistake(
        lambda w, b, m, s: (b - w * m) / s,
        "all of it is divided by s. Multiply out w (x − m)/s + b: which terms have an s under them?",
        of="b",
    ),
    Mistake(
        lambda w, b, m, s: b / s,
        "b is divided by s, and m is not in it. Multiply out w (x − m)/s + b: which terms have no x?",
        of="b",
    ),
]


@check
def raw_line(answer):
    """Check raw_line(w, b, m, s) -> w, b for x instead of (x − m)/s. See notebooks/01_one_neuron.ipynb."""
    rng = np.random.default_rng(4)
    means = rng.uniform(2, 5, 3) * (1, -1, 1)
    compare(
        answer,
        _raw_line,
        [((rng.uniform(1, 3), rng.uniform(-4, 4), m, rng.uniform(1.5, 3)), {}) for m in means],
        results=["w", "b"],
        hint="multiply out w (x − m)/s + b. What stands before x, and what is left?",
        mistakes=RAW_MISTAKES,
    )
    return "Right, on three lines."
