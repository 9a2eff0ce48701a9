"""Bugs of programs that walk a tape back, and what each shows when it is tried on small expressions.

`CHOICES` has them by name; their words stand in tape_bugs.toml. `PATIENTS` are the three of exercise 13.6.
See notebooks/13_automatic_differentiation.ipynb.
"""

from typing import Any, NamedTuple

import numpy as np

from nnlib.autograd import Tensor
from nnlib.gradcheck import numerical_gradient, relative_error
from nnlib.teach.patients import Ward

__all__ = ["CHOICES", "PATIENTS", "against", "symptoms"]

# --- programs: an order, how what comes is added, how a broadcast is undone, whether a call begins anew ---


def _by_tape(result):
    return result.tape()


def _depth_first(result):
    """Return each node when it is first reached, along one path to its end before the next."""
    seen, order, left = set(), [], [result]
    while left:
        node = left.pop()
        if node.number not in seen:
            seen.add(node.number)
            order.append(node)
            left += [edge.to for edge in reversed(node.edges)]
    return order


def _breadth_first(result):
    order, found = [result], {result.number}
    for node in order:
        for edge in node.edges:
            if edge.to.number not in found:
                found.add(edge.to.number)
                order.append(edge.to)
    return order


def _each_path(result):
    """Return a node once for each path that leads to it."""
    order, left = [], [result]
    while left:
        order.append(left.pop())
        left += [edge.to for edge in reversed(order[-1].edges)]
    return order


def _sum(old, new):
    return old + new


def _latest(old, new):
    return new


def _added_up(dX, shape, add=np.sum):
    dX = add(dX, axis=tuple(range(dX.ndim - len(shape))))
    return add(dX, axis=tuple(axis for axis, n in enumerate(shape) if n < dX.shape[axis]), keepdims=True)


def _averaged(dX, shape):
    return _added_up(dX, shape, np.mean)


def _leading(dX, shape):
    return dX.sum(axis=tuple(range(dX.ndim - len(shape))))


def _as_it_is(dX, shape):
    return dX


class Program(NamedTuple):
    """How a tape is walked back; as it stands, the right way."""

    order: Any = _by_tape
    added: Any = _sum
    undone: Any = _added_up
    begins_anew: bool = True


PROGRAMS = {
    "assigned": Program(added=_latest),
    "breadth-first": Program(order=_breadth_first),
    "depth-first": Program(order=_depth_first),
    "grads-kept": Program(begins_anew=False),
    "leading-axes": Program(undone=_leading),
    "mean": Program(undone=_averaged),
    "never-added": Program(undone=_as_it_is),
    "sent-again": Program(order=_each_path),
}

PATIENTS = {1: "depth-first", 2: "leading-axes", 3: "assigned"}


def _walked(result, program, calls):
    """Return the gradient of each tensor after these calls, by its `number`; their own stay as they are."""
    total, grads = {}, {}
    for _ in range(calls):
        grads = {} if program.begins_anew else grads
        grads[result.number] = np.ones(result.shape)
        for node in program.order(result):
            dY = grads[node.number]
            for to, pull, _ in node.edges:
                dX = program.undone(np.asarray(pull(dY)), to.shape)
                grads[to.number] = program.added(grads[to.number], dX) if to.number in grads else dX
        total = {number: total.get(number, 0) + dX for number, dX in grads.items()}
    return total if program.begins_anew else grads


# --- what is seen ---


def _two_paths(x, w):
    u = x * w
    return u.tanh() + u.exp()


def _long_first(x, w):
    u = x * w
    return u.tanh() * u


def _short_first(x, w):
    u = x * w
    return u * u.tanh()


def _spread(x, w):
    return (x * w).tanh().sum()


# Shapes of x and w, the expression, and how often it is walked back
SETTINGS = {
    "nothing twice": ((), (), lambda x, w: (x * w).tanh(), 1),
    "a leaf twice: x x w": ((), (), lambda x, w: x * x * w, 1),
    "u = x w: tanh u + exp u": ((), (), _two_paths, 1),
    "u = x w: tanh u · u": ((), (), _long_first, 1),
    "u = x w: u · tanh u": ((), (), _short_first, 1),
    "x (4, 3), w (3,)": ((4, 3), (3,), _spread, 1),
    "x (4, 3), w (4, 1)": ((4, 3), (4, 1), _spread, 1),
    "x (3,), w (4, 1)": ((3,), (4, 1), _spread, 1),
    "nothing twice, 2 calls": ((), (), lambda x, w: (x * w).tanh(), 2),
}


def _errors(program, x_shape, w_shape, expression, calls):
    """Return the relative error of each leaf's gradient, against differences."""
    rng = np.random.default_rng(13)
    leaves = [Tensor(rng.uniform(0.4, 1.2, shape)) for shape in (x_shape, w_shape)]
    grads = _walked(expression(*leaves), program, calls)
    errors = {}
    for name, leaf in zip("xw", leaves, strict=True):
        slopes = numerical_gradient(lambda _: float(expression(*leaves).data), leaf.data)
        found = grads[leaf.number]
        errors[name] = relative_error(found, calls * slopes) if found.shape == leaf.shape else np.nan
    return errors


WARD = Ward(__file__, PROGRAMS, PATIENTS, "tape", SETTINGS, _errors)
CHOICES = WARD.bugs


def symptoms(patient):
    """Return the `Symptoms` of a patient of exercise 13.6, 1 to 3. Measured once.

    See notebooks/13_automatic_differentiation.ipynb.
    """
    return WARD.symptoms(patient)


def against(key, patient):
    """Return what speaks against a bug in what a patient shows, as a sentence; None if nothing does.

    See notebooks/13_automatic_differentiation.ipynb.
    """
    return WARD.against(key, patient)
