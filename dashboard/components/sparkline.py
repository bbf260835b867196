"""A trend as a small drawing: a line with gaps where a period is missing.

The drawing is a mask that the style sheet fills, so it takes the colours of the theme
and the width of its card.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

POINTS_MAX = 24
"""Only the newest are drawn."""

_WIDTH = 240
_HEIGHT = 44
_MARGIN = 5.0

_Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sparkline:
    """The drawing as a data URI, and where its newest point is, in per cent."""

    mask: str
    end_left: float
    end_top: float


def sparkline(values: Sequence[Decimal | None]) -> Sparkline | None:
    """Return the drawing of a trend, or None when fewer than two values are known."""
    shown = values[-POINTS_MAX:]
    known = [value for value in shown if value is not None]
    if len(known) < 2:
        return None
    low, spread = min(known), max(known) - min(known)
    step = (_WIDTH - 2 * _MARGIN) / (len(shown) - 1)

    def place(index: int, value: Decimal) -> _Point:
        share = float((value - low) / spread) if spread else 0.5
        return _MARGIN + index * step, _HEIGHT - _MARGIN - share * (
            _HEIGHT - 2 * _MARGIN
        )

    points = [
        None if value is None else place(index, value)
        for index, value in enumerate(shown)
    ]
    x, y = next(point for point in reversed(points) if point is not None)
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'preserveAspectRatio="none">' + "".join(map(_drawn, _runs(points))) + "</svg>"
    )
    encoded = base64.b64encode(picture.encode()).decode()
    return Sparkline(
        mask=f"data:image/svg+xml;base64,{encoded}",
        end_left=round(100 * x / _WIDTH, 1),
        end_top=round(100 * y / _HEIGHT, 1),
    )


def _runs(points: Sequence[_Point | None]) -> list[list[_Point]]:
    """Part the points at the gaps."""
    runs: list[list[_Point]] = [[]]
    for point in points:
        if point is not None:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _drawn(run: list[_Point]) -> str:
    """Return one unbroken stretch; a lonely point is a short dash."""
    if len(run) == 1:
        (x, y) = run[0]
        run = [(x - 2, y), (x + 2, y)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
    area = f"{run[0][0]:.1f},{_HEIGHT} {line} {run[-1][0]:.1f},{_HEIGHT}"
    return (
        f'<polygon points="{area}" fill-opacity="0.13"/>'
        f'<polyline points="{line}" fill="none" stroke="#000" stroke-width="2" '
        'vector-effect="non-scaling-stroke" stroke-linejoin="round" '
        'stroke-linecap="round"/>'
    )
