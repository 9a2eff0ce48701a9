"""The exercises of chapter 16 that are answered with a sheet: what moves, who looks where, broken layers."""

from nnlib.teach.attention_bugs import CHOICES, PATIENTS, against
from nnlib.teach.checks.bug_lab import unlike
from nnlib.teach.checks.engine import number, sheet, shown

__all__ = ["broken_attention", "exchanged", "looks_back"]

# --- two rows of X exchanged ---

MOVES = ("same", "rows", "columns", "both", "other")
RIGHT_MOVES = {
    "Q": "rows",
    "S": "both",
    "A": "both",
    "Y": "rows",
    "A of one q": "columns",
    "y of one q": "same",
    "dW_Q": "same",
    "Y, causal": "other",
    "Y, with P": "other",
    "Y, P too": "rows",
}
# What to say of one answer, or of all that are wrong
MOVED = {
    "Q": {"": "Q is X W_Q: row t of Q is made from row t of X, and from no other."},
    "S": {
        "rows": "the rows are, for those who ask have changed places. Those who are looked at have as well.",
        "columns": "the columns are, for those who are looked at have changed places. Those who ask"
        " have as well.",
        "": "S[t, s] is made from row t of X, which asks, and from row s, which is looked at: where do the"
        " two rows stand in it?",
    },
    "A": {
        "rows": "the rows are. In a row, the weights are counted by the places that are looked at, and"
        " those have moved as well.",
        "columns": "the columns are. Those who ask have changed places as well.",
        "other": "the softmax of a row is made from the scores of this row, in whatever order they stand.",
        "": "a row of A is the softmax of a row of S, in whatever order its scores stand.",
    },
    "Y": {
        "same": "whoever asks has changed places, and takes his answer with him.",
        "both": "the columns of Y are those of V, counted by features. Features have not moved.",
        "columns": "the columns of Y are those of V, counted by features. Features have not moved.",
        "": "each row of Y is a sum over all places, which knows no order; and whose sum it is says who"
        " asks.",
    },
    "A of one q": {
        "same": "the weights are the same, and stand in another order: they belong to places that have"
        " moved.",
        "rows": "there is a single row: the one who asks has not moved.",
        "both": "there is a single row: the one who asks has not moved.",
        "": "the one who asks is the same. Which of the places that it looks at stands where?",
    },
    "y of one q": {
        "rows": "there is a single row. It is a sum over the places, each with its own weight: does a sum"
        " know an order?",
        "columns": "the columns are features of V, which have not moved.",
        "": "it is a sum over the places, each with its own weight: does a sum know an order?",
    },
    "dW_Q": {
        "rows": "its rows are features of X, and not places.",
        "columns": "its columns are features of Q, and not places.",
        "both": "its rows and columns are features, and not places.",
        "": "dW_Q = Xᵀ dQ is a sum over the places: does a sum know an order?",
    },
    "Y, causal": {
        "rows": "that would be so without a mask. The mask says which place sees which, and it has not moved:"
        " what stood at 2 and saw three places now sees two.",
        "same": "what stands at place 1 is another row of X, and sees other places than before.",
        "": "the mask has not moved with the rows. What stood at 2 saw three places; how many does it"
        " see now?",
    },
    "Y, with P": {
        "rows": "that would be so without positions. What stood at 1 now has the position of 2 added, so"
        " that it asks, is found and gives as another row does.",
        "same": "row 1 of the sum is another one: another letter, with the same position.",
        "": "what stood at 1 now has the position of 2 added. Is any row of the sum an old one?",
    },
    "Y, P too": {
        "other": "row and position go together: the sum X + P has its rows exchanged, and no other numbers.",
        "same": "the rows of X + P are exchanged, and with them those who ask.",
        "": "the rows of X + P are exchanged. What is then as it is without positions?",
    },
}


@sheet(
    names=list(RIGHT_MOVES),
    hint="begin with Q: from which row of X is row 1 of Q made?",
    praise="Right, all ten.",
)
def exchanged(name, filled):
    """Check the dict of ten answers to what moves with two rows of X. See notebooks/16_attention.ipynb."""
    found = filled[name]
    if type(found) is not str or found not in MOVES:
        return f"{shown(found)} is none of the answers: {', '.join(MOVES)}."
    if found == RIGHT_MOVES[name]:
        return None
    words = MOVED[name]
    return f'not "{found}": {words.get(found, words[""])}'


# --- which head does what ---

DOES = ("one back", "itself", "same letter", "what followed", "the first")
RIGHT_HEADS = {"1.1": "itself", "1.2": "one back", "2.1": "what followed", "2.2": "what followed"}
PLACE, LETTER, NEEDED = 9, "f", "1.2"
DONE = {
    "one back": "at most of the 16 letters it looks at the place before its own",
    "itself": "at most of the 16 letters it looks at its own place",
    "what followed": "look at the last four places, those that are asked: it looks at the place after the one"
    " where this letter stood before",
}


@sheet(
    names=[*RIGHT_HEADS, "place", "letter", "needed"],
    hint="begin with layer 1. Subtract from each place the one that it looks at most.",
    praise="Right, all seven.",
)
def looks_back(name, filled):
    """Check the dict of what four heads do, and what follows from it. See notebooks/16_attention.ipynb."""
    found = filled[name]
    if name in RIGHT_HEADS:
        if type(found) is not str or found not in DOES:
            return f"{shown(found)} is none of the answers: {', '.join(DOES)}."
        return None if found == RIGHT_HEADS[name] else _not_done(found, RIGHT_HEADS[name])
    return {"place": _place, "letter": _letter, "needed": _needed}[name](found)


def _not_done(found, right):
    if (found, right) == ("same letter", "what followed"):
        return (
            'not "same letter": the letter stood one place before that. What would it help to look there? The'
            " letter itself is known already."
        )
    return f'not "{found}": {DONE[right]}.'


def _place(found):
    place = number(found)
    if place is None:
        return f"{shown(found)} is no place; expected a whole number from 0 to 19."
    words = {
        8: "there the same f stands. The letter after it is asked for: a head that finds what followed"
        " looks one further.",
        10: "place 9, counted from 0, is the one after f: places begin with 0.",
        7: "there z stands, before f. What followed f is asked for.",
        18: "that is the place that asks.",
        17: "that is one back, which is what layer 1 does. Layer 2 finds what followed the same letter.",
        19: "what stands there is not seen yet, and is what is asked for.",
    }
    if place == PLACE:
        return None
    return f"{place:.6g}: {words.get(place, 'where did f stand the first time, and what stood after it?')}"


def _letter(found):
    if type(found) is not str or len(found) != 1:
        return f'{shown(found)} is no letter; expected one, such as "a".'
    words = {
        "w": "w stands there itself, and is what layer 2 takes from it. By what does it find the place?",
        "e": "e stands after w. Layer 1 looks back, not ahead.",
        "z": "z stands two places before it. Layer 1 looks one back from the place of w.",
    }
    if found.lower() == LETTER:
        return None
    return f"{found}: {words.get(found.lower(), 'which letter stands one back from the place of w?')}"


def _needed(found):
    head = number(found)
    if head is not None:
        found = f"{float(head):.1f}"
    if type(found) is str and found == NEEDED:
        return None
    if type(found) is str and found in RIGHT_HEADS:
        if found == "1.1":
            return "1.1: what a place takes from itself, it has already: the residual hands it on."
        return f"{found}: two heads of layer 2 find the same. If one is knocked out, something of it is left."
    return f"{shown(found)} is no head; expected one of {', '.join(RIGHT_HEADS)}."


# --- three broken layers ---


@sheet(
    names=list(PATIENTS),
    hint="begin with patient 1. Is one head right? Do the rows of its maps sum to 1?",
    praise="Right, all three.",
    what="patients",
    line="patient {}",
)
def broken_attention(patient, filled):
    """Check the dict from patients, 1 to 3, to the keys of their bugs. See notebooks/16_attention.ipynb."""
    return unlike(filled[patient], PATIENTS[patient], CHOICES, lambda named: against(named, patient))
