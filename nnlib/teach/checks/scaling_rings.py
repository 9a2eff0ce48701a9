"""The exercise of chapter 15 on a ring of workers: what each sends is counted, and what comes of it."""

import itertools
from collections import Counter

import numpy as np

from nnlib.teach.checks.engine import Crash, Trial, Unnamed, Wrong, exercise, numbers, shown
from nnlib.teach.checks.engine.catalogue import lines

__all__ = ["ring_all_reduce"]

# Workers, and the length of their arrays: most do not divide it, one of them is longer than it
RINGS = [(3, 7), (2, 5), (5, 13), (4, 8), (1, 6), (4, 3), (6, 19)]


def _rings():
    rng = np.random.default_rng(0)
    return [Trial((rng.standard_normal((p, n)),), {"p": p, "length": n}) for p, n in RINGS]


class _Post:
    """What is sent on one trial, and what came of it.

    Where it is `lost`, nothing arrives but zeros: whoever has the sums all the same has them from elsewhere.
    """

    def __init__(self, arrays, lost=False):
        self.p, self.n, self.lost = *arrays.shape, lost
        self.arrays, self.messages, self.problem, self.sums, self.first = arrays, [], "", None, None
        self.tried = f" (Tried with p = {self.p}, length = {self.n}.)"

    def send(self, sender, receiver, chunk):
        """Note who sends how much to whom, and return what arrives."""
        values = numbers(chunk)
        workers = [self._worker(one) for one in (sender, receiver)]
        if values is None or values.ndim == 0:
            self._refuse(f"you send {shown(chunk)}; expected a chunk, an array of numbers.")
            return chunk
        if None not in workers:
            self.first = self.first or (*workers, values)
            self.messages.append((*workers, np.array(values)))
        return np.zeros(values.shape) if self.lost else np.array(values)

    def _worker(self, k):
        """Return a worker's place; counted from the end, too, as Python does."""
        is_whole = type(k) is int or isinstance(k, np.integer)
        if is_whole and -self.p <= k < self.p:
            return int(k) % self.p
        why = "expected a worker's number."
        if is_whole:
            why = f"the last of {self.p} is worker {self.p - 1}, and after it comes worker 0: `(i + 1) % p`."
        self._refuse(f"you send from, or to, worker {shown(k)}: {why}")
        return None

    def _refuse(self, why):
        self.problem = self.problem or why

    def run(self, ask):
        """Have the reader's function run; where it crashes, what was sent by then is known."""
        self.ask = ask
        given = list(self.arrays.copy())
        kept = list(given)
        try:
            answer = ask(given, self.send)
        except Crash as crash:
            if self.problem:
                raise Wrong(self.problem + self.tried) from None
            if "list index out of range" in str(crash):
                raise Crash(f"{crash}. After the last worker, or chunk, comes number 0: `% p`.") from None
            raise
        if any(map(_differ, kept, self.arrays)) or len(given) != self.p or any(map(_is_other, given, kept)):
            raise Unnamed(
                "Your function changes arrays, which belong to the workers. `array_split` and slices copy"
                f" nothing: they show a part of the same array, and `+=` changes it there.{self.tried}"
            )
        self.sums = _joined(answer, self.p)
        return self

    # What is counted

    @property
    def longest(self):
        """How long a chunk may be."""
        return -(-self.n // self.p)

    @property
    def pairs(self):
        """Who sends to whom."""
        return {(sender, receiver) for sender, receiver, _ in self.messages}

    def counts(self):
        """Return how many messages each worker sends."""
        sent = Counter(sender for sender, _, _ in self.messages)
        return [sent[k] for k in range(self.p)]

    def all_same(self):
        """Whether all have the same in the end, be it right or not."""
        found = self.sums
        return isinstance(found, np.ndarray) and found.ndim == 2 and not np.ptp(found, axis=0).any()

    def is_right(self):
        """Whether all have the sum in the end."""
        total = np.broadcast_to(self.arrays.sum(axis=0), self.arrays.shape)
        found = self.sums
        return isinstance(found, np.ndarray) and found.shape == total.shape and np.allclose(found, total)


def _differ(a, b):
    return not np.array_equal(a, b)


def _is_other(a, b):
    return a is not b


def _joined(answer, p):
    """Return the sums as one array; say so where they still lie there in chunks."""
    found = numbers(answer)
    inner = answer[0] if type(answer) in (list, tuple) and answer else None
    if (found is None or found.ndim == 3) and type(inner) in (list, tuple):
        raise Unnamed(
            "you return chunks, a list of them for each worker. Each worker's sum is one array:"
            " `np.concatenate(chunks)` joins them."
        )
    if p > 1 and type(answer) is list and len(answer) == p * p:
        raise Unnamed(
            f"you return a list of {p * p} chunks. It has to hold {p} arrays, the sum of each worker:"
            " `np.concatenate(chunks)` joins the chunks of one."
        )
    return answer if found is None else found


def _with_post(ask, arrays):
    """Return what comes out where messages go through a post."""
    return _Post(arrays).run(ask).sums


def _look_at_messages(ask, trials):
    """Return what is wrong with the messages; what has no name there is left to the sums."""
    posts = []
    for trial in trials:
        try:
            posts.append(_Post(*trial.arguments).run(ask))
        except Wrong as wrong:
            if not isinstance(wrong, Unnamed):
                raise
            return None
    right = all(post.is_right() for post in posts)
    posts.sort(key=lambda post: post.p < 4)  # among three, not much is told from a ring
    for rule in RULES + RULES_OF_RIGHT * right:
        for post in posts:
            if why := rule(post):
                return why + post.tried
    if right and any(_Post(post.arrays, lost=True).run(ask).is_right() for post in posts if post.p > 1):
        return (
            "the sums are right even where nothing arrives. What one worker knows of another is what `send`"
            " returns, and nothing else: add up that, not the other worker's own chunk."
        )
    return None


def _refused(post):
    return post.problem


def _to_itself(post):
    if post.p > 1 and any(a == b for a, b in post.pairs):
        return "a worker sends to itself. What it has it need not send; after `i` comes `(i + 1) % p`."
    return None


def _nothing_sent(post):
    if post.p <= 2 or post.messages:  # between two, p - 2 steps are none
        return None
    return (
        "nothing is sent. A worker has its own array alone: what it knows of the others has come by `send`,"
        " a chunk at a time."
    )


def _of_another(post):
    if post.first is None:
        return None
    sender, receiver, chunk = post.first
    if _has(post.arrays[sender], chunk) or not _has(post.arrays[receiver], chunk):
        return None
    return (
        f"the first message goes from worker {sender} to worker {receiver}, and what is in it is the"
        " receiver's own. `send(sender, receiver, chunk)` hands over what the sender has; what it returns"
        " belongs to the receiver."
    )


def _has(array, chunk):
    """Whether a chunk is a part of an array."""
    chunk = chunk.ravel()
    starts = range(len(array) - len(chunk) + 1)
    return any(np.allclose(array[k : k + len(chunk)], chunk, rtol=1e-6) for k in starts)


def _not_to_the_next(post):
    if post.p == 1:
        return None
    others = {(a, b) for a, b in post.pairs if b != (a + 1) % post.p}
    if not others:
        return None
    everybody = set(itertools.permutations(range(post.p), 2))
    if post.p > 3 and post.pairs == everybody:
        return (
            "every worker sends to every other one. In a ring it sends to the next one alone, which hands on."
        )
    if len(hub := set.intersection(*({a, b} for a, b in post.pairs))) == 1 and post.p > 3:
        return (
            f"everything goes through worker {hub.pop()}, as through a server: its line carries all, and the"
            " others wait. In a ring every worker sends to the next one alone."
        )
    if all(b == (a - 1) % post.p for a, b in post.pairs):
        return (
            "your ring turns the other way round: each sends to the one before it. (Are sender and receiver"
            " exchanged?) It would do as well; here `i` hands on to `(i + 1) % p`."
        )
    a, b = min(others)
    return f"worker {a} sends to worker {b}. In a ring it sends to the next one alone, {(a + 1) % post.p}."


def _too_long(post):
    sizes = [chunk.size for _, _, chunk in post.messages]
    if not sizes or max(sizes) <= post.longest:
        return None
    rest = post.n - (post.p - 1) * (post.n // post.p)
    if min(sizes) == post.n:
        return (
            f"whole arrays travel: each worker sends {max(post.counts()) * post.n} numbers at most, where"
            f" {2 * (post.p - 1)} chunks have {2 * (post.p - 1) * post.longest}. Cut the arrays in p chunks;"
            " then all lines carry one at the same time."
        )
    if max(sizes) == rest:
        return (
            f"what is left over when {post.n} is divided by {post.p} goes into the last chunk: it has"
            f" {rest} numbers, the others {post.n // post.p}, and in each step all wait for whoever sends it."
            f" None need be longer than {post.longest}: `np.array_split` shares out what is left."
        )
    if max(sizes) == post.n:
        return (
            "the chunks are added up well, and then whole arrays travel. In the second half, too, a chunk in"
            " each step is enough: the one that is whole."
        )
    return (
        f"a message has {max(sizes)} numbers. Of {post.p} chunks none need be longer than {post.longest}:"
        " one of them goes in each step."
    )


def _too_many(post):
    counts, most = post.counts(), 2 * (post.p - 1)
    if post.p == 1 or max(counts) <= most:
        return None
    if min(counts) < most < max(counts):
        k = counts.index(max(counts))
        return (
            f"worker {k} sends {max(counts)} messages, worker {counts.index(min(counts))} only"
            f" {min(counts)}: all chunks set out from the same place, and one line carries most. Let chunk c"
            " set out from worker c, so that all lines are busy in every step."
        )
    where = {2 * post.p: "both halves", 2 * post.p - 1: "one half"}.get(max(counts))
    if where:
        return (
            f"{where} of yours take p steps. Where chunk c sets out it is already: after p - 1 steps it has"
            f" been everywhere. (A worker sends {max(counts)} messages; {most} are enough.)"
        )
    return (
        f"a worker sends {max(counts)} messages, where {most} are enough: p - 1 until every chunk is added"
        " up, and p - 1 until all have it. Each message costs its latency, however short it is."
    )


def _put_together(post):
    if post.p < 3 or max(post.counts()) != post.p - 1 or not post.all_same():
        return None
    if not _Post(post.arrays, lost=True).run(post.ask).all_same():  # they come by `send`
        return None
    return (
        "after the first half the chunks of different workers are put together without `send`. The one that"
        " is whole is at one worker alone: let it go round, p - 1 steps more."
    )


def _alone(post):
    if post.p > 1 or not post.messages:
        return None
    return "one worker alone has the sum already, and sends nothing."


def _too_few(post):
    sent, needed = sum(chunk.size for _, _, chunk in post.messages), 2 * (post.p - 1) * post.n
    if sent >= needed:
        return None
    return (
        f"the sums are right, but {sent} numbers travel in all, and they need {needed}: p - 1 lines for each"
        " number of each chunk until it is added up, p - 1 until all have it. Something came from one worker"
        " to another without `send`."
    )


def _not_reached(post):
    """Tell of a sum that sets out where it is not known.

    Here worker k has 2^k everywhere, so that a sum says whose numbers are in it.
    """
    marked = _Post(np.outer(2.0 ** np.arange(post.p), np.ones(post.n))).run(post.ask)
    known = [1 << k for k in range(post.p)]
    for sender, receiver, chunk in marked.messages:
        if not np.isin(chunk, range(1 << post.p)).all():
            return None
        whose = int(np.bitwise_or.reduce(chunk.astype(int), axis=None, initial=0))
        if unknown := whose & ~known[sender]:
            return (
                f"the sums are right, but worker {sender} sends a sum with numbers of worker"
                f" {unknown.bit_length() - 1} in it, which have not reached it. A chunk that is whole goes on"
                " from the worker that has added the last numbers to it."
            )
        known[receiver] |= whose
    return None


RULES = (
    _refused,
    _to_itself,
    _nothing_sent,
    _of_another,
    _not_to_the_next,
    _too_long,
    _too_many,
    _put_together,
    _alone,
)
RULES_OF_RIGHT = (_too_few, _not_reached)


def _worker_by_worker(arrays, send):
    """Return what comes out where each worker does all its steps before the next one begins."""
    p = len(arrays)
    work = [np.array_split(np.array(array), p) for array in arrays]
    for i, step in itertools.product(range(p), range(p - 1)):
        c, to = (i - step) % p, (i + 1) % p
        work[to][c] = work[to][c] + send(i, to, work[i][c])
    for i, step in itertools.product(range(p), range(p - 1)):
        d, to = (i + 1 - step) % p, (i + 1) % p
        work[to][d] = send(i, to, work[i][d])
    return [np.concatenate(chunks) for chunks in work]


def _shifted():
    """Return edits in which the second half begins with another chunk than the first half has ended with."""
    for a, b in itertools.product((0, -1, 1), (1, 0, -1, 2, 3)):
        if b not in (a, a + 1):
            yield f"c = (i + {a} - step) % p ; d = (i + {b} - further) % p"


# How an array may be cut in p chunks besides: all as long as the first, or at the nearest places
OTHER_CHUNKS = (
    "[array[k * -(-len(array) // p) : (k + 1) * -(-len(array) // p)] for k in range(p)]",
    "[array[len(array) * k // p : len(array) * (k + 1) // p] for k in range(p)]",
    "[array[round(len(array) * k / p) : round(len(array) * (k + 1) / p)] for k in range(p)]",
)


def _in_other_chunks(text):
    """Return a catalogue in which each mistake is also made by somebody who cuts elsewhere."""
    said = []
    for words, line in lines(text):
        edit = " ".join(line.split("\n"))
        edits = [edit]
        if "array_split" not in edit:
            edits += [f"{edit} ; np.array_split(np.array(array), p) → {cut}" for cut in OTHER_CHUNKS]
        said += [f"\n    {words}\n        {one}\n" for one in edits]
    return "".join(said)


OF_A_RING = (
    """
    the first half is there: each chunk is added up, at one worker. The others still have a part of it: let
    what is whole go round once more, p - 1 steps.
        second = range(0)
    after the first half the chunks of different workers are put together without `send`, into one array. The
    chunk that is whole is at one worker alone, number i + 1 at worker i if chunk i set out from it: let it go
    round, p - 1 steps more, and return a list of p sums.
        second = range(0) ; np.concatenate([work[⟨c|c - 2|(c + 1) % p|p - 1 - c⟩][c] for c in range(p)])
    you return what one worker has after the first half, where only one of its chunks is whole. Let what is
    whole go round, p - 1 steps more, and return a list of p sums.
        second = range(0) ; np.concatenate(work[⟨0|-1⟩])
    all end with parts of single workers, and nothing is added up. In the first half, p - 1 steps, what
    arrives is added to what the receiver has; and the second half begins with the chunk that is whole then:
    at worker i, if chunk i set out from it, that of number i + 1.
        first = range(0)
        first = range(p - 2)
        c = (i + 1) % p
        d = (i - further) % p
        c = (i + 1 - step) % p
        work[to][c] = work[to][c] + send(i, to, work[i][c]) → work[to][c] = send(i, to, work[i][c])
    the second half adds again. A chunk that is whole has everything in it: who gets it puts it in the place
    of its own part.
        work[to][d] = send(i, to, work[i][d]) → work[to][d] = work[to][d] + send(i, to, work[i][d])
    what arrives is put in the place of what is there in the first half, and added in the second. It is the
    other way round: first add up, then hand round what is whole.
        work[to][c] = work[to][c] + send(i, to, work[i][c]) → work[to][c] = send(i, to, work[i][c]) ;
            work[to][d] = send(i, to, work[i][d]) → work[to][d] = work[to][d] + send(i, to, work[i][d])
    the two halves do not fit together. When the first one has ended, each worker has one chunk that is whole:
    the one that it got in the last step. With this one it has to begin the second half.
        """
    + "\n        ".join(_shifted())
    + """
    in the first half a worker sends its own chunk again in every step. What it sends is what has just
    arrived and been added to: the chunk changes from step to step, `(i - step) % p`.
        c = i
    in the second half a worker sends the same chunk again in every step. It hands on what has just arrived.
        d = (i + 1) % p
        d = i
        d = (i - 1) % p
    in one step all workers send the chunk of the same number. The first sends it on, the second what it has
    made of it in this very step, and so on: one line after the other, and the last adds to a sum again. In
    one step every worker sends another chunk.
        c = step
        c = step ; d = further
        d = further
    the first half goes through the chunks the wrong way round: what a worker sends in the next step has to be
    what has just arrived, and that has a lower number, not a higher one.
        c = (i + step) % p
        c = (i + step + 1) % p
        c = (i + step) % p ; d = (i + 1 + further) % p
        c = (i + step) % p ; d = (i + further) % p
    the second half goes through the chunks the wrong way round: what a worker sends in the next step has to
    be what has just arrived, and that has a lower number, not a higher one.
        d = (i + 1 + further) % p
        d = (i + further) % p
        d = (i + 2 + further) % p
    the first half is a step too long, and the second one too short: what is whole already is added up once
    more.
        first = range(min(p, 2 * p - 2)) ; second = range(p - 2) ; d = (i - further) % p
    a step is missing in the second half: the chunk that is whole goes over p - 1 lines before all have it.
        second = range(p - 2)
    a step is missing in both halves: a chunk goes over p - 1 lines before it has all p parts, and over as
    many before all have it.
        first = range(p - 2) ; second = range(p - 2)
        first = range(1, p - 1) ; second = range(1, p - 1)
        c = (i - step - 1) % p ; d = (i - further) % p ; first = range(p - 2) ; second = range(p - 2)
    the last worker sends nothing. After it comes worker 0: that closes the ring.
        range(p) → range(p - 1)
    the last worker sends nothing in the first half. After it comes worker 0: that closes the ring.
        work[to][c] = work[to][c] + send(i, to, work[i][c]) →
            work[to][c] = work[to][c] + (send(i, to, work[i][c]) if i < p - 1 else 0)
    a worker does all of its steps before the next one begins. What it is to hand on in its second step has
    not arrived by then: all do step 1, then all do step 2, and so on.
        first = range(0) ; second = range(0) ; _worker_by_worker(arrays, send)
    you return the arrays as they were given. What has arrived is somewhere else.
        [np.array(array) for array in arrays]
    you return one sum. Each of the p workers has one in the end: a list of p of them.
        np.concatenate(work[0])
        np.concatenate(work[-1])
    only one worker has its sum in your list.
        [np.concatenate(work[0])]
    the chunks are joined in another order than they were cut: each worker begins with its own. Chunk 0 comes
    first, at every worker.
        [np.concatenate(work[i][i:] + work[i][:i]) for i in range(p)]
        [np.concatenate(work[i][(i + 1) % p :] + work[i][: (i + 1) % p]) for i in range(p)]
    every p-th number makes a chunk, and joined one after the other they stand at other places than they did.
    A chunk is a piece without gaps, as `np.array_split` cuts it.
        np.array_split(np.array(array), p) → [array[k::p] for k in range(p)]
    the chunks are joined from the last to the first.
        [np.concatenate(chunks[::-1]) for chunks in work]
    the sums are shorter than the arrays. Where p does not divide the length, something is left over, and no
    chunk has it: `np.array_split` shares it out.
        np.array_split(np.array(array), p) → np.array_split(array[: len(array) // p * p], p)
    what is left over when the length is divided by p is in no chunk, and stays as it was:
    `np.array_split` shares it out.
        np.array_split(np.array(array), p) → np.array_split(array[: len(array) // p * p], p) ;
            [np.concatenate([*chunks, array[len(array) // p * p :]]) for chunks, array in zip(work, arrays)]
    what is left over when the length is divided by p is 0 in the end: no chunk has it. `np.array_split`
    shares it out.
        np.array_split(np.array(array), p) → np.array_split(array[: len(array) // p * p], p) ;
            [np.concatenate([*chunks, 0 * arrays[0][len(arrays[0]) // p * p :]]) for chunks in work]
    what is sent is not added to what is there, but to itself: it is doubled.
        work[to][c] = work[to][c] + send(i, to, work[i][c]) → work[to][c] = 2 * send(i, to, work[i][c])
    that is the mean of the arrays; the sum is asked for.
        [np.concatenate(chunks) / p for chunks in work]
    """
)


@exercise(
    trials=_rings,
    results=["sums"],
    hint="three workers, arrays of three numbers: what does worker 0 send first, so that all three lines are"
    " busy, and what does worker 1 then have that it did not have before?",
    praise=f"Right, on {len(RINGS)} rings, from one worker to six: each sends 2 (p - 1) chunks, to the next"
    " one alone.",
    observe=_with_post,
    looks=[_look_at_messages],
    wrong=_in_other_chunks(OF_A_RING),
)
def ring_all_reduce(arrays, send):
    """Check ring_all_reduce(arrays, send), which returns sums, a list. See notebooks/15_scaling_out.ipynb."""
    p = len(arrays)
    work = [np.array_split(np.array(array), p) for array in arrays]
    first = range(p - 1)
    for step in first:
        for i in range(p):
            c = (i - step) % p
            to = (i + 1) % p
            work[to][c] = work[to][c] + send(i, to, work[i][c])
    second = range(p - 1)
    for further in second:
        for i in range(p):
            d = (i + 1 - further) % p
            to = (i + 1) % p
            work[to][d] = send(i, to, work[i][d])
    return [np.concatenate(chunks) for chunks in work]
