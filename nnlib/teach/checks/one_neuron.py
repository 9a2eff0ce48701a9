"""The exercises of chapter 01."""

import numpy as np

from nnlib.teach.checks.engine import Trial, exercise, numbers, tell

__all__ = ["descend", "largest_rate", "line_gradient", "line_step", "raw_line"]


def _data(rng, N):
    """Return N inputs and targets, and a line that is far from them."""
    return rng.uniform(-3, 3, N), rng.uniform(-5, 5, N), rng.uniform(1, 3), rng.uniform(-3, -1)


def _samples():
    rng = np.random.default_rng(0)
    return [Trial(_data(rng, N), {"N": N}) for N in (5, 8, 1, 12)]


@exercise(
    trials=_samples,
    results=["dw", "db"],
    hint="what does sample n contribute to dw, by the chain rule? Then add over the samples.",
    praise="Right, on four sets of samples, from N = 1 to N = 12.",
    wrong="""
    the opposite sign. Take a single sample with x = 1, and a line that is too high there: raising w or b
    makes it worse, so both slopes have to be positive.
        2 / N → -2 / N
    half of it. What is the slope of a square, z²?
        2 / N → 1 / N
    half of it, and with the opposite sign.
        2 / N → -1 / N
    N times too large: L is a mean over the samples, not a sum.
        2 / N → 2
    N/2 times what it should be: the mean is missing, and a 2.
        2 / N → 1
    N times too small: the mean over the samples is taken twice.
        2 / N → 2 / N**2
    2N times too small: the mean is taken twice, a 2 missing.
        2 / N → 1 / N**2
    right for six samples only. Take their number from x, `len(x)`.
        N = 6
    the bias is missing from the prediction.
        y_hat = w * x
    w is missing from the prediction.
        y_hat = x + b
    the first sample is missing. Code counts from 0.
        x, y = x[1:], y[1:] ; N = len(x) + 1
    the last sample is missing: your sum ends too early.
        x, y = x[:-1], y[:-1] ; N = len(x) + 1
    ŷ − y is still squared. That is the loss; its slope has lost one power.
        dy_hat = ⟨2|1⟩ / N * (y_hat - y)**2
    only the sign of ŷ − y is left: that is the slope of the absolute value, not of the square.
        dy_hat = np.sign(y_hat - y) / N
    the signs of ŷ − y are lost: samples above and below the line pull the same way.
        y_hat - y → np.abs(y_hat - y)
    only the first sample is in it. Does a `return` stand inside the loop?
        (dy_hat * x)[0], dy_hat[0]
    only the last sample is in it. A loop has to add, `+=`, not write over.
        (dy_hat * x)[-1], dy_hat[-1]
    dw: this is db. Either the two results are exchanged, or x is missing: how far does ŷ move when w is moved
    by 1?
        dy_hat.sum()
    dw: multiplied by w. In ŷ = w x + b, how far does ŷ move when w is moved by 1?
        (dy_hat * w).sum()
    dw: a product of two means. Multiply sample by sample first, then take the mean of the products.
        dy_hat.sum() * x.mean()
    dw: a product of two sums. Multiply sample by sample first, then add the products.
        dy_hat.sum() * x.sum()
    dw: x is multiplied in twice.
        (dy_hat * x**2).sum()
    db: this is dw. How far does ŷ move when b is moved by 1? Not by x.
        (dy_hat * x).sum()
    db: multiplied by b. In ŷ = w x + b, how far does ŷ move when b is moved by 1?
        (dy_hat * b).sum()
    """,
)
def line_gradient(x, y, w, b):
    """Check line_gradient(x, y, w, b) -> dw, db of (1.3) and (1.4). See notebooks/01_one_neuron.ipynb."""
    N = len(x)
    y_hat = w * x + b
    dy_hat = 2 / N * (y_hat - y)
    return (dy_hat * x).sum(), dy_hat.sum()


def _descended(x, y, w, b, lr, n_steps, kept=0, share=1):
    """Return w, b where slopes are kept from step to step, or where later predictions have a share of b."""
    dw = db = 0
    for step in range(n_steps):
        more = line_gradient.right(x, y, w, b * (share if step else 1))
        dw, db = kept * dw + more[0], kept * db + more[1]
        w, b = w - lr * dw, b - lr * db
    return w, b


# What goes wrong in a step goes wrong in a descent as well.
STEPS = """
    {result} has not moved.
        lr = 0
    you go uphill. Where the slope is positive, the loss rises as {result} is raised, so {result} has to go
    down. (Two signs count: that of the step, and that of ŷ − y.)
        lr = -lr
    the step is N times too long: L is a mean over the samples.
        lr = lr * len(x)
    the step is N/2 times as long as it should be: the mean is missing.
        lr = lr * len(x) / 2
    the step is N times too short: the mean is taken twice.
        lr = lr / len(x)
    the step has half its length: what is the slope of a square, z²?
        lr = lr / 2
    the learning rate is missing: the step is the whole slope.
        lr = 1
    the learning rate is missing, and the step goes uphill.
        lr = -1
    the learning rate is multiplied in twice.
        lr = lr**2
    the learning rate is 0.05, whatever `lr` is.
        lr = 0.05
    a slope was taken where the other parameter had already moved. Both slopes of a step belong to the same
    point: work out dw and db before either of w and b changes.
        w, b = w - lr * dw, b - lr * line_gradient(x, y, w - lr * dw, b)[1]
        w, b = w - lr * line_gradient(x, y, w, b - lr * db)[0], b - lr * db
    """


def _rates():
    rng = np.random.default_rng(1)
    return [Trial((*_data(rng, N), lr), {"N": N, "lr": lr}) for N, lr in [(5, 0.1), (8, 0.03), (1, 0.2)]]


@exercise(
    trials=_rates,
    results=["w", "b"],
    hint="if dw is positive, which way does the loss fall? Work out both slopes first, then move both.",
    praise="Right, on three sets of samples, each with its own learning rate.",
    wrong=STEPS
    + """
    you return the slope d{result}, not the new {result}.
        dw, db
    you return the move alone. The new {result} is the old one plus its move.
        -lr * dw, -lr * db
    you return η d{result}. What has to happen to {result} with it?
        lr * dw, lr * db
    the learning rate multiplies the old {result}. It belongs to the slope: it says how far to go.
        w, b = lr * w - dw, lr * b - db
    only the sign of the slope is left. Where it is steep, the step has to be longer.
        w, b = w - lr * np.sign(dw), b - lr * np.sign(db)
    you divide by the slope. Where it is steep, the step has to be longer.
        w, b = w - lr / dw, b - lr / db
    you divide by the learning rate. A smaller one makes a shorter step.
        w, b = w - dw / lr, b - db / lr
    dw and db have changed places.
        w, b = w - lr * db, b - lr * dw
    you add where the learning rate has to be multiplied by the slope.
        w, b = w - lr + dw, b - lr + db
        w, b = w - lr - dw, b - lr - db
    the old {result} is multiplied into its move. How far to go depends on the slope alone.
        w, b = w * (1 - lr * dw), b * (1 - lr * db)
    w and b move after each sample, and the next gap is that of another line. One step has the slopes of all
    samples, at the w and b that are given.
        w, b = w - lr * dw, b - lr * db → for k in range(len(x)): dw, db = line_gradient(x[k:k + 1],
            y[k:k + 1], w, b); w, b = w - lr * dw⟨| / len(x)⟩, b - lr * db⟨| / len(x)⟩
    the two results are exchanged: w comes first, then b.
        b, w
    """,
)
def line_step(x, y, w, b, lr):
    """Check line_step(x, y, w, b, lr) -> w, b after one step. See notebooks/01_one_neuron.ipynb."""
    dw, db = line_gradient(x, y, w, b)
    w, b = w - lr * dw, b - lr * db
    return w, b


def _descents():
    """Return descents of few and short steps: near the bottom, one more or less would not be seen.

    In the last two all heights are small, and so are losses and slopes; or the loss rises.
    """
    rng = np.random.default_rng(2)
    cases = (5, 0.03, 4, 1), (8, 0.02, 7, 1), (1, 0.01, 3, 1), (6, 0.0005, 120, 1e-8), (4, 0.4, 12, 1)
    for N, lr, n_steps, height in cases:
        x, *heights = _data(rng, N)
        sizes = {"N": N, "lr": lr, "n_steps": n_steps}
        yield Trial((x, *(height * h for h in heights), lr, n_steps), sizes)


def _sample_by_sample(x, y, w, b, lr, n_steps):
    """Return where a descent is that moves w and b after each sample."""
    for x_n, y_n in zip([*x] * n_steps, [*y] * n_steps, strict=True):
        dY_hat = 2 * (w * x_n + b - y_n)
        w, b = w - lr * dY_hat * x_n, b - lr * dY_hat
    return w, b


def _stops_early(name, runs):
    """Tell of a descent that is over before all its steps are made."""
    wrong = [
        (run, _steps_made(name, run, trial))
        for run, trial in zip(runs, descend.trials(), strict=True)
        if not tell.same(run.found, run.right)
    ]
    if any(k is None for _, k in wrong):
        return None
    run, k = wrong[0]
    return (
        f"{run.tried}, yours is where the descent is after {k} {'step' if k == 1 else 'steps'}: it stops"
        " there. How many are made is for `n_steps` alone to say, whatever the loss is by then."
    )


def _steps_made(name, run, trial):
    """Return after how many steps, fewer than asked for, a descent is at what was found; or None."""
    x, y, w, b, lr, n_steps = trial.arguments
    for k in range(n_steps):
        if tell.same(run.found, np.asarray({"w": w, "b": b}[name])):
            return k
        dw, db = line_gradient.right(x, y, w, b)
        w, b = w - lr * dw, b - lr * db
    return None


@exercise(
    trials=_descents,
    results=["w", "b"],
    hint="what is the same in every step? Put it into a loop, and begin at the w and b that are given.",
    praise="Right, on five sets of samples, from 3 to 120 steps.",
    tell=[_stops_early, *tell.GENERAL],
    wrong=STEPS
    + """
    that is a single step. Does `return` stand inside the loop, or do all steps begin at the start?
        range(n_steps) → range(1)
    one step too many.
        range(n_steps) → range(n_steps + 1)
    one step too few.
        range(n_steps) → range(n_steps - 1)
    the slopes pile up from step to step: those of the steps before are still in dw and db. Each step has its
    own.
        range(n_steps) → () ; _descended(x, y, w, b, lr, n_steps, kept=1)
    from the second step on there is no b in your predictions: ŷ = w x + b in every step.
        range(n_steps) → () ; _descended(x, y, w, b, lr, n_steps, share=0)
    every step has the slope of the start. The slope changes as you move.
        range(n_steps) → range(1) ; lr = lr * n_steps
    w and b move after each sample, and the next gap is that of another line. One step has the slopes of all
    samples, at the w and b that are given.
        range(n_steps) → () ; _sample_by_sample(x, y, w, b, lr, n_steps)
        range(n_steps) → () ; _sample_by_sample(x, y, w, b, lr / len(x), n_steps)
    every step looks at one sample, the next one each time. L is a mean over all of them, and so is its slope.
        line_gradient(x, y, w, b) → line_gradient(x[_ % len(x)][None], y[_ % len(x)][None], w, b)
    the learning rate shrinks from step to step. It is given, and stays as it is.
        w, b = w - lr * dw, b - lr * db → w, b = w - lr * dw, b - lr * db; lr = ⟨0.9|0.99|0.95|0.5⟩ * lr
        w, b = w - lr * dw, b - lr * db → w, b = w - lr / (_ + 1) * dw, b - lr / (_ + 1) * db
    the descent starts at w = 0, b = 0, not at the w and b that it is given.
        w = 0 ; b = 0
    b never moves.
        w, b = w - lr * dw, b
    """,
)
def descend(x, y, w, b, lr, n_steps):
    """Check descend(x, y, w, b, lr, n_steps) -> w, b after all steps. See notebooks/01_one_neuron.ipynb."""
    for _ in range(n_steps):
        dw, db = line_gradient(x, y, w, b)
        w, b = w - lr * dw, b - lr * db
    return w, b


def _inputs():
    rng = np.random.default_rng(3)
    inputs = [*(rng.uniform(-1, 4, N) for N in (5, 8, 12)), np.array([2.0]), np.array([-0.5])]
    return [Trial((x,), {"N": len(x)}) for x in inputs]


def _rate(answer):
    """Read a rate; with a single sample λ_min is 0 but for rounding, and what is divided by it infinite."""
    rate = numbers(answer)
    return rate if rate is None else np.where(np.abs(rate) < 1e6, rate, np.inf)


@exercise(
    trials=_inputs,
    results=["the largest rate"],
    hint="H has four entries and two eigenvalues. Which of the two sets the limit?",
    praise="Right, on five sets of inputs, two of them with a single sample.",
    read=_rate,
    wrong="""
    half the largest. With this one the steepest direction is at its bottom after one step. May a step go
    beyond the bottom?
        1 / eigenvalues[-1]
    that is λ_max itself, not a rate.
        eigenvalues[-1]
    that is 1/λ_max². Which factor must stay above −1?
        1 / eigenvalues[-1] ** 2
    that is 2/λ_min, the limit of the flattest direction. Which direction breaks out first?
        2 / eigenvalues[0]
    that is 2/(λ_min + λ_max). It converges, and so do larger ones.
        2 / np.trace(H)
    twice the largest. Is the 2 in the entries of H?
        H = np.array([[square, mean], [mean, 1]])
    N times too small: the entries of H are means, not sums.
        2 / eigenvalues[-1] / len(x)
    2/N times what it should be: the entries of H are means, not sums, and they have a factor 2.
        4 / eigenvalues[-1] / len(x)
    `np.linalg.norm` is no eigenvalue: it is the root of the sum of their squares.
        2 / np.linalg.norm(H)
    the determinant is the product of both eigenvalues. Which of the two sets the limit?
        2 / np.linalg.det(H)
    sums stand in H where means belong.
        square = np.sum(x**2) ; mean = np.sum(x)
    that is the limit if b stood still. The bowl has a direction that is steeper than that of w.
        1 / square
        2 / H.max()
    you take the mean of x away first. That is another bowl, one whose axes are those of w and b.
        1 / max(np.var(x), 1)
    the square of the mean stands where the mean of the squares belongs.
        square = np.mean(x) ** 2
    """,
)
def largest_rate(x):
    """Check largest_rate(x) -> 2/λ_max of (1.8). See notebooks/01_one_neuron.ipynb."""
    square = np.mean(x**2)
    mean = np.mean(x)
    H = 2 * np.array([[square, mean], [mean, 1]])
    eigenvalues = np.linalg.eigvalsh(H)
    return 2 / eigenvalues[-1]


def _lines():
    rng = np.random.default_rng(4)
    means = rng.uniform(2, 5, 3) * (1, -1, 1)
    return [Trial((rng.uniform(1, 3), rng.uniform(-4, 4), m, rng.uniform(1.5, 3)), {}) for m in means]


@exercise(
    trials=_lines,
    results=["w", "b"],
    hint="multiply out w (x − m)/s + b. What stands before x, and what is left?",
    praise="Right, on three lines.",
    wrong="""
    w: unchanged. How far does the line rise over one kilogram?
        w
    w: multiplied by s. How many kilograms are one s?
        w * s
    w: a slope has no mean to take away.
        (w - m) / s
    w: m has no part in a slope: to shift a line to the side does not tilt it.
        w⟨ * s + | / s + | / s - | - ⟩m
    b: unchanged. b is the height of the line where its input is 0. Which x was that, and which is it now?
        b
    b: the wrong sign. Put x = m into your line: b has to come out.
        b + w * m / s
    b: the old slope times m. The line for x has another slope, the one that you return.
        b - w * m
    b: the old slope times m, and the wrong sign. Put x = m into your line: b has to come out.
        b + w * m
    b: divided by s once too often. Had w already changed when you used it?
        b - w * m / s**2
    b: what a shift by m/s does to the line depends on its slope.
        b - m / s
    b: m is an x, and b a height: one cannot be taken from the other.
        b - m
        (b - m) / s
    b: m is not in it. Where was x when x' was 0?
        b - w / s
    b: b and m have changed places.
        m - b * w / s
    b: all of it is divided by s. Multiply out w (x − m)/s + b: which terms have an s under them?
        (b - w * m) / s
    b: b is divided by s, and m is not in it. Multiply out w (x − m)/s + b: which terms have no x?
        b / s
    """,
)
def raw_line(w, b, m, s):
    """Check raw_line(w, b, m, s) -> w, b for x instead of (x − m)/s. See notebooks/01_one_neuron.ipynb."""
    return w / s, b - w * m / s
