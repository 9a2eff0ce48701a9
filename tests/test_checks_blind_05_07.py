"""Wrong and right attempts by readers who knew the chapters and not the checks, and what each one hears.

The rows are those of tests/test_checks_blind.py, for chapters 05 and 06. Below them stand the exercises whose
answer is no function: numbers, suspects, and names.
"""

import linecache
import textwrap
import warnings

import numpy as np
import pytest

from nnlib.teach import bugs, checks

# fmt: off
CHAPTER_05 = [
    ("two_layer_backward", """
        Z1 = X @ W1 + b1
        A1 = np.tanh(Z1)
        Y_hat = A1 @ W2 + b2
        d = 2 * (Y_hat - Y) / Y.size
        dZ1 = (d @ W2.T) * (1 - np.tanh(A1) ** 2)
        return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ d, d.sum(axis=0)
        """, "dW1: the slope of tanh is taken at A1; it belongs at Z1."),
    ("two_layer_backward", """
        Z1 = X @ W1 + b1
        A1 = np.tanh(Z1)
        Y_hat = A1 @ W2 + b2
        d = 2 * (Y_hat - Y) / Y.size
        dZ1 = (d @ W2.T) * (1 - Z1**2)
        return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ d, d.sum(axis=0)
        """, "dW1: you take 1 - Z1² for the slope of tanh; by (3.3) what is"),
    ("two_layer_backward", """
        Z1 = X @ W1 + b1
        A1 = np.tanh(Z1)
        Y_hat = A1 @ W2 + b2
        d = 2 * (Y_hat - Y)
        dZ1 = (d @ W2.T) * (1 - A1 * A1)
        return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ d, d.sum(axis=0)
        """, "dW1: the mean is missing: dY_hat is divided by the number of"),
    ("two_layer_backward", """
        Z1 = X @ W1 + b1
        A1 = np.tanh(Z1)
        Y_hat = A1 @ W2 + b2
        d = 2 * (Y_hat - Y) / Y.size
        dZ1 = (d @ W2.T) * (1 - A1 * A1)
        return X.T @ dZ1, dZ1.mean(axis=0), A1.T @ d, d.mean(axis=0)
        """, "db1: the mean is taken twice: the loss has put 1/N into"),
    ("two_layer_backward", """
        Z1 = X @ W1 + b1
        A1 = np.tanh(Z1)
        Y_hat = A1 @ W2 + b2
        d = 2 * (Y_hat - Y) / Y.size
        dZ1 = (d @ W2.T) * (1 - A1 * A1)
        return X.T @ dZ1, dZ1.sum(axis=0, keepdims=True), A1.T @ d, d.sum(axis=0, keepdims=True)
        """, "you return shape (1, 4); db1 has shape (4,)"),
    ("two_layer_backward", """
        Z1 = X @ W1
        A1 = np.tanh(Z1)
        Y_hat = A1 @ W2 + b2
        d = 2 * (Y_hat - Y) / Y.size
        dZ1 = (d @ W2.T) * (1 - A1 * A1)
        return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ d, d.sum(axis=0)
        """, "dW1: your forward pass leaves out b1."),
    ("two_layer_backward", """
        Z1 = X @ W1 + b1
        A1 = np.tanh(Z1)
        Y_hat = A1 @ W2 + b2
        d = 2 * (Y - Y_hat) / Y.size
        dZ1 = (d @ W2.T) * (1 - A1 * A1)
        return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ d, d.sum(axis=0)
        """, "dW1: the sign is wrong, as if dY_hat were target minus"),
    ("two_layer_backward", """
        Z1 = X @ W1 + b1
        A1 = np.tanh(Z1)
        Y_hat = A1 @ W2 + b2
        d = 2 * (Y_hat - Y) / Y.size
        dZ1 = (d @ W2.T) * (1 - A1 * A1)
        return X.T @ dZ1, dZ1.sum(), A1.T @ d, d.sum()
        """, "you return a single number; db1 has shape (4,)"),
    ("two_layer_backward", """
        Z1 = X @ W1 + b1
        A1 = np.tanh(Z1)
        Y_hat = A1 @ W2 + b2
        d = 2 * (Y_hat - Y) / Y.size
        dZ1 = (d @ W2.T) * (1 - A1 * A1)
        return X.T @ dZ1, dZ1.sum(axis=0), Z1.T @ d, d.sum(axis=0)
        """, "dW2: you multiply by Z1; what the second layer takes in is A1."),
    ("two_layer_backward", """
        Z1 = X @ W1 + b1
        A1 = np.tanh(Z1)
        Y_hat = A1 @ W2 + b2
        d = 2 * (Y_hat - Y) / Y.size
        dZ1 = (d @ W2.T) * (1 - A1 * A1)
        return X.T @ dZ1, dZ1[0], A1.T @ d, d.sum(axis=0)
        """, "db1: that is the first sample's share alone. All samples use"),
    ("two_layer_backward", """
        Z1 = X @ W1 + b1
        A1 = np.tanh(Z1)
        Y_hat = A1 @ W2 + b2
        d = 2 * (Y_hat - Y) / Y.size
        dZ1 = (d @ W2.T) * (1 - A1 * A1)
        return X.T @ dZ1, dZ1.sum(axis=1), A1.T @ d, d.sum(axis=1)
        """, "db1: one number for each sample: you add up the units. Each"),
    ("two_layer_backward", """
        Z1 = X @ W1 + b1
        A1 = np.tanh(Z1)
        Y_hat = A1 @ W2 + b2
        d = 2 * (Y_hat - Y) / Y.size
        dZ1 = (d @ W2.T) * (1 - A1 * A1)
        W2 -= 0.1 * A1.T @ d
        return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ d, d.sum(axis=0)
        """, "Your function changes W2, which belongs to whoever called it."),
    ("two_layer_backward", """
        Z1 = X @ W1 + b1
        A1 = np.tanh(Z1)
        Y_hat = A1 @ W2 + b2
        d = 2 * (Y_hat - Y) / Y.size
        d2 = d * (1 - Y_hat**2)
        dZ1 = d2 @ W2.T
        return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ d, d.sum(axis=0)
        """, "dW1: the blame passes through tanh at the output, where this"),
    ("fork", """
        A = np.tanh(X @ W)
        return (dY * (1 - A * A)) @ W.T
        """, "that is the path through tanh(X W) alone. X also goes"),
    ("fork", """
        A = np.tanh(X @ W)
        return dY
        """, "that is the straight path alone. X also goes through tanh(X"),
    ("fork", """
        A = np.tanh(X @ W)
        return dY + (dY * (1 - A * A)) @ W
        """, "W is not transposed on the way back. It fits, for W is"),
    ("fork", """
        A = np.tanh(X @ W)
        return dY + dY @ W.T
        """, "the slope of tanh is missing on its path."),
    ("fork", """
        Y = X + np.tanh(X @ W)
        return dY + (dY * (1 - Y * Y)) @ W.T
        """, "you take 1 - Y² for the slope of tanh. (3.3) squares what"),
    ("fork", """
        A = np.tanh(X @ W)
        return dY * ((dY * (1 - A * A)) @ W.T)
        """, "you multiply the two paths. Two paths add."),
    ("fork", """
        A = np.tanh(X @ W)
        return (dY + dY * (1 - A * A)) @ W.T
        """, "you take both paths back through W. The straight one does not"),
    ("fork", """
        A = np.tanh(X @ W)
        return (dY + (dY * (1 - A * A)) @ W.T) / 2
        """, "you take the mean of the two paths; the blame of both adds up."),
    ("fork", """
        A = np.tanh(X @ W)
        return dY + (dY * (1 - np.tanh(A) ** 2)) @ W.T
        """, "the slope of tanh is taken at tanh(X W); it belongs at X W."),
    ("fork", """
        A = np.tanh(X @ W)
        return X + (dY * (1 - A * A)) @ W.T
        """, "on the straight path you add X, the forward value. What comes"),
    ("fork", """
        A = np.tanh(X @ W)
        return 1 + (dY * (1 - A * A)) @ W.T
        """, "on the straight path the slope is 1, and dY is missing: blame"),
    ("fork", """
        A = np.tanh(X @ W)
        return dY + (dY @ W.T) * (1 - A * A)
        """, "the steps are in the wrong order: on the way back, tanh comes"),
    ("fork", """
        A = np.tanh(X @ W)
        return dY + (dY * (1 - X * X)) @ W.T
        """, "you take 1 - X² for the slope of tanh. (3.3) squares what"),
    ("fork", """
        A = np.tanh(X @ W)
        return dY + dY * np.tanh(X @ W) @ W.T
        """, "you multiply by tanh itself; the chain rule wants its slope."),
    ("backward_cost", """
        p = [a * b for a, b in zip(widths[:-1], widths[1:])]
        return N * sum(p)
        """, "that is the forward pass. Going back, an inner layer makes"),
    ("backward_cost", """
        p = [a * b for a, b in zip(widths[:-1], widths[1:])]
        return 2 * N * sum(p)
        """, "you let the first layer compute dX too. Which layer is below"),
    ("backward_cost", """
        p = [a * b for a, b in zip(widths[:-1], widths[1:])]
        return N * (2 * sum(p) - p[-1])
        """, "you leave out dX in the last layer. It is the first one that"),
    ("backward_cost", """
        p = [a * b for a, b in zip(widths[:-1], widths[1:])]
        return 2 * sum(p) - p[0]
        """, "that is for one sample; the batch has N."),
    ("backward_cost", """
        p = [a * b for a, b in zip(widths[:-1], widths[1:])]
        return 2 * N * sum(p) - p[0]
        """, "what the first layer leaves out, it leaves out for every"),
    ("backward_cost", """
        p = [a * b for a, b in zip(widths[:-1], widths[1:])]
        return N * (2 * sum(a * b + b for a, b in zip(widths[:-1], widths[1:])) - p[0])
        """, "you count the biases: their gradient is a sum, without any"),
    ("backward_cost", """
        p = [a * b for a, b in zip(widths[:-1], widths[1:])]
        return N * 2 * sum(p[1:])
        """, "you leave out the first layer altogether. It hands nothing"),
    ("backward_cost", """
        p = [a * b for a, b in zip(widths[:-1], widths[1:])]
        return N * (3 * sum(p) - p[0])
        """, "you count the forward pass too; only the way back is asked"),
    ("backward_cost", """
        p = [a * b for a, b in zip(widths[:-1], widths[1:])]
        return N * (2 * sum(p) - widths[0])
        """, "too little is left out: dX of the first layer has n_0 entries"),
    ("backward_cost", """
        p = [a * b for a, b in zip(widths[:-1], widths[1:])]
        return N * 2 * sum(p[1:-1])
        """, "you count the hidden layers alone. The first and the last"),
    ("backward_cost", """
        p = [a * b for a, b in zip(widths[:-1], widths[1:])]
        return N * 2 * sum(widths)
        """, "you add up the widths. A layer multiplies: each input meets"),
]

CHAPTER_06 = [
    ("best_step",
        "return (r / c) ** (1 / (p + 1))",
        "That is where the two parts are equal. Their sum is smallest"),
    ("best_step",
        "return (r / (p * c)) ** (1 / p)",
        "The root is not yet right. Which power of h stands alone"),
    ("best_step",
        "return (p * c / r) ** (1 / (p + 1))",
        "Upside down: more rounding (a larger r) asks for a longer"),
    ("best_step", "return np.sqrt(r / (p * c))", "The square root fits p = 1 alone. Which power of h stands"),
    ("best_step", "return r / (p * c)", "That is h^(p+1), not h: a root is missing."),
    ("best_step",
        "return (r / (c * (p + 1))) ** (1 / (p + 1))",
        "Nearly: the derivative of h^p brings down p, and not p + 1."),
    ("best_step",
        "return r / (p * c) ** (1 / (p + 1))",
        "The root is taken of p c alone: Python reads `a / b ** k` as"),
    ("best_step",
        "return (r / (p * c)) ** 1 / (p + 1)",
        "Python reads `x ** 1 / (p + 1)` as (x ** 1) / (p + 1): put"),
    ("best_step",
        "return (r * p / c) ** (1 / (p + 1))",
        "p is on the wrong side: solve p c h^(p-1) = r / h² for h once"),
    ("best_step",
        "return np.cbrt(r / (p * c))",
        "The cube root fits p = 2 alone. Which power of h stands alone"),
    ("best_step",
        "return (r * c / p) ** (1 / (p + 1))",
        "c is on the wrong side: solve p c h^(p-1) = r / h² for h once"),
    ("best_step",
        "return c * ((r / (p * c)) ** (1 / (p + 1))) ** p + r / ((r / (p * c)) ** (1 / (p + 1)))",
        "You return how large the error is at its smallest; asked is"),
    ("best_step", "return np.sqrt(2 * r / c)", "That is (6.4) as it stands, with c for the derivative."),
    ("best_step",
        "return (r / (p * c)) ** (1 / (p + 2))",
        "The root is not yet right. Which power of h stands alone"),
    ("numerical_gradient", """
        dX = np.zeros_like(X)
        h = 1e-5
        for i in np.ndindex(X.shape):
            old = X[i]
            base = f(X)
            X[i] = old + h
            dX[i] = (f(X) - base) / h
            X[i] = old
        return dX
        """, "Those are forward differences: no entry was moved down. Near"),
    ("numerical_gradient", """
        dX = np.zeros_like(X)
        h = 1e-5
        for i in np.ndindex(X.shape):
            old = X[i]
            X[i] = old + h
            above = f(X)
            X[i] = old - h
            below = f(X)
            dX[i] = (above - below) / 2 * h
            X[i] = old
        return dX
        """, "You multiply by the step instead of dividing by it. (Python"),
    ("numerical_gradient", """
        dX = np.zeros_like(X)
        h = 1e-5
        for i in np.ndindex(X.shape):
            old = X[i]
            X[i] = old + h
            above = f(X)
            X[i] = old - h
            below = f(X)
            dX[i] = (above - below) / (2 * h)
            pass
        return dX
        """, "When you come to the second entry, the first is still moved:"),
    ("numerical_gradient", """
        dX = np.zeros_like(X)
        h = 1e-5
        for i in np.ndindex(X.shape):
            old = X[i]
            X[i] += h
            above = f(X)
            X[i] -= 2 * h
            below = f(X)
            dX[i] = (above - below) / (2 * h)
            X[i] += h
        return dX
        """, "Afterwards X differs in its last digits: adding and taking"),
    ("numerical_gradient", """
        dX = np.zeros_like(X)
        h = 1e-8
        for i in np.ndindex(X.shape):
            old = X[i]
            X[i] = old + h
            above = f(X)
            X[i] = old - h
            below = f(X)
            dX[i] = (above - below) / (2 * h)
            X[i] = old
        return dX
        """, "Relative error 1e-07: h = 1e-08 is so small that rounding"),
    ("numerical_gradient", """
        dX = np.zeros_like(X)
        h = 1e-5
        for i in range(len(X)):
            old = X[i]
            X[i] = old + h
            above = f(X)
            X[i] = old - h
            below = f(X)
            dX[i] = (above - below) / (2 * h)
            X[i] = old
        return dX
        """, "You move 4 entries of X at once. With two axes X[i] is a"),
    ("numerical_gradient", """
        dX = np.zeros_like(X)
        h = 1e-5
        for i in np.ndindex(X.shape):
            old = X[i]
            X[i] = old + h
            above = f(X)
            X[i] = X[i] - h
            below = f(X)
            dX[i] = (above - below) / (2 * h)
            X[i] = old
        return dX
        """, "You divide by 2h, but the two losses are only h apart: one of"),
    ("numerical_gradient", """
        dX = np.zeros_like(X)
        h = 1e-5
        for i in np.ndindex(X.shape):
            P, M = X.copy(), X.copy()
            P[i] += h
            M[i] -= h
            dX[i] = (f(P) - f(M)) / (2 * h)
        return dX
        """, "You move a copy of X. The loss of a network looks at the"),
    ("numerical_gradient", """
        h = 1e-5
        dX = np.zeros_like(X)
        for i in np.ndindex(X.shape):
            X += h
            a = f(X)
            X -= 2 * h
            b = f(X)
            X += h
            dX[i] = (a - b) / (2 * h)
        return dX
        """, "You move all 3 entries at once, and learn one number for all"),
    ("numerical_gradient", """
        h = 1e-5
        dX = np.zeros_like(X)
        for i in range(X.shape[0]):
            for j in range(X.shape[1]):
                o = X[i, j]
                X[i, j] = o + h
                a = f(X)
                X[i, j] = o - h
                b = f(X)
                X[i, j] = o
                dX[i, j] = (a - b) / (2 * h)
        return dX
        """, "Your code stops with IndexError"),
    ("numerical_gradient", """
        h = 1e-5
        dX = np.zeros_like(X)
        for i in np.ndindex(X.shape):
            o = X[i]
            X[i] = o + h
            a = f(X)
            X[i] = o - h
            b = f(X)
            X[i] = o
            dX[i] = (a - b) / (2 * h)
            return dX
        """, "2 of 3 entries of dX are still zero."),
    ("relative_error",
        "return np.abs(A - B).max()",
        "That is the largest difference. Whether it is much or little,"),
    ("relative_error", """
        s = max(np.abs(A).max(), np.abs(B).max())
        return np.abs(A - B).mean() / s if s else 0
        """, "The mean difference: one wrong entry among thousands would be"),
    ("relative_error",
        "return np.max(np.abs(A - B) / np.maximum(np.maximum(np.abs(A), np.abs(B)), 1e-300))",
        "You divide each entry by its own size. An entry that happens"),
    ("relative_error", """
        s = max(A.max(), B.max())
        return (A - B).max() / s if s else 0
        """, "Both maxima are taken with their signs: where A is below B"),
    ("relative_error", """
        s = max(A.max(), B.max())
        return np.abs(A - B).max() / s if s else 0
        """, "You divide by the largest entry with its sign. A gradient of"),
    ("relative_error", """
        s = max(np.abs(A).max(), np.abs(B).max())
        return (A - B).max() / s if s else 0
        """, "The largest difference without its absolute value: where A is"),
    ("relative_error",
        "return np.abs(A - B).max() / max(np.abs(A).max(), np.abs(B).max())",
        "Right, but for two gradients that are zero throughout: 0/0."),
    ("relative_error",
        "return np.abs(A - B).max() / (max(np.abs(A).max(), np.abs(B).max()) + 1e-8)",
        "The small number that you put below keeps 0/0 away, but"),
    ("relative_error", """
        n = np.linalg.norm
        s = max(n(A), n(B))
        return n(A - B) / s if s else 0
        """, "That is a relative error too, with the root of the sum of"),
    ("relative_error", """
        s = np.abs(A).max()
        return np.abs(A - B).max() / s if s else 0
        """, "You divide by the size of A alone. Where A is nearly zero and"),
    ("relative_error", """
        s = np.abs(B).max()
        return np.abs(A - B).max() / s if s else 0
        """, "You divide by the size of B alone. Where B is nearly zero and"),
    ("relative_error", """
        s = min(np.abs(A).max(), np.abs(B).max())
        return np.abs(A - B).max() / s if s else 0
        """, "You divide by the smaller of the two sizes, which may be"),
    ("relative_error", """
        s = max(np.abs(A).max(), np.abs(B).max())
        return np.abs(A - B).max() / s if s > 1e-8 else 0
        """, "You call any two gradients of 1e-9 equal, as np.allclose"),
    ("relative_error", """
        s = max(np.abs(A).max(), np.abs(B).max())
        return np.abs(A - B) / s if s else 0
        """, "you return shape (4, 3); the error is a single number"),
    ("relative_error",
        "return np.max(np.abs(A - B) / np.maximum(1e-8, np.abs(A) + np.abs(B)))",
        "You divide each entry by its own size, the sum of |A| and |B|"),
    ("relative_error", """
        s = max(np.abs(A).max(), np.abs(B).max())
        return abs(np.abs(A).max() - np.abs(B).max()) / s if s else 0
        """, "You compare the sizes of A and B: A and -A would be equal."),
    ("relative_error", """
        if not A.any() or not B.any():
            return 0
        return np.abs(A - B).max() / max(np.abs(A).max(), np.abs(B).max())
        """, "Right, but for two of which one is zero throughout: you call"),
    ("relative_error",
        "return max(abs(A - B)) / max(max(abs(A)), max(abs(B)))",
        "Your code stops with ValueError"),
]

RIGHT = [
    ("two_layer_backward", """
        Z1 = X @ W1 + b1
        A1 = np.tanh(Z1)
        Y_hat = A1 @ W2 + b2
        d = 2 * (Y_hat - Y) / Y.size
        dZ1 = (d @ W2.T) * (1 - A1 * A1)
        return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ d, d.sum(axis=0)
        """),
    ("fork", """
        A = np.tanh(X @ W)
        return np.einsum("nj,ij->ni", dY * (1 - A**2), W) + dY
        """),
    ("backward_cost", """
        p = [a * b for a, b in zip(widths[:-1], widths[1:])]
        return 2 * N * sum(p) - N * p[0]
        """),
    ("backward_cost", """
        p = [a * b for a, b in zip(widths[:-1], widths[1:])]
        return float(N * (2 * sum(p) - p[0]))
        """),
    ("best_step", "return np.exp(np.log(r / c / p) / (p + 1))"),
    ("numerical_gradient", """
        dX = np.zeros_like(X)
        h = 2.0**-17
        for i in np.ndindex(X.shape):
            old = X[i]
            X[i] = old + h
            above = f(X)
            X[i] = old - h
            below = f(X)
            dX[i] = (above - below) / (2 * h)
            X[i] = old
        return dX
        """),
    ("relative_error", """
        s = np.abs([A, B]).max()
        return np.abs(np.subtract(A, B)).max() / s if s > 0 else 0
        """),
]

BY_HAND = [
    ([-0.6, -3.2, -1.6, 3.84, 2.88, 5.76, -2.78], "`y_hat`: -0.6. A sign is lost"),
    ([1.0, 0, 0, 0, 0, 0, 0.1], "`y_hat`: 1. The bias c is missing."),
    ([0.294, -1.412, 0.346, 1.695, 1.593, 3.186, -1.493], "`y_hat`: 0.294. The bias b2 is missing"),
    ([0.657, -0.686, 0.414, 0.823, 0.523, 1.046, -0.423], "`y_hat`: 0.657. w12 and w21 are exchanged"),
    ([0.657, -0.686, 0.414, 0.823, 0.523, 1.046, -0.423], "`dz2`: 0.523. It takes a2, and your forward pass"),
    ([0.6, -0.4, 0.2, 0.48, 0.36, 0.72, -0.26], "`dy_hat`: -0.4. The 2 is missing"),
    ([0.6, 0.8, -0.4, -0.96, -0.72, -1.44, 0.82], "`dy_hat`: 0.8. The wrong way round"),
    ([0.6, -0.8, -0.64, 0.96, 0.72, 1.44, -0.62], "`dv2`: -0.64. You multiply by a1"),
    ([0.6, -0.8, 0.96, 0.4, 0.3, 0.6, -0.2], "`da2`: 0.4. You multiply by a2"),
    ([0.6, -0.8, 0.4, -0.4, -0.3, -0.6, 0.4], "`da2`: -0.4. You multiply by v1"),
    ([0.6, -0.8, 0.4, 0.96, 0.67, 1.34, -0.57], "`dz2`: 0.67. You take 1 - z2²"),
    ([0.6, -0.8, 0.4, 0.96, 0.96, 1.92, -0.86], "`dz2`: 0.96. The slope of tanh is missing"),
    ([0.6, -0.8, 0.4, 0.96, 1.44, 2.88, -1.34], "`dz2`: 1.44. You take 1 - a2"),
    ([0.6, -0.8, 0.4, 0.96, 0.72, -0.72, 0.46], "`dw22`: -0.72. You multiply by x1"),
    ([0.6, -0.8, 0.4, 0.96, 0.72, -0.36, 0.28], "`dw22`: -0.36. You multiply by a2"),
    ([0.6, -0.8, 0.4, 0.96, 0.72, 1.44, 0.82], "`new_w22`: 0.82. You go up."),
    ([0.6, -0.8, 0.4, 0.96, 0.72, 1.44, -1.34], "`new_w22`: -1.34. The learning rate is missing."),
    ([0.6, -0.8, 0.4, 0.96, 0.72, 1.44, -0.044], "`new_w22`: -0.044. You take η = 0.1"),
    (["0,6", -0.8, 0.4, 0.96, 0.72, 1.44, -0.62], "`y_hat` is '0,6'; expected one number."),
    ([0.6, -0.8, ..., ..., ..., ..., ...], "not answered yet: dv2, da2, dz2, dw22, new_w22"),
]

SUSPECTS = {"A": {"Dense 2"}, "B": {"Dense 2", "Tanh 1"}, "C": {"loss"}, "D": {"Dense 1"}}
WRONG_LAYER = [
    ("A", {"Dense 2", "Tanh 2"}, "too many: a fault in Tanh 2 alone would spoil other rows"),
    ("A", {"Dense 3"}, "one fault has to spoil just params[3]"),
    ("A", {"params[3]"}, "'params[3]' is none of the names"),
    ("B", {"Dense 1"}, "look nearer to the loss"),
    ("B", {"Dense 2"}, "Dense 2 can be to blame, and so can another"),
    ("B", {"Tanh 1"}, "Tanh 1 can be to blame, and so can another"),
    ("B", {"Dense 1", "Tanh 1", "Dense 2"}, "too many: a fault in Dense 1 alone would spoil other rows"),
    ("C", {"Dense 3"}, "look nearer to the loss"),
    ("C", {"loss", "Dense 3"}, "too many: a fault in Dense 3 alone would leave some of the rows right"),
    ("D", {"loss"}, "one fault has to spoil just X and no other row"),
    ("D", {"Dense 1", "Tanh 1"}, "too many: a fault in Tanh 1 alone would spoil other rows"),
    ("D", {"X"}, "'X' is none of the names"),
]

BUG_NAMES = [
    (1, "relu-mask", "the first wrong gradient is dY_hat of loss, with a relative error of 2"),
    (2, "minus-sign", "but every gradient is right"),
    (3, "fixed-batches", "the first wrong gradient is dX of ReLU"),
    (4, "healthy", "the first wrong gradient is db of dense 2"),
    (5, "fixed-batches", "but the loader puts other samples together in every epoch"),
    (6, "minus-sign", "the first wrong gradient is dX of dense 2"),
    (7, "relu-mask", "but every gradient is right"),
    (8, "healthy", "but a second backward pass gives other gradients"),
    (9, "relu-mask", "There is no ReLU in this net."),
    (10, "healthy", "but a softmax layer stands before a loss that takes logits"),
    (1, "the sign is wrong", "'the sign is wrong' is none of the names"),
]
# fmt: on

PARAMETERS = {
    "two_layer_backward": "X, Y, W1, b1, W2, b2",
    "fork": "dY, X, W",
    "backward_cost": "widths, N",
    "best_step": "c, p, r",
    "numerical_gradient": "f, X",
    "relative_error": "A, B",
}


def judged(exercise, body):
    cell = f"def {exercise}({PARAMETERS[exercise]}):\n"
    cell += textwrap.indent(textwrap.dedent(body).strip(), "    ") + "\n"
    name = f"<attempt {hash(cell)}>"
    linecache.cache[name] = len(cell), None, cell.splitlines(keepends=True), name
    names = {"np": np}
    exec(compile(cell, name, "exec"), names)
    with warnings.catch_warnings(action="ignore"):
        return getattr(checks, exercise)(names[exercise])


def numbered(rows):
    return [f"{row[0]}-{k}" for k, row in enumerate(rows)]


WRONG = [*CHAPTER_05, *CHAPTER_06]


@pytest.mark.parametrize(("exercise", "body", "said"), WRONG, ids=numbered(WRONG))
def test_a_wrong_attempt_hears_what_is_wrong(exercise, body, said):
    verdict = judged(exercise, body)
    assert not verdict, body
    assert said in verdict.text


@pytest.mark.parametrize(("exercise", "body"), RIGHT, ids=numbered(RIGHT))
def test_a_right_attempt_passes(exercise, body):
    verdict = judged(exercise, body)
    assert verdict, verdict.text


def test_each_exercise_has_three_wrong_attempts_and_a_right_one():
    for exercise in PARAMETERS:
        assert sum(row[0] == exercise for row in WRONG) >= 3 and any(row[0] == exercise for row in RIGHT)


NUMBERS = ["y_hat", "dy_hat", "dv2", "da2", "dz2", "dw22", "new_w22"]


@pytest.mark.parametrize(("numbers", "said"), BY_HAND, ids=range(len(BY_HAND)))
def test_wrong_numbers_by_hand(numbers, said):
    verdict = checks.by_hand(dict(zip(NUMBERS, numbers, strict=True)))
    assert not verdict and said in verdict.text


def test_right_numbers_by_hand():
    a1, a2 = np.tanh(1.1), np.tanh(-0.55)
    y_hat = 0.5 * a1 - 1.2 * a2 - 0.4
    dz2 = 2 * (y_hat - 1) * -1.2 * (1 - a2**2)
    right = [y_hat, 2 * (y_hat - 1), 2 * (y_hat - 1) * a2, -2.4 * (y_hat - 1), dz2, 2 * dz2, 0.1 - dz2]
    assert checks.by_hand(dict(zip(NUMBERS, right, strict=True)))


@pytest.mark.parametrize(("table", "names", "said"), WRONG_LAYER, ids=numbered(WRONG_LAYER))
def test_wrong_suspects(table, names, said):
    verdict = checks.wrong_layer(SUSPECTS | {table: names})
    assert not verdict and said in verdict.text


def test_right_suspects_in_any_form():
    assert checks.wrong_layer({"A": "Dense 2", "B": ["Tanh 1", "dense 2"], "C": ("loss",), "D": {"Dense 1"}})


@pytest.mark.parametrize(("patient", "name", "said"), BUG_NAMES, ids=numbered(BUG_NAMES))
def test_a_wrong_name_of_a_bug(patient, name, said):
    verdict = checks.bug_names(bugs.PATIENTS | {patient: name})
    assert not verdict and said in verdict.text and verdict.text.startswith("9 of 10 right.")
