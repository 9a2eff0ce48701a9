"""Functions as values: f alone, f', f / g, and differences in the place of derivatives."""

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


KNOWN = {
    "log": Function(np.log, True),
    "ln": Function(np.log, True),
    "exp": Function(np.exp, True),
    "tanh": Function(np.tanh, True),
    "cos": Function(np.cos, True),
    "sin": Function(np.sin, True),
    "sqrt": Function(np.sqrt),
    "max": Function(np.maximum),
    "min": Function(np.minimum),
    "sign": Function(np.sign),
    "diag": Function(np.diag),
    "e": np.float64(np.e),
    "pi": np.float64(np.pi),
    "infty": np.float64(np.inf),
}
