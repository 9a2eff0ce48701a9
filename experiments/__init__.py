"""Runs that are too long for a notebook, recorded for the chapters that tell of them: `make experiments`."""
