"""The marks of a class as one page, and those of each learner; each needs no script, font or other file."""

import html
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

import nnlib
from nnlib.command.mark import STATES, Mark

__all__ = ["feedback", "page"]

SIGNS = {"right": "✓", "tried": "✗", "untouched": "–", "missing": "∅", "unread": "!", "stopped": "…"}
MEANINGS = {
    "right": "right",
    "tried": "tried, not right yet",
    "untouched": "untouched",
    "missing": "not handed in, or taken out of the notebook",
    "unread": "the notebook is damaged",
    "stopped": "the notebook was stopped before",
}
MOST = 10  # mistakes that are shown first, of all chapters together
EACH = 5  # and at each exercise

STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --paper: #ffffff; --line: #d0d7de; --soft: #f3f4f6;
  --right: #007a59; --tried: #b34700; --untouched: #6e7781; --other: #7a4fa3; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #14171c; --line: #3a414a;
  --soft: #20252c; --right: #00866a; --tried: #bf5a1a; --untouched: #6b747e; --other: #8a63b4; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 62rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
code { background: var(--soft); padding: 0 .2em; }
figure { margin: 1.2rem 0; padding: 0; }
figcaption { font-weight: 600; }
.bar { display: flex; height: 1.5rem; margin: .2rem 0; background: var(--soft); }
.bar span { color: #ffffff; text-align: center; overflow: hidden; white-space: nowrap; }
.right { background: var(--right); } .tried { background: var(--tried); }
.untouched { background: var(--untouched); }
.missing, .unread, .stopped { background: var(--other); }
.heard { list-style: none; margin: .3rem 0; padding: 0; }
.heard li { display: grid; grid-template-columns: 6rem 1fr; gap: .7rem; padding: .3rem 0;
  border-top: 1px solid var(--line); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { border: 1px solid var(--line); padding: .2rem .5rem; text-align: center; overflow-wrap: normal; }
th[scope=row] { position: sticky; left: 0; background: var(--paper); text-align: left; }
td.right, td.tried, td.untouched, td.missing, td.unread, td.stopped { color: #ffffff; }
details { margin: .5rem 0; } dt { font-weight: 600; } dd { margin: 0 0 .5rem 1rem; }
""".strip()


def page(marks: Sequence[Mark], day: date) -> str:
    """Return the page for a day: what the class gets wrong most, each exercise, then who has done what."""
    students = sorted({mark.student for mark in marks})
    chapters = sorted({mark.chapter for mark in marks})
    who = f"{_count(len(students), 'student')}, {_count(len(chapters), 'chapter')}"
    lines = list(_most(marks))
    for chapter in chapters:
        lines += _chapter(chapter, [mark for mark in marks if mark.chapter == chapter])
    return _framed("Marks", who, marks, day, lines)


def feedback(marks: Sequence[Mark], day: date) -> str:
    """Return the page for one learner, from his marks alone: each exercise, and what his answer hears."""
    chapters = sorted({mark.chapter for mark in marks})
    lines: list[str] = []
    for chapter in chapters:
        lines += [f"<h2>{_plain(chapter)}</h2>", '<ul class="heard">']
        lines += [_answer(mark) for mark in marks if mark.chapter == chapter]
        lines.append("</ul>")
    return _framed(marks[0].student, _count(len(chapters), "chapter"), marks, day, lines)


def _framed(title, who, marks, day, lines):
    """Return a whole page, with how many of the marks are right above its lines."""
    right = sum(mark.state == "right" for mark in marks)
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="en"><head><meta charset="utf-8"><title>{_plain(title)}</title>',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>{STYLE}</style></head><body>",
            f"<h1>{_plain(title)}</h1>",
            f"<p>{who}: {right} of {len(marks)} answers are right. Marked on {day} with nnlib "
            f"{nnlib.__version__}.</p>",
            *lines,
            "</body></html>",
            "",
        ]
    )


def _answer(mark):
    """Return a learner's exercise as an item: where it is, and what is heard."""
    state = f'<div class="bar"><span class="{mark.state}" style="width:100%">{SIGNS[mark.state]}</span></div>'
    said = f"<strong>{_plain(mark.exercise)}</strong> {MEANINGS[mark.state]}"
    heard = f"<br>{_words(mark.diagnosis)}" if mark.diagnosis else ""
    return f"<li>{state}<div>{said}{heard}</div></li>"


def _most(marks):
    """Yield what is heard most by those who have tried."""
    heard = _heard(marks)[:MOST]
    yield "<h2>What the class gets wrong most</h2>"
    if heard:
        yield "<p>How many students hear what, in these words, or with other numbers in them.</p>"
        yield from _list(heard, True)
    else:
        yield "<p>Nothing: whoever has tried is right.</p>"


def _heard(marks):
    """Return how often each kind of mistake is heard, and one mark that has it.

    The most frequent comes first; of those that are equally frequent, that of the earlier exercise.
    """
    places = {number: at for at, number in enumerate(dict.fromkeys(mark.exercise for mark in marks))}
    tried = [mark for mark in marks if mark.state == "tried"]
    counts = Counter((mark.exercise, mark.kind) for mark in tried)
    first = {(mark.exercise, mark.kind): mark for mark in reversed(tried)}
    order = sorted(counts, key=lambda key: (-counts[key], places[key[0]], key[1]))
    return [(counts[key], first[key]) for key in order]


def _list(heard, with_exercise):
    most = max(count for count, _ in heard)
    yield '<ul class="heard">'
    for count, mark in heard:
        where = f"<strong>{_plain(mark.exercise)}</strong> " if with_exercise else ""
        bar = f'<span class="tried" style="width:{100 * count / most:.0f}%">{count}</span>'
        yield f'<li><div class="bar">{bar}</div><div>{where}{_words(mark.words)}</div></li>'
    yield "</ul>"


def _chapter(chapter, marks):
    numbers = list(dict.fromkeys(mark.exercise for mark in marks))
    yield f"<h2>{_plain(chapter)}</h2>"
    for number in numbers:
        yield from _exercise(number, [mark for mark in marks if mark.exercise == number])
    yield "<h3>Who has done what</h3>"
    yield from _table(numbers, marks)


def _exercise(number, marks):
    """Yield the figure of an exercise: how many are where, and what they hear."""
    counts = Counter(mark.state for mark in marks)
    there = [(state, counts[state]) for state in STATES if counts[state]]
    said = ", ".join(f"{count} {state}" for state, count in there)
    yield f"<figure><figcaption>Exercise {_plain(number)}: {said}</figcaption>"
    yield f'<div class="bar" role="img" aria-label="{said}">'
    for state, count in there:
        width = f"{100 * count / len(marks):.4g}"
        yield f'<span class="{state}" style="width:{width}%">{SIGNS[state]} {count}</span>'
    yield "</div>"
    if heard := _heard(marks):
        yield from _list(heard[:EACH], False)
        if len(heard) > EACH:
            yield f"<p>And {_count(len(heard) - EACH, 'other mistake')}, each in the table.</p>"
    yield "</figure>"


def _table(numbers, marks):
    """Yield who has done what, as a table, and below it what each of them hears."""
    students = list(dict.fromkeys(mark.student for mark in marks))
    by_place = {(mark.student, mark.exercise): mark for mark in marks}
    used = [state for state in STATES if any(mark.state == state for mark in marks)]
    yield f"<p>{', '.join(f'{SIGNS[state]} {MEANINGS[state]}' for state in used)}.</p>"
    yield '<div class="wide"><table><thead><tr><th scope="col">student</th>'
    yield "".join(f'<th scope="col">{_plain(number)}</th>' for number in numbers)
    yield '<th scope="col">right</th></tr></thead><tbody>'
    for student in students:
        row = [by_place[student, number] for number in numbers]
        right = sum(mark.state == "right" for mark in row)
        cells = "".join(
            f'<td class="{mark.state}" title="{_plain(mark.diagnosis)}">{SIGNS[mark.state]}</td>'
            for mark in row
        )
        yield f'<tr><th scope="row">{_plain(student)}</th>{cells}<td>{right}</td></tr>'
    yield "</tbody></table></div>"
    wrong = [mark for mark in marks if mark.diagnosis]
    if wrong:
        yield "<details><summary>What each student hears</summary><dl>"
        for mark in wrong:
            yield f"<dt>{_plain(mark.student)}, {_plain(mark.exercise)}</dt><dd>{_words(mark.diagnosis)}</dd>"
        yield "</dl></details>"


def _words(text):
    """Return what a check says for the page: its code as code, its lines as lines, all else as it is."""
    pieces = re.split(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", text, flags=re.S)
    found = []
    for at in range(0, len(pieces), 3):
        found.append(_plain(pieces[at]).replace("\n", "<br>"))
        if at + 2 < len(pieces):
            found.append(f"<code>{_plain(pieces[at + 2].strip())}</code>")
    return "".join(found)


def _plain(text):
    return html.escape(text)


def _count(number, noun):
    return f"{number} {noun}{'' if number == 1 else 's'}"
