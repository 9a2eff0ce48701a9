"""From tree to LaTeX."""

from functools import singledispatch

from nnlib.teach.mathematics import tree as t
from nnlib.teach.mathematics.words import ACCENTS, ARROWS, BASES, FUNCTIONS, GREEK, OPERATORS, RELATIONS

_LATEX = {base: latex for latex, base in BASES.items() if latex[0] == "\\"}
_LATEX |= {BASES.get(word, word): f"\\{word}" for word in GREEK + FUNCTIONS} | {"±": r"\pm"}
_LATEX |= {word: rf"\operatorname{{{word}}}" for word in ("Var", "diag", "sign", "softmax", "sqrt")}
_SIGNS = {sign: latex for latex, sign in (RELATIONS | OPERATORS).items()}
_SIGNS |= {"±": r"\pm", "of shape": r"\text{of shape}"}
_ARROWS = {arrow: latex for latex, arrow in reversed(ARROWS.items())}
_BRACKETS = {
    "(": ("(", ")"),
    "(,": ("(", ",)"),
    "[": ("[", "]"),
    "|": (r"\lvert ", r" \rvert"),
    "‖": (r"\lVert ", r" \rVert"),
    "⌈": (r"\lceil ", r" \rceil"),
}
_NEXT_ROW = r" \\ "
_TALL = t.Fraction | t.Big | t.Matrix | t.Cases | t.Derivative | t.Binomial


@singledispatch
def latex(tree):
    """Return the LaTeX of a tree. Read again, it is the same tree."""
    raise TypeError(f"{tree!r} is no part of a formula.")


def symbol(base):
    r"""The LaTeX of a name as a world knows it: \hat y for y_hat."""
    letter, _, accent = base.rpartition("_")
    if accent == "star":
        return f"{symbol(letter)}^*"
    if accent in ACCENTS:
        return rf"\{accent} {symbol(letter)}"
    return _LATEX.get(base, base if len(base) == 1 else rf"\text{{{base}}}")


def _in_brackets(tree):
    return _bracketed("(", latex(tree), any(isinstance(part, _TALL) for _, part in t.walk(tree)))


def _bracketed(kind, inner, tall):
    left, right = _BRACKETS[kind]
    return rf"\left{left}{inner}\right{right.strip()}" if tall and kind != "(," else f"{left}{inner}{right}"


def _as_factor(tree, first):
    negative = isinstance(tree, t.Number) and tree.text.startswith("-")
    return _in_brackets(tree) if isinstance(tree, t.Sum) or negative and not first else latex(tree)


def _whole(tree):
    return any(t.is_whole(part) for _, part in t.walk(tree))


def _raised(of, exponent):
    if isinstance(of, t.Name) and (of.level or of.base.endswith("_star")):
        return f"{{{latex(of)}}}^{{{exponent}}}"
    plain = t.Name | t.Gradient | t.Group | t.Mean | t.Matrix | t.Entry
    whole = isinstance(of, plain) or isinstance(of, t.Number) and not of.text.startswith("-")
    return f"{latex(of) if whole else _in_brackets(of)}^{{{exponent}}}"


def _scripts(subs):
    """Indices side by side, with a comma where it helps: ij, 21, but 1,ij and n,l-1."""
    text = ""
    for i, sub in enumerate(subs):
        pair = subs[max(i - 1, 0) : i + 1]
        if any(isinstance(one, t.Sum | t.Product) for one in pair) or [type(one) for one in pair] == [
            t.Number,
            t.Name,
        ]:
            text += "," * (i > 0)
        elif not all(t.is_letter(one) or isinstance(one, t.Number) for one in pair):
            text += " " * (i > 0)
        text += latex(sub)
    return f"_{{{text}}}" if subs else ""


@latex.register
def _(tree: t.Number):
    whole, point, decimals = tree.text.partition(".")
    if len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", r"\,")
    return whole + point + decimals


@latex.register
def _(tree: t.Name):
    level = f"^{{({latex(tree.level)})}}" if tree.level else ""
    return symbol(tree.base) + "'" * tree.primes + level + _scripts(tree.subs)


@latex.register
def _(tree: t.Gradient):
    return rf"\mathrm{{d}}{latex(tree.of)}"


@latex.register
def _(tree: t.Derivative):
    above = rf"\partial {latex(tree.of)}" if tree.of else r"\partial"
    return rf"\frac{{{above}}}{{\partial {latex(tree.by)}}}"


@latex.register
def _(tree: t.Entry):
    return latex(tree.of) + _scripts(tree.subs)


@latex.register
def _(tree: t.Sum):
    text = ""
    for i, term in enumerate(tree.terms):
        of = (
            _product(term.of, first=not i)
            if isinstance(term.of, t.Product)
            else _as_factor(term.of, first=not i)
        )
        sign = _SIGNS.get(term.sign, term.sign)
        text += f" {sign} {of}" if i else ("" if term.sign == "+" else sign + " " * (sign == r"\pm")) + of
    return text


@latex.register
def _(tree: t.Product):
    return _product(tree, first=True)


def _product(tree, first):
    """Its LaTeX; where it is not first, a number below zero at its beginning is in brackets."""
    text, apart = "", t.Gradient | t.Derivative | t.Fraction
    for i, factor in enumerate(tree.factors):
        before = tree.factors[i - 1] if i else None
        of = _as_factor(factor.of, first=first and not i)
        if not before:
            text = of
        elif factor.op == "/":
            of = f"({of})" if isinstance(factor.of, t.Product) else of
            divided = before.op == "/" and isinstance(before.of, t.Number)
            text += of if divided else f" / {of}"
        elif factor.op == "*":
            text += (r" \odot " if _whole(before.of) and _whole(tree.factors[i:]) else r" \cdot ") + of
        elif factor.op:
            text += f" {_SIGNS[factor.op]} {of}"
        elif isinstance(factor.of, t.Group) and isinstance(before.of, t.Name):
            text += of
        else:
            thin = any(isinstance(one.of, apart) for one in (before, factor))
            text += (r" \, " if thin else " ") + of
    return text


@latex.register
def _(tree: t.Fraction):
    return rf"\frac{{{latex(tree.top)}}}{{{latex(tree.bottom)}}}"


@latex.register
def _(tree: t.Binomial):
    return rf"\binom{{{latex(tree.top)}}}{{{latex(tree.bottom)}}}"


@latex.register
def _(tree: t.Power):
    return _raised(tree.of, latex(tree.exponent))


@latex.register
def _(tree: t.Transpose):
    if isinstance(tree.of, t.Name) and tree.of.level and not tree.of.subs:
        return rf"{symbol(tree.of.base)}^{{({latex(tree.of.level)})\mathsf T}}"
    return _raised(tree.of, r"\mathsf T")


@latex.register
def _(tree: t.Prime):
    return (
        _in_brackets(tree.of) + "'" * tree.count
        if not isinstance(tree.of, t.Group)
        else latex(tree.of) + "'" * tree.count
    )


@latex.register
def _(tree: t.Root):
    degree = "" if tree.degree == t.Number("2") else f"[{latex(tree.degree)}]"
    return rf"\sqrt{degree}{{{latex(tree.of)}}}"


@latex.register
def _(tree: t.Mean):
    return rf"\overline{{{latex(tree.of)}}}"


@latex.register
def _(tree: t.Group):
    inner = ", ".join(latex(item) for item in tree.items)
    return _bracketed(tree.kind, inner, any(isinstance(part, _TALL) for _, part in t.walk(tree.items)))


@latex.register
def _(tree: t.Big):
    below = ", ".join(latex(letter) for letter in tree.letters)
    if tree.low:
        below += f"={latex(tree.low)}"
    if tree.where:
        below = latex(tree.where)
    above = f"^{{{latex(tree.high)}}}" if tree.high else ""
    return rf"\{tree.kind}_{{{below}}}{above} {_as_factor(tree.of, first=True)}"


@latex.register
def _(tree: t.Integral):
    by = latex(t.Gradient(tree.by))
    return rf"\int_{{{latex(tree.low)}}}^{{{latex(tree.high)}}} {_as_factor(tree.of, first=True)} \, {by}"


@latex.register
def _(tree: t.Matrix):
    rows = (" & ".join(latex(entry) for entry in row) for row in tree.rows)
    return rf"\begin{{pmatrix}} {_NEXT_ROW.join(rows)} \end{{pmatrix}}"


@latex.register
def _(tree: t.Case):
    conditions = r" \text{ and } ".join(latex(condition) for condition in tree.conditions)
    return latex(tree.of) + " & " + (rf"\text{{if }} {conditions}" if conditions else r"\text{otherwise}")


@latex.register
def _(tree: t.Cases):
    return rf"\begin{{cases}} {_NEXT_ROW.join(latex(row) for row in tree.rows)} \end{{cases}}"


@latex.register
def _(tree: t.Dots):
    return r"\cdots"


@latex.register
def _(tree: t.Chain):
    text = latex(tree.sides[0])
    for relation, side in zip(tree.relations, tree.sides[1:], strict=True):
        text += f" {_SIGNS[relation]} {latex(side)}"
    return text


@latex.register
def _(tree: t.ForAll):
    return rf"{latex(tree.of)} \ \text{{for all }} {latex(tree.letter)}"


@latex.register
def _(tree: t.Section):
    texts = [r", \quad ".join(latex(one) for one in listing) for listing in tree.listings]
    text = texts[0]
    for arrow, listing in zip(tree.arrows, texts[1:], strict=True):
        text += rf" \quad{_ARROWS[arrow]}\quad {listing}"
    return text


@latex.register
def _(tree: t.Display):
    return r" \qquad\text{so}\qquad ".join(latex(section) for section in tree.sections)
