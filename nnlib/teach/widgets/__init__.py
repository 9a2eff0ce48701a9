"""Panels and explorers of the notebooks, one file each; controls are attributes that a test can move."""

__all__ = []
