"""From tree to LaTeX."""

from dataclasses import fields

from nnlib.teach import _doors as door
from nnlib.teach.mathematics import tree as t
from nnlib.teach.mathematics.words import ACCENTS, ARROWS, BASES, FUNCTIONS, GREEK, OPERATORS, RELATIONS

_NAMES = {BASES.get(word, word): f"\\{word}" for word in GREEK + FUNCTIONS} | {"±": r"\pm"}
_NAMES |= {name: rf"\operatorname{{{name}}}" for name in ("Var", "diag", "sign", "softmax", "sqrt")}
_NAMES |= {"mean": r"\operatorname{E}"}
_SIGNS = {sign: word if sign == word else f"\\{word}" for word, sign in (RELATIONS | OPERATORS).items()}
_SIGNS |= {"±": r"\pm", "of shape": r"\text{of shape}", "+": "+", "-": "-"}
_ARROWS = {arrow: rf" \quad\{word}\quad " for word, arrow in ARROWS.items()}
_BRACKETS = {"(": "()", "(,": ["(", ",)"], "[": "[]", "|": [r"\lvert ", r" \rvert"],
             "‖": [r"\lVert ", r" \rVert"], "⌈": [r"\lceil ", r" \rceil"]}  # fmt: skip
MARK = r"\class{mjx-nnlib-new}{%s}"  # parts.css shows it; MathJax lets only such names through
_PATTERNS = {t.Gradient: r"\mathrm{d}%s", t.Fraction: r"\frac{%s}{%s}", t.Binomial: r"\binom{%s}{%s}",
             t.Mean: r"\overline{%s}", t.Marked: MARK, t.Dots: r"\cdots",
             t.ForAll: r"%s \ \text{for all } %s"}  # fmt: skip
_TALL = t.Fraction | t.Big | t.Matrix | t.Cases | t.Derivative | t.Binomial
_THIN = t.Gradient | t.Derivative | t.Fraction
_NEW_ROW = r" \\ "


def latex(tree):
    """Return the LaTeX of a tree. Read again, it is the same tree."""
    if type(tree) in _PATTERNS:
        return _PATTERNS[type(tree)] % tuple(latex(getattr(tree, one.name)) for one in fields(tree))
    match tree:
        case t.Number(text):
            whole, point, decimals = text.partition(".")
            grouped = f"{int(whole):,}".replace(",", r"\,") if len(whole.lstrip("-")) > 4 else whole
            return grouped + point + decimals
        case t.Name(base, subs, level, primes):
            return symbol(base) + "'" * primes + (f"^{{({latex(level)})}}" if level else "") + _scripts(subs)
        case t.Derivative(of, by):
            return rf"\frac{{\partial{' ' + latex(of) if of else ''}}}{{\partial {latex(by)}}}"
        case t.Entry(of, subs):
            return latex(of) + _scripts(subs)
        case t.Sum(terms):
            texts = [
                f" {_SIGNS[term.sign]} {_factor(term.of, first=not i and term.sign == '+')}"
                for i, term in enumerate(terms)
            ]
            return (
                "".join(texts)
                .removeprefix(" + ")
                .replace(" - ", "-", 1 if texts[0][1] == "-" else 0)
                .lstrip()
            )
        case t.Product():
            return _product(tree, first=True)
        case t.Power(of, exponent):
            return _raised(of, latex(exponent))
        case t.Transpose(t.Name(base, (), level)) if level:
            return rf"{symbol(base)}^{{({latex(level)})\mathsf T}}"
        case t.Transpose(of):
            return _raised(of, r"\mathsf T")
        case t.Prime(of, count):
            return latex(of) + "'" * count
        case t.Root(of, degree):
            return r"\sqrt" + ("" if degree == t.Number("2") else f"[{latex(degree)}]") + f"{{{latex(of)}}}"
        case t.Group(items, kind):
            return _bracketed(kind, items)
        case t.Big(kind, letters, low, high, where, of):
            below = (
                latex(where) if where else ", ".join(map(latex, letters)) + (f"={latex(low)}" if low else "")
            )
            above = f"^{{{latex(high)}}}" if high else ""
            return rf"\{kind}_{{{below}}}{above} {_factor(of, first=True)}"
        case t.Integral(low, high, of, by):
            limits = rf"_{{{latex(low)}}}^{{{latex(high)}}}"
            return rf"\int{limits} {_factor(of, first=True)} \, {latex(t.Gradient(by))}"
        case t.Matrix(rows):
            inner = _NEW_ROW.join(" & ".join(map(latex, row)) for row in rows)
            return rf"\begin{{pmatrix}} {inner} \end{{pmatrix}}"
        case t.Case(of, conditions):
            joined = r" \text{ and } ".join(map(latex, conditions))
            return latex(of) + " & " + (rf"\text{{if }} {joined}" if conditions else r"\text{otherwise}")
        case t.Cases(rows):
            return rf"\begin{{cases}} {_NEW_ROW.join(map(latex, rows))} \end{{cases}}"
        case t.Chain(sides, relations):
            later = zip(relations, sides[1:], strict=True)
            return latex(sides[0]) + "".join(f" {_SIGNS[one]} {latex(side)}" for one, side in later)
        case t.Section(listings, arrows):
            texts = [r", \quad ".join(map(latex, listing)) for listing in listings]
            return texts[0] + "".join(
                _ARROWS[arrow] + text for arrow, text in zip(arrows, texts[1:], strict=True)
            )
        case t.Display(sections):
            return r" \qquad\text{so}\qquad ".join(map(latex, sections))
    raise TypeError(f"tree is {door.told(tree)}; expected a part of what read returns.")


def symbol(base):
    r"""The LaTeX of a name as a world knows it: \hat y for y_hat."""
    letter, _, accent = base.rpartition("_")
    if accent == "star":
        return f"{symbol(letter)}^*"
    if accent in ACCENTS:
        return rf"\{accent} {symbol(letter)}"
    return _NAMES.get(base, base if len(base) == 1 else rf"\text{{{base}}}")


def _bracketed(kind, items):
    left, right = _BRACKETS[kind]
    inner = ", ".join(map(latex, items))
    if kind != "(," and any(isinstance(part, _TALL) for _, part in t.walk(items)):
        return rf"\left{left}{inner}\right{right.strip()}"
    return left + inner + right


def _factor(tree, first):
    """Its LaTeX, in brackets where it would come apart."""
    if isinstance(tree, t.Marked):
        return MARK % _factor(tree.of, first)
    if isinstance(tree, t.Product):
        return _product(tree, first)
    negative = isinstance(tree, t.Number) and tree.text.startswith("-")
    return _bracketed("(", (tree,)) if isinstance(tree, t.Sum) or negative and not first else latex(tree)


def _product(tree, first):
    text = _factor(tree.factors[0].of, first)
    for i, (before, factor) in enumerate(zip(tree.factors, tree.factors[1:], strict=False)):
        of = _factor(factor.of, first=False)
        if factor.op == "/":
            below = f"({of})" if isinstance(factor.of, t.Product) else of
            text += below if before.op == "/" and isinstance(before.of, t.Number) else f" / {below}"
        elif factor.op == "*":
            text += (r" \odot " if _whole(before) and _whole(tree.factors[i + 1 :]) else r" \cdot ") + of
        elif factor.op:
            text += f" {_SIGNS[factor.op]} {of}"
        elif isinstance(factor.of, t.Group) and isinstance(before.of, t.Name):
            text += of
        else:
            text += (r" \, " if isinstance(factor.of, _THIN) or isinstance(before.of, _THIN) else " ") + of
    return text


def _whole(tree):
    return any(t.is_whole(part) for _, part in t.walk(tree))


def _raised(of, exponent):
    if isinstance(of, t.Name) and (of.level or of.base.endswith("_star")):
        return f"{{{latex(of)}}}^{{{exponent}}}"
    plain = t.Name | t.Gradient | t.Group | t.Mean | t.Matrix | t.Entry
    whole = isinstance(of, plain) or isinstance(of, t.Number) and not of.text.startswith("-")
    return f"{latex(of) if whole else _bracketed('(', (of,))}^{{{exponent}}}"


def _scripts(subs):
    """Indices side by side, with a comma where it helps: ij, 21, but 1,ij and n,l-1."""
    text = ""
    for i, sub in enumerate(subs):
        pair = subs[max(i - 1, 0) : i + 1]
        composite = any(isinstance(one, t.Sum | t.Product) for one in pair)
        if i and (composite or [type(one) for one in pair] == [t.Number, t.Name]):
            text += ","
        elif i and not all(t.is_letter(one) or isinstance(one, t.Number) for one in pair):
            text += " "
        text += latex(sub)
    return f"_{{{text}}}" if subs else ""
