"""The exercises of chapter 12 that are answered with a function."""

import numpy as np

from nnlib.teach.checks.engine import Trial, exercise, tell

__all__ = ["convolve", "image_gradient", "kernel_gradients", "pool_backward"]

# N, height, width, k_h, k_w, n_in, n_out. No image and no kernel is square, no two depths of a trial are
# equal, and in the fourth the kernel is as large as the image.
SIZES = [
    (2, 5, 4, 2, 3, 3, 2),
    (3, 4, 6, 3, 2, 2, 5),
    (1, 6, 5, 1, 4, 2, 1),
    (2, 3, 5, 3, 5, 4, 3),
    (5, 8, 6, 3, 2, 1, 4),
]
RIGHT = f"Right, on {len(SIZES)} batches of 1 to 5 images, of depth 1 to 4; no kernel is square"


def _images(*arrays):
    """Return a trial of random arrays for each of SIZES."""
    rng = np.random.default_rng(0)
    trials = []
    for n, height, width, k_h, k_w, n_in, n_out in SIZES:
        shapes = {
            "X": (n, height, width, n_in),
            "W": (k_h, k_w, n_in, n_out),
            "b": (n_out,),
            "dY": (n, height - k_h + 1, width - k_w + 1, n_out),
        }
        sizes = {"N": n, "image": f"{height} × {width}", "kernel": f"{k_h} × {k_w}", "n_in": n_in}
        if "X" not in arrays:
            sizes["image"] = f"{shapes['dY'][1]} × {shapes['dY'][2]} of dY"
        if "dY" in arrays and "X" in arrays:
            sizes["kernel"] = f"{k_h} × {k_w}, dY {shapes['dY'][1]} × {shapes['dY'][2]}"
        sizes["n_out"] = n_out
        trials.append(Trial(tuple(rng.standard_normal(shapes[array]) for array in arrays), sizes))
    return trials


AXES = {
    "X": ("images", "rows", "columns", "channels in"),
    "Y": ("images", "rows", "columns", "channels out"),
    "W": ("rows of the kernel", "columns of the kernel", "channels in", "channels out"),
}
AXES |= {f"d{name}": axes for name, axes in AXES.items()}


def _axes(*names):
    """Return what an exercise tells of its arguments where a function crashes."""
    return {name: ", ".join(AXES[name]) for name in names}


def _where(name, runs):
    """Tell of numbers that are wrong along one line only, or right along one line only, of some axis."""
    if name not in AXES or any(run.found.shape != run.right.shape for run in runs):
        return None
    for axis, of in enumerate(AXES[name]):
        wrong = [_wrong_along(run, axis) for run in runs if run.right.shape[axis] > 1]
        if not wrong:
            continue
        for first, which in ((0, "first"), (-1, "last")):
            others = [np.delete(one, first) for one in wrong]
            at = [one[first] for one in wrong]
            if not any(at) and all(one.all() for one in others):
                return f"of the {of} only the {which} is right."
            if all(at) and not any(one.any() for one in others):
                return f"right but for the {which} of the {of}."
    return None


def _wrong_along(run, axis):
    """Return for each place along an axis whether something is wrong there."""
    others = tuple(k for k in range(run.right.ndim) if k != axis)
    return (~tell.alike(run.found, run.right)).any(axis=others)


def _shapes(name, runs):
    """Tell of rows, columns or channels of which there are too many, or too few, in each trial as many."""
    if name not in AXES or any(run.found.ndim != 4 for run in runs):
        return None
    off = {tuple(np.subtract(run.found.shape, run.right.shape)) for run in runs}
    by = {int(n) for one in off for n in one if n}
    if len(off) != 1 or len(by) != 1:
        return None
    (n,) = by
    run, which = runs[0], [of for of, one in zip(AXES[name], next(iter(off)), strict=True) if one]
    many = f"{abs(n)} too {'many' if n > 0 else 'few'}"
    return (
        f"{run.tried}, you return shape {run.found.shape}; {name} has {run.right.shape}. In every trial there"
        f" are {many}: {' and '.join(which)}."
    )


def _reshaped(name, runs):
    """Tell of numbers that are right, and in their order, in another shape."""
    if all(run.found.shape == run.right.shape for run in runs):
        return None
    if not all(tell.same(run.found.ravel(), run.right.ravel()) for run in runs):
        return None
    run = runs[0]
    return (
        f"the numbers are right, and in their order; the shape is another. {run.tried}, you return"
        f" {run.found.shape}; {name} has {run.right.shape}."
    )


SHAPE, FINITE, FACTOR, *REST = tell.GENERAL
TELL = (_reshaped, _shapes, SHAPE, FINITE, FACTOR, _where, *REST)


def _to_everything(X, W, b):
    """Return Y where each turn of a loop over places and channels out adds its bias to all that is there."""
    k_h, k_w, _, n_out = W.shape
    Y = np.zeros((len(X), X.shape[1] - k_h + 1, X.shape[2] - k_w + 1, n_out))
    for n, i, j, o in np.ndindex(Y.shape):
        Y[n, i, j, o] = (X[n, i : i + k_h, j : j + k_w] * W[..., o]).sum()
        Y += b[o]
    return Y


CUT_SHORT = """
    the last row and the last column of the kernel are not in it: your loop ends one too early. `range(n)`
    ends with n - 1 by itself.
        W = W * (np.arange(len(W)) < len(W) - 1)[:, None, None, None] * (
            np.arange(W.shape[1]) < W.shape[1] - 1)[:, None, None]
    the last row of the kernel is not in it: your loop ends one too early.
        W = W * (np.arange(len(W)) < len(W) - 1)[:, None, None, None]
    the last column of the kernel is not in it: your loop ends one too early.
        W = W * (np.arange(W.shape[1]) < W.shape[1] - 1)[:, None, None]
    the first row and the first column of the kernel are not in it. Code counts from 0.
        W = W * (np.arange(len(W)) > 0)[:, None, None, None] * (np.arange(W.shape[1]) > 0)[:, None, None]
    """


@exercise(
    trials=lambda: _images("X", "W", "b"),
    results=["Y"],
    axes=_axes("X", "W"),
    hint="at how many places does the kernel fit? At each of them: the patch of X that it lies on, times W,"
    " added over height, width and channels in; then b.",
    praise=f"{RIGHT}, and one kernel is as large as its image.",
    tell=TELL,
    wrong="""
    right but for the bias: it is missing.
        np.tensordot(patch, W, axes=3) + b → np.tensordot(patch, W, axes=3)
    the bias is subtracted. It has to be added.
        np.tensordot(patch, W, axes=3) + b → np.tensordot(patch, W, axes=3) - b
    the bias is counted once for each channel in. It stands outside the sum over channels: every number of Y
    gets it once.
        np.tensordot(patch, W, axes=3) + b → np.tensordot(patch, W, axes=3) + W.shape[2] * b
    the bias is counted once for each weight of the kernel. It stands outside all three sums: every number of
    Y gets it once.
        np.tensordot(patch, W, axes=3) + b → np.tensordot(patch, W, axes=3) + W[..., 0].size * b
    the bias is counted once for each place of the kernel. It stands outside the sums over its rows and
    columns.
        np.tensordot(patch, W, axes=3) + b → np.tensordot(patch, W, axes=3) + k_h * k_w * b
    the bias is counted once for each row of the kernel. It stands outside all three sums.
        np.tensordot(patch, W, axes=3) + b → np.tensordot(patch, W, axes=3) + k_h * b
    the bias is counted once for each column of the kernel. It stands outside all three sums.
        np.tensordot(patch, W, axes=3) + b → np.tensordot(patch, W, axes=3) + k_w * b
    the bias is added to the weights, so it is multiplied by the pixels. It is added once, to their weighted
    sum.
        np.tensordot(patch, W, axes=3) + b → np.tensordot(patch, W + b, axes=3)
    the bias is counted once for each image. Every number of Y gets it once.
        np.tensordot(patch, W, axes=3) + b → np.tensordot(patch, W, axes=3) + len(X) * b
    the bias is counted once for each channel out. Every number of Y gets it once.
        np.tensordot(patch, W, axes=3) + b → np.tensordot(patch, W, axes=3) + len(b) * b
    every channel out gets the sum of all biases. Channel o has its own, b[o].
        np.tensordot(patch, W, axes=3) + b → np.tensordot(patch, W, axes=3) + b.sum()
    every channel out gets the first bias. Channel o has its own, b[o].
        np.tensordot(patch, W, axes=3) + b → np.tensordot(patch, W, axes=3) + b[0]
    the kernel is turned by half a turn. That is what mathematics calls a convolution; here, as in every
    framework, it lies on the image as it is: row i + u goes with row u of the kernel.
        W = W[::-1, ::-1]
    the kernel is turned, and its channels too: `np.flip` without axes, and a convolution of SciPy, turn every
    axis. Here nothing is turned.
        W = np.flip(W⟨|, (0, 1, 2)⟩)
    the kernel is upside down. Row i + u of the image goes with row u of the kernel.
        W = W[::-1]
    the kernel is mirrored. Column j + v of the image goes with column v of the kernel.
        W = W[:, ::-1]
    one row and one column are missing. The kernel can begin in row 0, in row 1, … in row H - k_h: those are H
    - k_h + 1 places, and for the columns it is the same.
        height, width = X.shape[1] - k_h, X.shape[2] - k_w
    the last row is missing: of H rows, the kernel can begin in H - k_h + 1.
        height, width = X.shape[1] - k_h, X.shape[2] - k_w + 1
    the last column is missing: the kernel can begin in width - k_w + 1 columns.
        height, width = X.shape[1] - k_h + 1, X.shape[2] - k_w
    the last row and the last column are still zero: your loop ends one too early. The kernel can begin in row
    H - k_h, too.
        np.ndindex(height, width) → np.ndindex(height - 1, width - 1)
    the last row is still zero: your loop ends one too early.
        np.ndindex(height, width) → np.ndindex(height - 1, width)
    the last column is still zero: your loop ends one too early.
        np.ndindex(height, width) → np.ndindex(height, width - 1)
    you return something as large as X, with zeros where no patch lies. Y has a number for each place at which
    the kernel fits.
        Y = np.zeros((len(X), X.shape[1], X.shape[2], W.shape[3]))
    you put zeros around X. Here there is no padding: every patch lies inside the image, and Y is smaller than
    X.
        X = np.pad(X, ((0, 0), *(((k - 1) // 2, k // 2) for k in W.shape[:2]), (0, 0)))
        X = np.pad(X, ((0, 0), *(((k - 1) // 2,) * 2 for k in W.shape[:2]), (0, 0)))
        X = np.pad(X, ((0, 0), *((k // 2,) * 2 for k in W.shape[:2]), (0, 0)))
        X = np.pad(X, ((0, 0), (1, 1), (1, 1), (0, 0)))
    Y is as large as X: you put zeros around it, as other libraries do for "same". Here there is no padding:
    every patch lies inside the image, and Y is smaller than X.
        X = np.pad(X, ((0, 0), *((k // 2,) * 2 for k in W.shape[:2]), (0, 0))) ;
            Y[:, : X.shape[1] - k_h // 2 * 2, : X.shape[2] - k_w // 2 * 2]
    you put zeros around X, so that Y is larger than it. Here there is no padding: a patch lies inside the
    image.
        X = np.pad(X, ((0, 0), *((k - 1,) * 2 for k in W.shape[:2]), (0, 0)))
    one patch begins where the one before it ends, as in a pooling. Here each begins one pixel further, and
    they overlap.
        height, width = X.shape[1] // k_h, X.shape[2] // k_w ;
            patch = X[:, i * k_h : (i + 1) * k_h, j * k_w : (j + 1) * k_w]
    each patch begins a whole kernel further, and the later ones reach beyond the image. Each begins one pixel
    further, and they overlap.
        patch = np.pad(X, ((0, 0), (0, X.shape[1] * k_h), (0, X.shape[2] * k_w), (0, 0)))[
            :, i * k_h : (i + 1) * k_h, j * k_w : (j + 1) * k_w]
    your loop goes on by a whole kernel, and leaves the places between at zero. The kernel lies at every
    place, one pixel further each time.
        np.ndindex(height, width) → [(i, j) for i in range(0, height, k_h) for j in range(0, width, k_w)]
    the bias is added to everything at each turn of the loop: say where, Y[n, i, j, o].
        _to_everything(X, W, b)
        Y + len(X) * height * width * b
    the first row and the first column are still zero: your loop begins at 1. Code counts from 0.
        np.ndindex(height, width) → [(i, j) for i in range(1, height) for j in range(1, width)]
    weight W[u, v] meets pixel (i + u, j + v) at place (i, j); yours meets (i - u, j - v). Below 0, an index
    counts from the end.
        patch = X[:, (i - np.arange(k_h))[:, None], j - np.arange(k_w)]
    the column of a pixel is counted with i, `i + v`: the columns of a patch begin at j.
        patch = X[:, i : i + k_h, i + np.arange(k_w)]
        patch = np.pad(X, ((0, 0), (0, 0), (0, X.shape[1]), (0, 0)))[:, i : i + k_h, i : i + k_w]
    the row of a pixel is counted with j, `j + u`: the rows of a patch begin at i.
        patch = X[:, j + np.arange(k_h), j : j + k_w]
        patch = np.pad(X, ((0, 0), (0, X.shape[2]), (0, 0), (0, 0)))[:, j : j + k_h, j : j + k_w]
    only the last channel in is in it: each channel of your loop writes over the ones before. Add.
        np.tensordot(patch, W, axes=3) → np.tensordot(patch[..., -1], W[:, :, -1], axes=2)
    only the first channel in is in it. A patch goes through the whole depth of the image.
        np.tensordot(patch, W, axes=3) → np.tensordot(patch[..., 0], W[:, :, 0], axes=2)
    only the last pixel of the patch, in its last channel, is in it: each turn of your loop writes over the
    ones before. Add.
        np.tensordot(patch, W, axes=3) → patch[:, -1, -1, -1:] * W[-1, -1, -1]
        Y[:, i, j] = np.tensordot(patch, W, axes=3) + b → Y[:, i, j] = patch[:, -1, -1, -1:] * W[-1, -1, -1]
    only the last pixel of the patch is in it: each turn of your loop writes over the ones before. Add.
        np.tensordot(patch, W, axes=3) → patch[:, -1, -1] @ W[-1, -1]
    only the last row of the patch is in it: each turn of your loop writes over the ones before. Add.
        np.tensordot(patch, W, axes=3) → np.tensordot(patch[:, -1], W[-1], axes=2)
    only the last column of the patch is in it: each turn of your loop writes over the ones before. Add.
        np.tensordot(patch, W, axes=3) → np.tensordot(patch[:, :, -1], W[:, -1], axes=2)
    """
    + CUT_SHORT
    + """
    only the first row of the patch is in it. Is the `return` inside the loop?
        np.tensordot(patch, W, axes=3) → np.tensordot(patch[:, 0], W[0], axes=2)
    only the first pixel of the patch is in it: the sums over u and v are missing.
        np.tensordot(patch, W, axes=3) → patch[:, 0, 0] @ W[0, 0]
    you add the channels of the patch, and the channels of the kernel, and then multiply. Each channel has its
    own weights: multiply first, then add.
        np.tensordot(patch, W, axes=3) → np.tensordot(patch.sum(axis=3), W.sum(axis=2), axes=2)
    you add up the patch, and the kernel, and then multiply. Each pixel has its own weight: multiply first,
    then add.
        np.tensordot(patch, W, axes=3) → patch.sum(axis=(1, 2, 3))[:, None] * W.sum(axis=(0, 1, 2))
    you average over the patch. It is a sum.
        np.tensordot(patch, W, axes=3) → np.tensordot(patch, W, axes=3) / W[..., 0].size
    you average over the channels in. It is a sum.
        np.tensordot(patch, W, axes=3) → np.tensordot(patch, W, axes=3) / W.shape[2]
    you average over the rows and columns of the patch. It is a sum.
        np.tensordot(patch, W, axes=3) → np.tensordot(patch, W, axes=3) / (k_h * k_w)
    you have a number for each channel in. One number of Y adds over all of them: a patch goes through the
    whole depth.
        Y = np.zeros((len(X), height, width, *W.shape[2:])) ;
            np.tensordot(patch, W, axes=3) → np.einsum("nuvc,uvco->nco", patch, W)
    every channel out gets the first kernel. Channel o has its own, W[..., o].
        W = W[..., :1] ; W.shape[3] → len(b)
        np.tensordot(patch, W, axes=3) → np.tensordot(patch, W[..., :1], axes=3)
    every channel out gets the sum over all kernels. Channel o has its own, W[..., o].
        np.tensordot(patch, W, axes=3) → np.tensordot(patch, W, axes=3).sum(axis=1, keepdims=True)
    you add over the channels out. Each of them is a channel of Y.
        Y.sum(axis=3)
    the channels out are all the same, the last one: each turn of your loop over them writes over all.
        np.tensordot(patch, W, axes=3) + b → (np.tensordot(patch, W, axes=3) + b)[:, -1:]
    every image gets the output of the first.
        patch = X[:1, i : i + k_h, j : j + k_w]
    every image gets the output of the last.
        patch = X[-1:, i : i + k_h, j : j + k_w]
    every image gets the sum over all images. Each has its own row of Y.
        np.tensordot(patch, W, axes=3) → np.tensordot(patch, W, axes=3).sum(axis=0)
    you add up the images. Each has its own row of Y.
        Y.sum(axis=0)
    you average over the images. Each has its own row of Y.
        Y.mean(axis=0)
    only the first image is done. Is the `return` inside the loop, or an index 0 where n belongs?
        Y[:, i, j] = np.tensordot(patch, W, axes=3) + b → Y[0, i, j] = np.tensordot(patch[0], W, axes=3) + b
    only the first place is done. Is the `return` inside the loop?
        np.ndindex(height, width) → [(0, 0)]
    only the first row is done. Is the `return` inside the loop?
        np.ndindex(height, width) → np.ndindex(1, width)
    you return the last place alone. Y has a number for each place at which the kernel fits.
        np.tensordot(X[:, -k_h:, -k_w:], W, axes=3) + b
    every place gets the patch in the upper left corner: i and j are not in it.
        patch = X[:, :k_h, :k_w]
    only the first channel out is done. Is the `return` inside the loop?
        Y * (np.arange(W.shape[3]) == 0)
    only the last channel out is done.
        Y * (np.arange(W.shape[3]) == W.shape[3] - 1)
    patches are two pixels apart: that is a stride of 2. Here the next one begins one pixel further.
        height, width = (X.shape[1] - k_h) // 2 + 1, (X.shape[2] - k_w) // 2 + 1 ;
            patch = X[:, 2 * i : 2 * i + k_h, 2 * j : 2 * j + k_w]
    an activation is applied to it. Y is what stands before that.
        np.⟨tanh(Y|maximum(0, Y⟩)
    you take the largest product, as a pooling does. It is a sum.
        np.tensordot(patch, W, axes=3) → (patch[..., None] * W).max(axis=(1, 2, 3))
    the image is taken as (N, width, height): rows come first, axis 1.
        X = X.transpose(0, 2, 1, 3)
    `reshape` cuts the same row of numbers elsewhere, and so mixes channels out with all else. They are the
    last axis of W already: `W.reshape(-1, n_out)` has a column for each.
        W = W.reshape(W.shape[3], -1).T.reshape(W.shape)
    the numbers of a patch and those of a kernel are laid out as rows in different orders. Both have to be
    rows, columns, channels: with a view of windows, the channels have to be moved to the end first.
        np.tensordot(patch, W, axes=3) →
            np.tensordot(patch.⟨transpose(0, 3, 1, 2)|transpose(0, 2, 1, 3)|transpose(0, 3, 2, 1)⟩.reshape(
                len(X), -1), W.reshape(-1, W.shape[3]), axes=1)
        W = W.⟨transpose(2, 0, 1, 3)|transpose(1, 0, 2, 3)|transpose(2, 1, 0, 3)⟩.reshape(W.shape)
    height and width of Y are exchanged.
        Y.transpose(0, 2, 1, 3)
    the channels stand before height and width. Here they come last.
        Y.transpose(0, 3, 1, 2)
    W is not in it: you add up the patch.
        np.tensordot(patch, W, axes=3) → patch.sum(axis=(1, 2, 3))[:, None]
    """,
)
def convolve(X, W, b):
    """Check convolve(X, W, b), which returns Y. See notebooks/12_convolution.ipynb."""
    k_h, k_w = W.shape[:2]
    height, width = X.shape[1] - k_h + 1, X.shape[2] - k_w + 1
    Y = np.zeros((len(X), height, width, W.shape[3]))
    for i, j in np.ndindex(height, width):
        patch = X[:, i : i + k_h, j : j + k_w]
        Y[:, i, j] = np.tensordot(patch, W, axes=3) + b
    return Y


KERNELS = """
    dW: right but for a factor 1/N. The mean over the batch is already in dY: the loss put it there.
        dW / len(X)
    dW: you average over the places. Each place adds its share, and dY knows already how large it is.
        dW / (height * width)
    dW: you average over images and places. The mean over the batch is already in dY: the loss put it there.
        dW / (len(X) * height * width)
    dW: only the last image is in it: each image of your loop writes over the ones before. Every image uses
    the same weight: add.
        np.einsum("nijc,nijo->co", seen, dY) → np.einsum("nijc,nijo->co", seen[-1:], dY[-1:])
    dW: only the first image is in it. Every image uses the same weight: add over them.
        np.einsum("nijc,nijo->co", seen, dY) → np.einsum("nijc,nijo->co", seen[:1], dY[:1])
    dW: only the last place of the last image is in it: each turn of your loop writes over the ones before.
    The same weight is used at every place of every image: add.
        np.einsum("nijc,nijo->co", seen, dY) → np.outer(seen[-1, -1, -1], dY[-1, -1, -1])
    dW: only the last place is in it: each place of your loop writes over the ones before. The same weight is
    used at every place: add.
        np.einsum("nijc,nijo->co", seen, dY) → seen[:, -1, -1].T @ dY[:, -1, -1]
    dW: only the last row of places is in it: each row of your loop writes over the ones before. Add.
        np.einsum("nijc,nijo->co", seen, dY) → np.einsum("njc,njo->co", seen[:, -1], dY[:, -1])
    dW: only the last column of places is in it: each column of your loop writes over the ones before. Add.
        np.einsum("nijc,nijo->co", seen, dY) → np.einsum("nic,nio->co", seen[:, :, -1], dY[:, :, -1])
    dW: only the first place is in it. The same weight is used at every place: add over i and j.
        np.einsum("nijc,nijo->co", seen, dY) → seen[:, 0, 0].T @ dY[:, 0, 0]
    dW: it is turned by half a turn: dW[u, v] stands where W[-1 - u, -1 - v] has its place. The kernel was not
    turned on its way forward, so nothing is turned here.
        dW[::-1, ::-1]
    dW: it is upside down: row u of the kernel has met row i + u of the image.
        dW[::-1]
    dW: it is mirrored: column v of the kernel has met column j + v of the image.
        dW[:, ::-1]
    dW: dY is turned by half a turn. Each number of dY belongs to the patch that has made its number of Y.
        dY = dY[:, ::-1, ::-1]
    dW: u and v are not in it: every weight of the kernel gets the same. Weight W[u, v] has met X[i + u, j +
    v].
        seen = X[:, :height, :width]
    dW: weight W[u, v] has met pixel (i + u, j + v) at place (i, j); yours has met (i - u, j - v). Below 0, an
    index counts from the end.
        seen = X[:, (np.arange(height) - u)[:, None], np.arange(width) - v]
    dW: that is a weight from every pixel to every number of Y, as a dense layer has them. A kernel has few
    weights, and each is used at every place: for each u and v, add over n, i and j.
        dW = X.reshape(len(X), -1).T @ dY.reshape(len(dY), -1) ;
            np.ndindex(k_h, k_w) → ()
    dW: i and j are not in it: every number of dY meets the patch in the upper left corner. Weight W[u, v] has
    met X[i + u, j + v].
        np.einsum("nijc,nijo->co", seen, dY) → np.einsum("nc,nijo->co", X[:, u, v], dY)
    dW: the size of dY is taken for that of the kernel. A kernel of k_h rows fits into H rows at H - k_h + 1
    places; dY has so many, and that gives k_h.
        k_h, k_w = X.shape[1] - height + 1, X.shape[2] - width + 1 → k_h, k_w = dY.shape[1:3]
    dW: the channels of X are added up. Each channel in has weights of its own: dW keeps it.
        seen = X[:, u : u + height, v : v + width].sum(axis=3, keepdims=True)
    dW: the channels of dY are added up. Each channel out has a kernel of its own: dW keeps it.
        np.einsum("nijc,nijo->co", seen, dY) → np.einsum("nijc,nijo->c", seen, dY)[:, None]
    dW: you multiply the sum of what a weight has met by the sum of dY. Each place has its own pair: multiply
    first, then add.
        np.einsum("nijc,nijo->co", seen, dY) → np.outer(seen.sum(axis=(0, 1, 2)), dY.sum(axis=(0, 1, 2)))
    dW: in each image you multiply the sum, or the mean, of what a weight has met by the sum of dY. Each place
    has its own pair: multiply first, then add.
        np.einsum("nijc,nijo->co", seen, dY) → seen.⟨mean|sum⟩(axis=(1, 2)).T @ dY.sum(axis=(1, 2))
    dW: you multiply the sum over the images by the sum over the images. What one image has shown belongs to
    its own blame: multiply first, then add.
        np.einsum("nijc,nijo->co", seen, dY) → np.einsum("ijc,ijo->co", seen.sum(axis=0), dY.sum(axis=0))
    dW: dY is not in it. A nudge of a weight costs as much as the numbers that it moves are to blame.
        np.einsum("nijc,nijo->co", seen, dY) → seen.sum(axis=(0, 1, 2))[:, None]
    dW: X is not in it. A nudge of a weight moves a number of Y by as much as the pixel that it is multiplied
    by.
        np.einsum("nijc,nijo->co", seen, dY) → dY.sum(axis=(0, 1, 2))
    dW: channels in come before channels out.
        dW.transpose(0, 1, 3, 2)
    dW: that is the order of another library. Here it is height, width, channels in, channels out.
        dW.transpose(3, 2, 0, 1)
        dW.transpose(3, 0, 1, 2)
    dW: `reshape` cuts the same row of numbers elsewhere. A column of patches holds rows, columns and channels
    in some order, and dW has them in this one: move the axes before you give it its shape.
        dW.⟨transpose(2, 0, 1, 3)|transpose(3, 0, 1, 2)|transpose(1, 0, 2, 3)|transpose(2, 1, 0, 3)⟩.reshape(
            dW.shape)
        dW.⟨transpose(0, 1, 3, 2)|transpose(3, 2, 0, 1)⟩.reshape(dW.shape)
    dW: `reshape(n_in, -1)` does not make a row of each channel: it cuts the same row of numbers elsewhere. A
    column for each is `reshape(-1, n_in)`; its transpose has the rows.
        np.einsum("nijc,nijo->co", seen, dY) → seen.reshape(X.shape[3], -1) @ dY.reshape(-1, dY.shape[3])
        np.einsum("nijc,nijo->co", seen, dY) →
            seen.reshape(-1, X.shape[3]).T @ dY.reshape(dY.shape[3], -1).T
    dW: channels in stand before height and width. Here it is height, width, channels in, channels out.
        dW.transpose(2, 0, 1, 3)
    dW: it is counted once for each channel out: a loop over dY's channels stands in the sum.
        dW * dY.shape[3]
    dW: it is counted once for each channel in: a loop over X's channels stands in the sum.
        dW * X.shape[3]
    dW: only the first of its places is filled. Is the `return` inside the loop?
        np.ndindex(k_h, k_w) → [(0, 0)]
    dW: only its first row is filled. Is the `return` inside the loop?
        np.ndindex(k_h, k_w) → np.ndindex(1, k_w)
    dW: height and width of the kernel are exchanged.
        dW.transpose(1, 0, 2, 3)
    dW: a row and a column are missing: a kernel of k_h rows fits into H rows at H - k_h + 1 places, so dY has
    that many rows, and k_h is H - H' + 1.
        dW[:-1, :-1]
    dW: its last row and its last column are zero: your loop ends one too early.
        np.ndindex(k_h, k_w) → np.ndindex(k_h - 1, k_w - 1)
    dW: you have one for each image. Every image uses the same weights, so what they contribute has to be
    added.
        dW = np.zeros((len(X), k_h, k_w, X.shape[3], dY.shape[3])) ;
            dW[u, v] = np.einsum("nijc,nijo->co", seen, dY) →
                dW[:, u, v] = np.einsum("nijc,nijo->nco", seen, dY)
    dW: the signs of X are lost.
        seen = np.abs(X[:, u : u + height, v : v + width])
    """

BIASES = """
    db: right but for a factor 1/N. The mean over the batch is already in dY: the loss put it there.
        db = dY.mean(axis=0).sum(axis=(0, 1))
    db: you average over images and places. The bias was added at each place of each image, so what they are
    to blame adds up.
        db = dY.mean(axis=(0, 1, 2))
    db: you average over the places. The bias was added at each of them: add.
        db = dY.mean(axis=(1, 2)).sum(axis=0)
    db: you have a number for each image. The bias is the same for all of them: add over the images, too.
        db = dY.sum(axis=(1, 2))
        db = dY.sum(axis=(1, 2, 3))
    db: you have a number for each place. The bias is the same everywhere: add over height and width, too.
        db = dY.sum(axis=0)
    db: you add over the images and one of the two sides; the other side is left. The bias is the same
    everywhere.
        db = dY.sum(axis=(0, ⟨1|2⟩))
    db: you add up everything. Each channel out has a bias of its own.
        db = dY.sum()
        db = np.full(dY.shape[3], dY.sum())
    db: you average everything. Each channel out has a bias of its own.
        db = dY.mean()
    db: it is counted once for each channel out. Bias o is added to channel o alone.
        db = dY.shape[3] * dY.sum(axis=(0, 1, 2))
    db: it is counted once for each channel in. The bias is added once, however many channels come in.
        db = X.shape[3] * dY.sum(axis=(0, 1, 2))
    db: it is counted once for each weight of the kernel: it stands in the loop over u and v. The bias is
    added once.
        db = k_h * k_w * dY.sum(axis=(0, 1, 2))
        db = k_h * k_w * X.shape[3] * dY.sum(axis=(0, 1, 2))
    db: only the last image is in it: each image of your loop writes over the ones before. Add.
        db = dY[-1].sum(axis=(0, 1))
    db: only the first image is in it. The bias is added to all of them.
        db = dY[0].sum(axis=(0, 1))
    db: only the last place is in it: each place of your loop writes over the ones before. Add.
        db = dY[-1, -1, -1]
        db = dY[:, -1, -1].sum(axis=0)
        db = dY[:, -1].sum(axis=(0, 1))
        db = dY[:, :, -1].sum(axis=(0, 1))
    db: only the first place is in it. The bias is added at all of them.
        db = dY[0, 0, 0]
        db = dY[:, 0, 0].sum(axis=0)
    db: you add up X. A bias is multiplied by 1, not by a pixel: only dY counts.
        db = X.sum(axis=(0, 1, 2))
    db: you add up dW. A bias takes over the blame of its channel, whatever the pixels are.
        db = dW.sum(axis=(0, 1, 2))
    db: you count places and images. Each contributes as much as its number is to blame.
        db = np.full(dY.shape[3], dY[..., 0].size)
    db: its shape should be (n_out,), a plain row of numbers: axes of length 1 are left in it.
        db = dY.sum(axis=(0, 1, 2), keepdims=True)
        db = dY.sum(axis=(0, 1, 2))[None]
        db = dY.sum(axis=(0, 1, 2))[:, None]
    """


@exercise(
    trials=lambda: _images("X", "dY"),
    results=["dW", "db"],
    axes=_axes("X", "dY"),
    hint="weight W[u, v, c, o] has met one pixel at each place (i, j) of each image. Which one? And whose"
    " blame belongs to it?",
    praise=f"{RIGHT}.",
    tell=TELL,
    wrong=KERNELS + BIASES,
)
def kernel_gradients(X, dY):
    """Check kernel_gradients(X, dY), which returns dW and db. See notebooks/12_convolution.ipynb."""
    height, width = dY.shape[1:3]
    k_h, k_w = X.shape[1] - height + 1, X.shape[2] - width + 1
    dW = np.zeros((k_h, k_w, X.shape[3], dY.shape[3]))
    for u, v in np.ndindex(k_h, k_w):
        seen = X[:, u : u + height, v : v + width]
        dW[u, v] = np.einsum("nijc,nijo->co", seen, dY)
    db = dY.sum(axis=(0, 1, 2))
    return dW, db


def _zeros(dY, W):
    """Return zeros of dX's shape."""
    N, height, width = dY.shape[:3]
    k_h, k_w, n_in, _ = W.shape
    return np.zeros((N, height + k_h - 1, width + k_w - 1, n_in))


def _written_over(dY, W):
    """Return dX where each place of the kernel writes over those before it."""
    dX = _zeros(dY, W)
    height, width = dY.shape[1:3]
    for u, v in np.ndindex(W.shape[:2]):
        dX[:, u : u + height, v : v + width] = dY @ W[u, v].T
    return dX


def _sent_back(dY, W):
    """Return dX where the share of pixel (i + u, j + v) goes to (i - u, j - v)."""
    dX = _zeros(dY, W)
    for i, j, u, v in np.ndindex(*dY.shape[1:3], *W.shape[:2]):
        dX[:, i - u, j - v] += dY[:, i, j] @ W[u, v].T
    return dX


def _counted_from_the_end(dY, W):
    """Return dX where a place before the first row or column is taken for one that counts from the end."""
    dX = _zeros(dY, W)
    height, width = dY.shape[1:3]
    for r, q, u, v in np.ndindex(*dX.shape[1:3], *W.shape[:2]):
        if r - u < height and q - v < width:
            dX[:, r, q] += dY[:, r - u, q - v] @ W[u, v].T
    return dX


def _inside(dY, W):
    """Return dX at those pixels alone that every place of the kernel has seen."""
    k_h, k_w = W.shape[:2]
    dX = np.zeros((len(dY), dY.shape[1] - k_h + 1, dY.shape[2] - k_w + 1, W.shape[2]))
    for i, j in np.ndindex(dX.shape[1:3]):
        dX[:, i, j] = np.einsum("nuvo,uvco->nc", dY[:, i : i + k_h, j : j + k_w], W[::-1, ::-1])
    return dX


def _gathered(dY, W):
    """Return dX where pixel (r, q) hears from the patches that begin at (r + u, q + v)."""
    dX = _zeros(dY, W)
    height, width = dY.shape[1:3]
    for r, q, u, v in np.ndindex(height, width, *W.shape[:2]):
        if r + u < height and q + v < width:
            dX[:, r, q] += dY[:, r + u, q + v] @ W[u, v].T
    return dX


@exercise(
    trials=lambda: _images("dY", "W"),
    results=["dX"],
    axes=_axes("dY", "W"),
    hint="number dY[n, i, j, o] belongs to one patch. Send it back to each pixel of that patch, through the"
    " weight that the pixel has met; what several patches send adds up.",
    praise=f"{RIGHT}, and one kernel is as large as its image.",
    tell=TELL,
    wrong="""
    the kernel lies the wrong way round, by half a turn. From dY[n, i, j], pixel (i + u, j + v) gets its share
    through W[u, v], as it lies. Collected at a pixel, as a sum over a patch of dY, the same is a sum with the
    kernel turned: the further right the place, the further left the weight.
        W = W[::-1, ::-1]
    the kernel is upside down: its rows, and they alone, run the wrong way.
        W = W[::-1]
    the kernel is mirrored: its columns, and they alone, run the wrong way.
        W = W[:, ::-1]
    each patch writes over what came before. Patches overlap, and what comes back to a pixel from several of
    them adds up: += for =. (Where an array of places is the index, += adds once to a place that occurs twice:
    `np.add.at` adds each time.)
        dX[:, i : i + k_h, j : j + k_w] += back → dX[:, i : i + k_h, j : j + k_w] = back
    each turn of your loop writes over what came before, channels out too. What comes back to a pixel, from
    each patch and each channel out, adds up: += for =.
        dX[:, i : i + k_h, j : j + k_w] += back → dX[:, i : i + k_h, j : j + k_w] = np.einsum(
            "n,uvc->nuvc", dY[:, i, j, -1], W[..., -1])
    each place of the kernel writes over what came before. What comes back to a pixel through several weights
    adds up: += for =.
        _written_over(dY, W)
    below 0 an index counts from the end: where r - u or q - v is negative, no patch begins there, and nothing
    comes back. Both sides have to be asked for: 0 <= r - u < height.
        _counted_from_the_end(dY, W)
    what comes back to a pixel is averaged over the patches that have seen it. It adds up.
        dX = np.zeros((N, height + k_h - 1, width + k_w - 1, W.shape[2])) ;
            dX / np.convolve(np.ones(height), np.ones(k_h))[:, None, None] / np.convolve(
                np.ones(width), np.ones(k_w))[:, None]
    each pixel hears of the patch alone that begins at it. Every patch that lies on a pixel sends something
    back.
        dX[:, i : i + k_h, j : j + k_w] += back → dX[:, i, j] += back[:, 0, 0]
    each pixel hears of the patch alone that begins at it, through all its weights. Each number of dY goes
    back to a whole patch, to each pixel through its own weight.
        dX[:, i : i + k_h, j : j + k_w] += back → dX[:, i, j] += back.sum(axis=(1, 2))
    all pixels of a patch get the same: the sum over its weights. Each has met a weight of its own.
        W = np.broadcast_to(W.sum(axis=(0, 1)), W.shape)
    dX has the size of dY: what belongs to the last rows and columns is cut off. X was larger than Y.
        dX[:, :height, :width]
    dX has the size of dY: the edge is cut off. X was larger than Y by k_h - 1 rows and k_w - 1 columns, and
    the pixels at its edge get their share, too.
        dX[:, (k_h - 1) // 2 : (k_h - 1) // 2 + height, (k_w - 1) // 2 : (k_w - 1) // 2 + width]
        dX[:, k_h // 2 : k_h // 2 + height, k_w // 2 : k_w // 2 + width]
    the edge is cut off: dY has too few zeros around it. The first pixel is seen by the last weight of the
    kernel alone, so there have to be k_h - 1 rows and k_w - 1 columns on each side.
        dX[:, k_h - 1 - k_h // 2 : height + k_h // 2, k_w - 1 - k_w // 2 : width + k_w // 2]
        dX[:, k_h // 2 : height + (k_h - 1) // 2, k_w // 2 : width + (k_w - 1) // 2]
    all of it lies one row and one column too far down and to the right: dY needs k_h - 1 rows and k_w - 1
    columns of zeros on each side, and has one more.
        np.pad(dX, ((0, 0), (1, 0), (1, 0), (0, 0)))[:, :-1, :-1]
    dY has one row and one column of zeros too many on each side: it needs k_h - 1 and k_w - 1.
        np.pad(dX, ((0, 0), (1, 1), (1, 1), (0, 0)))
    all of it lies one row and one column too far up and to the left.
        np.pad(dX, ((0, 0), (0, 1), (0, 1), (0, 0)))[:, 1:, 1:]
    the edge is cut off: only the pixels that k_h · k_w patches have seen are left. Those at the edge were
    seen too, by fewer: dY needs k_h - 1 rows and k_w - 1 columns of zeros on each side.
        dX[:, k_h - 1 : height, k_w - 1 : width]
        dX = np.zeros((N, height - k_h + 1, width - k_w + 1, W.shape[2])) ;
            dX[:, i : i + k_h, j : j + k_w] += back → pass ;
            dX[:, k_h - 1 : height, k_w - 1 : width]
    dX has a row and a column of zeros too many: Y has H - k_h + 1 rows, so X has H' + k_h - 1.
        dX = np.zeros((N, height + k_h, width + k_w, W.shape[2]))
    the last row and the last column of dY are missing: your loop ends one too early.
        np.ndindex(height, width) → np.ndindex(height - 1, width - 1)
    the first row and the first column of dY are missing: your loop begins at 1. Code counts from 0.
        np.ndindex(height, width) → [(i, j) for i in range(1, height) for j in range(1, width)]
    only the last place of dY is in it.
        np.ndindex(height, width) → [(height - 1, width - 1)]
    only the first place of dY is in it. Is the `return` inside the loop?
        np.ndindex(height, width) → [(0, 0)]
    """
    + CUT_SHORT
    + """
    pixel (i + u, j + v) has met weight W[u, v] at place (i, j); yours sends its share to (i - u, j - v).
    Below 0, an index counts from the end.
        _sent_back(dY, W)
    pixel (r, q) has been in the patches that begin at (r - u, q - v), where it has met W[u, v]; yours hears
    from those that begin at (r + u, q + v).
        _gathered(dY, W)
    only the first row of the kernel is in it. Is the `return` inside the loop?
        W = W * (np.arange(len(W)) == 0)[:, None, None, None]
    only the last channel out is in it: each channel of your loop writes over the ones before. Add.
        np.einsum("no,uvco->nuvc", dY[:, i, j], W) → np.einsum("n,uvc->nuvc", dY[:, i, j, -1], W[..., -1])
    only the first channel out is in it. A pixel reaches all of them.
        np.einsum("no,uvco->nuvc", dY[:, i, j], W) → np.einsum("n,uvc->nuvc", dY[:, i, j, 0], W[..., 0])
    you add the channels of dY, and the kernels, and then multiply. Each channel out has its own kernel:
    multiply first, then add.
        np.einsum("no,uvco->nuvc", dY[:, i, j], W) →
            np.einsum("n,uvc->nuvc", dY[:, i, j].sum(axis=1), W.sum(axis=3))
    every channel in gets the sum over all channels in. Each has weights of its own.
        W = np.broadcast_to(W.sum(axis=2, keepdims=True), W.shape)
    every channel in gets what belongs to the first. Each has weights of its own.
        W = np.broadcast_to(W[:, :, :1], W.shape)
    every channel in gets what belongs to the last. Each has weights of its own.
        W = np.broadcast_to(W[:, :, -1:], W.shape)
    you average over the channels out. A pixel reaches all of them, and what comes back adds up.
        dX / W.shape[3]
    you average over the weights of the kernel. What comes back through them adds up.
        dX / (k_h * k_w)
        dX / W[..., 0].size
        dX / W[:, :, 0].size
    you average over the places. What comes back from them adds up.
        dX / (height * width)
        dX / (N * height * width)
    right but for a factor 1/N. The mean over the batch is already in dY: the loss put it there.
        dX / N
    every image gets the sum over all images. Each image has its own blame.
        dY = np.broadcast_to(dY.sum(axis=0), dY.shape)
    you add up the images. Each has its own blame.
        dX.sum(axis=0)
    you average over the images. Each has its own blame.
        dX.mean(axis=0)
    only the last image is in it.
        dX[:, i : i + k_h, j : j + k_w] += back → dX[-1, i : i + k_h, j : j + k_w] += back[-1]
    only the first image is in it.
        dX[:, i : i + k_h, j : j + k_w] += back → dX[0, i : i + k_h, j : j + k_w] += back[0]
    W is not in it. A nudge of a pixel moves a number of Y by as much as the weight between them.
        W = np.ones_like(W)
    dY is not in it. That is how far the numbers of Y move, not how much of it is to blame.
        dY = np.ones_like(dY)
    the signs of dY are lost.
        dY = np.abs(dY)
    the kernel is turned, and its channels too: `np.flip` without axes turns all four. Only rows and columns
    are.
        W = W[:, :, ::-1, ::-1]
        W = W[:, :, ::-1]
        W = W[..., ::-1]
        W = np.flip(W)
    `reshape` cuts the same row of numbers elsewhere, and so mixes channels in and out. `W[u, v].T`, or
    `swapaxes`, exchanges them.
        W = W.reshape(*W.shape[:2], W.shape[3], W.shape[2]).swapaxes(2, 3)
    `reshape` cuts the same row of numbers elsewhere. What goes back to a patch stands in the order of the
    rows of `W.reshape(-1, n_out)`: rows, columns, channels.
        back = np.einsum("no,uvco->nuvc", dY[:, i, j], W).reshape(N, -1, k_h, k_w).transpose(0, 2, 3, 1)
        back = np.einsum("no,uvco->nuvc", dY[:, i, j], W).reshape(N, -1, k_w, k_h).transpose(0, 3, 2, 1)
    height and width of the kernel are exchanged.
        W = W.transpose(1, 0, 2, 3) ; k_h, k_w = W.shape[:2]
    rows and columns of the kernel are exchanged, as in a transpose. It has to be turned by half a turn:
    W[::-1, ::-1] runs backwards along both.
        W = W.transpose(1, 0, 2, 3)[::-1, ::-1] ; k_h, k_w = W.shape[:2]
    the patches lie side by side, as in a pooling. They overlap: what dY[n, i, j] sends back begins at pixel
    (i, j), and adds to what is there.
        dX = np.zeros((N, height * k_h, width * k_w, W.shape[2])) ;
            dX[:, i : i + k_h, j : j + k_w] += back →
                dX[:, i * k_h : (i + 1) * k_h, j * k_w : (j + 1) * k_w] += back
        dX = np.zeros((N, height * k_h, width * k_w, W.shape[2])) ;
            dX[:, i : i + k_h, j : j + k_w] += back →
                dX[:, i * k_h : (i + 1) * k_h, j * k_w : (j + 1) * k_w] = np.einsum(
                    "n,uvc->nuvc", dY[:, i, j, -1], W[..., -1])
    dY has no zeros around it, so dX is smaller than dY, where X was larger than Y by k_h - 1 rows and k_w - 1
    columns. A sum over patches of dY needs as many zeros on each side.
        _inside(dY, W)
        _inside(dY, W[::-1, ::-1])
    dX is turned by half a turn: dY goes through it in the other direction.
        dX[:, ::-1, ::-1]
    channels stand before height and width. Here they come last.
        dX.transpose(0, 3, 1, 2)
    height and width are exchanged.
        dX.transpose(0, 2, 1, 3)
    """,
)
def image_gradient(dY, W):
    """Check input_gradient(dY, W), which returns dX. See notebooks/12_convolution.ipynb."""
    k_h, k_w = W.shape[:2]
    N, height, width = dY.shape[:3]
    dX = np.zeros((N, height + k_h - 1, width + k_w - 1, W.shape[2]))
    for i, j in np.ndindex(height, width):
        back = np.einsum("no,uvco->nuvc", dY[:, i, j], W)
        dX[:, i : i + k_h, j : j + k_w] += back
    return dX


def _squares():
    rng = np.random.default_rng(0)
    sizes = [(2, 5, 7, 3, 2), (3, 7, 5, 2, 2), (1, 6, 10, 3, 3), (2, 4, 8, 1, 4), (2, 3, 4, 2, 1)]
    for k, (n, height, width, n_in, s) in enumerate(sizes):
        X = rng.integers(-2, 3, (n, height, width, n_in)).astype(
            float
        )  # flat in places: several are the largest
        X[1:] += 3
        X[0, 1:, 1:] = -3  # in one corner everywhere, and below zero
        if k == 1:
            X = X / 7 - 2  # all below zero
        if k == 2:
            X = rng.standard_normal(X.shape)
        dY = rng.uniform(0.5, 2, (n, height // s, width // s, n_in))
        dY *= rng.choice([-1, 1], dY.shape)
        sizes = {"N": n, "image": f"{height} × {width}", "channels": n_in, "s": s}
        yield Trial((X, dY, s), sizes | {"dY": f"{dY.shape[1]} × {dY.shape[2]}"})


def _cropped(name, runs):
    """Tell of what is left over, and missing, whatever the numbers are."""
    for run in runs:
        n, height, width, n_in = run.right.shape
        s = run.sizes["s"]
        if run.found.shape != (n, height // s * s, width // s * s, n_in):
            return None
    run = runs[0]
    if run.found.shape == run.right.shape:
        return None
    return (
        f"{run.tried}, you return shape {run.found.shape}; {name} has {run.right.shape}. The rows and columns"
        " that no square has reached are missing: they are a part of X, and hold zeros."
    )


def _first_wrong(name, runs):
    """Tell of the first square that is wrong: what has been done to it, beside what is right there."""
    run = next(run for run in runs if not tell.same(run.found, run.right))
    s = run.sizes["s"]
    n, r, q, c = np.argwhere(~tell.alike(run.found, run.right))[0]
    i, j = r // s * s, q // s * s
    yours, right = (A[n, i : i + s, j : j + s, c] for A in (run.found, run.right))
    if not right.any():
        return f"{run.tried}, no square has reached row {r}, column {q}: nothing comes back to it."
    place = np.unravel_index(np.abs(right).argmax(), right.shape)
    if np.count_nonzero(yours) > 1:
        why = "More than one of its numbers gets something; only the largest has been passed on"
    elif not yours.any():
        why = "None of its numbers gets anything: has another square written over it, or is it left out"
    elif yours[place]:
        why = "The place is right; what comes back is not this square's dY"
    else:
        why = f"Its first largest number stands in row {place[0]}, column {place[1]} of it; yours is another"
    end = "?" if why.startswith("None") else "."
    shows = f" It should get {_rows(right)}; yours gets {_rows(yours)}." if right.size <= 4 else ""
    where = f"look at the square of image {n}, channel {c}, from row {i}, column {j} on"
    return f"{run.tried}, {where}. {why}{end}{shows}"


def _rows(A):
    return "[" + ", ".join("[" + ", ".join(f"{a:.3g}" for a in row) + "]" for row in A) + "]"


@exercise(
    trials=lambda: list(_squares()),
    results=["dX"],
    axes=dict.fromkeys(["X", "dY"], "images, rows, columns, channels"),
    hint="begin with zeros. Which single place of a square gets its number of dY, and where is it in X?",
    praise="Right, on 5 batches of images: some flat, some below zero, some that no squares fill.",
    tell=(_reshaped, _cropped, _shapes, SHAPE, FINITE, FACTOR, _where, *REST[:-1], _first_wrong, REST[-1]),
    wrong="""
    where several are the largest, all of them get dY. It goes to the first of them, row by row, and to no
    other: what Y has passed on is one number.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
            dX[n, s * i : s * i + s, s * j : s * j + s, c] = dY[n, i, j, c] * (square == square.max())
    where several are the largest, dY is divided among them. Here it goes to the first of them, row by row.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
            dX[n, s * i : s * i + s, s * j : s * j + s, c] = (
                dY[n, i, j, c] * (square == square.max()) / (square == square.max()).sum())
    where several are the largest, the last of them gets dY. It goes to the first, row by row.
        u, v = divmod(s * s - 1 - square[::-1, ::-1].argmax(), s)
    where several are the largest, you take the first column by column. The first is asked for row by row.
        u, v = divmod(square.argmax(), s) → v, u = divmod(square.T.argmax(), s)
    where several are the largest, you take the first of the last row that has one.
        u, v = s - 1 - divmod(square[::-1].argmax(), s)[0], square[::-1].argmax() % s
    where several are the largest, you take the last of the first row that has one.
        u, v = square[:, ::-1].argmax() // s, s - 1 - square[:, ::-1].argmax() % s
    you compare with the largest number of the whole channel, not with that of the square.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
            dX[n, s * i : s * i + s, s * j : s * j + s, c] = dY[n, i, j, c] * (square == X[n, ..., c].max())
    you compare with the largest number of the whole image, not with that of the square.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
            dX[n, s * i : s * i + s, s * j : s * j + s, c] = dY[n, i, j, c] * (square == X[n].max())
    you compare with the largest number of the whole batch, not with that of the square.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
            dX[n, s * i : s * i + s, s * j : s * j + s, c] = dY[n, i, j, c] * (square == X.max())
    every number of a square gets dY. Only the largest has been passed on; moving another one changes nothing.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
            dX[n, s * i : s * i + s, s * j : s * j + s, c] = dY[n, i, j, c]
    every number of a square gets the same share of dY, as in a pooling that takes the mean. Here the largest
    alone has been passed on.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
            dX[n, s * i : s * i + s, s * j : s * j + s, c] = dY[n, i, j, c] / s**2
    dY goes to the smallest of each square.
        u, v = divmod(square.argmin(), s)
    dY goes to the one that is furthest from zero. The largest is wanted, with its sign.
        u, v = divmod(np.abs(square).argmax(), s)
    dY is not in it: the mask alone says where, not how much.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] → dX[n, s * i + u, s * j + v, c] = 1
    dY is not in it: the mask alone says where, not how much. And where several are the largest, all have a 1.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
            dX[n, s * i : s * i + s, s * j : s * j + s, c] = square == square.max()
    the largest of the first channel decides for all channels. Each channel is pooled by itself.
        square = X[n, s * i : s * i + s, s * j : s * j + s, 0]
    the largest of the last channel decides for all channels. Each channel is pooled by itself.
        square = X[n, s * i : s * i + s, s * j : s * j + s, -1]
    the largest of the sum over the channels decides for all of them. Each channel is pooled by itself.
        square = X[n, s * i : s * i + s, s * j : s * j + s].sum(axis=2)
    the first image decides for all of them. Each image is pooled by itself.
        square = X[0, s * i : s * i + s, s * j : s * j + s, c]
    yours begins with X: what no dY comes back to still holds its own number. Begin with zeros.
        dX = X.copy()
    yours begins with ones: what no dY comes back to has to be zero.
        dX = np.ones(X.shape)
    the largest of each row and of each column of the square is looked for; a square has one largest number.
        u, v = square.argmax(axis=0), square.argmax(axis=1)
        u, v = square.argmax(axis=1), square.argmax(axis=0)
    you put the largest number itself there: that is Y. Its blame is dY.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] → dX[n, s * i + u, s * j + v, c] = square.max()
    dY is multiplied by the largest number. The slope of a maximum is 1 for the largest, and 0 for the others.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
            dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] * square.max()
    the rows and columns that no square has reached are missing. They are a part of X; nothing comes back to
    them, so they hold zeros.
        dX[:, : s * dY.shape[1], : s * dY.shape[2]]
    the rows that no square has reached are missing. They are a part of X, and hold zeros.
        dX[:, : s * dY.shape[1]]
    the columns that no square has reached are missing. They are a part of X, and hold zeros.
        dX[:, :, : s * dY.shape[2]]
    you have put more rows and columns of zeros to X, until squares fill it. What is left over is not read,
    and dX has the shape of X.
        dX = np.zeros((len(X), -(-X.shape[1] // s) * s, -(-X.shape[2] // s) * s, X.shape[3]))
    only one channel of a square gets dY: the one with the largest number of all. Each channel is pooled by
    itself.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
            dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] * (
                c == X[n, s * i : s * i + s, s * j : s * j + s].argmax() % X.shape[3])
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
            dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] * (
                square.max() == X[n, s * i : s * i + s, s * j : s * j + s].max())
        u, v = divmod(np.abs(X[n, s * i : s * i + s, s * j : s * j + s]).argmax() // X.shape[3], s) ;
            dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
                dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] * (
                    c == np.abs(X[n, s * i : s * i + s, s * j : s * j + s]).argmax() % X.shape[3])
    the largest of all channels decides, and one of them gets the dY of all. Each channel is pooled by itself.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
            dX[n, s * i + u, s * j + v, c] = dY[n, i, j].sum() * (
                c == X[n, s * i : s * i + s, s * j : s * j + s].argmax() % X.shape[3])
    row and column of the largest are looked for apart from each other: where several are the largest, the two
    may belong to different ones.
        u, v = square.max(axis=1).argmax(), square.max(axis=0).argmax()
    row and column in the square are exchanged: argmax counts row by row, so `// s` is the row and `% s` the
    column.
        u, v = divmod(square.argmax(), s) → v, u = divmod(square.argmax(), s)
    the place in the square is right, but every square writes into the upper left corner: s i and s j are
    missing.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] → dX[n, u, v, c] = dY[n, i, j, c]
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] → dX[n, u, v, c] += dY[n, i, j, c]
    the place in the square is right, but squares lie side by side: the next one begins s further, not 1.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] → dX[n, i + u, j + v, c] = dY[n, i, j, c]
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] → dX[n, i + u, j + v, c] += dY[n, i, j, c]
    squares overlap in yours, where the next one begins s further, not 1; and where several are the largest,
    all of them get dY.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
            dX[n, i : i + s, j : j + s, c] += dY[n, i, j, c] * (
                X[n, i : i + s, j : j + s, c] == X[n, i : i + s, j : j + s, c].max())
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
            dX[n, i : i + s, j : j + s, c] = dY[n, i, j, c] * (
                X[n, i : i + s, j : j + s, c] == X[n, i : i + s, j : j + s, c].max())
    you take squares that overlap: the next one begins s further, not 1.
        square = X[n, i : i + s, j : j + s, c]
        square = X[n, i : i + s, j : j + s, c] ;
            dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] → dX[n, i + u, j + v, c] = dY[n, i, j, c]
        square = X[n, i : i + s, j : j + s, c] ;
            dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] → dX[n, i + u, j + v, c] += dY[n, i, j, c]
    it stops where rows or columns are left over, and nowhere else. They make no square of their own, and dY
    has no number for them: go through the places of dY, or cut them off first; dX has the shape of X.
        np.ndindex(dY.shape) → np.ndindex(len(X), -(-X.shape[1] // s), -(-X.shape[2] // s), X.shape[3])
    `reshape` alone makes no squares: it cuts the row of numbers into pieces that lie behind each other. Rows
    and columns have to be split, (h, s, w, s), and the axes moved.
        square = X[n, : dY.shape[1] * s, : dY.shape[2] * s].reshape(*dY.shape[1:3], s, s, -1)[i, j, ..., c]
    your squares are always 2 × 2; s is their side.
        s = 2
    each of your squares begins 2 further than the one before; s is their side, so the next one begins s
    further.
        square = X[n, 2 * i : 2 * i + s, 2 * j : 2 * j + s, c] ;
            dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] → dX[n, 2 * i + u, 2 * j + v, c] = dY[n, i, j, c]
        square = X[n, 2 * i : 2 * i + s, 2 * j : 2 * j + s, c] ;
            dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] → dX[n, 2 * i + u, 2 * j + v, c] += dY[n, i, j, c]
    dY goes to the upper left corner of each square, wherever its largest number is.
        u, v = 0, 0
    only squares with a single largest number get their dY.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
            dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] * ((square == square.max()).sum() == 1)
    nothing below zero gets its dY: your largest number begins at 0.
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
            dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] * (square.max() > 0)
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] →
            dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c] * (square.max() >= 0)
    a square whose largest number is below zero sends its dY to its corner: your largest number begins at 0.
        u, v = divmod(square.argmax() if square.max() > 0 else 0, s)
    only the first image is done.
        np.ndindex(dY.shape) → np.ndindex(1, *dY.shape[1:])
    only the first channel is done.
        np.ndindex(dY.shape) → np.ndindex(*dY.shape[:3], 1)
    only the last channel is done.
        dX * (np.arange(X.shape[3]) == X.shape[3] - 1)
    """,
)
def pool_backward(X, dY, s):
    """Check pool_backward(X, dY, s), which returns dX. See notebooks/12_convolution.ipynb."""
    dX = np.zeros(X.shape)
    for n, i, j, c in np.ndindex(dY.shape):
        square = X[n, s * i : s * i + s, s * j : s * j + s, c]
        u, v = divmod(square.argmax(), s)
        dX[n, s * i + u, s * j + v, c] = dY[n, i, j, c]
    return dX
