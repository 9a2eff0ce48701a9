"""Functions as values: f alone, f', f / g; and what arithmetic means for numbers, matrices and functions."""

import numpy as np

# How often, the offsets with their weights, and the step: the error is of order step⁴.
_STENCILS = {
    1: ({-2: 1 / 12, -1: -2 / 3, 1: 2 / 3, 2: -1 / 12}, 1e-3),
    2: ({-2: -1 / 12, -1: 4 / 3, 0: -5 / 2, 1: 4 / 3, 2: -1 / 12}, 1e-2),
    3: ({-3: 1 / 8, -2: -1, -1: 13 / 8, 1: -13 / 8, 2: 1, 3: -1 / 8}, 1e-2),
}


def difference(function, count=1):
    """The derivative at 0 of a function of a small step, `count` times."""
    weights, step = _STENCILS[count]
    return sum(weight * function(k * step) for k, weight in weights.items()) / step**count


class Misfit(ValueError):
    """Values that do not go together, or an index that is outside."""


class Function:
    """A function that can be added and multiplied like a number; a `prefix` one needs no brackets: log x."""

    def __init__(self, call, prefix=False):
        self.call, self.prefix = call, prefix

    def __call__(self, *arguments):
        return self.call(*arguments)

    def prime(self, count):
        """f', f'' or f'''."""
        return Function(lambda x: difference(lambda step: self.call(x + step), count), self.prefix)


def lifted(operation):
    """The operation, which makes a function of functions: (f + g)(x) = f(x) + g(x)."""

    def operate(*values):
        functions = [value for value in values if isinstance(value, Function)]
        if not functions:
            return operation(*values)

        def at(x):
            return operation(*[value(x) if isinstance(value, Function) else value for value in values])

        return Function(at, functions[0].prefix)

    return operate


def _need(fits, a, b, verb):
    if 0 not in (np.ndim(a), np.ndim(b)) and not fits:
        raise Misfit(f"shapes {np.shape(a)} and {np.shape(b)} cannot be {verb}.")


@lifted
def plus(a, b):
    row = np.ndim(a) == 2 and np.ndim(b) == 1 and np.shape(a)[1:] == np.shape(b)  # a bias: to every row
    _need(row or np.shape(a) == np.shape(b), a, b, "added")
    return a + b


@lifted
def times(a, b):
    if 0 in (np.ndim(a), np.ndim(b)):
        return a * b
    if np.ndim(a) == 1 and np.shape(b)[0] == 1:
        a = a[:, None]
    _need(np.shape(a)[-1] == np.shape(b)[0], a, b, "multiplied")
    product = a @ b
    return product if np.size(product) > 1 else product.reshape(())[()]


@lifted
def entrywise(a, b):
    _need(np.shape(a) == np.shape(b), a, b, "multiplied entry by entry")
    return a * b


@lifted
def over(a, b):
    if np.ndim(b):
        raise Misfit("a matrix cannot be divided by.")
    return a / b


power = lifted(lambda of, exponent: of**exponent)

KNOWN = {name: Function(getattr(np, name), prefix=True) for name in ("log", "exp", "tanh", "cos", "sin")}
KNOWN |= {"ln": KNOWN["log"], "max": Function(np.maximum), "min": Function(np.minimum)}
KNOWN |= {name: Function(getattr(np, name)) for name in ("sqrt", "sign", "diag")}
KNOWN |= {"e": np.float64(np.e), "pi": np.float64(np.pi), "infty": np.float64(np.inf)}
