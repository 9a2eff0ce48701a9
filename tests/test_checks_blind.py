"""Wrong and right attempts by readers who knew the chapters and not the checks, and what each one hears.

A row holds the exercise, the body of the function as a learner would type it, and the words that the
diagnosis must hold, a tuple where they stand apart. The body may use what the chapter has defined by then.
"""

import linecache
import textwrap
import warnings

import numpy as np
import pytest

from nnlib import sigmoid, softmax
from nnlib.teach import checks

# fmt: off
CHAPTER_01 = [
    ("line_gradient", """
        y_hat = predict(x, w, b)
        return (2 * (y_hat - y) * x).sum(), (2 * (y_hat - y)).sum()
        """, "dw: N times too large:"),
    ("line_gradient", """
        y_hat = predict(x, w, b)
        return 2 * (y - y_hat) @ x / len(x), 2 * (y - y_hat).mean()
        """, "dw: the opposite sign."),
    ("line_gradient", """
        y_hat = predict(x, w, b)
        return ((y_hat - y) * x).mean(), (y_hat - y).mean()
        """, "dw: half of it. What is the slope of a square,"),
    ("line_gradient", """
        y_hat = predict(x, w, b)
        dy = 2 / len(x) * (y_hat - y)
        return dy * x, dy
        """, "You have one row for each sample."),
    ("line_gradient", """
        y_hat = predict(x, w, b)
        dy = 2 / len(x) * (y_hat - y)
        return (dy * x).mean(), dy.mean()
        """, "dw: N times too small:"),
    ("line_gradient", """
        y_hat = predict(x, w, b)
        dy = 2 / len(x) * (y_hat - y)
        return dy.sum() * x.sum(), dy.sum()
        """, "dw: a product of two sums."),
    ("line_gradient", """
        y_hat = predict(x, w, b)
        dy = 2 / len(x) * (y_hat - y)
        return dy.sum(), (dy * x).sum()
        """, "dw: this is db. Either the two results are exchanged,"),
    ("line_gradient", """
        y_hat = predict(x, w, b)
        dy = 2 / len(x) * np.abs(y_hat - y)
        return (dy * x).sum(), dy.sum()
        """, "dw: the signs of ŷ − y are lost:"),
    ("line_gradient", """
        y_hat = predict(x, w, b)
        dy = 2 / len(x) * (y_hat - y)**2
        return (dy * x).sum(), dy.sum()
        """, "dw: ŷ − y is still squared."),
    ("line_gradient", """
        y_hat = predict(x, w, b)
        dy = 2 / len(x) * (y_hat - y)
        return (dy * w).sum(), dy.sum()
        """, "dw: multiplied by w."),
    ("line_gradient", """
        y_hat = predict(x, w, b)
        dy = 2 / 6 * (y_hat - y)
        return (dy * x).sum(), dy.sum()
        """, "dw: right for six samples only."),
    ("line_gradient", """
        y_hat = predict(x, w, b)
        dy = 2 / len(x) * (y_hat - y)
        return (dy * x).sum(), (dy * b).sum()
        """, "db: multiplied by b."),
    ("line_gradient", """
        dw = db = 0
        for n in range(len(x)):
            dy = 2 / len(x) * (w * x[n] + b - y[n])
            dw = dy * x[n]
            db = dy
        return dw, db
        """, "dw: only the last sample is in it."),
    ("line_gradient", """
        dw = db = 0
        for n in range(len(x)):
            dy = 2 / len(x) * (w * x[n] + b - y[n])
            dw += dy * x[n]
            db += dy
            return dw, db
        """, "dw: only the first sample is in it."),
    ("line_gradient", """
        dy = 2 / len(x) * (w * x - y)
        return (dy * x).sum(), dy.sum()
        """, "dw: the bias is missing from the prediction."),
    ("line_gradient", """
        y_hat = predict(x, w, b)
        N = len(x)
        return 2 / N * ((y_hat - y)**2 * x).sum(), 2 / N * (y_hat - y).sum()
        """, "dw: ŷ − y is still squared."),
    ("line_gradient", """
        gap = predict(x, w, b) - y
        return 2 * gap.mean() * x.mean(), 2 * gap.mean()
        """, "dw: a product of two means."),
    ("line_gradient", """
        gap = predict(x, w, b) - y
        return 2 * np.mean(gap * x)
        """, "you return one."),
    ("line_gradient", """
        gap = predict(x, w, b) - y
        return 2 * gap * x / len(x), 2 * gap.sum() / len(x)
        """, "You have one row for each sample."),
    ("line_gradient", """
        gap = y - predict(x, w, b)
        return -2 * np.mean(gap * x), 2 * np.mean(gap)
        """, "db: the opposite sign."),
    ("line_gradient", """
        gap = predict(x, w, b) - y
        return 2 * np.mean(gap * x), 2 * np.mean(gap * x)
        """, "db: this is dw. How far does ŷ move when b is moved by 1?"),
    ("line_gradient", """
        gap = predict(x, w, b) - y
        return 2 / len(x) * gap @ x, 2 / len(x) * gap @ gap
        """, "db: ŷ − y is still squared."),
    ("line_step", """
        dw, db = line_gradient(x, y, w, b)
        return w + lr * dw, b + lr * db
        """, "w: you go uphill."),
    ("line_step", """
        dw, db = line_gradient(x, y, w, b)
        w = w - lr * dw
        dy = 2 / len(x) * (w * x + b - y)
        b = b - lr * dy.sum()
        return w, b
        """, "b: a slope was taken where the other parameter had already moved."),
    ("line_step", """
        dw, db = line_gradient(x, y, w, b)
        return -lr * dw, -lr * db
        """, "w: you return the move alone."),
    ("line_step", """
        dw, db = line_gradient(x, y, w, b)
        return w - dw, b - db
        """, "w: the learning rate is missing:"),
    ("line_step", """
        dw, db = line_gradient(x, y, w, b)
        return dw, db
        """, "w: you return the slope dw,"),
    ("line_step", """
        dw, db = line_gradient(x, y, w, b)
        return lr * w - dw, lr * b - db
        """, "w: the learning rate multiplies the old w."),
    ("line_step", """
        dw, db = line_gradient(x, y, w, b)
        return w - lr * np.sign(dw), b - lr * np.sign(db)
        """, "w: only the sign of the slope is left."),
    ("line_step", """
        dw, db = line_gradient(x, y, w, b)
        return w - lr * dw, b
        """, "b: b has not moved."),
    ("line_step", """
        dw, db = line_gradient(x, y, w, b)
        w -= lr * dw
        b -= lr * db
        """, "is a `return` missing?"),
    ("line_step", """
        dw, db = line_gradient(x, y, w, b)
        return w - lr * dw / len(x), b - lr * db / len(x)
        """, "w: the step is N times too short:"),
    ("line_step", """
        dw, db = line_gradient(x, y, w, b)
        return w - 0.05 * dw, b - 0.05 * db
        """, "w: the learning rate is 0.05,"),
    ("line_step", """
        dw, db = line_gradient(x, y, w, b)
        w = w - lr * dw
        b = b - lr * db
        return b, w
        """, "w: the two results are exchanged:"),
    ("line_step", """
        dw, db = line_gradient(x, y, w, b)
        return w - lr + dw, b - lr + db
        """, "w: you add where the learning rate has to be multiplied by"),
    ("line_step", """
        dw, db = line_gradient(x, y, w, b)
        return w - lr / dw, b - lr / db
        """, "w: you divide by the slope."),
    ("line_step", """
        dw, db = line_gradient(x, y, w, b)
        return w * (1 - lr * dw), b * (1 - lr * db)
        """, "w: the old w is multiplied into its move."),
    ("line_step", """
        dw, db = line_gradient(x, y, w, b)
        return w - lr * db, b - lr * dw
        """, "w: dw and db have changed places."),
    ("descend", """
        for _ in range(n_steps):
            dw, db = line_gradient(x, y, w, b)
            w1, b1 = w - lr * dw, b - lr * db
        return w1, b1
        """, "w: that is a single step."),
    ("descend", """
        dw, db = line_gradient(x, y, w, b)
        for _ in range(n_steps):
            w, b = w - lr * dw, b - lr * db
        return w, b
        """, "w: every step has the slope of the start."),
    ("descend", """
        w = b = 0.0
        for _ in range(n_steps):
            dw, db = line_gradient(x, y, w, b)
            w, b = w - lr * dw, b - lr * db
        return w, b
        """, "w: the descent starts at w = 0,"),
    ("descend", """
        for _ in range(n_steps):
            dw, db = line_gradient(x, y, w, b)
            w, b = w - lr * dw, b - lr * db
            return w, b
        """, "w: that is a single step."),
    ("descend", """
        for _ in range(n_steps + 1):
            dw, db = line_gradient(x, y, w, b)
            w, b = w - lr * dw, b - lr * db
        return w, b
        """, "w: one step too many."),
    ("descend", """
        for _ in range(1, n_steps):
            dw, db = line_gradient(x, y, w, b)
            w, b = w - lr * dw, b - lr * db
        return w, b
        """, "w: one step too few."),
    ("descend", """
        for _ in range(n_steps):
            dw, db = line_gradient(x, y, w, b)
            w, b = w + lr * dw, b + lr * db
        return w, b
        """, "w: you go uphill."),
    ("descend", """
        points = [(w, b)]
        for _ in range(n_steps):
            dw, db = line_gradient(x, y, w, b)
            w, b = w - lr * dw, b - lr * db
            points.append((w, b))
        return points
        """, "you return 5."),
    ("descend", """
        for _ in range(n_steps):
            line_step(x, y, w, b, lr)
        return w, b
        """, "w: w has not moved."),
    ("descend", """
        t = n_steps * lr
        return w - t * 2 * ((w * x + b - y) * x).mean(), b - t * 2 * (w * x + b - y).mean()
        """, "w: every step has the slope of the start."),
    ("descend", """
        for i in n_steps:
            w, b = line_step(x, y, w, b, lr)
        return w, b
        """, "a loop over a single number"),
    ("descend", """
        while True:
            w, b = line_step(x, y, w, b, lr)
            n_steps -= 1
            if n_steps < 0:
                return w, b
        """, "w: one step too many."),
    ("descend", """
        if n_steps == 0:
            return w, b
        w, b = line_step(x, y, w, b, lr)
        descend(x, y, w, b, lr, n_steps - 1)
        """, "is a `return` missing?"),
    ("descend", """
        for _ in range(n_steps):
            w, _ = line_step(x, y, w, b, lr)
            _, b = line_step(x, y, w, b, lr)
        return w, b
        """, "w: a slope was taken where the other parameter had already moved."),
    ("largest_rate", "return 2 / np.linalg.eigvalsh(hessian(x)).min()",
     "that is 2/λ_min, the limit of the flattest direction."),
    ("largest_rate", """
        H = np.array([[np.mean(x**2), np.mean(x)], [np.mean(x), 1]])
        return 2 / np.linalg.eigvalsh(H).max()
        """, "twice the largest."),
    ("largest_rate", "return 2 / np.linalg.eigvalsh(hessian(x))",
     "you return shape (2,); the largest rate is a single number."),
    ("largest_rate", "return np.linalg.eigvalsh(hessian(x)).max()", "that is λ_max itself,"),
    ("largest_rate", "return 1 / np.linalg.eigvalsh(hessian(x)).max()", "half the largest."),
    ("largest_rate", "return 2 / (2 * np.mean(x**2))", "that is the limit if b stood still."),
    ("largest_rate", """
        H = 2 * np.array([[np.mean(x)**2, np.mean(x)], [np.mean(x), 1]])
        return 2 / np.linalg.eigvalsh(H).max()
        """, "the square of the mean stands where the mean of the squares"),
    ("largest_rate", """
        H = 2 * np.array([[np.sum(x**2), np.sum(x)], [np.sum(x), 1]])
        return 2 / np.linalg.eigvalsh(H).max()
        """, "sums stand in H where means belong."),
    ("largest_rate", "return 2 / np.linalg.eigvalsh(hessian(x)).sum()", "that is 2/(λ_min + λ_max)."),
    ("largest_rate", """
        H = 2 * np.array([[np.sum(x**2), np.sum(x)], [np.sum(x), len(x)]])
        return 2 / np.linalg.eigvalsh(H).max()
        """, "N times too small:"),
    ("largest_rate", "return 2 / np.linalg.eigvalsh(hessian(x))[0]",
     "that is 2/λ_min, the limit of the flattest direction."),
    ("largest_rate", "return 2 / np.linalg.norm(hessian(x))", "`np.linalg.norm` is no eigenvalue:"),
    ("largest_rate", "return 2 / hessian(x).max()", "that is the limit if b stood still."),
    ("largest_rate", "return 0.99 * 2 / np.linalg.eigvalsh(hessian(x)).max()", "right but for a factor:"),
    ("largest_rate", "return 2 / np.linalg.det(hessian(x))",
     "the determinant is the product of both eigenvalues."),
    ("raw_line", "return w * s, b + m", "w: multiplied by s."),
    ("raw_line", "return w / s, b", "b: unchanged. b is the height of the line where its input is 0."),
    ("raw_line", "return w / s, b + w * m / s", "b: the wrong sign."),
    ("raw_line", "return w / s, b - m", "b: m is an x, and b a height:"),
    ("raw_line", "return w / s, b - w * m", "b: the old slope times m."),
    ("raw_line", "return w / s, (b - m) / s", "b: m is an x, and b a height:"),
    ("raw_line", "return (w - m) / s, (b - m) / s", "w: a slope has no mean to take away."),
    ("raw_line", "return w * s + m, b", "w: m has no part in a slope:"),
    ("raw_line", "return w / s, b - m / s",
     "b: what a shift by m/s does to the line depends on its slope."),
    ("raw_line", "return w * s, b - w * s * m", "w: multiplied by s."),
    ("raw_line", "return w / s, b / s", "b: b is divided by s,"),
    ("raw_line", "return w / s, b - w / s", "b: m is not in it."),
    ("raw_line", "return (w - m) / s, b", "w: a slope has no mean to take away."),
    ("raw_line", """
        w = w / s
        b = b - w * m / s
        return w, b
        """, "b: divided by s once too often."),
    ("raw_line", "return w / s, m - b * w / s", "b: b and m have changed places."),
]

CHAPTER_02 = [
    ("dense_forward", "return W @ X + b",
     ("shapes (3, 2) and (5, 3) do not fit", "`W @ X` pairs the outputs of W with the samples of X")),
    ("dense_forward", "return X @ W.T + b",
     ("shapes (5, 3) and (2, 3) do not fit", "`X @ W.T` pairs the inputs of X with the outputs of W")),
    ("dense_forward", "return X @ W", "right but for the bias:"),
    ("dense_forward", "return X * W + b",
     ("shapes (5, 3) and (3, 2) do not fit", "`X * W` multiplies entry by entry")),
    ("dense_forward", "return X @ W + b.reshape(-1, 1)",
     ("shapes (5, 2) and (2, 1) do not fit", "b is added by sample instead of by output")),
    ("dense_forward", """
        Z = np.zeros((len(X), W.shape[1]))
        for n in range(len(X)):
            for j in range(W.shape[1]):
                for i in range(W.shape[0]):
                    Z[n, j] += X[n, i] * W[i, j] + b[j]
        return Z
        """, "the bias is counted once for each input."),
    ("dense_forward", """
        Z = np.zeros((len(X), W.shape[1]))
        for n in range(len(X)):
            for j in range(W.shape[1]):
                for i in range(W.shape[0]):
                    Z[n, j] = X[n, i] * W[i, j]
        return Z + b
        """, "only the last input is in it:"),
    ("dense_forward", "return (W.T @ X.T).T + b[0]", "every output gets the first bias."),
    ("dense_forward", "return W.T @ X.T + b[:, None]", "transposed: yours has shape (2,"),
    ("dense_forward", "return X @ (W + b)", "the bias is added to the weights,"),
    ("dense_forward", "return X @ W - b", "the bias is subtracted."),
    ("dense_forward", "return np.dot(W, X) + b",
     ("shapes (3, 2) and (5, 3) do not fit", "`W @ X` pairs the outputs of W with the samples of X")),
    ("dense_forward", """
        Z = []
        for x in X:
            Z.append(W @ x + b)
        return np.array(Z)
        """,
     ("shapes (3, 2) and (3,) do not fit", "`X @ W.T` pairs the inputs of X with the outputs of W")),
    ("dense_forward", "return sum(X @ W, b)", "you add up the samples."),
    ("dense_forward", """
        Z = np.zeros((len(X), len(b)))
        for j in range(len(b)):
            Z[:, j] = X[:, j] * W[j, j] + b[j]
        return Z
        """,
     ("axis 1 is 2 long", "(With N = 8, n_in = 2, n_out = 4; with N = 5, n_in = 3, n_out = 2 it runs.)")),
    ("dense_forward", """
        Z = X @ W
        for n in range(len(Z)):
            Z[n] = Z[n] + b[n]
        return Z
        """,
     ("axis 0 is 2 long, counted from 0: it has no place 2", "b is added by sample instead of by output")),
    ("weight_gradient", "return X @ dZ.T",
     ("shapes (5, 3) and (2, 5) do not fit", "`X @ dZ.T` pairs the inputs of X with the outputs of dZ")),
    ("weight_gradient", "return dZ.T @ X", "transposed: yours has shape (2,"),
    ("weight_gradient", "return X @ dZ",
     ("shapes (5, 3) and (5, 2) do not fit", "`X @ dZ` pairs the inputs of X with the samples of dZ")),
    ("weight_gradient", "return X.T @ dZ / len(X)",
     "right but for a factor 1/N (tried with N = 5 and N = 8)."),
    ("weight_gradient", "return np.dot(X[0], dZ[0])", "shapes (3,) and (2,) do not fit"),
    ("weight_gradient", "return np.outer(X[0], dZ[0])", "only the first sample is in it."),
    ("weight_gradient", "return X.sum(axis=0)[:, None] * dZ.sum(axis=0)",
     "you multiply the sum of the inputs by the sum of the blames."),
    ("weight_gradient", "return X[:, :, None] * dZ[:, None, :]", "You have one row for each sample."),
    ("weight_gradient", "return X.T * dZ",
     ("shapes (3, 5) and (5, 2) do not fit", "`X.T * dZ` multiplies entry by entry")),
    ("weight_gradient", """
        dW = np.zeros((X.shape[1], dZ.shape[1]))
        for n in range(len(X)):
            dW = np.outer(X[n], dZ[n])
        return dW
        """, "only the last sample is in it:"),
    ("weight_gradient", "return np.einsum('ni,nj->ji', X, dZ)", "transposed: yours has shape (2,"),
    ("weight_gradient", "return np.outer(X, dZ)", "`np.outer` makes one long row of each array:"),
    ("weight_gradient", """
        dW = np.zeros((X.shape[1], dZ.shape[1]))
        for i in range(X.shape[1]):
            for j in range(dZ.shape[1]):
                dW[i, j] = np.mean(X[:, i] * dZ[:, j])
        return dW
        """, "right but for a factor 1/N (tried with N = 5 and N = 8)."),
    ("weight_gradient", "return np.linalg.pinv(X) @ dZ", "X is inverted. dW undoes nothing:"),
    ("weight_gradient", "return (X.T @ dZ).sum(axis=0)",
     "a sum too many: X.T @ dZ has added over the samples already,"),
    ("bias_gradient", "return dZ", "you return dZ, a row for each sample;"),
    ("bias_gradient", "return dZ.sum()", "you add up everything,"),
    ("bias_gradient", "return dZ.sum(axis=1)", "you add up the outputs of each sample,"),
    ("bias_gradient", "return dZ.mean(axis=0)", "right but for a factor 1/N (tried with N = 5 and N = 8)."),
    ("bias_gradient", "return dZ.sum(axis=0, keepdims=True)", "There is an axis of length 1 too many."),
    ("bias_gradient", "return dZ[0]", "only the first sample is in it."),
    ("bias_gradient", "return np.ones(dZ.shape[1])", "yours is 1 everywhere:"),
    ("bias_gradient", """
        db = 0
        for n in range(len(dZ)):
            db = dZ[n]
        return db
        """, "only the last sample is in it:"),
    ("bias_gradient", "return np.sum(dZ.T, axis=0)", "you add up the outputs of each sample,"),
    ("bias_gradient", "return 1", "yours is 1 everywhere:"),
    ("bias_gradient", "return dZ.max(axis=0)", "With N = 5, n_out = 2,"),
    ("bias_gradient", "return np.cumsum(dZ, axis=0)", "You have one row for each sample."),
    ("input_gradient", "return dZ @ W",
     ("shapes (5, 2) and (3, 2) do not fit", "`dZ @ W` pairs the outputs of dZ with the inputs of W")),
    ("input_gradient", "return W @ dZ.T", "transposed: yours has shape (3,"),
    ("input_gradient", "return W.T @ dZ",
     ("shapes (2, 3) and (5, 2) do not fit", "`W.T @ dZ` pairs the inputs of W with the samples of dZ")),
    ("input_gradient", "return dZ @ W.T / len(dZ)",
     "right but for a factor 1/N (tried with N = 5 and N = 8)."),
    ("input_gradient", "return dZ @ np.linalg.pinv(W)", "you run the layer backwards,"),
    ("input_gradient", "return dZ.sum(axis=0) @ W.T", "you add up the samples."),
    ("input_gradient", "return dZ * W",
     ("shapes (5, 2) and (3, 2) do not fit", "`dZ * W` multiplies entry by entry")),
    ("input_gradient", "return dZ * W.sum(axis=0)", "you add over the inputs,"),
    ("input_gradient", "return (dZ.T @ W).T",
     ("shapes (2, 5) and (3, 2) do not fit", "`W.T @ dZ` pairs the inputs of W with the samples of dZ")),
    ("input_gradient", """
        dX = np.zeros((len(dZ), len(W)))
        for n in range(len(dZ)):
            for i in range(len(W)):
                for j in range(dZ.shape[1]):
                    dX[n, i] = dZ[n, j] * W[i, j]
        return dX
        """, "only the last output is in it:"),
    ("dense_backward", "return dZ @ W.T, X.T @ dZ, dZ", "db: you return dZ,"),
    ("dense_backward", "return dZ @ W.T, X.T @ dZ, dZ.sum(axis=1)",
     "db: you add up the outputs of each sample,"),
    ("dense_backward", "return X.T @ dZ, dZ.sum(axis=0), dZ @ W.T", "you return dW, db, dX"),
    ("dense_backward", "return dZ @ W, X.T @ dZ, dZ.sum(axis=0)",
     ("shapes (5, 2) and (3, 2) do not fit", "dX: `dZ @ W` pairs the outputs of dZ with the inputs of W")),
    ("dense_backward", "return dZ @ W.T, dZ.T @ X, dZ.sum(axis=0)", "dW: transposed: yours has shape (2,"),
    ("dense_backward", """
        N = len(X)
        return dZ @ W.T, X.T @ dZ / N, dZ.sum(axis=0) / N
        """, "dW: right but for a factor 1/N (tried with N = 5 and N = 8)."),
    ("dense_backward", """
        dW = X.T @ dZ
        W -= 0.1 * dW
        return dZ @ W.T, dW, dZ.sum(axis=0)
        """, "which belongs to whoever called it"),
    ("dense_backward", """
        dW = X.T @ dZ
        W = W - 0.1 * dW
        return dZ @ W.T, dW, dZ.sum(axis=0)
        """, "dX: it comes from weights that have taken a step already."),
    ("dense_backward", "return dZ @ W.T, X.T @ dZ, dZ.mean(axis=0)",
     "db: right but for a factor 1/N (tried with N = 5 and N = 8)."),
    ("dense_backward", "return X.T @ dZ, dZ.sum(axis=0)", "you return 2."),
    ("dense_backward", """
        dX = dZ @ W.T
        dW = X.T @ dZ
        db = dZ.sum(axis=0)
        return dX
        """, "you return one."),
    ("dense_backward", """
        dX = dZ @ W.T
        dW = X.T @ dZ
        db = dZ.sum(axis=0)
        return [dW, db, dX]
        """, "you return dW, db, dX"),
    ("dense_backward", """
        dX = dZ @ W.T
        dW = dX.T @ dZ
        db = dZ.sum(axis=0)
        return dX, dW, db
        """, "dW: dX stands where X belongs."),
    ("dense_backward", """
        dX = dZ @ W.T
        dW = X.T @ dZ
        db = dW.sum(axis=0)
        return dX, dW, db
        """, "db: you add up dW."),
]

CHAPTER_03 = [
    ("compose", "return W1 @ W2, b1 + b2", "b: b1 is added as it is."),
    ("compose", "return W2 @ W1, b1 @ W2 + b2",
     "W: the two are in the other order (seen with square matrices,"),
    ("compose", "return W1 @ W2, W1 @ b2 + b1", "b: b1 and b2 have changed places,"),
    ("compose", "return W1 @ W2, b1 @ W2", "b: b2 is lost: the second map adds it last."),
    ("compose", "return W1 + W2, b1 + b2", "W: you add the matrices;"),
    ("compose", "return W1 @ W2, W2 @ b1 + b2", "b: b1 stands on the wrong side of W2,"),
    ("compose", "return W1 @ W2, b2", "b: b1 is lost. The second map multiplies all that comes out"),
    ("compose", "return W1 * W2, b1 * b2", "W: you multiply entry by entry."),
    ("compose", "return W1 @ W2, b1 @ W2 * b2", "b: b2 is multiplied in."),
    ("compose", "return W1 @ W2, (b1 + b2) @ W2", "b: b2 is multiplied by W2 too."),
    ("compose", "return W1.T @ W2.T, b1 @ W2 + b2", "W: this is (W2 W1)ᵀ."),
    ("compose", "return W1 @ W2, b1 @ W1 @ W2 + b2", "b: b1 is multiplied by W1 too."),
    ("compose", """
        W = W1 @ W2
        return W, b1 @ W + b2
        """, "b: b1 is multiplied by W1 too."),
    ("tanh_backward", "return dY * (1 - np.tanh(Y)**2)", "you take tanh of Y,"),
    ("tanh_backward", "return 1 - Y**2", "these are the slopes alone."),
    ("tanh_backward", "return dY * Y * (1 - Y)", "Y (1 - Y) is the slope of the sigmoid."),
    ("tanh_backward", "return dY * (1 - Y)**2", "you square 1 - Y;"),
    ("tanh_backward", "return dY @ (1 - Y**2)",
     "a matrix product (seen with N = n, where it is possible)."),
    ("tanh_backward", "return dY * (Y**2 - 1)", "right but for its sign:"),
    ("tanh_backward", "return dY - Y**2", "the brackets are missing:"),
    ("tanh_backward", "return dY * 1 - Y**2", "the brackets are missing:"),
    ("tanh_backward", "return dY * (1 - Y * 2)", "2 Y is not Y squared."),
    ("tanh_backward", "return dY * (1 - np.tanh(dY)**2)", "you take the slope at dY."),
    ("tanh_backward", "return dY * (1 + Y**2)", "a slope above 1: tanh is nowhere that steep."),
    ("tanh_backward", "return dY * (1 - Y) * (1 - Y)", "you square 1 - Y;"),
    ("tanh_backward", """
        X = np.arctanh(Y)
        return dY * (1 - X**2)
        """, "this squares X. The formula wants tanh of X squared,"),
    ("tanh_backward", "return dY / np.cosh(Y)**2", "you take tanh of Y,"),
    ("tanh_backward", "return dY * (1 - Y**2)**2", "this is the square of the slope:"),
    ("tanh_backward", "return (1 - dY**2) * Y", "dY and Y have changed places."),
    ("relu_backward", "return dY * (Y >= 0)", "you return dY as it came:"),
    ("relu_backward", "return np.maximum(dY, 0)", "the mask comes from the wrong tensor:"),
    ("relu_backward", "return dY * (dY > 0)", "the mask comes from the wrong tensor:"),
    ("relu_backward", "return dY * Y", "you multiply by the value of ReLU where its slope belongs:"),
    ("relu_backward", "return dY * X", "you multiply by X."),
    ("relu_backward", "return X > 0", "these are the slopes alone."),
    ("relu_backward", "return np.where(X > 0, 1, 0)", "these are the slopes alone."),
    ("relu_backward", "return dY * (X < 0)", "the other way round:"),
    ("relu_backward", """
        dY[X <= 0] = 0
        return dY
        """, "which belongs to whoever called it"),
    ("relu_backward", "return dY[X > 0]", "an index with a condition picks entries out and forgets"),
    ("relu_backward", """
        if X > 0:
            return dY
        else:
            return 0
        """, "one yes or no"),
    ("relu_backward", "return np.maximum(dY * X, 0)", "you multiply by X,"),
    ("relu_backward", "return dY * np.sign(X)", "where X < 0 your slope is -1:"),
    ("relu_backward", """
        dX = np.zeros(X.shape)
        for n in range(len(X)):
            for j in range(X.shape[1]):
                if X[n, j] > 0:
                    dX[n, j] = 1
        return dX
        """, "these are the slopes alone."),
    ("relu_backward", "return np.maximum(X, 0) * dY",
     "you multiply by the value of ReLU where its slope belongs:"),
    ("relu_backward", "return np.where(dY > 0, X, 0)", "dY and X have changed places:"),
    ("relu_backward", "return np.where(Y == X, dY, 0)", "where X is exactly 0 you let dY through."),
    ("relu_backward", "return dY @ (X > 0)", "a matrix product (seen with N = n, where it is possible)."),
    ("relu_backward", "return dY * (X >= 0)", "where X is exactly 0 you let dY through."),
    ("leaky_relu", "return np.maximum(X, 0), np.where(X > 0, dY, 0)", "Y: the leak is missing:"),
    ("leaky_relu", "return np.where(X > 0, X, slope), np.where(X > 0, dY, slope * dY)",
     "Y: the left side is flat,"),
    ("leaky_relu", "return np.where(X > 0, X, slope * X), np.where(X > 0, 1, slope)",
     "dX: these are the slopes alone."),
    ("leaky_relu", "return np.where(X > 0, X, slope * X), np.where(dY > 0, dY, slope * dY)",
     "dX: the mask comes from the wrong tensor:"),
    ("leaky_relu", "return np.where(X > 0, X, slope * X), np.where(X > 0, dY, slope)",
     "dX: where X is negative you return the slope itself."),
    ("leaky_relu", "return np.where(X > 0, X, -slope * X), np.where(X > 0, dY, -slope * dY)",
     "Y: the leak has the wrong sign:"),
    ("leaky_relu", "return np.where(X > 0, X, slope * X), np.where(X > 0, dY, 0)",
     "dX: the leak is missing on the way back:"),
    ("leaky_relu", "return np.where(X > 0, X, slope * X)", "you return one."),
    ("leaky_relu", "return np.where(X > 0, slope * X, X), np.where(X > 0, slope * dY, dY)",
     "Y: the slope is on the wrong side:"),
    ("leaky_relu", """
        Y = np.where(X > 0, X, 0.01 * X)
        return Y, np.where(X > 0, dY, 0.01 * dY)
        """, "Y: 0.01 whatever `slope` is."),
    ("leaky_relu", """
        X[X < 0] *= slope
        return X, np.where(X > 0, dY, slope * dY)
        """, "which belongs to whoever called it"),
    ("leaky_relu", "return np.where(X > 0, X, slope * X), np.where(X >= 0, dY, slope * dY)",
     "dX: where X is exactly 0 you take the slope of the right side."),
    ("leaky_relu", "return max(X, slope * X), np.where(X > 0, dY, slope * dY)", "one yes or no"),
    ("leaky_relu", "return np.maximum(X, slope * X), np.maximum(dY, slope * dY)",
     "dX: the mask comes from the wrong tensor:"),
    ("leaky_relu", """
        Y = np.where(X > 0, X, slope * X)
        return Y, dY * np.where(Y > 0, 1, slope) * Y
        """, "dX: you multiply by the value of f as well as by its slope."),
    ("leaky_relu", "return np.where(X > 0, X, slope * X), dY * slope", "dX: every entry leaks,"),
    ("leaky_relu", "return X * slope, dY * slope", "Y: every entry leaks,"),
    ("leaky_relu", """
        Y = np.where(X > 0, X, slope * X)
        return Y, np.where(X > 0, dY, slope * X)
        """, "dX: where X is negative you return slope · X,"),
    ("stable_sigmoid", "return 1 / (1 + np.exp(-X))", "NumPy warns: overflow"),
    ("stable_sigmoid", "return np.where(X >= 0, 1 / (1 + np.exp(-X)), np.exp(X) / (1 + np.exp(X)))",
     "NumPy warns: overflow"),
    ("stable_sigmoid", """
        X = np.clip(X, -30, 30)
        return 1 / (1 + np.exp(-X))
        """, "Is x clipped, or a small number added?"),
    ("stable_sigmoid", """
        e = np.exp(-np.abs(X))
        return np.where(X >= 0, 1 / (1 + e), 1 - 1 / (1 + e))
        """, "So small a number is lost in a sum with 1."),
    ("stable_sigmoid", """
        e = np.exp(-np.abs(X))
        return 1 / (1 + e)
        """, "right for x > 0. For x < 0 you give σ(-x)."),
    ("stable_sigmoid", """
        e = np.exp(-np.abs(X))
        return np.where(X >= 0, e / (1 + e), 1 / (1 + e))
        """, "this is σ(-x): falling,"),
    ("stable_sigmoid", "return np.exp(X) / (1 + np.exp(X))", "inf / inf is nan"),
    ("stable_sigmoid", """
        with np.errstate(all='ignore'):
            return 1 / (1 + np.exp(-X))
        """, "hides warnings"),
    ("stable_sigmoid", "return np.tanh(X)", "this is tanh: from -1 to 1."),
    ("stable_sigmoid", "return 0.5 * (1 + np.tanh(X / 2))", "So small a number is lost in a sum with 1."),
    ("stable_sigmoid", """
        if X >= 0:
            return 1 / (1 + np.exp(-X))
        return np.exp(X) / (1 + np.exp(X))
        """, "one yes or no"),
    ("stable_sigmoid", "return np.where(X > 0, 1 / (1 + np.exp(-X)), 1 - 1 / (1 + np.exp(X)))",
     "So small a number is lost in a sum with 1."),
    ("stable_sigmoid", """
        m = X.max()
        return np.exp(X - m) / (np.exp(-m) + np.exp(X - m))
        """, "inf / inf is nan"),
    ("stable_sigmoid", """
        return np.array([1 / (1 + np.exp(-x)) if x >= 0 else np.exp(x) / (1 + np.exp(x)) for x in X])
        """, "one yes or no"),
    ("stable_sigmoid", "return np.nan_to_num(1 / (1 + np.exp(-X)))", "NumPy warns: overflow"),
]

RIGHT_01 = [
    ("line_gradient", """
        g = [2 * (w * a + b - c) / len(x) for a, c in zip(x, y)]
        return sum(p * a for p, a in zip(g, x)), sum(g)
        """),
    ("line_gradient", """
        gap = predict(x, w, b) - y
        return 2 * np.mean(gap * x), 2 * np.mean(gap)
        """),
    ("line_step", """
        dw, db = line_gradient(x, y, w, b)
        w -= lr * dw
        b -= lr * db
        return w, b
        """),
    ("line_step", """
        theta = np.array([w, b])
        dw, db = line_gradient(x, y, w, b)
        return theta - lr * np.array([dw, db])
        """),
    ("descend", """
        while n_steps > 0:
            dw, db = line_gradient(x, y, w, b)
            w, b = w - lr * dw, b - lr * db
            n_steps -= 1
        return w, b
        """),
    ("largest_rate", """
        A = np.stack([x, np.ones(len(x))], axis=1)
        return len(x) / np.linalg.eigvalsh(A.T @ A)[-1]
        """),
    ("largest_rate", """
        a, c = np.mean(x * x), np.mean(x)
        return 2 / (a + 1 + np.sqrt((a - 1)**2 + 4 * c * c))
        """),
    ("raw_line", """
        w_new = w / s
        return [w_new, b - w_new * m]
        """),
]

RIGHT_02 = [
    ("dense_forward", "return (W.T @ X.T).T + b"),
    ("dense_forward", """
        Z = np.zeros((len(X), len(b)))
        for n in range(len(X)):
            for j in range(len(b)):
                Z[n, j] = sum(X[n] * W[:, j]) + b[j]
        return Z
        """),
    ("weight_gradient", """
        dW = 0
        for n in range(len(X)):
            dW = dW + np.outer(X[n], dZ[n])
        return dW
        """),
    ("bias_gradient", "return np.ones(len(dZ)) @ dZ"),
    ("bias_gradient", "return list(sum(dZ))"),
    ("input_gradient", "return (W @ dZ.T).T"),
    ("dense_backward", """
        dX = np.einsum('nj,ij->ni', dZ, W)
        return dX, (dZ.T @ X).T, sum(dZ)
        """),
]

RIGHT_03 = [
    ("compose", "return np.dot(W1, W2), np.dot(b1, W2) + b2"),
    ("compose", "return W1 @ W2, np.zeros(len(W1)) @ W1 @ W2 + b1 @ W2 + b2"),
    ("tanh_backward", "return dY * (1 + Y) * (1 - Y)"),
    ("tanh_backward", "return dY - dY * Y * Y"),
    ("relu_backward", "return np.where(X <= 0, 0, dY)"),
    ("relu_backward", "return dY * np.sign(Y)"),
    ("relu_backward", """
        dX = dY.copy()
        dX[Y == 0] = 0
        return dX
        """),
    ("relu_backward", "return np.where(X > 0, dY, Y)"),
    ("leaky_relu", """
        mask = np.where(X > 0, 1, slope)
        return X * mask, dY * mask
        """),
    ("leaky_relu", "return np.maximum(X, slope * X), dY * np.where(X > 0, 1.0, slope)"),
    ("stable_sigmoid", """
        e = np.exp(-np.abs(X))
        return np.where(X >= 0, 1, e) / (1 + e)
        """),
    ("stable_sigmoid", "return np.exp(-np.logaddexp(0, -X))"),
    ("stable_sigmoid", """
        Y = np.empty(X.shape)
        pos = X >= 0
        Y[pos] = 1 / (1 + np.exp(-X[pos]))
        e = np.exp(X[~pos])
        Y[~pos] = e / (1 + e)
        return Y
        """),
    ("stable_sigmoid", """
        X = np.minimum(X, 700)
        return np.exp(X) / (1 + np.exp(X))
        """),
]

# fmt: on

PARAMETERS = {
    "line_gradient": "x, y, w, b",
    "line_step": "x, y, w, b, lr",
    "descend": "x, y, w, b, lr, n_steps",
    "largest_rate": "x",
    "raw_line": "w, b, m, s",
    "dense_forward": "X, W, b",
    "weight_gradient": "X, dZ",
    "bias_gradient": "dZ",
    "input_gradient": "dZ, W",
    "dense_backward": "X, W, dZ",
    "compose": "W1, b1, W2, b2",
    "tanh_backward": "dY, Y",
    "relu_backward": "dY, X, Y",
    "leaky_relu": "X, dY, slope",
    "stable_sigmoid": "X",
}


def predict(x, w, b):
    return w * x + b


def line_gradient(x, y, w, b):
    dy_hat = 2 / len(x) * (predict(x, w, b) - y)
    return (dy_hat * x).sum(), dy_hat.sum()


def line_step(x, y, w, b, lr):
    dw, db = line_gradient(x, y, w, b)
    return w - lr * dw, b - lr * db


def hessian(x):
    return 2 * np.array([[np.mean(x**2), np.mean(x)], [np.mean(x), 1]])


DEFINED = {f.__name__: f for f in (predict, line_gradient, line_step, hessian, sigmoid, softmax)}


def answer_of(exercise, body):
    """Return the function that a learner would have after running this cell; its lines can be shown."""
    cell = f"def {exercise}({PARAMETERS[exercise]}):\n"
    cell += textwrap.indent(textwrap.dedent(body).strip(), "    ") + "\n"
    name = f"<attempt {hash(cell)}>"
    linecache.cache[name] = len(cell), None, cell.splitlines(keepends=True), name
    names = {"np": np, **DEFINED}
    exec(compile(cell, name, "exec"), names)
    return names[exercise]


def judged(exercise, body):
    with warnings.catch_warnings(action="ignore"):
        return getattr(checks, exercise)(answer_of(exercise, body))


def numbered(rows):
    return [f"{row[0]}-{k}" for k, row in enumerate(rows)]


WRONG = [*CHAPTER_01, *CHAPTER_02, *CHAPTER_03]
RIGHT = [*RIGHT_01, *RIGHT_02, *RIGHT_03]


@pytest.mark.parametrize(("exercise", "body", "said"), WRONG, ids=numbered(WRONG))
def test_a_wrong_attempt_hears_what_is_wrong(exercise, body, said):
    verdict = judged(exercise, body)
    assert not verdict, body
    for words in [said] if isinstance(said, str) else said:
        assert words in verdict.text


@pytest.mark.parametrize(("exercise", "body"), RIGHT, ids=numbered(RIGHT))
def test_a_right_attempt_passes(exercise, body):
    verdict = judged(exercise, body)
    assert verdict, verdict.text


def test_each_exercise_has_three_wrong_attempts_and_a_right_one():
    for exercise in PARAMETERS:
        assert sum(row[0] == exercise for row in WRONG) >= 3 and any(row[0] == exercise for row in RIGHT)
