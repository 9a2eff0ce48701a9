"""What people who learn or teach this have met elsewhere, tried here: each row names where it was reported.

Only what happened is taken from there; the sentences are our own.
"""

import pickle
import re
import struct

import numpy as np
import pytest

from nnlib import (
    MSE,
    SGD,
    Activation,
    BinaryCrossEntropy,
    Dense,
    Dropout,
    Layer,
    LeakyReLU,
    Loss,
    Network,
    Optimizer,
    ReLU,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
    accuracy,
    datasets,
    fit,
    gradcheck,
    log_softmax,
    one_hot,
    sigmoid,
    softmax,
)
from nnlib.teach import checks

X, Y = datasets.xor()


def dense(*widths, dtype=np.float32, seed=0, init=None):
    """Return a network of these widths with tanh between its layers."""
    rng = np.random.default_rng(seed)
    options = {"rng": rng, "dtype": dtype} | ({"init": init} if init else {})
    layers = []
    for n_in, n_out in zip(widths, widths[1:], strict=False):
        layers += [Dense(n_in, n_out, **options), Tanh()]
    return Network(*layers[:-1])


def trained(net, loss, X, Y, *, lr=0.1, epochs=1, batch_size=4, rng=None, **options):
    optimizer = SGD(net.params, lr=lr)
    options |= {"epochs": epochs, "batch_size": batch_size, "rng": rng, "progress": False}
    return fit(net, loss, optimizer, X, Y, **options)


# What is refused, or said of it


class Mute(Layer):
    """Y = 2 X, without a `return`."""

    def forward(self, X, training=False):
        2 * X

    def backward(self, dY):
        return 2 * dY


class MuteBackward(Mute):
    def forward(self, X, training=False):
        return 2 * X

    def backward(self, dY):
        2 * dY


class InPlace(Layer):
    """ReLU that writes into what it is handed."""

    def forward(self, X, training=False):
        X[X < 0] = 0
        self.awake = X > 0
        return X

    def backward(self, dY):
        return dY * self.awake


class InPlaceBackward(InPlace):
    def forward(self, X, training=False):
        self.awake = X > 0
        return X * self.awake

    def backward(self, dY):
        dY *= self.awake
        return dY


class InPlaceLoss(Loss):
    """Half the sum of squares, computed where Y_hat stands."""

    def value(self, Y_hat, Y):
        Y_hat -= Y
        return (Y_hat**2).sum() / 2

    def gradient(self, Y_hat, Y):
        return Y_hat - Y


def with_layer(kind):
    rng = np.random.default_rng(0)
    return trained(Network(Dense(2, 3, rng=rng), kind(), Dense(3, 1, rng=rng)), MSE(), X, Y)


def wrote(folder, values):
    """Return the path of a file that holds `values`, pickled."""
    path = folder / "file"
    path.write_bytes(pickle.dumps(values, protocol=2))
    return path


REFUSED = {
    "samples as columns": (
        "https://github.com/cs231n/cs231n.github.io/issues/78",
        lambda _: trained(dense(5, 2), MSE(), np.zeros((5, 9)), np.zeros((9, 2))),
        "X has 9 features, but this network expects 5. Samples are rows: X.T has 5 features.",
    ),
    "targets -1 and 1": (
        "https://stats.stackexchange.com/questions/616982/can-we-use-binary-cross-entropy-with-labels-1-and-1",
        lambda _: trained(dense(2, 3, 1), BinaryCrossEntropy(), X, 2 * Y - 1),
        "Y ranges from -1.0 to 1.0; expected probabilities, 0 to 1. (Y + 1) / 2 makes 0 and 1 of -1 and 1.",
    ),
    "labels from 1": (
        "https://github.com/pytorch/pytorch/issues/15666",
        lambda _: trained(dense(2, 4), SoftmaxCrossEntropy(), X, [1, 2, 3, 4]),
        "labels[3] is 4; expected 0 to 3, for 4 classes. Classes count from 0: labels - 1 would fit.",
    ),
    "labels that are floats": (
        "https://github.com/hunkim/PyTorchZeroToAll/issues/38",
        lambda _: trained(dense(2, 4), SoftmaxCrossEntropy(), X, [0.0, 2.0, 3.0, 1.0]),
        "labels holds float64 values; expected whole numbers as labels: labels.astype(int) makes them so.",
    ),
    "a zip for an array": (
        "https://github.com/MichalDanielDobrzanski/DeepLearningPython/issues/7",
        lambda _: trained(dense(2, 1), MSE(), zip(X, Y, strict=True), Y),
        "X is of type zip; expected real numbers.",
    ),
    "forward without return": (
        "https://github.com/girafe-ai/ml-course/pull/29",
        lambda _: with_layer(Mute),
        "the output is None; expected real numbers. Is a `return` missing?",
    ),
    "backward without return": (
        "https://github.com/girafe-ai/ml-course/pull/29",
        lambda _: with_layer(MuteBackward),
        "dX is None; expected real numbers. Is a `return` missing?",
    ),
    "numpy.random for a generator": (
        "https://github.com/radical-collaboration/facts/issues/271",
        lambda _: Dense(2, 3, rng=np.random),
        "rng is of type module; expected a generator: numpy.random.default_rng(0).",
    ),
    "the accuracy of a regression": (
        "https://stackoverflow.com/questions/48775305",
        lambda _: accuracy([[2.1], [3.0]], [[2.0], [3.0]]),
        "Y ranges from 2.0 to 3.0; expected classes, 0 and 1. How near other numbers are, a loss tells.",
    ),
    "weights of another framework": (
        "https://www.adrian.idv.hk/2022-05-21-torch2tf/",
        lambda _: setattr(dense(5, 3).layers[0], "W", np.zeros((3, 5))),
        "W has shape (3, 5), but this layer's is (5, 3): W.T would fit.",
    ),
    "a layer that works in place": (
        "https://github.com/osmr/imgclsmob/issues/13",
        lambda _: with_layer(InPlace),
        "InPlace.forward writes into an array that it was handed (assignment destination is read-only)."
        " Others need it as it is: work on a copy, such as X.copy().",
    ),
    "a layer that goes back in place": (
        "https://github.com/osmr/imgclsmob/issues/13",
        lambda _: with_layer(InPlaceBackward),
        "InPlaceBackward.backward writes into an array that it was handed (output array is read-only). Others"
        " need it as it is: work on a copy, such as dY.copy().",
    ),
    "a loss that works in place": (
        "https://github.com/osmr/imgclsmob/issues/13",
        lambda _: trained(dense(2, 1), InPlaceLoss(), X, Y),
        "InPlaceLoss.value writes into an array that it was handed (output array is read-only). Others"
        " need it as it is: work on a copy, such as Y_hat.copy().",
    ),
    "pickled MNIST": (
        "https://github.com/mnielsen/neural-networks-and-deep-learning/issues/35",
        lambda folder: datasets.read_idx(wrote(folder, [X, Y])),
        "file begins with b'\\x80\\x02]q'; expected an IDX file: two zero bytes, a type, a count of axes.",
    ),
    "pickled weights": (
        "https://github.com/TreB1eN/InsightFace_Pytorch/issues/137",
        lambda folder: dense(2, 1).load(wrote(folder, [X, Y])),
        "file is not a whole file written by Network.save (it is no archive of arrays; pickled objects are"
        " not read, for that would run what they hold).",
    ),
    "layers in a list": (
        "https://github.com/pytorch/pytorch/issues/33398",
        lambda _: Network([Dense(2, 3, rng=np.random.default_rng(0)), Tanh()]),
        "layer 1 is a list; expected a Layer. A star takes them out of a list: Network(*layers).",
    ),
    "images that are no rows": (
        "https://github.com/ageron/handson-ml/issues/416",
        lambda _: trained(dense(784, 10), SoftmaxCrossEntropy(), np.zeros((5, 28, 28)), np.arange(5)),
        "X has shape (5, 28, 28); expected (N, 784). A Flatten() layer makes rows.",
    ),
    "gradients in float32": (
        "https://github.com/PaddlePaddle/Paddle/issues/4283",
        lambda _: gradcheck.check(dense(2, 3, 1), MSE(), X, Y),
        "the network is float32; expected float64, as in Dense(…, dtype=np.float64).",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_refused(kind, tmp_path):
    _, tried, words = REFUSED[kind]
    with pytest.raises((TypeError, ValueError), match=".") as raised:
        tried(tmp_path)
    assert str(raised.value).replace(f"{tmp_path}/", "") == words


@pytest.mark.parametrize("kind", [InPlace, InPlaceBackward])
def test_what_a_layer_writes_in_place_is_not_lost(kind):
    rng = np.random.default_rng(0)
    net = Network(kind(), Dense(2, 1, rng=rng))
    images = np.float32([[1, -1], [-2, 3]])
    with pytest.raises(ValueError, match="writes into an array"):
        trained(net, MSE(), images, [[1], [0]])
        net.backward(np.ones((2, 1)))
    assert np.array_equal(images, [[1, -1], [-2, 3]])


# What a check says to code as it was reported


def python_sum(Z):
    return np.log(np.exp(Z) / sum(np.exp(Z)))


def largest_of_the_batch(Z):
    E = np.exp(Z - np.max(Z))
    return np.log(E / E.sum(axis=1, keepdims=True))


def softmax_slope_by_entry(Z, labels):
    P, Y = softmax(Z), one_hot(labels, Z.shape[1])
    return -(Y / P) * (P * (1 - P)) / len(Z)


def two_classes_by_entry(Z, labels):
    P, Y = softmax(Z), one_hot(labels, Z.shape[1])
    return (-(Y / P) + (1 - Y) / (1 - P)) * (P * (1 - P)) / len(Z)


def updates_the_gradient(params, grads, lr):
    for p, g in zip(params, grads, strict=True):
        g[...] = p - lr * g


def goes_through_a_zip_twice(params, grads, lr):
    pairs = zip(params, grads, strict=True)
    print(len(list(pairs)), "arrays")
    for p, g in pairs:
        p -= lr * g


def one_epoch(net, optimizer, batches, loss):
    """Train; return the batches, and the loss of each before its update."""
    batches = list(batches)
    losses = []
    for X, Y in batches:
        Y_hat = net.forward(X)
        losses.append(loss.value(Y_hat, Y))
        net.backward(loss.gradient(Y_hat, Y))
        optimizer.step(net.grads)
    return batches, losses


def mean_of_means(net, loss, optimizer, batches):
    return np.mean(one_epoch(net, optimizer, batches, loss)[1])


def over_the_samples(net, loss, optimizer, batches):
    batches, losses = one_epoch(net, optimizer, batches, loss)
    return sum(losses) / sum(len(X) for X, _ in batches)


def evaluated_afterwards(net, loss, optimizer, batches):
    batches, _ = one_epoch(net, optimizer, batches, loss)
    return np.average(
        [loss.value(net.forward(X), Y) for X, Y in batches], weights=[len(X) for X, _ in batches]
    )


def adam(correction):
    def adam_step(p, g, m, v, t, lr, beta1, beta2, eps):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        m_hat, v_hat = m / correction(beta1, t), v / correction(beta2, t)
        return p - lr * m_hat / (np.sqrt(v_hat) + eps), m, v

    return adam_step


def moving_mean_downhill(p, g, v, lr, beta):
    v = beta * v - (1 - beta) * g
    return p + lr * v, v


def moving_mean_of_steps(p, g, v, lr, beta):
    v = beta * v - (1 - beta) * lr * g
    return p + v, v


def nesterov(p, g, v, lr, beta):
    new_v = beta * v - lr * g
    return p - beta * v + (1 + beta) * new_v, new_v


def steps_in_the_velocity(p, g, v, lr, beta):
    v = beta * v - lr * g
    return p + v, v


def dropout(backward):
    def dropout(X, dY, p, training, rng):
        if not training:
            return X, dY
        M = (rng.random(X.shape) >= p) / (1 - p)
        return X * M, backward(X, dY, M, p)

    return dropout


def compares_in_and_out(X, dY, M, p):
    return np.where(X == 0, dY, dY * M)


def decays_everything(W, b, dW, db, lr, decay):
    return W - lr * (dW + decay * W), b - lr * (db + decay * b)


def seeds_anew(X, Y, batch_size, rng):
    order = np.random.RandomState(1969).permutation(len(X))  # noqa: NPY002
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        yield X[rows], Y[rows]


def without_the_rest(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    for k in range(len(X) // batch_size):
        rows = order[k * batch_size : (k + 1) * batch_size]
        yield X[rows], Y[rows]


def sends_the_sum_again(dY, X, W):
    dX = dY  # the straight path
    dX = dX + (dX + (dY * (1 - np.tanh(X @ W) ** 2)) @ W.T)
    return dX


def one_use_writes_over_the_other(dY, X, W):
    dX = dY
    dX = (dY * (1 - np.tanh(X @ W) ** 2)) @ W.T
    return dX


def blame_skips_the_weights(X, Y, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)
    dY_hat = 2 * (A1 @ W2 + b2 - Y) / Y.size
    dZ1 = dY_hat * (1 - A1 * A1)
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dY_hat, dY_hat.sum(axis=0)


def half_the_squares(X, Y, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)
    dY_hat = (A1 @ W2 + b2 - Y) / len(X)
    dZ1 = dY_hat @ W2.T * (1 - A1 * A1)
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dY_hat, dY_hat.sum(axis=0)


def vectorized_leak(X, dY, slope):
    f = np.vectorize(lambda x: 0 if x == 0 else x if x > 0 else slope * x)
    return f(X), np.where(X > 0, dY, slope * dY)


def small_weights(rng, n_in, n_out):
    return 0.01 * rng.standard_normal((n_in, n_out))


def xor_setting(init):
    def setting(rng):
        net = Network(Dense(2, 5, rng=rng, init=init), Sigmoid(), Dense(5, 1, rng=rng, init=init))
        return net, SGD(net.params, lr=0.1), 20

    return setting


RIGHT = "Right"
SAID = {
    "softmax over the samples": (
        "https://stackoverflow.com/questions/76450489",
        ("stable_log_softmax", python_sum),
        "You sum over the samples, axis 0, so that each class sums to 1 over the batch.",
    ),
    "the largest logit of the batch": (
        "https://pytroubles.com/en/posts/id1785-fixing-numpy-mnist-training-correct-gradient-axes-bias-reductions-and-stable-softmax",
        ("stable_log_softmax", largest_of_the_batch),
        "you subtract the largest logit of the whole batch. Whose largest belongs to a row?",
    ),
    "softmax with the sigmoid's slope": (
        "https://github.com/eriklindernoren/ML-From-Scratch/pull/125",
        ("cross_entropy_gradient", softmax_slope_by_entry),
        "P (1 - P) is the slope of each probability by its own logit alone",
    ),
    "softmax with the sigmoid's loss": (
        "https://github.com/zhuozhiyongde/Fundamentals-of-Artificial-Intelligence-2024Spring-PKU/issues/1",
        ("cross_entropy_gradient", two_classes_by_entry),
        "Right until a probability is exactly 0 or 1",
    ),
    "the gradient is updated": (
        "https://bot.dharman.net/reports.php?id=1943234",
        ("sgd_step", updates_the_gradient),
        "The gradients have changed, and the parameters are as they were.",
    ),
    "a zip that is used up": (
        "https://github.com/maxpumperla/deep_learning_and_the_game_of_go/issues/45",
        ("sgd_step", goes_through_a_zip_twice),
        "A `zip` can be gone through once only.",
    ),
    "samples as columns, forward": (
        "https://github.com/udacity/sdc-issue-reports/issues/65",
        ("dense_forward", lambda X, W, b: W @ X + b),
        "That is the order of books in which samples are columns; here they are rows.",
    ),
    "samples as columns, weights": (
        "https://community.deeplearning.ai/t/course-1-week-2-exercise-5-propagate/119220",
        ("weight_gradient", lambda X, dZ: dZ @ X.T),
        "That is the order of books in which samples are columns; here they are rows.",
    ),
    "samples as columns, biases": (
        "https://community.deeplearning.ai/t/trouble-understanding-b-vector-back-propagation/536725",
        ("bias_gradient", lambda dZ: np.sum(dZ, axis=1, keepdims=True) / dZ.shape[1]),
        "as in books in which samples are columns; here they are rows",
    ),
    "a mean of means": (
        "https://github.com/https-deeplearning-ai/tensorflow-3/issues/3",
        ("epoch", mean_of_means),
        "the plain mean of the batch losses: the samples of a small last batch count for more than others.",
    ),
    "means over samples": (
        "https://github.com/chemprop/chemprop/issues/74",
        ("epoch", over_the_samples),
        "A batch loss is a mean already: how many samples does it stand for?",
    ),
    "the loss after the epoch": (
        "https://stackoverflow.com/questions/51123198",
        ("epoch", evaluated_afterwards),
        "the loss that the network has after the epoch",
    ),
    "Adam counts one too many": (
        "https://github.com/cs231n/cs231n.github.io/issues/179",
        ("adam_step", adam(lambda beta, t: 1 - beta ** (t + 1))),
        "the correction has t + 1 for t. You are given the number of this step.",
    ),
    "Adam without a power": (
        "https://github.com/eriklindernoren/ML-From-Scratch/issues/35",
        ("adam_step", adam(lambda beta, t: 1 - beta)),
        "the correction has β for βᵗ",
    ),
    "momentum as a mean": (
        "https://github.com/HIPS/autograd/issues/289",
        ("momentum_step", moving_mean_downhill),
        "v is a moving mean of gradients, pointing downhill",
    ),
    "momentum as a mean of steps": (
        "https://github.com/mdenil/dropout/issues/7",
        ("momentum_step", moving_mean_of_steps),
        "v is a moving mean of steps",
    ),
    "momentum as steps": (
        "https://github.com/pytorch/pytorch/issues/1099",
        ("momentum_step", steps_in_the_velocity),
        "v holds steps, sign and learning rate included. That is another common form",
    ),
    "Nesterov's momentum": (
        "https://github.com/pytorch/pytorch/pull/5920",
        ("momentum_step", nesterov),
        "v holds steps, and p looks one ahead: that is Nesterov's momentum.",
    ),
    "dropout forgets its mask": (
        "https://github.com/ddbourgin/numpy-ml/issues/94",
        ("dropout", dropout(lambda X, dY, M, p: dY / (1 - p))),
        "it is scaled, but not masked.",
    ),
    "dropout guesses its mask": (
        "https://github.com/kaldi-asr/kaldi/issues/3890",
        ("dropout", dropout(compares_in_and_out)),
        "Right as long as X holds no zeros, as it does after a ReLU.",
    ),
    "biases decay": (
        "https://github.com/d2l-ai/d2l-en/pull/2284",
        ("shrinking_step", decays_everything),
        "The bias shrinks too. The penalty (11.1) sums over the weights: does b stand in it?",
    ),
    "seeded inside": (
        "https://github.com/numpy/numpy/issues/22381",
        ("batches", seeds_anew),
        "a generator made inside the function begins again each time.",
    ),
    "the last batch is dropped": (
        "https://github.com/NervanaSystems/neon/issues/9",
        ("batches", without_the_rest),
        "The last batch is missing where it would not be full",
    ),
    "blame is sent twice": (
        "https://github.com/SethHWeidman/DLFS_code/pull/13",
        ("fork", sends_the_sum_again),
        "the straight path is counted twice",
    ),
    "one use forgets the other": (
        "https://github.com/karpathy/micrograd/issues/2",
        ("fork", one_use_writes_over_the_other),
        "that is the path through tanh(X W) alone. X also goes straight to Y.",
    ),
    "blame skips the weights": (
        "https://whosebug.com/question/2948401/Backpropagation-Why-doesn-t-error-approach-zero-when-it-is-multiplied-by-deriv-of-sigmoid",
        ("two_layer_backward", blame_skips_the_weights),
        "the blame reaches the hidden layer without passing W2",
    ),
    "half the squares": (
        "https://github.com/bfortuner/ml-glossary/issues/144",
        ("two_layer_backward", half_the_squares),
        "dY_hat is divided by N alone, and the 2 of the square is missing",
    ),
    "ReLU's mask from its output": (
        "https://github.com/scikit-learn/scikit-learn/issues/14244",
        ("relu_backward", lambda dY, X, Y: np.where(Y == 0, 0, dY)),
        RIGHT,
    ),
    "fewer columns than classes": (
        "https://github.com/jwcalder/GraphLearning/issues/12",
        ("one_hot", lambda labels, n_classes: np.eye(np.max(labels) + 1)[labels]),
        "The labels of a batch need not hold every class: only `n_classes` says how many there are.",
    ),
    "a function that rounds": (
        "https://devgem.io/posts/understanding-python-s-numpy-vectorize-with-conditional-output-types",
        ("leaky_relu", vectorized_leak),
        "an array of whole numbers cuts off what stands after the point",
    ),
    "weights that are zero": (
        "https://github.com/wagonhelm/NaNmnist/issues/2",
        ("solves_xor", xor_setting(lambda rng, n_in, n_out: np.zeros((n_in, n_out)))),
        "They are all zero, and stay so by (8.4).",
    ),
    "XOR on a plateau": (
        "https://stats.stackexchange.com/questions/440558/interpreting-cost-change-plot-in-a-neural-network-for-learning-xor",
        ("solves_xor", xor_setting(small_weights)),
        "100 had hardly begun: the same answer at all four points",
    ),
}


@pytest.mark.parametrize("kind", SAID)
def test_what_is_said(kind, capsys):
    _, (check, answer), words = SAID[kind]
    with np.errstate(all="ignore"):
        verdict = getattr(checks, check)(answer)
    assert words in verdict.text and bool(verdict) == (words == RIGHT)


# What comes out right


def test_a_vectorized_activation_does_not_round():
    """https://devgem.io/posts/understanding-python-s-numpy-vectorize-with-conditional-output-types"""
    f = np.vectorize(lambda x: 0 if x < 0 else x)  # the type of its first result is that of all
    layer = Activation(f, np.vectorize(lambda x: 0 if x < 0 else 1))
    Z = np.array([[-1.0, 0.7, 2.5]])
    assert np.array_equal(layer.forward(Z), [[0, 0.7, 2.5]])
    assert np.array_equal(layer.backward(np.full_like(Z, 0.5)), [[0, 0.5, 0.5]])


def test_bytes_do_not_wrap_around():
    """https://stackoverflow.com/questions/48785115"""
    images, labels = np.uint8([[28, 25], [24, 3]]), np.uint8([[200], [3]])
    outputs = np.array([[3.0], [5.0]])
    assert MSE().value(outputs, labels) == np.mean((outputs - labels.astype(float)) ** 2)
    assert MSE().gradient(images[:, :1], labels).tolist() == [[-172.0], [21.0]]
    nets = [dense(2, 3, 1) for _ in range(2)]
    for net, form in zip(nets, (np.uint8, float), strict=True):
        trained(net, MSE(), images.astype(form), labels.astype(form), lr=1e-5, epochs=3)
    assert all(map(np.array_equal, nets[0].params, nets[1].params))
    assert "wrap" in datasets.read_idx.__doc__


def test_logits_of_any_size():
    """https://stackoverflow.com/questions/61567597"""
    for dtype in (np.float32, np.float64):
        assert log_softmax(np.array([[1, -10, 1000]], dtype)).tolist() == [[-999, -1010, 0]]
        assert softmax(np.array([[2345, 3456, 6543, -6789]], dtype)).tolist() == [[0, 0, 1, 0]]


def test_inputs_of_a_sigmoid_of_any_size():
    """https://stackoverflow.com/questions/40726490"""
    assert np.allclose(sigmoid([0.12, 0.34, -1234.1]), [0.52996405, 0.58419052, 0], rtol=1e-7, atol=0)
    assert "NumPy warns: overflow" in checks.stable_sigmoid(lambda X: 1 / (1 + np.exp(-X))).text


def test_a_schedule_counts_steps():
    """https://github.com/keras-team/keras/issues/9938"""
    net, seen = dense(2, 1), []

    def schedule(t):
        seen.append(t)
        return 0.1 * 0.5 ** ((t - 1) // 2)  # halved after each epoch of two batches

    optimizer = SGD(net.params, lr=schedule)
    assert [round(schedule(t), 4) for t in range(1, 7)] == [0.1, 0.1, 0.05, 0.05, 0.025, 0.025]
    seen.clear()
    fit(net, MSE(), optimizer, X, Y, epochs=3, batch_size=2, rng=None, progress=False)
    assert sorted(set(seen)) == [1, 2, 3, 4, 5, 6] and "batch" in Optimizer.__doc__


def test_a_dead_unit_is_found_and_stays_dead():
    """https://stats.stackexchange.com/questions/450100/understanding-relu-does-this-unlucky-intialized-network-assign-all-instances"""
    moved = []
    for activation in (ReLU(), LeakyReLU()):
        net = Network(dense(2, 1).layers[0], activation, Dense(1, 1, rng=np.random.default_rng(0)))
        net.params[0][...], net.params[1][...] = -0.04, -0.01
        before = net.params[0].copy()
        trained(net, MSE(), X, Y, epochs=50)
        moved.append(not np.array_equal(before, net.params[0]))
    assert moved == [False, True]
    assert checks.dead_units(lambda X, W, b: ~np.any(X @ W + b > 0, axis=0))


def test_right_in_float32_is_right():
    """https://github.com/LDSSA/wiki/issues/4"""

    def narrow(function):
        return lambda *arguments: function(*(np.float32(a) for a in arguments))

    for check, right in (
        ("weight_gradient", lambda X, dZ: X.T @ dZ),
        ("dense_forward", lambda X, W, b: X @ W + b),
        ("tanh_backward", lambda dY, Y: dY * (1 - Y * Y)),
        ("mse_gradient", lambda Y_hat, Y: 2 * (Y_hat - Y) / Y.size),
        ("fork", lambda dY, X, W: dY + dY * (1 - np.tanh(X @ W) ** 2) @ W.T),
    ):
        assert getattr(checks, check)(narrow(right)), check


def test_a_second_backward_adds_nothing():
    """https://github.com/karpathy/micrograd/pull/102"""
    net, loss = dense(2, 3, 1), MSE()
    dY = loss.gradient(net.forward(X), Y)
    net.backward(dY)
    first = [g.copy() for g in net.grads]
    net.backward(dY)
    assert all(map(np.array_equal, first, net.grads))


def test_the_best_weights_are_a_copy():
    """https://github.com/pytorch/tutorials/pull/188"""
    net = dense(2, 3, 1)
    kept, copied = list(net.params), [p.copy() for p in net.params]
    trained(net, MSE(), X, Y, epochs=20)
    assert all(map(np.array_equal, kept, net.params))  # they are the same arrays, and go on learning
    assert not any(map(np.array_equal, copied, net.params))
    assert re.search(r"copy", Network.__doc__)


def test_a_second_fit_goes_on():
    """https://github.com/d2l-ai/d2l-en/issues/780"""
    once, twice = dense(2, 3, 1), dense(2, 3, 1)
    trained(once, MSE(), X, Y, epochs=10)
    for _ in range(2):
        trained(twice, MSE(), X, Y, epochs=5)
    assert all(map(np.array_equal, once.params, twice.params))
    assert "goes on" in fit.__doc__
    with pytest.raises(ValueError, match="optimizer holds other parameters than this network's"):
        fit(dense(2, 3, 1), MSE(), SGD(once.params, lr=0.1), X, Y, epochs=1, batch_size=4, rng=None)


def test_the_training_loss_is_the_larger_one():
    """https://stats.stackexchange.com/questions/178371/python-lasagne-tutorial-validation-error-lower-than-training-error"""
    rng = np.random.default_rng(0)
    inputs, labels = rng.standard_normal((400, 4)), rng.integers(3, size=400)
    inputs[np.arange(400), labels] += 3
    for p in (0.0, 0.5):
        layers = Dense(4, 32, rng=rng), ReLU(), Dropout(p, rng=rng), Dense(32, 3, rng=rng)
        history = trained(
            Network(*layers),
            SoftmaxCrossEntropy(),
            inputs,
            labels,
            epochs=3,
            batch_size=20,
            validation=(inputs, labels),
        )
        before_their_steps = np.array(history.loss) - history.validation_loss
        assert (before_their_steps[0] > 0).all() and (p == 0 or before_their_steps.min() > 0.02)
    assert "dropout" in type(history[0]).__doc__


def test_outputs_are_logits_until_they_are_turned():
    """https://github.com/google-research/bert/issues/765"""
    Z = dense(2, 8, 3, seed=1).predict(X)
    assert Z.min() < 0 and not np.isclose(Z.sum(axis=1), 1).any()
    assert np.allclose(softmax(Z).sum(axis=1), 1) and softmax(Z).min() > 0
    assert np.array_equal(softmax(Z).argmax(axis=1), Z.argmax(axis=1))
    assert np.array_equal(sigmoid(Z) > 0.5, Z > 0)
    assert "softmax" in Network.predict.__doc__ and "sigmoid" in Network.predict.__doc__


def test_a_slope_of_exp_is_checked():
    """https://github.com/karpathy/nn-zero-to-hero/issues/52"""
    inner = Dense(2, 3, rng=np.random.default_rng(0), dtype=np.float64)
    errors = [
        max(gradcheck.check(Network(inner, Activation(np.exp, slope)), MSE(), X, np.zeros((4, 3))).values())
        for slope in (np.exp, lambda Z: Z)
    ]
    assert errors[0] < 1e-8 and errors[1] > 0.1


def test_how_close_is_close_enough():
    """https://stats.stackexchange.com/questions/184220/numeric-gradient-checking-how-close-is-close-enough"""
    net, rng = dense(3, 5, 4, 2, dtype=np.float64), np.random.default_rng(0)
    inputs, targets = rng.standard_normal((6, 3)), rng.standard_normal((6, 2))
    right = gradcheck.check(net, MSE(), inputs, targets)
    assert max(right.values()) < 1e-7
    wrong = gradcheck.check(Network(*net.layers[:-1], Tanh(), Half()), MSE(), inputs, rng.random((6, 4)))
    assert min(wrong.values()) > 1e-2
    assert "1e-7" in gradcheck.relative_error.__doc__ and "1e-2" in gradcheck.relative_error.__doc__


class Half(Layer):
    """Y = X, and half of the blame."""

    def forward(self, X, training=False):
        return X

    def backward(self, dY):
        return dY / 2


def test_nothing_of_the_test_images_is_in_the_training_images(tmp_path):
    """https://github.com/d2l-ai/d2l-en/issues/843"""
    images = np.random.default_rng(0).integers(256, size=(2, 3, 2, 2), dtype=np.uint8)
    labels = np.uint8([0, 1, 2])

    def folder(name, train, test):
        (tmp_path / name).mkdir()
        for part, pictures in (("train", train), ("t10k", test)):
            for kind, values in (("images-idx3", pictures), ("labels-idx1", labels)):
                head = bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
                (tmp_path / name / f"{part}-{kind}-ubyte").write_bytes(head + values.tobytes())
        return tmp_path / name

    one = datasets.mnist(folder("one", images[0], images[1]))
    other = datasets.mnist(folder("other", images[0], images[0] // 2))
    assert np.array_equal(one.X_train, other.X_train)
    assert np.array_equal(one.X_train, images[0].reshape(3, 4) / np.float32(255))


def test_zeros_can_learn_only_what_one_layer_can():
    """https://github.com/wagonhelm/NaNmnist/issues/2"""
    rng, zeros = np.random.default_rng(0), lambda rng, n_in, n_out: np.zeros((n_in, n_out))
    labels = rng.integers(3, size=300)
    inputs = rng.standard_normal((300, 3)) + 3 * np.eye(3)[labels]
    shares = []
    for net in (dense(3, 3, init=zeros), dense(3, 8, 3, init=zeros)):
        trained(net, SoftmaxCrossEntropy(), inputs, labels, lr=0.5, epochs=10, batch_size=30)
        shares.append(accuracy(net.predict(inputs), labels))
    assert shares[0] > 0.9 and shares[1] < 0.5


def test_a_wrong_answer_fails_an_assert():
    """https://github.com/jupyter/nbgrader/issues/1658"""
    assert checks.bias_gradient(lambda dZ: dZ.sum(axis=0))
    for wrong in (lambda dZ: dZ.mean(axis=0), lambda dZ: None, lambda dZ: 1 / 0, None, ...):
        with pytest.raises(AssertionError):
            assert checks.bias_gradient(wrong)


SOURCES = [source for table in (REFUSED, SAID) for source, *_ in table.values()]
SOURCES += [
    test.__doc__ for name, test in list(globals().items()) if name.startswith("test_") and test.__doc__
]


def test_each_report_has_an_address():
    assert all(re.fullmatch(r"https://\S+", source) for source in SOURCES) and len(set(SOURCES)) >= 40
