"""Where the boxes of a diagram stand and how its lines run: in layers from top to bottom.

Each box stands as high as the longest way to it allows; a line that passes other layers has a place in each, which all
lines from one port share. Sweeps up and down put what is connected near each other (barycentres), then move the places
of a layer as close to their neighbours as their widths allow (least squares; the order is kept, so nothing overlaps).
"""

from dataclasses import dataclass
from typing import Any

from wlnet.display.boxes import Box, Diagram

Point = tuple[float, float]

STUB, BEND, BETWEEN, EDGE, SWEEPS = 16.0, 28.0, 18.0, 12.0, 4
"""The height below a row where lines run upright beside their labels, and where they bend; the width between boxes; the
empty edge around all; how often the order is improved."""

PLACES = 10_000
"""Places that lines may have between boxes; where there would be more, long lines run straight, behind the boxes."""


@dataclass(frozen=True)
class Arrangement:
    """A diagram with the upper left corner of each box, and the points of each line; all from its own corner."""

    diagram: Diagram
    places: tuple[Point, ...]
    routes: tuple[tuple[Point, ...], ...]
    width: float
    height: float


def arranged(diagram: Diagram) -> Arrangement:
    """A diagram in its places."""
    return Grid(diagram).arrangement()


class Grid:
    """Cells in rows: cell k is box k; further cells are places of lines that pass a row."""

    def __init__(self, diagram: Diagram):
        self.diagram, self.boxes = diagram, diagram.boxes
        self.row = rows(diagram)
        self.room = [box.room for box in self.boxes]
        self.above: list[list[tuple[int, float]]] = [[] for _ in self.boxes]
        self.below: list[list[tuple[int, float]]] = [[] for _ in self.boxes]
        self.ways = self.run()
        self.rows: list[list[int]] = [[] for _ in range(max(self.row, default=0) + 1)]
        for cell, row in enumerate(self.row):
            self.rows[row].append(cell)

    def run(self) -> list[list[int]]:
        """The cells of each line, from its source to its target; neighbours in adjacent rows are tied."""
        spans: dict[tuple[int, str], int] = {}
        for line in self.diagram.lines:
            key = (line.source, line.exit)
            spans[key] = max(spans.get(key, 0), self.row[line.target] - self.row[line.source] - 1)
        is_direct = sum(spans.values()) > PLACES
        shared: dict[tuple[int, str], list[int]] = {}
        ways = []
        for line in self.diagram.lines:
            passing = [] if is_direct else self.lane(shared, line, self.row[line.target] - self.row[line.source] - 1)
            first, last = self.boxes[line.source], self.boxes[line.target]
            leaves = first.exits.get(line.exit, first.width / 2) - first.width / 2
            enters = last.entries.get(line.entry, last.width / 2) - last.width / 2
            self.tie(passing[-1] if passing else line.source, line.target, 0.0 if passing else leaves, enters)
            ways.append([line.source, *passing, line.target])
        return ways

    def lane(self, shared: dict[tuple[int, str], list[int]], line: Any, length: int) -> list[int]:
        """The first places below a port, in which a line passes that many rows."""
        cells = shared.setdefault((line.source, line.exit), [])
        box = self.boxes[line.source]
        while len(cells) < length:
            cell = len(self.row)
            self.row.append(self.row[line.source] + len(cells) + 1)
            self.room.append(4.0)
            self.above.append([])
            self.below.append([])
            leaves = box.exits.get(line.exit, box.width / 2) - box.width / 2
            self.tie(cells[-1] if cells else line.source, cell, 0.0 if cells else leaves, 0.0)
            cells.append(cell)
        return cells[:length]

    def tie(self, upper: int, lower: int, leaves: float, enters: float) -> None:
        """Says that two cells should stand so that a line between them is straight."""
        self.below[upper].append((lower, enters - leaves))
        self.above[lower].append((upper, leaves - enters))

    # --- order and places ---------------------------------------------------------------------------------------------

    def arrangement(self) -> Arrangement:
        """Puts the cells in order, then in their places, and draws the lines through them."""
        self.sort()
        centre = self.centres()
        left = min((centre[k] - self.room[k] / 2 for k in range(len(self.row))), default=0.0) - EDGE
        centre = [x - left for x in centre]
        for cell, box in enumerate(self.boxes):
            if box.kind == "title":
                centre[cell] = EDGE + box.width / 2  # its row has room for it: it stands first
        width = max((centre[k] + self.room[k] / 2 for k in range(len(self.row))), default=0.0) + EDGE
        tops, bottoms = self.heights()
        places = tuple(
            (centre[k] - box.width / 2, (tops[self.row[k]] + bottoms[self.row[k]] - box.height) / 2)
            for k, box in enumerate(self.boxes)
        )
        routes = tuple(self.route(at, centre, places, tops, bottoms) for at in range(len(self.ways)))
        return Arrangement(self.diagram, places, routes, width, bottoms[-1] + EDGE)

    def sort(self) -> None:
        """Orders every row by the mean place of its neighbours, from above and from below in turn."""
        for sweep in range(SWEEPS):
            down = sweep % 2 == 0
            neighbours = self.above if down else self.below
            place = {cell: at for row in self.rows for at, cell in enumerate(row)}
            for row in self.rows if down else reversed(self.rows):
                wish = {k: mean([place[n] for n, _ in neighbours[k]], place[k]) for k in row}
                row.sort(key=lambda k: (self.is_title(k), wish[k]))
                place.update({cell: at for at, cell in enumerate(row)})

    def is_title(self, cell: int) -> int:
        """-1 of a title, which stands first, else 0."""
        return -1 if cell < len(self.boxes) and self.boxes[cell].kind == "title" else 0

    def centres(self) -> list[float]:
        """The middle of every cell: near its neighbours, in order, without overlap."""
        centre = [0.0] * len(self.row)
        for row in self.rows:
            self.settle(row, [0.0] * len(row), centre)
        for sides in (("above",), ("below",), ("above", "below"), ("below",), ("above",)):
            for row in self.rows if sides[0] == "above" else reversed(self.rows):
                ties = [[tie for side in sides for tie in getattr(self, side)[k]] for k in row]
                wishes = [mean([centre[n] + d for n, d in tie], centre[k]) for k, tie in zip(row, ties, strict=True)]
                self.settle(row, wishes, centre)
        return centre

    def settle(self, row: list[int], wishes: list[float], centre: list[float]) -> None:
        """Puts a row as near to its wishes as its widths allow: pools of cells that touch move as one."""
        offsets, reach = [], 0.0
        for at, cell in enumerate(row):
            reach += (self.room[row[at - 1]] + self.room[cell]) / 2 + BETWEEN if at else 0.0
            offsets.append(reach)
        pools: list[list[float]] = []  # sum of wishes, number of cells
        for wish, offset in zip(wishes, offsets, strict=True):
            pools.append([wish - offset, 1])
            while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
                total, count = pools.pop()
                pools[-1][0] += total
                pools[-1][1] += count
        starts = [total / count for total, count in pools for _ in range(int(count))]
        for cell, start, offset in zip(row, starts, offsets, strict=True):
            centre[cell] = start + offset

    def heights(self) -> tuple[list[float], list[float]]:
        """The top of every row, and the bottom of its boxes."""
        tops, bottoms, y = [], [], EDGE
        for row in self.rows:
            tall = max((self.boxes[cell].height for cell in row if cell < len(self.boxes)), default=0.0)
            tops.append(y)
            bottoms.append(y + tall)
            y += tall + STUB + BEND
        return tops, bottoms

    def route(self, at: int, centre: list[float], places: Any, tops: list, bottoms: list) -> tuple[Point, ...]:
        """The points of a line: it passes a row upright, and bends only between rows."""
        line, way = self.diagram.lines[at], self.ways[at]
        x, y = exit_point(self.boxes[line.source], places[line.source], line.exit)
        points = [(x, y), (x, bottoms[self.row[line.source]] + STUB)]
        for cell in way[1:-1]:
            points += [(centre[cell], tops[self.row[cell]]), (centre[cell], bottoms[self.row[cell]] + STUB)]
        x, y = entry_point(self.boxes[line.target], places[line.target], line.entry)
        return (*points, (x, tops[self.row[line.target]]), (x, y))


def exit_point(box: Box, place: Point, port: str) -> Point:
    """Where a line leaves a box: below, in a frame at the port inside."""
    y = place[1] + box.height - (EDGE if box.kind == "frame" and port in box.exits else 0.0)
    return place[0] + box.exits.get(port, box.width / 2), y


def entry_point(box: Box, place: Point, port: str) -> Point:
    """Where a line comes to a box: above, in a frame at the port inside."""
    y = place[1] + (EDGE if box.kind == "frame" and port in box.entries else 0.0)
    return place[0] + box.entries.get(port, box.width / 2), y


def mean(values: list[float], otherwise: float) -> float:
    """The mean; something else where there is nothing."""
    return sum(values) / len(values) if values else otherwise


def rows(diagram: Diagram) -> list[int]:
    """The row of every box: below all that it reads; what reads nothing stands just above its first reader."""
    boxes, at = diagram.boxes, [0] * len(diagram.boxes)
    reads: list[list[int]] = [[] for _ in boxes]
    feeds: list[list[int]] = [[] for _ in boxes]
    for line in diagram.lines:
        reads[line.target].append(line.source)
        feeds[line.source].append(line.target)
    first = int(any(box.kind in ("in", "title") for box in boxes))
    for k, box in enumerate(boxes):
        if box.kind not in ("in", "title"):
            at[k] = max([first, *(at[source] + 1 for source in reads[k])])
    for k, box in enumerate(boxes):
        if box.kind in ("layer", "frame") and not reads[k] and feeds[k]:
            at[k] = max(first, min(at[target] for target in feeds[k]) - 1)
    last = max((at[k] + (box.kind in ("layer", "frame")) for k, box in enumerate(boxes)), default=0)
    return [last if box.kind == "out" else at[k] for k, box in enumerate(boxes)]
