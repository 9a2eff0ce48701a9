"""The checks of chapter 01 name what a learner did, and let right answers in any style pass."""

import numpy as np
import pytest

from nnlib.teach import checks


def only(part, wrong, right):
    """Return the right answer but for one of its two results, which is the wrong one's."""

    def answer(*arguments):
        results = list(right(*arguments))
        results[part] = wrong(*arguments)[part]
        return results

    return answer


# --- the gradient ---


def dy_hat(x, y, w, b):
    return 2 / len(x) * (w * x + b - y)


def gradient(x, y, w, b):
    return np.sum(dy_hat(x, y, w, b) * x), np.sum(dy_hat(x, y, w, b))


def gradient_in_a_loop(x, y, w, b):
    dw = db = 0
    for xn, yn in zip(x, y, strict=True):
        slope = 2 * (w * xn + b - yn) / len(x)
        dw, db = dw + slope * xn, db + slope
    return [dw, db]


def gradient_by_differences(x, y, w, b, h=1e-5):
    def loss(w, b):
        return np.mean((w * x + b - y) ** 2)

    return (
        (loss(w + h, b) - loss(w - h, b)) / (2 * h),
        (loss(w, b + h) - loss(w, b - h)) / (2 * h),
    )


def gradient_in_float32(x, y, w, b):
    x, y = x.astype(np.float32), y.astype(np.float32)
    d = x * np.float32(w) + np.float32(b) - y
    return 2 * np.mean(d * x), 2 * d.mean()


def gradient_by_matrices(x, y, w, b):
    x.flags.writeable = y.flags.writeable = False
    A = np.stack([x, np.ones_like(x)], axis=1)
    dw, db = np.einsum("ni,n->i", A, A @ [w, b] - y) * 2 / len(x)
    return dw, db


def returns_in_the_loop(x, y, w, b):
    for n in range(len(x)):
        slope = 2 / len(x) * (w * x[n] + b - y[n])
        return slope * x[n], slope


def writes_over(x, y, w, b):
    for n in range(len(x)):
        slope = 2 / len(x) * (w * x[n] + b - y[n])
        dw, db = slope * x[n], slope
    return dw, db


def shifts_the_data(x, y, w, b):
    y -= b
    return 2 * np.mean((w * x - y) * x), 2 * np.mean(w * x - y)


def difference(x, y, w, b):
    return w * x + b - y


GRADIENTS = [
    (lambda x, y, w, b: None, "Not attempted yet. Hint: what does sample n contribute"),
    (lambda x, y, w, b: (..., ...), "expected numbers"),
    (lambda x, y, w, b: np.sum(dy_hat(x, y, w, b) * x), "Expected `return dw, db`"),
    (lambda x, y, w, b: (dy_hat(x, y, w, b) * x, dy_hat(x, y, w, b)), "You have one row for each sample"),
    (lambda x, y, w, b: gradient(x, w * x + b, 0, y), "dw: the opposite sign"),
    (lambda x, y, w, b: gradient(x, y, w, b)[::-1], "dw: this is db."),
    (lambda x, y, w, b: (np.sum(dy_hat(x, y, w, b)),) * 2, "x is missing"),
    (lambda x, y, w, b: (gradient(x, y, w, b)[0],) * 2, "db: this is dw."),
    (lambda x, y, w, b: (w * np.sum(dy_hat(x, y, w, b)), 0), "dw: multiplied by w"),
    (lambda x, y, w, b: (gradient(x, y, w, b)[0], b * np.sum(dy_hat(x, y, w, b))), "db: multiplied by b"),
    (lambda x, y, w, b: (2 * difference(x, y, w, b).mean() * x.mean(), 0), "dw: a product of two means"),
    (lambda x, y, w, b: (np.sum(dy_hat(x, y, w, b) * x * x), 0), "dw: x is multiplied in twice"),
    (shifts_the_data, "Your function changes y"),
    (lambda x, y, w, b: (gradient(x, y, w, b)[0], 0 * b), "db: yours is zero"),
    (lambda x, y, w, b: x @ (w * x[:, None] + b - y), "results in this order"),
    (lambda x, y, w, b: dy_hat(x, y, w, b, 1), "Your code stops with TypeError"),
]


@pytest.mark.parametrize(("answer", "said"), GRADIENTS, ids=range(len(GRADIENTS)))
def test_wrong_gradients(answer, said):
    verdict = checks.line_gradient(answer)
    assert not verdict and said in verdict.text


def slopes(change):
    """Return the gradient with another dy_hat: a function of ŷ − y and N."""

    def answer(x, y, w, b):
        changed = change(difference(x, y, w, b), len(x))
        return np.sum(changed * x), np.sum(changed)

    return answer


SPOILED_GRADIENTS = [
    (slopes(lambda d, N: -2 * d / N), "the opposite sign"),
    (slopes(lambda d, N: d / N), "half of it. What"),
    (slopes(lambda d, N: -d / N), "half of it, and with the opposite sign"),
    (slopes(lambda d, N: 2 * d), "N times too large"),
    (slopes(lambda d, N: d), "N/2 times"),
    (slopes(lambda d, N: 2 * d / N**2), "N times too small: the mean over the samples is taken twice."),
    (slopes(lambda d, N: d / N**2), "2N times too small"),
    (slopes(lambda d, N: 2 * d**2 / N), "ŷ − y is still squared"),
    (slopes(lambda d, N: d**2 / N), "ŷ − y is still squared"),
    (slopes(lambda d, N: np.sign(d) / N), "only the sign of ŷ − y is left"),
    (slopes(lambda d, N: 2 * abs(d) / N), "the signs of ŷ − y are lost"),
    (lambda x, y, w, b: gradient(x, y, w, 0), "the bias is missing from the prediction"),
    (lambda x, y, w, b: gradient(x, y, 1, b), "w is missing from the prediction"),
    (returns_in_the_loop, "only the first sample is in it"),
    (writes_over, "only the last sample is in it"),
]


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize(("wrong", "said"), SPOILED_GRADIENTS, ids=range(len(SPOILED_GRADIENTS)))
def test_one_slope_is_wrong(wrong, said, part):
    verdict = checks.line_gradient(only(part, wrong, gradient))
    assert not verdict and f"{('dw', 'db')[part]}: {said}" in verdict.text


@pytest.mark.parametrize(
    "answer",
    [
        gradient,
        gradient_in_a_loop,
        gradient_by_differences,
        gradient_in_float32,
        gradient_by_matrices,
        lambda x, y, w, b: (2 * (w * (x @ x) + b * sum(x) - x @ y) / len(x), 2 * (w * x + b - y).mean()),
    ],
)
def test_right_gradients(answer):
    assert checks.line_gradient(answer)


# --- the step ---


def step(x, y, w, b, lr):
    dw, db = gradient(x, y, w, b)
    return w - lr * dw, b - lr * db


def step_with(change):
    """Return a step with another gradient: a function of x, y, w, b."""

    def answer(x, y, w, b, lr):
        dw, db = change(x, y, w, b)
        return w - lr * dw, b - lr * db

    return answer


def w_first(x, y, w, b, lr):
    w = w - lr * gradient(x, y, w, b)[0]
    b = b - lr * gradient(x, y, w, b)[1]
    return w, b


def b_first(x, y, w, b, lr):
    b -= lr * gradient(x, y, w, b)[1]
    w -= lr * gradient(x, y, w, b)[0]
    return w, b


def sums(x, y, w, b):
    return 2 * np.sum((w * x + b - y) * x), 2 * np.sum(w * x + b - y)


def step_uphill(x, y, w, b, lr):
    dw, db = gradient(x, y, w, b)
    return w + lr * dw, b + lr * db


STEPS = [
    (lambda x, y, w, b, lr: None, "Not attempted yet. Hint: if dw is positive"),
    (step_with(lambda x, y, w, b: (2 * np.mean((y - w * x - b) * x), 0)), "w: you go uphill"),
    (w_first, "b: a slope was taken where the other parameter had already moved"),
    (b_first, "w: a slope was taken where the other parameter had already moved"),
    (lambda x, y, w, b, lr: -lr * np.array(gradient(x, y, w, b)), "you return the move alone"),
    (lambda x, y, w, b, lr: (w - lr * dy_hat(x, y, w, b) * x, b), "You have one row for each sample"),
    (lambda x, y, w, b, lr: (w - lr * dw, b), "Your code stops with NameError"),  # noqa: F821
]


@pytest.mark.parametrize(("answer", "said"), STEPS, ids=range(len(STEPS)))
def test_wrong_steps(answer, said):
    verdict = checks.line_step(answer)
    assert not verdict and said in verdict.text


SPOILED_STEPS = [
    (step_uphill, "you go uphill. Where the slope is positive, the loss rises as {0} is raised"),
    (step_with(sums), "the step is N times too long"),
    (step_with(lambda x, y, w, b: np.array(sums(x, y, w, b)) / 2), "the step is N/2 times"),
    (lambda x, y, w, b, lr: step(x, y, w, b, lr / len(x)), "the step is N times too short"),
    (lambda x, y, w, b, lr: step(x, y, w, b, lr / 2), "the step has half its length"),
    (lambda x, y, w, b, lr: step(x, y, w, b, 1), "the learning rate is missing: the step"),
    (lambda x, y, w, b, lr: step(x, y, w, b, -1), "the learning rate is missing, and the step goes uphill"),
    (lambda x, y, w, b, lr: step(x, y, w, b, lr * lr), "the learning rate is multiplied in twice"),
]
NO_STEPS = [
    (lambda x, y, w, b, lr: (w, b), "{0} has not moved"),
    (lambda x, y, w, b, lr: gradient(x, y, w, b), "you return the slope d{0}, not the new {0}"),
    (lambda x, y, w, b, lr: [-lr * d for d in gradient(x, y, w, b)], "you return the move alone"),
    (lambda x, y, w, b, lr: [lr * d for d in gradient(x, y, w, b)], "you return η d{0}"),
    (step_with(lambda x, y, w, b: np.sign(gradient(x, y, w, b))), "only the sign of the slope is left"),
]


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize(("wrong", "said"), SPOILED_STEPS + NO_STEPS, ids=range(13))
def test_one_parameter_makes_a_wrong_step(wrong, said, part):
    verdict = checks.line_step(only(part, wrong, step))
    assert not verdict and f"{'wb'[part]}: {said.format('wb'[part])}" in verdict.text


def step_in_place(x, y, w, b, lr):
    dw, db = gradient_in_a_loop(x, y, w, b)
    w -= lr * dw
    b -= lr * db
    return w, b


def step_in_float32(x, y, w, b, lr):
    dw, db = gradient_in_float32(x, y, w, b)
    return np.float32(w - lr * dw), np.float32(b - lr * db)


@pytest.mark.parametrize("answer", [step, step_in_place, step_in_float32])
def test_right_steps(answer):
    assert checks.line_step(answer)


# --- the loop ---


def repeat(step, more=0):
    def answer(x, y, w, b, lr, n_steps):
        for _ in range(n_steps + more):
            w, b = step(x, y, w, b, lr)
        return w, b

    return answer


def returns_after_one(x, y, w, b, lr, n_steps):
    for _ in range(n_steps):
        w, b = step(x, y, w, b, lr)
        return w, b


def slope_of_the_start(x, y, w, b, lr, n_steps):
    dw, db = gradient(x, y, w, b)
    for _ in range(n_steps):
        w, b = w - lr * dw, b - lr * db
    return w, b


def throws_away(x, y, w, b, lr, n_steps):
    for _ in range(n_steps):
        step(x, y, w, b, lr)
    return w, b


def always_from_the_start(x, y, w, b, lr, n_steps):
    for _ in range(n_steps):
        found = step(x, y, w, b, lr)
    return found


def starts_at_zero(x, y, w, b, lr, n_steps):
    return repeat(step)(x, y, 0.0, 0.0, lr, n_steps)


DESCENTS = [
    (lambda x, y, w, b, lr, n_steps: None, "Not attempted yet. Hint: what is the same in every step?"),
    (always_from_the_start, "w: that is a single step."),
    (repeat(lambda x, y, w, b, lr: (step(x, y, w, b, lr)[0], b)), "w: b never moves"),
    (repeat(lambda x, y, w, b, lr: (w, step(x, y, w, b, lr)[1])), "w: w has not moved"),
    (lambda *arguments: np.array([repeat(step)(*arguments)] * 3), "Expected `return w, b`"),
    (lambda x, y, w, b, lr, n_steps: repeat(step)(x, y, w, b, lr), "Your code stops with TypeError"),
]


@pytest.mark.parametrize(("answer", "said"), DESCENTS, ids=range(len(DESCENTS)))
def test_wrong_descents(answer, said):
    verdict = checks.descend(answer)
    assert not verdict and said in verdict.text


SPOILED_DESCENTS = [
    *((repeat(wrong), said) for wrong, said in SPOILED_STEPS),
    (returns_after_one, "that is a single step. Does `return` stand inside the loop"),
    (throws_away, "{0} has not moved"),
    (slope_of_the_start, "every step has the slope of the start"),
    (starts_at_zero, "the descent starts at w = 0, b = 0"),
    (repeat(step, more=1), "one step too many"),
    (repeat(step, more=-1), "one step too few"),
    (repeat(w_first), "a slope was taken where the other parameter had already moved"),
    (repeat(b_first), "a slope was taken where the other parameter had already moved"),
]


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize(("wrong", "said"), SPOILED_DESCENTS, ids=range(16))
def test_one_parameter_descends_wrongly(wrong, said, part):
    verdict = checks.descend(only(part, wrong, repeat(step)))
    assert not verdict and f"{'wb'[part]}: {said.format('wb'[part])}" in verdict.text


def recursive(x, y, w, b, lr, n_steps):
    return (w, b) if n_steps == 0 else recursive(x, y, *step(x, y, w, b, lr), lr, n_steps - 1)


def by_powers(x, y, w, b, lr, n_steps):
    A = np.stack([x, np.ones_like(x)], axis=1)
    bottom = np.linalg.pinv(A) @ y
    H = 2 / len(x) * A.T @ A
    theta = bottom + np.linalg.matrix_power(np.eye(2) - lr * H, n_steps) @ ([w, b] - bottom)
    return list(theta)


@pytest.mark.parametrize(
    "answer", [repeat(step), recursive, by_powers, repeat(step_in_float32)], ids=range(4)
)
def test_right_descents(answer):
    assert checks.descend(answer)


# --- the largest rate ---


def hessian(x):
    return 2 * np.array([[np.mean(x**2), np.mean(x)], [np.mean(x), 1]])


def steepest(H):
    return np.linalg.eigvalsh(H).max()


RATES = [
    (lambda x: None, "Not attempted yet. Hint: H has four entries"),
    (lambda x: 1 / steepest(hessian(x)), "half the largest"),
    (lambda x: steepest(hessian(x)), "that is λ_max itself"),
    (lambda x: steepest(hessian(x)) ** -2, "that is 1/λ_max²"),
    (lambda x: 2 / np.linalg.eigvalsh(hessian(x)).min(), "that is 2/λ_min"),
    (lambda x: 2 / np.linalg.eigvalsh(hessian(x)).sum(), "that is 2/(λ_min + λ_max)"),
    (lambda x: 2 / steepest(hessian(x) / 2), "twice the largest"),
    (lambda x: 2 / steepest(len(x) * hessian(x)), "N times too small"),
    (lambda x: 2 / steepest(np.array([[x @ x, sum(x)], [sum(x), len(x)]])), "2/N times"),
    (lambda x: 1 / np.mean(x**2), "the limit if b stood still"),
    (lambda x: 2 / np.diag(hessian(x)).max(), "the limit if b stood still"),
    (lambda x: 2 / steepest(hessian(x - x.mean())), "you take the mean of x away first"),
    (lambda x: 2 / steepest(hessian(np.full(3, x.mean()))), "the square of the mean stands where"),
    (lambda x: 2 / np.linalg.eigvalsh(hessian(x)), "is a single number"),
    (lambda x: 0.0626, "should be"),
    (lambda x: -2 / steepest(hessian(x)), "right but for its sign"),
    (lambda x: 0.99 * 2 / steepest(hessian(x)), "yours is 0.99 times"),
    (lambda x: 2 / max(x.eigenvalues), "Your code stops with AttributeError"),
]


@pytest.mark.parametrize(("answer", "said"), RATES, ids=range(len(RATES)))
def test_wrong_rates(answer, said):
    verdict = checks.largest_rate(answer)
    assert not verdict and said in verdict.text


def rate_in_closed_form(x):
    square, mean = np.mean(x**2), np.mean(x)
    return 2 / (square + 1 + np.sqrt((square - 1) ** 2 + 4 * mean**2))


def rate_by_singular_values(x):
    A = np.stack([x, np.ones_like(x)], axis=1).astype(np.float32)
    return len(x) / np.linalg.norm(A, 2) ** 2


@pytest.mark.parametrize(
    "answer", [lambda x: 2 / steepest(hessian(x)), rate_in_closed_form, rate_by_singular_values]
)
def test_right_rates(answer):
    assert checks.largest_rate(answer)


# --- back from the standardised line ---

LINES = [
    (lambda w, b, m, s: None, "Not attempted yet. Hint: multiply out"),
    (lambda w, b, m, s: (w, b), "w: unchanged. How far"),
    (lambda w, b, m, s: (w * s, b - w * m * s), "w: multiplied by s"),
    (lambda w, b, m, s: ((w - m) / s, b), "w: a slope has no mean"),
    (lambda w, b, m, s: (w / s, b), "b: unchanged. b is the height"),
    (lambda w, b, m, s: (w / s, b + w * m / s), "b: the wrong sign"),
    (lambda w, b, m, s: (w / s, b - w * m), "b: the old slope times m. The line"),
    (lambda w, b, m, s: (w / s, b + w * m), "b: the old slope times m, and the wrong sign"),
    (lambda w, b, m, s: (w / s, b - w / s * m / s), "b: divided by s once too often"),
    (lambda w, b, m, s: (w / s, b - m / s), "b: what a shift by m/s does"),
    (lambda w, b, m, s: (w / s, b - m), "b: m is an x, and b a height"),
    (lambda w, b, m, s: (w / s, (b - w * m) / s), "b: all of it is divided by s"),
    (lambda w, b, m, s: (w / s, b / s), "b: b is divided by s, and m is not in it"),
    (lambda w, b, m, s: w / s, "Expected `return w, b`"),
    (lambda w, b, m, s: (-w / s, b - w * m / s), "w: right but for its sign"),
]


@pytest.mark.parametrize(("answer", "said"), LINES, ids=range(len(LINES)))
def test_wrong_lines(answer, said):
    verdict = checks.raw_line(answer)
    assert not verdict and said in verdict.text


def through_two_points(w, b, m, s):
    at = np.array([0.0, 1.0])
    height = w * (at - m) / s + b
    return height[1] - height[0], height[0]


@pytest.mark.parametrize(
    "answer",
    [
        lambda w, b, m, s: (w / s, b - w / s * m),
        through_two_points,
        lambda w, b, m, s: np.polyfit([m, m + s], [b, b + w], 1).astype(np.float32).tolist(),
    ],
    ids=["terms", "two points", "polyfit"],
)
def test_right_lines(answer):
    assert checks.raw_line(answer)
