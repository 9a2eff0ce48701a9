"""The words of a formula: LaTeX, or what a reader types, cut into the terminals of the grammar."""

import re
import unicodedata
from typing import NamedTuple

from nnlib.teach import _doors as door

GREEK = (
    "alpha beta gamma delta varepsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi"
    " omega ell Sigma Omega infty"
).split()
FUNCTIONS = "log ln exp tanh cos sin max min".split()
ACCENTS = ("hat", "tilde", "Delta")
BASES = {"lambda": "lam", "varepsilon": "eps", "E": "mean"}  # where a world has another name than LaTeX
RELATIONS = {
    "=": "=", "approx": "≈", "<": "<", "le": "≤", ">": ">", "ge": "≥", "ne": "≠", "in": "∈", "leftarrow": "←",
    "to": "→", "lesssim": "≲", "sim": "∼", "of shape": "of shape",
}  # fmt: skip
ARROWS = {"Rightarrow": "⟹", "Longrightarrow": "⟹", "Longleftrightarrow": "⟺"}
OPERATORS = {"cdot": "·", "times": "×", "odot": "⊙"}
SIGNS = {"&": "_AMP", "_": "SUB", "^": "SUP", "{": "_LBRACE", "}": "_RBRACE", "(": "LPAR", ")": "_RPAR",
         "[": "_LBRACK", "]": "_RBRACK", ",": "COMMA", ":": "SO", "/": "OVER", "*": "STAR", "+": "SIGN",
         "-": "SIGN", "=": "REL", "<": "REL", ">": "REL"}  # fmt: skip
COMMANDS = {
    "lvert": "_LABS", "rvert": "_RABS", "lVert": "_LNORM", "rVert": "_RNORM", "lceil": "_LCEIL",
    "rceil": "_RCEIL", "frac": "_FRAC", "tfrac": "_FRAC", "dfrac": "_FRAC", "binom": "_BINOM",
    "sqrt": "_SQRT", "overline": "_OVERLINE", "underbrace": "_UNDERBRACE", "dots": "DOTS", "cdots": "DOTS",
    "vdots": "DOTS", "ddots": "DOTS", "partial": "PARTIAL", "top": "TRANSPOSED", "sum": "BIG", "prod": "BIG",
    "int": "BIG", "pm": "SIGN", "ast": "STAR",
    **dict.fromkeys(RELATIONS, "REL"), **dict.fromkeys(ARROWS, "ARROW"), **dict.fromkeys(OPERATORS, "OP"),
    **dict.fromkeys(GREEK + FUNCTIONS, "NAME"),
}  # fmt: skip
CONNECTIVES = {
    "so": "SO", "since": "SO", "kept if": "SO", "entry by entry": "SO", "and": "AND", "if": "_IF",
    "otherwise": "_OTHERWISE", "for all": "FOR_ALL", "of layer": "_OF_LAYER", "of shape": "REL",
}  # fmt: skip
VALUES = {**RELATIONS, **ARROWS, **OPERATORS, **BASES, "pm": "±", "ast": "*"}
TYPED_VALUES = {"==": "=", "<=": "≤", ">=": "≥", "!=": "≠", "@": "", "*": "*"}

_LETTER = rf"(?:[A-Za-z]|\\(?:{'|'.join(GREEK)})(?![a-zA-Z]))"
_LATEX = rf"""
    (?P<COEFFICIENT>(?<=/)\s*\d+(?=[A-Za-z]|\\(?:{"|".join(GREEK)})))
    |(?P<SPACE>\s+|~|\\[,;:!\ ]|\\(?:left|right|[bB]igg?[lrm]?)(?![a-zA-Z]))
    |\\text\{{(?P<TEXT>[^}}]*)\}}
    |\\(?P<TABLE>(?:begin|end)\{{(?:pmatrix|cases)\}})
    |(?P<_NEWLINE>\\\\(?:\[\w+\])?)
    |(?P<D>\\mathrm(?:\{{d\}}|\ d(?![a-zA-Z])))
    |(?P<TRANSPOSED>\\mathsf(?:\{{T\}}|\ T))
    |\\(?P<BIG>max|min)(?=_)
    |\\(?P<ACCENT>{"|".join(ACCENTS)})\s*(?:\{{\s*(?P<INNER>{_LETTER})\s*\}}|(?P<BARE>{_LETTER}))
    |\\(?:boldsymbol|operatorname|mathrm)\{{(?P<WRITTEN>[A-Za-z]+)\}}
    |\\(?P<COMMAND>[a-zA-Z]+)
    |(?P<PRIMES>'+)
    |(?P<TUPLE>(?:,|\{{,\}})(?=\s*\))) | (?P<COMMA>\{{,\}})
    |(?P<NUMBER>\d+(?:\\,\d{{3}})*(?:\.\d+)?)
    |(?P<LETTER>[A-Za-z])
    |(?P<SIGN>[][&_^{{}}(),:/*+=<>-])
"""
_END = "(?![a-zA-Z])"
_WIDE = rf"(?:,|\\q?quad{_END}|\\[,;:!\ ]|\s)"
_BETWEEN = rf"\\(?:{'|'.join(ARROWS)}){_END}|\\text\{{\s*(?:{'|'.join(CONNECTIVES)})\s*\}}|:|$"
_PYTHON = r"(?P<PYTHON>\.\.\.|==|<=|>=|!=|\*\*|\.T(?![a-zA-Z])|[@*])|(?P<WORD>d?[A-Za-z]_hat|[A-Za-z]+)|"
_SCANNERS = {False: re.compile(_LATEX, re.X), True: re.compile(_PYTHON + _LATEX, re.X)}


class Word(NamedTuple):
    """A terminal of the grammar, and where it stands in the text."""

    kind: str
    value: str
    start: int


class NotReadable(ValueError):
    """The grammar does not know this notation: `position` says where, `expected` what it knows there."""

    def __init__(self, text, position, expected):
        self.text, self.position, self.expected = text, position, expected
        before, here = " ".join(text[:position].split()), " ".join(text[position:].split())
        after = f", after `{before[-40:]}`" if before else ""
        place = f"`{here[:40]}`" if here else "its end"
        super().__init__(f"The formula cannot be read at {place}{after}: expected {expected}.")


def mended(text):
    r"""The text as it was meant where Python has read the \f of "\frac", say, as a control character."""
    text = door.text(text, "text")
    for control, letter in zip("\a\b\f\r\t\v", "abfrtv", strict=True):
        text = text.replace(control, f"\\{letter}")
    return re.sub(r"\n(?=(?:u|e|abla)\b)", r"\\n", text)


_SIGNS_OF_A_PAGE = str.maketrans(
    {"Σ": "sum", "∑": "sum", "⊙": "*", "−": "-", "·": " ", "×": "*", "′": "'", "²": "^2", "³": "^3",
     "ᵀ": ".T",
     "σ": "sigma ", "β": "beta ", "δ": "delta ", "λ": "lambda ", "η": "eta ", "τ": "tau ", "∂": "\\partial "}
)  # fmt: skip
_HABITS = (
    (re.compile(r"([A-Za-z])\u0302|ŷ"), lambda found: f"{found[1] or 'y'}_hat"),  # a hat of Unicode's own
    (re.compile(r"\b(?:np|numpy)\."), ""),
    (re.compile(r"\blam\b"), "lambda"),
    (re.compile(r"\b(beta|eta|sigma)(\d)\b"), r"\1_\2"),
    (re.compile(r"\b([A-Za-z])_prime\b"), r"\1'"),
    (re.compile(r"\^\s*(?:T(?![A-Za-z])|\{\s*T\s*\})"), ".T"),
    (re.compile(r"\]\s*\["), ","),
    (re.compile(r"\b(\w+)\.T\[([^]]*)\]"), r"(\1.T)_{\2}"),
)


def as_typed(text):
    """The text with what readers write in place of what the grammar knows: Σ_n, ŷ, X^T, X[n][i], np.exp."""
    text = unicodedata.normalize("NFC", text)
    for habit, instead in _HABITS:
        text = habit.sub(instead, text)
    return text.translate(_SIGNS_OF_A_PAGE)


def cut(text, typed=False):
    """Return the words of a formula in LaTeX; `typed` also allows what a reader would write in Python."""
    words, position, brackets, plain = [], 0, {"[": [], "(": []} if typed else None, _in_one_row(text)
    while position < len(text):
        found = _SCANNERS[typed].match(plain, position)
        meant = list(_meant(found, words, brackets)) if found else [(None, "")]
        if (None, "") in meant:
            raise NotReadable(text, position, "notation that the grammar knows")
        words += [Word(kind, value, position) for kind, value in meant]
        position = found.end()
    return words


def _in_one_row(text):
    """The text, as long as before: wide spaces are commas or nothing, rows of an alignment are sections."""

    def instead(pattern, kept, text):
        return re.sub(pattern, lambda found: kept(found).ljust(len(found[0])), text)

    text = instead(r"\\tag\{.*?\}|\\text\{\(\w+\.\w+\)\}", lambda found: "", text)
    if "{aligned}" in text:
        text = instead(r"\\(?:begin|end)\{aligned\}|&", lambda found: "", text)
        text = instead(r"\\\\", lambda found: ":", text)
    text = instead(rf"{_WIDE}+(?={_BETWEEN})", lambda found: "", text)
    text = instead(rf"({_BETWEEN})(?:{_WIDE}|\s)+", lambda found: found[1], text)
    return instead(rf",\s*(?:\\q?quad{_END}|\s)*|\\q?quad{_END}", lambda found: ",", text)


def base(latex):
    r"""How a world calls a letter: eta for \eta."""
    return BASES.get(latex.lstrip("\\"), latex.lstrip("\\")) if latex[0] == "\\" else latex


def _meant(found, words, brackets):
    """Yield the kinds and values that a piece of text stands for; `brackets` are those a reader opened."""
    kind, text = found.lastgroup, found[found.lastgroup]
    match kind:
        case "TEXT":
            said = " ".join(text.split())
            yield CONNECTIVES.get(said, "WORDS"), said
        case "TABLE":
            side, name = text.rstrip("}").split("{")
            yield f"_{side.upper()}_{name.removeprefix('p').upper()}", text
        case "INNER" | "BARE":
            yield "NAME", f"{base(text)}_{found['ACCENT']}"
        case "WRITTEN":
            yield "NAME", BASES.get(text, text)
        case "COMMAND":
            yield (COMMANDS[text], VALUES.get(text, text)) if text in COMMANDS else (None, "")
        case "LETTER":
            yield "NAME", text
        case "NUMBER" | "COEFFICIENT":
            yield kind, text.replace(r"\,", "").strip()
        case "WORD":
            yield from _of_python(text, words)
        case "PYTHON" if text == "...":
            yield "DOTS", "dots"
        case "PYTHON" if text == ".T":
            yield from [("SUP", "^"), ("TRANSPOSED", "T")]
        case "PYTHON":
            yield {"**": "SUP", "@": "OP", "*": "OP"}.get(text, "REL"), TYPED_VALUES.get(text, text)
        case "SIGN" if brackets is not None and text == "[" and words and words[-1].kind == "NAME":
            indexed = words[-1].value not in ("mean", "E", "Var")
            brackets["["].append("_RBRACE" if indexed else "_RBRACK")
            yield from [("SUB", "_"), ("_LBRACE", "[")] if indexed else [("_LBRACK", "[")]
        case "SIGN" if brackets is not None and text == "(":
            raised = bool(words) and words[-1].kind == "SUP"  # 2^(n - 1) is 2^{n - 1}
            brackets["("].append("_RBRACE" if raised else "_RPAR")
            yield "_LBRACE" if raised else "LPAR", text
        case "SIGN" if brackets is not None and text in ")]" and brackets["(" if text == ")" else "["]:
            yield brackets["(" if text == ")" else "["].pop(), text
        case "SIGN":
            yield SIGNS[text], text
        case _ if kind != "SPACE":
            yield kind, text


def _of_python(text, words):
    """dZ is the gradient of Z, ni are two letters, n_in is one name."""
    known, rest = {*GREEK, *FUNCTIONS, "sqrt", "Var"}, text[1:]
    script = bool(words) and words[-1].kind == "SUB"
    if text in ("sum", "prod"):
        yield "BIG", text
    elif text == "lr":
        yield "NAME", "eta"
    elif text in known or rest == "_hat" or script and text in ("in", "out"):
        yield "NAME", BASES.get(text, text)
    elif text[0] == "d" and (len(rest) == 1 or rest in known or rest.endswith("_hat")):
        yield from [("D", "d"), ("NAME", BASES.get(rest, rest))]
    elif script and rest:
        yield from [("_LBRACE", "{"), *(("NAME", letter) for letter in text), ("_RBRACE", "}")]
    else:
        yield from (("NAME", letter) for letter in text)
