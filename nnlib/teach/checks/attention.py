"""The exercises of chapter 16 that are answered with a function."""

import numpy as np

from nnlib.teach.checks.engine import Trial, catalogue, exercise, tell

__all__ = ["attend", "masked_scores", "query_key_gradients", "softmax_backward"]

# --- what may not be seen ---

# T askers, M places. In two trials they differ, so that a triangle that begins at the wrong end is seen.
ASKERS = [(3, 5), (4, 4), (2, 6), (1, 3), (5, 5)]


def _scores():
    rng = np.random.default_rng(0)
    trials = []
    for T, M in ASKERS:
        S = rng.uniform(0.5, 3, (T, M)) * rng.choice([-1, 1], (T, M))
        trials.append(Trial((S * (1e10 if (T, M) == (5, 5) else 1),), {"T": T, "M": M}))
    return trials


def _weights(name, runs):
    """Tell of weights in place of scores, wherever the scores are small."""
    small = [run for run in runs if np.abs(run.right[np.isfinite(run.right)]).max() < 100]
    if any(run.found.shape != run.right.shape for run in runs):
        return None
    if all(tell.same(run.found.sum(axis=1), np.ones(len(run.found))) for run in small):
        return (
            "rows of yours sum to 1: those are weights, as they come out of a softmax. The scores are asked"
            " for, as they go into it."
        )
    hidden = [np.isneginf(run.right) for run in small]
    if all((0 <= run.found).all() and (run.found <= 1).all() for run in small) and not any(
        run.found[where].any() for run, where in zip(small, hidden, strict=True)
    ):
        return LATE
    return None


def _seen(name, runs):
    """Tell of the first place that is seen and should not be, or is not seen and should be."""
    for run in runs:
        if run.found.shape != run.right.shape:
            continue
        found, right = np.isneginf(run.found), np.isneginf(run.right)
        if (found != right).any():
            t, s = np.argwhere(found != right)[0]
            behind = run.right.shape[1] - run.right.shape[0]
            asker = f"asker {t} stands at place {t + behind}"
            if found[t, s]:
                return f"{run.tried}, {asker} and does not see place {s}, which is not behind it."
            if np.isnan(run.found[t, s]):
                return (
                    f"{run.tried}, {name}[{t}, {s}] is nan. Nothing can be multiplied by infinity without"
                    " that: 0 times ∞ is nan. Choose between the score and -∞, `np.where`."
                )
            return (
                f"{run.tried}, {asker} and still sees place {s}, which is behind it: {name}[{t}, {s}] is"
                f" {run.found[t, s]:.4g}. Only -∞ becomes exactly 0 whatever the other scores are."
            )
        seen = ~right
        if not tell.alike(run.found[seen], run.right[seen]).all():
            t, s = np.argwhere(seen & ~tell.alike(run.found, run.right))[0]
            return (
                f"{run.tried}, asker {t} sees place {s}, and its score should stay {run.right[t, s]:.4g};"
                f" yours is {run.found[t, s]:.4g}."
            )
    return None


SEES_BEHIND = (
    "each asker sees what stands behind it, and not what stands before: the triangle is the other one."
)
LATE = (
    "that is what comes after the softmax. Once it is done, each weight has been divided by a sum in which"
    " the places behind take part: what is then put to 0 is missing in the row, and a row still depends on"
    " what it must not see."
)


@exercise(
    trials=_scores,
    results=["scores"],
    hint="where does asker t stand among the M places, if the askers are the last T of them? Which number's"
    " exponential is 0?",
    praise=f"Right, on {len(ASKERS)} arrays of scores, one of them of 1e10, with 1 to 5 askers.",
    tell=(tell.GENERAL[0], _weights, _seen, tell.GENERAL[-1]),
    wrong=f"""
    {SEES_BEHIND}
        t = np.arange(M - T, M)[:, None] ; s = np.arange(M) ; np.where(s >= t, S, -np.inf)
    {SEES_BEHIND} And it does not see itself.
        np.where(s > t, S, -np.inf)
    a place does not see itself here. It may: only what stands behind it is hidden.
        np.where(s < t, S, -np.inf)
    the first place after each asker is still seen: the triangle begins one too far to the right.
        np.where(s <= t + 1, S, -np.inf)
    the one place right behind each asker is hidden, and those further behind are seen.
        np.where(s != t + 1, S, -np.inf)
    the askers are the last T of the M places, and your square lies on the first T of them.
        np.where((s <= t - (M - T)) | (s >= T), S, -np.inf)
    the places before the first asker are hidden as well: they are seen by all of them.
        np.where((s <= t) & (s >= M - T), S, -np.inf)
    the askers are the last T of the M places, and your triangle begins with the first of them: place 0 asks
    first. Asker t stands at place t + M - T.
        np.where(s <= t - (M - T), S, -np.inf)
    the askers are the last T of the M places, and your triangle begins with the first of them; and a place
    does not see itself.
        np.where(s < t - (M - T), S, -np.inf)
    the askers are the last T of the M places, and your triangle begins with the first of them; and it is the
    other one: what stands behind is seen.
        np.where(s >= t - (M - T), S, -np.inf)
        np.where(s > t - (M - T), S, -np.inf)
    the askers are the last T of the M places, and your triangle begins one place after the first of them.
        np.where(s <= t - (M - T) + 1, S, -np.inf)
    the askers are the last T of the M places, and M - T is subtracted where it has to be added: asker t
    stands at place t + M - T.
        np.where(s <= t - 2 * (M - T), S, -np.inf)
    0 stands in place of what may not be seen. A score of 0 is a score like others: its exponential is 1, and
    the place gets a share.
        np.where(s <= t, S, 0)
        S * (s <= t)
        np.tril(S, M - T)
    0 stands in place of what may not be seen, whose exponential is 1; and the askers are the last T of the M
    places, where your triangle begins with the first of them.
        np.tril(S)
    0 stands in place of what may not be seen, whose exponential is 1; and M - T is subtracted where it has to
    be added.
        np.tril(S, T - M)
    0 stands in place of what may not be seen, whose exponential is 1; and the triangle is the other one.
        np.triu(S)
        np.triu(S, ⟨1|-1|M - T|T - M⟩)
    0 stands in place of what may not be seen, whose exponential is 1; and a place does not see itself.
        np.tril(S, ⟨-1|M - T - 1⟩)
    +∞ stands in place of what may not be seen. The exponential of -∞ is 0.
        np.where(s <= t, S, np.inf)
        np.where(s < t, S, np.inf)
    that number is large, but it is a number: where other scores are as low, the place gets a
    share. Only -∞ is below all of them, and its exponential is exactly 0.
        np.where(s <= t, S, ⟨-1e9|-1e10|-1e4|-1e5|-1e6|-1e3|-100|-1000|-1e8|-10|-1|-1e2|-99999|-999|-9999⟩)
        np.where(s <= t, S, ⟨-1e7|-1e12|-1e15|-1e20|-1e30|np.finfo(np.float32).min|np.finfo(float).min⟩)
        S + np.where(s <= t, 0, ⟨-1e9|-1e10|-1e4|-1e30|-1e6|-1e5|-1e12|-1e8⟩)
        S - (s > t) * ⟨1e9|1e10|1e4|1e30|1e6|1e5|1e12|1e8⟩
    nan stands in place of what may not be seen, and a sum with nan in it is nan: the whole row is lost.
        np.where(s <= t, S, np.nan)
    `0 * -np.inf` is nan: multiplied by the mask, what may be seen is lost. Choose, `np.where`, or put -∞
    where the mask is False.
        S + (s > t) * -np.inf
        S + (s <= t) * -np.inf
        S * (s <= t) + (s > t) * -np.inf
        S - (s > t) * np.inf
    S is not in it: that is the mask alone. It is added to the scores, or chooses among them.
        np.where(s <= t, 0, -np.inf)
        np.where(s <= t, 1, -np.inf)
    S is not in it: that is the mask alone, which says who sees whom.
        (s <= t) * 1.0
        (s < t) * 1.0
        (s > t) * 1.0
        (s >= t) * 1.0
        np.tri(T, M)
    {LATE}
        _softmax(S) * (s <= t)
        np.where(s <= t, _softmax(S), -np.inf)
    that is the softmax of the right scores. The scores themselves are asked for, as they go into it.
        _softmax(np.where(s <= t, S, -np.inf))
    the rows are divided by their sums once more after the mask. It comes to the same weights, but the scores
    are asked for, as they go into the softmax; and where all that may be seen is small beside what may not,
    such a row is 0 / 0.
        _softmax(S) * (s <= t) / (_softmax(S) * (s <= t)).sum(axis=1, keepdims=True)
    -∞ is multiplied by S: where a score is negative, it comes out as +∞.
        np.where(s <= t, S, S * -np.inf)
        np.where(s <= t, S, S * np.inf)
    your mask has M rows, one for each place. Only the last T places ask: of its rows, take the last T.
        np.where(np.tri(M), S, -np.inf)
        np.where(np.tri(M, k=-1), S, -np.inf)
        np.where(np.tri(M).T, S, -np.inf)
    your mask has T columns. Every asker looks at M places: it is (T, M), as S is.
        np.where(np.tri(T), S, -np.inf)
        np.where(np.tri(T, k=-1), S, -np.inf)
    nothing is hidden.
        S
        S * 1.0
    every score of a row is hidden or none: compare each place with each asker, with `[:, None]` at one of
    them.
        np.where(np.arange(M) <= T - 1, S, -np.inf)
        np.where(np.arange(M) < T - 1, S, -np.inf)
        np.where(np.arange(M) <= M - T, S, -np.inf)
    the signs of the scores are exchanged.
        np.where(s <= t, -S, -np.inf)
    scores below 0 are hidden. Whether a place is seen depends on where it stands, and not on its score.
        np.where(S > 0, S, -np.inf)
        np.where(S >= 0, S, -np.inf)
    nothing before the asker is seen, it sees itself alone.
        np.where(s == t, S, -np.inf)
    the scores are divided once more. What may be seen keeps its score as it is.
        np.where(s <= t, S / ⟨np.sqrt(M)|np.sqrt(T)|M|T⟩, -np.inf)
    """,
)
def masked_scores(S):
    """Check masked_scores(S), which returns scores. See notebooks/16_attention.ipynb."""
    T, M = S.shape
    t = np.arange(M - T, M)[:, None]
    s = np.arange(M)
    return np.where(s <= t, S, -np.inf)


def _softmax(S, axis=-1):
    E = np.exp(S - S.max(axis=axis, keepdims=True))
    return E / E.sum(axis=axis, keepdims=True)


# --- one head ---

# T, M, k, v: all different, but for one where every shape fits; in the last, scores are in the thousands.
HEADS = [(3, 5, 2, 4), (4, 2, 6, 3), (1, 4, 3, 2), (3, 3, 3, 3), (2, 6, 5, 7), (5, 3, 7, 2)]


def _look_ups():
    rng = np.random.default_rng(0)
    trials = []
    for j, (T, M, k, v) in enumerate(HEADS):
        Q, K, V = map(rng.standard_normal, [(T, k), (M, k), (M, v)])
        if j == len(HEADS) - 1:
            Q, K = 60 * Q, 60 * K
        trials.append(Trial((Q, K, V), {"T": T, "M": M, "k": k, "v": v}))
    return trials


OVERFLOW = (
    "the exponential of a score in the thousands is inf, and inf / inf is nan. Subtract the largest score of"
    " each row before; it cancels."
)


def _kept(name, runs):
    """Tell of a result that is right wherever scores are small."""
    if any(run.found.shape != run.right.shape for run in runs):
        return None
    *small, large = runs
    if all(tell.same(run.found, run.right) for run in small) and not np.isfinite(large.found).all():
        return f"right where scores are small. Where they are in the thousands, {OVERFLOW}"
    return None


def _axes_of_Y(name, runs):
    """Tell of a Y whose shape is that of something else on the way."""
    run = runs[0]
    T, M, k, v = (run.sizes[n] for n in "TMkv")
    what = {
        (
            T,
            M,
        ): f"that is the shape of the scores, and of the weights A. Each asker gets v = {v} numbers: what"
        " it finds, the values, weighted by its row of A.",
        (T, k): "that is the shape of Q: yours adds up something with k columns, such as the keys. What is"
        " given is V.",
        (
            M,
            v,
        ): "there is a row for each place that is looked at, and not for each asker: rows of Y are askers.",
        (v,): "yours has the numbers of one asker alone: is the `return` inside the loop, or is each"
        " turn's Y written over by the next?",
        (M, T): "that is the shape of the scores, turned.",
        (v, T): "rows and columns are exchanged: rows of Y are askers.",
        (M,): "that is one row of weights. Each asker gets what it finds: the values, weighted by that row.",
    }
    return (
        f"{run.tried}, you return shape {run.found.shape}; Y has {run.right.shape}: {what[run.found.shape]}"
        if run.found.shape in what and run.found.shape != run.right.shape
        else None
    )


TELL = (_axes_of_Y, _kept, *tell.GENERAL)


def _cosines(Q, K):
    return Q @ K.T / np.linalg.norm(Q, axis=1, keepdims=True) / np.linalg.norm(K, axis=1)


STABLE = "np.exp(S - S.max(axis=1, keepdims=True))"


@exercise(
    trials=_look_ups,
    results=["Y"],
    hint="begin with one asker. Which M numbers say how well the keys fit, and what makes weights of them"
    " that sum to 1?",
    praise=f"Right, on {len(HEADS)} look-ups of 1 to 5 askers, one with scores in the thousands.",
    tell=TELL,
    wrong=f"""
    the scores are not divided by √k.
        S = Q @ K.T
    the scores are divided by k. A sum of k products spreads as √k, so the root is taken.
        S = Q @ K.T / Q.shape[1]
    the scores are multiplied by √k. A sum of k products spreads as √k, so it is divided.
        S = Q @ K.T * np.sqrt(Q.shape[1])
        S = Q @ K.T / Q.shape[1] ** -0.5
    the scores are divided by the square of k.
        S = Q @ K.T / Q.shape[1] ** 2
    `** 1/2` is the first power, halved: Python raises before it divides. The root is `** 0.5`, or `np.sqrt`.
        S = Q @ K.T / Q.shape[1] ** 1 / 2
        S = Q @ K.T / (Q.shape[1] ** 1 / 2)
        S = Q @ K.T * (Q.shape[1] ** -1 / 2)
    the root is that of T, the number of askers (the length of Q). A score is a sum over k columns:
    `Q.shape[1]`.
        S = Q @ K.T / np.sqrt(len(Q))
    the root is that of M, the number of places (the length of K). A score is a sum over k columns:
    `K.shape[1]`.
        S = Q @ K.T / np.sqrt(len(K))
    the root is that of v, the width of the values. A score is a sum over the k columns of Q and K.
        S = Q @ K.T / np.sqrt(V.shape[1])
    the scores are divided by a number that is not √k: a score is a sum over the k columns of Q and K.
        S = Q @ K.T / len(Q)
        S = Q @ K.T / len(K)
        S = Q @ K.T / V.shape[1]
        S = Q @ K.T / np.sqrt(⟨Q.size|K.size|len(Q) * len(K)⟩)
    the scores are divided by their own spread, which the queries and keys of the others decide. Here they are
    divided by √k, the same for all.
        S = Q @ K.T / (Q @ K.T).std()
    the largest score changes on the way: what was added up before has to be made smaller by as much, in the
    sum below and in Y.
        np.exp(S - np.maximum.accumulate(S, axis=1)) @ V / {STABLE}.sum(axis=1, keepdims=True)
    √k divides after the softmax: there it makes all weights smaller. It belongs to the scores.
        S = Q @ K.T ; A = E / E.sum(axis=1, keepdims=True) / np.sqrt(Q.shape[1])
        S = Q @ K.T ; A @ V / np.sqrt(Q.shape[1])
    √k divides twice: once the scores, and once what comes out.
        A @ V / np.sqrt(Q.shape[1])
    the scores are divided by the length of each key, or query: that is the cosine of an angle. Here they are
    divided by √k, the same for all.
        S = Q @ K.T / np.linalg.norm(K, axis=1)
        S = Q @ K.T / np.linalg.norm(Q, axis=1, keepdims=True)
        S = _cosines(Q, K)
        S = _cosines(Q, K) / np.sqrt(Q.shape[1])
        S = _cosines(Q, K) * np.sqrt(Q.shape[1])
    the softmax goes down the columns: of each place, the askers get shares that sum to 1. Each asker shares
    out its own attention: along the row, axis 1.
        E = np.exp(S - S.max(axis=0)) ; A = E / E.sum(axis=0)
        A = E / E.sum(axis=0)
        E = np.exp(S - S.max()) ; A = E / E.sum(axis=0)
    the weights are divided by the sum over all askers and places. Each row sums to 1 by itself: axis 1, with
    `keepdims=True`.
        E = np.exp(S - S.max()) ; A = E / E.sum()
        A = E / E.sum()
    the weights are not divided by their sum, or by the largest alone: a row of them does not sum to 1.
        A = E
        E = np.exp(S) ; A = E
    the weights are the mean of the row's exponentials, not the sum, below: a row sums to M.
        A = E / E.mean(axis=1, keepdims=True)
    there is no exponential: the scores are divided by their sum, which may be 0, and a weight may be below 0.
        A = S / S.sum(axis=1, keepdims=True)
    there is no exponential: the scores, less the largest, are divided by their sum.
        E = S - S.max(axis=1, keepdims=True)
    the scores themselves are the weights: there is no softmax, so they do not sum to 1 and may be below 0.
        S @ V
        S = Q @ K.T ; S @ V
    each asker takes the one place whose key fits best. A soft look-up takes something of all of them.
        V[S.argmax(axis=1)]
    a sigmoid of each score: each weight is made by itself, and a row does not sum to 1.
        1 / (1 + np.exp(-S)) @ V
        (1 / (1 + np.exp(-S))) @ V
        0.5 * (1 + np.tanh(S / 2)) @ V
    every place gets the same weight. What Q asks for has no say.
        np.ones((len(Q), len(K))) / len(K) @ V
        np.broadcast_to(V.mean(axis=0), (len(Q), V.shape[1]))
    {OVERFLOW}
        E = np.exp(S)
    you subtract the largest score of all. In a row whose scores are far below it, each exponential is 0, and
    0 / 0 is nan. Subtract the largest of each row.
        E = np.exp(S - S.max())
    you subtract the largest score of each column. It does not cancel in a row: `axis=1, keepdims=True`.
        E = np.exp(S - S.max(axis=0))
        E = np.exp(S - S.max(axis=0, keepdims=True))
    the largest is subtracted above the line and not below it: it cancels only if both have it.
        A = E / np.exp(S).sum(axis=1, keepdims=True)
    scores are cut off at some number. That does not cancel. Subtract the largest of each row: it does.
        E = np.exp(np.clip(S, ⟨-500|-700|-100|-50|-20|-10|None⟩, ⟨500|700|100|50|20|10⟩))
        E = np.exp(np.clip(S, ⟨-500|-700|-100|-709⟩, 709))
    you divide by the largest score of the row. It does not cancel; subtract it.
        E = np.exp(S / S.max(axis=1, keepdims=True))
    the signs are exchanged: the key that fits worst gets the most.
        S = -Q @ K.T / np.sqrt(Q.shape[1])
    that is the forward pass with the keys in place of the values: what is found by K is given by V.
        A @ K
    V is not in it: those are the weights A. Each asker gets the values, weighted by its row.
        A
    V is not in it: those are the scores.
        S
    the queries are weighted, not the values.
        A.T @ Q
    the keys are weighted, and the values are what is asked for.
        A = _softmax(Q @ K.T) ; A @ K
    Q and K are exchanged: places ask and askers are looked at. Rows of the scores are askers, Q @ K.T.
        _softmax(K @ Q.T / np.sqrt(Q.shape[1]))
        _softmax(K @ Q.T / np.sqrt(Q.shape[1])) @ Q
    the softmax is taken twice.
        A = _softmax(_softmax(S))
    the exponential of 2: e is the base of a softmax.
        E = 2.0 ** (S - S.max(axis=1, keepdims=True))
    the logarithm of the weights is no weight.
        A = np.log(E / E.sum(axis=1, keepdims=True))
    what stands behind an asker is hidden. Here nobody asks for a mask: all M places are seen.
        S = np.where(np.arange(len(K)) <= np.arange(len(Q))[:, None], Q @ K.T / np.sqrt(Q.shape[1]), -np.inf)
        S = np.where(np.arange(len(K)) <= np.arange(len(K) - len(Q), len(K))[:, None],
            Q @ K.T / np.sqrt(Q.shape[1]), -np.inf)
    you take the mean over the places of what is weighted. The weights sum to 1: it is a mean already.
        A @ V / len(V)
        A @ V / len(K)
    the values are added up over all askers, too.
        (A @ V).sum(axis=⟨0|1|None⟩)
        np.broadcast_to((A @ V).sum(axis=0), (len(Q), V.shape[1]))
    only the last place is in it: each turn of your loop writes over the ones before. Add.
        A[:, -1:] * V[-1]
    only the first place is in it. Is the `return` inside the loop?
        A[:, :1] * V[0]
    only the first asker is done. Is the `return` inside the loop?
        (A @ V) * (np.arange(len(Q)) == 0)[:, None]
    only the last asker is done.
        (A @ V) * (np.arange(len(Q)) == len(Q) - 1)[:, None]
    only the first column of Q and K is in the scores: a score is a sum over all k of them.
        S = np.outer(Q[:, 0], K[:, 0]) / np.sqrt(Q.shape[1])
    only the last column of Q and K is in the scores: add over all k of them.
        S = np.outer(Q[:, -1], K[:, -1]) / np.sqrt(Q.shape[1])
    only the first query is used: every asker has its own row of Q.
        S = np.broadcast_to(Q[0] @ K.T / np.sqrt(Q.shape[1]), (len(Q), len(K)))
    the query is compared with a key by their distance. Here the score is their product.
        S = -((Q[:, None] - K) ** 2).sum(axis=2) / np.sqrt(Q.shape[1])
        S = -((Q[:, None] - K) ** 2).sum(axis=2)
    the queries are added up over their columns, and the keys, before they meet. Multiply first, then add.
        S = np.outer(Q.sum(axis=1), K.sum(axis=1)) / np.sqrt(Q.shape[1])
    `reshape` cuts the same row of numbers elsewhere, and so mixes keys. Rows become columns by a transpose.
        S = Q @ K.reshape(K.T.shape) / np.sqrt(Q.shape[1])
    `Q @ K` pairs the columns of Q with the rows of K, as if they were the same. What both have is k columns:
    Q @ K.T.
        S = Q @ K / np.sqrt(Q.shape[1])
        S = Q @ K
    `Q.T @ K` adds over the rows, as if askers were places. A score adds over the k columns: Q @ K.T.
        S = Q.T @ K / np.sqrt(Q.shape[1])
        S = Q.T @ K
    `Q * K` multiplies entry by entry and adds nothing. A score is a sum over k columns: Q @ K.T.
        S = Q * K / np.sqrt(Q.shape[1])
        S = Q * K
    the weights are turned: row t of A belongs to asker t.
        A.T @ V
    the values are turned: each place gives its row of V.
        A @ V.T
    the values come first: `V @ A` adds over the columns of V. Each asker adds up rows of V: A @ V.
        V @ A
        V.T @ A
    `A * V` multiplies entry by entry and adds nothing: A @ V.
        A * V
    Q and K are exchanged: places ask and askers are looked at. Rows of the scores are askers, Q @ K.T.
        _softmax(K @ Q.T / np.sqrt(Q.shape[1])) @ V
        _softmax(K @ Q.T) @ V
    `keepdims=True` is forgotten: the sums of the rows are laid along the columns.
        A = E / E.sum(axis=1)
    `keepdims=True` is forgotten: the largest of the rows are laid along the columns.
        E = np.exp(S - S.max(axis=1))
    the largest score so far is subtracted, and it grows on the way: what was added up before still has the
    old one, and has to be multiplied by exp(old - new). Or look for the largest first.
        E = np.exp(S - np.maximum.accumulate(S, axis=1))
    `keepdims=True` is forgotten, twice: what belongs to rows is laid along the columns.
        E = np.exp(S - S.max(axis=1)) ; A = E / E.sum(axis=1)
    """,
)
def attend(Q, K, V):
    """Check attend(Q, K, V), which returns Y. See notebooks/16_attention.ipynb."""
    S = Q @ K.T / np.sqrt(Q.shape[1])
    E = np.exp(S - S.max(axis=1, keepdims=True))
    A = E / E.sum(axis=1, keepdims=True)
    return A @ V


# --- the softmax, backward ---

# What stands before the last axis, and how long that is
MAPS = [((3,), 5), ((4, 2), 3), ((2, 3, 5), 4), ((4,), 4), ((1,), 6), ((5, 3), 7)]


def _maps():
    rng = np.random.default_rng(0)
    trials = []
    for before, M in MAPS:
        S = rng.standard_normal((*before, M)) * 2
        if before == (2, 3, 5):
            S[..., 2:][rng.random((*before, M - 2)) < 0.4] = -np.inf  # masked: A is 0 there
        dA = rng.standard_normal(S.shape) + 0.5
        trials.append(Trial((_softmax(S), dA), {"shape": S.shape}))
    return trials


def _of_rows(name, runs):
    """Tell of a dS whose rows do not sum to 0, where nothing else is known of it."""
    if any(run.found.shape != run.right.shape for run in runs) or not all(
        np.isfinite(run.found).all() for run in runs
    ):
        return None
    run = next(run for run in runs if not tell.same(run.found, run.right))
    sums = run.found.sum(axis=-1)
    if np.abs(sums).max() < 1e-9:
        return None
    place = np.unravel_index(np.abs(sums).argmax(), sums.shape)
    return (
        f"{tell.entry(name, runs)} And the row [{', '.join(map(str, place))}] of yours sums to"
        f" {sums[place]:.4g}. Add the same to all scores of a row, and no weight moves; so the blames of a"
        " row sum to 0."
    )


ONES = (
    "the axis along which a row sums to 1 is the last one, `axis=-1`, whatever stands before it. You add"
    " along another."
)


@exercise(
    trials=_maps,
    results=["dS"],
    hint="if only score s is raised, weight s grows by A_s (1 - A_s), and each other weight r falls by A_s"
    " A_r. What is that, times dA, added up?",
    praise=f"Right, on {len(MAPS)} arrays of two to four axes, one of them masked.",
    tell=(*tell.GENERAL[:4], _of_rows, *tell.GENERAL[4:]),
    wrong=f"""
    the sum is missing: yours treats each weight as if it moved alone. When one grows, the others shrink.
        A * dA
    the slope of a sigmoid: `A (1 - A)` is how a weight moves with its own score. Each score moves all other
    weights of its row as well.
        A * (1 - A) * dA
    `A (1 - A)` is how a weight moves with its own score, and dA is not in it. Each score moves all weights of
    its row.
        A * (1 - A)
    {ONES}
        mean = (A * dA).sum(axis=0, keepdims=True)
        mean = (A * dA).sum(axis=0)
        mean = (A * dA).sum(axis=-2, keepdims=True)
    right for two axes alone. More may stand in front: the row is along the last, `axis=-1`.
        mean = (A * dA).sum(axis=1, keepdims=True)
        mean = (A * dA).sum(axis=1)[:, None]
    right for two axes alone. More may stand in front: go through `np.ndindex(A.shape[:-1])`, or take all rows
    at once, with `axis=-1`.
        A * (dA - mean) if A.ndim == 2 else A[99]
    the sum goes over all rows. Each row has its own: `axis=-1, keepdims=True`.
        mean = (A * dA).sum()
    the sum is of dA alone. It is weighted: Σ A dA.
        mean = dA.sum(axis=-1, keepdims=True)
    the mean of dA, each with the same weight. It is weighted by A: Σ A dA.
        mean = dA.mean(axis=-1, keepdims=True)
    that is the mean of A dA. A sums to 1 already, so the sum is the mean that is needed.
        mean = (A * dA).mean(axis=-1, keepdims=True)
    the sum is of A alone, which is 1.
        mean = A.sum(axis=-1, keepdims=True)
        mean = 1
    `A @ dA.T` pairs each row of A with every row of dA. A row has a single sum, with its own dA:
    `(A * dA).sum(axis=-1, keepdims=True)`.
        A * (dA - A @ dA.T)
        A * (dA - A @ dA)
    `keepdims=True` is forgotten, and so the sums of the rows are put side by side, not one before each row.
        mean = (A * dA).sum(axis=-1)
    the difference has the wrong sign: a weight that is better than the mean is raised, dA less the sum.
        A * (mean - dA)
    the sum is added. When one weight grows, the others shrink: it is subtracted.
        A * (dA + mean)
    the blames of the other weights are added up as they are. Each is weighted by its own A.
        A * (1 - A) * dA - A * (dA.sum(axis=-1, keepdims=True) - dA)
    one A stands before the sum that belongs into it: Σ A dA has the A of each weight, not that of its own.
        A * dA - A**2 * dA.sum(axis=-1, keepdims=True)
    a softmax was not asked for: A is what has come out of it.
        _softmax(A) * (dA - (_softmax(A) * dA).sum(axis=-1, keepdims=True))
    A is not in it: that is the mean taken off, and a root below. A weight of 0 moves with no score.
        (dA - dA.mean(axis=-1, keepdims=True)) / np.sqrt(A.shape[-1])
    that is the slope of log A, for a loss that takes logarithms of the weights. A itself moves by A times as
    much, and the sum is weighted: A (dA − Σ A dA).
        dA - A * dA.sum(axis=-1, keepdims=True)
    what comes from the other weights is added. When one weight grows, the others shrink: it is subtracted,
    and a weight's own slope is A (1 − A).
        A * mean + A * (1 - A) * dA
    the sum is subtracted after the product with A, and so without A: A stands before both.
        A * dA - mean
        A * dA + mean
    `A` is missing before the difference: a weight of 0 moves with no score, and nothing comes back to it.
        dA - mean
        dA - dA.mean(axis=-1, keepdims=True)
    the mean of A dA is subtracted. The sum over the row is, weighted by A once more.
        A * dA - (A * dA).mean(axis=-1, keepdims=True)
    A stands twice before the difference.
        A * A * (dA - mean)
        A**2 * (dA - mean)
    A² is in the sum: the Jacobian has A_s A_r, and A_s stands before the bracket already.
        mean = (A * A * dA).sum(axis=-1, keepdims=True)
    only the sum is left: A dA, the score's own part, is missing.
        -A * mean
        A * mean
        mean + 0 * A
    the slope of a sigmoid before the difference: A alone is right there.
        A * (1 - A) * (dA - mean)
    the sum is subtracted from A, not from dA.
        dA * (A - mean)
    A and dA are exchanged before the bracket and in it.
        dA * (A - (A * A).sum(axis=-1, keepdims=True))
    dA is in it twice.
        A * dA * (dA - mean)
        A * dA * (1 - mean)
    that is the gradient of softmax and cross-entropy together, prediction less target. Here dA is what has
    come back, not a target.
        A - dA
    the softmax of dA is no gradient.
        A - _softmax(dA)
        _softmax(dA)
    you divide by A. It is the derivative of a logarithm; of a softmax it is A times something.
        dA / A
    A is inverted: nothing is undone here.
        (dA - mean) / A
    dA is not in it.
        A * (A - (A * A).sum(axis=-1, keepdims=True))
        A - (A * A).sum(axis=-1, keepdims=True)
        A
    that is dA itself: nothing of the softmax is in it.
        dA
    the signs of dA are lost.
        A * (np.abs(dA) - (A * np.abs(dA)).sum(axis=-1, keepdims=True))
    dS is divided by the number of rows. Where there is a mean, it is in dA already.
        A * (dA - mean) / len(A)
    dS is divided by the length of a row.
        A * (dA - mean) / A.shape[-1]
    dS is added up along the rows: it has a number for each score.
        (A * (dA - mean)).sum(axis=⟨-1|0⟩)
    only the largest weight of each row is in the sum.
        mean = (A * dA * (A == A.max(axis=-1, keepdims=True))).sum(axis=-1, keepdims=True)
    the largest of dA is subtracted. It is the sum, weighted by A.
        mean = dA.max(axis=-1, keepdims=True)
    only the first row is done. Is the `return` inside the loop?
        A * (dA - mean) * (np.arange(A.size).reshape(A.shape) < A.shape[-1])
        A * (dA - mean) * (np.arange(len(A)) == 0).reshape(-1, *[1] * (A.ndim - 1))
    only the last row is done: each turn of the loop begins anew.
        A * (dA - mean) * (np.arange(len(A)) == len(A) - 1).reshape(-1, *[1] * (A.ndim - 1))
    only the last entry of each row is right in the sum: each turn of the loop writes over the ones before.
    Add.
        mean = (A * dA)[..., -1:]
    the diagonal of the Jacobian is missing: yours has -A_s A_r alone, and for r = s there is A_s as well.
        -A * (mean - A * dA)
    for r = s the Jacobian has A_s (1 - A_s), not A_s: A_s² is left out on the diagonal.
        A * (dA - mean + A * dA)
    the root of k belongs to what the scores are made from, and not to the softmax.
        A * (dA - mean) / np.sqrt(A.shape[⟨-1|0⟩])
    """,
)
def softmax_backward(A, dA):
    """Check softmax_backward(A, dA), which returns dS. See notebooks/16_attention.ipynb."""
    mean = (A * dA).sum(axis=-1, keepdims=True)
    return A * (dA - mean)


# --- what comes back to queries and keys ---

# T, M, k: all different but for the last, where every shape fits: there a wrong transpose runs, and is named
ROWS = [(3, 5, 2), (4, 2, 6), (2, 7, 3), (1, 4, 5), (6, 3, 4), (4, 4, 4)]


def _asked():
    rng = np.random.default_rng(0)
    return [
        Trial(tuple(map(rng.standard_normal, [(T, k), (M, k), (T, M)])), {"T": T, "M": M, "k": k})
        for T, M, k in ROWS
    ]


def _blames(A, dA):
    return A * (dA - (A * dA).sum(axis=1, keepdims=True))


PLACES = """
    your loop over the places ends at T, the number of askers. There are M places to look at, `len(K)`.
        dS[:, np.arange(len(Q))] @ K[np.arange(len(Q))] / root
        dS[:, np.arange(len(Q))] @ K[np.arange(len(Q))]
    """


def _products(own, other, dS, turned, counted):
    """Return the catalogue of one of the two gradients, `own`, where `dS @ other / root` is right.

    `dS` is the array as it is multiplied, `turned` the other way round.
    """
    right = f"{dS} @ {other} / root"
    again = "_blames(_softmax(Q @ K.T / root), dS)" + dS.removeprefix("dS")
    own_name = f"d{own}"
    return f"""
    √k is missing: a score is Q K^T / √k, so what comes back is divided by √k as well.
        {dS} @ {other}
    divided by k. What comes back goes through the same factor as what went forward: 1/√k.
        {dS} @ {other} / root**2
    multiplied by √k. What comes back goes through the same factor as what went forward: 1/√k.
        {dS} @ {other} * root
    √k divides twice.
        {dS} @ {other} / root**4
    the root is that of T, the number of askers: `Q.shape[1]` is k.
        {dS} @ {other} / np.sqrt(len(Q))
    the root is that of M, the number of places: `K.shape[1]` is k.
        {dS} @ {other} / np.sqrt(len(K))
    divided by the wrong number: what went forward was divided by √k.
        {dS} @ {other} / ⟨len(Q)|len(K)|dS.size|root**3⟩
    divided by √k, and by the number of rows as well: a mean, where a sum is asked for. What comes back adds
    up.
        {dS} @ {other} / root / ⟨len(Q)|len(K)|dS.size⟩
    `{other}.T @ {turned}` comes out turned: `{dS} @ {other}` is asked for.
    The rows of {own_name} are {counted}.
        {other}.T @ {turned} / root
    `{other}.T @ {turned}` comes out turned, and √k is missing.
        {other}.T @ {turned}
    that is d{other}: `{turned} @ {own}` has a row for each row of {other}.
        {turned} @ {own} / root
        {turned} @ {own}
    {own} itself is in it. What {own} is multiplied by is {other}.
        {own} * {dS}.sum(axis=1, keepdims=True) / root
        {own} * {dS}.sum(axis=1, keepdims=True)
        {dS} @ {own} / root
        {own} * ({dS} @ {other}) / root
        {own}
    {other} is not in it. A number of {own} moves a score by as much as the number of {other} that it is
    multiplied by.
        {dS} @ np.ones_like({other}) / root
        {dS}
        np.repeat({dS}.sum(axis=1, keepdims=True), {own}.shape[1], axis=1) / root
        np.repeat({dS}.sum(axis=1, keepdims=True), {own}.shape[1], axis=1)
    dS is not in it: without it nothing says how much each score is to blame.
        np.broadcast_to({other}.sum(axis=0), {own}.shape) / root
        np.broadcast_to({other}.sum(axis=0), {own}.shape)
        np.ones_like({dS}) @ {other} / root
        np.ones_like({dS}) @ {other}
    dS has to be transposed here, or not: `{turned} @ {other}` adds over what does not belong together.
        {turned} @ {other} / root
        {turned} @ {other}
    `reshape` cuts the same row of numbers elsewhere, and so mixes rows and columns. Rows become columns by a
    transpose, `.T`.
        {turned}.reshape({dS}.shape) @ {other} / root
        {turned}.reshape({dS}.shape) @ {other}
    the sign is the wrong way round: nothing is negative in a score.
        -{dS} @ {other} / root
        -{dS} @ {other}
    the blames are added up before they are multiplied. Multiply each by its row of {other}, then add.
        np.outer({dS}.sum(axis=1), {other}.sum(axis=0)) / root
        np.outer({dS}.sum(axis=1), {other}.sum(axis=0))
    only the last row of {other} is in it: each turn of your loop writes over the ones before. Add.
        np.outer({dS}[:, -1], {other}[-1]) / root
    only the first row of {other} is in it. Is the `return` inside the loop?
        np.outer({dS}[:, 0], {other}[0]) / root
    only the first row is done. Is the `return` inside the loop?
        ({right}) * (np.arange(len({own})) == 0)[:, None]
    only the last row is done.
        ({right}) * (np.arange(len({own})) == len({own}) - 1)[:, None]
    the signs of dS are lost.
        np.abs({dS}) @ {other} / root
    a softmax was not asked for: dS is known already.
        _softmax(dS){".T" if dS.endswith(".T") else ""} @ {other} / root
        _softmax({dS}) @ {other} / root
    dS has come through the softmax already: you send it back through it once more.
        {again} @ {other} / root
        {again} @ {other}
    those are the scores.
        Q @ K.T / root
        Q @ K.T
    dS is undone, as if one could go back by an inverse. A gradient asks how much each number is to blame.
        np.linalg.pinv({turned}) @ {other} / root
    a sum too many: the product has added already.
        ({dS} @ {other} / root).sum(axis=⟨0|1|None⟩)
    every row gets the same: each has its own row of blames.
        np.broadcast_to(({dS} @ {other} / root).sum(axis=0), {own}.shape)
        np.broadcast_to(({dS} @ {other} / root).mean(axis=0), {own}.shape)
    """


@exercise(
    trials=_asked,
    results=["dQ", "dK"],
    hint="S[t, s] is the sum over i of Q[t, i] K[s, i], divided by √k. Which scores does Q[t, i] go into, and"
    " with which number is it multiplied in each?",
    praise=f"Right, on {len(ROWS)} sets of queries and keys; T, M and k differ in most.",
    wrong=catalogue.only("dQ", _products("Q", "K", "dS", "dS.T", "askers, its columns k") + PLACES)
    + catalogue.only("dK", _products("K", "Q", "dS.T", "dS", "places, its columns k")),
)
def query_key_gradients(Q, K, dS):
    """Check query_key_gradients(Q, K, dS), which returns dQ, dK. See notebooks/16_attention.ipynb."""
    root = np.sqrt(Q.shape[1])
    dQ = dS @ K / root
    dK = dS.T @ Q / root
    return dQ, dK
