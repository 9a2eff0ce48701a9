"""What the tests of pictures and of pages ask of colours."""

import numpy as np
from matplotlib.colors import to_rgb


def contrast(*colours):
    """Return the contrast of two colours as WCAG 2 defines it.

    Each is a string that Matplotlib knows, or, as pages have it, red, green and blue from 0 to 255.
    """
    parts = np.array([to_rgb(one) if isinstance(one, str) else np.divide(one[:3], 255) for one in colours])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    dark, bright = sorted(linear @ [0.2126, 0.7152, 0.0722])
    return (bright + 0.05) / (dark + 0.05)
