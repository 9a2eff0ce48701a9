"""The exercise of chapter 15 that is answered with a sheet: what travels, and how long it takes."""

import math

from nnlib.teach.checks.engine import number, sheet

__all__ = ["traffic"]

# 784-128-128-10 in float32, 10⁹ bytes per second, 0.1 ms: in bytes per millisecond and milliseconds
NUMBERS, PER_MS, LATENCY = 785 * 128 + 129 * 128 + 129 * 10, 1e6, 0.1
BYTES = 4 * NUMBERS
MESSAGES, ROUNDS, RING_BYTES = 14, 6, 14 * BYTES / 8
COUNTS = ("numbers", "bytes", "ring of 8: messages", "ring of 8: bytes", "server of 8: bytes")


def _round(n_bytes):
    """Return the milliseconds of one message."""
    return n_bytes / PER_MS + LATENCY


# What each name follows from, and how
FROM = {
    "numbers": ((), lambda: NUMBERS),
    "bytes": (("numbers",), lambda n: 4 * n),
    "ring of 8: messages": ((), lambda: MESSAGES),
    "ring of 8: bytes": (("bytes", "ring of 8: messages"), lambda n, messages: messages * n / 8),
    "ring of 8: ms": (
        ("ring of 8: bytes", "ring of 8: messages"),
        lambda n, messages: n / PER_MS + messages * LATENCY,
    ),
    "server of 8: bytes": (("bytes",), lambda n: 8 * n),
    "tree of 8: rounds": ((), lambda: ROUNDS),
    "tree of 8: ms": (("bytes", "tree of 8: rounds"), lambda n, rounds: rounds * _round(n)),
    "ring of 1000: ms": (("bytes",), lambda n: 1998 * _round(n / 1000)),
    "tree of 1000: ms": (("bytes",), lambda n: 20 * _round(n)),
}
RIGHT: dict[str, float] = {}
for _name, (_sources, _value) in FROM.items():
    RIGHT[_name] = _value(*(RIGHT[source] for source in _sources))

ONCE = "the latency is paid once. It comes with each message, one after the other."
NO_LATENCY = "the latency is missing: it comes with each message, one after the other."
NO_BYTES = "the bytes are missing: 10⁹ of them go in a second, so 10⁶ in a millisecond."
HALF = "that is half of the way: p - 1 steps until all is added up, and p - 1 until all have it."
SLIPS = {
    "numbers": {
        784 * 128
        + 128 * 128
        + 128 * 10: "the biases are missing: a layer has one for each of its outputs, and a gradient for it.",
        785 * 128: "that is the first layer alone; there are three.",
        784 * 128: "that is the first layer alone, and without its biases.",
        785 * 128
        + 129 * 10: "a layer is missing: there are two hidden layers, and 128 by 128 weights between them.",
        785 * 128 + 129 * 128: "the last layer is missing, 128 by 10 with its biases.",
        784 * 129 + 128 * 129 + 128 * 11: "a bias belongs to an output, and you have one for each input.",
        784 + 128 + 128 + 10: "those are the units. Between two layers each is joined to each.",
        784 * 128 * 128 * 10: "layers are added, not multiplied.",
        128 + 128 + 10: "those are the biases alone.",
        BYTES: "those are the bytes; each number has 4 of them.",
        785 * 129 + 129 * 129 + 129 * 10: "a hidden layer has 128 outputs, and one bias for each; 129 come in"
        " to the next one, with the 1 of the bias.",
        2 * NUMBERS: "a gradient has as many numbers as there are parameters, not twice as many.",
    },
    "bytes": {
        8 * NUMBERS: "so it would be in float64. 32 bits are 4 bytes.",
        2 * NUMBERS: "so it would be in float16. 32 bits are 4 bytes.",
        32 * NUMBERS: "those are bits; 8 of them are a byte.",
        NUMBERS: "a number in float32 has 4 bytes.",
        NUMBERS / 4: "a number has 4 bytes; a byte has no 4 numbers.",
    },
    "ring of 8: messages": {
        7: HALF,
        16: "a ring has 2 (p - 1) steps: where a chunk sets out it is already.",
        8: "p - 1 steps until every chunk is added up, and as many until all have it.",
        15: "p - 1 steps until every chunk is added up, and as many until all have it: twice 7.",
        1: "one message hands on one chunk. A chunk goes over seven lines until it is added up.",
        2: "one message hands on one chunk. A chunk goes over seven lines until it is added up.",
        112: "that is what all eight send together.",
        56: "that is what all eight send together in one half; how many does each of them send?",
        6: "those are the rounds of a tree.",
        3: "that is how high a tree of eight is.",
        64: "each sends to the next one alone, a chunk in each of 2 (p - 1) steps.",
    },
    "ring of 8: bytes": {
        BYTES: "that is one gradient. Each worker sends 14 chunks, and each is an eighth of it.",
        2 * BYTES: "twice the gradient is a little too much: a worker sends 14 chunks, not 16.",
        7 * BYTES / 8: HALF,
        14 * BYTES: "a message is a chunk, an eighth of the gradient; and what all eight send together is not"
        " asked for.",
        7 * BYTES: "a message is a chunk, an eighth of the gradient.",
        8 * BYTES: "a message is a chunk, an eighth of the gradient.",
        BYTES / 8: "that is one chunk, and each worker sends 14.",
        NUMBERS: "that is as much as two chunks have; each worker sends 14 of them.",
        14 * NUMBERS / 8: "those are numbers; each has 4 bytes.",
        14 * BYTES / 7: "a message is the eighth part of the gradient, for there are as many chunks as"
        " workers.",
    },
    "ring of 8: ms": {
        RING_BYTES / PER_MS: NO_LATENCY,
        14 * LATENCY: NO_BYTES,
        RING_BYTES / PER_MS + LATENCY: ONCE,
        RING_BYTES / PER_MS + 2 * LATENCY: "the latency is paid twice; there are 14 messages, one after the"
        " other.",
        RING_BYTES / PER_MS + 7 * LATENCY: "the latency is paid for half of the messages.",
        RING_BYTES / PER_MS + 8 * LATENCY: "the latency comes with each of the 14 messages.",
        RING_BYTES / PER_MS + 16 * LATENCY: "the latency comes with each message, and there are 14.",
        7 * _round(BYTES / 8): HALF,
        14 * _round(BYTES): "in each step an eighth of the gradient travels, and not all of it. (Nor has the"
        " bandwidth anything to do with bits.)",
        8 * 14 * _round(BYTES / 8): "all lines carry at the same time, so the times of the workers are not"
        " added up.",
        _round(BYTES / 8): "that is one step; there are 14, one after the other.",
        _round(BYTES): "that is one message with the whole gradient. A ring has 14, with an eighth each.",
        14 * (BYTES / 8 / PER_MS + 0.01): "the latency is 0.1 ms.",
        14 * (BYTES / 8 / PER_MS + 1): "the latency is 0.1 ms.",
        14 * (BYTES / 8 / PER_MS + 1e-4): "the latency is in seconds there, and the rest in milliseconds.",
    },
    "server of 8: bytes": {
        BYTES: "that is what one worker sends. Eight send to the server.",
        7 * BYTES: "the server is a machine of its own, so all eight workers send to it.",
        9 * BYTES: "the server has no gradient of its own: eight workers send to it.",
        16 * BYTES: "that is in and out together; what comes in is asked for.",
        14 * BYTES: "in the server's case nothing goes round: each of eight sends once.",
        RING_BYTES: "that is the ring. To the server each of eight sends its whole gradient.",
        8 * RING_BYTES: "that is what all send in the ring. To the server each sends its gradient once.",
        8 * NUMBERS: "those are numbers; each has 4 bytes.",
        BYTES / 8: "to the server each of eight sends its whole gradient; nothing is divided.",
        64 * BYTES: "each of eight sends its gradient once.",
    },
    "tree of 8: rounds": {
        3: "that is the way up: eight become one in three rounds. The sum has to come down again.",
        8: "in each round half of those that are left hand on: 8, 4, 2, 1.",
        7: "in each round half of those that are left hand on, all at the same time: 8, 4, 2, 1.",
        14: "those are the steps of a ring. In a tree half of those that are left hand on in each round.",
        4: "in each round half of those that are left hand on: 8, 4, 2, 1. Then down again.",
        2: "up and down is right; how many rounds is each of them? 8, 4, 2, 1.",
        5: "three rounds up, and as many down.",
        16: "in each round half of those that are left hand on: 8, 4, 2, 1. Then down again.",
        1: "in each round half of those that are left hand on: 8, 4, 2, 1. Then down again.",
    },
    "tree of 8: ms": {
        3 * _round(BYTES): "that is the way up; the sum has to come down again.",
        6 * BYTES / PER_MS: NO_LATENCY,
        6 * LATENCY: NO_BYTES,
        6 * BYTES / PER_MS + LATENCY: ONCE,
        6 * BYTES / PER_MS + 2 * LATENCY: "the latency is paid twice; it comes with each of six rounds.",
        6 * _round(BYTES / 8): "in a tree nothing is cut: a round carries a whole gradient.",
        3
        * _round(BYTES / 8): "in a tree nothing is cut: a round carries a whole gradient; and it goes up and"
        " down.",
        _round(BYTES): "that is one round; there are six.",
        2 * _round(BYTES): "that is one round up and one down; there are three of each.",
        14 * _round(BYTES): "those are the steps of a ring; a tree of eight has six.",
        8 * _round(BYTES): "in a round several send at the same time; there are six rounds.",
        7 * _round(BYTES): "in a round several send at the same time; there are six rounds.",
        RIGHT["ring of 8: ms"]: "that is the ring.",
        BYTES / PER_MS + 6 * LATENCY: "each of the six rounds carries a whole gradient.",
    },
    "ring of 1000: ms": {
        1998 * BYTES / 1000 / PER_MS: NO_LATENCY,
        1998 * LATENCY: NO_BYTES,
        1998 * BYTES / 1000 / PER_MS + LATENCY: ONCE,
        999 * _round(BYTES / 1000): HALF,
        1998 * _round(BYTES): "each message has a chunk, and among a thousand workers that is a thousandth of"
        " the gradient.",
        1998 * _round(BYTES / 8): "a thousand workers cut their arrays in a thousand chunks, not in eight.",
        14 * _round(BYTES / 1000): "among a thousand workers there are 2 (p - 1) = 1998 steps.",
        1000 * _round(BYTES / 1000): "p - 1 steps until every chunk is added up, and as many until all have"
        " it.",
        RIGHT["ring of 8: ms"] * 125: "it does not grow with the number of workers: the latency does, the"
        " bytes hardly. Put p = 1000 in.",
        RIGHT["ring of 8: ms"]: "that is the ring of eight. Put p = 1000 in.",
        20 * _round(BYTES): "that is the tree.",
        1998
        * (BYTES / 1000 / PER_MS + 1e-4): "the latency is in seconds there, and the rest in milliseconds.",
    },
    "tree of 1000: ms": {
        10 * _round(BYTES): "that is the way up; the sum has to come down again.",
        18 * _round(BYTES): "nine rounds are enough for 2⁹ = 512 workers, and there are a thousand.",
        2 * math.log2(1000) * _round(BYTES): "a round is a whole one: log₂ 1000 = 9.97, so ten rounds up.",
        math.log2(1000) * _round(BYTES): "a round is a whole one, ten of them up; and the sum comes down"
        " again.",
        9 * _round(BYTES): "nine rounds are enough for 2⁹ = 512 workers; and the sum comes down again.",
        20 * BYTES / PER_MS: NO_LATENCY,
        20 * LATENCY: NO_BYTES,
        20 * BYTES / PER_MS + LATENCY: ONCE,
        20 * _round(BYTES / 1000): "in a tree nothing is cut: a round carries a whole gradient.",
        6
        * _round(BYTES): "that is the tree of eight. How often must a thousand be halved until one is left?",
        1998 * _round(BYTES): "those are the steps of a ring. A tree of a thousand workers has twice ten.",
        2000 * _round(BYTES): "in a round many send at the same time: a thousand are halved ten times.",
        1000 * _round(BYTES): "in a round many send at the same time: a thousand are halved ten times.",
        750 * _round(BYTES): "rounds do not grow in proportion: a thousand are halved ten times.",
        RIGHT["ring of 1000: ms"]: "that is the ring.",
        BYTES / PER_MS + 20 * LATENCY: "each of the twenty rounds carries a whole gradient.",
    },
}
HINTS = {  # what to look at, for a number that no known slip gives
    "numbers": "As many as there are parameters: three layers, each with weights and biases.",
    "bytes": "32 bits for each number; 8 bits are a byte.",
    "ring of 8: messages": "Over how many lines does a chunk go until it is added up, and then until all have"
    " it?",
    "ring of 8: bytes": "How many chunks does a worker send, and what share of the gradient is each?",
    "ring of 8: ms": "The bytes that a worker sends, at 10⁶ per millisecond, and 0.1 ms for each message.",
    "server of 8: bytes": "Who sends to it, and how much each?",
    "tree of 8: rounds": "Two by two: how many are left after each round? Then down again.",
    "tree of 8: ms": "Each round carries a whole gradient and has its latency.",
    "ring of 1000: ms": "2 (p - 1) steps with p = 1000; in each a thousandth of the gradient, and a latency.",
    "tree of 1000: ms": "How often must a thousand be halved until one is left? Up and down; a whole gradient"
    " and a latency in each round.",
}


@sheet(
    names=list(RIGHT),
    hint="begin with the numbers: a gradient has as many as the network has parameters, biases included.",
    praise="Right, all ten.",
    read=number,
)
def traffic(name, filled):
    """Check the dict of ten numbers of what travels. See notebooks/15_scaling_out.ipynb."""
    found = float(filled[name])
    if _near(name, found, RIGHT[name]):
        return None
    if before := _follows(name, filled):
        return f"{found:.12g}: it follows from your {before}: begin there."
    for slip, why in SLIPS[name].items():
        if _near(name, found, slip):
            return f"{found:.12g}: {why}"
    if name.endswith("ms"):
        for factor, unit in ((1e-3, "seconds"), (1e3, "microseconds"), (1e-6, "in another unit")):
            if math.isclose(found, factor * RIGHT[name], rel_tol=4e-3):
                return f"{found:.12g}: those are {unit}; milliseconds are asked for."
    elif not found.is_integer() or found <= 0:
        return f"{found:.12g}: a count is a whole number above zero."
    return f"{found:.12g}. {HINTS[name]}"


def _near(name, found, value):
    """Whether a number is meant: exact where things are counted, to three digits where they take time."""
    if name in COUNTS or name.endswith("rounds"):
        chunks = name == "ring of 8: bytes"  # of eight, some have one number more
        return math.isclose(found, value, rel_tol=1e-4 if chunks else 1e-12)
    return math.isclose(found, value, rel_tol=5e-4) or found == float(f"{value:.3g}")


def _follows(name, filled):
    """Return what a number follows from that is wrong itself; None where it follows from nothing that is."""
    sources, value = FROM[name]
    given = [filled.get(source) for source in sources]
    wrong = [s for s, n in zip(sources, given, strict=True) if n is not None and not _near(s, n, RIGHT[s])]
    if not wrong:
        return None
    all_given = [RIGHT[s] if n is None else n for s, n in zip(sources, given, strict=True)]
    return wrong[0] if _near(name, found=float(filled[name]), value=float(value(*all_given))) else None
