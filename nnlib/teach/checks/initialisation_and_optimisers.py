"""The exercises of chapter 10."""

import math

import numpy as np

from nnlib.teach.checks.engine import Trial, exercise, tell

__all__ = ["adam_step", "init_scale", "momentum_step", "schedule"]


def _layers():
    cases = (512, 300, 0.0), (784, 128, 0.01), (100, 700, 0.5), (60, 90, 0.2), (5, 1, 0.9)
    return [Trial(case, dict(zip(("n_in", "n_out", "slope"), case, strict=True))) for case in cases]


def _one_scale(name, runs):
    """Tell of a number that is the same for every layer."""
    if len({float(run.found) for run in runs if run.found.shape == ()}) != 1:
        return None
    return (
        f"{runs[0].found:.4g} for every layer. Some courses draw all weights at one scale; here each layer"
        " has its own, by how many inputs a unit adds up and what the activation leaves of them."
    )


@exercise(
    trials=_layers,
    results=["σ"],
    hint="half of the numbers z are negative. What is E[A²], as a share of E[Z²]? Then ask (10.1) for"
    " Var(Z) of one layer to be Var(Z) of the next.",
    praise="Right, for five layers, from slope 0, which is ReLU, to 0.9.",
    tell=[_one_scale, *tell.GENERAL],
    wrong="""
    That is the variance of the weights. A random number is multiplied by its standard deviation.
        2 / ((1 + slope**2) * n_in)
    That is the scale for tanh, (10.2): it takes E[A²] to be all of E[Z²]. How much does this activation leave
    of it?
        np.sqrt(1 / n_in)
    That is Xavier's compromise, which takes E[A²] to be all of E[Z²], and thinks of the way back too.
        np.sqrt(2 / (n_in + n_out))
    Right for ReLU, whose slope is 0 on the left. Here the negative half is not lost, only made smaller: what
    does it add to E[A²]?
        np.sqrt(2 / n_in)
    You have counted the outputs. A unit's sum runs over what comes in.
        np.sqrt(2 / ((1 + slope**2) * n_out))
        np.sqrt(⟨2|1⟩ / n_out)
    You take the mean of inputs and outputs. To keep the spread of Z on the way forward, only those count that
    a sum runs over.
        np.sqrt(4 / ((1 + slope**2) * (n_in + n_out)))
    The slope is not squared. E[A²] is a mean of squares: what becomes of (slope · z)²?
        np.sqrt(2 / ((1 + slope) * n_in))
    1 + slope is squared as a whole. The two halves of E[A²] are squared each by itself.
        np.sqrt(2 / ((1 + slope) ** 2 * n_in))
    E[A²] is in the numerator. The less the activation leaves, the larger the weights have to be.
        np.sqrt((1 + slope**2) / (2 * n_in))
    The half is missing: each half of the numbers, the positive and the negative one, has only half of E[Z²].
        np.sqrt(1 / ((1 + slope**2) * n_in))
    You let the negative half take away from the positive one. Both are squares, so they add.
        np.sqrt(2 / ((1 - slope**2) * n_in))
    That is the bound of a uniform law, whose standard deviation is √3 times smaller.
        np.sqrt(6 / ((1 + slope**2) * n_in))
    Brackets are missing: `2 / a * b` divides by a alone, and multiplies by b.
        np.sqrt(2 / (1 + slope**2) * n_in)
        np.sqrt(2 / n_in * (1 + slope**2))
        np.sqrt(2 / 1 + slope**2 * n_in)
    The root is taken of a part only: σ² is all of Var(w), 1/n_in and the factor before it.
        np.sqrt(2 / (1 + slope**2)) / n_in
        2 / (1 + slope**2) / np.sqrt(n_in)
    That is 1/σ.
        np.sqrt((1 + slope**2) * n_in / 2)
    """,
)
def init_scale(n_in, n_out, slope):
    """Check init_scale(n_in, n_out, slope) -> σ. See notebooks/10_initialisation_and_optimisers.ipynb."""
    return np.sqrt(2 / ((1 + slope**2) * n_in))


def _velocities():
    rng = np.random.default_rng(0)
    cases = ((4, 3), 0.1, 0.9), ((5,), 0.03, 0.5), ((1, 6), 0.5, 0.8), ((2, 7), 0.2, 0.99)
    return [
        Trial((*rng.standard_normal((3, *shape)), lr, beta), {"shape": str(shape), "lr": lr, "beta": beta})
        for shape, lr, beta in cases
    ]


@exercise(
    trials=_velocities,
    results=["p", "v"],
    hint="two lines, and the order matters: the velocity first, then the parameters.",
    praise="Right, on four arrays.",
    wrong="""
    p: the parameters go up the slope: p moves against v.
        p + lr * new_v
    p: p moves with the old v, as it was before this gradient came in.
        p - lr * v
    p: p moves with g alone: v is kept, and never used.
        p - lr * g
    p: the learning rate is missing.
        p - new_v
    g comes in with the factor 1 − β. That is a moving mean, as Adam has it; in (10.5) v is a sum.
        new_v = beta * v + (1 - beta) * g
    v is a moving mean of gradients, pointing downhill. That is another common form; (10.5) sums gradients,
    and takes v away.
        new_v = beta * v - (1 - beta) * g ; new_p = p + lr * new_v
    v is a moving mean of steps. That is another form, whose steps are 1 − β times as long; (10.5) sums
    gradients.
        new_v = beta * v ⟨-|+⟩ (1 - beta) * lr * g ; new_p = p ⟨+|-⟩ new_v
    v holds steps, and p looks one ahead: that is Nesterov's momentum. (10.5) sums gradients, and moves with v
    itself.
        new_v = beta * v - lr * g ; new_p = p - beta * v + (1 + beta) * new_v
    the learning rate is inside v. That is another common form, and the same as long as η stays; (10.5) keeps
    it out, so that a schedule acts at once.
        new_v = beta * v + lr * g ; new_p = p - new_v
    v holds steps, sign and learning rate included. That is another common form; (10.5) sums gradients.
        new_v = beta * v - lr * g ; new_p = p + new_v
    v points downhill, and p adds it. That is another common form; (10.5) sums gradients, and takes v away.
        new_v = beta * v - g ; new_p = p + lr * new_v
    the learning rate counts twice, in v and in the step.
        new_v = beta * v + lr * g
    β is always 0.9: take the `beta` that is handed in.
        beta = 0.9
    nothing is forgotten: β is missing, and v grows for ever.
        new_v = v + g
    β stands at the new gradient. It is the old v that fades.
        new_v = v + beta * g
    the new gradient fades too: only the old v is multiplied by β.
        new_v = beta * (v + g)
    v keeps the share 1 − β; it should keep β.
        new_v = (1 - beta) * v + g
    the gradient is taken away from v, where (10.5) adds it.
        new_v = beta * v - g
    v takes in the mean or the sum of g, one number. Each entry of p has a velocity of its own.
        new_v = beta * v + np.⟨sum|mean⟩(g)
    p: p looks one step ahead: that is Nesterov's momentum. (10.5) moves with v itself.
        p - lr * (beta * new_v + g)
    p: that is the move. The new p is the old one plus its move.
        -lr * new_v
    p: that is what the step takes away; the old p is missing.
        lr * new_v
    unchanged.
        p, v
    """,
)
def momentum_step(p, g, v, lr, beta):
    """Check momentum_step(p, g, v, …) -> p, v. See notebooks/10_initialisation_and_optimisers.ipynb."""
    new_v = beta * v + g
    new_p = p - lr * new_v
    return new_p, new_v


def _moments():
    rng = np.random.default_rng(0)
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
        sizes = dict(zip(("t", "lr", "beta1", "beta2", "eps"), rates, strict=True))
        yield Trial((p, g, m, v, *rates), {"shape": str(shape), **sizes})


@exercise(
    trials=_moments,
    results=["p", "m", "v"],
    hint="five lines: the two moving means, each of them divided by what (10.7) says, and the step.",
    praise="Right, on four arrays, from the first step to the 30th.",
    wrong="""
    no bias correction. m and v begin at zero; (10.7) says how much of E[g] they hold after t steps.
        m_hat = new_m ; v_hat = new_v
    only m is corrected; v begins at zero too.
        v_hat = new_v
    only v is corrected; m begins at zero too.
        m_hat = new_m
    the correction has t − 1 for t. The first step is t = 1; at 0 it would divide by 1 − β⁰ = 0.
        t = t - 1
    the correction has t + 1 for t. You are given the number of this step.
        t = t + 1
    you divide by βᵗ, what is still missing. What is there is 1 − βᵗ.
        m_hat = new_m / ⟨beta1**t|(1 - beta1**t)⟩ ; v_hat = new_v / beta2**t
        m_hat = new_m / beta1**t
    the correction has β for βᵗ: it never fades, though the bias does.
        m_hat = new_m / (1 - beta1⟨|**t⟩) ; v_hat = new_v / (1 - beta2)
        m_hat = new_m / (1 - beta1)
    the correction has β t. How much of the zero is left after t steps: a product of t factors.
        m_hat = new_m / (1 - beta1 ⟨*|**⟩ t) ; v_hat = new_v / (1 - beta2 * t)
        m_hat = new_m / (1 - beta1 * t)
    the power is taken of 1 − β. It is β that is multiplied in at each step: 1 − βᵗ, not (1 − β)ᵗ.
        m_hat = new_m / ⟨(1 - beta1)**t|(1 - beta1**t)⟩ ; v_hat = new_v / (1 - beta2)**t
        m_hat = new_m / (1 - beta1)**t
    you multiply by 1 − βᵗ. It is how much is there: to have all of it, divide.
        m_hat = new_m ⟨*|/⟩ (1 - beta1**t) ; v_hat = new_v * (1 - beta2**t)
        m_hat = new_m * (1 - beta1**t)
    the β's of the two corrections are exchanged.
        m_hat = new_m / (1 - beta2**t) ; v_hat = new_v / (1 - beta1**t)
    v is corrected with β₁. It fades with β₂.
        v_hat = new_v / (1 - beta1**t)
    m is corrected with β₂. It fades with β₁.
        m_hat = new_m / (1 - beta2**t)
    the β's are exchanged: β₁ belongs to m, β₂ to v.
        beta1, beta2 = beta2, beta1
    v fades with β₁, and is corrected with it. Both belong to m; v has β₂.
        beta2 = beta1
    m fades with β₂, and is corrected with it. Both belong to v; m has β₁.
        beta1 = beta2
    the β's are always 0.9 and 0.999: take those that are handed in.
        beta1, beta2 = 0.9, 0.999
    the β's and ε are always 0.9, 0.999 and 1e-8: take those that are handed in.
        beta1, beta2, eps = 0.9, 0.999, 1e-8
    ε is always 1e-8: take the `eps` that is handed in.
        eps = 1e-8
    v fades with β₁. It has a β of its own.
        new_v = beta1 * v + (1 - beta1) * g**2
    m fades with β₂. It has a β of its own.
        new_m = beta2 * m + (1 - beta2) * g
    β and 1 − β are exchanged: most of the old mean is kept.
        new_m = (1 - beta1) * m + beta1 * g ; new_v = (1 - beta2) * v + beta2 * g**2
    β₁ and 1 − β₁ are exchanged: most of the old mean is kept.
        new_m = (1 - beta1) * m + beta1 * g
    β₂ and 1 − β₂ are exchanged: most of the old mean is kept.
        new_v = (1 - beta2) * v + beta2 * g**2
    the factors 1 − β are missing: those are sums, and the correction (10.7) is for means.
        new_m = beta1 * m + g ; new_v = beta2 * v + g**2
    the factor 1 − β₁ is missing from m.
        new_m = beta1 * m + g
    the factor 1 − β₂ is missing from v.
        new_v = beta2 * v + g**2
    v is one number, made of all squares together. Each entry of p has a v of its own: that is how it gets a
    step of its own.
        new_v = beta2 * v + (1 - beta2) * np.⟨sum|mean⟩(g**2)
    m takes in the mean or the sum of g, one number. Each entry of p has an m of its own.
        new_m = beta1 * m + (1 - beta1) * np.⟨sum|mean⟩(g)
    v is made of g, not of g²: it is a mean of squares.
        new_v = beta2 * v + (1 - beta2) * g
    v is made of the size of g, not of its square.
        new_v = beta2 * v + (1 - beta2) * np.abs(g)
    the factor 1 − β₂ is squared together with g.
        new_v = beta2 * v + ((1 - beta2) * g)**2
    v is made of m², not of g²: it should see how much the gradients scatter, before they are averaged.
        new_v = beta2 * v + (1 - beta2) * new_m**2
    p: ε stands inside the root. (10.6) adds it after: √ε is ten thousand times 1e-8.
        p - lr * m_hat / np.sqrt(v_hat + eps)
    p: ε is added before v is corrected. The step is the same but for an ε that changes with t.
        p - lr * m_hat / (np.sqrt(new_v) + eps) * np.sqrt(1 - beta2**t)
    p: ε is missing. Where all gradients so far were zero, that divides by zero.
        p - lr * m_hat / np.sqrt(v_hat)
    p: ε is added to the step, not to √v: a pair of brackets is missing.
        p - lr * m_hat / np.sqrt(v_hat) ⟨+|-⟩ eps
    p: the root is missing: v is a mean of squares, and a step is measured in g, not in g².
        p - lr * m_hat / (v_hat + eps)
    p: the root is taken of m, which can be negative. It belongs to v.
        p - lr * np.sqrt(m_hat) / (v_hat + eps)
    p: m and v are exchanged in the step: the mean goes on top, the root of the squares below.
        p - lr * v_hat / (np.sqrt(m_hat) + eps)
    p: the step has g on top: that is RMS alone, (10.6). Adam puts the mean there.
        p - lr * g / (np.sqrt(v_hat) + eps)
    p: v has no part in the step: that is a mean of gradients, with nothing to scale it.
        p - lr * m_hat
    p: the parameters go up the slope: a minus is missing.
        p + lr * m_hat / (np.sqrt(v_hat) + eps)
    p: the learning rate is missing.
        p - m_hat / (np.sqrt(v_hat) + eps)
    p: the step uses the old m and v, from before this gradient.
        m_hat = m / (1 - beta1**t) ; v_hat = v / (1 - beta2**t)
    p: the step uses the old m, from before this gradient.
        m_hat = m / (1 - beta1**t)
    p: the step uses the old v, from before this gradient.
        v_hat = v / (1 - beta2**t)
    you return the corrected mean. The next step needs it as it was before the correction: else it is
    corrected twice.
        new_p, m_hat, v_hat
    p: that is the move. The new p is the old one plus its move.
        -lr * m_hat / (np.sqrt(v_hat) + eps)
    p: that is what the step takes away; the old p is missing.
        lr * m_hat / (np.sqrt(v_hat) + eps)
    unchanged.
        p, m, v
    """,
)
def adam_step(p, g, m, v, t, lr, beta1, beta2, eps):
    """Check adam_step(p, g, m, v, t, …) -> p, m, v. See notebooks/10_initialisation_and_optimisers.ipynb."""
    new_m = beta1 * m + (1 - beta1) * g
    new_v = beta2 * v + (1 - beta2) * g**2
    m_hat = new_m / (1 - beta1**t)
    v_hat = new_v / (1 - beta2**t)
    new_p = p - lr * m_hat / (np.sqrt(v_hat) + eps)
    return new_p, new_m, new_v


def _steps():
    cases = [
        *((t, 0.3, 10, 50) for t in (1, 5, 10, 11, 30, 47)),
        *((t, 0.02, 3, 100) for t in (1, 2, 3, 4, 99)),
        *((t, 0.5, 0, 20) for t in (1, 10, 19)),
    ]
    return [Trial(case, dict(zip(("t", "peak", "warmup", "total"), case, strict=True))) for case in cases]


@exercise(
    trials=_steps,
    results=["η"],
    hint="two cases: t up to warmup, and t after it. How much of the way down has been made at t?",
    praise="Right, at 14 steps of three schedules, one of them without a warm-up.",
    wrong="""
    A run may have no warm-up, t_w = 0. Then the second case holds from the first step, and nothing is divided
    by t_w: ask for t ≤ t_w first.
        t <= warmup → t / warmup <= 1
        min(peak * t / warmup, fall)
    There is no warm-up: before the peak the rate should rise in a straight line.
        t <= warmup → False
    There is no warm-up, only a cosine from the first step to the last.
        peak * (1 + math.cos(math.pi * t / total)) / 2
    The cosine counts from step 0, and falls while the warm-up rises. It should begin where the warm-up ends.
        peak * min(1, t / max(warmup, 1)) * (1 + math.cos(math.pi * t / total)) / 2
    The cosine counts from step 0, so the rate jumps at the end of the warm-up. It should begin where the
    warm-up ends.
        way = t / total
    The cosine counts from step 0, not from the end of the warm-up: it begins too low.
        way = t / (total - warmup)
    Half a wave is 180 degrees, but the cosine takes its angle in radians.
        math.pi → 180
    The cosine is stretched over all steps: how many are left after the warm-up?
        way = (t - warmup) / total
    π is missing: the cosine reaches −1 at π, not at 1.
        wave = math.cos(way)
    The cosine goes down to −1, and your rate with it. It has to end at 0.
        fall = peak * wave
    That is a quarter of a wave: it ends steeply, where half a wave ends gently.
        fall = peak * math.cos(math.pi / 2 * way)
    After the warm-up it begins at twice the peak: 1 + cos runs from 2 to 0.
        fall = peak * (1 + wave)
    After the warm-up it drops to 0 and rises. Which sign has the cosine?
        fall = peak * (1 - wave) / 2
    After the peak it falls in a straight line. (10.9) falls with half a wave of the cosine.
        fall = peak * (1 - way)
    After the warm-up it stays at the peak.
        fall = peak
    The cosine goes down to −1, and your rate with it: 1 + is missing.
        fall = peak * wave / 2
    The way that is done stands outside of the cosine, which is −1 at every step.
        wave = math.cos(math.pi) * way
    That is a whole wave: half way it is at 0, and at the end at the peak again.
        wave = math.cos(2 * math.pi * way)
    The sine begins at 0 and ends there. Which function begins at 1 and is at −1 half a wave later?
        wave = math.sin(math.pi * way)
    A pair of brackets is missing: the peak has to multiply the whole sum 1 + cos.
        fall = peak / 2 * 1 + wave
    Brackets are missing in the cosine: all of t − t_w is divided, and by all of T − t_w.
        wave = math.cos(math.pi * (t - warmup) / total - warmup)
        wave = math.cos(math.pi * t - warmup / (total - warmup))
        wave = math.cos(math.pi * t - warmup / total - warmup)
    In the warm-up the rate should rise in a straight line from step to step, and reach the peak at its end.
        peak * t / warmup → peak⟨| * (t // warmup)⟩
    The cosine is a step off. It leaves the peak at the end of the warm-up, t = t_w, and is at 0 at the last
    step, t = T.
        way = (t - warmup ⟨+|-⟩ 1) / (total - warmup)
        way = (t - warmup) / (total - warmup ⟨+|-⟩ 1)
        way = (t - warmup + 1) / (total - warmup + 1)
        way = (t - warmup - 1) / (total - warmup - 1)
    The first step, t = 1, has the rate 0: steps count from 1, so no step is made at t = 0.
        peak * t / warmup → peak * (t - 1) / warmup
    The warm-up is a step ahead, and goes beyond the peak: steps count from 1.
        peak * t / warmup → peak * (t + 1) / warmup
    The warm-up rises over all steps, and jumps at its end.
        peak * t / warmup → peak * t / total
    The peak is missing from the warm-up.
        peak * t / warmup → t / warmup
    The peak is missing: yours goes up to 1.
        peak = 1
    It goes on rising after the warm-up.
        peak * t / warmup
        peak * t / warmup if warmup else peak
    """,
)
def schedule(t, peak, warmup, total):
    """Check schedule(t, peak, …) -> η(t). See notebooks/10_initialisation_and_optimisers.ipynb."""
    if t <= warmup:
        return peak * t / warmup
    way = (t - warmup) / (total - warmup)
    wave = math.cos(math.pi * way)
    fall = peak * (1 + wave) / 2
    return fall
