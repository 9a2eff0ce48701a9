"""An exercise whose answer is a formula, typed as the reader would say it: `sum_n X[n,i] dZ[n,j]`, or LaTeX.

It is read by the grammar of `nnlib.teach.mathematics`, never by Python, and evaluated in two worlds beside
what it should be, of which the value is found by differences. So any equivalent form is right. Of a wrong
one, the mistake is looked for: small changes of the right formula, and of the reader's own.
"""

import itertools
import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

import numpy as np

from nnlib.teach.checks.engine.running import shown
from nnlib.teach.checks.engine.slips import MADE, MENDS, ROUGH, TOO_MUCH, Letters, called, slips
from nnlib.teach.checks.engine.verdict import Verdict, Wrong, sentence, verdict_of
from nnlib.teach.mathematics import (
    NotReadable,
    Unknown,
    World,
    alike,
    evaluate,
    expression,
    latex,
    mended,
    read,
    read_typed,
)
from nnlib.teach.mathematics import tree as t
from nnlib.teach.mathematics.changes import index_letters
from nnlib.teach.mathematics.functions import KNOWN, Function, Misfit
from nnlib.teach.mathematics.words import BASES

__all__ = ["Formula", "Typeset"]

LONGEST = 400  # characters of a line
LINES = 12
MOST_TERMS = 5000  # of sums in each other
SECONDS = 1.0  # of the processor, for the search for a mistake
SEEDS = (0, 1)
IMPOSSIBLE = (Misfit, Unknown, ArithmeticError, IndexError, KeyError, TypeError, ValueError)
OF_PYTHON = re.compile(r"\b(?:sum|mean)\s*\(|\bfor\b|\bmean\b|\.sum\b|\.mean\b")
RAW = 'In front of such a text Python wants an r, as in r"\\frac{1}{N}": without it, `\\f` is no backslash.'


class Typeset(Verdict):
    """A verdict on a formula: what was typed is set, and so is, folded, what would make it right."""

    def __init__(self, right: bool, text: str, typed: str, instead: str = ""):
        super().__init__(right, text)
        self.typed, self.instead = typed, instead

    @property
    def change(self) -> str:
        """What would make it right, in LaTeX; nothing where that is not known."""
        return self.instead

    def _hint(self):
        if self.typed:
            yield f"$\\displaystyle {self.typed}$"
        if self.instead:
            yield "<details><summary>What would make it right</summary>"
            yield f"$\\displaystyle {self.instead}$"
            yield "</details>"


class _Named(Wrong):
    """A diagnosis with the formula that was typed, and what would make it right."""

    def __init__(self, words: str, typed: str = "", instead: str = ""):
        super().__init__(words)
        self.typed, self.instead = typed, instead

    def verdict(self) -> Verdict:
        return Typeset(False, str(self), self.typed, self.instead)


class Formula:
    """A check of a formula: called with a text, or with a list of lines, it returns a `Verdict`.

    Parameters
    ----------
    left : str
        What is asked for, in LaTeX. Its value is the truth.
    right : sequence of str
        How the chapter writes it: for one entry, for all at once. The mistakes are looked for from there.
    world : function (rng, second) -> World
        What the letters are worth; the second world has other sizes.
    names : str
        What may stand in the last line: "X dZ". Letters that count are known to the world.
    hint : str
        Where nothing is typed.
    praise : str
    ways : sequence of str, optional
        Lines on the way there, from which mistakes are looked for, too.
    wrong : dict, optional
        For a wrong formula in LaTeX, the words that teach more than what the search would say.
    """

    def __init__(
        self,
        left: str,
        right: Sequence[str],
        *,
        world: Callable[[np.random.Generator, bool], World],
        names: str,
        hint: str,
        praise: str,
        wrong: Mapping[str, str] = {},
        ways: Sequence[str] = (),
    ):
        self._texts = left, right, ways, wrong
        self.hint, self.praise, self.world = hint, praise, world
        self.said = names.split()  # as a reader would type them
        self.names = {*self.said, *(BASES.get(name, name) for name in self.said)}

    # These are read when they are needed, and not where the module is imported.

    @cached_property
    def left(self) -> t.Node:
        """What is asked for."""
        return expression(read(self._texts[0]))

    @cached_property
    def right(self) -> list[t.Node]:
        """The forms in which the chapter writes it."""
        return [expression(read(one)) for one in self._texts[1]]

    @cached_property
    def ways(self) -> list[t.Node]:
        """Lines on the way to them."""
        return [expression(read(one)) for one in self._texts[2]]

    @cached_property
    def wrong(self) -> dict[t.Node, str]:
        """Mistakes with words of their own."""
        return {expression(read(one)): words for one, words in self._texts[3].items()}

    def __call__(self, answer: Any) -> Verdict:
        return verdict_of(self._judge, answer)

    def _judge(self, answer):
        """Return the verdict for what is right; raise `Wrong` for what is not."""
        judge = _Judge(self)
        texts = self._texts_of(answer)
        meant = [mended(text) for text in texts]
        note = f" {RAW}" if meant != texts else ""
        lines = [side for text in meant for side in judge.read(text)]
        if lines[0] == self.left and len(lines) > 1:
            del lines[0]
        for number, line in enumerate(lines, 1):
            place = f"line {number} is the first that does not follow: " if len(lines) > 1 else ""
            try:
                judge.look_at(line, is_last=number == len(lines))
            except _Named as wrong:
                words = sentence(f"{place}{wrong}") + note
                raise _Named(words, wrong.typed, wrong.instead) from None
        return Typeset(True, self.praise + note, latex(t.Chain((self.left, *lines), ("=",) * len(lines))))

    def _texts_of(self, answer):
        texts = list(answer) if type(answer) in (list, tuple) else [answer]
        if any(one is ... or one is None or type(one) is str and one.strip() in ("", "...") for one in texts):
            raise Wrong(f"Not attempted yet. Hint: {self.hint}")
        if not texts or any(type(one) is not str for one in texts):
            raise Wrong(f"expected a text, or a list of texts, and got {shown(answer)}.")
        if len(texts) > LINES or max(map(len, texts)) > LONGEST:
            raise Wrong(f"expected at most {LINES} lines of {LONGEST} characters, and got more.")
        return texts


class _Judge:
    """What is true in the two worlds of an exercise, and what a reader's line is worth beside it."""

    def __init__(self, page):
        self.page = page
        self.worlds = [page.world(np.random.default_rng(seed), bool(seed)) for seed in SEEDS]
        self.known = self.worlds[0]
        self.chosen = [one.base for one in index_letters(page.left) if one.base in self.known.indices]
        self.letters = Letters.of(self.known, page.names)
        self.truth = [self._worth(page.left, world) for world in self.worlds]

    # What is typed

    def read(self, text):
        """The sides of a = b = c, or the one expression."""
        if OF_PYTHON.search(text):
            raise Wrong(
                "A sum is written `sum_n …`, with the letter that is added over; a mean is 1/N of it."
            )
        try:
            display = read_typed(self._with_layers(text))
        except NotReadable as problem:
            raise Wrong(str(problem).replace("The formula", "Your line")) from None
        match display:
            case t.Display((t.Section(((t.Chain(sides, relations),),)),)) if set(relations) <= {"="}:
                return sides
        raise Wrong("expected one expression, or several with = between them.")

    def _with_layers(self, text):
        """Z2[n,j] and Z^{(2)}[n,j] as the grammar has them, where there are layers."""
        if not self.letters.layers:
            return text
        text = re.sub(r"\b(d?[A-Z])_?(\d)(?![\d.])", r"\1^{(\2)}", text)
        return re.sub(r"\^\{?\((\d)\)\}?\s*\[([^]]*)\]", r"^{(\1)}_{\2}", text)

    def look_at(self, line, is_last):
        """Return if the line is right, and finished if it is the last; raise `_Named` if not."""
        typeset = latex(t.Chain((self.page.left, line), ("=",)))
        self._count_through(line)
        self._look_at_size(line)
        self._look_at_letters(line, typeset)
        values, problem = [], None
        try:
            values = [self._worth(line, world) for world in self.worlds]
        except IMPOSSIBLE as error:
            problem = error
        if values and all(map(alike, values, self.truth)):
            if line == self.page.left or is_last and not self._is_finished(line):
                going = f"go on until only {_listed(self.page.said)} are left."
                raise _Named(f"true, but not there yet: {going}", typeset)
            return
        words, instead = self._diagnosis(line, values, problem)
        told = self._told(values, problem)
        raise _Named(f"{words} {sentence(told)}" if words and values else words or told, typeset, instead)

    def _count_through(self, line):
        """Let a letter of the reader's own, in a sum, count through what it is an index of."""
        parts = [part for _, part in t.walk(line)]
        added = {one.base for part in parts if isinstance(part, t.Big) for one in part.letters}
        for world, letter in itertools.product(self.worlds, added - self.known.indices.keys()):
            for part in parts:
                if isinstance(part, t.Name) and t.Name(letter) in part.subs and part.base in world:
                    with suppress(*IMPOSSIBLE):
                        member = () if part.level is None else (int(part.level.text),)
                        shape = np.shape(world.value(world.family(part.base), *member))
                        world.indices[letter] = range(1, shape[part.subs.index(t.Name(letter))] + 1)

    def _look_at_size(self, line):
        """No sum may take for ever."""
        if any(isinstance(part, t.Integral | t.Binomial | t.Cases) for _, part in t.walk(line)):
            raise _Named("this needs no integral, binomial or case.")
        if self._terms(line) > MOST_TERMS:
            raise _Named(f"sums of more than {MOST_TERMS} terms are not needed here.")

    def _terms(self, tree):
        """How many terms the sums in it have that stand in each other."""
        inner = max(map(self._terms, t.parts(tree)), default=1)
        if not isinstance(tree, t.Big):
            return inner
        if tree.high is not None:
            ends = [float(end.text) for end in (tree.low, tree.high) if isinstance(end, t.Number)]
            return inner * max(ends, default=10)
        letters = [one.base for one in tree.letters if one.base in self.known.indices]
        return inner * math.prod(len(self.known.values(letter)) for letter in letters)

    def _look_at_letters(self, line, typeset):
        """Each letter is known, means what it says, and is an index of something or added over."""
        sums = [part for _, part in t.walk(line) if isinstance(part, t.Big)]
        bound = {letter.base for part in sums for letter in part.letters}
        bounded = {letter.base for part in sums if part.high is not None for letter in part.letters}
        for _, part in t.walk(line):
            self._look_at_habit(part)
        for name in _letters(line):
            if name not in bounded and not self._is_known(name):
                raise _Named(f"there is no `{name}` here: write it with {_listed(self.page.said)}.")
        taken = [letter for letter in self.chosen if letter in bound]
        for loose in t.free(line, self.known.indices).keys() - set(self.chosen):
            if loose in bound:
                words = f"`{loose}` stands outside of its sum, too: what depends on it belongs inside."
            elif taken:
                words = f"the sum runs over `{taken[0]}`, which is chosen; `{loose}` is what is left over."
            else:
                words = (
                    f"`{loose}` stands for nothing: what is asked for does not have it."
                    " Is a sum over it missing?"
                )
            raise _Named(words, typeset)

    def _look_at_habit(self, part):
        """What is mostly meant otherwise: n for N, Z without its layer, dy for dy_hat."""
        match part:
            case t.Factor(_, t.Name(base, ()) as one) | t.Fraction(_, t.Name(base, ()) as one):
                size = self.known.indices.get(base) if t.is_letter(one) else None
                if isinstance(size, str) and size != base:
                    raise _Named(f"`{base}` says which one it is; how many there are is `{size}`.")
            case t.Name(base, level=None) if "l" in self.known.letters(base):
                raise _Named(f"of which layer? Write `{base}^{{(1)}}` or `{base}^{{(2)}}`.")
            case t.Gradient() if f"{called(part)}_hat" in self.page.names:
                name = called(part)
                raise _Named(f"`{name}` is the gradient of what should come out: it is `{name}_hat`.")

    def _is_known(self, name):
        base = name.removesuffix("'")
        meant = {base, base.removeprefix("d") or base}
        return any(one in self.page.names or one in self.known or one in self.known.indices or one in KNOWN
                   for one in meant)  # fmt: skip

    def _is_finished(self, line):
        """Whether nothing is left but the names that may stand in the last line, and sizes."""
        sizes = {name for name, value in self.known.given.items() if isinstance(value, int)}
        left = {name for name in _letters(line) if name in self.known} - self.page.names - sizes
        parts = [part for _, part in t.walk(line)]
        left |= {called(part) for part in parts if isinstance(part, t.Gradient)} - self.page.names
        return not left and not any(isinstance(part, t.Derivative) for part in parts)

    # What it is worth

    def _worth(self, tree, world):
        """For all values of the letters in question, or for all entries at once."""
        chosen = list(itertools.product(*(world.values(letter) for letter in self.chosen)))
        scopes = [dict(zip(self.chosen, one, strict=True)) for one in chosen]
        first = evaluate(tree, world, scopes[0])
        if isinstance(first, Function):
            raise Misfit("a function is no number: it needs its argument.")
        if np.ndim(first) or not self.chosen:
            return np.asarray(first, float)
        found = [evaluate(tree, world, scope) for scope in scopes]
        return np.reshape(found, [len(world.values(letter)) for letter in self.chosen])

    def _values(self, tree):
        """What it is worth in both worlds; nothing where that cannot be computed."""
        try:
            return [self._worth(tree, world) for world in self.worlds]
        except IMPOSSIBLE:
            return []

    def slips(self, tree):
        """The small changes of a formula."""
        return slips(tree, self.letters)

    # What is wrong

    def _diagnosis(self, line, values, problem):
        """Return words for the mistake, and in LaTeX what would mend it; both empty where none fits."""
        key, letters = _key(values), index_letters(line)
        names = (part for _, part in t.walk(line) if isinstance(part, t.Name))
        numbered = any(isinstance(sub, t.Number) for name in names for sub in name.subs)
        if numbered and (missing := [one for one in self.chosen if t.Name(one) not in letters]):
            return f"`{missing[0]}` is not in it: asked for is any entry, and this is one of them.", ""
        known = [(self._values(wrong), words) for wrong, words in self.page.wrong.items()] if values else []
        for found, words in known:
            if _key(found) == key:
                return words, ""
        if values and (words := self._factor(values)):
            return words, ""
        ends, truth = time.process_time() + SECONDS, _key(self.truth)
        mends = [(one, self._values(one.tree)) for one in _in_time(self.slips(line), ends)]
        for change, found in mends:
            if _key(found) == truth:
                return f"{MENDS[change.kind]}.", _instead(change.new, change.old)
        of_right = itertools.chain(*map(self.slips, [*self.page.right, *self.page.ways]))
        made = [(one, self._values(one.tree)) for one in _in_time(of_right, ends + SECONDS)]
        for change, found in made:
            if values and _key(found) == key:
                return f"{MADE[change.kind]}.", _instead(change.old, change.new)
        words = self._and_a_factor(values, known, mends, made) or self._after_another(mends)
        if not words and "multiplied" not in str(problem):  # of matrices that do not fit the shapes say more
            words = _half_way(mends, made)
        return words, ""

    def _factor(self, values):
        """Words where it is right but for a factor, or turned on its side."""
        factor = self._ratio(values, self.truth)
        if factor == "-1":
            return "right but for its sign."
        if factor:
            return f"right but for the factor {factor}."
        turned = [one.T if np.ndim(one) == 2 else one for one in values]
        if all(np.ndim(one) == 2 for one in values) and all(map(alike, turned, self.truth)):
            return "right, but turned on its side: it is the transpose of what is asked for."
        if factor := self._ratio(turned, self.truth):
            return f"turned on its side, the transpose of what is asked for, and {_off(factor)}."
        return ""

    def _ratio(self, values, others):
        """The factor by which the first are larger in both worlds, as text; nothing where there is none."""
        ratios = []
        for found, true, world in zip(values, others, self.worlds, strict=bool(values and others)):
            if np.shape(found) != np.shape(true) or not np.any(true):
                return ""
            scale = np.vdot(found, true) / np.vdot(true, true)
            if not alike(found, scale * true) or abs(scale) < 1e-9:
                return ""
            ratios.append([name for name, value in _factors(world) if abs(value - scale) < 1e-5])
        common = (name for name in ratios[0] if name in ratios[1]) if ratios else ()
        return next((name for name in common if name != "1"), "")

    def _and_a_factor(self, values, known, mends, made):
        """Words where one mistake explains all but a factor."""
        for found, words in known:
            if factor := self._ratio(values, found):
                return f"there are two mistakes: {_off(factor)}; and {words}"
        pairs = [(MENDS[change.kind], change, found, self.truth) for change, found in mends]
        pairs += [(MADE[change.kind], change, values, found) for change, found in made]
        for words, change, found, true in pairs:
            if change.kind != "number" and (factor := self._ratio(found, true)):
                return f"there are two mistakes: {words}, and {_off(factor)}."
        return ""

    def _after_another(self, mends):
        """Words where something is too much, and without it another change makes the line right."""
        ends, truth = time.process_time() + SECONDS / 2, _key(self.truth)
        for one, _ in mends:
            for other in _in_time(self.slips(one.tree), ends) if one.kind in TOO_MUCH else ():
                if _key(self._values(other.tree)) == truth:
                    return f"there are two mistakes: {MENDS[one.kind]}, and {MENDS[other.kind]}."
        return ""

    def _told(self, values, problem):
        """The shapes, where they do not fit, else the numbers of one entry."""
        truth = self.truth[0]
        sizes = {value: name for name, value in self.known.given.items() if isinstance(value, int)}
        if problem is not None:
            told = _in_sizes(str(problem) or "it cannot be computed.", sizes)
            same = re.fullmatch(r"shapes (\(.*?\)) and \1 cannot be multiplied\.", told)
            return f"{told} Entry by entry is `*`, as in NumPy." if same else told
        if np.shape(values[0]) != np.shape(truth):
            shapes = [_in_sizes(str(np.shape(one)), sizes) for one in (values[0], truth)]
            return f"your line has the shape {shapes[0]}; what is asked for has {shapes[1]}."
        pairs = zip(values, self.truth, strict=True)
        found, truth = next(pair for pair in pairs if not alike(*pair))
        at = np.unravel_index(np.argmax(np.abs(found - truth)), np.shape(truth)) if np.ndim(truth) else ()
        chosen = ", ".join(f"{letter} = {i + 1}" for letter, i in zip(self.chosen, at, strict=True))
        where = f"for {chosen}, with random numbers" if chosen else "with random numbers"
        return f"{where}, it is {found[at] + 0.0:.4g}, and should be {truth[at] + 0.0:.4g}."


def _half_way(mends, made):
    """Words where a change of the line and one of the right formula meet."""
    halves = {}
    for change, found in made:
        if found and change.kind != "number":
            halves.setdefault(_key(found), []).append(change.kind)
    both = [
        (change.kind, other)
        for change, found in mends
        if found and change.kind != "number"
        for other in halves.get(_key(found), ())
    ]
    one, other = min(both, key=lambda pair: sum(kind in ROUGH for kind in pair), default=("", ""))
    if one == other == "factor dropped":
        return "a factor is another one than it should be."
    if not both or {one, other} <= ROUGH:
        return ""
    first, second = MENDS[one], MADE[other]
    return f"there are two mistakes: {first}, and {second}." if first != second else f"twice: {first}."


def _in_time(changes, end):
    return itertools.takewhile(lambda _: time.process_time() < end, changes)


def _factors(world):
    """Yield name and value of the factors that are told: -1, 2, 1/N, -2/N …"""
    sizes = {name: value for name, value in world.given.items() if isinstance(value, int)}
    for sign, (number, times, over) in itertools.product(
        ("", "-"), ((1, "", "1"), (2, "2 ", "2"), (0.5, "1/2 ", "1/2 · 1"))
    ):
        value = -number if sign else number
        yield f"{sign}{times.strip() or '1'}", value
        for name, size in sizes.items():
            yield f"{sign}{times}{name}", value * size
            yield f"{sign}{over}/{name}", value / size


def _off(factor):
    return "the sign is wrong" if factor == "-1" else f"it is off by the factor {factor}"


def _listed(names):
    *others, last = [f"`{name}`" for name in names]
    return f"{', '.join(others)} and {last}" if others else last


def _letters(tree):
    """Yield how each name in it is called; that of a gradient counts with its d."""
    if not isinstance(tree, t.Name | t.Gradient):
        yield from (name for part in t.parts(tree) for name in _letters(part))
        return
    subs = tree.subs if isinstance(tree, t.Name) else tree.of.subs
    words = [sub for sub in subs if isinstance(sub, t.Name) and len(sub.base) > 1]
    yield "_".join([called(tree), *(word.base for word in words)])  # n_out is one name
    yield from (name for sub in subs if sub not in words for name in _letters(sub))


def _key(values):
    """Values that are alike have the same key."""
    if not values or not all(np.all(np.isfinite(one)) for one in values):
        return None
    return tuple((np.shape(one), *np.round(np.ravel(one), 6).tolist()) for one in values)


def _instead(right, wrong):
    return f"{latex(right)} \\quad\\text{{instead of}}\\quad {latex(wrong)}"


def _in_sizes(words, sizes):
    """Words with the names of sizes for the numbers in shapes."""
    for size, name in sorted(sizes.items(), reverse=True):
        words = words.replace(f"({size},", f"({name},").replace(f" {size})", f" {name})")
    return words
