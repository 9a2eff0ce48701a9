"""Where the nodes of a small graph stand, column by column from left to right, and the ways between them.

After Sugiyama, Tagawa and Toda (1981), Methods for visual understanding of hierarchical system structures: a
way that passes a column has a place in it, as a node has; the columns are ordered so that few ways cross, and
then everything is moved towards what it is connected with. What is too wide for a page goes on in a new line,
as a text does.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["Layered", "crossings", "layered"]

MOST_WIDTH, LEAST_WIDTH = 940, 500  # pixels of a line, and of all, for the title has to have room
MARGIN = 10
NARROWEST, SPARE = 56, 48  # room between two columns, and what is added where there is more
ARROWS = 22  # what a label leaves of it
APART, LANE = 14, 24  # pixels between two nodes of a column, and the height of a way that passes
PORTS, BOW = 20, 26  # pixels between two ways at a node, and between two that join the same nodes
TURN = 11  # pixels between two ways that go on in a new line
SWEEPS = 12


class Layered(NamedTuple):
    """Centres of the nodes; of each way its pieces, Bézier curves of four points; width and height."""

    centres: list
    ways: list
    size: tuple


def layered(sizes, edges, labels):
    """Return where everything stands, in pixels from the upper left corner.

    Parameters
    ----------
    sizes : sequence of (width, height)
        Of the nodes. The last one stands at the right, and all lead to it.
    edges : sequence of (a, b)
        From node a to node b, a < b. Two may be the same.
    labels : sequence of float
        The widths of what is to be written on them.

    See notebooks/13_automatic_differentiation.ipynb.
    """
    column, chains = _columns(len(sizes), edges)
    columns = _ordered(column, chains)
    widths = [max(sizes[u][0] for u in line if u < len(sizes)) for line in columns]
    size = {u: sizes[u] if u < len(sizes) else (widths[c], LANE) for u, c in enumerate(column)}
    rooms = [NARROWEST] * len(columns)  # before each column
    for (_, b), label in zip(edges, labels, strict=True):
        rooms[column[b]] = max(rooms[column[b]], label + ARROWS)
    lines = _lines(widths, rooms)
    line_of = {u: k for k, line in enumerate(lines) for c in line for u in columns[c]}
    links = [link for chain in chains for link in zip(chain, chain[1:], strict=False)]
    turns = [[one for one in links if line_of[one[0]] == k < line_of[one[1]]] for k in range(len(lines))]
    side = MARGIN + TURN * max(map(len, turns)) + (6 if len(lines) > 1 else 0)

    most = MOST_WIDTH - 2 * (side - MARGIN)
    free = min((most - _width(line, widths, rooms)) / max(1, len(line) - 1) for line in lines)
    spare = min(max(free, 0), SPARE)
    place, top, bottoms = {}, MARGIN, []
    for k, line in enumerate(lines):
        inside = [link for link in links if line_of[link[0]] == line_of[link[1]] == k]
        y = _heights([columns[c] for c in line], inside, size)
        shift = top - min(y[u] - size[u][1] / 2 for u in y)
        left = side
        for c in line:
            left += (rooms[c] + spare) * (c != line[0])
            place |= {u: (left + widths[c] / 2, y[u] + shift) for u in columns[c]}
            left += widths[c]
        bottoms.append(max(place[u][1] + size[u][1] / 2 for u in y))
        top = bottoms[-1] + TURN * len(turns[k]) + 2 * APART
    right = max(place[u][0] + size[u][0] / 2 for u in place)
    missing = max(0, LEAST_WIDTH - right - side) / 2
    place = {u: (x + missing, y) for u, (x, y) in place.items()}
    side, right = side + missing, right + missing
    ways = _ways(chains, place, size, len(sizes), line_of, turns, (side, right), bottoms)
    return Layered([place[u] for u in range(len(sizes))], ways, (right + side, bottoms[-1] + MARGIN))


def _columns(n, edges):
    """Return the column of each node as far to the right as can be, and each edge with what it passes."""
    behind = [0] * n
    for a, b in sorted(edges, key=lambda edge: -edge[1]):
        behind[a] = max(behind[a], behind[b] + 1)
    column = [max(behind) - k for k in behind]
    chains = []
    for a, b in edges:
        passed = range(column[a] + 1, column[b])
        chains.append([a, *range(len(column), len(column) + len(passed)), b])
        column += passed
    return column, chains


def _ordered(column, chains):
    """Return the columns, each from top to bottom, with few crossings."""
    columns = [[] for _ in range(max(column) + 1)]
    before, after = [[] for _ in column], [[] for _ in column]
    for chain in chains:
        for u, v in zip(chain, chain[1:], strict=False):
            before[v].append(u)
            after[u].append(v)
    left, seen = [column.index(max(column))], set()
    while left:  # first operands above second ones: of a tree nothing crosses
        u = left.pop()
        if u not in seen:
            seen.add(u)
            columns[column[u]].append(u)
            left += reversed(before[u])
    best = columns
    for k in range(SWEEPS):
        columns = [list(line) for line in columns]
        for c in range(len(columns)) if k % 2 else reversed(range(len(columns))):
            beside = before if k % 2 else after
            rank = {u: i for line in columns for i, u in enumerate(line)}
            wanted = {u: np.mean([rank[v] for v in beside[u]] or [rank[u]]) for u in columns[c]}
            columns[c].sort(key=wanted.get)
        if crossings(columns, after) < crossings(best, after):
            best = columns
    return best


def crossings(columns, after):
    """Return how many ways cross; `after` has what follows each node in the next column."""
    found = 0
    for line, following in zip(columns, columns[1:], strict=False):
        rank = {v: i for i, v in enumerate(following)}
        ends = [rank[v] for u in line for v in sorted(after[u], key=rank.get)]
        found += sum(first > second for i, first in enumerate(ends) for second in ends[i + 1 :])
    return found


def _lines(widths, rooms):
    """Return the columns in as few lines as can be, and these as even as can be."""

    def packed(most):
        lines = [[]]
        for c in range(len(widths)):
            if lines[-1] and _width([*lines[-1], c], widths, rooms) > most:
                lines.append([])
            lines[-1].append(c)
        return lines

    found = [packed(most) for most in range(MOST_WIDTH, 0, -20)]
    return next(after for after in reversed(found) if len(after) == len(found[0]))


def _width(line, widths, rooms):
    return sum(widths[c] for c in line) + sum(rooms[c] for c in line[1:])


def _heights(columns, links, size):
    """Return the heights of the centres: each near those that it is connected with, none over another."""
    beside = {u: [] for line in columns for u in line}
    for u, v in links:
        beside[u].append(v)
        beside[v].append(u)
    nodes, y = set(), {}
    for line in columns:
        offsets = _offsets(line, size)
        y |= {u: offset - offsets[-1] / 2 for u, offset in zip(line, offsets, strict=True)}
        nodes.update(line)
    for _ in range(SWEEPS):
        for line in (*columns, *reversed(columns)):
            offsets = _offsets(line, size)
            wanted = [
                np.mean([y[v] for v in beside[u]] or [np.nan]) - o for u, o in zip(line, offsets, strict=True)
            ]
            known = [w for w in wanted if w == w]
            free = _rising(
                [w if w == w else np.mean(known or [0]) for w in wanted],
                [1 if w == w else 1e-6 for w in wanted],
            )
            y |= {u: f + o for u, f, o in zip(line, free, offsets, strict=True)}
    return y


def _offsets(line, size):
    """Return how far below the first one each has to stand at least."""
    offsets = [0.0]
    for u, v in zip(line, line[1:], strict=False):
        offsets.append(offsets[-1] + (size[u][1] + size[v][1]) / 2 + APART)
    return offsets


def _rising(wanted, weights):
    """Return the numbers that rise, or stay, and are nearest to those that are wanted."""
    blocks = []
    for w, weight in zip(wanted, weights, strict=True):
        blocks.append((w, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, m, i), (b, n, j) = blocks[-2:]
            blocks[-2:] = [((m * a + n * b) / (m + n), m + n, i + j)]
    return [mean for mean, _, n in blocks for _ in range(n)]


def _ways(chains, place, size, n, line_of, turns, sides, bottoms):
    """Return the pieces of each way: from the right side of a node to the left side of the next one."""
    leaving, coming = {}, {}
    for k, chain in enumerate(chains):
        turned = line_of[chain[0]] != line_of[chain[1]]
        leaving.setdefault(chain[0], []).append((turned, place[chain[1]][1], k))
        coming.setdefault(chain[-1], []).append((place[chain[-2]][1], k))
    start, end = ({}, {})
    for ports, found in ((start, leaving), (end, coming)):
        for u, ways in found.items():
            apart = min(PORTS, (size[u][1] - 14) / max(1, len(ways) - 1))
            for i, way in enumerate(sorted(ways)):
                ports[way[-1]] = place[u][1] + apart * (i - (len(ways) - 1) / 2)
    taken = [list(line) for line in turns]
    ways = []
    for k, chain in enumerate(chains):
        twins = [i for i, other in enumerate(chains) if other == chain]
        bow = BOW * (twins.index(k) - (len(twins) - 1) / 2)
        pieces, y = [], start[k]
        for u, v in zip(chain, chain[1:], strict=False):
            x, right = place[u][0] + size[u][0] / 2, place[v][0] - size[v][0] / 2
            below = end[k] if v < n else place[v][1]
            line = line_of[u]
            if line == line_of[v]:
                middle = (x + right) / 2
                pieces.append([(x, y), (middle, y + bow), (middle, below + bow), (right, below)])
            else:
                lane = TURN * (1 + taken[line].index((u, v)))
                taken[line][taken[line].index((u, v))] = None  # a twin has the next one
                down = bottoms[line] + APART / 2 + lane
                corners = [
                    (x, y),
                    (sides[1] + lane, y),
                    (sides[1] + lane, down),
                    (sides[0] - lane, down),
                    (sides[0] - lane, below),
                    (right, below),
                ]
                pieces += [_straight(*two) for two in zip(corners, corners[1:], strict=False)]
            if v >= n:
                pieces.append(_straight((right, below), (place[v][0] + size[v][0] / 2, below)))
            y = below
        ways.append(pieces)
    return ways


def _straight(a, b):
    return [a, *(tuple((1 - t) * p + t * q for p, q in zip(a, b, strict=True)) for t in (1 / 3, 2 / 3)), b]
