"""Lines over the batches of a training as a small picture in SVG: what a notebook shows while a net trains."""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, BELOW, ABOVE = 480, 220, 58, 34, 20
MOST = 300
"""A line is drawn through so many points at most: a long training has more than a screen."""

COLOURS = ("#8ab6e8", "#1f5fa8", "#d9662b", "#3f9a4f", "#8a5fbf")


def is_wide(values: Sequence[Sequence[float]]) -> bool:
    """Whether values are best seen in powers of ten: none below 0, and far apart. A 0 is then not seen."""
    numbers = [value for each in values for value in each if math.isfinite(value) and value != 0]
    return bool(numbers) and min(numbers) > 0 and max(numbers) / min(numbers) > 30


def curve(lines: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> str:
    """The lines, each as (batches, values), with scales and names.

    >>> curve({"RoundLoss": ([5, 10], [1.0, 0.5])}).startswith("<svg")
    True
    """
    drawn = {name: finite(*thinned(*line)) for name, line in lines.items()}
    drawn = {name: points for name, points in drawn.items() if points}
    if not drawn:
        return ""
    wide = is_wide([[y for _, y in points] for points in drawn.values()])
    if wide:
        drawn = {name: [point for point in points if point[1] > 0] for name, points in drawn.items()}
    scale = math.log10 if wide else float
    low, high = spread([scale(y) for points in drawn.values() for _, y in points])
    first, last = spread([x for points in drawn.values() for x, _ in points])

    def place(x: float, y: float) -> tuple[float, float]:
        across = LEFT + (x - first) / (last - first) * (WIDTH - LEFT - 10)
        return across, ABOVE + (high - scale(y)) / (high - low) * (HEIGHT - ABOVE - BELOW)

    parts = [axis(low, high, wide), numbers_below(first, last)]
    for number, (name, points) in enumerate((name, points) for name, points in drawn.items() if points):
        parts.append(line([place(x, y) for x, y in points], COLOURS[number % len(COLOURS)]))
        parts.append(text(LEFT + 120 * number, 12, name, "start", COLOURS[number % len(COLOURS)]))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="sans-serif" font-size="11">{"".join(parts)}</svg>'
    )


def thinned(at: Sequence[float], values: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
    """The same line through fewer points, the last among them."""
    step = -(-len(at) // MOST)
    start = (len(at) - 1) % step if at else 0
    return at[start::step], values[start::step]


def finite(at: Sequence[float], values: Sequence[float]) -> list[tuple[float, float]]:
    """The points that can be drawn."""
    return [(float(x), float(y)) for x, y in zip(at, values, strict=True) if math.isfinite(y)]


def spread(values: Sequence[float]) -> tuple[float, float]:
    """The ends of a scale on which the values lie."""
    low, high = min(values), max(values)
    margin = abs(low) * 0.1 or 1.0
    return (low, high) if high > low else (low - margin, high + margin)


def axis(low: float, high: float, wide: bool) -> str:
    """The scale of the values at the left."""
    found = []
    for k in range(4):
        value, y = high + (low - high) * k / 3, ABOVE + (HEIGHT - ABOVE - BELOW) * k / 3
        found.append(
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - 10}" stroke="currentColor" stroke-opacity="0.2" fill="none"/>'
            + text(LEFT - 6, y + 4, f"{10**value if wide else value:.3g}", "end")
        )
    return "".join(found)


def numbers_below(first: float, last: float) -> str:
    """The scale of the batches."""
    below = HEIGHT - BELOW + 16
    ends = text(LEFT, below, f"{math.ceil(first)}", "start") + text(WIDTH - 10, below, f"{math.floor(last)}", "end")
    return ends + text((LEFT + WIDTH) / 2, HEIGHT - 4, "batch", "middle")


def line(points: Sequence[tuple[float, float]], colour: str) -> str:
    """A line through points; a single one is a dot."""
    if len(points) == 1:
        return f'<circle cx="{points[0][0]:.1f}" cy="{points[0][1]:.1f}" r="3" fill="{colour}"/>'
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def text(x: float, y: float, said: str, anchor: str, colour: str = "currentColor") -> str:
    """A piece of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(said)}</text>'
