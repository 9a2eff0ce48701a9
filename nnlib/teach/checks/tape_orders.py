"""The exercise of chapter 13 on the order in which a tape is walked back."""

import collections
import itertools
import time

import numpy as np

from nnlib.teach.checks.engine import Crash, Unnamed, Wrong, passed, shown, staged

__all__ = ["tape_order"]

# What each name was made from, and the last one. Before they are tried, their letters are exchanged.
GRAPHS = [
    ({"x": [], "u": ["x"], "v": ["u"], "y": ["v"]}, "y"),
    ({"x": [], "y": ["x", "x"]}, "y"),
    ({"x": [], "u": ["x"], "v": ["u"], "y": ["u", "v"]}, "y"),
    ({"x": [], "u": ["x"], "v": ["u"], "y": ["v", "u"]}, "y"),
    ({"x": [], "w": [], "u": ["x", "w"], "a": ["u"], "b": ["u"], "y": ["a", "b"]}, "y"),
    ({"x": [], "w": [], "a": ["x", "w"], "b": ["a", "a"], "c": ["b", "w"], "y": ["x", "c"]}, "y"),
    ({"x": [], "a": ["x"], "b": ["a", "a"], "c": ["a"], "y": ["b", "c"]}, "y"),
    ({"x": [], "a": ["x"], "b": ["a", "a"], "c": ["a"], "y": ["c", "b"]}, "y"),
    ({"x": [], "a": ["x", "x"], "b": ["x"], "c": ["b"], "y": ["a", "c"]}, "y"),
    ({"x": [], "a": ["x", "x"], "b": ["x"], "c": ["b"], "y": ["c", "a"]}, "y"),
    ({"x": [], "w": [], "u": ["x"], "v": ["u", "w"], "y": ["v", "u"], "z": ["y", "w"]}, "v"),
    ({"x": [], "w": [], "y": ["x", "w"]}, "w"),
]
LETTERS = list("abcdefghijkmnpqrstuvwxyz")
LONG = 100_000  # names in a chain
SHORTER, SECONDS = 20_000, 0.8  # names in one that is tried first, and how long it may take
PATHS = 22  # squarings, each of what the one before made: four million paths


def _graphs(seed):
    """Return pairs of what each name was made from, in no order, and the last name."""
    rng = np.random.default_rng(seed)
    graphs = []
    drawn = [_random_graph(rng, size + seed) for size in (6, 9, 12, 15)]
    for made_from, last in [*GRAPHS, *drawn]:
        called = dict(zip(made_from, map(str, rng.permutation(LETTERS)), strict=False))
        names = map(str, rng.permutation(list(made_from)))
        graphs.append(({called[n]: [called[m] for m in made_from[n]] for n in names}, called[last]))
    return graphs


def _random_graph(rng, size):
    names = LETTERS[:size]
    drawn = {name: list(map(str, rng.choice(names[:k], 2))) for k, name in enumerate(names) if k > 2}
    return {name: drawn.get(name, []) for name in names}, names[-1]


def _by_users(made_from, last):
    """Return an order: each name when all its users have been visited."""
    users, left = {last: 0}, [last]
    while left:
        for name in made_from[left.pop()]:
            if name not in users:
                users[name] = 0
                left.append(name)
            users[name] += 1
    order = [last]
    for name in order:
        for one in made_from[name]:
            users[one] -= 1
            if users[one] == 0:
                order.append(one)
    return order


def _when_heard(made_from, last, users, newest=False):
    """Return an order in which a name is taken when as many as `users` says of it have been visited."""
    left, order, ready = collections.Counter(users), [], [last]
    while ready:
        order.append(ready.pop(-1 if newest else 0))
        for one in made_from[order[-1]]:
            left[one] -= 1
            if left[one] == 0:
                ready.append(one)
    return order


def _all_users(made_from, last):
    """Count those that `last` was not made from, too."""
    return collections.Counter(itertools.chain.from_iterable(made_from.values()))


def _distinct_users(made_from, last):
    """Count a name that stands in a list twice once."""
    return collections.Counter(one for name in _by_users(made_from, last) for one in set(made_from[name]))


def _crossed_off_once(made_from, last):
    """Return an order in which a use is counted as often as it stands in a list, and taken away once."""
    users = collections.Counter(itertools.chain.from_iterable(map(made_from.get, _by_users(made_from, last))))
    return _when_heard({name: list(dict.fromkeys(of)) for name, of in made_from.items()}, last, users)


def _paths(made_from, last):
    """Count the paths that lead to a name."""
    paths = collections.Counter({last: 1})
    for name in _by_users(made_from, last):
        for one in made_from[name]:
            paths[one] += paths[name]
    return paths


def _is_depth_first(visit):
    """Whether each name was made into the one before it or, where that has no other, into the one before."""
    path, seen = [visit.order[0]], {visit.order[0]}
    for name in visit.order[1:]:
        while path and seen.issuperset(visit.made_from[path[-1]]):
            path.pop()
        if not path or name not in visit.made_from[path[-1]]:
            return False
        path.append(name)
        seen.add(name)
    return True


def _is_in_layers(visit):
    """Whether names stand in the order of the shortest path to them."""
    steps = {visit.last: 0}
    for name in (layers := [visit.last]):
        new = [one for one in dict.fromkeys(visit.made_from[name]) if one not in steps]
        steps.update(dict.fromkeys(new, steps[name] + 1))
        layers += new
    return _rises([steps[name] for name in visit.order])


def _is_by_users(visit):
    """Whether names stand in the order of how many users they have."""
    needed = _by_users(visit.made_from, visit.last)
    users = collections.Counter(itertools.chain.from_iterable(visit.made_from[name] for name in needed))
    return _rises([users[name] for name in visit.order])


def _is_by_operands(visit):
    """Whether names stand in the order of how many they were made from, behind the last one."""
    return _rises([-len(visit.made_from[name]) for name in visit.order[1:]])


def _rises(numbers):
    return all(a <= b for a, b in itertools.pairwise(numbers))


def _all_and_then(made_from, last):
    """Return an order in which a name takes all that it was made from, and then each of these does."""
    order, left = [last], [last]
    while left:
        name = left.pop()
        order += [one for one in dict.fromkeys(made_from[name]) if one not in order]
        left += made_from[name][::-1]
    return order


def _is(order):
    """Return what says whether names stand as a function of the graph gives them."""
    return lambda visit: visit.order == order(visit.made_from, visit.last)


def _as_given(made_from, last):
    needed = _by_users(made_from, last)
    return [name for name in made_from if name in needed]


def _moved_back(made_from, last):
    """Return what becomes of a list whose names are moved to its end while a loop goes through it."""
    order = [last]
    for name in order:
        for one in made_from[name]:
            if one in order:
                order.remove(one)
            order.append(one)
    return order


def _moved_alone(made_from, last):
    """Return an order in which a name that is met again moves to the end, without what it was made from."""
    order, left = {last: None}, [last]
    for name in left:
        for one in made_from[name]:
            if one not in order:
                left.append(one)
            order.pop(one, None)
            order[one] = None
    return list(order)


def _found_when_put(made_from, last):
    """Return an order by when names are left, where each is marked as it is put on the stack."""
    order, found, left = [], {last}, [(last, False)]
    while left:
        name, done = left.pop()
        if done:
            order.append(name)
            continue
        left.append((name, True))
        new = [one for one in dict.fromkeys(made_from[name]) if one not in found]
        found.update(new)
        left += [(one, False) for one in new]
    return order[::-1]


def _moved_alone_deep(made_from, last):
    """Return the same where the names that are left are taken from the end of a list."""
    order, left, seen = {last: None}, [last], set()
    while left:
        if (name := left.pop()) not in seen:
            seen.add(name)
            for one in made_from[name]:
                order.pop(one, None)
                order[one] = None
                left.append(one)
    return list(order)


MOVED = (
    "you take names out of a list while a loop goes through it: the others move up, and one of them is left"
    " out. Count the users that are still to come, and append a name when there are none."
)
TOO_EARLY = "hands on before it has heard from all its users"
ORDERS = [
    (
        _is_in_layers,
        "you go layer by layer: breadth first. A name with a short path and a long one is there after the"
        f" short one, and {TOO_EARLY}. Count the users that are still to come.",
    ),
    (
        _is_depth_first,
        "you go along one path to its end, and then the next: depth first. A name is there as soon as one"
        f" path has reached it; where two paths meet, it {TOO_EARLY}.",
    ),
    (
        _is(_all_and_then),
        "a name takes all that it was made from, and then each of these does the same. Each is there as soon"
        f" as one path has reached it; where two paths meet, it {TOO_EARLY}.",
    ),
    (_is(_moved_back), MOVED),
    (
        _is(_found_when_put),
        "a name is marked when it is put on the stack, and may be needed before that by one that comes later:"
        f" then it {TOO_EARLY}. Mark a name when you enter it.",
    ),
    *(
        (
            _is(moved),
            "a name that is met again moves to the end, and what it was made from stays where it is, so it"
            f" {TOO_EARLY}. Count the users that are still to come.",
        )
        for moved in (_moved_alone, _moved_alone_deep)
    ),
    *(
        (
            _is(lambda *graph, newest=newest: _when_heard(*graph, _distinct_users(*graph), newest)),
            "a name that stands in a list twice, as x does for x * x, is counted as one user and taken away"
            f" as two, so it {TOO_EARLY}.",
        )
        for newest in (True, False)
    ),
    (_is(_as_given), "the names stand as they do in made_from, and there the order means nothing."),
    (
        _is(lambda *graph: _as_given(*graph)[::-1]),
        "the names stand as they do in made_from, from its end, and there the order means nothing.",
    ),
    (
        _is(lambda *graph: sorted(_by_users(*graph))),
        "the names are sorted by the alphabet. What counts is what was made from what.",
    ),
    (
        _is(lambda *graph: sorted(_by_users(*graph), reverse=True)),
        "the names are sorted by the alphabet, from its end. What counts is what was made from what.",
    ),
    (
        _is_by_operands,
        "the names stand in the order of how many they were made from, which says nothing of when they were"
        " made. What counts is which users are still to come.",
    ),
    (
        _is_by_users,
        "the names stand in the order of how many users they have. One that has few may be used by one that"
        " comes late: what counts is which users are still to come.",
    ),
]
INSTEAD = {  # of a list, and what to say of it
    "generator": "expected a list. `yield` makes a generator: collect the names in a list, and return that",
    "set": "expected a list, for a set has no order",
    "dict": "expected a list of names; `list(…)` of a dict has its keys",
    "dict_keys": "expected a list: `list(…)` of it is one",
    "deque": "expected a list: `list(…)` of it is one",
    "reversed": "expected a list: `list(reversed(…))`, or `[::-1]`",
    "list_reverseiterator": "expected a list: `list(reversed(…))`, or `[::-1]`",
    "ndarray": "expected a list: `.tolist()` makes one",
}


class _Visits:
    """The order in which a reader's function visits one graph, and what is wrong with it."""

    def __init__(self, ask, made_from, last):
        self.made_from, self.last = made_from, last
        self.tried = f"(Tried with made_from = {made_from} and last = {last!r}.)"
        given = {name: list(of) for name, of in made_from.items()}
        try:
            answer = ask(given, last)
        except Crash as crash:
            raise Unnamed(f"{crash} {self.tried}") from None
        self.order = self._names(answer)
        if given != made_from:
            raise Unnamed(
                "Your function changes made_from, which belongs to whoever called it. Note what you need in a"
                f" dict, or a set, of your own. {self.tried}"
            )
        self.needed = _by_users(made_from, last)

    def _names(self, answer):
        """Return the reader's list, or tuple, of names."""
        kind = next((kind for kind in (list, tuple) if isinstance(answer, kind)), None)
        if kind is None:
            why = INSTEAD.get(type(answer).__name__, "expected a list of names")
            raise Unnamed(f"You return {shown(answer)}: {why}. {self.tried}")
        names = kind.__getitem__(answer, slice(20 * len(self.made_from)))
        for name in names:
            if type(name) not in (str, np.str_):
                raise Unnamed(f"Your list holds {shown(name)}; expected names alone. {self.tried}")
        return list(map(str, names))

    def rules(self, is_chain):
        """Return words and whether they hold, of which names there are.

        Whoever leaves out what was made from nothing, or goes one step alone, does so on a chain, too.
        """
        missing = [name for name in self.needed if name not in self.order]
        strange = [name for name in self.order if name not in self.made_from]
        extra = [name for name in self.made_from if name in self.order and name not in self.needed]
        twice = sorted({name for name in self.order if self.order.count(name) > 1})
        paths = _paths(self.made_from, self.last)
        direct = {self.last, *self.made_from[self.last]}
        leaves = [name for name in self.needed if not self.made_from[name]]
        return [
            (f"{_listed(strange[:1])} is none of the names.", strange),
            ("your list is empty.", not self.order),
            (f"{self.last!r} itself is missing: there `backward` begins.", missing == [self.last]),
            (
                Unnamed(
                    f"what was made from nothing is missing, {_listed(missing)}: a gradient is wanted for"
                    " that, too."
                ),
                is_chain and missing and missing == leaves,
            ),
            (MOVED, missing and self.order == _moved_back(self.made_from, self.last)),
            (
                Unnamed(
                    f"what {self.last!r} was made from directly is there; that was made from something, too:"
                    f" {_listed(missing)}."
                ),
                is_chain and missing and {*self.order} == direct,
            ),
            (
                f"{_listed(missing, True)} missing. You count users that {self.last!r} was not made from:"
                " they are never visited, and whoever waits for them waits for ever. Find out first what"
                " counts.",
                missing and self._waits_for(_all_users),
            ),
            (
                f"{_listed(missing, True)} missing. You count the paths that lead to a name, and take one"
                " away for each user: it never comes to none. Count each user once, when it is found first.",
                missing and self._waits_for(_paths),
            ),
            (
                f"{_listed(missing, True)} missing. A name that stands in a list twice is counted as two"
                " users, and taken away as one: it never comes to none. Count both alike.",
                missing and sorted(self.order) == sorted(_crossed_off_once(self.made_from, self.last)),
            ),
            (Unnamed(f"{_listed(missing, True)} missing: {self.last!r} was made from that, too."), missing),
            (
                f"{_listed(extra, True)} too much: {self.last!r} was not made from that. Begin at `last`,"
                " and go on from there.",
                extra,
            ),
            (
                Unnamed(
                    f"{_listed(twice, True)} there more than once, as often as paths lead to it. Visit a name"
                    " once, when it has heard from all its users."
                ),
                twice and all(self.order.count(name) == n for name, n in paths.items()),
            ),
            (
                Unnamed(
                    f"{_listed(twice, True)} there more than once. Where several paths lead to a name, or it"
                    " stands in a list twice, it is one name all the same, and visited once."
                ),
                twice,
            ),
        ]

    def _waits_for(self, users):
        """Whether these are the names that one comes to who counts users in another way."""
        order = _when_heard(self.made_from, self.last, users(self.made_from, self.last))
        return sorted(self.order) == sorted(order)

    def early(self, order):
        """Return a name of an order that stands before one that was made from it, and that; or None."""
        at = {name: k for k, name in enumerate(order)}
        pairs = ((one, name) for name in order for one in self.made_from[name])
        return next((pair for pair in pairs if at[pair[0]] < at[pair[1]]), None)


def _listed(names, are=False):
    verb = (" are" if len(names) > 1 else " is") * are
    return ", ".join(map(repr, names)) + verb


def _look_at_orders(visits):
    """Raise `Wrong` where the order is another one that has a name."""
    if not any(visit.early(visit.order[::-1]) for visit in visits):
        raise Wrong(
            "the wrong way round: what was given comes first, and `last` at the end. So one goes forward;"
            f" `backward` begins at `last`. {visits[0].tried}"
        )
    early = next(visit for visit in visits if visit.early(visit.order))
    for fits, words in ORDERS:
        if all(map(fits, visits)):
            raise Wrong(f"{words} {early.tried}")


def _chain(length, times=1):
    """Return a chain, each name made from the one before, and its last name."""
    names = [f"n{k}" for k in range(length)]
    made_from = {name: [before] * times for before, name in zip(names, names[1:], strict=False)}
    return {**made_from, names[0]: []}, names[-1]


def _in_time(ask):
    """Raise `Wrong` where long chains take too long, or go too deep, and all else is right."""
    for length, times, seconds in ((PATHS, 2, SECONDS / 4), (SHORTER, 1, SECONDS), (LONG, 1, np.inf)):
        made_from, last = _chain(length, times)
        chain = f"a chain of {length:,} names".replace(",", " ")
        slow = TOO_SLOW
        if times > 1:
            chain += ", each made from the one before it twice"
            slow = TOO_MANY
        start = time.process_time()
        try:
            order = ask(made_from, last)
        except Crash as crash:
            why = TOO_DEEP if "RecursionError" in str(crash) or "itself" in str(crash) else str(crash)
            raise Wrong(f"right on small graphs. With {chain}: {why}") from None
        except Wrong as wrong:
            if "seconds" not in str(wrong):
                raise
            raise Wrong(f"right on small graphs. With {chain}, it had to be stopped. {slow}") from None
        if (took := time.process_time() - start) > seconds:
            raise Wrong(f"right on small graphs. With {chain}, it takes {took:.1f} seconds. {slow}")
        if list(order) != [f"n{k}" for k in range(length)][::-1]:
            raise Unnamed(f"right on small graphs, and wrong with {chain}.")


TOO_DEEP = (
    "it calls itself too deep, and Python stops it. Keep the names that are still to be visited in a list,"
    " and take them from there in a `while` loop."
)
TOO_MANY = "It goes along every path, and there are millions. What has been visited is not visited again."
TOO_SLOW = (
    "What looks through a list, or moves all of it, takes longer as it grows, and does so for each name: `in`"
    " a list, `remove`, `insert(0, …)`, `pop(0)`, a copy. In a set or a dict, `in` is quick."
)


@staged(
    right=_by_users,
    hint="`last` comes first. Which name has then heard from all its users?",
    dear=_in_time,
)
def tape_order(ask, seed):
    """Check tape_order(made_from, last), which returns a list of names.

    See notebooks/13_automatic_differentiation.ipynb.
    """
    visits = []
    for made_from, last in _graphs(seed):
        visits.append(_Visits(ask, made_from, last))
        yield from passed(visits[-1].rules(is_chain=len(visits) == 1), tail=f" {visits[-1].tried}")
    wrong = [visit for visit in visits if visit.early(visit.order)]
    if wrong:
        _look_at_orders(visits)
    yield from [None] * (len(visits) - len(wrong))
    if wrong:
        one, user = wrong[0].early(wrong[0].order)
        raise Unnamed(
            f"you return {wrong[0].order}. There {user!r} comes after {one!r}, and was made from it: {one!r}"
            f" {TOO_EARLY}. {wrong[0].tried}"
        )
    return f"Right, on {len(visits)} graphs, and on a chain of 100 000 names."
