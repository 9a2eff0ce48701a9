"""The words of a formula: LaTeX, or what a reader types, cut into the terminals of the grammar."""

import re
from dataclasses import dataclass, replace

GREEK = (
    "alpha beta gamma delta varepsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi omega "
    "ell Sigma Omega infty"
).split()
FUNCTIONS = "log ln exp tanh cos sin max min".split()
ACCENTS = ["hat", "tilde", "Delta"]
# Words of Python, and words that are longer in LaTeX, are other names in a world.
BASES = {"lambda": "lam", "varepsilon": "eps", r"\operatorname{E}": "mean"}
RELATIONS = {
    "=": "=",
    r"\approx": "≈",
    "<": "<",
    r"\le": "≤",
    ">": ">",
    r"\ge": "≥",
    r"\ne": "≠",
    r"\in": "∈",
    r"\leftarrow": "←",
    r"\to": "→",
    r"\lesssim": "≲",
    r"\sim": "∼",
    "of shape": "of shape",
}
ARROWS = {r"\Longrightarrow": "⟹", r"\Rightarrow": "⟹", r"\Longleftrightarrow": "⟺"}
OPERATORS = {r"\cdot": "·", r"\times": "×", r"\odot": "⊙"}
CONNECTIVES = {
    "so": "SO",
    "since": "SO",
    "kept if": "SO",
    "entry by entry": "SO",
    "and": "AND",
    "if": "_IF",
    "otherwise": "_OTHERWISE",
    "for all": "FOR_ALL",
    "of layer": "_OF_LAYER",
    "of shape": "REL",
}
LABEL = re.compile(r"\(\w+\.\w+\)")


@dataclass(frozen=True)
class Word:
    """A terminal of the grammar, and where it stands in the text."""

    kind: str
    value: str
    start: int
    end: int


class NotReadable(ValueError):
    """The grammar does not know this notation: `position` says where, `expected` what it knows there."""

    def __init__(self, text, position, expected):
        self.text, self.position, self.expected = text, position, expected
        before, here = text[:position].split(), text[position:].split()
        after = f", after `{' '.join(before[-6:])}`" if before else ""
        place = f"`{' '.join(here[:6])}`" if here else "its end"
        super().__init__(f"The formula cannot be read at {place}{after}: expected {expected}.")


def mended(text):
    r"""The text with backslashes where Python has read "\f" of "\frac" or "\b" of "\beta" as a control character."""
    for control, letter in {"\a": "a", "\b": "b", "\f": "f", "\r": "r", "\t": "t", "\v": "v"}.items():
        text = text.replace(control, f"\\{letter}")
    return re.sub(r"\n(?=(?:u|e|abla)\b)", r"\\n", text)


def _any(words):
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"


_LETTER = rf"(?:[A-Za-z]|\\{_any(GREEK)})"
_NOT_LONGER = r"(?![A-Za-z])"
_LATEX = {
    "SPACE": r"\s+|~|\\[,;:! ]|\\(?:left|right|[bB]igg?[lrm]?)" + _NOT_LONGER + r"|\\tag\{.*?\}",
    "QUAD": r"\\q?quad" + _NOT_LONGER,
    "ENVIRONMENT": r"\\(?:begin|end)\{\w+\}",
    "_NEWLINE": r"\\\\(?:\[\w+\])?",
    "_AMP": "&",
    "TEXT": r"\\text\{[^}]*\}",
    "D": r"\\mathrm(?:\{d\}| d" + _NOT_LONGER + ")",
    "PARTIAL": r"\\partial" + _NOT_LONGER,
    "TRANSPOSED": r"\\mathsf(?:\{T\}| T)|\\top" + _NOT_LONGER,
    "BIG": r"\\(?:sum|prod|int)" + _NOT_LONGER + r"|\\(?:max|min)(?=_)",
    "_FRAC": r"\\[td]?frac" + _NOT_LONGER,
    "_BINOM": r"\\binom",
    "_SQRT": r"\\sqrt" + _NOT_LONGER,
    "_OVERLINE": r"\\overline",
    "_UNDERBRACE": r"\\underbrace",
    "DOTS": r"\\[cvdl]?dots",
    "_LABS": r"\\lvert",
    "_RABS": r"\\rvert",
    "_LNORM": r"\\lVert",
    "_RNORM": r"\\rVert",
    "_LCEIL": r"\\lceil",
    "_RCEIL": r"\\rceil",
    "ARROW": _any(ARROWS) + _NOT_LONGER,
    "REL": "[=<>]|" + _any(word for word in RELATIONS if word[0] == "\\") + _NOT_LONGER,
    "SIGN": r"[+-]|\\pm" + _NOT_LONGER,
    "OP": _any(OPERATORS) + _NOT_LONGER,
    "OVER": "/",
    "STAR": r"\*|\\ast" + _NOT_LONGER,
    "PRIMES": "'+",
    "SUB": "_",
    "SUP": r"\^",
    "COMMA": r",|\{,\}",
    "_LBRACE": r"\{",
    "_RBRACE": r"\}",
    "LPAR": r"\(",
    "_RPAR": r"\)",
    "_LBRACK": r"\[",
    "_RBRACK": r"\]",
    "SO": ":",
    "NUMBER": r"\d+(?:\\,\d{3})*(?:\.\d+)?",
    "NAME": (
        rf"\\{_any(ACCENTS)}\s*(?:\{{\s*{_LETTER}\s*\}}|{_LETTER}){_NOT_LONGER}|\\boldsymbol\{{{_LETTER}\}}"
        rf"|\\(?:operatorname|mathrm)\{{[A-Za-z]+\}}|\\{_any(GREEK + FUNCTIONS)}{_NOT_LONGER}|[A-Za-z]"
    ),
}
# A reader may also type Python: names of several letters, X[n, i], @, **, .T
_PYTHON = {
    "SUP": r"\*\*",
    "TRANSPOSE": r"\.T" + _NOT_LONGER,
    "OP": "[@*]",
    "REL": "==|<=|>=|!=",
    "WORD": r"d?[A-Za-z]_hat|[A-Za-z]+",
}


def _compiled(rules):
    return re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in rules))


_LATEX_SCANNER = _compiled(_LATEX.items())
_TYPED_SCANNER = _compiled([(f"{kind}_PYTHON", rule) for kind, rule in _PYTHON.items()] + [*_LATEX.items()])
_MEANINGS = RELATIONS | ARROWS | OPERATORS | {"==": "=", "<=": "≤", ">=": "≥", "!=": "≠", "@": "", "*": "*"}


def cut(text, typed=False):
    """Return the words of a formula in LaTeX; `typed` also allows what a reader would write in Python."""
    scanner = _TYPED_SCANNER if typed else _LATEX_SCANNER
    words, position, brackets = [], 0, []
    while position < len(text):
        found = scanner.match(text, position)
        if not found:
            raise NotReadable(text, position, "notation that the grammar knows")
        kind = found.lastgroup.removesuffix("_PYTHON")
        for kind, value in _meant(kind, found[0], words, brackets, typed):
            words.append(Word(kind, value, *found.span()))
        position = found.end()
    return _tidied(words)


def _meant(kind, text, words, brackets, typed):
    """Yield the kinds and values that a piece of text stands for; `brackets` are those still open."""
    if kind == "TEXT":
        text = " ".join(text[6:-1].split())
        if not LABEL.fullmatch(text):
            yield CONNECTIVES.get(text, "WORDS"), text
    elif kind == "ENVIRONMENT":
        name = {"pmatrix": "MATRIX", "cases": "CASES"}.get(text.split("{")[1][:-1], "ALIGNED")
        yield ("_BEGIN_" if "begin" in text else "_END_") + name, text
    elif kind == "WORD":
        yield from _of_python(text, words)
    elif kind == "TRANSPOSE":
        yield from [("SUP", "^"), ("TRANSPOSED", "T")]
    elif (
        kind == "_LBRACK" and typed and words and words[-1].kind == "NAME" and words[-1].value not in "E Var"
    ):
        brackets.append("_RBRACE")
        yield from [("SUB", "_"), ("_LBRACE", "[")]
    elif kind == "_LBRACK":
        brackets.append("_RBRACK")
        yield kind, text
    elif kind == "_RBRACK":
        yield brackets.pop() if brackets else kind, text
    elif kind in ("REL", "ARROW", "OP"):
        yield kind, _MEANINGS[text]
    elif kind == "NAME":
        yield kind, base(text)
    elif kind != "SPACE":
        signs = {"SIGN": text.replace(r"\pm", "±"), "STAR": "*"}
        yield kind, (signs | {"NUMBER": text.replace(r"\,", ""), "BIG": text[1:]}).get(kind, text)


def base(latex):
    r"""How a world calls the letter: y_hat for \hat y, eta for \eta, x for \boldsymbol{x}."""
    if latex in BASES:
        return BASES[latex]
    found = re.fullmatch(rf"\\({'|'.join(ACCENTS)})\s*\{{?\s*({_LETTER})\s*\}}?", latex)
    if found:
        return f"{base(found[2])}_{found[1]}"
    name = re.sub(r"\\(?:boldsymbol|operatorname|mathrm)\{(.*)\}", r"\1", latex).lstrip("\\")
    return BASES.get(name, name)


def _of_python(text, words):
    """dZ is the gradient of Z, ni are two letters, n_in is one name."""
    known, rest = {*GREEK, *FUNCTIONS, "sqrt", "lr"}, text[1:]
    script = bool(words) and words[-1].kind == "SUB"
    if text in ("sum", "prod"):
        yield "BIG", text
    elif text in known or text.endswith("_hat") and text[1] == "_" or script and text in ("in", "out"):
        yield "NAME", {"lr": "eta"}.get(text, base(text))
    elif text[0] == "d" and rest and (len(rest) == 1 or rest in known or rest.endswith("_hat")):
        yield from [("D", "d"), ("NAME", base(rest))]
    elif script and rest:
        yield from [("_LBRACE", "{"), *(("NAME", letter) for letter in text), ("_RBRACE", "}")]
    else:
        yield from (("NAME", letter) for letter in text)


_NO_COMMA_BEFORE = {"SO", "AND", "ARROW", "REL", "FOR_ALL", "_NEWLINE", "_AMP", "_IF", "END"}
_NO_COMMA_AFTER = {"SO", "AND", "ARROW", "REL", "START"}


def _tidied(words):
    """Turn wide spaces into the commas they stand for, and rows of an alignment into sections."""
    words = list(_in_rows(words))
    kinds, tidied = [word.kind for word in words] + ["END"], []
    for i, word in enumerate(words):
        kind = word.kind
        following = next(one for one in kinds[i + 1 :] if one != "QUAD")
        previous = tidied[-1].kind if tidied else "START"
        if kind == "QUAD":
            if previous == "COMMA" or following == "COMMA":
                continue
            kind = "COMMA"
        if kind == "COMMA" and following == "_RPAR":
            kind = "TUPLE"
        if kind == "COMMA" and (following in _NO_COMMA_BEFORE or previous in _NO_COMMA_AFTER):
            continue
        adjacent = kind == "NUMBER" and following == "NAME" and words[i + 1].start == word.end
        if adjacent and tidied and tidied[-1].kind == "OVER":
            kind = "COEFFICIENT"  # in 1 / 2h the h is below as well
        tidied.append(replace(word, kind=kind))
    return tidied


def _in_rows(words):
    """Yield the words without an alignment around them; a new row is a new section."""
    tables = []
    for word in words:
        if word.kind.startswith("_BEGIN_"):
            tables.append(word.kind)
        aligned = tables[-1:] == ["_BEGIN_ALIGNED"]
        if word.kind.startswith("_END_") and tables:
            tables.pop()
        if not aligned:
            yield word
        elif word.kind == "_NEWLINE":
            yield replace(word, kind="SO")
        elif word.kind != "_AMP" and not word.kind.endswith("_ALIGNED"):
            yield word
