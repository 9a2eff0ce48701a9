import functools
import math

import numpy as np
import pytest

from nnlib import MSE, SGD, Adam, Momentum, fit, warmup_cosine

A, C, START = (
    [1.0, 10.0, 0.1],
    [3.0, -2.0, 0.5],
    [0.0, 1.0, -4.0],
)  # f(p) = ½ Σ a (p - c)², so that g = a (p - c)
STEPS = 50


# The published equations, one number at a time: each returns the p of STEPS steps.


def sgd(p, a, c, lr):
    for t in range(1, STEPS + 1):
        p = p - lr(t) * a * (p - c)
        yield p


def momentum(p, a, c, lr, beta=0.9):
    v = 0.0
    for t in range(1, STEPS + 1):
        v = beta * v + a * (p - c)
        p = p - lr(t) * v
        yield p


def adam(p, a, c, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    m = v = 0.0
    for t in range(1, STEPS + 1):
        g = a * (p - c)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        p = p - lr(t) * m_hat / (math.sqrt(v_hat) + eps)
        yield p


CASES = [
    (SGD, sgd, {}),
    (Momentum, momentum, {}),
    (Momentum, momentum, {"beta": 0.5}),
    (Momentum, momentum, {"beta": 0}),
    (Adam, adam, {}),
    (Adam, adam, {"beta1": 0.5, "beta2": 0.9, "eps": 0.01}),
    (Adam, adam, {"beta1": 0, "beta2": 0}),
]
SCHEDULES = {
    "constant": lambda t: 0.05,
    "falling": lambda t: 0.1 / t,
    "warm-up": warmup_cosine(0.1, warmup=5, total=60),
}
EACH_OPTIMIZER = pytest.mark.parametrize("Kind", [SGD, Momentum, Adam])


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
@pytest.mark.parametrize("Kind, reference, options", CASES)
def test_steps_are_those_of_the_equations(Kind, reference, options, schedule):
    a, c, p = np.array(A), np.array(C), np.array(START)
    whole, single = p[:2], p[2:]  # two parameters of one optimiser
    optimizer = Kind([whole, single], schedule, **options)
    expected = zip(
        *(reference(*numbers, schedule, **options) for numbers in zip(START, A, C, strict=True)), strict=True
    )
    for t, row in enumerate(expected, 1):
        g = a * (p - c)
        optimizer.step([g[:2], g[2:]])
        assert optimizer.t == t
        assert p == pytest.approx(row, rel=1e-15, abs=1e-15)


@EACH_OPTIMIZER
def test_a_constant_rate_is_a_constant_schedule(Kind, rng, raw):
    p, q = np.array(START), np.array(START)
    constant, schedule = Kind([p], 0.1), Kind([q], lambda t: 0.1)
    for _ in range(5):
        g = rng.standard_normal(3)
        constant.step([g])
        schedule.step([g])
    assert raw([p]) == raw([q])


@EACH_OPTIMIZER
def test_a_schedule_is_asked_for_each_step_from_one(Kind):
    asked = []
    optimizer = Kind([np.ones(2)], lambda t: asked.append(t) or 0.1)
    for _ in range(3):
        optimizer.step([np.ones(2)])
    assert asked == [1, 2, 3]


@EACH_OPTIMIZER
def test_the_rate_may_be_changed_between_steps(Kind):
    p, q = np.ones(2), np.ones(2)
    changed, schedule = Kind([p], 0.1), Kind([q], lambda t: [0.1, 0.01][t - 1])
    for lr in (0.1, 0.01):
        changed.lr = lr
        assert changed.rate == schedule.rate == lr
        changed.step([np.ones(2)])
        schedule.step([np.ones(2)])
    assert (p == q).all()


@EACH_OPTIMIZER
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "lr", [0.1, np.float64(0.1), lambda t: np.float64(0.1)], ids=["float", "float64", "schedule"]
)
def test_dtypes_stay_what_they_are(Kind, dtype, lr):
    p = np.ones(3, dtype)
    optimizer = Kind([p], lr)
    for gradient_dtype in (dtype, np.float64):
        optimizer.step([np.ones(3, gradient_dtype)])
    slots = [*getattr(optimizer, "m", []), *getattr(optimizer, "v", [])]
    assert len(slots) == {SGD: 0, Momentum: 1, Adam: 2}[Kind]
    assert {a.dtype for a in (p, *slots)} == {np.dtype(dtype)}


@EACH_OPTIMIZER
def test_parameters_change_in_place_and_gradients_do_not(Kind, rng, raw):
    params = [rng.standard_normal((3, 2)), rng.standard_normal(2)]
    grads = [rng.standard_normal((3, 2)), rng.standard_normal(2)]
    before, kept = raw(params), raw(grads)
    optimizer = Kind(params, 0.1)
    optimizer.step(grads)
    assert all(held is p for held, p in zip(optimizer.params, params, strict=True))
    assert all(old != new for old, new in zip(before, raw(params), strict=True))
    assert raw(grads) == kept


def test_adam_moves_by_the_rate_at_first_however_large_the_gradient():
    p = np.zeros(4)
    Adam([p], 0.1).step([np.array([1e-3, 1.0, -1e6, 0.0])])
    assert p == pytest.approx([-0.1, -0.1, 0.1, 0.0], rel=1e-4, abs=0)


def test_defaults_are_the_published_ones():
    adam, momentum = Adam([np.ones(1)]), Momentum([np.ones(1)], 0.1)
    assert (adam.lr, adam.beta1, adam.beta2, adam.eps, momentum.beta) == (0.001, 0.9, 0.999, 1e-8, 0.9)


# What is refused

LR_ERRORS = [
    (math.nan, ValueError, "lr is nan; expected 0 <=? lr, and finite"),
    (math.inf, ValueError, "lr is inf; expected 0 <=? lr, and finite"),
    (0, ValueError, "lr is 0.0; expected 0 < lr"),
    (-0.1, ValueError, "lr is -0.1; expected 0 <=? lr"),
    ("0.1", TypeError, "lr is '0.1'; expected a number"),
    (True, TypeError, "lr is True; expected a number"),
    (None, TypeError, "lr is None; expected a number"),
]


def state(optimizer):
    arrays = [*optimizer.params, *getattr(optimizer, "m", []), *getattr(optimizer, "v", [])]
    return optimizer.t, [a.tobytes() for a in arrays]


@EACH_OPTIMIZER
@pytest.mark.parametrize("lr, error, message", [row for row in LR_ERRORS if row[0] != 0])
def test_a_schedule_that_returns_no_rate_changes_nothing(Kind, lr, error, message):
    optimizer = Kind([np.ones(2)], lambda t: 0.1 if t == 1 else lr)
    optimizer.step([np.ones(2)])
    before = state(optimizer)
    with pytest.raises(error, match=message):
        optimizer.step([np.ones(2)])
    assert state(optimizer) == before


@pytest.mark.parametrize(
    "optimizer, text",
    [
        (SGD([np.ones(1)], 0.1), "SGD(lr=0.1)"),
        (Adam([np.ones(1)]), "Adam(lr=0.001)"),
        (Momentum([np.ones(1)], warmup_cosine(0.1, warmup=1, total=2)), "Momentum(lr=schedule)"),
        (SGD([np.ones(1)], math.sqrt), "SGD(lr=sqrt)"),
        (SGD([np.ones(1)], functools.partial(max, 1)), "SGD(lr=schedule)"),
    ],
    ids=["number", "default", "schedule", "function", "no name"],
)
def test_repr(optimizer, text):
    assert repr(optimizer) == text


# warmup_cosine


@pytest.mark.parametrize(
    "t, expected",
    [
        (1, 0.4 / 10),
        (5, 0.2),
        (10, 0.4),
        (11, 0.4 * (1 + math.cos(math.pi / 20)) / 2),
        (20, 0.2),
        (29, 0.4 * (1 - math.cos(math.pi / 20)) / 2),
        (30, 0),
        (1000, 0),
    ],
)
def test_warmup_cosine_at_known_steps(t, expected):
    assert warmup_cosine(0.4, warmup=10, total=30)(t) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("warmup, total", [(0, 1), (0, 10), (3, 4), (5, 100)])
def test_warmup_cosine_rises_then_falls_and_ends_at_0(warmup, total):
    rates = [warmup_cosine(2, warmup=warmup, total=total)(t) for t in range(1, total + 1)]
    steps = np.diff(rates)
    assert (steps[: max(warmup - 1, 0)] > 0).all() and (steps[warmup:] < 0).all()
    assert min([1, *rates[:-1]]) > 0 == rates[-1] and max(rates) <= 2
    assert warmup == 0 or rates[warmup - 1] == 2


@pytest.mark.parametrize("warmup", [0, 1, 7])
def test_warmup_cosine_is_defined_before_the_first_step(warmup):
    assert warmup_cosine(2, warmup=warmup, total=9)(0) == (0 if warmup else 2)


@EACH_OPTIMIZER
def test_a_schedule_may_end_at_0_and_a_step_of_0_moves_nothing(Kind):
    p = np.ones(2)
    optimizer = Kind([p], warmup_cosine(0.1, warmup=1, total=3))
    for _ in range(2):
        optimizer.step([np.ones(2)])
    before = p.tolist()
    optimizer.step([np.ones(2)])
    assert p.tolist() == before and optimizer.t == 3
    with pytest.warns(
        UserWarning, match="made for 3 steps, and this is one more: from here on its rate is 0"
    ) as said:
        optimizer.step([np.ones(2)])
    optimizer.step([np.ones(2)])  # told once: warnings are errors here
    assert len(said) == 1 and p.tolist() == before


def test_fit_takes_a_schedule_to_its_end(make_net, rng):
    """(10.9) as the function says it, as a reader writes it, and as `fit` uses it."""

    def of_10_9(t, peak=0.1, warmup=2, total=12):
        if t <= warmup:
            return peak * t / warmup
        return peak * (1 + math.cos(math.pi * (t - warmup) / (total - warmup))) / 2

    ours = warmup_cosine(0.1, warmup=2, total=12)
    assert [ours(t) for t in range(1, 13)] == [of_10_9(t) for t in range(1, 13)] and of_10_9(12) == 0
    X, Y = rng.standard_normal((8, 3)), rng.standard_normal((8, 2))
    losses = []
    for lr in (ours, of_10_9):
        net = make_net(3, 2)
        options = {"epochs": 3, "batch_size": 2, "rng": None, "progress": False}
        losses.append(fit(net, MSE(), Adam(net.params, lr), X, Y, **options).loss)
    assert losses[0] == losses[1]


@pytest.mark.parametrize("sign", [1, -1])
def test_what_has_not_decayed_is_kept(sign):
    """After t gradients of 1, what is remembered is 1 + β + … + βᵗ⁻¹ = (1 - βᵗ) / (1 - β)."""
    momentum, adam = Momentum([np.zeros(1)], 0.1), Adam([np.zeros(1)])
    for _ in range(200):
        for optimizer in (momentum, adam):
            optimizer.step([np.array([sign])])
    sums = [(1 - beta**200) / (1 - beta) for beta in (0.9, 0.999)]
    assert momentum.slots[0] == pytest.approx(sign * sums[0])
    assert np.concatenate(adam.slots) == pytest.approx([sign * sums[0], sums[1]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_has_nearly_decayed_is_set_to_0(dtype):
    tiny = np.finfo(dtype).tiny
    optimizer = Momentum([np.zeros(5, dtype)], 0.1, beta=0)
    for _ in range(100):
        optimizer.step([np.array([0, 1e7, -1e7, 1e9, -1e9], dtype) * tiny])
    assert (optimizer.slots[0] == np.array([0, 0, 0, 1e9, -1e9], dtype) * tiny).all()


@EACH_OPTIMIZER
def test_it_is_looked_for_what_has_decayed_every_hundred_steps(Kind, monkeypatch):
    optimizer, seen = Kind([np.ones(2)], 0.1), []
    monkeypatch.setattr(optimizer, "_flush", lambda: seen.append(optimizer.t))
    for _ in range(350):
        optimizer.step([np.ones(2)])
    assert seen == [100, 200, 300]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("optimizer", [Momentum, Adam])
def test_what_decays_never_becomes_subnormal(optimizer, dtype):
    """A parameter with one gradient, and zeros ever after: what is remembered of it ends as 0."""
    p = np.zeros(3, dtype)
    opt = optimizer([p], lr=0.001)
    opt.step([np.full(3, 1e-3, dtype)])
    for _ in range(12_000):
        opt.step([np.zeros(3, dtype)])
        for a in opt.slots:
            assert ((a == 0) | (np.abs(a) >= np.finfo(dtype).tiny)).all()
    assert not opt.slots[0].any()
