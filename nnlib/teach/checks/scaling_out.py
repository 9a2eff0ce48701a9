"""The exercises of chapter 15 that are answered with a function, but for the ring."""

import itertools
import math
import re

import numpy as np

from nnlib.teach.checks.engine import Crash, Trial, Unnamed, Wrong, exercise, numbers
from nnlib.teach.checks.engine.catalogue import Entry
from nnlib.teach.checks.engine.running import Nothing
from nnlib.teach.checks.engine.tell import GENERAL, same
from nnlib.teach.checks.engine.verdict import sentence

__all__ = ["paying_batch", "union_gradient"]

# --- the gradient of a union ---

# Shape of the gradients, and the sizes of the shards
SHARDS = [
    ((4, 3), [3, 5]),
    ((2,), [7, 1, 4]),
    ((2, 3, 5), [6]),
    ((), [2, 9, 3, 8, 4]),
    ((3, 2), [4, 0, 6]),
    ((6,), [0, 10, 2, 5]),
    ((1, 7), [1, 5, 13, 0, 11, 3]),
]


def _shards():
    rng = np.random.default_rng(0)
    for shape, sizes in SHARDS:
        gradients = rng.standard_normal((len(sizes), *shape))
        gradients[np.equal(sizes, 0)] = np.nan  # the mean over nothing
        told = {"workers": len(sizes), "sizes": sizes, "samples": sum(sizes), "shape": shape}
        yield Trial((gradients, np.array(sizes)), told)


def _of_lists(ask, gradients, sizes):
    """Hand over a list of arrays and a list of whole numbers, which belong to the workers."""
    given, counts = list(gradients.copy()), sizes.tolist()
    kept = list(given)
    found = ask(given, counts)
    if any(not np.array_equal(one, was, equal_nan=True) for one, was in zip(kept, gradients, strict=True)):
        raise Unnamed(
            "Your function changes an array of gradients, which belongs to the worker that handed it over."
            " `total = gradients[0]` makes no new array: it is another name for the same one, and `+=`, `*=`"
            " and `[…] =` change it."
        )
    if len(given) != len(kept) or any(a is not b for a, b in zip(given, kept, strict=True)):
        raise Unnamed(
            "Your function changes the list gradients, which belongs to whoever called it. Work on a new one:"
            " `list(gradients)` makes it."
        )
    if counts != sizes.tolist():
        raise Unnamed(
            "Your function changes the list sizes, which belongs to whoever called it. Work on a new one:"
            " `list(sizes)` makes it."
        )
    return found


def _two_by_two(gradients):
    """Return the mean of the first two, of this and the third, and so on."""
    mean = gradients[0]
    for gradient in gradients[1:]:
        mean = (mean + gradient) / 2
    return mean


def _until_one_is_empty(gradients, sizes):
    """Return the shards before the first one without samples."""
    pairs = zip(gradients, sizes, strict=True)
    return list(itertools.takewhile(lambda pair: pair[1] > 0, pairs))


def _divided_each_turn(shards, N):
    """Return what is left where the sum is divided before the next worker comes."""
    total = 0.0
    for gradient, n in shards:
        total = (total + n * gradient) / N
    return total


def _running(gradients, shards, step):
    """Return the mean that is renewed with each worker, where `step` says how, and how many were seen."""
    mean, seen = np.zeros_like(gradients[0]), 0
    for gradient, n in shards:
        mean, seen = step(mean, seen, gradient, n)
    return mean


def _stacked(shards):
    """Return the sizes and the gradients of shards as two arrays, as the letters k, ki, kij … take them."""
    return np.array([n for _, n in shards]), np.array([gradient for gradient, _ in shards])


def _weights(name, runs):
    """Tell with what weight each worker counts, where that explains what was found on every trial."""
    seen = None
    for run, trial in zip(runs, union_gradient.trials(), strict=True):
        gradients, sizes = trial.arguments
        if run.found.shape != run.right.shape or not np.isfinite(run.found).all():
            return None
        rows = gradients[sizes > 0].reshape(np.count_nonzero(sizes), -1).T
        weights = np.linalg.lstsq(rows, run.found.ravel(), rcond=None)[0]
        if not np.allclose(rows @ weights, run.found.ravel()):
            return None
        if seen is None and len(rows) > len(weights) and not same(run.found, run.right):
            seen = run, weights, sizes[sizes > 0]
    if seen is None:
        return None
    run, weights, sizes = seen
    yours = ", ".join(f"{weight:.4g}" for weight in weights)
    right = ", ".join(f"{n}/{sizes.sum()} = {n / sizes.sum():.4g}" for n in sizes)
    return (
        f"{run.tried}, the gradients of the workers with {_listed(sizes)} samples count {yours} times in"
        f" yours. Their shares of all samples are {right}."
    )


def _listed(sizes):
    *first, last = map(str, sizes)
    return f"{', '.join(first)} and {last}" if first else last


@exercise(
    trials=_shards,
    results=["the gradient"],
    hint="three samples in one shard, five in the other: how much does each of the eight count in the mean"
    " over all of them?",
    praise=f"Right, on {len(SHARDS)} sets of shards, from one worker to six, three sets with an empty one.",
    observe=_of_lists,
    tell=[_weights, *GENERAL],
    wrong="""
    right wherever every worker has samples. An empty shard is not harmless with a weight of 0: 0 times nan is
    nan. Leave it out of the sum: its n is 0. (Every array `is not np.nan`, and `!= np.nan`.)
        shards = list(zip(gradients, sizes, strict=True))
    every worker counts the same, however many samples it has. In the mean over all samples each sample counts
    the same, so a worker with five of them counts five times.
        sum(gradient for gradient, n in shards) / len(shards)
        sum(gradient for gradient, n in shards) / len(sizes)
        np.mean(gradients, axis=0)
        np.mean(np.nan_to_num(gradients), axis=0)
    you add up means, and neither weigh nor divide them. How many samples does each of them speak for?
        sum(gradient for gradient, n in shards)
        sum(gradients)
    that is the sum over all samples; a mean is divided by how many there are.
        total
        total = sum(n * gradient for gradient, n in zip(gradients, sizes)) ; total
    weighted by the sizes, and divided by the number of workers. What n samples of a shard add up to has to be
    divided by the number of samples, of all shards together.
        total / len(sizes)
        total / len(shards)
        np.mean([n * gradient for gradient, n in zip(gradients, sizes)], axis=0)
    weighted by the sizes, divided by the number of samples, and then by the number of workers as well.
        total / sum(sizes) / len(sizes)
        total / sum(sizes) / len(shards)
        sum(n * gradient for gradient, n in zip(gradients, sizes)) / sum(sizes) / len(sizes)
    the sizes are in it twice: a shard that is twice as large counts four times as much.
        sum(n**2 * gradient for gradient, n in shards) / sum(sizes)
        sum(n**2 * gradient for gradient, n in shards) / sum(sizes) ** 2
        sum(n**2 * gradient for gradient, n in shards) / sum(n**2 for n in sizes)
        sum(n**2 * gradient for gradient, n in zip(gradients, sizes)) / sum(sizes)
        sum(n**2 * gradient for gradient, n in zip(gradients, sizes)) / sum(sizes) ** 2
        sum(n**2 * gradient for gradient, n in zip(gradients, sizes)) / sum(n**2 for n in sizes)
    the sizes do not stand in the order of the gradients: a worker gets the weight of another one.
        sizes = ⟨sizes[::-1]|sorted(sizes)|sorted(sizes)[::-1]|sizes[1:] + sizes[:1]|sizes[-1:] + sizes[:-1]⟩
        shards = list(zip(gradients, ⟨sizes[::-1]|sorted(sizes)|sorted(sizes)[::-1]|sizes[1:] + sizes[:1]⟩))
    the gradient of the empty worker is left out, and its 0 stays among the sizes: those that come after it
    get the weight of another one.
        total = sum(n * gradient for gradient, n in zip([gradient for gradient, n in shards], sizes))
    a small shard counts more than a large one: its gradient is divided by its size. It is a mean already; of
    n samples it is what n of them have on average, so n times it is their sum.
        sum(gradient / n for gradient, n in shards)
        sum(gradient / n for gradient, n in shards) / len(shards)
        sum(gradient / n for gradient, n in shards) / len(sizes)
        sum(gradient / n for gradient, n in shards) / sum(sizes)
        sum(gradient / n for gradient, n in shards) / sum(1 / n for gradient, n in shards)
        sum(gradient / n for gradient, n in shards) * sum(sizes)
        sum(gradient * sum(sizes) / n for gradient, n in shards) / len(shards)
    divided by the size of each shard, and added up. Each gradient has been divided by its size already, when
    its worker took the mean.
        sum(gradient / max(n, 1) for gradient, n in zip(gradients, sizes))
        sum(np.divide(gradient, n) for gradient, n in zip(gradients, sizes))
    you add up the gradients and divide by the number of samples. Each of them is a mean over its own shard
    already: first make of it the sum over that shard.
        sum(gradient for gradient, n in shards) / sum(sizes)
        sum(gradients) / sum(sizes)
    multiplied by the number of all samples, where a mean is divided by it.
        total * sum(sizes)
    divided by the size of the largest shard. The weights are shares of all samples, and add up to 1.
        total / max(sizes)
        sum(n * gradient for gradient, n in zip(gradients, sizes)) / max(sizes)
    divided by the size of one shard. The weights are shares of all samples, and add up to 1.
        total / sizes[-1]
        total / shards[-1][1]
        total / sizes[0]
    the weights are square roots of the sizes. What counts is how many samples each shard has.
        sum(np.sqrt(n) * gradient for gradient, n in shards) / sum(np.sqrt(sizes))
    the weight is `n // total`, and `//` cuts off what stands after the point: it is 0 wherever there are two
    workers. A share is `n / total`.
        sum(n // sum(sizes) * gradient for gradient, n in zip(gradients, sizes))
        sum(n // sum(sizes) * gradient for gradient, n in shards)
    yours is 0. A `zip`, and what else stands in `( … for … in … )`, can be gone through once only: when it is
    used up, a sum over it is 0. `list(…)` keeps it.
        0 / sum(sizes)
        0 * total
    you divide by 0. A `zip`, and what else stands in `( … for … in … )`, can be gone through once only: when
    it is used up, a sum over it is 0. `list(…)` keeps it.
        total / np.float64(0)
        sum(n * gradient for gradient, n in zip(gradients, sizes)) / np.float64(0)
    the mean of two, of this and the third, and so on: the last worker has half of the say. Add all of them up
    first.
        _two_by_two(gradients)
        _two_by_two([gradient for gradient, n in shards])
    the count of the samples that were seen does not grow: each of your means is weighted with those of the
    first worker alone. `seen += n`, when the mean has been renewed.
        _running(gradients, shards, lambda mean, seen, g, n: ((seen * mean + n * g) / (seen + n), seen or n))
    your count of the samples that were seen is that of the last worker alone: a mean speaks for all of those
    before. `seen += n`, not `seen = n`.
        _running(gradients, shards, lambda mean, seen, g, n: ((seen * mean + n * g) / (seen + n), n))
    the samples of a worker are counted before the mean is renewed, and count twice then: in the weight of the
    old mean, which does not know them yet, and in that of the new gradient.
        _running(gradients, shards, lambda mean, seen, g, n:
            (((seen + n) * mean + n * g) / (seen + 2 * n), seen + n))
        _running(gradients, shards, lambda mean, seen, g, n:
            (((seen + n) * mean + n * g) / (seen + n), seen + n))
    the mean so far is weighted with the number of workers that it knows, the new gradient with its samples.
    It speaks for all samples that were seen.
        _running(gradients, shards, lambda mean, seen, g, n: ((seen * mean + n * g) / (seen + n), seen + 1))
        _running(gradients, shards, lambda mean, seen, g, n: (mean + (g - mean) * n / (seen + n), seen + 1))
    the mean so far is divided by all samples again, and not multiplied by those that it knows. It speaks for
    what was seen before: `(seen * mean + n * g) / (seen + n)`.
        _running(gradients, shards, lambda mean, seen, g, n: ((mean + n * g) / (seen + n), seen + n))
    the new gradient has no weight: it speaks for the n samples of its worker, as the mean so far does for
    those that were seen before.
        _running(gradients, shards, lambda mean, seen, g, n: (mean + (g - mean) / (seen + n), seen + n))
    the weights are n - 1, as for variances. A mean over n samples speaks for n of them.
        sum((n - 1) * gradient for gradient, n in shards) / sum(n - 1 for gradient, n in shards)
        sum((n - 1) * gradient for gradient, n in shards) / (sum(sizes) - ⟨0|1|len(sizes)⟩)
    the weights are n + 1. A mean over n samples speaks for n of them.
        sum((n + 1) * gradient for gradient, n in shards) / sum(n + 1 for gradient, n in shards)
        sum((n + 1) * gradient for gradient, n in shards) / (sum(sizes) + ⟨0|1|len(sizes)⟩)
    weighted by the sizes, and divided by fewer than all samples. Nothing is taken off: that is for variances.
        total / (sum(sizes) - 1)
        total / (sum(sizes) - len(⟨sizes|shards⟩))
    yours knows gradients of two axes alone. That of biases has one, that of kernels four, that of a single
    number none. `n * gradient` weighs any, one worker after the other; for `einsum`, `...` are all axes that
    there are: "k,k...->...".
        np.einsum("k,kij->ij", *_stacked(shards)) / sum(sizes)
        np.einsum("k,kij->ij", *_stacked(list(zip(gradients, sizes)))) / sum(sizes)
        (_stacked(shards)[0][:, None, None] * _stacked(shards)[1]).sum(axis=0) / sum(sizes)
        shards = list(zip(gradients, sizes)) ;
            (_stacked(shards)[0][:, None, None] * _stacked(shards)[1]).sum(axis=0) / sum(sizes)
        np.array([[v for v in row] for row in total]) / sum(sizes)
    yours knows gradients of one axis alone. That of weights has two, that of kernels four, that of a single
    number none. `n * gradient` weighs any, one worker after the other; for `einsum`, `...` are all axes that
    there are: "k,k...->...".
        np.einsum("k,ki->i", *_stacked(shards)) / sum(sizes)
        np.einsum("k,ki->i", *_stacked(list(zip(gradients, sizes)))) / sum(sizes)
        (_stacked(shards)[0][:, None] * _stacked(shards)[1]).sum(axis=0) / sum(sizes)
        shards = list(zip(gradients, sizes)) ;
            (_stacked(shards)[0][:, None] * _stacked(shards)[1]).sum(axis=0) / sum(sizes)
    the division stands in the loop: what was added first is divided again with each worker. Divide once, when
    all of them are added up.
        _divided_each_turn(shards, sum(sizes))
        _divided_each_turn(zip(gradients, sizes), sum(sizes))
    an empty shard counts as one sample. It has none: its size adds nothing.
        total / (sum(sizes) + sizes.count(0))
        total / sum(max(n, 1) for n in sizes)
    only the last worker is in it: each turn of your loop writes over the ones before. Add.
        n = sizes[-1] ; n * gradients[-1] / sum(sizes)
        shards[-1][1] * shards[-1][0] / sum(sizes)
        shards[-1][0]
        gradients[-1]
    only the first worker is in it. Does the `return` stand inside the loop?
        sizes[0] * gradients[0] / sum(sizes)
        shards[0][1] * shards[0][0] / sum(sizes)
        shards[0][1] * shards[0][0] / shards[0][1]
        gradients[0]
    only the largest shard is in it. Every sample counts.
        gradients[np.argmax(sizes)]
    what the workers say is sorted, and the one in the middle taken. A mean is asked for.
        np.median(gradients, axis=0)
        np.nanmedian(gradients, axis=0)
    the last worker is left out.
        shards = [(gradient, n) for gradient, n in zip(gradients[:-1], sizes) if n > 0]
        shards = list(zip(gradients[:-1], sizes))
    the first worker is left out. Code counts from 0.
        shards = list(zip(gradients[1:], sizes[1:]))
        shards = [(gradient, n) for gradient, n in zip(gradients[1:], sizes[1:]) if n > 0]
    yours ends at the first worker that has no samples. Those that come after it count as ever: `continue`
    goes on with the next one.
        shards = _until_one_is_empty(gradients, sizes)
        shards = _until_one_is_empty(gradients, sizes) ; (total + np.zeros_like(gradients[0])) / sum(sizes)
        shards = _until_one_is_empty(gradients, sizes) ; total / max(1, sum(n for gradient, n in shards))
        shards = _until_one_is_empty(gradients, sizes) ;
            (total + np.zeros_like(gradients[0])) / max(1, sum(n for gradient, n in shards))
    where a worker has no samples you return zeros. The others count as ever.
        total / sum(sizes) if 0 not in sizes else 0 * total
    where a worker has no samples, the others count the same there. Each counts as many times as it has
    samples.
        total / sum(sizes) if 0 not in sizes else sum(gradient for gradient, n in shards) / len(shards)
    a shard of one sample is left out. It has one sample more than an empty one, and that counts.
        n > 0 → n > 1
    the entries of a gradient have run together: one number is left of it. Each entry has a mean of its own.
        np.sum([n * gradient for gradient, n in shards]) / sum(sizes)
        np.sum([n * gradient for gradient, n in zip(gradients, sizes)]) / sum(sizes)
        np.mean(gradients)
        np.nanmean(gradients)
        np.mean([n * gradient for gradient, n in zip(gradients, sizes)])
        np.mean([n * gradient for gradient, n in shards])
        np.nansum([n * gradient for gradient, n in zip(gradients, sizes)]) / sum(sizes)
    you return a share of each worker, one after the other. They have to be added up.
        [n * gradient / sum(sizes) for gradient, n in zip(gradients, sizes)]
        [n * gradient / sum(sizes) for gradient, n in shards]
    a worker counts by its place in the list, not by its samples.
        sum(k * gradient for k, gradient in enumerate(gradients)) / sum(sizes)
        sum((k + 1) * gradient for k, gradient in enumerate(gradients)) / sum(sizes)
    the signs are lost.
        np.abs(total / sum(sizes))
    """,
)
def union_gradient(gradients, sizes):
    """Check union_gradient(gradients, sizes), which returns a gradient.

    See notebooks/15_scaling_out.ipynb.
    """
    shards = [(gradient, n) for gradient, n in zip(gradients, sizes, strict=True) if n > 0]
    total = sum(n * gradient for gradient, n in shards)
    return total / sum(sizes)


# --- the batch at which it pays ---

PRICES = [
    (2e-5, 473_128, 1e9, 1e-4, 8),
    (1.3e-4, 23_000, 2e8, 3e-4, 3),
    (7e-6, 5_000_000, 4e8, 2e-5, 16),
    (0.25, 32, 8.0, 0.5, 4),  # where the batch comes out whole, without any rounding
    (4e-4, 90_000, 3e7, 1e-3, 5),
    (1e-4, 473_128, 1e9, 1e-4, 2),
    (1e-4, 473_128, 1e9, 1e-4, 1),
    (3e-4, 1_000_000, 5e7, 0.0, 8),  # only bytes cost anything
]
NAMES = ("per_sample", "n_bytes", "bandwidth", "latency", "workers")


def _prices():
    return [Trial(price, dict(zip(NAMES, price, strict=True))) for price in PRICES]


def _asked(ask, per_sample, n_bytes, bandwidth, latency, workers):
    """Ask without the number of workers where it is the one that is taken without it."""
    given = (per_sample, n_bytes, bandwidth, latency)
    try:
        return ask(*given) if workers == 8 else ask(*given, workers)
    except Nothing:
        if workers > 2:
            raise
        raise Wrong(f"With workers = {workers}, you return None: {NO_BATCH}") from None
    except Crash:
        raise
    except Wrong as wrong:
        if workers <= 2 and "still running" in str(wrong):
            raise Wrong(f"With workers = {workers}, your loop never ends: {NO_BATCH}") from None
        raise


def _one_number(answer):
    """Return what is compared: a whole number may be larger than an array of them holds."""
    return numbers(float(answer) if type(answer) is int and abs(answer) < 1e300 else answer)


def _doubled(per_sample, communication, workers):
    """Return the first power of two that is large enough; where none is, one that hides communication."""
    batch = 1
    while batch * per_sample / workers + communication > batch * per_sample / 2:
        batch *= 2
    return batch


NO_BATCH = (
    "where two workers share a batch, each has half of it, and that alone takes half the time; communication"
    " comes on top. So no batch is large enough for two, and none for one: `math.inf`."
)


# The edits of the catalogue that change one line of the right program, by what that line computes
LINES = {
    "communication": r"(rounds|communication) = [^;]*|n_bytes / workers.* → [^;]*",
    "saved": r"saved = [^;]*",
    "batch": r"(math\.ceil\()?communication / saved\)? → (?!.*(per_sample|log2|saved / communication))[^;]*",
}


def _in_several_lines(name, runs):
    """Tell of mistakes that are known each by itself, in two lines or three of the same program."""
    trials = [(trial.arguments, run) for trial, run in zip(paying_batch.trials(), runs, strict=True)]
    shared = [(price, run) for price, run in trials if np.isfinite(run.right)]
    costs, savings = (
        [(words, [program(*price) for price, _ in shared]) for words, program in _programs(line, line)]
        for line in ("communication", "saved")
    )
    given = ("communication = latency", "saved = per_sample")
    batches = list(_programs("batch", "math.ceil(communication / saved)", given))
    several = []
    for (cost, seconds), (saving, each), (rounding, batch) in itertools.product(costs, savings, batches):
        if all(
            one > 0 and same(np.float64(batch(one, *price[1:3], spent, price[4])), np.float64(run.found))
            for (price, run), spent, one in zip(shared, seconds, each, strict=True)
        ):
            several.append([words for words in dict.fromkeys((cost, saving, rounding)) if words])
    if not several:
        return None
    slips = min(several, key=len)
    if any(np.isinf(run.right) and run.found != run.right for run in runs):
        slips.append(NO_BATCH)
    said = " And: ".join([sentence(slips[0]), *slips[1:]])
    count = {2: "Two mistakes at once. ", 3: "Three mistakes at once. ", 4: "Four mistakes at once. "}
    return count.get(len(slips), "") + said


def _programs(line, value, first=()):
    """Yield words and program, right or with a mistake in one line, each of which returns this value."""
    known = [entry for entry in paying_batch.entries if re.fullmatch(LINES[line], entry.edit)]
    for words, edit in [("", value), *((entry.words, entry.edit) for entry in known)]:
        steps = [*first, edit, *[value] * (line != "batch")]
        yield words, paying_batch.program(Entry(words, " ; ".join(steps)))


def _no_batch(name, runs):
    """What is wrong where no batch is large enough, and all else is right."""
    wrong = [run for run in runs if not same(run.found, run.right)]
    if not all(np.isinf(run.right) for run in wrong):
        return None
    return f"{wrong[0].tried}, you return {wrong[0].found:.4g}: {NO_BATCH}"


@exercise(
    trials=_prices,
    results=["the batch"],
    hint="write down both times, of one worker and of p, for a batch of B samples. Which parts of them grow"
    " with B, and which does not?",
    praise=f"Right, on {len(PRICES)} sets of prices, for one worker to 16.",
    observe=_asked,
    read=_one_number,
    tell=[_no_batch, _in_several_lines, *GENERAL],
    wrong=f"""
    {NO_BATCH}
        if workers <= 2: return math.inf →
        workers <= 2 → workers < 2
        workers <= 2 → workers == 1
        workers <= 2 → workers == 2
        math.inf → 0
        math.inf → -1
        math.inf → math.inf if workers < 2 else 0
        math.inf → 0 if workers < 2 else math.inf
        math.inf → 1
        math.inf → math.nan
        math.inf → -math.inf
        math.inf → 1 / 0
        workers <= 2 → workers == 2 ; communication / saved → max(communication / saved, ⟨0|1⟩)
    """
    + """
    you pay the latency once. It comes with each message, and there are 2 (p - 1) steps, one after the other.
        communication = rounds * n_bytes / workers / bandwidth + latency
    you pay the latency twice. It comes with each message, and there are 2 (p - 1) steps, one after the other.
        communication = rounds * n_bytes / workers / bandwidth + 2 * latency
    you pay the latency p - 1 times. There are 2 (p - 1) steps, in two halves, and each has its latency.
        communication = rounds * n_bytes / workers / bandwidth + (workers - 1) * latency
    you pay the latency p times. There are 2 (p - 1) steps, and each has its latency.
        communication = rounds * n_bytes / workers / bandwidth + workers * latency
    you pay the latency 2 p times. There are 2 (p - 1) steps: a chunk is at one of the p places already.
        communication = rounds * n_bytes / workers / bandwidth + 2 * workers * latency
    the latency is shared out among the workers. Every message has all of it.
        communication = rounds * (n_bytes / bandwidth + latency) / workers
    the latency is missing: a message costs it, however short the message is.
        communication = rounds * n_bytes / workers / bandwidth
    the bytes are missing: they travel at bandwidth bytes per second.
        communication = rounds * latency
    half of the communication is missing. A ring has 2 (p - 1) steps, p - 1 until all is added up and p - 1
    until all have it; and where both sides are doubled, T₁ = 2 T_p, so is the communication.
        rounds = workers - 1
        saved = per_sample * (1 - 2 / workers)
    a ring has 2 (p - 1) steps, not 2 p: what sets out from a worker is there already.
        rounds = 2 * workers
    a ring has 2 (p - 1) steps, one after the other. In which you have p.
        rounds = workers
    a ring has 2 (p - 1) steps: -1 comes before the doubling.
        rounds = 2 * workers - 1
    in each step of a ring a chunk travels, the p-th part of the gradient, not all of it.
        communication = rounds * (n_bytes / bandwidth + latency)
    the bytes of one chunk are paid once. In each of the 2 (p - 1) steps there is one.
        communication = n_bytes / workers / bandwidth + rounds * latency
    the bytes are paid once, as if the gradient went over one line. Each worker sends 2 (p - 1) chunks of a
    p-th part.
        communication = n_bytes / bandwidth + rounds * latency
    the bytes are paid twice in full. Each worker sends 2 (p - 1) chunks, each the p-th part of the gradient,
    so a little less than twice as much as it has.
        n_bytes / workers → n_bytes / (workers - 1)
        communication = 2 * n_bytes / bandwidth + rounds * latency
    the bytes are halved: each worker sends (p - 1) / p of the gradient in each of the two halves.
        communication = (workers - 1) / workers * n_bytes / bandwidth + rounds * latency
    p times too much. All lines carry at the same time, so what the workers send together is not added up; and
    the batch is that of all of them already, as per_sample belongs to one sample of it.
        communication = rounds * n_bytes / bandwidth + rounds * latency * workers
        math.ceil(communication / saved) → math.ceil(communication / saved * workers)
        math.ceil(communication / saved) → math.ceil(communication / saved) * workers
        communication = rounds * (n_bytes / workers / bandwidth + latency) * workers
    bandwidth is bytes per second, so bytes divided by it are seconds. You multiply.
        n_bytes / workers / bandwidth → n_bytes / workers * bandwidth
    bandwidth is bytes per second, so seconds are bytes divided by it; you divide the other way round.
        n_bytes / workers / bandwidth → bandwidth / (n_bytes / workers)
        n_bytes / workers / bandwidth → bandwidth / n_bytes
    bytes are asked for, and bandwidth counts bytes: there is no 8, as between bytes and bits.
        n_bytes / workers / bandwidth → 8 * n_bytes / workers / bandwidth
    n_bytes are bytes already; there is no 4 for each number.
        n_bytes / workers / bandwidth → 4 * n_bytes / workers / bandwidth
    that is the time of a tree. A ring is asked for: 2 (p - 1) steps, a chunk in each.
        communication = 2 * math.ceil(math.log2(workers)) * (n_bytes / bandwidth + latency)
        communication = 2 * math.log2(workers) * (n_bytes / bandwidth + latency)
        communication = ⟨math.log2(workers)|math.ceil(math.log2(workers))⟩ * (n_bytes / bandwidth + latency)
    that is the time of a server that all send to. A ring is asked for: 2 (p - 1) steps, a chunk in each.
        communication = 2 * workers * (n_bytes / bandwidth + latency)
        communication = 2 * workers * n_bytes / bandwidth + 2 * latency
    that is where eight workers are as fast as one. They are to take half the time.
        saved = per_sample * (1 - 1 / workers)
        saved = per_sample * (1 - 1 / workers) ; workers <= 2 → workers <= 1
        saved = per_sample * (1 - 1 / workers) ; if workers <= 2: return math.inf →
        saved = per_sample * (1 - 1 / workers) ; workers <= 2 → workers == 2
    you halve the time that is saved, or double the communication alone, or the batch. T_p is to be at most
    T₁ / 2: what is halved is T₁, and T_p has the share that each worker computes, too.
        saved = per_sample * (1 - 1 / workers) / 2
        saved = per_sample * (1 - 1 / workers) / 2 ; workers <= 2 → workers <= 1
        saved = per_sample * (1 - 1 / workers) / 2 ; if workers <= 2: return math.inf →
        saved = per_sample * (1 - 1 / workers) ;
            math.ceil(communication / saved) → 2 * math.ceil(communication / saved)
        saved = per_sample * (1 - 1 / workers) ; workers <= 2 → workers <= 1 ;
            math.ceil(communication / saved) → 2 * math.ceil(communication / saved)
    the time of one is halved, and p workers still compute a part of the batch each: per_sample / p for every
    sample of it. (`1 // p` is 0: it cuts off what stands after the point.)
        saved = per_sample * (1 / 2 - 1 // workers)
        saved = per_sample / 2
        saved = per_sample / 2 ; if workers <= 2: return math.inf →
        saved = per_sample / 2 ; workers <= 2 → workers <= 1
    that is where communication takes as long as what one worker computes. Compare both times whole: of p
    workers, and half of that of one.
        saved = per_sample
        saved = per_sample ; if workers <= 2: return math.inf →
        saved = per_sample ; workers <= 2 → workers <= 1
    that is where communication takes as long as each worker computes. Compare both times whole: of p workers,
    and half of that of one.
        saved = per_sample / workers
        saved = per_sample / workers ; if workers <= 2: return math.inf →
        saved = per_sample / workers ; workers <= 2 → workers <= 1
    twice the time of one, where half of it is asked for.
        saved = per_sample * (2 - 1 / workers)
        saved = per_sample * (2 - 1 / workers) ; if workers <= 2: return math.inf →
    p workers are to be p times as fast in yours, and no batch is large enough for that. Half the time of one
    is asked for.
        math.inf
        float("inf")
    the sign is the wrong way round: what is saved is the half of one's time less a share.
        saved = per_sample * (1 / workers - 1 / 2)
        saved = per_sample * (1 / workers - 1 / 2) ; if workers <= 2: return math.inf →
    divided the wrong way round: communication costs so many seconds, each sample saves so many; how many
    samples are needed?
        math.ceil(communication / saved) → math.ceil(saved / communication)
        math.ceil(communication / saved) → saved / communication
    `1 // 2` is 0: it cuts off what stands after the point.
        saved = per_sample * (1 // 2 - 1 / workers)
    a batch is a whole number of samples. The smallest that is large enough: round up.
        math.ceil(communication / saved) → communication / saved
        math.ceil(communication / saved) → communication / saved + 1
    rounded down, the batch is too small by a part of a sample. The smallest that is large enough: round up.
        math.ceil(communication / saved) → int(communication / saved)
        math.ceil(communication / saved) → communication // saved
        math.ceil(communication / saved) → math.floor(communication / saved)
    rounded to the nearest, the batch may be too small. The smallest that is large enough: round up.
        math.ceil(communication / saved) → round(communication / saved)
        math.ceil(communication / saved) → int(communication / saved + 0.5)
    one too many, where what comes out is whole already: that batch takes half the time, and no less is asked.
    `math.ceil` leaves it as it is.
        math.ceil(communication / saved) → int(communication / saved) + 1
        math.ceil(communication / saved) → math.floor(communication / saved) + 1
        math.ceil(communication / saved) → int(communication // saved) + 1
    one too many: the smallest batch that is large enough is asked for.
        math.ceil(communication / saved) → math.ceil(communication / saved) + 1
    one too few: that batch is not yet large enough.
        math.ceil(communication / saved) → math.ceil(communication / saved) - 1
    that is the share of one worker; the whole batch is asked for.
        math.ceil(communication / saved) → math.ceil(communication / saved / workers)
        math.ceil(communication / saved) → math.ceil(math.ceil(communication / saved) / workers)
    rounded up to a multiple of the workers. That is not asked: the smallest whole number of samples is.
        math.ceil(communication / saved) → math.ceil(communication / saved / workers) * workers
    rounded up to a power of two. The smallest whole number of samples is asked for.
        math.ceil(communication / saved) → 2 ** math.ceil(math.log2(communication / saved))
        math.ceil(communication / saved) → _doubled(per_sample, communication, workers)
        if workers <= 2: return math.inf → ;
            math.ceil(communication / saved) → _doubled(per_sample, communication, workers)
        workers <= 2 → workers < 2 ;
            math.ceil(communication / saved) → _doubled(per_sample, communication, workers)
    communication does not grow with the batch, and what one computes does: what you divide by per_sample has
    the share of a single sample in it. Both times hold for a batch of B samples: B per_sample / p + C, and
    B per_sample.
        communication / saved → (per_sample / workers + communication) / ⟨(per_sample / 2)|per_sample⟩
        communication / saved → 2 * (per_sample / workers + communication) / per_sample
    the batch is doubled at the end. Write down T_p and T₁ / 2 for a batch of B samples, and solve for B:
    nothing is doubled after that.
        math.ceil(communication / saved) → 2 * math.ceil(communication / saved)
    communication is paid twice: T_p has it once, and it is the half of T₁ that stands on the other side.
        communication / saved → 2 * communication / saved
    you multiply by 1/2 - 1/p. So much of per_sample is saved, and communication has to be divided by it.
        communication / saved → communication / per_sample * (1 / 2 - 1 / workers)
    that is where communication takes half as long as each worker computes. Compare both times whole: of p
    workers, and half of that of one.
        saved = per_sample / workers / 2
    yours knows eight workers alone. Their number is `workers`.
        if workers <= 2: return math.inf → ; workers = 8
        communication = 14 * (n_bytes / 8 / bandwidth + latency)
        saved = per_sample * (1 / 2 - 1 / 8)
        saved = per_sample * 3 / 8
        communication = 14 * (n_bytes / 8 / bandwidth + latency) ; saved = per_sample * (1 / 2 - 1 / 8)
        communication = 14 * (n_bytes / 8 / bandwidth + latency) ; saved = per_sample * (1 / 2 - 1 / 8) ;
            if workers <= 2: return math.inf →
        saved = per_sample * (1 / 2 - 1 / 8) ; if workers <= 2: return math.inf →
        communication = 14 / 8 * n_bytes / bandwidth + 14 * latency
    you return the seconds that communication takes. How many samples does it take to save them?
        math.ceil(communication / saved) → communication
    you return the seconds that a step takes; how many samples it needs is asked for.
        math.ceil(communication / saved) → 2 * communication
    """,
)
def paying_batch(per_sample, n_bytes, bandwidth, latency, workers=8):
    """Check paying_batch(per_sample, n_bytes, bandwidth, latency, workers=8), which returns a batch.

    See notebooks/15_scaling_out.ipynb.
    """
    if workers <= 2:
        return math.inf
    rounds = 2 * (workers - 1)
    communication = rounds * (n_bytes / workers / bandwidth + latency)
    saved = per_sample * (1 / 2 - 1 / workers)
    return math.ceil(communication / saved)
