"""Panels and explorers of the notebooks, one file each; controls are attributes that a test can move."""

from nnlib.teach.widgets.first_network import first_network
from nnlib.teach.widgets.mnist import mnist_panel
from nnlib.teach.widgets.shape_calculator import shape_calculator
from nnlib.teach.widgets.xor import xor_panel

__all__ = ["first_network", "mnist_panel", "shape_calculator", "xor_panel"]
