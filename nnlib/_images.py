"""What is looked at of images and kernels, before the equations of convolution and pooling see them."""

from typing import Any

from nnlib import _validation as check
from nnlib._types import Array, ArrayLike


def height_and_width(kernel: Any) -> tuple[int, int]:
    """Return the size of a kernel, given as one whole number or as a pair."""
    if not isinstance(kernel, (tuple, list)):
        k = check.whole(kernel, "kernel", 1)
        return k, k
    if len(kernel) != 2:
        raise ValueError(f"kernel is {kernel!r}; expected one whole number, or a pair: height and width.")
    return check.whole(kernel[0], "kernel[0]", 1), check.whole(kernel[1], "kernel[1]", 1)


def looked_at(
    X: ArrayLike,
    n_in: int | None,
    kernel: tuple[int, int],
    padding: int = 0,
    dtype: Any = None,
    owner: str = "layer",
) -> Array:
    """Return X as a batch of images with `n_in` channels, none smaller than the kernel."""
    A = check.numbers(X, "X", dtype)
    expected = f"(N, height, width, {n_in or 'channels'})"
    if A.ndim != 4:
        advice = ""
        if A.ndim in (2, 3):
            shape = (*A.shape, 1) if A.ndim == 3 else f"({len(A)}, height, width, {n_in or 1})"
            advice = f" X.reshape{shape} makes images of it."
        raise ValueError(f"X has shape {A.shape}; expected images, {expected}.{advice}")
    if 0 in A.shape:
        raise ValueError(f"X has shape {A.shape}: it is empty; expected an image and a pixel.")
    if n_in not in (None, A.shape[3]):
        advice = " Channels stand last: np.moveaxis(X, 1, 3)." if A.shape[1] == n_in else ""
        found = f"X has {check.count(A.shape[3], 'channel')}"
        raise ValueError(f"{found}, but this {owner} expects {n_in}.{advice}")
    height, width = (n + 2 * padding for n in A.shape[1:3])
    if height < kernel[0] or width < kernel[1]:
        padded = f", {height} × {width} with the padding" if padding else ""
        found = f"X has images of {A.shape[1]} × {A.shape[2]} pixels{padded}"
        raise ValueError(f"{found}; expected at least {kernel[0]} × {kernel[1]}, the size of the kernel.")
    return A
