"""An exercise whose answer is a function: it runs beside the right one, and its mistake is named."""

import functools
import inspect
import itertools
from collections.abc import Callable, Iterable, Sequence
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np

from nnlib.teach.checks.engine import catalogue, pairs, program, repair
from nnlib.teach.checks.engine.crash import from_outside
from nnlib.teach.checks.engine.running import MOST, Crash, call, fresh, numbers, untouched
from nnlib.teach.checks.engine.tell import GENERAL, Run, same, tried_with
from nnlib.teach.checks.engine.verdict import Unnamed, Verdict, Wrong, verdict_of

__all__ = ["Exercise", "Trial", "exercise"]

BACKWARDS = "And the sign is the wrong way round."


class Trial(NamedTuple):
    """What a function is tried on.

    `sizes` are the numbers by which an answer may be off, such as {"N": 5, "n_out": 3}, and by which the
    trial is spoken of. Trials differ in all of them. A batch has its samples as rows.
    """

    arguments: tuple
    sizes: dict[str, Any]


class Exercise:
    """A check of one exercise: called with the reader's function, it returns the `Verdict`.

    A diagnosis has to explain every trial. The catalogue is asked first, then what can be said of any result.
    Where a function crashes on a trial, or returns nothing, an entry that does so there too explains it.

    Parameters
    ----------
    right : function
        The right program, as the chapter writes it. Its parameters are those of the reader's function; the
        catalogue edits it, so the names of its lines are those that the catalogue may use.
    trials : function that returns, or yields, each `Trial`
    results : sequence of str
        The names of what is returned, such as ["dX", "dW", "db"].
    hint : str
        For an untouched stub.
    praise : str
    wrong : str
        The catalogue; its form is told in `engine.catalogue`.
    backwards : str
        What ± adds to the words of an entry.
    observe : function (ask, *arguments) -> results, optional
        What is compared, where it is not what the reader's function returns for the arguments of a trial:
        `ask(…)` calls it.
    returns : bool
        False where the reader's function changes what it is given, and returns nothing.
    read : function, optional
        Turns a result into what is compared; None is no answer of the right kind. Default: an array of
        numbers.
    looks : sequence of functions (ask, trials) -> words or None
        What is looked at before the trials are compared.
    tell : sequence of functions (name, runs) -> words or None
        What is said of a result that no entry explains; the last one always says something.
    axes : dict of str
        What the axes of an argument are, by its name: said where a function crashes and no entry explains it.
    """

    def __init__(
        self,
        right: Callable,
        *,
        trials: Callable[[], Iterable[Trial]],
        results: Sequence[str],
        hint: str,
        praise: str,
        wrong: str = "",
        backwards: str = BACKWARDS,
        observe: Callable[..., Any] | None = None,
        returns: bool = True,
        read: Callable[[Any], Any] = numbers,
        looks: Iterable[Callable] = (),
        tell: Iterable[Callable] = GENERAL,
        axes: dict[str, str] | None = None,
    ):
        self.__name__, self.__module__, self.__doc__ = right.__name__, right.__module__, right.__doc__
        self.right, self.results, self.hint, self.praise = right, tuple(results), hint, praise
        self.wrong, self.backwards = wrong, backwards
        self.observe, self.returns, self.read = observe or _as_it_is, returns, read
        self.looks, self.tell, self.axes = tuple(looks), tuple(tell), axes or {}
        self.trials = functools.cache(lambda: list(trials()))

    @functools.cached_property
    def entries(self) -> list[catalogue.Entry]:
        """The catalogue, read."""
        return catalogue.read(self.wrong, self.results, self.backwards)

    @functools.cached_property
    def _tree(self):
        return program.tree_of(self.right)

    @functools.cached_property
    def _names(self):
        # In a program and in a line of the catalogue, the name of an exercise is its right program.
        names = {**self.right.__globals__, self.right.__name__: self.right}
        return {name: value.right if isinstance(value, Exercise) else value for name, value in names.items()}

    @functools.cache  # noqa: B019 (exercises live as long as the module)
    def program(self, entry: catalogue.Entry) -> Callable:
        """Return the right program with the mistake of an entry in it."""
        several = len(self.results) > 1 and entry.result is not None
        part = self.results.index(entry.result) if several and entry.result else None
        return program.function_of(program.edited(self._tree, entry.edit, part), self._names)

    def __call__(self, answer: Any) -> Verdict:
        return verdict_of(self._placed, answer)

    def _placed(self, answer):
        """Judge; where the mistake has no name, look for its place in the reader's own lines."""
        try:
            return self.judge(answer)
        except Unnamed as wrong:
            wrong.repair = repair.repair(answer, self)
            small = wrong.repair and wrong.repair.count == len(wrong.repair.changes) == 1
            if not small and wrong.runs and (words := pairs.words_for(self, *wrong.runs)):
                raise Wrong(words, wrong.repair) from None
            if wrong.repair is None and wrong.runs and (outside := from_outside(answer)):
                raise Wrong(f"{wrong}{outside}") from None
            raise

    def judge(self, answer):
        """Return praise if the reader's function is right; raise `Wrong` if not."""
        ask = self._asking(answer)
        for look in self.looks:
            if why := look(ask, self.trials()):
                raise Wrong(why)
        found = [_or_crash(self.run, ask, trial) for trial in self.trials()]
        if any(isinstance(results, Crash) for results in found):
            self._explain_crash(found)
        self._look_for_leftovers(ask, found[0])
        for part, name in enumerate(self.results):
            self._explain(part, name, found)
        return self.praise

    # What a function does on a trial

    def _asking(self, function):
        return functools.partial(call, function, hint=self.hint, returns=self.returns)

    def run(self, ask, trial):
        """Return the results on one trial, each as it is compared; raise `Wrong` where there are none."""
        given = fresh(trial.arguments)
        returned = self.observe(ask, *given)
        untouched(self._parameters, trial.arguments, given)
        parts = [returned] if len(self.results) == 1 else _parts(returned, len(self.results))
        if len(parts) != len(self.results):
            raise Unnamed(
                f"Expected `return {', '.join(self.results)}`, {len(self.results)} results in this order;"
                f" you return {'one' if len(parts) == 1 else len(parts)}."
            )
        return tuple(map(self._value, self.results, parts))

    def _value(self, name, part):
        if part is ...:
            raise Wrong(f"{name} is still `...`; expected numbers.")
        if isinstance(part, np.ndarray) and part.size > MOST:
            raise Unnamed(f"{name}: you return shape {part.shape}, which is far too large.")
        value = self.read(part)
        if value is None:
            kind = f"an array of {part.dtype}" if isinstance(part, np.ndarray) else f"a {type(part).__name__}"
            raise Unnamed(f"{name}: you return {kind}; expected numbers.")
        return value

    @functools.cached_property
    def _parameters(self):
        """The names of the arguments of a trial."""
        names = list(inspect.signature(self.right if self.observe is _as_it_is else self.observe).parameters)
        return names if self.observe is _as_it_is else names[1:]

    @functools.cached_property
    def program_of_names(self):
        """The right program, in which the name of an exercise is its right program."""
        right = self.right
        return FunctionType(right.__code__, self._names, None, right.__defaults__, right.__closure__)

    @functools.cached_property
    def truth(self):
        """The right results of each trial."""
        return [self.run(self.program_of_names, trial) for trial in self.trials()]

    @functools.cache  # noqa: B019
    def mistaken(self, entry, k):
        """Return the results of the right program with a mistake in it, on trial k, or its `Crash`."""
        return _or_crash(self.run, self._asking(self.program(entry)), self.trials()[k])

    def others(self):
        """Return trials like the first two, of other sizes."""
        return map(_grown, self.trials()[:2])

    @staticmethod
    def called(answer):
        """Return what is called: the reader's function itself."""
        return answer

    # What it means

    def explains(self, entry, found, parts):
        """Whether an entry gives what was found, in these parts of the results, on every trial."""
        for k, results in enumerate(found):
            mistaken = self.mistaken(entry, k)
            if isinstance(mistaken, Crash) or isinstance(results, Crash):
                if type(mistaken) is not type(results):
                    return False
            elif not all(same(results[part], mistaken[part]) for part in parts):
                return False
        return True

    def _explain(self, part, name, found):
        """Raise the diagnosis of one result, unless it is right in all trials."""
        runs = [
            Run(results[part], truth[part], trial.sizes, self._tried(trial))
            for results, truth, trial in zip(found, self.truth, self.trials(), strict=True)
        ]
        if all(same(run.found, run.right) for run in runs):
            return
        head = f"{name}: " if len(self.results) > 1 else ""
        for entry in self.entries:
            if entry.result in (None, name) and self.explains(entry, found, [part]):
                raise Wrong(head + entry.words.replace("{result}", name))
        self._look_for_another_order(found)
        for tell in self.tell:
            if why := tell(name, runs):
                unnamed = Unnamed(head + why)
                unnamed.runs = part, name, found, runs
                raise unnamed

    def _explain_crash(self, found):
        """Raise the crash, with where the function runs, and with what an entry that crashes there says."""
        crash = next(results for results in found if isinstance(results, Crash))
        crashed = self.trials()[found.index(crash)]
        ran = [
            (not all(map(same, results, truth)), trial)
            for trial, results, truth in zip(self.trials(), found, self.truth, strict=True)
            if not isinstance(results, Crash)
        ]
        shapes = self._shapes(crashed)
        if not ran or not crashed.sizes:
            raise Unnamed(f"{crash}{shapes}")
        is_wrong, running = max(ran, key=lambda one: one[0])  # the first one that is wrong, if one is
        tried, runs = self._tried(crashed), self._tried(running)
        where = f"({tried}; w{runs[1:]} it runs.)"
        for entry in self.entries:
            parts = [self.results.index(entry.result)] if entry.result else range(len(self.results))
            if self.explains(entry, found, parts):
                head = f"{entry.result}: " if entry.result and len(self.results) > 1 else ""
                why = f"{head}{entry.words}"
                if not is_wrong:
                    raise Wrong(f"{crash} {where} {why}")
                sizes = running.sizes
                if all(size == next(iter(sizes.values())) for size in sizes.values()):
                    runs = f"With {' = '.join(sizes)} = {next(iter(sizes.values()))} every shape fits,"
                raise Wrong(
                    f"{str(crash).rstrip(' .')} (t{tried[1:].replace('ith', 'ried with', 1)}). {runs} it"
                    f" runs, and is wrong all the same{':' if why[:1].islower() else '.'} {why}"
                )
        raise Unnamed(f"{crash} {where}{shapes}")

    def _shapes(self, trial):
        """Return what the axes of the arguments are, as far as that is told."""
        given = dict(zip(self._parameters, trial.arguments, strict=True))
        return "".join(f" {name} is {given[name].shape}: {axes}." for name, axes in self.axes.items())

    def _tried(self, trial):
        return tried_with(trial.sizes, dict(zip(self._parameters, trial.arguments, strict=False)))

    def _look_for_another_order(self, found):
        """Raise `Wrong` where all results are right but do not stand in the order asked for."""
        count = len(self.results)
        for order in itertools.islice(itertools.permutations(range(count)), 1, None):
            if all(
                same(results[place], truth[part])
                for results, truth in zip(found, self.truth, strict=True)
                for place, part in enumerate(order)
            ):
                yours = ", ".join(self.results[part] for part in order)
                numeral = {2: "Both", 3: "All three", 4: "All four"}[count]
                raise Wrong(
                    f"{numeral} are right, in another order: you return {yours}. Expected"
                    f" {', '.join(self.results)}."
                )

    def _look_for_leftovers(self, ask, first):
        """Raise `Wrong` where a second call with the same arguments returns something else."""
        second = self.run(ask, self.trials()[0])
        for name, a, b in zip(self.results, first, second, strict=True):
            if not same(a, b):
                head = f"{name}: " if len(self.results) > 1 else ""
                why = "called twice with the same arguments, it returns something else the second time."
                if isinstance(a, np.ndarray) and same(2 * a, b):
                    why += " It is twice as much: what the first call found is still in it."
                    why += " Begin anew each time."
                raise Wrong(f"{head}{why}")


def _parts(returned, count):
    """Return several results as a list, by the methods of lists and tuples, not of a class of its own."""
    for kind in (tuple, list):
        if isinstance(returned, kind):
            return list(kind.__getitem__(returned, slice(None)))
    several = isinstance(returned, np.ndarray) and returned.shape[:1] == (count,)
    return list(returned) if several else [returned]


def _as_it_is(ask, *arguments):
    """Call the reader's function with the arguments of a trial."""
    return ask(*arguments)


def _grown(trial):
    """Return a trial like this one, every length above 1 longer by one, by the same row in all arrays."""
    rng = np.random.default_rng(1)

    def grow(value):
        if isinstance(value, (list, tuple)):
            return type(value)(map(grow, value))
        if not isinstance(value, np.ndarray):
            return value
        for axis, n in enumerate(value.shape):
            value = value.take([*range(n), *[n // 2] * (n > 1)], axis)
        return value * rng.uniform(0.8, 1.2, value.shape) if value.dtype.kind == "f" else value

    return trial._replace(arguments=tuple(map(grow, trial.arguments)))


def _or_crash(results, ask, trial):
    try:
        return results(ask, trial)
    except Crash as crash:
        return crash


def exercise(**page: Any) -> Callable[[Callable], Exercise]:
    """Make a right program the `Exercise` whose page says what else there is to it."""
    return lambda right: Exercise(right, **page)
