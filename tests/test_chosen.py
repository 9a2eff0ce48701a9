"""Whose function a chapter goes on with: the reader's, where it is right and quick, else the solution."""

import contextlib
import io
import time
from unittest.mock import Mock

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest

from nnlib.teach import checks
from nnlib.teach.checks.engine.verdict import found_right
from tests.checkout import ROOT
from tests.hostile import VALUES


def bias_gradient_solution(dZ):
    return dZ.sum(axis=0)


def with_ones(dZ):
    return np.ones(len(dZ)) @ dZ


DZ = np.random.default_rng(0).standard_normal((40, 30))


def chosen(yours, capsys):
    """Return the function that is taken, and what is printed."""
    return checks.chosen(yours, bias_gradient_solution, DZ), capsys.readouterr().out


def checked(function):
    assert checks.bias_gradient(function)
    return function


def test_a_right_function_goes_on(capsys):
    yours = checked(lambda dZ: with_ones(dZ))
    assert chosen(yours, capsys) == (yours, "our_bias_gradient is yours.\n")


def test_one_that_was_not_checked_does_not(capsys):
    said = "our_bias_gradient is the solution: yours has no ✓ yet.\n"
    assert chosen(lambda dZ: with_ones(dZ), capsys) == (bias_gradient_solution, said)


def test_nor_one_that_was_edited_after_its_check(capsys):
    source, space = "def bias_gradient(dZ):\n    return dZ.sum(axis=0)", {}
    exec(source, space)
    first = checked(space["bias_gradient"])
    exec(source, space)
    assert chosen(first, capsys)[0] is first
    assert chosen(space["bias_gradient"], capsys)[0] is bias_gradient_solution


def test_nor_one_that_its_check_found_wrong_the_last_time(capsys):
    factor = [1]

    def yours(dZ):  # on the chapter's numbers it stays right
        return with_ones(dZ) * (1 if dZ.shape == DZ.shape else factor[0])

    checked(yours)
    factor[0] = 2
    assert not checks.bias_gradient(yours) and chosen(yours, capsys)[0] is bias_gradient_solution


def test_a_slow_one_is_told_how_slow(capsys):
    slow = [0]

    def yours(dZ):
        time.sleep(slow[0])
        return with_ones(dZ)

    checked(yours)
    slow[0] = 0.1
    taken, said = chosen(yours, capsys)
    assert taken is bias_gradient_solution
    assert "our_bias_gradient is the solution: yours is right, and takes " in said and "times as long" in said


@pytest.mark.parametrize(
    ("of_the_chapter", "why"),
    [
        (lambda dZ: with_ones(dZ)[None], "digits that its check asks for"),
        (lambda dZ: with_ones(dZ) * (1 + 1e-8), "and the chapter needs nine"),
        (lambda dZ: 1 / 0, "stops on the chapter's numbers"),
    ],
)
def test_on_the_numbers_of_the_chapter_it_has_to_be_right_too(capsys, of_the_chapter, why):
    yours = checked(lambda dZ: of_the_chapter(dZ) if dZ.shape == DZ.shape else with_ones(dZ))
    taken, said = chosen(yours, capsys)
    assert taken is bias_gradient_solution and why in said


def test_several_results_and_arguments_that_are_changed(capsys):
    def step_solution(p):
        p += 1
        return p, 2.0

    def step(p):
        p += 1
        return [p, second[0]]

    second, p = [2.0], np.zeros(3)
    found_right.add(step)
    assert checks.chosen(step, step_solution, p) is step and not p.any()
    second[0] = 3.0
    assert checks.chosen(step, step_solution, p) is step_solution


def test_a_check_stands_in_for_its_solution(capsys):
    """In an edition without solutions; the name is that of the reader's function."""

    def my_gradient(dZ):
        return with_ones(dZ)

    assert checks.chosen(my_gradient, checks.bias_gradient, DZ) is checks.bias_gradient.right
    assert checks.chosen(checked(my_gradient), checks.bias_gradient, DZ) is my_gradient
    assert checks.chosen(..., checks.bias_gradient, DZ) is checks.bias_gradient.right
    assert capsys.readouterr().out.splitlines() == [
        "our_my_gradient is the module's own: yours has no ✓ yet.",
        "our_my_gradient is yours.",
        "our_bias_gradient is the module's own: yours has no ✓ yet.",
    ]


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_hostile_values_are_unchecked(capsys, value):
    assert chosen(value, capsys)[0] is bias_gradient_solution
    if not callable(value):
        with pytest.raises(TypeError, match="expected the solution's function"):
            checks.chosen(with_ones, value, DZ)


# A chapter in which the reader has solved what is used again, in his own way

SOLVED = {
    "01_one_neuron": {
        "line_gradient": "def line_gradient(x, y, w, b):\n"
        "    errors = [w * a + b - c for a, c in zip(x, y, strict=True)]\n"
        "    dw = sum(2 * e * a for e, a in zip(errors, x, strict=True)) / len(x)\n"
        "    return [dw, 2 * sum(errors) / len(x)]",
        "raw_line": "def raw_line(w, b, m, s):\n    w = w * (1 / s)\n    return w, b - w * m",
    },
    "03_activations": {
        "stable_sigmoid": "def stable_sigmoid(X):\n"
        "    return np.exp(np.minimum(X, 0)) / (1 + np.exp(-np.abs(X)))",
    },
    "05_backpropagation": {
        "rows_backward": "def rows_backward(dY, X):\n"
        "    r = np.linalg.norm(X, axis=1)[:, None]\n"
        "    along = np.einsum('ni,ni->n', dY, X)[:, None]\n"
        "    return dY / r - along * X / r**3",
    },
    "06_gradient_checking": {
        "numerical_gradient": "def numerical_gradient(f, X):\n"
        "    dX = np.empty(X.size)\n"
        "    for k, x in enumerate(X.ravel().tolist()):\n"
        "        i = np.unravel_index(k, X.shape)\n"
        "        losses = []\n"
        "        for X[i] in (x - 2e-5, x + 2e-5, x):\n"
        "            losses.append(f(X))\n"
        "        dX[k] = (losses[1] - losses[0]) / 4e-5\n"
        "    return dX.reshape(X.shape)",
        "is_right": "def is_right(layer):\n"
        "    rng, h = np.random.default_rng(3), 1e-5\n"
        "    for p in layer.params:\n"
        "        p[...] = rng.uniform(0.5, 1, p.shape)\n"
        "    X = rng.uniform(-1, 1, (7, layer.n_in))\n"
        "    C = rng.uniform(-1, 1, layer.forward(X).shape)\n"
        "    gradients = [layer.backward(C)] + list(layer.grads)\n"
        "    for A, dA in zip([X] + list(layer.params), gradients):\n"
        "        for i, x in np.ndenumerate(A.copy()):\n"
        "            A[i] = x + h\n"
        "            rise = np.sum(C * layer.forward(X))\n"
        "            A[i] = x - h\n"
        "            rise = rise - np.sum(C * layer.forward(X))\n"
        "            A[i] = x\n"
        "            if abs(rise / (2 * h) - dA[i]) > 1e-7 * abs(dA).max():\n"
        "                return False\n"
        "    return True",
    },
    "07_training_loop": {
        "my_train_epoch": "def my_train_epoch(net, loss, optimizer, batches):\n"
        "    losses, sizes = [], []\n"
        "    for X, Y in batches:\n"
        "        Y_hat = net.forward(X)\n"
        "        net.backward(loss.gradient(Y_hat, Y))\n"
        "        optimizer.step(net.grads)\n"
        "        losses.append(loss.value(Y_hat, Y))\n"
        "        sizes.append(len(X))\n"
        "    return np.average(losses, weights=sizes)",
    },
    "10_initialisation_and_optimisers": {
        "momentum_step": "def momentum_step(p, g, v, lr, beta):\n"
        "    new = g + v * beta\n"
        "    return [p - new * lr, new]",
        "adam_step": "def adam_step(p, g, m, v, t, lr, beta1, beta2, eps):\n"
        "    m = m + (1 - beta1) * (g - m)\n"
        "    v = v + (1 - beta2) * (g * g - v)\n"
        "    size = np.sqrt(v) / np.sqrt(1 - beta2**t) + eps\n"
        "    return p - lr / (1 - beta1**t) * m / size, m, v",
        "schedule": "def schedule(t, peak, warmup, total):\n"
        "    if t > warmup:\n"
        "        return 0.5 * peak + 0.5 * peak * np.cos(np.pi * (t - warmup) / (total - warmup))\n"
        "    return t / warmup * peak",
    },
    "11_generalisation": {
        "logit_gradient": "def logit_gradient(net, x, digit):\n"
        "    Z = net.forward(x.reshape(1, -1))\n"
        "    return net.backward((np.arange(Z.shape[1]) == digit).astype(Z.dtype)[None]).ravel()",
        "centre_of_mass": "def centre_of_mass(image):\n"
        "    r, c = np.indices(image.shape)\n"
        "    return np.average(r, weights=image), np.average(c, weights=image)",
    },
    "12_convolution": {
        "convolve": "def convolve(X, W, b):\n"
        "    P = sliding_window_view(X, W.shape[:2], axis=(1, 2))\n"
        "    return np.einsum('nijcuv,uvco->nijo', P, W) + b",
        "kernel_gradients": "def kernel_gradients(X, dY):\n"
        "    P = sliding_window_view(X, dY.shape[1:3], axis=(1, 2))\n"
        "    return [np.einsum('nuvcij,nijo->uvco', P, dY), np.einsum('nijo->o', dY)]",
        "input_gradient": "def input_gradient(dY, W):\n"
        "    k_h, k_w, n_in, n_out = W.shape\n"
        "    D = np.pad(dY, [(0, 0), (k_h - 1,) * 2, (k_w - 1,) * 2, (0, 0)])\n"
        "    P = sliding_window_view(D, (k_h, k_w), axis=(1, 2))\n"
        "    return np.einsum('nrqouv,uvco->nrqc', P, W[::-1, ::-1])",
        "pool_backward": "def pool_backward(X, dY, s):\n"
        "    dX = 0 * X\n"
        "    for n, i, j, c in np.ndindex(*dY.shape):\n"
        "        square = X[n, i * s : (i + 1) * s, j * s : (j + 1) * s, c]\n"
        "        k = np.argmax(square)\n"
        "        dX[n, i * s + k // s, j * s + k % s, c] += dY[n, i, j, c]\n"
        "    return dX",
    },
    "13_automatic_differentiation": {
        "matmul_pull": "def matmul_pull(A, B, dY):\n"
        "    return [np.einsum('nm,km->nk', dY, B), np.einsum('nk,nm->km', A, dY)]",
        "undo_broadcast": "def undo_broadcast(dY, shape):\n"
        "    while dY.ndim > len(shape):\n"
        "        dY = dY.sum(axis=0)\n"
        "    for axis in range(len(shape)):\n"
        "        if shape[axis] == 1:\n"
        "            dY = dY.sum(axis=axis, keepdims=True)\n"
        "    return dY",
        "max_pull": "def max_pull(A, axis, dY):\n"
        "    dA = np.zeros_like(A, dtype=float)\n"
        "    rows = np.moveaxis(A, axis, -1)\n"
        "    out = np.moveaxis(dA, axis, -1)\n"
        "    for place in np.ndindex(dY.shape):\n"
        "        out[place][np.argmax(rows[place])] = dY[place]\n"
        "    return dA",
        "tape_order": "def tape_order(made_from, last):\n"
        "    done, order, stack = set(), [], [(last, False)]\n"
        "    while stack:\n"
        "        name, left = stack.pop()\n"
        "        if left:\n"
        "            order.append(name)\n"
        "        elif name not in done:\n"
        "            done.add(name)\n"
        "            stack.append((name, True))\n"
        "            stack += [(one, False) for one in made_from[name]]\n"
        "    return order[::-1]",
        "dual_quotient": "def dual_quotient(a, da, b, db):\n    return a / b, da / b - a * db / b / b",
    },
    "14_frameworks": {
        "to_torch": "def to_torch(arrays):\n"
        "    return [np.moveaxis(A, [-1, -2], [0, 1]) if A.ndim > 1 else A for A in arrays]",
        "after_flatten": "def after_flatten(W, height, width, channels):\n"
        "    places = np.arange(len(W)).reshape(height, width, channels)\n"
        "    return W[np.moveaxis(places, -1, 0).ravel()]",
        "rounded": "def rounded(x, digits):\n"
        "    _, exponent = np.frexp(x)\n"
        "    unit = np.ldexp(1.0, exponent - digits)\n"
        "    return np.round(x / unit) * unit",
        "loss_scale": "def loss_scale(G):\n"
        "    S, most = 1.0, np.max(np.abs(G))\n"
        "    while S * most >= 65520:\n"
        "        S = S / 2\n"
        "    while 2 * S * most < 65520:\n"
        "        S = 2 * S\n"
        "    return S",
    },
    "15_scaling_out": {
        "union_gradient": "def union_gradient(gradients, sizes):\n"
        "    whole = np.zeros(np.shape(gradients[0]))\n"
        "    for gradient, size in zip(gradients, sizes):\n"
        "        if size:\n"
        "            whole += np.multiply(gradient, size / sum(sizes))\n"
        "    return whole",
        "ring_all_reduce": "def ring_all_reduce(arrays, send):\n"
        "    p = len(arrays)\n"
        "    ends = [len(arrays[0]) * c // p for c in range(p + 1)]\n"
        "    sums = [np.array(array, dtype=float) for array in arrays]\n"
        "    for turn in range(2 * p - 2):\n"
        "        for i in range(p):\n"
        "            c, to = (i - turn) % p, (i + 1) % p\n"
        "            here = slice(ends[c], ends[c + 1])\n"
        "            come = send(i, to, sums[i][here].copy())\n"
        "            sums[to][here] = come + (turn < p - 1) * sums[to][here]\n"
        "    return sums",
        "paying_batch": "def paying_batch(per_sample, n_bytes, bandwidth, latency, workers=8):\n"
        "    if workers < 3:\n"
        "        return float('inf')\n"
        "    talk = (2 * workers - 2) * (latency + n_bytes / (workers * bandwidth))\n"
        "    return int(np.ceil(2 * talk * workers / (per_sample * (workers - 2))))",
    },
}


@pytest.mark.filterwarnings("default")  # as in a kernel
@pytest.mark.parametrize(
    "chapter",
    [
        pytest.param(name, marks=pytest.mark.slow if name[:2] in ("10", "11", "14", "15") else [])
        for name in SOLVED
    ],
)
def test_a_chapter_goes_on_with_what_the_reader_wrote(chapter, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    code = [
        c for c in nbformat.read(ROOT / "notebooks" / f"{chapter}.ipynb", 4).cells if c.cell_type == "code"
    ]
    last = max(k for k, cell in enumerate(code) if "our_" in cell.source)  # after it nothing is the reader's
    # A kernel has `display`.
    space = {"__name__": "__main__", "display": Mock()}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for cell in code[: last + 1]:
            names = [name for name in SOLVED[chapter] if f"def {name}(" in cell.source]
            yours = "exercise" in cell.metadata.get("tags", []) and names
            exec(SOLVED[chapter][names[0]] if yours else cell.source, space)
    for name in SOLVED[chapter]:
        assert f"our_{name.removeprefix('my_')} is yours.\n" in printed.getvalue(), name
