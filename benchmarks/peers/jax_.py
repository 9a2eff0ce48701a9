"""JAX: data on its device, a step (or a whole epoch) compiled by `jit`, its state donated."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.peers import Peer, drawn

B1, B2 = 0.9, 0.999


def forward(weights, X):
    *hidden, (W, b) = weights
    for V, c in hidden:
        X = jax.nn.relu(X @ V + c)
    return X @ W + b


def cross_entropy(weights, X, y):
    log_P = jax.nn.log_softmax(forward(weights, X))
    return -jnp.take_along_axis(log_P, y[:, None], axis=1).mean()


def adam(state, X, y, rows, lr, eps):
    """Return the state, (weights, m, v, t), after one step on some rows of the data."""
    weights, m, v, t = state
    g = jax.grad(cross_entropy)(weights, X[rows], y[rows])
    t = t + 1
    m = jax.tree.map(lambda m, g: B1 * m + (1 - B1) * g, m, g)
    v = jax.tree.map(lambda v, g: B2 * v + (1 - B2) * g * g, v, g)
    m_scale, v_scale = 1 / (1 - B1**t), 1 / (1 - B2**t)
    weights = jax.tree.map(
        lambda p, m, v: p - lr * m_scale * m / (jnp.sqrt(v_scale * v) + eps), weights, m, v
    )
    return weights, m, v, t


step = jax.jit(adam, donate_argnums=0)
predict = jax.jit(forward)


@partial(jax.jit, donate_argnums=0)
def scan(state, X, y, batches, lr, eps):
    """Take a step for each row of `batches`."""
    return jax.lax.scan(lambda state, rows: (adam(state, X, y, rows, lr, eps), None), state, batches)[0]


class Jax(Peer):
    def reset(self):
        pairs = zip(self.weights[::2], self.weights[1::2], strict=True)
        # Copies, because donated buffers are written over.
        weights = [(jnp.array(W), jnp.array(b)) for W, b in pairs]
        self.state = weights, *(jax.tree.map(jnp.zeros_like, weights) for _ in range(2)), jnp.float32(0)

    def data(self, X, y=None):
        return jnp.asarray(X) if y is None else (jnp.asarray(X), jnp.asarray(y))

    def epoch(self, data, batch_size, rng=None):
        for rows in drawn(len(data[0]), batch_size, rng):
            self.state = step(self.state, *data, rows.astype(np.int32), self.lr, self.eps)
        jax.block_until_ready(self.state)

    def predict(self, X):
        return np.asarray(predict(self.state[0], X))


class JaxScan(Jax):
    def epoch(self, data, batch_size, rng=None):
        batches = [rows.astype(np.int32) for rows in drawn(len(data[0]), batch_size, rng)]
        if len(batches[-1]) == batch_size:
            self.state = scan(self.state, *data, np.stack(batches), self.lr, self.eps)
        else:
            if batches[:-1]:
                self.state = scan(self.state, *data, np.stack(batches[:-1]), self.lr, self.eps)
            self.state = step(self.state, *data, batches[-1], self.lr, self.eps)
        jax.block_until_ready(self.state)
