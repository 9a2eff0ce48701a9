"""Draw the figures for slides: `python -m tools.figures [NAME …]`, all of them without a name.

Each is a function of its name that returns a figure; it is written as SVG and as PNG into teaching/figures.
Nothing in them is trained here: what a training has found is read from the records of the chapters.
"""

import sys

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from nnlib import MSE, SoftmaxCrossEntropy, datasets, sigmoid, softmax
from nnlib.autograd import Tensor
from nnlib.teach import phrase, plots, widgets
from nnlib.teach.recorded import recorded
from tools.notebooks import CHAPTERS

FOLDER = CHAPTERS.parent / "teaching" / "figures"
# The same bytes each time: ids by a fixed salt, letters as outlines, no date, no program.
SETTINGS = {"svg.hashsalt": "nnlib", "svg.fonttype": "path", "font.family": "DejaVu Sans", "font.size": 11}
WITHOUT = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}
DPI = 120
ARROW = {"arrowstyle": "-|>", "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0}


def _figure(width, height, columns=1, **options):
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(1, columns, **options)


def _plain(number):
    return f"{number:.3g}".replace("-", "−")


def neuron():
    """Two inputs, two weights, a sum, a bend: one neuron with the numbers of unit 1 in chapter 05."""
    figure, ax = _figure(8, 3.6)
    x, w, b = (2.0, -1.0), (0.3, 0.1), 0.05
    z = x[0] * w[0] + x[1] * w[1] + b
    nodes = {(0, 1): ("x_1", x[0]), (0, -1): ("x_2", x[1]), (3, 0): ("z", z), (6, 0): ("a", np.tanh(z))}
    for (left, height), (name, number) in nodes.items():
        look = {"facecolor": "white", "edgecolor": plots.DATA, "linewidth": 2, "zorder": 2}
        ax.add_patch(Circle((left, height), 0.62, **look))
        ax.text(left, height, f"${name}$ = {_plain(number)}", ha="center", va="center", zorder=3)
    for height, weight, name in zip((1, -1), w, ("w_1", "w_2"), strict=True):
        arrow = {**ARROW, "color": plots.PARAMETER}
        ax.annotate("", (2.42, 0.2 * height), (0.6, 0.85 * height), arrowprops=arrow)
        ink = plots.INK[plots.PARAMETER]
        ax.text(1.5, 0.85 * height, f"· ${name}$ = {weight:g}", color=ink, ha="center", va="center")
    ax.annotate("", (3, -0.62), (3, -1.4), arrowprops={**ARROW, "color": plots.PARAMETER})
    ax.text(3, -1.6, f"+ $b$ = {b:g}", color=plots.INK[plots.PARAMETER], ha="center", va="center")
    ax.annotate("", (5.38, 0), (3.62, 0), arrowprops={**ARROW, "color": plots.DATA})
    ax.text(4.5, 0.2, "tanh", color=plots.DATA, ha="center")
    ax.set(xlim=(-0.8, 7), ylim=(-1.9, 1.8), aspect="equal", title="A neuron: a weighted sum, and a bend")
    ax.set_axis_off()
    return figure


def pencil_net():
    """The net of chapter 05 after its way back: each number beside its blame."""
    figure = Figure(figsize=(10, 4.6), layout="constrained")
    stepper = widgets.numeric_stepper()
    stepper.step.value = 10
    stepper.draw(figure)
    figure.suptitle("Forward: what each unit says. Back: how much each number is to blame")
    return figure


def layer_shapes():
    """Every array of two layers to scale, with its gradient behind it."""
    figure = Figure(figsize=(9.6, 4.9))
    shapes = {"X": (4, 2), "W1": (2, 8), "b1": (8,), "Z1": (4, 8)}
    shapes |= {"A1": (4, 8), "W2": (8, 1), "b2": (1,), "Z2": (4, 1)}
    plots.arrays(figure.add_axes((0.02, 0, 0.96, 0.92)), shapes)
    figure.suptitle("A gradient has the shape of what it belongs to")
    return figure


def valley():
    """The path of gradient descent in the narrow valley of chapter 01's spring."""
    x = np.arange(1.0, 7.0)
    y = np.round(4 + 2 * x + 0.6 * np.random.default_rng(0).standard_normal(6), 1)
    theta, path = np.zeros(2), [np.zeros(2)]
    for _ in range(40):
        dy_hat = MSE().gradient((theta[0] * x + theta[1])[:, None], y[:, None])[:, 0]
        theta = theta - 0.06 * np.array([dy_hat @ x, dy_hat.sum()])
        path.append(theta)
    path, best = np.array(path), np.polyfit(x, y, 1)
    figure, ax = _figure(7.5, 4.6)
    ws, bs = np.linspace(-0.5, 6, 200), np.linspace(-0.5, 5.5, 200)
    surface = np.mean((ws[None, :, None] * x + bs[:, None, None] - y) ** 2, axis=2)
    ax.contour(ws, bs, surface, levels=np.geomspace(0.4, 200, 12), colors=plots.LOSS, linewidths=0.8)
    ax.plot(*path.T, "o-", color=plots.PARAMETER, markersize=4, label="40 steps, η = 0.06")
    ax.plot(*best, "*", color=plots.RIGHT, markersize=15, label="the bottom")
    ax.set(xlabel="w", ylabel="b", xlim=ws[[0, -1]], ylim=bs[[0, -1]])
    ax.set_title("Each step runs across the valley, and a little along it")
    ax.legend(loc="upper right")
    return figure


def activations():
    """Three activations, and the slopes by which they multiply the blame."""
    figure, axes = _figure(9.6, 3.6, 2)
    x = np.linspace(-5, 5, 401)
    curves = {
        "tanh": (np.tanh(x), 1 - np.tanh(x) ** 2, "-"),
        "sigmoid": (sigmoid(x), sigmoid(x) * sigmoid(-x), "--"),
        "ReLU": (np.maximum(x, 0), (x > 0).astype(float), "-."),
    }
    for name, (f, slope, style) in curves.items():
        axes[0].plot(x, f, style, color=plots.DATA, linewidth=2, label=name)
        axes[1].plot(x, slope, style, color=plots.GRADIENT, linewidth=2, label=name)
    axes[0].set(xlabel="z", ylabel="a = f(z)", ylim=(-1.2, 2.2), title="What goes out")
    axes[1].set(xlabel="z", ylabel="f ′(z)", ylim=(-0.05, 1.1), title="What the blame is multiplied by")
    for ax in axes:
        ax.legend(loc="upper left")
        plots.open_frame(ax)
    return figure


def xor():
    """XOR by hand, (8.3): two lines in the plane of the inputs, one in that of the hidden units."""
    X, Y = datasets.xor()
    W1, b1 = np.ones((2, 2)), np.array([0.0, -1.0])
    W2, b2 = np.array([[1.0], [-2.0]]), np.array([-0.5])
    figure, axes = _figure(9.6, 4, 2)

    def hidden(X):
        return np.maximum(X @ W1 + b1, 0)

    plots.decision_boundary(axes[0], lambda X: sigmoid(8 * (hidden(X) @ W2 + b2)), X, Y)
    plots.hidden_units(axes[0], W1, b1)
    axes[0].set_title("Two units bend the plane")
    plots.decision_boundary(axes[1], lambda H: sigmoid(8 * (H @ W2 + b2)), hidden(X), Y)
    axes[1].set(xlabel="$h_1$", ylabel="$h_2$", title="There one line is enough")
    return figure


def softmax_gradient():
    """Logits log 1, log 2, log 5, the third class right: what it says, should say, and the gradient."""
    Z, y = np.log([[1.0, 2.0, 5.0]]), np.array([2])
    P, dZ = softmax(Z)[0], SoftmaxCrossEntropy().gradient(Z, y)[0]
    figure, axes = _figure(9.6, 3.3, 3, sharey=True)
    bars = [(P, plots.DATA, "P: what it says"), (np.eye(3)[2], plots.RIGHT, "Y: what it should say")]
    for ax, (heights, colour, title) in zip(axes, [*bars, (dZ, plots.GRADIENT, "dZ = P − Y")], strict=True):
        for place, height in enumerate(heights, 1):
            ax.bar(place, height, color=colour)
            above = {"xytext": (0, 3), "va": "bottom"} if height >= 0 else {"xytext": (0, -3), "va": "top"}
            ax.annotate(_plain(height), (place, height), textcoords="offset points", ha="center", **above)
        ax.axhline(0, color="black", linewidth=0.8)
        ax.set(xticks=[1, 2, 3], xlabel="class", ylim=(-0.55, 1.2), title=title)
        plots.open_frame(ax)
    return figure


def the_v():
    """How wrong a difference quotient is, by its step: the slope of sin at 200 places, the median error."""
    figure, ax = _figure(7.5, 4.4)
    steps = np.geomspace(1e-13, 1, 53)
    rng = np.random.default_rng(0)
    x = rng.uniform(0.5, 1.5, 200)[:, None]
    found = {
        "forward": (np.sin(x + steps) - np.sin(x)) / steps,
        "central": (np.sin(x + steps) - np.sin(x - steps)) / (2 * steps),
    }
    for (name, slope), style in zip(found.items(), ("o--", "o-"), strict=True):
        error = np.median(np.abs(slope - np.cos(x)), axis=0)
        ax.loglog(
            steps, error, style, color=plots.GRADIENT, markersize=4, markerfacecolor="white", label=name
        )
    ax.set(xlabel="step h", ylabel="error of the slope of sin")
    ax.set_title("Too long a step cuts the series off, too short a one leaves rounding")
    ax.legend()
    plots.open_frame(ax)
    return figure


def conv_patch():
    """The convolution of chapter 12 by hand: a patch, the kernel, one number of the output."""
    X = np.array([[3, 2, 0, 1], [4, 5, 1, 2], [0, 2, 3, 1], [1, 0, 2, 4]])
    W, b = np.array([[2, -1], [3, -2]]), 2
    Y = np.lib.stride_tricks.sliding_window_view(X, (2, 2))
    Y = np.einsum("ijuv,uv->ij", Y, W) + b
    figure, axes = _figure(10, 3.4, 3, width_ratios=[4, 2, 3])
    tables = [
        (X, plots.DATA, "X, and the patch of $Y_{12}$", (1, 2, 2)),
        (W, plots.PARAMETER, f"the kernel W, b = {b}", (0, 0, 2)),
        (Y, plots.DATA, "Y", (1, 2, 1)),
    ]
    for ax, (A, colour, title, (top, left, size)) in zip(axes, tables, strict=True):
        for (i, j), number in np.ndenumerate(A):
            ax.add_patch(Rectangle((j, i), 1, 1, facecolor="white", edgecolor="0.75"))
            ax.text(j + 0.5, i + 0.5, _plain(number), ha="center", va="center", fontsize=15)
        frame = {"facecolor": "none", "edgecolor": colour, "linewidth": 3.5}
        ax.add_patch(Rectangle((left, top), size, size, **frame))
        ax.set(xlim=(-0.1, A.shape[1] + 0.1), ylim=(len(A) + 0.1, -0.1), aspect="equal", title=title)
        ax.set_axis_off()
    figure.suptitle("1 · 2 + 2 · (−1) + 3 · 3 + 1 · (−2) + 2 = 9: the same four weights at each place")
    return figure


def tape_graph():
    """The tape of 5 x² + x at x = 3 when all nodes have handed on: at x three edges add up."""
    x = Tensor(3.0)
    u = x * x
    y = 5 * u + x
    explorer = widgets.graph_explorer(y, x=x, u=u)
    explorer.step.value = explorer.step.max
    figure = Figure(figsize=explorer.figure.get_size_inches())
    explorer.draw(figure)
    return figure


def attention_map():
    """Where each place of a sequence looks, by the two heads of the second layer of chapter 16's net."""
    X = phrase.phrases(np.random.default_rng(16), phrase.SHOWN)[0][:1]
    net = phrase.network()
    net.predict(X)
    letters = [phrase.LETTERS[letter] for letter in X[0]]
    figure, axes = _figure(10, 5.2, 2)
    for h, ax in enumerate(axes):
        ax.imshow(net.layers[3].layers[0].A[0, h], cmap=plots.DATA_MAP, vmin=0, vmax=1)
        ax.set(xlabel="is looked at", ylabel="asks", title=f"layer 2, head {h + 1}")
        ax.set_xticks(range(len(letters)), letters)
        ax.set_yticks(range(len(letters)), letters)
        ax.tick_params(length=0)
    figure.suptitle("When the phrase comes again, a head looks at what followed the first time")
    return figure


def training_and_validation():
    """The recorded runs of chapter 11: a fifth of the labels wrong, without dropout and with it."""
    curves = recorded("remedies")["results"]["dropout"]
    figure, axes = _figure(9.6, 3.6, 2, sharey=True)
    for ax, p in zip(axes, ("0", "0.5"), strict=True):
        for kind, style in (("training", "-"), ("validation", "--")):
            losses = curves[p][kind]
            ax.plot(range(1, len(losses) + 1), losses, style, color=plots.LOSS, linewidth=2, label=kind)
        ax.set(xlabel="epoch", ylabel="loss", ylim=(0, 2.5))
        ax.legend()
        plots.open_frame(ax)
    axes[0].set_title("It learns by heart: training falls, validation turns")
    axes[1].set_title("With dropout of 0.5 it turns later, and rises less")
    return figure


FIGURES = {
    draw.__name__: draw
    for draw in (
        *(neuron, pencil_net, layer_shapes, valley, activations, softmax_gradient, the_v, xor),
        *(training_and_validation, conv_patch, tape_graph, attention_map),
    )
}


def write(name, folder):
    """Draw a figure, and write it into a folder as SVG and as PNG."""
    with mpl.rc_context({**mpl.rcParamsDefault, **SETTINGS}):
        figure = FIGURES[name]()
        for kind, metadata in WITHOUT.items():
            figure.savefig(folder / f"{name}.{kind}", dpi=DPI, metadata=metadata, facecolor="white")


if __name__ == "__main__":
    for name in sys.argv[1:] or FIGURES:
        write(name, FOLDER)
