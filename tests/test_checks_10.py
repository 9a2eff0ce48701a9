"""The checks of chapter 10: each wrong answer earns its diagnosis, each right one passes."""

import inspect
import math

import numpy as np
import pytest

from nnlib import Adam, Momentum, warmup_cosine
from nnlib.teach import checks
from nnlib.teach.checks import initialisation_and_optimisers as module


def read_only(answer):
    """Return the answer, given arrays that it cannot write to."""

    def wrapped(*arguments):
        for a in arguments:
            if isinstance(a, np.ndarray):
                a.flags.writeable = False
        return answer(*arguments)

    return wrapped


def in_float32(answer):
    def wrapped(*arguments):
        return answer(*(a.astype(np.float32) if isinstance(a, np.ndarray) else a for a in arguments))

    return wrapped


def edited(function, old, new):
    """Return a function whose source has one expression replaced by another."""
    source = inspect.getsource(function)
    assert old in source
    names = {"np": np, "math": math}
    exec(source.replace(old, new), names)
    return names[function.__name__]


# Exercise 10.1


def scale_by_sampling(n_in, n_out, slope):
    """Ask for E[A²] numerically, on the quantiles of a normal law."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    A = np.where(nodes > 0, nodes, slope * nodes)
    return 1 / np.sqrt(n_in * (weights @ A**2) / weights.sum())


@pytest.mark.parametrize(
    "answer",
    [
        lambda n_in, n_out, slope: (2 / n_in / (1 + slope * slope)) ** 0.5,
        lambda n_in, n_out, slope: np.float32(math.sqrt(2) / math.hypot(1, slope)) / np.sqrt(n_in),
        scale_by_sampling,
    ],
    ids=["power", "float32", "integral"],
)
def test_scale_right(answer):
    assert checks.init_scale(answer).text.startswith("Right, for five layers")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda n_in, n_out, slope: 2 / ((1 + slope**2) * n_in), "That is the variance"),
        (lambda n_in, n_out, slope: n_in**-0.5, "That is the scale for tanh"),
        (lambda n_in, n_out, slope: np.sqrt(2 / (n_in + n_out)), "Xavier's compromise"),
        (lambda n_in, n_out, slope: np.sqrt(2 / n_in), "Right for ReLU, whose slope is 0"),
        (lambda n_in, n_out, slope: np.sqrt(2 / ((1 + slope**2) * n_out)), "You have counted the outputs"),
        (lambda n_in, n_out, slope: np.sqrt(2 / n_out), "A unit's sum runs over"),
        (lambda n_in, n_out, slope: np.sqrt(4 / ((n_in + n_out) * (1 + slope**2))), "the mean of inputs"),
        (lambda n_in, n_out, slope: np.sqrt(2 / ((1 + slope) * n_in)), "The slope is not squared"),
        (lambda n_in, n_out, slope: np.sqrt(2 / n_in) / (1 + slope), "is squared as a whole"),
        (lambda n_in, n_out, slope: np.sqrt((1 + slope**2) / 2 / n_in), "E[A²] is in the numerator"),
        (lambda n_in, n_out, slope: np.sqrt(1 / ((1 + slope**2) * n_in)), "The half is missing"),
        (lambda n_in, n_out, slope: np.sqrt(2 / ((1 - slope**2) * n_in)), "You let the negative half"),
        (lambda n_in, n_out, slope: np.sqrt(6 / ((1 + slope**2) * n_in)), "the bound of a uniform law"),
        (lambda n_in, n_out, slope: np.sqrt((1 + slope**2) * n_in / 2), "That is 1/σ"),
        (lambda n_in, n_out, slope: -np.sqrt(2 / ((1 + slope**2) * n_in)), "right but for its sign"),
        (lambda n_in, n_out, slope: "small", "you return a str; expected numbers"),
        (lambda n_in, n_out, slope: np.full((n_in, n_out), 0.1), "σ is a single number"),
        (lambda n_in, n_out, slope: print(), "is a `return` missing?"),
    ],
)
def test_scale_wrong(answer, said):
    verdict = checks.init_scale(answer)
    assert not verdict and said in verdict.text, verdict


# Exercise 10.2


def momentum(p, g, v, lr, beta):
    v = beta * v + g
    return p - lr * v, v


def momentum_in_loops(p, g, v, lr, beta):
    p, v = p.copy(), v.copy()
    for i in np.ndindex(p.shape):
        v[i] = beta * v[i] + g[i]
        p[i] -= lr * v[i]
    return [p.tolist(), v.tolist()]


def momentum_by_nnlib(p, g, v, lr, beta):
    p = p.copy()
    optimizer = Momentum([p], lr=lr, beta=beta)
    optimizer.v[0][...] = v
    optimizer.step([g])
    return p, optimizer.v[0]


@pytest.mark.parametrize(
    "answer",
    [momentum, momentum_in_loops, momentum_by_nnlib, read_only(momentum), in_float32(momentum)],
    ids=["line", "loops", "nnlib", "read-only", "float32"],
)
def test_momentum_right(answer):
    assert checks.momentum_step(answer).text.startswith("Right")


def momentum_in_place(p, g, v, lr, beta):
    v *= beta
    v += g
    p -= lr * v
    return p, v


def parameters_first(p, g, v, lr, beta):
    p = p - lr * v
    v = beta * v + g
    return p, v


def velocity_not_kept(p, g, v, lr, beta):
    return p - lr * (beta * v + g), g


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda p, g, v, lr, beta: (p + lr * (beta * v + g), beta * v + g), "p: the parameters go up"),
        (parameters_first, "p: p moves with the old v"),
        (lambda p, g, v, lr, beta: (p - lr * g, beta * v + g), "p: p moves with g alone"),
        (lambda p, g, v, lr, beta: (p - beta * v - g, beta * v + g), "p: the learning rate is missing"),
        (lambda p, g, v, lr, beta: momentum(p, (1 - beta) * g, v, lr, beta), "a moving mean, as Adam has"),
        (lambda p, g, v, lr, beta: momentum(p, lr * g, v, 1, beta), "the learning rate is inside v"),
        (lambda p, g, v, lr, beta: (p + beta * v - lr * g, beta * v - lr * g), "v holds steps"),
        (lambda p, g, v, lr, beta: momentum(p, g, v, lr, 1), "nothing is forgotten"),
        (lambda p, g, v, lr, beta: momentum(p, beta * g, v, lr, 1), "It is the old v that fades"),
        (lambda p, g, v, lr, beta: momentum(p, beta * g, v, lr, beta), "the new gradient fades too"),
        (lambda p, g, v, lr, beta: momentum(p, g, v, lr, 1 - beta), "v keeps the share 1 − β"),
        (lambda p, g, v, lr, beta: momentum(p, -g, v, lr, beta), "the gradient is taken away"),
        (
            lambda p, g, v, lr, beta: (p - lr * (beta * (beta * v + g) + g), beta * v + g),
            "that is Nesterov's",
        ),
        (lambda *a: momentum(*a)[::-1], "the two results are exchanged"),
        (lambda p, g, v, lr, beta: (-lr * (beta * v + g), beta * v + g), "p: that is the move"),
        (lambda p, g, v, lr, beta: (p, v), "p: unchanged"),
        (lambda p, g, v, lr, beta: (momentum(p, g, v, lr, beta)[0], v), "v: unchanged"),
        (velocity_not_kept, "v: "),
        (lambda *a: momentum(*a)[0], "Expected `return p, v`"),
        (momentum_in_place, "Your function changes p"),
    ],
)
def test_momentum_wrong(answer, said):
    verdict = checks.momentum_step(answer)
    assert not verdict and said in verdict.text, verdict


# Exercise 10.3


def adam(p, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return p - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


def adam_in_loops(p, g, m, v, t, lr, beta1, beta2, eps):
    p, m, v = p.copy(), m.copy(), v.copy()
    for i in np.ndindex(p.shape):
        m[i] += (1 - beta1) * (g[i] - m[i])
        v[i] += (1 - beta2) * (g[i] ** 2 - v[i])
        p[i] -= lr * m[i] / (1 - beta1**t) / (math.sqrt(v[i] / (1 - beta2**t)) + eps)
    return [p.tolist(), m.tolist(), v.tolist()]


def adam_by_nnlib(p, g, m, v, t, lr, beta1, beta2, eps):
    p = p.copy()
    optimizer = Adam([p], lr=lr, beta1=beta1, beta2=beta2, eps=eps)
    optimizer.m[0][...], optimizer.v[0][...] = m / (1 - beta1), v / (1 - beta2)
    optimizer.t = t - 1
    optimizer.step([g])
    return p, (1 - beta1) * optimizer.m[0], (1 - beta2) * optimizer.v[0]


@pytest.mark.parametrize(
    "answer",
    [adam, adam_in_loops, adam_by_nnlib, read_only(adam), in_float32(adam)],
    ids=["lines", "loops", "nnlib", "read-only", "float32"],
)
def test_adam_right(answer):
    assert checks.adam_step(answer).text.startswith("Right, on four arrays")


def adam_in_place(p, g, m, v, t, lr, beta1, beta2, eps):
    m *= beta1
    m += (1 - beta1) * g
    return p, m, v


def corrects_what_it_keeps(p, g, m, v, t, lr, beta1, beta2, eps):
    m = (beta1 * m + (1 - beta1) * g) / (1 - beta1**t)
    v = (beta2 * v + (1 - beta2) * g**2) / (1 - beta2**t)
    return p - lr * m / (np.sqrt(v) + eps), m, v


def eps_with_uncorrected_v(p, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return p - lr * math.sqrt(1 - beta2**t) / (1 - beta1**t) * m / (np.sqrt(v) + eps), m, v


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            edited(adam, "lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t))", "lr * m / (np.sqrt(v)"),
            "no b",
        ),
        (edited(adam, "(m / (1 - beta1**t))", "m"), "p: only v is corrected"),
        (edited(adam, "v / (1 - beta2**t)", "v"), "p: only m is corrected"),
        (
            lambda p, g, m, v, t, *rates: adam(p, g, m, v, np.float64(t - 1), *rates),
            "The first step is t = 1",
        ),
        (lambda p, g, m, v, t, *rates: adam(p, g, m, v, t + 1, *rates), "the correction has t + 1"),
        (edited(adam, "1 - beta1**t", "1 - beta1 * t"), "p: the correction has β t"),
        (edited(adam, "1 - beta1**t", "(1 - beta1) ** t"), "p: the power is taken of 1 − β"),
        (
            edited(adam, "(np.sqrt(v / (1 - beta2**t)) + eps)", "np.sqrt(v / (1 - beta2**t)) + eps"),
            "a pair of brackets is missing",
        ),
        (edited(adam, "beta1**t", "beta2**t"), "m is corrected with β₂"),
        (edited(adam, "beta2**t", "beta1**t"), "v is corrected with β₁"),
        (
            lambda p, g, m, v, t, lr, b1, b2, eps: adam(p, g, m, v, t, lr, b2, b1, eps),
            "the β's are exchanged:",
        ),
        (edited(adam, "(m / (1 - beta1**t))", "(m * (1 - beta1**t))"), "p: you multiply by 1 − βᵗ"),
        (
            edited(adam, "np.sqrt(v / (1 - beta2**t)) + eps", "np.sqrt(v / (1 - beta2**t) + eps)"),
            "ε stands inside",
        ),
        (edited(adam, " + eps)", ")"), "ε is missing"),
        (
            edited(adam, "np.sqrt(v / (1 - beta2**t)) + eps", "v / (1 - beta2**t) + eps"),
            "the root is missing",
        ),
        (
            edited(
                adam,
                "(m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t))",
                "np.sqrt(m / (1 - beta1**t)) / (v / (1 - beta2**t)",
            ),
            "the root is taken of m",
        ),
        (
            edited(
                adam,
                "(m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t))",
                "(v / (1 - beta2**t)) / (np.sqrt(m / (1 - beta1**t))",
            ),
            "m and v are exchanged in the step",
        ),
        (edited(adam, "p - lr", "p + lr"), "the parameters go up the slope"),
        (edited(adam, "lr * (m", "(m"), "the learning rate is missing"),
        (edited(adam, "(m / (1 - beta1**t))", "g"), "that is RMS alone"),
        (edited(adam, "* g * g", "* g"), "p: v is made of g, not of g²"),
        (edited(adam, "* g * g", "* np.abs(g)"), "v is made of the size of g"),
        (edited(adam, "(1 - beta2) * g * g", "((1 - beta2) * g) ** 2"), "the factor 1 − β₂ is squared"),
        (edited(adam, "(1 - beta2) * g * g", "(1 - beta2) * m * m"), "v is made of m²"),
        (edited(adam, "(1 - beta1) * g", "g"), "the factor 1 − β₁ is missing"),
        (edited(adam, "(1 - beta2) * g * g", "g * g"), "the factor 1 − β₂ is missing"),
        (edited(adam, "beta2 * v + (1 - beta2)", "beta1 * v + (1 - beta1)"), "v fades with β₁"),
        (corrects_what_it_keeps, "m: you return the corrected mean"),
        (eps_with_uncorrected_v, "ε is added before v is corrected"),
        (lambda *a: (lambda p, m, v: (p, v, m))(*adam(*a)), "m: m and v are exchanged in what you return"),
        (lambda *a: (lambda p, m, v: (m, v, p))(*adam(*a)), "p: the order is p, m, v"),
        (lambda p, g, m, v, *rates: (adam(p, g, m, v, *rates)[0], m, v), "m: unchanged"),
        (lambda *a: adam(*a)[0], "Expected `return p, m, v`"),
        (adam_in_place, "Your function changes m"),
    ],
)
def test_adam_wrong(answer, said):
    verdict = checks.adam_step(answer)
    assert not verdict and said in verdict.text, verdict


def test_counting_from_zero_stops_where_python_divides():
    """t - 1 with Python's own numbers: an array divided by 0.0 becomes nan, and the check says why."""
    answer = edited(adam, "**t", "**(t - 1)")
    assert "The first step is t = 1" in checks.adam_step(answer).text


# Exercise 10.4


def rate(t, peak, warmup, total):
    if t <= warmup:
        return peak * t / warmup
    return peak * (1 + math.cos(math.pi * (t - warmup) / (total - warmup))) / 2


def rate_by_squares(t, peak, warmup, total):
    """(1 + cos x)/2 = cos²(x/2); and the smaller of two, without an if."""
    fall = np.cos(np.pi / 2 * max(t - warmup, 0) / (total - warmup)) ** 2
    return peak * min(t / warmup if warmup else 1, 1) * np.float32(fall)


@pytest.mark.parametrize(
    "answer",
    [
        rate,
        rate_by_squares,
        lambda t, peak, warmup, total: warmup_cosine(peak, warmup=warmup, total=total)(t),
    ],
)
def test_schedule_right(answer):
    assert checks.schedule(answer).text.startswith("Right, at 14 steps")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (edited(rate, "t <= warmup", "False"), "there is no warm-up: before"),
        (
            lambda t, peak, warmup, total: peak * (1 + math.cos(math.pi * t / total)) / 2,
            "only a cosine from the first step",
        ),
        (edited(rate, "(t - warmup) / (total - warmup)", "t / total"), "the cosine counts from step 0"),
        (edited(rate, "/ (total - warmup)", "/ total"), "stretched over all steps"),
        (edited(rate, "(t - warmup) /", "t /"), "it begins too low"),
        (edited(rate, "math.pi", "180"), "half a wave is 180 degrees"),
        (edited(rate, "math.pi * ", ""), "π is missing"),
        (
            edited(
                rate,
                "(1 + math.cos(math.pi * (t - warmup) / (total - warmup))) / 2",
                "math.cos(math.pi * (t - warmup) / (total - warmup))",
            ),
            "goes down to −1",
        ),
        (
            edited(
                rate,
                "(1 + math.cos(math.pi * (t - warmup) / (total - warmup))) / 2",
                "math.cos(math.pi / 2 * (t - warmup) / (total - warmup))",
            ),
            "a quarter of a wave",
        ),
        (edited(rate, " / 2", ""), "twice the peak"),
        (edited(rate, "1 + math", "1 - math"), "drops to 0 and rises"),
        (
            edited(
                rate,
                "(1 + math.cos(math.pi * (t - warmup) / (total - warmup))) / 2",
                "(total - t) / (total - warmup)",
            ),
            "in a straight line",
        ),
        (
            edited(rate, "(1 + math.cos(math.pi * (t - warmup) / (total - warmup))) / 2", "1"),
            "it stays at the peak",
        ),
        (
            edited(rate, "peak * t / warmup", "peak * (t - 1) / warmup"),
            "the first step, t = 1, has the rate 0",
        ),
        (edited(rate, "peak * t / warmup", "peak * (t + 1) / warmup"), "the warm-up is a step ahead"),
        (edited(rate, "peak * t / warmup", "peak * t / total"), "the warm-up rises over all steps"),
        (edited(rate, "peak * t / warmup", "t / warmup"), "the peak is missing from the warm-up"),
        (edited(rate, "peak * ", ""), "the peak is missing: yours"),
        (lambda t, peak, warmup, total: peak * t / warmup, "ZeroDivisionError"),
    ],
)
def test_schedule_wrong(answer, said):
    verdict = checks.schedule(answer)
    assert not verdict and said in verdict.text, verdict


@pytest.mark.parametrize(
    "known", ["MOMENTUM_MISTAKES", "ADAM_MISTAKES", "SCHEDULE_MISTAKES"], ids=lambda name: name.lower()
)
def test_every_known_mistake_is_named(known):
    """None is taken for another, and none for right."""
    check = {"MOMENTUM": checks.momentum_step, "ADAM": checks.adam_step, "SCHEDULE": checks.schedule}
    for wrong, why in getattr(module, known):
        verdict = check[known.split("_")[0]](wrong)
        assert not verdict and why in verdict.text, (why, verdict)
