"""Panels and explorers of the notebooks, one file each. Controls are attributes, so that a test can move them."""

__all__ = []
