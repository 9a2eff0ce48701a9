"""The shapes of a network's arrays. See notebooks/00_start_here.ipynb."""

from nnlib.teach import _doors as door

__all__ = ["two_layer_shapes"]


def two_layer_shapes(N, n_in, n_hidden, n_out):
    """Return the shape of each array in Z1 = X W1 + b1, A1 = f(Z1), Z2 = A1 W2 + b2, by its name.

    See notebooks/00_start_here.ipynb.
    """
    names = ("N", "n_in", "n_hidden", "n_out")
    sizes = zip((N, n_in, n_hidden, n_out), names, strict=True)
    N, n_in, n_hidden, n_out = (door.whole(size, name, most=10**9) for size, name in sizes)
    return {
        "X": (N, n_in),
        "W1": (n_in, n_hidden),
        "b1": (n_hidden,),
        "Z1": (N, n_hidden),
        "A1": (N, n_hidden),
        "W2": (n_hidden, n_out),
        "b2": (n_out,),
        "Z2": (N, n_out),
    }
