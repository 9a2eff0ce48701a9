"""An exercise whose answer is a formula, typed as the reader would say it: `sum_n X[n,i] dZ[n,j]`, or LaTeX.

It is read by the grammar of `nnlib.teach.mathematics`, never by Python, and evaluated in two worlds beside
what it should be, of which the value is found by differences. So any equivalent form is right. Of a wrong
one, the mistake is looked for: small changes of the right formula, and of the reader's own.
"""

import itertools
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from nnlib.teach.checks.engine.running import shown
from nnlib.teach.checks.engine.verdict import UNREADABLE, Verdict, Wrong
from nnlib.teach.mathematics import (
    Change,
    NotReadable,
    Unknown,
    World,
    alike,
    changes,
    evaluate,
    expression,
    latex,
    mended,
    read,
    read_typed,
)
from nnlib.teach.mathematics import tree as t
from nnlib.teach.mathematics.changes import index_letters
from nnlib.teach.mathematics.evaluation import CHANCE
from nnlib.teach.mathematics.functions import KNOWN, Function, Misfit
from nnlib.teach.mathematics.words import BASES

__all__ = ["Formula", "Typeset"]

LONGEST = 400  # characters of a line
LINES = 12
MOST_TERMS = 5000  # of sums in each other
SECONDS = 1.0  # of the processor, for the search for a mistake
SEEDS = (0, 1)
IMPOSSIBLE = (Misfit, Unknown, ArithmeticError, IndexError, KeyError, TypeError, ValueError)
# What is wrong where a change of the right formula makes the reader's; where one of the reader's mends it.
MADE = {
    "indices exchanged": "two indices are exchanged",
    "another index": "an index is another one than it should be",
    "sign": "a sign is wrong",
    "term dropped": "a term is missing",
    "factor dropped": "a factor is missing",
    "power dropped": "a power is missing",
    "prime dropped": "a function stands where its slope belongs",
    "sum dropped": "a sum is missing",
    "transpose dropped": "a transpose is missing",
    "transpose added": "a transpose is too much",
    "order of a product": "the factors of a matrix product stand in the other order",
    "bound": "a sum begins or ends elsewhere",
    "number": "a number is another one than it should be",
    "fraction turned": "a fraction is upside down",
    "d dropped": "a quantity stands where its gradient belongs",
    "another letter": "a letter is another one than it should be",
    "function dropped": "a function is missing around its argument",
    "complement": "something stands where 1 minus it belongs, or the other way round",
    "bracket": "brackets stand elsewhere than they should",
    "above or below": "a factor stands above the line that belongs below it, or the other way round",
    "another layer": "a layer is another one than it should be",
    "transpose moved": "another factor has to be transposed",
    "sums": "a product of sums stands where a sum of products belongs",
}
TOO_MUCH = {"sum dropped", "power dropped", "factor dropped"}
# Pairs of these explain too much: others are said first.
ROUGH = {"term dropped", "factor dropped", "function dropped", "another letter", "fraction turned", "bound",
         "above or below"}  # fmt: skip
MENDS = MADE | {
    "term dropped": "a term is too much",
    "factor dropped": "a factor is too much",
    "power dropped": "a power is too much",
    "prime dropped": "the slope of a function stands where the function belongs",
    "sum dropped": "a sum is too much",
    "transpose dropped": "a transpose is too much",
    "transpose added": "a transpose is missing",
    "d dropped": "a gradient stands where the quantity itself belongs",
    "function dropped": "a function is too much",
}
OF_PYTHON = re.compile(r"\b(?:sum|mean)\s*\(|\bfor\b|\bmean\b|\.sum\b|\.mean\b")
RAW = 'In front of such a text Python wants an r, as in r"\\frac{1}{N}": without it, `\\f` is no backslash.'


class Typeset(Verdict):
    """A verdict on a formula: what was typed is set, and so is, folded, what would make it right."""

    def __init__(self, right: bool, text: str, typed: str = "", instead: str = ""):
        super().__init__(right, text)
        self.typed, self.instead = typed, instead

    @property
    def change(self) -> str:
        """What would make it right, in LaTeX; nothing where that is not known."""
        return self.instead

    def __repr__(self) -> str:
        more = ["What would make it right is in the verdict's `.change`."] if self.instead else []
        return "\n".join([super().__repr__(), *more])

    def _hint(self):
        if self.typed:
            yield f"$\\displaystyle {self.typed}$"
        if self.instead:
            yield "<details><summary>What would make it right</summary>"
            yield f"$\\displaystyle {self.instead}$"
            yield "</details>"


class _Named(Wrong):
    """A diagnosis with the formula that was typed, and what would make it right."""

    def __init__(self, words, typed="", instead=""):
        super().__init__(words)
        self.typed, self.instead = typed, instead


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
        self._texts = left, tuple(right), dict(wrong), tuple(ways)
        self.hint, self.praise, self.world = hint, praise, world
        self.said = names.split()  # as a reader would type them
        self.names = {*self.said, *(BASES.get(name, name) for name in self.said)}

    @cached_property
    def left(self) -> t.Node:
        """What is asked for; read when it is needed, and not where the module is imported."""
        return expression(read(self._texts[0]))

    @cached_property
    def right(self) -> list[t.Node]:
        """The forms in which the chapter writes it."""
        return [expression(read(one)) for one in self._texts[1]]

    @cached_property
    def ways(self) -> list[t.Node]:
        """Lines on the way to them."""
        return [expression(read(one)) for one in self._texts[3]]

    @cached_property
    def wrong(self) -> dict[t.Node, str]:
        """Mistakes with words of their own."""
        return {expression(read(one)): words for one, words in self._texts[2].items()}

    def __call__(self, answer: Any) -> Verdict:
        try:
            with np.errstate(all="ignore"):
                return self._judged(answer)
        except _Named as wrong:
            return Typeset(False, str(wrong), wrong.typed, wrong.instead)
        except Wrong as wrong:
            return Verdict(False, str(wrong))
        except Exception as error:
            return Verdict(False, f"{UNREADABLE}: looking at it ends with {type(error).__name__}.")

    def _judged(self, answer):
        """Return the verdict for what is right; raise `Wrong` for what is not."""
        self._worlds = [self.world(np.random.default_rng(seed), bool(seed)) for seed in SEEDS]
        lines, raw = self._lines(answer)
        self._truth = [self._values(self.left, world) for world in self._worlds]
        *before, (last, allowed) = [(line, line is lines[-1]) for line in lines]
        for number, (line, is_last) in enumerate([*before, (last, allowed)], 1):
            place = f"Line {number} is the first that does not follow: " if len(lines) > 1 else ""
            try:
                self._judge_line(line, is_last)
            except _Named as wrong:
                note = f" {RAW}" if raw else ""
                raise _Named(_begun(f"{place}{wrong}") + note, wrong.typed, wrong.instead) from None
        typed = " = ".join(map(latex, lines))
        note = f" {RAW}" if raw else ""
        return Typeset(True, self.praise + note, f"{latex(self.left)} = {typed}")

    def _lines(self, answer):
        """The trees of the lines, and whether Python had read a backslash otherwise than it was meant."""
        texts = list(answer) if type(answer) in (list, tuple) else [answer]
        if any(one is ... or one is None or type(one) is str and one.strip() in ("", "...") for one in texts):
            raise Wrong(f"Not attempted yet. Hint: {self.hint}")
        if not texts or any(type(one) is not str for one in texts):
            raise Wrong(f"expected a text, or a list of texts, and got {shown(answer)}.")
        if len(texts) > LINES or max(map(len, texts)) > LONGEST:
            raise Wrong(f"expected at most {LINES} lines of {LONGEST} characters, and got more.")
        raw, trees = [mended(one) for one in texts], []
        for text in raw:
            if OF_PYTHON.search(text):
                raise Wrong(
                    "A sum is written `sum_n …`, with the letter that is added over; a mean is 1/N of it."
                )
            try:
                display = read_typed(self._with_layers(text))
            except NotReadable as problem:
                raise Wrong(str(problem).replace("The formula", "Your line")) from None
            trees += self._sides(display)
        if trees[0] == self.left and len(trees) > 1:
            del trees[0]
        return trees, raw != texts

    def _with_layers(self, text):
        """Z2[n,j] and Z^{(2)}[n,j] as the grammar has them, where there are layers."""
        if "l" not in self._worlds[0].indices:
            return text
        text = re.sub(r"\b(d?[A-Z])_?(\d)(?![\d.])", r"\1^{(\2)}", text)
        return re.sub(r"\^\{?\((\d)\)\}?\s*\[([^]]*)\]", r"^{(\1)}_{\2}", text)

    def _sides(self, display):
        """The sides of a = b = c, or the one expression."""
        match display:
            case t.Display((t.Section(((t.Chain(sides, relations),),)),)) if set(relations) <= {"="}:
                return sides
        raise Wrong("expected one expression, or several with = between them.")

    def _judge_line(self, line, is_last):
        set_line = f"{latex(self.left)} = {latex(line)}"
        known = self._worlds[0]
        self._count_through(line)
        self._look_at_size(line)
        bound = {letter.base for _, part in t.walk(line) if isinstance(part, t.Big) for letter in part.letters
                 if part.high is not None or letter.base in known.indices}  # fmt: skip
        self._look_at_habits(line)
        strange = [name for name in _letters(line) if name not in bound and not self._is_known(name)]
        if strange:
            raise _Named(f"there is no `{strange[0]}` here: write it with {_listed(self.said)}.")
        if unbound := self._unbound(line):
            raise _Named(unbound, set_line)
        values, problem = [], None
        try:
            values = [self._values(line, world) for world in self._worlds]
        except IMPOSSIBLE as error:
            problem = error
        outside = [
            name
            for name in _letters(line)
            if name not in self.names and name in known and not isinstance(known.given.get(name), int)
        ]
        if len(values) == len(SEEDS) and all(map(alike, values, self._truth)):
            if line == self.left or is_last and (outside or not self._is_finished(line)):
                raise _Named(
                    f"true, but not there yet: go on until only {_listed(self.said)} are left.", set_line
                )
            return
        words, instead = self._diagnosis(line, values, problem)
        told = self._told(values, problem)
        raise _Named(f"{words} {_begun(told)}" if words and values else words or told, set_line, instead)

    def _look_at_habits(self, line):
        """What is mostly meant otherwise: n for N, dy for dy_hat."""
        world = self._worlds[0]
        for _, part in t.walk(line):
            alone = (
                [part.of]
                if isinstance(part, t.Factor)
                else [part.bottom]
                if isinstance(part, t.Fraction)
                else []
            )
            for one in alone:
                size = world.indices.get(one.base) if t.is_letter(one) else None
                if isinstance(size, str) and size != one.base:
                    raise _Named(f"`{one.base}` says which one it is; how many there are is `{size}`.")
            if isinstance(part, t.Name) and part.level is None and "l" in world.letters(part.base):
                raise _Named(f"of which layer? Write `{part.base}^{{(1)}}` or `{part.base}^{{(2)}}`.")
            if isinstance(part, t.Gradient) and f"{_called(part)}_hat" in self.names:
                raise _Named(
                    f"`{_called(part)}` is the gradient of what should come out: it is `{_called(part)}_hat`."
                )

    def _count_through(self, line):
        """Let a letter of the reader's own, in a sum, count through what it is an index of."""
        added = [one.base for _, part in t.walk(line) if isinstance(part, t.Big) for one in part.letters]
        for world in self._worlds:
            for letter in set(added) - world.indices.keys():
                for _, part in t.walk(line):
                    if isinstance(part, t.Name) and t.Name(letter) in part.subs and part.base in world:
                        with suppress(*IMPOSSIBLE):
                            member = () if part.level is None else (int(part.level.text),)
                            shape = np.shape(world.value(world.family(part.base), *member))
                            world.indices[letter] = range(1, shape[part.subs.index(t.Name(letter))] + 1)

    def _is_known(self, name):
        base = name.removesuffix("'")
        known = self._worlds[0]
        named = {name, base, base.removeprefix("d")} if len(base) > 1 else {name, base}
        return any(one in self.names or one in known or one in known.indices or one in KNOWN for one in named)

    def _is_finished(self, line):
        """Whether no derivative is left, and no gradient that is not among the names."""
        parts = [part for _, part in t.walk(line)]
        gradients = {_called(part) for part in parts if isinstance(part, t.Gradient)}
        return gradients <= self.names and not any(isinstance(part, t.Derivative) for part in parts)

    def _look_at_size(self, line):
        """No sum may take for ever."""
        if any(isinstance(part, t.Integral | t.Binomial | t.Cases) for _, part in t.walk(line)):
            raise _Named("this needs no integral, binomial or case.")
        if self._terms(line) > MOST_TERMS:
            raise _Named(f"sums of more than {MOST_TERMS} terms are not needed here.")

    def _terms(self, tree):
        """How many terms the sums in it have that stand in each other."""
        parts = tree if isinstance(tree, tuple) else [getattr(tree, name) for name in tree.__slots__]
        inner = max((self._terms(part) for part in parts if isinstance(part, t.Node | tuple)), default=1)
        if not isinstance(tree, t.Big):
            return inner
        if tree.high is not None:
            ends = [float(end.text) for end in (tree.low, tree.high) if isinstance(end, t.Number)]
            return inner * max(ends, default=10)
        world = self._worlds[0]
        known = [len(world.values(one.base)) for one in tree.letters if one.base in world.indices]
        return inner * math.prod(known)

    def _unbound(self, line):
        """Words where a letter counts through nothing."""
        loose = [one for one in _free(line) if one in self._worlds[0].indices and one not in self._chosen]
        if not loose:
            return ""
        bound = [one.base for _, part in t.walk(line) if isinstance(part, t.Big) for one in part.letters]
        if loose[0] in bound:
            return f"`{loose[0]}` stands outside of its sum, too: what depends on it belongs inside."
        if taken := [one for one in self._chosen if one in bound]:
            return (
                f"the sum runs over `{taken[0]}`, which is chosen; `{loose[0]}` is the one that is left over."
            )
        return (
            f"`{loose[0]}` stands for nothing: what is asked for does not have it. Is a sum over it missing?"
        )

    @property
    def _chosen(self):
        """The letters of what is asked for."""
        return [letter.base for letter in index_letters(self.left) if letter.base in self._worlds[0].indices]

    def _values(self, tree, world):
        """What it is worth, for all values of the letters in question, or for all entries at once."""
        chosen = list(itertools.product(*(world.values(letter) for letter in self._chosen)))
        first = evaluate(tree, world, dict(zip(self._chosen, chosen[0], strict=True)))
        if isinstance(first, Function):
            raise Misfit("a function is no number: it needs its argument.")
        if np.ndim(first) or not self._chosen:
            return np.asarray(first, float)
        found = [evaluate(tree, world, dict(zip(self._chosen, one, strict=True))) for one in chosen]
        return np.reshape(found, [len(world.values(letter)) for letter in self._chosen])

    # What is wrong

    def _diagnosis(self, line, values, problem):
        """Return words for the mistake, and in LaTeX what would mend it; both empty where none fits."""
        key = _key(values)
        numbered = any(isinstance(part, t.Name) and any(isinstance(sub, t.Number) for sub in part.subs)
                       for _, part in t.walk(line))  # fmt: skip
        if numbered and (missing := [one for one in self._chosen if t.Name(one) not in index_letters(line)]):
            return f"`{missing[0]}` is not in it: asked for is any entry, and this is one of them.", ""
        known = [(self._values_of(wrong), words) for wrong, words in self.wrong.items()] if values else []
        for found, words in known:
            if _key(found) == key:
                return words, ""
        if values and (words := self._factor(values)):
            return words, ""
        ends = time.process_time() + SECONDS
        mends = [(one, self._values_of(one.tree)) for one in _in_time(self._changes(line), ends)]
        truth = _key(self._truth)
        for change, found in mends:
            if _key(found) == truth:
                return f"{MENDS[change.kind]}.", _instead(change.new, change.old)
        changes_of_right = itertools.chain(*map(self._changes, [*self.right, *self.ways]))
        made = [(one, self._values_of(one.tree)) for one in _in_time(changes_of_right, ends + SECONDS)]
        for change, found in made:
            if values and _key(found) == key:
                return f"{MADE[change.kind]}.", _instead(change.old, change.new)
        return self._two(values, known, mends, made, whole="multiplied" in str(problem)), ""

    def _two(self, values, known, mends, made, whole):
        """Words for two mistakes, where they explain it; nothing where none do."""
        for found, words in known:
            if factor := self._ratio(values, found):
                return f"there are two mistakes: {_off(factor)}; and {words}"
        for words, pairs in ((MENDS, mends), (MADE, made)):
            for change, found in pairs:
                reached = (found, self._truth) if words is MENDS else (values, found)
                if change.kind != "number" and all(reached) and (factor := self._ratio(*reached)):
                    return f"there are two mistakes: {words[change.kind]}, and {_off(factor)}."
        if twice := self._after_another(mends):
            return twice
        if whole:
            return ""  # matrices that do not fit: their shapes say more
        halves = {}
        for change, found in made:
            if found and change.kind != "number":
                halves.setdefault(_key(found), []).append(change)
        both = [
            (one, other)
            for one, found in mends
            if found and one.kind != "number"
            for other in halves.get(_key(found), ())
        ]
        if not both:
            return ""
        one, other = min(both, key=lambda pair: sum(change.kind in ROUGH for change in pair))
        if (one.kind, other.kind) == ("factor dropped", "factor dropped"):
            return "a factor is another one than it should be."
        if {one.kind, other.kind} <= ROUGH:
            return ""
        first, second = MENDS[one.kind], MADE[other.kind]
        return f"there are two mistakes: {first}, and {second}." if first != second else f"twice: {first}."

    def _after_another(self, mends):
        """Words where something is too much, and without it another change makes the line right."""
        ends, truth = time.process_time() + SECONDS / 2, _key(self._truth)
        for one, _ in mends:
            if one.kind in TOO_MUCH:
                for other in _in_time(self._changes(one.tree), ends):
                    if _key(self._values_of(other.tree)) == truth:
                        return f"there are two mistakes: {MENDS[one.kind]}, and {MENDS[other.kind]}."
        return ""

    def _changes(self, tree) -> Iterator[Change]:
        """Small changes of a formula: those that any has, and each letter exchanged for each other."""
        given = self._worlds[0].given
        functions = {*KNOWN, *CHANCE, *(name for name, value in given.items() if callable(value))}
        counting = [t.Name(letter) for letter in self._worlds[0].indices]
        plain = [
            name for name in self.names - functions if "'" not in name and len(name.removeprefix("d")) == 1
        ]
        inside = {(*path, "of") for path, part in t.walk(tree) if isinstance(part, t.Gradient)}
        for path, part in t.walk(tree):
            if isinstance(part, t.Product):
                yield from _without_an_application(tree, path, part, functions)
                yield from _transpose_moved(tree, path, part)
                yield from _one_sum(tree, path, part)
                yield from _above_or_below(tree, path, part, functions)
            if isinstance(part, t.Fraction):
                new = t.Product(
                    (t.Factor("", part.top), t.Factor("·", _in_brackets(t.Term("+", part.bottom))))
                )
                yield Change("above or below", part, new, t.put(tree, path, new))
            if isinstance(part, t.Factor) and t.is_whole(part.of) | _is_entry(part.of):
                new = t.Factor(part.op, _in_brackets(t.Term("+", t.Number("1")), t.Term("-", part.of)))
                yield Change("complement", part.of, new.of, t.put(tree, path, new))
            if isinstance(part, t.Big) and len(part.letters) > 1:
                for letter in part.letters:
                    left = tuple(one for one in part.letters if one != letter)
                    new = replace(part, letters=left)
                    yield Change("sum dropped", part, new, t.put(tree, path, new))
            if isinstance(part, t.Sum):
                if rest := _rest_of_one(part):
                    yield Change("complement", part, rest, t.put(tree, path, rest))
                for new in _bracketed(part):
                    yield Change("bracket", part, new, t.put(tree, path, new))
            if not isinstance(part, t.Name | t.Gradient) or path in inside:
                continue
            for new in self._in_other_layers(part):
                yield Change("another layer", part, new, t.put(tree, path, new))
            subs = part.subs if isinstance(part, t.Name) else part.of.subs
            for i, sub in enumerate(subs):
                for other in counting if sub in counting else ():
                    if other != sub:
                        new = _with_subs(part, (*subs[:i], other, *subs[i + 1 :]))
                        yield Change("another index", part, new, t.put(tree, path, new))
            for name in plain if _called(part) in plain else ():
                if name != _called(part):
                    new = _renamed(part, name)
                    yield Change("another letter", part, new, t.put(tree, path, new))
        for change in changes(tree, functions):
            bare = change.kind == "factor dropped" and _functions(change.old, functions) > _functions(
                change.new, functions
            )
            if change.kind in MADE:
                yield replace(change, kind="function dropped") if bare else change

    def _in_other_layers(self, part):
        """Yield the name with each other layer: Z^{(1)} for Z^{(2)}."""
        of = part.of if isinstance(part, t.Gradient) else part
        for level in self._worlds[0].indices.get("l", ()) if of.level is not None else ():
            if t.Number(str(level)) != of.level:
                new = t.Name(of.base, of.subs, t.Number(str(level)), of.primes)
                yield t.Gradient(new) if isinstance(part, t.Gradient) else new

    def _values_of(self, tree):
        try:
            return [self._values(tree, world) for world in self._worlds]
        except IMPOSSIBLE:
            return []

    def _factor(self, values):
        """Words where it is right but for a factor, or turned on its side."""
        if all(
            np.ndim(one) == 2 and alike(one.T, true) for one, true in zip(values, self._truth, strict=True)
        ):
            return "right, but turned on its side: it is the transpose of what is asked for."
        turned = [one.T if np.ndim(one) == 2 else one for one in values]
        if (factor := self._ratio(turned, self._truth)) and not self._ratio(values, self._truth):
            return f"turned on its side, the transpose of what is asked for, and {_off(factor)}."
        factor = self._ratio(values, self._truth)
        return f"right but for {_named(factor)}." if factor else ""

    def _ratio(self, values, others):
        """The factor by which the first are larger in both worlds, as text; nothing where there is none."""
        ratios = []
        for found, true, world in zip(values, others, self._worlds, strict=True):
            if np.shape(found) != np.shape(true) or not np.any(true):
                return ""
            scale = np.vdot(found, true) / np.vdot(true, true)
            if not alike(found, scale * true) or abs(scale) < 1e-9:
                return ""
            ratios.append([name for name, value in _factors(world) if abs(value - scale) < 1e-5])
        return next((name for name in ratios[0] if name in ratios[1] and name != "1"), "")

    def _told(self, values, problem):
        """The shapes, where they do not fit, else the numbers of one entry."""
        world, truth = self._worlds[0], self._truth[0]
        sizes = {value: name for name, value in world.given.items() if isinstance(value, int)}
        if problem is not None:
            told = _in_sizes(str(problem) or "it cannot be computed.", sizes)
            same = re.fullmatch(r"shapes (\(.*?\)) and \1 cannot be multiplied\.", told)
            return f"{told} Entry by entry is `*`, as in NumPy." if same else told
        if np.shape(values[0]) != np.shape(truth):
            shapes = [_in_sizes(str(np.shape(one)), sizes) for one in (values[0], truth)]
            return f"your line has the shape {shapes[0]}; what is asked for has {shapes[1]}."
        pairs = zip(values, self._truth, strict=True)
        found, truth = next(pair for pair in pairs if not alike(*pair))
        at = np.unravel_index(np.argmax(np.abs(found - truth)), np.shape(truth)) if np.ndim(truth) else ()
        chosen = ", ".join(f"{letter} = {i + 1}" for letter, i in zip(self._chosen, at, strict=True))
        where = f"for {chosen}, with random numbers" if chosen else "with random numbers"
        return f"{where}, it is {found[at] + 0.0:.4g}, and should be {truth[at] + 0.0:.4g}."


def _in_time(changes, end):
    return itertools.takewhile(lambda _: time.process_time() < end, changes)


def _factors(world):
    """Yield name and value of the factors that are told: -1, 2, 1/N, -2/N …"""
    sizes = {name: value for name, value in world.given.items() if isinstance(value, int)}
    for sign, number in itertools.product((1, -1), (1, 2, 0.5)):
        plain = {1: "", 2: "2", 0.5: "1/2"}[number]
        yield f"{'-' if sign < 0 else ''}{plain or '1'}", sign * number
        for name, size in sizes.items():
            yield f"{'-' if sign < 0 else ''}{f'{plain} ' if plain else ''}{name}", sign * number * size
            yield (
                f"{'-' if sign < 0 else ''}{plain.replace('1/2', '1/2 ·') or '1'}/{name}",
                sign * number / size,
            )


def _named(factor):
    return "its sign" if factor == "-1" else f"the factor {factor}"


def _off(factor):
    return "the sign is wrong" if factor == "-1" else f"it is off by the factor {factor}"


def _begun(words):
    return words[:1].upper() + words[1:]


def _listed(names):
    marked = [f"`{name}`" for name in names]
    return " and ".join(filter(None, [", ".join(marked[:-1]), marked[-1]]))


def _called(part):
    """How a reader calls it: X, dZ, f'."""
    if isinstance(part, t.Gradient):
        return f"d{part.of.base}"
    return part.base + "'" * part.primes


def _letters(tree):
    """Yield how each name in it is called; that of a gradient counts with its d."""
    if isinstance(tree, t.Gradient):
        yield _called(tree)
        yield from (name for sub in tree.of.subs for name in _letters(sub))
    elif isinstance(tree, t.Name):
        words = [sub.base for sub in tree.subs if isinstance(sub, t.Name) and len(sub.base) > 1]
        yield "_".join([_called(tree), *words])  # n_out is one name
        yield from (
            name for sub in tree.subs if getattr(sub, "base", "") not in words for name in _letters(sub)
        )
    elif isinstance(tree, t.Node | tuple):
        parts = tree if isinstance(tree, tuple) else (getattr(tree, name) for name in tree.__slots__)
        yield from (name for part in parts for name in _letters(part))


def _free(tree, bound=()):
    """The letters in subscripts that no sum around them binds."""
    if isinstance(tree, t.Big):
        bound = (*bound, *(letter.base for letter in tree.letters))
    subs = tree.subs if isinstance(tree, t.Name | t.Entry) else ()
    found = [sub.base for sub in subs if t.is_letter(sub) and sub.base not in bound]
    parts = tree if isinstance(tree, tuple) else [getattr(tree, name) for name in tree.__slots__]
    return found + [one for part in parts if isinstance(part, t.Node | tuple) for one in _free(part, bound)]


def _functions(tree, functions):
    return {part.base for _, part in t.walk(tree) if isinstance(part, t.Name) and part.base in functions}


def _without_an_application(tree, path, part, functions):
    """Yield a change for each f(x) that is left out of a product."""
    for i, (factor, following) in enumerate(itertools.pairwise(part.factors)):
        group = following.of.of if isinstance(following.of, t.Power) else following.of
        if getattr(factor.of, "base", None) in functions and isinstance(group, t.Group):
            left = (*part.factors[:i], *part.factors[i + 2 :])
            if left and left[0].op != "/":
                new = t.product(left)
                yield Change("factor dropped", part, new, t.put(tree, path, new))


def _above_or_below(tree, path, part, functions):
    """Yield a change for each factor that stands in a product and might stand below the line."""
    for i, factor in enumerate(part.factors[1:], 1):
        pair = [getattr(one.of, "base", None) for one in part.factors[i - 1 : i + 1]]
        if functions.isdisjoint(pair) and factor.op in ("", "·", "*"):
            new = t.Product((*part.factors[:i], t.Factor("/", factor.of), *part.factors[i + 1 :]))
            yield Change("above or below", part, new, t.put(tree, path, new))


def _one_sum(tree, path, part):
    """Yield a change for a product of two sums over one letter: then it is one sum, of products."""
    bare = [_of_group(factor.of) for factor in part.factors]
    for i, (one, other) in enumerate(itertools.pairwise(bare)):
        if isinstance(one, t.Big) and isinstance(other, t.Big) and one.letters == other.letters:
            inner = t.Product((t.Factor("", one.of), t.Factor("", other.of)))
            whole = t.Factor(part.factors[i].op, replace(one, of=inner))
            new = t.product((*part.factors[:i], whole, *part.factors[i + 2 :]))
            yield Change("sums", part, new, t.put(tree, path, new))


def _of_group(tree):
    match tree:
        case t.Group((t.Chain((one,)),), "("):
            return one
    return tree


def _is_entry(tree):
    name = tree.of if isinstance(tree, t.Gradient) else tree
    return isinstance(name, t.Name) and bool(name.subs)


def _transpose_moved(tree, path, part):
    """Yield a change for two matrices of which one is transposed: then the other one is."""
    for i, (one, other) in enumerate(itertools.pairwise(part.factors)):
        pair = None
        if isinstance(one.of, t.Transpose) and t.is_whole(other.of):
            pair = t.Factor(one.op, one.of.of), t.Factor(other.op, t.Transpose(other.of))
        elif isinstance(other.of, t.Transpose) and t.is_whole(one.of):
            pair = t.Factor(one.op, t.Transpose(one.of)), t.Factor(other.op, other.of.of)
        if pair:
            new = t.Product((*part.factors[:i], *pair, *part.factors[i + 2 :]))
            yield Change("transpose moved", part, new, t.put(tree, path, new))


def _bracketed(part):
    """Yield a (b − c) for a b − c, and (a − b) c for a − b c, for each of the factors."""
    first, *others = part.terms
    *before, last = part.terms
    for new, taken in _taken(first.of) if first.sign == "+" else ():
        yield new(_in_brackets(t.Term("+", taken), *others))
    for new, taken in _taken(last.of):
        yield new(_in_brackets(*before, t.Term(last.sign, taken)))


def _taken(tree):
    """Yield each factor of a product, with what puts another into its place."""
    match tree:
        case t.Product(factors):
            for i, j in itertools.combinations(range(len(factors) + 1), 2):
                if 0 < j - i < len(factors):
                    taken = (t.Factor("", factors[i].of), *factors[i + 1 : j])
                    yield partial(_put_back, factors, i, j), t.product(taken)
        case t.Fraction(top, bottom):
            yield lambda new: t.Fraction(top, new), bottom
            yield lambda new: t.Fraction(new, bottom), top


def _put_back(factors, i, j, new):
    return t.Product((*factors[:i], t.Factor(factors[i].op, new), *factors[j:]))


def _in_brackets(*terms):
    return t.Group((t.Chain((t.Sum(terms),)),), "(")


def _rest_of_one(part):
    """The p of 1 − p."""
    match part.terms:
        case (t.Term("+", t.Number("1")), t.Term("-", rest)):
            return rest


def _with_subs(part, subs):
    if isinstance(part, t.Gradient):
        return t.Gradient(_with_subs(part.of, subs))
    return t.Name(part.base, subs, part.level, part.primes)


def _renamed(part, name):
    old = part.of if isinstance(part, t.Gradient) else part
    new = t.Name(name.removeprefix("d") if len(name) > 1 and name[0] == "d" else name, old.subs, old.level)
    return t.Gradient(new) if len(name) > 1 and name[0] == "d" else new


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
