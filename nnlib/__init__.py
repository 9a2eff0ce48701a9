"""A small neural network library in NumPy."""

__version__ = "0.1.0"
