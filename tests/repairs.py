"""The search for the smallest repair, measured on every wrong attempt in tests/attempts: a table by chapter.

.venv/bin/python -m tests.repairs [chapter …]
"""
