"""The tasks of chapter 16: what is asked, and what is not; and its text."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from nnlib.teach import sequences
from nnlib.teach.sequences import DIGITS, LETTERS, SUMS, spelled

ROOT = Path(__file__).resolve().parents[1]


def questions_and_answers(pair, alphabet):
    """What each sequence gives, to the sign or cue, and what it asks, as texts; seen to hang together."""
    X, Y = pair
    assert X.shape == Y.shape and X.dtype.kind == Y.dtype.kind == "i"
    asked = Y >= 0
    first = int(asked[0].argmax())
    assert (asked == (np.arange(Y.shape[1]) >= first)).all()  # from one place on, all to the end
    assert (X[:, first + 1 :] == Y[:, first:-1]).all()  # what is asked is what stands one place further on
    return zip(spelled(X[:, : first + 1], alphabet), spelled(Y[:, first:], alphabet), strict=True)


@pytest.mark.parametrize("T", [1, 4, 10])
def test_reversed(rng, T):
    for question, answer in questions_and_answers(sequences.reverse(50, T, rng=rng), DIGITS):
        assert question[-1] == ">" and question[:-1] == answer[::-1] and len(answer) == T


@pytest.mark.parametrize("T", [1, 8, 26])
def test_sorted(rng, T):
    for question, answer in questions_and_answers(sequences.sort_letters(50, T, rng=rng), LETTERS):
        assert question[-1] == ">" and sorted(question[:-1]) == list(answer) and len(set(answer)) == T


@pytest.mark.parametrize("T, length", [(16, 5), (2, 2), (26, 26)])
def test_repeated(rng, T, length):
    starts = set()
    for question, answer in questions_and_answers(sequences.repeat_phrase(200, T, length, rng=rng), LETTERS):
        letters, cue = question[:-1], question[-1]
        assert (
            len(set(letters)) == T == len(letters) and cue + answer in letters and len(answer) == length - 1
        )
        starts.add(letters.index(cue))
    assert starts == set(range(T - length + 1))


@pytest.mark.parametrize("digits", [1, 3, 15])
@pytest.mark.parametrize("backwards", [True, False])
def test_added(rng, digits, backwards):
    pair = sequences.add(50, digits, backwards=backwards, rng=rng)
    for question, answer in questions_and_answers(pair, SUMS):
        a, b = question[:-1].split("+")
        assert question[-1] == "=" and len(a) == len(b) == digits and len(answer) == digits + 1
        assert int(a) + int(b) == int(answer[::-1] if backwards else answer)


def test_the_same_generator_gives_the_same_tasks():
    for task in (sequences.reverse, sequences.sort_letters, sequences.repeat_phrase, sequences.add):
        one, other, another = (task(5, rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
        assert all((a == b).all() for a, b in zip(one, other, strict=True)) and (one[0] != another[0]).any()


def test_pieces_of_a_text():
    X, Y, alphabet = sequences.characters("abacadab", 3)
    assert alphabet == "abcd"
    assert spelled(X, alphabet) == ["aba", "cad"] and spelled(Y, alphabet) == ["bac", "ada"]
    X, Y, _ = sequences.characters("abacadab", 3, step=2)
    assert spelled(X, alphabet) == ["aba", "aca", "ada"] and spelled(Y, alphabet) == ["bac", "cad", "dab"]


def test_exact_counts_whole_sequences():
    Z = np.eye(3)[[[0, 1, 2], [0, 1, 2], [0, 1, 2]]]
    assert sequences.exact(Z, [[0, 1, 2], [-1, 1, -1], [0, 0, 2]]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda rng: sequences.sort_letters(3, 27, rng=rng), "T is 27; expected 1 to 26"),
        (lambda rng: sequences.reverse(0, rng=rng), "N is 0; expected 1 to 1000000"),
        (lambda rng: sequences.reverse(3, rng=0), "rng is 0; expected a generator"),
        (lambda rng: sequences.repeat_phrase(3, 4, 5, rng=rng), "length is 5; expected 2 to 4"),
        (lambda rng: sequences.add(3, 16, rng=rng), "digits is 16; expected 1 to 15"),
        (lambda rng: sequences.add(3, backwards=1, rng=rng), "backwards is 1; expected True or False"),
        (lambda rng: sequences.characters("abc", 3), "text has 3 characters; expected at least 4"),
        (lambda rng: sequences.characters(3), "text is 3; expected a text"),
        (lambda rng: spelled([[0, 3]], "abc"), "X ranges from 0 to 3; expected whole numbers from -1 to 2"),
        (lambda rng: sequences.exact(np.ones((2, 3)), [[1, 1]]), "Z has shape"),
    ],
    ids=range(10),
)
def test_what_does_not_fit_is_told(rng, call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call(rng)


# The text


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("prose", ROOT / "tools" / "prose.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MARKDOWN = """\
# A title

A **bold** word, `code`, and a [link](02_dense_layer.ipynb#here): $x$ is
a number. It is 3 * 4.

| a | table |
|---|---|

- one point
- another, of
  two lines

1. first

$$
y = 2
$$

```python
x = 1

y = 2
```

<details><summary>More</summary>

The end.
"""


def test_how_the_text_is_taken_from_a_chapter(tool):
    assert tool.prose(MARKDOWN) == [
        "A bold word, code, and a link: x is a number. It is 3  4.",
        "one point",
        "another, of two lines",
        "first",
        "The end.",
    ]
    assert tool.plain(["a" * 20, "aé", "a\\hat", ""]) == ["a" * 20, ""]


def test_the_text_is_that_of_the_chapters(tool):
    """Most of it, word for word; it was stored once, and chapters are mended."""
    stored, now = sequences.prose().splitlines(), set(tool.made().splitlines())
    assert sum(len(line) for line in stored if line in now) > 0.8 * sum(map(len, stored))
    assert 100_000 < tool.PLACE.stat().st_size < 300_000
    assert "\\" not in sequences.prose() and len(set(sequences.prose())) < 90
