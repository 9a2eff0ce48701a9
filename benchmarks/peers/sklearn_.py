"""scikit-learn's MLPClassifier: `partial_fit` is one epoch without validation."""

from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier

from benchmarks.peers import WIDTHS, Peer


class Sklearn(Peer):
    def reset(self):
        self.net = MLPClassifier(WIDTHS[1:-1], alpha=0, epsilon=self.eps, batch_size=1, random_state=0)
        # The first call makes the arrays and the optimiser; then the weights become those of all peers, and
        # the optimiser is made anew.
        classes = range(WIDTHS[-1])
        self.net.partial_fit(self.weights[0].T[:1], [0], classes=classes)
        for held, given in zip(self.net.coefs_, self.weights[::2], strict=True):
            held[...] = given
        for held, given in zip(self.net.intercepts_, self.weights[1::2], strict=True):
            held[...] = given
        del self.net._optimizer

    def epoch(self, data, batch_size, rng=None):
        self.net.set_params(batch_size=batch_size, shuffle=rng is not None, learning_rate_init=self.lr)
        if hasattr(self.net, "_optimizer"):
            self.net._optimizer.learning_rate_init = self.lr
        self.net.partial_fit(*data)

    def predict(self, X):
        return self.net.predict_proba(X)

    def loss(self, X, y):
        return log_loss(y, self.predict(X), labels=range(WIDTHS[-1]))
