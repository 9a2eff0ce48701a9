"""A second try for nbval, when a kernel does not answer.

jupyter_client looks for free ports and hands them to the kernel; until the kernel has bound them, another
process may. That costs a whole notebook, and says nothing about it.
"""

from nbval import kernel

TRIES = 3
start = kernel.start_new_kernel


def start_patiently(startup_timeout=60, **options):
    """Start a kernel as nbval does, at most three times, each with ports of its own."""
    for _ in range(TRIES - 1):
        try:
            return start(startup_timeout=startup_timeout / 2, **options)
        except RuntimeError:
            continue
    return start(startup_timeout=startup_timeout, **options)


kernel.start_new_kernel = start_patiently
