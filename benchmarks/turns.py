"""How long several take that do the same."""

import statistics
import time


def median_seconds(teams, rounds):
    """Return the median seconds of each function of a dict; they take turns, `rounds` times."""
    seconds = {name: [] for name in teams}
    for _ in range(rounds):
        for name, run in teams.items():
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(times) for name, times in seconds.items()}
